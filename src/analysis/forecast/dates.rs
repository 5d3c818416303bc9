//! What the calendar does to a bill: charges that come back on their day of the month (support, licences, upfront
//! shares), by the quarter on the first, and days of the month that cost nothing (free tiers). It calls a charge
//! recurring only when past months showed it on the same date, and it stops when the newest month did not.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::shape::{LEAST_FACTOR, mean};
use crate::analysis::robust::median;

/// Months looked back on.
const MONTHS: u32 = 3;
/// Days before the end of a month that may be tied to the end rather than to the date.
const MONTH_ENDS: u32 = 3;
/// An excess under this share of the level is no charge of its own.
const NOTICEABLE: f64 = 0.35;
/// Within this share of the mean around it a day needs no closer look.
const UNREMARKABLE: f64 = 0.2;
/// An excess must also be this many times the usual distance from the weeks around it.
const OVER_SPREAD: f64 = 6.0;
/// With neighbours on one side only, an excess must be this many times the level.
const OBVIOUS: f64 = 3.0;
/// A cost under this share of the level is nothing.
const NOTHING: f64 = 0.02;
/// Days of history in which silent days of the month are looked for, and the fewest that can show them.
const SILENCE: (usize, usize) = (92, 50);
/// Fewer silent days are accidents, more are another kind of series (shares of all days).
const SILENT_SHARES: (f64, f64) = (0.04, 0.6);
/// Share of the variance of silence that may remain after the day of the month is known.
const UNEXPLAINED: f64 = 0.3;

/// What past months promise for each date.
#[derive(Debug, Clone)]
pub(super) struct Dates {
    first: NaiveDate,
    /// Charge by day of the month, by days before its end, and on the first of a month by month of the quarter.
    by_date: [f64; 31],
    by_end: [f64; MONTH_ENDS as usize],
    by_quarter: [f64; 3],
    /// Share of the last months in which each day of the month cost something.
    active: [f64; 31],
}

/// One history with its weekday factors by index modulo their number.
struct Past<'a> {
    first: NaiveDate,
    costs: &'a [f64],
    factors: &'a [f64],
}

impl Dates {
    /// Learns from a history; `factors` are the weekday factors by index modulo seven.
    pub(super) fn learn(first: NaiveDate, costs: &[f64], factors: &[f64]) -> Dates {
        let past = Past {
            first,
            costs,
            factors,
        };
        let mut dates = Dates {
            first,
            by_date: [0.0; 31],
            by_end: [0.0; MONTH_ENDS as usize],
            by_quarter: [0.0; 3],
            active: past.activity(),
        };
        let origin = past.day(costs.len());
        let firsts = month_starts(origin);
        for (charge, day) in dates.by_date.iter_mut().zip(1..) {
            let months = dates_of(&firsts, origin, |month| month.with_day(day));
            *charge = habit(&past.excesses(&months, 1), day == 1);
        }
        for (charge, to_end) in dates.by_end.iter_mut().zip(0..) {
            let at_end = |month| last_of_month(month)?.checked_sub_days(Days::new(to_end));
            let months = dates_of(&firsts, origin, at_end);
            *charge = habit(&past.excesses(&months, 1), false);
        }
        let firsts: Vec<_> = firsts.into_iter().filter(|first| *first < origin).collect();
        for (phase, charge) in dates.by_quarter.iter_mut().enumerate() {
            let excesses = past.excesses(&firsts[phase.min(firsts.len())..], 3);
            let twice = excesses.iter().flatten().filter(|e| **e != 0.0).count() >= 2;
            *charge = if twice { habit(&excesses, false) } else { 0.0 };
        }
        dates.name_quarters(&firsts);
        dates
    }

    /// `by_quarter` was learnt newest month first; from here on it goes by month of the quarter.
    fn name_quarters(&mut self, firsts: &[NaiveDate]) {
        let learnt = self.by_quarter;
        for (first, charge) in firsts.iter().zip(learnt) {
            self.by_quarter[usize::try_from(first.month0() % 3).unwrap_or(0)] = charge;
        }
    }

    /// The charge that past months promise for the day of an index.
    pub(super) fn charge(&self, at: usize) -> f64 {
        let day = day_of(self.first, at);
        let silent = self.activity_on(at) < 1.0;
        let of_date = self.by_date[slot(day)];
        let of_end = last_of_month(day)
            .and_then(|last| usize::try_from(last.day() - day.day()).ok())
            .and_then(|to_end| self.by_end.get(to_end).copied());
        let of_quarter = self.by_quarter[usize::try_from(day.month0() % 3).unwrap_or(0)];
        [
            Some(of_date),
            of_end,
            (day.day() == 1).then_some(of_quarter),
        ]
        .into_iter()
        .flatten()
        .find(|charge| *charge > 0.0 || (*charge < 0.0 && !silent))
        .unwrap_or(0.0)
    }

    /// Whether a day of the past belongs to the calendar rather than to the level.
    pub(super) fn is_of_calendar(&self, at: usize, costs: &[f64], factors: &[f64]) -> bool {
        if self.activity_on(at) < 1.0 {
            return true;
        }
        let first = self.first;
        let may = self.charge(at) != 0.0 || day_of(first, at).day() == 1;
        let past = Past {
            first,
            costs,
            factors,
        };
        may && past.excess(at) != 0.0
    }

    /// Share of recent months in which the day of the month of an index cost something.
    pub(super) fn activity_on(&self, at: usize) -> f64 {
        self.active[slot(day_of(self.first, at))]
    }
}

impl Past<'_> {
    fn day(&self, at: usize) -> NaiveDate {
        day_of(self.first, at)
    }

    /// The excesses of dates, every `step`-th of them, newest first; nothing at all where the newest shows none, for
    /// then there is no habit.
    fn excesses(&self, dates: &[NaiveDate], step: usize) -> Vec<Option<f64>> {
        let known = |date: &NaiveDate| {
            let at = usize::try_from((*date - self.first).num_days()).ok()?;
            (at < self.costs.len()).then(|| self.excess(at))
        };
        let newest = dates.first().and_then(known);
        if newest.is_none_or(|excess| excess == 0.0) {
            return Vec::new();
        }
        let months = usize::try_from(MONTHS).unwrap_or(3);
        let older = dates.iter().step_by(step).take(months).skip(1).map(known);
        std::iter::once(newest).chain(older).collect()
    }

    /// Cost beyond both neighbouring weeks, zero unless it stands out from how they wobble.
    fn excess(&self, at: usize) -> f64 {
        let (costs, factor) = (self.costs, self.factor(at));
        let from = at.saturating_sub(7);
        let to = costs.len().min(at + 8);
        let around = mean(
            (from..to)
                .filter(|day| *day != at)
                .filter_map(|day| self.level_on(day)),
        );
        if (costs[at] - around * factor).abs() <= UNREMARKABLE * (around * factor).abs() {
            return 0.0;
        }
        let before: Vec<f64> = (from..at).filter_map(|day| self.level_on(day)).collect();
        let after: Vec<f64> = (at + 1..to).filter_map(|day| self.level_on(day)).collect();
        let Some((low, high)) = levels(&before, &after) else {
            return 0.0;
        };
        let usual = (costs[at] / factor.max(LEAST_FACTOR)).clamp(low, high) * factor;
        let excess = costs[at] - usual;
        let middle = f64::midpoint(low, high);
        let both = before.iter().chain(&after);
        let spread = median(&mut both.map(|c| (c - middle).abs()).collect::<Vec<_>>());
        let one_sided = before.len() < 3 || after.len() < 3;
        let share = if one_sided { OBVIOUS } else { NOTICEABLE };
        let least = (share * middle.abs()).max(OVER_SPREAD * spread);
        if excess.abs() > least { excess } else { 0.0 }
    }

    fn factor(&self, at: usize) -> f64 {
        self.factors[at % self.factors.len()]
    }

    fn level_on(&self, at: usize) -> Option<f64> {
        let factor = self.factor(at);
        (factor >= LEAST_FACTOR).then(|| self.costs[at] / factor)
    }

    /// Free tiers: days of the month that cost nothing month after month, where other days do.
    fn activity(&self) -> [f64; 31] {
        let from = self.costs.len().saturating_sub(SILENCE.0);
        let recent = &self.costs[from..];
        let sizes = recent.iter().map(|c| c.abs()).filter(|c| *c > 0.0);
        let level = median(&mut sizes.collect::<Vec<_>>());
        let (mut zeros, mut seen) = ([0.0; 31], [0.0; 31]);
        for (at, cost) in recent.iter().enumerate() {
            let slot = slot(self.day(from + at));
            seen[slot] += 1.0;
            zeros[slot] += f64::from(u8::from(cost.abs() <= NOTHING * level));
        }
        let total: f64 = seen.iter().sum();
        let share = zeros.iter().sum::<f64>() / total.max(1.0);
        let by_date = zeros.iter().zip(&seen).filter(|(_, seen)| **seen > 0.0);
        let within: f64 = by_date
            .map(|(zeros, seen)| zeros * (1.0 - zeros / seen))
            .sum();
        let (least, most) = SILENT_SHARES;
        let calendar = recent.len() >= SILENCE.1
            && (least..=most).contains(&share)
            && within <= UNEXPLAINED * total * share * (1.0 - share);
        std::array::from_fn(|slot| {
            if calendar && seen[slot] > 0.0 {
                1.0 - zeros[slot] / seen[slot]
            } else {
                1.0
            }
        })
    }
}

/// The charge of the past months on one date, newest first: the newest must have it, and one more if more are known.
fn habit(newest_first: &[Option<f64>], first_of_month: bool) -> f64 {
    let known: Vec<f64> = newest_first.iter().flatten().copied().collect();
    let Some(newest) = known.first().copied().filter(|excess| *excess != 0.0) else {
        return 0.0;
    };
    let mut alike: Vec<f64> = known.iter().copied().filter(|e| e * newest > 0.0).collect();
    match alike.len() {
        1 if known.len() == 1 && first_of_month => newest,
        0 | 1 => 0.0,
        _ => f64::midpoint(median(&mut alike), newest),
    }
}

fn levels(before: &[f64], after: &[f64]) -> Option<(f64, f64)> {
    let of = |week: &[f64]| (week.len() >= 3).then(|| median(&mut week.to_vec()));
    match (of(before), of(after)) {
        (Some(one), Some(two)) => Some((one.min(two), one.max(two))),
        (Some(one), None) | (None, Some(one)) => Some((one, one)),
        (None, None) => None,
    }
}

/// The first of the origin's month and of the nine before it, newest first.
fn month_starts(origin: NaiveDate) -> Vec<NaiveDate> {
    let first = origin.with_day(1).unwrap_or(origin);
    (0..10)
        .filter_map(|back| first.checked_sub_months(Months::new(back)))
        .collect()
}

/// The dates that a rule names in the newest months before the origin; months without it are left out.
fn dates_of(
    firsts: &[NaiveDate],
    origin: NaiveDate,
    rule: impl Fn(NaiveDate) -> Option<NaiveDate>,
) -> Vec<NaiveDate> {
    let newest = firsts.iter().take(5);
    let dates = newest.filter_map(|first| rule(*first));
    dates.filter(|date| *date < origin).collect()
}

fn day_of(first: NaiveDate, at: usize) -> NaiveDate {
    let days = Days::new(u64::try_from(at).unwrap_or(0));
    first.checked_add_days(days).unwrap_or(NaiveDate::MAX)
}

fn slot(day: NaiveDate) -> usize {
    usize::try_from(day.day0()).unwrap_or(0).min(30)
}

fn last_of_month(day: NaiveDate) -> Option<NaiveDate> {
    let next = day.with_day(1)?.checked_add_months(Months::new(1))?;
    next.pred_opt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVEN: [f64; 7] = [1.0; 7];

    fn first() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()
    }

    fn at(month: u32, day: u32) -> usize {
        let date = NaiveDate::from_ymd_opt(2026, month, day).unwrap();
        usize::try_from((date - first()).num_days()).unwrap()
    }

    #[test]
    fn a_fee_seen_twice_is_promised_on_its_day() {
        let mut costs = vec![10.0; at(4, 20)];
        for month in 2..=4 {
            costs[at(month, 5)] += 100.0;
        }
        let dates = Dates::learn(first(), &costs, &EVEN);
        assert!((dates.charge(at(5, 5)) - 100.0).abs() < 1e-9);
        assert!(dates.charge(at(5, 6)).abs() < 1e-9);
    }

    #[test]
    fn a_fee_that_ended_is_not_promised() {
        let mut costs = vec![10.0; at(4, 20)];
        costs[at(2, 5)] += 100.0;
        costs[at(3, 5)] += 100.0;
        let dates = Dates::learn(first(), &costs, &EVEN);
        assert!(dates.charge(at(5, 5)).abs() < 1e-9);
    }

    #[test]
    fn one_spike_is_no_fee_unless_it_is_the_only_first_known() {
        let mut costs = vec![10.0; at(3, 20)];
        costs[at(3, 10)] = 500.0;
        assert!(Dates::learn(first(), &costs, &EVEN).charge(at(4, 10)).abs() < 1e-9);
        let mut costs = vec![10.0; 25];
        costs[0] = 500.0;
        assert!((Dates::learn(first(), &costs, &EVEN).charge(at(2, 1)) - 490.0).abs() < 1e-9);
    }

    #[test]
    fn a_charge_of_the_last_day_follows_the_length_of_the_month() {
        let mut costs = vec![10.0; at(5, 10)];
        for (month, day) in [(1, 31), (2, 28), (3, 31), (4, 30)] {
            costs[at(month, day)] += 50.0;
        }
        let dates = Dates::learn(first(), &costs, &EVEN);
        assert!((dates.charge(at(5, 31)) - 50.0).abs() < 1e-9);
        assert!(dates.charge(at(5, 30)).abs() < 1e-9);
    }

    #[test]
    fn a_charge_by_the_quarter_comes_in_its_month_alone() {
        let mut costs = vec![10.0; at(8, 20)];
        for month in [1, 4, 7] {
            costs[at(month, 1)] += 300.0;
        }
        let dates = Dates::learn(first(), &costs, &EVEN);
        assert!((dates.charge(at(10, 1)) - 300.0).abs() < 1e-9);
        assert!(dates.charge(at(9, 1)).abs() < 1e-9);
    }

    #[test]
    fn a_free_tier_stays_free_at_the_start_of_the_month() {
        let mut costs = vec![10.0; at(4, 20)];
        for month in 1..=4 {
            costs[at(month, 1)..at(month, 5)].fill(0.0);
        }
        let dates = Dates::learn(first(), &costs, &EVEN);
        assert!(dates.activity_on(at(5, 2)).abs() < 1e-9);
        assert!((dates.activity_on(at(5, 9)) - 1.0).abs() < 1e-9);
        assert!(dates.charge(at(5, 2)).abs() < 1e-9);
    }
}
