//! The workbook for finance: showback, its journal and its moves, the books that prove them, and what all of it is.

use super::night::Night;
use super::outcome::ReportEntry;
use super::plan::Plan;
use super::trust;
use crate::error::Result;
use crate::money::Money;
use crate::report::definition::{Definition, Method};
use crate::report::publish::Stage;
use crate::report::table::{Cell, Table};
use crate::report::workbook::{Sheet, workbook};
use std::collections::BTreeMap;

/// The sheets and the reports that they show, in the order in which finance reads them.
const SHEETS: [(&str, Method); 3] = [
    ("Showback", Method::Showback),
    ("Journal", Method::ShowbackJournal),
    ("Moves", Method::ShowbackMoves),
];

/// The lines of the books that are about showback: what the facts hold over all bills, and what showback does.
pub(super) fn proof(books: &Table) -> Table {
    let (sources, stages) = (books.texts("Source"), books.texts("Stage"));
    let own = |at: &usize| {
        sources[*at] == super::books::ALL && ["facts", "showback"].contains(&stages[*at].as_str())
    };
    Table {
        columns: books.columns.clone(),
        rows: (0..books.rows.len())
            .filter(own)
            .map(|at| books.rows[at].clone())
            .collect(),
    }
}

/// Writes `showback.xlsx` where there is a showback, and notes it with its report.
pub(super) fn write(
    stage: &Stage,
    night: &Night,
    plan: &Plan,
    (reports, proof): (&[(Definition, Table)], &Table),
    entries: &mut [ReportEntry],
) -> Result<()> {
    let of = |method| {
        reports
            .iter()
            .find(|(definition, _)| definition.method == method)
    };
    let Some((showback, table)) = of(Method::Showback) else {
        return Ok(());
    };
    let is_shown = |method| {
        let rules = plan.showback.as_ref();
        method != Method::ShowbackJournal || rules.is_some_and(|rules| rules.accounts.is_some())
    };
    let mut sheets: Vec<Sheet<'_>> = SHEETS
        .iter()
        .filter(|(_, method)| is_shown(*method))
        .filter_map(|(name, method)| {
            let (definition, table) = of(*method)?;
            Some(Sheet {
                name,
                table,
                report: Some(definition),
            })
        })
        .collect();
    sheets.push(Sheet {
        name: "Books",
        table: proof,
        report: None,
    });
    let about = about(night, plan, (showback, table));
    let name = format!("{}.xlsx", showback.name);
    stage.write(&name, &workbook(&sheets, &about, plan.run_day())?)?;
    if let Some(entry) = entries.iter_mut().find(|entry| entry.name == showback.name) {
        entry.workbook = Some(name);
    }
    Ok(())
}

/// What a reader of the workbook must know: the run, the months and their state, the cost, the pools, and every
/// total to the last digit.
fn about(
    night: &Night,
    plan: &Plan,
    (showback, table): (&Definition, &Table),
) -> Vec<(String, String)> {
    let months = night.months().into_iter().map(|month| month.to_string());
    let states = months.map(|month| format!("{month} {}", trust::state(night, &month).name()));
    let states: Vec<String> = states.collect();
    let mut lines = vec![
        ("Report", showback.title.clone()),
        ("As of", plan.run_day().to_string()),
        ("Months", states.join(", ")),
        ("Cost", plan.config.showback.cost.column().to_owned()),
        ("How it is computed", showback.about.clone()),
        (
            "Made by",
            format!("Cloudtally {}", env!("CARGO_PKG_VERSION")),
        ),
    ];
    if let Some(rules) = &plan.showback {
        let pools = rules.pools.iter().map(|(_, pool)| pool.name.as_str());
        let pools = pools.collect::<Vec<_>>().join(", ");
        lines.insert(4, ("Owners are", rules.scope.clone()));
        lines.insert(5, ("Pools, as they are split", pools));
    }
    let named = lines
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text));
    named.chain(totals(table)).collect()
}

fn totals(table: &Table) -> Vec<(String, String)> {
    let mut totals: BTreeMap<(String, String), Money> = BTreeMap::new();
    let keys = table
        .texts("Month")
        .into_iter()
        .zip(table.texts("BillingCurrency"));
    for (key, cost) in keys.zip(table.amounts("TotalCost")) {
        *totals.entry(key).or_default() += cost.unwrap_or_default();
    }
    let line = |((month, currency), total): ((String, String), Money)| {
        (
            format!("Total {month} {currency}"),
            Cell::Money(total).plain(),
        )
    };
    totals.into_iter().map(line).collect()
}
