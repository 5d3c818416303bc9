//! One export as a cluster reads it: where it lies, and how its cells become the columns of the table `bill`. Made
//! from the same definition as the door of the default engine, kept with the input, and no SQL yet.

use super::dialect::name;
use crate::focus::Kind;
use serde::{Deserialize, Serialize};

/// An export that a cluster can read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// Its path or URL, as the cluster knows it.
    pub place: String,
    /// How it is laid out.
    pub layout: Layout,
    /// The mapping to FOCUS, a file of `queries/focus/`.
    pub mapping: String,
    /// What puts known mistakes right before the mapping, another file of `queries/focus/`.
    pub rules: Option<String>,
    /// The columns of `bill` and where they come from.
    pub columns: Vec<(String, Cell)>,
    /// Columns that are a rate times a quantity.
    pub products: Vec<(String, [String; 2])>,
    /// The columns that decide in which books a row stands.
    pub books: Books,
    /// Tag keys of team, environment and cost centre, in the order of preference.
    pub owners: [Vec<String>; 3],
}

/// How an export is laid out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Layout {
    /// CSV whose header has so many cells.
    Csv(usize),
    /// Parquet.
    Parquet,
}

/// A place in a row of the raw export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum At {
    /// A cell of a CSV record, from 0.
    Cell(usize),
    /// A column, or a field of struct columns.
    Field(Vec<String>),
    /// A column of maps.
    Map(Vec<String>),
}

impl At {
    /// Its text, as SQL; a map is JSON.
    pub(super) fn sql(&self) -> String {
        let path = |names: &[String]| {
            let names: Vec<String> = names.iter().map(|part| name(part)).collect();
            names.join(".")
        };
        match self {
            At::Cell(at) => format!("c{at}"),
            At::Field(names) => format!("CAST({} AS STRING)", path(names)),
            At::Map(names) => format!("to_json({})", path(names)),
        }
    }
}

/// Where a column comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cell {
    /// A text as it is.
    Text(At),
    /// A text that some exports write as a list, which no cluster reads.
    First(At),
    /// An amount.
    Money(At),
    /// A moment.
    Time(At),
    /// The text of a key of the object in the cell.
    Key(At, String),
    /// Tags: objects, then cells of one key each.
    Tags {
        /// Cells that hold objects.
        maps: Vec<At>,
        /// Cells that are the value of a key.
        keys: Vec<(At, String)>,
        /// True where keys have the prefixes of CUR 2.0, which are taken off.
        cur: bool,
    },
    /// Not in this export: a text, an amount or a moment that is not known.
    NoText,
    /// Likewise.
    NoMoney,
    /// Likewise.
    NoTime,
}

impl Cell {
    /// What a column of this kind is where the export lacks it.
    #[must_use]
    pub fn absent(kind: Kind) -> Cell {
        match kind {
            Kind::Money => Cell::NoMoney,
            Kind::Time => Cell::NoTime,
            _ => Cell::NoText,
        }
    }

    /// The SQL type of a column that the export lacks.
    pub(super) fn absent_type(&self) -> Option<&'static str> {
        match self {
            Cell::NoText => Some("STRING"),
            Cell::NoMoney => Some("DECIMAL(26, 12)"),
            Cell::NoTime => Some("TIMESTAMP"),
            _ => None,
        }
    }
}

/// The columns of `bill` that the books look at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Books {
    /// The amount that no row may lack.
    pub amount: String,
    /// The start of the charge.
    pub charge_start: String,
    /// The start of the billing period.
    pub period_start: String,
    /// The end of the billing period, where an export states it.
    pub period_end: Option<String>,
    /// The currency, and what the user says for rows without one.
    pub currency: (String, Option<String>),
    /// The invoice, where the export names one.
    pub invoice: Option<String>,
    /// What marks usage: a column, where the export has it, and its values.
    pub usage: Option<(Option<String>, Vec<String>)>,
    /// Per cost column: the amounts of which a row's first counts.
    pub controls: [Vec<String>; 4],
}

impl Bill {
    /// As text, for the lake to keep.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// From what the lake kept.
    #[must_use]
    pub fn read(text: &str) -> Option<Bill> {
        serde_json::from_str(text).ok()
    }
}
