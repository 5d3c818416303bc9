//! Parquet exports to batches: row group by row group, only the columns that the mapping names.

use super::cells::{read_money, read_time};
use super::csv::BATCH;
use super::door::{Door, Row};
use super::format::{Binding, Cell};
use super::moment::DateOrder;
use crate::error::{Error, Result};
use crate::money::Money;
use polars::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

/// Rows decoded at a time.
const CHUNK: usize = 2 * BATCH;

/// A column of a decoded chunk, by what its cells are.
enum Typed {
    Text(StringChunked),
    Double(Float64Chunked),
    Decimal(Int128Chunked, usize),
    Whole(Int64Chunked),
    Moment(Int64Chunked),
    Map(Map),
    Absent,
}

/// A column of maps: the keys and values of all rows, and where each row's begin.
struct Map {
    starts: Vec<usize>,
    keys: StringChunked,
    values: StringChunked,
}

/// One row of a decoded chunk.
struct ChunkRow<'a> {
    columns: &'a [Typed],
    row: usize,
}

/// The column names of a Parquet export.
pub(super) fn header(path: &Path) -> Result<Vec<String>> {
    let file = File::open(path).map_err(|e| Error::read(path, &e))?;
    let schema = ParquetReader::new(file)
        .schema()
        .map_err(|e| damaged(path, &e))?;
    Ok(schema.iter_names().map(ToString::to_string).collect())
}

/// Streams a Parquet export through a door; every batch goes to `sink`.
pub(super) fn read(
    path: &Path,
    binding: &Binding,
    door: &mut Door,
    sink: &mut dyn FnMut(&mut Door, DataFrame) -> Result<()>,
) -> Result<()> {
    let wanted = wanted(binding);
    let mut offset = 0;
    for rows in chunks(path)? {
        let file = File::open(path).map_err(|e| Error::read(path, &e))?;
        let names = wanted
            .iter()
            .map(|&at| binding.header[at].clone())
            .collect();
        let frame = ParquetReader::new(file)
            .with_columns(Some(names))
            .with_slice(Some((offset, rows)))
            .finish()
            .map_err(|e| damaged(path, &e))?;
        let columns = typed(path, &frame, binding)?;
        for row in 0..frame.height() {
            door.take(
                &ChunkRow {
                    columns: &columns,
                    row,
                },
                (offset + row) as u64 + 2,
            );
            if door.rows() >= BATCH {
                let batch = door.batch()?;
                sink(door, batch)?;
            }
        }
        offset += rows;
    }
    if door.rows() > 0 {
        let batch = door.batch()?;
        sink(door, batch)?;
    }
    Ok(())
}

/// The lengths of the slices to decode: whole row groups, cut where they are large.
fn chunks(path: &Path) -> Result<Vec<usize>> {
    let file = File::open(path).map_err(|e| Error::read(path, &e))?;
    let mut reader = ParquetReader::new(file);
    let metadata = reader.get_metadata().map_err(|e| damaged(path, &e))?;
    let mut groups = Vec::with_capacity(metadata.row_groups.len());
    for group in &metadata.row_groups {
        groups.push(group.num_rows());
    }
    let cut = |mut rows: usize| {
        let mut parts = Vec::new();
        while rows > 0 {
            parts.push(rows.min(CHUNK));
            rows -= rows.min(CHUNK);
        }
        parts
    };
    Ok(groups.into_iter().flat_map(cut).collect())
}

fn wanted(binding: &Binding) -> Vec<usize> {
    let mut wanted: Vec<usize> = Vec::new();
    for cell in binding.cells.values() {
        match cell {
            Cell::Plain(at) | Cell::Key(at, _) => wanted.push(*at),
            Cell::Tags { maps, keys } => {
                wanted.extend(maps.iter().chain(keys.iter().map(|(at, _)| at)))
            }
        }
    }
    wanted.sort_unstable();
    wanted.dedup();
    wanted
}

/// The chunk's columns at the places that the header gives them.
fn typed(path: &Path, frame: &DataFrame, binding: &Binding) -> Result<Vec<Typed>> {
    let one = |name: &String| match frame.column(name) {
        Ok(column) => {
            typed_column(&column.as_materialized_series().rechunk()).map_err(|e| damaged(path, &e))
        }
        Err(_) => Ok(Typed::Absent),
    };
    binding.header.iter().map(one).collect()
}

fn typed_column(series: &Series) -> PolarsResult<Typed> {
    Ok(match series.dtype() {
        DataType::String => Typed::Text(series.str()?.clone()),
        DataType::Float32 | DataType::Float64 => {
            Typed::Double(series.cast(&DataType::Float64)?.f64()?.clone())
        }
        DataType::Decimal(_, scale) => Typed::Decimal(series.decimal()?.physical().clone(), *scale),
        DataType::Datetime(_, _) | DataType::Date => {
            let micros = series.cast(&DataType::Datetime(TimeUnit::Microseconds, None))?;
            Typed::Moment(micros.to_physical_repr().i64()?.clone())
        }
        DataType::List(_) => Typed::Map(map(series.list()?)?),
        dtype if dtype.is_integer() => Typed::Whole(series.cast(&DataType::Int64)?.i64()?.clone()),
        _ => Typed::Text(series.cast(&DataType::String)?.str()?.clone()),
    })
}

impl Row for ChunkRow<'_> {
    fn cell(&self, index: usize) -> Cow<'_, [u8]> {
        let owned = |text: Option<String>| Cow::Owned(text.unwrap_or_default().into_bytes());
        match self.columns.get(index).unwrap_or(&Typed::Absent) {
            Typed::Text(values) => {
                Cow::Borrowed(values.get(self.row).unwrap_or_default().as_bytes())
            }
            Typed::Double(values) => owned(values.get(self.row).map(|v| v.to_string())),
            Typed::Whole(values) => owned(values.get(self.row).map(|v| v.to_string())),
            Typed::Decimal(..) => owned(
                self.money(index)
                    .ok()
                    .flatten()
                    .map(|units| Money::from_units(units).to_string()),
            ),
            Typed::Moment(values) => {
                let moment = values
                    .get(self.row)
                    .and_then(chrono::DateTime::from_timestamp_micros);
                owned(moment.map(|m| m.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)))
            }
            Typed::Map(maps) => owned(maps.text(self.row)),
            Typed::Absent => Cow::Borrowed(b""),
        }
    }

    fn is_text(&self) -> bool {
        true
    }

    fn money(&self, index: usize) -> std::result::Result<Option<i128>, String> {
        match &self.columns[index] {
            Typed::Double(values) => values
                .get(self.row)
                .map_or(Ok(None), |value| from_double(value).map(Some)),
            Typed::Whole(values) => Ok(values
                .get(self.row)
                .map(|v| i128::from(v) * 1_000_000_000_000)),
            Typed::Decimal(values, 12) => Ok(values.get(self.row)),
            Typed::Decimal(values, scale) => match values.get(self.row) {
                Some(units) => read_money(format!("{units}E-{scale}").as_bytes()),
                None => Ok(None),
            },
            _ => read_money(&self.cell(index)),
        }
    }

    fn time(&self, index: usize, order: DateOrder) -> std::result::Result<Option<i64>, String> {
        match &self.columns[index] {
            Typed::Moment(values) => Ok(values.get(self.row)),
            _ => read_time(&self.cell(index), order),
        }
    }
}

/// A double by the shortest decimal that names it. Small doubles with at most 12 decimals, nearly all of a
/// bill, need no detour through text: scaled, they lie next to one whole number and far from any tie.
#[allow(clippy::cast_possible_truncation, reason = "below 2^53")]
fn from_double(value: f64) -> std::result::Result<i128, String> {
    let scaled = value * 1e12;
    let nearest = scaled.round();
    if value.abs() < 2000.0 && (scaled - nearest).abs() < 0.3 {
        return Ok(i128::from(nearest as i64));
    }
    let amount = Money::from_f64(value).map_err(|_| "this is not an amount".to_owned());
    amount.map(Money::units)
}

/// Takes a list of key and value structs apart, all rows at once.
fn map(lists: &ListChunked) -> PolarsResult<Map> {
    let lists = lists.rechunk();
    let mut starts = vec![0];
    for rows in lists.downcast_iter() {
        starts = rows
            .offsets()
            .iter()
            .map(|at| usize::try_from(*at).unwrap_or(0))
            .collect();
    }
    let pairs = lists.get_inner();
    let fields = pairs.struct_()?.fields_as_series();
    let text = |at: usize| -> PolarsResult<StringChunked> {
        let field = fields.get(at).map(|field| field.cast(&DataType::String));
        let field = field
            .unwrap_or_else(|| Ok(Series::full_null("".into(), pairs.len(), &DataType::String)))?;
        Ok(field.str()?.rechunk().into_owned())
    };
    Ok(Map {
        keys: text(0)?,
        values: text(1)?,
        starts,
    })
}

impl Map {
    /// A row's map as JSON text; nothing of an empty one.
    fn text(&self, row: usize) -> Option<String> {
        let (start, end) = (*self.starts.get(row)?, *self.starts.get(row + 1)?);
        if start == end {
            return None;
        }
        let pairs = (start..end)
            .filter_map(|at| Some((self.keys.get(at)?, self.values.get(at).unwrap_or_default())));
        let tags: BTreeMap<&str, &str> = pairs.collect();
        serde_json::to_string(&tags).ok()
    }
}

fn damaged(path: &Path, error: &PolarsError) -> Error {
    Error::data(format!("not a whole Parquet file: {error}"))
        .at(path)
        .hint("download it again; nothing of it was counted")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn doubles_of_bills_are_read_as_their_text(units in -1_999_000_000_000_000i64..1_999_000_000_000_000) {
            let text = Money::from_units(i128::from(units)).to_string();
            let double: f64 = text.parse().unwrap();
            prop_assert_eq!(from_double(double), Money::from_f64(double).map(Money::units).map_err(|_| String::new()));
        }
    }
}
