//! Exchange rates that the user gave, and nothing else: no rate is ever fetched, turned round or chained.

use crate::error::{Error, Result};
use crate::money::Money;
use crate::sheet;
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::path::Path;

/// Rates by pair (from, to) and day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates(BTreeMap<(String, String), BTreeMap<NaiveDate, Money>>);

/// One unit in stored units: the rate of a currency to itself.
const ONE: Money = Money::from_units(1_000_000_000_000);

impl Rates {
    /// Reads `date,from,to,rate`.
    pub fn read(path: &Path) -> Result<Rates> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::read(path, &e))?;
        Rates::parse(&text, path)
    }

    fn parse(text: &str, path: &Path) -> Result<Rates> {
        let mut rates = Rates::default();
        for row in sheet::rows(path, text, &["date", "from", "to", "rate"], &[])? {
            let Ok(date) = row.get(0).parse::<NaiveDate>() else {
                return Err(row
                    .wrong(0, format!("`date` is no day: {:?}", row.get(0)))
                    .hint("write 2026-10-31"));
            };
            let [from, to] = [1, 2].map(|at| {
                sheet::currency(row.get(at)).ok_or_else(|| {
                    row.wrong(at, format!("this is no currency: {:?}", row.get(at)))
                        .hint("write its three letters: USD")
                })
            });
            let (from, to) = (from?, to?);
            let rate = Money::parse(row.get(3).as_bytes())
                .ok()
                .filter(|rate| *rate > Money::ZERO)
                .ok_or_else(|| {
                    row.wrong(3, format!("`rate` is no rate: {:?}", row.get(3)))
                        .hint("write how much of `to` one `from` is worth, above zero: 0.92")
                })?;
            if from == to && rate != ONE {
                return Err(row.wrong(3, format!("one {from} is one {to}, not {rate}")));
            }
            let days = rates.0.entry((from.clone(), to.clone())).or_default();
            match days.insert(date, rate) {
                Some(other) if other != rate => {
                    return Err(row
                        .wrong(
                            3,
                            format!("{from} to {to} has two rates on {date}: {other} and {rate}"),
                        )
                        .hint("keep one of the two"));
                }
                _ => {}
            }
        }
        Ok(rates)
    }

    /// The latest rate dated on or before a day, and its date; a currency is itself without one.
    pub fn on(&self, from: &str, to: &str, day: NaiveDate) -> Option<(Money, Option<NaiveDate>)> {
        if from == to {
            return Some((ONE, None));
        }
        let days = self.0.get(&(from.to_owned(), to.to_owned()))?;
        let (date, rate) = days.range(..=day).next_back()?;
        Some((*rate, Some(*date)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Rates> {
        Rates::parse(text, Path::new("fx.csv"))
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    const RATES: &str = "date,from,to,rate\n2026-09-30,usd,EUR,0.9\n2026-10-31,USD,EUR,0.95\n2026-10-31,USD,EUR,0.950\n";

    #[test]
    fn the_latest_rate_up_to_a_day_counts() {
        let rates = parse(RATES).unwrap();
        let on = |at: &str| {
            rates
                .on("USD", "EUR", day(at))
                .map(|(rate, date)| (rate.to_string(), date))
        };
        assert_eq!(on("2026-09-29"), None);
        assert_eq!(
            on("2026-10-30"),
            Some(("0.90".into(), Some(day("2026-09-30"))))
        );
        assert_eq!(
            on("2026-12-31"),
            Some(("0.95".into(), Some(day("2026-10-31"))))
        );
    }

    #[test]
    fn no_rate_is_turned_round_and_a_currency_is_itself() {
        let rates = parse(RATES).unwrap();
        assert_eq!(rates.on("EUR", "USD", day("2026-12-31")), None);
        assert_eq!(rates.on("EUR", "EUR", day("2026-12-31")), Some((ONE, None)));
    }

    #[test]
    fn mistakes_have_a_place() {
        for (row, place) in [
            ("2026-13-01,USD,EUR,1", "2:1"),
            ("2026-10-01,dollar,EUR,1", "2:2"),
            ("2026-10-01,USD,,1", "2:3"),
            ("2026-10-01,USD,EUR,0", "2:4"),
            ("2026-10-01,USD,EUR,-0.9", "2:4"),
            ("2026-10-01,USD,EUR,\"0,9\"", "2:4"),
            ("2026-10-01,USD,USD,1.1", "2:4"),
            ("2026-10-01,USD,EUR,0.9\n2026-10-01,USD,EUR,0.91", "3:4"),
            ("2026-10-01,USD,EUR", "2"),
        ] {
            let fault = parse(&format!("date,from,to,rate\n{row}\n"))
                .unwrap_err()
                .to_string();
            assert!(fault.contains(&format!("fx.csv:{place}")), "{row}: {fault}");
        }
        let fault = parse("date,from,to,rates\n").unwrap_err().to_string();
        assert!(
            fault.contains("fx.csv:1:4") && fault.contains("`rate`"),
            "{fault}"
        );
    }
}
