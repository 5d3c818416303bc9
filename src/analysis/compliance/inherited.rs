//! Values that stand in for missing tags, and what they stood in for. A value that its rule does not accept
//! stands in for nothing.

use super::TaggedCharge;
use super::judgement::{Judgement, Why};
use crate::money::Money;
use crate::policy::{Origin, TagPolicy};
use crate::resource::{Resource, account_key, key, resource_group};
use std::collections::{BTreeMap, HashMap};

/// Tags by which cost allocation names the Kubernetes namespace of a charge: AWS split cost allocation data
/// (<https://docs.aws.amazon.com/cur/latest/userguide/split-cost-allocation-data.html>), in both spellings of
/// its exports, and GKE cost allocation (<https://cloud.google.com/kubernetes-engine/docs/how-to/cost-allocations>).
const NAMESPACE_TAGS: [&str; 3] = ["aws:eks:namespace", "aws:eks_namespace", "k8s-namespace"];

/// What was inherited from one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inherited {
    /// Billing month, `2026-10`.
    pub month: String,
    /// The key as the policy has it.
    pub tag: String,
    /// Where the value comes from.
    pub from: Origin,
    /// The account, resource group or namespace; the tag's key in the inventory.
    pub from_value: String,
    /// The value, in the policy's spelling.
    pub value: String,
    /// Resources that inherited it, each counted once.
    pub resources: u64,
    /// Their cost without the tag.
    pub cost: Money,
    /// Currency of the cost.
    pub currency: String,
}

/// Where missing values are looked for.
pub(super) struct Sources<'a> {
    /// Tags of the inventory by sub-account (empty where it names none) and normalised id.
    inventory: HashMap<(String, String), &'a BTreeMap<String, String>>,
}

impl<'a> Sources<'a> {
    pub(super) fn new(policy: &TagPolicy, resources: &'a [Resource]) -> Sources<'a> {
        let asked = policy
            .inherits()
            .iter()
            .any(|inherit| inherit.from == Origin::Inventory);
        let listed = resources.iter().filter(|_| asked);
        let tags = |one: &'a Resource| ((account_key(&one.sub_account), key(&one.id)), &one.tags);
        Sources {
            inventory: listed.map(tags).collect(),
        }
    }

    /// The first value that the policy lets a charge inherit and that the rule accepts.
    pub(super) fn value(
        &self,
        charge: &'a TaggedCharge,
        policy: &'a TagPolicy,
        rule: usize,
    ) -> Option<Why<'a>> {
        let speaks = &policy.rules()[rule];
        let tables = policy.inherits().iter().enumerate();
        let mut own = tables.filter(|(_, inherit)| inherit.tag == speaks.key);
        own.find_map(|(at, inherit)| {
            let (name, value) = match inherit.from {
                Origin::Account => inherit.value_of(&charge.sub_account)?,
                Origin::ResourceGroup => inherit.value_of(resource_group(&charge.resource_id)?)?,
                Origin::Namespace => inherit.value_of(namespace(charge)?)?,
                Origin::Inventory => {
                    let tags = self.tags(charge)?;
                    let written = |key| Some((key, tags.get(key)?.as_str()));
                    let mut known = speaks.names().filter_map(written);
                    known.find(|(_, value)| !value.trim().is_empty())?
                }
            };
            Some(Why::Inherited(at, name, speaks.accepts(value)?))
        })
    }

    fn tags(&self, charge: &TaggedCharge) -> Option<&'a BTreeMap<String, String>> {
        if self.inventory.is_empty() {
            return None;
        }
        let id = key(&charge.resource_id);
        let account = account_key(&charge.sub_account);
        let own = self.inventory.get(&(account, id.clone()));
        own.or_else(|| self.inventory.get(&(String::new(), id)))
            .copied()
    }
}

fn namespace(charge: &TaggedCharge) -> Option<&str> {
    let mut written = NAMESPACE_TAGS
        .iter()
        .filter_map(|key| charge.tags.get(*key));
    written
        .find(|value| !value.trim().is_empty())
        .map(String::as_str)
}

/// Everything that was inherited, by month, currency, tag, source, its name and the value.
pub(super) fn inherited(judgement: &Judgement, policy: &TagPolicy) -> Vec<Inherited> {
    let mut sums: BTreeMap<_, (Money, u64, Option<usize>)> = BTreeMap::new();
    for judged in &judgement.judged {
        for mark in &judged.marks {
            let Why::Inherited(at, name, value) = mark.why else {
                continue;
            };
            let inherit = &policy.inherits()[at];
            let place = (&judged.charge.month, &judged.charge.currency);
            let entry = sums.entry((place, inherit.tag.as_str(), inherit.from, name, value));
            let (cost, resources, last) = entry.or_default();
            *cost += judged.charge.cost;
            // Charges come by resource, so each is counted when it is first met.
            *resources += u64::from(*last != judged.resource);
            *last = judged.resource;
        }
    }
    sums.into_iter()
        .map(
            |(((month, currency), tag, from, name, value), (cost, resources, _))| Inherited {
                month: month.clone(),
                tag: tag.to_owned(),
                from,
                from_value: name.to_owned(),
                value: value.to_owned(),
                resources,
                cost,
                currency: currency.clone(),
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{charge, judged, policy};
    use super::super::{Known, compliance};
    use super::*;

    fn money(text: &str) -> Money {
        Money::parse(text.as_bytes()).unwrap()
    }

    const POLICY: &str = r#"
        [[tag]]
        key = "team"
        aliases = ["squad"]
        values = ["data", "web"]
        value_aliases = { "dwh" = "data" }
        [[inherit]]
        tag = "team"
        from = "inventory"
        [[inherit]]
        tag = "team"
        from = "namespace"
        values = { "shop" = "web" }
        [[inherit]]
        tag = "team"
        from = "resource-group"
        values = { "RG-Shop" = "web" }
        [[inherit]]
        tag = "team"
        from = "account"
        values = { "1" = "dwh" }
    "#;

    fn listed(found: &[Inherited]) -> Vec<String> {
        let text = |one: &Inherited| {
            let from = one.from.name();
            format!(
                "{from} {} {} {} {}",
                one.from_value, one.value, one.resources, one.cost
            )
        };
        found.iter().map(text).collect()
    }

    #[test]
    fn every_source_stands_in_for_a_missing_tag() {
        let charges = [
            charge("1", "i-1", "", "1"),
            charge("1", "i-1", "", "0.5"),
            charge("1", "i-2", "team=sales", "2"),
            charge("1", "i-3", "Team=data", "4"),
            charge(
                "2",
                "/subscriptions/2/resourceGroups/rg-shop/x/y/z",
                "",
                "8",
            ),
            charge("2", "pod", "k8s-namespace=Shop", "16"),
            charge("2", "i-9", "", "32"),
        ];
        let found = judged(&charges, &policy(POLICY));
        assert_eq!(
            listed(&found.inherited),
            [
                "account 1 data 1 1.50",
                "resource-group RG-Shop web 1 8.00",
                "namespace shop web 1 16.00"
            ]
        );
        let row = &found.rows[0];
        assert_eq!(
            (row.valid_cost, row.inherited_cost),
            (money("25.5"), money("25.5"))
        );
        assert_eq!(
            (row.invalid_cost, row.missing_cost),
            (money("6"), money("32"))
        );
        assert_eq!((row.resources, row.compliant_resources), (6, 3));
        let listed: Vec<&str> = found
            .violations
            .iter()
            .map(|v| v.resource_id.as_str())
            .collect();
        assert_eq!(
            listed,
            ["i-9", "i-3", "i-2"],
            "what is inherited is no violation"
        );
    }

    #[test]
    fn an_inventory_s_tag_counts_where_the_rule_accepts_it() {
        let entry = |id: &str, account: &str, team: &str| Resource {
            id: id.to_owned(),
            sub_account: account.to_owned(),
            tags: [("squad".to_owned(), team.to_owned())].into(),
            ..Resource::default()
        };
        let resources = [
            entry("arn:aws:ec2:eu-west-1:2:instance/i-1", "2", "web"),
            entry("i-2", "", "dwh"),
            entry("i-3", "2", "sales"),
            entry("i-4", "7", "web"),
        ];
        let charges = ["i-1", "I-2", "i-3", "i-4"].map(|id| charge("2", id, "", "1"));
        let known = Known {
            resources: &resources,
            ..Known::default()
        };
        let found = compliance(&charges, &policy(POLICY), &known);
        assert_eq!(
            listed(&found.inherited),
            ["inventory squad data 1 1.00", "inventory squad web 1 1.00"]
        );
        assert_eq!(
            found.rows[0].missing_cost,
            money("2"),
            "sales is no value, i-4 is another account's"
        );
    }
}
