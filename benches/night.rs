//! The nightly run, measured as whole processes on generated bills and metrics: `make bench`.
//!
//! Writes the bills once and keeps them, runs the program on them from an empty lake, again on the same
//! files, after one month was restated, and with one thread, checks every answer against the known totals,
//! and leaves a table with the facts of the machine. A month of metrics of a fleet is read and judged beside them.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people"
)]

mod bill;
mod fleet;
mod measure;

use bill::{Fault, Format, Plan, TODAY, Totals, Written};
use clap::Parser;
use fleet::{Fleet, Shape};
use measure::check::check;
use measure::process::{self, Cost};
use measure::table::{Figure, table, thousands};
use measure::{floor, machine};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

/// What is measured, and where.
#[derive(Debug, Parser)]
#[command(name = "night")]
struct Arguments {
    /// Rows in all
    #[arg(long, default_value_t = 1_000_000)]
    rows: usize,
    /// Files of every month
    #[arg(long, default_value_t = 4, value_parser = at_least_one)]
    files: usize,
    /// Billing months; from two on, the run after a restated month is measured as well
    #[arg(long, default_value_t = 1, value_parser = at_least_one)]
    months: usize,
    /// Seed of the bills
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Half as many resources as rows, instead of one for fifty rows
    #[arg(long)]
    many_resources: bool,
    /// Machines with 30 days of 5-minute CPU and memory; 0 leaves metrics out
    #[arg(long, default_value_t = 2_000)]
    machines: u64,
    /// Measure metrics alone
    #[arg(long)]
    metrics_only: bool,
    /// Measure this format alone: csv.gz or parquet
    #[arg(long, value_parser = format)]
    only: Option<Format>,
    /// Write the bills and stop
    #[arg(long)]
    generate_only: bool,
    /// Folder for bills, lakes and reports [default: cloudtally-bench in the folder for temporary files]
    #[arg(long)]
    folder: Option<PathBuf>,
    /// File for the table [default: `CLOUDTALLY_BENCH_RESULTS`, else bench-results.md]
    #[arg(long)]
    results: Option<PathBuf>,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
}

/// A format's runs have one place each.
struct Site<'a> {
    program: &'a Path,
    /// Where the runs happen; emptied first.
    home: PathBuf,
    /// The bill as the runs find it.
    bills: Vec<PathBuf>,
    rows: usize,
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

fn bench(arguments: &Arguments) -> Result<(), Fault> {
    let folder = arguments
        .folder
        .clone()
        .unwrap_or_else(|| std::env::temp_dir().join("cloudtally-bench"));
    fs::create_dir_all(&folder)?;
    let folder = folder.canonicalize()?;
    println!("bills, lakes and reports are in {}", folder.display());
    let formats = [Format::CsvGz, Format::Parquet]
        .into_iter()
        .filter(|f| !arguments.metrics_only && arguments.only.is_none_or(|only| only == *f));
    let mut figures = Vec::new();
    let mut sizes = Vec::new();
    for format in formats {
        let written = generate(arguments.plan(), format, &folder)?;
        let files: Vec<PathBuf> = written.files.iter().map(|(path, _)| path.clone()).collect();
        let size: u64 = files
            .iter()
            .map(|file| fs::metadata(file).map_or(0, |facts| facts.len()))
            .sum();
        sizes.push(format!(
            "{} {} MB",
            format.name(),
            thousands(size / 1_000_000)
        ));
        if arguments.generate_only {
            continue;
        }
        if format == Format::CsvGz {
            let bytes = floors(arguments.rows, &files, &folder, &mut figures)?;
            sizes.push(format!("{} MB as text", thousands(bytes / 1_000_000)));
        }
        night(arguments, format, &written, &folder, &mut figures)?;
    }
    for shape in Shape::ALL {
        if arguments.machines > 0 {
            fleet_of(arguments, shape, &folder, &mut sizes, &mut figures)?;
        }
    }
    if arguments.generate_only {
        println!("{}", sizes.join(", "));
        return Ok(());
    }
    publish(arguments, &sizes, &figures)
}

impl Arguments {
    fn plan(&self) -> Plan {
        let Arguments {
            rows,
            files,
            months,
            seed,
            many_resources,
            ..
        } = *self;
        Plan {
            rows,
            files,
            months,
            seed,
            many_resources,
            restated: false,
        }
    }
}

/// Writes the metrics of a fleet, or finds them, and measures the run over them.
fn fleet_of(
    arguments: &Arguments,
    shape: Shape,
    folder: &Path,
    sizes: &mut Vec<String>,
    figures: &mut Vec<Figure>,
) -> Result<(), Fault> {
    let Arguments { machines, seed, .. } = *arguments;
    let fleet = Fleet { machines, seed };
    let files = fleet::write(fleet, shape, folder)?;
    let size: u64 = files
        .iter()
        .map(|file| fs::metadata(file).map_or(0, |facts| facts.len()))
        .sum();
    let name = shape.name();
    sizes.push(format!("{name} metrics {} MB", thousands(size / 1_000_000)));
    if arguments.generate_only {
        return Ok(());
    }
    let samples = usize::try_from(fleet.samples())?;
    let (floor, bytes) = floor::inflate(&files)?;
    sizes.push(format!("{} MB as text", thousands(bytes / 1_000_000)));
    let of = format!("{name} metrics of {} machines", thousands(machines));
    note(figures, &format!("floor: inflate {of}"), samples, floor);
    let cost = fleet::run(&program()?, fleet, &files, folder)?;
    note(figures, &format!("{of}: read and judged"), samples, cost);
    Ok(())
}

/// Writes a bill, or finds it.
fn generate(plan: Plan, format: Format, folder: &Path) -> Result<Written, Fault> {
    let start = Instant::now();
    let written = bill::write(plan, format, folder)?;
    let how = if written.reused { "found" } else { "wrote" };
    let (rows, seconds) = (
        thousands(written.totals.rows),
        start.elapsed().as_secs_f64(),
    );
    println!("{how} {rows} rows as {} in {seconds:.1} s", format.name());
    Ok(written)
}

/// Decompression alone; says how many bytes of text there are.
fn floors(
    rows: usize,
    files: &[PathBuf],
    folder: &Path,
    figures: &mut Vec<Figure>,
) -> Result<u64, Fault> {
    // The first pass fetches the files from the disk; no figure counts that.
    floor::inflate(files)?;
    let (cost, bytes) = floor::inflate(files)?;
    note(figures, "floor: inflate alone, two threads", rows, cost);
    if let Some(cost) = floor::gzip(files, folder)? {
        note(figures, "floor: `gzip -dc`, two at a time", rows, cost);
    }
    Ok(bytes)
}

/// The runs over one format.
fn night(
    arguments: &Arguments,
    format: Format,
    written: &Written,
    folder: &Path,
    figures: &mut Vec<Figure>,
) -> Result<(), Fault> {
    let program = program()?;
    let home = folder.join("runs").join(format.name());
    if home.exists() {
        fs::remove_dir_all(&home)?;
    }
    let site = Site {
        program: &program,
        bills: lay(&home, &written.files)?,
        home,
        rows: arguments.rows,
    };
    let name = format.name();
    note(
        figures,
        &format!("{name}: full run"),
        site.rows,
        site.run("first", None, &written.totals)?,
    );
    note(
        figures,
        &format!("{name}: again, nothing changed"),
        site.rows,
        site.run("first", None, &written.totals)?,
    );
    if arguments.months > 1 {
        let plan = Plan {
            restated: true,
            ..arguments.plan()
        };
        let newer = generate(plan, format, folder)?;
        lay(&site.home, &newer.files)?;
        let totals = written.totals.clone().restated(newer.totals);
        note(
            figures,
            &format!("{name}: again, one month restated"),
            site.rows,
            site.run("first", None, &totals)?,
        );
        lay(&site.home, &written.files)?;
    }
    note(
        figures,
        &format!("{name}: full run, one thread"),
        site.rows,
        site.run("one-thread", Some(1), &written.totals)?,
    );
    fs::remove_dir_all(&site.home)?;
    Ok(())
}

/// Puts the files of a bill where the runs look for them; files of the same place are replaced.
fn lay(home: &Path, files: &[(PathBuf, PathBuf)]) -> Result<Vec<PathBuf>, Fault> {
    let mut laid = Vec::new();
    for (path, inside) in files {
        let place = home.join("bills").join(inside);
        fs::create_dir_all(place.parent().unwrap_or(home))?;
        if place.exists() {
            fs::remove_file(&place)?;
        }
        if fs::hard_link(path, &place).is_err() {
            fs::copy(path, &place)?;
        }
        laid.push(place);
    }
    Ok(laid)
}

impl Site<'_> {
    /// Runs the program on the lake of that name and checks its answer.
    fn run(&self, lake: &str, jobs: Option<usize>, totals: &Totals) -> Result<Cost, Fault> {
        let (lake, out) = (self.home.join(lake), self.home.join(format!("{lake}-out")));
        let mut command = Command::new(self.program);
        command
            .arg("run")
            .args(&self.bills)
            .arg("--lake")
            .arg(&lake)
            .arg("--out")
            .arg(&out);
        command.args(["--today", TODAY, "--quiet"]);
        if let Some(jobs) = jobs {
            command.arg("--jobs").arg(jobs.to_string());
        }
        let cost = process::run(&mut command, &self.home)?;
        check(&out.join("latest").join("cost_by_service.csv"), totals)?;
        Ok(cost)
    }
}

/// The program to measure: `CLOUDTALLY_BIN`, else the one that cargo built beside this bench.
fn program() -> Result<PathBuf, Fault> {
    let named = std::env::var_os("CLOUDTALLY_BIN").map(PathBuf::from);
    let built = option_env!("CARGO_BIN_EXE_cloudtally").map(PathBuf::from);
    let program = named
        .or(built)
        .ok_or("no program to measure: set CLOUDTALLY_BIN")?;
    program
        .canonicalize()
        .map_err(|e| format!("{}: {e}", program.display()).into())
}

fn note(figures: &mut Vec<Figure>, what: &str, rows: usize, cost: Cost) {
    println!("{what}: {:.2} s", cost.wall);
    figures.push(Figure {
        what: what.to_owned(),
        rows,
        cost,
    });
}

/// Prints the table and writes it to its file.
fn publish(arguments: &Arguments, sizes: &[String], figures: &[Figure]) -> Result<(), Fault> {
    let Arguments {
        rows,
        files,
        months,
        seed,
        many_resources,
        ..
    } = arguments;
    let resources = if *many_resources {
        "one resource for two rows"
    } else {
        "one resource for fifty rows"
    };
    let rows = thousands(*rows as u64);
    let text = format!(
        "{rows} rows, {months} month(s) of {files} files, {resources}, seed {seed}; {}.\n\n{}\n\n{}\n\n\
         Whole processes, files in the page cache; every run's cost by service was checked against the known totals, \
         every machine of a fleet against what was planted. Rows of metrics are measurements.\n",
        sizes.join(", "),
        machine::facts(),
        table(figures)
    );
    println!("\n{text}");
    let variable = std::env::var_os("CLOUDTALLY_BENCH_RESULTS").map(PathBuf::from);
    let path = arguments
        .results
        .clone()
        .or(variable)
        .unwrap_or_else(|| PathBuf::from("bench-results.md"));
    fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
    println!("written to {}", path.display());
    Ok(())
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
