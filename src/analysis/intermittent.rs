//! Series that cost something only on some days: batch jobs, trainings, restores. Active days are
//! compared with active days; silence is never an alert, because nobody promised activity.

use super::expectation::Expectation;
use super::robust::{SCALE_CEILING, median, scale_of};

/// Days that decide whether a series is intermittent, and that its active days are compared with.
pub(super) const WINDOW: usize = 56;
/// Active days in ten under which a series is intermittent.
const ACTIVE_IN_TEN: usize = 7;
/// Fewest active days a spread can be learnt from.
const FEWEST_ACTIVE: usize = 4;
/// Least log spread of active days: without a weekly rhythm, with one, and while little is known.
const IRREGULAR_SPREAD: f64 = 0.25;
const RHYTHMIC_SPREAD: f64 = 0.10;
const UNKNOWN_SPREAD: f64 = 0.5;

/// Whether a window of daily costs belongs to an intermittent series.
pub(super) fn is_intermittent(window: &[f64]) -> bool {
    let active = window.iter().filter(|cost| **cost != 0.0).count();
    active * 10 < window.len() * ACTIVE_IN_TEN
}

/// The expectation of an active day, from the active days of the window before it, and the cost it
/// must exceed to be worth a word. `None` when the window holds no activity.
pub(super) fn expect_active(window: &[f64], money_floor: f64) -> Option<(Expectation, f64)> {
    let mut logs = [0.0; WINDOW];
    let mut active = 0;
    let (mut largest, mut second) = (0.0_f64, 0.0_f64);
    for cost in window
        .iter()
        .copied()
        .filter(|cost| *cost > 0.0)
        .take(WINDOW)
    {
        logs[active] = cost.ln();
        active += 1;
        second = second.max(cost.min(largest));
        largest = largest.max(cost);
    }
    if active == 0 {
        return None;
    }
    let logs = &mut logs[..active];
    let middle = median(logs);
    let rhythmic = has_weekly_rhythm(window);
    let scale = spread(logs, middle, rhythmic);
    let value = middle.exp();
    let to_exceed = if rhythmic { 0.0 } else { second };
    Some((
        Expectation {
            value,
            level: value,
            trend: 0.0,
            scale,
            money_floor,
        },
        to_exceed,
    ))
}

fn spread(logs: &mut [f64], middle: f64, rhythmic: bool) -> f64 {
    if logs.len() < FEWEST_ACTIVE {
        return UNKNOWN_SPREAD;
    }
    for log in &mut *logs {
        *log = (*log - middle).abs();
    }
    logs.sort_unstable_by(f64::total_cmp);
    let wide = scale_of(logs);
    let least = if rhythmic {
        RHYTHMIC_SPREAD
    } else {
        IRREGULAR_SPREAD
    };
    wide.clamp(least, SCALE_CEILING)
}

/// Each weekday is nearly always or nearly never active, and at least one is.
fn has_weekly_rhythm(window: &[f64]) -> bool {
    let mut active = [0_usize; 7];
    let mut days = [0_usize; 7];
    for (day, cost) in window.iter().enumerate() {
        days[day % 7] += 1;
        active[day % 7] += usize::from(*cost > 0.0);
    }
    let mut weekdays = active.iter().zip(days);
    let on = |(active, days): (&usize, usize)| active * 4 >= days * 3;
    let off = |(active, days): (&usize, usize)| active * 4 <= days;
    weekdays.clone().any(on) && weekdays.all(|weekday| on(weekday) || off(weekday))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(gap: usize, days: usize) -> Vec<f64> {
        (0..days)
            .map(|day| if day % gap == 0 { 100.0 } else { 0.0 })
            .collect()
    }

    #[test]
    fn five_days_a_week_are_not_intermittent_but_every_other_day_is() {
        let workdays: Vec<f64> = (0..56)
            .map(|day| if day % 7 < 5 { 10.0 } else { 0.0 })
            .collect();
        assert!(!is_intermittent(&workdays));
        assert!(is_intermittent(&every(2, 56)));
    }

    #[test]
    fn active_days_are_compared_with_active_days() {
        let (expected, to_exceed) = expect_active(&every(5, 56), 0.1).unwrap();
        assert!((expected.value - 100.0).abs() < 1e-9);
        assert!((to_exceed - 100.0).abs() < 1e-9);
        assert!(expected.sigmas(110.0) < 1.0 && expected.sigmas(400.0) > 3.5);
    }

    #[test]
    fn a_weekly_job_is_judged_more_strictly() {
        let (weekly, to_exceed) = expect_active(&every(7, 56), 0.1).unwrap();
        let (irregular, _) = expect_active(&every(5, 56), 0.1).unwrap();
        assert!(weekly.sigmas(150.0) > irregular.sigmas(150.0));
        assert!(to_exceed.abs() < f64::EPSILON);
    }

    #[test]
    fn silence_knows_nothing() {
        assert!(expect_active(&[0.0; 56], 0.1).is_none());
    }
}
