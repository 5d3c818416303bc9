//! The rows of a metrics CSV, by the hundred million: fields are slices of the text, nothing is copied. Text in
//! which a quote appears goes on through the full CSV reader from there. Judges no field.

use super::open;
use super::table::csv_error;
use crate::error::{Error, Result};
use csv::ByteRecord;
use memchr::{memchr, memchr2_iter, memrchr};
use std::io::{ErrorKind, Read};
use std::path::Path;

/// Bytes that are looked at a time.
const BLOCK: usize = 1 << 18;

/// A row and where it is.
pub(super) struct Row<'a> {
    /// Its fields; in every row as many as in the first.
    pub(super) fields: &'a [&'a [u8]],
    /// Line of the file, from 1.
    pub(super) line: u64,
}

/// Line and width so far.
#[derive(Default)]
struct Progress {
    line: u64,
    width: Option<usize>,
}

/// Shows every row of a text, the header first; empty lines are none.
pub(super) fn each(
    path: &Path,
    mut bytes: impl Read,
    take: &mut impl FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let mut block = vec![0; BLOCK];
    let (mut filled, mut progress) = (0, Progress::default());
    loop {
        if filled == block.len() {
            // A line longer than the block.
            block.resize(filled * 2, 0);
        }
        let read =
            fill(&mut bytes, &mut block[filled..]).map_err(|error| open::broken(path, &error))?;
        let fresh = filled;
        filled += read;
        if memchr(b'"', &block[fresh..filled]).is_some() {
            let rest = std::io::Cursor::new(block[..filled].to_vec()).chain(bytes);
            return quoted(path, rest, progress, take);
        }
        let whole = if read == 0 {
            filled
        } else {
            memrchr(b'\n', &block[..filled]).map_or(0, |end| end + 1)
        };
        lines(path, &block[..whole], &mut progress, take)?;
        if read == 0 {
            return Ok(());
        }
        block.copy_within(whole..filled, 0);
        filled -= whole;
    }
}

fn fill(bytes: &mut impl Read, block: &mut [u8]) -> std::io::Result<usize> {
    loop {
        match bytes.read(block) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

/// Whole lines without quotes.
fn lines(
    path: &Path,
    text: &[u8],
    progress: &mut Progress,
    take: &mut impl FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let mut fields: Vec<&[u8]> = Vec::with_capacity(progress.width.unwrap_or(8));
    let mut start = 0;
    for at in memchr2_iter(b',', b'\n', text) {
        fields.push(&text[start..at]);
        start = at + 1;
        if text[at] == b'\n' {
            finish(path, &mut fields, progress, take)?;
            fields.clear();
        }
    }
    if start < text.len() || !fields.is_empty() {
        fields.push(&text[start..]);
        finish(path, &mut fields, progress, take)?;
    }
    Ok(())
}

fn finish(
    path: &Path,
    fields: &mut [&[u8]],
    progress: &mut Progress,
    take: &mut impl FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    progress.line += 1;
    if let Some(last) = fields.last_mut() {
        *last = last.strip_suffix(b"\r").unwrap_or(last);
    }
    if matches!(fields, [empty] if empty.is_empty()) {
        return Ok(());
    }
    show(path, fields, progress.line, &mut progress.width, take)
}

fn show(
    path: &Path,
    fields: &[&[u8]],
    line: u64,
    width: &mut Option<usize>,
    take: &mut impl FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let (found, width) = (fields.len(), *width.get_or_insert(fields.len()));
    if found != width {
        let what = format!("the row has {found} fields, the header {width}");
        return Err(Error::data(what).at_line(path, line, 0).hint(
            "a comma inside a field needs \"quotes\" around it; a last row like this was cut off",
        ));
    }
    take(&Row { fields, line })
}

/// What is left of a text, from the beginning of a line on.
fn quoted(
    path: &Path,
    rest: impl Read,
    mut progress: Progress,
    take: &mut impl FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let mut csv = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(BLOCK)
        .from_reader(rest);
    let mut record = ByteRecord::new();
    while csv
        .read_byte_record(&mut record)
        .map_err(|error| csv_error(path, &error))?
    {
        let line = progress.line + record.position().map_or(0, csv::Position::line);
        let fields: Vec<&[u8]> = record.iter().collect();
        show(path, &fields, line, &mut progress.width, take)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &[u8]) -> Result<Vec<(u64, Vec<Vec<u8>>)>> {
        let mut rows = Vec::new();
        each(Path::new("metrics.csv"), text, &mut |row| {
            rows.push((row.line, row.fields.iter().map(|f| f.to_vec()).collect()));
            Ok(())
        })?;
        Ok(rows)
    }

    #[test]
    fn lines_end_in_any_way_and_empty_ones_are_none() {
        let rows = read(b"a,b\r\n\r\n1,\n\n3,4").unwrap();
        let fields = |a: &str, b: &str| vec![a.as_bytes().to_vec(), b.as_bytes().to_vec()];
        assert_eq!(
            rows,
            [
                (1, fields("a", "b")),
                (3, fields("1", "")),
                (5, fields("3", "4"))
            ]
        );
    }

    #[test]
    fn a_quote_far_in_the_file_is_read_in_full_and_lines_go_on() {
        let mut text = b"a,b\n".to_vec();
        for _ in 0..200_000 {
            text.extend_from_slice(b"1,2\n");
        }
        text.extend_from_slice(b"\"x,\ny\",2\n3\n");
        let error = read(&text).unwrap_err();
        assert_eq!(error.what(), "the row has 1 fields, the header 2");
        assert_eq!(error.place().map(|place| place.line), Some(200_004));
        text.truncate(text.len() - 2);
        let rows = read(&text).unwrap();
        assert_eq!(
            rows[200_001],
            (200_002, vec![b"x,\ny".to_vec(), b"2".to_vec()])
        );
    }

    #[test]
    fn a_line_may_be_longer_than_a_block() {
        let long = "x".repeat(3 * BLOCK);
        assert_eq!(read(long.as_bytes()).unwrap()[0].1[0].len(), 3 * BLOCK);
    }

    proptest! {
        #[test]
        fn fields_are_those_of_the_full_reader(text in "([ab,\n]|\r\n){0,40}") {
            let mut full = Vec::new();
            let rest = text.as_bytes();
            let whole = quoted(Path::new("m.csv"), rest, Progress::default(), &mut |row| {
                full.push(row.fields.iter().map(|f| f.to_vec()).collect::<Vec<_>>());
                Ok(())
            });
            let fast = read(text.as_bytes());
            prop_assert_eq!(whole.is_ok(), fast.is_ok());
            if let Ok(fast) = fast {
                prop_assert_eq!(full, fast.into_iter().map(|row| row.1).collect::<Vec<_>>());
            }
        }
    }
}
