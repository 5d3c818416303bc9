//! What one unit of the business costs.

use super::{Formula, Value};
use crate::money::Money;

/// A unit in a month.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// Direct and shared cost per unit.
    pub one: Option<Money>,
    /// Change from the month before, in hundredths of a percent.
    pub change: Option<i64>,
}

/// The table.
pub const FORMULAS: &[Formula<Sums>] = &[
    Formula {
        name: "unit cost",
        target: None,
        definition: "Direct and shared cost of the scope in showback / quantity, see unit_cost.csv",
        value: |sums| sums.one.map(|one| Value::Price(one, "unit")),
    },
    Formula {
        name: "unit cost, change",
        target: None,
        definition: "Unit cost against the month before, see unit_cost.csv",
        value: |sums| sums.change.map(Value::Percent),
    },
];

#[cfg(test)]
mod tests {
    use super::super::{money, told};
    use super::*;

    #[test]
    fn a_unit_has_a_price_and_a_change() {
        let sums = Sums {
            one: Some(money("1.25")),
            change: Some(-310),
        };
        assert_eq!(
            told(FORMULAS, &sums),
            ["unit cost: 1.25 per unit", "unit cost, change: -3.10%"]
        );
    }
}
