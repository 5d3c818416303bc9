//! The hourly fact as typed rows: who used what in which hour, on demand or under which commitment.

use crate::analysis::commitment::scope::{Commits, Place};
use crate::command::night::Night;
use crate::error::{Error, Result};
use crate::money::Money;
use crate::report::table::day_of;
use chrono::NaiveDate;
use polars::prelude::*;
use std::collections::HashMap;

/// The columns that tell groups apart.
const KEYS: [&str; 12] = [
    "BillingCurrency",
    "BillingAccountId",
    "ProviderName",
    "ServiceName",
    "ServiceCategory",
    "RegionId",
    "x_InstanceType",
    "CommitmentDiscountId",
    "CommitmentDiscountCategory",
    "CommitmentDiscountStatus",
    "x_OperatingSystem",
    "ConsumedUnit",
];

/// How usage stands to commitments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// No commitment covers it.
    OnDemand,
    /// One does.
    Used,
    /// No usage: commitment that nobody used.
    Unused,
}

impl Status {
    /// From FOCUS `CommitmentDiscountStatus`.
    pub(super) fn of(text: &str) -> Status {
        match text {
            "Used" => Status::Used,
            "Unused" => Status::Unused,
            _ => Status::OnDemand,
        }
    }
}

/// What usage would cost on demand: `ContractedCost`, and `ListCost` where the bill's contracted cost of covered
/// usage is no more than its effective cost, because it does not know it.
pub(super) fn on_demand(
    status: Status,
    contracted: Option<Money>,
    list: Option<Money>,
    effective: Money,
) -> Money {
    match (status, contracted, list) {
        (Status::Unused, ..) => Money::ZERO,
        (Status::Used, contracted, Some(list))
            if contracted.is_none_or(|known| known <= effective) =>
        {
            list
        }
        (_, Some(contracted), _) => contracted,
        (Status::OnDemand, None, Some(list)) => list,
        (_, None, _) => effective,
    }
}

/// Usage of one place, currency and commitment.
pub(super) struct Group {
    keys: [String; KEYS.len()],
    pub(super) readings: Vec<Reading>,
}

/// Its cost in one hour, or one day.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    pub(super) day: NaiveDate,
    pub(super) hour: Option<usize>,
    pub(super) on_demand: Money,
    pub(super) effective: Money,
    /// How much of [`Group::unit`], on the scale of money; nothing where the bill does not count.
    pub(super) quantity: Money,
}

impl Group {
    pub(super) fn currency(&self) -> &str {
        &self.keys[0]
    }

    pub(super) fn payer(&self) -> &str {
        &self.keys[1]
    }

    pub(super) fn place(&self) -> Place<'_> {
        let [_, _, provider, service, category, region, machine, ..] = &self.keys;
        Place {
            provider,
            service,
            category,
            region,
            machine,
            system: &self.keys[10],
        }
    }

    pub(super) fn commitment(&self) -> &str {
        &self.keys[7]
    }

    pub(super) fn commits(&self) -> Option<Commits> {
        Commits::of(&self.keys[8])
    }

    /// What its quantity counts.
    pub(super) fn unit(&self) -> &str {
        &self.keys[11]
    }

    pub(super) fn status(&self) -> Status {
        Status::of(&self.keys[9])
    }
}

/// The groups of the night, in the order of their keys, with their readings since a day.
pub(super) fn groups(night: &Night, since: NaiveDate) -> Result<Vec<Group>> {
    let newer = night
        .table("commitment_hours")?
        .filter(col("x_ChargeDate").gt_eq(lit(since)));
    let engine_fault = |e: PolarsError| Error::data(e.to_string());
    read(&newer.collect().map_err(engine_fault)?).map_err(engine_fault)
}

/// The newest day of usage that commitments could cover.
pub(super) fn newest(night: &Night) -> Result<Option<NaiveDate>> {
    let days = night
        .table("commitment_hours")?
        .select([col("x_ChargeDate").max()]);
    let engine_fault = |e: PolarsError| Error::data(e.to_string());
    let frame = days.collect().map_err(engine_fault)?;
    let day = frame
        .column("x_ChargeDate")
        .map_err(engine_fault)?
        .to_physical_repr();
    Ok(day.i32().map_err(engine_fault)?.get(0).and_then(day_of))
}

fn read(frame: &DataFrame) -> PolarsResult<Vec<Group>> {
    let keys: Vec<&StringChunked> = KEYS
        .iter()
        .map(|key| frame.column(key)?.str())
        .collect::<PolarsResult<_>>()?;
    let [contracted, effective, list, quantity] = [
        "ContractedCost",
        "EffectiveCost",
        "ListCost",
        "ConsumedQuantity",
    ]
    .map(|name| amounts(frame, name));
    let (contracted, effective, list, quantity) = (contracted?, effective?, list?, quantity?);
    let days = frame.column("x_ChargeDate")?.to_physical_repr();
    let (days, hours) = (days.i32()?, frame.column("x_Hour")?.str()?);
    let mut places: HashMap<[&str; KEYS.len()], usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for row in 0..frame.height() {
        let Some(day) = days.get(row).and_then(day_of) else {
            continue;
        };
        let mut key = [""; KEYS.len()];
        for (text, column) in key.iter_mut().zip(&keys) {
            *text = column.get(row).unwrap_or_default();
        }
        let at = *places.entry(key).or_insert_with(|| {
            groups.push(Group {
                keys: key.map(str::to_owned),
                readings: Vec::new(),
            });
            groups.len() - 1
        });
        let paid = effective[row].unwrap_or_default();
        let status = groups[at].status();
        groups[at].readings.push(Reading {
            day,
            hour: hours.get(row).and_then(|hour| hour.parse().ok()),
            on_demand: on_demand(status, contracted[row], list[row], paid),
            effective: paid,
            quantity: quantity[row].unwrap_or_default(),
        });
    }
    // Sums of floats depend on their order: groups and readings stand in one that the files do not decide.
    for group in &mut groups {
        group.readings.sort_by(|a, b| {
            let key = |one: &Reading| {
                (
                    one.day,
                    one.hour,
                    one.on_demand,
                    one.effective,
                    one.quantity,
                )
            };
            key(a).cmp(&key(b))
        });
    }
    groups.sort_by(|a, b| a.keys.cmp(&b.keys));
    Ok(groups)
}

fn amounts(frame: &DataFrame, name: &str) -> PolarsResult<Vec<Option<Money>>> {
    let units = frame.column(name)?.decimal()?.physical().clone();
    Ok(units
        .iter()
        .map(|units| units.map(Money::from_units))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covered_usage_is_worth_its_contract_price_or_where_unknown_its_list_price() {
        let money = |amount: i128| Some(Money::from_units(amount));
        let worth = |status, contracted, list| {
            on_demand(status, contracted, list, Money::from_units(70)).units()
        };
        assert_eq!(worth(Status::Used, money(90), money(100)), 90);
        assert_eq!(worth(Status::Used, money(70), money(100)), 100);
        assert_eq!(worth(Status::Used, None, money(100)), 100);
        assert_eq!(worth(Status::OnDemand, money(70), money(100)), 70);
        assert_eq!(worth(Status::OnDemand, None, None), 70);
        assert_eq!(worth(Status::Unused, money(1), money(1)), 0);
    }
}
