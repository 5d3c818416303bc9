//! What became of an incident since the last run: new, still open, accepted as the new level, closed.
//! A pure comparison of what the last run remembered with what this one found.

use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use super::incident::Incident;

/// Days by which the same incident may begin earlier or end later than the last run thought.
const SLACK_DAYS: i64 = 3;

/// The life of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Seen for the first time, and still going on.
    New,
    /// Known from an earlier run, and still going on.
    Open,
    /// The level it led to is the expected one now.
    Rebased,
    /// Over.
    Closed,
}

impl State {
    /// The published name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::Rebased => "rebased",
            Self::Closed => "closed",
        }
    }
}

/// What a run remembers of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// The series, in whatever words the caller names it.
    pub series: String,
    /// First day.
    pub first_day: NaiveDate,
    /// Last day.
    pub last_day: NaiveDate,
    /// The day of the run that first told of it.
    pub seen: NaiveDate,
}

/// The state of one incident, given what the last run remembered.
pub fn state(before: &[Remembered], series: &str, incident: &Incident) -> State {
    if incident.rebased {
        return State::Rebased;
    }
    if !incident.open {
        return State::Closed;
    }
    let same = |one: &Remembered| is_same(one, series, incident);
    if before.iter().any(same) {
        State::Open
    } else {
        State::New
    }
}

/// The day of the run that first told of an incident: `today`, if none did.
pub fn first_seen(
    before: &[Remembered],
    series: &str,
    incident: &Incident,
    today: NaiveDate,
) -> NaiveDate {
    let known = before.iter().filter(|one| is_same(one, series, incident));
    known.map(|one| one.seen).min().unwrap_or(today)
}

fn is_same(one: &Remembered, series: &str, incident: &Incident) -> bool {
    let slack = TimeDelta::days(SLACK_DAYS);
    one.series == series
        && one.first_day <= incident.last_day + slack
        && incident.first_day <= one.last_day + slack
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::incident::{Kind, Severity};

    fn date(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
    }

    fn incident(open: bool, rebased: bool) -> Incident {
        Incident {
            first_day: date(10),
            last_day: date(12),
            kind: Kind::Spike,
            severity: Severity::Low,
            score: 5.0,
            actual: 200.0,
            expected: 100.0,
            impact: 100.0,
            impact_pct: Some(100.0),
            open,
            rebased,
            lasts_until: date(12),
            lasting_impact: 100.0,
        }
    }

    fn remembered(series: &str, first: u32, last: u32) -> Remembered {
        Remembered {
            series: series.to_owned(),
            first_day: date(first),
            last_day: date(last),
            seen: date(last),
        }
    }

    #[test]
    fn an_incident_is_new_once() {
        let open = incident(true, false);
        assert_eq!(state(&[], "a", &open), State::New);
        assert_eq!(state(&[remembered("a", 9, 11)], "a", &open), State::Open);
        assert_eq!(state(&[remembered("b", 9, 11)], "a", &open), State::New);
        assert_eq!(state(&[remembered("a", 1, 3)], "a", &open), State::New);
    }

    #[test]
    fn an_accepted_level_is_rebased_and_an_old_incident_closed() {
        assert_eq!(state(&[], "a", &incident(true, true)), State::Rebased);
        assert_eq!(state(&[], "a", &incident(false, false)), State::Closed);
    }

    #[test]
    fn the_run_that_saw_it_first_is_known() {
        let before = [remembered("a", 9, 11), remembered("b", 9, 10)];
        let open = incident(true, false);
        assert_eq!(first_seen(&before, "a", &open, date(13)), date(11));
        assert_eq!(first_seen(&before, "c", &open, date(13)), date(13));
    }
}
