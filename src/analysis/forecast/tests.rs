//! One fact each, on series written out.

use chrono::{Datelike, NaiveDate};

use super::interval::Calibration;
use super::*;

fn first() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()
}

fn month() -> Question {
    Question::new(Rhythm::Daily, vec![Window { from: 0, to: 30 }])
}

/// About 100 a day with a small wobble that no weekday explains.
fn usual(days: usize) -> Vec<f64> {
    let wobble = [100.0, 103.0, 98.0, 101.0, 97.0];
    wobble.into_iter().cycle().take(days).collect()
}

fn steps(values: &[f64], known: &[(NaiveDate, f64)]) -> Vec<f64> {
    let history = History {
        first_day: first(),
        values,
        known,
    };
    outlook(&history, &month()).steps
}

fn total(values: &[f64]) -> f64 {
    steps(values, &[]).iter().sum()
}

fn near(value: f64, wanted: f64, share: f64) {
    assert!(
        (value / wanted - 1.0).abs() < share,
        "{value} is not about {wanted}"
    );
}

#[test]
fn a_steady_bill_goes_on() {
    near(total(&usual(120)), 2994.0, 0.01);
}

#[test]
fn three_weeks_are_enough() {
    near(total(&usual(21)), 2994.0, 0.02);
}

#[test]
fn a_spike_is_not_carried_forward() {
    let mut costs = usual(120);
    costs[115] = 5000.0;
    near(total(&costs), 2994.0, 0.08);
}

#[test]
fn a_new_level_is_believed() {
    let mut costs = usual(120);
    costs[90..].iter_mut().for_each(|cost| *cost *= 2.0);
    near(total(&costs), 5988.0, 0.03);
}

#[test]
fn growth_is_carried_on_with_damping() {
    let costs: Vec<f64> = (0..120).map(|day| 100.0 + f64::from(day)).collect();
    let flat = 30.0 * 219.0;
    let straight = flat + 465.0;
    let said = total(&costs);
    assert!(said > flat * 0.98 && said < straight, "{said}");
}

#[test]
fn weekends_stay_weekends() {
    let costs: Vec<f64> = (0..98)
        .map(|day| if day % 7 >= 5 { 40.0 } else { 100.0 })
        .collect();
    let steps = steps(&costs, &[]);
    near(steps[0], 100.0, 0.02);
    near(steps[5], 40.0, 0.02);
}

#[test]
fn a_weekly_job_stays_weekly() {
    let costs: Vec<f64> = (0..98)
        .map(|day| if day % 7 == 2 { 500.0 } else { 0.0 })
        .collect();
    let steps = steps(&costs, &[]);
    near(steps[2], 500.0, 0.02);
    assert!(steps[3].abs() < 1.0);
}

#[test]
fn a_support_fee_comes_on_the_first() {
    let costs: Vec<f64> = first()
        .iter_days()
        .take(100)
        .map(|day| if day.day() == 1 { 900.0 } else { 0.0 })
        .collect();
    let steps = steps(&costs, &[]);
    let on_first = 20; // 1 May, from 11 April
    near(steps[on_first], 900.0, 0.01);
    near(steps.iter().sum(), 900.0, 0.01);
}

#[test]
fn a_known_charge_takes_the_place_of_the_habit() {
    let costs: Vec<f64> = first()
        .iter_days()
        .take(100)
        .map(|day| if day.day() == 1 { 900.0 } else { 10.0 })
        .collect();
    let may = NaiveDate::from_ymd_opt(2026, 5, 1).unwrap();
    let steps = steps(&costs, &[(may, 450.0), (first(), 7.0)]);
    near(steps[20], 460.0, 0.01);
    near(steps.iter().sum(), 300.0 + 450.0, 0.01);
}

#[test]
fn rare_days_are_forecast_at_their_rate() {
    let costs: Vec<f64> = (0_u32..150)
        .map(|day| if day * day % 11 == 4 { 110.0 } else { 0.0 })
        .collect();
    near(total(&costs), 600.0, 0.25);
}

#[test]
fn what_was_switched_off_stays_off() {
    let mut costs = usual(120);
    costs[90..].fill(0.0);
    assert!(total(&costs) < 150.0, "{}", total(&costs));
}

#[test]
fn a_credit_is_forecast_as_a_credit() {
    let costs: Vec<f64> = usual(120).into_iter().map(|cost| -cost).collect();
    near(total(&costs), -2994.0, 0.01);
}

#[test]
fn a_calm_series_has_a_narrower_interval_than_a_wild_one() {
    let wild: Vec<f64> = (0_u32..200)
        .map(|day| f64::from(50 + (day * 37 + day / 20 * 53) % 101))
        .collect();
    let calm = usual(200);
    let history = |values| History {
        first_day: first(),
        values,
        known: &[],
    };
    let both = outlooks(&[history(&calm), history(&wild)], &month());
    let calibration = Calibration::learn(&both, &month());
    let width = |at: usize| {
        let interval = calibration.window(&both[at], 0);
        (interval.upper80 - interval.lower80) / interval.forecast
    };
    assert!(width(0) * 2.0 < width(1), "{} {}", width(0), width(1));
}

#[test]
fn spans_follow_the_calendar() {
    let origin = NaiveDate::from_ymd_opt(2026, 1, 21).unwrap();
    let windows = spans(origin).map(|(span, window)| (span.name(), window.from, window.to));
    assert_eq!(
        windows,
        [
            ("month_end", 0, 11),
            ("next_month", 11, 39),
            ("days_90", 0, 90)
        ]
    );
}
