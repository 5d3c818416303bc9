//! The one integration test binary: every subject is a module, every test drives the real program.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a panic in a test is its report, and a skipped test says why"
)]

mod company;

mod bad_config;
mod bad_input;
mod commands;
mod cost_explorer;
mod cur;
mod exact;
mod findings;
mod formats;
mod golden;
mod house;
mod money_laws;
mod reports;
mod same_bytes;
mod sample;
mod shared_data;
mod sheet;
mod world;
