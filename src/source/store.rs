//! Exports in object stores: `s3://`, `gs://` and `az://` into a mirror in the lake.
//!
//! ```text
//! mirror/<hash of the URL>/index.json          size and etag of every object that is here
//! mirror/<hash of the URL>/<scheme>/<bucket>/… the manifests and the files they select, nothing else
//! ```
//! The prefix is listed once; only manifests and files whose etag or size is new are read, in ranges that
//! go straight to disk and are taken up again where they broke off. Everything else in the house works on
//! the mirror as on any folder. Async code begins and ends in [`sync`].

mod client;
mod fault;
mod fetch;
mod mirror;

use super::layout::{Home, Tree};
use crate::error::{Error, Kind, Result};
use crate::lake::Lake;
use client::{Object, Store};
use futures_util::{StreamExt, TryStreamExt, stream};
use mirror::Mirror;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Objects that are read at the same time.
const AT_ONCE: usize = 4;

/// A place in an object store.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Url {
    scheme: &'static str,
    bucket: String,
    /// Empty, or folders without a slash at either end.
    prefix: String,
}

impl Url {
    fn parse(named: &str) -> Result<Url> {
        let scheme = scheme(named).unwrap_or("s3");
        let rest = &named[scheme.len() + 3..];
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(Error::usage(format!("`{named}` names no bucket"))
                .hint(format!("write {scheme}://bucket/prefix/")));
        }
        if rest.contains(['*', '?', '[']) {
            return Err(Error::usage(format!("`{named}` is a glob"))
                .hint("in a store name a prefix; what lies below it is found by its manifests"));
        }
        Ok(Url {
            scheme,
            bucket: bucket.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
        })
    }

    /// A key of the bucket as a reader knows it.
    fn of(&self, key: &str) -> PathBuf {
        PathBuf::from(format!("{}://{}/{key}", self.scheme, self.bucket))
    }

    fn shown(&self) -> PathBuf {
        self.of(&self.prefix)
    }
}

fn scheme(named: &str) -> Option<&'static str> {
    ["s3", "gs", "az"].into_iter().find(|scheme| {
        named
            .strip_prefix(scheme)
            .is_some_and(|rest| rest.starts_with("://"))
    })
}

/// True for names that mean a place in an object store.
pub(super) fn is_url(named: &str) -> bool {
    scheme(named).is_some()
}

/// The URL of a file of the mirror; nothing for other files.
pub(super) fn url_of(lake: &Lake, path: &Path) -> Option<PathBuf> {
    let inside = path.strip_prefix(lake.root().join("mirror")).ok()?;
    let mut parts = inside.to_str()?.splitn(4, '/').skip(1);
    let (scheme, bucket, key) = (parts.next()?, parts.next()?, parts.next()?);
    Some(PathBuf::from(format!("{scheme}://{bucket}/{key}")))
}

/// Brings the mirror of a URL up to date; the files of its exports, sorted.
pub(super) fn sync(lake: &Lake, named: &str) -> Result<Vec<PathBuf>> {
    let url = Url::parse(named)?;
    let mirror = Mirror::open(lake, &url)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime =
        runtime.map_err(|e| Error::new(Kind::Retry, format!("no network on this machine: {e}")))?;
    runtime.block_on(mirrored(&url, &mirror))
}

async fn mirrored(url: &Url, mirror: &Mirror) -> Result<Vec<PathBuf>> {
    let (store, objects) = client::list(url).await?;
    let folder = folder(url, &objects);
    let home = Home::Store {
        scheme: url.scheme,
        bucket: url.bucket.clone(),
        prefix: folder.clone(),
    };
    let below = |key: &String| key.strip_prefix(&folder).map(str::to_owned);
    let tree = Tree::new(objects.keys().filter_map(below), home);
    let all = |keys: &[String]| -> Vec<&Object> {
        let full = keys.iter().map(|key| format!("{folder}{key}"));
        full.filter_map(|key| objects.get(&key)).collect()
    };
    let manifests = tree.manifests();
    bring(&store, mirror, &all(&manifests)).await?;
    let mut texts = BTreeMap::new();
    for key in &manifests {
        texts.insert(key.clone(), mirror.read(&format!("{folder}{key}"))?);
    }
    let selection = tree.select(&texts)?;
    for note in &selection.notes {
        tracing::info!("{note}");
    }
    let files = all(&selection.files);
    if files.is_empty() {
        return Err(super::find::nothing_in(&url.shown()));
    }
    bring(&store, mirror, &files).await?;
    let mut kept = all(&manifests);
    kept.extend(&files);
    mirror.keep_only(&kept)?;
    Ok(files
        .iter()
        .map(|object| mirror.path(&object.key))
        .collect())
}

/// What keys are below of: the named prefix, or the folder of the one object that was named.
fn folder(url: &Url, objects: &BTreeMap<String, Object>) -> String {
    let named = if objects.contains_key(&url.prefix) {
        url.prefix.rsplit_once('/').map_or("", |(folder, _)| folder)
    } else {
        &url.prefix
    };
    if named.is_empty() {
        String::new()
    } else {
        format!("{named}/")
    }
}

/// Reads what is new of some objects, several at once.
async fn bring(store: &Store<'_>, mirror: &Mirror, objects: &[&Object]) -> Result<()> {
    let new: Vec<&Object> = objects
        .iter()
        .copied()
        .filter(|object| !mirror.has(object))
        .collect();
    if new.is_empty() {
        return Ok(());
    }
    let bytes: u64 = new.iter().map(|object| object.size).sum();
    tracing::info!(
        "{}: reading {} of {} objects, {bytes} bytes",
        store.url.shown().display(),
        new.len(),
        objects.len()
    );
    stream::iter(
        new.into_iter()
            .map(|object| fetch::fetch(store, mirror, object)),
    )
    .buffer_unordered(AT_ONCE)
    .try_for_each(|()| std::future::ready(Ok(())))
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_have_a_bucket_and_a_prefix_and_no_glob() {
        let url = Url::parse("s3://bucket/a/b/").unwrap();
        assert_eq!(
            (url.bucket.as_str(), url.prefix.as_str()),
            ("bucket", "a/b")
        );
        assert_eq!(Url::parse("gs://bucket").unwrap().prefix, "");
        assert!(Url::parse("az:///x").is_err());
        assert!(Url::parse("s3://bucket/*.csv").is_err());
        assert!(is_url("az://c/p") && !is_url("bills/s3") && !is_url("s3:/x"));
    }

    #[test]
    fn files_of_the_mirror_are_shown_by_their_url() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path()).unwrap();
        let path = folder.path().join("mirror/0a/gs/bucket/a/b.csv");
        assert_eq!(
            url_of(&lake, &path),
            Some(PathBuf::from("gs://bucket/a/b.csv"))
        );
        assert_eq!(url_of(&lake, Path::new("bills/b.csv")), None);
    }
}
