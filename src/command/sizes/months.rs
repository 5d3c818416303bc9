//! The month of the bill that prices are taken from, and how much of it a charge was seen.

use crate::period::Month;
use crate::report::table::{Cell, Table};
use chrono::NaiveDate;

/// Newest days of a month that may still be filling up.
const GONE: u32 = 3;

/// Rows of a month: the latest that is over, or the running one where there is no other.
pub(super) struct Latest {
    /// Places in the table.
    pub(super) rows: Vec<usize>,
    /// Days of the whole month.
    pub(super) days: u32,
    is_over: bool,
    /// Last day with a charge of any row.
    end: u32,
    last: Vec<u32>,
    left: Vec<u32>,
}

impl Latest {
    /// Of a table with `Month`, `MaxDay` and `MaxDaysLeft`; `None` where it has no row.
    pub(super) fn of(table: &Table, today: NaiveDate) -> Option<Latest> {
        let months = table.texts("Month");
        let over = |text: &&String| {
            Month::parse(text).is_some_and(|month| month.next().first_day() <= today)
        };
        let latest = months.iter().filter(over).max().or(months.iter().max())?;
        let month = Month::parse(latest)?;
        let rows: Vec<usize> = (0..months.len())
            .filter(|&row| months[row] == *latest)
            .collect();
        let [last, left] = ["MaxDay", "MaxDaysLeft"].map(|name| counts(table, name));
        Some(Latest {
            end: rows.iter().map(|&row| last[row]).max().unwrap_or(1),
            rows,
            days: u32::try_from(month.period().days()).unwrap_or(30),
            is_over: month.next().first_day() <= today,
            last,
            left,
        })
    }

    /// Days of the month that a row's charges stand for: from its first charge to the month's end, or to its last
    /// where it is gone. A bill cut by month has all charges on the first day.
    pub(super) fn seen(&self, row: usize) -> u32 {
        if self.is_over && self.end <= 1 {
            return self.days;
        }
        let until = if self.is_over { self.days } else { self.end };
        let alive = self.last[row] + GONE >= until;
        let until = if alive { until } else { self.last[row] };
        let first = 32u32.saturating_sub(self.left[row]).max(1);
        (until + 1).saturating_sub(first).max(1)
    }
}

fn counts(table: &Table, name: &str) -> Vec<u32> {
    let at = table.at(name).unwrap_or_default();
    let count = |row: &Vec<Cell>| match row[at] {
        Cell::Count(count) => u32::try_from(count).unwrap_or(1),
        _ => 1,
    };
    table.rows.iter().map(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(rows: &[(&str, i64, i64)], today: &str) -> Vec<u32> {
        let mut table = Table::new(&["Month", "MaxDay", "MaxDaysLeft"]);
        for &(month, last, first) in rows {
            table.rows.push(vec![
                Cell::text(month),
                Cell::Count(last),
                Cell::Count(32 - first),
            ]);
        }
        let latest = Latest::of(&table, today.parse().unwrap()).unwrap();
        latest.rows.iter().map(|&row| latest.seen(row)).collect()
    }

    #[test]
    fn a_month_that_is_over_is_seen_to_its_end() {
        let rows = [
            ("2026-09", 30, 1),
            ("2026-10", 31, 1),
            ("2026-10", 31, 22),
            ("2026-10", 10, 1),
            ("2026-11", 5, 1),
        ];
        assert_eq!(seen(&rows, "2026-11-06"), [31, 10, 10]);
    }

    #[test]
    fn a_running_month_is_seen_to_its_newest_day() {
        assert_eq!(
            seen(&[("2026-11", 5, 1), ("2026-11", 4, 3)], "2026-11-06"),
            [5, 3]
        );
    }

    #[test]
    fn a_bill_cut_by_month_counts_it_whole() {
        assert_eq!(seen(&[("2026-10", 1, 1)], "2026-11-06"), [31]);
    }
}
