//! Rows of literal charges, and the laws that hold for any.

use super::super::TaggedCharge;
use super::super::tests::{charge, judged as compliance, policy};
use super::*;
use proptest::prelude::*;

const POLICY: &str = r#"
    [[tag]]
    key = "team"
    values = ["data", "web"]
    target = 95
    [[tag]]
    key = "stage"
    applies_to = { accounts = ["2"] }
    target = 80
    [[tag]]
    key = "secret"
    forbidden = true
"#;

/// The same with a second rule, something to inherit and something exempt.
const MORE: &str = r#"
    [[tag]]
    key = "stage"
    required = false
    applies_to = { services = ["E*"] }
    [[inherit]]
    tag = "team"
    from = "account"
    values = { "1" = "web" }
    [[exempt]]
    tags = ["team", "secret"]
    when = { ResourceId = ["r2", "r3"] }
    owner = "ann"
    reason = "moves"
    expires = 2026-12-31
    [[target]]
    scope = "account"
    value = "2"
    percent = 70
"#;

fn more() -> TagPolicy {
    policy(&format!("{POLICY}{MORE}"))
}

#[test]
fn one_part_of_the_bill_has_a_target_of_its_own() {
    let rows = compliance(&company(), &more()).rows;
    let target = |value: &str, tag: &str| {
        let mut own = rows.iter().filter(|row| row.scope == Scope::Account);
        own.find(|row| row.scope_value == value && row.tag == tag)
            .unwrap()
            .target
    };
    assert_eq!(
        (target("1", "team"), target("2", "team")),
        (Some(9_500), Some(7_000))
    );
    assert_eq!(target("2", ALL_TAGS), Some(7_000));
}

fn money(text: &str) -> Money {
    Money::parse(text.as_bytes()).unwrap()
}

fn row(charges: &[TaggedCharge], scope: Scope, value: &str, tag: &str) -> ComplianceRow {
    let mut rows = compliance(charges, &policy(POLICY)).rows;
    rows.retain(|row| row.scope == scope && row.scope_value == value && row.tag == tag);
    assert_eq!(rows.len(), 1, "{scope:?} {value} {tag}");
    rows.swap_remove(0)
}

fn company() -> Vec<TaggedCharge> {
    let tax = TaggedCharge {
        charge_category: "Tax".to_owned(),
        ..charge("1", "", "", "9.99")
    };
    vec![
        charge("1", "i-1", "team=data", "60"),
        charge("1", "i-1", "team=data;secret=x", "3.5"),
        charge("1", "i-2", "team=sales", "20"),
        charge("2", "i-2", "stage=dev", "12.25"),
        charge("2", "i-3", "team=web;stage=dev", "4.25"),
        tax,
    ]
}

#[test]
fn a_row_has_four_amounts_and_two_counts() {
    let row = row(&company(), Scope::Overall, "(all)", "team");
    assert_eq!(row.valid_cost, money("67.75"));
    assert_eq!(
        (row.invalid_cost, row.missing_cost),
        (money("20"), money("12.25"))
    );
    assert_eq!(
        (row.taggable_cost(), row.untaggable_cost),
        (money("100"), money("9.99"))
    );
    assert_eq!((row.resources, row.compliant_resources), (4, 2));
    assert_eq!(
        (row.compliance_pct(), row.cost_compliance_pct()),
        (Some(5_000), Some(6_775))
    );
    assert_eq!(row.target, Some(9_500));
}

#[test]
fn all_tags_together_are_the_required_ones_that_apply() {
    let row = row(&company(), Scope::Overall, "(all)", ALL_TAGS);
    assert_eq!(
        (row.valid_cost, row.missing_cost),
        (money("67.75"), money("12.25"))
    );
    assert_eq!(
        (row.resources, row.compliant_resources, row.target),
        (4, 2, Some(8_000))
    );
}

#[test]
fn a_scoped_rule_leaves_the_rest_out() {
    let row = row(&company(), Scope::Overall, "(all)", "stage");
    assert_eq!(
        (row.valid_cost, row.untaggable_cost),
        (money("16.5"), Money::ZERO)
    );
    let rows = compliance(&company(), &policy(POLICY)).rows;
    assert!(
        !rows
            .iter()
            .any(|row| row.scope_value == "1" && row.tag == "stage")
    );
}

#[test]
fn overall_a_rule_that_meets_nothing_is_still_seen() {
    let row = row(&company()[..1], Scope::Overall, "(all)", "stage");
    assert_eq!(
        (
            row.resources,
            row.compliance_pct(),
            row.cost_compliance_pct()
        ),
        (0, None, None)
    );
}

#[test]
fn a_resource_with_one_wrong_charge_is_not_compliant() {
    let row = row(&company(), Scope::Account, "1", "secret");
    assert_eq!((row.resources, row.compliant_resources), (2, 1));
    assert_eq!(
        (row.valid_cost, row.invalid_cost),
        (money("80"), money("3.5"))
    );
}

#[test]
fn a_resource_counts_once_under_both_spellings_of_its_id() {
    let arn = "arn:aws:ec2:eu-west-1:1:instance/i-1";
    let charges = [
        charge("1", "i-1", "team=web", "1"),
        charge("1", arn, "team=web", "1"),
    ];
    assert_eq!(row(&charges, Scope::Overall, "(all)", "team").resources, 1);
}

#[test]
fn currencies_and_months_stay_apart_and_rows_are_in_order() {
    let euro = TaggedCharge {
        currency: "EUR".to_owned(),
        ..charge("1", "i-1", "team=web", "5")
    };
    let old = TaggedCharge {
        month: "2026-09".to_owned(),
        ..charge("1", "i-1", "", "7")
    };
    let rows = compliance(
        &[charge("1", "i-1", "", "6"), euro, old],
        &policy("[[tag]]\nkey = \"team\""),
    )
    .rows;
    let overall = rows.iter().filter(|row| row.scope == Scope::Overall);
    let text: Vec<String> = overall
        .map(|row| {
            format!(
                "{} {} {} {}",
                row.month,
                row.currency,
                row.tag,
                row.taggable_cost()
            )
        })
        .collect();
    let expected = [
        "2026-09 USD team 7.00",
        "2026-09 USD (all) 7.00",
        "2026-10 EUR team 5.00",
        "2026-10 EUR (all) 5.00",
        "2026-10 USD team 6.00",
        "2026-10 USD (all) 6.00",
    ];
    assert_eq!(text, expected);
}

#[test]
fn no_team_is_shown_as_untagged() {
    assert_eq!(
        row(&company(), Scope::Team, "(untagged)", "team").resources,
        4
    );
}

fn charges() -> impl Strategy<Value = Vec<TaggedCharge>> {
    let tags = prop::sample::select(vec![
        "",
        "team=data",
        "Team=web",
        "team=x;stage=dev",
        "secret=1;stage= ",
    ]);
    let category = prop::sample::select(vec!["Usage", "Usage", "Tax", "Purchase"]);
    let one = (
        0..3u8,
        0..6u8,
        tags,
        category,
        -1_000_000_000_000i64..9_000_000_000_000,
        0..8u8,
    );
    let one = one.prop_map(
        |(account, resource, tags, category, cost, other)| TaggedCharge {
            resource_id: if resource == 0 {
                String::new()
            } else {
                format!("r{resource}")
            },
            charge_category: category.to_owned(),
            cost: Money::from_units(i128::from(cost)),
            month: format!("2026-0{}", 1 + other / 4),
            currency: ["USD", "EUR"][usize::from(other % 2)].to_owned(),
            team: ["", "a", "b"][usize::from(other % 3)].to_owned(),
            service: ["EC2", "S3"][usize::from(other / 2 % 2)].to_owned(),
            ..charge(&account.to_string(), "", tags, "0")
        },
    );
    prop::collection::vec(one, 0..40)
}

/// The amounts of a scope, by month, currency and tag, added up over its values.
fn amounts(rows: &[ComplianceRow], scope: Scope) -> Vec<(String, [Money; 6])> {
    let mut sums = std::collections::BTreeMap::<String, [Money; 6]>::new();
    for row in rows.iter().filter(|row| row.scope == scope) {
        let amounts = [
            row.valid_cost,
            row.invalid_cost,
            row.missing_cost,
            row.untaggable_cost,
            row.inherited_cost,
            row.exempt_cost,
        ];
        let sum = sums
            .entry(format!("{} {} {}", row.month, row.currency, row.tag))
            .or_default();
        sum.iter_mut()
            .zip(amounts)
            .for_each(|(sum, amount)| *sum += amount);
    }
    sums.into_iter()
        .filter(|(_, sums)| *sums != [Money::ZERO; 6])
        .collect()
}

proptest! {
    #[test]
    fn every_scope_adds_up_to_the_whole(charges in charges()) {
        let rows = compliance(&charges, &more()).rows;
        for scope in Scope::ALL {
            prop_assert_eq!(amounts(&rows, scope), amounts(&rows, Scope::Overall));
        }
        // `team` speaks about every charge, so its rows hold the whole bill.
        let team = rows.iter().filter(|row| row.scope == Scope::Overall && row.tag == "team");
        let bill: Money = charges.iter().map(|charge| charge.cost).sum();
        let whole = |row: &ComplianceRow| row.taggable_cost() + row.untaggable_cost + row.exempt_cost;
        prop_assert_eq!(team.map(whole).sum::<Money>(), bill);
        for row in &rows {
            let share = row.cost_compliance_pct().unwrap_or(0);
            prop_assert!((0..=10_000).contains(&share), "{:?}", row);
        }
    }

    #[test]
    fn accounts_add_up_in_resources_too(charges in charges()) {
        let rows = compliance(&charges, &more()).rows;
        let count = |scope: Scope| -> (u64, u64) {
            let of_scope = rows.iter().filter(|row| row.scope == scope);
            of_scope.fold((0, 0), |(a, b), row| (a + row.resources, b + row.compliant_resources))
        };
        prop_assert_eq!(count(Scope::Account), count(Scope::Overall));
        prop_assert!(rows.iter().all(|row| row.compliant_resources <= row.resources));
    }

    #[test]
    fn the_order_of_charges_does_not_matter(
        (sorted, shuffled) in charges().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
    ) {
        prop_assert_eq!(compliance(&sorted, &more()), compliance(&shuffled, &more()));
    }
}
