//! Owners as the policy counts them: merges and accepted owners, put into the facts after they are read.
//!
//! The lake and the kept facts stay as the bills say; what is settled here is gone with the next run that the
//! policy no longer asks for it. Amounts only move between owners: every sum over all of them stays.
//! `charges_daily_owners` knows no resource and no tag, so only merged values reach it.

use super::night::Night;
use super::plan::Plan;
use super::tagging;
use crate::analysis::merging::Merges;
use crate::analysis::variants::variants;
use crate::engine::facts::{FACTS, PeriodFacts};
use crate::error::{Error, Result};
use crate::money::{self, Money};
use crate::policy::TagPolicy;
use crate::source::OwnerKeys;
use crate::tags::{first_value, parse_tags};
use polars::prelude::*;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// The owner columns of the facts, in the order of [`keys_of`].
const OWNERS: [&str; 3] = ["x_Team", "x_Environment", "x_CostCenter"];
/// What the fact with resources and the fact without them both group by, owners last.
const SHARED: [&str; 11] = [
    "x_BillingMonth",
    "ProviderName",
    "BillingAccountId",
    "SubAccountId",
    "ServiceCategory",
    "ServiceName",
    "ChargeCategory",
    "BillingCurrency",
    "x_Team",
    "x_Environment",
    "x_CostCenter",
];
const COSTS: [&str; 3] = ["BilledCost", "EffectiveCost", "ListCost"];

type Texts = Vec<Option<String>>;
/// What moves into a group (or, below zero, out of it): the cells of [`SHARED`] and the three costs.
type Moves = BTreeMap<Group, Amounts>;
type Group = [Option<String>; SHARED.len()];
type Amounts = [Option<Money>; COSTS.len()];

/// Settles what the policy merges and accepts, and moves the cost of every fact to the owners that count.
pub(super) fn settle(night: &mut Night, plan: &Plan) -> Result<()> {
    let merging = plan.policy.merging();
    if merging.changes_nothing() {
        return Ok(());
    }
    let found = if merging.keys.is_empty() && merging.values.is_empty() {
        Vec::new()
    } else {
        let tagged = tagging::read(night, plan)?;
        variants(&tagged.charges, &tagged.written, &plan.policy)
    };
    night.merges = Merges::new(&plan.policy, &found);
    let keys = keys_of(&plan.owner_keys);
    let maps = keys.map(|keys| night.merges.values_of(keys, &plan.policy));
    let merges = &night.merges;
    night.facts.par_iter_mut().try_for_each(|(_, facts)| {
        for table in &mut facts.tables {
            *table = rewrite(table, &maps).map_err(|e| fault(&e))?;
        }
        let counted = Counted {
            merges,
            policy: &plan.policy,
            keys,
            maps: &maps,
        };
        move_costs(facts, &counted).map_err(|e| fault(&e))
    })
}

fn fault(error: &PolarsError) -> Error {
    Error::data(error.to_string())
}

fn keys_of(keys: &OwnerKeys) -> [&Vec<String>; OWNERS.len()] {
    [&keys.team, &keys.environment, &keys.cost_center]
}

/// A fact with its owners' values as they count; `maps` are for [`OWNERS`], in their order.
pub(super) fn rewrite(
    table: &DataFrame,
    maps: &[BTreeMap<String, String>; OWNERS.len()],
) -> PolarsResult<DataFrame> {
    let mut table = table.clone();
    for (name, map) in OWNERS.iter().zip(maps).filter(|(_, map)| !map.is_empty()) {
        let Ok(column) = table.column(name) else {
            continue;
        };
        let texts = column.str()?.iter();
        let counted: Texts = texts
            .map(|text| text.map(|text| map.get(text).map_or(text, String::as_str).to_owned()))
            .collect();
        table.with_column(Column::new((*name).into(), counted))?;
    }
    Ok(table)
}

/// How tags count.
struct Counted<'a> {
    merges: &'a Merges,
    policy: &'a TagPolicy,
    keys: [&'a Vec<String>; OWNERS.len()],
    maps: &'a [BTreeMap<String, String>; OWNERS.len()],
}

impl Counted<'_> {
    /// The owners that merges of keys give a set of tags; none where they stay.
    fn merged(&self, text: &str) -> [Option<String>; OWNERS.len()] {
        let written = parse_tags(text).unwrap_or_default();
        let Some((counted, _)) = self.merges.apply(&written, self.policy) else {
            return Default::default();
        };
        std::array::from_fn(|at| {
            let [old, new] = [&written, &counted].map(|tags| first_value(tags, self.keys[at]));
            // A value as written is counted by `rewrite` already.
            let old = old.map(|old| self.maps[at].get(old).map_or(old, String::as_str));
            new.filter(|_| old != new).map(str::to_owned)
        })
    }

    /// The owners that were accepted for a resource.
    fn accepted(&self, resource: &str) -> [Option<String>; OWNERS.len()] {
        let accepted = self.policy.merging().accepted(resource);
        if accepted.is_empty() {
            return Default::default();
        }
        self.keys.map(|keys| {
            let names = |tag: &str| {
                let rule = self.policy.rule_of(tag);
                rule.is_some_and(|rule| rule.names().any(|name| keys.iter().any(|key| key == name)))
            };
            let own = accepted.iter().find(|one| names(&one.tag));
            own.map(|one| one.value.clone())
        })
    }
}

/// Moves the cost of resources whose owners count differently, in both monthly facts.
fn move_costs(facts: &mut PeriodFacts, counted: &Counted) -> PolarsResult<()> {
    let at = |name: &str| {
        FACTS
            .iter()
            .position(|(fact, _)| *fact == name)
            .unwrap_or_default()
    };
    let (by_resource, whole) = (at("resources_monthly"), at("charges_monthly"));
    let (table, moves) = moved(&facts.tables[by_resource], counted)?;
    if moves.is_empty() {
        return Ok(());
    }
    facts.tables[by_resource] = table;
    let monthly = &facts.tables[whole];
    let added = lines(&moves, monthly)?;
    facts.tables[whole] = monthly.vstack(&added)?;
    Ok(())
}

/// The fact with resources under the owners that count, and what that moved.
fn moved(table: &DataFrame, counted: &Counted) -> PolarsResult<(DataFrame, Moves)> {
    let column = |name: &str| table.column(name)?.str();
    let (tags, resources) = (column("Tags")?, column("ResourceId")?);
    let groups: Vec<&StringChunked> = SHARED
        .iter()
        .map(|name| column(name))
        .collect::<PolarsResult<_>>()?;
    let costs: Vec<Vec<Option<Money>>> = COSTS
        .iter()
        .map(|name| amounts(table.column(name)?))
        .collect::<PolarsResult<_>>()?;
    let first = SHARED.len() - OWNERS.len();
    let mut known: HashMap<&str, [Option<String>; OWNERS.len()]> = HashMap::new();
    let (mut moves, mut fresh) = (
        Moves::new(),
        [(); OWNERS.len()].map(|()| Texts::with_capacity(table.height())),
    );
    #[allow(clippy::needless_range_loop, reason = "a row of many columns")]
    for row in 0..table.height() {
        let merged = tags.get(row).map(|text| {
            let owners = known.entry(text);
            &*owners.or_insert_with(|| counted.merged(text))
        });
        let accepted = counted.accepted(resources.get(row).unwrap_or_default());
        let old = |at: usize| groups[first + at].get(row);
        let new: [Option<&str>; OWNERS.len()] = std::array::from_fn(|at| {
            let merged = merged.and_then(|merged| merged[at].as_deref());
            accepted[at].as_deref().or(merged).or(old(at))
        });
        for (texts, owner) in fresh.iter_mut().zip(new) {
            texts.push(owner.map(str::to_owned));
        }
        if (0..OWNERS.len()).any(|at| old(at) != new[at]) {
            let from: Group = std::array::from_fn(|at| groups[at].get(row).map(str::to_owned));
            let mut to = from.clone();
            for (cell, owner) in to[first..].iter_mut().zip(new) {
                *cell = owner.map(str::to_owned);
            }
            let amounts: Amounts = std::array::from_fn(|at| costs[at][row]);
            add(
                moves.entry(from).or_default(),
                amounts.map(|cost| cost.map(|cost| -cost)),
            );
            add(moves.entry(to).or_default(), amounts);
        }
    }
    let mut table = table.clone();
    for (name, texts) in OWNERS.iter().zip(fresh) {
        table.with_column(Column::new((*name).into(), texts))?;
    }
    Ok((table, moves))
}

/// What is unknown stays unknown.
fn add(sums: &mut Amounts, more: Amounts) {
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum = match (*sum, more) {
            (Some(sum), Some(more)) => Some(sum + more),
            (sum, more) => sum.or(more),
        };
    }
}

fn amounts(column: &Column) -> PolarsResult<Vec<Option<Money>>> {
    let units = column.decimal()?.physical();
    Ok(units
        .iter()
        .map(|units| units.map(Money::from_units))
        .collect())
}

/// The moves as lines of the fact without resources: no charges of their own, nothing in its other columns.
fn lines(moves: &Moves, like: &DataFrame) -> PolarsResult<DataFrame> {
    let schema = like.schema();
    let column = |(name, kind): (&PlSmallStr, &DataType)| {
        if let Some(at) = SHARED.iter().position(|known| name == known) {
            let texts: Texts = moves.keys().map(|key| key[at].clone()).collect();
            return Ok(Column::new(name.clone(), texts));
        }
        if let Some(at) = COSTS.iter().position(|known| name == known) {
            let units = moves.values().map(|sums| sums[at].map(Money::units));
            let units: Int128Chunked = units.collect_ca(name.clone());
            let amounts = units.into_decimal_unchecked(money::PRECISION, money::SCALE);
            return Ok(amounts.into_column());
        }
        if kind.is_integer() {
            return Column::new(name.clone(), vec![0i64; moves.len()]).cast(kind);
        }
        Ok(Column::full_null(name.clone(), moves.len(), kind))
    };
    let columns = schema
        .iter()
        .map(column)
        .collect::<PolarsResult<Vec<Column>>>()?;
    DataFrame::new(moves.len(), columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const POLICY: &str = "[[tag]]\nkey = \"team\"\n[[merge]]\nkey = \"team\"\nvariants = [\"Squad\"]\nvalues = { plattform = \"platform\" }\n\
                          [[accept]]\ntag = \"team\"\nresource = \"i-3\"\nvalue = \"web\"\n";

    fn policy() -> TagPolicy {
        TagPolicy::parse(POLICY, Path::new("t.toml")).unwrap()
    }

    fn money(name: &str, amounts: &[i128]) -> Column {
        let units: Int128Chunked = amounts.iter().map(|a| Some(*a)).collect_ca(name.into());
        units
            .into_decimal_unchecked(money::PRECISION, money::SCALE)
            .into_column()
    }

    /// Three resources: a merged key, a merged value, an accepted owner.
    fn fact() -> DataFrame {
        let mut table = df!(
            "x_BillingMonth" => ["2026-10"; 3], "ProviderName" => ["AWS"; 3], "BillingAccountId" => ["1"; 3],
            "SubAccountId" => ["1"; 3], "ServiceCategory" => ["Compute"; 3], "ServiceName" => ["EC2"; 3],
            "ResourceId" => ["i-1", "i-2", "i-3"], "ChargeCategory" => ["Usage"; 3],
            "Tags" => [Some("{\"Squad\":\"plattform\"}"), Some("{\"team\":\"plattform\"}"), None],
            "x_CostCenter" => [None::<&str>; 3], "x_Environment" => [None::<&str>; 3],
            "x_Team" => [None, Some("plattform"), None], "BillingCurrency" => ["USD"; 3],
        )
        .unwrap();
        for name in COSTS {
            table.with_column(money(name, &[5, 7, 11])).unwrap();
        }
        table
    }

    #[test]
    fn keys_values_and_accepted_owners_move_and_the_sum_stays() {
        let policy = policy();
        let merges = Merges::new(&policy, &[]);
        let keys = ["team".to_owned()].to_vec();
        let none = Vec::new();
        let keys = [&keys, &none, &none];
        let maps = keys.map(|keys| merges.values_of(keys, &policy));
        let table = rewrite(&fact(), &maps).unwrap();
        let counted = Counted {
            merges: &merges,
            policy: &policy,
            keys,
            maps: &maps,
        };
        let (table, moves) = moved(&table, &counted).unwrap();
        let teams: Vec<Option<&str>> = table
            .column("x_Team")
            .unwrap()
            .str()
            .unwrap()
            .iter()
            .collect();
        assert_eq!(teams, [Some("platform"), Some("platform"), Some("web")]);
        let effective = |team: Option<&str>| {
            let sums = moves.iter().filter(|(key, _)| key[8].as_deref() == team);
            sums.map(|(_, sums)| sums[1].map_or(0, Money::units))
                .sum::<i128>()
        };
        assert_eq!(
            [None, Some("platform"), Some("web")].map(effective),
            [-16, 5, 11]
        );
        let lines = lines(&moves, &fact()).unwrap();
        assert_eq!(
            amounts(lines.column("BilledCost").unwrap())
                .unwrap()
                .into_iter()
                .flatten()
                .sum::<Money>(),
            Money::ZERO
        );
    }
}
