//! Figures as a Markdown table.

use super::process::Cost;
use std::fmt::Write;

/// One measurement.
#[derive(Debug)]
pub(crate) struct Figure {
    pub(crate) what: String,
    pub(crate) rows: usize,
    pub(crate) cost: Cost,
}

/// Heading of the table.
const HEAD: &str = "| what | wall, s | CPU, s | peak, MiB | rows/s |\n|---|---:|---:|---:|---:|\n";

/// The table, without a line feed at its end.
pub(crate) fn table(figures: &[Figure]) -> String {
    let mut text = HEAD.to_owned();
    for Figure { what, rows, cost } in figures {
        let Cost { wall, cpu, peak } = cost;
        let cpu = cpu.map_or_else(|| "-".to_owned(), |cpu| format!("{cpu:.2}"));
        let peak = peak.map_or_else(|| "-".to_owned(), |peak| format!("{peak:.0}"));
        let speed = thousands(speed(*rows, *wall));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {what} | {wall:.2} | {cpu} | {peak} | {speed} |");
    }
    text.trim_end().to_owned()
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
