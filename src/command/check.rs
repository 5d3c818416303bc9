//! Proves config, policy, bills and queries without writing a report.

use super::night;
use super::plan::Plan;
use super::{books, findings, run, tables};
use crate::cli::RunArgs;
use crate::error::Result;
use crate::lake::Lake;
use chrono::NaiveDate;

/// Everything a run does, up to the point where it would write.
pub(super) fn check(args: &RunArgs, clock: NaiveDate) -> Result<()> {
    run::prepare(args)?;
    let plan = Plan::new(args, clock)?;
    let lake = Lake::open(&plan.lake)?;
    let night = night::fill(&lake, &plan)?;
    let findings = findings::findings(&lake, &night, &plan);
    let mut reports = Vec::new();
    for (definition, table) in tables::tables(&night, &plan, &findings) {
        reports.push((definition, table?));
    }
    let mut held = books::street(&night)?;
    held.extend(books::of_reports(&held, &reports));
    books::close(held, plan.today).verdict(plan.allow_open)?;
    tracing::info!(
        "all is well: {} reports would be written to {}",
        plan.reports.len(),
        plan.out.display()
    );
    Ok(())
}
