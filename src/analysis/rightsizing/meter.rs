//! Disks as bills charge them: which meter is whose storage, operations or throughput, and what a unit of it costs.
//! Own prices come first; where the bill has none, only ratios of public prices are used.

use crate::analysis::saving::{Basis, scaled};
use crate::money::{Money, SCALE, split};
use std::collections::BTreeMap;

/// One on Money's scale.
const ONE: i128 = 1_000_000_000_000;
/// gp3 against io1 and io2 at list, in percent of a GB (0.08 and 0.125), and what an IOPS (0.005) and a MB/s (0.04)
/// of gp3 cost in ten thousandths of its GB: <https://aws.amazon.com/ebs/pricing/>.
const GP3_OF_IO: i128 = 64;
const IOPS_OF_GB: i128 = 625;
const MBPS_OF_GB: i128 = 5000;
/// pd-balanced against pd-ssd at list, in percent (0.10 and 0.17): <https://cloud.google.com/compute/disks-image-pricing>.
const BALANCED_OF_SSD: i128 = 59;

/// What a meter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Gigabytes, or whole disks.
    Storage,
    /// Operations per second.
    Iops,
    /// MiB per second.
    Throughput,
}

/// Type of a disk on the bill.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A volume of AWS: `gp3`, `piops`, `io2`.
    Aws(String),
    /// A tier of Azure: `P10`, `E10`.
    Azure(String),
    /// A persistent disk of Google: `pd-ssd`, `pd-balanced`.
    Google(&'static str),
}

/// What one meter of a disk comes to in a month.
#[derive(Clone, Debug, PartialEq)]
pub struct Charge {
    /// Type.
    pub class: Class,
    /// What it counts.
    pub part: Part,
    /// Effective cost per 730 hours.
    pub cost: Money,
    /// Quantity of a whole month, on Money's scale.
    pub quantity: Option<Money>,
}

/// The meter that a name means; `None` for everything that is no disk in use.
pub fn meter(name: &str) -> Option<(Class, Part)> {
    let small = name.to_lowercase();
    let after = |start: &str| {
        small
            .split_once(start)
            .map(|(_, rest)| rest.trim_start_matches('.'))
    };
    let aws = |rest: &str| Class::Aws(if rest.is_empty() { "standard" } else { rest }.to_owned());
    if let Some(rest) = after("ebs:volumeusage") {
        return Some((aws(rest), Part::Storage));
    }
    if let Some(rest) = after("ebs:volumep-iops") {
        return Some((aws(rest.split('.').next().unwrap_or(rest)), Part::Iops));
    }
    if let Some(rest) = after("ebs:volumep-throughput") {
        return Some((aws(rest), Part::Throughput));
    }
    if small.contains("pd capacity") {
        let class = match () {
            () if small.contains("regional") => return None,
            () if small.contains("ssd backed") => "pd-ssd",
            () if small.contains("balanced") => "pd-balanced",
            () => return None,
        };
        return Some((Class::Google(class), Part::Storage));
    }
    azure(name).map(|tier| (Class::Azure(tier), Part::Storage))
}

/// `P10` of `P10 LRS Disk` and `P10 Disks`; mounts and operations are no tiers.
fn azure(name: &str) -> Option<String> {
    let mut words = name.split_whitespace();
    let tier = words.next()?.to_uppercase();
    let digits = tier.strip_prefix(['P', 'E', 'S'])?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let rest: Vec<String> = words.map(str::to_lowercase).collect();
    let disk = match rest.last()?.as_str() {
        "disk" | "disks" => rest.len() <= 2,
        _ => false,
    };
    (is_number && disk).then_some(tier)
}

/// A charge of a disk per 730 hours from what was seen of it: `days` of a month of `month_days`.
pub fn charge(
    name: &str,
    unit: &str,
    (cost, quantity): (Money, Option<Money>),
    (days, month_days): (u32, u32),
) -> Option<Charge> {
    let (class, part) = meter(name)?;
    let hours = i128::from(days.max(1)) * 24;
    let many = if part == Part::Throughput && unit.to_lowercase().contains("gib") {
        1024
    } else {
        1
    };
    Some(Charge {
        class,
        part,
        cost: scaled(cost.max(Money::ZERO), 730, hours)?,
        quantity: quantity
            .filter(|quantity| *quantity > Money::ZERO)
            .and_then(|quantity| {
                scaled(
                    quantity,
                    i128::from(month_days) * many,
                    i128::from(days.max(1)),
                )
            }),
    })
}

/// What one disk costs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paid {
    /// FOCUS `BillingCurrency`.
    pub currency: String,
    /// Its meters.
    pub charges: Vec<Charge>,
}

impl Paid {
    /// Cost of all its meters per 730 hours.
    pub fn total(&self) -> Money {
        self.charges
            .iter()
            .map(|one| one.cost)
            .fold(Money::ZERO, |a, b| a + b)
    }

    /// Type of a volume of AWS, as the bill calls it.
    pub fn volume_type(&self) -> Option<&str> {
        let class = self.of(Part::Storage).map(|one| &one.class).next()?;
        match class {
            Class::Aws(name) if name == "piops" => Some("io1"),
            Class::Aws(name) => Some(name.as_str()),
            _ => None,
        }
    }

    fn of(&self, part: Part) -> impl Iterator<Item = &Charge> {
        self.charges.iter().filter(move |one| one.part == part)
    }

    /// Cost of one part per 730 hours.
    pub fn cost(&self, part: Part) -> Money {
        self.of(part)
            .map(|one| one.cost)
            .fold(Money::ZERO, |a, b| a + b)
    }

    /// Quantity of one part, on Money's scale.
    fn quantity(&self, part: Part) -> Option<Money> {
        self.of(part)
            .map(|one| one.quantity)
            .reduce(|a, b| a?.plus(b?))?
    }

    /// Quantity of one part as a whole number.
    pub fn whole(&self, part: Part) -> Option<u64> {
        let quantity = self.quantity(part)?;
        u64::try_from((quantity.units() + ONE / 2) / ONE).ok()
    }

    /// What giving up so many of a part saves: in proportion, and where the part is charged in tiers at the price of
    /// the cheapest.
    pub fn freed(&self, part: Part, cut: u64, now: u64) -> Money {
        let count = |number: u64| Money::from_units(i128::from(number));
        let cost = self.cost(part);
        let even = split(cost, &[count(cut), count(now.saturating_sub(cut))], SCALE)[0];
        let tiers: Vec<&Charge> = self.of(part).collect();
        if tiers.len() < 2 {
            return even;
        }
        let price = |one: &&Charge| scaled(one.cost, ONE, one.quantity?.units());
        let prices: Option<Vec<Money>> = tiers.iter().map(price).collect();
        let cheapest = prices.and_then(|prices| prices.into_iter().min());
        let tiered = cheapest.and_then(|price| scaled(price, i128::from(cut), 1));
        tiered.unwrap_or(Money::ZERO).min(even)
    }
}

/// Own prices of one region and currency, per unit and 730 hours.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rates(BTreeMap<(Class, Part), Money>);

impl Rates {
    /// Of all charges of a place: what they cost over how much they are.
    pub fn of<'a>(charges: impl IntoIterator<Item = &'a Charge>) -> Rates {
        let mut sums: BTreeMap<(Class, Part), (Money, Money)> = BTreeMap::new();
        for charge in charges {
            let Some(quantity) = charge.quantity else {
                continue;
            };
            let sum = sums.entry((charge.class.clone(), charge.part)).or_default();
            *sum = (sum.0 + charge.cost, sum.1 + quantity);
        }
        let price = |(meter, (cost, quantity)): ((Class, Part), (Money, Money))| {
            Some((meter, scaled(cost, ONE, quantity.units())?))
        };
        let prices = sums.into_iter().filter_map(price);
        Rates(prices.filter(|(_, price)| *price > Money::ZERO).collect())
    }

    fn price(&self, class: &str, part: Part) -> Option<Money> {
        self.0.get(&(Class::Aws(class.to_owned()), part)).copied()
    }

    /// What an io1 or io2 volume of so many GiB would cost as gp3 with so many operations and MiB/s more than gp3 has
    /// for nothing.
    pub fn gp3(&self, paid: &Paid, gib: u64, (iops, mbps): (u64, u64)) -> Option<(Money, Basis)> {
        let gigabytes = paid
            .quantity(Part::Storage)
            .filter(|gb| *gb > Money::ZERO)?;
        let own = self.price("gp3", Part::Storage);
        let listed = || {
            let of_gb = scaled(paid.cost(Part::Storage), ONE, gigabytes.units())?;
            scaled(of_gb, GP3_OF_IO, 100)
        };
        let price = own.or_else(listed)?;
        let extra = |count: u64, part, of_gb| {
            let own = self.price("gp3", part);
            let unit = own.or_else(|| scaled(price, of_gb, 10_000))?;
            // Months of bills are of unequal length: as many as the gigabytes say.
            scaled(
                scaled(unit, i128::from(count), 1)?,
                gigabytes.units(),
                i128::from(gib) * ONE,
            )
        };
        let basis = if own.is_some() {
            Basis::OwnRate
        } else {
            Basis::CatalogueRatio
        };
        let parts = [
            gigabytes.times(price)?,
            extra(iops, Part::Iops, IOPS_OF_GB)?,
            extra(mbps, Part::Throughput, MBPS_OF_GB)?,
        ];
        Some((parts.into_iter().fold(Money::ZERO, |a, b| a + b), basis))
    }

    /// Own prices of two tiers of Azure, where both are billed.
    pub fn azure(&self, standard: &str, premium: &str) -> Option<(Money, Money)> {
        let price = |tier: &str| {
            self.0
                .get(&(Class::Azure(tier.to_owned()), Part::Storage))
                .copied()
        };
        Some((price(standard)?, price(premium)?))
    }

    /// What an SSD persistent disk would cost as a balanced one.
    pub fn balanced(&self, paid: &Paid) -> Option<(Money, Basis)> {
        let own = self.0.get(&(Class::Google("pd-balanced"), Part::Storage));
        match own.zip(paid.quantity(Part::Storage)) {
            Some((price, gigabytes)) => Some((gigabytes.times(*price)?, Basis::OwnRate)),
            None => Some((
                scaled(paid.total(), BALANCED_OF_SSD, 100)?,
                Basis::CatalogueRatio,
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str) -> Money {
        Money::parse(text.as_bytes()).unwrap()
    }

    fn aws(name: &str, cost: &str, quantity: &str) -> Charge {
        charge(name, "", (money(cost), Some(money(quantity))), (31, 31)).unwrap()
    }

    #[test]
    fn meters_are_known_by_their_names() {
        let of = |name: &str| meter(name).map(|(class, part)| (format!("{class:?}"), part));
        let is = |name: &str, class: &str, part| {
            assert_eq!(of(name), Some((class.to_owned(), part)), "{name}")
        };
        is("EUC1-EBS:VolumeUsage.gp3", "Aws(\"gp3\")", Part::Storage);
        is("EBS:VolumeUsage", "Aws(\"standard\")", Part::Storage);
        is("EBS:VolumeP-IOPS.io2.tier2", "Aws(\"io2\")", Part::Iops);
        is(
            "EBS:VolumeP-Throughput.gp3",
            "Aws(\"gp3\")",
            Part::Throughput,
        );
        is("P10 LRS Disk", "Azure(\"P10\")", Part::Storage);
        is("E30 Disks", "Azure(\"E30\")", Part::Storage);
        is(
            "SSD backed PD Capacity in Frankfurt",
            "Google(\"pd-ssd\")",
            Part::Storage,
        );
        for other in [
            "P10 LRS Disk Mount",
            "E10 LRS Disk Operations",
            "D4s v5",
            "EBS:SnapshotUsage",
            "Regional SSD backed PD Capacity",
        ] {
            assert_eq!(meter(other), None, "{other}");
        }
    }

    #[test]
    fn own_prices_come_before_ratios() {
        let paid = Paid {
            currency: "USD".into(),
            charges: vec![
                aws("EBS:VolumeUsage.piops", "62.5", "500"),
                aws("EBS:VolumeP-IOPS.piops", "260", "4000"),
            ],
        };
        let month = |text: &str| scaled(money(text), 730, 744).unwrap();
        let (listed, basis) = Rates::default().gp3(&paid, 500, (1000, 0)).unwrap();
        assert_eq!(
            (listed.rounded(6), basis),
            (month("45").rounded(6), Basis::CatalogueRatio)
        );
        let rates = Rates::of(&[
            aws("EBS:VolumeUsage.gp3", "9", "100"),
            aws("EBS:VolumeP-IOPS.gp3", "6", "1000"),
        ]);
        let (own, basis) = rates.gp3(&paid, 500, (1000, 0)).unwrap();
        assert_eq!(
            (own.rounded(6), basis),
            (month("51").rounded(6), Basis::OwnRate)
        );
    }

    #[test]
    fn tiers_are_given_up_at_the_cheapest_price() {
        let paid = |charges| Paid {
            currency: "USD".into(),
            charges,
        };
        let one = paid(vec![aws("EBS:VolumeP-IOPS.io2", "74.4", "1000")]);
        assert_eq!(one.freed(Part::Iops, 500, 1000), money("36.5"));
        let two = paid(vec![
            aws("EBS:VolumeP-IOPS.io2", "74.4", "1000"),
            aws("EBS:VolumeP-IOPS.io2.tier2", "37.2", "1000"),
        ]);
        assert_eq!(two.freed(Part::Iops, 500, 2000), money("18.25"));
    }

    #[test]
    fn throughput_comes_in_gib_per_second() {
        let one = charge(
            "EBS:VolumeP-Throughput.gp3",
            "GiBps-mo",
            (money("10"), Some(money("0.25"))),
            (30, 30),
        );
        assert_eq!(one.unwrap().quantity, Some(money("256")));
    }
}
