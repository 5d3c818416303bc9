//! The robust pieces of a forecast: the weekday profile, a mean that one wild day cannot move, the newest
//! change of level, and a trend that is believed only as far as it stands out from the wobble.

use crate::analysis::robust::{MAD_TO_SIGMA, count_as_f64, median};

/// Largest profile factor believed; anything above is a charge of its own.
const FACTOR_LIMIT: f64 = 7.0;
/// Under this factor a day says nothing about the level.
pub(super) const LEAST_FACTOR: f64 = 0.2;
/// Sigmas beyond which a day is pulled back to the border.
const WINSOR: f64 = 3.0;
/// Fewest days of a new level.
const FEWEST_NEW: usize = 6;
/// Days of the old level that the new one is compared with.
const COMPARED: usize = 21;
/// Sigmas of the difference of the means, and the share of the level, that make a change of level.
const CHANGE: (f64, f64) = (5.0, 0.08);

/// Standard errors within which a slope is taken for noise; chosen on generated series among 1.5, 2, 3 and 4.
const DOUBT: f64 = 3.0;

/// Multiplicative factors by index modulo `season`, mean one, shrunk towards one as far as they are indistinct
/// from noise. Days without a value are left out.
pub(super) fn profile(days: &[Option<f64>], season: usize, cycles: usize) -> Vec<f64> {
    let flat = vec![1.0; season];
    let from = days.len().saturating_sub(cycles * season);
    let mut ratios: Vec<Vec<f64>> = vec![Vec::with_capacity(cycles); season];
    let half = season / 2;
    let usual = median(
        &mut days[from..]
            .iter()
            .flatten()
            .map(|c| c.abs())
            .collect::<Vec<_>>(),
    );
    let mean_size = mean(days[from..].iter().flatten().map(|c| c.abs()));
    for at in from..days.len() {
        let low = at
            .saturating_sub(half)
            .max(from)
            .min(days.len().saturating_sub(season));
        let week = &days[low..(low + season).min(days.len())];
        let known = week.iter().flatten().count();
        let (Some(cost), true) = (days[at], known * 4 >= season * 3) else {
            continue;
        };
        let level = mean(week.iter().flatten().copied());
        if level.abs() > 0.05 * mean_size.max(usual) {
            ratios[at % season].push((cost / level).clamp(0.0, FACTOR_LIMIT));
        }
    }
    if ratios.iter().any(|r| r.len() < 2) {
        return flat;
    }
    shrunk(&mut ratios)
}

fn shrunk(ratios: &mut [Vec<f64>]) -> Vec<f64> {
    let season = count_as_f64(ratios.len());
    let mut medians: Vec<f64> = ratios.iter_mut().map(|r| median(r)).collect();
    let total: f64 = medians.iter().sum();
    if total <= 0.0 {
        return vec![1.0; ratios.len()];
    }
    let within = ratios
        .iter()
        .zip(&medians)
        .map(|(r, m)| {
            let spread =
                MAD_TO_SIGMA * median(&mut r.iter().map(|v| (v - m).abs()).collect::<Vec<_>>());
            spread * spread / count_as_f64(r.len())
        })
        .sum::<f64>()
        / season;
    for m in &mut medians {
        *m *= season / total;
    }
    let between = medians.iter().map(|m| (m - 1.0).powi(2)).sum::<f64>() / (season - 1.0).max(1.0);
    let error = std::f64::consts::FRAC_PI_2 * within;
    let kept = if between > error {
        1.0 - error / between
    } else {
        0.0
    };
    medians.iter().map(|m| 1.0 + kept * (m - 1.0)).collect()
}

/// The mean of values; zero of none.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0usize), |(sum, count), v| (sum + v, count + 1));
    if count == 0 {
        0.0
    } else {
        sum / count_as_f64(count)
    }
}

/// The mean after pulling values to within three robust sigmas of the median.
pub(super) fn robust_mean(values: &[f64]) -> f64 {
    let (centre, sigma) = centre_and_sigma(values);
    let reach = WINSOR * sigma;
    mean(
        values
            .iter()
            .map(|v| v.clamp(centre - reach, centre + reach)),
    )
}

/// Median and robust standard deviation.
pub(super) fn centre_and_sigma(values: &[f64]) -> (f64, f64) {
    let mut sorted = values.to_vec();
    let centre = median(&mut sorted);
    for v in &mut sorted {
        *v = (*v - centre).abs();
    }
    (centre, MAD_TO_SIGMA * median(&mut sorted))
}

/// Robust relative spread of values around their median; zero for none.
pub(super) fn scatter(values: &[f64]) -> f64 {
    let (centre, sigma) = centre_and_sigma(values);
    if centre == 0.0 {
        0.0
    } else {
        (sigma / centre.abs()).min(3.0)
    }
}

/// The newest index at which the level changed for good, if any: at least six days of the new level, far from the
/// three weeks before. Values are without profile, oldest first.
pub(super) fn change_of_level(values: &[f64]) -> Option<usize> {
    let steps: Vec<f64> = values.windows(2).map(|w| w[1] - w[0]).collect();
    let (_, step_sigma) = centre_and_sigma(&steps);
    let noise = step_sigma / std::f64::consts::SQRT_2;
    let sums: Vec<f64> = std::iter::once(0.0)
        .chain(values.iter().scan(0.0, |sum, v| {
            *sum += v;
            Some(*sum)
        }))
        .collect();
    let mut best: Option<(f64, usize)> = None;
    for at in FEWEST_NEW..values.len().saturating_sub(FEWEST_NEW - 1) {
        let (from, to) = (at.saturating_sub(COMPARED), values.len().min(at + COMPARED));
        let (before, after) = (count_as_f64(at - from), count_as_f64(to - at));
        let error = noise * (1.0 / before + 1.0 / after).sqrt();
        let means = (sums[to] - sums[at]) / after - (sums[at] - sums[from]) / before;
        if means.abs() < CHANGE.0 / 2.0 * error {
            continue;
        }
        let (left, right) = (&values[from..at], &values[at..to]);
        let (old, new) = (short_median(left), short_median(right));
        let least = (CHANGE.0 * error).max(CHANGE.1 * old.abs().max(new.abs()));
        let size = (new - old).abs();
        if size > least {
            // The sharpest cut is where the days beside it already differ.
            let beside = |days: &[f64], level: f64| mean(days.iter().map(|v| (v - level).abs()));
            let misfit = beside(left, old) + beside(right, new);
            let sharpness = size / (misfit + 1e-9 * size);
            if best.is_none_or(|(most, found)| sharpness > most || at >= found + COMPARED) {
                best = Some((sharpness, at));
            }
        }
    }
    best.map(|(_, at)| at)
}

/// The median of at most three weeks.
fn short_median(values: &[f64]) -> f64 {
    let mut sorted = [0.0; COMPARED];
    let count = values.len().min(COMPARED);
    sorted[..count].copy_from_slice(&values[..count]);
    median(&mut sorted[..count])
}

/// Change per step of a line through points one step apart (oldest first), shrunk by its own uncertainty.
/// Jumps between two points count as ordinary steps.
pub(super) fn trend(points: &[f64]) -> f64 {
    if points.len() < 5 {
        return 0.0;
    }
    let steps: Vec<f64> = points.windows(2).map(|w| w[1] - w[0]).collect();
    let (usual, sigma) = centre_and_sigma(&steps);
    let level = median(&mut points.iter().map(|p| p.abs()).collect::<Vec<_>>());
    let reach = (3.0 * sigma).max(0.01 * level);
    let mut walked = vec![points[0]];
    for step in &steps {
        let calm = if (step - usual).abs() > reach {
            usual
        } else {
            *step
        };
        walked.push(walked[walked.len() - 1] + calm);
    }
    let slope = theil_sen(&walked);
    let misses: Vec<f64> = walked
        .iter()
        .enumerate()
        .map(|(at, p)| p - slope * count_as_f64(at))
        .collect();
    let (_, noise) = centre_and_sigma(&misses);
    let n = count_as_f64(points.len());
    let error = noise * (12.0 / (n * n * n)).sqrt();
    let kept = if slope == 0.0 {
        0.0
    } else {
        (1.0 - (DOUBT * error / slope).powi(2)).max(0.0)
    };
    kept * slope
}

fn theil_sen(points: &[f64]) -> f64 {
    let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
    for (at, one) in points.iter().enumerate() {
        for (apart, other) in points[at + 1..].iter().enumerate() {
            slopes.push((other - one) / count_as_f64(apart + 1));
        }
    }
    median(&mut slopes)
}
