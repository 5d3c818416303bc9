//! JSON as command line tools print it: one document, several one after another, one per line, or a list of
//! them. Knows where every document starts, so that an error names the line of the file.

use crate::error::{Error, Result};
use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::error::Category;
use std::fmt;
use std::path::Path;

/// One document of a file.
#[derive(Clone, Copy)]
pub(super) struct Document<'a> {
    /// The file's text up to the end of this document.
    text: &'a [u8],
    /// Where it starts in the text.
    start: usize,
}

/// True where the first letter opens an object or a list.
pub(super) fn looks_like_json(head: &[u8]) -> bool {
    matches!(head.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// The documents of a file, in order.
pub(super) fn documents<'a>(path: &Path, text: &'a [u8]) -> Result<Vec<Document<'a>>> {
    let mut stream = serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>();
    let mut documents = Vec::new();
    let mut start = 0;
    while let Some(document) = stream.next() {
        document.map_err(|error| broken(path, &error))?;
        documents.push(Document {
            text: &text[..stream.byte_offset()],
            start,
        });
        start = stream.byte_offset();
    }
    Ok(documents)
}

impl<'a> Document<'a> {
    /// Its own bytes.
    pub(super) fn bytes(self) -> &'a [u8] {
        &self.text[self.start..]
    }

    /// Reads it as `T`; `name` is the shape it should have.
    pub(super) fn parse<T: Deserialize<'a>>(self, path: &Path, name: &str) -> Result<T> {
        serde_json::from_slice(self.bytes()).map_err(|error| {
            let (line, column) = self.place(error.line(), error.column());
            Error::data(format!(
                "this is not what {name} prints: {}",
                message(&error)
            ))
            .at_line(path, line as u64, column as u64)
            .hint("pass the tool's JSON as it came, or a plain inventory CSV")
        })
    }

    /// Reads it as `T`, a document that may hold secrets: an error names the place and never what stands there.
    pub(super) fn parse_private<T: Deserialize<'a>>(self, path: &Path, name: &str) -> Result<T> {
        serde_json::from_slice(self.bytes()).map_err(|error| {
            let (line, column) = self.place(error.line(), error.column());
            Error::data(format!("this is not what {name} looks like"))
                .at_line(path, line as u64, column as u64)
                .hint("pass the file as it came; what stands there is not shown, it may be secret")
        })
    }

    /// An error about the document as a whole.
    pub(super) fn error(self, path: &Path, what: impl Into<String>) -> Error {
        let blanks = self.bytes().len() - self.bytes().trim_ascii_start().len();
        let before = &self.text[..self.start + blanks];
        Error::data(what).at_line(path, lines(before) as u64 + 1, 0)
    }

    /// A place in the document as a place in the file.
    fn place(self, line: usize, column: usize) -> (usize, usize) {
        let before = &self.text[..self.start];
        let on_this_line = before
            .iter()
            .rev()
            .take_while(|&&byte| byte != b'\n')
            .count();
        (
            lines(before) + line,
            if line == 1 {
                on_this_line + column
            } else {
                column
            },
        )
    }
}

/// The keys of the first object, in order, through lists around it, until `enough` of them are known. A text
/// that breaks off or is no JSON gives the keys before the break.
pub(super) fn first_keys(text: &[u8], enough: fn(&[String]) -> bool) -> Vec<String> {
    let mut keys = Vec::new();
    // Stopping early is an error to the parser; the keys found until then are the answer either way.
    let _ = Keys {
        found: &mut keys,
        enough,
    }
    .deserialize(&mut serde_json::Deserializer::from_slice(text));
    keys
}

struct Keys<'k> {
    found: &'k mut Vec<String>,
    enough: fn(&[String]) -> bool,
}

impl<'de> DeserializeSeed<'de> for Keys<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> std::result::Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Keys<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list of objects")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<(), A::Error> {
        while let Some(key) = map.next_key()? {
            self.found.push(key);
            if (self.enough)(self.found) {
                return Err(A::Error::custom("enough"));
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<(), A::Error> {
        list.next_element_seed(self)?;
        Ok(())
    }
}

fn broken(path: &Path, error: &serde_json::Error) -> Error {
    let (what, hint) = match error.classify() {
        Category::Eof => (
            "the JSON ends in the middle".to_owned(),
            "it was cut off on its way: fetch it again",
        ),
        _ => (
            format!("the JSON is broken: {}", message(error)),
            "pass the tool's JSON as it came",
        ),
    };
    Error::data(what)
        .at_line(path, error.line() as u64, error.column() as u64)
        .hint(hint)
}

/// The parser's message without its place, which the error carries itself.
fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

#[allow(clippy::naive_bytecount, reason = "runs once per error")]
fn lines(text: &[u8]) -> usize {
    text.iter().filter(|&&byte| byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path() -> &'static Path {
        Path::new("inventory.json")
    }

    fn keys(text: &str) -> Vec<String> {
        first_keys(text.as_bytes(), |_| false)
    }

    #[test]
    fn documents_follow_each_other_with_or_without_a_line_break() {
        let text = b"{\"a\":1}{\"b\":2}\n[3]\n";
        let found = documents(path(), text).unwrap();
        let sizes: Vec<usize> = found
            .iter()
            .map(|document| document.bytes().len())
            .collect();
        assert_eq!(sizes, [7, 7, 4]);
    }

    #[test]
    fn keys_are_seen_through_lists_and_before_a_break() {
        assert_eq!(keys(r#"[[{"a": [1], "b": {"x": 1}}]]"#), ["a", "b"]);
        assert_eq!(keys(r#"{"a": 1, "b": [1, 2"#), ["a", "b"]);
        assert!(keys("[]").is_empty());
        assert!(keys(&"[".repeat(100_000)).is_empty());
    }

    #[test]
    fn a_cut_document_says_where_it_ends() {
        let error = documents(path(), b"{\"a\": 1}\n{\"b\": [1,\n 2")
            .err()
            .unwrap();
        assert_eq!(
            error.to_string().lines().next(),
            Some("the JSON ends in the middle")
        );
        assert_eq!(
            error.place().map(|place| (place.line, place.column)),
            Some((3, 2))
        );
    }

    #[test]
    fn an_error_in_a_later_document_counts_lines_from_the_top() {
        let text = b"{\"a\": 1}\n{\"a\": 1}  {\"a\":\n  \"x\"}";
        let last = documents(path(), text).unwrap()[2];
        let error = last
            .parse::<std::collections::BTreeMap<String, u8>>(path(), "a test")
            .unwrap_err();
        assert_eq!(
            error.place().map(|place| (place.line, place.column)),
            Some((3, 5))
        );
        let second = documents(path(), b"{}\n{\"a\": \"x\"}").unwrap()[1];
        let error = second
            .parse::<std::collections::BTreeMap<String, u8>>(path(), "a test")
            .unwrap_err();
        assert_eq!(
            error.place().map(|place| (place.line, place.column)),
            Some((2, 9))
        );
    }
}
