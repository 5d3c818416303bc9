//! Which of many words are spellings of one another. Knows no policy but which words it names.

use super::Difference;
use crate::money::Money;
use crate::tags::{Likeness, Word};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Most words among which letters may differ: comparing every pair of more is slow, and lists that long are names.
const MOST_COMPARED: usize = 2_000;
/// Fewest letters of both words where a letter may differ (our own choice, like the next two).
const FEWEST_LETTERS: usize = 5;
/// How often the likely word must be written for each time that the misspelt one is.
const OFTEN: u64 = 5;
/// Letters that a differing part of a word of several parts must have: `web-a` is not `web-b`.
const PART_LETTERS: usize = 4;

/// A word as written, and what stands on it.
pub(super) struct Spelling<'a> {
    pub(super) text: &'a str,
    cost: Money,
    lines: u64,
    /// True where the policy knows it.
    known: bool,
    word: Word,
    letters: String,
}

impl<'a> Spelling<'a> {
    pub(super) fn new(text: &'a str, cost: Money, lines: u64, known: bool) -> Spelling<'a> {
        Spelling {
            text,
            cost,
            lines,
            known,
            word: Word::new(text),
            letters: text
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric())
                .collect(),
        }
    }
}

/// What is written, the word it is a spelling of, and how they differ.
type Found<'s, 'a> = (&'s Spelling<'a>, &'s Spelling<'a>, Difference);

/// Words that are spellings of others. The words that others are spellings of come first: what the policy knows,
/// then what costs most, then by name; such a word is never a spelling of another.
pub(super) fn differences<'s, 'a>(words: &'s [Spelling<'a>]) -> Vec<Found<'s, 'a>> {
    let mut ranked: Vec<&Spelling> = words.iter().collect();
    ranked.sort_by_key(|one| (Reverse(one.known), Reverse(one.cost), one.text));
    let few = words.len() <= MOST_COMPARED;
    let mut heads: Vec<&Spelling> = Vec::new();
    let mut by_letters: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut found = Vec::new();
    for one in ranked {
        let near = by_letters.get(one.letters.as_str()).into_iter().flatten();
        let alike = near
            .filter_map(|&head| Some((surely(one, heads[head])?, head)))
            .min();
        let alike = alike.or_else(|| if few { perhaps(one, &heads) } else { None });
        if let Some((difference, head)) = alike.filter(|_| !one.known) {
            found.push((one, heads[head], difference));
        } else {
            by_letters
                .entry(&one.letters)
                .or_default()
                .push(heads.len());
            heads.push(one);
        }
    }
    found
}

/// The same letters.
fn surely(one: &Spelling, head: &Spelling) -> Option<Difference> {
    match one.word.likeness(&head.word)? {
        Likeness::Blank => Some(Difference::Blanks),
        Likeness::Case => Some(Difference::Case),
        Likeness::Separators => Some(Difference::Separators),
        Likeness::Same | Likeness::Spelling(_) => None,
    }
}

/// A letter or two differ from exactly one word that is nearest.
fn perhaps(one: &Spelling, heads: &[&Spelling]) -> Option<(Difference, usize)> {
    let near = heads.iter().enumerate().filter_map(|(at, head)| {
        let (difference, edits) = misspelt(one, head)?;
        let often = head.known || head.lines >= one.lines.saturating_mul(OFTEN);
        (often || difference == Difference::Plural).then_some((difference, edits, at))
    });
    let mut near: Vec<(Difference, usize, usize)> = near.collect();
    near.sort_unstable();
    match near.as_slice() {
        [] => None,
        // Two different words are as near: nobody knows which one is meant.
        [a, b, ..] if (a.0, a.1) == (b.0, b.1) && heads[a.2].letters != heads[b.2].letters => None,
        [(difference, _, at), ..] => Some((*difference, *at)),
    }
}

/// A misspelling has the first letter of the word that is meant and does not end in another letter (`serviceA`,
/// `serviceB`), and its parts differ only where they are long.
fn misspelt(one: &Spelling, head: &Spelling) -> Option<(Difference, usize)> {
    let (a, b) = (&one.letters, &head.letters);
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let [most, fewest] = [long, short].map(|text| text.chars().count());
    if fewest + 2 < most || fewest < PART_LETTERS || a.chars().next() != b.chars().next() {
        return None;
    }
    if long.strip_suffix('s') == Some(short) {
        return Some((Difference::Plural, 1));
    }
    let ends_elsewhere = most == fewest && a.chars().rev().skip(1).eq(b.chars().rev().skip(1));
    if fewest < FEWEST_LETTERS || ends_elsewhere || !parts_agree(one.text, head.text) {
        return None;
    }
    match (one.word.likeness(&head.word), head.word.likeness(&one.word)) {
        (Some(Likeness::Spelling(edits)), Some(Likeness::Spelling(_))) => {
            Some((Difference::Edits, edits))
        }
        _ => None,
    }
}

fn parts_agree(a: &str, b: &str) -> bool {
    let parts = |text: &str| -> Vec<String> {
        let lower = text.to_lowercase();
        let parts = lower.split(|c: char| !c.is_alphanumeric());
        parts
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (a, b) = (parts(a), parts(b));
    if a.len() != b.len() {
        return true;
    }
    let long = |part: &String| part.chars().count() >= PART_LETTERS;
    let mut pairs = a.iter().zip(&b).filter(|(a, b)| a != b);
    pairs.all(|(a, b)| long(a) && long(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(words: &[(&str, u64)]) -> Vec<String> {
        let all: Vec<Spelling> = words
            .iter()
            .map(|&(text, lines)| {
                Spelling::new(text, Money::from_units(i128::from(lines)), lines, false)
            })
            .collect();
        let line = |(one, head, how): Found| format!("{} {} {}", one.text, how.name(), head.text);
        differences(&all).into_iter().map(line).collect()
    }

    #[test]
    fn spellings_of_one_word_meet() {
        assert_eq!(
            told(&[("env", 9), ("Env", 3), ("ENV", 2)]),
            ["Env case env", "ENV case env"]
        );
        assert_eq!(
            told(&[("cost-center", 9), ("Cost Center", 3)]),
            ["Cost Center separators cost-center"]
        );
        assert_eq!(
            told(&[("environment", 50), ("enviroment", 2)]),
            ["enviroment edits environment"]
        );
        assert_eq!(
            told(&[("service", 50), ("services", 40)]),
            ["services plural service"]
        );
    }

    #[test]
    fn different_words_are_never_proposed() {
        let pairs = [
            ("web1", "web2"),
            ("prod", "prod2"),
            ("us-east-1", "us-east-2"),
            ("team-a", "team-b"),
            ("serviceA", "serviceB"),
            ("encrypted", "unencrypted"),
            ("managed", "unmanaged"),
            ("testing", "resting"),
            ("dev", "den"),
            ("stage", "state"),
            ("prod", "preprod"),
            ("internal", "external"),
            ("CC-1001", "CC-1002"),
            ("eu-west", "us-west"),
            ("1-11", "11-1"),
        ];
        for (a, b) in pairs {
            assert_eq!(told(&[(a, 90), (b, 2)]), Vec::<String>::new(), "{a} {b}");
            assert_eq!(told(&[(b, 90), (a, 2)]), Vec::<String>::new(), "{b} {a}");
        }
    }

    #[test]
    fn two_words_that_are_both_in_use_are_two_words() {
        assert_eq!(
            told(&[("orders", 50), ("orderz", 20)]),
            Vec::<String>::new()
        );
        assert_eq!(
            told(&[("checkout", 50), ("chekout", 20)]),
            Vec::<String>::new()
        );
        assert_eq!(
            told(&[("checkout", 50), ("chekout", 2)]),
            ["chekout edits checkout"]
        );
    }

    #[test]
    fn two_names_of_one_word_are_no_riddle() {
        let known = |text| Spelling::new(text, Money::ZERO, 0, true);
        let all = [
            known("environment"),
            known("Environment"),
            Spelling::new("enviroment", Money::ZERO, 9, false),
        ];
        assert_eq!(differences(&all).len(), 1);
    }

    #[test]
    fn nobody_is_a_spelling_of_a_spelling() {
        let found = told(&[("checkout", 90), ("chekout", 9), ("chekot", 1)]);
        assert_eq!(found, ["chekout edits checkout"]);
    }

    proptest! {
        #[test]
        fn the_order_of_words_does_not_matter(
            (sorted, shuffled) in prop::collection::btree_map("[aAbB-]{1,6}", 1..9u64, 0..9)
                .prop_map(|all| all.into_iter().collect::<Vec<_>>())
                .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
        ) {
            let words = |all: &[(String, u64)]| told(&all.iter().map(|(text, n)| (text.as_str(), *n)).collect::<Vec<_>>());
            prop_assert_eq!(words(&sorted), words(&shuffled));
        }
    }
}
