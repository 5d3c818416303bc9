//! Charges to the files that other programs read: Parquet with exact decimals and UTC timestamps, CSV as
//! FOCUS spells it. Unlike a report's CSV, texts are never defused: tag values must not change.
//!
//! Batches go straight to disk beside the target; a file is there whole or not at all. Computes nothing.

use crate::error::{Error, Result};
use crate::money::Money;
use chrono::DateTime;
use polars::io::parquet::write::BatchedWriter;
use polars::prelude::*;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// The files of one source and billing month under construction.
pub struct FocusFiles {
    parquet: Option<(Place, Option<BatchedWriter<File>>)>,
    csv: Option<(Place, csv::Writer<BufWriter<File>>, bool)>,
}

/// Where a file will stand, and where it stands until it is whole.
struct Place {
    target: PathBuf,
    fresh: PathBuf,
}

impl Place {
    fn new(target: PathBuf) -> Place {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let fresh = target.with_file_name(format!(".{name}.new-{}", std::process::id()));
        Place { target, fresh }
    }

    fn create(&self) -> Result<File> {
        File::create(&self.fresh).map_err(|e| Error::write(&self.fresh, &e))
    }

    fn publish(&self) -> Result<PathBuf> {
        fs::rename(&self.fresh, &self.target).map_err(|e| Error::write(&self.target, &e))?;
        Ok(self.target.clone())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.fresh);
    }
}

impl FocusFiles {
    /// `<folder>/<name>.parquet`, `<folder>/<name>.csv`, or both.
    pub fn create(folder: &Path, name: &str, parquet: bool, csv: bool) -> Result<FocusFiles> {
        fs::create_dir_all(folder).map_err(|e| Error::write(folder, &e))?;
        let place = |ending: &str| Place::new(folder.join(format!("{name}.{ending}")));
        let text = csv.then(|| {
            let place = place("csv");
            let file = BufWriter::new(place.create()?);
            let writer = csv::WriterBuilder::new()
                .terminator(csv::Terminator::Any(b'\n'))
                .from_writer(file);
            Ok((place, writer, false))
        });
        Ok(FocusFiles {
            parquet: parquet.then(|| (place("parquet"), None)),
            csv: text.transpose()?,
        })
    }

    /// Appends charges; every batch has the same columns.
    pub fn write(&mut self, charges: &DataFrame) -> Result<()> {
        if let Some((place, writer)) = &mut self.parquet {
            let charges = in_utc(charges)?;
            let open = match writer {
                Some(open) => open,
                None => writer.insert(
                    ParquetWriter::new(place.create()?)
                        .with_compression(ParquetCompression::Snappy)
                        .set_parallel(false)
                        .batched(charges.schema())
                        .map_err(|e| disk(place, &e))?,
                ),
            };
            open.write_batch(&charges).map_err(|e| disk(place, &e))?;
        }
        if let Some((place, writer, headed)) = &mut self.csv {
            write_text(charges, writer, !std::mem::replace(headed, true))
                .map_err(|e| e.at(&place.target))?;
        }
        Ok(())
    }

    /// Closes the files and puts them in their places.
    pub fn finish(self) -> Result<Vec<PathBuf>> {
        let mut written = Vec::new();
        if let Some((place, Some(writer))) = self.parquet {
            writer.finish().map_err(|e| disk(&place, &e))?;
            written.push(place.publish()?);
        }
        if let Some((place, mut writer, _)) = self.csv {
            writer.flush().map_err(|e| Error::write(&place.fresh, &e))?;
            written.push(place.publish()?);
        }
        Ok(written)
    }
}

fn disk(place: &Place, error: &PolarsError) -> Error {
    Error::write(&place.target, &std::io::Error::other(error.to_string()))
}

/// Moments marked as UTC, which is what they are.
fn in_utc(charges: &DataFrame) -> Result<DataFrame> {
    let marked = |column: &Column| match column.dtype() {
        DataType::Datetime(unit, None) => Ok(column
            .datetime()?
            .physical()
            .clone()
            .into_datetime(*unit, Some(TimeZone::UTC))
            .into_column()),
        _ => Ok(column.clone()),
    };
    charges
        .columns()
        .iter()
        .map(marked)
        .collect::<PolarsResult<Vec<Column>>>()
        .and_then(|columns| DataFrame::new(charges.height(), columns))
        .map_err(|e| Error::data(e.to_string()))
}

/// A column as CSV wants it.
enum Cells {
    Text(StringChunked),
    Money(Int128Chunked),
    Time(Int64Chunked),
    Day(Int32Chunked),
    Count(Int64Chunked),
}

impl Cells {
    fn of(column: &Column) -> PolarsResult<Cells> {
        let column = column.rechunk();
        Ok(match column.dtype() {
            DataType::Decimal(..) => Cells::Money(column.decimal()?.physical().clone()),
            DataType::Datetime(..) => Cells::Time(column.datetime()?.physical().clone()),
            DataType::Date => Cells::Day(column.date()?.physical().clone()),
            DataType::Int64 => Cells::Count(column.i64()?.clone()),
            _ => Cells::Text(column.str()?.clone()),
        })
    }

    /// The cell's text; empty where nothing is known.
    fn text(&self, row: usize, into: &mut String) {
        use std::fmt::Write;
        into.clear();
        let written = match self {
            Cells::Text(cells) => {
                into.push_str(cells.get(row).unwrap_or_default());
                return;
            }
            Cells::Money(cells) => cells
                .get(row)
                .map(|units| write!(into, "{}", Money::from_units(units))),
            Cells::Time(cells) => cells
                .get(row)
                .and_then(DateTime::from_timestamp_micros)
                .map(|at| write!(into, "{}", at.format("%Y-%m-%dT%H:%M:%SZ"))),
            Cells::Day(cells) => cells
                .get(row)
                .and_then(super::table::day_of)
                .map(|day| write!(into, "{day}")),
            Cells::Count(cells) => cells.get(row).map(|count| write!(into, "{count}")),
        };
        debug_assert!(written.is_none_or(|result| result.is_ok()));
    }
}

fn write_text(
    charges: &DataFrame,
    writer: &mut csv::Writer<BufWriter<File>>,
    header: bool,
) -> Result<()> {
    let fault = |e: csv::Error| Error::data(format!("cannot write CSV: {e}"));
    if header {
        writer
            .write_record(charges.get_column_names().iter().map(|name| name.as_str()))
            .map_err(fault)?;
    }
    let columns: Vec<Cells> = charges
        .columns()
        .iter()
        .map(Cells::of)
        .collect::<PolarsResult<_>>()
        .map_err(|e| Error::data(e.to_string()))?;
    let mut text = String::new();
    for row in 0..charges.height() {
        for column in &columns {
            column.text(row, &mut text);
            writer.write_field(&text).map_err(fault)?;
        }
        writer.write_record(None::<&[u8]>).map_err(fault)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charges() -> DataFrame {
        let cost = Int128Chunked::from_slice_options("BilledCost".into(), &[Some(1), None]);
        let start = Int64Chunked::from_slice("ChargePeriodStart".into(), &[0, 1_000_000]);
        let tags = Column::new("Tags".into(), [Some(r#"{"a":"=b"}"#), None]);
        let columns = vec![
            cost.into_decimal_unchecked(26, 12).into_column(),
            start
                .into_datetime(TimeUnit::Microseconds, None)
                .into_column(),
            tags,
        ];
        DataFrame::new(2, columns).unwrap()
    }

    #[test]
    fn csv_is_spelled_as_focus_spells_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = FocusFiles::create(folder.path(), "2026-10", false, true).unwrap();
        files.write(&charges()).unwrap();
        files.write(&charges().slice(0, 1)).unwrap();
        assert!(!folder.path().join("2026-10.csv").exists());
        files.finish().unwrap();
        let first = "0.000000000001,1970-01-01T00:00:00Z,\"{\"\"a\"\":\"\"=b\"\"}\"\n";
        assert_eq!(
            fs::read_to_string(folder.path().join("2026-10.csv")).unwrap(),
            format!("BilledCost,ChargePeriodStart,Tags\n{first},1970-01-01T00:00:01Z,\n{first}")
        );
    }

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = FocusFiles::create(folder.path(), "2026-10", true, true).unwrap();
        files.write(&charges()).unwrap();
        drop(files);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
