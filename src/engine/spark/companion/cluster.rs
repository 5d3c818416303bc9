//! One session on a cluster. Where nobody answers, the client tries again for minutes. What breaks off in the middle of
//! an answer it does not take up again: that is asked once more here, for every question may be asked twice.

use super::fault;
use super::table;
use super::words::{Answer, Ask};
use spark_connect::{DataFrame, SparkError, SparkSession};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

type Result<T> = std::result::Result<T, SparkError>;

/// What makes Spark read SQL and decimals as the caller's queries mean them.
const SETTINGS: [(&str, &str); 4] = [
    ("spark.sql.session.timeZone", "UTC"),
    ("spark.sql.ansi.doubleQuotedIdentifiers", "true"),
    ("spark.sql.decimalOperations.allowPrecisionLoss", "false"),
    ("spark.sql.mapKeyDedupPolicy", "LAST_WIN"),
];

/// The pauses before an answer that broke off is asked for again.
const PAUSES: [u64; 4] = [1, 2, 5, 10];

/// A session and what it keeps on the cluster.
pub(crate) struct Cluster {
    session: SparkSession,
    kept: Mutex<BTreeSet<String>>,
}

impl Cluster {
    /// Connects; says which engine answers: the name of its own catalog.
    pub(crate) fn connect(url: &str) -> Result<(Cluster, String)> {
        let session = SparkSession::builder().remote(url).get_or_create()?;
        for (key, value) in SETTINGS {
            session.conf().set(key, value)?;
        }
        let rows = session
            .sql("SELECT current_catalog() AS engine")?
            .collect_record_batches()?;
        let catalog = table::first_text(&rows).unwrap_or_default();
        Ok((
            Cluster {
                session,
                kept: Mutex::default(),
            },
            catalog,
        ))
    }

    pub(crate) fn answer(&self, ask: &Ask) -> Result<Answer> {
        let mut pauses = PAUSES.iter();
        loop {
            match (self.once(ask), pauses.next()) {
                (Err(error), Some(pause)) if fault::broke_off(&error) => {
                    std::thread::sleep(Duration::from_secs(*pause));
                }
                (answered, _) => return answered,
            }
        }
    }

    fn once(&self, ask: &Ask) -> Result<Answer> {
        match ask {
            Ask::Connect { .. } => {}
            Ask::Load {
                name,
                format,
                options,
                schema,
                path,
            } => {
                let mut reader = self.session.read().format(format);
                for (key, value) in options {
                    reader = reader.option(key, value);
                }
                if let Some(schema) = schema {
                    reader = reader.schema(schema.clone());
                }
                reader.load(Some(path)).create_or_replace_temp_view(name)?;
            }
            Ask::View { name, sql } => self.session.sql(sql)?.create_or_replace_temp_view(name)?,
            Ask::Keep { name } => self.keep(name)?,
            Ask::Drop { name } => self.drop(name),
            Ask::Query { sql } => {
                return table::answer(&self.session.sql(sql)?.collect_record_batches()?);
            }
        }
        Ok(Answer::default())
    }

    fn keep(&self, name: &str) -> Result<()> {
        run(&self.session.sql(&format!("CACHE LAZY TABLE {name}"))?)?;
        if let Ok(mut kept) = self.kept.lock() {
            kept.insert(name.to_owned());
        }
        Ok(())
    }

    /// What cannot be given back now is given back with the session.
    fn drop(&self, name: &str) {
        let known = self.kept.lock().is_ok_and(|mut kept| kept.remove(name));
        if known && let Ok(drop) = self.session.sql(&format!("UNCACHE TABLE IF EXISTS {name}")) {
            let _ = run(&drop);
        }
    }

    /// Gives everything back; operations that nobody waits for any more are interrupted first.
    pub(crate) fn leave(&self, busy: bool) {
        if busy {
            let _ = self.session.interrupt_all();
        }
        let kept = self
            .kept
            .lock()
            .map(|kept| kept.clone())
            .unwrap_or_default();
        for name in &kept {
            self.drop(name);
        }
        let _ = self.session.stop();
    }
}

/// Runs a statement of which no rows are wanted.
fn run(statement: &DataFrame) -> Result<()> {
    statement.collect_record_batches().map(|_| ())
}
