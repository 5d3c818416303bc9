//! From the facts and what the methods found to the sums that key figures are made of, and their table.

mod charges;
mod leftovers;
mod machines;

use super::findings::{Findings, found};
use super::night::Night;
use super::plan::Plan;
use super::{alerts, commitments, forecast};
use crate::analysis::compliance::{ALL_TAGS, Compliance, Scope};
use crate::analysis::finding::headline;
use crate::analysis::invoices::Reconciled;
use crate::analysis::kpi::{Kpi, Sums, Value, allocation, kpis, opportunity, units};
use crate::analysis::unit_cost::unit_costs;
use crate::analysis::waste::headline as waste_headline;
use crate::error::Result;
use crate::money::Money;
use crate::report::table::{Cell, Table};
use std::collections::BTreeMap;

/// A month and a currency.
type Key = (String, String);

/// `kpis.csv`, by month, currency and in the order of the groups.
pub(super) fn table(night: &Night, plan: &Plan, findings: &Findings) -> Result<Table> {
    let mut table = Table::new(&[
        "Month",
        "Kpi",
        "Value",
        "Unit",
        "Target",
        "Status",
        "Definition",
        "BillingCurrency",
    ]);
    for sums in sums(night, plan, findings)? {
        let rows = kpis(&sums);
        table.rows.extend(rows.iter().map(|kpi| row(&sums, kpi)));
    }
    Ok(table)
}

fn row(sums: &Sums, kpi: &Kpi) -> Vec<Cell> {
    let (value, unit) = match kpi.value {
        Value::Percent(value) => (Cell::Percent(value), "percent".to_owned()),
        Value::Money(amount) => (Cell::Money(amount.rounded(2)), sums.currency.clone()),
        Value::Price(amount, per) => (Cell::Money(amount), format!("{} per {per}", sums.currency)),
        Value::Count(count) => (
            Cell::Count(i64::try_from(count).unwrap_or(i64::MAX)),
            "count".to_owned(),
        ),
        Value::Months(value) => (Cell::Percent(value), "months".to_owned()),
        Value::Days(value) => (Cell::Percent(value), "days".to_owned()),
        Value::Ratio(value) => (Cell::Percent(value), "ratio".to_owned()),
    };
    vec![
        Cell::text(&sums.month),
        Cell::text(&kpi.name),
        value,
        Cell::Text(unit),
        kpi.target
            .map_or(Cell::Empty, |target| Cell::Percent(target.bound())),
        Cell::text(kpi.status()),
        Cell::text(kpi.definition),
        Cell::text(&sums.currency),
    ]
}

/// The sums of every month and currency that the bill has; what has no currency stands first in the latest month.
fn sums(night: &Night, plan: &Plan, findings: &Findings) -> Result<Vec<Sums>> {
    let mut all = charges::sums(night, plan.today)?;
    let Some(latest) = all.keys().map(|(month, _)| month.clone()).max() else {
        return Ok(Vec::new());
    };
    let pooled = found(&findings.shared)?.pooled();
    let compliance = found(&findings.compliance)?;
    for (key, sums) in &mut all {
        if let Some(allocation) = &mut sums.allocation {
            allocation.tags = tags(compliance, key);
            allocation.pooled = pooled.get(key).copied();
        }
    }
    machines::add(night, &mut all)?;
    add_commitments(plan, findings, &latest, &mut all)?;
    add_findings(plan, findings, &latest, &mut all)?;
    let ledger = found(&findings.ledger)?;
    for ((month, currency), sums) in &mut all {
        sums.ledger = ledger.sums(night, month, currency);
    }
    add_units(plan, findings, &mut all)?;
    add_foresight(plan, findings, &latest, &mut all)?;
    let mut sums: Vec<Sums> = all.into_values().collect();
    let left = leftovers::of(&night.resources);
    let first = sums.partition_point(|sums| sums.month < latest);
    let none = Sums {
        inventory: left,
        month: latest,
        ..Sums::default()
    };
    sums.insert(first, none);
    Ok(sums)
}

type All = BTreeMap<Key, Sums>;

fn tags(compliance: &Compliance, (month, currency): &Key) -> Option<allocation::Tags> {
    let all = compliance.rows.iter().find(|one| {
        one.month == *month
            && one.currency == *currency
            && one.scope == Scope::Overall
            && one.tag == ALL_TAGS
    })?;
    Some(allocation::Tags {
        valid: all.valid_cost,
        invalid: all.invalid_cost,
        missing: all.missing_cost,
        untaggable: all.untaggable_cost,
        exempt: all.exempt_cost,
    })
}

fn add_commitments(plan: &Plan, findings: &Findings, latest: &str, all: &mut All) -> Result<()> {
    let known = found(&findings.commitments)?;
    for ((month, currency), sums) in all {
        sums.commitments = commitments::figures(known, (month, currency));
        if month == latest {
            sums.commitments.held = commitments::held(known, currency, plan.today);
        }
    }
    Ok(())
}

/// What detection, rightsizing, waste and reconciliation found.
fn add_findings(plan: &Plan, findings: &Findings, latest: &str, all: &mut All) -> Result<()> {
    let watched = found(&findings.watched)?;
    let waste = found(&findings.waste)?;
    let rightsizing = headline(&found(&findings.machines)?.0, &waste.machines);
    let wasted = waste_headline(&waste.findings, &waste.counted);
    let invoices = found(&findings.invoices)?;
    let spend = charges::monthly_spend(all, plan.today);
    for ((month, currency), sums) in all {
        sums.anomalies = Some(alerts::figures(watched, month, currency));
        sums.trust.drift = drift(invoices, month, currency);
        if month == latest {
            sums.opportunity = opportunity::Sums {
                rightsizing: rightsizing.get(currency).copied(),
                waste: wasted.get(currency).copied(),
                spend: spend.get(currency).copied(),
            };
        }
    }
    Ok(())
}

/// What units of the business cost, each in the month and currency of its cost.
fn add_units(plan: &Plan, findings: &Findings, all: &mut All) -> Result<()> {
    let shared = found(&findings.shared)?;
    for unit in unit_costs(plan.units.as_deref().unwrap_or_default(), &shared.costs) {
        let (Some(cost), quantity) = (&unit.cost, &unit.quantity) else {
            continue;
        };
        let key = (quantity.month.to_string(), cost.currency.clone());
        let Some(sums) = all.get_mut(&key) else {
            continue;
        };
        let values = quantity.scope.iter().map(|(_, value)| value.as_str());
        let name: Vec<&str> = std::iter::once(quantity.unit.as_str())
            .chain(values)
            .collect();
        let figures = units::Sums {
            one: unit.one,
            change: unit.change,
        };
        sums.units.push((name.join(" of "), figures));
    }
    Ok(())
}

/// Compared invoices of a month: differences and amounts. One of several months belongs to its last.
fn drift(invoices: &[Reconciled], month: &str, currency: &str) -> Option<(Money, Money)> {
    let own = invoices
        .iter()
        .filter(|one| one.currency == currency && one.months.last().is_some_and(|m| m == month));
    let compared: Vec<(Money, Money)> = own.filter_map(|one| one.drift.zip(one.stated)).collect();
    let sum = |part: fn(&(Money, Money)) -> Money| compared.iter().map(part).sum::<Money>();
    (!compared.is_empty()).then(|| (sum(|(drift, _)| drift.abs()), sum(|(_, stated)| *stated)))
}

fn add_foresight(plan: &Plan, findings: &Findings, latest: &str, all: &mut All) -> Result<()> {
    let told = found(&findings.forecast)?;
    for ((month, currency), sums) in all {
        let now = month == latest;
        sums.forecasts = forecast::forecast_figures(told, (month, currency), now);
        sums.budgets = forecast::budget_figures(told, (month, currency), plan.today, now);
    }
    Ok(())
}
