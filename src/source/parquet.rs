//! Parquet exports to batches: row group by row group, only the columns that the mapping names. Fields of
//! structs have dotted names (`service.id`); lists are maps where they hold keys and values alone, else text.

use super::bind::Binding;
use super::cells::{read_money, read_time};
use super::csv::BATCH;
use super::door::{Door, Row};
use super::moment::DateOrder;
use super::nested::Value;
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
    Nested(Series),
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

/// A column, or a field of a struct column at any depth.
struct Leaf {
    path: Vec<PlSmallStr>,
}

/// The column names of a Parquet export; of structs also the dotted names of their fields.
pub(super) fn header(path: &Path) -> Result<Vec<String>> {
    Ok(leaves(path)?.iter().map(Leaf::name).collect())
}

/// The names from the top to every column of the header, and whether it holds maps.
pub(super) fn places(path: &Path) -> Result<Vec<(Vec<String>, bool)>> {
    let file = File::open(path).map_err(|e| Error::read(path, &e))?;
    let schema = ParquetReader::new(file)
        .schema()
        .map_err(|e| damaged(path, &e))?;
    let is_map = |leaf: &Leaf| {
        let column = schema.get(&leaf.path[0]).filter(|_| leaf.path.len() == 1);
        let dtype = column.map(DataType::from_arrow_field);
        matches!(dtype, Some(DataType::List(inner)) if is_pair(&inner))
    };
    let names = |leaf: &Leaf| leaf.path.iter().map(ToString::to_string).collect();
    let leaves = leaves(path)?;
    Ok(leaves
        .iter()
        .map(|leaf| (names(leaf), is_map(leaf)))
        .collect())
}

fn leaves(path: &Path) -> Result<Vec<Leaf>> {
    let file = File::open(path).map_err(|e| Error::read(path, &e))?;
    let schema = ParquetReader::new(file)
        .schema()
        .map_err(|e| damaged(path, &e))?;
    let mut leaves = Vec::new();
    for (name, field) in schema.iter() {
        let dtype = DataType::from_arrow_field(field);
        add_leaves(&mut leaves, &[], name, &dtype);
    }
    Ok(leaves)
}

fn add_leaves(leaves: &mut Vec<Leaf>, above: &[PlSmallStr], name: &PlSmallStr, dtype: &DataType) {
    let path = [above, std::slice::from_ref(name)].concat();
    leaves.push(Leaf { path: path.clone() });
    if let DataType::Struct(fields) = dtype {
        for field in fields {
            add_leaves(leaves, &path, field.name(), field.dtype());
        }
    }
}

impl Leaf {
    fn name(&self) -> String {
        self.path.join(".")
    }

    /// Its values in a decoded chunk; none where the chunk lacks its column.
    fn of(&self, frame: &DataFrame) -> PolarsResult<Option<Series>> {
        let Ok(column) = frame.column(&self.path[0]) else {
            return Ok(None);
        };
        let mut series = column.as_materialized_series().rechunk();
        for field in &self.path[1..] {
            series = series.struct_()?.field_by_name(field)?;
        }
        Ok(Some(series))
    }
}

/// Streams a Parquet export through a door; every batch goes to `sink`.
pub(super) fn read(
    path: &Path,
    binding: &Binding,
    door: &mut Door,
    sink: &mut dyn FnMut(&mut Door, DataFrame) -> Result<()>,
) -> Result<()> {
    let leaves = leaves(path)?;
    let used = binding.used();
    let mut columns: Vec<PlSmallStr> = used.iter().map(|&at| leaves[at].path[0].clone()).collect();
    columns.sort();
    columns.dedup();
    let mut offset = 0;
    for rows in chunks(path)? {
        let file = File::open(path).map_err(|e| Error::read(path, &e))?;
        let names = columns.iter().map(ToString::to_string).collect();
        let frame = ParquetReader::new(file)
            .with_columns(Some(names))
            .with_slice(Some((offset, rows)))
            .finish()
            .map_err(|e| damaged(path, &e))?;
        let cells = typed(&frame, &leaves, &used).map_err(|e| damaged(path, &e))?;
        for row in 0..frame.height() {
            door.take(
                &ChunkRow {
                    columns: &cells,
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

/// The chunk's columns at the places that the header gives them.
fn typed(frame: &DataFrame, leaves: &[Leaf], used: &[usize]) -> PolarsResult<Vec<Typed>> {
    let one = |(at, leaf): (usize, &Leaf)| {
        let series = if used.contains(&at) {
            leaf.of(frame)?
        } else {
            None
        };
        series.map_or(Ok(Typed::Absent), |series| typed_column(&series))
    };
    leaves.iter().enumerate().map(one).collect()
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
        DataType::List(inner) if is_pair(inner) => Typed::Map(map(series.list()?)?),
        DataType::List(_) | DataType::Struct(_) => Typed::Nested(series.clone()),
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
            Typed::Nested(values) => owned(values.get(self.row).ok().map(|v| value(&v).plain())),
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

/// True for the entries of a map: a key and a value, and nothing else.
fn is_pair(dtype: &DataType) -> bool {
    matches!(dtype, DataType::Struct(fields) if matches!(fields.as_slice(), [key, value]
        if key.name().starts_with("key") && value.name().starts_with("value")))
}

/// A nested value; numbers by the digits that name them.
fn value(any: &AnyValue<'_>) -> Value {
    match any {
        AnyValue::Null => Value::Null,
        AnyValue::Boolean(yes) => Value::Bool(*yes),
        AnyValue::String(text) => Value::Text((*text).to_owned()),
        AnyValue::StringOwned(text) => Value::Text(text.to_string()),
        AnyValue::Float64(number) if number.is_finite() => Value::Number(number.to_string()),
        AnyValue::Float32(number) if number.is_finite() => Value::Number(number.to_string()),
        AnyValue::Decimal(units, _, scale) => Value::Number(decimal(*units, *scale)),
        AnyValue::List(series) => Value::List(series.iter().map(|any| value(&any)).collect()),
        AnyValue::Struct(_, _, fields) => {
            let values = any._iter_struct_av();
            Value::Struct(named(fields, values.map(|any| value(&any))))
        }
        AnyValue::StructOwned(owned) => Value::Struct(named(&owned.1, owned.0.iter().map(value))),
        other if other.is_integer() => Value::Number(other.to_string()),
        other => Value::Text(other.to_string()),
    }
}

fn named(fields: &[Field], values: impl Iterator<Item = Value>) -> Vec<(String, Value)> {
    let names = fields.iter().map(|field| field.name().to_string());
    names.zip(values).collect()
}

/// Units of a scale as a plain decimal.
fn decimal(units: i128, scale: usize) -> String {
    let digits = format!("{:0width$}", units.unsigned_abs(), width = scale + 1);
    let (whole, part) = digits.split_at(digits.len() - scale);
    let sign = if units < 0 { "-" } else { "" };
    let point = if scale > 0 { "." } else { "" };
    format!("{sign}{whole}{point}{part}")
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

    #[test]
    fn decimals_keep_their_digits() {
        assert_eq!(decimal(-42, 3), "-0.042");
        assert_eq!(decimal(1200, 2), "12.00");
        assert_eq!(decimal(7, 0), "7");
    }

    proptest! {
        #[test]
        fn doubles_of_bills_are_read_as_their_text(units in -1_999_000_000_000_000i64..1_999_000_000_000_000) {
            let text = Money::from_units(i128::from(units)).to_string();
            let double: f64 = text.parse().unwrap();
            prop_assert_eq!(from_double(double), Money::from_f64(double).map(Money::units).map_err(|_| String::new()));
        }
    }
}
