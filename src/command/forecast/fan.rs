//! The forecast as a fan: the days that are known, the days to come with their 80 and 95 % bands, and the budget.

use super::budgets::Standing;
use super::{Forecast, Kind, Scope, Told};
use crate::analysis::forecast::budget::holds;
use crate::analysis::forecast::interval::Interval;
use crate::analysis::forecast::past::{Accuracy, records};
use crate::money::Money;
use crate::period::Month;
use crate::report::drawing::{Drawing, Fan, FanStep, Shape, Step, Timeline, Unit, compact_money};
use crate::report::picture::Frame;
use chrono::{Datelike, Days, NaiveDate};

/// Known days that the chart shows, at most.
const BEFORE: u64 = 60;

/// One chart per currency, that of the most services first.
pub(in crate::command) fn drawings(forecast: &Forecast, frame: &Frame) -> Vec<(String, Drawing)> {
    let mut ranked: Vec<&Told> = forecast.told.iter().collect();
    ranked.sort_by_key(|told| std::cmp::Reverse(told.estate.services.len()));
    let drawing = |told: &&Told| {
        let (kind, scope) = told.total()?;
        let drawing = draw(forecast, told, (kind, scope), frame);
        Some((told.estate.currency.clone(), drawing))
    };
    ranked.iter().filter_map(drawing).collect()
}

fn draw(
    forecast: &Forecast,
    told: &Told,
    (kind, scope): (&Kind, &Scope),
    frame: &Frame,
) -> Drawing {
    let (currency, origin) = (&told.estate.currency, told.estate.origin);
    let first = told.estate.first_day.max(origin - Days::new(BEFORE));
    let last = told.day(told.shown().saturating_sub(1));
    let time = Timeline::spanning(first, last, Step::Day);
    let budgets: Vec<&Standing> = forecast
        .standings
        .iter()
        .filter(|one| one.budget.scope.is_empty() && one.budget.currency == *currency)
        .collect();
    // What was never below zero is drawn from zero on; the tables have the bounds as they are.
    let floor = match scope.actual.iter().min() {
        Some(least) if *least >= Money::ZERO => 0.0,
        _ => f64::MIN,
    };
    let coming = scope.each_day(&kind.calibration, told.shown());
    let step = |index: usize| {
        let day = time.at(index);
        let place = (day >= origin).then(|| super::days_between(origin, day));
        FanStep {
            actual: (day < origin).then(|| scope.actual[told.estate.at(day)].approximate()),
            forecast: place.and_then(|step| coming.get(step)).map(|interval| {
                crate::report::drawing::Forecast {
                    middle: interval.forecast,
                    inner: (interval.lower80.max(floor), interval.upper80),
                    outer: (interval.lower95.max(floor), interval.upper95),
                }
            }),
            budget: rate(&budgets, day),
        }
    };
    let steps: Vec<FanStep> = (0..time.len).map(step).collect();
    let budget_note = if steps.iter().any(|step| step.budget.is_some()) {
        ". The budget is spread evenly over its days"
    } else {
        ""
    };
    Drawing {
        title: title(told, (kind, scope), &budgets),
        subtitle: format!(
            "Daily effective cost of everything, forecast from {origin} on · {currency} · {}",
            frame.as_of
        ),
        footnote: format!(
            "Bands hold a single day; sums are more certain than days{budget_note}.{}",
            record(forecast, currency)
        ),
        unit: Unit::Money(currency.clone()),
        shape: Shape::Fan {
            time,
            fan: Fan { steps },
        },
    }
}

/// The month's end with its interval, and the budget it meets.
fn title(told: &Told, (kind, scope): (&Kind, &Scope), budgets: &[&Standing]) -> String {
    let currency = &told.estate.currency;
    let (_, window) = told.spans[0];
    let month = Month::of(told.estate.origin);
    let spent = told.spent(scope, month);
    let end = scope.sum(window) + spent;
    let Interval {
        lower80, upper80, ..
    } = scope
        .interval(&kind.calibration, 0, window)
        .plus(spent.approximate());
    let money = |amount: f64| compact_money(amount, currency);
    let budget = budgets
        .iter()
        .find(|one| one.budget.period == month.to_string())
        .map_or(String::new(), |one| {
            let amount = one.budget.amount;
            let side = if end > amount { "above" } else { "within" };
            format!(", {side} the budget of {}", money(amount.approximate()))
        });
    format!(
        "{} will end at about {} (80%: {} to {}){budget}",
        month.name(),
        money(end.approximate()),
        money(lower80),
        money(upper80)
    )
}

/// A day's share of the budget that holds it; of several, the one of the shortest period.
fn rate(budgets: &[&Standing], day: NaiveDate) -> Option<f64> {
    let days = |one: &Standing| {
        let (first, end) = one.budget.days;
        end.num_days_from_ce() - first.num_days_from_ce()
    };
    let own = budgets.iter().filter(|one| holds(&one.budget, day));
    let shortest = own.min_by_key(|one| days(one))?;
    Some(shortest.budget.amount.approximate() / f64::from(days(shortest).max(1)))
}

/// How earlier forecasts of the month's end of the total came out.
fn record(forecast: &Forecast, currency: &str) -> String {
    let key = (
        super::TOTAL.to_owned(),
        "month_end".to_owned(),
        currency.to_owned(),
    );
    match records(&forecast.judged).get(&key) {
        Some(Accuracy {
            forecasts,
            wmape: Some(error),
            coverage80,
            ..
        }) => format!(
            " So far {forecasts} forecasts of a month's end: off by {:.1}%, {:.0}% within their 80% band.",
            error * 100.0,
            coverage80 * 100.0
        ),
        _ => String::new(),
    }
}
