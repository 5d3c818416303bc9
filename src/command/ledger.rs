//! The savings ledger of a run: findings that count, the entries of earlier runs, and the bill between them.
//!
//! Only runs of earlier days count as memory. A run over some of the months, or of an earlier day, shows what it
//! knows and is not remembered.

mod bill;
mod feedback;
mod found;
mod tables;

pub(super) use feedback::decisions;
pub(super) use tables::{backlog, entries, realised};

use super::night::Night;
use super::plan::Plan;
use super::trust;
use super::waste::Waste;
use crate::analysis::finding::{Finding, Skipped};
use crate::analysis::ledger::{
    Entry, Evidence, Key, Listed, Memory, Month, Rules, Status, Sums, advance, kept, months,
    quarter, recalled,
};
use crate::analysis::trust::State;
use crate::error::Result;
use crate::lake::Lake;
use crate::money::Money;
use crate::period;
use crate::resource::key;
use std::collections::{BTreeMap, BTreeSet};

/// What the lake calls it.
const NAME: &str = "savings";

/// The ledger of a run.
pub(super) struct Ledger {
    pub(super) entries: Vec<Entry>,
    /// By month, currency and team.
    pub(super) months: BTreeMap<Key, Month>,
    memory: Memory,
}

/// Takes the ledger one run further.
pub(super) fn ledger(
    lake: &Lake,
    night: &Night,
    plan: &Plan,
    (machines, skipped): (&[Finding], &[Skipped]),
    waste: &Waste,
) -> Result<Ledger> {
    let today = plan.run_day();
    let memory: Memory = lake.kept(NAME)?.unwrap_or_default();
    let before = recalled(&memory, today);
    let days = bill::days(night, today)?;
    let found = found::found(night, today, (machines, waste), &days)?;
    let abouts = before.iter().map(|entry| &entry.about).chain(&found);
    let abouts: Vec<_> = abouts.collect();
    let histories = bill::histories(night, &abouts, &days)?;
    let keys: BTreeSet<&str> = abouts.iter().map(|about| about.key.as_str()).collect();
    let listed = listed(night, &keys);
    let covered = night.resources.iter();
    let covered = covered.map(|one| (one.sub_account.clone(), one.kind.clone()));
    let reasons = skipped.iter().rev();
    let rules = &plan.config.savings;
    let evidence = Evidence {
        today,
        rules: Rules {
            expire_days: rules.expire_days,
            verify_days: rules.verify_days,
        },
        histories: &histories,
        listed: &listed,
        covered: &covered.collect(),
        skipped: &reasons
            .map(|one| (key(&one.resource_id), one.reason.clone()))
            .collect(),
        decided: &plan.decided,
    };
    let entries = advance(before, found, &evidence);
    Ok(Ledger {
        months: months(&entries, today),
        entries,
        memory,
    })
}

impl Ledger {
    /// What key figures of a month are made of.
    pub(super) fn sums(&self, night: &Night, month: &str, currency: &str) -> Option<Sums> {
        let is_open = trust::state(night, month) == State::Open;
        Sums::of(
            &self.months,
            period::Month::parse(month)?,
            currency,
            is_open,
        )
    }
}

/// What the inventories say of these resources.
fn listed(night: &Night, keys: &BTreeSet<&str>) -> BTreeMap<String, Listed> {
    let own = night.resources.iter().map(|one| (key(&one.id), one));
    let own = own.filter(|(key, _)| keys.contains(key.as_str()));
    own.map(|(key, one)| (key, found::listed(one))).collect()
}

/// Keeps what this run knows, once it is published.
pub(super) fn remember(lake: &Lake, plan: &Plan, ledger: &Result<Ledger>) -> Result<()> {
    let Ok(ledger) = ledger else {
        return Ok(());
    };
    if plan.as_of.is_some() || plan.period.is_some() {
        return Ok(());
    }
    let kept = kept(&ledger.memory, &ledger.entries, plan.today);
    if kept == ledger.memory {
        return Ok(());
    }
    lake.remember(NAME, &kept)
}

/// The ledger in one sentence for each currency.
pub(super) fn notes(ledger: &Ledger, plan: &Plan) -> Vec<String> {
    let currencies: BTreeSet<&str> = ledger
        .entries
        .iter()
        .map(|entry| entry.about.currency.as_str())
        .collect();
    let note = |currency| note(ledger, currency, plan);
    currencies.into_iter().map(note).collect()
}

fn note(ledger: &Ledger, currency: &str, plan: &Plan) -> String {
    let own = || {
        let entries = ledger.entries.iter();
        entries.filter(|entry| entry.about.currency == currency)
    };
    let count = |status| own().filter(|entry| entry.state.status == status).count();
    let open = own().filter(|entry| entry.state.status == Status::Open);
    let expected: Money = open.map(|entry| entry.about.expected.1).sum();
    let quarter_now = quarter(period::Month::of(plan.run_day()));
    let figures = own().flat_map(|entry| &entry.figures);
    let realised: Money = figures
        .filter(|(month, figure)| figure.closed && quarter(**month) == quarter_now)
        .map(|(_, figure)| figure.realised())
        .sum();
    format!(
        "savings ledger: {} findings open ({} {currency} a month), {} acted on, {} verified; {} {currency} realised in closed months of {quarter_now}",
        count(Status::Open),
        expected.fixed(2),
        count(Status::Acted),
        count(Status::Verified),
        realised.fixed(2),
    )
}
