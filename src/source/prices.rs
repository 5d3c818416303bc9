//! Whether a charge's unit price times its quantity is its cost: said of every charge at the door, since a
//! product of decimals is nothing that SQL engines agree on.

use super::cells::decimals;
use crate::money::Money;
use polars::prelude::*;

/// Half a cent: what an invoice's rounding can move.
const HALF_CENT: i128 = 5_000_000_000;

/// `x_PriceGap`: cost less price times quantity where that is beyond rounding, at list price else at contracted
/// price; nothing where it holds, where something is unknown, and on corrections, which need not hold.
pub(super) fn price_gaps(charges: &DataFrame) -> PolarsResult<Column> {
    let decimal =
        |name: &str| Ok::<_, PolarsError>(charges.column(name)?.decimal()?.physical().clone());
    let quantities = decimal("PricingQuantity")?;
    let classes = charges.column("ChargeClass")?.str()?.clone();
    let (list_prices, list) = (decimal("ListUnitPrice")?, decimal("ListCost")?);
    let (own_prices, own) = (decimal("ContractedUnitPrice")?, decimal("ContractedCost")?);
    let rows = quantities.iter().zip(classes.iter()).zip(
        list_prices
            .iter()
            .zip(list.iter())
            .zip(own_prices.iter().zip(own.iter())),
    );
    let gaps = rows.map(
        |((quantity, class), ((list_price, list), (own_price, own)))| {
            let quantity = quantity.filter(|_| class.is_none())?;
            gap(list_price, quantity, list).or_else(|| gap(own_price, quantity, own))
        },
    );
    Ok(decimals("x_PriceGap", gaps))
}

/// All in units of 10⁻¹². Rounding is half a cent, or a ten-thousandth of a large cost.
fn gap(price: Option<i128>, quantity: i128, cost: Option<i128>) -> Option<i128> {
    let cost = Money::from_units(cost?);
    let product = Money::from_units(price?).times(Money::from_units(quantity))?;
    let gap = cost - product;
    let rounding = HALF_CENT.max(cost.abs().units() / 10_000);
    (gap.abs().units() > rounding).then_some(gap.units())
}

#[cfg(test)]
mod tests {
    use super::gap;

    const ONE: i128 = 1_000_000_000_000;

    #[test]
    fn only_what_is_beyond_rounding_is_a_gap() {
        assert_eq!(gap(Some(2 * ONE), 3 * ONE, Some(6 * ONE)), None);
        assert_eq!(
            gap(Some(2 * ONE), 3 * ONE, Some(6 * ONE + 4_000_000_000)),
            None
        );
        assert_eq!(gap(Some(2 * ONE), 3 * ONE, Some(7 * ONE)), Some(ONE));
        assert_eq!(
            gap(Some(ONE), 1000 * ONE, Some(1000 * ONE + ONE / 20)),
            None
        );
        assert_eq!(gap(None, 3 * ONE, Some(7 * ONE)), None);
        assert_eq!(gap(Some(ONE), ONE, None), None);
    }
}
