//! What could be done with one machine: stop it, or change it to a cheaper type that holds its need.
//!
//! Order of precedence: stop, a smaller type of its family, a smaller type of its line, a newer generation,
//! ARM; the cheapest of each kind, those of unsure price last. Confidence starts at the letter of the price (own
//! rates A, family factor B, catalogue ratio C, catalogue alone D) and is capped: at B below 32 days, by averages
//! of an hour or more, by gaps over 20 %, where memory is unknown, where CPU credits are unseen and where an idle
//! machine stirs; at C below 14 days and for machines called idle without network data.

use crate::analysis::catalogue::{Arch, MachineType, catalogue};
use crate::analysis::finding::{Action, Choice, Confidence, Effort};
use crate::analysis::fit::{self, Demand};
use crate::analysis::reason::Facts;
use crate::analysis::rightsizing::{Machine, Policy};
use crate::analysis::saving::{Basis, Licence, Own, Saving};
use crate::analysis::utilisation::Profile;
use crate::money::Money;
use std::cmp::Ordering;

/// Least age and data, in days, of a machine that is called idle or not too young (AWS, Azure and Google look at
/// 5 to 14 days).
pub(crate) const LEAST_DAYS: f64 = 7.0;
/// An idle machine's CPU stays below this percentage (AWS Compute Optimizer).
const IDLE_CPU: f64 = 5.0;
/// An idle machine's network, in and out, stays below this many bytes a day (AWS Compute Optimizer).
const IDLE_BYTES: f64 = 5e6;
/// Without network data, memory in use above this percentage speaks against idle (our own).
const IDLE_MEMORY: f64 = 40.0;

/// How idle a machine is.
pub(crate) struct Idle {
    /// False where it was not measured in both directions for a week.
    pub(crate) network_known: bool,
    /// Also P95 below 3 % and at most 2 % in the last three days (Azure Advisor's shutdown rule).
    strong: bool,
}

/// Whether a machine is idle: CPU and network, or CPU alone with `network_known` false.
pub(crate) fn idleness(demand: &Demand) -> Option<Idle> {
    let cpu = &demand.cpu;
    if cpu.max() >= IDLE_CPU || cpu.days < LEAST_DAYS || cpu.hours < LEAST_DAYS * 24.0 * 0.9 {
        return None;
    }
    let directions = [&demand.network_in, &demand.network_out];
    let bytes: f64 = directions
        .iter()
        .filter_map(|d| d.as_ref())
        .map(Profile::busiest_day)
        .sum();
    let long = directions
        .iter()
        .all(|d| d.as_ref().is_some_and(|d| d.days >= LEAST_DAYS));
    let in_use = demand
        .memory
        .as_ref()
        .is_some_and(|memory| memory.max() >= IDLE_MEMORY);
    if bytes >= IDLE_BYTES || (!long && in_use) {
        return None;
    }
    Some(Idle {
        network_known: long,
        strong: cpu.percentile(0.95) < 3.0 && cpu.max_of_last(3) <= 2.0,
    })
}

/// Switching an idle machine off.
pub(crate) fn stopping(idle: &Idle, facts: &Facts) -> Choice {
    let saving = Saving::whole(facts.cost);
    let guess = if idle.network_known {
        Confidence::A
    } else {
        Confidence::C
    };
    let weak = if idle.strong {
        Confidence::A
    } else {
        Confidence::B
    };
    Choice {
        action: Action::Stop,
        recommended_type: String::new(),
        projected_cpu_p995: None,
        projected_memory_max: None,
        risk: 0,
        effort: Effort::VeryLow,
        confidence: Confidence::from(saving.basis)
            .max(data_cap(facts.demand))
            .max(guess)
            .max(weak),
        savings_low: saving.low,
        savings_high: saving.high,
        basis: saving.basis,
    }
}

/// The best change of each kind, in order of precedence; those of unsure price last.
pub(crate) fn changes(
    machine: &Machine,
    policy: &Policy,
    facts: &Facts,
) -> Vec<(&'static MachineType, Choice)> {
    let current = facts.current;
    let list_rate = machine.bill.and_then(|bill| bill.list_rate);
    let own = Own::new(
        facts.cost,
        current,
        list_rate,
        machine.rates,
        Licence::of(machine.resource),
    );
    let least =
        Money::from_units(facts.cost.monthly.units() / 100 * i128::from(policy.least_saving));
    let mut offers: Vec<Offer> = targets(machine, policy, current)
        .into_iter()
        .filter(|target| {
            facts.need.fits(target) && fit::credits_last(facts.demand, current, target)
        })
        .filter_map(|target| Offer::of(&own, current, target))
        .filter(|offer| {
            offer.saving.high >= least && (policy.modernise || offer.kind.0 != Action::Modernise)
        })
        .collect();
    offers.sort_by(Offer::best_first);
    // A stable sort put the best of each kind before its like, but unsure prices split a kind in two.
    let mut seen = Vec::new();
    offers.retain(|offer| {
        let first = !seen.contains(&offer.kind);
        seen.push(offer.kind);
        first
    });
    offers
        .into_iter()
        .map(|offer| (offer.target, offer.choice(facts)))
        .collect()
}

fn targets(machine: &Machine, policy: &Policy, current: &MachineType) -> Vec<&'static MachineType> {
    let linux = machine
        .resource
        .platform
        .as_deref()
        .is_some_and(|p| p.to_lowercase().contains("linux"));
    let mut targets = catalogue().candidates(current, current.arch, &policy.limits);
    if policy.arm && linux && current.arch == Arch::X86 {
        targets.extend(catalogue().candidates(current, Arch::Arm, &policy.limits));
    }
    targets
}

/// A target with what it saves.
struct Offer {
    target: &'static MachineType,
    /// The action and whether it leaves the family.
    kind: (Action, bool),
    saving: Saving,
}

impl Offer {
    fn of(own: &Own, current: &MachineType, target: &'static MachineType) -> Option<Offer> {
        Some(Offer {
            target,
            kind: kind(current, target)?,
            saving: Saving::of(own, target)?,
        })
    }

    /// Sure prices, precedence, saving, then the newer and larger; the name keeps ties in one order.
    fn best_first(&self, other: &Offer) -> Ordering {
        let unsure = |offer: &Offer| offer.saving.basis == Basis::CatalogueOnly;
        let (a, b) = (self.target, other.target);
        let precedence = (unsure(self), self.kind).cmp(&(unsure(other), other.kind));
        precedence
            .then_with(|| other.saving.high.cmp(&self.saving.high))
            .then_with(|| (b.generation, b.vcpu).cmp(&(a.generation, a.vcpu)))
            .then_with(|| b.memory_gib.total_cmp(&a.memory_gib))
            .then_with(|| a.name.cmp(&b.name))
    }

    fn choice(&self, facts: &Facts) -> Choice {
        let (current, demand, saving) = (facts.current, facts.demand, &self.saving);
        let unseen = demand.memory.is_none() || current.baseline.is_some();
        let seen = if unseen { Confidence::B } else { Confidence::A };
        let memory = demand
            .memory
            .as_ref()
            .map(|memory| fit::projected_memory(memory.max(), current, self.target));
        Choice {
            action: self.kind.0,
            recommended_type: self.target.name.clone(),
            projected_cpu_p995: Some(fit::projected_cpu(
                demand.cpu.percentile(0.995),
                current,
                self.target,
            )),
            projected_memory_max: memory,
            risk: fit::risk(demand, current, self.target),
            effort: effort(current, self.target),
            confidence: Confidence::from(saving.basis)
                .max(data_cap(demand))
                .max(seen),
            savings_low: saving.low,
            savings_high: saving.high,
            basis: saving.basis,
        }
    }
}

/// The action that a change amounts to, and whether it leaves the family: the order of precedence. `None` for
/// a sidestep, a type of the same generation that is no smaller.
fn kind(current: &MachineType, target: &MachineType) -> Option<(Action, bool)> {
    let leaves = target.family != current.family;
    if target.arch != current.arch {
        return Some((Action::Arm, leaves));
    }
    if target.vcpu < current.vcpu || target.memory_gib < current.memory_gib {
        return Some((Action::Resize, leaves));
    }
    (target.generation > current.generation).then_some((Action::Modernise, leaves))
}

fn effort(current: &MachineType, target: &MachineType) -> Effort {
    let rebuild = target.arch != current.arch;
    let drivers = target.storage > current.storage && target.storage == 2;
    match (rebuild, drivers) {
        (true, true) => Effort::High,
        (true, false) | (false, true) => Effort::Medium,
        _ if target.family == current.family => Effort::VeryLow,
        _ => Effort::Low,
    }
}

/// The best confidence that the CPU data allow.
pub(crate) fn data_cap(demand: &Demand) -> Confidence {
    // Half a day of tolerance: samples seldom start at midnight.
    match demand.cpu.days {
        days if days < 13.5 => Confidence::C,
        days if days < 31.5 || demand.is_coarse() || demand.cpu.coverage() < 0.8 => Confidence::B,
        _ => Confidence::A,
    }
}
