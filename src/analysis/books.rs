//! Closed books: every stage of the street must hold what the stage before held, to the last digit.
//! Beside the chain stands the identity of amortised cost, which a partial export may break in good faith.

use crate::money::Money;
use std::collections::BTreeMap;

/// What `books.csv` calls the identity amortised = unblended − upfront − true-up.
pub const IDENTITY: &str = "amortised identity";

/// What a stage holds of one cost column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The bill; `(all)` for reports, which do not tell bills apart.
    pub source: String,
    /// Billing period, `2026-10`; empty where a row set aside names none.
    pub month: String,
    /// Currency.
    pub currency: String,
    /// The invoice; empty for all charges of the period together.
    pub invoice: String,
    /// The billing account; empty for all of them together.
    pub account: String,
    /// Cost column, or [`IDENTITY`].
    pub column: &'static str,
    /// Where on the street.
    pub stage: Stage,
    /// Rows.
    pub rows: u64,
    /// Sum; `None` where the stage has no such column.
    pub amount: Option<Money>,
}

/// Where on the street.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Read from the export, before any mapping.
    Export,
    /// Taken in as charges.
    Accepted,
    /// Set aside with a reason.
    Quarantined,
    /// Left out, because another file of the source has the same charges amortised.
    Superseded,
    /// Added by a rule for a known mistake of the export: `rule` and its code.
    Rule(String),
    /// Read back from the lake.
    Lake,
    /// In the facts.
    Facts,
    /// In a report that claims to cover it.
    Report(String),
    /// Of the identity: what the rows charge.
    Unblended,
    /// Of the identity: what commitments cost at once.
    Upfront,
    /// Of the identity: less the month's part of upfronts.
    TrueUp,
    /// Of the identity: cost with commitments spread.
    Amortised,
}

impl Stage {
    /// As `books.csv` calls it.
    pub fn name(&self) -> &str {
        match self {
            Stage::Export => "export",
            Stage::Accepted => "accepted",
            Stage::Quarantined => "quarantined",
            Stage::Superseded => "superseded",
            Stage::Lake => "lake",
            Stage::Facts => "facts",
            Stage::Rule(name) | Stage::Report(name) => name,
            Stage::Unblended => "unblended",
            Stage::Upfront => "upfront",
            Stage::TrueUp => "trueup",
            Stage::Amortised => "amortised",
        }
    }
}

/// A line of the books: what a stage holds, and by how much that differs from what it must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What the stage holds.
    pub held: Held,
    /// Against what it must hold; `None` where there is nothing to hold it against.
    pub difference: Option<Money>,
}

type Account = (String, String, String, String, String, &'static str);

/// The books, by source, period, currency, invoice, billing account, column and stage.
pub fn books(mut held: Vec<Held>) -> Vec<Line> {
    let key = |h: &Held| {
        (
            h.source.clone(),
            h.month.clone(),
            h.currency.clone(),
            h.invoice.clone(),
            h.account.clone(),
            h.column,
        )
    };
    held.sort_by(|a, b| (key(a), &a.stage).cmp(&(key(b), &b.stage)));
    let mut accounts: BTreeMap<Account, BTreeMap<Stage, Option<Money>>> = BTreeMap::new();
    for one in &held {
        accounts
            .entry(key(one))
            .or_default()
            .insert(one.stage.clone(), one.amount);
    }
    held.into_iter()
        .map(|held| {
            let stages = &accounts[&key(&held)];
            let expected = expected(&held.stage, stages);
            let difference = expected.map(|expected| held.amount.unwrap_or_default() - expected);
            Line { held, difference }
        })
        .collect()
}

/// What a stage must hold: accepted is the export less what was set aside or superseded, with what rules
/// added; every later one the one before.
fn expected(stage: &Stage, stages: &BTreeMap<Stage, Option<Money>>) -> Option<Money> {
    let of = |stage: &Stage| stages.get(stage).copied().map(Option::unwrap_or_default);
    match stage {
        Stage::Export
        | Stage::Quarantined
        | Stage::Superseded
        | Stage::Rule(_)
        | Stage::Unblended
        | Stage::Upfront
        | Stage::TrueUp => None,
        Stage::Amortised => {
            let rest =
                of(&Stage::Upfront).unwrap_or_default() + of(&Stage::TrueUp).unwrap_or_default();
            Some(of(&Stage::Unblended)? - rest)
        }
        Stage::Accepted => {
            let export = stages.get(&Stage::Export).copied().flatten()?;
            let out = [Stage::Quarantined, Stage::Superseded].map(|stage| of(&stage));
            let out: Money = out.into_iter().flatten().sum();
            let rules = stages
                .iter()
                .filter(|(stage, _)| matches!(stage, Stage::Rule(_)));
            let added: Money = rules.filter_map(|(_, amount)| *amount).sum();
            Some(export + added - out)
        }
        Stage::Lake => of(&Stage::Accepted),
        Stage::Facts => of(&Stage::Lake),
        Stage::Report(_) => of(&Stage::Facts),
    }
}

/// The lines where the chain breaks.
pub fn breaks(lines: &[Line]) -> Vec<&Line> {
    lines
        .iter()
        .filter(|line| {
            let differs = line.difference.is_some_and(|by| by != Money::ZERO);
            differs && line.held.stage != Stage::Amortised
        })
        .collect()
}

/// Less than a cent is the provider's rounding of many hourly amounts.
const ROUNDING: Money = Money::from_units(10_000_000_000);

/// The lines where amortised cost is not what unblended cost makes of it: rows of some commitment are in
/// another export.
pub fn unlike(lines: &[Line]) -> Vec<&Line> {
    lines
        .iter()
        .filter(|line| {
            let differs = line.difference.is_some_and(|by| by.abs() >= ROUNDING);
            differs && line.held.stage == Stage::Amortised
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(stage: Stage, amount: i128) -> Held {
        let (source, month, currency) = ("aws".to_owned(), "2026-10".to_owned(), "USD".to_owned());
        Held {
            source,
            month,
            currency,
            invoice: String::new(),
            account: String::new(),
            column: "BilledCost",
            stage,
            rows: 1,
            amount: Some(Money::from_units(amount)),
        }
    }

    #[test]
    fn a_whole_chain_closes() {
        let lines = books(vec![
            held(Stage::Lake, 7),
            held(Stage::Export, 10),
            held(Stage::Quarantined, 3),
            held(Stage::Accepted, 7),
            held(Stage::Facts, 7),
        ]);
        assert!(breaks(&lines).is_empty());
        let stages: Vec<&str> = lines.iter().map(|line| line.held.stage.name()).collect();
        assert_eq!(
            stages,
            ["export", "accepted", "quarantined", "lake", "facts"]
        );
    }

    #[test]
    fn what_another_file_has_is_not_lost() {
        let lines = books(vec![
            held(Stage::Export, 10),
            held(Stage::Superseded, 6),
            held(Stage::Accepted, 4),
        ]);
        assert!(breaks(&lines).is_empty());
    }

    #[test]
    fn what_rules_add_is_accepted_too() {
        let lines = books(vec![
            held(Stage::Export, 10),
            held(Stage::Rule("rule CreditsOutsideCost".into()), -4),
            held(Stage::Rule("rule Other".into()), 1),
            held(Stage::Accepted, 7),
        ]);
        assert!(breaks(&lines).is_empty());
        assert_eq!(lines[2].held.stage.name(), "rule CreditsOutsideCost");
    }

    #[test]
    fn one_unit_too_few_breaks_it() {
        let lines = books(vec![
            held(Stage::Export, 10),
            held(Stage::Accepted, 9),
            held(Stage::Lake, 9),
        ]);
        let breaks = breaks(&lines);
        assert_eq!(breaks.len(), 1);
        assert_eq!(breaks[0].difference, Some(Money::from_units(-1)));
    }

    #[test]
    fn an_identity_that_does_not_hold_is_a_finding_and_no_break() {
        let cent = ROUNDING.units();
        let parts = |amortised: i128| {
            vec![
                held(Stage::Unblended, 100 * cent),
                held(Stage::Upfront, 60 * cent),
                held(Stage::TrueUp, -5 * cent),
                held(Stage::Amortised, amortised),
            ]
        };
        assert!(unlike(&books(parts(45 * cent))).is_empty());
        let lines = books(parts(44 * cent));
        assert!(breaks(&lines).is_empty());
        assert_eq!(unlike(&lines)[0].difference, Some(Money::from_units(-cent)));
    }
}
