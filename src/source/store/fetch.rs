//! One object into the mirror: in ranges, straight to disk, taken up where it broke off, verified.

use super::client::{Object, Store};
use super::fault;
use super::mirror::Mirror;
use crate::error::{Error, Kind, Result};
use crate::lake::hash;
use futures_util::StreamExt;
use md5::{Digest, Md5};
use object_store::path::Path as Location;
use object_store::{GetOptions, GetResult};
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Bytes asked for at once; what one request can lose.
const RANGE: u64 = 8 << 20;

/// Reads an object that is new; nothing is visible in the mirror before it is whole.
pub(super) async fn fetch(store: &Store<'_>, mirror: &Mirror, object: &Object) -> Result<()> {
    let part = part(mirror, object)?;
    transfer(store, object, &part).await?;
    if let Some(wanted) = md5_of(store, object).filter(|_| !mirror.etags_are_opaque()) {
        let first = md5(&part)?;
        if first != wanted {
            // Encrypted with a key of KMS, an object's etag is no MD5. The same bytes twice are the object's.
            fs::remove_file(&part).map_err(|e| Error::write(&part, &e))?;
            transfer(store, object, &part).await?;
            let second = md5(&part)?;
            if second == first {
                mirror.learn_that_etags_are_opaque();
            } else if second != wanted {
                let _ = fs::remove_file(&part);
                return Err(
                    Error::new(Kind::Retry, "its bytes are not those of its etag")
                        .at(&store.url.of(&object.key))
                        .hint(
                            "they were damaged on their way and nothing of them is kept; try again",
                        ),
                );
            }
        }
    }
    mirror.take(object, &part)
}

/// The file in which an object grows, named by its version so that another version never continues it.
fn part(mirror: &Mirror, object: &Object) -> Result<PathBuf> {
    let path = mirror.path(&object.key);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|e| Error::write(folder, &e))?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", &hash(&[&object.version()])[..8]));
    Ok(path.with_file_name(name))
}

/// Brings a part to the object's size.
async fn transfer(store: &Store<'_>, object: &Object, part: &Path) -> Result<()> {
    let known = fs::metadata(part).map_or(0, |meta| meta.len());
    if known > object.size {
        fs::remove_file(part).map_err(|e| Error::write(part, &e))?;
    }
    let file = OpenOptions::new().create(true).append(true).open(part);
    let mut file = file.map_err(|e| Error::write(part, &e))?;
    let mut at = if known > object.size { 0 } else { known };
    while at < object.size {
        let wanted = at..object.size.min(at + RANGE);
        let got = ask(store, object, wanted.clone()).await?;
        at = pour(store, object, got, &mut file, (wanted, part)).await?;
    }
    Ok(())
}

/// Asks for a range of exactly the version that was listed.
async fn ask(store: &Store<'_>, object: &Object, range: Range<u64>) -> Result<GetResult> {
    let place = store.url.of(&object.key);
    let location = Location::parse(&object.key)
        .map_err(|e| Error::data(format!("no name for an object: {e}")).at(&place))?;
    let etag = object.etag.trim_matches('"');
    let options = GetOptions {
        range: Some(range.into()),
        if_match: (!etag.is_empty()).then(|| format!("\"{etag}\"")),
        ..GetOptions::default()
    };
    let got = store.client.get_opts(&location, options).await;
    let got = got.map_err(|e| fault::explain(&place, &e))?;
    let other = got.meta.e_tag.as_deref().map(|etag| etag.trim_matches('"'));
    if !etag.is_empty() && other.is_some_and(|other| other != etag) {
        return Err(fault::changed().at(&place));
    }
    if got.meta.size == object.size {
        return Ok(got);
    }
    Err(wrong_size(store, object, got.meta.size))
}

/// Writes a range as it arrives; the place up to which the object is on disk.
async fn pour(
    store: &Store<'_>,
    object: &Object,
    got: GetResult,
    file: &mut File,
    (wanted, part): (Range<u64>, &Path),
) -> Result<u64> {
    let mut at = wanted.start;
    let mut stream = got.into_stream();
    while let Some(bytes) = stream.next().await {
        let bytes = bytes.map_err(|e| fault::explain(&store.url.of(&object.key), &e))?;
        at += bytes.len() as u64;
        if at > wanted.end {
            return Err(wrong_size(store, object, at));
        }
        file.write_all(&bytes).map_err(|e| Error::write(part, &e))?;
    }
    if at < wanted.end {
        return Err(Error::new(Kind::Retry, "the answer ended early")
            .at(&store.url.of(&object.key))
            .hint("what arrived is kept and goes on from there; try again"));
    }
    Ok(at)
}

fn wrong_size(store: &Store<'_>, object: &Object, size: u64) -> Error {
    Error::new(
        Kind::Retry,
        format!(
            "the listing says {} bytes, the object has {size}",
            object.size
        ),
    )
    .at(&store.url.of(&object.key))
    .hint("nothing of it was counted; try again when the export is delivered")
}

/// The MD5 that an S3 etag is where the object was written in one part.
fn md5_of(store: &Store<'_>, object: &Object) -> Option<String> {
    let etag = object.etag.trim_matches('"');
    let plain = etag.len() == 32 && etag.bytes().all(|digit| digit.is_ascii_hexdigit());
    (store.url.scheme == "s3" && plain).then(|| etag.to_lowercase())
}

fn md5(path: &Path) -> Result<String> {
    use std::fmt::Write as _;
    let mut file = File::open(path).map_err(|e| Error::read(path, &e))?;
    let mut hash = Md5::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer).map_err(|e| Error::read(path, &e))?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
    }
    let mut text = String::with_capacity(32);
    for byte in hash.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}
