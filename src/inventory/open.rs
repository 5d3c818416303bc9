//! Opens what people drop into a folder: plain or gzip by the first bytes, never by the name. Text must be UTF-8.

use crate::error::{Error, Result};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, Cursor, ErrorKind, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

/// How much of a file is looked at before its format is known.
const HEAD: u64 = 4096;
/// Bytes that are unpacked at a time, and how many such blocks may wait.
const BLOCK: usize = 1 << 18;
const BLOCKS: usize = 4;
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// Little and big endian.
const UTF16: [[u8; 2]; 2] = [[0xff, 0xfe], [0xfe, 0xff]];
const UTF8_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// An opened file: its first bytes to recognise it by, and all of its bytes to read.
pub(super) struct Opened {
    /// Up to 4 KiB, without a byte order mark.
    pub(super) head: Vec<u8>,
    /// The whole content, the head included.
    pub(super) bytes: Box<dyn Read + Send>,
}

/// Opens a plain or gzip file and refuses one that holds nothing.
pub(super) fn open(path: &Path) -> Result<Opened> {
    let mut file = File::open(path).map_err(|error| Error::read(path, &error))?;
    let magic = take(&mut file, 2).map_err(|error| broken(path, &error))?;
    let gzip = magic == GZIP;
    let file = Cursor::new(magic).chain(file);
    if gzip {
        peek(path, MultiGzDecoder::new(file))
    } else {
        peek(path, file)
    }
}

/// Everything in an opened file.
pub(super) fn read_all(path: &Path, mut opened: Opened) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    opened
        .bytes
        .read_to_end(&mut text)
        .map_err(|error| broken(path, &error))?;
    Ok(text)
}

/// Reads ahead on a thread of its own, so that a file is unpacked while what came before is understood; on one
/// thread alone there is nothing to gain.
pub(super) fn ahead(bytes: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
    if rayon::current_num_threads() < 2 {
        return bytes;
    }
    let (send, receive) = sync_channel(BLOCKS);
    thread::spawn(move || {
        let mut bytes = bytes;
        loop {
            let mut block = Vec::with_capacity(BLOCK);
            let read = (&mut bytes).take(BLOCK as u64).read_to_end(&mut block);
            let end = read.as_ref().map_or(true, |&read| read == 0);
            // Nobody listens any more once a row was refused.
            if send.send(read.map(|_| block)).is_err() || end {
                return;
            }
        }
    });
    Box::new(Ahead {
        receive,
        block: Cursor::default(),
    })
}

/// The reading end.
struct Ahead {
    receive: Receiver<io::Result<Vec<u8>>>,
    block: Cursor<Vec<u8>>,
}

impl Read for Ahead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.block.read(buffer)? {
                0 if !buffer.is_empty() => {}
                read => return Ok(read),
            }
            match self.receive.recv() {
                Ok(Ok(block)) if !block.is_empty() => self.block = Cursor::new(block),
                Ok(Err(error)) => return Err(error),
                Ok(Ok(_)) | Err(_) => return Ok(0),
            }
        }
    }
}

/// What a read error means: gzip that ends early or is damaged is the data's fault, all else the disk's.
pub(super) fn broken(path: &Path, error: &io::Error) -> Error {
    let hint = "the file was cut off or damaged on its way: fetch it again";
    match error.kind() {
        ErrorKind::UnexpectedEof => Error::data("the gzip ends in the middle")
            .at(path)
            .hint(hint),
        ErrorKind::InvalidInput | ErrorKind::InvalidData => {
            Error::data(format!("the gzip is damaged: {error}"))
                .at(path)
                .hint(hint)
        }
        _ => Error::read(path, error),
    }
}

fn peek(path: &Path, mut content: impl Read + Send + 'static) -> Result<Opened> {
    let mut head = take(&mut content, HEAD).map_err(|error| broken(path, &error))?;
    if head.starts_with(&UTF8_MARK) {
        head.drain(..UTF8_MARK.len());
    }
    if UTF16.iter().any(|mark| head.starts_with(mark)) {
        let hint = "save it as UTF-8; in PowerShell: `... | Out-File -Encoding utf8 FILE`";
        return Err(Error::data("the file is UTF-16 text").at(path).hint(hint));
    }
    if head.trim_ascii().is_empty() && (head.len() as u64) < HEAD - 3 {
        let hint = "the export that writes it may have failed: run it again, or remove the file";
        return Err(Error::data("the file is empty").at(path).hint(hint));
    }
    Ok(Opened {
        bytes: Box::new(Cursor::new(head.clone()).chain(content)),
        head,
    })
}

fn take(from: &mut impl Read, bytes: u64) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    from.take(bytes).read_to_end(&mut head)?;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn written(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn content(bytes: &[u8]) -> Result<Vec<u8>> {
        let file = written(bytes);
        read_all(file.path(), open(file.path())?)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn plain_gzip_and_joined_gzips_read_the_same() {
        let joined = [gzip(b"id,na"), gzip(b"me\n")].concat();
        for bytes in [
            b"id,name\n".to_vec(),
            b"\xef\xbb\xbfid,name\n".to_vec(),
            gzip(b"id,name\n"),
            joined,
        ] {
            assert_eq!(content(&bytes).unwrap(), b"id,name\n");
        }
    }

    #[test]
    fn what_is_read_ahead_is_what_was_there_and_a_fault_is_told() {
        let text: Vec<u8> = (0..3_000_000u32).map(|at| (at % 251) as u8 + 1).collect();
        let mut read = Vec::new();
        let whole = ahead(Box::new(Cursor::new(text.clone()))).read_to_end(&mut read);
        assert_eq!((whole.unwrap(), read == text), (text.len(), true));
        let packed = gzip(&text);
        let cut = Cursor::new(packed[..packed.len() / 2].to_vec());
        let fault = ahead(Box::new(MultiGzDecoder::new(cut))).read_to_end(&mut read);
        assert_eq!(fault.unwrap_err().kind(), ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_cut_gzip_is_the_datas_fault() {
        let whole = gzip(&b"id,name\ni-1,web\n".repeat(2000));
        let error = content(&whole[..whole.len() - 9]).unwrap_err();
        assert_eq!(
            (error.kind(), error.what()),
            (Kind::Data, "the gzip ends in the middle")
        );
        let mut damaged = whole.clone();
        let at = damaged.len() - 6;
        damaged[at] ^= 0xff;
        assert!(
            content(&damaged)
                .unwrap_err()
                .what()
                .starts_with("the gzip is damaged")
        );
    }

    #[test]
    fn nothing_and_utf16_are_refused() {
        assert_eq!(content(b"").unwrap_err().what(), "the file is empty");
        assert_eq!(content(b" \n\n").unwrap_err().what(), "the file is empty");
        assert_eq!(content(&gzip(b"")).unwrap_err().what(), "the file is empty");
        assert_eq!(
            content(b"\xff\xfe{\0").unwrap_err().what(),
            "the file is UTF-16 text"
        );
    }
}
