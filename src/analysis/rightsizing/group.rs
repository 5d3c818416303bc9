//! Rightsizing of groups: machines that stand in for each other (auto scaling groups, scale sets, managed instance
//! groups, node pools) get one finding, a smaller type for all of them or fewer of them.
//!
//! A smaller type holds the need of every measured member; fewer members hold the load that all had together, CPU
//! at the same time, memory and network each at its own highest. What was not measured is never cut: without memory
//! data no member goes. The saving is the members' own cost, and members are named with their group.

use super::load::{Load, worst};
use super::{Machine, Policy, measured, passed_over, set_aside, type_of, words};
use crate::analysis::catalogue::{MachineType, Provider};
use crate::analysis::choices::{changes, data_cap, idleness, stopping};
use crate::analysis::finding::{
    Action, Choice, Confidence, Effort, Finding, Kind, Skipped, Verdict,
};
use crate::analysis::fit::{self, Demand, Headroom, Need};
use crate::analysis::reason::Facts;
use crate::analysis::saving::{Basis, Bill, Cost, Saving};
use crate::money::Money;

/// Hours of a month.
const MONTH: i128 = 730;
/// One on Money's scale.
const ONE: i128 = 1_000_000_000_000;

/// A group and its members.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// Id of the group where an inventory lists it, else its name.
    pub id: String,
    /// Its name.
    pub name: &'a str,
    /// Team that owns it, empty where unknown.
    pub team: &'a str,
    /// Its members as the inventory lists them.
    pub members: Vec<Machine<'a>>,
    /// Least and most members that it may have, where an inventory says so.
    pub limits: Option<(u64, u64)>,
    /// Nodes of a cluster: pods are placed by what they request, and nodes keep more room.
    pub is_cluster: bool,
}

/// What is known of the members that count.
pub(super) struct Known<'a> {
    pub(super) group: &'a Group<'a>,
    policy: &'a Policy,
    pub(super) room: Headroom,
    current: &'static MachineType,
    /// Members that run on demand.
    pub(super) count: u64,
    pub(super) demands: Vec<Demand>,
    bill: Bill,
    cost: Cost,
    /// Members that are on the bill.
    pub(super) billed: usize,
}

/// Judges a group: its own verdict, and a word on each member.
pub fn judge(group: &Group, policy: &Policy) -> Vec<Verdict> {
    let (members, mut verdicts) = members(group);
    let Some(first) = members.first() else {
        return verdicts;
    };
    let (account, region) = (&first.resource.sub_account, &first.resource.region);
    let told = |member: &&Machine| {
        let reason = format!("judged with its group {}", group.name);
        passed_over(member.resource, Kind::Machine, reason)
    };
    verdicts.extend(members.iter().map(told));
    verdicts.push(match look(group, &members, policy) {
        Ok(finding) => Verdict::Finding(Box::new(Finding {
            sub_account: account.clone(),
            region: region.clone(),
            ..finding
        })),
        Err(reason) => Verdict::Skipped(Skipped {
            resource_id: group.id.clone(),
            sub_account: account.clone(),
            current_type: words::types(&members),
            reason,
            kind: Kind::Group,
        }),
    });
    verdicts
}

/// The members that count, and the reasons of those that do not.
fn members<'a, 'b>(group: &'b Group<'a>) -> (Vec<&'b Machine<'a>>, Vec<Verdict>) {
    let (mut kept, mut aside) = (Vec::new(), Vec::new());
    for member in &group.members {
        match set_aside(member.resource) {
            Some(reason) => {
                let reason = format!("{reason}; not judged with its group {}", group.name);
                aside.push(passed_over(member.resource, Kind::Machine, reason));
            }
            None => kept.push(member),
        }
    }
    (kept, aside)
}

fn look(group: &Group, members: &[&Machine], policy: &Policy) -> Result<Finding, String> {
    let known = known(group, members, policy)?;
    let worst =
        worst(&known.demands, known.room.cpu_percentile).ok_or("no CPU data of any member")?;
    let need = Need::of(&worst, known.current, &known.room);
    let facts = Facts {
        demand: &worst,
        current: known.current,
        need: &need,
        room: &known.room,
        cost: &known.cost,
    };
    let load = Load::of(&known.demands, &known.room);
    let fewer = fewer(&known, &load);
    let smaller = smaller(&known, members, &facts);
    let stop = idle(&known, &facts);
    let count_first = Provider::of(&members[0].resource.provider) == Some(Provider::Azure)
        || fewer.as_ref().map(|one| one.savings_high)
            > smaller.first().map(|one| one.0.savings_high);
    let mut choices: Vec<(Choice, String)> = smaller;
    if let Some(choice) = fewer {
        let text = words::fewer(&known, &load, &choice);
        choices.insert(
            if count_first { 0 } else { choices.len().min(1) },
            (choice, text),
        );
    }
    if let Some(stop) = stop {
        choices.insert(0, stop);
    }
    let nothing = words::nothing(&known, &load, &facts);
    let mut choices = choices.into_iter();
    let (choice, text) = choices.next().ok_or(nothing)?;
    let reason = format!(
        "{}: {text}{}",
        words::head(&known, members),
        words::tail(&known)
    );
    Ok(Finding {
        rank: 0,
        kind: Kind::Group,
        keys: members.iter().flat_map(|one| one.resource.keys()).collect(),
        resource_id: group.id.clone(),
        sub_account: String::new(),
        region: String::new(),
        team: group.team.to_owned(),
        current_type: words::sized(known.count, &known.current.name),
        cpu_p95: Some(worst.cpu.percentile(0.95)),
        cpu_p995: Some(worst.cpu.percentile(0.995)),
        memory_max: worst
            .memory
            .as_ref()
            .map(crate::analysis::utilisation::Profile::max),
        choice,
        alternatives: choices.map(|(choice, _)| choice).collect(),
        monthly_cost: known.cost.monthly,
        currency: known.cost.currency.clone(),
        reason,
    })
}

/// Type, load and cost of the members, or what keeps the group from being judged.
fn known<'a>(
    group: &'a Group,
    members: &[&Machine],
    policy: &'a Policy,
) -> Result<Known<'a>, String> {
    let current = type_of(members[0].resource)?;
    let same =
        |member: &&&Machine| type_of(member.resource).is_ok_and(|own| own.name == current.name);
    if members.iter().filter(same).count() < members.len() {
        return Err("its members are of several types: none stands for all of them".to_owned());
    }
    let looked: Vec<Result<Demand, String>> = members
        .iter()
        .map(|member| measured(member, policy))
        .collect();
    let reason = looked.iter().find_map(|one| one.as_ref().err().cloned());
    let demands: Vec<Demand> = looked.into_iter().flatten().collect();
    if demands.len() * 2 < members.len() || demands.is_empty() {
        let (some, all, why) = (demands.len(), members.len(), reason.unwrap_or_default());
        return Err(format!("only {some} of {all} members can be judged: {why}"));
    }
    let (bill, billed) =
        together(members).ok_or("no member is on the bill, or in two currencies")?;
    let cost = Cost::of(&bill).ok_or("its members' bill shows no cost: nothing to save")?;
    let room = if group.is_cluster {
        Headroom {
            cpu: policy.cluster_headroom,
            memory: policy.cluster_headroom,
            ..policy.headroom
        }
    } else {
        policy.headroom
    };
    Ok(Known {
        group,
        policy,
        room,
        current,
        count: members.len() as u64,
        demands,
        bill,
        cost,
        billed,
    })
}

/// A month of all members that are on the bill, and how many these are.
fn together(members: &[&Machine]) -> Option<(Bill, usize)> {
    let bills: Vec<&Bill> = members.iter().filter_map(|member| member.bill).collect();
    let currency = &bills.first()?.currency;
    if bills.iter().any(|bill| bill.currency != *currency) {
        return None;
    }
    let costs = bills.iter().filter_map(|bill| Cost::of(bill));
    let monthly: Money = costs
        .map(|cost| cost.monthly)
        .fold(Money::ZERO, |a, b| a + b);
    let sum = |of: fn(&Bill) -> Money| {
        bills
            .iter()
            .map(|bill| of(bill))
            .fold(Money::ZERO, |a, b| a + b)
    };
    let (hours, covered) = (sum(|bill| bill.hours), sum(|bill| bill.covered_hours));
    let month = Money::from_units(MONTH * ONE);
    let rest = hours - covered.min(hours);
    let covered = crate::money::split(month, &[covered, rest], crate::money::SCALE)[0];
    let bill = Bill {
        effective_cost: monthly,
        hours: month,
        covered_hours: if hours > Money::ZERO {
            covered
        } else {
            Money::ZERO
        },
        window_hours: 730,
        list_rate: bills.iter().filter_map(|bill| bill.list_rate).max(),
        currency: currency.clone(),
    };
    Some((bill, bills.len()))
}

/// All members idle: the group is switched off.
fn idle(known: &Known, facts: &Facts) -> Option<(Choice, String)> {
    if known.demands.len() < usize::try_from(known.count).unwrap_or(usize::MAX) {
        return None;
    }
    let idle: Vec<_> = known.demands.iter().map(idleness).collect::<Option<_>>()?;
    let network_known = idle.iter().all(|one| one.network_known);
    let weakest = idle
        .iter()
        .max_by_key(|one| (!one.network_known, stopping(one, facts).confidence))?;
    let choice = stopping(weakest, facts);
    let text = format!("all idle; of the busiest {}", facts.idle(network_known));
    Some((choice, text))
}

/// A smaller, newer or ARM type that holds every measured member's need, best first.
fn smaller(known: &Known, members: &[&Machine], facts: &Facts) -> Vec<(Choice, String)> {
    let stand_in = Machine {
        bill: Some(&known.bill),
        ..*members[0]
    };
    let demands = &known.demands;
    let current = known.current;
    let lasts = |target: &MachineType| {
        demands
            .iter()
            .all(|own| fit::credits_last(own, current, target))
    };
    let risk = |target: &MachineType| {
        let risks = demands.iter().map(|own| fit::risk(own, current, target));
        risks.max().unwrap_or(0)
    };
    let unseen = demands.len() as u64 != known.count;
    let for_all = |(target, choice): (&'static MachineType, Choice)| {
        let text = format!("of the busiest {}", facts.change(target, choice.basis));
        let seen = if unseen { Confidence::B } else { Confidence::A };
        let choice = Choice {
            recommended_type: words::sized(known.count, &target.name),
            risk: risk(target),
            confidence: choice.confidence.max(seen),
            ..choice
        };
        (choice, text)
    };
    let found = changes(&stand_in, known.policy, facts).into_iter();
    found
        .filter(|(target, _)| lasts(target))
        .map(for_all)
        .collect()
}

/// Fewer members of the same type that hold the load of all.
fn fewer(known: &Known, load: &Load) -> Option<Choice> {
    let least = known.group.limits.map_or(2, |(least, _)| least.max(1));
    let measured = known.demands.len() as u64;
    if measured < known.count {
        return None;
    }
    let kept = load.members(known.current, known.count)?.max(least);
    if kept >= known.count {
        return None;
    }
    let saving = Saving::of_members(&known.cost, known.count - kept, known.count);
    let worth = known.cost.monthly.units() / 100 * i128::from(known.policy.least_saving);
    if saving.high.units() < worth {
        return None;
    }
    let caps = known
        .demands
        .iter()
        .map(data_cap)
        .max()
        .unwrap_or(Confidence::C);
    Some(Choice {
        action: Action::Resize,
        recommended_type: words::sized(kept, &known.current.name),
        projected_cpu_p995: Some(load.cpu_p995 / as_float(kept)),
        projected_memory_max: load.memory.map(|memory| memory / as_float(kept)),
        risk: load.risk(kept),
        effort: Effort::VeryLow,
        // Members are taken to share the load evenly.
        confidence: caps.max(Confidence::B),
        savings_low: saving.low,
        savings_high: saving.high,
        basis: Basis::OwnRate,
    })
}

#[allow(clippy::cast_precision_loss, reason = "counts of machines")]
pub(super) fn as_float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
