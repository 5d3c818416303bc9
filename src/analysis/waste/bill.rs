//! One source's bill as waste checks read it: what every resource used of every meter, month by month.
//!
//! A window is the newest months that together hold so many observed days: what is idle or wasted must still be
//! billed at its end. A bill that is cut by month alone (every charge on the first) counts its months whole.
//! Amounts are stated per month of 730 hours. Nothing is judged here.

use crate::analysis::commitment::scope::{Commits, Place};
use crate::analysis::saving::monthly_of_days;
use crate::analysis::waste::check::{Lines, is_nonproduction};
use crate::analysis::waste::line::{Line, Sku, sku};
use crate::analysis::waste::look::HOURS;
use crate::money::Money;
use crate::period::Month;
use crate::resource::key;
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;

/// A resource whose last charge is this many days older than the bill's last day is taken for deleted; the newest
/// days of a bill are still filling up.
const GONE: u32 = 3;
/// Days over which is looked at what commitments cover.
const COMMITTED_DAYS: u32 = 30;

/// One meter of one resource over the months.
#[derive(Clone, Debug)]
pub(super) struct Meter {
    pub(super) sku: usize,
    /// The meter as the bill prints it.
    pub(super) name: String,
    pub(super) service: String,
    pub(super) account: String,
    pub(super) region: String,
    pub(super) resource: String,
    pub(super) environment: String,
    pub(super) unit: String,
    pub(super) currency: String,
    pub(super) covered: bool,
    /// Machine type as the bill prints it, empty for all but instance hours.
    instance: String,
    months: BTreeMap<usize, Spent>,
}

/// Lines that commitments can cover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committable {
    /// Their reservation scope.
    pub scope: String,
    /// Their currency.
    pub currency: String,
    /// What no commitment covers, per month of 730 hours.
    pub uncovered: Money,
    /// What one does.
    pub covered: Money,
}

/// A meter's month.
#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    cost: Money,
    quantity: Option<Money>,
    days: Option<(u32, u32)>,
}

/// A month of the bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seen {
    pub(super) month: Month,
    /// Days observed in it.
    pub(super) days: u32,
    /// Cut by month: all charges lie on the first day.
    whole: bool,
}

/// A source's bill, its months oldest first.
#[derive(Clone, Debug, Default)]
pub struct Bill {
    months: Vec<Seen>,
    skus: Vec<Sku>,
    pub(super) meters: Vec<Meter>,
    by_sku: Vec<Vec<usize>>,
    by_key: BTreeMap<String, Vec<usize>>,
}

/// The newest months of a bill.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    first: usize,
    /// Days observed in it.
    pub(super) days: u32,
}

/// What a meter came to in a window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Used {
    /// Cost per month of 730 hours.
    pub(super) monthly: Money,
    /// Quantity in the window.
    pub(super) quantity: Option<Money>,
    /// Days of the window since its first charge.
    pub(super) days: u32,
    /// First charge in all the bill.
    pub(super) since: NaiveDate,
    /// Still charged at the end of the bill.
    pub(super) alive: bool,
}

impl Bill {
    /// From a source's lines; `today` says which months are over.
    pub fn new(lines: Vec<Line>, today: NaiveDate) -> Bill {
        let mut bill = Bill {
            months: observed(&lines, today),
            ..Bill::default()
        };
        let mut skus: BTreeMap<Sku, usize> = BTreeMap::new();
        let mut places = BTreeMap::new();
        for line in lines {
            let Some(month) = Month::parse(&line.month) else {
                continue;
            };
            let Some(at) = bill.months.iter().position(|seen| seen.month == month) else {
                continue;
            };
            let fresh = skus.len();
            let sku = *skus.entry(sku(&line)).or_insert(fresh);
            let place = (
                (
                    sku,
                    line.account.clone(),
                    line.region.clone(),
                    line.resource.clone(),
                ),
                (line.unit.clone(), line.currency.clone(), line.covered),
            );
            let spent = Spent {
                cost: line.cost,
                quantity: line.quantity,
                days: line.days,
            };
            let next = bill.meters.len();
            let environment = line.environment.clone();
            let meter = *places.entry(place).or_insert(next);
            if meter == next {
                bill.meters.push(meter_of(line, sku));
            }
            // Of two environments the last by name, whatever the order of the lines.
            let known = &mut bill.meters[meter].environment;
            *known = environment.max(std::mem::take(known));
            let known = bill.meters[meter].months.entry(at).or_default();
            *known = known.plus(spent);
        }
        bill.skus = vec![Sku::default(); skus.len()];
        for (sku, at) in skus {
            bill.skus[at] = sku;
        }
        bill.index();
        bill
    }

    fn index(&mut self) {
        self.by_sku = vec![Vec::new(); self.skus.len()];
        for (at, meter) in self.meters.iter().enumerate() {
            self.by_sku[meter.sku].push(at);
            if !meter.resource.is_empty() {
                let known = self.by_key.entry(key(&meter.resource)).or_default();
                known.push(at);
            }
        }
    }

    /// The meters that a check's lines name.
    pub(super) fn select(&self, lines: &Lines) -> Vec<usize> {
        let skus = self.skus.iter().enumerate();
        let matched = skus.filter(|(_, sku)| lines.names(sku));
        let meters = matched.flat_map(|(at, _)| self.by_sku[at].iter().copied());
        let mut found: Vec<usize> = meters
            .filter(|&at| {
                let meter = &self.meters[at];
                lines.holds(&meter.resource)
                    && (!lines.nonproduction || is_nonproduction(&meter.environment))
            })
            .collect();
        found.sort_unstable();
        found
    }

    /// The meters of a resource, by its join key.
    pub(super) fn of_resource(&self, key: &str) -> &[usize] {
        self.by_key.get(key).map_or(&[], Vec::as_slice)
    }

    /// All meters of a resource, by its join key.
    pub fn charges(&self, key: &str) -> Vec<usize> {
        self.of_resource(key).to_vec()
    }

    /// The core hours of a resource whose machine type its bill does not name, by its join key.
    pub fn core_hours(&self, key: &str) -> Vec<usize> {
        let is_core = |at: &usize| {
            let sku = self.sku(*at);
            let cores = sku.meter.contains("vcore") || sku.description.contains("vcore");
            cores && HOURS.contains(&self.meters[*at].unit.as_str())
        };
        self.of_resource(key)
            .iter()
            .copied()
            .filter(is_core)
            .collect()
    }

    /// The instance hours of a resource, by its join key.
    pub fn instance_hours(&self, key: &str) -> Vec<usize> {
        let meters = self.of_resource(key).iter().copied();
        let hours = |at: &usize| HOURS.contains(&self.meters[*at].unit.as_str());
        meters
            .filter(|at| !self.sku(*at).instance.is_empty() && hours(at))
            .collect()
    }

    /// What these lines cost per month of 730 hours, uncovered and covered by commitments, with the reservation scope
    /// and currency of the first that commitments can cover; `None` where none of them can.
    pub fn committable(&self, meters: &[usize]) -> Option<Committable> {
        let can = |at: &&usize| {
            let meter = &self.meters[**at];
            meter.covered || !meter.instance.is_empty()
        };
        let meters: Vec<usize> = meters.iter().filter(can).copied().collect();
        let first = &self.meters[*meters.first()?];
        let place = Place {
            provider: &self.skus[first.sku].provider,
            service: &first.service,
            category: "",
            region: &first.region,
            machine: &first.instance,
            system: &self.skus[first.sku].system,
        };
        let mut found = Committable {
            scope: place.scope(Commits::Usage)?,
            currency: first.currency.clone(),
            uncovered: Money::ZERO,
            covered: Money::ZERO,
        };
        let window = self.window(COMMITTED_DAYS);
        for at in meters {
            let cost = self
                .used(at, window)
                .map_or(Money::ZERO, |used| used.monthly);
            if self.meters[at].covered {
                found.covered += cost.max(Money::ZERO);
            } else {
                found.uncovered += cost.max(Money::ZERO);
            }
        }
        Some(found)
    }

    /// The SKU of a meter.
    pub(super) fn sku(&self, meter: usize) -> &Sku {
        &self.skus[self.meters[meter].sku]
    }

    /// The newest months that together hold so many days, or all there are.
    pub(super) fn window(&self, days: u32) -> Window {
        let mut window = Window {
            first: self.months.len(),
            days: 0,
        };
        while window.first > 0 && window.days < days {
            window.first -= 1;
            window.days += self.months[window.first].days;
        }
        window
    }

    /// Its months, oldest first.
    pub(super) fn months(&self) -> &[Seen] {
        &self.months
    }

    /// The day after the last observed one.
    pub(super) fn end(&self) -> NaiveDate {
        let last = self.months.last();
        last.map_or(NaiveDate::default(), |seen| {
            day_of(seen.month, seen.days + 1)
        })
    }

    /// What a meter came to in a window; `None` where it has no charge in it.
    pub(super) fn used(&self, meter: usize, window: Window) -> Option<Used> {
        let months = &self.meters[meter].months;
        let spent = months.range(window.first..).map(|(_, spent)| *spent);
        let sum = spent.reduce(Spent::plus)?;
        let (&first, at_first) = months.first_key_value()?;
        let day = at_first.days.map_or(1, |(first, _)| first);
        let since = day_of(self.months[first].month, day);
        let young = u32::try_from((self.end() - since).num_days()).unwrap_or(u32::MAX);
        let days = if first < window.first {
            window.days
        } else {
            young.clamp(1, window.days.max(1))
        };
        Some(Used {
            monthly: monthly_of_days(sum.cost, days).unwrap_or(Money::ZERO),
            quantity: sum.quantity,
            days,
            since,
            alive: self.is_alive(months),
        })
    }

    /// Quantity per observed day, month by month, where both are known.
    pub(super) fn daily_quantities(&self, meter: usize) -> Vec<Option<(Money, u32)>> {
        let months = &self.meters[meter].months;
        let quantity = |at: usize| Some((months.get(&at)?.quantity?, self.months[at].days));
        (0..self.months.len()).map(quantity).collect()
    }

    fn is_alive(&self, months: &BTreeMap<usize, Spent>) -> bool {
        let Some((newest, seen)) = self.months.iter().enumerate().next_back() else {
            return false;
        };
        months.get(&newest).is_some_and(|spent| {
            seen.whole || spent.days.is_none_or(|(_, last)| last + GONE >= seen.days)
        })
    }
}

impl Spent {
    fn plus(self, other: Spent) -> Spent {
        let sum = |a: Option<Money>, b: Option<Money>| match (a, b) {
            (Some(a), Some(b)) => a.plus(b),
            (a, b) => a.or(b),
        };
        let span = |a: (u32, u32), b: (u32, u32)| (a.0.min(b.0), a.1.max(b.1));
        Spent {
            cost: self.cost + other.cost,
            quantity: sum(self.quantity, other.quantity),
            days: match (self.days, other.days) {
                (Some(a), Some(b)) => Some(span(a, b)),
                (a, b) => a.or(b),
            },
        }
    }
}

fn meter_of(line: Line, sku: usize) -> Meter {
    Meter {
        sku,
        name: line.meter,
        service: line.service,
        account: line.account,
        region: line.region,
        resource: line.resource,
        environment: line.environment,
        unit: line.unit.to_lowercase(),
        currency: line.currency,
        covered: line.covered,
        instance: line.instance,
        months: BTreeMap::new(),
    }
}

/// The months of a bill with their observed days. A month that is over and has charges on its first day alone is
/// cut by month: it counts whole.
fn observed(lines: &[Line], today: NaiveDate) -> Vec<Seen> {
    let mut months: BTreeMap<&str, u32> = BTreeMap::new();
    for line in lines {
        let last = line.days.map_or(0, |(_, last)| last);
        let known = months.entry(&line.month).or_default();
        *known = last.max(*known);
    }
    let seen = |(text, days): (&str, u32)| {
        let month = Month::parse(text)?;
        let whole = days <= 1 && month.next().first_day() <= today;
        let all = u32::try_from(month.period().days()).unwrap_or(30);
        let days = if whole { all } else { days.max(1) };
        Some(Seen { month, days, whole })
    };
    let mut months: Vec<Seen> = months.into_iter().filter_map(seen).collect();
    months.sort();
    months
}

fn day_of(month: Month, day: u32) -> NaiveDate {
    let first = month.first_day();
    let later = Days::new(u64::from(day.saturating_sub(1)));
    first.checked_add_days(later).unwrap_or(first)
}
