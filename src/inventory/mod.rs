//! Any inventory file becomes resources, any metrics file becomes usage. A file is known by its content, never
//! by its name. Reads what exists: it asks no cloud, knows no price and gives no advice.
//!
//! A new shape is a variant of [`Shape`], a row in `SHAPES` and an arm in `read_document`; each family of shapes
//! has a file of its own.

mod aws;
mod azure;
mod azure_monitor;
mod cloudwatch;
pub mod compute_optimizer;
mod config;
mod explorer;
mod gather;
mod gcp;
mod instant;
mod json;
mod kubernetes;
mod loose;
mod measure;
mod merge;
mod metric_stream;
pub mod metrics;
mod open;
mod opencost;
mod plain;
mod pods;
mod prometheus;
pub mod recommendations;
mod rows;
mod series;
mod shape;
mod table;
mod tabular;
mod terraform;

pub use merge::merge;
pub use shape::Shape;
use shape::known;

use crate::error::{Error, Result};
use crate::resource::Resource;
use json::Document;
use std::path::Path;

/// The shape of an inventory from its first bytes (a few KiB are enough), uncompressed.
pub fn recognise(head: &[u8]) -> Option<Shape> {
    if json::looks_like_json(head) {
        let keys = json::first_keys(head, |keys| Shape::of(keys).is_some());
        Shape::of(&keys)
    } else if opencost::is_table(head) {
        Some(Shape::OpenCost)
    } else {
        plain::is_inventory(head).then_some(Shape::PlainCsv)
    }
}

/// The resources that one inventory file lists, in its order; plain or gzip.
///
/// ```
/// # use cloudtally::inventory::read;
/// # let file = std::env::temp_dir().join(format!("cloudtally-doc-{}.csv", std::process::id()));
/// std::fs::write(&file, "Resource ID,Instance Type,tag:team\ni-0ab,m5.large,web\n")?;
/// let resources = read(&file).unwrap();
/// assert_eq!(resources[0].machine_type.as_deref(), Some("m5.large"));
/// assert_eq!(resources[0].tags["team"], "web");
/// # std::fs::remove_file(&file)?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn read(path: &Path) -> Result<Vec<Resource>> {
    let text = open::read_all(path, open::open(path)?)?;
    read_text(path, &text)
}

fn read_text(path: &Path, text: &[u8]) -> Result<Vec<Resource>> {
    if !json::looks_like_json(text) {
        return if opencost::is_table(text) {
            opencost::rows(path, text)
        } else if plain::is_inventory(text) {
            plain::resources(path, text)
        } else {
            Err(stranger(path, text))
        };
    }
    let mut resources = Vec::new();
    for document in json::documents(path, text)? {
        resources.extend(read_document(path, document)?);
    }
    Ok(resources)
}

/// Every document is recognised by itself: pages of several calls may share a file.
fn read_document(path: &Path, document: Document<'_>) -> Result<Vec<Resource>> {
    match recognise(document.bytes()) {
        Some(Shape::PlainCsv) | None => {
            let keys = json::first_keys(document.bytes(), |keys| keys.len() == 8);
            let found = match &keys[..] {
                [] => "it has no keys".to_owned(),
                keys => format!(
                    "its first keys are {}",
                    table::shown(keys.join(", ").as_bytes())
                ),
            };
            let what = format!("this JSON is no inventory that is known here: {found}");
            Err(document.error(path, what).hint(known()))
        }
        Some(Shape::AwsConfig) => config::resources(path, document),
        Some(Shape::ResourceExplorer) => explorer::resources(path, document),
        Some(shape @ (Shape::AzureResources | Shape::ResourceGraph)) => {
            azure::resources(path, shape, document)
        }
        Some(shape @ (Shape::CloudAssets | Shape::GoogleCompute)) => {
            gcp::resources(path, shape, document)
        }
        Some(Shape::TerraformState) => terraform::resources(path, document),
        Some(Shape::Kubernetes) => kubernetes::resources(path, document),
        Some(Shape::OpenCost) => opencost::resources(path, document),
        Some(shape) => aws::resources(path, shape, document),
    }
}

/// A text that is neither JSON nor an inventory table.
fn stranger(path: &Path, text: &[u8]) -> Error {
    if let Some((other, hint)) = plain::looks_like(text) {
        return Error::data(format!("this is no inventory but {other}"))
            .at_line(path, 1, 0)
            .hint(hint);
    }
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let what = format!(
        "this is no inventory that is known here; it starts with {}",
        table::shown(line)
    );
    Error::data(what).at_line(path, 1, 0).hint(known())
}

#[cfg(test)]
mod tests;
