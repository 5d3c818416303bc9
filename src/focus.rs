//! The FOCUS columns as one table, and the frame that is known to have them.
//!
//! Every bill becomes a [`FocusFrame`]: the FOCUS 1.2 columns, then our own (`x_…`), each with its one type.
//! What a bill does not say is a typed null. Knows nothing of files and formats.

use crate::error::{Error, Result};
use crate::money;
use polars::prelude::*;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text; ids stay text, so leading zeros survive.
    Text,
    /// An amount, a unit price or a quantity: `Decimal(26, 12)`.
    Money,
    /// A moment in UTC, microseconds.
    Time,
    /// A day.
    Day,
    /// A whole number.
    Count,
}

impl Kind {
    /// Its type in the engine.
    pub fn data_type(self) -> DataType {
        match self {
            Kind::Text => DataType::String,
            Kind::Money => DataType::Decimal(money::PRECISION, money::SCALE),
            Kind::Time => DataType::Datetime(TimeUnit::Microseconds, None),
            Kind::Day => DataType::Date,
            Kind::Count => DataType::Int64,
        }
    }
}

/// The four cost columns whose books are kept.
pub const COSTS: [&str; 4] = ["BilledCost", "EffectiveCost", "ListCost", "ContractedCost"];

/// The columns that FOCUS 1.1 added to 1.0.
pub const ADDED_IN_1_1: [&str; 7] = [
    "CapacityReservationId",
    "CapacityReservationStatus",
    "CommitmentDiscountQuantity",
    "CommitmentDiscountUnit",
    "ServiceSubcategory",
    "SkuMeter",
    "SkuPriceDetails",
];

/// The columns that FOCUS 1.2 added to 1.1.
pub const ADDED_IN_1_2: [&str; 7] = [
    "BillingAccountType",
    "InvoiceId",
    "PricingCurrency",
    "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice",
    "SubAccountType",
];

/// Every column of a charge, FOCUS 1.2 first, then our own.
pub const COLUMNS: &[(&str, Kind)] = &[
    ("AvailabilityZone", Kind::Text),
    ("BilledCost", Kind::Money),
    ("BillingAccountId", Kind::Text),
    ("BillingAccountName", Kind::Text),
    ("BillingAccountType", Kind::Text),
    ("BillingCurrency", Kind::Text),
    ("BillingPeriodEnd", Kind::Time),
    ("BillingPeriodStart", Kind::Time),
    ("CapacityReservationId", Kind::Text),
    ("CapacityReservationStatus", Kind::Text),
    ("ChargeCategory", Kind::Text),
    ("ChargeClass", Kind::Text),
    ("ChargeDescription", Kind::Text),
    ("ChargeFrequency", Kind::Text),
    ("ChargePeriodEnd", Kind::Time),
    ("ChargePeriodStart", Kind::Time),
    ("CommitmentDiscountCategory", Kind::Text),
    ("CommitmentDiscountId", Kind::Text),
    ("CommitmentDiscountName", Kind::Text),
    ("CommitmentDiscountQuantity", Kind::Money),
    ("CommitmentDiscountStatus", Kind::Text),
    ("CommitmentDiscountType", Kind::Text),
    ("CommitmentDiscountUnit", Kind::Text),
    ("ConsumedQuantity", Kind::Money),
    ("ConsumedUnit", Kind::Text),
    ("ContractedCost", Kind::Money),
    ("ContractedUnitPrice", Kind::Money),
    ("EffectiveCost", Kind::Money),
    ("InvoiceId", Kind::Text),
    ("InvoiceIssuerName", Kind::Text),
    ("ListCost", Kind::Money),
    ("ListUnitPrice", Kind::Money),
    ("PricingCategory", Kind::Text),
    ("PricingCurrency", Kind::Text),
    ("PricingCurrencyContractedUnitPrice", Kind::Money),
    ("PricingCurrencyEffectiveCost", Kind::Money),
    ("PricingCurrencyListUnitPrice", Kind::Money),
    ("PricingQuantity", Kind::Money),
    ("PricingUnit", Kind::Text),
    ("ProviderName", Kind::Text),
    ("PublisherName", Kind::Text),
    ("RegionId", Kind::Text),
    ("RegionName", Kind::Text),
    ("ResourceId", Kind::Text),
    ("ResourceName", Kind::Text),
    ("ResourceType", Kind::Text),
    ("ServiceCategory", Kind::Text),
    ("ServiceName", Kind::Text),
    ("ServiceSubcategory", Kind::Text),
    ("SkuId", Kind::Text),
    ("SkuMeter", Kind::Text),
    ("SkuPriceDetails", Kind::Text),
    ("SkuPriceId", Kind::Text),
    ("SubAccountId", Kind::Text),
    ("SubAccountName", Kind::Text),
    ("SubAccountType", Kind::Text),
    ("Tags", Kind::Text),
    ("x_BillingMonth", Kind::Text),
    ("x_ChargeDate", Kind::Day),
    ("x_ChargeMonth", Kind::Text),
    ("x_CommitmentDiscountEnd", Kind::Text),
    ("x_CommitmentDiscountPayment", Kind::Text),
    ("x_CommitmentDiscountTerm", Kind::Text),
    ("x_CostCategories", Kind::Text),
    ("x_CostCenter", Kind::Text),
    ("x_Environment", Kind::Text),
    ("x_InstanceType", Kind::Text),
    ("x_LineItemType", Kind::Text),
    ("x_OperatingSystem", Kind::Text),
    ("x_Operation", Kind::Text),
    ("x_PriceGap", Kind::Money),
    ("x_SourceChanges", Kind::Text),
    ("x_SourceFile", Kind::Text),
    ("x_SourceRow", Kind::Count),
    ("x_Team", Kind::Text),
];

/// Charges with every column of [`COLUMNS`], in that order, in its type. Checked once, here.
#[derive(Clone, Debug)]
pub struct FocusFrame(DataFrame);

impl FocusFrame {
    /// From a mapping's result: absent columns become typed nulls, present ones are brought to their type,
    /// a column of no known name is a mistake in the mapping.
    pub fn new(mapped: &DataFrame) -> Result<FocusFrame> {
        let names = mapped.get_column_names();
        if let Some(stray) = names
            .iter()
            .find(|n| !COLUMNS.iter().any(|(c, _)| *c == n.as_str()))
        {
            return Err(Error::data(format!(
                "the mapping makes a column that FOCUS does not know: `{stray}`"
            )));
        }
        let rows = mapped.height();
        let columns: PolarsResult<Vec<Column>> = COLUMNS
            .iter()
            .map(|(name, kind)| match mapped.column(name) {
                Ok(column) if column.dtype() == &kind.data_type() => Ok(column.clone()),
                Ok(column) => column.strict_cast(&kind.data_type()),
                Err(_) => Ok(Column::full_null((*name).into(), rows, &kind.data_type())),
            })
            .collect();
        let frame = columns.and_then(|columns| DataFrame::new(rows, columns));
        frame
            .map(FocusFrame)
            .map_err(|e| Error::data(format!("the mapping does not make FOCUS columns: {e}")))
    }

    /// The table.
    pub fn frame(&self) -> &DataFrame {
        &self.0
    }

    /// The same charges with some columns replaced; names and types are checked again.
    pub fn with(&self, columns: Vec<Column>) -> Result<FocusFrame> {
        let mut frame = self.0.clone();
        for column in columns {
            frame
                .with_column(column)
                .map_err(|e| Error::data(e.to_string()))?;
        }
        FocusFrame::new(&frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn focus_1_2_has_57_columns_before_our_own() {
        assert_eq!(
            COLUMNS
                .iter()
                .filter(|(name, _)| !name.starts_with("x_"))
                .count(),
            57
        );
        assert!(COLUMNS.is_sorted_by_key(|(name, _)| *name));
    }

    #[test]
    fn what_a_mapping_leaves_out_is_a_typed_null() {
        let mapped = df!("ServiceName" => ["EC2"]).unwrap();
        let charges = FocusFrame::new(&mapped).unwrap();
        let cost = charges.frame().column("BilledCost").unwrap();
        assert_eq!(
            (cost.null_count(), cost.dtype()),
            (1, &Kind::Money.data_type())
        );
        assert_eq!(charges.frame().width(), COLUMNS.len());
    }

    #[test]
    fn a_column_nobody_knows_is_refused() {
        let mapped = df!("Servicename" => ["EC2"]).unwrap();
        assert!(
            FocusFrame::new(&mapped)
                .unwrap_err()
                .what()
                .contains("`Servicename`")
        );
    }
}
