//! Sums by billing period, currency and invoice: of an export before any mapping, and of its charges after
//! it. Invoices are told apart while there are few; where a period has more, all are kept as one.

use crate::focus::COSTS;
use crate::lake::{MOST_INVOICES, Total};
use crate::money::Money;
use crate::period::Month;
use std::collections::BTreeSet;

/// What one billing period, currency and invoice adds up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// Billing period; nothing where a row set aside names none.
    month: Option<Month>,
    currency: String,
    /// Empty for rows without an invoice; nothing where invoices are not told apart.
    invoice: Option<String>,
    /// Rows.
    pub(super) rows: u64,
    /// One sum per entry of [`COSTS`]; nothing where there is no such column.
    pub(super) sums: [Option<Money>; COSTS.len()],
}

impl Line {
    /// Adds to the sum of one cost column.
    pub(super) fn add(&mut self, cost: usize, amount: Money) {
        *self.sums[cost].get_or_insert_default() += amount;
    }

    fn is(&self, month: Option<Month>, currency: &[u8], invoice: Option<&[u8]>) -> bool {
        self.month == month
            && self.currency.as_bytes() == currency
            && self.invoice.as_ref().map(String::as_bytes) == invoice
    }
}

/// All lines of one file.
#[derive(Default)]
pub(super) struct Ledger {
    lines: Vec<Line>,
    /// Rows of one invoice stand together: the line of the last row is mostly that of the next.
    last: usize,
    merged: bool,
}

impl Ledger {
    /// The line of a period, currency and invoice, opened where it is new.
    pub(super) fn line(
        &mut self,
        month: Option<Month>,
        currency: &[u8],
        invoice: Option<&[u8]>,
    ) -> &mut Line {
        let mut invoice = invoice.filter(|_| !self.merged);
        let is = |line: &Line| line.is(month, currency, invoice);
        if !self.lines.get(self.last).is_some_and(is) {
            self.last = if let Some(known) = self.lines.iter().rposition(is) {
                known
            } else {
                if invoice.is_some() && self.is_full(month) {
                    self.merge_invoices();
                    invoice = None;
                }
                self.open(month, currency, invoice)
            };
        }
        &mut self.lines[self.last]
    }

    fn is_full(&self, month: Option<Month>) -> bool {
        let of_month = self.lines.iter().filter(|line| line.month == month);
        of_month.count() >= MOST_INVOICES
    }

    fn open(&mut self, month: Option<Month>, currency: &[u8], invoice: Option<&[u8]>) -> usize {
        let known = self
            .lines
            .iter()
            .rposition(|line| line.is(month, currency, invoice));
        known.unwrap_or_else(|| {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            self.lines.push(Line {
                month,
                currency: text(currency),
                invoice: invoice.map(text),
                ..Line::default()
            });
            self.lines.len() - 1
        })
    }

    /// Keeps all invoices as one, from here on too.
    pub(super) fn merge_invoices(&mut self) {
        self.merged = true;
        self.last = 0;
        for line in std::mem::take(&mut self.lines) {
            let at = self.open(line.month, line.currency.as_bytes(), None);
            let whole = &mut self.lines[at];
            whole.rows += line.rows;
            for (cost, sum) in line.sums.into_iter().enumerate() {
                if let Some(sum) = sum {
                    whole.add(cost, sum);
                }
            }
        }
    }

    /// True where there were too many invoices to tell them apart.
    pub(super) fn is_merged(&self) -> bool {
        self.merged
    }

    /// True before the first row.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The billing periods that rows name, each once.
    pub(super) fn months(&self) -> BTreeSet<Month> {
        self.lines.iter().filter_map(|line| line.month).collect()
    }

    /// Rows of all lines.
    pub(super) fn rows(&self) -> u64 {
        self.lines.iter().map(|line| line.rows).sum()
    }

    /// As the lake remembers them.
    pub(super) fn totals(self) -> Vec<Total> {
        let mut totals: Vec<Total> = self
            .lines
            .into_iter()
            .map(|line| Total {
                month: line
                    .month
                    .map(|month| month.to_string())
                    .unwrap_or_default(),
                currency: line.currency,
                invoice: line.invoice,
                rows: line.rows,
                sums: line.sums.map(|sum| sum.map(|amount| amount.to_string())),
            })
            .collect();
        totals.sort_by(|a, b| {
            (&a.month, &a.currency, &a.invoice).cmp(&(&b.month, &b.currency, &b.invoice))
        });
        totals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(ledger: &mut Ledger, month: &str, invoice: &str, units: i128) {
        let line = ledger.line(Month::parse(month), b"USD", Some(invoice.as_bytes()));
        line.rows += 1;
        line.add(0, Money::from_units(units));
    }

    #[test]
    fn invoices_are_told_apart() {
        let mut ledger = Ledger::default();
        for (invoice, units) in [("b", 1), ("a", 2), ("b", 3), ("", 4)] {
            add(&mut ledger, "2026-10", invoice, units);
        }
        let totals = ledger.totals();
        let sums: Vec<_> = totals
            .iter()
            .map(|total| (total.invoice.as_deref(), total.rows))
            .collect();
        assert_eq!(sums, [(Some(""), 1), (Some("a"), 1), (Some("b"), 2)]);
        assert_eq!(totals[2].sum(0), Some(Money::from_units(4)));
    }

    #[test]
    fn too_many_invoices_are_one_and_nothing_is_lost() {
        let mut ledger = Ledger::default();
        for at in 0..=MOST_INVOICES {
            add(&mut ledger, "2026-10", &format!("i{at}"), 1);
            add(&mut ledger, "2026-11", "one", 1);
        }
        assert!(ledger.is_merged());
        let totals = ledger.totals();
        let kept: Vec<_> = totals.iter().map(|t| (t.invoice.clone(), t.rows)).collect();
        let rows = MOST_INVOICES as u64 + 1;
        assert_eq!(kept, [(None, rows), (None, rows)]);
    }
}
