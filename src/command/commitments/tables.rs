//! The tables of commitments: by month, as a plan, and as a calendar of what ends when.

use super::planned::{Basis, Scope, months};
use super::{Commitments, Own, Terms};
use crate::analysis::commitment::plan::{Level, Row, SOON_DAYS};
use crate::analysis::commitment::scope::Commits;
use crate::money::{Money, ratio};
use crate::period::Month;
use crate::report::table::{Cell, Table};
use chrono::NaiveDate;

/// Hours of the month in which amounts are stated, on the scale of money.
pub(super) const MONTH: Money = Money::from_units(730_000_000_000_000);
/// Utilisation that a commitment should reach, in hundredths of a percent; the FinOps Foundation's waterline.
pub(super) const TARGET: i64 = 8_000;

const COLUMNS: [&str; 17] = [
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
    "EffectiveSavingsRate",
    "EffectiveSavingsRateList",
    "BreakEvenUtilization",
    "Status",
    "Scope",
];

/// `commitments.csv`: shares and differences are computed exactly, here.
pub(in crate::command) fn commitments(rows: &Table, known: &Commitments) -> Table {
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
    let none = Own::default();
    let mut table = Table::new(&COLUMNS);
    for row in 0..rows.rows.len() {
        let (paid, idle) = (
            used[row].unwrap_or_default(),
            unused[row].unwrap_or_default(),
        );
        let own = known
            .own
            .get(&(
                months[row].clone(),
                currencies[row].clone(),
                ids[row].clone(),
            ))
            .unwrap_or(&none);
        let terms = known
            .terms
            .get(&(ids[row].clone(), currencies[row].clone()));
        let saved = list[row].map(|list| list - paid - idle);
        table.rows.push(vec![
            Cell::text(&months[row]),
            Cell::text(&ids[row]),
            Cell::text(&types[row]),
            Cell::text(&categories[row]),
            percent(ratio(paid, paid + idle)),
            percent(own.scope.coverage()),
            Cell::Money(idle),
            Cell::from(saved),
            terms
                .and_then(|terms| terms.ends_on)
                .map_or(Cell::Empty, Cell::Day),
            Cell::text(&currencies[row]),
            Cell::Money(paid),
            Cell::from(list[row]),
            percent(own.sums.own_rate()),
            percent(
                saved
                    .zip(list[row])
                    .and_then(|(saved, list)| ratio(saved, list)),
            ),
            percent(own.sums.break_even()),
            Cell::text(status(own)),
            Cell::text(own.scopes.join("; ")),
        ]);
    }
    table
}

fn status(own: &Own) -> &'static str {
    match own.sums.utilization() {
        None => "",
        Some(_) if own.sums.savings() < Money::ZERO => "loses",
        Some(used) if used < TARGET => "underused",
        Some(_) => "met",
    }
}

fn percent(hundredths: Option<i64>) -> Cell {
    hundredths.map_or(Cell::Empty, Cell::Percent)
}

/// `commitment_plan.csv`: scope by scope, the levels ascending.
pub(in crate::command) fn plan(known: &Commitments) -> Table {
    let mut table = Table::new(&[
        "Scope",
        "Term",
        "Payment",
        "HourlyCommitment",
        "Discount",
        "NetMonthlySavings",
        "BreakEvenUtilization",
        "SavingsAtUsageMinus10",
        "SavingsAtUsageMinus20",
        "BillingCurrency",
        "Level",
        "Basis",
        "LookbackDays",
        "CoverageAfter",
        "UtilizationAfter",
        "BreakEvenMonths",
        "Ladder",
        "BillingAccountId",
        "Note",
        "Units",
        "UnitType",
    ]);
    for scope in &known.plans {
        match &scope.plan {
            Some(plan) => table
                .rows
                .extend(plan.rows.iter().map(|row| level(scope, plan.lookback, row))),
            // A plan for all compute is worth asking for; one for every family of machines is not.
            None if scope.basis == Basis::Unknown && scope.name.ends_with(" Compute") => {
                table.rows.push(unplanned(scope))
            }
            None => {}
        }
    }
    table
}

fn level(scope: &Scope, lookback: usize, row: &Row) -> Vec<Cell> {
    let back = months(&scope.term).map(|months| f64::from(months) * approximate(row.break_even));
    let ladder = if row.level == Level::Recommended {
        steps(scope)
    } else {
        String::new()
    };
    vec![
        Cell::text(&scope.name),
        Cell::text(&scope.term),
        Cell::text(&scope.payment),
        Cell::Money(row.hourly),
        Cell::Percent(row.discount),
        Cell::Money(row.net),
        Cell::Percent(row.break_even),
        Cell::Money(row.at_minus_10),
        Cell::Money(row.at_minus_20),
        Cell::text(&scope.currency),
        Cell::text(row.level.name()),
        Cell::text(if scope.basis == Basis::Own {
            "own discount"
        } else {
            "assumed"
        }),
        Cell::Count(i64::try_from(lookback).unwrap_or(i64::MAX)),
        Cell::Percent(row.coverage),
        Cell::Percent(row.utilization),
        back.map_or(Cell::Empty, |months| Cell::Number(months, 1)),
        Cell::Text(ladder),
        Cell::text(&scope.payer),
        Cell::Text(note(scope)),
        row.units.map_or(Cell::Empty, |units| {
            Cell::Count(i64::try_from(units).unwrap_or(i64::MAX))
        }),
        row.units
            .and(scope.unit.as_ref())
            .map_or(Cell::Empty, Cell::text),
    ]
}

fn unplanned(scope: &Scope) -> Vec<Cell> {
    let mut row = vec![Cell::Empty; 21];
    row[0] = Cell::text(&scope.name);
    row[9] = Cell::text(&scope.currency);
    row[10] = Cell::text("none");
    row[17] = Cell::text(&scope.payer);
    row[18] = Cell::text(
        "no discount is known: no commitment of this kind is in the bill and [commitments] discounts has none",
    );
    row
}

#[allow(clippy::cast_precision_loss, reason = "a share")]
fn approximate(hundredths: i64) -> f64 {
    hundredths as f64 / 10_000.0
}

fn steps(scope: &Scope) -> String {
    let steps = scope
        .ladder
        .iter()
        .map(|one| format!("{} {}", one.buy_on, one.hourly));
    steps.collect::<Vec<_>>().join("; ")
}

/// What a buyer should know.
fn note(scope: &Scope) -> String {
    let mut notes = Vec::new();
    if scope.commits == Commits::Usage && scope.unit.is_none() {
        notes.push("in money: the bill does not count machines of comparable sizes".to_owned());
    }
    if scope.daily {
        notes.push("daily data: flattens nights and overstates".to_owned());
    }
    if let Some(plan) = scope.plan.as_ref().filter(|plan| plan.differs()) {
        let spans = plan
            .spans
            .iter()
            .map(|(days, hourly)| format!("{days} days {hourly}"));
        notes.push(format!(
            "recommended over {}: the least is taken",
            spans.collect::<Vec<_>>().join(", ")
        ));
    }
    if scope.days < 30 {
        notes.push(format!("only {} days of bill", scope.days));
    }
    if scope.ending > 0 {
        notes.push(format!(
            "counts usage of {} commitments that end within {SOON_DAYS} days",
            scope.ending
        ));
    }
    if scope.removed > 0.0 {
        notes.push(format!(
            "{} an hour will go away and is left out",
            scope.removed
        ));
    }
    if scope.acted >= 0.0005 {
        notes.push(format!(
            "{:.3} an hour of findings that count is left out",
            scope.acted
        ));
    }
    if scope.commits == Commits::Usage && scope.name.contains(" EC2 ") {
        notes.push("the same usage as in AWS Compute: buy one of the two".to_owned());
    }
    notes.join("; ")
}

/// `commitment_expiry.csv`: what ends from a day on, by day.
pub(in crate::command) fn expiry(known: &Commitments, today: NaiveDate) -> Table {
    let mut table = Table::new(&[
        "Month",
        "CommitmentDiscountId",
        "Type",
        "Category",
        "ExpiresOn",
        "HourlyCommitment",
        "OnDemandEquivalent",
        "BillingCurrency",
        "DaysLeft",
        "MonthlyCost",
        "Term",
        "Payment",
        "Scope",
    ]);
    let mut coming: Vec<(NaiveDate, &(String, String), &Terms)> = known
        .terms
        .iter()
        .filter_map(|(key, terms)| Some((terms.ends_on?, key, terms)))
        .filter(|(day, ..)| *day >= today)
        .collect();
    coming.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    for (day, (id, currency), terms) in coming {
        let monthly =
            |hourly: Money| Cell::from(hourly.times(MONTH).map(|amount| amount.rounded(2)));
        table.rows.push(vec![
            Cell::text(Month::of(day).to_string()),
            Cell::text(id),
            Cell::text(&terms.kind),
            Cell::text(&terms.category),
            Cell::Day(day),
            Cell::Money(terms.hourly.rounded(4)),
            monthly(terms.covered),
            Cell::text(currency),
            Cell::Count((day - today).num_days()),
            monthly(terms.hourly),
            Cell::text(&terms.term),
            Cell::text(&terms.payment),
            Cell::text(terms.scopes.join("; ")),
        ]);
    }
    table
}
