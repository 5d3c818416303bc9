//! JSON exports to batches: objects one after the other, a line each or laid out over many lines, or in
//! one array; one pass, bounded memory. Nested objects become dotted names (`service.id`), lists stay text
//! in one cell, numbers keep their digits.
//!
//! Where every object has its own line, a broken line is set aside like any row. Elsewhere nothing tells
//! where the next object begins, so a broken one is an error.

use super::bind::Binding;
use super::csv::BATCH;
use super::door::{Door, Row};
use super::nested::{self, Value};
use super::open;
use crate::error::{Error, Result};
use polars::prelude::DataFrame;
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// Bytes of one object at most; a row of a bill has a few thousand.
const LARGEST: usize = 16 << 20;

/// Names whose columns are remembered; a bill has a hundred.
const NAMES: usize = 10_000;

/// The names of an export's first object, dotted; of nested objects also their own.
pub(super) fn header(path: &Path) -> Result<Vec<String>> {
    let mut names: Option<Vec<String>> = None;
    open::unpacked(path, &mut |stream| {
        if names.is_none() {
            let mut objects = Objects::new(stream);
            if let Some(line) = objects.next(path)? {
                let mut all = Vec::new();
                each_leaf(
                    &objects.value(path, line)?,
                    &mut String::new(),
                    &mut |name, _| {
                        all.push(name.to_owned());
                    },
                );
                names = Some(all);
            }
        }
        Ok(())
    })?;
    names.ok_or_else(|| open::empty(path))
}

/// Streams a JSON export through a door; every full batch goes to `sink`.
pub(super) fn read(
    path: &Path,
    binding: &Binding,
    door: &mut Door,
    sink: &mut dyn FnMut(&mut Door, DataFrame) -> Result<()>,
) -> Result<()> {
    open::unpacked(path, &mut |stream| {
        let mut objects = Objects::new(stream);
        let mut places = Places::new(binding);
        let mut cells = Cells {
            texts: vec![String::new(); binding.header.len()],
            record: Vec::new(),
        };
        while let Some(line) = objects.next(path)? {
            match objects.value(path, line) {
                Ok(value) => {
                    cells.fill(&value, &mut places);
                    cells.record.clone_from(&objects.text);
                    door.take(&cells, line);
                }
                Err(error) if !objects.a_line_each => return Err(error),
                Err(_) => {
                    door.unreadable(&objects.text, line, "the line is not one whole JSON object")
                }
            }
            if door.rows() >= BATCH {
                let batch = door.batch()?;
                sink(door, batch)?;
            }
        }
        Ok(())
    })?;
    if door.rows() > 0 {
        let batch = door.batch()?;
        sink(door, batch)?;
    }
    Ok(())
}

/// One object as the cells of its row.
struct Cells {
    texts: Vec<String>,
    record: Vec<u8>,
}

impl Cells {
    fn fill(&mut self, object: &Value, places: &mut Places) {
        self.texts.iter_mut().for_each(String::clear);
        each_leaf(object, &mut String::new(), &mut |name, value| {
            if let Some(at) = places.of(name) {
                self.texts[at] = value.clone().plain();
            }
        });
    }
}

impl Row for Cells {
    fn cell(&self, index: usize) -> Cow<'_, [u8]> {
        Cow::Borrowed(self.texts.get(index).map_or(b"", |text| text.as_bytes()))
    }

    fn is_text(&self) -> bool {
        true
    }

    fn record(&self) -> Option<&[u8]> {
        Some(&self.record)
    }
}

/// Where the columns of names stand.
struct Places<'a> {
    binding: &'a Binding,
    used: Vec<usize>,
    known: HashMap<String, Option<usize>>,
}

impl Places<'_> {
    fn new(binding: &Binding) -> Places<'_> {
        Places {
            binding,
            used: binding.used(),
            known: HashMap::new(),
        }
    }

    fn of(&mut self, name: &str) -> Option<usize> {
        if let Some(known) = self.known.get(name) {
            return *known;
        }
        if self.known.len() >= NAMES {
            self.known.clear();
        }
        let at = self
            .binding
            .position(name)
            .filter(|at| self.used.contains(at));
        self.known.insert(name.to_owned(), at);
        at
    }
}

/// Every value of an object by its dotted name; nested objects by their own name too.
fn each_leaf(value: &Value, name: &mut String, see: &mut dyn FnMut(&str, &Value)) {
    if !name.is_empty() {
        see(name, value);
    }
    if let Value::Struct(fields) = value {
        let length = name.len();
        for (field, value) in fields {
            if length > 0 {
                name.push('.');
            }
            name.push_str(field);
            each_leaf(value, name, see);
            name.truncate(length);
        }
    }
}

/// The objects of a stream, cut out one by one.
struct Objects<'a> {
    input: BufReader<&'a mut dyn Read>,
    text: Vec<u8>,
    line: u64,
    first: bool,
    a_line_each: bool,
}

/// How far the object under the cut is open.
#[derive(Default)]
struct Nesting {
    depth: u32,
    quoted: bool,
    escaped: bool,
}

impl Nesting {
    fn step(&mut self, byte: u8) {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.quoted => self.escaped = true,
            b'"' => self.quoted = !self.quoted,
            _ if self.quoted => {}
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }
}

impl<'a> Objects<'a> {
    fn new(input: &'a mut dyn Read) -> Objects<'a> {
        Objects {
            input: BufReader::with_capacity(1 << 20, input),
            text: Vec::new(),
            line: 1,
            first: true,
            a_line_each: false,
        }
    }

    /// Cuts the next object, or a line that is none, into `text`; the line on which it begins.
    fn next(&mut self, path: &Path) -> Result<Option<u64>> {
        self.text.clear();
        let mut inside = Nesting::default();
        let mut begin = self.line;
        loop {
            let chunk = self.input.fill_buf().map_err(|e| open::broken(path, &e))?;
            if chunk.is_empty() {
                return match inside.depth {
                    _ if self.text.is_empty() => Ok(None),
                    0 => Ok(Some(begin)),
                    _ => Err(cut_short(path, self.line)),
                };
            }
            let mut used = 0;
            let mut whole = false;
            for &byte in chunk {
                used += 1;
                self.line += u64::from(byte == b'\n');
                let between = self.text.is_empty()
                    && (byte.is_ascii_whitespace()
                        || b"[],".contains(&byte)
                        || open::BOM.contains(&byte));
                if between {
                    begin = self.line;
                    continue;
                }
                if byte == b'\n' && (self.a_line_each || inside.depth == 0 || inside.quoted) {
                    whole = true;
                    break;
                }
                self.text.push(byte);
                let opened = inside.depth > 0;
                inside.step(byte);
                if opened && inside.depth == 0 {
                    whole = true;
                    break;
                }
            }
            self.input.consume(used);
            if whole {
                return Ok(Some(begin));
            }
            if self.text.len() > LARGEST {
                return Err(
                    Error::data("an object of more than 16 MiB: this is no row of a bill")
                        .at_line(path, begin, 0),
                );
            }
        }
    }

    /// The value that was cut out.
    fn value(&mut self, path: &Path, line: u64) -> Result<Value> {
        let parsed = nested::parse(&self.text).and_then(|value| match value {
            Value::Struct(_) => Ok(value),
            _ => Err(0),
        });
        if self.first {
            self.first = false;
            self.a_line_each = parsed.is_ok() && !self.text.contains(&b'\n');
        }
        parsed.map_err(|at| {
            let before = &self.text[..at];
            let down = memchr::memchr_iter(b'\n', before).count() as u64;
            let column = before
                .iter()
                .rev()
                .take_while(|byte| **byte != b'\n')
                .count() as u64;
            Error::data("this is not JSON")
                .at_line(path, line + down, column + 1)
                .hint("one object per row, as `bq extract` writes them; extract the table again")
        })
    }
}

fn cut_short(path: &Path, line: u64) -> Error {
    Error::data("the file ends inside an object")
        .at_line(path, line, 0)
        .hint("download it again; nothing of it was counted")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Line and text of everything that is cut out, and whether it is an object.
    fn cut(text: &str) -> Vec<(u64, String, bool)> {
        let mut bytes = text.as_bytes();
        let mut objects = Objects::new(&mut bytes);
        let (path, mut found) = (Path::new("x.json"), Vec::new());
        while let Some(line) = objects.next(path).unwrap() {
            let good = objects.value(path, line).is_ok();
            found.push((line, String::from_utf8(objects.text.clone()).unwrap(), good));
        }
        found
    }

    #[test]
    fn objects_are_cut_out_of_lines_layouts_and_arrays() {
        let wanted = vec![
            (1, r#"{"a":"}\"{"}"#.to_owned(), true),
            (2, "{\"b\":[1]}".into(), true),
        ];
        assert_eq!(cut("{\"a\":\"}\\\"{\"}\n{\"b\":[1]}\n"), wanted);
        assert_eq!(cut("\u{feff}{\"a\":\"}\\\"{\"}\n{\"b\":[1]}"), wanted);
        assert_eq!(cut("[{\"a\":\"}\\\"{\"},\n{\"b\":[1]}]"), wanted);
        let laid_out = cut("{\n \"a\": 1\n}\n\n{ \"b\": {\n} }");
        assert_eq!(
            laid_out.iter().map(|(line, ..)| *line).collect::<Vec<_>>(),
            [1, 5]
        );
    }

    #[test]
    fn a_broken_line_costs_itself_alone() {
        let found = cut("{\"a\":1}\n{\"a\":\noops\n{\"a\":\"x}\n{\"a\":4}\n");
        let good: Vec<(u64, bool)> = found.iter().map(|(line, _, good)| (*line, *good)).collect();
        assert_eq!(
            good,
            [(1, true), (2, false), (3, false), (4, false), (5, true)]
        );
    }

    #[test]
    fn an_object_that_ends_early_is_an_error_with_its_line() {
        let mut bytes = "{\"a\":1}\n{\"a\":".as_bytes();
        let mut objects = Objects::new(&mut bytes);
        let path = Path::new("x.json");
        assert_eq!(objects.next(path).unwrap(), Some(1));
        let error = objects.next(path).unwrap_err().to_string();
        assert!(error.contains("x.json:2"), "{error}");
    }

    #[test]
    fn nested_objects_have_dotted_names() {
        let value = nested::parse(br#"{"a":{"b":1,"c":[2]},"d":null}"#).unwrap();
        let mut seen = Vec::new();
        each_leaf(&value, &mut String::new(), &mut |name, value| {
            seen.push(format!("{name}={}", value.clone().plain()));
        });
        assert_eq!(seen, [r#"a={"b":1,"c":[2]}"#, "a.b=1", "a.c=[2]", "d="]);
    }
}
