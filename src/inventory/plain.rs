//! The plain inventory CSV: one row per resource, for every tool that can write a table. Column names are taken
//! in any spelling; where two columns mean the same, the first filled cell counts. Unknown columns are left
//! alone; a cell that cannot be understood stops the run.

use super::arn::Arn;
use super::aws::{self, Tag};
use super::instant;
use super::table::{at_field, csv_error, normal, shown};
use crate::error::{Error, Result};
use crate::resource::Resource;
use csv::ByteRecord;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// What a column holds.
#[derive(Clone, Debug, PartialEq)]
enum Column {
    Id,
    Provider,
    Account,
    Region,
    Kind,
    MachineType,
    State,
    Platform,
    Name,
    Launched,
    Spot,
    Group,
    Tags,
    /// `tag:KEY`, with the key as it is written.
    Tag(String),
}

/// Column names without case, blanks and punctuation.
const NAMES: &[(Column, &[&str])] = &[
    (
        Column::Id,
        &["resourceid", "id", "arn", "resourcearn", "instanceid"],
    ),
    (
        Column::Provider,
        &["provider", "providername", "cloud", "cloudprovider"],
    ),
    (
        Column::Account,
        &[
            "accountid",
            "account",
            "subaccountid",
            "subscription",
            "subscriptionid",
            "project",
            "projectid",
            "ownerid",
        ],
    ),
    (
        Column::Region,
        &["region", "regionid", "location", "availabilityzone", "zone"],
    ),
    (Column::Kind, &["resourcetype", "kind", "type"]),
    (
        Column::MachineType,
        &["instancetype", "machinetype", "vmsize", "instanceclass"],
    ),
    (Column::State, &["state", "status", "powerstate"]),
    (
        Column::Platform,
        &["platform", "platformdetails", "os", "operatingsystem"],
    ),
    (Column::Name, &["name", "resourcename", "displayname"]),
    (
        Column::Launched,
        &[
            "launched",
            "launchtime",
            "created",
            "createdat",
            "creationdate",
            "creationtime",
        ],
    ),
    (Column::Spot, &["spot", "lifecycle", "instancelifecycle"]),
    (
        Column::Group,
        &["group", "autoscalinggroup", "scaleset", "nodegroup"],
    ),
    (Column::Tags, &["tags", "labels"]),
];

/// Column names of other files that people pass by mistake: what those files are, and where they belong.
const STRANGERS: &[(&[&str], (&str, &str))] = &[
    (
        &["metric", "value"],
        ("a metrics table", "list it under `[[usage]]`"),
    ),
    (&["billedcost"], ("a bill", "list it under `[[bills]]`")),
    (
        &["lineitemunblendedcost"],
        ("a bill", "list it under `[[bills]]`"),
    ),
];

/// True where the first line names an id and at least one more column of an inventory.
pub(super) fn is_inventory(text: &[u8]) -> bool {
    let columns = columns(&header(text));
    columns.iter().any(|(_, column)| *column == Column::Id)
        && columns.len() > 1
        && looks_like(text).is_none()
}

/// What else a table is, by its first line, and where it belongs.
pub(super) fn looks_like(text: &[u8]) -> Option<(&'static str, &'static str)> {
    let names: Vec<String> = fields(&header(text)).map(|name| normal(&name)).collect();
    let has = |name: &&str| names.iter().any(|found| found == name);
    STRANGERS
        .iter()
        .find(|(columns, _)| columns.iter().all(has))
        .map(|(_, what)| *what)
}

/// The resources of a table that [`is_inventory`], one per row.
pub(super) fn resources(path: &Path, text: &[u8]) -> Result<Vec<Resource>> {
    let columns = columns(&header(text));
    let mut csv = csv::Reader::from_reader(text);
    let mut row = ByteRecord::new();
    let mut resources = Vec::new();
    while csv
        .read_byte_record(&mut row)
        .map_err(|error| csv_error(path, &error))?
    {
        resources.push(resource(path, &columns, &row)?);
    }
    Ok(resources)
}

fn header(text: &[u8]) -> ByteRecord {
    let mut csv = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text);
    let mut header = ByteRecord::new();
    // A header that cannot be read has no columns, which the caller reports in its own words.
    let _ = csv.read_byte_record(&mut header);
    header
}

fn fields(header: &ByteRecord) -> impl Iterator<Item = String> {
    header
        .iter()
        .map(|name| String::from_utf8_lossy(name).trim().to_owned())
}

fn columns(header: &ByteRecord) -> Vec<(usize, Column)> {
    fields(header)
        .enumerate()
        .filter_map(|(index, name)| Some((index, column(&name)?)))
        .collect()
}

fn column(name: &str) -> Option<Column> {
    if let Some((prefix, key)) = name.split_once(':')
        && prefix.eq_ignore_ascii_case("tag")
    {
        return (!key.is_empty()).then(|| Column::Tag(key.to_owned()));
    }
    let name = normal(name);
    NAMES
        .iter()
        .find(|(_, names)| names.contains(&name.as_str()))
        .map(|(column, _)| column.clone())
}

fn resource(path: &Path, columns: &[(usize, Column)], row: &ByteRecord) -> Result<Resource> {
    let mut resource = Resource::default();
    let mut tags = BTreeMap::new();
    for (index, column) in columns {
        let cell = row.get(*index).unwrap_or_default().trim_ascii();
        if cell.is_empty() {
            continue;
        }
        let text = std::str::from_utf8(cell).map_err(|_| {
            at_field(path, row, *index, "the cell is not UTF-8 text").hint("save the file as UTF-8")
        })?;
        fill(&mut resource, &mut tags, column, text)
            .map_err(|(what, hint)| at_field(path, row, *index, what).hint(hint))?;
    }
    if resource.id.is_empty() {
        let column = columns
            .iter()
            .find(|(_, column)| *column == Column::Id)
            .map_or(0, |(index, _)| *index);
        return Err(missing_id(path, row, column));
    }
    complete(&mut resource, tags);
    Ok(resource)
}

fn missing_id(path: &Path, row: &ByteRecord, column: usize) -> Error {
    at_field(path, row, column, "the row has no resource id")
        .hint("a resource is joined with the bill by its id: fill it, or remove the row")
}

/// Puts a cell where it belongs, unless an earlier column has filled it; an error is what and hint.
fn fill(
    resource: &mut Resource,
    tags: &mut BTreeMap<String, String>,
    column: &Column,
    text: &str,
) -> std::result::Result<(), (String, &'static str)> {
    let set = |field: &mut String| {
        if field.is_empty() {
            text.clone_into(field);
        }
    };
    let set_fact = |fact: &mut Option<String>| {
        fact.get_or_insert_with(|| text.to_owned());
    };
    match column {
        Column::Id => set(&mut resource.id),
        Column::Provider => set(&mut resource.provider),
        Column::Account => set(&mut resource.sub_account),
        Column::Region => set(&mut resource.region),
        Column::Kind => set(&mut resource.kind),
        Column::Name => set(&mut resource.name),
        Column::MachineType => set_fact(&mut resource.machine_type),
        Column::State => set_fact(&mut resource.state),
        Column::Platform => set_fact(&mut resource.platform),
        Column::Group => set_fact(&mut resource.group),
        Column::Launched => resource.launched = resource.launched.or(Some(launched(text)?)),
        Column::Spot => resource.spot |= is_spot(text),
        Column::Tags => tags.extend(tags_of(text)?),
        Column::Tag(key) => {
            tags.insert(key.clone(), text.to_owned());
        }
    }
    Ok(())
}

fn launched(text: &str) -> std::result::Result<chrono::NaiveDate, (String, &'static str)> {
    let hint = "write `2026-10-31` or `2026-10-31T08:00:00Z`";
    instant::day(text).ok_or_else(|| (format!("{} is no day", shown(text.as_bytes())), hint))
}

fn is_spot(text: &str) -> bool {
    ["spot", "preemptible", "true", "yes", "1"].contains(&text.to_lowercase().as_str())
}

/// Tags as a JSON object (`{"team":"web"}`), as AWS lists them, or as `team=web;env=prod`.
fn tags_of(text: &str) -> std::result::Result<BTreeMap<String, String>, (String, &'static str)> {
    let hint = "write them as {\"team\":\"web\"} or as team=web;env=prod";
    let wrong = || (format!("{} are no tags", shown(text.as_bytes())), hint);
    match text.as_bytes().first() {
        Some(b'{') => {
            let object: BTreeMap<String, Value> =
                serde_json::from_str(text).map_err(|_| wrong())?;
            object
                .into_iter()
                .map(|(key, value)| Some((key, word(value)?)))
                .collect::<Option<_>>()
                .ok_or_else(wrong)
        }
        Some(b'[') => serde_json::from_str::<Vec<Tag>>(text)
            .map(aws::by_key)
            .map_err(|_| wrong()),
        _ => {
            let pairs = text
                .split(';')
                .map(str::trim)
                .filter(|pair| !pair.is_empty());
            let pair = |pair: &str| {
                let (key, value) = pair.split_once('=')?;
                let key = key.trim();
                (!key.is_empty()).then(|| (key.to_owned(), value.trim().to_owned()))
            };
            pairs.map(pair).collect::<Option<_>>().ok_or_else(wrong)
        }
    }
}

/// A JSON value as a tag's value; lists and objects are none.
fn word(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Null => Some(String::new()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// What the id and the tags say beyond the columns, and the provider's and region's usual spelling.
fn complete(resource: &mut Resource, tags: BTreeMap<String, String>) {
    // The column's name beats the `Name` tag, which beats the name in the ARN.
    let named = std::mem::take(&mut resource.name);
    if let Some(arn) = Arn::parse(&resource.id) {
        aws::located(resource, arn);
    }
    aws::label(resource, tags);
    if !named.is_empty() {
        resource.name = named;
    }
    let id = resource.id.as_str();
    let provider = match normal(&resource.provider).as_str() {
        "aws" | "amazon" | "amazonwebservices" => "AWS",
        "azure" | "microsoft" | "microsoftazure" => "Microsoft",
        "gcp" | "google" | "googlecloud" | "googlecloudplatform" => "Google Cloud",
        "" if id.starts_with("arn:aws") => "AWS",
        "" if id.to_lowercase().starts_with("/subscriptions/") => "Microsoft",
        "" if id.contains("googleapis.com/") => "Google Cloud",
        _ => resource.provider.as_str(),
    };
    resource.provider = provider.to_owned();
    if matches!(resource.provider.as_str(), "AWS" | "") {
        resource.region = aws::region_of_zone(&resource.region);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Resource>> {
        resources(Path::new("inventory.csv"), text.as_bytes())
    }

    #[test]
    fn columns_are_known_in_any_spelling() {
        let text = "Resource ID,Sub Account Id,LOCATION,instance_type,OS,Launched,tag:Cost Center,Ignored\n\
                    i-0ab,1234,eu-west-1b,m5.large,Linux,2026-03-04,42,x\n";
        let found = &read(text).unwrap()[0];
        assert_eq!(
            (found.id.as_str(), found.sub_account.as_str()),
            ("i-0ab", "1234")
        );
        assert_eq!(
            (found.region.as_str(), found.machine_type.as_deref()),
            ("eu-west-1", Some("m5.large"))
        );
        assert_eq!(
            found.launched.map(|day| day.to_string()).as_deref(),
            Some("2026-03-04")
        );
        assert_eq!(found.tags["Cost Center"], "42");
    }

    #[test]
    fn tags_come_as_json_as_a_list_or_as_pairs() {
        for text in [
            r#"{"team":"web","n":1}"#,
            r#"[{"Key":"team","Value":"web"},{"Key":"n","Value":"1"}]"#,
            "team=web; n=1;",
        ] {
            let tags = tags_of(text).unwrap();
            assert_eq!(
                (tags["team"].as_str(), tags["n"].as_str()),
                ("web", "1"),
                "{text}"
            );
        }
        for text in ["web", "=web", r#"{"team":{}}"#, r#"{"team""#] {
            assert!(tags_of(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_arn_fills_what_the_columns_leave_open() {
        let found = &read("arn,name\narn:aws:rds:us-east-1:123456789012:db:orders,\n").unwrap()[0];
        assert_eq!(
            (found.provider.as_str(), found.kind.as_str()),
            ("AWS", "rds:db")
        );
        assert_eq!(
            (found.name.as_str(), found.region.as_str()),
            ("orders", "us-east-1")
        );
    }

    #[test]
    fn a_cell_that_is_wrong_is_named_by_line_and_column() {
        let place = |text: &str| {
            read(text)
                .unwrap_err()
                .place()
                .map(|place| (place.line, place.column))
        };
        assert_eq!(place("id,name\ni-1,a\n,b\n"), Some((3, 1)));
        assert_eq!(place("id,launched\ni-1,03/04/2026\n"), Some((2, 2)));
        assert_eq!(
            place("id,name,tags\n\"i\n1\",a,b=1\ni-2,a,b\n"),
            Some((4, 3))
        );
        assert_eq!(place("id,name\ni-1\n"), Some((2, 0)));
    }

    #[test]
    fn other_tables_are_told_apart() {
        assert!(is_inventory(b"ID,Name\n"));
        assert!(!is_inventory(b"id\n") && !is_inventory(b"name,region\n"));
        assert_eq!(
            looks_like(b"resource_id,timestamp,metric,value\n"),
            Some(STRANGERS[0].1)
        );
        assert_eq!(
            looks_like(b"ResourceId,BilledCost,RegionId\n"),
            Some(STRANGERS[1].1)
        );
    }
}
