//! The public face: names of columns, exact tables of the sample, texts of the help, own reports, gates.

use crate::golden::golden;
use crate::sheet::Sheet;
use crate::world::{World, sample_run};
use std::fs;

/// What users script against: these columns, in this order; more may stand between and after them.
const COLUMNS: &[(&str, &str)] = &[
    (
        "cost_by_service",
        "Month, ProviderName, ServiceCategory, ServiceName, BilledCost, EffectiveCost, ListCost, BillingCurrency, Share",
    ),
    (
        "cost_by_account",
        "Month, SubAccountId, BilledCost, EffectiveCost, BillingCurrency, Share, ChangeFromPrevious",
    ),
    (
        "cost_by_environment",
        "Month, Environment, BilledCost, EffectiveCost, BillingCurrency, Share, ChangeFromPrevious",
    ),
    (
        "cost_by_team",
        "Month, Team, BilledCost, EffectiveCost, BillingCurrency, Share, ChangeFromPrevious",
    ),
    (
        "tag_compliance",
        "Month, Scope, ScopeValue, Tag, Resources, CompliantResources, TaggableCost, ValidCost, InvalidCost, MissingCost, UntaggableCost, CompliancePct, CostCompliancePct, TargetPct, BillingCurrency",
    ),
    (
        "tag_violations",
        "ResourceId, SubAccountId, ServiceName, RegionId, Tag, Kind, Value, Suggestion, SuggestionBasis, MonthCost, BillingCurrency",
    ),
    (
        "showback",
        "Month, CostCenter, ServiceName, DirectCost, SharedCost, TotalCost, BillingCurrency, TrustState",
    ),
    (
        "anomaly_scores",
        "Day, SubAccountId, ServiceName, Actual, Expected, Lower, Upper, Score, Mature, BillingCurrency",
    ),
    (
        "anomalies",
        "FirstDay, LastDay, SubAccountId, ServiceName, Kind, Severity, Score, ActualCost, ExpectedCost, Impact, ImpactPct, Cause, DriverDimension, DriverValue, DriverShare, BillingCurrency",
    ),
    (
        "rightsizing",
        "Rank, ResourceId, SubAccountId, RegionId, Team, CurrentType, RecommendedType, Action, CpuP95, CpuP995, MemoryMax, ProjectedCpuP995, ProjectedMemoryMax, Risk, Effort, Confidence, MonthlySavingsLow, MonthlySavingsHigh, BillingCurrency, Reason",
    ),
    ("rightsizing_skipped", "ResourceId, CurrentType, Reason"),
    (
        "commitments",
        "Month, CommitmentDiscountId, Type, Category, Utilization, Coverage, UnusedCost, SavingsVsOnDemand, ExpiresOn, BillingCurrency",
    ),
    (
        "kpis",
        "Month, Kpi, Value, Unit, Target, Status, Definition",
    ),
    (
        "books",
        "Source, BillingPeriod, BillingCurrency, Column, Stage, Rows, Amount, Difference",
    ),
    (
        "quarantine",
        "File, Line, Column, Reason, Text, Amount, BillingCurrency",
    ),
];

#[test]
fn every_table_has_the_promised_columns_in_their_order() {
    let faults: Vec<String> = COLUMNS
        .iter()
        .filter_map(|(report, columns)| {
            let mut header = sample_run()
                .csv(&format!("{report}.csv"))
                .columns
                .into_iter();
            let lost = columns
                .split(", ")
                .find(|wanted| !header.any(|column| column == *wanted))?;
            Some(format!(
                "{report}.csv: `{lost}` is not there, or not in its place"
            ))
        })
        .collect();
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn every_column_has_a_stated_meaning() {
    for (report, _) in COLUMNS {
        let path = format!("{}/reports/{report}.toml", env!("CARGO_MANIFEST_DIR"));
        let definition: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
        let meanings = definition["column"].as_array().unwrap();
        let named: Vec<&str> = meanings
            .iter()
            .map(|column| column["name"].as_str().unwrap())
            .collect();
        assert_eq!(
            named,
            sample_run().csv(&format!("{report}.csv")).columns,
            "{report}"
        );
    }
}

#[test]
fn the_tables_of_the_sample_are_what_they_were() {
    for report in [
        "cost_by_service",
        "cost_by_team",
        "showback",
        "anomalies",
        "rightsizing",
        "tag_violations",
        "commitments",
        "kpis",
        "books",
    ] {
        let name = format!("{report}.csv");
        golden(&format!("reports/{name}"), sample_run().text(&name));
    }
    golden("reports/summary.md", sample_run().text("summary.md"));
}

#[test]
fn the_help_is_what_it_was() {
    let said = |args: &[&str]| World::new().run(args).code(0).stdout;
    golden("help/help.txt", &said(&["--help"]));
    golden("help/run.txt", &said(&["run", "--help"]));
    for list in ["reports", "formats", "gates"] {
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

const BILL: &str = "\
BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,SubAccountId,Tags
10.50,USD,2026-09-01T00:00:00Z,Compute,7,\"{\"\"team\"\":\"\"web\"\"}\"
12.25,USD,2026-10-02T00:00:00Z,Storage,8,
";
const OWN_REPORT: &str = "title = \"Dearest\"\naudience = \"me\"\nabout = \"Services.\"\n\
    column = [{ name = \"ServiceName\", unit = \"text\", about = \"Service\" }, { name = \"BilledCost\", unit = \"money\", about = \"Cost\" }]\n";
const CONFIG: &str =
    "today = \"2026-11-21\"\n[[bills]]\npath = \"bills/\"\n[reports]\ndir = \"mine\"\n";

/// A world with a report of its own, made by this query.
fn with_report(sql: &str) -> World {
    World::new()
        .bill("b.csv", BILL)
        .config(CONFIG)
        .file("mine/dearest.toml", OWN_REPORT)
        .file("mine/dearest.sql", sql)
}

#[test]
fn a_report_of_ones_own_is_two_files() {
    let sql = "SELECT ServiceName, SUM(BilledCost) AS BilledCost FROM charges_daily GROUP BY ServiceName ORDER BY BilledCost DESC";
    let run = with_report(sql).run(&["run"]).code(0);
    assert_eq!(
        run.text("dearest.csv"),
        "ServiceName,BilledCost\nStorage,12.25\nCompute,10.50\n"
    );
    assert!(run.text("index.html").contains("Dearest"));
}

#[test]
fn a_broken_report_of_ones_own_is_told_and_the_others_are_written() {
    let run = with_report("SELECT ServiceNam,\n  BilledCots FROM charges_daily ORDER BY 1")
        .run(&["run"])
        .code(5);
    assert!(
        run.reports.contains_key("cost_by_service.csv") && !run.reports.contains_key("dearest.csv")
    );
    golden("errors/own_report.txt", &run.stderr);
    let states = run.json()["reports"].as_array().unwrap().clone();
    let failed: Vec<_> = states
        .iter()
        .filter(|report| report["state"] == "failed")
        .collect();
    assert_eq!((failed.len(), &failed[0]["name"]), (1, &"dearest".into()));
    run.stderr_has("did you mean `ServiceName`?")
        .stderr_has("mine/dearest.sql:1:8");
}

#[test]
fn a_report_of_ones_own_with_an_unknown_key_stops_the_run_before_it_reads() {
    let world =
        with_report("SELECT 1").file("mine/dearest.toml", format!("{OWN_REPORT}tilte = \"x\"\n"));
    let run = world
        .run(&["run"])
        .code(2)
        .stderr_has("mine/dearest.toml:5:1")
        .stderr_has("did you mean `title`?");
    assert!(run.reports.is_empty());
}

#[test]
fn an_ejected_report_replaces_the_house_s() {
    let world = World::new().bill("b.csv", BILL).config(CONFIG);
    world
        .run(&["init", "mine", "--eject", "cost_by_service"])
        .code(0);
    let path = world.path("mine/cost_by_service.sql");
    let sql = fs::read_to_string(&path).unwrap().replace(
        "FROM charges_daily",
        "FROM charges_daily WHERE ServiceName = 'Compute'",
    );
    let same = world.run(&["run"]).code(0);
    fs::write(&path, sql).unwrap();
    let definition = fs::read_to_string(world.path("mine/cost_by_service.toml")).unwrap();
    world.write(
        "mine/cost_by_service.toml",
        definition.replace("covers = ", "# covers = "),
    );
    let own = world.run(&["run"]).code(0);
    assert_eq!(
        same.csv("cost_by_service.csv").column("ServiceName"),
        ["Compute", "Storage"]
    );
    assert_eq!(
        own.csv("cost_by_service.csv").column("ServiceName"),
        ["Compute"]
    );
}

/// A report that says it covers the bill and leaves out what this condition leaves out.
fn losing(condition: &str) -> World {
    let columns = "x_BillingMonth AS Month, ServiceName, BilledCost, BillingCurrency";
    let sql = format!(
        "SELECT {columns} FROM charges_daily WHERE {condition} ORDER BY Month, ServiceName"
    );
    let world = with_report(&sql).bill("more.csv", BILL.replace("Compute", "Network"));
    world.file(
        "mine/dearest.toml",
        format!("covers = [\"BilledCost\"]\n{OWN_REPORT}"),
    )
}

#[test]
fn a_report_that_loses_charges_of_a_month_it_claims_to_cover_publishes_nothing() {
    losing("ServiceName <> ''").run(&["run"]).code(0);
    let run = losing("ServiceName <> 'Network'").run(&["run"]).code(3);
    golden("errors/books.txt", &run.stderr);
    assert!(run.reports.is_empty());
}

#[test]
fn a_report_that_loses_a_whole_month_it_claims_to_cover_publishes_nothing() {
    let run = losing("x_BillingMonth <> '2026-10'")
        .run(&["run"])
        .code(3)
        .stderr_has("the books do not close");
    assert!(run.reports.is_empty());
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

#[test]
fn run_json_names_its_inputs_and_their_totals() {
    let run = World::new()
        .bill("b.csv", BILL)
        .run(&["run", "bills/b.csv", "--today", "2026-11-21"])
        .code(0);
    let json = run.json();
    let input = &json["inputs"][0];
    assert_eq!(
        (&json["today"], &input["format"], &input["rows"]),
        (&"2026-11-21".into(), &"focus".into(), &2.into())
    );
    assert_eq!(input["size"], BILL.len());
    assert_eq!(input["control_totals"][1]["sums"][0], "12.25");
    assert_eq!(input["sha256"].as_str().unwrap().len(), 64);
    let tables = json["reports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|report| report["csv"].as_str().unwrap().to_owned());
    assert!(
        tables
            .map(|csv| Sheet::parse(run.bytes(&csv)))
            .all(|sheet| !sheet.columns.is_empty())
    );
}
