//! What the user named to the files that make up an export on disk.

use super::layout::{Home, Tree, is_hidden};
use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of one named path: a file, a folder, or a glob. Sorted, each once.
pub(super) fn files(named: &str) -> Result<Vec<PathBuf>> {
    let path = Path::new(named);
    let mut files = if path.is_dir() {
        folder(path)?
    } else if path.exists() {
        vec![path.to_owned()]
    } else {
        matches(named)?
    };
    files.sort();
    files.dedup();
    Ok(files)
}

fn matches(named: &str) -> Result<Vec<PathBuf>> {
    let nothing = || {
        Error::usage(format!("nothing is there: `{named}`"))
            .hint("name a file, a folder or a glob such as 'bills/*.csv.gz'")
    };
    let paths =
        glob::glob(named).map_err(|e| Error::usage(format!("`{named}` is no glob: {e}")))?;
    let mut found = Vec::new();
    for path in paths.filter_map(std::result::Result::ok) {
        if path.is_dir() {
            found.extend(folder(&path)?)
        } else {
            found.push(path)
        }
    }
    if found.is_empty() {
        Err(nothing())
    } else {
        Ok(found)
    }
}

fn folder(root: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = BTreeMap::new();
    walk(root, "", &mut paths)?;
    let tree = Tree::new(paths.keys().cloned(), Home::Disk(root.to_owned()));
    let mut texts = BTreeMap::new();
    for key in tree.manifests() {
        let path = &paths[&key];
        let text = fs::read(path).map_err(|e| Error::read(path, &e))?;
        texts.insert(key, text);
    }
    let selection = tree.select(&texts)?;
    for note in &selection.notes {
        tracing::info!("{note}");
    }
    if selection.files.is_empty() {
        return Err(nothing_in(root));
    }
    Ok(selection
        .files
        .iter()
        .map(|key| paths[key].clone())
        .collect())
}

/// The error of a place in which no export is.
pub(super) fn nothing_in(place: &Path) -> Error {
    Error::usage("no export in this folder")
        .at(place)
        .hint("exports end in .csv, .csv.gz, .zip, .parquet or .json")
}

/// Every file below a folder by its path from the root.
fn walk(folder: &Path, prefix: &str, files: &mut BTreeMap<String, PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(|e| Error::read(folder, &e))? {
        let path = entry.map_err(|e| Error::read(folder, &e))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if is_hidden(&name) {
            continue;
        }
        let key = format!("{prefix}{name}");
        if path.is_dir() {
            walk(&path, &format!("{key}/"), files)?
        } else {
            files.insert(key, path.clone());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lay(root: &Path, files: &[(&str, &str)]) {
        for (name, text) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    #[test]
    fn a_folder_with_a_manifest_loads_what_it_lists_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        let manifest = r#"{"billingPeriod":{"start":"20261001T000000.000Z"},"reportKeys":["/pre/r/20261001-20261101/new/r-1.csv"]}"#;
        let old = manifest.replace("/new/", "/old/");
        lay(
            root.path(),
            &[
                ("r/20261001-20261101/r-Manifest.json", manifest),
                ("r/20261001-20261101/old/r-Manifest.json", &old),
                ("r/20261001-20261101/old/r-1.csv", "a"),
                ("r/20261001-20261101/new/r-1.csv", "b"),
                ("r/20261001-20261101/new/r-2.csv", "c"),
            ],
        );
        let found = files(root.path().to_str().unwrap()).unwrap();
        assert_eq!(found, [root.path().join("r/20261001-20261101/new/r-1.csv")]);
    }

    #[test]
    fn data_files_are_found_below_the_root() {
        let root = tempfile::tempdir().unwrap();
        lay(
            root.path(),
            &[
                (
                    "e/metadata/BILLING_PERIOD=2026-10/e-Manifest.json",
                    r#"{"dataFiles":["s3://b/x/e/data/BILLING_PERIOD=2026-10/e-1.csv"]}"#,
                ),
                ("e/data/BILLING_PERIOD=2026-10/e-1.csv", "a"),
            ],
        );
        assert_eq!(files(root.path().to_str().unwrap()).unwrap().len(), 1);
    }

    #[test]
    fn a_key_outside_the_export_and_a_missing_file_are_refused() {
        let root = tempfile::tempdir().unwrap();
        lay(
            root.path(),
            &[("r-Manifest.json", r#"{"reportKeys":["../../etc/passwd"]}"#)],
        );
        assert!(
            files(root.path().to_str().unwrap())
                .unwrap_err()
                .what()
                .contains("outside")
        );
        lay(
            root.path(),
            &[("r-Manifest.json", r#"{"reportKeys":["x/r-1.csv"]}"#)],
        );
        assert!(
            files(root.path().to_str().unwrap())
                .unwrap_err()
                .what()
                .contains("not here")
        );
    }

    #[test]
    fn nothing_there_says_so() {
        assert!(
            files("no/such/place")
                .unwrap_err()
                .what()
                .contains("no/such/place")
        );
    }
}
