//! A fast wrong answer is no answer: what a run published against the known totals.

use crate::bill::{Fault, Totals, read_sum, sum_text};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// An amount by month and service, in units of 10⁻¹⁰.
type Amounts = BTreeMap<(String, String), i128>;

/// Compares `cost_by_service.csv` with the totals, to the last digit. Amounts of nothing may be absent.
pub(crate) fn check(published: &Path, totals: &Totals) -> Result<(), Fault> {
    let (wanted, found) = (totals.billed(), read(published)?);
    let keys: BTreeSet<_> = wanted.keys().chain(found.keys()).collect();
    let of = |amounts: &Amounts, key| amounts.get(key).copied().unwrap_or(0);
    let wrong = keys
        .into_iter()
        .filter(|key| of(&wanted, key) != of(&found, key));
    let lines: Vec<String> = wrong
        .map(|key| {
            let (wanted, found) = (sum_text(of(&wanted, key)), sum_text(of(&found, key)));
            format!("{} {}: {found} instead of {wanted}", key.0, key.1)
        })
        .collect();
    if lines.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} does not agree with the known totals:\n{}",
        published.display(),
        lines.join("\n")
    )
    .into())
}

fn read(path: &Path) -> Result<Amounts, Fault> {
    let mut reader =
        csv::Reader::from_path(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let header = reader.headers()?.clone();
    let at = |name: &str| {
        let found = header.iter().position(|column| column == name);
        found.ok_or_else(|| format!("{} has no column {name}", path.display()))
    };
    let (month, service, billed) = (at("Month")?, at("ServiceName")?, at("BilledCost")?);
    let mut amounts = Amounts::new();
    for record in reader.records() {
        let record = record?;
        let cell = |at: usize| record.get(at).unwrap_or_default();
        *amounts
            .entry((cell(month).to_owned(), cell(service).to_owned()))
            .or_default() += read_sum(cell(billed))?;
    }
    Ok(amounts)
}
