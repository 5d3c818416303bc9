//! What a row is, read from its cells before any mapping: commitment purchases, usage that a commitment
//! covers, commitments that nobody used. Control totals leave out what such a row does not bill, and an
//! export shows by them which of Azure's two datasets it is.

use super::bind::{Binding, Cell};
use super::door::Row;

/// The classes of a family, as bits of a mask.
#[derive(Default)]
pub(super) struct Classes {
    classes: Vec<Class>,
    /// Per cost column: the classes that add nothing to it.
    without: [u8; 4],
}

struct Class {
    name: &'static str,
    /// A row is of the class when each of these cells has one of its values.
    cells: Vec<(usize, &'static [String])>,
}

/// How many rows of each class there are, and how many of the covered ones cost nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Evidence {
    pub(super) purchases: u64,
    pub(super) covered: u64,
    pub(super) covered_free: u64,
    pub(super) unused: u64,
}

impl Classes {
    /// The classes whose columns this header has.
    pub(super) fn of(binding: &Binding) -> Classes {
        let family = binding.family;
        let class = |(name, cells): (&'static String, &'static super::format::Values)| {
            let place = |(column, values): (&String, &'static Vec<String>)| match binding
                .cells
                .get(column.as_str())
            {
                Some(Cell::Plain(at)) => Some((*at, values.as_slice())),
                _ => None,
            };
            Some(Class {
                name,
                cells: cells.iter().map(place).collect::<Option<_>>()?,
            })
        };
        let classes: Vec<Class> = family.class.iter().filter_map(class).collect();
        let without = crate::focus::COSTS.map(|cost| {
            let names = family.control_without.get(cost);
            let is_without =
                |class: &Class| names.is_some_and(|n| n.iter().any(|n| n == class.name));
            mask(&classes, is_without)
        });
        Classes { classes, without }
    }

    /// The classes of a row.
    pub(super) fn of_row(&self, row: &impl Row) -> u8 {
        if self.classes.is_empty() {
            return 0;
        }
        let has = |(at, values): &(usize, &[String])| {
            let cell = row.cell(*at);
            let cell = cell.trim_ascii();
            values
                .iter()
                .any(|value| value.as_bytes().eq_ignore_ascii_case(cell))
        };
        mask(&self.classes, |class| class.cells.iter().all(has))
    }

    /// True where rows of these classes add to a cost column.
    pub(super) fn counts(&self, cost: usize, classes: u8) -> bool {
        self.without[cost] & classes == 0
    }

    /// True where one of the classes is called so.
    pub(super) fn is(&self, classes: u8, name: &str) -> bool {
        classes & mask(&self.classes, |class| class.name == name) != 0
    }

    /// Notes what a row says of its dataset.
    pub(super) fn note(&self, evidence: &mut Evidence, classes: u8, free: bool) {
        if classes == 0 {
            return;
        }
        evidence.purchases += u64::from(self.is(classes, "purchase"));
        evidence.unused += u64::from(self.is(classes, "unused"));
        if self.is(classes, "covered") {
            evidence.covered += 1;
            evidence.covered_free += u64::from(free);
        }
    }
}

fn mask(classes: &[Class], holds: impl Fn(&Class) -> bool) -> u8 {
    let bits = classes.iter().take(8).enumerate();
    bits.fold(0, |mask, (bit, class)| {
        mask | (u8::from(holds(class)) << bit)
    })
}
