//! What the user named to the files that make up an export. A manifest's word is final: what it lists is
//! read, what it does not list is not.

use crate::error::{Error, Result};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The files of one named path: a file, a folder, or a glob. Sorted, each once.
pub(super) fn files(named: &str) -> Result<Vec<PathBuf>> {
    if ["s3://", "gs://", "az://"]
        .iter()
        .any(|scheme| named.starts_with(scheme))
    {
        return Err(Error::usage(format!(
            "`{named}`: reading from object stores is not built yet"
        ))
        .hint("copy the export to disk first, for example with `aws s3 sync`"));
    }
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
    let mut all = Vec::new();
    walk(root, &mut all)?;
    all.sort();
    let manifests = newest_manifests(&all)?;
    if !manifests.is_empty() {
        let mut listed = Vec::new();
        for (path, manifest) in &manifests {
            listed.extend(listed_files(root, path, manifest)?);
        }
        return Ok(listed);
    }
    let bills: Vec<PathBuf> = all
        .into_iter()
        .filter(|path| looks_like_data(path))
        .collect();
    if bills.is_empty() {
        return Err(Error::usage("no export in this folder")
            .at(root)
            .hint("exports end in .csv, .csv.gz, .zip or .parquet"));
    }
    Ok(bills)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(|e| Error::read(folder, &e))? {
        let path = entry.map_err(|e| Error::read(folder, &e))?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.starts_with(['.', '_']) || name == "cost_and_usage_data_status" {
            continue;
        }
        if path.is_dir() {
            walk(&path, files)?
        } else {
            files.push(path)
        }
    }
    Ok(())
}

fn looks_like_data(path: &Path) -> bool {
    let name = path.to_string_lossy().to_lowercase();
    [".csv", ".csv.gz", ".gz", ".zip", ".parquet"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// The manifests that count: of several for one report and period the one nearest the root, which AWS
/// rewrites with every delivery; the copies beside older assemblies are history.
fn newest_manifests(all: &[PathBuf]) -> Result<Vec<(PathBuf, Value)>> {
    let mut newest: BTreeMap<(String, String), (PathBuf, Value)> = BTreeMap::new();
    for path in all
        .iter()
        .filter(|path| path.to_string_lossy().ends_with("-Manifest.json"))
    {
        let text = fs::read(path).map_err(|e| Error::read(path, &e))?;
        let manifest: Value = serde_json::from_slice(&text).map_err(|e| {
            Error::data(format!("the manifest is no JSON: {e}"))
                .at_line(path, e.line() as u64, e.column() as u64)
                .hint("the copy of the export is not complete; sync it again")
        })?;
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let depth = path.components().count();
        match newest.get(&(name.clone(), period_of(path, &manifest))) {
            Some((known, _)) if known.components().count() <= depth => {}
            _ => {
                newest.insert((name, period_of(path, &manifest)), (path.clone(), manifest));
            }
        }
    }
    Ok(newest.into_values().collect())
}

/// What tells a manifest's period: its own words, else its folder.
fn period_of(path: &Path, manifest: &Value) -> String {
    let start = manifest
        .pointer("/billingPeriod/start")
        .and_then(Value::as_str);
    let folder = || {
        path.parent()
            .unwrap_or(Path::new(""))
            .to_string_lossy()
            .into_owned()
    };
    start.map_or_else(folder, str::to_owned)
}

fn listed_files(root: &Path, path: &Path, manifest: &Value) -> Result<Vec<PathBuf>> {
    let keys = manifest
        .get("reportKeys")
        .or_else(|| manifest.get("dataFiles"))
        .and_then(Value::as_array)
        .filter(|keys| !keys.is_empty());
    let Some(keys) = keys else {
        return Err(Error::data("the manifest lists no files")
            .at(path)
            .hint("a manifest has `reportKeys` or `dataFiles`"));
    };
    keys.iter()
        .map(|key| listed_file(root, path, key.as_str().unwrap_or_default()))
        .collect()
}

/// The local file of a bucket key: the longest tail of the key that exists below the root or beside the
/// manifest's folders.
fn listed_file(root: &Path, manifest: &Path, key: &str) -> Result<PathBuf> {
    let key_path = key
        .strip_prefix("s3://")
        .and_then(|rest| rest.split_once('/'))
        .map_or(key, |(_, key)| key);
    let parts: Vec<&str> = key_path
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    let outside = Path::new(key_path.trim_start_matches('/'))
        .components()
        .any(|c| !matches!(c, Component::Normal(_) | Component::CurDir));
    if outside || parts.is_empty() {
        return Err(Error::data(format!(
            "the manifest lists a file outside its export: `{key}`"
        ))
        .at(manifest)
        .hint("nothing was read; ask whoever wrote this manifest"));
    }
    let bases: Vec<&Path> = manifest
        .ancestors()
        .skip(1)
        .take_while(|base| base.starts_with(root))
        .collect();
    for start in 0..parts.len() {
        let tail: PathBuf = parts[start..].iter().collect();
        if let Some(found) = bases
            .iter()
            .rev()
            .map(|base| base.join(&tail))
            .find(|file| file.is_file())
        {
            return Ok(found);
        }
    }
    Err(
        Error::data(format!("the manifest lists `{key}`, which is not here"))
            .at(manifest)
            .hint("the copy of the export is not complete; sync it again"),
    )
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
