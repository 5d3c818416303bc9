//! One Compute Savings Plan (no upfront, partly unused) and one reservation of three database
//! instances (partial upfront, two running).

use super::calendar::{Day, Month};
use super::charge::{Charge, Kind};
use super::exact::{ONE, Pico, dec, double, times};
use super::organisation::{Account, Product};

const PLAN: &str =
    "arn:aws:savingsplans::999900001111:savingsplan/0b7f6c1e-5d2a-4c1b-9a43-2f6b8d10c7e5";
/// USD per hour, committed whether used or not.
const COMMITMENT: Pico = dec("1.05");
/// The plan's price of a covered hour, in permille of the on-demand price.
const PLAN_PRICE: i128 = 720;
/// The machines the plan covers, whole.
const COVERED: [&str; 6] = ["api-1", "api-2", "control-1", "web-1", "web-2", "ingest-1"];

const RESERVATION: &str = "arn:aws:rds:us-east-1:999900001111:ri:warehouse-3x-db-r6g-large";
const RESERVED_TYPE: &str = "db.r6g.large";
const RESERVED: i128 = 3;
/// USD per instance hour: the month's fee, and the share of what was paid upfront in March.
const RECURRING: Pico = dec("0.0735");
const UPFRONT: Pico = dec("0.0788");

/// Rewrites the day's charges the way AWS bills what the commitments cover.
pub(crate) fn apply(charges: Vec<Charge>, day: Day) -> Vec<Charge> {
    let mut billed = Vec::new();
    let mut used = 0;
    for charge in charges {
        if is_covered_by_plan(&charge) {
            let (covered, negation) = cover(charge);
            used += covered.committed;
            billed.extend([covered, negation]);
        } else if is_reserved(&charge) {
            billed.push(discount(charge));
        } else {
            billed.push(charge);
        }
    }
    billed.push(plan_fee(day, used));
    billed
}

fn is_covered_by_plan(charge: &Charge) -> bool {
    let name = charge
        .tags
        .iter()
        .find(|tag| tag.0 == "Name")
        .map_or("", |tag| tag.1);
    charge.family == "Compute Instance" && COVERED.contains(&name)
}

fn is_reserved(charge: &Charge) -> bool {
    charge.account == Account::Data && charge.instance_type == RESERVED_TYPE
}

/// Covered usage shows the on-demand cost; a negation without resource takes it off again.
fn cover(charge: Charge) -> (Charge, Charge) {
    let rate = times(charge.rate, dec("0.001") * PLAN_PRICE);
    let committed = times(charge.quantity, rate);
    let negation = Charge {
        kind: Kind::SavingsPlanNegation,
        cost: -charge.cost,
        rate: -charge.rate,
        resource: String::new(),
        tags: Vec::new(),
        description: format!(
            "SavingsPlanNegation used by AccountId : {} and UsageSku : {}",
            charge.account.id(),
            charge.usage_type
        ),
        extra: vec![("savingsPlan/SavingsPlanARN", PLAN.to_owned())],
        ..charge.clone()
    };
    let mut extra = plan_cells();
    extra.push(("savingsPlan/SavingsPlanRate", double(rate)));
    extra.push(("savingsPlan/SavingsPlanEffectiveCost", double(committed)));
    let covered = Charge {
        kind: Kind::SavingsPlanCoveredUsage,
        committed,
        extra,
        ..charge
    };
    (covered, negation)
}

fn plan_cells() -> Vec<(&'static str, String)> {
    vec![
        ("savingsPlan/SavingsPlanARN", PLAN.to_owned()),
        (
            "savingsPlan/StartTime",
            "2026-03-01T00:00:00.000Z".to_owned(),
        ),
        ("savingsPlan/EndTime", "2027-02-28T23:59:59.000Z".to_owned()),
        ("savingsPlan/OfferingType", "ComputeSavingsPlans".to_owned()),
        ("savingsPlan/PaymentOption", "No Upfront".to_owned()),
        ("savingsPlan/PurchaseTerm", "1yr".to_owned()),
    ]
}

/// The day's commitment; what no machine used is `committed` here.
fn plan_fee(day: Day, used: Pico) -> Charge {
    let fee = COMMITMENT * day.billed_hours();
    let mut extra = plan_cells();
    extra.extend([
        ("savingsPlan/TotalCommitmentToDate", double(fee)),
        ("savingsPlan/UsedCommitment", double(used)),
        (
            "savingsPlan/AmortizedUpfrontCommitmentForBillingPeriod",
            double(0),
        ),
        (
            "savingsPlan/RecurringCommitmentForBillingPeriod",
            double(fee),
        ),
    ]);
    Charge {
        usage_type: "ComputeSP:1yrNoUpfront".to_owned(),
        description: "1 year No Upfront Compute Savings Plan".to_owned(),
        unit: "Hrs",
        quantity: day.billed_hours() * ONE,
        rate: COMMITMENT,
        committed: fee - used,
        extra,
        ..Charge::flat(
            Kind::SavingsPlanRecurringFee,
            Product::SavingsPlans,
            (day, day.next()),
            fee,
        )
    }
}

fn discount(charge: Charge) -> Charge {
    let recurring = times(charge.quantity, RECURRING);
    let upfront = times(charge.quantity, UPFRONT);
    let mut extra = reservation_cells();
    extra.extend([
        ("reservation/AmortizedUpfrontCostForUsage", double(upfront)),
        ("reservation/RecurringFeeForUsage", double(recurring)),
        ("reservation/EffectiveCost", double(upfront + recurring)),
    ]);
    let description = format!("{RESERVED_TYPE} reserved instance applied");
    let committed = upfront + recurring;
    Charge {
        kind: Kind::DiscountedUsage,
        cost: 0,
        committed,
        description,
        extra,
        ..charge
    }
}

fn reservation_cells() -> Vec<(&'static str, String)> {
    vec![
        ("reservation/ReservationARN", RESERVATION.to_owned()),
        ("reservation/SubscriptionId", "2990417731".to_owned()),
        ("pricing/term", "Reserved".to_owned()),
    ]
}

/// The reservation's fee for a whole month, dated on its first day; the unused part is to date.
pub(crate) fn reservation_fee(month: Month, charges: &[Charge]) -> Charge {
    let discounted = charges
        .iter()
        .filter(|charge| charge.kind == Kind::DiscountedUsage);
    let used: Pico = discounted.map(|charge| charge.quantity).sum();
    let elapsed: i128 = month.days().map(Day::billed_hours).sum();
    let unused = RESERVED * elapsed * ONE - used;
    let hours = RESERVED * month.hours();
    let extra = fee_cells(month, unused);
    Charge {
        usage_type: format!("HeavyUsage:{RESERVED_TYPE}"),
        operation: "CreateDBInstance:0014",
        description: format!(
            "USD {} hourly fee per {RESERVED_TYPE}",
            super::exact::plain(RECURRING)
        ),
        unit: "Hrs",
        quantity: hours * ONE,
        rate: RECURRING,
        committed: times(unused, RECURRING) + times(unused, UPFRONT),
        extra,
        ..Charge::flat(
            Kind::RIFee,
            Product::Database,
            (month.start(), month.end()),
            hours * RECURRING,
        )
    }
}

/// What the fee row says of the reservation; `unused` in hours.
fn fee_cells(month: Month, unused: Pico) -> Vec<(&'static str, String)> {
    let hours = RESERVED * month.hours();
    let mut extra = reservation_cells();
    extra.extend([
        (
            "reservation/StartTime",
            "2026-03-10T00:00:00.000Z".to_owned(),
        ),
        ("reservation/EndTime", "2027-03-10T00:00:00.000Z".to_owned()),
        ("reservation/ModificationStatus", "Original".to_owned()),
        ("reservation/NumberOfReservations", double(RESERVED * ONE)),
        (
            "reservation/UnitsPerReservation",
            double(month.hours() * ONE),
        ),
        ("reservation/TotalReservedUnits", double(hours * ONE)),
        ("reservation/UnusedQuantity", double(unused)),
        (
            "reservation/UnusedRecurringFee",
            double(times(unused, RECURRING)),
        ),
        (
            "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod",
            double(times(unused, UPFRONT)),
        ),
        (
            "reservation/AmortizedUpfrontFeeForBillingPeriod",
            double(hours * UPFRONT),
        ),
        (
            "reservation/UpfrontValue",
            double(RESERVED * UPFRONT * 8760),
        ),
    ]);
    extra
}
