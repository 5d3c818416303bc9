//! The one error: where, what, hint, exit code. Only `main` prints it.

use std::fmt;
use std::path::{Path, PathBuf};

/// Everything below `main` returns this.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, in the reader's words.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    what: String,
    place: Option<Place>,
    hint: Option<String>,
}

/// Who has to act; decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A gate was crossed: the team that owns the cost acts.
    Gate,
    /// A flag or the configuration is wrong: whoever typed it.
    Usage,
    /// A bill, an inventory or a query cannot be understood: whoever owns the data.
    Data,
    /// The books do not close: whoever owns the data.
    Books,
    /// Network or disk: the scheduler tries again.
    Retry,
    /// Some reports were written and some failed: read the summary.
    Partial,
    /// Another run holds the lock.
    Locked,
}

impl Kind {
    /// The exit code that schedulers act on.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Gate => 1,
            Kind::Usage => 2,
            Kind::Data | Kind::Books => 3,
            Kind::Retry => 4,
            Kind::Partial => 5,
            Kind::Locked => 75,
        }
    }
}

/// A place in a file: line and column count from 1, 0 is unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as the user named it.
    pub path: PathBuf,
    /// Line.
    pub line: u64,
    /// Column: of characters in text files, of fields in CSV.
    pub column: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if self.column > 0 {
            write!(f, ":{}", self.column)?;
        }
        Ok(())
    }
}

impl Error {
    /// Of a kind, with what happened.
    pub fn new(kind: Kind, what: impl Into<String>) -> Error {
        Error {
            kind,
            what: what.into(),
            place: None,
            hint: None,
        }
    }

    /// A wrong flag or configuration.
    pub fn usage(what: impl Into<String>) -> Error {
        Error::new(Kind::Usage, what)
    }

    /// Data that cannot be understood.
    pub fn data(what: impl Into<String>) -> Error {
        Error::new(Kind::Data, what)
    }

    /// A file that cannot be read.
    pub fn read(path: &Path, source: &std::io::Error) -> Error {
        let kind = match source.kind() {
            std::io::ErrorKind::NotFound => Kind::Usage,
            std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof => Kind::Data,
            _ => Kind::Retry,
        };
        Error::new(kind, format!("cannot read: {source}")).at(path)
    }

    /// A file or folder that cannot be written.
    pub fn write(path: &Path, source: &std::io::Error) -> Error {
        Error::new(Kind::Retry, format!("cannot write: {source}"))
            .at(path)
            .hint("the previous reports are untouched; make room or fix the permission, then run again")
    }

    /// At a file.
    #[must_use]
    pub fn at(self, path: &Path) -> Error {
        self.at_line(path, 0, 0)
    }

    /// At a line and column of a file (0: unknown).
    #[must_use]
    pub fn at_line(mut self, path: &Path, line: u64, column: u64) -> Error {
        self.place = Some(Place {
            path: path.to_owned(),
            line,
            column,
        });
        self
    }

    /// At the same line and column of a file under another name.
    #[must_use]
    pub fn moved(mut self, path: PathBuf) -> Error {
        if let Some(place) = &mut self.place {
            place.path = path;
        }
        self
    }

    /// With what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.hint = Some(hint.into());
        self
    }

    /// Who has to act.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What happened, without place and hint.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Where it happened.
    pub fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some(place) = &self.place {
            write!(f, "\n  --> {place}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// The nearest of the known words, for "did you mean"; `None` where nothing is near.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A TOML mistake with its place and, for an unknown key, the key that was meant.
pub fn toml_error(path: &Path, text: &str, error: &toml::de::Error) -> Error {
    let (line, column) = error
        .span()
        .map_or((0, 0), |span| position(text, span.start));
    let message = error.message().trim();
    let words = message.lines().next().unwrap_or("this is no TOML");
    let fault = Error::usage(words.replace("expected f64", "expected a number"))
        .at_line(path, line, column);
    let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match words.split_first() {
        Some((wrong, known)) if message.starts_with("unknown field") => {
            match nearest(wrong, known.iter().copied()) {
                Some(near) => fault.hint(format!("did you mean `{near}`?")),
                None => fault.hint(format!("known keys are {}", known.join(", "))),
            }
        }
        _ => fault.hint("`cloudtally init` writes a commented example into an empty folder"),
    }
}

/// Line and column, from 1, of a byte in a text.
fn position(text: &str, at: usize) -> (u64, u64) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() as u64 + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count() as u64
        + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_where_what_and_what_next() {
        let error = Error::data("`BilledCost` is not a number: \"1,204.50\"")
            .at_line(Path::new("bills/part-3.csv"), 1042, 17)
            .hint("the export uses a thousands separator");
        let text = "`BilledCost` is not a number: \"1,204.50\"\n  --> bills/part-3.csv:1042:17\n\
                    hint: the export uses a thousands separator";
        assert_eq!(error.to_string(), text);
        assert_eq!(error.kind().exit_code(), 3);
    }

    #[test]
    fn a_near_word_is_suggested_and_a_far_one_is_not() {
        assert_eq!(
            nearest("Service", ["ServiceName", "Services", "Region"]),
            Some("Services")
        );
        assert_eq!(nearest("xyz", ["ServiceName"]), None);
    }
}
