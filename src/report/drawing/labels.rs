//! Figures and names as short text: "$1.2k", "12,345.67", "very-long-na…of-service".
//!
//! For eyes only: nothing published in a CSV passes through here.

use super::Unit;
use crate::money::minor_units;

/// Figures from a thousand up are shown in these scales.
pub(super) const SCALES: [(f64, &str); 5] =
    [(1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "B"), (1e12, "T")];

/// A value with its unit, short enough for a bar's end: `$1.2k`, `87.3%`, `12,345`.
pub fn compact(value: f64, unit: &Unit) -> String {
    match unit {
        Unit::Money(currency) => compact_money(value, currency),
        Unit::Percent => percent(value),
        Unit::Count if value.abs() < 99_999.5 => signed(value, "", &thousands(value.abs(), 0)),
        Unit::Count => signed(value, "", &short(value.abs())),
        Unit::Score => signed(value, "", &trimmed(value.abs(), 1)),
    }
}

/// A value with its unit to the last shown digit: `$12,345.67`, `87.34%`.
pub fn full(value: f64, unit: &Unit) -> String {
    match unit {
        Unit::Money(currency) => full_money(value, currency),
        Unit::Percent => format!("{}%", signed(value, "", &thousands(value.abs(), 2))),
        Unit::Count => signed(value, "", &thousands(value.abs(), 0)),
        Unit::Score => signed(value, "", &thousands(value.abs(), 2)),
    }
}

/// An amount in two to four figures: `$0.42`, `€340`, `$1.2k`, `$3.4M`, `CHF 12k`. Cents show
/// below a hundred units, `<$0.01` stands for what is not quite nothing.
pub fn compact_money(amount: f64, currency: &str) -> String {
    let size = amount.abs();
    if size > 0.0 && size < 0.005 {
        let sign = if amount < 0.0 { ">−" } else { "<" };
        return format!("{sign}{}0.01", symbol(currency));
    }
    let figure = match size {
        0.0..99.995 if minor_units(currency) == 0 => thousands(size, 0),
        0.0..99.995 if size > 0.0 => thousands(size, 2),
        _ => short(size),
    };
    signed(amount, &symbol(currency), &figure)
}

/// An amount with thousands and cents: `$12,345.67`, `¥1,200`, `CHF 5.00`.
pub fn full_money(amount: f64, currency: &str) -> String {
    let cents = if minor_units(currency) == 0 { 0 } else { 2 };
    signed(amount, &symbol(currency), &thousands(amount.abs(), cents))
}

/// A number with `,` between thousands and this many decimals; `n/a` for what is no number.
pub fn thousands(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "n/a".into();
    }
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if !fraction.is_empty() {
        grouped.push('.');
        grouped.push_str(fraction);
    }
    let figures = grouped.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    if value < 0.0 && figures {
        format!("−{grouped}")
    } else {
        grouped
    }
}

/// A name of at most `max` characters: the middle goes, because service and resource names
/// differ at both ends.
pub fn shorten(name: &str, max: usize) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= max {
        return name.to_string();
    }
    if max <= 1 {
        return "…".chars().take(max).collect();
    }
    let tail = (max - 1) * 2 / 5;
    let head = max - 1 - tail;
    let head: String = letters[..head].iter().collect();
    let tail: String = letters[letters.len() - tail..].iter().collect();
    format!("{}…{}", head.trim_end(), tail.trim_start())
}

/// Text from a bill as one printable line: line breaks, tabs and control characters become
/// blanks, so no name can disturb a picture or a golden file.
pub fn one_line(text: &str) -> String {
    let blank = |letter: char| letter.is_control() || letter.is_whitespace();
    let words = text.split(blank).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Labels for the ticks of one axis: one scale for all, and just the decimals that tell them apart.
pub(super) fn tick_labels(ticks: &[f64], unit: &Unit) -> Vec<String> {
    let largest = ticks.iter().fold(0.0_f64, |top, tick| top.max(tick.abs()));
    // Thousands are written out up to ten thousand: "$1,500" reads better than "$1.5k".
    let scaled = SCALES.iter().rev().find(|(scale, suffix)| {
        let least = if *suffix == "k" { 10.0 * scale } else { *scale };
        largest >= least
    });
    let (scale, suffix) = match (unit, scaled) {
        (Unit::Percent | Unit::Score, _) | (_, None) => SCALES[0],
        (_, Some(found)) => *found,
    };
    let decimals = (0..12).find(|decimals| {
        let precision = 10_f64.powi(*decimals);
        ticks.iter().all(|tick| {
            let figure = tick / scale * precision;
            (figure - figure.round()).abs() < 1e-6 * figure.abs().max(1e-3)
        })
    });
    let decimals = match (unit, decimals.unwrap_or(12)) {
        (Unit::Money(_), 1) if suffix.is_empty() => 2,
        (_, decimals) => usize::try_from(decimals).unwrap_or(0),
    };
    let label = |tick: &f64| {
        let figure = thousands(tick.abs() / scale, decimals);
        match unit {
            _ if *tick == 0.0 => signed(
                0.0,
                &prefix(unit),
                if *unit == Unit::Percent { "0%" } else { "0" },
            ),
            Unit::Percent => signed(*tick, "", &format!("{figure}%")),
            _ => signed(*tick, &prefix(unit), &format!("{figure}{suffix}")),
        }
    };
    ticks.iter().map(label).collect()
}

fn prefix(unit: &Unit) -> String {
    match unit {
        Unit::Money(currency) => symbol(currency),
        _ => String::new(),
    }
}

/// The sign goes before the currency symbol, and never before a figure that reads zero.
fn signed(value: f64, symbol: &str, figure: &str) -> String {
    let figures = figure.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    let sign = if value < 0.0 && figures { "−" } else { "" };
    if value.is_finite() {
        format!("{sign}{symbol}{figure}")
    } else {
        "n/a".into()
    }
}

/// The symbol where it is unmistakable, else the code and a blank.
fn symbol(currency: &str) -> String {
    match currency {
        "USD" => "$".into(),
        "EUR" => "€".into(),
        "GBP" => "£".into(),
        "JPY" => "¥".into(),
        "INR" => "₹".into(),
        "" => String::new(),
        code => format!("{code} "),
    }
}

/// Three figures at most, with the scale they stay below a thousand in after rounding.
fn short(size: f64) -> String {
    for (scale, suffix) in SCALES {
        let figure = size / scale;
        let decimals = usize::from(!suffix.is_empty() && figure < 99.95);
        if figure < 999.5 {
            return format!("{}{suffix}", trimmed(figure, decimals));
        }
    }
    format!("{}T", thousands(size / 1e12, 0))
}

/// Decimals only where they say something: `12.5`, but `12`.
fn trimmed(size: f64, decimals: usize) -> String {
    let text = thousands(size, decimals);
    match text.strip_suffix(".0") {
        Some(whole) => whole.to_string(),
        None => text,
    }
}

/// One decimal, but 99.97% is not 100% and 0.01% is not nothing.
fn percent(value: f64) -> String {
    let size = value.abs();
    let figure = match size {
        _ if size > 0.0 && size < 0.05 => return format!("<{}%", signed(value, "", "0.1")),
        _ if (99.95..100.0).contains(&size) => "99.9".into(),
        _ => trimmed(size, 1),
    };
    match signed(value, "", &figure) {
        text if value.is_finite() => format!("{text}%"),
        text => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_short_and_carries_its_scale() {
        let label = |amount| compact_money(amount, "USD");
        assert_eq!(label(0.0), "$0");
        assert_eq!(label(0.001), "<$0.01");
        assert_eq!(label(0.42), "$0.42");
        assert_eq!(label(340.4), "$340");
        assert_eq!(label(1_234.0), "$1.2k");
        assert_eq!(label(12_000.0), "$12k");
        assert_eq!(label(340_100.0), "$340k");
        assert_eq!(label(3_400_000.0), "$3.4M");
        assert_eq!(label(2.5e15), "$2,500T");
    }

    #[test]
    fn rounding_up_moves_to_the_next_scale() {
        assert_eq!(compact_money(999.7, "USD"), "$1k");
        assert_eq!(compact_money(999_960.0, "USD"), "$1M");
        assert_eq!(compact_money(99_960.0, "USD"), "$100k");
        assert_eq!(compact_money(99.996, "USD"), "$100");
    }

    #[test]
    fn the_sign_stands_before_the_symbol() {
        assert_eq!(compact_money(-1_234.0, "EUR"), "−€1.2k");
        assert_eq!(full_money(-0.001, "USD"), "$0.00");
        assert_eq!(full_money(-12_345.678, "USD"), "−$12,345.68");
    }

    #[test]
    fn other_currencies_go_by_their_code() {
        assert_eq!(compact_money(1_200.0, "CHF"), "CHF 1.2k");
        assert_eq!(full_money(1_200.4, "JPY"), "¥1,200");
        assert_eq!(full_money(12_345.67, ""), "12,345.67");
    }

    #[test]
    fn what_is_no_number_says_so() {
        assert_eq!(compact_money(f64::NAN, "USD"), "n/a");
        assert_eq!(compact(f64::INFINITY, &Unit::Percent), "n/a");
        assert_eq!(full(f64::NAN, &Unit::Count), "n/a");
    }

    #[test]
    fn almost_all_is_not_all() {
        assert_eq!(compact(99.97, &Unit::Percent), "99.9%");
        assert_eq!(compact(100.0, &Unit::Percent), "100%");
        assert_eq!(compact(0.01, &Unit::Percent), "<0.1%");
        assert_eq!(compact(-12.34, &Unit::Percent), "−12.3%");
    }

    #[test]
    fn counts_keep_their_digits_while_they_can() {
        assert_eq!(compact(12_345.0, &Unit::Count), "12,345");
        assert_eq!(compact(1_234_567.0, &Unit::Count), "1.2M");
    }

    #[test]
    fn long_names_lose_their_middle() {
        assert_eq!(shorten("AmazonEC2", 20), "AmazonEC2");
        assert_eq!(shorten("abcdefghijklmnop", 11), "abcdef…mnop");
        assert_eq!(shorten("abc", 1), "…");
        assert_eq!(shorten("abc", 0), "");
        assert_eq!(shorten("äöüßäöüß", 4).chars().count(), 4);
    }

    #[test]
    fn names_cannot_break_lines() {
        assert_eq!(one_line("a\n b\t\u{7}c "), "a b c");
    }

    #[test]
    fn ticks_share_one_scale() {
        let money = Unit::Money("USD".into());
        assert_eq!(
            tick_labels(&[0.0, 500.0, 1000.0, 1500.0], &money),
            ["$0", "$500", "$1,000", "$1,500"]
        );
        assert_eq!(
            tick_labels(&[0.0, 7_500.0, 15_000.0], &money),
            ["$0", "$7.5k", "$15.0k"]
        );
        assert_eq!(tick_labels(&[0.0, 2.5], &money), ["$0", "$2.50"]);
        assert_eq!(
            tick_labels(&[-20.0, 0.0, 20.0], &Unit::Percent),
            ["−20%", "0%", "20%"]
        );
        assert_eq!(
            tick_labels(&[0.0, 0.0005, 0.001], &money),
            ["$0", "$0.0005", "$0.0010"]
        );
    }
}
