//! What `kubectl get … -o json` prints: nodes as the machines they are (joined by their provider id), pods, volumes,
//! controllers and autoscalers with their labels. Reads metadata alone: what a secret or a pod's environment holds is
//! never looked at, and no error quotes the file.

use super::instant;
use super::json::Document;
use super::loose::{Listed, Tags, Told, Word};
use super::shape::Shape;
use crate::error::Result;
use crate::resource::{Resource, Traits, kind, provider_name};
use serde::Deserialize;
use std::path::Path;

/// Objects that cost, or that say whose cost it is; all others are left out.
const KINDS: [&str; 12] = [
    "Node",
    "Pod",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Namespace",
    "Service",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "HorizontalPodAutoscaler",
];
const REGION: [&str; 2] = [
    "topology.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/region",
];
const TYPE: [&str; 2] = [
    "node.kubernetes.io/instance-type",
    "beta.kubernetes.io/instance-type",
];
const POOL: [&str; 6] = [
    "eks.amazonaws.com/nodegroup",
    "alpha.eksctl.io/nodegroup-name",
    "cloud.google.com/gke-nodepool",
    "kubernetes.azure.com/agentpool",
    "karpenter.sh/nodepool",
    "karpenter.sh/provisioner-name",
];
/// Labels of nodes that may vanish, with the value that says so.
const SPOT: [(&str, &str); 5] = [
    ("eks.amazonaws.com/capacityType", "SPOT"),
    ("karpenter.sh/capacity-type", "spot"),
    ("cloud.google.com/gke-spot", "true"),
    ("cloud.google.com/gke-preemptible", "true"),
    ("kubernetes.azure.com/scalesetpriority", "spot"),
];

#[derive(Default, Deserialize)]
#[serde(default)]
struct Object {
    kind: Word,
    items: Option<Listed<Object>>,
    metadata: Told<Metadata>,
    spec: Told<Spec>,
    status: Told<Status>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    name: Word,
    namespace: Word,
    labels: Tags,
    creation_timestamp: Word,
    owner_references: Listed<Owner>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Owner {
    name: Word,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    #[serde(rename = "providerID")]
    provider_id: Word,
    node_name: Word,
    csi: Told<Csi>,
    claim_ref: Told<Claim>,
    scale_target_ref: Told<Owner>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Csi {
    volume_handle: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Claim {
    namespace: Word,
    name: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    phase: Word,
}

/// The objects of one answer.
pub(super) fn resources(path: &Path, document: Document<'_>) -> Result<Vec<Resource>> {
    let Listed(lists): Listed<Object> = document.parse_private(path, Shape::Kubernetes.name())?;
    let mut resources = Vec::new();
    for mut list in lists {
        // `NodeList` of the API, whose items do not repeat their kind.
        let of = list
            .kind
            .0
            .as_deref()
            .and_then(|kind| kind.strip_suffix("List"));
        let of = of.unwrap_or_default().to_owned();
        let objects = match list.items.take() {
            Some(Listed(items)) => items,
            None => vec![list],
        };
        for object in objects {
            let kind = object.kind.0.clone().unwrap_or_else(|| of.clone());
            if !KINDS.contains(&kind.as_str()) {
                continue;
            }
            let Some(resource) = resource(&kind, object) else {
                return Err(document.error(path, "an object in it has no name"));
            };
            resources.push(resource);
        }
    }
    Ok(resources)
}

fn resource(what: &str, object: Object) -> Option<Resource> {
    let metadata = object.metadata.0.unwrap_or_default();
    let spec = object.spec.0.unwrap_or_default();
    let name = metadata.name.0?;
    let Tags(labels) = metadata.labels;
    let handle = spec.csi.0.and_then(|csi| csi.volume_handle.0);
    // The cloud's own id joins a node with its machine and a volume with its disk.
    let cloud = spec
        .provider_id
        .0
        .or(handle)
        .filter(|id| kind(id).is_some());
    let path = metadata.namespace.0.as_deref().unwrap_or_default();
    let slash = if path.is_empty() { "" } else { "/" };
    let own = format!("k8s:{}/{path}{slash}{name}", what.to_lowercase());
    let first = |keys: &[&str]| keys.iter().find_map(|key| labels.get(*key)).cloned();
    let is_spot = SPOT.iter().any(|(key, value)| {
        labels
            .get(*key)
            .is_some_and(|label| label.eq_ignore_ascii_case(value))
    });
    let claim = spec.claim_ref.0.map(|claim| {
        format!(
            "{}/{}",
            claim.namespace.0.unwrap_or_default(),
            claim.name.0.unwrap_or_default()
        )
    });
    // What an autoscaler scales is in its own namespace.
    let scaled = spec.scale_target_ref.0.and_then(|target| target.name.0);
    let scaled = scaled.map(|target| format!("{path}/{target}"));
    let id = cloud.unwrap_or(own);
    let bare_aws = kind(&id).is_some_and(|kind| kind.starts_with("ec2:"));
    let provider = provider_name(if bare_aws { "AWS" } else { "" }, &id);
    let owner = metadata
        .owner_references
        .0
        .into_iter()
        .find_map(|owner| owner.name.0);
    Some(Resource {
        kind: kind_of(what, &id),
        provider: if provider.is_empty() {
            "Kubernetes".to_owned()
        } else {
            provider
        },
        sub_account: account(&id),
        region: first(&REGION).unwrap_or_default(),
        machine_type: first(&TYPE),
        // The phase of a volume is not the state of its disk.
        state: object
            .status
            .0
            .and_then(|status| status.phase.0)
            .filter(|_| id.starts_with("k8s:")),
        launched: metadata
            .creation_timestamp
            .0
            .and_then(|time| instant::day(&time)),
        spot: is_spot,
        group: first(&POOL).or(owner),
        traits: Traits {
            attached_to: spec
                .node_name
                .0
                .or(claim.filter(|_| id.starts_with("k8s:")))
                .or(scaled)
                .map(|user| vec![user]),
            ..Traits::default()
        },
        name,
        id,
        tags: labels,
        ..Resource::default()
    })
}

/// The subscription of an ARM path, the project of a Google machine.
fn account(id: &str) -> String {
    let place = id.split_once("://").map_or("", |(_, place)| place);
    let mut segments = place.trim_start_matches('/').split('/');
    match (id.split(':').next(), segments.next(), segments.next()) {
        (Some("azure"), Some(_), Some(subscription)) => subscription.to_lowercase(),
        (Some("gce"), Some(project), Some(_)) => project.to_owned(),
        _ => String::new(),
    }
}

/// A node is a machine of its cloud; everything without a cloud's id is an object of the cluster.
fn kind_of(what: &str, id: &str) -> String {
    match kind(id) {
        Some(kind) => match kind.strip_prefix("compute.googleapis.com/") {
            Some(collection) => super::gcp::asset_type(collection),
            None => kind,
        },
        None => format!("k8s:{}", what.to_lowercase()),
    }
}
