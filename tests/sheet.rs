//! A published CSV as tests read it: by column name, with exact sums.

use crate::exact::pico;
use std::collections::BTreeMap;

/// A table of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sheet {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

/// One row, by column name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row(BTreeMap<String, String>);

impl Row {
    /// A cell; a column that is not there fails the test.
    pub(crate) fn get(&self, column: &str) -> &str {
        let cell = self.0.get(column);
        cell.unwrap_or_else(|| panic!("no column `{column}` in {:?}", self.0.keys()))
    }

    /// Several cells.
    pub(crate) fn key<const N: usize>(&self, columns: [&str; N]) -> [String; N] {
        columns.map(|column| self.get(column).to_owned())
    }
}

impl Sheet {
    /// Reads CSV; every row must be as wide as the header.
    pub(crate) fn parse(bytes: &[u8]) -> Sheet {
        let mut reader = csv::Reader::from_reader(bytes);
        let columns: Vec<String> = reader
            .headers()
            .unwrap()
            .iter()
            .map(str::to_owned)
            .collect();
        let row = |record: csv::StringRecord| {
            Row(columns
                .iter()
                .cloned()
                .zip(record.iter().map(str::to_owned))
                .collect())
        };
        let rows = reader
            .records()
            .map(|record| row(record.unwrap()))
            .collect();
        Sheet { columns, rows }
    }

    /// The rows in which all of these cells stand.
    pub(crate) fn find<'a>(&'a self, cells: &'a [(&str, &str)]) -> impl Iterator<Item = &'a Row> {
        let fits = move |row: &&Row| cells.iter().all(|(column, cell)| row.get(column) == *cell);
        self.rows.iter().filter(fits)
    }

    /// A column, top to bottom.
    pub(crate) fn column(&self, name: &str) -> Vec<&str> {
        self.rows.iter().map(|row| row.get(name)).collect()
    }

    /// Exact sums of an amount by other columns.
    pub(crate) fn sums<const N: usize>(
        &self,
        of: &str,
        by: [&str; N],
    ) -> BTreeMap<[String; N], i128> {
        let mut sums = BTreeMap::new();
        for row in &self.rows {
            *sums.entry(row.key(by)).or_default() += pico(row.get(of));
        }
        sums
    }
}
