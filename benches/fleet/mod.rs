//! A fleet of machines with 30 days of 5-minute CPU and memory: generated as a long and as a wide CSV, then read
//! and judged by the program in one run beside a small bill. Half of the machines are far too large, half are
//! busy; a run counts only if every machine is accounted for and every large one is found.

use crate::bill::{self, Fault, Format, Plan, TODAY};
use crate::measure::floor;
use crate::measure::process::{self, Cost};
use crate::measure::site::program;
use crate::measure::table::{Figure, Mark, table, thousands};
use flate2::Compression;
use flate2::write::GzEncoder;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Days before [`TODAY`].
const DAYS: u64 = 30;
/// 5-minute periods of a day.
const SLOTS: u64 = 288;
/// Metrics of every machine.
const METRICS: u64 = 2;
/// Files of a fleet.
const FILES: u64 = 8;
/// Text gathered before it is packed.
const BLOCK: usize = 1 << 18;
/// How busy each hour of a day is, in permille.
const HOURS: [u64; 24] = [
    120, 80, 60, 40, 30, 60, 160, 330, 560, 760, 880, 930, 900, 940, 1000, 980, 930, 850, 720, 600,
    480, 370, 270, 190,
];

/// How the rows are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// A row per measurement.
    Long,
    /// A row per time, a column per metric.
    Wide,
}

impl Shape {
    const ALL: [Shape; 2] = [Shape::Wide, Shape::Long];

    fn name(self) -> &'static str {
        match self {
            Shape::Long => "long",
            Shape::Wide => "wide",
        }
    }
}

/// A fleet by its size and seed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fleet {
    pub(crate) machines: u64,
    pub(crate) seed: u64,
}

impl Fleet {
    /// Measurements in all.
    fn samples(self) -> u64 {
        self.machines * DAYS * SLOTS * METRICS
    }

    fn id(self, machine: u64) -> String {
        let number = mix(self.seed ^ mix(machine));
        format!("i-0{number:016x}")
    }

    fn large(machine: u64) -> bool {
        machine.is_multiple_of(2)
    }

    /// CPU and memory in hundredths of a percent.
    fn load(self, machine: u64, slot: u64) -> [u64; 2] {
        let dice = mix(self.seed ^ mix(machine * 65_536 + slot));
        let [cpu, memory] = if Self::large(machine) {
            [1_200, 1_500]
        } else {
            [7_500, 7_000]
        };
        let hour = usize::try_from(slot % SLOTS / 12).unwrap_or(0);
        let busy = cpu * HOURS[hour] / 1000;
        [busy + dice % 800, memory + dice / 1000 % 900]
    }
}

/// Both shapes under a heading: written, taken apart, read and judged.
pub(crate) fn section(fleet: Fleet, folder: &Path, generate_only: bool) -> Result<String, Fault> {
    let (mut sizes, mut figures) = (Vec::new(), Vec::new());
    let rows = usize::try_from(fleet.samples())?;
    for shape in Shape::ALL {
        let files = write(fleet, shape, folder)?;
        let facts = files.iter().map(fs::metadata);
        let size: u64 = facts
            .map(|facts| facts.map_or(0, |facts| facts.len()))
            .sum();
        let size = thousands(size / 1_000_000);
        let name = shape.name();
        if generate_only {
            sizes.push(format!("{name} {size} MB"));
            continue;
        }
        floor::fetch(&files)?;
        let (cost, bytes) = floor::inflate(&files)?;
        let text = thousands(bytes / 1_000_000);
        sizes.push(format!("{name} {size} MB, {text} MB as text"));
        let mut note = |what: &str, cost: Cost| {
            println!("{name}: {what}: {:.2} s", cost.wall);
            figures.push(Figure {
                bill: name,
                what: what.to_owned(),
                rows,
                cost,
                mark: Mark::None,
            });
        };
        note("floor: inflate by zlib-rs, two threads", cost);
        let cost = run(&program()?, fleet, &files, folder)?;
        note("read and judged, beside a bill of 1,000 rows", cost);
    }
    Ok(format!(
        "\n## {} machines, {DAYS} days of 5-minute CPU and memory\n\n{FILES} files of csv.gz, seed {}; {}.\n\n{}\n\n\
         Rows are measurements: a wide row has two. Every machine was accounted for, every one planted as too large \
         was found.\n",
        thousands(fleet.machines),
        fleet.seed,
        sizes.join("; "),
        table(&figures)
    ))
}

fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Writes the metrics of a fleet, on all threads; what is there already is taken as it is.
fn write(fleet: Fleet, shape: Shape, folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let Fleet { machines, seed } = fleet;
    let home = folder
        .join(format!("fleet-{machines}-{seed}"))
        .join(shape.name());
    fs::create_dir_all(&home)?;
    let times: Vec<String> = (0..DAYS * SLOTS).map(time).collect();
    let files: Vec<u64> = (0..FILES).collect();
    files
        .into_par_iter()
        .with_max_len(1)
        .map(|file| {
            let path = home.join(format!("metrics-{file}.csv.gz"));
            if !path.exists() {
                let unfinished = path.with_extension("part");
                let own = machines * file / FILES..machines * (file + 1) / FILES;
                pack(fleet, shape, own, &times, &unfinished)?;
                fs::rename(unfinished, &path)?;
            }
            Ok(path)
        })
        .collect()
}

/// The 30 days before 15 November 2026.
fn time(slot: u64) -> String {
    let (day, minute) = (slot / SLOTS + 16, slot % SLOTS * 5);
    let (month, day) = if day <= 31 { (10, day) } else { (11, day - 31) };
    let (hour, minute) = (minute / 60, minute % 60);
    format!("2026-{month}-{day:02}T{hour:02}:{minute:02}:00Z")
}

fn pack(
    fleet: Fleet,
    shape: Shape,
    machines: std::ops::Range<u64>,
    times: &[String],
    path: &Path,
) -> Result<(), Fault> {
    let mut packed = GzEncoder::new(BufWriter::new(File::create(path)?), Compression::default());
    let mut text = String::from(match shape {
        Shape::Long => "resource_id,timestamp,metric,value,stat,period\n",
        Shape::Wide => "resource_id,timestamp,cpu,memory,stat,period\n",
    });
    for machine in machines {
        let id = fleet.id(machine);
        for (slot, time) in (0..).zip(times) {
            let [cpu, memory] = fleet
                .load(machine, slot)
                .map(|value| (value / 100, value % 100));
            // Writing to a String cannot fail.
            let _ = match shape {
                Shape::Wide => writeln!(
                    text,
                    "{id},{time},{}.{:02},{}.{:02},Maximum,300",
                    cpu.0, cpu.1, memory.0, memory.1
                ),
                Shape::Long => writeln!(
                    text,
                    "{id},{time},cpu,{}.{:02},Maximum,300\n{id},{time},memory,{}.{:02},Maximum,300",
                    cpu.0, cpu.1, memory.0, memory.1
                ),
            };
            if text.len() >= BLOCK {
                packed.write_all(text.as_bytes())?;
                text.clear();
            }
        }
    }
    packed.write_all(text.as_bytes())?;
    packed.finish()?.flush()?;
    Ok(())
}

/// Reads and judges a fleet beside a bill of a thousand rows.
fn run(program: &Path, fleet: Fleet, metrics: &[PathBuf], folder: &Path) -> Result<Cost, Fault> {
    let plan = Plan {
        rows: 1000,
        files: 1,
        months: 1,
        seed: fleet.seed,
        many_resources: false,
        restated: false,
    };
    let bill = bill::write(plan, Format::CsvGz, folder)?;
    let home = folder.join("runs").join("fleet");
    if home.exists() {
        fs::remove_dir_all(&home)?;
    }
    fs::create_dir_all(&home)?;
    fs::write(home.join("inventory.csv"), inventory(fleet))?;
    let mut config = String::from("[[inventory]]\npath = \"inventory.csv\"\n");
    for path in metrics {
        let _ = writeln!(config, "[[usage]]\npath = {:?}", path.display().to_string());
    }
    fs::write(home.join("cloudtally.toml"), config)?;
    let mut command = Command::new(program);
    command
        .arg("run")
        .args(bill.files.iter().map(|(path, _)| path))
        .args([
            "--config",
            "cloudtally.toml",
            "--lake",
            "lake",
            "--out",
            "out",
        ])
        .args(["--today", TODAY, "--quiet"]);
    let cost = process::run(&mut command, &home)?;
    check(fleet, &home.join("out").join("latest"))?;
    fs::remove_dir_all(&home)?;
    Ok(cost)
}

fn inventory(fleet: Fleet) -> String {
    let mut text = String::from("resource_id,provider,region,instance_type,platform,state\n");
    for machine in 0..fleet.machines {
        let _ = writeln!(
            text,
            "{},AWS,us-east-1,m5.2xlarge,Linux/UNIX,running",
            fleet.id(machine)
        );
    }
    text
}

/// Every machine is in one of the two tables, every large one among the findings.
fn check(fleet: Fleet, published: &Path) -> Result<(), Fault> {
    let found = column(&published.join("rightsizing.csv"))?;
    let skipped = column(&published.join("rightsizing_skipped.csv"))?;
    for machine in 0..fleet.machines {
        let id = fleet.id(machine);
        let judged = found.contains(&id) || skipped.contains(&id);
        if !judged || (Fleet::large(machine) && !found.contains(&id)) {
            return Err(format!("{id} (machine {machine}) was not judged as planted").into());
        }
    }
    Ok(())
}

fn column(path: &Path) -> Result<BTreeSet<String>, Fault> {
    let mut reader =
        csv::Reader::from_path(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let at = reader
        .headers()?
        .iter()
        .position(|name| name == "ResourceId");
    let at = at.ok_or_else(|| format!("{} has no column ResourceId", path.display()))?;
    let ids = reader.records().map(|record| {
        let record = record?;
        Ok(record.get(at).unwrap_or_default().to_owned())
    });
    ids.collect()
}
