//! The ledger by month: what was identified, acted on, verified and realised, and the key figures of it.

use super::entry::Entry;
use super::realised::is_credited;
use super::status::Status;
use crate::analysis::kpi::{Formula, Value};
use crate::money::{Money, ratio};
use crate::period::Month as Calendar;
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeMap;

/// What a month's figures are of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The month.
    pub month: Calendar,
    /// Currency.
    pub currency: String,
    /// Team, empty where unknown.
    pub team: String,
}

/// A month of the ledger. The first three are expected savings per month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Month {
    /// Entries that were there: not dismissed, not expired, acted on less than a year ago.
    pub findings: u32,
    /// Of all of them.
    pub identified: Money,
    /// Of those whose action was seen.
    pub acted: Money,
    /// Of those that the bill verified.
    pub verified: Money,
    /// What the resources acted on would have cost.
    pub counterfactual: Money,
    /// What they did cost.
    pub actual: Money,
}

impl Month {
    /// What was saved; below zero where it was lost.
    pub fn realised(&self) -> Money {
        self.counterfactual - self.actual
    }
}

/// The months from the first entry to this day's.
pub fn months(entries: &[Entry], today: NaiveDate) -> BTreeMap<Key, Month> {
    let mut months: BTreeMap<Key, Month> = BTreeMap::new();
    let last = Calendar::of(today);
    for entry in entries {
        let about = &entry.about;
        let key = |month| Key {
            month,
            currency: about.currency.clone(),
            team: about.team.clone(),
        };
        let mut month = Calendar::of(about.first_seen);
        while month <= last {
            if is_there(entry, month) {
                let sums = months.entry(key(month)).or_default();
                sums.findings += 1;
                sums.identified += about.expected.1;
                if is_by(entry.acted_on(), month) {
                    sums.acted += about.expected.1;
                }
                if is_by(entry.state.verified_on, month) {
                    sums.verified += about.expected.1;
                }
            }
            month = month.next();
        }
        for (month, figure) in &entry.figures {
            let sums = months.entry(key(*month)).or_default();
            sums.counterfactual += figure.counterfactual;
            sums.actual += figure.actual;
        }
    }
    months
}

fn is_by(day: Option<NaiveDate>, month: Calendar) -> bool {
    day.is_some_and(|day| Calendar::of(day) <= month)
}

fn is_there(entry: &Entry, month: Calendar) -> bool {
    match entry.state.status {
        Status::Open => true,
        Status::Dismissed | Status::Expired => month < Calendar::of(entry.state.since),
        Status::Acted | Status::Verified => entry.acted_on().is_none_or(|on| {
            let first = Calendar::of(on);
            month < first || is_credited(first, month)
        }),
    }
}

/// `2026-Q4`.
pub fn quarter(month: Calendar) -> String {
    let day = month.first_day();
    format!("{}-Q{}", day.year(), day.month0() / 3 + 1)
}

/// A month of one currency, for key figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    month: Month,
    /// Realised in the month and in its quarter up to it; none while the month runs.
    realised: Option<(Money, Money)>,
}

impl Sums {
    /// Over all teams; none where the ledger knows nothing of the month.
    pub fn of(
        months: &BTreeMap<Key, Month>,
        month: Calendar,
        currency: &str,
        is_open: bool,
    ) -> Option<Sums> {
        let own = || months.iter().filter(|(key, _)| key.currency == currency);
        let mut all = Month::default();
        own().find(|(key, _)| key.month == month)?;
        for (_, one) in own().filter(|(key, _)| key.month == month) {
            all.findings += one.findings;
            all.identified += one.identified;
            all.acted += one.acted;
            all.verified += one.verified;
            all.counterfactual += one.counterfactual;
            all.actual += one.actual;
        }
        let of_quarter = own()
            .filter(|(key, _)| key.month <= month && quarter(key.month) == quarter(month))
            .map(|(_, one)| one.realised())
            .sum();
        Some(Sums {
            month: all,
            realised: (!is_open).then(|| (all.realised(), of_quarter)),
        })
    }
}

impl Sums {
    fn of_quarter(&self) -> Option<Money> {
        self.realised.map(|(_, quarter)| quarter)
    }
}

/// The table of the ledger's key figures.
pub const FORMULAS: &[Formula<Sums>] = &[
    Formula {
        name: "savings identified",
        target: None,
        definition: "Expected savings per month of the ledger's findings: first seen by the month's end, neither dismissed nor expired, acted on less than 12 months ago",
        value: |sums| Some(Value::Money(sums.month.identified)),
    },
    Formula {
        name: "savings acted on",
        target: None,
        definition: "Of these, expected savings of findings whose action was seen by the month's end",
        value: |sums| Some(Value::Money(sums.month.acted)),
    },
    Formula {
        name: "savings verified",
        target: None,
        definition: "Of these, expected savings of findings that closed months of the bill confirmed by the month's end",
        value: |sums| Some(Value::Money(sums.month.verified)),
    },
    Formula {
        name: "savings realised",
        target: None,
        definition: "Cost of the month at the rates before the actions less EffectiveCost, over the findings acted on",
        value: |sums| sums.realised.map(|(realised, _)| Value::Money(realised)),
    },
    Formula {
        name: "savings realised in the quarter",
        target: None,
        definition: "Savings realised from the quarter's first month to this one",
        value: |sums| sums.of_quarter().map(Value::Money),
    },
    Formula {
        name: "optimisation rate",
        target: None,
        definition: "Savings realised in the month / savings identified",
        value: |sums| {
            let (realised, _) = sums.realised?;
            ratio(realised, sums.month.identified).map(Value::Percent)
        },
    },
];
