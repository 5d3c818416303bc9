//! Volumes and managed disks with what the bill says about them.

use super::super::night::Night;
use super::super::waste::sort;
use super::View;
use super::months::Latest;
use crate::analysis::finding::{Kind, Verdict};
use crate::analysis::rightsizing::disk::{Disk, judge};
use crate::analysis::rightsizing::meter::{Charge, Paid, Rates, charge};
use crate::analysis::waste::Sort;
use crate::engine;
use crate::error::Result;
use crate::report::table::Table;
use crate::resource::{Known, Resource, key};
use chrono::NaiveDate;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Disks on the bill: each with its cost, each region and currency with its prices.
#[derive(Default)]
pub(super) struct Billed {
    paid: BTreeMap<String, (String, Paid)>,
    rates: BTreeMap<(String, String), Rates>,
}

/// Verdicts on all disks.
pub(super) fn judged(view: &View, known: &Known) -> Result<Vec<Verdict>> {
    let disks: Vec<&Resource> = view
        .night
        .resources
        .iter()
        .filter(|one| is_disk(one))
        .collect();
    if disks.is_empty() {
        return Ok(Vec::new());
    }
    let billed = billed(view.night, known, view.plan.today)?;
    let none = Rates::default();
    let verdict = |resource: &&Resource| {
        let key = key(&resource.id);
        let own = billed.paid.get(&key);
        let place = own.map(|(region, paid)| (region.clone(), paid.currency.clone()));
        let disk = Disk {
            resource,
            team: view.team(resource),
            usage: view.series(&key),
            paid: own.map(|(_, paid)| paid),
            rates: place
                .and_then(|place| billed.rates.get(&place))
                .unwrap_or(&none),
        };
        judge(&disk, view.policy(resource, Kind::Disk))
    };
    Ok(disks.par_iter().map(verdict).collect())
}

fn is_disk(resource: &Resource) -> bool {
    sort(&resource.kind) == Sort::Disk && !resource.kind.starts_with("k8s:")
}

/// Of the latest month that is over, or of the running one where there is no other.
fn billed(night: &Night, known: &Known, today: NaiveDate) -> Result<Billed> {
    let name = "queries/analysis/disk_meters.sql";
    let sql = include_str!("../../../queries/analysis/disk_meters.sql");
    let tables = [("meters_monthly", night.table("meters_monthly")?)];
    let rows = Table::of_frame(&engine::query(name, sql, &tables)?)?;
    let Some(month) = Latest::of(&rows, today) else {
        return Ok(Billed::default());
    };
    let [ids, regions, meters, units, currencies] = [
        "ResourceId",
        "RegionId",
        "SkuMeter",
        "ConsumedUnit",
        "BillingCurrency",
    ]
    .map(|name| rows.texts(name));
    let [costs, quantities] = ["EffectiveCost", "ConsumedQuantity"].map(|name| rows.amounts(name));
    let mut places: BTreeMap<(String, String), Vec<Charge>> = BTreeMap::new();
    let mut found = Billed::default();
    for &row in &month.rows {
        let amounts = (costs[row].unwrap_or_default(), quantities[row]);
        let seen = (month.seen(row), month.days);
        let Some(one) = charge(&meters[row], &units[row], amounts, seen) else {
            continue;
        };
        let place = (regions[row].clone(), currencies[row].clone());
        let own = found.paid.entry(known.key(&ids[row])).or_default();
        if own.1.charges.is_empty() {
            own.0.clone_from(&place.0);
            own.1.currency.clone_from(&place.1);
        }
        if own.1.currency == place.1 {
            own.1.charges.push(one.clone());
        }
        places.entry(place).or_default().push(one);
    }
    let rates = places
        .into_iter()
        .map(|(place, charges)| (place, Rates::of(&charges)));
    found.rates = rates.collect();
    Ok(found)
}
