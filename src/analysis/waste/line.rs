//! A line of a bill as waste checks read it, and what is charged in it.

use crate::analysis::catalogue::Provider;
use crate::money::Money;

/// What one resource used of one meter in one month.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// FOCUS billing month, `2026-10`.
    pub month: String,
    /// FOCUS `ProviderName`.
    pub provider: String,
    /// FOCUS `SubAccountId`.
    pub account: String,
    /// FOCUS `RegionId`.
    pub region: String,
    /// FOCUS `ServiceName`.
    pub service: String,
    /// FOCUS `ResourceId`, empty for charges without one.
    pub resource: String,
    /// Its environment tag, empty where unknown.
    pub environment: String,
    /// Usage type, meter name or SKU text; the charge's description where a bill has none.
    pub meter: String,
    /// Product name of an Azure meter.
    pub description: String,
    /// Machine type, empty for all but instance hours.
    pub instance: String,
    /// Operating system as the bill prints it.
    pub system: String,
    /// FOCUS `ConsumedUnit`.
    pub unit: String,
    /// FOCUS `BillingCurrency`.
    pub currency: String,
    /// True where a commitment covers it.
    pub covered: bool,
    /// FOCUS `EffectiveCost`.
    pub cost: Money,
    /// FOCUS `ConsumedQuantity`, on Money's scale.
    pub quantity: Option<Money>,
    /// First and last day of the month with a charge.
    pub days: Option<(u32, u32)>,
}

/// What is charged, without where and for what: patterns are matched against these, once each. Lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sku {
    pub(super) provider: String,
    pub(super) service: String,
    pub(super) meter: String,
    pub(super) description: String,
    pub(super) instance: String,
    pub(super) system: String,
}

/// What a line is charged for, without where.
pub(super) fn sku(line: &Line) -> Sku {
    let provider = match Provider::of(&line.provider) {
        Some(Provider::Aws) => "aws".to_owned(),
        Some(Provider::Azure) => "azure".to_owned(),
        Some(Provider::Google) => "gcp".to_owned(),
        None => line.provider.to_lowercase(),
    };
    Sku {
        provider,
        service: line.service.to_lowercase(),
        meter: line.meter.to_lowercase(),
        description: line.description.to_lowercase(),
        instance: line.instance.to_lowercase(),
        system: line.system.to_lowercase(),
    }
}
