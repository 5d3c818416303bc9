//! The bill's own calendar: support fees on the first, month-end peaks, free tiers that start the
//! month at zero. It can only ever excuse a cost, up to what past months showed on the same date;
//! it never demands one, and it never excuses more than it has seen.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::robust::median;

/// Months looked back on.
const MONTHS: u32 = 3;
/// Days before the end of a month that may be tied to the end rather than to the date.
const MONTH_END: u32 = 3;
/// Fewest days on a side that make a neighbouring week.
const FEWEST_NEIGHBOURS: usize = 3;
/// A cost under this share of the level is nothing.
const NOTHING: f64 = 0.02;

/// What a usual day of the series looks like, to tell an excess from a busy weekday.
pub(super) struct Usual<'a> {
    /// Weekday factors by day index modulo seven, counted from the series' start.
    pub(super) factors: &'a [f64; 7],
    /// Level in currency.
    pub(super) level: f64,
    /// Least cost an excess is counted from: what an active day of an intermittent series costs.
    pub(super) least_level: f64,
    /// Excess over the neighbouring weeks that counts as one, in currency.
    pub(super) noticeable: f64,
}

/// What past months excuse today.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Excuse {
    /// Cost above the expectation that past months showed on this date, in currency.
    pub(super) excess: f64,
    /// The date cost nothing last month, so nothing is no surprise today.
    pub(super) nothing: bool,
}

/// The excuse for the day after `history`, which starts with the series' first day.
pub(super) fn excuse(history: &[f64], day: NaiveDate, usual: &Usual<'_>) -> Excuse {
    let mut same_date = [None; MONTHS as usize];
    let mut same_end = [None; MONTHS as usize];
    let mut nothing = false;
    for (slot, back) in (1..=MONTHS).enumerate() {
        let dates = [on_same_date(day, back), on_same_end(day, back)];
        let [by_date, by_end] = dates.map(|date| date.and_then(|date| index(history, day, date)));
        same_date[slot] = by_date.and_then(|at| excess_at(history, at, usual));
        same_end[slot] = by_end.and_then(|at| excess_at(history, at, usual));
        nothing |=
            back == 1 && by_date.is_some_and(|at| history[at].abs() <= NOTHING * usual.level.abs());
    }
    let excess = confirmed(same_date, usual.noticeable).max(confirmed(same_end, usual.noticeable));
    Excuse { excess, nothing }
}

/// The largest excess of the past months, if it is a habit: seen twice, or in the only month known.
fn confirmed(months: [Option<f64>; MONTHS as usize], noticeable: f64) -> f64 {
    let known = months.iter().flatten().count();
    let shown = months
        .iter()
        .flatten()
        .filter(|excess| **excess > noticeable);
    match shown.clone().count() {
        0 => 0.0,
        1 if known > 1 => 0.0,
        _ => shown.copied().fold(0.0, f64::max),
    }
}

/// Cost above both neighbouring weeks; a new level is above only one of them. A day with a neighbour
/// on one side only can show a fee but cannot deny one: the first of January is a holiday as well.
fn excess_at(history: &[f64], at: usize, usual: &Usual<'_>) -> Option<f64> {
    let before = week_level(&history[at.saturating_sub(7)..at]);
    let after = week_level(&history[at + 1..history.len().min(at + 8)]);
    let level = match (before, after) {
        (Some(before), Some(after)) => before.max(after),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => return None,
    };
    let excess = history[at] - (level * usual.factors[at % 7]).max(usual.least_level);
    let both = before.is_some() && after.is_some();
    (both || excess > usual.noticeable).then_some(excess)
}

fn week_level(week: &[f64]) -> Option<f64> {
    if week.len() < FEWEST_NEIGHBOURS {
        return None;
    }
    let mut sorted = [0.0; 7];
    sorted[..week.len()].copy_from_slice(week);
    Some(median(&mut sorted[..week.len()]))
}

fn on_same_date(day: NaiveDate, back: u32) -> Option<NaiveDate> {
    let date = day.checked_sub_months(Months::new(back))?;
    (date.day() == day.day()).then_some(date)
}

fn on_same_end(day: NaiveDate, back: u32) -> Option<NaiveDate> {
    let to_end = days_to_month_end(day)?;
    if to_end > MONTH_END {
        return None;
    }
    let first = day.with_day(1)?.checked_sub_months(Months::new(back))?;
    let last = first.checked_add_months(Months::new(1))?.pred_opt()?;
    last.checked_sub_days(Days::new(u64::from(to_end)))
}

/// Whether one of the last twelve months had about this cost, or more, on this date: a charge by
/// the quarter or by the year is not a new service.
pub(super) fn seen_on_this_date(history: &[f64], day: NaiveDate, cost: f64) -> bool {
    (1..=12)
        .filter_map(|back| index(history, day, on_same_date(day, back)?))
        .any(|at| history[at].abs() * 1.5 >= cost.abs())
}

fn days_to_month_end(day: NaiveDate) -> Option<u32> {
    let last = day
        .with_day(1)?
        .checked_add_months(Months::new(1))?
        .pred_opt()?;
    Some(last.day() - day.day())
}

/// Where a past date lies in the history that ends the day before `day`.
fn index(history: &[f64], day: NaiveDate, date: NaiveDate) -> Option<usize> {
    let back = usize::try_from((day - date).num_days()).ok()?;
    history.len().checked_sub(back).filter(|_| back > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: (i32, u32, u32) = (2026, 1, 1);

    /// The excuse for a date after a history of 10 a day with the given exceptions.
    fn excuse_on(month: u32, date: u32, exceptions: &[(u32, u32, f64)]) -> Excuse {
        let first = NaiveDate::from_ymd_opt(FIRST.0, FIRST.1, FIRST.2).unwrap();
        let day = NaiveDate::from_ymd_opt(2026, month, date).unwrap();
        let history: Vec<f64> = first
            .iter_days()
            .take_while(|past| *past < day)
            .map(|past| {
                let special = exceptions
                    .iter()
                    .find(|(m, d, _)| (past.month(), past.day()) == (*m, *d));
                special.map_or(10.0, |(_, _, cost)| *cost)
            })
            .collect();
        let usual = Usual {
            factors: &[1.0; 7],
            level: 10.0,
            least_level: 0.0,
            noticeable: 1.0,
        };
        excuse(&history, day, &usual)
    }

    #[test]
    fn a_fee_on_the_first_excuses_its_own_size_and_no_more() {
        let fees = [(1, 1, 60.0), (2, 1, 65.0), (3, 1, 60.0)];
        assert!((excuse_on(4, 1, &fees).excess - 55.0).abs() < 1e-9);
        assert!(excuse_on(4, 2, &fees).excess.abs() < 1e-9);
    }

    #[test]
    fn one_odd_day_in_three_months_is_no_habit() {
        assert!(excuse_on(4, 10, &[(3, 10, 60.0)]).excess.abs() < 1e-9);
    }

    #[test]
    fn the_last_days_of_months_of_any_length_belong_together() {
        let peaks = [(1, 31, 30.0), (2, 28, 30.0), (3, 31, 30.0)];
        assert!((excuse_on(4, 30, &peaks).excess - 20.0).abs() < 1e-9);
    }

    #[test]
    fn a_new_level_is_no_fee() {
        let shift: Vec<_> = (1..=31).map(|date| (3, date, 40.0)).collect();
        assert!(excuse_on(4, 1, &shift).excess.abs() < 1e-9);
    }

    #[test]
    fn nothing_last_month_excuses_nothing_today() {
        assert!(excuse_on(3, 2, &[(2, 2, 0.0)]).nothing);
        assert!(!excuse_on(3, 3, &[(2, 2, 0.0)]).nothing);
    }

    #[test]
    fn a_quarterly_charge_has_been_seen() {
        let mut history = vec![0.0; 90];
        history[0] = 500.0;
        let april = NaiveDate::from_ymd_opt(2026, 4, 1).unwrap();
        assert!(seen_on_this_date(&history, april, 500.0));
        assert!(!seen_on_this_date(&history, april, 5_000.0));
    }
}
