//! FOCUS exports as providers write them: what differs from the specification is read as it is meant, and
//! every amount that a rule changes stands in the books.

use crate::exact::pico;
use crate::formats::charges;
use crate::sheet::Sheet;
use crate::world::{Run, World};

const VIEW: &str = include_str!("../sample-data/formats/google-focus-view.ndjson");
const AZURE: &str = include_str!("../sample-data/formats/azure-focus.csv");

fn run(name: &str, bytes: &str) -> Run {
    let bill = format!("bills/{name}");
    World::new()
        .bill(name, bytes)
        .run(&["run", &bill, "--today", "2026-09-20"])
        .code(0)
}

/// Stage, rows and amount of a cost column; every difference must be zero.
#[track_caller]
fn books(run: &Run, column: &str) -> Vec<[String; 3]> {
    let books = run.csv("books.csv");
    assert!(
        books
            .rows
            .iter()
            .all(|row| ["", "0.00"].contains(&row.get("Difference"))),
        "{books:#?}"
    );
    let key = [("Column", column)];
    let own = books.find(&key).filter(|row| row.get("Source") != "(all)");
    own.map(|row| row.key(["Stage", "Rows", "Amount"]))
        .collect()
}

#[test]
fn google_s_view_has_its_credits_in_the_cost() {
    let run = run("view.json", VIEW);
    let wanted = [
        ["export", "4", "12.1875001"],
        ["accepted", "4", "8.0000001"],
        ["rule CreditsOutsideCost", "1", "-4.1875"],
        ["lake", "4", "8.0000001"],
        ["facts", "4", "8.0000001"],
    ];
    assert_eq!(books(&run, "BilledCost"), wanted);
    assert_eq!(books(&run, "EffectiveCost"), wanted);
    let list: Vec<String> = books(&run, "ListCost")
        .into_iter()
        .map(|[.., amount]| amount)
        .collect();
    assert_eq!(list, ["12.1875001"; 4]);
}

#[test]
fn google_s_view_is_spelled_as_the_specification_does() {
    let query = "SELECT ChargeCategory, PricingCategory, ServiceCategory, SubAccountId, SubAccountName, BillingPeriodEnd, Tags, BilledCost, x_SourceChanges FROM focus ORDER BY BilledCost";
    let sheet = charges("view.json", VIEW, query);
    assert_eq!(
        sheet.column("ChargeCategory"),
        ["Adjustment", "Usage", "Tax", "Usage"]
    );
    assert_eq!(sheet.column("ServiceCategory"), ["Compute"; 4]);
    let used = &sheet.rows[3];
    assert_eq!(
        used.key([
            "PricingCategory",
            "SubAccountId",
            "SubAccountName",
            "BilledCost",
            "x_SourceChanges"
        ]),
        ["Committed", "shop", "Shop", "6.0625", "CreditsOutsideCost"]
    );
    assert_eq!(used.get("Tags"), r#"{"env":"prod","system:cores":"4"}"#);
    assert!(
        sheet
            .column("BillingPeriodEnd")
            .iter()
            .all(|end| end.starts_with("2026-09-01")),
        "{sheet:#?}"
    );
    assert_eq!(
        sheet.rows[0].get("SubAccountId"),
        "01A2B3-C4D5E6-F70809",
        "a row without a project keeps what it has"
    );
}

#[test]
fn azure_s_gaps_are_filled_and_its_double_count_is_not() {
    let run = run("azure.csv", AZURE);
    assert_eq!(
        books(&run, "EffectiveCost")[..3],
        [
            ["export", "7", "730.375"],
            ["accepted", "7", "10.375"],
            ["rule CommitmentPurchaseEffectiveCost", "1", "-720.00"]
        ]
    );
    assert_eq!(
        books(&run, "ContractedCost")[..3],
        [
            ["export", "7", "727.00"],
            ["accepted", "7", "731.375"],
            ["rule MissingContractedCost", "2", "4.375"]
        ]
    );
    assert_eq!(
        books(&run, "ListCost")[..3],
        [
            ["export", "7", "729.50"],
            ["accepted", "7", "735.25"],
            ["rule MissingListCost", "2", "5.75"]
        ]
    );
    let billed: Vec<String> = books(&run, "BilledCost")
        .into_iter()
        .map(|[stage, ..]| stage)
        .collect();
    assert_eq!(
        billed,
        ["export", "accepted", "lake", "facts"],
        "no rule touches what is billed"
    );
    let query = "SELECT EffectiveCost, ContractedCost, ListCost, x_SourceChanges FROM focus WHERE x_SourceChanges IS NOT NULL ORDER BY x_SourceChanges, EffectiveCost";
    let sheet = charges("azure.csv", AZURE, query);
    let rows: Vec<[String; 4]> = sheet
        .rows
        .iter()
        .map(|row| {
            row.key([
                "EffectiveCost",
                "ContractedCost",
                "ListCost",
                "x_SourceChanges",
            ])
        })
        .collect();
    assert_eq!(
        rows,
        [
            [
                "0.00",
                "720.00",
                "720.00",
                "CommitmentPurchaseEffectiveCost"
            ],
            ["1.125", "1.125", "4.00", "MissingContractedCost"],
            [
                "3.25",
                "3.25",
                "3.25",
                "MissingContractedCost;MissingListCost"
            ],
            ["2.00", "2.50", "2.50", "MissingListCost"],
        ]
    );
}

fn total(sheet: &Sheet, column: &str) -> i128 {
    sheet.column(column).into_iter().map(pico).sum()
}

/// The rules are for the providers whose mistakes they know: the same rows of another are taken as they are.
#[test]
fn rules_leave_other_providers_alone() {
    for provider in ["AWS", "Oracle", ""] {
        let bill = AZURE.replace(",Microsoft,", &format!(",{provider},"));
        let sheet = charges(
            "b.csv",
            bill,
            "SELECT EffectiveCost, ListCost FROM focus WHERE x_SourceChanges IS NULL ORDER BY EffectiveCost",
        );
        assert_eq!(sheet.rows.len(), 7);
        assert_eq!(total(&sheet, "EffectiveCost"), pico("730.375"));
        assert_eq!(total(&sheet, "ListCost"), pico("729.5"));
    }
}

#[test]
fn names_of_the_preview_and_columns_that_are_not_there_are_no_hindrance() {
    let oci = "BilledCost,BillingCurrency,ChargePeriodStart,ChargeCategory,EffectiveCost,ListCost,ServiceName,Provider,Publisher,InvoiceIssuer,Region,UsageQuantity,UsageUnit,AvailabilityZone\n\
               2.323760000E-9,USD,2026-08-03T10:00Z,Usage,2.323760000E-9,NULL,COMPUTE,Oracle,Oracle,Oracle,us-ashburn-1,3,GB,NULL\n";
    let query = "SELECT ProviderName, PublisherName, InvoiceIssuerName, RegionId, ConsumedQuantity, ConsumedUnit, BilledCost, ContractedCost, ListCost, AvailabilityZone, x_SourceChanges FROM focus";
    let row = charges("b.csv", oci, query).rows[0].clone();
    assert_eq!(
        row.key([
            "ProviderName",
            "PublisherName",
            "InvoiceIssuerName",
            "RegionId",
            "ConsumedQuantity",
            "ConsumedUnit"
        ]),
        ["Oracle", "Oracle", "Oracle", "us-ashburn-1", "3.00", "GB"]
    );
    assert_eq!(pico(row.get("BilledCost")), pico("2.32376E-9"));
    assert_eq!(
        row.key([
            "ContractedCost",
            "ListCost",
            "AvailabilityZone",
            "x_SourceChanges"
        ]),
        ["", "", "", ""]
    );
}

#[test]
fn focus_1_3_is_read_by_its_new_names() {
    let bill = "BilledCost,BillingCurrency,ChargePeriodStart,ChargeCategory,EffectiveCost,ListCost,ServiceName,ServiceProviderName,HostProviderName,AllocatedMethodId,AllocatedMethodDetails,AllocatedTags,ContractApplied\n\
                4,USD,2026-08-03T00:00:00Z,Usage,4,4,Compute,Microsoft,Microsoft,split-1,\"{}\",\"{}\",\"{\"\"a\"\": [1]}\"\n";
    let sheet = charges("b.csv", bill, "SELECT ProviderName, BilledCost FROM focus");
    assert_eq!(
        sheet.rows[0].key(["ProviderName", "BilledCost"]),
        ["Microsoft", "4.00"]
    );
}
