//! The laws of sharing over bills, policies and rules that nobody thought of: several months and two currencies,
//! negative costs, weights of nothing, receivers that own nothing or are not there, pools that give to pools.

use super::*;
use crate::analysis::journal::{Accounts, Bearing, journal};
use proptest::prelude::*;

const MONTHS: [&str; 2] = ["2026-09", "2026-10"];
const CURRENCIES: [&str; 2] = ["USD", "EUR"];
const POOLS: usize = 4;
/// One cent in stored units.
const CENT: i128 = 10_000_000_000;

type Place = (String, String);

fn amount() -> impl Strategy<Value = Money> {
    let units = prop_oneof![
        5 => -1_000_000_000_000_000i128..1_000_000_000_000_000,
        1 => (-1_000_000i128..1_000_000).prop_map(|cents| cents * CENT),
        1 => -3i128..4,
        1 => Just(0i128),
    ];
    units.prop_map(Money::from_units)
}

/// Weights of owners, of one that never costs anything (`z`) and of a pool; zero among them, or none at all.
fn weights() -> impl Strategy<Value = BTreeMap<String, Money>> {
    let name = prop_oneof![4 => "[a-e]", 1 => Just("z".to_owned()), 1 => Just("pool3".to_owned())];
    let weight = prop_oneof![1 => Just(0i128), 4 => 0i128..5_000_000_000_000];
    prop::collection::btree_map(name, weight.prop_map(Money::from_units), 0..5)
}

fn any_split() -> impl Strategy<Value = Split> {
    let measure = (weights(), weights()).prop_map(|both| {
        let months = MONTHS.iter().zip([both.0, both.1]);
        let rows = months.flat_map(|(month, weights)| {
            let row = |(name, weight)| (((*month).to_owned(), name), weight);
            weights.into_iter().map(row).collect::<Vec<_>>()
        });
        Split::Metric(rows.collect())
    });
    prop_oneof![
        Just(Split::Even),
        Just(Split::Proportional),
        weights().prop_map(Split::Fixed),
        measure,
    ]
}

/// Pools in their order; each may give to owners and, where `onward`, to the next: three cascades deep.
fn any_pools() -> impl Strategy<Value = Vec<Pool>> {
    let one = (
        any_split(),
        any::<bool>(),
        prop::collection::vec("[a-f]", 0..3),
        prop::collection::vec("[a-f]", 0..3),
    );
    let pools = prop::collection::vec(one, POOLS);
    pools.prop_map(|pools| {
        let pool =
            |(at, (split, onward, mut to, except)): (usize, (Split, bool, Vec<String>, _))| {
                if onward && at + 1 < POOLS {
                    to.push(format!("pool{}", at + 1));
                }
                let split = without_earlier(split, at);
                Pool {
                    name: format!("pool{at}"),
                    split,
                    to,
                    except,
                }
            };
        pools.into_iter().enumerate().map(pool).collect()
    })
}

/// The rules' reader refuses a circle by `to`; weights may name any receiver, so later pools alone are kept here.
fn without_earlier(split: Split, at: usize) -> Split {
    let later = |name: &str| name != "pool3" || at < 3;
    match split {
        Split::Fixed(mut weights) => {
            weights.retain(|name, _| later(name));
            Split::Fixed(weights)
        }
        Split::Metric(mut measure) => {
            measure.retain(|(_, name), _| later(name));
            Split::Metric(measure)
        }
        other => other,
    }
}

fn any_costs() -> impl Strategy<Value = Vec<Direct>> {
    let holder = prop_oneof![
        3 => "[a-f]".prop_map(Holder::Owner),
        2 => (0..POOLS).prop_map(Holder::Pool),
    ];
    let cost = (0..2usize, 0..2usize, holder, amount());
    let cost = cost.prop_map(|(month, currency, holder, amount)| Direct {
        month: MONTHS[month].to_owned(),
        currency: CURRENCIES[currency].to_owned(),
        holder,
        amount,
    });
    prop::collection::vec(cost, 0..24)
}

fn place(month: &str, currency: &str) -> Place {
    (month.to_owned(), currency.to_owned())
}

/// What every owner bears and every pool keeps, by month and currency.
fn borne(pools: &[Pool], costs: &[Direct], moved: &[Movement]) -> BTreeMap<(Place, String), Money> {
    let mut borne: BTreeMap<(Place, String), Money> = BTreeMap::new();
    for cost in costs {
        let name = match &cost.holder {
            Holder::Owner(name) => name.clone(),
            Holder::Pool(at) => pools[*at].name.clone(),
        };
        *borne
            .entry((place(&cost.month, &cost.currency), name))
            .or_default() += cost.amount;
    }
    for one in moved {
        let place = place(&one.month, &one.currency);
        *borne.entry((place.clone(), one.to.clone())).or_default() += one.amount;
        *borne.entry((place, one.pool.clone())).or_default() += -one.amount;
    }
    borne
}

fn by_place<'a>(amounts: impl Iterator<Item = (&'a Place, Money)>) -> BTreeMap<Place, Money> {
    let mut sums = BTreeMap::new();
    for (place, amount) in amounts {
        *sums.entry(place.clone()).or_default() += amount;
    }
    sums.retain(|_, sum| *sum != Money::ZERO);
    sums
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Every month and currency costs after sharing what it cost before, and every pool gave all it held or nothing.
    #[test]
    fn totals_never_move(pools in any_pools(), costs in any_costs()) {
        prop_assert!(check(&pools).is_ok());
        let moved = allocate(&pools, &costs);
        let borne = borne(&pools, &costs, &moved);
        let places: Vec<Place> = costs.iter().map(|cost| place(&cost.month, &cost.currency)).collect();
        let before = by_place(places.iter().zip(&costs).map(|(place, cost)| (place, cost.amount)));
        prop_assert_eq!(by_place(borne.iter().map(|((place, _), amount)| (place, *amount))), before);
        for pool in &pools {
            for month in MONTHS {
                for currency in CURRENCIES {
                    let here = |one: &&Movement| one.month == month && one.currency == currency;
                    let gave = moved.iter().filter(here).any(|one| one.pool == pool.name);
                    let key = (place(month, currency), pool.name.clone());
                    let kept = borne.get(&key).copied().unwrap_or_default();
                    prop_assert!(!gave || kept == Money::ZERO, "{} gave and kept {kept}", pool.name);
                }
            }
        }
    }

    /// Parts are whole cents; what a pool held beyond whole cents stays with one part alone.
    #[test]
    fn parts_are_whole_cents(pools in any_pools(), costs in any_costs()) {
        let moved = allocate(&pools, &costs);
        let mut splits: BTreeMap<(&str, &str, &str), Vec<Money>> = BTreeMap::new();
        for one in &moved {
            splits.entry((&one.month, &one.currency, &one.pool)).or_default().push(one.amount);
        }
        for ((month, currency, pool), parts) in splits {
            let broken = parts.iter().filter(|part| part.units() % CENT != 0).count();
            let whole: Money = parts.iter().copied().sum();
            let allowed = usize::from(whole.units() % CENT != 0);
            prop_assert_eq!(broken, allowed, "{} {} {}: {:?}", month, currency, pool, parts);
        }
    }

    /// Nobody who is excepted receives, nobody receives in a month or currency that the pool held nothing of.
    #[test]
    fn only_receivers_receive(pools in any_pools(), costs in any_costs()) {
        let held: BTreeSet<Place> = costs.iter().map(|cost| place(&cost.month, &cost.currency)).collect();
        for one in allocate(&pools, &costs) {
            let pool = pools.iter().find(|pool| pool.name == one.pool).unwrap();
            prop_assert!(!pool.except.contains(&one.to));
            prop_assert!(pool.to.is_empty() || pool.to.contains(&one.to));
            prop_assert!(held.contains(&place(&one.month, &one.currency)));
        }
    }

    /// Order of the bill's rows and their cut do not matter.
    #[test]
    fn order_does_not_matter(pools in any_pools(), costs in any_costs()) {
        let mut turned = costs.clone();
        turned.reverse();
        prop_assert_eq!(allocate(&pools, &costs), allocate(&pools, &turned));
    }

    /// The ledger's entries of a month and currency are its bill, rounded once to cents, restated or not.
    #[test]
    fn the_journal_is_the_bill_to_the_cent(pools in any_pools(), runs in prop::collection::vec(any_costs(), 1..4)) {
        let accounts = Accounts {
            expense: "6800".into(),
            clearing: "2900".into(),
            own: [("a".to_owned(), "6801".to_owned())].into(),
        };
        let mut booked = Vec::new();
        for costs in &runs {
            let borne = borne(&pools, costs, &allocate(&pools, costs));
            let bearings: Vec<Bearing> = borne.iter().map(|(((month, currency), owner), amount)| Bearing {
                month: month.clone(), currency: currency.clone(), cost_center: owner.clone(), amount: *amount,
            }).collect();
            let next = journal(&booked, &bearings, &accounts);
            prop_assert!(booked.iter().all(|old| next.contains(old)), "an entry was rewritten");
            for (place, bill) in by_place(borne.iter().map(|((place, _), amount)| (place, *amount))) {
                let own = next.iter().filter(|entry| (&entry.month, &entry.currency) == (&place.0, &place.1));
                let [mut debits, mut credits] = [Money::ZERO; 2];
                for entry in own {
                    prop_assert!(entry.amount > Money::ZERO && entry.amount.units() % CENT == 0);
                    let cleared = if entry.credit == accounts.clearing { &mut debits } else { &mut credits };
                    *cleared += entry.amount;
                }
                prop_assert_eq!(debits - credits, bill.rounded(2));
            }
            booked = next;
        }
    }
}
