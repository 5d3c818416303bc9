//! Columns of a query's answer, read where they stand: tables of many rows are not copied cell by cell.

use crate::error::{Error, Result};
use crate::money::Money;
use polars::prelude::*;

/// The texts of a column, one after the other.
pub(super) struct Texts<'f> {
    texts: Box<dyn Iterator<Item = Option<&'f str>> + 'f>,
}

impl<'f> Texts<'f> {
    /// The next one; empty where there is none.
    pub(super) fn next(&mut self) -> &'f str {
        self.texts.next().flatten().unwrap_or_default()
    }
}

/// The texts of a column.
pub(super) fn texts<'f>(frame: &'f DataFrame, name: &str) -> Result<Texts<'f>> {
    let texts = series(frame, name)?.str().map_err(|e| fault(&e))?.iter();
    Ok(Texts {
        texts: Box::new(texts),
    })
}

/// The amounts of a column.
pub(super) fn amounts<'f>(
    frame: &'f DataFrame,
    name: &str,
) -> Result<impl Iterator<Item = Option<Money>> + 'f> {
    let amounts = series(frame, name)?.decimal().map_err(|e| fault(&e))?;
    let units = amounts.physical().iter();
    Ok(units.map(|units| units.map(Money::from_units)))
}

/// The whole numbers of a column.
pub(super) fn counts(frame: &DataFrame, name: &str) -> Result<impl Iterator<Item = Option<i64>>> {
    let counts = series(frame, name)?.cast(&DataType::Int64);
    let counts = counts.and_then(|counts| counts.i64().cloned());
    let counts = counts.map_err(|e| fault(&e))?;
    Ok((0..counts.len()).map(move |row| counts.get(row)))
}

fn series<'f>(frame: &'f DataFrame, name: &str) -> Result<&'f Series> {
    let column = frame.column(name).map_err(|e| fault(&e))?;
    Ok(column.as_materialized_series())
}

fn fault(error: &PolarsError) -> Error {
    Error::data(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_not_there_is_empty() {
        let frame = df!("Team" => [Some("web"), None]).unwrap();
        let mut teams = texts(&frame, "Team").unwrap();
        assert_eq!([teams.next(), teams.next(), teams.next()], ["web", "", ""]);
        assert!(texts(&frame, "Cost").is_err() && amounts(&frame, "Team").is_err());
    }
}
