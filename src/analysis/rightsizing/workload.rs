//! Rightsizing of what containers request. CPU: P95 of its use; memory: the highest and 15 % above it; never below
//! 10 millicores and 100 MiB (the figures of `krr`). What an autoscaler scales by its requests is left alone.
//!
//! Requests that are given up save nothing by themselves: only nodes that are removed do. So the low saving is zero,
//! the high one the share of the nodes' own cost, and neither counts in a total beside the findings about nodes.

use super::{Policy, window};
use crate::analysis::finding::{
    Action, Choice, Confidence, Effort, Finding, Kind, Skipped, Verdict,
};
use crate::analysis::reason::number;
use crate::analysis::saving::Basis;
use crate::analysis::utilisation::{Profile, best};
use crate::money::{Money, SCALE, split};
use crate::resource::{Metric, Statistic, Usage};

/// Least points of fine data, and least days of averages over an hour or more.
const POINTS: usize = 100;
const DAYS: f64 = 7.0;
/// Least CPU in millicores and least memory in MiB that anything requests.
const LEAST: (u64, u64) = (10, 100);
/// Room above the highest memory, in percent.
const MEMORY_ROOM: f64 = 15.0;
/// Bytes of a MiB.
const MIB: f64 = 1_048_576.0;
/// What a core costs against a GiB of memory: the public prices that `OpenCost` splits nodes by (0.031611 and
/// 0.004237 an hour).
const CORE: i128 = 31_611;
const GIBIBYTE: i128 = 4237;

/// Nodes of a cluster that are on the bill.
#[derive(Clone, Debug, PartialEq)]
pub struct Nodes {
    /// Their cost per 730 hours.
    pub monthly: Money,
    /// Currency of it.
    pub currency: String,
    /// Cores of all.
    pub vcpu: u64,
    /// Memory of all in MiB.
    pub memory_mib: u64,
}

/// A container of a workload and everything known about it.
#[derive(Clone, Copy, Debug)]
pub struct Workload<'a> {
    /// `k8s:CLUSTER/NAMESPACE/WORKLOAD:CONTAINER`.
    pub id: &'a str,
    /// Its cluster, empty where unknown.
    pub cluster: &'a str,
    /// Team that owns it, empty where unknown.
    pub team: &'a str,
    /// Its series.
    pub usage: &'a [Usage],
    /// An autoscaler sets its number of pods.
    pub autoscaled: bool,
    /// The nodes it runs on.
    pub nodes: Option<&'a Nodes>,
}

/// CPU in millicores and memory in MiB of one pod.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Request {
    cpu: u64,
    memory: u64,
}

impl std::fmt::Display for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cpu {}m memory {}Mi", self.cpu, self.memory)
    }
}

/// What was measured.
struct Seen {
    cpu: Profile,
    memory: Option<Profile>,
    now: Request,
    pods: f64,
}

/// Judges one container.
pub fn judge(workload: &Workload, policy: &Policy) -> Verdict {
    let seen = seen(workload, policy);
    let current = seen
        .as_ref()
        .map_or(String::new(), |seen| seen.now.to_string());
    match seen.and_then(|seen| look(workload, &seen, policy)) {
        Ok(finding) => Verdict::Finding(Box::new(finding)),
        Err(reason) => Verdict::Skipped(Skipped {
            resource_id: workload.id.to_owned(),
            sub_account: workload.cluster.to_owned(),
            current_type: current,
            reason,
            kind: Kind::Workload,
        }),
    }
}

/// Requests and use, unless too little is known of them.
fn seen(workload: &Workload, policy: &Policy) -> Result<Seen, String> {
    let window = window(None, policy);
    let pick = |metric| best(workload.usage, metric, &window, 1.0);
    let request = |metric| pick(metric).map(|told| told.percentile(0.5));
    let cpu_now = request(Metric::CpuRequest).filter(|cpu| *cpu > 0.0);
    let memory_now = request(Metric::MemoryRequest).filter(|memory| *memory > 0.0);
    let (Some(cpu_now), Some(memory_now)) = (cpu_now, memory_now) else {
        return Err("it requests no CPU or no memory, or nobody measured what".to_owned());
    };
    let cpu = pick(Metric::Cores).ok_or("its use of CPU was not measured")?;
    let highest = pick(Metric::MemoryBytes);
    // An average over hours hides what a container needed at its highest.
    let memory =
        highest.filter(|memory| memory.period < 3600 || memory.statistic == Statistic::Maximum);
    Ok(Seen {
        cpu,
        memory,
        now: Request {
            cpu: whole(cpu_now * 1000.0),
            memory: whole(memory_now / MIB),
        },
        pods: pick(Metric::Pods).map_or(1.0, |pods| pods.mean),
    })
}

impl Seen {
    fn is_coarse(&self) -> bool {
        self.cpu.period >= 3600 && self.cpu.statistic == Statistic::Average
    }

    fn need(&self) -> Request {
        let cpu = whole(self.cpu.percentile(0.95) * 1000.0).max(LEAST.0);
        let memory = self
            .memory
            .as_ref()
            .map(|memory| whole(memory.max() * (1.0 + MEMORY_ROOM / 100.0) / MIB).max(LEAST.1));
        Request {
            cpu,
            memory: memory.unwrap_or(self.now.memory),
        }
    }

    fn words(&self) -> String {
        let minutes = number(f64::from(self.cpu.period) / 60.0);
        let memory = match &self.memory {
            Some(memory) => format!("memory at most {} MiB", number(memory.max() / MIB)),
            None => "memory at its highest not measured, so its request stays".to_owned(),
        };
        format!(
            "CPU P95 {} millicores, {memory} in {} days of {minutes}-minute samples",
            number(self.cpu.percentile(0.95) * 1000.0),
            number(self.cpu.days),
        )
    }
}

fn look(workload: &Workload, seen: &Seen, policy: &Policy) -> Result<Finding, String> {
    if workload.autoscaled {
        return Err(
            "an autoscaler sets its pods by what they request: change both together".to_owned(),
        );
    }
    let points = seen.cpu.samples.len();
    if seen.is_coarse() && seen.cpu.days < DAYS {
        let days = number(seen.cpu.days);
        return Err(format!(
            "insufficient data: averages over {days} days, at least {DAYS} are needed"
        ));
    }
    if !seen.is_coarse() && points < POINTS {
        return Err(format!(
            "insufficient data: {points} points, at least {POINTS} are needed"
        ));
    }
    let (now, need) = (seen.now, seen.need());
    let short = short(now, need);
    let nodes = workload.nodes;
    if need.cpu >= now.cpu && need.memory >= now.memory {
        let verdict = short.unwrap_or_else(|| "requests fit".to_owned());
        return Err(format!("{}; {verdict}", seen.words()));
    }
    let nodes = nodes.ok_or_else(|| {
        format!("{}; {need} would do, but no node of its cluster is on the bill: no saving can be stated", seen.words())
    })?;
    let (cost, after) = (nodes.share(now, seen.pods), nodes.share(need, seen.pods));
    if after >= cost {
        return Err(format!("{}; {need} would cost no less", seen.words()));
    }
    let worth = cost.units() / 100 * i128::from(policy.least_saving);
    if (cost - after).units() < worth {
        return Err(format!("{}; requests fit", seen.words()));
    }
    Ok(finding(workload, seen, nodes, (need, cost, cost - after)))
}

/// What it requests too little of.
fn short(now: Request, need: Request) -> Option<String> {
    let cpu = (need.cpu > now.cpu)
        .then(|| format!("cpu {}m is too little, {}m are needed", now.cpu, need.cpu));
    let memory = (need.memory > now.memory).then(|| {
        format!(
            "memory {}Mi is too little, {}Mi are needed",
            now.memory, need.memory
        )
    });
    let parts: Vec<String> = cpu.into_iter().chain(memory).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn finding(
    workload: &Workload,
    seen: &Seen,
    nodes: &Nodes,
    (need, cost, saving): (Request, Money, Money),
) -> Finding {
    let percent = |value: f64, of: u64| 100.0 * value / float(of.max(1));
    let cpu = |share: f64, of: u64| Some(percent(seen.cpu.percentile(share) * 1000.0, of));
    let memory = |of: u64| seen.memory.as_ref().map(|one| percent(one.max() / MIB, of));
    let mut parts = vec![seen.words()];
    parts.extend(short(seen.now, need));
    parts.push(format!("{} pods", number(seen.pods)));
    parts.push(
        "saved only where nodes are removed: low saving 0; price: share of the nodes' own cost"
            .to_owned(),
    );
    if seen.is_coarse() {
        parts.push("averages this long hide peaks".to_owned());
    }
    let young = seen.is_coarse() || seen.cpu.days < 13.5;
    Finding {
        rank: 0,
        kind: Kind::Workload,
        keys: Vec::new(),
        resource_id: workload.id.to_owned(),
        sub_account: workload.cluster.to_owned(),
        region: String::new(),
        team: workload.team.to_owned(),
        current_type: seen.now.to_string(),
        cpu_p95: cpu(0.95, seen.now.cpu),
        cpu_p995: cpu(0.995, seen.now.cpu),
        memory_max: memory(seen.now.memory),
        choice: Choice {
            action: Action::Resize,
            recommended_type: need.to_string(),
            projected_cpu_p995: cpu(0.995, need.cpu),
            projected_memory_max: memory(need.memory),
            // Nothing is cut off at a request: CPU above it competes, memory keeps its room.
            risk: 1,
            effort: Effort::Low,
            confidence: if young { Confidence::C } else { Confidence::B },
            savings_low: Money::ZERO,
            savings_high: saving,
            basis: Basis::OwnRate,
        },
        alternatives: Vec::new(),
        monthly_cost: cost,
        currency: nodes.currency.clone(),
        reason: parts.join("; "),
    }
}

impl Nodes {
    /// What a request of so many pods takes of the nodes' cost; never more than all of it.
    fn share(&self, request: Request, pods: f64) -> Money {
        let cores = i128::from(self.vcpu) * CORE * 1024;
        let memory = i128::from(self.memory_mib) * GIBIBYTE;
        let parts = split(self.monthly, &[cores, memory].map(Money::from_units), SCALE);
        let of = |cost: Money, each: u64, all: u64| {
            let taken = whole(float(each) * pods.max(0.0)).min(all);
            let weights = [taken, all - taken].map(|part| Money::from_units(i128::from(part)));
            if all == 0 {
                Money::ZERO
            } else {
                split(cost, &weights, SCALE)[0]
            }
        };
        of(parts[0], request.cpu, self.vcpu * 1000) + of(parts[1], request.memory, self.memory_mib)
    }
}

#[allow(clippy::cast_precision_loss, reason = "millicores and MiB of a pod")]
fn float(number: u64) -> f64 {
    number as f64
}

/// The next whole number up; a hair above one, as sums of parts come out, is that one.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float to an integer saturates"
)]
fn whole(number: f64) -> u64 {
    (number - 1e-3).max(0.0).ceil() as u64
}

#[cfg(test)]
mod tests;
