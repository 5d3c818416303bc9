//! Nothing is counted twice: versions, schemas and overlapping exports are refused, both culprits named;
//! what belongs together is not.

use crate::world::World;

const HEADER: &str = "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,BillingAccountId,SubAccountId,ResourceId\n";

/// A month to date: so many days of two machines.
fn days(count: usize, price: &str) -> String {
    let row = |day: usize, machine: &str| {
        format!("{price}{day},USD,2026-10-{day:02},Compute,42,{machine}-account,{machine}\n")
    };
    let rows = (1..=count).flat_map(|day| [row(day, "vm-1"), row(day, "vm-2")]);
    HEADER.to_owned() + &rows.collect::<String>()
}

#[test]
fn two_versions_of_one_month_are_refused_with_both_named() {
    World::new()
        .bill("2026-10-04/bill.csv", days(3, "1."))
        .bill("2026-10-10/bill.csv", days(9, "1."))
        .run(&["run", "bills/"])
        .code(3)
        .stderr_has("two versions of 2026-10")
        .stderr_has("bills/2026-10-04/bill.csv")
        .stderr_has("bills/2026-10-10/bill.csv");
}

/// The same export once in text and once in Parquet-like other order and packing is still the same charges.
#[test]
fn another_order_of_rows_is_another_version_too() {
    let text = days(5, "2.");
    let (header, rows) = text.split_once('\n').unwrap();
    let turned: Vec<&str> = rows.lines().rev().collect();
    World::new()
        .bill("a.csv", &text)
        .bill("b.csv", format!("{header}\n{}\n", turned.join("\n")))
        .run(&["run", "bills/"])
        .code(3)
        .stderr_has("same charges");
}

#[test]
fn files_of_one_export_are_added_up() {
    let text = days(20, "1.");
    let (header, rows) = text.split_once('\n').unwrap();
    let rows: Vec<&str> = rows.lines().collect();
    let part = |rows: &[&str]| format!("{header}\n{}\n", rows.join("\n"));
    World::new()
        .bill("part-1.csv", part(&rows[..13]))
        .bill("part-2.csv", part(&rows[13..]))
        .run(&["run", "bills/", "--today", "2026-11-20"])
        .code(0);
}

#[test]
fn one_account_and_month_in_two_formats_of_one_source() {
    let legacy = "bill/PayerAccountId,bill/BillingPeriodStartDate,lineItem/UnblendedCost,lineItem/LineItemType,\
        lineItem/CurrencyCode,lineItem/UsageAccountId,lineItem/UsageStartDate\n\
        42,2026-10-01T00:00:00Z,1.5,Usage,USD,42,2026-10-03T00:00:00Z\n";
    let config = "[[bills]]\nname = \"aws\"\npath = \"bills/\"\n";
    World::new()
        .bill("cur.csv", legacy)
        .bill("focus.csv", days(2, "3."))
        .config(config)
        .run(&["run"])
        .code(3)
        .stderr_has("billing account 42 has 2026-10 in two formats")
        .stderr_has("aws-cur")
        .stderr_has("focus.csv");
}
