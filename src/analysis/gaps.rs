//! The inventory against the bill: what is listed and not billed, what is billed and not listed. Judges only where
//! both sides can know: an inventory of machines says nothing about buckets, a bill of one account nothing about
//! another, and a kind that is never charged by resource is missing from no bill.

use crate::money::Money;
use crate::resource::{Known, Resource, account_key, key, kind, provider_name};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// What a resource cost in a month, by service and currency; without an id, what its account cost else.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Charged {
    /// Billing month, `YYYY-MM`.
    pub month: String,
    /// FOCUS `ProviderName`.
    pub provider: String,
    /// FOCUS `SubAccountId`.
    pub sub_account: String,
    /// FOCUS `RegionId`.
    pub region: String,
    /// FOCUS `ServiceName`.
    pub service: String,
    /// FOCUS `ResourceId`, empty where the charge names none.
    pub id: String,
    /// FOCUS `BillingCurrency`.
    pub currency: String,
    /// Whether the charge carries a tag.
    pub tagged: bool,
    /// FOCUS `EffectiveCost`.
    pub cost: Money,
}

/// How inventory and bill disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Billed, and listed nowhere.
    NotListed,
    /// Listed, and not billed.
    NotBilled,
}

impl Side {
    /// The word in the report.
    pub fn name(self) -> &'static str {
        match self {
            Side::NotListed => "not in inventory",
            Side::NotBilled => "not billed",
        }
    }
}

/// One disagreement.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// The resource as that side prints it.
    pub id: String,
    /// FOCUS `ProviderName`.
    pub provider: String,
    /// FOCUS `SubAccountId`.
    pub sub_account: String,
    /// FOCUS `RegionId`.
    pub region: String,
    /// Service and type, told by the id.
    pub kind: String,
    /// Which side lacks it.
    pub side: Side,
    /// Service that charges most for it.
    pub service: String,
    /// `EffectiveCost` of the month; `None` for what is not billed.
    pub cost: Option<Money>,
    /// Currency of the cost.
    pub currency: String,
    /// A sentence.
    pub reason: String,
}

/// Every disagreement, in a total order: billed resources first, by currency and falling cost.
///
/// `last_days` has the last billed day by provider, as the charges spell it.
pub fn gaps(
    resources: &[Resource],
    charges: &[Charged],
    last_days: &BTreeMap<String, NaiveDate>,
) -> Vec<Gap> {
    if resources.is_empty() {
        return Vec::new();
    }
    let bill = Bill::of(resources, charges, last_days);
    let mut gaps: Vec<Gap> = bill.not_listed(resources);
    gaps.extend(resources.iter().filter_map(|one| bill.not_billed(one)));
    gaps.sort_by(|a, b| {
        let rank = |gap: &Gap| (gap.side, gap.currency.clone(), std::cmp::Reverse(gap.cost));
        let name = |gap: &Gap| {
            [
                &gap.provider,
                &gap.sub_account,
                &gap.id,
                &gap.region,
                &gap.reason,
            ]
            .map(String::clone)
        };
        rank(a).cmp(&rank(b)).then_with(|| name(a).cmp(&name(b)))
    });
    gaps
}

/// The disagreements in one sentence.
pub fn note(gaps: &[Gap]) -> Option<String> {
    if gaps.is_empty() {
        return None;
    }
    let unlisted = gaps.iter().filter(|gap| gap.side == Side::NotListed);
    let ids: BTreeSet<&str> = unlisted.clone().map(|gap| gap.id.as_str()).collect();
    let mut sums: BTreeMap<&str, Money> = BTreeMap::new();
    for gap in unlisted {
        *sums.entry(&gap.currency).or_default() += gap.cost.unwrap_or_default();
    }
    let sums: Vec<String> = sums
        .iter()
        .map(|(currency, sum)| format!("{} {currency}", sum.rounded(2)))
        .collect();
    let cost = if sums.is_empty() {
        String::new()
    } else {
        format!(" ({})", sums.join(", "))
    };
    let idle = gaps
        .iter()
        .filter(|gap| gap.side == Side::NotBilled)
        .count();
    Some(format!(
        "inventory: {} billed resources{cost} not in it, {idle} of its resources not billed: see inventory_gaps.csv",
        ids.len()
    ))
}

/// What the bill knows of one resource in its provider's latest month.
struct Billed<'c> {
    first: &'c Charged,
    /// Cost by currency and service.
    costs: BTreeMap<(&'c str, &'c str), Money>,
    tagged: bool,
}

/// The bill, seen from the inventory.
struct Bill<'c> {
    known: Known,
    /// Latest month and last billed day of each provider.
    latest: BTreeMap<String, (&'c str, Option<NaiveDate>)>,
    /// By key, in the latest month.
    billed: BTreeMap<String, Billed<'c>>,
    /// First and last month before the latest, by key.
    before: BTreeMap<String, (&'c str, &'c str)>,
    /// Provider and account of every charge of the latest months.
    accounts: BTreeSet<(String, String)>,
    /// Kinds that are charged by resource.
    kinds: BTreeSet<String>,
    /// Kind and region of listed resources without an account that the bill does know.
    met: BTreeSet<(String, String)>,
}

impl<'c> Bill<'c> {
    fn of(
        resources: &[Resource],
        charges: &'c [Charged],
        last_days: &BTreeMap<String, NaiveDate>,
    ) -> Bill<'c> {
        let mut latest: BTreeMap<String, (&str, Option<NaiveDate>)> = BTreeMap::new();
        for charge in charges {
            let day = last_days.get(&charge.provider).copied();
            let known = latest
                .entry(provider(charge))
                .or_insert((&charge.month, day));
            *known = (known.0.max(&charge.month), known.1.max(day));
        }
        let mut bill = Bill {
            known: Known::of(resources),
            latest,
            billed: BTreeMap::new(),
            before: BTreeMap::new(),
            accounts: BTreeSet::new(),
            kinds: BTreeSet::new(),
            met: BTreeSet::new(),
        };
        // One name in two accounts counts for the first of them, whatever order the charges come in.
        let mut charges: Vec<&Charged> = charges.iter().collect();
        charges.sort_by_key(|one| (&one.sub_account, &one.region, &one.id, &one.service));
        for charge in charges {
            bill.add(charge);
        }
        for one in resources.iter().filter(|one| one.sub_account.is_empty()) {
            if let (Some(billed), Some(kind)) = (bill.billed.get(&key(&one.id)), kind(&one.id)) {
                bill.met.insert((kind, billed.first.region.clone()));
            }
        }
        bill
    }

    fn add(&mut self, charge: &'c Charged) {
        let provider = provider(charge);
        let newest = self
            .latest
            .get(&provider)
            .is_some_and(|(month, _)| charge.month == *month);
        if newest {
            self.accounts
                .insert((provider, account_key(&charge.sub_account)));
        }
        if charge.id.is_empty() {
            return;
        }
        self.kinds.extend(kind_of(charge));
        let key = self.known.key(&charge.id);
        if !newest {
            let months = self
                .before
                .entry(key)
                .or_insert((&charge.month, &charge.month));
            *months = (months.0.min(&charge.month), months.1.max(&charge.month));
            return;
        }
        let billed = self.billed.entry(key).or_insert(Billed {
            first: charge,
            costs: BTreeMap::new(),
            tagged: false,
        });
        *billed
            .costs
            .entry((&charge.currency, &charge.service))
            .or_default() += charge.cost;
        billed.tagged |= charge.tagged;
    }

    /// Billed resources of a kind, account and region that the inventory lists, but not they.
    fn not_listed(&self, resources: &[Resource]) -> Vec<Gap> {
        let covered: BTreeSet<[String; 3]> =
            resources.iter().filter_map(|one| self.place(one)).collect();
        let mut gaps = Vec::new();
        for (key, billed) in &self.billed {
            let charge = billed.first;
            let Some(kind) = kind_of(charge) else {
                continue;
            };
            let place = [
                account_key(&charge.sub_account),
                kind.clone(),
                region(&provider(charge), &charge.region),
            ];
            let listed = above(key).any(|path| self.known.find(path).is_some());
            if listed || !covered.contains(&place) {
                continue;
            }
            for (currency, (service, cost)) in by_currency(&billed.costs) {
                if cost == Money::ZERO {
                    continue;
                }
                gaps.push(Gap {
                    id: charge.id.clone(),
                    provider: charge.provider.clone(),
                    sub_account: charge.sub_account.clone(),
                    region: charge.region.clone(),
                    kind: kind.clone(),
                    side: Side::NotListed,
                    service: service.to_owned(),
                    cost: Some(cost),
                    currency: currency.to_owned(),
                    reason: self.why_not_listed(key, billed),
                });
            }
        }
        gaps
    }

    /// Account, kind and region that a listed resource proves the inventory to cover; what it leaves open, the
    /// bill may know.
    fn place(&self, one: &Resource) -> Option<[String; 3]> {
        let billed = self.billed.get(&key(&one.id)).map(|billed| billed.first);
        let or = |own: &str, billed: Option<&String>| {
            if own.is_empty() {
                billed.cloned()
            } else {
                Some(own.to_owned())
            }
        };
        let account = or(&one.sub_account, billed.map(|charge| &charge.sub_account))?;
        let kind = kind(&one.id).or(billed.and_then(kind_of))?;
        let place = or(&one.region, billed.map(|charge| &charge.region)).unwrap_or_default();
        Some([account_key(&account), kind, region(&one.provider, &place)])
    }

    fn why_not_listed(&self, key: &str, billed: &Billed) -> String {
        let month = &billed.first.month;
        let mut why = match self.before.get(key) {
            Some((first, _)) => format!(
                "billed since {first} and listed nowhere: deleted in {month}, or out of the inventory's reach"
            ),
            None => format!("first billed in {month}: short-lived, or newer than the inventory"),
        };
        if !billed.tagged {
            why.push_str(
                "; the bill has no tags for it, and lists of tagged resources leave such out",
            );
        }
        why
    }

    /// A listed resource that the latest month does not charge, though it could.
    fn not_billed(&self, one: &Resource) -> Option<Gap> {
        let provider = provider_name(&one.provider, &one.id);
        let (month, last_day) = *self.latest.get(&provider)?;
        let kind = kind(&one.id).filter(|kind| self.kinds.contains(kind))?;
        let own = key(&one.id);
        if above(&own).any(|path| self.billed.contains_key(path)) {
            return None;
        }
        let covered = if one.sub_account.is_empty() {
            self.met.iter().any(|(met, region)| {
                *met == kind && (one.region.is_empty() || *region == one.region)
            })
        } else {
            self.accounts
                .contains(&(provider.clone(), account_key(&one.sub_account)))
        };
        covered.then(|| Gap {
            id: one.id.clone(),
            provider,
            sub_account: one.sub_account.clone(),
            region: one.region.clone(),
            side: Side::NotBilled,
            service: String::new(),
            cost: None,
            currency: String::new(),
            reason: self.why_not_billed(one, &kind, month, last_day),
            kind,
        })
    }

    fn why_not_billed(
        &self,
        one: &Resource,
        kind: &str,
        month: &str,
        last_day: Option<NaiveDate>,
    ) -> String {
        let born = one.traits.created.or(one.launched);
        if let Some((born, last)) = born.zip(last_day).filter(|(born, last)| born > last) {
            return format!("created on {born}, after the last billed day {last}");
        }
        let state = one.state.as_deref().unwrap_or_default().to_lowercase();
        if ["terminated", "deleted", "deleting", "shutting-down"].contains(&state.as_str())
            && !kind.starts_with("compute.")
        {
            return format!("its state is {state}: it is gone, or about to be");
        }
        if is_machine(kind)
            && ["stopped", "deallocated", "terminated", "suspended"].contains(&state.as_str())
        {
            let since = one
                .traits
                .stopped_on
                .map_or(String::new(), |day| format!(" since {day}"));
            return format!("{state}{since}: free while stopped, its disks and addresses are not");
        }
        if let Some((_, last)) = self.before.get(&key(&one.id)) {
            return format!(
                "last billed in {last}: idle or deleted since, or the inventory is older than the bill"
            );
        }
        let tagged = if one.tags.is_empty() {
            "no"
        } else {
            "tagged, but no"
        };
        format!(
            "{tagged} charge of {month} names it: unused, free of charge, or paid for with another resource"
        )
    }
}

/// Provider of a charge, as this house spells it.
fn provider(charge: &Charged) -> String {
    provider_name(&charge.provider, &charge.id)
}

/// The kind of what is charged; S3 bills buckets by their bare names.
fn kind_of(charge: &Charged) -> Option<String> {
    let bucket =
        charge.service.contains("Simple Storage Service") && !charge.id.contains(['/', ':']);
    kind(&charge.id).or(bucket.then(|| "s3:bucket".to_owned()))
}

/// AWS lists region by region, the others list an account as a whole; buckets have no region in their ARNs.
fn region(provider: &str, region: &str) -> String {
    if provider == "AWS" {
        region.to_owned()
    } else {
        String::new()
    }
}

fn is_machine(kind: &str) -> bool {
    matches!(
        kind,
        "ec2:instance" | "microsoft.compute/virtualmachines" | "compute.googleapis.com/instances"
    )
}

/// A key and, of an ARM path, everything that contains it: members of a scale set are billed as the set.
fn above(key: &str) -> impl Iterator<Item = &str> {
    let is_path = key.starts_with('/');
    std::iter::successors(Some(key), move |path| {
        let (upper, _) = path.rsplit_once('/').filter(|_| is_path)?;
        upper.contains("/providers/").then_some(upper)
    })
}

/// Sum and most expensive service of each currency.
fn by_currency<'c>(
    costs: &BTreeMap<(&'c str, &'c str), Money>,
) -> BTreeMap<&'c str, (&'c str, Money)> {
    let mut sums: BTreeMap<&str, (&str, Money, Money)> = BTreeMap::new();
    for ((currency, service), cost) in costs {
        let (dearest, most, sum) = sums
            .entry(currency)
            .or_insert((service, *cost, Money::ZERO));
        if *cost > *most {
            (*dearest, *most) = (service, *cost);
        }
        *sum += *cost;
    }
    sums.into_iter()
        .map(|(currency, (service, _, sum))| (currency, (service, sum)))
        .collect()
}

#[cfg(test)]
mod tests;
