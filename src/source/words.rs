//! A text column of a batch: every distinct cell once, and which of them each row has.
//!
//! A bill repeats few texts millions of times. A cell that was seen before costs a look-up and four bytes; the column
//! shares the one copy of its text. Where nearly every row has a text of its own (line ids), looking costs more than
//! it saves: such a column keeps its cells as they come.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use polars::prelude::*;
use std::hash::BuildHasher;

/// The place of a row without a text.
const NOTHING: IdxSize = IdxSize::MAX;

/// A batch tells whether a column repeats itself once it has so many texts.
const ENOUGH: usize = 4_096;

/// The cells of one column in one batch.
pub(super) struct Words {
    /// The distinct texts, one after the other, and where each ends.
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Places of the distinct texts by their hash.
    known: HashTable<IdxSize>,
    hasher: FixedState,
    /// Which text each row has.
    rows: Vec<IdxSize>,
    /// False for a column that does not repeat itself: its last batch said so.
    repeats: bool,
}

impl Words {
    /// An empty column.
    pub(super) fn new() -> Words {
        Words {
            bytes: Vec::new(),
            ends: Vec::new(),
            known: HashTable::new(),
            hasher: FixedState::with_seed(0),
            rows: Vec::new(),
            repeats: true,
        }
    }

    /// A row without a text.
    pub(super) fn push_null(&mut self) {
        self.rows.push(NOTHING);
    }

    /// A row with a text.
    pub(super) fn push(&mut self, text: &[u8]) {
        let last = self.rows.last().copied().unwrap_or(NOTHING);
        if last != NOTHING && self.text(last) == text {
            self.rows.push(last);
            return;
        }
        if !self.repeats {
            let place = self.add(text);
            self.rows.push(place);
            return;
        }
        let hash = self.hasher.hash_one(text);
        let (bytes, ends) = (&self.bytes, &self.ends);
        let found = self
            .known
            .find(hash, |place| text_at(bytes, ends, *place) == text);
        let place = if let Some(place) = found {
            *place
        } else {
            let place = self.add(text);
            let (bytes, ends, hasher) = (&self.bytes, &self.ends, &self.hasher);
            self.known.insert_unique(hash, place, |place| {
                hasher.hash_one(text_at(bytes, ends, *place))
            });
            place
        };
        self.rows.push(place);
    }

    fn text(&self, place: IdxSize) -> &[u8] {
        text_at(&self.bytes, &self.ends, place)
    }

    fn add(&mut self, text: &[u8]) -> IdxSize {
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
        IdxSize::try_from(self.ends.len() - 1).unwrap_or(NOTHING)
    }

    /// The rows so far as a column; the next batch begins empty. What is no UTF-8 is no text.
    pub(super) fn finish(&mut self, name: &'static str) -> Column {
        let mut texts = StringChunkedBuilder::new(name.into(), self.ends.len());
        let mut start = 0;
        for end in &self.ends {
            texts.append_option(std::str::from_utf8(&self.bytes[start..*end]).ok());
            start = *end;
        }
        let texts = texts.finish();
        let has = |place: &IdxSize| (*place != NOTHING).then_some(*place);
        let column = if self.ends.is_empty() {
            Column::full_null(name.into(), self.rows.len(), &DataType::String)
        } else {
            let places: IdxCa = self.rows.iter().map(has).collect_ca(name.into());
            // Every place is one of a text that was added: a test below gathers all of them.
            let column = texts.take(&places).map(IntoColumn::into_column);
            column.unwrap_or_else(|_| {
                Column::full_null(name.into(), self.rows.len(), &DataType::String)
            })
        };
        if self.ends.len() >= ENOUGH {
            self.repeats = self.ends.len() * 4 < self.rows.len();
        }
        self.bytes.clear();
        self.ends.clear();
        self.known.clear();
        self.rows.clear();
        column
    }
}

fn text_at<'a>(bytes: &'a [u8], ends: &[usize], place: IdxSize) -> &'a [u8] {
    let place = place as usize;
    let start = place.checked_sub(1).map_or(0, |before| ends[before]);
    &bytes[start..ends[place]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn column(words: &mut Words, cells: &[Option<String>]) -> Vec<Option<String>> {
        for cell in cells {
            match cell {
                Some(text) => words.push(text.as_bytes()),
                None => words.push_null(),
            }
        }
        let column = words.finish("a");
        let texts = column.str().unwrap();
        texts.iter().map(|text| text.map(str::to_owned)).collect()
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(batches in prop::collection::vec(prop::collection::vec(prop::option::of("[a-c]{0,20}"), 0..40), 0..4)) {
            let mut words = Words::new();
            for cells in batches {
                prop_assert_eq!(column(&mut words, &cells), cells);
            }
        }
    }

    #[test]
    fn a_column_of_texts_that_never_repeat_is_not_looked_up() {
        let mut words = Words::new();
        let ids: Vec<Option<String>> = (0..ENOUGH).map(|id| Some(format!("id-{id}"))).collect();
        assert_eq!(column(&mut words, &ids), ids);
        assert!(!words.repeats);
        assert_eq!(column(&mut words, &ids), ids);
        let same = vec![Some("one".to_owned()); 2 * ENOUGH];
        assert_eq!(column(&mut words, &same), same);
    }

    #[test]
    fn rows_without_texts_are_a_column_of_nothing() {
        let mut words = Words::new();
        assert_eq!(column(&mut words, &[None, None]), [None, None]);
        words.push(b"\xff");
        words.push(b"a");
        let column = words.finish("a");
        let texts: Vec<Option<&str>> = column.str().unwrap().iter().collect();
        assert_eq!(texts, [None, Some("a")]);
    }
}
