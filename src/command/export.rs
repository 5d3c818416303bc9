//! `export focus`: every charge of the lake as FOCUS, one file per source and billing month.
//!
//! What the specification demands and a provider left out is filled in by `queries/focus/export.sql`; here is
//! only what SQL cannot say exactly: unit prices, which must multiply to the cost. No cost is changed.

use super::night;
use super::plan::Plan;
use super::run;
use crate::cli::{ExportArgs, FileFormat, FocusVersion, LogFormat, RunArgs};
use crate::engine;
use crate::engine::facts::{self, PeriodFacts};
use crate::error::{Error, Result};
use crate::focus::{ADDED_IN_1_1, ADDED_IN_1_2, COLUMNS, FocusFrame, Kind};
use crate::lake::{Input, Lake};
use crate::money;
use crate::period::Month;
use crate::report::focus_files::FocusFiles;
use crate::report::table::{Cell, Table};
use chrono::NaiveDate;
use polars::prelude::*;
use std::collections::BTreeMap;

const SQL: &str = include_str!("../../queries/focus/export.sql");

/// Charges in memory at a time.
const SLICE: u32 = 50_000;

/// The service categories of FOCUS 1.2; what is none of them is `Other`.
const CATEGORIES: [&str; 19] = [
    "AI and Machine Learning",
    "Analytics",
    "Business Applications",
    "Compute",
    "Databases",
    "Developer Tools",
    "Identity",
    "Integration",
    "Internet of Things",
    "Management and Governance",
    "Media",
    "Migration",
    "Mobile",
    "Multicloud",
    "Networking",
    "Other",
    "Security",
    "Storage",
    "Web",
];

/// Writes the charges of every source and billing month.
pub(super) fn focus(args: &ExportArgs, clock: NaiveDate) -> Result<()> {
    run::speak(args.quiet, LogFormat::Text);
    let mut plan = Plan::new(&run_args(args), clock)?;
    plan.inventory.clear();
    plan.usage.clear();
    let lake = Lake::open(&plan.lake)?;
    let night = night::fill(&lake, &plan)?;
    let units = units()?;
    for source in &night.sources {
        let own: Vec<&PeriodFacts> = night
            .facts
            .iter()
            .filter(|(name, _)| *name == source.name)
            .map(|(_, facts)| facts)
            .collect();
        let services = primary_categories(&own)?;
        for facts in own {
            let export = Export {
                lake: &lake,
                facts,
                inputs: &source.inputs,
                services: services.clone(),
                units: units.clone(),
                columns: columns(args.version),
            };
            let folder = plan.out.join("focus").join(&source.name);
            export.write(&folder, args.file_format)?;
        }
    }
    Ok(())
}

fn run_args(args: &ExportArgs) -> RunArgs {
    RunArgs {
        bills: args.bills.clone(),
        config: args.config.clone(),
        out: args.out.clone(),
        lake: args.lake.clone(),
        period: args.period.clone(),
        today: args.today,
        format: args.format.clone(),
        engine: "polars".to_owned(),
        ..RunArgs::default()
    }
}

/// The columns of a version, in order, then our own.
fn columns(version: FocusVersion) -> Vec<&'static str> {
    let has = |name: &&str| {
        (version >= FocusVersion::V1_1 || !ADDED_IN_1_1.contains(name))
            && (version >= FocusVersion::V1_2 || !ADDED_IN_1_2.contains(name))
    };
    COLUMNS.iter().map(|(name, _)| *name).filter(has).collect()
}

/// One source and billing month on its way out.
struct Export<'a> {
    lake: &'a Lake,
    facts: &'a PeriodFacts,
    inputs: &'a BTreeMap<String, Input>,
    services: LazyFrame,
    units: LazyFrame,
    columns: Vec<&'static str>,
}

impl Export<'_> {
    fn write(&self, folder: &std::path::Path, format: FileFormat) -> Result<()> {
        let month = self.facts.period.month();
        let mut files = FocusFiles::create(
            folder,
            &month.to_string(),
            format != FileFormat::Csv,
            format != FileFormat::Parquet,
        )?;
        let mut rows = 0;
        for part in facts::charges(self.lake, self.facts)? {
            for slice in facts::slices(part, SLICE) {
                let charges = self.published(slice?, month)?;
                rows += charges.height();
                files.write(&charges)?;
            }
        }
        for path in files.finish()? {
            tracing::info!("{}: {rows} charges", path.display());
        }
        Ok(())
    }

    /// Charges as FOCUS publishes them.
    fn published(&self, slice: DataFrame, month: Month) -> Result<DataFrame> {
        let fault = |e: PolarsError| Error::data(e.to_string());
        let charges = slice.lazy().with_columns([
            first_moment(month).alias("BillingPeriodStart"),
            first_moment(month.next()).alias("BillingPeriodEnd"),
        ]);
        let tables = [
            ("focus", charges),
            ("services", self.services.clone()),
            ("units", self.units.clone()),
        ];
        let mapped = engine::query("queries/focus/export.sql", SQL, &tables)?;
        let charges = FocusFrame::new(&mapped)?;
        let mut replaced = unit_prices(charges.frame()).map_err(fault)?;
        replaced.push(self.source_file(charges.frame()).map_err(fault)?);
        let charges = charges.with(replaced)?;
        charges
            .frame()
            .select(self.columns.iter().copied())
            .map_err(fault)
    }

    /// The file each charge stands in, as the user named it, instead of the lake's key for it.
    fn source_file(&self, charges: &DataFrame) -> PolarsResult<Column> {
        let keys = charges.column("x_SourceFile")?.str()?;
        let path = |key: &str| self.inputs.get(key).map(|input| input.path.as_str());
        let paths: StringChunked = keys.iter().map(|key| key.and_then(path)).collect();
        Ok(paths.into_column().with_name("x_SourceFile".into()))
    }
}

fn first_moment(month: Month) -> Expr {
    let first = month.first_day().and_time(chrono::NaiveTime::MIN);
    lit(first.and_utc().timestamp_micros()).cast(Kind::Time.data_type())
}

/// Units as providers write them, and as FOCUS does.
fn units() -> Result<LazyFrame> {
    let pairs = include_str!("../../queries/focus/units.csv")
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','));
    let (units, names): (Vec<&str>, Vec<&str>) = pairs.unzip();
    let frame = df!("Unit" => units, "FocusUnit" => names);
    Ok(frame.map_err(|e| Error::data(e.to_string()))?.lazy())
}

/// One category for every service: the one of its main purpose. Storage and traffic of a service are on its
/// bill under categories of their own, so they yield to any other; then the one with most charges wins.
fn primary_categories(own: &[&PeriodFacts]) -> Result<LazyFrame> {
    let facts: Vec<PeriodFacts> = own.iter().map(|facts| (*facts).clone()).collect();
    let mut best: BTreeMap<String, (u8, i64, String)> = BTreeMap::new();
    if !facts.is_empty() {
        let sql = include_str!("../../queries/analysis/service_shares.sql");
        let held = facts::table(&facts, "charges_monthly")?;
        let shares = engine::query(
            "queries/analysis/service_shares.sql",
            sql,
            &[("charges_monthly", held)],
        )?;
        for row in Table::of_frame(&shares)?.rows {
            let [
                Cell::Text(service),
                Cell::Text(category),
                Cell::Count(charges),
            ] = row.as_slice()
            else {
                continue;
            };
            let category = allowed(category);
            let rank = (yields(category), -charges, category.to_owned());
            match best.get_mut(service) {
                Some(known) if *known <= rank => {}
                Some(known) => *known = rank,
                None => drop(best.insert(service.clone(), rank)),
            }
        }
    }
    let (services, categories): (Vec<String>, Vec<String>) = best
        .into_iter()
        .map(|(service, (_, _, category))| (service, category))
        .unzip();
    let frame = df!("Service" => services, "PrimaryCategory" => categories);
    Ok(frame.map_err(|e| Error::data(e.to_string()))?.lazy())
}

fn allowed(category: &str) -> &'static str {
    let known = CATEGORIES.iter().find(|known| **known == category);
    known.copied().unwrap_or("Other")
}

fn yields(category: &str) -> u8 {
    match category {
        "Storage" => 1,
        "Networking" => 2,
        "Other" => 3,
        _ => 0,
    }
}

/// The unit prices that hold: price times quantity is the cost to the last digit. Where a provider states
/// none, it is the cost by the quantity if that divides without rest.
fn unit_prices(charges: &DataFrame) -> PolarsResult<Vec<Column>> {
    let decimal =
        |name: &str| Ok::<_, PolarsError>(charges.column(name)?.decimal()?.physical().clone());
    let text = |name: &str| charges.column(name)?.str().cloned();
    let quantities = decimal("PricingQuantity")?;
    let (currencies, priced) = (text("BillingCurrency")?, text("PricingCurrency")?);
    let mut columns = Vec::new();
    for (price, cost) in [
        ("ListUnitPrice", "ListCost"),
        ("ContractedUnitPrice", "ContractedCost"),
    ] {
        let (given, costs) = (decimal(price)?, decimal(cost)?);
        let held: Int128Chunked = given
            .iter()
            .zip(quantities.iter())
            .zip(costs.iter())
            .map(|((price, quantity), cost)| unit_price(price, quantity?, cost?))
            .collect_ca(price.into());
        let name = format!("PricingCurrency{price}");
        let same: Int128Chunked = currencies
            .iter()
            .zip(priced.iter())
            .zip(held.iter().zip(decimal(&name)?.iter()))
            .map(|((billed, priced), (held, own))| if billed == priced { held } else { own })
            .collect_ca(name.as_str().into());
        for column in [held, same] {
            columns.push(
                column
                    .into_decimal_unchecked(money::PRECISION, money::SCALE)
                    .into_column(),
            );
        }
    }
    Ok(columns)
}

/// All in units of 10⁻¹².
fn unit_price(price: Option<i128>, quantity: i128, cost: i128) -> Option<i128> {
    let scaled = cost.checked_mul(10i128.pow(12))?;
    match price {
        Some(price) => (price.checked_mul(quantity)? == scaled).then_some(price),
        None if quantity == 0 || scaled % quantity != 0 => None,
        None => Some(scaled / quantity).filter(|price| (0..10i128.pow(26)).contains(price)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: i128 = 1_000_000_000_000;

    #[test]
    fn a_unit_price_holds_to_the_last_digit_or_is_not_given() {
        assert_eq!(unit_price(Some(2 * ONE), 3 * ONE, 6 * ONE), Some(2 * ONE));
        assert_eq!(unit_price(Some(2 * ONE), 3 * ONE, 6 * ONE + 1), None);
        assert_eq!(unit_price(None, 4 * ONE, ONE), Some(ONE / 4));
        assert_eq!(unit_price(None, 3 * ONE, ONE), None);
        assert_eq!(unit_price(None, 0, ONE), None);
        assert_eq!(unit_price(None, ONE, -ONE), None);
    }

    #[test]
    fn every_column_of_a_charge_is_exported() {
        for (name, _) in COLUMNS {
            assert!(
                SQL.contains(&format!(" AS {name},")) || SQL.contains(&format!(" AS {name}\n")),
                "queries/focus/export.sql leaves out `{name}`"
            );
        }
    }

    #[test]
    fn older_versions_have_fewer_columns() {
        let count = |version| {
            let own = |name: &&&str| !name.starts_with("x_");
            columns(version).iter().filter(own).count()
        };
        assert_eq!(
            [FocusVersion::V1_0, FocusVersion::V1_1, FocusVersion::V1_2].map(count),
            [43, 50, 57]
        );
    }
}
