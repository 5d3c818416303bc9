//! Targets of one part of the bill: another share than the policy's for a team, an account, an environment.

use super::TagRule;
use super::check::percentage;
use super::refusal::{Refusal, refused};
use super::rule_of;
use serde::Deserialize;
use toml::Spanned;

/// One `[[target]]` as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    scope: TargetScope,
    value: Spanned<String>,
    tag: Option<Spanned<String>>,
    percent: Spanned<f64>,
}

/// Wanted share of cost in one part of the bill.
#[derive(Clone, Debug)]
pub(super) struct Target {
    scope: TargetScope,
    value: String,
    /// One tag, or `None` for every row of the scope.
    tag: Option<String>,
    /// Hundredths of a percent.
    percent: i64,
}

/// Which parts of the bill can have a target of their own.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum TargetScope {
    /// FOCUS `ProviderName`.
    Provider,
    /// FOCUS `SubAccountId`.
    Account,
    /// FOCUS `ServiceName`.
    Service,
    /// The team it is shown to.
    Team,
    /// The environment it is shown under.
    Environment,
}

/// All targets; each part of the bill has one at most.
pub(super) fn checked(entries: Vec<Entry>, rules: &[TagRule]) -> Result<Vec<Target>, Refusal> {
    let mut targets: Vec<Target> = Vec::new();
    for entry in entries {
        if let Some(tag) = entry
            .tag
            .as_ref()
            .filter(|tag| tag.get_ref() != super::ALL_TAGS)
        {
            rule_of(tag, rules)?;
        }
        let span = entry.value.span();
        let target = Target {
            scope: entry.scope,
            value: entry.value.into_inner(),
            tag: entry.tag.map(Spanned::into_inner),
            percent: percentage("percent", &entry.percent)?,
        };
        if targets.iter().any(|known| known.is_like(&target)) {
            let what = format!("`{}` has this target already", target.value);
            return Err(refused(&what, "", span));
        }
        targets.push(target);
    }
    Ok(targets)
}

impl Target {
    fn is_like(&self, other: &Target) -> bool {
        self.meets(other.scope, &other.value) && self.tag == other.tag
    }

    fn meets(&self, scope: TargetScope, value: &str) -> bool {
        self.scope == scope && self.value.eq_ignore_ascii_case(value)
    }
}

/// The target of one tag in one part of the bill: the tag's own there, else that of all tags there.
pub(super) fn target_of(
    targets: &[Target],
    scope: TargetScope,
    value: &str,
    tag: &str,
) -> Option<i64> {
    let here = || targets.iter().filter(|target| target.meets(scope, value));
    let own = here().find(|target| target.tag.as_deref() == Some(tag));
    own.or_else(|| here().find(|target| target.tag.is_none()))
        .map(|target| target.percent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::TagPolicy;

    fn policy(more: &str) -> Result<TagPolicy, String> {
        let text = format!("[[tag]]\nkey = \"team\"\ntarget = 95\n{more}");
        TagPolicy::parse(&text, "tags.toml".as_ref()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_tag_s_own_target_comes_before_that_of_its_part() {
        let policy = policy(
            "[[target]]\nscope = \"account\"\nvalue = \"Sandbox\"\npercent = 50\n\
             [[target]]\nscope = \"account\"\nvalue = \"sandbox\"\ntag = \"team\"\npercent = 60.5\n",
        )
        .unwrap();
        let target = |value, tag| policy.target_of(TargetScope::Account, value, tag);
        assert_eq!(target("sandbox", "team"), Some(6_050));
        assert_eq!(target("sandbox", "(all)"), Some(5_000));
        assert_eq!(target("prod", "team"), None);
        assert_eq!(policy.target_of(TargetScope::Team, "sandbox", "team"), None);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let one = "[[target]]\nscope = \"team\"\nvalue = \"web\"\npercent = 50\n";
        let twice = policy(&format!("{one}{one}")).err().unwrap();
        assert_eq!(twice, "`web` has this target already\n  --> tags.toml:10:9");
        let wrong = policy(&one.replace("50", "101")).err().unwrap();
        assert!(
            wrong.starts_with("`percent` is 101, which is no percentage\n  --> tags.toml:7:11"),
            "{wrong}"
        );
        let wrong = policy(&one.replace("percent", "tag = \"tem\"\npercent"))
            .err()
            .unwrap();
        assert_eq!(
            wrong,
            "the policy has no tag `tem`\n  --> tags.toml:7:7\nhint: did you mean `team`?"
        );
        let wrong = policy(&one.replace("\"team\"", "\"tem\"")).err().unwrap();
        assert!(
            wrong.contains("unknown variant `tem`") && wrong.contains("--> tags.toml:5:9"),
            "{wrong}"
        );
    }
}
