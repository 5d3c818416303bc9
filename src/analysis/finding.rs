//! Findings of rightsizing: the rows of `rightsizing.csv` and `rightsizing_skipped.csv`, and their order.
//!
//! Nothing is judged here; a finding is ranked by what it can be expected to bring.

use crate::analysis::saving::Basis;
use crate::money::Money;
use crate::resource::key;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What to do with a resource, in order of precedence: each charge has one action that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Remove it.
    Delete,
    /// Switch it off and ask the owner; deleting comes after that.
    Stop,
    /// Switch it off at nights and weekends.
    Schedule,
    /// Change to a smaller type.
    Resize,
    /// Change to a cheaper class of storage.
    Retier,
    /// Bring a licence or buy another plan.
    License,
    /// Change to a newer generation of at least the same size.
    Modernise,
    /// Change to ARM; programs must be rebuilt.
    Arm,
    /// Look at it: the bill shows what it costs, not what of it is needed.
    Review,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Action::Delete => "delete",
            Action::Stop => "stop",
            Action::Schedule => "schedule",
            Action::Resize => "resize",
            Action::Retier => "retier",
            Action::License => "license",
            Action::Modernise => "modernise",
            Action::Arm => "arm",
            Action::Review => "review",
        })
    }
}

/// Work that an action takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effort {
    /// One restart inside the family.
    VeryLow,
    /// Another family of the same architecture.
    Low,
    /// New drivers or disks, or another architecture.
    Medium,
    /// Both.
    High,
}

impl Effort {
    /// One twelfth of 12 ÷ effort, for efforts 1, 1.5, 3 and 6: dividing by an effort stays exact.
    fn ease(self) -> i128 {
        match self {
            Effort::VeryLow => 6,
            Effort::Low => 4,
            Effort::Medium => 2,
            Effort::High => 1,
        }
    }
}

impl fmt::Display for Effort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Effort::VeryLow => "very low",
            Effort::Low => "low",
            Effort::Medium => "medium",
            Effort::High => "high",
        })
    }
}

/// How sure a saving is, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Confidence {
    /// Own prices and a month of fine data.
    A,
    /// One of them weaker.
    B,
    /// Catalogue ratios, less than two weeks, or a guess that the owner must confirm.
    C,
    /// An order of magnitude; never in a headline.
    D,
}

impl Confidence {
    /// Probability in percent that the saving comes true, as used in the rank.
    fn percent(self) -> i128 {
        match self {
            Confidence::A => 95,
            Confidence::B => 80,
            Confidence::C => 50,
            Confidence::D => 25,
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl From<Basis> for Confidence {
    fn from(basis: Basis) -> Confidence {
        match basis {
            Basis::OwnRate => Confidence::A,
            Basis::OwnFamily => Confidence::B,
            Basis::CatalogueRatio => Confidence::C,
            Basis::CatalogueOnly => Confidence::D,
        }
    }
}

/// One way to save on a machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What to do.
    pub action: Action,
    /// Machine type to change to; empty for [`Action::Stop`].
    pub recommended_type: String,
    /// P99.5 of CPU in percent of the target; may pass 100 where a preset accepts that.
    pub projected_cpu_p995: Option<f64>,
    /// Highest memory use in percent of the target.
    pub projected_memory_max: Option<f64>,
    /// 0 to 4, see [`crate::analysis::fit::risk`].
    pub risk: u8,
    /// Work it takes.
    pub effort: Effort,
    /// How sure the saving is.
    pub confidence: Confidence,
    /// Saving per month of 730 hours if freed commitments cover nothing else.
    pub savings_low: Money,
    /// Saving per month of 730 hours if they do.
    pub savings_high: Money,
    /// Where the prices come from.
    pub basis: Basis,
}

impl Choice {
    /// Low saving × probability × (1 − risk ÷ 5) ÷ effort: what the rank is made of.
    pub fn expected_value(&self) -> Money {
        expected_value(self.savings_low, self.confidence, self.risk, self.effort)
    }

    /// True where it may count in a total.
    pub fn in_headline(&self) -> bool {
        self.confidence != Confidence::D
    }
}

/// Low saving × probability × (1 − risk ÷ 5) ÷ effort.
pub fn expected_value(low: Money, confidence: Confidence, risk: u8, effort: Effort) -> Money {
    let weight = confidence.percent() * i128::from(5 - risk.min(5)) * effort.ease();
    Money::from_units(low.units().saturating_mul(weight) / 3000)
}

/// What is judged: each kind has a method of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A virtual machine.
    #[default]
    Machine,
    /// Machines that stand in for each other.
    Group,
    /// A managed database.
    Database,
    /// A volume or managed disk.
    Disk,
    /// A container of a cluster and what it requests.
    Workload,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Machine => "machine",
            Kind::Group => "group",
            Kind::Database => "database",
            Kind::Disk => "disk",
            Kind::Workload => "workload",
        })
    }
}

/// A resource on which money can be saved.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Place in the order, from 1; 0 before [`rank`].
    pub rank: usize,
    /// What it is.
    pub kind: Kind,
    /// Join keys of the resources whose charges it saves on: of a group its members'.
    pub keys: Vec<String>,
    /// Id as the inventory prints it.
    pub resource_id: String,
    /// FOCUS `SubAccountId`.
    pub sub_account: String,
    /// FOCUS `RegionId`.
    pub region: String,
    /// Team that owns it.
    pub team: String,
    /// Type now, in words.
    pub current_type: String,
    /// P95 of CPU in percent, where it has one.
    pub cpu_p95: Option<f64>,
    /// P99.5 of CPU in percent.
    pub cpu_p995: Option<f64>,
    /// Highest memory use in percent; `None` where not measured.
    pub memory_max: Option<f64>,
    /// The one action that counts.
    pub choice: Choice,
    /// Other ways, best first; never part of a total.
    pub alternatives: Vec<Choice>,
    /// Its cost per month of 730 hours: no saving exceeds it.
    pub monthly_cost: Money,
    /// Currency of all amounts.
    pub currency: String,
    /// Why, for people.
    pub reason: String,
}

/// A resource looked at without a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Id as the inventory prints it.
    pub resource_id: String,
    /// FOCUS `SubAccountId`.
    pub sub_account: String,
    /// Type now, empty where unknown.
    pub current_type: String,
    /// Why not, for people.
    pub reason: String,
    /// What it is.
    pub kind: Kind,
}

/// What came of one resource.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Something to do.
    Finding(Box<Finding>),
    /// Nothing to do, and why.
    Skipped(Skipped),
}

/// Findings in order of expected value, those outside the headline last, ties by amount and resource id; the
/// skipped by resource id. A resource judged twice (two inventories list it) counts once, by its first verdict.
pub fn rank(verdicts: impl IntoIterator<Item = Verdict>) -> (Vec<Finding>, Vec<Skipped>) {
    let (mut findings, mut skipped, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for verdict in verdicts {
        let (kind, account, id) = match &verdict {
            Verdict::Finding(one) => (one.kind, &one.sub_account, &one.resource_id),
            Verdict::Skipped(one) => (one.kind, &one.sub_account, &one.resource_id),
        };
        // Ids of AWS machines and ARM paths are unique on their own; names of Google machines are not.
        let id = key(id);
        let unique = id.starts_with("i-") || id.starts_with('/');
        let account = if unique {
            String::new()
        } else {
            account.clone()
        };
        if !seen.insert((kind, account, id)) {
            continue;
        }
        match verdict {
            Verdict::Finding(finding) => findings.push(*finding),
            Verdict::Skipped(reason) => skipped.push(reason),
        }
    }
    place(&mut findings);
    skipped.sort();
    (findings, skipped)
}

/// Puts findings in their order and says which place each has.
pub fn place(findings: &mut [Finding]) {
    findings.sort_by_cached_key(|f| {
        let best_first = std::cmp::Reverse((
            f.choice.in_headline(),
            f.choice.expected_value(),
            f.choice.savings_high,
        ));
        (best_first, f.resource_id.clone(), f.sub_account.clone())
    });
    for (place, finding) in (1..).zip(findings) {
        finding.rank = place;
    }
}

/// Low and high saving per currency over the primary actions that count: those that may stand in a headline and
/// that no stronger action on the same hours replaces.
pub fn headline(findings: &[Finding], counted: &[bool]) -> BTreeMap<String, (Money, Money)> {
    let mut totals = BTreeMap::<String, (Money, Money)>::new();
    let counted = findings
        .iter()
        .zip(counted)
        .filter(|(_, counted)| **counted);
    for (finding, _) in counted.filter(|(finding, _)| finding.choice.in_headline()) {
        let total = totals.entry(finding.currency.clone()).or_default();
        total.0 += finding.choice.savings_low;
        total.1 += finding.choice.savings_high;
    }
    totals
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(low: &str, confidence: Confidence, risk: u8, effort: Effort) -> Choice {
        let savings_low = Money::parse(low.as_bytes()).unwrap();
        Choice {
            action: Action::Resize,
            recommended_type: "m5.large".into(),
            projected_cpu_p995: None,
            projected_memory_max: None,
            risk,
            effort,
            confidence,
            savings_low,
            savings_high: savings_low,
            basis: Basis::OwnRate,
        }
    }

    fn verdict(id: &str, low: &str, confidence: Confidence) -> Verdict {
        Verdict::Finding(Box::new(Finding {
            rank: 0,
            kind: Kind::Machine,
            keys: vec![id.into()],
            resource_id: id.into(),
            sub_account: String::new(),
            region: String::new(),
            team: String::new(),
            current_type: "m5.xlarge".into(),
            cpu_p95: Some(1.0),
            cpu_p995: Some(2.0),
            memory_max: None,
            choice: choice(low, confidence, 0, Effort::VeryLow),
            alternatives: Vec::new(),
            monthly_cost: Money::ZERO,
            currency: "USD".into(),
            reason: String::new(),
        }))
    }

    #[test]
    fn expected_value_weighs_probability_risk_and_effort() {
        let value = |c, risk, effort| choice("100", c, risk, effort).expected_value().to_string();
        assert_eq!(value(Confidence::A, 0, Effort::VeryLow), "95.00");
        assert_eq!(value(Confidence::B, 1, Effort::Medium), "21.333333333333");
        assert_eq!(value(Confidence::D, 4, Effort::High), "0.833333333333");
    }

    #[test]
    fn the_order_is_by_value_then_id_and_guesses_come_last() {
        let given = [
            ("i-d", "9000", Confidence::D),
            ("i-b", "10", Confidence::A),
            ("i-a", "10", Confidence::A),
        ];
        let (findings, _) = rank(given.map(|(id, low, c)| verdict(id, low, c)));
        let order: Vec<_> = findings
            .iter()
            .map(|f| (f.rank, f.resource_id.as_str()))
            .collect();
        assert_eq!(order, [(1, "i-a"), (2, "i-b"), (3, "i-d")]);
    }

    #[test]
    fn a_resource_counts_once() {
        let arn = "arn:aws:ec2:eu-west-1:1:instance/i-A";
        let (findings, skipped) = rank([
            verdict("i-a", "10", Confidence::A),
            verdict(arn, "10", Confidence::A),
        ]);
        assert_eq!((findings.len(), skipped.len()), (1, 0));
        assert_eq!(headline(&findings, &[true])["USD"].0.to_string(), "10.00");
    }
}
