//! How right forecasts of the whole bill were, span by span.

use super::{Formula, Target, Value};
use crate::money::{Money, ratio};

/// Forecasts of one span whose last day lies in the month, against what came.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// How many.
    pub forecasts: u64,
    /// Sum of what was forecast.
    pub forecast: Money,
    /// Sum of what came.
    pub actual: Money,
    /// Sum of the misses, each positive.
    pub missed: Money,
    /// How many came within the 80 % and the 95 % interval.
    pub covered: (u64, u64),
    /// Error of the back-tests behind this run's forecast, 1 for all of the actual.
    pub backtest: Option<Money>,
}

const ONE: Money = Money::from_units(1_000_000_000_000);

impl Sums {
    fn covered(&self, count: u64) -> Option<Value> {
        let whole = |count: u64| Money::from_units(i128::from(count));
        ratio(whole(count), whole(self.forecasts)).map(Value::Percent)
    }
}

/// The table.
pub const FORMULAS: &[Formula<Sums>] = &[
    Formula {
        name: "forecast variance",
        target: Some(Target::Within(1_200)),
        definition: "(Actual - forecast) / forecast over forecasts of the total whose last day lies in the month",
        value: |sums| ratio(sums.actual - sums.forecast, sums.forecast).map(Value::Percent),
    },
    Formula {
        name: "forecast error (wMAPE)",
        target: Some(Target::AtMost(1_200)),
        definition: "Sum of |actual - forecast| / sum of actuals over the same forecasts",
        value: |sums| {
            let came = sums.actual > Money::ZERO;
            let error = ratio(sums.missed, sums.actual).filter(|_| came)?;
            Some(Value::Percent(error))
        },
    },
    Formula {
        name: "forecasts within 80 % interval",
        target: Some(Target::AtLeast(8_000)),
        definition: "Actuals in the 80 % interval / forecasts of the total whose last day lies in the month",
        value: |sums| sums.covered(sums.covered.0),
    },
    Formula {
        name: "forecasts within 95 % interval",
        target: Some(Target::AtLeast(9_500)),
        definition: "Actuals in the 95 % interval / forecasts of the total whose last day lies in the month",
        value: |sums| sums.covered(sums.covered.1),
    },
    Formula {
        name: "forecast error in back-tests",
        target: Some(Target::AtMost(1_200)),
        definition: "Error of forecasts made from the bill's own past, see BacktestError in forecast.csv",
        value: |sums| ratio(sums.backtest?, ONE).map(Value::Percent),
    },
];

#[cfg(test)]
mod tests {
    use super::super::{money, told};
    use super::*;

    #[test]
    fn forecasts_are_judged_on_what_came() {
        let sums = Sums {
            forecasts: 4,
            forecast: money("400"),
            actual: money("440"),
            missed: money("66"),
            covered: (3, 4),
            backtest: Some(money("0.0512")),
        };
        assert_eq!(
            told(FORMULAS, &sums),
            [
                "forecast variance: 10.00% met",
                "forecast error (wMAPE): 15.00% missed",
                "forecasts within 80 % interval: 75.00% missed",
                "forecasts within 95 % interval: 100.00% met",
                "forecast error in back-tests: 5.12% met",
            ]
        );
    }

    #[test]
    fn before_any_came_there_is_nothing_to_judge() {
        assert_eq!(told(FORMULAS, &Sums::default()), Vec::<String>::new());
    }
}
