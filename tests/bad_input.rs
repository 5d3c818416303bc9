//! Bad input: one clear error with its place and a hint, the right exit code, the previous reports
//! untouched, and never a panic. The exact texts are golden files.

use crate::exact::pico;
use crate::golden::golden;
use crate::world::{Run, World};
use flate2::{Compression, write::GzEncoder};
use std::fs;
use std::io::Write;

pub(crate) const GOOD: &str = "\
BilledCost,BillingCurrency,ChargePeriodStart,ServiceName
10.50,USD,2026-10-01T00:00:00Z,Compute
2.25,USD,2026-10-02T00:00:00Z,Storage
";

const HEADER: &str = "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName\n";

/// A world with a good run behind it; what comes next must leave its reports as they are.
pub(crate) fn after_a_good_run() -> (World, Run) {
    let world = World::new().file("good.csv", GOOD);
    let good = world
        .run(&[
            "run",
            "good.csv",
            "--today",
            "2026-11-20",
            "--report",
            "cost_by_service",
            "--report",
            "books",
        ])
        .code(0);
    (world, good)
}

/// One bad file beside a good run: refused with this code and the golden text of this name.
#[track_caller]
pub(crate) fn refused(name: &str, code: i32, files: &[(&str, &[u8])], args: &[&str]) {
    let (world, good) = after_a_good_run();
    for (path, bytes) in files {
        world.write(path, bytes);
    }
    is_refused(name, code, &world, &good, args);
}

#[track_caller]
pub(crate) fn is_refused(name: &str, code: i32, world: &World, good: &Run, args: &[&str]) {
    let args: Vec<&str> = ["run", "--today", "2026-11-21"]
        .into_iter()
        .chain(args.iter().copied())
        .collect();
    let bad = world.run(&args).code(code);
    assert!(!bad.stderr.contains("panicked"), "{}", bad.stderr);
    assert_eq!(
        bad.stderr.matches("error: ").count(),
        1,
        "one error:\n{}",
        bad.stderr
    );
    assert!(
        bad.reports == good.reports,
        "the previous reports are untouched"
    );
    let runs = fs::read_dir(world.path("out")).unwrap().count();
    assert_eq!(runs, 2, "nothing but the good run and `latest` is left");
    golden(&format!("errors/{name}.txt"), &bad.stderr);
    assert!(bad.stderr.contains("\nhint: "), "a hint:\n{}", bad.stderr);
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::default());
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap()
}

#[test]
fn a_truncated_gzip_file() {
    let whole = gzipped(&GOOD.repeat(200));
    refused(
        "truncated_gzip",
        3,
        &[("part.csv.gz", &whole[..whole.len() - 12])],
        &["part.csv.gz"],
    );
}

#[test]
fn a_file_that_is_no_bill() {
    refused(
        "no_bill",
        3,
        &[("people.csv", b"name,age\nAda,36\n")],
        &["people.csv"],
    );
}

#[test]
fn a_header_without_a_mandatory_column() {
    let text = "BilledCost,BillingCurrency,ChargePeriodStart,ServiceNames,ChargeCategory\n1,USD,2026-10-01,A,Usage\n";
    refused(
        "mandatory_column",
        3,
        &[("bill.csv", text.as_bytes())],
        &["bill.csv"],
    );
}

#[test]
fn a_cost_that_is_no_number() {
    let text = format!("{HEADER}1,USD,2026-10-01,A\n\"1,204.50\",USD,2026-10-01,B\n");
    refused(
        "no_number",
        3,
        &[("bill.csv", text.as_bytes())],
        &["bill.csv"],
    );
}

#[test]
fn a_cost_too_large_to_be_exact() {
    let text = format!("{HEADER}1,USD,2026-10-01,A\n123456789012345678,USD,2026-10-01,B\n");
    refused(
        "too_large",
        3,
        &[("bill.csv", text.as_bytes())],
        &["bill.csv"],
    );
}

#[test]
fn a_date_outside_its_billing_period() {
    let text = "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,BillingPeriodStart\n\
                1,USD,2026-10-01,A,2026-10-01\n2,USD,2026-12-05,B,2026-10-01\n";
    refused(
        "date_outside",
        3,
        &[("bill.csv", text.as_bytes())],
        &["bill.csv"],
    );
}

#[test]
fn a_date_that_is_none() {
    let text = format!("{HEADER}1,USD,soon,A\n");
    refused(
        "no_date",
        3,
        &[("bill.csv", text.as_bytes())],
        &["bill.csv"],
    );
}

#[test]
fn a_row_with_too_few_cells() {
    let text = format!("{HEADER}1,USD,2026-10-01,A\n2,USD\n");
    refused(
        "short_row",
        3,
        &[("bill.csv", text.as_bytes())],
        &["bill.csv"],
    );
}

#[test]
fn an_export_of_nothing() {
    refused("empty", 3, &[("bill.csv", b"")], &["bill.csv"]);
    refused(
        "header_only",
        3,
        &[("bill.csv", HEADER.as_bytes())],
        &["bill.csv"],
    );
    refused(
        "empty_gzip",
        3,
        &[("bill.csv.gz", &gzipped(""))],
        &["bill.csv.gz"],
    );
}

#[test]
fn garbage() {
    let bytes: Vec<u8> = (0..4000u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0])
        .collect();
    refused("garbage", 3, &[("bill.csv", &bytes)], &["bill.csv"]);
}

#[test]
fn a_broken_zip_file() {
    refused(
        "broken_zip",
        3,
        &[("bill.zip", b"PK\x03\x04 and no more")],
        &["bill.zip"],
    );
}

#[test]
fn a_broken_parquet_file() {
    refused(
        "broken_parquet",
        3,
        &[("bill.parquet", b"PAR1 and no more")],
        &["bill.parquet"],
    );
}

#[test]
fn a_missing_file() {
    refused("missing_file", 2, &[], &["bills/2026-10.csv"]);
    refused("missing_glob", 2, &[], &["bills/*.csv.gz"]);
    refused("missing_config", 2, &[], &["--config", "nightly.toml"]);
}

#[test]
fn a_folder_without_an_export() {
    refused(
        "empty_folder",
        2,
        &[("bills/notes.txt", b"later")],
        &["bills/"],
    );
}

#[test]
fn the_same_export_twice() {
    refused(
        "copy",
        3,
        &[
            ("bills/a.csv", GOOD.as_bytes()),
            ("bills/b.csv", GOOD.as_bytes()),
        ],
        &["bills/"],
    );
}

/// Whatever they group by, two pulls of a day are the same cost.
#[test]
fn two_pulls_of_the_same_days() {
    let pull = |days: &[&str]| {
        let header = "ce_day,ce_account,ce_service,ce_tags,ce_unblended_cost,ce_amortized_cost,ce_currency,ce_estimated\n";
        let rows: String = days
            .iter()
            .map(|day| format!("{day},111122220001,AWS Lambda,,1.50,1.50,USD,false\n"))
            .collect();
        format!("{header}{rows}")
    };
    let (first, second) = (
        pull(&["2026-10-01", "2026-10-15"]),
        pull(&["2026-10-15", "2026-10-31"]),
    );
    refused(
        "pulls_overlap",
        3,
        &[
            ("bills/a.csv", first.as_bytes()),
            ("bills/b.csv", second.as_bytes()),
        ],
        &["bills/"],
    );
}

/// Packed and unpacked, an export is the same; counted twice, every cost would double.
#[test]
fn the_same_export_packed_and_unpacked() {
    let packed = gzipped(GOOD);
    refused(
        "copy_packed",
        3,
        &[
            ("bills/a.csv", GOOD.as_bytes()),
            ("bills/a.csv.gz", &packed),
        ],
        &["bills/"],
    );
}

#[test]
fn two_currencies_are_two_bills_in_one() {
    let text =
        format!("{HEADER}1.10,USD,2026-10-01,A\n2.20,EUR,2026-10-01,A\n0.40,USD,2026-10-02,B\n");
    let run = World::new()
        .bill("bill.csv", text)
        .run(&["run", "bills/bill.csv"])
        .code(0);
    let sums = run
        .csv("cost_by_service.csv")
        .sums("BilledCost", ["BillingCurrency"]);
    assert_eq!(
        sums,
        [
            (["EUR".to_owned()], pico("2.20")),
            (["USD".to_owned()], pico("1.50"))
        ]
        .into()
    );
    let shares = run
        .csv("cost_by_service.csv")
        .sums("Share", ["BillingCurrency"]);
    assert!(
        shares.values().all(|share| *share == pico("100")),
        "{shares:?}"
    );
}

#[test]
fn tolerated_rows_are_set_aside_and_counted() {
    let rows = "1,USD,2026-10-01,A\n".repeat(99);
    let text = format!("{HEADER}{rows}\"1,204.50\",USD,2026-10-01,B\n");
    let config = "[[bills]]\npath = \"bill.csv\"\n[quarantine]\nmax_percent = 1.0\n";
    let run = World::new()
        .file("bill.csv", text)
        .config(config)
        .run(&["run"])
        .code(0)
        .stderr_has("1 of 100 rows");
    let [aside] = run.csv("quarantine.csv").rows.try_into().unwrap();
    let cells = aside.key(["Line", "Column", "Text", "BillingCurrency"]);
    assert_eq!(cells, ["101", "BilledCost", "1,204.50", "USD"]);
    let books = run.csv("books.csv");
    let rows = |stage| {
        books
            .find(&[("Column", "BilledCost"), ("Stage", stage)])
            .map(|row| row.get("Rows").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        [rows("export"), rows("quarantined"), rows("accepted")],
        [["100"], ["1"], ["99"]]
    );
    run.code(0);
}
