//! Metrics tables. Long: one measurement per row, `resource_id,timestamp,metric,value` and, where they are known,
//! `stat`, `unit` and `period`. Wide: one time per row, `resource_id,timestamp,cpu,memory,…`, with the statistic
//! in a column `stat` or in the name (`cpu_max`); an empty cell is a measurement that is not there.

use super::gather::Gathered;
use super::instant::Clock;
use super::measure::{self, Misfit};
use super::metrics::Scan;
use super::rows::{self, Row};
use super::table::{normal, shown};
use crate::error::{Error, Result, nearest};
use std::io::Read;
use std::path::Path;

/// Where the columns are.
struct Columns {
    resource: usize,
    time: usize,
    statistic: Option<usize>,
    unit: Option<usize>,
    period: Option<usize>,
    form: Form,
}

enum Form {
    Long { metric: usize, value: usize },
    Wide(Vec<Measured>),
}

/// A column of measurements.
struct Measured {
    column: usize,
    metric: String,
    /// In its name; a column `stat` beats it.
    statistic: &'static str,
    /// Number of its words in the row before.
    words: usize,
}

/// A table while it is read.
struct Reader<'p> {
    path: &'p Path,
    columns: Columns,
    clock: Clock,
    gathered: Gathered,
    /// Statistic and period of the row before, of a wide table.
    before: Option<(Vec<u8>, Vec<u8>)>,
}

/// The series of a table.
pub(super) fn scan(path: &Path, bytes: impl Read) -> Result<Scan> {
    let mut reader: Option<Reader> = None;
    rows::each(path, bytes, &mut |row| {
        if let Some(reader) = &mut reader {
            return reader.take(row);
        }
        reader = Some(Reader {
            path,
            columns: Columns::find(path, row.fields)?,
            clock: Clock::default(),
            gathered: Gathered::default(),
            before: None,
        });
        Ok(())
    })?;
    Ok(reader.map_or_else(Scan::default, |reader| reader.gathered.finish()))
}

impl Columns {
    fn find(path: &Path, header: &[&[u8]]) -> Result<Columns> {
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
        let resource = need(
            &["resourceid", "resource", "instanceid", "id", "arn"],
            "resource_id",
        )?;
        let time = need(&["timestamp", "time", "datetime"], "timestamp")?;
        let metric = find(&["metric", "metricname"]);
        let value = find(&["value"]);
        let measured = measured(header);
        let form = if metric.is_none() && value.is_none() && !measured.is_empty() {
            Form::Wide(measured)
        } else {
            Form::Long {
                metric: metric.ok_or_else(|| missing(path, header, "metric"))?,
                value: value.ok_or_else(|| missing(path, header, "value"))?,
            }
        };
        Ok(Columns {
            resource,
            time,
            form,
            statistic: find(&["stat", "statistic", "aggregation"]),
            unit: find(&["unit"]),
            period: find(&["period", "periodseconds"]),
        })
    }
}

/// The columns of a wide table that are named after a metric.
fn measured(header: &[&[u8]]) -> Vec<Measured> {
    let known = |(column, name): (usize, &&[u8])| {
        let (metric, statistic) = measure::column(&String::from_utf8_lossy(name))?;
        Some(Measured {
            column,
            metric,
            statistic,
            words: 0,
        })
    };
    header.iter().enumerate().filter_map(known).collect()
}

fn missing(path: &Path, header: &[&[u8]], name: &str) -> Error {
    let found: Vec<String> = header
        .iter()
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .collect();
    let hint = match nearest(name, found.iter().map(String::as_str)) {
        Some(near) => format!("is {} meant? Rename it to `{name}`", shown(near.as_bytes())),
        None if found.len() == 1 => {
            "columns are separated by commas; the first line is the header".to_owned()
        }
        None => "a metrics table has the columns resource_id,timestamp,metric,value[,stat,unit,period], or \
                 resource_id,timestamp,cpu,memory[,stat,period]"
            .to_owned(),
    };
    Error::data(format!("no column `{name}` in the metrics table"))
        .at_line(path, 1, 0)
        .hint(hint)
}

impl Reader<'_> {
    fn take(&mut self, row: &Row<'_>) -> Result<()> {
        match &self.columns.form {
            Form::Long { metric, value } => self.long(row, *metric, *value),
            Form::Wide(_) => self.wide(row),
        }
    }

    fn long(&mut self, row: &Row<'_>, metric: usize, value: usize) -> Result<()> {
        let columns = &self.columns;
        let of = |column: Option<usize>| column.map_or(&b""[..], |at| row.fields[at].trim_ascii());
        let words = [
            row.fields[metric].trim_ascii(),
            of(columns.statistic),
            of(columns.unit),
            of(columns.period),
        ];
        let words = self
            .gathered
            .words(words)
            .map_err(|misfit| self.misfit(row, metric, misfit))?;
        let Some(reading) = self.gathered.count(words) else {
            return Ok(());
        };
        let time = self.time(row)?;
        let number = self.value(row, value, reading.scale)?;
        let resource = self.resource(row)?;
        self.gathered.add(resource, words, time, number);
        Ok(())
    }

    fn wide(&mut self, row: &Row<'_>) -> Result<()> {
        self.understand(row)?;
        let time = self.time(row)?;
        let resource = self.resource(row)?;
        let Form::Wide(measured) = &self.columns.form else {
            return Ok(());
        };
        for Measured { column, words, .. } in measured {
            if row.fields[*column].trim_ascii().is_empty() {
                continue;
            }
            if let Some(reading) = self.gathered.count(*words) {
                let number = measure::value(row.fields[*column], reading.scale)
                    .map_err(|what| no_value(self.path, row, *column, what))?;
                self.gathered.add(resource, *words, time, number);
            }
        }
        Ok(())
    }

    /// What the columns of a wide row mean, where its statistic or period is not that of the row before.
    fn understand(&mut self, row: &Row<'_>) -> Result<()> {
        let of = |column: Option<usize>| column.map_or(&b""[..], |at| row.fields[at].trim_ascii());
        let (statistic, period) = (of(self.columns.statistic), of(self.columns.period));
        if let Some((s, p)) = &self.before
            && (&s[..], &p[..]) == (statistic, period)
        {
            return Ok(());
        }
        self.before = Some((statistic.to_vec(), period.to_vec()));
        let Form::Wide(mut measured) =
            std::mem::replace(&mut self.columns.form, Form::Wide(Vec::new()))
        else {
            return Ok(());
        };
        for one in &mut measured {
            let stat = if statistic.is_empty() {
                one.statistic.as_bytes()
            } else {
                statistic
            };
            one.words = self
                .gathered
                .words([one.metric.as_bytes(), stat, b"", period])
                .map_err(|misfit| self.misfit(row, one.column, misfit))?;
        }
        self.columns.form = Form::Wide(measured);
        Ok(())
    }

    fn time(&mut self, row: &Row<'_>) -> Result<i64> {
        let column = self.columns.time;
        let text = row.fields[column];
        self.clock.seconds(text).ok_or_else(|| {
            at(self.path, row, column, format!("{} is no instant", shown(text))).hint(
                "write `2026-10-31T08:00:00Z`, `2026-10-31 08:00:00` (UTC) or Unix seconds or milliseconds",
            )
        })
    }

    fn value(&self, row: &Row<'_>, column: usize, scale: f64) -> Result<f32> {
        measure::value(row.fields[column], scale)
            .map_err(|what| no_value(self.path, row, column, what))
    }

    fn resource(&mut self, row: &Row<'_>) -> Result<usize> {
        let column = self.columns.resource;
        let id = row.fields[column];
        self.gathered.resource(id).ok_or_else(|| {
            let what = format!("{} is no resource id", shown(id.trim_ascii()));
            at(self.path, row, column, what)
                .hint("every measurement names the resource it was taken on")
        })
    }

    fn misfit(&self, row: &Row<'_>, metric: usize, misfit: Misfit) -> Error {
        let columns = &self.columns;
        match misfit {
            Misfit::Unit(what) => at(self.path, row, columns.unit.unwrap_or(metric), what)
                .hint("percent for CPU and memory, bytes for traffic, count for operations; or leave it empty"),
            Misfit::Period(what) => at(self.path, row, columns.period.unwrap_or(metric), what)
                .hint("write seconds (300), or leave it empty to have it found from the steps between samples"),
            Misfit::Text(what) => at(self.path, row, metric, what).hint("save the file as UTF-8"),
        }
    }
}

fn no_value(path: &Path, row: &Row<'_>, column: usize, what: String) -> Error {
    at(path, row, column, what).hint("a measurement that is not there is a row that is not there")
}

/// An error at a field; columns count from 0 here, as in the row.
fn at(path: &Path, row: &Row<'_>, column: usize, what: impl Into<String>) -> Error {
    Error::data(what).at_line(path, row.line, column as u64 + 1)
}

#[cfg(test)]
mod tests {
    use super::super::metrics::settle;
    use super::*;
    use crate::resource::{Metric, Statistic};

    fn usage(text: &str) -> Vec<(Metric, Statistic, u32, Vec<(i64, f32)>)> {
        let scan = scan(Path::new("m.csv"), text.as_bytes()).unwrap();
        let usage = settle(vec![scan]).usage.into_iter();
        usage
            .map(|u| (u.metric, u.statistic, u.period, u.samples.iter().collect()))
            .collect()
    }

    #[test]
    fn a_wide_table_has_a_column_per_metric() {
        let text = "resource_id,timestamp,Region,cpu,memory_max\n\
                    i-1,1772582400,eu,10.5,50\ni-1,1772582700,eu,,60\n";
        assert_eq!(
            usage(text),
            [
                (
                    Metric::Cpu,
                    Statistic::Average,
                    300,
                    vec![(1_772_582_400, 10.5)]
                ),
                (
                    Metric::Memory,
                    Statistic::Maximum,
                    300,
                    vec![(1_772_582_400, 50.0), (1_772_582_700, 60.0)]
                )
            ]
        );
    }

    #[test]
    fn statistic_and_period_of_a_wide_row_hold_for_all_of_it() {
        let text = "resource_id,timestamp,cpu,stat,period\n\
                    i-1,1772582400,10,Maximum,60\ni-1,1772582400,5,Average,60\ni-1,1772586000,7,Maximum,3600\n";
        let shape: Vec<_> = usage(text).into_iter().map(|u| (u.1, u.2)).collect();
        assert_eq!(
            shape,
            [
                (Statistic::Average, 60),
                (Statistic::Maximum, 60),
                (Statistic::Maximum, 3600)
            ]
        );
    }

    #[test]
    fn a_wide_cell_that_is_wrong_is_named() {
        let text = "resource_id,timestamp,cpu,memory\ni-1,1772582400,10,n/a\n";
        let error = scan(Path::new("m.csv"), text.as_bytes()).unwrap_err();
        assert_eq!(error.what(), "\"n/a\" is no number");
        assert_eq!(error.place().map(|p| (p.line, p.column)), Some((2, 4)));
    }
}
