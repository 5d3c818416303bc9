//! An entry, and how entries are remembered from run to run.
//!
//! The memory keeps what an entry is about once, and its state whenever a run changed it, with the day of that run.
//! A run of a day recalls what runs of earlier days knew and nothing else, so a second run of a day writes the same
//! bytes and a run of an earlier day never learns from later ones.

use super::bill::Line;
use super::realised::{Figure, Proof};
use super::status::Status;
use crate::analysis::finding::Action;
use crate::money::Money;
use crate::period::Month;
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Days after which an entry that came to nothing is forgotten.
const FORGOTTEN: u64 = 730;

/// Account, join key of the resource, currency: whose bill it is.
pub type Place = (String, String, String);

/// What an inventory says of a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Service and type.
    pub kind: String,
    /// Its state, in the provider's word.
    pub state: String,
    /// Machine or disk type.
    pub machine_type: String,
    /// Day on which it was last stopped.
    pub stopped_on: Option<NaiveDate>,
}

/// A finding as it was when it was first seen: what is judged later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Day of the run that first saw it.
    pub first_seen: NaiveDate,
    /// Last day of the bill on that day.
    pub billed_until: NaiveDate,
    /// Id for people; empty for what an account as a whole does.
    pub resource_id: String,
    /// Its join key.
    pub key: String,
    /// FOCUS `SubAccountId`.
    pub account: String,
    /// FOCUS `RegionId`.
    pub region: String,
    /// Team that owns it.
    pub team: String,
    /// FOCUS `BillingCurrency`.
    pub currency: String,
    /// What to do.
    pub action: Action,
    /// The check that found it, or `rightsizing`.
    pub check: String,
    /// What it finds, in a few words.
    pub title: String,
    /// Type now; empty where it has none.
    pub current_type: String,
    /// Type to change to; empty for actions that change none.
    pub recommended_type: String,
    /// Least and most that it saves a month.
    pub expected: (Money, Money),
    /// What the lines cost a month.
    pub cost: Option<Money>,
    /// Risk in words; empty where nobody judged it.
    pub risk: String,
    /// Work that it takes.
    pub effort: String,
    /// How sure the saving is.
    pub confidence: String,
    /// Why.
    pub evidence: String,
    /// The lines that it is about.
    pub lines: BTreeSet<Line>,
    /// Other lines that the resource was charged then.
    pub others: BTreeSet<Line>,
    /// What the inventory said then.
    pub listed: Option<Listed>,
}

impl About {
    /// Whose bill it is on.
    pub fn place(&self) -> Place {
        (
            self.account.clone(),
            self.key.clone(),
            self.currency.clone(),
        )
    }

    /// True where both are about the same action on the same charges.
    pub(super) fn is_same(&self, other: &About) -> bool {
        self.action == other.action
            && self.place() == other.place()
            && (self.overlaps(other) || (self.lines.is_empty() && other.lines.is_empty()))
    }

    /// True where both touch one line.
    pub(super) fn overlaps(&self, other: &About) -> bool {
        self.lines.iter().any(|line| other.lines.contains(line))
    }
}

/// An action that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Acted {
    pub(super) on: NaiveDate,
    pub(super) said: String,
    /// The bill's proof; none while only the inventory tells of it.
    pub(super) proof: Option<Proof>,
}

/// Where an entry stood after a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Where it stands.
    pub status: Status,
    /// Day of the run that put it there.
    pub since: NaiveDate,
    /// First day of a run that did not find it any more.
    pub(super) lost: Option<NaiveDate>,
    pub(super) acted: Option<Acted>,
    /// Day of the run that verified it.
    pub verified_on: Option<NaiveDate>,
    /// Closed months since the action.
    pub(super) realised: BTreeMap<String, Figure>,
    /// Why it expired.
    pub(super) why: String,
}

impl State {
    pub(super) fn new(today: NaiveDate) -> State {
        State {
            status: Status::Open,
            since: today,
            lost: None,
            acted: None,
            verified_on: None,
            realised: BTreeMap::new(),
            why: String::new(),
        }
    }
}

/// An entry of the ledger on the day of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What it is about.
    pub about: About,
    /// Where it stands.
    pub state: State,
    /// The finding is still there.
    pub found: bool,
    /// Every month since the action, open ones too.
    pub figures: BTreeMap<Month, Figure>,
    /// What people decided about it.
    pub note: String,
}

impl Entry {
    /// Day of the action, where one was seen.
    pub fn acted_on(&self) -> Option<NaiveDate> {
        self.state.acted.as_ref().map(|acted| acted.on)
    }

    /// What of the action was seen; else why it expired.
    pub fn said(&self) -> &str {
        let acted = self.state.acted.as_ref();
        acted.map_or(self.state.why.as_str(), |acted| acted.said.as_str())
    }

    /// Realised savings of closed months.
    pub fn realised(&self) -> Option<Money> {
        let closed = || self.figures.values().filter(|figure| figure.closed);
        closed().next()?;
        Some(closed().map(Figure::realised).sum())
    }

    pub(super) fn proof(&self) -> Option<&Proof> {
        self.state.acted.as_ref()?.proof.as_ref()
    }
}

/// What the lake keeps of an entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remembered {
    about: About,
    /// State after each run that changed it, oldest first.
    states: Vec<(NaiveDate, State)>,
}

/// What the lake keeps.
pub type Memory = Vec<Remembered>;

/// The entries as runs before a day knew them.
pub fn recalled(memory: &[Remembered], day: NaiveDate) -> Vec<Entry> {
    let entry = |one: &Remembered| {
        let known = one.states.iter().rev().find(|(run, _)| *run < day);
        Some(Entry {
            about: one.about.clone(),
            state: known.map(|(_, state)| state.clone())?,
            found: false,
            figures: BTreeMap::new(),
            note: String::new(),
        })
    };
    let known = memory.iter().filter(|one| one.about.first_seen < day);
    known.filter_map(entry).collect()
}

/// The memory after a run; what runs of other days knew stays as it is.
pub fn kept(memory: &[Remembered], entries: &[Entry], today: NaiveDate) -> Memory {
    let mut kept: Memory = memory.to_vec();
    for one in &mut kept {
        one.states.retain(|(run, _)| *run != today);
    }
    kept.retain(|one| !one.states.is_empty());
    let mut places: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
    for (at, one) in kept.iter().enumerate() {
        places.entry(one.about.place()).or_default().push(at);
    }
    for entry in entries {
        let own = places.entry(entry.about.place()).or_default();
        let find = |test: &dyn Fn(&About) -> bool| {
            let mut own = own.iter().copied();
            own.find(|&at| test(&kept[at].about))
        };
        let same = find(&|about| *about == entry.about);
        // A run of an earlier day may see first what a later run saw too, a second run of the day see it otherwise.
        let later = find(&|about| about.first_seen >= today && about.is_same(&entry.about));
        if let Some(at) = same.or(later) {
            kept[at].about = entry.about.clone();
            note(&mut kept[at], &entry.state, today);
        } else {
            own.push(kept.len());
            kept.push(Remembered {
                about: entry.about.clone(),
                states: vec![(today, entry.state.clone())],
            });
        }
    }
    let old = today
        .checked_sub_days(Days::new(FORGOTTEN))
        .unwrap_or(NaiveDate::MIN);
    kept.retain(|one| {
        let last = one.states.last().map(|(_, state)| state);
        last.is_none_or(|state| state.status != Status::Expired || state.since >= old)
    });
    kept.sort_by_cached_key(|one| order(&one.about));
    kept
}

/// Keeps a state where it is another one than runs before knew.
fn note(one: &mut Remembered, state: &State, today: NaiveDate) {
    let at = one.states.partition_point(|(run, _)| *run < today);
    let before = at.checked_sub(1).map(|at| &one.states[at].1);
    if before != Some(state) {
        one.states.insert(at, (today, state.clone()));
    }
}

/// The order of entries wherever they are listed.
pub(super) fn order(about: &About) -> impl Ord + use<> {
    (
        (about.first_seen, about.account.clone(), about.key.clone()),
        (about.action, about.check.clone(), about.currency.clone()),
        (about.region.clone(), about.lines.clone()),
    )
}
