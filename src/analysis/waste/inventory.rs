//! What an inventory or metrics show and the bill prices: disks without a machine, addresses without a use,
//! machines that stand still, databases nobody talks to; and commitments left unused.
//!
//! What an inventory does not say (whether a disk is attached, since when a machine is stopped) is unknown, and
//! nothing is found. A resource that no bill charges is told without amounts.

use crate::analysis::catalogue::Provider;
use crate::analysis::saving::monthly_of_days;
use crate::analysis::waste::bill::Bill;
use crate::analysis::waste::check::{Check, Evidence, Rule, State, checks};
use crate::analysis::waste::look::{Draft, Look};
use crate::analysis::waste::{Finding, Policy, Seen};
use crate::money::Money;
use crate::period::Month;
use crate::resource::{Metric, Usage};
use chrono::{Days, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// Days after which what stands still is taken for forgotten (AWS looks at unattached volumes for 32 days).
const FORGOTTEN: u64 = 30;
const DAY: i64 = 86_400;

/// What a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A volume or managed disk.
    Disk,
    /// A snapshot of one.
    Snapshot,
    /// A public address.
    Address,
    /// A virtual machine.
    Machine,
    /// A database instance or a cache.
    Database,
    /// Anything else.
    Other,
}

/// A resource of an inventory, as far as waste checks ask.
#[derive(Clone, Debug)]
pub struct Item<'a> {
    /// Id as the inventory prints it.
    pub id: &'a str,
    /// Join keys, see [`crate::resource::key`]: its id and other names of it.
    pub keys: Vec<String>,
    /// FOCUS `SubAccountId`.
    pub account: &'a str,
    /// FOCUS `RegionId`.
    pub region: &'a str,
    /// What it is.
    pub sort: Sort,
    /// Who sells it, where known.
    pub provider: Option<Provider>,
    /// Its state in lower case, empty where unknown.
    pub state: String,
    /// Join keys of what uses it; none: not known, empty: nothing does.
    pub attached_to: Option<Vec<String>>,
    /// Join key of what a snapshot was taken of.
    pub source: Option<String>,
    /// Day a machine was stopped.
    pub stopped_on: Option<NaiveDate>,
}

impl Item<'_> {
    fn is(&self, key: &str) -> bool {
        self.keys.iter().any(|own| own == key)
    }

    /// Its meters on a bill.
    fn meters(&self, bill: &Bill) -> Vec<usize> {
        let of = |key: &String| bill.of_resource(key).to_vec();
        let mut meters: Vec<usize> = self.keys.iter().flat_map(of).collect();
        meters.sort_unstable();
        meters.dedup();
        meters
    }
}

/// What a commitment left unused.
#[derive(Clone, Debug, PartialEq)]
pub struct Unused {
    /// FOCUS `CommitmentDiscountId`.
    pub id: String,
    /// FOCUS `BillingAccountId`.
    pub account: String,
    /// FOCUS `BillingCurrency`.
    pub currency: String,
    /// Its month, for people.
    pub month: String,
    /// `EffectiveCost` of the unused part in the month.
    pub cost: Money,
}

/// Findings about commitments.
pub(super) fn unused(check: &'static Check, unused: &[Unused]) -> Vec<Finding> {
    let positive = unused.iter().filter(|one| one.cost > Money::ZERO);
    // Months have different lengths; every saving is stated on the same one.
    let monthly = |one: &Unused| {
        let days = Month::parse(&one.month).and_then(|m| u32::try_from(m.period().days()).ok());
        days.and_then(|days| monthly_of_days(one.cost, days))
            .unwrap_or(one.cost)
    };
    let finding = |one: &Unused| Finding {
        check,
        resource_id: one.id.clone(),
        sub_account: one.account.clone(),
        region: String::new(),
        saving: Some((Money::ZERO, monthly(one))),
        covered: Money::ZERO,
        cost: Some(monthly(one)),
        confidence: check.confidence,
        currency: one.currency.clone(),
        evidence: format!(
            "{} {} unused in {}",
            one.cost.fixed(2),
            one.currency,
            one.month
        ),
        lines: Vec::new(),
    };
    positive.map(finding).collect()
}

/// What an inventory says of an item, in words; none where it is no waste or nobody knows.
fn shown(item: &Item, state: State, items: &[Item], today: NaiveDate) -> Option<String> {
    let free = item.attached_to.as_ref().is_some_and(Vec::is_empty);
    let is = |words: &[&str]| words.contains(&item.state.as_str());
    match (state, item.sort) {
        (State::UnattachedDisk, Sort::Disk) if free || is(&["available", "unattached"]) => {
            Some("attached to nothing".to_owned())
        }
        (State::FreeAddress, Sort::Address) if free || is(&["unassociated", "reserved"]) => {
            Some("associated with nothing".to_owned())
        }
        (State::StoppedNotDeallocated, Sort::Machine)
            if item.provider == Some(Provider::Azure)
                && is(&["stopped", "vm stopped", "powerstate/stopped"]) =>
        {
            Some("stopped, not deallocated: its hours are billed on".to_owned())
        }
        (State::DiskOfStoppedMachine, Sort::Disk) => on_stopped(item, items, today),
        (State::OrphanSnapshot, Sort::Snapshot) => {
            let source = item.source.as_deref()?;
            let disks = |other: &&Item| other.sort == Sort::Disk && other.account == item.account;
            let mut known = items.iter().filter(disks).peekable();
            // An inventory without disks does not show that one is gone.
            known.peek()?;
            let gone = known.all(|disk| !disk.is(source));
            gone.then(|| format!("{source} is gone"))
        }
        _ => None,
    }
}

/// Disks attached to nothing, snapshots whose disk is gone and addresses without a use, each with all of its kind of
/// which the inventory tells.
pub fn leftovers(items: &[Item]) -> [(u64, u64); 3] {
    let of = |sort: Sort| items.iter().filter(move |item| item.sort == sort);
    let mut counts = [(0, 0); 3];
    for (count, (sort, state)) in counts.iter_mut().zip([
        (Sort::Disk, State::UnattachedDisk),
        (Sort::Snapshot, State::OrphanSnapshot),
        (Sort::Address, State::FreeAddress),
    ]) {
        if sort == Sort::Snapshot {
            *count = orphans(items);
            continue;
        }
        // States of no other item are asked.
        let left = |item: &Item| shown(item, state, &[], NaiveDate::default()).is_some();
        count.0 = of(sort).filter(|item| left(item)).count() as u64;
        let told = of(sort).filter(|item| item.attached_to.is_some() || left(item));
        count.1 = told.count() as u64;
    }
    counts
}

/// Snapshots whose disk is gone, and all that name one in an account whose disks are listed.
fn orphans(items: &[Item]) -> (u64, u64) {
    let mut disks: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for disk in items.iter().filter(|item| item.sort == Sort::Disk) {
        let known = disks.entry(disk.account).or_default();
        known.extend(disk.keys.iter().map(String::as_str));
    }
    let mut count = (0, 0);
    for item in items.iter().filter(|item| item.sort == Sort::Snapshot) {
        let known = disks.get(item.account);
        let (Some(known), Some(source)) = (known, item.source.as_deref()) else {
            continue;
        };
        count.1 += 1;
        count.0 += u64::from(!known.contains(source));
    }
    count
}

/// All machines that use the disk are stopped since at least a month.
fn on_stopped(item: &Item, items: &[Item], today: NaiveDate) -> Option<String> {
    let users = item
        .attached_to
        .as_ref()
        .filter(|users| !users.is_empty())?;
    let before = today.checked_sub_days(Days::new(FORGOTTEN))?;
    let stopped = |user: &String| {
        let mut machines = items.iter().filter(|other| other.sort == Sort::Machine);
        let machine = machines.find(|other| other.is(user))?;
        let off = ["stopped", "deallocated", "terminated", "vm deallocated"]
            .contains(&machine.state.as_str());
        machine.stopped_on.filter(|day| off && *day <= before)
    };
    let days: Vec<NaiveDate> = users.iter().map(stopped).collect::<Option<_>>()?;
    let last = days.into_iter().max()?;
    Some(format!("its machine is stopped since {last}"))
}

/// Drafts about items of a state that this bill charges.
pub(super) fn states(look: &Look, state: State, items: &[Item]) -> Vec<Draft> {
    let window = look.bill.window(look.policy.idle_days);
    let mut drafts = Vec::new();
    for item in items {
        let Some(words) = shown(item, state, items, look.bill.end()) else {
            continue;
        };
        for group in look.grouped(&item.meters(look.bill), window) {
            // What stands still may be wanted; what is attached to nothing serves nobody.
            let sure = !matches!(state, State::DiskOfStoppedMachine | State::OrphanSnapshot);
            let low = if sure { 100 } else { 0 };
            let evidence = format!("{words}; costs {}", look.cost(&group));
            drafts.push(look.share(&group, [low, 100], evidence));
        }
    }
    drafts
}

/// Databases whose connections were measured and none was open.
pub(super) fn without_connections(look: &Look, seen: &Seen) -> Vec<Draft> {
    let days = look.policy.idle_days;
    let window = look.bill.window(days);
    let mut drafts = Vec::new();
    for item in seen.items.iter().filter(|item| item.sort == Sort::Database) {
        let series =
            |usage: &&Usage| usage.metric == Metric::Connections && item.is(&usage.resource);
        let series: Vec<&Usage> = seen.usage.iter().filter(series).collect();
        if series.is_empty() || !series.iter().all(|usage| is_silent(usage, days)) {
            continue;
        }
        let hours: Vec<usize> = item
            .keys
            .iter()
            .flat_map(|key| look.bill.instance_hours(key))
            .collect();
        for group in look.grouped(&hours, window) {
            let evidence = format!("no connection in {days} days; costs {}", look.cost(&group));
            drafts.push(look.share(&group, [100, 100], evidence));
        }
    }
    drafts
}

/// True where the last so many days were measured and always zero.
fn is_silent(usage: &Usage, days: u32) -> bool {
    let times = || usage.samples.iter().map(|(at, _)| at);
    let (Some(first), Some(last)) = (times().min(), times().max()) else {
        return false;
    };
    let from = last - (i64::from(days) - 1) * DAY;
    let mut newest = usage.samples.iter().filter(|(at, _)| *at >= from);
    first <= from && newest.all(|(_, value)| value == 0.0)
}

/// Findings about items that no bill charges: their cost is unknown.
pub(super) fn unbilled(seen: &Seen, policy: &Policy) -> Vec<Finding> {
    let inventory = checks()
        .iter()
        .filter(|check| check.evidence == Evidence::Inventory);
    let wanted = inventory.filter(|check| !policy.skip.contains(&check.id));
    let today = seen.bills.iter().map(Bill::end).max().unwrap_or_default();
    let billed = |item: &Item| seen.bills.iter().any(|bill| !item.meters(bill).is_empty());
    let mut found = Vec::new();
    for check in wanted {
        let Rule::Inventory { state } = check.rule else {
            continue;
        };
        for item in seen.items.iter().filter(|item| !billed(item)) {
            let Some(words) = shown(item, state, seen.items, today) else {
                continue;
            };
            found.push(Finding {
                check,
                resource_id: item.id.to_owned(),
                sub_account: item.account.to_owned(),
                region: item.region.to_owned(),
                saving: None,
                covered: Money::ZERO,
                cost: None,
                confidence: check.confidence,
                currency: String::new(),
                evidence: format!("{words}; not on the bill"),
                lines: Vec::new(),
            });
        }
    }
    found
}
