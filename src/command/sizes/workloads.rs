//! Containers of clusters with what the nodes under them cost. A container is known by its series alone; its workload
//! may stand in an inventory, with labels.

use super::groups::{group_of, in_cluster};
use super::{View, is_machine};
use crate::analysis::catalogue::catalogue;
use crate::analysis::finding::{Kind, Verdict};
use crate::analysis::rightsizing::workload::{Nodes, Workload, judge};
use crate::analysis::saving::Cost;
use crate::resource::{Metric, Resource, Usage, key};
use std::collections::{BTreeMap, BTreeSet};

/// Tags and labels that name the cluster of a node.
const NAMES: [&str; 5] = [
    "eks:cluster-name",
    "aws:eks:cluster-name",
    "alpha.eksctl.io/cluster-name",
    "aks-managed-cluster-name",
    "goog-k8s-cluster-name",
];
/// A tag whose key ends in the cluster's name.
const OWNED: &str = "kubernetes.io/cluster/";

/// Verdicts on all containers that were measured.
pub(super) fn judged(view: &View) -> Vec<Verdict> {
    let usage = &view.night.usage;
    let is_container = |one: &&Usage| matches!(one.metric, Metric::CpuRequest | Metric::Cores);
    let ids: BTreeSet<&str> = usage
        .iter()
        .filter(|one| one.resource.starts_with("k8s:"))
        .filter(is_container)
        .map(|one| one.resource.as_str())
        .collect();
    if ids.is_empty() {
        return Vec::new();
    }
    let scaled: BTreeSet<&str> = usage
        .iter()
        .filter(|one| one.metric == Metric::Autoscaled)
        .map(|one| one.resource.as_str())
        .collect();
    let nodes = nodes(view);
    let known = workloads(view);
    ids.into_iter()
        .map(|id| {
            let place = id.rsplit_once(':').filter(|(rest, _)| *rest != "k8s");
            let workload = place.map_or(id, |(workload, _)| workload);
            let cluster = cluster_of(workload);
            let listed = known.get(&short(workload)).copied();
            let stand_in = Resource {
                id: id.to_owned(),
                provider: "Kubernetes".to_owned(),
                sub_account: cluster.to_owned(),
                ..listed.cloned().unwrap_or_default()
            };
            let judged = Workload {
                id,
                cluster,
                team: listed.map_or("", |resource| view.team(resource)),
                usage: view.series(id),
                autoscaled: scaled.contains(workload),
                nodes: under(&nodes, cluster),
            };
            judge(&judged, view.policy(&stand_in, Kind::Workload))
        })
        .collect()
}

/// `eu` of `k8s:eu/shop/web`, empty where the id names none.
fn cluster_of(workload: &str) -> &str {
    let place = workload.trim_start_matches("k8s:");
    match place.split('/').collect::<Vec<_>>()[..] {
        [cluster, _, _] => cluster,
        _ => "",
    }
}

/// Namespace and name, which inventories and metrics both know.
fn short(id: &str) -> String {
    let mut parts = id.rsplit('/');
    let (name, namespace) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    format!("{}/{name}", namespace.trim_start_matches("k8s:"))
}

/// Controllers of the inventory by namespace and name.
fn workloads<'a>(view: &View<'a>) -> BTreeMap<String, &'a Resource> {
    let is_controller = |one: &&Resource| {
        [
            "k8s:deployment",
            "k8s:statefulset",
            "k8s:daemonset",
            "k8s:job",
            "k8s:cronjob",
        ]
        .contains(&one.kind.as_str())
    };
    let resources = view.night.resources.iter().filter(is_controller);
    resources.map(|one| (short(&key(&one.id)), one)).collect()
}

/// The nodes of each cluster that are on the bill, under an empty name where a node does not name its cluster.
fn nodes(view: &View) -> BTreeMap<String, Nodes> {
    let groups = group_of(&view.night.resources);
    let mut clusters: BTreeMap<String, Nodes> = BTreeMap::new();
    for resource in view.night.resources.iter().filter(|one| is_machine(one)) {
        let is_node = in_cluster(resource) && groups.contains_key(&key(&resource.id));
        let machine = view.machine(resource);
        let size = resource.machine_type.as_deref();
        let size = size.and_then(|name| catalogue().find(&resource.provider, name));
        let (Some(size), Some(cost), true) = (size, machine.bill.and_then(Cost::of), is_node)
        else {
            continue;
        };
        let fresh = || Nodes {
            monthly: crate::money::Money::ZERO,
            currency: cost.currency.clone(),
            vcpu: 0,
            memory_mib: 0,
        };
        let nodes = clusters.entry(name_of(resource)).or_insert_with(fresh);
        if nodes.currency == cost.currency {
            nodes.monthly += cost.monthly;
            nodes.vcpu += u64::from(size.vcpu);
            nodes.memory_mib += mebibytes(size.memory_gib);
        }
    }
    clusters
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the memory of one machine"
)]
fn mebibytes(gib: f64) -> u64 {
    (gib * 1024.0) as u64
}

/// The cluster that a node says it belongs to.
fn name_of(node: &Resource) -> String {
    let named = NAMES.iter().find_map(|name| node.tags.get(*name).cloned());
    let owned = || {
        node.tags
            .keys()
            .find_map(|key| key.strip_prefix(OWNED).map(str::to_owned))
    };
    named.or_else(owned).unwrap_or_default().to_lowercase()
}

/// The nodes of a cluster by its name; where only one cluster is known, that one.
fn under<'a>(clusters: &'a BTreeMap<String, Nodes>, cluster: &str) -> Option<&'a Nodes> {
    let only = || clusters.values().next().filter(|_| clusters.len() == 1);
    clusters.get(cluster).or_else(only)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_name_cluster_namespace_and_workload() {
        assert_eq!(cluster_of("k8s:eu/shop/web"), "eu");
        assert_eq!(cluster_of("k8s:shop/web"), "");
        assert_eq!(short("k8s:eu/shop/web"), "shop/web");
        assert_eq!(short("k8s:eu/deployment/shop/web"), "shop/web");
        assert_eq!(short("k8s:shop/web"), "shop/web");
    }
}
