//! The rates of commitments, each with its definition, exact.
//!
//! One discount `d`, utilisation `u` and coverage tie together: what covered usage saves before waste is
//! `purchased capacity ÷ all usage × u × d` of all eligible usage, and the effective savings rate, which pays for
//! the waste too, is `coverage × (1 − (1 − d) ÷ u)`. With nothing unused both are `coverage × d`.

use crate::money::{Money, ratio};

/// Sums over a commitment, a scope or a month. "On demand" is `ContractedCost`: what usage would cost uncommitted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// On-demand equivalent of covered usage.
    pub covered: Money,
    /// `EffectiveCost` of covered usage: the commitment that was used.
    pub used: Money,
    /// `EffectiveCost` of what nobody used.
    pub unused: Money,
    /// Eligible usage that no commitment covered.
    pub on_demand: Money,
}

/// All rates in hundredths of a percent; `None` of nothing.
impl Sums {
    /// Covered usage of all eligible usage, both at on-demand price.
    pub fn coverage(self) -> Option<i64> {
        ratio(self.covered, self.covered + self.on_demand)
    }

    /// Used commitment of all commitment.
    pub fn utilization(self) -> Option<i64> {
        ratio(self.used, self.used + self.unused)
    }

    /// What the commitment takes off the on-demand price of usage it covers.
    pub fn discount(self) -> Option<i64> {
        ratio(self.covered - self.used, self.covered)
    }

    /// The utilisation below which the commitment costs more than it saves: `1 − discount`.
    pub fn break_even(self) -> Option<i64> {
        ratio(self.used, self.covered)
    }

    /// What commitments saved, waste paid for.
    pub fn savings(self) -> Money {
        self.covered - self.used - self.unused
    }

    /// Savings of all committable usage: the effective savings rate of committable spend.
    pub fn savings_rate(self) -> Option<i64> {
        ratio(self.savings(), self.covered + self.on_demand)
    }

    /// Savings of the covered usage alone: what this commitment is worth, whatever stands beside it.
    pub fn own_rate(self) -> Option<i64> {
        ratio(self.savings(), self.covered)
    }
}

impl std::ops::AddAssign for Sums {
    fn add_assign(&mut self, other: Sums) {
        self.covered += other.covered;
        self.used += other.used;
        self.unused += other.unused;
        self.on_demand += other.on_demand;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sums(covered: i128, used: i128, unused: i128, on_demand: i128) -> Sums {
        let [covered, used, unused, on_demand] = [covered, used, unused, on_demand]
            .map(|amount| Money::from_units(amount * 1_000_000_000_000));
        Sums {
            covered,
            used,
            unused,
            on_demand,
        }
    }

    #[test]
    fn the_rates_of_a_plan_that_is_four_fifths_used() {
        // 1,000 of usage; 500 of it at 30 % off for 350, and 87.5 unused would be 80 %.
        let sums = sums(1_000, 700, 175, 1_000);
        assert_eq!(sums.coverage(), Some(5_000));
        assert_eq!(sums.utilization(), Some(8_000));
        assert_eq!(sums.discount(), Some(3_000));
        assert_eq!(sums.break_even(), Some(7_000));
        assert_eq!(sums.savings_rate(), Some(625));
        assert_eq!(sums.own_rate(), Some(1_250));
    }

    #[test]
    fn of_nothing_there_is_no_rate() {
        assert_eq!(Sums::default().coverage(), None);
        assert_eq!(Sums::default().utilization(), None);
    }

    /// Hundredths of a percent as a share.
    #[allow(clippy::cast_precision_loss)]
    fn share(hundredths: Option<i64>) -> f64 {
        hundredths.unwrap() as f64 / 10_000.0
    }

    proptest! {
        #[test]
        fn coverage_utilisation_and_discount_make_the_savings_rate(
            covered in 1_000i128..1_000_000, permille in 1i128..900, unused in 0i128..100_000, beside in 0i128..1_000_000,
        ) {
            let used = covered - covered * permille / 1_000;
            let all = sums(covered, used, 0, beside);
            let full = share(all.coverage()) * share(all.utilization()) * share(all.discount());
            prop_assert!((full - share(all.savings_rate())).abs() < 2e-4);
            // With waste: capacity bought, used in part, at the discount, is what is saved before waste.
            let part = sums(covered, used, unused, beside);
            let (u, d) = (share(part.utilization()), share(part.discount()));
            prop_assume!(u > 0.2);
            let net = share(part.coverage()) * (1.0 - (1.0 - d) / u);
            prop_assert!((net - share(part.savings_rate())).abs() < 2e-3, "{net} {part:?}");
            let waste = share(ratio(part.unused, part.covered + part.on_demand));
            let capacity = share(part.coverage()) / u;
            prop_assert!((capacity * u * d - waste - share(part.savings_rate())).abs() < 2e-3);
        }
    }
}
