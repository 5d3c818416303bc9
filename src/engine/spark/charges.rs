//! The charges of an export, as SQL: the mapping to FOCUS as every engine runs it, then our own columns.

use super::bill::Bill;
use super::dialect::{Dialect, name, quoted};
use super::inline::inline;
use crate::focus::{COLUMNS, Kind};
use crate::lake::MARKS;
use polars::prelude::{DataFrame, PlSmallStr};
use std::collections::BTreeSet;

/// A query that sees these tables and nothing else; the second of each is a query too. It begins in the second line.
pub(super) fn with(tables: &[(&str, &str)], sql: &str) -> String {
    let tables: Vec<String> = tables
        .iter()
        .map(|(table, query)| format!("{table} AS ({query})"))
        .collect();
    format!("WITH {} SELECT * FROM (\n{sql}\n)", tables.join(", "))
}

/// Rows as a query: one text per column.
pub(super) fn texts(columns: &[&str], rows: &[Vec<&str>]) -> String {
    let nothing = || {
        let columns = columns
            .iter()
            .map(|column| format!("CAST(NULL AS STRING) AS {column}"));
        format!(
            "SELECT {} WHERE FALSE",
            columns.collect::<Vec<_>>().join(", ")
        )
    };
    if rows.is_empty() {
        return nothing();
    }
    let row = |row: &Vec<&str>| {
        let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
        format!("({})", cells.join(", "))
    };
    let rows: Vec<String> = rows.iter().map(row).collect();
    format!(
        "SELECT * FROM VALUES {} AS t({})",
        rows.join(", "),
        columns.join(", ")
    )
}

/// A frame of texts as a query.
pub(super) fn literal(frame: &DataFrame) -> String {
    let names: Vec<&str> = frame
        .get_column_names()
        .into_iter()
        .map(PlSmallStr::as_str)
        .collect();
    let columns: Vec<_> = frame
        .columns()
        .iter()
        .filter_map(|column| column.str().ok())
        .collect();
    let rows: Vec<Vec<&str>> = (0..frame.height())
        .map(|row| {
            columns
                .iter()
                .map(|texts| texts.get(row).unwrap_or_default())
                .collect()
        })
        .collect();
    texts(&names, &rows)
}

/// `SELECT` of the charges: the wanted columns of FOCUS in their types, from the mapping over its tables.
pub(super) fn charges(
    of: &Bill,
    tables: &[(&str, &str)],
    wanted: &[&str],
    dialect: &Dialect,
) -> String {
    let sql = super::mapping(&of.mapping);
    let mapped = inline(tables, sql);
    let made = made(sql);
    let columns: Vec<String> = COLUMNS
        .iter()
        .filter(|(column, _)| wanted.contains(column))
        .map(|(column, kind)| match own(of, column, dialect) {
            Some(expression) => format!("{expression} AS {column}"),
            None if made.contains(column) => {
                format!("CAST({column} AS {}) AS {column}", sql_type(*kind))
            }
            None => format!("CAST(NULL AS {}) AS {column}", sql_type(*kind)),
        })
        .collect();
    let tags = dialect.say("object", &[("cell", "Tags")]);
    format!(
        "SELECT\n  {}\nFROM (SELECT *, {tags} AS owner_tags FROM (\n{mapped}\n))",
        columns.join(",\n  ")
    )
}

/// The columns that some queries, the books or the sample of charges name.
pub(super) fn wanted(queries: &[&str]) -> Vec<&'static str> {
    let sums = [super::sums::accepted("charges"), MARKS.join(" ")];
    let words = |sql: &'_ str| -> Vec<String> {
        sql.split(|c: char| !c.is_alphanumeric() && c != '_')
            .map(str::to_owned)
            .collect()
    };
    let named: BTreeSet<String> = queries
        .iter()
        .copied()
        .chain(sums.iter().map(String::as_str))
        .chain(["ChargePeriodStart PricingQuantity"])
        .flat_map(words)
        .collect();
    COLUMNS
        .iter()
        .map(|(column, _)| *column)
        .filter(|column| named.contains(*column))
        .collect()
}

/// The columns of FOCUS that a mapping makes: each is named where it is made.
fn made(sql: &str) -> Vec<&'static str> {
    let mut words = sql
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty());
    let mut named = Vec::new();
    while let Some(word) = words.next() {
        if word.eq_ignore_ascii_case("AS") {
            named.extend(words.next());
        }
    }
    COLUMNS
        .iter()
        .map(|(column, _)| *column)
        .filter(|column| named.contains(column))
        .collect()
}

/// Columns that no mapping makes: the calendar, the owners, whether price and cost agree.
fn own(of: &Bill, column: &str, dialect: &Dialect) -> Option<String> {
    let owner = |keys: &[String]| {
        let value = |key: &String| {
            let value = dialect.say(
                "of_object",
                &[("object", "owner_tags"), ("key", &quoted(key))],
            );
            format!("CASE WHEN trim({value}) <> '' THEN {value} END")
        };
        let values: Vec<String> = keys.iter().map(value).collect();
        match values.as_slice() {
            [] => "CAST(NULL AS STRING)".to_owned(),
            values => format!("COALESCE({})", values.join(", ")),
        }
    };
    Some(match column {
        "x_BillingMonth" => dialect.say("month_name", &[("moment", "BillingPeriodStart")]),
        "x_ChargeMonth" => dialect.say("month_name", &[("moment", "ChargePeriodStart")]),
        "x_ChargeDate" => "CAST(ChargePeriodStart AS DATE)".to_owned(),
        "x_PriceGap" => price_gap(of, dialect),
        "x_Team" => owner(&of.owners[0]),
        "x_Environment" => owner(&of.owners[1]),
        "x_CostCenter" => owner(&of.owners[2]),
        _ => return None,
    })
}

/// Cost less price times quantity where that is beyond rounding: half a cent, or a ten-thousandth of a large cost.
/// The product is not rounded first, as it is on the default engine: that would move the gap by 10⁻¹² at most.
fn price_gap(of: &Bill, dialect: &Dialect) -> String {
    let made = made(super::mapping(&of.mapping));
    let gap = |price: &str, cost: &str| {
        if ![price, cost, "PricingQuantity"]
            .iter()
            .all(|column| made.contains(column))
        {
            return None;
        }
        let product = dialect.say("product", &[("a", price), ("b", "PricingQuantity")]);
        Some(dialect.say("gap", &[("cost", cost), ("product", &product)]))
    };
    let gaps = [
        gap("ListUnitPrice", "ListCost"),
        gap("ContractedUnitPrice", "ContractedCost"),
    ];
    let gaps: Vec<String> = gaps.into_iter().flatten().collect();
    if gaps.is_empty() {
        return "CAST(NULL AS DECIMAL(26, 12))".to_owned();
    }
    let gap = format!("CAST(COALESCE({}) AS DECIMAL(26, 12))", gaps.join(", "));
    if made.contains(&"ChargeClass") {
        format!("CASE WHEN ChargeClass IS NULL THEN {gap} END")
    } else {
        gap
    }
}

fn sql_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "STRING",
        Kind::Money => "DECIMAL(26, 12)",
        Kind::Time => "TIMESTAMP",
        Kind::Day => "DATE",
        Kind::Count => "BIGINT",
    }
}

/// Some charges of several exports, as a query: those of a billing month, with only the columns that are wanted.
pub(super) fn of_month(views: &[String], month: &str, wanted: &[&str]) -> String {
    let columns: Vec<String> = wanted.iter().map(|column| name(column)).collect();
    let one = |view: &String| {
        format!(
            "SELECT {} FROM {view} WHERE x_BillingMonth = {}",
            columns.join(", "),
            quoted(month)
        )
    };
    views
        .iter()
        .map(one)
        .collect::<Vec<_>>()
        .join("\nUNION ALL\n")
}
