//! From manifests, facts and reports to the books.

use super::night::{Night, amount, residues};
use crate::analysis::books::{Held, IDENTITY, Line, Stage, books, breaks, unlike};
use crate::engine::{self, facts::FACTS, facts::PeriodFacts};
use crate::error::{Error, Kind, Result};
use crate::focus::COSTS;
use crate::lake::{Input, MOST_INVOICES, Total};
use crate::money::Money;
use crate::period::Month;
use crate::report::definition::Definition;
use crate::report::table::{Cell, Table};
use crate::source::Source;
use chrono::NaiveDate;
use polars::prelude::IntoLazy;
use std::collections::{BTreeMap, BTreeSet};

/// Bills as a whole, for reports that do not tell them apart.
pub(super) const ALL: &str = "(all)";

/// By billing period, currency and invoice (empty for all charges of the period together).
type Sums = BTreeMap<[String; 3], (u64, [Option<Money>; 4])>;

/// Everything that the stages before the reports hold.
pub(super) fn street(night: &Night) -> Result<Vec<Held>> {
    let mut held = Vec::new();
    let mut all: Sums = BTreeMap::new();
    for source in &night.sources {
        let own: Vec<&PeriodFacts> = night
            .facts
            .iter()
            .filter(|(name, facts)| *name == source.name && facts.period.source == source.id)
            .map(|(_, facts)| facts)
            .collect();
        let inputs: Vec<&Input> = own
            .iter()
            .flat_map(|facts| &facts.period.inputs)
            .filter_map(|key| source.inputs.get(key))
            .collect::<Unique>()
            .0;
        let scope = Scope::new(&own, &inputs);
        let accepted = accepted(source, &own, &inputs, &scope);
        let mut lake = of_fact(&own, "totals", &scope)?;
        // An invoice that the lake lost whole holds nothing, which is not the same as no line.
        for key in accepted
            .keys()
            .filter(|[_, _, invoice]| !invoice.is_empty())
        {
            lake.entry(key.clone()).or_default();
        }
        let facts = of_fact(&own, "charges_monthly", &scope)?;
        let stages = [
            (Stage::Export, add(&inputs, |input| &input.export, &scope)),
            (Stage::Quarantined, set_aside(&inputs, &scope)),
            (
                Stage::Superseded,
                add(&inputs, |input| &input.superseded, &scope),
            ),
            (Stage::Accepted, accepted),
            (Stage::Lake, lake),
        ];
        for (stage, sums) in &stages {
            push(&mut held, &source.name, stage, sums);
        }
        for (rule, sums) in changes(&inputs, &scope) {
            push(&mut held, &source.name, &Stage::Rule(rule), &sums);
        }
        push(&mut held, &source.name, &Stage::Facts, &facts);
        for (key, more) in facts {
            merge(all.entry(key).or_default(), more);
        }
        held.extend(identities(&source.name, &inputs, &scope));
    }
    push(&mut held, ALL, &Stage::Facts, &all);
    Ok(held)
}

/// The months that the books of a source are about, and those whose invoices are told apart.
struct Scope<'a> {
    months: BTreeSet<&'a str>,
    invoiced: BTreeSet<&'a str>,
}

impl<'a> Scope<'a> {
    fn new(own: &[&'a PeriodFacts], inputs: &[&Input]) -> Scope<'a> {
        let months: BTreeSet<&str> = own
            .iter()
            .map(|facts| facts.period.month.as_str())
            .collect();
        let is_told_apart = |month: &&&str| {
            let totals = inputs.iter().flat_map(|input| &input.export);
            let invoices: BTreeSet<Option<&str>> = totals
                .filter(|total| total.month == ***month)
                .map(|total| total.invoice.as_deref())
                .collect();
            !invoices.contains(&None) && invoices.len() <= MOST_INVOICES
        };
        Scope {
            invoiced: months.iter().filter(is_told_apart).copied().collect(),
            months,
        }
    }

    /// The keys under which an amount stands: that of its period and, where there is one, that of its invoice.
    fn keys(&self, month: &str, currency: &str, invoice: &str) -> Vec<[String; 3]> {
        let key = |invoice: &str| [month, currency, invoice].map(str::to_owned);
        let mut keys = Vec::new();
        if month.is_empty() || self.months.contains(month) {
            keys.push(key(""));
            if !invoice.is_empty() && self.invoiced.contains(month) {
                keys.push(key(invoice));
            }
        }
        keys
    }
}

/// What was taken in, and what negation left over.
fn accepted(source: &Source, own: &[&PeriodFacts], inputs: &[&Input], scope: &Scope<'_>) -> Sums {
    let mut sums = add(inputs, |input| &input.accepted, scope);
    for facts in own {
        for ([_, currency, _, _, invoice], sum) in residues(&source.inputs, &facts.period) {
            for key in scope.keys(&facts.period.month, &currency, &invoice) {
                let (rows, costs) = sums.entry(key).or_default();
                *rows += 1;
                for cost in costs {
                    *cost = Some(cost.unwrap_or_default() + sum);
                }
            }
        }
    }
    sums
}

/// What a fact holds of these periods; by invoice too, where the fact knows them.
fn of_fact(own: &[&PeriodFacts], fact: &str, scope: &Scope<'_>) -> Result<Sums> {
    let mut sums: Sums = BTreeMap::new();
    let at = FACTS.iter().position(|(name, _)| *name == fact);
    let at = at.ok_or_else(|| Error::data(format!("no fact is called `{fact}`")))?;
    for facts in own {
        let held = [("held", facts.tables[at].clone().lazy())];
        let sql = include_str!("../../queries/analysis/book_sums.sql");
        let made = engine::query("queries/analysis/book_sums.sql", sql, &held)?;
        add_table(&mut sums, &Table::of_frame(&made)?, ["x_BillingMonth", ""]);
        if fact == "totals" && scope.invoiced.contains(facts.period.month.as_str()) {
            let sql = include_str!("../../queries/analysis/book_invoices.sql");
            let made = engine::query("queries/analysis/book_invoices.sql", sql, &held)?;
            let table = Table::of_frame(&made)?;
            add_table(&mut sums, &table, ["x_BillingMonth", "InvoiceId"]);
        }
    }
    Ok(sums)
}

/// The identity of amortised cost, by payer and month.
fn identities(source: &str, inputs: &[&Input], scope: &Scope<'_>) -> Vec<Held> {
    let mut sums: BTreeMap<[&str; 3], (u64, [Money; 4])> = BTreeMap::new();
    let all = inputs.iter().flat_map(|input| &input.identity);
    for one in all.filter(|one| scope.months.contains(one.month.as_str())) {
        let key = [&one.month, &one.currency, &one.billing_account].map(String::as_str);
        let entry = sums.entry(key).or_default();
        entry.0 += one.rows;
        let [unblended, upfront, spread, amortised] =
            [&one.unblended, &one.upfront, &one.spread, &one.amortised]
                .map(|text| amount(Some(text)).unwrap_or_default());
        let parts = [unblended, upfront, Money::ZERO - spread, amortised];
        for (sum, part) in entry.1.iter_mut().zip(parts) {
            *sum += part;
        }
    }
    let stages = [
        Stage::Unblended,
        Stage::Upfront,
        Stage::TrueUp,
        Stage::Amortised,
    ];
    let held = |([month, currency, account], (rows, sums)): ([&str; 3], (u64, [Money; 4]))| {
        let line = move |(stage, sum): (&Stage, Money)| Held {
            source: source.to_owned(),
            month: month.to_owned(),
            currency: currency.to_owned(),
            invoice: String::new(),
            account: account.to_owned(),
            column: IDENTITY,
            stage: stage.clone(),
            rows,
            amount: Some(sum),
        };
        stages.iter().zip(sums).map(line).collect::<Vec<Held>>()
    };
    sums.into_iter().flat_map(held).collect()
}

/// What reports that claim to cover a cost column hold of it.
pub(super) fn of_reports(street: &[Held], reports: &[(Definition, Table)]) -> Vec<Held> {
    let mut held = Vec::new();
    for (definition, table) in reports
        .iter()
        .filter(|(definition, _)| !definition.covers.is_empty())
    {
        // A month that a report lost whole counts as zero, not as absent.
        let mut sums: Sums = street
            .iter()
            .filter(|held| held.source == ALL)
            .map(|held| {
                let key = [held.month.clone(), held.currency.clone(), String::new()];
                (key, (0, [None; 4]))
            })
            .collect();
        add_table(&mut sums, table, ["Month", ""]);
        let stage = Stage::Report(definition.name.clone());
        let mut own = Vec::new();
        push(&mut own, ALL, &stage, &sums);
        held.extend(
            own.into_iter()
                .filter(|one| definition.covers.iter().any(|column| column == one.column)),
        );
    }
    held
}

/// The books: as a table, where they break, and what a reader should know of them.
pub(super) struct Closing {
    pub(super) table: Table,
    /// Each break as a sentence; none where the books close.
    pub(super) breaks: Vec<String>,
    pub(super) notes: Vec<String>,
}

/// Closes the books. While a month runs, the fees of commitments are ahead of their usage: the identity of
/// amortised cost has nothing to be held against before the month is over.
pub(super) fn close(held: Vec<Held>, today: NaiveDate) -> Closing {
    let mut lines = books(held);
    for line in &mut lines {
        if line.held.column == IDENTITY && !is_over(&line.held.month, today) {
            line.difference = None;
        }
    }
    let mut table = Table::new(&[
        "Source",
        "BillingPeriod",
        "BillingCurrency",
        "Column",
        "Stage",
        "Rows",
        "Amount",
        "Difference",
        "InvoiceId",
        "BillingAccountId",
    ]);
    table.rows = lines.iter().map(row).collect();
    Closing {
        table,
        breaks: breaks(&lines).into_iter().map(sentence).collect(),
        notes: unlike(&lines).into_iter().map(partial).collect(),
    }
}

impl Closing {
    /// An error that names the first break, unless open books are allowed.
    pub(super) fn verdict(&self, allow_open: bool) -> Result<()> {
        let Some(first) = self.breaks.first().filter(|_| !allow_open) else {
            return Ok(());
        };
        let more = match self.breaks.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        let what = format!("the books do not close: {first}{more}");
        Err(Error::new(Kind::Books, what).hint("nothing was published; the export changed while it was read, or this is a bug worth reporting; `--allow-open-books` publishes all the same and marks every report"))
    }
}

fn is_over(month: &str, today: NaiveDate) -> bool {
    Month::parse(month).is_some_and(|month| month.next().first_day() <= today)
}

fn sentence(line: &Line) -> String {
    let held = &line.held;
    let invoice = match held.invoice.as_str() {
        "" => String::new(),
        invoice => format!(" invoice {invoice}"),
    };
    format!(
        "{} {} {} of `{}`{invoice} differs by {} at {}",
        held.month,
        held.column,
        held.currency,
        held.source,
        line.difference.unwrap_or_default(),
        held.stage.name()
    )
}

fn partial(line: &Line) -> String {
    let held = &line.held;
    format!(
        "{}: {} amortised cost of payer {} is {} {} away from unblended less upfront and true-up: rows of a commitment are missing from this export",
        held.source,
        held.month,
        held.account,
        line.difference.unwrap_or_default(),
        held.currency
    )
}

fn row(line: &Line) -> Vec<Cell> {
    let held = &line.held;
    vec![
        Cell::text(&held.source),
        Cell::text(&held.month),
        Cell::text(&held.currency),
        Cell::text(held.column),
        Cell::text(held.stage.name()),
        Cell::Count(i64::try_from(held.rows).unwrap_or(i64::MAX)),
        Cell::from(held.amount),
        Cell::from(line.difference),
        Cell::text(&held.invoice),
        Cell::text(&held.account),
    ]
}

/// Inputs, each once: one may belong to several periods.
#[derive(Default)]
struct Unique<'a>(Vec<&'a Input>);

impl<'a> FromIterator<&'a Input> for Unique<'a> {
    fn from_iter<I: IntoIterator<Item = &'a Input>>(inputs: I) -> Unique<'a> {
        let by_key: BTreeMap<&str, &Input> = inputs
            .into_iter()
            .map(|input| (input.key.as_str(), input))
            .collect();
        Unique(by_key.into_values().collect())
    }
}

fn merge(into: &mut (u64, [Option<Money>; 4]), more: (u64, [Option<Money>; 4])) {
    into.0 += more.0;
    for (sum, more) in into.1.iter_mut().zip(more.1) {
        if let Some(more) = more {
            *sum = Some(sum.unwrap_or_default() + more);
        }
    }
}

fn add(inputs: &[&Input], of: fn(&Input) -> &Vec<Total>, scope: &Scope<'_>) -> Sums {
    let mut sums: Sums = BTreeMap::new();
    for total in inputs.iter().flat_map(|input| of(input)) {
        add_total(&mut sums, total, scope);
    }
    sums
}

fn add_total(sums: &mut Sums, total: &Total, scope: &Scope<'_>) {
    let more = (total.rows, std::array::from_fn(|cost| total.sum(cost)));
    let invoice = total.invoice.as_deref().unwrap_or_default();
    for key in scope.keys(&total.month, &total.currency, invoice) {
        merge(sums.entry(key).or_default(), more);
    }
}

/// What each rule for a known mistake of an export added.
fn changes(inputs: &[&Input], scope: &Scope<'_>) -> BTreeMap<String, Sums> {
    let mut changes: BTreeMap<String, Sums> = BTreeMap::new();
    for (rule, total) in inputs.iter().flat_map(|input| &input.changes) {
        add_total(
            changes.entry(format!("rule {rule}")).or_default(),
            total,
            scope,
        );
    }
    changes
}

fn set_aside(inputs: &[&Input], scope: &Scope<'_>) -> Sums {
    let mut sums: Sums = BTreeMap::new();
    for row in inputs.iter().flat_map(|input| &input.set_aside) {
        let more = (1, [amount(row.amount.as_deref()), None, None, None]);
        for key in scope.keys(&row.month, &row.currency, &row.invoice) {
            merge(sums.entry(key).or_default(), more);
        }
    }
    sums
}

/// Adds a table up by the columns of the month and, where one is named, of the invoice.
fn add_table(sums: &mut Sums, table: &Table, [month, invoice]: [&str; 2]) {
    let [months, currencies, invoices] =
        [month, "BillingCurrency", invoice].map(|column| table.texts(column));
    let charges = table.at("Charges");
    let costs = COSTS.map(|cost| table.amounts(cost));
    let keys = months.into_iter().zip(currencies).zip(invoices);
    for (index, ((month, currency), invoice)) in keys.enumerate() {
        let rows = match charges.map(|at| &table.rows[index][at]) {
            Some(Cell::Count(count)) => u64::try_from(*count).unwrap_or_default(),
            _ => 1,
        };
        let more = (rows, std::array::from_fn(|cost| costs[cost][index]));
        merge(sums.entry([month, currency, invoice]).or_default(), more);
    }
}

fn push(held: &mut Vec<Held>, source: &str, stage: &Stage, sums: &Sums) {
    for ([month, currency, invoice], (rows, amounts)) in sums {
        for (column, amount) in COSTS.into_iter().zip(amounts) {
            let untouched = match stage {
                Stage::Quarantined => column != COSTS[0],
                Stage::Rule(_) => amount.is_none(),
                _ => false,
            };
            if untouched {
                continue;
            }
            held.push(Held {
                source: source.to_owned(),
                month: month.clone(),
                currency: currency.clone(),
                invoice: invoice.clone(),
                account: String::new(),
                column,
                stage: stage.clone(),
                rows: *rows,
                amount: *amount,
            });
        }
    }
}
