//! From the night's data to the table of every report.

use super::alerts;
use super::detect::{self, Watched};
use super::forecast::Forecast;
use super::night::{self, Night};
use super::plan::Plan;
use super::restated::{self, Restated};
use super::share::{self, Shared};
use super::{forecast, invoices, machines, quality, tagging, trust};
use crate::analysis::compliance::{ALL_TAGS, Compliance, Scope};
use crate::analysis::finding::{Finding, Skipped, headline};
use crate::analysis::invoices::Reconciled;
use crate::analysis::kpi::{Sums, Value, kpis};
use crate::engine;
use crate::error::{Error, Result};
use crate::lake::Lake;
use crate::money::Money;
use crate::period::Month;
use crate::report::definition::{Definition, Method};
use crate::report::derive::derive;
use crate::report::table::{Cell, Table};
use rayon::prelude::*;

/// What the methods found.
pub(super) struct Findings {
    pub(super) compliance: Result<Compliance>,
    pub(super) watched: Result<Vec<Watched>>,
    pub(super) machines: Result<(Vec<Finding>, Vec<Skipped>)>,
    pub(super) shared: Result<Shared>,
    pub(super) forecast: Result<Forecast>,
    pub(super) restated: Result<Vec<Restated>>,
    pub(super) invoices: Result<Vec<Reconciled>>,
    /// What a reader of the reports should know, as sentences.
    pub(super) notes: Vec<String>,
    /// Where the books do not close, as sentences; known once all reports are made.
    pub(super) breaks: Vec<String>,
}

/// Runs the methods beside each other.
pub(super) fn findings(lake: &Lake, night: &Night, plan: &Plan) -> Findings {
    let ((compliance, (restated, (shared, forecast))), (watched, machines)) = rayon::join(
        || {
            rayon::join(
                || tagging::judge(night, plan),
                || {
                    rayon::join(
                        || restated::restated(lake, night, plan),
                        || {
                            rayon::join(
                                || share::share(night, plan),
                                || forecast::forecast(lake, night, plan),
                            )
                        },
                    )
                },
            )
        },
        || {
            rayon::join(
                || detect::detect(lake, night, plan),
                || machines::judge_all(night, plan),
            )
        },
    );
    let mut notes = missing_rates(night, plan);
    notes.extend(forecast.iter().flat_map(forecast::notes));
    Findings {
        compliance,
        watched,
        machines,
        shared,
        forecast,
        restated,
        invoices: invoices::reconciled(night, plan),
        notes,
        breaks: Vec::new(),
    }
}

/// The months and currencies for which a reporting currency has no rate.
fn missing_rates(night: &Night, plan: &Plan) -> Vec<String> {
    let Some(reporting) = &plan.reporting else {
        return Vec::new();
    };
    let mut missing = Vec::new();
    for (_, facts) in &night.facts {
        let totals = facts.period.inputs.iter().filter_map(|key| {
            let known = night
                .sources
                .iter()
                .find_map(|source| source.inputs.get(key));
            known.map(|input| &input.accepted)
        });
        let of_month = totals
            .flatten()
            .filter(|total| total.month == facts.period.month);
        missing.extend(
            of_month.filter_map(|total| reporting.missing(&total.currency, facts.period.month())),
        );
    }
    missing.sort();
    missing.dedup();
    missing
}

/// Every report's table but the books, which need all others first.
pub(super) fn tables(
    night: &Night,
    plan: &Plan,
    findings: &Findings,
) -> Vec<(Definition, Result<Table>)> {
    let reports = plan
        .reports
        .par_iter()
        .filter(|definition| definition.method != Method::Books);
    reports
        .map(|definition| (definition.clone(), table(definition, night, plan, findings)))
        .collect()
}

fn table(
    definition: &Definition,
    night: &Night,
    plan: &Plan,
    findings: &Findings,
) -> Result<Table> {
    let mut table = match definition.method {
        Method::Sql => sql(definition, night)?,
        Method::Commitments => finish_commitments(&sql(definition, night)?),
        Method::TagCompliance => tagging::compliance_table(found(&findings.compliance)?),
        Method::TagViolations => tagging::violations_table(found(&findings.compliance)?),
        Method::TagInheritance => tagging::inheritance_table(found(&findings.compliance)?),
        Method::TagExemptions => tagging::exemptions_table(found(&findings.compliance)?),
        Method::TagLift => tagging::lift_table(found(&findings.compliance)?),
        Method::Showback => found(&findings.shared)?.table(night),
        Method::ShowbackMoves => found(&findings.shared)?.moves_table(),
        Method::ShowbackJournal => share::journal_table(night, found(&findings.shared)?, plan),
        Method::Dimensions => found(&findings.shared)?.dimensions_table(),
        Method::AnomalyScores => alerts::scores_table(found(&findings.watched)?),
        Method::Anomalies => alerts::anomalies_table(found(&findings.watched)?),
        Method::Forecast => forecast::months(found(&findings.forecast)?),
        Method::ForecastDaily => forecast::daily(found(&findings.forecast)?),
        Method::BudgetStatus => forecast::budget_status(found(&findings.forecast)?),
        Method::ForecastAccuracy => forecast::accuracy(found(&findings.forecast)?),
        Method::Rightsizing => machines::findings_table(&found(&findings.machines)?.0),
        Method::RightsizingSkipped => machines::skipped_table(&found(&findings.machines)?.1),
        Method::Kpis => kpi_table(night, findings)?,
        Method::Restatements => restated::table(found(&findings.restated)?),
        Method::Periods => trust::table(night)?,
        Method::DataQuality => quality::table(night)?,
        Method::Quarantine => night::quarantine(&night.sources),
        Method::Invoices => invoices::table(found(&findings.invoices)?),
        Method::Books => Table::default(),
    };
    derive(&mut table, &definition.derive)?;
    if let Some(reporting) = plan
        .reporting
        .as_ref()
        .filter(|_| !definition.reporting.is_empty())
    {
        reporting.convert(&mut table, &definition.reporting)?;
    }
    Ok(table)
}

/// A method's result, or its error as one that several reports can show.
pub(super) fn found<T>(result: &Result<T>) -> Result<&T> {
    result
        .as_ref()
        .map_err(|error| Error::new(error.kind(), error.to_string()))
}

fn sql(definition: &Definition, night: &Night) -> Result<Table> {
    let Some(query) = &definition.sql else {
        return Err(Error::usage(format!(
            "the report `{}` has no query",
            definition.name
        )));
    };
    let tables = engine::facts::FACTS
        .iter()
        .map(|(name, _)| Ok((*name, night.table(name)?)))
        .collect::<Result<Vec<_>>>()?;
    Table::of_frame(&engine::query(&query.path, &query.text, &tables)?)
}

/// Utilisation and savings of each commitment: shares and differences are computed exactly, here.
fn finish_commitments(rows: &Table) -> Table {
    let [months, ids, types, categories, currencies] = [
        "Month",
        "CommitmentDiscountId",
        "Type",
        "Category",
        "BillingCurrency",
    ]
    .map(|name| rows.texts(name));
    let [used, unused, list] =
        ["UsedCost", "UnusedCost", "OnDemandCost"].map(|name| rows.amounts(name));
    let mut table = Table::new(&[
        "Month",
        "CommitmentDiscountId",
        "Type",
        "Category",
        "Utilization",
        "Coverage",
        "UnusedCost",
        "SavingsVsOnDemand",
        "ExpiresOn",
        "BillingCurrency",
        "UsedCost",
        "OnDemandCost",
    ]);
    for row in 0..rows.rows.len() {
        let (paid, idle) = (
            used[row].unwrap_or_default(),
            unused[row].unwrap_or_default(),
        );
        table.rows.push(vec![
            Cell::text(&months[row]),
            Cell::text(&ids[row]),
            Cell::text(&types[row]),
            Cell::text(&categories[row]),
            crate::money::ratio(paid, paid + idle).map_or(Cell::Empty, Cell::Percent),
            Cell::Empty,
            Cell::Money(idle),
            Cell::from(list[row].map(|list| list - paid - idle)),
            Cell::Empty,
            Cell::text(&currencies[row]),
            Cell::Money(paid),
            Cell::from(list[row]),
        ]);
    }
    table
}

fn kpi_table(night: &Night, findings: &Findings) -> Result<Table> {
    let text = include_str!("../../queries/analysis/kpi_sums.sql");
    let rows = Table::of_frame(&engine::query(
        "queries/analysis/kpi_sums.sql",
        text,
        &[("charges_monthly", night.table("charges_monthly")?)],
    )?)?;
    let mut table = Table::new(&[
        "Month",
        "Kpi",
        "Value",
        "Unit",
        "Target",
        "Status",
        "Definition",
        "BillingCurrency",
    ]);
    for sums in kpi_sums(&rows, findings)? {
        for kpi in kpis(&sums) {
            let (value, unit) = match kpi.value {
                Value::Percent(value) => (Cell::Percent(value), "percent".to_owned()),
                Value::Money(amount) => (Cell::Money(amount.rounded(2)), sums.currency.clone()),
                Value::Count(count) => (
                    Cell::Count(i64::try_from(count).unwrap_or(i64::MAX)),
                    "count".to_owned(),
                ),
            };
            table.rows.push(vec![
                Cell::text(&sums.month),
                Cell::text(kpi.name),
                value,
                Cell::Text(unit),
                kpi.target
                    .map_or(Cell::Empty, |(target, _)| Cell::Percent(target)),
                Cell::text(kpi.status()),
                Cell::text(kpi.definition),
                Cell::text(&sums.currency),
            ]);
        }
    }
    Ok(table)
}

fn kpi_sums(rows: &Table, findings: &Findings) -> Result<Vec<Sums>> {
    let (months, currencies) = (rows.texts("Month"), rows.texts("BillingCurrency"));
    let latest = months.iter().max().cloned().unwrap_or_default();
    let column = |name: &str| {
        rows.amounts(name)
            .into_iter()
            .map(Option::unwrap_or_default)
            .collect::<Vec<Money>>()
    };
    let [effective, allocated, used, unused] =
        ["Effective", "Allocated", "Used", "Unused"].map(column);
    let [usage_effective, usage_list, usage_contracted] =
        ["UsageEffective", "UsageList", "UsageContracted"].map(column);
    let (covered_list, eligible_list) = (column("CoveredList"), column("EligibleList"));
    let savings = headline(&found(&findings.machines)?.0);
    let watched = found(&findings.watched)?;
    let compliance = found(&findings.compliance)?;
    let sums = |row: usize| {
        let (month, currency) = (months[row].clone(), currencies[row].clone());
        let all = compliance.rows.iter().find(|one| {
            one.month == month
                && one.currency == currency
                && one.scope == Scope::Overall
                && one.tag == ALL_TAGS
        });
        Sums {
            effective: effective[row],
            allocated: allocated[row],
            usage: [usage_effective[row], usage_list[row], usage_contracted[row]],
            covered_list: covered_list[row],
            eligible_list: eligible_list[row],
            used: used[row],
            unused: unused[row],
            tags: all.map(|one| {
                [
                    one.valid_cost,
                    one.invalid_cost,
                    one.missing_cost,
                    one.untaggable_cost,
                    one.exempt_cost,
                ]
            }),
            incidents: Some(incidents_of(watched, &month, &currency)),
            savings: savings.get(&currency).copied().filter(|_| month == latest),
            month,
            currency,
        }
    };
    Ok((0..rows.rows.len()).map(sums).collect())
}

fn incidents_of(watched: &[Watched], month: &str, currency: &str) -> (u64, Money) {
    let own = alerts::unexpected(watched).filter(|(one, _)| one.currency == currency);
    let began = own
        .map(|(_, found)| &found.incident)
        .filter(|incident| Month::of(incident.first_day).to_string() == month);
    began.fold((0, Money::ZERO), |(count, sum), incident| {
        (
            count + 1,
            sum + Money::from_f64(incident.impact.abs()).unwrap_or_default(),
        )
    })
}
