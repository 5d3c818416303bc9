//! `export focus`: what the bills say, as FOCUS publishes it, to the last digit.

use crate::sheet::Sheet;
use crate::world::World;
use std::collections::BTreeMap;
use std::fs;

fn exported(world: &World, source: &str, month: &str) -> Sheet {
    Sheet::parse(&fs::read(world.path(&format!("out/focus/{source}/{month}.csv"))).unwrap())
}

fn sample() -> World {
    let world = World::sample();
    world
        .run(&["export", "focus", "--file-format", "both"])
        .code(0);
    world
}

#[test]
fn every_source_and_month_is_a_file_with_the_columns_of_the_version() {
    let world = sample();
    for month in ["2026-08", "2026-09", "2026-10", "2026-11"] {
        let sheet = exported(&world, "aws-cur", month);
        let own = |name: &&String| !name.starts_with("x_");
        assert_eq!(sheet.columns.iter().filter(own).count(), 57);
        assert!(sheet.columns.is_sorted());
        assert!(
            world
                .path(&format!("out/focus/aws-cur/{month}.parquet"))
                .is_file()
        );
    }
    let leftovers: Vec<_> = fs::read_dir(world.path("out/focus/aws-cur"))
        .unwrap()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with('.'))
        .collect();
    assert!(leftovers.is_empty(), "{leftovers:?}");
}

#[test]
fn what_is_exported_is_what_is_reported() {
    let world = sample();
    let run = world.run(&["run"]).code(0);
    let mut sums: BTreeMap<[String; 2], i128> = BTreeMap::new();
    for source in fs::read_dir(world.path("out/focus")).unwrap().flatten() {
        for file in fs::read_dir(source.path()).unwrap().flatten() {
            let path = file.path();
            if path.extension().is_some_and(|ending| ending == "csv") {
                let sheet = Sheet::parse(&fs::read(path).unwrap());
                for (key, sum) in sheet.sums("BilledCost", ["x_BillingMonth", "BillingCurrency"]) {
                    *sums.entry(key).or_default() += sum;
                }
            }
        }
    }
    let reported = run
        .csv("cost_by_service.csv")
        .sums("BilledCost", ["Month", "BillingCurrency"]);
    assert_eq!(sums, reported);
}

#[test]
fn the_rules_that_hold_between_columns_hold() {
    let world = sample();
    let sheet = exported(&world, "aws-cur", "2026-10");
    for row in &sheet.rows {
        let [category, status, commitment] = row.key([
            "ChargeCategory",
            "CommitmentDiscountStatus",
            "CommitmentDiscountId",
        ]);
        for never_null in [
            "ListCost",
            "ContractedCost",
            "InvoiceIssuerName",
            "PublisherName",
            "ServiceSubcategory",
            "PricingCurrencyEffectiveCost",
        ] {
            assert_ne!(row.get(never_null), "", "{never_null}");
        }
        let consumed = category == "Usage" && status != "Unused";
        assert!(consumed || row.get("ConsumedQuantity").is_empty());
        assert_eq!(
            status.is_empty(),
            category != "Usage" || commitment.is_empty()
        );
        assert_eq!(
            category == "Tax",
            row.get("PricingQuantity").is_empty() && category != "Credit"
        );
        assert_eq!(row.get("BillingPeriodStart"), "2026-10-01T00:00:00Z");
        assert_eq!(row.get("BillingPeriodEnd"), "2026-11-01T00:00:00Z");
    }
    let categories: BTreeMap<[String; 1], i128> = sheet.sums("BilledCost", ["ServiceName"]);
    let pairs: BTreeMap<[String; 2], i128> =
        sheet.sums("BilledCost", ["ServiceName", "ServiceCategory"]);
    assert_eq!(categories.len(), pairs.len(), "one category a service");
}

/// A bill with gaps: what FOCUS never leaves out is filled in, what does not hold is not claimed, and
/// no text is altered.
const GAPS: &str = "\
BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,ChargeCategory,EffectiveCost,ListCost,ListUnitPrice,PricingQuantity,PricingUnit,Tags
6,USD,2026-10-01T00:00:00Z,Queue,Usage,6,6,2,3,GB-Mo,\"{\"\"f\"\":\"\"=1+1\"\"}\"
7,USD,2026-10-01T00:00:00Z,Queue,Usage,7,7,2,3,GB-Mo,
1,USD,2026-10-02T00:00:00Z,Queue,Tax,1,,,,,
";

#[test]
fn gaps_are_filled_and_prices_that_do_not_hold_are_left_out() {
    let world = World::new().bill("focus.csv", GAPS);
    let export = [
        "export",
        "focus",
        "bills/focus.csv",
        "--file-format",
        "csv",
        "--version",
        "1.2",
    ];
    world.run(&export).code(0);
    let sheet = exported(&world, "focus", "2026-10");
    assert_eq!(sheet.column("ListUnitPrice"), ["2.00", "", ""]);
    assert_eq!(sheet.column("ContractedCost"), ["6.00", "7.00", "1.00"]);
    assert_eq!(sheet.column("ContractedUnitPrice"), ["2.00", "", ""]);
    assert_eq!(sheet.column("ListCost"), ["6.00", "7.00", "1.00"]);
    assert_eq!(sheet.column("PricingUnit"), ["GB-Months", "GB-Months", ""]);
    assert_eq!(
        sheet.column("PricingCategory"),
        ["Standard", "Standard", ""]
    );
    assert_eq!(sheet.column("Tags")[0], r#"{"f":"=1+1"}"#);
    assert_eq!(sheet.column("x_SourceFile")[0], "bills/focus.csv");
    assert_eq!(sheet.column("x_SourceRow"), ["2", "3", "4"]);
}

#[test]
fn the_same_bill_makes_the_same_bytes_and_older_versions_fewer_columns() {
    let world = World::new().bill("focus.csv", GAPS);
    let export = [
        "export",
        "focus",
        "bills/focus.csv",
        "--file-format",
        "both",
    ];
    let bytes = || {
        ["csv", "parquet"].map(|ending| {
            fs::read(world.path(&format!("out/focus/focus/2026-10.{ending}"))).unwrap()
        })
    };
    world.run(&export).code(0);
    let first = bytes();
    world.run(&export).code(0);
    assert_eq!(first, bytes());
    world
        .run(&[
            "export",
            "focus",
            "bills/focus.csv",
            "--file-format",
            "csv",
            "--version",
            "1.0",
        ])
        .code(0);
    let sheet = exported(&world, "focus", "2026-10");
    let own = |name: &&String| !name.starts_with("x_");
    assert_eq!(sheet.columns.iter().filter(own).count(), 43);
}

#[test]
fn a_version_that_is_not_written_is_refused() {
    World::new()
        .bill("focus.csv", GAPS)
        .run(&["export", "focus", "bills/focus.csv", "--version", "1.3"])
        .code(2)
        .stderr_has("1.2");
}
