//! The invoices that finance has: number and amount, as typed in or exported by accounting. Refuses what it
//! cannot read, with its place; an invoice never counts twice.

use crate::error::{Error, Result};
use crate::money::Money;
use crate::sheet;
use std::collections::BTreeMap;
use std::path::Path;

/// One invoice as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// Its number, as bills spell it.
    pub invoice: String,
    /// What it demands.
    pub amount: Money,
    /// Its currency; empty where the list does not say.
    pub currency: String,
}

/// Reads the columns `InvoiceId`, `Amount` and, where it is there, `BillingCurrency`.
pub fn read(path: &Path) -> Result<Vec<Stated>> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::read(path, &e))?;
    parse(&text, path)
}

fn parse(text: &str, path: &Path) -> Result<Vec<Stated>> {
    let mut stated: Vec<Stated> = Vec::new();
    let mut lines: BTreeMap<(String, String), u64> = BTreeMap::new();
    for row in sheet::rows(path, text, &["InvoiceId", "Amount"], &["BillingCurrency"])? {
        let (invoice, amount, currency) = (row.get(0), row.get(1), row.get(2));
        if invoice.is_empty() {
            return Err(row.wrong(0, "the invoice has no id"));
        }
        let Ok(amount) = Money::parse(amount.as_bytes()) else {
            return Err(row
                .wrong(1, format!("`Amount` is no amount: {amount:?}"))
                .hint("write digits and a point: 1204.50"));
        };
        let currency = match currency {
            "" => String::new(),
            text => sheet::currency(text).ok_or_else(|| {
                row.wrong(2, format!("`BillingCurrency` is no currency: {text:?}"))
                    .hint("write its three letters: USD")
            })?,
        };
        let same = |(id, other): &&(String, String)| {
            id == invoice && (*other == currency || other.is_empty() || currency.is_empty())
        };
        if let Some(first) = lines.keys().find(same).map(|key| lines[key]) {
            return Err(row
                .wrong(
                    0,
                    format!("the invoice `{invoice}` stands in line {first} too"),
                )
                .hint("keep one of the two; a correction has an invoice number of its own"));
        }
        lines.insert((invoice.to_owned(), currency.clone()), row.line());
        stated.push(Stated {
            invoice: invoice.to_owned(),
            amount,
            currency,
        });
    }
    Ok(stated)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        parse(text, Path::new("invoices.csv"))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn invoices_are_read_in_any_order_of_columns() {
        let text = "Amount,InvoiceId,BillingCurrency\n1204.50, 0042 ,usd\n-3,43,\n";
        let stated = parse(text, Path::new("i.csv")).unwrap();
        assert_eq!(
            (stated[0].invoice.as_str(), stated[0].currency.as_str()),
            ("0042", "USD")
        );
        assert_eq!(stated[1].amount.to_string(), "-3.00");
    }

    #[test]
    fn mistakes_have_a_place() {
        let fault_at = |text: &str, place: &str| {
            let fault = fault(text);
            assert!(fault.contains(&format!("invoices.csv:{place}")), "{fault}");
        };
        fault_at("InvoiceId,Amount\n1,\"1,204.50\"\n", "2:2");
        fault_at("InvoiceId,Amount\n,5\n", "2:1");
        fault_at("InvoiceId,Amount,BillingCurrency\n1,5,dollars\n", "2:3");
        fault_at("InvoiceId,Amounts\n1,5\n", "1:2");
        fault_at("InvoiceId,Amount\n1\n", "2");
        fault_at("InvoiceId,Amount\n1,5\n1,5\n", "3:1");
        assert!(fault("InvoiceId\n1\n").contains("`Amount` is missing"));
    }
}
