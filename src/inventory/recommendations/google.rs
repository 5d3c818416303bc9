//! Google Cloud Recommender, `gcloud recommender recommendations list --format=json`. A cost below zero over some
//! seconds is a saving; entries that are done or dismissed are counted aside.

use super::super::json::Document;
use super::super::loose::{Listed, Told, Word, Words};
use super::{Advised, CLOSED, COMMITMENTS, NO_RESOURCE, NOT_COST, currency};
use crate::error::Result;
use crate::money::{Money, per};
use crate::resource::{MONTH_HOURS, Pricing, Recommendation, Recommender, Step};
use serde::Deserialize;
use std::path::Path;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Entry {
    name: Word,
    description: Word,
    recommender_subtype: Word,
    primary_impact: Told<Impact>,
    content: Told<Content>,
    state_info: Told<State>,
    target_resources: Words,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Impact {
    category: Word,
    cost_projection: Told<Projection>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Projection {
    cost: Told<Cost>,
    duration: Word,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Cost {
    currency_code: Word,
    units: Word,
    nanos: Word,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Content {
    operation_groups: Listed<Group>,
    overview: Told<Overview>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Overview {
    resource: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Group {
    operations: Listed<Operation>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Operation {
    action: Word,
    resource: Word,
    path: Word,
    value: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct State {
    state: Word,
}

/// Adds a document's entries.
pub(super) fn entries(path: &Path, document: Document<'_>, advised: &mut Advised) -> Result<()> {
    for entry in super::entries::<Entry>(path, document, Recommender::GcpRecommender)? {
        if let Some(why) = aside(&entry) {
            advised.leave(why);
            continue;
        }
        match recommendation(entry).map_err(|what| document.error(path, what))? {
            Some(recommendation) => advised.entries.push(recommendation),
            None => advised.leave(NO_RESOURCE),
        }
    }
    Ok(())
}

fn word(word: &Word) -> &str {
    word.0.as_deref().unwrap_or_default()
}

/// Why an entry is no advice about the cost of a resource.
fn aside(entry: &Entry) -> Option<&'static str> {
    let subtype = word(&entry.recommender_subtype);
    let category = entry
        .primary_impact
        .0
        .as_ref()
        .map_or("", |impact| word(&impact.category));
    let state = entry
        .state_info
        .0
        .as_ref()
        .map_or("", |info| word(&info.state));
    if word(&entry.name).to_lowercase().contains("commitment") || subtype.contains("COMMITMENT") {
        Some(COMMITMENTS)
    } else if category != "COST" && !subtype.contains("MACHINE_TYPE") {
        Some(NOT_COST)
    } else {
        ["SUCCEEDED", "FAILED", "DISMISSED"]
            .contains(&state)
            .then_some(CLOSED)
    }
}

/// The entry, or nothing where it names no resource; an error says what is wrong with it.
fn recommendation(entry: Entry) -> std::result::Result<Option<Recommendation>, String> {
    let impact = entry.primary_impact.0.unwrap_or_default();
    let content = entry.content.0.unwrap_or_default();
    let groups = content.operation_groups.0.iter();
    let operations: Vec<&Operation> = groups.flat_map(|group| &group.operations.0).collect();
    let overview = content.overview.0.and_then(|overview| overview.resource.0);
    let targets = entry.target_resources.0.first().cloned();
    let Some(resource) = touched(&operations).or(overview).or(targets) else {
        return Ok(None);
    };
    let projection = impact.cost_projection.0.unwrap_or_default();
    let cost = projection.cost.0.unwrap_or_default();
    let savings = savings(&cost, projection.duration.0.as_deref())
        .map_err(|what| format!("{what} ({resource})"))?;
    let grows = word(&impact.category) == "PERFORMANCE"
        || savings.is_some_and(|savings| savings < Money::ZERO);
    let subtype = entry.recommender_subtype.0.unwrap_or_default();
    Ok(Some(Recommendation {
        source: Recommender::GcpRecommender,
        resource,
        step: step(&subtype, grows),
        words: entry.description.0.unwrap_or(subtype),
        current: String::new(),
        target: target(&operations),
        monthly_savings: savings,
        currency: currency(cost.currency_code.0.as_deref()),
        pricing: Pricing::Unstated,
        lookback_days: None,
        memory: None,
    }))
}

fn step(subtype: &str, grows: bool) -> Step {
    match subtype {
        _ if subtype.contains("MACHINE_TYPE") && grows => Step::Enlarge,
        _ if subtype.contains("MACHINE_TYPE") => Step::Resize,
        _ if subtype.contains("DELETE") => Step::Delete,
        _ if subtype.contains("STOP") => Step::Stop,
        _ => Step::Review,
    }
}

/// What an operation changes or removes; what it adds (a snapshot) is not there yet.
fn touched(operations: &[&Operation]) -> Option<String> {
    let acts = |wanted: &[&str]| {
        let one = operations.iter().find(|one| {
            one.action
                .0
                .as_deref()
                .is_some_and(|action| wanted.contains(&action))
        })?;
        one.resource
            .0
            .clone()
            .filter(|resource| !resource.contains('$'))
    };
    acts(&["replace", "remove"]).or_else(|| acts(&["test"]))
}

/// The machine type's own name from its path.
fn target(operations: &[&Operation]) -> String {
    let is_type = |one: &&&Operation| {
        let replaces = one.action.0.as_deref() == Some("replace");
        replaces
            && one
                .path
                .0
                .as_deref()
                .is_some_and(|path| path.ends_with("machineType"))
    };
    let path = operations
        .iter()
        .find(is_type)
        .and_then(|one| one.value.0.as_deref());
    path.map(|path| crate::resource::tail(path).to_owned())
        .unwrap_or_default()
}

/// The cost's other sign, from its seconds to a month.
fn savings(cost: &Cost, duration: Option<&str>) -> std::result::Result<Option<Money>, String> {
    if cost.units.0.is_none() && cost.nanos.0.is_none() {
        return Ok(None);
    }
    let unreadable = || "its `cost` has no readable units, nanos and duration".to_owned();
    let number = |word: &Word| {
        word.0
            .as_deref()
            .map_or(Ok(0), str::parse::<i64>)
            .map_err(|_| unreadable())
    };
    let (units, nanos) = (number(&cost.units)?, number(&cost.nanos)?);
    let whole = Money::parse(units.to_string().as_bytes()).map_err(|_| unreadable())?;
    let total = whole
        .plus(Money::from_units(i128::from(nanos) * 1000))
        .ok_or_else(unreadable)?;
    let seconds = duration.and_then(|text| text.strip_suffix('s'));
    let seconds =
        Money::parse(seconds.ok_or_else(unreadable)?.as_bytes()).map_err(|_| unreadable())?;
    let month =
        Money::parse((MONTH_HOURS * 3600).to_string().as_bytes()).map_err(|_| unreadable())?;
    let monthly = (-total)
        .times(month)
        .and_then(|cost| per(cost, seconds, 12));
    monthly.map(Some).ok_or_else(unreadable)
}
