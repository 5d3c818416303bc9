//! SQL in, table out: the one seam between the house and whatever runs its queries.
//!
//! Only this room talks to a SQL engine. A query sees the tables it is given and nothing else: every query
//! runs in a fresh context, so names of one never leak into another.

mod dialect;
pub mod facts;
mod polars;

pub use self::dialect::faults;
pub use self::polars::query;

use ::polars::prelude::LazyFrame;

/// A table by the name that queries call it.
pub type Table<'a> = (&'a str, LazyFrame);
