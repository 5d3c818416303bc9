//! Unit costs: quantities that the business counted, with what showback says they cost.

use super::night::Night;
use super::plan::Plan;
use super::share::Shared;
use super::trust;
use crate::analysis::unit_cost::{UnitCost, unit_costs};
use crate::report::table::{Cell, Table};

/// `unit_cost.csv`, by month, unit, scope and currency.
pub(super) fn table(night: &Night, plan: &Plan, shared: &Shared) -> Table {
    let mut table = Table::new(&[
        "Month",
        "Unit",
        "Scope",
        "ScopeValue",
        "Quantity",
        "DirectCost",
        "SharedCost",
        "TotalCost",
        "UnitCost",
        "ChangeFromPreviousPct",
        "MarginalUnitCost",
        "BillingCurrency",
        "TrustState",
    ]);
    let quantities = plan.units.as_deref().unwrap_or_default();
    table.rows = unit_costs(quantities, &shared.costs)
        .iter()
        .map(|one| row(night, one))
        .collect();
    table
}

fn row(night: &Night, one: &UnitCost) -> Vec<Cell> {
    let quantity = &one.quantity;
    let month = quantity.month.to_string();
    let state = match &one.cost {
        Some(_) => Cell::text(trust::state(night, &month).name()),
        None => Cell::Empty,
    };
    let (direct, shared) = one
        .cost
        .as_ref()
        .map(|cost| (cost.direct, cost.shared))
        .unzip();
    let currency = one.cost.as_ref().map(|cost| cost.currency.clone());
    vec![
        Cell::Text(month),
        Cell::text(&quantity.unit),
        Cell::Text(scope(&quantity.scope)),
        Cell::Text(joined(quantity.scope.iter().map(|(_, value)| value))),
        Cell::Money(quantity.quantity),
        Cell::from(direct),
        Cell::from(shared),
        Cell::from(direct.zip(shared).map(|(direct, shared)| direct + shared)),
        Cell::from(one.one),
        one.change.map_or(Cell::Empty, Cell::Percent),
        Cell::from(one.marginal),
        currency.map_or(Cell::Empty, Cell::Text),
        state,
    ]
}

fn joined<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(String::as_str).collect::<Vec<_>>().join(" + ")
}

fn scope(scope: &[(String, String)]) -> String {
    match scope {
        [] => "total".to_owned(),
        _ => joined(scope.iter().map(|(column, _)| column)),
    }
}

/// Quantities that no charge of their month stands against.
pub(super) fn notes(plan: &Plan, shared: &Shared) -> Vec<String> {
    let quantities = plan.units.as_deref().unwrap_or_default();
    let lost = unit_costs(quantities, &shared.costs);
    let lost = lost.iter().filter(|one| one.cost.is_none());
    lost.map(|one| {
        let quantity = &one.quantity;
        let of = match &quantity.scope[..] {
            [] => "the bill".to_owned(),
            parts => joined(parts.iter().map(|(_, value)| value)),
        };
        format!(
            "unit `{}` of {of} in {}: no charge is there, so its cost is unknown",
            quantity.unit, quantity.month
        )
    })
    .collect()
}
