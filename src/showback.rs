//! Showback rules: business dimensions, shared pools and the journal's accounts, from one TOML file.
//!
//! Everything wrong is refused once, here, with its place. Moves no cost.

use crate::analysis::allocation::{self, Pool, Split};
use crate::analysis::journal::Accounts;
use crate::condition::{self, Condition};
use crate::error::{Error, Result, toml_error};
use crate::money::Money;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Checked rules.
#[derive(Clone, Debug, Default)]
pub struct ShowbackRules {
    /// The dimension that owns cost: `CostCenter`, `Team`, `Environment`, `SubAccountId` or one of `dimensions`.
    pub scope: String,
    /// Business dimensions.
    pub dimensions: Vec<Dimension>,
    /// Pools, in the order in which they are split, and what falls into each.
    pub pools: Vec<(Condition, Pool)>,
    /// The journal's accounts, where a journal is wanted.
    pub accounts: Option<Accounts>,
}

/// A business dimension: the first rule that holds gives the value.
#[derive(Clone, Debug)]
pub struct Dimension {
    /// Its name, a column of the reports.
    pub name: String,
    /// Where no rule holds.
    pub default: String,
    /// Its rules, in order.
    pub rules: Vec<DimensionRule>,
}

/// One rule of a dimension.
#[derive(Clone, Debug)]
pub struct DimensionRule {
    /// When it holds.
    pub when: Condition,
    /// The value it gives.
    pub value: Value,
}

/// Where a rule's value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Stated.
    Stated(String),
    /// What a column or tag says; the rule does not hold where that is empty.
    Of(String),
}

impl Dimension {
    /// What a rule is called where it caught nothing: its stated value, none where a column gives it.
    pub fn stated(&self, rule: usize) -> &str {
        match rule.checked_sub(1).and_then(|at| self.rules.get(at)) {
            None => &self.default,
            Some(rule) => match &rule.value {
                Value::Stated(value) => value,
                Value::Of(_) => "",
            },
        }
    }

    /// The value of a charge and the number, from 1, of the rule that gave it; 0 where none held.
    pub fn value<'a>(&self, of: impl Fn(&str) -> Option<&'a str>) -> (String, usize) {
        for (at, rule) in self.rules.iter().enumerate() {
            let value = match &rule.value {
                Value::Stated(value) => Some(value.as_str()),
                Value::Of(column) => of(column).filter(|value| !value.trim().is_empty()),
            };
            if let Some(value) = value.filter(|_| rule.when.holds(&of)) {
                return (value.to_owned(), at + 1);
            }
        }
        (self.default.clone(), 0)
    }
}

/// The owners that every bill has, whatever the rules.
pub const SCOPES: [&str; 4] = ["CostCenter", "Team", "Environment", "SubAccountId"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scope: Option<String>,
    #[serde(default)]
    dimension: Vec<RawDimension>,
    #[serde(default)]
    pool: Vec<RawPool>,
    journal: Option<RawAccounts>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDimension {
    name: String,
    default: Option<String>,
    rule: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    value: Option<String>,
    value_of: Option<String>,
    #[serde(default)]
    when: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPool {
    name: String,
    when: BTreeMap<String, Vec<String>>,
    split: RawSplit,
    weights: Option<BTreeMap<String, f64>>,
    file: Option<PathBuf>,
    #[serde(default)]
    to: Vec<String>,
    #[serde(default)]
    except: Vec<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawSplit {
    Even,
    Fixed,
    Proportional,
    Metric,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAccounts {
    expense: String,
    clearing: String,
    #[serde(default)]
    accounts: BTreeMap<String, String>,
}

impl ShowbackRules {
    /// Reads rules; `path` is only named in errors, `metric` reads the file of a metric split.
    pub fn parse(
        text: &str,
        path: &Path,
        metric: &dyn Fn(&Path) -> Result<BTreeMap<(String, String), Money>>,
    ) -> Result<ShowbackRules> {
        let file: File = toml::from_str(text).map_err(|e| toml_error(path, text, &e))?;
        let wrong = |what: String| Error::usage(what).at(path);
        let mut dimensions: Vec<Dimension> = Vec::new();
        let mut names = Vec::new();
        for raw in file.dimension {
            let made = dimension(raw, &names).map_err(wrong)?;
            names.push(made.name.clone());
            dimensions.push(made);
        }
        unique(dimensions.iter().map(|d| d.name.as_str()), "dimension").map_err(wrong)?;
        let scope = file.scope.unwrap_or_else(|| SCOPES[0].to_owned());
        if !SCOPES.contains(&scope.as_str()) && !dimensions.iter().any(|d| d.name == scope) {
            return Err(
                wrong(format!("`scope = \"{scope}\"` names no dimension")).hint(format!(
                    "it may be {} or a [[dimension]] of this file",
                    SCOPES.join(", ")
                )),
            );
        }
        let mut pools = Vec::new();
        for raw in file.pool {
            let when = Condition::parse(&raw.when, &names)
                .map_err(|e| wrong(format!("pool `{}`: {e}", raw.name)))?;
            pools.push((when, pool(raw, path, metric)?));
        }
        unique(pools.iter().map(|(_, pool)| pool.name.as_str()), "pool").map_err(wrong)?;
        let order: Vec<Pool> = pools.iter().map(|(_, pool)| pool.clone()).collect();
        allocation::check(&order).map_err(|circle| {
            wrong(format!("pool `{}` gives to `{}`, which was split before it", circle.from, circle.to))
                .hint("pools are split in the order of the file and may give to later ones only, so that nothing runs in a circle")
        })?;
        Ok(ShowbackRules {
            scope,
            dimensions,
            pools,
            accounts: file.journal.map(accounts).transpose().map_err(wrong)?,
        })
    }
}

/// The measures of a metric split: a CSV of `Month,Receiver,Value`.
pub fn metric(path: &Path) -> Result<BTreeMap<(String, String), Money>> {
    let file = std::fs::File::open(path).map_err(|e| Error::read(path, &e))?;
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(file);
    let fault = |e: &csv::Error| Error::usage(format!("this is no CSV: {e}")).at(path);
    let header = reader.headers().map_err(|e| fault(&e))?.clone();
    if header.iter().collect::<Vec<_>>() != ["Month", "Receiver", "Value"] {
        return Err(
            Error::usage("a metric file has the columns Month,Receiver,Value")
                .at_line(path, 1, 1)
                .hint("for example `2026-10,Checkout,184000`"),
        );
    }
    let mut measures = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(|e| fault(&e))?;
        let line = record.position().map_or(0, csv::Position::line);
        let wrong = |what: &str, column| Error::usage(what).at_line(path, line, column);
        let cell = |at: usize| record.get(at).unwrap_or_default();
        if crate::period::Month::parse(cell(0)).is_none() {
            return Err(wrong("this is no month; write 2026-10", 1));
        }
        let value = Money::parse(cell(2).as_bytes()).ok();
        let value = value
            .filter(|value| *value >= Money::ZERO)
            .ok_or_else(|| wrong("the value is below zero or no number", 3))?;
        let key = (cell(0).to_owned(), cell(1).to_owned());
        if measures.insert(key, value).is_some() {
            return Err(wrong("this month and receiver were there before", 2));
        }
    }
    Ok(measures)
}

fn unique<'a>(names: impl Iterator<Item = &'a str>, what: &str) -> std::result::Result<(), String> {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        if name.trim().is_empty() {
            return Err(format!("a {what} has no name"));
        }
        if !seen.insert(name) {
            return Err(format!("two of {what} are called `{name}`"));
        }
    }
    Ok(())
}

/// A dimension; its rules may name those that stand before it.
fn dimension(raw: RawDimension, before: &[String]) -> std::result::Result<Dimension, String> {
    let rule = |raw_rule: RawRule| {
        let value = match (raw_rule.value, raw_rule.value_of) {
            (Some(value), None) if !value.trim().is_empty() => Value::Stated(value),
            (None, Some(column)) => Value::Of(column),
            _ => return Err("a rule needs one of `value` and `value_of`".to_owned()),
        };
        if let Value::Of(column) = &value {
            condition::known(column, before)?;
        }
        let when = Condition::parse(&raw_rule.when, before)?;
        Ok(DimensionRule { when, value })
    };
    let rules: std::result::Result<Vec<DimensionRule>, String> =
        raw.rule.into_iter().map(rule).collect();
    let rules = rules.map_err(|e| format!("dimension `{}`: {e}", raw.name))?;
    Ok(Dimension {
        default: raw.default.unwrap_or_else(|| format!("(no {})", raw.name)),
        name: raw.name,
        rules,
    })
}

fn pool(
    raw: RawPool,
    path: &Path,
    metric: &dyn Fn(&Path) -> Result<BTreeMap<(String, String), Money>>,
) -> Result<Pool> {
    let wrong = |what: &str| Error::usage(format!("pool `{}`: {what}", raw.name)).at(path);
    let split = match (raw.split, &raw.weights, &raw.file) {
        (RawSplit::Even, None, None) => Split::Even,
        (RawSplit::Proportional, None, None) => Split::Proportional,
        (RawSplit::Fixed, Some(weights), None) => {
            let weights = weights.iter().map(|(name, weight)| {
                let weight = Money::from_f64(*weight).ok().filter(|w| *w >= Money::ZERO);
                weight.map(|weight| (name.clone(), weight)).ok_or_else(|| {
                    wrong(&format!(
                        "the weight of `{name}` is below zero or no number"
                    ))
                })
            });
            Split::Fixed(weights.collect::<Result<_>>()?)
        }
        (RawSplit::Metric, None, Some(file)) => Split::Metric(metric(file)?),
        (RawSplit::Fixed, ..) => {
            return Err(wrong("a fixed split needs `weights` and nothing else"));
        }
        (RawSplit::Metric, ..) => {
            return Err(wrong("a metric split needs `file` and nothing else"));
        }
        _ => {
            return Err(wrong(
                "`weights` and `file` are for fixed and metric splits",
            ));
        }
    };
    Ok(Pool {
        name: raw.name,
        split,
        to: raw.to,
        except: raw.except,
    })
}

fn accounts(raw: RawAccounts) -> std::result::Result<Accounts, String> {
    if raw.expense == raw.clearing || raw.accounts.values().any(|own| *own == raw.clearing) {
        return Err(
            "[journal] an expense account and the clearing account are the same".to_owned(),
        );
    }
    Ok(Accounts {
        expense: raw.expense,
        clearing: raw.clearing,
        own: raw.accounts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ShowbackRules> {
        ShowbackRules::parse(text, Path::new("showback.toml"), &|_| Ok(BTreeMap::new()))
    }

    const WHOLE: &str = r#"
scope = "Product"
[[dimension]]
name = "Product"
rule = [
  { value = "Checkout", when = { "tag:app" = ["checkout*"] } },
  { value_of = "tag:product" },
]
[[pool]]
name = "support"
when = { ServiceName = ["AWS Support*"] }
split = "proportional"
[[pool]]
name = "platform"
when = { SubAccountId = ["1"] }
split = "fixed"
weights = { Checkout = 2, Search = 1.5 }
[journal]
expense = "6800"
clearing = "2900"
accounts = { Checkout = "6801" }
"#;

    #[test]
    fn a_whole_file_is_read() {
        let rules = parse(WHOLE).unwrap();
        assert_eq!((rules.scope.as_str(), rules.pools.len()), ("Product", 2));
        assert_eq!(rules.dimensions[0].default, "(no Product)");
        assert_eq!(
            rules.dimensions[0].rules[1].value,
            Value::Of("tag:product".into())
        );
    }

    /// Every pool that finance asks for, as the README writes it.
    #[test]
    fn every_usual_pool_can_be_said() {
        for when in [
            "ServiceName = [\"*Support*\"]",
            "ServiceCategory = [\"Networking\"]",
            "DataTransfer = [\"yes\"]",
            "Product = [\"\"]",
            "CostCenter = [\"\"]",
            "CommitmentDiscountStatus = [\"Unused\"]",
            "ChargeCategory = [\"Tax\"]",
            "ChargeCategory = [\"Credit\"]",
            "SubAccountName = [\"shared-*\"], PricingCategory = [\"Committed\"]",
        ] {
            let text = WHOLE.replace("ServiceName = [\"AWS Support*\"]", when);
            assert!(parse(&text).is_ok(), "{when}: {:?}", parse(&text));
        }
    }

    #[test]
    fn a_dimension_may_build_on_those_before_it_alone() {
        let both = "[[dimension]]\nname = \"A\"\nrule = [{ value = \"x\", when = { B = [\"y\"] } }]\n\
                    [[dimension]]\nname = \"B\"\nrule = [{ value_of = \"Team\" }]\n";
        assert!(
            parse(both)
                .unwrap_err()
                .to_string()
                .contains("`B` is no column")
        );
        let turned = "[[dimension]]\nname = \"B\"\nrule = [{ value_of = \"Team\" }]\n\
                    [[dimension]]\nname = \"A\"\nrule = [{ value = \"x\", when = { B = [\"y\"] } }]\n";
        assert_eq!(parse(turned).unwrap().dimensions.len(), 2);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (from, to, words) in [
            (
                "scope = \"Product\"",
                "scope = \"Produkt\"",
                "`scope = \"Produkt\"` names no dimension",
            ),
            (
                "split = \"proportional\"",
                "split = \"proportional\"\nto = [\"support\"]",
                "gives to `support`",
            ),
            (
                "name = \"platform\"",
                "name = \"support\"",
                "are called `support`",
            ),
            ("clearing = \"2900\"", "clearing = \"6801\"", "are the same"),
            ("weights = {", "weigths = {", "unknown field `weigths`"),
            (
                "ServiceName = [\"AWS",
                "Service = [\"AWS",
                "`Service` is no column",
            ),
        ] {
            let error = parse(&WHOLE.replace(from, to)).unwrap_err().to_string();
            assert!(
                error.contains(words) && error.contains("showback.toml"),
                "{error}"
            );
        }
    }
}
