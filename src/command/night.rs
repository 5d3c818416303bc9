//! The night's data: the lake filled, the facts computed, inventory and metrics read.

use super::plan::Plan;
use super::{history, owner_names, owners, trust};
use crate::analysis::journal::Entry;
use crate::analysis::merging::Merges;
use crate::analysis::trust::Trust;
use crate::config::Tolerance;
use crate::engine::facts::{self, PeriodFacts};
use crate::error::{Error, Result};
use crate::focus::{FocusFrame, Kind};
use crate::inventory::{self, metrics};
use crate::lake::{Input, Lake, Period, Residue};
use crate::money::{self, Money};
use crate::period::Month;
use crate::report::csv::write_csv;
use crate::report::table::{Cell, Table};
use crate::resource::{Known, Resource, Usage};
use crate::source::{self, Source};
use polars::prelude::*;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;

/// Everything that reports are made of.
pub(super) struct Night {
    pub(super) sources: Vec<Source>,
    /// Facts of each period of each source, in their order.
    pub(super) facts: Vec<(String, PeriodFacts)>,
    /// How far each of them can be trusted, in their order.
    pub(super) trust: Vec<Trust>,
    pub(super) resources: Vec<Resource>,
    pub(super) usage: Vec<Usage>,
    /// Journal entries that earlier runs booked.
    pub(super) booked: Vec<Entry>,
    /// Spellings of tags that count as others, by the policy.
    pub(super) merges: Merges,
    /// What its reader was warned of while it was filled.
    pub(super) warned: Vec<String>,
    pub(super) times: Vec<(&'static str, Duration)>,
}

impl Night {
    /// One fact over all periods.
    pub(super) fn table(&self, name: &str) -> Result<LazyFrame> {
        let facts: Vec<PeriodFacts> = self.facts.iter().map(|(_, facts)| facts.clone()).collect();
        facts::table(&facts, name)
    }

    /// The billing months, oldest first.
    pub(super) fn months(&self) -> Vec<Month> {
        let mut months: Vec<Month> = self
            .facts
            .iter()
            .map(|(_, facts)| facts.period.month())
            .collect();
        months.sort();
        months.dedup();
        months
    }
}

/// Fills the lake and reads everything else beside it.
pub(super) fn fill(lake: &Lake, plan: &Plan) -> Result<Night> {
    let start = Instant::now();
    let (sources, rest) = rayon::join(|| sources(lake, plan), || read_rest(plan));
    let sources = sources.map_err(|e| source::as_named(lake, e))?;
    let (resources, usage, mut warned) = rest?;
    let ingest = start.elapsed();
    let mut wanted: Vec<(String, (Period, Option<DataFrame>))> = Vec::new();
    for source in &sources {
        for period in &source.periods {
            if plan
                .period
                .is_none_or(|wanted| wanted.months().contains(&period.month()))
            {
                let extra = residue_charges(&source.inputs, period)?;
                warned.extend(residue_note(&source.inputs, period));
                wanted.push((source.name.clone(), (period.clone(), extra)));
            }
        }
    }
    if wanted.is_empty() {
        return Err(
            Error::usage("no billing month of these bills lies in the period")
                .hint("leave --period out to see all months"),
        );
    }
    let (names, periods): (Vec<String>, Vec<_>) = wanted.into_iter().unzip();
    let facts = facts::facts(lake, &periods, &plan.engine)?;
    let times = vec![
        ("ingest", ingest),
        ("facts", start.elapsed().saturating_sub(ingest)),
    ];
    for warning in &warned {
        tracing::warn!("{warning}");
    }
    tell(&sources, &facts, plan);
    let mut night = Night {
        sources,
        trust: trust::judge(&facts, plan)?,
        facts: names.into_iter().zip(facts).collect(),
        resources,
        usage,
        booked: lake.kept("journal")?.unwrap_or_default(),
        merges: Merges::default(),
        warned,
        times,
    };
    owners::settle(&mut night, plan)?;
    owner_names::rename(&mut night, plan)?;
    Ok(night)
}

/// What the bills hold, or what they held on the day of an earlier run.
pub(super) fn sources(lake: &Lake, plan: &Plan) -> Result<Vec<Source>> {
    if let Some(day) = plan.as_of {
        return history::recall(lake, day);
    }
    let sources: Vec<Source> = plan
        .bills(lake)?
        .iter()
        .map(|(bill, files)| source::fill(lake, bill, files, &plan.owner_keys, &plan.engine))
        .collect::<Result<_>>()?;
    source::refuse_double_counts(&sources)?;
    for source in &sources {
        tolerate(lake, source, &plan.config.quarantine)?;
    }
    Ok(sources)
}

/// Inventory and metrics, and what of them nobody reads.
fn read_rest(plan: &Plan) -> Result<(Vec<Resource>, Vec<Usage>, Vec<String>)> {
    let read: Vec<Vec<Resource>> = plan
        .inventory
        .par_iter()
        .map(|path| inventory::read(path))
        .collect::<Result<_>>()?;
    let scans: Vec<metrics::Scan> = plan
        .usage
        .par_iter()
        // One by one: halves of the list would leave a hand idle at the end.
        .with_max_len(1)
        .map(|path| metrics::scan(path))
        .collect::<Result<_>>()?;
    let mut readings = metrics::settle(scans);
    let unread = readings.unknown.iter();
    let warned =
        unread.map(|(metric, rows)| format!("metrics: {rows} rows of `{metric}` are not used"));
    let warned = warned.collect();
    let resources = inventory::merge(read.into_iter().flatten().collect());
    name_by_inventory(&mut readings.usage, &resources);
    Ok((resources, readings.usage, warned))
}

/// Metrics may call a resource by another name than the inventory does; series stay sorted by resource.
fn name_by_inventory(usage: &mut [Usage], resources: &[Resource]) {
    let known = Known::of(resources);
    for series in usage.iter_mut() {
        series.resource = known.key(&series.resource);
    }
    usage.sort_by(|a, b| a.resource.cmp(&b.resource));
}

/// Rows set aside are tolerated up to the user's share and amount; the first one is the error's place.
fn tolerate(lake: &Lake, source: &Source, tolerance: &Tolerance) -> Result<()> {
    let rows: u64 = source.inputs.values().map(|input| input.rows).sum();
    let table = quarantine(std::slice::from_ref(source));
    if table.rows.is_empty() {
        return Ok(());
    }
    let folder = lake.root().join("quarantine");
    std::fs::create_dir_all(&folder).map_err(|e| Error::write(&folder, &e))?;
    let file = folder.join(format!("{}.csv", source.name));
    write_csv(&table, &file)?;
    let count = table.rows.len();
    let too_much = too_much(source, tolerance.max_amount);
    let few = is_tolerated(count, rows, tolerance.max_percent);
    if few && too_much.is_none() {
        tracing::warn!(
            "{}: {count} of {rows} rows could not be understood and are in quarantine.csv",
            source.name
        );
        return Ok(());
    }
    let first = source
        .inputs
        .values()
        .find_map(|input| input.set_aside.first().map(|row| (input, row)));
    let (input, row) = first.ok_or_else(|| Error::data("rows could not be understood"))?;
    let column = if row.name.is_empty() {
        String::new()
    } else {
        format!("`{}`: ", row.name)
    };
    let hint = match too_much {
        Some(why) if few => format!(
            "{count} of {rows} rows could not be understood, all in {}; {why} is more than `max_amount` under [quarantine] allows",
            file.display()
        ),
        _ => format!(
            "{count} of {rows} rows could not be understood, all in {}; to go on without them set `max_percent` under [quarantine]",
            file.display()
        ),
    };
    Err(
        Error::data(format!("{column}{}: {:?}", row.reason, row.text))
            .at_line(Path::new(&input.path), row.row, row.column)
            .hint(hint),
    )
}

/// What is beyond the amount that may be set aside, in words: a month whose rows add up to more, signs left
/// out, or a row whose amount nobody can read.
fn too_much(source: &Source, max_amount: Option<f64>) -> Option<String> {
    let most = Money::from_f64(max_amount?).ok()?;
    let mut sums: BTreeMap<(&str, &str), Money> = BTreeMap::new();
    for row in source.inputs.values().flat_map(|input| &input.set_aside) {
        let Some(amount) = amount(row.amount.as_deref()) else {
            return Some("a row without a readable amount".to_owned());
        };
        *sums.entry((&row.month, &row.currency)).or_default() += amount.abs();
    }
    let (month, sum) = sums.into_iter().find(|(_, sum)| *sum > most)?;
    Some(format!("{sum} {} in {}", month.1, month.0))
}

#[allow(clippy::cast_precision_loss, reason = "a share of rows")]
fn is_tolerated(count: usize, rows: u64, max_percent: f64) -> bool {
    max_percent > 0.0 && count as f64 * 100.0 <= max_percent * rows as f64
}

/// Every row set aside, as `quarantine.csv` has it.
pub(super) fn quarantine(sources: &[Source]) -> Table {
    let mut table = Table::new(&[
        "File",
        "Line",
        "Column",
        "Reason",
        "Text",
        "Amount",
        "BillingCurrency",
    ]);
    let mut inputs: Vec<&Input> = sources
        .iter()
        .flat_map(|source| source.inputs.values())
        .collect();
    inputs.sort_by(|a, b| a.path.cmp(&b.path));
    for input in inputs {
        for row in &input.set_aside {
            table.rows.push(vec![
                Cell::text(&input.path),
                Cell::Count(i64::try_from(row.row).unwrap_or(i64::MAX)),
                Cell::text(&row.name),
                Cell::text(&row.reason),
                Cell::text(&row.text),
                Cell::from(amount(row.amount.as_deref())),
                Cell::text(&row.currency),
            ]);
        }
    }
    table
}

pub(super) fn amount(text: Option<&str>) -> Option<Money> {
    text.and_then(|text| Money::parse(text.as_bytes()).ok())
}

/// What negation left over in a period, added up over its files.
pub(super) fn residues(
    inputs: &BTreeMap<String, Input>,
    period: &Period,
) -> BTreeMap<[String; 5], Money> {
    let mut sums: BTreeMap<[String; 5], Money> = BTreeMap::new();
    let own = period
        .inputs
        .iter()
        .filter_map(|key| inputs.get(key))
        .flat_map(|input| &input.residue);
    for residue in own.filter(|residue| residue.month == period.month) {
        let Residue {
            billing_account,
            currency,
            sub_account,
            commitment,
            invoice,
            ..
        } = residue.clone();
        *sums
            .entry([billing_account, currency, sub_account, commitment, invoice])
            .or_default() += amount(Some(&residue.amount)).unwrap_or_default();
    }
    sums.retain(|_, sum| *sum != Money::ZERO);
    sums
}

fn residue_note(inputs: &BTreeMap<String, Input>, period: &Period) -> Option<String> {
    let residues = residues(inputs, period);
    let sum: Money = residues.values().copied().sum();
    (!residues.is_empty()).then(|| {
        format!(
            "{} {}: savings plan negation leaves {sum} over; it is kept as an Adjustment",
            period.source, period.month
        )
    })
}

/// The residue of a period as Adjustment charges, so that the books still close.
pub(super) fn residue_charges(
    inputs: &BTreeMap<String, Input>,
    period: &Period,
) -> Result<Option<DataFrame>> {
    let residues = residues(inputs, period);
    if residues.is_empty() {
        return Ok(None);
    }
    let rows = residues.len();
    let text = |name: &str, at: usize| {
        Column::new(
            name.into(),
            residues
                .keys()
                .map(|key| key[at].clone())
                .collect::<Vec<_>>(),
        )
    };
    let invoices: Vec<Option<String>> = residues
        .keys()
        .map(|key| Some(key[4].clone()).filter(|invoice| !invoice.is_empty()))
        .collect();
    let same = |name: &str, value: &str| Column::new(name.into(), vec![value; rows]);
    let cost = |name: &str| {
        let units: Int128Chunked = residues
            .values()
            .map(|sum| Some(sum.units()))
            .collect_ca(name.into());
        units
            .into_decimal_unchecked(money::PRECISION, money::SCALE)
            .into_column()
    };
    let days = i32::try_from(
        period
            .month()
            .first_day()
            .signed_duration_since(chrono::NaiveDate::default())
            .num_days(),
    )
    .unwrap_or_default();
    let first = Column::new("day".into(), vec![days; rows]).cast(&Kind::Day.data_type());
    let first = first.map_err(|e| Error::data(e.to_string()))?;
    let moment = |name: &str| {
        first
            .cast(&Kind::Time.data_type())
            .map(|column| column.with_name(name.into()))
            .map_err(|e| Error::data(e.to_string()))
    };
    let columns = vec![
        text("BillingAccountId", 0),
        text("BillingCurrency", 1),
        text("SubAccountId", 2),
        text("CommitmentDiscountId", 3),
        Column::new("InvoiceId".into(), invoices),
        same("CommitmentDiscountCategory", "Spend"),
        same("CommitmentDiscountType", "Savings Plan"),
        same("ChargeCategory", "Adjustment"),
        same(
            "ChargeDescription",
            "What savings plan negation does not cancel",
        ),
        same("ProviderName", "AWS"),
        same("ServiceName", "Savings plan negation"),
        same("ServiceCategory", "Other"),
        same("x_BillingMonth", &period.month),
        same("x_ChargeMonth", &period.month),
        moment("BillingPeriodStart")?,
        moment("ChargePeriodStart")?,
        first.clone().with_name("x_ChargeDate".into()),
        cost("BilledCost"),
        cost("EffectiveCost"),
        cost("ListCost"),
        cost("ContractedCost"),
    ];
    let frame = DataFrame::new(rows, columns).map_err(|e| Error::data(e.to_string()))?;
    Ok(Some(FocusFrame::new(&frame)?.frame().clone()))
}

/// Says what was read and what was not.
pub(super) fn tell(sources: &[Source], facts: &[PeriodFacts], plan: &Plan) {
    for source in sources {
        let rows: u64 = source.inputs.values().map(|input| input.rows).sum();
        match source.files_read {
            _ if plan.as_of.is_some() => tracing::info!(
                "{}: as of {}, {rows} rows from the lake, no bill was looked at",
                source.name,
                plan.run_day()
            ),
            0 => tracing::info!(
                "{}: {} files unchanged, no line item was read",
                source.name,
                source.files
            ),
            read => tracing::info!(
                "{}: {read} of {} files read, {rows} rows in the lake",
                source.name,
                source.files
            ),
        }
        let mut notes: Vec<&String> = source
            .inputs
            .values()
            .flat_map(|input| &input.notes)
            .collect();
        notes.sort();
        notes.dedup();
        for note in notes {
            tracing::warn!("{}: {note}", source.name);
        }
    }
    let fresh = facts.iter().filter(|period| period.fresh).count();
    if fresh > 0 {
        tracing::info!("facts: {fresh} of {} billing months computed", facts.len());
    }
}
