//! Charges to Parquet, streaming: memory holds one batch, whatever the export's size.

use super::Lake;
use crate::error::{Error, Result};
use crate::focus::FocusFrame;
use crate::period::Month;
use polars::io::parquet::write::BatchedWriter;
use polars::prelude::*;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;

/// Writes the parts of one input; nothing is visible before [`PartWriter::finish`].
pub struct PartWriter {
    scratch: PathBuf,
    target: PathBuf,
    open: BTreeMap<Month, (BatchedWriter<File>, u64)>,
}

impl PartWriter {
    /// For an input of this key.
    pub fn new(lake: &Lake, key: &str) -> Result<PartWriter> {
        let scratch = lake.scratch(key);
        let _ = fs::remove_dir_all(&scratch);
        fs::create_dir_all(&scratch).map_err(|e| Error::write(&scratch, &e))?;
        Ok(PartWriter {
            scratch,
            target: lake.root().join("parts").join(key),
            open: BTreeMap::new(),
        })
    }

    /// Appends charges of one billing period.
    pub fn write(&mut self, month: Month, charges: &FocusFrame) -> Result<()> {
        let frame = charges.frame();
        if !self.open.contains_key(&month) {
            let path = self.scratch.join(format!("{month}.parquet"));
            let file = File::create(&path).map_err(|e| Error::write(&path, &e))?;
            let writer = ParquetWriter::new(file)
                .with_compression(ParquetCompression::Lz4Raw)
                .with_statistics(StatisticsOptions::empty())
                .set_parallel(false)
                .batched(frame.schema())
                .map_err(|e| disk(&path, &e))?;
            self.open.insert(month, (writer, 0));
        }
        if let Some((writer, rows)) = self.open.get_mut(&month) {
            *rows += frame.height() as u64;
            writer
                .write_batch(frame)
                .map_err(|e| disk(&self.scratch, &e))?;
        }
        Ok(())
    }

    /// Closes all parts and makes them visible at once; the rows of each.
    pub fn finish(mut self) -> Result<Vec<(Month, u64)>> {
        let mut written = Vec::new();
        for (month, (writer, rows)) in std::mem::take(&mut self.open) {
            writer.finish().map_err(|e| disk(&self.scratch, &e))?;
            written.push((month, rows));
        }
        let _ = fs::remove_dir_all(&self.target);
        fs::rename(&self.scratch, &self.target).map_err(|e| Error::write(&self.target, &e))?;
        Ok(written)
    }
}

impl Drop for PartWriter {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.scratch);
    }
}

fn disk(path: &std::path::Path, error: &PolarsError) -> Error {
    Error::write(path, &std::io::Error::other(error.to_string()))
}
