//! Files seen before: by size and time of change, so that an unchanged file is not even hashed again.

use super::Lake;
use crate::error::{Error, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// A file's content in short.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Fingerprint {
    /// Bytes.
    pub size: u64,
    /// Time of change, nanoseconds since 1970.
    changed: u64,
    /// Time at which the file was put here, where the system tells: a copy may bring its time of change along.
    #[serde(default)]
    placed: i64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// The fingerprints of files, in their order; only new and changed ones are read.
pub fn fingerprint(lake: &Lake, paths: &[PathBuf]) -> Result<Vec<Fingerprint>> {
    let store = lake.root().join("files.json");
    let seen: BTreeMap<String, Fingerprint> = super::read_json(&store).unwrap_or_default();
    let prints: Vec<Fingerprint> = paths
        .par_iter()
        .map(|path| print(path, &seen))
        .collect::<Result<_>>()?;
    let mut now = seen.clone();
    for (path, print) in paths.iter().zip(&prints) {
        now.insert(name(path), print.clone());
    }
    if now != seen {
        super::write_json(&store, &now)?;
    }
    Ok(prints)
}

fn name(path: &Path) -> String {
    path.canonicalize()
        .unwrap_or_else(|_| path.to_owned())
        .to_string_lossy()
        .into_owned()
}

fn print(path: &Path, seen: &BTreeMap<String, Fingerprint>) -> Result<Fingerprint> {
    let state = fs::metadata(path).map_err(|e| Error::read(path, &e))?;
    let changed = changed(&state);
    match seen.get(&name(path)) {
        Some(known)
            if known.size == state.len()
                && known.changed == changed
                && known.placed == placed(&state) =>
        {
            Ok(known.clone())
        }
        _ => Ok(Fingerprint {
            size: state.len(),
            changed,
            placed: placed(&state),
            sha256: sha256(path)?,
        }),
    }
}

/// A file as it lies on disk, unread.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Stamp {
    size: u64,
    changed: u64,
    placed: i64,
}

impl Stamp {
    /// True where both were written at one time: a file that only moved, or got another name, has the same content.
    pub fn is_content_of(self, other: Stamp) -> bool {
        (self.size, self.changed) == (other.size, other.changed)
    }
}

/// The stamp of a file; none where there is no file.
pub fn stamp(path: &Path) -> Option<Stamp> {
    let state = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    Some(Stamp {
        size: state.len(),
        changed: changed(&state),
        placed: placed(&state),
    })
}

fn changed(state: &fs::Metadata) -> u64 {
    let changed = state.modified().ok();
    let changed = changed.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    changed.map_or(0, |t| u64::try_from(t.as_nanos()).unwrap_or(u64::MAX))
}

#[cfg(unix)]
fn placed(state: &fs::Metadata) -> i64 {
    use std::os::unix::fs::MetadataExt;
    let seconds = state.ctime().saturating_mul(1_000_000_000);
    seconds.saturating_add(state.ctime_nsec())
}

#[cfg(not(unix))]
fn placed(_: &fs::Metadata) -> i64 {
    0
}

fn sha256(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(|e| Error::read(path, &e))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer).map_err(|e| Error::read(path, &e))?;
        if read == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&buffer[..read]);
    }
}

/// Bytes as hexadecimal text.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// A short hash of texts, for names of things known by their content.
pub fn hash(texts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    hex(&hash.finalize())[..32].to_owned()
}
