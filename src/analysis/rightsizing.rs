//! Rightsizing of virtual machines: from what was measured and paid to one action per machine, or the reason
//! why not. Never silent, never a cut of what was not measured, never a target that costs more.
//!
//! Gates first (what cannot be judged), then idle, then the cheapest type that holds the measured need. No files
//! and no clock: the day comes with the policy.

use crate::analysis::catalogue::{Limits, MachineType, catalogue};
use crate::analysis::choices::{LEAST_DAYS, changes, idleness, stopping};
use crate::analysis::finding::{Choice, Finding, Kind, Skipped, Verdict};
use crate::analysis::fit::{Demand, Headroom, LEAST_HOURS, Need, Preset};
use crate::analysis::reason::{Facts, number};
use crate::analysis::saving::{Bill, Cost};
use crate::analysis::utilisation::{DAY, Profile};
use crate::money::Money;
use crate::resource::{Resource, Usage};
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;
use std::ops::Range;

/// How machines are judged.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The day of the judgement; metrics before its midnight (UTC) count.
    pub today: NaiveDate,
    /// Days of metrics looked at, at most.
    pub lookback_days: u32,
    /// Room that a target must leave.
    pub headroom: Headroom,
    /// Families and types that the user allows.
    pub limits: Limits,
    /// Offer newer generations.
    pub modernise: bool,
    /// Offer ARM to machines known to run Linux.
    pub arm: bool,
    /// Savings below this percentage of the machine's cost are not worth a change.
    pub least_saving: u8,
    /// Room that nodes of a cluster keep above their load, in percent of it, CPU and memory alike.
    pub cluster_headroom: f64,
}

impl Policy {
    /// The house's policy on a day: 32 days, all families, newer generations and ARM, savings from 5 %.
    pub fn on(today: NaiveDate, preset: Preset) -> Policy {
        Policy {
            today,
            lookback_days: 32,
            headroom: preset.headroom(),
            limits: Limits::default(),
            modernise: true,
            arm: true,
            least_saving: 5,
            cluster_headroom: 30.0,
        }
    }
}

/// One machine and everything known about it.
#[derive(Clone, Copy, Debug)]
pub struct Machine<'a> {
    /// From the inventory.
    pub resource: &'a Resource,
    /// Team that owns it, empty where unknown.
    pub team: &'a str,
    /// Its series.
    pub usage: &'a [Usage],
    /// What it costs, where the bill shows it.
    pub bill: Option<&'a Bill>,
    /// Own list rates per hour of types in the same region, operating system and currency, by lower-case name.
    pub rates: &'a BTreeMap<String, Money>,
    /// First day of its current type, where known: what was measured before is not looked at.
    pub since: Option<NaiveDate>,
}

/// Judges one machine.
pub fn judge(machine: &Machine, policy: &Policy) -> Verdict {
    match look(machine, policy) {
        Ok(finding) => Verdict::Finding(Box::new(finding)),
        Err(reason) => passed_over(machine.resource, Kind::Machine, reason),
    }
}

/// A resource without a finding.
pub(crate) fn passed_over(resource: &Resource, kind: Kind, reason: String) -> Verdict {
    Verdict::Skipped(Skipped {
        resource_id: resource.id.clone(),
        sub_account: resource.sub_account.clone(),
        current_type: resource.machine_type.clone().unwrap_or_default(),
        reason,
        kind,
    })
}

/// A finding, or the reason why there is none.
fn look(machine: &Machine, policy: &Policy) -> Result<Finding, String> {
    let current = judgeable(machine.resource)?;
    let demand = measured(machine, policy)?;
    let cost = match machine.bill {
        Some(bill) => Cost::of(bill)
            .ok_or("its bill shows no cost or less than a day of it: nothing to save")?,
        None => {
            Cost::guessed(current).ok_or("neither the bill nor the catalogue has a price for it")?
        }
    };
    let need = Need::of(&demand, current, &policy.headroom);
    let facts = Facts {
        demand: &demand,
        current,
        need: &need,
        room: &policy.headroom,
        cost: &cost,
    };
    let changes = changes(machine, policy, &facts);
    let (stop, reason) = match (idleness(&demand), changes.first()) {
        (Some(idle), _) => (
            Some(stopping(&idle, &facts)),
            facts.idle(idle.network_known),
        ),
        (None, Some((target, choice))) => (None, facts.change(target, choice.basis)),
        (None, None) => return Err(facts.nothing()),
    };
    let mut choices = stop
        .into_iter()
        .chain(changes.into_iter().map(|(_, choice)| choice));
    let primary = choices.next().ok_or_else(|| facts.nothing())?;
    Ok(finding(machine, &facts, primary, choices.collect(), reason))
}

fn finding(
    machine: &Machine,
    facts: &Facts,
    choice: Choice,
    alternatives: Vec<Choice>,
    reason: String,
) -> Finding {
    let (resource, cpu) = (machine.resource, &facts.demand.cpu);
    Finding {
        rank: 0,
        kind: Kind::Machine,
        keys: resource.keys().collect(),
        resource_id: resource.id.clone(),
        sub_account: resource.sub_account.clone(),
        region: resource.region.clone(),
        team: machine.team.to_owned(),
        current_type: facts.current.name.clone(),
        cpu_p95: Some(cpu.percentile(0.95)),
        cpu_p995: Some(cpu.percentile(0.995)),
        memory_max: facts.demand.memory.as_ref().map(Profile::max),
        choice,
        alternatives,
        monthly_cost: facts.cost.monthly,
        currency: facts.cost.currency.clone(),
        reason,
    }
}

/// The machine's type, unless the inventory alone says that it cannot be judged.
fn judgeable(resource: &Resource) -> Result<&'static MachineType, String> {
    if let Some(reason) = set_aside(resource) {
        return Err(reason);
    }
    if let Some(group) = resource.group.as_deref().filter(|group| !group.is_empty()) {
        return Err(format!(
            "member of {group}: the group is sized as a whole, by its template and its count"
        ));
    }
    type_of(resource)
}

/// Why a machine is not judged whatever its load, alone or in a group.
fn set_aside(resource: &Resource) -> Option<String> {
    let state = resource.state.as_deref().unwrap_or_default().to_lowercase();
    let rests = [
        "stop",
        "terminat",
        "dealloc",
        "shut",
        "suspend",
        "delet",
        "pending",
        "not running",
    ];
    if rests.iter().any(|word| state.contains(word)) {
        return Some(format!(
            "not running ({state}): its disks and addresses are a matter of waste"
        ));
    }
    if resource.spot {
        return Some("spot or preemptible: already at a discount and replaced at will".to_owned());
    }
    let waits = |text: &str| {
        ["standby", "dr", "disaster-recovery"]
            .iter()
            .any(|w| text.eq_ignore_ascii_case(w))
    };
    let standby = resource
        .tags
        .iter()
        .any(|(key, value)| waits(value) || (waits(key) && !value.eq_ignore_ascii_case("false")));
    standby.then(|| "tagged as standby: low use is its purpose".to_owned())
}

/// The machine's type as the catalogue knows it.
fn type_of(resource: &Resource) -> Result<&'static MachineType, String> {
    let Some(name) = resource.machine_type.as_deref() else {
        return Err("the inventory gives no machine type".to_owned());
    };
    catalogue()
        .find(&resource.provider, name)
        .ok_or_else(|| format!("machine type {name} is not in the catalogue"))
}

/// What was measured, unless that is too little.
fn measured(machine: &Machine, policy: &Policy) -> Result<Demand, String> {
    let demand = Demand::of(machine.usage, &window(machine.since, policy));
    let demand =
        demand.ok_or_else(|| format!("no CPU data in the last {} days", policy.lookback_days))?;
    let hours = demand.cpu.hours;
    if hours < LEAST_HOURS {
        let found = number(hours);
        return Err(format!(
            "insufficient data: {found} hours of CPU data, at least {LEAST_HOURS} are needed"
        ));
    }
    // A restart also counts as a launch, so data from before it shows that the machine is older.
    let age = machine
        .resource
        .launched
        .map(|day| (policy.today - day).num_days());
    match age {
        Some(days) if days < 7 && demand.cpu.days < LEAST_DAYS => Err(format!(
            "launched {days} days ago: too young to judge, 7 days are needed"
        )),
        _ => Ok(demand),
    }
}

/// Unix seconds from the lookback or the first day of the current type, whichever is later, to today's midnight.
fn window(since: Option<NaiveDate>, policy: &Policy) -> Range<i64> {
    let lookback = policy
        .today
        .checked_sub_days(Days::new(u64::from(policy.lookback_days)));
    let start = lookback
        .unwrap_or(NaiveDate::MIN)
        .max(since.unwrap_or(NaiveDate::MIN));
    let second = |day: NaiveDate| (day - NaiveDate::default()).num_days() * DAY;
    second(start)..second(policy.today)
}

pub mod database;
pub mod disk;
pub mod group;
mod ladder;
mod load;
pub mod meter;
mod retier;
mod words;
pub mod workload;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
