//! What moved: the finest daily lines of the watched series (region, meter, large resource), what drives
//! their incidents, and what the parts did while the whole stood still.

use super::detect::{Found, Watched, gates};
use super::night::Night;
use super::plan::Plan;
use crate::analysis::anomaly::{DayScore, Options, score};
use crate::analysis::cause::Cause;
use crate::analysis::drivers::{Driver, Leaf, explain, largest};
use crate::analysis::hidden::{PART_FLOOR, Part, hidden};
use crate::analysis::incident::{Gates, Incident};
use crate::analysis::kind::Kind;
use crate::analysis::planned::{Planned, widen};
use crate::engine;
use crate::error::{Error, Result};
use crate::money::Money;
use crate::report::table::day_of;
use polars::prelude::*;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What lines are told apart by, coarse to fine.
const DIMENSIONS: [&str; 3] = ["RegionId", "SkuMeter", "ResourceId"];
/// Where regions and resources stand among them.
const REGION: usize = 0;
const RESOURCE: usize = 2;
/// Resources named behind an incident.
const TOP: usize = 3;
/// Series whose lines are in memory at once.
const AT_ONCE: usize = 200;
/// A part with more of the cost than this is the whole.
const WHOLE: f64 = 0.98;

/// One line of a series: a region, a meter and a resource, day by day.
struct Line {
    values: [String; 3],
    amounts: Vec<Money>,
    costs: Vec<f64>,
    list: Vec<f64>,
}

/// A value of one dimension: the lines that have it, scored like a series of its own.
struct Piece {
    dimension: usize,
    value: String,
    lines: Vec<usize>,
    scores: Vec<DayScore>,
}

/// Explains every incident and adds those that only a part shows. Parts are looked at where a series costs
/// enough a day for a week of it to pass the gate in money.
pub(super) fn explain_all(night: &Night, plan: &Plan, watched: &mut [Watched]) -> Result<()> {
    let gates = gates(plan);
    let matters = |one: &&mut Watched| !one.found.is_empty() || mean(one) >= gates.impact / 7.0;
    let mut all: Vec<&mut Watched> = watched.iter_mut().filter(matters).collect();
    for some in all.chunks_mut(AT_ONCE) {
        let lines = read(night, some)?;
        let rows = rows(&lines, some);
        some.par_iter_mut().zip(rows).for_each(|(one, rows)| {
            let lines = dense(&lines, &rows, one);
            judge(one, &lines, &gates, &plan.events);
        });
    }
    Ok(())
}

/// Mean cost of a day since the series began.
fn mean(one: &Watched) -> f64 {
    let begins = one.begins().map_or(0, |day| one.at(day));
    let days = one.amounts.get(begins..).unwrap_or_default();
    let sum: Money = days.iter().copied().sum();
    #[allow(clippy::cast_precision_loss, reason = "days are few")]
    let count = days.len().max(1) as f64;
    sum.approximate() / count
}

/// The daily lines as columns, in the order of their names and days.
struct Columns {
    series: [StringChunked; 3],
    values: [StringChunked; 3],
    days: Int32Chunked,
    amounts: Int128Chunked,
    list: Int128Chunked,
}

fn read(night: &Night, some: &[&mut Watched]) -> Result<Columns> {
    let fault = |e: PolarsError| Error::data(e.to_string());
    let accounts: Vec<&str> = some.iter().map(|one| one.account.as_str()).collect();
    let services: Vec<&str> = some.iter().map(|one| one.service.as_str()).collect();
    let pairs = df!("SubAccountId" => accounts, "ServiceName" => services).map_err(fault)?;
    let tables = [
        ("usage_daily", night.table("usage_daily")?),
        ("series", pairs.lazy()),
    ];
    let sql = include_str!("../../queries/analysis/anomaly_leaves.sql");
    let frame = engine::query("queries/analysis/anomaly_leaves.sql", sql, &tables)?;
    columns(&frame).map_err(fault)
}

fn columns(frame: &DataFrame) -> PolarsResult<Columns> {
    let text = |name: &str| frame.column(name)?.cast(&DataType::String)?.str().cloned();
    let units =
        |name: &str| Ok::<_, PolarsError>(frame.column(name)?.decimal()?.physical().clone());
    let days = frame
        .column("Day")?
        .as_materialized_series()
        .to_physical_repr();
    Ok(Columns {
        series: [
            text("BillingCurrency")?,
            text("SubAccountId")?,
            text("ServiceName")?,
        ],
        values: [text("RegionId")?, text("SkuMeter")?, text("ResourceId")?],
        days: days.i32()?.clone(),
        amounts: units("EffectiveCost")?,
        list: units("ListCost")?,
    })
}

/// The rows of each series.
fn rows(lines: &Columns, some: &[&mut Watched]) -> Vec<Vec<usize>> {
    let name = |one: &Watched| {
        [
            one.currency.clone(),
            one.account.clone(),
            one.service.clone(),
        ]
    };
    let places: BTreeMap<[String; 3], usize> = some
        .iter()
        .enumerate()
        .map(|(at, one)| (name(one), at))
        .collect();
    let mut rows = vec![Vec::new(); some.len()];
    let mut last: Option<([&str; 3], Option<usize>)> = None;
    for row in 0..lines.days.len() {
        let key = [0, 1, 2].map(|at: usize| lines.series[at].get(row).unwrap_or_default());
        let place = match last {
            Some((known, place)) if known == key => place,
            _ => places.get(&key.map(str::to_owned)).copied(),
        };
        last = Some((key, place));
        if let Some(place) = place {
            rows[place].push(row);
        }
    }
    rows
}

/// The lines of one series, silence as zero.
fn dense(columns: &Columns, rows: &[usize], one: &Watched) -> Vec<Line> {
    let length = one.amounts.len();
    let mut lines: BTreeMap<[&str; 3], Line> = BTreeMap::new();
    for row in rows {
        let day = columns.days.get(*row).and_then(day_of);
        let Some(at) = day
            .and_then(|day| usize::try_from((day - one.first_day).num_days()).ok())
            .filter(|at| *at < length)
        else {
            continue;
        };
        let values = [0, 1, 2].map(|at: usize| columns.values[at].get(*row).unwrap_or_default());
        let line = lines.entry(values).or_insert_with(|| Line {
            values: values.map(str::to_owned),
            amounts: vec![Money::ZERO; length],
            costs: Vec::new(),
            list: vec![0.0; length],
        });
        let amount = Money::from_units(columns.amounts.get(*row).unwrap_or_default());
        line.amounts[at] += amount;
        let list = columns.list.get(*row).map_or(amount, Money::from_units);
        line.list[at] += list.approximate();
    }
    let costs = |mut line: Line| {
        line.costs = line
            .amounts
            .iter()
            .map(|amount| amount.approximate())
            .collect();
        line
    };
    lines.into_values().map(costs).collect()
}

/// Drivers of the incidents of the whole, and incidents of the parts.
fn judge(one: &mut Watched, lines: &[Line], gates: &Gates, events: &[Planned]) {
    let names: Vec<[&str; 3]> = lines.iter().map(names).collect();
    let all: Vec<usize> = (0..lines.len()).collect();
    let leaves = leaves(lines, &names, &all);
    let mut found = std::mem::take(&mut one.found);
    for known in found
        .iter_mut()
        .filter(|known| known.incident.kind != Kind::Missing)
    {
        let days = days(one, &known.incident);
        known.driver = explain(&DIMENSIONS, &leaves, days.clone());
        known.resources = resources(&leaves, days);
    }
    let told: Vec<Incident> = found
        .iter()
        .filter(|known| known.incident.kind != Kind::Missing)
        .map(|known| known.incident.clone())
        .collect();
    let pieces = pieces(one, lines, events);
    let parts: Vec<Part<'_>> = pieces
        .iter()
        .map(|piece| Part {
            scores: &piece.scores,
            may_be_new: piece.dimension == REGION,
        })
        .collect();
    let unplanned = hidden(&one.scores, &told, &parts, gates)
        .into_iter()
        .filter(|(_, incident)| !is_planned(one, incident, gates, events));
    for (at, incident) in unplanned {
        let own = self::leaves(lines, &names, &pieces[at].lines);
        found.push(of_part(one, &pieces[at], lines, &own, incident));
    }
    one.found = found;
}

/// True where a plan covers what a part did: the plan speaks of the whole, which stays within it all the time.
fn is_planned(one: &Watched, incident: &Incident, gates: &Gates, events: &[Planned]) -> bool {
    let its_days = incident.first_day..=incident.last_day;
    let within = one
        .scores
        .iter()
        .filter(|day| its_days.contains(&day.day))
        .all(|day| day.score.abs() < gates.sigmas);
    let covers = |event: &Planned| {
        event.is_of(&one.account, &one.service)
            && event.first_day <= incident.first_day
            && incident.last_day <= event.last_day
    };
    within && events.iter().any(covers)
}

fn names(line: &Line) -> [&str; 3] {
    [0, 1, 2].map(|at: usize| line.values[at].as_str())
}

fn leaves<'a>(lines: &'a [Line], names: &'a [[&'a str; 3]], of: &[usize]) -> Vec<Leaf<'a>> {
    let leaf = |at: &usize| Leaf {
        values: &names[*at],
        costs: &lines[*at].costs,
        list_costs: Some(&lines[*at].list),
    };
    of.iter().map(leaf).collect()
}

fn days(one: &Watched, incident: &Incident) -> Range<usize> {
    one.at(incident.first_day)..one.at(incident.last_day) + 1
}

/// The named resources that moved most.
fn resources(leaves: &[Leaf<'_>], days: Range<usize>) -> Vec<String> {
    let moved = largest(leaves, RESOURCE, days, TOP + 1).into_iter();
    let named = moved.map(|(name, _)| name).filter(|name| !name.is_empty());
    named.take(TOP).collect()
}

/// An incident of a part, which is its own driver.
fn of_part(
    one: &Watched,
    piece: &Piece,
    lines: &[Line],
    own: &[Leaf<'_>],
    incident: Incident,
) -> Found {
    let days = days(one, &incident);
    let cause = match incident.kind {
        Kind::New => Cause::New,
        _ => explain(&DIMENSIONS, own, days.clone()).map_or(Cause::Usage, |driver| driver.cause),
    };
    let sum = |at: &usize| {
        lines[*at].amounts[days.clone()]
            .iter()
            .copied()
            .sum::<Money>()
    };
    let actual = piece.lines.iter().map(sum).sum();
    Found {
        driver: Some(Driver {
            dimension: DIMENSIONS[piece.dimension].to_owned(),
            value: piece.value.clone(),
            delta: incident.impact,
            share: 1.0,
            new_line: cause == Cause::New,
            cause,
        }),
        resources: resources(own, days),
        part: Some(piece.scores.clone()),
        ..Found::new(incident, actual)
    }
}

/// The parts worth scoring: neither the whole nor pennies, and never the same lines under two names. Regions
/// may be small: a new one is news.
fn pieces(one: &Watched, lines: &[Line], events: &[Planned]) -> Vec<Piece> {
    let cost = |at: &usize| lines[*at].costs.iter().sum::<f64>();
    let whole: f64 = (0..lines.len()).map(|at| cost(&at)).sum();
    let options = Options {
        account_since: one.begins(),
        ..one.options.clone()
    };
    let mut pieces = Vec::new();
    let mut seen: BTreeSet<Vec<usize>> = BTreeSet::new();
    for dimension in 0..DIMENSIONS.len() {
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, line) in lines.iter().enumerate() {
            groups.entry(&line.values[dimension]).or_default().push(at);
        }
        for (value, of) in groups {
            let share = of.iter().map(cost).sum::<f64>() / whole.max(f64::MIN_POSITIVE);
            let is_large = share >= PART_FLOOR || (dimension == REGION && share > 0.0);
            if value.is_empty() || share >= WHOLE || !is_large || !seen.insert(of.clone()) {
                continue;
            }
            pieces.push(Piece {
                dimension,
                value: value.to_owned(),
                scores: scores(one, lines, &of, &options, events),
                lines: of,
            });
        }
    }
    pieces
}

fn scores(
    one: &Watched,
    lines: &[Line],
    of: &[usize],
    options: &Options,
    events: &[Planned],
) -> Vec<DayScore> {
    let mut costs = vec![0.0; one.amounts.len()];
    for at in of {
        for (sum, cost) in costs.iter_mut().zip(&lines[*at].costs) {
            *sum += cost;
        }
    }
    let mut scores = score(one.first_day, &costs, options);
    for event in events
        .iter()
        .filter(|event| event.is_of(&one.account, &one.service))
    {
        widen(&mut scores, event);
    }
    scores
}
