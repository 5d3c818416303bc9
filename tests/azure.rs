//! Azure cost details: both datasets, every spelling of their headers, dates and tags. The bills are made
//! here, so that their totals are known; of a pair the law is simple: the sum of the actual export is what
//! is billed, the sum of the amortised one what is effective.

use crate::exact::{pico, plain};
use crate::formats::{charges, gzipped, zipped};
use crate::sheet::Sheet;
use crate::world::{Run, World};
use bill::{
    COMMON, Line, MACHINE, RESERVATION, STORAGE, actual, american, amortized, bill, european,
};

mod bill;
mod real;

fn sums(run: &Run) -> [String; 4] {
    let services = run.csv("cost_by_service.csv");
    ["BilledCost", "EffectiveCost", "ListCost", "ContractedCost"].map(|cost| {
        if cost == "ContractedCost" {
            return String::new();
        }
        plain(services.sums(cost, ["BillingCurrency"])[&["EUR".to_owned()]])
    })
}

#[track_caller]
fn assert_sums(run: &Run, billed: &str, effective: &str) {
    let [found_billed, found_effective, ..] = sums(run);
    assert_eq!(found_billed, plain(pico(billed)), "billed");
    assert_eq!(found_effective, plain(pico(effective)), "effective");
    let books = run.csv("books.csv");
    let open = |row: &&crate::sheet::Row| !["", "0.00"].contains(&row.get("Difference"));
    assert_eq!(books.rows.iter().filter(open).count(), 0, "{books:#?}");
}

/// Amounts of the books of the bill, stage by stage.
fn stages(run: &Run, column: &str) -> Vec<[String; 3]> {
    let books = run.csv("books.csv");
    books
        .find(&[("Source", "azure"), ("Column", column)])
        .map(|row| row.key(["Stage", "Rows", "Amount"]))
        .collect()
}

fn stage(name: &str, rows: &str, amount: &str) -> [String; 3] {
    [name, rows, amount].map(str::to_owned)
}

const TODAY: [&str; 4] = ["run", "bills/", "--today", "2026-10-20"];

#[test]
fn of_a_pair_the_actual_sum_is_billed_and_the_amortised_sum_is_effective() {
    let world = World::new()
        .bill("a.csv", bill(&actual(), american))
        .bill("b.csv", bill(&amortized(), american));
    let run = world.run(&TODAY).code(0);
    assert_sums(&run, "100.39", "5.49");
    let expected = [
        stage("export", "17", "103.58"),
        stage("accepted", "11", "100.39"),
        stage("superseded", "6", "3.19"),
        stage("lake", "11", "100.39"),
        stage("facts", "11", "100.39"),
    ];
    assert_eq!(stages(&run, "BilledCost"), expected);
    assert_eq!(
        stages(&run, "EffectiveCost")[2],
        stage("superseded", "6", "3.19")
    );
    let formats: Vec<_> = run.json()["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|input| input["format"].as_str().unwrap().to_owned())
        .collect();
    assert!(formats.contains(&"azure-actual".to_owned()), "{formats:?}");
    assert!(
        formats.contains(&"azure-amortized".to_owned()),
        "{formats:?}"
    );
    assert!(!run.stderr.contains("only a"), "{}", run.stderr);
    let again = world.run(&TODAY).code(0);
    again.stderr_has("2 files unchanged");
}

#[test]
fn one_dataset_alone_says_what_it_lacks() {
    let run = World::new()
        .bill("a.csv", bill(&actual(), american))
        .run(&TODAY);
    let run = run
        .code(0)
        .stderr_has("2026-09: only actual cost is here: EffectiveCost lacks");
    assert_sums(&run, "100.39", "3.19");
    let run = World::new()
        .bill("b.csv", bill(&amortized(), american))
        .run(&TODAY);
    let run = run
        .code(0)
        .stderr_has("2026-09: only amortised cost is here: BilledCost lacks");
    assert_sums(&run, "3.19", "5.49");
}

/// Nothing in the actual export was bought this month: all of it gives way.
#[test]
fn an_actual_export_without_purchases_is_superseded_whole() {
    let used: Vec<Line> = actual()
        .into_iter()
        .filter(|line| !["Purchase", "Refund"].contains(&line.charge))
        .collect();
    let run = World::new()
        .bill("a.csv", bill(&used, american))
        .bill("b.csv", bill(&amortized(), american))
        .run(&TODAY)
        .code(0);
    assert_sums(&run, "3.19", "5.49");
    assert_eq!(
        stages(&run, "BilledCost")[2],
        stage("superseded", "6", "3.19")
    );
    assert!(!run.stderr.contains("only a"), "{}", run.stderr);
}

#[test]
fn the_user_may_name_the_datasets() {
    let config = "[[bills]]\npath = \"x/\"\nformat = \"azure-actual\"\n\
                  [[bills]]\npath = \"y/\"\nformat = \"azure-amortized\"\n";
    let run = World::new()
        .file("x/bill.csv", bill(&actual(), american))
        .file("y/bill.csv", bill(&amortized(), american))
        .config(config)
        .run(&["run", "--today", "2026-10-20"])
        .code(0);
    assert_sums(&run, "100.39", "5.49");
    World::new()
        .bill("b.csv", bill(&amortized(), american))
        .run(&["run", "bills/", "--format", "azure-actual"])
        .code(3)
        .stderr_has("this is no actual cost: 4 rows");
}

#[test]
fn without_commitments_both_datasets_are_the_same_charges() {
    let text = bill(&COMMON, american);
    let (header, rows) = text.split_once("\r\n").unwrap();
    let turned: Vec<&str> = rows.lines().rev().collect();
    let run = World::new().bill("a.csv", &text).run(&TODAY).code(0);
    assert_sums(&run, "3.19", "3.19");
    assert!(!run.stderr.contains("only a"), "{}", run.stderr);
    World::new()
        .bill("a.csv", &text)
        .bill("b.csv", format!("{header}\n{}\n", turned.join("\n")))
        .run(&TODAY)
        .code(3)
        .stderr_has("bills/a.csv")
        .stderr_has("bills/b.csv");
}

const ALL: &str = "SELECT ChargePeriodStart, ChargePeriodEnd, BillingPeriodStart, BillingPeriodEnd, BilledCost \
                   FROM focus ORDER BY ChargePeriodStart, BilledCost";

#[test]
fn the_order_of_dates_is_found_out_per_file() {
    let first = charges("a.csv", bill(&COMMON, american), ALL);
    assert_eq!(
        first.rows[0].get("BillingPeriodEnd"),
        "2026-10-01T00:00:00Z"
    );
    assert_eq!(
        first.rows[0].get("ChargePeriodStart"),
        "2026-09-02T00:00:00Z"
    );
    assert_eq!(first.rows[0].get("ChargePeriodEnd"), "2026-09-03T00:00:00Z");
    let iso = bill(&COMMON, |month, day| format!("2026-{month:02}-{day:02}"));
    let other = bill(&COMMON, european);
    assert_eq!(charges("a.csv", &other, ALL), first);
    assert_eq!(charges("a.csv.gz", gzipped(&other), ALL), first);
    assert_eq!(charges("a.zip", zipped(&[("a.csv", &other)]), ALL), first);
    assert_eq!(charges("a.csv", &iso, ALL), first);
}

const THREE: &str = "SubscriptionGuid,MeterCategory,ConsumedService,InstanceId,ResourceLocation,PreTaxCost,Currency,UsageDateTime\n";

#[test]
fn dates_that_contradict_each_other_are_refused_with_both_lines() {
    let row = |date: &str| format!("S1,Storage,Microsoft.Storage,/x,EU West,1.5,EUR,{date}\n");
    let rows = ["02/03/2026", "02/25/2026", "25/02/2026"].map(row);
    World::new()
        .bill("a.csv", THREE.to_owned() + &rows.concat())
        .run(&TODAY)
        .code(3)
        .stderr_has("line 3 writes the month first in its dates, line 4 writes the day first")
        .stderr_has("bills/a.csv:4:8");
    let undecided = World::new()
        .bill("a.csv", THREE.to_owned() + &row("02/03/2026"))
        .run(&["run", "bills/", "--today", "2026-04-20"])
        .code(0);
    let undecided = undecided.stderr_has("read as month/day/year");
    assert_eq!(
        undecided.csv("cost_by_service.csv").column("Month"),
        ["2026-02"]
    );
}

/// A pay-as-you-go period need not begin with a month.
#[test]
fn usage_late_in_a_billing_period_that_crosses_months_is_kept() {
    let text = bill(&[MACHINE], |month, day| match day {
        1 => "2026-09-18".to_owned(),
        30 => "2026-10-17".to_owned(),
        _ => format!("2026-{:02}-12", month + 1),
    });
    let found = charges(
        "a.csv",
        text,
        "SELECT x_BillingMonth, x_ChargeMonth, BillingPeriodEnd FROM focus",
    );
    let expected = ["2026-09", "2026-10", "2026-10-18T00:00:00Z"];
    let columns = ["x_BillingMonth", "x_ChargeMonth", "BillingPeriodEnd"];
    assert_eq!(found.rows[0].key(columns), expected.map(str::to_owned));
}

fn only(sheet: &Sheet, columns: [&str; 5]) -> Vec<[String; 5]> {
    sheet.rows.iter().map(|row| row.key(columns)).collect()
}

#[test]
fn rows_become_focus_charges() {
    let query = "SELECT x_LineItemType, Tags, ResourceId, SubAccountId, CommitmentDiscountId, CommitmentDiscountStatus, \
                 CommitmentDiscountType, PricingCategory, ListCost, ContractedCost, ServiceCategory, x_InstanceType, \
                 x_OperatingSystem, RegionId, ChargeCategory FROM focus ORDER BY ChargePeriodStart, x_LineItemType, BilledCost";
    let sheet = charges("b.csv", bill(&amortized(), american), query);
    let found = only(
        &sheet,
        [
            "x_LineItemType",
            "CommitmentDiscountStatus",
            "PricingCategory",
            "ListCost",
            "ContractedCost",
        ],
    );
    let expected = [
        ["Usage", "Used", "Committed", "2.88", "2.40"],
        ["Usage", "", "Standard", "2.88", "2.40"],
        ["Usage", "", "Standard", "0.05", "0.05"],
        ["Tax", "", "", "0.75", "0.75"],
        ["RoundingAdjustment", "", "Standard", "-0.01", "-0.01"],
        ["Usage", "Used", "Committed", "2.88", "2.40"],
        ["UnusedReservation", "Unused", "Committed", "0.00", "0.00"],
        ["UnusedSavingsPlan", "Unused", "Committed", "0.00", "0.00"],
    ];
    assert_eq!(found, expected.map(|row| row.map(str::to_owned)));
    let (reserved, machine, storage) = (&sheet.rows[0], &sheet.rows[1], &sheet.rows[2]);
    assert_eq!(
        reserved.get("CommitmentDiscountId"),
        RESERVATION.to_lowercase()
    );
    assert_eq!(reserved.get("CommitmentDiscountType"), "Reservation");
    assert_eq!(reserved.get("Tags"), r#"{"team":"web"}"#);
    assert_eq!(
        machine.get("Tags"),
        r#"{"note":"a, {b}: c","team":"web","user_key":"1"}"#
    );
    assert_eq!(
        machine.key(["x_InstanceType", "x_OperatingSystem"]),
        ["Standard_D2s_v5", "Linux"].map(str::to_owned)
    );
    assert_eq!(storage.get("Tags"), r#"{"team":"web"}"#);
    assert_eq!(
        storage.key(["ServiceCategory", "SubAccountId"]),
        ["Storage", "ab12"].map(str::to_owned)
    );
    assert_eq!(storage.get("ResourceId"), STORAGE.resource.to_lowercase());
    assert_eq!(sheet.rows[5].get("Tags"), r#"{"empty":"","team":"web"}"#);
}

#[test]
fn a_bill_without_a_currency_asks_for_it() {
    let text = "subscriptionid,UsageDateTime,MeterCategory,costinbillingcurrency,ConsumedService,InstanceId,resourcelocation\n\
                S1,2026-09-02,Storage,1.5,Microsoft.Storage,/x,westeurope\n";
    let world = World::new().bill("a.csv", text);
    world
        .run(&TODAY)
        .code(3)
        .stderr_has("Azure cost details: no column says the currency")
        .stderr_has("--currency USD");
    let said = world
        .run(&[&TODAY[..], &["--currency", "EUR"]].concat())
        .code(0);
    assert_sums(&said, "1.5", "1.5");
    let config = "[[bills]]\npath = \"bills/\"\ncurrency = \"EUR\"\n";
    let run = World::new().bill("a.csv", text).config(config);
    assert_sums(
        &run.run(&["run", "--today", "2026-10-20"]).code(0),
        "1.5",
        "1.5",
    );
    world
        .run(&[&TODAY[..], &["--currency", "euro"]].concat())
        .code(2)
        .stderr_has("`euro` is no currency");
}

#[test]
fn localised_and_camel_case_headers_are_read() {
    let german = "Abonnement-GUID (SubscriptionGuid),Ressourcenstandort (ResourceLocation),UsageDateTime (UsageDateTime),\
        Kategorie der Verbrauchseinheit (MeterCategory),PreTaxCost (PreTaxCost),Genutzter Dienst (ConsumedService),\
        InstanceId (InstanceId),Currency\nS1,EU West,2026-09-02,Storage,1.5,Microsoft.Storage,/X,EUR\n";
    let camel = "subscriptionId,resource_location,date,meterCategory,costInBillingCurrency,consumedService,ResourceId,\
        billingCurrencyCode\nS1,EU West,09/02/2026,Storage,1.5,Microsoft.Storage,/X,EUR\n";
    let query = "SELECT SubAccountId, BillingAccountId, ServiceName, BilledCost, BillingCurrency, ResourceId, x_ChargeDate FROM focus";
    let one = charges("a.csv", german, query);
    assert_eq!(one, charges("a.csv", camel, query));
    let found = one.rows[0].key([
        "SubAccountId",
        "ServiceName",
        "BilledCost",
        "ResourceId",
        "x_ChargeDate",
    ]);
    assert_eq!(
        found,
        ["s1", "Storage", "1.50", "/x", "2026-09-02"].map(str::to_owned)
    );
}

/// Where every row lacks the header's last columns, they are empty; a single such row was cut off.
#[test]
fn rows_may_all_be_shorter_than_the_header() {
    let header = THREE.replace("UsageDateTime", "UsageDateTime,ServiceTier");
    let row = "S1,Storage,Microsoft.Storage,/x,EU West,1.5,EUR,2026-09-02";
    let run = World::new()
        .bill("a.csv", format!("{header}{row}\n{row}\n"))
        .run(&TODAY)
        .code(0)
        .stderr_has("rows have 8 cells where the header has 9");
    assert_sums(&run, "3", "3");
    World::new()
        .bill("a.csv", format!("{header}{row},Std\n{row}\n"))
        .run(&TODAY)
        .code(3)
        .stderr_has("the row has 8 cells where the header has 9");
}

#[test]
fn an_azure_purchase_paid_at_once_or_the_config_tells_the_end() {
    let head = "BillingAccountId,BillingPeriodStartDate,BillingPeriodEndDate,SubscriptionId,Date,MeterCategory,MeterName,\
Quantity,UnitPrice,Cost,BillingCurrency,ResourceLocation,ResourceId,AdditionalInfo,UnitOfMeasure,ChargeType,PayGPrice,\
PricingModel,benefitId,Term,Frequency\n";
    let row = |id: &str, day: usize, cost: &str, charge: &str, frequency: &str| {
        format!(
            "86,10/01/2026,10/31/2026,s1,10/{day:02}/2026,Virtual Machines,D2s v5,24,0.1,{cost},EUR,EU West,/vm/1,\
             \"{{\"\"ServiceType\"\":\"\"Standard_D2s_v5\"\"}}\",1 Hour,{charge},0.1,Reservation,{id},36,{frequency}\n"
        )
    };
    let bill = head.to_owned()
        + &row("/r/1", 9, "900", "Purchase", "OneTime")
        + &row("/r/2", 9, "30", "Purchase", "Recurring")
        + &row("/r/1", 10, "0", "Usage", "UsageBased")
        + &row("/r/2", 10, "0", "Usage", "UsageBased");
    let ends = "[commitments]\nends = { \"/r/2\" = \"2027-03-04\", \"/r/3\" = \"2027-03-04\" }\n";
    let config = format!("today = \"2026-11-01\"\n[[bills]]\npath = \"bills/*\"\n{ends}");
    let world = World::new().bill("bill.csv", bill).config(&config);
    let run = world.run(&["run"]).code(0);
    let expiry = run.csv("commitment_expiry.csv");
    let end = |id: &str| {
        let key = [("CommitmentDiscountId", id)];
        let row = expiry.find(&key).next().unwrap();
        row.get("ExpiresOn").to_owned()
    };
    assert_eq!(end("/r/1"), "2029-10-09");
    assert_eq!(end("/r/2"), "2027-03-04");
    let said = "[commitments] ends: no bill has the commitment `/r/3`";
    assert!(run.stderr.contains(said), "{}", run.stderr);
}
