//! Detectors that people usually build, to stand beside ours on the same days: a z-score over thirty days, percent
//! over the mean of a week, the median of the same weekday. Scores are scaled so that 3.5 is the alert line.

use crate::world::{Alert, World};

/// The alert line of the table.
const LINE: f64 = 3.5;
/// Percent over the mean of the week that is an alert. Half is what tools ship; the best on these estates is near 60.
const PERCENT: f64 = 0.5;

/// Alerts of one method over an estate.
pub(crate) fn watch(world: &World, score: fn(&[f64], f64) -> f64) -> Vec<Alert> {
    let mut alerts = Vec::new();
    for (series, one) in world.series.iter().enumerate() {
        let costs = one.costs(world.days);
        for day in 56..world.days {
            let score = score(&costs[..day], costs[day]);
            if score.abs() >= LINE {
                alerts.push(Alert {
                    series,
                    day,
                    score,
                    driver: None,
                    cause: "",
                    shape: None,
                });
            }
        }
    }
    alerts
}

/// Standard deviations from the mean of thirty days.
pub(crate) fn z_of_thirty_days(past: &[f64], cost: f64) -> f64 {
    let recent = &past[past.len() - 30..];
    let mean = recent.iter().sum::<f64>() / 30.0;
    let variance = recent.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / 29.0;
    (cost - mean) / variance.sqrt().max(0.01)
}

/// Percent over (or under) the mean of the last week.
pub(crate) fn percent_over_week(past: &[f64], cost: f64) -> f64 {
    let mean = past[past.len() - 7..].iter().sum::<f64>() / 7.0;
    if mean <= 0.0 {
        return if cost > 1.0 { LINE } else { 0.0 };
    }
    (cost / mean - 1.0) / PERCENT * LINE
}

/// Median absolute deviations from the median of the same weekday of eight weeks.
pub(crate) fn same_weekday(past: &[f64], cost: f64) -> f64 {
    let mut days: Vec<f64> = past
        .iter()
        .rev()
        .skip(6)
        .step_by(7)
        .take(8)
        .copied()
        .collect();
    let centre = median(&mut days);
    let mut away: Vec<f64> = days.iter().map(|c| (c - centre).abs()).collect();
    (cost - centre)
        / (1.4826 * median(&mut away))
            .max(0.01 * centre.abs())
            .max(0.01)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2])
}
