//! One file per method: values in, values out. Never touches a file, a socket, the clock or the config.

pub mod anomaly;
mod baseline;
pub mod books;
mod calendar;
pub mod catalogue;
pub mod cause;
mod choices;
pub mod compliance;
pub mod drivers;
mod expectation;
pub mod finding;
pub mod fit;
pub mod incident;
mod intermittent;
pub mod invoices;
pub mod kind;
pub mod kpi;
mod reason;
pub mod restatement;
pub mod rightsizing;
mod robust;
mod run;
pub mod saving;
mod streak;
pub mod trust;
pub mod utilisation;
mod walk;
