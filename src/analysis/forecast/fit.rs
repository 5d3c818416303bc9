//! One fit: the shape of a history, and what each member of the ensemble makes of it. Members differ in the level
//! they carry forward and in how it grows; the weekday shape and the calendar are common to all.

use super::Rhythm;
use super::almanac::Almanac;
use super::dates::{Dates, Past};
use super::shape::{LEAST_FACTOR, change_of_level, mean, profile, robust_mean, scatter, trend};
use crate::analysis::robust::{count_as_f64, median};

/// How a member carries its level forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Growth {
    None,
    Damped,
    Straight,
}

/// A member of the ensemble.
struct Member {
    /// Cycles behind its level.
    cycles: usize,
    /// Cycles behind its rate of an intermittent series.
    rare_cycles: usize,
    growth: Growth,
    /// Believes in no change of level, and hardly in outliers.
    credulous: bool,
}

impl Member {
    const fn of(cycles: usize, rare_cycles: usize, growth: Growth) -> Member {
        Member {
            cycles,
            rare_cycles,
            growth,
            credulous: false,
        }
    }
}

/// Members of the ensemble.
pub(super) const MEMBERS: usize = 8;
/// Robust levels of short and long windows, three with growth, and the mean of the same weekdays. Which of them a
/// series follows is decided by its own past.
const ENSEMBLE: [Member; MEMBERS] = [
    Member::of(2, 4, Growth::None),
    Member::of(4, 8, Growth::None),
    Member::of(8, 12, Growth::None),
    Member::of(12, 16, Growth::None),
    Member::of(2, 8, Growth::Damped),
    Member::of(4, 12, Growth::Damped),
    Member::of(4, 2, Growth::Straight),
    Member {
        credulous: true,
        ..Member::of(4, 4, Growth::None)
    },
];
/// Cycles that shape the profile, and those looked at for a change of level and a trend.
const SHAPE_CYCLES: usize = 8;
const TREND_CYCLES: usize = 12;
/// Share of a step's growth that remains a step later: half of it is gone after five weeks of days. Chosen on
/// generated series among .97, .98, .985 and .99.
const DAMPING: f64 = 0.98;
/// Steepest growth per step believed, as a share of the level.
const STEEPEST: f64 = 0.02;
/// Fewest days with a cost that make a level.
const FEWEST_ACTIVE: usize = 3;
/// Distances from the median, in its own size, that the plain mean takes at their word.
const CREDULOUS: f64 = 3.0;
/// Share of days without cost, where the shape promises some, that makes a series intermittent.
const SILENT: f64 = 0.2;

/// One history up to its origin, understood.
#[derive(Debug)]
pub(super) struct Fit<'a> {
    /// Steps since the first cost.
    origin: usize,
    profile: Vec<f64>,
    dates: Option<Dates<'a>>,
    levels: [f64; MEMBERS],
    growth: [f64; MEMBERS],
    /// Usual relative distance of a step from its shape.
    pub(super) wobble: f64,
}

impl<'a> Fit<'a> {
    /// Understands a history that may begin with zeros, on the first day of the almanac.
    pub(super) fn new(almanac: &'a Almanac, history: &[f64], rhythm: Rhythm) -> Fit<'a> {
        let season = rhythm.season();
        let begun = beginning(history, season);
        let costs = &history[begun..];
        let from = costs.len().saturating_sub(TREND_CYCLES * season);
        let mut days: Vec<Option<f64>> = costs.iter().map(|cost| Some(*cost)).collect();
        let mut dates = None;
        if rhythm == Rhythm::Daily {
            let rough = profile(&days, season, SHAPE_CYCLES);
            let past = Past::new(costs, &rough);
            let learnt = Dates::learn(almanac, begun, &past);
            for (at, day) in days.iter_mut().enumerate().skip(from) {
                if learnt.is_of_calendar(at, &past) {
                    *day = None;
                }
            }
            dates = Some(learnt);
        }
        let shape = profile(&days, season, SHAPE_CYCLES);
        let mut body = Body::new(days, shape);
        let (levels, growth) = body.members(from);
        Fit {
            origin: costs.len(),
            wobble: scatter(&body.level_days(costs.len().saturating_sub(SHAPE_CYCLES * season))),
            profile: body.profile,
            dates,
            levels,
            growth,
        }
    }

    /// The charge of the calendar on a step after the origin.
    pub(super) fn charge(&self, step: usize) -> f64 {
        let at = self.origin + step;
        self.dates.as_ref().map_or(0.0, |dates| dates.charge(at))
    }

    /// What every member says of a step after the origin.
    pub(super) fn step(&self, step: usize, damped: f64) -> [f64; MEMBERS] {
        let at = self.origin + step;
        let active = self
            .dates
            .as_ref()
            .map_or(1.0, |dates| dates.activity_on(at));
        let shape = self.profile[at % self.profile.len()] * active;
        let charge = self.charge(step);
        std::array::from_fn(|member| {
            let level = self.levels[member];
            let steps = match ENSEMBLE[member].growth {
                Growth::Straight => count_as_f64(step + 1),
                Growth::None | Growth::Damped => damped,
            };
            let grown = level + self.growth[member] * steps;
            let same_sign = grown * level > 0.0;
            shape * if same_sign { grown } else { 0.0 } + charge
        })
    }
}

/// Where a series begins: at its first cost, or earlier where one or two days are all there is, for they are no level.
fn beginning(history: &[f64], season: usize) -> usize {
    let first = history.iter().position(|c| *c != 0.0);
    let first = first.unwrap_or(history.len());
    let active = history[first..].iter().filter(|c| **c != 0.0).count();
    if active < FEWEST_ACTIVE {
        first.min(history.len().saturating_sub(SHAPE_CYCLES * season))
    } else {
        first
    }
}

/// The mean, with values beyond this many times the median's size pulled back to it.
fn credulous_mean(values: &[f64]) -> f64 {
    let centre = median(&mut values.to_vec());
    let reach = CREDULOUS * centre.abs();
    mean(
        values
            .iter()
            .map(|v| v.clamp(centre - reach, centre + reach)),
    )
}

/// The steps of growth that are left after damping, for each step of a horizon.
pub(super) fn damped_steps(horizon: usize) -> Vec<f64> {
    let mut left = 1.0;
    let mut sum = 0.0;
    let grow = |_| {
        left *= DAMPING;
        sum += left;
        sum
    };
    (0..horizon).map(grow).collect()
}

/// The days that speak of the level (none where the calendar speaks), with their profile.
struct Body {
    days: Vec<Option<f64>>,
    profile: Vec<f64>,
    season: usize,
    /// Costs without the profile; none where it says nothing of the level.
    levels: Vec<Option<f64>>,
}

impl Body {
    fn new(days: Vec<Option<f64>>, profile: Vec<f64>) -> Body {
        let level = |(at, cost): (usize, &Option<f64>)| {
            let factor = profile[at % profile.len()];
            cost.filter(|_| factor >= LEAST_FACTOR).map(|c| c / factor)
        };
        Body {
            season: profile.len(),
            levels: days.iter().enumerate().map(level).collect(),
            days,
            profile,
        }
    }

    fn members(&mut self, from: usize) -> ([f64; MEMBERS], [f64; MEMBERS]) {
        if self.is_intermittent() {
            *self = Body::new(std::mem::take(&mut self.days), vec![1.0; self.season]);
            return (self.rates(), [0.0; MEMBERS]);
        }
        let (places, values): (Vec<usize>, Vec<f64>) = (from..self.days.len())
            .filter_map(|at| Some((at, self.levels[at]?)))
            .unzip();
        let since = change_of_level(&values).map_or(0, |at| places[at]);
        let level = |member: &Member| {
            let from = self.back(member.cycles);
            if member.credulous {
                credulous_mean(&self.level_days(from))
            } else {
                robust_mean(&self.level_days(from.max(since)))
            }
        };
        let mut levels = ENSEMBLE.each_ref().map(level);
        let slope = self.slope(levels[0]);
        let growth = ENSEMBLE.each_ref().map(|member| match member.growth {
            Growth::None => 0.0,
            Growth::Damped | Growth::Straight => slope,
        });
        for ((level, growth), member) in levels.iter_mut().zip(growth).zip(&ENSEMBLE) {
            // A level is that of the middle of its window.
            *level += growth * count_as_f64(member.cycles * self.season) / 2.0;
        }
        (levels, growth)
    }

    /// Silence that the profile does not explain.
    fn is_intermittent(&self) -> bool {
        let recent = self.level_days(self.back(SHAPE_CYCLES));
        let silent = recent.iter().filter(|cost| **cost == 0.0).count();
        count_as_f64(silent) > SILENT * count_as_f64(recent.len())
            && recent.len() > silent
            && self
                .days
                .iter()
                .rev()
                .take(2 * self.season)
                .flatten()
                .any(|cost| *cost != 0.0)
    }

    /// Intermittent series: plain means, the largest day pulled down to the second largest.
    fn rates(&self) -> [f64; MEMBERS] {
        ENSEMBLE.each_ref().map(|member| {
            let days: Vec<f64> = self.days[self.back(member.rare_cycles)..]
                .iter()
                .flatten()
                .copied()
                .collect();
            let mut sorted = days.clone();
            sorted.sort_by(f64::total_cmp);
            let cap = sorted
                .len()
                .checked_sub(2)
                .map_or(f64::MAX, |second| sorted[second]);
            mean(days.into_iter().map(|cost| cost.min(cap)))
        })
    }

    /// Growth per step, from the levels of the last cycles.
    fn slope(&self, level: f64) -> f64 {
        let cycle = |back: usize| {
            let to = self.days.len().checked_sub(back * self.season)?;
            let from = to.checked_sub(self.season)?;
            let days: Vec<f64> = self.levels[from..to].iter().flatten().copied().collect();
            (!days.is_empty()).then(|| robust_mean(&days))
        };
        let cycles: Vec<f64> = (0..TREND_CYCLES).rev().filter_map(cycle).collect();
        let most = STEEPEST * level.abs();
        (trend(&cycles) / count_as_f64(self.season)).clamp(-most, most)
    }

    fn back(&self, cycles: usize) -> usize {
        self.days.len().saturating_sub(cycles * self.season)
    }

    fn level_days(&self, from: usize) -> Vec<f64> {
        let from = from.min(self.days.len());
        self.levels[from..].iter().flatten().copied().collect()
    }
}
