//! What came of a run: `run.json`, the gates, the summary, the weekly page, the exit code.

use super::alerts::unexpected;
use super::findings::Findings;
use super::forecast;
use super::gate::Gate;
use super::night::Night;
use super::plan::Plan;
use super::trust;
use crate::analysis::compliance::{ALL_TAGS, Scope};
use crate::analysis::invoices::largest_drift;
use crate::error::{Error, Kind, Result};
use crate::report::definition::Definition;
use crate::report::drawing::Drawing;
use crate::report::page;
use crate::report::publish::Stage;
use crate::report::table::Table;
use serde_json::{Value, json};

/// One report as it was written.
pub(super) struct ReportEntry {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) rows: usize,
    pub(super) csv: String,
    pub(super) workbook: Option<String>,
    pub(super) charts: Vec<String>,
    pub(super) drawings: Vec<Drawing>,
}

/// What came of a run.
pub(super) struct Outcome {
    run: Value,
    metrics: String,
    entries: Vec<ReportEntry>,
    failed: Vec<(String, Error)>,
    crossed: Vec<String>,
    notes: Vec<String>,
    states: String,
}

impl Outcome {
    /// Judges the gates and gathers what `run.json` says.
    pub(super) fn new(
        plan: &Plan,
        night: &Night,
        findings: &Findings,
        entries: Vec<ReportEntry>,
        failed: Vec<(String, Error)>,
    ) -> Outcome {
        let figures: Vec<(&Gate, Option<f64>)> = plan
            .gates
            .iter()
            .map(|gate| (gate, figure(gate, night, findings)))
            .collect();
        let crossed = figures
            .iter()
            .filter_map(|(gate, figure)| {
                figure
                    .filter(|figure| gate.is_crossed(*figure))
                    .map(|figure| format!("{} is {figure:.2}", gate.text()))
            })
            .collect();
        let months: Vec<(String, &str)> = night
            .months()
            .into_iter()
            .map(|month| month.to_string())
            .map(|month| (month.clone(), trust::state(night, &month).name()))
            .collect();
        Outcome {
            run: run_json(plan, night, findings, (&entries, &failed), &figures),
            metrics: metrics(night, findings, &entries),
            notes: notes(findings),
            entries,
            failed,
            crossed,
            states: months
                .iter()
                .map(|(month, state)| format!("{month} {state}"))
                .collect::<Vec<_>>()
                .join(", "),
        }
    }

    /// Writes everything that is about the run itself.
    pub(super) fn write(&self, stage: &Stage, reports: &[(Definition, Table)]) -> Result<()> {
        let json = serde_json::to_vec_pretty(&self.run).map_err(|e| Error::data(e.to_string()))?;
        stage.write("run.json", &json)?;
        stage.write("metrics.prom", self.metrics.as_bytes())?;
        let sections: Vec<page::Section<'_>> = self
            .entries
            .iter()
            .map(|entry| {
                let (definition, table) = reports
                    .iter()
                    .find(|(definition, _)| definition.name == entry.name)
                    .map(|(d, t)| (Some(d), Some(t)))
                    .unwrap_or_default();
                page::Section {
                    title: &entry.title,
                    csv: &entry.csv,
                    workbook: entry.workbook.as_deref(),
                    about: definition.map_or("", |definition| definition.about.as_str()),
                    findings: entry
                        .drawings
                        .iter()
                        .map(|drawing| drawing.title.as_str())
                        .collect(),
                    charts: entry
                        .charts
                        .iter()
                        .map(|chart| {
                            (
                                chart.as_str(),
                                std::fs::read(stage.path(chart)).unwrap_or_default(),
                            )
                        })
                        .collect(),
                    table,
                }
            })
            .collect();
        let mut notes = self.notes.clone();
        notes.extend(
            self.failed
                .iter()
                .map(|(name, error)| format!("{name} failed: {}", error.what())),
        );
        notes.extend(
            self.crossed
                .iter()
                .map(|gate| format!("gate crossed: {gate}")),
        );
        stage.write(
            "summary.md",
            page::summary(&self.states, &notes, &sections).as_bytes(),
        )?;
        stage.write(
            "index.html",
            page::html(&self.states, &notes, &sections).as_bytes(),
        )
    }

    /// Exit code 5 where reports failed, 1 where a gate was crossed, else success.
    pub(super) fn verdict(self) -> Result<()> {
        if let Some((name, error)) = self.failed.first() {
            return Err(Error::new(
                Kind::Partial,
                format!(
                    "{} of {} reports failed; `{name}`: {error}",
                    self.failed.len(),
                    self.failed.len() + self.entries.len()
                ),
            ));
        }
        of_gates(self.crossed.first())
    }

    /// True where every wanted report was written.
    pub(super) fn is_complete(&self) -> bool {
        self.failed.is_empty()
    }

    /// The gates that were crossed.
    pub(super) fn crossed(&self) -> &[String] {
        &self.crossed
    }
}

/// Exit code 1 where a gate was crossed.
pub(super) fn of_gates(crossed: Option<&String>) -> Result<()> {
    match crossed {
        Some(gate) => Err(
            Error::new(Kind::Gate, format!("a gate was crossed: {gate}"))
                .hint("the reports are written; `--fail-on` set this gate"),
        ),
        None => Ok(()),
    }
}

/// Breaks of the books that the summary names; `run.json` and `books.csv` have all.
const SHOWN: usize = 5;

/// What the summary and the page say first: that the books are open, then everything else.
fn notes(findings: &Findings) -> Vec<String> {
    let breaks = findings.breaks.iter().take(SHOWN);
    let mut notes: Vec<String> = breaks
        .map(|broken| format!("books open: {broken}"))
        .collect();
    let more = findings.breaks.len().saturating_sub(SHOWN);
    if more > 0 {
        notes.push(format!("books open: and {more} more, see books.csv"));
    }
    notes.extend(findings.notes.iter().cloned());
    notes
}

/// The figure a gate looks at; none where the night has no such figure.
fn figure(gate: &Gate, night: &Night, findings: &Findings) -> Option<f64> {
    match gate.name {
        "tag-compliance" => {
            let rows = &findings.compliance.as_ref().ok()?.rows;
            let overall = rows
                .iter()
                .filter(|row| row.scope == Scope::Overall && row.tag == ALL_TAGS);
            let latest = overall.clone().map(|row| &row.month).max()?;
            let worst = overall
                .filter(|row| row.month == *latest)
                .filter_map(crate::analysis::compliance::ComplianceRow::cost_compliance_pct)
                .min()?;
            Some(f64::from(i32::try_from(worst).ok()?) / 100.0)
        }
        "anomaly-impact" => {
            let open = unexpected(findings.watched.as_ref().ok()?)
                .map(|(_, found)| &found.incident)
                .filter(|incident| incident.open);
            Some(open.map(|incident| incident.impact.abs()).sum())
        }
        "budget-overrun" => {
            let overruns = forecast::overruns(findings.forecast.as_ref().ok()?);
            u32::try_from(overruns).ok().map(f64::from)
        }
        "invoice-drift" => {
            let drift = largest_drift(findings.invoices.as_ref().ok()?);
            Some(drift.approximate())
        }
        _ => {
            let rows: usize = night
                .sources
                .iter()
                .flat_map(|source| source.inputs.values())
                .map(|input| input.set_aside.len())
                .sum();
            u32::try_from(rows).ok().map(f64::from)
        }
    }
}

fn run_json(
    plan: &Plan,
    night: &Night,
    findings: &Findings,
    (entries, failed): (&[ReportEntry], &[(String, Error)]),
    gates: &[(&Gate, Option<f64>)],
) -> Value {
    let inputs = night.sources.iter().flat_map(|source| {
        source
            .inputs
            .values()
            .map(|input| (source.name.as_str(), input))
    });
    let inputs: Vec<Value> = inputs
        .map(|(source, input)| {
            json!({ "source": source, "path": input.path, "format": input.format, "size": input.size, "sha256": input.sha256, "rows": input.rows,
                    "set_aside": input.set_aside.len(), "control_totals": input.export, "notes": input.notes })
        })
        .collect();
    let reports: Vec<Value> = entries.iter().map(|entry| json!({ "name": entry.name, "state": "written", "rows": entry.rows, "csv": entry.csv, "workbook": entry.workbook, "charts": entry.charts })).collect();
    let failed: Vec<Value> = failed
        .iter()
        .map(|(name, error)| json!({ "name": name, "state": "failed", "error": error.to_string() }))
        .collect();
    let durations: serde_json::Map<String, Value> = night
        .times
        .iter()
        .map(|(name, time)| ((*name).to_owned(), json!(time.as_secs_f64())))
        .collect();
    let gates: Vec<Value> = gates
        .iter()
        .map(|(gate, figure)| json!({ "gate": gate.text(), "figure": figure, "crossed": figure.is_some_and(|figure| gate.is_crossed(figure)) }))
        .collect();
    let periods: Vec<Value> = night
        .facts
        .iter()
        .zip(&night.trust)
        .map(|((source, facts), trust)| json!({ "source": source, "period": facts.period.month, "state": trust.state.name(), "reason": trust.reason,
                "files": facts.period.inputs.len(), "read_line_items": facts.fresh }))
        .collect();
    json!({
        "cloudtally": env!("CARGO_PKG_VERSION"),
        "today": plan.today.to_string(),
        "as_of": plan.as_of.map(|day| day.to_string()),
        "inputs": inputs,
        "periods": periods,
        "files_read": night.sources.iter().map(|source| source.files_read).sum::<usize>(),
        "reports": reports.into_iter().chain(failed).collect::<Vec<_>>(),
        "books": { "state": if findings.breaks.is_empty() { "closed" } else { "open" }, "breaks": findings.breaks },
        "notes": findings.notes,
        "gates": gates,
        "seconds": durations,
    })
}

/// The run for a Prometheus textfile collector.
fn metrics(night: &Night, findings: &Findings, entries: &[ReportEntry]) -> String {
    let rows: u64 = night
        .sources
        .iter()
        .flat_map(|source| source.inputs.values())
        .map(|input| input.rows)
        .sum();
    let total = night
        .times
        .iter()
        .find(|(name, _)| *name == "total")
        .map_or(0.0, |(_, time)| time.as_secs_f64());
    let figures = [
        (
            "cloudtally_rows",
            "Rows of all bills in the lake",
            rows.to_string(),
        ),
        (
            "cloudtally_reports_written",
            "Reports written by the last run",
            entries.len().to_string(),
        ),
        (
            "cloudtally_books_open",
            "Lines of the books that do not close; 0 when they are closed",
            findings.breaks.len().to_string(),
        ),
        (
            "cloudtally_run_seconds",
            "Wall time of the last run",
            format!("{total:.3}"),
        ),
    ];
    figures
        .iter()
        .map(|(name, help, value)| {
            format!("# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n")
        })
        .collect()
}
