//! What each scope could commit to: its history from the hourly fact, its discounts from the own bill.

use super::Terms;
use super::history::{self, History as Usages};
use super::hours::{Group, Reading, Status};
use super::units::{self, Resource};
use crate::analysis::commitment::curve::Usage;
use crate::analysis::commitment::ladder::{HOURLY_DECIMALS, Tranche, ladder};
use crate::analysis::commitment::plan::{self, History, SOON_DAYS};
use crate::analysis::commitment::pool::{self, Pools};
use crate::analysis::commitment::scope::{Commits, Place};
use crate::analysis::commitment::units::Unit;
use crate::command::plan::Plan;
use crate::money::{Money, SCALE, per};
use chrono::{Days, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// No commitment of any provider takes off this much: the bill lacks the effective cost of covered usage.
const MOST: f64 = 0.9;

/// Where a scope's discounts come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Basis {
    /// What own commitments save.
    Own,
    /// What the config says.
    Assumed,
    /// Nowhere: there is no plan.
    Unknown,
}

/// A scope of one payer and what it could commit to.
pub(super) struct Scope {
    pub(super) name: String,
    pub(super) payer: String,
    pub(super) currency: String,
    pub(super) commits: Commits,
    pub(super) basis: Basis,
    pub(super) plan: Option<plan::Plan>,
    pub(super) daily: bool,
    pub(super) days: usize,
    /// Term and payment of the own commitment that the discount comes from.
    pub(super) term: String,
    pub(super) payment: String,
    /// Purchases, so that not all ends on one day.
    pub(super) ladder: Vec<Tranche>,
    /// Commitments that end soon and whose usage is counted.
    pub(super) ending: usize,
    /// What it is bought in, where that is whole units; why not, where that is not known.
    pub(super) unit: Option<String>,
    /// Usage that the config says will go away, per hour.
    pub(super) removed: f64,
    /// Usage that findings make go away, on demand or under commitments that end, per hour.
    pub(super) acted: f64,
}

/// The span that histories are cut from.
#[derive(Clone, Copy)]
struct Span {
    /// The day of the run.
    today: NaiveDate,
    first: NaiveDate,
    /// First day that is not complete.
    end: NaiveDate,
}

/// Name, payer, currency, kind, and what of Google's machines it is.
type Key = (String, String, String, Commits, Resource);
type Known = BTreeMap<(String, String), Terms>;

/// Plans of all scopes, in the order of their names, for the usage that findings leave.
pub(super) fn plans(history: &Usages, left: &Pools, plan: &Plan, terms: &Known) -> Vec<Scope> {
    let scope = |((name, payer, currency, commits, resource), groups): (Key, Vec<&Group>)| {
        let market = Market {
            span: Span {
                today: plan.today,
                first: history.first(&payer, &currency),
                end: history.end,
            },
            name,
            payer,
            currency,
            commits,
            resource,
            groups,
            terms,
            history,
            left,
        };
        market.scope(plan)
    };
    scopes(&history.groups).into_iter().map(scope).collect()
}

/// The usage of every scope, of both kinds of commitment.
fn scopes(groups: &[Group]) -> BTreeMap<Key, Vec<&Group>> {
    let mut scopes: BTreeMap<Key, Vec<&Group>> = BTreeMap::new();
    for group in groups
        .iter()
        .filter(|group| group.status() != Status::Unused)
    {
        for commits in [Commits::Spend, Commits::Usage] {
            if let Some(name) = group.place().scope(commits) {
                let key = (
                    name,
                    group.payer().to_owned(),
                    group.currency().to_owned(),
                    commits,
                    Resource::of(group, commits),
                );
                scopes.entry(key).or_default().push(group);
            }
        }
    }
    scopes
}

/// Everything that competes for one commitment.
struct Market<'a> {
    name: String,
    payer: String,
    currency: String,
    commits: Commits,
    resource: Resource,
    groups: Vec<&'a Group>,
    span: Span,
    terms: &'a Known,
    history: &'a Usages,
    left: &'a Pools,
}

/// Discounts of a market.
struct Discounts<'a> {
    by_place: BTreeMap<Place<'a>, f64>,
    /// For usage that no own commitment covers.
    mean: f64,
}

impl<'a> Market<'a> {
    fn scope(self, plan: &Plan) -> Scope {
        let (basis, discounts) = self.discounts(plan);
        let removed = plan.config.commitments.remove.get(&self.name);
        let removed = removed.copied().unwrap_or(0.0);
        let unit = self.unit();
        let (history, acted) = self.history(&discounts, unit.as_ref());
        let days = history.usage.len() / if history.daily { 1 } else { 24 };
        let made = plan::plan(&history, removed).filter(|_| basis != Basis::Unknown);
        let (term, payment) = self.like(basis);
        let months = months(&term).unwrap_or(12);
        let row = made.as_ref().and_then(plan::Plan::recommended);
        let ladder = row.map(|row| {
            let amount = amount(row);
            ladder(amount, plan.today, months, &self.expiring(row))
        });
        Scope {
            basis,
            plan: made,
            daily: history.daily,
            days,
            term,
            payment,
            ladder: ladder.unwrap_or_default(),
            ending: self.ending().len(),
            unit: unit.map(|unit| unit.name),
            removed,
            acted,
            name: self.name,
            payer: self.payer,
            currency: self.currency,
            commits: self.commits,
        }
    }

    /// What the scope is bought in; none where plans cover it, and where bills do not count it.
    fn unit(&self) -> Option<Unit> {
        (self.commits == Commits::Usage).then(|| units::unit(&self.groups, self.resource))?
    }

    /// Own discounts, else what the config assumes, else none.
    fn discounts(&self, plan: &Plan) -> (Basis, Discounts<'a>) {
        let everywhere = |mean: f64| Discounts {
            by_place: BTreeMap::new(),
            mean,
        };
        let assumed = plan.config.commitments.discounts.get(&self.name);
        match (self.own_discounts(), assumed) {
            (Some(own), _) => (Basis::Own, own),
            (None, Some(mean)) => (Basis::Assumed, everywhere(*mean)),
            (None, None) => (Basis::Unknown, everywhere(0.0)),
        }
    }

    fn used(&self) -> impl Iterator<Item = &'a Group> + '_ {
        let own = |group: &&'a Group| {
            group.status() == Status::Used && group.commits() == Some(self.commits)
        };
        self.groups.iter().copied().filter(own)
    }

    /// What own commitments of this kind take off, by place and on the whole; `None` where there are none.
    fn own_discounts(&self) -> Option<Discounts<'a>> {
        let mut sums: BTreeMap<Place<'a>, (f64, f64)> = BTreeMap::new();
        let mut all = (0.0, 0.0);
        for group in self.used() {
            let sum = sums.entry(group.place()).or_default();
            for reading in &group.readings {
                for (on_demand, effective) in [&mut *sum, &mut all] {
                    *on_demand += reading.on_demand.approximate();
                    *effective += reading.effective.approximate();
                }
            }
        }
        let discount = |(on_demand, effective): (f64, f64)| 1.0 - effective / on_demand;
        let known = |sum: &(f64, f64)| {
            sum.0 > 0.0 && (0.0..MOST).contains(&discount(*sum)) && discount(*sum) > 0.0
        };
        known(&all).then(|| Discounts {
            by_place: sums
                .into_iter()
                .filter(|(_, sum)| known(sum))
                .map(|(place, sum)| (place, discount(sum)))
                .collect(),
            mean: discount(all),
        })
    }

    /// Commitments whose end is near or past: what they cover is free to be committed again.
    fn ending(&self) -> BTreeSet<&'a str> {
        let horizon = self.span.today + Days::new(SOON_DAYS);
        let ends = |id: &str| {
            let known = self.terms.get(&(id.to_owned(), self.currency.clone()));
            known
                .and_then(|terms| terms.ends_on)
                .is_some_and(|day| day <= horizon)
        };
        let ids = self.groups.iter().map(|group| group.commitment());
        ids.filter(|id| !id.is_empty() && ends(id)).collect()
    }

    /// Its usage after findings, and how much of it per hour they make go away.
    fn history(&self, discounts: &Discounts<'a>, unit: Option<&Unit>) -> (History, f64) {
        let daily = self
            .groups
            .iter()
            .any(|group| group.readings.iter().any(|one| one.hour.is_none()));
        let per_day = if daily { 1 } else { 24 };
        let days = usize::try_from((self.span.end - self.span.first).num_days()).unwrap_or(0);
        let mut usage = vec![Vec::new(); days * per_day];
        let mut covered = vec![0.0; days * per_day];
        let ending = self.ending();
        let mut gone = 0.0;
        for group in &self.groups {
            let stays = group.status() == Status::Used && !ending.contains(group.commitment());
            let own = discounts.by_place.get(&group.place()).copied();
            // Machines of a scope are one good, sold at one discount.
            let discount = own.filter(|_| unit.is_none()).unwrap_or(discounts.mean);
            let place = history::place(group);
            for reading in &group.readings {
                let Some(at) = self.step(reading, daily).filter(|at| *at < usage.len()) else {
                    continue;
                };
                let price = match unit {
                    Some(unit) => units::worth(unit, group, reading),
                    None => reading.on_demand.approximate(),
                };
                let hourly = price / if daily { 24.0 } else { 1.0 };
                let on_demand = hourly * self.left(group, reading, place.as_ref());
                if !stays {
                    gone += hourly - on_demand;
                }
                if stays {
                    covered[at] += on_demand;
                } else {
                    usage[at].push(Usage {
                        on_demand,
                        discount,
                    });
                }
            }
        }
        let steps = approximate(usage.len().max(1));
        let history = History {
            usage,
            covered,
            daily,
            unit: unit.map(|unit| unit.price * (1.0 - discounts.mean)),
        };
        (history, gone / steps)
    }

    /// The share of a reading's usage that findings leave.
    fn left(&self, group: &Group, reading: &Reading, place: Option<&pool::Place>) -> f64 {
        let place = place.zip(self.history.slot(group, reading));
        let covered = match group.status() {
            Status::Used => Some(group.commits().unwrap_or(Commits::Spend)),
            _ => None,
        };
        place.map_or(1.0, |(place, slot)| self.left.left(place, slot, covered))
    }

    fn step(&self, reading: &Reading, daily: bool) -> Option<usize> {
        let day = usize::try_from((reading.day - self.span.first).num_days()).ok()?;
        Some(if daily {
            day
        } else {
            day * 24 + reading.hour.unwrap_or(0)
        })
    }

    /// Term and payment of the own commitment that covers most here.
    fn like(&self, basis: Basis) -> (String, String) {
        let mut covered: BTreeMap<&str, f64> = BTreeMap::new();
        for group in self.used().filter(|_| basis == Basis::Own) {
            let readings = group.readings.iter();
            let sum: f64 = readings
                .map(|reading| reading.on_demand.approximate())
                .sum();
            *covered.entry(group.commitment()).or_default() += sum;
        }
        let most = covered
            .iter()
            .max_by(|a, b| a.1.total_cmp(b.1).then_with(|| b.0.cmp(a.0)));
        let terms =
            most.and_then(|(id, _)| self.terms.get(&((*id).to_owned(), self.currency.clone())));
        terms
            .map(|terms| (terms.term.clone(), terms.payment.clone()))
            .unwrap_or_default()
    }

    /// Ends of the commitments that lie in this scope, with their hourly cost or the units that it buys.
    fn expiring(&self, row: &plan::Row) -> Vec<(NaiveDate, Money)> {
        let held = |hourly: Money| match row.units {
            Some(units) => per(hourly.times(whole(units))?, row.hourly, SCALE),
            None => Some(hourly),
        };
        let own = self
            .terms
            .iter()
            .filter(|((_, currency), _)| *currency == self.currency);
        let here = own.filter(|(_, terms)| terms.scopes.contains(&self.name));
        let ends = here.filter_map(|(_, terms)| Some((terms.ends_on?, held(terms.hourly)?)));
        ends.filter(|(day, _)| *day >= self.span.today).collect()
    }
}

/// What a row buys, and its decimals.
fn amount(row: &plan::Row) -> (Money, usize) {
    row.units
        .map_or((row.hourly, HOURLY_DECIMALS), |units| (whole(units), 0))
}

fn whole(count: u64) -> Money {
    Money::from_units(i128::from(count) * 1_000_000_000_000)
}

#[allow(clippy::cast_precision_loss, reason = "hours of at most two months")]
fn approximate(count: usize) -> f64 {
    count as f64
}

/// Months of a term as bills write it: `1yr`, `3 Years`, `P1Y`, `12`; nothing where it cannot be read.
pub(super) fn months(term: &str) -> Option<u32> {
    let digits: String = term.chars().filter(char::is_ascii_digit).collect();
    let count: u32 = digits.parse().ok()?;
    let years = term.to_lowercase().contains('y');
    let months = if years { count.checked_mul(12)? } else { count };
    (1..=60).contains(&months).then_some(months)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_as_bills_write_them() {
        let terms = ["1yr", "3 Years", "P1Y", "12", "36", "", "999yr"];
        let months = terms.map(months);
        assert_eq!(
            months,
            [Some(12), Some(36), Some(12), Some(12), Some(36), None, None]
        );
    }
}
