//! The section `[waste]`. Names of checks are compared with the table of checks when a run is planned, not here.

use serde::Deserialize;

/// How waste is looked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Waste {
    /// Checks left out, by the names that `cloudtally list checks` shows.
    pub skip: Vec<String>,
    /// Least saving per month of 730 hours, in the bill's currency.
    pub min_savings: f64,
    /// Days without use that make a resource idle, 1 to 90.
    pub idle_days: u32,
}

impl Default for Waste {
    fn default() -> Waste {
        Waste {
            skip: Vec::new(),
            min_savings: 1.0,
            idle_days: 14,
        }
    }
}
