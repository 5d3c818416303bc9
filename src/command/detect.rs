//! From daily facts to scores, incidents and what drives them.

use super::night::Night;
use super::plan::Plan;
use crate::analysis::anomaly::{DayScore, Options, score};
use crate::analysis::drivers::{Driver, Leaf, explain};
use crate::analysis::incident::{Gates, Incident, incidents};
use crate::engine;
use crate::error::{Error, Result};
use crate::money::Money;
use crate::report::table::{Cell, Table};
use chrono::{Days, NaiveDate};
use polars::prelude::*;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Days looked back at, at most.
const LOOKBACK: u64 = 400;
/// A bill's newest days still fill up.
const FILLING: i64 = 2;

/// One account and service, day by day.
pub(super) struct Watched {
    pub(super) currency: String,
    pub(super) account: String,
    pub(super) service: String,
    pub(super) first_day: NaiveDate,
    pub(super) amounts: Vec<Money>,
    pub(super) scores: Vec<DayScore>,
    pub(super) incidents: Vec<(Incident, Option<Driver>)>,
}

type Key = (String, String, String);

/// Scores every series of the night, in parallel, and explains its incidents.
pub(super) fn detect(night: &Night, plan: &Plan) -> Result<Vec<Watched>> {
    let sql = include_str!("../../queries/analysis/anomaly_series.sql");
    let daily = engine::query(
        "queries/analysis/anomaly_series.sql",
        sql,
        &[("charges_daily", night.table("charges_daily")?)],
    )?;
    let mut watched = series(&Table::of_frame(&daily)?, plan.today);
    let since = account_starts(&watched);
    let rules = &plan.config.anomalies;
    let gates = Gates {
        sigmas: rules.sigmas,
        impact: rules.min_impact,
        percent: rules.min_percent,
    };
    watched.par_iter_mut().for_each(|one| {
        let values: Vec<f64> = one
            .amounts
            .iter()
            .map(|amount| amount.approximate())
            .collect();
        let last = one.first_day + Days::new(values.len().saturating_sub(1) as u64);
        let filling = (last - plan.today).num_days() + 1 + FILLING;
        let options = Options {
            provisional_days: usize::try_from(filling.clamp(0, FILLING)).unwrap_or(0),
            account_since: since
                .get(&(one.currency.clone(), one.account.clone()))
                .copied(),
            ..Options::default()
        };
        one.scores = score(one.first_day, &values, &options);
        one.incidents = incidents(&one.scores, &gates)
            .into_iter()
            .map(|incident| (incident, None))
            .collect();
    });
    explain_all(night, &mut watched)?;
    Ok(watched)
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
    let mut series: BTreeMap<Key, Vec<Money>> = BTreeMap::new();
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
        let values = series
            .entry(key)
            .or_insert_with(|| vec![Money::ZERO; length]);
        values.resize(values.len().max(length), Money::ZERO);
        values[at] += amounts[row].unwrap_or_default();
    }
    let watched = |((currency, account, service), amounts)| Watched {
        currency,
        account,
        service,
        first_day: first,
        amounts,
        scores: Vec::new(),
        incidents: Vec::new(),
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
        let Some(at) = one.amounts.iter().position(|amount| *amount != Money::ZERO) else {
            continue;
        };
        let day = one.first_day + Days::new(at as u64);
        let start = starts
            .entry((one.currency.clone(), one.account.clone()))
            .or_insert(day);
        *start = day.min(*start);
    }
    starts
}

/// Daily cost and list cost of the finest lines, by (region, meter), of one account and service.
type Leaves = BTreeMap<(String, String), (Vec<f64>, Vec<f64>)>;

fn explain_all(night: &Night, watched: &mut [Watched]) -> Result<()> {
    let with: Vec<&Watched> = watched
        .iter()
        .filter(|one| !one.incidents.is_empty())
        .collect();
    if with.is_empty() {
        return Ok(());
    }
    let engine_fault = |e: PolarsError| Error::data(e.to_string());
    let names =
        |of: fn(&Watched) -> &String| with.iter().map(|one| of(one).clone()).collect::<Vec<_>>();
    let pairs = df!("SubAccountId" => names(|one| &one.account), "ServiceName" => names(|one| &one.service)).map_err(engine_fault)?;
    let sql = include_str!("../../queries/analysis/anomaly_leaves.sql");
    let tables = [
        ("usage_daily", night.table("usage_daily")?),
        ("incidents", pairs.lazy()),
    ];
    let lines = Table::of_frame(&engine::query(
        "queries/analysis/anomaly_leaves.sql",
        sql,
        &tables,
    )?)?;
    let leaves = leaves(&lines, watched);
    watched.par_iter_mut().for_each(|one| {
        let Some(own) = leaves.get(&(
            one.currency.clone(),
            one.account.clone(),
            one.service.clone(),
        )) else {
            return;
        };
        let names: Vec<[&str; 2]> = own
            .keys()
            .map(|(region, meter)| [region.as_str(), meter.as_str()])
            .collect();
        let lines: Vec<Leaf<'_>> = names
            .iter()
            .zip(own.values())
            .map(|(values, (costs, list))| Leaf {
                values,
                costs,
                list_costs: Some(list),
            })
            .collect();
        let first = one.first_day;
        for (incident, driver) in &mut one.incidents {
            let at = |day: NaiveDate| usize::try_from((day - first).num_days()).unwrap_or(0);
            *driver = explain(
                &["RegionId", "SkuMeter"],
                &lines,
                at(incident.first_day)..at(incident.last_day) + 1,
            );
        }
    });
    Ok(())
}

fn leaves(lines: &Table, watched: &[Watched]) -> BTreeMap<Key, Leaves> {
    let known: BTreeMap<Key, (NaiveDate, usize)> = watched
        .iter()
        .filter(|one| !one.incidents.is_empty())
        .map(|one| {
            (
                (
                    one.currency.clone(),
                    one.account.clone(),
                    one.service.clone(),
                ),
                (one.first_day, one.amounts.len()),
            )
        })
        .collect();
    let days = day_column(lines, "Day");
    let [currencies, accounts, services, regions, meters] = [
        "BillingCurrency",
        "SubAccountId",
        "ServiceName",
        "RegionId",
        "SkuMeter",
    ]
    .map(|name| lines.texts(name));
    let (costs, list) = (lines.amounts("EffectiveCost"), lines.amounts("ListCost"));
    let mut leaves: BTreeMap<Key, Leaves> = BTreeMap::new();
    for row in 0..lines.rows.len() {
        let key = (
            currencies[row].clone(),
            accounts[row].clone(),
            services[row].clone(),
        );
        let Some((first, length)) = known.get(&key) else {
            continue;
        };
        let Some(at) = days[row]
            .and_then(|day| usize::try_from((day - *first).num_days()).ok())
            .filter(|at| at < length)
        else {
            continue;
        };
        let own = leaves.entry(key).or_default();
        let line = own
            .entry((regions[row].clone(), meters[row].clone()))
            .or_insert_with(|| (vec![0.0; *length], vec![0.0; *length]));
        line.0[at] += costs[row].unwrap_or_default().approximate();
        line.1[at] += list[row].or(costs[row]).unwrap_or_default().approximate();
    }
    leaves
}

/// `anomaly_scores.csv`.
pub(super) fn scores_table(watched: &[Watched]) -> Table {
    let mut table = Table::new(&[
        "Day",
        "SubAccountId",
        "ServiceName",
        "Actual",
        "Expected",
        "Lower",
        "Upper",
        "Score",
        "Mature",
        "BillingCurrency",
    ]);
    for one in watched {
        for score in &one.scores {
            let at = usize::try_from((score.day - one.first_day).num_days()).unwrap_or(0);
            table.rows.push(vec![
                Cell::Day(score.day),
                Cell::text(&one.account),
                Cell::text(&one.service),
                Cell::Money(one.amounts[at]),
                Cell::Number(score.expected, 6),
                Cell::Number(score.lower, 6),
                Cell::Number(score.upper, 6),
                Cell::Number(score.score, 3),
                Cell::text(if score.mature { "true" } else { "false" }),
                Cell::text(&one.currency),
            ]);
        }
    }
    table
}

/// Every incident with its series, largest impact first within a currency.
pub(super) fn ranked(watched: &[Watched]) -> Vec<(&Watched, &Incident, Option<&Driver>)> {
    let mut all: Vec<_> = watched
        .iter()
        .flat_map(|one| {
            one.incidents
                .iter()
                .map(move |(incident, driver)| (one, incident, driver.as_ref()))
        })
        .collect();
    all.sort_by(|(a, x, _), (b, y, _)| {
        let place = |one: &Watched, incident: &Incident| {
            (one.account.clone(), one.service.clone(), incident.first_day)
        };
        a.currency
            .cmp(&b.currency)
            .then_with(|| y.impact.abs().total_cmp(&x.impact.abs()))
            .then_with(|| place(a, x).cmp(&place(b, y)))
    });
    all
}

/// `anomalies.csv`.
pub(super) fn anomalies_table(watched: &[Watched]) -> Table {
    let mut table = Table::new(&[
        "FirstDay",
        "LastDay",
        "SubAccountId",
        "ServiceName",
        "Kind",
        "Severity",
        "Score",
        "ActualCost",
        "ExpectedCost",
        "Impact",
        "ImpactPct",
        "Cause",
        "DriverDimension",
        "DriverValue",
        "DriverShare",
        "BillingCurrency",
        "State",
    ]);
    for (one, incident, driver) in ranked(watched) {
        let at = |day: NaiveDate| usize::try_from((day - one.first_day).num_days()).unwrap_or(0);
        let actual: Money = one.amounts[at(incident.first_day)..=at(incident.last_day)]
            .iter()
            .copied()
            .sum();
        table.rows.push(vec![
            Cell::Day(incident.first_day),
            Cell::Day(incident.last_day),
            Cell::text(&one.account),
            Cell::text(&one.service),
            Cell::text(incident.kind.as_str()),
            Cell::text(incident.severity.as_str()),
            Cell::Number(incident.score, 2),
            Cell::Money(actual),
            Cell::Number(incident.expected, 2),
            Cell::Number(incident.impact, 2),
            incident
                .impact_pct
                .map_or(Cell::Empty, |pct| Cell::Number(pct, 2)),
            driver.map_or(Cell::Empty, |driver| Cell::text(driver.cause.as_str())),
            driver.map_or(Cell::Empty, |driver| Cell::text(&driver.dimension)),
            driver.map_or(Cell::Empty, |driver| Cell::text(&driver.value)),
            driver.map_or(Cell::Empty, |driver| Cell::Number(driver.share * 100.0, 2)),
            Cell::text(&one.currency),
            Cell::text(if incident.open { "open" } else { "closed" }),
        ]);
    }
    table
}
