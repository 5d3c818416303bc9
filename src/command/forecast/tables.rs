//! Forecasts as tables: by span, by day, against budgets, and against what came.

use super::budgets::{Standing, ends_of};
use super::{Forecast, Kind, Scope, Told, bound};
use crate::analysis::forecast::budget;
use crate::analysis::forecast::interval::Interval;
use crate::analysis::forecast::{Span, Window};
use crate::money::{Money, ratio};
use crate::period::Month;
use crate::report::table::{Cell, Table};
use rayon::prelude::*;

/// `forecast.csv`: by currency, span, kind of scope and value.
pub(in crate::command) fn months(forecast: &Forecast) -> Table {
    let mut table = Table::new(&[
        "Month",
        "Scope",
        "ScopeValue",
        "Forecast",
        "Lower80",
        "Upper80",
        "Lower95",
        "Upper95",
        "BacktestError",
        "BillingCurrency",
        "Span",
        "FirstDay",
        "LastDay",
        "ActualToDate",
    ]);
    for told in &forecast.told {
        for (place, (span, window)) in told.spans.iter().enumerate() {
            for kind in &told.kinds {
                for scope in &kind.scopes {
                    let row = month(told, (kind, scope), (place, *span, *window));
                    table.rows.push(row);
                }
            }
        }
    }
    table
}

fn month(
    told: &Told,
    (kind, scope): (&Kind, &Scope),
    (place, span, window): (usize, Span, Window),
) -> Vec<Cell> {
    let last = told.day(window.to.saturating_sub(1));
    let month = Month::of(last);
    let (first, spent) = if span == Span::MonthEnd {
        (month.first_day(), told.spent(scope, month))
    } else {
        (told.day(window.from), Money::ZERO)
    };
    let interval = scope.interval(&kind.calibration, place, window);
    let whole = interval.plus(spent.approximate());
    let mut row = vec![
        Cell::text(month.to_string()),
        Cell::text(kind.name),
        Cell::text(&scope.value),
        Cell::Money(scope.sum(window) + spent),
    ];
    row.extend(bounds(&whole));
    row.extend([
        error(interval.error),
        Cell::text(&told.estate.currency),
        Cell::text(span.name()),
        Cell::Day(first),
        Cell::Day(last),
        Cell::Money(spent),
    ]);
    row
}

fn bounds(interval: &Interval) -> [Cell; 4] {
    let Interval {
        lower80,
        upper80,
        lower95,
        upper95,
        ..
    } = *interval;
    [lower80, upper80, lower95, upper95].map(|value| Cell::Money(bound(value)))
}

fn error(error: Option<f64>) -> Cell {
    error.map_or(Cell::Empty, |error| Cell::Number(error, 4))
}

/// `forecast_daily.csv`: by currency, kind of scope, value and day.
pub(in crate::command) fn daily(forecast: &Forecast) -> Table {
    let mut table = Table::new(&[
        "Day",
        "Scope",
        "ScopeValue",
        "Forecast",
        "Lower80",
        "Upper80",
        "Lower95",
        "Upper95",
        "BacktestError",
        "BillingCurrency",
    ]);
    for told in &forecast.told {
        for kind in &told.kinds {
            let days: Vec<Vec<Vec<Cell>>> = kind
                .scopes
                .par_iter()
                .map(|scope| days(told, kind, scope))
                .collect();
            table.rows.extend(days.into_iter().flatten());
        }
    }
    table
}

fn days(told: &Told, kind: &Kind, scope: &Scope) -> Vec<Vec<Cell>> {
    let count = told.shown().min(scope.days.len());
    let intervals = scope.each_day(&kind.calibration, count);
    let day = |(step, interval): (usize, Interval)| {
        let mut row = vec![
            Cell::Day(told.day(step)),
            Cell::text(kind.name),
            Cell::text(&scope.value),
            Cell::Money(scope.days[step]),
        ];
        row.extend(bounds(&interval));
        row.push(error(interval.error));
        row.push(Cell::text(&told.estate.currency));
        row
    };
    intervals.into_iter().enumerate().map(day).collect()
}

/// `budget_status.csv`: in the order of the budgets' file.
pub(in crate::command) fn budget_status(forecast: &Forecast) -> Table {
    let mut table = Table::new(&[
        "Period",
        "Scope",
        "ScopeValue",
        "Budget",
        "ActualToDate",
        "Forecast",
        "Lower80",
        "Upper80",
        "Status",
        "CrossedOn",
        "ElapsedPct",
        "SpentPct",
        "BillingCurrency",
        "BurnRate",
        "ProjectedOverrun",
    ]);
    table.rows = forecast.standings.iter().map(standing).collect();
    table
}

fn standing(standing: &Standing) -> Vec<Cell> {
    let budget = &standing.budget;
    let joined = |of: fn(&(String, String)) -> &String| {
        let parts = budget.scope.iter().map(|pair| of(pair).as_str());
        parts.collect::<Vec<_>>().join(" + ")
    };
    let scope = match budget.scope[..] {
        [] => super::TOTAL.to_owned(),
        _ => joined(|(name, _)| name),
    };
    let [forecast, lower, upper] = match &standing.forecast {
        Some((sum, interval)) => {
            let [lower, upper] = ends_of(interval);
            [*sum, lower, upper].map(Cell::Money)
        }
        None => [Cell::Empty, Cell::Empty, Cell::Empty],
    };
    vec![
        Cell::text(&budget.period),
        Cell::Text(scope),
        Cell::Text(joined(|(_, value)| value)),
        Cell::Money(budget.amount),
        Cell::Money(standing.spent),
        forecast,
        lower,
        upper,
        Cell::text(standing.status.name()),
        standing.crossed.map_or(Cell::Empty, Cell::Day),
        Cell::Number(standing.elapsed * 100.0, 2),
        ratio(standing.spent, budget.amount).map_or(Cell::Empty, Cell::Percent),
        Cell::text(&budget.currency),
        budget::burn_rate(budget, standing.spent, standing.elapsed)
            .map_or(Cell::Empty, |rate| Cell::Number(rate, 2)),
        match &standing.forecast {
            Some((sum, _)) => Cell::Money((*sum - budget.amount).max(Money::ZERO)),
            None => Cell::Empty,
        },
    ]
}

/// `forecast_accuracy.csv`: every forecast whose days are over, oldest first within a currency.
pub(in crate::command) fn accuracy(forecast: &Forecast) -> Table {
    let mut table = Table::new(&[
        "Origin",
        "Scope",
        "ScopeValue",
        "Span",
        "FirstDay",
        "LastDay",
        "Forecast",
        "Actual",
        "WMAPE",
        "Covered80",
        "Covered95",
        "BillingCurrency",
    ]);
    let yes = |covered: bool| Cell::text(if covered { "true" } else { "false" });
    for judged in &forecast.judged {
        let subject = &judged.subject;
        table.rows.push(vec![
            Cell::Day(subject.origin),
            Cell::text(&subject.scope.0),
            Cell::text(&subject.scope.1),
            Cell::text(&subject.horizon),
            Cell::Day(subject.days.0),
            Cell::Day(subject.days.1),
            Cell::Money(bound(judged.forecast)),
            Cell::Money(bound(judged.actual)),
            error(judged.error),
            yes(judged.covered80),
            yes(judged.covered95),
            Cell::text(&subject.currency),
        ]);
    }
    table
}

impl Told {
    /// What a scope cost in a month so far.
    pub(super) fn spent(&self, scope: &Scope, month: Month) -> Money {
        let (first, end) = (month.first_day(), month.next().first_day());
        let days = &scope.actual[self.estate.at(first)..self.estate.at(end)];
        days.iter().copied().sum()
    }
}
