//! Rightsizing of managed databases: RDS, Aurora and Azure's flexible servers, the class alone. Storage is never made
//! smaller, and what the engine's licence costs is known to own rates only.
//!
//! A class holds what the machine type of its name holds (`db.m5.large` is an `m5.large`). CPU, memory in use, open
//! connections, network and disk must fit; what was not measured is kept. Prices: own rates of the same engine and
//! deployment, size factors within a family, and for Graviton the tenth that its classes cost less at list. Databases
//! without a connection are a matter of waste.

use super::{Machine, Policy, finding, measured, passed_over, set_aside, window};
use crate::analysis::catalogue::{Arch, Limits, MachineType, Provider, catalogue};
use crate::analysis::choices::changes;
use crate::analysis::finding::{Action, Choice, Confidence, Effort, Finding, Kind, Verdict};
use crate::analysis::fit::{LEAST_HOURS, Need};
use crate::analysis::reason::Facts;
use crate::analysis::saving::{Basis, Cost, Saving};
use crate::analysis::utilisation::best;
use crate::resource::{Metric, Resource, Usage};

/// Bytes of a GiB.
const GIB: f64 = 1_073_741_824.0;
/// Bytes of memory for each connection that the engines' default parameters allow:
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html>
const PER_CONNECTION: [(&str, f64); 4] = [
    ("postgres", 9_531_392.0),
    ("aurora-postgresql", 9_531_392.0),
    ("mysql", 12_582_880.0),
    ("mariadb", 12_582_880.0),
];
/// Graviton's class for each of Intel's, a tenth cheaper at list for the same size (db.m6g.large 0.159, db.m5.large
/// 0.178; db.r6g.large 0.225, db.r5.large 0.25; `PostgreSQL` in us-east-1).
const GRAVITON: [(&str, &str); 7] = [
    ("m4", "m6g"),
    ("m5", "m6g"),
    ("m6i", "m6g"),
    ("r4", "r6g"),
    ("r5", "r6g"),
    ("r6i", "r6g"),
    ("t3", "t4g"),
];

/// Judges one database: a machine whose bill is that of its instance hours (of two zones both), and whose rates are those
/// of classes of the same engine, licence, deployment, region and currency, by class without `db.`.
pub fn judge(database: &Machine, policy: &Policy) -> Verdict {
    match look(database, policy) {
        Ok(finding) => Verdict::Finding(Box::new(finding)),
        Err(reason) => passed_over(database.resource, Kind::Database, reason),
    }
}

fn look(database: &Machine, policy: &Policy) -> Result<Finding, String> {
    let current = class(database.resource)?;
    let engine = engine(database.resource);
    let stand_in = stand_in(database.resource, &engine);
    let usage = with_memory(database.usage, current);
    let machine = Machine {
        resource: &stand_in,
        usage: &usage,
        ..*database
    };
    let demand = measured(&machine, policy)?;
    let connections = connections(database, policy);
    if connections == Some(0.0) {
        return Err("no connection was open: a matter of waste".to_owned());
    }
    let bill = database
        .bill
        .ok_or("not on the bill: what it costs is unknown")?;
    let cost =
        Cost::of(bill).ok_or("its bill shows no cost or less than a day of it: nothing to save")?;
    let mut need = Need::of(&demand, current, &policy.headroom);
    if let Some(memory) = memory_for(connections, &engine, policy) {
        need.memory_gib = need.memory_gib.max(memory.min(current.memory_gib));
    }
    let facts = Facts {
        demand: &demand,
        current,
        need: &need,
        room: &policy.headroom,
        cost: &cost,
    };
    let choices = choices(database, policy, &machine, &facts);
    let (target, _) = choices.first().ok_or_else(|| nothing(&facts, &engine))?;
    let reason = reason(&facts, target, choices[0].1.basis, database);
    let mut choices = choices.into_iter().map(|(_, choice)| choice);
    let choice = choices.next().ok_or("nothing to save")?;
    Ok(Finding {
        kind: Kind::Database,
        current_type: database.resource.machine_type.clone().unwrap_or_default(),
        ..finding(&machine, &facts, choice, choices.collect(), reason)
    })
}

/// Classes that hold the need at a known price, best first.
fn choices(
    database: &Machine,
    policy: &Policy,
    machine: &Machine,
    facts: &Facts,
) -> Vec<(&'static MachineType, Choice)> {
    let (engine, current) = (engine(database.resource), facts.current);
    let own = Policy {
        limits: families(database, current),
        arm: policy.arm && !is_licensed(&engine),
        ..policy.clone()
    };
    let allowed = in_words_of_classes(&policy.limits);
    let found = changes(machine, &own, facts).into_iter();
    found
        .filter(|(target, _)| is_offered(target, &engine) && allowed.allow(target))
        .filter(|(_, choice)| !is_licensed(&engine) || choice.basis == Basis::OwnRate)
        .filter_map(|(target, choice)| Some((target, priced(&choice, facts, target, database)?)))
        .collect()
}

/// The machine type of its class, unless the inventory alone says that it cannot be judged.
fn class(resource: &Resource) -> Result<&'static MachineType, String> {
    if let Some(reason) = set_aside(resource) {
        return Err(reason);
    }
    let name = resource.machine_type.as_deref().unwrap_or_default();
    let flexible = resource.kind.to_lowercase().ends_with("/flexibleservers");
    match Provider::of(&resource.provider) {
        Some(Provider::Aws) if name == "db.serverless" => {
            return Err("serverless: it sizes itself".to_owned());
        }
        Some(Provider::Aws) => {}
        Some(Provider::Azure) if flexible => {}
        _ => {
            let reason = "databases of this service are not sized: their bill prices no class";
            return Err(reason.to_owned());
        }
    }
    let machine = name.strip_prefix("db.").unwrap_or(name);
    catalogue()
        .find(&resource.provider, machine)
        .ok_or_else(|| format!("class {name} is not in the catalogue"))
}

/// Its engine in lower case, empty where unknown.
pub fn engine(resource: &Resource) -> String {
    let kind = resource.kind.to_lowercase();
    let of_azure = ["postgres", "mysql"]
        .into_iter()
        .find(|name| kind.contains(&format!("dbfor{name}")));
    let said = resource
        .traits
        .engine
        .as_deref()
        .or(of_azure)
        .or(resource.platform.as_deref());
    said.unwrap_or_default().to_lowercase()
}

/// True for engines whose licence is part of the price, and for unknown ones.
fn is_licensed(engine: &str) -> bool {
    engine.is_empty()
        || ["oracle", "sqlserver", "db2", "custom"]
            .iter()
            .any(|one| engine.starts_with(one))
}

/// The machine under a database: for open engines its hours cost the same whatever runs on them.
fn stand_in(resource: &Resource, engine: &str) -> Resource {
    let platform = if is_licensed(engine) { "SQL" } else { "Linux" };
    Resource {
        platform: Some(platform.to_owned()),
        ..resource.clone()
    }
}

/// Series with free memory told as memory in use, in percent of the class's memory.
#[allow(clippy::cast_possible_truncation, reason = "samples are f32 by design")]
fn with_memory(usage: &[Usage], current: &MachineType) -> Vec<Usage> {
    let all = current.memory_gib * GIB;
    let used = |free: f32| (100.0 * (1.0 - f64::from(free) / all)).clamp(0.0, 100.0) as f32;
    let told = |series: &Usage| match series.metric {
        Metric::FreeMemory => Usage {
            metric: Metric::Memory,
            samples: series
                .samples
                .iter()
                .map(|(time, free)| (time, used(free)))
                .collect(),
            ..series.clone()
        },
        _ => series.clone(),
    };
    usage.iter().map(told).collect()
}

/// Most connections that were open at once; `None` where not measured.
fn connections(database: &Machine, policy: &Policy) -> Option<f64> {
    let window = window(database.since, policy);
    let open = best(database.usage, Metric::Connections, &window, LEAST_HOURS)?;
    (open.hours >= LEAST_HOURS).then(|| open.max())
}

/// Memory in GiB that so many connections need by the engine's default parameters.
fn memory_for(connections: Option<f64>, engine: &str, policy: &Policy) -> Option<f64> {
    let (_, bytes) = PER_CONNECTION.iter().find(|(name, _)| *name == engine)?;
    let room = 1.0 + policy.headroom.memory / 100.0;
    Some(connections? * room * bytes / GIB)
}

/// Families whose price is known from the own bill, or stands in a known relation to it.
fn families(database: &Machine, current: &MachineType) -> Limits {
    let sibling = GRAVITON.iter().find(|(intel, _)| *intel == current.family);
    let rated = database
        .rates
        .keys()
        .filter_map(|name| catalogue().find("AWS", name));
    let include = std::iter::once(current.family.clone())
        .chain(sibling.map(|(_, arm)| (*arm).to_owned()))
        .chain(rated.map(|one| one.name.clone()));
    Limits {
        include: include.collect(),
        ..Limits::default()
    }
}

/// The user's limits, which may name classes or machine types.
fn in_words_of_classes(limits: &Limits) -> Limits {
    let plain = |names: &[String]| {
        let strip = |name: &String| name.strip_prefix("db.").unwrap_or(name).to_owned();
        names.iter().map(strip).collect()
    };
    Limits {
        include: plain(&limits.include),
        exclude: plain(&limits.exclude),
        ..limits.clone()
    }
}

/// True where databases come in this size.
fn is_offered(target: &MachineType, engine: &str) -> bool {
    if target.provider != Provider::Aws {
        return target.vcpu >= 2;
    }
    let size = target.name.split_once('.').map_or("", |(_, size)| size);
    let burst = target.family.starts_with('t');
    match size {
        "nano" => false,
        "micro" | "small" | "xlarge" | "2xlarge" if burst => !engine.starts_with("aurora"),
        "medium" => burst,
        _ => true,
    }
}

/// The choice in the words of classes and at the prices of databases; `None` where no price is known.
fn priced(
    choice: &Choice,
    facts: &Facts,
    target: &MachineType,
    database: &Machine,
) -> Option<Choice> {
    let arm = target.arch == Arch::Arm && facts.current.arch == Arch::X86;
    let mut choice = Choice {
        recommended_type: match target.provider {
            Provider::Aws => format!("db.{}", target.name),
            _ => target.name.clone(),
        },
        // Whoever runs the engine has built it already.
        effort: if arm { Effort::Low } else { choice.effort },
        ..choice.clone()
    };
    if database.resource.traits.source.is_some() {
        choice.confidence = choice.confidence.max(Confidence::B);
    }
    match choice.basis {
        Basis::OwnRate | Basis::OwnFamily => Some(choice),
        _ if arm && choice.action == Action::Arm => graviton(choice, facts, target),
        _ => None,
    }
}

/// A tenth below Intel's price of the same size.
fn graviton(choice: Choice, facts: &Facts, target: &MachineType) -> Option<Choice> {
    let factor = |machine: &MachineType| u64::try_from(machine.norm?.units() / 1_000_000_000).ok();
    let (now, then) = (
        factor(facts.current)?.checked_mul(10)?,
        factor(target)?.checked_mul(9)?,
    );
    let saving = Saving::of_members(facts.cost, now.checked_sub(then)?, now);
    Some(Choice {
        savings_low: saving.low,
        savings_high: saving.high,
        basis: Basis::CatalogueRatio,
        confidence: choice.confidence.max(Confidence::C),
        ..choice
    })
}

fn reason(facts: &Facts, target: &MachineType, basis: Basis, database: &Machine) -> String {
    let traits = &database.resource.traits;
    let mut parts = vec![facts.change(target, basis)];
    if traits.multi_az == Some(true) {
        parts.push("both zones change".to_owned());
    }
    if let Some(source) = &traits.source {
        parts.push(format!(
            "replica of {source}: it must keep up with what that writes"
        ));
    }
    if target.arch != facts.current.arch {
        parts.push("the engine's version must run on Graviton".to_owned());
    }
    parts.push("storage stays".to_owned());
    parts.join("; ")
}

fn nothing(facts: &Facts, engine: &str) -> String {
    if is_licensed(engine) {
        let named = if engine.is_empty() {
            "unknown engine"
        } else {
            engine
        };
        return format!(
            "{}; {named}: licences are priced by own rates only",
            facts.nothing()
        );
    }
    facts.nothing()
}

#[cfg(test)]
mod tests;
