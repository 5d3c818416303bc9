//! What a row of metrics measures: names, statistics and units in the words of the clouds and their agents.
//! Everything ends up in the units of [`Metric`]; what has no place there is named, not guessed.

use super::table::{normal, shown};
use crate::resource::{Metric, Statistic};

/// How the samples of a series are to be understood.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(super) struct Reading {
    /// What is measured, once parts are added up.
    pub(super) metric: Metric,
    /// Which part of the metric this is: reads and writes are reported apart; 0 is the whole.
    pub(super) part: u8,
    /// How a sample sums up its period.
    pub(super) statistic: Statistic,
    /// Seconds of a sample's period, 0 where the file does not say.
    pub(super) period: u32,
    /// True where the value is a rate per second and [`Metric`] wants a total per period.
    pub(super) per_second: bool,
    /// What a value is multiplied with to reach the metric's unit.
    pub(super) scale: f64,
}

/// The fields of a row that say what it measures.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    /// Metric name.
    pub(super) metric: &'a str,
    /// Statistic, or empty.
    pub(super) statistic: &'a str,
    /// Unit, or empty.
    pub(super) unit: &'a str,
    /// Seconds of the period, or empty.
    pub(super) period: &'a str,
}

/// What a row measures.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Meaning {
    /// A metric and a statistic that analyses read.
    Known(Reading),
    /// Something else, by its name for people.
    Unknown(String),
}

/// Which of the words cannot be understood, and why.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Misfit {
    /// The unit measures something else, or is not known.
    Unit(String),
    /// The period is no whole number of seconds.
    Period(String),
    /// A word is no UTF-8 text.
    Text(String),
}

impl Misfit {
    /// The reason, in words.
    pub(super) fn what(self) -> String {
        match self {
            Misfit::Unit(what) | Misfit::Period(what) | Misfit::Text(what) => what,
        }
    }
}

/// A metric's name without case, blanks and punctuation; its metric; its part; true for a rate per second.
///
/// Names: `CloudWatch` (EC2, EBS, RDS), its agent, Azure Monitor, and plain words.
const METRICS: &[(&str, Metric, u8, bool)] = &[
    ("cpuutilization", Metric::Cpu, 0, false),
    ("cpu", Metric::Cpu, 0, false),
    ("cpupercent", Metric::Cpu, 0, false),
    ("cpuusageactive", Metric::Cpu, 0, false),
    ("percentagecpu", Metric::Cpu, 0, false),
    ("memusedpercent", Metric::Memory, 0, false),
    ("memoryutilization", Metric::Memory, 0, false),
    ("memorycommittedbytesinuse", Metric::Memory, 0, false),
    ("memory", Metric::Memory, 0, false),
    ("memorypercent", Metric::Memory, 0, false),
    ("networkin", Metric::NetworkIn, 0, false),
    ("networkintotal", Metric::NetworkIn, 0, false),
    ("networkreceivethroughput", Metric::NetworkIn, 0, true),
    ("networkout", Metric::NetworkOut, 0, false),
    ("networkouttotal", Metric::NetworkOut, 0, false),
    ("networktransmitthroughput", Metric::NetworkOut, 0, true),
    ("diskops", Metric::DiskOps, 0, false),
    ("diskreadops", Metric::DiskOps, 1, false),
    ("volumereadops", Metric::DiskOps, 1, false),
    ("readiops", Metric::DiskOps, 1, true),
    ("diskreadoperationssec", Metric::DiskOps, 1, true),
    ("compositediskreadoperationssec", Metric::DiskOps, 1, true),
    ("diskwriteops", Metric::DiskOps, 2, false),
    ("volumewriteops", Metric::DiskOps, 2, false),
    ("writeiops", Metric::DiskOps, 2, true),
    ("diskwriteoperationssec", Metric::DiskOps, 2, true),
    ("compositediskwriteoperationssec", Metric::DiskOps, 2, true),
    ("ebsreadops", Metric::DiskOps, 3, false),
    ("ebswriteops", Metric::DiskOps, 4, false),
    ("diskbytes", Metric::DiskBytes, 0, false),
    ("diskreadbytes", Metric::DiskBytes, 1, false),
    ("volumereadbytes", Metric::DiskBytes, 1, false),
    ("readthroughput", Metric::DiskBytes, 1, true),
    ("compositediskreadbytessec", Metric::DiskBytes, 1, true),
    ("diskwritebytes", Metric::DiskBytes, 2, false),
    ("volumewritebytes", Metric::DiskBytes, 2, false),
    ("compositediskwritebytessec", Metric::DiskBytes, 2, true),
    ("writethroughput", Metric::DiskBytes, 2, true),
    ("ebsreadbytes", Metric::DiskBytes, 3, false),
    ("ebswritebytes", Metric::DiskBytes, 4, false),
    ("databaseconnections", Metric::Connections, 0, false),
    ("connections", Metric::Connections, 0, false),
    ("activeconnections", Metric::Connections, 0, false),
    ("freeablememory", Metric::FreeMemory, 0, false),
    ("cores", Metric::Cores, 0, false),
    ("memorybytes", Metric::MemoryBytes, 0, false),
    ("cpurequest", Metric::CpuRequest, 0, false),
    ("memoryrequest", Metric::MemoryRequest, 0, false),
    ("pods", Metric::Pods, 0, false),
    ("autoscaled", Metric::Autoscaled, 0, false),
];

/// Names of byte units and their size; decimal prefixes are powers of 1000, as `CloudWatch` has them.
const BYTES: &[(&[&str], f64)] = &[
    (&["byte", "bytes", "b"], 1.0),
    (&["kilobyte", "kilobytes", "kb"], 1e3),
    (&["megabyte", "megabytes", "mb"], 1e6),
    (&["gigabyte", "gigabytes", "gb"], 1e9),
    (&["terabyte", "terabytes", "tb"], 1e12),
    (&["kibibytes", "kib"], 1024.0),
    (&["mebibytes", "mib"], 1_048_576.0),
    (&["gibibytes", "gib"], 1_073_741_824.0),
    (&["bit", "bits"], 0.125),
    (&["kilobits"], 125.0),
    (&["megabits"], 125e3),
    (&["gigabits"], 125e6),
];

/// What a row with these words measures.
pub(super) fn meaning(words: Words<'_>) -> Result<Meaning, Misfit> {
    let name = normal(words.metric);
    let Some(&(_, metric, part, rate)) = METRICS.iter().find(|row| row.0 == name) else {
        return Ok(Meaning::Unknown(words.metric.to_owned()));
    };
    let Some(statistic) = worst(metric, words.statistic) else {
        return Ok(Meaning::Unknown(format!(
            "{} ({})",
            words.metric, words.statistic
        )));
    };
    let (scale, per_second) = unit(metric, words.unit).ok_or_else(|| {
        Misfit::Unit(format!(
            "the unit `{}` does not fit {}",
            words.unit, words.metric
        ))
    })?;
    let period = period(words.period).ok_or_else(|| {
        Misfit::Period(format!("{:?} is no whole number of seconds", words.period))
    })?;
    Ok(Meaning::Known(Reading {
        metric,
        part,
        statistic,
        period,
        per_second: rate || per_second,
        scale,
    }))
}

/// True for metrics that are a level at every moment, false for totals; unknown ones are levels.
pub(super) fn is_level(metric: &str) -> bool {
    let name = normal(metric);
    let known = METRICS.iter().find(|row| row.0 == name);
    known.is_none_or(|row| row.1.is_level())
}

/// True for metrics that tell what is free, not what is used.
pub(super) fn is_free(metric: &str) -> bool {
    let name = normal(metric);
    let mut rows = METRICS.iter();
    rows.any(|row| row.0 == name && row.1 == Metric::FreeMemory)
}

/// Ends of column names that are statistics, without punctuation.
const ENDS: &[(&str, &str)] = &[
    ("maximum", "Maximum"),
    ("max", "Maximum"),
    ("average", "Average"),
    ("avg", "Average"),
    ("mean", "Average"),
    ("sum", "Sum"),
    ("total", "Sum"),
    ("p999", "p99.9"),
    ("p995", "p99.5"),
    ("p99", "p99"),
];

/// Metric and statistic that a column of a wide table is named after: `cpu`, `cpu_max`, `NetworkIn (Sum)`.
pub(super) fn column(name: &str) -> Option<(String, &'static str)> {
    let name = normal(name);
    let known = |name: &str| METRICS.iter().any(|row| row.0 == name);
    if known(&name) {
        return Some((name, ""));
    }
    // Of free memory alone the least tells something.
    let least = name
        .strip_suffix("minimum")
        .or_else(|| name.strip_suffix("min"));
    if let Some(metric) = least.filter(|metric| is_free(metric)) {
        return Some((metric.to_owned(), "Minimum"));
    }
    ENDS.iter().find_map(|(end, statistic)| {
        let metric = name.strip_suffix(end).filter(|metric| known(metric))?;
        Some((metric.to_owned(), *statistic))
    })
}

/// A measurement in the metric's unit. Nothing that is measured here can be negative.
pub(super) fn value(field: &[u8], scale: f64) -> Result<f32, String> {
    let number = plain(field).or_else(|| std::str::from_utf8(field).ok()?.trim().parse().ok());
    match number.filter(|number: &f64| number.is_finite()) {
        Some(number) if number < 0.0 => Err(format!("{} is negative", shown(field))),
        number => number
            .and_then(|number| scaled(number, scale))
            .ok_or_else(|| format!("{} is no number", shown(field))),
    }
}

/// As a sample; none where that is negative, no number or too large.
#[allow(
    clippy::cast_possible_truncation,
    reason = "samples are f32 by design; what overflows is refused"
)]
pub(super) fn scaled(number: f64, scale: f64) -> Option<f32> {
    let value = (number * scale) as f32;
    (value.is_finite() && value >= 0.0).then_some(value)
}

/// Powers of ten that are exact.
const TENS: [f64; 16] = [
    1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// Digits with at most one point among them: both parts of the quotient are exact, so it is rounded once, as by
/// the full parser.
#[allow(clippy::cast_precision_loss, reason = "at most 15 digits")]
fn plain(field: &[u8]) -> Option<f64> {
    if field.len() > 16 {
        return None;
    }
    let (mut digits, mut number, mut after) = (0, 0u64, None);
    for &byte in field {
        match byte {
            b'0'..=b'9' => {
                number = number * 10 + u64::from(byte - b'0');
                digits += 1;
            }
            b'.' if after.is_none() => after = Some(digits),
            _ => return None,
        }
    }
    let decimals = digits - after.unwrap_or(digits);
    (1..=15)
        .contains(&digits)
        .then(|| number as f64 / TENS[decimals])
}

/// Where free memory is told, the least of it is the most in use; its highest says nothing.
fn worst(metric: Metric, word: &str) -> Option<Statistic> {
    if metric != Metric::FreeMemory {
        return statistic(word);
    }
    match word.to_lowercase().as_str() {
        "minimum" | "min" => Some(Statistic::Maximum),
        word => statistic(word).filter(|statistic| *statistic == Statistic::Average),
    }
}

/// A missing statistic is the average; lows, counts and percentiles under 99 say nothing about the load's top.
fn statistic(word: &str) -> Option<Statistic> {
    let word = word.to_lowercase();
    match word.as_str() {
        "" | "average" | "avg" | "mean" => Some(Statistic::Average),
        "maximum" | "max" => Some(Statistic::Maximum),
        "sum" | "total" => Some(Statistic::Sum),
        _ => {
            let percentile: f64 = word.strip_prefix('p')?.parse().ok()?;
            (99.0..=100.0)
                .contains(&percentile)
                .then_some(Statistic::P99)
        }
    }
}

/// Factor to the metric's unit, and true for a rate per second.
fn unit(metric: Metric, word: &str) -> Option<(f64, bool)> {
    let word = word.to_lowercase();
    if matches!(word.as_str(), "" | "none") {
        return Some((1.0, false));
    }
    let (name, per_second) = match word
        .strip_suffix("/second")
        .or_else(|| word.strip_suffix("/s"))
    {
        Some(name) => (name, true),
        None => (word.as_str(), false),
    };
    let among = |names: &[&str]| names.contains(&name).then_some(1.0);
    let scale = match metric {
        level if per_second && level.is_level() => None,
        Metric::Cpu | Metric::Memory => among(&["percent", "%", "percentage"]),
        Metric::NetworkIn
        | Metric::NetworkOut
        | Metric::DiskBytes
        | Metric::FreeMemory
        | Metric::MemoryBytes
        | Metric::MemoryRequest => BYTES
            .iter()
            .find(|(names, _)| names.contains(&name))
            .map(|(_, size)| *size),
        Metric::Cores | Metric::CpuRequest if matches!(name, "millicores" | "m") => Some(0.001),
        Metric::Cores | Metric::CpuRequest => among(&["cores", "core", "cpu"]),
        Metric::DiskOps | Metric::Connections | Metric::Pods | Metric::Autoscaled => {
            among(&["count", "operations", "ops"])
        }
    };
    scale.map(|scale| (scale, per_second))
}

/// Whole seconds; empty is 0, not known.
fn period(word: &str) -> Option<u32> {
    if word.is_empty() {
        Some(0)
    } else {
        word.parse().ok().filter(|&seconds| seconds > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words<'a>(metric: &'a str, statistic: &'a str, unit: &'a str) -> Words<'a> {
        Words {
            metric,
            statistic,
            unit,
            period: "",
        }
    }

    fn reading(metric: &str, statistic: &str, unit: &str) -> Reading {
        match meaning(words(metric, statistic, unit)) {
            Ok(Meaning::Known(reading)) => reading,
            other => panic!("{metric}: {other:?}"),
        }
    }

    #[test]
    fn agents_and_clouds_name_one_metric_differently() {
        for name in ["CPUUtilization", "cpu", "cpu_percent", "Percentage CPU"] {
            assert_eq!(reading(name, "", "").metric, Metric::Cpu, "{name}");
        }
        for name in [
            "mem_used_percent",
            "MemoryUtilization",
            "Memory % Committed Bytes In Use",
            "memory",
        ] {
            assert_eq!(
                reading(name, "", "Percent").metric,
                Metric::Memory,
                "{name}"
            );
        }
    }

    #[test]
    fn statistics_that_nobody_reads_are_unknown_by_name() {
        assert_eq!(reading("cpu", "", "").statistic, Statistic::Average);
        assert_eq!(reading("cpu", "p99.5", "").statistic, Statistic::P99);
        for statistic in ["Minimum", "p90", "SampleCount", "pNaN"] {
            let unknown = Meaning::Unknown(format!("cpu ({statistic})"));
            assert_eq!(meaning(words("cpu", statistic, "")), Ok(unknown));
        }
        assert_eq!(
            meaning(words("StatusCheckFailed", "", "Count")),
            Ok(Meaning::Unknown("StatusCheckFailed".to_owned()))
        );
    }

    #[test]
    fn units_are_converted_or_refused_never_ignored() {
        assert!((reading("NetworkIn", "", "Kilobytes").scale - 1000.0).abs() < f64::EPSILON);
        assert!(reading("NetworkIn", "", "Bytes/Second").per_second);
        assert!(reading("ReadIOPS", "", "Count/Second").per_second);
        assert!(matches!(
            meaning(words("cpu", "", "Kilobytes")),
            Err(Misfit::Unit(_))
        ));
        let words = Words {
            period: "5m",
            ..words("cpu", "", "")
        };
        assert!(matches!(meaning(words), Err(Misfit::Period(_))));
    }

    #[test]
    fn columns_of_wide_tables_name_metric_and_statistic() {
        for (name, found) in [
            ("CPUUtilization", ("cpuutilization", "")),
            ("cpu_max", ("cpu", "Maximum")),
            ("Percentage CPU (Average)", ("percentagecpu", "Average")),
            ("memory p99.5", ("memory", "p99.5")),
            ("Network In Total", ("networkintotal", "")),
            ("NetworkIn.sum", ("networkin", "Sum")),
        ] {
            assert_eq!(column(name), Some((found.0.to_owned(), found.1)), "{name}");
        }
        assert_eq!((column("region"), column("max")), (None, None));
    }

    proptest::proptest! {
        #[test]
        fn plain_numbers_are_those_of_the_full_parser(text in "[0-9]{0,9}[.]?[0-9]{0,8}") {
            if let Some(number) = plain(text.as_bytes()) {
                proptest::prop_assert_eq!(Ok(number), text.parse());
            }
        }
    }

    #[test]
    fn no_name_stands_for_two_metrics() {
        for (index, row) in METRICS.iter().enumerate() {
            assert!(
                METRICS[index + 1..].iter().all(|other| other.0 != row.0),
                "{}",
                row.0
            );
            assert_eq!(normal(row.0), row.0);
        }
    }
}
