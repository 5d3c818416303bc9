//! What a report is: a title, an audience, columns with meanings, perhaps a query, perhaps a chart.
//!
//! A report is a `.toml` and, unless a method makes it, a `.sql` of the same name. Both are embedded; a
//! user's file of the same name wins and a new name adds a report. All are parsed before the first byte of
//! a bill is read.

use crate::error::{Error, Result, nearest};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// One report.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// File name of the report, without its ending.
    #[serde(skip)]
    pub name: String,
    /// What it is called.
    pub title: String,
    /// Who reads it.
    pub audience: String,
    /// How its figures come about.
    pub about: String,
    /// What makes its table.
    #[serde(default)]
    pub method: Method,
    /// Cost columns whose sums equal the facts' sums, per month and currency.
    #[serde(default)]
    pub covers: Vec<String>,
    /// Columns and what they mean.
    pub column: Vec<ColumnMeaning>,
    /// Cost columns that a reporting currency repeats as `<Cost>Reporting`, after the columns
    /// `ReportingCurrency`, `FxRate` and `FxDate`.
    #[serde(default)]
    pub reporting: Vec<String>,
    /// Columns computed exactly from others.
    #[serde(default)]
    pub derive: Vec<Derived>,
    /// The chart.
    pub chart: Option<ChartSpec>,
    /// The query, where the method is SQL.
    #[serde(skip)]
    pub sql: Option<Query>,
}

/// A query and where it stands.
#[derive(Clone, Debug)]
pub struct Query {
    /// The file, for errors.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// What makes a report's table.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Its query over the facts.
    #[default]
    Sql,
    /// Its query over the facts, finished with shares and differences.
    Commitments,
    /// How much more to commit.
    CommitmentPlan,
    /// When commitments end.
    CommitmentExpiry,
    /// Tag compliance.
    TagCompliance,
    /// Tag violations.
    TagViolations,
    /// What stood in for missing tags.
    TagInheritance,
    /// What need not pass the tag policy.
    TagExemptions,
    /// What would lift tag compliance most.
    TagLift,
    /// Spellings of one key or value.
    TagVariants,
    /// Merges that were applied.
    TagMerges,
    /// Owners for what has none.
    OwnerSuggestions,
    /// How good such suggestions are.
    SuggestionAccuracy,
    /// What scripts would put right.
    TagFixes,
    /// Showback.
    Showback,
    /// What pools gave to whom.
    ShowbackMoves,
    /// Entries for the ledger.
    ShowbackJournal,
    /// What one of the units that the business counts cost.
    UnitCost,
    /// What the rules of business dimensions caught.
    Dimensions,
    /// Every scored day.
    AnomalyScores,
    /// Incidents.
    Anomalies,
    /// What will be spent, by span and scope.
    Forecast,
    /// What will be spent, day by day.
    ForecastDaily,
    /// Budgets judged by the forecast.
    BudgetStatus,
    /// Earlier forecasts against what came.
    ForecastAccuracy,
    /// Rightsizing findings.
    Rightsizing,
    /// Machines without a finding.
    RightsizingSkipped,
    /// What is paid for and not needed.
    Waste,
    /// What became of every finding that counts.
    SavingsLedger,
    /// Savings identified and realised by month.
    SavingsRealized,
    /// Open findings for issue trackers.
    SavingsBacklog,
    /// The inventory against the bill.
    InventoryGaps,
    /// Key figures.
    Kpis,
    /// Control totals.
    Books,
    /// What changed in months that were over, since the run before.
    Restatements,
    /// How far every billing period can be trusted.
    Periods,
    /// Invoices against the bill.
    Invoices,
    /// What in the bills cannot be right.
    DataQuality,
    /// Rows set aside.
    Quarantine,
}

/// A column and what it means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnMeaning {
    /// Its name in the CSV.
    pub name: String,
    /// `text`, `day`, `month`, `money`, `percent`, `count` or `number`.
    pub unit: String,
    /// What it says.
    pub about: String,
}

/// A column computed exactly from another one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "kind")]
pub enum Derived {
    /// The share of an amount in the rows that agree in `within`, adding up to 100.00.
    Share {
        /// New column.
        column: String,
        /// Amount.
        of: String,
        /// Columns that must agree.
        within: Vec<String>,
    },
    /// The amount less that of the month before in the row with the same `keys`.
    Change {
        /// New column.
        column: String,
        /// Amount.
        of: String,
        /// Columns that must agree.
        keys: Vec<String>,
    },
}

/// What a chart shows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "kind")]
pub enum ChartSpec {
    /// A ranking of the latest whole month, with the month before as a tick.
    Bars {
        /// Column of the labels.
        label: String,
        /// Column of the lengths.
        value: String,
        /// What the labels are, in the plural: "services".
        what: String,
    },
    /// Months as columns, stacked by label.
    Columns {
        /// Column of the series.
        label: String,
        /// Column of the heights.
        value: String,
        /// What the series are, in the plural.
        what: String,
    },
    /// Tag compliance.
    Compliance,
    /// Incidents.
    Incidents,
    /// The days to come, with their bands and the budget.
    Forecast,
    /// Savings by resource, or the counted ones by another column.
    Savings {
        /// Column that groups; none: each resource.
        #[serde(default)]
        by: Option<String>,
        /// What a bar is, in the plural.
        #[serde(default = "machines")]
        what: String,
    },
    /// What was identified and realised, added up over the months.
    SavingsRealized,
    /// What one of each unit cost, month by month.
    UnitCost,
    /// What budgets will have cost, against what they allow.
    Budgets,
    /// Utilisation and coverage of commitments by month.
    Commitments,
    /// What more commitment saves.
    CommitmentPlan,
}

fn machines() -> String {
    "machines".to_owned()
}

macro_rules! report {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../reports/", $name, ".toml")),
            None,
        )
    };
    ($name:literal, sql) => {
        (
            $name,
            include_str!(concat!("../../reports/", $name, ".toml")),
            Some(include_str!(concat!(
                "../../queries/reports/",
                $name,
                ".sql"
            ))),
        )
    };
}

/// The reports of the house, in the order in which people read them.
const EMBEDDED: &[(&str, &str, Option<&str>)] = &[
    report!("cost_by_service", sql),
    report!("cost_by_account", sql),
    report!("cost_by_environment", sql),
    report!("cost_by_team", sql),
    report!("showback"),
    report!("showback_moves"),
    report!("showback_journal"),
    report!("dimensions"),
    report!("unit_cost"),
    report!("tag_compliance"),
    report!("tag_violations"),
    report!("tag_lift"),
    report!("tag_inheritance"),
    report!("tag_exemptions"),
    report!("tag_variants"),
    report!("tag_merges"),
    report!("owner_suggestions"),
    report!("suggestion_accuracy"),
    report!("tag_fixes"),
    report!("anomalies"),
    report!("anomaly_scores"),
    report!("forecast"),
    report!("forecast_daily"),
    report!("budget_status"),
    report!("forecast_accuracy"),
    report!("rightsizing"),
    report!("rightsizing_skipped"),
    report!("waste"),
    report!("savings_ledger"),
    report!("savings_realized"),
    report!("savings_backlog"),
    report!("inventory_gaps"),
    report!("commitments", sql),
    report!("commitment_plan"),
    report!("commitment_expiry"),
    report!("kpis"),
    report!("books"),
    report!("restatements"),
    report!("periods"),
    report!("invoice_reconciliation"),
    report!("data_quality"),
    report!("quarantine"),
];

/// The embedded text of a report, for `init --eject`.
pub fn embedded(name: &str) -> Option<(&'static str, Option<&'static str>)> {
    EMBEDDED
        .iter()
        .find(|(known, ..)| *known == name)
        .map(|(_, toml, sql)| (*toml, *sql))
}

/// Every report: the embedded ones, and the user's from this folder, whose files win.
pub fn definitions(folder: Option<&Path>) -> Result<Vec<Definition>> {
    let mut definitions = Vec::new();
    for (name, text, sql) in EMBEDDED {
        let own = folder
            .map(|folder| folder.join(format!("{name}.toml")))
            .filter(|path| path.is_file());
        let own_sql = folder
            .map(|folder| folder.join(format!("{name}.sql")))
            .filter(|path| path.is_file());
        let mut definition = match &own {
            Some(path) => parse(name, &read(path)?, path)?,
            None => parse(name, text, &PathBuf::from(format!("reports/{name}.toml")))?,
        };
        definition.sql = match own_sql {
            Some(path) => Some(Query {
                path: path.to_string_lossy().into_owned(),
                text: read(&path)?,
            }),
            None => sql.map(|sql| Query {
                path: format!("queries/reports/{name}.sql"),
                text: sql.to_owned(),
            }),
        };
        definitions.push(definition);
    }
    definitions.extend(added(folder)?);
    match definitions
        .iter()
        .find(|d| d.method == Method::Sql && d.sql.is_none())
    {
        Some(lost) => Err(Error::usage(format!(
            "the report `{}` has a .toml and no .sql",
            lost.name
        ))
        .hint("put the query beside it, under the same name")),
        None => Ok(definitions),
    }
}

/// Reports of names that the house does not know.
fn added(folder: Option<&Path>) -> Result<Vec<Definition>> {
    let Some(folder) = folder.filter(|folder| folder.is_dir()) else {
        return Ok(Vec::new());
    };
    let entries = std::fs::read_dir(folder).map_err(|e| Error::read(folder, &e))?;
    let mut paths: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    paths.sort();
    let mut added = Vec::new();
    for path in paths {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if embedded(&name).is_some() {
            continue;
        }
        let mut definition = parse(&name, &read(&path)?, &path)?;
        let sql = path.with_extension("sql");
        if sql.is_file() {
            definition.sql = Some(Query {
                path: sql.to_string_lossy().into_owned(),
                text: read(&sql)?,
            });
        }
        added.push(definition);
    }
    Ok(added)
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|e| Error::read(path, &e))
}

fn parse(name: &str, text: &str, path: &Path) -> Result<Definition> {
    let mut definition: Definition =
        toml::from_str(text).map_err(|e| crate::error::toml_error(path, text, &e))?;
    name.clone_into(&mut definition.name);
    Ok(definition)
}

/// The reports a user asked for, or all.
pub fn wanted(definitions: Vec<Definition>, names: &[String]) -> Result<Vec<Definition>> {
    for name in names {
        if !definitions.iter().any(|d| d.name == *name) {
            let known = definitions.iter().map(|d| d.name.as_str());
            let hint = match nearest(name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`cloudtally list reports` shows all".to_owned(),
            };
            return Err(Error::usage(format!("no report is called `{name}`")).hint(hint));
        }
    }
    Ok(definitions
        .into_iter()
        .filter(|d| names.is_empty() || names.contains(&d.name))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_report_parses_and_keeps_to_the_dialect() {
        let definitions = definitions(None).unwrap();
        assert_eq!(definitions.len(), EMBEDDED.len());
        for definition in &definitions {
            if let Some(query) = &definition.sql {
                assert_eq!(
                    crate::engine::faults(&query.text),
                    Vec::new(),
                    "{}",
                    query.path
                );
            }
        }
    }

    #[test]
    fn an_unknown_report_is_told_its_neighbour() {
        let error = wanted(definitions(None).unwrap(), &["cost_by_servce".to_owned()]).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("did you mean `cost_by_service`?")
        );
    }
}
