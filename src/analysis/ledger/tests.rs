//! Bills, findings and runs written out by hand; what becomes of them is in `life`, what they save in `savings`.

use super::status::{Signs, step};
use super::*;
use crate::analysis::finding::Action;
use crate::analysis::kpi::{Value, figures};
use crate::money::Money;
use crate::period::Month as Calendar;
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const RULES: Rules = Rules {
    expire_days: 30,
    verify_days: 14,
};

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn money(text: &str) -> Money {
    Money::parse(text.as_bytes()).unwrap()
}

/// Hours of a machine type.
pub(crate) fn hours(instance: &str) -> Line {
    Line {
        resource: "i-1".to_owned(),
        meter: format!("BoxUsage:{instance}"),
        instance: instance.to_owned(),
        unit: "hrs".to_owned(),
    }
}

/// A meter of a volume.
fn meter(name: &str, unit: &str) -> Line {
    Line {
        resource: "i-1".to_owned(),
        meter: name.to_owned(),
        instance: String::new(),
        unit: unit.to_owned(),
    }
}

/// A line from one day to another, this much and this cost each day.
pub(crate) fn run(
    line: &Line,
    (first, last): (&str, &str),
    (quantity, cost): (&str, &str),
) -> Vec<Charge> {
    let (first, last) = (day(first), day(last));
    let mut charges: BTreeMap<Calendar, Charge> = BTreeMap::new();
    for one in first.iter_days().take_while(|one| *one <= last) {
        let month = Calendar::of(one);
        let charge = charges.entry(month).or_insert_with(|| Charge {
            month,
            line: line.clone(),
            cost: Money::ZERO,
            quantity: Some(Money::ZERO),
            first: one,
            last: one,
        });
        charge.cost += money(cost);
        charge.quantity = charge.quantity.map(|known| known + money(quantity));
        charge.last = one;
    }
    charges.into_values().collect()
}

/// Charges on a bill that ends on a day; all months before that of `open` are closed.
pub(crate) fn bill(charges: Vec<Charge>, end: &str, open: &str) -> History {
    let (end, open) = (day(end), Calendar::parse(open).unwrap());
    let mut months = Vec::new();
    let mut month = Calendar::parse("2026-07").unwrap();
    while month.first_day() <= end {
        let last = month.next().first_day().pred_opt().unwrap();
        months.push(SeenMonth {
            month,
            until: last.min(end),
            closed: month < open,
        });
        month = month.next();
    }
    History { charges, months }
}

pub(crate) fn about(action: Action, lines: &[Line]) -> About {
    About {
        first_seen: day("2026-09-10"),
        billed_until: day("2026-09-09"),
        resource_id: "i-1".to_owned(),
        key: "i-1".to_owned(),
        account: "7".to_owned(),
        region: "us-east-1".to_owned(),
        team: "web".to_owned(),
        currency: "USD".to_owned(),
        action,
        check: "rightsizing".to_owned(),
        title: "a machine larger than its load".to_owned(),
        current_type: "m5.4xlarge".to_owned(),
        recommended_type: "m5.2xlarge".to_owned(),
        expected: (money("100"), money("280")),
        cost: Some(money("560")),
        risk: "0 of 4".to_owned(),
        effort: "very low".to_owned(),
        confidence: "A".to_owned(),
        evidence: "CPU never passed 9 %".to_owned(),
        lines: lines.iter().cloned().collect(),
        others: BTreeSet::new(),
        listed: None,
    }
}

/// What the days of runs know.
pub(crate) struct Story {
    pub(crate) memory: Memory,
    pub(crate) decided: Vec<Decided>,
    pub(crate) listed: BTreeMap<String, Listed>,
    pub(crate) skipped: BTreeMap<String, String>,
}

impl Story {
    pub(crate) fn new() -> Story {
        Story {
            memory: Vec::new(),
            decided: Vec::new(),
            listed: BTreeMap::new(),
            skipped: BTreeMap::new(),
        }
    }

    /// A story that begins with these.
    fn of(found: &[About]) -> Story {
        let mut story = Story::new();
        story.begin(found);
        story
    }

    /// The first run, on September 10: these were found, and the large machine is on the bill.
    fn begin(&mut self, found: &[About]) -> Vec<Entry> {
        let seen = bill(large("2026-09-09"), "2026-09-09", "2026-09");
        self.run("2026-09-10", found, &seen)
    }

    /// One run.
    pub(crate) fn run(&mut self, today: &str, found: &[About], history: &History) -> Vec<Entry> {
        let today = day(today);
        let found: Vec<About> = found
            .iter()
            .map(|about| About {
                first_seen: today,
                billed_until: history.end().unwrap(),
                ..about.clone()
            })
            .collect();
        let before = recalled(&self.memory, today);
        let mut histories = BTreeMap::new();
        histories.insert(about(Action::Stop, &[]).place(), history.clone());
        let covered = BTreeSet::from([("7".to_owned(), "ec2:instance".to_owned())]);
        let evidence = Evidence {
            today,
            rules: RULES,
            histories: &histories,
            listed: &self.listed,
            covered: &covered,
            skipped: &self.skipped,
            decided: &self.decided,
        };
        let entries = advance(before, found, &evidence);
        self.memory = kept(&self.memory, &entries, today);
        entries
    }
}

/// Status, action day and realised savings.
fn shown(entries: &[Entry]) -> Vec<(String, Option<NaiveDate>, Option<String>)> {
    let shown = |entry: &Entry| {
        let realised = entry.realised().map(|amount| amount.fixed(2));
        (entry.state.status.to_string(), entry.acted_on(), realised)
    };
    entries.iter().map(shown).collect()
}

fn one(entries: &[Entry]) -> (String, Option<NaiveDate>, Option<String>) {
    assert_eq!(entries.len(), 1, "{entries:#?}");
    shown(entries).remove(0)
}

fn large(last: &str) -> Vec<Charge> {
    run(&hours("m5.4xlarge"), ("2026-07-01", last), ("24", "18.432"))
}

mod life;
mod savings;
