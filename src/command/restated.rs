//! Months that were over and changed since the run before.

use super::history::earlier_days;
use super::night::{self, Night};
use super::plan::Plan;
use crate::analysis::restatement::{Change, Costs, changes};
use crate::analysis::trust::State;
use crate::engine;
use crate::engine::facts::{self, PeriodFacts};
use crate::error::Result;
use crate::lake::{Covered, Input, Lake, Period};
use crate::money::Money;
use crate::report::table::{Cell, Table};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// A restated billing period of a source.
pub(super) struct Restated {
    source: String,
    month: String,
    state: State,
    /// The run that it differs from.
    since: NaiveDate,
    changes: Vec<Change>,
}

/// Every period that was over on the day of the run before and is made of other inputs now, with what that
/// changed. Periods whose amounts stayed are not among them.
pub(super) fn restated(lake: &Lake, night: &Night, plan: &Plan) -> Result<Vec<Restated>> {
    let before = run_before(lake, night, plan);
    let mut replaced = Vec::new();
    for ((name, now), trust) in night.facts.iter().zip(&night.trust) {
        let Some((since, covered)) = before.get(&now.period.source) else {
            continue;
        };
        let old = covered
            .periods
            .iter()
            .find(|old| old.month == now.period.month && old.inputs != now.period.inputs);
        let was_over = now.period.month().next().first_day() <= *since;
        if let Some(old) = old.filter(|_| was_over) {
            let extra = night::residue_charges(&inputs(lake, old), old)?;
            replaced.push((name, now, trust.state, *since, (old.clone(), extra)));
        }
    }
    let olds: Vec<_> = replaced.iter().map(|(.., old)| old.clone()).collect();
    let mut restated = Vec::new();
    for ((name, now, state, since, _), old) in
        replaced
            .into_iter()
            .zip(facts::facts(lake, &olds, &plan.engine)?)
    {
        let changes = changes(&costs(&old)?, &costs(now)?);
        if !changes.is_empty() {
            restated.push(Restated {
                source: name.clone(),
                month: now.period.month.clone(),
                state,
                since,
                changes,
            });
        }
    }
    restated.sort_by(|a, b| (&a.source, &a.month).cmp(&(&b.source, &b.month)));
    Ok(restated)
}

/// For every source the newest run of an earlier day that covered it.
fn run_before(lake: &Lake, night: &Night, plan: &Plan) -> BTreeMap<String, (NaiveDate, Covered)> {
    let mut wanted: BTreeSet<&str> = night.sources.iter().map(|one| one.id.as_str()).collect();
    let mut before = BTreeMap::new();
    for day in earlier_days(lake, plan) {
        if wanted.is_empty() {
            break;
        }
        for covered in lake.snapshot(day).unwrap_or_default().sources {
            if wanted.remove(covered.id.as_str()) {
                before.insert(covered.id.clone(), (day, covered));
            }
        }
    }
    before
}

fn inputs(lake: &Lake, period: &Period) -> BTreeMap<String, Input> {
    let known = period.inputs.iter().filter_map(|key| lake.input(key));
    known.map(|input| (input.key.clone(), input)).collect()
}

fn costs(facts: &PeriodFacts) -> Result<Costs> {
    let sql = include_str!("../../queries/analysis/period_services.sql");
    let charges = facts::table(std::slice::from_ref(facts), "charges_monthly")?;
    let made = engine::query(
        "queries/analysis/period_services.sql",
        sql,
        &[("charges_monthly", charges)],
    )?;
    let table = Table::of_frame(&made)?;
    let [currencies, services] = ["BillingCurrency", "ServiceName"].map(|name| table.texts(name));
    let [billed, effective] = ["BilledCost", "EffectiveCost"].map(|name| table.amounts(name));
    let costs = billed
        .into_iter()
        .zip(effective)
        .map(|(billed, effective)| [billed, effective].map(Option::unwrap_or_default));
    Ok(currencies.into_iter().zip(services).zip(costs).collect())
}

/// As `restatements.csv` has it.
pub(super) fn table(restated: &[Restated]) -> Table {
    let mut table = Table::new(&[
        "Source",
        "BillingPeriod",
        "ServiceName",
        "PreviousAmount",
        "CurrentAmount",
        "Difference",
        "PreviousRun",
        "BillingCurrency",
        "PreviousEffectiveCost",
        "CurrentEffectiveCost",
        "TrustState",
    ]);
    for period in restated {
        for change in &period.changes {
            let ([billed_before, effective_before], [billed, effective]) =
                (change.previous, change.current);
            table.rows.push(vec![
                Cell::text(&period.source),
                Cell::text(&period.month),
                Cell::text(&change.service),
                Cell::Money(billed_before),
                Cell::Money(billed),
                Cell::Money(billed - billed_before),
                Cell::Day(period.since),
                Cell::text(&change.currency),
                Cell::Money(effective_before),
                Cell::Money(effective),
                Cell::text(period.state.name()),
            ]);
        }
    }
    table
}

/// What changed, a line per month and currency.
pub(super) fn lines(restated: &[Restated]) -> Vec<String> {
    let mut lines = Vec::new();
    for period in restated {
        let mut sums: BTreeMap<&str, Money> = BTreeMap::new();
        for change in &period.changes {
            *sums.entry(&change.currency).or_default() += change.current[0] - change.previous[0];
        }
        for (currency, sum) in sums {
            let sign = if sum < Money::ZERO { "" } else { "+" };
            lines.push(format!(
                "{} of {} restated: {sign}{sum} {currency} since the run of {}",
                period.month, period.source, period.since
            ));
        }
    }
    lines
}
