//! Facts: the few queries that read line items. Each runs per billing period, part by part, and its result
//! is kept under a name made from its inputs and its SQL, so a period that did not change is never read again.

mod large;
mod remote;

use crate::engine::{self, Engine};
use crate::error::{Error, Result};
use crate::focus::Kind;
use crate::lake::{Input, Lake, Period, hash};
use polars::prelude::*;
use rayon::prelude::*;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Every fact: the name of its table and its query.
pub const FACTS: &[(&str, &str)] = &[
    (
        "charges_monthly",
        include_str!("../../queries/facts/charges_monthly.sql"),
    ),
    (
        "charges_daily",
        include_str!("../../queries/facts/charges_daily.sql"),
    ),
    (
        "charges_daily_owners",
        include_str!("../../queries/facts/charges_daily_owners.sql"),
    ),
    (
        "usage_daily",
        include_str!("../../queries/facts/usage_daily.sql"),
    ),
    (
        "resources_monthly",
        include_str!("../../queries/facts/resources_monthly.sql"),
    ),
    (
        "compute_monthly",
        include_str!("../../queries/facts/compute_monthly.sql"),
    ),
    (
        "meters_monthly",
        include_str!("../../queries/facts/meters_monthly.sql"),
    ),
    (
        "commitments_monthly",
        include_str!("../../queries/facts/commitments_monthly.sql"),
    ),
    (
        "commitment_hours",
        include_str!("../../queries/facts/commitment_hours.sql"),
    ),
    (
        "compute_shifts",
        include_str!("../../queries/facts/compute_shifts.sql"),
    ),
    ("quality", include_str!("../../queries/facts/quality.sql")),
    ("totals", include_str!("../../queries/facts/totals.sql")),
];

/// The facts of one period.
#[derive(Clone, Debug)]
pub struct PeriodFacts {
    /// The period.
    pub period: Period,
    /// One table per entry of [`FACTS`].
    pub tables: Vec<DataFrame>,
    /// Charges of the period that stand in no export.
    pub extra: Option<DataFrame>,
    /// True where line items were read for it.
    pub fresh: bool,
}

/// The facts of these periods, in their order; what the cache has is not computed again. `extra` are charges
/// of a period that stand in no export (what negation left over).
pub fn facts(
    lake: &Lake,
    periods: &[(Period, Option<DataFrame>)],
    engine: &Engine,
) -> Result<Vec<PeriodFacts>> {
    periods
        .par_iter()
        .map(|(period, extra)| period_facts(lake, period, extra.as_ref(), engine))
        .collect()
}

/// One fact over many periods as one table.
pub fn table(facts: &[PeriodFacts], name: &str) -> Result<LazyFrame> {
    let at = FACTS.iter().position(|(fact, _)| *fact == name);
    let at = at.ok_or_else(|| Error::data(format!("no fact is called `{name}`")))?;
    let parts: Vec<LazyFrame> = facts
        .iter()
        .map(|period| period.tables[at].clone().lazy())
        .collect();
    concat(parts, UnionArgs::default()).map_err(|e| Error::data(e.to_string()))
}

fn period_facts(
    lake: &Lake,
    period: &Period,
    extra: Option<&DataFrame>,
    engine: &Engine,
) -> Result<PeriodFacts> {
    let content = format!("{}|{}|{extra:?}", period.month, period.inputs.join(","));
    let paths: Vec<PathBuf> = FACTS
        .iter()
        .map(|(name, sql)| lake.fact(period, &hash(&[name, sql, &content])))
        .collect();
    let known: Vec<Option<DataFrame>> = paths.par_iter().map(|path| read(path)).collect();
    if let Some(tables) = known.into_iter().collect::<Option<Vec<DataFrame>>>() {
        return Ok(PeriodFacts {
            extra: extra.cloned(),
            period: period.clone(),
            tables,
            fresh: false,
        });
    }
    let tables = match engine {
        Engine::Polars => compute(&scan(lake, period, extra)?)?,
        Engine::Spark(cluster) => remote::compute(lake, cluster, period, extra)?,
    };
    for (path, table) in paths.iter().zip(&tables) {
        write(lake, path, table)?;
    }
    forget_others(&paths);
    Ok(PeriodFacts {
        extra: extra.cloned(),
        period: period.clone(),
        tables,
        fresh: true,
    })
}

/// Every charge of a period, one frame per part, and what stands in no export.
pub fn charges(lake: &Lake, facts: &PeriodFacts) -> Result<Vec<LazyFrame>> {
    scan(lake, &facts.period, facts.extra.as_ref())
}

fn scan(lake: &Lake, period: &Period, extra: Option<&DataFrame>) -> Result<Vec<LazyFrame>> {
    for key in &period.inputs {
        if let Some(input) = lake.input(key).filter(|input| input.elsewhere) {
            return Err(elsewhere(&input, &period.month));
        }
    }
    scan_parts(lake, period, &period.inputs, extra)
}

/// The error of charges that this lake does not have.
fn elsewhere(input: &Input, month: &str) -> Error {
    Error::usage(format!(
        "the charges of {month} are not in this lake: a cluster has read them"
    ))
    .at(Path::new(&input.path))
    .hint("name the cluster with --engine, or run on this machine with the export among the bills")
}

fn scan_parts(
    lake: &Lake,
    period: &Period,
    inputs: &[String],
    extra: Option<&DataFrame>,
) -> Result<Vec<LazyFrame>> {
    let scan = |key: &String| {
        let path = lake.part(key, period.month());
        let text = path.to_string_lossy().into_owned();
        LazyFrame::scan_parquet(PlRefPath::new(text.as_str()), ScanArgsParquet::default())
            .map_err(|e| damaged(&path, &e))
    };
    let mut parts: Vec<LazyFrame> = inputs.iter().map(scan).collect::<Result<_>>()?;
    parts.extend(extra.map(|charges| charges.clone().lazy()));
    Ok(parts)
}

/// Line items in memory at a time.
const SLICE: u32 = 250_000;

/// The rows of a part, in their order, at most so many at a time.
pub fn slices(part: LazyFrame, rows: u32) -> impl Iterator<Item = Result<DataFrame>> {
    let mut next = Some(0i64);
    std::iter::from_fn(move || {
        let offset = next.take()?;
        match part.clone().slice(offset, rows).collect() {
            Err(error) => Some(Err(Error::data(error.to_string()))),
            Ok(slice) if slice.height() == 0 => None,
            Ok(slice) => {
                next = (slice.height() == rows as usize).then_some(offset + i64::from(rows));
                Some(Ok(slice))
            }
        }
    })
}

/// The fact that names resources, but only large ones: it is made when all other facts of the period are
/// known, from a second look at its charges.
const BY_RESOURCE: &str = "usage_daily";

/// All facts of all parts, in the order of [`FACTS`].
fn compute(parts: &[LazyFrame]) -> Result<Vec<DataFrame>> {
    let engine_fault = |e: PolarsError| Error::data(e.to_string());
    let (last, first): (Vec<Fact>, Vec<Fact>) = FACTS
        .iter()
        .copied()
        .partition(|(name, _)| *name == BY_RESOURCE);
    let categories = Categories::random("facts".into(), CategoricalPhysical::U32);
    let category = DataType::from_categories(categories);
    let mut made = add_all(parts, &first, &category, None)?;
    let monthly = first
        .iter()
        .position(|(name, _)| *name == "resources_monthly");
    let large = large::resources(&made[monthly.unwrap_or_default()], &category);
    let large = large.map_err(engine_fault)?;
    let late = add_all(parts, &last, &category, Some(&large))?;
    for (fact, table) in last.iter().zip(late) {
        let place = FACTS.iter().position(|(name, _)| *name == fact.0);
        made.insert(place.unwrap_or(made.len()), table);
    }
    Ok(made)
}

type Fact = (&'static str, &'static str);

/// Some facts of all parts. They are additive, so a part is read slice by slice, once for all of them, and the
/// slices' results are added up: memory does not grow with the bill.
fn add_all(
    parts: &[LazyFrame],
    facts: &[Fact],
    category: &DataType,
    large: Option<&DataFrame>,
) -> Result<Vec<DataFrame>> {
    let engine_fault = |e: PolarsError| Error::data(e.to_string());
    let wanted = wanted(facts, category);
    let sliced: Vec<Vec<Vec<DataFrame>>> = parts
        .par_iter()
        .map(|part| {
            slices(part.clone().select(wanted.clone()), SLICE)
                .map(|slice| of_slice(slice?, facts, large))
                .collect()
        })
        .collect::<Result<_>>()?;
    let mut by_fact: Vec<Vec<DataFrame>> = facts.iter().map(|_| Vec::new()).collect();
    for tables in sliced.into_iter().flatten() {
        by_fact
            .iter_mut()
            .zip(tables)
            .for_each(|(all, table)| all.push(table));
    }
    by_fact
        .into_par_iter()
        .map(|made| {
            add_up(made)
                .and_then(|table| with_texts(&table))
                .map_err(engine_fault)
        })
        .collect()
}

/// The columns that any of these facts names; texts as categories, since groups of numbers are found faster
/// than groups of texts and hold a fraction of the memory.
fn wanted(facts: &[Fact], category: &DataType) -> Vec<Expr> {
    let named = |column: &str| {
        facts.iter().any(|(_, sql)| {
            sql.split(|c: char| !c.is_alphanumeric() && c != '_')
                .any(|word| word == column)
        })
    };
    let columns = crate::focus::COLUMNS
        .iter()
        .filter(|(column, _)| named(column));
    columns
        .map(|(column, kind)| {
            if *kind == Kind::Text {
                col(*column).cast(category.clone())
            } else {
                col(*column)
            }
        })
        .collect()
}

/// These facts of some charges.
fn of_slice(
    charges: DataFrame,
    facts: &[Fact],
    large: Option<&DataFrame>,
) -> Result<Vec<DataFrame>> {
    let mut tables = vec![("focus", charges.lazy())];
    tables.extend(large.map(|large| ("large_resources", large.clone().lazy())));
    facts
        .iter()
        .map(|(name, sql)| engine::query(&format!("queries/facts/{name}.sql"), sql, &tables))
        .collect()
}

/// Categories as texts again.
fn with_texts(table: &DataFrame) -> PolarsResult<DataFrame> {
    let text = |column: &Column| {
        if column.dtype().is_categorical() {
            column.cast(&DataType::String)
        } else {
            Ok(column.clone())
        }
    };
    let columns = table
        .columns()
        .iter()
        .map(text)
        .collect::<PolarsResult<Vec<Column>>>()?;
    DataFrame::new(table.height(), columns)
}

fn add_up(made: Vec<DataFrame>) -> PolarsResult<DataFrame> {
    let Some(schema) = made.first().map(|frame| frame.schema().clone()) else {
        return Ok(DataFrame::empty());
    };
    let measure = |dtype: &DataType| dtype.is_decimal() || dtype.is_integer();
    let keys: Vec<Expr> = schema
        .iter()
        .filter(|(_, dtype)| !measure(dtype))
        .map(|(name, _)| col(name.clone()))
        .collect();
    let measures: Vec<Expr> = schema
        .iter()
        .filter(|(_, dtype)| measure(dtype))
        .map(|(name, dtype)| {
            let column = col(name.clone());
            let added = if name.starts_with("Max") {
                column.max()
            } else {
                // A sum of nothing known is unknown, not zero.
                when(column.clone().count().eq(lit(0)))
                    .then(lit(NULL))
                    .otherwise(column.sum())
                    .alias(name.clone())
            };
            if dtype.is_decimal() {
                added.strict_cast(Kind::Money.data_type())
            } else {
                added.strict_cast(DataType::Int64)
            }
        })
        .collect();
    let nulls_stay = made.len() == 1;
    let parts = made.into_iter().map(IntoLazy::lazy).collect::<Vec<_>>();
    let all = concat(parts, UnionArgs::default())?;
    let added = if nulls_stay {
        all.with_columns(casts(&schema))
    } else {
        all.group_by(keys).agg(measures)
    };
    added
        .select(
            schema
                .iter_names()
                .map(|name| col(name.clone()))
                .collect::<Vec<_>>(),
        )
        .collect()
}

fn casts(schema: &Schema) -> Vec<Expr> {
    let decimals = schema
        .iter()
        .filter(|(_, dtype)| dtype.is_decimal())
        .map(|(name, _)| col(name.clone()).strict_cast(Kind::Money.data_type()));
    let counts = schema
        .iter()
        .filter(|(_, dtype)| dtype.is_integer())
        .map(|(name, _)| col(name.clone()).strict_cast(DataType::Int64));
    decimals.chain(counts).collect()
}

fn read(path: &Path) -> Option<DataFrame> {
    ParquetReader::new(File::open(path).ok()?).finish().ok()
}

/// Results of queries as they once were: nobody asks for them again.
fn forget_others(paths: &[PathBuf]) {
    let folder = paths.first().and_then(|path| path.parent());
    let entries = folder.and_then(|folder| fs::read_dir(folder).ok());
    for entry in entries.into_iter().flatten().flatten() {
        if !paths.contains(&entry.path()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn write(lake: &Lake, path: &Path, table: &DataFrame) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|e| Error::write(folder, &e))?;
    }
    let fresh = lake.scratch(&path.file_name().unwrap_or_default().to_string_lossy());
    let file = File::create(&fresh).map_err(|e| Error::write(&fresh, &e))?;
    let writer = ParquetWriter::new(file).with_compression(ParquetCompression::Lz4Raw);
    writer
        .finish(&mut table.clone())
        .map_err(|e| Error::write(&fresh, &std::io::Error::other(e.to_string())))?;
    fs::rename(&fresh, path).map_err(|e| Error::write(path, &e))
}

fn damaged(path: &Path, error: &PolarsError) -> Error {
    Error::data(format!("a part of the lake cannot be read: {error}"))
        .at(path)
        .hint("remove the lake folder; the next run fills it again")
}
