//! Quillfen's legacy cost and usage report: three closed months and an open one, each in a folder
//! with its manifest; October also keeps a stale assembly that the manifest does not list.

use super::calendar::{Day, MONTHS, Month, OCTOBER};
use super::chance::{hex, uuid};
use super::charge::{Charge, Kind};
use super::columns::COLUMNS;
use super::exact::{ONE, double};
use super::files::{Files, gzip, record};
use super::organisation::{Account, DOLLAR};
use super::{commitments, fees, fleet, meters, usage};

const REPORT: &str = "quillfen-daily";

/// One month of one payer.
pub(crate) struct Bill {
    /// The `source` of the known totals: the folder under `bills/`.
    pub(crate) source: &'static str,
    pub(crate) month: Month,
    pub(crate) charges: Vec<Charge>,
}

/// The four months.
pub(crate) fn bills() -> Vec<Bill> {
    MONTHS.into_iter().map(bill).collect()
}

fn bill(month: Month) -> Bill {
    let mut charges: Vec<Charge> = month.days().flat_map(day).collect();
    charges.push(commitments::reservation_fee(month, &charges));
    charges.extend(fees::monthly(Account::Payer, month, &charges));
    charges.extend(fees::gifts(month));
    Bill {
        source: "aws",
        month,
        charges,
    }
}

fn day(day: Day) -> Vec<Charge> {
    let machines = fleet::machines().flat_map(|machine| usage::machine(&machine, day));
    let meters = meters::QUILLFEN
        .iter()
        .filter_map(|meter| usage::metered(meter, day));
    commitments::apply(machines.chain(meters).collect(), day)
}

/// Two report files, two manifests, and October's stale assembly.
pub(crate) fn write(bill: &Bill, files: &mut Files) -> std::io::Result<()> {
    let period = format!("bills/aws/{REPORT}/{}", bill.month.folder());
    let assembly = uuid(&format!("assembly {}", bill.month.name()));
    let half = bill.charges.len() / 2;
    let mut keys = Vec::new();
    for (number, part) in [&bill.charges[..half], &bill.charges[half..]]
        .into_iter()
        .enumerate()
    {
        let name = format!("{assembly}/{REPORT}-{}.csv.gz", number + 1);
        files.insert(
            format!("{period}/{name}"),
            gzip(&table(part, bill.month, number * half))?,
        );
        keys.push(name);
    }
    let text = manifest(bill.month, &assembly, &keys);
    files.insert(
        format!("{period}/{REPORT}-Manifest.json"),
        text.clone().into_bytes(),
    );
    files.insert(
        format!("{period}/{assembly}/{REPORT}-Manifest.json"),
        text.into_bytes(),
    );
    if bill.month == OCTOBER {
        write_stale(bill, &period, files)
    } else {
        Ok(())
    }
}

/// The report as it was on the tenth of the month: whoever loads it too counts nine days twice.
fn write_stale(bill: &Bill, period: &str, files: &mut Files) -> std::io::Result<()> {
    let assembly = uuid("stale assembly");
    let early = |charge: &&Charge| {
        charge.start.0 < bill.month.start().0 + 9 && charge.end.0 == charge.start.0 + 1
    };
    let charges: Vec<Charge> = bill.charges.iter().filter(early).cloned().collect();
    let name = format!("{assembly}/{REPORT}-1.csv.gz");
    files.insert(
        format!("{period}/{name}"),
        gzip(&table(&charges, bill.month, 0))?,
    );
    let text = manifest(bill.month, &assembly, std::slice::from_ref(&name));
    files.insert(
        format!("{period}/{assembly}/{REPORT}-Manifest.json"),
        text.into_bytes(),
    );
    Ok(())
}

fn manifest(month: Month, assembly: &str, keys: &[String]) -> String {
    let column = |name: &&str| {
        let (category, name) = name.split_once('/').unwrap_or(("", name));
        format!("    {{\"category\": \"{category}\", \"name\": \"{name}\"}}")
    };
    let columns: Vec<String> = COLUMNS.iter().map(column).collect();
    let stamp = |day: Day| format!("{}T000000.000Z", day.iso().replace('-', ""));
    let key = |name: &String| format!("    \"cur/{REPORT}/{}/{name}\"", month.folder());
    let keys: Vec<String> = keys.iter().map(key).collect();
    format!(
        "{{\n  \"assemblyId\": \"{assembly}\",\n  \"account\": \"{}\",\n  \"columns\": [\n{}\n  ],\n  \
         \"charset\": \"UTF-8\",\n  \"compression\": \"GZIP\",\n  \"contentType\": \"text/csv\",\n  \
         \"reportId\": \"{}\",\n  \"reportName\": \"{REPORT}\",\n  \"billingPeriod\": {{\"start\": \
         \"{}\", \"end\": \"{}\"}},\n  \"bucket\": \"quillfen-billing\",\n  \"reportKeys\": \
         [\n{}\n  ],\n  \"additionalArtifactKeys\": []\n}}\n",
        Account::Payer.id(),
        columns.join(",\n"),
        hex("report", 64),
        stamp(month.start()),
        stamp(month.end()),
        keys.join(",\n"),
    )
}

fn table(charges: &[Charge], month: Month, first: usize) -> String {
    let mut text = String::new();
    record(COLUMNS, &mut text);
    for (at, charge) in charges.iter().enumerate() {
        let line = format!("{} {}", month.name(), first + at);
        record(
            COLUMNS
                .iter()
                .map(|column| cell(column, charge, month, &line)),
            &mut text,
        );
    }
    text
}

/// The text of one cell; columns of commitments and tags are looked up, the rest is below.
fn cell(column: &str, charge: &Charge, month: Month, line: &str) -> String {
    if let Some((_, text)) = charge.extra.iter().find(|(name, _)| *name == column) {
        return text.clone();
    }
    match column.split_once('/').unwrap_or(("", column)) {
        ("identity", "LineItemId") => hex(line, 16),
        ("identity", _) => format!("{}/{}", seconds(charge.start), seconds(charge.end)),
        ("bill", name) => bill_cell(name, charge, month),
        ("lineItem", name) => line_cell(name, charge),
        ("product", name) => product_cell(name, charge).unwrap_or_default(),
        ("pricing", name) if charge.rate > 0 => pricing_cell(name, charge),
        ("resourceTags", key) => {
            let key = key.strip_prefix("user:").unwrap_or(key);
            let tag = charge.tags.iter().find(|(name, _)| *name == key);
            tag.map_or_else(String::new, |(_, value)| (*value).to_owned())
        }
        _ => String::new(),
    }
}

fn seconds(day: Day) -> String {
    format!("{}T00:00:00Z", day.iso())
}

fn bill_cell(name: &str, charge: &Charge, month: Month) -> String {
    match name {
        "InvoiceId" if month.is_open() => String::new(),
        "InvoiceId" => (1_904_417_733 + 86_113 * month.number()).to_string(),
        "InvoicingEntity" => "Amazon Web Services, Inc.".to_owned(),
        "BillingEntity" => "AWS".to_owned(),
        "BillType" if charge.kind == Kind::Refund => "Refund".to_owned(),
        "BillType" => "Anniversary".to_owned(),
        "PayerAccountId" => charge.account.payer().id().to_owned(),
        "BillingPeriodStartDate" => month.start().midnight(),
        _ => month.end().midnight(),
    }
}

fn line_cell(name: &str, charge: &Charge) -> String {
    match name {
        "UsageAccountId" => charge.account.id().to_owned(),
        "LineItemType" => format!("{:?}", charge.kind),
        "UsageStartDate" => charge.start.midnight(),
        "UsageEndDate" => charge.end.midnight(),
        "ProductCode" => charge.product.code().to_owned(),
        "UsageType" => charge.usage_type.clone(),
        "Operation" => charge.operation.to_owned(),
        "AvailabilityZone" => zone(charge),
        "ResourceId" => charge.resource.clone(),
        "UsageAmount" => double(charge.quantity),
        "NormalizationFactor" => factor(charge).map_or_else(String::new, |f| double(ONE * f / 2)),
        "NormalizedUsageAmount" => {
            factor(charge).map_or_else(String::new, |f| double(charge.quantity * f / 2))
        }
        "CurrencyCode" => DOLLAR.to_owned(),
        "UnblendedRate" | "BlendedRate" if charge.kind == Kind::DiscountedUsage => double(0),
        "UnblendedRate" | "BlendedRate" if charge.rate != 0 => double(charge.rate),
        "UnblendedCost" | "BlendedCost" => double(charge.cost),
        "LineItemDescription" => charge.description.clone(),
        "TaxType" if charge.kind == Kind::Tax => "USSalesTax".to_owned(),
        "LegalEntity" => "Amazon Web Services, Inc.".to_owned(),
        _ => String::new(),
    }
}

pub(crate) fn zone(charge: &Charge) -> String {
    match charge.region {
        Some(region) if !charge.instance_type.is_empty() => format!("{}a", region.code()),
        _ => String::new(),
    }
}

/// Twice AWS's normalization factor of an instance's size.
fn factor(charge: &Charge) -> Option<i128> {
    match charge.instance_type.rsplit('.').next() {
        Some("large") => Some(8),
        Some("xlarge") => Some(16),
        Some("2xlarge") => Some(32),
        Some("4xlarge") => Some(64),
        _ => None,
    }
}

fn product_cell(name: &str, charge: &Charge) -> Option<String> {
    if name == "ProductName" {
        return Some(charge.product.name().to_owned());
    }
    let region = charge.region?;
    let is_machine = charge.family == "Compute Instance";
    let text = match name {
        "instanceType" => charge.instance_type,
        "instanceTypeFamily" if is_machine => charge.instance_type.split('.').next()?,
        "operatingSystem" if is_machine => "Linux",
        "tenancy" if is_machine => "Shared",
        "preInstalledSw" if is_machine => "NA",
        "databaseEngine" if !is_machine && !charge.instance_type.is_empty() => "PostgreSQL",
        "deploymentOption" if charge.instance_type.starts_with("db.") => "Single-AZ",
        "volumeApiName" => charge.usage_type.split_once("VolumeUsage.")?.1,
        "location" => region.place(),
        "locationType" => "AWS Region",
        "operation" => charge.operation,
        "productFamily" => charge.family,
        "region" | "regionCode" => region.code(),
        "servicecode" => charge.product.code(),
        "servicename" => charge.product.name(),
        "sku" => return Some(stock(charge)),
        "usagetype" => &charge.usage_type,
        _ => return None,
    };
    Some(text.to_owned())
}

fn stock(charge: &Charge) -> String {
    hex(&charge.usage_type, 16).to_uppercase()
}

fn pricing_cell(name: &str, charge: &Charge) -> String {
    let list = super::exact::times(charge.quantity, charge.rate);
    let is_usage = charge.region.is_some();
    match name {
        "RateCode" if is_usage => format!("{}.JRTCKXETXF.6YS6EN2CT7", stock(charge)),
        "RateId" if is_usage => (u64::from_str_radix(&stock(charge)[..8], 16))
            .map_or_else(|_| String::new(), |number| number.to_string()),
        "currency" => DOLLAR.to_owned(),
        "publicOnDemandCost" if is_usage => double(list),
        "publicOnDemandRate" if is_usage => double(charge.rate),
        "term" if is_usage => "OnDemand".to_owned(),
        "unit" => charge.unit.to_owned(),
        _ => String::new(),
    }
}
