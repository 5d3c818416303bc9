//! Control totals: what an export adds up to by billing period, currency and invoice, before any mapping.

use super::{Door, Row, currency, is_null, moment, without_null};
use crate::focus::COSTS;
use crate::money::Money;

impl Door {
    /// Adds a row to the control totals; the classes that it is of.
    pub(super) fn count(&mut self, row: &impl Row, period_start: i64) -> u8 {
        let classes = self.classes.of_row(row);
        let free = self.moneys[self.plan.amount].next == Some(0);
        self.classes.note(&mut self.evidence, classes, free);
        self.add(row, period_start, classes, false);
        classes
    }

    fn add(&mut self, row: &impl Row, period_start: i64, classes: u8, superseded: bool) {
        let amounts = self.amounts(classes);
        let month = Some(moment::month(period_start));
        let currency = currency(&self.terms, row, self.texts[self.plan.currency].at);
        let invoice = self.plan.invoice.map(|at| row.cell(self.texts[at].at));
        let invoice = invoice.as_deref().map(without_null);
        let ledger = if superseded {
            &mut self.superseded
        } else {
            &mut self.controls
        };
        let line = ledger.line(month, &currency, invoice);
        line.rows += 1;
        for (cost, amount) in amounts.into_iter().enumerate() {
            if let Some(amount) = amount {
                line.add(cost, amount);
            }
        }
    }

    /// What a row adds to each control total; nothing where the export has no such column.
    fn amounts(&self, classes: u8) -> [Option<Money>; COSTS.len()] {
        std::array::from_fn(|cost| {
            let columns = &self.plan.controls[cost];
            let stated = columns.iter().find_map(|&c| self.moneys[c].next);
            let counted = stated.filter(|_| self.classes.counts(cost, classes));
            (!columns.is_empty()).then(|| Money::from_units(counted.unwrap_or_default()))
        })
    }

    /// True of a row whose charge another file has amortised; it is counted here.
    pub(super) fn is_superseded(&mut self, row: &impl Row, period_start: i64, classes: u8) -> bool {
        if self.terms.selection.is_empty() || self.classes.is(classes, "purchase") {
            return false;
        }
        let mut cells = self
            .plan
            .accounts
            .iter()
            .map(|&at| row.cell(self.texts[at].at));
        let account = cells
            .find(|cell| !is_null(cell))
            .map(|cell| String::from_utf8_lossy(&cell).to_lowercase());
        let month = moment::month(period_start).to_string();
        let selection = &self.terms.selection;
        let replaced = account.is_some_and(|account| selection.contains(&(account, month)));
        if replaced {
            self.add(row, period_start, classes, true);
        }
        replaced
    }
}
