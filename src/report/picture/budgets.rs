//! Budgets as bars: what their periods will have cost, with what they allow as a tick.

use super::{Rows, TOP};
use crate::report::drawing::{Bar, Drawing, Shape, Tone};

/// Verdicts on periods that are over.
const OVER: [&str; 2] = ["exceeded", "kept"];

impl Rows<'_> {
    /// Of the budgets whose periods go on, those furthest above what they allow first.
    pub(super) fn budgets(&self) -> Option<Drawing> {
        let column = |name: &str| self.table.texts(name);
        let (periods, values, states) = (column("Period"), column("ScopeValue"), column("Status"));
        let currencies = column("BillingCurrency");
        let [allowed, forecast] = ["Budget", "Forecast"].map(|name| self.table.amounts(name));
        let open = |row: &usize| {
            currencies[*row] == self.currency && !OVER.contains(&states[*row].as_str())
        };
        let mut bars: Vec<(i64, Bar)> = Vec::new();
        for row in (0..periods.len()).filter(open) {
            let (Some(forecast), Some(allowed)) = (forecast[row], allowed[row]) else {
                continue;
            };
            let Some(share) = crate::money::ratio(forecast, allowed) else {
                continue;
            };
            let name = match values[row].as_str() {
                "" => "everything",
                value => value,
            };
            let overrun = forecast > allowed;
            let bar = Bar {
                label: format!("{name}, {}", periods[row]),
                value: forecast.approximate(),
                marker: Some(allowed.approximate()),
                note: format!("{}%, {}", (share + 50) / 100, states[row]),
                tone: if overrun { Tone::Accent } else { Tone::Plain },
            };
            bars.push((share, bar));
        }
        bars.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.label.cmp(&b.1.label)));
        let over = bars
            .iter()
            .filter(|(_, bar)| bar.tone == Tone::Accent)
            .count();
        let (_, first) = bars.first()?;
        let title = match over {
            0 if bars.len() == 1 => format!("{} is forecast to be kept", first.label),
            0 => format!("All {} running budgets are forecast to be kept", bars.len()),
            _ => format!(
                "{over} of {} running budgets are forecast to be exceeded; {} the most",
                bars.len(),
                first.label
            ),
        };
        // Budgets overlap, so a rest of them has no sum.
        let hidden = bars.len().saturating_sub(TOP);
        let more = match hidden {
            0 => String::new(),
            _ => format!("; {hidden} more in the table"),
        };
        let shape = Shape::Bars {
            bars: bars.into_iter().take(TOP).map(|(_, bar)| bar).collect(),
            marker: "budget".to_owned(),
        };
        let footnote = format!("Spent so far and forecast for the rest of the period{more}");
        let mut drawing = self.drawing(title, shape, &footnote);
        drawing.subtitle = format!("{} · {}", self.currency, self.frame.as_of);
        Some(drawing)
    }
}
