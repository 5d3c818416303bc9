//! What goes wrong in a made-up estate: spikes, shifts, ramps, drops, moves that hide each other, fees that do
//! not come, each with its money and with the names of the lines that moved.

use chrono::Datelike;

use crate::generate::{DAYS, Nature};
use crate::random::Random;
use crate::world::{Event, Line, Series, Shape, World};

/// Events of one series, far enough apart to be told apart.
pub(crate) fn add_events(random: &mut Random, world: &mut World, at: usize, nature: &Nature) {
    let mut earliest = 60.max(nature.begins + 70);
    while random.chance(0.6) {
        let start = earliest + random.whole(0, 120);
        if start + 20 > DAYS {
            return;
        }
        let spiky = nature.active < 1.0 || nature.job.is_some();
        let shape = match random.unit() {
            u if u < 0.32 || spiky => Shape::Spike,
            u if u < 0.58 => Shape::LevelShift,
            u if u < 0.74 => Shape::Ramp,
            u if u < 0.90 => Shape::Drop,
            _ => Shape::Masked,
        };
        let end = add_event(random, world, at, nature, (shape, start));
        earliest = end.max(start + 28) + 40;
    }
}

/// Puts one event into some lines; returns its last day.
fn add_event(
    random: &mut Random,
    world: &mut World,
    at: usize,
    nature: &Nature,
    (shape, start): (Shape, usize),
) -> usize {
    let mut start = start;
    if nature.active < 1.0 || nature.job.is_some() {
        let costs = world.series[at].costs(DAYS);
        while start + 1 < DAYS && costs[start] == 0.0 {
            start += 1;
        }
    }
    let length = match shape {
        Shape::Spike if nature.active < 1.0 || nature.job.is_some() => 1,
        Shape::Spike => random.whole(1, 3),
        Shape::Drop if random.chance(0.7) => random.whole(3, 14),
        Shape::Masked => random.whole(6, 14),
        Shape::Ramp => random.whole(16, 45),
        _ => random.whole(18, 150),
    };
    let end = (start + length - 1).min(DAYS - 1);
    let grows = match shape {
        Shape::Ramp => random.whole(10, 28).min(length),
        _ => 1,
    };
    let mut sigmas = random.log_between(4.0, 30.0);
    if nature.archetype == "noisy" {
        sigmas = random.log_between(3.0, 9.0);
    }
    let noise = nature.noise.max(0.012);
    let mut size = (sigmas * noise).clamp(0.18, 8.0);
    if spiky(nature) {
        size = (sigmas * noise.max(0.25)).clamp(1.5, 10.0);
    }
    if shape == Shape::Drop {
        size = (1.0 - (-sigmas * noise).exp()).clamp(0.18, 0.95);
    }
    let plan = Plan {
        shape,
        start,
        end,
        grows,
        size,
        level: nature.level,
        rate: random.chance(0.2),
    };
    let event = if shape == Shape::Masked {
        masked(random, &mut world.series[at], &plan)
    } else {
        moved(random, &mut world.series[at], &plan, nature)
    };
    let Some((impact, answers, cause)) = event else {
        return start;
    };
    world.excuse(
        at,
        start,
        end.min(start + if shape == Shape::Ramp { 34 } else { 27 }),
    );
    let recovery = if shape == Shape::Spike { 3 } else { 10 };
    if end + 1 < DAYS {
        world.excuse(at, end + 1, end + recovery);
    }
    world.events.push(Event {
        series: at,
        shape,
        start,
        end,
        impact,
        answers,
        cause,
    });
    end
}

fn spiky(nature: &Nature) -> bool {
    nature.active < 1.0 || nature.job.is_some()
}

struct Plan {
    shape: Shape,
    start: usize,
    end: usize,
    grows: usize,
    size: f64,
    level: f64,
    rate: bool,
}

impl Plan {
    fn strength(&self, day: usize) -> f64 {
        let grown = (day - self.start + 1) as f64 / self.grows as f64;
        self.size * grown.min(1.0)
    }
}

type Made = Option<(f64, Vec<String>, &'static str)>;

fn moved(random: &mut Random, series: &mut Series, plan: &Plan, nature: &Nature) -> Made {
    let up = plan.shape != Shape::Drop;
    if up && !spiky(nature) && random.chance(0.15) {
        return Some(new_line(random, series, plan));
    }
    let chosen = scope(random, series, if up { 0.08 } else { plan.size });
    let total = series.costs(DAYS);
    let window = plan.start.saturating_sub(28)..plan.start;
    let sum = |costs: &[f64]| costs[window.clone()].iter().sum::<f64>();
    let whole = sum(&total);
    let part: f64 = chosen
        .iter()
        .map(|line| sum(&series.lines[*line].costs))
        .sum();
    if part <= 0.0 {
        return None;
    }
    let lever = whole / part;
    let rate = plan.rate && up && plan.size * lever < 1.0;
    let mut impact = 0.0;
    for line in &chosen {
        for day in plan.start..=plan.end {
            let delta = plan.strength(day) * lever;
            let factor = if up {
                1.0 + delta
            } else {
                (1.0 - delta).max(0.0)
            };
            let one = &mut series.lines[*line];
            impact += one.costs[day] * (factor - 1.0).abs();
            one.costs[day] *= factor;
            if !rate {
                one.list[day] *= factor;
            }
        }
    }
    let answers = answers(series, &chosen);
    (impact > 0.0).then_some((impact, answers, if rate { "rate" } else { "usage" }))
}

fn new_line(
    random: &mut Random,
    series: &mut Series,
    plan: &Plan,
) -> (f64, Vec<String>, &'static str) {
    let old = random.whole(0, series.lines.len() - 1);
    let region = if random.chance(0.5) {
        "af-south-1".to_owned()
    } else {
        series.lines[old].region.clone()
    };
    let costs: Vec<f64> = (0..DAYS)
        .map(|day| {
            let on = (plan.start..=plan.end).contains(&day);
            let noise = (0.02 * random.normal()).exp();
            if on {
                plan.strength(day) * plan.level * noise
            } else {
                0.0
            }
        })
        .collect();
    series.lines.push(Line {
        region,
        sku: series.lines[old].sku.clone(),
        resource: format!("new-{}", series.lines.len()),
        list: costs.clone(),
        costs: costs.clone(),
    });
    let at = series.lines.len() - 1;
    (costs.iter().sum(), answers(series, &[at]), "new")
}

/// Lines of everything, a region, a SKU or a resource that carry at least this share of the cost.
fn scope(random: &mut Random, series: &Series, least: f64) -> Vec<usize> {
    let all: Vec<usize> = (0..series.lines.len()).collect();
    let sum = |line: &usize| series.lines[*line].costs.iter().sum::<f64>();
    let whole: f64 = all.iter().map(sum).sum();
    for _ in 0..4 {
        let one = &series.lines[*random.pick(&all)];
        let kind = random.unit();
        let same = |line: &usize| {
            let other = &series.lines[*line];
            match kind {
                k if k < 0.3 => true,
                k if k < 0.5 => other.region == one.region,
                k if k < 0.7 => other.sku == one.sku,
                _ => other.resource == one.resource,
            }
        };
        let chosen: Vec<usize> = all.iter().copied().filter(same).collect();
        if chosen.iter().map(sum).sum::<f64>() >= least * whole {
            return chosen;
        }
    }
    all
}

fn answers(series: &Series, chosen: &[usize]) -> Vec<String> {
    let mut found = Vec::new();
    if chosen.len() == series.lines.len() {
        found.push("ALL=*".to_owned());
    }
    let live = |line: &&Line| line.costs.iter().any(|cost| *cost > 0.0);
    for (name, of) in [
        ("RegionId", (|line| &line.region) as fn(&Line) -> &String),
        ("SkuId", |line| &line.sku),
        ("ResourceId", |line| &line.resource),
    ] {
        let value = of(&series.lines[chosen[0]]);
        let same: Vec<usize> = (0..series.lines.len())
            .filter(|line| of(&series.lines[*line]) == value && live(&&series.lines[*line]))
            .collect();
        if same == chosen {
            found.push(format!("{name}={value}"));
        }
    }
    found
}

/// One resource rises by what another falls.
fn masked(random: &mut Random, series: &mut Series, plan: &Plan) -> Made {
    if series.lines.len() < 2 {
        return None;
    }
    let mut by_cost: Vec<usize> = (0..series.lines.len()).collect();
    let sum = |line: &usize| series.lines[*line].costs[..plan.start].iter().sum::<f64>();
    by_cost.sort_by(|a, b| sum(b).total_cmp(&sum(a)));
    let (falls, rises) = (by_cost[0], by_cost[1]);
    let share = random.between(0.3, 0.8);
    let mut impact = 0.0;
    for day in plan.start..=plan.end {
        let amount = share * series.lines[falls].costs[day];
        impact += amount;
        for (line, delta) in [(falls, -amount), (rises, amount)] {
            let line = &mut series.lines[line];
            let factor = 1.0 + delta / line.costs[day].max(1e-9);
            line.costs[day] += delta;
            line.list[day] *= factor;
        }
    }
    let mut names = answers(series, &[rises]);
    names.extend(answers(series, &[falls]));
    Some((impact, names, "usage"))
}

/// A monthly fee on the first, and sometimes a month that lacks it.
pub(crate) fn add_fee(random: &mut Random, world: &mut World, at: usize, nature: &Nature) {
    if nature.fee <= 0.0 {
        return;
    }
    let forgotten = random.chance(0.3).then(|| random.whole(5, 11));
    let mut costs = vec![0.0; DAYS];
    for (day, date) in world.first.iter_days().take(DAYS).enumerate() {
        if date.day() != 1 {
            continue;
        }
        if forgotten == usize::try_from(date.month()).ok() {
            world.events.push(Event {
                series: at,
                shape: Shape::Missing,
                start: day,
                end: day + 5,
                impact: nature.fee,
                answers: Vec::new(),
                cause: "usage",
            });
            world.excuse(at, day, day);
        } else {
            costs[day] = nature.fee * (0.02 * random.normal()).exp();
        }
    }
    let like = &world.series[at].lines[0];
    let line = Line {
        region: like.region.clone(),
        sku: "Fee".to_owned(),
        resource: String::new(),
        list: costs.clone(),
        costs,
    };
    world.series[at].lines.push(line);
}
