//! Tag compliance by count and by money, and the violations behind it.
//!
//! Every charge that a rule of the policy speaks about is valid, invalid, missing or untaggable for that tag;
//! the first three add up to the taggable cost exactly. Amounts of two currencies never meet. A value is never
//! altered here: a variant is invalid until the policy accepts it as an alias.

mod judge;
mod latest;
mod tally;
mod variant;
mod violation;

use crate::money::{Money, ratio};
use crate::policy::{Demand, TagPolicy};
use crate::resource::key;
use judge::{Finding, Judge};
pub(crate) use latest::Latest;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
pub use violation::{Basis, Kind, Violation};

/// The tag of the rows that ask whether every required tag of a resource is valid.
pub const ALL_TAGS: &str = "(all)";

/// What one resource (or none) cost in a month, with the tags it was billed under.
#[derive(Clone, Debug)]
pub struct TaggedCharge {
    /// Billing month, `2026-10`.
    pub month: String,
    /// FOCUS `ProviderName`.
    pub provider: String,
    /// FOCUS `SubAccountId`.
    pub sub_account: String,
    /// FOCUS `ServiceName`.
    pub service: String,
    /// FOCUS `RegionId`.
    pub region: String,
    /// FOCUS `ResourceId`; empty where the charge has no resource.
    pub resource_id: String,
    /// FOCUS `ResourceType`.
    pub resource_type: String,
    /// FOCUS `ChargeCategory`; only `Usage` of a resource can carry tags.
    pub charge_category: String,
    /// Keys and values as written; share one `Arc` among charges of the same tags, each is judged once.
    pub tags: Arc<BTreeMap<String, String>>,
    /// FOCUS `BillingCurrency`.
    pub currency: String,
    /// The cost, in that currency.
    pub cost: Money,
    /// The team it is shown to; empty is shown as `(untagged)`.
    pub team: String,
}

/// The whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compliance {
    /// By month, scope, scope value, currency, then tags in the order of the policy and [`ALL_TAGS`] last.
    pub rows: Vec<ComplianceRow>,
    /// By currency, falling cost, resource, then all that is left.
    pub violations: Vec<Violation>,
}

/// What a row of compliance is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everything.
    Overall,
    /// One `ProviderName`.
    Provider,
    /// One `SubAccountId`.
    Account,
    /// One `ServiceName`.
    Service,
    /// One team.
    Team,
}

/// One tag in one month, scope and currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComplianceRow {
    /// Billing month, `2026-10`.
    pub month: String,
    /// What the row is about.
    pub scope: Scope,
    /// The provider, account, service or team; `(all)` overall.
    pub scope_value: String,
    /// The key as the policy has it, or [`ALL_TAGS`].
    pub tag: String,
    /// Resources that the rule speaks about, each counted once.
    pub resources: u64,
    /// Those of them whose every charge is valid.
    pub compliant_resources: u64,
    /// Cost under an accepted key and value (or, for a forbidden key, without it).
    pub valid_cost: Money,
    /// Cost under a wrong value, a variant of the key, or a forbidden key.
    pub invalid_cost: Money,
    /// Cost without the key, or with a blank value.
    pub missing_cost: Money,
    /// Cost that cannot carry tags: tax, support, credits, charges without a resource.
    pub untaggable_cost: Money,
    /// Wanted share of cost, in hundredths of a percent.
    pub target: Option<i64>,
    /// Currency of the four amounts.
    pub currency: String,
}

/// How one charge stands to one tag, from light to weighty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// No rule speaks about it.
    Outside,
    Untaggable,
    Valid,
    Invalid,
    Missing,
}

/// A charge with what was found out about it.
struct Judged<'a> {
    charge: &'a TaggedCharge,
    /// Which resource of all; `None` where the charge is untaggable.
    resource: Option<usize>,
    /// Which of the judged tag maps.
    tags: usize,
    /// Which of the places: month, currency and the value of every scope.
    place: usize,
    /// One per rule, then one for all required tags.
    standings: Vec<Standing>,
}

/// Judges every charge by the policy.
///
/// Resources are told apart by provider, sub-account and normalised id. A rule with a scope leaves the cost
/// outside of it out of its rows; overall, every tag has a row even where it met no charge.
pub fn compliance(charges: &[TaggedCharge], policy: &TagPolicy) -> Compliance {
    let Judgement {
        judged,
        findings,
        places,
    } = judge_all(charges, policy);
    let mut rows: Vec<ComplianceRow> = Scope::ALL
        .iter()
        .flat_map(|&scope| tally::rows(&judged, &places, policy, scope))
        .collect();
    // Stable: within a group the tags keep the order of the policy.
    rows.sort_by(|a, b| a.group().cmp(&b.group()));
    Compliance {
        rows,
        violations: violation::violations(&judged, &findings, policy),
    }
}

impl Scope {
    /// Every scope, in the order of the report.
    pub const ALL: [Scope; 5] = [
        Scope::Overall,
        Scope::Provider,
        Scope::Account,
        Scope::Service,
        Scope::Team,
    ];

    /// Its name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Overall => "overall",
            Scope::Provider => "provider",
            Scope::Account => "account",
            Scope::Service => "service",
            Scope::Team => "team",
        }
    }

    fn value(self, charge: &TaggedCharge) -> &str {
        match self {
            Scope::Overall => "(all)",
            Scope::Provider => &charge.provider,
            Scope::Account => &charge.sub_account,
            Scope::Service => &charge.service,
            Scope::Team if charge.team.is_empty() => "(untagged)",
            Scope::Team => &charge.team,
        }
    }
}

impl ComplianceRow {
    /// Cost that can carry the tag: valid, invalid and missing together.
    pub fn taggable_cost(&self) -> Money {
        self.valid_cost + self.invalid_cost + self.missing_cost
    }

    /// Compliant share of the resources, in hundredths of a percent; `None` of no resources.
    pub fn compliance_pct(&self) -> Option<i64> {
        let count = |resources: u64| Money::from_units(i128::from(resources));
        ratio(count(self.compliant_resources), count(self.resources))
    }

    /// Valid share of the taggable cost, in hundredths of a percent; `None` where nothing is taggable.
    pub fn cost_compliance_pct(&self) -> Option<i64> {
        ratio(self.valid_cost, self.taggable_cost())
    }

    fn group(&self) -> (&str, Scope, &str, &str) {
        (&self.month, self.scope, &self.scope_value, &self.currency)
    }
}

/// Everything found out about the charges.
struct Judgement<'a> {
    /// By resource.
    judged: Vec<Judged<'a>>,
    /// Per judged tag map, then per rule.
    findings: Vec<Vec<Finding<'a>>>,
    /// The first charge of each place.
    places: Vec<&'a TaggedCharge>,
}

fn judge_all<'a>(charges: &'a [TaggedCharge], policy: &'a TagPolicy) -> Judgement<'a> {
    let mut judge = Judge::new(policy);
    let mut places = Vec::new();
    let mut judged = Vec::with_capacity(charges.len());
    let (mut seen, mut known) = (HashMap::with_capacity(charges.len() / 4), HashMap::new());
    let mut resources = Resources::default();
    resources.written.reserve(charges.len() / 2);
    for charge in charges {
        let tags = *seen
            .entry(Arc::as_ptr(&charge.tags))
            .or_insert_with(|| judge.judge(&charge.tags));
        let resource = taggable(charge).then(|| resources.number(charge));
        let place = *known.entry(place(charge)).or_insert_with(|| {
            places.push(charge);
            places.len() - 1
        });
        let standings = standings(charge, judge.at(tags), policy, resource.is_some());
        judged.push(Judged {
            charge,
            resource,
            tags,
            place,
            standings,
        });
    }
    judged.sort_by_key(|judged| judged.resource);
    Judgement {
        judged,
        findings: judge.findings(),
        places,
    }
}

/// Numbers for resources: by provider, sub-account and id, first as written, then normalised.
#[derive(Default)]
struct Resources<'a> {
    written: HashMap<[&'a str; 3], usize>,
    normalised: HashMap<(&'a str, &'a str, String), usize>,
}

impl<'a> Resources<'a> {
    fn number(&mut self, charge: &'a TaggedCharge) -> usize {
        let TaggedCharge {
            provider,
            sub_account,
            resource_id,
            ..
        } = charge;
        *self
            .written
            .entry([provider, sub_account, resource_id])
            .or_insert_with(|| {
                let next = self.normalised.len();
                *self
                    .normalised
                    .entry((provider, sub_account, key(resource_id)))
                    .or_insert(next)
            })
    }
}

/// All that decides to which rows a charge belongs.
fn place(charge: &TaggedCharge) -> [&str; 6] {
    let TaggedCharge {
        month,
        provider,
        sub_account,
        service,
        currency,
        team,
        ..
    } = charge;
    [month, provider, sub_account, service, currency, team]
}

/// Only usage of a resource can carry tags. Some exports write the category in lower case.
pub(crate) fn taggable(charge: &TaggedCharge) -> bool {
    charge.charge_category.eq_ignore_ascii_case("usage") && !charge.resource_id.trim().is_empty()
}

fn standings(
    charge: &TaggedCharge,
    findings: &[Finding],
    policy: &TagPolicy,
    taggable: bool,
) -> Vec<Standing> {
    let mut standings = Vec::with_capacity(findings.len() + 1);
    let mut all = Standing::Outside;
    for (rule, finding) in policy.rules().iter().zip(findings) {
        let within = rule.applies_to.covers(
            &charge.provider,
            &charge.service,
            &charge.resource_type,
            &charge.sub_account,
        );
        let standing = match (within, taggable) {
            (false, _) => Standing::Outside,
            (true, false) => Standing::Untaggable,
            (true, true) => finding.standing,
        };
        if rule.demand == Demand::Required {
            all = all.and(standing);
        }
        standings.push(standing);
    }
    standings.push(all);
    standings
}

impl Standing {
    /// Both together: missing outweighs invalid, and both outweigh valid.
    fn and(self, other: Standing) -> Standing {
        self.max(other)
    }

    fn is_taggable(self) -> bool {
        matches!(
            self,
            Standing::Valid | Standing::Invalid | Standing::Missing
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// A charge of a resource of Amazon EC2; tags as `key=value`, by `;`.
    pub(super) fn charge(account: &str, resource: &str, tags: &str, cost: &str) -> TaggedCharge {
        let pairs = tags.split(';').filter_map(|pair| pair.split_once('='));
        TaggedCharge {
            month: "2026-10".to_owned(),
            provider: "AWS".to_owned(),
            sub_account: account.to_owned(),
            service: "Amazon EC2".to_owned(),
            region: "eu-west-1".to_owned(),
            resource_id: resource.to_owned(),
            resource_type: "ec2:instance".to_owned(),
            charge_category: "Usage".to_owned(),
            tags: Arc::new(pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).collect()),
            currency: "USD".to_owned(),
            cost: Money::parse(cost.as_bytes()).unwrap(),
            team: String::new(),
        }
    }

    pub(super) fn policy(text: &str) -> TagPolicy {
        TagPolicy::parse(text, Path::new("tags.toml")).unwrap()
    }

    #[test]
    fn only_usage_of_a_resource_is_taggable() {
        let usage = charge("1", "i-1", "", "1");
        assert!(taggable(&usage));
        assert!(taggable(&TaggedCharge {
            charge_category: "usage".to_owned(),
            ..usage.clone()
        }));
        assert!(!taggable(&TaggedCharge {
            resource_id: " ".to_owned(),
            ..usage.clone()
        }));
        for category in ["Tax", "Credit", "Purchase", "Adjustment", ""] {
            assert!(!taggable(&TaggedCharge {
                charge_category: category.to_owned(),
                ..usage.clone()
            }));
        }
    }

    #[test]
    fn missing_outweighs_invalid_outweighs_valid() {
        assert_eq!(Standing::Valid.and(Standing::Invalid), Standing::Invalid);
        assert_eq!(Standing::Missing.and(Standing::Invalid), Standing::Missing);
        assert_eq!(Standing::Outside.and(Standing::Valid), Standing::Valid);
        assert_eq!(Standing::Outside.and(Standing::Outside), Standing::Outside);
    }
}
