//! The planted kinds of machine.

use super::*;
use crate::analysis::finding::{Action, Confidence, Effort};
use crate::resource::{Metric, Statistic};

const TODAY: &str = "2026-11-21";

pub(super) fn today() -> NaiveDate {
    TODAY.parse().unwrap()
}

pub(super) fn policy() -> Policy {
    Policy {
        modernise: false,
        arm: false,
        ..Policy::on(today(), Preset::Default)
    }
}

pub(super) fn money(text: &str) -> Money {
    Money::parse(text.as_bytes()).unwrap()
}

/// Hourly maxima over the days before today.
pub(super) fn series(metric: Metric, days: i64, value: impl Fn(i64) -> f32) -> Usage {
    let end = (today() - NaiveDate::default()).num_days() * DAY;
    let statistic = if matches!(metric, Metric::NetworkIn | Metric::NetworkOut) {
        Statistic::Sum
    } else {
        Statistic::Maximum
    };
    let samples = (0..days * 24)
        .map(|hour| (end - (days * 24 - hour) * 3600, value(hour)))
        .collect();
    Usage {
        resource: "i-1".into(),
        metric,
        statistic,
        period: 3600,
        samples,
    }
}

pub(super) fn resource(machine_type: &str) -> Resource {
    Resource {
        id: "i-1".into(),
        provider: "AWS".into(),
        kind: "ec2:instance".into(),
        machine_type: Some(machine_type.into()),
        state: Some("running".into()),
        platform: Some("Linux/UNIX".into()),
        ..Resource::default()
    }
}

pub(super) fn bill() -> Bill {
    Bill {
        effective_cost: money("140.16"),
        hours: money("730"),
        covered_hours: Money::ZERO,
        window_hours: 730,
        list_rate: Some(money("0.192")),
        currency: "USD".into(),
    }
}

pub(super) fn rates() -> BTreeMap<String, Money> {
    [("m5.xlarge", "0.192"), ("m5.large", "0.096")]
        .map(|(name, rate)| (name.to_owned(), money(rate)))
        .into()
}

pub(super) fn judged(resource: &Resource, usage: &[Usage], policy: &Policy) -> Verdict {
    let (bill, rates) = (bill(), rates());
    judge(
        &Machine {
            resource,
            team: "shop",
            usage,
            bill: Some(&bill),
            rates: &rates,
            since: None,
        },
        policy,
    )
}

pub(super) fn found(usage: &[Usage]) -> Finding {
    match judged(&resource("m5.xlarge"), usage, &policy()) {
        Verdict::Finding(finding) => *finding,
        Verdict::Skipped(skipped) => panic!("{}", skipped.reason),
    }
}

pub(super) fn skipped(resource: &Resource, usage: &[Usage]) -> String {
    match judged(resource, usage, &policy()) {
        Verdict::Finding(finding) => panic!("{}", finding.reason),
        Verdict::Skipped(skipped) => skipped.reason,
    }
}

pub(super) fn steady(cpu: f32, memory: f32, days: i64) -> Vec<Usage> {
    vec![
        series(Metric::Cpu, days, |_| cpu),
        series(Metric::Memory, days, |_| memory),
    ]
}

#[test]
fn an_oversized_machine_is_resized_at_its_own_rates() {
    let finding = found(&steady(12.0, 30.0, 32));
    let choice = &finding.choice;
    assert_eq!(
        (choice.action, choice.recommended_type.as_str()),
        (Action::Resize, "m5.large")
    );
    assert_eq!(
        (choice.risk, choice.effort, choice.confidence),
        (0, Effort::VeryLow, Confidence::A)
    );
    assert_eq!(
        (choice.savings_low, choice.savings_high),
        (money("70.08"), money("70.08"))
    );
    assert_eq!(
        (choice.projected_cpu_p995, choice.projected_memory_max),
        (Some(24.0), Some(60.0))
    );
    assert_eq!(
        (finding.cpu_p95, finding.cpu_p995, finding.memory_max),
        (Some(12.0), Some(12.0), Some(30.0))
    );
    assert_eq!(
        finding.reason,
        "CPU P99.5 12 % of 4 vCPU, memory at most 30 % of 16 GiB in 32 days of 60-minute maxima; needs 0.6 vCPU \
         (P99.5 + 20 %) and 5.8 GiB (highest + 20 %); network not measured, about half of its baseline kept; \
         prices: own bill"
    );
}

#[test]
fn an_idle_machine_is_stopped_and_keeps_its_alternatives() {
    let network =
        [Metric::NetworkIn, Metric::NetworkOut].map(|metric| series(metric, 32, |_| 50_000.0));
    let finding = found(&[steady(1.5, 60.0, 32), network.to_vec()].concat());
    assert_eq!(
        (finding.choice.action, finding.choice.confidence),
        (Action::Stop, Confidence::A)
    );
    assert_eq!(finding.choice.savings_high, finding.monthly_cost);
    assert_eq!(finding.alternatives[0].recommended_type, "r5a.large");
}

#[test]
fn a_quiet_cpu_with_traffic_is_not_idle() {
    let network =
        [Metric::NetworkIn, Metric::NetworkOut].map(|metric| series(metric, 32, |_| 500_000.0));
    let finding = found(&[steady(1.5, 30.0, 32), network.to_vec()].concat());
    assert_eq!(finding.choice.action, Action::Resize);
}

#[test]
fn without_network_data_idle_is_a_guess() {
    let finding = found(&steady(1.5, 30.0, 32));
    assert_eq!(
        (finding.choice.action, finding.choice.confidence),
        (Action::Stop, Confidence::C)
    );
    assert!(
        finding.reason.contains("possibly idle"),
        "{}",
        finding.reason
    );
}

#[test]
fn a_machine_full_of_memory_is_not_cut_for_its_quiet_cpu() {
    let reason = skipped(&resource("m5.xlarge"), &steady(4.0, 90.0, 32));
    assert!(reason.ends_with("short of memory"), "{reason}");
    let kept = found(&steady(12.0, 80.0, 32));
    assert_eq!(kept.choice.recommended_type, "r5a.large", "16 GiB stay");
}

#[test]
fn unknown_memory_is_never_cut() {
    let finding = found(&[series(Metric::Cpu, 32, |_| 12.0)]);
    let target = catalogue()
        .find("AWS", &finding.choice.recommended_type)
        .unwrap();
    assert_eq!((target.vcpu, target.memory_gib), (2, 16.0));
    assert_eq!(finding.choice.projected_memory_max, None);
    assert!(
        finding
            .reason
            .contains("memory not measured, so it is not cut (16 GiB kept)"),
        "{}",
        finding.reason
    );
}

#[test]
fn a_healthy_machine_is_left_alone_with_a_reason() {
    let reason = skipped(&resource("m5.xlarge"), &steady(70.0, 65.0, 32));
    assert!(reason.ends_with("no cheaper type fits"), "{reason}");
    assert!(skipped(&resource("m5.xlarge"), &steady(95.0, 65.0, 32)).ends_with("short of CPU"));
}

#[test]
fn too_little_data_is_no_basis() {
    let reason = skipped(&resource("m5.xlarge"), &steady(2.0, 20.0, 1));
    assert_eq!(
        reason,
        "insufficient data: 24 hours of CPU data, at least 30 are needed"
    );
    assert_eq!(
        skipped(&resource("m5.xlarge"), &[]),
        "no CPU data in the last 32 days"
    );
}

#[test]
fn what_cannot_be_judged_says_why() {
    let usage = steady(12.0, 30.0, 6);
    let m5 = || resource("m5.xlarge");
    let cases = [
        (
            Resource {
                state: Some("stopped".into()),
                ..m5()
            },
            "not running (stopped)",
        ),
        (Resource { spot: true, ..m5() }, "spot"),
        (
            Resource {
                group: Some("web-asg".into()),
                ..m5()
            },
            "member of web-asg",
        ),
        (
            Resource {
                launched: Some("2026-11-18".parse().unwrap()),
                ..m5()
            },
            "launched 3 days ago",
        ),
        (
            Resource {
                tags: [("role".into(), "Standby".into())].into(),
                ..m5()
            },
            "tagged as standby",
        ),
        (
            resource("m5.tiny"),
            "machine type m5.tiny is not in the catalogue",
        ),
        (
            Resource {
                machine_type: None,
                ..m5()
            },
            "the inventory gives no machine type",
        ),
    ];
    for (resource, start) in cases {
        let reason = skipped(&resource, &usage);
        assert!(reason.starts_with(start), "{reason}");
    }
}

#[test]
fn nothing_is_measured_across_a_resize() {
    let usage = [series(Metric::Cpu, 32, |hour| {
        if hour < 700 { 90.0 } else { 10.0 }
    })];
    let (resource, bill, rates) = (resource("m5.xlarge"), bill(), rates());
    let since = Some("2026-11-19".parse().unwrap());
    let machine = Machine {
        resource: &resource,
        team: "",
        usage: &usage,
        bill: Some(&bill),
        rates: &rates,
        since,
    };
    let Verdict::Finding(finding) = judge(&machine, &policy()) else {
        panic!("two days are enough")
    };
    assert_eq!(
        (finding.cpu_p995, finding.choice.confidence),
        (Some(10.0), Confidence::C)
    );
}

#[test]
fn a_machine_that_the_bill_does_not_show_stays_out_of_the_headline() {
    let (resource, rates) = (resource("m5.xlarge"), rates());
    let usage = steady(12.0, 30.0, 32);
    let machine = Machine {
        resource: &resource,
        team: "",
        usage: &usage,
        bill: None,
        rates: &rates,
        since: None,
    };
    let Verdict::Finding(finding) = judge(&machine, &policy()) else {
        panic!("the catalogue knows it")
    };
    assert_eq!(
        (finding.choice.confidence, finding.choice.savings_low),
        (Confidence::D, Money::ZERO)
    );
    let free = Bill {
        effective_cost: Money::ZERO,
        ..bill()
    };
    let machine = Machine {
        bill: Some(&free),
        ..machine
    };
    assert!(matches!(judge(&machine, &policy()), Verdict::Skipped(_)));
}

#[test]
fn newer_generations_and_arm_come_after_a_resize() {
    let all = Policy::on(today(), Preset::Default);
    let actions = |cpu: f32, memory: f32| match judged(
        &resource("m5.xlarge"),
        &steady(cpu, memory, 32),
        &all,
    ) {
        Verdict::Finding(f) => [&[f.choice][..], &f.alternatives]
            .concat()
            .iter()
            .map(|c| c.action)
            .collect(),
        Verdict::Skipped(_) => Vec::new(),
    };
    assert_eq!(actions(70.0, 65.0), [Action::Modernise, Action::Arm]);
    assert_eq!(
        actions(12.0, 30.0),
        [
            Action::Resize,
            Action::Resize,
            Action::Modernise,
            Action::Arm
        ]
    );
    assert_eq!(actions(95.0, 65.0), []);
}

#[test]
fn short_or_coarse_data_lower_the_confidence() {
    let at = |days| found(&steady(12.0, 30.0, days)).choice.confidence;
    assert_eq!(
        [32, 30, 14, 13].map(at),
        [Confidence::A, Confidence::B, Confidence::B, Confidence::C]
    );
    let coarse = |usage: Usage| Usage {
        statistic: Statistic::Average,
        ..usage
    };
    let finding = found(
        &steady(12.0, 30.0, 32)
            .into_iter()
            .map(coarse)
            .collect::<Vec<_>>(),
    );
    assert_eq!(finding.choice.confidence, Confidence::B);
    assert!(finding.reason.ends_with("averages this long hide peaks"));
}
