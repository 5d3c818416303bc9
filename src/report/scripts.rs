//! `tag_fixes/`: scripts that would put tags right, as text. Each one only prints unless it is called with
//! `--apply`, and runs nothing that is a guess: guesses stand in comments. Decides nothing: what is sure, and what a
//! tool can be told, [`crate::analysis::fixes`] has said.
//!
//! Every word from a bill is quoted for the shell, and no text with a line break or another control character
//! reaches a script, not even in a comment.

mod custodian;
mod terraform;

use crate::analysis::fixes::{Cloud, Fix, Fixes, Target};
use crate::money::percent;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The folder of the scripts.
pub const FOLDER: &str = "tag_fixes";

/// Most resources that one call of the AWS tagging API takes (AWS documentation, `TagResources`).
const MOST_ARNS: usize = 20;

/// The file of a cloud's script.
pub fn file(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::Aws => "aws_tag_fixes.sh",
        Cloud::Azure => "azure_tag_fixes.sh",
        Cloud::Gcp => "gcp_tag_fixes.sh",
    }
}

/// Every file of the folder that has something to say: its name and its text.
pub fn files(fixes: &Fixes) -> Vec<(&'static str, String)> {
    let mut files = Vec::new();
    for cloud in [Cloud::Aws, Cloud::Azure, Cloud::Gcp] {
        let own: Vec<&Fix> = fixes
            .fixes
            .iter()
            .filter(|fix| fix.cloud == Some(cloud))
            .collect();
        if !own.is_empty() {
            files.push((file(cloud), script(cloud, &own)));
        }
    }
    if !fixes.lacking.is_empty() {
        files.push(("custodian.yml", custodian::policies(&fixes.lacking)));
    }
    if !fixes.agreed.is_empty() {
        files.push(("default_tags.tf", terraform::defaults(&fixes.agreed)));
    }
    files
}

/// Tags by what a command names.
type Orders<'f> = BTreeMap<&'f Target, BTreeMap<&'f str, &'f str>>;

fn script(cloud: Cloud, fixes: &[&Fix]) -> String {
    let mut text = head(cloud);
    let mut orders: Orders = BTreeMap::new();
    let mut comments = String::new();
    for fix in fixes {
        match &fix.target {
            Ok(target) if fix.basis.is_sure() => {
                orders
                    .entry(target)
                    .or_default()
                    .insert(&fix.tag, &fix.value);
            }
            Ok(_) => comment(&mut comments, "guess", fix, ""),
            Err(why) => comment(&mut comments, "not written", fix, why),
        }
    }
    match cloud {
        Cloud::Aws => aws(&mut text, &orders),
        Cloud::Azure | Cloud::Gcp => orders.iter().for_each(|order| each(&mut text, order)),
    }
    if !comments.is_empty() {
        text.push_str("\n# Not done by this script: guesses, and what it cannot write safely.\n");
        text.push_str(&comments);
    }
    text
}

fn head(cloud: Cloud) -> String {
    let what = match cloud {
        Cloud::Aws => "AWS",
        Cloud::Azure => "Azure",
        Cloud::Gcp => "Google Cloud",
    };
    format!(
        "#!/usr/bin/env bash\n\
         # Tags that the policy is sure about, for {what}. Without --apply this prints what it would do and does nothing.\n\
         # bash {file} --apply\n\
         set -eu\n\
         apply=no\n\
         case \"${{1-}}\" in\n\
         \x20 --apply) apply=yes ;;\n\
         \x20 '') ;;\n\
         \x20 *) printf 'usage: bash {file} [--apply]\\n' >&2; exit 2 ;;\n\
         esac\n\
         run() {{\n\
         \x20 if [ \"$apply\" = yes ]; then\n\
         \x20   \"$@\"\n\
         \x20 else\n\
         \x20   printf 'would run:'\n\
         \x20   printf ' %q' \"$@\"\n\
         \x20   printf '\\n'\n\
         \x20 fi\n\
         }}\n\n",
        file = file(cloud),
    )
}

/// One call per region and set of tags, for at most [`MOST_ARNS`] resources.
fn aws(text: &mut String, orders: &Orders) {
    let mut groups: BTreeMap<(&str, &str, String), Vec<&str>> = BTreeMap::new();
    for (target, tags) in orders {
        if let Target::Arn { region, arn } = target {
            // The call is one account's; S3 names no account, so all of them share a group.
            let account = arn.split(':').nth(4).unwrap_or_default();
            let tags = serde_json::to_string(tags).unwrap_or_default();
            groups.entry((account, region, tags)).or_default().push(arn);
        }
    }
    for ((account, region, tags), arns) in groups {
        for arns in arns.chunks(MOST_ARNS) {
            let whose = if account.is_empty() {
                "whichever account owns it"
            } else {
                account
            };
            let _ = writeln!(text, "# account {}", printable(whose));
            let mut words = vec![
                "aws",
                "resourcegroupstaggingapi",
                "tag-resources",
                "--region",
                region,
            ];
            words.push("--resource-arn-list");
            words.extend(arns);
            words.extend(["--tags", &tags]);
            call(text, &words);
        }
    }
}

/// One call per resource.
fn each(text: &mut String, (target, tags): (&&Target, &BTreeMap<&str, &str>)) {
    let pairs: Vec<String> = tags
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    match target {
        Target::Arn { .. } => {}
        Target::Arm(id) => {
            let mut words = vec![
                "az",
                "tag",
                "update",
                "--resource-id",
                id,
                "--operation",
                "merge",
                "--tags",
            ];
            words.extend(pairs.iter().map(String::as_str));
            call(text, &words);
        }
        Target::Gcloud(command, flag) => {
            let labels = format!("{flag}={}", pairs.join(","));
            let mut words = vec!["gcloud"];
            words.extend(command.iter().map(String::as_str));
            words.push(&labels);
            call(text, &words);
        }
    }
}

fn call(text: &mut String, words: &[&str]) {
    text.push_str("run");
    for word in words {
        text.push(' ');
        text.push_str(&quoted(word));
    }
    text.push('\n');
}

/// A word that the shell takes as it is.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn comment(text: &mut String, what: &str, fix: &Fix, why: &str) {
    let sure = match (fix.basis.is_sure(), fix.confidence) {
        (true, _) => String::new(),
        (false, Some(confidence)) => {
            format!(", {} % of such guesses were right", percent(confidence))
        }
        (false, None) => ", confidence not measured".to_owned(),
    };
    let why = if why.is_empty() {
        String::new()
    } else {
        format!(": {why}")
    };
    let line = format!(
        "{what}{why}: {}: {}={} ({}{sure})",
        fix.resource_id,
        fix.tag,
        fix.value,
        fix.basis.name()
    );
    let _ = writeln!(text, "# {}", printable(&line));
}

/// Text for a comment: what could end the line or hide text stands as its code.
fn printable(text: &str) -> String {
    let plain = |c: char| {
        if crate::analysis::fixes::is_unprintable(c) {
            c.escape_unicode().to_string()
        } else {
            c.to_string()
        }
    };
    text.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_quoted_for_the_shell() {
        assert_eq!(quoted("team=web"), "'team=web'");
        assert_eq!(quoted("--tags"), "--tags");
        assert_eq!(quoted("it's $(x)"), r"'it'\''s $(x)'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn a_comment_is_one_line() {
        assert_eq!(
            printable("a\nrm -rf /\u{2028}\u{202e}"),
            "a\\u{a}rm -rf /\\u{2028}\\u{202e}"
        );
    }

    proptest! {
        #[test]
        fn nothing_stands_outside_of_quotes(word in ".{0,20}") {
            let text = quoted(&word);
            let inner = text.replace(r"'\''", "");
            let plain = inner.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:@%+,".contains(c));
            prop_assert!(plain && !inner.is_empty() || inner.starts_with('\'') && inner.ends_with('\'') && inner.matches('\'').count() == 2);
        }
    }
}
