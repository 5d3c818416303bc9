//! One tag map against the policy: is each tag valid, invalid or missing, and what could be meant.
//!
//! Each distinct key, and each distinct value of a tag, is compared with the policy once.

use super::judgement::Standing;
use super::variant::{Hit, Ready, Weighed, hits};
use super::{Basis, Kind};
use crate::policy::{Demand, TagPolicy};
use std::collections::{BTreeMap, HashMap};

/// What one rule finds in one tag map.
#[derive(Clone, Debug)]
pub(super) struct Finding<'a> {
    /// Valid, invalid or missing, wherever the rule applies.
    pub(super) standing: Standing,
    /// The accepted value, in the policy's spelling, where it is valid.
    pub(super) value: Option<&'a str>,
    /// What to put right; a valid tag can still have variants of its key beside it.
    pub(super) faults: Vec<Fault>,
}

/// One thing to put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: Kind,
    pub(super) value: String,
    pub(super) suggestion: String,
    pub(super) basis: Option<Basis>,
}

/// The policy made ready for comparison, and what has been compared so far.
pub(super) struct Judge<'a> {
    rules: Vec<Ready<'a>>,
    keys: HashMap<&'a str, Vec<Hit>>,
    values: HashMap<(usize, &'a str), Weighed<'a>>,
    /// Which findings belong to the tags of one map that any rule knows.
    known: HashMap<Vec<Tag<'a>>, usize>,
    findings: Vec<Vec<Finding<'a>>>,
}

/// Key and value.
type Tag<'a> = (&'a str, &'a str);

/// The keys of one tag map that one rule knows.
#[derive(Default)]
struct Sightings<'a> {
    /// Rank and value of the first accepted key.
    named: Option<(usize, &'a str)>,
    /// Key, value and basis of each variant, by key.
    variants: Vec<(&'a str, &'a str, Basis)>,
    /// Every key that was seen.
    keys: Vec<&'a str>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(policy: &'a TagPolicy) -> Judge<'a> {
        let rules = policy.rules().iter().map(Ready::new).collect();
        let (keys, values, known) = (HashMap::new(), HashMap::new(), HashMap::new());
        Judge {
            rules,
            keys,
            values,
            known,
            findings: Vec::new(),
        }
    }

    /// Where the findings of a tag map will stand; maps that differ in other tags only share theirs.
    pub(super) fn judge(&mut self, tags: &'a BTreeMap<String, String>) -> usize {
        let mut known: Vec<Tag> = Vec::new();
        for (key, value) in tags {
            let hits = self
                .keys
                .entry(key)
                .or_insert_with(|| hits(&self.rules, key));
            if !hits.is_empty() && !value.trim().is_empty() {
                known.push((key, value));
            }
        }
        if let Some(&index) = self.known.get(&known) {
            return index;
        }
        let findings = self.find(&known);
        self.findings.push(findings);
        self.known.insert(known, self.findings.len() - 1);
        self.findings.len() - 1
    }

    /// All findings so far, one per rule in each.
    pub(super) fn findings(self) -> Vec<Vec<Finding<'a>>> {
        self.findings
    }

    /// The findings that stand at an index, one per rule.
    pub(super) fn at(&self, index: usize) -> &[Finding<'a>] {
        &self.findings[index]
    }

    fn find(&mut self, tags: &[Tag<'a>]) -> Vec<Finding<'a>> {
        let mut sightings: Vec<Sightings> =
            self.rules.iter().map(|_| Sightings::default()).collect();
        for &(key, value) in tags {
            for &hit in self.keys.get(key).into_iter().flatten() {
                sightings[hit.rule].add(hit, key, value);
            }
        }
        sightings
            .iter()
            .enumerate()
            .map(|(rule, seen)| self.finding(rule, seen))
            .collect()
    }

    fn finding(&mut self, index: usize, seen: &Sightings<'a>) -> Finding<'a> {
        let rule = self.rules[index].rule;
        if rule.demand == Demand::Forbidden {
            return forbidden(seen);
        }
        let mut faults: Vec<Fault> = Vec::new();
        let mut accepted = None;
        let standing = match seen.named {
            Some((_, value)) => match self.weigh(index, value) {
                Weighed::Accepted(value) => {
                    accepted = Some(value);
                    Standing::Valid
                }
                Weighed::Variant(meant, basis) => {
                    faults.push(Fault::new(Kind::Variant, value, &meant, Some(basis)));
                    Standing::Invalid
                }
                Weighed::Refused => {
                    faults.push(Fault::new(Kind::Invalid, value, "", None));
                    Standing::Invalid
                }
            },
            None if !seen.variants.is_empty() => Standing::Invalid,
            None => {
                let required = rule.demand == Demand::Required;
                faults.extend(required.then(|| Fault::new(Kind::Missing, "", "", None)));
                Standing::Missing
            }
        };
        for &(key, value, basis) in &seen.variants {
            let meant = match self.weigh(index, value) {
                Weighed::Accepted(meant) => meant.to_owned(),
                Weighed::Variant(meant, _) => meant,
                Weighed::Refused => value.to_owned(),
            };
            let (written, meant) = (format!("{key}={value}"), format!("{}={meant}", rule.key));
            faults.push(Fault::new(Kind::Variant, &written, &meant, Some(basis)));
        }
        Finding {
            standing,
            value: accepted,
            faults,
        }
    }

    fn weigh(&mut self, rule: usize, value: &'a str) -> Weighed<'a> {
        self.values
            .entry((rule, value))
            .or_insert_with(|| self.rules[rule].weigh(value))
            .clone()
    }
}

/// A forbidden key may hold a secret: its name is reported, its value never.
fn forbidden<'a>(seen: &Sightings<'a>) -> Finding<'a> {
    let faults: Vec<Fault> = seen
        .keys
        .iter()
        .map(|key| Fault::new(Kind::Forbidden, key, "", None))
        .collect();
    let standing = if faults.is_empty() {
        Standing::Valid
    } else {
        Standing::Invalid
    };
    Finding {
        standing,
        value: None,
        faults,
    }
}

impl<'a> Sightings<'a> {
    fn add(&mut self, hit: Hit, key: &'a str, value: &'a str) {
        self.keys.push(key);
        match hit.variant {
            Some(basis) => self.variants.push((key, value, basis)),
            None if self.named.is_some_and(|(rank, _)| rank <= hit.rank) => {}
            None => self.named = Some((hit.rank, value)),
        }
    }
}

impl Fault {
    fn new(kind: Kind, value: &str, suggestion: &str, basis: Option<Basis>) -> Fault {
        Fault {
            kind,
            value: value.to_owned(),
            suggestion: suggestion.to_owned(),
            basis,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const POLICY: &str = r#"
        [[tag]]
        key = "team"
        aliases = ["squad"]
        values = ["platform", "data", "web-1", "web-2", "Labs"]
        value_aliases = { "plattform" = "platform", "dwh" = "data" }
        [[tag]]
        key = "org"
        [[tag]]
        key = "cost-center"
        pattern = "^CC-[0-9]{4}$"
        [[tag]]
        key = "stage"
        required = false
        ignore_case = true
        values = ["prod", "dev"]
        [[tag]]
        key = "password"
        forbidden = true
    "#;

    /// Standing and faults of one rule, as `kind value > suggestion (basis)`.
    fn found(rule: usize, tags: &[(&str, &str)]) -> (Standing, Vec<String>) {
        let policy = TagPolicy::parse(POLICY, Path::new("tags.toml")).unwrap();
        let tags = tags
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        let mut judge = Judge::new(&policy);
        let index = judge.judge(&tags);
        let finding = &judge.at(index)[rule];
        let text = |fault: &Fault| {
            let basis = fault.basis.map_or("", Basis::name);
            format!(
                "{} {} > {} ({basis})",
                fault.kind.name(),
                fault.value,
                fault.suggestion
            )
        };
        (finding.standing, finding.faults.iter().map(text).collect())
    }

    fn one(standing: Standing, fault: &str) -> (Standing, Vec<String>) {
        (standing, vec![fault.to_owned()])
    }

    #[test]
    fn accepted_keys_and_values_are_valid() {
        for tags in [
            ("team", "data"),
            ("squad", "data"),
            ("team", "plattform"),
            ("team", "dwh"),
        ] {
            assert_eq!(found(0, &[tags]), (Standing::Valid, vec![]), "{tags:?}");
        }
        assert_eq!(found(3, &[("STAGE", "Prod")]), (Standing::Valid, vec![]));
    }

    #[test]
    fn absent_and_blank_are_missing() {
        for tags in [
            vec![],
            vec![("team", "")],
            vec![("team", " \t"), ("Team", "")],
        ] {
            assert_eq!(
                found(0, &tags),
                one(Standing::Missing, "missing  >  ()"),
                "{tags:?}"
            );
        }
        assert_eq!(
            found(3, &[]),
            (Standing::Missing, vec![]),
            "an optional tag may be absent"
        );
    }

    #[test]
    fn a_value_outside_list_or_pattern_is_invalid() {
        assert_eq!(
            found(0, &[("team", "sales")]),
            one(Standing::Invalid, "invalid sales >  ()")
        );
        assert_eq!(
            found(2, &[("cost-center", "1234")]),
            one(Standing::Invalid, "invalid 1234 >  ()")
        );
        assert_eq!(
            found(3, &[("stage", "qa")]),
            one(Standing::Invalid, "invalid qa >  ()")
        );
    }

    #[test]
    fn a_value_in_another_spelling_is_a_variant() {
        let variant = |written, text: &str| {
            assert_eq!(found(0, &[("team", written)]), one(Standing::Invalid, text))
        };
        variant("Data", "variant Data > data (case)");
        variant("data ", "variant data  > data (blank)");
        variant("web_1", "variant web_1 > web-1 (separators)");
        variant("platfrom", "variant platfrom > platform (spelling)");
        variant("DWH", "variant DWH > data (alias)");
        let pattern = found(2, &[("cost-center", "cc-0042")]);
        assert_eq!(
            pattern,
            one(Standing::Invalid, "variant cc-0042 > CC-0042 (case)")
        );
    }

    #[test]
    fn other_digits_are_another_value() {
        assert_eq!(
            found(0, &[("team", "web-3")]),
            one(Standing::Invalid, "invalid web-3 >  ()")
        );
    }

    #[test]
    fn a_key_in_another_spelling_is_a_variant() {
        let org = found(1, &[(" org", "trey")]);
        assert_eq!(
            org,
            one(Standing::Invalid, "variant  org=trey > org=trey (blank)")
        );
        let squad = found(0, &[("Squad", "Data")]);
        assert_eq!(
            squad,
            one(Standing::Invalid, "variant Squad=Data > team=data (alias)")
        );
        let center = found(2, &[("costcenter", "CC-0001")]);
        assert_eq!(
            center,
            one(
                Standing::Invalid,
                "variant costcenter=CC-0001 > cost-center=CC-0001 (separators)"
            )
        );
        let centre = found(2, &[("cost-centre", "CC-0001")]);
        assert_eq!(
            centre,
            one(
                Standing::Invalid,
                "variant cost-centre=CC-0001 > cost-center=CC-0001 (spelling)"
            )
        );
    }

    #[test]
    fn a_variant_beside_the_key_leaves_it_valid() {
        let both = found(1, &[(" org", "trey"), ("org", "trey")]);
        assert_eq!(
            both,
            one(Standing::Valid, "variant  org=trey > org=trey (blank)")
        );
    }

    #[test]
    fn a_key_of_one_rule_is_no_variant_of_another() {
        let policy =
            "[[tag]]\nkey = \"cost-center\"\n[[tag]]\nkey = \"cost-centre\"\nrequired = false\n";
        let policy = TagPolicy::parse(policy, Path::new("tags.toml")).unwrap();
        let tags = BTreeMap::from([("cost-centre".to_owned(), "1".to_owned())]);
        let mut judge = Judge::new(&policy);
        let index = judge.judge(&tags);
        let standings: Vec<Standing> = judge
            .at(index)
            .iter()
            .map(|finding| finding.standing)
            .collect();
        assert_eq!(standings, [Standing::Missing, Standing::Valid]);
    }

    #[test]
    fn a_forbidden_key_is_named_and_its_value_is_not() {
        let secret = found(4, &[("Pass_word", "hunter2")]);
        assert_eq!(secret, one(Standing::Invalid, "forbidden Pass_word >  ()"));
        for fine in [("passwords", "x"), ("password", "")] {
            assert_eq!(found(4, &[fine]), (Standing::Valid, vec![]), "{fine:?}");
        }
    }
}
