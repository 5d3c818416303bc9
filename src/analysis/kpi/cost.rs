//! What was spent, what of it prices and commitments saved, and the week's rhythm.

use super::{Formula, Value};
use crate::money::{Money, per, ratio};

/// A month's cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// `EffectiveCost` of every charge.
    pub effective: Money,
    /// Usage whose bill has all prices; `None` where none has.
    pub priced: Option<Priced>,
    /// Usage of weekdays, and of Saturdays and Sundays; with the days of each.
    pub weekdays: Days,
    /// See `weekdays`.
    pub weekends: Days,
}

/// Usage, unused commitments included, at each of its prices. Purchases of commitments are not usage.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Priced {
    /// `ListCost`.
    pub list: Money,
    /// `ContractedCost`.
    pub contracted: Money,
    /// `EffectiveCost`.
    pub effective: Money,
}

/// Complete days and what they cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Days {
    /// `EffectiveCost`.
    pub cost: Money,
    /// How many days.
    pub days: u32,
}

/// Fewest days of each kind that make a rhythm: one week.
const LEAST: (u32, u32) = (5, 2);

impl Sums {
    fn saved(&self, part: fn(Priced) -> Money) -> Option<Value> {
        self.priced.map(|priced| Value::Money(part(priced)))
    }

    fn rate(&self, whole: fn(Priced) -> Money) -> Option<Value> {
        let priced = self.priced?;
        let whole = whole(priced);
        ratio(whole - priced.effective, whole).map(Value::Percent)
    }

    fn rhythm(&self) -> Option<Value> {
        if self.weekdays.days < LEAST.0 || self.weekends.days < LEAST.1 {
            return None;
        }
        let whole = |days: u32| Money::from_units(i128::from(days) * 1_000_000_000_000);
        let weekday = per(self.weekdays.cost, whole(self.weekdays.days), 6)?;
        let weekend = per(self.weekends.cost, whole(self.weekends.days), 6)?;
        ratio(weekend, weekday).map(Value::Percent)
    }
}

/// The table.
pub const FORMULAS: &[Formula<Sums>] = &[
    Formula {
        name: "cost of the month",
        target: None,
        definition: "EffectiveCost of every charge",
        value: |sums| Some(Value::Money(sums.effective)),
    },
    Formula {
        name: "savings, negotiated",
        target: None,
        definition: "ListCost - ContractedCost of usage whose bill has all prices",
        value: |sums| sums.saved(|usage| usage.list - usage.contracted),
    },
    Formula {
        name: "savings, commitments",
        target: None,
        definition: "ContractedCost - EffectiveCost of usage whose bill has all prices, unused commitments paid for",
        value: |sums| sums.saved(|usage| usage.contracted - usage.effective),
    },
    Formula {
        name: "savings, total",
        target: None,
        definition: "ListCost - EffectiveCost of usage whose bill has all prices: negotiated + commitments",
        value: |sums| sums.saved(|usage| usage.list - usage.effective),
    },
    Formula {
        name: "effective savings rate (list)",
        target: None,
        definition: "(ListCost - EffectiveCost) / ListCost, usage including unused commitments",
        value: |sums| sums.rate(|usage| usage.list),
    },
    Formula {
        name: "effective savings rate (contract)",
        target: None,
        definition: "(ContractedCost - EffectiveCost) / ContractedCost, usage including unused commitments",
        value: |sums| sums.rate(|usage| usage.contracted),
    },
    Formula {
        name: "weekend to weekday cost",
        target: None,
        definition: "Usage of an average Saturday or Sunday / usage of an average weekday, complete days alone",
        value: Sums::rhythm,
    },
];

#[cfg(test)]
mod tests {
    use super::super::{money, told};
    use super::*;

    #[test]
    fn savings_have_two_parts_and_two_rates() {
        let sums = Sums {
            effective: money("75"),
            priced: Some(Priced {
                list: money("100"),
                contracted: money("80"),
                effective: money("60"),
            }),
            ..Sums::default()
        };
        assert_eq!(
            told(FORMULAS, &sums),
            [
                "cost of the month: 75.00",
                "savings, negotiated: 20.00",
                "savings, commitments: 20.00",
                "savings, total: 40.00",
                "effective savings rate (list): 40.00%",
                "effective savings rate (contract): 25.00%",
            ]
        );
    }

    #[test]
    fn a_week_has_a_rhythm_and_less_has_none() {
        let days = |cost: &str, days: u32| Days {
            cost: money(cost),
            days,
        };
        let sums = |weekdays, weekends| Sums {
            weekdays,
            weekends,
            ..Sums::default()
        };
        let week = sums(days("500", 5), days("80", 2));
        assert_eq!(week.rhythm(), Some(Value::Percent(4_000)));
        assert_eq!(sums(days("500", 5), days("80", 1)).rhythm(), None);
        assert_eq!(sums(days("0", 5), days("80", 2)).rhythm(), None);
    }
}
