//! What the policy says about other spellings of keys and values, and about owners that people accepted.
//!
//! ```toml
//! accept_file = "accepted.csv"             # lines of owner_suggestions.csv that a person kept
//! [merge_rules]
//! keys = ["case", "separators", "blanks"]  # such variants are merged by themselves
//! values = ["case"]
//! [[merge]]
//! key = "team"
//! variants = ["Squad"]
//! values = { "plattform" = "platform" }
//! [[accept]]
//! tag = "team"
//! resource = "i-0abc"
//! value = "web"
//! [suggest]
//! min_precision = 80.0
//! ```
//! Refuses what would go round in circles, and values that the policy itself would not accept. Small edits are
//! never merged by themselves: only a person knows which word was meant.

use super::check::percentage;
use super::refusal::{Refusal, refused};
use super::{File, TagPolicy, TagRule};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use toml::Spanned;

/// Measured precision below which an evidence suggests nothing, in hundredths of a percent: our own choice; one
/// wrong owner in five is what a person still reads through.
const USUAL_PRECISION: i64 = 8_000;

/// What the policy says about variants and accepted owners.
#[derive(Clone, Debug)]
pub struct Merging {
    /// Merges by name, in the order of the file.
    pub stated: Vec<StatedMerge>,
    /// Differences of keys that are merged by themselves.
    pub keys: Vec<MergeBasis>,
    /// Differences of values that are merged by themselves.
    pub values: Vec<MergeBasis>,
    /// Least measured precision of an evidence that may suggest owners, in hundredths of a percent.
    pub min_precision: i64,
    /// A file of accepted owners, beside the policy.
    pub accept_file: Option<PathBuf>,
    accepted: BTreeMap<String, Vec<Accepted>>,
}

/// One `[[merge]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedMerge {
    /// The key that counts.
    pub key: String,
    /// Keys that count as it.
    pub variants: Vec<String>,
    /// Values of the key as written, and what they count as.
    pub values: BTreeMap<String, String>,
}

/// How two spellings of one word may differ for a merge by itself.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum MergeBasis {
    /// Blanks around the word.
    Blanks,
    /// Upper and lower case.
    Case,
    /// Hyphens, underscores and the like.
    Separators,
}

/// An owner that a person accepted for one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The key as the policy has it.
    pub tag: String,
    /// The value, in the policy's spelling.
    pub value: String,
}

impl Default for Merging {
    fn default() -> Merging {
        Merging {
            stated: Vec::new(),
            keys: Vec::new(),
            values: Vec::new(),
            min_precision: USUAL_PRECISION,
            accept_file: None,
            accepted: BTreeMap::new(),
        }
    }
}

impl Merging {
    /// What was accepted for a resource, by its id as billed, in any case.
    pub fn accepted(&self, resource: &str) -> &[Accepted] {
        if self.accepted.is_empty() {
            return &[];
        }
        let known = self.accepted.get(&resource.trim().to_lowercase());
        known.map_or(&[], Vec::as_slice)
    }

    /// True where an estate is read as it is written.
    pub fn changes_nothing(&self) -> bool {
        let rules = self.keys.is_empty() && self.values.is_empty();
        rules && self.stated.is_empty() && self.accepted.is_empty()
    }

    /// The other keys that count as one of these, in the order of the file.
    pub fn variants_of<'m>(&'m self, keys: &'m [String]) -> impl Iterator<Item = &'m String> {
        let merges = self.stated.iter().filter(|merge| keys.contains(&merge.key));
        merges.flat_map(|merge| &merge.variants)
    }
}

impl TagPolicy {
    /// What it says about variants and accepted owners.
    pub fn merging(&self) -> &Merging {
        &self.merging
    }

    /// The rule that knows a key as one of its names.
    pub fn rule_of(&self, key: &str) -> Option<&TagRule> {
        self.rules
            .iter()
            .find(|rule| rule.names().any(|name| name == key))
    }

    /// Takes an owner that a person accepted; an error says what is wrong with it.
    pub fn accept(&mut self, tag: &str, resource: &str, value: &str) -> Result<(), String> {
        if resource.trim().is_empty() {
            return Err("an accepted owner names no resource".to_owned());
        }
        let rule = self
            .rule_of(tag)
            .ok_or_else(|| format!("the policy has no tag `{tag}`"))?;
        let accepted = rule.accepts(value.trim());
        let value = accepted
            .ok_or_else(|| format!("`{value}` is not an allowed value of tag `{}`", rule.key))?;
        let fresh = Accepted {
            tag: rule.key.clone(),
            value: value.to_owned(),
        };
        let known = self.merging.accepted.entry(resource.trim().to_lowercase());
        let known = known.or_default();
        match known.iter().find(|one| one.tag == fresh.tag) {
            None => known.push(fresh),
            Some(one) if one.value == fresh.value => {}
            Some(one) => {
                return Err(format!(
                    "`{resource}` is accepted twice: {} is `{}` and `{}`",
                    fresh.tag, one.value, fresh.value
                ));
            }
        }
        Ok(())
    }

    /// Takes the lines that a person kept of `owner_suggestions.csv`.
    pub fn accept_lines(&mut self, path: &Path, text: &str) -> crate::error::Result<()> {
        let needed = ["ResourceId", "Tag", "Suggestion"];
        let more = [
            "SubAccountId",
            "ServiceName",
            "Evidence",
            "Confidence",
            "MonthCost",
            "BillingCurrency",
            "Accepted",
            "ProviderName",
            "EvidenceKind",
        ];
        for row in crate::sheet::rows(path, text, &needed, &more)? {
            let [resource, tag, value] = [0, 1, 2].map(|at| as_reported(row.get(at)));
            let taken = self.accept(tag, resource, value);
            taken.map_err(|what| row.wrong(2, what))?;
        }
        Ok(())
    }
}

/// A cell of a report without the apostrophe that keeps spreadsheets from taking it for a formula.
fn as_reported(cell: &str) -> &str {
    let rest = cell.strip_prefix('\'');
    rest.filter(|rest| rest.starts_with(['=', '+', '-', '@']))
        .unwrap_or(cell)
}

/// One `[[merge]]` as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMerge {
    key: String,
    #[serde(default)]
    variants: Vec<Spanned<String>>,
    #[serde(default)]
    values: BTreeMap<String, Spanned<String>>,
}

/// `[merge_rules]` as written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawRules {
    keys: Vec<MergeBasis>,
    values: Vec<MergeBasis>,
}

/// One `[[accept]]` as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAccept {
    tag: String,
    resource: String,
    value: Spanned<String>,
}

/// `[suggest]` as written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawSuggest {
    min_precision: Option<Spanned<f64>>,
}

/// The policy with what the file says about spellings and accepted owners.
pub(super) fn checked(file: File, mut policy: TagPolicy) -> Result<TagPolicy, Refusal> {
    let least = file.suggest.min_precision.as_ref();
    let least = least
        .map(|least| percentage("min_precision", least))
        .transpose()?;
    policy.merging = Merging {
        keys: file.merge_rules.keys,
        values: file.merge_rules.values,
        min_precision: least.unwrap_or(USUAL_PRECISION),
        accept_file: file.accepted,
        ..Merging::default()
    };
    policy.merging.stated = stated(&policy, file.merge)?;
    for accept in file.accept {
        let taken = policy.accept(&accept.tag, &accept.resource, accept.value.get_ref());
        taken.map_err(|what| refused(&what, "", accept.value.span()))?;
    }
    Ok(policy)
}

fn stated(policy: &TagPolicy, merges: Vec<RawMerge>) -> Result<Vec<StatedMerge>, Refusal> {
    let targets: BTreeSet<String> = merges.iter().map(|merge| merge.key.clone()).collect();
    let mut seen = BTreeSet::new();
    for merge in &merges {
        for variant in &merge.variants {
            variant_is_free(policy, merge, variant, &targets)?;
            if !seen.insert(variant.get_ref().clone()) {
                let what = format!("`{}` is merged twice", variant.get_ref());
                return Err(refused(&what, "", variant.span()));
            }
        }
        check_values(policy, merge)?;
    }
    let plain = |merge: RawMerge| StatedMerge {
        key: merge.key,
        variants: merge
            .variants
            .into_iter()
            .map(Spanned::into_inner)
            .collect(),
        values: merge
            .values
            .into_iter()
            .map(|(from, to)| (from, to.into_inner()))
            .collect(),
    };
    Ok(merges.into_iter().map(plain).collect())
}

fn variant_is_free(
    policy: &TagPolicy,
    merge: &RawMerge,
    variant: &Spanned<String>,
    targets: &BTreeSet<String>,
) -> Result<(), Refusal> {
    let text = variant.get_ref();
    let no = |what: String, hint: &str| Err(refused(&what, hint, variant.span()));
    if text.trim().is_empty() && text.is_empty() {
        return no("a variant is blank".to_owned(), "");
    }
    if targets.contains(text) {
        let hint = "merge all variants into the one key that counts";
        return no(format!("`{text}` is merged and merged into"), hint);
    }
    let own = policy.rule_of(&merge.key).map(|rule| &rule.key);
    match policy.rule_of(text) {
        Some(rule) if Some(&rule.key) != own || own.is_none() => {
            let what = format!("`{text}` belongs to tag `{}`", rule.key);
            no(what, "the policy already says what this key means")
        }
        _ => Ok(()),
    }
}

fn check_values(policy: &TagPolicy, merge: &RawMerge) -> Result<(), Refusal> {
    for (from, to) in &merge.values {
        let value = to.get_ref();
        if merge.values.contains_key(value) || from.trim().is_empty() {
            let what =
                format!("`{from}` is merged into `{value}`, which is merged itself or blank");
            let hint = "merge all spellings into the one value that counts";
            return Err(refused(&what, hint, to.span()));
        }
        let rule = policy.rule_of(&merge.key);
        if rule.is_some_and(|rule| rule.accepts(value) != Some(value)) {
            let what = format!("`{value}` is not an allowed value of tag `{}`", merge.key);
            return Err(refused(&what, "", to.span()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAGS: &str = "[[tag]]\nkey = \"team\"\naliases = [\"owner\"]\nvalues = [\"web\", \"data\"]\n[[tag]]\nkey = \"env\"\n";

    fn policy(more: &str) -> crate::error::Result<TagPolicy> {
        TagPolicy::parse(&format!("{TAGS}{more}"), Path::new("tags.toml"))
    }

    fn refusal(more: &str) -> String {
        policy(more).unwrap_err().to_string()
    }

    #[test]
    fn merges_rules_and_accepted_owners_are_read() {
        let text = "[merge_rules]\nkeys = [\"case\", \"blanks\"]\n[[merge]]\nkey = \"team\"\nvariants = [\"Squad\"]\nvalues = { Web = \"web\" }\n\
                    [[accept]]\ntag = \"owner\"\nresource = \"I-0ab\"\nvalue = \"web\"\n[suggest]\nmin_precision = 90\n";
        let policy = policy(text).unwrap();
        let merging = policy.merging();
        assert_eq!(merging.keys, [MergeBasis::Case, MergeBasis::Blanks]);
        assert_eq!(merging.stated[0].variants, ["Squad"]);
        assert_eq!(merging.min_precision, 9_000);
        let web = Accepted {
            tag: "team".to_owned(),
            value: "web".to_owned(),
        };
        assert_eq!(merging.accepted("i-0AB "), [web]);
        assert_eq!(merging.accepted("i-0abc"), []);
    }

    #[test]
    fn cells_that_were_defused_are_read_as_they_were() {
        assert_eq!(["'-x", "'x", "-x"].map(as_reported), ["-x", "'x", "-x"]);
    }

    #[test]
    fn edits_are_never_merged_by_themselves() {
        assert!(refusal("[merge_rules]\nkeys = [\"edits\"]\n").contains("unknown variant `edits`"));
    }

    #[test]
    fn circles_and_foreign_keys_are_refused_with_their_place() {
        let text = refusal("[[merge]]\nkey = \"env\"\nvariants = [\"owner\"]\n");
        assert!(
            text.starts_with("`owner` belongs to tag `team`\n  --> tags.toml:9:13"),
            "{text}"
        );
        let two = "[[merge]]\nkey = \"a\"\nvariants = [\"b\"]\n[[merge]]\nkey = \"b\"\nvariants = [\"c\"]\n";
        assert!(refusal(two).starts_with("`b` is merged and merged into"));
        let text = refusal("[[merge]]\nkey = \"team\"\nvalues = { a = \"b\", b = \"web\" }\n");
        assert!(text.starts_with("`a` is merged into `b`"), "{text}");
    }

    #[test]
    fn only_values_that_the_policy_accepts_can_be_merged_into_or_accepted() {
        let text = refusal("[[merge]]\nkey = \"team\"\nvalues = { a = \"ops\" }\n");
        assert!(text.starts_with("`ops` is not an allowed value of tag `team`"));
        let accept = |tag: &str, value: &str| {
            refusal(&format!(
                "[[accept]]\ntag = \"{tag}\"\nresource = \"i-1\"\nvalue = \"{value}\"\n"
            ))
        };
        assert!(accept("team", "ops").contains("tags.toml:10:9"));
        assert!(accept("cc", "ops").starts_with("the policy has no tag `cc`"));
    }

    #[test]
    fn lines_of_the_report_are_accepted_and_a_contradiction_is_refused() {
        let mut policy = policy("").unwrap();
        let path = Path::new("accepted.csv");
        let lines = "ResourceId,SubAccountId,Tag,Suggestion\ni-1,1,team,web\ni-1,1,team,web\n";
        policy.accept_lines(path, lines).unwrap();
        assert_eq!(policy.merging().accepted("i-1").len(), 1);
        let error = policy.accept_lines(path, "ResourceId,Tag,Suggestion\ni-1,team,data\n");
        let text = error.unwrap_err().to_string();
        assert!(
            text.contains("accepted.csv:2:3") && text.contains("accepted twice"),
            "{text}"
        );
    }
}
