//! The robust pieces the baseline is built from: a median, the weekday shape and the scale of past
//! misses. Each is updated once a day in constant time, which is what makes ten thousand series cheap.

use std::f64::consts::FRAC_PI_2;

/// Turns a median absolute deviation into a standard deviation (normal noise).
pub(super) const MAD_TO_SIGMA: f64 = 1.4826;
/// Standard deviations at the two-sided 90 % point (normal noise).
const SIGMAS_AT_P90: f64 = 1.645;
/// Past relative misses that set the scale: nine weeks.
const MISSES: usize = 63;
/// Fewest misses a scale can be learnt from.
const FEWEST_MISSES: usize = 5;
/// Anomalous days in nine weeks after which they are no longer exceptions but the series' nature.
const TOO_MANY_FLAGGED: usize = 12;
/// Bills jitter by about a percent for reasons nobody can act on.
const SCALE_FLOOR: f64 = 0.012;
/// Beyond this a series is noise; it also keeps the exponential of the bounds finite.
pub(super) const SCALE_CEILING: f64 = 2.0;
/// Widening while there are few misses: by this over their count.
const FEW: f64 = 2.0;
/// Weeks of ratios behind one weekday factor.
const WEEKS: usize = 8;
/// Largest weekday factor believed; anything above is a fee, not a weekday.
const FACTOR_LIMIT: f64 = 7.0;

/// The median; reorders the slice. Zero for an empty slice.
pub(super) fn median(values: &mut [f64]) -> f64 {
    let middle = values.len() / 2;
    if values.is_empty() {
        return 0.0;
    }
    let odd = values.len() % 2 == 1;
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let upper = *upper;
    if odd {
        return upper;
    }
    let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    f64::midpoint(lower, upper)
}

/// Multiplicative weekday factors, shrunk towards one as far as they are indistinct from noise.
#[derive(Debug)]
pub(super) struct Weekdays {
    /// Cost over the weekly median, per weekday, newest eight weeks.
    ratios: [[f64; WEEKS]; 7],
    seen: [usize; 7],
    medians: [f64; 7],
    spreads: [f64; 7],
    /// The factors to use.
    pub(super) factors: [f64; 7],
}

impl Weekdays {
    pub(super) fn new() -> Self {
        Self {
            ratios: [[1.0; WEEKS]; 7],
            seen: [0; 7],
            medians: [1.0; 7],
            spreads: [0.0; 7],
            factors: [1.0; 7],
        }
    }

    /// Adds one day's cost against the median of the week around it.
    pub(super) fn push(&mut self, weekday: usize, cost: f64, week_median: f64) {
        if week_median.abs() < f64::EPSILON {
            return;
        }
        let ratio = (cost / week_median).clamp(0.0, FACTOR_LIMIT);
        self.ratios[weekday][self.seen[weekday] % WEEKS] = ratio;
        self.seen[weekday] += 1;
        let count = self.seen[weekday].min(WEEKS);
        let mut sorted = self.ratios[weekday];
        self.medians[weekday] = median(&mut sorted[..count]);
        for value in &mut sorted[..count] {
            *value = (*value - self.medians[weekday]).abs();
        }
        self.spreads[weekday] = MAD_TO_SIGMA * median(&mut sorted[..count]);
        self.shrink();
    }

    /// Keeps the part of the spread between weekdays that the spread within them cannot explain.
    fn shrink(&mut self) {
        let weeks = self.seen.iter().copied().min().unwrap_or(0).min(WEEKS);
        if weeks < 2 {
            return;
        }
        let mean = self.medians.iter().sum::<f64>() / 7.0;
        let between = self.medians.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / 6.0;
        let within = (self.spreads.iter().sum::<f64>() / 7.0).powi(2);
        let error = FRAC_PI_2 * within / count_as_f64(weeks);
        let kept = if between > error {
            1.0 - error / between
        } else {
            0.0
        };
        for (factor, median) in self.factors.iter_mut().zip(self.medians) {
            *factor = 1.0 + kept * (median - 1.0);
        }
    }
}

/// The sizes of the last nine weeks of relative misses, kept sorted.
#[derive(Debug)]
pub(super) struct Misses {
    /// In order of arrival, `None` where an anomalous day taught nothing.
    arrived: [Option<f64>; MISSES],
    next: usize,
    sorted: [f64; MISSES],
    count: usize,
    flagged: usize,
}

impl Misses {
    pub(super) fn new() -> Self {
        Self {
            arrived: [None; MISSES],
            next: 0,
            sorted: [0.0; MISSES],
            count: 0,
            flagged: 0,
        }
    }

    /// Adds the size of one miss. Flagged days are left out until they become the rule.
    pub(super) fn push(&mut self, miss: f64, flagged: bool) {
        let left_out = flagged && self.flagged < TOO_MANY_FLAGGED;
        let full = self.next >= MISSES;
        let slot = self.next % MISSES;
        match self.arrived[slot] {
            Some(oldest) => self.remove(oldest),
            None if full => self.flagged -= 1,
            None => {}
        }
        self.arrived[slot] = (!left_out).then_some(miss);
        self.next += 1;
        if left_out {
            self.flagged += 1;
        } else {
            self.insert(miss);
        }
    }

    /// One relative sigma with its floor.
    pub(super) fn scale(&self) -> f64 {
        if self.count < FEWEST_MISSES {
            return SCALE_CEILING;
        }
        (scale_of(&self.sorted[..self.count]) + SCALE_FLOOR).min(SCALE_CEILING)
    }

    fn insert(&mut self, miss: f64) {
        let at = self.sorted[..self.count].partition_point(|kept| *kept < miss);
        self.sorted.copy_within(at..self.count, at + 1);
        self.sorted[at] = miss;
        self.count += 1;
    }

    fn remove(&mut self, miss: f64) {
        let at = self.sorted[..self.count].partition_point(|kept| *kept < miss);
        self.sorted.copy_within(at + 1..self.count, at);
        self.count -= 1;
    }
}

/// One sigma from sorted sizes of misses: the mean of what their middle and their tail say (the
/// middle alone is deaf to fat tails, the tail alone jumps), wider while there are few. Zero for none.
pub(super) fn scale_of(sorted: &[f64]) -> f64 {
    let count = sorted.len();
    let (Some(middle), Some(tail)) = (sorted.get(count / 2), sorted.get(count * 9 / 10)) else {
        return 0.0;
    };
    let few = 1.0 + FEW / count_as_f64(count);
    f64::midpoint(MAD_TO_SIGMA * middle, tail / SIGMAS_AT_P90) * few
}

/// Small counts are exact in `f64`.
#[allow(clippy::cast_precision_loss)]
pub(super) fn count_as_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_of_an_even_count_is_between_the_middle_two() {
        assert!((median(&mut [4.0, 1.0, 3.0, 2.0]) - 2.5).abs() < 1e-12);
    }

    #[test]
    fn a_steady_weekend_dip_becomes_a_factor() {
        let mut weekdays = Weekdays::new();
        for day in 0..56 {
            let cost = if day % 7 >= 5 { 40.0 } else { 100.0 };
            weekdays.push(day % 7, cost, 100.0);
        }
        assert!((weekdays.factors[5] - 0.4).abs() < 1e-9);
    }

    #[test]
    fn noise_that_ignores_the_weekday_is_shrunk_away() {
        let mut weekdays = Weekdays::new();
        for day in 0..56 {
            // Period five: every weekday sees the same mixture.
            weekdays.push(day % 7, [60.0, 80.0, 100.0, 120.0, 140.0][day % 5], 100.0);
        }
        assert!(
            weekdays.factors.iter().all(|f| (f - 1.0).abs() < 0.1),
            "{:?}",
            weekdays.factors
        );
    }

    #[test]
    fn the_oldest_miss_is_forgotten() {
        let mut misses = Misses::new();
        for _ in 0..MISSES {
            misses.push(1.0, false);
        }
        for _ in 0..MISSES {
            misses.push(0.1, false);
        }
        let sigma = 0.1 * f64::midpoint(MAD_TO_SIGMA, 1.0 / SIGMAS_AT_P90);
        let wanted = sigma * (1.0 + FEW / 63.0) + SCALE_FLOOR;
        assert!((misses.scale() - wanted).abs() < 1e-9);
    }

    #[test]
    fn few_flagged_days_do_not_widen_the_scale_but_many_do() {
        let quiet = |flagged: usize| {
            let mut misses = Misses::new();
            for day in 0..MISSES {
                let odd = day >= MISSES - flagged;
                misses.push(if odd { 1.0 } else { 0.05 }, odd);
            }
            misses.scale()
        };
        assert!((quiet(10) - quiet(0)).abs() < 0.01);
        assert!(quiet(30) > 5.0 * quiet(0));
    }
}
