//! Tag compliance by count and by money, and the violations behind it.
//!
//! Every charge that a rule of the policy speaks about is valid, invalid, missing, exempt or untaggable for that
//! tag; the first three add up to the taggable cost exactly. Amounts of two currencies never meet. A value is
//! never altered here: a variant is invalid until the policy accepts it as an alias.

mod exempted;
mod inherited;
mod judge;
mod judgement;
mod latest;
mod lift;
mod tally;
mod variant;
mod violation;

use crate::money::{Money, ratio};
use crate::period::Month;
/// The tag of the rows that ask whether every required tag of a resource is valid.
pub use crate::policy::ALL_TAGS;
use crate::policy::{Named, TagPolicy, TagRule, TargetScope};
use crate::resource::{Resource, kind};
use chrono::NaiveDate;
pub use exempted::{Exempted, Status};
pub use inherited::Inherited;
pub(crate) use judgement::taggable;
use judgement::{Judged, Judgement, Standing};
pub(crate) use latest::Latest;
pub use lift::{Lift, LiftScope};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
pub use violation::{Basis, Kind, Violation};

/// What one resource (or none) cost in a month, with the tags it was billed under.
#[derive(Clone, Debug)]
pub struct TaggedCharge {
    /// Billing month, `2026-10`.
    pub month: String,
    /// FOCUS `ProviderName`.
    pub provider: String,
    /// FOCUS `BillingAccountId`.
    pub billing_account: String,
    /// FOCUS `SubAccountId`.
    pub sub_account: String,
    /// FOCUS `ServiceCategory`.
    pub service_category: String,
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
    /// The environment it is shown under; empty is shown as `(untagged)`.
    pub environment: String,
}

impl TaggedCharge {
    /// The names that the scope of a rule looks at; `kind` is what [`crate::resource::kind`] says of its id.
    pub(crate) fn named<'c>(&'c self, kind: Option<&'c str>) -> Named<'c> {
        Named {
            provider: &self.provider,
            service: &self.service,
            resource_type: &self.resource_type,
            kind: kind.unwrap_or_default(),
            account: &self.sub_account,
            environment: owned(&self.environment),
        }
    }

    /// True where this rule, and none before it of the same tag, speaks about the charge.
    pub(crate) fn is_judged_by(&self, rule: &TagRule, policy: &TagPolicy) -> bool {
        policy.speaks(rule, &self.named(kind(&self.resource_id).as_deref()))
    }
}

/// What is known beside the charges.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// The day on which exemptions are looked at.
    pub today: NaiveDate,
    /// The inventory, whose tags stand in where the policy says so.
    pub resources: &'a [Resource],
}

/// The whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compliance {
    /// By month, scope, scope value, currency, then tags in the order of the policy and [`ALL_TAGS`] last.
    pub rows: Vec<ComplianceRow>,
    /// By currency, falling cost, resource, then all that is left.
    pub violations: Vec<Violation>,
    /// What was inherited, by month, currency, tag and source.
    pub inherited: Vec<Inherited>,
    /// What the exemptions cover, in the order of the policy.
    pub exempted: Vec<Exempted>,
    /// What would lift compliance most.
    pub lifts: Vec<Lift>,
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
    /// One environment.
    Environment,
}

/// One tag in one month, scope and currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComplianceRow {
    /// Billing month, `2026-10`.
    pub month: String,
    /// What the row is about.
    pub scope: Scope,
    /// The provider, account, service, team or environment; `(all)` overall.
    pub scope_value: String,
    /// The key as the policy has it, or [`ALL_TAGS`].
    pub tag: String,
    /// Resources that the rule speaks about, each counted once.
    pub resources: u64,
    /// Those of them whose every charge is valid.
    pub compliant_resources: u64,
    /// Cost under an accepted key and value (or, for a forbidden key, without it), inherited ones included.
    pub valid_cost: Money,
    /// The part of it whose value is inherited.
    pub inherited_cost: Money,
    /// Cost under a wrong value, a variant of the key, or a forbidden key.
    pub invalid_cost: Money,
    /// Cost without the key, or with a blank value.
    pub missing_cost: Money,
    /// Cost that cannot carry tags: tax, support, credits, charges without a resource.
    pub untaggable_cost: Money,
    /// Cost that would be invalid or missing and is exempt.
    pub exempt_cost: Money,
    /// Wanted share of cost, in hundredths of a percent.
    pub target: Option<i64>,
    /// Change of the cost compliance against the month before, in hundredths of a percentage point.
    pub change: Option<i64>,
    /// Currency of the amounts.
    pub currency: String,
}

/// Judges every charge by the policy.
///
/// Resources are told apart by provider, sub-account and normalised id. A rule with a scope leaves the cost
/// outside of it out of its rows; overall, every tag has a row even where it met no charge.
pub fn compliance(charges: &[TaggedCharge], policy: &TagPolicy, known: &Known) -> Compliance {
    let judgement = Judgement::of(charges, policy, known);
    let mut rows: Vec<ComplianceRow> = Scope::ALL
        .iter()
        .flat_map(|&scope| tally::rows(&judgement, policy, scope))
        .collect();
    // Stable: within a group the tags keep the order of the policy.
    rows.sort_by(|a, b| a.group().cmp(&b.group()));
    compare_months(&mut rows);
    Compliance {
        violations: violation::violations(&judgement, policy),
        inherited: inherited::inherited(&judgement, policy),
        exempted: exempted::exempted(&judgement, policy, known.today),
        lifts: lift::lifts(&rows, &judgement, policy),
        rows,
    }
}

/// The change of every row against the same one of the month before, where both have a share.
fn compare_months(rows: &mut [ComplianceRow]) {
    let same = |row: &ComplianceRow, month: String| {
        let [value, tag, currency] = [&row.scope_value, &row.tag, &row.currency].map(String::clone);
        (month, row.scope, value, tag, currency)
    };
    let shares: HashMap<_, i64> = rows
        .iter()
        .filter_map(|row| Some((same(row, row.month.clone()), row.cost_compliance_pct()?)))
        .collect();
    for row in rows {
        let before = Month::parse(&row.month).map(|month| month.previous().to_string());
        let before = before.and_then(|month| shares.get(&same(row, month)));
        let share = row.cost_compliance_pct();
        row.change = before.and_then(|before| Some(share? - before));
    }
}

impl Scope {
    /// Every scope, in the order of the report.
    pub const ALL: [Scope; 6] = [
        Scope::Overall,
        Scope::Provider,
        Scope::Account,
        Scope::Service,
        Scope::Team,
        Scope::Environment,
    ];

    /// Its name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Overall => "overall",
            Scope::Provider => "provider",
            Scope::Account => "account",
            Scope::Service => "service",
            Scope::Team => "team",
            Scope::Environment => "environment",
        }
    }

    fn value(self, charge: &TaggedCharge) -> &str {
        match self {
            Scope::Overall => "(all)",
            Scope::Provider => &charge.provider,
            Scope::Account => &charge.sub_account,
            Scope::Service => &charge.service,
            Scope::Team => owned(&charge.team),
            Scope::Environment => owned(&charge.environment),
        }
    }

    /// The same as a policy's target names it; the whole bill has the policy's own targets.
    fn of_target(self) -> Option<TargetScope> {
        match self {
            Scope::Overall => None,
            Scope::Provider => Some(TargetScope::Provider),
            Scope::Account => Some(TargetScope::Account),
            Scope::Service => Some(TargetScope::Service),
            Scope::Team => Some(TargetScope::Team),
            Scope::Environment => Some(TargetScope::Environment),
        }
    }
}

/// A charge that nobody owns is shown as such.
fn owned(name: &str) -> &str {
    if name.is_empty() { "(untagged)" } else { name }
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

    /// Valid share of the taggable cost, in hundredths of a percent; `None` where nothing is taggable, and
    /// where one of the three parts is negative (refunds, discounts on their own lines): of such a sum there
    /// are no shares between nothing and all.
    pub fn cost_compliance_pct(&self) -> Option<i64> {
        let parts = [self.valid_cost, self.invalid_cost, self.missing_cost];
        let sound = parts.iter().all(|part| *part >= Money::ZERO);
        sound.then(|| ratio(self.valid_cost, self.taggable_cost()))?
    }

    /// Cost that fails the policy.
    pub fn failing_cost(&self) -> Money {
        self.invalid_cost + self.missing_cost
    }

    fn group(&self) -> (&str, Scope, &str, &str) {
        (&self.month, self.scope, &self.scope_value, &self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Judged on the first day of December, with no inventory.
    pub(super) fn judged(charges: &[TaggedCharge], policy: &TagPolicy) -> Compliance {
        let known = Known {
            today: NaiveDate::from_ymd_opt(2026, 12, 1).unwrap(),
            resources: &[],
        };
        compliance(charges, policy, &known)
    }

    /// A charge of a resource of Amazon EC2; tags as `key=value`, by `;`.
    pub(super) fn charge(account: &str, resource: &str, tags: &str, cost: &str) -> TaggedCharge {
        let pairs = tags.split(';').filter_map(|pair| pair.split_once('='));
        TaggedCharge {
            month: "2026-10".to_owned(),
            provider: "AWS".to_owned(),
            billing_account: "9".to_owned(),
            service_category: "Compute".to_owned(),
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
            environment: String::new(),
        }
    }

    pub(super) fn policy(text: &str) -> TagPolicy {
        TagPolicy::parse(text, Path::new("tags.toml")).unwrap()
    }

    #[test]
    fn a_share_is_compared_with_the_month_before() {
        let policy = policy("[[tag]]\nkey = \"team\"");
        let month = |month: &str, charge| TaggedCharge {
            month: month.to_owned(),
            ..charge
        };
        let charges = [
            month("2026-08", charge("1", "i-1", "team=a", "1")),
            month("2026-09", charge("1", "i-1", "team=a", "3")),
            month("2026-09", charge("1", "i-2", "", "1")),
            month("2026-11", charge("1", "i-2", "", "1")),
        ];
        let rows = judged(&charges, &policy).rows;
        let overall = rows
            .iter()
            .filter(|row| row.scope == Scope::Overall && row.tag == "team");
        let changes: Vec<Option<i64>> = overall.map(|row| row.change).collect();
        assert_eq!(changes, [None, Some(-2_500), None], "October is not there");
    }

    #[test]
    fn of_negative_parts_there_is_no_share() {
        let policy = policy("[[tag]]\nkey = \"team\"");
        let share = |missing: &str| {
            let charges = [
                charge("1", "i-1", "team=a", "10"),
                charge("1", "i-2", "", missing),
            ];
            judged(&charges, &policy).rows[0].cost_compliance_pct()
        };
        assert_eq!(share("10"), Some(5_000));
        assert_eq!(share("0"), Some(10_000));
        assert_eq!(share("-2"), None, "125 % is no share");
    }
}
