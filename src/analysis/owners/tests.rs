use super::measure::{ALL_EVIDENCE, WITHOUT_OWNER_TAGS};
use super::*;
use std::path::Path;
use std::sync::Arc;

fn charge(id: &str, tags: &str) -> TaggedCharge {
    let pairs = tags.split(';').filter_map(|pair| pair.split_once('='));
    TaggedCharge {
        month: "2026-10".to_owned(),
        provider: "AWS".to_owned(),
        sub_account: "1".to_owned(),
        service: "Amazon EC2".to_owned(),
        region: "eu-west-1".to_owned(),
        resource_id: id.to_owned(),
        resource_type: String::new(),
        charge_category: "Usage".to_owned(),
        tags: Arc::new(pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).collect()),
        currency: "USD".to_owned(),
        cost: Money::from_units(1_000_000_000_000),
        team: String::new(),
        environment: String::new(),
        billing_account: String::new(),
        service_category: String::new(),
    }
}

fn policy(more: &str) -> TagPolicy {
    let text = format!("[[tag]]\nkey = \"team\"\n{more}");
    TagPolicy::parse(&text, Path::new("t.toml")).unwrap()
}

/// Two stacks of one account, each of another team.
fn estate() -> Vec<TaggedCharge> {
    let of = |stack: &str, team: &str| -> Vec<TaggedCharge> {
        let tags = format!("aws:cloudformation:stack-name={stack};team={team}");
        (0..10)
            .map(|at| charge(&format!("{stack}-0000{at}aa{at}"), &tags))
            .collect()
    };
    [of("checkout", "web"), of("lake", "data")].concat()
}

fn row<'a>(owners: &'a Owners, evidence: &str) -> Option<&'a Accuracy> {
    owners.accuracy.iter().find(|row| row.evidence == evidence)
}

#[test]
fn a_stack_that_agrees_tells_the_team_and_an_account_that_does_not_is_silent() {
    let mut charges = estate();
    charges.push(charge("vol-1", "aws:cloudformation:stack-name=checkout"));
    charges.push(charge("vol-2", ""));
    let owners = owners(&charges, &[], &policy(""));
    assert_eq!(owners.suggestions.len(), 1);
    let one = &owners.suggestions[0];
    assert_eq!(
        (one.resource_id.as_str(), one.value.as_str(), one.precision),
        ("vol-1", "web", Some(10_000))
    );
    assert_eq!(
        one.sentence,
        "10 of 10 tagged resources of stack checkout are team web"
    );
    assert!(row(&owners, "account").is_none());
    let stack = row(&owners, "stack").unwrap();
    assert_eq!((stack.hidden, stack.suggested, stack.right), (20, 20, 20));
    assert_eq!(
        row(&owners, ALL_EVIDENCE).unwrap().precision(),
        Some(10_000)
    );
    assert_eq!(
        row(&owners, WITHOUT_OWNER_TAGS).unwrap().recall(),
        Some(10_000)
    );
}

#[test]
fn evidence_that_is_often_wrong_is_measured_and_not_used() {
    // Names agree nine times out of ten with what was seen, but the hidden ones all differ.
    let mut charges: Vec<TaggedCharge> = (0..40)
        .map(|at| charge(&format!("shop-{at}-x"), &format!("team=t{}", at % 4)))
        .collect();
    charges.push(charge("shop-99-x", ""));
    let owners = owners(&charges, &[], &policy(""));
    assert_eq!(owners.suggestions, []);
    assert_eq!(row(&owners, ALL_EVIDENCE).unwrap().suggested, 0);
}

#[test]
fn a_precision_asked_for_higher_than_measured_silences() {
    let mut charges = estate();
    // One of ten in the stack is wrong: the stack still agrees by nine tenths, the precision is 90 % or less.
    charges[0] = charge(
        "checkout-00000aa0",
        "aws:cloudformation:stack-name=checkout;team=data",
    );
    charges.push(charge("vol-1", "aws:cloudformation:stack-name=checkout"));
    let strict = owners(&charges, &[], &policy("[suggest]\nmin_precision = 99.0\n"));
    assert_eq!(strict.suggestions, []);
    let usual = owners(&charges, &[], &policy(""));
    assert_eq!(usual.suggestions[0].value, "web");
    assert!(usual.suggestions[0].precision < Some(10_000));
}

#[test]
fn an_accepted_owner_is_listed_and_never_learnt_from() {
    let mut charges = estate();
    charges.push(charge(
        "vol-1",
        "aws:cloudformation:stack-name=checkout;team=web",
    ));
    charges.push(charge("vol-2", ""));
    let accept = |id: &str, value: &str| {
        format!("[[accept]]\ntag = \"team\"\nresource = \"{id}\"\nvalue = \"{value}\"\n")
    };
    let policy = policy(&(accept("vol-1", "web") + &accept("vol-2", "ops")));
    let owners = owners(&charges, &[], &policy);
    let told: Vec<(&str, bool)> = owners
        .suggestions
        .iter()
        .map(|one| (one.sentence.as_str(), one.accepted))
        .collect();
    let stack = "10 of 10 tagged resources of stack checkout are team web";
    assert_eq!(told, [(stack, true), ("accepted by the policy", true)]);
}

#[test]
fn the_inventory_s_tags_are_evidence() {
    let listed = |id: &str, team: &str| Resource {
        id: id.to_owned(),
        tags: [("team".to_owned(), team.to_owned())].into(),
        ..Resource::default()
    };
    let mut charges: Vec<TaggedCharge> = (0..6)
        .map(|at| charge(&format!("i-{at}"), &format!("team=t{at}")))
        .collect();
    let mut inventory: Vec<Resource> = (0..6)
        .map(|at| listed(&format!("i-{at}"), &format!("t{at}")))
        .collect();
    charges.push(charge("i-9", ""));
    inventory.push(listed("i-9", "t3"));
    let owners = owners(&charges, &inventory, &policy(""));
    assert_eq!(
        owners.suggestions[0].sentence,
        "the inventory lists it with team t3"
    );
}

#[test]
fn the_order_of_charges_does_not_matter() {
    let mut charges = estate();
    charges.push(charge("vol-1", "aws:cloudformation:stack-name=lake"));
    let forward = owners(&charges, &[], &policy(""));
    charges.reverse();
    assert_eq!(forward, owners(&charges, &[], &policy("")));
}

#[test]
fn a_tag_is_no_evidence_for_itself() {
    // Ten teams, nothing else shared: only the tag itself could tell.
    let charges: Vec<TaggedCharge> = (0..50)
        .map(|at| charge(&format!("i-{at}"), &format!("team=t{}", at % 10)))
        .collect();
    let owners = owners(&charges, &[], &policy(""));
    assert_eq!(row(&owners, ALL_EVIDENCE).unwrap().suggested, 0);
}
