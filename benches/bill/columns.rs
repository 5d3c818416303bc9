//! The columns of the legacy report in their order, and how each cell is made. A column is a row here.

use super::amount::{Amount, ONE};
use super::cell::{self, of, of_machine, of_plan, on, rate, tag, words};
use super::line::{Kind, Line};

/// How the cells of a column are made.
pub(super) enum Cell {
    /// Never anything: most of a real bill.
    Empty,
    Text(fn(&Line, &mut String)),
    Amount(fn(&Line) -> Option<Amount>),
    /// An hour of the month.
    Time(fn(&Line) -> Option<usize>),
}

use Cell::{Amount as Money, Empty, Text, Time};

/// Who invoices: its comma makes readers mind quotes on every line.
const ENTITY: &str = "Amazon Web Services, Inc.";

/// All columns by their slash names.
pub(super) const COLUMNS: &[(&str, Cell)] = &[
    ("identity/LineItemId", Text(cell::line_id)),
    ("identity/TimeInterval", Text(cell::interval)),
    ("bill/InvoiceId", Text(|_, out| out.push_str("2041177153"))),
    ("bill/InvoicingEntity", Text(|_, out| out.push_str(ENTITY))),
    ("bill/BillingEntity", Text(|_, out| out.push_str("AWS"))),
    ("bill/BillType", Text(|_, out| out.push_str("Anniversary"))),
    (
        "bill/PayerAccountId",
        Text(|l, out| out.push_str(&l.payer.id)),
    ),
    ("bill/BillingPeriodStartDate", Time(|_| Some(0))),
    ("bill/BillingPeriodEndDate", Time(|l| Some(l.month.hours))),
    (
        "lineItem/UsageAccountId",
        Text(|l, out| out.push_str(&l.account.id)),
    ),
    (
        "lineItem/LineItemType",
        Text(|l, out| out.push_str(l.kind.name())),
    ),
    ("lineItem/UsageStartDate", Time(|l| Some(l.hours.0))),
    ("lineItem/UsageEndDate", Time(|l| Some(l.hours.1))),
    ("lineItem/ProductCode", Text(cell::product_code)),
    ("lineItem/UsageType", Text(cell::usage_type)),
    (
        "lineItem/Operation",
        Text(|l, out| words(l, &l.sku.meter.operation, out)),
    ),
    ("lineItem/AvailabilityZone", Text(cell::zone)),
    ("lineItem/ResourceId", Text(cell::resource_id)),
    ("lineItem/UsageAmount", Money(|l| Some(l.quantity))),
    (
        "lineItem/NormalizationFactor",
        Text(|l, out| of(l, Kind::Reserved, "4.0", out)),
    ),
    (
        "lineItem/NormalizedUsageAmount",
        Money(|l| on(l, Kind::Reserved, 4 * l.quantity)),
    ),
    ("lineItem/CurrencyCode", Text(|_, out| out.push_str("USD"))),
    (
        "lineItem/UnblendedRate",
        Money(|l| rate(l, l.kind != Kind::Reserved)),
    ),
    ("lineItem/UnblendedCost", Money(|l| Some(l.cost))),
    (
        "lineItem/BlendedRate",
        Money(|l| rate(l, l.kind != Kind::Reserved)),
    ),
    ("lineItem/BlendedCost", Money(|l| Some(l.cost))),
    ("lineItem/LineItemDescription", Text(cell::description)),
    (
        "lineItem/TaxType",
        Text(|l, out| of(l, Kind::Tax, "USSalesTax", out)),
    ),
    ("lineItem/LegalEntity", Text(|_, out| out.push_str(ENTITY))),
    (
        "product/ProductName",
        Text(|l, out| out.push_str(l.service())),
    ),
    ("product/alarmType", Empty),
    ("product/availability", Empty),
    ("product/bundle", Empty),
    (
        "product/capacitystatus",
        Text(|l, out| of_machine(l, "Used", out)),
    ),
    ("product/category", Empty),
    (
        "product/classicnetworkingsupport",
        Text(|l, out| of_machine(l, "false", out)),
    ),
    ("product/clockSpeed", Empty),
    (
        "product/currentGeneration",
        Text(|l, out| of_machine(l, "Yes", out)),
    ),
    ("product/databaseEngine", Empty),
    ("product/dedicatedEbsThroughput", Empty),
    ("product/deploymentOption", Empty),
    ("product/durability", Empty),
    ("product/ecu", Empty),
    ("product/engineCode", Empty),
    ("product/enhancedNetworkingSupported", Empty),
    ("product/eventType", Empty),
    ("product/fromLocation", Empty),
    ("product/fromLocationType", Empty),
    ("product/fromRegionCode", Empty),
    ("product/group", Empty),
    ("product/groupDescription", Empty),
    (
        "product/instanceFamily",
        Text(|l, out| of_machine(l, "General purpose", out)),
    ),
    (
        "product/instanceType",
        Text(|l, out| words(l, &l.sku.meter.instance, out)),
    ),
    ("product/instanceTypeFamily", Empty),
    ("product/intelAvxAvailable", Empty),
    (
        "product/licenseModel",
        Text(|l, out| of_machine(l, "No License required", out)),
    ),
    (
        "product/location",
        Text(|l, out| words(l, l.sku.region.2, out)),
    ),
    (
        "product/locationType",
        Text(|l, out| words(l, "AWS Region", out)),
    ),
    (
        "product/marketoption",
        Text(|l, out| of_machine(l, "OnDemand", out)),
    ),
    ("product/maxIopsvolume", Empty),
    ("product/maxThroughputvolume", Empty),
    ("product/maxVolumeSize", Empty),
    (
        "product/memory",
        Text(|l, out| words(l, &l.sku.meter.memory, out)),
    ),
    (
        "product/networkPerformance",
        Text(|l, out| of_machine(l, "Up to 10 Gigabit", out)),
    ),
    (
        "product/normalizationSizeFactor",
        Text(|l, out| of_machine(l, "4", out)),
    ),
    (
        "product/operatingSystem",
        Text(|l, out| of_machine(l, "Linux", out)),
    ),
    (
        "product/operation",
        Text(|l, out| words(l, &l.sku.meter.operation, out)),
    ),
    ("product/physicalProcessor", Empty),
    (
        "product/preInstalledSw",
        Text(|l, out| of_machine(l, "NA", out)),
    ),
    ("product/processorArchitecture", Empty),
    ("product/processorFeatures", Empty),
    (
        "product/productFamily",
        Text(|l, out| words(l, &l.sku.meter.family, out)),
    ),
    (
        "product/region",
        Text(|l, out| words(l, l.sku.region.0, out)),
    ),
    (
        "product/regionCode",
        Text(|l, out| words(l, l.sku.region.0, out)),
    ),
    (
        "product/servicecode",
        Text(|l, out| words(l, &l.sku.meter.code, out)),
    ),
    (
        "product/servicename",
        Text(|l, out| words(l, &l.sku.meter.service, out)),
    ),
    ("product/sku", Text(|l, out| words(l, &l.sku.code, out))),
    (
        "product/storage",
        Text(|l, out| of_machine(l, "EBS only", out)),
    ),
    ("product/storageClass", Empty),
    ("product/storageMedia", Empty),
    (
        "product/tenancy",
        Text(|l, out| of_machine(l, "Shared", out)),
    ),
    ("product/toLocation", Empty),
    ("product/toLocationType", Empty),
    ("product/toRegionCode", Empty),
    (
        "product/usagetype",
        Text(|l, out| words(l, &l.sku.usage_type, out)),
    ),
    (
        "product/vcpu",
        Text(|l, out| words(l, &l.sku.meter.vcpu, out)),
    ),
    ("product/volumeType", Empty),
    ("pricing/LeaseContractLength", Empty),
    ("pricing/OfferingClass", Empty),
    ("pricing/PurchaseOption", Empty),
    ("pricing/RateCode", Text(cell::rate_code)),
    (
        "pricing/RateId",
        Text(|l, out| words(l, &l.sku.rate_id, out)),
    ),
    ("pricing/currency", Text(|l, out| words(l, "USD", out))),
    ("pricing/publicOnDemandCost", Money(cell::list_cost)),
    ("pricing/publicOnDemandRate", Money(|l| rate(l, true))),
    ("pricing/term", Text(cell::term)),
    (
        "pricing/unit",
        Text(|l, out| words(l, &l.sku.meter.unit, out)),
    ),
    (
        "reservation/AmortizedUpfrontCostForUsage",
        Money(|l| on(l, Kind::Reserved, 0)),
    ),
    (
        "reservation/AmortizedUpfrontFeeForBillingPeriod",
        Money(|l| on(l, Kind::ReservationFee, 0)),
    ),
    (
        "reservation/EffectiveCost",
        Money(|l| on(l, Kind::Reserved, cell::reserved_cost(l))),
    ),
    ("reservation/EndTime", Empty),
    ("reservation/ModificationStatus", Empty),
    ("reservation/NormalizedUnitsPerReservation", Empty),
    (
        "reservation/NumberOfReservations",
        Text(|l, out| of(l, Kind::ReservationFee, "4", out)),
    ),
    (
        "reservation/RecurringFeeForUsage",
        Money(|l| on(l, Kind::Reserved, cell::reserved_cost(l))),
    ),
    ("reservation/ReservationARN", Text(cell::reservation_arn)),
    ("reservation/StartTime", Empty),
    ("reservation/SubscriptionId", Text(cell::subscription)),
    ("reservation/TotalReservedNormalizedUnits", Empty),
    (
        "reservation/TotalReservedUnits",
        Money(|l| on(l, Kind::ReservationFee, l.quantity)),
    ),
    ("reservation/UnitsPerReservation", Empty),
    (
        "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod",
        Money(|l| on(l, Kind::ReservationFee, 0)),
    ),
    ("reservation/UnusedNormalizedUnitQuantity", Empty),
    (
        "reservation/UnusedQuantity",
        Money(|l| on(l, Kind::ReservationFee, 3 * ONE)),
    ),
    (
        "reservation/UnusedRecurringFee",
        Money(|l| on(l, Kind::ReservationFee, l.cost / 50)),
    ),
    ("reservation/UpfrontValue", Empty),
    (
        "savingsPlan/TotalCommitmentToDate",
        Money(|l| on(l, Kind::PlanFee, l.cost)),
    ),
    ("savingsPlan/SavingsPlanARN", Text(cell::plan_arn)),
    (
        "savingsPlan/SavingsPlanRate",
        Money(|l| on(l, Kind::Covered, cell::plan_rate(l))),
    ),
    (
        "savingsPlan/UsedCommitment",
        Money(|l| on(l, Kind::PlanFee, cell::used(l))),
    ),
    (
        "savingsPlan/SavingsPlanEffectiveCost",
        Money(|l| on(l, Kind::Covered, cell::plan_cost(l))),
    ),
    (
        "savingsPlan/AmortizedUpfrontCommitmentForBillingPeriod",
        Money(|l| on(l, Kind::PlanFee, 0)),
    ),
    (
        "savingsPlan/RecurringCommitmentForBillingPeriod",
        Money(|l| on(l, Kind::PlanFee, l.cost)),
    ),
    (
        "savingsPlan/StartTime",
        Text(|l, out| of_plan(l, "2025-03-01T00:00:00Z", out)),
    ),
    (
        "savingsPlan/EndTime",
        Text(|l, out| of_plan(l, "2028-03-01T00:00:00Z", out)),
    ),
    (
        "savingsPlan/OfferingType",
        Text(|l, out| of_plan(l, "ComputeSavingsPlans", out)),
    ),
    (
        "savingsPlan/PaymentOption",
        Text(|l, out| of_plan(l, "No Upfront", out)),
    ),
    (
        "savingsPlan/PurchaseTerm",
        Text(|l, out| of_plan(l, "3yr", out)),
    ),
    ("resourceTags/aws:createdBy", Text(|l, out| tag(l, 0, out))),
    ("resourceTags/user:Name", Text(|l, out| tag(l, 1, out))),
    (
        "resourceTags/user:Application",
        Text(|l, out| tag(l, 2, out)),
    ),
    (
        "resourceTags/user:CostCenter",
        Text(|l, out| tag(l, 3, out)),
    ),
    (
        "resourceTags/user:Environment",
        Text(|l, out| tag(l, 4, out)),
    ),
    ("resourceTags/user:Owner", Text(|l, out| tag(l, 5, out))),
    ("resourceTags/user:Project", Text(|l, out| tag(l, 6, out))),
    ("resourceTags/user:Team", Text(|l, out| tag(l, 7, out))),
];
