//! What a cost series will amount to: a small ensemble of robust members (levels of the last weeks under a weekday
//! shape, a damped trend, the mean of the same weekdays), charges of the calendar placed on their days, and
//! intervals learnt from the method's own past mistakes on the sum over each window.
//! It never looks at a budget, a file or the clock, and it never promises a change that no past day has shown.

mod almanac;
mod dates;
mod fit;
mod shape;
mod trials;

pub mod budget;
pub mod interval;
pub mod packed;
pub mod past;
pub mod publish;
pub mod sheet;

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use rayon::prelude::*;

use crate::period::Month;
use almanac::Almanac;

/// Days of history below which a series is too young for a forecast of its own shape (it gets its mean).
pub const FEWEST_DAYS: usize = 21;
/// Costs beyond this (in currency a step) are no bill; the bound keeps every sum finite.
const LARGEST_COST: f64 = 1e15;
/// Longest forecast, in steps.
pub const LONGEST: usize = 800;

/// How a series breathes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rhythm {
    /// One value a day: weekdays, days of the month.
    Daily,
    /// A season of so many steps and no calendar (24 for hours).
    Every(usize),
}

impl Rhythm {
    /// Steps after which the shape repeats; 2 to 366.
    pub fn season(self) -> usize {
        match self {
            Rhythm::Daily => 7,
            Rhythm::Every(steps) => steps.clamp(2, 366),
        }
    }
}

/// Steps after the origin, half-open: `0..30` are the first thirty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First step, counted from the first step that is not known.
    pub from: usize,
    /// The step after the last.
    pub to: usize,
}

impl Window {
    /// Its steps.
    pub fn steps(self) -> usize {
        self.to.saturating_sub(self.from)
    }
}

/// What is asked of every series of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Daily or by a season of steps.
    pub rhythm: Rhythm,
    /// The windows whose sums are wanted with an interval.
    pub windows: Vec<Window>,
    /// Steps forecast one by one; at least the end of the last window.
    pub horizon: usize,
}

impl Question {
    /// A question whose horizon covers its windows.
    pub fn new(rhythm: Rhythm, windows: Vec<Window>) -> Question {
        let horizon = windows.iter().map(|window| window.to).max().unwrap_or(0);
        Question {
            rhythm,
            windows,
            horizon: horizon.min(LONGEST),
        }
    }
}

/// The complete past of one series: the newest days whose bill is still filling up are left out.
#[derive(Debug, Clone, Copy)]
pub struct History<'a> {
    /// Day of the first value; all series of a run share first and last day. Ignored without a calendar.
    pub first_day: NaiveDate,
    /// Costs without gaps (a day without a charge is zero), in one currency.
    pub values: &'a [f64],
    /// Charges known to come: day and amount. On its day a known charge takes the place of a calendar charge.
    pub known: &'a [(NaiveDate, f64)],
}

/// One look back: what the method would have said, and what came.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Trial {
    pub(crate) forecast: f64,
    pub(crate) actual: f64,
}

/// The forecast of one series or scope, with its past trials.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outlook {
    /// The forecast of each step after the origin, in currency.
    pub steps: Vec<f64>,
    /// By window (asked ones, then the probed single steps) and origin, newest first.
    trials: Vec<Vec<Option<Trial>>>,
    /// Usual relative distance of a step from its forecast.
    wobble: f64,
}

impl Outlook {
    /// The forecast sum of a window.
    pub fn sum(&self, window: Window) -> f64 {
        let to = window.to.min(self.steps.len());
        self.steps[window.from.min(to)..to].iter().sum()
    }

    /// The outlook of a scope: the sum of its parts, step by step and trial by trial.
    pub fn of_parts<'a>(parts: impl IntoIterator<Item = &'a Outlook>) -> Outlook {
        let mut whole = Outlook::default();
        let mut sizes = 0.0;
        let mut wobble = 0.0;
        for part in parts {
            whole.add(part);
            let size: f64 = part.steps.iter().map(|step| step.abs()).sum();
            sizes += size;
            wobble += (part.wobble * size).powi(2);
        }
        whole.wobble = if sizes > 0.0 {
            wobble.sqrt() / sizes
        } else {
            0.0
        };
        whole
    }

    fn add(&mut self, part: &Outlook) {
        if self.trials.is_empty() {
            *self = part.clone();
            return;
        }
        for (sum, step) in self.steps.iter_mut().zip(&part.steps) {
            *sum += step;
        }
        for (sums, trials) in self.trials.iter_mut().zip(&part.trials) {
            for (sum, trial) in sums.iter_mut().zip(trials) {
                if let (Some(sum), Some(trial)) = (sum.as_mut(), trial) {
                    sum.forecast += trial.forecast;
                    sum.actual += trial.actual;
                } else {
                    *sum = sum.or(*trial);
                }
            }
        }
    }
}

/// The outlooks of many series, in their order; the same whatever the number of threads.
pub fn outlooks(histories: &[History<'_>], question: &Question) -> Vec<Outlook> {
    let mut almanacs: BTreeMap<(NaiveDate, usize), Almanac> = BTreeMap::new();
    for history in histories {
        let days = (history.first_day, history.values.len());
        almanacs
            .entry(days)
            .or_insert_with(|| almanac(history, question));
    }
    histories
        .par_iter()
        .map(|history| {
            let days = (history.first_day, history.values.len());
            look(&almanacs[&days], history, question)
        })
        .collect()
}

/// The days of a history and of what is asked about it.
fn almanac(history: &History<'_>, question: &Question) -> Almanac {
    let days = trials::days(history.values.len(), question);
    Almanac::new(history.first_day, days)
}

/// The outlook of one series. Not-a-number counts as zero; no history gives zeros.
pub fn outlook(history: &History<'_>, question: &Question) -> Outlook {
    look(&almanac(history, question), history, question)
}

fn look(almanac: &Almanac, history: &History<'_>, question: &Question) -> Outlook {
    let values: Vec<f64> = history.values.iter().map(|cost| readable(*cost)).collect();
    let days = Days::new(u64::try_from(values.len()).unwrap_or(0));
    let origin = history.first_day.checked_add_days(days);
    let mut known = BTreeMap::new();
    if let (Rhythm::Daily, Some(origin)) = (question.rhythm, origin) {
        for (day, amount) in history.known {
            if let Ok(step) = usize::try_from((*day - origin).num_days()) {
                *known.entry(step).or_insert(0.0) += readable(*amount);
            }
        }
    }
    trials::look(almanac, &values, &known, question)
}

fn readable(cost: f64) -> f64 {
    if cost.is_finite() {
        cost.clamp(-LARGEST_COST, LARGEST_COST)
    } else {
        0.0
    }
}

/// What a published sum spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Span {
    /// The rest of the origin's month.
    MonthEnd,
    /// The month after it.
    NextMonth,
    /// Ninety days from the origin.
    Days90,
}

impl Span {
    /// As the tables call it.
    pub const fn name(self) -> &'static str {
        match self {
            Span::MonthEnd => "month_end",
            Span::NextMonth => "next_month",
            Span::Days90 => "days_90",
        }
    }
}

/// The three spans as windows from an origin, the first day that is not known.
pub fn spans(origin: NaiveDate) -> [(Span, Window); 3] {
    let month = Month::of(origin);
    let steps = |day: NaiveDate| usize::try_from((day - origin).num_days()).unwrap_or(0);
    let rest = steps(month.next().first_day());
    let next = steps(month.next().next().first_day());
    [
        (Span::MonthEnd, Window { from: 0, to: rest }),
        (
            Span::NextMonth,
            Window {
                from: rest,
                to: next,
            },
        ),
        (Span::Days90, Window { from: 0, to: 90 }),
    ]
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
