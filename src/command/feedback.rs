//! What people say about incidents, as files beside the config: decisions (`anomaly_feedback.csv`) and planned
//! events (`calendar.toml`). The first mistake is refused with its place.

use crate::analysis::feedback::{Decision, Feedback, decision};
use crate::analysis::planned::Planned;
use crate::error::{Error, Result, toml_error};
use crate::sheet::{self, Row};
use chrono::NaiveDate;
use serde::Deserialize;
use std::path::Path;

const NEEDED: [&str; 3] = ["SubAccountId", "ServiceName", "Decision"];
const MORE: [&str; 3] = ["Day", "Until", "Note"];

/// Reads the decisions, in the order of the file: later rows correct earlier ones.
pub(super) fn decisions(path: &Path) -> Result<Vec<Feedback>> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::read(path, &e))?;
    let rows = sheet::rows(path, &text, &NEEDED, &MORE)?;
    rows.iter().map(feedback).collect()
}

fn feedback(row: &Row<'_>) -> Result<Feedback> {
    let (day, until) = (day(row, 3)?, day(row, 4)?);
    let decided = decision(row.get(2), until)
        .map_err(|what| row.wrong(2, format!("`Decision` {:?}: {what}", row.get(2))))?;
    let feedback = Feedback {
        account: row.get(0).to_owned(),
        service: row.get(1).to_owned(),
        day,
        decision: decided,
        note: row.get(5).to_owned(),
    };
    let names_nothing = feedback.account.is_empty() && feedback.service.is_empty() && day.is_none();
    match decided {
        Decision::Expected if day.is_none() => {
            let wrong = row.wrong(2, "`expected` needs a day in `Day`");
            Err(wrong.hint("write any day of the incident that is meant, as 2026-11-21"))
        }
        Decision::Ignore if names_nothing => {
            let wrong = row.wrong(2, "the row would ignore every incident of every series");
            Err(wrong.hint("name an account, a service or a day"))
        }
        _ => Ok(feedback),
    }
}

fn day(row: &Row<'_>, column: usize) -> Result<Option<NaiveDate>> {
    let text = row.get(column);
    if text.is_empty() {
        return Ok(None);
    }
    let Ok(day) = text.parse() else {
        let wrong = row.wrong(
            column,
            format!("`{}` is no day: {text:?}", MORE[column - 3]),
        );
        return Err(wrong.hint("write it as 2026-11-21"));
    };
    Ok(Some(day))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Calendar {
    #[serde(default)]
    event: Vec<Event>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    name: String,
    first_day: NaiveDate,
    last_day: NaiveDate,
    #[serde(default)]
    account: String,
    #[serde(default)]
    service: String,
    #[serde(default)]
    rise_percent: f64,
    #[serde(default)]
    fall_percent: f64,
}

/// Reads the planned events.
pub(super) fn events(path: &Path) -> Result<Vec<Planned>> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::read(path, &e))?;
    let calendar: Calendar = toml::from_str(&text).map_err(|e| toml_error(path, &text, &e))?;
    let events = calendar.event.into_iter();
    events.map(|event| planned(event, path)).collect()
}

fn planned(event: Event, path: &Path) -> Result<Planned> {
    let wrong = |what: &str| {
        let what = format!("the event `{}` {what}", event.name);
        Err(Error::usage(what).at(path))
    };
    if event.last_day < event.first_day {
        return wrong("ends before it begins");
    }
    let rises = event.rise_percent.is_finite() && event.rise_percent >= 0.0;
    if !rises || !(0.0..=100.0).contains(&event.fall_percent) {
        return wrong("needs a `rise_percent` of 0 or more and a `fall_percent` between 0 and 100");
    }
    if event.rise_percent + event.fall_percent <= 0.0 {
        return wrong("plans neither a `rise_percent` nor a `fall_percent`");
    }
    Ok(Planned {
        name: event.name,
        first_day: event.first_day,
        last_day: event.last_day,
        account: event.account,
        service: event.service,
        rise_percent: event.rise_percent,
        fall_percent: event.fall_percent,
    })
}
