//! What the savings ledger identified and what of it was realised, added up over the months; of a first month, whose
//! savings they are.

use super::{Rows, TOP};
use crate::money::Money;
use crate::period::Month;
use crate::report::drawing::{
    Bar, Drawing, Series, Shape, Step, Timeline, Tone, compact_money, top_with_other,
};
use std::collections::BTreeMap;

/// Identified and realised.
type Saved = (Money, Money);

impl Rows<'_> {
    /// Two lines: had everything been acted on at once, and what was saved.
    pub(super) fn realised(&self) -> Option<Drawing> {
        let months = self.saved("Month");
        let (first, last) = (months.keys().next()?, months.keys().next_back()?);
        let (first, last) = (Month::parse(first)?, Month::parse(last)?);
        let sum = |of: fn(&Saved) -> Money| months.values().map(of).sum::<Money>();
        let all = (sum(|saved| saved.0), sum(|saved| saved.1));
        let now = months.values().next_back()?.0;
        let title = self.realised_title(first, all, now);
        let (shape, what) = if first == last {
            (self.by_team(), "By team")
        } else {
            (by_month(&months, first, last), "Added up by month")
        };
        let footnote = "Identified: expected savings of all findings, had they been acted on in the month they were found; realised: by the bill, months that may still change included";
        let mut drawing = self.drawing(title, shape, footnote);
        drawing.subtitle = format!("{what} · {} · {}", self.currency, self.frame.as_of);
        Some(drawing)
    }

    fn realised_title(&self, first: Month, (identified, realised): Saved, now: Money) -> String {
        let now = self.money(now);
        match realised.cmp(&Money::ZERO) {
            std::cmp::Ordering::Equal => {
                format!("{now} a month of savings identified, none realised yet")
            }
            std::cmp::Ordering::Less => format!(
                "Actions lost {} since {}; {now} a month of savings is identified",
                compact_money(realised.abs().approximate(), self.currency),
                first.name()
            ),
            std::cmp::Ordering::Greater => format!(
                "{} of {} identified since {} was realised; {now} a month is identified now",
                self.money(realised),
                self.money(identified),
                first.name()
            ),
        }
    }

    /// The teams whose savings they are, with what was realised as a tick.
    fn by_team(&self) -> Shape {
        let mut teams: Vec<(String, Saved)> = self.saved("Team").into_iter().collect();
        teams.sort_by(|a, b| b.1.0.cmp(&a.1.0).then_with(|| a.0.cmp(&b.0)));
        let any = teams.iter().any(|(_, saved)| saved.1 != Money::ZERO);
        let bars = teams.into_iter().map(|(team, saved)| Bar {
            label: if team.is_empty() {
                "no team".to_owned()
            } else {
                team
            },
            value: saved.0.approximate(),
            marker: any.then(|| saved.1.approximate()),
            ..Bar::default()
        });
        Shape::Bars {
            bars: top_with_other(bars.collect(), TOP),
            marker: if any { "realised" } else { "" }.to_owned(),
        }
    }

    /// By what a column says.
    fn saved(&self, column: &str) -> BTreeMap<String, Saved> {
        let [names, currencies] = [column, "BillingCurrency"].map(|name| self.table.texts(name));
        let [identified, realised] =
            ["Identified", "Realized"].map(|name| self.table.amounts(name));
        let mut sums: BTreeMap<String, Saved> = BTreeMap::new();
        for row in (0..names.len()).filter(|&row| currencies[row] == self.currency) {
            let sum = sums.entry(names[row].clone()).or_default();
            sum.0 += identified[row].unwrap_or_default();
            sum.1 += realised[row].unwrap_or_default();
        }
        sums
    }
}

fn by_month(months: &BTreeMap<String, Saved>, first: Month, last: Month) -> Shape {
    let time = Timeline::spanning(first.first_day(), last.first_day(), Step::Month);
    let mut sums = Saved::default();
    let (mut wanted, mut had) = (Vec::new(), Vec::new());
    for step in 0..time.len {
        let month = months.get(&Month::of(time.at(step)).to_string());
        let (identified, realised) = month.copied().unwrap_or_default();
        sums = (sums.0 + identified, sums.1 + realised);
        wanted.push(Some(sums.0.approximate()));
        had.push(Some(sums.1.approximate()));
    }
    let series = vec![
        Series {
            tone: Tone::Accent,
            ..Series::new("Realised", had)
        },
        Series {
            tone: Tone::Plan,
            ..Series::new("Identified", wanted)
        },
    ];
    Shape::Lines { time, series }
}
