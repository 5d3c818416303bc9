//! What the lake remembers of inputs and periods, as JSON beside the parts.

use super::hash;
use super::sketch::Sketch;
use crate::money::Money;
use crate::period::Month;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Invoices of a billing period that are told apart in control totals at most; bills mostly have one.
pub const MOST_INVOICES: usize = 200;

/// One export file, read once.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
pub struct Input {
    /// Content and mapping, as a hash.
    pub key: String,
    /// The file as the user named it when it was read.
    pub path: String,
    /// Bytes of the file.
    pub size: u64,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Its records in short; empty where they are not text. Equal for one export packed in two ways.
    #[serde(default)]
    pub content: String,
    /// First and last day of its charges.
    #[serde(default)]
    pub days: Option<(String, String)>,
    /// Its format; of Azure's two datasets the one that its rows show.
    pub format: String,
    /// True where it has charges of commitments and their two datasets differ by them.
    #[serde(default)]
    pub commitments: bool,
    /// Rows read, those set aside included.
    pub rows: u64,
    /// Its charges, one part per billing period.
    pub parts: Vec<Part>,
    /// What the export adds up to, before any mapping.
    pub export: Vec<Total>,
    /// What the charges add up to, after the mapping.
    pub accepted: Vec<Total>,
    /// What of the export another file has in its stead, with the same charges amortised.
    #[serde(default)]
    pub superseded: Vec<Total>,
    /// What rules for known mistakes of exports added, by rule; part of what was accepted.
    #[serde(default)]
    pub changes: Vec<(String, Total)>,
    /// What savings plan negation left over.
    pub residue: Vec<Residue>,
    /// What its amortised cost is made of.
    #[serde(default)]
    pub identity: Vec<Identity>,
    /// Rows that could not be understood.
    pub set_aside: Vec<SetAside>,
    /// A sample of its charges by month: versions of one export are found by it.
    #[serde(default)]
    pub sketches: BTreeMap<String, Sketch>,
    /// Rows whose tags are no JSON object; they count as untagged.
    #[serde(default)]
    pub unreadable_tags: u64,
    /// Which billing accounts it has, by month.
    pub accounts: BTreeMap<String, Vec<String>>,
    /// What a reader should know: absent columns and their fallbacks, unreadable tags.
    pub notes: Vec<String>,
    /// True where its charges are not in this lake: a cluster has read them where the export lies.
    #[serde(default)]
    pub elsewhere: bool,
    /// How a cluster reads it, where one did.
    #[serde(default)]
    pub cluster: Option<String>,
}

/// The charges of one billing period of one input.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct Part {
    /// Billing period, `2026-10`.
    pub month: String,
    /// Charges in it.
    pub rows: u64,
}

/// Sums of one billing period, currency and invoice, one per entry of [`crate::focus::COSTS`].
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct Total {
    /// Billing period.
    pub month: String,
    /// Currency.
    pub currency: String,
    /// Invoice; empty for rows without one, nothing where invoices are not told apart.
    #[serde(default)]
    pub invoice: Option<String>,
    /// Rows.
    pub rows: u64,
    /// Plain decimals; nothing where the export has no such column.
    pub sums: [Option<String>; 4],
}

/// What savings plan covered usage and its negation leave over, per plan and account.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct Residue {
    /// Billing period.
    pub month: String,
    /// Billing account.
    pub billing_account: String,
    /// Currency.
    pub currency: String,
    /// Sub-account.
    pub sub_account: String,
    /// The plan.
    pub commitment: String,
    /// The invoice; empty where the export names none.
    #[serde(default)]
    pub invoice: String,
    /// A plain decimal.
    pub amount: String,
}

/// What the amortised cost of a payer and month is made of; plain decimals.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct Identity {
    /// Billing period.
    pub month: String,
    /// Billing account.
    pub billing_account: String,
    /// Currency.
    pub currency: String,
    /// Rows.
    pub rows: u64,
    /// What the rows charge.
    pub unblended: String,
    /// What commitments cost at once, less its refunds.
    pub upfront: String,
    /// The month's part of upfronts, old ones too.
    pub spread: String,
    /// What the rows cost with commitments spread.
    pub amortised: String,
}

/// A row that could not be understood.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct SetAside {
    /// Record number in the file; the header is 1.
    pub row: u64,
    /// Column, from 1; 0 where the whole row is meant.
    pub column: u64,
    /// The column's name.
    pub name: String,
    /// Why.
    pub reason: String,
    /// The cell.
    pub text: String,
    /// What the row would have billed, where that can be read.
    pub amount: Option<String>,
    /// Its currency, where that can be read.
    pub currency: String,
    /// Its billing period, where that can be read.
    pub month: String,
    /// Its invoice, where the export names one.
    #[serde(default)]
    pub invoice: String,
}

/// One billing period of one source.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct Period {
    /// The source.
    pub source: String,
    /// Billing period, `2026-10`.
    pub month: String,
    /// Keys of the inputs that make it up, sorted.
    pub inputs: Vec<String>,
    /// Billing accounts in it, sorted.
    pub accounts: Vec<String>,
}

impl Period {
    /// The billing period.
    pub fn month(&self) -> Month {
        Month::parse(&self.month).unwrap_or_else(|| Month::of(chrono::NaiveDate::MIN))
    }

    /// What its charges come from, in short: periods of the same content have the same facts.
    pub fn content(&self) -> String {
        hash(&[&self.month, &self.inputs.join(",")])
    }
}

impl Total {
    /// The sum of a cost column by its place in [`crate::focus::COSTS`].
    pub fn sum(&self, cost: usize) -> Option<Money> {
        self.sums[cost]
            .as_deref()
            .and_then(|text| Money::parse(text.as_bytes()).ok())
    }
}
