//! From the facts and the user's list to the reconciled invoices.

use super::night::Night;
use super::plan::Plan;
use crate::analysis::invoices::{CATEGORIES, Charged, Reconciled, reconcile};
use crate::engine;
use crate::error::Result;
use crate::money::Money;
use crate::report::table::{Cell, Table};
use polars::prelude::IntoLazy;

/// Every invoice of the bills and of the list.
pub(super) fn reconciled(night: &Night, plan: &Plan) -> Result<Vec<Reconciled>> {
    let mut charges = Vec::new();
    let at = engine::facts::FACTS
        .iter()
        .position(|(name, _)| *name == "totals");
    for (source, facts) in &night.facts {
        let Some(totals) = at.map(|at| facts.tables[at].clone()) else {
            continue;
        };
        let rows = Table::of_frame(&engine::query(
            "queries/analysis/invoice_charges.sql",
            include_str!("../../queries/analysis/invoice_charges.sql"),
            &[("totals", totals.lazy())],
        )?)?;
        charges.extend(charged(&rows, source));
    }
    let whole = plan.period.is_none();
    Ok(reconcile(&charges, plan.invoices.as_deref(), whole))
}

fn charged(rows: &Table, source: &str) -> Vec<Charged> {
    let [invoices, months, currencies, categories] = [
        "InvoiceId",
        "BillingPeriod",
        "BillingCurrency",
        "ChargeCategory",
    ]
    .map(|column| rows.texts(column));
    let billed = rows.amounts("BilledCost");
    let charge = |row: usize| Charged {
        invoice: invoices[row].trim().to_owned(),
        month: months[row].clone(),
        currency: currencies[row].clone(),
        category: categories[row].clone(),
        billed: billed[row].unwrap_or_default(),
        source: source.to_owned(),
    };
    (0..rows.rows.len()).map(charge).collect()
}

/// As `invoice_reconciliation.csv` has them.
pub(super) fn table(reconciled: &[Reconciled]) -> Table {
    let mut table = Table::new(&[
        "InvoiceId",
        "BillingPeriod",
        "BillingCurrency",
        "InvoiceAmount",
        "BilledCost",
        "Drift",
        "Status",
    ]);
    table.columns.extend(CATEGORIES.map(str::to_owned));
    table
        .columns
        .extend(["Reason", "SourceName"].map(str::to_owned));
    table.rows = reconciled.iter().map(row).collect();
    table
}

fn row(one: &Reconciled) -> Vec<Cell> {
    let mut cells = vec![
        Cell::text(&one.invoice),
        Cell::Text(one.months.join(" ")),
        Cell::text(&one.currency),
        Cell::from(one.stated),
        Cell::from(one.billed),
        Cell::from(one.drift),
        Cell::text(one.status.name()),
    ];
    let category = |amount: Money| one.billed.map_or(Cell::Empty, |_| Cell::Money(amount));
    cells.extend(one.by_category.map(category));
    cells.push(Cell::text(&one.reason));
    cells.push(Cell::Text(one.sources.join(" ")));
    cells
}
