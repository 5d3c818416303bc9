//! SQL in, table out: the one seam between the house and whatever runs its queries.
//!
//! Only this room talks to a SQL engine. A query sees the tables it is given and nothing else: every query
//! runs in a fresh context, so names of one never leak into another.

mod dialect;
pub mod facts;
mod mapping;
mod polars;
pub mod spark;

pub use self::dialect::faults;
pub use self::mapping::{categories, mapping};
pub use self::polars::query;

use self::spark::Cluster;
use crate::error::{Error, Result};
use ::polars::prelude::LazyFrame;

/// A table by the name that queries call it.
pub type Table<'a> = (&'a str, LazyFrame);

/// What runs the queries over line items.
#[derive(Debug)]
pub enum Engine {
    /// This machine.
    Polars,
    /// A Spark cluster.
    Spark(Cluster),
}

impl Engine {
    /// `polars`, or the URL of a cluster. Nothing is connected yet.
    pub fn parse(text: &str) -> Result<Engine> {
        match text {
            "polars" => Ok(Engine::Polars),
            url if spark::is_url(url) => Cluster::parse(url).map(Engine::Spark),
            other => Err(Error::usage(format!("no engine is called `{other}`")).hint(
                "leave --engine out to run on this machine, or name a cluster: spark://host:port",
            )),
        }
    }
}
