//! Exemptions: cost that need not pass the policy, until a day, for a reason, by somebody's word.

use super::refusal::{Refusal, refused};
use super::{TagRule, rule_of};
use crate::condition::Condition;
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// The columns that are known of a resource when it is judged, beside its tags.
const COLUMNS: [&str; 11] = [
    "ProviderName",
    "BillingAccountId",
    "SubAccountId",
    "ServiceCategory",
    "ServiceName",
    "RegionId",
    "ResourceId",
    "ResourceType",
    "ChargeCategory",
    "Team",
    "Environment",
];

/// One `[[exempt]]` as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    #[serde(default)]
    tags: Vec<Spanned<String>>,
    when: Spanned<BTreeMap<String, Vec<String>>>,
    owner: Spanned<String>,
    reason: Spanned<String>,
    expires: Spanned<toml::Value>,
}

/// What need not pass.
#[derive(Clone, Debug)]
pub struct Exemption {
    /// Keys of the policy; empty means every one.
    tags: Vec<String>,
    /// Which charges.
    pub when: Condition,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day on which it counts.
    pub expires: NaiveDate,
}

impl Exemption {
    /// True where it speaks about this tag.
    pub fn names(&self, tag: &str) -> bool {
        self.tags.is_empty() || self.tags.iter().any(|own| own == tag)
    }

    /// True up to its last day.
    pub fn counts_on(&self, day: NaiveDate) -> bool {
        day <= self.expires
    }
}

/// All exemptions, in the order of the file.
pub(super) fn checked(entries: Vec<Entry>, rules: &[TagRule]) -> Result<Vec<Exemption>, Refusal> {
    entries.into_iter().map(|entry| one(entry, rules)).collect()
}

fn one(entry: Entry, rules: &[TagRule]) -> Result<Exemption, Refusal> {
    for tag in &entry.tags {
        rule_of(tag, rules)?;
    }
    let span = entry.when.span();
    if entry.when.get_ref().is_empty() {
        let hint = "name a column or a tag: { SubAccountId = [\"111122223333\"] }";
        return Err(refused("`when` exempts everything", hint, span));
    }
    let known = |name: &str| name.starts_with("tag:") || COLUMNS.contains(&name);
    if let Some(other) = entry.when.get_ref().keys().find(|name| !known(name)) {
        let what = format!("`{other}` is no column of an exemption");
        let hint = format!("it may be {} or `tag:KEY`", COLUMNS.join(", "));
        return Err(refused(&what, &hint, span));
    }
    let when = Condition::parse(entry.when.get_ref(), &[]);
    let when = when.map_err(|what| refused(&what, "", span))?;
    for (name, text) in [("owner", &entry.owner), ("reason", &entry.reason)] {
        if text.get_ref().trim().is_empty() {
            let what = format!("an exemption needs its `{name}`");
            return Err(refused(&what, "", text.span()));
        }
    }
    Ok(Exemption {
        tags: entry.tags.into_iter().map(Spanned::into_inner).collect(),
        when,
        owner: entry.owner.into_inner(),
        reason: entry.reason.into_inner(),
        expires: day(&entry.expires)?,
    })
}

/// A day, in quotes or not.
fn day(written: &Spanned<toml::Value>) -> Result<NaiveDate, Refusal> {
    let text = match written.get_ref() {
        toml::Value::String(text) => text.clone(),
        toml::Value::Datetime(day) => day.to_string(),
        _ => String::new(),
    };
    text.parse().map_err(|_| {
        let hint = "write the last day on which it counts: \"2026-12-31\"";
        refused("`expires` is no day", hint, written.span())
    })
}

#[cfg(test)]
mod tests {
    use crate::policy::TagPolicy;

    const LINES: [&str; 5] = [
        "tags = [\"team\"]",
        "when = { ServiceName = [\"Amazon*\"] }",
        "owner = \"ann\"",
        "reason = \"moves in spring\"",
        "expires = 2026-12-31",
    ];

    fn policy(lines: [&str; 5]) -> Result<TagPolicy, String> {
        let text = format!(
            "[[tag]]\nkey = \"team\"\n[[exempt]]\n{}\n",
            lines.join("\n")
        );
        TagPolicy::parse(&text, "tags.toml".as_ref()).map_err(|error| error.to_string())
    }

    fn wrong(at: usize, line: &str) -> String {
        let mut lines = LINES;
        lines[at] = line;
        policy(lines).err().unwrap()
    }

    #[test]
    fn it_counts_up_to_its_last_day() {
        for written in ["expires = 2026-12-31", "expires = \"2026-12-31\""] {
            let mut lines = LINES;
            lines[4] = written;
            let policy = policy(lines).unwrap();
            let exemption = &policy.exemptions()[0];
            let day = |text: &str| text.parse().unwrap();
            assert!(
                exemption.counts_on(day("2026-12-31")) && !exemption.counts_on(day("2027-01-01"))
            );
            assert!(exemption.names("team") && !exemption.names("env"));
        }
    }

    #[test]
    fn without_tags_it_speaks_about_all() {
        let mut lines = LINES;
        lines[0] = "";
        assert!(policy(lines).unwrap().exemptions()[0].names("team"));
    }

    #[test]
    fn mistakes_have_a_place() {
        assert!(
            wrong(0, "tags = [\"tem\"]")
                .starts_with("the policy has no tag `tem`\n  --> tags.toml:4:9")
        );
        assert!(
            wrong(1, "when = {}").starts_with("`when` exempts everything\n  --> tags.toml:5:8")
        );
        assert!(
            wrong(1, "when = { Service = [\"x\"] }")
                .starts_with("`Service` is no column of an exemption")
        );
        assert!(
            wrong(2, "owner = \" \"")
                .starts_with("an exemption needs its `owner`\n  --> tags.toml:6:9")
        );
        assert!(
            wrong(4, "expires = \"soon\"").starts_with("`expires` is no day\n  --> tags.toml:8:11")
        );
        assert!(wrong(4, "").starts_with("missing field `expires`"));
    }
}
