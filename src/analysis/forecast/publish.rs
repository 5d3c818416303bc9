//! From statistics to published amounts: parts that add up to the whole, to the last digit, in every direction
//! (services, accounts and days alike). Rounding is by largest remainder; it never changes a whole.

use crate::money::{Money, SCALE};

/// Largest amount published, in currency; the stored decimals end a little above it.
const LARGEST: f64 = 9.0e13;

/// An estimate as an amount with so many decimals.
pub fn amount(estimate: f64, decimals: usize) -> Money {
    let bounded = if estimate.is_nan() {
        0.0
    } else {
        estimate.clamp(-LARGEST, LARGEST)
    };
    Money::from_f64(bounded).map_or(Money::ZERO, |amount| amount.rounded(decimals))
}

/// The parts as amounts that add up to the whole exactly, in steps of 10^-`decimals` (`whole` must have no finer
/// digits). Each part is its estimate rounded down, and the missing steps go to the largest remainders, ties to the
/// earlier part. Where the estimates do not add up to the whole, the rest is spread evenly.
pub fn parts_of(whole: Money, estimates: &[f64], decimals: usize) -> Vec<Money> {
    let count = i128::try_from(estimates.len()).unwrap_or(i128::MAX);
    if count == 0 {
        return Vec::new();
    }
    let step = 10_i128.pow(u32::try_from(SCALE - decimals.min(SCALE)).unwrap_or(0));
    let units: Vec<i128> = estimates
        .iter()
        .map(|e| amount(*e, SCALE).units())
        .collect();
    let mut steps: Vec<i128> = units.iter().map(|units| units.div_euclid(step)).collect();
    let missing = whole.units().div_euclid(step) - steps.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..steps.len()).collect();
    order.sort_by_key(|part| (-units[*part].rem_euclid(step), *part));
    let some = usize::try_from(missing.rem_euclid(count)).unwrap_or(0);
    for (rank, part) in order.into_iter().enumerate() {
        steps[part] += missing.div_euclid(count) + i128::from(rank < some);
    }
    steps
        .into_iter()
        .map(|steps| Money::from_units(steps * step))
        .collect()
}

/// The published days of the whole: the estimates of the leaves added and rounded, day by day.
pub fn whole_days(leaves: &[&[f64]], decimals: usize) -> Vec<Money> {
    let days = leaves.iter().map(|leaf| leaf.len()).max().unwrap_or(0);
    let sum = |day: usize| leaves.iter().filter_map(|leaf| leaf.get(day)).sum::<f64>();
    (0..days).map(|day| amount(sum(day), decimals)).collect()
}

/// The published days of the parts of one division of the whole (its services, its teams), by part: on every day they
/// add up to that day of the whole, so sums over any days add up too.
pub fn days_of_parts(wholes: &[Money], parts: &[&[f64]], decimals: usize) -> Vec<Vec<Money>> {
    let mut published = vec![Vec::with_capacity(wholes.len()); parts.len()];
    for (day, whole) in wholes.iter().enumerate() {
        let estimates: Vec<f64> = parts
            .iter()
            .map(|p| p.get(day).copied().unwrap_or(0.0))
            .collect();
        for (part, amount) in published
            .iter_mut()
            .zip(parts_of(*whole, &estimates, decimals))
        {
            part.push(amount);
        }
    }
    published
}

/// Moves forecasts made for another division of the same money (teams, beside services) so that they add up to the
/// whole: the least certain part moves most, in proportion to its variance (weighted least squares with a diagonal
/// covariance: Wickramasuriya, Athanasopoulos and Hyndman 2019). `spreads` are standard errors, one a part.
pub fn reconcile(parts: &mut [f64], spreads: &[f64], whole: f64) {
    let gap = whole - parts.iter().sum::<f64>();
    let variances: Vec<f64> = (0..parts.len())
        .map(|part| spreads.get(part).map_or(0.0, |s| s * s))
        .map(|variance| if variance.is_finite() { variance } else { 0.0 })
        .collect();
    let total: f64 = variances.iter().sum();
    let sizes: f64 = parts.iter().map(|part| part.abs()).sum();
    for (part, variance) in parts.iter_mut().zip(variances) {
        let share = if total > 0.0 {
            variance / total
        } else if sizes > 0.0 {
            part.abs() / sizes
        } else {
            0.0
        };
        *part += gap * share;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money(text: &str) -> Money {
        Money::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn thirds_of_ten_add_up_to_ten() {
        let parts = parts_of(money("10"), &[10.0 / 3.0; 3], 2);
        assert_eq!(parts, [money("3.34"), money("3.33"), money("3.33")]);
    }

    #[test]
    fn a_credit_among_the_parts_keeps_its_sign() {
        let parts = parts_of(money("5"), &[7.5, -2.5], 2);
        assert_eq!(parts, [money("7.5"), money("-2.5")]);
    }

    #[test]
    fn what_is_no_number_is_nothing() {
        assert_eq!(amount(f64::NAN, 2), Money::ZERO);
        assert_eq!(amount(f64::INFINITY, 2), money("90000000000000"));
    }

    #[test]
    fn the_uncertain_part_moves() {
        let mut parts = [10.0, 20.0];
        reconcile(&mut parts, &[0.0, 3.0], 36.0);
        assert!((parts[0] - 10.0).abs() < 1e-9 && (parts[1] - 26.0).abs() < 1e-9);
    }

    #[test]
    fn without_a_record_parts_move_by_size() {
        let mut parts = [10.0, 30.0];
        reconcile(&mut parts, &[], 44.0);
        assert!((parts[0] - 11.0).abs() < 1e-9 && (parts[1] - 33.0).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn every_division_adds_up_on_every_day(
            leaves in prop::collection::vec(prop::collection::vec(-1e9_f64..1e9, 5), 1..9),
            decimals in 0_usize..=12,
        ) {
            let leaves: Vec<&[f64]> = leaves.iter().map(Vec::as_slice).collect();
            let wholes = whole_days(&leaves, decimals);
            let parts = days_of_parts(&wholes, &leaves, decimals);
            for (day, whole) in wholes.iter().enumerate() {
                prop_assert_eq!(parts.iter().map(|part| part[day]).sum::<Money>(), *whole);
            }
        }

        #[test]
        fn a_part_is_at_most_a_step_from_its_estimate(parts in prop::collection::vec(-1e6_f64..1e6, 1..9)) {
            let whole = amount(parts.iter().sum(), 2);
            for (part, published) in parts.iter().zip(parts_of(whole, &parts, 2)) {
                prop_assert!((published.approximate() - part).abs() <= 0.0101);
            }
        }
    }
}
