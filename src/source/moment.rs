//! Moments as bills write them, to microseconds since 1970 in UTC.

use crate::period::Month;
use chrono::{DateTime, NaiveDate};

/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;

/// Reads `2026-10-01`, `2026-10-01T00:00:00Z`, `2026-10-01 00:00:00.000`, `2026-11-13T10:00Z` and offsets
/// such as `+02:00`; a moment without a zone is UTC.
/// `202610`, a month, is its first day.
pub(super) fn parse(text: &[u8]) -> Option<i64> {
    if text.len() == 6 {
        let (year, month) = (number(text, 0, 4)?, number(text, 4, 2)?);
        let (year, month) = (i32::try_from(year).ok()?, u32::try_from(month).ok()?);
        return NaiveDate::from_ymd_opt(year, month, 1).map(of_day);
    }
    let (year, month, day) = (
        number(text, 0, 4)?,
        number(text, 5, 2)?,
        number(text, 8, 2)?,
    );
    if text.get(4) != Some(&b'-') || text.get(7) != Some(&b'-') {
        return None;
    }
    let (month, day) = (u32::try_from(month).ok()?, u32::try_from(day).ok()?);
    let midnight = of_day(NaiveDate::from_ymd_opt(
        i32::try_from(year).ok()?,
        month,
        day,
    )?);
    let clock = text.get(10..).unwrap_or_default();
    match clock.first() {
        None => Some(midnight),
        Some(b'T' | b't' | b' ') => Some(midnight + time_of_day(&clock[1..])?),
        Some(_) => None,
    }
}

/// How a file writes its dates; decided once per file, never per row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum DateOrder {
    /// `2026-10-01` and nothing else.
    #[default]
    Iso,
    /// `10/01/2026` besides.
    MonthFirst,
    /// `01/10/2026` besides.
    DayFirst,
}

impl DateOrder {
    /// What one date says of the order of its file; nothing where it could be either.
    pub(super) fn of(text: &[u8]) -> Option<DateOrder> {
        match slashed(text) {
            None => parse(text).map(|_| DateOrder::Iso),
            Some((first, ..)) if first > 12 => Some(DateOrder::DayFirst),
            Some((_, second, ..)) if second > 12 => Some(DateOrder::MonthFirst),
            Some(_) => None,
        }
    }
}

/// Reads a moment as [`parse`] does, and dates with slashes where the file has them.
pub(super) fn parse_in(text: &[u8], order: DateOrder) -> Option<i64> {
    if order == DateOrder::Iso {
        return parse(text);
    }
    let Some((first, second, year, clock)) = slashed(text) else {
        return parse(text);
    };
    let (month, day) = match order {
        DateOrder::DayFirst => (second, first),
        _ => (first, second),
    };
    let midnight = of_day(NaiveDate::from_ymd_opt(year, month, day)?);
    match clock.first() {
        None => Some(midnight),
        Some(_) => Some(midnight + time_of_day(&clock[1..])?),
    }
}

/// The two short numbers, the year and the clock of `9/30/2026`; the clock begins with a blank or a `T`.
fn slashed(text: &[u8]) -> Option<(u32, u32, i32, &[u8])> {
    let mut parts = text.splitn(3, |b| *b == b'/');
    let (first, second, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let short = |digits: &[u8]| match digits.len() {
        1 | 2 => number(digits, 0, digits.len()).and_then(|n| u32::try_from(n).ok()),
        _ => None,
    };
    let year = i32::try_from(number(rest, 0, 4)?).ok()?;
    let clock = &rest[4..];
    let separated = clock.is_empty() || matches!(clock[0], b' ' | b'T');
    separated.then_some((short(first)?, short(second)?, year, clock))
}

/// `hh:mm[:ss[.fraction]][Z|±hh:mm| UTC]` in microseconds; the offset is taken away.
fn time_of_day(text: &[u8]) -> Option<i64> {
    let (hour, minute) = (number(text, 0, 2)?, number(text, 3, 2)?);
    if text.get(2) != Some(&b':') || hour > 24 || minute > 59 {
        return None;
    }
    let mut micros = (hour * 60 + minute) * 60_000_000;
    let mut rest = &text[5..];
    if rest.first() == Some(&b':') {
        let second = number(rest, 1, 2).filter(|&s| s < 61)?;
        micros += second * 1_000_000;
        rest = &rest[3..];
        if rest.first() == Some(&b'.') {
            let digits = rest[1..].iter().take_while(|b| b.is_ascii_digit()).count();
            let kept = digits.min(6);
            let fraction = number(rest, 1, kept).filter(|_| kept > 0)?;
            micros += fraction * 10i64.pow(u32::try_from(6 - kept).ok()?);
            rest = &rest[1 + digits..];
        }
    }
    Some(micros - offset(rest)?)
}

fn offset(text: &[u8]) -> Option<i64> {
    match text {
        b"" | b"Z" | b"z" | b" UTC" => Some(0),
        [sign @ (b'+' | b'-'), rest @ ..] => {
            let hours = number(rest, 0, 2)?;
            let minutes = match rest.len() {
                2 => 0,
                4 => number(rest, 2, 2)?,
                5 => number(rest, 3, 2)?,
                _ => return None,
            };
            let micros = (hours * 60 + minutes) * 60_000_000;
            Some(if *sign == b'-' { -micros } else { micros })
        }
        _ => None,
    }
}

fn number(text: &[u8], start: usize, length: usize) -> Option<i64> {
    let digits = text.get(start..start + length)?;
    digits.iter().try_fold(0, |n, b| {
        b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0'))
    })
}

/// The first moment of a day.
pub(super) fn of_day(day: NaiveDate) -> i64 {
    day.signed_duration_since(NaiveDate::default()).num_days() * DAY
}

/// The start of the day after the one in which a moment lies.
pub(super) fn day_after(moment: i64) -> i64 {
    (moment.div_euclid(DAY) + 1) * DAY
}

/// The day in which a moment lies.
pub(super) fn day(moment: i64) -> NaiveDate {
    DateTime::from_timestamp_micros(moment)
        .unwrap_or_default()
        .date_naive()
}

/// The month in which a moment lies.
pub(super) fn month(moment: i64) -> Month {
    Month::of(day(moment))
}

/// Start and end (not included) of the month in which a moment lies.
pub(super) fn month_around(moment: i64) -> (i64, i64) {
    let period = month(moment).period();
    (of_day(period.start), of_day(period.end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_spellings_of_bills_are_one_moment() {
        let october = parse(b"2026-10-01").unwrap();
        for same in [
            "2026-10-01T00:00:00Z",
            "2026-10-01 00:00:00.000",
            "2026-10-01T02:00:00+02:00",
            "2026-10-01T00:00Z",
            "2026-10-01 00:00:00 UTC",
        ] {
            assert_eq!(parse(same.as_bytes()), Some(october), "{same}");
        }
        assert_eq!(parse(b"1970-01-02T00:00:01.5Z"), Some(DAY + 1_500_000));
        assert_eq!(parse(b"202610"), Some(october));
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for wrong in [
            "",
            "2026-13-01",
            "202613",
            "20261001",
            "2026-02-30",
            "10/01/2026",
            "2026-10-01x",
            "2026-10-01T25:00",
            "2026-10-01T00:00:00+2",
            "NULL",
        ] {
            assert_eq!(parse(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn slash_dates_are_read_in_the_order_of_their_file() {
        let september = parse(b"2023-09-03");
        assert_eq!(parse_in(b"9/3/2023", DateOrder::MonthFirst), september);
        assert_eq!(parse_in(b"03/09/2023", DateOrder::DayFirst), september);
        assert_eq!(
            parse_in(b"09/03/2023 00:00:00", DateOrder::MonthFirst),
            september
        );
        assert_eq!(parse_in(b"2023-09-03", DateOrder::DayFirst), september);
        for (text, order) in [
            ("9/3/2023", DateOrder::Iso),
            ("30/09/2023", DateOrder::MonthFirst),
            ("9/31/2023", DateOrder::MonthFirst),
            ("9/3/23", DateOrder::MonthFirst),
            ("9/3/20231", DateOrder::MonthFirst),
            ("/3/2023", DateOrder::MonthFirst),
        ] {
            assert_eq!(parse_in(text.as_bytes(), order), None, "{text}");
        }
    }

    #[test]
    fn a_date_says_what_order_its_file_has() {
        assert_eq!(DateOrder::of(b"09/30/2023"), Some(DateOrder::MonthFirst));
        assert_eq!(DateOrder::of(b"30/09/2023"), Some(DateOrder::DayFirst));
        assert_eq!(DateOrder::of(b"2023-09-30"), Some(DateOrder::Iso));
        assert_eq!(DateOrder::of(b"02/03/2026"), None);
        assert_eq!(DateOrder::of(b"soon"), None);
    }

    #[test]
    fn months_are_found_around_moments() {
        let (start, end) = month_around(parse(b"2024-02-29T23:59:59Z").unwrap());
        assert_eq!(
            (start, end),
            (parse(b"2024-02-01").unwrap(), parse(b"2024-03-01").unwrap())
        );
        assert_eq!(month(end - 1).to_string(), "2024-02");
    }

    proptest! {
        #[test]
        fn days_are_read_back(days in -100_000i64..100_000) {
            let date = chrono::NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + chrono::Duration::days(days);
            prop_assert_eq!(parse(date.to_string().as_bytes()), Some(days * DAY));
            prop_assert_eq!(month(days * DAY), Month::of(date));
        }

        #[test]
        fn slash_dates_are_read_back(days in 0i64..40_000, padded in any::<bool>()) {
            let date = chrono::NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + chrono::Duration::days(days);
            let (american, european) = if padded {
                ("%m/%d/%Y", "%d/%m/%Y")
            } else {
                ("%-m/%-d/%Y", "%-d/%-m/%Y")
            };
            let text = |form: &str| date.format(form).to_string().into_bytes();
            prop_assert_eq!(parse_in(&text(american), DateOrder::MonthFirst), Some(days * DAY));
            prop_assert_eq!(parse_in(&text(european), DateOrder::DayFirst), Some(days * DAY));
            if let Some(order) = DateOrder::of(&text(american)) {
                prop_assert_eq!(order, DateOrder::MonthFirst);
            }
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = (parse(&bytes), DateOrder::of(&bytes), parse_in(&bytes, DateOrder::DayFirst));
        }
    }
}
