//! What an inventory shows to be left over, as shares of how many there are.

use super::{Formula, Value};
use crate::money::{Money, ratio};

/// Things that are left over, and all of their kind of which the inventory says enough to tell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// Disks attached to nothing.
    pub disks: (u64, u64),
    /// Snapshots whose disk is gone.
    pub snapshots: (u64, u64),
    /// Public addresses that nothing uses.
    pub addresses: (u64, u64),
}

fn share((left, all): (u64, u64)) -> Option<Value> {
    let whole = |count: u64| Money::from_units(i128::from(count));
    ratio(whole(left), whole(all)).map(Value::Percent)
}

/// The table.
pub const FORMULAS: &[Formula<Sums>] = &[
    Formula {
        name: "orphaned volumes",
        target: None,
        definition: "Disks attached to nothing / disks of the inventory of which it says",
        value: |sums| share(sums.disks),
    },
    Formula {
        name: "orphaned snapshots",
        target: None,
        definition: "Snapshots whose disk is not in the inventory / snapshots of the inventory that name a disk, where it lists disks",
        value: |sums| share(sums.snapshots),
    },
    Formula {
        name: "unattached addresses",
        target: None,
        definition: "Public addresses that nothing uses / addresses of the inventory of which it says",
        value: |sums| share(sums.addresses),
    },
];

#[cfg(test)]
mod tests {
    use super::super::told;
    use super::*;

    #[test]
    fn shares_of_what_the_inventory_tells() {
        let sums = Sums {
            disks: (1, 8),
            snapshots: (0, 0),
            addresses: (2, 3),
        };
        assert_eq!(
            told(FORMULAS, &sums),
            ["orphaned volumes: 12.50%", "unattached addresses: 66.67%"]
        );
    }
}
