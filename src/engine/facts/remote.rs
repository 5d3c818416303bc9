//! The facts of a period whose line items a cluster reads. Facts are additive: what a cluster makes of its exports
//! and what this machine makes of what the lake has (what negation left over, exports read here) are added up.

use super::{BY_RESOURCE, FACTS, Fact, add_all, add_up, elsewhere, large, of_slice, scan_parts};
use crate::engine::spark::{Bill, Charges, Cluster};
use crate::error::{Error, Result};
use crate::focus::FocusFrame;
use crate::lake::{Lake, Period};
use polars::prelude::*;
use rayon::prelude::*;

/// All facts of a period, in the order of [`FACTS`].
pub(super) fn compute(
    lake: &Lake,
    cluster: &Cluster,
    period: &Period,
    extra: Option<&DataFrame>,
) -> Result<Vec<DataFrame>> {
    let (exports, here) = parted(lake, period)?;
    let parts = scan_parts(lake, period, &here, extra)?;
    if exports.is_empty() {
        return super::compute(&parts);
    }
    let (last, first): (Vec<Fact>, Vec<Fact>) = FACTS
        .iter()
        .copied()
        .partition(|(name, _)| *name == BY_RESOURCE);
    let charges = cluster.month(&period.month, &exports)?;
    let sums = Sums { charges, parts };
    let mut made: Vec<DataFrame> = first
        .par_iter()
        .map(|fact| sums.of(fact, None))
        .collect::<Result<_>>()?;
    let monthly = first
        .iter()
        .position(|(name, _)| *name == "resources_monthly");
    let large = large::resources(&made[monthly.unwrap_or_default()], &DataType::String)
        .map_err(|e| fault(&e))?;
    for fact in &last {
        let place = FACTS.iter().position(|(name, _)| *name == fact.0);
        made.insert(place.unwrap_or(made.len()), sums.of(fact, Some(&large))?);
    }
    Ok(made)
}

/// The exports that a cluster reads, and the keys of those whose charges the lake has.
fn parted(lake: &Lake, period: &Period) -> Result<(Vec<(String, Bill)>, Vec<String>)> {
    let (mut exports, mut here) = (Vec::new(), Vec::new());
    for key in &period.inputs {
        let input = lake.input(key);
        let bill = input
            .as_ref()
            .and_then(|input| Bill::read(input.cluster.as_deref()?));
        match (bill, input) {
            (Some(bill), _) => exports.push((key.clone(), bill)),
            (None, Some(input)) if input.elsewhere => return Err(elsewhere(&input, &period.month)),
            _ => here.push(key.clone()),
        }
    }
    Ok((exports, here))
}

/// Where charges are.
struct Sums {
    charges: Charges,
    parts: Vec<LazyFrame>,
}

impl Sums {
    /// One fact of all of them, in the types that it has on this machine.
    fn of(&self, fact: &Fact, large: Option<&DataFrame>) -> Result<DataFrame> {
        let (name, sql) = fact;
        let empty = FocusFrame::new(&DataFrame::empty())?.frame().clone();
        let form = add_up(of_slice(empty, &[*fact], large)?).map_err(|e| fault(&e))?;
        let sent = self.charges.fact(name, sql, large)?;
        let mut all = vec![typed(&sent, &form).map_err(|e| fault(&e))?];
        if !self.parts.is_empty() {
            all.extend(self.of_parts(fact, large)?);
        }
        add_up(all).map_err(|e| fault(&e))
    }

    /// The fact of what the lake has.
    fn of_parts(&self, fact: &Fact, large: Option<&DataFrame>) -> Result<Vec<DataFrame>> {
        let categories = Categories::random("facts".into(), CategoricalPhysical::U32);
        let category = DataType::from_categories(categories);
        let cast = |large: &DataFrame| {
            let ids = large.column("LargeId")?.cast(&category)?;
            DataFrame::new(ids.len(), vec![ids])
        };
        let large = large.map(cast).transpose().map_err(|e| fault(&e))?;
        add_all(&self.parts, &[*fact], &category, large.as_ref())
    }
}

/// An answer in the columns and types of the same fact made here.
fn typed(sent: &DataFrame, form: &DataFrame) -> PolarsResult<DataFrame> {
    if sent.width() == 0 {
        return Ok(form.clone());
    }
    let columns = form
        .columns()
        .iter()
        .map(|wanted| sent.column(wanted.name())?.strict_cast(wanted.dtype()));
    DataFrame::new(
        sent.height(),
        columns.collect::<PolarsResult<Vec<Column>>>()?,
    )
}

fn fault(error: &PolarsError) -> Error {
    Error::data(error.to_string())
}
