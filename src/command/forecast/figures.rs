//! Forecasts and budgets as key figures are made of them.

use super::budgets::{Standing, Status};
use super::{Forecast, TOTAL, Told, bound};
use crate::analysis::forecast::Span;
use crate::analysis::forecast::past::Judged;
use crate::analysis::kpi::{budgets, forecasts};
use crate::money::Money;
use crate::period::Month;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// As figures call the spans.
fn name(span: &str) -> String {
    match span {
        "month_end" => "month end".to_owned(),
        "next_month" => "next month".to_owned(),
        "days_90" => "90 days".to_owned(),
        other => other.to_owned(),
    }
}

/// Forecasts of the total whose last day lies in a month, span by span; with `now` also the back-tests of this run's.
pub(in crate::command) fn forecast_figures(
    forecast: &Forecast,
    (month, currency): (&str, &str),
    now: bool,
) -> Vec<(String, forecasts::Sums)> {
    let mut spans: BTreeMap<String, forecasts::Sums> = BTreeMap::new();
    for judged in &forecast.judged {
        let subject = &judged.subject;
        let own = subject.scope.0 == TOTAL
            && subject.currency == currency
            && Month::of(subject.days.1).to_string() == month;
        if own {
            add(spans.entry(name(&subject.horizon)).or_default(), judged);
        }
    }
    let told = forecast
        .told
        .iter()
        .find(|told| told.estate.currency == currency);
    if let Some(told) = told.filter(|_| now) {
        for (span, error) in backtests(told) {
            spans.entry(name(span.name())).or_default().backtest = Some(error);
        }
    }
    spans.into_iter().collect()
}

fn add(sums: &mut forecasts::Sums, judged: &Judged) {
    let (forecast, actual) = (bound(judged.forecast), bound(judged.actual));
    sums.forecasts += 1;
    sums.forecast += forecast;
    sums.actual += actual;
    sums.missed += (actual - forecast).abs();
    sums.covered.0 += u64::from(judged.covered80);
    sums.covered.1 += u64::from(judged.covered95);
}

/// What the back-tests of the total's spans missed.
fn backtests(told: &Told) -> Vec<(Span, Money)> {
    let Some((kind, scope)) = told.total() else {
        return Vec::new();
    };
    let spans = told.spans.iter().enumerate();
    let error = |(place, (span, window)): (usize, &(Span, _))| {
        let error = scope.interval(&kind.calibration, place, *window).error?;
        Some((*span, Money::from_f64(error).ok()?.rounded(4)))
    };
    spans.filter_map(error).collect()
}

/// Budgets of the whole bill: those whose period ends in the month and is over, and with `now` those that run.
pub(in crate::command) fn budget_figures(
    forecast: &Forecast,
    (month, currency): (&str, &str),
    today: NaiveDate,
    now: bool,
) -> Vec<(String, budgets::Sums)> {
    let of_month = |standing: &&Standing| {
        let budget = &standing.budget;
        let (first, end) = budget.days;
        let last = end.pred_opt().unwrap_or(first);
        let runs = first <= today && today < end;
        let ended = end <= today && Month::of(last).to_string() == month;
        let judged = !matches!(standing.status, Status::NoCharges | Status::TooEarly);
        budget.scope.is_empty() && budget.currency == currency && judged && (ended || runs && now)
    };
    let own = forecast.standings.iter().filter(of_month);
    own.map(|standing| {
        (
            span(&standing.budget.period).to_owned(),
            figures(standing, today),
        )
    })
    .collect()
}

/// As figures call a budget's period.
fn span(period: &str) -> &'static str {
    match period {
        _ if period.contains("-Q") => "quarter",
        _ if period.len() == 4 => "year",
        _ => "month",
    }
}

fn figures(standing: &Standing, today: NaiveDate) -> budgets::Sums {
    let (first, end) = standing.budget.days;
    let days = |from: NaiveDate, to: NaiveDate| u64::try_from((to - from).num_days()).unwrap_or(0);
    budgets::Sums {
        budget: standing.budget.amount,
        spent: standing.spent,
        expected: standing.forecast.as_ref().map(|(sum, _)| *sum),
        days: (days(first, end), days(first, today.clamp(first, end))),
    }
}
