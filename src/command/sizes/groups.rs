//! Machines of one group put together, with what an inventory says about the group itself.

use super::{View, is_machine};
use crate::analysis::finding::{Kind, Verdict};
use crate::analysis::rightsizing::group::{Group, judge};
use crate::analysis::rightsizing::passed_over;
use crate::resource::{Resource, account_key, key};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Provider, account, region and name of a group.
type Place<'a> = [&'a str; 4];

/// Tags and labels that nodes of a cluster carry, by how their keys begin.
const CLUSTER: [&str; 8] = [
    "kubernetes.io/cluster/",
    "k8s.io/cluster",
    "eks:",
    "alpha.eksctl.io/",
    "karpenter.sh/",
    "aks-managed-",
    "goog-k8s-",
    "node.kubernetes.io/",
];

/// The group that each machine belongs to, by its own word or by that of a group that lists it.
pub(in crate::command) fn group_of<'a>(resources: &'a [Resource]) -> BTreeMap<String, &'a str> {
    let mut groups: BTreeMap<String, &'a str> = BTreeMap::new();
    for resource in resources.iter().filter(|one| is_group(one)) {
        for member in resource.traits.attached_to.iter().flatten() {
            groups.insert(key(member), name_of(resource));
        }
    }
    for resource in resources {
        let own = resource.group.as_deref().filter(|group| !group.is_empty());
        if let Some(group) = own {
            groups.insert(key(&resource.id), group);
        }
    }
    groups
}

/// Verdicts on all groups and a word on each member.
pub(super) fn judged(view: &View) -> Vec<Verdict> {
    let resources = &view.night.resources;
    let of = group_of(resources);
    let mut groups: BTreeMap<Place, Vec<&Resource>> = BTreeMap::new();
    for resource in resources.iter().filter(|resource| is_machine(resource)) {
        if let Some(name) = of.get(&key(&resource.id)) {
            let place = [&resource.provider, &resource.sub_account, &resource.region];
            let [provider, account, region] = place.map(String::as_str);
            let members = groups.entry([provider, account, region, name]).or_default();
            members.push(resource);
        }
    }
    let groups: Vec<_> = groups.into_iter().collect();
    let mut verdicts: Vec<Verdict> = groups
        .par_iter()
        .flat_map(|(place, members)| {
            let group = group(view, *place, members);
            judge(&group, view.policy(members[0], Kind::Group))
        })
        .collect();
    let found: BTreeSet<&str> = groups.iter().map(|(place, _)| place[3]).collect();
    let lonely = |one: &&Resource| is_group(one) && !found.contains(name_of(one));
    let reason = "none of its members is in the inventory: there is nothing to judge it by";
    let without = resources.iter().filter(lonely);
    verdicts.extend(without.map(|one| passed_over(one, Kind::Group, reason.to_owned())));
    verdicts
}

fn group<'a>(view: &'a View, place: Place<'a>, members: &[&'a Resource]) -> Group<'a> {
    let [_, account, region, name] = place;
    let listed = view.night.resources.iter().find(|resource| {
        let near = |own: &str, place: &str| own.is_empty() || own == place;
        is_group(resource)
            && name_of(resource) == name
            && near(&account_key(&resource.sub_account), &account_key(account))
            && near(&resource.region, region)
    });
    Group {
        id: listed.map_or(name.to_owned(), |one| one.id.clone()),
        name,
        team: view.team(members[0]),
        members: members.iter().map(|one| view.machine(one)).collect(),
        limits: listed.and_then(|one| one.traits.members),
        is_cluster: members.iter().all(|one| in_cluster(one)),
    }
}

/// The name that members know their group by: a tag `Name` may call it otherwise.
fn name_of(group: &Resource) -> &str {
    let arn = group.id.split_once("autoScalingGroupName/");
    arn.map_or(group.name.as_str(), |(_, name)| name)
}

/// True for nodes of a cluster, by their tags or labels.
pub(super) fn in_cluster(resource: &Resource) -> bool {
    let mut keys = resource.tags.keys();
    keys.any(|key| CLUSTER.iter().any(|start| key.starts_with(start)))
}

/// True for the group itself, as an inventory lists it.
fn is_group(resource: &Resource) -> bool {
    let kind = resource.kind.to_lowercase();
    [
        "autoscalinggroup",
        "scalesets",
        "instancegroupmanager",
        "nodegroup",
    ]
    .iter()
    .any(|word| kind.contains(word))
}
