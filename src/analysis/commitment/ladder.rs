//! A purchase spread over the year, so that not all commitments expire on one day.
//!
//! The amount goes to four quarters like water into a basin: those in which least expires already get most. It
//! says when to buy how much; whether to buy is [`super::plan`]'s.

use crate::money::{Money, split};
use chrono::{Datelike, Months, NaiveDate};

/// Purchases in a year.
const QUARTERS: u32 = 4;
/// Months from one to the next.
const STEP: u32 = 12 / QUARTERS;
/// Decimals of an hourly commitment: AWS takes thousandths.
pub const HOURLY_DECIMALS: usize = 3;

/// One purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tranche {
    /// The day to buy on.
    pub buy_on: NaiveDate,
    /// Commitment per hour, or how many units.
    pub hourly: Money,
    /// The day it ends.
    pub expires_on: NaiveDate,
}

/// Splits an hourly amount, in steps of so many decimals, or a count of units over the coming four quarters. `expiring` are the commitments there are, with their last
/// day and hourly cost; the parts add up to the amount, and quarters that need nothing are left out. Empty where a
/// day would leave the calendar.
pub fn ladder(
    (amount, decimals): (Money, usize),
    from: NaiveDate,
    term_months: u32,
    expiring: &[(NaiveDate, Money)],
) -> Vec<Tranche> {
    let mut held = [Money::ZERO; QUARTERS as usize];
    for (day, hourly) in expiring {
        held[quarter(from, *day)] += *hourly;
    }
    let parts = split(amount, &room(amount, held), decimals);
    let tranche = |(at, hourly): (u32, Money)| {
        let buy_on = from.checked_add_months(Months::new(at * STEP))?;
        let expires_on = buy_on.checked_add_months(Months::new(term_months))?;
        Some(Tranche {
            buy_on,
            hourly,
            expires_on,
        })
    };
    let bought = (0..).zip(parts).filter(|(_, hourly)| *hourly > Money::ZERO);
    bought.filter_map(tranche).collect()
}

/// The quarter of the coming year in which a day's anniversary falls.
fn quarter(from: NaiveDate, day: NaiveDate) -> usize {
    let months = |day: NaiveDate| day.year() * 12 + i32::try_from(day.month0()).unwrap_or(0);
    let early = i32::from(day.day() < from.day());
    let apart = (months(day) - early - months(from)).rem_euclid(12);
    usize::try_from(apart).unwrap_or(0) / STEP as usize
}

/// How much each quarter takes until all that take any stand level; as weights.
fn room(amount: Money, held: [Money; QUARTERS as usize]) -> [Money; QUARTERS as usize] {
    let mut low = held;
    low.sort_unstable();
    let mut level = (0, 1);
    for count in 1..=held.len() {
        let filled: i128 = low[..count].iter().map(|held| held.units()).sum();
        let sum = amount.units() + filled;
        let times = i128::try_from(count).unwrap_or(1);
        level = (sum, times);
        if low
            .get(count)
            .is_none_or(|next| next.units() * times >= sum)
        {
            break;
        }
    }
    let (sum, times) = level;
    held.map(|held| Money::from_units((sum - held.units() * times).max(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn money(text: &str) -> Money {
        Money::parse(text.as_bytes()).unwrap()
    }

    fn shown(tranches: &[Tranche]) -> Vec<String> {
        let line = |one: &Tranche| format!("{} {} {}", one.buy_on, one.hourly, one.expires_on);
        tranches.iter().map(line).collect()
    }

    #[test]
    fn without_other_commitments_the_quarters_are_alike_and_add_up() {
        let tranches = ladder(
            (money("1.001"), HOURLY_DECIMALS),
            day("2026-11-21"),
            12,
            &[],
        );
        assert_eq!(
            shown(&tranches),
            [
                "2026-11-21 0.251 2027-11-21",
                "2027-02-21 0.25 2028-02-21",
                "2027-05-21 0.25 2028-05-21",
                "2027-08-21 0.25 2028-08-21",
            ]
        );
    }

    #[test]
    fn a_quarter_in_which_much_expires_gets_nothing() {
        let held = [
            (day("2027-03-01"), money("5")),
            (day("2027-06-01"), money("1")),
        ];
        let tranches = ladder((money("2"), HOURLY_DECIMALS), day("2026-11-21"), 36, &held);
        assert_eq!(
            shown(&tranches),
            ["2026-11-21 1.00 2029-11-21", "2027-08-21 1.00 2030-08-21"]
        );
    }

    #[test]
    fn quarters_are_filled_to_one_level() {
        let held = [
            (day("2026-12-01"), money("3")),
            (day("2028-03-01"), money("1")),
        ];
        let parts: Vec<String> =
            ladder((money("4"), HOURLY_DECIMALS), day("2026-11-21"), 12, &held)
                .iter()
                .map(|one| one.hourly.to_string())
                .collect();
        assert_eq!(parts, ["0.667", "1.667", "1.666"]);
        assert!(ladder((Money::ZERO, 0), day("2026-11-21"), 12, &held).is_empty());
    }
}
