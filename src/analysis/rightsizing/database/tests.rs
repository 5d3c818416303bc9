//! Databases as they come: too large, full, licensed, replicas, silent.

use super::super::tests::{money, policy, series};
use super::*;
use crate::analysis::saving::Bill;
use crate::money::Money;
use crate::resource::Traits;
use proptest::prelude::*;

fn database(class: &str, engine: &str) -> Resource {
    Resource {
        id: "arn:aws:rds:us-east-1:1:db:orders".into(),
        provider: "AWS".into(),
        kind: "rds:db".into(),
        machine_type: Some(class.into()),
        state: Some("available".into()),
        traits: Traits {
            engine: Some(engine.into()),
            multi_az: Some(true),
            ..Traits::default()
        },
        ..Resource::default()
    }
}

/// Hourly CPU in percent, free memory in GiB and connections, over 32 days.
fn load(cpu: f32, free: Option<f32>, connections: f32) -> Vec<Usage> {
    let free = free.map(|free| series(Metric::FreeMemory, 32, move |_| free * 1_073_741_824.0));
    let rest = [
        series(Metric::Cpu, 32, move |_| cpu),
        series(Metric::Connections, 32, move |_| connections),
    ];
    rest.into_iter().chain(free).collect()
}

fn bill() -> Bill {
    Bill {
        effective_cost: money("1000"),
        hours: money("730"),
        covered_hours: Money::ZERO,
        window_hours: 730,
        list_rate: Some(money("1.424")),
        currency: "USD".into(),
    }
}

fn judged(
    resource: &Resource,
    usage: &[Usage],
    rates: &[(&str, &str)],
    policy: &Policy,
) -> Verdict {
    let rates = rates
        .iter()
        .map(|(name, rate)| ((*name).to_owned(), money(rate)))
        .collect();
    let bill = bill();
    judge(
        &Machine {
            resource,
            team: "",
            usage,
            bill: Some(&bill),
            rates: &rates,
            since: None,
        },
        policy,
    )
}

fn found(resource: &Resource, usage: &[Usage], rates: &[(&str, &str)]) -> Finding {
    match judged(resource, usage, rates, &policy()) {
        Verdict::Finding(finding) => *finding,
        Verdict::Skipped(one) => panic!("{}", one.reason),
    }
}

fn skipped(resource: &Resource, usage: &[Usage]) -> String {
    match judged(resource, usage, &[], &policy()) {
        Verdict::Finding(finding) => panic!("{}", finding.reason),
        Verdict::Skipped(one) => one.reason,
    }
}

#[test]
fn a_database_is_resized_within_its_family() {
    // 10 % of 8 vCPU and 4 of 32 GiB.
    let finding = found(
        &database("db.m5.2xlarge", "postgres"),
        &load(10.0, Some(28.0), 90.0),
        &[],
    );
    assert_eq!(
        (
            finding.current_type.as_str(),
            finding.choice.recommended_type.as_str()
        ),
        ("db.m5.2xlarge", "db.m5.xlarge")
    );
    assert_eq!(
        (finding.choice.action, finding.choice.confidence),
        (Action::Resize, Confidence::B)
    );
    assert_eq!(finding.choice.savings_high, money("500"));
    assert_eq!(finding.memory_max, Some(12.5));
    assert!(
        finding.reason.ends_with("both zones change; storage stays"),
        "{}",
        finding.reason
    );
}

#[test]
fn own_rates_of_the_engine_are_sure() {
    let rates = [("m5.2xlarge", "1.424"), ("m5.xlarge", "0.712")];
    let finding = found(
        &database("db.m5.2xlarge", "postgres"),
        &load(10.0, Some(28.0), 90.0),
        &rates,
    );
    assert_eq!(
        (finding.choice.confidence, finding.choice.savings_high),
        (Confidence::A, money("500"))
    );
}

#[test]
fn memory_and_connections_are_kept() {
    let full = skipped(
        &database("db.m5.2xlarge", "mysql"),
        &load(10.0, Some(8.0), 90.0),
    );
    assert!(full.contains("no cheaper type fits"), "{full}");
    let unknown = skipped(&database("db.m5.2xlarge", "mysql"), &load(10.0, None, 90.0));
    assert!(
        unknown.contains("memory not measured, so it is not cut"),
        "{unknown}"
    );
    // 2,000 connections of 12 MB each and a fifth more are 28 GiB.
    let busy = skipped(
        &database("db.m5.2xlarge", "mysql"),
        &load(10.0, Some(28.0), 2000.0),
    );
    assert!(busy.contains("28 GiB"), "{busy}");
}

#[test]
fn what_is_not_sized_says_why() {
    let quiet = load(10.0, Some(28.0), 90.0);
    let oracle = skipped(&database("db.m5.2xlarge", "oracle-se2"), &quiet);
    assert!(
        oracle.ends_with("oracle-se2: licences are priced by own rates only"),
        "{oracle}"
    );
    assert_eq!(
        skipped(
            &database("db.m5.2xlarge", "postgres"),
            &load(3.0, Some(28.0), 0.0)
        ),
        "no connection was open: a matter of waste"
    );
    assert_eq!(
        skipped(&database("db.serverless", "aurora-mysql"), &quiet),
        "serverless: it sizes itself"
    );
    let azure = Resource {
        provider: "Microsoft".into(),
        ..database("GP_Gen5_4", "")
    };
    assert!(skipped(&azure, &quiet).starts_with("databases of this service"));
    let gone = Resource {
        state: Some("stopped".into()),
        ..database("db.m5.large", "postgres")
    };
    assert!(skipped(&gone, &quiet).starts_with("not running"));
}

#[test]
fn licensed_engines_are_priced_by_own_rates() {
    let rates = [("m5.2xlarge", "1.424"), ("m5.xlarge", "0.9")];
    let finding = found(
        &database("db.m5.2xlarge", "sqlserver-se"),
        &load(10.0, Some(28.0), 90.0),
        &rates,
    );
    assert_eq!(finding.choice.recommended_type, "db.m5.xlarge");
    assert_eq!(finding.choice.savings_high.rounded(2), money("367.98"));
}

#[test]
fn graviton_is_an_alternative_of_open_engines() {
    let arm = Policy {
        arm: true,
        ..policy()
    };
    let of = |engine: &str| match judged(
        &database("db.m5.2xlarge", engine),
        &load(70.0, Some(9.0), 90.0),
        &[],
        &arm,
    ) {
        Verdict::Finding(finding) => Some((
            finding.choice.action,
            finding.choice.recommended_type.clone(),
            finding.choice.savings_high,
            finding.choice.effort,
        )),
        Verdict::Skipped(_) => None,
    };
    let wanted = (
        Action::Arm,
        "db.m6g.2xlarge".to_owned(),
        money("100"),
        Effort::Low,
    );
    assert_eq!(of("postgres"), Some(wanted));
    assert_eq!(of("sqlserver-se"), None);
}

#[test]
fn flexible_servers_of_azure_are_sized_within_their_family() {
    let server = Resource {
        provider: "Microsoft".into(),
        kind: "Microsoft.DBforPostgreSQL/flexibleServers".into(),
        traits: Traits::default(),
        ..database("Standard_D8ds_v5", "")
    };
    let usage = [
        series(Metric::Cpu, 32, |_| 12.0),
        series(Metric::Memory, 32, |_| 15.0),
        series(Metric::DiskOps, 32, |_| 3600.0),
        series(Metric::DiskBytes, 32, |_| 3600.0),
    ];
    let finding = found(&server, &usage, &[]);
    assert_eq!(finding.choice.recommended_type, "Standard_D2ds_v5");
    assert_eq!(finding.choice.savings_high, money("750"));
}

#[test]
fn a_replica_is_told_as_one() {
    let traits = Traits {
        source: Some("orders".into()),
        multi_az: None,
        ..database("", "mysql").traits
    };
    let replica = Resource {
        traits,
        ..database("db.m5.2xlarge", "mysql")
    };
    let finding = found(&replica, &load(10.0, Some(28.0), 90.0), &[]);
    assert!(
        finding.reason.contains("replica of orders"),
        "{}",
        finding.reason
    );
}

proptest! {
    #[test]
    #[allow(clippy::cast_possible_truncation, reason = "samples are f32 by design")]
    fn the_laws_of_every_database(
        class in prop::sample::select(&["db.m5.4xlarge", "db.r5.2xlarge", "db.t3.large", "db.m6g.xlarge"][..]),
        engine in prop::sample::select(&["postgres", "mysql", "aurora-mysql", "oracle-se2"][..]),
        cpu in 1.0f32..100.0,
        free in prop::option::of(0.1f32..1.0),
        connections in 1.0f32..3000.0,
        arm in any::<bool>(),
    ) {
        let current = catalogue().find("AWS", &class[3..]).unwrap();
        let bytes = free.map(|share| share * current.memory_gib as f32);
        let policy = Policy { arm, ..policy() };
        let verdict = judged(&database(class, engine), &load(cpu, bytes, connections), &[], &policy);
        if let Verdict::Finding(finding) = verdict {
            for choice in [&[finding.choice.clone()][..], &finding.alternatives].concat() {
                prop_assert!(Money::ZERO <= choice.savings_low && choice.savings_low <= choice.savings_high);
                prop_assert!(choice.savings_high <= finding.monthly_cost && choice.savings_high > Money::ZERO);
                let target = catalogue().find("AWS", choice.recommended_type.strip_prefix("db.").unwrap()).unwrap();
                let used = free.map_or(1.0, |free| (1.0 - f64::from(free)) * 1.2);
                prop_assert!(target.memory_gib * 1.001 >= (current.memory_gib * used).min(current.memory_gib));
                prop_assert!(f64::from(target.vcpu) * 1.001 >= f64::from(current.vcpu) * f64::from(cpu) / 100.0 * 1.2 || target.vcpu >= current.vcpu);
            }
        }
    }
}
