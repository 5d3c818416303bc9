//! The daily costs that forecasts start from: one line per account and service, and one per team, environment and cost
//! centre, each day by day up to the first day whose bill still fills up. Both divide the same money.

use crate::analysis::forecast::History;
use crate::command::night::Night;
use crate::error::{Error, Result};
use crate::money::Money;
use crate::period::Month;
use crate::report::table::day_of;
use chrono::{Days, NaiveDate};
use polars::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// Days that the method looks back at, at most.
const LOOKBACK: usize = 400;
/// Days that budgets and past forecasts may reach back.
const REMEMBERED: u64 = 800;
/// A bill's newest days still fill up.
const FILLING: u64 = 2;
/// A bill whose newest day lies this far behind the newest of its currency has ended; a younger one is late.
const LATE: u64 = 10;

/// Columns that divide the bill by account and service, as budgets name them.
pub(super) const SERVICES: [&str; 4] = [
    "ProviderName",
    "BillingAccountId",
    "SubAccountId",
    "ServiceName",
];
/// Columns that divide it by owner.
pub(super) const OWNERS: [&str; 3] = ["Team", "Environment", "CostCenter"];

/// One part of a division, day by day.
pub(super) struct Leaf {
    /// Its values, in the order of the division's columns.
    pub(super) values: Vec<String>,
    /// Its cost on every day from the estate's first.
    pub(super) days: Vec<Money>,
    costs: Vec<f64>,
}

impl Leaf {
    /// What the method sees: the newest days, as statistics.
    pub(super) fn history(&self, first_day: NaiveDate) -> History<'_> {
        let skipped = self.costs.len().saturating_sub(LOOKBACK);
        History {
            first_day: first_day + Days::new(skipped as u64),
            values: &self.costs[skipped..],
            known: &[],
        }
    }
}

/// Everything in one currency.
pub(super) struct Estate {
    pub(super) currency: String,
    /// The first day that is remembered.
    pub(super) first_day: NaiveDate,
    /// The first day that is not known.
    pub(super) origin: NaiveDate,
    pub(super) services: Vec<Leaf>,
    pub(super) owners: Vec<Leaf>,
}

impl Estate {
    /// The place of a day among the known ones; the first for older days, the end for later ones.
    pub(super) fn at(&self, day: NaiveDate) -> usize {
        let day = day.clamp(self.first_day, self.origin);
        usize::try_from((day - self.first_day).num_days()).unwrap_or(0)
    }
}

/// The charges of one part of the bill.
struct Line {
    currency: String,
    values: Vec<String>,
    charges: Vec<(NaiveDate, Money)>,
}

/// Columns of a division as the facts spell them, with what stands for a value that is missing.
type Columns = &'static [(&'static str, &'static str)];

const BY_SERVICE: Columns = &[
    ("BillingCurrency", ""),
    ("ProviderName", ""),
    ("BillingAccountId", ""),
    ("SubAccountId", "(no account)"),
    ("ServiceName", "(unknown)"),
];
const BY_OWNER: Columns = &[
    ("BillingCurrency", ""),
    ("x_Team", "(untagged)"),
    ("x_Environment", "(untagged)"),
    ("x_CostCenter", "(untagged)"),
];

/// The estates of the night, by currency; one without a complete day has nothing to forecast from.
pub(super) fn estates(night: &Night, today: NaiveDate) -> Result<Vec<Estate>> {
    let (services, owners) = rayon::join(
        || lines(night, "charges_daily", BY_SERVICE),
        || lines(night, "charges_daily_owners", BY_OWNER),
    );
    let (services, owners) = (services?, owners?);
    let mut currencies: BTreeMap<&str, [Vec<&Line>; 2]> = BTreeMap::new();
    for (division, lines) in [&services, &owners].into_iter().enumerate() {
        for line in lines {
            currencies.entry(&line.currency).or_default()[division].push(line);
        }
    }
    let made = currencies.into_iter();
    Ok(made
        .filter_map(|(currency, divisions)| estate(currency, divisions, today))
        .collect())
}

/// The daily costs of a fact, all categories of charges, by the values of these columns and in their order. A
/// charge without a day counts on the first of its month. No query: sorting every day of every part by its texts
/// would cost more than the forecast itself.
fn lines(night: &Night, fact: &str, columns: Columns) -> Result<Vec<Line>> {
    let fault = |e: PolarsError| Error::data(e.to_string());
    let wanted = columns.iter().map(|(name, _)| *name);
    let wanted = wanted.chain(["x_BillingMonth", "x_ChargeDate", "EffectiveCost"]);
    let frame = night
        .table(fact)?
        .select(wanted.map(col).collect::<Vec<_>>())
        .collect()
        .map_err(fault)?;
    let series = |name: &str| frame.column(name).map(Column::as_materialized_series);
    let texts = |name: &str| series(name).and_then(Series::str).map_err(fault);
    let mut values = columns
        .iter()
        .map(|(name, missing)| Ok((texts(name)?.iter(), *missing)))
        .collect::<Result<Vec<_>>>()?;
    let days = series("x_ChargeDate").map_err(fault)?.to_physical_repr();
    let days = days.i32().map_err(fault)?.iter();
    let costs = series("EffectiveCost").and_then(Series::decimal);
    let costs = costs.map_err(fault)?.physical().iter();
    // Looked up once a row, so by hash; put in order at the end.
    let mut lines: HashMap<Vec<&str>, Vec<(NaiveDate, Money)>> = HashMap::new();
    let mut key: Vec<&str> = Vec::new();
    for ((day, cost), month) in days.zip(costs).zip(texts("x_BillingMonth")?.iter()) {
        key.clear();
        let row = values.iter_mut();
        key.extend(row.map(|(column, missing)| column.next().flatten().unwrap_or(missing)));
        let first = || Month::parse(month?).map(Month::first_day);
        let (Some(day), Some(cost)) = (day.and_then(day_of).or_else(first), cost) else {
            continue;
        };
        let charge = (day, Money::from_units(cost));
        match lines.get_mut(&key) {
            Some(charges) => charges.push(charge),
            None => drop(lines.insert(key.clone(), vec![charge])),
        }
    }
    let owned = |(key, charges): (Vec<&str>, Vec<_>)| Line {
        currency: key[0].to_owned(),
        values: key[1..].iter().map(ToString::to_string).collect(),
        charges,
    };
    let mut lines: Vec<Line> = lines.into_iter().map(owned).collect();
    lines.sort_by(|a, b| (&a.currency, &a.values).cmp(&(&b.currency, &b.values)));
    Ok(lines)
}

fn estate(currency: &str, [services, owners]: [Vec<&Line>; 2], today: NaiveDate) -> Option<Estate> {
    let origin = origin(&services, today)?;
    let days = services.iter().flat_map(|line| &line.charges);
    let earliest = days.map(|(day, _)| *day).min()?;
    let first_day = earliest.max(origin.checked_sub_days(Days::new(REMEMBERED))?);
    let length = usize::try_from((origin - first_day).num_days())
        .ok()
        .filter(|days| *days > 0)?;
    let leaves = |lines: Vec<&Line>| {
        let leaves = lines
            .into_iter()
            .filter_map(|line| leaf(line, first_day, length));
        leaves.collect::<Vec<Leaf>>()
    };
    Some(Estate {
        currency: currency.to_owned(),
        first_day,
        origin,
        services: leaves(services),
        owners: leaves(owners),
    })
}

/// The first day that is not complete in every bill that goes on.
fn origin(lines: &[&Line], today: NaiveDate) -> Option<NaiveDate> {
    let mut ends: BTreeMap<&[String], NaiveDate> = BTreeMap::new();
    for line in lines {
        let days = line.charges.iter().map(|(day, _)| *day);
        if let Some(end) = days.filter(|day| *day < today).max() {
            let known = ends.entry(&line.values[..2]).or_insert(end);
            *known = end.max(*known);
        }
    }
    let newest = ends.values().max()?;
    let alive = newest.checked_sub_days(Days::new(LATE))?;
    let end = ends.values().filter(|end| **end >= alive).min()?;
    let complete = today.checked_sub_days(Days::new(FILLING))?;
    Some(end.succ_opt()?.min(complete))
}

/// A part that cost nothing in all its days is none.
fn leaf(line: &Line, first_day: NaiveDate, length: usize) -> Option<Leaf> {
    let mut days = vec![Money::ZERO; length];
    for (day, amount) in &line.charges {
        let at = usize::try_from((*day - first_day).num_days()).ok();
        if let Some(sum) = at.and_then(|at| days.get_mut(at)) {
            *sum += *amount;
        }
    }
    let costs = days.iter().map(|day| day.approximate()).collect();
    days.iter().any(|day| *day != Money::ZERO).then(|| Leaf {
        values: line.values.clone(),
        days,
        costs,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn line(payer: &str, last: &str) -> Line {
        Line {
            currency: "USD".to_owned(),
            values: ["AWS", payer, "1", "EC2"].map(str::to_owned).to_vec(),
            charges: vec![(day(last), Money::from_units(1))],
        }
    }

    #[test]
    fn the_origin_waits_for_a_late_bill_and_not_for_one_that_ended() {
        let lines = [
            line("a", "2026-11-20"),
            line("b", "2026-11-17"),
            line("c", "2026-06-30"),
        ];
        let all: Vec<&Line> = lines.iter().collect();
        assert_eq!(origin(&all, day("2026-11-21")), Some(day("2026-11-18")));
        assert_eq!(
            origin(&all[..1], day("2026-11-21")),
            Some(day("2026-11-19"))
        );
        assert_eq!(
            origin(&all[2..], day("2026-11-21")),
            Some(day("2026-07-01"))
        );
    }

    #[test]
    fn days_before_the_memory_and_after_the_origin_count_nowhere() {
        let part = leaf(&line("a", "2026-11-20"), day("2026-11-19"), 1);
        assert!(part.is_none());
        let part = leaf(&line("a", "2026-11-20"), day("2026-11-19"), 3).unwrap();
        assert_eq!(part.days[1], Money::from_units(1));
        assert_eq!(part.history(day("2026-11-19")).values.len(), 3);
    }
}
