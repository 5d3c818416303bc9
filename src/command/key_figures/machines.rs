//! Machine hours and storage by month: what a vCPU and a gigabyte cost, and on what machines the money is.

use super::All;
use crate::analysis::catalogue::{Arch, catalogue};
use crate::analysis::kpi::compute::Paid;
use crate::analysis::waste::is_nonproduction;
use crate::command::night::Night;
use crate::engine;
use crate::error::Result;
use crate::money::Money;
use crate::report::table::{Cell, Table};
use chrono::{Datelike, Weekday};

/// Adds what machines and storage cost to the sums of their month and currency.
pub(super) fn add(night: &Night, all: &mut All) -> Result<()> {
    machines(night, all)?;
    storage(night, all)?;
    hours(night, all)
}

fn machines(night: &Night, all: &mut All) -> Result<()> {
    let rows = Table::of_frame(&engine::query(
        "queries/analysis/kpi_machines.sql",
        include_str!("../../../queries/analysis/kpi_machines.sql"),
        &[("compute_monthly", night.table("compute_monthly")?)],
    )?)?;
    let [months, currencies, providers, types, paid] = [
        "Month",
        "BillingCurrency",
        "ProviderName",
        "InstanceType",
        "Paid",
    ]
    .map(|name| rows.texts(name));
    let (costs, hours) = (rows.amounts("EffectiveCost"), rows.amounts("Hours"));
    for row in 0..rows.rows.len() {
        let known = catalogue().find(&providers[row], &types[row]);
        let key = (months[row].clone(), currencies[row].clone());
        let (Some(kind), Some(hours), Some(sums)) = (known, hours[row], all.get_mut(&key)) else {
            continue;
        };
        let vcpu_hours = hours.units().checked_mul(i128::from(kind.vcpu));
        let own = Paid {
            cost: costs[row].unwrap_or_default(),
            vcpu_hours: vcpu_hours.map_or(Money::ZERO, Money::from_units),
        };
        let compute = &mut sums.compute;
        let by_price = match paid[row].as_str() {
            "spot" => &mut compute.spot,
            "committed" => &mut compute.committed,
            _ => &mut compute.on_demand,
        };
        *by_price = *by_price + own;
        if kind.successor.is_none() {
            compute.current += own.cost;
        }
        if kind.arch == Arch::Arm {
            compute.arm += own.cost;
        }
    }
    Ok(())
}

fn storage(night: &Night, all: &mut All) -> Result<()> {
    let rows = Table::of_frame(&engine::query(
        "queries/analysis/kpi_storage.sql",
        include_str!("../../../queries/analysis/kpi_storage.sql"),
        &[("meters_monthly", night.table("meters_monthly")?)],
    )?)?;
    let [months, currencies, kinds] =
        ["Month", "BillingCurrency", "Kind"].map(|name| rows.texts(name));
    let (costs, quantities) = (rows.amounts("EffectiveCost"), rows.amounts("Quantity"));
    for row in 0..rows.rows.len() {
        let key = (months[row].clone(), currencies[row].clone());
        let Some(sums) = all.get_mut(&key) else {
            continue;
        };
        let kind = match kinds[row].as_str() {
            "block" => &mut sums.storage.block,
            _ => &mut sums.storage.object,
        };
        kind.0 += costs[row].unwrap_or_default();
        kind.1 += quantities[row].unwrap_or_default();
    }
    Ok(())
}

/// Machines that are not production, outside working hours and at any hour.
fn hours(night: &Night, all: &mut All) -> Result<()> {
    let rows = Table::of_frame(&engine::query(
        "queries/analysis/kpi_hours.sql",
        include_str!("../../../queries/analysis/kpi_hours.sql"),
        &[("compute_shifts", night.table("compute_shifts")?)],
    )?)?;
    let [months, currencies, environments, shifts] =
        ["Month", "BillingCurrency", "Environment", "Shift"].map(|name| rows.texts(name));
    let (costs, at) = (rows.amounts("EffectiveCost"), rows.at("Day"));
    for row in (0..rows.rows.len()).filter(|&row| is_nonproduction(&environments[row])) {
        let key = (months[row].clone(), currencies[row].clone());
        let day = at.map(|at| &rows.rows[row][at]);
        let (Some(Cell::Day(day)), Some(sums)) = (day, all.get_mut(&key)) else {
            continue;
        };
        let free = matches!(day.weekday(), Weekday::Sat | Weekday::Sun) || shifts[row] == "night";
        let cost = costs[row].unwrap_or_default();
        let sum = sums.compute.nonproduction.get_or_insert_default();
        sum.1 += cost;
        if free {
            sum.0 += cost;
        }
    }
    Ok(())
}
