//! The rules of the table: each takes one check over one bill and drafts findings. None knows a provider's names;
//! those stand in the table.

use crate::analysis::catalogue::catalogue;
use crate::analysis::finding::Confidence;
use crate::analysis::saving::{MONTH, scaled};
use crate::analysis::waste::bill::Window;
use crate::analysis::waste::check::{Lines, New, Rule};
use crate::analysis::waste::look::{Draft, Group, Look, ONE, part};
use crate::analysis::waste::{Seen, inventory, volume};
use crate::money::Money;
use chrono::{Days, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// A resource runs day and night from this share of the hours, in percent.
const ALWAYS: i128 = 95;
/// And is one machine up to this share: providers round hours up.
const MOST: i128 = 105;
/// Charged hours that stand for a day, in percent: providers round the first and last day.
const NEARLY: i128 = 90;
/// What appeared in so many days is new, where the account's bill was seen for at least twice as many.
const NEW: u32 = 30;
/// Days after which a trial of an afternoon is told apart from something that stays.
const SETTLED: u32 = 3;
/// Months from which growth can be told, and days that make one of them whole enough.
const GROWTH: (usize, u32) = (3, 7);

/// What a check's rule drafts.
pub(super) fn judge(look: &Look, seen: &Seen) -> Vec<Draft> {
    match &look.check.rule {
        Rule::Part {
            lines,
            percent,
            older_than_days,
            per_day,
        } => {
            let least = (*older_than_days, *per_day);
            parts(look, lines, *percent, least)
        }
        Rule::Idle {
            lines,
            busy,
            trickle,
            witness,
            days,
            percent,
        } => {
            let days = if *days == 0 {
                look.policy.idle_days
            } else {
                *days
            };
            idle(look, (lines, busy), (days, *trickle, *witness), *percent)
        }
        Rule::Trade {
            lines,
            against,
            gain,
            loss,
        } => trade(look, (lines, against), (*gain, *loss)),
        Rule::AlwaysOn { lines, percent } => always_on(look, lines, *percent),
        Rule::Grows { lines } => growing(look, lines),
        Rule::Share { lines, percent } => shares(look, lines, *percent),
        Rule::New { what } => new(look, *what),
        Rule::Successor { lines } => successors(look, lines),
        Rule::Gp3 => volume::gp3(look),
        Rule::ProvisionedIops => volume::provisioned(look),
        Rule::Inventory { state } => inventory::states(look, *state, seen.items),
        Rule::Connections => inventory::without_connections(look, seen),
        Rule::Commitment => Vec::new(),
    }
}

fn newest(look: &Look) -> Window {
    look.bill.window(look.policy.idle_days)
}

fn parts(look: &Look, lines: &Lines, percent: Option<[u8; 2]>, least: (u32, u32)) -> Vec<Draft> {
    let window = newest(look);
    let (age, per_day) = least;
    let old = look.bill.end().checked_sub_days(Days::new(u64::from(age)));
    let enough = |group: &Group| {
        let daily = group.quantity.unwrap_or_default().units() / i128::from(group.days.max(1));
        (age == 0 || old.is_some_and(|old| group.since <= old))
            && daily >= i128::from(per_day) * ONE
    };
    let groups = look.groups(lines, window);
    let groups = groups.iter().filter(|group| enough(group));
    let told = |group: &Group| {
        let since = match age {
            0 => String::new(),
            _ => format!("; charged since {}", first_seen(look, group.since)),
        };
        format!("{} costs {}{since}", look.name(group), look.cost(group))
    };
    groups
        .map(|group| match percent {
            Some(percent) => look.share(group, percent, told(group)),
            None => look.draft(group, None, told(group)),
        })
        .collect()
}

/// A day, or that it is at least that old where the bill begins with it.
fn first_seen(look: &Look, since: NaiveDate) -> String {
    let begin = look
        .bill
        .months()
        .first()
        .map(|seen| seen.month.first_day());
    if begin == Some(since) {
        format!("{since} or before")
    } else {
        since.to_string()
    }
}

/// What a resource's `busy` meters came to, and in which regions they name no resource.
struct Busy<'a> {
    by_resource: BTreeMap<(&'a str, &'a str), Money>,
    nameless: BTreeSet<(&'a str, &'a str)>,
}

impl Busy<'_> {
    fn names_resources(&self) -> bool {
        let mut named = self.by_resource.iter();
        named.any(|((_, resource), used)| !resource.is_empty() && *used > Money::ZERO)
    }
}

fn busy<'a>(look: &'a Look, lines: &Lines, window: Window) -> Busy<'a> {
    let mut busy = Busy {
        by_resource: BTreeMap::new(),
        nameless: BTreeSet::new(),
    };
    for at in look.bill.select(lines) {
        let meter = &look.bill.meters[at];
        let Some(used) = look.bill.used(at, window) else {
            continue;
        };
        // A charge without a quantity is a charge all the same.
        let quantity = used.quantity.unwrap_or(used.monthly);
        if meter.resource.is_empty() && quantity > Money::ZERO {
            busy.nameless.insert((&meter.account, &meter.region));
        }
        let known = busy.by_resource.entry((&meter.account, &meter.resource));
        *known.or_default() += quantity;
    }
    busy
}

fn idle(
    look: &Look,
    lines: (&Lines, &Lines),
    least: (u32, u32, bool),
    percent: [u8; 2],
) -> Vec<Draft> {
    let (days, trickle, witness) = least;
    let window = look.bill.window(days);
    if window.days < days {
        return Vec::new();
    }
    let busy = busy(look, lines.1, window);
    if witness && !busy.names_resources() {
        return Vec::new();
    }
    let mut drafts = Vec::new();
    for group in look.groups(lines.0, window) {
        let meter = &look.bill.meters[group.meters[0]];
        let (hours, used) = (
            group.hours(),
            busy.by_resource
                .get(&(&meter.account, &meter.resource))
                .copied()
                .unwrap_or_default(),
        );
        let enough = |hours: i128| hours * 100 >= i128::from(days) * 24 * NEARLY;
        // Hours add up faster than days where a resource stands in several zones: both must be enough.
        let long = enough(hours.units() / ONE) && enough(i128::from(group.days) * 24);
        let most = hours.units() / 1000 * i128::from(trickle);
        let unknown = busy.nameless.contains(&(&meter.account, &meter.region));
        if meter.resource.is_empty() || !long || unknown || used.units() > most {
            continue;
        }
        let span = if group.hourly {
            format!("{} hours in {} days", hours.fixed(0), group.days)
        } else {
            format!("{} days", group.days)
        };
        let evidence = format!(
            "{} for {span}, and {} of {}",
            look.name(&group),
            used.fixed(if used > Money::ZERO { 3 } else { 0 }),
            lines.1.meters(),
        );
        drafts.push(look.share(&group, percent, evidence));
    }
    drafts
}

fn trade(look: &Look, lines: (&Lines, &Lines), percent: (u32, u32)) -> Vec<Draft> {
    let window = newest(look);
    let against: BTreeMap<(String, String), Group> = look
        .groups(lines.1, window)
        .into_iter()
        .map(|group| (owner(look, &group), group))
        .collect();
    let mut drafts = Vec::new();
    for mut group in look.groups(lines.0, window) {
        let other = against.get(&owner(look, &group));
        let paid = other.map_or(Money::ZERO, |other| other.monthly);
        let saved = part(group.monthly, percent.0) - part(paid, percent.1);
        if saved <= Money::ZERO || look.bill.meters[group.meters[0]].resource.is_empty() {
            continue;
        }
        let evidence = format!(
            "storage costs {}, use {}: the other class charges {} % less for the one and {} % more for the other",
            look.cost(&group),
            paid.fixed(2),
            percent.0,
            percent.1,
        );
        let saving = (part(saved, 50), saved);
        group
            .meters
            .extend(other.iter().flat_map(|other| &other.meters));
        drafts.push(look.draft(&group, Some(saving), evidence));
    }
    drafts
}

fn owner(look: &Look, group: &Group) -> (String, String) {
    let meter = &look.bill.meters[group.meters[0]];
    (meter.account.clone(), meter.resource.clone())
}

fn always_on(look: &Look, lines: &Lines, percent: [u8; 2]) -> Vec<Draft> {
    let all_day = |group: &Group| {
        let possible = i128::from(group.days) * 24;
        let hours = group.quantity.unwrap_or_default().units() / ONE * 100;
        // More hours than there are: several things under one id, of which nobody knows how many rest.
        let one = (possible * ALWAYS..=possible * MOST).contains(&hours);
        one && group.days >= look.policy.idle_days
    };
    let selected = look.bill.select(lines);
    let hourly: Vec<usize> = selected
        .into_iter()
        .filter(|&at| look.is_hourly(at))
        .collect();
    let groups = look.grouped(&hourly, newest(look));
    let named = groups
        .iter()
        .filter(|group| all_day(group) && !owner(look, group).1.is_empty());
    named
        .map(|group| {
            let environment = &look.bill.meters[group.meters[0]].environment;
            let place = if environment.is_empty() { "" } else { " in " };
            let hours = group.hours().fixed(0);
            let evidence = format!("{hours} hours in {} days{place}{environment}", group.days);
            look.share(group, percent, evidence)
        })
        .collect()
}

fn growing(look: &Look, lines: &Lines) -> Vec<Draft> {
    let groups = look.groups(lines, newest(look));
    groups
        .iter()
        .filter_map(|group| {
            let months = look.bill.daily_quantities(group.meters[0]);
            let months: Vec<(Money, u32)> = months.into_iter().flatten().collect();
            let months: Vec<&(Money, u32)> = months.iter().filter(|m| m.1 >= GROWTH.1).collect();
            let rises = |a: &(Money, u32), b: &(Money, u32)| {
                a.0.units() * i128::from(b.1) < b.0.units() * i128::from(a.1)
            };
            let (first, last) = (months.first()?, months.last()?);
            let grew =
                months.len() >= GROWTH.0 && months.windows(2).all(|two| rises(two[0], two[1]));
            if group.meters.len() > 1 || !grew {
                return None;
            }
            let (was, now) = (
                first.0.units() * i128::from(last.1),
                last.0.units() * i128::from(first.1),
            );
            let high = scaled(group.monthly, now - was, now)?;
            let evidence = format!(
                "{} grew in each of {} months",
                look.name(group),
                months.len()
            );
            Some(look.draft(group, Some((Money::ZERO, high)), evidence))
        })
        .collect()
}

fn shares(look: &Look, lines: &Lines, percent: u8) -> Vec<Draft> {
    let window = newest(look);
    let mut whole: BTreeMap<(&str, &str), Money> = BTreeMap::new();
    for (at, meter) in look.bill.meters.iter().enumerate() {
        let used = look.bill.used(at, window);
        *whole.entry((&meter.account, &meter.currency)).or_default() +=
            used.map_or(Money::ZERO, |used| used.monthly);
    }
    let mut own: BTreeMap<(&str, &str), Group> = BTreeMap::new();
    let groups = look.groups(lines, window);
    for group in &groups {
        let meter = &look.bill.meters[group.meters[0]];
        let place = (meter.account.as_str(), meter.currency.as_str());
        let known = own
            .entry(place)
            .and_modify(|sum| sum.monthly += group.monthly);
        known.or_insert_with(|| group.clone());
    }
    let large = own.into_iter().filter_map(|(place, group)| {
        let all = whole.get(&place).copied().unwrap_or_default();
        let share = crate::money::ratio(group.monthly, all)?;
        (share >= i64::from(percent) * 100).then(|| {
            let evidence = format!("{} % of the account: {}", share / 100, look.cost(&group));
            Draft {
                of_account: true,
                ..look.draft(&group, None, evidence)
            }
        })
    });
    large.collect()
}

/// What an account has been charged for since a few days only, where the account itself is older.
fn new(look: &Look, what: New) -> Vec<Draft> {
    let Some(recent) = look.bill.end().checked_sub_days(Days::new(u64::from(NEW))) else {
        return Vec::new();
    };
    let window = look.bill.window(NEW);
    let mut seen: BTreeMap<[&str; 3], Group> = BTreeMap::new();
    let (mut known, mut days) = (BTreeSet::new(), BTreeMap::<&str, u32>::new());
    let all = look.bill.window(u32::MAX);
    for (at, meter) in look.bill.meters.iter().enumerate() {
        let name = match what {
            New::Service => meter.service.as_str(),
            New::Region => meter.region.as_str(),
        };
        let (account, always) = (meter.account.as_str(), look.bill.used(at, all));
        let age = days.entry(account).or_default();
        *age = always.map_or(0, |used| used.days).max(*age);
        match look.bill.used(at, window) {
            Some(used) if used.since >= recent && !name.is_empty() && name != "global" => {
                let entry = seen.entry([account, name, &meter.currency]);
                let entry = entry.and_modify(|sum| sum.add(at, &used));
                entry.or_insert_with(|| Group::of(at, &used));
            }
            _ => drop(known.insert((account, name))),
        }
    }
    let old = |account: &str| days.get(account).is_some_and(|days| *days >= 2 * NEW);
    let fresh = seen.into_iter().filter(|([account, name, _], group)| {
        old(account) && !known.contains(&(*account, *name)) && group.days >= SETTLED
    });
    fresh
        .map(|([_, name, _], group)| arrival(look, what, name, group))
        .collect()
}

/// A finding about something new: what it cost so far, not what it may cost in a month.
fn arrival(look: &Look, what: New, name: &str, mut group: Group) -> Draft {
    let hours = i128::from(group.days) * 24;
    group.monthly = scaled(group.monthly.max(Money::ZERO), hours, MONTH).unwrap_or_default();
    let meter = &look.bill.meters[group.meters[0]];
    let cost = group.monthly.fixed(2);
    let evidence = format!(
        "{name} since {}: {cost} {} so far",
        group.since, meter.currency
    );
    let region = match what {
        New::Service => meter.region.clone(),
        New::Region => name.to_owned(),
    };
    Draft {
        of_account: true,
        region,
        ..look.draft(&group, None, evidence)
    }
}

fn successors(look: &Look, lines: &Lines) -> Vec<Draft> {
    let groups = look.groups(lines, newest(look));
    groups
        .iter()
        .filter_map(|group| {
            let sku = look.bill.sku(group.meters[0]);
            let current = catalogue().find("", &sku.instance)?;
            let next = catalogue().find("", current.successor.as_deref()?)?;
            let (now, then) = (current.hourly?, next.hourly?);
            // A licence in the price makes the ratio of Linux prices wrong.
            let linux = sku.system.is_empty() || sku.system.contains("linux");
            if !linux || then >= now || owner(look, group).1.is_empty() {
                return None;
            }
            let of = |amount: Money| {
                scaled(
                    amount.max(Money::ZERO),
                    now.units() - then.units(),
                    now.units(),
                )
            };
            let high = of(group.monthly)?;
            let low = of(group.uncovered)?.min(high);
            let evidence = format!("{} has the successor {}", current.name, next.name);
            let draft = look.draft(group, Some((low, high)), evidence);
            Some(Draft {
                confidence: Confidence::C,
                covered: high - low,
                ..draft
            })
        })
        .collect()
}
