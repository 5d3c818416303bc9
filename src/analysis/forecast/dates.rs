//! What the calendar does to a bill: charges that come back on their day of the month (support, licences, upfront
//! shares), by the quarter on the first, and days of the month that cost nothing (free tiers). It calls a charge
//! recurring only when past months showed it on the same date, and it stops when the newest month did not.

use super::almanac::{Almanac, index};
use super::shape::{LEAST_FACTOR, mean};
use crate::analysis::robust::median;

/// Months looked back on.
const MONTHS: usize = 3;
/// Months among which a date is looked for, and those among which the first of a quarter is.
const LOOKED_AT: (usize, usize) = (5, 10);
/// Days before the end of a month that may be tied to the end rather than to the date.
const MONTH_ENDS: usize = 3;
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
pub(super) struct Dates<'a> {
    almanac: &'a Almanac,
    /// The almanac's index of the history's first day.
    begun: usize,
    /// Charge by day of the month, by days before its end, and on the first of a month by month of the quarter.
    by_date: [f64; 31],
    by_end: [f64; MONTH_ENDS],
    by_quarter: [f64; 3],
    /// Share of the last months in which each day of the month cost something.
    active: [f64; 31],
}

/// One history with its weekday factors by index modulo their number.
pub(super) struct Past<'a> {
    costs: &'a [f64],
    factors: &'a [f64],
    /// Costs without the weekday; none where the weekday says nothing.
    levels: Vec<Option<f64>>,
}

/// The excesses of the newest months on one date, newest first.
#[derive(Default)]
struct Excesses {
    found: [f64; MONTHS],
    count: usize,
}

impl Excesses {
    fn all(&self) -> &[f64] {
        &self.found[..self.count]
    }
}

impl<'a> Dates<'a> {
    /// Learns from a history that begins on a day of the almanac.
    pub(super) fn learn(almanac: &'a Almanac, begun: usize, past: &Past<'_>) -> Dates<'a> {
        let mut dates = Dates {
            almanac,
            begun,
            by_date: [0.0; 31],
            by_end: [0.0; MONTH_ENDS],
            by_quarter: [0.0; 3],
            active: [1.0; 31],
        };
        dates.active = dates.activity(past.costs);
        let (begun, origin) = (index(begun), index(past.costs.len()));
        let months = almanac.months_before(dates.begun + past.costs.len(), LOOKED_AT.1);
        let own = |at: &i64| (0..origin).contains(at);
        let newest = &months[..months.len().min(LOOKED_AT.0)];
        for (charge, day) in dates.by_date.iter_mut().zip(1..) {
            let on_date = newest.iter().filter_map(|month| month.date(day));
            let on_date = on_date.map(|at| at - begun).skip_while(|at| *at >= origin);
            let excesses = past.excesses(on_date.take_while(own));
            *charge = habit(excesses.all(), day == 1);
        }
        for (charge, to_end) in dates.by_end.iter_mut().zip(0..) {
            let at_end = newest.iter().map(|month| month.before_end(to_end) - begun);
            let at_end = at_end.skip_while(|at| *at >= origin);
            *charge = habit(past.excesses(at_end.take_while(own)).all(), false);
        }
        let firsts = months.iter().map(|month| month.first() - begun);
        let firsts: Vec<i64> = firsts
            .skip_while(|at| *at >= origin)
            .take_while(own)
            .collect();
        for back in 0..firsts.len().min(dates.by_quarter.len()) {
            let excesses = past.excesses(firsts[back..].iter().copied().step_by(3));
            let twice = excesses.all().iter().filter(|e| **e != 0.0).count() >= 2;
            let month = usize::try_from(firsts[back] + begun).unwrap_or(0);
            let phase = usize::from(almanac.place(month).phase);
            dates.by_quarter[phase] = if twice {
                habit(excesses.all(), false)
            } else {
                0.0
            };
        }
        dates
    }

    /// The charge that past months promise for the day of an index.
    pub(super) fn charge(&self, at: usize) -> f64 {
        let place = self.almanac.place(self.begun + at);
        let silent = self.active[usize::from(place.slot)] < 1.0;
        let promised = |charge: f64| charge > 0.0 || (charge < 0.0 && !silent);
        let of_date = self.by_date[usize::from(place.slot)];
        if promised(of_date) {
            return of_date;
        }
        let of_end = self.by_end.get(usize::from(place.to_end));
        if let Some(of_end) = of_end.filter(|charge| promised(**charge)) {
            return *of_end;
        }
        let of_quarter = self.by_quarter[usize::from(place.phase)];
        if place.slot == 0 && promised(of_quarter) {
            of_quarter
        } else {
            0.0
        }
    }

    /// Whether a day of the past belongs to the calendar rather than to the level.
    pub(super) fn is_of_calendar(&self, at: usize, past: &Past<'_>) -> bool {
        if self.activity_on(at) < 1.0 {
            return true;
        }
        let may = self.charge(at) != 0.0 || self.almanac.place(self.begun + at).slot == 0;
        may && past.excess(at) != 0.0
    }

    /// Share of recent months in which the day of the month of an index cost something.
    pub(super) fn activity_on(&self, at: usize) -> f64 {
        self.active[usize::from(self.almanac.place(self.begun + at).slot)]
    }

    /// Free tiers: days of the month that cost nothing month after month, where other days do.
    fn activity(&self, costs: &[f64]) -> [f64; 31] {
        let from = costs.len().saturating_sub(SILENCE.0);
        let recent = &costs[from..];
        let sizes = recent.iter().map(|c| c.abs()).filter(|c| *c > 0.0);
        let level = median(&mut sizes.collect::<Vec<_>>());
        let (mut zeros, mut seen) = ([0.0; 31], [0.0; 31]);
        for (at, cost) in recent.iter().enumerate() {
            let slot = usize::from(self.almanac.place(self.begun + from + at).slot);
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

impl<'a> Past<'a> {
    /// A history; `factors` are the weekday factors by index modulo seven.
    pub(super) fn new(costs: &'a [f64], factors: &'a [f64]) -> Past<'a> {
        let level = |(at, cost): (usize, &f64)| {
            let factor = factors[at % factors.len()];
            (factor >= LEAST_FACTOR).then(|| cost / factor)
        };
        Past {
            costs,
            factors,
            levels: costs.iter().enumerate().map(level).collect(),
        }
    }

    /// The excesses of dates, given newest first; nothing at all where the newest shows none, for then there is no
    /// habit.
    fn excesses(&self, dates: impl Iterator<Item = i64>) -> Excesses {
        let mut excesses = Excesses::default();
        for at in dates.take(MONTHS).filter_map(|at| usize::try_from(at).ok()) {
            let excess = self.excess(at);
            if excesses.count == 0 && excess == 0.0 {
                break;
            }
            excesses.found[excesses.count] = excess;
            excesses.count += 1;
        }
        excesses
    }

    /// Cost beyond both neighbouring weeks, zero unless it stands out from how they wobble.
    fn excess(&self, at: usize) -> f64 {
        let (costs, factor) = (self.costs, self.factors[at % self.factors.len()]);
        let from = at.saturating_sub(7);
        let to = costs.len().min(at + 8);
        let (earlier, later) = (&self.levels[from..at], &self.levels[at + 1..to]);
        let around = mean(earlier.iter().chain(later).flatten().copied());
        if (costs[at] - around * factor).abs() <= UNREMARKABLE * (around * factor).abs() {
            return 0.0;
        }
        let before: Vec<f64> = earlier.iter().flatten().copied().collect();
        let after: Vec<f64> = later.iter().flatten().copied().collect();
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
}

/// The charge of the past months on one date, newest first: the newest must have it, and one more if more are known.
fn habit(newest_first: &[f64], first_of_month: bool) -> f64 {
    let Some(newest) = newest_first.first().copied().filter(|e| *e != 0.0) else {
        return 0.0;
    };
    let alike = newest_first.iter().copied().filter(|e| e * newest > 0.0);
    let mut alike: Vec<f64> = alike.collect();
    match alike.len() {
        1 if newest_first.len() == 1 && first_of_month => newest,
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

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    const EVEN: [f64; 7] = [1.0; 7];

    fn first() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()
    }

    fn at(month: u32, day: u32) -> usize {
        let date = NaiveDate::from_ymd_opt(2026, month, day).unwrap();
        usize::try_from((date - first()).num_days()).unwrap()
    }

    fn almanac() -> Almanac {
        Almanac::new(first(), 400)
    }

    fn learn<'a>(almanac: &'a Almanac, costs: &[f64]) -> Dates<'a> {
        Dates::learn(almanac, 0, &Past::new(costs, &EVEN))
    }

    #[test]
    fn a_fee_seen_twice_is_promised_on_its_day() {
        let almanac = almanac();
        let mut costs = vec![10.0; at(4, 20)];
        for month in 2..=4 {
            costs[at(month, 5)] += 100.0;
        }
        let dates = learn(&almanac, &costs);
        assert!((dates.charge(at(5, 5)) - 100.0).abs() < 1e-9);
        assert!(dates.charge(at(5, 6)).abs() < 1e-9);
    }

    #[test]
    fn a_fee_that_ended_is_not_promised() {
        let almanac = almanac();
        let mut costs = vec![10.0; at(4, 20)];
        costs[at(2, 5)] += 100.0;
        costs[at(3, 5)] += 100.0;
        let dates = learn(&almanac, &costs);
        assert!(dates.charge(at(5, 5)).abs() < 1e-9);
    }

    #[test]
    fn one_spike_is_no_fee_unless_it_is_the_only_first_known() {
        let almanac = almanac();
        let mut costs = vec![10.0; at(3, 20)];
        costs[at(3, 10)] = 500.0;
        assert!(learn(&almanac, &costs).charge(at(4, 10)).abs() < 1e-9);
        let mut costs = vec![10.0; 25];
        costs[0] = 500.0;
        assert!((learn(&almanac, &costs).charge(at(2, 1)) - 490.0).abs() < 1e-9);
    }

    #[test]
    fn a_charge_of_the_last_day_follows_the_length_of_the_month() {
        let almanac = almanac();
        let mut costs = vec![10.0; at(5, 10)];
        for (month, day) in [(1, 31), (2, 28), (3, 31), (4, 30)] {
            costs[at(month, day)] += 50.0;
        }
        let dates = learn(&almanac, &costs);
        assert!((dates.charge(at(5, 31)) - 50.0).abs() < 1e-9);
        assert!(dates.charge(at(5, 30)).abs() < 1e-9);
    }

    #[test]
    fn a_charge_by_the_quarter_comes_in_its_month_alone() {
        let almanac = almanac();
        let mut costs = vec![10.0; at(8, 20)];
        for month in [1, 4, 7] {
            costs[at(month, 1)] += 300.0;
        }
        let dates = learn(&almanac, &costs);
        assert!((dates.charge(at(10, 1)) - 300.0).abs() < 1e-9);
        assert!(dates.charge(at(9, 1)).abs() < 1e-9);
    }

    #[test]
    fn a_free_tier_stays_free_at_the_start_of_the_month() {
        let almanac = almanac();
        let mut costs = vec![10.0; at(4, 20)];
        for month in 1..=4 {
            costs[at(month, 1)..at(month, 5)].fill(0.0);
        }
        let dates = learn(&almanac, &costs);
        assert!(dates.activity_on(at(5, 2)).abs() < 1e-9);
        assert!((dates.activity_on(at(5, 9)) - 1.0).abs() < 1e-9);
        assert!(dates.charge(at(5, 2)).abs() < 1e-9);
    }
}
