//! Entries that finance can book: every one a debit and a credit of the same amount, in whole cents.
//!
//! What was booked is never rewritten. When a month is restated, the difference to what was booked is an
//! entry of its own; the sum of a month's entries is the month's showback, rounded once.

use crate::money::{Money, split};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Decimals of an entry: cents.
const CENTS: usize = 2;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// `<month>-<currency>-<cost centre>-<number>`; the number counts the entries of one cost centre and month.
    pub id: String,
    /// Billing month.
    pub month: String,
    /// Account debited.
    pub debit: String,
    /// Account credited.
    pub credit: String,
    /// Whose cost.
    pub cost_center: String,
    /// Positive, in whole cents.
    pub amount: Money,
    /// Currency.
    pub currency: String,
    /// What it is, for the reader of the ledger.
    pub memo: String,
}

/// What a cost centre is to bear in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearing {
    /// Billing month.
    pub month: String,
    /// Currency.
    pub currency: String,
    /// Whose cost.
    pub cost_center: String,
    /// How much, unrounded.
    pub amount: Money,
}

/// The ledger's accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accounts {
    /// Debited where a cost centre has no account of its own.
    pub expense: String,
    /// Credited: where the provider's invoice was booked.
    pub clearing: String,
    /// Expense accounts of cost centres.
    pub own: BTreeMap<String, String>,
}

type Key = (String, String, String);

/// The journal: what was booked, unchanged and first, then what is missing to what is borne now.
/// Cost centres of a month and currency that `bearings` names no longer are booked back to zero.
pub fn journal(booked: &[Entry], bearings: &[Bearing], accounts: &Accounts) -> Vec<Entry> {
    let due = in_cents(bearings);
    let mut entries = booked.to_vec();
    for (key, amount) in missing(booked, &due, accounts) {
        let (month, currency, cost_center) = key;
        let same = |entry: &&Entry| {
            entry.month == month && entry.currency == currency && entry.cost_center == cost_center
        };
        let number = entries.iter().filter(same).count() + 1;
        let own = accounts.own.get(&cost_center).unwrap_or(&accounts.expense);
        let (debit, credit) = if amount > Money::ZERO {
            (own, &accounts.clearing)
        } else {
            (&accounts.clearing, own)
        };
        let memo = if number == 1 {
            format!("Cloud cost of {month}, {cost_center}")
        } else {
            format!(
                "Adjustment of cloud cost of {month}, {cost_center}: restated after it was booked"
            )
        };
        entries.push(Entry {
            id: format!("{month}-{currency}-{cost_center}-{number}"),
            debit: debit.clone(),
            credit: credit.clone(),
            amount: amount.abs(),
            memo,
            month,
            currency,
            cost_center,
        });
    }
    entries.sort_by(|a, b| order(a).cmp(&order(b)));
    entries
}

fn order(entry: &Entry) -> (&str, &str, &str, usize, &str) {
    let number = entry.id.rsplit('-').next().and_then(|n| n.parse().ok());
    (
        &entry.month,
        &entry.currency,
        &entry.cost_center,
        number.unwrap_or(usize::MAX),
        &entry.id,
    )
}

/// What everyone bears in whole cents; a month and currency adds up to its rounded total.
fn in_cents(bearings: &[Bearing]) -> BTreeMap<Key, Money> {
    let mut months: BTreeMap<(&str, &str), BTreeMap<&str, Money>> = BTreeMap::new();
    for bearing in bearings {
        let month = months
            .entry((&bearing.month, &bearing.currency))
            .or_default();
        *month.entry(&bearing.cost_center).or_default() += bearing.amount;
    }
    let mut due = BTreeMap::new();
    for ((month, currency), centers) in months {
        for (center, amount) in rounded(&centers) {
            due.insert(
                (month.to_owned(), currency.to_owned(), center.to_owned()),
                amount,
            );
        }
    }
    due
}

/// Amounts cut to whole cents; the cents that are missing to the rounded total go to the largest remainders.
fn rounded<'a>(centers: &BTreeMap<&'a str, Money>) -> BTreeMap<&'a str, Money> {
    let total: Money = centers.values().copied().sum();
    let cent = Money::from_units(10_000_000_000);
    let floor =
        |amount: Money| Money::from_units(amount.units().div_euclid(cent.units()) * cent.units());
    let mut cut: Vec<(Money, &str)> = centers
        .iter()
        .map(|(center, amount)| (*amount - floor(*amount), *center))
        .collect();
    let mut amounts: BTreeMap<&str, Money> = centers
        .iter()
        .map(|(center, amount)| (*center, floor(*amount)))
        .collect();
    let missing = total.rounded(CENTS) - amounts.values().copied().sum();
    cut.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let cents = split(missing, &vec![cent; cut.len()], CENTS);
    for ((_, center), more) in cut.into_iter().zip(cents) {
        *amounts.entry(center).or_default() += more;
    }
    amounts
}

fn missing(booked: &[Entry], due: &BTreeMap<Key, Money>, accounts: &Accounts) -> Vec<(Key, Money)> {
    let mut open = due.clone();
    for entry in booked {
        let key = (
            entry.month.clone(),
            entry.currency.clone(),
            entry.cost_center.clone(),
        );
        let signed = if entry.credit == accounts.clearing {
            entry.amount
        } else {
            -entry.amount
        };
        // A month that is not looked at today stays as it was booked.
        if due
            .keys()
            .any(|(month, currency, _)| *month == key.0 && *currency == key.1)
        {
            *open.entry(key).or_default() += -signed;
        }
    }
    open.retain(|_, amount| *amount != Money::ZERO);
    open.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn accounts() -> Accounts {
        Accounts {
            expense: "6800".into(),
            clearing: "2900".into(),
            own: [("cc-7".to_owned(), "6807".to_owned())].into(),
        }
    }

    fn bearing(center: &str, units: i128) -> Bearing {
        Bearing {
            month: "2026-10".into(),
            currency: "USD".into(),
            cost_center: center.into(),
            amount: Money::from_units(units),
        }
    }

    fn signed(entries: &[Entry]) -> Money {
        let one = |e: &Entry| {
            if e.credit == "2900" {
                e.amount
            } else {
                -e.amount
            }
        };
        entries.iter().map(one).sum()
    }

    #[test]
    fn thirds_of_a_cent_add_up_to_the_rounded_month() {
        let third = 3_333_333_333;
        let entries = journal(
            &[],
            &[
                bearing("a", third),
                bearing("b", third),
                bearing("cc-7", third),
            ],
            &accounts(),
        );
        assert_eq!(signed(&entries), Money::from_units(10_000_000_000));
        assert_eq!(entries.len(), 1, "nobody books nothing");
    }

    #[test]
    fn a_restated_month_is_adjusted_and_never_rewritten() {
        let first = journal(&[], &[bearing("cc-7", 5_000_000_000_000)], &accounts());
        assert_eq!(
            (first[0].debit.as_str(), first[0].id.as_str()),
            ("6807", "2026-10-USD-cc-7-1")
        );
        let again = journal(&first, &[bearing("cc-7", 5_000_000_000_000)], &accounts());
        assert_eq!(again, first);
        let less = journal(&first, &[bearing("cc-7", 4_000_000_000_000)], &accounts());
        assert_eq!(less[0], first[0]);
        assert_eq!(
            (less[1].debit.as_str(), less[1].credit.as_str()),
            ("2900", "6807")
        );
        assert_eq!(signed(&less), Money::from_units(4_000_000_000_000));
    }

    #[test]
    fn a_month_that_is_not_looked_at_stays_as_booked() {
        let first = journal(&[], &[bearing("a", 5_000_000_000_000)], &accounts());
        assert_eq!(journal(&first, &[], &accounts()), first);
    }

    proptest! {
        #[test]
        fn whatever_happens_the_entries_are_the_rounded_month(
            runs in prop::collection::vec(prop::collection::btree_map("[a-e]", -10_000_000_000_000i128..10_000_000_000_000, 1..5), 1..5)
        ) {
            let mut entries = Vec::new();
            for run in &runs {
                let bearings: Vec<Bearing> = run.iter().map(|(center, units)| bearing(center, *units)).collect();
                let next = journal(&entries, &bearings, &accounts());
                prop_assert!(entries.iter().all(|old: &Entry| next.contains(old)));
                prop_assert!(next.iter().all(|e| e.amount > Money::ZERO && e.amount == e.amount.rounded(2) && e.debit != e.credit));
                let total: Money = run.values().map(|units| Money::from_units(*units)).sum();
                prop_assert_eq!(signed(&next), total.rounded(2));
                entries = next;
            }
            let mut ids: Vec<&str> = entries.iter().map(|e| e.id.as_str()).collect();
            ids.sort_unstable();
            ids.dedup();
            prop_assert_eq!(ids.len(), entries.len());
        }
    }
}
