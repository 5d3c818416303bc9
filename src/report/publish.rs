//! All or nothing: a run is staged beside its target and published by one rename.

use crate::error::{Error, Result};
use chrono::NaiveDate;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder under construction. Dropped without [`Stage::publish`], it leaves no trace.
#[derive(Debug)]
pub struct Stage {
    out: PathBuf,
    folder: PathBuf,
    name: String,
    is_latest: bool,
    published: bool,
}

impl Stage {
    /// Prepares a run's folder; fails at once where nothing can be written.
    pub fn new(out: &Path, today: NaiveDate) -> Result<Stage> {
        Stage::named(out, today.to_string(), true)
    }

    /// Prepares the folder of an earlier run that is looked at again; `latest` stays where it is.
    pub fn as_of(out: &Path, run: NaiveDate) -> Result<Stage> {
        Stage::named(out, format!("as-of-{run}"), false)
    }

    fn named(out: &Path, name: String, is_latest: bool) -> Result<Stage> {
        let folder = out.join(format!(".{name}.{}.new", std::process::id()));
        fs::create_dir_all(&folder).map_err(|e| Error::write(out, &e))?;
        let probe = folder.join(".probe");
        fs::write(&probe, b"")
            .and_then(|()| fs::remove_file(&probe))
            .map_err(|e| Error::write(out, &e))?;
        Ok(Stage {
            out: out.to_owned(),
            folder,
            name,
            is_latest,
            published: false,
        })
    }

    /// The path of a file in the staged folder.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// Writes a file into the staged folder, or into a folder of it.
    pub fn write(&self, file: &str, bytes: &[u8]) -> Result<()> {
        let path = self.path(file);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|e| Error::write(folder, &e))?;
        }
        fs::write(&path, bytes).map_err(|e| Error::write(&path, &e))
    }

    /// Takes a file over from a published folder: as one more name of it where the disk can, else as a copy.
    pub fn adopt(&self, from: &Path, file: &Path) -> Result<()> {
        let (known, path) = (from.join(file), self.folder.join(file));
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|e| Error::write(folder, &e))?;
        }
        fs::hard_link(&known, &path)
            .or_else(|_| fs::copy(&known, &path).map(drop))
            .map_err(|e| Error::write(&path, &e))
    }

    /// Makes the folder the run's, in place of an earlier run of the same day, and points `latest` at it unless
    /// it is an earlier run looked at again.
    pub fn publish(mut self) -> Result<PathBuf> {
        let target = self.out.join(&self.name);
        let moved = if target.exists() {
            exchange(&self.folder, &target)
        } else {
            fs::rename(&self.folder, &target)
        };
        moved.map_err(|e| Error::write(&target, &e))?;
        // After an exchange the staging path holds the earlier run of the day; dropping the stage removes it.
        self.published = !self.folder.exists();
        if self.is_latest {
            point_latest(&self.out, &self.name)?;
        }
        Ok(target)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if !self.published {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// Swaps two folders in one step, so that no reader finds neither.
#[cfg(target_os = "linux")]
fn exchange(fresh: &Path, old: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, fresh, CWD, old, RenameFlags::EXCHANGE).map_err(Into::into)
}

/// Swaps two folders; elsewhere than on Linux there is a moment with neither.
#[cfg(not(target_os = "linux"))]
fn exchange(fresh: &Path, old: &Path) -> std::io::Result<()> {
    let aside = fresh.with_extension("old");
    fs::rename(old, &aside)?;
    fs::rename(fresh, old).inspect_err(|_| drop(fs::rename(&aside, old)))?;
    fs::rename(&aside, fresh)
}

/// The folder of the newest run, where one was published: `latest` is a link to it or a text with its name.
pub fn latest(out: &Path) -> Option<PathBuf> {
    let latest = out.join("latest");
    if latest.is_dir() {
        return Some(latest);
    }
    let name = fs::read_to_string(&latest).ok()?;
    Some(out.join(name.trim())).filter(|folder| folder.is_dir())
}

/// Points `latest` at a run by the rename of a fresh link, so that a reader always finds one.
#[cfg(unix)]
fn point_latest(out: &Path, name: &str) -> Result<()> {
    let fresh = out.join(format!(".latest.{}", std::process::id()));
    let _ = fs::remove_file(&fresh);
    let linked = std::os::unix::fs::symlink(name, &fresh)
        .and_then(|()| fs::rename(&fresh, out.join("latest")));
    linked.map_err(|e| Error::write(&out.join("latest"), &e))
}

/// Where links need rights, `latest` is a text file with the run's name.
#[cfg(not(unix))]
fn point_latest(out: &Path, name: &str) -> Result<()> {
    let path = out.join("latest");
    fs::write(&path, name).map_err(|e| Error::write(&path, &e))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day() -> NaiveDate {
        "2026-11-21".parse().unwrap()
    }

    #[test]
    fn a_run_that_fails_leaves_the_last_one() {
        let out = tempfile::tempdir().unwrap();
        let first = Stage::new(out.path(), day()).unwrap();
        first.write("a.csv", b"1").unwrap();
        first.publish().unwrap();
        let second = Stage::new(out.path(), day()).unwrap();
        second.write("a.csv", b"2").unwrap();
        drop(second);
        assert_eq!(fs::read(out.path().join("latest/a.csv")).unwrap(), b"1");
        assert_eq!(fs::read_dir(out.path()).unwrap().count(), 2);
    }

    #[test]
    fn an_earlier_run_looked_at_again_is_not_the_latest() {
        let out = tempfile::tempdir().unwrap();
        Stage::new(out.path(), day()).unwrap().publish().unwrap();
        let again = Stage::as_of(out.path(), "2026-11-20".parse().unwrap()).unwrap();
        assert!(again.publish().unwrap().ends_with("as-of-2026-11-20"));
        let latest = out.path().join("latest").canonicalize().unwrap();
        assert!(latest.ends_with("2026-11-21"));
    }

    #[test]
    fn a_second_run_of_a_day_replaces_the_first_whole() {
        let out = tempfile::tempdir().unwrap();
        for name in ["a.csv", "b.csv"] {
            let stage = Stage::new(out.path(), day()).unwrap();
            stage.write(name, b"1").unwrap();
            stage.publish().unwrap();
        }
        let latest = out.path().join("latest");
        assert!(latest.join("b.csv").exists() && !latest.join("a.csv").exists());
    }
}
