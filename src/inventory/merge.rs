//! Several inventories of one estate become one list. Decides only which listings mean the same resource and
//! which word wins; it never drops a resource and never looks at a bill.

use super::gcp;
use crate::resource::{Resource, Traits, key};
use std::collections::BTreeMap;

/// Joins listings of the same resource on [`key`], sorted by key, whatever the order they come in.
///
/// Fields that only one listing fills are kept and tags are united. Where two disagree, the listing that knows
/// more about the machine wins (a describe call over the tagging API or a list of names), then the one with the
/// later launch. Listings with one short name (`orders`) that two accounts, regions or types claim stay apart.
pub fn merge(mut resources: Vec<Resource>) -> Vec<Resource> {
    gcp::name_projects(&mut resources);
    let mut by_key: BTreeMap<String, Vec<Resource>> = BTreeMap::new();
    for resource in resources {
        by_key.entry(key(&resource.id)).or_default().push(resource);
    }
    by_key.into_values().flat_map(join).collect()
}

/// Listings with one key, the most specific first, folded into as few resources as do not contradict.
fn join(mut listings: Vec<Resource>) -> Vec<Resource> {
    if listings.len() > 1 {
        // The text of all fields is the last tie-break: it makes the result independent of file order.
        listings.sort_by_cached_key(|resource| {
            (
                std::cmp::Reverse((machine_facts(resource), resource.launched)),
                format!("{resource:?}"),
            )
        });
    }
    let mut joined: Vec<Resource> = Vec::new();
    for listing in listings {
        match joined.iter_mut().find(|known| !contradict(known, &listing)) {
            Some(known) => absorb(known, listing),
            None => joined.push(listing),
        }
    }
    joined
}

/// How much a listing says about a machine: the four facts that every describe call for machines prints.
fn machine_facts(resource: &Resource) -> usize {
    let facts = [&resource.machine_type, &resource.state, &resource.platform];
    facts.iter().filter(|fact| fact.is_some()).count() + usize::from(resource.launched.is_some())
}

/// True where two listings cannot be one resource: two AWS accounts, two region codes, or two types of AWS
/// (`rds:db` and `rds:cluster`, `s3:bucket`). Words that people typed (`prod`, `Virtual machine`) contradict nothing.
fn contradict(a: &Resource, b: &Resource) -> bool {
    let account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let region = |text: &str| {
        text.ends_with(|last: char| last.is_ascii_digit())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let differ =
        |a: &str, b: &str, is_code: &dyn Fn(&str) -> bool| a != b && is_code(a) && is_code(b);
    differ(&a.sub_account, &b.sub_account, &account)
        || differ(&a.region, &b.region, &region)
        || matches!((a.kind.split_once(':'), b.kind.split_once(':')),
            (Some(one), Some(two)) if !same_type(one, two))
}

/// AWS Config calls a database `rds:dbinstance` and an address `ec2:eip`; both are printed with their ARN, whose
/// word may differ.
fn same_type((service, a): (&str, &str), (other, b): (&str, &str)) -> bool {
    let plain = |word: &str| match word.to_lowercase().as_str() {
        "eip" => "elastic-ip".to_owned(),
        "dbinstance" => "db".to_owned(),
        word => word.to_owned(),
    };
    service.eq_ignore_ascii_case(other) && plain(a) == plain(b)
}

/// Takes from the less specific listing what the more specific one does not say.
fn absorb(known: &mut Resource, other: Resource) {
    let texts = [
        (&mut known.id, other.id),
        (&mut known.provider, other.provider),
        (&mut known.sub_account, other.sub_account),
        (&mut known.region, other.region),
        (&mut known.kind, other.kind),
        (&mut known.name, other.name),
    ];
    for (ours, theirs) in texts {
        if ours.is_empty() {
            *ours = theirs;
        }
    }
    let facts = [
        (&mut known.machine_type, other.machine_type),
        (&mut known.state, other.state),
        (&mut known.platform, other.platform),
        (&mut known.group, other.group),
    ];
    for (ours, theirs) in facts {
        *ours = ours.take().or(theirs);
    }
    known.launched = known.launched.or(other.launched);
    known.spot |= other.spot;
    for id in other.also {
        if !known.also.contains(&id) {
            known.also.push(id);
        }
    }
    absorb_traits(&mut known.traits, other.traits);
    for (tag, value) in other.tags {
        let ours = known.tags.entry(tag).or_default();
        if ours.is_empty() {
            *ours = value;
        }
    }
}

/// Every trait that the more specific listing leaves open.
fn absorb_traits(known: &mut Traits, other: Traits) {
    let Traits {
        size_gib,
        iops,
        throughput,
        attached_to,
        source,
        snapshots,
        stopped_on,
        created,
        engine,
        version,
        multi_az,
        licence,
        members,
    } = other;
    known.size_gib = known.size_gib.or(size_gib);
    known.iops = known.iops.or(iops);
    known.throughput = known.throughput.or(throughput);
    known.attached_to = known.attached_to.take().or(attached_to);
    known.source = known.source.take().or(source);
    known.snapshots = known.snapshots.take().or(snapshots);
    known.stopped_on = known.stopped_on.or(stopped_on);
    known.created = known.created.or(created);
    known.engine = known.engine.take().or(engine);
    known.version = known.version.take().or(version);
    known.multi_az = known.multi_az.or(multi_az);
    known.licence = known.licence.take().or(licence);
    known.members = known.members.or(members);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(id: &str) -> Resource {
        Resource {
            id: id.to_owned(),
            ..Resource::default()
        }
    }

    fn tagged(mut resource: Resource, key: &str, value: &str) -> Resource {
        resource.tags.insert(key.to_owned(), value.to_owned());
        resource
    }

    fn described(id: &str) -> Resource {
        Resource {
            machine_type: Some("m5.large".to_owned()),
            state: Some("running".to_owned()),
            platform: Some("Linux/UNIX".to_owned()),
            launched: "2026-03-04".parse().ok(),
            ..listed(id)
        }
    }

    #[test]
    fn the_describe_call_wins_and_the_tagging_api_adds() {
        let arn = listed("arn:aws:ec2:us-east-1:123456789012:instance/i-0AB");
        let tagging = Resource {
            sub_account: "123456789012".to_owned(),
            ..tagged(arn, "team", "web")
        };
        let typed = Resource {
            machine_type: Some("m5.xlarge".to_owned()),
            ..tagged(listed("I-0ab"), "team", "ops")
        };
        let machine = tagged(described("i-0ab"), "env", "prod");
        let merged = merge(vec![tagging, typed, machine]);
        assert_eq!(merged.len(), 1);
        assert_eq!(merged[0].id, "i-0ab");
        assert_eq!(merged[0].machine_type.as_deref(), Some("m5.large"));
        assert_eq!(merged[0].sub_account, "123456789012");
        let tags: Vec<&str> = merged[0].tags.values().map(String::as_str).collect();
        assert_eq!(tags, ["prod", "ops"]);
    }

    #[test]
    fn the_order_of_the_files_does_not_matter() {
        let a = tagged(listed("b"), "team", "web");
        let b = tagged(listed("B"), "team", "ops");
        let c = Resource {
            name: "c".to_owned(),
            ..listed("a")
        };
        let merged = merge(vec![a.clone(), b.clone(), c.clone()]);
        assert_eq!(merged, merge(vec![c, b, a]));
        assert_eq!(
            merged
                .iter()
                .map(|resource| key(&resource.id))
                .collect::<Vec<_>>(),
            ["a", "b"]
        );
    }

    #[test]
    fn one_short_name_in_two_accounts_is_two_resources() {
        let db = |account: &str, region: &str, kind: &str| {
            let id = format!("arn:aws:rds:{region}:{account}:{kind}:orders");
            let kind = format!("rds:{kind}");
            Resource {
                sub_account: account.to_owned(),
                region: region.to_owned(),
                kind,
                ..listed(&id)
            }
        };
        let first = db("111111111111", "us-east-1", "db");
        let others = [
            db("222222222222", "us-east-1", "db"),
            db("111111111111", "eu-west-1", "db"),
            db("111111111111", "us-east-1", "cluster"),
        ];
        for other in others {
            assert_eq!(merge(vec![first.clone(), other]).len(), 2);
        }
        let named = Resource {
            sub_account: "prod".to_owned(),
            ..listed("orders")
        };
        assert_eq!(merge(vec![first, named]).len(), 1);
    }
}
