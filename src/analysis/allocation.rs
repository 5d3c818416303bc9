//! Shared cost to those who share it: pools are split in their stated order, exactly.
//!
//! A split is a pair of movements that cancel: what leaves the pool arrives at its receivers, to the last
//! digit, in whole cents by largest remainder. Totals never move. A pool may give to a later pool (a cascade);
//! to an earlier one it may not, so nothing can run in a circle.

use crate::money::{Money, split};

use std::collections::{BTreeMap, BTreeSet};

/// Decimals of the parts: cents.
const CENTS: usize = 2;

/// How a pool is split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Split {
    /// The same to everyone.
    Even,
    /// By stated weights.
    Fixed(BTreeMap<String, Money>),
    /// By what everyone has cost so far: direct cost and what earlier pools gave.
    Proportional,
    /// By a measure of use per month and receiver: requests, seats, CPU hours.
    Metric(BTreeMap<(String, String), Money>),
}

/// A pool of shared cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Its name.
    pub name: String,
    /// How it is split.
    pub split: Split,
    /// Who receives: owners and later pools; none stated: every owner with cost in the month.
    pub to: Vec<String>,
    /// Who receives nothing.
    pub except: Vec<String>,
}

/// Whose a cost is before anything is shared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// An owner: a cost centre, a team, an account.
    Owner(String),
    /// A pool, by its place in the stated order.
    Pool(usize),
}

/// Cost of one month and currency before anything is shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Direct {
    /// Billing month.
    pub month: String,
    /// Currency.
    pub currency: String,
    /// Whose it is.
    pub holder: Holder,
    /// How much.
    pub amount: Money,
}

/// What went from a pool to a receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Billing month.
    pub month: String,
    /// Currency.
    pub currency: String,
    /// The pool that gave.
    pub pool: String,
    /// Who received: an owner, or a later pool's name.
    pub to: String,
    /// How much.
    pub amount: Money,
    /// What its part was measured by; none where the split is even.
    pub weight: Option<Money>,
}

/// Why pools cannot be split as stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circle {
    /// The pool that gives.
    pub from: String,
    /// The pool it gives to, which was split before it or is itself.
    pub to: String,
}

/// Demands that every pool gives to owners and later pools only.
pub fn check(pools: &[Pool]) -> Result<(), Circle> {
    for (at, pool) in pools.iter().enumerate() {
        let earlier = |name: &String| pools[..=at].iter().any(|other| other.name == *name);
        if let Some(to) = pool.to.iter().find(|name| earlier(name)) {
            return Err(Circle {
                from: pool.name.clone(),
                to: to.clone(),
            });
        }
    }
    Ok(())
}

/// Splits every pool of every month and currency. What nobody can receive stays in its pool.
pub fn allocate(pools: &[Pool], costs: &[Direct]) -> Vec<Movement> {
    let mut books: BTreeMap<(&str, &str), Book> = BTreeMap::new();
    for cost in costs {
        let book = books.entry((&cost.month, &cost.currency)).or_default();
        match &cost.holder {
            Holder::Owner(name) => *book.owners.entry(name.clone()).or_default() += cost.amount,
            Holder::Pool(at) => *book.pools.entry(*at).or_default() += cost.amount,
        }
    }
    let mut moved = Vec::new();
    for ((month, currency), mut book) in books {
        for (at, pool) in pools.iter().enumerate() {
            let held = book.pools.get(&at).copied().unwrap_or_default();
            if held == Money::ZERO {
                continue;
            }
            for (to, amount, weight) in parts(pool, held, month, &book, pools) {
                book.receive(&to, amount, pools);
                moved.push(Movement {
                    month: month.to_owned(),
                    currency: currency.to_owned(),
                    pool: pool.name.clone(),
                    to,
                    amount,
                    weight,
                });
            }
        }
    }
    moved
}

/// What everyone holds in one month and currency.
#[derive(Default)]
struct Book {
    owners: BTreeMap<String, Money>,
    pools: BTreeMap<usize, Money>,
}

impl Book {
    fn receive(&mut self, to: &str, amount: Money, pools: &[Pool]) {
        match pools.iter().position(|pool| pool.name == to) {
            Some(at) => *self.pools.entry(at).or_default() += amount,
            None => *self.owners.entry(to.to_owned()).or_default() += amount,
        }
    }

    fn of(&self, name: &str, pools: &[Pool]) -> Money {
        let pool = pools.iter().position(|pool| pool.name == name);
        let held = match pool {
            Some(at) => self.pools.get(&at),
            None => self.owners.get(name),
        };
        held.copied().unwrap_or_default()
    }
}

/// The parts of a pool: receiver, amount, weight. Parts of nothing are left out.
fn parts(
    pool: &Pool,
    held: Money,
    month: &str,
    book: &Book,
    pools: &[Pool],
) -> Vec<(String, Money, Option<Money>)> {
    let receivers = receivers(pool, month, book);
    let weights: Vec<Money> = receivers
        .iter()
        .map(|name| weight(pool, name, month, book, pools))
        .collect();
    let nobody = weights.iter().all(|weight| *weight <= Money::ZERO);
    let even = pool.split == Split::Even || (nobody && pool.split == Split::Proportional);
    if receivers.is_empty() || (nobody && !even) {
        return Vec::new();
    }
    let one = Money::from_units(1);
    let shares = if even {
        vec![one; receivers.len()]
    } else {
        weights.clone()
    };
    let amounts = split(held, &shares, CENTS);
    receivers
        .into_iter()
        .zip(amounts)
        .zip(weights)
        .filter(|((_, amount), _)| *amount != Money::ZERO)
        .map(|((to, amount), weight)| (to, amount, (!even).then_some(weight)))
        .collect()
}

fn receivers(pool: &Pool, month: &str, book: &Book) -> Vec<String> {
    let named: BTreeSet<String> = match (&pool.split, pool.to.is_empty()) {
        (_, false) => pool.to.iter().cloned().collect(),
        (Split::Fixed(weights), true) => weights.keys().cloned().collect(),
        (Split::Metric(measure), true) => {
            let own = measure.keys().filter(|(of, _)| of == month);
            own.map(|(_, name)| name.clone()).collect()
        }
        (Split::Even | Split::Proportional, true) => book.owners.keys().cloned().collect(),
    };
    let excluded = |name: &String| pool.except.contains(name);
    named.into_iter().filter(|name| !excluded(name)).collect()
}

fn weight(pool: &Pool, name: &str, month: &str, book: &Book, pools: &[Pool]) -> Money {
    let stated = match &pool.split {
        Split::Even => None,
        Split::Fixed(weights) => weights.get(name).copied(),
        Split::Proportional => Some(book.of(name, pools)),
        Split::Metric(measure) => measure.get(&(month.to_owned(), name.to_owned())).copied(),
    };
    stated.unwrap_or_default().max(Money::ZERO)
}

#[cfg(test)]
mod laws;

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str) -> Money {
        Money::parse(text.as_bytes()).unwrap()
    }

    fn direct(holder: Holder, amount: &str) -> Direct {
        Direct {
            month: "2026-10".into(),
            currency: "USD".into(),
            holder,
            amount: money(amount),
        }
    }

    fn owner(name: &str, amount: &str) -> Direct {
        direct(Holder::Owner(name.into()), amount)
    }

    fn pool(name: &str, split: Split, to: &[&str]) -> Pool {
        Pool {
            name: name.into(),
            split,
            to: to.iter().map(ToString::to_string).collect(),
            except: Vec::new(),
        }
    }

    fn amounts(moved: &[Movement]) -> Vec<(String, String)> {
        let one = |m: &Movement| (format!("{}>{}", m.pool, m.to), m.amount.to_string());
        moved.iter().map(one).collect()
    }

    #[test]
    fn a_pool_goes_by_direct_cost_in_whole_cents() {
        let pools = [pool("support", Split::Proportional, &[])];
        let costs = [
            owner("a", "20"),
            owner("b", "10"),
            direct(Holder::Pool(0), "10"),
        ];
        let moved = allocate(&pools, &costs);
        let wanted = [("support>a", "6.67"), ("support>b", "3.33")];
        assert_eq!(
            amounts(&moved),
            wanted.map(|(who, much)| (who.to_owned(), much.to_owned()))
        );
    }

    #[test]
    fn a_cascade_gives_on_what_it_received() {
        let fixed = Split::Fixed([("a".to_owned(), money("1"))].into());
        let pools = [
            pool("network", Split::Even, &["platform", "a"]),
            pool("platform", fixed, &[]),
        ];
        let costs = [owner("a", "1"), direct(Holder::Pool(0), "3")];
        let moved = allocate(&pools, &costs);
        let wanted = [
            ("network>a", "1.50"),
            ("network>platform", "1.50"),
            ("platform>a", "1.50"),
        ];
        assert_eq!(
            amounts(&moved),
            wanted.map(|(who, much)| (who.to_owned(), much.to_owned()))
        );
    }

    #[test]
    fn a_circle_is_refused() {
        let pools = [
            pool("a", Split::Even, &["b"]),
            pool("b", Split::Even, &["a"]),
        ];
        let circle = check(&pools).unwrap_err();
        assert_eq!((circle.from.as_str(), circle.to.as_str()), ("b", "a"));
        assert!(check(&[pool("a", Split::Even, &["a"])]).is_err());
    }

    #[test]
    fn what_nobody_can_receive_stays() {
        let pools = [pool("idle", Split::Metric(BTreeMap::new()), &[])];
        assert!(allocate(&pools, &[direct(Holder::Pool(0), "5")]).is_empty());
    }
}
