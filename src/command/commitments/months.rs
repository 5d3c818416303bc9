//! Commitments by month: what was covered, used and unused, exactly, and what the bill says of their terms.

use super::hours::{Status, on_demand};
use super::planned::months as months_of;
use super::{Own, Terms};
use crate::analysis::commitment::rates::Sums;
use crate::analysis::commitment::scope::{Commits, Place};
use crate::command::night::Night;
use crate::engine;
use crate::error::Result;
use crate::money::{Money, SCALE, split};
use crate::period::Month;
use crate::report::table::Table;
use chrono::{Datelike, Months as Span, NaiveDate};
use std::collections::BTreeMap;

type Owns = BTreeMap<(String, String, String), Own>;

/// Usage that commitments cover or could cover, month by month.
#[derive(Default)]
pub(super) struct Months {
    /// By month and currency.
    pub(super) all: BTreeMap<(String, String), Sums>,
    /// The same at list price, as far as bills have one: `ListCost` and `EffectiveCost`.
    pub(super) listed: BTreeMap<(String, String), (Money, Money)>,
    /// By month, currency and commitment, with the scopes that it covers.
    pub(super) own: Owns,
}

/// One line of `commitment_months.sql`.
struct Line {
    month: String,
    currency: String,
    payer: String,
    id: String,
    scopes: [Option<String>; 2],
    commits: Option<Commits>,
    status: Status,
    worth: Money,
    effective: Money,
    /// What usage costs at list price; of what is not used, nothing.
    list: Option<Money>,
}

impl Line {
    fn sums(&self) -> Sums {
        let mut sums = Sums::default();
        match self.status {
            Status::OnDemand => sums.on_demand = self.worth,
            Status::Used => (sums.covered, sums.used) = (self.worth, self.effective),
            Status::Unused => sums.unused = self.effective,
        }
        sums
    }

    fn scope(&self, commits: Commits) -> Option<&String> {
        self.scopes[usize::from(commits == Commits::Usage)].as_ref()
    }
}

/// What every month used, and what every commitment did in it.
pub(super) fn months(night: &Night) -> Result<Months> {
    let sql = include_str!("../../../queries/analysis/commitment_months.sql");
    let hours = night.table("commitment_hours")?;
    let rows = engine::query(
        "queries/analysis/commitment_months.sql",
        sql,
        &[("commitment_hours", hours)],
    )?;
    let lines = lines(&Table::of_frame(&rows)?);
    let Months {
        mut all,
        mut listed,
        mut own,
    } = Months::default();
    let mut scopes: BTreeMap<[&str; 4], Sums> = BTreeMap::new();
    let mut payers: BTreeMap<(&str, &str, &str), &str> = BTreeMap::new();
    for line in &lines {
        *all.entry((line.month.clone(), line.currency.clone()))
            .or_default() += line.sums();
        if let Some(list) = line.list {
            let key = (line.month.clone(), line.currency.clone());
            let sums = listed.entry(key).or_default();
            sums.0 += list;
            sums.1 += line.effective;
        }
        for scope in [Commits::Spend, Commits::Usage]
            .into_iter()
            .filter_map(|kind| line.scope(kind))
        {
            *scopes
                .entry([&line.month, &line.currency, &line.payer, scope])
                .or_default() += line.sums();
        }
        if line.id.is_empty() {
            continue;
        }
        let key = (line.month.clone(), line.currency.clone(), line.id.clone());
        let one = own.entry(key).or_default();
        one.sums += line.sums();
        payers.insert((&line.month, &line.currency, &line.id), &line.payer);
        let scope = line
            .commits
            .and_then(|kind| line.scope(kind))
            .filter(|_| line.status == Status::Used);
        one.scopes.extend(scope.cloned());
    }
    for ((month, currency, id), one) in &mut own {
        one.scopes.sort();
        one.scopes.dedup();
        let payer = payers
            .get(&(month.as_str(), currency.as_str(), id.as_str()))
            .copied()
            .unwrap_or_default();
        for scope in &one.scopes {
            one.scope += scopes
                .get(&[month.as_str(), currency, payer, scope])
                .copied()
                .unwrap_or_default();
        }
    }
    Ok(Months { all, listed, own })
}

fn lines(rows: &Table) -> Vec<Line> {
    let texts = [
        "Month",
        "BillingCurrency",
        "BillingAccountId",
        "CommitmentDiscountId",
        "Category",
        "Status",
        "ProviderName",
        "ServiceName",
        "ServiceCategory",
        "RegionId",
        "InstanceType",
        "OperatingSystem",
    ]
    .map(|name| rows.texts(name));
    let [contracted, effective, list] =
        ["ContractedCost", "EffectiveCost", "ListCost"].map(|name| rows.amounts(name));
    let line = |row: usize| {
        let [
            month,
            currency,
            payer,
            id,
            commits,
            status,
            provider,
            service,
            category,
            region,
            machine,
            system,
        ] = texts.each_ref().map(|column| column[row].as_str());
        let place = Place {
            provider,
            service,
            category,
            region,
            machine,
            system,
        };
        let status = Status::of(status);
        let paid = effective[row].unwrap_or_default();
        Line {
            month: month.to_owned(),
            currency: currency.to_owned(),
            payer: payer.to_owned(),
            id: id.to_owned(),
            scopes: [Commits::Spend, Commits::Usage].map(|kind| place.scope(kind)),
            commits: Commits::of(commits),
            status,
            worth: on_demand(status, contracted[row], list[row], paid),
            effective: paid,
            list: match status {
                Status::Unused => Some(Money::ZERO),
                _ => list[row],
            },
        }
    };
    (0..rows.rows.len()).map(line).collect()
}

/// What the bill says of every commitment, with what it costs and covers per hour.
pub(super) fn terms(
    night: &Night,
    told: &BTreeMap<String, NaiveDate>,
    own: &Owns,
    newest: Option<NaiveDate>,
) -> Result<BTreeMap<(String, String), Terms>> {
    let sql = include_str!("../../../queries/analysis/commitment_terms.sql");
    let monthly = night.table("commitments_monthly")?;
    let rows = engine::query(
        "queries/analysis/commitment_terms.sql",
        sql,
        &[("commitments_monthly", monthly)],
    )?;
    let rows = Table::of_frame(&rows)?;
    let [
        ids,
        currencies,
        kinds,
        categories,
        ends,
        payments,
        terms,
        bought,
        left,
    ] = [
        "CommitmentDiscountId",
        "BillingCurrency",
        "Type",
        "Category",
        "EndsOn",
        "Payment",
        "Term",
        "BoughtMonth",
        "BoughtDaysLeft",
    ]
    .map(|name| rows.texts(name));
    let one = |row: usize| {
        let (id, currency) = (ids[row].clone(), currencies[row].clone());
        let latest = latest(own, (&currency, &id), newest);
        let (month, last) = latest.map_or((None, None), |(month, last)| (Some(month), Some(last)));
        let hours = month
            .zip(newest)
            .map_or(0, |(month, newest)| hours(month, newest));
        let per_hour = |amount: fn(&Sums) -> Money| {
            last.map_or(Money::ZERO, |last| part(amount(&last.sums), hours))
        };
        let terms = Terms {
            kind: kinds[row].clone(),
            category: categories[row].clone(),
            ends_on: told.get(&ids[row]).copied().or_else(|| {
                let written = ends[row].get(..10).and_then(|day| day.parse().ok());
                written.or_else(|| ends_after(&bought[row], &left[row], &terms[row]))
            }),
            payment: payments[row].clone(),
            term: terms[row].clone(),
            hourly: per_hour(|sums| sums.used + sums.unused),
            covered: per_hour(|sums| sums.covered),
            scopes: last.map(|last| last.scopes.clone()).unwrap_or_default(),
        };
        ((id, currency), terms)
    };
    Ok((0..ids.len()).map(one).collect())
}

/// The end of a commitment that was paid for at once: its term after the day of the purchase.
fn ends_after(month: &str, days_left: &str, term: &str) -> Option<NaiveDate> {
    let day = 32 - days_left.parse::<u32>().ok()?;
    let bought = Month::parse(month)?.first_day().with_day(day)?;
    bought.checked_add_months(Span::new(months_of(term)?))
}

/// The newest month of a commitment that is over, or its newest.
fn latest<'a>(
    owns: &'a Owns,
    (currency, id): (&str, &str),
    newest: Option<NaiveDate>,
) -> Option<(Month, &'a Own)> {
    let months = owns
        .iter()
        .filter(|((_, of, one), _)| of == currency && one == id);
    let months: Vec<(Month, &Own)> = months
        .filter_map(|((month, ..), own)| Some((Month::parse(month)?, own)))
        .collect();
    let is_over = |month: Month| newest.is_some_and(|newest| month < Month::of(newest));
    let over = months.iter().rev().find(|(month, _)| is_over(*month));
    over.or(months.last()).copied()
}

/// Hours of a month up to the newest day there is.
fn hours(month: Month, newest: NaiveDate) -> i64 {
    let last = month.next().first_day().min(newest + chrono::Days::new(1));
    (last - month.first_day()).num_days().max(1) * 24
}

/// One part of so many equal ones.
pub(super) fn part(whole: Money, parts: i64) -> Money {
    let rest = Money::from_units(i128::from(parts - 1).max(0));
    split(whole, &[Money::from_units(1), rest], SCALE)[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_paid_at_once_ends_a_term_later() {
        let end = |month, left, term| ends_after(month, left, term).map(|day| day.to_string());
        assert_eq!(
            end("2026-02", "11", "3 Years").as_deref(),
            Some("2029-02-21")
        );
        assert_eq!(end("2026-02", "11", ""), None);
        assert_eq!(end("", "", "1yr"), None);
    }

    #[test]
    fn a_running_month_has_the_hours_of_its_days() {
        let month = Month::parse("2026-11").unwrap();
        assert_eq!(hours(month, "2026-11-20".parse().unwrap()), 480);
        assert_eq!(hours(month, "2026-12-20".parse().unwrap()), 720);
        assert_eq!(part(Money::parse(b"720").unwrap(), 720).to_string(), "1.00");
        assert_eq!(part(Money::parse(b"5").unwrap(), 1).to_string(), "5.00");
    }
}
