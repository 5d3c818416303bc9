//! `OpenCost`'s allocations, JSON and CSV: the namespaces and controllers of a cluster with their labels, and, as a
//! metrics file, what controllers request and use. Its costs are not read, the cloud's bill has them; idle and
//! unallocated shares are no resources.

use super::gather::Gathered;
use super::instant;
use super::json::Document;
use super::loose::{Listed, Tags, Told, Word};
use super::pods;
use super::shape::Shape;
use super::table::{csv_error, normal};
use crate::error::Result;
use crate::resource::Resource;
use csv::StringRecord;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    data: Listed<BTreeMap<String, Told<Allocation>>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Allocation {
    properties: Told<Properties>,
    window: Told<Window>,
    minutes: Word,
    cpu_core_request_average: Word,
    cpu_core_usage_average: Word,
    ram_byte_request_average: Word,
    ram_byte_usage_average: Word,
    raw_allocation_only: Told<Highest>,
}

/// Length of time that an allocation is about.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Window {
    start: Word,
    end: Word,
}

/// What only unaggregated allocations say.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Highest {
    ram_byte_usage_max: Word,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Properties {
    cluster: Word,
    namespace: Word,
    controller_kind: Word,
    controller: Word,
    container: Word,
    namespace_labels: Tags,
    labels: Tags,
}

/// The namespaces and controllers of one answer, each once, however many windows it spans.
pub(super) fn resources(path: &Path, document: Document<'_>) -> Result<Vec<Resource>> {
    let Listed(answers): Listed<Answer> = document.parse(path, Shape::OpenCost.name())?;
    let sets = answers.into_iter().flat_map(|answer| answer.data.0);
    let allocations = sets.flatten().filter_map(|(_, allocation)| allocation.0);
    Ok(once(allocations.filter_map(|allocation| {
        resource(allocation.properties.0?)
    })))
}

/// What all pods of a workload request and use together, in one window of time.
#[derive(Default)]
struct Together {
    request: [f64; 2],
    used: [f64; 2],
    /// Most memory, each pod at its own highest; none where one of them does not say.
    highest: Option<f64>,
}

/// Requests and use as metrics: averages of each window, summed over the pods of a controller.
pub(super) fn series(path: &Path, document: Document<'_>, gathered: &mut Gathered) -> Result<()> {
    let Listed(answers): Listed<Answer> = document.parse(path, Shape::OpenCost.name())?;
    let mut sums: BTreeMap<(String, i64, i64), Together> = BTreeMap::new();
    let sets = answers.into_iter().flat_map(|answer| answer.data.0);
    for (_, allocation) in sets.flatten() {
        if let Some((place, one)) = allocation.0.and_then(together) {
            match sums.get_mut(&place) {
                Some(known) => known.add(&one),
                None => drop(sums.insert(place, one)),
            }
        }
    }
    for ((id, from, until), sum) in sums {
        let period = (until - from).to_string();
        let told = [
            (["cpurequest", "", "cores", &period], Some(sum.request[0])),
            (
                ["memoryrequest", "", "bytes", &period],
                Some(sum.request[1]),
            ),
            (["cores", "", "cores", &period], Some(sum.used[0])),
            (["memorybytes", "", "bytes", &period], Some(sum.used[1])),
            (["memorybytes", "Maximum", "bytes", &period], sum.highest),
        ];
        for (words, number) in told {
            let Some(number) = number else { continue };
            gathered
                .measurement(&id, words, from, number)
                .map_err(|what| document.error(path, what))?;
        }
    }
    Ok(())
}

/// An allocation's workload and window, with averages over all of the window.
#[allow(clippy::cast_precision_loss, reason = "seconds of some days")]
fn together(found: Allocation) -> Option<((String, i64, i64), Together)> {
    let properties = found.properties.0?;
    let window = found.window.0?;
    let second = |word: Word| instant::seconds(word.0?.as_bytes());
    let (from, until) = (second(window.start)?, second(window.end)?);
    let named = |word: Word| word.0.filter(|name| !name.starts_with("__"));
    let (namespace, controller) = (named(properties.namespace)?, named(properties.controller)?);
    let cluster = properties.cluster.0.unwrap_or_default();
    let container = properties.container.0.unwrap_or_default();
    let id = pods::id(&cluster, &namespace, &controller, &container);
    let minutes = number(found.minutes)?;
    let share = (minutes * 60.0 / (until - from).max(1) as f64).clamp(0.0, 1.0);
    let average = |told: Word| number(told).unwrap_or_default().max(0.0) * share;
    let one = Together {
        request: [
            average(found.cpu_core_request_average),
            average(found.ram_byte_request_average),
        ],
        used: [
            average(found.cpu_core_usage_average),
            average(found.ram_byte_usage_average),
        ],
        highest: found
            .raw_allocation_only
            .0
            .and_then(|raw| number(raw.ram_byte_usage_max)),
    };
    Some(((id, from, until), one))
}

fn number(word: Word) -> Option<f64> {
    word.0?
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite())
}

impl Together {
    fn add(&mut self, other: &Together) {
        for at in 0..2 {
            self.request[at] += other.request[at];
            self.used[at] += other.used[at];
        }
        self.highest = self.highest.zip(other.highest).map(|(a, b)| a + b);
    }
}

/// True where the first line is that of `OpenCost`'s CSV.
pub(super) fn is_table(text: &[u8]) -> bool {
    let columns = header(text);
    ["namespace", "totalcost"]
        .iter()
        .all(|name| columns.contains_key(*name))
        && ["controllername", "controllerkind", "cpucoreusageaverage"]
            .iter()
            .any(|name| columns.contains_key(*name))
}

/// The namespaces and controllers of `OpenCost`'s CSV.
pub(super) fn rows(path: &Path, text: &[u8]) -> Result<Vec<Resource>> {
    let columns = header(text);
    let mut csv = csv::Reader::from_reader(text);
    let mut row = StringRecord::new();
    let mut found = Vec::new();
    while csv
        .read_record(&mut row)
        .map_err(|error| csv_error(path, &error))?
    {
        let cell = |name: &str| {
            columns
                .get(name)
                .and_then(|at| row.get(*at))
                .unwrap_or_default()
        };
        let word =
            |name: &str| Word(Some(cell(name).trim().to_owned()).filter(|text| !text.is_empty()));
        let labels = serde_json::from_value(serde_json::Value::from(cell("labels")));
        found.extend(resource(Properties {
            cluster: word("cluster"),
            namespace: word("namespace"),
            controller_kind: word("controllerkind"),
            controller: word("controllername"),
            container: word("container"),
            namespace_labels: Tags::default(),
            labels: labels.unwrap_or_default(),
        }));
    }
    Ok(once(found.into_iter()))
}

/// Where each column stands, by its name without case and punctuation.
fn header(text: &[u8]) -> BTreeMap<String, usize> {
    let mut csv = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text);
    let mut header = StringRecord::new();
    // A header that cannot be read has no columns, and the file is then none of OpenCost's.
    let _ = csv.read_record(&mut header);
    header
        .iter()
        .enumerate()
        .map(|(at, name)| (normal(name), at))
        .collect()
}

fn resource(found: Properties) -> Option<Resource> {
    let namespace = found.namespace.0.filter(|name| !name.starts_with("__"))?;
    let cluster = found.cluster.0.unwrap_or_default();
    let controller = found.controller.0.filter(|name| !name.starts_with("__"));
    let mut tags = found.namespace_labels.0;
    tags.extend(found.labels.0);
    let (id, kind, name) = match controller {
        Some(controller) => {
            let what = found
                .controller_kind
                .0
                .unwrap_or("controller".to_owned())
                .to_lowercase();
            (format!("{what}/{namespace}/{controller}"), what, controller)
        }
        None => (
            format!("namespace/{namespace}"),
            "namespace".to_owned(),
            namespace,
        ),
    };
    let slash = if cluster.is_empty() { "" } else { "/" };
    Some(Resource {
        id: format!("k8s:{cluster}{slash}{id}"),
        provider: "Kubernetes".to_owned(),
        sub_account: cluster,
        kind: format!("k8s:{kind}"),
        name,
        tags,
        ..Resource::default()
    })
}

/// Each once, by id; labels that differ from window to window are united, the later one wins.
fn once(found: impl Iterator<Item = Resource>) -> Vec<Resource> {
    let mut by_id: BTreeMap<String, Resource> = BTreeMap::new();
    for resource in found {
        match by_id.get_mut(&resource.id) {
            Some(known) => known.tags.extend(resource.tags),
            None => drop(by_id.insert(resource.id.clone(), resource)),
        }
    }
    by_id.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::super::metrics::{documents, settle};
    use crate::resource::{Metric, Statistic, Usage};
    use std::path::Path;

    fn read(allocations: &str) -> Vec<Usage> {
        let text = format!(r#"{{"code":200,"status":"success","data":[{{{allocations}}}]}}"#);
        settle(vec![
            documents(Path::new("o.json"), text.as_bytes()).unwrap(),
        ])
        .usage
    }

    fn pod(name: &str, minutes: u32, more: &str) -> String {
        format!(
            r#""{name}":{{"properties":{{"cluster":"eu","namespace":"shop","controller":"web","controllerKind":"deployment","pod":"{name}"}},
            "window":{{"start":"2026-11-01T00:00:00Z","end":"2026-11-02T00:00:00Z"}},"minutes":{minutes},
            "cpuCoreRequestAverage":2,"cpuCoreUsageAverage":0.5,"ramByteRequestAverage":4000,"ramByteUsageAverage":1000{more}}}"#
        )
    }

    #[test]
    fn pods_of_a_controller_are_summed_over_the_window() {
        let idle = r#""__idle__":{"properties":{"cluster":"eu"},"minutes":1440}"#;
        let usage = read(&[pod("a", 1440, ""), pod("b", 720, ""), idle.to_owned()].join(","));
        let of = |metric| {
            let series = usage.iter().find(|series| series.metric == metric).unwrap();
            (
                series.period,
                series
                    .samples
                    .iter()
                    .map(|sample| sample.1)
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(usage[0].resource, "k8s:eu/shop/web");
        assert_eq!(of(Metric::CpuRequest), (86_400, vec![3.0]));
        assert_eq!(of(Metric::Cores), (86_400, vec![0.75]));
        assert_eq!(of(Metric::MemoryBytes), (86_400, vec![1500.0]));
        assert_eq!(usage.len(), 4, "nothing of what is idle");
    }

    #[test]
    fn the_highest_memory_is_told_where_every_pod_tells_it() {
        let raw = r#","rawAllocationOnly":{"ramByteUsageMax":3000}"#;
        let highest = |usage: Vec<Usage>| {
            let mut series = usage.into_iter();
            let series = series.find(|series| series.statistic == Statistic::Maximum)?;
            series.samples.iter().next().map(|sample| sample.1)
        };
        assert_eq!(
            highest(read(&[pod("a", 1440, raw), pod("b", 1440, raw)].join(","))),
            Some(6000.0)
        );
        assert_eq!(
            highest(read(&[pod("a", 1440, raw), pod("b", 1440, "")].join(","))),
            None
        );
    }
}
