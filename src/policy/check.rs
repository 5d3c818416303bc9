//! From the policy as written to the policy as meant. Refuses what could never be met, or met twice.

use super::{Demand, Entry, File, TagPolicy, TagRule};
use crate::error::nearest;
use crate::money::Money;
use regex::{Regex, RegexBuilder};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml::Spanned;

/// What is wrong, what to do about it (may be empty), and the bytes of the file it is about.
pub(super) type Refusal = (String, String, Range<usize>);

/// All rules, or the first thing that is wrong with them.
pub(super) fn checked(mut file: File) -> Result<TagPolicy, Refusal> {
    if file.tag.is_empty() {
        let hint = "add a `[[tag]]` with a `key`, or leave the policy out to check the usual keys";
        return Err((
            "the tag policy names no tag".to_owned(),
            hint.to_owned(),
            0..0,
        ));
    }
    let mut named = BTreeSet::new();
    let mut rules = Vec::with_capacity(file.tag.len());
    for entry in std::mem::take(&mut file.tag) {
        for name in std::iter::once(&entry.key).chain(&entry.aliases) {
            check_name(name, &mut named)?;
        }
        rules.push(rule(entry)?);
    }
    super::merges::checked(file, rules)
}

fn check_name(name: &Spanned<String>, named: &mut BTreeSet<String>) -> Result<(), Refusal> {
    let text = name.get_ref();
    if text.trim().is_empty() {
        return Err(("a tag key is blank".to_owned(), String::new(), name.span()));
    }
    if !named.insert(text.clone()) {
        let hint = "a key or alias belongs to one `[[tag]]` only";
        return Err((
            format!("tag key `{text}` is named twice"),
            hint.to_owned(),
            name.span(),
        ));
    }
    Ok(())
}

fn rule(entry: Entry) -> Result<TagRule, Refusal> {
    let demand = demand(&entry)?;
    let values = values(&entry)?;
    let target = entry
        .target
        .as_ref()
        .map(|t| percentage("target", t))
        .transpose()?;
    let pattern = entry
        .pattern
        .as_ref()
        .map(|p| pattern(p, entry.ignore_case))
        .transpose()?;
    let alias_spans: Vec<_> = entry.value_aliases.values().map(Spanned::span).collect();
    let value_aliases: BTreeMap<String, String> = entry
        .value_aliases
        .into_iter()
        .map(|(alias, value)| (alias, value.into_inner()))
        .collect();
    let rule = TagRule {
        key: entry.key.into_inner(),
        aliases: entry.aliases.into_iter().map(Spanned::into_inner).collect(),
        demand,
        values: values.iter().map(|value| value.get_ref().clone()).collect(),
        value_aliases,
        pattern,
        ignore_case: entry.ignore_case,
        applies_to: entry.applies_to,
        target,
    };
    let spans = values.iter().map(|value| (value.get_ref(), value.span()));
    for (value, span) in spans.chain(rule.value_aliases.values().zip(alias_spans)) {
        acceptable(&rule, value, span)?;
    }
    Ok(rule)
}

fn demand(entry: &Entry) -> Result<Demand, Refusal> {
    match (&entry.required, entry.forbidden) {
        (Some(required), true) if *required.get_ref() => {
            let what = format!(
                "tag `{}` cannot be both required and forbidden",
                entry.key.get_ref()
            );
            Err((what, String::new(), required.span()))
        }
        (_, true) => Ok(Demand::Forbidden),
        (Some(required), false) if !*required.get_ref() => Ok(Demand::Optional),
        (_, false) => Ok(Demand::Required),
    }
}

fn values(entry: &Entry) -> Result<Vec<Spanned<String>>, Refusal> {
    let Some(list) = &entry.values else {
        return Ok(Vec::new());
    };
    if list.get_ref().is_empty() {
        let hint = "leave `values` out to allow every value";
        return Err((
            "`values` allows no value at all".to_owned(),
            hint.to_owned(),
            list.span(),
        ));
    }
    Ok(list.get_ref().clone())
}

pub(super) fn percentage(name: &str, target: &Spanned<f64>) -> Result<i64, Refusal> {
    let hundredths = Money::from_f64(*target.get_ref())
        .ok()
        .filter(|percent| (Money::ZERO..=Money::from_units(100 * UNIT)).contains(percent))
        .and_then(|percent| i64::try_from(percent.rounded(2).units() / (UNIT / 100)).ok());
    hundredths.ok_or_else(|| {
        let what = format!("`{name}` is {}, which is no percentage", target.get_ref());
        (
            what,
            "give a number from 0 to 100".to_owned(),
            target.span(),
        )
    })
}

/// One in units of [`Money`].
const UNIT: i128 = 1_000_000_000_000;

fn pattern(pattern: &Spanned<String>, ignore_case: bool) -> Result<Regex, Refusal> {
    RegexBuilder::new(pattern.get_ref())
        .case_insensitive(ignore_case)
        .build()
        .map_err(|error| {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            let why = last.strip_prefix("error: ").unwrap_or(last);
            (
                format!("`pattern` is no regular expression: {why}"),
                String::new(),
                pattern.span(),
            )
        })
}

/// A value that the policy itself names must pass the policy.
fn acceptable(rule: &TagRule, value: &str, span: Range<usize>) -> Result<(), Refusal> {
    if value.trim().is_empty() {
        let hint = "a blank value counts as missing";
        return Err((
            format!("tag `{}` names a blank value", rule.key),
            hint.to_owned(),
            span,
        ));
    }
    if rule.listed(value).is_some() {
        return Ok(());
    }
    let what = format!("`{value}` is not an allowed value of tag `{}`", rule.key);
    let hint = match nearest(value, rule.values.iter().map(String::as_str)) {
        Some(near) if near != value => format!("did you mean `{near}`?"),
        _ => "`values`, `value_aliases` and `pattern` contradict each other".to_owned(),
    };
    Err((what, hint, span))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn refusal(text: &str) -> String {
        TagPolicy::parse(text, Path::new("tags.toml"))
            .unwrap_err()
            .to_string()
    }

    fn refusal_of(line: &str) -> String {
        refusal(&format!("[[tag]]\nkey = \"team\"\n{line}\n"))
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_near_one() {
        let text = "unknown key `requird` in the tag policy\n  --> tags.toml:3:1\nhint: did you mean `required`?";
        assert_eq!(refusal_of("requird = true"), text);
        let text =
            "unknown key `tags` in the tag policy\n  --> tags.toml:1:3\nhint: did you mean `tag`?";
        assert_eq!(refusal("[[tags]]\nkey = \"team\"\n"), text);
        let text = "unknown key `service` in the tag policy\n  --> tags.toml:3:16\nhint: did you mean `services`?";
        assert_eq!(refusal_of("applies_to = { service = [\"EC2\"] }"), text);
        let text = "unknown key `zzz` in the tag policy\n  --> tags.toml:3:16\n\
                    hint: known keys are providers, services, resource_types, accounts";
        assert_eq!(refusal_of("applies_to = { zzz = 1 }"), text);
    }

    #[test]
    fn a_bad_regex_is_refused() {
        let text = "`pattern` is no regular expression: unclosed group\n  --> tags.toml:3:11";
        assert_eq!(refusal_of("pattern = \"^(CC\""), text);
    }

    #[test]
    fn a_key_named_twice_is_refused_at_the_second_place() {
        let hint = "\nhint: a key or alias belongs to one `[[tag]]` only";
        let text = format!("tag key `team` is named twice\n  --> tags.toml:4:7{hint}");
        assert_eq!(refusal_of("[[tag]]\nkey = \"team\""), text);
        let text = format!("tag key `Team` is named twice\n  --> tags.toml:3:20{hint}");
        assert_eq!(refusal_of("aliases = [\"Team\", \"Team\"]"), text);
        assert_eq!(
            refusal("[[tag]]\nkey = \" \""),
            "a tag key is blank\n  --> tags.toml:2:7"
        );
    }

    #[test]
    fn a_list_that_allows_nothing_is_refused() {
        let text = "`values` allows no value at all\n  --> tags.toml:3:10\n\
                    hint: leave `values` out to allow every value";
        assert_eq!(refusal_of("values = []"), text);
        let text = "tag `team` names a blank value\n  --> tags.toml:3:16\nhint: a blank value counts as missing";
        assert_eq!(refusal_of("values = [\"a\", \" \"]"), text);
    }

    #[test]
    fn a_target_is_a_percentage() {
        for wrong in ["101", "-0.5", "nan", "inf"] {
            let text = refusal_of(&format!("target = {wrong}"));
            assert!(
                text.ends_with("--> tags.toml:3:10\nhint: give a number from 0 to 100"),
                "{text}"
            );
        }
        let text = "`target` is 100.5, which is no percentage\n  --> tags.toml:3:10\n\
                    hint: give a number from 0 to 100";
        assert_eq!(refusal_of("target = 100.5"), text);
    }

    #[test]
    fn an_alias_leads_to_an_allowed_value() {
        let text = "`platfrom` is not an allowed value of tag `team`\n  --> tags.toml:4:23\n\
                    hint: did you mean `platform`?";
        assert_eq!(
            refusal_of("values = [\"platform\"]\nvalue_aliases = { p = \"platfrom\" }"),
            text
        );
        let text = "`data` is not an allowed value of tag `team`\n  --> tags.toml:3:11\n\
                    hint: `values`, `value_aliases` and `pattern` contradict each other";
        assert_eq!(refusal_of("values = [\"data\"]\npattern = \"^CC\""), text);
    }

    #[test]
    fn both_required_and_forbidden_is_refused() {
        let text = "tag `team` cannot be both required and forbidden\n  --> tags.toml:4:12";
        assert_eq!(refusal_of("forbidden = true\nrequired = true"), text);
    }

    #[test]
    fn an_empty_policy_is_refused() {
        let text = "the tag policy names no tag\n  --> tags.toml:1:1\n\
                    hint: add a `[[tag]]` with a `key`, or leave the policy out to check the usual keys";
        assert_eq!(refusal(""), text);
    }

    #[test]
    fn what_toml_refuses_has_a_place_too() {
        assert!(refusal_of("aliases = 7").contains("\n  --> tags.toml:3:11"));
        assert!(refusal_of("values = [").contains("\n  --> tags.toml:"));
        assert_eq!(
            refusal("[[tag]]\naliases = []\n"),
            "missing field `key`\n  --> tags.toml:1:1"
        );
    }
}
