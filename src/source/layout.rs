//! Which files of a tree make up its exports, by their names and what manifests say.
//!
//! One set of rules for folders on disk and for object stores; it touches neither. A manifest's word is
//! final: below its export, what it lists is read and what it does not list is not. Without a manifest the
//! folders of a delivery speak. Of two versions of the same days the newest is read; where it cannot be told
//! which one that is, both are named and nothing is read. File times decide nothing: a copy changes them.

mod aws;
mod azure;
mod folders;
mod version;

use crate::error::{Error, Result};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// The files below a folder or a prefix, by their path from there.
pub(super) struct Tree {
    /// Paths, `/` between folders; hidden files and what is no bill by its folder are left out.
    keys: BTreeSet<String>,
    home: Home,
}

/// Where a tree stands.
pub(super) enum Home {
    /// Below this folder.
    Disk(PathBuf),
    /// Below a prefix of a bucket; the prefix is empty or ends in `/`.
    Store {
        scheme: &'static str,
        bucket: String,
        prefix: String,
    },
}

/// What is to be read of a tree.
#[derive(Debug, Default)]
pub(super) struct Selection {
    /// Keys, sorted, each once.
    pub(super) files: Vec<String>,
    /// What a reader should know of files left out.
    pub(super) notes: Vec<String>,
}

impl Tree {
    pub(super) fn new(keys: impl IntoIterator<Item = String>, home: Home) -> Tree {
        Tree {
            keys: keys.into_iter().filter(|key| !is_hidden(key)).collect(),
            home,
        }
    }

    /// A key as a reader knows it.
    pub(super) fn shown(&self, key: &str) -> PathBuf {
        match &self.home {
            Home::Disk(root) => root.join(key),
            Home::Store {
                scheme,
                bucket,
                prefix,
            } => PathBuf::from(format!("{scheme}://{bucket}/{prefix}{key}")),
        }
    }

    /// The keys of manifests that have to be read before files can be chosen.
    pub(super) fn manifests(&self) -> Vec<String> {
        let mut keys = aws::manifests(self);
        keys.extend(
            self.keys
                .iter()
                .filter(|key| azure::is_manifest(key))
                .cloned(),
        );
        keys
    }

    /// The files to read. `texts` are the manifests that [`Tree::manifests`] asked for.
    pub(super) fn select(&self, texts: &BTreeMap<String, Vec<u8>>) -> Result<Selection> {
        let mut chosen = Selection::default();
        let mut governed = aws::select(self, texts, &mut chosen)?;
        governed.extend(azure::select(self, texts, &mut chosen)?);
        let free = |key: &&String| {
            !governed
                .iter()
                .any(|root| root.is_empty() || key.starts_with(&format!("{root}/")))
        };
        folders::select(self, self.keys.iter().filter(free), &mut chosen)?;
        chosen.files.sort();
        chosen.files.dedup();
        Ok(chosen)
    }

    /// The file that a manifest means by one of its entries.
    fn listed(&self, manifest: &str, entry: &str) -> Result<String> {
        let outside = || {
            Error::data(format!(
                "the manifest lists a file outside its export: `{entry}`"
            ))
            .at(&self.shown(manifest))
            .hint("nothing was read; ask whoever wrote this manifest")
        };
        let (bucket, key) = bucket_and_key(entry);
        let key = key.trim_start_matches('/');
        let parts: Vec<&str> = key.split('/').filter(|part| !part.is_empty()).collect();
        let strays = Path::new(key)
            .components()
            .any(|part| !matches!(part, Component::Normal(_) | Component::CurDir));
        if strays || parts.is_empty() {
            return Err(outside());
        }
        let found = match &self.home {
            Home::Disk(_) => self.nearest(manifest, &parts),
            Home::Store {
                bucket: own,
                prefix,
                ..
            } => {
                if bucket.is_some_and(|bucket| bucket != own) {
                    return Err(outside());
                }
                let below = key.strip_prefix(prefix.as_str()).ok_or_else(outside)?;
                self.keys.get(below).cloned()
            }
        };
        found.ok_or_else(|| {
            Error::data(format!("the manifest lists `{entry}`, which is not here"))
                .at(&self.shown(manifest))
                .hint("the copy of the export is not complete; sync it again")
        })
    }

    /// The file whose path ends like an entry's: the longest such end, nearest the root. A copy on disk
    /// rarely keeps the bucket's folders.
    fn nearest(&self, manifest: &str, parts: &[&str]) -> Option<String> {
        let folders: Vec<&str> = manifest.split('/').collect();
        for start in 0..parts.len() {
            let tail = parts[start..].join("/");
            for depth in 0..folders.len() {
                let base = folders[..depth].join("/");
                let key = if base.is_empty() {
                    tail.clone()
                } else {
                    format!("{base}/{tail}")
                };
                if self.keys.contains(&key) {
                    return Some(key);
                }
            }
        }
        None
    }

    /// Refuses two versions or copies with both named.
    fn torn(&self, what: &str, one: &str, other: &str, hint: &str) -> Error {
        Error::data(format!(
            "{what}: `{}` and `{}`",
            self.shown(one).display(),
            self.shown(other).display()
        ))
        .at(&self.shown(other))
        .hint(hint)
    }

    fn parsed(&self, key: &str, texts: &BTreeMap<String, Vec<u8>>) -> Result<Value> {
        let text = texts.get(key).map(Vec::as_slice).unwrap_or_default();
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        serde_json::from_slice(text).map_err(|e| {
            Error::data(format!("the manifest is no JSON: {e}"))
                .at_line(&self.shown(key), e.line() as u64, e.column() as u64)
                .hint("the copy of the export is not complete; sync it again")
        })
    }
}

/// The bucket of an entry, where it names one, and the key in it.
fn bucket_and_key(entry: &str) -> (Option<&str>, &str) {
    match entry
        .split_once("://")
        .and_then(|(_, rest)| rest.split_once('/'))
    {
        Some((bucket, key)) => (Some(bucket), key),
        None => (None, entry),
    }
}

/// Files and folders that begin with a dot or an underscore, and Athena's status table.
pub(super) fn is_hidden(key: &str) -> bool {
    key.split('/')
        .any(|part| part.starts_with(['.', '_']) || part == "cost_and_usage_data_status")
}

/// True for files that may hold charges: known endings, no manifest.
fn is_data(key: &str) -> bool {
    let name = file_name(key).to_lowercase();
    let about = name.ends_with("manifest.json") || name.ends_with("-metadata.json");
    let endings = [
        ".csv", ".gz", ".zip", ".parquet", ".json", ".ndjson", ".jsonl",
    ];
    !about && endings.iter().any(|ending| name.ends_with(ending))
}

fn file_name(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

#[cfg(test)]
fn tree_of(keys: &[&str], home: Home) -> Tree {
    Tree::new(keys.iter().map(ToString::to_string), home)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(keys: &[&str]) -> Tree {
        tree_of(keys, Home::Disk(PathBuf::new()))
    }

    #[test]
    fn an_entry_is_found_by_its_longest_end() {
        let tree = disk(&["e/data/p/1.csv", "1.csv", "e/metadata/m-Manifest.json"]);
        let found = tree.listed("e/metadata/m-Manifest.json", "s3://b/x/e/data/p/1.csv");
        assert_eq!(found.unwrap(), "e/data/p/1.csv");
    }

    #[test]
    fn an_entry_that_leads_out_is_refused() {
        let tree = disk(&["m-Manifest.json"]);
        for entry in ["../1.csv", "/a/../../1.csv", "", "s3://b/../1.csv"] {
            let error = tree.listed("m-Manifest.json", entry).unwrap_err();
            assert!(error.what().contains("outside"), "{entry}: {error}");
        }
    }

    #[test]
    fn in_a_store_an_entry_is_its_key_and_nothing_else() {
        let store = Home::Store {
            scheme: "s3",
            bucket: "b".to_owned(),
            prefix: "x/".to_owned(),
        };
        let tree = tree_of(&["e/1.csv", "m-Manifest.json"], store);
        let listed = |entry| tree.listed("m-Manifest.json", entry);
        assert_eq!(listed("/x/e/1.csv").unwrap(), "e/1.csv");
        assert_eq!(listed("s3://b/x/e/1.csv").unwrap(), "e/1.csv");
        for entry in ["s3://other/x/e/1.csv", "y/e/1.csv", "e/1.csv"] {
            assert!(listed(entry).unwrap_err().what().contains("outside"));
        }
        assert!(listed("x/e/2.csv").unwrap_err().what().contains("not here"));
    }

    #[test]
    fn manifests_are_never_data() {
        assert!(is_data("a/export-000000000000.json.gz") && is_data("FOCUS Reports/1.csv.gz"));
        for key in [
            "manifest.json",
            "r-Manifest.json",
            "r-Metadata.json",
            "r.sql",
        ] {
            assert!(!is_data(key), "{key}");
        }
        assert!(is_hidden("a/_SUCCESS") && is_hidden("cost_and_usage_data_status/1.parquet"));
    }
}
