//! From the night to what rightsizing judges: each resource with its series, its cost, its owner and the policy of
//! its scope. Judges nothing itself.

mod databases;
mod disks;
mod google;
mod groups;
mod months;
mod since;
mod workloads;

pub(super) use google::bills as google;
pub(super) use groups::group_of;

use super::machines::Prices;
use super::night::Night;
use super::plan::Plan;
use crate::analysis::catalogue::{Arch, Limits};
use crate::analysis::finding::{Kind, Verdict};
use crate::analysis::fit::Headroom;
use crate::analysis::rightsizing::{Machine, Policy};
use crate::condition::Condition;
use crate::config::{Rightsizing, Scope};
use crate::error::Result;
use crate::money::Money;
use crate::policy::OwnerNames;
use crate::resource::{Known, Resource, Usage, key};
use crate::tags::first_value;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// Everything that judgements look at.
pub(super) struct View<'a> {
    night: &'a Night,
    plan: &'a Plan,
    pub(super) prices: Prices,
    policies: Policies,
    teams: OwnerNames<'a>,
    environments: OwnerNames<'a>,
    centres: OwnerNames<'a>,
    /// First whole day of the current type, of resources that were billed as another one before.
    since: BTreeMap<String, NaiveDate>,
    none: BTreeMap<String, Money>,
}

impl<'a> View<'a> {
    pub(super) fn new(
        night: &'a Night,
        plan: &'a Plan,
        known: &Known,
        prices: Prices,
    ) -> Result<View<'a>> {
        let keys = &plan.owner_keys;
        Ok(View {
            night,
            plan,
            prices,
            policies: Policies::of(&plan.config.rightsizing, plan.today)?,
            teams: plan.policy.owner(&keys.team),
            environments: plan.policy.owner(&keys.environment),
            centres: plan.policy.owner(&keys.cost_center),
            since: since::resized(night, known)?,
            none: BTreeMap::new(),
        })
    }

    /// A machine with all that is known about it.
    pub(super) fn machine(&'a self, resource: &'a Resource) -> Machine<'a> {
        let key = key(&resource.id);
        let own_type = resource.machine_type.as_deref().unwrap_or_default();
        let place = self.prices.place.get(&key);
        let rates = place.and_then(|place| self.prices.rates.get(place));
        Machine {
            resource,
            team: self.team(resource),
            usage: series_of(&self.night.usage, &key),
            since: self.since.get(&key).copied(),
            bill: self.prices.bills.get(&(key, own_type.to_lowercase())),
            rates: rates.unwrap_or(&self.none),
        }
    }

    /// The team of a resource, empty where unknown.
    fn team(&'a self, resource: &'a Resource) -> &'a str {
        owner(&self.teams, resource, &self.plan.owner_keys.team)
    }

    /// The policy of the first scope that names a resource.
    pub(super) fn policy(&self, resource: &Resource, kind: Kind) -> &Policy {
        let kind = kind.to_string();
        let keys = &self.plan.owner_keys;
        let value = |column: &str| match column {
            "ProviderName" => Some(resource.provider.as_str()),
            "SubAccountId" => Some(resource.sub_account.as_str()),
            "RegionId" => Some(resource.region.as_str()),
            "ResourceId" => Some(resource.id.as_str()),
            "Kind" => Some(kind.as_str()),
            "Team" => Some(owner(&self.teams, resource, &keys.team)),
            "Environment" => Some(owner(&self.environments, resource, &keys.environment)),
            "CostCenter" => Some(owner(&self.centres, resource, &keys.cost_center)),
            tag => tag
                .strip_prefix("tag:")
                .and_then(|key| resource.tags.get(key))
                .map(String::as_str),
        };
        self.policies.pick(value)
    }

    /// The series of a resource, by its key.
    fn series(&self, key: &str) -> &[Usage] {
        series_of(&self.night.usage, key)
    }

    /// Verdicts on all that is no machine of its own.
    pub(super) fn others(&self, known: &Known) -> Result<Vec<Verdict>> {
        let mut verdicts = groups::judged(self);
        verdicts.extend(databases::judged(self, known)?);
        verdicts.extend(disks::judged(self, known)?);
        verdicts.extend(workloads::judged(self));
        Ok(verdicts)
    }
}

/// An owner as the tag policy spells it.
fn owner<'s>(names: &'s OwnerNames<'_>, resource: &'s Resource, keys: &[String]) -> &'s str {
    let written = first_value(&resource.tags, keys);
    names
        .name(&resource.sub_account, written)
        .unwrap_or_default()
}

/// The series of one resource, among those of all by resource.
fn series_of<'a>(usage: &'a [Usage], key: &str) -> &'a [Usage] {
    let from = usage.partition_point(|series| series.resource.as_str() < key);
    let until = usage[from..].partition_point(|series| series.resource == key);
    &usage[from..from + until]
}

/// Virtual machines only: disks and databases have types too, and methods of their own.
pub(super) fn is_machine(resource: &Resource) -> bool {
    let kind = resource.kind.to_lowercase();
    let machine = kind.is_empty() || kind.contains("virtualmachine") || kind.ends_with("instance");
    let database = ["rds", "db", "sql"].iter().any(|word| kind.contains(word));
    let other = database || kind.ends_with("scalesets");
    resource.machine_type.is_some() && machine && !other
}

/// How resources are judged: by the first scope that matches, else by what holds for all.
struct Policies {
    scopes: Vec<(Condition, Policy)>,
    all: Policy,
}

impl Policies {
    fn of(rules: &Rightsizing, today: NaiveDate) -> Result<Policies> {
        let all = policy(rules, &Scope::default(), today);
        let scope = |scope: &Scope| Ok((scope.condition()?, policy(rules, scope, today)));
        let scopes = rules.scopes.iter().map(scope).collect::<Result<_>>()?;
        Ok(Policies { scopes, all })
    }

    fn pick<'b>(&self, value: impl Fn(&str) -> Option<&'b str>) -> &Policy {
        let mut scopes = self.scopes.iter();
        let found = scopes.find(|(condition, _)| condition.holds(&value));
        found.map_or(&self.all, |(_, policy)| policy)
    }
}

fn policy(rules: &Rightsizing, scope: &Scope, today: NaiveDate) -> Policy {
    let preset = scope.preset.unwrap_or(rules.preset);
    let own = |own: &Option<Vec<String>>, all: &Vec<String>| own.as_ref().unwrap_or(all).clone();
    let chosen = scope.architectures.as_ref();
    let architectures = chosen.unwrap_or(&rules.architectures).clone();
    let room = preset.headroom();
    Policy {
        headroom: Headroom {
            cpu: scope.headroom.unwrap_or(room.cpu),
            memory: scope.headroom.unwrap_or(room.memory),
            ..room
        },
        cluster_headroom: scope.cluster_headroom.unwrap_or(rules.cluster_headroom),
        modernise: scope.modernise.unwrap_or(rules.modernise),
        arm: scope.arm.unwrap_or(rules.arm) || architectures.contains(&Arch::Arm),
        limits: Limits {
            include: own(&scope.include_families, &rules.include_families),
            exclude: own(&scope.exclude_families, &rules.exclude_families),
            architectures,
            min_generation: scope.min_generation.unwrap_or(rules.min_generation),
        },
        ..Policy::on(today, preset)
    }
}
