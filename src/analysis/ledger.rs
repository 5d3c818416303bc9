//! The savings ledger: what was found, what was done about it, and what the bill says came of it.
//!
//! A finding that counts becomes an entry on the day it is first seen: a resource of an account, an action and the
//! lines of the bill that it is about. From then on every run asks the inventory and the bill whether the action
//! was taken, and the bill alone what it saved: what the resource would have cost at its old rate, less what it
//! cost. Nothing is claimed that the bill does not show, nothing twice, and a loss is shown as one.
//!
//! Refuses to guess: a machine to be resized that is simply gone may run on under another id, so its end is no
//! saving unless a person says that it was the action; savings of months that the provider may still correct are
//! shown, and verify nothing.

mod advance;
mod backlog;
mod bill;
mod entry;
mod figures;
#[cfg(test)]
mod laws;
mod realised;
mod sight;
mod status;
#[cfg(test)]
mod tests;

pub use advance::{Evidence, Rules, advance};
pub use backlog::{Issue, issue};
pub use bill::{Charge, History, Line, SeenMonth};
pub use entry::{About, Entry, Listed, Memory, Place, State, kept, recalled};
pub use figures::{FORMULAS, Key, Month, Sums, months, quarter};
pub use realised::Figure;
pub use status::{Decided, Status, Verdict};
