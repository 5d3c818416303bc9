//! What caller and companion say to each other.

use super::fault::Fault;
use serde::{Deserialize, Serialize};
use spark_connect::SparkError;
use std::collections::BTreeMap;
use std::io;

/// One line of stdin.
#[derive(Deserialize)]
pub(crate) struct Request {
    /// Its answer has the same.
    pub(crate) id: u64,
    #[serde(flatten)]
    pub(crate) ask: Ask,
}

/// What is asked for.
#[derive(Deserialize)]
#[serde(tag = "ask", rename_all = "lowercase")]
pub(crate) enum Ask {
    /// A session; before anything else.
    Connect { url: String },
    /// Files as a view.
    Load {
        name: String,
        format: String,
        options: BTreeMap<String, String>,
        schema: Option<String>,
        path: String,
    },
    /// A query as a view.
    View { name: String, sql: String },
    /// A view kept on the cluster, where it can do that.
    Keep { name: String },
    /// A view that need not be kept any more.
    Drop { name: String },
    /// The rows of a query.
    Query { sql: String },
}

/// A column of an answer.
#[derive(Serialize)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// What its values are, and how they are written: text as lengths (u32) and bytes, amounts in units of their scale
/// (i128), counts (i64), days since 1970 (i32), microseconds since 1970 (i64). All little-endian, behind one byte
/// a row that says whether there is a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Text,
    Amount(i8),
    Count,
    Day,
    Moment,
}

/// What is answered.
#[derive(Default, Serialize)]
pub(crate) struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) said: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<Fault>,
    pub(crate) rows: usize,
    pub(crate) columns: Vec<Column>,
    #[serde(skip)]
    pub(crate) bytes: Vec<u8>,
}

#[derive(Serialize)]
struct Head<'a> {
    id: u64,
    bytes: usize,
    #[serde(flatten)]
    answer: &'a Answer,
}

impl Answer {
    pub(crate) fn said(text: String) -> Answer {
        Answer {
            said: Some(text),
            ..Answer::default()
        }
    }

    pub(crate) fn fault(error: &SparkError) -> Answer {
        Answer {
            fault: Some(Fault::of(error)),
            ..Answer::default()
        }
    }

    /// The line and what follows it.
    pub(crate) fn written(self, id: u64) -> io::Result<(Vec<u8>, Vec<u8>)> {
        let head = Head {
            id,
            bytes: self.bytes.len(),
            answer: &self,
        };
        let mut line = serde_json::to_vec(&head)?;
        line.push(b'\n');
        Ok((line, self.bytes))
    }
}
