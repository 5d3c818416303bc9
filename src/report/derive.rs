//! Columns computed exactly from other columns: shares that add up, changes from the month before.

use super::definition::Derived;
use super::table::{Cell, Table};
use crate::error::{Error, Result};
use crate::money::{Money, shares};
use crate::period::Month;
use std::collections::BTreeMap;

/// Adds the derived columns of a definition to its table.
pub fn derive(table: &mut Table, derived: &[Derived]) -> Result<()> {
    for one in derived {
        let (column, cells) = match one {
            Derived::Share { column, of, within } => (column, share(table, of, within)?),
            Derived::Change { column, of, keys } => (column, change(table, of, keys)?),
        };
        table.columns.push(column.clone());
        table
            .rows
            .iter_mut()
            .zip(cells)
            .for_each(|(row, cell)| row.push(cell));
    }
    Ok(())
}

fn place(table: &Table, column: &str) -> Result<usize> {
    table.at(column).ok_or_else(|| {
        Error::usage(format!(
            "a derived column names `{column}`, which the query does not make"
        ))
    })
}

fn key(row: &[Cell], places: &[usize]) -> Vec<String> {
    places.iter().map(|at| row[*at].plain()).collect()
}

fn share(table: &Table, of: &str, within: &[String]) -> Result<Vec<Cell>> {
    let amount = place(table, of)?;
    let places: Vec<usize> = within
        .iter()
        .map(|name| place(table, name))
        .collect::<Result<_>>()?;
    let mut groups: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for (index, row) in table.rows.iter().enumerate() {
        groups.entry(key(row, &places)).or_default().push(index);
    }
    let mut cells = vec![Cell::Empty; table.rows.len()];
    for rows in groups.values() {
        let amounts: Vec<Money> = rows
            .iter()
            .map(|row| table.rows[*row][amount].money().unwrap_or_default())
            .collect();
        for (row, share) in rows.iter().zip(shares(&amounts)) {
            cells[*row] = Cell::Percent(share);
        }
    }
    Ok(cells)
}

fn change(table: &Table, of: &str, keys: &[String]) -> Result<Vec<Cell>> {
    let amount = place(table, of)?;
    let month = place(table, "Month")?;
    let places: Vec<usize> = keys
        .iter()
        .map(|name| place(table, name))
        .collect::<Result<_>>()?;
    let mut known: BTreeMap<(Vec<String>, String), Money> = BTreeMap::new();
    let mut months: Vec<String> = Vec::new();
    for row in &table.rows {
        *known
            .entry((key(row, &places), row[month].plain()))
            .or_default() += row[amount].money().unwrap_or_default();
        months.push(row[month].plain());
    }
    let cells = table.rows.iter().map(|row| {
        let before = Month::parse(&row[month].plain()).map(|m| m.previous().to_string());
        match before.filter(|before| months.contains(before)) {
            None => Cell::Empty,
            Some(before) => {
                let previous = known
                    .get(&(key(row, &places), before))
                    .copied()
                    .unwrap_or_default();
                Cell::Money(row[amount].money().unwrap_or_default() - previous)
            }
        }
    });
    Ok(cells.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[(&str, &str, i128)]) -> Table {
        let mut table = Table::new(&["Month", "Team", "Cost"]);
        for (month, team, cost) in rows {
            table.rows.push(vec![
                Cell::text(*month),
                Cell::text(*team),
                Cell::Money(Money::from_units(*cost)),
            ]);
        }
        table
    }

    #[test]
    fn shares_add_up_within_their_group() {
        let mut table = table(&[
            ("2026-09", "a", 1),
            ("2026-10", "a", 1),
            ("2026-10", "b", 1),
            ("2026-10", "c", 1),
        ]);
        derive(
            &mut table,
            &[Derived::Share {
                column: "Share".into(),
                of: "Cost".into(),
                within: vec!["Month".into()],
            }],
        )
        .unwrap();
        assert_eq!(table.texts("Share"), ["100.00", "33.34", "33.33", "33.33"]);
    }

    #[test]
    fn a_change_needs_a_month_before() {
        let one = 1_000_000_000_000;
        let mut table = table(&[
            ("2026-09", "a", 2 * one),
            ("2026-10", "a", 5 * one),
            ("2026-10", "new", one),
        ]);
        let change = Derived::Change {
            column: "Change".into(),
            of: "Cost".into(),
            keys: vec!["Team".into()],
        };
        derive(&mut table, &[change]).unwrap();
        assert_eq!(table.texts("Change"), ["", "3.00", "1.00"]);
    }
}
