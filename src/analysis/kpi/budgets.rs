//! How budgets of the whole bill stand.

use super::{Formula, Target, Value, hundredths};
use crate::money::{Money, ratio};

/// One budget.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// What may be spent in the period.
    pub budget: Money,
    /// What was spent of it.
    pub spent: Money,
    /// Spent and forecast; what was spent where the period is over, nothing where it cannot be forecast.
    pub expected: Option<Money>,
    /// Days of the period, and those that had passed.
    pub days: (u64, u64),
}

impl Sums {
    fn known(&self) -> Option<()> {
        (self.budget > Money::ZERO).then_some(())
    }
}

/// The table.
pub const FORMULAS: &[Formula<Sums>] = &[
    Formula {
        name: "budget variance",
        target: Some(Target::AtMost(0)),
        definition: "(Spent + forecast of the period's remaining days - budget) / budget; spent alone where it is over",
        value: |sums| {
            sums.known()?;
            ratio(sums.expected? - sums.budget, sums.budget).map(Value::Percent)
        },
    },
    Formula {
        name: "budget burn rate",
        target: Some(Target::AtMost(100)),
        definition: "Share of the budget that is spent / share of its period that has passed: 1 is on pace",
        value: |sums| {
            sums.known()?;
            let (days, passed) = sums.days;
            let one = 1_000_000_000_000;
            let whole = |days: u64| Money::from_units(i128::from(days) * one);
            let spent = sums.spent.times(whole(days))?;
            let pace = sums.budget.times(whole(passed))?;
            let rate = hundredths(spent, pace).filter(|_| passed > 0)?;
            Some(Value::Ratio(rate))
        },
    },
];

#[cfg(test)]
mod tests {
    use super::super::{money, told};
    use super::*;

    #[test]
    fn a_running_budget_has_a_variance_and_a_pace() {
        let sums = Sums {
            budget: money("3000"),
            spent: money("2500"),
            expected: Some(money("3750")),
            days: (30, 20),
        };
        assert_eq!(
            told(FORMULAS, &sums),
            [
                "budget variance: 25.00% missed",
                "budget burn rate: 1.25 missed",
            ]
        );
    }

    #[test]
    fn before_it_begins_or_of_nothing_there_is_no_pace() {
        let sums = Sums {
            budget: money("3000"),
            days: (30, 0),
            ..Sums::default()
        };
        assert_eq!(told(FORMULAS, &sums), Vec::<String>::new());
        assert_eq!(told(FORMULAS, &Sums::default()), Vec::<String>::new());
    }
}
