//! A second currency beside the bill's: columns appended to a finished table, amount by amount, with the rate
//! and its date. Never touches the billed amounts; without a rate a cell stays empty.

use super::table::{Cell, Table};
use crate::error::{Error, Result};
use crate::fx::Rates;
use crate::money::Money;
use crate::period::Month;
use crate::sheet;
use chrono::{Days, NaiveDate};

/// The currency to report in, and the user's rates.
#[derive(Clone, Debug)]
pub struct Reporting {
    currency: String,
    rates: Rates,
    today: NaiveDate,
}

impl Reporting {
    /// In this currency; nothing where it is none.
    pub fn new(currency: &str, rates: Rates, today: NaiveDate) -> Option<Reporting> {
        let currency = sheet::currency(currency.trim())?;
        Some(Reporting {
            currency,
            rates,
            today,
        })
    }

    /// Rate and date for a month: the latest up to its last day, or to today while it runs.
    fn rate(&self, from: &str, month: Month) -> Option<(Money, Option<NaiveDate>)> {
        let end = month.next().first_day() - Days::new(1);
        self.rates.on(from, &self.currency, end.min(self.today))
    }

    /// What is said where a month has no rate.
    pub fn missing(&self, currency: &str, month: Month) -> Option<String> {
        let lost = self.rate(currency, month).is_none();
        lost.then(|| {
            format!(
                "no rate from {currency} to {} for {month}: its amounts stay in {currency} alone",
                self.currency
            )
        })
    }

    /// Appends the reporting columns of these cost columns to a table.
    pub fn convert(&self, table: &mut Table, costs: &[String]) -> Result<()> {
        let lost = |column: &str| {
            Error::usage(format!(
                "a reporting currency needs `{column}`, which the report does not make"
            ))
        };
        let place = |column: &str| table.at(column).ok_or_else(|| lost(column));
        let (month, currency) = (place("Month")?, place("BillingCurrency")?);
        let places: Vec<usize> = costs
            .iter()
            .map(|cost| place(cost))
            .collect::<Result<_>>()?;
        for row in &mut table.rows {
            let of_month = Month::parse(&row[month].plain());
            let rate = of_month.and_then(|month| self.rate(&row[currency].plain(), month));
            let amounts: Vec<Option<Money>> = places.iter().map(|at| row[*at].money()).collect();
            row.push(Cell::text(&self.currency));
            row.push(Cell::from(rate.map(|(rate, _)| rate)));
            row.push(
                rate.and_then(|(_, date)| date)
                    .map_or(Cell::Empty, Cell::Day),
            );
            for amount in amounts {
                let converted = amount.zip(rate).map(|(amount, (rate, _))| {
                    amount.times(rate).ok_or_else(|| {
                        Error::data(format!("{amount} at a rate of {rate} is too large"))
                    })
                });
                row.push(Cell::from(converted.transpose()?));
            }
        }
        let fixed = ["ReportingCurrency", "FxRate", "FxDate"].map(str::to_owned);
        table.columns.extend(fixed);
        let named = costs.iter().map(|cost| format!("{cost}Reporting"));
        table.columns.extend(named);
        Ok(())
    }
}
