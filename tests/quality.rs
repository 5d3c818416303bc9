//! `data_quality.csv`: every check finds what was planted, and says nothing of a bill that is in order.

use crate::sheet::Sheet;
use crate::world::World;

const HEADER: &str = "BilledCost,EffectiveCost,ListCost,ContractedCost,ListUnitPrice,PricingQuantity,BillingCurrency,\
ChargePeriodStart,ServiceName,ServiceCategory,SkuMeter,ChargeCategory,ChargeClass,SubAccountId,ResourceId,Tags\n";

/// The report of a bill of these rows, each without currency and day.
fn found(rows: &[&str]) -> Sheet {
    let mut bill = HEADER.to_owned();
    for row in rows {
        let cells: Vec<&str> = row.splitn(7, ',').collect();
        let (amounts, rest) = cells.split_at(6);
        bill += &format!(
            "{},USD,2026-10-01T00:00:00Z,{}\n",
            amounts.join(","),
            rest[0]
        );
    }
    let world = World::new().bill("focus.csv", bill);
    let run = world.run(&["run", "bills/focus.csv", "--today", "2026-11-21"]);
    run.code(0).csv("data_quality.csv")
}

#[track_caller]
fn finds(row: &str, check: &str) {
    let sheet = found(&[row, GOOD]);
    assert_eq!(sheet.column("Check"), [check], "{sheet:#?}");
    assert_eq!(sheet.column("Charges"), ["1"]);
    assert_eq!(sheet.column("Example"), ["Calls"]);
}

const GOOD: &str = "6,6,6,6,2,3,Queue,Integration,Calls,Usage,,acc,,";

#[test]
fn a_bill_in_order_has_no_findings() {
    let tax = "1,1,,,,,Tax,Other,,Tax,,,,";
    let covered = "0,4,6,6,2,3,Queue,Integration,Calls,Usage,,acc,,";
    assert!(found(&[GOOD, tax, covered]).rows.is_empty());
}

#[test]
fn every_check_finds_what_was_planted() {
    finds(
        "6,6,6,6,,3,Queue,Integration,Calls,Usage,,acc,,",
        "missing_list_price",
    );
    finds(
        "6,6,6,,2,3,Queue,Integration,Calls,Usage,,acc,,",
        "missing_contracted_cost",
    );
    finds(
        "6,6,6,7,2,3,Queue,Integration,Calls,Usage,,acc,,",
        "list_below_contracted",
    );
    finds(
        "6,6,6,5,2,3,Queue,Integration,Calls,Usage,,acc,,",
        "contracted_below_effective",
    );
    finds(
        "9,9,9,9,2,3,Queue,Integration,Calls,Usage,,acc,,",
        "price_times_quantity",
    );
    finds(
        "-6,-6,-6,-6,2,-3,Queue,Integration,Calls,Usage,,acc,,",
        "negative_usage",
    );
    finds(
        "6,6,6,6,2,3,Queue,Integration,Calls,Usage,,,,",
        "no_sub_account",
    );
    finds(
        "6,6,6,6,2,3,Stack,,Calls,Usage,,acc,,",
        "unknown_service_category",
    );
}

#[test]
fn a_correction_may_be_negative_and_rounding_is_no_gap() {
    let correction = "-6,-6,-6,-6,2,-3,Queue,Integration,Calls,Usage,Correction,acc,,";
    let rounded = "6.004,6.004,6.004,6.004,2,3,Queue,Integration,Calls,Usage,,acc,,";
    assert!(found(&[correction, rounded]).rows.is_empty());
}

#[test]
fn spellings_of_a_tag_key_are_counted_with_their_resources() {
    let tagged = |resource: &str, key: &str| {
        format!(
            "6,6,6,6,2,3,Queue,Integration,Calls,Usage,,acc,{resource},\"{{\"\"{key}\"\":\"\"x\"\"}}\""
        )
    };
    let rows = [
        tagged("a", "cost-center"),
        tagged("b", "cost-center"),
        tagged("c", "CostCenter"),
    ];
    let sheet = found(&[&rows[0], &rows[1], &rows[2]]);
    assert_eq!(sheet.column("Check"), ["tag_key_variants"]);
    assert_eq!(sheet.column("Charges"), ["3"]);
    assert_eq!(sheet.column("Amount"), ["6.00"]);
    assert_eq!(
        sheet.column("Example"),
        [r#""cost-center" (2), "CostCenter" (1)"#]
    );
}

#[test]
fn rows_whose_tags_cannot_be_read_are_counted_one_by_one() {
    let row = "6,6,6,6,2,3,Queue,Integration,Calls,Usage,,acc,a,team=data";
    let sheet = found(&[row, row, GOOD]);
    assert_eq!(sheet.column("Check"), ["unparsable_tags"]);
    assert_eq!(sheet.column("Charges"), ["2"]);
    assert_eq!(sheet.column("BillingPeriod"), ["2026-10"]);
    assert_eq!(sheet.column("Example"), ["bills/focus.csv"]);
}

/// A tolerance by rows and by amount: both must hold.
#[test]
fn what_is_set_aside_is_tolerated_by_share_and_by_amount() {
    let bill = "BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ServiceName,ChargeCategory\n\
        7.5,7.5,USD,2026-10-41T00:00:00Z,Queue,Usage\n6,6,USD,2026-10-01T00:00:00Z,Queue,Usage\n";
    let run = |tolerance: &str| {
        let config = format!("[[bills]]\npath = \"bills/focus.csv\"\n[quarantine]\n{tolerance}");
        let world = World::new().bill("focus.csv", bill).config(&config);
        world.run(&["run", "--today", "2026-11-21"])
    };
    run("max_percent = 50.0\nmax_amount = 7.5\n").code(0);
    run("max_percent = 50.0\nmax_amount = 7.49\n")
        .code(3)
        .stderr_has("7.50 USD")
        .stderr_has("`max_amount`");
    run("max_amount = 100.0\n")
        .code(3)
        .stderr_has("`max_percent`");
    run("max_percent = 50.0\nmax_amount = -1.0\n")
        .code(2)
        .stderr_has("`quarantine.max_amount`");
}
