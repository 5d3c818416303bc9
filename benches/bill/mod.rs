//! A generator of AWS bills of any size: the same lines as a legacy report and as a CUR 2.0 export, with
//! their known totals. Same plan, same bytes. Refuses to know anything of the program that reads them.

mod amount;
mod catalogue;
mod cell;
mod chance;
mod columns;
mod commitment;
mod csv_gz;
mod line;
mod month;
mod parquet;
mod plan;
mod standing;
mod totals;

pub(crate) use amount::sum_text;
pub(crate) use month::{DAY_AFTER, TODAY};
pub(crate) use plan::Plan;
pub(crate) use totals::{Totals, read_sum};

use catalogue::Catalogue;
use commitment::Commitments;
use line::{Bill, lines};
use month::Month;
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use totals::Sums;

/// Whatever went wrong, as one text.
pub(crate) type Fault = Box<dyn std::error::Error + Send + Sync>;

/// Kind of a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Legacy report, csv.gz.
    CsvGz,
    /// CUR 2.0, snappy Parquet.
    Parquet,
}

impl Format {
    /// For people, and the end of file names.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Format::CsvGz => "csv.gz",
            Format::Parquet => "parquet",
        }
    }
}

/// The files of a bill, oldest month first, and what it sums up to.
#[derive(Debug)]
pub(crate) struct Written {
    /// Path of each file, and its path inside the bill.
    pub(crate) files: Vec<(PathBuf, PathBuf)>,
    pub(crate) totals: Totals,
    /// True where the files were there already.
    pub(crate) reused: bool,
}

/// Writes a bill below a folder, on all threads; one that is there already is taken as it is.
pub(crate) fn write(plan: Plan, format: Format, folder: &Path) -> Result<Written, Fault> {
    let home = folder.join(plan.name()).join(format.name());
    let months = if plan.restated {
        plan.months - 1..plan.months
    } else {
        0..plan.months
    };
    let bill = bill(plan)?;
    let places: Vec<(usize, usize)> = months
        .flat_map(|month| (0..plan.files).map(move |file| (month, file)))
        .collect();
    let name = |&(month, file): &(usize, usize)| {
        let inside = PathBuf::from(&bill.months[month].name).join(format!(
            "cur-{:05}.{}",
            file + 1,
            format.name()
        ));
        (home.join(&inside), inside)
    };
    let files: Vec<(PathBuf, PathBuf)> = places.iter().map(name).collect();
    let known = home.join("totals.csv");
    if known.exists() && files.iter().all(|(path, _)| path.exists()) {
        return Ok(Written {
            files,
            totals: Totals::load(&known)?,
            reused: true,
        });
    }
    for (path, _) in &files {
        std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
    }
    let write = |(place, (path, _)): (&(usize, usize), &(PathBuf, PathBuf))| {
        write_file(&bill, *place, format, path)
    };
    let parts: Vec<Totals> = places
        .par_iter()
        .zip(&files)
        .map(write)
        .collect::<Result<_, Fault>>()?;
    let totals = parts.into_iter().fold(Totals::default(), Totals::merge);
    totals.save(&known)?;
    Ok(Written {
        files,
        totals,
        reused: false,
    })
}

fn bill(plan: Plan) -> Result<Bill, Fault> {
    let catalogue = Catalogue::new()?;
    let commitments = Commitments::new(&catalogue.accounts[0]);
    let before = |month| Month::before_newest(u32::try_from(plan.months - 1 - month)?);
    let months = (0..plan.months).map(before).collect::<Result<_, Fault>>()?;
    Ok(Bill {
        plan,
        catalogue,
        commitments,
        months,
    })
}

fn write_file(
    bill: &Bill,
    (month, file): (usize, usize),
    format: Format,
    path: &Path,
) -> Result<Totals, Fault> {
    let mut sums = Sums::default();
    let lines = lines(bill, month, file).inspect(|line| sums.add(line));
    match format {
        Format::CsvGz => csv_gz::write(path, lines)?,
        Format::Parquet => parquet::write(path, lines)?,
    }
    Ok(Totals::of(&bill.months[month].name, &sums))
}
