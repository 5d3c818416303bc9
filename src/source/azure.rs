//! Azure's two datasets of the same charges. Actual: commitments as they were bought. Amortised: what they
//! cost where they were used, and what was left unused. Of an account and month in both, all amortised
//! rows count, and of the actual ones only the commitment purchases and refunds; the rest is counted as
//! superseded. Never guesses which dataset a file is: its rows show it, or the user says it.

use super::classes::Evidence;
use crate::error::{Error, Result};
use crate::lake::Input;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Billing accounts and months whose charges another file has amortised.
pub(super) type Selection = BTreeSet<(String, String)>;

/// The prefix of every format of the family.
const AZURE: &str = "azure";

/// One of the two datasets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dataset {
    Actual,
    Amortized,
}

impl Dataset {
    fn format(self) -> &'static str {
        match self {
            Dataset::Actual => "azure-actual",
            Dataset::Amortized => "azure-amortized",
        }
    }

    fn of(format: &str) -> Option<Dataset> {
        [Dataset::Actual, Dataset::Amortized]
            .into_iter()
            .find(|dataset| dataset.format() == format)
    }
}

/// The format of an input: as the user said, else as its rows show. Without commitments both datasets have
/// the same rows, and the family's own name stands.
pub(super) fn format(path: &Path, format: &str, evidence: Evidence) -> Result<String> {
    if !format.starts_with(AZURE) {
        return Ok(format.to_owned());
    }
    let amortized = evidence.unused > 0 || evidence.covered > evidence.covered_free;
    let shown = match (amortized, evidence.purchases + evidence.covered_free) {
        (true, _) => Some(Dataset::Amortized),
        (false, 0) => None,
        (false, _) => Some(Dataset::Actual),
    };
    match (Dataset::of(format), shown) {
        (Some(Dataset::Actual), Some(Dataset::Amortized)) => Err(Error::data(format!(
            "this is no actual cost: {} rows have a share of a commitment's cost",
            evidence.unused + evidence.covered - evidence.covered_free
        ))
        .at(path)
        .hint("name it `azure-amortized`, or let the rows show it with `auto`")),
        (said, shown) => Ok(said.or(shown).map_or(AZURE, Dataset::format).to_owned()),
    }
}

/// For each actual input the accounts and months of which there is an amortised one; by input key.
pub(super) fn superseded(inputs: &[&Input]) -> BTreeMap<String, Selection> {
    let amortized = places(inputs, Dataset::Amortized);
    let of_actual = |input: &&&Input| Dataset::of(&input.format) == Some(Dataset::Actual);
    let selection = |input: &&Input| {
        let both: Selection = of_input(input)
            .filter(|at| amortized.contains(at))
            .collect();
        (!both.is_empty()).then(|| (input.key.clone(), both))
    };
    inputs
        .iter()
        .filter(of_actual)
        .filter_map(selection)
        .collect()
}

/// What is missing where only one of the two datasets is here and there are commitments.
pub(super) fn note_missing(inputs: &mut BTreeMap<String, Input>) {
    let all: Vec<&Input> = inputs.values().collect();
    let sides = [Dataset::Actual, Dataset::Amortized].map(|dataset| places(&all, dataset));
    for input in inputs.values_mut().filter(|input| input.commitments) {
        let (other, missing) = match Dataset::of(&input.format) {
            Some(Dataset::Actual) => (
                &sides[1],
                "only actual cost is here: EffectiveCost lacks the commitments' cost where they were used and what was left unused; add the amortised export",
            ),
            Some(Dataset::Amortized) => (
                &sides[0],
                "only amortised cost is here: BilledCost lacks the purchases of commitments; add the actual export",
            ),
            None => continue,
        };
        let alone: BTreeSet<String> = of_input(input)
            .filter(|at| !other.contains(at))
            .map(|(_, month)| month)
            .collect();
        let notes = alone.iter().map(|month| format!("{month}: {missing}"));
        input.notes.extend(notes.collect::<Vec<_>>());
    }
}

fn places(inputs: &[&Input], dataset: Dataset) -> Selection {
    let of_dataset = |input: &&&Input| Dataset::of(&input.format) == Some(dataset);
    inputs
        .iter()
        .filter(of_dataset)
        .flat_map(|input| of_input(input))
        .collect()
}

/// The accounts and months of an input.
fn of_input(input: &Input) -> impl Iterator<Item = (String, String)> {
    let months = input.accounts.iter();
    months.flat_map(|(month, accounts)| {
        let named = accounts.iter().filter(|account| !account.is_empty());
        named.map(|account| (account.clone(), month.clone()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(key: &str, format: &str, month: &str) -> Input {
        Input {
            key: key.to_owned(),
            format: format.to_owned(),
            commitments: true,
            accounts: [(month.to_owned(), vec!["42".to_owned()])].into(),
            ..Input::default()
        }
    }

    fn shown(evidence: Evidence) -> String {
        format(Path::new("a.csv"), "azure", evidence).unwrap()
    }

    #[test]
    fn rows_show_which_dataset_a_file_is() {
        let none = Evidence::default();
        assert_eq!(shown(none), "azure");
        assert_eq!(shown(Evidence { unused: 1, ..none }), "azure-amortized");
        assert_eq!(
            shown(Evidence {
                covered: 2,
                covered_free: 1,
                ..none
            }),
            "azure-amortized"
        );
        assert_eq!(
            shown(Evidence {
                covered: 2,
                covered_free: 2,
                ..none
            }),
            "azure-actual"
        );
        assert_eq!(
            shown(Evidence {
                purchases: 1,
                ..none
            }),
            "azure-actual"
        );
    }

    #[test]
    fn the_users_word_counts_unless_the_rows_say_otherwise() {
        let path = Path::new("a.csv");
        let said = format(path, "azure-amortized", Evidence::default()).unwrap();
        assert_eq!(said, "azure-amortized");
        let unused = Evidence {
            unused: 3,
            ..Evidence::default()
        };
        let error = format(path, "azure-actual", unused).unwrap_err();
        assert!(error.what().contains("3 rows"), "{}", error.what());
        assert_eq!(format(path, "aws-cur", unused).unwrap(), "aws-cur");
    }

    #[test]
    fn only_what_is_in_both_datasets_is_superseded() {
        let (a, b) = (
            input("a", "azure-actual", "2026-09"),
            input("b", "azure-amortized", "2026-09"),
        );
        let c = input("c", "azure-actual", "2026-10");
        let found = superseded(&[&a, &b, &c]);
        let both = [("42".to_owned(), "2026-09".to_owned())];
        assert_eq!(found, [("a".to_owned(), both.into())].into());
    }

    #[test]
    fn a_dataset_alone_says_what_it_lacks() {
        let list = [
            input("a", "azure-actual", "2026-09"),
            input("b", "azure-amortized", "2026-09"),
            input("c", "azure-actual", "2026-10"),
        ];
        let mut inputs: BTreeMap<String, Input> = list
            .into_iter()
            .map(|input| (input.key.clone(), input))
            .collect();
        note_missing(&mut inputs);
        assert!(inputs["a"].notes.is_empty() && inputs["b"].notes.is_empty());
        assert!(inputs["c"].notes[0].starts_with("2026-10: only actual cost is here"));
    }
}
