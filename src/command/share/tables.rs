//! Showback as tables: lines by owner and service, what pools gave, what rules caught, entries for the ledger.

use super::Shared;
use crate::analysis::journal::{Bearing, Entry, journal};
use crate::analysis::trust::State;
use crate::command::night::Night;
use crate::command::plan::Plan;
use crate::command::trust;
use crate::report::table::{Cell, Table};

impl Shared {
    /// `showback.csv`.
    pub(in crate::command) fn table(&self, night: &Night) -> Table {
        let mut table = Table::new(&[
            "Month",
            "CostCenter",
            "ServiceName",
            "DirectCost",
            "SharedCost",
            "TotalCost",
            "BillingCurrency",
            "TrustState",
            "CostBasis",
            "BilledCost",
            "EffectiveCost",
        ]);
        for ([month, currency, owner, service], (amounts, given)) in self.lines() {
            let direct = self.basis_of(amounts);
            let state = trust::state(night, &month).name();
            table.rows.push(vec![
                Cell::Text(month),
                Cell::Text(owner),
                Cell::Text(service),
                Cell::Money(direct),
                Cell::Money(given),
                Cell::Money(direct + given),
                Cell::Text(currency),
                Cell::text(state),
                Cell::text(self.basis.column()),
                Cell::Money(amounts[0]),
                Cell::Money(amounts[1]),
            ]);
        }
        table
    }

    /// `showback_moves.csv`: every part of every split, with what it was measured by.
    pub(in crate::command) fn moves_table(&self) -> Table {
        let mut table = Table::new(&[
            "Month",
            "Pool",
            "Receiver",
            "Amount",
            "Weight",
            "BillingCurrency",
        ]);
        for movement in &self.moved {
            table.rows.push(vec![
                Cell::text(&movement.month),
                Cell::text(&movement.pool),
                Cell::text(&movement.to),
                Cell::Money(movement.amount),
                Cell::from(movement.weight),
                Cell::text(&movement.currency),
            ]);
        }
        table
    }

    /// `dimensions.csv`: what every rule of every dimension caught, and what fell through.
    pub(in crate::command) fn dimensions_table(&self) -> Table {
        let mut table = Table::new(&[
            "Month",
            "Dimension",
            "Value",
            "Rule",
            "BilledCost",
            "EffectiveCost",
            "BillingCurrency",
        ]);
        for ((month, currency, dimension, rule, value), amounts) in &self.caught {
            table.rows.push(vec![
                Cell::text(month),
                Cell::text(dimension),
                Cell::text(value),
                Cell::Count(i64::try_from(*rule).unwrap_or(i64::MAX)),
                Cell::Money(amounts[0]),
                Cell::Money(amounts[1]),
                Cell::text(currency),
            ]);
        }
        table
    }

    /// What everyone bears in the months that are closed: what may be booked.
    fn bearings(&self, night: &Night) -> Vec<Bearing> {
        let closed = |month: &str| trust::state(night, month) == State::Closed;
        self.lines()
            .into_iter()
            .filter(|([month, ..], _)| closed(month))
            .map(
                |([month, currency, cost_center, _], (amounts, given))| Bearing {
                    month,
                    currency,
                    cost_center,
                    amount: self.basis_of(amounts) + given,
                },
            )
            .collect()
    }
}

/// The journal's entries: what was booked, then what is missing to what is borne now. Without accounts there
/// is no journal.
pub(in crate::command) fn entries(night: &Night, shared: &Shared, plan: &Plan) -> Vec<Entry> {
    let accounts = plan
        .showback
        .as_ref()
        .and_then(|rules| rules.accounts.as_ref());
    accounts.map_or_else(Vec::new, |accounts| {
        journal(&night.booked, &shared.bearings(night), accounts)
    })
}

/// `showback_journal.csv`.
pub(in crate::command) fn journal_table(night: &Night, shared: &Shared, plan: &Plan) -> Table {
    let mut table = Table::new(&[
        "EntryId",
        "Month",
        "DebitAccount",
        "CreditAccount",
        "CostCenter",
        "Amount",
        "BillingCurrency",
        "Memo",
    ]);
    for entry in entries(night, shared, plan) {
        table.rows.push(vec![
            Cell::Text(entry.id),
            Cell::Text(entry.month),
            Cell::Text(entry.debit),
            Cell::Text(entry.credit),
            Cell::Text(entry.cost_center),
            Cell::Money(entry.amount),
            Cell::Text(entry.currency),
            Cell::Text(entry.memo),
        ]);
    }
    table
}
