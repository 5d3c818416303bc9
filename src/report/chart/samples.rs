//! Drawings with the data that breaks charts: long names, one row, credits, nothing at all.

mod in_time;

use chrono::NaiveDate;

use crate::report::drawing::{
    Bar, ComplianceBar, Curve, CurveMark, Drawing, Shape, Tone, Unit, top_with_other,
};

/// Every sample with the name of its picture.
pub(super) fn all() -> Vec<(&'static str, Drawing)> {
    let mut samples = bars();
    samples.extend(compliance());
    samples.extend(curves());
    samples.extend(in_time::all());
    samples
}

fn drawing(title: &str, shape: Shape) -> Drawing {
    Drawing {
        title: title.into(),
        subtitle: "1–31 October 2026 · effective cost in USD · closed, complete to 2 November"
            .into(),
        footnote: "Source: aws-prod, azure-main. Taxes and support are included.".into(),
        unit: Unit::Money("USD".into()),
        shape,
    }
}

fn first() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 10, 1).unwrap_or_default()
}

/// A repeatable figure between 0 and 1.
#[allow(clippy::cast_precision_loss)] // any figure will do
fn noise(seed: usize) -> f64 {
    let mixed = (seed as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11;
    mixed as f64 / (1_u64 << 53) as f64
}

const LONG: [&str; 5] = [
    "Amazon Elastic Compute Cloud - Compute (Reserved, eu-central-1, shared tenancy)",
    "Azure Database for PostgreSQL Flexible Server General Purpose Ddsv5 Series vCore",
    "arn:aws:lambda:eu-central-1:123456789012:function:invoice-export-to-data-warehouse",
    "BigQuery",
    "Networking Egress Intercontinental (Premium Tier) from Frankfurt to São Paulo",
];

fn ranking(title: &str, bars: Vec<Bar>) -> Drawing {
    let marker = String::new();
    drawing(title, Shape::Bars { bars, marker })
}

fn plain(rows: &[(&str, f64)]) -> Vec<Bar> {
    let bars = rows.iter().map(|(label, value)| Bar::new(*label, *value));
    bars.collect()
}

fn numbered(count: usize, bar: impl Fn(usize) -> Bar) -> Vec<Bar> {
    (0..count).map(bar).collect()
}

fn bars() -> Vec<(&'static str, Drawing)> {
    let sandbox = Bar {
        tone: Tone::Accent,
        ..Bar::new("sandbox", 1_204.5)
    };
    let account = |at| {
        Bar::new(
            format!("acct-{:012} payments-platform-production", at * 7_919),
            9e3 * noise(at),
        )
    };
    let extremes = [
        ("tiny", 1e-6),
        ("small", 0.3),
        ("huge", 8.4e13),
        ("broken", f64::NAN),
        ("endless", f64::INFINITY),
        ("bottomless", f64::NEG_INFINITY),
    ];
    let findings = [
        ("idle load balancer", 5.0),
        ("unattached volume", 3.0),
        ("old snapshot", 1.0),
    ];
    let credits = [("credit 1", -120.0), ("credit 2", -480.0)];
    let only_credits = ranking("Only credits", plain(&credits));
    let counts = Drawing {
        unit: Unit::Count,
        ..ranking("Nine findings", plain(&findings))
    };
    vec![
        ("bars_usual", usual_bars()),
        ("bars_long_names", long_bars()),
        (
            "bars_one",
            ranking("One account has all of the waste", vec![sandbox]),
        ),
        (
            "bars_30_accounts",
            ranking("Thirty accounts by effective cost", numbered(30, account)),
        ),
        (
            "bars_80_rows",
            ranking("Eighty rows do not fit", numbered(80, account)),
        ),
        (
            "bars_zero",
            ranking(
                "Nothing was charged",
                numbered(4, |at| Bar::new(LONG[at], 0.0)),
            ),
        ),
        ("bars_credits", credit_bars()),
        ("bars_only_credits", only_credits),
        (
            "bars_extremes",
            ranking("From a millionth to 84 trillion", plain(&extremes)),
        ),
        ("bars_empty", ranking("Savings by action", vec![])),
        ("bars_count", counts),
    ]
}

fn usual_bars() -> Drawing {
    let services = [
        ("Amazon EC2", 48_210.4),
        ("Amazon RDS", 21_904.0),
        ("Amazon S3", 12_333.3),
        ("AWS Lambda", 6_120.0),
        ("Amazon CloudFront", 3_410.9),
        ("Amazon DynamoDB", 2_871.0),
        ("AWS Glue", 911.4),
        ("Amazon ECR", 402.1),
        ("AWS KMS", 61.0),
        ("Amazon SNS", 12.4),
        ("AWS Config", 0.004),
    ];
    let mut bars = plain(&services);
    for (at, bar) in bars.iter_mut().enumerate() {
        bar.marker = Some(bar.value * (0.7 + 0.6 * noise(at)));
        bar.note = format!("{:+.0}% on September", 40.0 * noise(at) - 12.0);
    }
    bars[0].tone = Tone::Accent;
    let (bars, marker) = (top_with_other(bars, 9), "September".into());
    let title = "Amazon EC2 is half of the October bill and grew by a fifth";
    drawing(title, Shape::Bars { bars, marker })
}

fn long_bars() -> Drawing {
    let bar = |at: usize| Bar {
        note: "of which 38% is idle in nights and at weekends".into(),
        ..Bar::new(LONG[at], 9e4 * noise(at))
    };
    let title = "Five services carry all of the growth, and the first of them alone explains more \
                 than two thirds of what the platform teams spent above their budget";
    ranking(title, numbered(5, bar))
}

fn credit_bars() -> Drawing {
    let rows = [
        ("Amazon EC2", 5_300.0),
        ("Amazon RDS", 0.0),
        ("Enterprise discount credit", -8_450.0),
        ("Refund", -0.02),
        ("Tax", 730.0),
    ];
    let mut bars = plain(&rows);
    for bar in &mut bars {
        bar.marker = Some(bar.value * 0.8 - 500.0);
        bar.note = "provisional".into();
    }
    let marker = "September".into();
    drawing(
        "Credits outweigh the charges of October",
        Shape::Bars { bars, marker },
    )
}

fn scope(label: &str, [valid, invalid, missing]: [f64; 3]) -> ComplianceBar {
    let label = label.into();
    ComplianceBar {
        label,
        valid,
        invalid,
        missing,
        target: None,
    }
}

fn curve(title: &str, size: f64, marks: &[f64]) -> Drawing {
    let value = |amount: f64| amount * (2.0 * size - amount) / size;
    let points = || (0..=20).map(|at| size * 1.6 * f64::from(at) / 20.0);
    let names = ["floor", "recommended", "optimum"];
    let mark = |(at, name): (&f64, &str)| CurveMark {
        at: (size * at, value(size * at)),
        name: name.into(),
    };
    let curve = Curve {
        points: points().map(|amount| (amount, value(amount))).collect(),
        lower: points()
            .map(|amount| (amount, value(amount) - 0.4 * amount))
            .collect(),
        marks: marks.iter().zip(names).map(mark).collect(),
    };
    drawing(title, Shape::Curve(curve))
}

fn curves() -> Vec<(&'static str, Drawing)> {
    vec![
        (
            "curve_usual",
            curve("More would save $1.1k a month", 4.3, &[0.6, 0.8, 1.0]),
        ),
        (
            "curve_alike",
            curve("Steady usage has one level", 12_000.0, &[1.0, 1.0, 1.0]),
        ),
        (
            "curve_small",
            curve("Cents are amounts too", 0.004, &[0.5, 1.0]),
        ),
    ]
}

fn compliance() -> Vec<(&'static str, Drawing)> {
    let tags = vec![
        scope("cost-center", [91_200.0, 2_010.0, 5_400.0]),
        scope("team", [71_000.0, 12_000.0, 15_610.0]),
        scope("environment", [98_580.0, 0.0, 30.0]),
        scope(
            "data-classification-as-agreed-with-the-security-office",
            [0.0, 0.0, 98_610.0],
        ),
        scope("untaggable", [0.0; 3]),
    ];
    let account = |at| scope(&format!("account {at}"), [100.0 * noise(at), 10.0, 20.0]);
    let overall = vec![scope("overall", [812.0, 40.0, 90.0])];
    let rows = |title: &str, target, bars| drawing(title, Shape::Compliance { target, bars });
    let counts = Drawing {
        unit: Unit::Count,
        footnote: String::new(),
        ..rows("One scope without target", None, overall)
    };
    vec![
        (
            "compliance_tags",
            rows("One in seven dollars has no team", Some(95.0), tags),
        ),
        (
            "compliance_30",
            rows("By account", Some(100.0), (0..30).map(account).collect()),
        ),
        ("compliance_no_target", counts),
        ("compliance_empty", rows("No policy", Some(95.0), vec![])),
    ]
}
