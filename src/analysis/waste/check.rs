//! The checks, as a table: `checks.toml` beside this file. A check names the lines it looks at by patterns, the
//! rule that judges them, and where its strings and its formula come from.

use crate::analysis::finding::{Action, Confidence, Effort};
use crate::analysis::waste::line::Sku;
use serde::Deserialize;
use std::sync::OnceLock;

/// One check.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Its name, kebab-case: `idle-nat-gateway`.
    pub id: String,
    /// What it finds, in a few words.
    pub title: String,
    /// `AWS`, `Azure`, `Google Cloud` or `any`.
    pub provider: String,
    /// What it needs beside the bill.
    pub evidence: Evidence,
    /// How the saving is computed, in words.
    pub saving: String,
    /// Confidence of its best findings; a rule may lower it.
    pub confidence: Confidence,
    /// Work that acting takes.
    pub effort: Effort,
    /// What to do.
    pub action: Action,
    /// Public page on which the strings or the formula stand.
    pub reference: String,
    /// Its judge.
    pub(super) rule: Rule,
}

/// What a check needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// Rows of the bill alone.
    Billing,
    /// An inventory, priced by the bill.
    Inventory,
    /// Metrics, priced by the bill.
    Metrics,
}

impl Evidence {
    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Evidence::Billing => "billing",
            Evidence::Inventory => "inventory",
            Evidence::Metrics => "metrics",
        }
    }
}

/// How lines are judged.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "kebab-case")]
pub(super) enum Rule {
    /// A share of these lines is waste.
    Part {
        lines: Lines,
        /// Least and most of the cost in percent; none: nobody can say.
        percent: Option<[u8; 2]>,
        /// Only what was first charged so many days ago.
        #[serde(default)]
        older_than_days: u32,
        /// Only where at least so many units are used a day.
        #[serde(default)]
        per_day: u32,
    },
    /// Provided and not used: these lines, and about nothing of `busy` on the same resource.
    Idle {
        lines: Lines,
        busy: Lines,
        /// Thousandths of a unit of `busy` per hour that still count as nothing.
        #[serde(default)]
        trickle: u32,
        /// Judged only where `busy` names some resource: many bills charge it without one.
        #[serde(default)]
        witness: bool,
        /// Days it must have been so; 0: the configured number.
        #[serde(default)]
        days: u32,
        /// Least and most of the cost in percent.
        #[serde(default = "all")]
        percent: [u8; 2],
    },
    /// Another plan of the same resource: gains on `lines`, loses on `against`.
    Trade {
        lines: Lines,
        against: Lines,
        /// Percent of the cost of `lines` that is saved.
        gain: u32,
        /// Percent of the cost of `against` that is paid in addition.
        loss: u32,
    },
    /// Runs day and night.
    AlwaysOn {
        lines: Lines,
        /// Least and most of the cost in percent.
        percent: [u8; 2],
    },
    /// Grew in every month.
    Grows { lines: Lines },
    /// So large a share of an account's cost that it is worth a look.
    Share { lines: Lines, percent: u8 },
    /// First seen in the last days: `service` or `region`.
    New { what: New },
    /// A machine type with a successor of the provider's own naming.
    Successor { lines: Lines },
    /// gp2 volumes at the price of gp3 with the same performance.
    Gp3,
    /// Provisioned IOPS volumes at the price of gp3.
    ProvisionedIops,
    /// Commitments left unused.
    Commitment,
    /// What an inventory shows.
    Inventory { state: State },
    /// A database without connections.
    Connections,
}

fn all() -> [u8; 2] {
    [100, 100]
}

/// What can be new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum New {
    Service,
    Region,
}

/// What an inventory can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    UnattachedDisk,
    DiskOfStoppedMachine,
    OrphanSnapshot,
    FreeAddress,
    StoppedNotDeallocated,
}

/// Patterns of charges: every list that is given must have one that matches.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Lines {
    provider: Vec<Pattern>,
    service: Vec<Pattern>,
    meter: Vec<Pattern>,
    description: Vec<Pattern>,
    instance: Vec<Pattern>,
    system: Vec<Pattern>,
    resource: Vec<Pattern>,
    /// Resources left out.
    except: Vec<Pattern>,
    /// Only resources whose environment tag says that nobody needs them at night.
    pub(super) nonproduction: bool,
}

impl Lines {
    /// Lines of some meters of AWS.
    pub(super) fn of_meters(meter: Vec<Pattern>) -> Lines {
        Lines {
            meter,
            ..Lines::default()
        }
    }

    /// True where the patterns name what is charged.
    pub(super) fn names(&self, sku: &Sku) -> bool {
        let any = |patterns: &[Pattern], text: &str| {
            patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(text))
        };
        any(&self.meter, &sku.meter)
            && any(&self.provider, &sku.provider)
            && any(&self.service, &sku.service)
            && any(&self.description, &sku.description)
            && any(&self.instance, &sku.instance)
            && any(&self.system, &sku.system)
    }

    /// True where the patterns let the resource in.
    pub(super) fn holds(&self, resource: &str) -> bool {
        if self.resource.is_empty() && self.except.is_empty() {
            return true;
        }
        let id = resource.to_lowercase();
        let any = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(&id));
        (self.resource.is_empty() || any(&self.resource)) && !any(&self.except)
    }

    /// The patterns of its meters, for people.
    pub(super) fn meters(&self) -> String {
        let names = self.meter.iter().map(|pattern| pattern.0.replace('*', ""));
        names.collect::<Vec<_>>().join(" or ")
    }
}

/// A text in any case in which `*` stands for any characters.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Pattern(String);

impl Pattern {
    /// A pattern as it is written.
    pub(super) fn new(text: &str) -> Pattern {
        Pattern(text.to_owned())
    }

    /// True where a lower-case text matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        let pattern = self.0.to_lowercase();
        let mut parts = pattern.split('*');
        let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else {
            return false;
        };
        let mut parts = parts.peekable();
        if parts.peek().is_none() {
            return rest.is_empty();
        }
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                return rest.ends_with(part);
            }
            match rest.find(part) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        true
    }
}

/// Environments in which nobody works at night, in lower case.
const NONPRODUCTION: &[&str] = &[
    "dev",
    "development",
    "test",
    "testing",
    "tst",
    "qa",
    "uat",
    "stage",
    "staging",
    "stg",
    "sandbox",
    "lab",
    "demo",
    "poc",
    "nonprod",
    "non-prod",
    "preprod",
    "pre-prod",
];

/// True for the usual names of environments that are not production.
pub fn is_nonproduction(environment: &str) -> bool {
    NONPRODUCTION.contains(&environment.to_lowercase().as_str())
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    check: Vec<Check>,
}

/// Every check, in the order of the table.
pub fn checks() -> &'static [Check] {
    static CHECKS: OnceLock<Vec<Check>> = OnceLock::new();
    CHECKS.get_or_init(|| {
        let table: Result<Table, _> = toml::from_str(include_str!("checks.toml"));
        // The embedded table reads: a test below counts it.
        table.unwrap_or_default().check
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_table_reads_and_holds_what_was_promised() {
        toml::from_str::<Table>(include_str!("checks.toml")).unwrap();
        let ids: BTreeSet<&str> = checks().iter().map(|check| check.id.as_str()).collect();
        let billing = checks()
            .iter()
            .filter(|check| check.evidence == Evidence::Billing);
        assert_eq!(ids.len(), checks().len(), "ids are unique");
        assert!(checks().len() >= 35 && billing.count() >= 25);
        for check in checks() {
            assert!(check.reference.starts_with("https://"), "{}", check.id);
            assert!(!check.saving.is_empty() && !check.title.is_empty());
        }
    }

    #[test]
    fn every_provider_has_checks() {
        for provider in ["AWS", "Azure", "Google Cloud", "any"] {
            assert!(checks().iter().any(|check| check.provider == provider));
        }
    }

    #[test]
    fn a_star_stands_for_anything() {
        let matches = |pattern: &str, text: &str| Pattern(pattern.to_owned()).matches(text);
        assert!(matches("*NatGateway-Hours", "eu-natgateway-hours"));
        assert!(matches("*NatGateway-Hours", "natgateway-hours"));
        assert!(!matches("*NatGateway-Hours", "natgateway-hours-x"));
        assert!(matches("*pd*snapshot*", "storage pd snapshot in us"));
        assert!(!matches("standard", "standard storage"));
        assert!(matches("a*a", "aa") && !matches("a*a", "a"));
    }
}
