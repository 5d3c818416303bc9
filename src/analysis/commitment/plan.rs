//! How much more to commit: three levels from the cheapest-cost curve, careful about the past and the future.
//!
//! The history is usage that no commitment covers, after what will go away and with what expires soon. It is looked
//! at over 7, 30 and 60 days, the spans that AWS and Azure advise on, and the span that recommends least decides, so
//! that neither last week's peak nor last quarter's fleet is bought for a year. Levels: the floor (95 of 100 hours
//! use all of it), the optimum (least cost over the span), and between them the recommendation, the smallest
//! commitment within 5 % of the optimum's savings: the curve is flat there and less is at risk.

use super::curve::{Curve, Usage};
use super::ladder::HOURLY_DECIMALS;
use crate::money::{Money, ratio};

/// Days looked back, shortest first.
pub const LOOKBACKS: [usize; 3] = [7, 30, 60];
/// Days after which a commitment's end counts as soon: its usage is free to be committed again.
pub const SOON_DAYS: u64 = 60;
/// Share of the optimum's savings that is enough.
const ENOUGH: f64 = 0.95;
/// Spans whose recommendations differ by more than this share are worth a word.
const ALIKE: f64 = 0.10;
/// Hours of the month in which savings are stated.
const MONTH: f64 = 730.0;
/// Steps of a commitment to spend.
const THOUSANDTH: f64 = 0.001;
/// Decimals of what whole units cost per hour.
const UNIT_DECIMALS: usize = 6;

/// What a scope used, oldest first, up to the last complete day.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// Usage of each hour that no lasting commitment covers; of each day, per hour, where `daily`.
    pub usage: Vec<Vec<Usage>>,
    /// What lasting commitments cover beside it, at on-demand price.
    pub covered: Vec<f64>,
    /// True where the bill knows days only: nights are flattened, and every level is overstated.
    pub daily: bool,
    /// Where commitments are bought in whole units: the discounted price of one per hour.
    pub unit: Option<f64>,
}

/// A level of commitment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Used in full in 95 of 100 hours.
    Floor,
    /// Smallest within 5 % of the best savings, and no less than the floor.
    Recommended,
    /// Least cost.
    Optimum,
}

impl Level {
    /// As tables have it.
    pub fn name(self) -> &'static str {
        match self {
            Level::Floor => "floor",
            Level::Recommended => "recommended",
            Level::Optimum => "optimum",
        }
    }
}

/// A commitment and what comes of it, had the span been run with it. Shares are hundredths of a percent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Which.
    pub level: Level,
    /// Commitment per hour, in thousandths; of whole units, what they cost.
    pub hourly: Money,
    /// How many units that is, where it is bought in units.
    pub units: Option<u64>,
    /// Discount of the usage it covers.
    pub discount: i64,
    /// Utilisation below which it loses money: 100 % less the discount.
    pub break_even: i64,
    /// Savings per month of 730 hours, the commitment paid for.
    pub net: Money,
    /// The same with 10 % less usage.
    pub at_minus_10: Money,
    /// The same with 20 % less usage.
    pub at_minus_20: Money,
    /// Coverage of the scope with it.
    pub coverage: i64,
    /// Utilisation of it.
    pub utilization: i64,
}

/// Levels for one scope.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Floor, recommended, optimum: ascending.
    pub rows: Vec<Row>,
    /// The span that decided, in days.
    pub lookback: usize,
    /// What each span recommends.
    pub spans: Vec<(usize, Money)>,
    /// The span's curve, for a chart.
    pub curve: Curve,
}

impl Plan {
    /// True where the spans' recommendations differ by more than 10 %.
    pub fn differs(&self) -> bool {
        let amounts = || self.spans.iter().map(|(_, hourly)| hourly.approximate());
        let (least, most) = (
            amounts().fold(f64::INFINITY, f64::min),
            amounts().fold(0.0, f64::max),
        );
        most - least > ALIKE * most
    }

    /// The recommended row.
    pub fn recommended(&self) -> Option<&Row> {
        self.rows.iter().find(|row| row.level == Level::Recommended)
    }
}

/// Levels for a history from which this much usage (on-demand price per hour) will go away. `None` where no span
/// finds anything worth committing to.
pub fn plan(history: &History, remove: f64) -> Option<Plan> {
    let per_day = if history.daily { 1 } else { 24 };
    let days = history.usage.len() / per_day;
    let mut spans: Vec<usize> = LOOKBACKS.into_iter().filter(|span| *span <= days).collect();
    if spans.is_empty() {
        spans.push(days);
    }
    let curves = spans.iter().map(|&span| {
        let usage = lessened(tail(&history.usage, span * per_day), remove);
        let curve = Curve::new(usage.iter().map(Vec::as_slice));
        let hourly = recommended(&curve);
        (span, hourly, curve)
    });
    let curves: Vec<(usize, f64, Curve)> = curves.collect();
    // Of spans that recommend the same, the longest: it has seen most.
    let step = history.unit.unwrap_or(THOUSANDTH);
    let least = curves.iter().min_by(|a, b| {
        let amounts = steps(a.1, step).total_cmp(&steps(b.1, step));
        amounts.then_with(|| b.0.cmp(&a.0))
    });
    let (lookback, _, curve) = least?.clone();
    let covered = tail(&history.covered, lookback * per_day).iter().sum();
    let levels = [
        (Level::Floor, curve.floor().min(curve.optimum())),
        (Level::Recommended, recommended(&curve)),
        (Level::Optimum, curve.optimum()),
    ];
    let rows = levels
        .into_iter()
        .filter_map(|(level, hourly)| row(&curve, level, (hourly, history.unit), covered));
    let rows: Vec<Row> = rows.collect();
    rows.iter()
        .any(|row| row.level == Level::Recommended)
        .then_some(())?;
    let spans = curves
        .iter()
        .filter_map(|(span, hourly, _)| Some((*span, money(*hourly, HOURLY_DECIMALS)?)));
    Some(Plan {
        rows,
        lookback,
        spans: spans.collect(),
        curve,
    })
}

fn recommended(curve: &Curve) -> f64 {
    let floor = curve.floor().min(curve.optimum());
    curve.reaching(ENOUGH).max(floor)
}

/// Whole steps in an hourly amount.
fn steps(hourly: f64, step: f64) -> f64 {
    (hourly / step + 1e-6).floor()
}

/// The figures of a commitment, cut to thousandths or whole units first, so that they are those of the amount shown.
fn row(
    curve: &Curve,
    level: Level,
    (hourly, unit): (f64, Option<f64>),
    covered: f64,
) -> Option<Row> {
    let step = unit.unwrap_or(THOUSANDTH);
    let count = steps(hourly, step);
    if count < 1.0 {
        return None;
    }
    let hourly = count * step;
    let decimals = if unit.is_some() {
        UNIT_DECIMALS
    } else {
        HOURLY_DECIMALS
    };
    let month = |net: f64| money(net / curve.hours() * MONTH, 2);
    let (used, replaced) = (curve.used(hourly), curve.covered(hourly));
    Some(Row {
        level,
        hourly: money(hourly, decimals)?,
        units: unit.map(|_| whole(count)),
        discount: share(replaced - used, replaced)?,
        break_even: share(used, replaced)?,
        net: month(curve.net(hourly))?,
        at_minus_10: month(curve.scaled(0.9).net(hourly))?,
        at_minus_20: month(curve.scaled(0.8).net(hourly))?,
        coverage: share(covered + replaced, covered + curve.on_demand())?,
        utilization: share(used, hourly * curve.hours())?,
    })
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number of machines, not below one"
)]
fn whole(count: f64) -> u64 {
    count as u64
}

/// Every hour with this much less usage, taken from all of its parts alike.
fn lessened(hours: &[Vec<Usage>], remove: f64) -> Vec<Vec<Usage>> {
    let hour = |hour: &Vec<Usage>| {
        let whole: f64 = hour.iter().map(|one| one.on_demand.max(0.0)).sum();
        let left = if remove > 0.0 && whole > 0.0 {
            (1.0 - remove / whole).max(0.0)
        } else {
            1.0
        };
        let part = |one: &Usage| Usage {
            on_demand: one.on_demand * left,
            ..*one
        };
        hour.iter().map(part).collect()
    };
    hours.iter().map(hour).collect()
}

fn tail<T>(all: &[T], count: usize) -> &[T] {
    &all[all.len().saturating_sub(count)..]
}

fn money(amount: f64, decimals: usize) -> Option<Money> {
    Some(Money::from_f64(amount).ok()?.rounded(decimals))
}

fn share(part: f64, whole: f64) -> Option<i64> {
    ratio(Money::from_f64(part).ok()?, Money::from_f64(whole).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(hourly: &[f64]) -> History {
        let usage = hourly.iter().map(|&on_demand| {
            vec![Usage {
                on_demand,
                discount: 0.3,
            }]
        });
        History {
            usage: usage.collect(),
            covered: vec![0.0; hourly.len()],
            daily: true,
            unit: None,
        }
    }

    fn amounts(plan: &Plan) -> Vec<String> {
        plan.rows
            .iter()
            .map(|row| format!("{} {}", row.level.name(), row.hourly))
            .collect()
    }

    #[test]
    fn steady_usage_is_committed_to_in_full() {
        let plan = plan(&days(&[10.0; 30]), 0.0).unwrap();
        assert_eq!(
            amounts(&plan),
            ["floor 7.00", "recommended 7.00", "optimum 7.00"]
        );
        let row = plan.recommended().unwrap();
        assert_eq!((row.discount, row.break_even), (3_000, 7_000));
        assert_eq!((row.coverage, row.utilization), (10_000, 10_000));
        assert_eq!(row.net.to_string(), "2190.00");
        // 9 and 8 an hour on demand, 7 an hour committed.
        assert_eq!(row.at_minus_10.to_string(), "1460.00");
        assert_eq!(row.at_minus_20.to_string(), "730.00");
        assert!(!plan.differs());
    }

    #[test]
    fn reservations_are_whole_machines() {
        // 10 an hour at 30 % off is 7; machines of 0.6 at 30 % off cost 0.42: 16 of them, 6.72, and 0.4 stays.
        let history = History {
            unit: Some(0.42),
            ..days(&[10.0; 30])
        };
        let plan = plan(&history, 0.0).unwrap();
        let bought: Vec<(Option<u64>, String)> = plan
            .rows
            .iter()
            .map(|row| (row.units, row.hourly.to_string()))
            .collect();
        assert_eq!(bought, vec![(Some(16), "6.72".to_owned()); 3]);
        let row = plan.recommended().unwrap();
        assert_eq!((row.utilization, row.coverage), (10_000, 9_600));
        let large = History {
            unit: Some(7.5),
            ..days(&[10.0; 30])
        };
        assert!(
            super::plan(&large, 0.0).is_none(),
            "not one machine runs all the time"
        );
    }

    #[test]
    fn the_span_that_recommends_least_decides() {
        let mut hourly = vec![4.0; 53];
        hourly.extend([10.0; 7]);
        let plan = plan(&days(&hourly), 0.0).unwrap();
        assert_eq!(plan.lookback, 60);
        assert!(plan.differs());
        assert_eq!(amounts(&plan)[1], "recommended 2.80");
        let weeks: Vec<usize> = plan.spans.iter().map(|(days, _)| *days).collect();
        assert_eq!(weeks, LOOKBACKS);
    }

    #[test]
    fn what_will_go_away_is_not_committed_to() {
        let plan = plan(&days(&[10.0; 30]), 4.0).unwrap();
        assert_eq!(amounts(&plan)[2], "optimum 4.20");
        assert!(super::plan(&days(&[10.0; 30]), 10.0).is_none());
    }

    #[test]
    fn a_short_history_is_one_span_and_none_is_no_plan() {
        assert_eq!(plan(&days(&[10.0; 3]), 0.0).unwrap().lookback, 3);
        assert!(plan(&days(&[]), 0.0).is_none());
    }

    #[test]
    fn levels_ascend_and_the_recommended_one_is_enough() {
        let hourly: Vec<f64> = (0..60).map(|day| 5.0 + f64::from(day % 12)).collect();
        let plan = plan(&days(&hourly), 0.0).unwrap();
        assert!(plan.rows.is_sorted_by(|a, b| a.hourly <= b.hourly));
        let [_, recommended, optimum] = &plan.rows[..] else {
            panic!("three levels")
        };
        assert!(recommended.net.approximate() >= 0.95 * optimum.net.approximate() - 0.5);
        assert!(optimum.net >= recommended.net);
    }
}
