//! The tables of what was detected: every scored day, and every incident by its money.

use super::detect::{Found, Watched};
use crate::analysis::kind::Kind;
use crate::analysis::kpi::anomalies;
use crate::money::Money;
use crate::period::Month;
use crate::report::table::{Cell, Table};

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
pub(super) fn ranked(watched: &[Watched]) -> Vec<(&Watched, &Found)> {
    let mut all: Vec<(&Watched, &Found)> = watched
        .iter()
        .flat_map(|one| one.found.iter().map(move |found| (one, found)))
        .collect();
    let place = |one: &Watched, found: &Found| {
        let series = (one.account.clone(), one.service.clone());
        (series, found.incident.first_day, found.part.is_some())
    };
    all.sort_by(|(a, x), (b, y)| {
        a.currency
            .cmp(&b.currency)
            .then_with(|| (y.incident.impact.abs()).total_cmp(&x.incident.impact.abs()))
            .then_with(|| place(a, x).cmp(&place(b, y)))
    });
    all
}

/// The incidents that nobody expected.
pub(super) fn unexpected(watched: &[Watched]) -> impl Iterator<Item = (&Watched, &Found)> {
    ranked(watched)
        .into_iter()
        .filter(|(_, found)| !found.muted)
}

/// Incidents of a month and currency as key figures count them.
pub(super) fn figures(watched: &[Watched], month: &str, currency: &str) -> anomalies::Sums {
    let mut sums = anomalies::Sums::default();
    let of_month = |day| Month::of(day).to_string() == month;
    for one in watched.iter().filter(|one| one.currency == currency) {
        let began = one
            .found
            .iter()
            .filter(|found| of_month(found.incident.first_day));
        for found in began {
            if found.muted {
                sums.muted += 1;
                continue;
            }
            sums.count += 1;
            sums.impact += Money::from_f64(found.incident.impact.abs()).unwrap_or_default();
            if found.witnessed {
                let days = (found.first_seen - found.incident.first_day).num_days();
                sums.noticed.0 += 1;
                sums.noticed.1 += u64::try_from(days).unwrap_or(0);
            }
        }
        let (scored, all) = one.monitored(of_month);
        sums.watched.0 += scored;
        sums.watched.1 += all;
    }
    sums
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
        "FirstSeen",
        "Note",
        "TopResources",
    ]);
    table.rows = ranked(watched)
        .into_iter()
        .map(|(one, found)| row(one, found))
        .collect();
    table
}

fn row(one: &Watched, found: &Found) -> Vec<Cell> {
    let (incident, driver) = (&found.incident, found.driver.as_ref());
    let score = match incident.kind {
        Kind::Missing => Cell::Empty,
        _ => Cell::Number(incident.score, 2),
    };
    let percent = |percent: f64| Cell::Number(percent, 2);
    let text = |text: Option<&str>| text.map_or(Cell::Empty, Cell::text);
    vec![
        Cell::Day(incident.first_day),
        Cell::Day(incident.last_day),
        Cell::text(&one.account),
        Cell::text(&one.service),
        Cell::text(incident.kind.as_str()),
        Cell::text(incident.severity.as_str()),
        score,
        Cell::Money(found.actual),
        Cell::Number(incident.expected, 2),
        Cell::Number(incident.impact, 2),
        incident.impact_pct.map_or(Cell::Empty, percent),
        text(driver.map(|driver| driver.cause.as_str())),
        text(driver.map(|driver| driver.dimension.as_str())),
        text(driver.map(|driver| driver.value.as_str())),
        driver.map_or(Cell::Empty, |driver| percent(driver.share * 100.0)),
        Cell::text(&one.currency),
        Cell::text(found.state.as_str()),
        Cell::Day(found.first_seen),
        Cell::text(&found.note),
        Cell::text(found.resources.join(" ")),
    ]
}
