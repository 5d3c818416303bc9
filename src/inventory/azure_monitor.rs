//! `az monitor metrics list` as a metrics file: every metric with its own list of times, each time with the
//! statistics that were asked for. Absolute memory is counted as unread: no file says how much there is in all.

use super::gather::Gathered;
use super::instant;
use super::json::Document;
use super::measure;
use crate::error::Result;
use serde::Deserialize;
use std::path::Path;

/// What stands between a resource and a metric in a metric's id.
const METRICS: &str = "/providers/microsoft.insights/metrics/";

#[derive(Deserialize)]
struct Page {
    /// ISO 8601 duration: `PT5M`.
    #[serde(default)]
    interval: String,
    value: Vec<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    id: String,
    name: Name,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    timeseries: Vec<Line>,
}

#[derive(Deserialize)]
struct Name {
    value: String,
}

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    data: Vec<Point>,
}

#[derive(Deserialize)]
struct Point {
    #[serde(rename = "timeStamp")]
    time: String,
    average: Option<f64>,
    minimum: Option<f64>,
    maximum: Option<f64>,
    total: Option<f64>,
}

/// Takes in an answer.
pub(super) fn take(path: &Path, document: Document<'_>, gathered: &mut Gathered) -> Result<()> {
    let page: Page = document.parse(path, "`az monitor metrics list`")?;
    let wrong = |what: String| document.error(path, what);
    let period = seconds(&page.interval).map_or(String::new(), |period| period.to_string());
    for answer in &page.value {
        let at = answer.id.to_lowercase().find(METRICS);
        let resource = at.and_then(|at| answer.id.get(..at)).ok_or_else(|| {
            wrong(format!(
                "{:?} is no id of a metric of a resource",
                answer.id
            ))
        })?;
        for point in answer.timeseries.iter().flat_map(|line| &line.data) {
            let time = instant::seconds(point.time.as_bytes())
                .ok_or_else(|| wrong(format!("{:?} is no instant", point.time)))?;
            for (metric, statistic, number) in readings(&answer.name.value, point) {
                let words = [metric, statistic, unit(&answer.unit), &period];
                gathered
                    .measurement(resource, words, time, number)
                    .map_err(wrong)?;
            }
        }
    }
    Ok(())
}

/// Metric, statistic and value of what a time holds. Free memory is turned round: the most used is where the
/// least was free. Averages of totals are averages of a minute, not of the period, and left out.
fn readings<'a>(metric: &'a str, point: &Point) -> Vec<(&'a str, &'static str, f64)> {
    let Point {
        average,
        minimum,
        maximum,
        total,
        ..
    } = *point;
    let found = if metric.eq_ignore_ascii_case("Available Memory Percentage") {
        let used = |free: f64| (100.0 - free).max(0.0);
        let least = minimum.map(used);
        vec![
            ("memory", "Average", average.map(used)),
            ("memory", "Maximum", least),
        ]
    } else if total.is_some() && !measure::is_level(metric) {
        vec![(metric, "Sum", total)]
    } else {
        vec![(metric, "Average", average), (metric, "Maximum", maximum)]
    };
    found
        .into_iter()
        .filter_map(|(metric, statistic, number)| Some((metric, statistic, number?)))
        .collect()
}

/// Azure's name of a unit in the words of the house.
fn unit(word: &str) -> &str {
    match word {
        "BytesPerSecond" => "Bytes/Second",
        "CountPerSecond" => "Count/Second",
        "Unspecified" => "",
        other => other,
    }
}

/// Seconds of `P1D`, `PT1H`, `PT5M`.
fn seconds(duration: &str) -> Option<u32> {
    let rest = duration.strip_prefix('P')?;
    let number = rest.trim_start_matches('T');
    let (digits, letter) = number.split_at_checked(number.len().checked_sub(1)?)?;
    let unit = match (letter, rest.len() > number.len()) {
        ("D", false) => 86_400,
        ("H", true) => 3600,
        ("M", true) => 60,
        ("S", true) => 1,
        _ => return None,
    };
    digits.parse::<u32>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::super::metrics::{documents, settle};
    use super::*;
    use crate::resource::{Metric, Statistic};

    fn page(name: &str, unit: &str, point: &str) -> String {
        format!(
            r#"{{"cost":0,"interval":"PT5M","namespace":"Microsoft.Compute/virtualMachines","resourceregion":"westeurope",
            "timespan":"2026-03-01T00:00:00Z/2026-03-02T00:00:00Z","value":[{{
            "id":"/subscriptions/S/resourceGroups/R/providers/Microsoft.Compute/virtualMachines/Web/providers/Microsoft.Insights/metrics/{name}",
            "name":{{"localizedValue":"{name}","value":"{name}"}},"type":"Microsoft.Insights/metrics","unit":"{unit}",
            "timeseries":[{{"data":[{{"timeStamp":"2026-03-04T00:00:00Z",{point}}},{{"timeStamp":"2026-03-04T00:05:00Z","average":null,"total":null}}],"metadatavalues":[]}}]}}]}}"#
        )
    }

    fn read(text: &str) -> Vec<(String, Metric, Statistic, u32, Vec<(i64, f32)>)> {
        let scan = documents(Path::new("azure.json"), text.as_bytes()).unwrap();
        let usage = settle(vec![scan]).usage.into_iter();
        usage
            .map(|u| {
                let samples = u.samples.iter().collect();
                (u.resource, u.metric, u.statistic, u.period, samples)
            })
            .collect()
    }

    #[test]
    fn averages_and_maxima_of_a_machine() {
        let found = read(&page(
            "Percentage CPU",
            "Percent",
            r#""average":1.5,"maximum":9.25,"total":null"#,
        ));
        let id =
            "/subscriptions/s/resourcegroups/r/providers/microsoft.compute/virtualmachines/web";
        let at = 1_772_582_400;
        let row = |stat, value| (id.to_owned(), Metric::Cpu, stat, 300, vec![(at, value)]);
        assert_eq!(
            found,
            [row(Statistic::Average, 1.5), row(Statistic::Maximum, 9.25)]
        );
    }

    #[test]
    fn totals_are_sums_rates_are_not_and_free_memory_is_turned_round() {
        let total = read(&page(
            "Network In Total",
            "Bytes",
            r#""average":9.0,"total":70"#,
        ));
        assert_eq!(
            (total[0].2, total[0].4[0].1, total.len()),
            (Statistic::Sum, 70.0, 1)
        );
        let rate = read(&page(
            "Disk Read Operations/Sec",
            "CountPerSecond",
            r#""average":2.0"#,
        ));
        assert_eq!((rate[0].1, rate[0].4[0].1), (Metric::DiskOps, 600.0));
        let free = read(&page(
            "Available Memory Percentage",
            "Percent",
            r#""average":60.0,"minimum":45.0"#,
        ));
        let used: Vec<_> = free.iter().map(|row| (row.1, row.2, row.4[0].1)).collect();
        assert_eq!(
            used,
            [
                (Metric::Memory, Statistic::Average, 40.0),
                (Metric::Memory, Statistic::Maximum, 55.0)
            ]
        );
    }

    #[test]
    fn durations_are_seconds() {
        assert_eq!(
            ["P1D", "PT1H", "PT5M", "PT30S", "", "P1M", "PTM"].map(seconds),
            [
                Some(86_400),
                Some(3600),
                Some(300),
                Some(30),
                None,
                None,
                None
            ]
        );
    }
}
