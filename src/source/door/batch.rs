//! What the door has taken in, as a table for the mapping.

use super::{Door, Parts, TagCells, Text, decimals, moment, moments};
use crate::error::{Error, Result};
use polars::prelude::*;

impl Door {
    /// The batch as a table named after the format's columns; the door is empty afterwards.
    pub(in crate::source) fn batch(&mut self) -> Result<DataFrame> {
        let rows = self.rows();
        let mut columns: Vec<Column> = self.calendar_columns();
        columns.extend(self.texts.iter_mut().map(Text::finish));
        columns.extend(self.parts.iter_mut().flat_map(Parts::finish));
        columns.extend(self.tags.iter_mut().map(TagCells::finish));
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

    /// The months of the charges' starts and of their billing periods, and the ends of the charges' days.
    fn calendar_columns(&mut self) -> Vec<Column> {
        let starts = self.times[self.plan.charge_start].values.clone();
        let stated = self.plan.period_start.map(|at| &self.times[at].values);
        let periods: Vec<Option<i64>> = (starts.iter().enumerate())
            .map(|(row, start)| stated.and_then(|stated| stated[row]).or(*start))
            .collect();
        let mut months = |of: &[Option<i64>]| -> Vec<Option<(i64, i64)>> {
            let month = |at: &Option<i64>| at.map(|at| self.calendar.month(at));
            of.iter().map(month).collect()
        };
        let (charge, billing) = (months(&starts), months(&periods));
        let start = |month: &Option<(i64, i64)>| month.map(|(start, _)| start);
        let end = |month: &Option<(i64, i64)>| month.map(|(_, end)| end);
        let last = |month: &Option<(i64, i64)>| month.map(|(_, end)| end - moment::DAY);
        let day_end = |at: &Option<i64>| at.map(moment::day_after);
        vec![
            moments("charge_month_start", charge.iter().map(start)),
            moments("charge_month_end", charge.iter().map(end)),
            moments("charge_day_end", starts.iter().map(day_end)),
            moments("billing_month_start", billing.iter().map(start)),
            moments("billing_month_last", billing.iter().map(last)),
            moments("billing_month_end", billing.iter().map(end)),
        ]
    }
}
