//! The virtual machines of Quillfen Robotics: what they cost, how busy they are, what is planted.

use super::calendar::{Day, NOVEMBER, on};
use super::chance::hex;
use super::exact::{Pico, dec};
use super::meters::{DATA, DEVICES, LAB, PLATFORM, STAGE};
use super::organisation::Account::{self, Data, Prod, Sandbox, Shared, Staging};
use super::organisation::Region::{self, EuWest1, UsEast1};

/// Why a machine is in the fleet, and so what rightsizing may say about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Healthy,
    /// Resize; the type of the same family that fits with 20 % headroom.
    Oversized(&'static str),
    Idle,
    /// Member of a group that is oversized as a whole.
    Grouped,
    /// Low CPU, full memory: no smaller memory.
    MemoryBound,
    /// Low CPU, memory never measured: no smaller memory.
    NoMemoryData,
    /// Launched 28 hours before the end of the metrics.
    TooLittleData,
    /// Stopped since July; its disk is still billed.
    Stopped,
}

use Role::{Grouped, Healthy, Idle, MemoryBound, NoMemoryData, Oversized, Stopped, TooLittleData};

/// A machine. `load` is CPU low and high, memory low and high in tenths of a percent, and network
/// in per hour in units of 10 kB.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) name: &'static str,
    pub(crate) account: Account,
    pub(crate) region: Region,
    pub(crate) instance_type: &'static str,
    pub(crate) role: Role,
    pub(crate) load: [i128; 5],
    pub(crate) tags: &'static str,
}

type Row = (
    &'static str,
    Account,
    Region,
    &'static str,
    Role,
    [i128; 5],
    &'static str,
);

const WEB_GROUP: &str =
    "team=web env=prod cost-center=CC-1003 aws:autoscaling:groupName=quillfen-web";
const RENDER: &str =
    "team=web env=prod CostCenter=CC-1003 aws:autoscaling:groupName=quillfen-render";
const NODES: &str = "team=platform env=prod CostCenter=CC-1001 aws:autoscaling:groupName=quillfen-nodes eks:cluster-name=quillfen";
const WEB: &str = super::meters::WEB;
const SEARCH: &str = "team=web env=prod CostCenter=CC-1003";
const WRONG_CASE: &str = "team=Platform env=prod CostCenter=CC-1001";

#[rustfmt::skip] // one row, one line
const ROWS: &[Row] = &[
    ("web-1", Prod, UsEast1, "m6a.xlarge", Healthy, [420, 680, 520, 640, 240_000], WEB_GROUP),
    ("web-2", Prod, UsEast1, "m6a.xlarge", Healthy, [410, 670, 510, 640, 235_000], WEB_GROUP),
    ("web-3", Prod, EuWest1, "m6a.xlarge", Healthy, [400, 650, 500, 620, 140_000], WEB),
    ("api-1", Prod, UsEast1, "c6a.2xlarge", Healthy, [450, 740, 560, 690, 310_000], PLATFORM),
    ("api-2", Prod, UsEast1, "c6a.2xlarge", Healthy, [440, 730, 560, 700, 305_000], PLATFORM),
    ("control-1", Prod, UsEast1, "r6a.xlarge", Healthy, [400, 600, 610, 720, 60_000], DEVICES),
    ("queue-1", Prod, UsEast1, "m6a.large", Healthy, [430, 660, 560, 660, 90_000], WRONG_CASE),
    ("ingest-1", Prod, UsEast1, "c6a.xlarge", Healthy, [450, 720, 540, 650, 180_000], DEVICES),
    ("etl-1", Data, UsEast1, "c6a.4xlarge", Healthy, [430, 760, 560, 720, 420_000], DATA),
    ("feature-1", Data, UsEast1, "r6a.2xlarge", Healthy, [420, 620, 600, 740, 80_000], DATA),
    ("stg-web-1", Staging, UsEast1, "m6a.large", Healthy, [400, 640, 550, 650, 30_000], STAGE),
    ("stg-api-1", Staging, UsEast1, "c6a.xlarge", Healthy, [400, 650, 560, 640, 32_000], STAGE),
    ("ci-1", Shared, UsEast1, "c6a.2xlarge", Healthy, [410, 770, 560, 680, 150_000], PLATFORM),
    ("ci-2", Shared, UsEast1, "c6a.2xlarge", Healthy, [410, 760, 550, 690, 155_000], PLATFORM),
    ("search-1", Prod, UsEast1, "r5.2xlarge", Oversized("r5.large"), [70, 140, 120, 175, 40_000], SEARCH),
    ("etl-2", Data, UsEast1, "m5.4xlarge", Oversized("m5.xlarge"), [65, 98, 140, 195, 90_000], DATA),
    ("report-1", Shared, UsEast1, "c5.4xlarge", Oversized("c5.xlarge"), [62, 90, 130, 190, 25_000], PLATFORM),
    ("stg-app-1", Staging, UsEast1, "m6i.2xlarge", Oversized("m6i.large"), [90, 175, 130, 190, 22_000], STAGE),
    ("render-1", Prod, UsEast1, "m6i.2xlarge", Grouped, [80, 190, 150, 210, 26_000], RENDER),
    ("render-2", Prod, UsEast1, "m6i.2xlarge", Grouped, [80, 180, 150, 200, 24_000], RENDER),
    ("render-3", Prod, UsEast1, "m6i.2xlarge", Grouped, [70, 185, 140, 215, 25_000], RENDER),
    ("node-1", Prod, UsEast1, "m6a.xlarge", Healthy, [420, 640, 560, 680, 90_000], NODES),
    ("node-2", Prod, UsEast1, "m6a.xlarge", Healthy, [410, 650, 550, 670, 95_000], NODES),
    ("demo-1", Sandbox, UsEast1, "m5.large", Idle, [4, 24, 180, 230, 4], LAB),
    ("migration-1", Data, UsEast1, "m5a.xlarge", Idle, [3, 19, 110, 140, 3], ""),
    ("cache-1", Prod, UsEast1, "r6a.large", MemoryBound, [56, 72, 760, 815, 110_000], DEVICES),
    ("license-1", Shared, UsEast1, "r6a.large", NoMemoryData, [60, 110, 0, 0, 12_000], PLATFORM),
    ("canary-1", Prod, UsEast1, "m6a.large", TooLittleData, [60, 120, 150, 200, 9_000], WEB),
    ("poc-1", Sandbox, UsEast1, "m5.xlarge", Stopped, [0; 5], ""),
];

/// Type, vCPU, memory in GiB, Linux on-demand USD per hour in us-east-1 and eu-west-1.
const TYPES: &[(&str, u16, u16, &str, &str)] = &[
    ("c5.4xlarge", 16, 32, "0.68", "0.768"),
    ("c6a.xlarge", 4, 8, "0.153", "0.164"),
    ("c6a.2xlarge", 8, 16, "0.306", "0.3283"),
    ("c6a.4xlarge", 16, 32, "0.612", "0.6566"),
    ("m5.large", 2, 8, "0.096", "0.107"),
    ("m5.xlarge", 4, 16, "0.192", "0.214"),
    ("m5.4xlarge", 16, 64, "0.768", "0.856"),
    ("m5a.xlarge", 4, 16, "0.172", "0.192"),
    ("m6a.large", 2, 8, "0.0864", "0.0963"),
    ("m6a.xlarge", 4, 16, "0.1728", "0.1926"),
    ("m6i.2xlarge", 8, 32, "0.384", "0.428"),
    ("r5.2xlarge", 8, 64, "0.504", "0.564"),
    ("r6a.large", 2, 16, "0.1134", "0.1269"),
    ("r6a.xlarge", 4, 32, "0.2268", "0.2538"),
    ("r6a.2xlarge", 8, 64, "0.4536", "0.5076"),
];

/// Every machine, in the order of the table.
pub(crate) fn machines() -> impl Iterator<Item = Machine> {
    ROWS.iter().map(
        |&(name, account, region, instance_type, role, load, tags)| Machine {
            name,
            account,
            region,
            instance_type,
            role,
            load,
            tags,
        },
    )
}

/// vCPU, memory in GiB and prices of a type; zeros for a type that is not in the table.
fn facts(instance_type: &str) -> (u16, u16, Pico, Pico) {
    let row = TYPES.iter().find(|row| row.0 == instance_type);
    row.map_or((0, 0, 0, 0), |&(_, vcpu, memory, us, eu)| {
        (vcpu, memory, dec(us), dec(eu))
    })
}

impl Machine {
    /// The instance id, from the name.
    pub(crate) fn id(&self) -> String {
        machine_id(self.name)
    }

    pub(crate) fn volume(&self) -> String {
        volume_id(self.name)
    }

    pub(crate) fn vcpu(&self) -> u16 {
        facts(self.instance_type).0
    }

    pub(crate) fn memory(&self) -> u16 {
        facts(self.instance_type).1
    }

    /// On-demand USD per hour in its region.
    pub(crate) fn rate(&self) -> Pico {
        let (_, _, us, eu) = facts(self.instance_type);
        if self.region == UsEast1 { us } else { eu }
    }

    /// Its tags and its name.
    pub(crate) fn tags(&self) -> Vec<(&'static str, &'static str)> {
        let mut tags = super::organisation::tags(self.tags);
        tags.push(("Name", self.name));
        tags
    }

    /// The older families still have gp2 disks of 200 GB, the newer gp3 of 100 GB.
    pub(crate) fn has_old_disk(&self) -> bool {
        ["m5", "r5", "c5"]
            .iter()
            .any(|old| self.instance_type.starts_with(old))
    }

    /// Switched off at weekends.
    pub(crate) fn rests(&self) -> bool {
        self.account == Staging && self.role == Healthy
    }

    /// The first hour it ran, and of which day.
    pub(crate) fn launched(&self) -> (Day, i128) {
        match self.role {
            TooLittleData => (on(NOVEMBER, 19), 20),
            _ if self.rests() => (on(NOVEMBER, 16), 5),
            _ => (Day(-150), 9),
        }
    }

    /// Hours it ran on a day, out of those that have reached the bill.
    pub(crate) fn hours(&self, day: Day) -> i128 {
        let (first, hour) = self.launched();
        match self.role {
            Stopped => 0,
            TooLittleData if day < first => 0,
            TooLittleData if day == first => day.billed_hours() - hour,
            _ if self.rests() && day.is_weekend() => 0,
            _ => day.billed_hours(),
        }
    }
}

pub(crate) fn machine_id(name: &str) -> String {
    format!("i-0{}", hex(&format!("instance {name}"), 16))
}

pub(crate) fn volume_id(name: &str) -> String {
    format!("vol-0{}", hex(&format!("volume {name}"), 16))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_a_price() {
        assert!(machines().all(|machine| machine.rate() > 0));
    }
}
