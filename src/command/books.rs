//! From manifests, facts and reports to the books.

use super::night::{Night, amount, residues};
use crate::analysis::books::{Held, Line, Stage, books, breaks};
use crate::engine::{self, facts::FACTS};
use crate::error::{Error, Kind, Result};
use crate::focus::COSTS;
use crate::lake::{Input, Total};
use crate::money::Money;
use crate::report::definition::Definition;
use crate::report::table::{Cell, Table};
use polars::prelude::IntoLazy;
use std::collections::BTreeMap;

/// Bills as a whole, for reports that do not tell them apart.
const ALL: &str = "(all)";

type Sums = BTreeMap<(String, String), (u64, [Option<Money>; 4])>;

/// Everything that the stages before the reports hold.
pub(super) fn street(night: &Night) -> Result<Vec<Held>> {
    let mut held = Vec::new();
    let mut all: Sums = BTreeMap::new();
    for source in &night.sources {
        let own: Vec<_> = night
            .facts
            .iter()
            .filter(|(name, facts)| *name == source.name && facts.period.source == source.id)
            .map(|(_, facts)| facts)
            .collect();
        let months: Vec<&str> = own
            .iter()
            .map(|facts| facts.period.month.as_str())
            .collect();
        let inputs: Vec<&Input> = own
            .iter()
            .flat_map(|facts| &facts.period.inputs)
            .filter_map(|key| source.inputs.get(key))
            .collect::<Unique>()
            .0;
        let in_period =
            |total: &&Total| total.month.is_empty() || months.contains(&total.month.as_str());
        push(
            &mut held,
            &source.name,
            &Stage::Export,
            &add(inputs
                .iter()
                .flat_map(|input| &input.export)
                .filter(in_period)),
        );
        push(
            &mut held,
            &source.name,
            &Stage::Quarantined,
            &set_aside(&inputs, &months),
        );
        push(
            &mut held,
            &source.name,
            &Stage::Superseded,
            &add(inputs
                .iter()
                .flat_map(|input| &input.superseded)
                .filter(in_period)),
        );
        let mut accepted = add(inputs
            .iter()
            .flat_map(|input| &input.accepted)
            .filter(in_period));
        for facts in &own {
            for ([_, currency, ..], sum) in residues(&source.inputs, &facts.period) {
                let entry = accepted
                    .entry((facts.period.month.clone(), currency))
                    .or_insert((0, [None; 4]));
                entry.0 += 1;
                entry
                    .1
                    .iter_mut()
                    .for_each(|cost| *cost = Some(cost.unwrap_or_default() + sum));
            }
        }
        push(&mut held, &source.name, &Stage::Accepted, &accepted);
        for (stage, fact) in [(Stage::Lake, "totals"), (Stage::Facts, "charges_monthly")] {
            let mut sums: Sums = BTreeMap::new();
            for facts in &own {
                let at = FACTS
                    .iter()
                    .position(|(name, _)| *name == fact)
                    .unwrap_or_default();
                let sql = include_str!("../../queries/analysis/book_sums.sql");
                let made = engine::query(
                    "queries/analysis/book_sums.sql",
                    sql,
                    &[("held", facts.tables[at].clone().lazy())],
                )?;
                add_table(&mut sums, &Table::of_frame(&made)?, "x_BillingMonth");
            }
            push(&mut held, &source.name, &stage, &sums);
            if stage == Stage::Facts {
                for (key, more) in sums {
                    merge(all.entry(key).or_insert((0, [None; 4])), more);
                }
            }
        }
    }
    push(&mut held, ALL, &Stage::Facts, &all);
    Ok(held)
}

/// What reports that claim to cover a cost column hold of it.
pub(super) fn of_reports(street: &[Held], reports: &[(Definition, Table)]) -> Vec<Held> {
    let mut held = Vec::new();
    for (definition, table) in reports
        .iter()
        .filter(|(definition, _)| !definition.covers.is_empty())
    {
        // A month that a report lost whole counts as zero, not as absent.
        let mut sums: Sums = street
            .iter()
            .filter(|held| held.source == ALL)
            .map(|held| ((held.month.clone(), held.currency.clone()), (0, [None; 4])))
            .collect();
        add_table(&mut sums, table, "Month");
        let stage = Stage::Report(definition.name.clone());
        let mut own = Vec::new();
        push(&mut own, ALL, &stage, &sums);
        held.extend(
            own.into_iter()
                .filter(|one| definition.covers.iter().any(|column| column == one.column)),
        );
    }
    held
}

/// The books as a table; an error names the first break.
pub(super) fn close(held: Vec<Held>) -> (Table, Result<()>) {
    let lines = books(held);
    let mut table = Table::new(&[
        "Source",
        "BillingPeriod",
        "BillingCurrency",
        "Column",
        "Stage",
        "Rows",
        "Amount",
        "Difference",
    ]);
    table.rows = lines.iter().map(row).collect();
    let verdict = match breaks(&lines).first() {
        None => Ok(()),
        Some(line) => Err(Error::new(Kind::Books, sentence(line)).hint("nothing was published; the export changed while it was read, or this is a bug worth reporting")),
    };
    (table, verdict)
}

fn sentence(line: &Line) -> String {
    let held = &line.held;
    format!(
        "the books do not close: {} {} {} of `{}` differs by {} at {}",
        held.month,
        held.column,
        held.currency,
        held.source,
        line.difference.unwrap_or_default(),
        held.stage.name()
    )
}

fn row(line: &Line) -> Vec<Cell> {
    let held = &line.held;
    vec![
        Cell::text(&held.source),
        Cell::text(&held.month),
        Cell::text(&held.currency),
        Cell::text(held.column),
        Cell::text(held.stage.name()),
        Cell::Count(i64::try_from(held.rows).unwrap_or(i64::MAX)),
        Cell::from(held.amount),
        Cell::from(line.difference),
    ]
}

/// Inputs, each once: one may belong to several periods.
#[derive(Default)]
struct Unique<'a>(Vec<&'a Input>);

impl<'a> FromIterator<&'a Input> for Unique<'a> {
    fn from_iter<I: IntoIterator<Item = &'a Input>>(inputs: I) -> Unique<'a> {
        let by_key: BTreeMap<&str, &Input> = inputs
            .into_iter()
            .map(|input| (input.key.as_str(), input))
            .collect();
        Unique(by_key.into_values().collect())
    }
}

fn merge(into: &mut (u64, [Option<Money>; 4]), more: (u64, [Option<Money>; 4])) {
    into.0 += more.0;
    for (sum, more) in into.1.iter_mut().zip(more.1) {
        if let Some(more) = more {
            *sum = Some(sum.unwrap_or_default() + more);
        }
    }
}

fn add<'a>(totals: impl Iterator<Item = &'a Total>) -> Sums {
    let mut sums: Sums = BTreeMap::new();
    for total in totals {
        let more = (total.rows, std::array::from_fn(|cost| total.sum(cost)));
        merge(
            sums.entry((total.month.clone(), total.currency.clone()))
                .or_insert((0, [None; 4])),
            more,
        );
    }
    sums
}

fn set_aside(inputs: &[&Input], months: &[&str]) -> Sums {
    let mut sums: Sums = BTreeMap::new();
    for row in inputs.iter().flat_map(|input| &input.set_aside) {
        if row.month.is_empty() || months.contains(&row.month.as_str()) {
            let more = (1, [amount(row.amount.as_deref()), None, None, None]);
            merge(
                sums.entry((row.month.clone(), row.currency.clone()))
                    .or_insert((0, [None; 4])),
                more,
            );
        }
    }
    sums
}

fn add_table(sums: &mut Sums, table: &Table, month: &str) {
    let (months, currencies) = (table.texts(month), table.texts("BillingCurrency"));
    let charges = table.at("Charges");
    let costs = COSTS.map(|cost| table.amounts(cost));
    for (index, (month, currency)) in months.into_iter().zip(currencies).enumerate() {
        let rows = match charges.map(|at| &table.rows[index][at]) {
            Some(Cell::Count(count)) => u64::try_from(*count).unwrap_or_default(),
            _ => 1,
        };
        let more = (rows, std::array::from_fn(|cost| costs[cost][index]));
        merge(
            sums.entry((month, currency)).or_insert((0, [None; 4])),
            more,
        );
    }
}

fn push(held: &mut Vec<Held>, source: &str, stage: &Stage, sums: &Sums) {
    for ((month, currency), (rows, amounts)) in sums {
        for (column, amount) in COSTS.into_iter().zip(amounts) {
            if stage == &Stage::Quarantined && column != COSTS[0] {
                continue;
            }
            held.push(Held {
                source: source.to_owned(),
                month: month.clone(),
                currency: currency.clone(),
                column,
                stage: stage.clone(),
                rows: *rows,
                amount: *amount,
            });
        }
    }
}
