//! How often anomalies are right: `make accuracy`.
//!
//! Makes labelled estates from several seeds, lets the detector and three simple ones loose on the same days,
//! and writes one table. An event counts as found by an alert of its sign soon after it began; an alert outside
//! every event is false. No value of the detector was chosen on these seeds.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    reason = "a program for people; counts are small"
)]

mod generate;
mod planted;
mod random;
mod simple;
mod speed;
mod tally;
mod watch;
mod world;

use rayon::prelude::*;
use std::process::ExitCode;
use tally::{HEADER, Tally, tally};
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
    let text = report();
    print!("{text}");
    if let Err(error) = std::fs::write(&file, text) {
        eprintln!("error: {file}: {error}");
        return ExitCode::FAILURE;
    }
    println!("{}", speed::speed());
    ExitCode::SUCCESS
}

fn report() -> String {
    let tallies: Vec<Vec<Tally>> = SEEDS
        .into_par_iter()
        .map(|seed| {
            let world = generate::generate(seed);
            let one = |(_, method): &(&str, Method)| tally(&world, &method(&world), LINE);
            METHODS.iter().map(one).collect()
        })
        .collect();
    let mut rows = Vec::new();
    for (at, (name, _)) in METHODS.iter().enumerate() {
        let mut all = Tally::default();
        tallies.iter().for_each(|one| all.add(&one[at]));
        rows.push(format!("| {name} | {} |\n", all.cells()));
    }
    let columns = HEADER.matches('|').count() + 2;
    format!(
        "| detector | {HEADER} |\n|{}\n{}\n{} made-up estates of 300 series and 365 days (seeds {} to {}); \
         an alert is a score of {LINE} sigmas.\n",
        "---|".repeat(columns),
        rows.concat(),
        tallies.len(),
        SEEDS.start(),
        SEEDS.end()
    )
}
