//! CSV exports to batches: one pass, bounded memory, only the columns that the mapping names.

use super::bind::{Binding, recognise};
use super::door::{Door, Row};
use super::open;
use crate::error::{Error, Result};
use polars::prelude::DataFrame;
use simd_csv::{ErrorKind, ZeroCopyByteRecord, ZeroCopyReaderBuilder};
use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

/// Rows of a batch: large enough to run queries at speed, small enough to keep memory flat.
pub(super) const BATCH: usize = 32_768;

impl Row for ZeroCopyByteRecord<'_> {
    fn cell(&self, index: usize) -> Cow<'_, [u8]> {
        self.unescape(index).unwrap_or_default()
    }

    fn record(&self) -> Option<&[u8]> {
        Some(self.as_slice())
    }

    fn is_text(&self) -> bool {
        std::str::from_utf8(self.as_slice()).is_ok()
    }
}

/// What stands in the header of a CSV export.
pub(super) fn header(path: &Path) -> Result<Vec<String>> {
    let mut header: Option<Vec<String>> = None;
    let read = open::unpacked(path, &mut |stream| {
        if header.is_none() {
            let mut reader = ZeroCopyReaderBuilder::new().from_reader(stream);
            let cells = reader.byte_headers().map_err(|e| fault(path, e, 1))?;
            if cells
                .iter()
                .any(|cell| std::str::from_utf8(cell).is_err() || cell.contains(&0))
            {
                return Err(no_text(path));
            }
            header = Some(
                cells
                    .iter()
                    .map(|cell| String::from_utf8_lossy(cell).into_owned())
                    .collect(),
            );
        }
        Ok(())
    });
    read?;
    match header {
        Some(cells) if cells.iter().any(|cell| !cell.trim().is_empty()) => Ok(cells),
        _ => Err(open::empty(path)),
    }
}

/// Shows the records of a CSV export, numbered from 2, until `more` has seen enough.
pub(super) fn look(
    path: &Path,
    more: &mut dyn FnMut(&ZeroCopyByteRecord<'_>, u64) -> bool,
) -> Result<()> {
    let mut going = true;
    open::unpacked(path, &mut |stream| {
        let mut reader = ZeroCopyReaderBuilder::with_capacity(1 << 20)
            .flexible(true)
            .from_reader(stream);
        let mut number = 1;
        while going {
            number += 1;
            match reader.read_byte_record() {
                Ok(Some(record)) => going = more(&record, number),
                Ok(None) => break,
                Err(e) => return Err(fault(path, e, number)),
            }
        }
        Ok(())
    })
}

/// Streams a CSV export through a door; every full batch goes to `sink`.
pub(super) fn read(
    path: &Path,
    binding: &Binding,
    door: &mut Door,
    sink: &mut dyn FnMut(&mut Door, DataFrame) -> Result<()>,
) -> Result<()> {
    let mut seen = 0;
    open::unpacked(path, &mut |stream| {
        let rows = stream_rows(path, binding, stream, door, sink)?;
        seen += rows;
        Ok(())
    })?;
    if door.rows() > 0 {
        let batch = door.batch()?;
        sink(door, batch)?;
    }
    Ok(())
}

fn stream_rows(
    path: &Path,
    binding: &Binding,
    stream: &mut dyn Read,
    door: &mut Door,
    sink: &mut dyn FnMut(&mut Door, DataFrame) -> Result<()>,
) -> Result<u64> {
    let mut reader = ZeroCopyReaderBuilder::with_capacity(1 << 20)
        .flexible(true)
        .from_reader(stream);
    let cells = reader.byte_headers().map_err(|e| fault(path, e, 1))?;
    let cells: Vec<String> = cells
        .iter()
        .map(|cell| String::from_utf8_lossy(cell).into_owned())
        .collect();
    if cells != binding.header {
        // Files of one archive may differ in columns: each is bound by its own header.
        let own = recognise(path, &cells, Some(binding.format))?;
        if own.cells != binding.cells {
            return Err(
                Error::data("the files of this archive have different headers")
                    .at(path)
                    .hint("unpack it and give the files one by one"),
            );
        }
    }
    let mut width = cells.len();
    let mut number = 1;
    loop {
        let record = match reader.read_byte_record() {
            Ok(Some(record)) => record,
            Ok(None) => return Ok(number - 1),
            Err(e) => return Err(fault(path, e, number + 1)),
        };
        number += 1;
        if number == 2 && binding.family.short_rows && (2..width).contains(&record.len()) {
            // A header longer than every row: what the rows lack is empty. All must lack the same.
            width = record.len();
            door.short = Some((width, cells.len()));
        }
        if record.len() == width {
            door.take(&record, number);
        } else if !(record.len() == 1 && record.as_slice().trim_ascii().is_empty()) {
            door.misshapen(&record, number, record.len(), width);
        }
        if door.rows() >= BATCH {
            let batch = door.batch()?;
            sink(door, batch)?;
        }
    }
}

fn no_text(path: &Path) -> Error {
    Error::data("this is neither CSV (UTF-8) nor gzip, zip or Parquet")
        .at(path)
        .hint("a CSV in UTF-16 must be saved as UTF-8 first")
}

fn fault(path: &Path, error: simd_csv::Error, row: u64) -> Error {
    match error.into_kind() {
        ErrorKind::Io(e) => open::broken(path, &e),
        other => Error::data(format!("this is not CSV: {other:?}")).at_line(path, row, 0),
    }
}
