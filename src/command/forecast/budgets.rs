//! Budgets: read before anything slow, matched with the charges they name, judged by the forecast's interval.

use super::days::{OWNERS, SERVICES};
use super::{DECIMALS, Forecast, Kind, Told, added, around, bound, days_between};
use crate::analysis::forecast::budget::{self, Budget, Verdict, crossed_on, elapsed};
use crate::analysis::forecast::interval::Interval;
use crate::analysis::forecast::publish::amount;
use crate::analysis::forecast::{LONGEST, Outlook, Window};
use crate::error::{Error, Result};
use crate::money::Money;
use crate::sheet;
use chrono::NaiveDate;
use std::path::Path;

const NEEDED: [&str; 3] = ["period", "amount", "currency"];

/// How a budget stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::command) enum Status {
    /// Its period goes on: the forecast's verdict.
    Open(Verdict),
    /// Its period is over and more was spent.
    Exceeded,
    /// Its period is over and no more was spent.
    Kept,
    /// It begins too far away for a forecast.
    TooEarly,
    /// No charge is in its scope: nothing to judge.
    NoCharges,
}

impl Status {
    /// As the table calls it.
    pub(in crate::command) fn name(self) -> &'static str {
        match self {
            Status::Open(verdict) => verdict.name(),
            Status::Exceeded => "exceeded",
            Status::Kept => "kept",
            Status::TooEarly => "too early",
            Status::NoCharges => "no charges",
        }
    }
}

/// A budget with what was and will be spent of it.
pub(super) struct Standing {
    pub(super) budget: Budget,
    pub(super) spent: Money,
    /// Spent and forecast, exactly, with the interval around it.
    pub(super) forecast: Option<(Money, Interval)>,
    pub(super) status: Status,
    pub(super) crossed: Option<NaiveDate>,
    /// Share of the period that has passed, 0 to 1.
    pub(super) elapsed: f64,
}

/// Reads the file; scope columns are those of the bill and `Team`, `Environment`, `CostCenter`.
pub(in crate::command) fn read(path: &Path) -> Result<Vec<Budget>> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::read(path, &e))?;
    parse(&text, path)
}

fn parse(text: &str, path: &Path) -> Result<Vec<Budget>> {
    let scopes: Vec<&str> = SERVICES.into_iter().chain(OWNERS).collect();
    let rows = sheet::rows(path, text, &NEEDED, &scopes)?;
    let header: Vec<String> = NEEDED
        .iter()
        .chain(&scopes)
        .map(ToString::to_string)
        .collect();
    let cells = |row: &sheet::Row<'_>| {
        let cells = (0..header.len()).map(|at| row.get(at).to_owned());
        cells.collect::<Vec<String>>()
    };
    let budgets = budget::read(&header, &rows.iter().map(cells).collect::<Vec<_>>());
    let budgets = budgets.map_err(|fault| {
        let column = header.iter().position(|name| *name == fault.column);
        let fault_at = rows.get(fault.line.saturating_sub(2));
        match fault_at {
            Some(row) => row.wrong(column.unwrap_or(0), fault.what),
            None => Error::usage(fault.what).at(path),
        }
    })?;
    for (at, one) in budgets.iter().enumerate() {
        let is_owner = |(name, _): &(String, String)| OWNERS.contains(&name.as_str());
        if one.scope.iter().any(is_owner) && !one.scope.iter().all(is_owner) {
            return Err(rows[at]
                .wrong(
                    0,
                    "a budget of a team, environment or cost centre cannot name an account or service too",
                )
                .hint("leave one of them empty; a row may name several columns of one kind"));
        }
        let same = |other: &&Budget| {
            (other.days, &other.scope, &other.currency) == (one.days, &one.scope, &one.currency)
        };
        if let Some(first) = budgets[..at].iter().position(|other| same(&other)) {
            let line = rows[first].line();
            return Err(rows[at].wrong(0, format!("line {line} is a budget of the same charges")));
        }
    }
    Ok(budgets)
}

/// The periods of some budgets: what a forecast must answer.
pub(super) fn ends(budgets: &[Budget]) -> Vec<(NaiveDate, NaiveDate)> {
    budgets.iter().map(|budget| budget.days).collect()
}

/// The part of a period that is to be forecast; none where it is over or too far away.
pub(super) fn window((first, end): (NaiveDate, NaiveDate), origin: NaiveDate) -> Option<Window> {
    let window = Window {
        from: days_between(origin, first),
        to: days_between(origin, end),
    };
    (window.steps() > 0 && window.to <= LONGEST).then_some(window)
}

/// What a budget is about.
struct Matched {
    actual: Vec<Money>,
    days: Vec<Money>,
    interval: Option<Interval>,
}

/// How a budget stands among the forecasts.
pub(super) fn standing(budget: &Budget, told: &[Told]) -> Standing {
    let own = told
        .iter()
        .find(|told| told.estate.currency == budget.currency);
    let found = own.and_then(|told| {
        let window = window(budget.days, told.estate.origin);
        Some((told, window, matched(told, budget, window)?))
    });
    match found {
        Some((told, window, matched)) => judged(budget, told, window, &matched),
        None => Standing {
            budget: budget.clone(),
            spent: Money::ZERO,
            forecast: None,
            status: Status::NoCharges,
            crossed: None,
            elapsed: own.map_or(0.0, |told| elapsed(budget, told.estate.origin)),
        },
    }
}

fn judged(budget: &Budget, told: &Told, window: Option<Window>, matched: &Matched) -> Standing {
    let estate = &told.estate;
    let (first, end) = budget.days;
    let spent: Money = matched.actual[estate.at(first)..estate.at(end)]
        .iter()
        .copied()
        .sum();
    let over = end <= estate.origin;
    let forecast = match (window, matched.interval) {
        _ if over => {
            let certain = certain(spent.approximate());
            Some((spent, certain))
        }
        (Some(window), Some(interval)) => {
            let to = window.to.min(matched.days.len());
            let coming: Money = matched.days[window.from.min(to)..to].iter().copied().sum();
            Some((
                spent + coming,
                around(coming, interval).plus(spent.approximate()),
            ))
        }
        _ => None,
    };
    let allowed = budget.amount.approximate();
    let status = match &forecast {
        Some(_) if over && spent > budget.amount => Status::Exceeded,
        Some(_) if over => Status::Kept,
        Some((_, whole)) => Status::Open(budget::judge(allowed, spent.approximate(), whole)),
        None => Status::TooEarly,
    };
    let coming = window.map_or(&[][..], |window| {
        let to = window.to.min(matched.days.len());
        &matched.days[window.from.min(to)..to]
    });
    // Days before the memory begins cost nothing that is known.
    let unknown = days_between(first, estate.first_day.min(end));
    let costs: Vec<f64> = std::iter::repeat_n(Money::ZERO, unknown)
        .chain(
            matched.actual[estate.at(first)..estate.at(end)]
                .iter()
                .copied(),
        )
        .chain(coming.iter().copied())
        .map(Money::approximate)
        .collect();
    Standing {
        spent,
        forecast,
        status,
        crossed: crossed_on(allowed, first, &costs),
        elapsed: elapsed(budget, estate.origin),
        budget: budget.clone(),
    }
}

fn certain(amount: f64) -> Interval {
    Interval {
        forecast: amount,
        lower80: amount,
        upper80: amount,
        lower95: amount,
        upper95: amount,
        error: None,
    }
}

/// The charges in a budget's scope: a scope of the tables where it is one, so that figures agree, else the sum of
/// the parts that have all its values.
fn matched(told: &Told, budget: &Budget, window: Option<Window>) -> Option<Matched> {
    let place = window.and_then(|w| told.question.windows.iter().position(|known| *known == w));
    let scope = match &budget.scope[..] {
        [] => told.kinds.first().map(|kind| (kind, "")),
        [(column, value)] => {
            let named = |kind: &&Kind| kind.column == column;
            told.kinds
                .iter()
                .find(named)
                .map(|kind| (kind, value.as_str()))
        }
        _ => None,
    };
    if let Some((kind, value)) = scope {
        let scope = kind.scopes.iter().find(|scope| scope.value == value)?;
        return Some(Matched {
            actual: scope.actual.clone(),
            days: scope.days.clone(),
            interval: place.map(|place| kind.calibration.window(&scope.outlook, place)),
        });
    }
    let owners = budget
        .scope
        .iter()
        .any(|(name, _)| OWNERS.contains(&name.as_str()));
    let (names, leaves, parts) = if owners {
        (&OWNERS[..], &told.estate.owners, &told.parts[1])
    } else {
        (&SERVICES[..], &told.estate.services, &told.parts[0])
    };
    let has = |values: &[String]| {
        budget.scope.iter().all(|(name, value)| {
            let at = names.iter().position(|known| known == name);
            at.is_some_and(|at| values[at] == *value)
        })
    };
    let members: Vec<usize> = (0..leaves.len())
        .filter(|at| has(&leaves[*at].values))
        .collect();
    if members.is_empty() {
        return None;
    }
    let outlook = Outlook::of_parts(members.iter().map(|at| &parts.outlooks[*at]));
    let days = outlook.steps.iter().map(|step| amount(*step, DECIMALS));
    Some(Matched {
        actual: added(leaves, &members),
        days: days.collect(),
        interval: place.map(|place| parts.calibration.window(&outlook, place)),
    })
}

/// Open budgets that will be or are likely exceeded.
pub(in crate::command) fn overruns(forecast: &Forecast) -> usize {
    forecast
        .standings
        .iter()
        .filter(|one| is_overrun(one))
        .count()
}

fn is_overrun(standing: &Standing) -> bool {
    matches!(
        standing.status,
        Status::Open(Verdict::Likely | Verdict::WillExceed)
    )
}

/// What a reader should know of the budgets: who will not keep them, and which match nothing.
pub(in crate::command) fn notes(forecast: &Forecast) -> Vec<String> {
    let mut notes = Vec::new();
    for standing in forecast.standings.iter().filter(|one| is_overrun(one)) {
        let Some((sum, _)) = standing.forecast else {
            continue;
        };
        let Budget {
            period,
            currency,
            amount,
            ..
        } = &standing.budget;
        notes.push(format!(
            "budget of {} in {period}: {} {currency}, {}; the forecast is {}",
            about(&standing.budget),
            amount.fixed(2),
            standing.status.name(),
            sum.fixed(2),
        ));
    }
    let lost = |one: &&Standing| one.status == Status::NoCharges;
    for standing in forecast.standings.iter().filter(lost) {
        let budget = &standing.budget;
        notes.push(format!(
            "budget of {} in {}: no charge in {} is of it",
            about(budget),
            budget.period,
            budget.currency
        ));
    }
    notes
}

fn about(budget: &Budget) -> String {
    if budget.scope.is_empty() {
        return "everything".to_owned();
    }
    let values = budget.scope.iter().map(|(_, value)| value.as_str());
    values.collect::<Vec<_>>().join(" + ")
}

/// Lower and upper end of an interval as published amounts.
pub(super) fn ends_of(interval: &Interval) -> [Money; 2] {
    [interval.lower80, interval.upper80].map(bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        parse(text, Path::new("budgets.csv"))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn mistakes_have_a_place() {
        let fault_at = |text: &str, place: &str| {
            let fault = fault(text);
            assert!(fault.contains(&format!("budgets.csv:{place}")), "{fault}");
        };
        fault_at("period,amount,currency\n2026-13,5,USD\n", "2:1");
        fault_at("amount,period,currency\nlots,2026-10,USD\n", "2:1");
        fault_at("period,amount,currency\n2026,5,dollars\n", "2:3");
        fault_at("period,amount\n2026,5\n", "1");
        fault_at("period,Taem,amount,currency\n2026,web,5,USD\n", "1:2");
        fault_at(
            "period,Team,ServiceName,amount,currency\n2026,web,EC2,5,USD\n",
            "2:1",
        );
        fault_at(
            "period,amount,currency\n2026,5,USD\n2026-10,5,USD\n2026,6,USD\n",
            "4:1",
        );
        assert!(fault("period,Taem,amount,currency\n").contains("`Team`"));
    }

    #[test]
    fn a_period_that_is_over_has_no_window() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let days = (day("2026-10-01"), day("2026-11-01"));
        assert_eq!(window(days, day("2026-11-01")), None);
        let rest = Window { from: 0, to: 1 };
        assert_eq!(window(days, day("2026-10-31")), Some(rest));
        let whole = Window { from: 1, to: 32 };
        assert_eq!(window(days, day("2026-09-30")), Some(whole));
        assert_eq!(window(days, day("2020-09-30")), None);
    }
}
