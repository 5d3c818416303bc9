//! Invoices as they were sent against what the bill says of them, to the smallest coin, with the drift
//! explained by kind of charge. Never compares two currencies.

use crate::invoice::Stated;
use crate::money::{Money, SCALE};
use std::collections::{BTreeMap, BTreeSet};

/// The kinds of charge, as FOCUS has them and in the order of the columns.
pub const CATEGORIES: [&str; 5] = ["Usage", "Purchase", "Tax", "Credit", "Adjustment"];

/// What the bill charges on an invoice, of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charged {
    /// The invoice; empty where the charges name none.
    pub invoice: String,
    /// Billing period, `2026-10`.
    pub month: String,
    /// Currency.
    pub currency: String,
    /// Kind of charge.
    pub category: String,
    /// Sum of the billed cost.
    pub billed: Money,
    /// The bill.
    pub source: String,
}

/// Whether an invoice is what the bill says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Equal to the smallest coin.
    Equal,
    /// Not equal.
    Differs,
    /// No charge carries this invoice.
    NotInTheBill,
    /// The bill has it and the list of invoices does not.
    NotInvoiced,
    /// There is nothing to compare it with.
    NotCompared,
}

impl Status {
    /// As the report calls it.
    pub fn name(self) -> &'static str {
        match self {
            Status::Equal => "equal",
            Status::Differs => "differs",
            Status::NotInTheBill => "not in the bill",
            Status::NotInvoiced => "not invoiced",
            Status::NotCompared => "not compared",
        }
    }
}

/// One invoice, reconciled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciled {
    /// The invoice; empty for charges without one.
    pub invoice: String,
    /// Billing periods, oldest first; mostly one.
    pub months: Vec<String>,
    /// Currency; empty where neither side says.
    pub currency: String,
    /// What was invoiced.
    pub stated: Option<Money>,
    /// What the bill charges.
    pub billed: Option<Money>,
    /// Billed less invoiced; nothing where one of them is unknown.
    pub drift: Option<Money>,
    /// The verdict.
    pub status: Status,
    /// Billed cost by kind, in the order of [`CATEGORIES`].
    pub by_category: [Money; 5],
    /// The bills.
    pub sources: Vec<String>,
    /// What explains the drift, or what is missing.
    pub reason: String,
}

/// Key of a bill's invoice: its id, then what tells apart those that cannot be compared anyway.
type Key = (String, String, [String; 2]);

/// Reconciles a list of invoices with the charges; without a list nothing is compared. `whole` is true where
/// the charges are of all months: only then can an invoice be missing from the bill.
pub fn reconcile(charges: &[Charged], stated: Option<&[Stated]>, whole: bool) -> Vec<Reconciled> {
    let mut invoices = invoices(charges);
    let Some(stated) = stated else {
        return invoices;
    };
    let mut missing = Vec::new();
    let mut untouched: BTreeSet<usize> = (0..invoices.len()).collect();
    for one in stated {
        let same = |at: &usize| invoices[*at].invoice == one.invoice;
        let own: Vec<usize> = (0..invoices.len()).filter(same).collect();
        let fits = |at: &usize| one.currency.is_empty() || invoices[*at].currency == one.currency;
        let fitting: Vec<usize> = own.iter().copied().filter(fits).collect();
        let currencies: Vec<&str> = own
            .iter()
            .map(|at| invoices[*at].currency.as_str())
            .collect();
        let currencies = currencies.join(" and ");
        match fitting.as_slice() {
            [only] => compare(&mut invoices[*only], one.amount),
            [] if whole => missing.push(absent(one, &currencies)),
            several => {
                for at in several {
                    invoices[*at].reason = format!(
                        "the bill has this invoice in {currencies}: state its BillingCurrency"
                    );
                }
            }
        }
        untouched.retain(|at| !fitting.contains(at));
    }
    for at in untouched {
        invoices[at].status = Status::NotInvoiced;
    }
    invoices.extend(missing);
    invoices.sort_by(|a, b| order(a).cmp(&order(b)));
    invoices
}

fn order(one: &Reconciled) -> (Option<&String>, &str, &str, &[String]) {
    (
        one.months.first(),
        &one.currency,
        &one.invoice,
        &one.sources,
    )
}

/// Every invoice of the bill, compared with nothing yet. Charges without an invoice stand by month and bill.
fn invoices(charges: &[Charged]) -> Vec<Reconciled> {
    let mut groups: BTreeMap<Key, Vec<&Charged>> = BTreeMap::new();
    for charge in charges {
        let apart = if charge.invoice.is_empty() {
            [charge.month.clone(), charge.source.clone()]
        } else {
            [String::new(), String::new()]
        };
        let key = (charge.invoice.clone(), charge.currency.clone(), apart);
        groups.entry(key).or_default().push(charge);
    }
    let mut invoices: Vec<Reconciled> = groups
        .into_iter()
        .map(|((invoice, currency, _), charges)| of_charges(invoice, currency, &charges))
        .collect();
    invoices.sort_by(|a, b| order(a).cmp(&order(b)));
    invoices
}

fn of_charges(invoice: String, currency: String, charges: &[&Charged]) -> Reconciled {
    let mut by_category = [Money::ZERO; 5];
    for charge in charges {
        // What FOCUS does not name stands with the adjustments: the kinds add up to the invoice.
        let at = CATEGORIES
            .iter()
            .position(|category| *category == charge.category)
            .unwrap_or(CATEGORIES.len() - 1);
        by_category[at] += charge.billed;
    }
    let set = |of: fn(&Charged) -> &String| {
        let texts: BTreeSet<&String> = charges.iter().map(|charge| of(charge)).collect();
        texts.into_iter().cloned().collect()
    };
    let reason = if invoice.is_empty() {
        "these charges carry no invoice id"
    } else {
        ""
    };
    Reconciled {
        reason: reason.to_owned(),
        invoice,
        months: set(|charge| &charge.month),
        currency,
        stated: None,
        billed: Some(by_category.iter().copied().sum()),
        drift: None,
        status: Status::NotCompared,
        by_category,
        sources: set(|charge| &charge.source),
    }
}

fn compare(known: &mut Reconciled, stated: Money) {
    let drift = known.billed.unwrap_or_default() - stated;
    let coins = decimals(&known.currency);
    known.stated = Some(stated);
    known.drift = Some(drift);
    if drift.rounded(coins) == Money::ZERO {
        known.status = Status::Equal;
    } else {
        known.status = Status::Differs;
        known.reason = explain(drift, &known.by_category, coins);
    }
}

fn absent(one: &Stated, currencies: &str) -> Reconciled {
    let reason = match currencies {
        "" => "no charge carries this invoice id".to_owned(),
        some => format!("the bill has this invoice in {some}"),
    };
    Reconciled {
        invoice: one.invoice.clone(),
        months: Vec::new(),
        currency: one.currency.clone(),
        stated: Some(one.amount),
        billed: None,
        drift: Some(Money::ZERO - one.amount),
        status: Status::NotInTheBill,
        by_category: [Money::ZERO; 5],
        sources: Vec::new(),
        reason,
    }
}

/// The fewest kinds of charge that add up to the drift; else rounding, where it is small enough for that.
fn explain(drift: Money, by_category: &[Money; 5], coins: usize) -> String {
    let present: Vec<usize> = (0..CATEGORIES.len())
        .filter(|at| by_category[*at] != Money::ZERO)
        .collect();
    let mut sets: Vec<Vec<usize>> = (1..1u32 << present.len())
        .map(|bits| {
            let chosen = present.iter().enumerate();
            chosen
                .filter(|(at, _)| bits >> at & 1 == 1)
                .map(|(_, category)| *category)
                .collect()
        })
        .collect();
    sets.sort_by_key(|set| (set.len(), set.clone()));
    let sum = |set: &[usize]| set.iter().map(|at| by_category[*at]).sum::<Money>();
    let fits = |set: &&Vec<usize>| (sum(set) - drift).rounded(coins) == Money::ZERO;
    if let Some(set) = sets.iter().find(fits) {
        let names: Vec<&str> = set.iter().map(|at| CATEGORIES[*at]).collect();
        return format!(
            "the drift equals the {} of this invoice",
            names.join(" and ")
        );
    }
    let coin = 10i128.pow(u32::try_from(SCALE - coins).unwrap_or(0));
    let most = coin * i128::try_from(present.len()).unwrap_or(0);
    if drift.units().abs() <= most {
        return "rounding: within one cent per kind of charge".to_owned();
    }
    "no kind of charge equals the drift".to_owned()
}

/// Currencies without a smaller coin in use (ISO 4217, minor unit 0).
const WHOLE: [&str; 16] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
    "XAF", "XOF", "XPF",
];

/// Decimals of a currency's smallest coin on an invoice.
fn decimals(currency: &str) -> usize {
    if WHOLE.contains(&currency) { 0 } else { 2 }
}

/// The largest drift of all invoices that could be compared or are missing from the bill.
pub fn largest_drift(reconciled: &[Reconciled]) -> Money {
    reconciled
        .iter()
        .filter_map(|one| one.drift)
        .map(Money::abs)
        .max()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str) -> Money {
        Money::parse(text.as_bytes()).unwrap()
    }

    fn charged(invoice: &str, category: &str, billed: &str) -> Charged {
        Charged {
            invoice: invoice.into(),
            month: "2026-10".into(),
            currency: "USD".into(),
            category: category.into(),
            billed: money(billed),
            source: "aws".into(),
        }
    }

    fn stated(invoice: &str, amount: &str) -> Stated {
        Stated {
            invoice: invoice.into(),
            amount: money(amount),
            currency: String::new(),
        }
    }

    fn one(charges: &[Charged], amount: &str) -> Reconciled {
        reconcile(charges, Some(&[stated("7", amount)]), true).remove(0)
    }

    fn bill() -> Vec<Charged> {
        vec![
            charged("7", "Usage", "100.004"),
            charged("7", "Tax", "19.00"),
            charged("7", "Credit", "-5"),
        ]
    }

    #[test]
    fn an_invoice_is_equal_to_the_cent() {
        let one = one(&bill(), "114.00");
        assert_eq!((one.status, one.reason.as_str()), (Status::Equal, ""));
        assert_eq!(one.drift, Some(money("0.004")));
    }

    #[test]
    fn a_drift_is_explained_by_the_fewest_kinds_of_charge() {
        let reason = |amount: &str| one(&bill(), amount).reason;
        assert_eq!(reason("95.00"), "the drift equals the Tax of this invoice");
        assert_eq!(
            reason("100.00"),
            "the drift equals the Tax and Credit of this invoice"
        );
        assert_eq!(
            reason("113.98"),
            "rounding: within one cent per kind of charge"
        );
        assert_eq!(reason("90.00"), "no kind of charge equals the drift");
    }

    #[test]
    fn yen_have_no_cents() {
        let yen = Charged {
            currency: "JPY".into(),
            ..charged("7", "Usage", "1234.4")
        };
        assert_eq!(one(&[yen], "1234").status, Status::Equal);
    }

    #[test]
    fn what_only_one_side_has_is_said() {
        let charges = [charged("8", "Usage", "1"), charged("", "Usage", "2")];
        let of = |whole| {
            let all = reconcile(&charges, Some(&[stated("7", "3")]), whole);
            all.iter().map(|one| one.status).collect::<Vec<_>>()
        };
        assert_eq!(
            of(true),
            [
                Status::NotInTheBill,
                Status::NotInvoiced,
                Status::NotInvoiced
            ]
        );
        assert_eq!(of(false), [Status::NotInvoiced; 2]);
        assert_eq!(
            reconcile(&charges, None, true)[0].status,
            Status::NotCompared
        );
    }

    #[test]
    fn two_currencies_are_never_compared() {
        let euros = Charged {
            currency: "EUR".into(),
            ..charged("7", "Usage", "5")
        };
        let both = [charged("7", "Usage", "5"), euros];
        let all = reconcile(&both, Some(&[stated("7", "5")]), true);
        assert!(all.iter().all(|one| one.status == Status::NotCompared));
        let named = Stated {
            currency: "USD".into(),
            ..stated("7", "5")
        };
        let all = reconcile(&both, Some(&[named]), true);
        let states: Vec<_> = all.iter().map(|one| one.status).collect();
        assert_eq!(states, [Status::NotInvoiced, Status::Equal]);
    }
}
