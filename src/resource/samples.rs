//! The samples of a series in little room: a month of 5-minute CPU of 20,000 machines is 173 million of them.
//! Equal steps cost nothing, percentages take two bytes. It measures nothing and fills no gap.

/// Hundredths of a percent that two bytes can hold.
const LARGEST: f32 = 655.35;

/// Times (Unix seconds) and values of one series, in the order in which they were pushed.
///
/// ```
/// # use cloudtally::resource::Samples;
/// let mut cpu = Samples::hundredths();
/// cpu.push(300, 12.345);
/// cpu.push(0, 10.0);
/// cpu.settle();
/// assert_eq!(cpu.iter().collect::<Vec<_>>(), [(0, 10.0), (300, 12.35)]);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    runs: Vec<Run>,
    values: Values,
}

/// Samples at equal steps, upwards or downwards.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Run {
    start: i64,
    step: i32,
    count: u32,
}

#[derive(Clone, Debug, PartialEq)]
enum Values {
    /// Rounded to 0.01; from 0 to [`LARGEST`].
    Hundredths(Vec<u16>),
    Exact(Vec<f32>),
}

impl Default for Values {
    fn default() -> Values {
        Values::Exact(Vec::new())
    }
}

impl Run {
    fn time(self, index: u32) -> i64 {
        self.start + i64::from(self.step) * i64::from(index)
    }

    fn last(self) -> i64 {
        self.time(self.count - 1)
    }

    fn times(self) -> impl Iterator<Item = i64> {
        (0..self.count).map(move |index| self.time(index))
    }

    /// Takes a time in where it goes on at the same step; the second time sets the step.
    fn takes(&mut self, time: i64) -> bool {
        if self.count == 1 {
            let Ok(step) = i32::try_from(time - self.start) else {
                return false;
            };
            self.step = step;
        } else if time != self.time(self.count) {
            return false;
        }
        self.count += 1;
        true
    }
}

impl Values {
    fn push(&mut self, value: f32) {
        match self {
            Values::Exact(values) => push(values, value),
            Values::Hundredths(values) => {
                if let Some(hundredths) = hundredths(value) {
                    push(values, hundredths);
                } else {
                    let mut exact: Vec<f32> = values.iter().map(|&value| percent(value)).collect();
                    exact.push(value);
                    *self = Values::Exact(exact);
                }
            }
        }
    }

    fn at(&self, index: usize) -> f32 {
        match self {
            Values::Hundredths(values) => percent(values[index]),
            Values::Exact(values) => values[index],
        }
    }

    fn len(&self) -> usize {
        match self {
            Values::Hundredths(values) => values.len(),
            Values::Exact(values) => values.len(),
        }
    }
}

/// Grows by a quarter: many thousand series grow side by side, and half-empty room would double them.
fn push<T>(values: &mut Vec<T>, value: T) {
    if values.len() == values.capacity() {
        values.reserve_exact(values.len() / 4 + 32);
    }
    values.push(value);
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within the bounds that were just checked"
)]
fn hundredths(value: f32) -> Option<u16> {
    (0.0..=LARGEST)
        .contains(&value)
        .then(|| (f64::from(value) * 100.0 + 0.5) as u16)
}

fn percent(hundredths: u16) -> f32 {
    f32::from(hundredths) / 100.0
}

impl Samples {
    /// Keeps values to 0.01, as fits percentages; turns to exact ones at the first value over 655.35.
    pub fn hundredths() -> Samples {
        Samples {
            values: Values::Hundredths(Vec::new()),
            ..Samples::default()
        }
    }

    /// None yet, to be kept as these are.
    #[must_use]
    pub fn like(&self) -> Samples {
        match self.values {
            Values::Hundredths(_) => Samples::hundredths(),
            Values::Exact(_) => Samples::default(),
        }
    }

    /// Adds a sample.
    pub fn push(&mut self, time: i64, value: f32) {
        let taken = self.runs.last_mut().is_some_and(|run| run.takes(time));
        if !taken {
            self.runs.push(Run {
                start: time,
                step: 0,
                count: 1,
            });
        }
        self.values.push(value);
    }

    /// Time and value of every sample.
    pub fn iter(&self) -> impl Iterator<Item = (i64, f32)> + '_ {
        let times = self.runs.iter().flat_map(|run| run.times());
        times
            .enumerate()
            .map(|(index, time)| (time, self.values.at(index)))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// True where there is none.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Brings the samples in the order of time, one per time: of several the highest, which is the same whatever
    /// order they came in and never makes a machine look idle.
    pub fn settle(&mut self) {
        if self.is_settled() {
            return;
        }
        let mut samples: Vec<(i64, f32)> = self.iter().collect();
        samples.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        samples.dedup_by_key(|sample| sample.0);
        let mut settled = self.like();
        settled.extend(samples);
        *self = settled;
    }

    fn is_settled(&self) -> bool {
        let up = |run: &Run| run.count == 1 || run.step > 0;
        self.runs.iter().all(up)
            && self
                .runs
                .windows(2)
                .all(|pair| pair[0].last() < pair[1].start)
    }

    /// Steps between neighbours in seconds, each with how often it comes in a row; where settled, all above 0.
    pub fn steps(&self) -> impl Iterator<Item = (i64, u32)> + '_ {
        let within = self
            .runs
            .iter()
            .filter(|run| run.count > 1)
            .map(|run| (i64::from(run.step), run.count - 1));
        let between = self
            .runs
            .windows(2)
            .map(|pair| (pair[1].start - pair[0].last(), 1));
        within.chain(between)
    }
}

impl Extend<(i64, f32)> for Samples {
    fn extend<I: IntoIterator<Item = (i64, f32)>>(&mut self, samples: I) {
        for (time, value) in samples {
            self.push(time, value);
        }
    }
}

/// Exact ones.
impl FromIterator<(i64, f32)> for Samples {
    fn from_iter<I: IntoIterator<Item = (i64, f32)>>(samples: I) -> Samples {
        let mut all = Samples::default();
        all.extend(samples);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_regular_month_is_one_run_of_two_bytes_a_sample() {
        let mut month = Samples::hundredths();
        month.extend(
            (0..8640u16)
                .rev()
                .map(|i| (i64::from(i) * 300, f32::from(i % 100))),
        );
        assert_eq!((month.runs.len(), month.len()), (1, 8640));
        assert!(matches!(&month.values, Values::Hundredths(v) if v.capacity() < 11_000));
        month.settle();
        assert_eq!((month.runs.len(), month.iter().next()), (1, Some((0, 0.0))));
    }

    #[test]
    fn a_value_that_two_bytes_cannot_hold_turns_all_exact() {
        let mut samples = Samples::hundredths();
        samples.extend([(0, 12.34), (60, 655.35), (120, 655.4), (180, 0.001)]);
        let kept: Vec<f32> = samples.iter().map(|sample| sample.1).collect();
        assert_eq!(kept, [12.34, 655.35, 655.4, 0.001]);
    }

    #[test]
    fn of_two_samples_at_one_time_the_highest_counts() {
        let mut twice: Samples = [(600, 9.0), (300, 5.0), (600, 7.0)].into_iter().collect();
        twice.settle();
        assert_eq!(twice.iter().collect::<Vec<_>>(), [(300, 5.0), (600, 9.0)]);
    }

    #[test]
    fn steps_count_gaps_too() {
        let gap: Samples = [0, 60, 120, 3720]
            .map(|time| (time, 1.0))
            .into_iter()
            .collect();
        assert_eq!(gap.steps().collect::<Vec<_>>(), [(60, 2), (3600, 1)]);
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(samples in proptest::collection::vec((-9_000_000_000i64..9_000_000_000, 0u16..=65535), 0..60)) {
            let samples: Vec<(i64, f32)> = samples.into_iter().map(|(time, value)| (time, percent(value))).collect();
            let exact: Samples = samples.iter().copied().collect();
            let mut short = Samples::hundredths();
            short.extend(samples.iter().copied());
            prop_assert_eq!(&exact.iter().collect::<Vec<_>>(), &samples);
            prop_assert_eq!(&short.iter().collect::<Vec<_>>(), &samples);
        }

        #[test]
        fn order_and_duplicates_do_not_matter(
            times in proptest::collection::vec((0i64..50, 0u16..1000), 1..60), turn in 0usize..60
        ) {
            let samples: Vec<(i64, f32)> = times.into_iter().map(|(time, value)| (time * 300, percent(value))).collect();
            let mut turned = samples.clone();
            turned.rotate_left(turn % samples.len());
            turned.extend(samples.iter().copied());
            let settled = |samples: Vec<(i64, f32)>| {
                let mut all: Samples = samples.into_iter().collect();
                all.settle();
                all
            };
            prop_assert_eq!(settled(samples), settled(turned));
        }
    }
}
