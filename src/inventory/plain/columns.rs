//! The columns of inventories that are tables, by any of their names, and other tables told apart by theirs.

use super::super::table::normal;
use csv::ByteRecord;

/// What a column holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Column {
    Id,
    /// An ARN, which beats any shorter id beside it.
    Arn,
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
    /// Resource Graph's properties, as JSON text.
    Properties,
    /// Resource Graph's SKU, as JSON text.
    Sku,
    /// The machine that an Azure disk belongs to.
    ManagedBy,
    /// `tag:KEY`, with the key as it is written.
    Tag(String),
}

/// Column names without case, blanks and punctuation.
const NAMES: &[(Column, &[&str])] = &[
    (
        Column::Id,
        &["resourceid", "id", "instanceid", "identifier"],
    ),
    (Column::Arn, &["arn", "resourcearn"]),
    (
        Column::Provider,
        &["provider", "providername", "cloud", "cloudprovider"],
    ),
    (
        Column::Account,
        &[
            "accountid",
            "account",
            "awsaccount",
            "owningaccountid",
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
    (Column::Properties, &["properties"]),
    (Column::Sku, &["sku"]),
    (Column::ManagedBy, &["managedby"]),
];

/// Column names of other files that people pass by mistake: what those files are, and where they belong.
pub(super) const STRANGERS: &[(&[&str], (&str, &str))] = &[
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

/// What else a table is, by its first line, and where it belongs.
pub(in crate::inventory) fn looks_like(text: &[u8]) -> Option<(&'static str, &'static str)> {
    let names: Vec<String> = fields(&header(text)).map(|name| normal(&name)).collect();
    let has = |name: &&str| names.iter().any(|found| found == name);
    STRANGERS
        .iter()
        .find(|(columns, _)| columns.iter().all(has))
        .map(|(_, what)| *what)
}

pub(super) fn header(text: &[u8]) -> ByteRecord {
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

pub(super) fn columns(header: &ByteRecord) -> Vec<(usize, Column)> {
    fields(header)
        .enumerate()
        .filter_map(|(index, name)| Some((index, column(&name)?)))
        .collect()
}

fn column(name: &str) -> Option<Column> {
    if let Some((prefix, key)) = name.split_once(':')
        && prefix.eq_ignore_ascii_case("tag")
    {
        let key = key.trim();
        return (!key.is_empty()).then(|| Column::Tag(key.to_owned()));
    }
    let name = normal(name);
    NAMES
        .iter()
        .find(|(_, names)| names.contains(&name.as_str()))
        .map(|(column, _)| column.clone())
}
