//! AWS Compute Optimizer's export CSV: what it found, advises and measured. Its columns are the user's choice, so
//! each is looked up by name in any case and may be missing. As a metrics file it holds one maximum of the whole
//! lookback per resource. It takes no advice over as our own.

use super::gather::Gathered;
use super::instant;
use super::metrics::Scan;
use super::open;
use super::rows::{self, Row};
use super::table::shown;
use crate::error::{Error, Result};
use crate::money::Money;
use std::path::Path;

/// What a row says about one resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Advice {
    /// `accountId`.
    pub account: String,
    /// The resource's ARN as printed.
    pub resource: String,
    /// Name for people.
    pub name: String,
    /// What it is now: an instance type, `gp2 80 GB`, `1024 MB`.
    pub current: String,
    /// `OVER_PROVISIONED`, `NotOptimized`, … as printed.
    pub finding: String,
    /// Reason codes that are true, without their prefix: `CPUOverprovisioned`.
    pub reasons: Vec<String>,
    /// Days looked at.
    pub lookback_days: Option<f64>,
    /// Unix second of the judgement.
    pub refreshed: Option<i64>,
    /// What was measured over the lookback.
    pub measured: Vec<Measured>,
    /// Its options, best first; none where it has nothing to offer.
    pub options: Vec<Offer>,
    /// Why it could not judge.
    pub error: Option<String>,
    /// Line of the file.
    pub line: u64,
}

/// One figure of `utilizationMetrics_…`.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// `CPU`, `NETWORK_IN_BYTES_PER_SECOND`, ….
    pub metric: String,
    /// `MAXIMUM` or another.
    pub statistic: String,
    /// Percent for CPU and memory, else what the name says.
    pub value: f64,
}

/// One option of a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offer {
    /// What it would become: an instance type, `gp3 50 GB`, `848 MB`.
    pub target: String,
    /// 0 to 4.
    pub performance_risk: Option<f64>,
    /// `VeryLow`, `Low`, `Medium`, `High`, or empty.
    pub migration_effort: String,
    /// Estimated saving per month; unknown where the export has none.
    pub monthly_savings: Option<Money>,
    /// The same net of reservations and savings plans, where the export has it.
    pub savings_after_discounts: Option<Money>,
    /// Currency of the saving, empty where the export does not say.
    pub currency: String,
}

/// Metrics of the export, in the words of [`super::measure`]: name, metric, unit.
const METRICS: &[(&str, &str, &str)] = &[
    ("CPU", "cpu", "Percent"),
    ("MEMORY", "memory", "Percent"),
    ("NETWORK_IN_BYTES_PER_SECOND", "NetworkIn", "Bytes/Second"),
    ("NETWORK_OUT_BYTES_PER_SECOND", "NetworkOut", "Bytes/Second"),
    ("EBS_READ_OPS_PER_SECOND", "EBSReadOps", "Count/Second"),
    ("EBS_WRITE_OPS_PER_SECOND", "EBSWriteOps", "Count/Second"),
    ("EBS_READ_BYTES_PER_SECOND", "EBSReadBytes", "Bytes/Second"),
    (
        "EBS_WRITE_BYTES_PER_SECOND",
        "EBSWriteBytes",
        "Bytes/Second",
    ),
    ("DISK_READ_OPS_PER_SECOND", "DiskReadOps", "Count/Second"),
    ("DISK_WRITE_OPS_PER_SECOND", "DiskWriteOps", "Count/Second"),
    (
        "DISK_READ_BYTES_PER_SECOND",
        "DiskReadBytes",
        "Bytes/Second",
    ),
    (
        "DISK_WRITE_BYTES_PER_SECOND",
        "DiskWriteBytes",
        "Bytes/Second",
    ),
    (
        "VOLUME_READ_OPS_PER_SECOND",
        "VolumeReadOps",
        "Count/Second",
    ),
    (
        "VOLUME_WRITE_OPS_PER_SECOND",
        "VolumeWriteOps",
        "Count/Second",
    ),
    (
        "VOLUME_READ_BYTES_PER_SECOND",
        "VolumeReadBytes",
        "Bytes/Second",
    ),
    (
        "VOLUME_WRITE_BYTES_PER_SECOND",
        "VolumeWriteBytes",
        "Bytes/Second",
    ),
    ("DATABASE_CONNECTIONS", "Connections", "Count"),
];

/// True for the beginning of such an export.
pub(super) fn is_export(head: &[u8]) -> bool {
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let header = String::from_utf8_lossy(line).to_lowercase();
    header.contains("finding")
        && [
            "recommendationoptions_1_",
            "recommendations_count",
            "utilizationmetrics_",
        ]
        .iter()
        .any(|mark| header.contains(mark))
}

/// The rows of an export file, plain or gzip, in its order.
pub fn read(path: &Path) -> Result<Vec<Advice>> {
    advice(path, &open::read_all(path, open::open(path)?)?)
}

pub(super) fn advice(path: &Path, text: &[u8]) -> Result<Vec<Advice>> {
    let mut header: Option<Vec<String>> = None;
    let mut advice = Vec::new();
    rows::each(path, text, &mut |row| {
        if let Some(header) = &header {
            advice.push(advice_of(path, header, row)?);
        } else {
            let names = row.fields.iter().map(|name| String::from_utf8_lossy(name));
            header = Some(names.map(|name| name.trim().to_lowercase()).collect());
        }
        Ok(())
    })?;
    Ok(advice)
}

/// The maxima of an export as measurements: one sample that stands for the whole lookback.
pub(super) fn scan(path: &Path, text: &[u8]) -> Result<Scan> {
    let mut gathered = Gathered::default();
    for row in advice(path, text)? {
        let days = row
            .lookback_days
            .filter(|days| (1.0..=400.0).contains(days));
        for one in &row.measured {
            let known = METRICS.iter().find(|known| known.0 == one.metric);
            let (Some((_, metric, unit)), Some(days), Some(end)) = (known, days, row.refreshed)
            else {
                let why = if known.is_some() {
                    " (without lookBackPeriodInDays or lastRefreshTimestamp_UTC)"
                } else {
                    ""
                };
                gathered.unread(&format!("utilizationMetrics_{}{why}", one.metric));
                continue;
            };
            #[allow(clippy::cast_possible_truncation, reason = "at most 400 days")]
            let period = (days * 86_400.0) as i64;
            let words = [*metric, one.statistic.as_str(), *unit, &period.to_string()];
            gathered
                .measurement(&row.resource, words, end - period, one.value)
                .map_err(|what| Error::data(what).at_line(path, row.line, 0))?;
        }
    }
    Ok(gathered.finish())
}

/// A row by its header, in lower case.
struct Cells<'a> {
    path: &'a Path,
    header: &'a [String],
    row: &'a Row<'a>,
}

impl Cells<'_> {
    /// The first of these columns that is there and filled.
    fn text(&self, names: &[&str]) -> String {
        let of = |name: &&str| {
            let at = self.header.iter().position(|found| found == name)?;
            let text = String::from_utf8_lossy(self.row.fields[at]);
            let text = text.trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        names.iter().find_map(of).unwrap_or_default()
    }

    fn wrong(&self, name: &str, text: &str, what: &str) -> Error {
        let at = self.header.iter().position(|found| found == name);
        let column = at.map_or(0, |at| at as u64 + 1);
        Error::data(format!("{} is {what}", shown(text.as_bytes()))).at_line(
            self.path,
            self.row.line,
            column,
        )
    }

    fn number(&self, name: &str) -> Result<Option<f64>> {
        let text = self.text(&[name]);
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        match number {
            None if !text.is_empty() => Err(self.wrong(name, &text, "no number")),
            number => Ok(number),
        }
    }

    fn amount(&self, name: &str) -> Result<Option<Money>> {
        let text = self.text(&[name]);
        match Money::parse(text.as_bytes()).ok() {
            None if !text.is_empty() => Err(self.wrong(name, &text, "no amount")),
            amount => Ok(amount),
        }
    }

    fn instant(&self, name: &str) -> Result<Option<i64>> {
        let text = self.text(&[name]);
        match instant::seconds(text.as_bytes()) {
            None if !text.is_empty() => Err(self.wrong(name, &text, "no instant")),
            time => Ok(time),
        }
    }

    /// Type and size, as far as the columns below this prefix tell.
    fn shape(&self, prefix: &str) -> String {
        let of = |name: &str| self.text(&[&format!("{prefix}{name}")]);
        let (volume, size, memory) = (of("volumetype"), of("volumesize"), of("memorysize"));
        match (volume.is_empty(), size.is_empty(), memory.is_empty()) {
            (false, false, _) => format!("{volume} {size} GB"),
            (false, true, _) => volume,
            (true, _, false) => format!("{memory} MB"),
            _ => String::new(),
        }
    }
}

fn advice_of(path: &Path, header: &[String], row: &Row<'_>) -> Result<Advice> {
    let cells = Cells { path, header, row };
    let resource = cells.text(&[
        "instancearn",
        "volumearn",
        "functionarn",
        "resourcearn",
        "autoscalinggrouparn",
    ]);
    if resource.is_empty() {
        return Err(Error::data("the row has no ARN")
            .at_line(path, row.line, 0)
            .hint("export with the field instanceArn, volumeArn or functionArn"));
    }
    let own = cells.text(&[
        "currentinstancetype",
        "currentconfiguration_instancetype",
        "currentdbinstanceclass",
    ]);
    let shape = cells.shape("currentconfiguration_");
    let error = cells.text(&["errormessage", "errorcode"]);
    Ok(Advice {
        account: cells.text(&["accountid"]),
        resource,
        name: cells.text(&["instancename"]),
        // A volume's row names the machine's type too.
        current: if shape.is_empty() { own } else { shape },
        finding: cells.text(&["finding", "instancefinding"]),
        reasons: reasons(&cells),
        lookback_days: cells.number("lookbackperiodindays")?,
        refreshed: cells.instant("lastrefreshtimestamp_utc")?,
        measured: measured(&cells)?,
        options: offers(&cells)?,
        error: (!error.is_empty()).then_some(error),
        line: row.line,
    })
}

/// The codes whose column says true. Names are lower-case here: the code is spelled as AWS does.
fn reasons(cells: &Cells<'_>) -> Vec<String> {
    const PARTS: [&str; 10] = [
        "CPU",
        "Memory",
        "EBSThroughput",
        "EBSIOPS",
        "NetworkBandwidth",
        "NetworkPPS",
        "DiskIOPS",
        "DiskThroughput",
        "GPU",
        "GPUMemory",
    ];
    let codes = PARTS.iter().flat_map(|part| {
        ["Overprovisioned", "Underprovisioned"].map(|side| format!("{part}{side}"))
    });
    let told = |code: &String| {
        let column = format!("findingreasoncodes_is{}", code.to_lowercase());
        cells.text(&[&column]).eq_ignore_ascii_case("true")
    };
    codes.filter(told).collect()
}

fn measured(cells: &Cells<'_>) -> Result<Vec<Measured>> {
    let mut found = Vec::new();
    for name in cells.header {
        let split = name
            .strip_prefix("utilizationmetrics_")
            .and_then(|rest| rest.rsplit_once('_'));
        let Some((metric, statistic)) = split else {
            continue;
        };
        if let Some(value) = cells.number(name)? {
            found.push(Measured {
                metric: metric.to_uppercase(),
                statistic: statistic.to_uppercase(),
                value,
            });
        }
    }
    Ok(found)
}

fn offers(cells: &Cells<'_>) -> Result<Vec<Offer>> {
    let mut offers = Vec::new();
    for rank in 1..=9 {
        let prefix = format!("recommendationoptions_{rank}_");
        let name = |field: &str| format!("{prefix}{field}");
        let own = cells.text(&[
            &name("instancetype"),
            &name("configuration_instancetype"),
            &name("dbinstanceclass"),
        ]);
        let target = if own.is_empty() {
            cells.shape(&name("configuration_"))
        } else {
            own
        };
        if target.is_empty() {
            continue;
        }
        let after = |field: &str| name(&format!("estimatedmonthlysavingsafterdiscounts_{field}"));
        offers.push(Offer {
            target,
            performance_risk: cells.number(&name("performancerisk"))?,
            migration_effort: cells.text(&[&name("migrationeffort")]),
            monthly_savings: cells.amount(&name("estimatedmonthlysavings_value"))?,
            savings_after_discounts: cells.amount(&after("value"))?,
            currency: cells.text(&[
                &name("estimatedmonthlysavings_currency"),
                &after("currency"),
            ]),
        });
    }
    Ok(offers)
}

#[cfg(test)]
mod tests {
    use super::super::metrics::settle;
    use super::*;
    use crate::resource::{Metric, Statistic};

    const TEXT: &str = "accountId,instanceArn,instanceName,finding,findingReasonCodes_isCPUOverprovisioned,lookBackPeriodInDays,\
        currentInstanceType,utilizationMetrics_CPU_MAXIMUM,utilizationMetrics_MEMORY_MAXIMUM,utilizationMetrics_NETWORK_IN_BYTES_PER_SECOND_MAXIMUM,\
        utilizationMetrics_GPU_MAXIMUM,recommendationOptions_1_instanceType,recommendationOptions_1_performanceRisk,\
        recommendationOptions_1_estimatedMonthlySavings_value,recommendationOptions_1_estimatedMonthlySavings_currency,recommendations_count,lastRefreshTimestamp_UTC\n\
        1,arn:aws:ec2:eu-west-1:1:instance/i-0AB,\"web, 1\",OVER_PROVISIONED,true,14.0,m5.xlarge,21.5,,1000,3,m5.large,1.0,33.79,USD,1,2026-03-15T00:00:00Z\n";

    #[test]
    fn maxima_are_samples_of_the_whole_lookback() {
        assert!(is_export(TEXT.as_bytes()));
        let scan = scan(Path::new("co.csv"), TEXT.as_bytes()).unwrap();
        assert_eq!(scan.unknown["utilizationMetrics_GPU"], 1);
        let usage = settle(vec![scan]).usage;
        let two_weeks = 14 * 86_400;
        assert_eq!(
            (
                usage[0].resource.as_str(),
                usage[0].metric,
                usage[0].statistic,
                usage[0].period
            ),
            ("i-0ab", Metric::Cpu, Statistic::Maximum, two_weeks)
        );
        assert_eq!(
            usage[0].samples.iter().collect::<Vec<_>>(),
            [(1_772_323_200, 21.5)]
        );
        #[allow(clippy::cast_precision_loss, reason = "a small number")]
        let bytes = 1000.0 * two_weeks as f32;
        assert_eq!(usage[1].samples.iter().next(), Some((1_772_323_200, bytes)));
    }

    #[test]
    fn a_row_has_finding_reasons_and_options() {
        let advice = &advice(Path::new("co.csv"), TEXT.as_bytes()).unwrap()[0];
        let texts = [&advice.name, &advice.current, &advice.finding];
        assert_eq!(texts, ["web, 1", "m5.xlarge", "OVER_PROVISIONED"]);
        assert_eq!(
            (advice.reasons.join(","), advice.line),
            ("CPUOverprovisioned".to_owned(), 2)
        );
        let offer = &advice.options[0];
        assert_eq!(
            (
                offer.target.as_str(),
                offer.performance_risk,
                offer.currency.as_str()
            ),
            ("m5.large", Some(1.0), "USD")
        );
        assert_eq!(offer.monthly_savings, Money::parse(b"33.79").ok());
    }

    #[test]
    fn disks_and_functions_have_a_shape_instead_of_a_type() {
        let text = "volumeArn,currentConfiguration_instanceType,finding,currentConfiguration_volumeType,currentConfiguration_volumeSize,\
            recommendations_count,recommendationOptions_1_configuration_volumeType,recommendationOptions_1_estimatedMonthlySavings_value\n\
            arn:aws:ec2:us-west-2:1:volume/vol-1,m4.xlarge,NotOptimized,gp2,80,1,gp3,2.988E-04\n";
        let advice = &advice(Path::new("co.csv"), text.as_bytes()).unwrap()[0];
        assert_eq!(
            (advice.current.as_str(), advice.options[0].target.as_str()),
            ("gp2 80 GB", "gp3")
        );
        assert_eq!(
            advice.options[0].monthly_savings,
            Money::parse(b"0.0002988").ok()
        );
        let broken = text.replace("2.988E-04", "much");
        let error = super::advice(Path::new("co.csv"), broken.as_bytes()).unwrap_err();
        assert_eq!(
            (error.what(), error.place().map(|p| p.column)),
            ("\"much\" is no amount", Some(8))
        );
    }
}
