//! The copy of a prefix in the lake: what is here, under which etag.

use super::Url;
use super::client::Object;
use crate::error::{Error, Result};
use crate::lake::{Lake, hash, read_json, write_json};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The mirror of one URL. One run at a time has it: the lake is locked.
pub(super) struct Mirror {
    root: PathBuf,
    files: PathBuf,
    index: RefCell<Index>,
}

/// What the mirror remembers.
#[derive(Default, Serialize, Deserialize)]
struct Index {
    /// The place that is mirrored.
    url: String,
    /// True where etags of one part turned out to be no MD5 of the bytes, as with KMS encryption.
    opaque_etags: bool,
    /// Every object that is whole and here, by key.
    objects: BTreeMap<String, Known>,
}

#[derive(Serialize, Deserialize)]
struct Known {
    size: u64,
    version: String,
}

impl Mirror {
    pub(super) fn open(lake: &Lake, url: &Url) -> Result<Mirror> {
        let shown = url.shown().to_string_lossy().into_owned();
        let root = lake.root().join("mirror").join(hash(&[&shown]));
        let mut index: Index = read_json(&root.join("index.json")).unwrap_or_default();
        index.url = shown;
        let files = root.join(url.scheme).join(&url.bucket);
        fs::create_dir_all(&files).map_err(|e| Error::write(&files, &e))?;
        Ok(Mirror {
            root,
            files,
            index: RefCell::new(index),
        })
    }

    /// Where an object's file is or will be.
    pub(super) fn path(&self, key: &str) -> PathBuf {
        self.files.join(key)
    }

    /// The bytes of an object that is here.
    pub(super) fn read(&self, key: &str) -> Result<Vec<u8>> {
        let path = self.path(key);
        fs::read(&path).map_err(|e| Error::read(&path, &e))
    }

    /// True where this version of an object is here, whole.
    pub(super) fn has(&self, object: &Object) -> bool {
        let index = self.index.borrow();
        let known = index.objects.get(&object.key);
        let same = known
            .is_some_and(|known| known.size == object.size && known.version == object.version());
        let here = || fs::metadata(self.path(&object.key)).is_ok_and(|m| m.len() == object.size);
        same && here()
    }

    /// Puts a whole file into its place and remembers it.
    pub(super) fn take(&self, object: &Object, part: &Path) -> Result<()> {
        let path = self.path(&object.key);
        fs::rename(part, &path).map_err(|e| Error::write(&path, &e))?;
        let known = Known {
            size: object.size,
            version: object.version(),
        };
        self.index
            .borrow_mut()
            .objects
            .insert(object.key.clone(), known);
        self.save()
    }

    pub(super) fn etags_are_opaque(&self) -> bool {
        self.index.borrow().opaque_etags
    }

    pub(super) fn learn_that_etags_are_opaque(&self) {
        self.index.borrow_mut().opaque_etags = true;
    }

    /// Removes every file but those of these objects.
    pub(super) fn keep_only(&self, objects: &[&Object]) -> Result<()> {
        let keys: BTreeSet<&str> = objects.iter().map(|object| object.key.as_str()).collect();
        let before = self.index.borrow().objects.len();
        self.index
            .borrow_mut()
            .objects
            .retain(|key, _| keys.contains(key.as_str()));
        if self.index.borrow().objects.len() != before {
            self.save()?;
        }
        let paths = keys.iter().map(|key| self.path(key)).collect();
        remove_others(&self.files, &paths)
    }

    fn save(&self) -> Result<()> {
        write_json(&self.root.join("index.json"), &*self.index.borrow())
    }
}

/// Removes files that are not among `kept`, and folders that are empty then.
fn remove_others(folder: &Path, kept: &BTreeSet<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(|e| Error::read(folder, &e))? {
        let path = entry.map_err(|e| Error::read(folder, &e))?.path();
        if path.is_dir() {
            remove_others(&path, kept)?;
            let _ = fs::remove_dir(&path); // fails where something is in it
        } else if !kept.contains(&path) {
            fs::remove_file(&path).map_err(|e| Error::write(&path, &e))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(key: &str, etag: &str) -> Object {
        Object {
            key: key.to_owned(),
            size: 1,
            etag: etag.to_owned(),
            modified: String::new(),
        }
    }

    #[test]
    fn an_object_is_here_until_its_etag_changes_or_nobody_wants_it() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path()).unwrap();
        let url = Url::parse("s3://b/p").unwrap();
        for key in ["p/1.csv", "p/x/2.csv"] {
            let mirror = Mirror::open(&lake, &url).unwrap();
            let part = folder.path().join("part");
            fs::write(&part, "1").unwrap();
            fs::create_dir_all(mirror.path(key).parent().unwrap()).unwrap();
            mirror.take(&object(key, "e"), &part).unwrap();
        }
        let mirror = Mirror::open(&lake, &url).unwrap();
        let [one, two] = [object("p/1.csv", "e"), object("p/x/2.csv", "e")];
        assert!(mirror.has(&one) && mirror.has(&two) && !mirror.has(&object("p/1.csv", "f")));
        mirror.keep_only(&[&one]).unwrap();
        let mirror = Mirror::open(&lake, &url).unwrap();
        assert!(mirror.has(&one) && !mirror.has(&two));
        assert!(!mirror.path("p/x").exists());
    }
}
