//! What could be saved, each charge once.

use super::{Formula, Target, Value};
use crate::money::{Money, ratio};

/// Savings per month of 730 hours, low and high.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// That rightsizing found.
    pub rightsizing: Option<(Money, Money)>,
    /// That waste checks found beside them.
    pub waste: Option<(Money, Money)>,
    /// `EffectiveCost` of the latest month that is over, on 730 hours.
    pub spend: Option<Money>,
}

impl Sums {
    /// Both together, where there is one.
    fn all(&self) -> Option<(Money, Money)> {
        self.rightsizing.or(self.waste)?;
        let (a, b) = self.rightsizing.unwrap_or_default();
        let (c, d) = self.waste.unwrap_or_default();
        Some((a + c, b + d))
    }

    fn share(&self, savings: Option<(Money, Money)>) -> Option<Value> {
        let spend = self.spend.filter(|spend| *spend > Money::ZERO)?;
        ratio(savings?.1, spend).map(Value::Percent)
    }
}

/// The table.
pub const FORMULAS: &[Formula<Sums>] = &[
    Formula {
        name: "rightsizing opportunity, low",
        target: None,
        definition: "Sum of MonthlySavingsLow, confidence D left out",
        value: |sums| sums.rightsizing.map(|(low, _)| Value::Money(low)),
    },
    Formula {
        name: "rightsizing opportunity, high",
        target: None,
        definition: "Sum of MonthlySavingsHigh, confidence D left out",
        value: |sums| sums.rightsizing.map(|(_, high)| Value::Money(high)),
    },
    Formula {
        name: "rightsizing opportunity",
        target: None,
        definition: "Rightsizing opportunity, high / EffectiveCost of the latest month that is over, on 730 hours",
        value: |sums| sums.share(sums.rightsizing),
    },
    Formula {
        name: "waste, low",
        target: None,
        definition: "Sum of MonthlySavingsLow of what counts in waste.csv",
        value: |sums| sums.waste.map(|(low, _)| Value::Money(low)),
    },
    Formula {
        name: "waste, high",
        target: None,
        definition: "Sum of MonthlySavingsHigh of what counts in waste.csv",
        value: |sums| sums.waste.map(|(_, high)| Value::Money(high)),
    },
    Formula {
        name: "waste",
        target: Some(Target::AtMost(300)),
        definition: "Waste, high / EffectiveCost of the latest month that is over, on 730 hours",
        value: |sums| sums.share(sums.waste),
    },
    Formula {
        name: "savings opportunity, low",
        target: None,
        definition: "Rightsizing and waste together, each charge saved once",
        value: |sums| sums.all().map(|(low, _)| Value::Money(low)),
    },
    Formula {
        name: "savings opportunity, high",
        target: None,
        definition: "Rightsizing and waste together, each charge saved once",
        value: |sums| sums.all().map(|(_, high)| Value::Money(high)),
    },
];

#[cfg(test)]
mod tests {
    use super::super::{money, told};
    use super::*;

    #[test]
    fn opportunities_add_up_and_are_shares_of_spend() {
        let sums = Sums {
            rightsizing: Some((money("100"), money("150"))),
            waste: Some((money("40"), money("50"))),
            spend: Some(money("1000")),
        };
        assert_eq!(
            told(FORMULAS, &sums),
            [
                "rightsizing opportunity, low: 100.00",
                "rightsizing opportunity, high: 150.00",
                "rightsizing opportunity: 15.00%",
                "waste, low: 40.00",
                "waste, high: 50.00",
                "waste: 5.00% missed",
                "savings opportunity, low: 140.00",
                "savings opportunity, high: 200.00",
            ]
        );
    }

    #[test]
    fn one_alone_is_all_there_is() {
        let sums = Sums {
            waste: Some((money("40"), money("50"))),
            ..Sums::default()
        };
        assert_eq!(
            told(FORMULAS, &sums),
            [
                "waste, low: 40.00",
                "waste, high: 50.00",
                "savings opportunity, low: 40.00",
                "savings opportunity, high: 50.00",
            ]
        );
    }
}
