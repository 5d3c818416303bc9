//! What in the bills cannot be right: the checks and what they mean, and tag keys that are one word written
//! in several ways. Finds and counts; corrects nothing.

use crate::money::Money;
use std::collections::BTreeMap;

/// A check over charges: its name in the report, the column of its count in the fact, and what it means.
pub struct Check {
    /// How the report calls it.
    pub name: &'static str,
    /// The fact's column of charges; `…Cost` is that of their effective cost.
    pub column: &'static str,
    /// What it does to the reports.
    pub meaning: &'static str,
}

/// The checks that the fact `quality` counts, in the order of the report.
pub const CHECKS: [Check; 8] = [
    Check {
        name: "missing_list_price",
        column: "MissingListPrice",
        meaning: "no list price is stated for usage that costs something; savings against list prices leave it out or stand on a substitute",
    },
    Check {
        name: "missing_contracted_cost",
        column: "MissingContracted",
        meaning: "no contracted cost is stated; what negotiated prices save is unknown",
    },
    Check {
        name: "list_below_contracted",
        column: "ListBelowContracted",
        meaning: "the list cost is below the contracted cost; one of the two is wrong, and savings look smaller than they are",
    },
    Check {
        name: "contracted_below_effective",
        column: "ContractedBelowEffective",
        meaning: "the charge costs more than was agreed; a commitment that costs more than it saves, or a wrong contracted cost",
    },
    Check {
        name: "price_times_quantity",
        column: "PriceGap",
        meaning: "unit price times quantity is not the cost, by more than rounding: tiers, free quantities, or a wrong price",
    },
    Check {
        name: "negative_usage",
        column: "NegativeUsage",
        meaning: "usage below zero that is not marked as a correction; it hides as much cost elsewhere",
    },
    Check {
        name: "no_sub_account",
        column: "NoSubAccount",
        meaning: "usage that belongs to no sub-account; cost by account shows it as (no account)",
    },
    Check {
        name: "unknown_service_category",
        column: "UnknownCategory",
        meaning: "the service has no category; reports file it under Other",
    },
];

/// What several spellings of one tag key mean.
pub const VARIANTS: (&str, &str) = (
    "tag_key_variants",
    "one tag key is written in several ways; whoever groups by one of them misses the others",
);

/// What tags that are no tags mean.
pub const UNREADABLE: (&str, &str) = (
    "unparsable_tags",
    "these rows' tags are no JSON object; their charges count as untagged",
);

/// How often a spelling of a tag key is used, and what it costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// Resources that carry it.
    pub resources: u64,
    /// Their effective cost.
    pub cost: Money,
}

/// Keys that differ only by upper and lower case, blanks and signs: each group with the most used spelling
/// first. Keys that the cloud itself sets (`aws:`, `hidden-`) are no one's to rename.
pub fn variants(keys: &BTreeMap<String, Use>) -> Vec<Vec<(&str, Use)>> {
    let mut groups: BTreeMap<String, Vec<(&str, Use)>> = BTreeMap::new();
    let own = |key: &&String| !key.starts_with("aws:") && !key.starts_with("hidden-");
    for (key, used) in keys.iter().filter(|(key, _)| own(key)) {
        let letters: String = key
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        let word = if letters.is_empty() {
            key.clone()
        } else {
            letters
        };
        groups.entry(word).or_default().push((key, *used));
    }
    let mut found: Vec<_> = groups
        .into_values()
        .filter(|group| group.len() > 1)
        .collect();
    for group in &mut found {
        group.sort_by(|(a, one), (b, other)| other.resources.cmp(&one.resources).then(a.cmp(b)));
    }
    found
}

/// The spellings of a group as a person reads them.
pub fn spellings(group: &[(&str, Use)]) -> String {
    let words: Vec<String> = group
        .iter()
        .map(|(key, used)| format!("{key:?} ({})", used.resources))
        .collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(of: &[(&str, u64)]) -> BTreeMap<String, Use> {
        let used = |resources| Use {
            resources,
            cost: Money::ZERO,
        };
        of.iter()
            .map(|(key, count)| ((*key).to_owned(), used(*count)))
            .collect()
    }

    #[test]
    fn one_word_in_several_spellings_is_found_most_used_first() {
        let keys = keys(&[
            ("CostCenter", 2),
            ("cost-center", 7),
            ("cost_center ", 1),
            ("team", 3),
        ]);
        let found = variants(&keys);
        assert_eq!(found.len(), 1);
        assert_eq!(
            spellings(&found[0]),
            r#""cost-center" (7), "CostCenter" (2), "cost_center " (1)"#
        );
    }

    #[test]
    fn other_words_and_the_clouds_own_keys_are_not() {
        assert!(variants(&keys(&[("env", 1), ("environment", 1)])).is_empty());
        assert!(variants(&keys(&[("aws:Name", 1), ("aws:name", 1)])).is_empty());
        assert!(variants(&keys(&[("team1", 1), ("team2", 1), ("_", 1), ("-", 1)])).is_empty());
    }
}
