//! Charges added up and parted by billing period, in one pass over a batch.

use super::ledger::Ledger;
use super::moment;
use crate::error::{Error, Result};
use crate::focus::{COSTS, FocusFrame};
use crate::money::Money;
use crate::period::Month;
use polars::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Rows and sums by billing period, currency and invoice.
pub(super) struct Sums {
    ledger: Ledger,
    has_invoices: bool,
}

impl Sums {
    /// Of charges whose invoices are told apart, or not.
    pub(super) fn new(has_invoices: bool) -> Sums {
        Sums {
            ledger: Ledger::default(),
            has_invoices,
        }
    }

    /// Adds a batch up; returns it parted by billing period, and notes whose accounts are in which.
    pub(super) fn add(
        &mut self,
        charges: &FocusFrame,
        accounts: &mut BTreeMap<Month, BTreeSet<String>>,
    ) -> Result<Vec<(Month, FocusFrame)>> {
        let engine = |e: PolarsError| Error::data(e.to_string());
        let frame = charges.frame();
        let (months, month_of_row) = months(frame).map_err(engine)?;
        self.add_rows(frame, &months, &month_of_row)
            .map_err(engine)?;
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

    fn add_rows(
        &mut self,
        frame: &DataFrame,
        months: &[Month],
        month_of_row: &[usize],
    ) -> PolarsResult<()> {
        let currencies = frame.column("BillingCurrency")?.str()?;
        let invoices = frame.column("InvoiceId")?.str()?;
        let amounts: Vec<Int128Chunked> = COSTS
            .iter()
            .map(|cost| Ok(frame.column(cost)?.decimal()?.physical().clone()))
            .collect::<PolarsResult<_>>()?;
        let mut amounts: Vec<_> = amounts.iter().map(Int128Chunked::iter).collect();
        let texts = currencies.iter().zip(invoices.iter());
        for (month, (currency, invoice)) in month_of_row.iter().zip(texts) {
            let invoice = self
                .has_invoices
                .then(|| invoice.unwrap_or_default().as_bytes());
            let currency = currency.unwrap_or_default().as_bytes();
            let line = self.ledger.line(Some(months[*month]), currency, invoice);
            line.rows += 1;
            for (cost, units) in amounts.iter_mut().enumerate() {
                if let Some(Some(units)) = units.next() {
                    line.add(cost, Money::from_units(units));
                }
            }
        }
        Ok(())
    }

    /// All that was added.
    pub(super) fn into_ledger(self) -> Ledger {
        self.ledger
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
