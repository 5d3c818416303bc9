//! How far the months of this run can be trusted.

use super::night::Night;
use super::plan::Plan;
use crate::analysis::trust::{Invoices, State, Trust, trust};
use crate::engine;
use crate::engine::facts::{self, PeriodFacts};
use crate::error::Result;
use crate::money::Money;
use crate::report::table::{Cell, Table};
use std::collections::BTreeMap;

/// Judges every period, in the order of the facts.
pub(super) fn judge(facts: &[PeriodFacts], plan: &Plan) -> Result<Vec<Trust>> {
    let mut known: BTreeMap<(&str, String), Invoices> = BTreeMap::new();
    for (source, own) in by_source(facts) {
        for (month, invoices) in invoices(&own)? {
            known.insert((source, month), invoices);
        }
    }
    let days = plan.config.periods.closed_after_days;
    let judge = |facts: &PeriodFacts| {
        let period = &facts.period;
        let invoices = known.get(&(period.source.as_str(), period.month.clone()));
        let unknown = Invoices::Unknown;
        trust(
            period.month(),
            plan.today,
            days,
            invoices.unwrap_or(&unknown),
        )
    };
    Ok(facts.iter().map(judge).collect())
}

fn by_source(facts: &[PeriodFacts]) -> BTreeMap<&str, Vec<PeriodFacts>> {
    let mut sources: BTreeMap<&str, Vec<PeriodFacts>> = BTreeMap::new();
    for one in facts {
        sources
            .entry(&one.period.source)
            .or_default()
            .push(one.clone());
    }
    sources
}

/// What of every month of a source stands on no invoice; nothing is known where the source names none at all.
fn invoices(own: &[PeriodFacts]) -> Result<BTreeMap<String, Invoices>> {
    let sql = include_str!("../../queries/analysis/period_invoices.sql");
    let totals = facts::table(own, "totals")?;
    let rows = Table::of_frame(&engine::query(
        "queries/analysis/period_invoices.sql",
        sql,
        &[("totals", totals)],
    )?)?;
    if rows.texts("Invoiced").iter().all(|count| count == "0") {
        return Ok(BTreeMap::new());
    }
    let mut missing: BTreeMap<String, Vec<(Money, String)>> = BTreeMap::new();
    let [months, currencies] = ["x_BillingMonth", "BillingCurrency"].map(|name| rows.texts(name));
    let amounts = rows.amounts("WithoutInvoice").into_iter();
    for ((month, currency), amount) in months.into_iter().zip(currencies).zip(amounts) {
        let month = missing.entry(month).or_default();
        month.extend(
            amount
                .filter(|amount| *amount != Money::ZERO)
                .map(|amount| (amount, currency)),
        );
    }
    let judged = |(month, missing): (String, Vec<_>)| match missing.as_slice() {
        [] => (month, Invoices::All),
        _ => (month, Invoices::Missing(missing)),
    };
    Ok(missing.into_iter().map(judged).collect())
}

/// A month is trusted as far as the least trusted bill that has it; open where no bill has it.
pub(super) fn state(night: &Night, month: &str) -> State {
    let own = night
        .facts
        .iter()
        .zip(&night.trust)
        .filter(|((_, facts), _)| facts.period.month == month);
    own.map(|(_, trust)| trust.state)
        .min()
        .unwrap_or(State::Open)
}

/// As `periods.csv` has it.
pub(super) fn table(night: &Night) -> Result<Table> {
    let mut table = Table::new(&[
        "Source",
        "BillingPeriod",
        "TrustState",
        "Reason",
        "Rows",
        "FirstChargeDay",
        "LastChargeDay",
    ]);
    let facts: Vec<PeriodFacts> = night.facts.iter().map(|(_, facts)| facts.clone()).collect();
    let mut days: BTreeMap<(&str, String), Vec<Cell>> = BTreeMap::new();
    for (source, own) in by_source(&facts) {
        for mut row in charge_days(&own)?.rows {
            let month = row.remove(0).plain();
            days.insert((source, month), row);
        }
    }
    let mut periods: Vec<_> = night.facts.iter().zip(&night.trust).collect();
    periods.sort_by_key(|((name, facts), _)| (name, &facts.period.month));
    for ((name, facts), trust) in periods {
        let period = &facts.period;
        let charged = days.get(&(period.source.as_str(), period.month.clone()));
        let cell = |at: usize| charged.map_or(Cell::Empty, |cells| cells[at].clone());
        table.rows.push(vec![
            Cell::text(name),
            Cell::text(&period.month),
            Cell::text(trust.state.name()),
            Cell::text(&trust.reason),
            cell(2),
            cell(0),
            cell(1),
        ]);
    }
    Ok(table)
}

/// Month, first day, last day and charges of every period of a source.
fn charge_days(own: &[PeriodFacts]) -> Result<Table> {
    let sql = include_str!("../../queries/analysis/period_days.sql");
    let charges = facts::table(own, "charges_daily")?;
    Table::of_frame(&engine::query(
        "queries/analysis/period_days.sql",
        sql,
        &[("charges_daily", charges)],
    )?)
}
