//! What would put tags right in the cloud, and how sure that is.
//!
//! Sure are only spellings, what the policy merges and what a person accepted; everything else is a guess that
//! scripts show and never run. Changes nothing itself. Values of forbidden keys are never repeated.

mod target;
mod types;

use super::compliance::{self, Compliance, Kind, Latest, TaggedCharge, Violation, taggable};
use super::owners::Suggestion;
use super::variants::Tags;
use crate::money::Money;
use crate::policy::{Demand, TagPolicy, TagRule};
use std::collections::{BTreeMap, BTreeSet};
pub(crate) use target::is_unprintable;
pub use target::{Cloud, Target};
pub use types::custodian_type;

/// Fewest resources of an account that must agree before the account's default is proposed (our own choice).
const FEWEST_AGREEING: usize = 5;

/// Why a tag should be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// A person accepted it.
    Accepted,
    /// The policy merges what is written.
    Merge,
    /// What is written is an alias in the policy.
    Alias,
    /// It differs by blanks around it.
    Blank,
    /// It differs by upper and lower case.
    Case,
    /// It differs by hyphens, underscores and the like.
    Separators,
    /// It differs by a letter or two: a guess.
    Spelling,
    /// Similar resources have it: a guess with a measured precision.
    Evidence,
    /// Nearly all resources of the account have it: a guess.
    Account,
}

impl Basis {
    /// Its name in reports and scripts.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Accepted => "accepted",
            Basis::Merge => "merge",
            Basis::Alias => "alias",
            Basis::Blank => "blank",
            Basis::Case => "case",
            Basis::Separators => "separators",
            Basis::Spelling => "spelling",
            Basis::Evidence => "evidence",
            Basis::Account => "account",
        }
    }

    /// True where no guess is made.
    pub fn is_sure(self) -> bool {
        self < Basis::Spelling
    }
}

/// One tag that one resource should carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// FOCUS `ProviderName`.
    pub provider: String,
    /// FOCUS `SubAccountId`.
    pub sub_account: String,
    /// FOCUS `RegionId`.
    pub region: String,
    /// The id as billed.
    pub resource_id: String,
    /// The key to write.
    pub tag: String,
    /// The value to write.
    pub value: String,
    /// Why.
    pub basis: Basis,
    /// Measured precision of a guess, in hundredths of a percent, where it was measured.
    pub confidence: Option<i64>,
    /// Cost of the latest month.
    pub cost: Money,
    /// Currency of the cost.
    pub currency: String,
    /// Whose script it is in; none for other providers.
    pub cloud: Option<Cloud>,
    /// What a script names, or why no script can.
    pub target: Result<Target, String>,
}

/// What the scripts are made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fixes {
    /// By cloud, account, resource, tag.
    pub fixes: Vec<Fix>,
    /// Required tags, each as the key and all its accepted names, that resources of a type lack.
    pub lacking: BTreeMap<&'static str, BTreeSet<Vec<String>>>,
    /// AWS accounts, and the tags in which all their tagged resources agree: key, value, resources.
    pub agreed: BTreeMap<String, Vec<(String, String, usize)>>,
}

/// Everything that could be put right, one line per resource and tag; `written` are the tags of each charge.
pub fn fixes(
    (charges, written): (&[TaggedCharge], &[Tags]),
    compliance: &Compliance,
    suggestions: &[Suggestion],
    policy: &TagPolicy,
) -> Fixes {
    let mut all = settled(charges, written, policy);
    all.extend(
        compliance
            .violations
            .iter()
            .filter_map(|one| of_violation(one, policy)),
    );
    all.extend(
        suggestions
            .iter()
            .filter(|one| !one.accepted)
            .map(of_suggestion),
    );
    all.sort_by(|a, b| (place(a), a.basis, &a.value).cmp(&(place(b), b.basis, &b.value)));
    // The surest one stays; a resource that is billed in two currencies is one resource.
    all.dedup_by(|later, first| place(later) == place(first));
    Fixes {
        fixes: all,
        lacking: lacking(compliance, policy),
        agreed: agreed(charges, policy),
    }
}

fn place(fix: &Fix) -> (Option<Cloud>, [&str; 4]) {
    let names = [&fix.provider, &fix.sub_account, &fix.resource_id, &fix.tag];
    (fix.cloud, names.map(String::as_str))
}

/// Where a fix belongs: provider, account, region, service, resource.
type Address<'a> = [&'a str; 5];

fn fix(address: Address, (tag, value): (&str, &str), basis: Basis, cost: (Money, &str)) -> Fix {
    let [provider, sub_account, region, _, resource_id] = address;
    let cloud = Cloud::of(provider, resource_id);
    let target = target::speakable(tag, value, resource_id)
        .and_then(|()| cloud.ok_or_else(|| "no script for this provider".to_owned()))
        .and_then(|cloud| {
            cloud.target(address).and_then(|target| {
                cloud.takes(tag, value)?;
                Ok(target)
            })
        });
    Fix {
        provider: provider.to_owned(),
        sub_account: sub_account.to_owned(),
        region: region.to_owned(),
        resource_id: resource_id.to_owned(),
        tag: tag.to_owned(),
        value: value.to_owned(),
        basis,
        confidence: None,
        cost: cost.0,
        currency: cost.1.to_owned(),
        cloud,
        target,
    }
}

fn address(charge: &TaggedCharge) -> Address<'_> {
    let TaggedCharge {
        provider,
        sub_account,
        region,
        service,
        resource_id,
        ..
    } = charge;
    [provider, sub_account, region, service, resource_id]
}

/// Values that count by a merge or by acceptance, and are not written so.
fn settled(charges: &[TaggedCharge], written: &[Tags], policy: &TagPolicy) -> Vec<Fix> {
    let latest = Latest::of(charges.iter().filter(|charge| taggable(charge)));
    let mut sums: BTreeMap<(Address, &str, &str, &str), (Money, bool)> = BTreeMap::new();
    let changed = charges
        .iter()
        .zip(written)
        .filter(|(charge, tags)| charge.tags != **tags && taggable(charge) && latest.holds(charge));
    for (charge, tags) in changed {
        for rule in policy
            .rules()
            .iter()
            .filter(|rule| covers((rule, policy), charge))
        {
            let (Some(counted), old) = (rule.valid_value(&charge.tags), rule.valid_value(tags))
            else {
                continue;
            };
            if old == Some(counted) {
                continue;
            }
            let accepted = policy.merging().accepted(&charge.resource_id);
            let sum = sums
                .entry((address(charge), &rule.key, counted, &charge.currency))
                .or_default();
            sum.0 += charge.cost;
            sum.1 = accepted.iter().any(|one| one.tag == rule.key);
        }
    }
    let made = sums
        .into_iter()
        .map(|((address, tag, value, currency), (cost, accepted))| {
            let basis = if accepted {
                Basis::Accepted
            } else {
                Basis::Merge
            };
            fix(address, (tag, value), basis, (cost, currency))
        });
    made.collect()
}

fn covers((rule, policy): (&TagRule, &TagPolicy), charge: &TaggedCharge) -> bool {
    rule.demand != Demand::Forbidden && charge.is_judged_by(rule, policy)
}

/// What a violation's suggestion says, where it has one.
fn of_violation(one: &Violation, policy: &TagPolicy) -> Option<Fix> {
    let rule = policy.rule_of(&one.tag)?;
    let prefix = format!("{}=", rule.key);
    let of_key =
        one.kind == Kind::Variant && one.suggestion.starts_with(&prefix) && one.value.contains('=');
    let (value, old) = if of_key {
        let old = one.value.split_once('=').map(|(_, value)| value);
        (one.suggestion.strip_prefix(&prefix)?, old)
    } else {
        (one.suggestion.as_str(), None)
    };
    let value = rule
        .accepts(value)
        .filter(|_| one.kind != Kind::Forbidden)?;
    let basis = match one.basis? {
        // Under another key stands a value that the policy does not accept as it is.
        _ if old.is_some_and(|old| rule.accepts(old) != Some(value)) => Basis::Spelling,
        compliance::Basis::Alias => Basis::Alias,
        compliance::Basis::Blank => Basis::Blank,
        compliance::Basis::Case => Basis::Case,
        compliance::Basis::Separators => Basis::Separators,
        compliance::Basis::Spelling => Basis::Spelling,
        compliance::Basis::Account => Basis::Account,
    };
    let address = [
        &one.provider,
        &one.sub_account,
        &one.region,
        &one.service,
        &one.resource_id,
    ];
    Some(fix(
        address.map(String::as_str),
        (&rule.key, value),
        basis,
        (one.cost, &one.currency),
    ))
}

fn of_suggestion(one: &Suggestion) -> Fix {
    let address = [
        &one.provider,
        &one.sub_account,
        &one.region,
        &one.service,
        &one.resource_id,
    ];
    let fix = fix(
        address.map(String::as_str),
        (&one.tag, &one.value),
        Basis::Evidence,
        (one.cost, &one.currency),
    );
    Fix {
        confidence: one.precision,
        ..fix
    }
}

/// Which types of resources lack which required tags.
fn lacking(
    compliance: &Compliance,
    policy: &TagPolicy,
) -> BTreeMap<&'static str, BTreeSet<Vec<String>>> {
    let mut lacking: BTreeMap<&'static str, BTreeSet<Vec<String>>> = BTreeMap::new();
    for one in compliance
        .violations
        .iter()
        .filter(|one| one.kind == Kind::Missing)
    {
        let kind = custodian_type(&one.provider, &one.service, &one.resource_id);
        let names = policy
            .rule_of(&one.tag)
            .map(|rule| rule.names().map(str::to_owned).collect());
        if let (Some(kind), Some(names)) = (kind, names) {
            lacking.entry(kind).or_default().insert(names);
        }
    }
    lacking
}

/// The tags in which all tagged resources of an AWS account agree.
fn agreed(
    charges: &[TaggedCharge],
    policy: &TagPolicy,
) -> BTreeMap<String, Vec<(String, String, usize)>> {
    let latest = Latest::of(charges.iter().filter(|charge| taggable(charge)));
    let mut values: BTreeMap<(&str, usize), BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for charge in charges
        .iter()
        .filter(|charge| taggable(charge) && latest.holds(charge))
    {
        if Cloud::of(&charge.provider, &charge.resource_id) != Some(Cloud::Aws) {
            continue;
        }
        for (at, rule) in policy.rules().iter().enumerate() {
            if let Some(value) = rule
                .valid_value(&charge.tags)
                .filter(|_| covers((rule, policy), charge))
            {
                let of_account = values.entry((&charge.sub_account, at)).or_default();
                of_account
                    .entry(value)
                    .or_default()
                    .insert(&charge.resource_id);
            }
        }
    }
    let mut agreed: BTreeMap<String, Vec<(String, String, usize)>> = BTreeMap::new();
    for ((account, at), values) in values {
        let only = values.first_key_value().filter(|_| values.len() == 1);
        if let Some((value, resources)) = only.filter(|(_, all)| all.len() >= FEWEST_AGREEING) {
            let tag = policy.rules()[at].key.clone();
            let default = (tag, (*value).to_owned(), resources.len());
            agreed.entry(account.to_owned()).or_default().push(default);
        }
    }
    agreed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::compliance::{Known, compliance};
    use std::path::Path;
    use std::sync::Arc;

    fn charge(id: &str, tags: &str) -> TaggedCharge {
        let pairs = tags.split(';').filter_map(|pair| pair.split_once('='));
        TaggedCharge {
            month: "2026-10".to_owned(),
            provider: "AWS".to_owned(),
            sub_account: "111122220001".to_owned(),
            service: "Amazon Elastic Compute Cloud".to_owned(),
            region: "eu-west-1".to_owned(),
            resource_id: id.to_owned(),
            resource_type: String::new(),
            charge_category: "Usage".to_owned(),
            tags: Arc::new(pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).collect()),
            currency: "USD".to_owned(),
            cost: Money::from_units(1_000_000_000_000),
            team: String::new(),
            environment: String::new(),
            billing_account: String::new(),
            service_category: String::new(),
        }
    }

    #[test]
    fn spellings_are_sure_and_edits_are_guesses() {
        let text = "[[tag]]\nkey = \"team\"\nvalues = [\"platform\", \"web\"]\n[[tag]]\nkey = \"password\"\nforbidden = true\n";
        let policy = TagPolicy::parse(text, Path::new("t.toml")).unwrap();
        let charges = [
            charge("i-0aaaaaaaa", "team=Platform"),
            charge("i-0bbbbbbbb", "team=platfrom"),
            charge("i-0cccccccc", "Team=web"),
            charge("i-0dddddddd", "Team=platfrom"),
            charge("i-0eeeeeeee", "team=web;password=x"),
        ];
        let written: Vec<Tags> = charges
            .iter()
            .map(|charge| Arc::clone(&charge.tags))
            .collect();
        let judged = compliance(&charges, &policy, &Known::default());
        let made = fixes((&charges, &written), &judged, &[], &policy).fixes;
        let told: Vec<(&str, &str, bool)> = made
            .iter()
            .map(|fix| (fix.value.as_str(), fix.basis.name(), fix.basis.is_sure()))
            .collect();
        let expected = [
            ("platform", "case", true),
            ("platform", "spelling", false),
            ("web", "case", true),
            ("platform", "spelling", false),
        ];
        assert_eq!(told, expected);
    }
}
