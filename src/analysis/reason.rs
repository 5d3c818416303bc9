//! Sentences that say why a machine should change, or why not, to a person who pays for it.
//!
//! Words only: every figure here was computed elsewhere.

use crate::analysis::catalogue::MachineType;
use crate::analysis::fit::{Demand, Headroom, Need};
use crate::analysis::saving::{Basis, Cost};
use crate::resource::Statistic;

/// What the sentences of one machine are about.
#[derive(Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) demand: &'a Demand,
    pub(crate) current: &'a MachineType,
    pub(crate) need: &'a Need,
    pub(crate) room: &'a Headroom,
    pub(crate) cost: &'a Cost,
}

/// How [`Facts::nothing`] ends where a machine needs what it has.
const FITS: [&str; 4] = [
    "short of CPU and memory",
    "short of CPU",
    "short of memory",
    "no cheaper type fits",
];

/// True where a reason says that a machine was measured and needs what it has.
pub(crate) fn fits(reason: &str) -> bool {
    FITS.iter().any(|verdict| reason.ends_with(verdict))
}

impl Facts<'_> {
    /// Why a machine can be stopped.
    pub(crate) fn idle(&self, network_known: bool) -> String {
        let cpu = &self.demand.cpu;
        let seen = format!(
            "CPU never passed {} % in {}",
            number(cpu.max()),
            self.sampled()
        );
        let verdict = if network_known {
            "and less than 5 MB of network traffic a day: idle".to_owned()
        } else {
            "network not measured: possibly idle".to_owned()
        };
        self.sentence(vec![format!("{seen}, {verdict}; confirm with the owner")])
    }

    /// Why another type will do.
    pub(crate) fn change(&self, target: &MachineType, basis: Basis) -> String {
        let mut parts = vec![self.measured(), self.needed()];
        if self.demand.memory.is_none() {
            parts.push(format!(
                "memory not measured, so it is not cut ({} GiB kept)",
                number(target.memory_gib)
            ));
        }
        if self.demand.network_in.is_none() && target.network_gbps < self.current.network_gbps {
            parts.push("network not measured, about half of its baseline kept".to_owned());
        }
        if target.arch != self.current.arch {
            parts.push("programs must run on ARM".to_owned());
        }
        if target.storage > self.current.storage && target.storage == 2 {
            parts.push("the image needs NVMe or Hyperdisk support".to_owned());
        }
        if target.local_disk {
            parts.push("data on the local disk is lost".to_owned());
        }
        parts.push(match basis {
            Basis::OwnRate => "prices: own bill".to_owned(),
            Basis::OwnFamily => "price: own cost by size within the family".to_owned(),
            Basis::CatalogueRatio => "price: own cost by the ratio of list prices".to_owned(),
            Basis::CatalogueOnly => "price: catalogue only, an order of magnitude".to_owned(),
        });
        self.sentence(parts)
    }

    /// Why nothing should change.
    pub(crate) fn nothing(&self) -> String {
        let (need, current) = (self.need, self.current);
        let short_cpu = need.vcpu > f64::from(current.vcpu);
        let verdict = match (short_cpu, need.memory_gib > current.memory_gib) {
            (true, true) => FITS[0],
            (true, false) => FITS[1],
            (false, true) => FITS[2],
            (false, false) => FITS[3],
        };
        let mut parts = vec![self.measured(), self.needed()];
        if self.demand.memory.is_none() {
            parts.push("memory not measured, so it is not cut".to_owned());
        }
        parts.push(verdict.to_owned());
        parts.join("; ")
    }

    fn measured(&self) -> String {
        let (cpu, current) = (&self.demand.cpu, self.current);
        let cpu = format!(
            "CPU P99.5 {} % of {} vCPU",
            number(cpu.percentile(0.995)),
            current.vcpu
        );
        let memory = self.demand.memory.as_ref().map_or(String::new(), |memory| {
            format!(
                ", memory at most {} % of {} GiB",
                number(memory.max()),
                number(current.memory_gib)
            )
        });
        format!("{cpu}{memory} in {}", self.sampled())
    }

    fn needed(&self) -> String {
        let (need, room) = (self.need, self.room);
        let cpu = format!(
            "needs {} vCPU (P{} + {} %)",
            number(need.vcpu),
            room.cpu_percentile * 100.0,
            room.cpu
        );
        if self.demand.memory.is_none() {
            return cpu;
        }
        format!(
            "{cpu} and {} GiB (highest + {} %)",
            number(need.memory_gib),
            room.memory
        )
    }

    fn sampled(&self) -> String {
        let cpu = &self.demand.cpu;
        let statistic = match cpu.statistic {
            Statistic::Average | Statistic::Sum => "averages",
            Statistic::Maximum => "maxima",
            Statistic::P99 => "99th percentiles",
        };
        let minutes = f64::from(cpu.period) / 60.0;
        format!(
            "{} days of {}-minute {statistic}",
            number(cpu.days),
            number(minutes)
        )
    }

    /// The parts, and what holds for every action on this machine.
    fn sentence(&self, mut parts: Vec<String>) -> String {
        if self.demand.is_coarse() {
            parts.push("averages this long hide peaks".to_owned());
        }
        if self.current.baseline.is_some() {
            parts.push("CPU credits not measured".to_owned());
        }
        if self.cost.is_covered() {
            parts.push(
                "commitments cover part of its hours: the low saving counts only the others"
                    .to_owned(),
            );
        }
        if !self.cost.billed {
            parts.push("not on the bill: list price in its place".to_owned());
        }
        parts.join("; ")
    }
}

/// One decimal below 10, none above.
pub(crate) fn number(value: f64) -> String {
    let text = if value < 9.95 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    };
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            [0.0, 0.62, 9.96, 12.3, 384.0].map(number),
            ["0", "0.6", "10", "12", "384"]
        );
    }
}
