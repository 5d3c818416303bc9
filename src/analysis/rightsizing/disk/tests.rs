//! Disks as they come: too fast, of too dear a type, busy, unmeasured.

use super::super::meter::charge;
use super::super::tests::{money, policy, today};
use super::*;
use crate::analysis::finding::{Action, Effort};
use crate::analysis::utilisation::DAY;
use crate::resource::{Statistic, Traits};
use chrono::NaiveDate;
use proptest::prelude::*;

fn volume(name: &str, iops: Option<u64>, mbps: Option<u64>) -> Resource {
    let (provider, kind) = match name {
        name if name.contains("_LRS") => ("Microsoft", "microsoft.compute/disks"),
        name if name.starts_with("pd-") => ("Google Cloud", "compute.googleapis.com/Disk"),
        _ => ("AWS", "ec2:volume"),
    };
    Resource {
        id: "vol-1".into(),
        provider: provider.into(),
        kind: kind.into(),
        machine_type: Some(name.into()),
        traits: Traits {
            size_gib: Some(500),
            iops,
            throughput: mbps,
            attached_to: Some(vec!["i-1".into()]),
            ..Traits::default()
        },
        ..Resource::default()
    }
}

/// Five-minute totals of so many operations and MiB per second over 32 days.
fn load(iops: f32, mbps: Option<f32>) -> Vec<Usage> {
    let end = (today() - NaiveDate::default()).num_days() * DAY;
    let series = |metric, each: f32| Usage {
        resource: "vol-1".into(),
        metric,
        statistic: Statistic::Sum,
        period: 300,
        samples: (0..32 * 288)
            .map(|at| (end - (at + 1) * 300, each * 300.0))
            .collect(),
    };
    let bytes = mbps.map(|mbps| series(Metric::DiskBytes, mbps * 1_048_576.0));
    [series(Metric::DiskOps, iops)]
        .into_iter()
        .chain(bytes)
        .collect()
}

fn paid(meters: &[(&str, &str, &str)]) -> Paid {
    let one = |&(name, cost, quantity): &(&str, &str, &str)| {
        // A month of 730 hours has 30.41 days: 730 hours of 24.
        let charge = charge(name, "", (money(cost), Some(money(quantity))), (31, 31)).unwrap();
        super::super::meter::Charge {
            cost: money(cost),
            ..charge
        }
    };
    Paid {
        currency: "USD".into(),
        charges: meters.iter().map(one).collect(),
    }
}

fn verdict(resource: &Resource, usage: &[Usage], paid: &Paid) -> Verdict {
    let rates = Rates::of(&paid.charges);
    judge(
        &Disk {
            resource,
            team: "",
            usage,
            paid: Some(paid),
            rates: &rates,
        },
        &policy(),
    )
}

fn found(resource: &Resource, usage: &[Usage], paid: &Paid) -> Finding {
    match verdict(resource, usage, paid) {
        Verdict::Finding(finding) => *finding,
        Verdict::Skipped(one) => panic!("{}", one.reason),
    }
}

fn reason(resource: &Resource, usage: &[Usage], paid: &Paid) -> String {
    match verdict(resource, usage, paid) {
        Verdict::Finding(finding) => panic!("{}", finding.reason),
        Verdict::Skipped(one) => one.reason,
    }
}

const GP3: [(&str, &str, &str); 3] = [
    ("EBS:VolumeUsage.gp3", "40", "500"),
    ("EBS:VolumeP-IOPS.gp3", "45", "9000"),
    ("EBS:VolumeP-Throughput.gp3", "15", "375"),
];

#[test]
fn operations_and_throughput_that_nobody_uses_are_given_up() {
    let finding = found(
        &volume("gp3", Some(12_000), Some(500)),
        &load(900.0, Some(40.0)),
        &paid(&GP3),
    );
    assert_eq!(
        (
            finding.current_type.as_str(),
            finding.choice.recommended_type.as_str()
        ),
        ("gp3 500 GiB 12000 IOPS 500 MB/s", "gp3 500 GiB 3000 IOPS")
    );
    assert_eq!(
        (finding.choice.savings_low, finding.choice.savings_high),
        (money("60"), money("60"))
    );
    assert_eq!(
        (
            finding.choice.action,
            finding.choice.confidence,
            finding.choice.risk
        ),
        (Action::Resize, Confidence::A, 0)
    );
    assert_eq!(finding.monthly_cost, money("100"));
    assert_eq!(
        finding.reason,
        "needs 1080 IOPS of 12000 and 48 MB/s of 500 (P99.5 + 20 %) in 32 days of 5-minute totals; changed while in use; prices: own bill"
    );
    // Throughput needs operations: 500 MB/s are not to be had with fewer than 2000.
    let kept = found(
        &volume("gp3", Some(12_000), Some(500)),
        &load(900.0, None),
        &paid(&GP3),
    );
    assert_eq!(
        kept.choice.recommended_type,
        "gp3 500 GiB 3000 IOPS 500 MB/s"
    );
    assert_eq!(kept.choice.savings_high, money("45"));
    assert!(kept.reason.contains("throughput not measured and kept"));
}

const IO1: [(&str, &str, &str); 2] = [
    ("EBS:VolumeUsage.piops", "62.5", "500"),
    ("EBS:VolumeP-IOPS.piops", "520", "8000"),
];

#[test]
fn io1_becomes_gp3_where_that_holds_the_need() {
    let finding = found(
        &volume("io1", Some(8000), None),
        &load(2000.0, Some(100.0)),
        &paid(&IO1),
    );
    assert_eq!(
        (
            finding.choice.action,
            finding.choice.recommended_type.as_str()
        ),
        (Action::Retier, "gp3 500 GiB 3000 IOPS")
    );
    assert_eq!(
        (finding.choice.savings_high, finding.choice.confidence),
        (money("542.5"), Confidence::C)
    );
    let fewer = &finding.alternatives[0];
    assert_eq!(
        (fewer.action, fewer.recommended_type.as_str()),
        (Action::Resize, "io1 500 GiB 2400 IOPS")
    );
    assert_eq!(fewer.savings_high, money("364"));
    // Without throughput nobody knows whether gp3 holds it.
    let finding = found(
        &volume("io1", Some(8000), None),
        &load(2000.0, None),
        &paid(&IO1),
    );
    assert_eq!(
        (finding.choice.action, finding.alternatives.len()),
        (Action::Resize, 0)
    );
    // And 20,000 operations are more than gp3 has.
    let busy = found(
        &volume("io1", Some(40_000), None),
        &load(20_000.0, Some(100.0)),
        &paid(&IO1),
    );
    assert_eq!(busy.choice.recommended_type, "io1 500 GiB 24000 IOPS");
}

#[test]
fn premium_becomes_standard_less_what_operations_cost() {
    let p20 = [("P20 LRS Disk", "73.22", "1")];
    let quiet = found(
        &volume("Premium_LRS", None, None),
        &load(10.0, Some(2.0)),
        &paid(&p20),
    );
    assert_eq!(
        (quiet.choice.action, quiet.choice.recommended_type.as_str()),
        (Action::Retier, "StandardSSD_LRS 500 GiB")
    );
    assert_eq!(quiet.choice.savings_high, money("34.82"));
    // 26.28 million operations at 0.002 for 10,000 are 5.26: 72 permille of 73.22.
    assert_eq!(quiet.choice.savings_low, money("29.54816"));
    let busy = reason(
        &volume("Premium_LRS", None, None),
        &load(600.0, Some(2.0)),
        &paid(&p20),
    );
    assert!(busy.ends_with("nothing cheaper holds that"), "{busy}");
}

#[test]
fn ssd_of_google_becomes_balanced() {
    let ssd = [("SSD backed PD Capacity", "85", "500")];
    let finding = found(
        &volume("pd-ssd", None, None),
        &load(2000.0, Some(100.0)),
        &paid(&ssd),
    );
    assert_eq!(
        (
            finding.choice.recommended_type.as_str(),
            finding.choice.effort
        ),
        ("pd-balanced 500 GiB", Effort::Medium)
    );
    assert_eq!(finding.choice.savings_high, money("34.85"));
    assert!(
        reason(
            &volume("pd-ssd", None, None),
            &load(9000.0, Some(100.0)),
            &paid(&ssd)
        )
        .contains("nothing cheaper")
    );
}

#[test]
fn what_cannot_be_judged_says_why() {
    let quiet = load(10.0, Some(1.0));
    let free = Resource {
        traits: Traits {
            attached_to: Some(Vec::new()),
            ..volume("gp3", None, None).traits
        },
        ..volume("gp3", None, None)
    };
    assert_eq!(
        reason(&free, &quiet, &paid(&GP3)),
        "attached to nothing: a matter of waste"
    );
    assert!(
        reason(&volume("gp2", None, None), &quiet, &paid(&GP3))
            .starts_with("gp2 comes with its size")
    );
    assert!(
        reason(&volume("st1", None, None), &quiet, &paid(&GP3))
            .starts_with("st1: nothing is provisioned apart")
    );
    assert_eq!(
        reason(&volume("gp3", Some(9000), None), &[], &paid(&GP3)),
        "no disk operations measured in the last 32 days"
    );
    assert!(
        reason(
            &volume("gp3", Some(3000), Some(125)),
            &quiet,
            &paid(&GP3[..1])
        )
        .ends_with("nothing cheaper holds that")
    );
    assert!(
        reason(&volume("io1", None, None), &quiet, &paid(&GP3[..1]))
            .starts_with("its provisioned IOPS are not")
    );
    let untold = Resource {
        machine_type: None,
        ..volume("gp3", Some(12_000), Some(125))
    };
    let finding = found(&untold, &quiet, &paid(&GP3));
    assert_eq!(
        finding.current_type, "gp3 500 GiB 12000 IOPS",
        "the bill tells the type"
    );
    let resource = volume("gp3", Some(9000), None);
    let unbilled = Disk {
        resource: &resource,
        team: "",
        usage: &quiet,
        paid: None,
        rates: &Rates::default(),
    };
    assert!(
        matches!(judge(&unbilled, &policy()), Verdict::Skipped(one) if one.reason.starts_with("not on the bill"))
    );
}

proptest! {
    #[test]
    fn the_laws_of_every_disk(
        name in prop::sample::select(&["gp3", "io1", "io2", "Premium_LRS", "pd-ssd"][..]),
        iops in 1.0f32..30_000.0,
        mbps in prop::option::of(0.1f32..1200.0),
        provisioned in 100u64..64_000,
        throughput in 125u64..1000,
        costs in [1u32..100_000, 1u32..100_000, 1u32..100_000],
    ) {
        let cost = costs.map(|cents| Money::from_units(i128::from(cents) * 10_000_000_000));
        let names = match name {
            "gp3" => vec!["EBS:VolumeUsage.gp3", "EBS:VolumeP-IOPS.gp3", "EBS:VolumeP-Throughput.gp3"],
            "io1" => vec!["EBS:VolumeUsage.piops", "EBS:VolumeP-IOPS.piops"],
            "io2" => vec!["EBS:VolumeUsage.io2", "EBS:VolumeP-IOPS.io2", "EBS:VolumeP-IOPS.io2.tier2"],
            "pd-ssd" => vec!["SSD backed PD Capacity"],
            _ => vec!["P20 LRS Disk"],
        };
        let charges = names.iter().zip(cost).map(|(name, cost)| charge(name, "", (cost, Some(money("500"))), (30, 30)).unwrap());
        let paid = Paid { currency: "USD".into(), charges: charges.collect() };
        let iops_now = Some(if name == "gp3" { provisioned.max(3000) } else { provisioned });
        let resource = volume(name, iops_now, Some(throughput));
        if let Verdict::Finding(finding) = verdict(&resource, &load(iops, mbps), &paid) {
            for choice in [&[finding.choice.clone()][..], &finding.alternatives].concat() {
                prop_assert!(Money::ZERO <= choice.savings_low && choice.savings_low <= choice.savings_high);
                prop_assert!(choice.savings_high <= finding.monthly_cost && choice.savings_high > Money::ZERO);
                let words: Vec<&str> = choice.recommended_type.split(' ').collect();
                prop_assert_eq!(words[1], "500", "never smaller");
                if let Some(then) = words.get(3).and_then(|iops| iops.parse::<f64>().ok()) {
                    let now = iops_now.unwrap_or_default() as f64;
                    prop_assert!(then >= f64::from(iops) || then >= now, "{then} for {iops}");
                }
                prop_assert!(mbps.is_some() || choice.action == Action::Resize, "unmeasured throughput is kept");
            }
        }
    }
}
