//! A fast wrong answer is no answer: what a run published against the known totals, and what others computed
//! from the same files against what was published. To the last digit.

use crate::bill::{Fault, Totals, read_sum, sum_text};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A report as it is compared: its name, the columns that name a row, and its amounts.
type Compared = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

/// The reports that others compute as well.
const SIX: [Compared; 6] = [
    (
        "cost_by_service",
        &["Month", "BillingCurrency", "ServiceName"],
        COSTS,
    ),
    (
        "cost_by_account",
        &["Month", "BillingCurrency", "SubAccountId"],
        COSTS,
    ),
    ("cost_by_team", &["Month", "BillingCurrency", "Team"], COSTS),
    (
        "cost_by_environment",
        &["Month", "BillingCurrency", "Environment"],
        COSTS,
    ),
    (
        "showback",
        &["Month", "BillingCurrency", "CostCenter", "ServiceName"],
        COSTS,
    ),
    (
        "tag_compliance",
        &["Month", "BillingCurrency", "Scope", "ScopeValue", "Tag"],
        &["TaggableCost", "ValidCost", "UntaggableCost"],
    ),
];
const COSTS: &[&str] = &["BilledCost", "EffectiveCost"];

/// Most differences that are told one by one.
const TOLD: usize = 10;

/// Amounts in units of 10⁻¹⁰ by what names a row.
type Amounts = BTreeMap<Vec<String>, Vec<i128>>;

/// Compares `cost_by_service.csv` with the totals. Amounts of nothing may be absent.
pub(crate) fn check(published: &Path, totals: &Totals) -> Result<(), Fault> {
    let wanted = totals.billed().into_iter();
    let wanted = wanted.map(|((month, service), sum)| (vec![month, service], vec![sum]));
    let found = read(published, &["Month", "ServiceName"], &["BilledCost"])?;
    same(&wanted.collect(), &found)
        .map_err(|lines| format!("{} is wrong:\n{lines}", published.display()).into())
}

/// Compares six reports that another program left in a folder with those that were published.
pub(crate) fn agree(published: &Path, others: &Path) -> Result<(), Fault> {
    for (report, keys, amounts) in SIX {
        let file = format!("{report}.csv");
        let wanted = read(&published.join(&file), keys, amounts)?;
        let found = read(&others.join(&file), keys, amounts)?;
        same(&wanted, &found)
            .map_err(|lines| format!("{} disagrees:\n{lines}", others.join(&file).display()))?;
    }
    Ok(())
}

/// Nothing, or the first differences in words.
fn same(wanted: &Amounts, found: &Amounts) -> Result<(), String> {
    let keys: BTreeSet<_> = wanted.keys().chain(found.keys()).collect();
    let of = |amounts: &Amounts, key| amounts.get(key).cloned().unwrap_or_default();
    let nothing = |sums: &[i128]| sums.iter().all(|&sum| sum == 0);
    let lines: Vec<String> = keys
        .into_iter()
        .map(|key| (key, of(wanted, key), of(found, key)))
        .filter(|(_, wanted, found)| wanted != found && !(nothing(wanted) && nothing(found)))
        .map(|(key, wanted, found)| {
            format!(
                "{}: {} instead of {}",
                key.join(" "),
                texts(&found),
                texts(&wanted)
            )
        })
        .collect();
    if lines.is_empty() {
        return Ok(());
    }
    let more = lines.len().saturating_sub(TOLD);
    let told = lines[..lines.len() - more].join("\n");
    Err(match more {
        0 => told,
        more => format!("{told}\n({more} more)"),
    })
}

fn texts(sums: &[i128]) -> String {
    let texts: Vec<String> = sums.iter().map(|&sum| sum_text(sum)).collect();
    if texts.is_empty() {
        "nothing".to_owned()
    } else {
        texts.join(", ")
    }
}

/// The amounts of a CSV; rows of one name are added up.
fn read(path: &Path, keys: &[&str], amounts: &[&str]) -> Result<Amounts, Fault> {
    let mut reader =
        csv::Reader::from_path(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let header = reader.headers()?.clone();
    let at = |name: &&str| {
        let found = header.iter().position(|column| column == *name);
        found.ok_or_else(|| format!("{} has no column {name}", path.display()))
    };
    let keys: Vec<usize> = keys.iter().map(at).collect::<Result<_, _>>()?;
    let amounts: Vec<usize> = amounts.iter().map(at).collect::<Result<_, _>>()?;
    let mut read = Amounts::new();
    for record in reader.records() {
        let record = record?;
        let cell = |at: &usize| record.get(*at).unwrap_or_default();
        let key = keys.iter().map(|at| cell(at).to_owned()).collect();
        let sums = read.entry(key).or_insert_with(|| vec![0; amounts.len()]);
        for (sum, at) in sums.iter_mut().zip(&amounts) {
            *sum += read_sum(cell(at))?;
        }
    }
    Ok(read)
}
