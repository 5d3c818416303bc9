//! Prometheus `query_range` answers as metrics files. Counters of the node exporter become rates here: an interval
//! in which a counter was reset, or that is longer than the common step, tells nothing and is left out. Gauges
//! count by their name. `NaN` and `Inf` are measurements that are not there.

use super::gather::Gathered;
use super::json::Document;
use super::measure;
use super::pods::{self, Pods};
use crate::error::Result;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Deserialize)]
struct Answer {
    status: String,
    #[serde(default)]
    error: String,
    data: Option<Found>,
}

#[derive(Deserialize)]
struct Found {
    #[serde(rename = "resultType")]
    kind: String,
    result: serde_json::Value,
}

#[derive(Deserialize)]
struct Line {
    metric: BTreeMap<String, String>,
    values: Vec<(f64, String)>,
}

/// Labels that name the resource, the first one that is there counts.
const LABELS: &[&str] = &[
    "resource_id",
    "instance_id",
    "dimension_InstanceId",
    "dimension_DBInstanceIdentifier",
    "dimension_VolumeId",
    "nodename",
    "node",
    "instance",
];

/// What a series of the node exporter adds to a machine's figures.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// Seconds a core was idle.
    Idle,
    /// Bytes free for use, and bytes in all.
    MemoryFree,
    MemoryAll,
    /// Of a counter, as metric and unit.
    Rate(&'static str, &'static str),
    /// Read by nobody because another series tells it.
    Told,
}

/// Sum and number of series, by second.
type Sums = BTreeMap<i64, (f64, u32)>;

const HINT: &str = "a series needs a name (`__name__` or a label `metric`) and a label resource_id, instance_id, node or \
                    instance: `label_replace` adds one";

/// Takes in an answer.
pub(super) fn take(path: &Path, document: Document<'_>, gathered: &mut Gathered) -> Result<()> {
    let answer: Answer = document.parse(path, "Prometheus `query_range`")?;
    let wrong = |what: String| document.error(path, what).hint(HINT);
    let Some(found) = answer.data.filter(|_| answer.status == "success") else {
        return Err(wrong(format!("Prometheus answered: {}", answer.error)));
    };
    if found.kind != "matrix" {
        let what = format!("a {} is no history", found.kind);
        return Err(wrong(what).hint("ask /api/v1/query_range, not /api/v1/query"));
    }
    let lines: Vec<Line> = serde_json::from_value(found.result)
        .map_err(|error| wrong(format!("this is no matrix: {error}")))?;
    let mut sums: BTreeMap<(String, Part), Sums> = BTreeMap::new();
    let mut running = Pods::default();
    for line in &lines {
        let name = ["__name__", "metric"]
            .iter()
            .find_map(|label| line.metric.get(*label))
            .ok_or_else(|| wrong("a series has no name".to_owned()))?;
        if let Some(what) = pods::what(name, &line.metric) {
            let points = points(line).map_err(wrong)?;
            let points = if what.is_counter() {
                rates(&points)
            } else {
                points
            };
            running
                .take(what, &line.metric, &points, gathered)
                .map_err(wrong)?;
            continue;
        }
        let resource =
            resource(&line.metric).ok_or_else(|| wrong(format!("{name} names no resource")))?;
        let points = points(line).map_err(wrong)?;
        match part(name, &line.metric) {
            None => gauge(gathered, resource, name, line, &points).map_err(wrong)?,
            Some(Part::Told) => {}
            Some(part) => {
                let points = match part {
                    Part::MemoryFree | Part::MemoryAll => points,
                    _ => rates(&points),
                };
                let sum = sums.entry((resource.to_owned(), part)).or_default();
                for (time, number) in points {
                    let (total, count) = sum.entry(time).or_default();
                    (*total, *count) = (*total + number, *count + 1);
                }
            }
        }
    }
    running.count(gathered).map_err(wrong)?;
    machines(&sums, gathered).map_err(wrong)
}

fn resource(labels: &BTreeMap<String, String>) -> Option<&str> {
    let (label, value) = LABELS
        .iter()
        .find_map(|label| Some((label, labels.get(*label)?)))?;
    // A scrape target is a host and a port.
    match value.rsplit_once(':') {
        Some((host, port)) if *label == "instance" && port.parse::<u16>().is_ok() => Some(host),
        _ => Some(value),
    }
}

/// Times in whole seconds, by time; what is no finite number is left out.
#[allow(
    clippy::cast_possible_truncation,
    reason = "a float to an integer saturates; times are seconds"
)]
fn points(line: &Line) -> std::result::Result<Vec<(i64, f64)>, String> {
    let mut points = Vec::with_capacity(line.values.len());
    for (time, text) in &line.values {
        let number: f64 = match text.as_str() {
            "NaN" | "+Inf" | "-Inf" | "Inf" => continue,
            text => text.parse().map_err(|_| format!("{text:?} is no number"))?,
        };
        points.push((time.floor() as i64, number));
    }
    points.sort_by_key(|point| point.0);
    points.dedup_by_key(|point| point.0);
    Ok(points)
}

fn part(name: &str, labels: &BTreeMap<String, String>) -> Option<Part> {
    let is = |label: &str, value: &str| labels.get(label).is_some_and(|found| found == value);
    let lines_out = is("device", "lo");
    Some(match name {
        "node_cpu_seconds_total" if is("mode", "idle") => Part::Idle,
        "node_cpu_seconds_total" => Part::Told,
        "node_memory_MemAvailable_bytes" => Part::MemoryFree,
        "node_memory_MemTotal_bytes" => Part::MemoryAll,
        "node_network_receive_bytes_total" | "node_network_transmit_bytes_total" if lines_out => {
            Part::Told
        }
        "node_network_receive_bytes_total" => Part::Rate("NetworkIn", "Bytes/Second"),
        "node_network_transmit_bytes_total" => Part::Rate("NetworkOut", "Bytes/Second"),
        "node_disk_reads_completed_total" => Part::Rate("DiskReadOps", "Count/Second"),
        "node_disk_writes_completed_total" => Part::Rate("DiskWriteOps", "Count/Second"),
        "node_disk_read_bytes_total" => Part::Rate("DiskReadBytes", "Bytes/Second"),
        "node_disk_written_bytes_total" => Part::Rate("DiskWriteBytes", "Bytes/Second"),
        _ => return None,
    })
}

/// Growth per second from each time to the next.
#[allow(clippy::cast_precision_loss, reason = "steps of seconds")]
fn rates(points: &[(i64, f64)]) -> Vec<(i64, f64)> {
    let mut steps: Vec<i64> = points.windows(2).map(|p| p[1].0 - p[0].0).collect();
    steps.sort_unstable();
    let common = steps.get(steps.len() / 2).copied().unwrap_or(0);
    points
        .windows(2)
        .filter(|pair| pair[1].1 >= pair[0].1 && (pair[1].0 - pair[0].0) * 2 <= common * 3)
        .map(|pair| {
            let seconds = (pair[1].0 - pair[0].0) as f64;
            (pair[0].0, (pair[1].1 - pair[0].1) / seconds)
        })
        .collect()
}

fn gauge(
    gathered: &mut Gathered,
    resource: &str,
    name: &str,
    line: &Line,
    points: &[(i64, f64)],
) -> std::result::Result<(), String> {
    // The exporter of CloudWatch: aws_ec2_cpuutilization_average.
    let own = ["aws_ec2_", "aws_rds_", "aws_ebs_"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name);
    let column = measure::column(own);
    let (metric, statistic) = column.as_ref().map_or((own, ""), |(metric, statistic)| {
        (metric.as_str(), *statistic)
    });
    let label = |name: &str| line.metric.get(name).map(String::as_str);
    let statistic = label("stat").or(label("statistic")).unwrap_or(statistic);
    let words = [metric, statistic, label("unit").unwrap_or_default(), ""];
    for &(time, number) in points {
        gathered.measurement(resource, words, time, number)?;
    }
    Ok(())
}

/// What the parts of a machine say together.
fn machines(
    sums: &BTreeMap<(String, Part), Sums>,
    gathered: &mut Gathered,
) -> std::result::Result<(), String> {
    for ((resource, part), sum) in sums {
        for (time, &(total, count)) in sum {
            let (words, number) = match part {
                Part::Idle => (
                    ["cpu", "", "Percent", ""],
                    100.0 * (1.0 - total / f64::from(count)).max(0.0),
                ),
                Part::Rate(metric, unit) => ([*metric, "", *unit, ""], total),
                Part::MemoryFree => {
                    let all = sums
                        .get(&(resource.clone(), Part::MemoryAll))
                        .and_then(|all| all.get(time))
                        .map(|all| all.0);
                    let Some(all) = all.filter(|all| *all > 0.0) else {
                        gathered.unread("node_memory_MemAvailable_bytes (without MemTotal)");
                        continue;
                    };
                    let used = 100.0 * (1.0 - total / all).max(0.0);
                    (["memory", "", "Percent", ""], used)
                }
                Part::MemoryAll | Part::Told => continue,
            };
            gathered.measurement(resource, words, *time, number)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::metrics::{documents, settle};
    use super::*;
    use crate::error::Error;
    use crate::resource::{Metric, Usage};
    use std::collections::BTreeMap;

    fn answer(lines: &[(&str, &str)]) -> String {
        let lines: Vec<String> = lines
            .iter()
            .map(|(labels, values)| format!(r#"{{"metric":{{{labels}}},"values":[{values}]}}"#))
            .collect();
        format!(
            r#"{{"status":"success","data":{{"resultType":"matrix","result":[{}]}}}}"#,
            lines.join(",")
        )
    }

    fn read(text: &str) -> std::result::Result<(Vec<Usage>, BTreeMap<String, u64>), Error> {
        let readings = settle(vec![documents(Path::new("p.json"), text.as_bytes())?]);
        Ok((readings.usage, readings.unknown))
    }

    fn samples(usage: &Usage) -> Vec<(i64, f32)> {
        usage.samples.iter().collect()
    }

    #[test]
    fn idle_seconds_of_all_cores_become_cpu_and_a_reset_tells_nothing() {
        let text = answer(&[
            (
                r#""__name__":"node_cpu_seconds_total","cpu":"0","mode":"idle","instance":"10.0.0.1:9100""#,
                r#"[1000,"500"],[1060,"530"],[1120,"0.5"],[1180,"60.5"]"#,
            ),
            (
                r#""__name__":"node_cpu_seconds_total","cpu":"1","mode":"idle","instance":"10.0.0.1:9100""#,
                r#"[1000,"500"],[1060,"560"],[1120,"0.5"],[1180,"60.5"]"#,
            ),
            (
                r#""__name__":"node_cpu_seconds_total","cpu":"1","mode":"user","instance":"10.0.0.1:9100""#,
                r#"[1000,"1"],[1060,"2"]"#,
            ),
        ]);
        let (usage, unknown) = read(&text).unwrap();
        assert_eq!(
            (usage[0].resource.as_str(), usage[0].metric),
            ("10.0.0.1", Metric::Cpu)
        );
        assert_eq!(samples(&usage[0]), [(1000, 25.0), (1120, 0.0)]);
        assert!(usage.len() == 1 && unknown.is_empty());
    }

    #[test]
    fn memory_needs_both_figures_and_networks_add_up_without_the_loop() {
        let text = answer(&[
            (
                r#""__name__":"node_memory_MemAvailable_bytes","node":"a""#,
                r#"[0,"25"],[60,"NaN"]"#,
            ),
            (
                r#""__name__":"node_memory_MemTotal_bytes","node":"a""#,
                r#"[0,"100"],[60,"100"]"#,
            ),
            (
                r#""__name__":"node_memory_MemAvailable_bytes","node":"b""#,
                r#"[0,"25"]"#,
            ),
            (
                r#""__name__":"node_network_receive_bytes_total","device":"eth0","node":"a""#,
                r#"[0,"0"],[60,"600"],[120,"1200"],[600,"9000"]"#,
            ),
            (
                r#""__name__":"node_network_receive_bytes_total","device":"eth1","node":"a""#,
                r#"[0,"0"],[60,"60"]"#,
            ),
            (
                r#""__name__":"node_network_receive_bytes_total","device":"lo","node":"a""#,
                r#"[0,"0"],[60,"9999"]"#,
            ),
        ]);
        let (usage, unknown) = read(&text).unwrap();
        assert_eq!(
            (usage[0].metric, samples(&usage[0])),
            (Metric::Memory, vec![(0, 75.0)])
        );
        assert_eq!(
            (usage[1].metric, samples(&usage[1])),
            (Metric::NetworkIn, vec![(0, 660.0), (60, 600.0)])
        );
        assert_eq!(
            unknown["node_memory_MemAvailable_bytes (without MemTotal)"],
            1
        );
    }

    #[test]
    fn gauges_go_by_their_name() {
        let text = answer(&[(
            r#""__name__":"aws_ec2_cpuutilization_maximum","dimension_InstanceId":"i-1""#,
            r#"[1772582400.5,"12.5"],[1772582700.5,"+Inf"]"#,
        )]);
        let usage = read(&text).unwrap().0;
        assert_eq!(usage[0].statistic, crate::resource::Statistic::Maximum);
        assert_eq!(samples(&usage[0]), [(1_772_582_400, 12.5)]);
    }

    #[test]
    fn what_names_nothing_and_what_is_no_history_is_refused() {
        let nameless = answer(&[(r#""node":"a""#, r#"[0,"1"]"#)]);
        assert_eq!(read(&nameless).unwrap_err().what(), "a series has no name");
        let vector = r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#;
        assert_eq!(read(vector).unwrap_err().what(), "a vector is no history");
        let failed = r#"{"status":"error","error":"bad","data":null}"#;
        assert_eq!(read(failed).unwrap_err().what(), "Prometheus answered: bad");
    }
}
