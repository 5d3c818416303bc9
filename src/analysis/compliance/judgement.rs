//! Every charge against every rule of the policy: how it stands, and what stands in or speaks for it.
//!
//! A charge has one standing per rule; of the rules of one tag the first whose scope covers it speaks, for the
//! others it stands outside.

use super::exempted::exemption;
use super::inherited::Sources;
use super::judge::{Finding, Judge};
use super::{Known, TaggedCharge};
use crate::policy::{Demand, TagPolicy};
use crate::resource::{key, kind};
use std::collections::HashMap;
use std::sync::Arc;

/// How one charge stands to one tag, from light to weighty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// No rule speaks about it.
    Outside,
    Untaggable,
    Valid,
    /// Valid by a value that something else than the bill has.
    Inherited,
    /// It would fail.
    Exempt,
    Invalid,
    Missing,
}

/// A charge with what was found out about it.
pub(super) struct Judged<'a> {
    pub(super) charge: &'a TaggedCharge,
    /// Which resource of all; `None` where the charge is untaggable.
    pub(super) resource: Option<usize>,
    /// Which of the judged tag maps.
    pub(super) tags: usize,
    /// Which of the places: month, currency and the value of every scope.
    pub(super) place: usize,
    /// One per rule, then one for all required tags.
    pub(super) standings: Vec<Standing>,
    /// Why it stands where it does, where its tags alone do not say it.
    pub(super) marks: Vec<Mark<'a>>,
}

/// Why a charge stands to a rule as it does.
pub(super) struct Mark<'a> {
    pub(super) rule: usize,
    pub(super) why: Why<'a>,
}

/// What stands in or speaks for a charge.
pub(super) enum Why<'a> {
    /// Which of the policy's inheritances, the name it knows the resource by, and the value.
    Inherited(usize, &'a str, &'a str),
    /// Which exemption.
    Exempt(usize),
    /// Which exemption would speak for it, were it not past its day.
    Lapsed(usize),
}

/// Everything found out about the charges.
pub(super) struct Judgement<'a> {
    /// By resource.
    pub(super) judged: Vec<Judged<'a>>,
    /// Per judged tag map, then per rule.
    pub(super) findings: Vec<Vec<Finding<'a>>>,
    /// The first charge of each place.
    pub(super) places: Vec<&'a TaggedCharge>,
}

impl<'a> Judgement<'a> {
    pub(super) fn of(
        charges: &'a [TaggedCharge],
        policy: &'a TagPolicy,
        known: &Known<'a>,
    ) -> Judgement<'a> {
        let mut judge = Judge::new(policy);
        let court = Court::new(policy, known);
        let mut places = Vec::new();
        let mut judged = Vec::with_capacity(charges.len());
        let (mut seen, mut known) = (HashMap::with_capacity(charges.len() / 4), HashMap::new());
        let mut resources = Resources::default();
        resources.written.reserve(charges.len() / 2);
        for charge in charges {
            let tags = *seen
                .entry(Arc::as_ptr(&charge.tags))
                .or_insert_with(|| judge.judge(&charge.tags));
            let resource = taggable(charge).then(|| resources.number(charge));
            let place = *known.entry(place(charge)).or_insert_with(|| {
                places.push(charge);
                places.len() - 1
            });
            let mut marks = Vec::new();
            let standings = court.standings(charge, judge.at(tags), &mut marks);
            judged.push(Judged {
                charge,
                resource,
                tags,
                place,
                standings,
                marks,
            });
        }
        judged.sort_by_key(|judged| judged.resource);
        Judgement {
            judged,
            findings: judge.findings(),
            places,
        }
    }
}

/// What decides over a charge beside its tags.
struct Court<'a, 'k> {
    policy: &'a TagPolicy,
    known: &'k Known<'a>,
    sources: Sources<'a>,
    /// For each rule, which one of the same tag stands before it.
    before: Vec<Vec<usize>>,
    /// True where a scope asks for what only the id says.
    kinds: bool,
}

impl<'a, 'k> Court<'a, 'k> {
    fn new(policy: &'a TagPolicy, known: &'k Known<'a>) -> Court<'a, 'k> {
        let rules = policy.rules();
        let same = |at: usize| (0..at).filter(move |&other| rules[other].key == rules[at].key);
        Court {
            policy,
            known,
            sources: Sources::new(policy, known.resources),
            before: (0..rules.len()).map(|at| same(at).collect()).collect(),
            kinds: rules.iter().any(|rule| rule.applies_to.asks_for_kinds()),
        }
    }

    /// How a charge stands to every rule, and to all required tags together.
    fn standings(
        &self,
        charge: &'a TaggedCharge,
        findings: &[Finding],
        marks: &mut Vec<Mark<'a>>,
    ) -> Vec<Standing> {
        let mut standings = Vec::with_capacity(findings.len() + 1);
        let mut all = Standing::Outside;
        let taggable = taggable(charge);
        let kind = self.kinds.then(|| kind(&charge.resource_id)).flatten();
        let named = charge.named(kind.as_deref());
        for (at, (rule, finding)) in self.policy.rules().iter().zip(findings).enumerate() {
            let spoken = |&other: &usize| standings[other] != Standing::Outside;
            let silent = self.before[at].iter().any(spoken) || !rule.applies_to.covers(&named);
            let standing = match (silent, taggable) {
                (true, _) => Standing::Outside,
                (false, false) => Standing::Untaggable,
                (false, true) => self.spoken_for(charge, (at, finding.standing), marks),
            };
            if rule.demand == Demand::Required {
                all = all.and(standing);
            }
            standings.push(standing);
        }
        standings.push(all);
        standings
    }

    /// The standing that the tags give, unless something stands in for them or speaks for the charge.
    fn spoken_for(
        &self,
        charge: &'a TaggedCharge,
        (rule, standing): (usize, Standing),
        marks: &mut Vec<Mark<'a>>,
    ) -> Standing {
        if standing == Standing::Missing
            && let Some(why) = self.sources.value(charge, self.policy, rule)
        {
            marks.push(Mark { rule, why });
            return Standing::Inherited;
        }
        if !matches!(standing, Standing::Invalid | Standing::Missing) {
            return standing;
        }
        let why = exemption(charge, self.policy, rule, self.known.today);
        let exempt = matches!(why, Some(Why::Exempt(_)));
        marks.extend(why.map(|why| Mark { rule, why }));
        if exempt { Standing::Exempt } else { standing }
    }
}

/// Numbers for resources: by provider, sub-account and id, first as written, then normalised.
#[derive(Default)]
struct Resources<'a> {
    written: HashMap<[&'a str; 3], usize>,
    normalised: HashMap<(&'a str, &'a str, String), usize>,
}

impl<'a> Resources<'a> {
    fn number(&mut self, charge: &'a TaggedCharge) -> usize {
        let TaggedCharge {
            provider,
            sub_account,
            resource_id,
            ..
        } = charge;
        *self
            .written
            .entry([provider, sub_account, resource_id])
            .or_insert_with(|| {
                let next = self.normalised.len();
                *self
                    .normalised
                    .entry((provider, sub_account, key(resource_id)))
                    .or_insert(next)
            })
    }
}

/// All that decides to which rows a charge belongs.
fn place(charge: &TaggedCharge) -> [&str; 7] {
    let TaggedCharge {
        month,
        provider,
        sub_account,
        service,
        currency,
        team,
        environment,
        ..
    } = charge;
    [
        month,
        provider,
        sub_account,
        service,
        currency,
        team,
        environment,
    ]
}

/// Only usage of a resource can carry tags. Some exports write the category in lower case.
pub(crate) fn taggable(charge: &TaggedCharge) -> bool {
    charge.charge_category.eq_ignore_ascii_case("usage") && !charge.resource_id.trim().is_empty()
}

impl Standing {
    /// Both together: missing outweighs invalid, and both outweigh valid.
    pub(super) fn and(self, other: Standing) -> Standing {
        self.max(other)
    }

    pub(super) fn passes(self) -> bool {
        matches!(self, Standing::Valid | Standing::Inherited)
    }

    pub(super) fn fails(self) -> bool {
        matches!(self, Standing::Invalid | Standing::Missing)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{charge, judged, policy};
    use super::super::{ComplianceRow, Scope};
    use super::*;

    #[test]
    fn only_usage_of_a_resource_is_taggable() {
        let usage = charge("1", "i-1", "", "1");
        assert!(taggable(&usage));
        assert!(taggable(&TaggedCharge {
            charge_category: "usage".to_owned(),
            ..usage.clone()
        }));
        assert!(!taggable(&TaggedCharge {
            resource_id: " ".to_owned(),
            ..usage.clone()
        }));
        for category in ["Tax", "Credit", "Purchase", "Adjustment", ""] {
            assert!(!taggable(&TaggedCharge {
                charge_category: category.to_owned(),
                ..usage.clone()
            }));
        }
    }

    #[test]
    fn missing_outweighs_invalid_outweighs_valid() {
        assert_eq!(Standing::Valid.and(Standing::Invalid), Standing::Invalid);
        assert_eq!(Standing::Missing.and(Standing::Invalid), Standing::Missing);
        assert_eq!(Standing::Outside.and(Standing::Valid), Standing::Valid);
        assert_eq!(Standing::Outside.and(Standing::Outside), Standing::Outside);
    }

    /// Valid and invalid cost of each tag overall, as text.
    fn overall(rows: &[ComplianceRow]) -> Vec<String> {
        let overall = rows.iter().filter(|row| row.scope == Scope::Overall);
        overall
            .map(|row| {
                let [valid, invalid, missing] =
                    [row.valid_cost, row.invalid_cost, row.missing_cost];
                format!(
                    "{} {valid} {invalid} {missing} of {}",
                    row.tag, row.resources
                )
            })
            .collect()
    }

    #[test]
    fn of_the_rules_of_one_tag_the_first_that_covers_a_charge_speaks() {
        let policy = policy(
            "[[tag]]\nkey = \"cc\"\npattern = \"^P\"\ntarget = 99\napplies_to = { environments = [\"prod\"] }\n\
             [[tag]]\nkey = \"cc\"\nrequired = false\ntarget = 80\napplies_to = { except = { accounts = [\"3\"] } }\n",
        );
        let within = |environment: &str, charge| TaggedCharge {
            environment: environment.to_owned(),
            ..charge
        };
        let charges = [
            within("prod", charge("1", "a", "cc=P1", "1")),
            within("prod", charge("1", "b", "cc=D1", "2")),
            within("prod", charge("1", "c", "", "4")),
            within("dev", charge("2", "d", "cc=D1", "8")),
            within("dev", charge("2", "e", "", "16")),
            within("dev", charge("3", "f", "", "32")),
        ];
        let found = judged(&charges, &policy);
        assert_eq!(
            overall(&found.rows),
            ["cc 9.00 2.00 20.00 of 5", "(all) 1.00 2.00 4.00 of 3"]
        );
        let listed: Vec<&str> = found
            .violations
            .iter()
            .map(|v| v.resource_id.as_str())
            .collect();
        assert_eq!(listed, ["c", "b"], "an optional tag may be absent");
        assert_eq!(found.rows[0].target, Some(8_000), "the lower of the two");
    }

    #[test]
    fn a_type_may_be_asked_for_by_service_and_type() {
        let policy =
            policy("[[tag]]\nkey = \"cc\"\napplies_to = { resource_types = [\"rds:*\"] }\n");
        let charges = [
            charge("1", "arn:aws:rds:eu-west-1:1:db:orders", "cc=1", "1"),
            charge("1", "i-1", "cc=1", "2"),
        ];
        assert_eq!(
            overall(&judged(&charges, &policy).rows)[0],
            "cc 1.00 0.00 0.00 of 1"
        );
    }
}
