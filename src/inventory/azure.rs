//! Azure's resources as the CLI, the REST API and Resource Graph print them: ARM objects, whose properties stand
//! beside the id (`az vm list`), below `properties` (REST, Resource Graph), or nowhere (`az resource list`).

use super::instant;
use super::json::Document;
use super::loose::{Label, Listed, Number, Tags, Told, Word};
use super::shape::Shape;
use crate::error::Result;
use crate::resource::{Resource, Traits, tail};
use serde::Deserialize;
use std::path::Path;

/// A page, an object or its properties: whatever is not found outside is looked for inside.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Object {
    #[serde(alias = "data")]
    value: Option<Listed<Object>>,
    properties: Told<Box<Object>>,
    id: Word,
    name: Word,
    #[serde(rename = "type")]
    kind: Word,
    location: Word,
    subscription_id: Word,
    tags: Tags,
    sku: Label,
    managed_by: Word,
    // machines
    hardware_profile: Told<Hardware>,
    storage_profile: Told<Storage>,
    os_type: Word,
    license_type: Word,
    priority: Word,
    power_state: Word,
    instance_view: Told<View>,
    extended: Told<Box<Object>>,
    virtual_machine_scale_set: Told<Reference>,
    time_created: Word,
    provisioning_state: Word,
    // disks and snapshots
    #[serde(alias = "diskSizeGb")]
    #[serde(rename = "diskSizeGB")]
    disk_size: Number,
    #[serde(rename = "diskIOPSReadWrite", alias = "diskIopsReadWrite")]
    disk_iops: Number,
    #[serde(rename = "diskMBpsReadWrite", alias = "diskMbpsReadWrite")]
    disk_throughput: Number,
    disk_state: Word,
    creation_data: Told<Creation>,
    // addresses
    #[serde(
        rename = "publicIPAllocationMethod",
        alias = "publicIpAllocationMethod"
    )]
    allocation: Word,
    ip_configuration: Told<Reference>,
    nat_gateway: Told<Reference>,
    // databases
    version: Word,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Hardware {
    vm_size: Word,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Storage {
    os_disk: Told<Disk>,
    #[serde(rename = "storageSizeGB", alias = "storageSizeGb")]
    size: Number,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Disk {
    os_type: Word,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct View {
    statuses: Listed<Status>,
    power_state: Told<Status>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    code: Word,
    time: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Reference {
    id: Word,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Creation {
    source_resource_id: Word,
}

/// The resources of a list, a page or a Resource Graph answer.
pub(super) fn resources(
    path: &Path,
    shape: Shape,
    document: Document<'_>,
) -> Result<Vec<Resource>> {
    let Listed(pages): Listed<Object> = document.parse(path, shape.name())?;
    let mut resources = Vec::new();
    for mut page in pages {
        let listed = match page.value.take() {
            Some(Listed(listed)) => listed,
            None => vec![page],
        };
        for object in listed {
            let Some(resource) = resource(object) else {
                return Err(document.error(path, "an object in it has no `id`").hint(
                    "a query that leaves columns out must keep `id`, `type`, `location` and `tags`",
                ));
            };
            resources.push(resource);
        }
    }
    Ok(resources)
}

fn resource(mut object: Object) -> Option<Resource> {
    let mut resource = Resource {
        id: object.id.0.take()?,
        provider: "Microsoft".to_owned(),
        sub_account: object.subscription_id.0.take().unwrap_or_default(),
        region: object.location.0.take().unwrap_or_default(),
        kind: object.kind.0.take().unwrap_or_default(),
        name: object.name.0.take().unwrap_or_default(),
        tags: std::mem::take(&mut object.tags.0),
        ..Resource::default()
    };
    describe(&mut resource, object);
    Some(resource)
}

/// The properties of a row of Resource Graph's CSV, where they stand as text.
pub(super) fn of_cells(properties: &str, sku: &str, managed_by: &str) -> Object {
    let text = |text: &str| serde_json::from_value(serde_json::Value::from(text));
    let filled = |text: &str| Word(Some(text.to_owned()).filter(|text| !text.is_empty()));
    let sku_name = serde_json::from_str(sku).unwrap_or(Label(filled(sku).0));
    Object {
        properties: text(properties).unwrap_or_default(),
        sku: sku_name,
        managed_by: filled(managed_by),
        ..Object::default()
    }
}

/// Fills what the id and the properties say.
pub(super) fn describe(resource: &mut Resource, mut object: Object) {
    let inner = object
        .properties
        .0
        .take()
        .map_or_else(Object::default, |inner| *inner);
    object.take_from(inner);
    locate(resource);
    let power = power(&mut object);
    let machine = resource.kind.to_lowercase().ends_with("virtualmachines");
    let (state, since) = power.unwrap_or_default();
    let own_state = object
        .disk_state
        .0
        .clone()
        .or(object.provisioning_state.0.take());
    resource.traits = traits(resource, &mut object);
    if state.as_deref().is_some_and(|state| state != "running") {
        resource.traits.stopped_on = since.and_then(|time| instant::day(&time));
    }
    resource.state = state.or(own_state.filter(|_| !machine));
    let size = object
        .hardware_profile
        .0
        .and_then(|hardware| hardware.vm_size.0);
    resource.machine_type = size.or(object.sku.0);
    let disk = object
        .storage_profile
        .0
        .and_then(|storage| storage.os_disk.0);
    resource.platform = disk.and_then(|disk| disk.os_type.0).or(object.os_type.0);
    resource.launched = object.time_created.0.and_then(|time| instant::day(&time));
    resource.spot = matches!(object.priority.0.as_deref(), Some("Spot" | "Low"));
    let set = object.virtual_machine_scale_set.0.and_then(|set| set.id.0);
    let pool = || resource.tags.get("aks-managed-poolName").cloned();
    resource.group = set.map(|id| tail(&id).to_owned()).or_else(pool);
}

impl Object {
    /// Takes the fields that only the properties have.
    fn take_from(&mut self, inner: Object) {
        let words = [
            (&mut self.managed_by, inner.managed_by),
            (&mut self.os_type, inner.os_type),
            (&mut self.license_type, inner.license_type),
            (&mut self.priority, inner.priority),
            (&mut self.power_state, inner.power_state),
            (&mut self.time_created, inner.time_created),
            (&mut self.provisioning_state, inner.provisioning_state),
            (&mut self.disk_state, inner.disk_state),
            (&mut self.allocation, inner.allocation),
            (&mut self.version, inner.version),
        ];
        for (own, other) in words {
            own.0 = own.0.take().or(other.0);
        }
        let numbers = [
            (&mut self.disk_size, inner.disk_size),
            (&mut self.disk_iops, inner.disk_iops),
            (&mut self.disk_throughput, inner.disk_throughput),
        ];
        for (own, other) in numbers {
            own.0 = own.0.or(other.0);
        }
        let references = [
            (&mut self.ip_configuration, inner.ip_configuration),
            (&mut self.nat_gateway, inner.nat_gateway),
            (
                &mut self.virtual_machine_scale_set,
                inner.virtual_machine_scale_set,
            ),
        ];
        for (own, other) in references {
            own.0 = own.0.take().or(other.0);
        }
        self.sku.0 = self.sku.0.take().or(inner.sku.0);
        self.hardware_profile.0 = self.hardware_profile.0.take().or(inner.hardware_profile.0);
        self.storage_profile.0 = self.storage_profile.0.take().or(inner.storage_profile.0);
        self.instance_view.0 = self.instance_view.0.take().or(inner.instance_view.0);
        self.extended.0 = self.extended.0.take().or(inner.extended.0);
        self.creation_data.0 = self.creation_data.0.take().or(inner.creation_data.0);
    }
}

/// Subscription, type and name from the ARM path, where nothing else says them; the region as bills spell it.
fn locate(resource: &mut Resource) {
    let mut segments = resource.id.split('/').skip(1);
    let (first, subscription) = (segments.next(), segments.next());
    if let (true, Some(subscription)) = (
        resource.sub_account.is_empty()
            && first.is_some_and(|word| word.eq_ignore_ascii_case("subscriptions")),
        subscription,
    ) {
        resource.sub_account = subscription.to_lowercase();
    }
    if resource.kind.is_empty() {
        resource.kind = crate::resource::kind(&resource.id).unwrap_or_default();
    }
    if resource.name.is_empty() {
        resource.name = tail(&resource.id).to_owned();
    }
    resource.region = resource.region.replace(' ', "").to_lowercase();
}

/// The power state in one word and since when: `deallocated` frees the machine, `stopped` still pays for it.
fn power(object: &mut Object) -> Option<(Option<String>, Option<String>)> {
    let word = |code: &str| {
        let word = code
            .strip_prefix("PowerState/")
            .or(code.strip_prefix("VM "))?;
        Some(word.to_lowercase())
    };
    let extended = object
        .extended
        .0
        .take()
        .and_then(|extended| extended.instance_view.0);
    let view = object.instance_view.0.take().or(extended);
    let said = object.power_state.0.take().and_then(|state| word(&state));
    let Some(view) = view else {
        return said.map(|state| (Some(state), None));
    };
    let mut statuses = view.statuses.0.into_iter().chain(view.power_state.0);
    let told = statuses.find_map(|status| Some((word(status.code.0.as_deref()?)?, status.time.0)));
    let (state, since) = told.map_or((None, None), |(state, since)| (Some(state), since));
    Some((said.or(state), since))
}

fn traits(resource: &Resource, object: &mut Object) -> Traits {
    let kind = resource.kind.to_lowercase();
    let id = |reference: &mut Told<Reference>| reference.0.take().and_then(|one| one.id.0);
    let storage = object.storage_profile.0.as_ref();
    let mut traits = Traits {
        size_gib: object
            .disk_size
            .0
            .or(storage.and_then(|storage| storage.size.0)),
        iops: object.disk_iops.0,
        throughput: object.disk_throughput.0,
        source: object
            .creation_data
            .0
            .take()
            .and_then(|made| made.source_resource_id.0),
        licence: object.license_type.0.take(),
        version: object.version.0.take(),
        ..Traits::default()
    };
    if kind.ends_with("/disks") {
        let unattached = object.disk_state.0.as_deref() == Some("Unattached");
        let user = object.managed_by.0.take();
        traits.attached_to = (user.is_some() || unattached).then(|| user.into_iter().collect());
    }
    if kind.ends_with("/publicipaddresses") {
        let user = id(&mut object.ip_configuration).or(id(&mut object.nat_gateway));
        // Without the properties nothing is known of its use.
        let told = user.is_some() || object.allocation.0.is_some();
        traits.attached_to = told.then(|| user.into_iter().collect());
    }
    traits
}
