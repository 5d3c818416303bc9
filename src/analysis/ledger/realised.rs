//! What an action saved: what the resource would have cost at its old rate, less what it did cost, month by month.
//!
//! The old rate comes from up to a month of the touched lines before the action. Where other lines took their place,
//! each of their units is priced at the old rate of its unit, so a machine that runs less after the action earns
//! less saving, and one that runs more earns more. Where the lines ended, each day is priced at the old day.
//! Amounts are exact; what a month saved and what it cost are rounded once to the currency's smallest unit, so that
//! sums add up.

use super::bill::{Charge, History, Line, SeenMonth, days};
use super::entry::About;
use super::sight::{Shape, Sight, fresh};
use crate::analysis::saving::scaled;
use crate::money::{Money, minor_units};
use crate::period::Month;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Days of the bill before an action that its old rate is taken from.
const BASELINE: u32 = 30;
/// Months for which an action is credited with what it saves.
const CREDITED: usize = 12;

/// Cost and quantity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) cost: Money,
    pub(super) quantity: Option<Money>,
}

impl Part {
    fn of(charge: &Charge) -> Part {
        Part {
            cost: charge.cost,
            quantity: charge.quantity,
        }
    }

    fn plus(self, other: Part) -> Part {
        Part {
            cost: self.cost + other.cost,
            quantity: match (self.quantity, other.quantity) {
                (Some(a), Some(b)) => Some(a + b),
                (a, b) => a.or(b),
            },
        }
    }

    fn minus(self, other: Part) -> Part {
        Part {
            cost: self.cost - other.cost,
            quantity: (self.quantity.zip(other.quantity))
                .map_or(self.quantity, |(a, b)| Some(a - b)),
        }
    }

    /// So many days of a span.
    fn cut(self, taken: u32, span: u32) -> Part {
        if taken >= span {
            return self;
        }
        let share = |amount| scaled(amount, i128::from(taken), i128::from(span));
        Part {
            cost: share(self.cost).unwrap_or_default(),
            quantity: self.quantity.and_then(share),
        }
    }
}

/// By unit.
type Parts = BTreeMap<String, Part>;

/// What lines came to before an action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Usual {
    /// Days it was taken from.
    pub(super) days: u32,
    pub(super) units: Parts,
}

impl Usual {
    fn cost(&self) -> Money {
        self.units.values().map(|part| part.cost).sum()
    }
}

/// How the bill proves an action, kept from the day it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Proof {
    pub(super) shape: Shape,
    /// First day that counts.
    pub(super) from: NaiveDate,
    usual: Usual,
    /// What the lines had cost in the month of the action before it.
    spent: Parts,
}

impl Proof {
    /// From the bill; nothing where it does not reach back before the action.
    pub(super) fn of(sight: &Sight, about: &About, history: &History) -> Option<Proof> {
        let eve = sight.from.pred_opt()?;
        let until = match sight.shape {
            Shape::Reduced => about.billed_until.min(eve),
            // Of two types on the day of the change both are charged: the old one's hours are whole.
            Shape::Changed => sight.from,
            Shape::Ended => eve,
        };
        let usual = usual(history, &about.lines, until)?;
        let month = Month::of(sight.from);
        let mut spent = Parts::new();
        for charge in history
            .of(&about.lines)
            .filter(|charge| charge.month == month)
        {
            let span = days(charge.first, charge.last);
            let taken = if charge.last <= sight.from && sight.shape != Shape::Reduced {
                span
            } else {
                days(charge.first, eve).min(span)
            };
            add(
                &mut spent,
                &charge.line.unit,
                Part::of(charge).cut(taken, span),
            );
        }
        Some(Proof {
            shape: sight.shape,
            from: sight.from,
            usual,
            spent,
        })
    }
}

fn add(parts: &mut Parts, unit: &str, part: Part) {
    let known = parts.entry(unit.to_owned()).or_default();
    *known = known.plus(part);
}

/// What lines came to in up to [`BASELINE`] days until a day, or in the whole of their newest month.
pub(super) fn usual(history: &History, lines: &BTreeSet<Line>, until: NaiveDate) -> Option<Usual> {
    let mut months: BTreeMap<Month, Vec<&Charge>> = BTreeMap::new();
    for charge in history.of(lines).filter(|charge| charge.first <= until) {
        months.entry(charge.month).or_default().push(charge);
    }
    let mut usual = Usual::default();
    for charges in months.values().rev() {
        let wanted = BASELINE.saturating_sub(usual.days);
        let first = charges.iter().map(|charge| charge.first).min()?;
        let last = charges.iter().map(|charge| charge.last).max()?;
        let known = days(first, last.min(until));
        if wanted == 0 {
            break;
        }
        let taken = if usual.days == 0 {
            known
        } else {
            known.min(wanted)
        };
        for charge in charges {
            // Of a month that goes on after the day, and of an older one, days count alike.
            let part = Part::of(charge).cut(taken, days(first, last));
            add(&mut usual.units, &charge.line.unit, part);
        }
        usual.days += taken;
    }
    (usual.days > 0 && usual.cost() > Money::ZERO).then_some(usual)
}

/// A month of an action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// What the resource would have cost.
    pub counterfactual: Money,
    /// What it did cost.
    pub actual: Money,
    /// Days after the action.
    pub days: u32,
    /// True where nothing of the month is expected to change.
    pub closed: bool,
}

impl Figure {
    /// What was saved; below zero where it was lost.
    pub fn realised(&self) -> Money {
        self.counterfactual - self.actual
    }
}

/// Every month since the action that the bill knows, before `until` and at most a year.
pub(super) fn figures(
    proof: &Proof,
    about: &About,
    history: &History,
    until: Option<Month>,
) -> BTreeMap<Month, Figure> {
    let fresh = fresh(about, history);
    let first = Month::of(proof.from);
    let own = (history.months.iter()).filter(|seen| {
        seen.month >= first
            && until.is_none_or(|until| seen.month < until)
            && is_credited(first, seen.month)
    });
    let figure = |seen: &SeenMonth| {
        let figure = figure(proof, about, (history, &fresh), seen)?;
        Some((seen.month, figure))
    };
    own.filter_map(figure).collect()
}

/// True for the months that an action is credited for.
pub(super) fn is_credited(first: Month, month: Month) -> bool {
    let mut end = first;
    for _ in 0..CREDITED {
        end = end.next();
    }
    first <= month && month < end
}

/// One month; nothing where it has no day after the action.
fn figure(
    proof: &Proof,
    about: &About,
    (history, fresh): (&History, &[&Charge]),
    seen: &SeenMonth,
) -> Option<Figure> {
    let start = proof.from.max(seen.month.first_day());
    let after = days(start, seen.until);
    if after == 0 {
        return None;
    }
    let is_here = |charge: &&Charge| charge.month == seen.month;
    let own: Vec<&Charge> = history.of(&about.lines).filter(is_here).collect();
    let new: Vec<&Charge> = fresh.iter().copied().filter(is_here).collect();
    let mut left = parts(&own);
    if seen.month == Month::of(proof.from) {
        for (unit, part) in &proof.spent {
            let known = left.entry(unit.clone()).or_default();
            *known = known.minus(*part);
        }
    }
    let taken = parts(&new);
    let cost = |parts: &Parts| parts.values().map(|part| part.cost).sum::<Money>();
    let actual = cost(&left) + cost(&taken);
    let by_day = |days: u32| priced(proof.usual.cost(), i128::from(days), proof.usual.days);
    let counterfactual = match proof.shape {
        Shape::Ended => by_day(after),
        Shape::Reduced => by_day(charged_days(start, &own)),
        Shape::Changed => {
            let alive = charged_days(start, &[own, new].concat());
            at_old_rates(&proof.usual, fresh, (&left, &taken), alive)
        }
    };
    let decimals = minor_units(&about.currency);
    let realised = (counterfactual - actual).rounded(decimals);
    Some(Figure {
        counterfactual: actual.rounded(decimals) + realised,
        actual: actual.rounded(decimals),
        days: after,
        closed: seen.closed,
    })
}

fn parts(charges: &[&Charge]) -> Parts {
    let mut parts = Parts::new();
    for charge in charges {
        add(&mut parts, &charge.line.unit, Part::of(charge));
    }
    parts
}

/// Days from the start of what counts on which something is charged, first to last.
fn charged_days(start: NaiveDate, charges: &[&Charge]) -> u32 {
    let first = charges.iter().map(|charge| charge.first).min();
    let last = charges.iter().map(|charge| charge.last).max();
    first
        .zip(last)
        .map_or(0, |(first, last)| days(first.max(start), last))
}

fn priced(cost: Money, times: i128, over: u32) -> Money {
    scaled(cost, times.max(0), i128::from(over.max(1))).unwrap_or_default()
}

/// What was used after a change at the rates before it. A unit that the new lines do not have at all (provisioned
/// operations that the new sort includes) is priced by the days on which the resource was charged.
fn at_old_rates(
    usual: &Usual,
    fresh: &[&Charge],
    (left, taken): (&Parts, &Parts),
    alive: u32,
) -> Money {
    let is_measured = |unit: &str| {
        let own = fresh.iter().filter(|charge| charge.line.unit == unit);
        own.filter_map(|charge| charge.quantity)
            .any(|quantity| quantity > Money::ZERO)
    };
    let mut sum = Money::ZERO;
    for (unit, part) in &usual.units {
        let quantity = part.quantity.filter(|quantity| *quantity > Money::ZERO);
        sum += match quantity.filter(|_| is_measured(unit)) {
            Some(before) => {
                let parts = [left, taken]
                    .into_iter()
                    .filter_map(|parts| parts.get(unit));
                let after: Money = parts.filter_map(|part| part.quantity).sum();
                let times = after.units().max(0);
                scaled(part.cost, times, before.units()).unwrap_or_default()
            }
            None => priced(part.cost, i128::from(alive), usual.days),
        };
    }
    sum
}

/// Days after the action in closed months.
pub(super) fn closed_days(figures: &BTreeMap<Month, Figure>) -> u32 {
    figures
        .values()
        .filter(|figure| figure.closed)
        .map(|figure| figure.days)
        .sum()
}
