//! Commitments that findings set free, hour by hour: what they cover next, and what is left of the savings.
//!
//! A pool is the usage of one reservation scope (one family of machines in one region) of one payer. Usage that goes
//! away on demand leaves its pool; covered usage that goes away sets commitment free, which takes on-demand usage of
//! the same hour: a reservation in its own pool, a plan in every pool of its plan scope. What it finds is saved on
//! the bill; the rest is paid for nothing. Findings come one after the other, so no hour of on-demand usage is
//! promised twice. Where a bill knows days only, a day is one slot, and only on-demand usage of every day counts.

use super::scope::Commits;
use crate::analysis::saving::{MONTH, scaled};
use crate::money::{Money, split};
use std::collections::BTreeMap;

/// Usage that a finding makes go away, per month of 730 hours, at what it costs today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freed {
    /// Its reservation scope.
    pub scope: String,
    /// Currency of the amounts.
    pub currency: String,
    /// That no commitment covers.
    pub on_demand: Money,
    /// That one does, at the commitment's price.
    pub covered: Money,
}

impl Freed {
    /// What is saved if freed commitments find other use.
    pub fn whole(&self) -> Money {
        self.on_demand + self.covered
    }
}

/// Whose usage: payer, currency, reservation scope.
pub type Place = (String, String, String);

/// Usage of one place in slots of an hour or a day, at on-demand price.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    /// The plan scope around it, where plans can cover it.
    pub plan: Option<String>,
    /// Usage that no commitment covers.
    uncovered: Vec<Money>,
    /// Usage that plans and that reservations cover.
    covered: [Vec<Money>; 2],
    /// What commitments cost for it.
    used: [Money; 2],
    /// On-demand usage that went away, and of it what is not spread over the slots yet.
    removed: Vec<Money>,
    pending: Money,
    /// On-demand usage that freed commitments cover.
    taken: Vec<Money>,
    /// Covered usage that went away.
    freed: [Vec<Money>; 2],
    /// The most that can be taken in a slot; days have one.
    most: Option<Money>,
}

fn at(commits: Commits) -> usize {
    usize::from(commits == Commits::Usage)
}

impl Pool {
    fn new(plan: Option<String>, slots: usize) -> Pool {
        let none = || vec![Money::ZERO; slots];
        Pool {
            plan,
            uncovered: none(),
            covered: [none(), none()],
            used: [Money::ZERO; 2],
            removed: none(),
            pending: Money::ZERO,
            taken: none(),
            freed: [none(), none()],
            most: None,
        }
    }

    /// Spreads what went away over the slots as the usage is.
    fn settle(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        if pending > Money::ZERO {
            let parts = split(pending, &self.uncovered, crate::money::SCALE);
            for (removed, part) in self.removed.iter_mut().zip(parts) {
                *removed += part;
            }
        }
    }

    /// On-demand usage of a slot that is still there.
    fn left(&self, slot: usize) -> Money {
        let there = self.uncovered[slot] - self.removed[slot] - self.taken[slot];
        let most = self
            .most
            .map_or(there, |most| most - self.removed[slot] - self.taken[slot]);
        there.min(most).max(Money::ZERO)
    }

    fn take(&mut self, slot: usize, wanted: Money) -> Money {
        let got = wanted.min(self.left(slot));
        self.taken[slot] += got;
        got
    }

    /// Removes on-demand usage; what freed commitments cover by now is not saved again.
    fn remove(&mut self, amount: Money) -> Money {
        if self.taken.iter().all(|taken| *taken == Money::ZERO) {
            self.pending += amount;
            return amount;
        }
        self.settle();
        let mut saved = Money::ZERO;
        let parts = split(amount, &self.uncovered, crate::money::SCALE);
        for (slot, part) in parts.into_iter().enumerate() {
            let free =
                (self.uncovered[slot] - self.removed[slot] - self.taken[slot]).max(Money::ZERO);
            // Where nothing was taken, the finding knows its own usage better than the pool does.
            let gone = if self.taken[slot] == Money::ZERO {
                part
            } else {
                part.min(free)
            };
            self.removed[slot] += gone;
            saved += gone;
        }
        saved
    }

    /// Covered usage of a kind that goes away, slot by slot at on-demand price, for so much of its commitment's cost.
    fn release(&mut self, kind: usize, cost: Money) -> Vec<Money> {
        let all: Money = self.covered[kind].iter().copied().sum();
        let worth = scaled(cost, all.units(), self.used[kind].units().max(1));
        let parts = split(
            worth.unwrap_or(cost).max(cost),
            &self.covered[kind],
            crate::money::SCALE,
        );
        for (freed, part) in self.freed[kind].iter_mut().zip(&parts) {
            *freed += *part;
        }
        parts
    }

    /// The share of a slot's usage that is still there, 0 to 1.
    fn share(&self, slot: usize, covered: Option<Commits>) -> f64 {
        let (all, gone) = match covered {
            None => (self.uncovered[slot], self.removed[slot] + self.taken[slot]),
            Some(kind) => (self.covered[at(kind)][slot], self.freed[at(kind)][slot]),
        };
        if all <= Money::ZERO || gone <= Money::ZERO {
            return 1.0;
        }
        (1.0 - gone.approximate() / all.approximate()).max(0.0)
    }

    fn is_used(&self, kind: usize) -> bool {
        self.used[kind] > Money::ZERO && self.covered[kind].iter().any(|one| *one > Money::ZERO)
    }
}

/// Usage of all places, and what findings did to it.
#[derive(Clone, Debug, Default)]
pub struct Pools {
    pools: BTreeMap<Place, Pool>,
    /// Hours that all slots of a payer and currency stand for.
    hours: BTreeMap<(String, String), i128>,
    /// Saved on the bill and not yet part of a finding's low saving, by currency and scope.
    credit: BTreeMap<(String, String), Money>,
}

/// Usage of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// No commitment covers it: its on-demand price.
    OnDemand(Money),
    /// One does: on-demand price, and what it cost.
    Covered(Commits, Money, Money),
}

impl Pools {
    /// Adds a slot's usage. All slots of a payer and currency stand for so many hours; see [`Pools::by_day`].
    pub fn add(
        &mut self,
        place: &Place,
        plan: Option<&str>,
        (slot, slots, hours): (usize, usize, i128),
        usage: Usage,
    ) {
        let pool = self
            .pools
            .entry(place.clone())
            .or_insert_with(|| Pool::new(plan.map(str::to_owned), slots));
        let payer = (place.0.clone(), place.1.clone());
        self.hours.insert(payer, hours);
        if slot >= pool.uncovered.len() {
            return;
        }
        match usage {
            Usage::OnDemand(price) => pool.uncovered[slot] += price.max(Money::ZERO),
            Usage::Covered(kind, price, cost) => {
                pool.covered[at(kind)][slot] += price.max(Money::ZERO);
                pool.used[at(kind)] += cost.max(Money::ZERO);
            }
        }
    }

    /// A payer's slots are days: of on-demand usage only what is there on every day counts as free, since nobody
    /// knows whether it runs in the hours in which commitment is free.
    pub fn by_day(&mut self, payer: &str, currency: &str) {
        let own = self
            .pools
            .iter_mut()
            .filter(|(place, _)| place.0 == payer && place.1 == currency);
        for (_, pool) in own {
            pool.most = pool.uncovered.iter().copied().min();
        }
    }

    /// Low savings of findings, in the order in which they are acted on: no more than what is saved on the bill once
    /// they and all before them are done. `None` where no usage of the finding's scope is known.
    pub fn lows(&mut self, freed: &[Freed]) -> Vec<Option<Money>> {
        let lows = freed.iter().map(|one| self.low(one)).collect();
        for pool in self.pools.values_mut() {
            pool.settle();
        }
        lows
    }

    /// The share of a place's usage in a slot that is left after findings, 0 to 1: on demand, or covered by a kind.
    pub fn left(&self, place: &Place, slot: usize, covered: Option<Commits>) -> f64 {
        let pool = self
            .pools
            .get(place)
            .filter(|pool| slot < pool.uncovered.len());
        pool.map_or(1.0, |pool| pool.share(slot, covered))
    }

    fn low(&mut self, freed: &Freed) -> Option<Money> {
        let own: Vec<Place> = self
            .pools
            .keys()
            .filter(|place| place.1 == freed.currency && place.2 == freed.scope)
            .cloned()
            .collect();
        if own.is_empty() {
            return None;
        }
        let weight = |of: fn(&Pool) -> Money| -> Vec<Money> {
            own.iter().map(|place| of(&self.pools[place])).collect()
        };
        let on_demand = weight(|pool| pool.uncovered.iter().copied().sum());
        let covered = weight(|pool| pool.used[0] + pool.used[1]);
        let removed = split(freed.on_demand, &on_demand, crate::money::SCALE);
        let released = split(freed.covered, &covered, crate::money::SCALE);
        let mut saved = Money::ZERO;
        for (place, (removed, released)) in own.iter().zip(removed.into_iter().zip(released)) {
            saved += self.act(place, removed, released);
        }
        let plan = own.first().and_then(|place| self.pools[place].plan.clone());
        let scope = plan.unwrap_or_else(|| freed.scope.clone());
        let credit = self
            .credit
            .entry((freed.currency.clone(), scope))
            .or_default();
        *credit += saved;
        let low = freed.whole().min(*credit).max(Money::ZERO);
        *credit = *credit - low;
        Some(low)
    }

    /// What the bill loses per month when so much of a place's usage goes away.
    fn act(&mut self, place: &Place, removed: Money, released: Money) -> Money {
        let hours = self.hours[&(place.0.clone(), place.1.clone())];
        let span = |monthly: Money| scaled(monthly, hours, MONTH).unwrap_or_default();
        let month = |span: Money| scaled(span, MONTH, hours.max(1)).unwrap_or_default();
        let mut saved = Money::ZERO;
        if removed > Money::ZERO {
            let wanted = span(removed);
            let pool = self.pools.get_mut(place);
            let lost = pool.map_or(Money::ZERO, |pool| wanted - pool.remove(wanted));
            saved += removed - month(lost).min(removed);
        }
        if released > Money::ZERO {
            saved += month(self.reuse(place, span(released)));
        }
        saved
    }

    /// On-demand usage that commitments of this cost find to cover.
    fn reuse(&mut self, place: &Place, cost: Money) -> Money {
        let pool = &self.pools[place];
        let costs = split(cost, &pool.used, crate::money::SCALE);
        let mut found = Money::ZERO;
        for (kind, cost) in [Commits::Spend, Commits::Usage].into_iter().zip(costs) {
            let Some(pool) = self
                .pools
                .get_mut(place)
                .filter(|pool| cost > Money::ZERO && pool.is_used(at(kind)))
            else {
                continue;
            };
            let mut wanted = pool.release(at(kind), cost);
            for place in self.reach(place, kind) {
                let Some(pool) = self.pools.get_mut(&place) else {
                    continue;
                };
                pool.settle();
                for (slot, wanted) in wanted.iter_mut().enumerate() {
                    let got = pool.take(slot, *wanted);
                    *wanted = *wanted - got;
                    found += got;
                }
                if wanted.iter().all(|wanted| *wanted == Money::ZERO) {
                    break;
                }
            }
        }
        found
    }

    /// The pools that a commitment of a place can cover, its own first.
    fn reach(&self, place: &Place, kind: Commits) -> Vec<Place> {
        let plan = self.pools[place].plan.as_ref();
        let near = |other: &&Place| {
            kind == Commits::Spend
                && *other != place
                && (&other.0, &other.1) == (&place.0, &place.1)
                && plan.is_some()
                && self.pools[*other].plan.as_ref() == plan
        };
        std::iter::once(place)
            .chain(self.pools.keys().filter(near))
            .cloned()
            .collect()
    }
}

#[cfg(test)]
mod tests;
