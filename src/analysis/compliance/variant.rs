//! Which rule a key belongs to, and which value of it is meant, however they are spelled.
//!
//! Compares one word at a time with the policy; the judge remembers the answers.

use super::Basis;
use crate::policy::{Demand, TagRule};
use crate::tags::{Likeness, Word};

/// A rule with its words.
pub(super) struct Ready<'a> {
    pub(super) rule: &'a TagRule,
    /// The key, then its aliases.
    names: Vec<Word>,
    /// Allowed values and value aliases: the word, the value it means, and whether it is an alias.
    values: Vec<(Word, &'a str, bool)>,
}

/// A key that a rule knows, as the name of this rank or (with a basis) as a variant of it.
#[derive(Clone, Copy)]
pub(super) struct Hit {
    pub(super) rule: usize,
    pub(super) rank: usize,
    pub(super) variant: Option<Basis>,
}

/// What the policy makes of a value.
#[derive(Clone)]
pub(super) enum Weighed<'a> {
    Accepted(&'a str),
    Variant(String, Basis),
    Refused,
}

/// The rules that know a key. A small edit gives way to a rule that the key spells better, and never makes a
/// key forbidden.
pub(super) fn hits(rules: &[Ready], key: &str) -> Vec<Hit> {
    let written = Word::new(key);
    let mut near: Vec<(Likeness, Hit)> = Vec::new();
    for (index, ready) in rules.iter().enumerate() {
        let names = ready.names.iter().enumerate();
        let nearest = names
            .filter_map(|(rank, name)| Some((written.likeness(name)?, rank)))
            .min();
        let Some((likeness, rank)) = nearest else {
            continue;
        };
        let variant = match likeness {
            Likeness::Same => None,
            Likeness::Case if ready.rule.ignore_case => None,
            Likeness::Spelling(_) if ready.rule.demand == Demand::Forbidden => continue,
            _ => Some(basis(likeness, rank > 0)),
        };
        near.push((
            likeness,
            Hit {
                rule: index,
                rank,
                variant,
            },
        ));
    }
    let is_edit = |likeness: &Likeness| matches!(likeness, Likeness::Spelling(_));
    if near.iter().any(|(_, hit)| hit.variant.is_none()) {
        near.retain(|(_, hit)| hit.variant.is_none());
    } else if near.iter().any(|(likeness, _)| !is_edit(likeness)) {
        near.retain(|(likeness, _)| !is_edit(likeness));
    }
    near.into_iter().map(|(_, hit)| hit).collect()
}

fn basis(likeness: Likeness, alias: bool) -> Basis {
    match likeness {
        _ if alias => Basis::Alias,
        Likeness::Blank => Basis::Blank,
        Likeness::Same | Likeness::Case => Basis::Case,
        Likeness::Separators => Basis::Separators,
        Likeness::Spelling(_) => Basis::Spelling,
    }
}

impl<'a> Ready<'a> {
    pub(super) fn new(rule: &'a TagRule) -> Ready<'a> {
        let listed = rule
            .values
            .iter()
            .map(|value| (Word::new(value), value.as_str(), false));
        let aliases = rule
            .value_aliases
            .iter()
            .map(|(alias, value)| (Word::new(alias), value.as_str(), true));
        Ready {
            rule,
            names: rule.names().map(Word::new).collect(),
            values: listed.chain(aliases).collect(),
        }
    }

    pub(super) fn weigh(&self, value: &'a str) -> Weighed<'a> {
        if let Some(accepted) = self.rule.accepts(value) {
            return Weighed::Accepted(accepted);
        }
        let written = Word::new(value);
        let near = self.values.iter();
        let near =
            near.filter_map(|(word, meant, alias)| Some((written.likeness(word)?, *alias, *meant)));
        let near: Vec<(Likeness, bool, &str)> = near.collect();
        let Some(&(likeness, alias, meant)) = near.iter().min() else {
            return self.respelled(value);
        };
        // Two values one edit away: nobody knows which one is meant.
        let torn = near
            .iter()
            .any(|&(other, _, value)| other == likeness && value != meant);
        if torn && matches!(likeness, Likeness::Spelling(_)) {
            return Weighed::Refused;
        }
        Weighed::Variant(meant.to_owned(), basis(likeness, alias))
    }

    /// Where only a pattern speaks: the value without blanks around it, in upper or in lower case.
    fn respelled(&self, value: &str) -> Weighed<'a> {
        let trimmed = value.trim();
        let spellings = [
            (trimmed.to_owned(), Basis::Blank),
            (trimmed.to_uppercase(), Basis::Case),
            (trimmed.to_lowercase(), Basis::Case),
        ];
        let fits = |(spelling, _): &(String, Basis)| self.rule.accepts(spelling).is_some();
        match spellings.into_iter().find(fits) {
            Some((spelling, basis)) => Weighed::Variant(spelling, basis),
            None => Weighed::Refused,
        }
    }
}
