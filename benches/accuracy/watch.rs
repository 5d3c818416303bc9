//! The detector under test, fed as a run feeds it: scores of the whole, drivers, missing charges, hidden parts.

use crate::world::{Alert, Line, Series, Shape, World};
use chrono::{Days, NaiveDate};
use cloudtally::analysis::anomaly::{DayScore, Options, score};
use cloudtally::analysis::completeness::completeness;
use cloudtally::analysis::drivers::{Leaf, explain};
use cloudtally::analysis::hidden::{PART_FLOOR, Part, hidden};
use cloudtally::analysis::incident::{Gates, Incident, Kind, incidents};
use cloudtally::analysis::missing::missing_charges;
use std::collections::BTreeMap;

const DIMENSIONS: [&str; 3] = ["RegionId", "SkuId", "ResourceId"];
/// Alert line of a day of a part.
const LINE: f64 = 3.5;

/// Every alert on an estate.
pub(crate) fn watch(world: &World) -> Vec<Alert> {
    let plain = Options {
        account_since: Some(world.first),
        ..Options::default()
    };
    let all: Vec<Vec<DayScore>> = world
        .series
        .iter()
        .map(|one| score(world.first, &one.costs(world.days), &plain))
        .collect();
    let slices: Vec<&[DayScore]> = all.iter().map(Vec::as_slice).collect();
    let last = world.first + Days::new(world.days as u64 - 1);
    let options = Options {
        completeness: completeness(&slices, last).unwrap_or_default(),
        ..plain
    };
    let mut alerts = Vec::new();
    for at in 0..world.series.len() {
        alerts.extend(of_series(world, at, &options));
    }
    alerts
}

fn at(world: &World, day: NaiveDate) -> usize {
    usize::try_from((day - world.first).num_days()).unwrap_or(0)
}

fn names(line: &Line) -> [&str; 3] {
    [&line.region, &line.sku, &line.resource]
}

fn of_series(world: &World, series: usize, options: &Options) -> Vec<Alert> {
    let one = &world.series[series];
    let costs = one.costs(world.days);
    let scores = score(world.first, &costs, options);
    let found = incidents(&scores, &Gates::default());
    let names: Vec<[&str; 3]> = one.lines.iter().map(names).collect();
    let leaves: Vec<Leaf<'_>> = (names.iter().zip(&one.lines))
        .map(|(values, line)| Leaf {
            values,
            costs: &line.costs,
            list_costs: Some(&line.list),
        })
        .collect();
    let mut named = vec![(None, ""); world.days];
    for incident in &found {
        let (from, to) = (at(world, incident.first_day), at(world, incident.last_day));
        if let Some(driver) = explain(&DIMENSIONS, &leaves, from..to + 1) {
            let name = format!("{}={}", driver.dimension, driver.value);
            named[from..=to].fill((Some(name), driver.cause.as_str()));
        }
    }
    let scored = scores.iter().map(|day| {
        let (driver, cause) = named[at(world, day.day)].clone();
        Alert {
            series,
            day: at(world, day.day),
            score: day.score,
            driver,
            cause,
            shape: None,
        }
    });
    let charges = missing_charges(world.first, &costs, 2, Gates::default().impact);
    let missing = charges.iter().map(|charge| Alert {
        series,
        day: at(world, charge.day),
        score: -LINE,
        driver: None,
        cause: "usage",
        shape: Some(Shape::Missing),
    });
    let parts = of_parts(world, series, (&scores, &found), options);
    scored.chain(missing).chain(parts).collect()
}

/// The cost of every value of every dimension that is worth scoring.
fn parts(one: &Series, days: usize) -> BTreeMap<(usize, &str), Vec<f64>> {
    let mut parts: BTreeMap<(usize, &str), Vec<f64>> = BTreeMap::new();
    for line in &one.lines {
        for (dimension, value) in names(line).into_iter().enumerate() {
            let sum = parts
                .entry((dimension, value))
                .or_insert_with(|| vec![0.0; days]);
            for (sum, cost) in sum.iter_mut().zip(&line.costs) {
                *sum += cost;
            }
        }
    }
    let whole: f64 = one.costs(days).iter().sum();
    parts.retain(|(dimension, value), costs| {
        let share = costs.iter().sum::<f64>() / whole.max(f64::MIN_POSITIVE);
        !value.is_empty() && share < 0.98 && (*dimension == 0 || share >= PART_FLOOR)
    });
    parts
}

fn of_parts(
    world: &World,
    series: usize,
    (scores, found): (&[DayScore], &[Incident]),
    options: &Options,
) -> Vec<Alert> {
    let one = &world.series[series];
    let costs = one.costs(world.days);
    let begins = costs.iter().position(|cost| *cost != 0.0).unwrap_or(0);
    let options = Options {
        account_since: Some(world.first + Days::new(begins as u64)),
        ..options.clone()
    };
    let pieces: Vec<((usize, &str), Vec<DayScore>)> = parts(one, world.days)
        .into_iter()
        .map(|(key, costs)| (key, score(world.first, &costs, &options)))
        .collect();
    let given: Vec<Part<'_>> = pieces
        .iter()
        .map(|(key, scores)| Part {
            scores,
            may_be_new: key.0 == 0,
        })
        .collect();
    let mut alerts = Vec::new();
    for (piece, incident) in hidden(scores, found, &given, &Gates::default()) {
        let ((dimension, value), days) = &pieces[piece];
        let own = incident.first_day..=incident.last_day;
        let loud = |day: &&DayScore| own.contains(&day.day) && day.score.abs() >= LINE;
        alerts.extend(days.iter().filter(loud).map(|day| Alert {
            series,
            day: at(world, day.day),
            score: day.score,
            driver: Some(format!("{}={value}", DIMENSIONS[*dimension])),
            cause: if incident.kind == Kind::New {
                "new"
            } else {
                "usage"
            },
            shape: (incident.kind == Kind::Masked).then_some(Shape::Masked),
        }));
    }
    alerts
}
