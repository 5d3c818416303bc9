//! Does a machine type fit what a machine was measured to need, and how risky is it?
//!
//! Capacities only: this room knows no price and chooses nothing. What was not measured is never cut.

use crate::analysis::catalogue::MachineType;
use crate::analysis::utilisation::{DAY, Profile, best};
use crate::resource::{Metric, Statistic, Usage};
use serde::Deserialize;
use std::ops::Range;

/// Least hours of CPU data for any judgement (AWS Compute Optimizer's requirement).
pub const LEAST_HOURS: f64 = 30.0;
/// Bytes per second of one Gbit/s.
const GBIT: f64 = 125_000_000.0;
/// Share of a baseline that is kept where use was not measured: half, less what rounding takes between two sizes
/// of one family (the disk baseline of m5.2xlarge is 48 % of that of m5.4xlarge).
const KEPT: f64 = 0.45;

/// How much room a target must leave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Headroom {
    /// Share of time (0 to 1) whose CPU need must fit.
    pub cpu_percentile: f64,
    /// Room above that CPU need, in percent of it.
    pub cpu: f64,
    /// Room above the highest memory use, in percent of it.
    pub memory: f64,
}

/// Named headrooms, with the figures of AWS Compute Optimizer's presets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// P90 with no room, memory 10 %.
    Savings,
    /// P95 with 30 %, memory 30 %.
    Balanced,
    /// P99.5 with 20 %, memory 20 %.
    #[default]
    Default,
    /// P99.5 with 30 %, memory 30 %.
    Performance,
}

impl Preset {
    /// Its figures.
    pub fn headroom(self) -> Headroom {
        let (cpu_percentile, cpu, memory) = match self {
            Preset::Savings => (0.90, 0.0, 10.0),
            Preset::Balanced => (0.95, 30.0, 30.0),
            Preset::Default => (0.995, 20.0, 20.0),
            Preset::Performance => (0.995, 30.0, 30.0),
        };
        Headroom {
            cpu_percentile,
            cpu,
            memory,
        }
    }
}

/// What was measured on one machine.
#[derive(Clone, Debug)]
pub struct Demand {
    /// CPU in percent of all vCPUs.
    pub cpu: Profile,
    /// Memory in percent of the machine's memory; `None` below 30 hours.
    pub memory: Option<Profile>,
    /// Bytes in per period.
    pub network_in: Option<Profile>,
    /// Bytes out per period.
    pub network_out: Option<Profile>,
    /// Disk operations per period.
    pub disk_ops: Option<Profile>,
    /// Disk bytes per period.
    pub disk_bytes: Option<Profile>,
}

impl Demand {
    /// The best series of each metric in a window of unix seconds; `None` without CPU.
    pub fn of(usage: &[Usage], window: &Range<i64>) -> Option<Demand> {
        let pick = |metric| best(usage, metric, window, LEAST_HOURS);
        let enough = |metric| pick(metric).filter(|p| p.hours >= LEAST_HOURS);
        Some(Demand {
            cpu: pick(Metric::Cpu)?,
            memory: enough(Metric::Memory),
            network_in: enough(Metric::NetworkIn),
            network_out: enough(Metric::NetworkOut),
            disk_ops: enough(Metric::DiskOps),
            disk_bytes: enough(Metric::DiskBytes),
        })
    }

    /// True where CPU samples are means over an hour or more: these hide short peaks.
    pub fn is_coarse(&self) -> bool {
        self.cpu.statistic == Statistic::Average && self.cpu.period >= 3600
    }
}

/// What a target must hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Need {
    /// vCPUs.
    pub vcpu: f64,
    /// Memory in GiB; all of the current where not measured.
    pub memory_gib: f64,
    /// Network baseline in Gbit/s, 0 where the catalogue knows none.
    pub network_gbps: f64,
    /// Disk baseline in operations per second, 0 where the catalogue knows none.
    pub disk_iops: f64,
    /// Disk baseline in MB per second, 0 where the catalogue knows none.
    pub disk_mbps: f64,
}

impl Need {
    /// Of a machine by what was measured on it.
    pub fn of(demand: &Demand, current: &MachineType, room: &Headroom) -> Need {
        let vcpu = f64::from(current.vcpu) * demand.cpu.percentile(room.cpu_percentile) / 100.0;
        let used = demand
            .memory
            .as_ref()
            .map(|memory| current.memory_gib * memory.max() / 100.0);
        let (inward, outward) = (
            rate(demand.network_in.as_ref()),
            rate(demand.network_out.as_ref()),
        );
        let network = inward.zip(outward).map(|(a, b)| a.max(b) / GBIT);
        Need {
            vcpu: vcpu * (1.0 + room.cpu / 100.0),
            memory_gib: used.map_or(current.memory_gib, |used| {
                used * (1.0 + room.memory / 100.0)
            }),
            network_gbps: baseline(network, current.network_gbps),
            disk_iops: baseline(rate(demand.disk_ops.as_ref()), current.disk_iops),
            disk_mbps: baseline(
                rate(demand.disk_bytes.as_ref()).map(|b| b / 1e6),
                current.disk_mbps,
            ),
        }
    }

    /// True where a type holds all of it.
    pub fn fits(&self, target: &MachineType) -> bool {
        let holds = |known: Option<f64>, need: f64| known.is_none_or(|capacity| capacity >= need);
        f64::from(target.vcpu) >= self.vcpu
            && target.memory_gib >= self.memory_gib
            && holds(target.network_gbps, self.network_gbps)
            && holds(target.disk_iops, self.disk_iops)
            && holds(target.disk_mbps, self.disk_mbps)
    }
}

/// P99.5 per second of a metric that is a total per period.
fn rate(profile: Option<&Profile>) -> Option<f64> {
    profile.map(|p| p.percentile(0.995) / f64::from(p.period))
}

/// What a target's baseline must be: the measured rate, never more than the current baseline (the machine bursts
/// above it already); where not measured, about half of the current baseline.
fn baseline(measured: Option<f64>, current: Option<f64>) -> f64 {
    let Some(current) = current else { return 0.0 };
    measured.map_or(current * KEPT, |rate| rate.min(current))
}

/// CPU of the current machine in percent of the target's vCPUs.
pub fn projected_cpu(percent: f64, current: &MachineType, target: &MachineType) -> f64 {
    percent * f64::from(current.vcpu) / f64::from(target.vcpu)
}

/// Memory of the current machine in percent of the target's memory.
pub fn projected_memory(percent: f64, current: &MachineType, target: &MachineType) -> f64 {
    percent * current.memory_gib / target.memory_gib
}

/// True where a target is steady, or its CPU credits would have lasted: mean below 0.8 of its baseline, P95 below
/// twice its baseline, and a replay of all samples, starting with one day of credits (the most it can bank), never
/// runs dry. An unknown baseline never passes.
pub fn credits_last(demand: &Demand, current: &MachineType, target: &MachineType) -> bool {
    let Some(baseline) = target.baseline else {
        return true;
    };
    let on_target = |percent: f64| projected_cpu(percent, current, target);
    if on_target(demand.cpu.mean) >= 0.8 * baseline
        || on_target(demand.cpu.percentile(0.95)) >= 2.0 * baseline
    {
        return false;
    }
    #[allow(clippy::cast_precision_loss, reason = "86 400")]
    let bank = baseline * DAY as f64;
    let mut credits = bank;
    demand.cpu.samples.iter().all(|sample| {
        let earned = baseline - on_target(f64::from(sample.value));
        credits = bank.min(credits + earned * f64::from(sample.seconds));
        credits >= 0.0
    })
}

/// Risk of a target, 0 to 4: the worst of CPU, memory, network and disk by the share of measured time above its
/// capacity. 0 never, 1 up to 0.1 %, 2 up to 1 %, 3 up to 5 %, 4 above.
pub fn risk(demand: &Demand, current: &MachineType, target: &MachineType) -> u8 {
    let level =
        |profile: &Option<Profile>, capacity: Option<f64>, unit: f64| match (profile, capacity) {
            (Some(p), Some(capacity)) => p.share_above(capacity * unit * f64::from(p.period)),
            _ => 0.0,
        };
    let cpu = demand
        .cpu
        .share_above(100.0 * f64::from(target.vcpu) / f64::from(current.vcpu));
    let memory_limit = 100.0 * target.memory_gib / current.memory_gib;
    let shares = [
        cpu,
        demand
            .memory
            .as_ref()
            .map_or(0.0, |memory| memory.share_above(memory_limit)),
        level(&demand.network_in, target.network_gbps, GBIT),
        level(&demand.network_out, target.network_gbps, GBIT),
        level(&demand.disk_ops, target.disk_iops, 1.0),
        level(&demand.disk_bytes, target.disk_mbps, 1e6),
    ];
    match shares.into_iter().fold(0.0, f64::max) {
        share if share <= 0.0 => 0,
        share if share <= 0.001 => 1,
        share if share <= 0.01 => 2,
        share if share <= 0.05 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::catalogue::catalogue;

    fn find(name: &str) -> &'static MachineType {
        catalogue().find("", name).unwrap()
    }

    fn usage(metric: Metric, value: impl Fn(i64) -> f32) -> Usage {
        let statistic = Statistic::Average;
        let samples = (0..2000).map(|i| (i * 300, value(i))).collect();
        Usage {
            resource: "i-1".into(),
            metric,
            statistic,
            period: 300,
            samples,
        }
    }

    fn demand(usage: &[Usage]) -> Demand {
        Demand::of(usage, &(0..i64::MAX)).unwrap()
    }

    #[test]
    fn need_is_the_percentile_and_the_room_above_it() {
        let measured = demand(&[
            usage(Metric::Cpu, |_| 25.0),
            usage(Metric::Memory, |_| 50.0),
        ]);
        let need = Need::of(&measured, find("m5.xlarge"), &Preset::Default.headroom());
        assert!((need.vcpu - 1.2).abs() < 1e-9 && (need.memory_gib - 9.6).abs() < 1e-9);
    }

    #[test]
    fn what_is_not_measured_is_kept() {
        let need = Need::of(
            &demand(&[usage(Metric::Cpu, |_| 25.0)]),
            find("m5.xlarge"),
            &Preset::Savings.headroom(),
        );
        assert_eq!(
            (need.memory_gib, need.network_gbps, need.disk_iops),
            (16.0, 0.5625, 2700.0)
        );
        assert!(need.fits(find("r5.large")) && !need.fits(find("m5.large")));
    }

    #[test]
    fn a_measured_network_must_fit_the_baseline() {
        let bytes = |_| 1_000_000_000.0; // in 300 s: 0.027 Gbit/s
        let quiet = [Metric::NetworkIn, Metric::NetworkOut].map(|m| usage(m, bytes));
        let all = [&[usage(Metric::Cpu, |_| 1.0)][..], &quiet].concat();
        let need = Need::of(
            &demand(&all),
            find("m5.xlarge"),
            &Preset::Default.headroom(),
        );
        assert!((need.network_gbps - 0.026_67).abs() < 1e-4);
    }

    #[test]
    fn risk_counts_the_time_above_the_new_capacity() {
        let risk_of = |busy: i64| {
            let cpu = usage(Metric::Cpu, |i| if i < busy { 90.0 } else { 10.0 });
            risk(&demand(&[cpu]), find("m5.xlarge"), find("m5.large"))
        };
        assert_eq!([0, 2, 20, 100, 101].map(risk_of), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn memory_is_part_of_the_risk() {
        let both = demand(&[usage(Metric::Cpu, |_| 5.0), usage(Metric::Memory, |_| 60.0)]);
        assert_eq!(risk(&both, find("m5.xlarge"), find("m5.large")), 4);
    }

    #[test]
    fn credits_last_for_short_peaks_only() {
        let lasts = |cpu: fn(i64) -> f32| {
            credits_last(
                &demand(&[usage(Metric::Cpu, cpu)]),
                find("t3.large"),
                find("t3.medium"),
            )
        };
        assert!(lasts(|i| if i % 20 == 0 { 90.0 } else { 10.0 }));
        assert!(!lasts(|_| 18.0), "mean too near the baseline of 20 %");
        // 4 % of a week in one piece: 90 % for 7 hours costs more than the 4.8 vCPU-hours per vCPU in the bank.
        assert!(!lasts(|i| if (500..590).contains(&i) {
            90.0
        } else {
            10.0
        }));
    }

    #[test]
    fn an_unknown_baseline_never_passes() {
        let unknown = MachineType {
            baseline: Some(0.0),
            ..find("t3.medium").clone()
        };
        assert!(!credits_last(
            &demand(&[usage(Metric::Cpu, |_| 0.1)]),
            find("t3.large"),
            &unknown
        ));
    }
}
