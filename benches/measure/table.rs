//! Figures as a Markdown table.

use super::process::Cost;
use std::fmt::Write;

/// One measurement.
#[derive(Debug)]
pub(crate) struct Figure {
    /// Name of the bill's format: figures of one bill are put in relation to each other.
    pub(crate) bill: &'static str,
    pub(crate) what: String,
    pub(crate) rows: usize,
    pub(crate) cost: Cost,
    pub(crate) mark: Mark,
}

/// What other figures of the same bill are measured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// `gzip -dc` alone.
    Floor,
    DuckDb,
    None,
}

/// Heading of the table.
const HEAD: &str = "\
| bill | what | wall, s | CPU, s | peak, MiB | rows/s | of gzip | of DuckDB |
|---|---|---:|---:|---:|---:|---:|---:|
";

/// The table, without a line feed at its end.
pub(crate) fn table(figures: &[Figure]) -> String {
    let mut text = HEAD.to_owned();
    for figure in figures {
        let Figure {
            bill,
            what,
            rows,
            cost: Cost { wall, cpu, peak },
            ..
        } = figure;
        let cpu = cpu.map_or_else(|| "-".to_owned(), |cpu| format!("{cpu:.2}"));
        let peak = peak.map_or_else(|| "-".to_owned(), |peak| format!("{peak:.0}"));
        let speed = thousands(speed(*rows, *wall));
        let gzip = ratio(figure, Mark::Floor, figures);
        let duckdb = ratio(figure, Mark::DuckDb, figures);
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {bill} | {what} | {wall:.2} | {cpu} | {peak} | {speed} | {gzip} | {duckdb} |"
        );
    }
    text.trim_end().to_owned()
}

/// How many times the wall time of the marked figure of the same bill.
fn ratio(figure: &Figure, mark: Mark, figures: &[Figure]) -> String {
    let marked = figures
        .iter()
        .find(|other| other.mark == mark && other.bill == figure.bill);
    marked.map_or_else(
        || "-".to_owned(),
        |marked| format!("{:.2}", figure.cost.wall / marked.cost.wall.max(1e-3)),
    )
}

#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a figure for people"
)]
fn speed(rows: usize, wall: f64) -> u64 {
    (rows as f64 / wall.max(1e-3)) as u64
}

/// `1,234,567`
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
