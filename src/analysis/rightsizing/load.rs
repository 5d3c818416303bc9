//! What the members of a group need: the worst of them, and all together. Knows no price.

use super::group::as_float;
use crate::analysis::catalogue::MachineType;
use crate::analysis::fit::{Demand, Headroom, LEAST_HOURS};
use crate::analysis::utilisation::Profile;
use std::collections::BTreeMap;

/// The highest of each metric over the members: a type that holds it holds each of them. A metric that is not
/// measured on all of them counts as not measured.
pub(super) fn worst(demands: &[Demand], percentile: f64) -> Option<Demand> {
    let rate = |profile: &Profile| profile.percentile(0.995) / f64::from(profile.period);
    let highest = |of: fn(&Demand) -> Option<&Profile>, by: &dyn Fn(&Profile) -> f64| {
        let all: Vec<&Profile> = demands.iter().map(of).collect::<Option<_>>()?;
        all.into_iter()
            .max_by(|a, b| by(a).total_cmp(&by(b)))
            .cloned()
    };
    Some(Demand {
        cpu: highest(|one| Some(&one.cpu), &|p| p.percentile(percentile))?,
        memory: highest(|one| one.memory.as_ref(), &Profile::max),
        network_in: highest(|one| one.network_in.as_ref(), &rate),
        network_out: highest(|one| one.network_out.as_ref(), &rate),
        disk_ops: highest(|one| one.disk_ops.as_ref(), &rate),
        disk_bytes: highest(|one| one.disk_bytes.as_ref(), &rate),
    })
}

/// What all members need together, in percent of one member.
pub(super) struct Load {
    /// CPU that must fit, with room.
    cpu: f64,
    /// P99.5 of the CPU of all.
    pub(super) cpu_p995: f64,
    /// Memory of all, each at its highest; `None` where one is not measured.
    pub(super) memory: Option<f64>,
    /// Memory that must fit, with room.
    memory_need: Option<f64>,
    /// Network and disk of all per second, each at its P99.5, where all are measured: bytes in, out, operations,
    /// bytes of disks.
    rates: [Option<f64>; 4],
    /// CPU of all at each time, ascending.
    sums: Vec<f64>,
    /// Hours in which all were measured at once.
    hours: f64,
}

impl Load {
    pub(super) fn of(demands: &[Demand], room: &Headroom) -> Load {
        let (sums, hours) = sums(demands);
        let memory = demands
            .iter()
            .map(|one| one.memory.as_ref().map(Profile::max))
            .sum::<Option<f64>>();
        let total = |of: fn(&Demand) -> Option<&Profile>| {
            let rate = |p: &Profile| p.percentile(0.995) / f64::from(p.period);
            demands
                .iter()
                .map(|one| of(one).map(rate))
                .sum::<Option<f64>>()
        };
        Load {
            cpu: percentile(&sums, room.cpu_percentile) * (1.0 + room.cpu / 100.0),
            cpu_p995: percentile(&sums, 0.995),
            memory,
            memory_need: memory.map(|memory| memory * (1.0 + room.memory / 100.0)),
            rates: [
                total(|one| one.network_in.as_ref()),
                total(|one| one.network_out.as_ref()),
                total(|one| one.disk_ops.as_ref()),
                total(|one| one.disk_bytes.as_ref()),
            ],
            sums,
            hours,
        }
    }

    /// The least members that hold it; `None` where too little was measured to let one go. Where network or disk
    /// were not measured, half of the members stay.
    pub(super) fn members(&self, current: &MachineType, count: u64) -> Option<u64> {
        let memory = self.memory_need?;
        if self.hours < LEAST_HOURS {
            return None;
        }
        let gbit = current.network_gbps.map(|gbps| gbps * 125_000_000.0);
        let megabytes = current.disk_mbps.map(|mbps| mbps * 1e6);
        let baselines = [gbit, gbit, current.disk_iops, megabytes];
        let by_rates = self.rates.iter().zip(baselines).map(|(rate, baseline)| {
            // A member bursts above its baseline: nobody needs more members than there are for that.
            match (rate, baseline) {
                (_, None) => 0.0,
                (Some(rate), Some(baseline)) => (rate / baseline).min(as_float(count)),
                (None, Some(_)) => as_float(count) / 2.0,
            }
        });
        let need = by_rates.fold((self.cpu / 100.0).max(memory / 100.0), f64::max);
        Some(whole(need).max(1))
    }

    /// 0 to 4 by the share of time in which all together needed more CPU than so many members have.
    pub(super) fn risk(&self, members: u64) -> u8 {
        let limit = 100.0 * as_float(members);
        let over = self.sums.iter().filter(|sum| **sum > limit).count();
        match as_float(over as u64) / as_float(self.sums.len().max(1) as u64) {
            share if share <= 0.0 => 0,
            share if share <= 0.001 => 1,
            share if share <= 0.01 => 2,
            share if share <= 0.05 => 3,
            _ => 4,
        }
    }
}

/// The CPU of all members at each time at which all were measured, ascending, and the hours of that. Of samples
/// shorter than the longest period the highest counts.
fn sums(demands: &[Demand]) -> (Vec<f64>, f64) {
    let period = demands.iter().map(|one| i64::from(one.cpu.period)).max();
    let period = period.unwrap_or(1).max(1);
    let mut times: BTreeMap<i64, (f64, usize)> = BTreeMap::new();
    for demand in demands {
        let mut own: BTreeMap<i64, f64> = BTreeMap::new();
        for sample in &demand.cpu.samples {
            let value = own.entry(sample.start.div_euclid(period)).or_default();
            *value = value.max(f64::from(sample.value));
        }
        for (time, value) in own {
            let (sum, members) = times.entry(time).or_default();
            (*sum, *members) = (*sum + value, *members + 1);
        }
    }
    let all = times
        .into_values()
        .filter(|(_, members)| *members == demands.len());
    let mut sums: Vec<f64> = all.map(|(sum, _)| sum).collect();
    sums.sort_unstable_by(f64::total_cmp);
    let hours = as_float(sums.len() as u64) * as_float(period.unsigned_abs()) / 3600.0;
    (sums, hours)
}

/// The smallest value that at least this share of equal times does not exceed.
fn percentile(sums: &[f64], share: f64) -> f64 {
    let wanted = whole(as_float(sums.len() as u64) * share);
    let at = usize::try_from(wanted.max(1) - 1).unwrap_or(0);
    sums.get(at).or(sums.last()).copied().unwrap_or(0.0)
}

/// The next whole number up; what rounding of sums adds makes no difference.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float to an integer saturates; counts are small"
)]
fn whole(number: f64) -> u64 {
    (number - 1e-9).max(0.0).ceil() as u64
}
