//! Waste: what is paid for and not needed, from the bill's own lines.
//!
//! A table of checks (`waste/checks.toml`) names lines and a rule; a finding says what it looked at, what would be
//! saved per month of 730 hours (`low ≤ high ≤` what the lines cost) and how sure that is. No price comes from a catalogue
//! but as a ratio; what commitments cover counts in the high saving alone. What nobody can price has no amounts.
//! Refuses to judge what it did not see: too few days, a resource that is gone, traffic that names no resource.

mod bill;
mod charged;
mod check;
mod inventory;
mod line;
mod look;
mod rules;
mod settle;
#[cfg(test)]
mod tests;
mod volume;

pub use bill::{Bill, Committable};
pub use charged::Charged;
pub use check::{Check, Evidence, checks, is_nonproduction};
pub use inventory::{Item, Sort, Unused, leftovers};
pub use line::Line;
pub use settle::{Claim, settle};

use crate::analysis::finding::{Action, Confidence, expected_value};
use crate::money::Money;
use crate::resource::Usage;
use check::Rule;
use look::{Draft, Look};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// How waste is looked for.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Days without use that make a resource idle.
    pub idle_days: u32,
    /// Least saving per month of 730 hours, in the currency of the bill.
    pub least: Money,
    /// Checks left out.
    pub skip: Vec<String>,
}

/// Everything that is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The bill of each source.
    pub bills: &'a [Bill],
    /// What inventories list.
    pub items: &'a [Item<'a>],
    /// Measured series.
    pub usage: &'a [Usage],
    /// What commitments left unused in the latest month that is over.
    pub unused: &'a [Unused],
}

/// Something that is paid for and not needed.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The check.
    pub check: &'static Check,
    /// FOCUS `ResourceId`, empty for what an account as a whole does.
    pub resource_id: String,
    /// FOCUS `SubAccountId`.
    pub sub_account: String,
    /// FOCUS `RegionId`.
    pub region: String,
    /// Low and high saving per month of 730 hours; none where nobody can say.
    pub saving: Option<(Money, Money)>,
    /// What the low saving would have in addition if freed commitments found other use.
    pub covered: Money,
    /// What the lines cost per month of 730 hours, where they are on the bill.
    pub cost: Option<Money>,
    /// How sure the saving is.
    pub confidence: Confidence,
    /// Currency of the amounts.
    pub currency: String,
    /// What was seen, for people.
    pub evidence: String,
    /// The lines: bill and meter.
    pub lines: Vec<(usize, usize)>,
}

impl Finding {
    /// What competes for the finding's lines; a guess competes for nothing.
    pub fn claim(&self) -> Claim {
        Claim {
            action: self.check.action,
            saving: self.saving.filter(|_| self.may_count()),
            lines: self.lines.clone(),
            name: format!(
                "{} {} {}",
                self.check.id, self.resource_id, self.sub_account
            ),
        }
    }

    /// What its rank is made of, see [`expected_value`].
    pub fn expected_value(&self) -> Money {
        let (low, _) = self.saving.unwrap_or_default();
        expected_value(low, self.confidence, 0, self.check.effort)
    }

    /// True where its saving may be part of a total: priced, more than an order of magnitude, and not what
    /// commitments lose, which is told apart.
    fn may_count(&self) -> bool {
        self.confidence != Confidence::D
            && self.check.action != Action::Review
            && self.saving.is_some()
    }
}

/// What every check finds, dearest first within a currency; ties by check, account and resource.
pub fn find(seen: &Seen, policy: &Policy) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for check in checks()
        .iter()
        .filter(|check| !policy.skip.contains(&check.id))
    {
        for (at, bill) in seen.bills.iter().enumerate() {
            let look = Look {
                bill,
                policy,
                check,
            };
            let drafts = rules::judge(&look, seen);
            found.extend(drafts.into_iter().map(|draft| finding(&look, at, draft)));
        }
        if matches!(check.rule, Rule::Commitment) {
            found.extend(inventory::unused(check, seen.unused));
        }
    }
    found.retain(|finding| {
        let worth = finding.saving.map(|(_, high)| high).or(finding.cost);
        worth.is_none_or(|worth| worth >= policy.least && worth > Money::ZERO)
    });
    found.extend(inventory::unbilled(seen, policy));
    found.sort_by_cached_key(|finding| {
        let (low, high) = finding.saving.unwrap_or_default();
        let dearest = Reverse((finding.saving.is_some(), high, low));
        let place = (finding.check.id.clone(), finding.sub_account.clone());
        (
            finding.currency.clone(),
            dearest,
            place,
            finding.resource_id.clone(),
            finding.region.clone(),
        )
    });
    found
}

fn finding(look: &Look, bill: usize, draft: Draft) -> Finding {
    let meter = &look.bill.meters[draft.meters[0]];
    let guess = draft.days < policy_days(look) && look.check.evidence == Evidence::Billing;
    Finding {
        check: look.check,
        resource_id: if draft.of_account {
            String::new()
        } else {
            meter.resource.clone()
        },
        sub_account: meter.account.clone(),
        region: if draft.of_account {
            draft.region
        } else {
            meter.region.clone()
        },
        saving: draft.saving,
        covered: draft.covered,
        cost: Some(draft.cost),
        confidence: draft
            .confidence
            .max(if guess { Confidence::C } else { Confidence::A }),
        currency: meter.currency.clone(),
        evidence: draft.evidence,
        lines: draft.meters.into_iter().map(|at| (bill, at)).collect(),
    }
}

/// Days below which an amount is projected from too little to be sure of.
fn policy_days(look: &Look) -> u32 {
    look.policy.idle_days
}

/// Low and high saving per currency over the findings that count.
pub fn headline(findings: &[Finding], counted: &[bool]) -> BTreeMap<String, (Money, Money)> {
    let mut totals = BTreeMap::<String, (Money, Money)>::new();
    for (finding, _) in findings
        .iter()
        .zip(counted)
        .filter(|(_, counted)| **counted)
    {
        let (low, high) = finding.saving.unwrap_or_default();
        let total = totals.entry(finding.currency.clone()).or_default();
        total.0 += low;
        total.1 += high;
    }
    totals
}
