//! Recommendations of the clouds' own tools, as their consoles and command line tools export them: lists that
//! are compared with our findings. A list is read only as what it was said to be. It takes no advice over, looks
//! nothing up, and estimates no saving that the list does not have.

mod advisor;
mod google;
mod hub;
mod optimizer;

use super::json::{self, Document};
use super::{compute_optimizer, open, recognise, table};
use crate::error::{Error, Result};
use crate::money::Money;
use crate::resource::{Recommendation, Recommender};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// What a list holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Advised {
    /// Entries about resources, in the order of the list.
    pub entries: Vec<Recommendation>,
    /// How many entries were left aside, by why.
    pub aside: BTreeMap<&'static str, usize>,
}

/// Why an entry is left aside.
const COMMITMENTS: &str = "buy commitments";
const NO_RESOURCE: &str = "name no resource";
const NOT_COST: &str = "are not about cost";
const CLOSED: &str = "are done or dismissed";

impl Advised {
    fn leave(&mut self, why: &'static str) {
        *self.aside.entry(why).or_default() += 1;
    }
}

/// Reads a list, plain or gzip; refuses one of another tool.
pub fn read(source: Recommender, path: &Path) -> Result<Advised> {
    read_text(source, path, &open::read_all(path, open::open(path)?)?)
}

fn read_text(source: Recommender, path: &Path, text: &[u8]) -> Result<Advised> {
    let mut advised = Advised::default();
    if json::looks_like_json(text) {
        for document in json::documents(path, text)? {
            read_document(source, path, document, &mut advised)?;
        }
    } else {
        read_table(source, path, text, &mut advised)?;
    }
    Ok(advised)
}

fn read_table(source: Recommender, path: &Path, text: &[u8], advised: &mut Advised) -> Result<()> {
    match (source, table_of(text)) {
        (Recommender::ComputeOptimizer, Some(Recommender::ComputeOptimizer)) => {
            optimizer::rows(path, text, advised)
        }
        (Recommender::Advisor, Some(Recommender::Advisor)) => advisor::rows(path, text, advised),
        (_, Some(other)) => {
            Err(wrong(source, path, &format!("a table of {other}")).hint(as_other(other)))
        }
        (_, None) => Err(wrong(source, path, &table_name(text))),
    }
}

fn read_document(
    source: Recommender,
    path: &Path,
    document: Document<'_>,
    advised: &mut Advised,
) -> Result<()> {
    match (source, document_of(document)) {
        (Recommender::ComputeOptimizer, Found::Nothing) => Err(wrong(source, path, "JSON")),
        (_, Found::Nothing) => Ok(()),
        (Recommender::CostOptimizationHub, Found::List(Recommender::CostOptimizationHub)) => {
            hub::entries(path, document, advised)
        }
        (Recommender::Advisor, Found::List(Recommender::Advisor)) => {
            advisor::entries(path, document, advised)
        }
        (Recommender::GcpRecommender, Found::List(Recommender::GcpRecommender)) => {
            google::entries(path, document, advised)
        }
        (_, Found::List(other)) => {
            Err(wrong(source, path, &format!("a list of {other}")).hint(as_other(other)))
        }
        (_, Found::Other(what)) => Err(wrong(source, path, &what)),
    }
}

/// Whose list a JSON document is.
enum Found {
    List(Recommender),
    /// A list without entries.
    Nothing,
    /// What else it is.
    Other(String),
}

/// Keys under which pages carry their entries: `ListRecommendations`, Azure's and Google's APIs.
const PAGES: [&str; 3] = ["items", "value", "recommendations"];

fn document_of(document: Document<'_>) -> Found {
    let Ok(value) = serde_json::from_slice::<Value>(document.bytes()) else {
        return Found::Other("JSON of another shape".to_owned());
    };
    let list = match &value {
        Value::Object(object) => PAGES.iter().find_map(|page| object.get(*page)?.as_array()),
        other => other.as_array(),
    };
    let entry = match (list, &value) {
        (Some(list), _) if list.is_empty() => return Found::Nothing,
        (Some(list), _) => list[0].as_object(),
        (None, value) => value.as_object(),
    };
    match entry.and_then(entry_of) {
        Some(source) => Found::List(source),
        None => Found::Other(other_json(document, &value)),
    }
}

/// Whose entry it is, by the keys that only this list has.
fn entry_of(entry: &Map<String, Value>) -> Option<Recommender> {
    let has = |key: &str| entry.contains_key(key);
    let inner = |key: &str| {
        entry
            .get("properties")
            .is_some_and(|inner| inner.get(key).is_some())
    };
    if has("actionType") && (has("resourceArn") || has("resourceId") || has("recommendationId")) {
        Some(Recommender::CostOptimizationHub)
    } else if ["recommendationTypeId", "impactedField"]
        .iter()
        .any(|key| has(key) || inner(key))
    {
        Some(Recommender::Advisor)
    } else if has("recommenderSubtype") || has("primaryImpact") {
        Some(Recommender::GcpRecommender)
    } else {
        None
    }
}

fn other_json(document: Document<'_>, value: &Value) -> String {
    let answers = [
        "instanceRecommendations",
        "volumeRecommendations",
        "lambdaFunctionRecommendations",
    ];
    if answers.iter().any(|key| value.get(key).is_some()) {
        return "an answer of Compute Optimizer's API, not its export".to_owned();
    }
    match recognise(document.bytes()) {
        Some(shape) => format!("an inventory, {}", shape.name()),
        None => "JSON that is no such list".to_owned(),
    }
}

/// Whose table it is, by its header.
fn table_of(text: &[u8]) -> Option<Recommender> {
    if compute_optimizer::is_export(text) {
        Some(Recommender::ComputeOptimizer)
    } else {
        advisor::is_table(text).then_some(Recommender::Advisor)
    }
}

fn table_name(text: &[u8]) -> String {
    if let Some(shape) = recognise(text) {
        return format!("an inventory, {}", shape.name());
    }
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    format!(
        "a text that starts with {}",
        table::shown(line.trim_ascii())
    )
}

/// How to have a list compared as what it is.
fn as_other(other: Recommender) -> String {
    format!("`cloudtally compare {} FILE` reads it", other.word())
}

/// A file that is not what it was said to be, and how to get the right one.
fn wrong(source: Recommender, path: &Path, found: &str) -> Error {
    let hint = match source {
        Recommender::ComputeOptimizer => {
            "pass the CSV that `aws compute-optimizer export-ec2-instance-recommendations` leaves in S3"
        }
        Recommender::CostOptimizationHub => {
            "pass the output of `aws cost-optimization-hub list-recommendations --include-all-recommendations`"
        }
        Recommender::Advisor => {
            "pass the output of `az advisor recommendation list --category Cost -o json`, or the CSV of its page"
        }
        Recommender::GcpRecommender => {
            "pass the output of `gcloud recommender recommendations list --format=json` for one recommender"
        }
    };
    let what = format!("this is no list of {source} but {found}");
    Error::data(what).at(path).hint(hint)
}

/// A page of a list.
#[derive(Deserialize)]
struct Page<T> {
    #[serde(alias = "value", alias = "recommendations")]
    items: Vec<T>,
}

/// The entries of a document: a list, a page, or one entry alone.
fn entries<T: DeserializeOwned>(
    path: &Path,
    document: Document<'_>,
    source: Recommender,
) -> Result<Vec<T>> {
    let name = source.to_string();
    if document.bytes().trim_ascii_start().starts_with(b"[") {
        return document.parse(path, &name);
    }
    let keys = json::first_keys(document.bytes(), |_| false);
    if keys.iter().any(|key| PAGES.contains(&key.as_str())) {
        return Ok(document.parse::<Page<T>>(path, &name)?.items);
    }
    Ok(vec![document.parse(path, &name)?])
}

/// An amount of an entry; what is wrong where it is none.
fn amount(name: &str, text: Option<&str>) -> std::result::Result<Option<Money>, String> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let read = Money::parse(text.as_bytes());
    read.map(Some)
        .map_err(|_| format!("`{name}`: {} is no amount", table::shown(text.as_bytes())))
}

/// A currency as our reports spell it; one that is no code stays as it is.
fn currency(text: Option<&str>) -> String {
    let text = text.unwrap_or_default().trim();
    crate::sheet::currency(text).unwrap_or_else(|| text.to_owned())
}

/// Whole days.
fn days(text: Option<&str>) -> Option<u32> {
    let text = text?.trim();
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    whole.parse().ok().filter(|days| (1..=400).contains(days))
}

#[cfg(test)]
mod tests;
