//! Any inventory file becomes resources, any metrics file becomes usage. A file is known by its content, never
//! by its name. Reads what exists: it asks no cloud, knows no price and gives no advice.
//!
//! A new shape is a variant of [`Shape`], a row in `SHAPES` and an arm in `read_document`.

mod arn;
mod aws;
mod azure_monitor;
mod cloudwatch;
pub mod compute_optimizer;
mod gather;
mod instant;
mod json;
mod measure;
mod merge;
mod metric_stream;
pub mod metrics;
mod open;
mod plain;
mod prometheus;
mod rows;
mod series;
mod table;
mod tabular;

pub use merge::merge;

use crate::error::{Error, Result};
use crate::resource::Resource;
use json::Document;
use std::path::Path;

/// The inventories that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `aws ec2 describe-instances`.
    DescribeInstances,
    /// `aws ec2 describe-volumes`.
    DescribeVolumes,
    /// `aws ec2 describe-snapshots`.
    DescribeSnapshots,
    /// `aws ec2 describe-addresses`.
    DescribeAddresses,
    /// `aws ec2 describe-nat-gateways`.
    DescribeNatGateways,
    /// `aws rds describe-db-instances`.
    DescribeDbInstances,
    /// `aws resourcegroupstaggingapi get-resources`.
    TaggingResources,
    /// A table with one row per resource, see the column names in `plain`.
    PlainCsv,
}

/// How a shape is known.
struct Row {
    shape: Shape,
    name: &'static str,
    /// Sets of JSON keys, each of which is enough: of a page, or of the resource itself.
    keys: &'static [&'static [&'static str]],
}

const SHAPES: &[Row] = &[
    Row {
        shape: Shape::DescribeInstances,
        name: "`aws ec2 describe-instances`",
        keys: &[
            &["Reservations"],
            &["ReservationId", "Instances"],
            &["InstanceId", "InstanceType"],
        ],
    },
    Row {
        shape: Shape::DescribeVolumes,
        name: "`aws ec2 describe-volumes`",
        keys: &[&["Volumes"], &["VolumeId", "VolumeType"]],
    },
    Row {
        shape: Shape::DescribeSnapshots,
        name: "`aws ec2 describe-snapshots`",
        keys: &[&["Snapshots"], &["SnapshotId", "StartTime"]],
    },
    Row {
        shape: Shape::DescribeAddresses,
        name: "`aws ec2 describe-addresses`",
        keys: &[&["Addresses"], &["AllocationId", "PublicIp"]],
    },
    Row {
        shape: Shape::DescribeNatGateways,
        name: "`aws ec2 describe-nat-gateways`",
        keys: &[&["NatGateways"], &["NatGatewayId", "NatGatewayAddresses"]],
    },
    Row {
        shape: Shape::DescribeDbInstances,
        name: "`aws rds describe-db-instances`",
        keys: &[&["DBInstances"], &["DBInstanceArn", "DBInstanceClass"]],
    },
    Row {
        shape: Shape::TaggingResources,
        name: "`aws resourcegroupstaggingapi get-resources`",
        keys: &[&["ResourceTagMappingList"], &["ResourceARN", "Tags"]],
    },
    Row {
        shape: Shape::PlainCsv,
        name: "a plain inventory CSV",
        keys: &[],
    },
];

impl Shape {
    /// How people call it.
    pub fn name(self) -> &'static str {
        SHAPES
            .iter()
            .find(|row| row.shape == self)
            .map_or("", |row| row.name)
    }

    /// Every shape that can be read.
    pub fn all() -> impl Iterator<Item = Shape> {
        SHAPES.iter().map(|row| row.shape)
    }
}

/// The shape of an inventory from its first bytes (a few KiB are enough), uncompressed.
pub fn recognise(head: &[u8]) -> Option<Shape> {
    if json::looks_like_json(head) {
        let keys = json::first_keys(head, |keys| shape_of(keys).is_some());
        shape_of(&keys)
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
        return if plain::is_inventory(text) {
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
        Some(shape) => aws::resources(path, shape, document),
    }
}

fn shape_of(keys: &[String]) -> Option<Shape> {
    let has = |key: &&str| keys.iter().any(|found| found == key);
    SHAPES
        .iter()
        .find(|row| row.keys.iter().any(|set| set.iter().all(has)))
        .map(|row| row.shape)
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

fn known() -> String {
    let names: Vec<&str> = SHAPES.iter().map(|row| row.name).collect();
    format!(
        "known are the JSON of {}; the CSV needs a column `resource_id` and one more of them",
        names.join(", ")
    )
}

#[cfg(test)]
mod tests;
