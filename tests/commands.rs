//! Subcommands and flags: what they print, what they leave, how they end.

use crate::golden::golden;
use crate::reports::{BILL, CONFIG};
use crate::world::World;
use std::fs;

#[test]
fn the_help_is_what_it_was() {
    let said = |args: &[&str]| World::new().run(args).code(0).stdout;
    golden("help/help.txt", &said(&["--help"]));
    golden("help/run.txt", &said(&["run", "--help"]));
    golden("help/compare.txt", &said(&["compare", "--help"]));
    golden(
        "help/series_forecast.txt",
        &said(&["series", "forecast", "--help"]),
    );
    golden(
        "help/series_score.txt",
        &said(&["series", "score", "--help"]),
    );
    for list in ["reports", "formats", "gates", "checks"] {
        golden(&format!("help/list_{list}.txt"), &said(&["list", list]));
    }
}

#[test]
fn completions_and_the_manual_are_printed() {
    for shell in ["bash", "zsh", "fish"] {
        World::new()
            .run(&["completions", shell])
            .code(0)
            .stdout_has("cloudtally");
    }
    World::new()
        .run(&["man"])
        .code(0)
        .stdout_has(".TH cloudtally");
}

#[test]
fn a_crossed_gate_ends_with_1_and_the_reports_are_written() {
    let world = World::sample();
    let args = |gate: &'static str| ["run", "--report", "kpis", "--fail-on", gate];
    let run = world
        .run(&args("tag-compliance<95"))
        .code(1)
        .stderr_has("a gate was crossed: tag-compliance<95");
    assert!(run.reports.contains_key("kpis.csv"));
    assert_eq!(run.json()["gates"][0]["crossed"], true);
    world.run(&args("tag-compliance<10")).code(0);
    world.run(&args("anomaly-impact>100")).code(1);
    world.run(&args("quarantined-rows>0")).code(0);
}

#[test]
fn only_the_named_reports_are_written() {
    let run = World::new()
        .bill("b.csv", BILL)
        .run(&[
            "run",
            "bills/b.csv",
            "--report",
            "showback",
            "--report",
            "books",
        ])
        .code(0);
    assert_eq!(
        run.csvs().into_keys().collect::<Vec<_>>(),
        ["books.csv", "showback.csv"]
    );
}

#[test]
fn only_the_named_months_are_reported() {
    let months = |args: &[&str]| {
        let run = World::new()
            .bill("b.csv", BILL)
            .config(CONFIG)
            .run(&[&["run", "--report", "cost_by_service"], args].concat())
            .code(0);
        run.csv("cost_by_service.csv").column("Month").join(" ")
    };
    assert_eq!(months(&[]), "2026-09 2026-10");
    assert_eq!(months(&["--period", "2026-09"]), "2026-09");
    assert_eq!(months(&["--period", "last-month"]), "2026-10");
    assert_eq!(
        months(&["--period", "last-month", "--today", "2026-10-05"]),
        "2026-09"
    );
}

#[test]
fn a_question_is_answered_as_csv() {
    let world = World::new().bill("b.csv", BILL).config(CONFIG);
    let sql = "SELECT ServiceName, SUM(BilledCost) AS Cost FROM focus GROUP BY ServiceName ORDER BY ServiceName";
    assert_eq!(
        world.run(&["sql", sql]).code(0).stdout,
        "ServiceName,Cost\nCompute,10.50\nStorage,12.25\n"
    );
    let count = world
        .run(&["sql", "SELECT COUNT(*) AS n FROM focus"])
        .code(0);
    assert!(count.stdout.starts_with("n\n"), "{}", count.stdout);
    let wrong = world.run(&["sql", "SELECT Servicename FROM focus"]).code(3);
    assert_eq!(wrong.stdout, "");
    golden("errors/sql_column.txt", &wrong.stderr);
    golden(
        "errors/sql_table.txt",
        &world.run(&["sql", "SELECT 1 FROM charge"]).code(3).stderr,
    );
}

#[test]
fn init_writes_what_a_run_accepts_and_never_overwrites() {
    let world = World::new().bill("b.csv", BILL);
    world.run(&["init"]).code(0);
    world.run(&["run"]).code(0);
    world.write("tags.toml", "# mine\n");
    world.run(&["init"]).code(2).stderr_has("exists already");
    assert_eq!(
        fs::read_to_string(world.path("tags.toml")).unwrap(),
        "# mine\n"
    );
}

#[test]
fn check_proves_and_writes_no_report() {
    let world = World::sample();
    world.run(&["check"]).code(0).stderr_has("all is well");
    assert!(!world.path("out").exists());
}

#[test]
fn a_second_run_in_the_same_lake_is_told_to_wait() {
    let world = World::new()
        .bill("b.csv", BILL)
        .file(".cloudtally/lock", "");
    let lock = fs::File::create(world.path(".cloudtally/lock")).unwrap();
    lock.lock().unwrap();
    let run = world.run(&["run", "bills/b.csv"]).code(75);
    golden("errors/locked.txt", &run.stderr);
    assert!(run.reports.is_empty());
    lock.unlock().unwrap();
    world.run(&["run", "bills/b.csv"]).code(0);
}

#[test]
fn stdout_is_for_data_and_stderr_can_be_read_by_programs() {
    let world = World::new().bill("b.csv", BILL);
    assert_eq!(world.run(&["run", "bills/b.csv"]).code(0).stdout, "");
    assert_eq!(
        world.run(&["run", "bills/b.csv", "--quiet"]).code(0).stderr,
        ""
    );
    let run = world
        .run(&["run", "bills/b.csv", "--log-format", "json"])
        .code(0);
    assert!(!run.stderr.is_empty());
    assert!(
        run.stderr
            .lines()
            .all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()),
        "{}",
        run.stderr
    );
}
