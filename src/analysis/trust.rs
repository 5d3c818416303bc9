//! How far a billing period can be trusted: open, provisional or closed, and why.

use crate::money::Money;
use crate::period::Month;
use chrono::{Days, NaiveDate};

/// How far a period can be trusted, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// The month is running.
    Open,
    /// The month is over; the provider may still correct it.
    Provisional,
    /// Nothing is expected to change.
    Closed,
}

impl State {
    /// As reports write it.
    pub fn name(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Provisional => "provisional",
            State::Closed => "closed",
        }
    }
}

/// A state and the sentence that says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// How far.
    pub state: State,
    /// Why.
    pub reason: String,
}

/// Whether a provider has put the charges of a month on invoices: AWS leaves the invoice id of a month empty
/// until the month is finalised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invoices {
    /// The bill names no invoice in any month.
    Unknown,
    /// Every charge stands on one.
    All,
    /// Charges of these amounts and currencies stand on none, while others of the bill do.
    Missing(Vec<(Money, String)>),
}

/// Judges a month on a day. `closed_after_days`: how long after its end corrections are expected; AWS and
/// Azure finish within two weeks. A charge without an invoice keeps a month provisional however old it is.
pub fn trust(month: Month, today: NaiveDate, closed_after_days: u32, invoices: &Invoices) -> Trust {
    let end = month.next().first_day();
    let closes = end
        .checked_add_days(Days::new(u64::from(closed_after_days)))
        .unwrap_or(NaiveDate::MAX);
    if today < end {
        return Trust {
            state: State::Open,
            reason: format!("The month runs until {}", last(end)),
        };
    }
    let (state, why) = match invoices {
        Invoices::Missing(amounts) => (
            State::Provisional,
            format!("{} on no invoice yet", listed(amounts)),
        ),
        _ if today < closes => (
            State::Provisional,
            format!("the provider may correct it until {}", last(closes)),
        ),
        Invoices::All => (State::Closed, "every charge is on an invoice".to_owned()),
        Invoices::Unknown => (
            State::Closed,
            format!("the {closed_after_days} days for corrections are past"),
        ),
    };
    Trust {
        state,
        reason: format!("Over since {end}; {why}"),
    }
}

fn listed(amounts: &[(Money, String)]) -> String {
    let amounts: Vec<String> = amounts
        .iter()
        .map(|(amount, currency)| format!("{} {currency}", amount.fixed(2)))
        .collect();
    amounts.join(" and ")
}

/// The day before.
fn last(day: NaiveDate) -> NaiveDate {
    day.pred_opt().unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn october(day: &str, invoices: &Invoices) -> Trust {
        let month = Month::parse("2026-10").unwrap();
        trust(month, day.parse().unwrap(), 15, invoices)
    }

    fn on(day: &str) -> Trust {
        october(day, &Invoices::Unknown)
    }

    #[test]
    fn a_month_with_charges_on_no_invoice_is_never_closed() {
        let amount = Money::parse(b"12.344").unwrap();
        let missing = Invoices::Missing(vec![(amount, "USD".to_owned())]);
        let late = october("2027-03-01", &missing);
        assert_eq!(late.state, State::Provisional);
        assert_eq!(
            late.reason,
            "Over since 2026-11-01; 12.34 USD on no invoice yet"
        );
        assert_eq!(october("2026-10-31", &missing).state, State::Open);
        let all = |day| october(day, &Invoices::All).state;
        assert_eq!(
            [all("2026-11-15"), all("2026-11-16")],
            [State::Provisional, State::Closed]
        );
    }

    #[test]
    fn a_month_is_open_then_provisional_then_closed() {
        let days = ["2026-10-31", "2026-11-01", "2026-11-15", "2026-11-16"];
        let states = days.map(|day| on(day).state.name());
        assert_eq!(states, ["open", "provisional", "provisional", "closed"]);
    }

    #[test]
    fn a_state_says_why() {
        assert_eq!(on("2026-10-31").reason, "The month runs until 2026-10-31");
        assert_eq!(
            on("2026-11-01").reason,
            "Over since 2026-11-01; the provider may correct it until 2026-11-15"
        );
        assert_eq!(
            on("2026-11-21").reason,
            "Over since 2026-11-01; the 15 days for corrections are past"
        );
    }
}
