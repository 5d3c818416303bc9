//! Spark as the SQL engine, for bills that outgrow one machine: the cluster reads the exports where they lie, runs
//! the same mapping and the same facts, and only facts and totals come back.
//!
//! What is said to it in a way of its own stands in `queries/engine/`. A companion program holds the connection:
//! this one knows no protocol and no runtime.

mod bill;
mod charges;
mod companion;
mod dialect;
mod fault;
mod frame;
mod inline;
mod sums;
mod typed;
mod url;

pub use bill::{At, Bill, Books, Cell, Layout};
pub use dialect::place;
pub use url::is_url;

use self::companion::Companion;
use self::dialect::Dialect;
use self::url::Url;
use super::facts::FACTS;
use super::mapping::{categories, mapping};
use crate::error::Result;
use polars::prelude::DataFrame;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// A cluster. Nothing is connected before the first question.
#[derive(Debug)]
pub struct Cluster {
    url: Url,
    session: Mutex<Option<Arc<Session>>>,
}

#[derive(Debug)]
struct Session {
    companion: Companion,
    dialect: Dialect,
    /// Exports whose tables are there.
    known: Mutex<BTreeSet<String>>,
}

impl Cluster {
    pub(super) fn parse(url: &str) -> Result<Cluster> {
        let (url, session) = (Url::parse(url)?, Mutex::default());
        Ok(Cluster { url, session })
    }

    fn session(&self) -> Result<Arc<Session>> {
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = &*session {
            return Ok(session.clone());
        }
        self.url.reach()?;
        let (companion, catalog) = Companion::start(&self.url)?;
        tracing::info!("engine: cluster at {}", self.url);
        let (dialect, known) = (Dialect::of(&catalog), Mutex::default());
        let fresh = Arc::new(Session {
            companion,
            dialect,
            known,
        });
        *session = Some(fresh.clone());
        Ok(fresh)
    }

    /// What an export adds up to, before any mapping.
    pub fn export_sums(&self, key: &str, bill: &Bill) -> Result<DataFrame> {
        let session = self.session()?;
        session.stand(key, bill)?;
        let sql = sums::export(bill, &format!("bill_{key}"), &session.dialect);
        session.companion.query(&bill.place, &sql)
    }

    /// What its charges add up to, after the mapping. From then on the cluster has the charges, and its cells are
    /// read no more.
    pub fn accepted_sums(&self, key: &str, bill: &Bill) -> Result<DataFrame> {
        let session = self.session()?;
        session.stand(key, bill)?;
        let sums = session.companion.query(
            &mapping_file(&bill.mapping),
            &sums::accepted(&format!("charges_{key}")),
        )?;
        session.forget(&format!("cells_{key}"));
        Ok(sums)
    }

    /// A sample of its charges: the hashes of about one in so many, by billing month.
    pub fn sample(&self, key: &str, bill: &Bill, one_in: u64) -> Result<DataFrame> {
        let session = self.session()?;
        session.stand(key, bill)?;
        let sql = sums::sample(&format!("charges_{key}"), one_in, &session.dialect);
        session.companion.query(&mapping_file(&bill.mapping), &sql)
    }

    /// A query of `queries/focus/` over the raw rows of an export, the table `bill`.
    pub fn over_bill(&self, key: &str, bill: &Bill, query: &str) -> Result<DataFrame> {
        let session = self.session()?;
        session.stand(key, bill)?;
        let rows = format!("SELECT * FROM {}", ruled(key, bill));
        let sql = charges::with(&[("bill", &rows)], mapping(query));
        session.companion.query(&mapping_file(query), &sql)
    }

    /// Makes a table of the charges of some exports in a billing month.
    pub(crate) fn month(&self, month: &str, exports: &[(String, Bill)]) -> Result<Charges> {
        let session = self.session()?;
        for (key, bill) in exports {
            session.stand(key, bill)?;
        }
        let views: Vec<String> = exports
            .iter()
            .map(|(key, _)| format!("charges_{key}"))
            .collect();
        let keys: Vec<&str> = exports.iter().map(|(key, _)| key.as_str()).collect();
        let view = format!("focus_{}", crate::lake::hash(&[month, &keys.join(",")]));
        let sql = charges::of_month(&views, month, &wanted());
        session
            .companion
            .tell("focus", json!({"ask": "view", "name": view, "sql": sql}))?;
        Ok(Charges { session, view })
    }
}

/// The charges of a billing month on the cluster.
pub(crate) struct Charges {
    session: Arc<Session>,
    view: String,
}

impl Charges {
    /// A fact of them.
    pub(crate) fn fact(
        &self,
        name: &str,
        sql: &str,
        large: Option<&DataFrame>,
    ) -> Result<DataFrame> {
        let focus = format!("SELECT * FROM {}", self.view);
        let large = large.map(charges::literal);
        let mut tables = vec![("focus", focus.as_str())];
        tables.extend(large.as_deref().map(|large| ("large_resources", large)));
        self.session.companion.query(
            &format!("queries/facts/{name}.sql"),
            &charges::with(&tables, sql),
        )
    }
}

impl Session {
    /// Makes the tables of an export known; no row is read yet.
    fn stand(&self, key: &str, bill: &Bill) -> Result<()> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.contains(key) {
            return Ok(());
        }
        let (format, options) = match bill.layout {
            Layout::Csv(_) => ("csv", self.dialect.csv()),
            Layout::Parquet => ("parquet", self.dialect.parquet()),
        };
        let schema = typed::schema(bill, &self.dialect);
        let raw = format!("raw_{key}");
        let load = json!({"ask": "load", "name": raw, "format": format, "options": options, "schema": schema, "path": bill.place});
        self.companion.tell(&bill.place, load)?;
        let (cells, typed) = (format!("cells_{key}"), format!("bill_{key}"));
        let sql = typed::cells(bill, &raw, &self.dialect);
        self.view(&bill.place, &cells, &sql)?;
        self.keep(&cells);
        let sql = typed::bill(bill, &cells, &self.dialect);
        self.view(&bill.place, &typed, &sql)?;
        if let Some(rules) = &bill.rules {
            let rows = format!("SELECT * FROM {typed}");
            let tables = [("bill", rows.as_str())];
            let sql = inline::inline(&tables, mapping(rules));
            self.mapped(rules, &ruled(key, bill), &sql, &tables)?;
        }
        let categories = charges::literal(&categories()?);
        let (rows, charges) = (
            format!("SELECT * FROM {}", ruled(key, bill)),
            format!("charges_{key}"),
        );
        let tables = [
            ("bill", rows.as_str()),
            ("service_categories", categories.as_str()),
        ];
        let sql = charges::charges(bill, &tables, &wanted(), &self.dialect);
        self.mapped(&bill.mapping, &charges, &sql, &tables)?;
        self.keep(&charges);
        known.insert(key.to_owned());
        Ok(())
    }

    fn view(&self, of: &str, name: &str, sql: &str) -> Result<()> {
        let sql = self.dialect.say("view", &[("query", sql)]);
        self.companion
            .tell(of, json!({"ask": "view", "name": name, "sql": sql}))
    }

    /// A view made of a file of `queries/focus/`. Where that fails, the file as it stands is asked for as well, for
    /// what is wrong has a place there.
    fn mapped(&self, file: &str, name: &str, sql: &str, tables: &[(&str, &str)]) -> Result<()> {
        let of = mapping_file(file);
        self.view(&of, name, sql).map_err(|error| {
            let plain = charges::with(tables, mapping(file));
            self.view(&of, name, &plain).err().unwrap_or(error)
        })
    }

    /// Asks the cluster to keep a table, for it is read several times. One that cannot reads it again.
    fn keep(&self, view: &str) {
        if let Err(error) = self
            .companion
            .tell(view, json!({"ask": "keep", "name": view}))
        {
            tracing::debug!("the cluster keeps no tables: {error}");
        }
    }

    /// What cannot be given back now is given back with the session.
    fn forget(&self, view: &str) {
        let _ = self
            .companion
            .tell(view, json!({"ask": "drop", "name": view}));
    }
}

/// The columns that any fact, the books or the sample name.
fn wanted() -> Vec<&'static str> {
    let facts: Vec<&str> = FACTS.iter().map(|(_, sql)| *sql).collect();
    charges::wanted(&facts)
}

/// The table `bill` of an export, known mistakes put right.
fn ruled(key: &str, bill: &Bill) -> String {
    let kind = if bill.rules.is_some() {
        "ruled"
    } else {
        "bill"
    };
    format!("{kind}_{key}")
}

fn mapping_file(name: &str) -> String {
    format!("queries/focus/{name}.sql")
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
