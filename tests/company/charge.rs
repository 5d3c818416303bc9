//! One line of an AWS bill before it is written down, and what each cost column makes of it.

use super::calendar::Day;
use super::exact::Pico;
use super::organisation::{Account, Product, Region};

/// The line item type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Usage,
    SavingsPlanCoveredUsage,
    SavingsPlanNegation,
    SavingsPlanRecurringFee,
    DiscountedUsage,
    RIFee,
    Fee,
    Tax,
    Credit,
    Refund,
}

/// A line of a bill. Amounts in USD, `end` exclusive.
#[derive(Debug, Clone)]
pub(crate) struct Charge {
    pub(crate) kind: Kind,
    pub(crate) account: Account,
    pub(crate) product: Product,
    pub(crate) start: Day,
    pub(crate) end: Day,
    pub(crate) region: Option<Region>,
    /// Empty where the charge has no resource.
    pub(crate) resource: String,
    pub(crate) tags: Vec<(&'static str, &'static str)>,
    pub(crate) usage_type: String,
    pub(crate) operation: &'static str,
    pub(crate) family: &'static str,
    /// `m6a.xlarge` or `db.r6g.large`; empty for everything that is not an instance.
    pub(crate) instance_type: &'static str,
    pub(crate) description: String,
    pub(crate) unit: &'static str,
    pub(crate) quantity: Pico,
    pub(crate) rate: Pico,
    /// The unblended cost.
    pub(crate) cost: Pico,
    /// What a commitment charged for this line; meaningful for commitment kinds only.
    pub(crate) committed: Pico,
    /// Cells of the `reservation/` and `savingsPlan/` columns.
    pub(crate) extra: Vec<(&'static str, String)>,
}

impl Charge {
    /// A charge of a payer without resource, quantity 1, over a whole span.
    pub(crate) fn flat(kind: Kind, product: Product, span: (Day, Day), cost: Pico) -> Self {
        Self {
            kind,
            account: Account::Payer,
            product,
            start: span.0,
            end: span.1,
            region: None,
            resource: String::new(),
            tags: Vec::new(),
            usage_type: String::new(),
            operation: "",
            family: "",
            instance_type: "",
            description: String::new(),
            unit: "",
            quantity: super::exact::ONE,
            rate: 0,
            cost,
            committed: 0,
            extra: Vec::new(),
        }
    }

    /// FOCUS `BilledCost`: commitments are billed by their fee, so what they cover is free.
    pub(crate) fn billed(&self) -> Pico {
        match self.kind {
            Kind::SavingsPlanCoveredUsage | Kind::SavingsPlanNegation | Kind::DiscountedUsage => 0,
            _ => self.cost,
        }
    }

    /// FOCUS `EffectiveCost`: used commitment on the usage, the unused rest on the fee.
    pub(crate) fn effective(&self) -> Pico {
        match self.kind {
            Kind::SavingsPlanCoveredUsage
            | Kind::DiscountedUsage
            | Kind::SavingsPlanRecurringFee
            | Kind::RIFee => self.committed,
            Kind::SavingsPlanNegation => 0,
            _ => self.cost,
        }
    }

    /// A tag could have been set: usage of a resource.
    pub(crate) fn is_taggable(&self) -> bool {
        let usage = matches!(
            self.kind,
            Kind::Usage | Kind::SavingsPlanCoveredUsage | Kind::DiscountedUsage
        );
        usage && !self.resource.is_empty()
    }
}
