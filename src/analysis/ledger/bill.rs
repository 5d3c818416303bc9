//! What the bill knows of one resource: its lines month by month, and how far each month is known.

use crate::money::Money;
use crate::period::Month;
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A line whose last charge is more days older than the bill's last day has ended; the newest days of a bill are
/// still filling up.
pub(super) const GONE: u64 = 3;

/// Days after its charge for which a monthly fee stands.
const FEE: u64 = 30;

/// One meter of one resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Line {
    /// FOCUS `ResourceId` as the bill prints it; empty for charges without one.
    pub resource: String,
    /// Meter as the bill prints it.
    pub meter: String,
    /// Machine type in lower case; empty for all but instance hours.
    pub instance: String,
    /// FOCUS `ConsumedUnit` in lower case.
    pub unit: String,
}

/// What one line came to in one month.
#[derive(Clone, Debug, PartialEq)]
pub struct Charge {
    /// Billing month.
    pub month: Month,
    /// The line.
    pub line: Line,
    /// FOCUS `EffectiveCost`.
    pub cost: Money,
    /// FOCUS `ConsumedQuantity`, on Money's scale.
    pub quantity: Option<Money>,
    /// First day with a charge.
    pub first: NaiveDate,
    /// Last day with a charge.
    pub last: NaiveDate,
}

/// A billing month of the bills that have the resource's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenMonth {
    /// The month.
    pub month: Month,
    /// Last day with any charge.
    pub until: NaiveDate,
    /// True where nothing of it is expected to change.
    pub closed: bool,
}

/// The bill of one resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// Its charges, in any order.
    pub charges: Vec<Charge>,
    /// The months of the bill, oldest first.
    pub months: Vec<SeenMonth>,
}

impl History {
    /// Lets fees that come on one day of every month stand for the month that follows: between two of them nothing
    /// has ended.
    pub fn spread(&mut self) {
        let mut days: BTreeMap<&Line, (usize, bool)> = BTreeMap::new();
        for charge in &self.charges {
            let known = days.entry(&charge.line).or_insert((0, true));
            *known = (known.0 + 1, known.1 && charge.first == charge.last);
        }
        let fees = days
            .into_iter()
            .filter(|(_, (months, single))| *months > 1 && *single);
        let fees: BTreeSet<Line> = fees.map(|(line, _)| line.clone()).collect();
        for charge in &mut self.charges {
            if fees.contains(&charge.line) {
                charge.last = later(charge.first, FEE);
            }
        }
    }

    /// The last day of the bill.
    pub fn end(&self) -> Option<NaiveDate> {
        self.months.last().map(|seen| seen.until)
    }

    /// The charges of these lines.
    pub(super) fn of<'h>(
        &'h self,
        lines: &'h BTreeSet<Line>,
    ) -> impl Iterator<Item = &'h Charge> + Clone {
        self.charges
            .iter()
            .filter(|charge| lines.contains(&charge.line))
    }

    /// The last day on which one of these lines was charged.
    pub(super) fn last(&self, lines: &BTreeSet<Line>) -> Option<NaiveDate> {
        self.of(lines).map(|charge| charge.last).max()
    }

    /// True where one of these lines is still charged at the end of the bill.
    pub(super) fn is_charged(&self, lines: &BTreeSet<Line>) -> bool {
        let last = self.last(lines).map(|last| later(last, GONE));
        last.zip(self.end()).is_some_and(|(last, end)| last >= end)
    }
}

/// So many days after a day.
pub(super) fn later(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days))
        .unwrap_or(NaiveDate::MAX)
}

/// Days from one to another, both counted; none where the second comes first.
pub(super) fn days(first: NaiveDate, last: NaiveDate) -> u32 {
    u32::try_from((last - first).num_days() + 1).unwrap_or(0)
}
