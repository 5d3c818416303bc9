//! The one integration test binary: every subject is a module, every test drives the real program.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "a panic in a test is its report, a skipped test says why, and names here are ours"
)]

mod company;

mod again;
mod amortised;
mod azure;
mod bad_config;
mod bad_input;
mod books;
mod commands;
mod commitments;
mod compare;
mod cost_explorer;
mod cur;
mod currencies;
mod double_counts;
mod engine;
mod exact;
mod export;
mod finance;
mod findings;
mod focus_deviations;
mod forecast;
mod forecast_data;
mod formats;
mod freed;
mod gcp;
mod golden;
mod history;
mod house;
mod incidents;
mod inventory;
mod key_figures;
mod layouts;
mod ledger;
mod metrics;
mod money_laws;
mod oci;
mod quality;
mod reports;
mod same_bytes;
mod sample;
mod shared_data;
mod sheet;
mod showback;
mod sizes;
mod stores;
mod tag_fixes;
mod tag_merges;
mod tagging;
mod world;
