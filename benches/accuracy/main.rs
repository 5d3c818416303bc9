//! How often anomalies are right, how far forecasts miss and how often advised sizes are too small: `make accuracy`.
//!
//! Makes labelled estates from several seeds, lets the detector and three simple ones loose on the same days,
//! and writes one table. An event counts as found by an alert of its sign soon after it began; an alert outside
//! every event is false. Forecasts are made on five days of every estate from what was known on them, beside
//! three simple ones, and held against what came. No value of the detector was chosen on these seeds. Sizes of
//! machines are advised from two weeks of metrics and held against the two weeks after; with `INVENTORY` and
//! `METRICS` in the environment, those of one's own machines as well.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    reason = "a program for people; counts are small"
)]

mod forecasts;
mod generate;
mod loads;
mod planted;
mod random;
mod simple;
mod sizes;
mod speed;
mod tally;
mod watch;
mod world;

use forecasts::Marks;
use rayon::prelude::*;
use std::process::ExitCode;
use tally::{COLUMNS, HEADER, Tally, tally};
use world::{Alert, World};

const SEEDS: std::ops::RangeInclusive<u64> = 21..=26;
/// The alert line of all methods.
const LINE: f64 = 3.5;

type Method = fn(&World) -> Vec<Alert>;

const METHODS: [(&str, Method); 4] = [
    ("cloudtally", watch::watch),
    ("30-day z", |world| {
        simple::watch(world, simple::z_of_thirty_days)
    }),
    ("percent over the week's mean", |world| {
        simple::watch(world, simple::percent_over_week)
    }),
    ("same-weekday median", |world| {
        simple::watch(world, simple::same_weekday)
    }),
];

fn main() -> ExitCode {
    let file = std::env::args().nth(1);
    let file = file.unwrap_or_else(|| "accuracy.md".to_owned());
    let sizes = match sizes::report(SEEDS) {
        Ok(sizes) => sizes,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let text = format!("{}\n{sizes}", report());
    print!("{text}");
    if let Err(error) = std::fs::write(&file, text) {
        eprintln!("error: {file}: {error}");
        return ExitCode::FAILURE;
    }
    println!("{}", speed::speed());
    ExitCode::SUCCESS
}

fn report() -> String {
    let worlds: Vec<World> = SEEDS.into_par_iter().map(generate::generate).collect();
    let days = worlds.first().map_or(0, |world| world.days);
    let series: usize = worlds.iter().map(|world| world.series.len()).sum();
    format!(
        "{}\n{}\n{} made-up estates of {days} days, {series} series in all (seeds {} to {}). An alert is a score \
         of {LINE} sigmas; misses of forecasts are shares of what came.\n",
        detectors(&worlds),
        forecasters(&worlds),
        worlds.len(),
        SEEDS.start(),
        SEEDS.end()
    )
}

fn detectors(worlds: &[World]) -> String {
    let mut rows = vec![format!(
        "| detector | {HEADER} |\n|{}\n",
        "---|".repeat(COLUMNS)
    )];
    for (name, method) in METHODS {
        let tallies: Vec<Tally> = worlds
            .par_iter()
            .map(|world| tally(world, &method(world), LINE))
            .collect();
        let mut all = Tally::default();
        for one in &tallies {
            all.add(one);
        }
        rows.push(format!("| {name} | {} |\n", all.cells()));
    }
    rows.concat()
}

fn forecasters(worlds: &[World]) -> String {
    let mut marks = Marks::default();
    for world in worlds {
        marks.add(world);
    }
    marks.table()
}
