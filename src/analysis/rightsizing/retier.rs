//! What could be done with a disk, cloud by cloud: less of what is provisioned, or another type. Offers only; which
//! of them counts is decided in `disk`.

use super::disk::{Disk, GP3_IOPS, GP3_MBPS, Need, Shape, whole};
use super::ladder::{Ladder, balanced, rungs};
use super::meter::{Paid, Part};
use crate::analysis::finding::{Action, Effort};
use crate::analysis::saving::{Basis, scaled};
use crate::money::{Money, split};

/// The most that gp3 can have.
const GP3_MOST_IOPS: u64 = 16_000;
const GP3_MOST_MBPS: u64 = 1000;
/// Operations per GiB that gp3 may have, and operations that each MB/s of it needs.
const GP3_PER_GIB: u64 = 500;
const GP3_PER_MBPS: u64 = 4;
/// Least operations of io1 and io2.
const IO_IOPS: u64 = 100;
/// Operations and throughput are advised in steps.
const STEPS: (u64, u64) = (100, 25);

/// A way to save.
pub(super) struct Offer {
    pub(super) action: Action,
    pub(super) shape: Shape,
    pub(super) low: Money,
    pub(super) high: Money,
    pub(super) basis: Basis,
    pub(super) effort: Effort,
    /// What it will be able to do.
    pub(super) ladder: Ladder,
    /// What to know before it is done.
    pub(super) note: &'static str,
}

/// What gp3 must be to hold a need: its operations and throughput, `None` where it cannot.
fn as_gp3(need: &Need, mbps: u64, gib: u64) -> Option<(u64, u64)> {
    let mbps = mbps.next_multiple_of(STEPS.1).max(GP3_MBPS);
    let iops = need
        .iops
        .next_multiple_of(STEPS.0)
        .max(GP3_IOPS)
        .max(mbps * GP3_PER_MBPS);
    let holds =
        iops <= GP3_MOST_IOPS && mbps <= GP3_MOST_MBPS && iops <= (gib * GP3_PER_GIB).max(GP3_IOPS);
    holds.then_some((iops, mbps))
}

/// Fewer operations and less throughput of gp3, at the price of its own lines.
pub(super) fn gp3(shape: &Shape, need: &Need, paid: &Paid) -> Vec<Offer> {
    let (now_iops, now_mbps) = (
        shape.iops.unwrap_or(GP3_IOPS),
        shape.mbps.unwrap_or(GP3_MBPS),
    );
    let Some((iops, mbps)) = as_gp3(need, need.mbps.unwrap_or(now_mbps), shape.gib) else {
        return Vec::new();
    };
    let (iops, mbps) = (iops.min(now_iops), mbps.min(now_mbps));
    let freed = |part, now: u64, then: u64, free: u64| {
        let count = |more: u64| Money::from_units(i128::from(more));
        let parts = [count(now - then), count(then.saturating_sub(free))];
        split(paid.cost(part), &parts, crate::money::SCALE)[0]
    };
    let mut high = Money::ZERO;
    if iops < now_iops {
        high += freed(Part::Iops, now_iops, iops, GP3_IOPS);
    }
    if mbps < now_mbps {
        high += freed(Part::Throughput, now_mbps, mbps, GP3_MBPS);
    }
    vec![Offer {
        action: Action::Resize,
        shape: Shape {
            iops: Some(iops),
            mbps: Some(mbps),
            ..shape.clone()
        },
        low: high,
        high,
        basis: Basis::OwnRate,
        effort: Effort::VeryLow,
        ladder: Ladder { iops, mbps },
        note: "changed while in use",
    }]
}

/// io1 and io2: gp3 where that holds the need, and fewer operations.
pub(super) fn provisioned(disk: &Disk, shape: &Shape, need: &Need, paid: &Paid) -> Vec<Offer> {
    let now = shape.iops.unwrap_or_default();
    let mut offers = Vec::new();
    let then = need.iops.next_multiple_of(STEPS.0).max(IO_IOPS);
    if then < now {
        let high = paid.freed(Part::Iops, now - then, now);
        offers.push(Offer {
            action: Action::Resize,
            shape: Shape {
                iops: Some(then),
                ..shape.clone()
            },
            low: high,
            high,
            basis: Basis::OwnRate,
            effort: Effort::VeryLow,
            ladder: Ladder {
                iops: then,
                mbps: u64::MAX,
            },
            note: "changed while in use",
        });
    }
    let target = need.mbps.and_then(|mbps| as_gp3(need, mbps, shape.gib));
    let priced = target.and_then(|(iops, mbps)| {
        let more = (iops - GP3_IOPS, mbps - GP3_MBPS);
        let (then, basis) = disk.rates.gp3(paid, shape.gib, more)?;
        Some((iops, mbps, paid.total() - then.min(paid.total()), basis))
    });
    if let Some((iops, mbps, high, basis)) = priced {
        offers.push(Offer {
            action: Action::Retier,
            shape: Shape {
                name: "gp3".to_owned(),
                gib: shape.gib,
                iops: Some(iops),
                mbps: Some(mbps),
            },
            low: high,
            high,
            basis,
            effort: Effort::VeryLow,
            ladder: Ladder { iops, mbps },
            note: match shape.name.as_str() {
                "io2" => "changed while in use; gp3 promises less durability than io2",
                _ => "changed while in use",
            },
        });
    }
    offers
}

/// Premium disks of Azure as standard disks of the same size, whose operations are charged.
pub(super) fn azure(
    disk: &Disk,
    shape: &Shape,
    need: &Need,
    paid: &Paid,
) -> Result<Vec<Offer>, String> {
    let Some(mbps) = need.mbps else {
        return Err(format!(
            "{}; a cheaper tier has less of it",
            need.words(shape)
        ));
    };
    let (premium, standard) = rungs(shape.gib).ok_or("larger than any tier")?;
    if need.iops > standard.ladder.iops || mbps > standard.ladder.mbps {
        return Ok(Vec::new());
    }
    let now = paid.total();
    let listed = [premium.cents, standard.cents].map(|cents| Money::from_units(i128::from(cents)));
    let own = disk.rates.azure(standard.name, premium.name);
    let (then, price, basis) = match own.filter(|(then, price)| then < price) {
        Some((then, price)) => (then, price, Basis::OwnRate),
        None => (listed[1], listed[0], Basis::CatalogueRatio),
    };
    let high = split(now, &[price - then, then], crate::money::SCALE)[0];
    // 0.002 for 10,000 operations, as a share of the tier's list price; what caps them is not counted on.
    let operations = need.ops.mean / f64::from(need.ops.period) * 730.0 * 3600.0;
    let permille = whole(operations * 0.02 / f64::from(premium.cents)).min(1000);
    let charged = scaled(now, i128::from(permille), 1000).unwrap_or(now);
    let redundancy = shape.name.rsplit('_').next().unwrap_or("LRS");
    Ok(vec![Offer {
        action: Action::Retier,
        shape: Shape {
            name: format!("StandardSSD_{redundancy}"),
            ..shape.clone()
        },
        low: (high - charged).max(Money::ZERO),
        high,
        basis,
        effort: Effort::Low,
        ladder: standard.ladder,
        note: "standard disks are slower to answer and charge operations (off the low saving); the machine must be deallocated",
    }])
}

/// SSD persistent disks of Google as balanced ones of the same size.
pub(super) fn google(disk: &Disk, shape: &Shape, need: &Need, paid: &Paid) -> Vec<Offer> {
    let ladder = balanced(shape.gib);
    let fits = need.mbps.is_some_and(|mbps| mbps <= ladder.mbps) && need.iops <= ladder.iops;
    let priced = disk.rates.balanced(paid).filter(|_| fits);
    let offer = |(then, basis): (Money, Basis)| {
        let high = paid.total() - then.min(paid.total());
        Offer {
            action: Action::Retier,
            shape: Shape {
                name: "pd-balanced".to_owned(),
                ..shape.clone()
            },
            low: high,
            high,
            basis,
            effort: Effort::Medium,
            ladder,
            note: "a snapshot and a new disk: the type cannot be changed in place",
        }
    };
    priced.map(offer).into_iter().collect()
}
