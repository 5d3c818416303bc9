//! A run of which nothing changed publishes what is there; a run of which anything changed is made.

use crate::world::{Run, World};
use std::collections::BTreeMap;
use std::fs;

const SAID: &str = "nothing changed since the last run";

/// Every published file but those that tell of the run itself.
fn published(run: &Run) -> BTreeMap<&str, &[u8]> {
    let files = run.reports.iter();
    files
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .filter(|(name, _)| !["run.json", "metrics.prom"].contains(name))
        .collect()
}

#[track_caller]
fn assert_same(one: &Run, other: &Run) {
    let (one, other) = (published(one), published(other));
    assert_eq!(
        one.keys().collect::<Vec<_>>(),
        other.keys().collect::<Vec<_>>()
    );
    for (name, bytes) in one {
        assert!(other[name] == bytes, "{name} is another");
    }
}

/// The run as it is made where nothing is known of the one before.
fn made(world: &World, args: &[&str]) -> Run {
    fs::remove_file(world.path(".cloudtally/again.json")).unwrap();
    let run = world.run(args).code(0);
    assert!(!run.stderr.contains(SAID), "{}", run.stderr);
    run
}

#[test]
fn the_second_run_of_a_day_publishes_the_first_once_more() {
    let world = World::sample();
    let first = world.run(&["run"]).code(0);
    assert!(!first.stderr.contains(SAID));
    let again = world.run(&["run"]).code(0).stderr_has(SAID);
    assert_same(&first, &again);
    assert_same(&made(&world, &["run"]), &again);
    let (one, two) = (first.json(), again.json());
    for key in ["inputs", "reports", "books", "notes", "gates", "today"] {
        assert_eq!(one[key], two[key], "{key}");
    }
    assert_eq!(two["files_read"], 0);
    assert!(two["seconds"]["total"].as_f64().unwrap() > 0.0);
    for warning in first.stderr.lines().filter(|line| line.contains("tag_")) {
        assert!(again.stderr.contains(warning), "{warning}");
    }
}

#[test]
fn another_day_policy_or_config_is_a_run_of_its_own() {
    let world = World::sample();
    world.run(&["run"]).code(0);
    let next = ["run", "--today", "2026-11-22"];
    let changed = world.run(&next).code(0);
    assert!(!changed.stderr.contains(SAID), "{}", changed.stderr);
    assert_same(&made(&world, &next), &changed);
    for (file, more) in [
        ("tags.toml", "\n# the same rules in other words\n"),
        ("cloudtally.toml", "\n[waste]\nmin_savings = 7\n"),
    ] {
        let text = fs::read_to_string(world.path(file)).unwrap();
        if more.contains("[waste]") && text.contains("[waste]") {
            continue;
        }
        world.write(file, format!("{text}{more}"));
        let changed = world.run(&next).code(0);
        assert_same(&made(&world, &next), &changed);
    }
}

#[test]
fn a_metrics_file_that_changed_is_read() {
    let world = World::sample();
    world.run(&["run"]).code(0);
    let metrics = fs::read_dir(world.path("metrics")).unwrap().flatten();
    let metrics = metrics.map(|entry| entry.path()).min().unwrap();
    let bytes = fs::read(&metrics).unwrap();
    fs::write(&metrics, bytes).unwrap();
    let changed = world.run(&["run"]).code(0);
    assert!(!changed.stderr.contains(SAID), "{}", changed.stderr);
}

#[test]
fn a_report_that_somebody_changed_is_made_again() {
    let world = World::sample();
    let first = world.run(&["run"]).code(0);
    world.write("out/latest/cost_by_service.csv", "mine\n");
    let second = world.run(&["run"]).code(0);
    assert!(!second.stderr.contains(SAID), "{}", second.stderr);
    assert_same(&first, &second);
    fs::remove_file(world.path("out/latest/waste.csv")).unwrap();
    assert_same(&first, &world.run(&["run"]).code(0));
}

#[test]
fn a_gate_that_was_crossed_is_crossed_again() {
    let world = World::sample();
    let args = ["run", "--fail-on", "tag-compliance<100"];
    let first = world.run(&args).code(1);
    let again = world.run(&args).code(1).stderr_has(SAID);
    assert_same(&first, &again);
    let last = |run: &Run| run.stderr.lines().rev().take(2).collect::<String>();
    assert_eq!(last(&first), last(&again));
}

#[test]
fn what_the_lake_keeps_of_the_last_run_may_be_damaged() {
    let world = World::sample();
    let first = world.run(&["run"]).code(0);
    world.write(".cloudtally/again.json", "{ \"inputs\": 1");
    assert_same(&first, &world.run(&["run"]).code(0));
    world.run(&["run"]).code(0).stderr_has(SAID);
}
