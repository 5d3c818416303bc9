//! Planned events: a sales day, a migration, a load test. They widen what is expected on their days, up
//! to the size that was planned; what goes beyond is an anomaly all the same.

use chrono::NaiveDate;

use super::anomaly::{ALERT_SIGMAS, DayScore, Flags};

/// One event of `calendar.toml`.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// What people call it.
    pub name: String,
    /// First day.
    pub first_day: NaiveDate,
    /// Last day.
    pub last_day: NaiveDate,
    /// Sub-account, empty for any.
    pub account: String,
    /// Service, empty for any.
    pub service: String,
    /// Planned rise in percent of the expectation; zero for none.
    pub rise_percent: f64,
    /// Planned fall in percent of the expectation, 0 to 100; zero for none.
    pub fall_percent: f64,
}

impl Planned {
    /// Whether the event speaks of this series.
    pub fn is_of(&self, account: &str, service: &str) -> bool {
        (self.account.is_empty() || self.account == account)
            && (self.service.is_empty() || self.service == service)
    }
}

/// Widens the range of the event's days, and lowers their scores to what the wider range leaves.
pub fn widen(scores: &mut [DayScore], event: &Planned) {
    let is_on = |day: &&mut DayScore| event.first_day <= day.day && day.day <= event.last_day;
    for day in scores.iter_mut().filter(is_on) {
        let size = day.expected.abs() / 100.0;
        day.upper += size * percent(event.rise_percent);
        day.lower -= size * percent(event.fall_percent).min(100.0);
        day.flags = day.flags.with(Flags::PLANNED);
        let moved = day.actual - day.expected;
        let room = if moved < 0.0 {
            day.expected - day.lower
        } else {
            day.upper - day.expected
        };
        if room > 0.0 {
            let left = ALERT_SIGMAS * moved / room;
            day.score = left.clamp(-day.score.abs(), day.score.abs());
        }
    }
}

fn percent(planned: f64) -> f64 {
    if planned.is_finite() {
        planned.clamp(0.0, 1e6)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The score of a day at 100 expected, 80 to 120 usual, under a plan of 50 % more.
    fn score_of(actual: f64, day: u32) -> f64 {
        let date = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let mut scores = [DayScore {
            day: date(day),
            actual,
            expected: 100.0,
            lower: 80.0,
            upper: 120.0,
            score: (actual - 100.0) / 20.0 * ALERT_SIGMAS,
            mature: true,
            flags: Flags::default(),
        }];
        let event = Planned {
            name: "sales day".to_owned(),
            first_day: date(27),
            last_day: date(28),
            account: String::new(),
            service: String::new(),
            rise_percent: 50.0,
            fall_percent: 0.0,
        };
        widen(&mut scores, &event);
        scores[0].score
    }

    #[test]
    fn a_planned_rise_is_no_alert_and_a_larger_one_is() {
        assert!(score_of(160.0, 27) < ALERT_SIGMAS);
        assert!(score_of(180.0, 27) > ALERT_SIGMAS);
    }

    #[test]
    fn other_days_and_falls_are_judged_as_ever() {
        assert!(score_of(160.0, 26) > ALERT_SIGMAS);
        assert!(score_of(60.0, 27) < -ALERT_SIGMAS);
    }
}
