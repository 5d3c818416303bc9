//! CSV as people write it: header names in any spelling, and errors that name line and column.

use super::open;
use crate::error::Error;
use csv::{ByteRecord, ErrorKind, Position};
use std::path::Path;

/// A name without case, blanks and punctuation: `Resource ID`, `resource_id` and `ResourceId` are one.
pub(super) fn normal(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// A field as an error may quote it: on one line, at most 60 characters.
pub(super) fn shown(field: &[u8]) -> String {
    let text = String::from_utf8_lossy(field);
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("{short:?}")
}

/// An error at a field of a row; columns count from 0 here, as in the row.
pub(super) fn at_field(
    path: &Path,
    row: &ByteRecord,
    column: usize,
    what: impl Into<String>,
) -> Error {
    Error::data(what).at_line(
        path,
        row.position().map_or(0, Position::line),
        column as u64 + 1,
    )
}

/// What the CSV reader stumbled over.
pub(super) fn csv_error(path: &Path, error: &csv::Error) -> Error {
    match error.kind() {
        ErrorKind::Io(source) => open::broken(path, source),
        ErrorKind::UnequalLengths {
            pos,
            expected_len,
            len,
        } => {
            let line = pos.as_ref().map_or(0, Position::line);
            Error::data(format!("the row has {len} fields, the header {expected_len}"))
                .at_line(path, line, 0)
                .hint("a comma inside a field needs \"quotes\" around it; a last row like this was cut off")
        }
        other => Error::data(format!("the CSV cannot be read: {other:?}")).at(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_one() {
        for name in ["resource_id", "ResourceId", "Resource ID", " resource-id "] {
            assert_eq!(normal(name), "resourceid");
        }
    }

    #[test]
    fn a_quoted_field_stays_on_one_short_line() {
        assert_eq!(shown(b"a\nb"), r#""a\nb""#);
        assert_eq!(shown(&[b'x'; 200]).chars().count(), 63);
    }
}
