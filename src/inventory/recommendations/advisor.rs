//! Azure Advisor's recommendations on cost: `az advisor recommendation list` (flat), the REST API's pages (under
//! `properties`), or the CSV of its page. Its amounts are texts, per year and per month; those per year are finer.

use super::super::json::Document;
use super::super::loose::{Told, Word};
use super::super::table::{at_field, csv_error, normal};
use super::{Advised, COMMITMENTS, NO_RESOURCE, NOT_COST, amount, currency, days};
use crate::error::Result;
use crate::money::{Money, per};
use crate::resource::{Pricing, Recommendation, Recommender, Step};
use csv::ByteRecord;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    id: Word,
    properties: Told<Fields>,
    #[serde(flatten)]
    own: Fields,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Fields {
    category: Word,
    short_description: Told<Short>,
    extended_properties: Told<BTreeMap<String, Word>>,
    resource_metadata: Told<Metadata>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Short {
    problem: Word,
    solution: Word,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    resource_id: Word,
}

/// What JSON and CSV have in common.
#[derive(Default)]
struct Said {
    category: String,
    resource: String,
    words: String,
    current: String,
    target: String,
    commits: bool,
    savings: Option<Money>,
    currency: String,
    days: Option<u32>,
}

/// Adds a document's entries.
pub(super) fn entries(path: &Path, document: Document<'_>, advised: &mut Advised) -> Result<()> {
    for entry in super::entries::<Entry>(path, document, Recommender::Advisor)? {
        let told = told(entry).map_err(|what| document.error(path, what))?;
        add(told, advised);
    }
    Ok(())
}

fn told(entry: Entry) -> std::result::Result<Said, String> {
    let fields = entry.properties.0.unwrap_or(entry.own);
    let more = fields.extended_properties.0.unwrap_or_default();
    let get = |name: &str| more.get(name).and_then(|word| word.0.as_deref());
    let text = |name: &str| get(name).unwrap_or_default().to_owned();
    let id = entry.id.0.unwrap_or_default();
    let named = fields
        .resource_metadata
        .0
        .and_then(|metadata| metadata.resource_id.0);
    let resource = named.unwrap_or_else(|| owner(&id).to_owned());
    let short = fields.short_description.0.unwrap_or_default();
    let at = |what: String| format!("{what} ({resource})");
    let yearly = amount("annualSavingsAmount", get("annualSavingsAmount")).map_err(at)?;
    let monthly = amount("savingsAmount", get("savingsAmount")).map_err(at)?;
    Ok(Said {
        category: fields.category.0.unwrap_or_default(),
        words: short.problem.0.or(short.solution.0).unwrap_or_default(),
        current: text("currentSku"),
        target: text("targetSku"),
        commits: get("term").is_some() || get("reservedResourceType").is_some(),
        savings: yearly.and_then(twelfth).or(monthly),
        currency: currency(get("savingsCurrency")),
        days: days(get("lookbackPeriod")),
        resource,
    })
}

/// The resource that a recommendation's own id hangs below.
fn owner(id: &str) -> &str {
    let at = id
        .to_ascii_lowercase()
        .find("/providers/microsoft.advisor/");
    at.and_then(|at| id.get(..at)).unwrap_or(id)
}

fn twelfth(yearly: Money) -> Option<Money> {
    per(yearly, Money::from_units(12_000_000_000_000), 12)
}

fn add(told: Said, advised: &mut Advised) {
    let step = step(&told);
    if !told.category.eq_ignore_ascii_case("cost") && !told.category.is_empty() {
        return advised.leave(NOT_COST);
    }
    if step == Step::Commit {
        return advised.leave(COMMITMENTS);
    }
    // `/subscriptions/…` alone is a whole subscription.
    if told.resource.trim_matches('/').split('/').count() == 2 || told.resource.is_empty() {
        return advised.leave(NO_RESOURCE);
    }
    advised.entries.push(Recommendation {
        source: Recommender::Advisor,
        resource: told.resource,
        step,
        words: told.words,
        current: told.current,
        target: if step.is_change() {
            told.target
        } else {
            String::new()
        },
        monthly_savings: told.savings,
        currency: told.currency,
        pricing: Pricing::List,
        lookback_days: told.days,
        memory: None,
    });
}

fn step(told: &Said) -> Step {
    let words = told.words.to_lowercase();
    let says = |some: &[&str]| some.iter().any(|word| words.contains(word));
    if told.commits || says(&["reserved", "reservation", "savings plan"]) {
        Step::Commit
    } else if told.target.eq_ignore_ascii_case("shutdown") {
        Step::Stop
    } else if !told.target.is_empty() || says(&["right-size", "rightsize", "resize"]) {
        Step::Resize
    } else if says(&["shut down", "shutdown"]) {
        Step::Stop
    } else if says(&[
        "delet",
        "unattached",
        "not been attached",
        "unused",
        "idle",
        "orphan",
    ]) {
        Step::Delete
    } else {
        Step::Review
    }
}

/// True for the header of the page's CSV.
pub(super) fn is_table(text: &[u8]) -> bool {
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let names = normal(&String::from_utf8_lossy(line));
    [
        "category",
        "recommendation",
        "subscriptionid",
        "resourcename",
    ]
    .iter()
    .all(|name| names.contains(name))
}

/// Adds the rows of the page's CSV.
pub(super) fn rows(path: &Path, text: &[u8], advised: &mut Advised) -> Result<()> {
    let mut table = csv::Reader::from_reader(text);
    let header = table
        .byte_headers()
        .map_err(|error| csv_error(path, &error))?;
    let names = header
        .iter()
        .map(|name| normal(&String::from_utf8_lossy(name)));
    let header: Vec<String> = names.collect();
    let mut row = ByteRecord::new();
    while table
        .read_byte_record(&mut row)
        .map_err(|error| csv_error(path, &error))?
    {
        add(of_row(path, &header, &row)?, advised);
    }
    Ok(())
}

fn of_row(path: &Path, header: &[String], row: &ByteRecord) -> Result<Said> {
    let place = |names: &[&str]| {
        let mut places = names
            .iter()
            .map(|name| header.iter().position(|have| have == name));
        places.find_map(|place| place)
    };
    let cell = |names: &[&str]| {
        let text = String::from_utf8_lossy(row.get(place(names)?).unwrap_or_default());
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let savings = &[
        "potentialannualcostsavings",
        "annualsavingsamount",
        "potentialcostsavings",
    ];
    let yearly = amount("Potential Annual Cost Savings", cell(savings).as_deref())
        .map_err(|what| at_field(path, row, place(savings).unwrap_or(0), what))?;
    let code = cell(&[
        "currency",
        "savingscurrency",
        "potentialcostsavingscurrency",
    ]);
    Ok(Said {
        category: cell(&["category"]).unwrap_or_default(),
        resource: cell(&["resourceid", "resourceuri"]).unwrap_or_else(|| arm_id(&cell)),
        words: cell(&["recommendation"]).unwrap_or_default(),
        savings: yearly.and_then(twelfth),
        currency: currency(code.as_deref()),
        ..Said::default()
    })
}

/// The page prints an id in four columns, and some types by their names for people.
fn arm_id(cell: &impl Fn(&[&str]) -> Option<String>) -> String {
    let kind = cell(&["resourcetype", "type"]).unwrap_or_default();
    let kind = match kind.to_lowercase().as_str() {
        "virtual machine" => "Microsoft.Compute/virtualMachines".to_owned(),
        "disk" => "Microsoft.Compute/disks".to_owned(),
        "public ip address" => "Microsoft.Network/publicIPAddresses".to_owned(),
        _ => kind,
    };
    let name = cell(&["resourcename"]).unwrap_or_default();
    match (cell(&["subscriptionid"]), cell(&["resourcegroup"])) {
        (Some(subscription), Some(group)) if kind.contains('/') => {
            format!("/subscriptions/{subscription}/resourceGroups/{group}/providers/{kind}/{name}")
        }
        _ => name,
    }
}
