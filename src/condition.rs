//! Conditions on charges, as people write them in rules: columns and tags, exact, by wildcard or by pattern.
//!
//! ```toml
//! when = { ServiceName = ["Amazon EC2", "AmazonRDS*"], "tag:app" = ["/^checkout-/"] }
//! ```
//! Every named column must match one of its words. `*` stands for anything, a word between slashes is a
//! regular expression, an empty word is what has no value (`CostCenter = [""]` is what nobody tagged). Case
//! counts. Beside the columns of a charge a condition may name what its reader adds: business dimensions.

use regex::Regex;
use std::collections::BTreeMap;

/// The columns of a charge that conditions may name, beside `tag:KEY`. `DataTransfer` is `yes` where the meter
/// is one of traffic; the last three are the owners that tags name.
pub const COLUMNS: [&str; 16] = [
    "ProviderName",
    "BillingAccountId",
    "SubAccountId",
    "SubAccountName",
    "ServiceCategory",
    "ServiceName",
    "RegionId",
    "ResourceId",
    "ResourceType",
    "ChargeCategory",
    "PricingCategory",
    "CommitmentDiscountStatus",
    "DataTransfer",
    "CostCenter",
    "Team",
    "Environment",
];

/// A checked condition.
#[derive(Clone, Debug, Default)]
pub struct Condition(Vec<(String, Vec<Word>)>);

/// One word of a condition.
#[derive(Clone, Debug)]
enum Word {
    Exactly(String),
    Like(Regex),
}

impl Condition {
    /// Checks a condition, which may name `also` beside the columns; an error says what is wrong with which word.
    pub fn parse(
        words: &BTreeMap<String, Vec<String>>,
        also: &[String],
    ) -> Result<Condition, String> {
        let mut columns = Vec::new();
        for (column, words) in words {
            known(column, also)?;
            if words.is_empty() {
                return Err(format!("`{column}` lists no word, so nothing can match"));
            }
            let words: Result<Vec<Word>, String> = words.iter().map(|text| word(text)).collect();
            columns.push((column.clone(), words?));
        }
        Ok(Condition(columns))
    }

    /// True where every column matches; `value` gives a column's value, or a tag's under `tag:KEY`.
    pub fn holds<'a>(&self, value: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.0.iter().all(|(column, words)| {
            let text = value(column).unwrap_or_default();
            words.iter().any(|word| match word {
                Word::Exactly(wanted) => wanted == text,
                Word::Like(pattern) => pattern.is_match(text),
            })
        })
    }
}

/// Demands that a rule may name a column.
pub fn known(column: &str, also: &[String]) -> Result<(), String> {
    let is_tag = column
        .strip_prefix("tag:")
        .is_some_and(|key| !key.is_empty());
    if is_tag || COLUMNS.contains(&column) || also.iter().any(|name| name == column) {
        return Ok(());
    }
    let names = COLUMNS
        .into_iter()
        .chain(also.iter().map(String::as_str))
        .collect::<Vec<_>>();
    Err(format!(
        "`{column}` is no column of a rule; it may be {} or `tag:KEY`",
        names.join(", ")
    ))
}

fn word(text: &str) -> Result<Word, String> {
    let pattern = match text
        .strip_prefix('/')
        .and_then(|rest| rest.strip_suffix('/'))
    {
        Some(pattern) if !pattern.is_empty() => pattern.to_owned(),
        _ if text.contains('*') => {
            let parts: Vec<String> = text.split('*').map(regex::escape).collect();
            format!("(?s)^{}$", parts.join(".*"))
        }
        _ => return Ok(Word::Exactly(text.to_owned())),
    };
    Regex::new(&pattern)
        .map(Word::Like)
        .map_err(|_| format!("`{text}` is no regular expression"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(column: &str, words: &[&str]) -> Result<Condition, String> {
        let words = words.iter().map(ToString::to_string).collect();
        Condition::parse(
            &[(column.to_owned(), words)].into(),
            &["Product".to_owned()],
        )
    }

    fn holds(words: &[&str], text: &str) -> bool {
        condition("ServiceName", words)
            .unwrap()
            .holds(|_| Some(text))
    }

    #[test]
    fn words_are_exact_wild_or_patterns() {
        assert!(holds(&["AmazonEC2"], "AmazonEC2") && !holds(&["AmazonEC2"], "amazonec2"));
        assert!(holds(&["Amazon*"], "AmazonRDS") && !holds(&["*RDS"], "AmazonRDS x"));
        assert!(holds(&["/^a.c$/"], "abc") && !holds(&["a.c"], "abc"));
        assert!(holds(&[""], "") && !holds(&[""], "x"));
    }

    #[test]
    fn every_column_must_match() {
        let words = |text: &str| vec![text.to_owned()];
        let both = [
            ("ServiceName".to_owned(), words("A")),
            ("tag:app".to_owned(), words("x*")),
        ];
        let both = Condition::parse(&both.into(), &[]).unwrap();
        let value = |app: &'static str| {
            move |column: &str| Some(if column == "tag:app" { app } else { "A" })
        };
        assert!(both.holds(value("xy")) && !both.holds(value("y")));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        assert!(
            condition("Servicename", &["A"])
                .unwrap_err()
                .contains("`Servicename`")
        );
        assert!(
            condition("ServiceName", &["/(/"])
                .unwrap_err()
                .contains("regular expression")
        );
        assert!(
            condition("ServiceName", &[])
                .unwrap_err()
                .contains("no word")
        );
    }

    #[test]
    fn what_a_reader_adds_is_a_column_too() {
        assert!(condition("Product", &["Checkout"]).is_ok());
        assert!(
            condition("Produkt", &["Checkout"])
                .unwrap_err()
                .contains("Environment, Product or")
        );
    }
}
