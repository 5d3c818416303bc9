//! AWS Resource Explorer: what `aws resource-explorer-2 search` and `list-resources` print. The CSV of its
//! console is a table of columns that `plain` knows.

use super::aws;
use super::json::Document;
use super::loose::{Label, Listed, Tags, Word};
use super::shape::Shape;
use crate::error::Result;
use crate::resource::Resource;
use crate::resource::arn::Arn;
use serde::Deserialize;
use std::path::Path;

/// A page of resources, or one of them.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Found {
    resources: Option<Listed<Found>>,
    arn: Word,
    region: Word,
    resource_type: Word,
    owning_account_id: Word,
    properties: Listed<Property>,
}

/// `{"Name": "tags", "Data": [{"Key": …, "Value": …}]}`; other properties have other data.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Property {
    name: Label,
    data: Tags,
}

/// The resources of one answer.
pub(super) fn resources(path: &Path, document: Document<'_>) -> Result<Vec<Resource>> {
    let Listed(pages): Listed<Found> = document.parse(path, Shape::ResourceExplorer.name())?;
    let mut resources = Vec::new();
    for mut page in pages {
        let listed = match page.resources.take() {
            Some(Listed(listed)) => listed,
            None => vec![page],
        };
        for one in listed {
            let Some(resource) = resource(one) else {
                return Err(document.error(path, "a resource in it has no ARN"));
            };
            resources.push(resource);
        }
    }
    Ok(resources)
}

fn resource(found: Found) -> Option<Resource> {
    let arn = Arn::parse(found.arn.0.as_deref()?)?;
    let mut resource = Resource {
        provider: "AWS".to_owned(),
        sub_account: found.owning_account_id.0.unwrap_or_default(),
        region: found
            .region
            .0
            .filter(|region| region != "global")
            .unwrap_or_default(),
        ..Resource::default()
    };
    aws::located(&mut resource, arn);
    if !resource.kind.contains(':')
        && let Some(kind) = found.resource_type.0
    {
        resource.kind = kind;
    }
    let tags = found.properties.0.into_iter();
    let tags = tags.filter(|one| {
        one.name
            .0
            .as_deref()
            .is_some_and(|name| name.eq_ignore_ascii_case("tags"))
    });
    aws::label(&mut resource, tags.flat_map(|one| one.data.0).collect());
    Some(resource)
}
