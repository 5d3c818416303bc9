//! Metrics files of every shape: what was measured, by resource, metric, statistic and period. Tables stream past
//! while a second thread unpacks them; JSON goes to the reader of its shape. A metric that nobody reads is
//! counted, a cell that cannot be understood stops the run.

use super::gather::Gathered;
use super::series::{self, Series};
use super::{azure_monitor, cloudwatch, compute_optimizer, json, metric_stream, open, opencost};
use super::{json::Document, prometheus, table::shown, tabular};
use crate::error::{Error, Result};
use crate::resource::Usage;
use std::collections::BTreeMap;
use std::path::Path;

/// What one metrics file holds, before it meets the other files; see [`settle`].
#[derive(Debug, Default)]
pub struct Scan {
    pub(super) rows: u64,
    pub(super) series: Vec<Series>,
    pub(super) unknown: BTreeMap<String, u64>,
}

/// What metrics files hold together.
#[derive(Debug, Default, PartialEq)]
pub struct Readings {
    /// By resource, metric, statistic and period.
    pub usage: Vec<Usage>,
    /// Measurements read, the unknown ones included.
    pub rows: u64,
    /// Metrics (and statistics) that nothing here reads, with their measurements.
    pub unknown: BTreeMap<String, u64>,
}

/// Reads one metrics file, plain or gzip. Several files can be scanned side by side and settled together.
pub fn scan(path: &Path) -> Result<Scan> {
    let opened = open::open(path)?;
    if json::looks_like_json(&opened.head) {
        return documents(path, &open::read_all(path, opened)?);
    }
    if compute_optimizer::is_export(&opened.head) {
        return compute_optimizer::scan(path, &open::read_all(path, opened)?);
    }
    tabular::scan(path, open::ahead(opened.bytes))
}

/// Joins scans: series of one resource meet, duplicates go, missing periods are found, reads and writes add up.
/// Where files give one time twice, the higher value counts; the order of the files never does.
pub fn settle(scans: Vec<Scan>) -> Readings {
    let mut all = Scan::default();
    for scan in scans {
        all.rows += scan.rows;
        all.series.extend(scan.series);
        for (metric, rows) in scan.unknown {
            *all.unknown.entry(metric).or_default() += rows;
        }
    }
    Readings {
        usage: series::usage(all.series),
        rows: all.rows,
        unknown: all.unknown,
    }
}

/// The JSON shapes.
#[derive(Clone, Copy)]
enum Shape {
    MetricData,
    MetricStatistics,
    MetricStream,
    Prometheus,
    /// `OpenCost`'s allocations: what containers request and use.
    OpenCost,
    AzureMonitor,
    /// What was asked of `CloudWatch`: read beside its answer, no measurement itself.
    Queries,
}

/// A shape and the keys that are enough to know it.
const SHAPES: &[(Shape, &[&str])] = &[
    (Shape::MetricData, &["MetricDataResults"]),
    (Shape::MetricStatistics, &["Label", "Datapoints"]),
    (Shape::MetricStream, &["metric_name", "dimensions", "value"]),
    (Shape::OpenCost, &["code", "status", "data"]),
    (Shape::OpenCost, &["code", "data"]),
    (Shape::Prometheus, &["status", "data"]),
    (Shape::AzureMonitor, &["timespan", "value"]),
    (Shape::Queries, &["MetricDataQueries"]),
    (Shape::Queries, &["Id", "MetricStat"]),
    (Shape::Queries, &["MetricName", "Dimensions"]),
];

const HINT: &str = "known are the JSON of `aws cloudwatch get-metric-data` and `get-metric-statistics`, of metric streams, \
                    Prometheus `query_range`, OpenCost allocations and `az monitor metrics list`; any other tool can write a metrics CSV: \
                    resource_id,timestamp,metric,value";

/// The series of every document in a text.
pub(super) fn documents(path: &Path, text: &[u8]) -> Result<Scan> {
    let mut gathered = Gathered::default();
    for document in json::documents(path, text)? {
        let keys = json::first_keys(document.bytes(), |keys| keys.len() == 16);
        let has = |key: &&str| keys.iter().any(|found| found == key);
        let shape = SHAPES.iter().find(|row| row.1.iter().all(has));
        match shape.map(|row| row.0) {
            Some(Shape::MetricData) => cloudwatch::data(path, document, &mut gathered)?,
            Some(Shape::MetricStatistics) => cloudwatch::statistics(path, document, &mut gathered)?,
            Some(Shape::MetricStream) => metric_stream::take(path, document, &mut gathered)?,
            Some(Shape::Prometheus) => prometheus::take(path, document, &mut gathered)?,
            Some(Shape::OpenCost) => opencost::series(path, document, &mut gathered)?,
            Some(Shape::AzureMonitor) => azure_monitor::take(path, document, &mut gathered)?,
            Some(Shape::Queries) => {}
            None => return Err(stranger(path, document, &keys)),
        }
    }
    Ok(gathered.finish())
}

fn stranger(path: &Path, document: Document<'_>, keys: &[String]) -> Error {
    let found = shown(keys.join(", ").as_bytes());
    let what =
        format!("this JSON is no metrics file that is known here: its first keys are {found}");
    document.error(path, what).hint(HINT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::{Metric, Statistic};

    fn read(text: &str) -> Result<Readings> {
        tabular::scan(Path::new("metrics.csv"), text.as_bytes()).map(|scan| settle(vec![scan]))
    }

    #[test]
    fn a_table_becomes_usage_by_resource_and_metric() {
        let text = "Resource_ID,Timestamp,METRIC,value\n\
                    i-2,2026-03-04T00:00:00Z,cpu,1\n\
                    i-1,2026-03-04 00:05:00,CPUUtilization,20.5\n\
                    i-1,1772582400,CPUUtilization,10\n";
        let readings = read(text).unwrap();
        let [first, second] = &readings.usage[..] else {
            panic!("{readings:?}")
        };
        assert_eq!(
            (first.resource.as_str(), first.metric, first.statistic),
            ("i-1", Metric::Cpu, Statistic::Average)
        );
        assert_eq!(
            (first.period, first.samples.iter().collect()),
            (300, vec![(1_772_582_400, 10.0), (1_772_582_700, 20.5)])
        );
        assert_eq!((second.resource.as_str(), readings.rows), ("i-2", 3));
    }

    #[test]
    fn unknown_metrics_are_counted_and_their_values_left_alone() {
        let text = "resource_id,timestamp,metric,value,stat\ni-1,x,Swap,n/a,\ni-1,x,Swap,,\ni-1,0,cpu,1,Minimum\n";
        let readings = read(text).unwrap();
        assert_eq!((readings.rows, readings.usage.len()), (3, 0));
        assert_eq!(
            readings.unknown,
            [("Swap".to_owned(), 2), ("cpu (Minimum)".to_owned(), 1)].into()
        );
    }

    #[test]
    fn a_wrong_cell_is_named_by_line_and_column() {
        let header = "resource_id,timestamp,metric,value,unit,period\n";
        let rows = [
            ("i-1,2026-03-04,cpu,\"1,5\",,", 4, "\"1,5\" is no number"),
            ("i-1,2026-03-04,cpu,,,", 4, "\"\" is no number"),
            ("i-1,2026-03-04,cpu,NaN,,", 4, "\"NaN\" is no number"),
            ("i-1,2026-03-04,cpu,-1,,", 4, "\"-1\" is negative"),
            ("i-1,04.03.2026,cpu,1,,", 2, "\"04.03.2026\" is no instant"),
            (",2026-03-04,cpu,1,,", 1, "\"\" is no resource id"),
            (
                "i-1,2026-03-04,cpu,1,Bytes,",
                5,
                "the unit `Bytes` does not fit cpu",
            ),
            (
                "i-1,2026-03-04,cpu,1,,5m",
                6,
                "\"5m\" is no whole number of seconds",
            ),
            (
                "i-1,2026-03-04,cpu",
                0,
                "the row has 3 fields, the header 6",
            ),
        ];
        for (row, column, what) in rows {
            let error = read(&format!("{header}i-1,2026-03-04,cpu,1,,\n{row}\n")).unwrap_err();
            assert_eq!(error.what(), what);
            assert_eq!(
                error.place().map(|place| (place.line, place.column)),
                Some((3, column)),
                "{row}"
            );
            assert_eq!(error.kind().exit_code(), 3);
        }
    }

    #[test]
    fn a_missing_column_is_named_with_the_nearest() {
        let error = read("resource_id,timestmp,metric,value\n")
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("no column `timestamp` in the metrics table\n  --> metrics.csv:1"),
            "{error}"
        );
        assert!(
            error.ends_with("hint: is \"timestmp\" meant? Rename it to `timestamp`"),
            "{error}"
        );
    }

    #[test]
    fn reads_in_one_file_and_writes_in_another_add_up() {
        let file = |metric: &str| {
            format!(
                "resource_id,timestamp,metric,value,stat,period\ni-1,1772582400,{metric},2,Sum,60\n"
            )
        };
        let scans = ["DiskReadOps", "DiskWriteOps"].map(|metric| {
            tabular::scan(Path::new("metrics.csv"), file(metric).as_bytes()).unwrap()
        });
        assert_eq!(
            settle(scans.into()).usage[0]
                .samples
                .iter()
                .collect::<Vec<_>>(),
            [(1_772_582_400, 4.0)]
        );
    }

    /// A small file of every shape.
    const GOOD: [&str; 7] = [
        "resource_id,timestamp,metric,value,stat,unit,period\ni-1,2026-03-04T00:00:00Z,cpu,1.5,Maximum,Percent,300\n",
        "resource_id,timestamp,cpu,memory_max\ni-1,2026-03-04T00:00:00Z,1.5,\ni-1,2026-03-04T00:05:00Z,1,2\n",
        "finding,instanceArn,utilizationMetrics_CPU_MAXIMUM,lookBackPeriodInDays,lastRefreshTimestamp_UTC\nx,i-1,5,14,2026-03-04\n",
        r#"{"MetricDataResults":[{"Id":"a","Label":"i-1|CPUUtilization|Maximum|300","Timestamps":["2026-03-04T00:00:00Z"],"Values":[1.5]}]}"#,
        r#"{"metric_name":"CPUUtilization","dimensions":{"InstanceId":"i-1"},"timestamp":1772582400000,"value":{"count":1,"sum":1.5,"max":1.5,"min":1}}"#,
        r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"cpu","node":"i-1"},"values":[[1772582400,"1.5"]]}]}}"#,
        r#"{"interval":"PT5M","timespan":"","value":[{"id":"/i-1/providers/Microsoft.Insights/metrics/cpu","name":{"value":"cpu"},"timeseries":[{"data":[{"timeStamp":"2026-03-04T00:00:00Z","average":1.5}]}]}]}"#,
    ];

    fn read_any(bytes: &[u8]) -> Result<Readings> {
        let path = Path::new("metrics");
        let scan = if json::looks_like_json(bytes) {
            documents(path, bytes)
        } else if compute_optimizer::is_export(bytes) {
            compute_optimizer::scan(path, bytes)
        } else {
            tabular::scan(path, bytes)
        };
        scan.map(|scan| settle(vec![scan]))
    }

    #[test]
    fn every_shape_is_known_by_its_content() {
        for text in GOOD {
            let readings = read_any(text.as_bytes()).unwrap();
            assert!(!readings.usage.is_empty(), "{text}");
            assert!(readings.unknown.is_empty(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_damage_to_a_good_file_panics(
            which in 0usize..7, at in proptest::arbitrary::any::<proptest::sample::Index>(), byte in 0u8..=255, cut: bool
        ) {
            let mut bytes = GOOD[which].as_bytes().to_vec();
            let at = at.index(bytes.len());
            if cut {
                bytes.truncate(at);
            } else {
                bytes[at] = byte;
            }
            let _ = read_any(&bytes);
        }
    }
}
