//! Which periods every source had on which day: one snapshot per day on which a run was published.
//!
//! A snapshot names inputs and repeats none of them, so history costs what the replaced parts cost. What it
//! names stays in the lake until the snapshot goes; see `sweep`. Knows nothing of reports.

use super::{Lake, Period, json_files, read_json, write_json};
use crate::error::{Error, Result};
use crate::period::Month;
use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::PathBuf;

/// What the runs of one day were made of.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
pub struct Snapshot {
    /// The sources that runs of the day covered, by id.
    pub sources: Vec<Covered>,
}

/// One source as a run left it.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct Covered {
    /// Its name in reports.
    pub name: String,
    /// Its name in the lake.
    pub id: String,
    /// Its billing periods, oldest first.
    pub periods: Vec<Period>,
    /// Keys of inputs that have no charge in any period: read, and kept for what was set aside.
    #[serde(default)]
    pub barren: Vec<String>,
    /// True where the last run of the day covered it: the one whose reports stand.
    pub last: bool,
}

impl Covered {
    /// Keys of everything it is made of; one key may come several times.
    pub fn inputs(&self) -> impl Iterator<Item = &String> {
        let of_periods = self.periods.iter().flat_map(|period| &period.inputs);
        of_periods.chain(&self.barren)
    }
}

/// Days back to which every run is kept; beyond, the last run of each month stands for it, since a lake that
/// kept every month-to-date export of a year would hold the bill many times over.
const EVERY_RUN: u64 = 35;

/// The days whose snapshots stay on `today`: every one of the last weeks, the last of each month at most
/// `months` back and, however old, the newest one before today, since what a run changed is told against it.
pub fn kept_days(days: &[NaiveDate], today: NaiveDate, months: u32) -> Vec<NaiveDate> {
    let horizon = today
        .checked_sub_months(Months::new(months))
        .unwrap_or(NaiveDate::MIN);
    let recent = today
        .checked_sub_days(Days::new(EVERY_RUN))
        .unwrap_or(NaiveDate::MIN);
    let newest = days.iter().filter(|day| **day < today).max();
    let ends_its_month = |day: &NaiveDate| {
        !days
            .iter()
            .any(|other| other > day && Month::of(*other) == Month::of(*day))
    };
    days.iter()
        .filter(|day| {
            **day >= recent || Some(*day) == newest || (**day >= horizon && ends_its_month(day))
        })
        .copied()
        .collect()
}

impl Lake {
    /// The days that have a snapshot, oldest first.
    pub fn snapshot_days(&self) -> Vec<NaiveDate> {
        let day = |path: PathBuf| path.file_stem()?.to_str()?.parse().ok();
        let mut days: Vec<NaiveDate> = json_files(&self.root().join("runs"))
            .into_iter()
            .filter_map(day)
            .collect();
        days.sort();
        days
    }

    /// The snapshot of a day.
    pub fn snapshot(&self, day: NaiveDate) -> Option<Snapshot> {
        read_json(&self.snapshot_path(day))
    }

    /// Keeps what a run covered. Sources that only earlier runs of the day covered stay beside it. True where
    /// something that was kept before is replaced.
    pub fn keep_snapshot(&self, day: NaiveDate, covered: Vec<Covered>) -> Result<bool> {
        let known = self.snapshot(day);
        let mut sources = covered;
        for other in known.iter().flat_map(|known| &known.sources) {
            if !sources.iter().any(|source| source.id == other.id) {
                sources.push(Covered {
                    last: false,
                    ..other.clone()
                });
            }
        }
        sources.sort_by(|a, b| a.id.cmp(&b.id));
        let fresh = Snapshot { sources };
        if known.as_ref() == Some(&fresh) {
            return Ok(false);
        }
        write_json(&self.snapshot_path(day), &fresh)?;
        Ok(known.is_some())
    }

    /// Removes the snapshots of all days but these; true where there were any.
    pub fn forget_all_but(&self, kept: &[NaiveDate]) -> Result<bool> {
        let mut forgotten = false;
        for day in self.snapshot_days() {
            if !kept.contains(&day) {
                let path = self.snapshot_path(day);
                fs::remove_file(&path).map_err(|e| Error::write(&path, &e))?;
                forgotten = true;
            }
        }
        Ok(forgotten)
    }

    fn snapshot_path(&self, day: NaiveDate) -> PathBuf {
        self.root().join("runs").join(format!("{day}.json"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn covered(id: &str, inputs: &[&str]) -> Covered {
        let period = Period {
            source: id.to_owned(),
            month: "2026-10".to_owned(),
            inputs: inputs.iter().map(ToString::to_string).collect(),
            accounts: Vec::new(),
        };
        Covered {
            name: id.to_owned(),
            id: id.to_owned(),
            periods: vec![period],
            barren: Vec::new(),
            last: true,
        }
    }

    #[test]
    fn history_ends_months_back_but_never_before_the_last_run() {
        let days = ["2025-01-31", "2025-10-20", "2025-10-21", "2026-11-20"].map(day);
        assert_eq!(kept_days(&days, day("2026-11-21"), 13), days[2..]);
        assert_eq!(
            kept_days(&days[..2], day("2026-11-21"), 13),
            [day("2025-10-20")]
        );
    }

    #[test]
    fn older_months_keep_their_last_run() {
        let days = [
            "2026-08-30",
            "2026-08-31",
            "2026-09-15",
            "2026-11-01",
            "2026-11-02",
        ]
        .map(day);
        let kept = ["2026-08-31", "2026-09-15", "2026-11-01", "2026-11-02"].map(day);
        assert_eq!(kept_days(&days, day("2026-11-03"), 13), kept);
    }

    #[test]
    fn a_later_run_of_the_day_replaces_what_it_covers_and_keeps_the_rest() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path()).unwrap();
        let today = day("2026-11-21");
        let morning = vec![covered("aws", &["a"]), covered("gcp", &["g"])];
        assert!(!lake.keep_snapshot(today, morning.clone()).unwrap());
        assert!(!lake.keep_snapshot(today, morning.clone()).unwrap());
        assert!(
            lake.keep_snapshot(today, vec![covered("aws", &["b"])])
                .unwrap()
        );
        let sources = lake.snapshot(today).unwrap().sources;
        let shown: Vec<(&str, &str, bool)> = sources
            .iter()
            .map(|one| (one.id.as_str(), one.periods[0].inputs[0].as_str(), one.last))
            .collect();
        assert_eq!(shown, [("aws", "b", true), ("gcp", "g", false)]);
    }

    #[test]
    fn forgotten_days_are_gone() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path()).unwrap();
        let (old, new) = (day("2025-01-01"), day("2026-11-21"));
        for day in [old, new] {
            lake.keep_snapshot(day, vec![covered("aws", &["a"])])
                .unwrap();
        }
        assert!(lake.forget_all_but(&[new]).unwrap());
        assert_eq!(lake.snapshot_days(), [new]);
        assert!(!lake.forget_all_but(&[new]).unwrap());
    }
}
