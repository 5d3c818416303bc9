//! The whole batch on one page.

use super::again;
use super::findings::{self, Findings};
use super::night::{self, Night};
use super::outcome::{self, Outcome, ReportEntry};
use super::plan::Plan;
use super::tables;
use super::{
    books, commitments, finance, fixes, forecast, history, incidents, known, ledger, restated,
    share, trust,
};
use crate::analysis::trust::State;
use crate::cli::{LogFormat, RunArgs};
use crate::error::{Error, Kind, Result};
use crate::lake::Lake;
use crate::period::Month;
use crate::report::chart::png;
use crate::report::csv::write_csv;
use crate::report::definition::{ChartSpec, Definition, Method};
use crate::report::drawing::Drawing;
use crate::report::picture::{Frame, drawings};
use crate::report::publish::Stage;
use crate::report::table::{Cell, Table};
use chrono::NaiveDate;
use rayon::prelude::*;
use std::time::Instant;

/// Reads the bills and writes every report; fails before anything slow where it can.
pub(super) fn run(args: &RunArgs, clock: NaiveDate) -> Result<()> {
    let start = Instant::now();
    prepare(args)?;
    let plan = Plan::new(args, clock)?;
    let stage = match plan.as_of {
        None => Stage::new(&plan.out, plan.today)?,
        Some(day) => Stage::as_of(&plan.out, day)?,
    };
    let lake = Lake::open(&plan.lake)?;
    if let Some(again) = again::last(&lake, &plan)? {
        again.stage(&stage, &plan, start)?;
        let folder = stage.publish()?;
        tracing::info!("reports: {}", folder.display());
        return outcome::of_gates(again.crossed());
    }
    let mut night = night::fill(&lake, &plan)?;
    let (reports, failed, mut findings) = report(&lake, &mut night, &plan)?;
    let mut held = books::street(&night)?;
    held.extend(books::of_reports(&held, &reports));
    let closing = books::close(held, plan.today);
    closing.verdict(plan.allow_open)?;
    findings.notes.extend(closing.notes);
    findings.breaks = closing.breaks;
    tell(&findings);
    let proof = finance::proof(&closing.table);
    let mut reports = with_books(reports, closing.table, &plan);
    if !findings.breaks.is_empty() {
        for (_, table) in &mut reports {
            mark_open(table);
        }
    }
    let written = Instant::now();
    let mut entries = write(&stage, &night, &plan, &findings, &reports)?;
    finance::write(&stage, &night, &plan, (&reports, &proof), &mut entries)?;
    fixes::write(&stage, &plan, &findings)?;
    night.times.push(("write", written.elapsed()));
    night.times.push(("total", start.elapsed()));
    let outcome = Outcome::new(&plan, &night, &findings, entries, failed);
    outcome.write(&stage, &reports)?;
    let folder = stage.publish()?;
    tracing::info!("reports: {}", folder.display());
    if plan.as_of.is_none() {
        let is_journal =
            |(definition, _): &(Definition, Table)| definition.method == Method::ShowbackJournal;
        if findings.breaks.is_empty() && reports.iter().any(is_journal) {
            book(&lake, &night, &plan, &findings)?;
        }
        history::keep(&lake, &night, &plan)?;
        if let Ok(watched) = &findings.watched {
            known::remember(&lake, plan.today, watched)?;
        }
        forecast::keep(&lake, &plan, &findings.forecast)?;
        ledger::remember(&lake, &plan, &findings.ledger)?;
        if outcome.is_complete() && findings.are_complete() {
            let said = again::Said::of(&night, &findings, outcome.crossed());
            again::remember(&lake, &plan, &night.sources, &folder, said)?;
        }
    }
    outcome.verdict()
}

/// What the published journal says is booked from now on; never out of books that are open.
fn book(lake: &Lake, night: &Night, plan: &Plan, findings: &Findings) -> Result<()> {
    let Ok(shared) = &findings.shared else {
        return Ok(());
    };
    let entries = share::entries(night, shared, plan);
    if entries.is_empty() || entries == night.booked {
        return Ok(());
    }
    lake.remember("journal", &entries)
}

/// What a reader should know, on stderr too.
fn tell(findings: &Findings) {
    for warning in findings.warnings() {
        tracing::warn!("{warning}");
    }
}

/// Every row of a report whose books are open says so: a reader of the file sees no other page.
fn mark_open(table: &mut Table) {
    table.columns.push("BooksState".to_owned());
    for row in &mut table.rows {
        row.push(Cell::text("open"));
    }
}

/// Threads and the voice of the run.
pub(super) fn prepare(args: &RunArgs) -> Result<()> {
    speak(args.quiet, args.log_format);
    let Some(jobs) = args.jobs else { return Ok(()) };
    if jobs == 0 {
        return Err(Error::usage("`--jobs 0`: a run needs at least one thread"));
    }
    rayon::ThreadPoolBuilder::new()
        .num_threads(jobs)
        .build_global()
        .map_err(|e| Error::usage(e.to_string()))
}

/// Everything said to a person goes to stderr.
pub(super) fn speak(quiet: bool, format: LogFormat) {
    let level = if quiet {
        tracing::Level::ERROR
    } else {
        tracing::Level::INFO
    };
    let builder = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(level)
        .with_target(false);
    let _ = match format {
        LogFormat::Text => builder
            .without_time()
            .with_level(false)
            .with_ansi(false)
            .try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
}

type Reported = (Vec<(Definition, Table)>, Vec<(String, Error)>, Findings);

/// The tables of all reports but the books; those that failed stand apart.
fn report(lake: &Lake, night: &mut Night, plan: &Plan) -> Result<Reported> {
    let start = Instant::now();
    let findings = findings::findings(lake, night, plan);
    if let Ok(restated) = &findings.restated {
        for line in restated::lines(restated) {
            tracing::info!("{line}");
        }
    }
    let (mut made, mut failed) = (Vec::new(), Vec::new());
    for (definition, table) in tables::tables(night, plan, &findings) {
        match table {
            Ok(table) => made.push((definition, table)),
            Err(error) => failed.push((definition.name, error)),
        }
    }
    night.times.push(("reports", start.elapsed()));
    if made.is_empty() && !failed.is_empty() {
        return Err(failed.remove(0).1);
    }
    Ok((made, failed, findings))
}

fn with_books(
    mut reports: Vec<(Definition, Table)>,
    books: Table,
    plan: &Plan,
) -> Vec<(Definition, Table)> {
    if let Some(definition) = plan
        .reports
        .iter()
        .find(|definition| definition.method == Method::Books)
    {
        let place = plan
            .reports
            .iter()
            .position(|d| d.name == definition.name)
            .unwrap_or(reports.len());
        reports.insert(place.min(reports.len()), (definition.clone(), books));
    }
    reports
}

/// CSVs and charts, in parallel.
fn write(
    stage: &Stage,
    night: &Night,
    plan: &Plan,
    findings: &Findings,
    reports: &[(Definition, Table)],
) -> Result<Vec<ReportEntry>> {
    let frame = frame(night, plan, findings);
    reports
        .par_iter()
        .map(|(definition, table)| {
            let csv = format!("{}.csv", definition.name);
            write_csv(table, &stage.path(&csv))?;
            let pictures = pictures(definition, table, &frame, findings);
            let charts: Vec<String> = pictures
                .par_iter()
                .map(|(name, drawing)| {
                    let bytes = png(drawing).map_err(|e| {
                        Error::new(Kind::Partial, format!("cannot draw {name}: {e}"))
                    })?;
                    stage.write(name, &bytes)?;
                    Ok(name.clone())
                })
                .collect::<Result<_>>()?;
            Ok(ReportEntry {
                name: definition.name.clone(),
                title: definition.title.clone(),
                rows: table.rows.len(),
                csv,
                workbook: None,
                charts,
                drawings: pictures.into_iter().map(|(_, d)| d).collect(),
            })
        })
        .collect()
}

/// The charts of a report: the main currency under the report's name, others with their code.
fn pictures(
    definition: &Definition,
    table: &Table,
    frame: &Frame,
    findings: &Findings,
) -> Vec<(String, Drawing)> {
    let Some(spec) = &definition.chart else {
        return Vec::new();
    };
    let drawn = match spec {
        ChartSpec::Incidents => (findings.watched.as_ref()).map_or_else(
            |_| Vec::new(),
            |watched| incidents::drawings(watched, frame),
        ),
        ChartSpec::Forecast => (findings.forecast.as_ref())
            .map_or_else(|_| Vec::new(), |told| forecast::drawings(told, frame)),
        ChartSpec::Commitments => (findings.commitments.as_ref()).map_or_else(
            |_| Vec::new(),
            |known| commitments::months_drawings(known, frame),
        ),
        ChartSpec::CommitmentPlan => (findings.commitments.as_ref()).map_or_else(
            |_| Vec::new(),
            |known| commitments::plan_drawings(known, frame),
        ),
        _ => drawings(spec, table, frame),
    };
    let name = |(index, (currency, drawing)): (usize, (String, Drawing))| match index {
        0 => (format!("{}.png", definition.name), drawing),
        _ => (format!("{}_{currency}.png", definition.name), drawing),
    };
    drawn.into_iter().enumerate().map(name).collect()
}

/// The month that charts show: the latest that is over, else the running one.
fn frame(night: &Night, plan: &Plan, findings: &Findings) -> Frame {
    let months = night.months();
    let over = months
        .iter()
        .rev()
        .find(|month| month.next().first_day() <= plan.today);
    let month = over
        .or(months.last())
        .copied()
        .unwrap_or(Month::of(plan.today));
    let state = trust::state(night, &month.to_string());
    let books = if findings.breaks.is_empty() {
        ""
    } else {
        ", books open"
    };
    let as_of = format!("as of {}{books}", plan.today);
    Frame {
        month,
        open: state == State::Open,
        freshness: format!("{}, {as_of}", state.name()),
        as_of,
    }
}
