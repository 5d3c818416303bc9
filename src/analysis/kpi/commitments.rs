//! How well commitments did, what they are worth, and what of them ends soon.

use super::{Formula, Target, Value, hundredths};
use crate::analysis::commitment::rates;
use crate::money::{Money, ratio};

/// Days within which a commitment counts as expiring.
pub const EXPIRING_DAYS: [i64; 3] = [30, 60, 90];

/// Usage that commitments cover or could cover, and what they cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// At contract price, and what was used and unused.
    pub rates: rates::Sums,
    /// The same usage, unused commitments included, where the bill has a list price: `ListCost` and `EffectiveCost`.
    pub list: Option<(Money, Money)>,
    /// What is held on the day of the run; for the latest month.
    pub held: Option<Held>,
}

/// Commitments that a bill gives an end, on the day of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Held {
    /// How many end within each of [`EXPIRING_DAYS`], and what their usage costs on demand per month of 730 hours.
    pub expiring: [(u64, Money); 3],
    /// What is still to be paid (or was paid ahead) until the ends.
    pub remaining: Money,
    /// Of commitments whose term is known: cost of the whole term, and of their usage on demand in a month.
    pub term: (Money, Money),
}

impl Sums {
    fn all(&self) -> Money {
        self.rates.used + self.rates.unused
    }

    /// A rate of commitments, where there are any.
    fn rate(&self, rate: fn(rates::Sums) -> Option<i64>) -> Option<Value> {
        self.held_any()?;
        rate(self.rates).map(Value::Percent)
    }

    fn amount(&self, amount: fn(rates::Sums) -> Money) -> Option<Value> {
        self.held_any()?;
        Some(Value::Money(amount(self.rates)))
    }

    fn held_any(&self) -> Option<()> {
        (self.all() != Money::ZERO).then_some(())
    }

    fn ending(&self, within: usize) -> Option<Value> {
        self.held.map(|held| Value::Count(held.expiring[within].0))
    }

    fn falling_back(&self, within: usize) -> Option<Value> {
        self.held.map(|held| Value::Money(held.expiring[within].1))
    }

    /// Months of on-demand usage that the whole term's cost buys.
    fn break_even(&self) -> Option<Value> {
        let (cost, on_demand) = self.held?.term;
        hundredths(cost, on_demand).map(Value::Months)
    }
}

/// The table.
pub const FORMULAS: &[Formula<Sums>] = &[
    Formula {
        name: "commitment utilization",
        target: Some(Target::AtLeast(8_000)),
        definition: "Used / (used + unused) EffectiveCost of commitments",
        value: |sums| sums.rate(rates::Sums::utilization),
    },
    Formula {
        name: "commitment waste",
        target: Some(Target::AtMost(2_000)),
        definition: "Unused / (used + unused) EffectiveCost of commitments",
        value: |sums| sums.rate(|rates| ratio(rates.unused, rates.used + rates.unused)),
    },
    Formula {
        name: "commitment waste, cost",
        target: None,
        definition: "Unused EffectiveCost of commitments",
        value: |sums| sums.amount(|rates| rates.unused),
    },
    Formula {
        name: "commitment coverage",
        target: None,
        definition: "ContractedCost of covered usage / ContractedCost of all usage that commitments can cover",
        value: |sums| sums.rate(rates::Sums::coverage),
    },
    Formula {
        name: "commitment discount",
        target: None,
        definition: "(ContractedCost - EffectiveCost) / ContractedCost of covered usage, unused commitments left out",
        value: |sums| sums.rate(rates::Sums::discount),
    },
    Formula {
        name: "break-even utilization",
        target: None,
        definition: "1 - commitment discount: below this utilization commitments cost more than they save",
        value: |sums| sums.rate(rates::Sums::break_even),
    },
    Formula {
        name: "break-even months",
        target: Some(Target::AtMost(900)),
        definition: "Cost of the commitments' whole terms / ContractedCost per month of 730 hours of the usage they \
                     cover: after so many months the usage would have cost as much on demand; terms that the bill tells",
        value: Sums::break_even,
    },
    Formula {
        name: "effective savings rate (committable)",
        target: None,
        definition: "(ContractedCost of covered usage - used - unused EffectiveCost) / ContractedCost of all usage that commitments can cover",
        value: |sums| sums.rate(rates::Sums::savings_rate),
    },
    Formula {
        name: "effective savings rate (committable, list)",
        target: None,
        definition: "(ListCost - EffectiveCost) / ListCost of all usage that commitments can cover, unused commitments \
                     included: negotiated and commitment savings",
        value: |sums| {
            sums.held_any()?;
            let (list, effective) = sums.list?;
            ratio(list - effective, list).map(Value::Percent)
        },
    },
    Formula {
        name: "commitment savings",
        target: None,
        definition: "ContractedCost of covered usage - used - unused EffectiveCost",
        value: |sums| sums.amount(rates::Sums::savings),
    },
    Formula {
        name: "commitment savings before waste",
        target: None,
        definition: "ContractedCost of covered usage - used EffectiveCost",
        value: |sums| sums.amount(|rates| rates.covered - rates.used),
    },
    Formula {
        name: "commitment return",
        target: Some(Target::AtLeast(1_000)),
        definition: "Commitment savings / (used + unused) EffectiveCost of commitments",
        value: |sums| sums.rate(|rates| ratio(rates.savings(), rates.used + rates.unused)),
    },
    Formula {
        name: "commitment remaining",
        target: None,
        definition: "Cost per hour x hours from the run to the end, over commitments whose end the bill tells",
        value: |sums| sums.held.map(|held| Value::Money(held.remaining)),
    },
    Formula {
        name: "commitments expiring in 30 days",
        target: None,
        definition: "Commitments that end within 30 days of the run, where the bill tells",
        value: |sums| sums.ending(0),
    },
    Formula {
        name: "on-demand equivalent expiring in 30 days",
        target: None,
        definition: "ContractedCost per month of 730 hours of the usage that they cover",
        value: |sums| sums.falling_back(0),
    },
    Formula {
        name: "commitments expiring in 60 days",
        target: None,
        definition: "Commitments that end within 60 days of the run, where the bill tells",
        value: |sums| sums.ending(1),
    },
    Formula {
        name: "on-demand equivalent expiring in 60 days",
        target: None,
        definition: "ContractedCost per month of 730 hours of the usage that they cover",
        value: |sums| sums.falling_back(1),
    },
    Formula {
        name: "commitments expiring",
        target: None,
        definition: "Commitments that end within 90 days of the run, where the bill tells",
        value: |sums| sums.ending(2),
    },
    Formula {
        name: "on-demand equivalent expiring",
        target: None,
        definition: "ContractedCost per month of 730 hours of the usage that they cover",
        value: |sums| sums.falling_back(2),
    },
];

#[cfg(test)]
mod tests {
    use super::super::{money, told};
    use super::*;

    #[test]
    fn the_rates_of_a_month() {
        let sums = Sums {
            rates: rates::Sums {
                covered: money("500"),
                used: money("300"),
                unused: money("100"),
                on_demand: money("500"),
            },
            list: Some((money("1250"), money("900"))),
            held: None,
        };
        assert_eq!(
            told(FORMULAS, &sums),
            [
                "commitment utilization: 75.00% missed",
                "commitment waste: 25.00% missed",
                "commitment waste, cost: 100.00",
                "commitment coverage: 50.00%",
                "commitment discount: 40.00%",
                "break-even utilization: 60.00%",
                "effective savings rate (committable): 10.00%",
                "effective savings rate (committable, list): 28.00%",
                "commitment savings: 100.00",
                "commitment savings before waste: 200.00",
                "commitment return: 25.00% met",
            ]
        );
    }

    #[test]
    fn what_is_held_ends_and_pays_back() {
        // Three years of 730 hours a month at 0.60 for usage of 1.00: back after 36 x 0.6 months.
        let sums = Sums {
            held: Some(Held {
                expiring: [(0, Money::ZERO), (1, money("73")), (2, money("146"))],
                remaining: money("14.40"),
                term: (money("15768"), money("730")),
            }),
            ..Sums::default()
        };
        assert_eq!(
            told(FORMULAS, &sums),
            [
                "break-even months: 21.60 months missed",
                "commitment remaining: 14.40",
                "commitments expiring in 30 days: 0",
                "on-demand equivalent expiring in 30 days: 0.00",
                "commitments expiring in 60 days: 1",
                "on-demand equivalent expiring in 60 days: 73.00",
                "commitments expiring: 2",
                "on-demand equivalent expiring: 146.00",
            ]
        );
    }

    #[test]
    fn usage_without_commitments_has_no_rates() {
        let sums = Sums {
            rates: rates::Sums {
                on_demand: money("500"),
                ..rates::Sums::default()
            },
            list: Some((money("500"), money("500"))),
            held: None,
        };
        assert_eq!(told(FORMULAS, &sums), Vec::<String>::new());
    }
}
