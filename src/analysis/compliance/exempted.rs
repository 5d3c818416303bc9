//! Exemptions: which charge they speak for, and what each of them covers.

use super::TaggedCharge;
use super::judgement::{Judgement, Why};
use super::violation::current;
use crate::money::Money;
use crate::policy::{Exemption, TagPolicy};
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;

/// Days before its last one on which an exemption is said to end soon: a month to put things right (our own
/// choice).
const SOON: u64 = 30;

/// What one exemption covers of one tag, in the latest month of each account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exempted {
    /// The key as the policy has it.
    pub tag: String,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day on which it counts.
    pub expires: NaiveDate,
    /// How it stands.
    pub status: Status,
    /// Resources it speaks for, or would.
    pub resources: u64,
    /// Their cost that fails without it, and its currency; nothing where there is none.
    pub cost: Option<(Money, String)>,
}

/// How an exemption stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It counts.
    Active,
    /// It counts, and ends within 30 days.
    Ending,
    /// Its last day is over: what it covered fails again.
    Expired,
    /// It counts, and nothing fails that it could cover.
    Unused,
}

impl Status {
    /// Its name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Ending => "expires within 30 days",
            Status::Expired => "expired",
            Status::Unused => "unused",
        }
    }

    fn of(exemption: &Exemption, used: bool, today: NaiveDate) -> Status {
        let soon = today.checked_add_days(Days::new(SOON)).unwrap_or(today);
        if !exemption.counts_on(today) {
            Status::Expired
        } else if !used {
            Status::Unused
        } else if !exemption.counts_on(soon) {
            Status::Ending
        } else {
            Status::Active
        }
    }
}

/// The exemption that speaks for a charge that fails a rule: the first that counts, else the first that would.
pub(super) fn exemption<'a>(
    charge: &TaggedCharge,
    policy: &TagPolicy,
    rule: usize,
    today: NaiveDate,
) -> Option<Why<'a>> {
    let tag = &policy.rules()[rule].key;
    let all = policy.exemptions().iter().enumerate();
    let own = all.filter(|(_, one)| one.names(tag) && covers(one, charge));
    let mut lapsed = None;
    for (at, one) in own {
        if one.counts_on(today) {
            return Some(Why::Exempt(at));
        }
        lapsed.get_or_insert(Why::Lapsed(at));
    }
    lapsed
}

fn covers(exemption: &Exemption, charge: &TaggedCharge) -> bool {
    exemption.when.holds(|column| {
        Some(match column {
            "ProviderName" => &charge.provider,
            "BillingAccountId" => &charge.billing_account,
            "SubAccountId" => &charge.sub_account,
            "ServiceCategory" => &charge.service_category,
            "ServiceName" => &charge.service,
            "RegionId" => &charge.region,
            "ResourceId" => &charge.resource_id,
            "ResourceType" => &charge.resource_type,
            "ChargeCategory" => &charge.charge_category,
            "Team" => &charge.team,
            "Environment" => &charge.environment,
            tag => charge.tags.get(tag.strip_prefix("tag:")?)?,
        })
    })
}

/// Every exemption with each tag it speaks about, in the order of the policy, by currency.
pub(super) fn exempted(
    judgement: &Judgement,
    policy: &TagPolicy,
    today: NaiveDate,
) -> Vec<Exempted> {
    let mut sums: BTreeMap<(usize, &str, &str), (Money, u64, Option<usize>)> = BTreeMap::new();
    for judged in current(&judgement.judged) {
        for mark in &judged.marks {
            let (Why::Exempt(at) | Why::Lapsed(at)) = mark.why else {
                continue;
            };
            let tag = policy.rules()[mark.rule].key.as_str();
            let entry = sums.entry((at, tag, &judged.charge.currency));
            let (cost, resources, last) = entry.or_default();
            *cost += judged.charge.cost;
            // Charges come by resource, so each is counted when it is first met.
            *resources += u64::from(*last != judged.resource);
            *last = judged.resource;
        }
    }
    let mut rows = Vec::new();
    for (at, one) in policy.exemptions().iter().enumerate() {
        let tags = policy.tags().into_iter().map(|(tag, _)| tag);
        for tag in tags.filter(|tag| one.names(tag)) {
            let own: Vec<_> = sums
                .range((at, tag, "")..)
                .take_while(|((of, named, _), _)| (*of, *named) == (at, tag))
                .map(|((_, _, currency), (cost, resources, _))| {
                    (*resources, Some((*cost, (*currency).to_owned())))
                })
                .collect();
            let used = !own.is_empty();
            let lines = if used { own } else { vec![(0, None)] };
            rows.extend(lines.into_iter().map(|(resources, cost)| Exempted {
                tag: tag.to_owned(),
                owner: one.owner.clone(),
                reason: one.reason.clone(),
                expires: one.expires,
                status: Status::of(one, used, today),
                resources,
                cost,
            }));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::super::ALL_TAGS;
    use super::super::tests::{charge, judged, policy};

    const POLICY: &str = r#"
        [[tag]]
        key = "team"
        [[tag]]
        key = "env"
        [[exempt]]
        tags = ["team"]
        when = { SubAccountId = ["1"] }
        owner = "ann"
        reason = "moves"
        expires = 2026-12-20
        [[exempt]]
        when = { "tag:app" = ["old*"] }
        owner = "bob"
        reason = "goes"
        expires = 2026-11-30
        [[exempt]]
        tags = ["env"]
        when = { ServiceName = ["Nothing"] }
        owner = "cy"
        reason = "none"
        expires = 2027-11-30
    "#;

    fn found() -> super::super::Compliance {
        let charges = [
            charge("1", "i-1", "env=dev", "1"),
            charge("1", "i-2", "", "2"),
            charge("1", "i-3", "team=a;env=dev", "4"),
            charge("2", "i-4", "app=old-shop;team=a", "8"),
        ];
        judged(&charges, &policy(POLICY))
    }

    #[test]
    fn exempt_cost_neither_passes_nor_fails() {
        let rows = found().rows;
        let text = |tag: &str| {
            let row = rows.iter().find(|row| row.tag == tag).unwrap();
            let [valid, missing, exempt] = [row.valid_cost, row.missing_cost, row.exempt_cost];
            format!(
                "{valid} {missing} {exempt} {}/{}",
                row.compliant_resources, row.resources
            )
        };
        assert_eq!(text("team"), "12.00 0.00 3.00 2/2");
        assert_eq!(text("env"), "5.00 10.00 0.00 2/4");
        assert_eq!(text(ALL_TAGS), "4.00 10.00 1.00 1/3");
    }

    #[test]
    fn an_expired_one_fails_again_and_says_so() {
        let notes: Vec<String> = found()
            .violations
            .iter()
            .map(|one| format!("{} {} {}", one.resource_id, one.tag, one.note))
            .collect();
        assert_eq!(
            notes,
            ["i-4 env exemption of bob expired on 2026-11-30", "i-2 env "]
        );
    }

    #[test]
    fn every_exemption_has_its_lines() {
        let lines: Vec<String> = found()
            .exempted
            .iter()
            .map(|one| {
                let cost = one
                    .cost
                    .as_ref()
                    .map_or(String::new(), |(cost, _)| cost.to_string());
                format!(
                    "{} {} {} {} {cost}",
                    one.owner,
                    one.tag,
                    one.status.name(),
                    one.resources
                )
            })
            .collect();
        assert_eq!(
            lines,
            [
                "ann team expires within 30 days 2 3.00",
                "bob team expired 0 ",
                "bob env expired 1 8.00",
                "cy env unused 0 ",
            ]
        );
    }
}
