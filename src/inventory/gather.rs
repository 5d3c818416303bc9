//! Measurements to series, by resource and by what the words of a row mean. Texts are compared, not stored, where
//! they come again; no measurement makes a string. Reads no file.

use super::measure::{self, Meaning, Misfit, Reading, Words};
use super::metrics::Scan;
use super::series::Series;
use super::table::shown;
use crate::resource::{Metric, Samples};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// What rows leave behind.
#[derive(Default)]
pub(super) struct Gathered {
    /// Measurements so far.
    pub(super) rows: u64,
    resources: Numbers,
    /// Words of a row, as one text.
    words: Numbers,
    buffer: Vec<u8>,
    meanings: Vec<(Meaning, u64)>,
    /// By resource: words and the place in `series`.
    places: Vec<Vec<(usize, usize)>>,
    series: Vec<(usize, Reading, Samples)>,
    unread: BTreeMap<String, u64>,
}

/// Short numbers for texts that come again and again, in the same order more often than not.
#[derive(Default)]
struct Numbers {
    known: HashMap<Box<[u8]>, usize, FixedState>,
    texts: Vec<Box<[u8]>>,
    last: usize,
    /// By number: which one came next the last time.
    next: Vec<usize>,
}

impl Numbers {
    fn of(&mut self, text: &[u8]) -> usize {
        let is = |number: usize| self.texts.get(number).is_some_and(|known| **known == *text);
        if is(self.last) {
            return self.last;
        }
        let guess = self.next.get(self.last).copied().unwrap_or(0);
        let number = if is(guess) { guess } else { self.look_up(text) };
        self.last = number;
        number
    }

    #[cold]
    fn look_up(&mut self, text: &[u8]) -> usize {
        let number = if let Some(&number) = self.known.get(text) {
            number
        } else {
            self.known.insert(text.into(), self.texts.len());
            self.texts.push(text.into());
            self.next.push(0);
            self.texts.len() - 1
        };
        self.next[self.last] = number;
        number
    }
}

impl Gathered {
    /// The number of a resource; `None` where that is no id.
    pub(super) fn resource(&mut self, id: &[u8]) -> Option<usize> {
        let id = id.trim_ascii();
        let number = self.resources.of(id);
        if number == self.places.len() {
            // Later rows would find the number that a refused id already has; the first one stops the run.
            std::str::from_utf8(id).ok().filter(|id| !id.is_empty())?;
            self.places.push(Vec::new());
        }
        Some(number)
    }

    /// The number of the words `metric, statistic, unit, period`.
    pub(super) fn words(&mut self, words: [&[u8]; 4]) -> Result<usize, Misfit> {
        self.buffer.clear();
        for word in words {
            self.buffer.extend_from_slice(word);
            // No UTF-8 text holds this byte, so words cannot run into each other.
            self.buffer.push(0xff);
        }
        let number = self.words.of(&self.buffer);
        if number == self.meanings.len() {
            self.meanings.push((understand(words)?, 0));
        }
        Ok(number)
    }

    /// Counts a measurement with these words; how to read it, where it is known.
    pub(super) fn count(&mut self, words: usize) -> Option<Reading> {
        self.rows += 1;
        let (meaning, rows) = &mut self.meanings[words];
        *rows += 1;
        match meaning {
            Meaning::Known(reading) => Some(*reading),
            Meaning::Unknown(_) => None,
        }
    }

    /// Adds a measurement, in the metric's unit.
    pub(super) fn add(&mut self, resource: usize, words: usize, time: i64, value: f32) {
        let places = &mut self.places[resource];
        let known = places.iter().find(|place| place.0 == words);
        let place = if let Some(&(_, place)) = known {
            place
        } else {
            let Meaning::Known(reading) = self.meanings[words].0 else {
                return;
            };
            places.push((words, self.series.len()));
            self.series.push((resource, reading, room(reading.metric)));
            self.series.len() - 1
        };
        self.series[place].2.push(time, value);
    }

    /// A measurement of a document: its words are `metric, statistic, unit, period`. An error says what is wrong.
    pub(super) fn measurement(
        &mut self,
        resource: &str,
        words: [&str; 4],
        time: i64,
        number: f64,
    ) -> Result<(), String> {
        let words = self.words(words.map(str::as_bytes)).map_err(Misfit::what)?;
        let Some(reading) = self.count(words) else {
            return Ok(());
        };
        let value = measure::scaled(number, reading.scale)
            .ok_or_else(|| format!("{number} is no measurement"))?;
        let resource = self
            .resource(resource.as_bytes())
            .ok_or_else(|| format!("{resource:?} is no resource id"))?;
        self.add(resource, words, time, value);
        Ok(())
    }

    /// Counts a measurement that nothing here reads.
    pub(super) fn unread(&mut self, name: &str) {
        self.rows += 1;
        *self.unread.entry(name.to_owned()).or_default() += 1;
    }

    /// What a file held.
    pub(super) fn finish(self) -> Scan {
        let mut unknown = self.unread;
        for (meaning, rows) in self.meanings {
            if let Meaning::Unknown(name) = meaning {
                *unknown.entry(name).or_default() += rows;
            }
        }
        let ids = self.resources.texts;
        let named = |(resource, reading, samples): (usize, Reading, Samples)| Series {
            resource: String::from_utf8_lossy(&ids[resource]).into_owned(),
            reading,
            samples,
        };
        Scan {
            rows: self.rows,
            series: self.series.into_iter().map(named).collect(),
            unknown,
        }
    }
}

/// Percentages to 0.01, all else exactly.
pub(super) fn room(metric: Metric) -> Samples {
    match metric {
        Metric::Cpu | Metric::Memory => Samples::hundredths(),
        _ => Samples::default(),
    }
}

fn understand(words: [&[u8]; 4]) -> Result<Meaning, Misfit> {
    let mut texts = [""; 4];
    for (text, word) in texts.iter_mut().zip(words) {
        *text = std::str::from_utf8(word)
            .map_err(|_| Misfit::Text(format!("{} is not UTF-8 text", shown(word))))?;
    }
    let [metric, statistic, unit, period] = texts;
    measure::meaning(Words {
        metric,
        statistic,
        unit,
        period,
    })
}
