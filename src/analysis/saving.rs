//! What a smaller machine saves: the machine's own cost first, list prices only as ratios.
//!
//! A saving is `own monthly cost × (1 − price of target ÷ price of current)`, so negotiated discounts stay in
//! it and it can never exceed the cost. All amounts are exact; no float is used here. Months have 730 hours.

use crate::analysis::catalogue::{MachineType, Provider, catalogue};
use crate::money::{Money, split};
use crate::resource::Resource;
use std::collections::BTreeMap;

/// Hours of the month in which every saving is stated, a twelfth of a year: 365 / 12 days.
pub(crate) const MONTH: i128 = 730;
/// One unit on Money's scale.
const ONE: i128 = 1_000_000_000_000;
/// Least hours of bill from which a month is projected.
const LEAST_HOURS: i128 = 24;

/// What one machine costs on its own bill: compute lines of its current type only (no disks, licences, transfer).
#[derive(Clone, Debug, PartialEq)]
pub struct Bill {
    /// Sum of FOCUS `EffectiveCost`.
    pub effective_cost: Money,
    /// Hours charged, on Money's scale.
    pub hours: Money,
    /// Of these, hours that a commitment covered.
    pub covered_hours: Money,
    /// Hours of bill looked at since its first hour of this type; more than `hours` for a machine that rests at
    /// night, which is then not projected as if it ran all month. 0 where unknown.
    pub window_hours: u32,
    /// Its own list rate per hour (`ListUnitPrice`, public on-demand rate).
    pub list_rate: Option<Money>,
    /// FOCUS `BillingCurrency`.
    pub currency: String,
}

/// A machine's cost per month of 730 hours.
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    /// Effective cost per month.
    pub monthly: Money,
    /// Currency of the amount.
    pub currency: String,
    /// False where the bill does not show the machine and the catalogue's price stands in.
    pub billed: bool,
    covered: Money,
    uncovered: Money,
}

impl Cost {
    /// From the bill; `None` where it shows no cost or less than a day.
    pub fn of(bill: &Bill) -> Option<Cost> {
        let seen = bill.hours.units().max(i128::from(bill.window_hours) * ONE);
        if seen < LEAST_HOURS * ONE || bill.effective_cost <= Money::ZERO {
            return None;
        }
        let covered = bill
            .covered_hours
            .max(Money::ZERO)
            .min(bill.hours.max(Money::ZERO));
        Some(Cost {
            monthly: scaled(bill.effective_cost, MONTH * ONE, seen)?,
            currency: bill.currency.clone(),
            billed: true,
            covered,
            uncovered: bill.hours.max(Money::ZERO) - covered,
        })
    }

    /// From the catalogue alone: an order of magnitude in USD.
    pub fn guessed(current: &MachineType) -> Option<Cost> {
        let monthly = scaled(current.hourly?, MONTH, 1)?;
        let currency = "USD".to_owned();
        Some(Cost {
            monthly,
            currency,
            billed: false,
            covered: Money::ZERO,
            uncovered: Money::ZERO,
        })
    }

    /// True where commitments cover some of its hours.
    pub fn is_covered(&self) -> bool {
        self.covered > Money::ZERO
    }

    /// What of a saving survives where the freed commitment finds nothing else to cover: the share of the hours
    /// that no commitment covered. Hours, not cost, because covered hours are cheaper: this errs low.
    fn low(&self, high: Money) -> Money {
        if !self.billed {
            return Money::ZERO;
        }
        if !self.is_covered() {
            return high;
        }
        split(high, &[self.uncovered, self.covered], crate::money::SCALE)[0]
    }
}

/// What so many hours cost, on the month in which savings are stated.
pub(crate) fn monthly(amount: Money, hours: i128) -> Option<Money> {
    scaled(amount, MONTH, hours)
}

/// What so many days cost, on the same month: 365 / 12 days.
pub(crate) fn monthly_of_days(amount: Money, days: u32) -> Option<Money> {
    scaled(amount, MONTH, i128::from(days) * 24)
}

/// `amount × times ÷ over`, exact to the last stored digit, for positive numbers; `None` where it does not fit.
pub(crate) fn scaled(amount: Money, times: i128, over: i128) -> Option<Money> {
    let whole = amount.units().checked_mul(times / over)?;
    let rest = times % over;
    let part = split(
        amount,
        &[Money::from_units(rest), Money::from_units(over - rest)],
        crate::money::SCALE,
    )[0];
    let units = whole.checked_add(part.units())?;
    (units < 100_000_000_000_000 * ONE).then(|| Money::from_units(units))
}

/// Where the two prices of a comparison come from, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// A: own list rates of both types, same region and operating system.
    OwnRate,
    /// B: size factors inside the family, not contradicted by any own rate.
    OwnFamily,
    /// C: own cost times the ratio of catalogue prices.
    CatalogueRatio,
    /// D: catalogue prices although the machine's own price is built otherwise or unknown. Never in the headline.
    CatalogueOnly,
}

/// How the operating system is charged, which decides whether Linux price ratios hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Licence {
    /// No fee inside the machine's price.
    Free,
    /// A fee per vCPU (Windows), or unknown: ratios hold inside a family only.
    PerCore,
    /// A fee in steps (RHEL, SUSE, SQL Server): only own rates tell.
    Stepped,
}

impl Licence {
    /// From the platform as the inventory prints it. Google charges licences on lines of their own.
    pub fn of(resource: &Resource) -> Licence {
        let platform = resource
            .platform
            .as_deref()
            .unwrap_or_default()
            .to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| platform.contains(word));
        match () {
            () if says(&["sql", "red hat", "rhel", "suse", "ubuntu pro"]) => Licence::Stepped,
            () if Provider::of(&resource.provider) == Some(Provider::Google) => Licence::Free,
            () if says(&["linux"]) => Licence::Free,
            () => Licence::PerCore,
        }
    }
}

/// What the bill knows about prices around one machine.
#[derive(Clone, Copy, Debug)]
pub struct Own<'a> {
    cost: &'a Cost,
    current: &'a MachineType,
    list_rate: Option<Money>,
    rates: &'a BTreeMap<String, Money>,
    licence: Licence,
    /// False where two own rates of its family differ by more than 2 % per size factor.
    linear: bool,
}

impl<'a> Own<'a> {
    /// Around a machine of this type and cost. `list_rate` is its own rate per hour; `rates` are those of types in
    /// the same region, operating system and currency, by lower-case name.
    pub fn new(
        cost: &'a Cost,
        current: &'a MachineType,
        list_rate: Option<Money>,
        rates: &'a BTreeMap<String, Money>,
        licence: Licence,
    ) -> Own<'a> {
        let rate = list_rate.or_else(|| rates.get(&current.name.to_lowercase()).copied());
        let list_rate = rate.filter(|&rate| rate > Money::ZERO);
        let linear = is_linear(current, list_rate, rates);
        Own {
            cost,
            current,
            list_rate,
            rates,
            licence,
            linear,
        }
    }

    /// Two comparable prices, of the machine's type and of the target, from the best source there is.
    fn prices(&self, target: &MachineType) -> Option<(Money, Money, Basis)> {
        let current = self.current;
        let family = current.family == target.family;
        if self.cost.billed {
            let own = self
                .rates
                .get(&target.name.to_lowercase())
                .filter(|&&rate| rate > Money::ZERO);
            if let (Some(now), Some(&then)) = (self.list_rate, own) {
                return Some((now, then, Basis::OwnRate));
            }
            if family
                && self.linear
                && self.licence != Licence::Stepped
                && let (Some(now), Some(then)) = (current.norm, target.norm)
            {
                return Some((now, then, Basis::OwnFamily));
            }
        }
        let travels = self.licence == Licence::Free || (family && self.licence == Licence::PerCore);
        let basis = if self.cost.billed && travels {
            Basis::CatalogueRatio
        } else {
            Basis::CatalogueOnly
        };
        Some((current.hourly?, target.hourly?, basis))
    }
}

/// True unless two own rates of the family differ by more than 2 % per size factor.
fn is_linear(
    current: &MachineType,
    list_rate: Option<Money>,
    rates: &BTreeMap<String, Money>,
) -> bool {
    let same = |t: &&MachineType| t.provider == current.provider && t.family == current.family;
    let priced = rates.iter().filter(|&(_, &rate)| rate > Money::ZERO);
    let others =
        priced.filter_map(|(name, &r)| Some((r, catalogue().find("", name).filter(same)?.norm?)));
    let mut known = list_rate.zip(current.norm).into_iter().chain(others);
    let Some(first) = known.next() else {
        return true;
    };
    known.all(|other| agree(first, other))
}

/// A saving per month of 730 hours, `0 ≤ low ≤ high ≤ cost`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saving {
    /// What survives if freed commitments cover nothing else.
    pub low: Money,
    /// What is saved if they do.
    pub high: Money,
    /// Where the prices come from.
    pub basis: Basis,
}

impl Saving {
    /// Of switching the machine off.
    pub fn whole(cost: &Cost) -> Saving {
        let basis = if cost.billed {
            Basis::OwnRate
        } else {
            Basis::CatalogueOnly
        };
        Saving {
            low: cost.low(cost.monthly),
            high: cost.monthly,
            basis,
        }
    }

    /// Of giving up so many of equal members.
    pub fn of_members(cost: &Cost, freed: u64, all: u64) -> Saving {
        let count = |members: u64| Money::from_units(i128::from(members));
        let kept = count(all.saturating_sub(freed));
        let high = split(
            cost.monthly,
            &[count(freed.min(all)), kept],
            crate::money::SCALE,
        )[0];
        Saving {
            low: cost.low(high),
            high,
            basis: Saving::whole(cost).basis,
        }
    }

    /// Of moving to another type; `None` where that is no cheaper or a price is unknown.
    pub fn of(own: &Own, target: &MachineType) -> Option<Saving> {
        let (now, then, basis) = own.prices(target)?;
        if then >= now {
            return None;
        }
        let high = split(own.cost.monthly, &[now - then, then], crate::money::SCALE)[0];
        Some(Saving {
            low: own.cost.low(high),
            high,
            basis,
        })
    }
}

/// True where rate ÷ factor is the same for both within 2 %.
fn agree(a: (Money, Money), b: (Money, Money)) -> bool {
    let product = |rate: Money, factor: Money| rate.units().checked_mul(factor.units());
    match (product(a.0, b.1), product(b.0, a.1)) {
        (Some(left), Some(right)) => (left - right).abs() <= left / 50,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
