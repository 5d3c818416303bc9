//! What a measured series says about a window of time: percentiles weighted by the time each sample stands for.
//!
//! Gaps count for nothing (they are no zeros), a time given twice counts once with its higher value, overlapping
//! samples count only until the next one starts, and where one metric came with several periods a coarse sample
//! counts only for the time that no finer one covers. This room knows no machine and judges nothing.

mod layers;

use crate::resource::{Metric, Statistic, Usage};
use layers::layered;
use std::collections::BTreeMap;
use std::ops::Range;

/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// One sample and the time it stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Unix second at which it starts.
    pub start: i64,
    /// Seconds it stands for: its period, or less where the next sample starts earlier.
    pub seconds: u32,
    /// Value in the unit of its metric.
    pub value: f32,
}

/// A series inside a window.
#[derive(Clone, Debug)]
pub struct Profile {
    /// How each sample sums up its period.
    pub statistic: Statistic,
    /// Length of a sample's period in seconds: of several that which covers most of the time. Totals are per
    /// period of this length.
    pub period: u32,
    /// Samples by time, cleaned.
    pub samples: Vec<Sample>,
    /// Hours that samples cover.
    pub hours: f64,
    /// Days from the first sample to the end of the last.
    pub days: f64,
    /// Mean over the covered time.
    pub mean: f64,
    /// Values that came, ascending, each with the seconds up to and including it.
    levels: Vec<(f32, u64)>,
    seconds: u64,
}

impl Profile {
    /// The part of a series that starts inside a window of unix seconds; `None` where nothing does.
    pub fn of(series: &Usage, window: &Range<i64>) -> Option<Profile> {
        Profile::across(&[series], window)
    }

    /// One metric and statistic, whatever periods it came in.
    fn across(series: &[&Usage], window: &Range<i64>) -> Option<Profile> {
        let (period, samples) = layered(series, window)?;
        let (first, statistic) = (samples.first()?, series.first()?.statistic);
        let end = samples
            .iter()
            .map(|s| s.start + i64::from(s.seconds))
            .max()?;
        let levels = levels(&samples);
        let seconds = levels.last()?.1;
        let area: f64 = samples
            .iter()
            .map(|s| f64::from(s.value) * f64::from(s.seconds))
            .sum();
        Some(Profile {
            statistic,
            period,
            hours: float(seconds) / 3600.0,
            days: float((end - first.start).unsigned_abs()) / 86_400.0,
            mean: area / float(seconds),
            samples,
            levels,
            seconds,
        })
    }

    /// The smallest value that at least this share (0 to 1) of the covered time does not exceed.
    pub fn percentile(&self, share: f64) -> f64 {
        let wanted = float(self.seconds) * share;
        let at = self
            .levels
            .partition_point(|&(_, until)| float(until) < wanted);
        self.levels
            .get(at)
            .map_or_else(|| self.max(), |&(value, _)| f64::from(value))
    }

    /// Highest value.
    pub fn max(&self) -> f64 {
        self.levels
            .last()
            .map_or(0.0, |&(value, _)| f64::from(value))
    }

    /// Share (0 to 1) of the covered time in which the value lies above a level.
    pub fn share_above(&self, level: f64) -> f64 {
        let first = self
            .levels
            .partition_point(|&(value, _)| f64::from(value) <= level);
        let below = first.checked_sub(1).map_or(0, |last| self.levels[last].1);
        float(self.seconds - below) / float(self.seconds)
    }

    /// Share (0 to 1) of the time between its ends that samples cover.
    pub fn coverage(&self) -> f64 {
        self.hours / (self.days * 24.0)
    }

    /// Highest value in the last days before its end.
    pub fn max_of_last(&self, days: i64) -> f64 {
        let from = self
            .samples
            .last()
            .map_or(0, |s| s.start + i64::from(s.seconds) - days * DAY);
        let late = self.samples.iter().rev().take_while(|s| s.start >= from);
        late.map(|s| f64::from(s.value)).fold(0.0, f64::max)
    }

    /// For values that are totals per period (bytes): the total of the busiest UTC day.
    pub fn busiest_day(&self) -> f64 {
        let (mut busiest, mut today, mut total) = (0.0f64, i64::MIN, 0.0);
        for sample in &self.samples {
            let day = sample.start.div_euclid(DAY);
            if day != today {
                (today, total) = (day, 0.0);
            }
            total += f64::from(sample.value) * f64::from(sample.seconds) / f64::from(self.period);
            busiest = busiest.max(total);
        }
        busiest
    }

    /// Mean per hour of the week in UTC, Monday 00:00 first; `None` where nothing was measured.
    pub fn hour_of_week(&self) -> Vec<Option<f64>> {
        let mut cells = vec![(0.0, 0.0); 168];
        for sample in &self.samples {
            // The epoch was a Thursday, 72 hours into its week.
            let hour = (sample.start.div_euclid(3600) + 72).rem_euclid(168);
            if let Some((area, seconds)) = usize::try_from(hour).ok().and_then(|h| cells.get_mut(h))
            {
                *area += f64::from(sample.value) * f64::from(sample.seconds);
                *seconds += f64::from(sample.seconds);
            }
        }
        cells
            .into_iter()
            .map(|(area, seconds)| (seconds > 0.0).then(|| area / seconds))
            .collect()
    }
}

/// Values ascending, each with the seconds up to and including it.
fn levels(samples: &[Sample]) -> Vec<(f32, u64)> {
    // The bits of numbers from 0 up are in the order of the numbers; whole numbers sort fastest.
    let key = |s: &Sample| (u64::from((s.value + 0.0).to_bits()) << 32) | u64::from(s.seconds);
    let mut keys: Vec<u64> = samples.iter().map(key).collect();
    keys.sort_unstable();
    let mut levels: Vec<(f32, u64)> = Vec::new();
    let mut until = 0;
    for key in keys {
        let seconds = key & u64::from(u32::MAX);
        #[allow(clippy::cast_possible_truncation, reason = "the upper half of 64 bits")]
        let value = f32::from_bits((key >> 32) as u32);
        until += seconds;
        match levels.last_mut() {
            Some(last) if last.0.to_bits() == value.to_bits() => last.1 = until,
            _ => levels.push((value, until)),
        }
    }
    levels
}

/// The most telling statistic of a metric, all its periods together: one with at least `enough` hours first, then
/// by statistic. For levels a maximum tells more than an average; for bytes and operations a total does. One
/// figure for days on end tells least.
pub fn best(usage: &[Usage], metric: Metric, window: &Range<i64>, enough: f64) -> Option<Profile> {
    let level = metric.is_level();
    let order = |statistic: Statistic| match (statistic, level) {
        (Statistic::Maximum, true) | (Statistic::Sum, false) => Some(0),
        (Statistic::P99, true) | (Statistic::Average, false) => Some(1),
        (Statistic::Average, true) | (Statistic::Maximum, false) => Some(2),
        (Statistic::P99, false) => Some(3),
        (Statistic::Sum, true) => None,
    };
    let mut kinds: BTreeMap<(bool, u8), Vec<&Usage>> = BTreeMap::new();
    for series in usage.iter().filter(|series| series.metric == metric) {
        if let Some(order) = order(series.statistic) {
            let summary = i64::from(series.period) > DAY;
            kinds.entry((summary, order)).or_default().push(series);
        }
    }
    kinds
        .into_iter()
        .filter_map(|(kind, series)| Some((kind, Profile::across(&series, window)?)))
        .min_by_key(|(kind, profile)| (profile.hours < enough, *kind))
        .map(|(_, profile)| profile)
}

#[allow(clippy::cast_precision_loss, reason = "seconds of at most some years")]
fn float(seconds: u64) -> f64 {
    seconds as f64
}

#[cfg(test)]
mod laws;
#[cfg(test)]
#[allow(clippy::float_cmp, reason = "sums of small whole numbers are exact")]
mod tests {
    use super::*;

    fn series(period: u32, samples: &[(i64, f32)]) -> Usage {
        Usage {
            resource: "i-1".into(),
            metric: Metric::Cpu,
            statistic: Statistic::Average,
            period,
            samples: samples.iter().copied().collect(),
        }
    }

    fn profile(period: u32, samples: &[(i64, f32)]) -> Profile {
        Profile::of(&series(period, samples), &(0..1_000_000)).unwrap()
    }

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let samples: Vec<(i64, f32)> = (0..1000u16)
            .map(|i| (i64::from(i) * 60, f32::from(i + 1)))
            .collect();
        let profile = profile(60, &samples);
        assert_eq!(
            [0.5, 0.9, 0.95, 0.99, 0.995].map(|p| profile.percentile(p)),
            [500.0, 900.0, 950.0, 990.0, 995.0]
        );
        assert_eq!((profile.max(), profile.mean), (1000.0, 500.5));
    }

    #[test]
    fn overlapping_samples_count_until_the_next_begins() {
        let profile = profile(300, &[(0, 10.0), (100, 50.0), (400, 10.0)]);
        assert_eq!(
            profile
                .samples
                .iter()
                .map(|s| s.seconds)
                .collect::<Vec<_>>(),
            [100, 300, 300]
        );
        assert_eq!(profile.share_above(10.0), 300.0 / 700.0);
    }

    #[test]
    fn a_time_given_twice_counts_once_with_its_higher_value() {
        let profile = profile(
            60,
            &[(60, 3.0), (0, 1.0), (60, 9.0), (120, f32::NAN), (180, -1.0)],
        );
        assert_eq!(
            profile.samples.iter().map(|s| s.value).collect::<Vec<_>>(),
            [1.0, 9.0]
        );
    }

    #[test]
    fn gaps_are_no_zeros() {
        let profile = profile(3600, &[(0, 8.0), (36_000, 8.0)]);
        assert_eq!((profile.hours, profile.percentile(0.01)), (2.0, 8.0));
        assert!((profile.coverage() - 2.0 / 11.0).abs() < 1e-12);
    }

    #[test]
    fn the_busiest_day_is_a_total() {
        let day: Vec<(i64, f32)> = (0..24)
            .map(|h| (h * 3600, 10.0))
            .chain([(DAY, 7.0)])
            .collect();
        assert_eq!(profile(3600, &day).busiest_day(), 240.0);
    }

    #[test]
    fn the_last_days_are_looked_at_alone() {
        assert_eq!(
            profile(60, &[(0, 90.0), (DAY * 4, 2.0)]).max_of_last(3),
            2.0
        );
    }

    #[test]
    fn monday_midnight_is_the_first_hour_of_the_week() {
        let week = profile(3600, &[(4 * DAY, 5.0)]).hour_of_week();
        assert_eq!((week[0], week[1]), (Some(5.0), None));
    }

    #[test]
    fn a_maximum_tells_more_than_an_average_once_it_is_long_enough() {
        let average = series(3600, &[(0, 1.0), (3600, 1.0)]);
        let maximum = Usage {
            statistic: Statistic::Maximum,
            ..series(3600, &[(0, 9.0)])
        };
        let both = [average, maximum];
        let pick = |enough| {
            best(&both, Metric::Cpu, &(0..DAY), enough)
                .unwrap()
                .statistic
        };
        assert_eq!(
            (pick(1.0), pick(2.0)),
            (Statistic::Maximum, Statistic::Average)
        );
        assert!(best(&both, Metric::Memory, &(0..DAY), 1.0).is_none());
    }

    #[test]
    fn hours_fill_what_minutes_leave_open() {
        let minutes = series(300, &[(3600, 80.0), (3900, 90.0)]);
        let hours = series(3600, &[(0, 10.0), (3600, 20.0)]);
        let both = best(&[minutes, hours], Metric::Cpu, &(0..DAY), 1.0).unwrap();
        let found: Vec<_> = both
            .samples
            .iter()
            .map(|s| (s.start, s.seconds, s.value))
            .collect();
        assert_eq!(
            found,
            [
                (0, 3600, 10.0),
                (3600, 300, 80.0),
                (3900, 300, 90.0),
                (4200, 3000, 20.0)
            ]
        );
        assert_eq!((both.period, both.hours), (3600, 2.0));
    }

    #[test]
    fn totals_of_several_periods_are_told_in_that_of_most() {
        let total = |period, samples: &[(i64, f32)]| Usage {
            metric: Metric::NetworkIn,
            statistic: Statistic::Sum,
            ..series(period, samples)
        };
        let usage = [total(300, &[(3600, 5.0)]), total(3600, &[(0, 120.0)])];
        let both = best(&usage, Metric::NetworkIn, &(0..DAY), 1.0).unwrap();
        let values: Vec<f32> = both.samples.iter().map(|s| s.value).collect();
        assert_eq!((both.period, values), (3600, vec![120.0, 60.0]));
        assert_eq!(both.busiest_day(), 125.0);
    }

    #[test]
    fn one_figure_for_two_weeks_tells_least() {
        let summary = Usage {
            statistic: Statistic::Maximum,
            ..series(14 * 86_400, &[(0, 99.0)])
        };
        let average = series(3600, &[(0, 1.0), (3600, 2.0)]);
        let pick = |usage: &[Usage]| best(usage, Metric::Cpu, &(0..DAY), 2.0).unwrap().max();
        assert_eq!(pick(&[summary.clone(), average]), 2.0);
        assert_eq!(pick(&[summary]), 99.0);
    }
}
