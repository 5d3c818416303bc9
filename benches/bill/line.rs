//! The lines of a bill: resources that come again hour by hour, and what commitments do to them.
//!
//! A line is drawn from its place alone, so every format has the same lines.

use super::amount::{self, Amount};
use super::catalogue::{Account, Catalogue, Sku};
use super::chance::{Dice, mix};
use super::commitment::{Commitment, Commitments, covers, reserves};
use super::month::Month;
use super::plan::Plan;
use super::standing;

/// Line item types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Usage,
    Covered,
    Negation,
    Reserved,
    PlanFee,
    ReservationFee,
    Tax,
    Credit,
}

impl Kind {
    /// The name in the bill.
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Usage => "Usage",
            Kind::Covered => "SavingsPlanCoveredUsage",
            Kind::Negation => "SavingsPlanNegation",
            Kind::Reserved => "DiscountedUsage",
            Kind::PlanFee => "SavingsPlanRecurringFee",
            Kind::ReservationFee => "RIFee",
            Kind::Tax => "Tax",
            Kind::Credit => "Credit",
        }
    }

    /// True where something was used in an hour, so that prices and products are known.
    pub(super) fn is_metered(self) -> bool {
        matches!(
            self,
            Kind::Usage | Kind::Covered | Kind::Negation | Kind::Reserved
        )
    }
}

/// One line of a bill.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    pub(super) month: &'a Month,
    pub(super) kind: Kind,
    /// The hours of the month that the line covers.
    pub(super) hours: (usize, usize),
    /// Names the line.
    pub(super) seed: u64,
    pub(super) payer: &'a Account,
    pub(super) account: &'a Account,
    pub(super) sku: &'a Sku,
    /// The number of the resource, where there is one.
    pub(super) resource: Option<u64>,
    pub(super) quantity: Amount,
    /// Unblended.
    pub(super) cost: Amount,
    pub(super) commitment: Option<&'a Commitment>,
}

impl<'a> Line<'a> {
    /// The product name of the line, which is the service of the reports.
    pub(super) fn service(&self) -> &'a str {
        match self.kind {
            Kind::PlanFee => "Savings Plans for AWS Compute usage",
            _ => &self.sku.meter.service,
        }
    }

    /// What the line adds to the billed cost: usage under a savings plan and its negation add nothing.
    pub(super) fn billed(&self) -> Amount {
        if matches!(self.kind, Kind::Covered | Kind::Negation) {
            0
        } else {
            self.cost
        }
    }

    /// Price at list.
    pub(super) fn list_cost(&self) -> Amount {
        amount::share(self.quantity, self.sku.rate, amount::ONE)
    }
}

/// What all files of a bill share.
pub(super) struct Bill {
    pub(super) plan: Plan,
    pub(super) catalogue: Catalogue,
    pub(super) commitments: Commitments,
    pub(super) months: Vec<Month>,
}

/// The lines of one file: in the first file of a month the fees, taxes and credits, then the hours.
pub(super) fn lines(bill: &Bill, month: usize, file: usize) -> impl Iterator<Item = Line<'_>> {
    let rows = bill.plan.rows_of(month, file);
    let standing = if file == 0 {
        standing::lines(bill, month)
    } else {
        Vec::new()
    };
    let first = standing.len().min(rows);
    let hours = Hours {
        bill,
        month: &bill.months[month],
        dice: Dice::of(&[bill.plan.seed_of(month), month as u64, file as u64]),
        rows: rows - first,
        made: 0,
        negation: None,
    };
    standing.into_iter().take(first).chain(hours)
}

/// The metered lines of a file: grouped by what was used, as real exports are, and by the hour inside.
struct Hours<'a> {
    bill: &'a Bill,
    month: &'a Month,
    dice: Dice,
    rows: usize,
    made: usize,
    negation: Option<Line<'a>>,
}

impl<'a> Iterator for Hours<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if self.made == self.rows {
            return None;
        }
        self.made += 1;
        if let Some(negation) = self.negation.take() {
            return Some(negation);
        }
        let mut line = self.draw();
        if line.kind == Kind::Covered && self.made == self.rows {
            // The negation would not fit in any more, and they come in pairs.
            (line.kind, line.commitment) = (Kind::Usage, None);
        }
        if line.kind == Kind::Covered {
            let (seed, cost) = (mix(line.seed), -line.cost);
            self.negation = Some(Line {
                kind: Kind::Negation,
                resource: None,
                seed,
                cost,
                ..line
            });
        }
        Some(line)
    }
}

impl<'a> Hours<'a> {
    fn draw(&mut self) -> Line<'a> {
        let bill = self.bill;
        let place = bill.catalogue.place(self.made as u64 - 1, self.rows as u64);
        let sku = place.sku;
        let hour = place.inside * self.month.hours as u64 / place.length;
        let hour = usize::try_from(hour).unwrap_or(0);
        let resources = bill.catalogue.part(bill.plan.resources(), sku);
        let resource = mix((place.number << 40) + self.dice.below(resources) + 1);
        let accounts = &bill.catalogue.accounts;
        let account =
            &accounts[usize::try_from(mix(resource ^ 0xac) % accounts.len() as u64).unwrap_or(0)];
        let quantity = sku.quantity(resource, &mut self.dice);
        let mut line = Line {
            month: self.month,
            kind: Kind::Usage,
            hours: (hour, hour + 1),
            seed: self.dice.next(),
            payer: &accounts[0],
            account,
            sku,
            resource: Some(resource),
            quantity,
            cost: amount::share(quantity, sku.rate, amount::ONE),
            commitment: None,
        };
        if covers(resource, sku) {
            line.kind = Kind::Covered;
            line.commitment = Some(bill.commitments.plan(resource));
        } else if reserves(resource, sku) {
            (line.kind, line.cost) = (Kind::Reserved, 0);
            line.commitment = Some(bill.commitments.reservation(resource));
        }
        line
    }
}
