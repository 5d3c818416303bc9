//! Which resources are large enough to be told apart by day. A bill has millions of resources and a handful
//! of them move its cost: the rest counts as one, or memory would grow with the bill.

use polars::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// One in so many: a resource must cost at least 2 % of its account's service in the billing month. Whatever
/// goes unnamed for a month then moves less than the 5 % that an anomaly of a part must move.
const SHARE: i128 = 50;
/// Least cost in the billing month, in the currency of the bill: one.
const LEAST: i128 = 1_000_000_000_000;

type Key<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>);

/// The large resources of `resources_monthly`, one column: `LargeId`, in the category of the charges.
pub(super) fn resources(monthly: &DataFrame, category: &DataType) -> PolarsResult<DataFrame> {
    let large = large(monthly)?;
    let ids = Column::new("LargeId".into(), large);
    DataFrame::new(ids.len(), vec![ids.cast(category)?])
}

fn large(monthly: &DataFrame) -> PolarsResult<Vec<String>> {
    if monthly.height() == 0 {
        return Ok(Vec::new());
    }
    let text = |name: &str| monthly.column(name)?.str().cloned();
    let (accounts, services) = (text("SubAccountId")?, text("ServiceName")?);
    let (currencies, ids) = (text("BillingCurrency")?, text("ResourceId")?);
    let costs = monthly
        .column("EffectiveCost")?
        .decimal()?
        .physical()
        .clone();
    let mut whole: BTreeMap<Key<'_>, i128> = BTreeMap::new();
    let mut own: BTreeMap<(Key<'_>, &str), i128> = BTreeMap::new();
    for row in 0..monthly.height() {
        let key = (accounts.get(row), services.get(row), currencies.get(row));
        let cost = costs.get(row).unwrap_or_default();
        *whole.entry(key).or_default() += cost;
        if let Some(id) = ids.get(row).filter(|id| !id.is_empty()) {
            *own.entry((key, id)).or_default() += cost;
        }
    }
    let is_large = |key: &Key<'_>, cost: i128| {
        let of = whole.get(key).copied().unwrap_or_default();
        cost >= LEAST && cost.saturating_mul(SHARE) >= of
    };
    let large: BTreeSet<&str> = own
        .iter()
        .filter(|((key, _), cost)| is_large(key, **cost))
        .map(|((_, id), _)| *id)
        .collect();
    Ok(large.into_iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::focus::Kind;
    use crate::money::Money;

    fn monthly(rows: &[(&str, &str, &str)]) -> DataFrame {
        let column = |name: &str, texts: Vec<&str>| Column::new(name.into(), texts);
        let units = |text: &str| Money::parse(text.as_bytes()).unwrap().units();
        let costs: Vec<i128> = rows.iter().map(|row| units(row.2)).collect();
        let costs = Int128Chunked::from_vec("EffectiveCost".into(), costs)
            .into_decimal_unchecked(26, 12)
            .into_series()
            .into_column();
        assert_eq!(costs.dtype(), &Kind::Money.data_type());
        let columns = vec![
            column("SubAccountId", vec!["1"; rows.len()]),
            column("ServiceName", rows.iter().map(|row| row.0).collect()),
            column("BillingCurrency", vec!["USD"; rows.len()]),
            column("ResourceId", rows.iter().map(|row| row.1).collect()),
            costs,
        ];
        DataFrame::new(rows.len(), columns).unwrap()
    }

    #[test]
    fn two_percent_of_the_service_are_large_and_less_is_not() {
        let table = monthly(&[
            ("EC2", "i-1", "2"),
            ("EC2", "i-2", "1.99"),
            ("EC2", "", "96.01"),
        ]);
        assert_eq!(large(&table).unwrap(), ["i-1"]);
    }

    #[test]
    fn pennies_are_never_large() {
        let table = monthly(&[("SQS", "q-1", "0.99"), ("SNS", "t-1", "1")]);
        assert_eq!(large(&table).unwrap(), ["t-1"]);
    }

    #[test]
    fn a_month_without_charges_has_none() {
        assert!(large(&DataFrame::empty()).unwrap().is_empty());
    }
}
