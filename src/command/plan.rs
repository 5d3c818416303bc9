//! What was typed and configured, worked out once, before anything slow begins.

use super::gate::Gate;
use super::{feedback, forecast, ledger};
use crate::analysis::feedback::Feedback;
use crate::analysis::forecast::budget::Budget;
use crate::analysis::ledger::Decided;
use crate::analysis::planned::Planned;
use crate::analysis::unit_cost::Quantity;
use crate::cli::RunArgs;
use crate::config::{Config, Input};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::fx::Rates;
use crate::invoice::{self, Stated};
use crate::lake::Lake;
use crate::period::Period;
use crate::policy::TagPolicy;
use crate::report::convert::Reporting;
use crate::report::definition::{Definition, definitions, wanted};
use crate::showback::ShowbackRules;
use crate::source::{self, Bill, Named, OwnerKeys};
use crate::units;
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Everything a run needs to know before it reads.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) config: Config,
    /// What runs the queries over line items.
    pub(super) engine: Engine,
    pub(super) today: NaiveDate,
    /// The earlier run to reproduce.
    pub(super) as_of: Option<NaiveDate>,
    /// Bills with their files on disk.
    local: Vec<(Bill, Vec<PathBuf>)>,
    /// Bills of which some or all lies in object stores.
    remote: Vec<Bill>,
    pub(super) inventory: Vec<PathBuf>,
    pub(super) usage: Vec<PathBuf>,
    pub(super) policy: TagPolicy,
    pub(super) owner_keys: OwnerKeys,
    pub(super) showback: Option<ShowbackRules>,
    pub(super) reports: Vec<Definition>,
    pub(super) gates: Vec<Gate>,
    pub(super) period: Option<Period>,
    pub(super) invoices: Option<Vec<Stated>>,
    pub(super) budgets: Option<Vec<Budget>>,
    pub(super) units: Option<Vec<Quantity>>,
    pub(super) reporting: Option<Reporting>,
    pub(super) allow_open: bool,
    /// What people decided about incidents.
    pub(super) feedback: Vec<Feedback>,
    /// Planned events.
    pub(super) events: Vec<Planned>,
    /// What people decided about findings of savings.
    pub(super) decided: Vec<Decided>,
    pub(super) out: PathBuf,
    pub(super) lake: PathBuf,
}

impl Plan {
    /// Flags over environment over file over defaults.
    pub(super) fn new(args: &RunArgs, clock: NaiveDate) -> Result<Plan> {
        let engine = Engine::parse(&args.engine)?;
        let environment = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let named = args
            .config
            .clone()
            .or_else(|| environment("CLOUDTALLY_CONFIG"));
        let config = Config::load(named.as_deref())?;
        let days = [args.today, args.as_of, config.today];
        let today = days.into_iter().flatten().next().unwrap_or(clock);
        let policy = config.policy()?;
        let folder = |flag: &Option<PathBuf>, variable, file: &Option<PathBuf>, default: &str| {
            let own = file.as_deref().map(|dir| config.path(dir));
            flag.clone()
                .or_else(|| environment(variable))
                .or(own)
                .unwrap_or_else(|| PathBuf::from(default))
        };
        let budgets = config.budgets.file.as_deref();
        let budgets = budgets.map(|file| forecast::read(&config.path(file)));
        let budgets = budgets.transpose()?;
        let showback = config.showback()?;
        let counted = units(&config, showback.as_ref())?;
        let (local, remote) = match args.as_of {
            Some(_) => (Vec::new(), Vec::new()),
            None => bills(args, &config)?,
        };
        super::waste::policy(&config)?;
        let own_reports = config.reports.dir.as_deref().map(|dir| config.path(dir));
        let invoices = config.books.invoices.as_deref();
        let invoices = invoices.map(|file| invoice::read(&config.path(file)));
        let beside = |file: &Option<PathBuf>| file.as_deref().map(|file| config.path(file));
        let decisions = beside(&config.anomalies.feedback).map(|file| feedback::decisions(&file));
        let events = beside(&config.anomalies.calendar).map(|file| feedback::events(&file));
        let decided = beside(&config.savings.feedback).map(|file| ledger::decisions(&file));
        Ok(Plan {
            engine,
            today,
            feedback: decisions.transpose()?.unwrap_or_default(),
            events: events.transpose()?.unwrap_or_default(),
            decided: decided.transpose()?.unwrap_or_default(),
            as_of: args.as_of,
            invoices: invoices.transpose()?,
            budgets,
            reporting: reporting(&config, today)?,
            allow_open: args.allow_open_books || config.books.allow_open,
            reports: wanted(definitions(own_reports.as_deref())?, &args.reports)?,
            gates: gates(args, &config)?,
            period: args
                .period
                .as_deref()
                .map(|text| period(text, today))
                .transpose()?,
            local,
            remote,
            inventory: inputs(&config, &config.inventory)?,
            usage: inputs(&config, &config.usage)?,
            owner_keys: config.owner_keys(&policy),
            showback,
            units: counted,
            out: folder(&args.out, "CLOUDTALLY_OUT", &config.output.dir, "out"),
            lake: folder(
                &args.lake,
                "CLOUDTALLY_LAKE",
                &config.lake.dir,
                ".cloudtally",
            ),
            policy,
            config,
        })
    }

    /// The day this run stands for in the lake's history.
    pub(super) fn run_day(&self) -> NaiveDate {
        self.as_of.unwrap_or(self.today)
    }

    /// The files of bills on disk.
    pub(super) fn local_files(&self) -> impl Iterator<Item = &PathBuf> {
        self.local.iter().flat_map(|(_, files)| files)
    }

    /// True where some bill lies in an object store.
    pub(super) fn is_remote(&self) -> bool {
        !self.remote.is_empty()
    }

    /// Every bill with its files; what lies in object stores is brought into the lake first.
    pub(super) fn bills(&self, lake: &Lake) -> Result<Vec<(Bill, Vec<PathBuf>)>> {
        let mut bills = self.local.clone();
        for bill in &self.remote {
            bills.extend(split_by_format(bill, source::fetch(lake, bill)?)?);
        }
        Ok(joined(bills))
    }
}

/// The units of the config, whose scopes may be the rules' business dimensions.
fn units(config: &Config, rules: Option<&ShowbackRules>) -> Result<Option<Vec<Quantity>>> {
    let dimensions = rules.iter().flat_map(|rules| &rules.dimensions);
    let names: Vec<String> = dimensions.map(|dimension| dimension.name.clone()).collect();
    let file = config.units.file.as_deref();
    file.map(|file| units::read(&config.path(file), &names))
        .transpose()
}

/// The gates, each with what it needs.
fn gates(args: &RunArgs, config: &Config) -> Result<Vec<Gate>> {
    let gates: Vec<Gate> = args
        .gates
        .iter()
        .map(|gate| Gate::parse(gate))
        .collect::<Result<_>>()?;
    if config.books.invoices.is_none() && gates.iter().any(|gate| gate.name == "invoice-drift") {
        return Err(
            Error::usage("the gate `invoice-drift` has no invoices to look at")
                .hint("name a list of them: `invoices = \"invoices.csv\"` under [books]"),
        );
    }
    if config.budgets.file.is_none() && gates.iter().any(|gate| gate.name == "budget-overrun") {
        return Err(
            Error::usage("the gate `budget-overrun` has no budgets to look at")
                .hint("name a list of them: `file = \"budgets.csv\"` under [budgets]"),
        );
    }
    Ok(gates)
}

/// The reporting currency, where the config names one.
fn reporting(config: &Config, today: NaiveDate) -> Result<Option<Reporting>> {
    match (&config.currency.reporting, &config.currency.rates) {
        (None, None) => Ok(None),
        (Some(currency), Some(rates)) => {
            let rates = Rates::read(&config.path(rates))?;
            let reporting = Reporting::new(currency, rates, today);
            let wrong = || {
                Error::usage(format!("`{currency}` is no currency"))
                    .hint("write its three letters under [currency]: reporting = \"EUR\"")
            };
            reporting.ok_or_else(wrong).map(Some)
        }
        _ => Err(Error::usage(
            "a reporting currency needs both `reporting` and `rates` under [currency]",
        )
        .hint("reporting = \"EUR\" and rates = \"fx.csv\", a file with date, from, to, rate")),
    }
}

/// A period as a person types it.
pub(super) fn period(text: &str, today: NaiveDate) -> Result<Period> {
    Period::parse(text, today).ok_or_else(|| {
        Error::usage(format!("`{text}` is no period")).hint("write a month (2026-10), `last-month`, `this-month`, days back (30d), or 2026-10-01..2026-10-15")
    })
}

/// Bills with their files on disk, and bills that are still to be fetched.
type Bills = (Vec<(Bill, Vec<PathBuf>)>, Vec<Bill>);

/// The bills of the command line, else those of the config. What is on disk is looked at right away.
fn bills(args: &RunArgs, config: &Config) -> Result<Bills> {
    let format = |format: &Option<String>| format.clone().filter(|format| format != "auto");
    if let Some(wrong) = format(&args.format)
        .filter(|format| !source::formats().iter().any(|(name, _)| name == format))
    {
        let known: Vec<&str> = source::formats()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        return Err(Error::usage(format!("no bill format is called `{wrong}`"))
            .hint(format!("known formats are {}", known.join(", "))));
    }
    if !args.bills.is_empty() {
        let bill = Bill {
            name: String::new(),
            paths: args.bills.clone(),
            named: Named {
                format: format(&args.format),
                currency: currency(args.currency.as_deref())?,
            },
            files: BTreeMap::new(),
            ad_hoc: true,
        };
        return found(vec![bill]);
    }
    if config.bills.is_empty() {
        return Err(Error::usage("no bill was named").hint("`cloudtally run FILE`, or list [[bills]] in cloudtally.toml (`cloudtally init` writes one)"));
    }
    let mut bills = Vec::new();
    for entry in &config.bills {
        entry.name.as_deref().map_or(Ok(()), check_name)?;
        let bill = Bill {
            name: entry.name.clone().unwrap_or_default(),
            paths: vec![config.place(&entry.path)],
            named: Named {
                format: format(&entry.format),
                currency: currency(entry.currency.as_deref())?,
            },
            files: BTreeMap::new(),
            ad_hoc: false,
        };
        bills.push(bill);
    }
    found(bills)
}

fn found(bills: Vec<Bill>) -> Result<Bills> {
    let mut local = Vec::new();
    for bill in &bills {
        local.extend(split_by_format(bill, source::find(bill)?)?);
    }
    let remote = bills.into_iter().filter(Bill::is_remote).collect();
    Ok((local, remote))
}

/// A currency as ISO 4217 writes it.
fn currency(code: Option<&str>) -> Result<Option<String>> {
    match code {
        Some(code) if code.len() != 3 || !code.bytes().all(|b| b.is_ascii_uppercase()) => {
            Err(Error::usage(format!("`{code}` is no currency"))
                .hint("write its three letters, for example USD"))
        }
        code => Ok(code.map(str::to_owned)),
    }
}

/// A bill's name is a folder of the lake: plain letters, digits, `.`, `-` and `_`.
fn check_name(name: &str) -> Result<()> {
    let plain = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    if plain && !name.is_empty() && !name.starts_with('.') {
        return Ok(());
    }
    Err(Error::usage(format!("`{name}` cannot be a bill's name"))
        .hint("use letters, digits, `.`, `-` and `_`, beginning with none of the dots"))
}

/// A bill without a name is called by its format; its files may be of several.
fn split_by_format(bill: &Bill, files: Vec<PathBuf>) -> Result<Vec<(Bill, Vec<PathBuf>)>> {
    let mut parts: Vec<(Bill, Vec<PathBuf>)> = Vec::new();
    for file in files {
        let name = if bill.name.is_empty() {
            source::name_of(&file, bill.named.format.as_deref())?
        } else {
            bill.name.clone()
        };
        match parts.iter_mut().find(|(part, _)| part.name == name) {
            Some((_, files)) => files.push(file),
            None => parts.push((
                Bill {
                    name,
                    ..bill.clone()
                },
                vec![file],
            )),
        }
    }
    Ok(parts)
}

/// Bills of one name are one source.
fn joined(bills: Vec<(Bill, Vec<PathBuf>)>) -> Vec<(Bill, Vec<PathBuf>)> {
    let mut joined: Vec<(Bill, Vec<PathBuf>)> = Vec::new();
    for (bill, files) in bills {
        match joined.iter_mut().find(|(known, _)| known.name == bill.name) {
            Some((known, all)) => {
                known.paths.extend(bill.paths);
                let own = files.iter().map(|file| {
                    let named = bill.files.get(file).unwrap_or(&bill.named);
                    (file.clone(), named.clone())
                });
                known.files.extend(own);
                all.extend(files);
                all.sort();
                all.dedup();
            }
            None => joined.push((bill, files)),
        }
    }
    joined
}

/// The files of inventories or metrics.
fn inputs(config: &Config, inputs: &[Input]) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = Vec::new();
    for input in inputs {
        let place = config.place(&input.path);
        let mut found = if Path::new(&place).is_file() {
            vec![PathBuf::from(&place)]
        } else {
            matches(&place)?
        };
        found.sort();
        files.extend(found);
    }
    files.dedup();
    Ok(files)
}

fn matches(place: &str) -> Result<Vec<PathBuf>> {
    let pattern = if Path::new(place).is_dir() {
        format!("{}/*", place.trim_end_matches('/'))
    } else {
        place.to_owned()
    };
    let paths =
        glob::glob(&pattern).map_err(|e| Error::usage(format!("`{place}` is no glob: {e}")))?;
    let files: Vec<PathBuf> = paths
        .filter_map(std::result::Result::ok)
        .filter(|path| path.is_file())
        .collect();
    if files.is_empty() {
        Err(Error::usage(format!("nothing is there: `{place}`")))
    } else {
        Ok(files)
    }
}
