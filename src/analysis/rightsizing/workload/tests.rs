//! Requests as they come: too much, too little, fitting, scaled by others.

use super::super::tests::{money, policy, today};
use super::*;
use crate::analysis::utilisation::DAY;
use chrono::NaiveDate;
use proptest::prelude::*;

fn series(metric: Metric, period: u32, days: i64, statistic: Statistic, value: f32) -> Usage {
    let end = (today() - NaiveDate::default()).num_days() * DAY;
    let step = i64::from(period);
    Usage {
        resource: "k8s:eu/shop/web:web".into(),
        metric,
        statistic,
        period,
        samples: (0..days * DAY / step)
            .map(|at| (end - (at + 1) * step, value))
            .collect(),
    }
}

/// Requested and used: cores and MiB, of three pods, every five minutes for 20 days.
fn load(request: (f32, f32), used: (f32, f32)) -> Vec<Usage> {
    let of = |metric, value| series(metric, 300, 20, Statistic::Average, value);
    let bytes = |mib: f32| mib * 1_048_576.0;
    vec![
        of(Metric::CpuRequest, request.0),
        of(Metric::MemoryRequest, bytes(request.1)),
        of(Metric::Cores, used.0),
        of(Metric::MemoryBytes, bytes(used.1)),
        of(Metric::Pods, 3.0),
    ]
}

fn nodes() -> Nodes {
    Nodes {
        monthly: money("600"),
        currency: "USD".into(),
        vcpu: 16,
        memory_mib: 65_536,
    }
}

fn judged(usage: &[Usage], autoscaled: bool, nodes: Option<&Nodes>) -> Verdict {
    let workload = Workload {
        id: "k8s:eu/shop/web:web",
        cluster: "eu",
        team: "",
        usage,
        autoscaled,
        nodes,
    };
    judge(&workload, &policy())
}

fn found(usage: &[Usage]) -> Finding {
    match judged(usage, false, Some(&nodes())) {
        Verdict::Finding(finding) => *finding,
        Verdict::Skipped(one) => panic!("{}", one.reason),
    }
}

fn skipped(usage: &[Usage], autoscaled: bool) -> String {
    match judged(usage, autoscaled, Some(&nodes())) {
        Verdict::Finding(finding) => panic!("{}", finding.reason),
        Verdict::Skipped(one) => one.reason,
    }
}

#[test]
fn requests_come_down_to_p95_and_the_highest_memory() {
    let finding = found(&load((2.0, 4096.0), (0.25, 1000.0)));
    assert_eq!(
        (
            finding.current_type.as_str(),
            finding.choice.recommended_type.as_str()
        ),
        ("cpu 2000m memory 4096Mi", "cpu 250m memory 1150Mi")
    );
    assert_eq!(
        (finding.choice.savings_low, finding.choice.confidence),
        (Money::ZERO, Confidence::B)
    );
    // Cores are 16 × 0.031611 of 16 × 0.031611 + 64 × 0.004237: 65.1 % of 600, of which 5.25 of 16; memory 8.63 of 64 GiB.
    assert_eq!(finding.choice.savings_high.rounded(2), money("156.40"));
    assert_eq!(finding.memory_max.map(|max| max.round()), Some(24.0));
    assert!(
        finding
            .reason
            .contains("3 pods; saved only where nodes are removed"),
        "{}",
        finding.reason
    );
}

#[test]
fn nothing_goes_below_the_floors() {
    let finding = found(&load((1.0, 1024.0), (0.001, 5.0)));
    assert_eq!(finding.choice.recommended_type, "cpu 10m memory 100Mi");
}

#[test]
fn too_little_and_enough_are_said() {
    let short = skipped(&load((0.1, 200.0), (0.5, 300.0)), false);
    assert!(
        short.ends_with(
            "cpu 100m is too little, 500m are needed; memory 200Mi is too little, 345Mi are needed"
        ),
        "{short}"
    );
    let fits = skipped(&load((0.5, 345.0), (0.5, 300.0)), false);
    assert!(fits.ends_with("requests fit"), "{fits}");
    let both = found(&load((2.0, 200.0), (0.25, 300.0)));
    assert_eq!(both.choice.recommended_type, "cpu 250m memory 345Mi");
    assert!(
        both.reason.contains("memory 200Mi is too little"),
        "{}",
        both.reason
    );
}

#[test]
fn what_is_not_judged_says_why() {
    let usage = load((2.0, 4096.0), (0.25, 1000.0));
    assert!(skipped(&usage, true).starts_with("an autoscaler"));
    assert!(skipped(&usage[2..], false).starts_with("it requests no CPU"));
    let few: Vec<Usage> = usage
        .iter()
        .map(|one| Usage {
            samples: one.samples.iter().take(99).collect(),
            ..one.clone()
        })
        .collect();
    assert_eq!(
        skipped(&few, false),
        "insufficient data: 99 points, at least 100 are needed"
    );
    let Verdict::Skipped(unbilled) = judged(&usage, false, None) else {
        panic!("no node, no saving")
    };
    assert!(
        unbilled
            .reason
            .contains("cpu 250m memory 1150Mi would do, but no node")
    );
}

#[test]
fn averages_of_days_are_a_guess_and_cut_no_memory() {
    let daily = |days| {
        let of = |metric, value| series(metric, 86_400, days, Statistic::Average, value);
        vec![
            of(Metric::CpuRequest, 2.0),
            of(Metric::MemoryRequest, 4e9),
            of(Metric::Cores, 0.25),
            of(Metric::MemoryBytes, 1e9),
        ]
    };
    let finding = found(&daily(10));
    assert_eq!(finding.choice.recommended_type, "cpu 250m memory 3815Mi");
    assert_eq!(finding.choice.confidence, Confidence::C);
    assert!(
        finding.reason.ends_with("averages this long hide peaks"),
        "{}",
        finding.reason
    );
    assert!(skipped(&daily(5), false).starts_with("insufficient data: averages over 5 days"));
    let with_highest = [
        daily(10),
        vec![series(
            Metric::MemoryBytes,
            86_400,
            10,
            Statistic::Maximum,
            2e9,
        )],
    ]
    .concat();
    assert_eq!(
        found(&with_highest).choice.recommended_type,
        "cpu 250m memory 2194Mi"
    );
}

proptest! {
    #[test]
    fn the_laws_of_every_workload(
        request in (0.01f32..8.0, 10.0f32..20_000.0),
        used in (0.001f32..8.0, 1.0f32..20_000.0),
        cents in 1u32..10_000_000,
    ) {
        let nodes = Nodes { monthly: Money::from_units(i128::from(cents) * 10_000_000_000), ..nodes() };
        if let Verdict::Finding(finding) = judged(&load(request, used), false, Some(&nodes)) {
            let choice = &finding.choice;
            prop_assert_eq!(choice.savings_low, Money::ZERO);
            prop_assert!(choice.savings_high > Money::ZERO && choice.savings_high <= finding.monthly_cost);
            prop_assert!(finding.monthly_cost <= nodes.monthly);
            let words: Vec<&str> = choice.recommended_type.split(' ').collect();
            let cpu: f64 = words[1].trim_end_matches('m').parse().unwrap();
            let memory: f64 = words[3].trim_end_matches("Mi").parse().unwrap();
            prop_assert!(cpu + 0.01 >= f64::from(used.0) * 1000.0 && cpu >= 10.0);
            prop_assert!(memory + 0.01 >= f64::from(used.1) * 1.15 && memory >= 100.0);
        }
    }
}
