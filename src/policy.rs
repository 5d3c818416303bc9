//! The tag policy: which keys charges must, may and must not carry, and what their values may be.
//!
//! Everything wrong is refused once, here, with its place: an unknown key, a bad regex, a key named twice, a
//! list that allows nothing, a target that is no percentage. Reads text, never files; judges no charge.

mod check;
mod merges;

use crate::error::{Error, Result, nearest};
use regex::Regex;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use toml::Spanned;

pub use merges::{Accepted, MergeBasis, Merging, StatedMerge};

/// Share of cost that the built-in policy asks for, in hundredths of a percent: 95 %, the usual goal of a
/// mature practice (recfo.dev runbook S1-03, "Measure Tag Compliance": coverage over 95 %).
const USUAL_TARGET: i64 = 9_500;

/// A checked policy: rules in the order of the file, no key named twice.
#[derive(Clone, Debug)]
pub struct TagPolicy {
    rules: Vec<TagRule>,
    merging: Merging,
}

/// What the policy says about one tag.
#[derive(Clone, Debug)]
pub struct TagRule {
    /// The key as it should be, and the tag's name in reports.
    pub key: String,
    /// Other keys that are accepted for it, tried in this order after `key`.
    pub aliases: Vec<String>,
    /// Whether the key must, may or must not be there.
    pub demand: Demand,
    /// Allowed values; empty allows every value that is not blank.
    pub values: Vec<String>,
    /// Accepted spellings of values and the values they stand for.
    pub value_aliases: BTreeMap<String, String>,
    /// A pattern that values match somewhere; the policy anchors it with `^` and `$` where it means all of it.
    pub pattern: Option<Regex>,
    /// True where upper and lower case are the same, in keys and in values.
    pub ignore_case: bool,
    /// Which charges it speaks about.
    pub applies_to: AppliesTo,
    /// Wanted share of cost that is valid, in hundredths of a percent.
    pub target: Option<i64>,
}

/// Whether a key must, may or must not be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Its absence is a violation.
    Required,
    /// It may be absent; where it is present its value counts.
    Optional,
    /// Its presence is a violation.
    Forbidden,
}

/// Which charges a rule speaks about; an empty list means all. Names match whole, in any case.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AppliesTo {
    /// FOCUS `ProviderName`.
    pub providers: Vec<String>,
    /// FOCUS `ServiceName`.
    pub services: Vec<String>,
    /// FOCUS `ResourceType`.
    pub resource_types: Vec<String>,
    /// FOCUS `SubAccountId`.
    pub accounts: Vec<String>,
}

impl TagPolicy {
    /// Reads a policy; `path` is only named in errors.
    ///
    /// ```
    /// # use cloudtally::policy::TagPolicy;
    /// let text = "[[tag]]\nkey = \"team\"\nrequird = true\n";
    /// let error = TagPolicy::parse(text, "tags.toml".as_ref()).unwrap_err();
    /// assert!(error.to_string().contains("tags.toml:3:1\nhint: did you mean `required`?"));
    /// ```
    pub fn parse(text: &str, path: &Path) -> Result<TagPolicy> {
        let file: File = toml::from_str(text).map_err(|error| unreadable(&error, text, path))?;
        check::checked(file).map_err(|(what, hint, span)| {
            let (line, column) = position(text, span.start);
            let error = Error::usage(what).at_line(path, line, column);
            if hint.is_empty() {
                error
            } else {
                error.hint(hint)
            }
        })
    }

    /// Without a policy: team, environment and cost centre under their usual keys, any value.
    pub fn default_policy() -> TagPolicy {
        let usual = [
            &["team", "Team", "owner"][..],
            &["env", "environment", "Environment", "stage"],
            &["CostCenter", "cost-center", "costcenter", "cost_center"],
        ];
        let rule = |keys: &&[&str]| TagRule {
            key: keys[0].to_owned(),
            aliases: keys[1..].iter().map(|&key| key.to_owned()).collect(),
            demand: Demand::Required,
            values: Vec::new(),
            value_aliases: BTreeMap::new(),
            pattern: None,
            ignore_case: false,
            applies_to: AppliesTo::default(),
            target: Some(USUAL_TARGET),
        };
        TagPolicy {
            rules: usual.iter().map(rule).collect(),
            merging: Merging::default(),
        }
    }

    /// The rules, in the order of the file.
    pub fn rules(&self) -> &[TagRule] {
        &self.rules
    }

    /// Every key and alias that the policy names, in the order of the file.
    pub fn keys(&self) -> Vec<&str> {
        self.rules.iter().flat_map(TagRule::names).collect()
    }

    /// The target of all required tags together: the lowest that one of them has, in hundredths of a percent.
    pub fn target(&self) -> Option<i64> {
        self.rules
            .iter()
            .filter(|rule| rule.demand == Demand::Required)
            .filter_map(|rule| rule.target)
            .min()
    }
}

impl TagRule {
    /// Its key, then its aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.key.as_str()).chain(self.aliases.iter().map(String::as_str))
    }

    /// The value that a written one stands for where it is acceptable, in the policy's spelling.
    pub fn accepts<'v>(&'v self, written: &'v str) -> Option<&'v str> {
        let alias = self
            .value_aliases
            .iter()
            .find(|(alias, _)| self.same(alias, written));
        self.listed(alias.map_or(written, |(_, value)| value))
    }

    /// The acceptable value under one of its names, the first name that has a value; `None` where there is none.
    pub fn valid_value<'v>(&'v self, tags: &'v BTreeMap<String, String>) -> Option<&'v str> {
        self.accepts(self.written(tags)?.1)
    }

    /// Key and value as written under the first of its names that has a value.
    pub fn written<'t>(&self, tags: &'t BTreeMap<String, String>) -> Option<(&'t str, &'t str)> {
        let filled = |value: &str| !value.trim().is_empty();
        self.names().find_map(|name| {
            let plain = tags.get_key_value(name).filter(|(_, value)| filled(value));
            let any_case = || {
                let mut pairs = tags
                    .iter()
                    .filter(|(key, _)| self.ignore_case && self.same(key, name));
                pairs.find(|(_, value)| filled(value))
            };
            let (key, value) = plain.or_else(any_case)?;
            Some((key.as_str(), value.as_str()))
        })
    }

    /// The same without the value aliases.
    fn listed<'v>(&'v self, value: &'v str) -> Option<&'v str> {
        let value = match self.values.as_slice() {
            [] => value,
            values => values.iter().find(|listed| self.same(listed, value))?,
        };
        let fits = self
            .pattern
            .as_ref()
            .is_none_or(|pattern| pattern.is_match(value));
        (fits && !value.trim().is_empty()).then_some(value)
    }

    fn same(&self, a: &str, b: &str) -> bool {
        a == b || (self.ignore_case && a.to_lowercase() == b.to_lowercase())
    }
}

impl AppliesTo {
    /// True where a charge of this provider, service, resource type and sub-account is spoken about.
    pub fn covers(
        &self,
        provider: &str,
        service: &str,
        resource_type: &str,
        account: &str,
    ) -> bool {
        let within = |list: &[String], name: &str| {
            list.is_empty() || list.iter().any(|entry| entry.eq_ignore_ascii_case(name))
        };
        within(&self.providers, provider)
            && within(&self.services, service)
            && within(&self.resource_types, resource_type)
            && within(&self.accounts, account)
    }
}

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    tag: Vec<Entry>,
    #[serde(default)]
    merge: Vec<merges::RawMerge>,
    #[serde(default)]
    merge_rules: merges::RawRules,
    #[serde(default)]
    accept: Vec<merges::RawAccept>,
    accept_file: Option<std::path::PathBuf>,
    #[serde(default)]
    suggest: merges::RawSuggest,
}

/// One `[[tag]]` as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    key: Spanned<String>,
    #[serde(default)]
    aliases: Vec<Spanned<String>>,
    required: Option<Spanned<bool>>,
    #[serde(default)]
    forbidden: bool,
    values: Option<Spanned<Vec<Spanned<String>>>>,
    #[serde(default)]
    value_aliases: BTreeMap<String, Spanned<String>>,
    pattern: Option<Spanned<String>>,
    #[serde(default)]
    ignore_case: bool,
    #[serde(default)]
    applies_to: AppliesTo,
    target: Option<Spanned<f64>>,
}

/// What serde and the TOML reader refuse, in the house's words.
fn unreadable(error: &toml::de::Error, text: &str, path: &Path) -> Error {
    let (line, column) = position(text, error.span().map_or(0, |span| span.start));
    let message = error.message().lines().next().unwrap_or_default();
    let mut quoted = message.split('`').skip(1).step_by(2);
    let Some(unknown) = quoted
        .next()
        .filter(|_| message.starts_with("unknown field"))
    else {
        return Error::usage(message).at_line(path, line, column);
    };
    let known: Vec<&str> = quoted.collect();
    let hint = match nearest(unknown, known.iter().copied()) {
        Some(key) => format!("did you mean `{key}`?"),
        None => format!("known keys are {}", known.join(", ")),
    };
    Error::usage(format!("unknown key `{unknown}` in the tag policy"))
        .at_line(path, line, column)
        .hint(hint)
}

/// Line and column, from 1, of a byte in a text.
fn position(text: &str, byte: usize) -> (u64, u64) {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let count = |number: usize| u64::try_from(number).unwrap_or(0) + 1;
    (
        count(before.matches('\n').count()),
        count(before[line_start..].chars().count()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn policy(text: &str) -> Result<TagPolicy> {
        TagPolicy::parse(text, Path::new("tags.toml"))
    }

    const WHOLE: &str = r#"
        [[tag]]
        key = "team"
        aliases = ["Team", "owner"]
        values = ["platform", "data"]
        value_aliases = { "plattform" = "platform" }
        applies_to = { providers = ["AWS"], services = [], resource_types = ["ec2:instance"], accounts = [] }
        target = 97.25
        [[tag]]
        key = "cc"
        required = false
        pattern = "^CC-[0-9]{4}$"
        ignore_case = true
        [[tag]]
        key = "password"
        forbidden = true
    "#;

    #[test]
    fn the_whole_format_is_read() {
        let policy = policy(WHOLE).unwrap();
        assert_eq!(policy.keys(), ["team", "Team", "owner", "cc", "password"]);
        let demands: Vec<Demand> = policy.rules().iter().map(|rule| rule.demand).collect();
        assert_eq!(
            demands,
            [Demand::Required, Demand::Optional, Demand::Forbidden]
        );
        assert_eq!(
            (policy.rules()[0].target, policy.target()),
            (Some(9_725), Some(9_725))
        );
    }

    #[test]
    fn values_are_accepted_in_the_policys_spelling() {
        let policy = policy(WHOLE).unwrap();
        let [team, cc, _] = policy.rules() else {
            panic!()
        };
        assert_eq!(team.accepts("plattform"), Some("platform"));
        assert_eq!(team.accepts("Data"), None);
        assert_eq!(cc.accepts("cc-0042"), Some("cc-0042"));
        assert_eq!(cc.accepts("CC-42"), None);
    }

    #[test]
    fn a_rule_speaks_about_the_charges_it_names() {
        let policy = policy(WHOLE).unwrap();
        let scope = &policy.rules()[0].applies_to;
        assert!(scope.covers("aws", "Amazon EC2", "EC2:Instance", "1"));
        assert!(!scope.covers("AWS", "Amazon EC2", "ec2:volume", "1"));
        assert!(!scope.covers("Microsoft", "Amazon EC2", "ec2:instance", "1"));
    }

    #[test]
    fn the_default_looks_for_the_usual_keys() {
        let policy = TagPolicy::default_policy();
        let keys = "team Team owner env environment Environment stage CostCenter cost-center costcenter cost_center";
        assert_eq!(policy.keys().join(" "), keys);
        assert_eq!(policy.target(), Some(9_500));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,80}", key in "[a-z_]{1,9}", value in "[\"\\[\\]{}a-z0-9.-]{0,9}") {
            let _ = policy(&text);
            let _ = policy(&format!("[[tag]]\nkey = 'é'\n{key} = {value}\n"));
            let _ = policy(&format!("[[tag]]\nkey = 'é'\npattern = '{value}'\n"));
        }
    }
}
