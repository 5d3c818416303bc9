//! Tags as one canonical JSON text: keys sorted, values as text, an empty set is no text at all.
//!
//! Providers write them as JSON text, as maps and as one column per key. A text that is no JSON object is
//! counted, not guessed.

use super::format::clean_key;
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Distinct tag sets kept in memory at most; past that the memory starts over.
const MEMORY: usize = 200_000;

/// Canonical tag texts, remembered by the bytes they came from: a bill repeats few sets millions of times.
#[derive(Default)]
pub(super) struct TagTexts {
    /// The canonical text of each, and whether it could be read.
    known: HashMap<Box<[u8]>, (Option<Arc<str>>, bool), RandomState>,
    /// Cells that were no JSON object.
    pub(super) unreadable: u64,
}

impl TagTexts {
    /// The canonical text of one map cell.
    pub(super) fn of_map(&mut self, cell: &[u8]) -> Option<Arc<str>> {
        self.remembered(cell, || parse(cell).map(|tags| text(&tags)))
    }

    /// The canonical text of a row whose tags stand in several cells: maps and one cell per key.
    /// `raw` is any text that is the same for the same cells.
    pub(super) fn of_row(
        &mut self,
        raw: &[u8],
        tags: impl FnOnce() -> Option<BTreeMap<String, String>>,
    ) -> Option<Arc<str>> {
        self.remembered(raw, || tags().map(|tags| text(&tags)))
    }

    fn remembered(
        &mut self,
        raw: &[u8],
        make: impl FnOnce() -> Option<Option<String>>,
    ) -> Option<Arc<str>> {
        if let Some((known, readable)) = self.known.get(raw) {
            self.unreadable += u64::from(!readable);
            return known.clone();
        }
        let made = make();
        let readable = made.is_some();
        self.unreadable += u64::from(!readable);
        let made: Option<Arc<str>> = made.flatten().map(Arc::from);
        if self.known.len() >= MEMORY {
            self.known.clear();
        }
        self.known.insert(raw.into(), (made.clone(), readable));
        made
    }
}

/// The tags of a JSON object text, with the prefixes of CUR 2.0 taken off; `None` where it is no object.
pub(super) fn parse(cell: &[u8]) -> Option<BTreeMap<String, String>> {
    let object: serde_json::Map<String, Value> = serde_json::from_slice(cell).ok()?;
    Some(
        object
            .into_iter()
            .map(|(key, value)| (clean_key(&key), plain(value)))
            .collect(),
    )
}

fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The canonical text of a tag set; `None` of none.
pub(super) fn text(tags: &BTreeMap<String, String>) -> Option<String> {
    if tags.is_empty() {
        return None;
    }
    serde_json::to_string(tags).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_set_has_one_text() {
        let mut texts = TagTexts::default();
        let first = texts.of_map(br#"{"user_team": "data", "aws_created_by":"x", "n": 1}"#);
        assert_eq!(
            first.as_deref(),
            Some(r#"{"aws:created_by":"x","n":"1","team":"data"}"#)
        );
        assert_eq!(texts.of_map(b"{}"), None);
    }

    #[test]
    fn every_cell_that_is_no_object_is_counted() {
        let mut texts = TagTexts::default();
        assert_eq!(texts.of_map(b"team=data"), None);
        assert_eq!(texts.of_map(b"team=data"), None);
        assert_eq!(texts.of_map(b"{}"), None);
        assert_eq!(texts.unreadable, 2);
    }
}
