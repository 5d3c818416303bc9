//! Google's resources: Cloud Asset Inventory as it exports, searches and remembers, and what
//! `gcloud compute … list` and the API behind it print. Of an asset's metadata only the labels and the group
//! that made it are read, never a startup script.

use super::instant;
use super::json::Document;
use super::loose::{Listed, Number, Tags, Told, Word, Words};
use super::shape::Shape;
use crate::error::Result;
use crate::resource::{Resource, Traits, tail};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// What Cloud Asset Inventory calls a project.
const PROJECT: &str = "cloudresourcemanager.googleapis.com/Project";

/// A page of assets, an asset, or an asset with the time in which it was so.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Asset {
    #[serde(alias = "results")]
    assets: Option<Listed<Asset>>,
    #[serde(rename = "asset")]
    inner: Told<Box<Asset>>,
    deleted: Word,
    window: Told<Window>,
    name: Word,
    #[serde(rename = "assetType", alias = "asset_type")]
    kind: Word,
    resource: Told<Body>,
    // what a search prints instead of the resource
    project: Word,
    location: Word,
    labels: Tags,
    #[serde(alias = "display_name")]
    display_name: Word,
    #[serde(alias = "create_time")]
    create_time: Word,
    state: Word,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Window {
    #[serde(alias = "start_time")]
    start_time: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    data: Told<Thing>,
    parent: Word,
}

/// The object of Google's API, whatever its service: each has its own few of these fields.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Thing {
    items: Option<Items>,
    id: Word,
    name: Word,
    kind: Word,
    self_link: Word,
    project_id: Word,
    #[serde(alias = "state")]
    status: Word,
    zone: Word,
    region: Word,
    location: Word,
    machine_type: Word,
    #[serde(rename = "type")]
    disk_type: Word,
    #[serde(alias = "createTime", alias = "timeCreated", alias = "creationTime")]
    creation_timestamp: Word,
    last_start_timestamp: Word,
    last_stop_timestamp: Word,
    scheduling: Told<Scheduling>,
    metadata: Told<Metadata>,
    labels: Tags,
    resource_labels: Tags,
    #[serde(alias = "diskSizeGb")]
    size_gb: Number,
    provisioned_iops: Number,
    provisioned_throughput: Number,
    #[serde(alias = "user")]
    users: Words,
    source_disk: Word,
    settings: Told<Settings>,
    database_version: Word,
}

/// A list of things, or lists of them by zone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Items {
    List(Vec<Thing>),
    Zones(BTreeMap<String, Zone>),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Zone {
    #[serde(alias = "disks", alias = "addresses", alias = "snapshots")]
    instances: Listed<Thing>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Scheduling {
    preemptible: Word,
    provisioning_model: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    items: Listed<MetadataItem>,
    labels: Tags,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MetadataItem {
    key: Word,
    value: Word,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Settings {
    tier: Word,
    availability_type: Word,
    data_disk_size_gb: Number,
    user_labels: Tags,
}

/// The resources of one document: a line of an export, an answer, a list.
pub(super) fn resources(
    path: &Path,
    shape: Shape,
    document: Document<'_>,
) -> Result<Vec<Resource>> {
    let read = match shape {
        Shape::CloudAssets => assets(document.parse(path, shape.name())?),
        _ => things(document.parse(path, shape.name())?),
    };
    read.ok_or_else(|| document.error(path, "an object in it has neither `name` nor `selfLink`"))
}

/// Of several states of one asset in a history the last counts, and none if it was deleted.
fn assets(Listed(pages): Listed<Asset>) -> Option<Vec<Resource>> {
    let mut found = Vec::new();
    let mut past: BTreeMap<String, (String, bool, Asset)> = BTreeMap::new();
    for mut page in pages {
        let listed = match page.assets.take() {
            Some(Listed(listed)) => listed,
            None => vec![page],
        };
        for mut asset in listed {
            let Some(inner) = asset.inner.0.take() else {
                found.push(asset);
                continue;
            };
            let since = asset
                .window
                .0
                .and_then(|window| window.start_time.0)
                .unwrap_or_default();
            let gone = asset.deleted.0.as_deref() == Some("true");
            let name = inner.name.0.clone()?;
            if past.get(&name).is_none_or(|(known, ..)| *known < since) {
                past.insert(name, (since, gone, *inner));
            }
        }
    }
    let there = past.into_values().filter(|(_, gone, _)| !gone);
    found.extend(there.map(|(_, _, asset)| asset));
    found.into_iter().map(resource_of_asset).collect()
}

fn things(Listed(pages): Listed<Thing>) -> Option<Vec<Resource>> {
    let mut found = Vec::new();
    for mut page in pages {
        match page.items.take() {
            Some(Items::List(list)) => found.extend(list),
            Some(Items::Zones(zones)) => {
                found.extend(zones.into_values().flat_map(|zone| zone.instances.0));
            }
            None => found.push(page),
        }
    }
    let resource = |thing: Thing| {
        let id = thing.self_link.0.clone()?;
        let collection = id.rsplit('/').nth(1).unwrap_or_default();
        let kind = asset_type(&collection.to_lowercase());
        Some(described(id, kind, thing))
    };
    found.into_iter().map(resource).collect()
}

fn resource_of_asset(asset: Asset) -> Option<Resource> {
    let body = asset.resource.0.unwrap_or_default();
    let kind = asset.kind.0.unwrap_or_default();
    let mut resource = described(asset.name.0?, kind, body.data.0.unwrap_or_default());
    let fill = |field: &mut String, value: Option<String>| {
        if field.is_empty() {
            *field = value.unwrap_or_default();
        }
    };
    let project = |text: Option<String>| text.and_then(|text| project_of(&text));
    fill(&mut resource.sub_account, project(asset.project.0));
    fill(&mut resource.sub_account, project(body.parent.0));
    fill(
        &mut resource.region,
        asset.location.0.map(|place| region_of_zone(&place)),
    );
    if let Some(name) = asset.display_name.0 {
        resource.name = name;
    }
    resource.state = resource.state.or(asset.state.0);
    let created = asset.create_time.0.and_then(|time| instant::day(&time));
    resource.launched = resource.launched.or(created);
    if resource.tags.is_empty() {
        resource.tags = asset.labels.0;
    }
    Some(resource)
}

/// What the object itself says.
fn described(id: String, kind: String, mut thing: Thing) -> Resource {
    let traits = traits(&kind, &mut thing);
    let place = thing.zone.0.or(thing.region.0).or(thing.location.0);
    let by_number = thing.id.0.filter(|number| {
        kind.starts_with("compute.") && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    let collection = id.rsplit('/').nth(1).unwrap_or_default();
    let also = by_number.map(|number| format!("//compute.googleapis.com/{collection}/{number}"));
    let day = |time: Option<String>| time.and_then(|time| instant::day(&time));
    let scheduling = thing.scheduling.0.unwrap_or_default();
    let metadata = thing.metadata.0.unwrap_or_default();
    let maker = metadata.items.0.into_iter();
    let mut maker = maker.filter(|item| item.key.0.as_deref() == Some("created-by"));
    let group = maker.find_map(|item| Some(tail(&item.value.0?).to_owned()));
    let settings = thing.settings.0.unwrap_or_default();
    let type_of_disk = thing.disk_type.0.filter(|_| kind.ends_with("Disk"));
    let machine = thing.machine_type.0.or(type_of_disk).or(settings.tier.0);
    let labels = [
        thing.labels,
        thing.resource_labels,
        settings.user_labels,
        metadata.labels,
    ];
    let labels = labels.into_iter().map(|Tags(labels)| labels);
    Resource {
        provider: "Google Cloud".to_owned(),
        sub_account: (kind == PROJECT)
            .then_some(thing.project_id.0)
            .flatten()
            .or_else(|| project_of(&id))
            .unwrap_or_default(),
        region: place
            .map(|place| region_of_zone(tail(&place)))
            .unwrap_or_default(),
        machine_type: machine.map(|link| tail(&link).to_owned()),
        state: thing.status.0,
        launched: day(thing.last_start_timestamp.0).or(day(thing.creation_timestamp.0)),
        spot: scheduling.preemptible.0.as_deref() == Some("true")
            || scheduling.provisioning_model.0.as_deref() == Some("SPOT"),
        group,
        name: thing
            .name
            .0
            .map_or_else(|| tail(&id).to_owned(), |name| tail(&name).to_owned()),
        tags: labels
            .into_iter()
            .find(|labels| !labels.is_empty())
            .unwrap_or_default(),
        also: also.into_iter().collect(),
        traits,
        id,
        kind,
        ..Resource::default()
    }
}

fn traits(kind: &str, thing: &mut Thing) -> Traits {
    let day = |time: &Word| time.0.as_deref().and_then(instant::day);
    let settings = thing.settings.0.as_ref();
    let mut traits = Traits {
        size_gib: thing
            .size_gb
            .0
            .or(settings.and_then(|settings| settings.data_disk_size_gb.0)),
        iops: thing.provisioned_iops.0,
        throughput: thing.provisioned_throughput.0,
        source: thing.source_disk.0.take(),
        created: day(&thing.creation_timestamp),
        version: thing.database_version.0.take(),
        ..Traits::default()
    };
    traits.engine = traits.version.as_deref().map(|version| {
        let end = version.find('_').unwrap_or(version.len());
        version[..end].to_owned()
    });
    let standby = settings.and_then(|settings| settings.availability_type.0.as_deref());
    traits.multi_az = standby.map(|standby| standby == "REGIONAL");
    if thing.status.0.as_deref() != Some("RUNNING") {
        traits.stopped_on = day(&thing.last_stop_timestamp);
    }
    let lists_users = kind.ends_with("Disk") || kind.ends_with("Address");
    let used = thing.status.0.as_deref() == Some("IN_USE") && thing.users.0.is_empty();
    if lists_users && thing.status.0.is_some() && !used {
        traits.attached_to = Some(std::mem::take(&mut thing.users.0));
    }
    traits
}

/// What Cloud Asset Inventory calls the members of a collection of Compute Engine.
pub(super) fn asset_type(collection: &str) -> String {
    let one = match collection {
        "instances" => "Instance",
        "disks" => "Disk",
        "addresses" => "Address",
        "snapshots" => "Snapshot",
        "images" => "Image",
        other => other,
    };
    format!("compute.googleapis.com/{one}")
}

/// The region of `us-central1-a`; other places stay.
pub(super) fn region_of_zone(place: &str) -> String {
    match place.rsplit_once('-') {
        Some((region, zone))
            if zone.len() == 1
                && zone.bytes().all(|byte| byte.is_ascii_lowercase())
                && region.ends_with(|last: char| last.is_ascii_digit()) =>
        {
            region.to_owned()
        }
        _ => place.to_owned(),
    }
}

/// The project in a name or a link, by its id or its number.
fn project_of(name: &str) -> Option<String> {
    let mut segments = name
        .split('/')
        .skip_while(|segment| *segment != "projects")
        .skip(1);
    segments
        .next()
        .filter(|project| !project.is_empty() && *project != "_")
        .map(str::to_owned)
}

/// Bills name a project by its id, some assets by its number: where a project itself is listed, its number
/// becomes its id everywhere.
pub(super) fn name_projects(resources: &mut [Resource]) {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let projects = resources.iter().filter(|resource| resource.kind == PROJECT);
    let ids: BTreeMap<String, String> = projects
        .filter(|project| !is_number(&project.sub_account))
        .map(|project| (tail(&project.id).to_owned(), project.sub_account.clone()))
        .collect();
    for resource in resources
        .iter_mut()
        .filter(|one| is_number(&one.sub_account))
    {
        if let Some(id) = ids.get(&resource.sub_account)
            && resource.provider == "Google Cloud"
        {
            resource.sub_account.clone_from(id);
        }
    }
}
