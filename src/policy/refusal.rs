//! What is wrong with a policy, and where: at bytes of its text, or in a file that it names.

use crate::error::{Error, nearest};
use std::ops::Range;
use std::path::Path;

/// What is wrong, before the bytes are a line and a column.
pub(super) enum Refusal {
    /// What, what to do about it (may be empty), and the bytes of the policy it is about.
    Here(String, String, Range<usize>),
    /// In another file, with its place.
    There(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        Refusal::There(error)
    }
}

/// Something wrong with the policy itself.
pub(super) fn refused(what: &str, hint: &str, span: Range<usize>) -> Refusal {
    Refusal::Here(what.to_owned(), hint.to_owned(), span)
}

impl Refusal {
    /// The error a person reads.
    pub(super) fn placed(self, text: &str, path: &Path) -> Error {
        match self {
            Refusal::There(error) => error,
            Refusal::Here(what, hint, span) => {
                let (line, column) = position(text, span.start);
                let error = Error::usage(what).at_line(path, line, column);
                if hint.is_empty() {
                    error
                } else {
                    error.hint(hint)
                }
            }
        }
    }
}

/// What serde and the TOML reader refuse, in the house's words.
pub(super) fn unreadable(error: &toml::de::Error, text: &str, path: &Path) -> Error {
    let (line, column) = position(text, error.span().map_or(0, |span| span.start));
    let message = error.message().lines().next().unwrap_or_default();
    let mut quoted = message.split('`').skip(1).step_by(2);
    let Some(unknown) = quoted
        .next()
        .filter(|_| message.starts_with("unknown field"))
    else {
        return Error::usage(message).at_line(path, line, column);
    };
    let known: Vec<&str> = quoted.collect();
    let hint = match nearest(unknown, known.iter().copied()) {
        Some(key) => format!("did you mean `{key}`?"),
        None => format!("known keys are {}", known.join(", ")),
    };
    Error::usage(format!("unknown key `{unknown}` in the tag policy"))
        .at_line(path, line, column)
        .hint(hint)
}

/// Line and column, from 1, of a byte in a text.
fn position(text: &str, byte: usize) -> (u64, u64) {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let count = |number: usize| u64::try_from(number).unwrap_or(0) + 1;
    (
        count(before.matches('\n').count()),
        count(before[line_start..].chars().count()),
    )
}
