//! When resources were resized, from the types that they were billed as: nothing is measured across that day.

use super::super::night::Night;
use crate::engine;
use crate::error::Result;
use crate::period::Month;
use crate::report::table::{Cell, Table};
use crate::resource::Known;
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;

/// Last charge of a type, and whether its month is cut by month alone.
type Types = BTreeMap<String, NaiveDate>;

/// The first whole day of the type that each resource has now, of those that were billed as several.
pub(super) fn resized(night: &Night, known: &Known) -> Result<BTreeMap<String, NaiveDate>> {
    let name = "queries/analysis/machine_types.sql";
    let sql = include_str!("../../../queries/analysis/machine_types.sql");
    let tables = [("compute_monthly", night.table("compute_monthly")?)];
    let rows = Table::of_frame(&engine::query(name, sql, &tables)?)?;
    let [months, ids, types] = ["Month", "ResourceId", "InstanceType"].map(|name| rows.texts(name));
    let last_day = rows.at("LastDay").unwrap_or_default();
    let days: Vec<u32> = rows.rows.iter().map(|row| day(&row[last_day])).collect();
    let mut last_of_month: BTreeMap<&str, u32> = BTreeMap::new();
    for (month, day) in months.iter().zip(&days) {
        let known = last_of_month.entry(month).or_default();
        *known = (*day).max(*known);
    }
    let mut resources: BTreeMap<String, Types> = BTreeMap::new();
    for at in 0..ids.len() {
        let Some(month) = Month::parse(&months[at]) else {
            continue;
        };
        // A bill cut by month has all charges on the first: what it was on that day, it may have been all month.
        let whole = last_of_month
            .get(months[at].as_str())
            .is_some_and(|last| *last <= 1);
        let first = month.first_day();
        let last = if whole {
            month.next().first_day() - Days::new(1)
        } else {
            first + Days::new(u64::from(days[at].saturating_sub(1)))
        };
        let types_of = resources.entry(known.key(&ids[at])).or_default();
        let known = types_of.entry(types[at].to_lowercase()).or_insert(last);
        *known = last.max(*known);
    }
    let resized = |(key, types): (String, Types)| Some((key, since(&types)?));
    Ok(resources.into_iter().filter_map(resized).collect())
}

fn day(cell: &Cell) -> u32 {
    match cell {
        Cell::Count(day) => u32::try_from(*day).unwrap_or(1),
        _ => 1,
    }
}

/// The day after the last charge of every type but the newest; none where there is one type, or two that end on
/// the same day: then nobody knows which came last.
fn since(types: &Types) -> Option<NaiveDate> {
    let mut lasts: Vec<NaiveDate> = types.values().copied().collect();
    lasts.sort_unstable();
    let before = *lasts.get(lasts.len().checked_sub(2)?)?;
    before.checked_add_days(Days::new(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(known: &[(&str, &str)]) -> Types {
        let one = |&(name, day): &(&str, &str)| (name.to_owned(), day.parse().unwrap());
        known.iter().map(one).collect()
    }

    #[test]
    fn the_day_after_the_other_types_last_charge() {
        let day = |known: &[(&str, &str)]| since(&types(known)).map(|day| day.to_string());
        assert_eq!(day(&[("m5.xlarge", "2026-11-20")]), None);
        let twice = [
            ("m5.large", "2026-11-20"),
            ("m5.xlarge", "2026-11-03"),
            ("m4.large", "2026-09-30"),
        ];
        assert_eq!(day(&twice).as_deref(), Some("2026-11-04"));
    }
}
