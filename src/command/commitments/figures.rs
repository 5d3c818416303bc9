//! Commitments as key figures are made of them.

use super::planned::months;
use super::tables::MONTH;
use super::{Commitments, Terms};
use crate::analysis::kpi::commitments::{EXPIRING_DAYS, Held, Sums};
use crate::money::Money;
use chrono::NaiveDate;

/// What commitments cover and could cover in a month and currency, and what they cost.
pub(in crate::command) fn figures(known: &Commitments, (month, currency): (&str, &str)) -> Sums {
    let key = (month.to_owned(), currency.to_owned());
    Sums {
        rates: known.all.get(&key).copied().unwrap_or_default(),
        list: known.listed.get(&key).copied(),
        held: None,
    }
}

/// What is held on a day; `None` where no bill of this currency tells an end.
pub(in crate::command) fn held(
    known: &Commitments,
    currency: &str,
    today: NaiveDate,
) -> Option<Held> {
    let own = known.terms.iter().filter(|((_, of), _)| of == currency);
    let ends = own.filter_map(|(_, terms)| Some((terms.ends_on?, terms)));
    let ends: Vec<(NaiveDate, &Terms)> = ends.collect();
    if ends.is_empty() {
        return None;
    }
    let mut held = Held::default();
    let lasting = ends.iter().filter(|(day, _)| *day >= today);
    for (day, terms) in lasting {
        let left = (*day - today).num_days();
        let month = terms.covered.times(MONTH)?;
        for (sums, within) in held.expiring.iter_mut().zip(EXPIRING_DAYS) {
            if left <= within {
                sums.0 += 1;
                sums.1 += month;
            }
        }
        held.remaining += terms.hourly.times(whole(left * 24))?;
        if let Some(months) = months(&terms.term).filter(|_| terms.covered > Money::ZERO) {
            let term = terms.hourly.times(MONTH)?.times(whole(i64::from(months)))?;
            held.term.0 += term;
            held.term.1 += month;
        }
    }
    Some(held)
}

/// A whole number on the scale of money.
fn whole(number: i64) -> Money {
    Money::from_units(i128::from(number) * 1_000_000_000_000)
}
