//! Any bill into the lake: find, recognise, type, map, set aside what cannot be understood.
//!
//! Never drops a row silently: what goes in is charges, set aside with a place, or an error. Async code, if
//! a source needs it, ends at this door.

mod amounts;
mod aws;
mod azure;
mod beside;
mod bind;
mod cells;
mod classes;
mod cluster;
mod csv;
mod dates;
mod door;
mod find;
mod format;
mod guard;
mod ingest;
mod json;
mod layout;
mod ledger;
mod moment;
mod names;
mod nested;
mod open;
mod parquet;
mod places;
mod prices;
mod store;
mod sums;
mod tags;
mod words;

pub mod cost_explorer;

pub use format::formats;
pub use guard::refuse_double_counts;

use self::azure::Selection;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::lake::{Fingerprint, Input, Lake, Period, fingerprint, hash};
use polars::prelude::DataFrame;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Raised whenever the same bytes would be read differently: everything is then read again.
const READER_VERSION: &str = "5";

/// A named export: everything that makes up one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// How the lake and reports call the source.
    pub name: String,
    /// Paths, folders and globs as the user named them.
    pub paths: Vec<String>,
    /// What the user says of its files.
    pub named: Named,
    /// What the user says of single files, where a bill is made of several entries.
    pub files: BTreeMap<PathBuf, Named>,
    /// True for files named on the command line: their source is known by its files.
    pub ad_hoc: bool,
}

/// What the user says of an export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// The format, where the user named it.
    pub format: Option<String>,
    /// The currency of rows that name none.
    pub currency: Option<String>,
}

/// Which tags name an owner, in the order of preference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnerKeys {
    /// Keys of the team.
    pub team: Vec<String>,
    /// Keys of the environment.
    pub environment: Vec<String>,
    /// Keys of the cost centre.
    pub cost_center: Vec<String>,
}

impl OwnerKeys {
    /// Team, environment and cost centre of a tag set; blank values are none.
    fn of(&self, tags: &BTreeMap<String, String>) -> [Option<String>; 3] {
        let first = |keys: &[String]| {
            let value = keys
                .iter()
                .find_map(|key| tags.get(key).filter(|value| !value.trim().is_empty()));
            value.cloned()
        };
        [
            first(&self.team),
            first(&self.environment),
            first(&self.cost_center),
        ]
    }
}

/// How files are read.
pub(crate) struct Options {
    owner_keys: OwnerKeys,
    categories: DataFrame,
}

/// One source after filling: its periods of this run, and the inputs they are made of.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name in reports.
    pub name: String,
    /// Its name in the lake.
    pub id: String,
    /// Inputs by key.
    pub inputs: BTreeMap<String, Input>,
    /// Periods that the run covers, oldest first.
    pub periods: Vec<Period>,
    /// Files whose rows were read in this run; none when nothing changed.
    pub files_read: usize,
    /// Files in all.
    pub files: usize,
    /// True where its files were named on the command line: the lake keeps no month beyond them.
    pub ad_hoc: bool,
}

impl Bill {
    /// True where some of it lies in an object store.
    pub fn is_remote(&self) -> bool {
        self.paths.iter().any(|path| store::is_url(path))
    }
}

/// The files that a bill has on disk, in order. Fails before anything slow begins.
pub fn find(bill: &Bill) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in bill.paths.iter().filter(|path| !store::is_url(path)) {
        files.extend(find::files(path)?);
    }
    files.sort();
    files.dedup();
    Ok(files)
}

/// Brings what a bill has in object stores into the lake's mirror; its files there. Only what is new is read.
pub fn fetch(lake: &Lake, bill: &Bill) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for url in bill.paths.iter().filter(|path| store::is_url(path)) {
        files.extend(store::sync(lake, url)?);
    }
    files.sort();
    files.dedup();
    Ok(files)
}

/// An error about a file of the mirror as one about the object that the user knows.
#[must_use]
pub fn as_named(lake: &Lake, error: Error) -> Error {
    let url = error
        .place()
        .and_then(|place| store::url_of(lake, &place.path));
    match url {
        Some(url) => error.moved(url),
        None => error,
    }
}

/// A file as the user knows it: its path, or its URL where it is a file of the mirror.
fn shown(lake: &Lake, path: &Path) -> PathBuf {
    store::url_of(lake, path).unwrap_or_else(|| path.to_owned())
}

/// How a file's bill is called by default: by its format, from its header.
pub fn name_of(path: &Path, wanted: Option<&str>) -> Result<String> {
    ingest::bind(path, wanted).map(|binding| binding.source.to_owned())
}

/// Brings the files of a bill into the lake. Only files whose content or mapping is new are read. What the
/// lake takes for the source's periods is not touched; [`commit`] does that once the run is sure of them.
pub fn fill(
    lake: &Lake,
    bill: &Bill,
    files: &[PathBuf],
    owner_keys: &OwnerKeys,
    engine: &Engine,
) -> Result<Source> {
    let options = Options {
        owner_keys: owner_keys.clone(),
        categories: crate::engine::categories()?,
    };
    let prints = fingerprint(lake, files)?;
    guard::refuse_copies(lake, files, &prints)?;
    let work: Vec<ingest::File<'_>> = files
        .iter()
        .zip(&prints)
        .map(|(path, print)| {
            let named = bill.files.get(path).unwrap_or(&bill.named);
            ingest::File {
                path,
                print,
                key: key(print, &options, named, &Selection::new()),
                named,
                selection: Selection::new(),
            }
        })
        .collect();
    let read = read_all(lake, work, &options, engine)?;
    let files_read = read.iter().filter(|(_, fresh)| *fresh).count();
    let inputs: BTreeMap<String, Input> = read
        .into_iter()
        .zip(files)
        .map(|((input, _), path)| {
            (
                input.key.clone(),
                Input {
                    path: shown(lake, path).to_string_lossy().into_owned(),
                    ..input
                },
            )
        })
        .collect();
    let name = bill.name.clone();
    let id = if bill.ad_hoc {
        format!("{name}-{}", ad_hoc_id(files))
    } else {
        name.clone()
    };
    guard::refuse_repacked(&inputs)?;
    guard::refuse_overlaps(&inputs)?;
    guard::refuse_two_schemas(&inputs)?;
    guard::refuse_versions(&inputs)?;
    let mut periods = periods(&id, &inputs);
    if !bill.ad_hoc {
        for known in lake.periods(&id) {
            periods.entry(known.month.clone()).or_insert(known);
        }
    }
    let periods: Vec<Period> = periods.into_values().collect();
    let mut inputs = all_inputs(lake, inputs, &periods);
    azure::note_missing(&mut inputs);
    Ok(Source {
        name,
        id,
        inputs,
        periods,
        files_read,
        files: files.len(),
        ad_hoc: bill.ad_hoc,
    })
}

/// Reads files that the lake does not know yet; then once more those of which other files have most
/// charges too.
fn read_all(
    lake: &Lake,
    work: Vec<ingest::File<'_>>,
    options: &Options,
    engine: &Engine,
) -> Result<Vec<(Input, bool)>> {
    let read = |file: &ingest::File<'_>| -> Result<(Input, bool)> {
        let known = lake.input(&file.key);
        let at_hand = |input: &Input| match engine {
            Engine::Polars => !input.elsewhere,
            Engine::Spark(_) => input.cluster.is_some(),
        };
        if let Some(known) = known.clone().filter(at_hand) {
            return Ok((known, false));
        }
        let fresh = known.is_none();
        let input = match engine {
            Engine::Polars => ingest::ingest(lake, file, options)?,
            Engine::Spark(cluster) => cluster::ingest(lake, file, options, cluster, known)?,
        };
        let input = Input {
            path: shown(lake, file.path).to_string_lossy().into_owned(),
            ..input
        };
        lake.save_input(&input)?;
        Ok((input, fresh))
    };
    let whole: Vec<(Input, bool)> = work.par_iter().map(read).collect::<Result<_>>()?;
    let inputs: Vec<&Input> = whole.iter().map(|(input, _)| input).collect();
    let superseded = azure::superseded(&inputs);
    work.into_par_iter()
        .zip(whole)
        .map(|(mut file, whole)| match superseded.get(&file.key) {
            None => Ok(whole),
            Some(selection) => {
                file.selection = selection.clone();
                file.key = key(file.print, options, file.named, selection);
                read(&file)
            }
        })
        .collect()
}

/// What an input is known by: its bytes and everything that decides how they are read.
fn key(print: &Fingerprint, options: &Options, named: &Named, selection: &Selection) -> String {
    let owners = format!("{:?}", options.owner_keys);
    let mappings = format::mapping_text();
    let named = format!("{named:?}");
    let selection = format!("{selection:?}");
    hash(&[
        READER_VERSION,
        &print.sha256,
        &owners,
        &named,
        &selection,
        &mappings,
    ])
}

fn ad_hoc_id(files: &[PathBuf]) -> String {
    let names: Vec<String> = files
        .iter()
        .map(|f| {
            f.canonicalize()
                .unwrap_or_else(|_| f.clone())
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    hash(&names.iter().map(String::as_str).collect::<Vec<_>>())[..12].to_owned()
}

/// The periods that these inputs make up, by month.
fn periods(id: &str, inputs: &BTreeMap<String, Input>) -> BTreeMap<String, Period> {
    let mut periods: BTreeMap<String, Period> = BTreeMap::new();
    for input in inputs.values() {
        for part in &input.parts {
            let fresh = || Period {
                source: id.to_owned(),
                month: part.month.clone(),
                inputs: Vec::new(),
                accounts: Vec::new(),
            };
            let period = periods.entry(part.month.clone()).or_insert_with(fresh);
            period.inputs.push(input.key.clone());
            let accounts = input.accounts.get(&part.month);
            period
                .accounts
                .extend(accounts.into_iter().flatten().cloned());
        }
    }
    for period in periods.values_mut() {
        period.inputs.sort();
        period.accounts.sort();
        period.accounts.dedup();
    }
    periods
}

/// Makes the periods of these sources the lake's, each replaced whole; true where any was. Done again after
/// it broke off, it ends the same.
pub fn commit(lake: &Lake, sources: &[Source]) -> Result<bool> {
    let mut replaced = false;
    for source in sources.iter().filter(|source| !source.ad_hoc) {
        for period in &source.periods {
            if lake.period(&source.id, period.month()).as_ref() != Some(period) {
                lake.commit(period)?;
                replaced = true;
            }
        }
    }
    Ok(replaced)
}

/// The inputs of this run and of the older periods that the lake still has.
fn all_inputs(
    lake: &Lake,
    mut inputs: BTreeMap<String, Input>,
    periods: &[Period],
) -> BTreeMap<String, Input> {
    for key in periods.iter().flat_map(|period| &period.inputs) {
        if !inputs.contains_key(key)
            && let Some(known) = lake.input(key)
        {
            inputs.insert(key.clone(), known);
        }
    }
    inputs
}
