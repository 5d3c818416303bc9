//! What a chart says, as plain values: its finding, its period, its bars and lines with their labels.
//!
//! No pixels, colours or fonts (those are `chart`), no files, and no arithmetic on published
//! amounts: the `f64` here are copies made for drawing. The one sum it does, `fold`ing the long
//! tail of a ranking into "other", keeps the total.

mod axis;
mod describe;
mod fold;
mod labels;
mod timeline;

pub use axis::{Axis, ticks};
pub use describe::describe;
pub use fold::{top_series_with_other, top_with_other};
pub use labels::{compact, compact_money, full, full_money, one_line, shorten, thousands};
pub use timeline::{Step, Timeline};

/// One chart: everything a reader is told, before a pixel is placed.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// The finding as one sentence ("Compute grew 18% in October").
    pub title: String,
    /// Period, currency, and how fresh and trustworthy the figures are.
    pub subtitle: String,
    /// Where the figures come from and what they leave out; may be empty.
    pub footnote: String,
    /// What the values of the shape are measured in.
    pub unit: Unit,
    /// The picture itself.
    pub shape: Shape,
}

/// What a value is measured in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// An amount of the currency with this ISO 4217 code; empty for a bare amount.
    Money(String),
    /// A percentage, 0 to 100.
    Percent,
    /// Whole things: resources, days, findings.
    Count,
    /// A figure without a unit, such as signed sigmas.
    Score,
}

/// The closed set of pictures.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A ranking: one horizontal bar per row, drawn in the order given.
    Bars {
        /// The rows, top to bottom.
        bars: Vec<Bar>,
        /// What the second value of the bars means ("previous month"); empty if they have none.
        marker: String,
    },
    /// One column per month, stacked by series; negative values stack below zero.
    StackedColumns {
        /// The months.
        time: Timeline,
        /// The stack from the base up, most important first.
        series: Vec<Series>,
        /// Whether the last month is still filling up.
        open: bool,
    },
    /// One line per series over days or months.
    Lines {
        /// The days or months.
        time: Timeline,
        /// The lines, most important first.
        series: Vec<Series>,
    },
    /// Actual against expected: one large panel, or small multiples on one timeline.
    Bands {
        /// The days or months all panels share.
        time: Timeline,
        /// The panels, most important first.
        bands: Vec<Band>,
    },
    /// What was and what will be: known days, a forecast with two bands, a budget.
    Fan {
        /// The days.
        time: Timeline,
        /// Their values.
        fan: Fan,
    },
    /// An amount over another one, with marked points.
    Curve(Curve),
    /// Tag compliance: each bar is 100% of what could be tagged.
    Compliance {
        /// The share to reach, in percent.
        target: Option<f64>,
        /// The rows, top to bottom.
        bars: Vec<ComplianceBar>,
    },
}

/// The part a bar or a series plays; it decides the colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// One among equals.
    #[default]
    Plain,
    /// The one the title speaks of.
    Accent,
    /// The folded rest: muted grey.
    Other,
    /// Not measured but planned: a budget, target or forecast. Pale bar, dashed line.
    Plan,
}

/// One row of a ranking.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bar {
    /// Name of the row.
    pub label: String,
    /// Length of the bar, in the unit of the drawing.
    pub value: f64,
    /// A second value to compare with, drawn as a tick across the bar.
    pub marker: Option<f64>,
    /// A remark after the value ("+18%"); may be empty.
    pub note: String,
    /// Its part in the story.
    pub tone: Tone,
}

impl Bar {
    /// A plain bar without second value or remark.
    pub fn new(label: impl Into<String>, value: f64) -> Self {
        Self {
            label: label.into(),
            value,
            ..Self::default()
        }
    }
}

/// Values over a timeline: value `i` belongs to step `i`, `None` where nothing is known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// Name, used as the direct label.
    pub name: String,
    /// One value per step of the timeline.
    pub values: Vec<Option<f64>>,
    /// Its part in the story.
    pub tone: Tone,
}

impl Series {
    /// A plain series.
    pub fn new(name: impl Into<String>, values: Vec<Option<f64>>) -> Self {
        Self {
            name: name.into(),
            values,
            tone: Tone::Plain,
        }
    }

    /// The finite value of a step, or zero: a gap adds nothing to a stack.
    pub fn at_or_zero(&self, step: usize) -> f64 {
        let value = self.values.get(step).copied().flatten();
        value.filter(|value| value.is_finite()).unwrap_or(0.0)
    }

    /// The sum over the timeline, gaps left out.
    pub fn total(&self) -> f64 {
        self.values.iter().flatten().sum()
    }
}

/// One panel of actual against expected.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Band {
    /// What is watched ("prod · Amazon EC2").
    pub label: String,
    /// What was found ("+$1.2k over 3 days"); may be empty.
    pub note: String,
    /// One entry per step of the timeline.
    pub steps: Vec<BandStep>,
}

/// One day or month of a panel.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct BandStep {
    /// What was charged; `None` in the future.
    pub actual: Option<f64>,
    /// What the method expected; `None` while it was still learning.
    pub expected: Option<Expected>,
    /// Whether this step belongs to an incident.
    pub incident: bool,
}

/// An expectation with its bounds, `lower <= middle <= upper`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// The expected value.
    pub middle: f64,
    /// Lower bound.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
}

/// Known and forecast values over one timeline.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fan {
    /// One entry per step of the timeline.
    pub steps: Vec<FanStep>,
}

/// One day of a fan.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FanStep {
    /// What was charged; `None` in the future.
    pub actual: Option<f64>,
    /// What will be; `None` in the past.
    pub forecast: Option<Forecast>,
    /// What may be spent.
    pub budget: Option<f64>,
}

/// Values over amounts: what comes of how much.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curve {
    /// Amount and value, ascending by amount; both in the unit of the drawing.
    pub points: Vec<(f64, f64)>,
    /// The same if things go worse; paler.
    pub lower: Vec<(f64, f64)>,
    /// Points to choose from, ascending by amount.
    pub marks: Vec<CurveMark>,
}

/// A marked point of a curve.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CurveMark {
    /// Amount and value.
    pub at: (f64, f64),
    /// What it is called.
    pub name: String,
}

/// A forecast with its 80 % (inner) and 95 % (outer) bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// The forecast.
    pub middle: f64,
    /// Lower and upper 80 % bound.
    pub inner: (f64, f64),
    /// Lower and upper 95 % bound.
    pub outer: (f64, f64),
}

impl Fan {
    /// Every value in it: what an axis must hold.
    pub fn values(&self) -> impl Iterator<Item = f64> {
        self.steps.iter().flat_map(|step| {
            let bounds = step.forecast.map(|forecast| {
                let (lower, upper) = forecast.outer;
                [lower, forecast.middle, upper]
            });
            let known = step.actual.into_iter().chain(step.budget);
            known.chain(bounds.into_iter().flatten())
        })
    }
}

/// One row of tag compliance: three amounts that add up to what could be tagged.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ComplianceBar {
    /// Name of the tag or scope.
    pub label: String,
    /// Tagged, and with an allowed value.
    pub valid: f64,
    /// Tagged, but with a value the policy does not allow.
    pub invalid: f64,
    /// Not tagged.
    pub missing: f64,
    /// Its own target in percent, where it has another than the whole.
    pub target: Option<f64>,
}

impl ComplianceBar {
    /// Valid, invalid and missing in percent of their sum; `None` when nothing could be tagged.
    pub fn shares(&self) -> Option<[f64; 3]> {
        let parts = [self.valid, self.invalid, self.missing];
        let whole: f64 = parts.iter().sum();
        let sound = whole.is_finite() && whole > 0.0 && parts.iter().all(|part| *part >= 0.0);
        sound.then(|| parts.map(|part| 100.0 * part / whole))
    }
}

impl Drawing {
    /// Whether there is nothing to draw but the words around the picture.
    pub fn is_empty(&self) -> bool {
        let silent = |series: &[Series]| {
            let known = |value: &Option<f64>| value.is_some_and(f64::is_finite);
            !series.iter().any(|one| one.values.iter().any(known))
        };
        match &self.shape {
            Shape::Bars { bars, .. } => bars.is_empty(),
            Shape::StackedColumns { time, series, .. } | Shape::Lines { time, series } => {
                time.len == 0 || silent(series)
            }
            Shape::Bands { time, bands } => time.len == 0 || bands.is_empty(),
            Shape::Fan { time, fan } => time.len == 0 || fan.steps.is_empty(),
            Shape::Compliance { bars, .. } => bars.is_empty(),
            Shape::Curve(curve) => curve.points.len() < 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_nothing_are_unknown() {
        assert_eq!(ComplianceBar::default().shares(), None);
        let half = ComplianceBar {
            valid: 1.0,
            missing: 1.0,
            ..ComplianceBar::default()
        };
        assert_eq!(half.shares(), Some([50.0, 0.0, 50.0]));
    }
}
