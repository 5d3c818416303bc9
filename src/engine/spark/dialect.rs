//! What an engine wants said in its own way: the expressions of `queries/engine/<engine>.toml`, with holes.

use crate::error::{Error, Result};
use serde::Deserialize;
use std::collections::BTreeMap;

const SPARK: &str = include_str!("../../../queries/engine/spark.toml");
const SAIL: &str = include_str!("../../../queries/engine/sail.toml");

/// The expressions of one engine.
#[derive(Clone, Debug)]
pub(crate) struct Dialect {
    expressions: BTreeMap<String, String>,
    csv: BTreeMap<String, String>,
    parquet: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Words {
    catalog: String,
    csv: Option<BTreeMap<String, String>>,
    parquet: Option<BTreeMap<String, String>>,
    #[serde(flatten)]
    expressions: BTreeMap<String, String>,
}

fn words(text: &str) -> Words {
    toml::from_str(text).expect("embedded dialects parse: tested")
}

impl Dialect {
    /// That of the engine whose catalog is called so; whatever another engine does not say is said as to Spark.
    pub(crate) fn of(catalog: &str) -> Dialect {
        let spark = words(SPARK);
        let own = [SPARK, SAIL].map(words);
        let own = own.into_iter().find(|words| words.catalog == catalog);
        let mut dialect = Dialect {
            expressions: spark.expressions,
            csv: spark.csv.unwrap_or_default(),
            parquet: spark.parquet.unwrap_or_default(),
        };
        if let Some(own) = own {
            dialect.expressions.extend(own.expressions);
            dialect.csv = own.csv.unwrap_or(dialect.csv);
            dialect.parquet = own.parquet.unwrap_or(dialect.parquet);
        }
        dialect
    }

    /// An expression with its holes filled.
    pub(crate) fn say(&self, name: &str, holes: &[(&str, &str)]) -> String {
        let known = self.expressions.get(name).map(|text| text.trim());
        let mut text = known.unwrap_or_default().to_owned();
        for (hole, with) in holes {
            text = text.replace(&format!("{{{hole}}}"), with);
        }
        text
    }

    /// How CSV files are read.
    pub(crate) fn csv(&self) -> &BTreeMap<String, String> {
        &self.csv
    }

    /// How Parquet files are read.
    pub(crate) fn parquet(&self) -> &BTreeMap<String, String> {
        &self.parquet
    }

    /// The column in which a row of too few or too many cells stands whole, where the engine has one.
    pub(crate) fn broken(&self) -> Option<&str> {
        self.csv
            .get("columnNameOfCorruptRecord")
            .map(String::as_str)
    }
}

/// A text as SQL says it.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// A name as SQL says it, whatever is in it.
pub(crate) fn name(text: &str) -> String {
    format!("`{}`", text.replace('`', "``"))
}

/// A path as file systems of clusters read it: what would be a pattern is no pattern.
pub fn place(path: &str) -> Result<String> {
    if path.contains('\n') {
        return Err(Error::usage(format!(
            "a cluster cannot be told of the path {path:?}"
        )));
    }
    let mut place = String::with_capacity(path.len());
    for c in path.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '{' | '}' | '\\') {
            place.push('\\');
        }
        place.push(c);
    }
    Ok(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled() {
        let spark = Dialect::of("spark_catalog");
        assert_eq!(
            spark.say("text", &[("cell", "c1")]),
            "NULLIF(NULLIF(c1, ''), 'NULL')"
        );
        assert!(!spark.say("moment", &[("text", "c1")]).contains("{text}"));
    }

    #[test]
    fn another_engine_says_only_what_differs() {
        let (spark, sail) = (Dialect::of("spark_catalog"), Dialect::of("sail"));
        assert_eq!(spark.say("tags", &[]), sail.say("tags", &[]));
        assert_eq!((spark.broken(), sail.broken()), (Some("x_Broken"), None));
    }

    #[test]
    fn texts_and_names_cannot_end_early() {
        assert_eq!(quoted(r"it's \"), r"'it\'s \\'");
        assert_eq!(name("a`b"), "`a``b`");
        assert_eq!(place("/a/[b]*").unwrap(), r"/a/\[b\]\*");
    }
}
