//! What a month cost: its prices, its owners, its days.

use super::Key;
use crate::analysis::kpi::{Sums, allocation, cost, trust};
use crate::analysis::saving::monthly;
use crate::command::night::Night;
use crate::engine;
use crate::error::Result;
use crate::money::Money;
use crate::period::Month;
use crate::report::table::{Cell, Table};
use chrono::{Datelike, Days, NaiveDate, Weekday};
use std::collections::BTreeMap;

/// A bill's newest days still fill up.
const FILLING: u64 = 2;

/// Every month and currency with its cost.
pub(super) fn sums(night: &Night, today: NaiveDate) -> Result<BTreeMap<Key, Sums>> {
    let rows = Table::of_frame(&engine::query(
        "queries/analysis/kpi_sums.sql",
        include_str!("../../../queries/analysis/kpi_sums.sql"),
        &[("charges_monthly", night.table("charges_monthly")?)],
    )?)?;
    let (months, currencies) = (rows.texts("Month"), rows.texts("BillingCurrency"));
    let [effective, allocated, paid, list, contracted] = [
        "Effective",
        "Allocated",
        "UsageEffective",
        "UsageList",
        "UsageContracted",
    ]
    .map(|name| rows.amounts(name));
    let mut all: BTreeMap<Key, Sums> = BTreeMap::new();
    for row in 0..rows.rows.len() {
        let prices = list[row].zip(contracted[row]).zip(paid[row]);
        let spent = effective[row].unwrap_or_default();
        let sums = Sums {
            month: months[row].clone(),
            currency: currencies[row].clone(),
            cost: Some(cost::Sums {
                effective: spent,
                priced: prices.map(|((list, contracted), effective)| cost::Priced {
                    list,
                    contracted,
                    effective,
                }),
                ..cost::Sums::default()
            }),
            allocation: Some(allocation::Sums {
                effective: spent,
                allocated: allocated[row].unwrap_or_default(),
                ..allocation::Sums::default()
            }),
            ..Sums::default()
        };
        all.insert((months[row].clone(), currencies[row].clone()), sums);
    }
    days(night, today, &mut all)?;
    Ok(all)
}

/// The week's rhythm of every month, and how old the newest charge of the latest month is.
fn days(night: &Night, today: NaiveDate, all: &mut BTreeMap<Key, Sums>) -> Result<()> {
    let rows = Table::of_frame(&engine::query(
        "queries/analysis/kpi_days.sql",
        include_str!("../../../queries/analysis/kpi_days.sql"),
        &[("charges_daily", night.table("charges_daily")?)],
    )?)?;
    let (months, currencies) = (rows.texts("Month"), rows.texts("BillingCurrency"));
    let (usage, at) = (rows.amounts("UsageCost"), rows.at("Day"));
    let complete = today.checked_sub_days(Days::new(FILLING)).unwrap_or(today);
    let latest = months.iter().max().cloned();
    let mut newest: BTreeMap<Key, NaiveDate> = BTreeMap::new();
    for row in 0..rows.rows.len() {
        let Some(Cell::Day(day)) = at.map(|at| &rows.rows[row][at]) else {
            continue;
        };
        let key = (months[row].clone(), currencies[row].clone());
        if let Some(cost) = all.get_mut(&key).and_then(|sums| sums.cost.as_mut())
            && *day < complete
        {
            let free = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
            let kind = if free {
                &mut cost.weekends
            } else {
                &mut cost.weekdays
            };
            kind.cost += usage[row].unwrap_or_default();
            kind.days += u32::from(usage[row].is_some());
        }
        let known = newest.entry(key).or_insert(*day);
        *known = (*known).max(*day);
    }
    for (key, day) in newest {
        let is_latest = Some(&key.0) == latest.as_ref();
        if let Some(sums) = all.get_mut(&key).filter(|_| is_latest) {
            sums.trust = trust::Sums {
                latency: Some((today - day).num_days().max(0)),
                ..sums.trust
            };
        }
    }
    Ok(())
}

/// Cost of the latest month that is over, on 730 hours, by currency.
pub(super) fn monthly_spend(
    all: &BTreeMap<Key, Sums>,
    today: NaiveDate,
) -> BTreeMap<String, Money> {
    let mut spend = BTreeMap::new();
    for ((month, currency), sums) in all {
        let Some(month) = Month::parse(month).filter(|m| m.next().first_day() <= today) else {
            continue;
        };
        let hours = i128::from(month.period().days()) * 24;
        let cost = sums.cost.as_ref().map(|cost| cost.effective);
        if let Some(cost) = cost.and_then(|cost| monthly(cost, hours)) {
            spend.insert(currency.clone(), cost);
        }
    }
    spend
}
