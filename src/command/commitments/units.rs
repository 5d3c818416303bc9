//! What the usage of a scope is counted in: machine hours, and on Google vCPU- and gigabyte-hours.

use super::hours::{Group, Reading};
use crate::analysis::catalogue::Provider;
use crate::analysis::commitment::scope::Commits;
use crate::analysis::commitment::units::{Unit, Used};
use std::collections::BTreeMap;

/// What of a machine a commitment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Resource {
    /// All of it.
    Machine,
    /// Google's vCPUs.
    Vcpu,
    /// Google's memory.
    Memory,
}

/// Bytes of a gigabyte (2^30), times the seconds of an hour.
const BYTE_SECONDS: f64 = 1_073_741_824.0 * 3600.0;

impl Resource {
    /// Google sells commitments of use by vCPU and by memory; everybody else by the machine.
    pub(super) fn of(group: &Group, commits: Commits) -> Resource {
        let google = Provider::of(group.place().provider) == Some(Provider::Google);
        match group.unit() {
            _ if !google || commits == Commits::Spend => Resource::Machine,
            unit if unit.to_lowercase().contains("byte") => Resource::Memory,
            _ => Resource::Vcpu,
        }
    }
}

/// The unit that a scope is bought in; none where its bill does not count what it uses.
pub(super) fn unit(groups: &[&Group], resource: Resource) -> Option<Unit> {
    let mut used: BTreeMap<&str, Used> = BTreeMap::new();
    for group in groups {
        let one = used.entry(group.place().machine).or_default();
        for reading in &group.readings {
            one.hours += hours(group, reading)?;
            one.on_demand += reading.on_demand.approximate();
        }
    }
    let all = || {
        used.values().fold(Used::default(), |sum, one| Used {
            hours: sum.hours + one.hours,
            on_demand: sum.on_demand + one.on_demand,
        })
    };
    match resource {
        Resource::Machine => {
            let provider = groups.first()?.place().provider;
            let known = used.keys().all(|name| !name.is_empty());
            known.then(|| Unit::of_machines(provider, &used))?
        }
        Resource::Vcpu => Unit::of_resource("vCPU", all()),
        Resource::Memory => Unit::of_resource("GB", all()),
    }
}

/// What a reading costs on demand at the mean price of the scope's units.
pub(super) fn worth(unit: &Unit, group: &Group, reading: &Reading) -> f64 {
    let hours = hours(group, reading).unwrap_or(0.0);
    unit.worth(group.place().machine, hours)
}

/// Hours of a unit; none where the bill counts something else.
fn hours(group: &Group, reading: &Reading) -> Option<f64> {
    let quantity = reading.quantity.approximate();
    let unit = group.unit().to_lowercase();
    match unit.as_str() {
        "byte-seconds" | "b-seconds" => Some(quantity / BYTE_SECONDS),
        "gib-seconds" | "gibibyte second" | "seconds" | "second" | "s" => Some(quantity / 3600.0),
        // Machine hours, and gibibyte hours.
        _ if unit.contains("hour") || unit.contains("hrs") || unit == "h" => Some(quantity),
        _ => None,
    }
}
