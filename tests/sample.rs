//! The sample company against its known totals, which its generator summed without the program: every
//! amount exactly. What is planted in it is looked for in `findings.rs`.

use crate::exact::pico;
use crate::sheet::{Row, Sheet};
use crate::world::{Run, World, company_files, sample_run};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use toml::{Table, Value};

pub(crate) fn totals() -> Table {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/sample-data/totals.toml");
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

pub(crate) fn list(totals: &Table, name: &str) -> Vec<Table> {
    let entries = totals[name].as_array().unwrap();
    entries
        .iter()
        .map(|entry| entry.as_table().unwrap().clone())
        .collect()
}

pub(crate) fn text<'a>(entry: &'a Table, name: &str) -> &'a str {
    entry[name].as_str().unwrap()
}

/// What a bill's group (`by_service`, `cost_center`) holds of a cost.
pub(crate) fn group(bill: &Table, name: &str, cost: &str) -> BTreeMap<String, i128> {
    let amount = |both: &Value| pico(both.as_table().unwrap()[cost].as_str().unwrap());
    let group = bill[name].as_table().unwrap();
    let sums = group.iter().map(|(key, both)| (key.clone(), amount(both)));
    sums.filter(|(_, sum)| *sum != 0).collect()
}

/// What a report holds of a month and currency, without lines of nothing.
fn held(sheet: &Sheet, bill: &Table, column: &str, by: &str) -> BTreeMap<String, i128> {
    let (month, currency) = (text(bill, "month"), text(bill, "currency"));
    let sums = sheet
        .sums(column, ["Month", "BillingCurrency", by])
        .into_iter();
    let own = sums.filter(|([m, c, _], sum)| m == month && c == currency && *sum != 0);
    own.map(|([_, _, key], sum)| (key, sum)).collect()
}

/// One bill of the company alone, run once.
pub(crate) fn alone(source: &str) -> &'static Run {
    static RUNS: [OnceLock<Run>; 3] = [const { OnceLock::new() }; 3];
    let at = SOURCES
        .iter()
        .position(|(folder, _)| *folder == source)
        .unwrap();
    RUNS[at].get_or_init(|| {
        let config =
            format!("[[bills]]\npath = \"bills/{source}/\"\n[tags]\npolicy = \"tags.toml\"\n");
        World::sample()
            .config(&config)
            .run(&["run", "--today", "2026-11-21"])
            .code(0)
    })
}

const COSTS: [(&str, &str); 2] = [("billed", "BilledCost"), ("effective", "EffectiveCost")];

pub(crate) const SOURCES: [(&str, &str); 3] =
    [("aws", "aws-cur"), ("cur2", "aws-cur2"), ("focus", "focus")];

fn source_of(bill: &Table) -> &'static str {
    SOURCES
        .iter()
        .find(|(folder, _)| *folder == text(bill, "source"))
        .unwrap()
        .1
}

#[test]
fn every_bill_month_adds_up_exactly_by_source_service_account_and_cost_center() {
    let totals = totals();
    for (folder, _) in SOURCES {
        let run = alone(folder);
        for bill in list(&totals, "bill")
            .iter()
            .filter(|bill| text(bill, "source") == folder)
        {
            let month = text(bill, "month");
            for (known, column) in COSTS {
                let report = |name: &str, by: &str| held(&run.csv(name), bill, column, by);
                let place = format!("{folder} {month} {column}");
                assert_eq!(
                    report("cost_by_service.csv", "ServiceName"),
                    group(bill, "by_service", known),
                    "{place}"
                );
                assert_eq!(
                    report("cost_by_account.csv", "SubAccountId"),
                    group(bill, "by_account", known),
                    "{place}"
                );
                assert_eq!(
                    report("showback.csv", "CostCenter"),
                    group(bill, "by_cost_center", known),
                    "{place}"
                );
            }
        }
    }
}

#[test]
fn the_books_hold_every_source_and_month_exactly() {
    let books = sample_run().csv("books.csv");
    for bill in &list(&totals(), "bill") {
        for (known, column) in COSTS {
            for stage in ["accepted", "lake", "facts"] {
                let key = [
                    ("Source", source_of(bill)),
                    ("BillingPeriod", text(bill, "month")),
                    ("BillingCurrency", text(bill, "currency")),
                    ("Column", column),
                    ("Stage", stage),
                ];
                let line = books
                    .find(&key)
                    .next()
                    .unwrap_or_else(|| panic!("no line {key:?}"));
                assert_eq!(pico(line.get("Amount")), pico(text(bill, known)), "{key:?}");
            }
        }
    }
}

#[test]
fn every_record_of_the_exports_is_in_the_books() {
    let books = sample_run().csv("books.csv");
    for bill in &list(&totals(), "bill") {
        let key = [
            ("Source", source_of(bill)),
            ("BillingPeriod", text(bill, "month")),
            ("Column", "BilledCost"),
            ("Stage", "export"),
        ];
        let line = books.find(&key).next().unwrap();
        assert_eq!(
            line.get("Rows"),
            bill["rows"].as_integer().unwrap().to_string(),
            "{key:?}"
        );
    }
}

#[test]
fn the_books_close() {
    let books = sample_run().csv("books.csv");
    let open: Vec<&Row> = books
        .rows
        .iter()
        .filter(|row| !["", "0.00"].contains(&row.get("Difference")))
        .collect();
    assert!(open.is_empty(), "{open:?}");
    assert!(books.column("Difference").contains(&"0.00"));
}

#[test]
fn every_report_of_cost_adds_up_to_the_bill() {
    let mut bill: BTreeMap<[String; 2], [i128; 2]> = BTreeMap::new();
    for one in &list(&totals(), "bill") {
        let sums = bill
            .entry([text(one, "month").into(), text(one, "currency").into()])
            .or_default();
        COSTS
            .iter()
            .enumerate()
            .for_each(|(at, (known, _))| sums[at] += pico(text(one, known)));
    }
    for report in [
        "cost_by_service",
        "cost_by_account",
        "cost_by_environment",
        "cost_by_team",
        "showback",
    ] {
        let sheet = sample_run().csv(&format!("{report}.csv"));
        let [billed, effective] =
            COSTS.map(|(_, column)| sheet.sums(column, ["Month", "BillingCurrency"]));
        let sums: BTreeMap<_, _> = billed
            .into_iter()
            .map(|(key, sum)| (key.clone(), [sum, effective[&key]]))
            .collect();
        assert_eq!(sums, bill, "{report}");
    }
    let showback = sample_run()
        .csv("showback.csv")
        .sums("TotalCost", ["Month", "BillingCurrency"]);
    let effective: BTreeMap<_, _> = bill
        .into_iter()
        .map(|(key, [_, effective])| (key, effective))
        .collect();
    assert_eq!(showback, effective);
}

#[test]
fn currencies_are_never_added() {
    let euros = alone("focus");
    let cells = [
        "Month",
        "ServiceName",
        "BillingCurrency",
        "BilledCost",
        "EffectiveCost",
        "Share",
    ];
    let lines = |run: &Run| -> Vec<[String; 6]> {
        run.csv("cost_by_service.csv")
            .find(&[("BillingCurrency", "EUR")])
            .map(|row| row.key(cells))
            .collect()
    };
    assert!(!lines(euros).is_empty());
    assert_eq!(
        lines(sample_run()),
        lines(euros),
        "euros are the same with and without dollars beside them"
    );
    for (name, csv) in sample_run()
        .csvs()
        .into_iter()
        .filter(|(name, _)| !["rightsizing_skipped.csv", "periods.csv"].contains(name))
    {
        // What is listed and not billed has no amount, and so no currency.
        let mixed = Sheet::parse(csv.as_bytes())
            .rows
            .into_iter()
            .filter(|row| name != "inventory_gaps.csv" || !row.get("MonthCost").is_empty())
            // Shares of an inventory's things neither.
            .filter(|row| name != "kpis.csv" || row.get("Unit") != "percent")
            .find(|row| !["USD", "EUR"].contains(&row.get("BillingCurrency")));
        assert!(mixed.is_none(), "{name}: {mixed:?}");
    }
}

#[test]
fn an_older_assembly_is_not_counted() {
    let listed: BTreeSet<String> = list_of_manifests();
    let (run, files) = (sample_run().json(), company_files());
    let delivered = |name: &&String| name.starts_with("bills/aws/") && name.ends_with(".csv.gz");
    let stale: Vec<&String> = files
        .keys()
        .filter(delivered)
        .filter(|name| !listed.contains(*name))
        .collect();
    assert!(!stale.is_empty(), "the sample has an older assembly");
    let inputs = run["inputs"].as_array().unwrap();
    let read = |name: &str| {
        inputs
            .iter()
            .any(|input| input["path"].as_str().unwrap().ends_with(name))
    };
    assert!(stale.iter().all(|name| !read(name)), "{stale:?}");
    assert!(listed.iter().all(|name| read(name)), "{listed:?}");
}

/// The files that the manifests of the periods list.
fn list_of_manifests() -> BTreeSet<String> {
    let files = company_files();
    let top = |name: &&String| {
        name.starts_with("bills/aws/")
            && name.ends_with("-Manifest.json")
            && name.split('/').count() == 5
    };
    let keys = files.keys().filter(top).flat_map(|name| {
        let manifest: serde_json::Value = serde_json::from_slice(&files[name]).unwrap();
        manifest["reportKeys"].as_array().unwrap().clone()
    });
    let tail = |key: &str| -> String {
        let parts: Vec<&str> = key.split('/').collect();
        format!("bills/aws/{}", parts[parts.len() - 4..].join("/"))
    };
    keys.map(|key| tail(key.as_str().unwrap())).collect()
}

#[test]
fn charts_are_pictures_of_the_promised_size() {
    let charts: Vec<&String> = sample_run()
        .reports
        .keys()
        .filter(|name| name.ends_with(".png"))
        .collect();
    for report in [
        "anomalies",
        "cost_by_account",
        "cost_by_environment",
        "cost_by_service",
        "cost_by_team",
        "rightsizing",
        "showback",
        "tag_compliance",
        "waste",
    ] {
        assert!(
            charts.contains(&&format!("{report}.png")),
            "{report} has a chart"
        );
    }
    for chart in charts {
        let bytes = sample_run().bytes(chart);
        assert_eq!(bytes[..8], *b"\x89PNG\r\n\x1a\n", "{chart}");
        let side = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        assert_eq!([side(16), side(20)], [1600, 900], "{chart}");
        assert!(bytes.len() > 10_000, "{chart} is not blank");
    }
    for file in ["index.html", "summary.md", "run.json", "metrics.prom"] {
        assert!(!sample_run().bytes(file).is_empty(), "{file}");
    }
}

#[test]
fn the_sample_folder_is_what_its_generator_writes() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data");
    for (name, bytes) in company_files() {
        assert!(
            std::fs::read(root.join(name)).unwrap_or_default() == *bytes,
            "{name}: run `make sample-data`"
        );
    }
}
