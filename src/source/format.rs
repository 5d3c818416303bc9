//! Bill formats: one definition and one mapping each, recognised from the header, never from a file name.

use super::names::Names;
use crate::engine::mapping;
use crate::focus::Kind;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Everything the house knows of a family of formats; the files stand in `queries/focus/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Family {
    #[serde(default)]
    pub(super) names: Names,
    #[serde(default)]
    pub(super) tag_keys: TagKeys,
    #[serde(default)]
    pub(super) dates: DateForms,
    /// True where all rows of a file may lack the header's last columns.
    #[serde(default)]
    pub(super) short_rows: bool,
    pub(super) format: Vec<Row>,
    pub(super) mapping: Mapping,
    #[serde(default)]
    pub(super) control: BTreeMap<String, Vec<String>>,
    /// Rows by what they are: a column and its values each.
    #[serde(default)]
    pub(super) class: BTreeMap<String, Values>,
    /// Classes of rows that add nothing to a control total.
    #[serde(default)]
    pub(super) control_without: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(super) product: BTreeMap<String, [String; 2]>,
    /// Amounts added up: every term is the first of its columns that a row has.
    #[serde(default)]
    pub(super) sum: BTreeMap<String, Vec<Vec<String>>>,
    #[serde(default)]
    pub(super) fallback: BTreeMap<String, String>,
    pub(super) columns: BTreeMap<String, Spec>,
    #[serde(skip)]
    pub(super) sql: &'static str,
    #[serde(skip)]
    pub(super) residue_sql: Option<&'static str>,
    #[serde(skip)]
    pub(super) identity_sql: Option<&'static str>,
    #[serde(skip)]
    pub(super) rules_sql: Option<[&'static str; 2]>,
}

/// What the keys of a family's tag maps look like.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum TagKeys {
    /// As people wrote them.
    #[default]
    Plain,
    /// With the prefixes of CUR 2.0, which are taken off.
    Cur,
}

/// How a family may write dates.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum DateForms {
    /// Year first.
    #[default]
    Iso,
    /// With slashes too, in an order that each file has of its own.
    Slashed,
}

/// Columns and the values that they may have.
pub(super) type Values = BTreeMap<String, Vec<String>>;

/// One recogniser row: a header is this format when it has all of `all`, at least one of `any`, and at
/// least half of `most`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) title: String,
    /// How a bill of it is called by default; its own name where this is left out.
    pub(super) source: Option<String>,
    #[serde(default)]
    pub(super) all: Vec<String>,
    #[serde(default)]
    pub(super) any: Vec<String>,
    #[serde(default)]
    pub(super) most: Vec<String>,
}

/// How rows of the family become charges.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mapping {
    pub(super) sql: String,
    pub(super) charge_start: String,
    pub(super) period_start: String,
    /// The end of the billing period, where it need not be the end of a month.
    pub(super) period_end: Option<String>,
    /// The columns of the billing account, the best first.
    #[serde(default)]
    pub(super) account: Vec<String>,
    pub(super) currency: String,
    pub(super) amount: String,
    /// The invoice that a row stands on, where the format names one.
    pub(super) invoice: Option<String>,
    pub(super) residue: Option<String>,
    /// Rules for known mistakes of exports: what they make of the rows, and what that changes by rule.
    pub(super) rules: Option<[String; 2]>,
    /// The query of the identity of amortised cost.
    pub(super) identity: Option<String>,
    /// The column and the values that mark usage, whose dates must lie in the billing period.
    pub(super) usage: Option<(String, Vec<String>)>,
}

/// One column of the export.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Spec {
    pub(super) kind: CellKind,
    #[serde(default)]
    pub(super) from: Vec<String>,
    #[serde(default)]
    pub(super) required: bool,
    pub(super) prefix: Option<String>,
    /// An amount: the sum of this field over the list of structs in the cell.
    pub(super) sum: Option<String>,
    /// A quantity that may be larger than what is stored (bytes × seconds): it is unknown then, not refused.
    #[serde(default)]
    pub(super) vast: bool,
    /// Tags: what is put before the keys of these columns.
    #[serde(default)]
    pub(super) schemes: BTreeMap<String, String>,
}

/// How a cell is typed at the door.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum CellKind {
    Text,
    /// A text that some exports write as a list; its first entry counts.
    First,
    Money,
    Time,
    /// A day that is still in; read as the start of the day after it.
    LastDay,
    Tags,
}

impl CellKind {
    /// What a column of it holds.
    pub(super) fn kind(self) -> Kind {
        match self {
            CellKind::Text | CellKind::First | CellKind::Tags => Kind::Text,
            CellKind::Money => Kind::Money,
            CellKind::Time | CellKind::LastDay => Kind::Time,
        }
    }
}

pub(super) static FAMILIES: LazyLock<Vec<Family>> = LazyLock::new(|| {
    let aws = include_str!("../../queries/focus/aws_cur.toml");
    let focus = include_str!("../../queries/focus/focus.toml");
    let explorer = include_str!("../../queries/focus/cost_explorer.toml");
    let azure = include_str!("../../queries/focus/azure.toml");
    let oci = include_str!("../../queries/focus/oci.toml");
    let gcp = include_str!("../../queries/focus/gcp.toml");
    [aws, focus, explorer, azure, oci, gcp].map(embedded).into()
});

fn embedded(text: &str) -> Family {
    let mut family: Family =
        toml::from_str(text).expect("embedded format definitions parse: tested");
    family.sql = mapping(&family.mapping.sql);
    family.residue_sql = family.mapping.residue.as_deref().map(mapping);
    let rules = family.mapping.rules.as_ref();
    family.rules_sql = rules.map(|[make, count]| [mapping(make), mapping(count)]);
    family.identity_sql = family.mapping.identity.as_deref().map(mapping);
    family
}

/// Everything that decides how rows are mapped, as one text.
pub(super) fn mapping_text() -> String {
    let texts = FAMILIES.iter().map(|family| format!("{family:?}"));
    texts.collect::<Vec<_>>().join("\n")
        + include_str!("../../queries/focus/service_categories.csv")
}

/// Name and title of every format, for `cloudtally list formats`.
pub fn formats() -> Vec<(&'static str, &'static str)> {
    FAMILIES
        .iter()
        .flat_map(|f| f.format.iter().map(|r| (r.name.as_str(), r.title.as_str())))
        .collect()
}
