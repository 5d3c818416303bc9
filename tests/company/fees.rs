//! What comes once a month: support, tax, a credit and a refund. All at the payer, no resource.

use std::collections::BTreeMap;

use super::calendar::{Month, OCTOBER, SEPTEMBER};
use super::charge::{Charge, Kind};
use super::exact::{ONE, Pico, cents, dec, ratio};
use super::organisation::{Account, Product};

/// Support and tax of a month, dated on its first day.
pub(crate) fn monthly(payer: Account, month: Month, charges: &[Charge]) -> Vec<Charge> {
    let mut spent: BTreeMap<Product, Pico> = BTreeMap::new();
    for charge in charges {
        *spent.entry(charge.product).or_default() += charge.cost;
    }
    let span = (month.start(), month.end());
    let support = Charge {
        usage_type: "Dollar".to_owned(),
        description: "AWS Support (Business)".to_owned(),
        ..Charge::flat(
            Kind::Fee,
            Product::Support,
            span,
            support_fee(spent.values().sum()),
        )
    };
    let taxes = spent.iter().map(|(&product, &sum)| Charge {
        description: format!("Tax for product code {}", product.code()),
        ..Charge::flat(Kind::Tax, product, span, cents(ratio(sum, 8, 100)))
    });
    let fees = std::iter::once(support).chain(taxes);
    fees.map(|charge| Charge {
        account: payer,
        ..charge
    })
    .collect()
}

/// Business support: 10 % of the first 10,000 USD of a month and 7 % of the rest.
fn support_fee(spent: Pico) -> Pico {
    let first = spent.min(10_000 * ONE);
    cents(ratio(first, 10, 100) + ratio(spent - first, 7, 100))
}

/// A promotional credit in October, and in September a refund of August's database charges.
pub(crate) fn gifts(month: Month) -> Option<Charge> {
    let span = (month.start(), month.end());
    if month == OCTOBER {
        let description = "Migration program credit".to_owned();
        let credit = Charge::flat(Kind::Credit, Product::Compute, span, dec("-750"));
        return Some(Charge {
            description,
            ..credit
        });
    }
    let description = "Refund for unavailable database storage in August".to_owned();
    let refund = Charge::flat(Kind::Refund, Product::Database, span, dec("-86.4012345678"));
    (month == SEPTEMBER).then_some(Charge {
        description,
        ..refund
    })
}
