//! From a header to places: which format it is, and where in a row each of its columns stands.

use super::format::{CellKind, FAMILIES, Family, Row, Spec, formats};
use super::names::{Names, tag_key};
use super::nested::Pick;
use crate::error::{Error, Result, nearest};
use std::collections::BTreeMap;
use std::path::Path;

/// Where in a row a column's value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// The whole cell.
    Plain(usize),
    /// One key of a map in a cell.
    Key(usize, String),
    /// A text of one struct of a list in a cell.
    Pick(usize, Pick),
    /// The first entry where the cell is a list, else the whole cell.
    First(usize),
    /// Tags: map cells with what is put before their keys, and one cell per key.
    Tags {
        maps: Vec<(usize, String)>,
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

/// Finds out what a header is. `wanted` is the format that the user named, if any.
pub(super) fn recognise(path: &Path, header: &[String], wanted: Option<&str>) -> Result<Binding> {
    let (family, row) = found(path, header, wanted)?;
    let binding = Binding::of(family, row, header.to_vec());
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

/// Finds out what objects with these names are. A row leaves out what it does not have, so every column
/// of the format has a place, whether this row has it or not.
pub(super) fn recognise_names(
    path: &Path,
    names: &[String],
    wanted: Option<&str>,
) -> Result<Binding> {
    let (family, row) = found(path, names, wanted)?;
    let mut header = names.to_vec();
    for (name, spec) in &family.columns {
        let known = family.names.of_header(&header);
        let lacks = |name: &&str| family.names.position(&known, name).is_none();
        let from = spec.from.iter().map(String::as_str);
        let more: Vec<&str> = if spec.kind == CellKind::Tags {
            from.filter(lacks).collect()
        } else if bind(family, name, &header, &known).is_some() {
            Vec::new()
        } else {
            let picks = from.filter_map(|from| from.split_once('['));
            let lists = picks.filter(|(_, rest)| rest.contains('='));
            vec![lists.map(|(list, _)| list).next().unwrap_or(name)]
        };
        header.extend(more.into_iter().map(str::to_owned));
    }
    Ok(Binding::of(family, row, header))
}

/// The first family that has such a header.
fn found(
    path: &Path,
    header: &[String],
    wanted: Option<&str>,
) -> Result<(&'static Family, &'static Row)> {
    let found = FAMILIES.iter().find_map(|family| {
        let names = family.names.of_header(header);
        let row = family.format.iter().find(|row| match wanted {
            Some(wanted) => row.name == wanted,
            None => row.matches(&names, family.names),
        });
        row.map(|row| (family, row))
    });
    found.ok_or_else(|| unknown(path, header))
}

impl Binding {
    fn of(family: &'static Family, row: &'static Row, header: Vec<String>) -> Binding {
        let names = family.names.of_header(&header);
        let cells = family
            .columns
            .keys()
            .filter_map(|name| Some((name.as_str(), bind(family, name, &header, &names)?)));
        Binding {
            format: &row.name,
            title: &row.title,
            source: row.source.as_deref().unwrap_or(&row.name),
            family,
            cells: cells.collect(),
            header,
        }
    }

    /// True where the export says which invoice a row stands on.
    pub(super) fn has_invoices(&self) -> bool {
        let column = self.family.mapping.invoice.as_deref();
        column.is_some_and(|column| self.cells.contains_key(column))
    }

    /// Where a name of the export stands in the header, by itself or as another spelling of a column.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        let by = self.family.names;
        let other = || {
            let spelled = |spec: &Spec| by.position(&by.of_header(&spec.from), name).is_some();
            let mut columns = self.family.columns.iter();
            let (column, _) = columns.find(|(_, spec)| spelled(spec))?;
            match self.cells.get(column.as_str())? {
                Cell::Plain(at) | Cell::First(at) => Some(*at),
                _ => None,
            }
        };
        by.position(&by.of_header(&self.header), name)
            .or_else(other)
    }

    /// The places that columns are read from, in order, each once.
    pub(super) fn used(&self) -> Vec<usize> {
        let mut used: Vec<usize> = Vec::new();
        for cell in self.cells.values() {
            match cell {
                Cell::Plain(at) | Cell::Key(at, _) | Cell::Pick(at, _) | Cell::First(at) => {
                    used.push(*at);
                }
                Cell::Tags { maps, keys } => {
                    used.extend(maps.iter().map(|(at, _)| at));
                    used.extend(keys.iter().map(|(at, _)| at));
                }
            }
        }
        used.sort_unstable();
        used.dedup();
        used
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
        let scheme = |from: &String| spec.schemes.get(from).cloned().unwrap_or_default();
        let map = |from: &String| Some((at(from)?, scheme(from)));
        let maps: Vec<(usize, String)> = spec.from.iter().filter_map(map).collect();
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
            Some((list, rest)) if rest.contains('=') => {
                Some(Cell::Pick(at(list)?, Pick::read(rest)?))
            }
            Some((map, key)) => Some(Cell::Key(at(map)?, key.trim_end_matches(']').to_owned())),
            None if spec.kind == CellKind::First => at(from).map(Cell::First),
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
