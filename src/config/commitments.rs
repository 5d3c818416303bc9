//! `[commitments]`: what the own bill cannot say when commitments are planned.

use crate::error::{Error, Result};
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What commitments are planned with, by scope as `commitment_plan.csv` calls it (`AWS Compute`).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Commitments {
    /// Discounts, between 0 and 1, for scopes in which the own bill shows none.
    pub discounts: BTreeMap<String, f64>,
    /// Usage that will go away, at on-demand price per hour: it is not committed to.
    pub remove: BTreeMap<String, f64>,
    /// Last days of commitments, by id, where the bill does not tell them.
    pub ends: BTreeMap<String, NaiveDate>,
}

impl Commitments {
    /// Refuses a discount that is no share, and usage below zero.
    pub(super) fn check(&self) -> Result<()> {
        let outside = |discount: &&f64| !(0.0..1.0).contains(*discount);
        if let Some(discount) = self.discounts.values().find(outside) {
            return Err(
                Error::usage(format!("`{discount}` is no discount of a commitment"))
                    .hint("write 27 % as 0.27 under [commitments] discounts"),
            );
        }
        match self
            .remove
            .values()
            .find(|usage| **usage < 0.0 || !usage.is_finite())
        {
            None => Ok(()),
            Some(usage) => Err(
                Error::usage(format!("`{usage}` is no usage that goes away"))
                    .hint("`remove` under [commitments] is cost per hour, from 0 up"),
            ),
        }
    }
}
