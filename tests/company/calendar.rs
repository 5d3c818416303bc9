//! Days and months of the story: 1 August to 20 November 2026. Refuses every other year, and clocks.

/// Days since 2026-08-01, which was a Saturday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(pub(crate) i32);

/// A billing month of the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Month(usize);

const NAMES: [&str; 5] = ["2026-08", "2026-09", "2026-10", "2026-11", "2026-12"];
const STARTS: [i32; 6] = [0, 31, 61, 92, 122, 153];

pub(crate) const AUGUST: Month = Month(0);
pub(crate) const SEPTEMBER: Month = Month(1);
pub(crate) const OCTOBER: Month = Month(2);
pub(crate) const NOVEMBER: Month = Month(3);
pub(crate) const MONTHS: [Month; 4] = [AUGUST, SEPTEMBER, OCTOBER, NOVEMBER];

/// The last day that any bill has a charge for; `today` is the day after.
pub(crate) const LAST_DAY: Day = Day(111);

/// A day of a month of the story: `on(OCTOBER, 6)`.
pub(crate) const fn on(month: Month, day: i32) -> Day {
    Day(STARTS[month.0] + day - 1)
}

impl Month {
    pub(crate) fn start(self) -> Day {
        Day(STARTS[self.0])
    }

    /// The first day of the next month.
    pub(crate) fn end(self) -> Day {
        Day(STARTS[self.0 + 1])
    }

    /// The days that have charges: all of a closed month, the first twenty of November.
    pub(crate) fn days(self) -> impl Iterator<Item = Day> {
        (self.start().0..self.end().0.min(LAST_DAY.0 + 1)).map(Day)
    }

    pub(crate) fn name(self) -> &'static str {
        NAMES[self.0]
    }

    pub(crate) fn is_open(self) -> bool {
        self == NOVEMBER
    }

    /// `20260801-20260901`, the folder name of a legacy report.
    pub(crate) fn folder(self) -> String {
        let compact = |day: Day| day.iso().replace('-', "");
        format!("{}-{}", compact(self.start()), compact(self.end()))
    }

    pub(crate) fn number(self) -> usize {
        self.0
    }

    pub(crate) fn hours(self) -> i128 {
        i128::from(self.end().0 - self.start().0) * 24
    }
}

impl Day {
    /// `2026-08-01`.
    pub(crate) fn iso(self) -> String {
        let month = (0..5).rev().find(|&m| STARTS[m] <= self.0).unwrap_or(0);
        format!("{}-{:02}", NAMES[month], self.0 - STARTS[month] + 1)
    }

    /// `2026-08-01T00:00:00.000Z`, as AWS writes it.
    pub(crate) fn midnight(self) -> String {
        format!("{}T00:00:00.000Z", self.iso())
    }

    pub(crate) fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// Monday is 0.
    pub(crate) fn weekday(self) -> usize {
        usize::try_from((self.0 + 5).rem_euclid(7)).unwrap_or(0)
    }

    pub(crate) fn is_weekend(self) -> bool {
        self.weekday() >= 5
    }

    /// Hours of the day that have reached the bill: the newest two days are still filling up.
    pub(crate) fn billed_hours(self) -> i128 {
        match LAST_DAY.0 - self.0 {
            0 => 9,
            1 => 22,
            _ => 24,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_names() {
        assert_eq!(on(AUGUST, 1).iso(), "2026-08-01");
        assert_eq!(LAST_DAY.iso(), "2026-11-20");
        assert_eq!(on(OCTOBER, 31).next().iso(), "2026-11-01");
    }

    #[test]
    fn the_twentieth_of_november_is_a_friday() {
        assert_eq!(LAST_DAY.weekday(), 4);
    }
}
