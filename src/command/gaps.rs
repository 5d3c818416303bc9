//! From the facts and the inventory to `inventory_gaps.csv`.

use super::night::Night;
use super::plan::Plan;
use crate::analysis::gaps::{self, Charged, Gap};
use crate::engine;
use crate::error::Result;
use crate::report::definition::Method;
use crate::report::table::{Cell, Table};
use std::collections::BTreeMap;

/// Where inventory and bill disagree; without an inventory, or a reader, nothing is asked.
pub(super) fn judge(night: &Night, plan: &Plan) -> Result<Vec<Gap>> {
    let mut methods = plan.reports.iter().map(|definition| definition.method);
    if night.resources.is_empty() || !methods.any(|method| method == Method::InventoryGaps) {
        return Ok(Vec::new());
    }
    let rows = Table::of_frame(&engine::query(
        "queries/analysis/inventory_charges.sql",
        include_str!("../../queries/analysis/inventory_charges.sql"),
        &[("resources_monthly", night.table("resources_monthly")?)],
    )?)?;
    let days = Table::of_frame(&engine::query(
        "queries/analysis/inventory_days.sql",
        include_str!("../../queries/analysis/inventory_days.sql"),
        &[("charges_daily", night.table("charges_daily")?)],
    )?)?;
    let providers = days.texts("ProviderName").into_iter();
    let last_days: BTreeMap<_, _> = providers
        .zip(days.texts("LastChargeDay"))
        .filter_map(|(provider, day)| Some((provider, day.parse().ok()?)))
        .collect();
    Ok(gaps::gaps(&night.resources, &charged(&rows), &last_days))
}

fn charged(rows: &Table) -> Vec<Charged> {
    let [months, providers, accounts, regions] =
        ["Month", "ProviderName", "SubAccountId", "RegionId"].map(|column| rows.texts(column));
    let [services, ids, currencies, tagged] =
        ["ServiceName", "ResourceId", "BillingCurrency", "Tagged"].map(|column| rows.texts(column));
    let costs = rows.amounts("EffectiveCost");
    let charge = |row: usize| Charged {
        month: months[row].clone(),
        provider: providers[row].clone(),
        sub_account: accounts[row].clone(),
        region: regions[row].clone(),
        service: services[row].clone(),
        id: ids[row].clone(),
        currency: currencies[row].clone(),
        tagged: tagged[row] == "1",
        cost: costs[row].unwrap_or_default(),
    };
    (0..rows.rows.len()).map(charge).collect()
}

/// As `inventory_gaps.csv` has them.
pub(super) fn table(gaps: &[Gap]) -> Table {
    let mut table = Table::new(&[
        "ResourceId",
        "ProviderName",
        "SubAccountId",
        "RegionId",
        "ResourceType",
        "Gap",
        "ServiceName",
        "MonthCost",
        "BillingCurrency",
        "Reason",
    ]);
    let row = |gap: &Gap| {
        let text = |text: &String| Cell::text(text);
        vec![
            text(&gap.id),
            text(&gap.provider),
            text(&gap.sub_account),
            text(&gap.region),
            text(&gap.kind),
            Cell::text(gap.side.name()),
            text(&gap.service),
            Cell::from(gap.cost),
            text(&gap.currency),
            text(&gap.reason),
        ]
    };
    table.rows = gaps.iter().map(row).collect();
    table
}
