//! From a report's table to its drawing: which rows are shown, and the finding as the title.

mod budgets;
mod compliance;
mod realised;
mod savings;
mod units;

use super::definition::ChartSpec;
use super::drawing::{
    Bar, Drawing, Series, Shape, Timeline, Tone, Unit, compact_money, top_series_with_other,
    top_with_other,
};
use super::table::Table;
use crate::money::Money;
use crate::period::Month;
use std::collections::BTreeMap;

/// Rows of a ranking before "other".
const TOP: usize = 14;
/// Series of a stack before "other".
const STACK: usize = 7;

/// What every chart says beside its finding.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The latest month that is over, or the running one where there is no other.
    pub month: Month,
    /// True while that month still runs.
    pub open: bool,
    /// How far that month can be trusted, and the day of the run.
    pub freshness: String,
    /// The day of the run.
    pub as_of: String,
}

/// The charts of a table: one per currency, the currency of the most rows first.
pub fn drawings(spec: &ChartSpec, table: &Table, frame: &Frame) -> Vec<(String, Drawing)> {
    currencies(table)
        .into_iter()
        .filter_map(|currency| {
            let rows = Rows {
                table,
                currency: &currency,
                frame,
            };
            let drawing = match spec {
                ChartSpec::Bars { label, value, what } => rows.bars(label, value, what),
                ChartSpec::Columns { label, value, what } => rows.columns(label, value, what),
                ChartSpec::Compliance => rows.compliance(),
                ChartSpec::Savings { by, what } => savings::savings(&rows, by.as_deref(), what),
                ChartSpec::SavingsRealized => rows.realised(),
                ChartSpec::UnitCost => rows.unit_cost(),
                ChartSpec::Budgets => rows.budgets(),
                ChartSpec::Incidents
                | ChartSpec::Forecast
                | ChartSpec::Commitments
                | ChartSpec::CommitmentPlan => None,
            };
            drawing.map(|drawing| (currency, drawing))
        })
        .collect()
}

/// The currencies of a table, that of the most rows first.
pub fn currencies(table: &Table) -> Vec<String> {
    let mut rows: BTreeMap<String, usize> = BTreeMap::new();
    for currency in table.texts("BillingCurrency") {
        *rows.entry(currency).or_default() += 1;
    }
    let mut ranked: Vec<(String, usize)> = rows
        .into_iter()
        .filter(|(currency, _)| !currency.is_empty())
        .collect();
    ranked.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    ranked.into_iter().map(|(currency, _)| currency).collect()
}

struct Rows<'a> {
    table: &'a Table,
    currency: &'a str,
    frame: &'a Frame,
}

impl Rows<'_> {
    fn money(&self, amount: Money) -> String {
        compact_money(amount.approximate(), self.currency)
    }

    fn drawing(&self, title: String, shape: Shape, footnote: &str) -> Drawing {
        let state = if self.frame.open {
            "month to date"
        } else {
            "whole month"
        };
        Drawing {
            title,
            subtitle: format!(
                "{} ({state}) · {} · {}",
                self.frame.month.name(),
                self.currency,
                self.frame.freshness
            ),
            footnote: footnote.to_owned(),
            unit: Unit::Money(self.currency.to_owned()),
            shape,
        }
    }

    /// Amounts by label of one month.
    fn month(&self, label: &str, value: &str, month: Month) -> Vec<(String, Money)> {
        let month = month.to_string();
        let mut sums: BTreeMap<String, Money> = BTreeMap::new();
        let cells = self
            .table
            .texts("Month")
            .into_iter()
            .zip(self.table.texts(label));
        let amounts = self
            .table
            .amounts(value)
            .into_iter()
            .zip(self.table.texts("BillingCurrency"));
        for ((row_month, name), (amount, currency)) in cells.zip(amounts) {
            if row_month == month && currency == self.currency {
                *sums.entry(name).or_default() += amount.unwrap_or_default();
            }
        }
        let mut ranked: Vec<(String, Money)> = sums.into_iter().collect();
        ranked.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        ranked
    }

    fn bars(&self, label: &str, value: &str, what: &str) -> Option<Drawing> {
        let mut now = self.month(label, value, self.frame.month);
        let before: BTreeMap<String, Money> = self
            .month(label, value, self.frame.month.previous())
            .into_iter()
            .collect();
        // A pool that gave everything away is no part of the ranking.
        let is_nothing = |name: &str| before.get(name).is_none_or(|cost| *cost == Money::ZERO);
        now.retain(|(name, cost)| *cost != Money::ZERO || !is_nothing(name));
        let total: Money = now.iter().map(|(_, amount)| *amount).sum();
        let (first, largest) = now.first()?;
        let has_before = !before.is_empty();
        let bars = now.iter().enumerate().map(|(index, (name, amount))| {
            let previous = before.get(name).copied().unwrap_or_default();
            Bar {
                label: name.clone(),
                value: amount.approximate(),
                marker: has_before.then(|| previous.approximate()),
                note: if has_before {
                    change(*amount, previous)
                } else {
                    String::new()
                },
                tone: if index == 0 {
                    Tone::Accent
                } else {
                    Tone::Plain
                },
            }
        });
        let share = crate::money::ratio(*largest, total).map_or(String::new(), |share| {
            format!(", {}% of it", (share + 50) / 100)
        });
        let title = match now.len() {
            1 => format!(
                "{first} cost {} in {}",
                self.money(*largest),
                self.frame.month.name()
            ),
            count => format!(
                "{} in {} over {count} {what}; {first} is the largest{share}",
                self.money(total),
                self.frame.month.name()
            ),
        };
        let marker = if has_before {
            self.frame.month.previous().name()
        } else {
            String::new()
        };
        let shape = Shape::Bars {
            bars: top_with_other(bars.collect(), TOP),
            marker,
        };
        Some(self.drawing(
            title,
            shape,
            "Effective cost: commitments spread over the usage they cover",
        ))
    }

    fn columns(&self, label: &str, value: &str, what: &str) -> Option<Drawing> {
        let months = self.months();
        let first = Month::parse(months.first()?)?;
        let last = Month::parse(months.last()?)?;
        let time = Timeline::spanning(
            first.first_day(),
            last.first_day(),
            super::drawing::Step::Month,
        );
        let mut sums: BTreeMap<String, Vec<Option<f64>>> = BTreeMap::new();
        for index in 0..time.len {
            let month = Month::of(time.at(index));
            for (name, amount) in self.month(label, value, month) {
                sums.entry(name).or_insert_with(|| vec![None; time.len])[index] =
                    Some(amount.approximate());
            }
        }
        let series: Vec<Series> = sums
            .into_iter()
            .map(|(name, values)| Series::new(name, values))
            .collect();
        let now = self.month(label, value, self.frame.month);
        let total: Money = now.iter().map(|(_, amount)| *amount).sum();
        let (name, largest) = now.first()?;
        let share = crate::money::ratio(*largest, total).map_or(0, |share| (share + 50) / 100);
        let title = format!(
            "{name} is {share}% of {} in {}, of {} {what}",
            self.money(total),
            self.frame.month.name(),
            now.len()
        );
        let open = last > self.frame.month || self.frame.open;
        let shape = Shape::StackedColumns {
            time,
            series: top_series_with_other(series, STACK),
            open,
        };
        Some(self.drawing(
            title,
            shape,
            "Effective cost: commitments spread over the usage they cover",
        ))
    }

    fn months(&self) -> Vec<String> {
        let rows = self
            .table
            .texts("Month")
            .into_iter()
            .zip(self.table.texts("BillingCurrency"));
        let mut months: Vec<String> = rows
            .filter(|(_, currency)| currency == self.currency)
            .map(|(month, _)| month)
            .collect();
        months.sort();
        months.dedup();
        months
    }
}

/// `+18%` against the month before; `new` where there was nothing.
fn change(now: Money, before: Money) -> String {
    match crate::money::ratio(now - before, before.abs()) {
        None if now == Money::ZERO => String::new(),
        None => "new".to_owned(),
        Some(hundredths) => signed_percent(hundredths),
    }
}

/// Hundredths of a percent as a reader says them.
fn signed_percent(hundredths: i64) -> String {
    let percent = (hundredths.abs() + 50) / 100;
    match hundredths.signum() {
        _ if percent == 0 => "±0%".to_owned(),
        -1 => format!("−{percent}%"),
        _ => format!("+{percent}%"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::drawing::describe;
    use crate::report::table::Cell;

    #[test]
    fn a_ranking_says_its_finding_and_compares() {
        let mut table = Table::new(&["Month", "ServiceName", "EffectiveCost", "BillingCurrency"]);
        let money = |text: &str| Cell::Money(Money::parse(text.as_bytes()).unwrap());
        for (month, service, cost) in [
            ("2026-09", "EC2", "50"),
            ("2026-10", "EC2", "75"),
            ("2026-10", "S3", "25"),
        ] {
            table.rows.push(vec![
                Cell::text(month),
                Cell::text(service),
                money(cost),
                Cell::text("USD"),
            ]);
        }
        let spec = ChartSpec::Bars {
            label: "ServiceName".into(),
            value: "EffectiveCost".into(),
            what: "services".into(),
        };
        let frame = Frame {
            month: Month::parse("2026-10").unwrap(),
            open: false,
            freshness: "closed".into(),
            as_of: "as of 2026-11-21".into(),
        };
        let drawings = drawings(&spec, &table, &frame);
        let text = describe(&drawings[0].1);
        assert!(text.contains("EC2 is the largest, 75% of it"), "{text}");
        assert!(text.contains("+50%") && text.contains("new"), "{text}");
    }
}
