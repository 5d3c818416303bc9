//! What differs between two versions of a billing period.

use crate::money::Money;
use std::collections::BTreeMap;

/// Billed and effective cost by currency and service.
pub type Costs = BTreeMap<(String, String), [Money; 2]>;

/// A service whose cost is no longer what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Currency.
    pub currency: String,
    /// Service.
    pub service: String,
    /// Billed and effective cost before; zero where the service had no charge.
    pub previous: [Money; 2],
    /// Billed and effective cost now; zero where the service has no charge.
    pub current: [Money; 2],
}

/// Every service that differs, by currency and name. Services of both versions, of the first alone and of the
/// second alone are looked at.
pub fn changes(previous: &Costs, current: &Costs) -> Vec<Change> {
    let mut both: BTreeMap<&(String, String), [[Money; 2]; 2]> = BTreeMap::new();
    for (version, costs) in [previous, current].into_iter().enumerate() {
        for (key, cost) in costs {
            both.entry(key).or_default()[version] = *cost;
        }
    }
    both.into_iter()
        .filter(|(_, [previous, current])| previous != current)
        .map(|((currency, service), [previous, current])| Change {
            currency: currency.clone(),
            service: service.clone(),
            previous,
            current,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn costs(rows: &[(&str, i128, i128)]) -> Costs {
        rows.iter()
            .map(|(service, billed, effective)| {
                let key = ("USD".to_owned(), (*service).to_owned());
                (
                    key,
                    [billed, effective].map(|units| Money::from_units(*units)),
                )
            })
            .collect()
    }

    #[test]
    fn services_that_changed_appeared_or_vanished_are_told() {
        let before = costs(&[
            ("Same", 5, 5),
            ("Gone", 2, 2),
            ("More", 1, 1),
            ("Spread", 3, 3),
        ]);
        let now = costs(&[
            ("Same", 5, 5),
            ("More", 4, 4),
            ("New", 7, 7),
            ("Spread", 3, 2),
        ]);
        let told: Vec<(String, i128, i128)> = changes(&before, &now)
            .into_iter()
            .map(|c| (c.service, c.previous[0].units(), c.current[0].units()))
            .collect();
        let wanted = [
            ("Gone", 2, 0),
            ("More", 1, 4),
            ("New", 0, 7),
            ("Spread", 3, 3),
        ];
        assert_eq!(told, wanted.map(|(name, a, b)| (name.to_owned(), a, b)));
    }

    #[test]
    fn equal_versions_have_no_change() {
        let one = costs(&[("A", 1, 1)]);
        assert!(changes(&one, &one).is_empty());
    }
}
