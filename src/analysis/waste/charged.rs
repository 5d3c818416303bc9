//! A bill's meters by name, for whoever wants to find them again on later bills.

use super::bill::Bill;

/// One meter of one resource as a bill prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charged {
    /// FOCUS `SubAccountId`.
    pub account: String,
    /// FOCUS `ResourceId`, empty for charges without one.
    pub resource: String,
    /// Usage type, meter name or SKU text.
    pub meter: String,
    /// Machine type in lower case, empty for all but instance hours.
    pub instance: String,
    /// FOCUS `ConsumedUnit` in lower case.
    pub unit: String,
    /// FOCUS `BillingCurrency`.
    pub currency: String,
    /// True where it is still charged at the end of the bill.
    pub alive: bool,
}

impl Bill {
    /// A meter by its place.
    pub fn charged(&self, at: usize) -> Charged {
        let meter = &self.meters[at];
        let newest = self.used(at, self.window(1));
        Charged {
            account: meter.account.clone(),
            resource: meter.resource.clone(),
            meter: meter.name.clone(),
            instance: self.sku(at).instance.clone(),
            unit: meter.unit.clone(),
            currency: meter.currency.clone(),
            alive: newest.is_some_and(|used| used.alive),
        }
    }

    /// The meters of a resource, by its join key.
    pub fn charged_on(&self, key: &str) -> Vec<Charged> {
        let meters = self.of_resource(key).iter();
        meters.map(|&at| self.charged(at)).collect()
    }
}
