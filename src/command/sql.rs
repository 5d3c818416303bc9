//! One question over the facts and the lake, CSV to stdout.

use super::plan::Plan;
use super::{night, print, run};
use crate::cli::{LogFormat, RunArgs, SqlArgs};
use crate::engine::{self, facts};
use crate::error::{Error, Result};
use crate::lake::Lake;
use crate::report::csv::csv;
use crate::report::table::Table;
use polars::prelude::*;

/// Runs the query over the facts and the table `focus`, every charge.
pub(super) fn sql(args: &SqlArgs) -> Result<()> {
    run::speak(true, LogFormat::Text);
    let run = RunArgs {
        bills: args.run.bills.clone(),
        config: args.run.config.clone(),
        lake: args.run.lake.clone(),
        as_of: args.run.as_of,
        engine: "polars".to_owned(),
        ..RunArgs::default()
    };
    let plan = Plan::new(&run, chrono::NaiveDate::MAX)?;
    let lake = Lake::open(&plan.lake)?;
    let night = night::fill(&lake, &plan)?;
    let mut tables = facts::FACTS
        .iter()
        .map(|(name, _)| Ok((*name, night.table(name)?)))
        .collect::<Result<Vec<_>>>()?;
    let parts: Vec<LazyFrame> = night
        .facts
        .iter()
        .map(|(_, facts)| facts::charges(&lake, facts))
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .flatten()
        .collect();
    let all = concat(parts, UnionArgs::default()).map_err(|e| Error::data(e.to_string()))?;
    tables.push(("focus", all));
    let tables: Vec<(&str, LazyFrame)> = tables
        .into_iter()
        .map(|(name, table)| (name, countable(table)))
        .collect();
    let answer = engine::query("sql", &args.query, &tables)?;
    print(&csv(&Table::of_frame(&answer)?)?)
}

/// The same rows behind a step that changes nothing: Polars 0.55 rewrites `COUNT(*)` right over joined parts
/// into a sum of a type that it was not built with.
fn countable(table: LazyFrame) -> LazyFrame {
    let passes =
        AllowedOptimizations::PROJECTION_PUSHDOWN | AllowedOptimizations::PREDICATE_PUSHDOWN;
    table.map(Ok, passes, None, Some("charges"))
}
