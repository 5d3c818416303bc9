//! A run of which nothing changed since the one before publishes that one's reports once more.
//!
//! What a run depends on becomes one key: the program, everything that was typed and configured (files that the
//! config names are read by then), every file that is read, what the sources hold and what the lake remembers of
//! earlier runs. The same input gives the same bytes, so the same key may give the same files. They are taken from
//! where they were published, and only if nobody touched them since; else the run is made.

use super::findings::Findings;
use super::night::{self, Night};
use super::plan::Plan;
use super::restated;
use crate::error::{Error, Result};
use crate::lake::{self, Lake, Stamp, stamp};
use crate::report::publish::Stage;
use crate::source::Source;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What the lake keeps of the last run.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    /// What the run depended on, without its sources, and these.
    inputs: String,
    sources: String,
    /// Its files as they were published.
    files: Vec<(PathBuf, Stamp)>,
    said: Said,
}

/// What a run told its reader.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Said {
    news: Vec<String>,
    warnings: Vec<String>,
    /// The gates that were crossed.
    crossed: Vec<String>,
}

impl Said {
    /// Everything but how many files were read.
    pub(super) fn of(night: &Night, findings: &Findings, crossed: &[String]) -> Said {
        let restated = findings.restated.as_deref().unwrap_or_default();
        Said {
            news: restated::lines(restated),
            warnings: night
                .warned
                .iter()
                .cloned()
                .chain(findings.warnings())
                .collect(),
            crossed: crossed.to_vec(),
        }
    }
}

/// Files that tell of the run itself; all others tell of its inputs.
const RUN: &str = "run.json";
const METRICS: &str = "metrics.prom";

/// What a run of which nothing changed has to say again.
pub(super) struct Again {
    record: Record,
    folder: PathBuf,
    sources: Vec<Source>,
}

/// The last run, where this one would say the same.
pub(super) fn last(lake: &Lake, plan: &Plan) -> Result<Option<Again>> {
    let folder = plan.out.join(plan.today.to_string());
    let Some(record) = read(lake).filter(|_| repeats(plan)) else {
        return Ok(None);
    };
    let untouched = |(file, known): &(PathBuf, Stamp)| {
        stamp(&folder.join(file)).is_some_and(|found| found.is_content_of(*known))
    };
    if inputs(lake, plan) != record.inputs || !record.files.iter().all(untouched) {
        return Ok(None);
    }
    // No file of a bill changed, so that this reads none.
    let found = night::sources(lake, plan)?;
    Ok((sources(&found) == record.sources).then_some(Again {
        record,
        folder,
        sources: found,
    }))
}

impl Again {
    /// Puts the last run's files into a stage; how long this run took goes into those that say so.
    pub(super) fn stage(&self, stage: &Stage, plan: &Plan, start: Instant) -> Result<()> {
        let ingest = start.elapsed();
        night::tell(&self.sources, &[], plan);
        for (file, _) in &self.record.files {
            stage.adopt(&self.folder, file)?;
        }
        let text = |file: &str| {
            let path = self.folder.join(file);
            fs::read_to_string(&path).map_err(|e| Error::read(&path, &e))
        };
        let total = start.elapsed();
        let times = [
            ("facts", Duration::ZERO),
            ("ingest", ingest),
            ("reports", Duration::ZERO),
            ("total", total),
            ("write", total.saturating_sub(ingest)),
        ];
        stage.write(RUN, retold(&text(RUN)?, &times)?.as_bytes())?;
        stage.write(METRICS, retimed(&text(METRICS)?, total).as_bytes())?;
        for line in &self.record.said.news {
            tracing::info!("{line}");
        }
        for warning in &self.record.said.warnings {
            tracing::warn!("{warning}");
        }
        tracing::info!("nothing changed since the last run: its reports are published again");
        Ok(())
    }

    /// The gates that are crossed still.
    pub(super) fn crossed(&self) -> Option<&String> {
        self.record.said.crossed.first()
    }
}

/// Keeps what a run depended on and where its files are; called once it is published and the lake is up to date.
pub(super) fn remember(
    lake: &Lake,
    plan: &Plan,
    found: &[Source],
    folder: &Path,
    said: Said,
) -> Result<()> {
    if !repeats(plan) {
        return Ok(());
    }
    let mut names = Vec::new();
    list(folder, Path::new(""), &mut names);
    names.retain(|name| name != Path::new(RUN) && name != Path::new(METRICS));
    names.sort();
    let files = names.into_iter().filter_map(|name| {
        let stamp = stamp(&folder.join(&name))?;
        Some((name, stamp))
    });
    let record = Record {
        inputs: inputs(lake, plan),
        sources: sources(found),
        files: files.collect(),
        said,
    };
    lake::write_json(&path(lake), &record)
}

fn path(lake: &Lake) -> PathBuf {
    lake.root().join("again.json")
}

fn read(lake: &Lake) -> Option<Record> {
    lake::read_json(&path(lake))
}

/// An earlier run looked at again, and bills that are still to be fetched, are not known by their files.
fn repeats(plan: &Plan) -> bool {
    plan.as_of.is_none() && !plan.is_remote()
}

/// Everything that a run depends on but what its bills hold.
fn inputs(lake: &Lake, plan: &Plan) -> String {
    let read = plan.local_files().chain(&plan.inventory).chain(&plan.usage);
    let read: Vec<Option<Stamp>> = read.map(|path| stamp(path)).collect();
    lake::hash(&[
        &lake::program(),
        &format!("{plan:?}"),
        &format!("{read:?}"),
        &format!("{:?}", lake.memory()),
    ])
}

/// What the bills hold: which files, as which charges, in which periods.
fn sources(found: &[Source]) -> String {
    let known = |source: &Source| {
        let inputs: Vec<_> = source
            .inputs
            .values()
            .map(|input| (&input.key, &input.path))
            .collect();
        format!(
            "{:?} {:?} {inputs:?} {:?} {} {}",
            source.name, source.id, source.periods, source.files, source.ad_hoc
        )
    };
    let known: Vec<String> = found.iter().map(known).collect();
    lake::hash(&known.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Every file of a published run.
fn list(folder: &Path, inside: &Path, names: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder.join(inside)).into_iter().flatten();
    for entry in entries.flatten() {
        let name = inside.join(entry.file_name());
        if entry.path().is_dir() {
            list(folder, &name, names);
        } else {
            names.push(name);
        }
    }
}

/// `run.json` of a run that read nothing: no file, no line item, and its own times. All other lines stay as they
/// are, for numbers may not survive being read and written.
fn retold(text: &str, times: &[(&str, Duration)]) -> Result<String> {
    let times: BTreeMap<_, _> = times.iter().map(|(n, t)| (n, t.as_secs_f64())).collect();
    let seconds = serde_json::to_string_pretty(&BTreeMap::from([("seconds", times)]));
    let seconds = seconds.map_err(|e| Error::data(e.to_string()))?;
    let seconds: Vec<&str> = seconds.lines().collect();
    let mut told = String::with_capacity(text.len());
    let mut skipping = false;
    for line in text.lines() {
        let (key, _) = line.split_once(':').unwrap_or((line, ""));
        let comma = if line.ends_with(',') { "," } else { "" };
        match key {
            "  \"files_read\"" => told.push_str(&format!("{key}: 0{comma}\n")),
            "      \"read_line_items\"" => told.push_str(&format!("{key}: false{comma}\n")),
            "  \"seconds\"" => {
                skipping = true;
                for line in &seconds[1..seconds.len() - 2] {
                    told.push_str(&format!("{line}\n"));
                }
            }
            _ if skipping && line.starts_with("  }") => {
                skipping = false;
                told.push_str(&format!("{line}\n"));
            }
            _ if skipping => {}
            _ => told.push_str(&format!("{line}\n")),
        }
    }
    told.truncate(told.trim_end().len());
    Ok(told)
}

/// `metrics.prom` with the time of this run.
fn retimed(text: &str, total: Duration) -> String {
    let line = |line: &str| match line.split_once(' ') {
        Some((name @ "cloudtally_run_seconds", _)) => {
            format!("{name} {:.3}\n", total.as_secs_f64())
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_file_tells_its_own_time_and_that_nothing_was_read() {
        let run = serde_json::json!({
            "files_read": 3,
            "periods": [{ "period": "2026-10", "read_line_items": true, "files": 2 }],
            "gates": [{ "figure": 0.1 }],
            "seconds": { "facts": 2.5, "total": 9.0 },
            "zeta": 1
        });
        let text = serde_json::to_string_pretty(&run).unwrap();
        let times = [
            ("facts", Duration::ZERO),
            ("total", Duration::from_millis(250)),
        ];
        let told = retold(&text, &times).unwrap();
        let wanted = serde_json::json!({
            "files_read": 0,
            "periods": [{ "period": "2026-10", "read_line_items": false, "files": 2 }],
            "gates": [{ "figure": 0.1 }],
            "seconds": { "facts": 0.0, "total": 0.25 },
            "zeta": 1
        });
        assert_eq!(told, serde_json::to_string_pretty(&wanted).unwrap());
    }

    #[test]
    fn the_metrics_have_the_time_of_this_run() {
        let text = "# TYPE cloudtally_run_seconds gauge\ncloudtally_run_seconds 12.000\n";
        let wanted = "# TYPE cloudtally_run_seconds gauge\ncloudtally_run_seconds 0.250\n";
        assert_eq!(retimed(text, Duration::from_millis(250)), wanted);
    }
}
