//! Cells that hold a list or a struct: JSON text, or what Python prints of one (single quotes, `True`,
//! `None`, arrays without commas). Numbers keep the digits they were written with.
//!
//! Knows no format. What is neither is an error with its place; nothing is guessed.

use crate::money::Money;
use std::collections::BTreeMap;

/// Structs in structs in lists: no bill has more of them.
const DEEPEST: u32 = 64;

/// A value of a cell or of a JSON export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Value>),
    Struct(Vec<(String, Value)>),
}

/// A text picked out of a list of structs: `of`, of the first one whose `by` is `start` or begins with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pick {
    pub(super) by: String,
    pub(super) start: String,
    pub(super) prefix: bool,
    pub(super) of: String,
}

/// Reads a whole cell; the place (from 0) where it stops being one.
pub(super) fn parse(text: &[u8]) -> Result<Value, usize> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0).ok_or(reader.at)?;
    reader.blanks();
    if reader.at == text.len() {
        Ok(value)
    } else {
        Err(reader.at)
    }
}

/// The sum of a field over a list of structs, in stored units; nothing of an empty cell.
pub(super) fn sum(cell: &[u8], field: &str) -> Result<Option<i128>, String> {
    let cell = cell.trim_ascii();
    match cell {
        b"" | b"NULL" | b"null" | b"None" => return Ok(None),
        b"[]" => return Ok(Some(0)),
        _ => {}
    }
    let no_list = || format!("this is no list of structs with `{field}`");
    let Ok(Value::List(entries)) = parse(cell) else {
        return Err(no_list());
    };
    let mut total = Money::ZERO;
    for entry in &entries {
        let amount = match entry.get(field) {
            Some(Value::Number(text) | Value::Text(text)) => Money::parse(text.trim().as_bytes()),
            Some(Value::Null) => Ok(Money::ZERO),
            _ => return Err(no_list()),
        };
        let amount = amount.map_err(|_| format!("`{field}` is not a number"))?;
        total = total.plus(amount).ok_or("the amounts add up to too much")?;
    }
    Ok(Some(total.units()))
}

/// The entries of a tag cell that is a list of `key` and `value` structs, or a struct as Python prints it.
/// What is closest to the resource wins: labels of a project give way to its own. A namespace, and what a
/// FOCUS view says of the kind of a label, become part of the key.
pub(super) fn tags(cell: &[u8]) -> Option<BTreeMap<String, String>> {
    match parse(cell).ok()? {
        Value::Struct(fields) => Some(fields.into_iter().map(|(k, v)| (k, v.plain())).collect()),
        Value::List(entries) => {
            let mut tags = BTreeMap::new();
            let kind = |entry: &Value| entry.text("x_type").unwrap_or_default().to_lowercase();
            let (project, own): (Vec<&Value>, Vec<&Value>) =
                entries.iter().partition(|e| kind(e).contains("project"));
            for entry in project.into_iter().chain(own) {
                let (scheme, kind) = (entry.text("namespace"), kind(entry));
                let scheme = match (scheme.filter(|text| !text.is_empty()), kind.as_str()) {
                    (Some(namespace), _) => format!("{namespace}/"),
                    (None, kind) if kind.contains("system") => "system:".to_owned(),
                    (None, "tag" | "tags" | "resource_tag") => "tag:".to_owned(),
                    _ => String::new(),
                };
                let key = entry.text("key")?;
                let value = entry.get("value").map(|value| value.clone().plain());
                tags.insert(scheme + &key, value.unwrap_or_default());
            }
            Some(tags)
        }
        _ => None,
    }
}

impl Pick {
    /// Reads `type=COMMITTED*].id`, what stands behind the bracket of a definition.
    pub(super) fn read(text: &str) -> Option<Pick> {
        let (test, of) = text.split_once("].")?;
        let (by, start) = test.split_once('=')?;
        Some(Pick {
            by: by.to_owned(),
            start: start.trim_end_matches('*').to_owned(),
            prefix: start.ends_with('*'),
            of: of.to_owned(),
        })
    }

    /// The text, where the list has it; a list of keys and values may have become a struct.
    pub(super) fn of(&self, list: &Value) -> Option<String> {
        let entries = match list {
            Value::List(entries) => entries,
            Value::Struct(_) if (self.by.as_str(), self.of.as_str()) == ("key", "value") => {
                return list.text(&self.start);
            }
            _ => return None,
        };
        let fits = |entry: &&Value| {
            entry.text(&self.by).is_some_and(|text| {
                text == self.start || (self.prefix && text.starts_with(&self.start))
            })
        };
        entries.iter().find(fits)?.text(&self.of)
    }
}

impl Value {
    /// A field of a struct; letter case aside.
    pub(super) fn get(&self, field: &str) -> Option<&Value> {
        let Value::Struct(fields) = self else {
            return None;
        };
        let named = |(name, _): &&(String, Value)| name.eq_ignore_ascii_case(field);
        fields.iter().find(named).map(|(_, value)| value)
    }

    /// A field of a struct as text; nothing where it is null.
    pub(super) fn text(&self, field: &str) -> Option<String> {
        match self.get(field)? {
            Value::Null => None,
            value => Some(value.clone().plain()),
        }
    }

    /// As the text of a cell: lists and structs as JSON, null as nothing.
    pub(super) fn plain(self) -> String {
        match self {
            Value::Null => String::new(),
            Value::Text(text) | Value::Number(text) => text,
            other => {
                let mut json = String::new();
                other.write(&mut json);
                json
            }
        }
    }

    /// Appends JSON text.
    fn write(&self, json: &mut String) {
        match self {
            Value::Null => json.push_str("null"),
            Value::Bool(yes) => json.push_str(if *yes { "true" } else { "false" }),
            Value::Number(text) => json.push_str(text),
            Value::Text(text) => json.push_str(&quoted(text)),
            Value::List(entries) => {
                json.push('[');
                for (index, entry) in entries.iter().enumerate() {
                    json.push_str(if index > 0 { "," } else { "" });
                    entry.write(json);
                }
                json.push(']');
            }
            Value::Struct(fields) => {
                json.push('{');
                for (index, (name, value)) in fields.iter().enumerate() {
                    json.push_str(if index > 0 { "," } else { "" });
                    json.push_str(&quoted(name));
                    json.push(':');
                    value.write(json);
                }
                json.push('}');
            }
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// Text and how far it is read.
struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Steps over a byte, if it is the next one.
    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }

    fn word(&mut self, word: &str, value: Value) -> Option<Value> {
        let rest = &self.text[self.at..];
        rest.starts_with(word.as_bytes()).then(|| {
            self.at += word.len();
            value
        })
    }

    fn value(&mut self, depth: u32) -> Option<Value> {
        self.blanks();
        match self.peek().filter(|_| depth < DEEPEST)? {
            b'{' => self.fields(depth),
            b'[' => self.list(depth),
            quote @ (b'"' | b'\'') => self.quote(quote).map(Value::Text),
            b'n' => self.word("null", Value::Null),
            b'N' => self.word("None", Value::Null),
            b't' => self.word("true", Value::Bool(true)),
            b'T' => self.word("True", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'F' => self.word("False", Value::Bool(false)),
            _ => self.number(),
        }
    }

    fn number(&mut self) -> Option<Value> {
        let rest = &self.text[self.at..];
        let is_part = |b: &&u8| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E');
        let length = rest.iter().take_while(is_part).count();
        let text = std::str::from_utf8(&rest[..length]).ok()?;
        text.parse::<f64>().ok()?;
        self.at += length;
        Some(Value::Number(text.to_owned()))
    }

    fn fields(&mut self, depth: u32) -> Option<Value> {
        self.eat(b'{')?;
        let mut fields = Vec::new();
        self.blanks();
        while self.peek()? != b'}' {
            let quote = self.peek().filter(|byte| matches!(byte, b'"' | b'\''))?;
            let name = self.quote(quote)?;
            self.blanks();
            self.eat(b':')?;
            let value = self.value(depth + 1)?;
            fields.push((name, value));
            self.blanks();
            if self.eat(b',').is_none() && self.peek()? != b'}' {
                return None;
            }
            self.blanks();
        }
        self.at += 1;
        Some(Value::Struct(fields))
    }

    /// A list; what Python prints of an array has no commas between its structs.
    fn list(&mut self, depth: u32) -> Option<Value> {
        self.eat(b'[')?;
        let mut entries = Vec::new();
        self.blanks();
        while self.peek()? != b']' {
            entries.push(self.value(depth + 1)?);
            self.blanks();
            if self.eat(b',').is_none() && !matches!(self.peek()?, b']' | b'{') {
                return None;
            }
            self.blanks();
        }
        self.at += 1;
        Some(Value::List(entries))
    }

    fn quote(&mut self, quote: u8) -> Option<String> {
        self.eat(quote)?;
        let mut bytes = Vec::new();
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'\\' => {
                    let mut utf8 = [0; 4];
                    let escaped = self.escaped()?;
                    bytes.extend_from_slice(escaped.encode_utf8(&mut utf8).as_bytes());
                }
                _ if byte == quote => return String::from_utf8(bytes).ok(),
                _ => bytes.push(byte),
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'x' => char::from_u32(self.hex(2)?)?,
            b'U' => char::from_u32(self.hex(8)?)?,
            b'u' => {
                let first = self.hex(4)?;
                if !(0xd800..0xdc00).contains(&first) {
                    return char::from_u32(first);
                }
                self.eat(b'\\')?;
                self.eat(b'u')?;
                let second = self
                    .hex(4)?
                    .checked_sub(0xdc00)
                    .filter(|low| *low < 0x400)?;
                char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + second)?
            }
            b'"' | b'\'' | b'\\' | b'/' => char::from(byte),
            _ => return None,
        })
    }

    fn hex(&mut self, digits: usize) -> Option<u32> {
        let text = self.text.get(self.at..self.at + digits)?;
        self.at += digits;
        let text = std::str::from_utf8(text).ok()?;
        text.bytes().all(|b| b.is_ascii_hexdigit()).then_some(())?;
        u32::from_str_radix(text, 16).ok()
    }
}

#[cfg(test)]
#[path = "nested/tests.rs"]
mod tests;
