//! Samples become usage: series of one resource meet, duplicates go, missing periods are found, reads and
//! writes add up. Fills no gaps and smooths nothing.

use super::measure::Reading;
use crate::resource::{Metric, Statistic, Usage, key};
use std::collections::BTreeMap;

/// Unix second and value.
type Sample = (i64, f32);

/// Seconds of a period that neither the file nor any step between samples tells: `CloudWatch`'s basic
/// monitoring (Amazon EC2 User Guide, "Manage detailed monitoring").
const BASIC_PERIOD: u32 = 300;

/// The samples of one resource and one reading, in the order of the file.
#[derive(Debug)]
pub(super) struct Series {
    /// The resource's id as the file prints it.
    pub(super) resource: String,
    /// How to understand the samples.
    pub(super) reading: Reading,
    /// In the metric's unit, rates still per second.
    pub(super) samples: Vec<Sample>,
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

/// Usage by resource, metric, statistic and period, whatever the order of the series; of two samples at one
/// time the higher counts for maxima, the later in the list for all else.
pub(super) fn usage(series: Vec<Series>) -> Vec<Usage> {
    let mut labelled = gather(
        series
            .into_iter()
            .map(|series| (label(&series), series.samples)),
    );
    let steps: BTreeMap<Label, u32> = labelled
        .iter()
        .filter_map(|(label, s)| Some((label.clone(), step(s)?)))
        .collect();
    let common = most_common(labelled.keys().filter_map(|label| match label.period {
        0 => steps.get(label).copied(),
        stated => Some(stated),
    }));
    let with_period = std::mem::take(&mut labelled)
        .into_iter()
        .map(|(mut label, samples)| {
            if label.period == 0 {
                label.period = steps
                    .get(&label)
                    .copied()
                    .or(common)
                    .unwrap_or(BASIC_PERIOD);
            }
            per_period(label, samples)
        });
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
fn gather(series: impl Iterator<Item = (Label, Vec<Sample>)>) -> BTreeMap<Label, Vec<Sample>> {
    let mut gathered: BTreeMap<Label, Vec<Sample>> = BTreeMap::new();
    for (label, mut samples) in series {
        let known = gathered.entry(label).or_default();
        if known.is_empty() {
            *known = samples;
        } else {
            known.append(&mut samples);
        }
    }
    for (label, samples) in &mut gathered {
        settle(samples, label.statistic);
    }
    gathered
}

/// By time, one sample per time.
fn settle(samples: &mut Vec<Sample>, statistic: Statistic) {
    if samples.is_sorted_by(|a, b| a.0 < b.0) {
        return;
    }
    samples.sort_by_key(|sample| sample.0);
    samples.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            kept.1 = if statistic == Statistic::Maximum {
                kept.1.max(later.1)
            } else {
                later.1
            };
        }
        same
    });
}

/// The most common step between samples, in seconds.
fn step(samples: &[Sample]) -> Option<u32> {
    most_common(
        samples
            .windows(2)
            .filter_map(|pair| u32::try_from(pair[1].0 - pair[0].0).ok()),
    )
}

/// The most common value, the smallest of equally common ones.
fn most_common(values: impl Iterator<Item = u32>) -> Option<u32> {
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    counts
        .into_iter()
        .max_by_key(|&(value, count)| (count, std::cmp::Reverse(value)))
        .map(|(value, _)| value)
}

/// Rates per second become totals per period.
#[allow(
    clippy::cast_precision_loss,
    reason = "samples are f32, periods are far below 2^24 seconds"
)]
fn per_period(mut label: Label, mut samples: Vec<Sample>) -> (Label, Vec<Sample>) {
    if std::mem::take(&mut label.per_second) {
        let seconds = label.period as f32;
        for sample in &mut samples {
            sample.1 *= seconds;
        }
    }
    (label, samples)
}

/// Adds reads and writes time by time, unless the whole is there too. A maximum of the sum cannot be known from
/// two maxima; their sum bounds it from above, which never makes a machine look idle.
fn add_parts(parts: BTreeMap<Label, Vec<Sample>>) -> Vec<Usage> {
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

fn sum(a: &[Sample], b: &[Sample]) -> Vec<Sample> {
    let mut both = [a, b].concat();
    both.sort_by_key(|sample| sample.0);
    both.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            kept.1 += later.1;
        }
        same
    });
    both
}

#[cfg(test)]
mod tests {
    use super::*;

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
            samples: samples.to_vec(),
        }
    }

    fn cpu(samples: &[Sample]) -> Series {
        series("i-1", 0, Statistic::Average, samples)
    }

    #[test]
    fn of_two_samples_at_one_time_the_last_counts_and_of_maxima_the_highest() {
        let twice = [(600, 9.0), (300, 5.0), (600, 7.0)];
        assert_eq!(
            usage(vec![cpu(&twice)])[0].samples,
            [(300, 5.0), (600, 7.0)]
        );
        assert_eq!(
            usage(vec![series("i-1", 0, Statistic::Maximum, &twice)])[0].samples,
            [(300, 5.0), (600, 9.0)]
        );
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
        assert_eq!(usage[0].samples, [(0, 1.0), (300, 2.0), (600, 3.0)]);
    }

    #[test]
    fn reads_and_writes_add_up() {
        let reads = series("i-1", 1, Statistic::Sum, &[(0, 1.0), (300, 2.0)]);
        let writes = series("i-1", 2, Statistic::Sum, &[(300, 40.0), (600, 50.0)]);
        let usage = usage(vec![writes, reads]);
        assert_eq!(usage[0].samples, [(0, 1.0), (300, 42.0), (600, 50.0)]);
    }

    #[test]
    fn a_rate_becomes_a_total_per_period() {
        let mut rate = series("db", 1, Statistic::Average, &[(0, 2.0), (60, 3.0)]);
        rate.reading.per_second = true;
        assert_eq!(usage(vec![rate])[0].samples, [(0, 120.0), (60, 180.0)]);
    }
}
