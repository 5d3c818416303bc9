//! AWS Organizations tag policies as a policy of ours. One file, no inheritance between files; what our policy
//! cannot say stays in it as a comment, so that nothing is lost silently.
//!
//! The syntax is that of <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_example-tag-policies.html>.

use crate::error::{Error, Result};
use serde_json::{Map, Value};
use std::fmt::Write;
use std::path::Path;

/// The TOML of a tag policy's JSON; `path` is only named in errors.
///
/// ```
/// # use cloudtally::policy::import::from_aws;
/// let json = r#"{"tags": {"cc": {"tag_key": {"@@assign": "CostCenter"}, "tag_value": {"@@assign": ["100*"]}}}}"#;
/// let toml = from_aws(json, "policy.json".as_ref()).unwrap();
/// assert!(toml.contains("key = \"CostCenter\"") && toml.contains("pattern = \"^(?:100.*)$\""));
/// ```
pub fn from_aws(text: &str, path: &Path) -> Result<String> {
    let policy: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|e| {
        let (line, column) = (e.line() as u64, e.column() as u64);
        let what = e.to_string();
        let what = what
            .split(" at line ")
            .next()
            .unwrap_or_default()
            .to_owned();
        Error::usage(format!("this is no JSON: {what}")).at_line(path, line, column)
    })?;
    let wrong = |what: String| {
        let (line, column) = place(text, &what);
        Error::usage(what)
            .at_line(path, line, column)
            .hint("give the policy's content: { \"tags\": { .. } }")
    };
    let Some(tags) = policy.get("tags").and_then(Value::as_object) else {
        return Err(wrong("the policy has no `tags`".to_owned()));
    };
    let mut toml = "# From an AWS Organizations tag policy. There, a tag that is absent passes; so it does here unless\n\
                    # `report_required_tag_for` asks for it. Set `required = true` to ask for it everywhere.\n"
        .to_owned();
    for (name, tag) in tags.iter().filter(|(name, _)| !name.starts_with("@@")) {
        let rule = Rule::read(name, tag).map_err(wrong)?;
        rule.write(&mut toml);
    }
    if tags.keys().all(|name| name.starts_with("@@")) {
        return Err(wrong("`tags` names no tag".to_owned()));
    }
    Ok(toml)
}

/// Where the last name of a message stands in the text, from 1; nowhere is 0.
fn place(text: &str, what: &str) -> (u64, u64) {
    let name = what
        .split('`')
        .skip(1)
        .step_by(2)
        .last()
        .unwrap_or_default();
    let Some(at) = text
        .find(&format!("\"{name}\""))
        .filter(|_| !name.is_empty())
    else {
        return (1, 1);
    };
    let line = text[..at].matches('\n').count() as u64 + 1;
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    (line, text[start..at].chars().count() as u64 + 1)
}

/// What one tag of the policy says.
struct Rule {
    key: String,
    values: Vec<String>,
    enforced: Vec<String>,
    required: Vec<String>,
    /// What our policy cannot say.
    notes: Vec<String>,
}

impl Rule {
    fn read(name: &str, tag: &Value) -> std::result::Result<Rule, String> {
        let Some(tag) = tag.as_object() else {
            return Err(format!("`{name}` is no tag"));
        };
        let mut rule = Rule {
            key: name.to_owned(),
            values: Vec::new(),
            enforced: Vec::new(),
            required: Vec::new(),
            notes: Vec::new(),
        };
        for (part, setting) in tag {
            let Some(setting) = setting.as_object() else {
                return Err(format!(
                    "`{part}` of `{name}` has no operators such as `@@assign`"
                ));
            };
            match part.as_str() {
                "tag_key" => {
                    rule.key = words(name, part, setting)?.pop().unwrap_or(name.to_owned())
                }
                "tag_value" => rule.values = words(name, part, setting)?,
                "enforced_for" => rule.enforced = words(name, part, setting)?,
                "report_required_tag_for" => rule.required = words(name, part, setting)?,
                _ => rule
                    .notes
                    .push(format!("`{part}` is not known here and was left out")),
            }
            if setting
                .keys()
                .any(|key| key == "@@operators_allowed_for_child_policies")
            {
                let note = format!("`{part}` restricts child policies; a policy here has none");
                rule.notes.push(note);
            }
        }
        Ok(rule)
    }

    /// The rules: required where it is asked for, then as it is enforced, or everywhere.
    fn write(&self, toml: &mut String) {
        if !self.required.is_empty() {
            let scope = scope(&self.required);
            self.write_rule(toml, true, scope.as_deref());
            if scope.is_none() {
                return;
            }
        }
        let enforced = scope(&self.enforced).filter(|types| !types.is_empty());
        self.write_rule(toml, false, enforced.as_deref());
    }

    fn write_rule(&self, toml: &mut String, required: bool, scope: Option<&[String]>) {
        // Writing to a text cannot fail.
        let _ = write!(
            toml,
            "\n[[tag]]\nkey = {}\nrequired = {required}\n",
            quoted(&self.key)
        );
        let (wild, plain): (Vec<&String>, Vec<&String>) =
            self.values.iter().partition(|value| value.contains('*'));
        if wild.is_empty() && !plain.is_empty() {
            let _ = writeln!(toml, "values = {}", list(&self.values));
        } else if !wild.is_empty() {
            let words: Vec<String> = self.values.iter().map(|value| pattern(value)).collect();
            let _ = writeln!(
                toml,
                "pattern = {}",
                quoted(&format!("^(?:{})$", words.join("|")))
            );
        }
        if let Some(types) = scope {
            let _ = writeln!(toml, "applies_to = {{ resource_types = {} }}", list(types));
        }
        if !self.enforced.is_empty() && !required {
            let _ = writeln!(
                toml,
                "# AWS refuses wrong tags on {}; here they are reported.",
                commented(&self.enforced.join(", "))
            );
        }
        for note in &self.notes {
            let _ = writeln!(toml, "# {}", commented(note));
        }
    }
}

/// What the operators of one setting leave: assigned, appended, removed, in this order.
fn words(
    name: &str,
    part: &str,
    setting: &Map<String, Value>,
) -> std::result::Result<Vec<String>, String> {
    let of = |operator: &str| -> std::result::Result<Vec<String>, String> {
        let wrong = || {
            format!("`{operator}` in `{part}` of `{name}` is neither a text nor a list of texts")
        };
        match setting.get(operator) {
            None => Ok(Vec::new()),
            Some(Value::String(word)) => Ok(vec![word.clone()]),
            Some(Value::Array(list)) => {
                let word = |word: &Value| word.as_str().map(str::to_owned);
                list.iter()
                    .map(word)
                    .collect::<Option<_>>()
                    .ok_or_else(wrong)
            }
            Some(_) => Err(wrong()),
        }
    };
    for operator in setting.keys() {
        let known = [
            "@@assign",
            "@@append",
            "@@remove",
            "@@operators_allowed_for_child_policies",
        ];
        if !known.contains(&operator.as_str()) {
            return Err(format!(
                "`{part}` of `{name}` has the unknown operator `{operator}`"
            ));
        }
    }
    let mut words = of("@@assign")?;
    words.extend(of("@@append")?);
    let removed = of("@@remove")?;
    words.retain(|word| !removed.contains(word));
    let mut kept: Vec<String> = Vec::new();
    for word in words {
        if !kept.contains(&word) {
            kept.push(word);
        }
    }
    Ok(kept)
}

/// Resource types in our words: `ec2:ALL_SUPPORTED` is `ec2:*`. `None` where everything is meant.
fn scope(types: &[String]) -> Option<Vec<String>> {
    let ours = types.iter().map(|word| match word.split_once(':') {
        Some((service, "ALL_SUPPORTED")) => format!("{service}:*"),
        _ => word.clone(),
    });
    let ours: Vec<String> = ours.collect();
    let all = ours.iter().any(|word| word == "*" || word == "*:*");
    (!all).then_some(ours)
}

fn pattern(value: &str) -> String {
    let parts: Vec<String> = value.split('*').map(regex::escape).collect();
    parts.join(".*")
}

/// A basic string of TOML: what JSON escapes and the one character more that TOML refuses.
fn quoted(text: &str) -> String {
    Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

fn list(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| self::quoted(word)).collect();
    format!("[{}]", quoted.join(", "))
}

/// On one line, whatever a stranger's text holds.
fn commented(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Demand, Named, TagPolicy};
    use proptest::prelude::*;

    fn import(json: &str) -> (String, TagPolicy) {
        let toml = from_aws(json, "p.json".as_ref()).unwrap();
        let policy =
            TagPolicy::parse(&toml, "t.toml".as_ref()).unwrap_or_else(|e| panic!("{e}\n{toml}"));
        (toml, policy)
    }

    fn refusal(json: &str) -> String {
        from_aws(json, "p.json".as_ref()).unwrap_err().to_string()
    }

    const POLICY: &str = r#"{"tags": {
      "costcenter": {
        "tag_key": {"@@assign": "CostCenter", "@@operators_allowed_for_child_policies": ["@@none"]},
        "tag_value": {"@@assign": ["100", "200"], "@@append": ["300*", "400"], "@@remove": ["200"]},
        "enforced_for": {"@@assign": ["ec2:instance", "rds:ALL_SUPPORTED"]}
      },
      "Project": {
        "tag_value": {"@@assign": ["a \"b\"", "c"]},
        "report_required_tag_for": {"@@assign": ["s3:bucket"]}
      }
    }}"#;

    #[test]
    fn values_types_and_operators_become_rules() {
        let (toml, policy) = import(POLICY);
        let mut rules = policy.rules().iter();
        let (required, optional) = (rules.next().unwrap(), rules.next().unwrap());
        assert_eq!(
            (required.key.as_str(), required.demand),
            ("Project", Demand::Required)
        );
        assert_eq!(required.values, ["a \"b\"", "c"]);
        assert_eq!(
            (optional.key.as_str(), optional.demand),
            ("Project", Demand::Optional)
        );
        let cost_centre = rules.next().unwrap();
        assert_eq!(cost_centre.key, "CostCenter");
        let accepted =
            ["100", "200", "300x", "400", "1000"].map(|value| cost_centre.accepts(value).is_some());
        assert_eq!(accepted, [true, false, true, true, false]);
        let kind = |kind| {
            cost_centre.applies_to.covers(&Named {
                kind,
                ..Named::default()
            })
        };
        assert!(kind("ec2:instance") && kind("rds:db") && !kind("ec2:volume"));
        assert!(toml.contains(
            "# AWS refuses wrong tags on ec2:instance, rds:ALL_SUPPORTED; here they are reported.\n"
        ));
        assert!(
            toml.contains("# `tag_key` restricts child policies; a policy here has none\n"),
            "{toml}"
        );
    }

    #[test]
    fn what_cannot_be_understood_has_a_place() {
        assert_eq!(
            refusal("{\n \"tags\": ,\n}"),
            "this is no JSON: expected value\n  --> p.json:2:10"
        );
        assert!(
            refusal("{\"policies\": {}}")
                .starts_with("the policy has no `tags`\n  --> p.json:1:1\nhint: ")
        );
        assert!(refusal("{\"tags\": {}}").starts_with("`tags` names no tag\n  --> p.json:1:2"));
        let wrong = refusal("{\"tags\": {\"a\": {\n  \"tag_value\": {\"@@asign\": [\"1\"]}}}}");
        assert!(
            wrong.starts_with(
                "`tag_value` of `a` has the unknown operator `@@asign`\n  --> p.json:2:17"
            ),
            "{wrong}"
        );
        let wrong = refusal("{\"tags\": {\"a\": {\"tag_value\": {\"@@assign\": 1}}}}");
        assert!(
            wrong.contains("is neither a text nor a list of texts"),
            "{wrong}"
        );
        assert!(refusal("{\"tags\": {\"a\": 1}}").starts_with("`a` is no tag\n  --> p.json:1:11"));
    }

    proptest! {
        #[test]
        fn what_is_imported_can_be_read(key in "[^\\s].{0,6}", value in "[^\\s].{0,6}", kind in ".{0,6}") {
            let one = |word: &str| serde_json::json!({"@@assign": [word]});
            let tag = serde_json::json!({
                "tag_key": {"@@assign": key}, "tag_value": one(&value), "enforced_for": one(&kind), (kind.clone()): {}
            });
            let (_, policy) = import(&serde_json::json!({"tags": {"t": tag}}).to_string());
            prop_assert_eq!(&policy.rules()[0].key, &key);
            prop_assert!(value.contains('\n') || policy.rules()[0].accepts(&value).is_some());
        }

        #[test]
        fn no_text_panics(text in ".{0,60}", inner in "[{}\"@a:,\\[\\]]{0,20}") {
            let _ = from_aws(&text, "p.json".as_ref());
            let _ = from_aws(&format!("{{\"tags\": {{\"a\": {inner}}}}}"), "p.json".as_ref());
        }
    }
}
