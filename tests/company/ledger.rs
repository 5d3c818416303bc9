//! The sums behind the known totals: one book per source, month and currency.

use std::collections::BTreeMap;

use super::azure;
use super::charge::Kind;
use super::cur::Bill;
use super::exact::Pico;
use super::judge::{FORBIDDEN, RULES, Tags, Verdict, is_spoken_for};

/// Billed and effective cost.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Both {
    pub(crate) billed: Pico,
    pub(crate) effective: Pico,
}

/// Sums of one source, month and currency.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) source: &'static str,
    pub(crate) month: &'static str,
    pub(crate) currency: &'static str,
    /// Records of the export.
    pub(crate) rows: usize,
    /// Unblended cost of a cost and usage report; nothing in a FOCUS export.
    pub(crate) unblended: Option<Pico>,
    pub(crate) total: Both,
    pub(crate) services: BTreeMap<&'static str, Both>,
    pub(crate) accounts: BTreeMap<&'static str, Both>,
    /// By value of the cost centre tag, right or wrong; `(untagged)` is the rest of the bill.
    pub(crate) centres: BTreeMap<&'static str, Both>,
    /// Valid, invalid and missing cost of `CostCenter`, and what cannot be tagged.
    pub(crate) tagging: BTreeMap<&'static str, Both>,
    /// Taggable cost without any of the required tags.
    pub(crate) untagged: Both,
    /// Commitments nobody used: savings plan, reservation.
    pub(crate) unused: [Pico; 2],
}

/// A tag violation of a resource and the first and last month it has cost in.
pub(crate) type Violations = BTreeMap<Violation, (&'static str, &'static str)>;

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    pub(crate) resource: String,
    pub(crate) account: &'static str,
    pub(crate) service: &'static str,
    pub(crate) tag: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) value: &'static str,
}

/// One line as every source has it.
struct Entry<'a> {
    service: &'static str,
    account: &'static str,
    resource: String,
    tags: Tags<'a>,
    cost: Both,
    taggable: bool,
}

impl std::ops::AddAssign for Both {
    fn add_assign(&mut self, more: Self) {
        self.billed += more.billed;
        self.effective += more.effective;
    }
}

/// The book of a cost and usage report.
pub(crate) fn of_report(bill: &Bill, violations: &mut Violations) -> Book {
    let mut book = Book {
        source: bill.source,
        month: bill.month.name(),
        currency: super::organisation::DOLLAR,
        unblended: Some(bill.charges.iter().map(|charge| charge.cost).sum()),
        ..Book::default()
    };
    for charge in &bill.charges {
        match charge.kind {
            Kind::SavingsPlanRecurringFee => book.unused[0] += charge.committed,
            Kind::RIFee => book.unused[1] += charge.committed,
            _ => {}
        }
        let entry = Entry {
            service: charge.product.name(),
            account: charge.account.id(),
            resource: charge.resource.clone(),
            tags: &charge.tags,
            cost: Both {
                billed: charge.billed(),
                effective: charge.effective(),
            },
            taggable: charge.is_taggable(),
        };
        book.add(&entry, violations);
    }
    book
}

/// The book of the Azure export.
pub(crate) fn of_azure(rows: &[azure::Row], violations: &mut Violations) -> Book {
    let month = super::calendar::OCTOBER.name();
    let mut book = Book {
        source: "focus",
        month,
        currency: "EUR",
        ..Book::default()
    };
    for row in rows {
        let entry = Entry {
            service: row.meter.service,
            account: azure::sub_account(),
            resource: row.meter.resource_id(),
            tags: &super::organisation::tags(row.meter.tags),
            cost: Both {
                billed: row.cost,
                effective: row.cost,
            },
            taggable: !row.meter.is_purchase(),
        };
        book.add(&entry, violations);
    }
    book
}

impl Book {
    fn add(&mut self, entry: &Entry, violations: &mut Violations) {
        let cost = entry.cost;
        let centre = &RULES[2];
        self.rows += 1;
        self.total += cost;
        *self.services.entry(entry.service).or_default() += cost;
        *self.accounts.entry(entry.account).or_default() += cost;
        let value = centre.answer(entry.tags).unwrap_or("(untagged)");
        *self.centres.entry(value).or_default() += cost;
        let state = match centre.judge(entry.tags).0 {
            _ if !entry.taggable => "untaggable",
            Verdict::Valid => "valid",
            Verdict::Invalid => "invalid",
            Verdict::Missing | Verdict::Variant => "missing",
        };
        *self.tagging.entry(state).or_default() += cost;
        if !entry.taggable {
            return;
        }
        if RULES.iter().all(|rule| rule.answer(entry.tags).is_none()) {
            self.untagged += cost;
        }
        self.note_violations(entry, violations);
    }

    fn note_violations(&self, entry: &Entry, violations: &mut Violations) {
        let rules = RULES.iter().filter(|rule| rule.applies_to(entry.service));
        let mut found: Vec<(&str, &str, &str)> = rules
            .filter_map(|rule| match rule.judge(entry.tags) {
                (verdict, _) if is_spoken_for(entry.account, rule.key, verdict) => None,
                (Verdict::Valid, _) => None,
                (Verdict::Invalid, value) => Some((rule.key, "invalid", value)),
                (Verdict::Missing, _) => Some((rule.key, "missing", "")),
                (Verdict::Variant, key) => Some((rule.key, "variant", key)),
            })
            .collect();
        if let Some((_, value)) = entry.tags.iter().find(|(key, _)| *key == FORBIDDEN) {
            found.push((FORBIDDEN, "forbidden", value));
        }
        for (tag, kind, value) in found {
            let resource = entry.resource.clone();
            let (account, service) = (entry.account, entry.service);
            let violation = Violation {
                resource,
                account,
                service,
                tag,
                kind,
                value,
            };
            violations
                .entry(violation)
                .or_insert((self.month, self.month))
                .1 = self.month;
        }
    }
}
