//! Moves too slow for a day's score: ramps and small lasting shifts. The newest one to four weeks are
//! held against the line through the six weeks before them, in logarithms and without the weekday
//! shape. The series itself says how far such a comparison usually is off: the same comparison, made
//! in its past, is the yardstick, so that a wandering series stays quiet.

use super::anomaly::ALERT_SIGMAS;
use super::expectation::Expectation;
use super::robust::{count_as_f64, scale_of};

/// Newest days that are held together against the days before.
const LENGTHS: [usize; 5] = [7, 10, 14, 21, 28];
/// Days behind the line, and the fewest that make one.
const LINE_DAYS: usize = 42;
const FEWEST_LINE_DAYS: usize = 28;
/// First days of a series, on which its weekday shape is still being learnt.
const LEARNING_DAYS: usize = 14;
/// Sigmas that one day may add: a spike is not a week.
const DAY_LIMIT: f64 = 3.0;
/// Widening of the error that independent days would have.
const WIDENING: f64 = 1.1;
/// A slow fall is good news that can wait: it must be this much clearer than a slow rise.
pub(super) const FALL_CAUTION: f64 = 1.4;
/// Days whose memory is measured, and the memory that chance alone may show in so few.
const MEMORY_DAYS: usize = 63;
/// Newest days that do not count there: a move that is under way looks like memory.
const RECENT_DAYS: usize = 14;
const CHANCE_MEMORY: f64 = 0.15;
const MOST_MEMORY: f64 = 0.8;
/// Past comparisons asked for, one a week, and the fewest that say something.
const PAST: usize = 12;
const FEWEST_PAST: usize = 4;
/// Days on which a slow move is reported before it is the level.
const REPORTED_DAYS: usize = 7;
/// Newest days that tell whether the old level is back, and how near it must be: a share of the way.
const HOME_DAYS: usize = 3;
const HOME_SHARE: f64 = 0.35;
/// Least move, as a logarithm: a tenth of the cost. Less is drift that nobody acts on.
const LEAST_MOVE: f64 = 0.1;

/// The logarithms of one series, as sums from the start so that any window is one subtraction.
#[derive(Debug)]
pub(super) struct Slow {
    /// Sums of the logarithms up to each day, and of day number × logarithm.
    sums: Vec<f64>,
    moments: Vec<f64>,
    /// Count of days up to each day whose miss had the sign of the day before.
    agreements: Vec<u32>,
    was_high: bool,
    /// First day that may be compared with today: older ones had another accepted level.
    barrier: usize,
    /// The day on which a slow move was first reported since then.
    reported: Option<usize>,
    /// The level that was left when the last one was accepted.
    home: Option<f64>,
}

/// A slow move that ends today.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SlowMove {
    /// Signed sigmas.
    pub(super) score: f64,
    /// What today would have cost had the line gone on, relative to today's level.
    pub(super) ratio: f64,
}

/// The newest days against their line.
struct Comparison {
    /// Mean log distance of the newest days from the line.
    distance: f64,
    /// The same against the sloping line alone.
    miss: f64,
    /// Error of that distance for independent days of one sigma.
    error: f64,
    /// The line today.
    line_today: f64,
}

impl Slow {
    pub(super) fn with_capacity(days: usize) -> Self {
        let mut slow = Self {
            sums: Vec::with_capacity(days + 1),
            moments: Vec::with_capacity(days + 1),
            agreements: Vec::with_capacity(days + 1),
            was_high: false,
            barrier: LEARNING_DAYS,
            reported: None,
            home: None,
        };
        slow.sums.push(0.0);
        slow.moments.push(0.0);
        slow.agreements.push(0);
        slow
    }

    /// Adds one day. A day that was judged alone (an alert, a fee) leaves the level where it was.
    pub(super) fn push(&mut self, expected: &Expectation, cost: f64, judged_alone: bool) {
        let miss = expected.signed_miss(cost);
        let limit = DAY_LIMIT * expected.scale;
        let kept = if judged_alone {
            0.0
        } else {
            miss.clamp(-limit, limit)
        };
        let log = expected.level.abs().max(expected.money_floor).ln() + kept;
        let day = self.days();
        let high = miss > 0.0;
        let agrees = u32::from(high == self.was_high);
        self.was_high = high;
        self.sums.push(self.sums[day] + log);
        self.moments
            .push(self.moments[day] + count_as_f64(day) * log);
        self.agreements.push(self.agreements[day] + agrees);
        let is_over = |day: usize| self.days() >= day + REPORTED_DAYS;
        if self.reported.is_some_and(is_over) {
            self.accept_level();
        }
    }

    /// The strongest slow move that ends on the newest day.
    pub(super) fn strongest(&self, expected: &Expectation) -> Option<SlowMove> {
        let end = self.days();
        let widening = WIDENING * self.widening();
        let mut best: Option<SlowMove> = None;
        for length in LENGTHS {
            let Some(now) = self.compare(end, length, self.barrier, expected.scale) else {
                break;
            };
            let error = widening * expected.scale * now.error;
            if now.distance.abs() < LEAST_MOVE.max(ALERT_SIGMAS * error) {
                continue;
            }
            let error = error.max(self.past_error(end, length, expected.scale));
            let caution = if now.distance < 0.0 {
                FALL_CAUTION
            } else {
                1.0
            };
            let score = expected.sign() * now.distance / (error * caution);
            if best.is_none_or(|best| score.abs() > best.score.abs()) {
                let level = (self.sums[end] - self.sums[end - length]) / count_as_f64(length);
                best = Some(SlowMove {
                    score,
                    ratio: (now.line_today - level).clamp(-3.0, 3.0).exp(),
                });
            }
        }
        best
    }

    /// Remembers that today's move was reported; true when it was for a week and is the level now.
    pub(super) fn report(&mut self) -> bool {
        let today = self.days();
        let first = *self.reported.get_or_insert(today);
        today + 1 >= first + REPORTED_DAYS
    }

    /// Whether the newest days are back at the level that was left when the last one was accepted: the
    /// end of an incident is no incident.
    pub(super) fn came_home(&mut self) -> bool {
        let today = self.days();
        let from = self.barrier.max(today.saturating_sub(LINE_DAYS));
        let away = self.mean(from, today.saturating_sub(LENGTHS[0]));
        let now = self.mean(today.saturating_sub(HOME_DAYS), today);
        let (Some(home), Some(away), Some(now)) = (self.home, away, now) else {
            return false;
        };
        let is_home = (now - home).abs() < HOME_SHARE * (away - home).abs();
        if is_home {
            self.accept_level();
            self.home = None;
        }
        is_home
    }

    /// From now on the newest days are the level: nothing older is compared with them.
    pub(super) fn accept_level(&mut self) {
        let today = self.days();
        let moved = today.saturating_sub(HOME_DAYS + REPORTED_DAYS);
        self.home = self.mean(moved.saturating_sub(LENGTHS[2]), moved);
        self.barrier = self.days();
        self.reported = None;
    }

    /// How much wider than for independent days the error of a mean is, because days resemble the
    /// days before them: measured by how often neighbouring misses agree in sign.
    pub(super) fn widening(&self) -> f64 {
        let end = self.days().saturating_sub(RECENT_DAYS);
        let days = end.min(MEMORY_DAYS);
        if days < FEWEST_LINE_DAYS {
            return 1.0;
        }
        let agreed = self.agreements[end] - self.agreements[end - days];
        let share = f64::from(agreed) / count_as_f64(days);
        let memory = (std::f64::consts::PI * (share - 0.5)).sin() - CHANCE_MEMORY;
        let memory = memory.clamp(0.0, MOST_MEMORY);
        ((1.0 + memory) / (1.0 - memory)).sqrt()
    }

    fn mean(&self, from: usize, to: usize) -> Option<f64> {
        (from < to).then(|| (self.sums[to] - self.sums[from]) / count_as_f64(to - from))
    }

    fn days(&self) -> usize {
        self.sums.len() - 1
    }

    /// The `length` days before `end` against the line through the days before those.
    fn compare(&self, end: usize, length: usize, barrier: usize, sigma: f64) -> Option<Comparison> {
        let middle = end.checked_sub(length)?;
        let from = middle.saturating_sub(LINE_DAYS).max(barrier);
        let count = middle.checked_sub(from)?;
        if count < FEWEST_LINE_DAYS {
            return None;
        }
        let n = count_as_f64(count);
        let k = count_as_f64(length);
        let old = (self.sums[middle] - self.sums[from]) / n;
        let centre = count_as_f64(from) + (n - 1.0) / 2.0;
        let moment = self.moments[middle] - self.moments[from];
        let spread = n * (n * n - 1.0) / 12.0;
        let slope = (moment - centre * old * n) / spread;
        let share = believed(slope, sigma / spread.sqrt());
        let slope = slope * share;
        let lead = f64::midpoint(n, k);
        let new = (self.sums[end] - self.sums[middle]) / k;
        Some(Comparison {
            distance: nearer(new - old - slope * lead, new - old),
            miss: new - old - slope * lead,
            error: (1.0 / k + 1.0 / n + share * lead * lead / spread).sqrt(),
            line_today: old + slope * (n / 2.0 + k),
        })
    }

    /// How far the same comparison was off in the weeks before.
    fn past_error(&self, end: usize, length: usize, sigma: f64) -> f64 {
        let mut past = [0.0; PAST];
        let mut count = 0;
        let mut at = end.saturating_sub(length);
        while count < PAST {
            let straddles = at > self.barrier && at < self.barrier + length + FEWEST_LINE_DAYS;
            let barrier = if at > self.barrier {
                self.barrier
            } else {
                LEARNING_DAYS
            };
            if let Some(then) = self.compare(at, length, barrier, sigma) {
                past[count] = f64::midpoint(then.miss.abs(), then.distance.abs());
                count += 1;
            } else if !straddles {
                break;
            }
            let Some(before) = at.checked_sub(7) else {
                break;
            };
            at = before;
        }
        if count < FEWEST_PAST {
            return 0.0;
        }
        past[..count].sort_unstable_by(f64::total_cmp);
        scale_of(&past[..count])
    }
}

/// The share of a slope that is distinct from chance.
fn believed(slope: f64, error: f64) -> f64 {
    let (chance, square) = (error * error, slope * slope);
    if square > chance {
        1.0 - chance / square
    } else {
        0.0
    }
}

/// The smaller of two distances of one sign; none where the signs differ: a ramp that ends is below
/// its line and above its past, and neither is news.
pub(super) fn nearer(a: f64, b: f64) -> f64 {
    if a * b <= 0.0 {
        0.0
    } else if a.abs() < b.abs() {
        a
    } else {
        b
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected() -> Expectation {
        Expectation {
            value: 100.0,
            level: 100.0,
            trend: 0.0,
            scale: 0.1,
            money_floor: 0.1,
        }
    }

    /// The strongest move after sixty usual days and these.
    fn after(days: &[f64]) -> Option<SlowMove> {
        let mut slow = Slow::with_capacity(100);
        let usual = [104.0, 97.0, 101.0, 95.0, 103.0, 99.0];
        for cost in usual.iter().cycle().take(60).chain(days) {
            slow.push(&expected(), *cost, false);
        }
        slow.strongest(&expected())
    }

    #[test]
    fn usual_days_are_no_move() {
        assert_eq!(after(&[]), None);
        assert_eq!(after(&[103.0; 14]), None);
    }

    #[test]
    fn a_fifth_more_for_two_weeks_is_a_move_that_no_day_shows() {
        let found = after(&[120.0; 14]).unwrap();
        assert!(expected().sigmas(120.0) < 2.0);
        assert!(found.score > ALERT_SIGMAS);
        assert!((found.ratio - 1.0 / 1.2).abs() < 0.05);
    }

    #[test]
    fn a_fall_must_be_clearer_than_a_rise() {
        let (fall, rise) = (
            after(&[1e4 / 130.0; 14]).unwrap(),
            after(&[130.0; 14]).unwrap(),
        );
        assert!(fall.score < 0.0 && fall.score.abs() < 0.8 * rise.score);
    }

    #[test]
    fn an_accepted_level_is_home_when_it_comes_back() {
        let mut slow = Slow::with_capacity(200);
        let add = |slow: &mut Slow, cost: f64, days: usize| {
            for _ in 0..days {
                slow.push(&expected(), cost, false);
            }
        };
        add(&mut slow, 100.0, 60);
        add(&mut slow, 125.0, 10);
        slow.accept_level();
        add(&mut slow, 125.0, 20);
        assert!(!slow.came_home());
        add(&mut slow, 101.0, 6);
        assert!(slow.came_home());
    }

    #[test]
    fn days_that_resemble_each_other_widen_the_error() {
        let widening = |costs: &[f64]| {
            let mut slow = Slow::with_capacity(100);
            costs
                .iter()
                .cycle()
                .take(90)
                .for_each(|cost| slow.push(&expected(), *cost, false));
            slow.widening()
        };
        assert!((widening(&[105.0, 95.0]) - 1.0).abs() < 1e-9);
        let slow_waves = [[105.0; 8], [95.0; 8]].concat();
        assert!(widening(&slow_waves) > 1.5);
    }
}
