//! How current the bill is, and how far it is from its invoices.

use super::{Formula, Target, Value};
use crate::money::{Money, ratio};

/// What is known of a month's bill.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// Days from the newest charge to the run; for the latest month.
    pub latency: Option<i64>,
    /// Invoices that were compared: sum of the differences, each positive, and sum of the invoices.
    pub drift: Option<(Money, Money)>,
}

/// The table.
pub const FORMULAS: &[Formula<Sums>] = &[
    Formula {
        name: "data latency",
        target: None,
        definition: "Days from the newest day with a charge to the day of the run",
        value: |sums| sums.latency.map(|days| Value::Days(days * 100)),
    },
    Formula {
        name: "reconciliation drift",
        target: Some(Target::AtMost(50)),
        definition: "Sum of |BilledCost - invoice| / sum of invoices, over invoices of the month that were compared",
        value: |sums| {
            let (drift, invoiced) = sums.drift?;
            ratio(drift, invoiced.abs()).map(Value::Percent)
        },
    },
];

#[cfg(test)]
mod tests {
    use super::super::{money, told};
    use super::*;

    #[test]
    fn latency_and_drift() {
        let sums = Sums {
            latency: Some(1),
            drift: Some((money("6"), money("1000"))),
        };
        assert_eq!(
            told(FORMULAS, &sums),
            [
                "data latency: 1.00 days",
                "reconciliation drift: 0.60% missed"
            ]
        );
    }
}
