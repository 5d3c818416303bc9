//! Amounts that are not simply a cell: a key of a struct, a field summed over a list, several added up.

use super::bind::Cell;
use super::cells::{Number, is_null, read_money};
use super::door::Row;
use super::format::Family;
use super::nested;
use crate::money::{Money, NotMoney};

/// Where an amount or a moment comes from, when it is not the whole cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// A key of the struct in the cell.
    Key(String),
    /// A field, summed over the list of structs in the cell.
    List(String),
    /// The first term and every other one that the row has; a term is the first of its amounts that it has.
    Sum(Vec<Vec<usize>>),
}

impl Of {
    /// The key whose value is meant, where the cell holds a struct.
    pub(super) fn key(cell: &Cell) -> Option<Of> {
        match cell {
            Cell::Key(_, key) => Some(Of::Key(key.clone())),
            _ => None,
        }
    }
}

/// The amounts of a family that are sums of others, behind those; one whose first term is absent is too.
pub(super) fn add_sums(moneys: &mut Vec<Number<i128>>, family: &'static Family) {
    for (name, terms) in &family.sum {
        let place = |name: &String| moneys.iter().position(|money| money.name == name);
        let terms: Vec<Vec<usize>> = terms
            .iter()
            .map(|names| names.iter().filter_map(place).collect())
            .collect();
        let Some(first) = terms.first().and_then(|term| term.first()) else {
            continue;
        };
        let mut sum = Number::new(name, moneys[*first].at, family.mapping.amount == *name);
        sum.of = Some(Of::Sum(terms));
        moneys.push(sum);
    }
}

/// One amount of a row in stored units. Sums are made of what was read before them.
pub(super) fn read(
    row: &impl Row,
    moneys: &[Number<i128>],
    index: usize,
) -> Result<Option<i128>, String> {
    let money = &moneys[index];
    match &money.of {
        None => row
            .money(money.at)
            .or_else(|fault| unless_vast(money, &row.cell(money.at), fault)),
        Some(Of::Key(key)) => {
            let text = key_of(&row.cell(money.at), key);
            read_money(text.as_bytes()).or_else(|fault| unless_vast(money, text.as_bytes(), fault))
        }
        Some(Of::List(field)) => nested::sum(&row.cell(money.at), field),
        Some(Of::Sum(terms)) => {
            let mut known = terms
                .iter()
                .map(|term| term.iter().find_map(|&at| moneys[at].next));
            let Some(Some(first)) = known.next() else {
                return Ok(None);
            };
            let total = known
                .flatten()
                .try_fold(Money::from_units(first), |total, units| {
                    total.plus(Money::from_units(units))
                });
            let too_much = || "the amounts add up to too much".to_owned();
            total.map(|total| Some(total.units())).ok_or_else(too_much)
        }
    }
}

/// Nothing of a number that is only too large, where that is unknown; else the fault.
fn unless_vast(money: &Number<i128>, cell: &[u8], fault: String) -> Result<Option<i128>, String> {
    let too_large = money.vast && Money::parse(cell.trim_ascii()) == Err(NotMoney::TooLarge);
    if too_large { Ok(None) } else { Err(fault) }
}

/// One amount of a row of which another cell cannot be read; nothing where it cannot be told.
pub(super) fn readable(row: &impl Row, moneys: &mut [Number<i128>], index: usize) -> Option<i128> {
    for at in 0..=index.min(moneys.len().saturating_sub(1)) {
        moneys[at].next = read(row, moneys, at).ok().flatten();
    }
    moneys.get(index).and_then(|money| money.next)
}

/// A key of the struct in a cell, as text; nothing where there is none.
pub(super) fn key_of(cell: &[u8], key: &str) -> String {
    if is_null(cell) {
        return String::new();
    }
    let value = nested::parse(cell).ok();
    value.and_then(|value| value.text(key)).unwrap_or_default()
}
