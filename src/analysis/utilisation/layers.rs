//! Samples of one metric and statistic, cleaned, and several periods of it laid over each other: the finest tells
//! where it is there. Sums nothing up.

use super::Sample;
use crate::resource::{Metric, Usage};
use std::ops::Range;

/// Samples of all periods, by time, and the period that covers most of it.
pub(super) fn layered(series: &[&Usage], window: &Range<i64>) -> Option<(u32, Vec<Sample>)> {
    let mut by_period: Vec<&Usage> = series.to_vec();
    by_period.sort_by_key(|series| series.period);
    let mut samples: Vec<Sample> = Vec::new();
    let mut most: Option<(u64, u32)> = None;
    for series in by_period {
        let mut own = uncovered(&samples, clean(series, window));
        let seconds: u64 = own.iter().map(|s| u64::from(s.seconds)).sum();
        let (known, period) = most.unwrap_or((0, series.period));
        if seconds > known {
            rescale(series.metric, &mut samples, period, series.period);
            most = Some((seconds, series.period));
        } else {
            rescale(series.metric, &mut own, series.period, period);
            most = Some((known, period));
        }
        samples.append(&mut own);
        samples.sort_by_key(|sample| sample.start);
    }
    Some((most?.1, samples))
}

/// Totals per one period become totals per another; levels stay.
#[allow(clippy::cast_possible_truncation, reason = "samples are f32 by design")]
fn rescale(metric: Metric, samples: &mut [Sample], from: u32, to: u32) {
    if from != to && !metric.is_level() {
        let ratio = f64::from(to) / f64::from(from);
        for sample in samples {
            sample.value = (f64::from(sample.value) * ratio) as f32;
        }
    }
}

/// What coarse samples tell about the time that no finer sample covers; both by time and without overlaps.
fn uncovered(fine: &[Sample], coarse: Vec<Sample>) -> Vec<Sample> {
    if fine.is_empty() {
        return coarse;
    }
    let end = |sample: &Sample| sample.start + i64::from(sample.seconds);
    let mut pieces = Vec::new();
    let mut first = 0;
    for sample in coarse {
        let mut from = sample.start;
        let mut piece = |from: i64, until: i64| {
            let seconds = u32::try_from(until - from).unwrap_or(0);
            if seconds > 0 {
                pieces.push(Sample {
                    start: from,
                    seconds,
                    value: sample.value,
                });
            }
        };
        while fine.get(first).is_some_and(|fine| end(fine) <= from) {
            first += 1;
        }
        for fine in fine[first..]
            .iter()
            .take_while(|fine| fine.start < end(&sample))
        {
            piece(from, fine.start);
            from = from.max(end(fine));
        }
        piece(from, end(&sample));
    }
    pieces
}

/// By time, one sample per time, each until the next one starts.
fn clean(series: &Usage, window: &Range<i64>) -> Vec<Sample> {
    let readable =
        |&(start, value): &(i64, f32)| window.contains(&start) && value.is_finite() && value >= 0.0;
    let mut points: Vec<(i64, f32)> = series.samples.iter().filter(readable).collect();
    points.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    points.dedup_by_key(|point| point.0);
    let nexts = points.iter().skip(1).map(|next| next.0).chain([i64::MAX]);
    let samples = points
        .iter()
        .zip(nexts)
        .map(|(&(start, value), next)| Sample {
            start,
            seconds: u32::try_from(next.saturating_sub(start))
                .unwrap_or(u32::MAX)
                .min(series.period),
            value,
        });
    samples.filter(|sample| sample.seconds > 0).collect()
}
