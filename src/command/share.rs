//! Showback: charges to their owners, pools to those who share them, dimensions to their values.

mod charges;
mod tables;

pub(super) use tables::{entries, journal_table};

use super::night::Night;
use super::plan::Plan;
use crate::analysis::allocation::{Direct, Holder, Movement, Pool, allocate};
use crate::analysis::unit_cost::{self, Cost, Costs, Part, Received};
use crate::config::CostBasis;
use crate::engine;
use crate::error::Result;
use crate::money::Money;
use crate::showback::ShowbackRules;
use charges::{Charge, Charges};
use polars::prelude::DataFrame;
use std::collections::BTreeMap;

/// What showback came to.
#[derive(Debug, Default)]
pub(super) struct Shared {
    direct: BTreeMap<[String; 4], [Money; 2]>,
    moved: Vec<Movement>,
    caught: BTreeMap<Catch, [Money; 2]>,
    basis: CostBasis,
    /// Direct and shared cost by the columns that units name.
    pub(super) costs: Costs,
}

/// Month, currency, dimension, number of the rule (0 where none held) and the value that it gave.
type Catch = (String, String, String, usize, String);

/// What is added up charge by charge.
#[derive(Default)]
struct Sums {
    held: BTreeMap<(String, String, Holder), Money>,
    /// By the columns that units name: month, currency, owner and values.
    parts: BTreeMap<Vec<String>, BTreeMap<(String, String, String, Vec<String>), Money>>,
}

/// Applies the rules to every charge of the night.
pub(super) fn share(night: &Night, plan: &Plan) -> Result<Shared> {
    let charges = Charges::new(owned(night, plan)?)?;
    let rules = plan.showback.as_ref();
    let scope = match rules {
        Some(rules) => rules.scope.clone(),
        None if charges.has_cost_centers()? => "CostCenter".to_owned(),
        None => "SubAccountId".to_owned(),
    };
    let mut shared = Shared {
        basis: plan.config.showback.cost,
        ..Shared::default()
    };
    let mut sums = Sums::default();
    let quantities = plan.units.iter().flatten();
    for columns in quantities.map(unit_cost::Quantity::columns) {
        sums.parts.entry(columns).or_default();
    }
    charges.each(|charge| {
        let values = values(rules, charge);
        let holder = holder(rules, &scope, charge, &values);
        shared.note(charge, &holder, &values, rules);
        sums.note(charge, holder, &values, shared.basis_of(charge.amounts));
    })?;
    shared.name_all_rules(rules);
    shared.split(rules, &scope, &sums);
    Ok(shared)
}

/// Cost by what the rules and units may name; without them by owner and service, from a far smaller fact.
fn owned(night: &Night, plan: &Plan) -> Result<DataFrame> {
    let (name, sql, fact) = match (&plan.showback, &plan.units) {
        (None, None) => (
            "queries/analysis/showback.sql",
            include_str!("../../queries/analysis/showback.sql"),
            "charges_monthly",
        ),
        _ => (
            "queries/analysis/owned_charges.sql",
            include_str!("../../queries/analysis/owned_charges.sql"),
            "resources_monthly",
        ),
    };
    engine::query(name, sql, &[(fact, night.table(fact)?)])
}

fn add(sum: &mut [Money; 2], more: [Money; 2]) {
    sum[0] += more[0];
    sum[1] += more[1];
}

fn pooled(name: &str) -> String {
    format!("(pool) {name}")
}

/// A dimension's name, its value and the number of the rule that gave it; 0 where none held.
type Value<'r> = (&'r str, String, usize);

/// A charge's values of all dimensions; each may build on those before it.
fn values<'r>(rules: Option<&'r ShowbackRules>, charge: &Charge<'_>) -> Vec<Value<'r>> {
    let mut values: Vec<Value<'r>> = Vec::new();
    for dimension in rules.iter().flat_map(|rules| &rules.dimensions) {
        let (value, rule) = dimension.value(|column| looked_up(column, charge, &values));
        values.push((&dimension.name, value, rule));
    }
    values
}

/// What a condition compares: a dimension's value, empty where all its rules let the charge through, else a column's.
fn looked_up<'a>(column: &str, charge: &Charge<'a>, values: &'a [Value<'_>]) -> Option<&'a str> {
    match values.iter().find(|(name, ..)| *name == column) {
        Some((.., 0)) => Some(""),
        Some((_, value, _)) => Some(value),
        None => charge.value(column),
    }
}

/// As reports show the value of a dimension or column.
fn shown<'a>(column: &str, charge: &Charge<'a>, values: &'a [Value<'_>]) -> &'a str {
    let own = values.iter().find(|(name, ..)| *name == column);
    own.map_or_else(|| charge.shown(column), |(_, value, _)| value)
}

/// Who holds a charge: the first pool whose condition holds, else its owner.
fn holder(
    rules: Option<&ShowbackRules>,
    scope: &str,
    charge: &Charge<'_>,
    values: &[Value<'_>],
) -> Holder {
    let pools = rules.map(|rules| &rules.pools[..]).unwrap_or_default();
    let caught = pools
        .iter()
        .position(|(when, _)| when.holds(|column| looked_up(column, charge, values)));
    caught.map_or_else(
        || Holder::Owner(shown(scope, charge, values).to_owned()),
        Holder::Pool,
    )
}

impl Sums {
    fn note(&mut self, charge: &Charge<'_>, holder: Holder, values: &[Value<'_>], cost: Money) {
        let key = || (charge.month.to_owned(), charge.currency.to_owned());
        for (columns, parts) in &mut self.parts {
            let Holder::Owner(owner) = &holder else { break };
            let (month, currency) = key();
            let own = columns
                .iter()
                .map(|column| shown(column, charge, values).to_owned());
            let part = (month, currency, owner.clone(), own.collect());
            *parts.entry(part).or_default() += cost;
        }
        let (month, currency) = key();
        *self.held.entry((month, currency, holder)).or_default() += cost;
    }

    /// The whole bill: what owners hold, and what pools held before they gave it.
    fn whole(&self) -> Vec<Cost> {
        let mut costs: BTreeMap<(&str, &str), [Money; 2]> = BTreeMap::new();
        for ((month, currency, holder), amount) in &self.held {
            let is_pool = matches!(holder, Holder::Pool(_));
            costs.entry((month, currency)).or_default()[usize::from(is_pool)] += *amount;
        }
        let cost = |((month, currency), [direct, shared]): ((&str, &str), [Money; 2])| Cost {
            month: month.to_owned(),
            currency: currency.to_owned(),
            values: Vec::new(),
            direct,
            shared,
        };
        costs.into_iter().map(cost).collect()
    }

    /// What the columns of units cost, shared cost included.
    fn costs(&self, scope: &str, received: &Received) -> Costs {
        let costs = self.parts.iter().map(|(columns, parts)| {
            if columns.is_empty() {
                return (Vec::new(), self.whole());
            }
            let part =
                |((month, currency, owner, values), amount): (&(_, _, _, Vec<_>), &Money)| Part {
                    month: String::clone(month),
                    currency: String::clone(currency),
                    owner: String::clone(owner),
                    values: values.clone(),
                    amount: *amount,
                };
            let parts: Vec<Part> = parts.iter().map(part).collect();
            let by_owner = columns[..] == [scope.to_owned()];
            (
                columns.clone(),
                unit_cost::costs(&parts, received, by_owner),
            )
        });
        costs.collect()
    }
}

impl Shared {
    /// A charge in the line of its holder, and what caught it.
    fn note(
        &mut self,
        charge: &Charge<'_>,
        holder: &Holder,
        values: &[Value<'_>],
        rules: Option<&ShowbackRules>,
    ) {
        for (dimension, value, rule) in values {
            let key = (
                charge.month.to_owned(),
                charge.currency.to_owned(),
                (*dimension).to_owned(),
                *rule,
                value.clone(),
            );
            add(self.caught.entry(key).or_default(), charge.amounts);
        }
        let line = match holder {
            Holder::Owner(owner) => owner.clone(),
            Holder::Pool(at) => {
                let pool = rules.and_then(|rules| rules.pools.get(*at));
                pool.map_or_else(String::new, |(_, pool)| pooled(&pool.name))
            }
        };
        let key = [
            charge.month.to_owned(),
            charge.currency.to_owned(),
            line,
            charge.shown("ServiceName").to_owned(),
        ];
        add(self.direct.entry(key).or_default(), charge.amounts);
    }

    /// A rule that caught nothing in a month is a line too, and so is what fell through.
    fn name_all_rules(&mut self, rules: Option<&ShowbackRules>) {
        let months: Vec<(String, String)> = self
            .direct
            .keys()
            .map(|[month, currency, ..]| (month.clone(), currency.clone()))
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect();
        for (month, currency) in months {
            for dimension in rules.iter().flat_map(|rules| &rules.dimensions) {
                for rule in 0..=dimension.rules.len() {
                    let key = |rule, value: &str| {
                        let name = dimension.name.clone();
                        (
                            month.clone(),
                            currency.clone(),
                            name,
                            rule,
                            value.to_owned(),
                        )
                    };
                    let own = self.caught.range(key(rule, "")..key(rule + 1, ""));
                    if own.count() == 0 {
                        let stated = key(rule, dimension.stated(rule));
                        self.caught.insert(stated, [Money::ZERO; 2]);
                    }
                }
            }
        }
    }

    /// Splits the pools; what they gave is named after them where it went on to another.
    fn split(&mut self, rules: Option<&ShowbackRules>, scope: &str, sums: &Sums) {
        let direct =
            |((month, currency, holder), amount): (&(String, String, Holder), &Money)| Direct {
                month: month.clone(),
                currency: currency.clone(),
                holder: holder.clone(),
                amount: *amount,
            };
        let held: Vec<Direct> = sums.held.iter().map(direct).collect();
        let pools: Vec<Pool> = rules
            .iter()
            .flat_map(|rules| rules.pools.iter().map(|(_, pool)| pool.clone()))
            .collect();
        self.moved = allocate(&pools, &held);
        let mut received = Received::new();
        for movement in &mut self.moved {
            if pools.iter().any(|pool| pool.name == movement.to) {
                movement.to = pooled(&movement.to);
                continue;
            }
            let owner = [&movement.month, &movement.currency, &movement.to].map(Clone::clone);
            *received.entry(owner).or_default() += movement.amount;
        }
        self.costs = sums.costs(scope, &received);
    }

    /// Direct amounts by service, then what pools gave and received, so that totals never move.
    fn lines(&self) -> BTreeMap<[String; 4], ([Money; 2], Money)> {
        let mut lines: BTreeMap<[String; 4], ([Money; 2], Money)> = self
            .direct
            .iter()
            .map(|(key, amounts)| (key.clone(), (*amounts, Money::ZERO)))
            .collect();
        for movement in &self.moved {
            let line = |owner: String| {
                let service = format!("(shared) {}", movement.pool);
                [
                    movement.month.clone(),
                    movement.currency.clone(),
                    owner,
                    service,
                ]
            };
            lines.entry(line(movement.to.clone())).or_default().1 += movement.amount;
            lines.entry(line(pooled(&movement.pool))).or_default().1 += -movement.amount;
        }
        lines
    }

    /// What pools held of a month and currency before anything was split, and what is left in them.
    pub(super) fn pooled(&self) -> BTreeMap<(String, String), (Money, Money)> {
        let mut pooled: BTreeMap<(String, String), (Money, Money)> = BTreeMap::new();
        let lines = self.lines();
        let of_pools = lines
            .iter()
            .filter(|([_, _, owner, _], _)| owner.starts_with("(pool) "));
        for ([month, currency, ..], (amounts, given)) in of_pools {
            let sums = pooled.entry((month.clone(), currency.clone())).or_default();
            let held = self.basis_of(*amounts);
            sums.0 += held;
            sums.1 += held + *given;
        }
        pooled
    }

    /// The cost that is shown back.
    fn basis_of(&self, amounts: [Money; 2]) -> Money {
        amounts[usize::from(self.basis == CostBasis::EffectiveCost)]
    }
}
