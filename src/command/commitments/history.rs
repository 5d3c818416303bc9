//! The hourly usage of the last days: what plans are made from, and what findings set commitments free in.

use super::hours::{Group, Reading, Status, groups, newest};
use crate::analysis::commitment::plan::LOOKBACKS;
use crate::analysis::commitment::pool::{Place, Pools, Usage};
use crate::analysis::commitment::scope::Commits;
use crate::command::night::Night;
use crate::command::plan::Plan;
use crate::error::Result;
use chrono::{Days, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// A bill's newest days still fill up.
const FILLING: i64 = 2;

/// Usage that commitments cover or could cover, up to the last complete day.
pub(in crate::command) struct History {
    /// The newest day of the bill, complete or not; none where there is no such usage.
    pub(super) newest: Option<NaiveDate>,
    pub(super) groups: Vec<Group>,
    /// First day that is not complete.
    pub(super) end: NaiveDate,
    /// The first day of each payer and currency: before it there is no bill, after it no usage is no usage.
    firsts: BTreeMap<(String, String), NaiveDate>,
    /// Payers and currencies whose bill knows days only, all or in part.
    daily: BTreeSet<(String, String)>,
}

/// Reads the history of the longest span that plans look back on.
pub(in crate::command) fn history(night: &Night, plan: &Plan) -> Result<History> {
    let newest = newest(night)?;
    let last = newest.unwrap_or(plan.today).min(plan.today - Days::new(1));
    let filling = ((last - plan.today).num_days() + 1 + FILLING).clamp(0, FILLING);
    let end = last + Days::new(1) - Days::new(filling.unsigned_abs());
    let back = LOOKBACKS[LOOKBACKS.len() - 1] as u64;
    let groups = match newest {
        Some(_) => groups(night, end - Days::new(back))?,
        None => Vec::new(),
    };
    let mut history = History {
        newest,
        end,
        firsts: BTreeMap::new(),
        daily: BTreeSet::new(),
        groups: Vec::new(),
    };
    for group in &groups {
        let payer = payer(group);
        if group.readings.iter().any(|one| one.hour.is_none()) {
            history.daily.insert(payer.clone());
        }
        if let Some(day) = group.readings.first().map(|reading| reading.day) {
            let first = history.firsts.entry(payer).or_insert(day);
            *first = day.min(*first);
        }
    }
    history.groups = groups;
    Ok(history)
}

fn payer(group: &Group) -> (String, String) {
    (group.payer().to_owned(), group.currency().to_owned())
}

/// The pool that a group lies in; none where no reservation could be for it.
pub(super) fn place(group: &Group) -> Option<Place> {
    let (payer, currency) = payer(group);
    Some((payer, currency, group.place().scope(Commits::Usage)?))
}

impl History {
    pub(super) fn first(&self, payer: &str, currency: &str) -> NaiveDate {
        let known = self.firsts.get(&(payer.to_owned(), currency.to_owned()));
        known.copied().unwrap_or(self.end)
    }

    /// True where a bill of this currency knows days only.
    pub(in crate::command) fn is_daily(&self, currency: &str) -> bool {
        self.daily.iter().any(|(_, of)| of == currency)
    }

    /// The slot of a reading in the pools of its payer.
    pub(super) fn slot(&self, group: &Group, reading: &Reading) -> Option<usize> {
        let first = self.first(group.payer(), group.currency());
        let day = usize::try_from((reading.day - first).num_days()).ok()?;
        if reading.day >= self.end {
            return None;
        }
        Some(if self.daily.contains(&payer(group)) {
            day
        } else {
            day * 24 + reading.hour.unwrap_or(0)
        })
    }

    /// Its usage as pools, before anything is done to it.
    pub(in crate::command) fn pools(&self) -> Pools {
        let mut pools = Pools::default();
        let used = |group: &&Group| group.status() != Status::Unused;
        for group in self.groups.iter().filter(used) {
            let Some(place) = place(group) else {
                continue;
            };
            let plan = group.place().scope(Commits::Spend);
            let days = (self.end - self.first(&place.0, &place.1))
                .num_days()
                .max(0);
            let per_day = if self.daily.contains(&payer(group)) {
                1
            } else {
                24
            };
            let slots = usize::try_from(days).unwrap_or(0) * per_day;
            let hours = i128::from(days) * 24;
            for reading in &group.readings {
                let Some(slot) = self.slot(group, reading) else {
                    continue;
                };
                let usage = match group.status() {
                    Status::Used => {
                        let kind = group.commits().unwrap_or(Commits::Spend);
                        Usage::Covered(kind, reading.on_demand, reading.effective)
                    }
                    _ => Usage::OnDemand(reading.on_demand),
                };
                pools.add(&place, plan.as_deref(), (slot, slots, hours), usage);
            }
        }
        for (payer, currency) in &self.daily {
            pools.by_day(payer, currency);
        }
        pools
    }
}
