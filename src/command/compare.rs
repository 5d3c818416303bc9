//! The clouds' own recommendations beside the findings of the newest run: the agreement table to stdout, what is
//! in it to stderr. It reads published tables, and judges no resource again.

mod published;

use super::{print, run};
use crate::analysis::agreement::{self, Compared, Ours};
use crate::cli::{CompareArgs, CompareSource, LogFormat};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::inventory::recommendations::{self, Advised};
use crate::money::Money;
use crate::report::csv::csv;
use crate::report::publish;
use crate::report::table::{Cell, Table};
use crate::resource::{Recommendation, Recommender};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Prints the agreement table.
pub(super) fn compare(args: &CompareArgs) -> Result<()> {
    run::speak(args.quiet, LogFormat::Text);
    let ours = ours(args)?;
    let theirs = theirs(args)?;
    let aside = theirs.aside;
    let rows = agreement::compare(theirs.entries, ours);
    print(&csv(&table(&rows))?)?;
    tell(&rows, &aside);
    Ok(())
}

/// The entries of every list.
fn theirs(args: &CompareArgs) -> Result<Advised> {
    let named = args.files.iter().map(|file| (args.source, file));
    let more = args.with.iter().map(|(source, file)| (*source, file));
    let mut all = Advised::default();
    for (source, file) in named.chain(more) {
        let list = recommendations::read(recommender(source), file)?;
        all.entries.extend(list.entries);
        for (why, count) in list.aside {
            *all.aside.entry(why).or_default() += count;
        }
    }
    Ok(all)
}

fn recommender(source: CompareSource) -> Recommender {
    match source {
        CompareSource::ComputeOptimizer => Recommender::ComputeOptimizer,
        CompareSource::CostOptimizationHub => Recommender::CostOptimizationHub,
        CompareSource::Advisor => Recommender::Advisor,
        CompareSource::GcpRecommender => Recommender::GcpRecommender,
    }
}

/// Our findings: the named tables, and those beside them or in the newest run.
fn ours(args: &CompareArgs) -> Result<Vec<Ours>> {
    let folder = match &args.rightsizing {
        Some(file) => file.parent().map(PathBuf::from).unwrap_or_default(),
        None => newest(args)?,
    };
    let beside = |name: &str| Some(folder.join(name)).filter(|path| path.is_file());
    let rightsizing = args
        .rightsizing
        .clone()
        .or_else(|| beside("rightsizing.csv"));
    let waste = args.waste.clone().or_else(|| beside("waste.csv"));
    let skipped = beside("rightsizing_skipped.csv");
    if rightsizing.is_none() && waste.is_none() {
        return Err(Error::usage("the newest run published neither rightsizing.csv nor waste.csv")
            .at(&folder)
            .hint("name an [[inventory]] and [[usage]] in cloudtally.toml and run `cloudtally run`, or pass --rightsizing FILE"));
    }
    let mut ours = Vec::new();
    if let Some(path) = rightsizing {
        ours.extend(published::rightsizing(&path)?);
    }
    if let Some(path) = skipped {
        ours.extend(published::skipped(&path)?);
    }
    if let Some(path) = waste {
        ours.extend(published::waste(&path)?);
    }
    Ok(ours)
}

/// The folder of the newest run, where `run` would publish.
fn newest(args: &CompareArgs) -> Result<PathBuf> {
    let environment = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let named = args
        .config
        .clone()
        .or_else(|| environment("CLOUDTALLY_CONFIG"));
    let config = Config::load(named.as_deref())?;
    let own = config.output.dir.as_deref().map(|dir| config.path(dir));
    let given = args.out.clone().or_else(|| environment("CLOUDTALLY_OUT"));
    let out = given.or(own).unwrap_or_else(|| PathBuf::from("out"));
    publish::latest(&out).ok_or_else(|| {
        Error::usage("no run has been published here").at(&out).hint(
            "`cloudtally run` first, name its folder with --out, or pass --rightsizing FILE and --waste FILE",
        )
    })
}

const COLUMNS: [&str; 14] = [
    "ResourceId",
    "TheirSource",
    "TheirAction",
    "TheirRecommendedType",
    "TheirMonthlySavings",
    "TheirCurrency",
    "OurAction",
    "OurRecommendedType",
    "OurSavingsLow",
    "OurSavingsHigh",
    "OurCurrency",
    "Agreement",
    "Reason",
    "Duplicates",
];

fn table(rows: &[Compared]) -> Table {
    let mut table = Table::new(&COLUMNS);
    for row in rows {
        let mut cells = vec![Cell::text(&row.resource)];
        cells.extend(their_cells(row.theirs.as_ref()));
        cells.extend(our_cells(row.ours.as_ref()));
        cells.push(Cell::text(row.agreement.to_string()));
        cells.push(Cell::text(&row.reason));
        cells.push(Cell::Count(
            i64::try_from(row.duplicates).unwrap_or(i64::MAX),
        ));
        table.rows.push(cells);
    }
    table
}

fn their_cells(theirs: Option<&Recommendation>) -> [Cell; 5] {
    let Some(theirs) = theirs else {
        return [const { Cell::Empty }; 5];
    };
    [
        Cell::text(theirs.source.to_string()),
        Cell::text(theirs.step.to_string()),
        Cell::text(&theirs.target),
        cents(theirs.monthly_savings),
        Cell::text(&theirs.currency),
    ]
}

fn our_cells(ours: Option<&Ours>) -> [Cell; 5] {
    let Some(ours) = ours else {
        return [const { Cell::Empty }; 5];
    };
    let action = if ours.action.is_empty() {
        "nothing"
    } else {
        &ours.action
    };
    [
        Cell::text(action),
        Cell::text(&ours.target),
        cents(ours.low),
        cents(ours.high),
        Cell::text(&ours.currency),
    ]
}

fn cents(amount: Option<Money>) -> Cell {
    amount.map(|amount| amount.rounded(2)).into()
}

/// What the table holds, for people.
fn tell(rows: &[Compared], aside: &BTreeMap<&'static str, usize>) {
    let counts = agreement::counts(rows);
    let counts: Vec<String> = counts
        .iter()
        .map(|(agreement, count)| format!("{count} {agreement}"))
        .collect();
    tracing::info!("{} resources: {}", rows.len(), counts.join(", "));
    let merged: usize = rows.iter().map(|row| row.duplicates).sum();
    if merged > 0 {
        tracing::info!(
            "{} merged: several were about one resource",
            entries(merged)
        );
    }
    for (why, count) in aside {
        tracing::info!("{} not compared: they {why}", entries(*count));
    }
}

fn entries(count: usize) -> String {
    let word = if count == 1 { "entry" } else { "entries" };
    format!("{count} {word} of their lists")
}
