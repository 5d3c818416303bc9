//! One file per subcommand. Only this room knows all others.

mod again;
mod alerts;
mod books;
mod check;
mod columns;
mod commitments;
mod compare;
mod detect;
mod export;
mod feedback;
mod finance;
mod findings;
mod fixes;
mod forecast;
mod freed;
mod gaps;
mod gate;
mod history;
mod incidents;
mod init;
mod invoices;
mod key_figures;
mod known;
mod leaves;
mod ledger;
mod list;
mod machines;
mod night;
mod outcome;
mod owner_names;
mod owners;
mod plan;
mod policy;
mod pull;
mod quality;
mod restated;
mod run;
mod series;
mod share;
mod sizes;
mod sql;
mod suggested;
mod tables;
mod tagging;
mod trust;
mod units;
mod waste;

use crate::cli::{Cli, Command, ExportCommand};
use crate::error::{Error, Result};
use chrono::NaiveDate;
use clap::CommandFactory;
use std::io::Write;

/// Does what was typed. `clock` is today's date, read once, in main.
pub fn dispatch(cli: &Cli, clock: NaiveDate) -> Result<()> {
    match &cli.command {
        Command::Run(args) => run::run(args, clock),
        Command::Check(args) => check::check(args, clock),
        Command::List(args) => list::list(args.what),
        Command::Sql(args) => sql::sql(args),
        Command::Export(ExportCommand::Focus(args)) => export::focus(args, clock),
        Command::Series(command) => series::series(command),
        Command::Pull(command) => pull::pull(command, clock),
        Command::Compare(args) => compare::compare(args),
        Command::Init(args) => init::init(args),
        Command::Policy(command) => policy::policy(command),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "cloudtally", &mut text);
            print(&text)
        }
        Command::Man => {
            let mut page = Vec::new();
            let drawn = clap_mangen::Man::new(Cli::command()).render(&mut page);
            drawn.map_err(|e| Error::usage(e.to_string()))?;
            print(&page)
        }
    }
}

/// Data to stdout; a reader that went away is no error.
fn print(bytes: &[u8]) -> Result<()> {
    match std::io::stdout().write_all(bytes) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::write(std::path::Path::new("stdout"), &e))
        }
        _ => Ok(()),
    }
}
