//! What earlier runs forecast, kept in the lake: judged against what came, never changed afterwards.
//!
//! The total's forecast of every run is kept; those of services, accounts, teams and environments once in seven
//! days, since neighbouring days say almost the same and the memory should not grow with them.

use super::{Forecast, TOTAL, Told, bound};
use crate::analysis::forecast::interval::Interval;
use crate::analysis::forecast::past::{self, Judged, Kept, Subject};
use crate::analysis::forecast::{Span, Window};
use crate::command::night::Night;
use crate::command::plan::Plan;
use crate::error::Result;
use crate::lake::Lake;
use crate::money::Money;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Its name in the lake.
const NAME: &str = "forecasts";
/// Days between two forecasts of scopes that are kept.
const APART: i64 = 7;

/// Forecasts by what they were made from: other bills in the same lake have a record of their own.
type State = BTreeMap<String, Vec<Record>>;

/// One published forecast, amounts as they were published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Record {
    origin: NaiveDate,
    scope: String,
    value: String,
    span: String,
    first: NaiveDate,
    last: NaiveDate,
    currency: String,
    forecast: Money,
    /// Lower 80, upper 80, lower 95, upper 95.
    bounds: [Money; 4],
}

/// Everything that was said before, and about which bills.
pub(super) struct Spoken {
    state: State,
    bills: String,
}

impl Spoken {
    fn own(&self) -> Vec<Kept> {
        let own = self.state.get(&self.bills).into_iter().flatten();
        own.map(Record::kept).collect()
    }
}

impl Record {
    fn kept(&self) -> Kept {
        let [lower80, upper80, lower95, upper95] = self.bounds.map(Money::approximate);
        Kept {
            subject: Subject {
                origin: self.origin,
                scope: (self.scope.clone(), self.value.clone()),
                horizon: self.span.clone(),
                days: (self.first, self.last),
                currency: self.currency.clone(),
            },
            interval: Interval {
                forecast: self.forecast.approximate(),
                lower80,
                upper80,
                lower95,
                upper95,
                error: None,
            },
        }
    }

    fn of(kept: Kept) -> Record {
        let Subject {
            origin,
            scope: (scope, value),
            horizon: span,
            days: (first, last),
            currency,
        } = kept.subject;
        let Interval {
            forecast,
            lower80,
            upper80,
            lower95,
            upper95,
            ..
        } = kept.interval;
        Record {
            origin,
            scope,
            value,
            span,
            first,
            last,
            currency,
            forecast: bound(forecast),
            bounds: [lower80, upper80, lower95, upper95].map(bound),
        }
    }
}

/// What the lake keeps of forecasts.
pub(super) fn spoken(lake: &Lake, night: &Night) -> Result<Spoken> {
    let mut ids: Vec<&str> = night.sources.iter().map(|s| s.id.as_str()).collect();
    ids.sort_unstable();
    Ok(Spoken {
        state: lake.kept(NAME)?.unwrap_or_default(),
        bills: ids.join(" "),
    })
}

/// The forecasts whose days are all known now.
pub(super) fn judged(spoken: &Spoken, told: &[Told]) -> Vec<Judged> {
    let all = spoken.own();
    let of_currency = |told: &Told| {
        let estate = &told.estate;
        let in_memory = |kept: &&Kept| {
            kept.subject.currency == estate.currency && kept.subject.days.0 >= estate.first_day
        };
        let own: Vec<Kept> = all.iter().filter(in_memory).cloned().collect();
        past::judge(&own, estate.origin, |subject| {
            let kind = told.kind(&subject.scope.0)?;
            let place = kind
                .scopes
                .binary_search_by(|scope| scope.value.as_str().cmp(&subject.scope.1));
            let scope = &kind.scopes[place.ok()?];
            let (first, last) = subject.days;
            let days = &scope.actual[estate.at(first)..estate.at(last.succ_opt()?)];
            Some(days.iter().copied().sum::<Money>().approximate())
        })
    };
    told.iter().flat_map(of_currency).collect()
}

/// Keeps what this run said, once it is published. A second run on the same day replaces the first; a run over
/// some of the months says nothing that lasts.
pub(in crate::command) fn keep(
    lake: &Lake,
    plan: &Plan,
    forecast: &Result<Forecast>,
) -> Result<()> {
    let Ok(forecast) = forecast else {
        return Ok(());
    };
    if plan.as_of.is_some() || plan.period.is_some() || forecast.told.is_empty() {
        return Ok(());
    }
    let earlier = forecast.spoken.own();
    let todays: Vec<Kept> = forecast
        .told
        .iter()
        .flat_map(|told| said(told, &earlier))
        .collect();
    let kept = past::keep(earlier, todays, plan.today);
    let mut state = forecast.spoken.state.clone();
    state.insert(
        forecast.spoken.bills.clone(),
        kept.into_iter().map(Record::of).collect(),
    );
    if state == forecast.spoken.state {
        return Ok(());
    }
    lake.remember(NAME, &state)
}

/// What a run says that is worth keeping.
fn said(told: &Told, earlier: &[Kept]) -> Vec<Kept> {
    let origin = told.estate.origin;
    let recent = |kept: &Kept| {
        let age = (origin - kept.subject.origin).num_days();
        kept.subject.scope.0 != TOTAL
            && kept.subject.currency == told.estate.currency
            && age > 0
            && age < APART
    };
    let total_alone = earlier.iter().any(recent);
    let kinds = told
        .kinds
        .iter()
        .filter(|kind| kind.name == TOTAL || !total_alone);
    let mut said = Vec::new();
    for kind in kinds {
        for scope in &kind.scopes {
            for (place, (span, window)) in told.spans.iter().enumerate() {
                let interval = scope.interval(&kind.calibration, place, *window);
                said.push(Kept {
                    subject: subject(told, (kind.name, &scope.value), *span, *window),
                    interval,
                });
            }
        }
    }
    said
}

fn subject(told: &Told, (kind, value): (&str, &str), span: Span, window: Window) -> Subject {
    Subject {
        origin: told.estate.origin,
        scope: (kind.to_owned(), value.to_owned()),
        horizon: span.name().to_owned(),
        days: (told.day(window.from), told.day(window.to.saturating_sub(1))),
        currency: told.estate.currency.clone(),
    }
}
