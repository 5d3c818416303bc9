//! Measuring whole processes, and checking what they left.

pub(crate) mod check;
pub(crate) mod floor;
pub(crate) mod machine;
pub(crate) mod peer;
pub(crate) mod process;
pub(crate) mod site;
pub(crate) mod table;
