//! What stands in single cells of a line.

use super::amount::{self, Amount};
use super::catalogue::{TEAMS, application};
use super::chance::{BASE32, HEX, mix, spell};
use super::commitment::{PLAN_PRICE, RESERVED_PRICE};
use super::line::{Kind, Line};
use std::fmt::Write;

/// A text that stands on metered lines alone.
pub(super) fn words(line: &Line, text: &str, out: &mut String) {
    if line.kind.is_metered() {
        out.push_str(text);
    }
}

/// A text that stands on metered lines of instances alone.
pub(super) fn of_machine(line: &Line, text: &str, out: &mut String) {
    if line.sku.is_instance() {
        words(line, text, out);
    }
}

/// A text that stands on lines of savings plans alone.
pub(super) fn of_plan(line: &Line, text: &str, out: &mut String) {
    if matches!(line.kind, Kind::Covered | Kind::Negation | Kind::PlanFee) {
        out.push_str(text);
    }
}

/// The list price of metered lines that have one.
pub(super) fn rate(line: &Line, wanted: bool) -> Option<Amount> {
    (line.kind.is_metered() && wanted).then_some(line.sku.rate)
}

/// A text that stands on lines of one kind alone.
pub(super) fn of(line: &Line, kind: Kind, text: &str, out: &mut String) {
    if line.kind == kind {
        out.push_str(text);
    }
}

/// An amount that stands on lines of one kind alone.
pub(super) fn on(line: &Line, kind: Kind, amount: Amount) -> Option<Amount> {
    (line.kind == kind).then_some(amount)
}

pub(super) fn line_id(line: &Line, out: &mut String) {
    spell(line.seed, 52, BASE32, out);
}

pub(super) fn interval(line: &Line, out: &mut String) {
    out.push_str(line.month.stamp(line.hours.0));
    out.push('/');
    out.push_str(line.month.stamp(line.hours.1));
}

pub(super) fn product_code(line: &Line, out: &mut String) {
    out.push_str(if line.kind == Kind::PlanFee {
        "ComputeSavingsPlans"
    } else {
        &line.sku.meter.code
    });
}

pub(super) fn usage_type(line: &Line, out: &mut String) {
    match line.kind {
        Kind::Tax | Kind::Credit => {}
        Kind::PlanFee => out.push_str("ComputeSP:3yrNoUpfront"),
        _ => out.push_str(&line.sku.usage_type),
    }
}

/// Zone a, b or c of the region, for machines.
pub(super) fn zone(line: &Line, out: &mut String) {
    if let (true, Some(resource)) = (line.sku.is_instance(), line.resource) {
        out.push_str(line.sku.region.0);
        out.push(['a', 'b', 'c'][usize::try_from(resource % 3).unwrap_or(0)]);
    }
}

pub(super) fn resource_id(line: &Line, out: &mut String) {
    match (line.resource, line.commitment) {
        (Some(resource), _) => line.sku.resource_id(resource, line.account, out),
        (None, Some(commitment)) if line.kind != Kind::Negation => out.push_str(&commitment.arn),
        _ => {}
    }
}

pub(super) fn description(line: &Line, out: &mut String) {
    let commitment = line.commitment.map_or("", |commitment| &commitment.arn);
    // Writing to a String cannot fail.
    let _ = match line.kind {
        Kind::Usage | Kind::Covered => write!(out, "{}", line.sku.description),
        Kind::Reserved => write!(out, "{}, reserved instance applied", line.sku.description),
        Kind::Negation => write!(
            out,
            "SavingsPlanNegation used by AccountId : {} and UsageSku : {}",
            line.account.id, line.sku.code
        ),
        Kind::PlanFee => write!(out, "3 year No Upfront Compute Savings Plan"),
        Kind::ReservationFee => write!(out, "Recurring fee for reservation {commitment}"),
        Kind::Tax => write!(out, "Tax for product code {}", line.sku.meter.code),
        Kind::Credit => write!(out, "AWS Activate promotional credit"),
    };
}

/// Price at list, of metered lines; a negation takes it off again.
pub(super) fn list_cost(line: &Line) -> Option<Amount> {
    let cost = if line.kind == Kind::Negation {
        line.cost
    } else {
        line.list_cost()
    };
    line.kind.is_metered().then_some(cost)
}

pub(super) fn plan_rate(line: &Line) -> Amount {
    amount::share(line.sku.rate, PLAN_PRICE, 1000)
}

pub(super) fn plan_cost(line: &Line) -> Amount {
    amount::share(line.quantity, plan_rate(line), amount::ONE)
}

pub(super) fn reserved_cost(line: &Line) -> Amount {
    amount::share(line.list_cost(), RESERVED_PRICE, 1000)
}

/// How much of a plan's hour was used: three quarters and more, now and then all.
pub(super) fn used(line: &Line) -> Amount {
    let permille = 750 + i64::try_from(mix(line.seed) % 400).unwrap_or(0);
    amount::share(line.cost, permille.min(1000), 1000)
}

pub(super) fn rate_code(line: &Line, out: &mut String) {
    if line.kind.is_metered() {
        out.push_str(&line.sku.code);
        out.push_str(".JRTCKXETXF.6YS6EN2CT7");
    }
}

pub(super) fn term(line: &Line, out: &mut String) {
    match line.kind {
        Kind::Usage | Kind::Covered => out.push_str("OnDemand"),
        Kind::Reserved | Kind::ReservationFee => out.push_str("Reserved"),
        _ => {}
    }
}

pub(super) fn reservation_arn(line: &Line, out: &mut String) {
    if matches!(line.kind, Kind::Reserved | Kind::ReservationFee) {
        out.push_str(line.commitment.map_or("", |commitment| &commitment.arn));
    }
}

pub(super) fn plan_arn(line: &Line, out: &mut String) {
    of_plan(
        line,
        line.commitment.map_or("", |commitment| &commitment.arn),
        out,
    );
}

pub(super) fn subscription(line: &Line, out: &mut String) {
    words(line, "184", out);
    words(line, &line.sku.rate_id[1..], out);
}

/// The tag of a resource, in the order of the tag columns. Every fourth resource lacks a given tag.
pub(super) fn tag(line: &Line, number: u64, out: &mut String) {
    let Some(resource) = line.resource else {
        return;
    };
    let chosen = mix(resource ^ (0x7a6 + number));
    if chosen.is_multiple_of(4) {
        return;
    }
    match number {
        0 => {
            out.push_str("AssumedRole:AROA4XAMPLE:terraform-");
            out.push_str(line.account.team);
        }
        1 => {
            out.push_str(application(resource));
            out.push('-');
            spell(resource, 5, HEX, out);
        }
        2 => out.push_str(application(resource)),
        3 => {
            let _ = write!(out, "CC-{}", 1000 + chosen % 40);
        }
        4 => out.push_str(line.account.environment),
        5 => {
            out.push_str(line.account.team);
            out.push_str("@example.com");
        }
        6 => {
            let _ = write!(out, "project-{}", 1 + chosen % 60);
        }
        _ => out.push_str(TEAMS[usize::try_from(chosen / 4 % 10).unwrap_or(0)]),
    }
}
