//! What the lake remembers: restated months, earlier runs, how long, and that a failed run leaves no trace.

use crate::golden::golden;
use crate::world::{Run, World};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const HEADER: &str = "BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ServiceName,BillingAccountId,SubAccountId\n";
const CONFIG: &str = "[[bills]]\npath = \"bills/\"\nname = \"aws\"\n";
const SEPTEMBER: &str = "\
10,8,USD,2026-09-01T00:00:00Z,Compute,1,7
2.5,2.5,USD,2026-09-02T00:00:00Z,Storage,1,7
1,1,USD,2026-09-03T00:00:00Z,Queue,1,7
";
/// September as a provider corrects it: dearer, spread otherwise, one service gone, one new.
const CORRECTED: &str = "\
22.34,8,USD,2026-09-01T00:00:00Z,Compute,1,7
2.5,2,USD,2026-09-02T00:00:00Z,Storage,1,7
0.25,0.25,EUR,2026-09-05T00:00:00Z,Tax,1,7
";
const NOVEMBER: &str = "3,3,USD,2026-11-02T00:00:00Z,Compute,1,7\n";

fn world() -> World {
    World::new()
        .config(CONFIG)
        .bill("2026-09.csv", format!("{HEADER}{SEPTEMBER}"))
        .bill("2026-11.csv", format!("{HEADER}{NOVEMBER}"))
}

fn september(world: &World, rows: &str) {
    world.write("bills/2026-09.csv", format!("{HEADER}{rows}"));
}

fn run(world: &World, today: &str) -> Run {
    world.run(&["run", "--today", today]).code(0)
}

/// Every file below a folder, by its path in it.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

/// What the next run sees of a lake.
fn remembered(world: &World) -> BTreeMap<String, Vec<u8>> {
    let mut files = tree(&world.path(".cloudtally"));
    files.retain(|name, _| name.starts_with("sources/") || name.starts_with("runs/"));
    files
}

fn parts(world: &World) -> usize {
    tree(&world.path(".cloudtally/parts")).len()
}

#[test]
fn a_restated_month_is_told_by_service_against_the_day_before() {
    let world = world();
    let first = run(&world, "2026-11-20");
    assert!(first.csv("restatements.csv").rows.is_empty());
    september(&world, CORRECTED);
    world.write("bills/2026-11.csv", format!("{HEADER}{NOVEMBER}{NOVEMBER}"));
    let second = run(&world, "2026-11-21")
        .stderr_has("2026-09 of aws restated: +11.34 USD since the run of 2026-11-20")
        .stderr_has("2026-09 of aws restated: +0.25 EUR since the run of 2026-11-20");
    assert_eq!(
        second.text("restatements.csv"),
        "Source,BillingPeriod,ServiceName,PreviousAmount,CurrentAmount,Difference,PreviousRun,BillingCurrency,PreviousEffectiveCost,CurrentEffectiveCost,TrustState\n\
         aws,2026-09,Tax,0.00,0.25,0.25,2026-11-20,EUR,0.00,0.25,closed\n\
         aws,2026-09,Compute,10.00,22.34,12.34,2026-11-20,USD,8.00,8.00,closed\n\
         aws,2026-09,Queue,1.00,0.00,-1.00,2026-11-20,USD,1.00,0.00,closed\n\
         aws,2026-09,Storage,2.50,2.50,0.00,2026-11-20,USD,2.50,2.00,closed\n"
    );
    let third = run(&world, "2026-11-22");
    assert!(third.csv("restatements.csv").rows.is_empty());
}

#[test]
fn a_second_run_of_the_day_writes_the_same_bytes() {
    let world = world();
    run(&world, "2026-11-20");
    september(&world, CORRECTED);
    let first = run(&world, "2026-11-21");
    let kept = remembered(&world);
    let second = run(&world, "2026-11-21").stderr_has("no line item was read");
    assert_eq!(first.csvs(), second.csvs());
    assert_eq!(kept, remembered(&world));
    assert_eq!(second.csv("restatements.csv").rows.len(), 4);
}

/// A provider that restates a month and writes the same amounts again has changed nothing.
#[test]
fn a_month_that_is_written_anew_with_the_same_amounts_is_not_restated() {
    let world = world();
    run(&world, "2026-11-20");
    let mut lines: Vec<&str> = SEPTEMBER.lines().collect();
    lines.reverse();
    september(&world, &format!("{}\n", lines.join("\n")));
    let again = run(&world, "2026-11-21").stderr_has("1 of 2 files read");
    assert!(again.csv("restatements.csv").rows.is_empty());
}

#[test]
fn a_month_that_ran_on_the_day_before_or_is_new_is_not_restated() {
    let world = world();
    run(&world, "2026-09-30");
    september(&world, CORRECTED);
    let october = "5,5,USD,2026-08-02T00:00:00Z,Compute,1,7\n";
    world.write("bills/2026-08.csv", format!("{HEADER}{october}"));
    let next = run(&world, "2026-10-01");
    assert!(next.csv("restatements.csv").rows.is_empty());
    september(&world, SEPTEMBER);
    assert_eq!(
        run(&world, "2026-10-02").csv("restatements.csv").rows.len(),
        4
    );
}

#[test]
fn an_earlier_run_is_reproduced_byte_for_byte_without_its_bills() {
    let world = world();
    run(&world, "2026-11-19");
    september(&world, CORRECTED);
    let original = run(&world, "2026-11-20");
    september(&world, SEPTEMBER);
    run(&world, "2026-11-21");
    fs::remove_dir_all(world.path("bills")).unwrap();
    let lake = remembered(&world);
    world
        .run(&["run", "--as-of", "2026-11-20"])
        .code(0)
        .stderr_has("no bill was looked at");
    let mut again = tree(&world.path("out/as-of-2026-11-20"));
    let mut wanted = original.reports.clone();
    for about_the_run in ["run.json", "metrics.prom"] {
        assert!(again.remove(about_the_run).is_some());
        wanted.remove(about_the_run);
    }
    let names: Vec<_> = wanted.keys().collect();
    assert_eq!(again.keys().collect::<Vec<_>>(), names);
    for (name, bytes) in &wanted {
        assert!(again[name] == *bytes, "{name} differs");
    }
    assert_eq!(original.csv("restatements.csv").rows.len(), 4);
    let latest = world.path("out/latest").canonicalize().unwrap();
    assert!(latest.ends_with("2026-11-21"));
    assert_eq!(lake, remembered(&world));
}

#[test]
fn an_earlier_run_can_be_asked() {
    let world = world();
    run(&world, "2026-11-20");
    september(&world, CORRECTED);
    run(&world, "2026-11-21");
    let sql = "SELECT SUM(BilledCost) AS Cost FROM focus WHERE BillingCurrency = 'USD'";
    for (day, cost) in [("2026-11-20", "16.50"), ("2026-11-21", "27.84")] {
        let said = world.run(&["sql", sql, "--as-of", day]).code(0).stdout;
        assert_eq!(said, format!("Cost\n{cost}\n"));
    }
}

#[test]
fn a_run_that_is_not_kept_is_told_its_neighbours() {
    let world = world();
    let none = world.run(&["run", "--as-of", "2026-11-19"]).code(2);
    golden("errors/as_of_none.txt", &none.stderr);
    run(&world, "2026-11-18");
    run(&world, "2026-11-20");
    let unknown = world.run(&["run", "--as-of", "2026-11-19"]).code(2);
    golden("errors/as_of.txt", &unknown.stderr);
    world.write(".cloudtally/runs/2026-11-18.json", "{");
    world
        .run(&["run", "--as-of", "2026-11-18"])
        .code(3)
        .stderr_has("cannot be read");
    let both = world.run(&["run", "bills/", "--as-of", "2026-11-20"]);
    both.code(2).stderr_has("cannot be used with");
    assert!(!world.path("out/as-of-2026-11-19").exists());
}

#[test]
fn history_is_bounded_and_what_it_no_longer_names_is_gone() {
    let world = world().config(&format!("{CONFIG}[lake]\nhistory_months = 2\n"));
    run(&world, "2026-11-20");
    assert_eq!(parts(&world), 2);
    september(&world, CORRECTED);
    run(&world, "2026-11-21").stderr_has("restated");
    assert_eq!(parts(&world), 3);
    world.write(
        ".cloudtally/parts/left/over.parquet",
        "of a run that broke off",
    );
    // Out of reach: the run of the 20th. The newest run before today stays whatever its age.
    september(&world, "9,9,USD,2026-09-01T00:00:00Z,Compute,1,7\n");
    let late = run(&world, "2027-02-01").stderr_has("lake: 1 replaced export");
    assert_eq!(
        late.csv("restatements.csv").column("PreviousRun")[0],
        "2026-11-21"
    );
    assert_eq!(parts(&world), 3);
    world.run(&["run", "--as-of", "2026-11-20"]).code(2);
    world.run(&["run", "--as-of", "2026-11-21"]).code(0);
    // Nothing was read, and still the replaced version is past now.
    run(&world, "2027-02-02").stderr_has("lake: 1 replaced export");
    assert_eq!(parts(&world), 2);
    assert_eq!(tree(&world.path(".cloudtally/inputs")).len(), 2);
    world.run(&["run", "--as-of", "2026-11-21"]).code(2);
    world.run(&["run", "--as-of", "2027-02-01"]).code(0);
    run(&world, "2027-02-02").stderr_has("no line item was read");
}

#[test]
fn a_failed_run_leaves_the_lake_and_the_reports_as_they_were() {
    let world = world();
    let good = run(&world, "2026-11-20");
    let lake = remembered(&world);
    september(&world, CORRECTED);
    world.write("other/2026-09.csv", format!("{HEADER}{SEPTEMBER}"));
    let other = "[[bills]]\npath = \"other/\"\nname = \"other\"\n";
    world.write("cloudtally.toml", format!("{CONFIG}{other}"));
    let failed = world.run(&["run", "--today", "2026-11-21"]).code(3);
    assert!(failed.stderr.contains("in two bills"), "{}", failed.stderr);
    assert_eq!(lake, remembered(&world));
    assert_eq!(failed.reports, good.reports);
    // What it saw is not history: the file is put back, and nothing was ever restated.
    world.write("cloudtally.toml", CONFIG);
    september(&world, SEPTEMBER);
    let next = run(&world, "2026-11-22");
    assert!(next.csv("restatements.csv").rows.is_empty());
}

/// Reports are published first and the lake is told after: whatever lies between, doing it again ends the same.
#[test]
fn a_run_that_broke_off_after_it_was_published_ends_the_same_when_done_again() {
    let world = world();
    run(&world, "2026-11-20");
    let before = remembered(&world);
    september(&world, CORRECTED);
    let whole = run(&world, "2026-11-21");
    let after = remembered(&world);
    for told in ["sources/aws/2026-09.json", "runs/2026-11-21.json"] {
        let path = format!(".cloudtally/{told}");
        match before.get(told) {
            Some(bytes) => world.write(&path, bytes),
            None => fs::remove_file(world.path(&path)).unwrap(),
        }
    }
    world.write(".cloudtally/sources/aws/2026-09.json.new", "{\"half\": ");
    world.write(".cloudtally/tmp/scratch/half.parquet", "PAR1");
    let again = run(&world, "2026-11-21");
    assert_eq!(again.csvs(), whole.csvs());
    assert_eq!(again.csv("restatements.csv").rows.len(), 4);
    assert_eq!(remembered(&world), after);
    assert!(tree(&world.path(".cloudtally/tmp")).is_empty());
}

#[test]
fn neither_check_nor_a_question_changes_what_the_lake_holds() {
    let world = world();
    run(&world, "2026-11-20");
    let lake = remembered(&world);
    september(&world, CORRECTED);
    world.run(&["check", "--today", "2026-11-21"]).code(0);
    let sql = "SELECT SUM(BilledCost) AS Cost FROM focus";
    world.run(&["sql", sql]).code(0);
    assert_eq!(lake, remembered(&world));
}

#[test]
fn a_month_replaced_twice_is_the_month_replaced_once() {
    let twice = world();
    run(&twice, "2026-11-19");
    september(&twice, "7,7,USD,2026-09-01T00:00:00Z,Compute,1,7\n");
    run(&twice, "2026-11-20");
    september(&twice, CORRECTED);
    let twice_run = run(&twice, "2026-11-21");
    let once = world();
    september(&once, CORRECTED);
    let once_run = run(&once, "2026-11-21");
    let (mut a, mut b) = (twice_run.csvs(), once_run.csvs());
    assert!(a.remove("restatements.csv") != b.remove("restatements.csv"));
    assert_eq!(a, b);
    let manifests = |world: &World| tree(&world.path(".cloudtally/sources"));
    assert_eq!(manifests(&twice), manifests(&once));
}

/// The month before is always looked at again, even where a copy has the size and the time of what it replaces.
#[cfg(unix)]
#[test]
fn an_old_month_is_looked_at_again_whatever_its_time_of_change_says() {
    let world = world();
    let path = world.path("bills/2026-09.csv");
    run(&world, "2026-11-20");
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    september(&world, &SEPTEMBER.replace("10,8", "11,8"));
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(time).unwrap();
    run(&world, "2026-11-21")
        .stderr_has("1 of 2 files read")
        .stderr_has("2026-09 of aws restated: +1.00 USD");
}

/// A file without a single charge is remembered too, or it would be read every night.
#[test]
fn a_file_without_charges_is_read_once() {
    let config = format!("{CONFIG}[quarantine]\nmax_percent = 50.0\n");
    let world = world().config(&config);
    world.write(
        "bills/bad.csv",
        format!("{HEADER}x,1,USD,2026-11-03T00:00:00Z,A,1,7\n"),
    );
    run(&world, "2026-11-20");
    september(&world, CORRECTED);
    run(&world, "2026-11-21").stderr_has("1 of 3 files read");
    let third = run(&world, "2026-11-22").stderr_has("3 files unchanged");
    assert_eq!(third.csv("quarantine.csv").rows.len(), 1);
}

#[test]
fn every_period_says_how_far_it_can_be_trusted_and_why() {
    let world = world();
    let told = |today: &str| run(&world, today).text("periods.csv").to_owned();
    assert_eq!(
        told("2026-11-21"),
        "Source,BillingPeriod,TrustState,Reason,Rows,FirstChargeDay,LastChargeDay\n\
         aws,2026-09,closed,Over since 2026-10-01; the 15 days for corrections are past,3,2026-09-01,2026-09-03\n\
         aws,2026-11,open,The month runs until 2026-11-30,1,2026-11-02,2026-11-02\n"
    );
    assert!(told("2026-12-01").contains(
        "2026-11,provisional,Over since 2026-12-01; the provider may correct it until 2026-12-15"
    ));
    let config = format!("{CONFIG}[periods]\nclosed_after_days = 0\n");
    world.write("cloudtally.toml", config);
    let sooner = run(&world, "2026-12-01");
    assert!(sooner.text("periods.csv").contains("2026-11,closed"));
    assert_eq!(
        sooner
            .csv("showback.csv")
            .find(&[("TrustState", "closed")])
            .count(),
        4
    );
    let periods = sooner.json()["periods"].as_array().unwrap().clone();
    assert!(
        periods
            .iter()
            .all(|period| period["state"] == "closed" && period["files"] == 1)
    );
}

/// AWS fills the invoice id in once a month is final; a month that lacks it is not, whatever its age.
#[test]
fn a_month_without_invoices_is_provisional_where_others_have_them() {
    let header = "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,InvoiceId\n";
    let rows = "1,USD,2026-08-01T00:00:00Z,A,I-8\n0,USD,2026-08-02T00:00:00Z,A,\n\
        2,USD,2026-09-01T00:00:00Z,A,I-9\n0.505,USD,2026-09-02T00:00:00Z,B,\n";
    let world = World::new()
        .config(CONFIG)
        .bill("b.csv", format!("{header}{rows}"));
    let periods = run(&world, "2026-11-21").csv("periods.csv");
    let told: Vec<_> = periods
        .rows
        .iter()
        .map(|row| row.key(["TrustState", "Reason"]))
        .collect();
    assert_eq!(
        told,
        [
            [
                "closed",
                "Over since 2026-09-01; every charge is on an invoice"
            ],
            [
                "provisional",
                "Over since 2026-10-01; 0.50 USD on no invoice yet"
            ],
        ]
    );
}
