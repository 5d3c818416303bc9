//! Commitments of the night: how those that were bought did, when they end, and how much more is worth buying.

mod drawing;
mod figures;
mod history;
mod hours;
mod months;
mod planned;
mod tables;
mod units;

pub(super) use drawing::{months_drawings, plan_drawings};
pub(super) use figures::{figures, held};
pub(super) use history::{History, history};
pub(super) use tables::{commitments, expiry, plan};

use super::night::Night;
use super::plan::Plan;
use crate::analysis::commitment::pool::Pools;
use crate::analysis::commitment::rates::Sums;
use crate::error::Result;
use crate::money::Money;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of commitments.
pub(super) struct Commitments {
    /// Of each month and currency: everything that commitments cover or could cover.
    all: BTreeMap<(String, String), Sums>,
    /// The same at list price, as far as bills have one: `ListCost` and `EffectiveCost`.
    listed: BTreeMap<(String, String), (Money, Money)>,
    /// Of each month, currency and commitment.
    own: BTreeMap<(String, String, String), Own>,
    /// Of each commitment and currency.
    terms: BTreeMap<(String, String), Terms>,
    plans: Vec<planned::Scope>,
    /// What the config says about scopes that no bill has.
    pub(super) notes: Vec<String>,
}

/// A commitment in a month.
#[derive(Default)]
struct Own {
    sums: Sums,
    /// The scopes that it covered.
    scopes: Vec<String>,
    /// Covered and uncovered usage of these scopes.
    scope: Sums,
}

/// What a bill says about a commitment.
struct Terms {
    kind: String,
    category: String,
    ends_on: Option<NaiveDate>,
    payment: String,
    term: String,
    /// Cost and covered usage per hour, in the newest month that has enough of it.
    hourly: Money,
    covered: Money,
    scopes: Vec<String>,
}

/// Rates what there is and plans what could be, for the usage that findings leave.
pub(super) fn judge(
    night: &Night,
    plan: &Plan,
    history: &History,
    left: &Pools,
) -> Result<Commitments> {
    let months::Months { all, listed, own } = months::months(night)?;
    let terms = months::terms(night, &plan.config.commitments.ends, &own, history.newest)?;
    let plans = planned::plans(history, left, plan, &terms);
    let mut notes = strangers(plan, &plans);
    notes.extend(unknown_ends(plan, &terms));
    Ok(Commitments {
        all,
        listed,
        own,
        terms,
        plans,
        notes,
    })
}

/// Commitments whose end the config tells and that no bill has.
fn unknown_ends(plan: &Plan, terms: &BTreeMap<(String, String), Terms>) -> Vec<String> {
    let known: BTreeSet<&str> = terms.keys().map(|(id, _)| id.as_str()).collect();
    let named = plan.config.commitments.ends.keys();
    let strange = named.filter(|id| !known.contains(id.as_str()));
    let near = |id: &str| match crate::error::nearest(id, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "commitments.csv has the ids".to_owned(),
    };
    strange
        .map(|id| {
            format!(
                "[commitments] ends: no bill has the commitment `{id}`; {}",
                near(id)
            )
        })
        .collect()
}

/// Scopes that the config names and no bill has.
fn strangers(plan: &Plan, scopes: &[planned::Scope]) -> Vec<String> {
    let rules = &plan.config.commitments;
    let mut named: Vec<&String> = rules.discounts.keys().chain(rules.remove.keys()).collect();
    named.sort();
    named.dedup();
    let known: Vec<&str> = scopes.iter().map(|scope| scope.name.as_str()).collect();
    let near = |name: &str| match crate::error::nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "commitment_plan.csv has the names".to_owned(),
    };
    let strange = named
        .into_iter()
        .filter(|name| !known.contains(&name.as_str()));
    strange
        .map(|name| {
            format!(
                "[commitments]: no usage is in the scope `{name}`; {}",
                near(name)
            )
        })
        .collect()
}
