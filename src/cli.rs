//! What can be typed, and the help that says so. Nothing else.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Cloud bills in, exact reports out.
#[derive(Debug, Parser)]
#[command(
    name = "cloudtally",
    version,
    about,
    long_about = "Reads cloud bills, inventories and metrics, and leaves a folder of CSV tables and charts:\ncost by service, account and team, tag compliance, showback, rightsizing, anomalies, and the books\nthat prove that what went in came out. No server, no database, no credentials for files on disk.",
    after_help = "Exit codes:\n  0 done    1 a gate was crossed    2 usage or config    3 data or books\n  4 network or disk, try again    5 some reports failed    75 another run"
)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read the bills and write every report
    Run(RunArgs),
    /// Prove config, policy, bills and queries without writing a report
    Check(RunArgs),
    /// List reports, formats, tables, columns or gates
    List(ListArgs),
    /// Ask one question of the facts, CSV to stdout
    Sql(SqlArgs),
    /// Write the bills out again for other programs
    #[command(subcommand)]
    Export(ExportCommand),
    /// The anomaly and forecast methods on any daily or hourly series, CSV to stdout
    #[command(subcommand)]
    Series(SeriesCommand),
    /// Fetch from cloud APIs into files that `run` reads
    #[command(subcommand)]
    Pull(PullCommand),
    /// The clouds' own recommendations beside our findings, CSV to stdout
    Compare(CompareArgs),
    /// Write a commented starter config and tag policy, or a report's files for editing
    Init(InitArgs),
    /// The tag policy's schema for editors, or one converted from elsewhere, to stdout
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Shell completions to stdout
    Completions {
        /// Shell
        shell: clap_complete::Shell,
    },
    /// The manual page to stdout
    Man,
}

/// What can be done about a tag policy.
#[derive(Clone, Debug, Subcommand)]
pub enum PolicyCommand {
    /// The JSON Schema of tags.toml, for editors that check while one types
    Schema,
    /// Convert an AWS Organizations tag policy into tags.toml; what cannot be said is a comment
    Import {
        /// The policy's content as JSON: `aws organizations describe-effective-policy`, or as it is edited
        #[arg(value_name = "FILE.json")]
        file: PathBuf,
    },
}

/// Options of `run` and `check`.
#[derive(Clone, Debug, Default, Args)]
pub struct RunArgs {
    /// Exports to read instead of the config's: files, folders, globs, s3:// gs:// az:// URLs
    #[arg(value_name = "BILL")]
    pub bills: Vec<String>,
    /// Configuration file [default: cloudtally.toml where it exists]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder for reports [default: out]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Folder of the lake [default: .cloudtally]
    #[arg(long, value_name = "DIR")]
    pub lake: Option<PathBuf>,
    /// Billing months to report: 2026-10, last-month, this-month, 30d [default: all]
    #[arg(long, value_name = "PERIOD")]
    pub period: Option<String>,
    /// The day the run believes it is [default: the clock]
    #[arg(long, value_name = "DAY")]
    pub today: Option<chrono::NaiveDate>,
    /// Reproduce the run of this day from what the lake kept: no bill is looked at, and the reports go to
    /// OUT/as-of-RUN
    #[arg(long, value_name = "RUN", conflicts_with_all = ["bills", "format"])]
    pub as_of: Option<chrono::NaiveDate>,
    /// Write only this report (repeatable)
    #[arg(long = "report", value_name = "NAME")]
    pub reports: Vec<String>,
    /// End with exit code 1 when crossed: tag-compliance<95, anomaly-impact>500 (repeatable)
    #[arg(long = "fail-on", value_name = "GATE")]
    pub gates: Vec<String>,
    /// Publish although the books do not close, and mark every report
    #[arg(long)]
    pub allow_open_books: bool,
    /// Format of the named bills [default: auto]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Currency of the named bills where they name none: USD
    #[arg(long, value_name = "CODE")]
    pub currency: Option<String>,
    /// Threads [default: all cores]
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
    /// Engine for queries over line items: polars, or a Spark cluster, spark://host:port
    #[arg(long, value_name = "ENGINE", default_value = "polars")]
    pub engine: String,
    /// Say nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
    /// How messages to people look
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub log_format: LogFormat,
}

/// How messages look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Options of `list`.
#[derive(Clone, Copy, Debug, Args)]
pub struct ListArgs {
    /// What to list
    #[arg(value_enum)]
    pub what: Listed,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Listed {
    /// Reports with their audience.
    Reports,
    /// Bill formats and inventories.
    Formats,
    /// Tables that queries can use.
    Tables,
    /// Columns of a charge.
    Columns,
    /// Gates for --fail-on.
    Gates,
    /// Waste checks: what each looks at, how it is priced, where that is published.
    Checks,
}

/// Options of `sql`.
#[derive(Clone, Debug, Args)]
pub struct SqlArgs {
    /// The query; tables: focus, and the facts that `list tables` shows
    pub query: String,
    /// Where the bills are; as for `run`
    #[command(flatten)]
    pub run: SqlRunArgs,
}

/// Where `sql` looks.
#[derive(Clone, Debug, Args)]
pub struct SqlRunArgs {
    /// Configuration file
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of the lake
    #[arg(long, value_name = "DIR")]
    pub lake: Option<PathBuf>,
    /// An export to ask instead of the config's (repeatable)
    #[arg(long = "bill", value_name = "BILL")]
    pub bills: Vec<String>,
    /// Ask what the run of this day saw, from what the lake kept
    #[arg(long, value_name = "RUN", conflicts_with = "bills")]
    pub as_of: Option<chrono::NaiveDate>,
}

/// What `export` writes.
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// Every charge as FOCUS, one file per source and billing month in DIR/focus/
    Focus(ExportArgs),
}

/// Options of `export focus`.
#[derive(Clone, Debug, Args)]
pub struct ExportArgs {
    /// Exports to read instead of the config's: files, folders, globs
    #[arg(value_name = "BILL")]
    pub bills: Vec<String>,
    /// Version of the specification
    #[arg(long, value_enum, default_value_t, value_name = "VERSION")]
    pub version: FocusVersion,
    /// Files to write
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub file_format: FileFormat,
    /// Configuration file [default: cloudtally.toml where it exists]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder to write into [default: out]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Folder of the lake [default: .cloudtally]
    #[arg(long, value_name = "DIR")]
    pub lake: Option<PathBuf>,
    /// Billing months to write: 2026-10, last-month, this-month, 30d [default: all]
    #[arg(long, value_name = "PERIOD")]
    pub period: Option<String>,
    /// The day the run believes it is [default: the clock]
    #[arg(long, value_name = "DAY")]
    pub today: Option<chrono::NaiveDate>,
    /// Format of the named bills [default: auto]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Say nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// Versions of FOCUS that can be written; an older one has fewer columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum FocusVersion {
    /// 43 columns.
    #[value(name = "1.0")]
    V1_0,
    /// 50 columns.
    #[value(name = "1.1")]
    V1_1,
    /// 57 columns.
    #[default]
    #[value(name = "1.2")]
    V1_2,
}

/// Files that an export consists of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    /// Exact decimals, UTC timestamps.
    #[default]
    Parquet,
    /// Text as FOCUS spells it.
    Csv,
    /// One of each.
    Both,
}

/// What is done with series.
#[derive(Debug, Subcommand)]
pub enum SeriesCommand {
    /// Score every step against what its own past says
    Score(ScoreArgs),
    /// Forecast the steps after the last, each and in sum, with 80 and 95 % intervals
    Forecast(ForecastArgs),
}

/// Options of `series score`.
#[derive(Clone, Debug, Args)]
pub struct ScoreArgs {
    /// CSV with the columns series, day, value; days as 2026-10-31, hours as 2026-10-31T05
    pub file: PathBuf,
    /// Leave out this day and later ones, whose values are not complete [default: none]
    #[arg(long, value_name = "DAY")]
    pub today: Option<chrono::NaiveDate>,
}

/// Options of `series forecast`.
#[derive(Clone, Debug, Args)]
pub struct ForecastArgs {
    /// CSV with the columns series, day, value; days as 2026-10-31, hours as 2026-10-31T05
    pub file: PathBuf,
    /// Steps after which the shape repeats, 2 to 366 [default: weekdays, or 24 hours]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=366))]
    pub season: Option<u16>,
    /// Steps to forecast, up to 800
    #[arg(long, value_name = "N", default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=800))]
    pub steps: u16,
    /// Leave out this day and later ones, whose values are not complete [default: none]
    #[arg(long, value_name = "DAY")]
    pub today: Option<chrono::NaiveDate>,
}

/// Where `pull` fetches from.
#[derive(Debug, Subcommand)]
pub enum PullCommand {
    /// Daily cost by service and account from AWS Cost Explorer; every request is paid
    CostExplorer(CostExplorerArgs),
}

/// Options of `pull cost-explorer`.
#[derive(Clone, Debug, Args)]
pub struct CostExplorerArgs {
    /// Days to fetch: 2026-10, last-month, 30d
    #[arg(long, value_name = "PERIOD", default_value = "30d")]
    pub period: String,
    /// Also fetch by this tag key, instead of by account
    #[arg(long, value_name = "KEY")]
    pub tag: Option<String>,
    /// File to write
    #[arg(long, value_name = "FILE", default_value = "cost-explorer.csv")]
    pub out: PathBuf,
    /// Stop before the next request once this many were made; each costs 0.01 USD
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub max_requests: u32,
    /// The day the run believes it is [default: the clock]
    #[arg(long, value_name = "DAY")]
    pub today: Option<chrono::NaiveDate>,
    /// Endpoint of the API, for tests and proxies
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
    /// Say nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// Options of `compare`.
#[derive(Clone, Debug, Args)]
pub struct CompareArgs {
    /// Whose list it is
    #[arg(value_enum)]
    pub source: CompareSource,
    /// Lists as their tools print them, plain or gzip
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// A list of another source to merge in: advisor=FILE (repeatable)
    #[arg(long, value_name = "SOURCE=FILE", value_parser = source_and_file)]
    pub with: Vec<(CompareSource, PathBuf)>,
    /// Our rightsizing.csv; the table of the skipped is read beside it [default: the newest run's]
    #[arg(long, value_name = "FILE")]
    pub rightsizing: Option<PathBuf>,
    /// Our waste.csv [default: the one beside rightsizing.csv]
    #[arg(long, value_name = "FILE")]
    pub waste: Option<PathBuf>,
    /// Configuration file [default: cloudtally.toml where it exists]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder that the run published in [default: out]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Say nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// Recommenders whose lists can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CompareSource {
    /// AWS Compute Optimizer, the CSV of its export.
    ComputeOptimizer,
    /// AWS Cost Optimization Hub, JSON of `list-recommendations`.
    CostOptimizationHub,
    /// Azure Advisor, JSON of `az advisor recommendation list` or the CSV of its page.
    Advisor,
    /// Google Cloud Recommender, JSON of `gcloud recommender recommendations list`.
    GcpRecommender,
}

/// `advisor=FILE`.
fn source_and_file(text: &str) -> Result<(CompareSource, PathBuf), String> {
    let (source, file) = text
        .split_once('=')
        .filter(|(_, file)| !file.is_empty())
        .ok_or("write SOURCE=FILE")?;
    let source = CompareSource::from_str(source, false).map_err(|_| {
        "SOURCE is compute-optimizer, cost-optimization-hub, advisor or gcp-recommender".to_owned()
    })?;
    Ok((source, PathBuf::from(file)))
}

/// Options of `init`.
#[derive(Clone, Debug, Args)]
pub struct InitArgs {
    /// Folder to write into
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// Write this report's .toml and .sql for editing
    #[arg(long, value_name = "REPORT")]
    pub eject: Option<String>,
}
