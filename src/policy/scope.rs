//! Which charges a rule of the policy speaks about. Compares names; knows no charge.

use serde::Deserialize;

/// Which charges a rule speaks about: those that every list knows and that `except` does not name. An empty
/// list means all. Names match whole, in any case; `*` stands for anything.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AppliesTo {
    /// FOCUS `ProviderName`.
    pub providers: Vec<String>,
    /// FOCUS `ServiceName`.
    pub services: Vec<String>,
    /// FOCUS `ResourceType`, or service and type as AWS writes them (`ec2:instance`).
    pub resource_types: Vec<String>,
    /// FOCUS `SubAccountId`.
    pub accounts: Vec<String>,
    /// The environment the charge is shown under; `(untagged)` where it has none.
    pub environments: Vec<String>,
    /// What is left out although the lists know it.
    pub except: Except,
}

/// What is left out: a charge that any of these lists names.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Except {
    /// FOCUS `ProviderName`.
    pub providers: Vec<String>,
    /// FOCUS `ServiceName`.
    pub services: Vec<String>,
    /// FOCUS `ResourceType`, or service and type as AWS writes them.
    pub resource_types: Vec<String>,
    /// FOCUS `SubAccountId`.
    pub accounts: Vec<String>,
    /// The environment the charge is shown under.
    pub environments: Vec<String>,
}

/// The names of a charge that a scope looks at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Named<'a> {
    /// FOCUS `ProviderName`.
    pub provider: &'a str,
    /// FOCUS `ServiceName`.
    pub service: &'a str,
    /// FOCUS `ResourceType`.
    pub resource_type: &'a str,
    /// `ec2:instance` and the like, where the resource's id says so; empty where it does not.
    pub kind: &'a str,
    /// FOCUS `SubAccountId`.
    pub account: &'a str,
    /// The environment it is shown under.
    pub environment: &'a str,
}

impl AppliesTo {
    /// True where a charge of these names is spoken about.
    pub fn covers(&self, named: &Named) -> bool {
        self.lists()
            .iter()
            .zip(named.words())
            .all(|(list, words)| list.is_empty() || lists(list, words))
            && !self.except.names(named)
    }

    /// True where it speaks about every charge.
    pub fn is_everything(&self) -> bool {
        self.lists().iter().all(|list| list.is_empty()) && self.except.is_empty()
    }

    /// True where a list asks for `service:type`, which is read from ids.
    pub fn asks_for_kinds(&self) -> bool {
        let both = self
            .resource_types
            .iter()
            .chain(&self.except.resource_types);
        both.into_iter().any(|word| word.contains(':'))
    }

    fn lists(&self) -> [&[String]; 5] {
        [
            &self.providers,
            &self.services,
            &self.resource_types,
            &self.accounts,
            &self.environments,
        ]
    }
}

impl Except {
    fn lists(&self) -> [&[String]; 5] {
        [
            &self.providers,
            &self.services,
            &self.resource_types,
            &self.accounts,
            &self.environments,
        ]
    }

    fn is_empty(&self) -> bool {
        self.lists().iter().all(|list| list.is_empty())
    }

    fn names(&self, named: &Named) -> bool {
        let words = self.lists().into_iter().zip(named.words());
        words.into_iter().any(|(list, words)| lists(list, words))
    }
}

impl<'a> Named<'a> {
    /// In the order of the lists, each under one or two names.
    fn words(&self) -> [[&'a str; 2]; 5] {
        [
            [self.provider; 2],
            [self.service; 2],
            [self.resource_type, self.kind],
            [self.account; 2],
            [self.environment; 2],
        ]
    }
}

fn lists(list: &[String], words: [&str; 2]) -> bool {
    list.iter()
        .any(|entry| words.iter().any(|word| like(entry, word)))
}

/// True where a name is the word in any case; `*` in the word stands for anything.
fn like(word: &str, name: &str) -> bool {
    let Some((first, rest)) = word.split_once('*') else {
        return word.eq_ignore_ascii_case(name);
    };
    let Some(name) = without_start(name, first) else {
        return false;
    };
    // What follows a star may begin anywhere.
    rest.is_empty()
        || name
            .char_indices()
            .map(|(at, _)| at)
            .chain([name.len()])
            .any(|at| like(rest, &name[at..]))
}

fn without_start<'n>(name: &'n str, start: &str) -> Option<&'n str> {
    let head = name.get(..start.len())?;
    head.eq_ignore_ascii_case(start)
        .then(|| &name[start.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scope(text: &str) -> AppliesTo {
        toml::from_str(text).unwrap()
    }

    const MACHINE: Named = Named {
        provider: "AWS",
        service: "Amazon EC2",
        resource_type: "instance",
        kind: "ec2:instance",
        account: "1",
        environment: "dev",
    };

    #[test]
    fn every_list_must_know_the_charge() {
        assert!(scope("").covers(&MACHINE) && scope("").is_everything());
        assert!(scope("providers = [\"aws\"]\nenvironments = [\"DEV\", \"qa\"]").covers(&MACHINE));
        assert!(!scope("providers = [\"aws\"]\nenvironments = [\"prod\"]").covers(&MACHINE));
        assert!(!scope("environments = [\"\"]").covers(&MACHINE));
    }

    #[test]
    fn a_type_is_known_by_the_bill_s_name_and_by_service_and_type() {
        for word in ["Instance", "ec2:instance", "ec2:*", "*:instance"] {
            assert!(
                scope(&format!("resource_types = [\"{word}\"]")).covers(&MACHINE),
                "{word}"
            );
        }
        assert!(!scope("resource_types = [\"rds:*\"]").covers(&MACHINE));
        assert!(scope("resource_types = [\"rds:*\"]").asks_for_kinds());
    }

    #[test]
    fn one_word_under_except_is_enough() {
        let scope = scope(
            "services = [\"Amazon*\"]\nexcept = { accounts = [\"9\"], environments = [\"sand*\"] }",
        );
        assert!(scope.covers(&MACHINE) && !scope.is_everything());
        assert!(!scope.covers(&Named {
            account: "9",
            ..MACHINE
        }));
        assert!(!scope.covers(&Named {
            environment: "Sandbox",
            ..MACHINE
        }));
    }

    #[test]
    fn stars_stand_for_anything() {
        assert!(like("*", "") && like("a*c", "ABBC") && like("a*", "a") && like("*é*", "caféx"));
        assert!(!like("a*c", "abcd") && !like("*b", "abc") && !like("a**c", "ab"));
    }

    proptest! {
        #[test]
        fn a_star_is_what_a_pattern_makes_of_it(word in "[ab*]{0,6}", name in "[ab]{0,8}") {
            let parts: Vec<String> = word.split('*').map(regex::escape).collect();
            let pattern = regex::Regex::new(&format!("^{}$", parts.join(".*"))).unwrap();
            prop_assert_eq!(like(&word, &name), pattern.is_match(&name));
        }

        #[test]
        fn no_text_panics(word in ".{0,8}", name in ".{0,8}") {
            let _ = like(&word, &name);
            let _ = like(&format!("*{word}*"), &name);
        }
    }
}
