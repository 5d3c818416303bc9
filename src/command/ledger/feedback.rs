//! What people decided about findings: a CSV beside the config. The first mistake is refused with its place.

use crate::analysis::finding::Action;
use crate::analysis::ledger::{Decided, Verdict};
use crate::error::{Error, Result, nearest};
use crate::resource::key;
use crate::sheet::{self, Row};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as NoWord, StrDeserializer};
use std::path::Path;

const NEEDED: [&str; 3] = ["ResourceId", "Action", "Decision"];
const MORE: [&str; 3] = ["SubAccountId", "Until", "Note"];
/// Decisions, as people write them.
const DECISIONS: [&str; 2] = ["dismissed", "accepted"];

/// Reads the decisions, in the order of the file: later rows correct earlier ones.
pub(in crate::command) fn decisions(path: &Path) -> Result<Vec<Decided>> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::read(path, &e))?;
    let rows = sheet::rows(path, &text, &NEEDED, &MORE)?;
    rows.iter().map(decided).collect()
}

fn decided(row: &Row<'_>) -> Result<Decided> {
    if row.get(0).is_empty() && row.get(3).is_empty() {
        let wrong = row.wrong(0, "the row names neither a resource nor an account");
        return Err(wrong.hint(
            "`ResourceId` as savings_ledger.csv has it; empty only for what an account as a whole does",
        ));
    }
    let verdict = match row.get(2) {
        "dismissed" => Verdict::Dismissed,
        "accepted" => Verdict::Accepted,
        other => {
            let wrong = row.wrong(
                2,
                format!("`Decision` {other:?}: not `dismissed` or `accepted`"),
            );
            return Err(match nearest(other, DECISIONS) {
                Some(near) => wrong.hint(format!("did you mean `{near}`?")),
                None => wrong,
            });
        }
    };
    Ok(Decided {
        key: key(row.get(0)),
        account: row.get(3).to_owned(),
        action: action(row)?,
        verdict,
        until: until(row)?,
        note: row.get(5).to_owned(),
    })
}

/// The action that is meant; every one where the cell is empty.
fn action(row: &Row<'_>) -> Result<Option<Action>> {
    let word = row.get(1);
    if word.is_empty() {
        return Ok(None);
    }
    let from: StrDeserializer<'_, NoWord> = word.into_deserializer();
    let Ok(action) = Action::deserialize(from) else {
        let wrong = row.wrong(1, format!("`Action` {word:?} is no action"));
        return Err(
            wrong.hint("write it as savings_ledger.csv has it, or leave it empty for every action")
        );
    };
    Ok(Some(action))
}

fn until(row: &Row<'_>) -> Result<Option<chrono::NaiveDate>> {
    let text = row.get(4);
    if text.is_empty() {
        return Ok(None);
    }
    let Ok(day) = text.parse() else {
        let wrong = row.wrong(4, format!("`Until` is no day: {text:?}"));
        return Err(wrong.hint("write it as 2026-11-21"));
    };
    Ok(Some(day))
}
