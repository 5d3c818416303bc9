//! What detection found in a month, how soon, and how much of the money it watches.

use super::{Formula, Value};
use crate::money::{Money, ratio};

/// A month's incidents that nobody expected.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// Incidents that began in the month.
    pub count: u64,
    /// Sum of their impact.
    pub impact: Money,
    /// Of incidents that a run was there to see begin: how many, and their days from the first to the first told.
    pub noticed: (u64, u64),
    /// Incidents of the month that people called expected, planned or to be ignored.
    pub muted: u64,
    /// `EffectiveCost` of days that were scored, and of all days.
    pub watched: (Money, Money),
}

/// The table.
pub const FORMULAS: &[Formula<Sums>] = &[
    Formula {
        name: "anomalies",
        target: None,
        definition: "Incidents that began in the month",
        value: |sums| Some(Value::Count(sums.count)),
    },
    Formula {
        name: "anomaly impact",
        target: None,
        definition: "Sum of |actual - expected| over those incidents",
        value: |sums| Some(Value::Money(sums.impact)),
    },
    Formula {
        name: "days to detect",
        target: None,
        definition: "Mean of the days from an incident's first day to the run that first told of it, over incidents \
                     that began after the first run kept in the lake",
        value: |sums| {
            let (count, days) = sums.noticed;
            let hundredths = (days * 100).checked_div(count)?;
            i64::try_from(hundredths).ok().map(Value::Days)
        },
    },
    Formula {
        name: "anomalies called expected",
        target: None,
        definition: "Incidents of the month that feedback calls expected, planned or ignored / all of its incidents",
        value: |sums| {
            let whole = |count: u64| Money::from_units(i128::from(count));
            let share = ratio(whole(sums.muted), whole(sums.muted + sums.count));
            share.map(Value::Percent)
        },
    },
    Formula {
        name: "spend monitored",
        target: None,
        definition: "EffectiveCost of days and series that have a score / EffectiveCost of the series of usage that detection reads",
        value: |sums| {
            let (scored, all) = sums.watched;
            ratio(scored, all).map(Value::Percent)
        },
    },
];

#[cfg(test)]
mod tests {
    use super::super::{money, told};
    use super::*;

    #[test]
    fn incidents_are_counted_priced_and_timed() {
        let sums = Sums {
            count: 3,
            impact: money("120.5"),
            noticed: (2, 5),
            muted: 1,
            watched: (money("90"), money("100")),
        };
        assert_eq!(
            told(FORMULAS, &sums),
            [
                "anomalies: 3",
                "anomaly impact: 120.50",
                "days to detect: 2.50 days",
                "anomalies called expected: 25.00%",
                "spend monitored: 90.00%",
            ]
        );
    }

    #[test]
    fn what_no_run_saw_begin_has_no_time() {
        assert_eq!(
            told(FORMULAS, &Sums::default()),
            ["anomalies: 0", "anomaly impact: 0.00"]
        );
    }
}
