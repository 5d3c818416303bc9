//! `cloudtally.toml`: defaults < file < environment < flags. Unknown keys are refused with a suggestion.
//!
//! Paths in the file are relative to the file; paths in flags are relative to where one stands.

mod commitments;

pub use commitments::Commitments;

mod rightsizing;

pub use rightsizing::{Rightsizing, Scope};

mod savings;

pub use savings::Savings;

mod waste;

pub use waste::Waste;

use crate::error::{Error, Result, toml_error};
use crate::money::Money;
use crate::policy::TagPolicy;
use crate::showback::ShowbackRules;
use crate::source::OwnerKeys;
use chrono::NaiveDate;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The configuration of a run.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The day the run believes it is.
    pub today: Option<NaiveDate>,
    /// Exports.
    pub bills: Vec<Input>,
    /// Inventories.
    pub inventory: Vec<Input>,
    /// Utilisation metrics.
    pub usage: Vec<Input>,
    /// Tag policy and owner keys.
    pub tags: Tags,
    /// Showback.
    pub showback: Showback,
    /// Budgets.
    pub budgets: Budgets,
    /// Units that the business counts.
    pub units: Units,
    /// Closed books and invoices.
    pub books: Books,
    /// A reporting currency.
    pub currency: Currency,
    /// Where reports go.
    pub output: Folder,
    /// Where the lake lies, and how far back it remembers.
    pub lake: LakeFolder,
    /// When a billing month counts as closed.
    pub periods: Periods,
    /// A folder with reports of one's own.
    pub reports: Folder,
    /// How many rows that cannot be understood are tolerated.
    pub quarantine: Tolerance,
    /// When an incident is worth a line.
    pub anomalies: Anomalies,
    /// How machines are judged.
    pub rightsizing: Rightsizing,
    /// How waste is looked for.
    pub waste: Waste,
    /// What commitments are planned with.
    pub commitments: Commitments,
    /// How the savings ledger is kept.
    pub savings: Savings,
    /// Folder of the file; paths are relative to it.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// A path, folder, glob or URL.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Where.
    pub path: String,
    /// Its format; `auto` looks.
    #[serde(default)]
    pub format: Option<String>,
    /// The currency of a bill's rows that name none.
    #[serde(default)]
    pub currency: Option<String>,
    /// How reports call the source of a bill.
    #[serde(default)]
    pub name: Option<String>,
}

/// Tag policy and the keys that name owners.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tags {
    /// The policy file.
    pub policy: Option<PathBuf>,
    /// Keys of the team, best first.
    pub team: Option<Vec<String>>,
    /// Keys of the environment, best first.
    pub environment: Option<Vec<String>>,
    /// Keys of the cost centre, best first.
    pub cost_center: Option<Vec<String>>,
}

/// How showback counts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Showback {
    /// Rules: dimensions, pools, the journal's accounts.
    pub rules: Option<PathBuf>,
    /// Which cost is shown back.
    pub cost: CostBasis,
}

/// Which cost a report counts.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
pub enum CostBasis {
    /// Commitments spread over the usage they cover.
    #[default]
    EffectiveCost,
    /// What the invoice charges.
    BilledCost,
}

impl CostBasis {
    /// The FOCUS column.
    pub fn column(self) -> &'static str {
        match self {
            CostBasis::EffectiveCost => "EffectiveCost",
            CostBasis::BilledCost => "BilledCost",
        }
    }
}

/// Budgets, judged by the forecast.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Budgets {
    /// A CSV with `period`, `amount`, `currency` and any of `ProviderName`, `BillingAccountId`, `SubAccountId`,
    /// `ServiceName`, or `Team`, `Environment` and `CostCenter`.
    pub file: Option<PathBuf>,
}

/// Units that the business counts: what one of them costs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Units {
    /// A CSV with `Month`, `Unit`, `Quantity` and, for a part of the bill, columns of rules or business dimensions.
    pub file: Option<PathBuf>,
}

/// Closed books and invoices.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Books {
    /// Invoices to reconcile: a CSV with `InvoiceId`, `Amount` and, if wanted, `BillingCurrency`.
    pub invoices: Option<PathBuf>,
    /// Publish although the books do not close, and mark every report.
    pub allow_open: bool,
}

/// A reporting currency, beside the currency of the bill.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Currency {
    /// Rates: a CSV with `date`, `from`, `to`, `rate`.
    pub rates: Option<PathBuf>,
    /// The currency to report in.
    pub reporting: Option<String>,
}

/// A folder.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Folder {
    /// Where.
    pub dir: Option<PathBuf>,
}

/// The lake.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LakeFolder {
    /// Where.
    pub dir: Option<PathBuf>,
    /// Months for which every run's charges are kept, for `--as-of`; at least 1.
    pub history_months: u32,
}

impl Default for LakeFolder {
    fn default() -> LakeFolder {
        LakeFolder {
            dir: None,
            history_months: 13,
        }
    }
}

/// When a billing month counts as closed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Periods {
    /// Days after a month's end for which providers are expected to correct it.
    pub closed_after_days: u32,
}

impl Default for Periods {
    fn default() -> Periods {
        Periods {
            closed_after_days: 15,
        }
    }
}

/// How many rows that cannot be understood are tolerated; none by default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tolerance {
    /// Percent of the rows of a bill, 0 to 100.
    pub max_percent: f64,
    /// Most that the rows set aside in one billing month may add up to, signs left out, in its currency.
    pub max_amount: Option<f64>,
}

/// When an incident is worth a line.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Anomalies {
    /// Least score, in sigmas.
    pub sigmas: f64,
    /// Least impact, in the bill's currency.
    pub min_impact: f64,
    /// Least impact, in percent of the expectation.
    pub min_percent: f64,
    /// What people decided about incidents: a CSV with `SubAccountId`, `ServiceName`, `Decision`.
    pub feedback: Option<PathBuf>,
    /// Planned events, which widen what is expected.
    pub calendar: Option<PathBuf>,
}

impl Default for Anomalies {
    fn default() -> Anomalies {
        Anomalies {
            sigmas: 3.5,
            min_impact: 5.0,
            min_percent: 10.0,
            feedback: None,
            calendar: None,
        }
    }
}

impl Config {
    /// Reads a file, or `./cloudtally.toml` where it exists, or takes the defaults.
    pub fn load(named: Option<&Path>) -> Result<Config> {
        let default = Path::new("cloudtally.toml");
        let path = match named {
            Some(path) => path,
            None if default.is_file() => default,
            None => return Ok(Config::default()),
        };
        let text = std::fs::read_to_string(path)
            .map_err(|e| Error::read(path, &e).hint("`cloudtally init` writes a starter config"))?;
        let mut config: Config = toml::from_str(&text).map_err(|e| toml_error(path, &text, &e))?;
        path.parent()
            .unwrap_or(Path::new(""))
            .clone_into(&mut config.folder);
        if !(0.0..=100.0).contains(&config.quarantine.max_percent) {
            return Err(
                Error::usage("`quarantine.max_percent` must lie between 0 and 100").at(path),
            );
        }
        if config.lake.history_months == 0 {
            return Err(Error::usage("`lake.history_months` must be at least 1").at(path));
        }
        config.commitments.check().map_err(|e| e.at(path))?;
        config.savings.check().map_err(|e| e.at(path))?;
        config.rightsizing.check().map_err(|e| e.at(path))?;
        if config
            .quarantine
            .max_amount
            .is_some_and(|most| most < 0.0 || Money::from_f64(most).is_err())
        {
            return Err(
                Error::usage("`quarantine.max_amount` must be an amount from 0 up").at(path),
            );
        }
        Ok(config)
    }

    /// A path of the file as seen from here.
    pub fn path(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }

    /// A path, glob or URL of the file as seen from here.
    pub fn place(&self, place: &str) -> String {
        if place.contains("://") {
            place.to_owned()
        } else {
            self.folder.join(place).to_string_lossy().into_owned()
        }
    }

    /// The tag policy: the user's, or the default one.
    pub fn policy(&self) -> Result<TagPolicy> {
        match &self.tags.policy {
            None => Ok(TagPolicy::default_policy()),
            Some(path) => {
                let path = self.path(path);
                let text = std::fs::read_to_string(&path).map_err(|e| Error::read(&path, &e))?;
                let mut policy = TagPolicy::parse(&text, &path)?;
                if let Some(file) = policy.merging().accept_file.clone() {
                    let file = path.parent().unwrap_or(Path::new("")).join(file);
                    let kept =
                        std::fs::read_to_string(&file).map_err(|e| Error::read(&file, &e))?;
                    policy.accept_lines(&file, &kept)?;
                }
                Ok(policy)
            }
        }
    }

    /// The showback rules, where the config names a file.
    pub fn showback(&self) -> Result<Option<ShowbackRules>> {
        let Some(path) = &self.showback.rules else {
            return Ok(None);
        };
        let path = self.path(path);
        let text = std::fs::read_to_string(&path).map_err(|e| Error::read(&path, &e))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let metric = |file: &Path| crate::showback::metric(&folder.join(file));
        ShowbackRules::parse(&text, &path, &metric).map(Some)
    }

    /// Which tags name owners: the config's, else the usual keys with those that the policy adds.
    pub fn owner_keys(&self, policy: &TagPolicy) -> OwnerKeys {
        let keys = |own: &Option<Vec<String>>, usual: &[&str]| {
            let keys = match own {
                Some(own) => own.clone(),
                None => with_policy(policy, usual),
            };
            // Keys that the policy merges into one of them name owners too.
            let merged = policy.merging().variants_of(&keys);
            let fresh: Vec<String> = merged.filter(|key| !keys.contains(key)).cloned().collect();
            [keys, fresh].concat()
        };
        OwnerKeys {
            team: keys(&self.tags.team, &["team", "Team", "owner"]),
            environment: keys(
                &self.tags.environment,
                &["env", "environment", "Environment", "stage"],
            ),
            cost_center: keys(
                &self.tags.cost_center,
                &["CostCenter", "cost-center", "costcenter", "cost_center"],
            ),
        }
    }
}

/// The usual keys and, where the policy has a rule for one of them, its other spellings.
fn with_policy(policy: &TagPolicy, usual: &[&str]) -> Vec<String> {
    let mut keys: Vec<String> = usual.iter().map(ToString::to_string).collect();
    for rule in policy
        .rules()
        .iter()
        .filter(|rule| rule.names().any(|name| usual.contains(&name)))
    {
        for name in rule.names() {
            if !keys.iter().any(|key| key == name) {
                keys.push(name.to_owned());
            }
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_refused_with_its_place_and_a_suggestion() {
        let text = "[output]\ndri = \"out\"\n";
        let error = toml::from_str::<Config>(text).unwrap_err();
        let shown = toml_error(Path::new("cloudtally.toml"), text, &error).to_string();
        assert!(
            shown.contains("cloudtally.toml:2:1") && shown.contains("did you mean `dir`?"),
            "{shown}"
        );
    }

    #[test]
    fn owners_are_found_under_the_policy_s_spellings_too() {
        let policy = TagPolicy::parse(
            "[[tag]]\nkey = \"team\"\naliases = [\"squad\"]\n",
            Path::new("t.toml"),
        )
        .unwrap();
        let keys = Config::default().owner_keys(&policy);
        assert_eq!(keys.team, ["team", "Team", "owner", "squad"]);
    }
}
