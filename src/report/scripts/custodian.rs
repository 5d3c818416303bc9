//! A Cloud Custodian policy per type of resource: finds what lacks required tags, marks it only where a person takes
//! the comment signs away.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The policies: by type, the names under which each required tag may stand.
pub(super) fn policies(lacking: &BTreeMap<&'static str, BTreeSet<Vec<String>>>) -> String {
    let mut text = "# Finds resources without the required tags: custodian run --dryrun -s out custodian.yml\n\
                    # The actions are comments; without them a policy only lists.\n\
                    policies:\n"
        .to_owned();
    for (kind, tags) in lacking {
        let name = kind.replace('.', "-");
        let _ = writeln!(
            text,
            "  - name: {}",
            quoted(&format!("cloudtally-required-tags-{name}"))
        );
        let _ = writeln!(text, "    resource: {}", quoted(kind));
        text.push_str("    filters:\n      - or:\n");
        for names in tags {
            text.push_str("          - and:\n");
            for name in names {
                let _ = writeln!(
                    text,
                    "              - {}: absent",
                    quoted(&format!("{}:{name}", word(kind)))
                );
            }
        }
        text.push_str(
            "    # actions:\n    #   - type: mark-for-op\n    #     tag: cloudtally-required-tags\n    #     op: notify\n    #     days: 14\n",
        );
    }
    text
}

/// What the provider calls a tag.
fn word(kind: &str) -> &'static str {
    if kind.starts_with("gcp.") {
        "labels"
    } else {
        "tag"
    }
}

/// A YAML text in double quotes: a JSON text is one, where every character beyond ASCII is written as its code.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            ' '..='~' => quoted.push(c),
            _ => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_for_yaml() {
        assert_eq!(quoted("tag:team"), r#""tag:team""#);
        assert_eq!(quoted("a\"b\\c\n: é"), r#""a\"b\\c\U0000000A: \U000000E9""#);
    }
}
