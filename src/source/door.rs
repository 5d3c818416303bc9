//! The typed door: cells in, typed columns out. Amounts are rounded here, once; moments are read; tags
//! become one text. A row with a cell that cannot be understood is set aside whole, with its place and
//! its amount; control totals are summed here, before any mapping.

use super::amounts::{self, Of};
use super::azure::Selection;
use super::bind::{Binding, Cell};
use super::cells::{
    Number, Part, Parts, TagCells, Text, currency_code, decimals, is_null, moments, read_money,
    read_time,
};
use super::classes::{Classes, Evidence};
use super::dates::Dates;
use super::format::CellKind;
use super::ledger::Ledger;
use super::moment::{self, DateOrder};
use super::places::Places;
use super::tags::TagTexts;
use crate::error::{Error, Result};
use crate::focus::Kind;
use crate::money::Money;
use crate::period::Month;
use foldhash::fast::FixedState;
use std::borrow::Cow;
use std::hash::BuildHasher;

mod batch;
mod control;

/// A row that could not be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Quarantined {
    /// Record number; the header is 1.
    pub row: u64,
    /// Column number, from 1.
    pub column: u64,
    /// Why, in one sentence.
    pub reason: String,
    /// The cell as it stands in the export.
    pub text: String,
    /// The amount that the row would have billed, where that much can be read.
    pub amount: Option<Money>,
    /// Its currency, where that can be read.
    pub currency: String,
    /// Its billing period, where that can be read.
    pub month: Option<Month>,
    /// Its invoice, where the export names one.
    pub invoice: String,
}

/// The cells of one row: of a CSV record, or of a Parquet batch whose columns already have types.
pub(super) trait Row {
    /// The cell as text without its quotes; empty where the row is shorter.
    fn cell(&self, index: usize) -> Cow<'_, [u8]>;

    /// True where every cell is known to be UTF-8.
    fn is_text(&self) -> bool;

    /// The record as it stands in the file, where it stands there as text.
    fn record(&self) -> Option<&[u8]> {
        None
    }

    /// The cell as an amount in stored units.
    fn money(&self, index: usize) -> std::result::Result<Option<i128>, String> {
        read_money(&self.cell(index))
    }

    /// The cell as a moment in microseconds.
    fn time(&self, index: usize, order: DateOrder) -> std::result::Result<Option<i64>, String> {
        read_time(&self.cell(index), order)
    }
}

/// The columns of one batch under construction, and what is known of the file so far.
pub(super) struct Door {
    texts: Vec<Text>,
    parts: Vec<Parts>,
    tags: Vec<TagCells>,
    moneys: Vec<Number<i128>>,
    times: Vec<Number<i64>>,
    absent: Vec<(&'static str, Kind)>,
    products: Vec<(&'static str, [usize; 2], Vec<Option<i128>>)>,
    source_rows: Vec<i64>,
    calendar: Calendar,
    plan: Places,
    tag_texts: TagTexts,
    /// What decides how the cells of this file are read.
    terms: Terms,
    classes: Classes,
    /// Control totals so far.
    pub(super) controls: Ledger,
    /// What of them another file has in its stead.
    pub(super) superseded: Ledger,
    /// Which classes the rows are of.
    pub(super) evidence: Evidence,
    /// The place of a date in another order than the file's: no date of the file can be trusted then.
    pub(super) contradiction: Option<(u64, u64)>,
    /// The first and the last charge's start so far.
    pub(super) span: Option<(i64, i64)>,
    /// What the records are, in short: the same export packed otherwise has the same.
    pub(super) content: u64,
    /// The cells of every row and of the header, where rows have fewer.
    pub(super) short: Option<(usize, usize)>,
    /// Rows set aside so far.
    pub(super) quarantined: Vec<Quarantined>,
}

/// What decides how the cells of a file are read, besides its header.
#[derive(Clone, Debug, Default)]
pub(super) struct Terms {
    /// The order of day and month in its dates.
    pub(super) dates: Dates,
    /// The currency that the user states for rows without one.
    pub(super) currency: Option<String>,
    /// Accounts and months of which another file has the charges: only commitment purchases count.
    pub(super) selection: Selection,
}

/// A column that no header has: its cells are empty.
pub(super) const NOWHERE: usize = usize::MAX;

/// The month of the last moment asked for; rows of a bill mostly share it.
#[derive(Default)]
struct Calendar(Option<(i64, i64)>);

impl Calendar {
    fn month(&mut self, at: i64) -> (i64, i64) {
        match self.0 {
            Some((start, end)) if (start..end).contains(&at) => (start, end),
            _ => *self.0.insert(moment::month_around(at)),
        }
    }
}

/// A quarantine reason with the column (from 0) and the cell.
type Fault = (usize, String);

impl Door {
    /// A door for rows of this binding, in batches of `capacity` rows.
    pub(super) fn new(binding: &Binding, terms: Terms, capacity: usize) -> Result<Door> {
        let family = binding.family;
        let needed = [&family.mapping.amount, &family.mapping.charge_start];
        let mut door = Door::empty(binding, terms, capacity)?;
        for (name, spec) in &family.columns {
            let Some(cell) = binding.cells.get(name.as_str()) else {
                match &door.terms.currency {
                    Some(_) if *name == family.mapping.currency => {
                        door.texts.push(Text::new(name, NOWHERE));
                    }
                    _ => door.absent.push((name, spec.kind.kind())),
                }
                continue;
            };
            let need = needed.contains(&name);
            match (spec.kind, cell) {
                (CellKind::Text, Cell::Plain(at)) => door.texts.push(Text::new(name, *at)),
                (_, Cell::Tags { maps, keys }) => door.tags.push(TagCells::new(name, maps, keys)),
                (CellKind::Money, Cell::Plain(at) | Cell::Key(at, _)) => door.moneys.push(Number {
                    of: match &spec.sum {
                        Some(field) => Some(Of::List(field.clone())),
                        None => Of::key(cell),
                    },
                    vast: spec.vast,
                    ..Number::new(name, *at, need)
                }),
                (CellKind::Time | CellKind::LastDay, Cell::Plain(at) | Cell::Key(at, _)) => {
                    door.times.push(Number {
                        of: Of::key(cell),
                        last_day: spec.kind == CellKind::LastDay,
                        ..Number::new(name, *at, need)
                    })
                }
                (_, Cell::Key(at, key)) => door.add_part(name, *at, Part::Key(key.clone())),
                (_, Cell::Pick(at, pick)) => door.add_part(name, *at, Part::Pick(pick.clone())),
                (_, Cell::Plain(at) | Cell::First(at)) => door.add_part(name, *at, Part::First),
            }
        }
        amounts::add_sums(&mut door.moneys, family);
        door.products = family
            .product
            .iter()
            .map(|(name, [a, b])| (name.as_str(), [door.money(a), door.money(b)], Vec::new()))
            .collect();
        door.plan = Places::of(&door.texts, &door.times, &door.moneys, family)?;
        Ok(door)
    }

    fn empty(binding: &Binding, terms: Terms, capacity: usize) -> Result<Door> {
        if binding.cells.is_empty() {
            return Err(Error::data("the header binds no column"));
        }
        Ok(Door {
            texts: Vec::new(),
            parts: Vec::new(),
            tags: Vec::new(),
            moneys: Vec::new(),
            times: Vec::new(),
            absent: Vec::new(),
            products: Vec::new(),
            source_rows: Vec::with_capacity(capacity),
            calendar: Calendar::default(),
            plan: Places::default(),
            tag_texts: TagTexts::new(binding.family.tag_keys),
            terms,
            classes: Classes::of(binding),
            controls: Ledger::default(),
            superseded: Ledger::default(),
            evidence: Evidence::default(),
            contradiction: None,
            short: None,
            span: None,
            content: 0,
            quarantined: Vec::new(),
        })
    }

    fn add_part(&mut self, name: &'static str, at: usize, part: Part) {
        let known = self.parts.iter().position(|parts| parts.at == at);
        let place = known.unwrap_or_else(|| {
            self.parts.push(Parts::new(at));
            self.parts.len() - 1
        });
        self.parts[place].add(name, part);
    }

    /// Position of a money column, or past the end where the export lacks it.
    fn money(&self, name: &str) -> usize {
        self.moneys
            .iter()
            .position(|m| m.name == name)
            .unwrap_or(usize::MAX)
    }

    /// Rows in the batch.
    pub(super) fn rows(&self) -> usize {
        self.source_rows.len()
    }

    /// Tag cells that were no JSON object.
    pub(super) fn unreadable_tags(&self) -> u64 {
        self.tag_texts.unreadable
    }

    /// True where no date of the file has shown the order of day and month.
    pub(super) fn dates_are_undecided(&self) -> bool {
        self.terms.dates.order == DateOrder::MonthFirst && self.terms.dates.decided.is_none()
    }

    /// Takes one row in, or sets it aside.
    pub(super) fn take(&mut self, row: &impl Row, number: u64) {
        if let Some(record) = row.record() {
            self.content = self.content.rotate_left(1) ^ FixedState::with_seed(0).hash_one(record);
        }
        match self
            .read_numbers(row, number)
            .and_then(|()| self.check(row))
        {
            Ok(period_start) => {
                let classes = self.count(row, period_start);
                if !self.is_superseded(row, period_start, classes) {
                    self.accept(row, number);
                }
            }
            Err((column, reason)) => self.set_aside(row, number, column, reason),
        }
    }

    /// Sets a row aside that has too few or too many cells.
    pub(super) fn misshapen(&mut self, row: &impl Row, number: u64, cells: usize, width: usize) {
        let reason = format!("the row has {cells} cells where the header has {width}");
        self.unreadable(&row.cell(0), number, &reason);
    }

    /// Sets a row aside of which nothing can be read.
    pub(super) fn unreadable(&mut self, text: &[u8], number: u64, reason: &str) {
        self.quarantined.push(Quarantined {
            row: number,
            column: 0,
            reason: reason.to_owned(),
            text: String::from_utf8_lossy(text).chars().take(120).collect(),
            amount: None,
            currency: String::new(),
            month: None,
            invoice: String::new(),
        });
    }

    fn read_numbers(&mut self, row: &impl Row, number: u64) -> std::result::Result<(), Fault> {
        for index in 0..self.moneys.len() {
            let read = amounts::read(row, &self.moneys, index);
            let money = &mut self.moneys[index];
            money.next = read.map_err(|reason| (money.at, reason))?;
            if money.needed && money.next.is_none() {
                return Err((money.at, "the cost is empty".to_owned()));
            }
        }
        let order = self.terms.dates.order;
        for time in &mut self.times {
            let read = match &time.of {
                Some(Of::Key(key)) => {
                    read_time(amounts::key_of(&row.cell(time.at), key).as_bytes(), order)
                }
                _ => row.time(time.at, order),
            };
            if read.is_err() && order != DateOrder::Iso {
                let other = DateOrder::of(row.cell(time.at).trim_ascii());
                if other.is_some_and(|other| other != order && other != DateOrder::Iso) {
                    self.contradiction
                        .get_or_insert((number, time.at as u64 + 1));
                }
            }
            let read = read.map_err(|reason| (time.at, reason))?;
            time.next = if time.last_day {
                read.map(moment::day_after)
            } else {
                read
            };
            if time.needed && time.next.is_none() {
                return Err((time.at, "the date is empty".to_owned()));
            }
        }
        if row.is_text() {
            return Ok(());
        }
        let broken = self
            .texts
            .iter()
            .find(|text| std::str::from_utf8(&row.cell(text.at)).is_err());
        broken.map_or(Ok(()), |text| {
            Err((text.at, "the text is not UTF-8".to_owned()))
        })
    }

    /// The billing period's start of a row whose numbers were read.
    fn check(&mut self, row: &impl Row) -> std::result::Result<i64, Fault> {
        let at = self.texts[self.plan.currency].at;
        if is_null(&currency(&self.terms, row, at)) {
            return Err((at, "the currency is empty".to_owned()));
        }
        let charge = &self.times[self.plan.charge_start];
        let (charge_at, charge_start) = (charge.at, charge.next.unwrap_or_default());
        let stated = self.plan.period_start.and_then(|at| self.times[at].next);
        let (period_start, month_end) = self.calendar.month(stated.unwrap_or(charge_start));
        let stated_end = self.plan.period_end.and_then(|at| self.times[at].next);
        let period_end = stated_end.map_or(month_end, |end| end.max(month_end));
        let is_usage = self.plan.usage.is_some_and(|(at, values)| {
            let cell = at.map(|at| row.cell(self.texts[at].at));
            cell.is_none_or(|cell| values.iter().any(|value| value.as_bytes() == &*cell))
        });
        // A day of grace for bills cut in a local time zone; corrections reach back a year at most.
        if is_usage
            && (charge_start >= period_end + moment::DAY
                || charge_start < period_start - 400 * moment::DAY)
        {
            let month = moment::month(period_start);
            return Err((
                charge_at,
                format!("the charge's date lies outside its billing period {month}"),
            ));
        }
        Ok(period_start)
    }

    fn accept(&mut self, row: &impl Row, number: u64) {
        let at = self.times[self.plan.charge_start].next.unwrap_or_default();
        let (first, last) = self.span.unwrap_or((at, at));
        self.span = Some((first.min(at), last.max(at)));
        for (index, text) in self.texts.iter_mut().enumerate() {
            if index == self.plan.currency {
                text.push(&currency(&self.terms, row, text.at));
            } else {
                text.push(&row.cell(text.at));
            }
        }
        self.parts
            .iter_mut()
            .for_each(|parts| parts.push(&row.cell(parts.at)));
        self.tags
            .iter_mut()
            .for_each(|tags| tags.push(&mut self.tag_texts, row));
        for (_, [a, b], values) in &mut self.products {
            let factor = |at: usize| {
                self.moneys
                    .get(at)
                    .and_then(|m| m.next)
                    .map(Money::from_units)
            };
            values.push(
                factor(*a)
                    .zip(factor(*b))
                    .and_then(|(a, b)| a.times(b))
                    .map(Money::units),
            );
        }
        self.moneys
            .iter_mut()
            .for_each(|money| money.values.push(money.next));
        self.times
            .iter_mut()
            .for_each(|time| time.values.push(time.next));
        self.source_rows
            .push(i64::try_from(number).unwrap_or(i64::MAX));
    }

    fn set_aside(&mut self, row: &impl Row, number: u64, column: usize, reason: String) {
        let plan = &self.plan;
        let amount = amounts::readable(row, &mut self.moneys, plan.amount);
        let order = self.terms.dates.order;
        let time = |at: usize| row.time(self.times[at].at, order).ok().flatten();
        let month = plan
            .period_start
            .and_then(time)
            .or_else(|| time(plan.charge_start));
        let text = |at: usize| row.cell(self.texts[at].at);
        let lossy = |cell: &[u8]| String::from_utf8_lossy(cell).into_owned();
        self.quarantined.push(Quarantined {
            row: number,
            column: column as u64 + 1,
            reason,
            text: lossy(&row.cell(column)).chars().take(120).collect(),
            amount: amount.map(Money::from_units),
            currency: lossy(&currency(&self.terms, row, self.texts[plan.currency].at)),
            month: month.map(moment::month),
            invoice: plan
                .invoice
                .map(|at| lossy(without_null(&text(at))))
                .unwrap_or_default(),
        });
    }
}

/// The currency of a row, or the one that the user states.
fn currency<'a>(terms: &'a Terms, row: &'a impl Row, at: usize) -> Cow<'a, [u8]> {
    let cell = currency_code(row.cell(at));
    match &terms.currency {
        Some(stated) if is_null(&cell) => Cow::Borrowed(stated.as_bytes()),
        _ => cell,
    }
}

/// An empty text for what exports write where they have nothing.
fn without_null(cell: &[u8]) -> &[u8] {
    if is_null(cell) { b"" } else { cell }
}
