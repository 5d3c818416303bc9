//! Exports without a manifest: the folders tell deliveries apart where there are several of the same days.
//! Everything else is read whole: table extracts in shards, increments by day, loose files.

use super::version::{self, Torn, Version, newest};
use super::{Selection, Tree, file_name, is_data};
use crate::error::Result;
use crate::source::open;
use regex::Regex;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Chooses among files that no manifest speaks of.
pub(super) fn select<'a>(
    tree: &Tree,
    keys: impl Iterator<Item = &'a String>,
    chosen: &mut Selection,
) -> Result<()> {
    let mut series: BTreeMap<String, BTreeMap<(String, String), Version<Vec<String>>>> =
        BTreeMap::new();
    let mut usage_reports = 0;
    for key in keys {
        if key.to_lowercase().ends_with(".avro") {
            return Err(open::avro(&tree.shown(key)));
        }
        if !is_data(key) {
            continue;
        }
        if key.contains("usage-csv") {
            usage_reports += 1;
            continue;
        }
        match delivery(key) {
            None => chosen.files.push(key.clone()),
            Some(delivery) => {
                let runs = series.entry(delivery.series).or_default();
                let fresh = || Version {
                    place: key.clone(),
                    days: version::days(&delivery.range),
                    made: version::moment(&delivery.run),
                    load: Vec::new(),
                };
                let run = runs.entry((delivery.range.clone(), delivery.run.clone()));
                run.or_insert_with(fresh).load.push(key.clone());
            }
        }
    }
    if usage_reports > 0 {
        let note = "OCI usage reports hold no cost; left out";
        chosen.notes.push(format!("{usage_reports} files: {note}"));
    }
    for runs in series.into_values() {
        let newest = newest(runs.into_values().collect()).map_err(|Torn { one, other }| {
            let what = "two deliveries share days, and neither is known to replace the other";
            let hint = "keep one of them, or the manifest of the export; counted twice, every cost would double";
            tree.torn(what, &one, &other, hint)
        })?;
        chosen
            .files
            .extend(newest.into_iter().flat_map(|run| run.load));
    }
    Ok(())
}

/// One delivery of an export that delivers again and again.
#[derive(Debug, PartialEq, Eq)]
struct Delivery {
    /// The export.
    series: String,
    /// The folder of its days.
    range: String,
    /// The folder of its run, or what else tells runs apart; empty where nothing does.
    run: String,
}

/// What a path says: `…/20261001-20261031/202610150600/<guid>/part_0.csv` in any order of folders,
/// `…/20261001-20261031/<export>_<guid>.csv`, `…/BILLING_PERIOD=2026-10/<run>/…`. Nothing for other paths.
fn delivery(key: &str) -> Option<Delivery> {
    let mut folders: Vec<&str> = key.split('/').collect();
    let name = folders.pop().unwrap_or_default();
    let range = folders
        .iter()
        .position(|folder| version::days(folder).is_some());
    let moment = folders.iter().enumerate().position(|(at, folder)| {
        let known = range.is_some() || folders.get(at + 1).is_some_and(|next| is_guid(next));
        known && version::moment(folder).is_some()
    });
    if range.is_none() && moment.is_none() {
        return None;
    }
    let run = match (moment, range) {
        (Some(at), _) => folders[at..].join("/"),
        (None, Some(at)) if at + 1 < folders.len() => folders[at + 1..].join("/"),
        _ => guid_at_end(name).unwrap_or_default(),
    };
    let before = match (moment, range) {
        (Some(at), _) | (None, Some(at)) => at,
        (None, None) => 0,
    };
    let series: Vec<&str> = (0..before)
        .filter(|at| Some(*at) != range)
        .map(|at| folders[at])
        .collect();
    Some(Delivery {
        series: series.join("/"),
        range: range.map_or("", |at| folders[at]).to_owned(),
        run,
    })
}

fn is_guid(text: &str) -> bool {
    guid_at_end(&format!("_{text}")).is_some()
}

/// The id that older exports put into the file's name: each run is one file.
fn guid_at_end(name: &str) -> Option<String> {
    static GUID: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.|$)").ok()
    });
    Some(GUID.as_ref()?.captures(file_name(name))?[1].to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::super::{Home, tree_of};
    use super::*;
    use std::path::PathBuf;

    const ONE: &str = "0a1b2c3d-0000-4000-8000-00000000000a";
    const TWO: &str = "0a1b2c3d-0000-4000-8000-00000000000b";

    fn chosen(keys: &[&str]) -> Result<Vec<String>> {
        let tree = tree_of(keys, Home::Disk(PathBuf::new()));
        Ok(tree.select(&BTreeMap::new())?.files)
    }

    #[test]
    fn the_newest_run_of_a_month_is_read_with_all_its_parts() {
        let old = format!("x/20261001-20261015/202610150600/{ONE}/part_0_0001.csv");
        let parts =
            [0, 1].map(|n| format!("x/20261001-20261031/202611010600/{TWO}/part_{n}_0001.csv"));
        let found = chosen(&[&old, &parts[0], &parts[1]]).unwrap();
        assert_eq!(found, parts);
    }

    #[test]
    fn the_order_of_folders_does_not_matter() {
        let of =
            |name: &str, run: &str| format!("20261001-20261031/{name}/{run}/{ONE}/part_0_0001.csv");
        let keys = [
            of("a", "202610150600"),
            of("a", "202610160600"),
            of("b", "202610150600"),
        ];
        let found = chosen(&keys.each_ref().map(String::as_str)).unwrap();
        assert_eq!(found, [keys[1].clone(), keys[2].clone()]);
    }

    #[test]
    fn versions_that_nothing_ranks_are_refused() {
        let named = [ONE, TWO].map(|id| format!("x/20261001-20261031/x_{id}.csv"));
        assert!(chosen(&[&named[0], &named[1]]).is_err());
        assert_eq!(chosen(&[&named[0]]).unwrap().len(), 1);
        let assemblies = [ONE, TWO].map(|id| format!("r/20261001-20261101/{id}/r-1.csv.gz"));
        assert!(chosen(&[&assemblies[0], &assemblies[1]]).is_err());
    }

    #[test]
    fn shards_increments_and_loose_files_are_all_read() {
        let keys = [
            "FOCUS Reports/2026/10/14/0001.csv.gz",
            "FOCUS Reports/2026/10/15/0001.csv.gz",
            "export-000000000000.json.gz",
            "export-000000000001.json.gz",
            "reports_cost-csv_0001.csv.gz",
            "year=2026/month=9/r-00001.snappy.parquet",
        ];
        assert_eq!(chosen(&keys).unwrap(), keys);
        assert!(
            chosen(&["reports_usage-csv_0001.csv.gz"])
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn avro_is_refused_in_a_sentence() {
        let error = chosen(&["export-000000000000.avro"]).unwrap_err();
        assert!(error.to_string().contains("Avro") && error.to_string().contains("Parquet"));
    }
}
