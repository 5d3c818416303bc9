//! How long scoring takes: 10,000 series of 400 days, on one thread and on all, with the same scores.

use crate::random::Random;
use chrono::NaiveDate;
use cloudtally::analysis::anomaly::{DayScore, Options, score};
use rayon::prelude::*;
use std::time::Instant;

const SERIES: usize = 10_000;
const DAYS: usize = 400;

/// One sentence.
pub(crate) fn speed() -> String {
    let series: Vec<Vec<f64>> = (0..SERIES).map(costs).collect();
    let first = NaiveDate::default();
    let options = Options::default();
    let sum = |scores: &[DayScore]| scores.iter().map(|day| day.score.abs()).sum::<f64>();
    let pass = || -> Vec<f64> {
        let one = |costs: &Vec<f64>| sum(&score(first, costs, &options));
        series.par_iter().map(one).collect()
    };
    let start = Instant::now();
    let all = pass();
    let on_all = start.elapsed().as_secs_f64();
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let start = Instant::now();
    let same = alone.is_ok_and(|pool| pool.install(pass) == all);
    let on_one = start.elapsed().as_secs_f64();
    let threads = rayon::current_num_threads();
    let same = if same {
        "the same scores"
    } else {
        "OTHER SCORES"
    };
    format!(
        "{SERIES} series of {DAYS} days: {on_all:.2} s on {threads} threads, {on_one:.2} s on one, {same}"
    )
}

/// Weekdays, noise, fees, batch jobs and steps.
fn costs(at: usize) -> Vec<f64> {
    let mut random = Random::new(at as u64);
    let cost = |day: usize| {
        let idle = at.is_multiple_of(9) && !random.chance(0.3);
        let fee = if day.is_multiple_of(30) && at.is_multiple_of(4) {
            300.0
        } else {
            0.0
        };
        let step = at.is_multiple_of(3) && (200..230).contains(&(day - day.min(at % 100)));
        let weekday = if day % 7 > 4 { 60.0 } else { 100.0 };
        let level = weekday * if step { 1.6 } else { 1.0 };
        if idle {
            0.0
        } else {
            level * (1.0 + 0.06 * random.normal()) + fee
        }
    };
    (0..DAYS).map(cost).collect()
}
