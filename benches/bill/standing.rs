//! Lines that stand once in a month or an hour: fees of commitments, tax and credits.

use super::amount::ONE;
use super::catalogue::Sku;
use super::chance::{Dice, mix};
use super::commitment::Commitment;
use super::line::{Bill, Kind, Line};

/// The standing lines of a month: every plan by the hour, every reservation by the month, tax and credits.
pub(super) fn lines(bill: &Bill, month: usize) -> Vec<Line<'_>> {
    let mut dice = Dice::of(&[bill.plan.seed_of(month), month as u64, u64::MAX]);
    let hours = bill.months[month].hours;
    let month_hours = i64::try_from(hours).unwrap_or(0);
    let mut lines = Vec::new();
    for fee in &bill.commitments.reservations {
        let sku = reserved_sku(bill, fee);
        let cost = fee.hourly * month_hours;
        let line = standing(bill, month, Kind::ReservationFee, sku, dice.next());
        lines.push(Line {
            cost,
            quantity: month_hours * ONE,
            commitment: Some(fee),
            ..line
        });
    }
    for account in &bill.catalogue.accounts {
        for _ in 0..10 {
            let sku = bill.catalogue.choose(dice.next());
            let cents = i64::try_from(dice.below(40_000)).unwrap_or(0);
            let line = standing(bill, month, Kind::Tax, sku, dice.next());
            lines.push(Line {
                account,
                cost: cents * ONE / 100,
                quantity: ONE,
                ..line
            });
        }
        let sku = bill.catalogue.choose(dice.next());
        let cents = -i64::try_from(dice.below(9_000)).unwrap_or(0);
        let line = standing(bill, month, Kind::Credit, sku, dice.next());
        lines.push(Line {
            account,
            cost: cents * ONE / 100,
            ..line
        });
    }
    for hour in 0..hours {
        for fee in &bill.commitments.plans {
            let line = standing(
                bill,
                month,
                Kind::PlanFee,
                &bill.catalogue.skus[0],
                dice.next(),
            );
            let hours = (hour, hour + 1);
            lines.push(Line {
                hours,
                cost: fee.hourly,
                quantity: ONE,
                commitment: Some(fee),
                ..line
            });
        }
    }
    lines
}

/// A database that the reservation may be for.
fn reserved_sku<'a>(bill: &'a Bill, fee: &Commitment) -> &'a Sku {
    let database = |sku: &&Sku| sku.meter.code == "AmazonRDS" && sku.is_instance();
    let found: Vec<&Sku> = bill.catalogue.skus.iter().filter(database).collect();
    let chosen = mix(fee.number) % found.len().max(1) as u64;
    found
        .get(usize::try_from(chosen).unwrap_or(0))
        .copied()
        .unwrap_or(&bill.catalogue.skus[0])
}

/// A line of the whole month and the payer.
fn standing<'a>(bill: &'a Bill, month: usize, kind: Kind, sku: &'a Sku, seed: u64) -> Line<'a> {
    let month = &bill.months[month];
    let payer = &bill.catalogue.accounts[0];
    Line {
        month,
        kind,
        hours: (0, month.hours),
        seed,
        payer,
        account: payer,
        sku,
        resource: None,
        quantity: 0,
        cost: 0,
        commitment: None,
    }
}
