//! The same lines as a CUR 2.0 export: snake names, doubles and timestamps, tags and most product
//! attributes in maps, snappy, as AWS delivers it.

use super::Fault;
use super::amount;
use super::columns::{COLUMNS, Cell};
use super::line::Line;
use polars::chunked_array::builder::get_list_builder;
use polars::prelude::*;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// Rows of a row group.
const GROUP: usize = 100_000;

/// Product attributes that are columns of their own; all others are keys of the map `product`.
const OWN: [&str; 15] = [
    "product/fromLocation",
    "product/fromLocationType",
    "product/fromRegionCode",
    "product/instanceFamily",
    "product/instanceType",
    "product/location",
    "product/locationType",
    "product/operation",
    "product/productFamily",
    "product/regionCode",
    "product/servicecode",
    "product/sku",
    "product/toLocation",
    "product/toLocationType",
    "product/usagetype",
];

/// Names of accounts: CUR 2.0 alone has them.
const NAMES: [(&str, Cell); 2] = [
    (
        "bill/PayerAccountName",
        Cell::Text(|line, out| out.push_str(&line.payer.name)),
    ),
    (
        "lineItem/UsageAccountName",
        Cell::Text(|line, out| out.push_str(&line.account.name)),
    ),
];

/// Writes a file, row group by row group.
pub(super) fn write<'a>(
    path: &Path,
    mut lines: impl Iterator<Item = Line<'a>>,
) -> Result<(), Fault> {
    let mut group: Vec<Line> = Vec::with_capacity(GROUP);
    group.extend(lines.by_ref().take(GROUP));
    let first = frame(&group)?;
    let file = BufWriter::new(File::create(path)?);
    let writer = ParquetWriter::new(file)
        .with_compression(ParquetCompression::Snappy)
        .set_parallel(false);
    let mut writer = writer.batched(first.schema())?;
    writer.write_batch(&first)?;
    loop {
        group.clear();
        group.extend(lines.by_ref().take(GROUP));
        if group.is_empty() {
            writer.finish()?;
            return Ok(());
        }
        writer.write_batch(&frame(&group)?)?;
    }
}

fn frame(lines: &[Line]) -> Result<DataFrame, Fault> {
    let mut columns = Vec::new();
    for (name, cell) in COLUMNS
        .iter()
        .chain(&NAMES)
        .filter(|(name, _)| map_of(name).is_none())
    {
        columns.push(column(&snake(name), cell, lines));
    }
    columns.push(map("product", lines)?);
    columns.push(map("resource_tags", lines)?);
    Ok(DataFrame::new(lines.len(), columns)?)
}

/// The map in which a column of the legacy report is a key.
fn map_of(name: &str) -> Option<&'static str> {
    match name.split_once('/') {
        Some(("product", _)) if !OWN.contains(&name) => Some("product"),
        Some(("resourceTags", _)) => Some("resource_tags"),
        _ => None,
    }
}

fn column(name: &str, cell: &Cell, lines: &[Line]) -> Column {
    match cell {
        Cell::Empty => Column::full_null(name.into(), lines.len(), &DataType::String),
        Cell::Text(write) => texts(name, *write, lines).into_column(),
        Cell::Amount(of) => {
            let amounts = lines.iter().map(|line| of(line).map(amount::double));
            Float64Chunked::from_iter_options(name.into(), amounts).into_column()
        }
        Cell::Time(of) => {
            let moments = lines
                .iter()
                .map(|line| of(line).map(|hour| line.month.millis(hour)));
            let moments = Int64Chunked::from_iter_options(name.into(), moments);
            moments
                .into_datetime(TimeUnit::Milliseconds, None)
                .into_column()
        }
    }
}

fn texts(name: &str, write: fn(&Line, &mut String), lines: &[Line]) -> StringChunked {
    let mut values = StringChunkedBuilder::new(name.into(), lines.len());
    let mut text = String::new();
    for line in lines {
        text.clear();
        write(line, &mut text);
        values.append_option(Some(text.as_str()).filter(|text| !text.is_empty()));
    }
    values.finish()
}

/// A map column: for every line the keys that have a value, in the order of the legacy columns.
fn map(name: &str, lines: &[Line]) -> Result<Column, Fault> {
    let keys: Vec<(String, &Cell)> = COLUMNS
        .iter()
        .filter(|(column, _)| map_of(column) == Some(name))
        .map(|(column, cell)| {
            (
                snake(column.split_once('/').map_or(*column, |(_, key)| key)),
                cell,
            )
        })
        .collect();
    let mut names = StringChunkedBuilder::new("key".into(), 8 * lines.len());
    let mut values = StringChunkedBuilder::new("value".into(), 8 * lines.len());
    let mut lengths = Vec::with_capacity(lines.len());
    let mut text = String::new();
    for line in lines {
        let mut length = 0;
        for (key, cell) in &keys {
            let Cell::Text(write) = cell else { continue };
            text.clear();
            write(line, &mut text);
            if !text.is_empty() {
                names.append_value(key);
                values.append_value(&text);
                length += 1;
            }
        }
        lengths.push(length);
    }
    let fields = [names.finish().into_series(), values.finish().into_series()];
    lists(name, &lengths, &fields)
}

/// Key and value pairs cut into one list a line.
fn lists(name: &str, lengths: &[usize], fields: &[Series; 2]) -> Result<Column, Fault> {
    let pairs =
        StructChunked::from_series("pair".into(), fields[0].len(), fields.iter())?.into_series();
    let mut lists = get_list_builder(pairs.dtype(), pairs.len(), lengths.len(), name.into());
    let mut start = 0;
    for &length in lengths {
        lists.append_series(&pairs.slice(start, length))?;
        start += i64::try_from(length)?;
    }
    Ok(lists.finish().into_column())
}

/// `lineItem/UsageType` as `line_item_usage_type`, the way AWS turns one into the other.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        let parts = letter.is_ascii_uppercase() || !letter.is_ascii_alphanumeric();
        if parts && !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
        if letter.is_ascii_alphanumeric() {
            snake.push(letter.to_ascii_lowercase());
        }
    }
    snake
}
