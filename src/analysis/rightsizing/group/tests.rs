//! Groups as they come: too large, too many, healthy, unlike, unmeasured.

use super::super::tests::{bill, money, policy, rates, resource, series, steady};
use super::*;
use crate::resource::{Metric, Resource, Usage};

pub(super) fn members(types: &[&str]) -> Vec<Resource> {
    let member = |(at, name): (usize, &&str)| Resource {
        id: format!("i-{at}"),
        group: Some("web".into()),
        ..resource(name)
    };
    types.iter().enumerate().map(member).collect()
}

/// The verdicts on a group whose members have these series, one by one.
pub(super) fn judged(
    resources: &[Resource],
    usage: &[Vec<Usage>],
    limits: Option<(u64, u64)>,
    policy: &Policy,
) -> Vec<Verdict> {
    let (bill, rates) = (bill(), rates());
    let machine = |(resource, usage)| Machine {
        resource,
        team: "shop",
        usage,
        bill: Some(&bill),
        rates: &rates,
        since: None,
    };
    let usage = usage.iter().map(Vec::as_slice);
    let group = Group {
        id: "arn:web".into(),
        name: "web",
        team: "shop",
        members: resources.iter().zip(usage).map(machine).collect(),
        limits,
        is_cluster: false,
    };
    judge(&group, policy)
}

fn of_group(verdicts: &[Verdict]) -> Result<&Finding, &str> {
    let found = verdicts.iter().find_map(|verdict| match verdict {
        Verdict::Finding(finding) => Some(Ok(&**finding)),
        Verdict::Skipped(one) if one.kind == Kind::Group => Some(Err(one.reason.as_str())),
        Verdict::Skipped(_) => None,
    });
    found.unwrap()
}

fn network(bytes: f32) -> Vec<Usage> {
    [Metric::NetworkIn, Metric::NetworkOut]
        .map(|metric| series(metric, 32, |_| bytes))
        .into()
}

fn measured(cpu: f32, memory: f32) -> Vec<Usage> {
    [steady(cpu, memory, 32), network(1e9)].concat()
}

#[test]
fn the_type_holds_the_worst_member() {
    let resources = members(&["m5.xlarge"; 4]);
    let mut usage = vec![measured(10.0, 20.0); 4];
    let all = judged(&resources, &usage, Some((4, 8)), &policy());
    let found = of_group(&all).unwrap();
    assert_eq!(
        (
            found.current_type.as_str(),
            found.choice.recommended_type.as_str()
        ),
        ("4 × m5.xlarge", "4 × m5.large")
    );
    assert_eq!(found.choice.action, Action::Resize);
    // Four times 140.16, and half of it.
    assert_eq!(
        (
            found.monthly_cost,
            found.choice.savings_low,
            found.choice.savings_high
        ),
        (money("560.64"), money("280.32"), money("280.32"))
    );
    assert_eq!(found.keys, ["i-0", "i-1", "i-2", "i-3"]);
    assert!(
        found
            .reason
            .starts_with("4 members (i-0, i-1, i-2, i-3): of the busiest CPU P99.5 10 %"),
        "{}",
        found.reason
    );
    // One member that needs its memory keeps the type for all.
    usage[2] = measured(10.0, 70.0);
    let all = judged(&resources, &usage, Some((4, 8)), &policy());
    let kept = &of_group(&all).unwrap().choice.recommended_type;
    assert_eq!(kept, "4 × r5a.large", "16 GiB stay");
}

#[test]
fn fewer_members_hold_the_load_of_all_at_the_same_time() {
    let resources = members(&["m5.xlarge"; 6]);
    // Each is busy in turn: together never above 150 %, whatever each alone needs.
    let usage: Vec<Vec<Usage>> = (0..6)
        .map(|at| {
            let cpu = series(
                Metric::Cpu,
                32,
                move |hour| if hour % 6 == at { 90.0 } else { 12.0 },
            );
            let memory = series(Metric::Memory, 32, |_| 20.0);
            [vec![cpu, memory], network(1e9)].concat()
        })
        .collect();
    let all = judged(&resources, &usage, Some((2, 8)), &policy());
    let found = of_group(&all).unwrap();
    assert_eq!(
        found.choice.recommended_type, "3 × m5.xlarge",
        "disks not measured: half stay"
    );
    assert_eq!(found.choice.projected_cpu_p995, Some(50.0));
    assert_eq!(found.choice.projected_memory_max, Some(40.0));
    assert_eq!(found.choice.savings_high, money("420.48"));
    assert_eq!(found.choice.confidence, Confidence::B);
    let all = judged(&resources, &usage, Some((4, 8)), &policy());
    assert_eq!(
        of_group(&all).unwrap().choice.recommended_type,
        "4 × m5.xlarge",
        "the group's least"
    );
}

#[test]
fn without_memory_data_no_member_goes_and_no_memory_is_cut() {
    let resources = members(&["m5.xlarge"; 4]);
    let mut usage = vec![measured(10.0, 20.0); 4];
    usage[3] = [vec![series(Metric::Cpu, 32, |_| 10.0)], network(1e9)].concat();
    let all = judged(&resources, &usage, Some((1, 8)), &policy());
    for target in of_group(&all)
        .iter()
        .map(|found| &found.choice.recommended_type)
    {
        let name = target.strip_prefix("4 × ").expect("no member goes");
        let target = crate::analysis::catalogue::catalogue()
            .find("AWS", name)
            .unwrap();
        assert!(target.memory_gib >= 16.0);
    }
}

#[test]
fn what_keeps_a_group_from_being_judged_is_said() {
    let unlike = members(&["m5.xlarge", "m5.large"]);
    let usage = vec![measured(10.0, 20.0); 4];
    let all = judged(&unlike, &usage, None, &policy());
    assert!(of_group(&all).unwrap_err().contains("several types"));
    let all = judged(
        &members(&["m5.xlarge"; 3]),
        &vec![Vec::new(); 3],
        None,
        &policy(),
    );
    assert!(
        of_group(&all)
            .unwrap_err()
            .starts_with("only 0 of 3 members can be judged: no CPU data")
    );
    let busy = vec![measured(70.0, 65.0); 3];
    let all = judged(&members(&["m5.xlarge"; 3]), &busy, None, &policy());
    assert!(of_group(&all).unwrap_err().contains("no cheaper type fits"));
}

#[test]
fn every_member_has_a_word_and_spot_stays_out() {
    let mut resources = members(&["m5.xlarge"; 3]);
    resources[1].spot = true;
    let all = judged(
        &resources,
        &vec![measured(10.0, 20.0); 3],
        Some((1, 3)),
        &policy(),
    );
    let reasons: Vec<(&str, &str)> = all
        .iter()
        .filter_map(|verdict| match verdict {
            Verdict::Skipped(one) => Some((one.resource_id.as_str(), one.reason.as_str())),
            Verdict::Finding(_) => None,
        })
        .collect();
    assert!(reasons.contains(&("i-0", "judged with its group web")));
    assert!(
        reasons
            .iter()
            .any(|(id, why)| *id == "i-1" && why.starts_with("spot") && why.ends_with("group web"))
    );
    assert!(of_group(&all).unwrap().current_type.starts_with("2 × "));
}

#[test]
fn azure_prefers_fewer_members() {
    let of = |provider: &str, name: &str| {
        let mut resources = members(&[name; 4]);
        for one in &mut resources {
            one.provider = provider.into();
        }
        let all = judged(
            &resources,
            &vec![measured(10.0, 10.0); 4],
            Some((2, 8)),
            &policy(),
        );
        of_group(&all).unwrap().choice.recommended_type.clone()
    };
    assert_eq!(of("Microsoft", "Standard_D8s_v3"), "2 × Standard_D8s_v3");
    assert!(
        of("AWS", "m5.4xlarge").starts_with("4 × "),
        "a smaller type saves more"
    );
}

#[test]
fn all_idle_is_stopped() {
    let quiet = [steady(1.5, 20.0, 32), network(5000.0)].concat();
    let all = judged(
        &members(&["m5.xlarge"; 2]),
        &vec![quiet; 2],
        None,
        &policy(),
    );
    let found = of_group(&all).unwrap();
    assert_eq!(
        (found.choice.action, found.choice.savings_high),
        (Action::Stop, found.monthly_cost)
    );
}

#[test]
fn nodes_of_a_cluster_keep_more_room() {
    let (bill, rates) = (bill(), rates());
    let (resources, usage) = (members(&["m5.xlarge"; 2]), measured(40.0, 34.0));
    let fits = |is_cluster: bool| {
        let members = resources.iter().map(|resource| Machine {
            resource,
            team: "",
            usage: &usage,
            bill: Some(&bill),
            rates: &rates,
            since: None,
        });
        let group = Group {
            id: "pool".into(),
            name: "pool",
            team: "",
            members: members.collect(),
            limits: Some((2, 2)),
            is_cluster,
        };
        let policy = Policy {
            cluster_headroom: 40.0,
            ..policy()
        };
        of_group(&judge(&group, &policy))
            .is_ok_and(|found| found.choice.recommended_type == "2 × m5.large")
    };
    assert!(fits(false), "40 % of 4 vCPU + 20 % is 1.92");
    assert!(!fits(true), "40 % of 4 vCPU + 40 % is 2.24");
}
