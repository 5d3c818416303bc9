//! From inventory, metrics and the bill to machines that the rightsizing method judges.

use super::night::Night;
use super::plan::Plan;
use super::sizes::{self, View};
use super::waste;
use crate::analysis::finding::{Finding, Kind, Skipped, Verdict, rank};
use crate::analysis::rightsizing::judge;
use crate::analysis::saving::Bill;
use crate::engine;
use crate::error::Result;
use crate::money::Money;
use crate::period::Month;
use crate::report::table::{Cell, Table};
use crate::resource::{Known, key};
use chrono::NaiveDate;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// The bill's view of machines.
#[derive(Default)]
pub(super) struct Prices {
    /// By resource key and lower-case type.
    pub(super) bills: BTreeMap<(String, String), Bill>,
    /// Own list rates by (region, operating system, currency), by lower-case type.
    pub(super) rates: BTreeMap<(String, String, String), BTreeMap<String, Money>>,
    /// Where each machine stands in `rates`.
    pub(super) place: BTreeMap<String, (String, String, String)>,
}

/// Judges every resource of the inventory that has a size, in parallel.
pub(super) fn judge_all(night: &Night, plan: &Plan) -> Result<(Vec<Finding>, Vec<Skipped>)> {
    if night.resources.is_empty() && night.usage.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let known = Known::of(&night.resources);
    let mut prices = prices(night, &known, plan.today)?;
    prices
        .bills
        .extend(sizes::google(night, &known, plan.today)?);
    let view = View::new(night, plan, &known, prices)?;
    let grouped = sizes::group_of(&night.resources);
    let machines: Vec<_> = night
        .resources
        .iter()
        .filter(|resource| sizes::is_machine(resource) && !grouped.contains_key(&key(&resource.id)))
        .collect();
    let mut verdicts: Vec<Verdict> = machines
        .par_iter()
        .map(|resource| {
            judge(
                &view.machine(resource),
                view.policy(resource, Kind::Machine),
            )
        })
        .collect();
    verdicts.extend(view.others(&known)?);
    Ok(rank(verdicts))
}

/// Machine hours of the latest month that is over, or of the running one where there is no other.
fn prices(night: &Night, known: &Known, today: NaiveDate) -> Result<Prices> {
    let sql = include_str!("../../queries/analysis/machine_hours.sql");
    let hours = engine::query(
        "queries/analysis/machine_hours.sql",
        sql,
        &[("compute_monthly", night.table("compute_monthly")?)],
    )?;
    let hours = Table::of_frame(&hours)?;
    let months = hours.texts("Month");
    let over = |month: &&String| {
        Month::parse(month).is_some_and(|month| month.next().first_day() <= today)
    };
    let Some(month) = months
        .iter()
        .filter(over)
        .max()
        .or(months.iter().max())
        .cloned()
    else {
        return Ok(Prices::default());
    };
    let before: BTreeSet<String> = months
        .iter()
        .zip(hours.texts("ResourceId"))
        .filter(|(m, _)| **m < month)
        .map(|(_, id)| known.key(&id))
        .collect();
    let [ids, types, regions, systems, currencies] = [
        "ResourceId",
        "InstanceType",
        "RegionId",
        "OperatingSystem",
        "BillingCurrency",
    ]
    .map(|name| hours.texts(name));
    let [costs, quantities, covered, rates] =
        ["EffectiveCost", "Hours", "CoveredHours", "ListRate"].map(|name| hours.amounts(name));
    let mut prices = Prices::default();
    for row in (0..ids.len()).filter(|&row| months[row] == month) {
        let (key, own_type) = (known.key(&ids[row]), types[row].to_lowercase());
        let place = (
            regions[row].clone(),
            systems[row].clone(),
            currencies[row].clone(),
        );
        if let Some(rate) = rates[row].filter(|rate| *rate > Money::ZERO) {
            prices
                .rates
                .entry(place.clone())
                .or_default()
                .insert(own_type.clone(), rate);
        }
        // A machine that was there the month before was there all month, even if it rests at night.
        let whole = Month::parse(&month).map_or(0, |month| month.period().days() * 24);
        let window_hours = if before.contains(&key) {
            u32::try_from(whole).unwrap_or(0)
        } else {
            0
        };
        prices.place.insert(key.clone(), place);
        let fresh = Bill {
            effective_cost: Money::ZERO,
            hours: Money::ZERO,
            covered_hours: Money::ZERO,
            window_hours,
            list_rate: None,
            currency: currencies[row].clone(),
        };
        let bill = prices.bills.entry((key, own_type)).or_insert(fresh);
        bill.effective_cost += costs[row].unwrap_or_default();
        bill.hours += quantities[row].unwrap_or_default();
        bill.covered_hours += covered[row].unwrap_or_default();
        bill.list_rate = bill
            .list_rate
            .max(rates[row].filter(|rate| *rate > Money::ZERO));
    }
    Ok(prices)
}

/// `rightsizing.csv`.
pub(super) fn findings_table(findings: &[Finding], counted: &[bool]) -> Table {
    let mut table = Table::new(&[
        "Rank",
        "ResourceId",
        "SubAccountId",
        "RegionId",
        "Team",
        "CurrentType",
        "RecommendedType",
        "Action",
        "CpuP95",
        "CpuP995",
        "MemoryMax",
        "ProjectedCpuP995",
        "ProjectedMemoryMax",
        "Risk",
        "Effort",
        "Confidence",
        "MonthlySavingsLow",
        "MonthlySavingsHigh",
        "BillingCurrency",
        "Reason",
        "Counted",
        "Kind",
    ]);
    let percent = |value: Option<f64>| value.map_or(Cell::Empty, |value| Cell::Number(value, 2));
    for (finding, counted) in findings.iter().zip(counted) {
        let choice = &finding.choice;
        table.rows.push(vec![
            Cell::Count(i64::try_from(finding.rank).unwrap_or(i64::MAX)),
            Cell::text(&finding.resource_id),
            Cell::text(&finding.sub_account),
            Cell::text(&finding.region),
            Cell::text(&finding.team),
            Cell::text(&finding.current_type),
            Cell::text(&choice.recommended_type),
            Cell::text(choice.action.to_string()),
            percent(finding.cpu_p95),
            percent(finding.cpu_p995),
            percent(finding.memory_max),
            percent(choice.projected_cpu_p995),
            percent(choice.projected_memory_max),
            Cell::Count(i64::from(choice.risk)),
            Cell::text(choice.effort.to_string()),
            Cell::text(choice.confidence.to_string()),
            Cell::Money(choice.savings_low.rounded(2)),
            Cell::Money(choice.savings_high.rounded(2)),
            Cell::text(&finding.currency),
            Cell::text(&finding.reason),
            waste::counted_cell(*counted),
            Cell::text(finding.kind.to_string()),
        ]);
    }
    table
}

/// `rightsizing_skipped.csv`.
pub(super) fn skipped_table(skipped: &[Skipped]) -> Table {
    let columns = [
        "ResourceId",
        "CurrentType",
        "Reason",
        "SubAccountId",
        "Kind",
    ];
    let mut table = Table::new(&columns);
    for one in skipped {
        let kind = one.kind.to_string();
        let cells = [
            &one.resource_id,
            &one.current_type,
            &one.reason,
            &one.sub_account,
            &kind,
        ];
        table.rows.push(cells.map(Cell::text).into());
    }
    table
}
