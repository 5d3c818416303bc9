//! The method tried on its own past: at origins fifteen days apart (about, and never a whole number of cycles, so
//! that every weekday and part of the month is tried) it says what it would have said. The trials weigh the members
//! and teach the intervals. A trial never sees a day at or after its origin.

use std::collections::BTreeMap;

use super::almanac::Almanac;
use super::fit::{Fit, MEMBERS, damped_steps};
use super::{FEWEST_DAYS, Outlook, Question, Rhythm, Trial, Window};
use crate::analysis::robust::count_as_f64;

/// Origins tried.
pub(super) const ORIGINS: usize = 12;
/// Single steps whose error is watched, for the intervals of days.
const PROBES: [usize; 6] = [0, 6, 13, 29, 59, 89];
/// Cycles over which members are compared.
const COMPARED: usize = 6;
/// Trials that the common opinion (all members alike) is worth against a member's own record, and how sharply a better
/// record counts; both chosen on generated series (seeds 1 to 3) among 0.1 to 30 and 2 to 8.
const COMMON: f64 = 2.0;
const SHARPNESS: i32 = 6;

/// The windows that are tried: those asked for, then the probes.
pub(super) fn tried(question: &Question) -> Vec<Window> {
    let probes = PROBES.iter().map(|step| Window {
        from: *step,
        to: step + 1,
    });
    let probes = probes.filter(|probe| probe.to <= question.horizon);
    question.windows.iter().copied().chain(probes).collect()
}

/// What every member said at one origin about each window, and what came (once it is known).
struct Attempt {
    back: usize,
    said: Vec<[f64; MEMBERS]>,
    came: Vec<Option<f64>>,
    /// The same for the span over which members are compared.
    compared: ([f64; MEMBERS], f64),
}

/// Days of an almanac for histories of this length: the known ones and every step that is forecast or tried.
pub(super) fn days(known: usize, question: &Question) -> usize {
    known + steps(question) + 1
}

/// Steps forecast from any origin, at most.
fn steps(question: &Question) -> usize {
    question.horizon.max(COMPARED * question.rhythm.season())
}

/// The outlook of one series of readable values; a charge known for a step replaces the calendar's.
pub(super) fn look(
    almanac: &Almanac,
    values: &[f64],
    known: &BTreeMap<usize, f64>,
    question: &Question,
) -> Outlook {
    let windows = tried(question);
    let damped = damped_steps(steps(question));
    let fit = Fit::new(almanac, values, question.rhythm);
    let past = Past {
        almanac,
        values,
        rhythm: question.rhythm,
        windows: &windows,
        damped: &damped,
    };
    let attempts = past.attempts();
    let weights = weigh(&attempts, 0, past.compared());
    let steps = (0..question.horizon)
        .map(|step| {
            let cost = blend(&weights, &fit.step(step, damped[step]));
            known
                .get(&step)
                .map_or(cost, |amount| cost - fit.charge(step) + amount)
        })
        .collect();
    Outlook {
        steps,
        trials: past.trials(&attempts),
        wobble: fit.wobble,
    }
}

struct Past<'a> {
    almanac: &'a Almanac,
    values: &'a [f64],
    rhythm: Rhythm,
    windows: &'a [Window],
    damped: &'a [f64],
}

impl Past<'_> {
    fn compared(&self) -> usize {
        COMPARED * self.rhythm.season()
    }

    /// Origins newest first, all with at least three weeks (or cycles) before them.
    fn attempts(&self) -> Vec<Attempt> {
        let season = self.rhythm.season();
        let fewest = FEWEST_DAYS.max(if season > 7 { 3 * season } else { 0 });
        (1..=ORIGINS)
            .map(|back| back * (2 * season + 1))
            .filter(|back| self.values.len() >= back + fewest)
            .map(|back| self.attempt(back))
            .collect()
    }

    fn attempt(&self, back: usize) -> Attempt {
        let origin = self.values.len() - back;
        let fit = Fit::new(self.almanac, &self.values[..origin], self.rhythm);
        let longest = self
            .windows
            .iter()
            .map(|window| window.to)
            .filter(|to| *to <= back);
        let longest = longest.max().unwrap_or(0).max(self.compared().min(back));
        let mut sums = vec![[0.0; MEMBERS]];
        for step in 0..longest.min(self.damped.len()) {
            let mut sum = sums[step];
            for (sum, said) in sum.iter_mut().zip(fit.step(step, self.damped[step])) {
                *sum += said;
            }
            sums.push(sum);
        }
        let upto = |to: usize| sums[to.min(sums.len() - 1)];
        let between = |window: &Window| {
            let (to, from) = (upto(window.to), upto(window.from));
            std::array::from_fn(|member| to[member] - from[member])
        };
        let came = |window: &Window| {
            let known = window.from <= window.to && window.to <= back.min(sums.len() - 1);
            known.then(|| {
                self.values[origin + window.from..origin + window.to]
                    .iter()
                    .sum()
            })
        };
        let span = self.compared().min(back);
        let actual = self.values[origin..origin + span].iter().sum();
        Attempt {
            back,
            said: self.windows.iter().map(between).collect(),
            came: self.windows.iter().map(came).collect(),
            compared: (upto(span), actual),
        }
    }

    /// The blend at each origin used the origins before it alone.
    fn trials(&self, attempts: &[Attempt]) -> Vec<Vec<Option<Trial>>> {
        let weights: Vec<_> = attempts
            .iter()
            .map(|attempt| weigh(attempts, attempt.back, self.compared()))
            .collect();
        (0..self.windows.len())
            .map(|window| {
                let trial = |(attempt, weights): (&Attempt, &[f64; MEMBERS])| {
                    attempt.came[window].map(|actual| Trial {
                        forecast: blend(weights, &attempt.said[window]),
                        actual,
                    })
                };
                attempts.iter().zip(&weights).map(trial).collect()
            })
            .collect()
    }
}

/// Weights of the members at an origin so many steps back, from what had come by then: a high power of the
/// inverse of each member's error, shrunk towards the mean error of all: near a choice, but never quite one.
fn weigh(attempts: &[Attempt], back: usize, span: usize) -> [f64; MEMBERS] {
    let known = attempts
        .iter()
        .filter(|attempt| attempt.back >= back + span);
    let (mut errors, mut trials) = ([0.0; MEMBERS], 0.0);
    for Attempt { compared, .. } in known {
        for (error, said) in errors.iter_mut().zip(compared.0) {
            *error += (said - compared.1).abs();
        }
        trials += 1.0;
    }
    let members = count_as_f64(MEMBERS);
    let common = errors.iter().sum::<f64>() / members / f64::max(trials, 1.0);
    if common <= 0.0 {
        return [1.0 / members; MEMBERS];
    }
    let scores =
        errors.map(|error| ((error + COMMON * common) / (trials + COMMON)).powi(-SHARPNESS));
    let total: f64 = scores.iter().sum();
    scores.map(|score| score / total)
}

fn blend(weights: &[f64; MEMBERS], said: &[f64; MEMBERS]) -> f64 {
    weights
        .iter()
        .zip(said)
        .map(|(weight, said)| weight * said)
        .sum()
}
