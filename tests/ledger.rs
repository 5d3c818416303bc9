//! The savings ledger over several runs of a growing bill: what was found, what was done, what the bill proves.

use crate::sheet::{Row, Sheet};
use crate::world::{Run, World, sample_run};
use chrono::{Datelike, NaiveDate};
use std::fmt::Write;

const HEADER: &str = "bill_payer_account_id,bill_billing_period_start_date,line_item_usage_account_id,\
line_item_line_item_type,line_item_usage_start_date,line_item_usage_end_date,line_item_currency_code,\
line_item_unblended_cost,line_item_usage_amount,line_item_product_code,product_product_name,product_region,\
product_instance_type,pricing_unit,pricing_public_on_demand_cost,pricing_public_on_demand_rate,\
line_item_resource_id,line_item_usage_type,resource_tags_user_team\n";

const CONFIG: &str = "[[bills]]\npath = \"bills/\"\nname = \"aws\"\n[[inventory]]\npath = \"inventory/*.json\"\n\
[[usage]]\npath = \"metrics/*.csv\"\n[savings]\nfeedback = \"savings_feedback.csv\"\n";

const FEEDBACK: &str =
    "ResourceId,Action,Decision,Note\ni-kept,resize,dismissed,needed at the end of the year\n";

/// A machine: id, the type it has until a day, the type from the day after (empty: none).
type Story = (&'static str, &'static str, &'static str, &'static str);

const NEVER: &str = "2099-01-01";
const STORIES: [Story; 6] = [
    ("i-big", "m5.4xlarge", "2026-09-10", "m5.2xlarge"),
    ("i-loss", "m5.4xlarge", "2026-09-20", "m5.8xlarge"),
    ("i-kept", "m5.4xlarge", NEVER, ""),
    ("i-busy", "m5.4xlarge", NEVER, ""),
    ("i-gone", "m5.4xlarge", "2026-09-15", ""),
    ("i-idle", "m5.large", "2026-09-12", ""),
];

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Thousandths of a dollar per hour.
fn rate(instance: &str) -> u32 {
    match instance {
        "m5.large" => 96,
        "m5.2xlarge" => 384,
        "m5.4xlarge" => 768,
        _ => 1536,
    }
}

fn thousandths(amount: u32) -> String {
    format!("{}.{:03}", amount / 1000, amount % 1000)
}

/// The bill from July up to a day: every machine all day, and a service that never rests.
fn bill(last: &str) -> String {
    let mut text = HEADER.to_owned();
    let days = day("2026-07-01").iter_days();
    for date in days.take_while(|one| *one <= day(last)) {
        let next = date.succ_opt().unwrap();
        let month = date.with_day(1).unwrap();
        let mut line = |cost: u32, hours: u32, product: &str, instance: &str, rest: &str| {
            let (cost, unit) = (
                thousandths(cost),
                if instance.is_empty() {
                    "Requests"
                } else {
                    "Hrs"
                },
            );
            writeln!(
                text,
                "42,{month}T00:00:00Z,7,Usage,{date}T00:00:00Z,{next}T00:00:00Z,USD,{cost},{hours},{product},\
us-east-1,{instance},{unit},{cost},{rest}"
            )
            .unwrap();
        };
        for (id, before, until, after) in STORIES {
            let instance = if date <= day(until) { before } else { after };
            if !instance.is_empty() {
                let rest = format!(
                    "{},{id},BoxUsage:{instance},web",
                    thousandths(rate(instance))
                );
                let ec2 = "AmazonEC2,Amazon Elastic Compute Cloud";
                line(rate(instance) * 24, 24, ec2, instance, &rest);
            }
        }
        line(
            5000,
            1000,
            "AmazonSNS,Amazon Simple Notification Service",
            "",
            "0.005,topic,Requests,",
        );
    }
    text
}

/// The machines that run on a day, with their types.
fn inventory(on: &str) -> String {
    let machine = |(id, before, until, after): Story| {
        let instance = if day(on) <= day(until) { before } else { after };
        (!instance.is_empty()).then(|| {
            format!(
                "{{\"InstanceId\":\"{id}\",\"InstanceType\":\"{instance}\",\"State\":{{\"Name\":\"running\"}},\
\"PlatformDetails\":\"Linux/UNIX\",\"LaunchTime\":\"2026-01-05T00:00:00Z\",\"Placement\":{{\"AvailabilityZone\":\"us-east-1a\"}}}}"
            )
        })
    };
    let machines: Vec<String> = STORIES.into_iter().filter_map(machine).collect();
    format!(
        "{{\"Reservations\":[{{\"OwnerId\":\"7\",\"Instances\":[{}]}}]}}",
        machines.join(",")
    )
}

/// Hourly metrics of the month before a day; `busy` is what the busy machine's CPU comes to.
fn metrics(before: &str, busy: u32) -> String {
    let mut text = "resource_id,timestamp,metric,value,stat,period\n".to_owned();
    let first = day(before).checked_sub_days(chrono::Days::new(31)).unwrap();
    for date in first.iter_days().take_while(|one| *one < day(before)) {
        for hour in 0..24 {
            for (id, ..) in STORIES {
                let (cpu, bytes) = match id {
                    "i-idle" => (1, 1000),
                    "i-busy" => (busy, 90_000_000),
                    _ => (9, 90_000_000),
                };
                for (metric, value, stat) in [
                    ("CPUUtilization", cpu, "Maximum"),
                    ("mem_used_percent", 12, "Maximum"),
                    ("NetworkIn", bytes, "Sum"),
                    ("NetworkOut", bytes, "Sum"),
                ] {
                    writeln!(
                        text,
                        "{id},{date}T{hour:02}:00:00Z,{metric},{value},{stat},3600"
                    )
                    .unwrap();
                }
            }
        }
    }
    text
}

fn world() -> World {
    World::new()
        .config(CONFIG)
        .file("savings_feedback.csv", FEEDBACK)
}

/// A run on a day, over a bill up to the day before.
fn run(world: &World, today: &str, busy: u32) -> Run {
    let eve = day(today).pred_opt().unwrap().to_string();
    world.write("bills/bill.csv", bill(&eve));
    world.write("inventory/ec2.json", inventory(&eve));
    world.write("metrics/m.csv", metrics(today, busy));
    world.run(&["run", "--today", today]).code(0)
}

fn row(sheet: &Sheet, id: &str, action: &str) -> Row {
    let key = [("ResourceId", id), ("Action", action)];
    let mut found = sheet.find(&key);
    found
        .next()
        .unwrap_or_else(|| panic!("no {key:?} in {sheet:#?}"))
        .clone()
}

#[test]
fn findings_live_from_run_to_run_until_the_bill_verifies_them() {
    let world = world();
    let first = run(&world, "2026-09-10", 9);
    let ledger = first.csv("savings_ledger.csv");
    let states = |id: &str, action: &str| row(&ledger, id, action).key(["Status", "FirstSeen"]);
    for id in ["i-big", "i-loss", "i-busy", "i-gone"] {
        assert_eq!(states(id, "resize"), ["open", "2026-09-10"], "{id}");
    }
    assert_eq!(states("i-idle", "stop"), ["open", "2026-09-10"]);
    assert_eq!(states("i-kept", "resize"), ["dismissed", "2026-09-10"]);
    let kept = row(&ledger, "i-kept", "resize");
    assert_eq!(kept.get("Note"), "dismissed: needed at the end of the year");
    assert_eq!(kept.get("Team"), "web");
    let again = world.run(&["run", "--today", "2026-09-10"]).code(0);
    assert_eq!(first.csvs(), again.csvs(), "a second run of the day");

    let second = run(&world, "2026-09-24", 88);
    let ledger = second.csv("savings_ledger.csv");
    let acted =
        |id: &str, action: &str| row(&ledger, id, action).key(["Status", "ActedOn", "Realized"]);
    assert_eq!(acted("i-big", "resize"), ["acted", "2026-09-11", ""]);
    assert_eq!(acted("i-loss", "resize"), ["acted", "2026-09-21", ""]);
    assert_eq!(acted("i-idle", "stop"), ["acted", "2026-09-12", ""]);
    assert_eq!(acted("i-gone", "resize"), ["expired", "", ""]);
    assert_eq!(acted("i-busy", "resize"), ["expired", "", ""]);
    let busy = row(&ledger, "i-busy", "resize");
    assert!(
        busy.get("Seen").starts_with("no longer found: CPU"),
        "{busy:?}"
    );
    // 13 days at 9.216 less.
    assert_eq!(
        row(&ledger, "i-big", "resize").get("RealizedToDate"),
        "119.81"
    );

    let third = run(&world, "2026-11-20", 88);
    let ledger = third.csv("savings_ledger.csv");
    let columns = [
        "Status",
        "Realized",
        "VerifiedOn",
        "Month",
        "RealizedInMonth",
        "RealizedInQuarter",
    ];
    let verified = |id: &str, action: &str| row(&ledger, id, action).key(columns);
    assert_eq!(
        verified("i-big", "resize"),
        [
            "verified",
            "470.02",
            "2026-11-20",
            "2026-10",
            "285.70",
            "285.70"
        ]
    );
    assert_eq!(
        verified("i-idle", "stop"),
        [
            "verified",
            "112.89",
            "2026-11-20",
            "2026-10",
            "71.42",
            "71.42"
        ]
    );
    assert_eq!(
        verified("i-loss", "resize"),
        ["acted", "-755.71", "", "2026-10", "-571.39", "-571.39"]
    );
    third.stderr_has("USD realised in closed months of 2026-Q4");

    world.run(&["run", "--as-of", "2026-09-24"]).code(0);
    let past = std::fs::read(world.path("out/as-of-2026-09-24/savings_ledger.csv")).unwrap();
    assert_eq!(
        row(&Sheet::parse(&past), "i-big", "resize").get("Status"),
        "acted"
    );
}

#[test]
fn months_backlog_and_key_figures_say_the_same() {
    let world = world();
    let first = run(&world, "2026-09-10", 9);
    let (ledger, backlog) = (
        first.csv("savings_ledger.csv"),
        first.csv("savings_backlog.csv"),
    );
    let open = |sheet: &Sheet| -> Vec<[String; 2]> {
        let mut rows: Vec<_> = sheet
            .rows
            .iter()
            .map(|row| row.key(["ExternalId", "ResourceId"]))
            .collect();
        rows.sort();
        rows
    };
    let mut of_ledger = ledger.clone();
    of_ledger.rows.retain(|row| row.get("Status") == "open");
    assert_eq!(open(&of_ledger), open(&backlog));
    let issue = row(&backlog, "i-big", "resize");
    assert!(
        issue
            .get("Title")
            .starts_with("Resize i-big from m5.4xlarge to ")
    );
    assert_eq!(
        issue.get("Labels"),
        "finops,savings,resize,rightsizing,effort-very-low,confidence-b"
    );
    assert!(
        issue.get("Body").lines().count() > 6,
        "{}",
        issue.get("Body")
    );
    assert!(
        first
            .text("summary.md")
            .contains("savings ledger: 5 findings open")
    );

    run(&world, "2026-09-24", 88);
    let last = run(&world, "2026-11-20", 88);
    let months = last.csv("savings_realized.csv");
    let october = months
        .find(&[("Month", "2026-10"), ("Team", "web")])
        .next()
        .unwrap();
    assert_eq!(
        october.key(["Quarter", "Realized", "TrustState"]),
        ["2026-Q4", "-214.27", "closed"]
    );
    let kpis = last.csv("kpis.csv");
    let kpi = |name: &str| {
        let key = [("Month", "2026-10"), ("Kpi", name)];
        let row = kpis.find(&key).next().unwrap();
        row.get("Value").to_owned()
    };
    assert_eq!(kpi("savings realised"), "-214.27");
    assert_eq!(kpi("savings identified"), october.get("Identified"));
    assert!(kpi("optimisation rate").starts_with('-'));
    assert!(last.reports.contains_key("savings_realized.png"));
}

#[test]
fn a_mistake_in_the_feedback_is_told_with_its_place() {
    let fault = |rows: &str| {
        let world = world().bill("b.csv", bill("2026-07-02"));
        world.write("inventory/ec2.json", inventory("2026-07-02"));
        world.write("metrics/m.csv", metrics("2026-07-03", 9));
        world.write(
            "savings_feedback.csv",
            format!("ResourceId,Action,Decision,Until\n{rows}\n"),
        );
        world.run(&["run", "--today", "2026-07-03"]).code(2).stderr
    };
    let said = fault("i-1,resize,dismised,");
    assert!(
        said.contains("savings_feedback.csv:2:3") && said.contains("did you mean `dismissed`?"),
        "{said}"
    );
    assert!(fault("i-1,shrink,dismissed,").contains("`Action` \"shrink\" is no action"));
    assert!(fault(",,dismissed,").contains("names neither a resource nor an account"));
    assert!(fault("i-1,,dismissed,soon").contains("savings_feedback.csv:2:4"));
}

#[test]
fn a_damaged_memory_fails_the_reports_with_its_place() {
    let world = world();
    world.write(".cloudtally/kept/savings.json", "[{");
    world.write("bills/bill.csv", bill("2026-09-09"));
    world.write("inventory/ec2.json", inventory("2026-09-09"));
    world.write("metrics/m.csv", metrics("2026-09-10", 9));
    let run = world.run(&["run", "--today", "2026-09-10"]);
    assert_ne!(run.code, 0);
    run.stderr_has("what earlier runs kept cannot be read")
        .stderr_has("savings.json");
}

#[test]
fn the_samples_findings_are_the_ledgers_entries() {
    let (ledger, waste) = (
        sample_run().csv("savings_ledger.csv"),
        sample_run().csv("waste.csv"),
    );
    let rightsizing = sample_run().csv("rightsizing.csv");
    let counted = [("Counted", "yes")];
    let mut wanted: Vec<[String; 3]> = Vec::new();
    for row in waste.find(&counted).chain(rightsizing.find(&counted)) {
        wanted.push(row.key(["ResourceId", "Action", "MonthlySavingsHigh"]));
    }
    let entries = ledger.rows.iter();
    let mut entries: Vec<_> = entries
        .map(|row| row.key(["ResourceId", "Action", "Expected"]))
        .collect();
    wanted.sort();
    entries.sort();
    assert_eq!(entries, wanted);
    assert!(ledger.rows.iter().all(|row| row.get("Status") == "open"));
    let backlog = sample_run().csv("savings_backlog.csv");
    let mut names = backlog.column("ExternalId");
    assert_eq!(names.len(), ledger.rows.len());
    names.sort_unstable();
    names.dedup();
    assert_eq!(
        names.len(),
        ledger.rows.len(),
        "every issue has a name of its own"
    );
}

#[test]
fn the_sample_company_resizes_a_machine_between_two_runs() {
    let world = World::sample();
    let first = world.run(&["run"]).code(0);
    let (id, from, to) = ("i-0b8dddd7254870750", "m5.4xlarge", "m5.2xlarge");
    assert_eq!(
        row(&first.csv("savings_ledger.csv"), id, "resize").get("Status"),
        "open"
    );
    let path = world.path("inventory/ec2-describe-instances.json");
    let mut listed: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    for reservation in listed["Reservations"].as_array_mut().unwrap() {
        for machine in reservation["Instances"].as_array_mut().unwrap() {
            if machine["InstanceId"] == id {
                assert_eq!(machine["InstanceType"], from);
                machine["InstanceType"] = to.into();
            }
        }
    }
    std::fs::write(&path, listed.to_string()).unwrap();
    let second = world.run(&["run", "--today", "2026-11-22"]).code(0);
    let acted = row(&second.csv("savings_ledger.csv"), id, "resize");
    let columns = ["Status", "FirstSeen", "ActedOn", "Seen", "Realized"];
    let said = format!("inventory: {to} instead of {from}");
    assert_eq!(
        acted.key(columns),
        ["acted", "2026-11-21", "2026-11-22", &said, ""]
    );
}
