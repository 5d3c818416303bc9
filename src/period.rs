//! Months and half-open day ranges. Nothing here reads the clock: `today` always comes from outside.

use chrono::{Datelike, Days, NaiveDate};
use std::fmt;

/// A calendar month, the billing period of every provider we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i32,
    month: u32,
}

impl Month {
    /// The month a day lies in.
    pub fn of(day: NaiveDate) -> Month {
        Month {
            year: day.year(),
            month: day.month(),
        }
    }

    /// Reads `2026-10`.
    pub fn parse(text: &str) -> Option<Month> {
        let (year, month) = text.split_once('-')?;
        if year.len() != 4 || month.len() != 2 {
            return None;
        }
        let (year, month) = (year.parse().ok()?, month.parse().ok()?);
        NaiveDate::from_ymd_opt(year, month, 1).map(Month::of)
    }

    /// Its first day.
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or(NaiveDate::MIN)
    }

    /// The month after.
    #[must_use]
    pub fn next(self) -> Month {
        let (year, month) = if self.month == 12 {
            (self.year + 1, 1)
        } else {
            (self.year, self.month + 1)
        };
        Month { year, month }
    }

    /// The month before.
    #[must_use]
    pub fn previous(self) -> Month {
        let (year, month) = if self.month == 1 {
            (self.year - 1, 12)
        } else {
            (self.year, self.month - 1)
        };
        Month { year, month }
    }

    /// As a sentence calls it: `October 2026`.
    pub fn name(self) -> String {
        self.first_day().format("%B %Y").to_string()
    }

    /// The month as a half-open range of days.
    pub fn period(self) -> Period {
        Period {
            start: self.first_day(),
            end: self.next().first_day(),
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// Days from `start` up to, not including, `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub start: NaiveDate,
    /// First day that no longer belongs to it.
    pub end: NaiveDate,
}

impl Period {
    /// Reads what a person types: `2026-10`, `last-month`, `this-month`, `30d` (the 30 complete days before
    /// today), `2026-10-01..2026-10-15` (end not included).
    pub fn parse(text: &str, today: NaiveDate) -> Option<Period> {
        if let Some(month) = Month::parse(text) {
            return Some(month.period());
        }
        if let Some((start, end)) = text.split_once("..") {
            let (start, end) = (start.parse().ok()?, end.parse().ok()?);
            return (start < end).then_some(Period { start, end });
        }
        if let Some(days) = text.strip_suffix('d') {
            let days: u64 = days.parse().ok().filter(|&d| d > 0)?;
            return Some(Period {
                start: today.checked_sub_days(Days::new(days))?,
                end: today,
            });
        }
        match text {
            "last-month" => Some(Month::of(today).previous().period()),
            "this-month" => Some(Month::of(today).period()),
            _ => None,
        }
    }

    /// Number of days.
    pub fn days(self) -> i64 {
        (self.end - self.start).num_days()
    }

    /// True where a day lies inside.
    pub fn contains(self, day: NaiveDate) -> bool {
        self.start <= day && day < self.end
    }

    /// Every month that it touches, oldest first.
    pub fn months(self) -> Vec<Month> {
        let mut months = vec![Month::of(self.start)];
        while let Some(next) = months
            .last()
            .map(|m| m.next())
            .filter(|m| m.first_day() < self.end)
        {
            months.push(next);
        }
        months
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn months_know_their_days_and_neighbours() {
        let december = Month::parse("2026-12").unwrap();
        assert_eq!(december.next().to_string(), "2027-01");
        assert_eq!(
            Month::parse("2026-01").unwrap().previous().to_string(),
            "2025-12"
        );
        assert_eq!(Month::parse("2024-02").unwrap().period().days(), 29);
    }

    #[test]
    fn what_people_type_is_read() {
        let today = day("2026-11-21");
        assert_eq!(
            Period::parse("last-month", today),
            Period::parse("2026-10", today)
        );
        assert_eq!(
            Period::parse("30d", today).unwrap().start,
            day("2026-10-22")
        );
        assert_eq!(
            Period::parse("2026-10-01..2026-10-03", today)
                .unwrap()
                .days(),
            2
        );
        for wrong in [
            "2026-13",
            "0d",
            "yesterday",
            "2026-1",
            "2026-10-02..2026-10-01",
            "",
        ] {
            assert_eq!(Period::parse(wrong, today), None, "{wrong}");
        }
    }

    #[test]
    fn a_range_touches_whole_months() {
        let period = Period::parse("2026-10-31..2026-12-01", day("2026-11-21")).unwrap();
        let months: Vec<String> = period.months().iter().map(Month::to_string).collect();
        assert_eq!(months, ["2026-10", "2026-11"]);
        assert!(!period.contains(day("2026-12-01")));
    }
}
