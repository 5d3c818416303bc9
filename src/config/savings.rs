//! `[savings]`: how patient the savings ledger is, and what people decided about findings.

use crate::error::{Error, Result};
use serde::Deserialize;
use std::path::PathBuf;

/// How the savings ledger is kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Savings {
    /// What people decided about findings: a CSV with `ResourceId`, `Action`, `Decision`.
    pub feedback: Option<PathBuf>,
    /// Days without the finding and without an action after which an entry expires.
    pub expire_days: u32,
    /// Days of closed months after an action that are needed to verify it.
    pub verify_days: u32,
}

impl Default for Savings {
    fn default() -> Savings {
        Savings {
            feedback: None,
            expire_days: 30,
            verify_days: 14,
        }
    }
}

impl Savings {
    /// Refuses days that make no sense.
    pub(super) fn check(&self) -> Result<()> {
        for (name, days) in [
            ("expire_days", self.expire_days),
            ("verify_days", self.verify_days),
        ] {
            if !(1..=365).contains(&days) {
                let wrong = format!("`savings.{name}` must lie between 1 and 365");
                return Err(Error::usage(wrong));
            }
        }
        Ok(())
    }
}
