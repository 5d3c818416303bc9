//! Makes labelled estates: weekly shapes, trends, noise with a memory, fees, batch jobs, late last days,
//! and the events of `planted`. Nothing here knows how they are detected.

use chrono::{Datelike, Days, NaiveDate};

use crate::planted::{add_events, add_fee};
use crate::random::Random;
use crate::world::{Event, Line, Series, Shape, World};

pub(crate) const DAYS: usize = 365;
const ACCOUNTS: usize = 15;
const SERVICES: usize = 20;
const REGIONS: [&str; 6] = [
    "us-east-1",
    "us-west-2",
    "eu-west-1",
    "eu-central-1",
    "ap-south-1",
    "sa-east-1",
];
const SKUS: [&str; 5] = ["Hours", "Storage", "Requests", "Transfer", "Backup"];

/// How a series behaves when nothing is wrong.
pub(crate) struct Nature {
    pub(crate) archetype: &'static str,
    pub(crate) level: f64,
    pub(crate) noise: f64,
    memory: f64,
    weekend: f64,
    growth: f64,
    drift: f64,
    /// Share of days that are active.
    pub(crate) active: f64,
    /// Weekday of a weekly job.
    pub(crate) job: Option<usize>,
    pub(crate) fee: f64,
    month_end: f64,
    free_days: u32,
    pub(crate) begins: usize,
    holidays: bool,
}

/// One estate.
pub(crate) fn generate(seed: u64) -> World {
    let mut random = Random::new(seed);
    let first = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap_or_default();
    let mut world = World {
        first,
        days: DAYS,
        series: Vec::new(),
        events: Vec::new(),
        free: vec![vec![false; DAYS]; ACCOUNTS * SERVICES],
    };
    for at in 0..ACCOUNTS * SERVICES {
        let nature = nature(&mut random, at % SERVICES > 2);
        let lines = lines(&mut random, &nature, first, at);
        world.series.push(Series { lines });
        excuse_nature(&mut world, at, &nature);
        add_events(&mut random, &mut world, at, &nature);
        add_fee(&mut random, &mut world, at, &nature);
    }
    late_days(&mut random, &mut world);
    world
}

fn nature(random: &mut Random, may_be_new: bool) -> Nature {
    let kind = random.unit();
    let mut nature = Nature {
        archetype: "steady",
        level: random.log_between(5.0, 4000.0),
        noise: random.between(0.01, 0.06),
        memory: random.between(0.0, 0.6),
        weekend: 1.0,
        growth: 0.0,
        drift: 0.0,
        active: 1.0,
        job: None,
        fee: 0.0,
        month_end: 0.0,
        free_days: 0,
        begins: 0,
        holidays: false,
    };
    match kind {
        k if k < 0.25 => {}
        k if k < 0.47 => {
            nature.archetype = "weekly";
            nature.weekend = random.between(0.25, 0.85);
            nature.holidays = true;
        }
        k if k < 0.62 => {
            nature.archetype = "growth";
            nature.growth = random.between(-0.002, 0.005);
            nature.weekend = random.between(0.7, 1.0);
        }
        k if k < 0.77 => {
            nature.archetype = "noisy";
            nature.noise = random.between(0.15, 0.4);
        }
        k if k < 0.83 => {
            nature.archetype = "drift";
            nature.drift = random.between(0.003, 0.012);
        }
        k if k < 0.90 => {
            nature.archetype = "intermittent";
            nature.active = random.between(0.1, 0.55);
            nature.noise = random.between(0.2, 0.5);
        }
        k if k < 0.95 => {
            nature.archetype = "batch";
            nature.job = Some(random.whole(0, 6));
            nature.noise = random.between(0.03, 0.12);
        }
        _ => {
            nature.archetype = "freetier";
            nature.free_days = u32::try_from(random.whole(2, 8)).unwrap_or(2);
        }
    }
    if matches!(nature.archetype, "steady" | "weekly" | "growth") {
        if random.chance(0.3) {
            nature.fee = random.log_between(0.3, 8.0) * nature.level;
        } else if random.chance(0.1) {
            nature.month_end = random.between(0.4, 2.0);
        } else if may_be_new && random.chance(0.12) {
            nature.begins = random.whole(60, 240);
        }
    }
    nature
}

fn lines(random: &mut Random, nature: &Nature, first: NaiveDate, at: usize) -> Vec<Line> {
    let count = random.whole(1, 8);
    let regions = random.whole(1, 3);
    let skus = random.whole(1, 3);
    let shares: Vec<f64> = (0..count).map(|_| random.normal().exp()).collect();
    let whole: f64 = shares.iter().sum();
    let common = common(random, nature, first);
    let from = random.whole(0, REGIONS.len() - 1);
    let mut lines = Vec::new();
    for (line, share) in shares.iter().enumerate() {
        let own = nature.noise * random.between(0.3, 1.0);
        let discount = random.between(0.55, 1.0);
        let costs: Vec<f64> = common
            .iter()
            .map(|day| nature.level * share / whole * day * (own * random.normal()).exp())
            .collect();
        lines.push(Line {
            region: REGIONS[(from + random.whole(1, regions)) % REGIONS.len()].to_owned(),
            sku: SKUS[random.whole(1, skus)].to_owned(),
            resource: format!("res-{at:04}-{line:02}"),
            list: costs.iter().map(|cost| cost / discount).collect(),
            costs,
        });
    }
    lines
}

/// The factor all lines of a series share, by day.
fn common(random: &mut Random, nature: &Nature, first: NaiveDate) -> Vec<f64> {
    let (mut noise, mut walk) = (0.0, 0.0);
    let mut days = Vec::with_capacity(DAYS);
    for (at, day) in first.iter_days().take(DAYS).enumerate() {
        let fresh = (1.0 - nature.memory * nature.memory).sqrt() * nature.noise * random.normal();
        noise = nature.memory * noise + fresh;
        walk += nature.drift * random.normal();
        let trend = nature.growth * at as f64 + walk;
        let mut factor = (noise + trend).exp();
        if day.weekday().num_days_from_monday() >= 5 {
            factor *= nature.weekend;
        }
        if nature.holidays && is_holiday(day) {
            factor *= 0.7;
        }
        let last = day
            .checked_add_days(Days::new(1))
            .is_some_and(|next| next.day() == 1);
        if last {
            factor *= 1.0 + nature.month_end;
        }
        let silent = at < nature.begins
            || day.day() <= nature.free_days
            || nature.job.is_some_and(|job| at % 7 != job)
            || (nature.active < 1.0 && !random.chance(nature.active));
        days.push(if silent { 0.0 } else { factor });
    }
    days
}

fn is_holiday(day: NaiveDate) -> bool {
    [(1, 1), (5, 1), (7, 4), (11, 27), (12, 25)].contains(&(day.month(), day.day()))
}

fn excuse_nature(world: &mut World, at: usize, nature: &Nature) {
    let begins = nature.begins;
    world.excuse(at, 0, if begins > 0 { begins + 35 } else { 45 });
    if begins > 0 {
        world.events.push(Event {
            series: at,
            shape: Shape::New,
            start: begins,
            end: begins + 13,
            impact: nature.level * 14.0,
            answers: Vec::new(),
            cause: "new",
        });
    }
    if nature.holidays {
        for (day, date) in world.first.iter_days().take(DAYS).enumerate() {
            if is_holiday(date) {
                world.excuse(at, day, day + 1);
            }
        }
    }
}

/// The newest days are only partly there, about alike in all series.
fn late_days(random: &mut Random, world: &mut World) {
    let whole = random.whole(0, 3);
    let parts: Vec<f64> = (0..whole)
        .scan(random.between(0.4, 0.75), |part, _| {
            let now = *part;
            *part = 1.0 - (1.0 - *part) * random.between(0.15, 0.5);
            Some(now)
        })
        .collect();
    for series in &mut world.series {
        for (back, part) in parts.iter().enumerate() {
            let spread = (0.12 * (1.0 - part) * random.normal()).exp();
            for line in &mut series.lines {
                let day = DAYS - 1 - back;
                line.costs[day] *= (part * spread).min(1.0);
                line.list[day] *= (part * spread).min(1.0);
            }
        }
    }
}
