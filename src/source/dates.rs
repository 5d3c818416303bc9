//! The order of day and month in a file's dates, decided once per file: `02/03/2026` alone says nothing.

use super::bind::{Binding, Cell};
use super::csv;
use super::door::Row;
use super::format::{CellKind, DateForms};
use super::moment::DateOrder;
use super::open::Layout;
use crate::error::{Error, Result};
use std::path::Path;

/// How a file's dates are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Dates {
    pub(super) order: DateOrder,
    /// The record that showed it; none where no date of the file did.
    pub(super) decided: Option<u64>,
}

/// Looks at the dates of a file until one shows the order; month first, as Microsoft states it, where none
/// does. Only formats that may have slashes in their dates are looked at.
pub(super) fn of_file(path: &Path, layout: Layout, binding: &Binding) -> Result<Dates> {
    if binding.family.dates == DateForms::Iso {
        return Ok(Dates::default());
    }
    let undecided = Dates {
        order: DateOrder::MonthFirst,
        decided: None,
    };
    if layout != Layout::Csv {
        return Ok(undecided);
    }
    let columns: Vec<usize> = binding
        .family
        .columns
        .iter()
        .filter(|(_, spec)| matches!(spec.kind, CellKind::Time | CellKind::LastDay))
        .filter_map(|(name, _)| match binding.cells.get(name.as_str()) {
            Some(Cell::Plain(at)) => Some(*at),
            _ => None,
        })
        .collect();
    let mut found = None;
    csv::look(path, &mut |row, number| {
        let order = columns
            .iter()
            .find_map(|at| DateOrder::of(row.cell(*at).trim_ascii()));
        found = order.map(|order| Dates {
            order,
            decided: Some(number),
        });
        found.is_none()
    })?;
    Ok(found.unwrap_or(undecided))
}

impl Dates {
    /// The error of a date that is written the other way round than the file's first clear one.
    pub(super) fn contradicted(self, path: &Path, line: u64, column: u64) -> Error {
        let (own, other) = match self.order {
            DateOrder::DayFirst => ("the day", "the month"),
            _ => ("the month", "the day"),
        };
        let first = self.decided.unwrap_or_default();
        Error::data(format!(
            "line {first} writes {own} first in its dates, line {line} writes {other} first"
        ))
        .at_line(path, line, column)
        .hint("two exports were joined, or a spreadsheet has rewritten some dates; export it again")
    }
}
