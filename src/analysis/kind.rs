//! The shape of an incident: judged over the ten days after it began, against what the week before
//! it promised. A young incident is a spike until it has lasted.

use super::anomaly::{ALERT_SIGMAS, DayScore, Flags};
use super::lasting::frozen_day;

/// Days that decide between a spike and something that stays, and between a shift and a ramp.
const SPIKE_DAYS: usize = 7;
const RAMP_DAYS: usize = 10;
/// A spike is high (over two sigmas) on at most this many of its first days.
const SPIKE_HIGH_DAYS: usize = 3;
const HIGH_SIGMAS: f64 = 2.0;
/// A ramp's excess at the end over its excess at the start.
const RAMP_GROWTH: f64 = 1.5;
/// The shape of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Up for a few days, or too young to tell.
    Spike,
    /// Up and staying there.
    LevelShift,
    /// Up and still growing.
    Ramp,
    /// Down.
    Drop,
    /// A series that did not exist before in its account.
    New,
    /// A move that another one hides in the total; see [`super::hidden`].
    Masked,
    /// A recurring charge that did not come; see [`super::missing`].
    Missing,
}

impl Kind {
    /// The published name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Spike => "spike",
            Self::LevelShift => "level_shift",
            Self::Ramp => "ramp",
            Self::Drop => "drop",
            Self::New => "new",
            Self::Masked => "masked",
            Self::Missing => "missing",
        }
    }

    /// The kind of the incident that begins on `start` and whose first alert is on `first` (indices).
    pub(super) fn of(scores: &[DayScore], start: usize, first: usize) -> Self {
        if scores[first].flags.contains(Flags::NEW) {
            return Self::New;
        }
        if scores[first].score < 0.0 {
            return Self::Drop;
        }
        let from = scores.len().min(start + RAMP_DAYS);
        let frozen = |at: usize| &scores[frozen_day(at, start)];
        let excess = |at: usize| scores[at].actual - frozen(at).expected;
        let high = |at: &usize| {
            excess(*at) * ALERT_SIGMAS > HIGH_SIGMAS * (frozen(*at).upper - frozen(*at).expected)
        };
        if (start..scores.len().min(start + SPIKE_DAYS))
            .filter(high)
            .count()
            <= SPIKE_HIGH_DAYS
        {
            return Self::Spike;
        }
        let third = (from - start) / 3;
        let early: f64 = (start..start + third).map(excess).sum();
        let late: f64 = (from - third..from).map(excess).sum();
        if late > RAMP_GROWTH * early {
            Self::Ramp
        } else {
            Self::LevelShift
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    /// Thirty days around 100 of which the eleventh is the first alert.
    fn kind_of(actual: impl Fn(usize) -> f64) -> Kind {
        let first = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        let scores: Vec<DayScore> = first
            .iter_days()
            .take(30)
            .enumerate()
            .map(|(at, day)| DayScore {
                day,
                actual: actual(at),
                expected: 100.0,
                lower: 80.0,
                upper: 120.0,
                score: (actual(at) - 100.0) / 20.0 * ALERT_SIGMAS,
                mature: true,
                flags: Flags::default(),
            })
            .collect();
        Kind::of(&scores, 10, 10)
    }

    #[test]
    fn three_high_days_are_a_spike() {
        assert_eq!(
            kind_of(|at| if (10..13).contains(&at) { 160.0 } else { 100.0 }),
            Kind::Spike
        );
    }

    #[test]
    fn days_that_stay_high_are_a_level_shift() {
        assert_eq!(
            kind_of(|at| if at >= 10 { 160.0 } else { 100.0 }),
            Kind::LevelShift
        );
    }

    #[test]
    fn days_that_keep_growing_are_a_ramp() {
        let steps = [130.0, 150.0, 180.0, 210.0, 240.0];
        assert_eq!(
            kind_of(|at| if at >= 10 {
                steps[(at.min(18) - 10) / 2]
            } else {
                100.0
            }),
            Kind::Ramp
        );
    }

    #[test]
    fn a_fall_is_a_drop() {
        assert_eq!(
            kind_of(|at| if at >= 10 { 20.0 } else { 100.0 }),
            Kind::Drop
        );
    }
}
