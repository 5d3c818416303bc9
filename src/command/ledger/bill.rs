//! What the bills of this run know of the ledger's resources.

use crate::analysis::ledger::{About, Charge, History, Line, Place, SeenMonth};
use crate::analysis::trust::State;
use crate::command::night::Night;
use crate::engine;
use crate::engine::facts::{self, PeriodFacts};
use crate::error::{Error, Result};
use crate::money::Money;
use crate::period::Month;
use crate::report::table::{Cell, Table};
use chrono::{Days, NaiveDate};
use polars::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// The days of every bill.
pub(super) struct BilledDays {
    /// By account, its months.
    pub(super) accounts: BTreeMap<String, Vec<SeenMonth>>,
    /// Sources and months that a bill cuts by month alone: every charge lies on the first day.
    whole: BTreeSet<(String, Month)>,
}

/// Reads until when every account is billed in every month.
pub(super) fn days(night: &Night, today: NaiveDate) -> Result<BilledDays> {
    let mut known = BilledDays {
        accounts: BTreeMap::new(),
        whole: BTreeSet::new(),
    };
    let mut accounts: BTreeMap<String, BTreeMap<Month, SeenMonth>> = BTreeMap::new();
    for (source, periods) in by_source(night) {
        let query = include_str!("../../../queries/analysis/ledger_days.sql");
        let name = "queries/analysis/ledger_days.sql";
        let tables = [("charges_daily", facts::table(&periods, "charges_daily")?)];
        let rows = Table::of_frame(&engine::query(name, query, &tables)?)?;
        let months = months(night, source, &rows, today);
        for (month, seen) in &months {
            if seen.1 {
                known.whole.insert((source.to_owned(), *month));
            }
        }
        for (account, since) in since(&rows) {
            let own = accounts.entry(account).or_default();
            for (month, (seen, _)) in months.range(since..) {
                let known = own.entry(*month).or_insert(*seen);
                known.until = known.until.max(seen.until);
                known.closed &= seen.closed;
            }
        }
    }
    let sorted = |(account, months): (String, BTreeMap<Month, SeenMonth>)| {
        (account, months.into_values().collect())
    };
    known.accounts = accounts.into_iter().map(sorted).collect();
    Ok(known)
}

fn by_source(night: &Night) -> BTreeMap<&str, Vec<PeriodFacts>> {
    let mut sources: BTreeMap<&str, Vec<PeriodFacts>> = BTreeMap::new();
    for (source, facts) in &night.facts {
        sources.entry(source).or_default().push(facts.clone());
    }
    sources
}

/// The months of a source, each with its last day and whether the bill cuts by month alone.
fn months(
    night: &Night,
    source: &str,
    rows: &Table,
    today: NaiveDate,
) -> BTreeMap<Month, (SeenMonth, bool)> {
    let mut spans: BTreeMap<Month, (NaiveDate, NaiveDate)> = BTreeMap::new();
    for (month, first, last) in spanned(rows) {
        let span = spans.entry(month).or_insert((first, last));
        *span = (span.0.min(first), span.1.max(last));
    }
    let seen = |(month, (_, last)): (Month, (NaiveDate, NaiveDate))| {
        let end = month.next().first_day();
        let whole = last <= month.first_day() && end <= today;
        let eve = end.checked_sub_days(Days::new(1)).unwrap_or(end);
        let trusted = night.facts.iter().zip(&night.trust);
        let mut state =
            trusted.filter(|((name, facts), _)| name == source && facts.period.month() == month);
        let seen = SeenMonth {
            month,
            until: if whole { eve } else { last.min(eve) },
            closed: state.all(|(_, trust)| trust.state == State::Closed),
        };
        (month, (seen, whole))
    };
    spans.into_iter().map(seen).collect()
}

/// Month, first and last day of every row.
fn spanned(rows: &Table) -> Vec<(Month, NaiveDate, NaiveDate)> {
    let [months, firsts, lasts] = ["Month", "FirstDay", "LastDay"].map(|name| rows.texts(name));
    let one = |row: usize| {
        let month = Month::parse(&months[row])?;
        Some((month, firsts[row].parse().ok()?, lasts[row].parse().ok()?))
    };
    (0..months.len()).filter_map(one).collect()
}

/// The first month of every account.
fn since(rows: &Table) -> BTreeMap<String, Month> {
    let mut since: BTreeMap<String, Month> = BTreeMap::new();
    for (month, account) in rows.texts("Month").iter().zip(rows.texts("Account")) {
        if let Some(month) = Month::parse(month) {
            let known = since.entry(account).or_insert(month);
            *known = month.min(*known);
        }
    }
    since
}

/// Accounts and ids, as the bill prints them, for queries to join.
pub(super) fn wanted(resources: &BTreeSet<(String, String)>) -> Result<LazyFrame> {
    let (accounts, ids): (Vec<&str>, Vec<&str>) = resources
        .iter()
        .map(|(account, id)| (account.as_str(), id.as_str()))
        .unzip();
    let frame = df!("WantedAccount" => accounts, "WantedResource" => ids);
    Ok(frame.map_err(|e| Error::data(e.to_string()))?.lazy())
}

/// The bill of every place; places whose account no bill has are left out.
pub(super) fn histories(
    night: &Night,
    abouts: &[&About],
    days: &BilledDays,
) -> Result<BTreeMap<Place, History>> {
    let mut histories: BTreeMap<Place, History> = BTreeMap::new();
    let mut owners: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let mut bare: BTreeSet<&Line> = BTreeSet::new();
    for about in abouts {
        let Some(months) = days.accounts.get(&about.account) else {
            continue;
        };
        let history = histories.entry(about.place()).or_default();
        history.months.clone_from(months);
        for line in &about.lines {
            let resource = (about.account.clone(), line.resource.clone());
            owners
                .entry(resource)
                .or_default()
                .insert(about.key.clone());
            if line.resource.is_empty() {
                bare.insert(line);
            }
        }
    }
    if owners.is_empty() {
        return Ok(histories);
    }
    let resources: BTreeSet<(String, String)> = owners.keys().cloned().collect();
    for (source, periods) in by_source(night) {
        for (account, currency, charge) in charges(&periods, &resources, (source, days))? {
            // Of charges without a resource only those that an entry is about.
            if charge.line.resource.is_empty() && !bare.contains(&charge.line) {
                continue;
            }
            let resource = (account, charge.line.resource.clone());
            for key in owners.get(&resource).into_iter().flatten() {
                let place = (resource.0.clone(), key.clone(), currency.clone());
                if let Some(history) = histories.get_mut(&place) {
                    history.charges.push(charge.clone());
                }
            }
        }
    }
    histories.values_mut().for_each(History::spread);
    Ok(histories)
}

/// Account, currency and charge of every row of a source.
fn charges(
    periods: &[PeriodFacts],
    resources: &BTreeSet<(String, String)>,
    (source, days): (&str, &BilledDays),
) -> Result<Vec<(String, String, Charge)>> {
    let tables = [
        ("meters_monthly", facts::table(periods, "meters_monthly")?),
        ("compute_monthly", facts::table(periods, "compute_monthly")?),
        ("wanted", wanted(resources)?),
    ];
    let query = include_str!("../../../queries/analysis/ledger_lines.sql");
    let name = "queries/analysis/ledger_lines.sql";
    let rows = Table::of_frame(&engine::query(name, query, &tables)?)?;
    let [months, accounts, ids, meters, instances, units, currencies] = [
        "Month",
        "Account",
        "Resource",
        "Meter",
        "InstanceType",
        "Unit",
        "BillingCurrency",
    ]
    .map(|name| rows.texts(name));
    let [costs, quantities] = ["EffectiveCost", "ConsumedQuantity"].map(|name| rows.amounts(name));
    let [last, left] = ["MaxDay", "MaxDaysLeft"].map(|name| rows.at(name).unwrap_or_default());
    let one = |row: usize| {
        let month = Month::parse(&months[row])?;
        let whole = days.whole.contains(&(source.to_owned(), month));
        let (first, last) = span(month, whole, (&rows.rows[row][last], &rows.rows[row][left]));
        let line = Line {
            resource: ids[row].clone(),
            meter: meters[row].clone(),
            instance: instances[row].to_lowercase(),
            unit: units[row].to_lowercase(),
        };
        let charge = Charge {
            month,
            line,
            cost: costs[row].unwrap_or(Money::ZERO),
            quantity: quantities[row],
            first,
            last,
        };
        Some((accounts[row].clone(), currencies[row].clone(), charge))
    };
    Ok((0..months.len()).filter_map(one).collect())
}

/// First and last day of a charge: the fact keeps the largest day and the largest 32 − day. Where a bill cuts by
/// month alone, the month.
fn span(month: Month, whole: bool, (last, left): (&Cell, &Cell)) -> (NaiveDate, NaiveDate) {
    let all = (
        month.first_day(),
        month.next().first_day().pred_opt().unwrap_or_default(),
    );
    let (Cell::Count(last), Cell::Count(left)) = (last, left) else {
        return all;
    };
    if whole {
        return all;
    }
    let day = |number: i64| {
        let after = u64::try_from(number - 1).unwrap_or(0);
        let day = all.0.checked_add_days(Days::new(after)).unwrap_or(all.0);
        day.min(all.1)
    };
    (day(32 - left), day(*last))
}
