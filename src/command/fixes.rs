//! `tag_fixes.csv`, and the folder of scripts beside it.

use super::findings::{Findings, found};
use super::plan::Plan;
use crate::analysis::fixes::Fixes;
use crate::error::Result;
use crate::report::definition::Method;
use crate::report::publish::Stage;
use crate::report::scripts;
use crate::report::table::{Cell, Table};

/// `tag_fixes.csv`: everything that could be put right, and whether a script does it.
pub(super) fn table(fixes: &Fixes) -> Table {
    let mut table = Table::new(&[
        "ResourceId",
        "SubAccountId",
        "RegionId",
        "Tag",
        "Value",
        "Basis",
        "State",
        "Confidence",
        "Reason",
        "File",
        "MonthCost",
        "BillingCurrency",
    ]);
    for fix in &fixes.fixes {
        let (state, reason) = match &fix.target {
            Ok(_) if fix.basis.is_sure() => ("command", ""),
            Ok(_) => ("guess", ""),
            Err(why) => ("not written", why.as_str()),
        };
        let texts = [
            &fix.resource_id,
            &fix.sub_account,
            &fix.region,
            &fix.tag,
            &fix.value,
        ];
        let mut row: Vec<Cell> = texts.map(Cell::text).into();
        row.extend([fix.basis.name(), state].map(Cell::text));
        row.push(fix.confidence.map_or(Cell::Empty, Cell::Percent));
        row.extend([reason, fix.cloud.map_or("", scripts::file)].map(Cell::text));
        row.extend([Cell::Money(fix.cost), Cell::text(&fix.currency)]);
        table.rows.push(row);
    }
    table
}

/// The folder of scripts, where its report is wanted.
pub(super) fn write(stage: &Stage, plan: &Plan, findings: &Findings) -> Result<()> {
    let wanted = plan
        .reports
        .iter()
        .any(|report| report.method == Method::TagFixes);
    let Ok(suggested) = found(&findings.suggested) else {
        return Ok(());
    };
    if wanted {
        for (name, text) in scripts::files(&suggested.fixes) {
            stage.write(&format!("{}/{name}", scripts::FOLDER), text.as_bytes())?;
        }
    }
    Ok(())
}
