//! The clouds' own lists beside the sample company's findings, through the program.

use crate::golden::golden;
use crate::sheet::Sheet;
use crate::world::{Run, World, sample_run};

/// A machine that is sized down by both, one that they only see as a smaller one, one of another size, one that
/// we leave alone, one that nobody knows, and one that they find well.
const OPTIMIZER: &str = "accountId,instanceArn,finding,lookBackPeriodInDays,currentInstanceType,utilizationMetrics_CPU_MAXIMUM,\
    recommendationOptions_1_instanceType,recommendationOptions_1_estimatedMonthlySavings_value,recommendationOptions_1_estimatedMonthlySavings_currency\n\
    1,arn:aws:ec2:us-east-1:012345678901:instance/i-0b8dddd7254870750,OVER_PROVISIONED,14.0,m5.4xlarge,9.8,m5.2xlarge,280.32,USD\n\
    1,arn:aws:ec2:us-east-1:012345678901:instance/i-07aec65ccf97eb9f1,OVER_PROVISIONED,14.0,m5a.xlarge,1.9,m5a.large,62.78,USD\n\
    1,arn:aws:ec2:us-east-1:111122220001:instance/i-0f69df07f3893ec91,OVER_PROVISIONED,14.0,r5.2xlarge,14,r6g.large,260,USD\n\
    1,arn:aws:ec2:us-east-1:111122220001:instance/i-0c22040ed042115a0,UNDER_PROVISIONED,14.0,m6a.xlarge,99,m6a.2xlarge,-126,USD\n\
    1,arn:aws:ec2:us-east-1:111122220001:instance/i-0000000000000dead,OVER_PROVISIONED,14.0,m5.xlarge,9,m5.large,70.08,USD\n\
    1,arn:aws:ec2:us-east-1:111122220002:instance/i-05180628a538f40c0,OPTIMIZED,14.0,m6i.2xlarge,17,,,\n";

/// The same idle machine, to be stopped, by another tool; and a commitment to buy.
const HUB: &str = r#"{"items": [
    {"actionType": "Stop", "currencyCode": "USD", "currentResourceSummary": "m5a.xlarge", "estimatedMonthlySavings": 125.56,
     "recommendationLookbackPeriodInDays": 32, "resourceId": "i-07aec65ccf97eb9f1"},
    {"actionType": "PurchaseSavingsPlans", "currencyCode": "USD", "estimatedMonthlySavings": 900}]}"#;

/// The sample company's newest run, published before.
fn world() -> World {
    let world = World::new().file("co.csv", OPTIMIZER).file("hub.json", HUB);
    for (name, bytes) in &sample_run().reports {
        world.write(&format!("out/latest/{name}"), bytes);
    }
    world
}

fn table(run: &Run) -> Sheet {
    Sheet::parse(run.stdout.as_bytes())
}

fn agreement<'a>(sheet: &'a Sheet, resource: &str) -> [&'a str; 3] {
    let ends = |id: &str| id.ends_with(resource);
    let row = sheet.rows.iter().find(|row| ends(row.get("ResourceId")));
    let row = row.unwrap_or_else(|| panic!("no {resource} in {sheet:#?}"));
    ["Agreement", "Reason", "Duplicates"].map(|column| row.get(column))
}

#[test]
fn both_opinions_of_every_machine_stand_side_by_side() {
    let run = world()
        .run(&["compare", "compute-optimizer", "co.csv"])
        .code(0);
    let sheet = table(&run);
    let said = |resource| agreement(&sheet, resource);
    let [same, reason, _] = said("i-0b8dddd7254870750");
    assert_eq!(same, "same");
    assert_eq!(
        reason,
        "both: resize to m5.2xlarge; memory is measured by us, not by them; they look back 14 days, we 32; \
         their saving is at list price, ours net of commitments"
    );
    assert_eq!(said("i-07aec65ccf97eb9f1")[0], "other action");
    let [size, reason, _] = said("i-0f69df07f3893ec91");
    assert_eq!(size, "same action other size");
    assert!(
        reason.contains("their r6g.large is of another architecture"),
        "{reason}"
    );
    let [only, reason, _] = said("i-0c22040ed042115a0");
    assert_eq!(only, "only theirs");
    assert!(
        reason.starts_with("no finding of ours: ") && reason.contains("too small"),
        "{reason}"
    );
    let [only, reason, _] = said("i-0000000000000dead");
    assert_eq!(
        (only, reason.starts_with("not in the inventory")),
        ("only theirs", true)
    );
    let [only, reason, _] = said("i-05180628a538f40c0");
    assert_eq!(only, "only ours");
    assert!(
        reason.starts_with("they find nothing to do (OPTIMIZED); ours: "),
        "{reason}"
    );
    run.stderr_has("resources: 1 same, 1 same action other size, 1 other action, 2 only theirs, ");
}

#[test]
fn two_lists_are_merged_by_resource() {
    let args = [
        "compare",
        "compute-optimizer",
        "co.csv",
        "--with",
        "cost-optimization-hub=hub.json",
    ];
    let run = world().run(&args).code(0);
    let sheet = table(&run);
    let [same, reason, merged] = agreement(&sheet, "i-07aec65ccf97eb9f1");
    assert_eq!((same, merged), ("same", "1"));
    assert!(reason.starts_with("both: stop"), "{reason}");
    run.stderr_has("1 entry of their lists merged: several were about one resource")
        .stderr_has("1 entry of their lists not compared: they buy commitments");
}

#[test]
fn named_tables_need_no_run() {
    let run = sample_run();
    let world = World::new()
        .file("co.csv", OPTIMIZER)
        .file("mine/ours.csv", run.bytes("rightsizing.csv"));
    let args = [
        "compare",
        "compute-optimizer",
        "co.csv",
        "--rightsizing",
        "mine/ours.csv",
        "--quiet",
    ];
    let said = world.run(&args).code(0);
    assert_eq!(agreement(&table(&said), "i-0b8dddd7254870750")[0], "same");
    assert_eq!(said.stderr, "");
    let swapped = [
        "compare",
        "compute-optimizer",
        "co.csv",
        "--rightsizing",
        "co.csv",
    ];
    world
        .run(&swapped)
        .code(2)
        .stderr_has("this is no rightsizing.csv of ours: the column `ResourceId` is missing");
}

#[test]
fn wrong_files_and_missing_runs_say_what_to_do() {
    let lost = World::new()
        .file("co.csv", OPTIMIZER)
        .run(&["compare", "compute-optimizer", "co.csv"])
        .code(2);
    golden("errors/compare_no_run.txt", &lost.stderr);
    let swapped = world().run(&["compare", "advisor", "co.csv"]).code(3);
    golden("errors/compare_source.txt", &swapped.stderr);
    world().run(&["compare", "advisor", "nothing.json"]).code(2);
    let with = [
        "compare",
        "compute-optimizer",
        "co.csv",
        "--with",
        "hub.json",
    ];
    world().run(&with).code(2).stderr_has("SOURCE=FILE");
}
