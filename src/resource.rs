//! A cloud resource and what was measured on it: the nouns that inventories fill and analyses read.

pub(crate) mod arn;
mod known;
mod name;
mod recommendation;
mod samples;

pub use known::Known;
pub(crate) use name::tail;
pub use name::{account_key, key, kind, provider_name, resource_group};
pub use recommendation::{MONTH_HOURS, Pricing, Recommendation, Recommender, Step};
pub use samples::Samples;

use chrono::NaiveDate;
use std::collections::BTreeMap;

/// A resource as an inventory lists it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource {
    /// The id as the provider prints it (an ARN, `i-…`, an ARM path).
    pub id: String,
    /// `AWS`, `Microsoft`, `Google Cloud`, or empty where unknown; FOCUS `ProviderName`.
    pub provider: String,
    /// FOCUS `SubAccountId`: account, subscription or project; empty where unknown.
    pub sub_account: String,
    /// FOCUS `RegionId`; empty where unknown.
    pub region: String,
    /// Service and type: `ec2:instance`, `ec2:volume`, `rds:db`.
    pub kind: String,
    /// Machine type (`m5.xlarge`) or disk type (`gp3`), where it has one.
    pub machine_type: Option<String>,
    /// Provider's word for its state (`running`, `stopped`).
    pub state: Option<String>,
    /// `Linux/UNIX`, `Windows`, … as the provider prints it.
    pub platform: Option<String>,
    /// Day it was created or last launched.
    pub launched: Option<NaiveDate>,
    /// True for spot and preemptible machines.
    pub spot: bool,
    /// Autoscaling group, scale set, node group it belongs to.
    pub group: Option<String>,
    /// Name for people: the `Name` tag or the provider's name.
    pub name: String,
    /// Tags, keys and values as the provider prints them.
    pub tags: BTreeMap<String, String>,
    /// Other ids of the same resource: the number that Google's bills call it by.
    pub also: Vec<String>,
    /// What checks of waste ask about it.
    pub traits: Traits,
}

impl Resource {
    /// Its keys: that of its id first.
    pub fn keys(&self) -> impl Iterator<Item = String> {
        std::iter::once(&self.id)
            .chain(&self.also)
            .map(|id| key(id))
    }
}

/// What an inventory says about a resource beyond its name and type; `None` where it says nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traits {
    /// Size of a disk, a snapshot or a database's storage, in GiB.
    pub size_gib: Option<u64>,
    /// Provisioned operations per second.
    pub iops: Option<u64>,
    /// Provisioned throughput in MiB per second.
    pub throughput: Option<u64>,
    /// Ids of what it is attached to or used by, as the provider prints them; empty: known to be unattached.
    pub attached_to: Option<Vec<String>>,
    /// What it was made from: a snapshot's disk, a replica's database.
    pub source: Option<String>,
    /// Snapshots that an image is made of.
    pub snapshots: Option<Vec<String>>,
    /// Day on which it was last stopped.
    pub stopped_on: Option<NaiveDate>,
    /// Day on which it was made, where that is known apart from its last launch.
    pub created: Option<NaiveDate>,
    /// Database engine.
    pub engine: Option<String>,
    /// Version of the engine or of a cluster.
    pub version: Option<String>,
    /// Whether a database has a standby in another zone.
    pub multi_az: Option<bool>,
    /// Licence that is paid for with it, as the provider prints it.
    pub licence: Option<String>,
    /// Least and most members of a group of machines.
    pub members: Option<(u64, u64)>,
}

/// One measured series of one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Usage {
    /// Join key of the resource: see [`key`].
    pub resource: String,
    /// What was measured.
    pub metric: Metric,
    /// How each sample sums up its period.
    pub statistic: Statistic,
    /// Length of a sample's period in seconds.
    pub period: u32,
    /// Unix second of the period's start and the value, by time, one per time.
    pub samples: Samples,
}

/// What a series measures, with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// CPU in percent of all vCPUs (0–100).
    Cpu,
    /// Memory in percent of the machine's memory (0–100).
    Memory,
    /// Network in, bytes per period.
    NetworkIn,
    /// Network out, bytes per period.
    NetworkOut,
    /// Disk operations per period, reads and writes.
    DiskOps,
    /// Disk bytes per period, reads and writes.
    DiskBytes,
    /// Open connections.
    Connections,
    /// Memory that is free, in bytes.
    FreeMemory,
    /// CPU of a container in use, in cores.
    Cores,
    /// Memory of a container in use, in bytes.
    MemoryBytes,
    /// CPU that a container requests, in cores.
    CpuRequest,
    /// Memory that a container requests, in bytes.
    MemoryRequest,
    /// Pods that run a container.
    Pods,
    /// Above zero where an autoscaler sets the number of pods.
    Autoscaled,
}

impl Metric {
    /// True for what is a level at every moment, false for totals per period.
    pub fn is_level(self) -> bool {
        !matches!(
            self,
            Metric::NetworkIn | Metric::NetworkOut | Metric::DiskOps | Metric::DiskBytes
        )
    }
}

/// How a sample sums up its period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Statistic {
    /// Mean over the period.
    Average,
    /// Highest value in the period.
    Maximum,
    /// Total over the period.
    Sum,
    /// A 99th or higher percentile of the period.
    P99,
}
