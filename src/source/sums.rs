//! Charges added up and parted by billing period, in one pass over a batch.

use super::moment;
use crate::error::{Error, Result};
use crate::focus::{COSTS, FocusFrame};
use crate::lake::Total;
use crate::money::Money;
use crate::period::Month;
use polars::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Rows and sums by billing period and currency.
#[derive(Default)]
pub(super) struct Sums(BTreeMap<(Month, String), (u64, [Option<Money>; 4])>);

impl Sums {
    /// Adds a batch up; returns it parted by billing period, and notes whose accounts are in which.
    pub(super) fn add(
        &mut self,
        charges: &FocusFrame,
        accounts: &mut BTreeMap<Month, BTreeSet<String>>,
    ) -> Result<Vec<(Month, FocusFrame)>> {
        let engine = |e: PolarsError| Error::data(e.to_string());
        let frame = charges.frame();
        let (months, month_of_row) = months(frame).map_err(engine)?;
        let currencies = frame
            .column("BillingCurrency")
            .and_then(Column::str)
            .map_err(engine)?;
        let groups = groups(&month_of_row, currencies);
        let amounts: Vec<Int128Chunked> = COSTS
            .iter()
            .map(|cost| Ok(frame.column(cost)?.decimal()?.physical().clone()))
            .collect::<PolarsResult<_>>()
            .map_err(engine)?;
        for (index, (month, currency, rows)) in groups.names.iter().enumerate() {
            let entry = self
                .0
                .entry((months[*month], currency.clone()))
                .or_insert((0, [None; 4]));
            entry.0 += rows;
            for (sum, column) in entry.1.iter_mut().zip(&amounts) {
                let own = column
                    .iter()
                    .zip(&groups.of_row)
                    .filter(|(_, group)| **group == index);
                for units in own.filter_map(|(units, _)| units) {
                    *sum.get_or_insert_default() += Money::from_units(units);
                }
            }
        }
        note_accounts(frame, &months, &month_of_row, accounts).map_err(engine)?;
        if let [only] = months.as_slice() {
            return Ok(vec![(*only, charges.clone())]);
        }
        let part = |(index, month): (usize, &Month)| {
            let mask: BooleanChunked = month_of_row.iter().map(|m| Some(*m == index)).collect();
            let part = frame.filter(&mask).map_err(engine)?;
            Ok((*month, FocusFrame::new(&part)?))
        };
        months.iter().enumerate().map(part).collect()
    }

    /// As the lake remembers them.
    pub(super) fn totals(self) -> Vec<Total> {
        let total =
            |((month, currency), (rows, sums)): ((Month, String), (u64, [Option<Money>; 4]))| {
                Total {
                    month: month.to_string(),
                    currency,
                    rows,
                    sums: sums.map(|sum| sum.map(|amount| amount.to_string())),
                }
            };
        self.0.into_iter().map(total).collect()
    }
}

/// The distinct billing months of a batch, and which of them each row has.
fn months(frame: &DataFrame) -> PolarsResult<(Vec<Month>, Vec<usize>)> {
    let starts = frame
        .column("BillingPeriodStart")?
        .datetime()?
        .physical()
        .clone();
    let mut months: Vec<Month> = Vec::new();
    let mut last = (0..0, 0);
    let of_row = starts.iter().map(|at| {
        let at = at.unwrap_or_default();
        if !last.0.contains(&at) {
            let month = moment::month(at);
            let (start, end) = moment::month_around(at);
            let known = months.iter().position(|m| *m == month).unwrap_or_else(|| {
                months.push(month);
                months.len() - 1
            });
            last = (start..end, known);
        }
        last.1
    });
    let of_row = of_row.collect();
    Ok((months, of_row))
}

struct Groups {
    names: Vec<(usize, String, u64)>,
    of_row: Vec<usize>,
}

fn groups(month_of_row: &[usize], currencies: &StringChunked) -> Groups {
    let mut groups = Groups {
        names: Vec::new(),
        of_row: Vec::with_capacity(month_of_row.len()),
    };
    for (month, currency) in month_of_row.iter().zip(currencies.iter()) {
        let currency = currency.unwrap_or_default();
        let known = groups
            .names
            .iter()
            .position(|(m, c, _)| m == month && c == currency);
        let index = known.unwrap_or_else(|| {
            groups.names.push((*month, currency.to_owned(), 0));
            groups.names.len() - 1
        });
        groups.names[index].2 += 1;
        groups.of_row.push(index);
    }
    groups
}

fn note_accounts(
    frame: &DataFrame,
    months: &[Month],
    month_of_row: &[usize],
    accounts: &mut BTreeMap<Month, BTreeSet<String>>,
) -> PolarsResult<()> {
    let names = frame.column("BillingAccountId")?.str()?;
    let mut last: Option<(usize, &str)> = None;
    for (month, name) in month_of_row.iter().zip(names.iter()) {
        let here = (*month, name.unwrap_or_default());
        if last != Some(here) {
            accounts
                .entry(months[here.0])
                .or_default()
                .insert(here.1.to_owned());
            last = Some(here);
        }
    }
    Ok(())
}
