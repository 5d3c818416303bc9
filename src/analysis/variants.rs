//! Keys and values of an estate that are spellings of one another, and what hangs on each spelling.
//!
//! Looks at every key of the estate, at the values of the keys that the policy names, and at the values of keys
//! that have only a few. Proposes; what counts as what is decided by [`super::merging`], from the policy. Values of
//! forbidden keys are never looked at: they may be secrets.

mod spelling;

use super::compliance::TaggedCharge;
use crate::money::Money;
use crate::policy::{Demand, TagPolicy, TagRule};
use spelling::{Spelling, differences};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Most distinct values of a key that the policy does not name, for its values to be compared: what has more is a
/// name or a number, not a choice from a list (our own choice).
const FEW_VALUES: usize = 50;

/// The tags of a charge.
pub type Tags = Arc<BTreeMap<String, String>>;

/// Whether a key or a value is spelled differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// A key.
    Key,
    /// A value of a key.
    Value,
}

impl What {
    /// Its name in the report.
    pub fn name(self) -> &'static str {
        match self {
            What::Key => "key",
            What::Value => "value",
        }
    }
}

/// How two spellings differ, from likely the same word to perhaps the same word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Difference {
    /// Blanks around it.
    Blanks,
    /// Upper and lower case.
    Case,
    /// Hyphens, underscores, blanks and the like.
    Separators,
    /// A letter or two.
    Edits,
    /// One is the other's plural: often two words that both mean something.
    Plural,
}

impl Difference {
    /// Its name in the report and, where it may be merged by itself, in the policy.
    pub fn name(self) -> &'static str {
        match self {
            Difference::Blanks => "blanks",
            Difference::Case => "case",
            Difference::Separators => "separators",
            Difference::Edits => "edits",
            Difference::Plural => "plural",
        }
    }
}

/// Another spelling of a key or value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Variant {
    /// Key or value.
    pub what: What,
    /// The key whose value it is; for a key the one it is a spelling of.
    pub key: String,
    /// As written.
    pub written: String,
    /// The policy's spelling, else the one that most cost is under.
    pub meant: String,
    /// How they differ.
    pub difference: Difference,
}

/// Resources and cost of something in a month and currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weight {
    /// Billing month.
    pub month: String,
    /// Currency of the cost.
    pub currency: String,
    /// Distinct resources.
    pub resources: u64,
    /// Their cost, and that of charges without a resource.
    pub cost: Money,
}

/// Every variant, by kind, key and spelling. `written` are the tags of each charge as written.
pub fn variants(charges: &[TaggedCharge], written: &[Tags], policy: &TagPolicy) -> Vec<Variant> {
    let sets = sets(charges, written);
    let main = main_currency(charges);
    let (mut keys, mut values) = (BTreeMap::new(), BTreeMap::new());
    for (tags, costs, lines) in sets.values() {
        let cost = costs.get(main).copied().unwrap_or_default();
        for (key, value) in tags.iter().filter(|(key, _)| !is_system(key)) {
            add(&mut keys, key, cost, *lines);
            if !value.trim().is_empty() {
                let own = policy.rule_of(key).map_or(key.as_str(), |rule| &rule.key);
                add(values.entry(own).or_default(), value, cost, *lines);
            }
        }
    }
    let mut found = of_keys(keys, policy);
    for (key, words) in values {
        found.extend(of_values(key, words, policy));
    }
    found.sort();
    found.dedup();
    found
}

/// Keys that clouds write by themselves: nobody can spell them differently.
fn is_system(key: &str) -> bool {
    let key = key.to_lowercase();
    key.starts_with("aws:") || key.starts_with("hidden-") || key.starts_with("goog-")
}

type Words<'a> = BTreeMap<&'a str, (Money, u64)>;

fn add<'a>(words: &mut Words<'a>, word: &'a str, cost: Money, lines: u64) {
    let known = words.entry(word).or_default();
    known.0 += cost;
    known.1 += lines;
}

type Set<'a> = (&'a BTreeMap<String, String>, BTreeMap<&'a str, Money>, u64);

/// Every distinct set of tags once, with its cost by currency and the number of its charges.
fn sets<'a>(charges: &'a [TaggedCharge], written: &'a [Tags]) -> BTreeMap<usize, Set<'a>> {
    let mut places: HashMap<*const BTreeMap<String, String>, usize> = HashMap::new();
    let mut sets: BTreeMap<usize, Set> = BTreeMap::new();
    for (charge, tags) in charges.iter().zip(written) {
        let next = places.len();
        let place = *places.entry(Arc::as_ptr(tags)).or_insert(next);
        let set = sets
            .entry(place)
            .or_insert_with(|| (&**tags, BTreeMap::new(), 0));
        *set.1.entry(&charge.currency).or_default() += charge.cost;
        set.2 += 1;
    }
    sets
}

/// The currency of most charges: costs of two are never compared.
pub(crate) fn main_currency(charges: &[TaggedCharge]) -> &str {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for charge in charges {
        *counts.entry(&charge.currency).or_default() += 1;
    }
    let most = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    most.map_or("", |(currency, _)| currency)
}

fn spellings(words: Words<'_>, known: impl Fn(&str) -> bool) -> Vec<Spelling<'_>> {
    let made = words.into_iter();
    made.map(|(text, (cost, lines))| Spelling::new(text, cost, lines, known(text)))
        .collect()
}

fn of_keys(words: Words, policy: &TagPolicy) -> Vec<Variant> {
    let mut words = words;
    for name in policy.keys() {
        words.entry(name).or_default();
    }
    let all = spellings(words, |key| policy.rule_of(key).is_some());
    let made = differences(&all)
        .into_iter()
        .map(|(written, head, difference)| {
            let rule = policy.rule_of(head.text);
            let meant = rule.map_or(head.text, |rule| rule.key.as_str()).to_owned();
            Variant {
                what: What::Key,
                key: meant.clone(),
                written: written.text.to_owned(),
                meant,
                difference,
            }
        });
    // Nobody wants a key merged into a forbidden one.
    made.filter(|variant| {
        let rule = policy.rule_of(&variant.meant);
        rule.is_none_or(|rule| rule.demand != Demand::Forbidden)
    })
    .collect()
}

fn of_values<'a>(key: &str, mut words: Words<'a>, policy: &'a TagPolicy) -> Vec<Variant> {
    let rule = policy.rule_of(key);
    let forbidden = policy
        .rules()
        .iter()
        .filter(|rule| rule.demand == Demand::Forbidden);
    let secret = |name: &str| name.eq_ignore_ascii_case(key);
    if forbidden.flat_map(TagRule::names).any(secret) {
        return Vec::new();
    }
    if rule.is_none() && (words.len() > FEW_VALUES || key.eq_ignore_ascii_case("name")) {
        return Vec::new();
    }
    for value in rule.iter().flat_map(|rule| &rule.values) {
        words.entry(value).or_default();
    }
    let judges = rule.filter(|rule| !rule.values.is_empty() || rule.pattern.is_some());
    let all = spellings(words, |value| {
        let aliased = rule.is_some_and(|rule| rule.value_aliases.contains_key(value));
        aliased || judges.is_some_and(|rule| rule.accepts(value).is_some())
    });
    let made = differences(&all).into_iter();
    made.map(|(written, head, difference)| Variant {
        what: What::Value,
        key: rule.map_or(key, |rule| &rule.key).to_owned(),
        written: written.text.to_owned(),
        meant: rule
            .and_then(|rule| rule.accepts(head.text))
            .unwrap_or(head.text)
            .to_owned(),
        difference,
    })
    .collect()
}

/// What stands on each of these, month by month: `hits` says which of them a set of tags has.
pub fn weigh(
    charges: &[TaggedCharge],
    written: &[Tags],
    mut hits: impl FnMut(&BTreeMap<String, String>) -> Vec<usize>,
) -> BTreeMap<usize, Vec<Weight>> {
    type Place<'a> = (usize, &'a str, &'a str);
    let mut known: HashMap<*const BTreeMap<String, String>, Vec<usize>> = HashMap::new();
    let mut sums: BTreeMap<Place, (Money, HashSet<[&str; 3]>)> = BTreeMap::new();
    for (charge, tags) in charges.iter().zip(written) {
        let of_set = known.entry(Arc::as_ptr(tags)).or_insert_with(|| {
            let distinct: BTreeSet<usize> = hits(tags).into_iter().collect();
            distinct.into_iter().collect()
        });
        for &hit in of_set.iter() {
            let sum = sums
                .entry((hit, &charge.month, &charge.currency))
                .or_default();
            sum.0 += charge.cost;
            if !charge.resource_id.trim().is_empty() {
                sum.1
                    .insert([&charge.provider, &charge.sub_account, &charge.resource_id]);
            }
        }
    }
    let mut weights: BTreeMap<usize, Vec<Weight>> = BTreeMap::new();
    for ((hit, month, currency), (cost, resources)) in sums {
        weights.entry(hit).or_default().push(Weight {
            month: month.to_owned(),
            currency: currency.to_owned(),
            resources: resources.len() as u64,
            cost,
        });
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    pub(super) fn charge(id: &str, tags: &str, cost: i128) -> TaggedCharge {
        let pairs = tags.split(';').filter_map(|pair| pair.split_once('='));
        TaggedCharge {
            month: "2026-10".to_owned(),
            provider: "AWS".to_owned(),
            sub_account: "1".to_owned(),
            service: "Amazon EC2".to_owned(),
            region: "eu-west-1".to_owned(),
            resource_id: id.to_owned(),
            resource_type: String::new(),
            charge_category: "Usage".to_owned(),
            tags: Arc::new(pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).collect()),
            currency: "USD".to_owned(),
            cost: Money::from_units(cost * 1_000_000_000_000),
            team: String::new(),
            environment: String::new(),
            billing_account: String::new(),
            service_category: String::new(),
        }
    }

    fn found(charges: &[TaggedCharge], policy: &str) -> Vec<String> {
        let policy = TagPolicy::parse(policy, Path::new("t.toml")).unwrap();
        let written: Vec<Tags> = charges
            .iter()
            .map(|charge| Arc::clone(&charge.tags))
            .collect();
        let line = |one: &Variant| {
            let (what, basis) = (one.what.name(), one.difference.name());
            format!(
                "{what} {}: {} is {} by {basis}",
                one.key, one.written, one.meant
            )
        };
        variants(charges, &written, &policy)
            .iter()
            .map(line)
            .collect()
    }

    const POLICY: &str = "[[tag]]\nkey = \"team\"\nvalues = [\"platform\", \"web\"]\n[[tag]]\nkey = \"password\"\nforbidden = true\n";

    #[test]
    fn the_policy_s_spelling_wins_and_else_the_money() {
        let charges = [
            charge("1", "TEAM=Platform;App_Name=shop", 900),
            charge("2", "team=platfrom;app-name=shop", 5),
            charge("3", " team=web;app-name=Shop", 1_000),
        ];
        let lines = [
            "key app-name: App_Name is app-name by separators",
            "key team:  team is team by blanks",
            "key team: TEAM is team by case",
            "value app-name: Shop is shop by case",
        ];
        let mut found = found(&charges, POLICY);
        found.retain(|line| !line.contains("platf") && !line.contains("Platform"));
        // `app-name` has `shop` and `Shop`; the values of `App_Name` are its own.
        assert_eq!(found[..3], lines[..3]);
        assert_eq!(found[3], "value app-name: shop is Shop by case");
    }

    #[test]
    fn values_of_a_policy_key_lean_on_its_list() {
        let charges = [
            charge("1", "team=Platform", 9),
            charge("2", "team=platfrom", 5),
        ];
        let lines = [
            "value team: Platform is platform by case",
            "value team: platfrom is platform by edits",
        ];
        assert_eq!(found(&charges, POLICY), lines);
    }

    #[test]
    fn what_may_be_a_secret_is_not_looked_at() {
        let charges = [
            charge("1", "password=Hunter", 9),
            charge("2", "password=hunter", 5),
        ];
        assert_eq!(found(&charges, POLICY), Vec::<String>::new());
    }

    #[test]
    fn a_resource_counts_once_and_every_charge_s_cost_counts() {
        let charges = [
            charge("1", "Team=web", 2),
            charge("1", "Team=web", 3),
            charge("", "Team=web", 4),
        ];
        let written: Vec<Tags> = charges
            .iter()
            .map(|charge| Arc::clone(&charge.tags))
            .collect();
        let weights = weigh(&charges, &written, |tags| {
            tags.contains_key("Team").then_some(0).into_iter().collect()
        });
        assert_eq!(
            (weights[&0][0].resources, weights[&0][0].cost.to_string()),
            (1, "9.00".to_owned())
        );
    }
}
