//! The lake: every bill as FOCUS Parquet, by source and billing period, on local disk.
//!
//! ```text
//! inputs/<key>.json             what one export file held: its parts, control totals, rows set aside
//! parts/<key>/<month>.parquet   its charges of one billing period
//! sources/<source>/<month>.json the manifest of a period: which inputs make it up
//! kept/<name>.json              what a method keeps from run to run: booked entries, past forecasts, incidents, savings
//! runs/<day>.json               which periods every source had on that day, for as long as history is kept
//! facts/<period>/<hash>.parquet results of fact queries, by the content of their period
//! mirror/<hash>/                what object stores have of one URL, see `source/store.rs`
//! again.json                    what the last run depended on, and the files that it published
//! results/<method>-<hash>       what a method made, by everything that it depends on
//! files.json                    sizes and times of files seen, so that unchanged ones are not read again
//! ```
//! An input is known by its content and by the mapping that read it, so a part is never written twice and
//! never changes. A period is replaced whole, by the rename of its manifest, and only once a run is published:
//! a run that fails leaves no trace that the next one would see. Knows FOCUS, no format.

mod files;
mod history;
mod manifest;
mod part;
mod results;
mod sketch;
mod sweep;

pub use files::{Fingerprint, Stamp, fingerprint, hash, stamp};
pub use history::{Covered, Snapshot, kept_days};
pub use manifest::{Identity, Input, MOST_INVOICES, Part, Period, Residue, SetAside, Total};
pub use part::PartWriter;
pub use results::{ResultKey, program};
pub use sketch::{MARKS, Sketch};

use crate::error::{Error, Kind, Result};
use crate::period::Month;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// A lake on disk, held by one run at a time.
#[derive(Debug)]
pub struct Lake {
    root: PathBuf,
    /// Results that this run asked for.
    asked: Mutex<BTreeSet<String>>,
    _lock: File,
}

impl Lake {
    /// Opens or makes a lake and takes its lock; another run in it is an error of its own exit code.
    pub fn open(root: &Path) -> Result<Lake> {
        for folder in ["inputs", "parts", "sources", "facts", "tmp"] {
            let path = root.join(folder);
            fs::create_dir_all(&path).map_err(|e| Error::write(&path, &e))?;
        }
        let path = root.join("lock");
        let lock = File::create(&path).map_err(|e| Error::write(&path, &e))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(
                    Error::new(Kind::Locked, "another run is working in this lake")
                        .at(root)
                        .hint("wait for it to finish, or give this run its own --lake"),
                );
            }
            Err(TryLockError::Error(e)) => return Err(Error::write(&path, &e)),
        }
        Ok(Lake {
            root: root.to_owned(),
            asked: Mutex::default(),
            _lock: lock,
        })
    }

    /// Where it lies.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What is known of an input, if it was read before.
    pub fn input(&self, key: &str) -> Option<Input> {
        read_json(&self.root.join("inputs").join(format!("{key}.json")))
    }

    /// Remembers an input whose parts are written.
    pub fn save_input(&self, input: &Input) -> Result<()> {
        write_json(
            &self.root.join("inputs").join(format!("{}.json", input.key)),
            input,
        )
    }

    /// The Parquet file of an input's charges of one billing period.
    pub fn part(&self, key: &str, month: Month) -> PathBuf {
        self.root
            .join("parts")
            .join(key)
            .join(format!("{month}.parquet"))
    }

    /// The manifest of a period.
    pub fn period(&self, source: &str, month: Month) -> Option<Period> {
        read_json(&self.manifest_path(source, month))
    }

    /// Replaces a period whole.
    pub fn commit(&self, period: &Period) -> Result<()> {
        write_json(&self.manifest_path(&period.source, period.month()), period)
    }

    /// Every period of a source, oldest first.
    pub fn periods(&self, source: &str) -> Vec<Period> {
        let files = json_files(&self.root.join("sources").join(source));
        let mut periods: Vec<Period> = files.iter().filter_map(|file| read_json(file)).collect();
        periods.sort_by(|a, b| a.month.cmp(&b.month));
        periods
    }

    /// Where the result of a fact query over a period is kept.
    pub fn fact(&self, period: &Period, hash: &str) -> PathBuf {
        self.root
            .join("facts")
            .join(period.content())
            .join(format!("{hash}.parquet"))
    }

    /// What a method keeps from run to run, under its name. What is there and cannot be read is an error:
    /// what was booked must not be lost by starting over.
    pub fn kept<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let path = self.root.join("kept").join(format!("{name}.json"));
        match fs::read(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Error::read(&path, &e)),
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|e| {
                Error::data(format!("what earlier runs kept cannot be read: {e}"))
                    .at(&path)
                    .hint("restore the file from a backup, or move it away to start over")
            }),
        }
    }

    /// Replaces what a method keeps.
    pub fn remember<T: Serialize>(&self, name: &str, value: &T) -> Result<()> {
        write_json(&self.root.join("kept").join(format!("{name}.json")), value)
    }

    /// What earlier runs left to later ones, as it lies on disk: kept results of methods, and which runs there were.
    pub fn memory(&self) -> Vec<(PathBuf, Stamp)> {
        let folders = ["kept", "runs"].map(|folder| json_files(&self.root.join(folder)));
        let mut files: Vec<PathBuf> = folders.into_iter().flatten().collect();
        files.sort();
        let stamped = files.into_iter().filter_map(|path| {
            let stamp = stamp(&path)?;
            Some((path, stamp))
        });
        stamped.collect()
    }

    /// A scratch path inside the lake, on the same file system.
    pub fn scratch(&self, name: &str) -> PathBuf {
        self.root
            .join("tmp")
            .join(format!("{name}-{}", std::process::id()))
    }

    fn manifest_path(&self, source: &str, month: Month) -> PathBuf {
        self.root
            .join("sources")
            .join(source)
            .join(format!("{month}.json"))
    }
}

/// The finished JSON files of a folder; a write that broke off leaves another ending.
fn json_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect()
}

/// A JSON file of the lake, where it is there and can be read.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Replaces a JSON file of the lake by a rename.
pub(crate) fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|e| Error::write(folder, &e))?;
    }
    let text = serde_json::to_vec_pretty(value).map_err(|e| Error::data(e.to_string()).at(path))?;
    let fresh = path.with_extension("json.new");
    fs::write(&fresh, text)
        .and_then(|()| fs::rename(&fresh, path))
        .map_err(|e| Error::write(path, &e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_in_the_same_lake_is_told_to_wait() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lake::open(folder.path()).unwrap();
        let error = Lake::open(folder.path()).unwrap_err();
        assert_eq!(error.kind().exit_code(), 75);
        drop(first);
        assert!(Lake::open(folder.path()).is_ok());
    }
}
