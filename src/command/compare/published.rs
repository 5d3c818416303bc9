//! Findings read back from published tables. A table is known by the columns of its header, never by its name;
//! columns that are not asked for may be there.

use crate::analysis::agreement::Ours;
use crate::error::{Error, Result};
use crate::money::Money;
use csv::StringRecord;
use std::path::Path;

/// `rightsizing.csv`.
pub(super) fn rightsizing(path: &Path) -> Result<Vec<Ours>> {
    let needed = [
        "ResourceId",
        "Action",
        "RecommendedType",
        "MonthlySavingsLow",
        "MonthlySavingsHigh",
        "BillingCurrency",
    ];
    rows(path, "rightsizing.csv", &needed, |row| {
        let reason = row.text("Reason");
        Ok(Ours {
            resource: row.text("ResourceId"),
            account: row.text("SubAccountId"),
            action: row.text("Action"),
            current: row.text("CurrentType"),
            target: row.text("RecommendedType"),
            low: row.amount("MonthlySavingsLow")?,
            high: row.amount("MonthlySavingsHigh")?,
            currency: row.text("BillingCurrency"),
            memory: (row.text("Kind") != "disk").then(|| !row.text("MemoryMax").is_empty()),
            days: days(&reason),
            reason,
            // Tables of earlier versions have no such column: there every finding counts.
            counts: row.text("Counted") != "no",
        })
    })
}

/// `rightsizing_skipped.csv`.
pub(super) fn skipped(path: &Path) -> Result<Vec<Ours>> {
    rows(
        path,
        "rightsizing_skipped.csv",
        &["ResourceId", "CurrentType", "Reason"],
        |row| {
            let reason = row.text("Reason");
            let unmeasured = reason.contains("memory not measured");
            let measured = reason.contains("memory at most");
            Ok(Ours {
                resource: row.text("ResourceId"),
                account: row.text("SubAccountId"),
                current: row.text("CurrentType"),
                memory: (measured || unmeasured).then_some(measured),
                days: days(&reason),
                reason,
                ..Ours::default()
            })
        },
    )
}

/// `waste.csv`, without its findings about whole accounts.
pub(super) fn waste(path: &Path) -> Result<Vec<Ours>> {
    let needed = [
        "Check",
        "ResourceId",
        "MonthlySavingsLow",
        "MonthlySavingsHigh",
        "BillingCurrency",
    ];
    let mut found = rows(path, "waste.csv", &needed, |row| {
        let (action, check) = (row.text("Action"), row.text("Check"));
        let evidence = row.text("Evidence");
        Ok(Ours {
            resource: row.text("ResourceId"),
            account: row.text("SubAccountId"),
            action: if action.is_empty() {
                "review".to_owned()
            } else {
                action
            },
            low: row.amount("MonthlySavingsLow")?,
            high: row.amount("MonthlySavingsHigh")?,
            currency: row.text("BillingCurrency"),
            reason: format!("{check}: {evidence}"),
            counts: row.text("Counted") == "yes",
            ..Ours::default()
        })
    })?;
    found.retain(|one| !one.resource.is_empty());
    Ok(found)
}

/// The days that a reason of ours names: `… in 32 days of 60-minute maxima`.
fn days(reason: &str) -> Option<u32> {
    let before = reason
        .split(" days of ")
        .next()
        .filter(|before| before.len() < reason.len())?;
    let number = before.rsplit(' ').next()?;
    let whole = number.split_once('.').map_or(number, |(whole, _)| whole);
    whole.parse().ok()
}

/// A row of a published table.
struct Row<'a> {
    path: &'a Path,
    header: &'a StringRecord,
    cells: &'a StringRecord,
}

impl Row<'_> {
    fn at(&self, column: &str) -> Option<usize> {
        self.header.iter().position(|name| name == column)
    }

    /// A cell as it was before a formula in it was defused; empty where the column is not there.
    fn text(&self, column: &str) -> String {
        let text = self
            .at(column)
            .and_then(|at| self.cells.get(at))
            .unwrap_or_default();
        let formula = |rest: &&str| rest.starts_with(['=', '+', '-', '@', '\t', '\r']);
        text.strip_prefix('\'')
            .filter(formula)
            .unwrap_or(text)
            .to_owned()
    }

    fn amount(&self, column: &str) -> Result<Option<Money>> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        Money::parse(text.as_bytes()).map(Some).map_err(|_| {
            let line = self.cells.position().map_or(0, csv::Position::line);
            let at = self.at(column).map_or(0, |at| at as u64 + 1);
            Error::data(format!("`{column}` is no amount: {text:?}")).at_line(self.path, line, at)
        })
    }
}

fn rows(
    path: &Path,
    name: &str,
    needed: &[&str],
    read: impl Fn(&Row<'_>) -> Result<Ours>,
) -> Result<Vec<Ours>> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::read(path, &e))?;
    let mut table = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let fault = |e: &csv::Error| {
        let line = e.position().map_or(0, csv::Position::line);
        Error::data("the row has not as many cells as the header").at_line(path, line, 0)
    };
    let header = table.headers().map_err(|e| fault(&e))?.clone();
    if let Some(lost) = needed
        .iter()
        .find(|name| !header.iter().any(|have| have == **name))
    {
        let what = format!("this is no {name} of ours: the column `{lost}` is missing");
        return Err(Error::usage(what)
            .at_line(path, 1, 0)
            .hint("pass the table as `cloudtally run` published it"));
    }
    let records = table.records();
    records
        .map(|cells| {
            let cells = cells.map_err(|e| fault(&e))?;
            read(&Row {
                path,
                header: &header,
                cells: &cells,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_looked_at_stand_in_our_reasons() {
        let reason = "CPU P99.5 9.8 % of 16 vCPU, memory at most 19 % of 64 GiB in 32 days of 60-minute maxima; needs 2";
        assert_eq!(days(reason), Some(32));
        assert_eq!(
            days("CPU never passed 2 % in 13.5 days of 5-minute averages"),
            Some(13)
        );
        assert_eq!(
            (days("no CPU data in the last 32 days"), days("")),
            (None, None)
        );
    }
}
