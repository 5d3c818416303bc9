//! Savings as a ranking: by machine, or by what a column groups. Rows that do not count are left out, so the title
//! is a sum of charges that are saved once.

use super::{Rows, TOP};
use crate::money::Money;
use crate::report::drawing::{Bar, Drawing, Shape, Tone, top_with_other};
use std::collections::BTreeMap;

/// One bar before it is drawn.
struct Saved {
    label: String,
    note: String,
    low: Money,
    high: Money,
}

/// The ranking; none where nothing counts.
pub(super) fn savings(rows: &Rows, by: Option<&str>, what: &str) -> Option<Drawing> {
    let saved = match by {
        Some(column) => grouped(rows, column),
        None => each(rows),
    };
    if saved.is_empty() {
        return None;
    }
    let least: Money = saved.iter().map(|one| one.low).sum();
    let most: Money = saved.iter().map(|one| one.high).sum();
    let range = if least == most {
        rows.money(most)
    } else {
        format!("{} to {}", rows.money(least), rows.money(most))
    };
    let title = format!("{} {what} could save {range} a month", saved.len());
    let bars = saved.into_iter().map(|one| Bar {
        label: one.label,
        value: one.high.approximate(),
        marker: (least != most).then(|| one.low.approximate()),
        note: one.note,
        tone: Tone::Plain,
    });
    let (marker, subtitle) = match by {
        Some(_) => (
            "at least",
            "Per month of 730 hours, each charge counted once",
        ),
        None => (
            "if freed commitments find no other use",
            "Per month of 730 hours, net of commitments; one action per machine",
        ),
    };
    let shape = Shape::Bars {
        bars: top_with_other(bars.collect(), TOP),
        marker: if least == most {
            String::new()
        } else {
            marker.to_owned()
        },
    };
    let mut drawing = rows.drawing(title, shape, subtitle);
    drawing.subtitle = format!("{} · {}", rows.currency, rows.frame.as_of);
    Some(drawing)
}

/// The rows of the currency that count.
fn counted(rows: &Rows) -> Vec<usize> {
    let currencies = rows.table.texts("BillingCurrency");
    let counted = rows.table.texts("Counted");
    (0..currencies.len())
        .filter(|&row| currencies[row] == rows.currency && counted[row] != "no")
        .collect()
}

fn amounts(rows: &Rows) -> [Vec<Option<Money>>; 2] {
    ["MonthlySavingsLow", "MonthlySavingsHigh"].map(|name| rows.table.amounts(name))
}

fn each(rows: &Rows) -> Vec<Saved> {
    let [ids, from, to, actions] = ["ResourceId", "CurrentType", "RecommendedType", "Action"]
        .map(|name| rows.table.texts(name));
    let [low, high] = amounts(rows);
    let saved = |row: usize| Saved {
        label: format!("{} {}", ids[row], from[row]),
        note: if to[row].is_empty() {
            actions[row].clone()
        } else {
            format!("{} to {}", actions[row], to[row])
        },
        low: low[row].unwrap_or_default(),
        high: high[row].unwrap_or_default(),
    };
    counted(rows).into_iter().map(saved).collect()
}

fn grouped(rows: &Rows, column: &str) -> Vec<Saved> {
    let (names, [low, high]) = (rows.table.texts(column), amounts(rows));
    let mut groups: BTreeMap<&str, (usize, Money, Money)> = BTreeMap::new();
    for row in counted(rows) {
        let group = groups.entry(&names[row]).or_default();
        group.0 += 1;
        group.1 += low[row].unwrap_or_default();
        group.2 += high[row].unwrap_or_default();
    }
    let saved = groups.into_iter().map(|(name, (count, low, high))| Saved {
        label: name.to_owned(),
        note: count.to_string(),
        low,
        high,
    });
    saved.collect()
}
