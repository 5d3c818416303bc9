//! Tarnholt's CUR 2.0 export of October: snake-case columns, maps as JSON text, full S3 addresses
//! in the manifest.

use super::calendar::{Month, OCTOBER};
use super::chance::hex;
use super::charge::{Charge, Kind};
use super::cur::{Bill, zone};
use super::exact::{double, times};
use super::files::{Files, gzip, json_object, record};
use super::organisation::{Account, DOLLAR};
use super::{fees, meters, usage};

const EXPORT: &str = "tarnholt-cur2";
const PART: &str = "data/BILLING_PERIOD=2026-10/tarnholt-cur2-00001.csv.gz";

/// October, the only month exported so far.
pub(crate) fn bill() -> Vec<Bill> {
    let meters = |day| {
        meters::TARNHOLT
            .iter()
            .filter_map(move |meter| usage::metered(meter, day))
    };
    let mut charges: Vec<Charge> = OCTOBER.days().flat_map(meters).collect();
    charges.extend(fees::monthly(Account::TarnholtPayer, OCTOBER, &charges));
    vec![Bill {
        source: "cur2",
        month: OCTOBER,
        charges,
    }]
}

/// One part and its manifest.
pub(crate) fn write(bill: &Bill, files: &mut Files) -> std::io::Result<()> {
    let mut text = String::new();
    record(COLUMNS.iter().map(|(name, _)| name), &mut text);
    for (at, charge) in bill.charges.iter().enumerate() {
        let line = format!("{EXPORT} {at}");
        record(
            COLUMNS
                .iter()
                .map(|(name, _)| cell(name, charge, bill.month, &line)),
            &mut text,
        );
    }
    files.insert(format!("bills/cur2/{EXPORT}/{PART}"), gzip(&text)?);
    let manifest = format!("metadata/BILLING_PERIOD=2026-10/{EXPORT}-Manifest.json");
    files.insert(
        format!("bills/cur2/{EXPORT}/{manifest}"),
        self::manifest().into_bytes(),
    );
    Ok(())
}

fn manifest() -> String {
    let column =
        |(name, kind): &(&str, &str)| format!("    {{\"name\": \"{name}\", \"type\": \"{kind}\"}}");
    let columns: Vec<String> = COLUMNS.iter().map(column).collect();
    format!(
        "{{\n  \"exportArn\": \"arn:aws:bcm-data-exports:us-east-1:{}:export/{EXPORT}\",\n  \
         \"exportName\": \"{EXPORT}\",\n  \"billingPeriod\": {{\"start\": \
         \"2026-10-01T00:00:00.000Z\", \"end\": \"2026-11-01T00:00:00.000Z\"}},\n  \
         \"contentType\": \"text/csv\",\n  \"compression\": \"GZIP\",\n  \"columns\": [\n{}\n  ],\n  \
         \"dataFiles\": [\n    \"s3://tarnholt-billing/exports/{EXPORT}/{PART}\"\n  ]\n}}\n",
        Account::TarnholtPayer.id(),
        columns.join(",\n"),
    )
}

fn cell(name: &str, charge: &Charge, month: Month, line: &str) -> String {
    if let Some(name) = name.strip_prefix("bill_") {
        return bill_cell(name, charge, month);
    }
    if let Some(name) = name.strip_prefix("pricing_") {
        return if charge.region.is_some() {
            pricing_cell(name, charge)
        } else {
            String::new()
        };
    }
    if let Some(name) = name.strip_prefix("line_item_") {
        return line_cell(name, charge);
    }
    let span = || format!("{}/{}", charge.start.midnight(), charge.end.midnight());
    match name {
        "identity_line_item_id" => hex(line, 16),
        "identity_time_interval" => span(),
        "product" => product_map(charge),
        "product_region_code" | "product_location" => region(name, charge),
        "product_instance_type" => instance(charge).to_owned(),
        "product_servicecode" => charge.product.code().to_owned(),
        "product_product_family" => charge.family.to_owned(),
        "resource_tags" => json_object(charge.tags.iter().map(|(k, v)| (format!("user_{k}"), v))),
        "cost_category" if charge.resource.is_empty() => "{}".to_owned(),
        "cost_category" => json_object([("business_unit", "Sensors")]),
        "discount" => "{}".to_owned(),
        _ => String::new(),
    }
}

fn bill_cell(name: &str, charge: &Charge, month: Month) -> String {
    match name {
        "billing_entity" => "AWS".to_owned(),
        "billing_period_end_date" => month.end().midnight(),
        "billing_period_start_date" => month.start().midnight(),
        "bill_type" => "Anniversary".to_owned(),
        "invoice_id" => "1904991020".to_owned(),
        "invoicing_entity" => "Amazon Web Services EMEA SARL".to_owned(),
        "payer_account_id" => charge.account.payer().id().to_owned(),
        _ => charge.account.payer().name().to_owned(),
    }
}

fn line_cell(name: &str, charge: &Charge) -> String {
    match name {
        "availability_zone" => zone(charge),
        "blended_cost" | "unblended_cost" => double(charge.cost),
        "blended_rate" | "unblended_rate" if charge.rate > 0 => double(charge.rate),
        "currency_code" => DOLLAR.to_owned(),
        "legal_entity" => "Amazon Web Services EMEA SARL".to_owned(),
        "line_item_description" => charge.description.clone(),
        "line_item_type" => format!("{:?}", charge.kind),
        "operation" => charge.operation.to_owned(),
        "product_code" => charge.product.code().to_owned(),
        "resource_id" => charge.resource.clone(),
        "tax_type" if charge.kind == Kind::Tax => "VAT".to_owned(),
        "usage_account_id" => charge.account.id().to_owned(),
        "usage_account_name" => charge.account.name().to_owned(),
        "usage_amount" => double(charge.quantity),
        "usage_end_date" => charge.end.midnight(),
        "usage_start_date" => charge.start.midnight(),
        "usage_type" => charge.usage_type.clone(),
        _ => String::new(),
    }
}

fn pricing_cell(name: &str, charge: &Charge) -> String {
    match name {
        "currency" => DOLLAR.to_owned(),
        "public_on_demand_cost" => double(times(charge.quantity, charge.rate)),
        "public_on_demand_rate" => double(charge.rate),
        "term" => "OnDemand".to_owned(),
        "unit" => charge.unit.to_owned(),
        _ => String::new(),
    }
}

fn region(name: &str, charge: &Charge) -> String {
    let text = charge.region.map(|r| {
        if name.ends_with("code") {
            r.code()
        } else {
            r.place()
        }
    });
    text.unwrap_or_default().to_owned()
}

/// Tarnholt's machines carry their type in the usage type alone.
fn instance(charge: &Charge) -> &str {
    match charge.usage_type.split_once("BoxUsage:") {
        Some((_, instance)) => instance,
        None => charge.instance_type,
    }
}

fn product_map(charge: &Charge) -> String {
    let mut pairs = vec![("product_name", charge.product.name())];
    if let Some(region) = charge.region {
        pairs.push(("region", region.code()));
        pairs.push(("servicename", charge.product.name()));
    }
    if charge.usage_type.contains("BoxUsage:") {
        pairs.push(("operating_system", "Linux"));
        pairs.push(("tenancy", "Shared"));
    }
    json_object(pairs)
}

const MAP: &str = "map<string,string>";

/// Columns and types of the export.
const COLUMNS: &[(&str, &str)] = &[
    ("bill_bill_type", "string"),
    ("bill_billing_entity", "string"),
    ("bill_billing_period_end_date", "timestamp"),
    ("bill_billing_period_start_date", "timestamp"),
    ("bill_invoice_id", "string"),
    ("bill_invoicing_entity", "string"),
    ("bill_payer_account_id", "string"),
    ("bill_payer_account_name", "string"),
    ("cost_category", MAP),
    ("discount", "map<string,double>"),
    ("discount_bundled_discount", "double"),
    ("discount_total_discount", "double"),
    ("identity_line_item_id", "string"),
    ("identity_time_interval", "string"),
    ("line_item_availability_zone", "string"),
    ("line_item_blended_cost", "double"),
    ("line_item_blended_rate", "string"),
    ("line_item_currency_code", "string"),
    ("line_item_legal_entity", "string"),
    ("line_item_line_item_description", "string"),
    ("line_item_line_item_type", "string"),
    ("line_item_net_unblended_cost", "double"),
    ("line_item_normalization_factor", "double"),
    ("line_item_normalized_usage_amount", "double"),
    ("line_item_operation", "string"),
    ("line_item_product_code", "string"),
    ("line_item_resource_id", "string"),
    ("line_item_tax_type", "string"),
    ("line_item_unblended_cost", "double"),
    ("line_item_unblended_rate", "string"),
    ("line_item_usage_account_id", "string"),
    ("line_item_usage_account_name", "string"),
    ("line_item_usage_amount", "double"),
    ("line_item_usage_end_date", "timestamp"),
    ("line_item_usage_start_date", "timestamp"),
    ("line_item_usage_type", "string"),
    ("pricing_currency", "string"),
    ("pricing_public_on_demand_cost", "double"),
    ("pricing_public_on_demand_rate", "string"),
    ("pricing_term", "string"),
    ("pricing_unit", "string"),
    ("product", MAP),
    ("product_instance_type", "string"),
    ("product_location", "string"),
    ("product_product_family", "string"),
    ("product_region_code", "string"),
    ("product_servicecode", "string"),
    ("reservation_effective_cost", "double"),
    ("reservation_reservation_a_r_n", "string"),
    (
        "reservation_unused_amortized_upfront_fee_for_billing_period",
        "double",
    ),
    ("reservation_unused_recurring_fee", "double"),
    ("resource_tags", MAP),
    ("savings_plan_savings_plan_a_r_n", "string"),
    ("savings_plan_savings_plan_effective_cost", "double"),
    ("savings_plan_total_commitment_to_date", "double"),
    ("savings_plan_used_commitment", "double"),
];
