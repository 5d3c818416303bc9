//! What moved: which region, SKU or resource explains an incident best, how much of the move it
//! carries, and whether usage, rate, mix or a new line is the cause. It explains one incident of one
//! series from the series' leaves; it never decides whether there is an incident.

use std::collections::BTreeMap;
use std::ops::Range;

use super::cause::{Cause, Move, cause};
use super::robust::{count_as_f64, median};

/// Weeks of the same weekday that tell what a leaf should have cost.
const WEEKS: usize = 4;
/// Days searched for activity of a leaf that is silent on most days.
const ACTIVITY_DAYS: usize = 56;
/// What naming everything costs, as a share of the move: a narrower answer must be this much worse
/// before `ALL` wins.
const COST_OF_ALL: f64 = 0.06;
/// What each finer dimension costs, for the same reason; dimensions are given coarse to fine.
const COST_OF_FINER: f64 = 0.01;
/// The finest lines of a series, for example one region, SKU and resource. All slices are daily and
/// start on the series' first day; missing days at the end count as zero.
#[derive(Debug, Clone, Copy)]
pub struct Leaf<'a> {
    /// One value per dimension, in the order of the names given to [`explain`].
    pub values: &'a [&'a str],
    /// Cost per day in currency.
    pub costs: &'a [f64],
    /// Cost at list price per day, if the bill has it: it tells usage from rate.
    pub list_costs: Option<&'a [f64]>,
}

/// The best explanation of an incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Driver {
    /// A dimension's name, or `ALL`.
    pub dimension: String,
    /// Its value, or `*`.
    pub value: String,
    /// Cost above expectation of these lines over the incident, in currency.
    pub delta: f64,
    /// Share of everything that moved in this direction, 0 to 1: what moved the other way does not
    /// count.
    pub share: f64,
    /// None of these lines cost anything before.
    pub new_line: bool,
    /// Why.
    pub cause: Cause,
}

/// Finds the dimension's value (or `ALL`) that explains the incident best. `dimensions` are ordered
/// coarse to fine; `days` are the incident's days as indices into the leaves' slices. `None` when
/// nothing moved.
pub fn explain(dimensions: &[&str], leaves: &[Leaf<'_>], days: Range<usize>) -> Option<Driver> {
    let moves: Vec<Move> = leaves.iter().map(|leaf| move_of(leaf, &days)).collect();
    let total: f64 = moves.iter().map(Move::delta).sum();
    let sum_of_moves: f64 = moves.iter().map(|one| one.delta().abs()).sum();
    if sum_of_moves <= f64::EPSILON || !sum_of_moves.is_finite() {
        return None;
    }
    let everything: Vec<usize> = (0..moves.len()).collect();
    let mut best = (
        "ALL",
        "*",
        everything.clone(),
        COST_OF_ALL + loss(&moves, &everything, sum_of_moves),
    );
    for (depth, name) in dimensions.iter().enumerate() {
        let finer = COST_OF_FINER * [0.0, 1.0, 2.0][depth.min(2)];
        for (value, group) in group_by(leaves, depth) {
            let delta: f64 = group.iter().map(|at| moves[*at].delta()).sum();
            let cost = finer + loss(&moves, &group, sum_of_moves);
            if delta * total > 0.0 && cost < best.3 {
                best = (name, value, group, cost);
            }
        }
    }
    let (dimension, value, group, _) = best;
    Some(driver(dimension, value, &group, &moves))
}

/// The values of one dimension that moved the incident most, with their money, largest first: the
/// resources behind it. Only values that moved with the whole are named.
pub fn largest(
    leaves: &[Leaf<'_>],
    depth: usize,
    days: Range<usize>,
    count: usize,
) -> Vec<(String, f64)> {
    let moves: Vec<f64> = leaves
        .iter()
        .map(|leaf| move_of(leaf, &days).delta())
        .collect();
    let total: f64 = moves.iter().sum();
    let mut values: Vec<(String, f64)> = group_by(leaves, depth)
        .into_iter()
        .map(|(value, group)| (value.to_owned(), group.iter().map(|at| moves[*at]).sum()))
        .filter(|(_, delta)| delta * total > 0.0)
        .collect();
    values.sort_by(|(a, x), (b, y)| y.abs().total_cmp(&x.abs()).then_with(|| a.cmp(b)));
    values.truncate(count);
    values
}

fn driver(dimension: &str, value: &str, group: &[usize], moves: &[Move]) -> Driver {
    let chosen: Vec<Move> = group.iter().map(|at| moves[*at]).collect();
    let delta: f64 = chosen.iter().map(Move::delta).sum();
    let new_line = chosen.iter().all(Move::is_new);
    let with_it = |one: &f64| one * delta > 0.0;
    let whole: f64 = moves.iter().map(Move::delta).filter(with_it).sum();
    Driver {
        dimension: dimension.to_owned(),
        value: value.to_owned(),
        delta,
        share: if whole.abs() > f64::EPSILON {
            (delta / whole).clamp(0.0, 1.0)
        } else {
            0.0
        },
        new_line,
        cause: if new_line { Cause::New } else { cause(&chosen) },
    }
}

/// The part of all movement left unexplained when exactly this group moved, by one ratio.
/// A new line has no ratio: alone it explains itself, among old lines it does not.
fn loss(moves: &[Move], group: &[usize], sum_of_moves: f64) -> f64 {
    let old = || {
        group
            .iter()
            .map(|at| &moves[*at])
            .filter(|one| !one.is_new())
    };
    let expected: f64 = old().map(|one| one.expected).sum();
    let actual: f64 = old().map(|one| one.actual).sum();
    let ratio = if expected.abs() > f64::EPSILON {
        actual / expected
    } else {
        1.0
    };
    let new_alone = old().next().is_none();
    let inside: f64 = group.iter().map(|at| moves[*at].delta().abs()).sum();
    let left: f64 = group
        .iter()
        .map(|at| &moves[*at])
        .map(|one| match (one.is_new(), new_alone) {
            (true, true) => 0.0,
            (true, false) => one.delta().abs(),
            (false, _) => (one.actual - one.expected * ratio).abs(),
        })
        .sum();
    (sum_of_moves - inside + left) / sum_of_moves
}

/// The leaves of each value of one dimension, in the order of the values.
fn group_by<'a>(leaves: &[Leaf<'a>], depth: usize) -> BTreeMap<&'a str, Vec<usize>> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, leaf) in leaves.iter().enumerate() {
        if let Some(value) = leaf.values.get(depth) {
            groups.entry(value).or_default().push(at);
        }
    }
    groups
}

fn move_of(leaf: &Leaf<'_>, days: &Range<usize>) -> Move {
    let list = leaf
        .list_costs
        .map(|costs| (actual(costs, days), expected(costs, days)));
    Move {
        actual: actual(leaf.costs, days),
        expected: expected(leaf.costs, days),
        list,
    }
}

fn actual(costs: &[f64], days: &Range<usize>) -> f64 {
    days.clone().map(|day| cost_on(costs, day)).sum()
}

/// What the days should have cost: the same-weekday medians of the four weeks before the incident;
/// for a leaf that is silent on most days, its usual active day for each day it was active.
fn expected(costs: &[f64], days: &Range<usize>) -> f64 {
    let by_weekday = weekday_medians(costs, days);
    if by_weekday != 0.0 {
        return by_weekday;
    }
    let past = days.start.saturating_sub(ACTIVITY_DAYS)..days.start;
    let active = |days: Range<usize>| {
        days.map(|day| cost_on(costs, day))
            .filter(|cost| *cost != 0.0)
    };
    let mut seen: Vec<f64> = active(past).collect();
    median(&mut seen) * count_as_f64(active(days.clone()).count())
}

fn weekday_medians(costs: &[f64], days: &Range<usize>) -> f64 {
    let of_weekday = |weekday: usize| {
        let mut past = [0.0; WEEKS];
        let mut weeks = 0;
        for back in 1..=WEEKS {
            if let Some(day) = (days.start + weekday).checked_sub(7 * back) {
                past[weeks] = cost_on(costs, day);
                weeks += 1;
            }
        }
        median(&mut past[..weeks])
    };
    (0..days.len().min(7))
        .map(|weekday| of_weekday(weekday) * times(days.len(), weekday))
        .sum()
}

/// How often a weekday occurs in an incident of this length.
fn times(length: usize, weekday: usize) -> f64 {
    count_as_f64((length - weekday).div_ceil(7))
}

fn cost_on(costs: &[f64], day: usize) -> f64 {
    costs
        .get(day)
        .copied()
        .filter(|cost| cost.is_finite())
        .unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DIMENSIONS: [&str; 3] = ["RegionId", "SkuId", "ResourceId"];

    fn flat_then(before: f64, after: f64) -> Vec<f64> {
        let mut costs = vec![before; 28];
        costs.extend([after; 5]);
        costs
    }

    fn explain_costs(leaves: &[([&str; 3], f64, f64)]) -> Driver {
        let costs: Vec<_> = leaves
            .iter()
            .map(|leaf| flat_then(leaf.1, leaf.2))
            .collect();
        let leaves: Vec<_> = leaves
            .iter()
            .zip(&costs)
            .map(|(leaf, costs)| Leaf {
                values: &leaf.0,
                costs,
                list_costs: None,
            })
            .collect();
        explain(&DIMENSIONS, &leaves, 28..33).unwrap()
    }

    #[test]
    fn one_resource_that_doubled_is_named_with_its_money() {
        let driver = explain_costs(&[
            (["eu", "box", "a"], 10.0, 10.0),
            (["eu", "box", "b"], 10.0, 20.0),
            (["us", "box", "c"], 10.0, 10.0),
        ]);
        assert_eq!(
            (driver.dimension.as_str(), driver.value.as_str()),
            ("ResourceId", "b")
        );
        assert!((driver.delta - 50.0).abs() < 1e-9 && (driver.share - 1.0).abs() < 1e-9);
        assert_eq!(driver.cause, Cause::Usage);
    }

    #[test]
    fn a_region_that_grew_as_a_whole_is_named_as_a_region() {
        let driver = explain_costs(&[
            (["eu", "box", "a"], 10.0, 20.0),
            (["eu", "disk", "b"], 4.0, 8.0),
            (["us", "box", "c"], 10.0, 10.0),
        ]);
        assert_eq!(
            (driver.dimension.as_str(), driver.value.as_str()),
            ("RegionId", "eu")
        );
    }

    #[test]
    fn everything_that_grew_alike_is_all() {
        let driver = explain_costs(&[
            (["eu", "box", "a"], 10.0, 20.0),
            (["us", "disk", "b"], 10.0, 20.0),
            (["ap", "gb", "c"], 10.0, 20.0),
        ]);
        assert_eq!(
            (driver.dimension.as_str(), driver.value.as_str()),
            ("ALL", "*")
        );
    }

    #[test]
    fn a_new_resource_in_an_old_region_is_a_new_line() {
        let driver = explain_costs(&[
            (["eu", "box", "a"], 10.0, 10.0),
            (["eu", "box", "b"], 0.0, 9.0),
        ]);
        assert_eq!(
            (driver.dimension.as_str(), driver.value.as_str()),
            ("ResourceId", "b")
        );
        assert!(driver.new_line);
        assert_eq!(driver.cause, Cause::New);
    }

    #[test]
    fn an_intermittent_line_is_compared_with_its_active_days() {
        let mut costs = vec![0.0; 34];
        for day in [3, 11, 20, 27] {
            costs[day] = 10.0;
        }
        costs[33] = 60.0;
        let leaf = Leaf {
            values: &["eu", "box", "a"],
            costs: &costs,
            list_costs: None,
        };
        let driver = explain(&DIMENSIONS, &[leaf], 33..34).unwrap();
        assert!(!driver.new_line);
        assert!((driver.delta - 50.0).abs() < 1e-9);
    }

    #[test]
    fn opposite_moves_do_not_hide_the_one_that_matters() {
        let driver = explain_costs(&[
            (["eu", "box", "a"], 10.0, 40.0),
            (["us", "box", "b"], 20.0, 10.0),
        ]);
        assert_eq!(driver.value, "eu");
        assert!((driver.share - 1.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_moved_means_no_driver() {
        let costs = flat_then(5.0, 5.0);
        let leaf = Leaf {
            values: &["eu", "box", "a"],
            costs: &costs,
            list_costs: None,
        };
        assert!(explain(&DIMENSIONS, &[leaf], 28..33).is_none());
        assert!(explain(&DIMENSIONS, &[], 28..33).is_none());
    }

    proptest! {
        #[test]
        fn any_leaves_give_finite_shares(
            costs in prop::collection::vec(prop::collection::vec(any_cost(), 0..40), 0..6),
            start in 0..40_usize,
            length in 0..20_usize,
        ) {
            let leaf = |costs| Leaf { values: &["eu", "box"], costs, list_costs: Some(costs) };
            let leaves: Vec<_> = costs.iter().map(|costs| leaf(costs.as_slice())).collect();
            if let Some(driver) = explain(&DIMENSIONS, &leaves, start..start + length) {
                prop_assert!(driver.delta.is_finite() && driver.share.is_finite(), "{driver:?}");
            }
        }
    }

    fn any_cost() -> impl Strategy<Value = f64> {
        prop_oneof![-10.0..100.0_f64, Just(0.0), Just(1e12), Just(f64::NAN)]
    }
}
