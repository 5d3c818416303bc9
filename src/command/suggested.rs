//! Variants, merges, owners for the untagged and what to put right: from the night's charges to tables.

use super::night::Night;
use super::plan::Plan;
use super::tagging::{self, Tagged};
use crate::analysis::compliance::Compliance;
use crate::analysis::fixes::{Fixes, fixes};
use crate::analysis::merging::{Merged, aliases};
use crate::analysis::owners::{Accuracy, Evidence, Owners, owners};
use crate::analysis::variants::{Difference, Variant, Weight, What, variants, weigh};
use crate::error::Result;
use crate::money::percent;
use crate::policy::TagPolicy;
use crate::report::table::{Cell, Table};
use std::collections::BTreeMap;

/// What the charges' tags suggest.
#[derive(Debug, Default)]
pub(super) struct Suggested {
    /// Each with the rule that merges it, and what stands on it.
    variants: Vec<(Variant, bool, Vec<Weight>)>,
    merged: Vec<(Merged, Vec<Weight>)>,
    owners: Owners,
    pub(super) fixes: Fixes,
}

/// Judges every charge of the night by the policy and looks for what could be better.
pub(super) fn look(night: &Night, plan: &Plan) -> Result<(Compliance, Suggested)> {
    let tagged = tagging::read(night, plan)?;
    let policy = &plan.policy;
    let (compliance, (owners, (variants, merged))) = rayon::join(
        || tagging::judge(&tagged, night, plan),
        || {
            rayon::join(
                || owners(&tagged.charges, &night.resources, policy),
                || {
                    rayon::join(
                        || weighed(&tagged, night, policy),
                        || merges(&tagged, night, policy),
                    )
                },
            )
        },
    );
    let rows = (tagged.charges.as_slice(), tagged.written.as_slice());
    let fixes = fixes(rows, &compliance, &owners.suggestions, policy);
    let suggested = Suggested {
        variants,
        merged,
        owners,
        fixes,
    };
    Ok((compliance, suggested))
}

/// Every variant with what stands on it.
fn weighed(
    tagged: &Tagged,
    night: &Night,
    policy: &TagPolicy,
) -> Vec<(Variant, bool, Vec<Weight>)> {
    let found = variants(&tagged.charges, &tagged.written, policy);
    let mut by_word: BTreeMap<(What, &str, &str), usize> = BTreeMap::new();
    for (at, one) in found.iter().enumerate() {
        let key = if one.what == What::Key {
            ""
        } else {
            one.key.as_str()
        };
        by_word.insert((one.what, key, &one.written), at);
    }
    let mut weights = weigh(&tagged.charges, &tagged.written, |tags| {
        let pairs = tags.iter().flat_map(|(key, value)| {
            let own = policy.rule_of(key).map_or(key.as_str(), |rule| &rule.key);
            [
                (What::Key, "", key.as_str()),
                (What::Value, own, value.as_str()),
            ]
        });
        pairs
            .filter_map(|word| by_word.get(&word).copied())
            .collect()
    });
    let made = found.iter().enumerate().map(|(at, one)| {
        let applied = night.merges.rule(one).is_some();
        (
            one.clone(),
            applied,
            weights.remove(&at).unwrap_or_default(),
        )
    });
    made.collect()
}

/// Every merge that happened, aliases of the policy included, with what it moved.
fn merges(tagged: &Tagged, night: &Night, policy: &TagPolicy) -> Vec<(Merged, Vec<Weight>)> {
    let mut numbers: BTreeMap<Merged, usize> = BTreeMap::new();
    let mut weights = weigh(&tagged.charges, &tagged.written, |tags| {
        let merged = night.merges.apply(tags, policy);
        let counted = merged.as_ref().map_or(tags, |(counted, _)| counted);
        let aliased = aliases(counted, policy);
        let merged = merged.into_iter().flat_map(|(_, merged)| merged);
        let next = |one: Merged| {
            let next = numbers.len();
            *numbers.entry(one).or_insert(next)
        };
        merged.chain(aliased).map(next).collect()
    });
    let weighed = numbers
        .into_iter()
        .map(|(one, at)| (one, weights.remove(&at).unwrap_or_default()));
    weighed.collect()
}

fn count(count: u64) -> Cell {
    Cell::Count(i64::try_from(count).unwrap_or(i64::MAX))
}

fn share(share: Option<i64>) -> Cell {
    share.map_or(Cell::Empty, Cell::Percent)
}

fn yes(yes: bool) -> Cell {
    Cell::text(if yes { "yes" } else { "no" })
}

impl Suggested {
    /// What a reader should know about the suggestions.
    pub(super) fn notes(&self) -> Option<String> {
        let all = self
            .owners
            .accuracy
            .iter()
            .filter(|row| row.is_untagged() && row.suggested > 0);
        let told: Vec<String> = all.map(measured).collect();
        (!told.is_empty()).then(|| {
            format!(
                "suggested owners, measured by hiding 20 % of the known owner tags at a time: {}",
                told.join("; ")
            )
        })
    }

    /// `tag_variants.csv`.
    pub(super) fn variants_table(&self) -> Table {
        let mut table = Table::new(&[
            "Kind",
            "Key",
            "Variant",
            "Canonical",
            "Basis",
            "Resources",
            "Cost",
            "BillingCurrency",
            "Applied",
            "Month",
            "Confidence",
        ]);
        for (one, applied, weights) in &self.variants {
            for weight in weights {
                let texts = [
                    one.what.name(),
                    &one.key,
                    &one.written,
                    &one.meant,
                    one.difference.name(),
                ];
                let mut row: Vec<Cell> = texts.map(Cell::text).into();
                row.extend([count(weight.resources), Cell::Money(weight.cost)]);
                row.extend([
                    Cell::text(&weight.currency),
                    yes(*applied),
                    Cell::text(&weight.month),
                ]);
                row.push(Cell::text(match one.difference {
                    Difference::Plural => "low",
                    Difference::Edits => "medium",
                    _ => "high",
                }));
                table.rows.push(row);
            }
        }
        table
    }

    /// `tag_merges.csv`.
    pub(super) fn merges_table(&self) -> Table {
        let mut table = Table::new(&[
            "Month",
            "Kind",
            "Key",
            "From",
            "To",
            "Rule",
            "Resources",
            "Cost",
            "BillingCurrency",
        ]);
        let lines = self
            .merged
            .iter()
            .flat_map(|(one, weights)| weights.iter().map(move |w| (w, one)));
        let mut lines: Vec<(&Weight, &Merged)> = lines.collect();
        lines.sort_by_key(|(weight, one)| (&weight.month, &weight.currency, *one));
        for (weight, one) in lines {
            let texts = [
                &weight.month,
                one.what.name(),
                &one.key,
                &one.from,
                &one.to,
                &one.rule,
            ];
            let mut row: Vec<Cell> = texts.map(Cell::text).into();
            row.extend([
                count(weight.resources),
                Cell::Money(weight.cost),
                Cell::text(&weight.currency),
            ]);
            table.rows.push(row);
        }
        table
    }

    /// `owner_suggestions.csv`.
    pub(super) fn suggestions_table(&self) -> Table {
        let mut table = Table::new(&[
            "ResourceId",
            "SubAccountId",
            "ServiceName",
            "Tag",
            "Suggestion",
            "Evidence",
            "Confidence",
            "MonthCost",
            "BillingCurrency",
            "Accepted",
            "ProviderName",
            "EvidenceKind",
        ]);
        for one in &self.owners.suggestions {
            let texts = [
                &one.resource_id,
                &one.sub_account,
                &one.service,
                &one.tag,
                &one.value,
                &one.sentence,
            ];
            let mut row: Vec<Cell> = texts.map(Cell::text).into();
            row.extend([
                share(one.precision),
                Cell::Money(one.cost),
                Cell::text(&one.currency),
            ]);
            row.extend([yes(one.accepted), Cell::text(&one.provider)]);
            row.push(Cell::text(one.evidence.map_or("", Evidence::name)));
            table.rows.push(row);
        }
        table
    }

    /// `suggestion_accuracy.csv`.
    pub(super) fn accuracy_table(&self) -> Table {
        let mut table = Table::new(&[
            "Tag",
            "Evidence",
            "Hidden",
            "Suggested",
            "Right",
            "Precision",
            "Recall",
            "CostPrecision",
            "CostRecall",
            "BillingCurrency",
            "Used",
        ]);
        for row in &self.owners.accuracy {
            let mut cells = vec![Cell::text(&row.tag), Cell::text(row.evidence)];
            cells.extend([row.hidden, row.suggested, row.right].map(count));
            let shares = [
                row.precision(),
                row.recall(),
                row.cost_precision(),
                row.cost_recall(),
            ];
            cells.extend(shares.map(share));
            cells.extend([Cell::text(&row.currency), yes(row.used)]);
            table.rows.push(cells);
        }
        table
    }
}

/// `team: 95.00 % right, 80.00 % found`.
fn measured(row: &Accuracy) -> String {
    let [right, found] =
        [row.precision(), row.recall()].map(|share| percent(share.unwrap_or_default()));
    format!(
        "{} {right} % of the suggestions right, {found} % of the tags found",
        row.tag
    )
}
