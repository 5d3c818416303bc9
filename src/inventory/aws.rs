//! What the AWS CLI prints about resources: the describe calls and the tagging API. Reads whichever level a
//! `--query` left on top: pages, reservations or the resources themselves. Keeps nothing but what
//! [`Resource`] holds.

mod node;

use super::Shape;
use super::instant;
use super::json::Document;
use crate::error::Result;
use crate::resource::Resource;
use crate::resource::arn::Arn;
use node::{Node, State};

pub(super) use node::day_in;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// Tags that say to which group of interchangeable machines one belongs, the closest group first.
const GROUP_TAGS: [&str; 5] = [
    "aws:autoscaling:groupName",
    "eks:nodegroup-name",
    "alpha.eksctl.io/nodegroup-name",
    "karpenter.sh/nodepool",
    "karpenter.sh/provisioner-name",
];

/// The resources of one document of a known shape.
pub(super) fn resources(
    path: &Path,
    shape: Shape,
    document: Document<'_>,
) -> Result<Vec<Resource>> {
    let mut found = Vec::new();
    match collect(shape, document.parse(path, shape.name())?, "", &mut found) {
        Ok(()) => Ok(found),
        Err(what) => Err(document
            .error(path, what)
            .hint("one file may hold several shapes, one list may not")),
    }
}

/// The group that a resource's tags name.
pub(super) fn group(tags: &BTreeMap<String, String>) -> Option<String> {
    GROUP_TAGS
        .iter()
        .find_map(|key| tags.get(*key))
        .filter(|group| !group.is_empty())
        .cloned()
}

/// The region of an availability or local zone (`us-east-1c`, `us-west-2-lax-1a`); other names stay.
pub(super) fn region_of_zone(zone: &str) -> String {
    let mut end = 0;
    for part in zone.split('-') {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && end > 0 {
            return zone[..end + digits].to_owned();
        }
        end += part.len() + 1;
    }
    zone.to_owned()
}

/// One object or a list of them, however deep.
enum Nested {
    One(Box<Node>),
    Many(Vec<Nested>),
}

/// A tag as AWS lists it.
#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag {
    key: String,
    #[serde(default)]
    value: Option<String>,
}

/// Tags by key.
pub(super) fn by_key(tags: Vec<Tag>) -> BTreeMap<String, String> {
    tags.into_iter()
        .map(|tag| (tag.key, tag.value.unwrap_or_default()))
        .collect()
}

/// Walks down to the resources; a reservation's owner holds for the instances in it.
fn collect(
    shape: Shape,
    nested: Nested,
    owner: &str,
    found: &mut Vec<Resource>,
) -> std::result::Result<(), String> {
    match nested {
        Nested::Many(list) => list
            .into_iter()
            .try_for_each(|inner| collect(shape, inner, owner, found)),
        Nested::One(mut node) => {
            let own = node
                .owner_id
                .get_or_insert_with(|| owner.to_owned())
                .clone();
            // A scaling group lists its machines, which are no resources of this call.
            let inside = match shape {
                Shape::DescribeAutoScalingGroups if node.auto_scaling_group_arn.is_some() => None,
                _ => node.inside.take(),
            };
            match inside {
                Some(list) => list.into_iter().try_for_each(|inner| {
                    collect(shape, Nested::One(Box::new(inner)), &own, found)
                }),
                None => resource(shape, *node).map(|resource| found.push(resource)),
            }
        }
    }
}

/// One resource; an object without the id that its shape promises is no silent loss but an error.
fn resource(shape: Shape, mut node: Node) -> std::result::Result<Resource, String> {
    let lost = || {
        format!(
            "an object in it is not what {} prints: it has no resource id",
            shape.name()
        )
    };
    let traits = node.traits(shape);
    let named = node
        .load_balancer_arn
        .take()
        .or(node.auto_scaling_group_arn.take());
    let arn = node
        .resource_arn
        .take()
        .or(node.db_instance_arn.take())
        .or(named);
    let (id, kind) = match shape {
        Shape::DescribeInstances => (node.instance_id, "ec2:instance"),
        Shape::DescribeVolumes => (node.volume_id, "ec2:volume"),
        Shape::DescribeSnapshots => (node.snapshot_id, "ec2:snapshot"),
        Shape::DescribeAddresses => (node.allocation_id, "ec2:elastic-ip"),
        Shape::DescribeNatGateways => (node.nat_gateway_id, "ec2:natgateway"),
        Shape::DescribeImages => (node.image_id, "ec2:image"),
        _ => (None, ""),
    };
    let zone = node
        .placement
        .and_then(|placement| placement.availability_zone)
        .or(node.availability_zone);
    let mut resource = Resource {
        id: id.unwrap_or_default(),
        provider: "AWS".to_owned(),
        sub_account: node.owner_id.unwrap_or_default(),
        region: zone
            .map(|zone| region_of_zone(&zone))
            .or(node.network_border_group)
            .unwrap_or_default(),
        kind: kind.to_owned(),
        machine_type: node.instance_type.or(node.db_instance_class),
        state: node.state.and_then(State::word),
        platform: node.platform_details,
        launched: node.launch_time.and_then(|time| instant::day(&time)),
        spot: node.instance_lifecycle.as_deref() == Some("spot"),
        name: node.name.unwrap_or_default(),
        traits,
        ..Resource::default()
    };
    if let Some(arn) = arn {
        located(&mut resource, arn);
    }
    label(&mut resource, by_key(node.tags.unwrap_or_default()));
    if resource.id.is_empty() {
        Err(lost())
    } else {
        Ok(resource)
    }
}

/// Fills what an ARN knows and the resource does not say itself.
pub(super) fn located(resource: &mut Resource, arn: Arn) {
    let fill = |field: &mut String, value: String| {
        if field.is_empty() {
            *field = value;
        }
    };
    // EC2 names its resources by generated ids, which are no names for people.
    let name = if arn.kind.starts_with("ec2:") {
        String::new()
    } else {
        arn.name
    };
    fill(&mut resource.id, arn.text);
    fill(&mut resource.kind, arn.kind);
    fill(&mut resource.region, arn.region);
    fill(&mut resource.sub_account, arn.account);
    fill(&mut resource.name, name);
}

/// Takes the tags, and from them the name and the group.
pub(super) fn label(resource: &mut Resource, tags: BTreeMap<String, String>) {
    if let Some(name) = tags.get("Name").filter(|name| !name.trim().is_empty()) {
        resource.name.clone_from(name);
    }
    resource.group = resource.group.take().or_else(|| group(&tags));
    resource.tags = tags;
}

impl<'de> Deserialize<'de> for Nested {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Nested, D::Error> {
        from.deserialize_any(NestedVisitor)
    }
}

struct NestedVisitor;

impl<'de> Visitor<'de> for NestedVisitor {
    type Value = Nested;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list of objects")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> std::result::Result<Nested, A::Error> {
        Node::deserialize(MapAccessDeserializer::new(map)).map(|node| Nested::One(Box::new(node)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> std::result::Result<Nested, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(Nested::Many)
    }
}
