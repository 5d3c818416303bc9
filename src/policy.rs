//! The tag policy: which keys charges must, may and must not carry, and what their values may be; what stands
//! in for a missing value, what is exempt for a while, and which part of the bill has which target.
//!
//! Everything wrong is refused once, here, with its place: an unknown key, a bad regex, a list that allows
//! nothing, a value that no rule accepts. Reads its text and the files of values it names; judges no charge.

mod check;
mod exempt;
pub mod import;
mod inherit;
mod merges;
mod owner;
mod refusal;
pub mod schema;
mod scope;
mod target;
mod values;

use crate::error::{Result, nearest};
pub use exempt::Exemption;
pub use inherit::{Inherit, Origin};
pub use merges::{Accepted, MergeBasis, Merging, StatedMerge};
pub use owner::OwnerNames;
use refusal::{Refusal, refused, unreadable};
use regex::Regex;
pub use scope::{AppliesTo, Except, Named};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use target::Target;
pub use target::TargetScope;
use toml::Spanned;

/// The name under which all required tags together are reported.
pub const ALL_TAGS: &str = "(all)";

/// Share of cost that the built-in policy asks for, in hundredths of a percent: 95 %, the usual goal of a
/// mature practice (recfo.dev runbook S1-03, "Measure Tag Compliance": coverage over 95 %).
const USUAL_TARGET: i64 = 9_500;

/// A checked policy: everything in the order of the file.
#[derive(Clone, Debug)]
pub struct TagPolicy {
    rules: Vec<TagRule>,
    inherits: Vec<Inherit>,
    exemptions: Vec<Exemption>,
    targets: Vec<Target>,
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
    /// The case that values are written in, where it matters.
    pub case: Option<Case>,
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

/// The case that values are written in.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Case {
    /// All letters small.
    Lower,
    /// All letters capital.
    Upper,
}

impl TagPolicy {
    /// Reads a policy; files that it names lie beside `path`.
    ///
    /// ```
    /// # use cloudtally::policy::TagPolicy;
    /// let text = "[[tag]]\nkey = \"team\"\nrequird = true\n";
    /// let error = TagPolicy::parse(text, "tags.toml".as_ref()).unwrap_err();
    /// assert!(error.to_string().contains("tags.toml:3:1\nhint: did you mean `required`?"));
    /// ```
    pub fn parse(text: &str, path: &Path) -> Result<TagPolicy> {
        let file: File = toml::from_str(text).map_err(|error| unreadable(&error, text, path))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        check::checked(file, folder).map_err(|refusal| refusal.placed(text, path))
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
            case: None,
            applies_to: AppliesTo::default(),
            target: Some(USUAL_TARGET),
        };
        TagPolicy {
            rules: usual.iter().map(rule).collect(),
            inherits: Vec::new(),
            exemptions: Vec::new(),
            targets: Vec::new(),
            merging: Merging::default(),
        }
    }

    /// The rules, in the order of the file.
    pub fn rules(&self) -> &[TagRule] {
        &self.rules
    }

    /// Its tags, in the order of the file: the key, and which rules are about it. Of these, the first whose
    /// scope covers a charge speaks about it.
    pub fn tags(&self) -> Vec<(&str, Vec<usize>)> {
        let mut tags: Vec<(&str, Vec<usize>)> = Vec::new();
        for (index, rule) in self.rules.iter().enumerate() {
            match tags.iter_mut().find(|(key, _)| *key == rule.key) {
                Some((_, rules)) => rules.push(index),
                None => tags.push((&rule.key, vec![index])),
            }
        }
        tags
    }

    /// Every key and alias that the policy names, in the order of the file.
    pub fn keys(&self) -> Vec<&str> {
        self.rules.iter().flat_map(TagRule::names).collect()
    }

    /// True where this rule is the first of its tag whose scope covers these names.
    pub fn speaks(&self, rule: &TagRule, named: &Named) -> bool {
        let mut own = self.rules.iter().filter(|other| other.key == rule.key);
        own.find(|other| other.applies_to.covers(named))
            .is_some_and(|first| std::ptr::eq(first, rule))
    }

    /// What stands in for missing tags, in the order in which it is asked.
    pub fn inherits(&self) -> &[Inherit] {
        &self.inherits
    }

    /// What need not pass for a while, in the order of the file.
    pub fn exemptions(&self) -> &[Exemption] {
        &self.exemptions
    }

    /// The target of a tag (or of [`ALL_TAGS`]) in one part of the bill, in hundredths of a percent, where
    /// that part has one of its own.
    pub fn target_of(&self, scope: TargetScope, value: &str, tag: &str) -> Option<i64> {
        target::target_of(&self.targets, scope, value, tag)
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
        let cased = self.case.is_none_or(|case| case.of(value) == value);
        (fits && cased && !value.trim().is_empty()).then_some(value)
    }

    fn same(&self, a: &str, b: &str) -> bool {
        a == b || (self.ignore_case && a.to_lowercase() == b.to_lowercase())
    }
}

impl Case {
    fn of(self, value: &str) -> String {
        match self {
            Case::Lower => value.to_lowercase(),
            Case::Upper => value.to_uppercase(),
        }
    }
}

/// The first rule of a tag that another section names.
fn rule_of<'r>(
    tag: &Spanned<String>,
    rules: &'r [TagRule],
) -> std::result::Result<&'r TagRule, Refusal> {
    let key = tag.get_ref();
    rules.iter().find(|rule| rule.key == *key).ok_or_else(|| {
        let hint = match nearest(key, rules.iter().map(|rule| rule.key.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "it names the `key` of a `[[tag]]`".to_owned(),
        };
        refused(&format!("the policy has no tag `{key}`"), &hint, tag.span())
    })
}

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    tag: Vec<Entry>,
    #[serde(default)]
    inherit: Vec<inherit::Entry>,
    #[serde(default)]
    exempt: Vec<exempt::Entry>,
    #[serde(default)]
    target: Vec<target::Entry>,
    #[serde(default)]
    merge: Vec<merges::RawMerge>,
    #[serde(default)]
    merge_rules: merges::RawRules,
    #[serde(default)]
    accept: Vec<merges::RawAccept>,
    #[serde(rename = "accept_file")]
    accepted: Option<std::path::PathBuf>,
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
    values_file: Option<Spanned<String>>,
    #[serde(default)]
    value_aliases: BTreeMap<String, Spanned<String>>,
    pattern: Option<Spanned<String>>,
    #[serde(default)]
    ignore_case: bool,
    case: Option<Spanned<Case>>,
    #[serde(default)]
    applies_to: AppliesTo,
    target: Option<Spanned<f64>>,
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
        let tags: Vec<&str> = policy.tags().into_iter().map(|(key, _)| key).collect();
        assert_eq!(tags, ["team", "cc", "password"]);
        let names: Vec<&str> = policy.rules()[0].names().collect();
        assert_eq!(names, ["team", "Team", "owner"]);
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
        let machine = Named {
            provider: "aws",
            service: "Amazon EC2",
            resource_type: "EC2:Instance",
            ..Named::default()
        };
        assert!(scope.covers(&machine));
        assert!(!scope.covers(&Named {
            resource_type: "ec2:volume",
            ..machine
        }));
        assert!(!scope.covers(&Named {
            provider: "Microsoft",
            ..machine
        }));
    }

    #[test]
    fn a_tag_may_have_several_rules_and_a_case() {
        let text = "[[tag]]\nkey = \"env\"\naliases = [\"stage\"]\napplies_to = { accounts = [\"1\"] }\n\
                    [[tag]]\nkey = \"cc\"\n[[tag]]\nkey = \"env\"\naliases = [\"stage\"]\ncase = \"lower\"\n";
        let policy = policy(text).unwrap();
        assert_eq!(policy.tags(), [("env", vec![0, 2]), ("cc", vec![1])]);
        let any = &policy.rules()[2];
        assert_eq!(
            (any.accepts("prod"), any.accepts("Prod")),
            (Some("prod"), None)
        );
    }

    #[test]
    fn the_default_looks_for_the_usual_keys() {
        let policy = TagPolicy::default_policy();
        let keys = "team Team owner env environment Environment stage CostCenter cost-center costcenter cost_center";
        let names: Vec<&str> = policy.rules().iter().flat_map(TagRule::names).collect();
        assert_eq!(names.join(" "), keys);
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
