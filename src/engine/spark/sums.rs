//! What an export adds up to, as SQL: before the mapping, as it stands in the export, and after it.

use super::bill::Bill;
use super::dialect::{Dialect, name};
use super::typed::{FAULT, UNREADABLE, period_start};
use crate::focus::COSTS;
use crate::lake::MARKS;

/// Rows and control totals by billing month, currency and invoice, and what cannot be read of them.
pub(super) fn export(of: &Bill, bill: &str, dialect: &Dialect) -> String {
    let month = dialect.say("month_name", &[("moment", &period_start(of))]);
    let start = name(&of.books.charge_start);
    let invoice = of
        .books
        .invoice
        .as_deref()
        .map_or("CAST(NULL AS STRING)".to_owned(), name);
    let sums = COSTS.iter().zip(&of.books.controls).map(|(cost, columns)| {
        let columns: Vec<String> = columns.iter().map(|column| name(column)).collect();
        if columns.is_empty() {
            return format!("CAST(NULL AS DECIMAL(38, 12)) AS {cost}");
        }
        let nothing = "CAST(0 AS DECIMAL(26, 12))";
        format!("SUM(COALESCE({}, {nothing})) AS {cost}", columns.join(", "))
    });
    let sums: Vec<String> = sums.collect();
    format!(
        "SELECT Month, Currency, Invoice, COUNT(*) AS Charges, {},\n  \
           COUNT({FAULT}) AS Faults, MIN({FAULT}) AS Fault, SUM({UNREADABLE}) AS Unreadable,\n  \
           MIN({start}) AS First, MAX({start}) AS Last\n\
         FROM (SELECT *, {month} AS Month, {} AS Currency, {invoice} AS Invoice FROM {bill})\n\
         GROUP BY Month, Currency, Invoice",
        sums.join(", "),
        name(&of.books.currency.0),
    )
}

/// Charges and costs by billing month, currency, invoice and billing account.
pub(super) fn accepted(charges: &str) -> String {
    let sums: Vec<String> = COSTS
        .iter()
        .map(|cost| format!("SUM({cost}) AS {cost}"))
        .collect();
    format!(
        "SELECT x_BillingMonth AS Month, BillingCurrency AS Currency, InvoiceId AS Invoice, BillingAccountId AS Account, \
         COUNT(*) AS Charges, {}\nFROM {charges}\nGROUP BY x_BillingMonth, BillingCurrency, InvoiceId, BillingAccountId",
        sums.join(", ")
    )
}

/// The hashes of about one charge in so many, by billing month.
pub(super) fn sample(charges: &str, one_in: u64, dialect: &Dialect) -> String {
    let hash = dialect.say(
        "hash",
        &[(
            "columns",
            &format!(
                "ChargePeriodStart, BilledCost, PricingQuantity, {}",
                MARKS.join(", ")
            ),
        )],
    );
    format!(
        "SELECT DISTINCT Month, Hash FROM (SELECT x_BillingMonth AS Month, {hash} AS Hash FROM {charges})\n\
         WHERE Hash % {one_in} = 0"
    )
}
