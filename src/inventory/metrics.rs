//! Metrics tables, one measurement per row, by the million: `resource_id,timestamp,metric,value` and, where
//! they are known, `stat`, `unit` and `period`. Rows stream past; no row makes a string. JSON of `CloudWatch` goes
//! to its own reader. A metric that nobody reads is counted, a cell that cannot be understood stops the run.

use super::cloudwatch;
use super::instant;
use super::json;
use super::measure::{self, Meaning, Misfit, Reading, Words};
use super::open;
use super::series::{self, Series};
use super::table::{at_field, csv_error, normal, shown};
use crate::error::{Error, Result, nearest};
use crate::resource::Usage;
use csv::ByteRecord;
use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::path::Path;

/// Bytes that are parsed at a time.
const BUFFER: usize = 1 << 18;

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
        return cloudwatch::scan(path, &open::read_all(path, opened)?);
    }
    table(path, opened.bytes)
}

/// Joins scans: series of one resource meet, duplicates go, missing periods are found, reads and writes add up.
/// Where files give one time twice, the later scan counts (for maxima, the higher value).
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

/// Where the columns are.
struct Columns {
    resource: usize,
    time: usize,
    metric: usize,
    value: usize,
    statistic: Option<usize>,
    unit: Option<usize>,
    period: Option<usize>,
}

impl Columns {
    fn find(path: &Path, header: &ByteRecord) -> Result<Columns> {
        let names: Vec<String> = header
            .iter()
            .map(|name| normal(&String::from_utf8_lossy(name)))
            .collect();
        let find = |spellings: &[&str]| {
            spellings
                .iter()
                .find_map(|spelling| names.iter().position(|name| name == spelling))
        };
        let need = |spellings: &[&str], name: &str| {
            find(spellings).ok_or_else(|| missing(path, header, name))
        };
        Ok(Columns {
            resource: need(
                &["resourceid", "resource", "instanceid", "id", "arn"],
                "resource_id",
            )?,
            time: need(&["timestamp", "time", "datetime"], "timestamp")?,
            metric: need(&["metric", "metricname"], "metric")?,
            value: need(&["value"], "value")?,
            statistic: find(&["stat", "statistic", "aggregation"]),
            unit: find(&["unit"]),
            period: find(&["period", "periodseconds"]),
        })
    }
}

fn missing(path: &Path, header: &ByteRecord, name: &str) -> Error {
    let found: Vec<String> = header
        .iter()
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .collect();
    let hint = match nearest(name, found.iter().map(String::as_str)) {
        Some(near) => format!("is {} meant? Rename it to `{name}`", shown(near.as_bytes())),
        None if found.len() == 1 => {
            "columns are separated by commas; the first line is the header".to_owned()
        }
        None => {
            "a metrics table has the columns resource_id,timestamp,metric,value[,stat,unit,period]"
                .to_owned()
        }
    };
    Error::data(format!("no column `{name}` in the metrics table"))
        .at_line(path, 1, 0)
        .hint(hint)
}

/// Short numbers for texts that come again and again.
#[derive(Default)]
struct Numbers {
    known: HashMap<Box<[u8]>, usize>,
    last: (Vec<u8>, usize),
}

impl Numbers {
    /// The number of a text: its place among the different texts so far. Exports repeat the text of the row
    /// before, so that is compared first.
    fn of(&mut self, text: &[u8]) -> usize {
        if self.last.0 == text && !self.known.is_empty() {
            return self.last.1;
        }
        let number = if let Some(&number) = self.known.get(text) {
            number
        } else {
            self.known.insert(text.into(), self.known.len());
            self.known.len() - 1
        };
        self.last.0.clear();
        self.last.0.extend_from_slice(text);
        self.last.1 = number;
        number
    }
}

/// A series while rows still come: resource by number, reading, samples.
type Growing = (usize, Reading, Vec<(i64, f32)>);

/// Everything that rows leave behind.
#[derive(Default)]
struct Gathered {
    rows: u64,
    resources: Numbers,
    ids: Vec<String>,
    /// Metric, statistic, unit and period of a row, as one text.
    words: Numbers,
    buffer: Vec<u8>,
    meanings: Vec<(Meaning, u64)>,
    /// By resource and words.
    places: HashMap<(usize, usize), usize>,
    series: Vec<Growing>,
}

fn table(path: &Path, bytes: impl Read) -> Result<Scan> {
    let mut csv = csv::ReaderBuilder::new()
        .buffer_capacity(BUFFER)
        .from_reader(bytes);
    let columns = Columns::find(
        path,
        csv.byte_headers()
            .map_err(|error| csv_error(path, &error))?,
    )?;
    let mut gathered = Gathered::default();
    let mut row = ByteRecord::new();
    while csv
        .read_byte_record(&mut row)
        .map_err(|error| csv_error(path, &error))?
    {
        gathered.take(path, &columns, &row)?;
    }
    Ok(gathered.finish())
}

impl Gathered {
    fn take(&mut self, path: &Path, columns: &Columns, row: &ByteRecord) -> Result<()> {
        self.rows += 1;
        let words = self.words_of(path, columns, row)?;
        let (meaning, rows) = &mut self.meanings[words];
        *rows += 1;
        let Meaning::Known(reading) = meaning else {
            return Ok(());
        };
        let reading = *reading;
        let time = row.get(columns.time).unwrap_or_default();
        let time = instant::seconds(time).ok_or_else(|| {
            at_field(path, row, columns.time, format!("{} is no instant", shown(time))).hint(
                "write `2026-10-31T08:00:00Z`, `2026-10-31 08:00:00` (UTC) or Unix seconds or milliseconds",
            )
        })?;
        let value = value(row.get(columns.value).unwrap_or_default(), reading.scale);
        let value = value.map_err(|what| {
            at_field(path, row, columns.value, what)
                .hint("a measurement that is not there is a row that is not there")
        })?;
        let resource = self.resource_of(path, columns, row)?;
        let place = *self.places.entry((resource, words)).or_insert_with(|| {
            self.series.push((resource, reading, Vec::new()));
            self.series.len() - 1
        });
        self.series[place].2.push((time, value));
        Ok(())
    }

    fn resource_of(&mut self, path: &Path, columns: &Columns, row: &ByteRecord) -> Result<usize> {
        let id = row.get(columns.resource).unwrap_or_default().trim_ascii();
        let number = self.resources.of(id);
        if number == self.ids.len() {
            let text = std::str::from_utf8(id).ok().filter(|text| !text.is_empty());
            let text = text.ok_or_else(|| {
                at_field(
                    path,
                    row,
                    columns.resource,
                    format!("{} is no resource id", shown(id)),
                )
                .hint("every measurement names the resource it was taken on")
            })?;
            self.ids.push(text.to_owned());
        }
        Ok(number)
    }

    fn words_of(&mut self, path: &Path, columns: &Columns, row: &ByteRecord) -> Result<usize> {
        let of = |column: Option<usize>| {
            column
                .and_then(|column| row.get(column))
                .unwrap_or_default()
                .trim_ascii()
        };
        let fields = [
            of(Some(columns.metric)),
            of(columns.statistic),
            of(columns.unit),
            of(columns.period),
        ];
        self.buffer.clear();
        for field in fields {
            self.buffer.extend_from_slice(field);
            // No UTF-8 text holds this byte, so fields cannot run into each other.
            self.buffer.push(0xff);
        }
        let number = self.words.of(&self.buffer);
        if number == self.meanings.len() {
            let meaning = understand(path, columns, row, fields)?;
            self.meanings.push((meaning, 0));
        }
        Ok(number)
    }

    fn finish(self) -> Scan {
        let mut unknown: BTreeMap<String, u64> = BTreeMap::new();
        for (meaning, rows) in self.meanings {
            if let Meaning::Unknown(name) = meaning {
                *unknown.entry(name).or_default() += rows;
            }
        }
        let ids = self.ids;
        let named = |(resource, reading, samples): Growing| {
            Some(Series {
                resource: ids.get(resource)?.clone(),
                reading,
                samples,
            })
        };
        Scan {
            rows: self.rows,
            series: self.series.into_iter().filter_map(named).collect(),
            unknown,
        }
    }
}

fn understand(
    path: &Path,
    columns: &Columns,
    row: &ByteRecord,
    fields: [&[u8]; 4],
) -> Result<Meaning> {
    let mut texts = [""; 4];
    for (text, field) in texts.iter_mut().zip(fields) {
        *text = std::str::from_utf8(field).map_err(|_| {
            at_field(
                path,
                row,
                columns.metric,
                format!("{} is not UTF-8 text", shown(field)),
            )
            .hint("save the file as UTF-8")
        })?;
    }
    let [metric, statistic, unit, period] = texts;
    measure::meaning(Words { metric, statistic, unit, period }).map_err(|misfit| match misfit {
        Misfit::Unit(what) => at_field(path, row, columns.unit.unwrap_or_default(), what)
            .hint("percent for CPU and memory, bytes for traffic, count for operations; or leave it empty"),
        Misfit::Period(what) => at_field(path, row, columns.period.unwrap_or_default(), what)
            .hint("write seconds (300), or leave it empty to have it found from the steps between samples"),
    })
}

/// A measurement in the metric's unit. Nothing that is measured here can be negative.
#[allow(
    clippy::cast_possible_truncation,
    reason = "samples are f32 by design; what overflows is refused"
)]
pub(super) fn value(field: &[u8], scale: f64) -> std::result::Result<f32, String> {
    let number: Option<f64> = std::str::from_utf8(field)
        .ok()
        .and_then(|text| text.trim().parse().ok());
    let value = number
        .map(|number| (number * scale) as f32)
        .filter(|value| value.is_finite());
    match value {
        Some(value) if value >= 0.0 => Ok(value),
        Some(_) => Err(format!("{} is negative", shown(field))),
        None => Err(format!("{} is no number", shown(field))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::{Metric, Statistic};

    fn read(text: &str) -> Result<Readings> {
        table(Path::new("metrics.csv"), text.as_bytes()).map(|scan| settle(vec![scan]))
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
            (first.period, &first.samples[..]),
            (300, &[(1_772_582_400, 10.0), (1_772_582_700, 20.5)][..])
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
        let scans = ["DiskReadOps", "DiskWriteOps"]
            .map(|metric| table(Path::new("metrics.csv"), file(metric).as_bytes()).unwrap());
        assert_eq!(
            settle(scans.into()).usage[0].samples,
            [(1_772_582_400, 4.0)]
        );
    }
}
