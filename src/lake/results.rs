//! Results of methods, kept under everything that they depend on: a night that asks the same question of the same
//! numbers does not work the answer out again. What cannot be read, or is not what was written, was never kept.

use super::Lake;
use super::files::{hex, stamp};
use crate::error::{Error, Result};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// Bytes of the digest that a result begins with.
const DIGEST: usize = 32;

/// This program: a rebuilt one may say something else under the same version.
pub fn program() -> String {
    let built = std::env::current_exe().ok().and_then(|path| stamp(&path));
    format!("{} {built:?}", env!("CARGO_PKG_VERSION"))
}

/// A key made from everything that a result depends on, piece by piece.
pub struct ResultKey {
    hash: Sha256,
}

impl ResultKey {
    /// The key of a result of this program.
    pub fn new() -> ResultKey {
        let mut key = ResultKey {
            hash: Sha256::new(),
        };
        key.add(program().as_bytes());
        key
    }

    /// Adds one more thing that it depends on.
    pub fn add(&mut self, bytes: &[u8]) {
        self.hash.update((bytes.len() as u64).to_le_bytes());
        self.hash.update(bytes);
    }

    /// Adds numbers, bit by bit.
    pub fn add_numbers(&mut self, numbers: &[f64]) {
        self.hash.update((numbers.len() as u64).to_le_bytes());
        let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        self.hash.update(&bytes);
    }

    fn finish(self) -> String {
        hex(&self.hash.finalize())[..32].to_owned()
    }
}

impl Default for ResultKey {
    fn default() -> ResultKey {
        ResultKey::new()
    }
}

impl Lake {
    /// A kept result; else it is worked out, and kept. `read` says none of bytes that it cannot understand.
    pub fn kept_or<T>(
        &self,
        (name, key): (&str, ResultKey),
        read: impl FnOnce(&[u8]) -> Option<T>,
        work_out: impl FnOnce() -> T,
        written: impl FnOnce(&T) -> Vec<u8>,
    ) -> Result<T> {
        let file = format!("{name}-{}", key.finish());
        if let Ok(mut asked) = self.asked.lock() {
            asked.insert(file.clone());
        }
        let path = self.results().join(&file);
        let known = fs::read(&path).ok().and_then(|bytes| {
            let (digest, body) = bytes.split_at_checked(DIGEST)?;
            (Sha256::digest(body).as_slice() == digest).then(|| read(body))?
        });
        if let Some(known) = known {
            return Ok(known);
        }
        let made = work_out();
        let body = written(&made);
        let mut bytes = Sha256::digest(&body).to_vec();
        bytes.extend(body);
        let fresh = self.scratch(&file);
        fs::create_dir_all(self.results()).map_err(|e| Error::write(&self.results(), &e))?;
        fs::write(&fresh, bytes)
            .and_then(|()| fs::rename(&fresh, &path))
            .map_err(|e| Error::write(&path, &e))?;
        Ok(made)
    }

    /// Removes the results that this run did not ask for; called once it is published.
    pub fn forget_results(&self) -> Result<()> {
        let asked: BTreeSet<String> = match self.asked.lock() {
            Ok(asked) => asked.clone(),
            Err(_) => return Ok(()),
        };
        for entry in fs::read_dir(self.results()).into_iter().flatten().flatten() {
            if !asked.contains(&*entry.file_name().to_string_lossy()) {
                let path = entry.path();
                fs::remove_file(&path).map_err(|e| Error::write(&path, &e))?;
            }
        }
        Ok(())
    }

    fn results(&self) -> PathBuf {
        self.root().join("results")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(of: &str) -> (&'static str, ResultKey) {
        let mut key = ResultKey::new();
        key.add(of.as_bytes());
        ("sums", key)
    }

    /// Asks for a result; true where it had to be worked out.
    fn ask(lake: &Lake, of: &str) -> (Vec<u8>, bool) {
        let mut worked = false;
        let work_out = || {
            worked = true;
            of.as_bytes().to_vec()
        };
        let answer = lake.kept_or(key(of), |b| Some(b.to_vec()), work_out, Clone::clone);
        (answer.unwrap(), worked)
    }

    #[test]
    fn a_result_is_worked_out_once_and_again_when_it_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path()).unwrap();
        assert_eq!(ask(&lake, "a"), (b"a".to_vec(), true));
        assert_eq!(ask(&lake, "a"), (b"a".to_vec(), false));
        let file = fs::read_dir(lake.results()).unwrap().next().unwrap();
        fs::write(
            file.unwrap().path(),
            b"something else, long enough for a digest",
        )
        .unwrap();
        assert_eq!(ask(&lake, "a"), (b"a".to_vec(), true));
        assert_eq!(ask(&lake, "b"), (b"b".to_vec(), true));
    }

    #[test]
    fn what_nobody_asked_for_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path()).unwrap();
        ask(&lake, "a");
        drop(lake);
        let lake = Lake::open(folder.path()).unwrap();
        ask(&lake, "b");
        lake.forget_results().unwrap();
        assert_eq!((ask(&lake, "b").1, ask(&lake, "a").1), (false, true));
    }

    #[test]
    fn pieces_do_not_run_into_each_other() {
        let of = |pieces: &[&[u8]]| {
            let mut key = ResultKey::new();
            for piece in pieces {
                key.add(piece);
            }
            key.finish()
        };
        assert_ne!(of(&[b"ab", b"c"]), of(&[b"a", b"bc"]));
    }
}
