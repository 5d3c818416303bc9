//! The lake's memory of runs: an earlier one recalled, this one kept.

use super::night::Night;
use super::plan::Plan;
use crate::error::{Error, Result};
use crate::lake::{Covered, Input, Lake, kept_days};
use crate::source::{self, Source};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// The sources of an earlier run, from what the lake kept of it; no bill is looked at.
pub(super) fn recall(lake: &Lake, day: NaiveDate) -> Result<Vec<Source>> {
    let Some(snapshot) = lake.snapshot(day) else {
        let days = lake.snapshot_days();
        if days.contains(&day) {
            let damaged = format!("what the lake kept of the run of {day} cannot be read");
            return Err(Error::data(damaged).at(lake.root()));
        }
        return Err(unknown(day, &days));
    };
    let sources = snapshot.sources.into_iter().filter(|source| source.last);
    sources.map(|covered| source(lake, day, covered)).collect()
}

fn source(lake: &Lake, day: NaiveDate, covered: Covered) -> Result<Source> {
    let mut inputs: BTreeMap<String, Input> = BTreeMap::new();
    for key in covered.inputs() {
        if !inputs.contains_key(key) {
            let lost = || {
                Error::data(format!("the lake has lost a part of the run of {day}"))
                    .at(lake.root())
                    .hint("the files of a lake belong together; restore the folder from a backup")
            };
            inputs.insert(key.clone(), lake.input(key).ok_or_else(lost)?);
        }
    }
    Ok(Source {
        name: covered.name,
        id: covered.id,
        files_read: 0,
        files: inputs.len(),
        inputs,
        periods: covered.periods,
        ad_hoc: false,
    })
}

fn unknown(day: NaiveDate, days: &[NaiveDate]) -> Error {
    let error = Error::usage(format!("the lake keeps no run of {day}"));
    let before = days.iter().rev().find(|known| **known < day);
    let after = days.iter().find(|known| **known > day);
    let near: Vec<String> = [before, after]
        .into_iter()
        .flatten()
        .map(ToString::to_string)
        .collect();
    if near.is_empty() {
        return error.hint("it keeps none yet; every `cloudtally run` that is published is kept");
    }
    error.hint(format!(
        "it keeps {}; the nearest: {}",
        count(days.len()),
        near.join(" and ")
    ))
}

fn count(runs: usize) -> String {
    match runs {
        1 => "one run".to_owned(),
        _ => format!("{runs} runs"),
    }
}

/// The days of earlier runs that count as history on the day of this one, newest first.
pub(super) fn earlier_days(lake: &Lake, plan: &Plan) -> Vec<NaiveDate> {
    let (days, months) = (lake.snapshot_days(), plan.config.lake.history_months);
    let mut earlier = kept_days(&days, plan.run_day(), months);
    earlier.retain(|day| *day < plan.run_day());
    earlier.reverse();
    earlier
}

/// Makes what this run published what the next one sees: first the periods, then the snapshot, then old
/// snapshots go, and last whatever nothing refers to any more. A crash between any two leaves too much.
pub(super) fn keep(lake: &Lake, night: &Night, plan: &Plan) -> Result<()> {
    let mut stale = night.sources.iter().any(|source| source.files_read > 0)
        || night.facts.iter().any(|(_, facts)| facts.fresh);
    stale |= source::commit(lake, &night.sources)?;
    stale |= lake.keep_snapshot(plan.today, night.sources.iter().map(covered).collect())?;
    let (days, months) = (lake.snapshot_days(), plan.config.lake.history_months);
    stale |= lake.forget_all_but(&kept_days(&days, plan.today, months))?;
    lake.forget_results()?;
    if stale {
        match lake.sweep() {
            Ok(0) => {}
            Ok(inputs) => tracing::info!("lake: {inputs} replaced exports are past and gone"),
            Err(error) => tracing::warn!("lake: nothing old was removed: {error}"),
        }
    }
    Ok(())
}

fn covered(source: &Source) -> Covered {
    let periods = source.periods.iter();
    let charged: BTreeSet<&String> = periods.flat_map(|period| &period.inputs).collect();
    let barren = source.inputs.keys().filter(|key| !charged.contains(key));
    Covered {
        name: source.name.clone(),
        id: source.id.clone(),
        periods: source.periods.clone(),
        barren: barren.cloned().collect(),
        last: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_run_is_told_its_neighbours() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let days = ["2026-11-01", "2026-11-18", "2026-11-20"].map(day);
        let said = unknown(day("2026-11-19"), &days).to_string();
        assert!(
            said.contains("3 runs; the nearest: 2026-11-18 and 2026-11-20"),
            "{said}"
        );
        let said = unknown(day("2026-12-01"), &days[..1]).to_string();
        assert!(
            said.ends_with("it keeps one run; the nearest: 2026-11-01"),
            "{said}"
        );
    }
}
