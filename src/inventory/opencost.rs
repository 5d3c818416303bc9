//! `OpenCost`'s allocations, JSON and CSV: the namespaces and controllers of a cluster with their labels. Its
//! costs are not read, the cloud's bill has them; idle and unallocated shares are no resources.

use super::json::Document;
use super::loose::{Listed, Tags, Told, Word};
use super::shape::Shape;
use super::table::{csv_error, normal};
use crate::error::Result;
use crate::resource::Resource;
use csv::StringRecord;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    data: Listed<BTreeMap<String, Told<Allocation>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Allocation {
    properties: Told<Properties>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Properties {
    cluster: Word,
    namespace: Word,
    controller_kind: Word,
    controller: Word,
    namespace_labels: Tags,
    labels: Tags,
}

/// The namespaces and controllers of one answer, each once, however many windows it spans.
pub(super) fn resources(path: &Path, document: Document<'_>) -> Result<Vec<Resource>> {
    let Listed(answers): Listed<Answer> = document.parse(path, Shape::OpenCost.name())?;
    let sets = answers.into_iter().flat_map(|answer| answer.data.0);
    let allocations = sets.flatten().filter_map(|(_, allocation)| allocation.0);
    Ok(once(allocations.filter_map(|allocation| {
        resource(allocation.properties.0?)
    })))
}

/// True where the first line is that of `OpenCost`'s CSV.
pub(super) fn is_table(text: &[u8]) -> bool {
    let columns = header(text);
    ["namespace", "totalcost"]
        .iter()
        .all(|name| columns.contains_key(*name))
        && ["controllername", "controllerkind", "cpucoreusageaverage"]
            .iter()
            .any(|name| columns.contains_key(*name))
}

/// The namespaces and controllers of `OpenCost`'s CSV.
pub(super) fn rows(path: &Path, text: &[u8]) -> Result<Vec<Resource>> {
    let columns = header(text);
    let mut csv = csv::Reader::from_reader(text);
    let mut row = StringRecord::new();
    let mut found = Vec::new();
    while csv
        .read_record(&mut row)
        .map_err(|error| csv_error(path, &error))?
    {
        let cell = |name: &str| {
            columns
                .get(name)
                .and_then(|at| row.get(*at))
                .unwrap_or_default()
        };
        let word =
            |name: &str| Word(Some(cell(name).trim().to_owned()).filter(|text| !text.is_empty()));
        let labels = serde_json::from_value(serde_json::Value::from(cell("labels")));
        found.extend(resource(Properties {
            cluster: word("cluster"),
            namespace: word("namespace"),
            controller_kind: word("controllerkind"),
            controller: word("controllername"),
            namespace_labels: Tags::default(),
            labels: labels.unwrap_or_default(),
        }));
    }
    Ok(once(found.into_iter()))
}

/// Where each column stands, by its name without case and punctuation.
fn header(text: &[u8]) -> BTreeMap<String, usize> {
    let mut csv = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text);
    let mut header = StringRecord::new();
    // A header that cannot be read has no columns, and the file is then none of OpenCost's.
    let _ = csv.read_record(&mut header);
    header
        .iter()
        .enumerate()
        .map(|(at, name)| (normal(name), at))
        .collect()
}

fn resource(found: Properties) -> Option<Resource> {
    let namespace = found.namespace.0.filter(|name| !name.starts_with("__"))?;
    let cluster = found.cluster.0.unwrap_or_default();
    let controller = found.controller.0.filter(|name| !name.starts_with("__"));
    let mut tags = found.namespace_labels.0;
    tags.extend(found.labels.0);
    let (id, kind, name) = match controller {
        Some(controller) => {
            let what = found
                .controller_kind
                .0
                .unwrap_or("controller".to_owned())
                .to_lowercase();
            (format!("{what}/{namespace}/{controller}"), what, controller)
        }
        None => (
            format!("namespace/{namespace}"),
            "namespace".to_owned(),
            namespace,
        ),
    };
    let slash = if cluster.is_empty() { "" } else { "/" };
    Some(Resource {
        id: format!("k8s:{cluster}{slash}{id}"),
        provider: "Kubernetes".to_owned(),
        sub_account: cluster,
        kind: format!("k8s:{kind}"),
        name,
        tags,
        ..Resource::default()
    })
}

/// Each once, by id; labels that differ from window to window are united, the later one wins.
fn once(found: impl Iterator<Item = Resource>) -> Vec<Resource> {
    let mut by_id: BTreeMap<String, Resource> = BTreeMap::new();
    for resource in found {
        match by_id.get_mut(&resource.id) {
            Some(known) => known.tags.extend(resource.tags),
            None => drop(by_id.insert(resource.id.clone(), resource)),
        }
    }
    by_id.into_values().collect()
}
