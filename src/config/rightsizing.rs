//! `[rightsizing]`: how machines, groups, databases, disks and workloads are judged, and for which of them otherwise.

use crate::analysis::catalogue::Arch;
use crate::analysis::fit::Preset;
use crate::condition::Condition;
use crate::error::{Error, Result, nearest};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a scope may ask about a resource, beside `tag:KEY`.
const SCOPE_COLUMNS: [&str; 8] = [
    "ProviderName",
    "SubAccountId",
    "RegionId",
    "ResourceId",
    "Team",
    "Environment",
    "CostCenter",
    "Kind",
];

/// How resources are judged.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rightsizing {
    /// Offer newer generations of the same architecture.
    pub modernise: bool,
    /// Offer ARM to machines known to run Linux and to databases of open-source engines.
    pub arm: bool,
    /// How much room a machine keeps.
    pub preset: Preset,
    /// Room above the load of a cluster's nodes, CPU and memory alike, in percent.
    pub cluster_headroom: f64,
    /// Families that may be recommended; none: all.
    pub include_families: Vec<String>,
    /// Families that must not be recommended.
    pub exclude_families: Vec<String>,
    /// Architectures that may be recommended; none: all.
    pub architectures: Vec<Arch>,
    /// Oldest generation that may be recommended.
    pub min_generation: u8,
    /// What holds otherwise for some resources; the first that matches counts.
    #[serde(rename = "scope")]
    pub scopes: Vec<Scope>,
}

/// What holds otherwise for some resources; what it leaves out stays as it is for all.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scope {
    /// Which resources: columns with words.
    pub when: BTreeMap<String, Vec<String>>,
    /// How much room they keep.
    pub preset: Option<Preset>,
    /// Room above CPU and memory in percent, in place of the preset's.
    pub headroom: Option<f64>,
    /// Room above the load of a cluster's nodes, in percent.
    pub cluster_headroom: Option<f64>,
    /// Offer newer generations.
    pub modernise: Option<bool>,
    /// Offer ARM.
    pub arm: Option<bool>,
    /// Families that may be recommended.
    pub include_families: Option<Vec<String>>,
    /// Families that must not be recommended.
    pub exclude_families: Option<Vec<String>>,
    /// Architectures that may be recommended.
    pub architectures: Option<Vec<Arch>>,
    /// Oldest generation that may be recommended.
    pub min_generation: Option<u8>,
}

impl Default for Rightsizing {
    fn default() -> Rightsizing {
        Rightsizing {
            modernise: true,
            arm: false,
            preset: Preset::Default,
            cluster_headroom: 30.0,
            include_families: Vec::new(),
            exclude_families: Vec::new(),
            architectures: Vec::new(),
            min_generation: 0,
            scopes: Vec::new(),
        }
    }
}

impl Scope {
    /// Which resources it is about; an error says which word cannot be meant.
    pub fn condition(&self) -> Result<Condition> {
        if self.when.is_empty() {
            return Err(Error::usage("a [[rightsizing.scope]] says of which resources in `when`")
                .hint("`when = { Environment = [\"prod\"] }`; what holds for all stands under [rightsizing]"));
        }
        for column in self.when.keys() {
            let is_tag = column
                .strip_prefix("tag:")
                .is_some_and(|key| !key.is_empty());
            if is_tag || SCOPE_COLUMNS.contains(&column.as_str()) {
                continue;
            }
            let hint = match nearest(column, SCOPE_COLUMNS) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it may be {} or `tag:KEY`", SCOPE_COLUMNS.join(", ")),
            };
            let what =
                format!("`{column}` in [[rightsizing.scope]] is nothing that a resource has");
            return Err(Error::usage(what).hint(hint));
        }
        let also = SCOPE_COLUMNS.map(str::to_owned);
        Condition::parse(&self.when, &also)
            .map_err(|what| Error::usage(format!("[[rightsizing.scope]]: {what}")))
    }
}

impl Rightsizing {
    /// Refuses rooms that are no percentage, and scopes that nobody can mean.
    pub(super) fn check(&self) -> Result<()> {
        let scopes = self.scopes.iter();
        let rooms = scopes.flat_map(|scope| {
            [
                ("headroom", scope.headroom),
                ("cluster_headroom", scope.cluster_headroom),
            ]
        });
        let own = ("cluster_headroom", Some(self.cluster_headroom));
        for (name, room) in rooms.chain([own]) {
            if room.is_some_and(|room| !(0.0..=200.0).contains(&room)) {
                let what = format!("`{name}` under [rightsizing] must lie between 0 and 200");
                return Err(
                    Error::usage(what).hint("it is a percentage: 20 leaves a fifth above the load")
                );
            }
        }
        self.scopes
            .iter()
            .try_for_each(|scope| scope.condition().map(|_| ()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Rightsizing> {
        let rules: Rightsizing = toml::from_str(text).unwrap();
        rules.check().map(|()| rules)
    }

    #[test]
    fn a_scope_says_what_holds_otherwise() {
        let text = "[[scope]]\nwhen = { Environment = [\"prod\"], \"tag:tier\" = [\"gold*\"] }\npreset = \"performance\"\n\
                    architectures = [\"x86\"]\nmin_generation = 6\n";
        let scope = &read(text).unwrap().scopes[0];
        assert_eq!(
            (scope.preset, scope.min_generation, scope.arm),
            (Some(Preset::Performance), Some(6), None)
        );
        let holds = |tier: &'static str| {
            let value = move |column: &str| match column {
                "Environment" => Some("prod"),
                "tag:tier" => Some(tier),
                _ => None,
            };
            scope.condition().unwrap().holds(value)
        };
        assert!(holds("gold-1") && !holds("silver"));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_a_hint() {
        let refused = |text: &str| read(text).unwrap_err().to_string();
        assert!(
            refused("[[scope]]\nwhen = { Enviroment = [\"prod\"] }\n")
                .contains("did you mean `Environment`?")
        );
        assert!(refused("[[scope]]\npreset = \"savings\"\n").contains("says of which resources"));
        assert!(refused("[[scope]]\nwhen = { Team = [\"/(/\"] }\n").contains("regular expression"));
        assert!(refused("cluster_headroom = 900\n").contains("between 0 and 200"));
        assert!(toml::from_str::<Rightsizing>("[[scope]]\nheadrom = 3\n").is_err());
    }
}
