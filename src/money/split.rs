//! Parts and shares that add up to the whole: largest remainder, exact at any size.

use super::{Money, SCALE, bounded};

/// Splits a total by weights so that the parts add up to it exactly: largest remainder, ties to the
/// earlier part, in steps of 10^-`decimals`. What is finer than a step stays with the largest part.
/// Without a positive weight everything goes to the first part.
pub fn split(total: Money, weights: &[Money], decimals: usize) -> Vec<Money> {
    let weight_sum: i128 = weights.iter().map(|w| w.0.max(0)).sum();
    let mut parts = vec![Money::ZERO; weights.len()];
    if parts.is_empty() {
        return parts;
    }
    if weight_sum == 0 {
        parts[0] = total;
        return parts;
    }
    let step = 10i128.pow(u32::try_from(SCALE - decimals.min(SCALE)).unwrap_or(0));
    let (sign, steps, dust) = (total.0.signum(), total.0.abs() / step, total.0.abs() % step);
    let mut remainders = Vec::with_capacity(weights.len());
    let mut given = 0;
    for (index, weight) in weights.iter().enumerate() {
        let (whole, rest) = mul_div(steps, weight.0.max(0), weight_sum);
        parts[index] = Money(sign * whole * step);
        given += whole;
        remainders.push((std::cmp::Reverse(rest), index));
    }
    remainders.sort_unstable();
    let missing = usize::try_from(steps - given).unwrap_or(0);
    for &(_, index) in remainders.iter().take(missing) {
        parts[index] += Money(sign * step);
    }
    let largest = (0..weights.len())
        .max_by_key(|&i| (weights[i], std::cmp::Reverse(i)))
        .unwrap_or(0);
    parts[largest] += Money(sign * dust);
    parts
}

/// `a × b / c` and the remainder, for non-negative numbers, by long multiplication where i128 is too small.
fn mul_div(a: i128, b: i128, c: i128) -> (i128, i128) {
    if let Some(product) = a.checked_mul(b) {
        return (product / c, product % c);
    }
    let (mut quotient, mut rest) = (0i128, 0i128);
    for bit in (0..127).rev() {
        quotient <<= 1;
        rest <<= 1;
        if (a >> bit) & 1 == 1 {
            rest += b;
        }
        while rest >= c {
            rest -= c;
            quotient += 1;
        }
    }
    (quotient, rest)
}

/// Shares of a whole in hundredths of a percent, adding up to exactly 100.00 % (10 000).
/// A whole of zero has no shares: all are 0.
pub fn shares(parts: &[Money]) -> Vec<i64> {
    let total: Money = parts.iter().copied().sum();
    if total == Money::ZERO {
        return vec![0; parts.len()];
    }
    let sign = total.0.signum();
    let whole = total.0.abs();
    let mut shares: Vec<i64> = Vec::with_capacity(parts.len());
    let mut remainders = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        let (quotient, rest) = mul_div(part.0.abs(), 10_000, whole);
        let (floor, rest) = match part.0.signum() * sign {
            -1 if rest > 0 => (-quotient - 1, whole - rest),
            -1 => (-quotient, 0),
            _ => (quotient, rest),
        };
        shares.push(i64::try_from(floor).unwrap_or(0));
        remainders.push((std::cmp::Reverse(rest), index));
    }
    remainders.sort_unstable();
    let missing = 10_000 - shares.iter().sum::<i64>();
    for &(_, index) in remainders
        .iter()
        .take(usize::try_from(missing).unwrap_or(0))
    {
        shares[index] += 1;
    }
    shares
}

/// Hundredths of a percent as a cell: `12.34`.
pub fn percent(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let digits = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", digits / 100, digits % 100)
}

/// One amount as a share of another, in hundredths of a percent, rounded half to even; `None` of nothing.
pub fn ratio(part: Money, whole: Money) -> Option<i64> {
    if whole == Money::ZERO {
        return None;
    }
    let (quotient, rest) = mul_div(part.0.abs(), 10_000, whole.0.abs());
    let up = rest * 2 > whole.0.abs() || (rest * 2 == whole.0.abs() && quotient % 2 == 1);
    let value = i64::try_from(quotient + i128::from(up)).ok()?;
    Some(if (part.0 < 0) == (whole.0 < 0) {
        value
    } else {
        -value
    })
}

/// A total per one of a quantity, rounded half to even to this many decimals (0 to 12); `None` per nothing, and
/// where it does not fit.
pub fn per(total: Money, quantity: Money, decimals: usize) -> Option<Money> {
    if quantity == Money::ZERO {
        return None;
    }
    let kept = u32::try_from(decimals.min(SCALE)).unwrap_or(0);
    let (quotient, rest) = mul_div(total.0.abs(), 10i128.pow(kept), quantity.0.abs());
    let twice = rest * 2;
    let up = twice > quantity.0.abs() || (twice == quantity.0.abs() && quotient % 2 == 1);
    let step = 10i128.pow(u32::try_from(SCALE).unwrap_or(0) - kept);
    let units = (quotient + i128::from(up)).checked_mul(step)?;
    let negative = (total.0 < 0) != (quantity.0 < 0);
    bounded(if negative { -units } else { units })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::BOUND;
    use proptest::prelude::*;

    fn money(text: &str) -> Money {
        Money::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn shares_add_up_to_one_hundred() {
        assert_eq!(
            shares(&[money("1"), money("1"), money("1")]),
            [3334, 3333, 3333]
        );
        assert_eq!(shares(&[money("15"), money("-5")]), [15000, -5000]);
        assert_eq!(shares(&[Money::ZERO]), [0]);
        assert_eq!(percent(-5), "-0.05");
        assert_eq!(ratio(money("1"), money("8")), Some(1250));
        assert_eq!(ratio(money("1"), Money::ZERO), None);
    }

    #[test]
    fn a_quotient_is_rounded_half_to_even() {
        let six = |total: &str, quantity: &str| {
            per(money(total), money(quantity), 6).map(|one| one.to_string())
        };
        assert_eq!(six("10", "3").as_deref(), Some("3.333333"));
        assert_eq!(six("0.000001", "2").as_deref(), Some("0.00"));
        assert_eq!(six("0.000003", "2").as_deref(), Some("0.000002"));
        assert_eq!(six("-10", "4").as_deref(), Some("-2.50"));
        assert_eq!(six("10", "-4").as_deref(), Some("-2.50"));
        assert_eq!(six("10", "0"), None);
        assert_eq!(six("90000000000000", "0.000000000001"), None);
    }

    proptest! {
        #[test]
        fn a_quotient_times_its_quantity_is_the_total_within_rounding(
            total in -1_000_000_000_000_000_000_000i128..1_000_000_000_000_000_000_000,
            quantity in 1i128..1_000_000_000_000_000_000_000,
        ) {
            let (total, quantity) = (Money::from_units(total), Money::from_units(quantity));
            if let Some(one) = per(total, quantity, 6) {
                // At most half a millionth away: 2 × |one × quantity − total| ≤ quantity × 10⁻⁶, in whole numbers.
                let millionths = one.units() / 1_000_000;
                let away = (millionths * quantity.units() - total.units() * 1_000_000).abs();
                prop_assert!(away * 2 <= quantity.units());
            }
        }

        #[test]
        fn parts_add_up_to_the_whole(
            total in -BOUND..BOUND,
            weights in prop::collection::vec(0..BOUND, 1..9),
            decimals in 0usize..=12,
        ) {
            let weights: Vec<Money> = weights.into_iter().map(Money::from_units).collect();
            let parts = split(Money::from_units(total), &weights, decimals);
            prop_assert_eq!(parts.into_iter().sum::<Money>(), Money::from_units(total));
        }

        #[test]
        fn shares_of_anything_add_up(parts in prop::collection::vec(-BOUND..BOUND, 1..9)) {
            let parts: Vec<Money> = parts.into_iter().map(Money::from_units).collect();
            let whole: i64 = shares(&parts).iter().sum();
            prop_assert!(whole == 10_000 || whole == 0);
        }
    }
}
