//! Laws of every group, over random ones.

use super::super::tests::{policy, series};
use super::tests::{judged, members};
use super::*;
use crate::analysis::catalogue::catalogue;
use crate::resource::Metric;
use proptest::prelude::*;

proptest! {
    #[test]
    fn the_laws_of_every_group(
        loads in prop::collection::vec((1.0f32..100.0, prop::option::of(1.0f32..100.0), prop::option::of(1e3f32..1e10)), 1..7),
        least in 0u64..4,
        known in any::<bool>(),
        name in prop::sample::select(&["m5.xlarge", "m5.4xlarge", "t3.xlarge", "Standard_D8s_v3", "n2-standard-8"][..]),
    ) {
        let resources = members(&vec![name; loads.len()]);
        let resources: Vec<_> = resources.into_iter().map(|one| crate::resource::Resource { provider: String::new(), ..one }).collect();
        let usage: Vec<_> = loads.iter().map(|&(cpu, memory, bytes)| {
            let metrics = [(Metric::Cpu, Some(cpu)), (Metric::Memory, memory), (Metric::NetworkIn, bytes), (Metric::NetworkOut, bytes)];
            metrics.into_iter().filter_map(|(metric, value)| Some(series(metric, 8, { let value = value?; move |_| value }))).collect()
        }).collect();
        let limits = known.then_some((least, 9));
        let verdicts = judged(&resources, &usage, limits, &policy());
        prop_assert_eq!(verdicts.len(), loads.len() + 1, "the group and each member");
        let current = catalogue().find("", name).unwrap();
        for verdict in &verdicts {
            let Verdict::Finding(found) = verdict else { continue };
            for choice in [&[found.choice.clone()][..], &found.alternatives].concat() {
                prop_assert!(Money::ZERO <= choice.savings_low && choice.savings_low <= choice.savings_high);
                prop_assert!(choice.savings_high <= found.monthly_cost);
                let Some((count, target)) = choice.recommended_type.split_once(" × ") else { continue };
                let (count, target) = (count.parse::<f64>().unwrap(), catalogue().find("", target).unwrap());
                let worst = |of: fn(&(f32, Option<f32>, Option<f32>)) -> Option<f32>| loads.iter().map(of).map(|one| one.map(f64::from)).collect::<Option<Vec<f64>>>();
                let memory = worst(|one| one.1);
                // All of it together, and the worst of it on each.
                let has = count * target.memory_gib;
                match memory {
                    Some(memory) => {
                        let sum: f64 = memory.iter().sum();
                        prop_assert!(has >= current.memory_gib * sum / 100.0, "{has} GiB for {sum} %");
                        if target.name != current.name {
                            let most = memory.iter().copied().fold(0.0, f64::max);
                            prop_assert!(target.memory_gib * 1.001 >= current.memory_gib * most / 100.0 * 1.2);
                        }
                    }
                    None => prop_assert!(has >= current.memory_gib * loads.len() as f64, "memory unknown: not cut"),
                }
                let cpu: f64 = worst(|one| Some(one.0)).unwrap().iter().sum();
                prop_assert!(count * f64::from(target.vcpu) * 1.001 >= f64::from(current.vcpu) * cpu / 100.0);
                if let (true, Some((least, _))) = (target.name == current.name, limits) {
                    prop_assert!(count >= least as f64);
                }
            }
        }
    }
}
