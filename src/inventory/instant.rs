//! The instants that inventories and metrics print, as Unix seconds. No time zone names, no day-first dates:
//! what could be read in two ways is refused.

use chrono::{DateTime, NaiveDate};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Unix seconds of RFC 3339, `YYYY-MM-DD[ HH:MM[:SS]]` (UTC where no offset is given), or Unix time in
/// seconds (9–11 digits) or milliseconds (12–14 digits).
pub(super) fn seconds(text: &[u8]) -> Option<i64> {
    let text = text.trim_ascii();
    if text.get(4) == Some(&b'-') {
        calendar(text)
    } else {
        unix(text)
    }
}

/// Reads instants that mostly share their day with the one before.
#[derive(Default)]
pub(super) struct Clock {
    date: [u8; 10],
    midnight: i64,
}

impl Clock {
    /// As [`seconds`].
    pub(super) fn seconds(&mut self, text: &[u8]) -> Option<i64> {
        let text = text.trim_ascii();
        if let Some((date, [b'T' | b' ', clock @ ..])) = text.split_at_checked(10) {
            if *date == self.date {
                return Some(self.midnight + time_of_day(clock)?);
            }
            if let Some(midnight) = calendar(date) {
                self.date.copy_from_slice(date);
                self.midnight = midnight;
            }
        }
        seconds(text)
    }
}

/// The UTC day of such an instant.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    let second = seconds(text.as_bytes())?;
    DateTime::from_timestamp(second, 0).map(|instant| instant.date_naive())
}

/// Fewer than nine digits would be a compact date or a spreadsheet's serial day, not an instant since 1973.
fn unix(text: &[u8]) -> Option<i64> {
    let (whole, fraction) = match text.iter().position(|&byte| byte == b'.') {
        Some(dot) => (&text[..dot], &text[dot + 1..]),
        None => (text, &b"0"[..]),
    };
    number(fraction)?;
    match whole.len() {
        9..=11 => number(whole),
        12..=14 => number(whole).map(|milliseconds| milliseconds / 1000),
        _ => None,
    }
}

fn calendar(text: &[u8]) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    if date[7] != b'-' {
        return None;
    }
    let year = i32::try_from(number(&date[..4])?).ok()?;
    let month = u32::try_from(number(&date[5..7])?).ok()?;
    let day = u32::try_from(number(&date[8..])?).ok()?;
    let midnight = i64::from(NaiveDate::from_ymd_opt(year, month, day)?.to_epoch_days()) * DAY;
    match rest {
        [] => Some(midnight),
        [b'T' | b't' | b' ', clock @ ..] => Some(midnight + time_of_day(clock)?),
        _ => None,
    }
}

/// `HH:MM[:SS[.fraction]]` and an offset; seconds since midnight UTC.
fn time_of_day(clock: &[u8]) -> Option<i64> {
    let (minutes, mut rest) = clock.split_at_checked(5)?;
    let mut seconds = hours_and_minutes(minutes)?;
    if let [b':', after @ ..] = rest {
        let (digits, after) = after.split_at_checked(2)?;
        seconds += number(digits).filter(|&second| second <= 60)?;
        rest = after;
        if let [b'.', fraction @ ..] = rest {
            let digits = fraction
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            rest = &fraction[digits..];
        }
    }
    Some(seconds - offset(rest.trim_ascii())?)
}

/// Seconds east of UTC.
fn offset(text: &[u8]) -> Option<i64> {
    let (sign, digits) = match text {
        [] | [b'Z' | b'z'] | b"UTC" | b"GMT" => return Some(0),
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let east = match digits {
        [h, i] => hours_and_minutes(&[*h, *i, b':', b'0', b'0']),
        [h, i, m, n] => hours_and_minutes(&[*h, *i, b':', *m, *n]),
        _ => hours_and_minutes(digits),
    };
    east.map(|seconds| sign * seconds)
}

/// `HH:MM` in seconds.
fn hours_and_minutes(text: &[u8]) -> Option<i64> {
    let [h, i, b':', m, n] = text else {
        return None;
    };
    let hours = number(&[*h, *i]).filter(|&hours| hours < 24)?;
    let minutes = number(&[*m, *n]).filter(|&minutes| minutes < 60)?;
    Some(hours * 3600 + minutes * 60)
}

/// Digits only, at most 18.
fn number(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    digits.iter().try_fold(0, |sum, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + i64::from(byte - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_instant_in_every_spelling_that_providers_print() {
        for text in [
            "2026-03-04T00:13:36Z",
            "2026-03-04T00:13:36.123456+00:00",
            "2026-03-03T19:13:36-0500",
            "2026-03-04T02:13:36+02",
            "2026-03-04 00:13:36",
            " 2026-03-04 00:13:36+00:00 ",
            "2026-03-04 00:13:36 UTC",
            "1772583216",
            "1772583216.0",
            "1772583216000",
        ] {
            assert_eq!(seconds(text.as_bytes()), Some(1_772_583_216), "{text}");
        }
    }

    #[test]
    fn a_clock_reads_as_without_one() {
        let mut clock = Clock::default();
        for text in [
            "2026-03-04T00:13:36Z",
            "2026-03-04T23:13:36+02",
            "2026-03-05 00:13",
            "2026-02-30T00:00:00Z",
            "2026-03-05T24:00:00Z",
            "1772583216",
            "2026-03-05",
        ] {
            let text = text.as_bytes();
            assert_eq!(clock.seconds(text), seconds(text));
            assert_eq!(clock.seconds(text), seconds(text));
        }
    }

    #[test]
    fn a_bare_day_is_its_midnight() {
        assert_eq!(seconds(b"1970-01-02"), Some(DAY));
        assert_eq!(
            day("2026-03-04T23:30:00-05:00"),
            NaiveDate::from_ymd_opt(2026, 3, 5)
        );
    }

    #[test]
    fn what_is_unclear_or_impossible_is_refused() {
        for text in [
            "",
            "04/03/2026",
            "20260304",
            "46085.5",
            "2026-02-30",
            "2026-03-04T24:00:00Z",
            "2026-03-04T00:61",
            "2026-03-04T00:13:36 PST",
            "2026-3-4",
            "-1772583216",
            "1.77E9",
            "2026-03-04T",
            "2026-03-04T00:13:36.Zx",
        ] {
            assert_eq!(seconds(text.as_bytes()), None, "{text}");
        }
    }
}
