//! How much of the newest days has arrived: providers deliver a day's charges for one to three days.
//! Judged across the series of one provider, because one low series is a drop and fifty are a late file.

use chrono::NaiveDate;

use super::anomaly::{DayScore, Flags};
use super::robust::median;

/// Newest days that are looked at.
pub const NEWEST_DAYS: u64 = 4;
/// Fewest series of one provider that can say something about a day.
const FEWEST_SERIES: usize = 8;
/// A day at least this complete is complete: half the series are below their expectation any day.
pub const COMPLETE: f64 = 0.95;

/// The share of each of the newest [`NEWEST_DAYS`] days up to `last` that has arrived, oldest first: 0
/// to 1, and 1 where nothing is missing. `None` when the provider has too few steady series to tell;
/// the fixed rule of [`super::anomaly::Options::provisional_days`] then stays.
pub fn completeness(series: &[&[DayScore]], last: NaiveDate) -> Option<Vec<f64>> {
    (0..NEWEST_DAYS)
        .rev()
        .map(|back| share(series, last.checked_sub_days(chrono::Days::new(back))?))
        .collect()
}

fn share(series: &[&[DayScore]], day: NaiveDate) -> Option<f64> {
    let ratio = |scores: &&[DayScore]| {
        let at = scores.partition_point(|one| one.day < day);
        let one = scores.get(at).filter(|one| one.day == day)?;
        let odd = [Flags::NEW, Flags::OFF, Flags::INTERMITTENT, Flags::CALENDAR];
        let is_steady = one.expected > 1.0 && !odd.iter().any(|flag| one.flags.contains(*flag));
        is_steady.then(|| (one.actual / one.expected).clamp(0.0, 2.0))
    };
    let mut ratios: Vec<f64> = series.iter().filter_map(ratio).collect();
    if ratios.len() < FEWEST_SERIES {
        return None;
    }
    let middle = median(&mut ratios);
    Some(if middle >= COMPLETE { 1.0 } else { middle })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 10).unwrap()
    }

    /// The four newest days of a series that costs 100, with these parts of them.
    fn days(parts: [f64; 4]) -> Vec<DayScore> {
        (0_u64..4)
            .zip(parts)
            .map(|(at, part)| DayScore {
                day: last() - chrono::Days::new(3 - at),
                actual: 100.0 * part,
                expected: 100.0,
                lower: 80.0,
                upper: 120.0,
                score: 0.0,
                mature: true,
                flags: Flags::default(),
            })
            .collect()
    }

    fn of(series: &[Vec<DayScore>]) -> Option<Vec<f64>> {
        let series: Vec<&[DayScore]> = series.iter().map(Vec::as_slice).collect();
        completeness(&series, last())
    }

    #[test]
    fn a_late_day_is_late_in_all_series() {
        let late: Vec<_> = (0..9).map(|_| days([1.0, 1.02, 0.9, 0.5])).collect();
        assert_eq!(of(&late), Some(vec![1.0, 1.0, 0.9, 0.5]));
    }

    #[test]
    fn one_low_series_is_no_late_day() {
        let mut series: Vec<_> = (0..9).map(|_| days([1.0; 4])).collect();
        series.push(days([1.0, 0.1, 0.1, 0.1]));
        assert_eq!(of(&series), Some(vec![1.0; 4]));
    }

    #[test]
    fn few_series_cannot_tell() {
        assert_eq!(of(&[days([1.0; 4]), days([1.0; 4])]), None);
    }
}
