//! Their recommendations beside our findings, one row per resource that either names. Only compares what both
//! have said: it judges no resource, sums nothing, and compares no amounts of two currencies.

mod words;

use crate::money::Money;
use crate::resource::{Known, Pricing, Recommendation, Resource, Step, key, kind, provider_name};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What we say about a resource: a row of our reports.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ours {
    /// Resource as the report prints it.
    pub resource: String,
    /// FOCUS `SubAccountId`, empty where the report has none.
    pub account: String,
    /// The report's word for what to do, empty where nothing is to be done.
    pub action: String,
    /// Type today.
    pub current: String,
    /// Type that fits, empty where the action needs none.
    pub target: String,
    /// Saving per month at least.
    pub low: Option<Money>,
    /// Saving per month at most.
    pub high: Option<Money>,
    /// Currency of both.
    pub currency: String,
    /// Whether memory was measured; `None` where that is not asked (waste).
    pub memory: Option<bool>,
    /// Days looked at.
    pub days: Option<u32>,
    /// Why, or why not.
    pub reason: String,
    /// Of several findings about a resource, the one that counts in our totals.
    pub counts: bool,
}

impl Ours {
    fn step(&self) -> Step {
        Step::of(&self.action)
    }
}

/// How far both agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    /// The same action and, where it changes the type, the same type.
    Same,
    /// The same action to another type.
    OtherSize,
    /// Another action.
    OtherAction,
    /// They recommend something, we nothing.
    OnlyTheirs,
    /// We recommend something, they nothing.
    OnlyOurs,
    /// Both looked and recommend nothing.
    BothNothing,
}

impl Agreement {
    /// All, in the order of the table.
    pub const ALL: [Agreement; 6] = [
        Agreement::Same,
        Agreement::OtherSize,
        Agreement::OtherAction,
        Agreement::OnlyTheirs,
        Agreement::OnlyOurs,
        Agreement::BothNothing,
    ];
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Agreement::Same => "same",
            Agreement::OtherSize => "same action other size",
            Agreement::OtherAction => "other action",
            Agreement::OnlyTheirs => "only theirs",
            Agreement::OnlyOurs => "only ours",
            Agreement::BothNothing => "both nothing",
        })
    }
}

/// One resource in both eyes.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// As our report prints it, or as their list does.
    pub resource: String,
    /// Their entry that stands for the resource.
    pub theirs: Option<Recommendation>,
    /// Our finding that is nearest to it.
    pub ours: Option<Ours>,
    /// How far both agree.
    pub agreement: Agreement,
    /// Why, for people.
    pub reason: String,
    /// Entries of theirs that were merged into the one that stands.
    pub duplicates: usize,
}

/// Every resource that either names, by agreement, then by the highest saving of either within a currency, then by
/// id. Of ours only the clouds count that the lists are about: a list of one cloud says nothing about another's.
pub fn compare(theirs: Vec<Recommendation>, ours: Vec<Ours>) -> Vec<Compared> {
    let covered: BTreeSet<&str> = theirs.iter().map(|one| one.source.provider()).collect();
    let ours: Vec<Ours> = ours
        .into_iter()
        .filter(|one| provider(one).is_none_or(|cloud| covered.contains(cloud.as_str())))
        .collect();
    let known = Known::of(
        &ours
            .iter()
            .map(|one| named(&one.resource))
            .collect::<Vec<_>>(),
    );
    let mut met: BTreeMap<String, (Vec<Recommendation>, Vec<Ours>)> = BTreeMap::new();
    for one in theirs {
        met.entry(known.key(&one.resource)).or_default().0.push(one);
    }
    for one in ours {
        met.entry(key(&one.resource)).or_default().1.push(one);
    }
    let mut rows: Vec<Compared> = met
        .into_values()
        .map(|(theirs, ours)| row(theirs, ours))
        .collect();
    rows.sort_by_cached_key(order);
    rows
}

/// The cloud of a resource, by its id or its account: accounts of AWS are twelve digits.
fn provider(ours: &Ours) -> Option<String> {
    let known = provider_name("", &ours.resource);
    if !known.is_empty() {
        return Some(known);
    }
    let digits = ours.account.len() == 12 && ours.account.bytes().all(|byte| byte.is_ascii_digit());
    // The only ids that stand alone and have a kind are those of EC2.
    let bare = kind(&ours.resource).is_some_and(|kind| kind.starts_with("ec2:"));
    (digits || bare).then(|| "AWS".to_owned())
}

fn named(id: &str) -> Resource {
    Resource {
        id: id.to_owned(),
        ..Resource::default()
    }
}

/// The highest saving of either, in its currency, for the order alone.
fn order(row: &Compared) -> impl Ord + use<> {
    let theirs = row
        .theirs
        .as_ref()
        .map(|one| (one.currency.clone(), one.monthly_savings));
    let ours = row
        .ours
        .as_ref()
        .map(|one| (one.currency.clone(), one.high));
    let savings = ours
        .filter(|ours| ours.1.is_some())
        .or(theirs)
        .unwrap_or_default();
    (
        row.agreement,
        savings.0,
        Reverse(savings.1),
        row.resource.clone(),
    )
}

fn row(theirs: Vec<Recommendation>, ours: Vec<Ours>) -> Compared {
    let currency = ours
        .iter()
        .map(|one| one.currency.as_str())
        .find(|code| !code.is_empty());
    let merged = theirs.len().saturating_sub(1);
    let theirs = standing(theirs, currency.unwrap_or_default());
    let others = ours
        .iter()
        .filter(|one| !one.action.is_empty())
        .count()
        .saturating_sub(1);
    let ours = nearest(ours, theirs.as_ref());
    let agreement = agreement(theirs.as_ref(), ours.as_ref());
    let resource = match (&ours, &theirs) {
        (Some(ours), _) => ours.resource.clone(),
        (None, Some(theirs)) => theirs.resource.clone(),
        (None, None) => String::new(),
    };
    let reason = words::reason(agreement, theirs.as_ref(), ours.as_ref(), others);
    Compared {
        resource,
        theirs,
        ours,
        agreement,
        reason,
        duplicates: merged,
    }
}

/// Of several entries about one resource the one to act on with the highest saving; those after discounts go
/// before those at list price, and those in our currency before others.
fn standing(theirs: Vec<Recommendation>, currency: &str) -> Option<Recommendation> {
    theirs.into_iter().min_by_key(|one| {
        (
            one.step == Step::Nothing,
            (one.currency != currency, one.currency.clone()),
            one.pricing,
            Reverse(one.monthly_savings),
            (one.step, one.target.clone(), one.source, one.words.clone()),
        )
    })
}

/// Of several findings of ours the one that says what they say, else the one that counts.
fn nearest(ours: Vec<Ours>, theirs: Option<&Recommendation>) -> Option<Ours> {
    ours.into_iter().min_by_key(|one| {
        (
            agreement(theirs, Some(one)),
            !one.counts,
            Reverse(one.high),
            (one.action.clone(), one.target.clone(), one.reason.clone()),
        )
    })
}

fn agreement(theirs: Option<&Recommendation>, ours: Option<&Ours>) -> Agreement {
    let step = theirs.map_or(Step::Nothing, |one| one.step);
    let own = ours.map_or(Step::Nothing, Ours::step);
    match (step, own) {
        (Step::Nothing, Step::Nothing) => Agreement::BothNothing,
        (_, Step::Nothing) => Agreement::OnlyTheirs,
        (Step::Nothing, _) => Agreement::OnlyOurs,
        (step, own) => {
            let target = |text: Option<&str>| type_name(text.unwrap_or_default());
            let (wanted, ours) = (
                target(theirs.map(|one| &*one.target)),
                target(ours.map(|one| &*one.target)),
            );
            let both_change = step.is_change() && own.is_change();
            let named = !wanted.is_empty() && !ours.is_empty();
            match (both_change, named && wanted == ours) {
                (true, true) => Agreement::Same,
                (true, false) if named && step == own => Agreement::OtherSize,
                // What is to be looked at is no action that both could mean.
                _ if step == own && step != Step::Review => Agreement::Same,
                _ => Agreement::OtherAction,
            }
        }
    }
}

/// A type in its one spelling: `Standard_D2s_v3` is `D2s v3`, a path ends in it.
fn type_name(text: &str) -> String {
    let name = crate::resource::tail(text.trim())
        .to_lowercase()
        .replace(' ', "_");
    name.strip_prefix("standard_")
        .map(str::to_owned)
        .unwrap_or(name)
}

/// How many resources stand under each agreement.
pub fn counts(rows: &[Compared]) -> Vec<(Agreement, usize)> {
    let of = |agreement: Agreement| rows.iter().filter(|row| row.agreement == agreement).count();
    Agreement::ALL
        .map(|agreement| (agreement, of(agreement)))
        .into()
}

/// True where both savings are there in one currency.
fn comparable(theirs: &Recommendation, ours: &Ours) -> bool {
    let there = theirs.monthly_savings.is_some() && ours.high.is_some();
    there && theirs.currency == ours.currency && !ours.currency.is_empty()
}

/// What a saving of theirs is net of, in a few words.
fn basis(pricing: Pricing) -> &'static str {
    match pricing {
        Pricing::Discounted => "their saving is after discounts, like ours",
        Pricing::Unstated => {
            "whether their saving is after discounts their list does not say; ours is"
        }
        Pricing::List => "their saving is at list price, ours net of commitments",
    }
}

#[cfg(test)]
mod tests;
