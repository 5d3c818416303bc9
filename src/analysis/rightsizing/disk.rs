//! Rightsizing of volumes and managed disks: fewer provisioned operations, less throughput, or a cheaper type that
//! holds what was measured. A disk is never made smaller: no cloud shrinks one in place.
//!
//! What must fit is P99.5 of operations and bytes per second and at least 20 % above it; what was not measured is
//! kept. gp2 is left to the check of waste that compares every gp2 volume with gp3.

use super::ladder::Ladder;
use super::meter::{Paid, Part, Rates};
use super::retier::{Offer, azure, google, gp3, provisioned};
use super::{Policy, passed_over, window};
use crate::analysis::catalogue::Provider;
use crate::analysis::finding::{Choice, Confidence, Finding, Kind, Verdict};
use crate::analysis::fit::LEAST_HOURS;
use crate::analysis::reason::number;
use crate::analysis::saving::Basis;
use crate::analysis::utilisation::{Profile, best};
use crate::money::Money;
use crate::resource::{Metric, Resource, Usage};
use std::fmt;

/// What gp3 has for nothing beside its storage.
pub(super) const GP3_IOPS: u64 = 3000;
pub(super) const GP3_MBPS: u64 = 125;
/// Least room above the measured need, in percent.
const ROOM: f64 = 20.0;
/// Bytes of a MiB.
const MIB: f64 = 1_048_576.0;
/// A disk and everything known about it.
#[derive(Clone, Copy, Debug)]
pub struct Disk<'a> {
    /// From the inventory.
    pub resource: &'a Resource,
    /// Team that owns it, empty where unknown.
    pub team: &'a str,
    /// Its series.
    pub usage: &'a [Usage],
    /// What it costs, where the bill shows it.
    pub paid: Option<&'a Paid>,
    /// Own prices in the same region and currency.
    pub rates: &'a Rates,
}

/// What a disk is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) name: String,
    pub(super) gib: u64,
    /// Provisioned operations per second and MiB per second, where they are set apart from the size.
    pub(super) iops: Option<u64>,
    pub(super) mbps: Option<u64>,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} GiB", self.name, self.gib)?;
        self.iops.map_or(Ok(()), |iops| write!(f, " {iops} IOPS"))?;
        let told = self.mbps.filter(|mbps| *mbps != GP3_MBPS);
        told.map_or(Ok(()), |mbps| write!(f, " {mbps} MB/s"))
    }
}

/// What was measured, with room.
pub(super) struct Need {
    pub(super) ops: Profile,
    bytes: Option<Profile>,
    pub(super) iops: u64,
    pub(super) mbps: Option<u64>,
    room: f64,
}

/// Judges one disk.
pub fn judge(disk: &Disk, policy: &Policy) -> Verdict {
    match look(disk, policy) {
        Ok(finding) => Verdict::Finding(Box::new(finding)),
        Err(reason) => passed_over(disk.resource, Kind::Disk, reason),
    }
}

fn look(disk: &Disk, policy: &Policy) -> Result<Finding, String> {
    let shape = shape(disk)?;
    let need = need(disk, policy)?;
    let paid = disk
        .paid
        .ok_or("not on the bill: what it costs is unknown")?;
    let cost = paid.total();
    let provider = Provider::of(&disk.resource.provider);
    let mut offers = match (provider, shape.name.as_str()) {
        (Some(Provider::Aws), "gp3") => gp3(&shape, &need, paid),
        (Some(Provider::Aws), _) => provisioned(disk, &shape, &need, paid),
        (Some(Provider::Azure), _) => azure(disk, &shape, &need, paid)?,
        _ => google(disk, &shape, &need, paid),
    };
    let worth = cost.units() / 100 * i128::from(policy.least_saving);
    offers.retain(|offer| offer.high.units() >= worth && offer.high > Money::ZERO);
    offers.sort_by_key(|offer| std::cmp::Reverse((offer.low, offer.high)));
    let measured = need.words(&shape);
    let first = offers
        .first()
        .ok_or_else(|| format!("{measured}; nothing cheaper holds that"))?;
    let basis = match first.basis {
        Basis::OwnRate | Basis::OwnFamily => "prices: own bill",
        _ => "price: own cost by the ratio of list prices",
    };
    let parts = [measured.as_str(), first.note, basis, need.caution()];
    let told: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let reason = told.join("; ");
    let mut choices = offers.into_iter().map(|offer| choice(offer, &need));
    let choice = choices.next().ok_or("nothing to save")?;
    Ok(Finding {
        rank: 0,
        kind: Kind::Disk,
        keys: disk.resource.keys().collect(),
        resource_id: disk.resource.id.clone(),
        sub_account: disk.resource.sub_account.clone(),
        region: disk.resource.region.clone(),
        team: disk.team.to_owned(),
        current_type: shape.to_string(),
        cpu_p95: None,
        cpu_p995: None,
        memory_max: None,
        choice,
        alternatives: choices.collect(),
        monthly_cost: cost,
        currency: paid.currency.clone(),
        reason,
    })
}

/// What the disk is, unless the inventory alone says that it cannot be judged.
fn shape(disk: &Disk) -> Result<Shape, String> {
    let (resource, traits) = (disk.resource, &disk.resource.traits);
    let state = resource.state.as_deref().unwrap_or_default().to_lowercase();
    let free = traits.attached_to.as_ref().is_some_and(Vec::is_empty);
    if free || ["available", "unattached", "reserved"].contains(&state.as_str()) {
        return Err("attached to nothing: a matter of waste".to_owned());
    }
    let billed = disk.paid.and_then(Paid::volume_type);
    let name = resource.machine_type.as_deref().or(billed);
    let name = name.unwrap_or_default();
    let paid = |part| disk.paid.and_then(|paid| paid.whole(part));
    let gib = traits
        .size_gib
        .or(paid(Part::Storage))
        .ok_or("its size is not in the inventory")?;
    let (iops, mbps) = (traits.iops, traits.throughput);
    let small = name.to_lowercase();
    let (iops, mbps) = match (Provider::of(&resource.provider), small.as_str()) {
        (Some(Provider::Aws), "gp3") => {
            let more = |free: u64, part| paid(part).map(|paid| free + paid);
            let iops = iops.or(more(GP3_IOPS, Part::Iops)).unwrap_or(GP3_IOPS);
            let mbps = mbps
                .or(more(GP3_MBPS, Part::Throughput))
                .unwrap_or(GP3_MBPS);
            (Some(iops), Some(mbps))
        }
        (Some(Provider::Aws), "io1" | "io2") => {
            let iops = iops.or(paid(Part::Iops));
            (
                Some(iops.ok_or("its provisioned IOPS are not in the inventory")?),
                None,
            )
        }
        (Some(Provider::Aws), "gp2") => {
            return Err("gp2 comes with its size: waste.csv compares it with gp3".to_owned());
        }
        (Some(Provider::Azure), "premium_lrs" | "premium_zrs") => (None, None),
        (Some(Provider::Google), "pd-ssd") => (None, None),
        (_, "") => return Err("the inventory gives no type of disk".to_owned()),
        _ => {
            return Err(format!(
                "{name}: nothing is provisioned apart, no cheaper type is compared"
            ));
        }
    };
    Ok(Shape {
        name: name.to_owned(),
        gib,
        iops,
        mbps,
    })
}

/// What was measured, unless that is too little.
fn need(disk: &Disk, policy: &Policy) -> Result<Need, String> {
    let window = window(None, policy);
    let pick = |metric| best(disk.usage, metric, &window, LEAST_HOURS);
    let days = policy.lookback_days;
    let ops = pick(Metric::DiskOps).ok_or(format!(
        "no disk operations measured in the last {days} days"
    ))?;
    if ops.hours < LEAST_HOURS {
        let found = number(ops.hours);
        return Err(format!(
            "insufficient data: {found} hours of disk data, at least {LEAST_HOURS} are needed"
        ));
    }
    let bytes = pick(Metric::DiskBytes).filter(|bytes| bytes.hours >= LEAST_HOURS);
    let room = policy.headroom.cpu.max(ROOM);
    let with_room = |rate: f64| whole(rate * (1.0 + room / 100.0));
    Ok(Need {
        iops: with_room(rate(&ops)),
        mbps: bytes.as_ref().map(|bytes| with_room(rate(bytes) / MIB)),
        ops,
        bytes,
        room,
    })
}

/// P99.5 per second of totals per period.
fn rate(profile: &Profile) -> f64 {
    profile.percentile(0.995) / f64::from(profile.period)
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float to an integer saturates"
)]
pub(super) fn whole(number: f64) -> u64 {
    number.max(0.0).ceil() as u64
}

impl Need {
    pub(super) fn words(&self, shape: &Shape) -> String {
        let of = |all: Option<u64>| all.map_or(String::new(), |all| format!(" of {all}"));
        let iops = format!("needs {} IOPS{}", self.iops, of(shape.iops));
        let mbps = match self.mbps {
            Some(mbps) => format!(" and {mbps} MB/s{}", of(shape.mbps)),
            None => ", throughput not measured and kept".to_owned(),
        };
        let minutes = number(f64::from(self.ops.period) / 60.0);
        let days = number(self.ops.days);
        format!(
            "{iops}{mbps} (P99.5 + {} %) in {days} days of {minutes}-minute totals",
            number(self.room)
        )
    }

    fn caution(&self) -> &'static str {
        if self.is_coarse() {
            "totals this long hide peaks"
        } else {
            ""
        }
    }

    fn is_coarse(&self) -> bool {
        self.ops.period > 900
    }

    /// 0 to 4 by the share of time above a capacity.
    fn risk(&self, ladder: Ladder) -> u8 {
        let over = |profile: &Profile, capacity: u64, unit: f64| {
            let capacity = u32::try_from(capacity).map_or(f64::INFINITY, f64::from);
            profile.share_above(capacity * unit * f64::from(profile.period))
        };
        let bytes = self
            .bytes
            .as_ref()
            .map_or(0.0, |bytes| over(bytes, ladder.mbps, MIB));
        match over(&self.ops, ladder.iops, 1.0).max(bytes) {
            share if share <= 0.0 => 0,
            share if share <= 0.001 => 1,
            share if share <= 0.01 => 2,
            share if share <= 0.05 => 3,
            _ => 4,
        }
    }

    fn confidence(&self) -> Confidence {
        match self.ops.days {
            days if days < 13.5 || self.is_coarse() => Confidence::C,
            days if days < 31.5 || self.ops.coverage() < 0.8 => Confidence::B,
            _ => Confidence::A,
        }
    }
}

fn choice(offer: Offer, need: &Need) -> Choice {
    Choice {
        action: offer.action,
        risk: need.risk(offer.ladder),
        recommended_type: offer.shape.to_string(),
        projected_cpu_p995: None,
        projected_memory_max: None,
        effort: offer.effort,
        confidence: Confidence::from(offer.basis).max(need.confidence()),
        savings_low: offer.low,
        savings_high: offer.high,
        basis: offer.basis,
    }
}

#[cfg(test)]
mod tests;
