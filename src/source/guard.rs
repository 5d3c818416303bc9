//! Nothing is counted twice: the same charges in two files, two versions or two formats are refused, with
//! both culprits named.

use crate::error::{Error, Result};
use crate::lake::Input;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Shared charges from which two files can be called versions of one export: one or two may well be equal
/// by chance.
const LEAST: usize = 3;

/// Refuses two versions of one export among the files of a source: files that share most of their charges.
pub(super) fn refuse_versions(inputs: &BTreeMap<String, Input>) -> Result<()> {
    let mut known: Vec<&Input> = inputs.values().collect();
    known.sort_by(|a, b| a.path.cmp(&b.path));
    for (month, one, other) in candidates(&known) {
        let sketch = |at: usize| known[at].sketches.get(&month);
        let Some((shared, of)) = sketch(one).zip(sketch(other)).map(|(a, b)| a.shared(b)) else {
            continue;
        };
        if shared >= LEAST && shared * 2 > of {
            let (one, other) = (&known[one].path, &known[other].path);
            return Err(Error::data(format!(
                "two versions of {month} are here: `{one}` and `{other}` have the same charges"
            ))
            .at(Path::new(other))
            .hint("keep the newest version only, or give the folder with its manifest; counted twice, every cost would double"));
        }
    }
    Ok(())
}

/// Pairs of inputs that share at least one sampled charge of a month: few, whatever the number of files.
fn candidates(known: &[&Input]) -> BTreeSet<(String, usize, usize)> {
    let mut having: BTreeMap<(&str, u64), Vec<usize>> = BTreeMap::new();
    for (at, input) in known.iter().enumerate() {
        for (month, sketch) in &input.sketches {
            for hash in sketch.hashes() {
                having.entry((month, hash)).or_default().push(at);
            }
        }
    }
    let mut pairs = BTreeSet::new();
    for ((month, _), owners) in having {
        for pair in owners.windows(2) {
            pairs.insert((month.to_owned(), pair[0], pair[1]));
        }
    }
    pairs
}

/// Refuses one billing account and month in two formats within one source.
pub(super) fn refuse_two_schemas(inputs: &BTreeMap<String, Input>) -> Result<()> {
    let mut seen: BTreeMap<(&str, &str), &Input> = BTreeMap::new();
    let mut known: Vec<&Input> = inputs.values().collect();
    known.sort_by(|a, b| a.path.cmp(&b.path));
    for input in known {
        for (month, accounts) in &input.accounts {
            for account in accounts.iter().filter(|account| !account.is_empty()) {
                let first = *seen.entry((account, month)).or_insert(input);
                if family(&first.format) != family(&input.format) {
                    return Err(Error::data(format!(
                        "billing account {account} has {month} in two formats: `{}` is {}, `{}` is {}",
                        first.path, first.format, input.path, input.format
                    ))
                    .at(Path::new(&input.path))
                    .hint("keep one of the two; counted twice, every cost would double"));
                }
            }
        }
    }
    Ok(())
}

/// Both datasets of Azure are of one format: which of their rows count is chosen where they are read.
fn family(format: &str) -> &str {
    if format.starts_with("azure") {
        "azure"
    } else {
        format
    }
}
