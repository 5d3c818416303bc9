//! What a day should have cost, judged only by the days before it: a robust level, a shrunk weekday
//! shape, a damped trend, and a scale learnt from the method's own past mistakes.
//! It refuses to look ahead, and one wild day cannot move it: callers push cleaned costs.

use super::expectation::Expectation;
use super::robust::{Misses, Weekdays, median};

/// Days of history that shape an expectation: eight weeks.
pub(super) const WINDOW: usize = 56;
/// Whole weeks needed before the first expectation.
const FIRST_EXPECTATION: usize = 14;
/// Share of the measured trend carried forward (damping), and the days between the centre of the
/// level's window and the day expected.
const TREND_DAMPING: f64 = 0.8;
const TREND_LEAD: f64 = 5.75;
/// Steepest daily log trend believed: a doubling every three weeks.
const TREND_LIMIT: f64 = 0.033;
/// The memory of one series: cleaned costs and what was learnt from them.
#[derive(Debug)]
pub(super) struct Baseline {
    /// Cleaned cost of each day since the start.
    cleaned: Vec<f64>,
    /// Median of the seven days up to each day (zero before the seventh), and its logarithm.
    week_median: Vec<f64>,
    week_log: Vec<f64>,
    weekdays: Weekdays,
    misses: Misses,
}

impl Baseline {
    pub(super) fn with_capacity(days: usize) -> Self {
        Self {
            cleaned: Vec::with_capacity(days),
            week_median: Vec::with_capacity(days),
            week_log: Vec::with_capacity(days),
            weekdays: Weekdays::new(),
            misses: Misses::new(),
        }
    }

    pub(super) fn days(&self) -> usize {
        self.cleaned.len()
    }

    /// The weekday factors, by day index modulo seven since the start.
    pub(super) fn factors(&self) -> &[f64; 7] {
        &self.weekdays.factors
    }

    /// The weekday factor of the day after the last one pushed.
    pub(super) fn factor_today(&self) -> f64 {
        self.weekdays.factors[self.days() % 7]
    }

    /// The expectation of the day after the last one pushed; none while there is too little history.
    pub(super) fn expect(&self, money_floor: f64) -> Option<Expectation> {
        if self.days() < FIRST_EXPECTATION {
            return None;
        }
        let trend = TREND_DAMPING * self.trend();
        let level = self.level() * (trend * TREND_LEAD).exp();
        let value = level * self.factor_today();
        let scale = self.misses.scale();
        Some(Expectation {
            value,
            level,
            trend,
            scale,
            money_floor,
        })
    }

    /// Learns how far off an expectation was; an anomalous day teaches nothing, as a rule.
    pub(super) fn learn(&mut self, expected: &Expectation, actual: f64, flagged: bool) {
        self.misses
            .push(expected.signed_miss(actual).abs(), flagged);
    }

    /// Remembers the cleaned cost of one more day.
    pub(super) fn push(&mut self, cleaned: f64) {
        self.cleaned.push(cleaned);
        self.push_week_median();
        let today = self.days() - 1;
        if today >= 6 {
            let centre = today - 3;
            self.weekdays
                .push(centre % 7, self.cleaned[centre], self.week_median[today]);
        }
    }

    /// Accepts a new level: the window's history is scaled to it and keeps its weekday shape; the
    /// newest days are taken as they were.
    pub(super) fn rebase(&mut self, ratio: f64, newest: &[f64]) {
        let from = self.days().saturating_sub(WINDOW + 7);
        let kept = self.days().saturating_sub(newest.len());
        for cost in &mut self.cleaned[from..kept] {
            *cost *= ratio;
        }
        self.replace_newest(from, kept, newest);
    }

    /// Accepts a level that no ratio leads to (from zero, or across zero).
    pub(super) fn restart_level(&mut self, level: f64, newest: &[f64]) {
        let from = self.days().saturating_sub(WINDOW + 7);
        let kept = self.days().saturating_sub(newest.len());
        self.cleaned[from..kept].fill(level);
        self.weekdays = Weekdays::new();
        self.replace_newest(from, kept, newest);
    }

    fn replace_newest(&mut self, from: usize, kept: usize, newest: &[f64]) {
        let tail = newest.len().min(self.days());
        self.cleaned[kept..].copy_from_slice(&newest[newest.len() - tail..]);
        let cleaned_days = self.cleaned.split_off(from);
        self.week_median.truncate(from);
        self.week_log.truncate(from);
        for cost in cleaned_days {
            self.cleaned.push(cost);
            self.push_week_median();
        }
    }

    fn push_week_median(&mut self) {
        let days = self.cleaned.len();
        let median = days.checked_sub(7).map_or(0.0, |from| {
            let mut week = [0.0; 7];
            week.copy_from_slice(&self.cleaned[from..]);
            median(&mut week)
        });
        self.week_median.push(median);
        self.week_log.push(median.abs().max(f64::MIN_POSITIVE).ln());
    }

    /// Mean of the medians of the last one and two weeks, without the weekday shape.
    fn level(&self) -> f64 {
        let mut costs = [0.0; 14];
        let mut used = 0;
        let mut of_last_week = 0;
        for back in 1..=14 {
            let day = self.days() - back;
            let factor = self.weekdays.factors[day % 7];
            if factor >= 0.2 {
                costs[used] = self.cleaned[day] / factor;
                used += 1;
            }
            if back == 7 {
                of_last_week = used;
            }
        }
        let mut last_week = costs;
        let week = median(&mut last_week[..of_last_week]);
        f64::midpoint(week, median(&mut costs[..used]))
    }

    /// Theil–Sen slope per day of the logarithms of the weekly medians. The newest two weeks have
    /// no say: a move that young is news, not trend.
    fn trend(&self) -> f64 {
        let last = self.days() - 1;
        let sign = self.week_median[last].signum();
        let mut logs = [0.0; 6];
        let mut weeks = 0;
        while weeks < 6 && last >= weeks * 7 + 20 {
            let day = last - 14 - weeks * 7;
            if self.week_median[day] * sign <= 0.0 {
                return 0.0;
            }
            logs[weeks] = self.week_log[day];
            weeks += 1;
        }
        if weeks < 3 {
            return 0.0;
        }
        let mut slopes = [0.0; 15];
        let mut pairs = 0;
        for newer in 0..weeks {
            for older in newer + 1..weeks {
                slopes[pairs] = (logs[newer] - logs[older]) * PER_WEEKS[older - newer];
                pairs += 1;
            }
        }
        median(&mut slopes[..pairs]).clamp(-TREND_LIMIT, TREND_LIMIT)
    }
}

/// One over the days in 0 to 5 weeks.
const PER_WEEKS: [f64; 6] = [
    0.0,
    1.0 / 7.0,
    1.0 / 14.0,
    1.0 / 21.0,
    1.0 / 28.0,
    1.0 / 35.0,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn after(costs: impl Iterator<Item = f64>) -> Baseline {
        let mut baseline = Baseline::with_capacity(100);
        costs.for_each(|cost| baseline.push(cost));
        baseline
    }

    fn expected(baseline: &Baseline) -> f64 {
        baseline.expect(0.1).unwrap().value
    }

    #[test]
    fn two_weeks_are_needed() {
        assert!(after((0..13).map(|_| 10.0)).expect(0.1).is_none());
        assert!(after((0..14).map(|_| 10.0)).expect(0.1).is_some());
    }

    #[test]
    fn the_weekday_shape_is_expected_again() {
        let week = [100.0, 100.0, 100.0, 100.0, 100.0, 40.0, 40.0];
        let baseline = after((0..54).map(|day| week[day % 7]));
        assert!((expected(&baseline) - 40.0).abs() < 1.0);
    }

    #[test]
    fn one_wild_day_moves_nothing() {
        let baseline = after((0..56).map(|day| if day == 50 { 9_000.0 } else { 100.0 }));
        assert!((expected(&baseline) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn steady_growth_is_carried_forward() {
        let baseline = after((0..70).map(|day| 100.0 * 1.01_f64.powi(day)));
        let next = 100.0 * 1.01_f64.powi(70);
        assert!((expected(&baseline) / next - 1.0).abs() < 0.03);
    }

    #[test]
    fn an_accepted_level_is_expected_at_once_and_keeps_the_weekdays() {
        let week = [100.0, 100.0, 100.0, 100.0, 100.0, 40.0, 40.0];
        let mut baseline = after((0..61).map(|day| week[day % 7]));
        baseline.rebase(
            2.0,
            &[40.0, 200.0, 200.0, 200.0, 200.0, 200.0].map(|cost: f64| cost),
        );
        assert!((expected(&baseline) - 80.0).abs() < 2.0);
    }
}
