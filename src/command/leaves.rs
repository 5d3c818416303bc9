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
use crate::engine::facts::{self, PeriodFacts};
use crate::error::{Error, Result};
use crate::money::Money;
use polars::prelude::*;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

/// What lines are told apart by, coarse to fine.
const DIMENSIONS: [&str; 3] = ["RegionId", "SkuMeter", "ResourceId"];
/// Where regions and resources stand among them.
const REGION: usize = 0;
const RESOURCE: usize = 2;
/// Resources named behind an incident.
const TOP: usize = 3;
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
    let mut some: Vec<&mut Watched> = watched.iter_mut().filter(matters).collect();
    let months = read(night)?;
    let rows = rows(&months, &some);
    // The lines of a series are in memory only while it is judged.
    some.par_iter_mut().zip(rows).for_each(|(one, rows)| {
        let lines = dense(&months, &rows, one);
        judge(one, &lines, &gates, &plan.events);
    });
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

/// What a line is looked up by, a text where a bill has none, and what it costs.
const SERIES: [(&str, &str); 3] = [
    ("BillingCurrency", ""),
    ("SubAccountId", ""),
    ("ServiceName", "(unknown)"),
];
/// Charges that are behaviour; taxes, credits and adjustments are none.
const BEHAVIOUR: [&str; 2] = ["Usage", "Purchase"];

/// The daily lines of a billing month as columns, in no order: sorting them by their texts would cost more than
/// everything that is asked of them.
struct Columns {
    series: [StringChunked; 3],
    categories: StringChunked,
    values: [StringChunked; 3],
    days: Int32Chunked,
    amounts: Int128Chunked,
    list: Int128Chunked,
}

/// A line of a billing month, by the places of both.
type Row = (u32, u32);

fn read(night: &Night) -> Result<Vec<Columns>> {
    let fault = |e: PolarsError| Error::data(e.to_string());
    let columns = |(_, facts): &(String, PeriodFacts)| {
        let frame = facts::table(std::slice::from_ref(facts), "usage_daily")?;
        let mut frame = frame.collect().map_err(fault)?;
        columns(frame.rechunk_mut()).map_err(fault)
    };
    night.facts.par_iter().map(columns).collect()
}

fn columns(frame: &DataFrame) -> PolarsResult<Columns> {
    let text = |name: &str| frame.column(name)?.str().cloned();
    let units =
        |name: &str| Ok::<_, PolarsError>(frame.column(name)?.decimal()?.physical().clone());
    let days = frame
        .column("x_ChargeDate")?
        .as_materialized_series()
        .to_physical_repr();
    let [currency, account, service] = SERIES.map(|(name, _)| text(name));
    let [region, meter, resource] = DIMENSIONS.map(text);
    Ok(Columns {
        series: [currency?, account?, service?],
        categories: text("ChargeCategory")?,
        values: [region?, meter?, resource?],
        days: days.i32()?.clone(),
        amounts: units("EffectiveCost")?,
        list: units("ListCost")?,
    })
}

/// The rows of each series.
fn rows(months: &[Columns], some: &[&mut Watched]) -> Vec<Vec<Row>> {
    let places: HashMap<[&str; 3], usize> = some
        .iter()
        .enumerate()
        .map(|(at, one)| ([&*one.currency, &*one.account, &*one.service], at))
        .collect();
    let of_month = |lines: &Columns| {
        let category = |row: usize| lines.categories.get(row).unwrap_or_default();
        let own = (0..lines.days.len()).filter(|row| BEHAVIOUR.contains(&category(*row)));
        let place = |row: usize| {
            let key = [0, 1, 2].map(|at: usize| lines.series[at].get(row).unwrap_or(SERIES[at].1));
            Some((*places.get(&key)?, u32::try_from(row).ok()?))
        };
        own.filter_map(place).collect::<Vec<(usize, u32)>>()
    };
    let found: Vec<Vec<(usize, u32)>> = months.par_iter().map(of_month).collect();
    let mut rows = vec![Vec::new(); some.len()];
    for (month, found) in (0..).zip(found) {
        for (place, row) in found {
            rows[place].push((month, row));
        }
    }
    rows
}

/// What a line costs on each day; the list cost is unknown where no charge of the day has one.
struct Daily {
    amounts: Vec<Money>,
    list: Vec<Option<Money>>,
}

/// The lines of one series by their values, silence as zero.
fn dense(months: &[Columns], rows: &[Row], one: &Watched) -> Vec<Line> {
    let length = one.amounts.len();
    let first = one.first_day.to_epoch_days();
    let mut lines: HashMap<[&str; 3], Daily> = HashMap::new();
    for (month, row) in rows {
        let (columns, row) = (&months[*month as usize], *row as usize);
        let day = columns.days.get(row).and_then(|day| day.checked_sub(first));
        let at = day.and_then(|day| usize::try_from(day).ok());
        let Some(at) = at.filter(|at| *at < length) else {
            continue;
        };
        let values = [0, 1, 2].map(|at: usize| columns.values[at].get(row).unwrap_or_default());
        let line = lines.entry(values).or_insert_with(|| Daily {
            amounts: vec![Money::ZERO; length],
            list: vec![None; length],
        });
        line.amounts[at] += Money::from_units(columns.amounts.get(row).unwrap_or_default());
        if let Some(list) = columns.list.get(row) {
            *line.list[at].get_or_insert(Money::ZERO) += Money::from_units(list);
        }
    }
    let mut lines: Vec<([&str; 3], Daily)> = lines.into_iter().collect();
    lines.sort_unstable_by_key(|(values, _)| *values);
    let line = |(values, daily): ([&str; 3], Daily)| {
        let days = daily.amounts.iter().zip(daily.list);
        let list = days.map(|(amount, list)| list.unwrap_or(*amount).approximate());
        Line {
            values: values.map(str::to_owned),
            list: list.collect(),
            costs: daily.amounts.iter().map(|a| a.approximate()).collect(),
            amounts: daily.amounts,
        }
    };
    lines.into_iter().map(line).collect()
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
