//! Nothing is counted twice: the same charges in two files, two versions or two formats are refused, with
//! both culprits named.

use super::{Source, shown};
use crate::error::{Error, Result};
use crate::lake::{Fingerprint, Input, Lake};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

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

/// Refuses a file that is here twice under two names.
pub(super) fn refuse_copies(lake: &Lake, files: &[PathBuf], prints: &[Fingerprint]) -> Result<()> {
    let mut seen: BTreeMap<&str, &Path> = BTreeMap::new();
    for (file, print) in files.iter().zip(prints) {
        if let Some(first) = seen.insert(&print.sha256, file) {
            return Err(copy(&shown(lake, file), &shown(lake, first)));
        }
    }
    Ok(())
}

/// Refuses an export that is here twice in different packings.
pub(super) fn refuse_repacked(inputs: &BTreeMap<String, Input>) -> Result<()> {
    let mut seen: BTreeMap<(&str, u64), &str> = BTreeMap::new();
    let mut known: Vec<&Input> = inputs
        .values()
        .filter(|input| !input.content.is_empty())
        .collect();
    known.sort_by(|a, b| a.path.cmp(&b.path));
    for input in known {
        if let Some(first) = seen.insert((&input.content, input.rows), &input.path) {
            return Err(copy(Path::new(&input.path), Path::new(first)));
        }
    }
    Ok(())
}

/// Refuses two pulls of the same days: whatever they group by, they are the same cost.
pub(super) fn refuse_overlaps(inputs: &BTreeMap<String, Input>) -> Result<()> {
    let mut pulls: Vec<(&String, &String, &String)> = inputs
        .values()
        .filter(|input| input.format == "cost-explorer")
        .filter_map(|input| {
            input
                .days
                .as_ref()
                .map(|(first, last)| (first, last, &input.path))
        })
        .collect();
    pulls.sort();
    for pair in pulls.windows(2) {
        let [(_, end, one), (start, _, other)] = [pair[0], pair[1]];
        if start <= end {
            return Err(Error::data(format!("two Cost Explorer files have {start} in them: `{one}` and `{other}`"))
                .at(Path::new(other))
                .hint("keep one file per day, by account or by tag; counted twice, every cost would double"));
        }
    }
    Ok(())
}

fn copy(file: &Path, first: &Path) -> Error {
    Error::data(format!(
        "the same export is here twice: `{}` is a copy of `{}`",
        file.display(),
        first.display()
    ))
    .at(file)
    .hint("remove one of them; counted twice, every cost would double")
}

/// Refuses the same charges from two sources: one billing account and period must come from one of them.
pub fn refuse_double_counts(sources: &[Source]) -> Result<()> {
    let mut seen: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for source in sources {
        for period in &source.periods {
            for account in period.accounts.iter().filter(|account| !account.is_empty()) {
                match seen.insert((account, &period.month), &source.name) {
                    Some(other) if other != source.name => {
                        return Err(Error::data(format!(
                            "billing account {account} has {} in two bills: `{other}` and `{}`",
                            period.month, source.name
                        ))
                        .hint("keep one of the two; counted twice, every cost would double"));
                    }
                    _ => {}
                }
            }
        }
    }
    Ok(())
}
