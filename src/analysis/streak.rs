//! Alert days of one sign in a row. Six of them are no longer an anomaly but the new normal.

use super::anomaly::ALERT_SIGMAS;
use super::robust::median;

/// Days of the same verdict after which a new level is the normal one.
const REBASE_DAYS: usize = 6;

/// What the alert days cost, alone and against the expectation.
#[derive(Debug, Default)]
pub(super) struct Streak {
    days: usize,
    sign: f64,
    /// Cost of each day, oldest first.
    pub(super) costs: [f64; REBASE_DAYS],
    ratios: [f64; REBASE_DAYS],
}

impl Streak {
    /// Adds one day; true on the one that makes the level the normal one. The caller then takes
    /// the streak away.
    pub(super) fn add(&mut self, cost: f64, expected: f64, score: f64) -> bool {
        if score.abs() < ALERT_SIGMAS || score * self.sign < 0.0 || self.days == REBASE_DAYS {
            self.end();
        }
        if score.abs() < ALERT_SIGMAS {
            return false;
        }
        self.sign = score.signum();
        self.costs[self.days] = cost;
        self.ratios[self.days] = if expected == 0.0 {
            f64::MAX
        } else {
            cost / expected
        };
        self.days += 1;
        self.days == REBASE_DAYS
    }

    /// Forgets the days so far.
    pub(super) fn end(&mut self) {
        self.days = 0;
        self.sign = 0.0;
    }

    /// Median ratio of cost to expectation.
    pub(super) fn ratio(&self) -> f64 {
        median(&mut self.ratios.clone())
    }

    /// Whether the days were below the expectation.
    pub(super) fn fell(&self) -> bool {
        self.sign < 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_alert_days_of_one_sign_make_a_level() {
        let mut streak = Streak::default();
        let accepted: Vec<bool> = (0..6).map(|_| streak.add(20.0, 10.0, 9.0)).collect();
        assert_eq!(accepted, [false, false, false, false, false, true]);
        assert!((streak.ratio() - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_quiet_day_or_the_other_sign_begins_again() {
        for interruption in [0.5, -9.0] {
            let mut streak = Streak::default();
            let scores = [
                9.0,
                9.0,
                9.0,
                9.0,
                9.0,
                interruption,
                9.0,
                9.0,
                9.0,
                9.0,
                9.0,
            ];
            assert!(scores.iter().all(|score| !streak.add(20.0, 10.0, *score)));
        }
    }
}
