//! What one of something cost: one order, one tenant, a request. Direct cost and what shared pools gave, over the
//! quantity of the month. A quantity of nothing has no unit cost, never an infinite one; currencies stay apart.

use crate::money::{Money, per, ratio, split};
use crate::period::Month;
use std::collections::BTreeMap;

/// Decimals of a published unit cost.
pub const DECIMALS: usize = 6;
/// Decimals of the parts of shared cost: cents.
const CENTS: usize = 2;

/// How much of a unit there was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// The month.
    pub month: Month,
    /// What is counted: orders, tenants, requests.
    pub unit: String,
    /// Columns and values that charges must match; empty for the whole bill.
    pub scope: Vec<(String, String)>,
    /// How many, zero or more.
    pub quantity: Money,
}

impl Quantity {
    /// The columns that its scope names.
    pub fn columns(&self) -> Vec<String> {
        self.scope
            .iter()
            .map(|(column, _)| column.clone())
            .collect()
    }

    fn values(&self) -> Vec<String> {
        self.scope.iter().map(|(_, value)| value.clone()).collect()
    }
}

/// What an owner has cost in a month, cut by the values of some columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Billing month.
    pub month: String,
    /// Currency.
    pub currency: String,
    /// Who owns it.
    pub owner: String,
    /// The values of the columns.
    pub values: Vec<String>,
    /// Direct cost.
    pub amount: Money,
}

/// What owners received from pools, by month, currency and owner.
pub type Received = BTreeMap<[String; 3], Money>;

/// What the charges with some values cost in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Billing month.
    pub month: String,
    /// Currency.
    pub currency: String,
    /// The values of the columns.
    pub values: Vec<String>,
    /// Charges of its own.
    pub direct: Money,
    /// Its part of shared pools.
    pub shared: Money,
}

/// Direct and shared cost by values. What an owner received is spread over its parts by their direct cost, in
/// whole cents; one without direct cost receives as its own only value where `by_owner`, where the values are owners.
pub fn costs(parts: &[Part], received: &Received, by_owner: bool) -> Vec<Cost> {
    let mut owners: BTreeMap<[String; 3], BTreeMap<&[String], Money>> = BTreeMap::new();
    for part in parts {
        let owner = [&part.month, &part.currency, &part.owner].map(Clone::clone);
        let values = owners.entry(owner).or_default();
        *values.entry(&part.values).or_default() += part.amount;
    }
    let mut sums: BTreeMap<(String, String, Vec<String>), [Money; 2]> = BTreeMap::new();
    for ([month, currency, owner], values) in &owners {
        let key = [month, currency, owner].map(Clone::clone);
        let given = received.get(&key).copied().unwrap_or_default();
        let weights: Vec<Money> = values.values().copied().collect();
        for ((values, direct), shared) in values.iter().zip(split(given, &weights, CENTS)) {
            let key = (month.clone(), currency.clone(), values.to_vec());
            let sum = sums.entry(key).or_default();
            sum[0] += *direct;
            sum[1] += shared;
        }
    }
    let lone = received
        .iter()
        .filter(|(key, _)| !owners.contains_key(*key));
    for ([month, currency, owner], given) in lone.filter(|_| by_owner) {
        let key = (month.clone(), currency.clone(), vec![owner.clone()]);
        sums.entry(key).or_default()[1] += *given;
    }
    let cost = |((month, currency, values), [direct, shared]): (_, [Money; 2])| Cost {
        month,
        currency,
        values,
        direct,
        shared,
    };
    sums.into_iter().map(cost).collect()
}

/// Costs by the columns that they are cut by.
pub type Costs = BTreeMap<Vec<String>, Vec<Cost>>;

/// What one of a unit cost in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitCost {
    /// How many there were, of what.
    pub quantity: Quantity,
    /// What they cost together; none where no charge of the month is theirs.
    pub cost: Option<Cost>,
    /// What one cost, to six decimals; none of nothing.
    pub one: Option<Money>,
    /// How much more one cost than in the month before, in hundredths of a percent.
    pub change: Option<i64>,
    /// What one more cost: the change of cost over the change of quantity since the month before.
    pub marginal: Option<Money>,
}

impl UnitCost {
    fn total(&self) -> Option<Money> {
        self.cost.as_ref().map(|cost| cost.direct + cost.shared)
    }

    /// Every digit that there is, for comparisons.
    fn exact(&self) -> Option<Money> {
        per(self.total()?, self.quantity.quantity, crate::money::SCALE)
    }

    fn is_before(&self, later: &UnitCost) -> bool {
        let currency = |one: &UnitCost| one.cost.as_ref().map(|cost| cost.currency.clone());
        let (own, other) = (&self.quantity, &later.quantity);
        (own.month, &own.unit, &own.scope) == (other.month.previous(), &other.unit, &other.scope)
            && currency(self) == currency(later)
    }
}

/// What one of each cost, by month, unit, scope and currency.
pub fn unit_costs(quantities: &[Quantity], costs: &Costs) -> Vec<UnitCost> {
    let mut rows: Vec<UnitCost> = quantities
        .iter()
        .flat_map(|quantity| of_quantity(quantity, costs))
        .collect();
    rows.sort_by(|a, b| order(a).cmp(&order(b)));
    let compared: Vec<(Option<i64>, Option<Money>)> = rows
        .iter()
        .map(|row| {
            let before = rows.iter().find(|other| other.is_before(row));
            before.map_or((None, None), |before| {
                (change(before, row), marginal(before, row))
            })
        })
        .collect();
    for (row, (change, marginal)) in rows.iter_mut().zip(compared) {
        (row.change, row.marginal) = (change, marginal);
    }
    rows
}

fn order(row: &UnitCost) -> (Month, &str, &[(String, String)], &str) {
    let currency = row.cost.as_ref().map_or("", |cost| cost.currency.as_str());
    let quantity = &row.quantity;
    (quantity.month, &quantity.unit, &quantity.scope, currency)
}

/// One row per currency of the cost; one without cost where nothing of the month is in the scope.
fn of_quantity(quantity: &Quantity, costs: &Costs) -> Vec<UnitCost> {
    let (month, values) = (quantity.month.to_string(), quantity.values());
    let own = costs.get(&quantity.columns()).into_iter().flatten();
    let own = own.filter(|cost| cost.month == month && cost.values == values);
    let row = |cost: Option<&Cost>| UnitCost {
        one: cost.and_then(|cost| per(cost.direct + cost.shared, quantity.quantity, DECIMALS)),
        cost: cost.cloned(),
        quantity: quantity.clone(),
        change: None,
        marginal: None,
    };
    let rows: Vec<UnitCost> = own.map(|cost| row(Some(cost))).collect();
    if rows.is_empty() {
        vec![row(None)]
    } else {
        rows
    }
}

fn change(before: &UnitCost, now: &UnitCost) -> Option<i64> {
    let (before, now) = (before.exact()?, now.exact()?);
    ratio(now - before, before.abs())
}

fn marginal(before: &UnitCost, now: &UnitCost) -> Option<Money> {
    let cost = now.total()? - before.total()?;
    per(
        cost,
        now.quantity.quantity - before.quantity.quantity,
        DECIMALS,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money(text: &str) -> Money {
        Money::parse(text.as_bytes()).unwrap()
    }

    fn part(owner: &str, value: &str, amount: &str) -> Part {
        Part {
            month: "2026-10".into(),
            currency: "USD".into(),
            owner: owner.into(),
            values: vec![value.into()],
            amount: money(amount),
        }
    }

    fn given(rows: &[(&str, &str)]) -> Received {
        let key = |owner: &str| ["2026-10", "USD", owner].map(str::to_owned);
        rows.iter()
            .map(|(owner, much)| (key(owner), money(much)))
            .collect()
    }

    fn quantity(month: &str, much: &str) -> Quantity {
        Quantity {
            month: Month::parse(month).unwrap(),
            unit: "order".into(),
            scope: vec![("Team".into(), "web".into())],
            quantity: money(much),
        }
    }

    fn cost(month: &str, direct: &str, shared: &str) -> Cost {
        Cost {
            month: month.into(),
            currency: "USD".into(),
            values: vec!["web".into()],
            direct: money(direct),
            shared: money(shared),
        }
    }

    fn rows(quantities: &[Quantity], costs: Vec<Cost>) -> Vec<UnitCost> {
        unit_costs(quantities, &[(vec!["Team".to_owned()], costs)].into())
    }

    #[test]
    fn what_an_owner_received_is_spread_by_direct_cost() {
        let parts = [
            part("a", "web", "20"),
            part("a", "data", "10"),
            part("b", "web", "5"),
        ];
        let found = costs(&parts, &given(&[("a", "1"), ("c", "9")]), false);
        let shown: Vec<(&str, Money, Money)> = found
            .iter()
            .map(|one| (one.values[0].as_str(), one.direct, one.shared))
            .collect();
        assert_eq!(
            shown,
            [
                ("data", money("10"), money("0.33")),
                ("web", money("25"), money("0.67"))
            ]
        );
    }

    #[test]
    fn an_owner_without_direct_cost_bears_what_it_received() {
        let found = costs(&[part("a", "a", "20")], &given(&[("c", "9")]), true);
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[1].direct, found[1].shared),
            (Money::ZERO, money("9"))
        );
    }

    #[test]
    fn a_month_is_compared_with_the_one_before() {
        let found = rows(
            &[quantity("2026-09", "100"), quantity("2026-10", "120")],
            vec![cost("2026-09", "40", "10"), cost("2026-10", "50", "16")],
        );
        assert_eq!(found[0].one, Some(money("0.5")));
        assert_eq!((found[0].change, found[0].marginal), (None, None));
        assert_eq!(found[1].one, Some(money("0.55")));
        assert_eq!(
            (found[1].change, found[1].marginal),
            (Some(1000), Some(money("0.8")))
        );
    }

    #[test]
    fn nothing_and_no_change_have_no_price() {
        let found = rows(
            &[
                quantity("2026-08", "10"),
                quantity("2026-09", "0"),
                quantity("2026-10", "0"),
            ],
            vec![cost("2026-09", "40", "10"), cost("2026-10", "50", "16")],
        );
        assert_eq!((found[0].cost.clone(), found[0].one), (None, None));
        assert_eq!((found[1].one, found[1].marginal), (None, None));
        assert_eq!(
            (found[2].one, found[2].change, found[2].marginal),
            (None, None, None)
        );
    }

    proptest! {
        /// Whatever is received arrives, to the last digit.
        #[test]
        fn spreading_keeps_the_sum(
            amounts in prop::collection::vec((0usize..3, 0usize..4, -1_000_000_000_000_000i128..1_000_000_000_000_000), 1..12),
            received in prop::collection::vec(-1_000_000_000_000_000i128..1_000_000_000_000_000, 3),
        ) {
            let parts: Vec<Part> = amounts.iter().map(|(owner, value, amount)| Part {
                amount: Money::from_units(*amount),
                ..part(&owner.to_string(), &value.to_string(), "0")
            }).collect();
            let owners: Received = received.iter().enumerate()
                .filter(|(owner, _)| amounts.iter().any(|(own, ..)| own == owner))
                .map(|(owner, amount)| (["2026-10".into(), "USD".into(), owner.to_string()], Money::from_units(*amount)))
                .collect();
            let found = costs(&parts, &owners, false);
            let direct: Money = found.iter().map(|one| one.direct).sum();
            let shared: Money = found.iter().map(|one| one.shared).sum();
            prop_assert_eq!(direct, parts.iter().map(|part| part.amount).sum());
            prop_assert_eq!(shared, owners.values().copied().sum());
        }
    }
}
