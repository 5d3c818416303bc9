//! A backtest of rightsizing: machines are judged by their first 14 days, and the days after are held against the
//! sizes that were advised. A later sample counts as over where the machine needed more than the advised type has.

use crate::loads;
use chrono::{Days, NaiveDate};
use cloudtally::analysis::catalogue::{MachineType, catalogue};
use cloudtally::analysis::finding::{Action, Verdict};
use cloudtally::analysis::fit::Preset;
use cloudtally::analysis::rightsizing::{Machine, Policy, judge};
use cloudtally::error::Result;
use cloudtally::inventory::{self, metrics};
use cloudtally::resource::{Metric, Resource, Usage, key};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// Days that are looked at before a judgement.
const TRAINING: u64 = 14;
/// Machines of each seed.
const MACHINES: usize = 100;
const PRESETS: [(&str, Preset); 4] = [
    ("savings (P90 + 0 %)", Preset::Savings),
    ("balanced (P95 + 30 %)", Preset::Balanced),
    ("default (P99.5 + 20 %)", Preset::Default),
    ("performance (P99.5 + 30 %)", Preset::Performance),
];

/// What came of the advice for one machine, or for all.
#[derive(Clone, Copy, Default)]
struct Tally {
    downsized: usize,
    vcpu: u32,
    removed: u32,
    ever: usize,
    often: usize,
    /// Later samples of downsized machines: over, and in all.
    over: [usize; 2],
    idle: usize,
    woke: usize,
}

impl Tally {
    fn plus(mut self, other: Tally) -> Tally {
        self.downsized += other.downsized;
        self.vcpu += other.vcpu;
        self.removed += other.removed;
        self.ever += other.ever;
        self.often += other.often;
        self.over = [self.over[0] + other.over[0], self.over[1] + other.over[1]];
        self.idle += other.idle;
        self.woke += other.woke;
        self
    }
}

/// The table over made-up machines, and over a history of one's own where there is one.
pub(crate) fn report(seeds: impl Iterator<Item = u64>) -> Result<String> {
    let seeds: Vec<u64> = seeds.collect();
    let fleets: Vec<_> = seeds
        .par_iter()
        .map(|&seed| loads::machines(seed, MACHINES))
        .collect();
    let count = seeds.len() * MACHINES;
    let mut text = format!(
        "Rightsizing, judged by the first {TRAINING} of {} days of 5-minute averages, {count} made-up machines:\n\n",
        loads::DAYS
    );
    text += &table(|preset| {
        let one = |(resources, usage, first): &(Vec<Resource>, Vec<Usage>, NaiveDate)| {
            backtest(resources, usage, *first, preset)
        };
        fleets.iter().map(one).fold(Tally::default(), Tally::plus)
    });
    let own = |name: &str| std::env::var_os(name);
    if let (Some(machines), Some(history)) = (own("INVENTORY"), own("METRICS")) {
        let resources = inventory::read(Path::new(&machines))?;
        let readings = metrics::settle(vec![metrics::scan(Path::new(&history))?]);
        let first = readings
            .usage
            .iter()
            .filter_map(|u| Some(u.samples.iter().next()?.0))
            .min();
        let first = NaiveDate::default() + Days::new(first.unwrap_or(0).unsigned_abs() / 86_400);
        text += &format!(
            "\nThe same on {} machines of {}:\n\n",
            resources.len(),
            history.display()
        );
        text += &table(|preset| backtest(&resources, &readings.usage, first, preset));
    }
    Ok(text)
}

fn table(tally: impl Fn(Preset) -> Tally) -> String {
    let mut text = String::from(
        "| preset | downsized | vCPU removed | ever over | over in > 1 % of samples | samples over | called idle | of these woke up |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for (name, preset) in PRESETS {
        let t = tally(preset);
        let share = 100.0 * t.over[0] as f64 / t.over[1].max(1) as f64;
        text += &format!(
            "| {name} | {} | {} of {} | {} | {} | {share:.2} % | {} | {} |\n",
            t.downsized, t.removed, t.vcpu, t.ever, t.often, t.idle, t.woke
        );
    }
    text
}

fn backtest(resources: &[Resource], usage: &[Usage], first: NaiveDate, preset: Preset) -> Tally {
    let policy = Policy::on(first + Days::new(TRAINING), preset);
    resources
        .par_iter()
        .map(|resource| one(resource, usage, &policy))
        .reduce(Tally::default, Tally::plus)
}

fn one(resource: &Resource, usage: &[Usage], policy: &Policy) -> Tally {
    let name = resource.machine_type.as_deref().unwrap_or_default();
    let Some(current) = catalogue().find(&resource.provider, name) else {
        return Tally::default();
    };
    let key = key(&resource.id);
    let own: Vec<Usage> = usage
        .iter()
        .filter(|u| u.resource == key)
        .cloned()
        .collect();
    let rates = BTreeMap::new();
    let machine = Machine {
        resource,
        team: "",
        usage: &own,
        bill: None,
        rates: &rates,
        since: None,
    };
    let mut tally = Tally {
        vcpu: current.vcpu,
        ..Tally::default()
    };
    let Verdict::Finding(finding) = judge(&machine, policy) else {
        return tally;
    };
    let later = (policy.today - NaiveDate::default()).num_days() * 86_400;
    if finding.choice.action == Action::Stop {
        let woke = |u: &Usage| {
            u.metric == Metric::Cpu && u.samples.iter().any(|s| s.0 >= later && s.1 >= 5.0)
        };
        tally.idle = 1;
        tally.woke = usize::from(own.iter().any(woke));
        return tally;
    }
    let target = catalogue().find(&resource.provider, &finding.choice.recommended_type);
    let Some(target) =
        target.filter(|t| t.vcpu < current.vcpu || t.memory_gib < current.memory_gib)
    else {
        return tally;
    };
    let (over, all) = breaches(&own, later, current, target);
    tally.downsized = 1;
    tally.removed = current.vcpu.saturating_sub(target.vcpu);
    tally.over = [over, all];
    tally.ever = usize::from(over > 0);
    tally.often = usize::from(over * 100 > all);
    tally
}

/// Times after a second at which CPU or memory were over the target's, and all such times.
fn breaches(
    own: &[Usage],
    later: i64,
    current: &MachineType,
    target: &MachineType,
) -> (usize, usize) {
    let cpu = 100.0 * f64::from(target.vcpu) / f64::from(current.vcpu);
    let memory = 100.0 * target.memory_gib / current.memory_gib;
    let mut times: BTreeMap<i64, bool> = BTreeMap::new();
    for series in own {
        let limit = match series.metric {
            Metric::Cpu => cpu,
            Metric::Memory => memory,
            _ => continue,
        };
        for (time, value) in series.samples.iter().filter(|sample| sample.0 >= later) {
            *times.entry(time).or_default() |= f64::from(value) > limit;
        }
    }
    (times.values().filter(|over| **over).count(), times.len())
}
