//! The chart of tag compliance: the month, the months before it, its tags and its largest accounts.

use super::Rows;
use crate::period::Month;
use crate::report::drawing::{ComplianceBar, Drawing, Shape};

/// Months before the month of the chart, at most: with them the course is seen, and the rest has room.
const MONTHS: usize = 5;
/// Accounts, the largest first.
const ACCOUNTS: usize = 8;

impl Rows<'_> {
    /// The rows of the table, as bars of taggable cost.
    pub(super) fn compliance(&self) -> Option<Drawing> {
        let column = |name: &str| self.table.texts(name);
        let (months, scopes) = (column("Month"), column("Scope"));
        let (tags, values) = (column("Tag"), column("ScopeValue"));
        let currencies = column("BillingCurrency");
        let rows = |month: Month, scope: &str| -> Vec<usize> {
            let month = month.to_string();
            let own = |row: &usize| months[*row] == month && scopes[*row] == scope;
            let here = |row: &usize| currencies[*row] == self.currency;
            (0..months.len()).filter(own).filter(here).collect()
        };
        let whole = |month: Month| {
            let all = rows(month, "overall").into_iter();
            all.into_iter().find(|&row| tags[row] == "(all)")
        };
        let all = whole(self.frame.month)?;
        let mut bars = vec![self.bar(all, "all required tags".to_owned())];
        let share = bars[0].shares().map(|[valid, ..]| valid)?;
        let mut month = self.frame.month;
        for _ in 0..MONTHS {
            month = month.previous();
            let before = whole(month).map(|row| self.bar(row, format!("all, in {month}")));
            bars.extend(before.filter(|bar| bar.shares().is_some()));
        }
        let overall = rows(self.frame.month, "overall").into_iter();
        let by_tag = overall.filter(|&row| row != all);
        bars.extend(by_tag.filter_map(|row| {
            let bar = self.bar(row, format!("tag {}", tags[row]));
            (cost(&bar) > 0.0).then_some(bar)
        }));
        let accounts = rows(self.frame.month, "account").into_iter();
        let mut by_account: Vec<ComplianceBar> = accounts
            .filter(|&row| tags[row] == "(all)")
            .map(|row| self.bar(row, format!("account {}", values[row])))
            .filter(|bar| cost(bar) > 0.0)
            .collect();
        by_account.sort_by(|a, b| {
            let larger = cost(b).total_cmp(&cost(a));
            larger.then_with(|| a.label.cmp(&b.label))
        });
        bars.extend(by_account.into_iter().take(ACCOUNTS));
        let target = self.target(all);
        let verdict = match target {
            Some(target) if share < target => format!(", target {target:.0}%"),
            Some(target) => format!(", above the target of {target:.0}%"),
            None => String::new(),
        };
        let title = format!("{share:.0}% of taggable cost carries every required tag{verdict}");
        Some(self.drawing(
            title,
            Shape::Compliance { target, bars },
            "By cost; taxes, fees, credits, exempt cost and charges without a resource are left out",
        ))
    }

    fn bar(&self, row: usize, label: String) -> ComplianceBar {
        let amount = |name: &str| {
            let at = self.table.at(name);
            let cell = at.and_then(|at| self.table.rows[row][at].approximate());
            cell.unwrap_or_default()
        };
        ComplianceBar {
            label,
            valid: amount("ValidCost"),
            invalid: amount("InvalidCost"),
            missing: amount("MissingCost"),
            target: self.target(row),
        }
    }

    fn target(&self, row: usize) -> Option<f64> {
        let at = self.table.at("TargetPct")?;
        self.table.rows[row][at].approximate()
    }
}

fn cost(bar: &ComplianceBar) -> f64 {
    bar.valid + bar.invalid + bar.missing
}
