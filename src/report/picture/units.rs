//! Unit costs as panels, one per unit and scope: what is small is drawn per thousand or million.

use super::{Month, Rows, signed_percent};
use crate::report::drawing::{
    Band, BandStep, Drawing, Shape, Step, Timeline, compact_money, thousands,
};
use crate::report::table::Cell;
use std::collections::BTreeMap;

/// What a panel is told from: the month, what one cost, and by how much more than before.
struct Point {
    month: Month,
    one: f64,
    change: String,
}

impl Rows<'_> {
    pub(super) fn unit_cost(&self) -> Option<Drawing> {
        let mut panels = self.panels();
        let latest = |points: &[Point]| points.iter().any(|point| point.month == self.frame.month);
        panels.retain(|(_, points, _)| latest(points));
        panels.sort_by(|a, b| b.2.total_cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
        let months = panels.iter().flat_map(|(_, points, _)| points);
        let first = months.map(|point| point.month).min()?.first_day();
        let time = Timeline::spanning(first, self.frame.month.first_day(), Step::Month);
        let bands: Vec<Band> = panels
            .iter()
            .map(|(name, points, _)| self.band(name, points, time))
            .collect();
        let best = bands.first()?;
        let title = format!(
            "{} cost {} in {}",
            best.label,
            best.note,
            self.frame.month.name()
        );
        Some(self.drawing(
            title,
            Shape::Bands { time, bands },
            "Direct cost and a part of shared pools over the quantity of the month; change on the month before; a running month is left out",
        ))
    }

    /// By name: the known months up to the frame's, and the cost of that month.
    fn panels(&self) -> Vec<(String, Vec<Point>, f64)> {
        let column = |name: &str| self.table.texts(name);
        let (months, units, values) = (column("Month"), column("Unit"), column("ScopeValue"));
        let currencies = column("BillingCurrency");
        let changes = self.table.at("ChangeFromPreviousPct");
        let [ones, totals] = ["UnitCost", "TotalCost"].map(|name| self.table.amounts(name));
        let mut panels: BTreeMap<String, (Vec<Point>, f64)> = BTreeMap::new();
        for row in 0..months.len() {
            let (Some(one), Some(month)) = (ones[row], Month::parse(&months[row])) else {
                continue;
            };
            if currencies[row] != self.currency || month > self.frame.month {
                continue;
            }
            let name = match values[row].as_str() {
                "" => units[row].clone(),
                value => format!("{} of {value}", units[row]),
            };
            let (points, size) = panels.entry(name).or_default();
            if month == self.frame.month {
                *size = totals[row].unwrap_or_default().approximate();
            }
            let change = match changes.map(|at| &self.table.rows[row][at]) {
                Some(Cell::Percent(hundredths)) => signed_percent(*hundredths),
                _ => String::new(),
            };
            points.push(Point {
                month,
                one: one.approximate(),
                change,
            });
        }
        let panel = |(name, (points, size))| (name, points, size);
        panels.into_iter().map(panel).collect()
    }

    fn band(&self, name: &str, points: &[Point], time: Timeline) -> Band {
        let largest = points
            .iter()
            .map(|point| point.one.abs())
            .fold(0.0, f64::max);
        let factors = [1.0, 1e3, 1e6].into_iter();
        let factor = factors.clone().find(|factor| largest * factor >= 0.1);
        let factor = factor.or(factors.last()).unwrap_or(1.0);
        let step = |at: usize| {
            let month = Month::of(time.at(at));
            let point = points.iter().find(|point| point.month == month);
            BandStep {
                actual: point.map(|point| point.one * factor),
                ..BandStep::default()
            }
        };
        let last = points.iter().find(|point| point.month == self.frame.month);
        let note = last.map_or_else(String::new, |point| {
            let amount = compact_money(point.one * factor, self.currency);
            match point.change.as_str() {
                "" => amount,
                change => format!("{amount} ({change})"),
            }
        });
        let label = if factor > 1.0 {
            format!("{} × {name}", thousands(factor, 0))
        } else {
            format!("1 {name}")
        };
        Band {
            label,
            note,
            steps: (0..time.len).map(step).collect(),
        }
    }
}
