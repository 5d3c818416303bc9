//! Hourly series by the daily method: each hour of the day is a daily series of its own, so that an
//! hour is compared with the same hour of the same weekday. It adds no rule.

use chrono::{NaiveDate, NaiveDateTime};

use super::anomaly::{DayScore, Options, score};

/// Hours of a day.
const HOURS: usize = 24;

/// Scores an hourly series, `values[0]` being midnight of `first_day` and gaps being zero. Each hour
/// with what the same hour of the days before promised, in order of time; the first hours appear after
/// three weeks.
pub fn score_hours(
    first_day: NaiveDate,
    values: &[f64],
    options: &Options,
) -> Vec<(NaiveDateTime, DayScore)> {
    let mut scores = Vec::with_capacity(values.len());
    for (hour, clock) in (0..HOURS).zip(0_u32..) {
        let one: Vec<f64> = values.iter().copied().skip(hour).step_by(HOURS).collect();
        let of_hour = score(first_day, &one, options).into_iter();
        scores.extend(of_hour.filter_map(|day| Some((day.day.and_hms_opt(clock, 0, 0)?, day))));
    }
    scores.sort_by_key(|(time, _)| *time);
    scores
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::anomaly::ALERT_SIGMAS;

    #[test]
    fn a_dear_night_hour_is_found_though_noon_costs_more() {
        let first = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
        let cost = |hour: usize| {
            let wobble = [1.0, 1.02, 0.99, 1.01, 0.98][hour % 5];
            wobble * if hour % 24 < 8 { 10.0 } else { 50.0 }
        };
        let mut costs: Vec<f64> = (0..24 * 40).map(cost).collect();
        costs[24 * 35 + 3] = 40.0;
        let scores = score_hours(first, &costs, &Options::default());
        let alerts: Vec<_> = scores
            .iter()
            .filter(|(_, day)| day.score.abs() >= ALERT_SIGMAS)
            .map(|(time, _)| time.to_string())
            .collect();
        assert_eq!(alerts, ["2026-02-09 03:00:00"]);
    }

    #[test]
    fn no_hours_no_scores() {
        let first = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
        assert!(score_hours(first, &[], &Options::default()).is_empty());
        assert!(score_hours(first, &[1.0; 30], &Options::default()).is_empty());
    }
}
