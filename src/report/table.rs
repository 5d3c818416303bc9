//! A report's table: named columns, typed cells, rows in their stated order.

use super::digits;
use crate::error::{Error, Result};
use crate::money::{Money, percent};
use chrono::{DateTime, Days, NaiveDate};
use polars::prelude::*;
use std::fmt::Write;

/// One value of a report.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Text; empty text is an empty cell.
    Text(String),
    /// An exact amount.
    Money(Money),
    /// Hundredths of a percent.
    Percent(i64),
    /// A statistic with this many decimals.
    Number(f64, usize),
    /// A whole number.
    Count(i64),
    /// A day.
    Day(NaiveDate),
    /// Unknown or not applicable.
    Empty,
}

impl Cell {
    /// Text from anything that has a text.
    pub fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }

    /// The cell as it stands in a CSV, before quoting.
    pub fn plain(&self) -> String {
        if let Cell::Text(text) = self {
            return text.clone();
        }
        let mut text = String::new();
        self.push(&mut text);
        text
    }

    /// Adds the cell as it stands in a CSV, before quoting, to a text.
    pub fn push(&self, text: &mut String) {
        // Writing to a String cannot fail.
        match self {
            Cell::Text(own) => text.push_str(own),
            Cell::Money(amount) => drop(write!(text, "{amount}")),
            Cell::Percent(hundredths) => text.push_str(&percent(*hundredths)),
            Cell::Number(value, decimals) if value.is_finite() => {
                digits::push(text, without_minus_zero(*value, *decimals), *decimals);
            }
            Cell::Number(..) | Cell::Empty => {}
            Cell::Count(count) => drop(write!(text, "{count}")),
            Cell::Day(day) => drop(write!(text, "{day}")),
        }
    }

    /// The amount, if it is one.
    pub fn money(&self) -> Option<Money> {
        if let Cell::Money(amount) = self {
            Some(*amount)
        } else {
            None
        }
    }

    /// A copy for drawing.
    #[allow(clippy::cast_precision_loss, reason = "a copy for drawing")]
    pub fn approximate(&self) -> Option<f64> {
        match self {
            Cell::Money(amount) => Some(amount.approximate()),
            Cell::Percent(hundredths) => Some(*hundredths as f64 / 100.0),
            Cell::Number(value, _) => Some(*value),
            Cell::Count(count) => Some(*count as f64),
            Cell::Text(_) | Cell::Day(_) | Cell::Empty => None,
        }
    }
}

/// `-0.00` would be another text than `0.00` for the same value.
fn without_minus_zero(value: f64, decimals: usize) -> f64 {
    let exponent = i32::try_from(decimals).unwrap_or(0);
    if value.abs() * 10f64.powi(exponent) < 0.5 {
        0.0
    } else {
        value
    }
}

impl From<Option<Money>> for Cell {
    fn from(amount: Option<Money>) -> Cell {
        amount.map_or(Cell::Empty, Cell::Money)
    }
}

/// Columns and rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows, each as long as `columns`.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table of these columns, without rows.
    pub fn new(columns: &[&str]) -> Table {
        Table {
            columns: columns.iter().map(ToString::to_string).collect(),
            rows: Vec::new(),
        }
    }

    /// Place of a column.
    pub fn at(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| name == column)
    }

    /// A column's texts, row by row.
    pub fn texts(&self, column: &str) -> Vec<String> {
        let at = self.at(column);
        self.rows
            .iter()
            .map(|row| at.map(|at| row[at].plain()).unwrap_or_default())
            .collect()
    }

    /// A column's amounts, row by row.
    pub fn amounts(&self, column: &str) -> Vec<Option<Money>> {
        let at = self.at(column);
        self.rows
            .iter()
            .map(|row| at.and_then(|at| row[at].money()))
            .collect()
    }

    /// The result of a query.
    pub fn of_frame(frame: &DataFrame) -> Result<Table> {
        let columns: Vec<Vec<Cell>> = frame.columns().iter().map(cells).collect::<Result<_>>()?;
        let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
        let names = frame
            .get_column_names()
            .iter()
            .map(ToString::to_string)
            .collect();
        let rows = (0..frame.height())
            .map(|_| columns.iter_mut().filter_map(Iterator::next).collect())
            .collect();
        Ok(Table {
            columns: names,
            rows,
        })
    }
}

fn cells(column: &Column) -> Result<Vec<Cell>> {
    let engine = |e: PolarsError| Error::data(e.to_string());
    let series = column.as_materialized_series();
    Ok(match series.dtype() {
        DataType::String => series
            .str()
            .map_err(engine)?
            .iter()
            .map(|text| text.map_or(Cell::Empty, Cell::text))
            .collect(),
        DataType::Decimal(_, 12) => {
            let units = series.decimal().map_err(engine)?.physical();
            units
                .iter()
                .map(|units| {
                    units.map_or(Cell::Empty, |units| Cell::Money(Money::from_units(units)))
                })
                .collect()
        }
        DataType::Date => {
            let days = series.to_physical_repr();
            let days = days.i32().map_err(engine)?;
            days.iter()
                .map(|day| day.and_then(day_of).map_or(Cell::Empty, Cell::Day))
                .collect()
        }
        DataType::Datetime(TimeUnit::Microseconds, _) => {
            let moments = series.to_physical_repr();
            let moments = moments.i64().map_err(engine)?;
            let text = |at: i64| {
                DateTime::from_timestamp_micros(at)
                    .map(|m| m.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
            };
            moments
                .iter()
                .map(|at| at.and_then(text).map_or(Cell::Empty, Cell::Text))
                .collect()
        }
        DataType::Null => vec![Cell::Empty; series.len()],
        dtype if dtype.is_integer() => {
            let counts = series.cast(&DataType::Int64).map_err(engine)?;
            counts
                .i64()
                .map_err(engine)?
                .iter()
                .map(|count| count.map_or(Cell::Empty, Cell::Count))
                .collect()
        }
        dtype if dtype.is_float() => {
            let values = series.cast(&DataType::Float64).map_err(engine)?;
            values
                .f64()
                .map_err(engine)?
                .iter()
                .map(|value| value.map_or(Cell::Empty, |value| Cell::Number(value, 6)))
                .collect()
        }
        _ => {
            let texts = series.cast(&DataType::String).map_err(engine)?;
            texts
                .str()
                .map_err(engine)?
                .iter()
                .map(|text| text.map_or(Cell::Empty, Cell::text))
                .collect()
        }
    })
}

/// A day from its count since 1970.
pub fn day_of(count: i32) -> Option<NaiveDate> {
    let epoch = NaiveDate::default();
    match u64::try_from(count) {
        Ok(days) => epoch.checked_add_days(Days::new(days)),
        Err(_) => epoch.checked_sub_days(Days::new(u64::from(count.unsigned_abs()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_plain_text() {
        let amount = Money::parse(b"-1204.5").unwrap();
        let cells = [
            Cell::Money(amount),
            Cell::Percent(1234),
            Cell::Number(-0.001, 2),
            Cell::Number(f64::NAN, 2),
            Cell::Empty,
        ];
        assert_eq!(
            cells.map(|cell| cell.plain()),
            ["-1204.50", "12.34", "0.00", "", ""]
        );
    }

    #[test]
    fn a_frame_becomes_typed_cells() {
        let frame = df!("Service" => [Some("EC2"), None], "Charges" => [1i64, 2]).unwrap();
        let table = Table::of_frame(&frame).unwrap();
        assert_eq!(table.rows[1], [Cell::Empty, Cell::Count(2)]);
        assert_eq!(day_of(-1).unwrap().to_string(), "1969-12-31");
    }
}
