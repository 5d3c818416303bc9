//! Pools on literal slots, and the laws of any.

use super::super::replay::{Hour, replay};
use super::*;
use proptest::prelude::*;

fn money(text: &str) -> Money {
    Money::parse(text.as_bytes()).unwrap()
}

fn place(scope: &str) -> Place {
    ("42".to_owned(), "USD".to_owned(), scope.to_owned())
}

fn freed(scope: &str, on_demand: &str, covered: &str) -> Freed {
    Freed {
        scope: scope.to_owned(),
        currency: "USD".to_owned(),
        on_demand: money(on_demand),
        covered: money(covered),
    }
}

/// One slot that stands for the month.
const MONTH_SLOT: (usize, usize, i128) = (0, 1, 730);

/// A fleet: 20,000 of usage covered by a plan of 14,000, and 13,638 on demand.
fn fleet() -> Pools {
    let mut pools = Pools::default();
    let usage = [
        Usage::OnDemand(money("13638")),
        Usage::Covered(Commits::Spend, money("20000"), money("14000")),
    ];
    for one in usage {
        pools.add(&place("m5"), Some("Compute"), MONTH_SLOT, one);
    }
    pools
}

fn texts(lows: &[Option<Money>]) -> Vec<String> {
    let text = |low: &Option<Money>| low.map_or_else(String::new, |low| low.fixed(2));
    lows.iter().map(text).collect()
}

fn sum(lows: &[Option<Money>]) -> Money {
    lows.iter().flatten().copied().sum()
}

#[test]
fn a_fleet_that_halves_saves_what_it_ran_on_demand() {
    // 16,819 at on-demand price, 13,819 at what is paid: 13,638 of it is on the bill.
    assert_eq!(
        texts(&fleet().lows(&[freed("m5", "6819", "7000")])),
        ["13638.00"]
    );
}

#[test]
fn a_fleet_in_parts_saves_no_more_than_as_a_whole() {
    let apart = fleet().lows(&[freed("m5", "6819", "0"), freed("m5", "0", "7000")]);
    assert_eq!(texts(&apart), ["6819.00", "6819.00"]);
    let hundred = vec![freed("m5", "68.19", "70"); 100];
    let lows = fleet().lows(&hundred);
    assert_eq!(sum(&lows), money("13638"));
    assert_eq!(texts(&lows)[0], "138.19", "the first saves in full");
    assert_eq!(texts(&lows)[99], "0.00", "the last finds nothing left");
}

#[test]
fn a_plan_reaches_other_families_and_a_reservation_does_not() {
    let estate = |kind| {
        let mut pools = Pools::default();
        let covered = Usage::Covered(kind, money("100"), money("70"));
        pools.add(&place("m5"), Some("Compute"), MONTH_SLOT, covered);
        let other = Usage::OnDemand(money("50"));
        pools.add(&place("c5"), Some("Compute"), MONTH_SLOT, other);
        pools
    };
    let gone = [freed("m5", "0", "70")];
    assert_eq!(texts(&estate(Commits::Spend).lows(&gone)), ["50.00"]);
    assert_eq!(texts(&estate(Commits::Usage).lows(&gone)), ["0.00"]);
}

#[test]
fn nobody_is_promised_an_hour_that_a_freed_commitment_covers() {
    let mut pools = fleet();
    // The whole plan is set free and covers all on-demand usage: what of that goes away afterwards saves nothing.
    let lows = pools.lows(&[freed("m5", "0", "14000"), freed("m5", "1000", "0")]);
    assert_eq!(texts(&lows), ["13638.00", "0.00"]);
}

#[test]
fn hours_do_not_help_each_other() {
    let mut pools = Pools::default();
    let slots = |slot| (slot, 2, 730);
    let covered = Usage::Covered(Commits::Spend, money("100"), money("50"));
    pools.add(&place("m5"), Some("Compute"), slots(0), covered);
    pools.add(
        &place("m5"),
        Some("Compute"),
        slots(1),
        Usage::OnDemand(money("100")),
    );
    assert_eq!(texts(&pools.lows(&[freed("m5", "0", "50")])), ["0.00"]);
}

#[test]
fn of_days_only_what_every_day_has_counts() {
    let mut pools = Pools::default();
    for slot in 0..2 {
        let covered = Usage::Covered(Commits::Spend, money("100"), money("80"));
        pools.add(&place("m5"), Some("Compute"), (slot, 2, 730), covered);
    }
    for (slot, price) in [(0, "10"), (1, "90")] {
        let usage = Usage::OnDemand(money(price));
        pools.add(&place("m5"), Some("Compute"), (slot, 2, 730), usage);
    }
    pools.by_day("42", "USD");
    assert_eq!(texts(&pools.lows(&[freed("m5", "0", "160")])), ["20.00"]);
}

#[test]
fn without_commitments_all_is_saved_and_of_strangers_nothing_is_known() {
    let mut pools = Pools::default();
    pools.add(
        &place("m5"),
        Some("Compute"),
        MONTH_SLOT,
        Usage::OnDemand(money("10")),
    );
    // The bill's window may have seen less of a young machine than a month of it costs.
    let lows = pools.lows(&[freed("m5", "25", "0"), freed("c5", "25", "0")]);
    assert_eq!(texts(&lows), ["25.00", ""]);
}

#[test]
fn what_is_left_is_what_a_new_commitment_can_cover() {
    let mut pools = fleet();
    pools.lows(&[freed("m5", "6819", "700")]);
    let place = place("m5");
    // 1,000 of covered usage goes and its commitment takes as much on demand.
    let on_demand = pools.left(&place, 0, None);
    assert!((on_demand - 5819.0 / 13638.0).abs() < 1e-9, "{on_demand}");
    let covered = pools.left(&place, 0, Some(Commits::Spend));
    assert!((covered - 0.95).abs() < 1e-9, "{covered}");
    assert!((pools.left(&place, 0, Some(Commits::Usage)) - 1.0).abs() < 1e-9);
}

proptest! {
    #[test]
    fn lows_never_exceed_what_the_replay_saves(
        hours in prop::collection::vec((0i128..5_000, 1i128..5_000), 1..12),
        parts in prop::collection::vec((0i128..100, 0i128..100), 1..8),
        discount in 1i128..70,
    ) {
        let cents = |count: i128| Money::from_units(count * 10_000_000_000);
        let slots = hours.len();
        let mut pools = Pools::default();
        for (slot, (uncovered, covered)) in hours.iter().enumerate() {
            let at = (slot, slots, 730);
            pools.add(&place("m5"), Some("Compute"), at, Usage::OnDemand(cents(*uncovered)));
            let cost = cents(covered * (100 - discount) / 100);
            let usage = Usage::Covered(Commits::Spend, cents(*covered), cost);
            pools.add(&place("m5"), Some("Compute"), at, usage);
        }
        // No more than all of the usage goes away.
        let uncovered: i128 = hours.iter().map(|hour| hour.0).sum();
        let used: i128 = hours.iter().map(|hour| hour.1 * (100 - discount) / 100).sum();
        let weight: i128 = parts.iter().map(|part| part.0.max(part.1)).sum::<i128>().max(1);
        let all: Vec<Freed> = parts.iter().map(|(on_demand, covered)| Freed {
            scope: "m5".to_owned(),
            currency: "USD".to_owned(),
            on_demand: cents(uncovered * on_demand / weight),
            covered: cents(used * covered / weight),
        }).collect();
        let lows = pools.lows(&all);
        for (low, freed) in lows.iter().zip(&all) {
            prop_assert!(low.is_some_and(|low| Money::ZERO <= low && low <= freed.whole()));
        }
        // Together: no more than the replay of everything at once, at on-demand price.
        let on_demand: i128 = parts.iter().map(|part| uncovered * part.0 / weight).sum();
        let covered: i128 = parts.iter().map(|part| used * part.1 / weight).sum();
        let share = |whole: i128, part: i128, all: i128| whole * part / all.max(1);
        let all: Vec<Hour> = hours.iter().map(|hour| Hour {
            freed: cents(share(hour.0, on_demand, uncovered) + share(hour.1, covered, used) + 2),
            uncovered: cents(hour.0),
        }).collect();
        let slack = cents(slots as i128 * 4 + 4);
        prop_assert!(sum(&lows) <= replay(&all).realised + slack);
    }
}
