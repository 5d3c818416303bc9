//! A drawing as stable text: what golden files hold, since pixels differ and text can be reviewed.

use super::labels::{compact, full, one_line};
use super::{Axis, Band, Curve, Drawing, Expected, Fan, Series, Shape, Timeline, Tone, Unit};

/// The drawing as lines of text: title, axis, and every bar, line and panel with its values.
/// The same drawing always gives the same text.
pub fn describe(drawing: &Drawing) -> String {
    let mut lines = vec![
        format!("title: {}", one_line(&drawing.title)),
        format!("subtitle: {}", one_line(&drawing.subtitle)),
        format!("footnote: {}", one_line(&drawing.footnote)),
    ];
    lines.push(format!("shape: {}", shape_name(drawing)));
    if let Some(axis) = Axis::of(drawing) {
        lines.push(format!("axis: {}", axis.labels.join(" | ")));
    }
    if drawing.is_empty() {
        lines.push("no data".into());
    } else {
        lines.extend(rows(drawing));
    }
    let kept: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    kept.join("\n") + "\n"
}

fn shape_name(drawing: &Drawing) -> String {
    let unit = match &drawing.unit {
        Unit::Money(currency) => currency.as_str(),
        Unit::Percent => "percent",
        Unit::Count => "count",
        Unit::Score => "score",
    };
    match &drawing.shape {
        Shape::Bars { marker, .. } if !marker.is_empty() => {
            format!("bars, {unit}, ticks mark {}", one_line(marker))
        }
        Shape::Bars { .. } => format!("bars, {unit}"),
        Shape::StackedColumns { open, .. } => {
            let open = if *open { ", last month open" } else { "" };
            format!("stacked columns, {unit}{open}")
        }
        Shape::Lines { .. } => format!("lines, {unit}"),
        Shape::Bands { .. } => format!("bands, {unit}"),
        Shape::Fan { .. } => format!("fan, {unit}"),
        Shape::Curve(_) => format!("curve, {unit}"),
        Shape::Compliance {
            target: Some(target),
            ..
        } => {
            format!(
                "compliance, {unit}, target {}",
                compact(*target, &Unit::Percent)
            )
        }
        Shape::Compliance { target: None, .. } => format!("compliance, {unit}"),
    }
}

fn curve_rows(curve: &Curve, unit: &Unit) -> Vec<String> {
    let shown = |point: &(f64, f64)| format!("{}: {}", full(point.0, unit), full(point.1, unit));
    let ends = curve.points.first().into_iter().chain(curve.points.last());
    let ends = ends.map(|point| format!("from and to {}", shown(point)));
    let marks = curve
        .marks
        .iter()
        .map(|mark| format!("{} at {}", one_line(&mark.name), shown(&mark.at)));
    ends.chain(marks).collect()
}

fn rows(drawing: &Drawing) -> Vec<String> {
    let unit = &drawing.unit;
    match &drawing.shape {
        Shape::Bars { bars, .. } => bars.iter().map(|bar| bar_row(bar, unit)).collect(),
        Shape::StackedColumns { time, series, .. } | Shape::Lines { time, series } => {
            let rows = series.iter().map(|one| series_row(one, time, unit));
            std::iter::once(time_row(time)).chain(rows).collect()
        }
        Shape::Bands { time, bands } => {
            let axes = Axis::of_bands(bands, time, unit);
            let panels = bands.iter().zip(&axes);
            let rows = panels.flat_map(|(band, axis)| band_rows((band, axis), time, unit));
            std::iter::once(time_row(time)).chain(rows).collect()
        }
        Shape::Curve(curve) => curve_rows(curve, unit),
        Shape::Fan { time, fan } => std::iter::once(time_row(time))
            .chain(fan_rows(fan, time, unit))
            .collect(),
        Shape::Compliance { bars, .. } => {
            bars.iter().map(|bar| compliance_row(bar, unit)).collect()
        }
    }
}

fn bar_row(bar: &super::Bar, unit: &Unit) -> String {
    let marker = bar.marker.map(|value| format!(" vs {}", full(value, unit)));
    format!(
        "- {}{}: {}{} {}",
        one_line(&bar.label),
        tone_name(bar.tone),
        full(bar.value, unit),
        marker.unwrap_or_default(),
        one_line(&bar.note)
    )
}

fn compliance_row(bar: &super::ComplianceBar, unit: &Unit) -> String {
    let shares = match bar.shares() {
        Some([valid, invalid, missing]) => {
            let [valid, invalid, missing] =
                [valid, invalid, missing].map(|share| compact(share, &Unit::Percent));
            format!("valid {valid}, invalid {invalid}, missing {missing}")
        }
        None => "nothing taggable".into(),
    };
    let whole = bar.valid + bar.invalid + bar.missing;
    format!(
        "- {}: {shares} of {}",
        one_line(&bar.label),
        full(whole, unit)
    )
}

fn time_row(time: &Timeline) -> String {
    let ticks: Vec<String> = time.ticks().into_iter().map(|(_, label)| label).collect();
    format!("time: {}", ticks.join(" | "))
}

fn series_row(series: &Series, time: &Timeline, unit: &Unit) -> String {
    let values = series.values.iter().take(time.len).enumerate();
    let known = values.filter_map(|(step, value)| Some((step, (*value)?)));
    let points: Vec<String> = known
        .map(|(step, value)| format!("{} {}", time.name(step), full(value, unit)))
        .collect();
    let (name, tone) = (one_line(&series.name), tone_name(series.tone));
    format!("- {name}{tone}: {}", points.join("; "))
}

fn band_rows((band, axis): (&Band, &Axis), time: &Timeline, unit: &Unit) -> Vec<String> {
    let axis = axis.labels.join(" | ");
    let head = format!(
        "- {}: {} (axis: {axis})",
        one_line(&band.label),
        one_line(&band.note)
    );
    let steps = band
        .steps
        .iter()
        .take(time.len)
        .enumerate()
        .map(|(index, step)| {
            let actual = step.actual.map_or("-".into(), |value| full(value, unit));
            let expected = step.expected.map_or(
                String::new(),
                |Expected {
                     middle,
                     lower,
                     upper,
                 }| {
                    let [middle, lower, upper] =
                        [middle, lower, upper].map(|value| full(value, unit));
                    format!(", expected {middle} ({lower} to {upper})")
                },
            );
            let mark = if step.incident { " !" } else { "" };
            format!("  {} {actual}{expected}{mark}", time.name(index))
        });
    std::iter::once(head).chain(steps).collect()
}

fn fan_rows(fan: &Fan, time: &Timeline, unit: &Unit) -> Vec<String> {
    let steps = fan.steps.iter().take(time.len).enumerate();
    let row = |(index, step): (usize, &super::FanStep)| {
        let mut row = format!("  {}", time.name(index));
        if let Some(actual) = step.actual {
            row += &format!(" {}", full(actual, unit));
        }
        if let Some(forecast) = step.forecast {
            let [middle, lower, upper] =
                [forecast.middle, forecast.inner.0, forecast.inner.1].map(|v| full(v, unit));
            row += &format!(" forecast {middle} ({lower} to {upper})");
        }
        if let Some(budget) = step.budget {
            row += &format!(", budget {}", full(budget, unit));
        }
        row
    };
    steps.map(row).collect()
}

fn tone_name(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "",
        Tone::Accent => " [accent]",
        Tone::Other => " [other]",
        Tone::Plan => " [plan]",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::drawing::{BandStep, Bar, ComplianceBar};

    fn drawing(shape: Shape) -> Drawing {
        Drawing {
            title: "Compute is half of the bill".into(),
            subtitle: "October 2026, USD, closed".into(),
            footnote: String::new(),
            unit: Unit::Money("USD".into()),
            shape,
        }
    }

    #[test]
    fn bars_are_described_with_axis_values_and_remarks() {
        let bars = vec![
            Bar {
                marker: Some(10_000.0),
                note: "+23%".into(),
                tone: Tone::Accent,
                ..Bar::new("AmazonEC2", 12_345.678)
            },
            Bar {
                tone: Tone::Other,
                ..Bar::new("other (2 more)", -40.0)
            },
        ];
        let text = describe(&drawing(Shape::Bars {
            bars,
            marker: "September".into(),
        }));
        assert_eq!(
            text,
            "title: Compute is half of the bill\n\
             subtitle: October 2026, USD, closed\n\
             footnote:\n\
             shape: bars, USD, ticks mark September\n\
             axis: −$2.5k | $0 | $2.5k | $5.0k | $7.5k | $10.0k | $12.5k\n\
             - AmazonEC2 [accent]: $12,345.68 vs $10,000.00 +23%\n\
             - other (2 more) [other]: −$40.00\n"
        );
    }

    #[test]
    fn lines_name_every_known_step() {
        let time = Timeline::months("2026-09-01".parse().unwrap(), 3);
        let series = vec![Series::new("EC2", vec![Some(1.0), None, Some(3.0)])];
        let text = describe(&drawing(Shape::Lines { time, series }));
        assert!(text.contains("time: Sep 2026 | Oct | Nov\n"), "{text}");
        assert!(
            text.contains("- EC2: 2026-09 $1.00; 2026-11 $3.00\n"),
            "{text}"
        );
    }

    #[test]
    fn bands_mark_their_incidents() {
        let time = Timeline::days("2026-10-05".parse().unwrap(), 1);
        let expected = Some(Expected {
            middle: 2.0,
            lower: 1.0,
            upper: 3.0,
        });
        let steps = vec![BandStep {
            actual: Some(9.0),
            expected,
            incident: true,
        }];
        let bands = vec![Band {
            label: "prod".into(),
            note: "+$7".into(),
            steps,
        }];
        let text = describe(&drawing(Shape::Bands { time, bands }));
        assert!(
            text.contains("  2026-10-05 $9.00, expected $2.00 ($1.00 to $3.00) !\n"),
            "{text}"
        );
    }

    #[test]
    fn compliance_says_when_nothing_can_be_tagged() {
        let bars = vec![ComplianceBar {
            label: "team".into(),
            ..ComplianceBar::default()
        }];
        let text = describe(&drawing(Shape::Compliance {
            target: Some(95.0),
            bars,
        }));
        assert!(
            text.contains("shape: compliance, USD, target 95%\n"),
            "{text}"
        );
        assert!(
            text.contains("- team: nothing taggable of $0.00\n"),
            "{text}"
        );
    }

    #[test]
    fn nothing_is_described_as_no_data() {
        let text = describe(&drawing(Shape::Bars {
            bars: vec![],
            marker: String::new(),
        }));
        assert!(text.ends_with("no data\n"), "{text}");
    }
}
