//! `aws cloudwatch get-metric-data` and `get-metric-statistics` as metrics files. Their answers name no resource:
//! the request, saved beside the answer, does, or a label `RESOURCE|METRIC|STAT|PERIOD`, which `CloudWatch` fills
//! in by itself from its label properties. What names no resource is refused, never guessed from the file's name.

use super::gather::Gathered;
use super::instant;
use super::json::{self, Document};
use super::measure;
use super::open;
use super::table::shown;
use crate::error::{Error, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The service's own label properties (Amazon `CloudWatch` User Guide, "Using dynamic labels").
const HINT: &str = "save the request beside the answer (ANSWER.queries.json or queries.json), \
                    ask with \"Label\": \"${PROP('Dim.InstanceId')}|${PROP('MetricName')}|${PROP('Stat')}|${PROP('Period')}\", \
                    or write a metrics CSV: resource_id,timestamp,metric,value";

/// Dimensions that name a resource, the first one that is there counts. Agents add dimensions of their own.
const DIMENSIONS: &[&str] = &[
    "InstanceId",
    "VolumeId",
    "DBInstanceIdentifier",
    "CacheClusterId",
    "NatGatewayId",
    "LoadBalancer",
    "FunctionName",
    "AutoScalingGroupName",
];

/// A page of `get-metric-data`.
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
    id: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    timestamps: Vec<String>,
    #[serde(default)]
    values: Vec<f64>,
    #[serde(default)]
    status_code: String,
}

/// The answer of `get-metric-statistics`; its label is the metric's name.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statistics {
    label: String,
    datapoints: Vec<Point>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Point {
    timestamp: String,
    average: Option<f64>,
    maximum: Option<f64>,
    minimum: Option<f64>,
    sum: Option<f64>,
    #[serde(default)]
    extended_statistics: BTreeMap<String, f64>,
    #[serde(default)]
    unit: String,
}

/// A request, as `--metric-data-queries` or `--cli-input-json` takes it; a list of queries, or one request.
#[derive(Deserialize)]
#[serde(untagged)]
enum Request {
    Data {
        #[serde(rename = "MetricDataQueries")]
        queries: Vec<Query>,
    },
    Queries(Vec<Query>),
    Statistics(Box<Asked>),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Query {
    id: String,
    /// Absent from queries that compute.
    metric_stat: Option<MetricStat>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetricStat {
    metric: Asked,
    period: u32,
    stat: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Asked {
    metric_name: String,
    #[serde(default)]
    dimensions: Vec<Dimension>,
    period: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Dimension {
    name: String,
    value: String,
}

/// The resource that dimensions name; those of one core or one disk are not of the machine.
pub(super) fn resource<'a>(dimensions: &[(&'a str, &'a str)]) -> Option<&'a str> {
    let one_core = |&&(name, value): &&(&str, &str)| name == "cpu" && value != "cpu-total";
    if dimensions.iter().any(|dimension| one_core(&dimension)) {
        return None;
    }
    let of = |name: &&str| dimensions.iter().find(|dimension| dimension.0 == *name);
    let found = DIMENSIONS.iter().find_map(of);
    match (found, dimensions) {
        (Some((_, value)), _) | (None, [(_, value)]) => Some(value),
        _ => None,
    }
}

impl Asked {
    fn resource(&self) -> Option<&str> {
        let pairs: Vec<_> = self
            .dimensions
            .iter()
            .map(|d| (d.name.as_str(), d.value.as_str()))
            .collect();
        resource(&pairs)
    }
}

/// The request that was saved beside an answer.
fn request(path: &Path) -> Result<Option<(PathBuf, Request)>> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.trim_end_matches(".gz").trim_end_matches(".json");
    let beside = [format!("{stem}.queries.json"), "queries.json".to_owned()];
    for name in beside {
        let file = path.with_file_name(name);
        if file.is_file() {
            let text = open::read_all(&file, open::open(&file)?)?;
            let [document] = json::documents(&file, &text)?[..] else {
                return Err(Error::data("one request is expected here").at(&file));
            };
            let request = document.parse(&file, "a request of `aws cloudwatch`")?;
            return Ok(Some((file, request)));
        }
    }
    Ok(None)
}

/// Takes in a page of `get-metric-data`.
pub(super) fn data(path: &Path, document: Document<'_>, gathered: &mut Gathered) -> Result<()> {
    let page: Page = document.parse(path, "`aws cloudwatch get-metric-data`")?;
    let queries = match request(path)? {
        Some((_, Request::Data { queries } | Request::Queries(queries))) => queries,
        _ => Vec::new(),
    };
    let queries: BTreeMap<&str, &MetricStat> = queries
        .iter()
        .filter_map(|query| Some((query.id.as_str(), query.metric_stat.as_ref()?)))
        .collect();
    for answer in page.metric_data_results {
        let query = queries.get(answer.id.as_str()).copied();
        add(&answer, query, gathered).map_err(|what| document.error(path, what).hint(HINT))?;
    }
    Ok(())
}

fn add(
    answer: &Answer,
    query: Option<&MetricStat>,
    gathered: &mut Gathered,
) -> std::result::Result<(), String> {
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
    let period = query.map_or(String::new(), |query| query.period.to_string());
    let asked = query.and_then(|query| {
        let words = [&query.metric.metric_name, &query.stat, "", &period];
        Some((query.metric.resource()?, words))
    });
    let (resource, words) = asked
        .or_else(|| labelled(&answer.label))
        .ok_or_else(|| format!("the answer {label} names no resource"))?;
    for (time, &number) in answer.timestamps.iter().zip(&answer.values) {
        gathered.measurement(resource, words, instant(time, &label)?, number)?;
    }
    Ok(())
}

/// Resource and words of a label.
fn labelled(label: &str) -> Option<(&str, [&str; 4])> {
    let mut parts = label.split('|').map(str::trim);
    let resource = parts.next().filter(|resource| !resource.is_empty())?;
    let metric = parts.next()?;
    let (statistic, period) = (parts.next(), parts.next());
    let words = [
        metric,
        statistic.unwrap_or_default(),
        "",
        period.unwrap_or_default(),
    ];
    Some((resource, words))
}

/// Takes in an answer of `get-metric-statistics`.
pub(super) fn statistics(
    path: &Path,
    document: Document<'_>,
    gathered: &mut Gathered,
) -> Result<()> {
    let answer: Statistics = document.parse(path, "`aws cloudwatch get-metric-statistics`")?;
    let label = shown(answer.label.as_bytes());
    let wrong = |what: String| document.error(path, what).hint(HINT);
    let Some((file, Request::Statistics(asked))) = request(path)? else {
        return Err(wrong(format!("the answer {label} names no resource")));
    };
    let resource = asked
        .resource()
        .ok_or_else(|| Error::data("the request's dimensions name no single resource").at(&file))?;
    if asked.metric_name != answer.label {
        let what = format!(
            "the answer is about {label}, the request beside it about {}",
            asked.metric_name
        );
        return Err(wrong(what));
    }
    let period = asked
        .period
        .map_or(String::new(), |period| period.to_string());
    for point in &answer.datapoints {
        let time = instant(&point.timestamp, &label).map_err(wrong)?;
        // Of free memory the least tells something, of all else the most.
        let free = measure::is_free(&answer.label);
        let plain = [
            ("Average", point.average),
            ("Maximum", point.maximum.filter(|_| !free)),
            ("Minimum", point.minimum.filter(|_| free)),
            ("Sum", point.sum),
        ];
        let extended = point
            .extended_statistics
            .iter()
            .map(|(name, number)| (name.as_str(), Some(*number)));
        for (statistic, number) in plain.into_iter().chain(extended) {
            let words = [&answer.label, statistic, &point.unit, &period];
            number.map_or(Ok(()), |number| {
                gathered
                    .measurement(resource, words, time, number)
                    .map_err(wrong)
            })?;
        }
    }
    Ok(())
}

fn instant(time: &str, label: &str) -> std::result::Result<i64, String> {
    instant::seconds(time.as_bytes()).ok_or_else(|| {
        let time = shown(time.as_bytes());
        format!("{time} in the answer {label} is no instant")
    })
}

#[cfg(test)]
mod tests {
    use super::super::metrics::{Scan, documents, settle};
    use super::*;
    use crate::resource::{Statistic, Usage};

    fn read(text: &str) -> Result<Scan> {
        documents(Path::new("metrics.json"), text.as_bytes())
    }

    fn page(label: &str) -> String {
        format!(
            r#"{{"MetricDataResults":[{{"Id":"a","Label":"{label}","StatusCode":"Complete",
            "Timestamps":["2026-07-21T14:05:00+00:00","2026-07-21T14:00:00+00:00"],"Values":[15.0,3]}}]}}"#
        )
    }

    /// Answer and request side by side in a folder.
    fn beside(answer: &str, request: &str) -> Result<Vec<Usage>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cpu.json");
        std::fs::write(folder.path().join("cpu.queries.json"), request).unwrap();
        assert_eq!(documents(&path, request.as_bytes()).unwrap().rows, 0);
        documents(&path, answer.as_bytes()).map(|scan| settle(vec![scan]).usage)
    }

    #[test]
    fn the_label_names_resource_metric_statistic_and_period() {
        let text = page("i-0AB|CPUUtilization|Maximum|300");
        let usage = &settle(vec![read(&text).unwrap()]).usage[0];
        assert_eq!(
            (usage.resource.as_str(), usage.statistic, usage.period),
            ("i-0ab", Statistic::Maximum, 300)
        );
        let samples: Vec<_> = usage.samples.iter().collect();
        assert_eq!(samples, [(1_784_642_400, 3.0), (1_784_642_700, 15.0)]);
    }

    #[test]
    fn the_request_beside_the_answer_names_what_was_asked() {
        let request = r#"[{"Id":"a","MetricStat":{"Metric":{"Namespace":"CWAgent","MetricName":"mem_used_percent",
            "Dimensions":[{"Name":"ImageId","Value":"ami-1"},{"Name":"InstanceId","Value":"i-7"}]},"Period":60,"Stat":"p99"}}]"#;
        let usage = &beside(&page("whatever"), request).unwrap()[0];
        assert_eq!(
            (usage.resource.as_str(), usage.statistic, usage.period),
            ("i-7", Statistic::P99, 60)
        );
    }

    #[test]
    fn statistics_come_in_any_order_and_several_at_once() {
        let answer = r#"{"Label":"CPUUtilization","Datapoints":[
            {"Timestamp":"2023-07-11T20:03:00+00:00","Average":0.25,"Maximum":7.5,"SampleCount":5.0,"Unit":"Percent"},
            {"Timestamp":"2023-07-10T20:03:00+00:00","Average":0.5,"Unit":"Percent","ExtendedStatistics":{"p95":3.1}}]}"#;
        let request = r#"{"Namespace":"AWS/EC2","MetricName":"CPUUtilization","Period":86400,
            "Dimensions":[{"Name":"InstanceId","Value":"i-7"}],"Statistics":["Average"]}"#;
        let usage = beside(answer, request).unwrap();
        let shape: Vec<_> = usage
            .iter()
            .map(|u| (u.statistic, u.period, u.samples.len()))
            .collect();
        assert_eq!(
            shape,
            [
                (Statistic::Average, 86_400, 2),
                (Statistic::Maximum, 86_400, 1)
            ]
        );
        let other = request.replace("CPUUtilization", "NetworkIn");
        let error = beside(answer, &other).unwrap_err();
        assert!(
            error
                .what()
                .ends_with("the request beside it about NetworkIn")
        );
    }

    #[test]
    fn an_answer_without_a_resource_is_refused() {
        let error = read(&page("CPUUtilization")).unwrap_err();
        assert_eq!(
            error.what(),
            r#"the answer "CPUUtilization" names no resource"#
        );
        assert!(error.to_string().contains("hint: save the request"));
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
