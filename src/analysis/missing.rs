//! Recurring charges that did not come: a support fee, a licence, a marketplace bill that was there on
//! the same day of the last three months and is not there now. A finding of its own, since the
//! detector never demands a fee.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::incident::{Gates, Incident, Kind, Severity};
use super::robust::median;

/// Months in a row in which the charge must have come.
const MONTHS: u32 = 3;
/// Days by which a charge may move before it is missing.
const SHIFT_DAYS: usize = 3;
/// Largest over smallest of the charges: beyond it, it is not one charge.
const ALIKE: f64 = 1.5;
/// Share of the charge under which it did not come.
const ABSENT: f64 = 0.25;
/// Least charge as a share of what the weekday usually costs.
const STANDS_OUT: f64 = 0.25;
/// Days in which a monthly charge stands out three times, four with a stray one.
const RARE_DAYS: usize = 93;
/// Weeks on each side that show what the weekday usually costs.
const WEEKS: usize = 3;

/// A charge that was expected and did not come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MissingCharge {
    /// The day it should have come.
    pub day: NaiveDate,
    /// Middle one of the last three months' charges, in the currency of the series.
    pub amount: f64,
}

impl MissingCharge {
    /// The charge as an incident of its day, which cost `actual`. It has no sigmas: nothing was scored.
    pub fn incident(&self, actual: f64, gates: &Gates) -> Incident {
        let expected = actual + self.amount;
        Incident {
            first_day: self.day,
            last_day: self.day,
            kind: Kind::Missing,
            severity: Severity::of(self.amount, 0.0, gates),
            score: 0.0,
            actual,
            expected,
            impact: -self.amount,
            impact_pct: (expected > 0.0).then(|| -100.0 * self.amount / expected),
            open: false,
            rebased: false,
            lasts_until: self.day,
            lasting_impact: -self.amount,
        }
    }
}

/// The charges that did not come, oldest first. `costs` are daily from `first_day`; the last
/// `unsettled` days are not judged yet, and neither is a charge that may still be late by three days.
/// `least` is the smallest amount worth a word, in currency.
pub fn missing_charges(
    first_day: NaiveDate,
    costs: &[f64],
    unsettled: usize,
    least: f64,
) -> Vec<MissingCharge> {
    let settled = costs.len().saturating_sub(unsettled + SHIFT_DAYS);
    let missing = |(at, day): (usize, NaiveDate)| {
        let amount = expected_charge(first_day, costs, at, day)?;
        let from = at.saturating_sub(SHIFT_DAYS);
        let came = (from..=at + SHIFT_DAYS)
            .any(|near| excess(costs, near).is_some_and(|(excess, _)| excess >= ABSENT * amount));
        (amount >= least && !came).then_some(MissingCharge { day, amount })
    };
    let days = first_day.iter_days().take(settled).enumerate();
    days.filter_map(missing).collect()
}

/// The charge that the last three months promise for a day, by its date or by its distance to the
/// month's end.
fn expected_charge(first: NaiveDate, costs: &[f64], at: usize, day: NaiveDate) -> Option<f64> {
    let mut charges = [0.0; MONTHS as usize];
    for (one, back) in charges.iter_mut().zip(1..=MONTHS) {
        let then = same_date(day, back)?;
        let then = usize::try_from((then - first).num_days()).ok()?;
        *one = charge(&costs[..at], then)?;
    }
    let largest = charges.iter().copied().fold(0.0, f64::max);
    let smallest = charges.iter().copied().fold(f64::INFINITY, f64::min);
    let amount = median(&mut charges);
    (largest <= ALIKE * smallest && is_rare(&costs[..at], amount)).then_some(amount)
}

/// Whether days that stand out by as much are about one a month: otherwise the charge is a habit of the
/// week, or a batch job that met the date by chance.
fn is_rare(costs: &[f64], amount: f64) -> bool {
    let from = costs.len().saturating_sub(RARE_DAYS);
    let stands_out =
        |at: &usize| charge(costs, *at).is_some_and(|charge| charge >= ABSENT * amount);
    (from..costs.len()).filter(stands_out).count() <= MONTHS as usize + 1
}

/// The same date of an earlier month; the last day of a month is the last day of every month.
fn same_date(day: NaiveDate, back: u32) -> Option<NaiveDate> {
    let next = day.checked_add_days(Days::new(1))?;
    if next.day() == 1 && day.day() >= 28 {
        return next.checked_sub_months(Months::new(back))?.pred_opt();
    }
    day.checked_sub_months(Months::new(back))
        .filter(|then| then.day() == day.day())
}

/// Cost above the same weekdays before and after, and what they cost; the higher of the two sides,
/// since a new level is no charge.
fn excess(costs: &[f64], at: usize) -> Option<(f64, f64)> {
    let cost = costs.get(at).copied().filter(|cost| cost.is_finite())?;
    let before = side((1..=WEEKS).map(|weeks| at.checked_sub(7 * weeks)), costs);
    let after = side((1..=WEEKS).map(|weeks| Some(at + 7 * weeks)), costs);
    let usual = before.into_iter().chain(after).reduce(f64::max)?;
    Some((cost - usual, usual))
}

/// The excess of a day that stands out.
fn charge(costs: &[f64], at: usize) -> Option<f64> {
    let (excess, usual) = excess(costs, at)?;
    (excess > STANDS_OUT * usual.abs() && excess > 0.0).then_some(excess)
}

/// The middle of the days that are known.
fn side(days: impl Iterator<Item = Option<usize>>, costs: &[f64]) -> Option<f64> {
    let known = days.filter_map(|at| costs.get(at?).copied());
    let mut known: Vec<f64> = known.filter(|cost| cost.is_finite()).collect();
    (!known.is_empty()).then(|| median(&mut known))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// January to June at 10 a day with 500 on the first of these months.
    fn missing_with(months: &[u32]) -> Vec<MissingCharge> {
        let first = NaiveDate::from_ymd_opt(2025, 12, 20).unwrap();
        let cost = |day: NaiveDate| {
            let fee = day.day() == 1 && months.contains(&day.month());
            if fee { 510.0 } else { 10.0 }
        };
        let costs: Vec<f64> = first.iter_days().take(180).map(cost).collect();
        missing_charges(first, &costs, 2, 5.0)
    }

    #[test]
    fn a_fee_that_comes_is_not_missing() {
        assert!(missing_with(&[1, 2, 3, 4, 5, 6]).is_empty());
    }

    #[test]
    fn a_fee_that_stays_away_is_missing_once() {
        let found = missing_with(&[1, 2, 3]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].day, NaiveDate::from_ymd_opt(2026, 4, 1).unwrap());
        assert!((found[0].amount - 500.0).abs() < 1e-9);
    }

    #[test]
    fn two_months_make_no_habit() {
        assert!(missing_with(&[2, 3]).is_empty());
    }

    #[test]
    fn a_charge_that_may_still_come_is_not_missing() {
        let first = NaiveDate::from_ymd_opt(2025, 12, 20).unwrap();
        let cost = |day: NaiveDate| if day.day() == 1 { 500.0 } else { 10.0 };
        let mut costs: Vec<f64> = first.iter_days().take(104).map(cost).collect();
        costs[102] = 10.0;
        assert!(missing_charges(first, &costs, 0, 5.0).is_empty());
    }

    #[test]
    fn broken_numbers_are_no_charges() {
        let first = NaiveDate::from_ymd_opt(2025, 12, 20).unwrap();
        assert!(missing_charges(first, &[f64::NAN; 200], 0, 5.0).is_empty());
        assert!(missing_charges(first, &[], 0, 5.0).is_empty());
    }
}
