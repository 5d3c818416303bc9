//! Cells of one column: read, checked and gathered into the engine's columns.

use super::amounts::Of;
use super::door::Row;
use super::moment::{self, DateOrder};
use super::nested::{self, Pick, Value};
use super::tags::{self, TagTexts};
use super::words::Words;
use crate::focus::Kind;
use crate::money::{self, Money, NotMoney};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use polars::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Clouds bill since 2006; a date before 2000 or after 2199 is a mistake.
const PLAUSIBLE: std::ops::Range<i64> = 946_684_800_000_000..7_258_118_400_000_000;

/// Distinct map cells kept in memory at most.
const MEMORY: usize = 100_000;

/// A text column under construction.
pub(super) struct Text {
    pub(super) name: &'static str,
    pub(super) at: usize,
    values: Words,
}

impl Text {
    pub(super) fn new(name: &'static str, at: usize) -> Text {
        Text {
            name,
            at,
            values: Words::new(),
        }
    }

    pub(super) fn push(&mut self, cell: &[u8]) {
        if is_null(cell) {
            self.values.push_null();
        } else {
            self.values.push(cell);
        }
    }

    pub(super) fn finish(&mut self) -> Column {
        self.values.finish(self.name)
    }
}

/// A text that is a part of what a cell holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A key of a struct.
    Key(String),
    /// A field of one struct of a list.
    Pick(Pick),
    /// The first entry of a list; the whole cell where it is none.
    First,
}

impl Part {
    fn of(&self, cell: &[u8], value: Option<&Value>) -> Option<String> {
        let text = match (self, value) {
            (Part::Key(key), Some(value)) => value.text(key),
            (Part::Pick(pick), Some(value)) => pick.of(value),
            (Part::First, Some(Value::List(entries))) => {
                entries.first().map(|entry| entry.clone().plain())
            }
            (Part::First, _) => String::from_utf8(cell.to_vec()).ok(),
            (_, None) => None,
        };
        text.filter(|text| !text.is_empty())
    }
}

/// Text columns that are parts of one cell.
pub(super) struct Parts {
    pub(super) at: usize,
    columns: Vec<(&'static str, Part, Words)>,
    /// The values of the columns, in their order, by the cell.
    known: HashMap<Vec<u8>, Vec<Option<String>>, RandomState>,
}

impl Parts {
    pub(super) fn new(at: usize) -> Parts {
        Parts {
            at,
            columns: Vec::new(),
            known: HashMap::default(),
        }
    }

    pub(super) fn add(&mut self, name: &'static str, part: Part) {
        self.columns.push((name, part, Words::new()));
    }

    pub(super) fn push(&mut self, cell: &[u8]) {
        if is_null(cell) || cell == b"[]" {
            self.columns
                .iter_mut()
                .for_each(|(_, _, column)| column.push_null());
            return;
        }
        if self.known.len() >= MEMORY {
            self.known.clear();
        }
        let columns = &self.columns;
        let values = self.known.entry_ref(cell).or_insert_with(|| {
            let value = nested::parse(cell).ok();
            let parts = columns.iter().map(|(_, part, _)| part);
            parts.map(|part| part.of(cell, value.as_ref())).collect()
        });
        for ((_, _, column), value) in self.columns.iter_mut().zip(values) {
            match value {
                Some(text) => column.push(text.as_bytes()),
                None => column.push_null(),
            }
        }
    }

    pub(super) fn finish(&mut self) -> Vec<Column> {
        self.columns
            .iter_mut()
            .map(|(name, _, values)| values.finish(name))
            .collect()
    }
}

/// A column of tag sets, gathered from map cells and from one cell per key.
pub(super) struct TagCells {
    name: &'static str,
    maps: Vec<(usize, String)>,
    keys: Vec<(usize, String)>,
    values: Words,
    raw: Vec<u8>,
}

impl TagCells {
    pub(super) fn new(
        name: &'static str,
        maps: &[(usize, String)],
        keys: &[(usize, String)],
    ) -> TagCells {
        TagCells {
            name,
            maps: maps.to_vec(),
            keys: keys.to_vec(),
            values: Words::new(),
            raw: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, texts: &mut TagTexts, row: &impl Row) {
        let text = match (self.maps.as_slice(), self.keys.is_empty()) {
            ([(only, scheme)], true) if scheme.is_empty() => {
                let cell = row.cell(*only);
                if is_null(&cell) {
                    None
                } else {
                    texts.of_map(&cell)
                }
            }
            _ => self.gathered(texts, row),
        };
        match text {
            Some(text) => self.values.push(text.as_bytes()),
            None => self.values.push_null(),
        }
    }

    /// The set of a row whose tags stand in several cells; a later map wins over an earlier one, a key of
    /// its own cell over all.
    fn gathered(&mut self, texts: &mut TagTexts, row: &impl Row) -> Option<std::sync::Arc<str>> {
        self.raw.clear();
        let cells = self.maps.iter().chain(&self.keys).map(|(at, _)| at);
        for (index, at) in cells.enumerate() {
            let cell = row.cell(*at);
            if !is_null(&cell) {
                self.raw
                    .extend_from_slice(&u32::try_from(index).unwrap_or(u32::MAX).to_le_bytes());
                self.raw.extend_from_slice(&cell);
                self.raw.push(0);
            }
        }
        if self.raw.is_empty() {
            return None;
        }
        let form = texts.keys;
        texts.of_row(&self.raw, || {
            let mut tags = BTreeMap::new();
            for (at, scheme) in &self.maps {
                let cell = row.cell(*at);
                if !is_null(&cell) {
                    let more = tags::parse(&cell, form)?.into_iter();
                    tags.extend(more.map(|(key, value)| (format!("{scheme}{key}"), value)));
                }
            }
            for (at, key) in &self.keys {
                let cell = row.cell(*at);
                if !is_null(&cell) {
                    tags.insert(key.clone(), String::from_utf8_lossy(&cell).into_owned());
                }
            }
            Some(tags)
        })
    }

    pub(super) fn finish(&mut self) -> Column {
        self.values.finish(self.name)
    }
}

/// A column of amounts or moments under construction; `next` is the row being checked.
pub(super) struct Number<T> {
    pub(super) name: &'static str,
    pub(super) at: usize,
    pub(super) needed: bool,
    /// True where a cell names the last day and the start of the next is meant.
    pub(super) last_day: bool,
    /// Where it comes from, when it is not the whole cell.
    pub(super) of: Option<Of>,
    /// True where a number larger than what is stored is unknown, not refused.
    pub(super) vast: bool,
    pub(super) values: Vec<Option<T>>,
    pub(super) next: Option<T>,
}

impl<T> Number<T> {
    pub(super) fn new(name: &'static str, at: usize, needed: bool) -> Number<T> {
        Number {
            name,
            at,
            needed,
            last_day: false,
            of: None,
            vast: false,
            values: Vec::new(),
            next: None,
        }
    }
}

/// True for what exports write where they have nothing.
pub(super) fn is_null(cell: &[u8]) -> bool {
    cell.is_empty() || cell == b"NULL"
}

/// A currency's code in its one spelling: ` usd` is `USD`.
pub(super) fn currency_code(cell: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let differs = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_whitespace();
    if cell.iter().any(differs) {
        Cow::Owned(cell.trim_ascii().to_ascii_uppercase())
    } else {
        cell
    }
}

/// An amount in stored units; nothing of an empty cell; a sentence where it is no amount.
pub(super) fn read_money(cell: &[u8]) -> Result<Option<i128>, String> {
    let cell = cell.trim_ascii();
    if is_null(cell) {
        return Ok(None);
    }
    match Money::parse(cell) {
        Ok(amount) => Ok(Some(amount.units())),
        Err(NotMoney::Unreadable) => Err("this is not a number".to_owned()),
        Err(NotMoney::TooLarge) => Err(format!(
            "the amount has more than {} digits before the point",
            money::PRECISION - money::SCALE
        )),
    }
}

/// A moment in microseconds; nothing of an empty cell; a sentence where it is no moment.
pub(super) fn read_time(cell: &[u8], order: DateOrder) -> Result<Option<i64>, String> {
    let cell = cell.trim_ascii();
    if is_null(cell) {
        return Ok(None);
    }
    let moment = moment::parse_in(cell, order).filter(|at| PLAUSIBLE.contains(at));
    moment
        .map(Some)
        .ok_or_else(|| "this is not a date".to_owned())
}

/// Amounts as a column.
pub(super) fn decimals(name: &str, values: impl Iterator<Item = Option<i128>>) -> Column {
    let units: Int128Chunked = values.collect_ca(name.into());
    units
        .into_decimal_unchecked(money::PRECISION, money::SCALE)
        .into_column()
}

/// Moments as a column.
pub(super) fn moments(name: &str, values: impl Iterator<Item = Option<i64>>) -> Column {
    let micros: Int64Chunked = values.collect_ca(name.into());
    let column = micros
        .into_datetime(TimeUnit::Microseconds, None)
        .into_column();
    debug_assert_eq!(column.dtype(), &Kind::Time.data_type());
    column
}
