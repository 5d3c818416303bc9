//! The long tail of a ranking becomes one row: "other". The total stays what it was.

use std::cmp::Ordering;

use super::{Bar, Series, Tone};

/// The `n` largest bars by size (a big credit counts as big), largest value first, then one bar
/// for the rest. The total is kept, for the second values too. A single leftover stays itself:
/// calling one row "other" would save no space and hide its name.
pub fn top_with_other(bars: Vec<Bar>, n: usize) -> Vec<Bar> {
    let (mut top, rest) = split_top(bars, n, |bar| bar.value, |bar| bar.label.as_str());
    top.sort_by(|a, b| b.value.total_cmp(&a.value));
    if !rest.is_empty() {
        top.push(Bar {
            label: other_label(rest.len()),
            value: rest.iter().map(|bar| bar.value).sum(),
            marker: rest.iter().map(|bar| bar.marker).sum(),
            note: String::new(),
            tone: Tone::Other,
        });
    }
    top
}

/// The `n` series with the largest totals by size, largest first, then the rest added up step by
/// step; a step is `None` only where every folded series is.
pub fn top_series_with_other(series: Vec<Series>, n: usize) -> Vec<Series> {
    let (mut top, rest) = split_top(series, n, Series::total, |one| one.name.as_str());
    if !rest.is_empty() {
        let steps = rest.iter().map(|one| one.values.len()).max().unwrap_or(0);
        let at = |step: usize| {
            let known = rest
                .iter()
                .filter_map(|one| one.values.get(step).copied().flatten());
            known.reduce(|sum, value| sum + value)
        };
        top.push(Series {
            name: other_label(rest.len()),
            values: (0..steps).map(at).collect(),
            tone: Tone::Other,
        });
    }
    top
}

fn other_label(count: usize) -> String {
    format!("other ({count} more)")
}

/// The `n` largest by absolute size, ties by name, and the rest.
fn split_top<T>(
    mut all: Vec<T>,
    n: usize,
    size: impl Fn(&T) -> f64,
    name: impl Fn(&T) -> &str,
) -> (Vec<T>, Vec<T>) {
    let rank = |a: &T, b: &T| -> Ordering {
        let by_size = size(b).abs().total_cmp(&size(a).abs());
        by_size.then_with(|| name(a).cmp(name(b)))
    };
    all.sort_by(rank);
    let keep = if all.len() == n + 1 { n + 1 } else { n };
    let rest = all.split_off(keep.min(all.len()));
    (all, rest)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "whole numbers")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bars(rows: &[(&str, f64)]) -> Vec<Bar> {
        rows.iter().map(|(name, v)| Bar::new(*name, *v)).collect()
    }

    #[test]
    fn the_tail_is_folded_into_other() {
        let folded = top_with_other(bars(&[("a", 1.0), ("b", 9.0), ("c", 2.0), ("d", 5.0)]), 2);
        let seen: Vec<_> = folded
            .iter()
            .map(|bar| (bar.label.as_str(), bar.value, bar.tone))
            .collect();
        assert_eq!(
            seen,
            [
                ("b", 9.0, Tone::Plain),
                ("d", 5.0, Tone::Plain),
                ("other (2 more)", 3.0, Tone::Other)
            ]
        );
    }

    #[test]
    fn one_leftover_keeps_its_name() {
        let folded = top_with_other(bars(&[("a", 1.0), ("b", 9.0), ("c", 2.0)]), 2);
        assert_eq!(folded.len(), 3);
        assert_eq!(folded[2].label, "a");
    }

    #[test]
    fn a_large_credit_is_not_hidden_in_other() {
        let folded = top_with_other(
            bars(&[("a", 1.0), ("credit", -50.0), ("c", 2.0), ("d", 9.0)]),
            2,
        );
        assert_eq!(folded[0].label, "d");
        assert_eq!(folded[1].label, "credit");
        assert_eq!(folded[2].value, 3.0);
    }

    #[test]
    fn other_has_a_second_value_only_when_all_rows_do() {
        let with = |name: &str, value: f64, marker: Option<f64>| Bar {
            marker,
            ..Bar::new(name, value)
        };
        let all = vec![with("a", 1.0, Some(2.0)), with("b", 1.0, Some(3.0))];
        assert_eq!(top_with_other(all, 0)[0].marker, Some(5.0));
        let some = vec![with("a", 1.0, Some(2.0)), with("b", 1.0, None)];
        assert_eq!(top_with_other(some, 0)[0].marker, None);
    }

    #[test]
    fn folded_series_add_up_step_by_step() {
        let series = vec![
            Series::new("big", vec![Some(10.0), Some(10.0)]),
            Series::new("x", vec![Some(1.0), None]),
            Series::new("y", vec![Some(2.0), None]),
        ];
        let folded = top_series_with_other(series, 1);
        assert_eq!(folded[1].values, [Some(3.0), None]);
        assert_eq!(folded[1].tone, Tone::Other);
    }

    proptest! {
        #[test]
        fn folding_keeps_the_total(values in prop::collection::vec(-1e6..1e6, 0..40), n in 0usize..12) {
            let all: Vec<Bar> = values.iter().enumerate().map(|(i, v)| Bar::new(format!("s{i}"), *v)).collect();
            let folded: f64 = top_with_other(all, n).iter().map(|bar| bar.value).sum();
            prop_assert!((folded - values.iter().sum::<f64>()).abs() < 1e-6);
        }
    }
}
