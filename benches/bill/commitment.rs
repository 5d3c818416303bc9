//! Savings plans and reservations, and which resources they cover.

use super::amount::{Amount, ONE};
use super::catalogue::{Account, Sku};
use super::chance::{HEX, mix, spell};

/// Price of an hour under a plan, and of a reserved hour, in permille of the list price.
pub(super) const PLAN_PRICE: Amount = 720;
/// See `PLAN_PRICE`.
pub(super) const RESERVED_PRICE: Amount = 630;

const PLANS: u64 = 4;
const RESERVATIONS: u64 = 12;

/// A savings plan or a reservation.
#[derive(Debug)]
pub(super) struct Commitment {
    pub(super) arn: String,
    /// USD an hour.
    pub(super) hourly: Amount,
    pub(super) number: u64,
}

/// All commitments of the payer.
pub(super) struct Commitments {
    pub(super) plans: Vec<Commitment>,
    pub(super) reservations: Vec<Commitment>,
}

impl Commitments {
    /// The same for every bill.
    pub(super) fn new(payer: &Account) -> Self {
        let plan = |number| {
            let arn = format!("arn:aws:savingsplans::{}:savingsplan/", payer.id);
            let hourly = (3 + i64::try_from(number).unwrap_or(0)) * ONE + ONE / 4;
            named(arn, hourly, number)
        };
        let reservation = |number| {
            let arn = format!("arn:aws:rds:us-east-1:{}:ri:", payer.id);
            named(
                arn,
                ONE / 2 + i64::try_from(number).unwrap_or(0) * ONE / 40,
                number,
            )
        };
        Self {
            plans: (0..PLANS).map(plan).collect(),
            reservations: (0..RESERVATIONS).map(reservation).collect(),
        }
    }

    /// The plan that covers a resource.
    pub(super) fn plan(&self, resource: u64) -> &Commitment {
        &self.plans[usize::try_from(resource % PLANS).unwrap_or(0)]
    }

    /// The reservation of a resource.
    pub(super) fn reservation(&self, resource: u64) -> &Commitment {
        &self.reservations[usize::try_from(resource % RESERVATIONS).unwrap_or(0)]
    }
}

fn named(mut arn: String, hourly: Amount, number: u64) -> Commitment {
    spell(mix(number + 77), 24, HEX, &mut arn);
    Commitment {
        arn,
        hourly,
        number,
    }
}

/// True where a savings plan covers the resource: a third of the on-demand machines and of the functions.
pub(super) fn covers(resource: u64, sku: &Sku) -> bool {
    let usage = sku.usage_type.as_str();
    let coverable = usage.contains("BoxUsage") && sku.meter.code == "AmazonEC2"
        || usage.contains("Lambda-GB-Second");
    coverable && mix(resource ^ 0xc0).is_multiple_of(3)
}

/// True where a reservation covers the resource: a third of the databases and caches.
pub(super) fn reserves(resource: u64, sku: &Sku) -> bool {
    let reservable = [
        "AmazonRDS",
        "AmazonElastiCache",
        "AmazonES",
        "AmazonRedshift",
    ];
    sku.is_instance()
        && reservable.contains(&sku.meter.code.as_str())
        && mix(resource ^ 0xc1).is_multiple_of(3)
}
