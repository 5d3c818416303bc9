//! The walk along one cost series, one day at a time: which rule judges the day, what the day leaves
//! behind as history, and when a new level is accepted. It sees only the days behind it.

use chrono::NaiveDate;

use super::anomaly::{ALERT_SIGMAS, DayScore, Flags, Options, WARM_UP_DAYS};
use super::baseline::Baseline;
use super::calendar::{self, Usual};
use super::expectation::Expectation;
use super::intermittent;
use super::robust::median;
use super::run::Runs;
use super::slow::{FALL_CAUTION, Slow};
use super::streak::Streak;

/// Days a new series is reported as new.
const NEW_DAYS: usize = 7;
/// Ratio to the expectation under which a series is off, not merely lower.
const OFF_RATIO: f64 = 0.02;
/// Ratios outside 1/50 to 50 are no longer the same workload: the weekday shape is not kept.
const REBASE_LIMIT: f64 = 50.0;
/// Days without any cost after which a series that returns is a new one.
const FORGOTTEN_DAYS: usize = 56;
/// Sigmas above which a day is cleaned before it becomes history, and what it is cleaned to.
const CLEAN_ABOVE: f64 = 4.0;
const CLEAN_TO: f64 = 2.0;
/// Sigmas above which the calendar is asked.
const ASK_CALENDAR: f64 = 2.0;
/// Keeps divisions finite when the caller sets no floor (or not a number).
const LEAST_FLOOR: f64 = 1e-6;
/// Fees repeat within a few percent.
const FEE_SCALE: f64 = 0.05;
/// Log spread of a line that has no history at all.
const NEW_SCALE: f64 = 0.25;

/// The state of the walk: what the days so far have taught.
pub(super) struct Walk<'a> {
    costs: &'a [f64],
    options: &'a Options,
    /// Index of the first day of the current life of the series.
    start: usize,
    /// The series began when its account was already known.
    is_new: bool,
    baseline: Baseline,
    /// Cleaned costs since `start` with fees taken out, for the intermittent rule; zero is silence.
    activity: Vec<f64>,
    /// Days without cost up to now.
    silent: usize,
    runs: Runs,
    slow: Slow,
    streak: Streak,
    /// The level kept while the series is off.
    off_level: Option<f64>,
}

/// A day's verdict before it becomes a [`DayScore`].
struct Verdict {
    expected: Expectation,
    score: f64,
    flags: Flags,
}

impl<'a> Walk<'a> {
    pub(super) fn new(costs: &'a [f64], start: usize, is_new: bool, options: &'a Options) -> Self {
        let days = costs.len() - start;
        Self {
            costs,
            options,
            start,
            is_new,
            baseline: Baseline::with_capacity(days),
            activity: Vec::with_capacity(days),
            silent: 0,
            runs: Runs::default(),
            slow: Slow::with_capacity(days),
            streak: Streak::default(),
            off_level: None,
        }
    }

    /// Judges the day with index `at` and then remembers it.
    pub(super) fn step(&mut self, at: usize, day: NaiveDate) -> Option<DayScore> {
        let cost = self.costs[at];
        if cost != 0.0 && self.silent >= FORGOTTEN_DAYS {
            let seen_before = calendar::seen_on_this_date(&self.costs[..at], day, cost);
            *self = Self::new(self.costs, at, !seen_before, self.options);
        }
        self.silent = if cost == 0.0 { self.silent + 1 } else { 0 };
        let verdict = self.judge(at, day, cost)?;
        Some(self.day_score(at, day, cost, &verdict))
    }

    fn judge(&mut self, at: usize, day: NaiveDate, cost: f64) -> Option<Verdict> {
        let age = at - self.start;
        if self.is_new && age < NEW_DAYS {
            return Some(self.judge_new(cost));
        }
        if let Some(level) = self.off_level {
            if cost.abs() < OFF_RATIO * level.abs() {
                return Some(self.judge_off(level));
            }
            self.off_level = None;
        }
        let window = &self.activity[age.saturating_sub(intermittent::WINDOW)..];
        if age >= usize::from(WARM_UP_DAYS) && intermittent::is_intermittent(window) {
            return Some(self.judge_intermittent(at, day, cost));
        }
        let verdict = self.judge_usual(at, day, cost);
        verdict.filter(|_| age >= usize::from(WARM_UP_DAYS))
    }

    fn judge_new(&mut self, cost: f64) -> Verdict {
        self.remember(cost, cost);
        let expected = self.nothing_expected();
        Verdict {
            expected,
            score: expected.sigmas(cost),
            flags: Flags::NEW,
        }
    }

    fn judge_off(&mut self, level: f64) -> Verdict {
        let kept = level * self.baseline.factor_today();
        self.runs.forget();
        self.remember(kept, kept);
        Verdict {
            expected: self.nothing_expected(),
            score: 0.0,
            flags: Flags::OFF,
        }
    }

    fn judge_intermittent(&mut self, at: usize, day: NaiveDate, cost: f64) -> Verdict {
        self.streak.end();
        self.runs.forget();
        let window = &self.activity[self.activity.len().saturating_sub(intermittent::WINDOW)..];
        let known = intermittent::expect_active(window, self.money_floor()).filter(|_| cost > 0.0);
        let Some((active, to_exceed)) = known else {
            self.remember(cost, cost);
            return Verdict {
                expected: self.nothing_expected(),
                score: 0.0,
                flags: Flags::INTERMITTENT,
            };
        };
        let mut verdict = Verdict {
            expected: active,
            score: 0.0,
            flags: Flags::INTERMITTENT,
        };
        if cost > to_exceed {
            verdict.score = active.sigmas(cost).max(0.0);
            self.ask_calendar(at, day, cost, &mut verdict);
        }
        let cleaned = clean(&verdict, cost);
        self.remember(
            cleaned,
            if verdict.flags.contains(Flags::CALENDAR) {
                0.0
            } else {
                cleaned
            },
        );
        verdict
    }

    fn judge_usual(&mut self, at: usize, day: NaiveDate, cost: f64) -> Option<Verdict> {
        let Some(expected) = self.baseline.expect(self.money_floor()) else {
            self.remember(cost, cost);
            return None;
        };
        let mut verdict = Verdict {
            expected,
            score: expected.sigmas(cost),
            flags: Flags::default(),
        };
        self.ask_calendar(at, day, cost, &mut verdict);
        let excused = verdict.flags.contains(Flags::CALENDAR);
        let cleaned = if excused {
            expected.value
        } else {
            clean(&verdict, cost)
        };
        self.judge_together(&expected, cost, excused, &mut verdict);
        let flagged = verdict.score.abs() >= ALERT_SIGMAS;
        if !excused {
            self.baseline.learn(&expected, cost, flagged);
        }
        self.remember(cleaned, if cost == 0.0 { 0.0 } else { cleaned });
        if !excused && self.streak.add(cost, expected.value, verdict.score) {
            self.accept_level(&expected);
            verdict.flags = verdict.flags.with(Flags::REBASED);
        }
        Some(verdict)
    }

    /// Lets the days before speak with this one: a few in a row, or whole weeks against the line
    /// through the weeks before them.
    fn judge_together(
        &mut self,
        alone: &Expectation,
        cost: f64,
        excused: bool,
        verdict: &mut Verdict,
    ) {
        let is_alert = verdict.score.abs() >= ALERT_SIGMAS;
        self.slow.push(alone, cost, excused || is_alert);
        let run = self
            .runs
            .add(alone, cost, verdict.score, excused)
            .map(|run| {
                let caution = if run.score < 0.0 { FALL_CAUTION } else { 1.0 };
                let score = run.score / (self.slow.widening() * caution);
                (score, run.expected, Flags::RUN)
            });
        let slow = self.slow.strongest(alone).filter(|_| !excused).map(|slow| {
            let line = alone.moved_to(alone.value * slow.ratio, alone.scale);
            (slow.score, line, Flags::SLOW)
        });
        for (score, expected, flag) in run.into_iter().chain(slow) {
            let is_alert = score.abs() >= ALERT_SIGMAS;
            if score.abs() <= verdict.score.abs() || (is_alert && self.slow.came_home()) {
                continue;
            }
            let mut flags = verdict.flags.with(flag);
            if is_alert && flag == Flags::SLOW && self.slow.report() {
                flags = flags.with(Flags::REBASED);
            }
            *verdict = Verdict {
                expected,
                score,
                flags,
            };
        }
    }

    fn remember(&mut self, cleaned: f64, activity: f64) {
        self.baseline.push(cleaned);
        self.activity.push(activity);
    }

    fn nothing_expected(&self) -> Expectation {
        Expectation {
            value: 0.0,
            level: 0.0,
            trend: 0.0,
            scale: NEW_SCALE,
            money_floor: self.money_floor(),
        }
    }

    /// Lets past months excuse an unusual day, never beyond what they showed.
    fn ask_calendar(&self, at: usize, day: NaiveDate, cost: f64, verdict: &mut Verdict) {
        let usual = verdict.expected;
        if verdict.score.abs() < ASK_CALENDAR {
            return;
        }
        let noise = (usual.scale * usual.level.abs()).max(self.money_floor());
        let intermittent = verdict.flags.contains(Flags::INTERMITTENT);
        let excuse = calendar::excuse(
            &self.costs[self.start..at],
            day,
            &Usual {
                factors: self.baseline.factors(),
                level: usual.level,
                least_level: if intermittent { usual.level } else { 0.0 },
                noticeable: 3.0 * noise,
            },
        );
        let rose = verdict.score > 0.0;
        let nearest = if rose && excuse.excess > 0.0 {
            cost.min(usual.value + excuse.excess)
        } else if !rose && excuse.nothing && cost.abs() <= OFF_RATIO * usual.level.abs() {
            cost
        } else {
            return;
        };
        verdict.expected = usual.moved_to(nearest, usual.scale.max(FEE_SCALE));
        verdict.score = verdict.expected.sigmas(cost);
        verdict.flags = verdict.flags.with(Flags::CALENDAR);
    }

    fn accept_level(&mut self, expected: &Expectation) {
        let streak = std::mem::take(&mut self.streak);
        let (ratio, costs) = (streak.ratio(), streak.costs);
        if streak.fell() && ratio.abs() < OFF_RATIO {
            self.off_level = Some(expected.level);
        } else if ratio > 1.0 / REBASE_LIMIT && ratio < REBASE_LIMIT {
            self.baseline.rebase(ratio, &costs);
        } else {
            self.baseline
                .restart_level(median(&mut costs.clone()), &costs);
        }
        self.runs.forget();
        self.slow.accept_level();
    }

    fn money_floor(&self) -> f64 {
        self.options.money_floor.max(LEAST_FLOOR)
    }

    fn day_score(&self, at: usize, day: NaiveDate, actual: f64, verdict: &Verdict) -> DayScore {
        let mature = self.options.is_complete(self.costs.len() - at);
        let score = if mature {
            verdict.score
        } else {
            verdict.score.max(0.0)
        };
        let quiet = verdict.expected.level == 0.0 || verdict.flags.contains(Flags::INTERMITTENT);
        DayScore {
            day,
            actual,
            expected: verdict.expected.value,
            lower: if quiet {
                verdict.expected.value.min(0.0)
            } else {
                verdict.expected.at(-ALERT_SIGMAS)
            },
            upper: verdict.expected.at(ALERT_SIGMAS),
            score,
            mature,
            flags: verdict.flags,
        }
    }
}

/// What a day leaves behind as history: a wild one is drawn in.
fn clean(verdict: &Verdict, cost: f64) -> f64 {
    if verdict.score.abs() > CLEAN_ABOVE {
        verdict.expected.at(CLEAN_TO * verdict.score.signum())
    } else {
        cost
    }
}
