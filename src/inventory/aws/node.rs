//! The fields of the describe calls, and which of them say what a check of waste asks.

use super::super::Shape;
use super::super::instant;
use super::super::loose::{Listed, Number, Word};
use super::Tag;
use crate::resource::Traits;
use crate::resource::arn::Arn;
use chrono::NaiveDate;
use serde::Deserialize;

/// Any object of any call: a page, a reservation or a resource. Each call prints its own few of these fields.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Node {
    #[serde(rename = "Reservations")]
    #[serde(
        alias = "Instances",
        alias = "Volumes",
        alias = "Snapshots",
        alias = "Addresses",
        alias = "Images"
    )]
    #[serde(
        alias = "NatGateways",
        alias = "DBInstances",
        alias = "ResourceTagMappingList",
        alias = "LoadBalancers",
        alias = "AutoScalingGroups"
    )]
    pub(super) inside: Option<Vec<Node>>,
    // ids
    pub(super) instance_id: Option<String>,
    pub(super) volume_id: Option<String>,
    pub(super) snapshot_id: Option<String>,
    pub(super) allocation_id: Option<String>,
    pub(super) nat_gateway_id: Option<String>,
    pub(super) image_id: Option<String>,
    #[serde(rename = "DBInstanceArn")]
    pub(super) db_instance_arn: Option<Arn>,
    #[serde(rename = "ResourceARN")]
    pub(super) resource_arn: Option<Arn>,
    pub(super) load_balancer_arn: Option<Arn>,
    #[serde(rename = "AutoScalingGroupARN")]
    pub(super) auto_scaling_group_arn: Option<Arn>,
    // where
    pub(super) owner_id: Option<String>,
    pub(super) placement: Option<Placement>,
    pub(super) availability_zone: Option<String>,
    pub(super) network_border_group: Option<String>,
    // what
    #[serde(alias = "VolumeType")]
    pub(super) instance_type: Option<String>,
    #[serde(rename = "DBInstanceClass")]
    pub(super) db_instance_class: Option<String>,
    #[serde(alias = "DBInstanceStatus")]
    pub(super) state: Option<State>,
    pub(super) instance_lifecycle: Option<String>,
    #[serde(alias = "Engine")]
    pub(super) platform_details: Option<String>,
    #[serde(
        alias = "CreateTime",
        alias = "StartTime",
        alias = "InstanceCreateTime",
        alias = "CreatedTime",
        alias = "CreationDate"
    )]
    pub(super) launch_time: Option<String>,
    #[serde(alias = "LoadBalancerName", alias = "AutoScalingGroupName")]
    pub(super) name: Option<String>,
    #[serde(alias = "TagList")]
    pub(super) tags: Option<Vec<Tag>>,
    // what only traits are made of: odd values are passed over
    #[serde(alias = "VolumeSize", alias = "AllocatedStorage")]
    size: Number,
    iops: Number,
    #[serde(alias = "StorageThroughput")]
    throughput: Number,
    attachments: Option<Listed<Attachment>>,
    association_id: Word,
    network_interface_id: Word,
    block_device_mappings: Listed<Mapping>,
    state_transition_reason: Word,
    engine_version: Word,
    #[serde(rename = "MultiAZ")]
    multi_az: Option<bool>,
    license_model: Word,
    #[serde(rename = "ReadReplicaSourceDBInstanceIdentifier")]
    replica_of: Word,
    min_size: Number,
    max_size: Number,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Placement {
    pub(super) availability_zone: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Attachment {
    instance_id: Word,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Mapping {
    ebs: Option<Ebs>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Ebs {
    attach_time: Word,
    snapshot_id: Word,
    volume_size: Number,
}

/// Instances print an object with a name, load balancers one with a code, every other resource a word.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum State {
    Word(String),
    Told {
        #[serde(rename = "Name", default)]
        name: Word,
        #[serde(rename = "Code", default)]
        code: Word,
    },
}

impl State {
    pub(super) fn word(self) -> Option<String> {
        match self {
            State::Word(word) => Some(word),
            State::Told { name, code } => name.0.or(code.0),
        }
    }
}

impl Node {
    /// What this call says about the resource itself.
    pub(super) fn traits(&mut self, shape: Shape) -> Traits {
        let mut traits = Traits {
            size_gib: self.size.0,
            iops: self.iops.0,
            throughput: self.throughput.0,
            ..Traits::default()
        };
        let mappings = std::mem::take(&mut self.block_device_mappings).0;
        match shape {
            Shape::DescribeInstances => {
                traits.stopped_on = self
                    .state_transition_reason
                    .0
                    .take()
                    .and_then(|text| day_in(&text));
                let attached = mappings.iter().filter_map(|mapping| {
                    instant::day(mapping.ebs.as_ref()?.attach_time.0.as_deref()?)
                });
                traits.created = attached.min();
            }
            Shape::DescribeVolumes => {
                let ids = |Listed(list): Listed<Attachment>| {
                    list.into_iter()
                        .filter_map(|one| one.instance_id.0)
                        .collect()
                };
                traits.attached_to = self.attachments.take().map(ids);
                traits.source = filled(self.snapshot_id.take());
            }
            Shape::DescribeSnapshots => traits.source = filled(self.volume_id.take()),
            Shape::DescribeAddresses => {
                let user = filled(self.instance_id.take())
                    .or(self.network_interface_id.0.take())
                    .or(self.association_id.0.take());
                traits.attached_to = Some(user.into_iter().collect());
            }
            Shape::DescribeDbInstances => {
                traits.engine.clone_from(&self.platform_details);
                traits.version = self.engine_version.0.take();
                traits.multi_az = self.multi_az;
                traits.licence = self.license_model.0.take();
                traits.source = self.replica_of.0.take();
            }
            Shape::DescribeImages => {
                let ebs = || mappings.iter().filter_map(|mapping| mapping.ebs.as_ref());
                traits.snapshots =
                    Some(ebs().filter_map(|ebs| ebs.snapshot_id.0.clone()).collect());
                traits.size_gib = Some(ebs().filter_map(|ebs| ebs.volume_size.0).sum());
            }
            Shape::DescribeAutoScalingGroups => {
                traits.members = self.min_size.0.zip(self.max_size.0);
                let machines = self.inside.iter().flatten();
                traits.attached_to =
                    Some(machines.filter_map(|one| one.instance_id.clone()).collect());
            }
            _ => {}
        }
        traits
    }
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// The day in `User initiated (2025-03-05 12:34:56 GMT)`.
pub(in crate::inventory) fn day_in(reason: &str) -> Option<NaiveDate> {
    let (_, after) = reason.split_once('(')?;
    instant::day(after.get(..10)?)
}
