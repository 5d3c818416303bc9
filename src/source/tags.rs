//! Tags as one canonical JSON text: keys sorted, values as text, an empty set is no text at all.
//!
//! Providers write them as JSON text, as maps, as lists of keys and values and as one column per key. A
//! text that is none of these is counted, not guessed.

use super::format::TagKeys;
use super::names::clean_key;
use super::nested;
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
    /// What the keys of the maps look like.
    pub(super) keys: TagKeys,
    /// The canonical text of each, and whether it could be read.
    known: HashMap<Box<[u8]>, (Option<Arc<str>>, bool), RandomState>,
    /// Cells that were no JSON object.
    pub(super) unreadable: u64,
}

impl TagTexts {
    /// For maps whose keys look like this.
    pub(super) fn new(keys: TagKeys) -> TagTexts {
        TagTexts {
            keys,
            ..TagTexts::default()
        }
    }

    /// The canonical text of one map cell.
    pub(super) fn of_map(&mut self, cell: &[u8]) -> Option<Arc<str>> {
        let keys = self.keys;
        self.remembered(cell, || parse(cell, keys).map(|tags| text(&tags)))
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

/// The tags of a JSON object text, with or without its braces, or of a list of keys and values; `None`
/// where it is neither.
pub(super) fn parse(cell: &[u8], keys: TagKeys) -> Option<BTreeMap<String, String>> {
    let cell = cell.trim_ascii();
    if cell.starts_with(b"[") || cell.starts_with(b"{'") {
        return nested::tags(cell);
    }
    let object = object(cell)?;
    let key = |key: String| match keys {
        TagKeys::Plain => key,
        TagKeys::Cur => clean_key(&key),
    };
    let tags = object.into_iter();
    Some(
        tags.map(|(name, value)| (key(name), plain(value)))
            .collect(),
    )
}

/// Azure leaves the braces away: `"team": "data","env": "prod"`. It also ends in a comma at times, or in
/// a key and a colon, which is a key without a value. More is not guessed.
fn object(cell: &[u8]) -> Option<serde_json::Map<String, Value>> {
    if cell.is_empty() {
        return Some(serde_json::Map::new());
    }
    if cell.starts_with(b"{") {
        return serde_json::from_slice(cell).ok();
    }
    let (members, end): (&[u8], &[u8]) = match cell.split_last() {
        Some((b',', members)) if !members.is_empty() => (members, b"}"),
        Some((b':', _)) => (cell, b"\"\"}"),
        _ => (cell, b"}"),
    };
    serde_json::from_slice(&[b"{", members, end].concat()).ok()
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
    use proptest::prelude::*;

    fn pairs(cell: &str) -> Option<Vec<(String, String)>> {
        parse(cell.as_bytes(), TagKeys::Plain).map(|tags| tags.into_iter().collect())
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn braces_may_be_missing() {
        let wanted = Some(vec![pair("a", "1, {2}"), pair("user_b", "x:y")]);
        for cell in [
            r#"{"a": "1, {2}","user_b":"x:y"}"#,
            r#" "a": "1, {2}","user_b": "x:y" "#,
            r#""a":"1, {2}", "user_b":"x:y","#,
        ] {
            assert_eq!(pairs(cell), wanted, "{cell}");
        }
        assert_eq!(pairs("  "), Some(vec![]));
        assert_eq!(
            pairs(r#""a":"1","b":"#),
            Some(vec![pair("a", "1"), pair("b", "")])
        );
    }

    #[test]
    fn what_might_mean_anything_is_no_tag_set() {
        for cell in [
            "a: 1",
            r#""a""#,
            r#""a":"1":"#,
            r#""a":"1",,"#,
            r#""a":"1"}"#,
            r#"{"a":"1""#,
            r#"["a"]"#,
            ":",
            ",",
        ] {
            assert_eq!(pairs(cell), None, "{cell}");
        }
    }

    proptest! {
        #[test]
        fn a_set_reads_the_same_with_and_without_braces(tags in prop::collection::btree_map(".{0,8}", ".{0,12}", 0..6)) {
            let text = serde_json::to_string(&tags).unwrap();
            let bare = &text[1..text.len() - 1];
            prop_assert_eq!(parse(text.as_bytes(), TagKeys::Plain), Some(tags.clone()));
            prop_assert_eq!(parse(format!(" {bare}\t").as_bytes(), TagKeys::Plain), Some(tags));
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = parse(&bytes, TagKeys::Cur);
        }
    }

    #[test]
    fn one_set_has_one_text() {
        let mut texts = TagTexts::new(TagKeys::Cur);
        let first = texts.of_map(br#"{"user_team": "data", "aws_created_by":"x", "n": 1}"#);
        assert_eq!(
            first.as_deref(),
            Some(r#"{"aws:created_by":"x","n":"1","team":"data"}"#)
        );
        assert_eq!(texts.of_map(b"{}"), None);
    }

    #[test]
    fn only_a_cur_has_prefixes_to_take_off() {
        let tags = TagTexts::default().of_map(br#"{"user_team":"data"}"#);
        assert_eq!(tags.as_deref(), Some(r#"{"user_team":"data"}"#));
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
