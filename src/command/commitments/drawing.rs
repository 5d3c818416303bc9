//! The charts of commitments: how well they were used over the months, and what more would save.

use super::Commitments;
use super::planned::Scope;
use super::tables::TARGET;
use crate::analysis::commitment::plan::{Plan, Row};
use crate::period::Month;
use crate::report::drawing::{
    Curve, CurveMark, Drawing, Series, Shape, Step, Timeline, Tone, Unit, compact_money,
};
use crate::report::picture::Frame;
use std::collections::BTreeMap;

/// Points of a curve.
const POINTS: u32 = 160;
/// How far beyond the optimum a curve is shown: where the savings fall again.
const BEYOND: f64 = 1.6;
/// Hours of the month in which savings are stated.
const MONTH: f64 = 730.0;

/// Coverage and utilisation of everything, one chart per currency.
pub(in crate::command) fn months_drawings(
    known: &Commitments,
    frame: &Frame,
) -> Vec<(String, Drawing)> {
    let mut currencies: BTreeMap<&str, usize> = BTreeMap::new();
    let committed = known
        .all
        .iter()
        .filter(|(_, sums)| sums.utilization().is_some());
    for ((_, currency), _) in committed {
        *currencies.entry(currency).or_default() += 1;
    }
    let mut ranked: Vec<(&str, usize)> = currencies.into_iter().collect();
    ranked.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let drawing = |(currency, _): (&str, usize)| {
        Some((currency.to_owned(), of_months(known, currency, frame)?))
    };
    ranked.into_iter().filter_map(drawing).collect()
}

fn of_months(known: &Commitments, currency: &str, frame: &Frame) -> Option<Drawing> {
    let own = || known.all.iter().filter(|((_, of), _)| of == currency);
    let months: Vec<Month> = own()
        .filter_map(|((month, _), _)| Month::parse(month))
        .collect();
    let time = Timeline::spanning(
        months.first()?.first_day(),
        months.last()?.first_day(),
        Step::Month,
    );
    let mut values = [
        vec![None; time.len],
        vec![None; time.len],
        vec![None; time.len],
    ];
    for at in 0..time.len {
        let month = Month::of(time.at(at)).to_string();
        let Some(sums) = known.all.get(&(month, currency.to_owned())) else {
            continue;
        };
        let rates = [sums.utilization(), sums.coverage(), sums.savings_rate()];
        for (values, rate) in values.iter_mut().zip(rates) {
            values[at] = rate.map(percent);
        }
    }
    let [utilization, coverage, savings] = values;
    let now = known
        .all
        .get(&(frame.month.to_string(), currency.to_owned()))?;
    let title = format!(
        "{:.0}% of what is committed was used in {}; it covers {:.0}% of what it could and saves {}",
        percent(now.utilization()?),
        frame.month.name(),
        percent(now.coverage()?),
        compact_money(now.savings().approximate(), currency)
    );
    let series = vec![
        Series {
            tone: Tone::Accent,
            ..Series::new("Utilisation", utilization)
        },
        Series::new("Coverage", coverage),
        Series::new("Savings rate", savings),
        Series {
            tone: Tone::Plan,
            ..Series::new("Utilisation target", vec![Some(percent(TARGET)); time.len])
        },
    ];
    Some(Drawing {
        title,
        subtitle: format!("Commitments by month · {currency} · {}", frame.freshness),
        footnote: "Utilisation of commitment paid for; coverage and savings rate of all usage that commitments can cover, at contract price".to_owned(),
        unit: Unit::Percent,
        shape: Shape::Lines { time, series },
    })
}

#[allow(clippy::cast_precision_loss, reason = "a copy for drawing")]
fn percent(hundredths: i64) -> f64 {
    hundredths as f64 / 100.0
}

/// The scope in which more commitment saves most, one chart per currency.
pub(in crate::command) fn plan_drawings(
    known: &Commitments,
    frame: &Frame,
) -> Vec<(String, Drawing)> {
    let mut best: BTreeMap<&str, (&Scope, &Plan, &Row)> = BTreeMap::new();
    for scope in &known.plans {
        let Some((plan, row)) = scope
            .plan
            .as_ref()
            .and_then(|plan| Some((plan, plan.recommended()?)))
        else {
            continue;
        };
        let held = best.get(scope.currency.as_str());
        if held.is_none_or(|(_, _, other)| row.net > other.net) {
            best.insert(&scope.currency, (scope, plan, row));
        }
    }
    let mut ranked: Vec<_> = best.into_iter().collect();
    ranked.sort_by(|a, b| b.1.2.net.cmp(&a.1.2.net).then_with(|| a.0.cmp(b.0)));
    let drawing = |(currency, (scope, plan, row)): (&str, (&Scope, &Plan, &Row))| {
        (currency.to_owned(), of_plan(scope, plan, row, frame))
    };
    ranked.into_iter().map(drawing).collect()
}

fn of_plan(scope: &Scope, plan: &Plan, row: &Row, frame: &Frame) -> Drawing {
    let (curve, currency) = (&plan.curve, &scope.currency);
    let net = |hourly: f64| curve.net(hourly) / curve.hours() * MONTH;
    let reach = curve.optimum() * BEYOND;
    let point = |at: u32| {
        let hourly = reach * f64::from(at) / f64::from(POINTS);
        (hourly, net(hourly))
    };
    let less = curve.scaled(0.8);
    let lower = |at: u32| {
        let hourly = reach * f64::from(at) / f64::from(POINTS);
        (hourly, less.net(hourly) / curve.hours() * MONTH)
    };
    let mark = |row: &Row| CurveMark {
        at: (row.hourly.approximate(), row.net.approximate()),
        name: row.level.name().to_owned(),
    };
    let daily = if scope.daily {
        " Daily data: flattens nights and overstates."
    } else {
        ""
    };
    Drawing {
        title: format!(
            "{}: {} an hour more would save {} a month",
            scope.name,
            compact_money(row.hourly.approximate(), currency),
            compact_money(row.net.approximate(), currency)
        ),
        subtitle: format!(
            "Net savings per month over commitment per hour, had the last {} days been run with it · {currency} · {}",
            plan.lookback, frame.as_of
        ),
        footnote: format!(
            "Recommended: the least within 5% of the best. Pale: with 20% less usage.{daily}"
        ),
        unit: Unit::Money(currency.clone()),
        shape: Shape::Curve(Curve {
            points: (0..=POINTS).map(point).collect(),
            lower: (0..=POINTS).map(lower).collect(),
            marks: plan.rows.iter().map(mark).collect(),
        }),
    }
}
