//! What the door has taken in, as a table for the mapping.

use super::{Door, decimals, moment, moments};
use crate::error::{Error, Result};
use polars::prelude::*;

impl Door {
    /// The batch as a table named after the format's columns; the door is empty afterwards.
    pub(in crate::source) fn batch(&mut self) -> Result<DataFrame> {
        let rows = self.rows();
        let mut columns: Vec<Column> = self.calendar_columns().into();
        columns.extend(self.texts.iter_mut().map(|text| text.finish(self.capacity)));
        columns.extend(
            self.keys
                .iter_mut()
                .flat_map(|keys| keys.finish(self.capacity)),
        );
        columns.extend(self.tags.iter_mut().map(|tags| tags.finish(self.capacity)));
        columns.extend(
            self.moneys
                .iter_mut()
                .map(|m| decimals(m.name, m.values.drain(..))),
        );
        columns.extend(
            self.products
                .iter_mut()
                .map(|(name, _, values)| decimals(name, values.drain(..))),
        );
        columns.extend(
            self.times
                .iter_mut()
                .map(|t| moments(t.name, t.values.drain(..))),
        );
        columns.extend(
            self.absent
                .iter()
                .map(|(name, kind)| Column::full_null((*name).into(), rows, &kind.data_type())),
        );
        columns.push(
            Int64Chunked::from_vec("x_SourceRow".into(), std::mem::take(&mut self.source_rows))
                .into_column(),
        );
        DataFrame::new(rows, columns)
            .map_err(|e| Error::data(format!("a batch does not fit together: {e}")))
    }

    fn calendar_columns(&mut self) -> [Column; 3] {
        let starts = &self.times[self.plan.charge_start].values;
        let months: Vec<_> = starts
            .iter()
            .map(|start| start.map(|at| self.calendar.month(at)))
            .collect();
        [
            moments(
                "charge_month_start",
                months.iter().map(|month| month.map(|(start, _)| start)),
            ),
            moments(
                "charge_month_end",
                months.iter().map(|month| month.map(|(_, end)| end)),
            ),
            moments(
                "charge_day_end",
                starts.iter().map(|at| at.map(moment::day_after)),
            ),
        ]
    }
}
