//! Bill formats: one definition and one mapping each, recognised from the header, never from a file name.

use super::names::{Names, tag_key};
use crate::error::{Error, Result, nearest};
use polars::prelude::{Column, DataFrame};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

/// Everything the house knows of a family of formats; the files stand in `queries/focus/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Family {
    #[serde(default)]
    names: Names,
    #[serde(default)]
    pub(super) tag_keys: TagKeys,
    #[serde(default)]
    pub(super) dates: DateForms,
    /// True where all rows of a file may lack the header's last columns.
    #[serde(default)]
    pub(super) short_rows: bool,
    format: Vec<Row>,
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
    #[serde(default)]
    pub(super) fallback: BTreeMap<String, String>,
    pub(super) columns: BTreeMap<String, Spec>,
    #[serde(skip)]
    pub(super) sql: &'static str,
    #[serde(skip)]
    pub(super) residue_sql: Option<&'static str>,
    #[serde(skip)]
    pub(super) identity_sql: Option<&'static str>,
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
struct Row {
    name: String,
    title: String,
    /// How a bill of it is called by default; its own name where this is left out.
    source: Option<String>,
    #[serde(default)]
    all: Vec<String>,
    #[serde(default)]
    any: Vec<String>,
    #[serde(default)]
    most: Vec<String>,
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
    from: Vec<String>,
    #[serde(default)]
    required: bool,
    prefix: Option<String>,
}

/// How a cell is typed at the door.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum CellKind {
    Text,
    Money,
    Time,
    /// A day that is still in; read as the start of the day after it.
    LastDay,
    Tags,
}

/// Where in a row a column's value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// The whole cell.
    Plain(usize),
    /// One key of a map in a cell.
    Key(usize, String),
    /// Tags: map cells, and one cell per key.
    Tags {
        maps: Vec<usize>,
        keys: Vec<(usize, String)>,
    },
}

/// A header understood: which format it is and where each column stands; absent columns are not listed.
#[derive(Clone, Debug)]
pub(super) struct Binding {
    pub(super) format: &'static str,
    pub(super) title: &'static str,
    /// How a bill of this format is called by default.
    pub(super) source: &'static str,
    pub(super) family: &'static Family,
    pub(super) cells: BTreeMap<&'static str, Cell>,
    pub(super) header: Vec<String>,
}

impl Binding {
    /// True where the export says which invoice a row stands on.
    pub(super) fn has_invoices(&self) -> bool {
        let column = self.family.mapping.invoice.as_deref();
        column.is_some_and(|column| self.cells.contains_key(column))
    }
}

static FAMILIES: LazyLock<Vec<Family>> = LazyLock::new(|| {
    let aws = include_str!("../../queries/focus/aws_cur.toml");
    let focus = include_str!("../../queries/focus/focus.toml");
    let explorer = include_str!("../../queries/focus/cost_explorer.toml");
    let azure = include_str!("../../queries/focus/azure.toml");
    let oci = include_str!("../../queries/focus/oci.toml");
    [aws, focus, explorer, azure, oci].map(embedded).into()
});

fn embedded(text: &str) -> Family {
    let mut family: Family =
        toml::from_str(text).expect("embedded format definitions parse: tested");
    family.sql = query(&family.mapping.sql);
    family.residue_sql = family.mapping.residue.as_deref().map(query);
    family.identity_sql = family.mapping.identity.as_deref().map(query);
    family
}

fn query(name: &str) -> &'static str {
    match name {
        "aws_cur" => include_str!("../../queries/focus/aws_cur.sql"),
        "aws_cur_identity" => include_str!("../../queries/focus/aws_cur_identity.sql"),
        "aws_cur_negation" => include_str!("../../queries/focus/aws_cur_negation.sql"),
        "azure" => include_str!("../../queries/focus/azure.sql"),
        "oci" => include_str!("../../queries/focus/oci.sql"),
        "cost_explorer" => include_str!("../../queries/focus/cost_explorer.sql"),
        _ => include_str!("../../queries/focus/focus.sql"),
    }
}

/// Everything that decides how rows are mapped, as one text.
pub(super) fn mapping_text() -> String {
    let texts = FAMILIES.iter().map(|family| format!("{family:?}"));
    texts.collect::<Vec<_>>().join("\n")
        + include_str!("../../queries/focus/service_categories.csv")
}

/// The service categories that mappings look up.
pub(super) fn categories() -> Result<DataFrame> {
    let text = include_str!("../../queries/focus/service_categories.csv");
    let pairs: Vec<(&str, &str)> = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .collect();
    let (services, categories): (Vec<&str>, Vec<&str>) = pairs.into_iter().unzip();
    let rows = services.len();
    let columns = vec![
        Column::new("Service".into(), services),
        Column::new("ServiceCategory".into(), categories),
    ];
    DataFrame::new(rows, columns).map_err(|e| Error::data(e.to_string()))
}

/// Name and title of every format, for `cloudtally list formats`.
pub fn formats() -> Vec<(&'static str, &'static str)> {
    FAMILIES
        .iter()
        .flat_map(|f| f.format.iter().map(|r| (r.name.as_str(), r.title.as_str())))
        .collect()
}

/// Finds out what a header is. `wanted` is the format that the user named, if any.
pub(super) fn recognise(path: &Path, header: &[String], wanted: Option<&str>) -> Result<Binding> {
    let found = FAMILIES.iter().find_map(|family| {
        let names = family.names.of_header(header);
        let row = family.format.iter().find(|row| match wanted {
            Some(wanted) => row.name == wanted,
            None => row.matches(&names, family.names),
        });
        row.map(|row| (family, row, names))
    });
    let Some((family, row, names)) = found else {
        return Err(unknown(path, header));
    };
    let binding = Binding {
        format: &row.name,
        title: &row.title,
        source: row.source.as_deref().unwrap_or(&row.name),
        family,
        cells: family
            .columns
            .keys()
            .filter_map(|name| Some((name.as_str(), bind(family, name, header, &names)?)))
            .collect(),
        header: header.to_vec(),
    };
    let missing = family
        .columns
        .iter()
        .find(|(name, spec)| spec.required && !binding.cells.contains_key(name.as_str()));
    match missing {
        None => Ok(binding),
        Some((name, _)) => Err(Error::data(format!(
            "{}: the mandatory column `{name}` is missing",
            row.title
        ))
        .at_line(path, 1, 0)
        .hint(match nearest(name, header.iter().map(String::as_str)) {
            Some(near) => format!("the header has `{near}`; rename it to `{name}`"),
            None => format!("export it again with `{name}`, or name another format with --format"),
        })),
    }
}

impl Row {
    fn matches(&self, names: &[String], by: Names) -> bool {
        let has = |wanted: &String| by.position(names, wanted).is_some();
        let most = self.most.iter().filter(|m| has(m)).count();
        self.all.iter().all(&has)
            && (self.any.is_empty() || self.any.iter().any(&has))
            && most * 2 >= self.most.len()
    }
}

fn unknown(path: &Path, header: &[String]) -> Error {
    let start: Vec<&str> = header.iter().take(4).map(|name| name.trim()).collect();
    let known: Vec<&str> = formats().into_iter().map(|(name, _)| name).collect();
    Error::data(format!(
        "this is no bill that we know; its header starts `{}`",
        shorten(&start.join(","))
    ))
    .at_line(path, 1, 0)
    .hint(format!(
        "known formats are {}; inventories and metrics go into the config",
        known.join(", ")
    ))
}

fn shorten(text: &str) -> String {
    let printable: String = text
        .chars()
        .map(|c| if c.is_control() { '·' } else { c })
        .collect();
    if printable.chars().count() <= 80 {
        printable
    } else {
        printable.chars().take(79).chain(['…']).collect()
    }
}

fn bind(family: &Family, name: &str, header: &[String], names: &[String]) -> Option<Cell> {
    let spec = &family.columns[name];
    let at = |wanted: &str| family.names.position(names, wanted);
    if spec.kind == CellKind::Tags {
        let maps: Vec<usize> = spec.from.iter().filter_map(|from| at(from)).collect();
        let keys: Vec<(usize, String)> = match &spec.prefix {
            Some(prefix) => names
                .iter()
                .enumerate()
                .filter_map(|(i, name)| Some((i, tag_key(&header[i], name, prefix)?)))
                .collect(),
            None => Vec::new(),
        };
        return (!maps.is_empty() || !keys.is_empty()).then_some(Cell::Tags { maps, keys });
    }
    std::iter::once(name)
        .chain(spec.from.iter().map(String::as_str))
        .find_map(|from| match from.split_once('[') {
            Some((map, key)) => Some(Cell::Key(at(map)?, key.trim_end_matches(']').to_owned())),
            None => at(from).map(Cell::Plain),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn a_focus_header_without_a_mandatory_column_is_told_so() {
        let header =
            header("BilledCost,BillingCurrency,ChargePeriodStart,ServiceNames,ChargeCategory");
        let error = recognise(Path::new("b.csv"), &header, None)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("`ServiceName` is missing") && error.contains("`ServiceNames`"),
            "{error}"
        );
    }

    #[test]
    fn what_is_no_bill_says_how_its_header_starts() {
        let error = recognise(Path::new("x.csv"), &header("name,age"), None)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("name,age") && error.contains("aws-cur"),
            "{error}"
        );
    }

    #[test]
    fn both_generations_of_the_cur_are_told_apart() {
        let legacy = "bill/PayerAccountId,bill/BillingPeriodStartDate,lineItem/UnblendedCost,lineItem/LineItemType,\
            lineItem/CurrencyCode,lineItem/UsageAccountId,lineItem/UsageStartDate";
        assert_eq!(
            recognise(Path::new("a"), &header(legacy), None)
                .unwrap()
                .format,
            "aws-cur"
        );
        let second = "bill_payer_account_id,bill_billing_period_start_date,line_item_unblended_cost,line_item_line_item_type,\
            line_item_currency_code,line_item_usage_account_id,line_item_usage_start_date,resource_tags,product";
        let binding = recognise(Path::new("a"), &header(second), None).unwrap();
        assert_eq!(binding.format, "aws-cur2");
        assert_eq!(
            binding.cells["product_region"],
            Cell::Key(8, "region".into())
        );
    }
}
