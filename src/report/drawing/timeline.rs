//! Evenly spaced days or months, and the few of them that are worth a label.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

/// How far apart the steps of a timeline are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// One calendar day.
    Day,
    /// One calendar month.
    Month,
}

/// `len` days or months in a row, without holes: a missing value is a `None` at its step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeline {
    /// The first day, or the first day of the first month.
    pub first: NaiveDate,
    /// Days or months.
    pub step: Step,
    /// How many steps.
    pub len: usize,
}

impl Timeline {
    /// `len` days from `first` on.
    pub fn days(first: NaiveDate, len: usize) -> Self {
        Self {
            first,
            step: Step::Day,
            len,
        }
    }

    /// `len` months from the month of `first` on.
    pub fn months(first: NaiveDate, len: usize) -> Self {
        let first = first.with_day(1).unwrap_or(first);
        Self {
            first,
            step: Step::Month,
            len,
        }
    }

    /// All steps from `first` to `last`, both included; empty if `last` comes first.
    pub fn spanning(first: NaiveDate, last: NaiveDate, step: Step) -> Self {
        let one = match step {
            Step::Day => Self::days(first, 1),
            Step::Month => Self::months(first, 1),
        };
        let len = one.steps_to(last).map_or(0, |steps| steps + 1);
        Self { len, ..one }
    }

    /// The day, or first day of the month, at this step.
    pub fn at(&self, index: usize) -> NaiveDate {
        let far = u32::try_from(index).unwrap_or(u32::MAX);
        let date = match self.step {
            Step::Day => self.first.checked_add_days(Days::new(u64::from(far))),
            Step::Month => self.first.checked_add_months(Months::new(far)),
        };
        date.unwrap_or(NaiveDate::MAX)
    }

    /// The step a day falls into; `None` if it is off the timeline.
    pub fn index_of(&self, day: NaiveDate) -> Option<usize> {
        self.steps_to(day).filter(|steps| *steps < self.len)
    }

    /// The step as it is written in a CSV: `2026-10-31` or `2026-10`.
    pub fn name(&self, index: usize) -> String {
        let date = self.at(index);
        match self.step {
            Step::Day => date.to_string(),
            Step::Month => format!("{:04}-{:02}", date.year(), date.month()),
        }
    }

    /// The steps worth a label: each of a few days, else Mondays, else month starts, else
    /// quarters, else years. The year shows where it begins.
    pub fn ticks(&self) -> Vec<(usize, String)> {
        let dates: Vec<NaiveDate> = (0..self.len).map(|index| self.at(index)).collect();
        let kept = dates
            .iter()
            .enumerate()
            .filter(|(_, date)| self.is_marked(**date));
        let mut ticks: Vec<(usize, String)> = Vec::new();
        for (index, date) in kept {
            let label = self.label(*date, ticks.is_empty());
            ticks.push((index, label));
        }
        ticks
    }

    fn is_marked(&self, date: NaiveDate) -> bool {
        let month_start = date.day() == 1;
        match (self.step, self.len) {
            (Step::Day, ..=16) | (Step::Month, ..=18) => true,
            (Step::Day, ..=100) => date.weekday() == Weekday::Mon,
            (Step::Day, ..=430) => month_start,
            (Step::Day, ..=1500) | (Step::Month, ..=60) => {
                month_start && date.month0().is_multiple_of(3)
            }
            _ => month_start && date.month() == 1,
        }
    }

    fn label(&self, date: NaiveDate, leads: bool) -> String {
        let month = MONTHS[date.month0() as usize % 12];
        match self.step {
            Step::Day if self.len <= 100 => format!("{} {month}", date.day()),
            _ if leads || date.month() == 1 => format!("{month} {}", date.year()),
            _ => month.to_string(),
        }
    }

    fn steps_to(&self, day: NaiveDate) -> Option<usize> {
        let steps = match self.step {
            Step::Day => (day - self.first).num_days(),
            Step::Month => {
                let months =
                    |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
                months(day) - months(self.first)
            }
        };
        usize::try_from(steps).ok()
    }
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn labels(time: Timeline) -> Vec<String> {
        time.ticks().into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn months_name_the_year_where_it_begins() {
        let time = Timeline::months(day("2025-11-17"), 4);
        assert_eq!(labels(time), ["Nov 2025", "Dec", "Jan 2026", "Feb"]);
        assert_eq!(time.name(3), "2026-02");
    }

    #[test]
    fn a_month_of_days_is_marked_on_mondays() {
        let time = Timeline::days(day("2026-10-01"), 31);
        assert_eq!(labels(time), ["5 Oct", "12 Oct", "19 Oct", "26 Oct"]);
    }

    #[test]
    fn a_year_of_days_is_marked_by_month() {
        let time = Timeline::days(day("2025-12-15"), 60 + 60);
        assert_eq!(labels(time), ["Jan 2026", "Feb", "Mar", "Apr"]);
    }

    #[test]
    fn spans_include_both_ends() {
        let time = Timeline::spanning(day("2026-01-30"), day("2026-03-02"), Step::Month);
        assert_eq!(time.len, 3);
        assert_eq!(time.index_of(day("2026-03-31")), Some(2));
        assert_eq!(time.index_of(day("2026-04-01")), None);
        assert_eq!(time.index_of(day("2025-12-31")), None);
        let backwards = Timeline::spanning(day("2026-03-02"), day("2026-01-30"), Step::Day);
        assert_eq!(backwards.len, 0);
    }
}
