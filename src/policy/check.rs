//! From the policy as written to the policy as meant. Refuses what could never be met, or met twice.

use super::refusal::{Refusal, refused};
use super::values;
use super::{Demand, Entry, File, Merging, TagPolicy, TagRule, exempt, inherit, merges, target};
use crate::error::{Error, nearest};
use crate::money::Money;
use regex::{Regex, RegexBuilder};
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;

/// All of it, or the first thing that is wrong; files that it names lie in `folder`.
pub(super) fn checked(mut file: File, folder: &Path) -> Result<TagPolicy, Refusal> {
    if file.tag.is_empty() {
        let hint = "add a `[[tag]]` with a `key`, or leave the policy out to check the usual keys";
        return Err(refused("the tag policy names no tag", hint, 0..0));
    }
    let mut rules: Vec<TagRule> = Vec::with_capacity(file.tag.len());
    for entry in std::mem::take(&mut file.tag) {
        check_names(&entry, &rules)?;
        rules.push(rule(entry, folder)?);
    }
    let policy = TagPolicy {
        inherits: inherit::checked(std::mem::take(&mut file.inherit), &rules, folder)?,
        exemptions: exempt::checked(std::mem::take(&mut file.exempt), &rules)?,
        targets: target::checked(std::mem::take(&mut file.target), &rules)?,
        merging: Merging::default(),
        rules,
    };
    merges::checked(file, policy)
}

/// A key or alias belongs to one tag. A tag may have several rules; one that can never speak is refused.
fn check_names(entry: &Entry, rules: &[TagRule]) -> Result<(), Refusal> {
    let key = entry.key.get_ref();
    let mut own = BTreeSet::new();
    for name in std::iter::once(&entry.key).chain(&entry.aliases) {
        let text = name.get_ref();
        if text.trim().is_empty() {
            return Err(refused("a tag key is blank", "", name.span()));
        }
        let knows = |rule: &TagRule| rule.key != *key && rule.names().any(|known| known == text);
        if rules.iter().any(knows) || !own.insert(text) {
            let hint = "a key or alias belongs to one tag only";
            return Err(twice(text, hint, name.span()));
        }
    }
    let mut earlier = rules.iter().filter(|rule| rule.key == *key);
    if earlier.any(|rule| rule.applies_to.is_everything()) {
        let hint =
            "the `[[tag]]` before it speaks about every charge: give that one an `applies_to`";
        return Err(twice(key, hint, entry.key.span()));
    }
    Ok(())
}

fn twice(name: &str, hint: &str, span: Range<usize>) -> Refusal {
    refused(&format!("tag key `{name}` is named twice"), hint, span)
}

fn rule(entry: Entry, folder: &Path) -> Result<TagRule, Refusal> {
    let demand = demand(&entry)?;
    check_case(&entry)?;
    let values = values(&entry)?;
    let from_file = entry.values_file.as_ref();
    let (path, listed) = from_file
        .map(|file| values::read(file, folder))
        .transpose()?
        .unwrap_or_default();
    let target = entry
        .target
        .as_ref()
        .map(|target| percentage("target", target));
    let pattern = entry.pattern.as_ref();
    let pattern = pattern.map(|p| self::pattern(p, entry.ignore_case));
    let aliases = entry.value_aliases.iter();
    let aliases: Vec<_> = aliases
        .map(|(_, value)| (value.get_ref().clone(), value.span()))
        .collect();
    let of_policy = values.iter().map(|value| value.get_ref().clone());
    let rule = TagRule {
        key: entry.key.into_inner(),
        aliases: entry.aliases.into_iter().map(Spanned::into_inner).collect(),
        demand,
        values: of_policy
            .chain(listed.iter().map(|(value, _)| value.clone()))
            .collect(),
        value_aliases: entry
            .value_aliases
            .into_iter()
            .map(|(alias, value)| (alias, value.into_inner()))
            .collect(),
        pattern: pattern.transpose()?,
        ignore_case: entry.ignore_case,
        case: entry.case.map(Spanned::into_inner),
        applies_to: entry.applies_to,
        target: target.transpose()?,
    };
    let written = values
        .iter()
        .map(|value| (value.get_ref().clone(), value.span()));
    for (value, span) in written.chain(aliases) {
        acceptable(&rule, &value).map_err(|(what, hint)| refused(&what, &hint, span))?;
    }
    all_acceptable(&rule, &path, &listed)?;
    Ok(rule)
}

/// The values of a file must pass too; the place is the file's.
fn all_acceptable(rule: &TagRule, path: &Path, listed: &[values::Listed]) -> Result<(), Refusal> {
    for (value, line) in listed {
        acceptable(rule, value)
            .map_err(|(what, hint)| Error::usage(what).at_line(path, *line, 0).hint(hint))?;
    }
    Ok(())
}

fn check_case(entry: &Entry) -> Result<(), Refusal> {
    match &entry.case {
        Some(case) if entry.ignore_case => {
            let what = "`case` and `ignore_case` contradict each other";
            Err(refused(what, "leave one of them out", case.span()))
        }
        _ => Ok(()),
    }
}

fn demand(entry: &Entry) -> Result<Demand, Refusal> {
    match (&entry.required, entry.forbidden) {
        (Some(required), true) if *required.get_ref() => {
            let what = format!(
                "tag `{}` cannot be both required and forbidden",
                entry.key.get_ref()
            );
            Err(refused(&what, "", required.span()))
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
        return Err(refused(
            "`values` allows no value at all",
            hint,
            list.span(),
        ));
    }
    Ok(list.get_ref().clone())
}

/// A percentage of this name, in hundredths.
pub(super) fn percentage(name: &str, written: &Spanned<f64>) -> Result<i64, Refusal> {
    let hundredths = Money::from_f64(*written.get_ref())
        .ok()
        .filter(|percent| (Money::ZERO..=Money::from_units(100 * UNIT)).contains(percent))
        .and_then(|percent| i64::try_from(percent.rounded(2).units() / (UNIT / 100)).ok());
    hundredths.ok_or_else(|| {
        let what = format!("`{name}` is {}, which is no percentage", written.get_ref());
        refused(&what, "give a number from 0 to 100", written.span())
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
            let what = format!("`pattern` is no regular expression: {why}");
            refused(&what, "", pattern.span())
        })
}

/// A value that the policy itself names must pass the policy; else what is wrong, and a hint.
fn acceptable(rule: &TagRule, value: &str) -> Result<(), (String, String)> {
    if value.trim().is_empty() {
        let hint = "a blank value counts as missing";
        return Err((
            format!("tag `{}` names a blank value", rule.key),
            hint.to_owned(),
        ));
    }
    if rule.listed(value).is_some() {
        return Ok(());
    }
    let what = format!("`{value}` is not an allowed value of tag `{}`", rule.key);
    let hint = match nearest(value, rule.values.iter().map(String::as_str)) {
        Some(near) if near != value => format!("did you mean `{near}`?"),
        _ => "`values`, `value_aliases`, `pattern` and `case` contradict each other".to_owned(),
    };
    Err((what, hint))
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
                    hint: known keys are providers, services, resource_types, accounts, environments, except";
        assert_eq!(refusal_of("applies_to = { zzz = 1 }"), text);
    }

    #[test]
    fn a_bad_regex_is_refused() {
        let text = "`pattern` is no regular expression: unclosed group\n  --> tags.toml:3:11";
        assert_eq!(refusal_of("pattern = \"^(CC\""), text);
    }

    #[test]
    fn a_key_named_twice_is_refused_at_the_second_place() {
        let hint = "\nhint: the `[[tag]]` before it speaks about every charge: give that one an `applies_to`";
        let text = format!("tag key `team` is named twice\n  --> tags.toml:4:7{hint}");
        assert_eq!(refusal_of("[[tag]]\nkey = \"team\""), text);
        let hint = "\nhint: a key or alias belongs to one tag only";
        let text = format!("tag key `team` is named twice\n  --> tags.toml:5:12{hint}");
        assert_eq!(
            refusal_of("[[tag]]\nkey = \"crew\"\naliases = [\"team\"]"),
            text
        );
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
                    hint: `values`, `value_aliases`, `pattern` and `case` contradict each other";
        assert_eq!(refusal_of("values = [\"data\"]\npattern = \"^CC\""), text);
    }

    #[test]
    fn both_required_and_forbidden_is_refused() {
        let text = "tag `team` cannot be both required and forbidden\n  --> tags.toml:4:12";
        assert_eq!(refusal_of("forbidden = true\nrequired = true"), text);
    }

    #[test]
    fn a_case_and_none_contradict_each_other() {
        let text = "`case` and `ignore_case` contradict each other\n  --> tags.toml:4:8\nhint: leave one of them out";
        assert_eq!(refusal_of("ignore_case = true\ncase = \"upper\""), text);
        let wrong = refusal_of("case = \"upper\"\nvalues = [\"data\"]");
        assert!(
            wrong.starts_with("`data` is not an allowed value"),
            "{wrong}"
        );
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
