//! Lines as a legacy report: slash names, every cell a text, gzip as AWS packs it.

use super::Fault;
use super::amount;
use super::columns::{COLUMNS, Cell};
use super::line::Line;
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Text gathered before it is packed.
const BLOCK: usize = 1 << 18;

/// Writes a file.
pub(super) fn write<'a>(path: &Path, lines: impl Iterator<Item = Line<'a>>) -> Result<(), Fault> {
    let mut packed: GzEncoder<BufWriter<File>> =
        GzBuilder::new().write(BufWriter::new(File::create(path)?), Compression::default());
    let mut text = COLUMNS
        .iter()
        .map(|(name, _)| *name)
        .collect::<Vec<_>>()
        .join(",")
        + "\n";
    for line in lines {
        push_record(&line, &mut text);
        if text.len() >= BLOCK {
            packed.write_all(text.as_bytes())?;
            text.clear();
        }
    }
    packed.write_all(text.as_bytes())?;
    packed.finish()?.flush()?;
    Ok(())
}

fn push_record(line: &Line, text: &mut String) {
    for (_, cell) in COLUMNS {
        match cell {
            Cell::Empty => {}
            Cell::Text(write) => {
                let start = text.len();
                write(line, text);
                quote(start, text);
            }
            Cell::Amount(of) => {
                if let Some(amount) = of(line) {
                    amount::write(amount, text);
                }
            }
            Cell::Time(of) => {
                if let Some(hour) = of(line) {
                    text.push_str(line.month.stamp(hour));
                }
            }
        }
        text.push(',');
    }
    text.pop();
    text.push('\n');
}

/// Quotes the cell that starts there, where RFC 4180 asks for it. No text of the catalogue has quotes.
fn quote(start: usize, text: &mut String) {
    if memchr::memchr(b',', &text.as_bytes()[start..]).is_some() {
        text.insert(start, '"');
        text.push('"');
    }
}
