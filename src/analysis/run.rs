//! Small moves that last. A day that is one sigma high says nothing; a week of them does. Days in a
//! row count together, against their own expectations and against those of a week earlier, which a
//! slow move has not yet had the time to bend.

use super::expectation::Expectation;
use super::robust::count_as_f64;
use super::slow::nearer;

/// Days in a row that count together.
const LENGTHS: [usize; 3] = [3, 5, 7];
/// Least sigmas of each day of a run.
const LEAST: f64 = 1.0;
/// A run of independent days would be divided by the root of its length; days of a bill are not
/// independent, so it is divided by more.
const WIDENING: f64 = 1.5;
/// The same for a week against last week's expectations, which are older and so less certain.
const WEEK_LEAST: f64 = 0.5;
const WEEK_WIDENING: f64 = 1.85;
/// Most that one day adds to a week: a spike is not a week.
const WEEK_MOST: f64 = 3.0;

/// The last seven days of one series.
#[derive(Debug, Default)]
pub(super) struct Runs {
    /// Sigmas of the last days, newest last.
    recent: [f64; 7],
    /// Sigmas of the last days against the expectations of a week before, newest last.
    against_last_week: [f64; 7],
    /// The expectations of the last days, newest last.
    expected: [Option<Expectation>; 7],
}

/// A run that says more than its last day.
pub(super) struct Run {
    /// Signed sigmas of the run.
    pub(super) score: f64,
    /// What the last day was compared with.
    pub(super) expected: Expectation,
}

impl Runs {
    /// Adds one day with its expectation and sigmas (zero sigmas for an excused day), and returns
    /// the strongest run that ends on it.
    pub(super) fn add(
        &mut self,
        expected: &Expectation,
        cost: f64,
        sigmas: f64,
        excused: bool,
    ) -> Option<Run> {
        let last_week = self.expected[0].map(|old| old.carried_forward(7.0));
        let against = last_week
            .filter(|_| !excused)
            .zip(self.expected[0])
            .map_or(0.0, |(carried, flat)| {
                nearer(carried.sigmas(cost), flat.sigmas(cost))
            });
        push(&mut self.recent, if excused { 0.0 } else { sigmas });
        push(
            &mut self.against_last_week,
            against.clamp(-WEEK_MOST, WEEK_MOST),
        );
        push(&mut self.expected, Some(*expected));
        let short = self.short_run().map(|score| Run {
            score,
            expected: *expected,
        });
        let week = self
            .week_run()
            .zip(last_week)
            .map(|(score, expected)| Run { score, expected });
        match (short, week) {
            (Some(short), Some(week)) if week.score.abs() > short.score.abs() => Some(week),
            (Some(short), _) => Some(short),
            (None, week) => week,
        }
    }

    /// Forgets the days so far: the level they belonged to is no longer the expected one.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    fn short_run(&self) -> Option<f64> {
        let sign = self.recent[6].signum();
        let mut sum = 0.0;
        let mut strongest = None;
        for (days, sigmas) in (1..).zip(self.recent.iter().rev()) {
            if sigmas * sign < LEAST {
                break;
            }
            sum += sigmas.abs();
            let together = sum / (count_as_f64(days).sqrt() * WIDENING);
            if LENGTHS.contains(&days) && strongest.is_none_or(|score| together > score) {
                strongest = Some(together);
            }
        }
        strongest.map(|score| sign * score)
    }

    fn week_run(&self) -> Option<f64> {
        let sign = self.against_last_week[6].signum();
        let lasting = self
            .against_last_week
            .iter()
            .all(|sigmas| sigmas * sign >= WEEK_LEAST);
        let sum: f64 = self.against_last_week.iter().sum();
        lasting.then(|| sum / (7.0_f64.sqrt() * WEEK_WIDENING))
    }
}

fn push<T: Copy>(week: &mut [T; 7], newest: T) {
    week.copy_within(1.., 0);
    week[6] = newest;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(value: f64) -> Expectation {
        Expectation {
            value,
            level: value,
            trend: 0.0,
            scale: 0.1,
            money_floor: 0.0,
        }
    }

    #[test]
    fn three_days_of_four_sigmas_are_more_than_four() {
        let mut runs = Runs::default();
        let last = (0..3)
            .filter_map(|_| runs.add(&expected(100.0), 149.0, 4.0, false))
            .last();
        assert!(last.unwrap().score > 4.0);
    }

    #[test]
    fn a_quiet_day_ends_a_run() {
        let mut runs = Runs::default();
        for sigmas in [4.0, 4.0, 0.5, 4.0, 4.0] {
            assert!(runs.add(&expected(100.0), 100.0, sigmas, false).is_none());
        }
    }

    #[test]
    fn a_move_the_level_followed_is_still_a_move_against_last_week() {
        let mut runs = Runs::default();
        for _ in 0..7 {
            runs.add(&expected(100.0), 100.0, 0.0, false);
        }
        let scores: Vec<_> = (0..7)
            .map(|_| runs.add(&expected(125.0), 125.0, 0.0, false))
            .collect();
        assert!(scores[5].is_none());
        assert!(scores[6].as_ref().unwrap().score > 3.0);
        assert!((scores[6].as_ref().unwrap().expected.value - 100.0).abs() < 1e-9);
    }
}
