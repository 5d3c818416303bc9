//! What every rule shares: one check over one bill, lines put together by resource, and what a share of them saves.

use crate::analysis::finding::Confidence;
use crate::analysis::saving::scaled;
use crate::analysis::waste::Policy;
use crate::analysis::waste::bill::{Bill, Used, Window};
use crate::analysis::waste::check::{Check, Lines};
use crate::money::Money;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// Units that are hours, as providers write them.
pub(super) const HOURS: &[&str] = &["hrs", "hours", "hour", "hr", "1 hour", "h"];
/// Days from which a month is projected; less is a trial, not waste.
const LEAST_DAYS: u32 = 7;
/// One on Money's scale.
pub(super) const ONE: i128 = 1_000_000_000_000;

/// One check over one bill.
pub(super) struct Look<'a> {
    pub(super) bill: &'a Bill,
    pub(super) policy: &'a Policy,
    pub(super) check: &'static Check,
}

/// A finding before it has a place: the first of its meters names it.
pub(super) struct Draft {
    pub(super) meters: Vec<usize>,
    pub(super) of_account: bool,
    /// Region of a finding about an account.
    pub(super) region: String,
    pub(super) saving: Option<(Money, Money)>,
    /// What the low saving would have in addition if freed commitments found other use.
    pub(super) covered: Money,
    pub(super) cost: Money,
    pub(super) confidence: Confidence,
    /// Days it was seen.
    pub(super) days: u32,
    pub(super) evidence: String,
}

/// The lines of one resource that a check looks at.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) meters: Vec<usize>,
    /// Cost per month of 730 hours, and the part of it that no commitment covers.
    pub(super) monthly: Money,
    pub(super) uncovered: Money,
    /// Sum of the quantities, where any is known.
    pub(super) quantity: Option<Money>,
    /// True where every unit is an hour.
    pub(super) hourly: bool,
    /// Days since its first charge, at most the window's.
    pub(super) days: u32,
    pub(super) since: NaiveDate,
}

impl Group {
    pub(super) fn of(meter: usize, used: &Used) -> Group {
        Group {
            meters: vec![meter],
            monthly: used.monthly,
            uncovered: used.monthly,
            quantity: used.quantity,
            hourly: true,
            days: used.days,
            since: used.since,
        }
    }

    pub(super) fn add(&mut self, meter: usize, used: &Used) {
        self.meters.push(meter);
        self.monthly += used.monthly;
        self.uncovered += used.monthly;
        self.quantity = match (self.quantity, used.quantity) {
            (Some(a), Some(b)) => a.plus(b),
            (a, b) => a.or(b),
        };
        self.days = self.days.max(used.days);
        self.since = self.since.min(used.since);
    }

    /// Hours it was provided: those charged, or all since its first charge where hours are not what is charged.
    pub(super) fn hours(&self) -> Money {
        match self.quantity {
            Some(hours) if self.hourly => hours,
            _ => Money::from_units(i128::from(self.days) * 24 * ONE),
        }
    }

    /// Low and high of a share in percent: what commitments cover counts in the high alone.
    fn share(&self, percent: [u8; 2]) -> (Money, Money) {
        let high = part(self.monthly, u32::from(percent[1]));
        let low = part(self.uncovered.max(Money::ZERO), u32::from(percent[0]));
        (low.min(high), high)
    }
}

/// So many percent of an amount.
pub(super) fn part(amount: Money, percent: u32) -> Money {
    scaled(amount.max(Money::ZERO), i128::from(percent), 100).unwrap_or(Money::ZERO)
}

impl Look<'_> {
    /// The lines by account, region, resource and currency: those that cost something, for a week at
    /// least, and are still charged.
    pub(super) fn groups(&self, lines: &Lines, window: Window) -> Vec<Group> {
        self.grouped(&self.bill.select(lines), window)
    }

    /// The same of meters that are known.
    pub(super) fn grouped(&self, meters: &[usize], window: Window) -> Vec<Group> {
        let mut groups: BTreeMap<[&str; 4], (Group, bool)> = BTreeMap::new();
        for &at in meters {
            let Some(used) = self.bill.used(at, window) else {
                continue;
            };
            let meter = &self.bill.meters[at];
            let place = [
                &meter.account,
                &meter.region,
                &meter.resource,
                &meter.currency,
            ];
            let known = groups.entry(place.map(String::as_str));
            let (group, alive) = known
                .and_modify(|(group, _)| group.add(at, &used))
                .or_insert_with(|| (Group::of(at, &used), false));
            *alive |= used.alive;
            group.hourly &= self.is_hourly(at);
            if meter.covered {
                group.uncovered = group.uncovered - used.monthly;
            }
        }
        let kept = groups.into_values().filter(|(_, alive)| *alive);
        kept.map(|(group, _)| group)
            .filter(|group| group.monthly > Money::ZERO && group.days >= LEAST_DAYS)
            .collect()
    }

    /// True where a meter counts hours.
    pub(super) fn is_hourly(&self, meter: usize) -> bool {
        HOURS.contains(&self.bill.meters[meter].unit.as_str())
    }

    /// A finding about a group.
    pub(super) fn draft(
        &self,
        group: &Group,
        saving: Option<(Money, Money)>,
        evidence: String,
    ) -> Draft {
        Draft {
            meters: group.meters.clone(),
            of_account: false,
            region: String::new(),
            saving,
            covered: Money::ZERO,
            cost: group.monthly,
            confidence: self.check.confidence,
            days: group.days,
            evidence,
        }
    }

    /// A finding that saves a share of a group, in percent at least and at most.
    pub(super) fn share(&self, group: &Group, percent: [u8; 2], evidence: String) -> Draft {
        let (low, high) = group.share(percent);
        let whole = part(group.monthly, u32::from(percent[0])).min(high);
        Draft {
            covered: (whole - low).max(Money::ZERO),
            ..self.draft(group, Some((low, high)), evidence)
        }
    }

    /// The meter of a group as the bill prints it.
    pub(super) fn name(&self, group: &Group) -> &str {
        &self.bill.meters[group.meters[0]].name
    }

    /// `32.85 USD a month`: what a group costs per month of 730 hours.
    pub(super) fn cost(&self, group: &Group) -> String {
        let currency = &self.bill.meters[group.meters[0]].currency;
        format!("{} {currency} a month", group.monthly.fixed(2))
    }
}
