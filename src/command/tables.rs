//! From the night's data to the table of every report.

use super::detect::Watched;
use super::findings::{Findings, found};
use super::night::{self, Night};
use super::plan::Plan;
use super::{alerts, commitments, fixes, forecast, gaps, invoices, ledger, machines, quality};
use super::{restated, share, tagging, trust, units, waste};
use crate::analysis::compliance::{ALL_TAGS, Scope};
use crate::analysis::finding::headline;
use crate::analysis::kpi::{Sums, Value, kpis};
use crate::analysis::waste::headline as waste_headline;
use crate::engine;
use crate::error::{Error, Result};
use crate::money::Money;
use crate::period::Month;
use crate::report::definition::{Definition, Method};
use crate::report::derive::derive;
use crate::report::table::{Cell, Table};
use chrono::NaiveDate;
use rayon::prelude::*;

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
        Method::Commitments => {
            commitments::commitments(&sql(definition, night)?, found(&findings.commitments)?)
        }
        Method::CommitmentPlan => commitments::plan(found(&findings.commitments)?),
        Method::CommitmentExpiry => commitments::expiry(found(&findings.commitments)?, plan.today),
        Method::TagCompliance => tagging::compliance_table(found(&findings.compliance)?),
        Method::TagViolations => tagging::violations_table(found(&findings.compliance)?),
        Method::TagInheritance => tagging::inheritance_table(found(&findings.compliance)?),
        Method::TagExemptions => tagging::exemptions_table(found(&findings.compliance)?),
        Method::TagLift => tagging::lift_table(found(&findings.compliance)?),
        Method::TagVariants => found(&findings.suggested)?.variants_table(),
        Method::TagMerges => found(&findings.suggested)?.merges_table(),
        Method::OwnerSuggestions => found(&findings.suggested)?.suggestions_table(),
        Method::SuggestionAccuracy => found(&findings.suggested)?.accuracy_table(),
        Method::TagFixes => fixes::table(&found(&findings.suggested)?.fixes),
        Method::Showback => found(&findings.shared)?.table(night),
        Method::ShowbackMoves => found(&findings.shared)?.moves_table(),
        Method::ShowbackJournal => share::journal_table(night, found(&findings.shared)?, plan),
        Method::UnitCost => units::table(night, plan, found(&findings.shared)?),
        Method::Dimensions => found(&findings.shared)?.dimensions_table(),
        Method::AnomalyScores => alerts::scores_table(found(&findings.watched)?),
        Method::Anomalies => alerts::anomalies_table(found(&findings.watched)?),
        Method::Forecast => forecast::months(found(&findings.forecast)?),
        Method::ForecastDaily => forecast::daily(found(&findings.forecast)?),
        Method::BudgetStatus => forecast::budget_status(found(&findings.forecast)?),
        Method::ForecastAccuracy => forecast::accuracy(found(&findings.forecast)?),
        Method::Rightsizing => {
            let counted = &found(&findings.waste)?.machines;
            machines::findings_table(&found(&findings.machines)?.0, counted)
        }
        Method::RightsizingSkipped => machines::skipped_table(&found(&findings.machines)?.1),
        Method::Waste => waste::table(found(&findings.waste)?),
        Method::SavingsLedger => ledger::entries(found(&findings.ledger)?),
        Method::SavingsRealized => ledger::realised(found(&findings.ledger)?, night),
        Method::SavingsBacklog => ledger::backlog(found(&findings.ledger)?),
        Method::InventoryGaps => gaps::table(found(&findings.gaps)?),
        Method::Kpis => kpi_table(night, findings, plan.today)?,
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

fn kpi_table(night: &Night, findings: &Findings, today: NaiveDate) -> Result<Table> {
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
    for sums in kpi_sums(&rows, night, findings, today)? {
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

fn kpi_sums(
    rows: &Table,
    night: &Night,
    findings: &Findings,
    today: NaiveDate,
) -> Result<Vec<Sums>> {
    let (months, currencies) = (rows.texts("Month"), rows.texts("BillingCurrency"));
    let latest = months.iter().max().cloned().unwrap_or_default();
    let column = |name: &str| {
        rows.amounts(name)
            .into_iter()
            .map(Option::unwrap_or_default)
            .collect::<Vec<Money>>()
    };
    let [effective, allocated] = ["Effective", "Allocated"].map(column);
    let [usage_effective, usage_list, usage_contracted] =
        ["UsageEffective", "UsageList", "UsageContracted"].map(column);
    let waste = found(&findings.waste)?;
    let savings = headline(&found(&findings.machines)?.0, &waste.machines);
    let wasted = waste_headline(&waste.findings, &waste.counted);
    let committed = found(&findings.commitments)?;
    let watched = found(&findings.watched)?;
    let compliance = found(&findings.compliance)?;
    let pooled = found(&findings.shared)?.pooled();
    let ledger = found(&findings.ledger)?;
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
            commitments: committed.sums(&month, &currency),
            expiring: committed
                .expiring(&currency, today)
                .filter(|_| month == latest),
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
            waste: wasted.get(&currency).copied().filter(|_| month == latest),
            pooled: pooled.get(&(month.clone(), currency.clone())).copied(),
            ledger: ledger.sums(night, &month, &currency),
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
