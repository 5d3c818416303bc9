//! Violations of literal charges.

use super::super::tests::{charge, judged as compliance, policy};
use super::super::{Scope, TaggedCharge};
use super::*;

const POLICY: &str = "[[tag]]\nkey = \"team\"\nvalues = [\"data\", \"web\"]\n\
                      [[tag]]\nkey = \"password\"\nforbidden = true\n";

/// Each violation as `id tag kind value > suggestion (basis) cost`.
fn listed(charges: &[TaggedCharge]) -> Vec<String> {
    let text = |v: &Violation| {
        let basis = v.basis.map_or("", Basis::name);
        let kind = v.kind.name();
        format!(
            "{} {} {kind} {} > {} ({basis}) {}",
            v.resource_id, v.tag, v.value, v.suggestion, v.cost
        )
    };
    compliance(charges, &policy(POLICY))
        .violations
        .iter()
        .map(text)
        .collect()
}

#[test]
fn every_kind_is_listed_the_most_expensive_first() {
    let charges = [
        charge("1", "i-1", "", "1"),
        charge("1", "i-2", "team=sales", "2"),
        charge("1", "i-3", "Team=data", "3"),
        charge("1", "i-4", "team=web;password=hunter2", "4"),
        charge("1", "i-5", "team=web", "5"),
        charge("1", "i-0", "team=Web", "3"),
    ];
    let expected = [
        "i-4 password forbidden password >  () 4.00",
        "i-0 team variant Web > web (case) 3.00",
        "i-3 team variant Team=data > team=data (case) 3.00",
        "i-2 team invalid sales >  () 2.00",
        "i-1 team missing  >  () 1.00",
    ];
    assert_eq!(listed(&charges), expected);
}

#[test]
fn a_resource_is_listed_once_with_the_cost_of_its_wrong_charges() {
    let traffic = TaggedCharge {
        service: "Traffic".to_owned(),
        ..charge("1", "i-1", "", "2.5")
    };
    let charges = [
        traffic,
        charge("1", "i-1", "", "4"),
        charge("1", "i-1", "team=web", "10"),
    ];
    assert_eq!(listed(&charges), ["i-1 team missing  >  () 6.50"]);
    let violations = compliance(&charges, &policy(POLICY)).violations;
    assert_eq!(violations[0].service, "Amazon EC2", "where it cost most");
}

#[test]
fn only_the_latest_month_of_each_account_is_looked_at() {
    let month = |month: &str, charge| TaggedCharge {
        month: month.to_owned(),
        ..charge
    };
    let azure = TaggedCharge {
        provider: "Microsoft".to_owned(),
        ..charge("9", "vm", "", "1")
    };
    let charges = [
        month("2026-09", charge("1", "i-gone", "", "8")),
        month("2026-10", charge("1", "i-1", "", "2")),
        month("2026-09", azure),
    ];
    assert_eq!(
        listed(&charges),
        [
            "i-1 team missing  >  () 2.00",
            "vm team missing  >  () 1.00"
        ]
    );
}

#[test]
fn what_cannot_carry_tags_violates_nothing() {
    let tax = TaggedCharge {
        charge_category: "Tax".to_owned(),
        ..charge("1", "i-1", "", "8")
    };
    assert_eq!(
        listed(&[tax, charge("1", "", "", "3")]),
        Vec::<String>::new()
    );
}

#[test]
fn the_accounts_usual_value_is_suggested_above_nine_tenths() {
    let mut charges: Vec<TaggedCharge> = (0..10)
        .map(|i| charge("1", &format!("i-{i}"), "team=data", "1"))
        .collect();
    charges.push(charge("1", "i-new", "", "1"));
    charges.push(charge("2", "i-else", "", "1"));
    let found = listed(&charges);
    assert_eq!(
        found,
        [
            "i-else team missing  >  () 1.00",
            "i-new team missing  > data (account) 1.00"
        ]
    );
    charges[0] = charge("1", "i-0", "team=web", "1");
    assert_eq!(
        listed(&charges)[1],
        "i-new team missing  >  () 1.00",
        "nine of ten are not more than 90 %"
    );
}

#[test]
fn four_resources_are_no_custom() {
    let mut charges: Vec<TaggedCharge> = (0..4)
        .map(|i| charge("1", &format!("i-{i}"), "team=data", "1"))
        .collect();
    charges.push(charge("1", "i-new", "", "1"));
    assert_eq!(listed(&charges), ["i-new team missing  >  () 1.00"]);
}

#[test]
fn missing_violations_add_up_to_the_missing_cost() {
    let charges = [
        charge("1", "i-1", "", "1.25"),
        charge("2", "i-2", "x=y", "2"),
        charge("2", "i-3", "team=web", "4"),
    ];
    let found = compliance(&charges, &policy(POLICY));
    let row = found
        .rows
        .iter()
        .find(|row| row.scope == Scope::Overall && row.tag == "team")
        .unwrap();
    assert_eq!(
        found.violations.iter().map(|v| v.cost).sum::<Money>(),
        row.missing_cost
    );
}
