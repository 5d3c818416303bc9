//! Made-up machines with 30 days of 5-minute CPU and memory. Some change their load only after two weeks: what no
//! history can tell is part of the question.

use crate::random::Random;
use chrono::NaiveDate;
use cloudtally::resource::{Metric, Resource, Samples, Statistic, Usage};

/// Days of a history.
pub(crate) const DAYS: usize = 30;
const SLOTS: usize = 288;
/// Unix second of Monday, 2 March 2026.
const START: i64 = 1_772_409_600;
const TYPES: [&str; 9] = [
    "m5.large",
    "m5.xlarge",
    "m5.2xlarge",
    "m5.4xlarge",
    "c5.xlarge",
    "c5.2xlarge",
    "r5.large",
    "r5.xlarge",
    "r5.2xlarge",
];

/// What a machine does.
#[derive(Clone, Copy)]
enum Load {
    Steady,
    Office,
    NightBatch,
    SundayBatch,
    Growing,
    /// As an office, and busier in the last days of the month.
    MonthEnd,
    Idle,
    /// Asleep for the two weeks that are looked at, then at work.
    Wakes,
    /// One and a half to three times the load after the two weeks.
    Shifts,
}

/// How often each load comes, in percent.
const MIX: [(Load, usize); 9] = [
    (Load::Steady, 24),
    (Load::Office, 30),
    (Load::NightBatch, 14),
    (Load::SundayBatch, 7),
    (Load::Growing, 8),
    (Load::MonthEnd, 6),
    (Load::Idle, 5),
    (Load::Wakes, 2),
    (Load::Shifts, 4),
];

/// The machines of a seed, their series, and the first day.
pub(crate) fn machines(seed: u64, count: usize) -> (Vec<Resource>, Vec<Usage>, NaiveDate) {
    let mut resources = Vec::new();
    let mut usage = Vec::new();
    for at in 0..count {
        let mut random = Random::new(seed * 100_000 + at as u64);
        let id = format!("i-{seed:02}{at:04}");
        resources.push(Resource {
            id: id.clone(),
            provider: "AWS".to_owned(),
            machine_type: Some((*random.pick(&TYPES)).to_owned()),
            ..Resource::default()
        });
        let load = pick(&mut random);
        usage.push(series(&id, Metric::Cpu, cpu(load, &mut random)));
        usage.push(series(&id, Metric::Memory, memory(load, &mut random)));
    }
    (
        resources,
        usage,
        NaiveDate::from_ymd_opt(2026, 3, 2).unwrap_or_default(),
    )
}

fn pick(random: &mut Random) -> Load {
    let mut ticket = random.whole(0, 99);
    for (load, share) in MIX {
        if ticket < share {
            return load;
        }
        ticket -= share;
    }
    Load::Steady
}

fn series(resource: &str, metric: Metric, values: Vec<f64>) -> Usage {
    let mut samples = Samples::hundredths();
    let times = (START..).step_by(300);
    #[allow(clippy::cast_possible_truncation, reason = "percent")]
    samples.extend(
        times.zip(
            values
                .into_iter()
                .map(|value| value.clamp(0.0, 100.0) as f32),
        ),
    );
    Usage {
        resource: resource.to_owned(),
        metric,
        statistic: Statistic::Average,
        period: 300,
        samples,
    }
}

fn cpu(load: Load, random: &mut Random) -> Vec<f64> {
    let (low, high) = (random.between(2.0, 12.0), random.log_between(12.0, 85.0));
    let level = random.log_between(4.0, 60.0);
    let (from, hours) = (random.whole(0, 5), random.between(0.5, 3.0));
    let factor = random.between(1.5, 3.0);
    let wakes = 14 * SLOTS + random.whole(0, 8 * SLOTS);
    let mut noise = 0.0;
    (0..DAYS * SLOTS)
        .map(|slot| {
            let (day, hour) = (slot / SLOTS, (slot % SLOTS) as f64 / 12.0);
            let workday = if day % 7 < 5 { 1.0 } else { 0.25 };
            let bell = (-((hour - 13.5) / 4.0).powi(2)).exp() * workday;
            let office = low + (high - low) * bell;
            let batch = (hour - from as f64).clamp(0.0, hours) < hours && hour >= from as f64;
            noise = 0.9 * noise + 0.1 * random.normal();
            let mean = match load {
                Load::Steady => level,
                Load::Office => office,
                Load::NightBatch => {
                    if batch {
                        high.max(40.0)
                    } else {
                        low
                    }
                }
                Load::SundayBatch => {
                    if batch && day % 7 == 6 {
                        high.max(50.0)
                    } else {
                        office * 0.5
                    }
                }
                Load::Growing => level * 0.6 * (1.0 + slot as f64 / (DAYS * SLOTS) as f64),
                Load::MonthEnd => {
                    if day >= 26 {
                        office * factor
                    } else {
                        office
                    }
                }
                Load::Idle => 0.8,
                Load::Wakes => {
                    if slot < wakes {
                        0.3
                    } else {
                        level.max(40.0)
                    }
                }
                Load::Shifts => {
                    if day >= 14 {
                        office * factor
                    } else {
                        office
                    }
                }
            };
            let spike = if random.chance(0.0005) && mean > 1.0 {
                random.between(10.0, 60.0)
            } else {
                0.0
            };
            mean * (1.0 + 0.5 * noise + 0.05 * random.normal()) + spike
        })
        .collect()
}

fn memory(load: Load, random: &mut Random) -> Vec<f64> {
    let level = random.between(12.0, 75.0);
    let growth = match load {
        Load::Growing => random.between(0.1, 0.6),
        Load::Shifts => random.between(0.0, 0.3),
        _ => 0.0,
    };
    let mut walk = 0.0;
    (0..DAYS * SLOTS)
        .map(|slot| {
            walk = 0.995 * walk + 0.15 * random.normal();
            level * (1.0 + growth * slot as f64 / (DAYS * SLOTS) as f64) + walk
        })
        .collect()
}
