//! One export onto a cluster: recognised here from its header, read, typed and mapped there. What comes back is what
//! the lake remembers of an input; its charges stay where they are.
//!
//! Rows that cannot be understood have no places on a cluster: an export with one is refused, not half read.

use super::beside::Beside;
use super::bind::{self, Binding};
use super::format::CellKind;
use super::ingest::{self, File};
use super::ledger::Ledger;
use super::open::{self, Packing};
use super::{Options, moment, parquet, store};
use crate::engine::spark::{At, Bill, Books, Cell, Cluster, Layout, place};
use crate::error::{Error, Result};
use crate::focus::COSTS;
use crate::lake::{Input, Lake, Part, Sketch};
use crate::money::Money;
use crate::period::Month;
use polars::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Mappings whose exports a cluster reads.
const READ: [&str; 2] = ["aws_cur", "focus"];

/// Reads one export on the cluster; of one whose charges the lake has, only how the cluster would read it.
pub(super) fn ingest(
    lake: &Lake,
    file: &File<'_>,
    options: &Options,
    cluster: &Cluster,
    known: Option<Input>,
) -> Result<Input> {
    let layout = open::layout(file.path)?;
    let binding = ingest::bind(file.path, file.named.format.as_deref())?;
    ingest::refuse_no_currency(file, &binding)?;
    let bill = bill(lake, file, options, &binding, layout)?;
    if let Some(known) = known {
        return Ok(Input {
            cluster: Some(bill.text()),
            ..known
        });
    }
    let sums = cluster.export_sums(&file.key, &bill)?;
    let export = Export::of(&sums, binding.has_invoices()).map_err(|e| engine(&e))?;
    export.refuse(file)?;
    let mut beside = Beside::default();
    beside.add(binding.family, &|name, _| {
        cluster.over_bill(&file.key, &bill, name)
    })?;
    let sums = cluster.accepted_sums(&file.key, &bill)?;
    let accepted = Accepted::of(&sums, binding.has_invoices()).map_err(|e| engine(&e))?;
    let one_in = export
        .ledger
        .rows()
        .div_ceil(Sketch::KEPT as u64)
        .next_power_of_two();
    let sample = cluster.sample(&file.key, &bill, one_in)?;
    let sketches = sketches(&sample, one_in).map_err(|e| engine(&e))?;
    Ok(record(
        file,
        &binding,
        (export, accepted),
        (beside, sketches),
        &bill,
    ))
}

fn record(
    file: &File<'_>,
    binding: &Binding,
    (mut export, mut accepted): (Export, Accepted),
    (beside, sketches): (Beside, BTreeMap<String, Sketch>),
    bill: &Bill,
) -> Input {
    let mut notes = ingest::absent(binding);
    notes.extend(ingest::unreadable(export.unreadable));
    let ledgers = [&mut accepted.ledger, &mut export.ledger];
    if ledgers.iter().any(|ledger| ledger.is_merged()) {
        ledgers.into_iter().for_each(Ledger::merge_invoices);
        notes.push(ingest::many_invoices());
    }
    let (residue, identity, changes) = beside.finish();
    let text = |(month, rows): (Month, u64)| Part {
        month: month.to_string(),
        rows,
    };
    Input {
        key: file.key.clone(),
        path: file.path.to_string_lossy().into_owned(),
        size: file.print.size,
        sha256: file.print.sha256.clone(),
        days: export.span.map(|(first, last)| {
            (
                moment::day(first).to_string(),
                moment::day(last).to_string(),
            )
        }),
        format: binding.format.to_owned(),
        rows: export.ledger.rows(),
        parts: accepted.rows.into_iter().map(text).collect(),
        export: export.ledger.totals(),
        accepted: accepted.ledger.totals(),
        changes,
        residue,
        identity,
        sketches,
        unreadable_tags: export.unreadable,
        accounts: (accepted.accounts.into_iter())
            .map(|(month, accounts)| (month.to_string(), accounts.into_iter().collect()))
            .collect(),
        notes,
        elsewhere: true,
        cluster: Some(bill.text()),
        ..Input::default()
    }
}

/// What an export adds up to before any mapping.
#[derive(Default)]
struct Export {
    ledger: Ledger,
    faults: u64,
    fault: Option<String>,
    unreadable: u64,
    span: Option<(i64, i64)>,
}

impl Export {
    fn of(sums: &DataFrame, has_invoices: bool) -> PolarsResult<Export> {
        let mut export = Export::default();
        let (faults, unreadable) = (counts(sums, "Faults")?, counts(sums, "Unreadable")?);
        let fault = sums.column("Fault")?.str()?.clone();
        let span = |name: &str| PolarsResult::Ok(sums.column(name)?.datetime()?.physical().clone());
        let (first, last) = (span("First")?, span("Last")?);
        add(&mut export.ledger, sums, has_invoices)?;
        for row in 0..sums.height() {
            export.faults += faults[row];
            export.unreadable += unreadable[row];
            let reason = fault.get(row).map(str::to_owned);
            export.fault = export.fault.take().into_iter().chain(reason).min();
            if let Some((first, last)) = first.get(row).zip(last.get(row)) {
                let (start, end) = export.span.unwrap_or((first, last));
                export.span = Some((start.min(first), end.max(last)));
            }
        }
        Ok(export)
    }

    fn refuse(&self, file: &File<'_>) -> Result<()> {
        if self.ledger.is_empty() {
            return Err(Error::data("the export has a header and no rows")
                .at(file.path)
                .hint("wait for the export to finish, or remove the file"));
        }
        let Some(reason) = self.fault.as_ref().filter(|_| self.faults > 0) else {
            return Ok(());
        };
        let (rows, all) = (self.faults, self.ledger.rows());
        Err(Error::data(format!(
            "{rows} of {all} rows cannot be read on the cluster; {reason}"
        ))
        .at(file.path)
        .hint("run without --engine: it sets such rows aside and says where they stand"))
    }
}

/// What its charges add up to after the mapping.
#[derive(Default)]
struct Accepted {
    ledger: Ledger,
    rows: BTreeMap<Month, u64>,
    accounts: BTreeMap<Month, BTreeSet<String>>,
}

impl Accepted {
    fn of(sums: &DataFrame, has_invoices: bool) -> PolarsResult<Accepted> {
        let mut accepted = Accepted::default();
        add(&mut accepted.ledger, sums, has_invoices)?;
        let accounts = sums.column("Account")?.str()?.clone();
        let charges = counts(sums, "Charges")?;
        for (row, month) in months(sums)?.into_iter().enumerate() {
            let Some(month) = month else { continue };
            *accepted.rows.entry(month).or_default() += charges[row];
            let account = accounts.get(row).unwrap_or_default().to_owned();
            accepted.accounts.entry(month).or_default().insert(account);
        }
        Ok(accepted)
    }
}

/// Adds sums by month, currency and invoice to a ledger.
fn add(ledger: &mut Ledger, sums: &DataFrame, has_invoices: bool) -> PolarsResult<()> {
    let text = |name: &str| PolarsResult::Ok(sums.column(name)?.str()?.clone());
    let (currencies, invoices) = (text("Currency")?, text("Invoice")?);
    let charges = counts(sums, "Charges")?;
    let costs =
        COSTS.map(|cost| PolarsResult::Ok(sums.column(cost)?.decimal()?.physical().clone()));
    let costs: Vec<Int128Chunked> = costs.into_iter().collect::<PolarsResult<_>>()?;
    for (row, month) in months(sums)?.into_iter().enumerate() {
        let currency = currencies.get(row).unwrap_or_default().as_bytes();
        let invoice = has_invoices.then(|| invoices.get(row).unwrap_or_default().as_bytes());
        let line = ledger.line(month, currency, invoice);
        line.rows += charges[row];
        for (cost, units) in costs.iter().enumerate() {
            if let Some(units) = units.get(row) {
                line.add(cost, Money::from_units(units));
            }
        }
    }
    Ok(())
}

fn months(sums: &DataFrame) -> PolarsResult<Vec<Option<Month>>> {
    let months = sums.column("Month")?.str()?;
    Ok(months
        .iter()
        .map(|month| month.and_then(Month::parse))
        .collect())
}

fn counts(sums: &DataFrame, name: &str) -> PolarsResult<Vec<u64>> {
    let counts = sums.column(name)?.i64()?;
    Ok(counts
        .iter()
        .map(|count| u64::try_from(count.unwrap_or_default()).unwrap_or_default())
        .collect())
}

/// Samples are compared with samples that a cluster took, never with others: theirs are other hashes.
fn sketches(sample: &DataFrame, one_in: u64) -> PolarsResult<BTreeMap<String, Sketch>> {
    let mut hashes: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let (texts, numbers) = (
        sample.column("Month")?.str()?,
        sample.column("Hash")?.i64()?,
    );
    for (month, hash) in texts.iter().zip(numbers.iter()) {
        if let Some((month, hash)) = month.zip(hash) {
            hashes
                .entry(format!("{month} on a cluster"))
                .or_default()
                .push(hash.cast_unsigned());
        }
    }
    let level = one_in.trailing_zeros();
    Ok(hashes
        .into_iter()
        .map(|(month, hashes)| (month, Sketch::of(level, hashes)))
        .collect())
}

/// How a cluster reads this export.
fn bill(
    lake: &Lake,
    file: &File<'_>,
    options: &Options,
    binding: &Binding,
    layout: open::Layout,
) -> Result<Bill> {
    let family = binding.family;
    if !READ.contains(&family.mapping.sql.as_str()) {
        return Err(refused(
            file.path,
            &format!("{} is not read on a cluster yet", binding.title),
        ));
    }
    let (layout, at) = places(file.path, binding, layout)?;
    let mut columns = Vec::new();
    for (name, spec) in &family.columns {
        let cell = match binding.cells.get(name.as_str()) {
            None => Cell::absent(spec.kind.kind()),
            Some(place) => cell(
                place,
                spec.kind,
                family.tag_keys == super::format::TagKeys::Cur,
                &at,
            )
            .filter(|_| spec.sum.is_none())
            .ok_or_else(|| {
                refused(
                    file.path,
                    &format!("lists in `{name}` are not read on a cluster yet"),
                )
            })?,
        };
        columns.push((name.clone(), cell));
    }
    let keys = &options.owner_keys;
    Ok(Bill {
        place: located(lake, file.path)?,
        layout,
        mapping: family.mapping.sql.clone(),
        rules: family
            .mapping
            .rules
            .as_ref()
            .map(|[rules, _]| rules.clone()),
        columns,
        products: family
            .product
            .iter()
            .map(|(name, of)| (name.clone(), of.clone()))
            .collect(),
        books: books(file, binding),
        owners: [
            keys.team.clone(),
            keys.environment.clone(),
            keys.cost_center.clone(),
        ],
    })
}

fn books(file: &File<'_>, binding: &Binding) -> Books {
    let mapping = &binding.family.mapping;
    let bound = |name: &String| binding.cells.contains_key(name.as_str());
    let controls = COSTS.map(|cost| {
        let columns = binding.family.control.get(cost).into_iter().flatten();
        columns.filter(|column| bound(column)).cloned().collect()
    });
    Books {
        amount: mapping.amount.clone(),
        charge_start: mapping.charge_start.clone(),
        period_start: mapping.period_start.clone(),
        period_end: mapping.period_end.clone().filter(bound),
        currency: (mapping.currency.clone(), file.named.currency.clone()),
        invoice: mapping.invoice.clone().filter(bound),
        usage: (mapping.usage.clone()).map(|(column, values)| (Some(column).filter(bound), values)),
        controls,
    }
}

/// The layout, and every place of the header as a place of the raw export.
fn places(path: &Path, binding: &Binding, layout: open::Layout) -> Result<(Layout, Vec<At>)> {
    let packing = open::open(path)?.1;
    match layout {
        open::Layout::Json => Err(refused(path, "JSON exports are not read on a cluster yet")),
        open::Layout::Parquet => {
            let places = parquet::places(path)?.into_iter();
            let places = places.map(|(names, is_map)| {
                if is_map {
                    At::Map(names)
                } else {
                    At::Field(names)
                }
            });
            Ok((Layout::Parquet, places.collect()))
        }
        open::Layout::Csv => {
            let is_gz = path
                .extension()
                .is_some_and(|ending| ending.eq_ignore_ascii_case("gz"));
            if packing == Packing::Zip || (packing == Packing::Gzip) != is_gz {
                return Err(refused(
                    path,
                    "a cluster tells how a file is packed by its name, .gz or none, and reads no zip",
                ));
            }
            let cells = binding.header.len();
            Ok((Layout::Csv(cells), (0..cells).map(At::Cell).collect()))
        }
    }
}

fn cell(place: &bind::Cell, kind: CellKind, cur: bool, at: &[At]) -> Option<Cell> {
    let of = |index: &usize| at.get(*index).cloned();
    Some(match (kind, place) {
        (_, bind::Cell::Tags { maps, keys })
            if maps.iter().all(|(_, scheme)| scheme.is_empty()) =>
        {
            Cell::Tags {
                maps: maps
                    .iter()
                    .map(|(index, _)| of(index))
                    .collect::<Option<_>>()?,
                keys: keys
                    .iter()
                    .map(|(index, key)| Some((of(index)?, key.clone())))
                    .collect::<Option<_>>()?,
                cur,
            }
        }
        (CellKind::Text, bind::Cell::Plain(index)) => Cell::Text(of(index)?),
        (CellKind::Text, bind::Cell::Key(index, key)) => Cell::Key(of(index)?, key.clone()),
        (CellKind::First, bind::Cell::First(index)) => Cell::First(of(index)?),
        (CellKind::Money, bind::Cell::Plain(index)) => Cell::Money(of(index)?),
        (CellKind::Time, bind::Cell::Plain(index)) => Cell::Time(of(index)?),
        _ => return None,
    })
}

/// Where a cluster finds a file: what the mirror has of an object store is read from the store.
fn located(lake: &Lake, path: &Path) -> Result<String> {
    let url = store::url_of(lake, path).map(|url| url.to_string_lossy().into_owned());
    if let Some(url) = url {
        let url = url
            .strip_prefix("s3://")
            .map_or(url.clone(), |rest| format!("s3a://{rest}"));
        return if url.starts_with("az://") {
            Err(refused(
                path,
                "a cluster cannot be told of az:// without its account",
            ))
        } else {
            place(&url)
        };
    }
    let whole = path.canonicalize().map_err(|e| Error::read(path, &e))?;
    place(&format!("file://{}", whole.to_string_lossy()))
}

fn refused(path: &Path, what: &str) -> Error {
    Error::usage(what.to_owned())
        .at(path)
        .hint("run without --engine to read it on this machine")
}

fn engine(error: &PolarsError) -> Error {
    Error::data(format!(
        "an answer of the cluster is not what was asked for: {error}"
    ))
}
