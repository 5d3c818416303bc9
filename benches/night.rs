//! The nightly run, measured as whole processes on generated bills and metrics: `make bench`.
//!
//! Writes the bills once and keeps them. For each it measures the floor (decompressing the files alone), the program
//! from an empty lake, again on the same files, after one month was restated and with one thread, and then DuckDB and
//! Polars for Python on six of the reports. Every answer is checked against the known totals, every other program's
//! against ours. A month of metrics of a fleet is read and judged likewise. Leaves tables with the facts of the machine.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people"
)]

mod bill;
mod fleet;
mod measure;

use bill::{DAY_AFTER, Fault, Format, Plan, TODAY, Written};
use clap::Parser;
use fleet::Fleet;
use measure::peer::{self, Peer, Python};
use measure::process::{self, Cost};
use measure::site::Site;
use measure::table::{Figure, Mark, table, thousands};
use measure::{check, floor, machine};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// What is measured, and where.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a flag that can be typed"
)]
#[derive(Debug, Parser)]
#[command(name = "night")]
struct Arguments {
    /// Rows in all; several sizes by commas
    #[arg(long, default_value = "1000000", value_delimiter = ',', value_parser = at_least_one)]
    rows: Vec<usize>,
    /// Files of every month
    #[arg(long, default_value_t = 2, value_parser = at_least_one)]
    files: usize,
    /// Billing months; from two on, the run after a restated month is measured as well
    #[arg(long, default_value_t = 4, value_parser = at_least_one)]
    months: usize,
    /// Seed of the bills
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Half as many resources as rows, instead of one for fifty rows
    #[arg(long)]
    many_resources: bool,
    /// Measure this format alone: csv.gz or parquet
    #[arg(long, value_parser = format)]
    only: Option<Format>,
    /// Machines with 30 days of 5-minute CPU and memory; 0 leaves metrics out
    #[arg(long, default_value_t = 2000)]
    machines: u64,
    /// Measure metrics alone
    #[arg(long)]
    metrics_only: bool,
    /// Leave DuckDB and Polars out
    #[arg(long)]
    no_peers: bool,
    /// Write the bills and stop
    #[arg(long)]
    generate_only: bool,
    /// Folder for bills, lakes and reports [default: cloudtally-bench in the folder for temporary files]
    #[arg(long)]
    folder: Option<PathBuf>,
    /// File for the tables [default: `CLOUDTALLY_BENCH_RESULTS`, else benches/RESULTS.md]
    #[arg(long)]
    results: Option<PathBuf>,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    match bench(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("error: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// Measures size after size; what is done is in the file before the next begins.
fn bench(arguments: &Arguments) -> Result<(), Fault> {
    let folder = arguments.folder()?;
    println!("bills, lakes and reports are in {}", folder.display());
    let python = python(arguments, &folder);
    let mut text = format!(
        "# What a night takes\n\nWritten by `make bench`. Compare figures of one table only.\n\n{}\n",
        machine::facts()
    );
    for plan in arguments.plans() {
        let mut measured = Measured {
            plan,
            folder: &folder,
            python: python.as_ref(),
            sizes: Vec::new(),
            figures: Vec::new(),
        };
        for format in arguments.formats() {
            let written = measured.generate(plan, format)?;
            if !arguments.generate_only {
                measured.bill(format, &written)?;
            }
        }
        if arguments.generate_only {
            println!("{}", measured.sizes.join(", "));
        } else {
            let section = measured.section();
            println!("\n{section}");
            text.push_str(&section);
            publish(arguments, &text)?;
        }
    }
    if arguments.machines > 0 {
        let fleet = Fleet {
            machines: arguments.machines,
            seed: arguments.seed,
        };
        let section = fleet::section(fleet, &folder, arguments.generate_only)?;
        println!("\n{section}");
        text.push_str(&section);
    }
    if arguments.generate_only {
        return Ok(());
    }
    publish(arguments, &text)
}

/// A Python with the other programs; where there is none, says why.
fn python(arguments: &Arguments, folder: &Path) -> Option<Python> {
    if arguments.no_peers || arguments.generate_only {
        return None;
    }
    peer::python(folder)
        .inspect_err(|fault| println!("DuckDB and Polars are left out: {fault}"))
        .ok()
}

impl Arguments {
    fn folder(&self) -> Result<PathBuf, Fault> {
        let usual = || std::env::temp_dir().join("cloudtally-bench");
        let folder = self.folder.clone().unwrap_or_else(usual);
        fs::create_dir_all(&folder)?;
        Ok(folder.canonicalize()?)
    }

    fn plans(&self) -> impl Iterator<Item = Plan> {
        let rows = if self.metrics_only {
            &[][..]
        } else {
            &self.rows
        };
        rows.iter().map(|&rows| Plan {
            rows,
            files: self.files,
            months: self.months,
            seed: self.seed,
            many_resources: self.many_resources,
            restated: false,
        })
    }

    fn formats(&self) -> impl Iterator<Item = Format> {
        [Format::CsvGz, Format::Parquet]
            .into_iter()
            .filter(|format| self.only.is_none_or(|only| only == *format))
    }
}

/// The figures of one size.
struct Measured<'a> {
    plan: Plan,
    folder: &'a Path,
    python: Option<&'a Python>,
    /// How large the bills are, in words.
    sizes: Vec<String>,
    figures: Vec<Figure>,
}

impl Measured<'_> {
    /// Writes a bill, or finds it.
    fn generate(&mut self, plan: Plan, format: Format) -> Result<Written, Fault> {
        let start = Instant::now();
        let written = bill::write(plan, format, self.folder)?;
        let how = if written.reused { "found" } else { "wrote" };
        let rows = thousands(written.totals.rows);
        let (seconds, peak) = (start.elapsed().as_secs_f64(), process::own_peak());
        println!(
            "{how} {rows} rows as {} in {seconds:.1} s, {:.0} MiB of memory at most",
            format.name(),
            peak.unwrap_or_default()
        );
        if !plan.restated {
            let sizes = written.files.iter().map(|(path, _)| fs::metadata(path));
            let size: u64 = sizes
                .map(|facts| facts.map_or(0, |facts| facts.len()))
                .sum();
            self.sizes
                .push(format!("{} {} MB", format.name(), megabytes(size)));
        }
        Ok(written)
    }

    /// Everything about one bill.
    fn bill(&mut self, format: Format, written: &Written) -> Result<(), Fault> {
        let site = Site::new(self.folder.join("runs").join(format.name()), &written.files)?;
        floor::fetch(&site.bills)?;
        if format == Format::CsvGz {
            self.floors(format, &site)?;
        }
        self.night(format, &site, written)?;
        self.peers(format, &site)?;
        site.clear()
    }

    /// Decompression alone.
    fn floors(&mut self, format: Format, site: &Site) -> Result<(), Fault> {
        let (cost, bytes) = floor::inflate(&site.bills)?;
        self.sizes.push(format!("{} MB as text", megabytes(bytes)));
        self.note(format, "floor: inflate by zlib-rs, two threads", cost);
        for (program, mark) in [("gzip", Mark::Floor), ("igzip", Mark::None)] {
            if let Some(cost) = floor::unpack(program, &site.bills, self.folder)? {
                let what = format!("floor: `{program} -dc`, two at a time");
                self.mark(format, &what, cost, mark);
            }
        }
        Ok(())
    }

    /// The program's own runs.
    fn night(&mut self, format: Format, site: &Site, written: &Written) -> Result<(), Fault> {
        let totals = &written.totals;
        let cost = site.run("first", TODAY, None, totals)?;
        self.note(format, "full run: all reports and charts", cost);
        for (what, cost) in site.stages("first", cost)? {
            self.note(format, what, cost);
        }
        let cost = site.run("first", TODAY, None, totals)?;
        self.note(format, "again, nothing changed", cost);
        let cost = site.run("first", DAY_AFTER, None, totals)?;
        self.note(format, "the day after, no bill changed", cost);
        if self.plan.months > 1 {
            let plan = Plan {
                restated: true,
                ..self.plan
            };
            let newer = self.generate(plan, format)?;
            site.deliver(&newer.files)?;
            let totals = totals.clone().restated(newer.totals);
            let cost = site.run("first", DAY_AFTER, None, &totals)?;
            let what = format!("again, one of {} months restated", self.plan.months);
            self.note(format, &what, cost);
            site.deliver(&written.files)?;
        }
        let cost = site.run("one-thread", TODAY, Some(1), totals)?;
        self.note(format, "full run, one thread", cost);
        Ok(())
    }

    /// Other programs on six of the reports; what they say is compared with what the last run published.
    fn peers(&mut self, format: Format, site: &Site) -> Result<(), Fault> {
        let Some(python) = self.python else {
            return Ok(());
        };
        for peer in Peer::ALL {
            let out = site.aside(peer.module());
            let cost = python.run(peer, &site.bills, &out)?;
            check::agree(&site.reports("one-thread"), &out)?;
            let mark = match peer {
                Peer::DuckDb => Mark::DuckDb,
                Peer::Polars => Mark::None,
            };
            let what = format!("{}: six reports, no charts", peer.name()?);
            self.mark(format, &what, cost, mark);
        }
        Ok(())
    }

    fn note(&mut self, format: Format, what: &str, cost: Cost) {
        self.mark(format, what, cost, Mark::None);
    }

    fn mark(&mut self, format: Format, what: &str, cost: Cost, mark: Mark) {
        println!("{}: {what}: {:.2} s", format.name(), cost.wall);
        self.figures.push(Figure {
            bill: format.name(),
            what: what.to_owned(),
            rows: self.plan.rows,
            cost,
            mark,
        });
    }

    /// The table under a heading, with what was measured.
    fn section(&self) -> String {
        let Plan {
            rows,
            files,
            months,
            seed,
            many_resources,
            ..
        } = self.plan;
        let resources = if many_resources { 2 } else { 50 };
        let peers = if self.python.is_some() {
            "; the peers' six reports are equal to ours to the last digit"
        } else {
            "; without DuckDB and Polars"
        };
        format!(
            "\n## {} rows\n\n{months} month(s) of {files} file(s), one resource for {resources} rows, seed {seed}; {}.\n\n{}\n\n\
             Whole processes, files in the page cache. Stages of a run are its own clock's (`run.json`). `of gzip` and \
             `of DuckDB` are wall times divided by theirs. Every run's cost by service was checked against the known \
             totals{peers}.\n",
            thousands(rows as u64),
            self.sizes.join(", "),
            table(&self.figures)
        )
    }
}

/// Writes the tables so far to their file.
fn publish(arguments: &Arguments, text: &str) -> Result<(), Fault> {
    let variable = std::env::var_os("CLOUDTALLY_BENCH_RESULTS").map(PathBuf::from);
    let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/RESULTS.md");
    let path = arguments.results.clone().or(variable);
    let path = path.unwrap_or_else(usual);
    fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
    println!("written to {}", path.display());
    Ok(())
}

fn megabytes(bytes: u64) -> String {
    thousands(bytes / 1_000_000)
}

fn at_least_one(text: &str) -> Result<usize, String> {
    let number: usize = text.parse().map_err(|_| "not a whole number".to_owned())?;
    if number == 0 {
        Err("at least 1".to_owned())
    } else {
        Ok(number)
    }
}

fn format(text: &str) -> Result<Format, String> {
    match text {
        "csv.gz" => Ok(Format::CsvGz),
        "parquet" => Ok(Format::Parquet),
        _ => Err("csv.gz or parquet".to_owned()),
    }
}
