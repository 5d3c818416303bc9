//! Units that a business counts, from a CSV beside the config: how many orders, tenants or requests a month had,
//! of the whole bill or of a part of it. Every mistake is refused with its place.

use crate::analysis::unit_cost::Quantity;
use crate::condition::COLUMNS;
use crate::error::{Error, Result};
use crate::money::Money;
use crate::period::Month;
use crate::sheet::{self, Row};
use std::collections::BTreeMap;
use std::path::Path;

const NEEDED: [&str; 3] = ["Month", "Unit", "Quantity"];

/// Reads the file; scope columns are those of rules and these business dimensions.
pub fn read(path: &Path, dimensions: &[String]) -> Result<Vec<Quantity>> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::read(path, &e))?;
    parse(&text, path, dimensions)
}

fn parse(text: &str, path: &Path, dimensions: &[String]) -> Result<Vec<Quantity>> {
    let own = dimensions.iter().map(String::as_str);
    let own = own.filter(|name| !COLUMNS.contains(name));
    let scopes: Vec<&str> = COLUMNS.into_iter().chain(own).collect();
    if let Some(name) = scopes.iter().find(|name| NEEDED.contains(name)) {
        return Err(Error::usage(format!(
            "the dimension `{name}` is called like a column of the units"
        ))
        .at(path));
    }
    let mut seen = BTreeMap::new();
    let mut quantities = Vec::new();
    for row in sheet::rows(path, text, &NEEDED, &scopes)? {
        let quantity = quantity(&row, &scopes)?;
        let key = (
            quantity.month,
            quantity.unit.clone(),
            quantity.scope.clone(),
        );
        if let Some(line) = seen.insert(key, row.line()) {
            return Err(row.wrong(0, format!("line {line} counts the same unit of this month")));
        }
        quantities.push(quantity);
    }
    Ok(quantities)
}

fn quantity(row: &Row<'_>, scopes: &[&str]) -> Result<Quantity> {
    let month = Month::parse(row.get(0));
    let month = month.ok_or_else(|| row.wrong(0, "this is no month; write 2026-10"))?;
    if row.get(1).is_empty() {
        return Err(row.wrong(1, "the unit has no name"));
    }
    let much = Money::parse(row.get(2).as_bytes()).ok();
    let much = much.filter(|much| *much >= Money::ZERO);
    let quantity = much.ok_or_else(|| {
        row.wrong(2, "this is no quantity: a number from 0 up")
            .hint("leave the row out where nothing was counted; 0 is a count")
    })?;
    let scope = scopes.iter().enumerate().filter_map(|(at, column)| {
        let value = row.get(NEEDED.len() + at);
        (!matches!(value, "" | "*")).then(|| ((*column).to_owned(), value.to_owned()))
    });
    Ok(Quantity {
        month,
        unit: row.get(1).to_owned(),
        scope: scope.collect(),
        quantity,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Vec<Quantity>> {
        parse(text, Path::new("units.csv"), &["Product".to_owned()])
    }

    #[test]
    fn a_row_names_a_part_of_the_bill_or_all_of_it() {
        let rows = read(
            "Month,Unit,Quantity,Product,Team\n2026-10,order,1200,Checkout,\n2026-10,tenant,3.5,,*\n",
        )
        .unwrap();
        assert_eq!(
            rows[0].scope,
            [("Product".to_owned(), "Checkout".to_owned())]
        );
        assert_eq!((rows[1].unit.as_str(), rows[1].scope.len()), ("tenant", 0));
    }

    #[test]
    fn mistakes_have_a_place() {
        for (text, place) in [
            ("Month,Unit,Quantity\n2026-13,order,5\n", "units.csv:2:1"),
            ("Month,Unit,Quantity\n2026-10,,5\n", "units.csv:2:2"),
            ("Month,Unit,Quantity\n2026-10,order,-5\n", "units.csv:2:3"),
            ("Unit,Month,Quantity\norder,2026-10,many\n", "units.csv:2:3"),
            (
                "Month,Unit,Quantity,Taem\n2026-10,order,5,x\n",
                "units.csv:1:4",
            ),
            (
                "Month,Unit,Quantity,Team\n2026-10,order,5,x\n2026-10,order,6,x\n",
                "units.csv:3:1",
            ),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(place), "{place}: {error}");
        }
        let near = read("Month,Unit,Quantity,Prodcut\n2026-10,order,5,x\n").unwrap_err();
        assert!(near.to_string().contains("did you mean `Product`?"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(Month,Unit,Quantity[,A-Za-z]{0,12}\n)?[ -~\n\"é]{0,80}") {
            let _ = read(&text);
        }
    }
}
