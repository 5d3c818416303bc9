//! Control totals: what an export adds up to by billing period and currency, before any mapping.

use super::{Door, Row, currency, is_null, moment};
use crate::money::Money;
use crate::period::Month;

/// What a (billing period, currency) adds up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::source) struct Control {
    /// Billing period.
    pub month: Month,
    /// Currency.
    pub currency: String,
    /// Rows.
    pub rows: u64,
    /// One sum per entry of [`crate::focus::COSTS`]; `None` where the export has no such column.
    pub sums: [Option<Money>; 4],
}

/// Adds a row; `amounts` has nothing where the export lacks the column.
fn add(
    controls: &mut Vec<Control>,
    period_start: i64,
    currency: &[u8],
    amounts: [Option<Money>; 4],
) {
    let month = moment::month(period_start);
    let known = controls
        .iter()
        .rposition(|c| c.month == month && c.currency.as_bytes() == currency);
    let at = known.unwrap_or_else(|| {
        controls.push(Control {
            month,
            currency: String::from_utf8_lossy(currency).into_owned(),
            rows: 0,
            sums: amounts.map(|amount| amount.map(|_| Money::ZERO)),
        });
        controls.len() - 1
    });
    let control = &mut controls[at];
    control.rows += 1;
    for (sum, amount) in control.sums.iter_mut().zip(amounts) {
        if let (Some(sum), Some(amount)) = (sum, amount) {
            *sum += amount;
        }
    }
}

impl Door {
    /// Adds a row to the control totals; the classes that it is of.
    pub(super) fn count(&mut self, row: &impl Row, period_start: i64) -> u8 {
        let classes = self.classes.of_row(row);
        let free = self.moneys[self.plan.amount].next == Some(0);
        self.classes.note(&mut self.evidence, classes, free);
        let amounts = self.amounts(classes);
        let currency = currency(&self.terms, row, self.texts[self.plan.currency].at);
        add(&mut self.controls, period_start, &currency, amounts);
        classes
    }

    /// What a row adds to each control total; nothing where the export has no such column.
    fn amounts(&self, classes: u8) -> [Option<Money>; 4] {
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
        let cells = self
            .plan
            .accounts
            .iter()
            .map(|&at| row.cell(self.texts[at].at));
        let account = cells
            .into_iter()
            .find(|cell| !is_null(cell))
            .map(|cell| String::from_utf8_lossy(&cell).to_lowercase());
        let month = moment::month(period_start).to_string();
        let replaced =
            account.is_some_and(|account| self.terms.selection.contains(&(account, month)));
        if replaced {
            let amounts = self.amounts(classes);
            let currency = currency(&self.terms, row, self.texts[self.plan.currency].at);
            add(&mut self.superseded, period_start, &currency, amounts);
        }
        replaced
    }
}
