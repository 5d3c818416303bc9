//! The field's key figures, each with its formula, target and status.
//!
//! A figure is a row of its group's table: name, target, definition and formula over the group's sums. Definitions
//! follow the FinOps Foundation's KPI collection, its framework and the effective savings rate; a figure whose
//! inputs are missing is left out, never zero. Nothing is read here: sums come from the facts and the methods.
//!
//! What the field lists and this cannot say, and why:
//!
//! | figure | why not |
//! |---|---|
//! | time to acknowledge and to resolve an anomaly | nobody tells a file when a person looked |
//! | precision and recall of anomalies | needs labelled days; `make accuracy` measures them on data that has labels |
//! | hourly update frequency, hours of latency | bills carry days; the days from the newest charge are told |
//! | wrong storage tier in percent | needs access times of objects; waste checks price what requests show |
//! | normalised hours | vCPU-hours say the same across providers |
//! | marginal unit cost | a series, not a figure of a month: `unit_cost.csv` has it |

pub mod allocation;
pub mod anomalies;
pub mod budgets;
pub mod commitments;
pub mod compute;
pub mod cost;
pub mod forecasts;
pub mod inventory;
pub mod opportunity;
pub mod storage;
pub mod trust;
pub mod units;

use super::ledger;
use crate::money::{Money, per};

/// A hundredth on the scale of money.
const HUNDREDTH: i128 = 10_000_000_000;

/// One row of a group's table: a figure over the group's sums.
pub struct Formula<S> {
    /// Its name.
    pub name: &'static str,
    /// What it should be, in the unit of its value.
    pub target: Option<Target>,
    /// Its formula in words.
    pub definition: &'static str,
    /// Its formula; `None` where an input is missing.
    pub value: fn(&S) -> Option<Value>,
}

/// What a figure should be. Of percents in hundredths of a percent, of months in hundredths of a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// More is better.
    AtLeast(i64),
    /// Less is better.
    AtMost(i64),
    /// No farther from nothing than this, up or down.
    Within(i64),
}

impl Target {
    /// The number.
    pub fn bound(self) -> i64 {
        let (Target::AtLeast(bound) | Target::AtMost(bound) | Target::Within(bound)) = self;
        bound
    }

    fn is_met(self, value: i64) -> bool {
        match self {
            Target::AtLeast(bound) => value >= bound,
            Target::AtMost(bound) => value <= bound,
            Target::Within(bound) => value.abs() <= bound,
        }
    }
}

/// A figure with its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// Hundredths of a percent.
    Percent(i64),
    /// Money of the sums' currency.
    Money(Money),
    /// Money of the sums' currency for one of something.
    Price(Money, &'static str),
    /// Whole things.
    Count(u64),
    /// Hundredths of a month.
    Months(i64),
    /// Hundredths of a day.
    Days(i64),
    /// Hundredths of one.
    Ratio(i64),
}

impl Value {
    /// The number that a target speaks of.
    fn number(self) -> Option<i64> {
        match self {
            Value::Percent(value)
            | Value::Months(value)
            | Value::Days(value)
            | Value::Ratio(value) => Some(value),
            Value::Money(_) | Value::Price(..) | Value::Count(_) => None,
        }
    }
}

/// One key figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Kpi {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// What it should be.
    pub target: Option<Target>,
    /// Its formula in words.
    pub definition: &'static str,
}

impl Kpi {
    /// `met`, `missed`, or nothing without a target.
    pub fn status(&self) -> &'static str {
        match self.target.zip(self.value.number()) {
            Some((target, value)) if target.is_met(value) => "met",
            Some(_) => "missed",
            None => "",
        }
    }
}

/// The figures of a table that the sums allow, in the table's order.
pub fn figures<S>(formulas: &[Formula<S>], sums: &S) -> Vec<Kpi> {
    let figure = |formula: &Formula<S>| {
        Some(Kpi {
            name: formula.name.to_owned(),
            value: (formula.value)(sums)?,
            target: formula.target,
            definition: formula.definition,
        })
    };
    formulas.iter().filter_map(figure).collect()
}

/// The same of one thing among several: its name stands behind each figure's.
fn figures_of<S>(formulas: &[Formula<S>], sums: &S, of: &str) -> Vec<Kpi> {
    let mut figures = figures(formulas, sums);
    for figure in &mut figures {
        figure.name = format!("{}, {of}", figure.name);
    }
    figures
}

/// What the figures of one month and currency are made of. What has no currency stands under an empty one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sums {
    /// Billing month.
    pub month: String,
    /// Currency.
    pub currency: String,
    /// What was spent, and what it would have been at other prices.
    pub cost: Option<cost::Sums>,
    /// Whose it is.
    pub allocation: Option<allocation::Sums>,
    /// How well commitments did.
    pub commitments: commitments::Sums,
    /// Machines and what they cost.
    pub compute: compute::Sums,
    /// Disks and objects and what they cost.
    pub storage: storage::Sums,
    /// What detection found.
    pub anomalies: Option<anomalies::Sums>,
    /// What could be saved; for the latest month.
    pub opportunity: opportunity::Sums,
    /// What the savings ledger knows of the month.
    pub ledger: Option<ledger::Sums>,
    /// What an inventory shows; for the latest month.
    pub inventory: inventory::Sums,
    /// Forecasts whose days are over, by their span's name; and back-tests, for the latest month.
    pub forecasts: Vec<(String, forecasts::Sums)>,
    /// Budgets of the whole bill, by their period's name.
    pub budgets: Vec<(String, budgets::Sums)>,
    /// What one of the units that the business counts costs, by the unit's name.
    pub units: Vec<(String, units::Sums)>,
    /// How current and how right the bill is.
    pub trust: trust::Sums,
}

/// The figures that the sums allow, group by group.
pub fn kpis(sums: &Sums) -> Vec<Kpi> {
    let mut kpis = Vec::new();
    if let Some(cost) = &sums.cost {
        kpis.extend(figures(cost::FORMULAS, cost));
    }
    if let Some(allocation) = &sums.allocation {
        kpis.extend(figures(allocation::FORMULAS, allocation));
    }
    kpis.extend(figures(commitments::FORMULAS, &sums.commitments));
    kpis.extend(figures(compute::FORMULAS, &sums.compute));
    kpis.extend(figures(storage::FORMULAS, &sums.storage));
    if let Some(anomalies) = &sums.anomalies {
        kpis.extend(figures(anomalies::FORMULAS, anomalies));
    }
    kpis.extend(figures(opportunity::FORMULAS, &sums.opportunity));
    if let Some(ledger) = &sums.ledger {
        kpis.extend(figures(ledger::FORMULAS, ledger));
    }
    kpis.extend(figures(inventory::FORMULAS, &sums.inventory));
    kpis.extend(each(forecasts::FORMULAS, &sums.forecasts));
    kpis.extend(each(budgets::FORMULAS, &sums.budgets));
    kpis.extend(each(units::FORMULAS, &sums.units));
    kpis.extend(figures(trust::FORMULAS, &sums.trust));
    kpis
}

fn each<S>(formulas: &[Formula<S>], sums: &[(String, S)]) -> Vec<Kpi> {
    let of = |(name, sums): &(String, S)| figures_of(formulas, sums, name);
    sums.iter().flat_map(of).collect()
}

/// One amount per another, in hundredths of one.
fn hundredths(part: Money, whole: Money) -> Option<i64> {
    let one = per(part, whole, 2)?;
    i64::try_from(one.units() / HUNDREDTH).ok()
}

/// What tests read of a table: names and values as text.
#[cfg(test)]
fn told<S>(formulas: &[Formula<S>], sums: &S) -> Vec<String> {
    let line = |kpi: &Kpi| {
        let value = match kpi.value {
            Value::Percent(value) => format!("{}%", crate::money::percent(value)),
            Value::Months(value) => format!("{} months", crate::money::percent(value)),
            Value::Days(value) => format!("{} days", crate::money::percent(value)),
            Value::Ratio(value) => crate::money::percent(value),
            Value::Money(amount) => amount.to_string(),
            Value::Price(amount, per) => format!("{amount} per {per}"),
            Value::Count(count) => count.to_string(),
        };
        let status = kpi.status();
        let space = if status.is_empty() { "" } else { " " };
        format!("{}: {value}{space}{status}", kpi.name)
    };
    figures(formulas, sums).iter().map(line).collect()
}

/// Literal amounts of tests.
#[cfg(test)]
fn money(text: &str) -> Money {
    Money::parse(text.as_bytes()).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn nothing_known_is_no_figure() {
        assert_eq!(kpis(&Sums::default()), []);
    }

    #[test]
    fn a_target_is_met_from_its_side() {
        assert!(Target::AtLeast(5).is_met(5) && !Target::AtLeast(5).is_met(4));
        assert!(Target::AtMost(5).is_met(5) && !Target::AtMost(5).is_met(6));
        assert!(Target::Within(5).is_met(-5) && !Target::Within(5).is_met(-6));
    }

    #[test]
    fn no_two_figures_have_one_name() {
        fn names<S>(formulas: &[Formula<S>]) -> Vec<&'static str> {
            formulas.iter().map(|formula| formula.name).collect()
        }
        let all = [
            names(cost::FORMULAS),
            names(allocation::FORMULAS),
            names(commitments::FORMULAS),
            names(compute::FORMULAS),
            names(storage::FORMULAS),
            names(anomalies::FORMULAS),
            names(opportunity::FORMULAS),
            names(inventory::FORMULAS),
            names(forecasts::FORMULAS),
            names(budgets::FORMULAS),
            names(units::FORMULAS),
            names(trust::FORMULAS),
        ]
        .concat();
        let distinct: BTreeSet<&str> = all.iter().copied().collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn figures_of_one_among_several_say_which() {
        let sums = forecasts::Sums {
            backtest: Some(money("0.0512")),
            ..forecasts::Sums::default()
        };
        let all = Sums {
            forecasts: vec![("30 days".to_owned(), sums)],
            ..Sums::default()
        };
        let [one] = &kpis(&all)[..] else {
            panic!("one figure")
        };
        assert_eq!(one.name, "forecast error in back-tests, 30 days");
        assert_eq!(one.value, Value::Percent(512));
    }
}
