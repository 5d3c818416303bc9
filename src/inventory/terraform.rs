//! Terraform state, version 4. A state holds passwords and keys in plain text: of every managed resource its id,
//! type, place, size and tags are read and nothing else, resources without an id that a cloud gave are left
//! out, and no error quotes the file.

use super::aws;
use super::json::Document;
use super::loose::{Listed, Number, Tags, Told, Word};
use super::shape::Shape;
use crate::error::Result;
use crate::resource::arn::Arn;
use crate::resource::{Resource, Traits, kind, provider_name};
use serde::Deserialize;
use std::path::Path;

/// The version of the state's format that is read.
const VERSION: u64 = 4;

#[derive(Default, Deserialize)]
#[serde(default)]
struct State {
    version: Number,
    resources: Listed<Block>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Block {
    mode: Word,
    instances: Listed<Instance>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Instance {
    attributes: Told<Attributes>,
}

/// All that is ever taken out of a state.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Attributes {
    id: Word,
    arn: Word,
    self_link: Word,
    name: Word,
    owner_id: Word,
    project: Word,
    region: Word,
    location: Word,
    #[serde(alias = "zone")]
    availability_zone: Word,
    #[serde(alias = "instance_class", alias = "machine_type", alias = "vm_size")]
    instance_type: Word,
    #[serde(rename = "type")]
    disk_type: Word,
    instance_state: Word,
    size: Number,
    allocated_storage: Number,
    iops: Number,
    throughput: Number,
    engine: Word,
    engine_version: Word,
    multi_az: Word,
    tags: Tags,
    tags_all: Tags,
    labels: Tags,
    effective_labels: Tags,
}

/// The resources that a state manages.
pub(super) fn resources(path: &Path, document: Document<'_>) -> Result<Vec<Resource>> {
    let Listed(states): Listed<State> =
        document.parse_private(path, Shape::TerraformState.name())?;
    let mut resources = Vec::new();
    for state in states {
        if state.version.0 != Some(VERSION) {
            let version = state
                .version
                .0
                .map_or("no".to_owned(), |version| version.to_string());
            return Err(document
                .error(
                    path,
                    format!("the Terraform state has version {version}, known is {VERSION}"),
                )
                .hint("Terraform 0.12 and later write version 4: `terraform state pull > FILE`"));
        }
        let managed = state
            .resources
            .0
            .into_iter()
            .filter(|block| block.mode.0.as_deref() == Some("managed"));
        let instances = managed.flat_map(|block| block.instances.0);
        resources.extend(instances.filter_map(|instance| resource(instance.attributes.0?)));
    }
    Ok(resources)
}

/// A resource with an id that a cloud gave it; settings of other resources and things made by Terraform have none.
fn resource(found: Attributes) -> Option<Resource> {
    let arn = found.arn.0.as_deref().and_then(Arn::parse);
    let id = found
        .self_link
        .0
        .or(found.id.0)
        .filter(|id| kind(id).is_some());
    if arn.is_none() && id.is_none() {
        return None;
    }
    let mut resource = Resource {
        sub_account: found.owner_id.0.or(found.project.0).unwrap_or_default(),
        name: found.name.0.unwrap_or_default(),
        machine_type: found.instance_type.0,
        state: found.instance_state.0,
        platform: found.engine.0.clone(),
        ..Resource::default()
    };
    match arn {
        Some(arn) => aws::located(&mut resource, arn),
        None => resource.id = id.unwrap_or_default(),
    }
    resource.provider = provider_name("", &resource.id);
    if resource.provider.is_empty() {
        "AWS".clone_into(&mut resource.provider);
    }
    if resource.kind.is_empty() {
        resource.kind = kind(&resource.id).unwrap_or_default();
    }
    let zone = found.availability_zone.0.unwrap_or_default();
    let place = found.region.0.or(found.location.0).unwrap_or(zone);
    if resource.region.is_empty() {
        resource.region = super::gcp::region_of_zone(&aws::region_of_zone(&place));
    }
    if resource.kind.ends_with("volume") || resource.kind.ends_with("disks") {
        resource.machine_type = resource.machine_type.or(found.disk_type.0);
    }
    resource.traits = Traits {
        size_gib: found.size.0.or(found.allocated_storage.0),
        iops: found.iops.0,
        throughput: found.throughput.0,
        engine: found.engine.0,
        version: found.engine_version.0,
        multi_az: found.multi_az.0.map(|word| word == "true"),
        ..Traits::default()
    };
    let all = [
        found.tags_all,
        found.tags,
        found.effective_labels,
        found.labels,
    ];
    let tags = all
        .into_iter()
        .map(|Tags(tags)| tags)
        .find(|tags| !tags.is_empty());
    aws::label(&mut resource, tags.unwrap_or_default());
    Some(resource)
}
