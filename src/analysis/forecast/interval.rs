//! How far off the method has been, turned into intervals: relative errors of the sum over each window, scaled by
//! each series' own record, pooled over the series of one kind, and read off as empirical quantiles. No normal law
//! is assumed and no day's error is multiplied up to a month's: a month is judged by months.

use super::trials::tried;
use super::{Outlook, Question, Trial, Window};
use crate::analysis::robust::{count_as_f64, median};

/// Tail probabilities of the 80 and the 95 % interval.
const TAILS: [f64; 2] = [0.10, 0.025];
/// Trials that the common error is worth against a series' own record.
const COMMON: f64 = 3.0;
/// A series without a record of its own is this much less certain than the common one.
const YOUNG: f64 = 1.5;
/// A share of its usual size below which a forecast gets no narrower.
const LEAST_SIZE: f64 = 0.1;
/// Relative error of a sum over thirty steps assumed where no trial could be made at all: set so that
/// histories of three weeks are covered as promised on generated series.
const UNTRIED: f64 = 0.06;
/// Pooled errors below which the shape of the errors is filled up with the assumed one.
const ENOUGH: usize = 200;
/// Quantiles of the assumed law, one at each fortieth.
const ASSUMED: u32 = 39;

/// Errors in units of their mean size for a pool that knows too little: the law of Laplace, whose tails are heavier
/// than normal as those of bills are.
fn assumed() -> impl Iterator<Item = f64> {
    (1..=ASSUMED).map(|rank| {
        let share = f64::from(rank) / f64::from(ASSUMED + 1);
        let side = share - 0.5;
        -side.signum() * (1.0 - 2.0 * side.abs()).ln()
    })
}

/// A sum with its intervals, in the currency of the series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The forecast.
    pub forecast: f64,
    /// The 80 % interval.
    pub lower80: f64,
    /// See `lower80`.
    pub upper80: f64,
    /// The 95 % interval.
    pub lower95: f64,
    /// See `lower95`.
    pub upper95: f64,
    /// Error of past forecasts of the same window (sum of misses over sum of actuals, 0 and up); none untried.
    pub error: Option<f64>,
}

impl Interval {
    /// The same interval around an amount that is already spent.
    #[must_use]
    pub fn plus(self, spent: f64) -> Interval {
        Interval {
            forecast: self.forecast + spent,
            lower80: self.lower80 + spent,
            upper80: self.upper80 + spent,
            lower95: self.lower95 + spent,
            upper95: self.upper95 + spent,
            error: self.error,
        }
    }

    /// Whether an actual lies in the 80 and in the 95 % interval.
    pub fn covers(&self, actual: f64) -> (bool, bool) {
        (
            (self.lower80..=self.upper80).contains(&actual),
            (self.lower95..=self.upper95).contains(&actual),
        )
    }
}

/// What the errors of one kind of series (leaves, or scopes) say about a window.
#[derive(Debug, Clone)]
struct Learnt {
    window: Window,
    /// Usual relative error of a series, and the quantiles of errors in units of a series' own.
    usual: Option<f64>,
    lower: [f64; 2],
    upper: [f64; 2],
}

/// The calibration of one kind of series: leaves are pooled with leaves, scopes with scopes.
#[derive(Debug, Clone)]
pub struct Calibration {
    learnt: Vec<Learnt>,
    asked: usize,
}

impl Calibration {
    /// Learns from the trials of all series of one kind.
    pub fn learn<'a>(
        outlooks: impl IntoIterator<Item = &'a Outlook>,
        question: &Question,
    ) -> Calibration {
        let outlooks: Vec<&Outlook> = outlooks.into_iter().collect();
        let windows = tried(question).into_iter().enumerate();
        Calibration {
            learnt: windows
                .map(|(at, window)| learn(&outlooks, at, window))
                .collect(),
            asked: question.windows.len(),
        }
    }

    /// The interval of an asked window, by its place in the question. An unknown place is zero wide.
    pub fn window(&self, outlook: &Outlook, place: usize) -> Interval {
        match self.learnt.get(place) {
            Some(learnt) => self.interval(outlook, place, learnt.window),
            None => around(0.0, 0.0, &Learnt::untried(Window { from: 0, to: 0 }), None),
        }
    }

    /// The interval of a single step.
    pub fn step(&self, outlook: &Outlook, step: usize) -> Interval {
        self.interval(outlook, self.probe(step), single(step))
    }

    /// The intervals of the first steps, one by one; neighbours share what was tried.
    pub fn steps(&self, outlook: &Outlook, count: usize) -> Vec<Interval> {
        let mut known: Option<(usize, Record)> = None;
        let interval = |step: usize| {
            let place = self.probe(step);
            if known.as_ref().is_none_or(|(known, _)| *known != place) {
                known = Some((place, Record::of(outlook, place)));
            }
            let record = known.as_ref().map(|(_, record)| record);
            record.map(|record| self.by_record(outlook, record, place, single(step)))
        };
        (0..count).filter_map(interval).collect()
    }

    /// The place of what was tried that speaks for a single step.
    fn probe(&self, step: usize) -> usize {
        let probe = (self.asked..self.learnt.len())
            .rev()
            .find(|probe| self.learnt[*probe].window.from <= step);
        probe.unwrap_or(self.asked)
    }

    fn interval(&self, outlook: &Outlook, place: usize, window: Window) -> Interval {
        self.by_record(outlook, &Record::of(outlook, place), place, window)
    }

    fn by_record(
        &self,
        outlook: &Outlook,
        record: &Record,
        place: usize,
        window: Window,
    ) -> Interval {
        let forecast = outlook.sum(window);
        let untried;
        let learnt = if let Some(learnt) = self.learnt.get(place) {
            learnt
        } else {
            untried = Learnt::untried(window);
            &untried
        };
        let usual = learnt.usual.or_else(|| self.borrowed(learnt.window));
        let relative = match usual {
            Some(usual) if record.errors.is_empty() => YOUNG * usual,
            Some(usual) => record.scale(usual, None),
            None => untested(outlook.wobble, window.steps()),
        };
        let size = forecast.abs().max(LEAST_SIZE * record.size);
        around(forecast, relative * size, learnt, record.wmape)
    }

    /// An untried window borrows from the longest shorter one tried; errors of sums grow with the square root of the
    /// distance that is not seen.
    fn borrowed(&self, window: Window) -> Option<f64> {
        let steps = |window: Window| count_as_f64(window.to.max(1));
        let tried = self
            .learnt
            .iter()
            .filter(|l| l.usual.is_some() && l.window.steps() > 1);
        let longest = tried.max_by_key(|learnt| learnt.window.to)?;
        let further = (steps(window) / steps(longest.window)).max(1.0);
        longest.usual.map(|usual| usual * further.sqrt())
    }
}

impl Learnt {
    fn untried(window: Window) -> Learnt {
        let (lower, upper) = quantiles(&mut assumed().collect::<Vec<_>>());
        Learnt {
            window,
            usual: None,
            lower,
            upper,
        }
    }
}

/// A step as a window.
fn single(step: usize) -> Window {
    Window {
        from: step,
        to: step + 1,
    }
}

/// The relative error of a sum when nothing could be tried: a level that is half guessed, and noise that averages out.
fn untested(wobble: f64, steps: usize) -> f64 {
    let steps = count_as_f64(steps.max(1));
    UNTRIED * (steps / 30.0).max(1.0).sqrt() + wobble / steps.sqrt()
}

fn around(forecast: f64, unit: f64, learnt: &Learnt, error: Option<f64>) -> Interval {
    Interval {
        forecast,
        lower80: forecast + unit * learnt.lower[0].min(0.0),
        upper80: forecast + unit * learnt.upper[0].max(0.0),
        lower95: forecast + unit * learnt.lower[1].min(0.0),
        upper95: forecast + unit * learnt.upper[1].max(0.0),
        error,
    }
}

/// The record of one series on one window: relative errors, newest first.
struct Record {
    errors: Vec<f64>,
    size: f64,
    wmape: Option<f64>,
}

impl Record {
    /// Origins before the series began say nothing.
    fn of(outlook: &Outlook, place: usize) -> Record {
        let trials = outlook.trials.get(place).into_iter().flatten().flatten();
        let trials: Vec<&Trial> = trials.filter(|trial| trial.forecast != 0.0).collect();
        let sum = |of: fn(&Trial) -> f64| trials.iter().map(|trial| of(trial)).sum::<f64>();
        let count = count_as_f64(trials.len()).max(1.0);
        let size = sum(|t| t.forecast.abs().max(t.actual.abs())) / count;
        let actual = sum(|t| t.actual.abs());
        let missed = sum(|t| (t.forecast - t.actual).abs());
        let relative =
            |t: &&Trial| (t.actual - t.forecast) / t.forecast.abs().max(LEAST_SIZE * size);
        Record {
            errors: trials.iter().map(relative).collect(),
            size,
            wmape: (actual > 0.0).then(|| missed / actual),
        }
    }

    /// Mean size of the errors, shrunk to the usual one; without one of them where it is the one to be judged.
    fn scale(&self, usual: f64, without: Option<usize>) -> f64 {
        let mut sum = COMMON * usual;
        let mut count = COMMON;
        for (at, error) in self.errors.iter().enumerate() {
            if Some(at) != without {
                sum += error.abs().min(CAPPED * usual);
                count += 1.0;
            }
        }
        sum / count
    }
}

/// One wild miss must not make a series' intervals useless for good: it counts as this many usual ones.
const CAPPED: f64 = 20.0;

fn learn(outlooks: &[&Outlook], place: usize, window: Window) -> Learnt {
    let records: Vec<Record> = outlooks.iter().map(|one| Record::of(one, place)).collect();
    let mean_size = |record: &Record| {
        let sum: f64 = record.errors.iter().map(|error| error.abs()).sum();
        sum / count_as_f64(record.errors.len())
    };
    let tried = records.iter().filter(|record| !record.errors.is_empty());
    let mut sizes: Vec<f64> = tried.map(mean_size).collect();
    if sizes.is_empty() {
        return Learnt::untried(window);
    }
    let usual = median(&mut sizes).max(1e-6);
    let mut pooled = Vec::new();
    for record in &records {
        for (at, error) in record.errors.iter().enumerate() {
            pooled.push(error / record.scale(usual, Some(at)));
        }
    }
    if pooled.len() < ENOUGH {
        pooled.extend(assumed());
    }
    let (lower, upper) = quantiles(&mut pooled);
    Learnt {
        window,
        usual: Some(usual),
        lower,
        upper,
    }
}

/// Lower and upper quantiles at the tails; reorders the slice.
fn quantiles(values: &mut [f64]) -> ([f64; 2], [f64; 2]) {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| quantile(values, share);
    (TAILS.map(at), TAILS.map(|tail| at(1.0 - tail)))
}

/// A quantile of sorted values, between ranks, at (n + 1) p: with few values the tails reach for the ends.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let last = count_as_f64(sorted.len().saturating_sub(1));
    let rank = (share * count_as_f64(sorted.len() + 1) - 1.0).clamp(0.0, last);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank within the slice"
    )]
    let below = rank.floor() as usize;
    match (sorted.get(below), sorted.get(below + 1)) {
        (Some(low), Some(high)) => low + (high - low) * rank.fract(),
        (Some(only), None) => *only,
        _ => 0.0,
    }
}
