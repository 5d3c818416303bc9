//! What is known of an incident beside its money: what became of it since earlier runs, and what people said.
//!
//! The lake keeps when each incident was first told of. Only runs of earlier days count, so a second run of a
//! day writes the same bytes, and a run of an earlier day never learns from later ones.

use super::detect::{Found, LOOKBACK, Watched};
use super::plan::Plan;
use crate::analysis::feedback::muted_by;
use crate::analysis::state::{Remembered, first_seen, state};
use crate::error::Result;
use crate::lake::Lake;
use chrono::{Days, NaiveDate};

/// What the lake calls them.
const NAME: &str = "anomalies";

/// Says of every incident its state, when it was first seen and what people said about it.
pub(super) fn tell(lake: &Lake, plan: &Plan, watched: &mut [Watched]) -> Result<()> {
    let mut before: Vec<Remembered> = lake.kept(NAME)?.unwrap_or_default();
    before.retain(|one| one.seen < plan.run_day());
    let since = before.iter().map(|one| one.seen).min();
    for one in watched {
        let mut found = std::mem::take(&mut one.found);
        for known in &mut found {
            let series = series(one, known);
            known.state = state(&before, &series, &known.incident);
            known.witnessed = since.is_some_and(|day| known.incident.first_day > day);
            known.first_seen = first_seen(&before, &series, &known.incident, plan.run_day());
            said(plan, one, known);
        }
        one.found = found;
    }
    Ok(())
}

/// What people decided, else what they planned and it went beyond.
fn said(plan: &Plan, one: &Watched, known: &mut Found) {
    let incident = &known.incident;
    if let Some(feedback) = muted_by(&plan.feedback, &one.account, &one.service, incident) {
        known.muted = true;
        known.note = note(feedback.decision.as_str(), &feedback.note);
        return;
    }
    let planned = plan.events.iter().find(|event| {
        event.is_of(&one.account, &one.service)
            && event.first_day <= incident.last_day
            && incident.first_day <= event.last_day
    });
    if let Some(event) = planned {
        known.note = note("beyond what was planned", &event.name);
    }
}

fn note(word: &str, why: &str) -> String {
    if why.is_empty() {
        word.to_owned()
    } else {
        format!("{word}: {why}")
    }
}

/// The words by which a series, or a part of it, is remembered.
fn series(one: &Watched, known: &Found) -> String {
    let mut words = vec![&*one.currency, &*one.account, &*one.service];
    if known.part.is_some() {
        let driver = known.driver.iter();
        words.extend(driver.flat_map(|driver| [&*driver.dimension, &*driver.value]));
    }
    words.join(" | ")
}

/// Keeps what this run was the first to tell of; called once its reports are published.
pub(super) fn remember(lake: &Lake, today: NaiveDate, watched: &[Watched]) -> Result<()> {
    let old = today
        .checked_sub_days(Days::new(LOOKBACK))
        .unwrap_or(NaiveDate::MIN);
    let before: Vec<Remembered> = lake.kept(NAME)?.unwrap_or_default();
    let mut all = before.clone();
    all.retain(|one| one.seen != today && one.last_day >= old);
    for one in watched {
        for known in one.found.iter().filter(|known| known.first_seen == today) {
            all.push(Remembered {
                series: series(one, known),
                first_day: known.incident.first_day,
                last_day: known.incident.last_day,
                seen: today,
            });
        }
    }
    all.sort_by(|a, b| (a.seen, &a.series, a.first_day).cmp(&(b.seen, &b.series, b.first_day)));
    if all == before {
        return Ok(());
    }
    lake.remember(NAME, &all)
}
