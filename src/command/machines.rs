//! From inventory, metrics and the bill to machines that the rightsizing method judges.

use super::night::Night;
use super::plan::Plan;
use super::waste;
use crate::analysis::catalogue::Limits;
use crate::analysis::finding::{Finding, Skipped, Verdict, rank};
use crate::analysis::fit::Preset;
use crate::analysis::rightsizing::{Machine, Policy, judge};
use crate::analysis::saving::Bill;
use crate::config;
use crate::engine;
use crate::error::Result;
use crate::money::Money;
use crate::period::Month;
use crate::report::table::{Cell, Table};
use crate::resource::{Known, Resource, Usage, key};
use crate::tags::first_value;
use chrono::NaiveDate;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// The bill's view of machines.
#[derive(Default)]
struct Prices {
    /// By resource key and lower-case type.
    bills: BTreeMap<(String, String), Bill>,
    /// Own list rates by (region, operating system, currency), by lower-case type.
    rates: BTreeMap<(String, String, String), BTreeMap<String, Money>>,
    /// Where each machine stands in `rates`.
    place: BTreeMap<String, (String, String, String)>,
}

/// Judges every machine of the inventory, in parallel.
pub(super) fn judge_all(night: &Night, plan: &Plan) -> Result<(Vec<Finding>, Vec<Skipped>)> {
    if night.resources.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let known = Known::of(&night.resources);
    let prices = prices(night, &known, plan.today)?;
    let policy = policy(plan);
    let owners = plan.policy.owner(&plan.owner_keys.team);
    let none = BTreeMap::new();
    let machines: Vec<_> = night
        .resources
        .iter()
        .filter(|resource| is_machine(resource))
        .collect();
    let verdicts: Vec<Verdict> = machines
        .par_iter()
        .map(|resource| {
            let key = key(&resource.id);
            let own_type = resource
                .machine_type
                .clone()
                .unwrap_or_default()
                .to_lowercase();
            let place = prices.place.get(&key);
            let team = first_value(&resource.tags, &plan.owner_keys.team);
            let machine = Machine {
                resource,
                team: owners.name(&resource.sub_account, team).unwrap_or_default(),
                usage: series_of(&night.usage, &key),
                bill: prices.bills.get(&(key, own_type)),
                rates: place
                    .and_then(|place| prices.rates.get(place))
                    .unwrap_or(&none),
                since: None,
            };
            judge(&machine, &policy)
        })
        .collect();
    Ok(rank(verdicts))
}

/// The series of one resource, among those of all by resource.
fn series_of<'a>(usage: &'a [Usage], key: &str) -> &'a [Usage] {
    let from = usage.partition_point(|series| series.resource.as_str() < key);
    let until = usage[from..].partition_point(|series| series.resource == key);
    &usage[from..from + until]
}

/// Virtual machines only: disks and databases have types too, and methods of their own.
fn is_machine(resource: &Resource) -> bool {
    let kind = resource.kind.to_lowercase();
    let machine = kind.is_empty() || kind.contains("virtualmachine") || kind.ends_with("instance");
    let database = ["rds", "db", "sql"].iter().any(|word| kind.contains(word));
    let other = database || kind.ends_with("scalesets");
    resource.machine_type.is_some() && machine && !other
}

fn policy(plan: &Plan) -> Policy {
    let rules = &plan.config.rightsizing;
    let preset = match rules.preset {
        config::Preset::Savings => Preset::Savings,
        config::Preset::Balanced => Preset::Balanced,
        config::Preset::Default => Preset::Default,
        config::Preset::Performance => Preset::Performance,
    };
    Policy {
        limits: Limits {
            include: rules.include_families.clone(),
            exclude: rules.exclude_families.clone(),
        },
        modernise: rules.modernise,
        arm: rules.arm,
        ..Policy::on(plan.today, preset)
    }
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
            Cell::Number(finding.cpu_p95, 2),
            Cell::Number(finding.cpu_p995, 2),
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
        ]);
    }
    table
}

/// `rightsizing_skipped.csv`.
pub(super) fn skipped_table(skipped: &[Skipped]) -> Table {
    let mut table = Table::new(&["ResourceId", "CurrentType", "Reason", "SubAccountId"]);
    for one in skipped {
        table.rows.push(
            [
                &one.resource_id,
                &one.current_type,
                &one.reason,
                &one.sub_account,
            ]
            .map(Cell::text)
            .into(),
        );
    }
    table
}
