//! Where an axis begins and ends, and the round figures it is marked at.

use super::labels::tick_labels;
use super::{Band, Drawing, Shape, Timeline, Unit};

/// Marks an axis has, more or less.
const ABOUT: usize = 5;

/// Beyond this size a value is taken for a mistake: no bill is worth a quintillion.
const LARGEST: f64 = 1e18;

/// A value axis: it runs from its first tick to its last.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Round values, ascending; at least two.
    pub ticks: Vec<f64>,
    /// One label per tick.
    pub labels: Vec<String>,
}

impl Axis {
    /// The axis that holds all `values` and zero. Lines, which are read by position and not by
    /// length, may leave zero out (`needs_zero` false) when all values are far from it.
    pub fn over(values: impl Iterator<Item = f64>, unit: &Unit, needs_zero: bool) -> Self {
        let sound = values.filter(|value| value.abs() <= LARGEST);
        let span = sound.fold(None, |span: Option<(f64, f64)>, value| {
            Some(span.map_or((value, value), |(low, high)| {
                (low.min(value), high.max(value))
            }))
        });
        let (low, high) = match span {
            // A fifth of the height at least, so that a calm line does not look wild.
            Some((low, high)) if !needs_zero && low < high && low > high / 2.0 => {
                (low.min(high * 0.8), high)
            }
            Some((low, high)) => (low.min(0.0), high.max(0.0)),
            None => (0.0, 0.0),
        };
        let mut ticks = ticks(low, high, ABOUT);
        if *unit == Unit::Count && ticks.iter().any(|tick| tick.fract() != 0.0) {
            ticks.retain(|tick| tick.fract() == 0.0);
        }
        let labels = tick_labels(&ticks, unit);
        Self { ticks, labels }
    }

    /// The value axis of a drawing; `None` for bands, where each panel has its own.
    pub fn of(drawing: &Drawing) -> Option<Self> {
        let unit = &drawing.unit;
        Some(match &drawing.shape {
            Shape::Bars { bars, .. } => {
                let values = bars.iter().flat_map(|bar| [Some(bar.value), bar.marker]);
                Self::over(values.flatten(), unit, true)
            }
            Shape::StackedColumns { time, series, .. } => {
                let reach = (0..time.len).flat_map(|step| {
                    let values = series.iter().map(|one| one.at_or_zero(step));
                    let below_above = values.fold((0.0, 0.0), |(below, above), value| {
                        (below + value.min(0.0), above + value.max(0.0))
                    });
                    [below_above.0, below_above.1]
                });
                Self::over(reach, unit, true)
            }
            Shape::Lines { time, series } => {
                let values = series
                    .iter()
                    .flat_map(|one| one.values.iter().take(time.len));
                Self::over(values.copied().flatten(), unit, false)
            }
            Shape::Fan { fan, .. } => Self::over(fan.values(), unit, true),
            Shape::Curve(curve) => {
                let values = curve.points.iter().chain(&curve.lower).map(|point| point.1);
                Self::over(values, unit, true)
            }
            Shape::Compliance { .. } => Self::over([0.0, 100.0].into_iter(), &Unit::Percent, true),
            Shape::Bands { .. } => return None,
        })
    }

    /// One axis per panel of bands. Panels side by side are compared, so they all hold zero;
    /// a single one may leave it out.
    pub fn of_bands(bands: &[Band], time: &Timeline, unit: &Unit) -> Vec<Self> {
        let of_band = |band: &Band| {
            let values = band.steps.iter().take(time.len).flat_map(|step| {
                let bounds = step
                    .expected
                    .map(|expected| [expected.lower, expected.upper]);
                step.actual.into_iter().chain(bounds.into_iter().flatten())
            });
            Self::over(values, unit, bands.len() > 1)
        };
        bands.iter().map(of_band).collect()
    }

    /// Lowest value of the axis.
    pub fn low(&self) -> f64 {
        self.ticks.first().copied().unwrap_or(0.0)
    }

    /// Highest value of the axis.
    pub fn high(&self) -> f64 {
        self.ticks.last().copied().unwrap_or(1.0)
    }

    /// Where a value lies on the axis, 0 to 1; values off the axis stay at its ends.
    pub fn position(&self, value: f64) -> f64 {
        let share = (value - self.low()) / (self.high() - self.low());
        if share.is_finite() {
            share.clamp(0.0, 1.0)
        } else {
            0.0
        }
    }
}

/// Round values (1, 2, 2.5 or 5 times a power of ten apart) from just below `low` to just above
/// `high`, about `about` steps. Never fewer than two, whatever comes in.
pub fn ticks(low: f64, high: f64, about: usize) -> Vec<f64> {
    let (low, high) = if low <= high {
        (low, high)
    } else {
        (high, low)
    };
    let span = high - low;
    if !span.is_finite() || span <= f64::MIN_POSITIVE || span < low.abs().max(high.abs()) * 1e-9 {
        let one = if high.abs() > 1.0 && high.is_finite() {
            high.abs()
        } else {
            1.0
        };
        return if low < 0.0 {
            vec![-one, 0.0]
        } else {
            vec![0.0, one]
        };
    }
    #[allow(clippy::cast_precision_loss)] // a handful of ticks
    let raw = span / about.max(1) as f64;
    let power = raw.log10().floor().clamp(-300.0, 300.0);
    let magnitude = 10_f64.powf(power);
    let factors = [1.0, 2.0, 2.5, 5.0, 10.0];
    let enough = |factor: &&f64| **factor * magnitude >= raw * (1.0 - 1e-9);
    let step = magnitude * factors.iter().find(enough).unwrap_or(&10.0);
    // Whole multiples of the step: adding it up would drift.
    let (first, last) = (
        round_out(low / step, f64::floor),
        round_out(high / step, f64::ceil),
    );
    let mut ticks = Vec::new();
    let mut at = first;
    while at <= last {
        ticks.push(clean(at, step));
        at += 1.0;
    }
    ticks
}

/// Floor or ceiling that forgives the last bits of a division.
fn round_out(steps: f64, outward: fn(f64) -> f64) -> f64 {
    let nearest = steps.round();
    if (steps - nearest).abs() < 1e-9 {
        nearest
    } else {
        outward(steps)
    }
}

/// `multiple * step` through decimal text, so that 3 * 0.1 is 0.3.
fn clean(multiple: f64, step: f64) -> f64 {
    let value = multiple * step;
    format!("{value:.12e}").parse().unwrap_or(value)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "whole numbers")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ticks_are_round_and_hold_the_values() {
        assert_eq!(ticks(0.0, 93.0, 5), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(ticks(0.0, 0.3, 3), [0.0, 0.1, 0.2, 0.3]);
        assert_eq!(ticks(-3.0, 7.0, 5), [-4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 8.0]);
    }

    #[test]
    fn nothing_to_show_still_has_an_axis() {
        assert_eq!(ticks(0.0, 0.0, 5), [0.0, 1.0]);
        assert_eq!(ticks(f64::NAN, 0.0, 5), [0.0, 1.0]);
        assert_eq!(ticks(0.0, f64::INFINITY, 5), [0.0, 1.0]);
        let axis = Axis::over([f64::NAN].into_iter(), &Unit::Score, true);
        assert_eq!(axis.labels, ["0", "1"]);
    }

    #[test]
    fn counts_are_never_halved() {
        let axis = Axis::over([1.0].into_iter(), &Unit::Count, true);
        assert_eq!(axis.labels, ["0", "1"]);
    }

    #[test]
    fn lines_far_from_zero_may_leave_it_out() {
        let values = [980.0, 1000.0];
        let axis = Axis::over(values.into_iter(), &Unit::Score, false);
        assert_eq!((axis.low(), axis.high()), (800.0, 1000.0));
        let axis = Axis::over(values.into_iter(), &Unit::Score, true);
        assert_eq!(axis.low(), 0.0);
    }

    #[test]
    fn positions_run_from_zero_to_one() {
        let axis = Axis::over([0.0, 100.0].into_iter(), &Unit::Percent, true);
        assert_eq!(axis.position(50.0), 0.5);
        assert_eq!(axis.position(1e9), 1.0);
        assert_eq!(axis.position(f64::NAN), 0.0);
    }

    proptest! {
        #[test]
        fn every_span_gets_a_few_ticks_that_hold_it(low in -1e15..1e15f64, width in 1e-9..1e15f64) {
            let (high, ticks) = (low + width, ticks(low, low + width, 5));
            prop_assert!((2..=9).contains(&ticks.len()), "{ticks:?}");
            prop_assert!(ticks.windows(2).all(|pair| pair[0] < pair[1]), "{ticks:?}");
            let calm = width >= low.abs().max(high.abs()) * 1e-6;
            let step = ticks[1] - ticks[0];
            prop_assert!(!calm || ticks[0] <= low + step * 1e-6, "{ticks:?}");
            prop_assert!(!calm || ticks[ticks.len() - 1] >= high - step * 1e-6, "{ticks:?}");
        }
    }
}
