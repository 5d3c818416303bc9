//! What people said about incidents: expected, planned until a day, or ignore. It mutes an incident and
//! says why; it never changes a score, so that the next run can be compared with this one.

use chrono::NaiveDate;

use super::incident::Incident;

/// What somebody decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// This incident was expected.
    Expected,
    /// Incidents up to and including this day are planned.
    PlannedUntil(NaiveDate),
    /// Never report this series (or these lines) again.
    Ignore,
}

impl Decision {
    /// The published name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::PlannedUntil(_) => "planned",
            Self::Ignore => "ignore",
        }
    }
}

/// One row of `anomaly_feedback.csv`. An empty account or service means any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    /// Sub-account, empty for any.
    pub account: String,
    /// Service, empty for any.
    pub service: String,
    /// Any day of the incident that is meant; `None` for all days.
    pub day: Option<NaiveDate>,
    /// What was decided.
    pub decision: Decision,
    /// Why, in the words of whoever decided.
    pub note: String,
}

/// Reads the decision of one row: `expected`, `ignore`, or `planned` with its last day.
pub fn decision(word: &str, until: Option<NaiveDate>) -> Result<Decision, &'static str> {
    match (word.trim(), until) {
        ("expected", None) => Ok(Decision::Expected),
        ("ignore", None) => Ok(Decision::Ignore),
        ("planned", Some(day)) => Ok(Decision::PlannedUntil(day)),
        ("planned", None) => Err("`planned` needs a day in `Until`"),
        ("expected" | "ignore", Some(_)) => Err("only `planned` has a day in `Until`"),
        _ => Err("not `expected`, `planned` or `ignore`"),
    }
}

/// What mutes an incident: the last row that speaks of it, since later rows correct earlier ones.
pub fn muted_by<'a>(
    feedback: &'a [Feedback],
    account: &str,
    service: &str,
    incident: &Incident,
) -> Option<&'a Feedback> {
    let is_meant = |one: &&Feedback| {
        let of_series = (one.account.is_empty() || one.account == account)
            && (one.service.is_empty() || one.service == service);
        let on_day = one
            .day
            .is_none_or(|day| incident.first_day <= day && day <= incident.last_day);
        let in_time = match one.decision {
            Decision::PlannedUntil(last) => incident.first_day <= last,
            Decision::Expected => one.day.is_some(),
            Decision::Ignore => true,
        };
        of_series && on_day && in_time
    };
    feedback.iter().rev().find(is_meant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::anomaly::{DayScore, Flags};
    use crate::analysis::incident::{Gates, incidents};

    fn date(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
    }

    /// An incident on the tenth.
    fn incident() -> Incident {
        let scores: Vec<DayScore> = (1..=20)
            .map(|at| DayScore {
                day: date(at),
                actual: if at == 10 { 200.0 } else { 100.0 },
                expected: 100.0,
                lower: 80.0,
                upper: 120.0,
                score: if at == 10 { 9.0 } else { 0.0 },
                mature: true,
                flags: Flags::default(),
            })
            .collect();
        incidents(&scores, &Gates::default()).remove(0)
    }

    fn row(account: &str, day: Option<u32>, decision: Decision) -> Feedback {
        Feedback {
            account: account.to_owned(),
            service: String::new(),
            day: day.map(date),
            decision,
            note: "load test".to_owned(),
        }
    }

    fn mutes(one: Feedback) -> bool {
        muted_by(&[one], "prod", "EC2", &incident()).is_some()
    }

    #[test]
    fn an_expected_day_mutes_its_own_incident_only() {
        assert!(mutes(row("prod", Some(10), Decision::Expected)));
        assert!(!mutes(row("prod", Some(11), Decision::Expected)));
        assert!(!mutes(row("dev", Some(10), Decision::Expected)));
        assert!(!mutes(row("prod", None, Decision::Expected)));
    }

    #[test]
    fn a_plan_ends_and_ignoring_does_not() {
        assert!(mutes(row("", None, Decision::PlannedUntil(date(10)))));
        assert!(!mutes(row("", None, Decision::PlannedUntil(date(9)))));
        assert!(mutes(row("", None, Decision::Ignore)));
    }

    #[test]
    fn words_are_checked() {
        assert_eq!(decision("ignore", None), Ok(Decision::Ignore));
        assert!(decision("planned", None).is_err());
        assert!(decision("maybe", None).is_err());
    }
}
