//! A table as the companion sends it: a line that says what it is, then its columns one after the other.

use super::fault::Fault;
use crate::error::{Error, Result};
use crate::money;
use polars::prelude::*;
use serde::Deserialize;

/// The line before the bytes.
#[derive(Debug, Deserialize)]
pub(super) struct Head {
    pub(super) id: u64,
    pub(super) bytes: usize,
    pub(super) said: Option<String>,
    pub(super) fault: Option<Fault>,
    rows: usize,
    columns: Vec<Sent>,
}

#[derive(Debug, Deserialize)]
struct Sent {
    name: String,
    kind: Kind,
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Text,
    Amount(i8),
    Count,
    Day,
    Moment,
}

/// The table of an answer.
pub(super) fn frame(head: &Head, bytes: &[u8]) -> Result<DataFrame> {
    let mut rest = bytes;
    let columns = head
        .columns
        .iter()
        .map(|sent| column(sent, head.rows, &mut rest));
    let columns: Option<Vec<Column>> = columns.collect();
    let torn = || Error::data("an answer of the cluster is torn");
    DataFrame::new(head.rows, columns.ok_or_else(torn)?).map_err(|e| Error::data(e.to_string()))
}

fn column(sent: &Sent, rows: usize, rest: &mut &[u8]) -> Option<Column> {
    let name: PlSmallStr = sent.name.as_str().into();
    let known: Vec<bool> = take(rest, rows)?.iter().map(|byte| *byte == 1).collect();
    Some(match sent.kind {
        Kind::Text => texts(name, &known, rest)?,
        Kind::Amount(scale) => {
            let factor = 10i128.checked_pow(u32::try_from(12 - i32::from(scale)).ok()?)?;
            let units = numbers(&known, rest, i128::from_le_bytes)?;
            let units: Int128Chunked =
                (units.into_iter().map(|n| n.map(|n| n * factor))).collect_ca(name);
            units.into_decimal_unchecked(38, money::SCALE).into_column()
        }
        Kind::Count => {
            let counts: Int64Chunked = numbers(&known, rest, i64::from_le_bytes)?
                .into_iter()
                .collect_ca(name);
            counts.into_column()
        }
        Kind::Day => {
            let days: Int32Chunked = numbers(&known, rest, i32::from_le_bytes)?
                .into_iter()
                .collect_ca(name);
            days.into_date().into_column()
        }
        Kind::Moment => {
            let at: Int64Chunked = numbers(&known, rest, i64::from_le_bytes)?
                .into_iter()
                .collect_ca(name);
            at.into_datetime(TimeUnit::Microseconds, None).into_column()
        }
    })
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

fn numbers<T, const N: usize>(
    known: &[bool],
    rest: &mut &[u8],
    of: fn([u8; N]) -> T,
) -> Option<Vec<Option<T>>> {
    let bytes = take(rest, known.len().checked_mul(N)?)?;
    let (numbers, _) = bytes.as_chunks::<N>();
    Some(
        numbers
            .iter()
            .zip(known)
            .map(|(bytes, known)| known.then(|| of(*bytes)))
            .collect(),
    )
}

fn texts(name: PlSmallStr, known: &[bool], rest: &mut &[u8]) -> Option<Column> {
    let lengths = numbers(&vec![true; known.len()], rest, u32::from_le_bytes)?;
    let mut texts = StringChunkedBuilder::new(name, known.len());
    for (length, known) in lengths.into_iter().flatten().zip(known) {
        let text = std::str::from_utf8(take(rest, length as usize)?).ok()?;
        texts.append_option(known.then_some(text));
    }
    Some(texts.finish().into_column())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Head {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_table_is_read_column_by_column() {
        let head = head(
            r#"{"id":1,"bytes":0,"rows":2,"columns":[{"name":"Name","kind":"text"},{"name":"Cost","kind":{"amount":12}},
            {"name":"Rows","kind":"count"},{"name":"Day","kind":"day"}]}"#,
        );
        let bytes = [
            &[0, 1, 0, 0, 0, 0, 2, 0, 0, 0, b'S', b'3'][..],
            &[1, 0],
            &5_000_000_000_000i128.to_le_bytes(),
            &[0; 16],
            &[1, 1],
            &3i64.to_le_bytes(),
            &4i64.to_le_bytes(),
            &[1, 1],
            &0i32.to_le_bytes(),
            &20_000i32.to_le_bytes(),
        ]
        .concat();
        let frame = frame(&head, &bytes).unwrap();
        let name = frame
            .column("Name")
            .unwrap()
            .str()
            .unwrap()
            .get(1)
            .map(str::to_owned);
        let cost = frame
            .column("Cost")
            .unwrap()
            .decimal()
            .unwrap()
            .physical()
            .get(0);
        assert_eq!(
            (name.as_deref(), cost),
            (Some("S3"), Some(5_000_000_000_000))
        );
        assert_eq!(frame.column("Rows").unwrap().i64().unwrap().get(1), Some(4));
        assert_eq!(frame.column("Day").unwrap().dtype(), &DataType::Date);
        assert_eq!(frame.column("Name").unwrap().null_count(), 1);
    }

    #[test]
    fn a_torn_answer_is_an_error() {
        let head =
            head(r#"{"id":1,"bytes":0,"rows":2,"columns":[{"name":"Rows","kind":"count"}]}"#);
        assert!(frame(&head, &[1, 1, 0, 0]).is_err());
    }
}
