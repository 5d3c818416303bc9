//! Billing months, with the text of every hour ready.

use super::Fault;
use chrono::{DateTime, Months, NaiveDate, TimeDelta};

/// The newest month of every bill: closed on the day that the runs believe it is.
const NEWEST: (i32, u32) = (2026, 10);
/// The day that the runs believe it is.
pub(crate) const TODAY: &str = "2026-11-15";
/// The day after.
pub(crate) const DAY_AFTER: &str = "2026-11-16";

/// A billing month.
#[derive(Debug)]
pub(super) struct Month {
    /// `2026-10`
    pub(super) name: String,
    pub(super) hours: usize,
    /// Milliseconds since 1970 at the start.
    start: i64,
    /// `2026-10-01T00:00:00Z` and every hour up to the start of the next month.
    stamps: Vec<String>,
}

impl Month {
    /// The month so many months before the newest.
    pub(super) fn before_newest(months: u32) -> Result<Self, Fault> {
        let newest = NaiveDate::from_ymd_opt(NEWEST.0, NEWEST.1, 1);
        let first = newest.and_then(|newest| newest.checked_sub_months(Months::new(months)));
        let next = first.and_then(|first| first.checked_add_months(Months::new(1)));
        let (Some(first), Some(next)) = (first, next) else {
            return Err("too many months".into());
        };
        let start = first.and_hms_opt(0, 0, 0).unwrap_or_default().and_utc();
        let hours = usize::try_from((next - first).num_hours())?;
        let stamp = |hour| {
            let moment: DateTime<chrono::Utc> = start + TimeDelta::hours(hour);
            moment.format("%Y-%m-%dT%H:%M:%SZ").to_string()
        };
        Ok(Self {
            name: first.format("%Y-%m").to_string(),
            hours,
            start: start.timestamp_millis(),
            stamps: (0..=i64::try_from(hours)?).map(stamp).collect(),
        })
    }

    /// The text of an hour.
    pub(super) fn stamp(&self, hour: usize) -> &str {
        &self.stamps[hour.min(self.hours)]
    }

    /// An hour in milliseconds since 1970.
    pub(super) fn millis(&self, hour: usize) -> i64 {
        self.start + i64::try_from(hour).unwrap_or(0) * 3_600_000
    }
}
