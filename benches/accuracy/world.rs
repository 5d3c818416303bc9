//! A made-up (or read) cloud estate: series of daily cost by line, the events hidden in them, and the
//! days on which an alert is neither right nor wrong.

use chrono::NaiveDate;

/// The finest lines of a series.
pub(crate) struct Line {
    pub(crate) region: String,
    pub(crate) sku: String,
    pub(crate) resource: String,
    pub(crate) costs: Vec<f64>,
    pub(crate) list: Vec<f64>,
}

/// One account and service.
pub(crate) struct Series {
    pub(crate) lines: Vec<Line>,
}

impl Series {
    pub(crate) fn costs(&self, days: usize) -> Vec<f64> {
        let sum = |day: usize| self.lines.iter().map(|line| line.costs[day]).sum();
        (0..days).map(sum).collect()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Shape {
    Spike,
    LevelShift,
    Ramp,
    Drop,
    Masked,
    Missing,
    New,
}

impl Shape {
    pub(crate) const ALL: [Self; 7] = [
        Self::Spike,
        Self::LevelShift,
        Self::Ramp,
        Self::Drop,
        Self::Masked,
        Self::Missing,
        Self::New,
    ];

    /// Days after the start on which an alert still counts as finding the event.
    fn grace(self) -> usize {
        match self {
            Self::Spike | Self::Missing => 3,
            Self::LevelShift => 9,
            Self::Drop | Self::New => 6,
            Self::Ramp => 34,
            Self::Masked => 14,
        }
    }

    /// Whether the kind counts in precision and recall; the others have a line of their own.
    pub(crate) fn scored(self) -> bool {
        matches!(
            self,
            Self::Spike | Self::LevelShift | Self::Ramp | Self::Drop
        )
    }
}

/// One labelled event; days are indices, both inclusive.
pub(crate) struct Event {
    pub(crate) series: usize,
    pub(crate) shape: Shape,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Cost moved, without sign.
    pub(crate) impact: f64,
    /// Every `dimension=value` that names exactly the lines that moved.
    pub(crate) answers: Vec<String>,
    pub(crate) cause: &'static str,
}

impl Event {
    pub(crate) fn last_counted(&self) -> usize {
        self.end.min(self.start + self.shape.grace())
    }
}

pub(crate) struct World {
    pub(crate) first: NaiveDate,
    pub(crate) days: usize,
    pub(crate) series: Vec<Series>,
    pub(crate) events: Vec<Event>,
    /// By series: days on which an alert is never false.
    pub(crate) free: Vec<Vec<bool>>,
}

impl World {
    /// An alert on these days is never false.
    pub(crate) fn excuse(&mut self, series: usize, from: usize, to: usize) {
        let last = (self.days - 1).min(to);
        if from <= last {
            self.free[series][from..=last].fill(true);
        }
    }
}

/// An alert of a detector.
pub(crate) struct Alert {
    pub(crate) series: usize,
    pub(crate) day: usize,
    /// Signed sigmas.
    pub(crate) score: f64,
    /// `dimension=value`.
    pub(crate) driver: Option<String>,
    pub(crate) cause: &'static str,
    /// Found in a part of the series, as a missing charge or as a new series.
    pub(crate) shape: Option<Shape>,
}
