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
            "Per month of 730 hours, net of commitments; one action per resource",
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
        label: format!("{} {}", short(&ids[row]), from[row]),
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

/// The name in an ARN or a path: what stands before it is the same for all.
fn short(id: &str) -> &str {
    let is_path = id.starts_with("arn:") || id.contains('/') && !id.starts_with("k8s:");
    let name = id.rsplit(['/', ':']).next().filter(|name| !name.is_empty());
    name.filter(|_| is_path).unwrap_or(id)
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

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn long_ids_are_called_by_their_names() {
        let ids = [
            "i-0ab",
            "arn:aws:rds:us-east-1:1:db:orders",
            "/subscriptions/s/resourceGroups/r/providers/microsoft.compute/disks/data",
            "k8s:eu/shop/web:api",
        ];
        assert_eq!(
            ids.map(short),
            ["i-0ab", "orders", "data", "k8s:eu/shop/web:api"]
        );
    }
}
