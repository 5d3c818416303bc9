//! What a gigabyte costs for a month, on disks and as objects.

use super::{Formula, Value};
use crate::money::{Money, per};

/// Storage of a month that is charged by size and time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// Volumes and disks: `EffectiveCost`, and GB-months on the scale of money.
    pub block: (Money, Money),
    /// Buckets and containers.
    pub object: (Money, Money),
}

fn price((cost, quantity): (Money, Money)) -> Option<Value> {
    let known = quantity > Money::ZERO;
    let price = per(cost, quantity, 6).filter(|_| known)?;
    Some(Value::Price(price, "GB-month"))
}

/// The table.
pub const FORMULAS: &[Formula<Sums>] = &[
    Formula {
        name: "cost per GB-month, block storage",
        target: None,
        definition: "EffectiveCost / GB-months of volumes and disks whose meters count them, snapshots left out",
        value: |sums| price(sums.block),
    },
    Formula {
        name: "cost per GB-month, object storage",
        target: None,
        definition: "EffectiveCost / GB-months of stored objects whose meters count them, requests left out",
        value: |sums| price(sums.object),
    },
];

#[cfg(test)]
mod tests {
    use super::super::{money, told};
    use super::*;

    #[test]
    fn a_gigabyte_has_a_price_where_it_is_counted() {
        let sums = Sums {
            block: (money("8.5"), money("100")),
            object: (money("5"), Money::ZERO),
        };
        assert_eq!(
            told(FORMULAS, &sums),
            ["cost per GB-month, block storage: 0.085 per GB-month"]
        );
    }
}
