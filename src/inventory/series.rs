//! Samples become usage: series of one resource meet, duplicates go, missing periods are found, reads and
//! writes add up. Fills no gaps and smooths nothing.

use super::measure::Reading;
use crate::resource::{Metric, Samples, Statistic, Usage, key};
use std::collections::BTreeMap;

/// Seconds of a period that neither the file nor any step between samples tells: `CloudWatch`'s basic
/// monitoring (Amazon EC2 User Guide, "Manage detailed monitoring").
const BASIC_PERIOD: u32 = 300;
/// Equal steps in a row that are another period, and not gaps that happen to be alike.
const REGIME: usize = 12;

/// The samples of one resource and one reading, in the order of the file.
#[derive(Debug)]
pub(super) struct Series {
    /// The resource's id as the file prints it.
    pub(super) resource: String,
    /// How to understand the samples.
    pub(super) reading: Reading,
    /// In the metric's unit, rates still per second.
    pub(super) samples: Samples,
}

/// Which samples are of one series: the same words may come from several rows, files and spellings.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Label {
    resource: String,
    metric: Metric,
    statistic: Statistic,
    period: u32,
    part: u8,
    per_second: bool,
}

/// Usage by resource, metric, statistic and period, whatever the order of the series and however they were
/// split; of two samples at one time the higher counts.
pub(super) fn usage(series: Vec<Series>) -> Vec<Usage> {
    let labelled = gather(
        series
            .into_iter()
            .map(|series| (label(&series), series.samples)),
    );
    let (stated, unstated): (Vec<_>, Vec<_>) = labelled
        .into_iter()
        .partition(|(label, _)| label.period > 0);
    let found: Vec<Option<u32>> = unstated.iter().map(|(_, s)| step(s)).collect();
    let common = most_common(
        stated
            .iter()
            .map(|(label, _)| (label.period, 1))
            .chain(found.iter().flatten().map(|&period| (period, 1))),
    );
    let unstated = unstated
        .into_iter()
        .zip(found)
        .flat_map(|((label, samples), found)| {
            let period = found.or(common).unwrap_or(BASIC_PERIOD);
            regimes(&label, samples, period)
        });
    let with_period = stated
        .into_iter()
        .chain(unstated)
        .map(|(label, samples)| per_period(label, samples));
    add_parts(gather(with_period))
}

fn label(series: &Series) -> Label {
    let Reading {
        metric,
        part,
        statistic,
        period,
        per_second,
        scale: _,
    } = series.reading;
    Label {
        resource: key(&series.resource),
        metric,
        statistic,
        period,
        part,
        per_second,
    }
}

/// Joins samples with equal labels; each list comes out sorted, with one sample per time.
fn gather(series: impl Iterator<Item = (Label, Samples)>) -> BTreeMap<Label, Samples> {
    let mut gathered: BTreeMap<Label, Samples> = BTreeMap::new();
    for (label, samples) in series {
        let known = gathered.entry(label).or_default();
        if known.is_empty() {
            *known = samples;
        } else {
            known.extend(samples.iter());
        }
    }
    for samples in gathered.values_mut() {
        samples.settle();
    }
    gathered
}

/// The most common step between samples, in seconds.
fn step(samples: &Samples) -> Option<u32> {
    most_common(
        samples
            .steps()
            .filter_map(|(step, times)| Some((u32::try_from(step).ok()?, times))),
    )
}

/// The most common value, the smallest of equally common ones.
fn most_common(values: impl Iterator<Item = (u32, u32)>) -> Option<u32> {
    let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
    for (value, times) in values {
        *counts.entry(value).or_default() += u64::from(times);
    }
    counts
        .into_iter()
        .max_by_key(|&(value, count)| (count, std::cmp::Reverse(value)))
        .map(|(value, _)| value)
}

/// A series whose file states no period, by the periods it came in: clouds keep old samples by the hour and new
/// ones by the minute. A stretch of equal steps is a period of its own; all else has the common one.
fn regimes(label: &Label, samples: Samples, common: u32) -> Vec<(Label, Samples)> {
    let of = |period: u32| Label {
        period,
        ..label.clone()
    };
    let other = |(step, times): (i64, u32)| step != i64::from(common) && times as usize >= REGIME;
    if !samples.steps().any(other) {
        return vec![(of(common), samples)];
    }
    let points: Vec<(i64, f32)> = samples.iter().collect();
    let mut periods: BTreeMap<u32, Samples> = BTreeMap::new();
    let mut from = 0;
    while from < points.len() {
        let step = |at: usize| points.get(at + 1).map(|next| next.0 - points[at].0);
        let mut alike = (from..points.len())
            .take_while(|&at| step(at) == step(from))
            .count();
        // The last sample has no step of its own.
        alike += usize::from(from + alike + 1 == points.len());
        let own = step(from).and_then(|step| u32::try_from(step).ok());
        let period = own.filter(|_| alike >= REGIME).unwrap_or(common);
        periods
            .entry(period)
            .or_insert_with(|| samples.like())
            .extend(points[from..from + alike].iter().copied());
        from += alike;
    }
    periods
        .into_iter()
        .map(|(period, samples)| (of(period), samples))
        .collect()
}

/// Rates per second become totals per period.
#[allow(
    clippy::cast_precision_loss,
    reason = "samples are f32, periods are far below 2^24 seconds"
)]
fn per_period(mut label: Label, mut samples: Samples) -> (Label, Samples) {
    if std::mem::take(&mut label.per_second) {
        let seconds = label.period as f32;
        samples = samples
            .iter()
            .map(|(time, value)| (time, value * seconds))
            .collect();
    }
    (label, samples)
}

/// Adds reads and writes time by time, unless the whole is there too. A maximum of the sum cannot be known from
/// two maxima; their sum bounds it from above, which never makes a machine look idle.
fn add_parts(parts: BTreeMap<Label, Samples>) -> Vec<Usage> {
    let mut usage: Vec<Usage> = Vec::new();
    let mut whole = false;
    for (
        Label {
            resource,
            metric,
            statistic,
            period,
            part,
            ..
        },
        samples,
    ) in parts
    {
        let of = (&resource, metric, statistic, period);
        match usage
            .last_mut()
            .filter(|last| (&last.resource, last.metric, last.statistic, last.period) == of)
        {
            Some(_) if whole => {}
            Some(last) => last.samples = sum(&last.samples, &samples),
            None => {
                whole = part == 0;
                usage.push(Usage {
                    resource,
                    metric,
                    statistic,
                    period,
                    samples,
                });
            }
        }
    }
    usage
}

fn sum(a: &Samples, b: &Samples) -> Samples {
    let mut both: Vec<(i64, f32)> = a.iter().chain(b.iter()).collect();
    both.sort_by_key(|sample| sample.0);
    both.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            kept.1 += later.1;
        }
        same
    });
    both.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Sample = (i64, f32);

    fn series(resource: &str, part: u8, statistic: Statistic, samples: &[Sample]) -> Series {
        let metric = if part == 0 {
            Metric::Cpu
        } else {
            Metric::DiskOps
        };
        let reading = Reading {
            metric,
            part,
            statistic,
            period: 0,
            per_second: false,
            scale: 1.0,
        };
        Series {
            resource: resource.to_owned(),
            reading,
            samples: samples.iter().copied().collect(),
        }
    }

    fn listed(usage: &Usage) -> Vec<Sample> {
        usage.samples.iter().collect()
    }

    fn cpu(samples: &[Sample]) -> Series {
        series("i-1", 0, Statistic::Average, samples)
    }

    #[test]
    fn of_two_samples_at_one_time_the_higher_counts_in_any_order() {
        let one = [(600, 9.0), (300, 5.0)];
        let two = [(600, 7.0), (300, 5.0)];
        let both = usage(vec![cpu(&one), cpu(&two)]);
        assert_eq!(listed(&both[0]), [(300, 5.0), (600, 9.0)]);
        assert_eq!(both, usage(vec![cpu(&two), cpu(&one)]));
    }

    #[test]
    fn hours_before_minutes_keep_their_period() {
        let hours = (0..24).map(|hour| (hour * 3600, 1.0));
        let minutes = (0..100).map(|at| (24 * 3600 + at * 300, 2.0));
        let mixed: Vec<Sample> = hours.chain(minutes).collect();
        let usage = usage(vec![cpu(&mixed)]);
        let shape: Vec<(u32, usize)> = usage.iter().map(|u| (u.period, u.samples.len())).collect();
        assert_eq!(shape, [(300, 100), (3600, 24)]);
    }

    #[test]
    fn a_missing_period_is_the_most_common_step() {
        let gaps = [(0, 1.0), (60, 1.0), (120, 1.0), (3720, 1.0), (3780, 1.0)];
        assert_eq!(usage(vec![cpu(&gaps)])[0].period, 60);
        let one = series("i-2", 0, Statistic::Average, &[(0, 1.0)]);
        assert_eq!(usage(vec![cpu(&gaps), one])[1].period, 60);
        assert_eq!(usage(vec![cpu(&[(0, 1.0)])])[0].period, BASIC_PERIOD);
    }

    #[test]
    fn one_resource_in_two_spellings_is_one_series() {
        let arn = series(
            "arn:aws:ec2:us-east-1:1:instance/I-1",
            0,
            Statistic::Average,
            &[(300, 2.0), (600, 3.0)],
        );
        let usage = usage(vec![cpu(&[(0, 1.0), (300, 9.0)]), arn]);
        assert_eq!(usage.len(), 1);
        assert_eq!(listed(&usage[0]), [(0, 1.0), (300, 9.0), (600, 3.0)]);
    }

    #[test]
    fn reads_and_writes_add_up() {
        let reads = series("i-1", 1, Statistic::Sum, &[(0, 1.0), (300, 2.0)]);
        let writes = series("i-1", 2, Statistic::Sum, &[(300, 40.0), (600, 50.0)]);
        let usage = usage(vec![writes, reads]);
        assert_eq!(listed(&usage[0]), [(0, 1.0), (300, 42.0), (600, 50.0)]);
    }

    #[test]
    fn a_rate_becomes_a_total_per_period() {
        let mut rate = series("db", 1, Statistic::Average, &[(0, 2.0), (60, 3.0)]);
        rate.reading.per_second = true;
        assert_eq!(listed(&usage(vec![rate])[0]), [(0, 120.0), (60, 180.0)]);
    }

    proptest! {
        #[test]
        fn neither_order_nor_duplicates_nor_files_matter(
            samples in proptest::collection::vec((0i64..400, 0u8..100), 1..80),
            cuts in proptest::collection::vec(0usize..80, 0..4),
        ) {
            let samples: Vec<Sample> = samples.into_iter().map(|(at, value)| (at * 300, f32::from(value))).collect();
            let mut sorted = samples.clone();
            sorted.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
            let mut files: Vec<Series> = cuts.iter().map(|&cut| cpu(&samples[cut.min(samples.len())..])).collect();
            files.insert(cuts.len() / 2, cpu(&samples));
            prop_assert_eq!(usage(files), usage(vec![cpu(&sorted)]));
        }
    }
}
