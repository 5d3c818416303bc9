//! `savings_ledger.csv`, `savings_realized.csv` and `savings_backlog.csv`.

use super::Ledger;
use crate::analysis::ledger::{About, Entry, Figure, issue, quarter};
use crate::analysis::trust::State;
use crate::command::night::Night;
use crate::command::trust;
use crate::lake::hash;
use crate::money::Money;
use crate::report::table::{Cell, Table};

/// Every entry, in the order in which they were first seen.
pub(in crate::command) fn entries(ledger: &Ledger) -> Table {
    let mut table = Table::new(&[
        "FirstSeen",
        "ResourceId",
        "Action",
        "Expected",
        "Status",
        "Realized",
        "VerifiedOn",
        "BillingCurrency",
        "SubAccountId",
        "RegionId",
        "Team",
        "Check",
        "ExpectedLow",
        "StatusSince",
        "ActedOn",
        "Seen",
        "Counterfactual",
        "Actual",
        "Month",
        "RealizedInMonth",
        "Quarter",
        "RealizedInQuarter",
        "RealizedToDate",
        "CurrentType",
        "RecommendedType",
        "Reason",
        "Note",
        "ExternalId",
    ]);
    table.rows = ledger.entries.iter().map(row).collect();
    table
}

fn row(entry: &Entry) -> Vec<Cell> {
    let about = &entry.about;
    let day = |day: Option<chrono::NaiveDate>| day.map_or(Cell::Empty, Cell::Day);
    let closed = || entry.figures.iter().filter(|(_, figure)| figure.closed);
    let sum = |of: fn(&Figure) -> Money| match closed().next() {
        None => Cell::Empty,
        Some(_) => Cell::Money(closed().map(|(_, figure)| of(figure)).sum()),
    };
    let latest = closed().next_back();
    let of_quarter = latest.map(|(month, _)| {
        let same = closed().filter(|(other, _)| quarter(**other) == quarter(*month));
        same.map(|(_, figure)| figure.realised()).sum()
    });
    let to_date = entry.figures.values().map(Figure::realised);
    let to_date = (!entry.figures.is_empty()).then(|| to_date.sum());
    vec![
        Cell::Day(about.first_seen),
        Cell::text(&about.resource_id),
        Cell::text(about.action.to_string()),
        Cell::Money(about.expected.1.rounded(2)),
        Cell::text(entry.state.status.to_string()),
        sum(Figure::realised),
        day(entry.state.verified_on),
        Cell::text(&about.currency),
        Cell::text(&about.account),
        Cell::text(&about.region),
        Cell::text(&about.team),
        Cell::text(&about.check),
        Cell::Money(about.expected.0.rounded(2)),
        Cell::Day(entry.state.since),
        day(entry.acted_on()),
        Cell::text(entry.said()),
        sum(|figure| figure.counterfactual),
        sum(|figure| figure.actual),
        latest.map_or(Cell::Empty, |(month, _)| Cell::text(month.to_string())),
        Cell::from(latest.map(|(_, figure)| figure.realised())),
        latest.map_or(Cell::Empty, |(month, _)| Cell::text(quarter(*month))),
        Cell::from(of_quarter),
        Cell::from(to_date),
        Cell::text(&about.current_type),
        Cell::text(&about.recommended_type),
        Cell::text(&about.evidence),
        Cell::text(&entry.note),
        Cell::text(external_id(about)),
    ]
}

/// A name for trackers that stays the same from run to run, and in a lake that starts over.
fn external_id(about: &About) -> String {
    let action = about.action.to_string();
    let line = about.lines.first();
    let (meter, instance) = line.map_or(("", ""), |line| (&line.meter, &line.instance));
    let hash = hash(&[
        &about.account,
        &about.key,
        &about.region,
        &action,
        meter,
        instance,
    ]);
    format!("cloudtally-{}", &hash[..12])
}

/// Identified and realised, by month and team.
pub(in crate::command) fn realised(ledger: &Ledger, night: &Night) -> Table {
    let mut table = Table::new(&[
        "Month",
        "Quarter",
        "Team",
        "Identified",
        "Realized",
        "BillingCurrency",
        "Acted",
        "Verified",
        "Counterfactual",
        "Actual",
        "Findings",
        "TrustState",
    ]);
    for (key, month) in &ledger.months {
        let state = trust::state(night, &key.month.to_string());
        table.rows.push(vec![
            Cell::text(key.month.to_string()),
            Cell::text(quarter(key.month)),
            Cell::text(&key.team),
            Cell::Money(month.identified.rounded(2)),
            Cell::Money(month.realised()),
            Cell::text(&key.currency),
            Cell::Money(month.acted.rounded(2)),
            Cell::Money(month.verified.rounded(2)),
            Cell::Money(month.counterfactual),
            Cell::Money(month.actual),
            Cell::Count(i64::from(month.findings)),
            Cell::text(State::name(state)),
        ]);
    }
    table
}

/// Open findings for issue trackers, largest expected saving first within a currency.
pub(in crate::command) fn backlog(ledger: &Ledger) -> Table {
    let mut table = Table::new(&[
        "Title",
        "Body",
        "Labels",
        "ExternalId",
        "ResourceId",
        "SubAccountId",
        "Team",
        "Expected",
        "BillingCurrency",
        "Action",
        "Tags",
        "JiraLabels",
        "FirstSeen",
    ]);
    let mut open: Vec<&Entry> = ledger.entries.iter().collect();
    open.sort_by_key(|entry| {
        let about = &entry.about;
        (about.currency.clone(), std::cmp::Reverse(about.expected.1))
    });
    for entry in open {
        let Some(issue) = issue(entry) else { continue };
        let about = &entry.about;
        table.rows.push(vec![
            Cell::Text(issue.title),
            Cell::Text(issue.body),
            Cell::Text(issue.labels.join(",")),
            Cell::Text(external_id(about)),
            Cell::text(&about.resource_id),
            Cell::text(&about.account),
            Cell::text(&about.team),
            Cell::Money(about.expected.1.rounded(2)),
            Cell::text(&about.currency),
            Cell::text(about.action.to_string()),
            Cell::Text(issue.labels.join("; ")),
            Cell::Text(issue.labels.join(" ")),
            Cell::Day(about.first_seen),
        ]);
    }
    table
}
