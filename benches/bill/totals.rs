//! The known totals of a bill: exact sums by month and service, to check a run's reports against.

use super::Fault;
use super::amount::sum_text;
use super::line::Line;
use std::collections::BTreeMap;
use std::path::Path;

/// Sums of the lines of one file, by service: unblended and billed, in units of 10⁻¹⁰.
#[derive(Default)]
pub(super) struct Sums<'a> {
    services: BTreeMap<&'a str, [i128; 2]>,
    rows: u64,
}

impl<'a> Sums<'a> {
    pub(super) fn add(&mut self, line: &Line<'a>) {
        self.rows += 1;
        let sums = self.services.entry(line.service()).or_default();
        sums[0] += i128::from(line.cost);
        sums[1] += i128::from(line.billed());
    }
}

/// Sums by month and service, in units of 10⁻¹⁰: the unblended cost, and what of it is billed (without
/// usage under savings plans and its negation).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    sums: BTreeMap<String, BTreeMap<String, [i128; 2]>>,
    pub(crate) rows: u64,
}

impl Totals {
    /// The totals of one month.
    pub(super) fn of(month: &str, sums: &Sums) -> Totals {
        let services = sums
            .services
            .iter()
            .map(|(service, sums)| ((*service).to_owned(), *sums));
        Totals {
            sums: BTreeMap::from([(month.to_owned(), services.collect())]),
            rows: sums.rows,
        }
    }

    pub(super) fn merge(mut self, other: Totals) -> Totals {
        self.rows += other.rows;
        for (month, services) in other.sums {
            for (service, more) in services {
                let sums = self
                    .sums
                    .entry(month.clone())
                    .or_default()
                    .entry(service)
                    .or_default();
                sums[0] += more[0];
                sums[1] += more[1];
            }
        }
        self
    }

    /// These totals with the months of another bill in place of the same months here.
    pub(crate) fn restated(mut self, other: Totals) -> Totals {
        self.sums.extend(other.sums);
        self
    }

    /// Billed cost by month and service, in units of 10⁻¹⁰.
    pub(crate) fn billed(&self) -> BTreeMap<(String, String), i128> {
        let one = |(month, services): (&String, &BTreeMap<String, [i128; 2]>)| {
            let month = month.clone();
            services
                .iter()
                .map(move |(service, sums)| ((month.clone(), service.clone()), sums[1]))
                .collect::<Vec<_>>()
        };
        self.sums.iter().flat_map(one).collect()
    }

    /// Writes `Month,ServiceName,UnblendedCost,BilledCost`, one file at once.
    pub(super) fn save(&self, path: &Path) -> Result<(), Fault> {
        let part = path.with_extension("part");
        let mut writer = csv::Writer::from_path(&part)?;
        writer.write_record([
            "Month",
            "ServiceName",
            "UnblendedCost",
            "BilledCost",
            "Rows",
        ])?;
        for (month, services) in &self.sums {
            for (service, [unblended, billed]) in services {
                writer.write_record([
                    month,
                    service,
                    &sum_text(*unblended),
                    &sum_text(*billed),
                    "",
                ])?;
            }
        }
        writer.write_record(["", "(all)", "", "", &self.rows.to_string()])?;
        writer.flush()?;
        Ok(std::fs::rename(part, path)?)
    }

    /// Reads what `save` wrote.
    pub(super) fn load(path: &Path) -> Result<Totals, Fault> {
        let mut totals = Totals::default();
        for record in csv::Reader::from_path(path)?.records() {
            let record = record?;
            let cell = |at: usize| record.get(at).unwrap_or_default();
            if cell(0).is_empty() {
                totals.rows = cell(4).parse()?;
            } else {
                let services = totals.sums.entry(cell(0).to_owned()).or_default();
                services.insert(cell(1).to_owned(), [read_sum(cell(2))?, read_sum(cell(3))?]);
            }
        }
        Ok(totals)
    }
}

/// Reads a plain decimal in units of 10⁻¹⁰; more decimals than ten must be zeros.
pub(crate) fn read_sum(text: &str) -> Result<i128, Fault> {
    let wrong = || format!("not an amount: `{text}`");
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or((1, text), |digits| (-1, digits));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let (kept, rest) = decimals.split_at(decimals.len().min(10));
    if rest.bytes().any(|b| b != b'0') {
        return Err(wrong().into());
    }
    let units: i128 = format!("{whole}{kept:0<10}").parse().map_err(|_| wrong())?;
    Ok(sign * units)
}
