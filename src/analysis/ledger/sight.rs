//! Was the action taken? What the bill shows of it, and what the inventory tells before the bill does.

use super::bill::{Charge, GONE, History, Line, SeenMonth, later};
use super::entry::{About, Listed};
use super::realised::usual;
use crate::analysis::finding::Action;
use crate::analysis::saving::scaled;
use crate::money::{Money, ratio};
use crate::period::Month;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A schedule that takes less than a fifth of the use away is none.
const LEAST_PERCENT: i64 = 20;

/// How the bill shows an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Shape {
    /// The lines ended.
    Ended,
    /// Other lines of the resource took their place.
    Changed,
    /// The same lines, and less of them.
    Reduced,
}

/// What the bill shows.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Seen {
    /// No action.
    Nothing,
    /// The action.
    Done(Sight),
    /// The resource's charges ended, which is not what was advised.
    Gone(NaiveDate),
}

/// An action on the bill.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sight {
    pub(super) shape: Shape,
    /// The day of the action.
    pub(super) on: NaiveDate,
    /// The first day that counts.
    pub(super) from: NaiveDate,
    /// What was seen.
    pub(super) said: String,
}

/// What is looked for.
#[derive(Clone, Copy)]
pub(super) struct Sought<'a> {
    pub(super) about: &'a About,
    /// The finding is still there.
    pub(super) found: bool,
    /// A person says that the resource's end is the action.
    pub(super) accepted: bool,
}

/// Looks at the bill.
pub(super) fn look(sought: Sought<'_>, history: &History) -> Seen {
    let about = sought.about;
    let (Some(end), Some(last)) = (history.end(), history.last(&about.lines)) else {
        return Seen::Nothing;
    };
    let ended = later(last, GONE) < end;
    let fresh = fresh(about, history);
    if let Some(first) = fresh.iter().map(|charge| charge.first).min() {
        let replaced = ended || last <= first || (!sought.found && same_unit(about, &fresh));
        if replaced {
            return Seen::Done(changed(about, &fresh, first));
        }
    }
    if ended {
        let lives = history.is_charged(&about.others);
        let is_advised = ends(about.action) || lives || sought.accepted;
        return match (is_advised, goes_on(about, history, last)) {
            (true, _) => Seen::Done(Sight {
                shape: Shape::Ended,
                on: last,
                from: later(last, 1),
                said: format!("bill: charges ended after {last}"),
            }),
            (false, true) => Seen::Nothing,
            (false, false) => Seen::Gone(last),
        };
    }
    reduced(sought, history).map_or(Seen::Nothing, Seen::Done)
}

/// True for actions after which a resource is charged no more.
pub(super) fn ends(action: Action) -> bool {
    matches!(action, Action::Delete | Action::Stop)
}

/// True where the resource goes on under lines of the same sort that it already had in the month of the finding:
/// the next month tells them apart.
fn goes_on(about: &About, history: &History, last: NaiveDate) -> bool {
    let hours = about.lines.iter().any(|line| !line.instance.is_empty());
    let mut others = history.charges.iter().filter(|charge| {
        charge.line.instance.is_empty() != hours && !about.lines.contains(&charge.line)
    });
    others.any(|charge| !charge.line.resource.is_empty() && charge.last > last)
}

/// Charges of the resource that began after the finding: on lines that it did not have then, of the same sort
/// (machine hours or not).
pub(super) fn fresh<'h>(about: &About, history: &'h History) -> Vec<&'h Charge> {
    let hours = about.lines.iter().any(|line| !line.instance.is_empty());
    let is_fresh = |charge: &&Charge| {
        let line = &charge.line;
        !line.resource.is_empty()
            && later(charge.first, GONE) > about.billed_until
            && line.instance.is_empty() != hours
            && !about.lines.contains(line)
            && !about.others.contains(line)
    };
    history.charges.iter().filter(is_fresh).collect()
}

fn same_unit(about: &About, fresh: &[&Charge]) -> bool {
    let units: BTreeSet<&str> = about.lines.iter().map(|line| line.unit.as_str()).collect();
    let changes = !ends(about.action) && about.action != Action::Schedule;
    changes && (fresh.iter()).any(|charge| units.contains(charge.line.unit.as_str()))
}

fn changed(about: &About, fresh: &[&Charge], first: NaiveDate) -> Sight {
    let now = names(fresh.iter().map(|charge| &charge.line));
    let before = names(about.lines.iter());
    Sight {
        shape: Shape::Changed,
        on: first,
        from: first,
        said: format!("bill: {now} instead of {before} since {first}"),
    }
}

/// Machine types, or meters where there are none.
fn names<'l>(lines: impl Iterator<Item = &'l Line>) -> String {
    let name = |line: &'l Line| match line.instance.as_str() {
        "" => line.meter.as_str(),
        instance => instance,
    };
    let names: BTreeSet<&str> = lines.map(name).collect();
    names.into_iter().collect::<Vec<_>>().join(" and ")
}

/// The first whole month since the finding in which clearly less was used of the lines than before it. Asked for
/// schedules, and for sizes that are no machine's (a disk's): other use falls for other reasons.
fn reduced(sought: Sought<'_>, history: &History) -> Option<Sight> {
    let about = sought.about;
    let hours = about.lines.iter().any(|line| !line.instance.is_empty());
    let is_size = about.action == Action::Resize && !hours && !sought.found;
    if about.action != Action::Schedule && !is_size {
        return None;
    }
    let usual = usual(history, &about.lines, about.billed_until)?;
    let is_whole = |seen: &&SeenMonth| {
        seen.month.first_day() > about.billed_until
            && later(seen.until, 1) == seen.month.next().first_day()
    };
    let mut whole = history.months.iter().filter(is_whole);
    let (month, percent) = whole.find_map(|seen| {
        let percents = usual.units.iter().filter_map(|(unit, part)| {
            let quantity = part.quantity.filter(|quantity| *quantity > Money::ZERO)?;
            let days = i128::from(seen.month.period().days());
            let then = scaled(quantity, days, i128::from(usual.days))?;
            ratio(used(about, history, seen.month, unit), then)
        });
        let least = percents.min()? / 100;
        (least <= 100 - LEAST_PERCENT).then_some((seen.month, least))
    })?;
    Some(Sight {
        shape: Shape::Reduced,
        on: month.first_day(),
        from: month.first_day(),
        said: format!("bill: {percent} % of the usual use in {month}"),
    })
}

/// What was used of one unit of the touched lines in a month.
fn used(about: &About, history: &History, month: Month, unit: &str) -> Money {
    let own = history.of(&about.lines);
    own.filter(|charge| charge.month == month && charge.line.unit == unit)
        .filter_map(|charge| charge.quantity)
        .sum()
}

/// What the inventory tells of an action: the day and what it shows.
pub(super) fn told(
    about: &About,
    listed: &BTreeMap<String, Listed>,
    covered: &BTreeSet<(String, String)>,
    today: NaiveDate,
) -> Option<(NaiveDate, String)> {
    let Some(was) = &about.listed else {
        return None;
    };
    let Some(now) = listed.get(&about.key) else {
        // Another one of its kind and account is listed: the list is there, and the resource is not on it.
        let is_covered = covered.contains(&(about.account.clone(), was.kind.clone()));
        let is_gone = is_covered && ends(about.action);
        return is_gone.then(|| (today, "inventory: no longer listed".to_owned()));
    };
    if ends(about.action) && rests(&now.state) && !rests(&was.state) {
        let on = now.stopped_on.unwrap_or(today);
        return Some((on, format!("inventory: {} since {on}", now.state)));
    }
    let types = [&was.machine_type, &now.machine_type];
    let retyped =
        types.iter().all(|name| !name.is_empty()) && !types[0].eq_ignore_ascii_case(types[1]);
    let may_be = matches!(
        about.action,
        Action::Resize | Action::Modernise | Action::Arm | Action::Retier
    );
    let said = || format!("inventory: {} instead of {}", types[1], types[0]);
    (retyped && may_be).then(|| (today, said()))
}

/// True for a provider's words for a machine that does not run.
fn rests(state: &str) -> bool {
    let state = state.to_lowercase();
    let words = ["stop", "terminat", "dealloc", "suspend", "delet", "shut"];
    words.iter().any(|word| state.contains(word))
}
