//! Metrics in other shapes, orders and files: the machines are judged the same, byte for byte.

use crate::shared_data::shared;
use crate::world::{World, company_files, sample_run};
use cloudtally::inventory::{compute_optimizer, metrics};
use flate2::read::GzDecoder;
use std::collections::BTreeMap;
use std::io::Read;

/// The sample company's metrics, a row per measurement.
fn rows() -> Vec<String> {
    let mut text = String::new();
    GzDecoder::new(&company_files()["metrics/cpu-memory.csv.gz"][..])
        .read_to_string(&mut text)
        .unwrap();
    text.lines().skip(1).map(str::to_owned).collect()
}

/// Runs the sample company on these metrics files instead of its own.
fn judged(files: &[(&str, String)]) {
    let world = World::sample();
    std::fs::remove_file(world.path("metrics/cpu-memory.csv.gz")).unwrap();
    for (name, text) in files {
        world.write(&format!("metrics/{name}"), text);
    }
    let run = world.run(&["run", "--report", "rightsizing"]).code(0);
    let wanted = sample_run();
    for report in ["rightsizing.csv", "rightsizing_skipped.csv"] {
        if run.reports.contains_key(report) {
            assert_eq!(run.text(report), wanted.text(report), "{report}");
        }
    }
    assert!(run.reports.contains_key("rightsizing.csv"));
}

const LONG: &str = "resource_id,timestamp,metric,value,stat,period\n";

#[test]
fn files_that_overlap_and_run_backwards_change_nothing() {
    let rows = rows();
    let (first, second) = (&rows[..rows.len() * 2 / 3], &rows[rows.len() / 3..]);
    let backwards: Vec<String> = second.iter().rev().cloned().collect();
    judged(&[
        ("b.csv.gz", format!("{LONG}{}\n", first.join("\n"))),
        ("a.csv.gz", format!("{LONG}{}\n", backwards.join("\n"))),
    ]);
}

#[test]
fn a_wide_table_says_the_same() {
    let mut wide: BTreeMap<(String, String), [String; 4]> = BTreeMap::new();
    for row in rows() {
        let cells: Vec<&str> = row.split(',').collect();
        let column = match cells[2] {
            "CPUUtilization" => 0,
            "mem_used_percent" => 1,
            "NetworkIn" => 2,
            _ => 3,
        };
        let key = (cells[0].to_owned(), cells[1].to_owned());
        wide.entry(key).or_default()[column] = cells[3].to_owned();
    }
    let mut text =
        "resource_id,timestamp,cpu_max,memory_max,network_in_sum,network_out_sum,period\n"
            .to_owned();
    for ((resource, time), values) in wide {
        text += &format!("{resource},{time},{},3600\n", values.join(","));
    }
    judged(&[("wide.csv.gz", text)]);
}

#[test]
fn a_wrong_cell_is_named_with_its_file() {
    let world = World::sample();
    world.write(
        "metrics/wrong.csv.gz",
        format!("{LONG}i-1,2026-11-01T00:00:00Z,cpu,none,Maximum,300\n"),
    );
    world
        .run(&["run"])
        .code(3)
        .stderr_has("\"none\" is no number")
        .stderr_has("metrics/wrong.csv.gz:2:4");
}

#[test]
fn real_exports_of_compute_optimizer_are_read_in_full() {
    let folder = "inventory/aws/compute-optimizer-export";
    let options = |name: &str| {
        let path = shared(&format!("{folder}/{name}"))?;
        let rows = compute_optimizer::read(&path).unwrap();
        let first = rows[0].options[0].target.clone();
        let counts: Vec<usize> = rows.iter().map(|row| row.options.len()).collect();
        // Without columns of measurements there is nothing to measure by.
        assert!(
            metrics::settle(vec![metrics::scan(&path).unwrap()])
                .usage
                .is_empty()
        );
        Some((first, counts))
    };
    let of = |first: &str, counts: &[usize]| Some((first.to_owned(), counts.to_vec()));
    let Some(machines) = options("computeOptimizerEC2.csv") else {
        return;
    };
    assert_eq!(Some(machines), of("t3.xlarge", &[3, 3, 3, 3]));
    assert_eq!(
        options("computeOptimizerEBS.csv"),
        of("gp3 50 GB", &[2, 2, 2])
    );
    assert_eq!(
        options("computeOptimizerLambda.csv"),
        of("848 MB", &[1, 1, 0])
    );
}

#[test]
fn a_real_answer_is_read_once_its_request_lies_beside_it() {
    let Some(real) = shared("inventory/aws/get-metric-statistics.json") else {
        return;
    };
    let world = World::new()
        .file("cpu.json", std::fs::read(real).unwrap())
        .file(
            "cpu.queries.json",
            r#"{"MetricName":"CPUUtilization","Period":86400,"Dimensions":[{"Name":"InstanceId","Value":"i-1"}]}"#,
        );
    let scan = metrics::scan(&world.path("cpu.json")).unwrap();
    let usage = &metrics::settle(vec![scan]).usage[0];
    assert_eq!((usage.resource.as_str(), usage.period), ("i-1", 86_400));
    assert_eq!(usage.samples.len(), 3);
}
