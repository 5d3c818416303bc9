//! Owners for the untagged: what the tags of similar resources say, and how often that was right.
//!
//! Every kind of evidence gives a value, the number of tagged resources behind it and how many of them agree. How
//! far a kind can be trusted is measured on this estate, by hiding the tags of a fifth of the tagged resources five
//! times. Suggests only; nothing here reaches showback until the policy accepts it.

mod clues;
mod counts;
mod measure;
#[cfg(test)]
mod tests;

use super::compliance::{Latest, TaggedCharge, taggable};
use super::variants::main_currency;
use crate::money::Money;
use crate::policy::{Demand, TagPolicy, TagRule};
use crate::resource::{Resource, key};
use clues::Clue;
pub use clues::Evidence;
use counts::{Counts, Predicted};
pub use measure::Accuracy;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// A value for a tag that a resource lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// FOCUS `ProviderName`.
    pub provider: String,
    /// FOCUS `SubAccountId`.
    pub sub_account: String,
    /// FOCUS `ServiceName` of its latest charge.
    pub service: String,
    /// FOCUS `RegionId` of its latest charge.
    pub region: String,
    /// The id as billed.
    pub resource_id: String,
    /// The key as the policy has it.
    pub tag: String,
    /// What is suggested or was accepted.
    pub value: String,
    /// Why, as a sentence.
    pub sentence: String,
    /// Kind of the evidence; none where only a person knows.
    pub evidence: Option<Evidence>,
    /// Measured precision of that kind for this tag, in hundredths of a percent.
    pub precision: Option<i64>,
    /// Cost of the resource in its latest month, in that currency.
    pub cost: Money,
    /// Currency of the cost.
    pub currency: String,
    /// True where the policy accepted the value.
    pub accepted: bool,
}

/// What was suggested and how good such suggestions are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owners {
    /// By currency, falling cost, resource, tag.
    pub suggestions: Vec<Suggestion>,
    /// By tag in the order of the policy, then evidence.
    pub accuracy: Vec<Accuracy>,
}

/// A resource of today's estate.
struct Unit<'a> {
    /// Its latest charge.
    charge: &'a TaggedCharge,
    costs: BTreeMap<&'a str, Money>,
    first_month: &'a str,
    last_month: &'a str,
    listed: Option<&'a Resource>,
}

/// Suggests a value for every required tag that a resource of today's estate lacks.
pub fn owners(charges: &[TaggedCharge], inventory: &[Resource], policy: &TagPolicy) -> Owners {
    let units = units(charges, inventory);
    let main = main_currency(charges);
    let clues: Vec<Vec<(Evidence, u64)>> = units
        .par_iter()
        .map(|unit| clues::of(unit, policy).iter().map(Clue::address).collect())
        .collect();
    let required = policy
        .rules()
        .par_iter()
        .filter(|rule| rule.demand == Demand::Required);
    let answers: Vec<Owners> = required
        .map(|rule| answer(&units, &clues, (rule, policy), main))
        .collect();
    let mut owners = Owners::default();
    for answer in answers {
        owners.suggestions.extend(answer.suggestions);
        owners.accuracy.extend(answer.accuracy);
    }
    owners.suggestions.sort_by(|a, b| order(a).cmp(&order(b)));
    owners
}

type Order<'s> = (&'s str, std::cmp::Reverse<Money>, [&'s str; 4]);

fn order(one: &Suggestion) -> Order<'_> {
    let names = [&one.resource_id, &one.sub_account, &one.provider, &one.tag];
    let names = names.map(String::as_str);
    (&one.currency, std::cmp::Reverse(one.cost), names)
}

/// Every resource that the latest month of its account has, in a fixed order.
fn units<'a>(charges: &'a [TaggedCharge], inventory: &'a [Resource]) -> Vec<Unit<'a>> {
    let latest = Latest::of(charges.iter().filter(|charge| taggable(charge)));
    let listed: HashMap<String, &Resource> =
        inventory.iter().rev().map(|r| (key(&r.id), r)).collect();
    let mut places: HashMap<[&str; 3], usize> = HashMap::new();
    let mut units: Vec<Unit> = Vec::new();
    let of = |charge: &'a TaggedCharge| {
        [&charge.provider, &charge.sub_account, &charge.resource_id].map(String::as_str)
    };
    for charge in charges
        .iter()
        .filter(|charge| taggable(charge) && latest.holds(charge))
    {
        let place = *places.entry(of(charge)).or_insert_with(|| {
            units.push(Unit {
                charge,
                costs: BTreeMap::new(),
                first_month: &charge.month,
                last_month: &charge.month,
                listed: listed.get(&key(&charge.resource_id)).copied(),
            });
            units.len() - 1
        });
        let unit = &mut units[place];
        *unit.costs.entry(&charge.currency).or_default() += charge.cost;
        // One that was tagged within the month has tags.
        if charge.tags.len() >= unit.charge.tags.len() {
            unit.charge = charge;
        }
    }
    for charge in charges.iter().filter(|charge| taggable(charge)) {
        if let Some(&place) = places.get(&of(charge)) {
            let unit = &mut units[place];
            unit.first_month = unit.first_month.min(&charge.month);
        }
    }
    units
}

/// All about one tag.
fn answer(
    units: &[Unit],
    clues: &[Vec<(Evidence, u64)>],
    (rule, policy): (&TagRule, &TagPolicy),
    main: &str,
) -> Owners {
    let mut values = Values::default();
    let labels: Vec<Label> = units
        .iter()
        .map(|unit| label(unit, (rule, policy), &mut values))
        .collect();
    let folds: Vec<usize> = units
        .iter()
        .map(|unit| measure::fold(unit.charge))
        .collect();
    let own = values
        .texts
        .iter()
        .map(|value| clues::itself(&rule.key, value))
        .collect();
    let counts = Counts::new(clues, &labels, &folds, &own);
    let sample = measure::Sample {
        units,
        clues,
        labels: &labels,
        folds: &folds,
        listed: &units
            .iter()
            .map(|unit| listed(unit, rule, &values))
            .collect::<Vec<_>>(),
        main,
    };
    let measured = measure::measure(&sample, &counts, policy.merging().min_precision);
    let trusted = measured.trusted();
    let mut suggestions = Vec::new();
    for (at, unit) in units.iter().enumerate() {
        if labels[at] != Label::Lacking {
            continue;
        }
        let found = trusted.iter().find_map(|&(kind, precision)| {
            let predicted = sample.predict(&counts, at, kind, None)?;
            Some((predicted, kind, precision))
        });
        suggestions.extend(told(unit, rule, policy, found.map(|f| (f, &values))));
    }
    Owners {
        suggestions,
        accuracy: measured.accuracy(&rule.key),
    }
}

/// What a resource has of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Label {
    /// The rule does not speak about it.
    Outside,
    /// No valid value, or one that was only accepted.
    Lacking,
    /// The value of this number.
    Known(u32),
}

/// Numbers for values.
#[derive(Default)]
struct Values<'a> {
    numbers: HashMap<&'a str, u32>,
    texts: Vec<&'a str>,
}

impl<'a> Values<'a> {
    fn number(&mut self, value: &'a str) -> u32 {
        *self.numbers.entry(value).or_insert_with(|| {
            self.texts.push(value);
            u32::try_from(self.texts.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

fn label<'a>(
    unit: &Unit<'a>,
    (rule, policy): (&'a TagRule, &TagPolicy),
    values: &mut Values<'a>,
) -> Label {
    let charge = unit.charge;
    if !charge.is_judged_by(rule, policy) {
        return Label::Outside;
    }
    let accepted = policy.merging().accepted(&charge.resource_id);
    match rule.valid_value(&charge.tags) {
        Some(value) if accepted.iter().all(|one| one.tag != rule.key) => {
            Label::Known(values.number(value))
        }
        _ => Label::Lacking,
    }
}

/// The value that the inventory lists, where another resource has it in the bill.
fn listed(unit: &Unit, rule: &TagRule, values: &Values) -> Option<u32> {
    let value = rule.valid_value(&unit.listed?.tags)?;
    values.numbers.get(value).copied()
}

/// Kind, prediction and precision of the best evidence, with the values' texts.
type Best<'b, 'a> = ((Predicted, Evidence, i64), &'b Values<'a>);

fn told(unit: &Unit, rule: &TagRule, policy: &TagPolicy, best: Option<Best>) -> Vec<Suggestion> {
    let charge = unit.charge;
    let accepted = policy.merging().accepted(&charge.resource_id);
    let accepted = accepted.iter().find(|one| one.tag == rule.key);
    let found = best.map(|((predicted, kind, precision), values)| {
        let value = values.texts[predicted.value as usize];
        (
            value,
            kind,
            precision,
            sentence(
                unit,
                policy,
                (predicted, kind),
                &format!("{} {value}", rule.key),
            ),
        )
    });
    let found = found.filter(|(value, ..)| accepted.is_none_or(|one| one.value == *value));
    let Some(value) = accepted
        .map(|one| one.value.as_str())
        .or(found.as_ref().map(|f| f.0))
    else {
        return Vec::new();
    };
    let by_hand = || "accepted by the policy".to_owned();
    let one = |(currency, cost): (&&str, &Money)| Suggestion {
        provider: charge.provider.clone(),
        sub_account: charge.sub_account.clone(),
        service: charge.service.clone(),
        region: charge.region.clone(),
        resource_id: charge.resource_id.clone(),
        tag: rule.key.clone(),
        value: value.to_owned(),
        sentence: found.as_ref().map_or_else(by_hand, |found| found.3.clone()),
        evidence: found.as_ref().map(|found| found.1),
        precision: found.as_ref().map(|found| found.2),
        cost: *cost,
        currency: (*currency).to_owned(),
        accepted: accepted.is_some(),
    };
    unit.costs.iter().map(one).collect()
}

/// `11 of 11 tagged resources of stack checkout-prod are team web`.
fn sentence(
    unit: &Unit,
    policy: &TagPolicy,
    (predicted, kind): (Predicted, Evidence),
    what: &str,
) -> String {
    if kind == Evidence::Inventory {
        return format!("the inventory lists it with {what}");
    }
    let clues = clues::of(unit, policy);
    let of = clues
        .iter()
        .find(|clue| clue.address() == (kind, predicted.clue));
    let of = of.map_or_else(String::new, Clue::told);
    let are = if predicted.agree == 1 { "is" } else { "are" };
    format!(
        "{} of {} tagged resources {of} {are} {what}",
        predicted.agree, predicted.support
    )
}
