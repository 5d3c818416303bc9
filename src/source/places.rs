//! Where the columns that the door itself looks at stand: the amount, the currency, the dates.

use super::cells::{Number, Text};
use super::format::Family;
use crate::error::{Error, Result};
use crate::focus::COSTS;

/// Where they stand in the door's lists.
#[derive(Default)]
pub(super) struct Places {
    pub(super) currency: usize,
    pub(super) invoice: Option<usize>,
    pub(super) amount: usize,
    pub(super) charge_start: usize,
    pub(super) period_start: Option<usize>,
    pub(super) period_end: Option<usize>,
    pub(super) accounts: Vec<usize>,
    /// What marks usage, and its column where the export has it; where not, every row may be usage.
    pub(super) usage: Option<(Option<usize>, &'static [String])>,
    pub(super) controls: [Vec<usize>; 4],
}

impl Places {
    pub(super) fn of(
        texts: &[Text],
        times: &[Number<i64>],
        moneys: &[Number<i128>],
        family: &'static Family,
    ) -> Result<Places> {
        let mapping = &family.mapping;
        let text = |name: &str| texts.iter().position(|t| t.name == name);
        let time = |name: &str| times.iter().position(|t| t.name == name);
        let money = |name: &str| moneys.iter().position(|m| m.name == name);
        let missing =
            || Error::data("the header lacks the currency, the cost or the date of a charge");
        Ok(Places {
            currency: text(&mapping.currency).ok_or_else(missing)?,
            invoice: mapping.invoice.as_deref().and_then(text),
            amount: money(&mapping.amount).ok_or_else(missing)?,
            charge_start: time(&mapping.charge_start).ok_or_else(missing)?,
            period_start: time(&mapping.period_start),
            period_end: mapping.period_end.as_deref().and_then(time),
            accounts: mapping
                .account
                .iter()
                .filter_map(|name| text(name))
                .collect(),
            usage: mapping
                .usage
                .as_ref()
                .map(|(column, values)| (text(column), values.as_slice())),
            controls: COSTS.map(|cost| match family.control.get(cost) {
                Some(columns) => columns.iter().filter_map(|name| money(name)).collect(),
                None => Vec::new(),
            }),
        })
    }
}
