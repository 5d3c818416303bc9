//! Tags as text: reading them, looking keys up, and telling whether two spellings mean one word.
//!
//! Keys and values are never altered here; what a spelling is worth, the policy decides.

use serde::Deserialize;
use std::collections::BTreeMap;

/// Reads a cell of tags: a JSON object, or the same without braces as Azure EA exports write it.
/// Numbers and booleans become text, `null` becomes blank, nested values stay JSON. A blank cell, `null`
/// and `NULL` have no tags; `None` says that the text is malformed.
///
/// ```
/// # use cloudtally::tags::parse_tags;
/// let tags = parse_tags(r#"{"team": "data", "tier": 1}"#).unwrap();
/// assert_eq!((tags["team"].as_str(), tags["tier"].as_str()), ("data", "1"));
/// assert_eq!(parse_tags("team=data"), None);
/// ```
pub fn parse_tags(text: &str) -> Option<BTreeMap<String, String>> {
    let text = text.trim();
    if text.is_empty() || text.eq_ignore_ascii_case("null") {
        return Some(BTreeMap::new());
    }
    let braced = if text.starts_with('"') {
        &format!("{{{text}}}")
    } else {
        text
    };
    let cells: BTreeMap<String, Cell> = serde_json::from_str(braced).ok()?;
    Some(
        cells
            .into_iter()
            .map(|(key, cell)| (key, cell.into_text()))
            .collect(),
    )
}

/// One JSON value; texts, nearly all of them, are taken without a detour.
#[derive(Deserialize)]
#[serde(untagged)]
enum Cell {
    Text(String),
    Other(serde_json::Value),
}

impl Cell {
    fn into_text(self) -> String {
        match self {
            Cell::Text(text) => text,
            Cell::Other(serde_json::Value::Null) => String::new(),
            Cell::Other(value) => value.to_string(),
        }
    }
}

/// The value of the first of these keys that is present and not blank, as it was written.
pub fn first_value<'t, K: AsRef<str>>(
    tags: &'t BTreeMap<String, String>,
    keys: &[K],
) -> Option<&'t str> {
    keys.iter()
        .filter_map(|key| tags.get(key.as_ref()))
        .map(String::as_str)
        .find(|v| !v.trim().is_empty())
}

/// How near a written word is to the one that is meant, nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// Letter by letter.
    Same,
    /// But for blanks around it.
    Blank,
    /// But for upper and lower case.
    Case,
    /// But for blanks, hyphens, underscores and other signs.
    Separators,
    /// But for this many single edits (a letter more, less, other, or two swapped).
    Spelling(usize),
}

/// A word made ready for comparison.
#[derive(Clone, Debug)]
pub struct Word {
    text: String,
    lower: String,
    letters: Vec<char>,
}

impl Word {
    /// Of a key or value as written.
    pub fn new(text: &str) -> Word {
        let lower = text.trim().to_lowercase();
        let letters = lower.chars().filter(|c| c.is_alphanumeric()).collect();
        Word {
            text: text.to_owned(),
            lower,
            letters,
        }
    }

    /// How near this word is to the one meant; `None` where they are two different words. Words whose digits
    /// differ are never the same (`team1`, `team2`).
    pub fn likeness(&self, meant: &Word) -> Option<Likeness> {
        if self.text == meant.text {
            Some(Likeness::Same)
        } else if self.text.trim() == meant.text.trim() {
            Some(Likeness::Blank)
        } else if self.lower == meant.lower {
            Some(Likeness::Case)
        } else if !self.letters.is_empty() && self.letters == meant.letters {
            // `10-24` is not `1-024`: separators between digits tell numbers apart.
            (numbers(&self.lower) == numbers(&meant.lower)).then_some(Likeness::Separators)
        } else {
            self.edits(meant).map(Likeness::Spelling)
        }
    }

    /// Damerau-Levenshtein distance where it is small for the word's length. Our own choice, on the side of
    /// silence: 10 letters bear two edits, 6 bear one; 4 bear one that is not an exchanged letter and not the
    /// first (`teams` is `team`, `state` is not `stage`); shorter words bear none.
    fn edits(&self, meant: &Word) -> Option<usize> {
        let (a, b) = (&self.letters, &meant.letters);
        let most = match b.len() {
            10.. => 2,
            4.. => 1,
            _ => return None,
        };
        if a.len().abs_diff(b.len()) > most || !self.digits().eq(meant.digits()) {
            return None;
        }
        let distance = strsim::generic_damerau_levenshtein(a, b);
        let safe = b.len() >= 6 || (a.first() == b.first() && !exchanged(a, b));
        (distance <= most && safe).then_some(distance)
    }

    fn digits(&self) -> impl Iterator<Item = &char> {
        self.letters.iter().filter(|c| c.is_numeric())
    }
}

/// The numbers in a text, as written.
fn numbers(text: &str) -> Vec<&str> {
    let parts = text.split(|c: char| !c.is_numeric());
    parts.filter(|part| !part.is_empty()).collect()
}

/// True where words of one length do not have the same letters.
fn exchanged(a: &[char], b: &[char]) -> bool {
    let (mut a, mut b) = (a.to_vec(), b.to_vec());
    a.sort_unstable();
    b.sort_unstable();
    a.len() == b.len() && a != b
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    fn likeness(written: &str, meant: &str) -> Option<Likeness> {
        Word::new(written).likeness(&Word::new(meant))
    }

    #[test]
    fn every_scalar_becomes_text_and_keys_stay_as_written() {
        let read = parse_tags(
            r#" {" org": "trey", "n": 12, "f": 1.5, "b": true, "z": null, "o": {"a": [1]}} "#,
        );
        let expected = [
            (" org", "trey"),
            ("n", "12"),
            ("f", "1.5"),
            ("b", "true"),
            ("z", ""),
            ("o", r#"{"a":[1]}"#),
        ];
        assert_eq!(read, Some(tags(&expected)));
    }

    #[test]
    fn azure_leaves_the_braces_out() {
        assert_eq!(
            parse_tags(r#""env": "prod","url": "a,b""#),
            Some(tags(&[("env", "prod"), ("url", "a,b")]))
        );
    }

    #[test]
    fn no_tags_is_not_malformed() {
        for none in ["", "  ", "{}", "null", "NULL"] {
            assert_eq!(parse_tags(none), Some(BTreeMap::new()), "{none:?}");
        }
        for wrong in [
            "[]",
            "7",
            "{",
            r#"{"a":}"#,
            r#""a": "b":"#,
            "{a:1}",
            "\u{feff}",
        ] {
            assert_eq!(parse_tags(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn the_first_key_that_is_not_blank_wins() {
        let tags = tags(&[("team", " "), ("Team", "data"), ("owner", "ann")]);
        assert_eq!(first_value(&tags, &["team", "owner", "Team"]), Some("ann"));
        assert_eq!(first_value(&tags, &["team"]), None);
    }

    #[test]
    fn spellings_of_one_word_meet() {
        assert_eq!(likeness("org", "org"), Some(Likeness::Same));
        assert_eq!(likeness(" org", "org"), Some(Likeness::Blank));
        assert_eq!(likeness("Env", "env"), Some(Likeness::Case));
        assert_eq!(
            likeness("Cost_Center", "cost-center"),
            Some(Likeness::Separators)
        );
        assert_eq!(
            likeness("enviroment", "environment"),
            Some(Likeness::Spelling(1))
        );
        assert_eq!(likeness("teams", "team"), Some(Likeness::Spelling(1)));
        assert_eq!(likeness("onwer", "owner"), Some(Likeness::Spelling(1)));
    }

    #[test]
    fn different_words_stay_apart() {
        let pairs = [
            ("state", "stage"),
            ("end", "env"),
            ("beam", "team"),
            ("team1", "team2"),
            ("us-east-1", "us-east-2"),
            ("prod", "prod2"),
            ("1-11", "11-1"),
            ("--", "__"),
            ("cost department", "cost center"),
            ("", "team"),
        ];
        for (written, meant) in pairs {
            assert_eq!(likeness(written, meant), None, "{written} {meant}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,60}", other in ".{0,60}") {
            let _ = parse_tags(&text);
            let _ = parse_tags(&format!("{{\"{text}\": {other}}}"));
            let _ = likeness(&text, &other);
        }

        #[test]
        fn what_json_wrote_is_read_back(pairs in prop::collection::btree_map(".{0,8}", ".{0,8}", 0..6)) {
            let text = serde_json::to_string(&pairs).unwrap();
            prop_assert_eq!(parse_tags(&text), Some(pairs));
        }
    }
}
