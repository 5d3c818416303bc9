//! What to put right, per resource and tag, with the money that hangs on it.
//!
//! Suggestions are suggestions: nothing here changes a tag, a cost or a team.

use super::judge::{Fault, Finding};
use super::judgement::{Judgement, Why};
use super::{Judged, Latest, Standing};
use crate::money::Money;
use crate::policy::TagPolicy;
use std::collections::{BTreeMap, HashMap};

/// Fewest resources of an account that must agree before its usual value is suggested (our own choice).
const ACCOUNT_FEWEST: usize = 5;
/// Percentage of an account's validly tagged resources that its usual value must exceed (our own choice).
const ACCOUNT_PERCENT: usize = 90;

/// One thing to put right on one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The latest month of its account, `2026-10`; only that month is looked at.
    pub month: String,
    /// FOCUS `ProviderName`.
    pub provider: String,
    /// The id as billed.
    pub resource_id: String,
    /// FOCUS `SubAccountId`.
    pub sub_account: String,
    /// The service under which it cost most.
    pub service: String,
    /// The region of that service.
    pub region: String,
    /// The key as the policy has it.
    pub tag: String,
    /// What is wrong.
    pub kind: Kind,
    /// The value as written; `key=value` where the key is a variant; only the key where it is forbidden.
    pub value: String,
    /// What could be meant, in the form of `value`; empty where nothing is known.
    pub suggestion: String,
    /// Why it could be meant.
    pub basis: Option<Basis>,
    /// What the resource cost in that month under these tags.
    pub cost: Money,
    /// Currency of the cost.
    pub currency: String,
    /// What else there is to say: that an exemption is over.
    pub note: String,
}

/// What is wrong with a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A required key is absent or blank.
    Missing,
    /// The value is not allowed.
    Invalid,
    /// The key must not be there.
    Forbidden,
    /// The key or the value is another spelling of an accepted one.
    Variant,
}

impl Kind {
    /// Its name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Missing => "missing",
            Kind::Invalid => "invalid",
            Kind::Forbidden => "forbidden",
            Kind::Variant => "variant",
        }
    }
}

/// Why something is suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// It is a spelling of an alias in the policy.
    Alias,
    /// It differs by blanks around it.
    Blank,
    /// It differs by upper and lower case.
    Case,
    /// It differs by hyphens, underscores, blanks and the like.
    Separators,
    /// It differs by a letter or two.
    Spelling,
    /// Nearly all resources of the account have this value.
    Account,
}

impl Basis {
    /// Its name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Alias => "alias",
            Basis::Blank => "blank",
            Basis::Case => "case",
            Basis::Separators => "separators",
            Basis::Spelling => "spelling",
            Basis::Account => "account",
        }
    }
}

/// Every violation in the latest month of each account.
pub(super) fn violations(judgement: &Judgement, policy: &TagPolicy) -> Vec<Violation> {
    let current = current(&judgement.judged);
    let findings = &judgement.findings;
    let usual = usual_values(&current, findings, policy);
    let mut violations = Vec::new();
    for resource in current.chunk_by(|a, b| identity(a) == identity(b)) {
        let mut place = None;
        for (rule, tag) in policy.rules().iter().enumerate() {
            for Found {
                fault,
                cost,
                lapsed,
            } in faults(resource, findings, rule)
            {
                let place = *place.get_or_insert_with(|| main_place(resource));
                let mut violation = violation(resource, place, fault, cost);
                violation.tag.clone_from(&tag.key);
                violation.note = lapsed.map_or_else(String::new, |at| {
                    let past = &policy.exemptions()[at];
                    format!("exemption of {} expired on {}", past.owner, past.expires)
                });
                if let Some(value) = usual.get(&account(resource[0], rule)) {
                    suggest(&mut violation, value);
                }
                violations.push(violation);
            }
        }
    }
    violations.sort_by(|a, b| order(a).cmp(&order(b)));
    violations
}

/// The taggable charges of each account's latest month, by resource and currency.
pub(super) fn current<'j, 'a>(judged: &'j [Judged<'a>]) -> Vec<&'j Judged<'a>> {
    let taggable = || judged.iter().filter(|member| member.resource.is_some());
    let latest = Latest::of(taggable().map(|member| member.charge));
    let mut current: Vec<&Judged> = taggable().filter(|m| latest.holds(m.charge)).collect();
    current.sort_unstable_by(|a, b| identity(a).cmp(&identity(b)));
    current
}

fn identity<'j>(member: &'j Judged) -> (Option<usize>, &'j str) {
    (member.resource, &member.charge.currency)
}

/// Provider, sub-account and rule.
type Account<'j> = (&'j str, &'j str, usize);

fn account<'j>(member: &'j Judged, rule: usize) -> Account<'j> {
    (&member.charge.provider, &member.charge.sub_account, rule)
}

/// One fault of a resource, the cost of the charges it was found on, and the exemption that is over for one.
struct Found<'f> {
    fault: &'f Fault,
    cost: Money,
    lapsed: Option<usize>,
}

/// What one rule finds on one resource. What is inherited or exempt is no fault.
fn faults<'f>(resource: &[&Judged], findings: &'f [Vec<Finding>], rule: usize) -> Vec<Found<'f>> {
    let mut faults: Vec<Found> = Vec::new();
    let spoken = |standing: Standing| standing == Standing::Valid || standing.fails();
    for member in resource
        .iter()
        .filter(|member| spoken(member.standings[rule]))
    {
        let lapsed = lapsed(member, rule);
        for fault in &findings[member.tags][rule].faults {
            match faults.iter_mut().find(|known| known.fault == fault) {
                Some(known) => {
                    known.cost += member.charge.cost;
                    known.lapsed = known.lapsed.into_iter().chain(lapsed).min();
                }
                None => faults.push(Found {
                    fault,
                    cost: member.charge.cost,
                    lapsed,
                }),
            }
        }
    }
    faults
}

/// The exemption that is over for a charge.
fn lapsed(member: &Judged, rule: usize) -> Option<usize> {
    let mut own = member.marks.iter().filter(|mark| mark.rule == rule);
    own.find_map(|mark| match mark.why {
        Why::Lapsed(at) => Some(at),
        Why::Exempt(_) | Why::Inherited(..) => None,
    })
}

/// The service and region in which a resource costs most; of equals the first by name.
fn main_place<'j>(resource: &[&'j Judged]) -> (&'j str, &'j str) {
    let mut places: BTreeMap<(&str, &str), Money> = BTreeMap::new();
    for member in resource {
        *places
            .entry((&member.charge.service, &member.charge.region))
            .or_default() += member.charge.cost;
    }
    places
        .into_iter()
        .rev()
        .max_by_key(|&(_, cost)| cost)
        .map_or(("", ""), |(place, _)| place)
}

fn violation(resource: &[&Judged], place: (&str, &str), fault: &Fault, cost: Money) -> Violation {
    let charge = resource[0].charge;
    // One id in two spellings: the same one is shown whatever the order of the charges.
    let id = resource
        .iter()
        .map(|member| member.charge.resource_id.as_str())
        .min()
        .unwrap_or_default();
    Violation {
        month: charge.month.clone(),
        provider: charge.provider.clone(),
        resource_id: id.to_owned(),
        sub_account: charge.sub_account.clone(),
        service: place.0.to_owned(),
        region: place.1.to_owned(),
        tag: String::new(),
        kind: fault.kind,
        value: fault.value.clone(),
        suggestion: fault.suggestion.clone(),
        basis: fault.basis,
        cost,
        currency: charge.currency.clone(),
        note: String::new(),
    }
}

/// The usual value of the account, where nothing better is known.
fn suggest(violation: &mut Violation, usual: &str) {
    if matches!(violation.kind, Kind::Missing | Kind::Invalid) && violation.suggestion.is_empty() {
        usual.clone_into(&mut violation.suggestion);
        violation.basis = Some(Basis::Account);
    }
}

/// The value that more than [`ACCOUNT_PERCENT`] of an account's validly tagged resources have.
fn usual_values<'j>(
    current: &[&'j Judged],
    findings: &[Vec<Finding<'j>>],
    policy: &TagPolicy,
) -> HashMap<Account<'j>, &'j str> {
    let mut counts: HashMap<Account, HashMap<&str, usize>> = HashMap::new();
    for resource in current.chunk_by(|a, b| a.resource == b.resource) {
        for (rule, _) in policy.rules().iter().enumerate() {
            let valid = resource
                .iter()
                .filter(|member| member.standings[rule] == Standing::Valid);
            // A resource whose value changed within the month counts once, for the first value by name.
            if let Some(value) = valid
                .filter_map(|member| findings[member.tags][rule].value)
                .min()
            {
                *counts
                    .entry(account(resource[0], rule))
                    .or_default()
                    .entry(value)
                    .or_default() += 1;
            }
        }
    }
    let usual = |values: &HashMap<&'j str, usize>| {
        let total: usize = values.values().sum();
        let ruling =
            |count: usize| count >= ACCOUNT_FEWEST && count * 100 > total * ACCOUNT_PERCENT;
        // More than half: at most one value, so the order of the map does not matter.
        values
            .iter()
            .find(|&(_, &count)| ruling(count))
            .map(|(&value, _)| value)
    };
    counts
        .iter()
        .filter_map(|(&account, values)| Some((account, usual(values)?)))
        .collect()
}

type Order<'v> = (
    &'v str,
    std::cmp::Reverse<Money>,
    [&'v str; 4],
    Kind,
    &'v str,
);

/// Currencies apart, then the most expensive first, then by names down to the last tie.
fn order(violation: &Violation) -> Order<'_> {
    let Violation {
        resource_id,
        sub_account,
        provider,
        tag,
        ..
    } = violation;
    let names = [resource_id.as_str(), sub_account, provider, tag];
    (
        &violation.currency,
        std::cmp::Reverse(violation.cost),
        names,
        violation.kind,
        &violation.value,
    )
}

#[cfg(test)]
mod tests;
