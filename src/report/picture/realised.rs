//! What the savings ledger identified and what of it was realised, added up over the months.

use super::Rows;
use crate::money::Money;
use crate::period::Month;
use crate::report::drawing::{Drawing, Series, Shape, Step, Timeline, Tone};
use std::collections::BTreeMap;

impl Rows<'_> {
    /// Two lines: had everything been acted on at once, and what was saved.
    pub(super) fn realised(&self) -> Option<Drawing> {
        let months = self.identified_and_realised();
        let (first, last) = (*months.keys().next()?, *months.keys().next_back()?);
        let time = Timeline::spanning(first.first_day(), last.first_day(), Step::Month);
        let (mut identified, mut realised) = (Money::ZERO, Money::ZERO);
        let (mut wanted, mut had) = (Vec::new(), Vec::new());
        for step in 0..time.len {
            let month = months.get(&Month::of(time.at(step)));
            let (one, other) = month.copied().unwrap_or_default();
            identified += one;
            realised += other;
            wanted.push(Some(identified.approximate()));
            had.push(Some(realised.approximate()));
        }
        let (now, _) = months[&last];
        let title = if realised == Money::ZERO {
            format!(
                "{} a month of savings identified, none realised yet",
                self.money(now)
            )
        } else {
            format!(
                "{} of {} identified since {} was realised; {} a month is identified now",
                self.money(realised),
                self.money(identified),
                first.name(),
                self.money(now)
            )
        };
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
        let footnote = "Identified: expected savings of all findings, had they been acted on in the month they were found; realised: by the bill, months that may still change included";
        let mut drawing = self.drawing(title, Shape::Lines { time, series }, footnote);
        drawing.subtitle = format!(
            "Added up by month · {} · {}",
            self.currency, self.frame.as_of
        );
        Some(drawing)
    }

    fn identified_and_realised(&self) -> BTreeMap<Month, (Money, Money)> {
        let [months, currencies] = ["Month", "BillingCurrency"].map(|name| self.table.texts(name));
        let [identified, realised] =
            ["Identified", "Realized"].map(|name| self.table.amounts(name));
        let mut sums: BTreeMap<Month, (Money, Money)> = BTreeMap::new();
        for row in (0..months.len()).filter(|&row| currencies[row] == self.currency) {
            let Some(month) = Month::parse(&months[row]) else {
                continue;
            };
            let sum = sums.entry(month).or_default();
            sum.0 += identified[row].unwrap_or_default();
            sum.1 += realised[row].unwrap_or_default();
        }
        sums
    }
}
