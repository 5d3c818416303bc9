//! From scored days to incidents a person can act on: neighbouring alert days of one sign are one
//! incident, with its kind, its money and its severity. Small money is gated out here, not in the
//! scores, so that the scores stay comparable and the gates stay visible.

use chrono::{NaiveDate, TimeDelta};

use super::anomaly::{ALERT_SIGMAS, DayScore, Flags};
pub use super::kind::Kind;
use super::lasting::{lasting, promised};

/// Alert days at most this far apart belong to one incident.
const LARGEST_GAP: i64 = 3;
/// Least sigmas of the days before an alert that belong to its run, and the most such days.
const RUN_SIGMAS: f64 = 0.5;
const RUN_DAYS: usize = 6;

/// What must be exceeded, all three, before an incident is reported.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gates {
    /// Least peak score, in sigmas.
    pub sigmas: f64,
    /// Least cumulative impact, in the currency of the series. Five, as common products default to:
    /// percent alone floods people with pennies.
    pub impact: f64,
    /// Least cumulative impact in percent of the expected cost: money alone hides small series.
    pub percent: f64,
}

impl Default for Gates {
    fn default() -> Self {
        Self {
            sigmas: ALERT_SIGMAS,
            impact: 5.0,
            percent: 10.0,
        }
    }
}

/// How much an incident matters: money first, certainty second.
///
/// Counted in multiples of the impact gate: below 20 low, from 20 medium, from 100 high, from 1000
/// critical (100, 500 and 5000 at the default gate of 5). High and critical need a peak of at least
/// five sigmas, otherwise the incident is one step lower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth a line in the report.
    Low,
    /// Worth a look this week.
    Medium,
    /// Worth a look today.
    High,
    /// Worth a call.
    Critical,
}

impl Severity {
    /// The published name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    pub(super) fn of(impact: f64, score: f64, gates: &Gates) -> Self {
        let certain = score.abs() >= 5.0;
        let gate = if gates.impact > 0.0 {
            gates.impact
        } else {
            Gates::default().impact
        };
        match (impact.abs() / gate, certain) {
            (multiple, true) if multiple >= 1000.0 => Self::Critical,
            (multiple, certain) if multiple >= 1000.0 || (multiple >= 100.0 && certain) => {
                Self::High
            }
            (multiple, _) if multiple >= 20.0 => Self::Medium,
            _ => Self::Low,
        }
    }
}

/// Neighbouring alert days of one sign. Costs are sums over `first_day..=last_day`, in currency.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// First day that moved.
    pub first_day: NaiveDate,
    /// Last alert day.
    pub last_day: NaiveDate,
    /// Shape.
    pub kind: Kind,
    /// Weight.
    pub severity: Severity,
    /// Signed sigmas of the strongest day.
    pub score: f64,
    /// What the days cost.
    pub actual: f64,
    /// What they should have cost.
    pub expected: f64,
    /// Actual minus expected.
    pub impact: f64,
    /// Impact in percent of the expected cost; `None` when nothing was expected.
    pub impact_pct: Option<f64>,
    /// The newest scored days still belong to it: kind and impact may change.
    pub open: bool,
    /// Its level was accepted: the days after `last_day` cost as much, but that is the expected now.
    pub rebased: bool,
    /// Last day of the whole event: later than `last_day` where an accepted level went on, at most 90
    /// days after `first_day`.
    pub lasts_until: NaiveDate,
    /// What `first_day..=lasts_until` cost beyond what the week before the event promised.
    pub lasting_impact: f64,
}

/// The incidents of one series that pass the gates, oldest first. `scores` are in day order.
pub fn incidents(scores: &[DayScore], gates: &Gates) -> Vec<Incident> {
    let mut found = Vec::new();
    let mut next = 0;
    while let Some(first) = (next..scores.len()).find(|at| is_alert(&scores[*at], gates)) {
        let last = last_alert(scores, first, gates);
        let incident = describe(scores, run_start(scores, first, next), first, last, gates);
        if passes(&incident, gates) {
            found.push(incident);
        }
        next = last + 1;
    }
    found
}

fn is_alert(day: &DayScore, gates: &Gates) -> bool {
    day.score.abs() >= gates.sigmas
}

fn last_alert(scores: &[DayScore], first: usize, gates: &Gates) -> usize {
    let mut last = first;
    for at in first + 1..scores.len() {
        if scores[at].day - scores[last].day > TimeDelta::days(LARGEST_GAP) {
            break;
        }
        if !is_alert(&scores[at], gates) {
            continue;
        }
        let same_story = scores[at].score * scores[first].score > 0.0
            && scores[at].flags.contains(Flags::NEW) == scores[first].flags.contains(Flags::NEW);
        if !same_story {
            break;
        }
        last = at;
    }
    last
}

/// A run is noticed late: the days that made it belong to the incident.
fn run_start(scores: &[DayScore], first: usize, earliest: usize) -> usize {
    if !scores[first].flags.contains(Flags::RUN) {
        return first;
    }
    let sign = scores[first].score.signum();
    let moved = |at: &usize| scores[*at].score * sign >= RUN_SIGMAS;
    (earliest..first)
        .rev()
        .take(RUN_DAYS)
        .take_while(moved)
        .last()
        .unwrap_or(first)
}

fn describe(
    scores: &[DayScore],
    start: usize,
    first: usize,
    last: usize,
    gates: &Gates,
) -> Incident {
    let days = &scores[start..=last];
    let kind = Kind::of(scores, start, first);
    let stays = matches!(kind, Kind::LevelShift | Kind::Ramp | Kind::Drop);
    let promised = |at: usize| {
        if stays {
            promised(scores, at, start)
        } else {
            scores[at].expected
        }
    };
    let actual: f64 = days.iter().map(|day| day.actual).sum();
    let expected: f64 = (start..=last).map(promised).sum();
    let impact = actual - expected;
    let score = days
        .iter()
        .map(|day| day.score)
        .fold(0.0, |peak: f64, score| {
            if score.abs() > peak.abs() {
                score
            } else {
                peak
            }
        });
    let newest = scores[scores.len() - 1].day;
    let rebased = days.iter().any(|day| day.flags.contains(Flags::REBASED));
    let whole = Some(lasting(scores, start)).filter(|(days, _)| rebased && days.end > last + 1);
    let (lasts_until, lasting_impact) = whole
        .map_or((scores[last].day, impact), |(days, impact)| {
            (scores[days.end - 1].day, impact)
        });
    Incident {
        first_day: scores[start].day,
        last_day: scores[last].day,
        kind,
        severity: Severity::of(impact, score, gates),
        score,
        actual,
        expected,
        impact,
        impact_pct: (expected.abs() > f64::EPSILON).then(|| 100.0 * impact / expected.abs()),
        open: newest - scores[last].day <= TimeDelta::days(LARGEST_GAP),
        rebased,
        lasts_until,
        lasting_impact,
    }
}

fn passes(incident: &Incident, gates: &Gates) -> bool {
    incident.score.abs() >= gates.sigmas
        && incident.impact.abs() >= gates.impact
        && incident
            .impact_pct
            .is_none_or(|percent| percent.abs() >= gates.percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(at: u64, actual: f64, score: f64) -> DayScore {
        let first = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        DayScore {
            day: first + chrono::Days::new(at),
            actual,
            expected: 100.0,
            lower: 80.0,
            upper: 120.0,
            score,
            mature: true,
            flags: Flags::default(),
        }
    }

    fn month(actual: impl Fn(u64) -> f64) -> Vec<DayScore> {
        (0..30)
            .map(|at| day(at, actual(at), (actual(at) - 100.0) / 20.0 * 3.5))
            .collect()
    }

    fn found(actual: impl Fn(u64) -> f64) -> Vec<Incident> {
        incidents(&month(actual), &Gates::default())
    }

    #[test]
    fn one_high_day_is_a_spike_with_its_money() {
        let found = found(|at| if at == 10 { 160.0 } else { 100.0 });
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].kind, Kind::Spike);
        assert_eq!(found[0].first_day, found[0].last_day);
        assert!((found[0].impact - 60.0).abs() < 1e-9);
        assert!((found[0].impact_pct.unwrap() - 60.0).abs() < 1e-9);
    }

    #[test]
    fn alert_days_three_apart_are_one_incident_and_four_apart_are_two() {
        let pair = |gap: u64| {
            found(move |at| {
                if at == 10 || at == 10 + gap {
                    160.0
                } else {
                    100.0
                }
            })
            .len()
        };
        assert_eq!((pair(3), pair(4)), (1, 2));
    }

    #[test]
    fn pennies_and_small_percentages_stay_behind_the_gates() {
        let scores: Vec<_> = month(|at| if at == 10 { 160.0 } else { 100.0 });
        assert!(
            incidents(
                &scores,
                &Gates {
                    impact: 100.0,
                    ..Gates::default()
                }
            )
            .is_empty()
        );
        assert!(
            incidents(
                &scores,
                &Gates {
                    percent: 61.0,
                    ..Gates::default()
                }
            )
            .is_empty()
        );
        assert!(
            incidents(
                &scores,
                &Gates {
                    sigmas: 12.0,
                    ..Gates::default()
                }
            )
            .is_empty()
        );
    }

    #[test]
    fn a_run_begins_with_the_days_that_made_it() {
        let mut scores = month(|at| {
            if (10..=12).contains(&at) {
                112.0
            } else {
                100.0
            }
        });
        scores[12].score = 4.0;
        scores[12].flags = Flags::RUN;
        let found = incidents(&scores, &Gates::default());
        assert_eq!(found[0].first_day, scores[10].day);
    }

    #[test]
    fn severity_needs_money_and_certainty() {
        let gates = Gates::default();
        assert_eq!(Severity::of(99.0, 40.0, &gates), Severity::Low);
        assert_eq!(Severity::of(-600.0, -4.0, &gates), Severity::Medium);
        assert_eq!(Severity::of(600.0, 6.0, &gates), Severity::High);
        assert_eq!(Severity::of(6000.0, 4.0, &gates), Severity::High);
        assert_eq!(Severity::of(6000.0, 6.0, &gates), Severity::Critical);
    }

    #[test]
    fn an_accepted_level_costs_until_it_comes_back() {
        let mut scores = month(|at| if (10..20).contains(&at) { 160.0 } else { 100.0 });
        for day in &mut scores[16..] {
            day.score = 0.0;
        }
        scores[15].flags = Flags::REBASED;
        let found = incidents(&scores, &Gates::default());
        assert!((found[0].impact - 360.0).abs() < 1e-9);
        assert!((found[0].lasting_impact - 600.0).abs() < 1e-9);
        assert_eq!(found[0].lasts_until, scores[19].day);
        assert!(found[0].rebased);
    }

    #[test]
    fn no_days_no_incidents() {
        assert!(incidents(&[], &Gates::default()).is_empty());
    }
}
