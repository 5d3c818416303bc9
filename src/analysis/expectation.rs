//! What a day should cost and how far off is far: the one place where a difference in currency
//! becomes sigmas and back. It knows no history.

/// A fall is measured down to this fraction of the expectation, so that zero has a logarithm.
const DEEPEST_FALL: f64 = 0.02;

/// One day's expectation in currency, with the width of its noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Expectation {
    /// Expected cost of the day.
    pub(super) value: f64,
    /// Cost level without the weekday shape.
    pub(super) level: f64,
    /// Log trend per day, already damped.
    pub(super) trend: f64,
    /// Relative noise: one sigma as a fraction.
    pub(super) scale: f64,
    /// One sigma in currency below which nothing counts.
    pub(super) money_floor: f64,
}

impl Expectation {
    /// Signed sigmas of an actual cost; logarithmic, so that noisy series stay quiet.
    pub(super) fn sigmas(&self, actual: f64) -> f64 {
        self.sign() * log_move(self.sign() * (actual - self.value) / self.base()) / self.scale
    }

    /// The cost that would score `sigmas`: the bounds of the usual range.
    pub(super) fn at(&self, sigmas: f64) -> f64 {
        let growth = (self.sign() * sigmas * self.scale).exp() - 1.0;
        self.value + self.sign() * self.base() * growth.max(DEEPEST_FALL - 1.0)
    }

    /// The same noise around a higher (or lower) cost.
    pub(super) fn moved_to(&self, value: f64, scale: f64) -> Self {
        Self {
            value,
            scale,
            ..*self
        }
    }

    /// The expectation, made today, of a day this many days later (and of the same weekday).
    pub(super) fn carried_forward(&self, days: f64) -> Self {
        Self {
            value: self.value * (self.trend * days).exp(),
            ..*self
        }
    }

    /// The miss as a unit-free log move, to learn the scale from; away from zero is positive.
    pub(super) fn signed_miss(&self, actual: f64) -> f64 {
        let base = self.size() + self.money_floor;
        log_move(self.sign() * (actual - self.value) / base)
    }

    /// Currency that one whole log unit is measured against. The floor is divided by the scale so
    /// that one sigma is never less than `money_floor`, whatever the size of the series.
    fn base(&self) -> f64 {
        self.size() + self.money_floor / self.scale
    }

    /// Quiet weekdays keep part of the level's noise.
    fn size(&self) -> f64 {
        self.value.abs().max(0.25 * self.level.abs())
    }

    /// A series of credits is judged as its mirror image.
    pub(super) fn sign(&self) -> f64 {
        if self.level < 0.0 { -1.0 } else { 1.0 }
    }
}

fn log_move(relative: f64) -> f64 {
    (1.0 + relative).max(DEEPEST_FALL).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_of_a_bound_is_its_sigmas() {
        let expected = Expectation {
            value: 80.0,
            level: 100.0,
            trend: 0.0,
            scale: 0.1,
            money_floor: 0.2,
        };
        for sigmas in [-3.5, -1.0, 0.0, 2.0, 3.5] {
            assert!((expected.sigmas(expected.at(sigmas)) - sigmas).abs() < 1e-9);
        }
    }

    #[test]
    fn more_credit_than_usual_scores_away_from_zero() {
        let credits = Expectation {
            value: -100.0,
            level: -100.0,
            trend: 0.0,
            scale: 0.1,
            money_floor: 0.1,
        };
        assert!(credits.sigmas(-150.0) < -3.0 && credits.sigmas(-50.0) > 3.0);
    }

    #[test]
    fn one_sigma_is_never_less_than_the_money_floor() {
        let small = Expectation {
            value: 0.5,
            level: 0.5,
            trend: 0.0,
            scale: 0.02,
            money_floor: 1.0,
        };
        assert!(small.sigmas(1.5) <= 1.0);
    }
}
