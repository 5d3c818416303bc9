//! Samples of columns, lines and bands.

use super::{LONG, drawing, first, noise};
use crate::report::drawing::{
    Band, BandStep, Drawing, Expected, Fan, FanStep, Forecast, Series, Shape, Timeline, Tone, Unit,
};

/// Every sample that has a timeline.
pub(super) fn all() -> Vec<(&'static str, Drawing)> {
    let mut samples = columns();
    samples.extend(lines());
    samples.extend(bands());
    samples.extend(fans());
    samples
}

/// Values around `size` that grow by `growth` a step.
#[allow(clippy::cast_precision_loss)] // any figure will do
fn around(size: f64, growth: f64, seed: usize, len: usize) -> Vec<Option<f64>> {
    let value = |at: usize| size * (1.0 + growth * at as f64) * (0.9 + 0.2 * noise(at * 7 + seed));
    (0..len).map(|at| Some(value(at))).collect()
}

fn stacked(title: &str, months: usize, series: Vec<Series>, open: bool) -> Drawing {
    let time = Timeline::months(first(), months);
    drawing(title, Shape::StackedColumns { time, series, open })
}

fn usual(months: usize) -> Vec<Series> {
    let sizes = [
        ("Compute", 52e3),
        ("Databases", 31e3),
        ("Storage", 14e3),
        ("Networking", 9e3),
        ("Analytics", 1.2e3),
        ("other (14 more)", 4e3),
    ];
    let named = sizes.iter().enumerate();
    let mut series: Vec<Series> = named
        .map(|(seed, (name, size))| Series::new(*name, around(*size, 0.04, seed, months)))
        .collect();
    series[5].tone = Tone::Other;
    series
}

fn columns() -> Vec<(&'static str, Drawing)> {
    let mut credits = usual(6);
    let credit = vec![
        None,
        Some(-9e3),
        Some(-22e3),
        Some(-41e3),
        Some(-12e3),
        None,
    ];
    credits.push(Series::new("Migration credits", credit));
    let team = |at: usize| Series::new(format!("team {at} {}", LONG[0]), around(900.0, 0.1, at, 3));
    let teams = (0..26).map(team).collect();
    let zero = vec![Series::new("Compute", vec![Some(0.0); 12])];
    vec![
        (
            "columns_12_months",
            stacked(
                "Compute drives the growth: up 44% in a year",
                12,
                usual(12),
                true,
            ),
        ),
        (
            "columns_one_month",
            stacked("First month of data", 1, usual(1), false),
        ),
        (
            "columns_credits",
            stacked("Credits hid a third of the bill", 6, credits, false),
        ),
        (
            "columns_26_series",
            stacked("Too many teams for one stack", 3, teams, false),
        ),
        (
            "columns_36_months",
            stacked("Three years", 36, usual(36), false),
        ),
        ("columns_zero", stacked("A free year", 12, zero, false)),
        ("columns_empty", stacked("No month yet", 0, vec![], false)),
    ]
}

fn in_days(title: &str, days: usize, series: Vec<Series>) -> Drawing {
    let time = Timeline::days(first(), days);
    drawing(title, Shape::Lines { time, series })
}

fn planned(name: &str, value: f64, steps: usize) -> Series {
    let tone = Tone::Plan;
    Series {
        tone,
        ..Series::new(name, vec![Some(value); steps])
    }
}

fn lines() -> Vec<(&'static str, Drawing)> {
    let account =
        |at: usize| Series::new(format!("account {at}"), around(500.0, 0.0, at * 100, 31));
    let spike = |day: usize| {
        if day % 97 == 50 {
            9e3
        } else {
            3e3 + 400.0 * noise(day)
        }
    };
    let spikes = vec![Series::new(
        "all accounts",
        (0..400).map(|day| Some(spike(day))).collect(),
    )];
    let one = vec![Series::new("prod", vec![Some(12.5)])];
    let gaps = vec![Series::new("prod", vec![None; 31])];
    vec![
        ("lines_daily", daily()),
        (
            "lines_30_accounts",
            in_days(
                "Thirty accounts as lines",
                31,
                (0..30).map(account).collect(),
            ),
        ),
        ("lines_percent", monthly_percent()),
        (
            "lines_400_days",
            in_days("Four spikes in 400 days", 400, spikes),
        ),
        ("lines_one_point", in_days("One day of data", 1, one)),
        ("lines_empty", in_days("Gaps only", 31, gaps)),
    ]
}

fn daily() -> Drawing {
    let mut production = Series::new("production", around(2_400.0, 0.0, 1, 31));
    production.tone = Tone::Accent;
    production.values.truncate(22);
    let series = vec![
        production,
        Series::new("staging", around(900.0, 0.0, 2, 31)),
        Series::new("development", around(890.0, 0.0, 3, 31)),
        Series::new(LONG[2], around(870.0, 0.0, 4, 31)),
        planned("budget", 2_350.0, 31),
    ];
    in_days("Production ran over its budget until the 22nd", 31, series)
}

fn monthly_percent() -> Drawing {
    let time = Timeline::months(first(), 12);
    let tagged = Series::new("cost with a valid team tag", around(78.0, 0.01, 0, 12));
    let series = vec![tagged, planned("target", 95.0, 12)];
    let lines = Shape::Lines { time, series };
    Drawing {
        unit: Unit::Percent,
        ..drawing("Tagged cost nears its target", lines)
    }
}

const DAYS: usize = 60;

fn band(label: &str, size: f64, incident: std::ops::Range<usize>) -> Band {
    let step = |day: usize| {
        let middle = size * if day % 7 < 5 { 1.0 } else { 0.7 };
        let jump = if incident.contains(&day) { 1.9 } else { 1.0 };
        let actual = middle * jump * (0.92 + 0.16 * noise(day + label.len()));
        let (lower, upper) = (middle * 0.85, middle * 1.15);
        BandStep {
            actual: (day + 6 < DAYS).then_some(actual),
            expected: (day >= 5).then_some(Expected {
                middle,
                lower,
                upper,
            }),
            incident: incident.contains(&day),
        }
    };
    Band {
        label: label.into(),
        note: format!("+${:.1}k over {} days", size / 300.0, incident.len()),
        steps: (0..DAYS).map(step).collect(),
    }
}

fn bands() -> Vec<(&'static str, Drawing)> {
    let time = Timeline::days(first(), DAYS);
    let panels = |title: &str, bands| drawing(title, Shape::Bands { time, bands });
    let panel = |at: usize| band(LONG[at % 5], 800.0 * noise(at) + 10.0, 40..40 + at % 4);
    let grid = |count: usize| (0..count).map(panel).collect();
    let gateway = vec![band("payments · NAT gateway", 930.0, 40..45)];
    let empty = vec![Band {
        label: "new account".into(),
        ..Band::default()
    }];
    let title = "NAT gateway traffic of payments doubled from 10 to 14 November and cost $3.1k";
    vec![
        ("bands_one", panels(title, gateway)),
        ("bands_two", panels("Two incidents are open", grid(2))),
        (
            "bands_four",
            panels("Four incidents cost $4.2k this week", grid(4)),
        ),
        (
            "bands_nine",
            panels("Nine services left their expected range", grid(9)),
        ),
        (
            "bands_twenty",
            panels("Twenty series, twelve of them shown", grid(20)),
        ),
        (
            "bands_without_steps",
            panels("A series without a day", empty),
        ),
        ("bands_empty", panels("No incident", vec![])),
    ]
}

fn fan(title: &str, known: usize, days: usize, budget: Option<f64>) -> Drawing {
    let step = |at: usize| {
        let size = 900.0 + 300.0 * noise(at);
        FanStep {
            actual: (at < known).then_some(size),
            forecast: (at >= known).then_some(Forecast {
                middle: 1_050.0,
                inner: (900.0, 1_180.0),
                outer: (760.0, 1_400.0),
            }),
            budget,
        }
    };
    let steps = (0..days).map(step).collect();
    let time = Timeline::days(first(), days);
    let fan = Fan { steps };
    drawing(title, Shape::Fan { time, fan })
}

fn fans() -> Vec<(&'static str, Drawing)> {
    let end = "October will end at about $34k (80%: $31k to $36k), above the budget of $33k";
    vec![
        ("fan_usual", fan(end, 60, 150, Some(1_000.0))),
        ("fan_short", fan("One day is known", 1, 91, None)),
        ("fan_one", fan("One day is forecast", 0, 1, Some(-5.0))),
        ("fan_empty", fan("Nothing is known", 0, 0, None)),
    ]
}
