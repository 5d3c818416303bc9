//! What checks find in small bills, and what holds for every finding in any bill.

use super::*;
use crate::resource::key;
use chrono::NaiveDate;
use proptest::prelude::*;

fn money(text: &str) -> Money {
    Money::parse(text.as_bytes()).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn policy() -> Policy {
    Policy {
        idle_days: 14,
        least: money("1"),
        skip: Vec::new(),
    }
}

/// A line of October.
fn line(resource: &str, meter: &str, unit: &str, quantity: &str, cost: &str) -> Line {
    Line {
        month: "2026-10".to_owned(),
        provider: "AWS".to_owned(),
        account: "1".to_owned(),
        region: "us-east-1".to_owned(),
        service: "Amazon Elastic Compute Cloud".to_owned(),
        resource: resource.to_owned(),
        meter: meter.to_owned(),
        unit: unit.to_owned(),
        currency: "USD".to_owned(),
        cost: money(cost),
        quantity: Some(money(quantity)),
        days: Some((1, 31)),
        ..Line::default()
    }
}

fn found(lines: Vec<Line>) -> Vec<Finding> {
    let bills = [Bill::new(lines, day("2026-11-05"))];
    let seen = Seen {
        bills: &bills,
        items: &[],
        usage: &[],
        unused: &[],
    };
    find(&seen, &policy())
}

/// Check, resource, low and high.
fn told(lines: Vec<Line>) -> Vec<(String, String, String)> {
    let amounts = |finding: &Finding| match finding.saving {
        None => "unknown".to_owned(),
        Some((low, high)) => format!("{} {}", low.fixed(2), high.fixed(2)),
    };
    let row = |finding: &Finding| {
        (
            finding.check.id.clone(),
            finding.resource_id.clone(),
            amounts(finding),
        )
    };
    found(lines).iter().map(row).collect()
}

fn only(check: &str, resource: &str, amounts: &str) -> Vec<(String, String, String)> {
    vec![(check.to_owned(), resource.to_owned(), amounts.to_owned())]
}

#[test]
fn a_gateway_without_bytes_is_idle_and_its_busy_twin_is_not() {
    let mut lines = vec![
        line("nat-idle", "EU-NatGateway-Hours", "Hrs", "744", "33.48"),
        line("nat-busy", "EU-NatGateway-Hours", "Hrs", "744", "33.48"),
        line("nat-busy", "EU-NatGateway-Bytes", "GB", "90", "1.35"),
    ];
    assert_eq!(
        told(lines.clone()),
        only("idle-nat-gateway", "nat-idle", "32.85 32.85")
    );
    lines.push(line("", "EU-NatGateway-Bytes", "GB", "5", "0.22"));
    assert_eq!(
        told(lines),
        [],
        "traffic that names no resource may be its own"
    );
}

#[test]
fn a_week_is_too_short_to_be_idle() {
    let young = Line {
        days: Some((25, 31)),
        ..line("nat-idle", "NatGateway-Hours", "Hrs", "168", "7.56")
    };
    let other = line("i-1", "EBS:VolumeUsage.st1", "GB-Mo", "1", "9");
    assert_eq!(told(vec![young, other]), []);
}

#[test]
fn no_month_is_projected_from_a_day() {
    let fresh = Line {
        days: Some((31, 31)),
        ..line("eip-1", "PublicIPv4:IdleAddress", "Hrs", "24", "0.12")
    };
    assert_eq!(told(vec![fresh]), []);
}

#[test]
fn what_is_gone_is_no_waste() {
    let gone = Line {
        days: Some((1, 20)),
        ..line("eip-1", "PublicIPv4:IdleAddress", "Hrs", "480", "2.40")
    };
    let there = line("eip-2", "PublicIPv4:IdleAddress", "Hrs", "744", "3.72");
    assert_eq!(
        told(vec![gone, there]),
        only("idle-public-ipv4", "eip-2", "3.65 3.65")
    );
}

#[test]
fn gp2_is_compared_with_the_own_price_of_gp3() {
    let small = line("vol-a", "EBS:VolumeUsage.gp2", "GB-Mo", "200", "20");
    assert_eq!(
        told(vec![small.clone()]),
        only("ebs-gp2", "vol-a", "3.92 3.92"),
        "80 % at list"
    );
    let own = line("vol-b", "EBS:VolumeUsage.gp3", "GB-Mo", "100", "9");
    assert_eq!(
        told(vec![small, own]),
        only("ebs-gp2", "vol-a", "1.96 1.96")
    );
}

#[test]
fn large_gp2_volumes_keep_their_iops_and_at_worst_their_throughput() {
    // 2,000 GB in 31 days: 160 for the GB, 3,000 more IOPS cost 15, 125 MB/s more cost 5.
    let large = line(
        "vol-a",
        "EBS:VolumeUsage.gp2",
        "GB-Mo",
        "2038.356164383562",
        "203.8356164383562",
    );
    let [(_, _, amounts)] = told(vec![large]).try_into().unwrap();
    assert_eq!(amounts, "20.00 25.00");
}

#[test]
fn covered_hours_are_saved_only_if_the_commitment_finds_other_use() {
    let database = |resource: &str, covered: bool| Line {
        instance: "db.m5.large".to_owned(),
        service: "Amazon Relational Database Service".to_owned(),
        environment: "dev".to_owned(),
        covered,
        ..line(resource, "InstanceUsage:db.m5.large", "Hrs", "744", "124")
    };
    let rows = told(vec![database("a", true), database("b", false)]);
    let schedule: Vec<_> = rows
        .iter()
        .filter(|row| row.0 == "nonproduction-schedule")
        .collect();
    assert_eq!(schedule[0].2, "34.07 77.87");
    assert_eq!(schedule[1].2, "0.00 77.87");
}

#[test]
fn a_table_that_is_rarely_read_belongs_into_the_other_class() {
    let of = |meter: &str, quantity: &str, cost: &str| Line {
        service: "Amazon DynamoDB".to_owned(),
        ..line("table/cold", meter, "GB-Mo", quantity, cost)
    };
    let lines = vec![
        of("TimedStorage-ByteHrs", "400", "103.333333333333"),
        of("WriteRequestUnits", "1000", "20.666666666667"),
    ];
    assert_eq!(
        told(lines),
        only("dynamodb-table-class", "table/cold", "27.88 55.76")
    );
}

#[test]
fn old_means_charged_for_ninety_days() {
    let snapshot = |month: &str| Line {
        month: month.to_owned(),
        ..line("snap-1", "EBS:SnapshotUsage", "GB-Mo", "800", "40")
    };
    let months = |names: &[&str]| names.iter().map(|name| snapshot(name)).collect();
    assert_eq!(told(months(&["2026-09", "2026-10"])), []);
    let rows = told(months(&["2026-07", "2026-08", "2026-09", "2026-10"]));
    assert_eq!(rows, only("ebs-old-snapshot", "snap-1", "0.00 39.25"));
}

#[test]
fn an_unattached_volume_is_deleted_not_modernised() {
    let bills = [Bill::new(
        vec![line("vol-0A", "EBS:VolumeUsage.gp2", "GB-Mo", "200", "31")],
        day("2026-11-05"),
    )];
    let items = [Item {
        id: "arn:aws:ec2:us-east-1:1:volume/vol-0a",
        keys: vec![key("vol-0a")],
        account: "1",
        region: "us-east-1",
        sort: Sort::Disk,
        provider: None,
        state: "available".to_owned(),
        attached_to: None,
        source: None,
        stopped_on: None,
    }];
    let seen = Seen {
        bills: &bills,
        items: &items,
        usage: &[],
        unused: &[],
    };
    let findings = find(&seen, &policy());
    let claims: Vec<Claim> = findings.iter().map(Finding::claim).collect();
    let counted = settle(&claims);
    let rows: Vec<(&str, bool)> = findings
        .iter()
        .zip(&counted)
        .map(|(finding, counted)| (finding.check.id.as_str(), *counted))
        .collect();
    assert_eq!(rows, [("unattached-disk", true), ("ebs-gp2", false)]);
    assert_eq!(
        headline(&findings, &counted)["USD"],
        (money("30.416666666667"), money("30.416666666667"))
    );
}

/// Meters that checks look at, with their services.
const METERS: &[(&str, &str, &str)] = &[
    (
        "EBS:VolumeUsage.gp2",
        "Amazon Elastic Compute Cloud",
        "GB-Mo",
    ),
    (
        "EBS:VolumeUsage.gp3",
        "Amazon Elastic Compute Cloud",
        "GB-Mo",
    ),
    (
        "EBS:VolumeUsage.piops",
        "Amazon Elastic Compute Cloud",
        "GB-Mo",
    ),
    (
        "EBS:VolumeP-IOPS.piops",
        "Amazon Elastic Compute Cloud",
        "IOPS-Mo",
    ),
    ("EBS:SnapshotUsage", "Amazon Elastic Compute Cloud", "GB-Mo"),
    ("NatGateway-Hours", "Amazon Elastic Compute Cloud", "Hrs"),
    ("NatGateway-Bytes", "Amazon Elastic Compute Cloud", "GB"),
    ("BoxUsage:c4.large", "Amazon Elastic Compute Cloud", "Hrs"),
    (
        "InstanceUsage:db.m4.large",
        "Amazon Relational Database Service",
        "Hrs",
    ),
    ("TimedStorage-ByteHrs", "Amazon DynamoDB", "GB-Mo"),
    ("WriteRequestUnits", "Amazon DynamoDB", "WriteRequestUnits"),
    (
        "TimedStorage-ByteHrs",
        "Amazon Simple Storage Service",
        "GB-Mo",
    ),
    ("TimedStorage-ByteHrs", "AmazonCloudWatch", "GB-Mo"),
    (
        "PublicIPv4:IdleAddress",
        "Amazon Virtual Private Cloud",
        "Hrs",
    ),
];

fn any_line() -> impl Strategy<Value = Line> {
    let place = (
        7u32..11,
        0u32..6,
        0usize..METERS.len(),
        any::<bool>(),
        any::<bool>(),
    );
    let amounts = (
        -50i64..50_000,
        prop::option::of(0i64..900_000),
        1u32..31,
        1u32..31,
    );
    (place, amounts).prop_map(
        |((month, id, meter, covered, dev), (cost, quantity, a, b))| {
            let (name, service, unit) = METERS[meter];
            let whole = |n: i64| Money::from_units(i128::from(n) * 1_000_000_000);
            Line {
                month: format!("2026-{month:02}"),
                service: service.to_owned(),
                instance: name
                    .split_once(':')
                    .filter(|_| unit == "Hrs")
                    .map_or(String::new(), |(_, i)| i.to_owned()),
                environment: if dev { "dev".to_owned() } else { String::new() },
                covered,
                cost: whole(cost * 10),
                quantity: quantity.map(whole),
                days: Some((a.min(b), a.max(b))),
                ..line(&format!("r-{id}"), name, unit, "0", "0")
            }
        },
    )
}

proptest! {
    #[test]
    fn low_is_at_most_high_is_at_most_the_cost_of_the_lines(lines in prop::collection::vec(any_line(), 1..60)) {
        for finding in found(lines) {
            if let Some((low, high)) = finding.saving {
                prop_assert!(Money::ZERO <= low && low <= high, "{finding:?}");
                prop_assert!(finding.cost.is_some_and(|cost| high <= cost), "{finding:?}");
            }
        }
    }

    #[test]
    fn what_counts_on_a_line_counts_once(lines in prop::collection::vec(any_line(), 1..60)) {
        let findings = found(lines);
        let claims: Vec<Claim> = findings.iter().map(Finding::claim).collect();
        let mut taken = std::collections::BTreeSet::new();
        for (claim, _) in claims.iter().zip(settle(&claims)).filter(|(_, counted)| *counted) {
            for line in &claim.lines {
                prop_assert!(taken.insert(*line));
            }
        }
    }

    #[test]
    fn the_order_of_lines_does_not_matter(lines in prop::collection::vec(any_line(), 1..40)) {
        let reversed: Vec<Line> = lines.iter().rev().cloned().collect();
        prop_assert_eq!(told(lines), told(reversed));
    }
}
