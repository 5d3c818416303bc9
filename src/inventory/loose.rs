//! Fields as strangers' JSON has them: a number in quotes, tags as an object or a list, an object as text. Takes
//! what it understands and passes over the rest, so that one odd field never costs a resource, and so that an
//! error never quotes a value.

use crate::tags::parse_tags;
use serde::de::{
    Deserialize, DeserializeOwned, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess,
    Visitor,
};
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

/// A text, a number or a boolean as text; blank, null and everything else is nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Word(pub(super) Option<String>);

/// A word, or the name, value or code of an object: how clouds print a state.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Label(pub(super) Option<String>);

/// A whole number, quoted or not; a fraction is rounded up, as clouds bill it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Number(pub(super) Option<u64>);

/// Tags or labels: an object, a list of keys and values, or either of them as text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tags(pub(super) BTreeMap<String, String>);

/// A list of words, or one word in its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Words(pub(super) Vec<String>);

/// An object, or an object as text; else nothing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Told<T>(pub(super) Option<T>);

/// A list, one object in its place, or nothing; members that are no such thing are left out.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Listed<T>(pub(super) Vec<T>);

impl<T> Default for Told<T> {
    fn default() -> Told<T> {
        Told(None)
    }
}

impl<T> Default for Listed<T> {
    fn default() -> Listed<T> {
        Listed(Vec::new())
    }
}

/// The fields of a tag in a list, in the spellings of AWS's services.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Pair {
    #[serde(alias = "Key", alias = "tagKey", alias = "TagKey", alias = "name")]
    key: Word,
    #[serde(alias = "Value", alias = "tagValue", alias = "TagValue")]
    value: Word,
}

/// What a value may turn out to be; every answer but the wanted one is "nothing".
trait Loose<'de>: Sized + Default {
    fn text(_: &str) -> Self {
        Self::default()
    }
    fn number(_: f64) -> Self {
        Self::default()
    }
    fn whole(number: u64) -> Self {
        #[allow(
            clippy::cast_precision_loss,
            reason = "only counts beyond 2⁵³ lose digits"
        )]
        Self::number(number as f64)
    }
    fn truth(_: bool) -> Self {
        Self::default()
    }
    fn map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

struct Taker<T>(PhantomData<T>);

impl<'de, T: Loose<'de>> Visitor<'de> for Taker<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::text(text))
    }
    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        Ok(T::whole(number))
    }
    fn visit_i64<E>(self, number: i64) -> Result<T, E> {
        Ok(u64::try_from(number).map_or_else(|_| T::text(&number.to_string()), T::whole))
    }
    fn visit_f64<E>(self, number: f64) -> Result<T, E> {
        Ok(T::number(number))
    }
    fn visit_bool<E>(self, truth: bool) -> Result<T, E> {
        Ok(T::truth(truth))
    }
    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::map(map)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::list(list)
    }
}

macro_rules! taken_loosely {
    ($($name:ident $(<$param:ident>)?),+) => {$(
        impl<'de $(, $param: DeserializeOwned)?> Deserialize<'de> for $name $(<$param>)? {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_any(Taker(PhantomData))
            }
        }
    )+};
}
taken_loosely!(Word, Label, Number, Tags, Words, Told<T>, Listed<T>);

impl Loose<'_> for Word {
    fn text(text: &str) -> Word {
        Word((!text.trim().is_empty()).then(|| text.to_owned()))
    }
    fn number(number: f64) -> Word {
        Word(Some(number.to_string()))
    }
    fn whole(number: u64) -> Word {
        Word(Some(number.to_string()))
    }
    fn truth(truth: bool) -> Word {
        Word(Some(truth.to_string()))
    }
}

impl<'de> Loose<'de> for Label {
    fn text(text: &str) -> Label {
        Label(Word::text(text).0)
    }
    fn map<A: MapAccess<'de>>(map: A) -> Result<Label, A::Error> {
        let Tags(mut fields) = Tags::map(map)?;
        let names = ["name", "Name", "displayStatus", "value", "code", "Code"];
        let word = names.iter().find_map(|name| fields.remove(*name));
        Ok(Label(word.filter(|word| !word.is_empty())))
    }
}

impl Loose<'_> for Number {
    fn text(text: &str) -> Number {
        text.trim().parse().map_or(Number(None), Number::number)
    }
    fn number(number: f64) -> Number {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to lie between"
        )]
        Number((0.0..9e15).contains(&number).then(|| number.ceil() as u64))
    }
    fn whole(number: u64) -> Number {
        Number(Some(number))
    }
}

impl<'de> Loose<'de> for Words {
    fn text(text: &str) -> Words {
        Words(Word::text(text).0.into_iter().collect())
    }
    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Words, A::Error> {
        let mut words = Vec::new();
        while let Some(Word(word)) = list.next_element()? {
            words.extend(word);
        }
        Ok(Words(words))
    }
}

impl<'de> Loose<'de> for Tags {
    fn text(text: &str) -> Tags {
        if text.trim_start().starts_with('[') {
            return serde_json::from_str(text).unwrap_or_default();
        }
        Tags(parse_tags(text).unwrap_or_default())
    }
    fn map<A: MapAccess<'de>>(mut map: A) -> Result<Tags, A::Error> {
        let mut tags = BTreeMap::new();
        while let Some((key, Word(value))) = map.next_entry::<String, Word>()? {
            tags.insert(key, value.unwrap_or_default());
        }
        Ok(Tags(tags))
    }
    fn list<A: SeqAccess<'de>>(list: A) -> Result<Tags, A::Error> {
        let Listed(pairs) = Listed::<Pair>::list(list)?;
        let pair = |pair: Pair| Some((pair.key.0?, pair.value.0.unwrap_or_default()));
        Ok(Tags(pairs.into_iter().filter_map(pair).collect()))
    }
}

impl<'de, T: DeserializeOwned> Loose<'de> for Told<T> {
    fn text(text: &str) -> Told<T> {
        let object = text.trim_start().starts_with('{');
        Told(object.then(|| serde_json::from_str(text).ok()).flatten())
    }
    fn map<A: MapAccess<'de>>(map: A) -> Result<Told<T>, A::Error> {
        T::deserialize(serde::de::value::MapAccessDeserializer::new(map))
            .map(|object| Told(Some(object)))
            .map_err(|_| A::Error::custom("a field has another type than it should"))
    }
}

impl<'de, T: DeserializeOwned> Loose<'de> for Listed<T> {
    fn map<A: MapAccess<'de>>(map: A) -> Result<Listed<T>, A::Error> {
        Ok(Listed(Told::map(map)?.0.into_iter().collect()))
    }
    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Listed<T>, A::Error> {
        let mut members = Vec::new();
        while let Some(Told(member)) = list.next_element::<Told<T>>()? {
            members.extend(member);
        }
        Ok(Listed(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, serde::Deserialize)]
    #[serde(default)]
    struct Disk {
        size: Number,
        name: Word,
        tags: Tags,
        inner: Told<Box<Disk>>,
        parts: Listed<Disk>,
    }

    fn disk(text: &str) -> Disk {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn numbers_and_words_come_quoted_or_not() {
        for (text, size) in [
            ("12", Some(12)),
            ("\"12\"", Some(12)),
            ("11.5", Some(12)),
            ("-1", None),
            ("\"x\"", None),
            ("[{}]", None),
            ("null", None),
        ] {
            assert_eq!(disk(&format!("{{\"size\":{text}}}")).size.0, size, "{text}");
        }
        assert_eq!(disk(r#"{"name":12}"#).name.0.as_deref(), Some("12"));
        assert_eq!(disk(r#"{"name":" "}"#).name.0, None);
        assert_eq!(disk(r#"{"name":{"a":[1]}}"#).name.0, None);
    }

    #[test]
    fn tags_are_one_in_every_dress() {
        for tags in [
            r#"{"team":"web","n":1}"#,
            r#""{\"team\":\"web\",\"n\":1}""#,
            r#"[{"Key":"team","Value":"web"},{"key":"n","value":"1"},7]"#,
            r#""[{\"key\":\"team\",\"value\":\"web\"},{\"key\":\"n\",\"value\":\"1\"}]""#,
        ] {
            let Tags(found) = disk(&format!("{{\"tags\":{tags}}}")).tags;
            assert_eq!(
                (found.len(), found["team"].as_str(), found["n"].as_str()),
                (2, "web", "1"),
                "{tags}"
            );
        }
        assert!(disk(r#"{"tags":"hello"}"#).tags.0.is_empty());
    }

    #[test]
    fn objects_come_as_text_and_lists_as_one() {
        let told = disk(r#"{"inner":"{\"size\":3}","parts":{"size":4}}"#);
        assert_eq!(told.inner.0.unwrap().size.0, Some(3));
        assert_eq!(told.parts.0[0].size.0, Some(4));
        assert_eq!(
            disk(r#"{"inner":"{broken","parts":[null,{"size":1}]}"#)
                .parts
                .0
                .len(),
            1
        );
    }
}
