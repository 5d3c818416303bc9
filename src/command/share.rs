//! Showback: charges to their owners, pools to those who share them, dimensions to their values.

use super::night::Night;
use super::plan::Plan;
use super::trust;
use crate::analysis::allocation::{Direct, Holder, Movement, Pool, allocate};
use crate::analysis::journal::{Bearing, Entry, journal};
use crate::analysis::trust::State;
use crate::condition::COLUMNS;
use crate::config::CostBasis;
use crate::engine;
use crate::error::Result;
use crate::money::Money;
use crate::report::table::{Cell, Table};
use crate::showback::ShowbackRules;
use crate::tags::parse_tags;
use polars::prelude::DataFrame;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What showback came to.
#[derive(Debug, Default)]
pub(super) struct Shared {
    direct: BTreeMap<[String; 4], [Money; 2]>,
    moved: Vec<Movement>,
    caught: BTreeMap<Catch, [Money; 2]>,
    basis: CostBasis,
}

/// Month, currency, dimension, value and the number of the rule that gave it.
type Catch = (String, String, String, String, usize);

/// A charge as rules see it.
struct Charge {
    month: String,
    currency: String,
    columns: [String; COLUMNS.len()],
    tags: Arc<BTreeMap<String, String>>,
    owners: [String; 3],
    amounts: [Money; 2],
}

impl Charge {
    fn value(&self, column: &str) -> Option<&str> {
        match column.strip_prefix("tag:") {
            Some(key) => self.tags.get(key).map(String::as_str),
            None => COLUMNS
                .iter()
                .position(|known| *known == column)
                .map(|at| self.columns[at].as_str()),
        }
    }

    /// Whose it is by a scope that every bill has; what no tag owns is a line of its own.
    fn owner(&self, scope: &str) -> String {
        let text = match scope {
            "SubAccountId" => &self.columns[2],
            "Team" => &self.owners[1],
            "Environment" => &self.owners[2],
            _ => &self.owners[0],
        };
        match (text.is_empty(), scope) {
            (false, _) => text.clone(),
            (true, "SubAccountId") => "(no account)".to_owned(),
            (true, _) => "(untagged)".to_owned(),
        }
    }
}

/// Applies the rules to every charge of the night.
pub(super) fn share(night: &Night, plan: &Plan) -> Result<Shared> {
    let rows = owned(night, plan)?;
    let charges = charges(&Table::of_frame(&rows)?);
    let rules = plan.showback.as_ref();
    let scope = scope(rules, &charges);
    let mut shared = Shared {
        basis: plan.config.showback.cost,
        ..Shared::default()
    };
    let mut held: BTreeMap<(String, String, Holder), Money> = BTreeMap::new();
    for charge in &charges {
        let (holder, owner) = place(rules, &scope, charge, &mut shared.caught);
        let service = match charge.columns[4].as_str() {
            "" => "(unknown)".to_owned(),
            name => name.to_owned(),
        };
        let key = [
            charge.month.clone(),
            charge.currency.clone(),
            owner,
            service,
        ];
        add(shared.direct.entry(key).or_default(), charge.amounts);
        *held
            .entry((charge.month.clone(), charge.currency.clone(), holder))
            .or_default() += shared.basis_of(charge.amounts);
    }
    let held: Vec<Direct> = held
        .into_iter()
        .map(|((month, currency, holder), amount)| Direct {
            month,
            currency,
            holder,
            amount,
        })
        .collect();
    let pools: Vec<Pool> = rules
        .iter()
        .flat_map(|rules| rules.pools.iter().map(|(_, pool)| pool.clone()))
        .collect();
    shared.moved = allocate(&pools, &held);
    for movement in &mut shared.moved {
        if pools.iter().any(|pool| pool.name == movement.to) {
            movement.to = pooled(&movement.to);
        }
    }
    Ok(shared)
}

/// Cost by what the rules may name; without rules by owner and service, from a far smaller fact.
fn owned(night: &Night, plan: &Plan) -> Result<DataFrame> {
    let (name, sql, fact) = match plan.showback {
        Some(_) => (
            "queries/analysis/owned_charges.sql",
            include_str!("../../queries/analysis/owned_charges.sql"),
            "resources_monthly",
        ),
        None => (
            "queries/analysis/showback.sql",
            include_str!("../../queries/analysis/showback.sql"),
            "charges_monthly",
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

/// The scope that owns: the rules', else the cost centre, else the sub-account where no tag names one.
fn scope(rules: Option<&ShowbackRules>, charges: &[Charge]) -> String {
    let tagged = || charges.iter().any(|charge| !charge.owners[0].is_empty());
    match rules {
        Some(rules) => rules.scope.clone(),
        None if tagged() => "CostCenter".to_owned(),
        None => "SubAccountId".to_owned(),
    }
}

/// Who holds a charge, by key and by name; every dimension notes what its rules caught.
fn place(
    rules: Option<&ShowbackRules>,
    scope: &str,
    charge: &Charge,
    caught: &mut BTreeMap<Catch, [Money; 2]>,
) -> (Holder, String) {
    let mut owner = None;
    for dimension in rules.iter().flat_map(|rules| &rules.dimensions) {
        let (value, rule) = dimension.value(|column| charge.value(column));
        let key = (
            charge.month.clone(),
            charge.currency.clone(),
            dimension.name.clone(),
            value.clone(),
            rule,
        );
        add(caught.entry(key).or_default(), charge.amounts);
        if dimension.name == scope {
            owner = Some(value);
        }
    }
    let pool = rules.and_then(|rules| {
        let pools = rules.pools.iter();
        pools
            .enumerate()
            .find(|(_, (when, _))| when.holds(|column| charge.value(column)))
            .map(|(at, (_, pool))| (Holder::Pool(at), pooled(&pool.name)))
    });
    pool.unwrap_or_else(|| {
        let owner = owner.unwrap_or_else(|| charge.owner(scope));
        (Holder::Owner(owner.clone()), owner)
    })
}

fn charges(rows: &Table) -> Vec<Charge> {
    let columns = COLUMNS.map(|name| rows.texts(name));
    let owners = ["CostCenter", "Team", "Environment"].map(|name| rows.texts(name));
    let [months, currencies, tags] =
        ["Month", "BillingCurrency", "Tags"].map(|name| rows.texts(name));
    let amounts = ["BilledCost", "EffectiveCost"].map(|name| rows.amounts(name));
    let mut known: HashMap<&str, Arc<BTreeMap<String, String>>> = HashMap::new();
    let charge = |row: usize| Charge {
        month: months[row].clone(),
        currency: currencies[row].clone(),
        columns: std::array::from_fn(|at| columns[at][row].clone()),
        tags: Arc::clone(
            known
                .entry(&tags[row])
                .or_insert_with(|| Arc::new(parse_tags(&tags[row]).unwrap_or_default())),
        ),
        owners: std::array::from_fn(|at| owners[at][row].clone()),
        amounts: std::array::from_fn(|at| amounts[at][row].unwrap_or_default()),
    };
    (0..rows.rows.len()).map(charge).collect()
}

impl Shared {
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

    /// The cost that is shown back.
    fn basis_of(&self, amounts: [Money; 2]) -> Money {
        amounts[usize::from(self.basis == CostBasis::EffectiveCost)]
    }

    /// `showback.csv`.
    pub(super) fn table(&self, night: &Night) -> Table {
        let mut table = Table::new(&[
            "Month",
            "CostCenter",
            "ServiceName",
            "DirectCost",
            "SharedCost",
            "TotalCost",
            "BillingCurrency",
            "TrustState",
            "CostBasis",
            "BilledCost",
            "EffectiveCost",
        ]);
        for ([month, currency, owner, service], (amounts, given)) in self.lines() {
            let direct = self.basis_of(amounts);
            let state = trust::state(night, &month).name();
            table.rows.push(vec![
                Cell::Text(month),
                Cell::Text(owner),
                Cell::Text(service),
                Cell::Money(direct),
                Cell::Money(given),
                Cell::Money(direct + given),
                Cell::Text(currency),
                Cell::text(state),
                Cell::text(self.basis.column()),
                Cell::Money(amounts[0]),
                Cell::Money(amounts[1]),
            ]);
        }
        table
    }

    /// `showback_moves.csv`: every part of every split, with what it was measured by.
    pub(super) fn moves_table(&self) -> Table {
        let mut table = Table::new(&[
            "Month",
            "Pool",
            "Receiver",
            "Amount",
            "Weight",
            "BillingCurrency",
        ]);
        for movement in &self.moved {
            table.rows.push(vec![
                Cell::text(&movement.month),
                Cell::text(&movement.pool),
                Cell::text(&movement.to),
                Cell::Money(movement.amount),
                Cell::from(movement.weight),
                Cell::text(&movement.currency),
            ]);
        }
        table
    }

    /// `dimensions.csv`: what every rule of every dimension caught, and what fell through.
    pub(super) fn dimensions_table(&self) -> Table {
        let mut table = Table::new(&[
            "Month",
            "Dimension",
            "Value",
            "Rule",
            "BilledCost",
            "EffectiveCost",
            "BillingCurrency",
        ]);
        for ((month, currency, dimension, value, rule), amounts) in &self.caught {
            table.rows.push(vec![
                Cell::text(month),
                Cell::text(dimension),
                Cell::text(value),
                Cell::Count(i64::try_from(*rule).unwrap_or(i64::MAX)),
                Cell::Money(amounts[0]),
                Cell::Money(amounts[1]),
                Cell::text(currency),
            ]);
        }
        table
    }

    /// What everyone bears in the months that are closed: what may be booked.
    fn bearings(&self, night: &Night) -> Vec<Bearing> {
        let closed = |month: &str| trust::state(night, month) == State::Closed;
        self.lines()
            .into_iter()
            .filter(|([month, ..], _)| closed(month))
            .map(
                |([month, currency, cost_center, _], (amounts, given))| Bearing {
                    month,
                    currency,
                    cost_center,
                    amount: self.basis_of(amounts) + given,
                },
            )
            .collect()
    }
}

/// The journal's entries: what was booked, then what is missing to what is borne now. Without accounts there
/// is no journal.
pub(super) fn entries(night: &Night, shared: &Shared, plan: &Plan) -> Vec<Entry> {
    let accounts = plan
        .showback
        .as_ref()
        .and_then(|rules| rules.accounts.as_ref());
    accounts.map_or_else(Vec::new, |accounts| {
        journal(&night.booked, &shared.bearings(night), accounts)
    })
}

/// `showback_journal.csv`.
pub(super) fn journal_table(night: &Night, shared: &Shared, plan: &Plan) -> Table {
    let mut table = Table::new(&[
        "EntryId",
        "Month",
        "DebitAccount",
        "CreditAccount",
        "CostCenter",
        "Amount",
        "BillingCurrency",
        "Memo",
    ]);
    for entry in entries(night, shared, plan) {
        table.rows.push(vec![
            Cell::Text(entry.id),
            Cell::Text(entry.month),
            Cell::Text(entry.debit),
            Cell::Text(entry.credit),
            Cell::Text(entry.cost_center),
            Cell::Money(entry.amount),
            Cell::Text(entry.currency),
            Cell::Text(entry.memo),
        ]);
    }
    table
}
