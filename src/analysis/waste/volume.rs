//! EBS volumes at the price of gp3. The own bill's gp3 price comes first; where it has none in the region, the
//! ratios of AWS's price list (us-east-1: gp2 0.10, gp3 0.08, io1 0.125 per GB-month; IOPS above 3000 0.005, on io1
//! 0.065; MB/s above 125 0.04; <https://aws.amazon.com/ebs/pricing/>).

use crate::analysis::finding::Confidence;
use crate::analysis::saving::{monthly_of_days, scaled};
use crate::analysis::waste::bill::{Bill, Window};
use crate::analysis::waste::check::{Lines, Pattern};
use crate::analysis::waste::look::{Draft, Group, Look, ONE};
use crate::money::Money;
use std::collections::BTreeMap;

const GP2: &[&str] = &[
    "*EBS:VolumeUsage.gp2",
    "*General Purpose SSD (gp2) provisioned*",
];
const GP3: &[&str] = &[
    "*EBS:VolumeUsage.gp3",
    "*General Purpose (gp3) provisioned stor*",
];
const PIOPS: &[&str] = &["*EBS:VolumeUsage.piops", "*EBS:VolumeUsage.io2"];
const IOPS: &[&str] = &[
    "*EBS:VolumeP-IOPS.piops",
    "*EBS:VolumeP-IOPS.io2",
    "*EBS:VolumeP-IOPS.io2.tier*",
];

/// IOPS that every gp3 volume has, and the most it can have.
const BASE_IOPS: i128 = 3000;
const MOST_IOPS: i128 = 16_000;
/// gp2 reaches more throughput than gp3's 125 MB/s above this many GB, at most 250 MB/s.
const FAST_GB: i128 = 334;
const EXTRA_MBPS: i128 = 125;
/// Throughput that an io1 volume may use and that gp3 then pays for, above 125 MB/s.
const PROVISIONED_MBPS: i128 = 375;
/// What an IOPS and a MB/s cost in ten thousandths of a GB of gp3: 0.005 and 0.04 against 0.08.
const IOPS_PRICE: i128 = 625;
const MBPS_PRICE: i128 = 5000;

fn lines(meters: &[&str]) -> Lines {
    Lines::of_meters(meters.iter().map(|meter| Pattern::new(meter)).collect())
}

/// Own price of a gp3 GB-month by region and currency.
struct Prices(BTreeMap<(String, String), Money>);

impl Prices {
    fn of(look: &Look, window: Window) -> Prices {
        let mut sums: BTreeMap<(String, String), (Money, Money)> = BTreeMap::new();
        for at in look.bill.select(&lines(GP3)) {
            let (meter, used) = (&look.bill.meters[at], look.bill.used(at, window));
            let Some((used, quantity)) = used.and_then(|used| Some((used, used.quantity?))) else {
                continue;
            };
            let monthly = monthly_of_days(quantity, used.days).unwrap_or_default();
            let place = (meter.region.clone(), meter.currency.clone());
            let sum = sums.entry(place).or_default();
            *sum = (sum.0 + used.monthly, sum.1 + monthly);
        }
        let price = |(place, (cost, gb)): ((String, String), (Money, Money))| {
            let known = gb > Money::ZERO && cost > Money::ZERO;
            Some((place, known.then(|| scaled(cost, ONE, gb.units()))??))
        };
        Prices(sums.into_iter().filter_map(price).collect())
    }

    /// Price of a gp3 GB-month beside a volume and how sure it is; `own` and `listed` are the volume's own price
    /// and the percentage of it that gp3 costs at list.
    fn beside(
        &self,
        bill: &Bill,
        meter: usize,
        own: Money,
        listed: i128,
    ) -> Option<(Money, Confidence)> {
        let meter = &bill.meters[meter];
        let place = (meter.region.clone(), meter.currency.clone());
        match self.0.get(&place) {
            Some(&price) => Some((price, Confidence::A)),
            None => Some((scaled(own, listed, 100)?, Confidence::C)),
        }
    }
}

/// A volume's GB-months per month of 730 hours, its size in GB and its own price.
fn size(look: &Look, group: &Group) -> Option<(Money, i128, Money)> {
    let gb = monthly_of_days(group.quantity?, group.days)?;
    if gb <= Money::ZERO {
        return None;
    }
    // A GB-month is divided by the hours of its own month: up to 2 % above in one of 31 days.
    let own = scaled(group.monthly, ONE, gb.units())?;
    let named = !look.bill.meters[group.meters[0]].resource.is_empty();
    named.then_some((gb, (gb.units() + ONE / 2) / ONE, own))
}

/// gp2 volumes: `checks.toml` says the formula.
pub(super) fn gp3(look: &Look) -> Vec<Draft> {
    let window = look.bill.window(look.policy.idle_days);
    let prices = Prices::of(look, window);
    let mut drafts = Vec::new();
    for group in look.groups(&lines(GP2), window) {
        let priced = size(look, &group).and_then(|(gb, size, own)| {
            let (price, confidence) = prices.beside(look.bill, group.meters[0], own, 80)?;
            let iops = (3 * size).clamp(BASE_IOPS, MOST_IOPS) - BASE_IOPS;
            let mbps = if size > FAST_GB { EXTRA_MBPS } else { 0 };
            let kept = gb.times(price)? + iops_cost(price, iops)?;
            Some((size, kept, kept + mbps_cost(price, mbps)?, confidence))
        });
        let Some((size, least, most, confidence)) = priced else {
            continue;
        };
        let high = group.monthly - least;
        if high <= Money::ZERO {
            continue;
        }
        let evidence = format!(
            "{size} GB of gp2 cost {}, of gp3 {} to {}",
            look.cost(&group),
            least.fixed(2),
            most.fixed(2),
        );
        let saving = ((group.monthly - most).max(Money::ZERO), high);
        drafts.push(Draft {
            confidence,
            ..look.draft(&group, Some(saving), evidence)
        });
    }
    drafts
}

/// io1 and io2 volumes with at most the IOPS of gp3.
pub(super) fn provisioned(look: &Look) -> Vec<Draft> {
    let window = look.bill.window(look.policy.idle_days);
    let prices = Prices::of(look, window);
    let iops: BTreeMap<String, Group> = look
        .groups(&lines(IOPS), window)
        .into_iter()
        .map(|group| (look.bill.meters[group.meters[0]].resource.clone(), group))
        .collect();
    let mut drafts = Vec::new();
    for mut group in look.groups(&lines(PIOPS), window) {
        let id = &look.bill.meters[group.meters[0]].resource;
        let (Some((gb, size, own)), Some(paid)) = (size(look, &group), iops.get(id)) else {
            continue;
        };
        let monthly = paid
            .quantity
            .and_then(|iops| monthly_of_days(iops, paid.days));
        let count = monthly.map_or(i128::MAX, |iops| (iops.units() + ONE / 2) / ONE);
        let price = prices.beside(look.bill, group.meters[0], own, 64);
        let Some((price, _)) = price.filter(|_| count <= MOST_IOPS) else {
            continue;
        };
        let more = (count - BASE_IOPS).max(0);
        let kept = gb
            .times(price)
            .zip(iops_cost(price, more))
            .map(|(gb, iops)| gb + iops);
        let Some((least, fast)) = kept.zip(mbps_cost(price, PROVISIONED_MBPS)) else {
            continue;
        };
        group.monthly += paid.monthly;
        group.meters.extend(&paid.meters);
        let high = group.monthly - least;
        if high <= Money::ZERO {
            continue;
        }
        let evidence = format!(
            "{size} GB with {count} IOPS cost {}, on gp3 {}",
            look.cost(&group),
            least.fixed(2)
        );
        let saving = ((high - fast).max(Money::ZERO), high);
        drafts.push(look.draft(&group, Some(saving), evidence));
    }
    drafts
}

fn iops_cost(price: Money, iops: i128) -> Option<Money> {
    scaled(price, iops * IOPS_PRICE, 10_000)
}

fn mbps_cost(price: Money, mbps: i128) -> Option<Money> {
    scaled(price, mbps * MBPS_PRICE, 10_000)
}
