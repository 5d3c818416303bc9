//! What a bill says beside its charges: what savings plan negation leaves over, what its amortised cost is
//! made of, and what rules for known mistakes change. All are sums over the raw rows, by a query of the
//! format; none becomes a charge here.

use super::format::Family;
use super::ledger::Ledger;
use super::moment;
use crate::error::{Error, Result};
use crate::focus::COSTS;
use crate::lake::{Identity, Residue, Total};
use crate::money::Money;
use crate::period::Month;
use polars::prelude::*;
use std::collections::BTreeMap;

/// Sums over the raw rows of one file.
#[derive(Default)]
pub(super) struct Beside {
    /// By month, billing account, currency, sub-account, commitment and invoice.
    residue: BTreeMap<[String; 6], Money>,
    /// By month, billing account and currency: rows, unblended, upfront, spread, amortised.
    identity: BTreeMap<[String; 3], (u64, [Money; 4])>,
    /// By rule: what it added to the costs.
    changes: BTreeMap<String, Ledger>,
}

impl Beside {
    /// Adds the rows of a batch up.
    /// `query` runs a query of `queries/focus/` over them.
    pub(super) fn add(
        &mut self,
        family: &Family,
        query: &dyn Fn(&str, &str) -> Result<DataFrame>,
    ) -> Result<()> {
        if let Some((name, sql)) = family.mapping.residue.as_ref().zip(family.residue_sql) {
            self.add_residue(&query(name, sql)?)
                .map_err(|e| fault(&e))?;
        }
        if let Some((name, sql)) = family.mapping.identity.as_ref().zip(family.identity_sql) {
            self.add_identity(&query(name, sql)?)
                .map_err(|e| fault(&e))?;
        }
        if let Some([_, sql]) = family.rules_sql {
            self.add_changes(&query("focus_changes", sql)?)
                .map_err(|e| fault(&e))?;
        }
        Ok(())
    }

    fn add_changes(&mut self, sums: &DataFrame) -> PolarsResult<()> {
        let rules = texts(sums, "Rule")?;
        let currencies = texts(sums, "BillingCurrency")?;
        let invoices = texts(sums, "InvoiceId")?;
        let charges = sums.column("Charges")?.cast(&DataType::UInt64)?;
        let charges = charges.u64()?;
        let costs = COSTS.map(|cost| amounts(sums, cost));
        let costs: Vec<Vec<Money>> = costs.into_iter().collect::<PolarsResult<_>>()?;
        for (row, month) in months(sums)?.into_iter().enumerate() {
            let ledger = self.changes.entry(rules[row].clone()).or_default();
            let (currency, invoice) = (currencies[row].as_bytes(), invoices[row].as_bytes());
            let line = ledger.line(Month::parse(&month), currency, Some(invoice));
            line.rows += charges.get(row).unwrap_or_default();
            for (cost, amounts) in costs.iter().enumerate() {
                if amounts[row] != Money::ZERO {
                    line.add(cost, amounts[row]);
                }
            }
        }
        Ok(())
    }

    fn add_residue(&mut self, rest: &DataFrame) -> PolarsResult<()> {
        let months = months(rest)?;
        let billed = amounts(rest, "BilledCost")?;
        let texts = [
            texts(rest, "BillingAccountId")?,
            texts(rest, "BillingCurrency")?,
            texts(rest, "SubAccountId")?,
            texts(rest, "CommitmentDiscountId")?,
            texts(rest, "InvoiceId")?,
        ];
        for (row, month) in months.into_iter().enumerate() {
            let [account, currency, sub_account, plan, invoice] =
                texts.each_ref().map(|column| column[row].clone());
            let key = [month, account, currency, sub_account, plan, invoice];
            *self.residue.entry(key).or_default() += billed[row];
        }
        Ok(())
    }

    fn add_identity(&mut self, sums: &DataFrame) -> PolarsResult<()> {
        let months = months(sums)?;
        let accounts = texts(sums, "BillingAccountId")?;
        let currencies = texts(sums, "BillingCurrency")?;
        let charges = sums.column("Charges")?.cast(&DataType::UInt64)?;
        let charges = charges.u64()?.clone();
        let parts = [
            amounts(sums, "Unblended")?,
            amounts(sums, "Upfront")?,
            amounts(sums, "Spread")?,
            amounts(sums, "Amortised")?,
        ];
        for (row, month) in months.into_iter().enumerate() {
            let key = [month, accounts[row].clone(), currencies[row].clone()];
            let entry = self.identity.entry(key).or_default();
            entry.0 += charges.get(row).unwrap_or_default();
            for (sum, part) in entry.1.iter_mut().zip(&parts) {
                *sum += part[row];
            }
        }
        Ok(())
    }

    /// As the lake remembers them: what cancels is nothing to remember.
    pub(super) fn finish(self) -> (Vec<Residue>, Vec<Identity>, Vec<(String, Total)>) {
        let changes = self.changes.into_iter().flat_map(|(rule, ledger)| {
            let totals = ledger.totals().into_iter();
            totals.map(move |total| (rule.clone(), total))
        });
        let residue = self
            .residue
            .into_iter()
            .filter(|(_, amount)| *amount != Money::ZERO);
        let residue = residue.map(
            |(
                [
                    month,
                    billing_account,
                    currency,
                    sub_account,
                    commitment,
                    invoice,
                ],
                amount,
            )| {
                Residue {
                    month,
                    billing_account,
                    currency,
                    sub_account,
                    commitment,
                    invoice,
                    amount: amount.to_string(),
                }
            },
        );
        let identity =
            self.identity
                .into_iter()
                .map(|([month, billing_account, currency], (rows, sums))| {
                    let [unblended, upfront, spread, amortised] = sums.map(|sum| sum.to_string());
                    Identity {
                        month,
                        billing_account,
                        currency,
                        rows,
                        unblended,
                        upfront,
                        spread,
                        amortised,
                    }
                });
        (residue.collect(), identity.collect(), changes.collect())
    }
}

fn fault(error: &PolarsError) -> Error {
    Error::data(error.to_string())
}

fn months(frame: &DataFrame) -> PolarsResult<Vec<String>> {
    let starts = frame.column("BillingPeriodStart")?.datetime()?;
    let month = |at: Option<i64>| moment::month(at.unwrap_or_default()).to_string();
    Ok(starts.physical().iter().map(month).collect())
}

fn texts(frame: &DataFrame, name: &str) -> PolarsResult<Vec<String>> {
    let texts = frame.column(name)?.str()?;
    Ok(texts
        .iter()
        .map(|text| text.unwrap_or_default().to_owned())
        .collect())
}

/// Amounts; a sum of nothing known adds nothing.
fn amounts(frame: &DataFrame, name: &str) -> PolarsResult<Vec<Money>> {
    let units = frame.column(name)?.decimal()?;
    Ok(units
        .physical()
        .iter()
        .map(|units| Money::from_units(units.unwrap_or_default()))
        .collect())
}
