//! What will be spent: forecasts of the total and of every service, account, team and environment that add up to
//! each other, the budgets judged by them, and the record of what earlier runs said.

mod budgets;
mod days;
mod fan;
mod figures;
mod past;
mod tables;

pub(super) use budgets::{notes, overruns, read};
pub(super) use fan::drawings;
pub(super) use figures::{budget_figures, forecast_figures};
pub(super) use past::keep;
pub(super) use tables::{accuracy, budget_status, daily, months};

use super::night::Night;
use super::plan::Plan;
use crate::analysis::forecast::interval::{Calibration, Interval};
use crate::analysis::forecast::packed::{pack, unpack};
use crate::analysis::forecast::past::Judged;
use crate::analysis::forecast::publish::{amount, days_of_parts, reconcile, whole_days};
use crate::analysis::forecast::{
    History, Outlook, Question, Rhythm, Span, Window, outlooks, spans,
};
use crate::error::Result;
use crate::lake::{Lake, ResultKey};
use crate::money::Money;
use budgets::Standing;
use chrono::{Days, NaiveDate};
use days::{Estate, Leaf};
use past::Spoken;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Decimals of a published estimate.
const DECIMALS: usize = 4;
/// The total, as a kind of scope.
const TOTAL: &str = "total";

/// Everything that was forecast.
pub(super) struct Forecast {
    told: Vec<Told>,
    standings: Vec<Standing>,
    /// What earlier runs said, and how it came.
    spoken: Spoken,
    judged: Vec<Judged>,
}

/// The forecasts of one currency.
struct Told {
    estate: Estate,
    question: Question,
    spans: [(Span, Window); 3],
    /// Total, services, accounts, teams, environments.
    kinds: Vec<Kind>,
    /// The parts of the bill, for budgets of several columns.
    parts: [Parts; 2],
}

/// The forecasts of the leaves of one division.
struct Parts {
    outlooks: Vec<Outlook>,
    calibration: Calibration,
}

/// All values of one kind of scope: they divide the whole.
struct Kind {
    name: &'static str,
    /// The column whose values they are; empty for the total.
    column: &'static str,
    calibration: Calibration,
    scopes: Vec<Scope>,
}

/// One value of a kind.
struct Scope {
    value: String,
    outlook: Outlook,
    /// What it cost, day by day from the estate's first.
    actual: Vec<Money>,
    /// The published forecast, day by day from the origin.
    days: Vec<Money>,
}

impl Scope {
    /// The published forecast of a window.
    fn sum(&self, window: Window) -> Money {
        let to = window.to.min(self.days.len());
        self.days[window.from.min(to)..to].iter().copied().sum()
    }

    /// The interval of an asked window around the published sum.
    fn interval(&self, calibration: &Calibration, place: usize, window: Window) -> Interval {
        around(self.sum(window), calibration.window(&self.outlook, place))
    }

    /// The intervals of the first days around their published amounts.
    fn each_day(&self, calibration: &Calibration, days: usize) -> Vec<Interval> {
        let intervals = calibration.steps(&self.outlook, days).into_iter();
        let published = self
            .days
            .iter()
            .copied()
            .chain(std::iter::repeat(Money::ZERO));
        published
            .zip(intervals)
            .map(|(published, interval)| around(published, interval))
            .collect()
    }
}

/// An interval moved to the amount that is published: rounding and reconciling move the middle, not the width.
fn around(published: Money, interval: Interval) -> Interval {
    interval.plus(published.approximate() - interval.forecast)
}

/// Forecasts the night's bills, judges the budgets, and judges what was forecast before.
pub(super) fn forecast(lake: &Lake, night: &Night, plan: &Plan) -> Result<Forecast> {
    let estates = days::estates(night, plan.today)?;
    let budgets = plan.budgets.as_deref().unwrap_or_default();
    let told: Vec<Told> = estates
        .into_par_iter()
        .map(|estate| tell(lake, estate, budgets::ends(budgets)))
        .collect::<Result<_>>()?;
    let spoken = past::spoken(lake, night)?;
    Ok(Forecast {
        standings: budgets
            .iter()
            .map(|budget| budgets::standing(budget, &told))
            .collect(),
        judged: past::judged(&spoken, &told),
        spoken,
        told,
    })
}

fn tell(lake: &Lake, estate: Estate, ends: Vec<(NaiveDate, NaiveDate)>) -> Result<Told> {
    let spans = spans(estate.origin);
    let mut windows: Vec<Window> = spans.iter().map(|(_, window)| *window).collect();
    let budgets = ends
        .into_iter()
        .filter_map(|days| budgets::window(days, estate.origin));
    for window in budgets {
        if !windows.contains(&window) {
            windows.push(window);
        }
    }
    let question = Question::new(Rhythm::Daily, windows);
    let [services, owners] = [&estate.services, &estate.owners].map(|leaves| {
        let histories: Vec<History<'_>> = leaves
            .iter()
            .map(|leaf| leaf.history(estate.first_day))
            .collect();
        let outlooks = looked(lake, &histories, &question)?;
        Ok(Parts {
            calibration: Calibration::learn(&outlooks, &question),
            outlooks,
        })
    });
    let parts = [services?, owners?];
    let steps: Vec<&[f64]> = parts[0].outlooks.iter().map(|o| &o.steps[..]).collect();
    let whole = whole_days(&steps, DECIMALS);
    let asked = Asked {
        question: &question,
        whole: &whole,
    };
    Ok(Told {
        kinds: kinds(&asked, &estate, &parts),
        estate,
        question,
        spans,
        parts,
    })
}

/// The outlooks of these histories, from the lake where an earlier run asked the same of the same costs.
fn looked(lake: &Lake, histories: &[History<'_>], question: &Question) -> Result<Vec<Outlook>> {
    let mut key = ResultKey::new();
    key.add(format!("{question:?}").as_bytes());
    for history in histories {
        key.add(format!("{} {:?}", history.first_day, history.known).as_bytes());
        key.add_numbers(history.values);
    }
    let read = |bytes: &[u8]| unpack(bytes).filter(|known| known.len() == histories.len());
    let work_out = || outlooks(histories, question);
    lake.kept_or(("outlooks", key), read, work_out, |made| pack(made))
}

fn kinds(asked: &Asked<'_>, estate: &Estate, parts: &[Parts; 2]) -> Vec<Kind> {
    let services = (&estate.services[..], &parts[0].outlooks[..]);
    let owners = (&estate.owners[..], &parts[1].outlooks[..]);
    vec![
        kind(asked, (TOTAL, ""), services, |_| ""),
        kind(asked, ("service", "ServiceName"), services, |leaf| {
            &leaf.values[3]
        }),
        kind(asked, ("account", "SubAccountId"), services, |leaf| {
            &leaf.values[2]
        }),
        kind(asked, ("team", "Team"), owners, |leaf| &leaf.values[0]),
        kind(asked, ("environment", "Environment"), owners, |leaf| {
            &leaf.values[1]
        }),
        kind(asked, ("cost center", "CostCenter"), owners, |leaf| {
            &leaf.values[2]
        }),
    ]
}

/// What every kind of scope has to answer, and to add up to.
struct Asked<'a> {
    question: &'a Question,
    whole: &'a [Money],
}

fn kind<'a>(
    asked: &Asked<'_>,
    (name, column): (&'static str, &'static str),
    (leaves, outlooks): (&'a [Leaf], &[Outlook]),
    value: impl Fn(&'a Leaf) -> &'a str,
) -> Kind {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, leaf) in leaves.iter().enumerate() {
        groups.entry(value(leaf)).or_default().push(at);
    }
    let members: Vec<Vec<usize>> = groups.values().cloned().collect();
    let mut summed: Vec<Outlook> = members
        .par_iter()
        .map(|members| Outlook::of_parts(members.iter().map(|at| &outlooks[*at])))
        .collect();
    let calibration = Calibration::learn(&summed, asked.question);
    if days::OWNERS.contains(&column) {
        reconciled(&mut summed, &calibration, asked.whole);
    }
    let steps: Vec<&[f64]> = summed.iter().map(|outlook| &outlook.steps[..]).collect();
    let days = days_of_parts(asked.whole, &steps, DECIMALS);
    let actuals = members.iter().map(|members| added(leaves, members));
    let scopes = groups.keys().zip(actuals).zip(summed.into_iter().zip(days));
    let scope = |((value, actual), (outlook, days)): ((&&str, _), _)| Scope {
        value: (*value).to_owned(),
        outlook,
        actual,
        days,
    };
    Kind {
        name,
        column,
        scopes: scopes.map(scope).collect(),
        calibration,
    }
}

/// Teams and environments are forecast on their own and moved to the whole, the least certain most.
fn reconciled(parts: &mut [Outlook], calibration: &Calibration, whole: &[Money]) {
    let intervals: Vec<Vec<Interval>> = parts
        .par_iter()
        .map(|part| calibration.steps(part, whole.len()))
        .collect();
    for (step, whole) in whole.iter().enumerate() {
        let (mut estimates, spreads): (Vec<f64>, Vec<f64>) = intervals
            .iter()
            .map(|steps| steps[step])
            .map(|one| (one.forecast, (one.upper80 - one.lower80) / 2.0))
            .unzip();
        reconcile(&mut estimates, &spreads, whole.approximate());
        for (part, estimate) in parts.iter_mut().zip(estimates) {
            if let Some(day) = part.steps.get_mut(step) {
                *day = estimate;
            }
        }
    }
}

/// What some leaves cost together, day by day.
fn added(leaves: &[Leaf], members: &[usize]) -> Vec<Money> {
    let length = leaves.first().map_or(0, |leaf| leaf.days.len());
    let mut sums = vec![Money::ZERO; length];
    for member in members {
        for (sum, day) in sums.iter_mut().zip(&leaves[*member].days) {
            *sum += *day;
        }
    }
    sums
}

impl Told {
    fn kind(&self, name: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }

    fn total(&self) -> Option<(&Kind, &Scope)> {
        let kind = self.kind(TOTAL)?;
        Some((kind, kind.scopes.first()?))
    }

    /// Days that are forecast one by one in the tables.
    fn shown(&self) -> usize {
        let ends = self.spans.iter().map(|(_, window)| window.to);
        ends.max().unwrap_or(0)
    }

    /// The day of a forecast step.
    fn day(&self, step: usize) -> NaiveDate {
        self.estate.origin + Days::new(step as u64)
    }
}

/// Days from one day to another; none where that lies before.
fn days_between(from: NaiveDate, to: NaiveDate) -> usize {
    usize::try_from((to - from).num_days()).unwrap_or(0)
}

/// A bound as a published amount.
fn bound(value: f64) -> Money {
    amount(value, DECIMALS)
}
