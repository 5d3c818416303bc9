//! `data_quality.csv`: what the facts count, the tag keys, and what the door could not read.

use super::night::Night;
use crate::analysis::quality::{CHECKS, UNREADABLE, Use, VARIANTS, spellings, variants};
use crate::engine;
use crate::engine::facts::{self, PeriodFacts};
use crate::error::Result;
use crate::money::Money;
use crate::report::table::{Cell, Table};
use crate::tags::parse_tags;
use std::collections::BTreeMap;

/// The report, by source, month, check and service.
pub(super) fn table(night: &Night) -> Result<Table> {
    let mut table = Table::new(&[
        "Source",
        "BillingPeriod",
        "ServiceName",
        "Check",
        "Charges",
        "Amount",
        "BillingCurrency",
        "Example",
        "Meaning",
    ]);
    for source in &night.sources {
        for input in source
            .inputs
            .values()
            .filter(|input| input.unreadable_tags > 0)
        {
            let month = match input.parts.as_slice() {
                [only] => only.month.as_str(),
                _ => "",
            };
            table.rows.push(vec![
                Cell::text(&source.name),
                Cell::text(month),
                Cell::text(""),
                Cell::text(UNREADABLE.0),
                count(input.unreadable_tags),
                Cell::Empty,
                Cell::text(""),
                Cell::text(&input.path),
                Cell::text(UNREADABLE.1),
            ]);
        }
    }
    for (source, period) in &night.facts {
        add_charges(&mut table, source, period)?;
        add_variants(&mut table, source, period)?;
    }
    let key = |row: &[Cell]| {
        let texts: Vec<String> = [0, 1, 3, 2, 6, 7].map(|at| row[at].plain()).into();
        texts
    };
    table.rows.sort_by_cached_key(|row| key(row));
    Ok(table)
}

fn count(count: u64) -> Cell {
    Cell::Count(i64::try_from(count).unwrap_or(i64::MAX))
}

/// What one check found in a service.
#[derive(Default)]
struct Found {
    charges: i64,
    cost: Money,
    /// The meter with most charges.
    example: (i64, String),
}

fn add_charges(table: &mut Table, source: &str, period: &PeriodFacts) -> Result<()> {
    let held = facts::table(std::slice::from_ref(period), "quality")?;
    let sql = "SELECT * FROM quality";
    let rows = Table::of_frame(&engine::query("quality", sql, &[("quality", held)])?)?;
    let [services, meters, currencies] =
        ["ServiceName", "SkuMeter", "BillingCurrency"].map(|name| rows.texts(name));
    for check in &CHECKS {
        let (counts, costs) = (
            rows.at(check.column),
            rows.amounts(&format!("{}Cost", check.column)),
        );
        let mut found: BTreeMap<(&str, &str), Found> = BTreeMap::new();
        for (row, cells) in rows.rows.iter().enumerate() {
            let Some(Cell::Count(charges @ 1..)) = counts.map(|at| &cells[at]) else {
                continue;
            };
            let one = found.entry((&services[row], &currencies[row])).or_default();
            one.charges += charges;
            one.cost += costs[row].unwrap_or_default();
            let rival = (-charges, meters[row].clone());
            if one.example.1.is_empty() || rival < one.example {
                one.example = rival;
            }
        }
        for ((service, currency), found) in found {
            table.rows.push(vec![
                Cell::text(source),
                Cell::text(&period.period.month),
                Cell::text(if service.is_empty() {
                    "(unknown)"
                } else {
                    service
                }),
                Cell::text(check.name),
                Cell::Count(found.charges),
                Cell::Money(found.cost),
                Cell::text(currency),
                Cell::text(found.example.1),
                Cell::text(check.meaning),
            ]);
        }
    }
    Ok(())
}

fn add_variants(table: &mut Table, source: &str, period: &PeriodFacts) -> Result<()> {
    let held = facts::table(std::slice::from_ref(period), "resources_monthly")?;
    let sql = include_str!("../../queries/analysis/tag_sets.sql");
    let tables = [("resources_monthly", held)];
    let sets = engine::query("queries/analysis/tag_sets.sql", sql, &tables)?;
    let rows = Table::of_frame(&sets)?;
    let [providers, tags, currencies] =
        ["ProviderName", "Tags", "BillingCurrency"].map(|name| rows.texts(name));
    let (resources, costs) = (rows.at("Resources"), rows.amounts("EffectiveCost"));
    let mut keys: BTreeMap<(&str, &str), BTreeMap<String, Use>> = BTreeMap::new();
    for (row, cells) in rows.rows.iter().enumerate() {
        let own = keys.entry((&providers[row], &currencies[row])).or_default();
        for key in parse_tags(&tags[row]).unwrap_or_default().into_keys() {
            let used = own.entry(key).or_default();
            if let Some(Cell::Count(count)) = resources.map(|at| &cells[at]) {
                used.resources += u64::try_from(*count).unwrap_or_default();
            }
            used.cost += costs[row].unwrap_or_default();
        }
    }
    for ((_, currency), keys) in &keys {
        for group in variants(keys) {
            table.rows.push(vec![
                Cell::text(source),
                Cell::text(&period.period.month),
                Cell::text(""),
                Cell::text(VARIANTS.0),
                count(group.iter().map(|(_, used)| used.resources).sum()),
                Cell::Money(group[1..].iter().map(|(_, used)| used.cost).sum()),
                Cell::text(*currency),
                Cell::Text(spellings(&group)),
                Cell::text(VARIANTS.1),
            ]);
        }
    }
    Ok(())
}
