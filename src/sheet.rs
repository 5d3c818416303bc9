//! Small CSV files that people keep beside the config: invoices, exchange rates. The header is checked, every
//! cell knows its place, and the first mistake is refused with it.

use crate::error::{Error, Result, nearest};
use std::path::Path;

/// One row: its cells in the order of the wanted columns, trimmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row<'a> {
    path: &'a Path,
    line: u64,
    /// Where in the file the columns stand, from 1; 0 where a column is not there.
    places: Vec<u64>,
    cells: Vec<String>,
}

impl Row<'_> {
    /// A cell; empty where the column is not there.
    pub(crate) fn get(&self, column: usize) -> &str {
        &self.cells[column]
    }

    /// The line in the file.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// A mistake in a cell.
    pub(crate) fn wrong(&self, column: usize, what: impl Into<String>) -> Error {
        Error::usage(what).at_line(self.path, self.line, self.places[column])
    }
}

/// The rows of a text. `needed` columns must be there, `more` may be, others are refused.
pub(crate) fn rows<'a>(
    path: &'a Path,
    text: &str,
    needed: &[&str],
    more: &[&str],
) -> Result<Vec<Row<'a>>> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let fault = |e: &csv::Error| {
        let line = e.position().map_or(0, csv::Position::line);
        Error::usage("the row has not as many cells as the header, or is no UTF-8")
            .at_line(path, line, 0)
    };
    let header = reader.headers().map_err(|e| fault(&e))?.clone();
    let known: Vec<&str> = needed.iter().chain(more).copied().collect();
    for (at, name) in header.iter().enumerate() {
        let place = |what: String| Error::usage(what).at_line(path, 1, at as u64 + 1);
        if header.iter().take(at).any(|other| other == name) {
            return Err(place(format!("the column `{name}` is there twice")));
        }
        if !known.contains(&name) {
            let hint = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its columns are {}", known.join(", ")),
            };
            return Err(place(format!("`{name}` is no column of this file")).hint(hint));
        }
    }
    if let Some(lost) = needed
        .iter()
        .find(|name| !header.iter().any(|h| h == **name))
    {
        return Err(Error::usage(format!("the column `{lost}` is missing"))
            .at_line(path, 1, 0)
            .hint(format!("its columns are {}", known.join(", "))));
    }
    let places: Vec<Option<usize>> = known
        .iter()
        .map(|name| header.iter().position(|h| h == *name))
        .collect();
    reader
        .records()
        .map(|record| {
            let record = record.map_err(|e| fault(&e))?;
            let cell = |at: &Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default();
            Ok(Row {
                path,
                line: record.position().map_or(0, csv::Position::line),
                places: places
                    .iter()
                    .map(|at| at.map_or(0, |at| at as u64 + 1))
                    .collect(),
                cells: places.iter().map(|at| cell(at).to_owned()).collect(),
            })
        })
        .collect()
}

/// A currency's code in its one spelling; nothing where it is none.
pub(crate) fn currency(text: &str) -> Option<String> {
    let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_code.then(|| text.to_ascii_uppercase())
}
