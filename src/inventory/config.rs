//! AWS Config: the snapshot that it delivers to a bucket, and the history of a resource. Of several states of one
//! resource the last captured counts; what was deleted is left out. Of a configuration it keeps what
//! [`Resource`] holds.

use super::aws;
use super::instant;
use super::json::Document;
use super::loose::{Label, Listed, Number, Tags, Told, Word};
use super::shape::Shape;
use crate::error::Result;
use crate::resource::arn::Arn;
use crate::resource::{Resource, Traits};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// A page of items, or one of them.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Item {
    configuration_items: Listed<Item>,
    resource_type: Word,
    resource_id: Word,
    resource_name: Word,
    #[serde(alias = "ARN")]
    arn: Word,
    aws_region: Word,
    #[serde(alias = "accountId")]
    aws_account_id: Word,
    tags: Tags,
    configuration: Told<Configuration>,
    configuration_item_status: Word,
    configuration_item_capture_time: Word,
    resource_creation_time: Word,
}

/// The describe calls again, with small initials.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Configuration {
    #[serde(alias = "dBInstanceClass", alias = "volumeType")]
    instance_type: Word,
    #[serde(alias = "dBInstanceStatus")]
    state: Label,
    #[serde(
        alias = "createTime",
        alias = "startTime",
        alias = "instanceCreateTime"
    )]
    launch_time: Word,
    platform_details: Word,
    instance_lifecycle: Word,
    state_transition_reason: Word,
    #[serde(alias = "volumeSize", alias = "allocatedStorage")]
    size: Number,
    iops: Number,
    #[serde(alias = "storageThroughput")]
    throughput: Number,
    attachments: Option<Listed<Attachment>>,
    snapshot_id: Word,
    volume_id: Word,
    association_id: Word,
    network_interface_id: Word,
    instance_id: Word,
    engine: Word,
    engine_version: Word,
    #[serde(rename = "multiAZ")]
    multi_az: Word,
    license_model: Word,
    #[serde(rename = "readReplicaSourceDBInstanceIdentifier")]
    replica_of: Word,
    tags: Tags,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Attachment {
    instance_id: Word,
}

/// The resources of a snapshot or history, as they were when last captured.
pub(super) fn resources(path: &Path, document: Document<'_>) -> Result<Vec<Resource>> {
    let Listed(pages): Listed<Item> = document.parse(path, Shape::AwsConfig.name())?;
    let mut latest: BTreeMap<(String, String), (String, Item)> = BTreeMap::new();
    for mut page in pages {
        let Listed(inside) = std::mem::take(&mut page.configuration_items);
        let own = page.resource_type.0.is_some().then_some(page);
        for item in inside.into_iter().chain(own) {
            let Some(id) = item.arn.0.clone().or(item.resource_id.0.clone()) else {
                return Err(document.error(path, "an item in it has no resource id"));
            };
            let kind = item.resource_type.0.clone().unwrap_or_default();
            let captured = item
                .configuration_item_capture_time
                .0
                .clone()
                .unwrap_or_default();
            let known = latest.get(&(kind.clone(), id.clone()));
            if known.is_none_or(|(earlier, _)| *earlier < captured) {
                latest.insert((kind, id), (captured, item));
            }
        }
    }
    let items = latest.into_values().map(|(_, item)| item);
    Ok(items.filter(|item| !is_gone(item)).map(resource).collect())
}

fn is_gone(item: &Item) -> bool {
    let status = item.configuration_item_status.0.as_deref();
    status.is_some_and(|status| status.starts_with("ResourceDeleted"))
}

fn resource(item: Item) -> Resource {
    let mut told = item.configuration.0.unwrap_or_default();
    let kind = kind(item.resource_type.0.as_deref().unwrap_or_default());
    let created = item
        .resource_creation_time
        .0
        .and_then(|time| instant::day(&time));
    let launched = told
        .launch_time
        .0
        .take()
        .and_then(|time| instant::day(&time));
    let mut traits = traits(&kind, &mut told);
    traits.created = created;
    let mut resource = Resource {
        provider: "AWS".to_owned(),
        sub_account: item.aws_account_id.0.unwrap_or_default(),
        region: item
            .aws_region
            .0
            .filter(|region| region != "global")
            .unwrap_or_default(),
        machine_type: told.instance_type.0,
        state: told.state.0,
        platform: told.platform_details.0.or(told.engine.0),
        launched: launched.or(created),
        spot: told.instance_lifecycle.0.as_deref() == Some("spot"),
        name: item.resource_name.0.unwrap_or_default(),
        traits,
        ..Resource::default()
    };
    if let Some(arn) = item.arn.0.as_deref().and_then(Arn::parse) {
        aws::located(&mut resource, arn);
    }
    if resource.id.is_empty() {
        (resource.id, resource.kind) = (item.resource_id.0.unwrap_or_default(), kind);
    }
    let Tags(tags) = if item.tags.0.is_empty() {
        told.tags
    } else {
        item.tags
    };
    aws::label(&mut resource, tags);
    resource
}

/// `ec2:instance` of `AWS::EC2::Instance`, as ARNs have it.
fn kind(resource_type: &str) -> String {
    let lower = resource_type.to_lowercase();
    let mut parts = lower.split("::").skip(1);
    match (parts.next(), parts.next()) {
        (Some(service), Some(what)) => format!("{service}:{what}"),
        _ => lower,
    }
}

fn traits(kind: &str, told: &mut Configuration) -> Traits {
    let mut traits = Traits {
        size_gib: told.size.0,
        iops: told.iops.0,
        throughput: told.throughput.0,
        multi_az: told.multi_az.0.take().map(|word| word == "true"),
        ..Traits::default()
    };
    match kind {
        "ec2:instance" => {
            let reason = told.state_transition_reason.0.take();
            traits.stopped_on = reason.and_then(|text| aws::day_in(&text));
        }
        "ec2:volume" => {
            let ids = |Listed(list): Listed<Attachment>| {
                list.into_iter()
                    .filter_map(|one| one.instance_id.0)
                    .collect()
            };
            traits.attached_to = told.attachments.take().map(ids);
            traits.source = told.snapshot_id.0.take();
        }
        "ec2:snapshot" => traits.source = told.volume_id.0.take(),
        "ec2:eip" => {
            let user = told
                .instance_id
                .0
                .take()
                .or(told.network_interface_id.0.take());
            let user = user.or(told.association_id.0.take());
            traits.attached_to = Some(user.into_iter().collect());
        }
        "rds:dbinstance" => {
            traits.engine.clone_from(&told.engine.0);
            traits.version = told.engine_version.0.take();
            traits.licence = told.license_model.0.take();
            traits.source = told.replica_of.0.take();
        }
        _ => {}
    }
    traits
}
