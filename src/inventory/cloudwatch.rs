//! `aws cloudwatch get-metric-data` as a metrics file. Its answer names no resource, so the query has
//! to: its label is `RESOURCE|METRIC|STAT|PERIOD`, which `CloudWatch` fills in by itself from its label
//! properties. What names no resource is refused, never guessed from the file's name.

use super::instant;
use super::json::{self, Document};
use super::measure::{self, Meaning, Misfit, Words};
use super::metrics::{Scan, value};
use super::series::Series;
use super::table::shown;
use crate::error::Result;
use serde::Deserialize;
use std::path::Path;

/// The service's own label properties (Amazon `CloudWatch` User Guide, "Using dynamic labels").
const HINT: &str = "ask with \"Label\": \"${PROP('Dim.InstanceId')}|${PROP('MetricName')}|${PROP('Stat')}|${PROP('Period')}\", \
                    or write a metrics CSV: resource_id,timestamp,metric,value";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    metric_data_results: Vec<Answer>,
}

/// One query's answer, newest sample first.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(default)]
    label: String,
    #[serde(default)]
    timestamps: Vec<String>,
    #[serde(default)]
    values: Vec<f64>,
    #[serde(default)]
    status_code: String,
}

/// The series of every document in a text.
pub(super) fn scan(path: &Path, text: &[u8]) -> Result<Scan> {
    let mut scan = Scan::default();
    for document in json::documents(path, text)? {
        let keys = json::first_keys(document.bytes(), |keys| keys.len() == 8);
        if !keys.iter().any(|key| key == "MetricDataResults") {
            let found = shown(keys.join(", ").as_bytes());
            let what = format!(
                "this JSON is no metrics file that is known here: its first keys are {found}"
            );
            return Err(document.error(path, what).hint(HINT));
        }
        take(path, document, &mut scan)?;
    }
    Ok(scan)
}

fn take(path: &Path, document: Document<'_>, scan: &mut Scan) -> Result<()> {
    let page: Page = document.parse(path, "`aws cloudwatch get-metric-data`")?;
    for answer in page.metric_data_results {
        add(&answer, scan).map_err(|what| document.error(path, what).hint(HINT))?;
    }
    Ok(())
}

fn add(answer: &Answer, scan: &mut Scan) -> std::result::Result<(), String> {
    let label = shown(answer.label.as_bytes());
    if !matches!(answer.status_code.as_str(), "" | "Complete" | "PartialData") {
        return Err(format!(
            "CloudWatch answered {} to the query {label}",
            answer.status_code
        ));
    }
    if answer.timestamps.len() != answer.values.len() {
        return Err(format!(
            "the answer {label} has unequal numbers of timestamps and values"
        ));
    }
    let mut parts = answer.label.split('|').map(str::trim);
    let (resource, metric) = match (parts.next(), parts.next()) {
        (Some(resource), Some(metric)) if !resource.is_empty() => (resource.to_owned(), metric),
        _ => return Err(format!("the answer {label} names no resource")),
    };
    let (statistic, period) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    scan.rows += answer.values.len() as u64;
    match measure::meaning(Words {
        metric,
        statistic,
        unit: "",
        period,
    }) {
        Ok(Meaning::Known(reading)) => {
            let samples = answer
                .timestamps
                .iter()
                .zip(&answer.values)
                .map(|(time, number)| {
                    let time = instant::seconds(time.as_bytes()).ok_or_else(|| {
                        format!(
                            "{} in the answer {label} is no instant",
                            shown(time.as_bytes())
                        )
                    })?;
                    Ok((time, value(number.to_string().as_bytes(), reading.scale)?))
                });
            let samples = samples.collect::<std::result::Result<_, String>>()?;
            scan.series.push(Series {
                resource,
                reading,
                samples,
            });
        }
        Ok(Meaning::Unknown(name)) => {
            *scan.unknown.entry(name).or_default() += answer.values.len() as u64
        }
        Err(Misfit::Unit(what) | Misfit::Period(what)) => return Err(what),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::metrics::settle;
    use super::*;
    use crate::resource::Statistic;

    fn read(text: &str) -> Result<Scan> {
        scan(Path::new("metrics.json"), text.as_bytes())
    }

    fn page(label: &str) -> String {
        format!(
            r#"{{"MetricDataResults":[{{"Id":"a","Label":"{label}","StatusCode":"Complete",
            "Timestamps":["2026-07-21T14:05:00+00:00","2026-07-21T14:00:00+00:00"],"Values":[15.0,3]}}]}}"#
        )
    }

    #[test]
    fn the_label_names_resource_metric_statistic_and_period() {
        let text = page("i-0AB|CPUUtilization|Maximum|300");
        let usage = &settle(vec![read(&text).unwrap()]).usage[0];
        assert_eq!(
            (usage.resource.as_str(), usage.statistic, usage.period),
            ("i-0ab", Statistic::Maximum, 300)
        );
        assert_eq!(usage.samples, [(1_784_642_400, 3.0), (1_784_642_700, 15.0)]);
    }

    #[test]
    fn an_answer_without_a_resource_is_refused() {
        let error = read(&page("CPUUtilization")).unwrap_err();
        assert_eq!(
            error.what(),
            r#"the answer "CPUUtilization" names no resource"#
        );
        assert!(error.to_string().contains("hint: ask with"));
        assert!(read(r#"{"Label":"CPUUtilization","Datapoints":[]}"#).is_err());
    }

    #[test]
    fn a_metric_that_nobody_reads_is_counted() {
        assert_eq!(
            read(&page("i-1|StatusCheckFailed")).unwrap().unknown["StatusCheckFailed"],
            2
        );
    }
}
