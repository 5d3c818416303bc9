//! Tags as they count: merges that the policy states or allows by basis, and owners that it accepted.
//!
//! The lake keeps tags as written; everything here happens after the facts and is gone when the policy no longer
//! says so. Merges nothing that the policy does not name, by word or by basis.

use super::variants::{Difference, Variant, What};
use crate::policy::{MergeBasis, TagPolicy};
use std::collections::BTreeMap;

/// One merge that happened to a set of tags.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Merged {
    /// Key or value.
    pub what: What,
    /// The key that counts.
    pub key: String,
    /// As written.
    pub from: String,
    /// As it counts.
    pub to: String,
    /// What in the policy says so.
    pub rule: String,
}

/// A spelling that counts, and the rule that says so.
type Target = (String, String);

/// Every merge that the policy asks for in this estate.
#[derive(Clone, Debug, Default)]
pub struct Merges {
    keys: BTreeMap<String, Target>,
    values: BTreeMap<String, BTreeMap<String, Target>>,
}

impl Merges {
    /// What the policy states, then what it allows by basis among these variants.
    pub fn new(policy: &TagPolicy, variants: &[Variant]) -> Merges {
        let mut merges = Merges::default();
        for (at, stated) in policy.merging().stated.iter().enumerate() {
            let rule = format!("merge {}: {}", at + 1, stated.key);
            let own = policy.rule_of(&stated.key);
            let key = own.map_or(&stated.key, |rule| &rule.key);
            for variant in &stated.variants {
                merges
                    .keys
                    .insert(variant.clone(), (key.clone(), rule.clone()));
            }
            let values = merges.values.entry(key.clone()).or_default();
            for (from, to) in &stated.values {
                values.insert(from.clone(), (to.clone(), rule.clone()));
            }
        }
        for variant in variants {
            merges.allow(policy, variant);
        }
        merges
    }

    fn allow(&mut self, policy: &TagPolicy, variant: &Variant) {
        let Some(basis) = basis(variant.difference) else {
            return;
        };
        let named = policy.rule_of(&variant.key).is_some();
        let target = |list: &str| {
            let rule = format!("merge_rules {list}: {}", variant.difference.name());
            (variant.meant.clone(), rule)
        };
        let merging = policy.merging();
        match variant.what {
            What::Key if merging.keys.contains(&basis) => {
                let known = self.keys.entry(variant.written.clone());
                known.or_insert_with(|| target("keys"));
            }
            What::Value if named && merging.values.contains(&basis) => {
                let values = self.values.entry(variant.key.clone()).or_default();
                let known = values.entry(variant.written.clone());
                known.or_insert_with(|| target("values"));
            }
            _ => {}
        }
    }

    /// True where nothing is merged.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.values.values().all(BTreeMap::is_empty)
    }

    /// The rule that merges a variant, where one does.
    pub fn rule(&self, variant: &Variant) -> Option<&str> {
        let target = match variant.what {
            What::Key => self.keys.get(&variant.written),
            What::Value => self.values.get(&variant.key)?.get(&variant.written),
        };
        target.map(|(_, rule)| rule.as_str())
    }

    /// The values that count for others, by value as written, of the keys that name one kind of owner.
    pub fn values_of(&self, keys: &[String], policy: &TagPolicy) -> BTreeMap<String, String> {
        let mut map = BTreeMap::new();
        for key in keys {
            let own = policy.rule_of(key).map_or(key, |rule| &rule.key);
            for (from, (to, _)) in self.values.get(own).into_iter().flatten() {
                map.entry(from.clone()).or_insert_with(|| to.clone());
            }
        }
        map
    }

    /// The tags as they count, and what was merged; nothing where nothing is. A key that is there as it should be
    /// is never replaced.
    pub fn apply(
        &self,
        tags: &BTreeMap<String, String>,
        policy: &TagPolicy,
    ) -> Option<(BTreeMap<String, String>, Vec<Merged>)> {
        let own = |key: &str| {
            let values = self.values.get(key);
            values.or_else(|| self.values.get(&policy.rule_of(key)?.key))
        };
        let touches = |(key, value): (&String, &String)| {
            let keys = self.keys.contains_key(key);
            keys || own(key).is_some_and(|values| values.contains_key(value))
        };
        if self.is_empty() || !tags.iter().any(touches) {
            return None;
        }
        let (mut counted, mut merged) = (tags.clone(), Vec::new());
        for (from, value) in tags {
            let Some((to, rule)) = self.keys.get(from) else {
                continue;
            };
            let there = counted
                .get(to)
                .is_some_and(|value| !value.trim().is_empty());
            if there || value.trim().is_empty() {
                continue;
            }
            counted.remove(from);
            counted.insert(to.clone(), value.clone());
            merged.push(Merged::new(What::Key, to, (from, to), rule));
        }
        for (key, value) in &mut counted {
            let own = policy.rule_of(key).map_or(key, |rule| &rule.key);
            let target = self
                .values
                .get(own)
                .and_then(|values| values.get(value.as_str()));
            if let Some((to, rule)) = target {
                merged.push(Merged::new(What::Value, own, (value, to), rule));
                value.clone_from(to);
            }
        }
        (!merged.is_empty()).then_some((counted, merged))
    }
}

impl Merged {
    fn new(what: What, key: &str, (from, to): (&str, &str), rule: &str) -> Merged {
        Merged {
            what,
            key: key.to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
            rule: rule.to_owned(),
        }
    }
}

/// The aliases of the policy by which these tags count: they are merges that were decided before.
pub fn aliases(tags: &BTreeMap<String, String>, policy: &TagPolicy) -> Vec<Merged> {
    let mut found = Vec::new();
    for rule in policy.rules() {
        let Some((key, value)) = rule.written(tags) else {
            continue;
        };
        if rule.demand == crate::policy::Demand::Forbidden {
            continue;
        }
        if key != rule.key {
            let why = format!("aliases of tag {}", rule.key);
            found.push(Merged::new(What::Key, &rule.key, (key, &rule.key), &why));
        }
        if let Some(accepted) = rule.accepts(value).filter(|accepted| *accepted != value) {
            let why = format!("value_aliases of tag {}", rule.key);
            found.push(Merged::new(What::Value, &rule.key, (value, accepted), &why));
        }
    }
    // Rules of one tag may say the same.
    found.sort();
    found.dedup();
    found
}

/// The basis that the policy calls it by; none for what is never merged by itself.
fn basis(difference: Difference) -> Option<MergeBasis> {
    match difference {
        Difference::Blanks => Some(MergeBasis::Blanks),
        Difference::Case => Some(MergeBasis::Case),
        Difference::Separators => Some(MergeBasis::Separators),
        Difference::Edits | Difference::Plural => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn policy(text: &str) -> TagPolicy {
        TagPolicy::parse(text, Path::new("t.toml")).unwrap()
    }

    fn tags(text: &str) -> BTreeMap<String, String> {
        let pairs = text.split(';').filter_map(|pair| pair.split_once('='));
        pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
    }

    fn variant(
        what: What,
        key: &str,
        written: &str,
        meant: &str,
        difference: Difference,
    ) -> Variant {
        let [key, written, meant] = [key, written, meant].map(str::to_owned);
        Variant {
            what,
            key,
            written,
            meant,
            difference,
        }
    }

    const STATED: &str = "[[tag]]\nkey = \"team\"\naliases = [\"owner\"]\n[[merge]]\nkey = \"team\"\nvariants = [\"Squad\"]\nvalues = { plattform = \"platform\" }\n";

    #[test]
    fn what_the_policy_states_is_merged_and_named() {
        let policy = policy(STATED);
        let merges = Merges::new(&policy, &[]);
        let (counted, merged) = merges.apply(&tags("Squad=plattform;x=1"), &policy).unwrap();
        assert_eq!(counted, tags("team=platform;x=1"));
        assert_eq!(merged.len(), 2);
        assert_eq!(merged[0].rule, "merge 1: team");
        assert_eq!(merges.apply(&tags("Squad=a;team=b"), &policy), None);
        let (counted, _) = merges.apply(&tags("owner=plattform"), &policy).unwrap();
        assert_eq!(counted, tags("owner=platform"));
    }

    #[test]
    fn a_basis_merges_its_variants_only_where_the_policy_says_so() {
        let found = [
            variant(What::Key, "team", "TEAM", "team", Difference::Case),
            variant(What::Key, "team", "taem", "team", Difference::Edits),
            variant(What::Value, "team", "Web", "web", Difference::Case),
            variant(What::Value, "app", "Shop", "shop", Difference::Case),
        ];
        let silent = policy("[[tag]]\nkey = \"team\"\n");
        assert!(Merges::new(&silent, &found).is_empty());
        let told = policy(
            "[merge_rules]\nkeys = [\"case\"]\nvalues = [\"case\"]\n[[tag]]\nkey = \"team\"\n",
        );
        let merges = Merges::new(&told, &found);
        let ruled: Vec<Option<&str>> = found.iter().map(|one| merges.rule(one)).collect();
        assert_eq!(
            ruled,
            [
                Some("merge_rules keys: case"),
                None,
                Some("merge_rules values: case"),
                None
            ]
        );
    }

    #[test]
    fn aliases_are_told_too() {
        let policy = policy(STATED);
        let merged = aliases(&tags("owner=web"), &policy);
        assert_eq!(merged[0].rule, "aliases of tag team");
        assert_eq!(aliases(&tags("team=web;owner=x"), &policy), []);
    }
}
