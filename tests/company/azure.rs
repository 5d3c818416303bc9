//! Azure in euros: one month of a FOCUS 1.0 export. A second currency that nobody may add to USD.

use super::calendar::{Day, OCTOBER};
use super::chance::Dice;
use super::exact::{Pico, dec, plain, ratio, times};
use super::files::{Files, json_object, record};
use super::organisation::tags;

/// The file, inside the sample folder.
const PATH: &str = "bills/focus/azure-focus-2026-10.csv";
const SUBSCRIPTION: &str = "/subscriptions/5b3f9a10-7c2e-4d61-8f0a-2e9c4b7d1a66";

/// A line of the export. EUR.
pub(crate) struct Row {
    pub(crate) meter: &'static Meter,
    pub(crate) day: Day,
    pub(crate) quantity: Pico,
    pub(crate) cost: Pico,
}

/// What is bought daily: a flat table.
#[derive(Debug)]
pub(crate) struct Meter {
    category: &'static str,
    pub(crate) service: &'static str,
    /// `resource group/provider type/name`; empty for a purchase.
    resource: &'static str,
    kind: &'static str,
    description: &'static str,
    unit: &'static str,
    daily: &'static str,
    rate: &'static str,
    noise: u64,
    pub(crate) tags: &'static str,
}

const VM: &str = "1 Hour";
const SHOP: &str = "team=web env=prod CostCenter=CC-1003";
const FACTORY: &str = "team=devices environment=prod CostCenter=CC-5001";

const fn meter(
    names: [&'static str; 6],
    amounts: (&'static str, &'static str, u64),
    tags: &'static str,
) -> Meter {
    let [category, service, resource, kind, description, unit] = names;
    let (daily, rate, noise) = amounts;
    Meter {
        category,
        service,
        resource,
        kind,
        description,
        unit,
        daily,
        rate,
        noise,
        tags,
    }
}

const MACHINES: &str = "Virtual Machines";
const MACHINE: &str = "Virtual machine";

#[rustfmt::skip] // names, then quantity, price, noise and tags
static METERS: [Meter; 8] = [
    meter(
        ["Compute", MACHINES, "shop/microsoft.compute/virtualmachines/shop-1", MACHINE, "D4as v5 - EU West", VM],
        ("24", "0.1917", 0), SHOP,
    ),
    meter(
        ["Compute", MACHINES, "shop/microsoft.compute/virtualmachines/shop-2", MACHINE, "D4as v5 - EU West", VM],
        ("24", "0.1917", 0), "team=web Environment=prod CostCenter=CC-103",
    ),
    meter(
        ["Compute", MACHINES, "factory/microsoft.compute/virtualmachines/mes-1", MACHINE, "E2as v5 - EU West", VM],
        ("24", "0.1256", 0), FACTORY,
    ),
    meter(
        ["Storage", "Storage Accounts", "factory/microsoft.storage/storageaccounts/mesarchive", "Storage account", "Hot LRS Data Stored - EU West", "1 GB/Month"],
        ("310", "0.0179", 8), FACTORY,
    ),
    meter(
        ["Databases", "SQL Database", "shop/microsoft.sql/servers/shop/databases/orders", "SQL database", "vCore General Purpose - EU West", "1 Hour"],
        ("48", "0.2104", 0), SHOP,
    ),
    meter(
        ["Networking", "Bandwidth", "shop/microsoft.network/publicipaddresses/shop", "Public IP address", "Standard Data Transfer Out - EU West", "1 GB"],
        ("95", "0.0761", 40), "",
    ),
    meter(
        ["Management and Governance", "Log Analytics", "factory/microsoft.operationalinsights/workspaces/plant", "Log Analytics workspace", "Analytics Logs Data Ingestion - EU West", "1 GB"],
        ("2.9", "2.5875", 30), "team=devices CostCenter=CC-5001",
    ),
    meter(
        ["Other", "Microsoft Support", "", "", "Standard support plan", "1/Month"],
        ("1", "86.1", 0), "",
    ),
];

/// October.
pub(crate) fn rows() -> Vec<Row> {
    let daily = |day: Day| {
        let meters = METERS
            .iter()
            .filter(move |meter| !meter.is_purchase() || day == OCTOBER.start());
        meters.map(move |meter| row(meter, day))
    };
    OCTOBER.days().flat_map(daily).collect()
}

fn row(meter: &'static Meter, day: Day) -> Row {
    let noise = Dice::of(&format!("{}{}", meter.resource, day.0)).around(meter.noise);
    let quantity = ratio(dec(meter.daily), 1000 + noise, 1000);
    Row {
        meter,
        day,
        quantity,
        cost: times(quantity, dec(meter.rate)),
    }
}

impl Meter {
    pub(crate) fn is_purchase(&self) -> bool {
        self.resource.is_empty()
    }

    fn name(&self) -> &'static str {
        self.resource.rsplit('/').next().unwrap_or("")
    }

    /// The ARM id, or nothing for a purchase.
    pub(crate) fn resource_id(&self) -> String {
        match self.resource.split_once('/') {
            Some((group, rest)) => {
                format!("{SUBSCRIPTION}/resourcegroups/{group}/providers/{rest}")
            }
            None => String::new(),
        }
    }
}

/// The account that every row belongs to.
pub(crate) fn sub_account() -> &'static str {
    SUBSCRIPTION
}

/// The machines, for the inventory: id, name, size, tags.
pub(crate) fn machines() -> impl Iterator<Item = (String, &'static str, &'static str, &'static str)>
{
    METERS
        .iter()
        .filter(|meter| meter.service == MACHINES)
        .map(|meter| {
            let size = if meter.description.starts_with('E') {
                "Standard_E2as_v5"
            } else {
                "Standard_D4as_v5"
            };
            (meter.resource_id(), meter.name(), size, meter.tags)
        })
}

/// The export: one plain CSV file.
pub(crate) fn write(rows: &[Row], files: &mut Files) {
    let mut text = String::new();
    record(COLUMNS, &mut text);
    for row in rows {
        record(COLUMNS.iter().map(|column| cell(column, row)), &mut text);
    }
    files.insert(PATH.to_owned(), text.into_bytes());
}

fn cell(column: &str, row: &Row) -> String {
    let meter = row.meter;
    let stamp = |day: Day| format!("{}T00:00:00Z", day.iso());
    let end = if meter.is_purchase() {
        OCTOBER.end()
    } else {
        row.day.next()
    };
    match column {
        "BilledCost" | "ContractedCost" | "EffectiveCost" | "ListCost" => plain(row.cost),
        "BillingPeriodEnd" => stamp(OCTOBER.end()),
        "BillingPeriodStart" => stamp(OCTOBER.start()),
        "ChargePeriodEnd" => stamp(end),
        "ChargePeriodStart" => stamp(row.day),
        "ConsumedQuantity" if !meter.is_purchase() => plain(row.quantity),
        "PricingQuantity" => plain(row.quantity),
        "ContractedUnitPrice" | "ListUnitPrice" => meter.rate.to_owned(),
        "Tags" if meter.tags.is_empty() => "{}".to_owned(),
        "Tags" => json_object(tags(meter.tags)),
        "ResourceId" => meter.resource_id(),
        _ => constant(column, meter).to_owned(),
    }
}

fn constant(column: &str, meter: &'static Meter) -> &'static str {
    match column {
        "BillingAccountId" => "/providers/Microsoft.Billing/billingAccounts/7730418",
        "BillingAccountName" => "Quillfen Robotics Europe",
        "BillingCurrency" => "EUR",
        "ChargeCategory" if meter.is_purchase() => "Purchase",
        "ChargeCategory" => "Usage",
        "ChargeFrequency" if meter.is_purchase() => "Recurring",
        "ChargeFrequency" => "Usage-Based",
        "ConsumedUnit" if meter.is_purchase() => "",
        "ConsumedUnit" | "PricingUnit" => meter.unit,
        "InvoiceIssuerName" | "ProviderName" | "PublisherName" => "Microsoft",
        "PricingCategory" => "Standard",
        "RegionId" if !meter.is_purchase() => "westeurope",
        "RegionName" if !meter.is_purchase() => "West Europe",
        "ResourceName" => meter.name(),
        "ResourceType" => meter.kind,
        "ServiceCategory" => meter.category,
        "ServiceName" => meter.service,
        "ChargeDescription" | "SkuId" | "SkuPriceId" => meter.description,
        "SubAccountId" => SUBSCRIPTION,
        "SubAccountName" => "quillfen-europe",
        _ => "",
    }
}

/// The 43 columns of FOCUS 1.0.
#[rustfmt::skip]
const COLUMNS: [&str; 43] = [
    "AvailabilityZone", "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency",
    "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargeClass",
    "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart",
    "CommitmentDiscountCategory", "CommitmentDiscountId", "CommitmentDiscountName",
    "CommitmentDiscountStatus", "CommitmentDiscountType", "ConsumedQuantity", "ConsumedUnit",
    "ContractedCost", "ContractedUnitPrice", "EffectiveCost", "InvoiceIssuerName", "ListCost",
    "ListUnitPrice", "PricingCategory", "PricingQuantity", "PricingUnit", "ProviderName",
    "PublisherName", "RegionId", "RegionName", "ResourceId", "ResourceName", "ResourceType",
    "ServiceCategory", "ServiceName", "SkuId", "SkuPriceId", "SubAccountId", "SubAccountName",
    "Tags",
];

#[cfg(test)]
mod tests {
    use super::super::exact::ONE;
    use super::*;

    #[test]
    fn a_whole_month_of_seven_meters_and_one_purchase() {
        assert_eq!(rows().len(), 7 * 31 + 1);
    }

    #[test]
    fn a_machine_hour_costs_its_rate() {
        let first = &rows()[0];
        assert_eq!((first.quantity, first.cost), (24 * ONE, dec("4.6008")));
    }
}
