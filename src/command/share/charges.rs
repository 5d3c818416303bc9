//! Charges as showback rules see them: borrowed from the query's result row by row, for a bill may have millions
//! of resources. Decides nothing.

use crate::condition::COLUMNS;
use crate::error::{Error, Result};
use crate::money::Money;
use crate::tags::parse_tags;
use polars::prelude::*;
use std::collections::{BTreeMap, HashMap};

type Tags = BTreeMap<String, String>;

/// The charges of the night, added up by everything that a condition may name.
pub(super) struct Charges {
    frame: DataFrame,
    /// Every text of tags, parsed once.
    tags: HashMap<String, Tags>,
}

/// One of them.
pub(super) struct Charge<'a> {
    pub(super) month: &'a str,
    pub(super) currency: &'a str,
    /// Billed and effective cost.
    pub(super) amounts: [Money; 2],
    columns: [&'a str; COLUMNS.len()],
    tags: Option<&'a Tags>,
}

impl<'a> Charge<'a> {
    /// The value of a column or, under `tag:KEY`, of a tag; nothing for what is neither.
    pub(super) fn value(&self, column: &str) -> Option<&'a str> {
        if let Some(key) = column.strip_prefix("tag:") {
            return self.tags?.get(key).map(String::as_str);
        }
        let at = COLUMNS.iter().position(|known| *known == column)?;
        Some(self.columns[at])
    }

    /// As reports name it: what no tag owns and what has no account or service is a line of its own.
    pub(super) fn shown(&self, column: &str) -> &'a str {
        match (self.value(column).unwrap_or_default(), column) {
            ("", "CostCenter" | "Team" | "Environment") => "(untagged)",
            ("", "SubAccountId") => "(no account)",
            ("", "ServiceName") => "(unknown)",
            (value, _) => value,
        }
    }
}

impl Charges {
    /// Of a query's result; columns that it leaves out are empty.
    pub(super) fn new(frame: DataFrame) -> Result<Charges> {
        let mut tags = HashMap::new();
        if let Ok(column) = frame.column("Tags") {
            let texts = column.as_materialized_series().str().map_err(fault)?;
            for text in texts.iter().flatten() {
                if !tags.contains_key(text) {
                    tags.insert(text.to_owned(), parse_tags(text).unwrap_or_default());
                }
            }
        }
        Ok(Charges { frame, tags })
    }

    /// True where a tag names a cost centre of any charge.
    pub(super) fn has_cost_centers(&self) -> Result<bool> {
        let column = self.frame.column("CostCenter").map_err(fault)?;
        let texts = column.as_materialized_series().str().map_err(fault)?;
        Ok(texts.iter().flatten().any(|text| !text.is_empty()))
    }

    /// Shows every charge, in the order of the query.
    pub(super) fn each<'a>(&'a self, mut see: impl FnMut(&Charge<'a>)) -> Result<()> {
        let series = |name: &str| self.frame.column(name).map(Column::as_materialized_series);
        let texts = |name: &str| series(name).and_then(Series::str).map_err(fault);
        let costs = |name: &str| {
            let column = series(name).and_then(Series::decimal).map_err(fault)?;
            Ok::<_, Error>(column.physical().iter())
        };
        let mut columns = COLUMNS
            .iter()
            .map(|name| match self.frame.get_column_index(name) {
                Some(_) => Ok(Some(texts(name)?.iter())),
                None => Ok(None),
            })
            .collect::<Result<Vec<_>>>()?;
        let mut tags = match self.frame.get_column_index("Tags") {
            Some(_) => Some(texts("Tags")?.iter()),
            None => None,
        };
        let (mut billed, mut effective) = (costs("BilledCost")?, costs("EffectiveCost")?);
        let rows = texts("Month")?.iter().zip(texts("BillingCurrency")?.iter());
        for (month, currency) in rows {
            let mut cells = columns.iter_mut().map(|column| {
                column
                    .as_mut()
                    .and_then(|cells| cells.next()?)
                    .unwrap_or("")
            });
            let cost = |units: Option<Option<i128>>| {
                Money::from_units(units.flatten().unwrap_or_default())
            };
            see(&Charge {
                month: month.unwrap_or_default(),
                currency: currency.unwrap_or_default(),
                amounts: [cost(billed.next()), cost(effective.next())],
                columns: std::array::from_fn(|_| cells.next().unwrap_or_default()),
                tags: tags
                    .as_mut()
                    .and_then(|texts| texts.next()?)
                    .and_then(|text| self.tags.get(text)),
            });
        }
        Ok(())
    }
}

#[allow(clippy::needless_pass_by_value, reason = "called by map_err")]
fn fault(error: PolarsError) -> Error {
    Error::data(error.to_string())
}
