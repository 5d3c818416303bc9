//! Azure Cost Management exports that deliver a `manifest.json` with every run.
//!
//! Month-to-date exports are cumulative: the newest run of an export holds the month. A second export of the
//! same dataset, such as a one-off beside a daily one, holds the same charges again and is refused.

use super::version::{self, Torn, Version, newest, overlap};
use super::{Selection, Tree, file_name};
use crate::error::Result;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Datasets that hold charges, in lower case. `usage` is the older name of `actualcost`.
const COSTS: [&str; 4] = ["actualcost", "amortizedcost", "focuscost", "usage"];

/// What one run delivered.
struct Run {
    key: String,
    blobs: Vec<String>,
}

pub(super) fn is_manifest(key: &str) -> bool {
    file_name(key).eq_ignore_ascii_case("manifest.json")
}

/// Scope and dataset, then export names, then runs.
type Exports = BTreeMap<(String, String), BTreeMap<String, Vec<Version<Run>>>>;

/// Chooses the files of all exports; hands back the folders in which nothing else is to be read.
pub(super) fn select(
    tree: &Tree,
    texts: &BTreeMap<String, Vec<u8>>,
    chosen: &mut Selection,
) -> Result<Vec<String>> {
    let mut exports = Exports::new();
    let mut folders = BTreeSet::new();
    for key in tree.keys.iter().filter(|key| is_manifest(key)) {
        let manifest = tree.parsed(key, texts)?;
        let Some(blobs) = manifest.get("blobs").and_then(Value::as_array) else {
            let note = "no manifest of an export: it lists no `blobs`; left out";
            chosen
                .notes
                .push(format!("{}: {note}", tree.shown(key).display()));
            continue;
        };
        folders.insert(folder(key));
        let text = |at: &str| manifest.pointer(at).and_then(Value::as_str).unwrap_or("");
        let dataset = text("/exportConfig/type").to_lowercase();
        if !COSTS.contains(&dataset.as_str()) {
            let kind = text("/exportConfig/type");
            let note = format!("`{kind}` holds no charges; left out");
            chosen
                .notes
                .push(format!("{}: {note}", tree.shown(key).display()));
            continue;
        }
        let dataset = dataset.replace("usage", "actualcost");
        let scope = scope(text("/exportConfig/resourceId"));
        let name = text("/exportConfig/exportName").to_lowercase();
        let runs = exports.entry((scope, dataset)).or_default();
        runs.entry(name)
            .or_default()
            .push(run(key, &manifest, blobs));
    }
    for names in exports.into_values() {
        for run in counted(tree, names)? {
            for blob in &run.load.blobs {
                chosen.files.push(tree.listed(&run.load.key, blob)?);
            }
        }
    }
    Ok(folders.into_iter().collect())
}

/// The newest runs of every export of one dataset; days in two exports are refused.
fn counted(tree: &Tree, names: BTreeMap<String, Vec<Version<Run>>>) -> Result<Vec<Version<Run>>> {
    let mut counted: Vec<Version<Run>> = Vec::new();
    for versions in names.into_values() {
        let versions = newest(versions).map_err(|Torn { one, other }| {
            let what =
                "two runs of one export share days, and neither is known to replace the other";
            tree.torn(what, &one, &other, "keep the run that holds all days")
        })?;
        for version in &versions {
            let again = counted
                .iter()
                .find(|known| overlap(known.days, version.days));
            if let Some(again) = again {
                let what = "two exports deliver the same dataset and days";
                let hint = "keep one of them; counted twice, every cost would double";
                return Err(tree.torn(what, &again.place, &version.place, hint));
            }
        }
        counted.extend(versions);
    }
    Ok(counted)
}

fn run(key: &str, manifest: &Value, blobs: &[Value]) -> Version<Run> {
    let blob = |blob: &Value| {
        let name = blob.get("blobName").and_then(Value::as_str);
        name.unwrap_or_default().to_owned()
    };
    let info = |name: &str| manifest.get("runInfo").and_then(|info| info.get(name));
    let folders = || key.split('/').rev().skip(1);
    let start = info("startDate").and_then(version::written_day);
    Version {
        place: key.to_owned(),
        days: folders()
            .find_map(version::days)
            .or_else(|| version::month(start?)),
        made: info("submittedTime")
            .and_then(version::written)
            .or_else(|| folders().find_map(version::moment))
            .or_else(|| info("startDate").and_then(version::written)),
        load: Run {
            key: key.to_owned(),
            blobs: blobs.iter().map(blob).collect(),
        },
    }
}

/// The scope of an export: its resource id without the export itself. Azure's ids drift in case.
fn scope(resource: &str) -> String {
    let lower = resource.to_lowercase();
    let end = lower.find("/providers/microsoft.costmanagement/exports");
    lower[..end.unwrap_or(lower.len())]
        .trim_matches('/')
        .to_owned()
}

/// The folder of a manifest's days, else its own: beside it lie runs that are older or not finished.
fn folder(key: &str) -> String {
    let folders: Vec<&str> = key.split('/').collect();
    let folders = &folders[..folders.len() - 1];
    let days = folders
        .iter()
        .position(|folder| version::days(folder).is_some());
    folders[..days.map_or(folders.len(), |at| at + 1)].join("/")
}

#[cfg(test)]
mod tests {
    use super::super::{Home, tree_of};
    use super::*;
    use std::path::PathBuf;

    fn manifest(name: &str, kind: &str, blob: &str) -> String {
        let id = format!("/subscriptions/S/providers/Microsoft.CostManagement/exports/{name}");
        format!(
            r#"{{"exportConfig":{{"exportName":"{name}","type":"{kind}","resourceId":"{id}"}},
                "runInfo":{{"startDate":"2026-10-01T00:00:00"}},"blobs":[{{"blobName":"{blob}"}}]}}"#
        )
    }

    fn chosen(runs: &[(&str, &str, &str)]) -> Result<Selection> {
        let mut texts = BTreeMap::new();
        let mut keys = Vec::new();
        for (name, kind, folder) in runs {
            let blob = format!("{folder}/part_0_0001.csv");
            texts.insert(
                format!("{folder}/manifest.json"),
                manifest(name, kind, &blob).into_bytes(),
            );
            keys.extend([format!("{folder}/manifest.json"), blob]);
        }
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        tree_of(&keys, Home::Disk(PathBuf::new())).select(&texts)
    }

    #[test]
    fn the_newest_run_of_an_export_holds_the_month() {
        let runs = [
            (
                "daily",
                "FocusCost",
                "d/daily/20261001-20261031/202610150600/g1",
            ),
            (
                "daily",
                "FocusCost",
                "d/daily/20261001-20261031/202610160600/g2",
            ),
            (
                "daily",
                "FocusCost",
                "d/daily/20260901-20260930/202610010600/g3",
            ),
        ];
        let files = chosen(&runs).unwrap().files;
        assert_eq!(files.len(), 2);
        assert!(
            files[0].contains("g3") && files[1].contains("g2"),
            "{files:?}"
        );
    }

    #[test]
    fn a_second_export_of_a_dataset_is_refused_and_another_dataset_is_not() {
        let one = (
            "daily",
            "ActualCost",
            "daily/20261001-20261031/202610150600/g1",
        );
        let other = |kind| ("once", kind, "once/20261001-20261031/202610160600/g2");
        let error = chosen(&[one, other("Usage")]).unwrap_err();
        assert!(
            error.what().contains("daily/") && error.what().contains("once/"),
            "{error}"
        );
        assert_eq!(
            chosen(&[one, other("AmortizedCost")]).unwrap().files.len(),
            2
        );
        let prices = chosen(&[one, other("PriceSheet")]).unwrap();
        assert_eq!((prices.files.len(), prices.notes.len()), (1, 1));
    }

    #[test]
    fn scopes_are_compared_without_case_and_export() {
        assert_eq!(
            scope("/Subscriptions/A/providers/Microsoft.CostManagement/exports/x"),
            scope("subscriptions/a")
        );
    }
}
