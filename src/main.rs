//! Parse, run, print the error, exit.

use clap::Parser;
use cloudtally::{cli::Cli, command};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let clock = chrono::Local::now().date_naive();
    match command::dispatch(&cli, clock) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[allow(clippy::print_stderr, reason = "the one place where errors are said")]
            {
                eprintln!("error: {error}");
            }
            ExitCode::from(error.kind().exit_code())
        }
    }
}
