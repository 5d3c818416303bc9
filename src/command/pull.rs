//! `pull`: what was typed, into a fetch. Fetches nothing itself.

use super::plan;
use crate::cli::{CostExplorerArgs, PullCommand};
use crate::error::{Error, Result};
use crate::period::Period;
use crate::source::cost_explorer::{self, Credentials, Pull};
use chrono::NaiveDate;
use std::time::Duration;

/// Pause before the first retry; Cost Explorer's rate limit recovers within seconds.
const PAUSE: Duration = Duration::from_secs(1);

/// Fetches what was asked for. `clock` is today's date.
pub(super) fn pull(command: &PullCommand, clock: NaiveDate) -> Result<()> {
    match command {
        PullCommand::CostExplorer(args) => cost_explorer(args, clock),
    }
}

fn cost_explorer(args: &CostExplorerArgs, clock: NaiveDate) -> Result<()> {
    let today = args.today.unwrap_or(clock);
    let request = Pull {
        period: complete_days(plan::period(&args.period, today)?, today)?,
        tag: args.tag.clone(),
        out: args.out.clone(),
        max_requests: args.max_requests,
        endpoint: args.endpoint.clone(),
        credentials: Credentials::Chain,
        pause: PAUSE,
    };
    let mut say = |line: &str| {
        if !args.quiet {
            tracing::info!("{line}");
        }
    };
    cost_explorer::pull(&request, &mut say).map(|_| ())
}

/// The days of a period that are over. A day that still fills up would look like a drop in cost.
fn complete_days(period: Period, today: NaiveDate) -> Result<Period> {
    let period = Period {
        start: period.start,
        end: period.end.min(today),
    };
    if period.start < period.end {
        return Ok(period);
    }
    Err(
        Error::usage(format!("no day of this period was over before {today}")).hint(
            "Cost Explorer is asked for complete days only; write --period last-month or 30d",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn only_days_that_are_over_are_asked_for() {
        let today = day("2026-11-21");
        let month = complete_days(plan::period("this-month", today).unwrap(), today).unwrap();
        assert_eq!((month.start, month.end), (day("2026-11-01"), today));
        let past = plan::period("2026-10", today).unwrap();
        assert_eq!(complete_days(past, today).unwrap(), past);
        assert!(complete_days(plan::period("2026-12", today).unwrap(), today).is_err());
        assert!(
            complete_days(
                plan::period("this-month", day("2026-11-01")).unwrap(),
                day("2026-11-01")
            )
            .is_err()
        );
    }
}
