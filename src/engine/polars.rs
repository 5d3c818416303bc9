//! Polars as the SQL engine: in process, in memory, in parallel.

use super::Table;
use crate::error::{Error, Result, nearest};
use polars::prelude::*;
use polars::sql::SQLContext;

/// Runs one query over the given tables. `name` is what errors call it: a file in `queries/`, or `sql`.
pub fn query(name: &str, sql: &str, tables: &[Table<'_>]) -> Result<DataFrame> {
    let mut context = SQLContext::new();
    for (table, frame) in tables {
        context.register(table, frame.clone());
    }
    let result = context.execute(sql).and_then(LazyFrame::collect);
    result.map_err(|error| explain(name, sql, tables, &error))
}

/// The engine's complaint in a reader's words: where in the query, and what may have been meant.
fn explain(name: &str, sql: &str, tables: &[Table<'_>], error: &PolarsError) -> Error {
    let path = std::path::Path::new(name);
    let message = error.to_string();
    let what = message.lines().next().unwrap_or_default().trim().to_owned();
    if let PolarsError::ColumnNotFound(column) = error {
        let column = column.to_string();
        let column = column
            .split('"')
            .nth(1)
            .unwrap_or(&column)
            .trim_matches(['`', '\''])
            .to_owned();
        let (line, at) = position(sql, &column);
        let known = column_names(tables);
        let fault = Error::data(format!("no column `{column}`")).at_line(path, line, at);
        return match nearest(&column, known.iter().map(String::as_str)) {
            Some(near) => fault.hint(format!(
                "did you mean `{near}`? `cloudtally list columns` shows all"
            )),
            None => fault.hint("`cloudtally list columns` shows all columns of every table"),
        };
    }
    if message.contains("relation") && message.contains("was not found") {
        let names: Vec<&str> = tables.iter().map(|(table, _)| *table).collect();
        return Error::data(what)
            .at(path)
            .hint(format!("the tables are: {}", names.join(", ")));
    }
    Error::data(what)
        .at(path)
        .hint("the SQL that all engines share is described by `cloudtally list tables`")
}

fn column_names(tables: &[Table<'_>]) -> Vec<String> {
    let schemas = tables
        .iter()
        .filter_map(|(_, frame)| frame.clone().collect_schema().ok());
    schemas
        .flat_map(|s| s.iter_names().map(ToString::to_string).collect::<Vec<_>>())
        .collect()
}

/// Line and column (from 1) where a word stands in a query; 0 where it does not.
fn position(sql: &str, word: &str) -> (u64, u64) {
    let found = sql
        .lines()
        .enumerate()
        .find_map(|(line, text)| Some((line, text.find(word)?)));
    found.map_or((0, 0), |(line, at)| (line as u64 + 1, at as u64 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charges() -> LazyFrame {
        df!("ServiceName" => ["EC2", "S3", "EC2"], "Rows" => [1i64, 2, 3])
            .unwrap()
            .lazy()
    }

    #[test]
    fn a_query_sees_its_tables() {
        let sql = "SELECT ServiceName, SUM(Rows) AS Rows FROM focus GROUP BY ServiceName ORDER BY ServiceName";
        let answer = query("t", sql, &[("focus", charges())]).unwrap();
        assert_eq!(
            answer,
            df!("ServiceName" => ["EC2", "S3"], "Rows" => [4i64, 2]).unwrap()
        );
    }

    #[test]
    fn an_unknown_column_says_where_and_what_was_meant() {
        let sql = "SELECT\n  Servicename\nFROM focus";
        let error = query("queries/x.sql", sql, &[("focus", charges())])
            .unwrap_err()
            .to_string();
        assert!(error.contains("queries/x.sql:2:3"), "{error}");
        assert!(error.contains("did you mean `ServiceName`?"), "{error}");
    }

    #[test]
    fn an_unknown_table_lists_the_known_ones() {
        let error = query("x", "SELECT 1 FROM charge", &[("focus", charges())])
            .unwrap_err()
            .to_string();
        assert!(error.contains("focus"), "{error}");
    }
}
