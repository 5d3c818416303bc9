//! One export file into the lake: recognise, type, map, add the calendar and the owners, write its parts.

use super::azure::{self, Selection};
use super::beside::Beside;
use super::bind::{Binding, recognise, recognise_names};
use super::classes::Evidence;
use super::door::{Door, Quarantined, Terms};
use super::format::DateForms;
use super::ledger::Ledger;
use super::open::{self, Layout};
use super::prices::price_gaps;
use super::sums::Sums;
use super::words::Words;
use super::{Named, Options, moment};
use super::{csv, dates, json, parquet};
use crate::engine;
use crate::error::{Error, Result};
use crate::focus::{COSTS, FocusFrame, Kind};
use crate::lake::{Fingerprint, Input, Lake, MOST_INVOICES, Part, PartWriter, SetAside, Sketch};
use crate::money::Money;
use crate::period::Month;
use polars::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Distinct tag sets whose owners are remembered.
const KNOWN: usize = 200_000;

/// What is known of a file before it is read.
pub(super) struct File<'a> {
    pub(super) path: &'a Path,
    pub(super) print: &'a Fingerprint,
    pub(super) key: String,
    /// The user's word on it.
    pub(super) named: &'a Named,
    /// Whose charges another file has amortised.
    pub(super) selection: Selection,
}

/// What a file is, from what its columns are called.
pub(super) fn bind(path: &Path, wanted: Option<&str>) -> Result<Binding> {
    match open::layout(path)? {
        Layout::Parquet => recognise(path, &parquet::header(path)?, wanted),
        Layout::Json => recognise_names(path, &json::header(path)?, wanted),
        Layout::Csv => recognise(path, &csv::header(path)?, wanted),
    }
}

/// Reads one file into the lake.
pub(super) fn ingest(lake: &Lake, file: &File<'_>, options: &Options) -> Result<Input> {
    let layout = open::layout(file.path)?;
    let binding = bind(file.path, file.named.format.as_deref())?;
    refuse_no_currency(file, &binding)?;
    let terms = Terms {
        dates: dates::of_file(file.path, layout, &binding)?,
        currency: file.named.currency.clone(),
        selection: file.selection.clone(),
    };
    let dates = terms.dates;
    let mut door = Door::new(&binding, terms, csv::BATCH).map_err(|e| e.at(file.path))?;
    let mut mapper = Mapper {
        binding: &binding,
        options,
        key: &file.key,
        categories: options.categories.clone().lazy(),
        writer: PartWriter::new(lake, &file.key)?,
        accepted: Sums::new(binding.has_invoices()),
        beside: Beside::default(),
        accounts: BTreeMap::new(),
        sketches: BTreeMap::new(),
        owners: hashbrown::HashMap::default(),
    };
    let mut sink = |_: &mut Door, batch: DataFrame| mapper.take(batch);
    match layout {
        Layout::Parquet => parquet::read(file.path, &binding, &mut door, &mut sink)?,
        Layout::Json => json::read(file.path, &binding, &mut door, &mut sink)?,
        Layout::Csv => csv::read(file.path, &binding, &mut door, &mut sink)?,
    }
    if let Some((line, column)) = door.contradiction {
        return Err(dates.contradicted(file.path, line, column));
    }
    if door.controls.is_empty() && door.quarantined.is_empty() {
        return Err(Error::data("the export has a header and no rows")
            .at(file.path)
            .hint("wait for the export to finish, or remove the file"));
    }
    record(file, &binding, door, mapper)
}

/// Amounts without a currency are no amounts: the user must say it.
pub(super) fn refuse_no_currency(file: &File<'_>, binding: &Binding) -> Result<()> {
    let column = binding.family.mapping.currency.as_str();
    if binding.cells.contains_key(column) || file.named.currency.is_some() {
        return Ok(());
    }
    Err(
        Error::data(format!("{}: no column says the currency", binding.title))
            .at_line(file.path, 1, 0)
            .hint("say it: `--currency USD`, or `currency = \"USD\"` beside the path in [[bills]]"),
    )
}

/// Turns batches into charges, writes them and adds them up.
struct Mapper<'a> {
    binding: &'a Binding,
    options: &'a Options,
    key: &'a str,
    categories: LazyFrame,
    writer: PartWriter,
    accepted: Sums,
    beside: Beside,
    accounts: BTreeMap<Month, BTreeSet<String>>,
    sketches: BTreeMap<String, Sketch>,
    owners: hashbrown::HashMap<String, [Option<String>; 3], foldhash::fast::RandomState>,
}

impl Mapper<'_> {
    fn take(&mut self, batch: DataFrame) -> Result<()> {
        let family = self.binding.family;
        let mut bill = batch.lazy();
        if let Some([rules, _]) = family.rules_sql {
            let ruled = engine::query("queries/focus/focus_rules.sql", rules, &[("bill", bill)])?;
            bill = ruled.lazy();
        }
        let table = [("bill", bill.clone())];
        self.beside.add(family, &|name, sql| {
            engine::query(&format!("queries/focus/{name}.sql"), sql, &table)
        })?;
        let tables = [
            ("bill", bill),
            ("service_categories", self.categories.clone()),
        ];
        let mapped = engine::query(
            &format!("queries/focus/{}.sql", family.mapping.sql),
            family.sql,
            &tables,
        )?;
        let charges = self.with_own_columns(&FocusFrame::new(&mapped)?)?;
        for (month, part) in self.accepted.add(&charges, &mut self.accounts)? {
            self.sketches
                .entry(month.to_string())
                .or_default()
                .add(&part)?;
            self.writer.write(month, &part)?;
        }
        Ok(())
    }

    /// The calendar columns, the owners that tags name, and where each row came from.
    fn with_own_columns(&mut self, charges: &FocusFrame) -> Result<FocusFrame> {
        let frame = charges.frame();
        let rows = frame.height();
        let engine = |e: PolarsError| Error::data(e.to_string());
        let start = frame.column("ChargePeriodStart").map_err(engine)?;
        let period = frame.column("BillingPeriodStart").map_err(engine)?;
        let tags = frame
            .column("Tags")
            .map_err(engine)?
            .str()
            .map_err(engine)?;
        let mut owners = [(); 3].map(|()| Words::new());
        for text in tags.iter() {
            let found = text.map(|text| self.owners(text));
            for (at, column) in owners.iter_mut().enumerate() {
                match found.and_then(|found| found[at].as_deref()) {
                    Some(value) => column.push(value.as_bytes()),
                    None => column.push_null(),
                }
            }
        }
        let [mut team, mut environment, mut cost_center] = owners;
        charges.with(vec![
            start
                .cast(&Kind::Day.data_type())
                .map_err(engine)?
                .with_name("x_ChargeDate".into()),
            price_gaps(frame).map_err(engine)?,
            months(start, "x_ChargeMonth")?,
            months(period, "x_BillingMonth")?,
            team.finish("x_Team"),
            environment.finish("x_Environment"),
            cost_center.finish("x_CostCenter"),
            Column::new_scalar(
                "x_SourceFile".into(),
                Scalar::from(PlSmallStr::from_str(self.key)),
                rows,
            ),
        ])
    }

    /// Team, environment and cost centre of a tag set; a bill repeats few sets millions of times.
    fn owners(&mut self, text: &str) -> &[Option<String>; 3] {
        if self.owners.len() >= KNOWN {
            self.owners.clear();
        }
        let keys = &self.options.owner_keys;
        self.owners.entry_ref(text).or_insert_with(|| {
            let tags: BTreeMap<String, String> = serde_json::from_str(text).unwrap_or_default();
            keys.of(&tags)
        })
    }

    /// A month of which nothing but superseded rows is left keeps its place: its part has no charge, and
    /// its accounts are known.
    fn keep_places(&mut self, superseded: &Ledger, selection: &Selection) -> Result<()> {
        for month in superseded.months() {
            let nothing = FocusFrame::new(&DataFrame::empty())?;
            self.writer.write(month, &nothing)?;
            let text = month.to_string();
            let accounts = selection.iter().filter(|(_, selected)| *selected == text);
            self.accounts
                .entry(month)
                .or_default()
                .extend(accounts.map(|(account, _)| account.clone()));
        }
        Ok(())
    }
}

/// The month of each moment as text.
fn months(moments: &Column, name: &str) -> Result<Column> {
    let moments = moments.datetime().map_err(|e| Error::data(e.to_string()))?;
    let mut texts = StringChunkedBuilder::new(name.into(), moments.physical().len());
    let mut last: Option<((i64, i64), String)> = None;
    for at in moments.physical().iter() {
        match at {
            None => texts.append_null(),
            Some(at) => {
                if !last
                    .as_ref()
                    .is_some_and(|((start, end), _)| (*start..*end).contains(&at))
                {
                    last = Some((moment::month_around(at), moment::month(at).to_string()));
                }
                texts.append_option(last.as_ref().map(|(_, text)| text));
            }
        }
    }
    Ok(texts.finish().into_column())
}

fn record(
    file: &File<'_>,
    binding: &Binding,
    mut door: Door,
    mut mapper: Mapper<'_>,
) -> Result<Input> {
    let mut notes = notes(binding, &door);
    let format = azure::format(file.path, binding.format, door.evidence)?;
    mapper.keep_places(&door.superseded, &file.selection)?;
    let set_aside: Vec<SetAside> = door
        .quarantined
        .drain(..)
        .map(|row| set_aside(row, binding))
        .collect();
    let mut accepted = mapper.accepted.into_ledger();
    let mut export = std::mem::take(&mut door.controls);
    add_set_aside(&mut export, &set_aside, binding.has_invoices());
    let mut superseded = std::mem::take(&mut door.superseded);
    let ledgers = [&mut accepted, &mut export, &mut superseded];
    if ledgers.iter().any(|ledger| ledger.is_merged()) {
        ledgers.into_iter().for_each(Ledger::merge_invoices);
        notes.push(many_invoices());
    }
    let (residue, identity, changes) = mapper.beside.finish();
    let written = mapper.writer.finish()?;
    Ok(Input {
        key: file.key.clone(),
        path: file.path.to_string_lossy().into_owned(),
        size: file.print.size,
        sha256: file.print.sha256.clone(),
        content: if door.content == 0 {
            String::new()
        } else {
            format!("{:016x}", door.content)
        },
        days: door.span.map(|(first, last)| {
            (
                moment::day(first).to_string(),
                moment::day(last).to_string(),
            )
        }),
        format,
        commitments: door.evidence != Evidence::default(),
        rows: export.rows(),
        parts: written
            .into_iter()
            .map(|(month, rows)| Part {
                month: month.to_string(),
                rows,
            })
            .collect(),
        export: export.totals(),
        accepted: accepted.totals(),
        superseded: superseded.totals(),
        changes,
        residue,
        identity,
        set_aside,
        unreadable_tags: door.unreadable_tags(),
        sketches: mapper.sketches,
        accounts: mapper
            .accounts
            .into_iter()
            .map(|(month, set)| (month.to_string(), set.into_iter().collect()))
            .collect(),
        notes,
        ..Input::default()
    })
}

/// The export is what was taken in and what was set aside.
fn add_set_aside(export: &mut Ledger, set_aside: &[SetAside], has_invoices: bool) {
    for row in set_aside {
        let invoice = has_invoices.then_some(row.invoice.as_bytes());
        let line = export.line(Month::parse(&row.month), row.currency.as_bytes(), invoice);
        line.rows += 1;
        let amount = row.amount.as_deref().map(str::as_bytes).map(Money::parse);
        if let Some(Ok(amount)) = amount {
            line.add(0, amount);
        }
    }
}

fn set_aside(row: Quarantined, binding: &Binding) -> SetAside {
    let name = usize::try_from(row.column)
        .ok()
        .and_then(|at| binding.header.get(at.wrapping_sub(1)));
    SetAside {
        row: row.row,
        column: row.column,
        name: name.cloned().unwrap_or_default(),
        reason: row.reason,
        text: row.text,
        amount: row.amount.map(|amount| amount.to_string()),
        currency: row.currency,
        month: row.month.map(|month| month.to_string()).unwrap_or_default(),
        invoice: row.invoice,
    }
}

/// Why `books.csv` has no lines per invoice.
pub(super) fn many_invoices() -> String {
    format!(
        "more than {MOST_INVOICES} invoices in a billing period: the books are kept for the period, not by invoice"
    )
}

/// What the run says of a file: fallbacks for absent columns, tags that are no tags.
fn notes(binding: &Binding, door: &Door) -> Vec<String> {
    let mut notes = absent(binding);
    if binding.family.dates == DateForms::Slashed && door.dates_are_undecided() {
        notes.push(
            "no date shows the order of day and month: they are read as month/day/year".to_owned(),
        );
    }
    if let Some((cells, width)) = door.short {
        notes.push(format!(
            "rows have {cells} cells where the header has {width}: what they lack counts as empty"
        ));
    }
    notes.extend(unreadable(door.unreadable_tags()));
    notes
}

/// What the run says of tags that are no tags.
pub(super) fn unreadable(rows: u64) -> Option<String> {
    let note = || format!("the tags of {rows} rows are no JSON object; they count as untagged");
    (rows > 0).then(note)
}

/// What the run says of columns that an export lacks.
pub(super) fn absent(binding: &Binding) -> Vec<String> {
    let mut notes = Vec::new();
    for (column, instead) in &binding.family.fallback {
        if !binding.cells.contains_key(column.as_str()) {
            notes.push(format!(
                "no column `{column}`: `{instead}` stands in for it"
            ));
        }
    }
    for cost in COSTS {
        if binding.family.columns.contains_key(cost)
            && !binding.cells.contains_key(cost)
            && !binding.family.fallback.contains_key(cost)
        {
            notes.push(format!("no column `{cost}`: it is unknown, not zero"));
        }
    }
    notes
}
