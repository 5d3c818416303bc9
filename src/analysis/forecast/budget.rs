//! Budgets judged on the interval of the forecast, not only on its point: what will be exceeded, what is likely to
//! be, what may be. It reads the cells of `budgets.csv` and refuses what it cannot read; it never guesses a currency.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::interval::Interval;
use crate::money::{Money, NotMoney};
use crate::period::Month;

/// One line of `budgets.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// The period as written: `2026-10`, `2026-Q4` or `2026`.
    pub period: String,
    /// Its first day, and the day after its last.
    pub days: (NaiveDate, NaiveDate),
    /// Columns and values that a charge must have; empty for everything.
    pub scope: Vec<(String, String)>,
    /// What may be spent.
    pub amount: Money,
    /// In which currency.
    pub currency: String,
}

/// Why a line is no budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotBudget {
    /// Line in the file; the header is line 1.
    pub line: usize,
    /// Column at fault.
    pub column: String,
    /// What is wrong with it.
    pub what: String,
}

/// Reads a header and its rows. Columns are `period`, `amount`, `currency` (any case) and any number of scope columns;
/// an empty scope cell, or `*`, is everything.
pub fn read(header: &[String], rows: &[Vec<String>]) -> Result<Vec<Budget>, NotBudget> {
    let place = |name: &str| {
        let found = header
            .iter()
            .position(|column| column.trim().eq_ignore_ascii_case(name));
        found.ok_or_else(|| NotBudget {
            line: 1,
            column: name.to_owned(),
            what: format!("no column `{name}`; found: {}", header.join(", ")),
        })
    };
    let places = [place("period")?, place("amount")?, place("currency")?];
    rows.iter()
        .enumerate()
        .map(|(at, row)| {
            budget(header, row, places).map_err(|(column, what)| NotBudget {
                line: at + 2,
                column,
                what,
            })
        })
        .collect()
}

fn budget(
    header: &[String],
    row: &[String],
    places: [usize; 3],
) -> Result<Budget, (String, String)> {
    let cell = |at: usize| row.get(at).map_or("", |cell| cell.trim());
    let [period, amount, currency] = places;
    let wrong = |at: usize, what: &str| (header[at].clone(), format!("{what}: {:?}", cell(at)));
    let days = period_days(cell(period))
        .ok_or_else(|| wrong(period, "no period (2026-10, 2026-Q4 or 2026)"))?;
    let money = Money::parse(cell(amount).as_bytes()).map_err(|why| match why {
        NotMoney::Unreadable => wrong(amount, "no amount"),
        NotMoney::TooLarge => wrong(amount, "too large an amount"),
    })?;
    if cell(currency).len() != 3 || !cell(currency).bytes().all(|b| b.is_ascii_alphabetic()) {
        return Err(wrong(currency, "no currency code"));
    }
    let scope = (0..header.len())
        .filter(|at| !places.contains(at) && !matches!(cell(*at), "" | "*"))
        .map(|at| (header[at].trim().to_owned(), cell(at).to_owned()))
        .collect();
    Ok(Budget {
        period: cell(period).to_owned(),
        days,
        scope,
        amount: money,
        currency: cell(currency).to_ascii_uppercase(),
    })
}

/// First day and the day after the last of `2026-10`, `2026-Q4` or `2026`.
fn period_days(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    if let Some(month) = Month::parse(text) {
        return Some((month.first_day(), month.next().first_day()));
    }
    let (year, quarter) = match text.split_once("-Q") {
        Some((year, quarter)) => (
            year,
            Some(quarter.parse().ok().filter(|q| (1..=4).contains(q))?),
        ),
        None => (text, None::<u32>),
    };
    if year.len() != 4 {
        return None;
    }
    let months = if quarter.is_some() { 3 } else { 12 };
    let month = quarter.map_or(1, |quarter| quarter * 3 - 2);
    let first = NaiveDate::from_ymd_opt(year.parse().ok()?, month, 1)?;
    Some((first, first.checked_add_months(Months::new(months))?))
}

/// How a budget stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Even the upper end of the 80 % interval stays within.
    Within,
    /// The upper end of the 80 % interval is above.
    Possible,
    /// The forecast is above.
    Likely,
    /// The lower end of the 80 % interval is above, or the money is spent already.
    WillExceed,
}

impl Verdict {
    /// As the table calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Within => "within",
            Verdict::Possible => "possible",
            Verdict::Likely => "likely",
            Verdict::WillExceed => "will exceed",
        }
    }
}

/// Judges a budget by the interval of the whole period (what is spent plus what is forecast).
pub fn judge(budget: f64, spent: f64, whole: &Interval) -> Verdict {
    if whole.lower80 > budget || (spent > budget && whole.forecast > budget) {
        Verdict::WillExceed
    } else if whole.forecast > budget {
        Verdict::Likely
    } else if whole.upper80 > budget {
        Verdict::Possible
    } else {
        Verdict::Within
    }
}

/// The first day on which the cost since the period's first day is above the budget, over known days and then the
/// forecast ones. `costs[0]` is the cost of `first`.
pub fn crossed_on(budget: f64, first: NaiveDate, costs: &[f64]) -> Option<NaiveDate> {
    let mut spent = 0.0;
    let at = costs.iter().position(|cost| {
        spent += cost;
        spent > budget
    })?;
    first.checked_add_days(Days::new(u64::try_from(at).ok()?))
}

/// Whether a period holds a day.
pub fn holds(budget: &Budget, day: NaiveDate) -> bool {
    budget.days.0 <= day && day < budget.days.1
}

/// The share of a period that has passed on the morning of a day, 0 to 1: spending faster than time is a burn rate
/// above one.
pub fn elapsed(budget: &Budget, day: NaiveDate) -> f64 {
    let (first, end) = budget.days;
    let days =
        |from: NaiveDate, to: NaiveDate| f64::from(to.num_days_from_ce() - from.num_days_from_ce());
    (days(first, day) / days(first, end).max(1.0)).clamp(0.0, 1.0)
}

/// How fast the money goes against the time, 1 where both keep step; none before the period begins and of a budget
/// that is not above zero.
pub fn burn_rate(budget: &Budget, spent: Money, elapsed: f64) -> Option<f64> {
    let allowed = budget.amount.approximate();
    (elapsed > 0.0 && allowed > 0.0).then(|| spent.approximate() / allowed / elapsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    fn interval(lower80: f64, forecast: f64, upper80: f64) -> Interval {
        Interval {
            forecast,
            lower80,
            upper80,
            lower95: lower80,
            upper95: upper80,
            error: None,
        }
    }

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    #[test]
    fn the_interval_decides() {
        assert_eq!(
            judge(100.0, 0.0, &interval(101.0, 110.0, 120.0)),
            Verdict::WillExceed
        );
        assert_eq!(
            judge(100.0, 0.0, &interval(90.0, 110.0, 120.0)),
            Verdict::Likely
        );
        assert_eq!(
            judge(100.0, 0.0, &interval(80.0, 90.0, 120.0)),
            Verdict::Possible
        );
        assert_eq!(
            judge(100.0, 0.0, &interval(70.0, 80.0, 100.0)),
            Verdict::Within
        );
        assert_eq!(
            judge(100.0, 105.0, &interval(99.0, 110.0, 120.0)),
            Verdict::WillExceed
        );
    }

    #[test]
    fn a_line_is_read_with_its_scope() {
        let header = row(&["Period", "SubAccountId", "Team", "amount", "currency"]);
        let budgets = read(&header, &[row(&["2026-Q4", "123", "*", "1500.50", "usd"])]).unwrap();
        assert_eq!(
            budgets[0].days,
            (day(10, 1), NaiveDate::from_ymd_opt(2027, 1, 1).unwrap())
        );
        assert_eq!(
            budgets[0].scope,
            [("SubAccountId".to_owned(), "123".to_owned())]
        );
        assert_eq!(budgets[0].amount.to_string(), "1500.50");
        assert_eq!(budgets[0].currency, "USD");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let header = row(&["period", "amount", "currency"]);
        let wrong = |cells: &[&str]| read(&header, &[row(cells)]).unwrap_err();
        assert_eq!(wrong(&["2026-13", "1", "USD"]).column, "period");
        assert_eq!(wrong(&["2026-Q5", "1", "USD"]).column, "period");
        let comma = wrong(&["2026", "1,000", "USD"]);
        assert_eq!((comma.line, comma.column.as_str()), (2, "amount"));
        assert_eq!(comma.what, "no amount: \"1,000\"");
        assert_eq!(wrong(&["2026", "1", "$"]).column, "currency");
        assert_eq!(read(&row(&["period"]), &[]).unwrap_err().column, "amount");
    }

    #[test]
    fn the_day_of_crossing_is_found() {
        assert_eq!(crossed_on(25.0, day(10, 1), &[10.0; 5]), Some(day(10, 3)));
        assert_eq!(crossed_on(50.0, day(10, 1), &[10.0; 5]), None);
    }

    #[test]
    fn half_of_a_month_is_half_a_month() {
        let header = row(&["period", "amount", "currency"]);
        let budget = &read(&header, &[row(&["2026-06", "1", "USD"])]).unwrap()[0];
        assert!((elapsed(budget, day(6, 16)) - 0.5).abs() < 1e-9);
        assert!(holds(budget, day(6, 30)) && !holds(budget, day(7, 1)));
    }

    #[test]
    fn half_the_money_in_a_quarter_of_the_time_burns_twice_as_fast() {
        let header = row(&["period", "amount", "currency"]);
        let budget = &read(&header, &[row(&["2026-06", "100", "USD"])]).unwrap()[0];
        let spent = Money::parse(b"50").unwrap();
        assert_eq!(burn_rate(budget, spent, 0.25), Some(2.0));
        assert_eq!(burn_rate(budget, spent, 0.0), None);
    }
}
