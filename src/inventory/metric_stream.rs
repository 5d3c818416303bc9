//! `CloudWatch` metric streams in their JSON format, one line per metric and minute. Levels become averages and
//! maxima, totals sums. Streams in the OpenTelemetry format are not read.

use super::cloudwatch::resource;
use super::gather::Gathered;
use super::json::Document;
use super::measure;
use crate::error::Result;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// A line. Its period is a minute (Amazon `CloudWatch` User Guide, "Metric stream output in JSON format").
#[derive(Deserialize)]
struct Line {
    metric_name: String,
    #[serde(default)]
    dimensions: BTreeMap<String, String>,
    /// Unix milliseconds.
    timestamp: i64,
    value: Value,
    #[serde(default)]
    unit: String,
}

#[derive(Deserialize)]
struct Value {
    count: f64,
    sum: f64,
    max: f64,
    #[serde(default)]
    min: f64,
}

/// Takes in a line.
pub(super) fn take(path: &Path, document: Document<'_>, gathered: &mut Gathered) -> Result<()> {
    let line: Line = document.parse(path, "a metric stream")?;
    let dimensions: Vec<(&str, &str)> = line
        .dimensions
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let (Some(resource), true) = (resource(&dimensions), line.value.count > 0.0) else {
        gathered.unread(&format!("{} (of no single resource)", line.metric_name));
        return Ok(());
    };
    let level = measure::is_level(&line.metric_name);
    let highest = if measure::is_free(&line.metric_name) {
        ("Minimum", line.value.min)
    } else {
        ("Maximum", line.value.max)
    };
    let values: &[(&str, f64)] = if level {
        &[("Average", line.value.sum / line.value.count), highest]
    } else {
        &[("Sum", line.value.sum)]
    };
    for &(statistic, number) in values {
        let words = [&line.metric_name, statistic, &line.unit, "60"];
        gathered
            .measurement(resource, words, line.timestamp.div_euclid(1000), number)
            .map_err(|what| document.error(path, what))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::metrics::{documents, settle};
    use super::*;
    use crate::resource::{Metric, Statistic};

    #[test]
    fn lines_become_averages_maxima_and_sums() {
        let line = |name: &str, unit: &str, dimensions: &str| {
            format!(
                r#"{{"metric_stream_name":"s","account_id":"1","region":"eu-west-1","namespace":"AWS/EC2","metric_name":"{name}","dimensions":{dimensions},"timestamp":1772582400000,"value":{{"count":4.0,"sum":40.0,"max":25.0,"min":1.0}},"unit":"{unit}"}}"#
            )
        };
        let own = r#"{"InstanceId":"i-1"}"#;
        let text = [
            line("CPUUtilization", "Percent", own),
            line("NetworkIn", "Bytes", own),
            line("CPUUtilization", "Percent", "{}"),
        ]
        .join("\n");
        let scan = documents(Path::new("stream.json"), text.as_bytes()).unwrap();
        assert_eq!(scan.unknown["CPUUtilization (of no single resource)"], 1);
        let found: Vec<_> = settle(vec![scan])
            .usage
            .iter()
            .map(|u| (u.metric, u.statistic, u.period, u.samples.iter().next()))
            .collect();
        let at = 1_772_582_400;
        assert_eq!(
            found,
            [
                (Metric::Cpu, Statistic::Average, 60, Some((at, 10.0))),
                (Metric::Cpu, Statistic::Maximum, 60, Some((at, 25.0))),
                (Metric::NetworkIn, Statistic::Sum, 60, Some((at, 40.0))),
            ]
        );
    }
}
