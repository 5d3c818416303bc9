//! Managed databases with what the bill says about their classes.

use super::View;
use super::months::Latest;
use crate::analysis::catalogue::Provider;
use crate::analysis::finding::{Kind, Verdict};
use crate::analysis::rightsizing::Machine;
use crate::analysis::rightsizing::database::{engine, judge};
use crate::analysis::saving::Bill;
use crate::engine;
use crate::error::Result;
use crate::money::{Money, SCALE, split};
use crate::report::table::Table;
use crate::resource::{Known, Resource, key};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Engine, licence, two zones, region and currency: what prices of classes depend on.
type Place = (String, String, bool, String, String);

/// Verdicts on all databases.
pub(super) fn judged(view: &View, known: &Known) -> Result<Vec<Verdict>> {
    let resources = view.night.resources.iter();
    let databases: Vec<&Resource> = resources.filter(|one| is_database(one)).collect();
    if databases.is_empty() {
        return Ok(Vec::new());
    }
    let rates = rates(view, &databases);
    let metered = metered(view, known)?;
    let none = BTreeMap::new();
    let verdict = |resource: &&Resource| {
        let machine = view.machine(resource);
        let bill = machine.bill.or_else(|| metered.get(&key(&resource.id)));
        let place = bill.map(|bill| place(resource, &bill.currency));
        let database = Machine {
            bill,
            rates: place.and_then(|place| rates.get(&place)).unwrap_or(&none),
            ..machine
        };
        judge(&database, view.policy(resource, Kind::Database))
    };
    Ok(databases.par_iter().map(verdict).collect())
}

/// What databases cost whose cores are charged by meter.
fn metered(view: &View, known: &Known) -> Result<BTreeMap<String, Bill>> {
    let name = "queries/analysis/database_meters.sql";
    let sql = include_str!("../../../queries/analysis/database_meters.sql");
    let tables = [("meters_monthly", view.night.table("meters_monthly")?)];
    let rows = Table::of_frame(&engine::query(name, sql, &tables)?)?;
    let Some(month) = Latest::of(&rows, view.plan.today) else {
        return Ok(BTreeMap::new());
    };
    let [ids, currencies] = ["ResourceId", "BillingCurrency"].map(|name| rows.texts(name));
    let [costs, quantities, covered] =
        ["EffectiveCost", "ConsumedQuantity", "CoveredQuantity"].map(|name| rows.amounts(name));
    let one = |&row: &usize| {
        let window_hours = month.seen(row) * 24;
        let hours = Money::from_units(i128::from(window_hours) * 1_000_000_000_000);
        let used = covered[row].unwrap_or_default();
        let rest = quantities[row].unwrap_or_default() - used;
        let bill = Bill {
            effective_cost: costs[row].unwrap_or_default(),
            hours,
            covered_hours: if used > Money::ZERO {
                split(hours, &[used, rest], SCALE)[0]
            } else {
                Money::ZERO
            },
            window_hours,
            list_rate: None,
            currency: currencies[row].clone(),
        };
        (known.key(&ids[row]), bill)
    };
    Ok(month.rows.iter().map(one).collect())
}

/// Instances of a database service, with a class of their own.
fn is_database(resource: &Resource) -> bool {
    let kind = resource.kind.to_lowercase();
    let class = resource.machine_type.as_deref().unwrap_or_default();
    match Provider::of(&resource.provider) {
        Some(Provider::Aws) => class.starts_with("db."),
        Some(Provider::Azure) => [
            "/flexibleservers",
            "microsoft.sql/servers/databases",
            "managedinstances",
        ]
        .iter()
        .any(|word| kind.contains(word)),
        Some(Provider::Google) => kind.starts_with("sqladmin."),
        None => false,
    }
}

/// Own list rates of classes, without `db.`, of the databases that an inventory tells the engine of.
fn rates(view: &View, databases: &[&Resource]) -> BTreeMap<Place, BTreeMap<String, Money>> {
    let mut rates: BTreeMap<Place, BTreeMap<String, Money>> = BTreeMap::new();
    for resource in databases {
        let class = resource
            .machine_type
            .as_deref()
            .unwrap_or_default()
            .to_lowercase();
        let bill = view.prices.bills.get(&(key(&resource.id), class.clone()));
        let rate = bill.and_then(|bill| Some((bill.list_rate?, &bill.currency)));
        let Some((rate, currency)) = rate.filter(|_| !engine(resource).is_empty()) else {
            continue;
        };
        let class = class.trim_start_matches("db.").to_owned();
        let known = rates.entry(place(resource, currency)).or_default();
        let known = known.entry(class).or_insert(rate);
        *known = rate.max(*known);
    }
    rates
}

fn place(resource: &Resource, currency: &str) -> Place {
    let traits = &resource.traits;
    (
        engine(resource),
        traits.licence.clone().unwrap_or_default(),
        traits.multi_az.unwrap_or(false),
        resource.region.clone(),
        currency.to_owned(),
    )
}
