//! Tables to CSV: UTF-8, comma, RFC 4180, header row, `\n`. Text that a spreadsheet would run as a formula
//! is defused; numbers never are. Computes nothing: a number that is wrong here was wrong before.

use super::table::{Cell, Table};
use crate::error::{Error, Result};
use std::path::Path;

/// A table as the bytes of a CSV file.
pub fn csv(table: &Table) -> Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::Any(b'\n'))
        .from_writer(Vec::new());
    let fault = |e: csv::Error| Error::data(format!("cannot write CSV: {e}"));
    writer.write_record(&table.columns).map_err(fault)?;
    let mut text = String::new();
    for row in &table.rows {
        for cell in row {
            text.clear();
            defused(cell, &mut text);
            writer.write_field(&text).map_err(fault)?;
        }
        writer.write_record(None::<&[u8]>).map_err(fault)?;
    }
    writer.into_inner().map_err(|e| Error::data(e.to_string()))
}

/// Writes a table to a file.
pub fn write_csv(table: &Table, path: &Path) -> Result<()> {
    std::fs::write(path, csv(table)?).map_err(|e| Error::write(path, &e))
}

/// Adds a cell's text, with a leading apostrophe where a spreadsheet would take text for a formula.
fn defused(cell: &Cell, text: &mut String) {
    let formula = ['=', '+', '-', '@', '\t', '\r'];
    if matches!(cell, Cell::Text(own) if own.starts_with(formula)) {
        text.push('\'');
    }
    cell.push(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Money;

    #[test]
    fn formulas_are_defused_and_numbers_are_not() {
        let mut table = Table::new(&["Text", "Amount"]);
        table.rows.push(vec![
            Cell::text("=HYPERLINK(\"x\")"),
            Cell::Money(Money::from_units(-1_000_000_000_000)),
        ]);
        table.rows.push(vec![Cell::text("a,b"), Cell::Empty]);
        let text = String::from_utf8(csv(&table).unwrap()).unwrap();
        assert_eq!(
            text,
            "Text,Amount\n\"'=HYPERLINK(\"\"x\"\")\",-1.00\n\"a,b\",\n"
        );
    }
}
