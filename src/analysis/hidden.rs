//! Moves that the total hides: one region, SKU or resource rises by what another falls, or a region
//! begins small. Parts are scored by the same method as the total; what the total already reports is
//! not said twice, and noise of a part that the total shares is not said at all.

use chrono::TimeDelta;

use super::anomaly::{DayScore, Flags};
use super::incident::{Gates, Incident, Kind, incidents};

/// Least peak of a part, in sigmas: a series has many parts, and each more is one more chance to err.
const PART_SIGMAS: f64 = 4.0;
/// Least share of the total's expected cost that a part must move.
const LEAST_SHARE: f64 = 0.05;
/// Most of the part's move that may show in the total: otherwise nothing was hidden, only small.
const MOST_SHOWN: f64 = 0.5;
/// A rise of a part that the total shows but cannot tell from its noise: least sigmas and share.
const CLEAR_SIGMAS: f64 = 4.5;
const CLEAR_SHARE: f64 = 0.15;
/// Days around an incident of the total in which its parts say nothing of their own: its echo.
const ECHO_DAYS: i64 = 4;
/// Parts that begin to move within this time tell one story; what follows soon after is its end.
const TOGETHER: TimeDelta = TimeDelta::days(3);
/// Least mean cost of a part per day, as a share of the total: smaller parts are not scored.
pub const PART_FLOOR: f64 = 0.05;

/// One value of one dimension, scored like a series of its own. The caller leaves out parts that are
/// the whole, and parts whose mean cost is under [`PART_FLOOR`] of the total.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// Its days; the same days as the total's, or fewer.
    pub scores: &'a [DayScore],
    /// A value that did not exist before is news: true for regions and services, false for
    /// resources, which come and go.
    pub may_be_new: bool,
}

/// The incidents of parts that no incident of the total tells, each with the index of its part, oldest
/// first. Where several parts tell the same story, the strongest does.
pub fn hidden(
    total: &[DayScore],
    told: &[Incident],
    parts: &[Part<'_>],
    gates: &Gates,
) -> Vec<(usize, Incident)> {
    let strict = Gates {
        sigmas: gates.sigmas.max(PART_SIGMAS),
        ..*gates
    };
    let mut found: Vec<(usize, Incident)> = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let own = incidents(part.scores, &strict).into_iter();
        found.extend(
            own.filter_map(|one| story(total, told, part, one))
                .map(|one| (at, one)),
        );
    }
    found.sort_by_key(|(at, one)| (one.first_day, *at));
    let mut kept: Vec<(usize, Incident)> = Vec::new();
    while let Some(earliest) = found.first().map(|(_, one)| one.first_day) {
        let begins_with_it = |one: &Incident| one.first_day - earliest <= TOGETHER;
        let strongest = found
            .iter()
            .filter(|(_, one)| begins_with_it(one))
            .max_by(|(a, x), (b, y)| x.score.abs().total_cmp(&y.score.abs()).then(b.cmp(a)))
            .cloned();
        let Some(strongest) = strongest else {
            break;
        };
        found.retain(|(_, one)| !near(&strongest.1, one) && !begins_with_it(one));
        kept.push(strongest);
    }
    kept
}

/// The part's incident as it is told, if it is worth telling.
fn story(
    total: &[DayScore],
    told: &[Incident],
    part: &Part<'_>,
    one: Incident,
) -> Option<Incident> {
    if told.iter().any(|other| near(other, &one)) {
        return None;
    }
    let first = total.partition_point(|day| day.day < one.first_day);
    let end = total.partition_point(|day| day.day <= one.last_day);
    let days = total.get(first..end).filter(|days| !days.is_empty())?;
    let expected: f64 = days.iter().map(|day| day.expected).sum();
    let shown: f64 = days.iter().map(|day| day.actual - day.expected).sum();
    let excused = |day: &DayScore| day.flags.contains(Flags::CALENDAR);
    if one.impact.abs() < LEAST_SHARE * expected.abs() || days.iter().any(excused) {
        return None;
    }
    let is_new = one.kind == Kind::New;
    if is_new {
        return part.may_be_new.then_some(one);
    }
    if shown * one.impact.signum() < MOST_SHOWN * one.impact.abs() {
        return Some(Incident {
            kind: Kind::Masked,
            ..one
        });
    }
    let is_clear = one.score >= CLEAR_SIGMAS && one.impact >= CLEAR_SHARE * expected.abs();
    is_clear.then_some(one)
}

fn near(a: &Incident, b: &Incident) -> bool {
    let echo = TimeDelta::days(ECHO_DAYS);
    a.first_day <= b.last_day + echo && b.first_day <= a.last_day + echo
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    /// Thirty days at 100 times `share` with ten sigmas of move from the eleventh to the sixteenth.
    fn days(share: f64, moved: f64, score: f64) -> Vec<DayScore> {
        let first = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        let day = |(at, day): (usize, NaiveDate)| {
            let on = (10..16).contains(&at);
            let expected = 100.0 * share;
            DayScore {
                day,
                actual: if on { expected + moved } else { expected },
                expected,
                lower: expected * 0.8,
                upper: expected * 1.2,
                score: if on { score } else { 0.0 },
                mature: true,
                flags: Flags::default(),
            }
        };
        first.iter_days().take(30).enumerate().map(day).collect()
    }

    fn told(
        total: &[DayScore],
        parts: &[Vec<DayScore>],
        may_be_new: bool,
    ) -> Vec<(usize, Incident)> {
        let own = incidents(total, &Gates::default());
        let parts: Vec<Part<'_>> = parts
            .iter()
            .map(|scores| Part { scores, may_be_new })
            .collect();
        hidden(total, &own, &parts, &Gates::default())
    }

    #[test]
    fn what_one_part_gains_and_another_loses_is_told_once() {
        let parts = [days(0.6, 20.0, 9.0), days(0.4, -20.0, -12.0)];
        let found = told(&days(1.0, 0.0, 0.0), &parts, false);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].0, found[0].1.kind), (1, Kind::Masked));
    }

    #[test]
    fn what_the_total_tells_is_not_told_twice() {
        let parts = [days(0.6, 20.0, 9.0)];
        assert!(told(&days(1.0, 20.0, 5.0), &parts, false).is_empty());
    }

    #[test]
    fn small_parts_and_shared_noise_are_not_told() {
        assert!(told(&days(1.0, 0.0, 0.0), &[days(0.05, 4.0, 9.0)], false).is_empty());
        assert!(told(&days(1.0, 8.0, 1.0), &[days(0.5, 8.0, 9.0)], false).is_empty());
    }

    #[test]
    fn a_clear_rise_in_a_noisy_total_is_told_by_its_own_kind() {
        let found = told(&days(1.0, 30.0, 2.0), &[days(0.5, 30.0, 9.0)], false);
        assert_eq!(found[0].1.kind, Kind::LevelShift);
    }

    #[test]
    fn new_parts_are_told_where_they_may_be_news() {
        let mut region = days(0.0, 30.0, 20.0);
        region.drain(..10);
        for day in &mut region {
            day.flags = Flags::NEW;
        }
        let total = days(1.0, 30.0, 2.0);
        assert_eq!(told(&total, &[region.clone()], true)[0].1.kind, Kind::New);
        assert!(told(&total, &[region], false).is_empty());
    }
}
