//! From daily facts to scores and incidents: which series there are, how much of their newest days has
//! arrived, what is out of bounds. What moved them is told by `leaves`, what became of them by `known`.

use super::known;
use super::leaves;
use super::night::Night;
use super::plan::Plan;
use crate::analysis::anomaly::{DayScore, Options, ripen, score};
use crate::analysis::completeness::completeness;
use crate::analysis::drivers::Driver;
use crate::analysis::incident::{Gates, Incident, incidents};
use crate::analysis::missing::missing_charges;
use crate::analysis::planned::{Planned, widen};
use crate::analysis::state::State;
use crate::engine;
use crate::error::Result;
use crate::lake::Lake;
use crate::money::Money;
use crate::report::table::{Cell, Table};
use chrono::{Days, NaiveDate};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Days looked back at, at most.
pub(super) const LOOKBACK: u64 = 400;
/// A bill's newest days still fill up.
const FILLING: i64 = 2;

/// One account and service, day by day.
pub(super) struct Watched {
    pub(super) currency: String,
    pub(super) account: String,
    pub(super) service: String,
    provider: String,
    pub(super) first_day: NaiveDate,
    pub(super) amounts: Vec<Money>,
    pub(super) options: Options,
    pub(super) scores: Vec<DayScore>,
    pub(super) found: Vec<Found>,
}

/// An incident of a series, or of a part of it, and what is known of it.
pub(super) struct Found {
    pub(super) incident: Incident,
    /// What its days cost, exactly.
    pub(super) actual: Money,
    pub(super) driver: Option<Driver>,
    /// The resources that moved it most, largest first.
    pub(super) resources: Vec<String>,
    /// The days of the part, where the series as a whole hides it.
    pub(super) part: Option<Vec<DayScore>>,
    pub(super) state: State,
    /// The day of the run that first told of it.
    pub(super) first_seen: NaiveDate,
    /// True where an earlier run was there to see it begin.
    pub(super) witnessed: bool,
    /// What people said about it beforehand.
    pub(super) note: String,
    /// It is expected: shown, and counted nowhere.
    pub(super) muted: bool,
}

impl Found {
    pub(super) fn new(incident: Incident, actual: Money) -> Found {
        Found {
            first_seen: incident.first_day,
            witnessed: false,
            incident,
            actual,
            driver: None,
            resources: Vec::new(),
            part: None,
            state: State::Closed,
            note: String::new(),
            muted: false,
        }
    }
}

impl Watched {
    /// The place of a day in its amounts.
    pub(super) fn at(&self, day: NaiveDate) -> usize {
        usize::try_from((day - self.first_day).num_days()).unwrap_or(0)
    }

    /// Its newest day.
    fn last_day(&self) -> NaiveDate {
        self.first_day + Days::new(self.amounts.len().saturating_sub(1) as u64)
    }

    /// First day with any cost.
    pub(super) fn begins(&self) -> Option<NaiveDate> {
        let at = self
            .amounts
            .iter()
            .position(|amount| *amount != Money::ZERO)?;
        Some(self.first_day + Days::new(at as u64))
    }

    /// What days with a score cost, and what all days cost, of those that are wanted.
    pub(super) fn monitored(&self, wanted: impl Fn(NaiveDate) -> bool) -> (Money, Money) {
        let scored = self.scores.iter().map(|score| score.day);
        let scored = scored.filter(|day| wanted(*day));
        let cost = |day: NaiveDate| self.amounts.get(self.at(day)).copied().unwrap_or_default();
        let days = self.first_day.iter_days().zip(&self.amounts);
        let all = days.filter(|(day, _)| wanted(*day));
        (scored.map(cost).sum(), all.map(|(_, cost)| *cost).sum())
    }

    /// What these days cost.
    fn sum(&self, incident: &Incident) -> Money {
        let days = self.at(incident.first_day)..=self.at(incident.last_day);
        self.amounts
            .get(days)
            .unwrap_or_default()
            .iter()
            .copied()
            .sum()
    }

    fn values(&self) -> Vec<f64> {
        let values = self.amounts.iter().map(|amount| amount.approximate());
        values.collect()
    }

    /// Scores its days as if all of them were complete.
    fn judge(&self) -> Vec<DayScore> {
        score(self.first_day, &self.values(), &self.options.complete())
    }

    /// Takes scores over by what is known of its newest days; planned events widen what is expected.
    fn take(&mut self, judged: &[DayScore], events: &[Planned]) {
        self.scores = judged.to_vec();
        let last = self.last_day();
        ripen(&mut self.scores, last, &self.options);
        for event in events
            .iter()
            .filter(|event| event.is_of(&self.account, &self.service))
        {
            widen(&mut self.scores, event);
        }
    }

    /// Its incidents, and the charges that did not come.
    fn find(&mut self, gates: &Gates) {
        let mut found: Vec<Found> = incidents(&self.scores, gates)
            .into_iter()
            .map(|incident| Found::new(incident.clone(), self.sum(&incident)))
            .collect();
        let unsettled = usize::try_from(FILLING).unwrap_or(0);
        for charge in missing_charges(self.first_day, &self.values(), unsettled, gates.impact) {
            let actual = self
                .amounts
                .get(self.at(charge.day))
                .copied()
                .unwrap_or_default();
            let incident = charge.incident(actual.approximate(), gates);
            found.push(Found::new(incident, actual));
        }
        self.found = found;
    }
}

type Key = (String, String, String);

/// What an incident must exceed, as the config says.
pub(super) fn gates(plan: &Plan) -> Gates {
    let rules = &plan.config.anomalies;
    Gates {
        sigmas: rules.sigmas,
        impact: rules.min_impact,
        percent: rules.min_percent,
    }
}

/// Scores every series of the night, in parallel, explains its incidents and says what became of them.
pub(super) fn detect(lake: &Lake, night: &Night, plan: &Plan) -> Result<Vec<Watched>> {
    let sql = include_str!("../../queries/analysis/anomaly_series.sql");
    let daily = engine::query(
        "queries/analysis/anomaly_series.sql",
        sql,
        &[("charges_daily", night.table("charges_daily")?)],
    )?;
    let mut watched = series(&Table::of_frame(&daily)?, plan.today);
    let since = account_starts(&watched);
    let set = watched.par_iter_mut().map(|one| {
        let filling = (one.last_day() - plan.today).num_days() + 1 + FILLING;
        let account = (one.currency.clone(), one.account.clone());
        one.options = Options {
            provisional_days: usize::try_from(filling.clamp(0, FILLING)).unwrap_or(0),
            account_since: since.get(&account).copied(),
            ..Options::default()
        };
        let judged = one.judge();
        one.take(&judged, &plan.events);
        judged
    });
    let judged: Vec<Vec<DayScore>> = set.collect();
    judge_newest(&mut watched, &judged, plan);
    drop(judged);
    let gates = gates(plan);
    watched.par_iter_mut().for_each(|one| one.find(&gates));
    leaves::explain_all(night, plan, &mut watched)?;
    known::tell(lake, plan, &mut watched)?;
    Ok(watched)
}

/// How much of a bill's newest days has arrived is seen across the series of its provider; where it can be
/// seen, it replaces the fixed number of days. A bill that ended long ago is complete.
fn judge_newest(watched: &mut [Watched], judged: &[Vec<DayScore>], plan: &Plan) {
    let mut bills: BTreeMap<(String, NaiveDate), Vec<(&mut Watched, &[DayScore])>> =
        BTreeMap::new();
    for (one, judged) in watched
        .iter_mut()
        .zip(judged)
        .filter(|(one, _)| one.options.provisional_days > 0)
    {
        let bill = (one.provider.clone(), one.last_day());
        bills.entry(bill).or_default().push((one, judged));
    }
    for ((_, last), mut bill) in bills {
        let scores = bill.iter().map(|(one, _)| one.scores.as_slice());
        let scores: Vec<&[DayScore]> = scores.collect();
        let Some(shares) = completeness(&scores, last) else {
            continue;
        };
        bill.par_iter_mut().for_each(|(one, judged)| {
            one.options.completeness.clone_from(&shares);
            one.take(judged, &plan.events);
        });
    }
}

/// Daily series, silence as zero, each up to the newest day of its own bill: where a bill ends, nothing
/// dropped. The day that still runs is left out.
fn series(daily: &Table, today: NaiveDate) -> Vec<Watched> {
    let days: Vec<Option<NaiveDate>> = day_column(daily, "Day");
    let amounts = daily.amounts("EffectiveCost");
    let [currencies, accounts, services] =
        ["BillingCurrency", "SubAccountId", "ServiceName"].map(|name| daily.texts(name));
    let complete = |day: &NaiveDate| *day < today;
    let [providers, payers] = ["ProviderName", "BillingAccountId"].map(|name| daily.texts(name));
    let mut ends: BTreeMap<(&str, &str), NaiveDate> = BTreeMap::new();
    for (row, day) in days.iter().enumerate() {
        if let Some(day) = day.filter(complete) {
            let end = ends.entry((&providers[row], &payers[row])).or_insert(day);
            *end = day.max(*end);
        }
    }
    let Some(last) = ends.values().copied().max() else {
        return Vec::new();
    };
    let earliest = last - Days::new(LOOKBACK - 1);
    let Some(first) = days
        .iter()
        .flatten()
        .copied()
        .filter(|day| *day >= earliest)
        .min()
    else {
        return Vec::new();
    };
    let mut series: BTreeMap<Key, (String, Vec<Money>)> = BTreeMap::new();
    for row in 0..daily.rows.len() {
        let Some(end) = ends.get(&(providers[row].as_str(), payers[row].as_str())) else {
            continue;
        };
        let length = usize::try_from((*end - first).num_days() + 1).unwrap_or(0);
        let Some(at) = days[row]
            .and_then(|day| usize::try_from((day - first).num_days()).ok())
            .filter(|at| *at < length)
        else {
            continue;
        };
        let key = (
            currencies[row].clone(),
            accounts[row].clone(),
            services[row].clone(),
        );
        let (_, values) = series
            .entry(key)
            .or_insert_with(|| (providers[row].clone(), vec![Money::ZERO; length]));
        values.resize(values.len().max(length), Money::ZERO);
        values[at] += amounts[row].unwrap_or_default();
    }
    let watched = |((currency, account, service), (provider, amounts))| Watched {
        currency,
        account,
        service,
        provider,
        first_day: first,
        amounts,
        options: Options::default(),
        scores: Vec::new(),
        found: Vec::new(),
    };
    series.into_iter().map(watched).collect()
}

fn day_column(table: &Table, name: &str) -> Vec<Option<NaiveDate>> {
    let at = table.at(name);
    let day = |row: &Vec<Cell>| {
        at.and_then(|at| {
            if let Cell::Day(day) = row[at] {
                Some(day)
            } else {
                None
            }
        })
    };
    table.rows.iter().map(day).collect()
}

/// First day with any cost of each account, by currency.
fn account_starts(watched: &[Watched]) -> BTreeMap<(String, String), NaiveDate> {
    let mut starts: BTreeMap<(String, String), NaiveDate> = BTreeMap::new();
    for one in watched {
        let Some(day) = one.begins() else {
            continue;
        };
        let start = starts
            .entry((one.currency.clone(), one.account.clone()))
            .or_insert(day);
        *start = day.min(*start);
    }
    starts
}
