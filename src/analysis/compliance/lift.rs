//! What would lift compliance most: the parts of the latest month whose failing cost, put right, raises the
//! overall share of a tag. Looks only at cost that fails; costs that add up below zero lift nothing.

use super::judgement::{Judged, Judgement, Standing};
use super::{ALL_TAGS, ComplianceRow, Scope};
use crate::money::Money;
use crate::policy::TagPolicy;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Lines of a tag and scope (our own choice: what somebody reads).
const TOP: usize = 50;

/// One part of the latest month and what it would lift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lift {
    /// From 1, by currency, tag and scope.
    pub rank: u64,
    /// What the part is.
    pub scope: LiftScope,
    /// Which team, account, service or resource.
    pub scope_value: String,
    /// The key as the policy has it, or all required ones.
    pub tag: String,
    /// Cost under a wrong key or value.
    pub invalid_cost: Money,
    /// Cost without the tag.
    pub missing_cost: Money,
    /// Resources that are to be put right.
    pub resources: u64,
    /// Points of the overall share gained if all of it were put right, in ten-thousandths of a percentage
    /// point; `None` where the overall share is none.
    pub points: Option<i64>,
    /// Currency of the costs.
    pub currency: String,
    /// The latest month of that currency in which anything taggable cost something, `2026-10`.
    pub month: String,
}

/// What can be put right as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LiftScope {
    /// One team.
    Team,
    /// One `SubAccountId`.
    Account,
    /// One `ServiceName`.
    Service,
    /// One resource.
    Resource,
}

impl LiftScope {
    /// Its name in the report.
    pub fn name(self) -> &'static str {
        match self {
            LiftScope::Team => "team",
            LiftScope::Account => "account",
            LiftScope::Service => "service",
            LiftScope::Resource => "resource",
        }
    }

    fn of(scope: Scope) -> Option<LiftScope> {
        match scope {
            Scope::Team => Some(LiftScope::Team),
            Scope::Account => Some(LiftScope::Account),
            Scope::Service => Some(LiftScope::Service),
            Scope::Overall | Scope::Provider | Scope::Environment => None,
        }
    }
}

impl Lift {
    /// Cost that fails.
    pub fn failing_cost(&self) -> Money {
        self.invalid_cost + self.missing_cost
    }

    /// Points per resource that is to be put right, in ten-thousandths of a percentage point, rounded down.
    pub fn points_per_resource(&self) -> Option<i64> {
        let resources = i64::try_from(self.resources).ok()?;
        self.points?.checked_div(resources)
    }
}

/// The parts of the latest month of each currency, by currency, tag, scope and rank.
pub(super) fn lifts(
    rows: &[ComplianceRow],
    judgement: &Judgement,
    policy: &TagPolicy,
) -> Vec<Lift> {
    let mut latest: BTreeMap<&str, &str> = BTreeMap::new();
    let whole = |row: &&ComplianceRow| row.scope == Scope::Overall;
    // A month that has begun with a charge or two of nothing says nothing yet.
    let is_alive = |row: &&ComplianceRow| row.taggable_cost() != Money::ZERO;
    for row in rows.iter().filter(whole).filter(is_alive) {
        let month = latest.entry(&row.currency).or_default();
        *month = (*month).max(&row.month);
    }
    let mut tags: Vec<(&str, Vec<usize>)> = policy.tags();
    tags.push((ALL_TAGS, vec![policy.rules().len()]));
    let mut all = Vec::new();
    for (currency, month) in latest {
        let here = |row: &&ComplianceRow| row.currency == currency && row.month == month;
        let rows: Vec<&ComplianceRow> = rows.iter().filter(here).collect();
        let own = |one: &&Judged| one.charge.currency == currency && one.charge.month == month;
        let judged: Vec<&Judged> = judgement.judged.iter().filter(own).collect();
        for (tag, rules) in &tags {
            let rows: Vec<&ComplianceRow> =
                rows.iter().filter(|row| row.tag == *tag).copied().collect();
            let overall = rows.iter().find(|row| row.scope == Scope::Overall);
            let mut parts: Vec<Lift> = rows.iter().filter_map(|row| of_row(row)).collect();
            parts.extend(of_resources(&judged, rules, (tag, month, currency)));
            parts.retain(|part| part.failing_cost() > Money::ZERO);
            for part in &mut parts {
                part.points = overall.and_then(|row| points(part.failing_cost(), row));
            }
            all.extend(ranked(parts));
        }
    }
    all
}

/// The first of each scope; ties go to the name, resources of one name to the fewer costs that are missing.
fn ranked(mut parts: Vec<Lift>) -> Vec<Lift> {
    parts.sort_by(|a, b| {
        let order = |part: &Lift| (part.scope, Reverse(part.failing_cost()));
        let order = order(a).cmp(&order(b));
        order.then_with(|| (&a.scope_value, a.missing_cost).cmp(&(&b.scope_value, b.missing_cost)))
    });
    let mut kept = Vec::new();
    for scope in parts.chunk_by(|a, b| a.scope == b.scope) {
        kept.extend(
            scope
                .iter()
                .take(TOP)
                .cloned()
                .zip(1..)
                .map(|(part, rank)| Lift { rank, ..part }),
        );
    }
    kept
}

fn of_row(row: &ComplianceRow) -> Option<Lift> {
    Some(Lift {
        rank: 0,
        scope: LiftScope::of(row.scope)?,
        scope_value: row.scope_value.clone(),
        tag: row.tag.clone(),
        invalid_cost: row.invalid_cost,
        missing_cost: row.missing_cost,
        resources: row.resources - row.compliant_resources,
        points: None,
        currency: row.currency.clone(),
        month: row.month.clone(),
    })
}

/// The resources of one tag that fail, of charges sorted by resource.
fn of_resources(
    judged: &[&Judged],
    rules: &[usize],
    (tag, month, currency): (&str, &str, &str),
) -> Vec<Lift> {
    let mut lifts = Vec::new();
    let taggable = judged.iter().position(|one| one.resource.is_some());
    let judged = &judged[taggable.unwrap_or(judged.len())..];
    for resource in judged.chunk_by(|a, b| a.resource == b.resource) {
        let cost = |standing: Standing| -> Money {
            let stands = |one: &&&Judged| rules.iter().any(|&rule| one.standings[rule] == standing);
            resource
                .iter()
                .filter(stands)
                .map(|one| one.charge.cost)
                .sum()
        };
        let (invalid_cost, missing_cost) = (cost(Standing::Invalid), cost(Standing::Missing));
        // One id in two spellings: the same one is shown whatever the order of the charges.
        let id = resource
            .iter()
            .map(|one| one.charge.resource_id.as_str())
            .min();
        lifts.push(Lift {
            rank: 0,
            scope: LiftScope::Resource,
            scope_value: id.unwrap_or_default().to_owned(),
            tag: tag.to_owned(),
            invalid_cost,
            missing_cost,
            resources: 1,
            points: None,
            currency: currency.to_owned(),
            month: month.to_owned(),
        });
    }
    lifts
}

/// What a cost is of the overall taggable cost, in ten-thousandths of a percentage point, rounded half to even.
fn points(failing: Money, overall: &ComplianceRow) -> Option<i64> {
    overall.cost_compliance_pct()?;
    let (part, whole) = (failing.units(), overall.taggable_cost().units());
    let scaled = part.checked_mul(1_000_000)?;
    let (quotient, rest) = (scaled.checked_div(whole)?, scaled.checked_rem(whole)?);
    let up = rest * 2 > whole || (rest * 2 == whole && quotient % 2 == 1);
    i64::try_from(quotient + i128::from(up)).ok()
}

#[cfg(test)]
mod tests {
    use super::super::TaggedCharge;
    use super::super::tests::{charge, judged, policy};
    use super::*;

    const POLICY: &str = "[[tag]]\nkey = \"team\"\nvalues = [\"a\"]\n";

    fn listed(charges: &[TaggedCharge], tag: &str) -> Vec<String> {
        let lifts = judged(charges, &policy(POLICY)).lifts;
        let text = |one: &Lift| {
            let (scope, points) = (one.scope.name(), one.points.unwrap_or(-1));
            format!(
                "{} {scope} {} {} {points}",
                one.rank,
                one.scope_value,
                one.failing_cost()
            )
        };
        lifts
            .iter()
            .filter(|one| one.tag == tag)
            .map(text)
            .collect()
    }

    #[test]
    fn the_costliest_failure_lifts_most() {
        let old = TaggedCharge {
            month: "2026-09".to_owned(),
            ..charge("1", "i-0", "", "99")
        };
        let owned = TaggedCharge {
            team: "b".to_owned(),
            ..charge("1", "i-2", "team=b", "2")
        };
        let charges = [
            charge("1", "i-1", "team=a", "3"),
            owned,
            charge("2", "i-3", "", "1"),
            charge("2", "i-3", "Team=a", "0.5"),
            charge("2", "i-4", "", "1.5"),
            old,
        ];
        let expected = [
            "1 team (untagged) 3.00 375000",
            "2 team b 2.00 250000",
            "1 account 2 3.00 375000",
            "2 account 1 2.00 250000",
            "1 service Amazon EC2 5.00 625000",
            "1 resource i-2 2.00 250000",
            "2 resource i-3 1.50 187500",
            "3 resource i-4 1.50 187500",
        ];
        assert_eq!(listed(&charges, "team"), expected);
        assert_eq!(
            listed(&charges, ALL_TAGS),
            expected,
            "one required tag is all of them"
        );
    }

    #[test]
    fn what_all_teams_lift_is_what_is_missing_of_all() {
        let charges: Vec<TaggedCharge> = (0..60)
            .map(|at| {
                charge(
                    "1",
                    &format!("i-{at}"),
                    ["", "team=a", "team=x"][at % 3],
                    "1",
                )
            })
            .collect();
        let found = judged(&charges, &policy(POLICY));
        let teams = found
            .lifts
            .iter()
            .filter(|one| one.scope == LiftScope::Team && one.tag == "team");
        let lifted: i64 = teams.filter_map(|one| one.points).sum();
        let share = found.rows[0].cost_compliance_pct().unwrap();
        assert_eq!((lifted + 50) / 100, 10_000 - share);
        let resources = found
            .lifts
            .iter()
            .filter(|one| one.scope == LiftScope::Resource && one.tag == "team");
        assert_eq!(resources.count(), 40);
    }

    #[test]
    fn of_negative_parts_nothing_is_said() {
        let charges = [
            charge("1", "i-1", "team=a", "-3"),
            charge("1", "i-2", "", "2"),
            charge("1", "i-3", "", "-1"),
        ];
        assert_eq!(
            listed(&charges, "team").last().unwrap(),
            "1 resource i-2 2.00 -1"
        );
    }
}
