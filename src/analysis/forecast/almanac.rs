//! The calendar by index: where in its month every day of a history and of its forecast stands. All series of a run
//! share their days, so dates are worked out once and looked up ever after. It knows no cost.

use chrono::{Datelike, Months, NaiveDate};

/// Where a day stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Days since the first of its month.
    pub(super) slot: u8,
    /// Days until the last of its month.
    pub(super) to_end: u8,
    /// Month of the quarter, 0 to 2.
    pub(super) phase: u8,
}

/// The places of days in a row.
#[derive(Debug)]
pub(super) struct Almanac {
    places: Vec<Place>,
}

/// A month by the index of its first day, which may lie before the first day of the almanac.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MonthAt {
    first: i64,
    days: i64,
}

impl MonthAt {
    /// The index of a day of the month, from 1; none where the month has no such day.
    pub(super) fn date(self, day: i64) -> Option<i64> {
        (day <= self.days).then(|| self.first + day - 1)
    }

    /// The index of its first day.
    pub(super) fn first(self) -> i64 {
        self.first
    }

    /// The index of a day so many days before its last.
    pub(super) fn before_end(self, days: i64) -> i64 {
        self.first + self.days - 1 - days
    }
}

impl Almanac {
    /// So many days from the first on.
    pub(super) fn new(first: NaiveDate, days: usize) -> Almanac {
        let mut day = first;
        let mut places = Vec::with_capacity(days);
        for _ in 0..days {
            places.push(Place::of(day));
            day = day.succ_opt().unwrap_or(NaiveDate::MAX);
        }
        Almanac { places }
    }

    /// Where a day stands.
    pub(super) fn place(&self, at: usize) -> Place {
        self.places[at]
    }

    /// The month of a day and those before it, newest first, as far as they reach back; at most so many.
    pub(super) fn months_before(&self, at: usize, most: usize) -> Vec<MonthAt> {
        let mut months = Vec::with_capacity(most);
        let mut last = Some(at);
        while let Some(place) = last.and_then(|at| self.places.get(at)).copied() {
            if months.len() == most {
                break;
            }
            let first = index(last.unwrap_or(0)) - i64::from(place.slot);
            let days = i64::from(place.slot) + i64::from(place.to_end) + 1;
            months.push(MonthAt { first, days });
            last = usize::try_from(first - 1).ok();
        }
        months
    }
}

impl Place {
    fn of(day: NaiveDate) -> Place {
        let last = day
            .with_day(1)
            .and_then(|first| first.checked_add_months(Months::new(1)))
            .and_then(|next| next.pred_opt());
        let to_end = last.map_or(0, |last| last.day() - day.day());
        Place {
            slot: u8::try_from(day.day0()).unwrap_or(0),
            to_end: u8::try_from(to_end).unwrap_or(0),
            phase: u8::try_from(day.month0() % 3).unwrap_or(0),
        }
    }
}

/// An index as a number that may go below zero.
pub(super) fn index(at: usize) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_calendar_across_a_leap_day() {
        let first = NaiveDate::from_ymd_opt(2028, 2, 27).unwrap();
        let almanac = Almanac::new(first, 5);
        let places: Vec<(u8, u8, u8)> = (0..5)
            .map(|at| almanac.place(at))
            .map(|place| (place.slot, place.to_end, place.phase))
            .collect();
        assert_eq!(
            places,
            [(26, 2, 1), (27, 1, 1), (28, 0, 1), (0, 30, 2), (1, 29, 2)]
        );
    }

    #[test]
    fn months_go_back_to_the_one_that_holds_the_first_day() {
        let first = NaiveDate::from_ymd_opt(2026, 1, 20).unwrap();
        let almanac = Almanac::new(first, 100);
        // 3 March is 42 days later.
        let months = almanac.months_before(42, 10);
        let of = |first, days| MonthAt { first, days };
        assert_eq!(months, [of(40, 31), of(12, 28), of(-19, 31)]);
        assert_eq!(months[1].date(29), None);
        assert_eq!(
            (months[1].date(28), months[1].before_end(0)),
            (Some(39), 39)
        );
        assert_eq!(almanac.months_before(42, 2).len(), 2);
    }
}
