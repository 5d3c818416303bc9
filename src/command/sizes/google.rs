//! What Google's machines cost: their cores and their memory together, over the hours that their cores say.

use super::super::night::Night;
use super::months::Latest;
use crate::analysis::catalogue::catalogue;
use crate::analysis::saving::{Bill, scaled};
use crate::engine;
use crate::error::Result;
use crate::money::{Money, SCALE, split};
use crate::report::table::Table;
use crate::resource::Known;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// By resource key and lower-case type; machines of types that the catalogue does not know are left out.
pub(in crate::command) fn bills(
    night: &Night,
    known: &Known,
    today: NaiveDate,
) -> Result<BTreeMap<(String, String), Bill>> {
    let name = "queries/analysis/google_hours.sql";
    let sql = include_str!("../../../queries/analysis/google_hours.sql");
    let tables = [("compute_monthly", night.table("compute_monthly")?)];
    let rows = Table::of_frame(&engine::query(name, sql, &tables)?)?;
    let Some(month) = Latest::of(&rows, today) else {
        return Ok(BTreeMap::new());
    };
    let [ids, types, currencies] =
        ["ResourceId", "InstanceType", "BillingCurrency"].map(|name| rows.texts(name));
    let [costs, seconds, hours, covered] =
        ["EffectiveCost", "CoreSeconds", "CoreHours", "CoveredCost"].map(|name| rows.amounts(name));
    let one = |&row: &usize| {
        let vcpu = i128::from(catalogue().find("Google Cloud", &types[row])?.vcpu);
        let seconds = scaled(seconds[row].unwrap_or_default(), 1, 3600 * vcpu)?;
        let hours = seconds + scaled(hours[row].unwrap_or_default(), 1, vcpu)?;
        let cost = costs[row].unwrap_or_default();
        let used = covered[row].unwrap_or_default().max(Money::ZERO);
        let parts = [used, (cost - used).max(Money::ZERO)];
        let bill = Bill {
            effective_cost: cost,
            hours,
            covered_hours: if used > Money::ZERO {
                split(hours, &parts, SCALE)[0]
            } else {
                Money::ZERO
            },
            window_hours: month.seen(row) * 24,
            list_rate: None,
            currency: currencies[row].clone(),
        };
        Some(((known.key(&ids[row]), types[row].to_lowercase()), bill))
    };
    Ok(month.rows.iter().filter_map(one).collect())
}
