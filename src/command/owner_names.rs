//! One name for every owner: the owner columns of the facts as the tag policy spells its values, and the default
//! of the account where no owner is written. Comes after merges and accepted owners. Moves no amount, reads no
//! bill; what the facts keep on disk stays as it is written in the bills.

use super::night::Night;
use super::plan::Plan;
use crate::error::{Error, Result};
use crate::policy::OwnerNames;
use polars::prelude::*;
use rayon::prelude::*;
use std::collections::HashMap;

/// Rewrites the owners in all facts that have some, where the policy calls any of them otherwise.
pub(super) fn rename(night: &mut Night, plan: &Plan) -> Result<()> {
    let keys = &plan.owner_keys;
    let owners = [
        ("x_Team", plan.policy.owner(&keys.team)),
        ("x_Environment", plan.policy.owner(&keys.environment)),
        ("x_CostCenter", plan.policy.owner(&keys.cost_center)),
    ];
    let periods = night.facts.par_iter_mut();
    let tables = periods.flat_map(|(_, period)| &mut period.tables);
    tables.try_for_each(|table| {
        let changed = owners.iter().filter(|(_, names)| !names.are_as_written());
        for (column, names) in changed {
            if table.column(column).is_ok() {
                rename_column(table, column, names)?;
            }
        }
        Ok(())
    })
}

/// One owner column of a fact, which has a `SubAccountId` beside it. A bill repeats few pairs of the two.
fn rename_column(table: &mut DataFrame, column: &str, names: &OwnerNames) -> Result<()> {
    let fault = |e: PolarsError| Error::data(e.to_string());
    let texts = |name: &str| table.column(name).and_then(|column| column.str().cloned());
    let (accounts, written) = (texts("SubAccountId"), texts(column));
    let (accounts, written) = (accounts.map_err(fault)?, written.map_err(fault)?);
    let mut known: HashMap<(Option<&str>, Option<&str>), Option<&str>> = HashMap::new();
    let mut renamed = StringChunkedBuilder::new(column.into(), written.len());
    for pair in accounts.iter().zip(written.iter()) {
        let name = known
            .entry(pair)
            .or_insert_with(|| names.name(pair.0.unwrap_or_default(), pair.1));
        renamed.append_option(*name);
    }
    table
        .with_column(renamed.finish().into_column())
        .map_err(fault)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::facts::FACTS;
    use crate::policy::TagPolicy;

    #[test]
    fn owners_are_renamed_in_their_place() {
        let text = "[[tag]]\nkey = \"team\"\nvalue_aliases = { DWH = \"data\" }\n\
                    [[inherit]]\ntag = \"team\"\nfrom = \"account\"\nvalues = { \"1\" = \"web\" }\n";
        let policy = TagPolicy::parse(text, "t.toml".as_ref()).unwrap();
        let mut table = df!(
            "SubAccountId" => [Some("1"), Some("1"), Some("2"), None],
            "x_Team" => [None, Some("DWH"), None, Some("DWH")],
            "BilledCost" => [1, 2, 3, 4],
        )
        .unwrap();
        rename_column(&mut table, "x_Team", &policy.owner(&["team".to_owned()])).unwrap();
        let teams: Vec<Option<&str>> = table
            .column("x_Team")
            .unwrap()
            .str()
            .unwrap()
            .iter()
            .collect();
        assert_eq!(teams, [Some("web"), Some("data"), None, Some("data")]);
        assert_eq!(
            table.get_column_names(),
            ["SubAccountId", "x_Team", "BilledCost"]
        );
    }

    #[test]
    fn every_fact_with_an_owner_knows_the_account() {
        for (name, sql) in FACTS {
            let owned = ["x_Team", "x_Environment", "x_CostCenter"]
                .iter()
                .any(|owner| sql.contains(owner));
            assert!(!owned || sql.contains("SubAccountId"), "{name}");
        }
    }
}
