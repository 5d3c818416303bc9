//! Google Cloud's billing export: the same rows as JSON, as tables and with structs are the same charges,
//! credits are in the cost, and the invoice's month is not the usage's.

use crate::exact::pico;
use crate::formats::{charges, zipped};
use crate::sheet::Sheet;
use crate::world::World;
use flate2::{Compression, write::GzEncoder};
use polars::prelude::*;
use serde_json::Value;
use std::io::Write;

const LINES: &str = include_str!("../sample-data/formats/gcp.ndjson");
const DOTTED: &str = include_str!("../sample-data/formats/gcp-dotted.csv");
const UNDERSCORED: &str = include_str!("../sample-data/formats/gcp-underscored.csv");

/// What the rows of the sample add up to, cost and credits, by hand.
const TOTALS: [(&str, &str); 2] = [("2026-07", "13.9"), ("2026-08", "87.5672227168")];

const ALL: &str =
    "SELECT * FROM focus ORDER BY ChargePeriodStart, SkuId, BilledCost, ChargeDescription";

/// Every column but those that say where a row comes from.
fn all(name: &str, bytes: impl AsRef<[u8]>) -> Sheet {
    let mut sheet = charges(name, bytes, ALL);
    sheet
        .columns
        .retain(|column| !column.starts_with("x_Source"));
    let (columns, rows) = (sheet.columns.clone(), sheet.rows.iter());
    let cells = rows.map(|row| columns.iter().map(|column| row.get(column)).collect());
    let text = |cells: Vec<&str>| {
        cells
            .iter()
            .map(|c| format!("\"{}\"", c.replace('"', "\"\"")))
            .collect::<Vec<_>>()
            .join(",")
    };
    let lines: Vec<String> = cells.map(text).collect();
    Sheet::parse(format!("{}\n{}\n", columns.join(","), lines.join("\n")).as_bytes())
}

fn objects() -> Vec<Value> {
    LINES
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The type that the table has: what all rows together show.
fn type_of(rows: &[&Value], name: &str) -> DataType {
    let known: Vec<&Value> = rows
        .iter()
        .copied()
        .filter(|value| !value.is_null())
        .collect();
    match known.first() {
        Some(Value::Object(_)) => {
            let mut names: Vec<&String> = known
                .iter()
                .flat_map(|v| v.as_object().unwrap().keys())
                .collect();
            names.sort();
            names.dedup();
            let field = |name: &&String| {
                let inner: Vec<&Value> =
                    known.iter().filter_map(|v| v.get(name.as_str())).collect();
                Field::new(name.as_str().into(), type_of(&inner, name))
            };
            DataType::Struct(names.iter().map(field).collect())
        }
        Some(Value::Array(_)) => {
            let inner: Vec<&Value> = known.iter().flat_map(|v| v.as_array().unwrap()).collect();
            DataType::List(Box::new(type_of(&inner, name)))
        }
        Some(Value::Bool(_)) => DataType::Boolean,
        _ if name == "amount" => DataType::Float64,
        _ => DataType::String,
    }
}

fn any(value: &Value, dtype: &DataType) -> AnyValue<'static> {
    match (value, dtype) {
        (Value::Object(map), DataType::Struct(fields)) => {
            let values = fields.iter().map(|f| {
                map.get(f.name().as_str())
                    .map_or(AnyValue::Null, |v| any(v, f.dtype()))
            });
            AnyValue::StructOwned(Box::new((values.collect(), fields.clone())))
        }
        (Value::Array(entries), DataType::List(inner)) => {
            let values: Vec<AnyValue<'static>> = entries.iter().map(|v| any(v, inner)).collect();
            AnyValue::List(
                Series::from_any_values_and_dtype("item".into(), &values, inner, true).unwrap(),
            )
        }
        (Value::Bool(yes), _) => AnyValue::Boolean(*yes),
        (Value::String(text), DataType::Float64) => AnyValue::Float64(text.parse().unwrap()),
        (Value::String(text), _) => AnyValue::StringOwned(text.as_str().into()),
        _ => AnyValue::Null,
    }
}

/// The rows with structs and lists; credits as doubles, as the table has them.
fn parquet() -> Vec<u8> {
    let rows = objects();
    let whole: Vec<&Value> = rows.iter().collect();
    let DataType::Struct(fields) = type_of(&whole, "") else {
        panic!("rows are objects")
    };
    let column = |field: &Field| {
        let values: Vec<AnyValue> = rows
            .iter()
            .map(|row| any(&row[field.name().as_str()], field.dtype()))
            .collect();
        Series::from_any_values_and_dtype(field.name().clone(), &values, field.dtype(), true)
            .unwrap()
            .into_column()
    };
    let mut frame = DataFrame::new(rows.len(), fields.iter().map(column).collect()).unwrap();
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame).unwrap();
    bytes
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::default());
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap()
}

#[test]
fn the_same_rows_are_the_same_charges_in_every_form() {
    let lines = all("b.ndjson", LINES);
    assert_eq!(lines.rows.len(), 11);
    let laid_out: Vec<String> = objects()
        .iter()
        .map(|row| serde_json::to_string_pretty(row).unwrap())
        .collect();
    assert_eq!(all("b.json", laid_out.join("\n")), lines, "laid out");
    assert_eq!(
        all("b.json", format!("[{}]", laid_out.join(",\n"))),
        lines,
        "array"
    );
    assert_eq!(all("b.gz", gzipped(LINES)), lines, "gzip");
    assert_eq!(all("b.zip", zipped(&[("x.json", LINES)])), lines, "zip");
    assert_eq!(all("b.csv", DOTTED), lines, "dotted");
    assert_eq!(all("b.csv", UNDERSCORED), lines, "underscored");
    assert_eq!(all("b.parquet", parquet()), lines, "structs");
}

#[test]
fn credits_are_in_the_cost_and_the_invoice_s_month_is_the_period() {
    let run = World::new()
        .bill("b.ndjson", LINES)
        .run(&["run", "bills/b.ndjson", "--today", "2026-09-20"])
        .code(0);
    let wanted = TOTALS.map(|(month, total)| ([month.to_owned()], pico(total)));
    for cost in ["BilledCost", "EffectiveCost"] {
        assert_eq!(
            run.csv("cost_by_service.csv").sums(cost, ["Month"]),
            wanted.clone().into()
        );
        for (month, total) in TOTALS {
            let key = [
                ("BillingPeriod", month),
                ("Column", cost),
                ("Stage", "export"),
            ];
            let books = run.csv("books.csv");
            assert_eq!(
                pico(books.find(&key).next().unwrap().get("Amount")),
                pico(total),
                "{month} {cost}"
            );
        }
    }
    let usage = "SELECT x_BillingMonth, x_ChargeMonth, BilledCost FROM focus WHERE x_ChargeMonth = '2026-07' AND x_BillingMonth = '2026-08' ORDER BY BilledCost";
    let crossing = charges("b.ndjson", LINES, usage);
    assert_eq!(crossing.column("BilledCost"), ["-2.50", "7.9956789"]);
}

#[test]
fn every_kind_of_row_is_what_it_is() {
    let query = "SELECT ChargeCategory, ChargeClass, SkuId, BilledCost, ListCost, ContractedCost, ListUnitPrice, PricingCategory, PublisherName, \
                 CommitmentDiscountId, CommitmentDiscountCategory, CommitmentDiscountStatus, x_InstanceType, ServiceCategory, SubAccountId, ResourceId \
                 FROM focus ORDER BY ChargeCategory, SkuId, BilledCost";
    let sheet = charges("b.ndjson", LINES, query);
    let row = |sku: &str| sheet.find(&[("SkuId", sku)]).next().unwrap().clone();
    assert_eq!(
        row("TAX").key(["ChargeCategory", "SubAccountId", "PricingCategory"]),
        ["Tax", "", ""]
    );
    assert_eq!(
        row("ROUND").key(["ChargeCategory", "ChargeClass"]),
        ["Adjustment", ""]
    );
    let adjusted = sheet.find(&[("ChargeClass", "Correction")]).next().unwrap();
    assert_eq!(
        adjusted.key(["ChargeCategory", "BilledCost"]),
        ["Adjustment", "-2.50"]
    );
    assert_eq!(
        row("COMMIT").key([
            "ChargeCategory",
            "CommitmentDiscountId",
            "CommitmentDiscountStatus"
        ]),
        ["Purchase", "cud-11", ""]
    );
    assert_eq!(row("MP-1").get("PublisherName"), "Orbitwatch GmbH");
    let used = sheet.find(&[("CommitmentDiscountStatus", "Used")]);
    let used: Vec<[String; 4]> = used
        .map(|row| {
            row.key([
                "CommitmentDiscountId",
                "CommitmentDiscountCategory",
                "PricingCategory",
                "x_InstanceType",
            ])
        })
        .collect();
    assert_eq!(
        used,
        [
            ["flex-2", "Spend", "Committed", "n2-standard-4"],
            ["cud-11", "Usage", "Committed", "n2-standard-4"]
        ]
    );
    let free = row("SLOT");
    assert_eq!(
        free.key([
            "BilledCost",
            "ListCost",
            "ContractedCost",
            "ServiceCategory"
        ]),
        ["0.00", "3.50", "3.50", "Analytics"]
    );
    let machines = sheet.find(&[("BilledCost", "6.95")]).collect::<Vec<_>>();
    assert_eq!(machines.len(), 2, "identical rows are two charges");
    assert_eq!(
        machines[0].key(["ListUnitPrice", "ServiceCategory"]),
        ["0.30", "Compute"]
    );
}

#[test]
fn labels_of_the_resource_win_and_others_are_told_apart() {
    let sheet = charges(
        "b.csv",
        UNDERSCORED,
        "SELECT SkuId, Tags FROM focus WHERE Tags IS NOT NULL ORDER BY SkuId, BilledCost, Tags",
    );
    let tags: Vec<Value> = sheet
        .column("Tags")
        .iter()
        .map(|text| serde_json::from_str(text).unwrap())
        .collect();
    assert!(tags.iter().any(|set| set["env"] == "prod"
        && set["team"] == "web"
        && set["tag:5512/pii"] == "no"
        && set["system:compute.googleapis.com/cores"] == "4"));
    assert!(
        tags.iter()
            .any(|set| set["bucket owner's"] == "O'Neil \"Inc\"" && set["env"] == "all")
    );
}

#[test]
fn a_table_that_keeps_its_structs_in_cells_is_read_too() {
    let header = "billing_account_id,service,sku,usage_start_time,project,cost,currency,credits,invoice,usage";
    let cells = [
        "A",
        "\"{'id': 's', 'description': 'Compute Engine'}\"",
        r#""{""id"": ""k""}""#,
        "2026-08-03 00:00:00 UTC",
        "\"{'id': 'p', 'name': None}\"",
        "5",
        "USD",
        "\"[{'amount': -1.5}]\"",
        "\"{'month': '202608'}\"",
        "\"{'amount': 2.5, 'unit': 'hour'}\"",
    ];
    let wanted = [
        ("ServiceName", "Compute Engine"),
        ("SkuId", "k"),
        ("SubAccountId", "p"),
        ("SubAccountName", ""),
        ("BilledCost", "3.50"),
        ("ConsumedQuantity", "2.50"),
        ("x_BillingMonth", "2026-08"),
    ];
    let sheet = charges("b.csv", format!("{header}\n{}\n", cells.join(",")), ALL);
    for (column, cell) in wanted {
        assert_eq!(sheet.rows[0].get(column), cell, "{column}");
    }
}

#[test]
fn flat_credits_count_where_there_is_no_list() {
    let bill = "billing_account_id,usage_start_time,cost,currency,credits,credits_amount,invoice_month,labels,labels_1\n\
                A,2026-08-03,5,USD,,-1,202608,\"[{'key':'env','value':'project'}]\",\"[{'key':'env','value':'own'}]\"\n\
                A,2026-08-03,5,USD,\"[{\"\"amount\"\":-2}]\",-2,202608,,\n";
    let sheet = charges(
        "b.csv",
        bill,
        "SELECT BilledCost, Tags FROM focus ORDER BY BilledCost",
    );
    assert_eq!(sheet.column("BilledCost"), ["3.00", "4.00"]);
    assert_eq!(sheet.column("Tags"), ["", r#"{"env":"own"}"#]);
}

#[test]
fn a_broken_line_is_set_aside_with_its_line() {
    let mut lines: Vec<&str> = LINES.lines().collect();
    lines.insert(3, r#"{"billing_account_id":"01A2B3"#);
    lines.insert(5, r#"{"billing_account_id":"A","usage_start_time":"2026-08-01","cost":"4","currency":"EUR","credits":[{"amount":"x"}],"invoice":{"month":"202608"}}"#);
    let config = "[quarantine]\nmax_percent = 20.0\n[[bills]]\npath = \"bills/b.json\"\n";
    let world = World::new().bill("b.json", lines.join("\n")).config(config);
    let run = world.run(&["run", "--today", "2026-09-20"]).code(0);
    let rows: Vec<[String; 3]> = run
        .csv("quarantine.csv")
        .rows
        .iter()
        .map(|row| row.key(["Line", "Column", "Reason"]))
        .collect();
    assert_eq!(
        rows,
        [
            ["4", "", "the line is not one whole JSON object"],
            ["6", "credits", "`amount` is not a number"]
        ]
    );
    let strict = World::new()
        .bill("b.json", lines.join("\n"))
        .run(&["run", "bills/b.json"])
        .code(3);
    strict.stderr_has("bills/b.json:4");
}

#[test]
fn a_broken_object_among_many_lines_is_an_error_with_its_place() {
    let good = serde_json::to_string_pretty(&objects()[0]).unwrap();
    let text = format!("{good}\n{}", good.replace("\"cost\":", "\"cost\""));
    let run = World::new()
        .bill("b.json", text)
        .run(&["run", "bills/b.json"])
        .code(3);
    run.stderr_has("this is not JSON")
        .stderr_has("bills/b.json:");
    let cut = &good[..good.len() / 2];
    let run = World::new()
        .bill("b.json", format!("{good}\n{cut}"))
        .run(&["run", "bills/b.json"])
        .code(3);
    run.stderr_has("the file ends inside an object");
    let run = World::new()
        .bill("b.json", r#"[{"type":"STRING"}]"#)
        .run(&["run", "bills/b.json"])
        .code(3);
    run.stderr_has("this is no bill that we know");
}

#[test]
fn a_folder_of_extracts_is_one_bill() {
    let lines: Vec<&str> = LINES.lines().collect();
    let world = World::new()
        .bill("gcp-000000000000.json", lines[..5].join("\n"))
        .bill("gcp-000000000001.json", lines[5..].join("\n"));
    let run = world
        .run(&["run", "bills/", "--today", "2026-09-20"])
        .code(0);
    let wanted = TOTALS.map(|(month, total)| ([month.to_owned()], pico(total)));
    assert_eq!(
        run.csv("cost_by_service.csv").sums("BilledCost", ["Month"]),
        wanted.into()
    );
}

#[test]
fn memory_in_byte_seconds_is_told_in_pricing_units() {
    let line = r#"{"billing_account_id":"A","service":{"description":"Compute Engine"},"sku":{"id":"R","description":"N2 Instance Ram"},"usage_start_time":"2026-08-01","usage_end_time":"2026-08-02","cost":"4","currency":"EUR","usage":{"amount":"AMOUNT","unit":"byte-seconds","amount_in_pricing_units":"1536","pricing_unit":"gibibyte hour"},"credits":[],"invoice":{"month":"202608"},"cost_type":"regular"}"#;
    let all = ["5937362789990400", "5.9373627899904E15", "99999999999999"];
    let lines: Vec<String> = all
        .iter()
        .map(|amount| line.replace("AMOUNT", amount))
        .collect();
    let sheet = charges(
        "vast.ndjson",
        lines.join("\n"),
        "SELECT x_SourceRow, ConsumedQuantity, ConsumedUnit FROM focus ORDER BY x_SourceRow",
    );
    let told: Vec<(&str, &str)> = sheet
        .rows
        .iter()
        .map(|row| (row.get("ConsumedQuantity"), row.get("ConsumedUnit")))
        .collect();
    let large = ("1536.00", "gibibyte hour");
    assert_eq!(told, [large; 3]);
}
