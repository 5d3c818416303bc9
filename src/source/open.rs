//! Files to byte streams: gzip, zip or plain, told apart by their first bytes, never by their names; so is
//! what is in them.

use crate::error::{Error, Result};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// The byte order mark of UTF-8.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Gzip,
    Zip,
    Parquet,
}

/// What stands in a file once it is unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    Csv,
    Json,
    Parquet,
}

/// Looks at the first byte that is no blank: no header of a table begins with a brace or a bracket.
pub(super) fn layout(path: &Path) -> Result<Layout> {
    if open(path)?.1 == Packing::Parquet {
        return Ok(Layout::Parquet);
    }
    let mut first = None;
    unpacked(path, &mut |stream| {
        for byte in io::BufReader::new(stream).bytes() {
            let byte = byte.map_err(|e| broken(path, &e))?;
            if first.is_some() || !(byte.is_ascii_whitespace() || BOM.contains(&byte)) {
                first.get_or_insert(byte);
                break;
            }
        }
        Ok(())
    })?;
    match first {
        Some(b'{' | b'[') => Ok(Layout::Json),
        _ => Ok(Layout::Csv),
    }
}

/// Opens a file and looks at its first bytes.
pub(super) fn open(path: &Path) -> Result<(File, Packing)> {
    let mut file = File::open(path).map_err(|e| Error::read(path, &e))?;
    let mut magic = Vec::with_capacity(4);
    (&mut file)
        .take(4)
        .read_to_end(&mut magic)
        .map_err(|e| Error::read(path, &e))?;
    file.seek(SeekFrom::Start(0))
        .map_err(|e| Error::read(path, &e))?;
    let packing = match magic.as_slice() {
        [] => return Err(empty(path)),
        [0x1f, 0x8b, ..] => Packing::Gzip,
        b"PK\x03\x04" => Packing::Zip,
        b"PAR1" => Packing::Parquet,
        b"Obj\x01" => return Err(avro(path)),
        _ => Packing::Plain,
    };
    Ok((file, packing))
}

/// The error of a file in which nothing is.
pub(super) fn empty(path: &Path) -> Error {
    Error::data("the export is empty: not even a header")
        .at(path)
        .hint("wait for the export to finish, or remove the file")
}

/// The error of a table extract in a format that is not read.
pub(super) fn avro(path: &Path) -> Error {
    Error::data("Avro files are not read")
        .at(path)
        .hint("extract the table again as Parquet or as newline-delimited JSON")
}

/// Hands every unpacked text in a file to `read`, one after the other.
pub(super) fn unpacked(
    path: &Path,
    read: &mut dyn FnMut(&mut dyn Read) -> Result<()>,
) -> Result<()> {
    let (mut file, packing) = open(path)?;
    match packing {
        Packing::Gzip => read(&mut MultiGzDecoder::new(io::BufReader::with_capacity(
            1 << 20,
            file,
        ))),
        Packing::Zip => {
            let mut archive = zip::ZipArchive::new(file).map_err(|e| damaged_zip(path, &e))?;
            for index in 0..archive.len() {
                let mut entry = archive.by_index(index).map_err(|e| damaged_zip(path, &e))?;
                if entry.is_file() {
                    read(&mut entry)?;
                }
            }
            Ok(())
        }
        Packing::Plain | Packing::Parquet => read(&mut file),
    }
}

fn damaged_zip(path: &Path, error: &zip::result::ZipError) -> Error {
    Error::data(format!("not a whole zip file: {error}"))
        .at(path)
        .hint("download it again; nothing of it was counted")
}

/// A failure to read packed text, in the reader's words.
pub(super) fn broken(path: &Path, error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            Error::data(format!("the file ends early or is damaged: {error}"))
                .at(path)
                .hint("download it again; nothing of it was counted")
        }
        _ => Error::read(path, error),
    }
}
