//! Inventory and bill side by side: what is told, what explains it, and what neither side can know.

use super::*;
use crate::resource::Traits;
use proptest::prelude::*;

fn money(text: &str) -> Money {
    Money::parse(text.as_bytes()).unwrap()
}

fn charge(month: &str, id: &str, cost: &str) -> Charged {
    Charged {
        month: month.to_owned(),
        provider: "AWS".to_owned(),
        sub_account: "111122223333".to_owned(),
        region: "us-east-1".to_owned(),
        service: "Amazon Elastic Compute Cloud".to_owned(),
        id: id.to_owned(),
        currency: "USD".to_owned(),
        tagged: true,
        cost: money(cost),
    }
}

fn listed(id: &str) -> Resource {
    Resource {
        id: id.to_owned(),
        provider: "AWS".to_owned(),
        sub_account: "111122223333".to_owned(),
        region: "us-east-1".to_owned(),
        ..Resource::default()
    }
}

fn found(resources: &[Resource], charges: &[Charged]) -> Vec<Gap> {
    let day = "2026-10-31".parse().unwrap();
    gaps(resources, charges, &[("AWS".to_owned(), day)].into())
}

/// Id and reason of each gap.
fn told(resources: &[Resource], charges: &[Charged]) -> Vec<(String, String)> {
    found(resources, charges)
        .into_iter()
        .map(|gap| (gap.id, gap.reason))
        .collect()
}

#[test]
fn both_sides_are_told_the_dearest_first() {
    let charges = [
        charge("2026-10", "i-1", "10"),
        charge(
            "2026-10",
            "arn:aws:ec2:us-east-1:111122223333:instance/i-2",
            "5",
        ),
        charge("2026-10", "i-3", "7"),
    ];
    let gaps = found(&[listed("i-1"), listed("i-4")], &charges);
    let shown: Vec<_> = gaps
        .iter()
        .map(|gap| (gap.id.as_str(), gap.side.name(), gap.cost))
        .collect();
    assert_eq!(
        shown,
        [
            ("i-3", "not in inventory", Some(money("7"))),
            (
                "arn:aws:ec2:us-east-1:111122223333:instance/i-2",
                "not in inventory",
                Some(money("5"))
            ),
            ("i-4", "not billed", None),
        ]
    );
    assert_eq!(
        note(&gaps).unwrap(),
        "inventory: 2 billed resources (12.00 USD) not in it, 1 of its resources not billed: see inventory_gaps.csv"
    );
}

#[test]
fn reasons_come_from_state_age_and_earlier_months() {
    let charges = [
        charge("2026-09", "i-4", "1"),
        charge("2026-08", "i-9", "1"),
        charge("2026-10", "i-9", "1"),
        Charged {
            tagged: false,
            ..charge("2026-10", "i-8", "1")
        },
    ];
    let state = |id: &str, state: &str| Resource {
        state: Some(state.to_owned()),
        ..listed(id)
    };
    let resources = [
        Resource {
            traits: Traits {
                stopped_on: "2026-07-14".parse().ok(),
                ..Traits::default()
            },
            ..state("i-2", "stopped")
        },
        state("i-3", "terminated"),
        listed("i-4"),
        Resource {
            launched: "2026-11-02".parse().ok(),
            ..listed("i-5")
        },
        Resource {
            tags: [("a".to_owned(), "b".to_owned())].into(),
            ..listed("i-6")
        },
    ];
    let expected = [
        (
            "i-8",
            "first billed in 2026-10: short-lived, or newer than the inventory; the bill has no tags for it, and lists of tagged resources leave such out",
        ),
        (
            "i-9",
            "billed since 2026-08 and listed nowhere: deleted in 2026-10, or out of the inventory's reach",
        ),
        (
            "i-2",
            "stopped since 2026-07-14: free while stopped, its disks and addresses are not",
        ),
        ("i-3", "its state is terminated: it is gone, or about to be"),
        (
            "i-4",
            "last billed in 2026-09: idle or deleted since, or the inventory is older than the bill",
        ),
        (
            "i-5",
            "created on 2026-11-02, after the last billed day 2026-10-31",
        ),
        (
            "i-6",
            "tagged, but no charge of 2026-10 names it: unused, free of charge, or paid for with another resource",
        ),
    ];
    assert_eq!(
        told(&resources, &charges),
        expected.map(|(id, why)| (id.to_owned(), why.to_owned()))
    );
}

#[test]
fn what_one_side_cannot_know_is_not_judged() {
    let other = |account: &str, region: &str| Charged {
        sub_account: account.to_owned(),
        region: region.to_owned(),
        ..charge("2026-10", "i-7", "1")
    };
    let charges = [
        charge("2026-10", "i-1", "1"),
        charge("2026-10", "vol-1", "1"),
        Charged {
            service: "Amazon Simple Storage Service".to_owned(),
            ..charge("2026-10", "logs", "1")
        },
        charge("2026-10", "i-6", "0"),
        other("999900001111", "us-east-1"),
        other("111122223333", "eu-west-1"),
    ];
    let elsewhere = Resource {
        sub_account: "555566667777".to_owned(),
        ..listed("i-8")
    };
    let group = listed("arn:aws:ec2:us-east-1:111122223333:security-group/sg-1");
    assert_eq!(told(&[listed("i-1"), elsewhere, group], &charges), []);
    assert_eq!(told(&[], &charges), []);
}

#[test]
fn an_account_that_the_inventory_leaves_out_is_taken_from_the_bill() {
    let volume = |id: &str| Resource {
        sub_account: String::new(),
        ..listed(id)
    };
    let charges = [
        charge("2026-10", "vol-1", "1"),
        charge("2026-10", "vol-2", "2"),
    ];
    let ids = |resources: &[Resource]| -> Vec<String> {
        told(resources, &charges)
            .into_iter()
            .map(|(id, _)| id)
            .collect()
    };
    assert_eq!(ids(&[volume("vol-1"), volume("vol-3")]), ["vol-2", "vol-3"]);
    assert!(
        ids(&[volume("vol-3")]).is_empty(),
        "nothing says whose volume this is"
    );
}

#[test]
fn buckets_and_members_of_scale_sets_meet_their_charges() {
    let bucket = Resource {
        region: String::new(),
        sub_account: String::new(),
        ..listed("arn:aws:s3:::logs")
    };
    let billed = |id: &str| Charged {
        service: "Amazon Simple Storage Service".to_owned(),
        ..charge("2026-10", id, "1")
    };
    let gaps = found(&[bucket], &[billed("logs"), billed("media")]);
    assert_eq!(
        (gaps.len(), gaps[0].id.as_str(), gaps[0].kind.as_str()),
        (1, "media", "s3:bucket")
    );
    let set = "/subscriptions/5b3f/resourceGroups/r/providers/Microsoft.Compute/virtualMachineScaleSets/pool";
    let azure = |id: &str| Charged {
        provider: "Microsoft".to_owned(),
        sub_account: "/subscriptions/5B3F".to_owned(),
        ..charge("2026-10", id, "1")
    };
    let member = Resource {
        provider: "Microsoft".to_owned(),
        sub_account: "5b3f".to_owned(),
        ..listed(&format!("{set}/virtualMachines/0"))
    };
    let charges = [
        azure(&set.to_lowercase()),
        azure(&format!("{set}/virtualMachines/7")),
    ];
    assert_eq!(told(&[member], &charges[..1]), []);
}

#[test]
fn currencies_are_never_added() {
    let euro = Charged {
        currency: "EUR".to_owned(),
        ..charge("2026-10", "i-2", "3")
    };
    let support = Charged {
        service: "AWS Support".to_owned(),
        ..charge("2026-10", "i-2", "9")
    };
    let charges = [
        charge("2026-10", "i-1", "1"),
        charge("2026-10", "i-2", "2"),
        euro,
        support,
    ];
    let gaps = found(&[listed("i-1")], &charges);
    let shown: Vec<_> = gaps
        .iter()
        .map(|gap| (gap.currency.as_str(), gap.cost, gap.service.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("EUR", Some(money("3")), "Amazon Elastic Compute Cloud"),
            ("USD", Some(money("11")), "AWS Support"),
        ]
    );
}

proptest! {
    #[test]
    fn the_order_of_rows_does_not_matter_and_no_resource_is_both(
        listings in proptest::collection::vec(("(i|vol)-[0-4]", "[12]?"), 0..6),
        mut charges in proptest::collection::vec(("(i|vol)-[0-6]", "2026-(09|10)", "[12]", 0_i32..3), 0..12),
    ) {
        let mut resources: Vec<Resource> = listings.iter().map(|(id, account)| Resource {
            sub_account: account.repeat(12), ..listed(id)
        }).collect();
        let rows = |charges: &[(String, String, String, i32)]| -> Vec<Charged> {
            charges.iter().map(|(id, month, account, cost)| Charged {
                sub_account: account.repeat(12), ..charge(month, id, &cost.to_string())
            }).collect()
        };
        resources.sort_by(|a, b| a.id.cmp(&b.id));
        resources.dedup_by(|a, b| a.id == b.id);
        let first = found(&resources, &rows(&charges));
        let keys: BTreeSet<String> = resources.iter().map(|one| key(&one.id)).collect();
        for gap in &first {
            prop_assert_eq!(keys.contains(&key(&gap.id)), gap.side == Side::NotBilled);
        }
        charges.reverse();
        resources.reverse();
        let ids = |gaps: &[Gap]| -> Vec<(String, Side, Option<Money>)> {
            gaps.iter().map(|gap| (gap.id.clone(), gap.side, gap.cost)).collect()
        };
        prop_assert_eq!(ids(&first), ids(&found(&resources, &rows(&charges))));
    }
}
