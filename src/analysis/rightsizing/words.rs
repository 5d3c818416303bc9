//! Sentences about groups. Words only.

use super::Machine;
use super::group::Known;
use super::load::Load;
use crate::analysis::finding::Choice;
use crate::analysis::reason::{Facts, number};
use std::collections::BTreeSet;

/// Members that are named one by one.
const NAMED: usize = 10;

/// `4 × m5.xlarge`.
pub(super) fn sized(count: u64, name: &str) -> String {
    format!("{count} × {name}")
}

/// The types of members: of one type with their count, of several by name.
pub(super) fn types(members: &[&Machine]) -> String {
    let own = |member: &&Machine| member.resource.machine_type.clone().unwrap_or_default();
    let types: BTreeSet<String> = members.iter().map(own).collect();
    let names: Vec<String> = types.into_iter().collect();
    sized(members.len() as u64, &names.join(", "))
}

/// Who is meant.
pub(super) fn head(known: &Known, members: &[&Machine]) -> String {
    let ids = members.iter().map(|member| member.resource.id.as_str());
    let mut names: Vec<&str> = ids.collect();
    names.sort_unstable();
    let more = names.len().saturating_sub(NAMED);
    let rest = match more {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    names.truncate(NAMED);
    let count = known.count;
    let noun = if count == 1 { "member" } else { "members" };
    format!("{count} {noun} ({}{rest})", names.join(", "))
}

/// What holds for every change of the group.
pub(super) fn tail(known: &Known) -> String {
    let mut parts = Vec::new();
    let measured = known.demands.len() as u64;
    if measured < known.count {
        parts.push(format!("{} members not measured", known.count - measured));
    }
    let unbilled = known.count.saturating_sub(known.billed as u64);
    if unbilled > 0 {
        parts.push(format!("{unbilled} members not on the bill"));
    }
    if known.group.is_cluster {
        parts.push("nodes of a cluster: what pods request must fit as well".to_owned());
    }
    parts.iter().map(|part| format!("; {part}")).collect()
}

/// Why fewer members will do.
pub(super) fn fewer(known: &Known, load: &Load, choice: &Choice) -> String {
    let limits = match known.group.limits {
        Some((least, most)) => format!("the group may have {least} to {most}"),
        None => "its limits are not in the inventory, at least 2 are kept".to_owned(),
    };
    let memory = load.memory.map_or(String::new(), |memory| {
        format!(" and memory of {} %", number(memory))
    });
    format!(
        "together CPU P99.5 of {} %{memory} of one member; {} + {} % fit {}; {limits}; prices: own bill",
        number(load.cpu_p995),
        percentile(known),
        number(known.room.cpu),
        choice.recommended_type,
    )
}

/// Why the group stays as it is.
pub(super) fn nothing(known: &Known, load: &Load, facts: &Facts) -> String {
    let together = format!(
        "together CPU P99.5 of {} % of one member",
        number(load.cpu_p995)
    );
    format!(
        "{together}; of the busiest {}{}",
        facts.nothing(),
        tail(known)
    )
}

fn percentile(known: &Known) -> String {
    format!("P{}", known.room.cpu_percentile * 100.0)
}
