//! The plain inventory CSV: one row per resource, for every tool that can write a table. Column names are taken
//! in any spelling; where two columns mean the same, the first filled cell counts. Unknown columns are left
//! alone; a cell that cannot be understood stops the run.

mod columns;

use super::aws::{self, Tag};
use super::azure;
use super::instant;
use super::table::{at_field, csv_error, shown};
use crate::error::{Error, Result};
use crate::resource::arn::Arn;
use crate::resource::{Resource, provider_name};
pub(super) use columns::looks_like;
use columns::{Column, columns, header};
use csv::ByteRecord;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// True where the first line names an id and at least one more column of an inventory.
pub(super) fn is_inventory(text: &[u8]) -> bool {
    let columns = columns(&header(text));
    columns
        .iter()
        .any(|(_, column)| matches!(column, Column::Id | Column::Arn))
        && columns.len() > 1
        && looks_like(text).is_none()
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

/// A row on its way to a resource.
#[derive(Default)]
struct Cells {
    resource: Resource,
    tags: BTreeMap<String, String>,
    arn: String,
    /// Properties, SKU and owner of an Azure resource.
    arm: [String; 3],
}

fn resource(path: &Path, columns: &[(usize, Column)], row: &ByteRecord) -> Result<Resource> {
    let mut cells = Cells::default();
    for (index, column) in columns {
        let cell = row.get(*index).unwrap_or_default().trim_ascii();
        // `(not tagged)` is how AWS's console prints a missing tag.
        if cell.is_empty() || cell == b"(not tagged)" {
            continue;
        }
        let text = std::str::from_utf8(cell).map_err(|_| {
            at_field(path, row, *index, "the cell is not UTF-8 text").hint("save the file as UTF-8")
        })?;
        fill(&mut cells, column, text)
            .map_err(|(what, hint)| at_field(path, row, *index, what).hint(hint))?;
    }
    if !cells.arn.is_empty() {
        cells.resource.id = std::mem::take(&mut cells.arn);
    }
    if cells.resource.id.is_empty() {
        let column = columns
            .iter()
            .find(|(_, column)| matches!(column, Column::Id | Column::Arn))
            .map_or(0, |(index, _)| *index);
        return Err(missing_id(path, row, column));
    }
    Ok(complete(cells))
}

fn missing_id(path: &Path, row: &ByteRecord, column: usize) -> Error {
    at_field(path, row, column, "the row has no resource id")
        .hint("a resource is joined with the bill by its id: fill it, or remove the row")
}

/// Puts a cell where it belongs, unless an earlier column has filled it; an error is what and hint.
fn fill(
    cells: &mut Cells,
    column: &Column,
    text: &str,
) -> std::result::Result<(), (String, &'static str)> {
    let resource = &mut cells.resource;
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
        Column::Tags => cells.tags.extend(tags_of(text)?),
        Column::Tag(key) => {
            cells.tags.insert(key.clone(), text.to_owned());
        }
        Column::Arn => set(&mut cells.arn),
        Column::Properties => set(&mut cells.arm[0]),
        Column::Sku => set(&mut cells.arm[1]),
        Column::ManagedBy => set(&mut cells.arm[2]),
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
    if text.eq_ignore_ascii_case("null") {
        return Ok(BTreeMap::new());
    }
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
fn complete(cells: Cells) -> Resource {
    let (mut resource, tags) = (cells.resource, cells.tags);
    // The column's name beats the `Name` tag, which beats the name in the ARN.
    let named = std::mem::take(&mut resource.name);
    if let Some(arn) = Arn::parse(&resource.id) {
        aws::located(&mut resource, arn);
    }
    aws::label(&mut resource, tags);
    if !named.is_empty() {
        resource.name = named;
    }
    resource.provider = provider_name(&resource.provider, &resource.id);
    if matches!(resource.provider.as_str(), "AWS" | "") {
        resource.region = aws::region_of_zone(&resource.region);
    }
    if cells.arm.iter().any(|cell| !cell.is_empty()) && resource.provider == "Microsoft" {
        let [properties, sku, owner] = cells.arm.each_ref().map(String::as_str);
        let own = resource.clone();
        azure::describe(&mut resource, azure::of_cells(properties, sku, owner));
        // A column of its own beats what stands in the properties.
        resource.machine_type = own.machine_type.or(resource.machine_type);
        resource.state = own.state.or(resource.state);
        resource.platform = own.platform.or(resource.platform);
        resource.launched = own.launched.or(resource.launched);
        resource.group = own.group.or(resource.group);
        resource.spot |= own.spot;
    }
    resource
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
            Some(columns::STRANGERS[0].1)
        );
        assert_eq!(
            looks_like(b"ResourceId,BilledCost,RegionId\n"),
            Some(columns::STRANGERS[1].1)
        );
    }
}
