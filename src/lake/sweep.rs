//! Removes what no period and no kept snapshot refers to.
//!
//! Runs last, after manifests and snapshots are on disk, and judges by what it finds there alone: a run that
//! broke off anywhere before leaves at most too much. Where any manifest cannot be read nothing is removed.

use super::{Lake, Period, Snapshot, json_files};
use crate::error::{Error, Result};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What must stay.
#[derive(Default)]
struct Live {
    inputs: BTreeSet<String>,
    facts: BTreeSet<String>,
}

impl Live {
    fn add(&mut self, period: &Period) {
        self.inputs.extend(period.inputs.iter().cloned());
        self.facts.insert(period.content());
    }
}

impl Lake {
    /// Removes inputs, parts, facts and scratch that nothing refers to; how many inputs went.
    pub fn sweep(&self) -> Result<usize> {
        let live = self.live()?;
        let root = self.root();
        // The record of an input goes before its parts: an input that is known has its parts.
        let mut removed = 0;
        for path in entries(&root.join("inputs")) {
            if !name_in(&path, &live.inputs) {
                remove(&path)?;
                removed += 1;
            }
        }
        for (folder, live) in [("parts", &live.inputs), ("facts", &live.facts)] {
            for path in entries(&root.join(folder)) {
                if !name_in(&path, live) {
                    remove(&path)?;
                }
            }
        }
        // This lake is held by this run alone, and this run is done.
        for path in entries(&root.join("tmp")) {
            remove(&path)?;
        }
        Ok(removed)
    }

    fn live(&self) -> Result<Live> {
        let mut live = Live::default();
        for source in entries(&self.root().join("sources")) {
            for path in json_files(&source) {
                live.add(&readable(&path)?);
            }
        }
        for path in json_files(&self.root().join("runs")) {
            let snapshot: Snapshot = readable(&path)?;
            for covered in &snapshot.sources {
                covered.periods.iter().for_each(|period| live.add(period));
                live.inputs.extend(covered.barren.iter().cloned());
            }
        }
        Ok(live)
    }
}

fn readable<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read(path).map_err(|e| Error::read(path, &e))?;
    serde_json::from_slice(&text).map_err(|e| {
        Error::data(format!("a manifest of the lake cannot be read: {e}"))
            .at(path)
            .hint("restore it from a backup; until then the lake only grows")
    })
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

fn name_in(path: &Path, names: &BTreeSet<String>) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    names.contains(name.strip_suffix(".json").unwrap_or(&name))
}

fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    removed.map_err(|e| Error::write(path, &e))
}

#[cfg(test)]
mod tests {
    use super::super::{Covered, Input};
    use super::*;

    fn period(inputs: &[&str]) -> Period {
        Period {
            source: "aws".to_owned(),
            month: "2026-10".to_owned(),
            inputs: inputs.iter().map(ToString::to_string).collect(),
            accounts: Vec::new(),
        }
    }

    /// A lake with these inputs, each with a part and a fact of its own.
    fn lake(folder: &Path, keys: &[&str]) -> Lake {
        let lake = Lake::open(folder).unwrap();
        for key in keys {
            let input = Input {
                key: (*key).to_owned(),
                ..Input::default()
            };
            lake.save_input(&input).unwrap();
            let fact = lake.fact(&period(&[key]), "f");
            for file in [lake.part(key, period(&[]).month()), fact] {
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, b"").unwrap();
            }
        }
        lake
    }

    fn left(lake: &Lake, folder: &str) -> usize {
        entries(&lake.root().join(folder)).len()
    }

    #[test]
    fn what_a_manifest_or_a_snapshot_names_stays_and_the_rest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let lake = lake(folder.path(), &["now", "kept", "barren", "gone"]);
        lake.commit(&period(&["now"])).unwrap();
        let covered = Covered {
            name: "aws".to_owned(),
            id: "aws".to_owned(),
            periods: vec![period(&["kept"])],
            barren: vec!["barren".to_owned()],
            last: true,
        };
        lake.keep_snapshot("2026-11-20".parse().unwrap(), vec![covered])
            .unwrap();
        fs::write(lake.scratch("left over"), b"").unwrap();
        assert_eq!(lake.sweep().unwrap(), 1);
        assert!(lake.input("gone").is_none() && lake.input("barren").is_some());
        let counts = ["inputs", "parts", "facts", "tmp"].map(|folder| left(&lake, folder));
        assert_eq!(counts, [3, 3, 2, 0]);
    }

    #[test]
    fn nothing_goes_where_a_manifest_cannot_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let lake = lake(folder.path(), &["a"]);
        fs::create_dir_all(folder.path().join("runs")).unwrap();
        fs::write(folder.path().join("runs/2026-11-20.json"), b"{").unwrap();
        assert!(lake.sweep().is_err());
        assert!(lake.input("a").is_some());
    }
}
