//! What is planted in the sample company: every anomaly, machine, commitment and violation is found, and
//! nothing that was not planted.

use crate::exact::pico;
use crate::sample::{SOURCES, alone, group, list, text, totals};
use crate::sheet::Row;
use crate::world::sample_run;
use chrono::NaiveDate;
use std::collections::BTreeMap;
use toml::Table;

#[test]
fn every_planted_anomaly_is_found_and_nothing_else() {
    let (totals, anomalies) = (totals(), sample_run().csv("anomalies.csv"));
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let is = |row: &Row, planted: &Table| {
        let near = (day(row.get("FirstDay")) - day(text(planted, "first_day")))
            .num_days()
            .abs()
            <= 1;
        near && row.key(["SubAccountId", "ServiceName", "Kind"])
            == ["account", "service", "kind"].map(|name| text(planted, name).to_owned())
    };
    let planted = list(&totals, "anomaly");
    for one in &planted {
        assert!(
            anomalies.rows.iter().any(|row| is(row, one)),
            "not found: {one:?}\nin {anomalies:#?}"
        );
    }
    for row in &anomalies.rows {
        assert!(
            planted.iter().any(|one| is(row, one)),
            "a false alarm: {row:?}"
        );
    }
    for quiet in &list(&totals, "quiet") {
        let series = [
            ("SubAccountId", text(quiet, "account")),
            ("ServiceName", text(quiet, "service")),
        ];
        assert_eq!(anomalies.find(&series).count(), 0, "an alert on {series:?}");
    }
}

#[test]
fn the_newest_days_are_still_filling_up() {
    let scores = sample_run().csv("anomaly_scores.csv");
    for day in totals()["incomplete_days"].as_array().unwrap() {
        let day = day.as_str().unwrap();
        assert!(scores.find(&[("Day", day)]).count() > 0, "{day} is scored");
        assert!(
            scores
                .find(&[("Day", day), ("Mature", "true")])
                .next()
                .is_none(),
            "{day} is not mature"
        );
    }
}

#[test]
fn every_oversized_and_idle_resource_is_found_and_no_other() {
    let (found, skipped) = (
        sample_run().csv("rightsizing.csv"),
        sample_run().csv("rightsizing_skipped.csv"),
    );
    let mut wanted: Vec<[&str; 2]> = Vec::new();
    let machines = list(&totals(), "machine");
    for machine in &machines {
        let (id, finding) = (text(machine, "resource_id"), text(machine, "finding"));
        match finding {
            "oversized" | "idle" => wanted.push([id, text(machine, "action")]),
            _ => assert_eq!(
                skipped.find(&[("ResourceId", id)]).count(),
                1,
                "{finding} machine {id}: looked at, with a reason"
            ),
        }
    }
    let sizes = list(&totals(), "size");
    for size in &sizes {
        let (id, kind) = (text(size, "resource_id"), text(size, "kind"));
        let key = [("ResourceId", id), ("Kind", kind)];
        if text(size, "finding") == "oversized" {
            wanted.push([id, text(size, "action")]);
            let row = found.find(&key).next();
            let row = row.unwrap_or_else(|| panic!("{id} is not found: {skipped:#?}"));
            assert_eq!(row.get("RecommendedType"), text(size, "becomes"), "{row:?}");
        } else {
            let reasons: Vec<&str> = skipped.find(&key).map(|row| row.get("Reason")).collect();
            assert_eq!(
                reasons.len(),
                1,
                "healthy {kind} {id}: looked at, with a reason"
            );
        }
    }
    wanted.sort_unstable();
    let mut actions: Vec<[&str; 2]> = found
        .rows
        .iter()
        .map(|row| [row.get("ResourceId"), row.get("Action")])
        .collect();
    actions.sort_unstable();
    assert_eq!(actions, wanted);
}

#[test]
fn what_commitments_leave_unused_is_known() {
    let commitments = sample_run().csv("commitments.csv");
    for bill in list(&totals(), "bill")
        .iter()
        .filter(|bill| text(bill, "source") == "aws")
    {
        for (known, kind) in [
            ("unused_savings_plan", "Savings Plan"),
            ("unused_reservation", "Reserved Instance"),
        ] {
            let key = [("Month", text(bill, "month")), ("Type", kind)];
            let unused: i128 = commitments
                .find(&key)
                .map(|row| pico(row.get("UnusedCost")))
                .sum();
            assert_eq!(unused, pico(text(bill, known)), "{key:?}");
        }
    }
}

#[test]
fn the_money_behind_every_tag_standing_is_exact() {
    let totals = totals();
    for (folder, _) in SOURCES {
        let compliance = alone(folder).csv("tag_compliance.csv");
        for bill in list(&totals, "bill")
            .iter()
            .filter(|bill| text(bill, "source") == folder)
        {
            let key = [
                ("Month", text(bill, "month")),
                ("Scope", "overall"),
                ("Tag", "CostCenter"),
            ];
            let line = compliance
                .find(&key)
                .next()
                .unwrap_or_else(|| panic!("no line {key:?}"));
            let known = group(bill, "cost_center", "effective");
            for (standing, column) in [
                ("valid", "ValidCost"),
                ("invalid", "InvalidCost"),
                ("missing", "MissingCost"),
                ("untaggable", "UntaggableCost"),
            ] {
                let wanted = known.get(standing).copied().unwrap_or_default();
                assert_eq!(pico(line.get(column)), wanted, "{folder} {key:?} {column}");
            }
        }
    }
}

/// A value that only its spelling keeps from being allowed may be listed as `variant`, with what was meant.
fn lists(row: &Row, planted: &Table) -> bool {
    let same = row.key(["ResourceId", "SubAccountId", "ServiceName", "Tag"])
        == ["resource_id", "account", "service", "tag"].map(|name| text(planted, name).to_owned());
    let (kind, value) = (row.get("Kind"), text(planted, "value"));
    same && match text(planted, "kind") {
        "invalid" => {
            row.get("Value") == value
                && (kind == "invalid" || (kind == "variant" && !row.get("Suggestion").is_empty()))
        }
        "variant" => kind == "variant" && row.get("Value").starts_with(&format!("{value}=")),
        "forbidden" => kind == "forbidden" && !row.get("Value").contains(value),
        planted => kind == planted,
    }
}

/// The planted violations that none of these rows lists.
fn lost(rows: &[Row]) -> Vec<String> {
    let lost = list(&totals(), "violation")
        .into_iter()
        .filter(|one| !rows.iter().any(|row| lists(row, one)));
    lost.map(|one| {
        ["account", "resource_id", "tag", "kind", "last_month"]
            .map(|name| text(&one, name))
            .join(" ")
    })
    .collect()
}

#[test]
fn every_planted_violation_is_listed_where_its_bill_is_read_alone() {
    let rows: Vec<Row> = SOURCES
        .iter()
        .flat_map(|(folder, _)| alone(folder).csv("tag_violations.csv").rows)
        .collect();
    assert_eq!(lost(&rows), Vec::<String>::new());
}

#[test]
fn every_planted_violation_is_listed_where_all_bills_are_read() {
    assert_eq!(
        lost(&sample_run().csv("tag_violations.csv").rows),
        Vec::<String>::new()
    );
}

#[test]
fn no_violation_is_invented() {
    let planted = list(&totals(), "violation");
    for row in &sample_run().csv("tag_violations.csv").rows {
        assert!(planted.iter().any(|one| lists(row, one)), "{row:?}");
    }
}

#[test]
fn every_planted_waste_is_found_and_nothing_else() {
    let waste = sample_run().csv("waste.csv");
    let is_commitment = |row: &&Row| row.get("Check") == "unused-commitment";
    let mut found: Vec<[String; 3]> = waste
        .rows
        .iter()
        .filter(|row| !is_commitment(row))
        .map(|row| row.key(["Check", "SubAccountId", "ResourceId"]))
        .collect();
    let key =
        |one: &Table| ["check", "account", "resource_id"].map(|name| text(one, name).to_owned());
    let mut planted: Vec<[String; 3]> = list(&totals(), "waste").iter().map(key).collect();
    found.sort();
    planted.sort();
    assert_eq!(found, planted);
    let mut unused: Vec<&str> = waste
        .rows
        .iter()
        .filter(is_commitment)
        .map(|row| row.get("MonthlySavingsHigh"))
        .collect();
    unused.sort_unstable();
    assert_eq!(
        unused,
        ["113.31", "64.78"],
        "October's unused commitments, to the cent"
    );
}

#[test]
fn what_can_be_saved_on_a_resource_never_exceeds_what_it_costs() {
    let mut saved: BTreeMap<String, (i128, i128)> = BTreeMap::new();
    let waste = sample_run().csv("waste.csv");
    for row in waste.find(&[("Counted", "yes")]) {
        let (low, high, cost) = ("MonthlySavingsLow", "MonthlySavingsHigh", "MonthlyCost");
        let [low, high, cost] = [low, high, cost].map(|name| pico(row.get(name)));
        assert!(0 <= low && low <= high && high <= cost, "{row:?}");
        let sum = saved.entry(row.get("ResourceId").to_owned()).or_default();
        *sum = (sum.0 + high, sum.1 + cost);
    }
    let rightsizing = sample_run().csv("rightsizing.csv");
    for row in rightsizing.find(&[("Counted", "yes")]) {
        assert!(
            !saved.contains_key(row.get("ResourceId")),
            "counted twice: {row:?}"
        );
    }
    let twice = ["ResourceId", "Check"];
    let of_volume = waste
        .rows
        .iter()
        .filter(|row| row.get("Check") == "unattached-disk");
    for row in of_volume {
        let other = [(twice[0], row.get(twice[0])), (twice[1], "ebs-gp2")];
        assert!(waste.find(&other).all(|gp2| gp2.get("Counted") == "no"));
    }
}
