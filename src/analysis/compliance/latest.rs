//! Which charges are of today's estate: those of the latest month of their account.
//!
//! Bills of one provider end on different days, so an account may lag a month behind; one that lags further is gone.

use super::TaggedCharge;
use crate::period::Month;
use std::collections::BTreeMap;

/// The latest month of every account that still has a bill.
pub(crate) struct Latest<'a> {
    accounts: BTreeMap<(&'a str, &'a str), &'a str>,
}

impl<'a> Latest<'a> {
    /// Of all these charges.
    pub(crate) fn of(charges: impl Iterator<Item = &'a TaggedCharge>) -> Latest<'a> {
        let mut newest: BTreeMap<&str, &str> = BTreeMap::new();
        let mut accounts: BTreeMap<(&str, &str), &str> = BTreeMap::new();
        for charge in charges {
            let account = (charge.provider.as_str(), charge.sub_account.as_str());
            for known in [
                newest.entry(&charge.provider).or_default(),
                accounts.entry(account).or_default(),
            ] {
                *known = (*known).max(&charge.month);
            }
        }
        accounts.retain(|(provider, _), month| {
            let least = newest.get(provider).and_then(|month| Month::parse(month));
            least.is_none_or(|newest| **month >= *newest.previous().to_string())
        });
        Latest { accounts }
    }

    /// True of a charge of the latest month of its account.
    pub(crate) fn holds(&self, charge: &TaggedCharge) -> bool {
        let account = (charge.provider.as_str(), charge.sub_account.as_str());
        self.accounts.get(&account) == Some(&charge.month.as_str())
    }
}
