//! One run over the ledger: findings meet the entries that are about the same, and each entry goes at most where it
//! may go.

use super::bill::{History, later};
use super::entry::{About, Acted, Entry, Listed, Place, State, order};
use super::realised::{Proof, closed_days, figures};
use super::sight::{Seen, Sought, fresh, look, told};
use super::status::{Decided, Signs, Status, Verdict, decided, step};
use crate::analysis::reason::fits;
use crate::money::Money;
use crate::period::Month;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// How patient the ledger is.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Days without the finding and without an action after which an entry expires.
    pub expire_days: u32,
    /// Days of closed months after an action that verify it.
    pub verify_days: u32,
}

/// Everything that a run knows beside the findings.
#[derive(Clone, Debug)]
pub struct Evidence<'a> {
    /// Day of the run.
    pub today: NaiveDate,
    /// How patient the ledger is.
    pub rules: Rules,
    /// The bill of each place; entries of others are not judged.
    pub histories: &'a BTreeMap<Place, History>,
    /// What inventories list, by join key.
    pub listed: &'a BTreeMap<String, Listed>,
    /// Accounts and kinds of which inventories list something.
    pub covered: &'a BTreeSet<(String, String)>,
    /// Why rightsizing advises nothing for a machine, by join key.
    pub skipped: &'a BTreeMap<String, String>,
    /// What people decided, later rows last.
    pub decided: &'a [Decided],
}

/// An entry while a run looks at it.
struct Draft {
    entry: Entry,
    seen: Seen,
    told: Option<(NaiveDate, String)>,
    verdict: Option<Verdict>,
    /// Another entry or finding took its charges over.
    rival: Option<String>,
}

/// The entries after a run, in their order: those of before that the bill covers, and the new ones.
pub fn advance(before: Vec<Entry>, found: Vec<About>, evidence: &Evidence) -> Vec<Entry> {
    let mut places: BTreeMap<Place, (Vec<Entry>, Vec<About>)> = BTreeMap::new();
    for entry in before {
        let place = places.entry(entry.about.place()).or_default();
        place.0.push(entry);
    }
    for finding in found {
        places.entry(finding.place()).or_default().1.push(finding);
    }
    let mut entries: Vec<Entry> = Vec::new();
    for (place, (before, found)) in places {
        if let Some(history) = evidence.histories.get(&place) {
            entries.extend(of_place(before, &found, history, evidence));
        }
    }
    entries.sort_by_cached_key(|entry| order(&entry.about));
    entries
}

/// The entries of one resource.
fn of_place(
    mut entries: Vec<Entry>,
    found: &[About],
    history: &History,
    evidence: &Evidence,
) -> Vec<Entry> {
    let fresh = meet(&mut entries, found, history, evidence.today);
    entries.extend(fresh);
    entries.sort_by_cached_key(|entry| order(&entry.about));
    let entries = entries.into_iter();
    let mut drafts: Vec<Draft> = entries
        .map(|entry| draft(entry, history, evidence))
        .collect();
    settle(&mut drafts, found);
    for draft in &mut drafts {
        act(draft, history, evidence);
    }
    let ends: Vec<Option<Month>> = (0..drafts.len())
        .map(|at| taken_over(&drafts, at, history))
        .collect();
    for (draft, end) in drafts.iter_mut().zip(ends) {
        judge(draft, end, history, evidence);
    }
    drafts.into_iter().map(|draft| draft.entry).collect()
}

/// Marks the entries whose finding is there, and makes entries of the findings that are new.
fn meet(entries: &mut [Entry], found: &[About], history: &History, today: NaiveDate) -> Vec<Entry> {
    let mut fresh: Vec<Entry> = Vec::new();
    for mut finding in found.iter().cloned() {
        let mut known = false;
        for entry in entries.iter_mut().chain(&mut fresh) {
            if !entry.about.is_same(&finding) {
                continue;
            }
            let over = matches!(entry.state.status, Status::Acted | Status::Verified);
            if over && entry.proof().is_some() {
                // What the action ended may stand on the newest days of the bill; charged again, it is found anew.
                if !again(entry, history) {
                    finding
                        .lines
                        .retain(|line| !entry.about.lines.contains(line));
                    known |= finding.lines.is_empty();
                }
            } else {
                entry.found = true;
                known = true;
            }
        }
        if !known {
            fresh.push(Entry {
                state: State::new(today),
                about: finding,
                found: true,
                figures: BTreeMap::new(),
                note: String::new(),
            });
        }
    }
    fresh
}

/// True where lines that an action ended are charged again.
fn again(entry: &Entry, history: &History) -> bool {
    let on = entry.acted_on().unwrap_or(NaiveDate::MAX);
    let last = history.last(&entry.about.lines);
    history.is_charged(&entry.about.lines)
        && last.is_some_and(|last| last > later(on, super::bill::GONE))
}

fn draft(mut entry: Entry, history: &History, evidence: &Evidence) -> Draft {
    let about = &entry.about;
    let whose = (about.account.as_str(), about.key.as_str());
    let decided = decided(evidence.decided, whose, about.action, evidence.today);
    let sought = Sought {
        about,
        found: entry.found,
        accepted: decided.is_some_and(|one| one.verdict == Verdict::Accepted),
    };
    let seen = look(sought, history);
    let told = told(about, evidence.listed, evidence.covered, evidence.today);
    entry.note = decided.map(Decided::said).unwrap_or_default();
    Draft {
        seen,
        told,
        verdict: decided.map(|one| one.verdict),
        rival: None,
        entry,
    }
}

/// Of several entries about one charge one is acted on: the one that was found last, then the stronger action, then
/// the older. An entry whose charge another finding took over is no longer to be done.
fn settle(drafts: &mut [Draft], found: &[About]) {
    let is_over =
        |draft: &Draft| matches!(draft.entry.state.status, Status::Acted | Status::Verified);
    let rank = |at: usize, draft: &Draft| {
        let state = &draft.entry.state;
        let lost = state.lost.map(std::cmp::Reverse);
        let about = &draft.entry.about;
        (!draft.entry.found, lost, about.action, about.first_seen, at)
    };
    let mut rivals: Vec<Option<String>> = Vec::new();
    for (at, one) in drafts.iter().enumerate() {
        let rival = drafts.iter().enumerate().find(|(other, draft)| {
            let touches = *other != at && draft.entry.about.overlaps(&one.entry.about);
            let acted = matches!(draft.seen, Seen::Done(_)) || draft.told.is_some();
            let earlier = draft
                .entry
                .acted_on()
                .is_some_and(|on| on >= one.entry.about.first_seen);
            touches
                && match (is_over(one), is_over(draft)) {
                    (true, _) => false,
                    (false, true) => earlier,
                    (false, false) => acted && rank(*other, draft) < rank(at, one),
                }
        });
        let taken = || {
            found.iter().find(|finding| {
                !one.entry.found
                    && finding.action != one.entry.about.action
                    && finding.overlaps(&one.entry.about)
            })
        };
        rivals.push(match rival {
            Some((_, draft)) => Some(format!("counted as `{}`", draft.entry.about.action)),
            None => taken().map(|finding| format!("replaced by `{}`", finding.action)),
        });
    }
    for (draft, rival) in drafts.iter_mut().zip(rivals) {
        draft.rival = rival;
    }
}

/// Moves an entry by what was seen of the action.
fn act(draft: &mut Draft, history: &History, evidence: &Evidence) {
    let Draft { entry, .. } = draft;
    entry.state.lost = if entry.found {
        None
    } else {
        entry.state.lost.or(Some(evidence.today))
    };
    let over = matches!(entry.state.status, Status::Acted | Status::Verified);
    let taken = draft.rival.is_some() && !over;
    let acted = if taken { None } else { seen(draft, history) };
    let why = why(draft, evidence);
    let entry = &mut draft.entry;
    let signs = Signs {
        found: entry.found,
        acted: acted.is_some(),
        undone: acted.is_none(),
        dismissed: draft.verdict == Some(Verdict::Dismissed),
        lapsed: why.is_some(),
        verified: false,
    };
    let mut next = step(entry.state.status, signs);
    if next == Status::Open && next != entry.state.status {
        next = step(next, signs);
    }
    entry.state.acted = acted.filter(|_| matches!(next, Status::Acted | Status::Verified));
    let stays = next == Status::Expired && entry.state.status == Status::Expired;
    if !stays {
        let why = why.filter(|_| next == Status::Expired);
        entry.state.why = why.unwrap_or_default();
    }
    go(entry, next, evidence.today);
}

fn go(entry: &mut Entry, next: Status, today: NaiveDate) {
    if next != entry.state.status {
        entry.state.status = next;
        entry.state.since = today;
    }
}

/// The action as it is known now: by the bill, by an earlier run, by the inventory.
fn seen(draft: &Draft, history: &History) -> Option<Acted> {
    let (entry, about) = (&draft.entry, &draft.entry.about);
    let known = entry.state.acted.clone();
    if let Seen::Done(sight) = &draft.seen {
        let proven = known.as_ref().and_then(|acted| acted.proof.as_ref());
        // What was proven stays proven; late charges may move it by days, nothing else moves it.
        let is_same = proven.is_none_or(|proof| {
            proof.shape == sight.shape
                && (proof.from - sight.from).num_days().unsigned_abs() <= super::bill::GONE
        });
        if let Some(proof) = is_same.then(|| Proof::of(sight, about, history)).flatten() {
            return Some(Acted {
                on: sight.on,
                said: sight.said.clone(),
                proof: Some(proof),
            });
        }
    }
    let told = draft.told.clone().map(|(on, said)| Acted {
        on,
        said,
        proof: None,
    });
    match known {
        Some(acted) if acted.proof.is_some() => Some(acted),
        Some(acted) => {
            let known_until = history.end().unwrap_or(NaiveDate::MIN);
            let contradicted = told.is_none()
                && history.is_charged(&about.lines)
                && known_until > later(acted.on, super::bill::GONE);
            (!contradicted).then_some(acted)
        }
        None => told,
    }
}

/// Why an entry is over without an action.
fn why(draft: &Draft, evidence: &Evidence) -> Option<String> {
    let entry = &draft.entry;
    if let Some(rival) = &draft.rival {
        return Some(rival.clone());
    }
    if let Seen::Gone(last) = draft.seen {
        return Some(format!(
            "charges ended after {last}: gone, or replaced under another id; no saving is claimed"
        ));
    }
    if entry.found {
        return None;
    }
    let skipped = evidence.skipped.get(&entry.about.key);
    if let Some(reason) = skipped.filter(|reason| fits(reason)) {
        return Some(format!("no longer found: {reason}"));
    }
    let lost = entry.state.lost.unwrap_or(evidence.today);
    let since = (evidence.today - lost).num_days();
    (since >= i64::from(evidence.rules.expire_days))
        .then(|| format!("not found since {lost}, and no action seen"))
}

/// The month from which a later action on what an earlier one touched or left is credited instead.
fn taken_over(drafts: &[Draft], at: usize, history: &History) -> Option<Month> {
    let one = &drafts[at].entry;
    let proof = one.proof()?;
    let left: BTreeSet<_> = fresh(&one.about, history)
        .into_iter()
        .map(|charge| charge.line.clone())
        .chain(one.about.lines.clone())
        .collect();
    let later = drafts.iter().enumerate().filter(|(other, draft)| {
        let entry = &draft.entry;
        let touches = entry.about.lines.iter().any(|line| left.contains(line));
        touches
            && entry
                .proof()
                .is_some_and(|other_proof| (other_proof.from, *other) > (proof.from, at))
    });
    later
        .filter_map(|(_, draft)| draft.entry.proof())
        .map(|proof| Month::of(proof.from))
        .min()
}

/// What the action brought, and whether closed months confirm it.
fn judge(draft: &mut Draft, end: Option<Month>, history: &History, evidence: &Evidence) {
    let entry = &mut draft.entry;
    let Some(proof) = entry.proof() else {
        entry.state.realised.clear();
        return;
    };
    let mut known: BTreeMap<Month, _> = entry
        .state
        .realised
        .iter()
        .filter_map(|(month, figure)| Some((Month::parse(month)?, *figure)))
        .filter(|(month, _)| end.is_none_or(|end| *month < end))
        .collect();
    known.extend(figures(proof, &entry.about, history, end));
    let closed = || known.iter().filter(|(_, figure)| figure.closed);
    entry.state.realised = closed()
        .map(|(month, figure)| (month.to_string(), *figure))
        .collect();
    let realised: Money = closed().map(|(_, figure)| figure.realised()).sum();
    let verified = closed_days(&known) >= evidence.rules.verify_days && realised > Money::ZERO;
    entry.figures = known;
    let signs = Signs {
        acted: true,
        verified,
        ..Signs::default()
    };
    if entry.state.status == Status::Acted && step(Status::Acted, signs) == Status::Verified {
        entry.state.verified_on = Some(evidence.today);
        go(entry, Status::Verified, evidence.today);
    }
}
