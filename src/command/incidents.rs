//! Incidents as small charts: what was charged, what was expected, when it was out of bounds, and why.

use super::alerts::unexpected;
use super::detect::{Found, Watched};
use crate::analysis::anomaly::DayScore;
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
    let recent: Vec<_> = unexpected(watched)
        .filter(|(one, found)| one.currency == currency && found.incident.last_day >= from)
        .collect();
    let time = Timeline::spanning(from, last, Step::Day);
    let bands: Vec<Band> = match recent.as_slice() {
        [] => quiet(watched, currency, &time),
        some => some
            .iter()
            .take(PANELS)
            .map(|(one, found)| band(one, found, &time))
            .collect(),
    };
    let extra: f64 = recent.iter().map(|(_, found)| found.incident.impact).sum();
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
        steps: steps(&one.scores, time, |_| false),
    };
    costliest.iter().take(PANELS).map(panel).collect()
}

fn steps(
    scores: &[DayScore],
    time: &Timeline,
    is_incident: impl Fn(NaiveDate) -> bool,
) -> Vec<BandStep> {
    let step = |index| {
        let day = time.at(index);
        let at = scores.partition_point(|score| score.day < day);
        let score = scores.get(at).filter(|score| score.day == day);
        BandStep {
            actual: score.map(|score| score.actual),
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

/// A panel: of the series, or of the part that moved while the series stood still.
fn band(one: &Watched, found: &Found, time: &Timeline) -> Band {
    let incident = &found.incident;
    let scores = found.part.as_ref().unwrap_or(&one.scores);
    let steps = steps(scores, time, |day| {
        incident.first_day <= day && day <= incident.last_day
    });
    let named = found.driver.iter().filter(|driver| driver.value != "*");
    let cause: String = named.map(|driver| format!(", {}", driver.value)).collect();
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
