//! Where an entry stands, and from where to where it may go.

use crate::analysis::finding::Action;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// To be done.
    Open,
    /// The action was seen.
    Acted,
    /// Closed months of the bill confirm a saving.
    Verified,
    /// People decided against it.
    Dismissed,
    /// No longer found, and no action was seen.
    Expired,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Status::Open => "open",
            Status::Acted => "acted",
            Status::Verified => "verified",
            Status::Dismissed => "dismissed",
            Status::Expired => "expired",
        })
    }
}

/// What a run learnt of an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each may be there without the others"
)]
pub(super) struct Signs {
    /// The finding is there.
    pub(super) found: bool,
    /// The action was seen.
    pub(super) acted: bool,
    /// What was seen before is contradicted by the bill.
    pub(super) undone: bool,
    /// Closed months show a saving.
    pub(super) verified: bool,
    /// People decided against it.
    pub(super) dismissed: bool,
    /// It is over without an action.
    pub(super) lapsed: bool,
}

/// The next status: one step along an allowed edge, or none.
pub(super) fn step(before: Status, signs: Signs) -> Status {
    match before {
        Status::Open | Status::Dismissed if signs.acted => Status::Acted,
        Status::Open | Status::Dismissed if signs.dismissed => Status::Dismissed,
        Status::Open if signs.lapsed => Status::Expired,
        Status::Open | Status::Dismissed => Status::Open,
        Status::Acted if signs.verified => Status::Verified,
        Status::Acted if signs.undone => Status::Open,
        Status::Acted => Status::Acted,
        Status::Expired if signs.found => Status::Open,
        Status::Expired => Status::Expired,
        Status::Verified => Status::Verified,
    }
}

/// What somebody decided about findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They will not be acted on.
    Dismissed,
    /// They are being worked on; that the resource ends is the action.
    Accepted,
}

/// One row of the feedback on savings. An empty account is any, no action is every.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// Join key of the resource; empty for what an account as a whole does.
    pub key: String,
    /// FOCUS `SubAccountId`.
    pub account: String,
    /// The action that is meant.
    pub action: Option<Action>,
    /// What was decided.
    pub verdict: Verdict,
    /// Last day on which it holds.
    pub until: Option<NaiveDate>,
    /// Why, in the words of whoever decided.
    pub note: String,
}

/// The decision about a resource on a day: the last row that speaks of it, since later rows correct earlier ones.
pub(super) fn decided<'d>(
    all: &'d [Decided],
    (account, key): (&str, &str),
    action: Action,
    today: NaiveDate,
) -> Option<&'d Decided> {
    let is_meant = |one: &&Decided| {
        one.key == key
            && (one.account.is_empty() || one.account == account)
            && one.action.is_none_or(|meant| meant == action)
            && one.until.is_none_or(|until| today <= until)
    };
    all.iter().rev().find(is_meant)
}

impl Decided {
    /// As a report tells it.
    pub(super) fn said(&self) -> String {
        let word = match self.verdict {
            Verdict::Dismissed => "dismissed",
            Verdict::Accepted => "accepted",
        };
        if self.note.is_empty() {
            word.to_owned()
        } else {
            format!("{word}: {}", self.note)
        }
    }
}
