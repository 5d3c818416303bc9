//! AWS: the legacy Cost and Usage Report (new folders or overwritten ones, CSV or Athena's Parquet) and Data
//! Exports. A report writes a manifest per billing period after its files; older ones stay beside older files.

use super::version::{self, Days, Torn, Version, newest, overlap};
use super::{Selection, Tree, bucket_and_key, file_name};
use crate::error::{Error, Result};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const KEEP_ONE: &str = "remove one of them; counted twice, every cost would double";

/// One manifest that counts so far.
struct Manifest {
    key: String,
    /// The folder of the report or export, of which everything is governed by manifests.
    root: String,
    entries: Vec<String>,
}

fn is_manifest(key: &str) -> bool {
    file_name(key).to_lowercase().ends_with("-manifest.json")
}

/// The manifests nearest the root, per report and period: AWS rewrites them with every delivery, and the
/// copies beside older assemblies are history that nobody has to read.
pub(super) fn manifests(tree: &Tree) -> Vec<String> {
    let mut nearest: BTreeMap<(String, String, String), (usize, Vec<String>)> = BTreeMap::new();
    for key in tree.keys.iter().filter(|key| is_manifest(key)) {
        let (root, period) = root_and_period(key);
        let depth = key.matches('/').count();
        let group = (root, period.to_lowercase(), file_name(key).to_owned());
        let (least, keys) = nearest.entry(group).or_insert((depth, Vec::new()));
        if depth < *least {
            (*least, *keys) = (depth, Vec::new());
        }
        if depth == *least {
            keys.push(key.clone());
        }
    }
    nearest.into_values().flat_map(|(_, keys)| keys).collect()
}

/// Chooses the files of all reports; hands back the folders in which nothing else is to be read.
pub(super) fn select(
    tree: &Tree,
    texts: &BTreeMap<String, Vec<u8>>,
    chosen: &mut Selection,
) -> Result<Vec<String>> {
    let mut reports: BTreeMap<(String, String), Vec<Version<Manifest>>> = BTreeMap::new();
    let mut roots = BTreeSet::new();
    for key in manifests(tree) {
        let (identity, version) = read(tree, &key, &tree.parsed(&key, texts)?)?;
        roots.insert(version.load.root.clone());
        let report = (identity, version.load.root.clone());
        reports.entry(report).or_default().push(version);
    }
    let mut counted: Vec<(String, Version<Manifest>)> = Vec::new();
    for ((identity, _), versions) in reports {
        let versions = newest(versions).map_err(|Torn { one, other }| {
            let what = "two manifests of one report and period, and nothing says which is newer";
            tree.torn(
                what,
                &one,
                &other,
                "keep the newer delivery, or the manifest in the period's own folder",
            )
        })?;
        for version in versions {
            let copy = counted
                .iter()
                .find(|(known, other)| *known == identity && overlap(other.days, version.days));
            if let Some((_, copy)) = copy {
                let what = "the same report is here twice";
                return Err(tree.torn(what, &copy.place, &version.place, KEEP_ONE));
            }
            counted.push((identity.clone(), version));
        }
    }
    for (_, Version { load, .. }) in counted {
        for entry in &load.entries {
            chosen.files.push(tree.listed(&load.key, entry)?);
        }
    }
    Ok(roots.into_iter().collect())
}

/// A manifest with what identifies its report.
fn read(tree: &Tree, key: &str, manifest: &Value) -> Result<(String, Version<Manifest>)> {
    let entries = manifest
        .get("reportKeys")
        .or_else(|| manifest.get("dataFiles"))
        .and_then(Value::as_array)
        .filter(|entries| !entries.is_empty())
        .ok_or_else(|| {
            Error::data("the manifest lists no files")
                .at(&tree.shown(key))
                .hint("a manifest has `reportKeys` or `dataFiles`")
        })?;
    let entries: Vec<String> = entries
        .iter()
        .map(|entry| entry.as_str().unwrap_or_default().to_owned())
        .collect();
    refuse_two_buckets(tree, key, manifest, &entries)?;
    let (root, period) = root_and_period(key);
    let text = |name: &str| manifest.get(name).and_then(Value::as_str).unwrap_or("");
    let origin = match home(&entries[0]) {
        Some(home) => format!("{}|{}|{home}", text("bucket"), text("account")),
        None => format!("|{root}"),
    };
    let version = Version {
        place: key.to_owned(),
        days: days(manifest, &period),
        made: made(manifest, key),
        load: Manifest {
            key: key.to_owned(),
            root,
            entries,
        },
    };
    Ok((format!("{origin}|{}", file_name(key)), version))
}

/// One export lies in one bucket.
fn refuse_two_buckets(tree: &Tree, key: &str, manifest: &Value, entries: &[String]) -> Result<()> {
    let own = manifest.get("bucket").and_then(Value::as_str);
    let named = entries
        .iter()
        .filter_map(|entry| Some((bucket_and_key(entry).0?, entry)));
    let mut first = own;
    for (bucket, entry) in named {
        if *first.get_or_insert(bucket) != bucket {
            return Err(Error::data(format!(
                "the manifest lists a file outside its export: `{entry}`"
            ))
            .at(&tree.shown(key))
            .hint("nothing was read; ask whoever wrote this manifest"));
        }
    }
    Ok(())
}

/// The report's folder and the folder of a billing period, as a manifest's path tells them. Where it tells
/// none, the manifest speaks for its own folder.
fn root_and_period(key: &str) -> (String, String) {
    let folders: Vec<&str> = key
        .split('/')
        .rev()
        .skip(1)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect();
    match folders
        .iter()
        .position(|folder| version::days(folder).is_some())
    {
        Some(at) => {
            let metadata = at > 0 && folders[at - 1].eq_ignore_ascii_case("metadata");
            let root = folders[..at - usize::from(metadata)].join("/");
            (root, folders[at].to_owned())
        }
        None => (folders.join("/"), String::new()),
    }
}

/// Where the report lies in its bucket: the part of a key before the billing period.
fn home(entry: &str) -> Option<String> {
    let folders: Vec<&str> = entry.trim_start_matches('/').split('/').collect();
    let period = |folder: &str| version::days(folder).is_some() || folder.starts_with("year=");
    let at = folders.iter().position(|folder| period(folder))?;
    Some(folders[..at].join("/"))
}

/// The billing period: the manifest's own words, else its folder's.
fn days(manifest: &Value, period: &str) -> Option<Days> {
    let start = manifest
        .pointer("/billingPeriod/start")
        .and_then(version::written_day);
    start
        .and_then(version::month)
        .or_else(|| version::days(period))
}

/// When a manifest was made: what it says itself, else the folder of its execution.
fn made(manifest: &Value, key: &str) -> Option<String> {
    let said = |object: &Value| {
        let fields = object.as_object().into_iter().flatten();
        fields
            .filter(|(name, _)| {
                let name = name.to_lowercase();
                if name.ends_with("id") {
                    return false;
                }
                [
                    "execution",
                    "created",
                    "updated",
                    "modified",
                    "completed",
                    "delivered",
                ]
                .iter()
                .any(|word| name.contains(word))
            })
            .filter_map(|(_, value)| version::written(value))
            .max()
    };
    let nested = manifest.as_object().into_iter().flatten();
    let nested = nested.filter(|(_, value)| value.is_object());
    said(manifest)
        .max(nested.filter_map(|(_, value)| said(value)).max())
        .or_else(|| key.split('/').rev().skip(1).find_map(version::moment))
}

#[cfg(test)]
mod tests {
    use super::super::{Home, tree_of};
    use super::*;
    use std::path::PathBuf;

    fn select_of(files: &[(&str, &str)]) -> Result<Vec<String>> {
        let keys: Vec<&str> = files.iter().map(|(key, _)| *key).collect();
        let tree = tree_of(&keys, Home::Disk(PathBuf::new()));
        let texts = files
            .iter()
            .map(|(key, text)| ((*key).to_owned(), text.as_bytes().to_vec()))
            .collect();
        Ok(tree.select(&texts)?.files)
    }

    #[test]
    fn the_manifest_of_the_period_beats_those_of_its_assemblies() {
        let top = r#"{"reportKeys":["p/r/20261001-20261101/b/r-1.csv"]}"#;
        let keys = select_of(&[
            ("r/20261001-20261101/r-Manifest.json", top),
            ("r/20261001-20261101/a/r-Manifest.json", "never read"),
            ("r/20261001-20261101/a/r-1.csv", ""),
            ("r/20261001-20261101/b/r-1.csv", ""),
        ]);
        assert_eq!(keys.unwrap(), ["r/20261001-20261101/b/r-1.csv"]);
    }

    #[test]
    fn two_assemblies_without_it_are_refused() {
        let of = |id| format!(r#"{{"reportKeys":["r/20261001-20261101/{id}/r-1.csv"]}}"#);
        let error = select_of(&[
            ("r/20261001-20261101/a/r-Manifest.json", &of("a")),
            ("r/20261001-20261101/b/r-Manifest.json", &of("b")),
            ("r/20261001-20261101/a/r-1.csv", ""),
            ("r/20261001-20261101/b/r-1.csv", ""),
        ])
        .unwrap_err();
        assert!(
            error.what().contains("a/r-Manifest.json")
                && error.what().contains("b/r-Manifest.json"),
            "{error}"
        );
    }

    #[test]
    fn executions_are_ranked_by_what_they_say_then_by_their_folder() {
        let of = |run: &str, said: &str| {
            format!(
                r#"{{{said}"dataFiles":["s3://b/e/data/BILLING_PERIOD=2026-10/{run}/e-1.csv"]}}"#
            )
        };
        let [early, late] = ["2026-10-05T00:00:00Z-x", "2026-10-09T00:00:00Z-y"];
        let chosen = |first: &str, second: &str| {
            let key = |run, tail: &str| {
                format!(
                    "e/{}BILLING_PERIOD=2026-10/{run}/{tail}",
                    if tail.ends_with("json") {
                        "metadata/"
                    } else {
                        "data/"
                    }
                )
            };
            select_of(&[
                (&key(early, "e-Manifest.json"), &of(early, first)),
                (&key(late, "e-Manifest.json"), &of(late, second)),
                (&key(early, "e-1.csv"), ""),
                (&key(late, "e-1.csv"), ""),
            ])
            .unwrap()
        };
        assert!(chosen("", "")[0].contains(late));
        let says = [
            r#""lastModified":"2026-11-02T00:00:00Z","#,
            r#""lastModified":"2026-11-01T00:00:00Z","#,
        ];
        assert!(chosen(says[0], says[1])[0].contains(early));
    }

    #[test]
    fn one_report_in_two_folders_is_refused_and_two_reports_are_not() {
        let of = |home: &str| format!(r#"{{"reportKeys":["{home}/20261001-20261101/r-1.csv"]}}"#);
        let lay = |one: &str, other: &str| {
            select_of(&[
                ("x/20261001-20261101/r-Manifest.json", &of(one)),
                ("y/20261001-20261101/r-Manifest.json", &of(other)),
                ("x/20261001-20261101/r-1.csv", ""),
                ("y/20261001-20261101/r-1.csv", ""),
            ])
        };
        assert!(lay("r", "r").unwrap_err().what().contains("twice"));
        assert_eq!(lay("x", "y").unwrap().len(), 2);
    }

    #[test]
    fn a_second_bucket_is_outside() {
        let text = r#"{"bucket":"b","dataFiles":["s3://b/1.csv","s3://c/2.csv"]}"#;
        let error =
            select_of(&[("r-Manifest.json", text), ("1.csv", ""), ("2.csv", "")]).unwrap_err();
        assert!(error.what().contains("outside"), "{error}");
    }
}
