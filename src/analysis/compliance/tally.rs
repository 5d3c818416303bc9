//! From judged charges to the rows of one scope. Adds up; judges nothing.

use super::{ALL_TAGS, ComplianceRow, Judged, Judgement, Scope, Standing};
use crate::money::Money;
use crate::policy::{Demand, TagPolicy};
use std::collections::HashMap;

/// One tag over some charges.
#[derive(Clone, Default)]
struct Tally {
    /// Cost by [`Standing`].
    costs: [Money; 7],
    resources: u64,
    compliant: u64,
}

/// One tag that is reported.
struct Tag<'p> {
    name: &'p str,
    /// Which of the standings are about it; a charge has one of them at most.
    rules: Vec<usize>,
    target: Option<i64>,
}

/// The rows of one scope: months, scope values and currencies in any order, tags in the policy's.
pub(super) fn rows(judgement: &Judgement, policy: &TagPolicy, scope: Scope) -> Vec<ComplianceRow> {
    let mut groups: HashMap<(&str, &str, &str), usize> = HashMap::new();
    let group = judgement.places.iter().map(|charge| {
        let next = groups.len();
        *groups
            .entry((&charge.month, scope.value(charge), &charge.currency))
            .or_insert(next)
    });
    let group: Vec<usize> = group.collect();
    let mut members: Vec<Vec<&Judged>> = vec![Vec::new(); groups.len()];
    for charge in &judgement.judged {
        members[group[charge.place]].push(charge);
    }
    let tags = tags(policy);
    let mut rows = Vec::new();
    for ((month, value, currency), group) in groups {
        for (tag, tally) in tags.iter().zip(tally(&members[group], &tags)) {
            let Some(tally) = tally.or_else(|| (scope == Scope::Overall).then(Tally::default))
            else {
                continue;
            };
            let own = scope.of_target();
            let own = own.and_then(|scope| policy.target_of(scope, value, tag.name));
            let place = [month, value, tag.name, currency].map(str::to_owned);
            rows.push(tally.row(scope, place, own.or(tag.target)));
        }
    }
    rows
}

impl Tally {
    fn row(
        &self,
        scope: Scope,
        [month, scope_value, tag, currency]: [String; 4],
        target: Option<i64>,
    ) -> ComplianceRow {
        let cost = |standing: Standing| self.costs[standing as usize];
        ComplianceRow {
            month,
            scope,
            scope_value,
            tag,
            resources: self.resources,
            compliant_resources: self.compliant,
            valid_cost: cost(Standing::Valid) + cost(Standing::Inherited),
            inherited_cost: cost(Standing::Inherited),
            invalid_cost: cost(Standing::Invalid),
            missing_cost: cost(Standing::Missing),
            untaggable_cost: cost(Standing::Untaggable),
            exempt_cost: cost(Standing::Exempt),
            target,
            change: None,
            currency,
        }
    }
}

/// Every tag that is reported, in the order of the policy. Of several rules the lowest target counts.
fn tags(policy: &TagPolicy) -> Vec<Tag<'_>> {
    let rules = policy.rules();
    let tag = |(name, own): (_, Vec<usize>)| Tag {
        name,
        target: own.iter().filter_map(|&rule| rules[rule].target).min(),
        rules: own,
    };
    let mut tags: Vec<Tag> = policy.tags().into_iter().map(tag).collect();
    if rules.iter().any(|rule| rule.demand == Demand::Required) {
        tags.push(Tag {
            name: ALL_TAGS,
            rules: vec![rules.len()],
            target: policy.target(),
        });
    }
    tags
}

/// Money and resources of every tag; `None` where its rules speak about none of these charges.
fn tally(members: &[&Judged], tags: &[Tag]) -> Vec<Option<Tally>> {
    let mut tallies: Vec<Option<Tally>> = vec![None; tags.len()];
    for resource in members.chunk_by(|a, b| a.resource == b.resource) {
        for (tag, tally) in tags.iter().zip(&mut tallies) {
            let standing = |member: &Judged| {
                let own = tag.rules.iter().map(|&rule| member.standings[rule]);
                own.fold(Standing::Outside, Standing::and)
            };
            let together = resource
                .iter()
                .map(|member| standing(member))
                .fold(Standing::Outside, Standing::and);
            if together == Standing::Outside {
                continue;
            }
            let tally = tally.get_or_insert_default();
            for member in resource {
                tally.costs[standing(member) as usize] += member.charge.cost;
            }
            tally.resources += u64::from(together.passes() || together.fails());
            tally.compliant += u64::from(together.passes());
        }
    }
    tallies
}

#[cfg(test)]
mod tests;
