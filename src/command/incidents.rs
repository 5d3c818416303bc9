//! Incidents as small charts: what was charged, what was expected, when it was out of bounds, and why.

use super::detect::{Watched, ranked};
use crate::analysis::drivers::Driver;
use crate::analysis::incident::Incident;
use crate::money::Money;
use crate::report::drawing::{
    Band, BandStep, Drawing, Expected, Shape, Step, Timeline, Unit, compact_money,
};
use crate::report::picture::Frame;
use chrono::{Days, NaiveDate};

/// Incidents as small multiples, the largest first, one chart per currency.
pub(super) fn drawings(watched: &[Watched], frame: &Frame) -> Vec<(String, Drawing)> {
    let mut currencies: Vec<&str> = watched.iter().map(|one| one.currency.as_str()).collect();
    currencies.sort_unstable();
    currencies.dedup();
    currencies.sort_by_key(|currency| {
        std::cmp::Reverse(
            watched
                .iter()
                .filter(|one| one.currency == **currency)
                .count(),
        )
    });
    currencies
        .into_iter()
        .filter_map(|currency| Some((currency.to_owned(), drawing(watched, currency, frame)?)))
        .collect()
}

/// Panels of one chart.
const PANELS: usize = 9;
/// Days before today that panels show.
const SHOWN: u64 = 90;

fn drawing(watched: &[Watched], currency: &str, frame: &Frame) -> Option<Drawing> {
    let first = watched.iter().find(|one| one.currency == currency)?;
    let longest = watched
        .iter()
        .filter(|one| one.currency == currency)
        .map(|one| one.amounts.len())
        .max()
        .unwrap_or(0);
    let last = first.first_day + Days::new(longest.saturating_sub(1) as u64);
    let from = (last - Days::new(SHOWN - 1)).max(first.first_day);
    let recent: Vec<_> = ranked(watched)
        .into_iter()
        .filter(|(one, incident, _)| one.currency == currency && incident.last_day >= from)
        .collect();
    let time = Timeline::spanning(from, last, Step::Day);
    let bands: Vec<Band> = match recent.as_slice() {
        [] => quiet(watched, currency, &time),
        some => some
            .iter()
            .take(PANELS)
            .map(|(one, incident, driver)| band(one, incident, *driver, &time))
            .collect(),
    };
    let extra: f64 = recent.iter().map(|(_, incident, _)| incident.impact).sum();
    let title = match recent.len() {
        0 => format!("No anomaly in the last {} days", time.len),
        count => format!(
            "{count} anomalies in {} days, {} against expectation",
            time.len,
            signed(extra, currency)
        ),
    };
    Some(Drawing {
        title,
        subtitle: format!(
            "Daily effective cost by account and service, last day {last} · {currency} · {}",
            frame.as_of
        ),
        footnote: "Line: cost. Band: expected range (3.5 sigmas). Shaded: the incident".to_owned(),
        unit: Unit::Money(currency.to_owned()),
        shape: Shape::Bands { time, bands },
    })
}

/// Without an incident the costliest series stand there, each within its range.
fn quiet(watched: &[Watched], currency: &str, time: &Timeline) -> Vec<Band> {
    let mut costliest: Vec<&Watched> = watched
        .iter()
        .filter(|one| one.currency == currency)
        .collect();
    costliest.sort_by_key(|one| std::cmp::Reverse(one.amounts.iter().copied().sum::<Money>()));
    let panel = |one: &&Watched| Band {
        label: format!("{} · {}", one.account, one.service),
        note: "nothing unusual".to_owned(),
        steps: steps(one, time, |_| false),
    };
    costliest.iter().take(PANELS).map(panel).collect()
}

fn steps(one: &Watched, time: &Timeline, is_incident: impl Fn(NaiveDate) -> bool) -> Vec<BandStep> {
    let step = |index| {
        let day = time.at(index);
        let at = usize::try_from((day - one.first_day).num_days()).unwrap_or(usize::MAX);
        let score = one.scores.iter().find(|score| score.day == day);
        BandStep {
            actual: one.amounts.get(at).map(|amount| amount.approximate()),
            expected: score.map(|score| Expected {
                middle: score.expected,
                lower: score.lower,
                upper: score.upper,
            }),
            incident: is_incident(day),
        }
    };
    (0..time.len).map(step).collect()
}

fn band(one: &Watched, incident: &Incident, driver: Option<&Driver>, time: &Timeline) -> Band {
    let steps = steps(one, time, |day| {
        incident.first_day <= day && day <= incident.last_day
    });
    let cause = driver.map_or(String::new(), |driver| {
        if driver.value == "*" {
            String::new()
        } else {
            format!(", {}", driver.value)
        }
    });
    Band {
        label: format!("{} · {}", one.account, one.service),
        note: format!(
            "{} {}{cause}",
            incident.kind.as_str().replace('_', " "),
            signed(incident.impact, &one.currency)
        ),
        steps,
    }
}

fn signed(amount: f64, currency: &str) -> String {
    if amount < 0.0 {
        format!("−{}", compact_money(-amount, currency))
    } else {
        format!("+{}", compact_money(amount, currency))
    }
}
