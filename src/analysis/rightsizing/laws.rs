//! Laws of every verdict, over random machines.

use super::tests::*;
use super::*;
use crate::analysis::finding::rank;
use crate::resource::Metric;
use proptest::prelude::*;

fn any_bill() -> impl Strategy<Value = Bill> {
    (
        1i64..500_000,
        1i64..744,
        0i64..800,
        0u32..745,
        prop::option::of(1i64..10_000),
    )
        .prop_map(|(cents, hours, covered, window_hours, rate)| {
            let whole = |n: i64, scale: i128| Money::from_units(i128::from(n) * scale);
            Bill {
                effective_cost: whole(cents, 10_000_000_000),
                hours: whole(hours, 1_000_000_000_000),
                covered_hours: whole(covered, 1_000_000_000_000),
                window_hours,
                list_rate: rate.map(|rate| whole(rate, 100_000_000)),
                currency: "USD".into(),
            }
        })
}

fn any_usage() -> impl Strategy<Value = Vec<Usage>> {
    let peak = |highest: f32| (0.1f32..highest, 0.1f32..highest, 2i64..400);
    (
        peak(100.0),
        prop::option::of(peak(100.0)),
        prop::option::of(peak(9e9)),
        1i64..34,
    )
        .prop_map(|(cpu, memory, network, days)| {
            let wave = move |(low, high, every): (f32, f32, i64)| {
                move |hour: i64| if hour % every == 0 { high } else { low }
            };
            let network = network
                .into_iter()
                .flat_map(|n| [Metric::NetworkIn, Metric::NetworkOut].map(|m| (m, n)));
            let all = [(Metric::Cpu, cpu)]
                .into_iter()
                .chain(memory.map(|m| (Metric::Memory, m)))
                .chain(network);
            all.map(|(metric, shape)| series(metric, days, wave(shape)))
                .collect()
        })
}

const TYPES: [&str; 9] = [
    "m5.xlarge",
    "m5.4xlarge",
    "c5.2xlarge",
    "r5.large",
    "t3.xlarge",
    "i3.2xlarge",
    "Standard_D8s_v3",
    "n2-standard-8",
    "n1-standard-4",
];

proptest! {
    #[test]
    fn the_laws_of_every_finding(
        bill in any_bill(),
        usage in any_usage(),
        name in prop::sample::select(&TYPES[..]),
        rates in prop::collection::btree_map(prop::sample::select(&TYPES[..]), 1i64..10_000, 0..4),
        linux in any::<bool>(),
    ) {
        let current = catalogue().find("", name).unwrap();
        let platform = Some(if linux { "Linux/UNIX" } else { "Windows" }.to_owned());
        let resource = Resource { provider: String::new(), platform, ..resource(name) };
        let rates: BTreeMap<String, Money> =
            rates.into_iter().map(|(n, r)| (n.to_lowercase(), Money::from_units(i128::from(r) * 100_000_000))).collect();
        let machine = Machine { resource: &resource, team: "", usage: &usage, bill: Some(&bill), rates: &rates, since: None };
        let verdict = judge(&machine, &Policy::on(today(), Preset::Default));
        prop_assert_eq!(&verdict, &judge(&machine, &Policy::on(today(), Preset::Default)));
        if let Verdict::Finding(finding) = verdict {
            let need = finding.memory_max.map_or(current.memory_gib, |max| current.memory_gib * max / 100.0 * 1.2);
            for choice in [&[finding.choice.clone()][..], &finding.alternatives].concat() {
                prop_assert!(Money::ZERO <= choice.savings_low && choice.savings_low <= choice.savings_high);
                prop_assert!(choice.savings_high <= finding.monthly_cost && choice.savings_high > Money::ZERO);
                let Some(target) = catalogue().find("", &choice.recommended_type) else { continue };
                prop_assert!(target.memory_gib >= need, "{} GiB for {need}", target.memory_gib);
                let own = bill.list_rate.or_else(|| rates.get(&current.name.to_lowercase()).copied());
                let cheaper = match own.zip(rates.get(&target.name.to_lowercase())) {
                    Some((now, then)) => *then < now,
                    None => target.hourly < current.hourly,
                };
                prop_assert!(cheaper, "{} for {}", target.name, current.name);
            }
        }
    }

    #[test]
    fn every_resource_has_one_verdict(ids in prop::collection::vec(0u8..6, 1..20), cpu in 1.0f32..99.0) {
        let usage = steady(cpu, 30.0, 8);
        let verdicts = ids.iter().map(|id| {
            judged(&Resource { id: format!("i-{id}"), ..resource("m5.xlarge") }, &usage, &policy())
        });
        let (findings, skipped) = rank(verdicts);
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        prop_assert_eq!(findings.len() + skipped.len(), distinct.len());
    }
}
