//! Incidents over several runs: what becomes of them, what people say about them, and what a total hides.

use crate::shared_data::shared;
use crate::sheet::{Row, Sheet};
use crate::world::World;
use chrono::NaiveDate;
use std::path::Path;

const HEADER: &str = "BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ChargeCategory,ServiceName,BillingAccountId,SubAccountId,RegionId,ResourceId\n";
const CONFIG: &str = "[[bills]]\npath = \"bills/\"\nname = \"aws\"\n";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A bill from July to this day: two machines, what each costs on a day, with a small wobble.
fn bill(to: &str, cost: impl Fn(NaiveDate, &str) -> u32) -> String {
    let days = day("2026-07-01")
        .iter_days()
        .take_while(|one| *one <= day(to));
    let mut text = HEADER.to_owned();
    for (at, date) in days.enumerate() {
        let wobble = [0, 3, 1, 4, 2][at % 5];
        for id in ["i-a", "i-b"] {
            let cost = cost(date, id) + wobble;
            text.push_str(&format!(
                "{cost},{cost},USD,{date}T00:00:00Z,Usage,Compute,1,7,eu-west-1,{id}\n"
            ));
        }
    }
    text
}

/// The first machine costs 250 more on the days from 18 to 20 October.
fn load_test(date: NaiveDate, id: &str) -> u32 {
    let on = (day("2026-10-18")..=day("2026-10-20")).contains(&date) && id == "i-a";
    if on { 300 } else { 50 }
}

/// A world whose bill ends on the day before `today`.
fn world(more: &str) -> World {
    World::new().config(&format!("{CONFIG}{more}"))
}

fn up_to(world: &World, last: &str) {
    world.write("bills/bill.csv", bill(last, load_test));
}

fn only(sheet: &Sheet) -> Row {
    assert_eq!(sheet.rows.len(), 1, "one incident in {sheet:#?}");
    sheet.rows[0].clone()
}

#[test]
fn an_incident_is_new_then_open_then_closed_and_its_first_run_is_remembered() {
    let world = world("");
    up_to(&world, "2026-10-18");
    let first = world.run(&["run", "--today", "2026-10-19"]).code(0);
    let row = only(&first.csv("anomalies.csv"));
    assert_eq!(row.key(["State", "FirstSeen"]), ["new", "2026-10-19"]);
    assert_eq!(
        row.key([
            "Kind",
            "Cause",
            "DriverDimension",
            "DriverValue",
            "TopResources"
        ]),
        ["spike", "usage", "ResourceId", "i-a", "i-a"]
    );
    let again = world.run(&["run", "--today", "2026-10-19"]).code(0);
    assert_eq!(again.text("anomalies.csv"), first.text("anomalies.csv"));

    up_to(&world, "2026-10-20");
    let second = world.run(&["run", "--today", "2026-10-21"]).code(0);
    let row = only(&second.csv("anomalies.csv"));
    assert_eq!(row.key(["State", "FirstSeen"]), ["open", "2026-10-19"]);

    up_to(&world, "2026-10-28");
    let third = world.run(&["run", "--today", "2026-10-29"]).code(0);
    let row = only(&third.csv("anomalies.csv"));
    assert_eq!(row.key(["State", "FirstSeen"]), ["closed", "2026-10-19"]);

    world.run(&["run", "--as-of", "2026-10-21"]).code(0);
    let row = only(&read(&world.path("out/as-of-2026-10-21/anomalies.csv")));
    assert_eq!(row.key(["State", "FirstSeen"]), ["open", "2026-10-19"]);
}

#[test]
fn a_damaged_memory_fails_the_report_with_its_place() {
    let world = world("");
    up_to(&world, "2026-10-18");
    world.write(".cloudtally/kept/anomalies.json", "[{");
    let run = world.run(&["run", "--today", "2026-10-19"]);
    assert_ne!(run.code, 0);
    run.stderr_has("what earlier runs kept cannot be read")
        .stderr_has("anomalies.json");
}

#[test]
fn what_people_expect_is_shown_and_crosses_no_gate() {
    let gate = [
        "run",
        "--today",
        "2026-10-19",
        "--fail-on",
        "anomaly-impact>5",
    ];
    let loud = world("");
    up_to(&loud, "2026-10-18");
    loud.run(&gate).code(1);

    let calm = world("[anomalies]\nfeedback = \"anomaly_feedback.csv\"\n").file(
        "anomaly_feedback.csv",
        "SubAccountId,ServiceName,Day,Decision,Note\n7,Compute,2026-10-18,expected,load test\n",
    );
    up_to(&calm, "2026-10-18");
    let row = only(&calm.run(&gate).code(0).csv("anomalies.csv"));
    assert_eq!(row.get("Note"), "expected: load test");
}

#[test]
fn a_mistake_in_the_feedback_is_told_with_its_place() {
    let fault = |row: &str| {
        let text = format!("SubAccountId,ServiceName,Decision,Day\n{row}\n");
        let world = world("[anomalies]\nfeedback = \"f.csv\"\n").file("f.csv", text);
        up_to(&world, "2026-07-02");
        world.run(&["run"]).code(2).stderr
    };
    assert!(fault("7,Compute,maybe,").contains("f.csv:2:3"));
    assert!(fault("7,Compute,expected,").contains("`expected` needs a day"));
    assert!(fault(",,ignore,").contains("ignore every incident"));
    assert!(fault("7,Compute,ignore,soon").contains("`Day` is no day"));
}

#[test]
fn a_planned_event_widens_what_is_expected_up_to_its_size() {
    let planned = |percent: u32| {
        let event = format!(
            "[[event]]\nname = \"Load test\"\nfirst_day = \"2026-10-18\"\nlast_day = \"2026-10-20\"\nrise_percent = {percent}\n"
        );
        let world =
            world("[anomalies]\ncalendar = \"calendar.toml\"\n").file("calendar.toml", event);
        up_to(&world, "2026-10-18");
        world.run(&["run", "--today", "2026-10-19"])
    };
    assert!(planned(300).code(0).csv("anomalies.csv").rows.is_empty());
    let row = only(&planned(50).code(0).csv("anomalies.csv"));
    assert_eq!(row.get("Note"), "beyond what was planned: Load test");
    planned(0).code(2).stderr_has("plans neither");
}

#[test]
fn a_move_that_another_hides_is_found_in_its_resource() {
    let moved = |date: NaiveDate, id: &str| {
        let on = (day("2026-10-10")..=day("2026-10-21")).contains(&date);
        match (on, id) {
            (true, "i-a") => 85,
            (true, _) => 15,
            _ => 50,
        }
    };
    let world = world("").bill("bill.csv", bill("2026-10-28", moved));
    let run = world.run(&["run", "--today", "2026-10-29"]).code(0);
    let found = run.csv("anomalies.csv");
    // Away, and back again twelve days later.
    for (row, first) in found.rows.iter().zip(["2026-10-10", "2026-10-22"]) {
        assert_eq!(
            row.key(["Kind", "FirstDay", "DriverDimension", "DriverShare"]),
            ["masked", first, "ResourceId", "100.00"]
        );
        assert!(["i-a", "i-b"].contains(&row.get("DriverValue")));
    }
    assert_eq!(found.rows.len(), 2);
}

#[test]
fn a_monthly_charge_that_stays_away_is_told() {
    let days = day("2026-03-20")
        .iter_days()
        .take_while(|one| *one <= day("2026-10-20"));
    let mut text = HEADER.to_owned();
    for date in days {
        let fee = date.to_string().ends_with("-05") && date < day("2026-10-01");
        let cost = if fee { 510 } else { 10 };
        text.push_str(&format!(
            "{cost},{cost},USD,{date}T00:00:00Z,Usage,Support,1,7,,\n"
        ));
    }
    let world = world("").bill("bill.csv", text);
    let run = world.run(&["run", "--today", "2026-10-29"]).code(0);
    let row = only(&run.csv("anomalies.csv"));
    assert_eq!(
        row.key([
            "Kind",
            "FirstDay",
            "ActualCost",
            "ExpectedCost",
            "Impact",
            "Score"
        ]),
        ["missing", "2026-10-05", "10.00", "510.00", "-500.00", ""]
    );
}

/// Labelled series of others, where they are at hand: most events are found, by total or by part.
#[test]
fn labelled_events_are_found_by_the_program() {
    let (Some(bill), Some(labels)) = (
        shared("costbench/dev/focus.csv.gz"),
        shared("costbench/dev/labels.csv"),
    ) else {
        return;
    };
    let run = World::new()
        .run(&["run", bill.to_str().unwrap(), "--today", "2026-01-01"])
        .code(0);
    let found = run.csv("anomalies.csv");
    let labels = read(&labels);
    for (masked, least) in [(false, 85), (true, 60)] {
        let events: Vec<&Row> = labels
            .rows
            .iter()
            .filter(|row| (row.get("kind") == "masked") == masked)
            .collect();
        let hits = events
            .iter()
            .filter(|event| is_found(event, &found))
            .count();
        assert!(
            hits * 100 >= events.len() * least,
            "{hits} of {} events found",
            events.len()
        );
    }
}

fn read(path: &Path) -> Sheet {
    Sheet::parse(&std::fs::read(path).unwrap())
}

fn is_found(event: &Row, found: &Sheet) -> bool {
    let series = ["SubAccountId", "ServiceName"];
    found.rows.iter().any(|row| {
        row.key(series) == event.key(series)
            && day(row.get("FirstDay")) <= day(event.get("end"))
            && day(row.get("LastDay")) >= day(event.get("start"))
    })
}
