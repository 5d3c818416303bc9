//! Bills in every packing and spelling: the same charges, whatever the file looks like.

use crate::exact::pico;
use crate::sheet::Sheet;
use crate::world::World;
use flate2::{Compression, write::GzEncoder};
use polars::prelude::*;
use std::io::Write;

const FOUR_COLUMNS: &str = "\
BilledCost,BillingCurrency,ChargePeriodStart,ServiceName
10.50,USD,2026-10-01T00:00:00Z,Compute
2.25,USD,2026-10-02T00:00:00Z,Storage
-0.75,USD,2026-11-02T00:00:00Z,Storage
";

/// A query over the charges of one bill.
fn charges(name: &str, bytes: impl AsRef<[u8]>, query: &str) -> Sheet {
    let answer =
        World::new()
            .bill(name, bytes)
            .run(&["sql", query, "--bill", &format!("bills/{name}")]);
    Sheet::parse(answer.code(0).stdout.as_bytes())
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::default());
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap()
}

/// A zip archive of these files, stored as they are.
fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    let (mut bytes, mut index) = (Vec::new(), Vec::new());
    for (name, text) in parts {
        let mut sum = flate2::Crc::new();
        sum.update(text.as_bytes());
        let [size, length] = [text.len(), name.len()].map(|size| u32::try_from(size).unwrap());
        let at = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        // Version 2.0, no flags, stored, midnight of 1980-01-01.
        let common = [
            &[20, 0, 0, 0, 0, 0, 0, 0, 33, 0][..],
            &sum.sum().to_le_bytes(),
            &size.to_le_bytes(),
            &size.to_le_bytes(),
            &length.to_le_bytes(),
        ]
        .concat();
        bytes.extend(
            [
                b"PK\x03\x04",
                common.as_slice(),
                name.as_bytes(),
                text.as_bytes(),
            ]
            .concat(),
        );
        index.extend(
            [
                b"PK\x01\x02\x14\x00",
                common.as_slice(),
                &[0; 10],
                &at,
                name.as_bytes(),
            ]
            .concat(),
        );
    }
    let count = u16::try_from(parts.len()).unwrap().to_le_bytes();
    let [size, at] =
        [index.len(), bytes.len()].map(|size| u32::try_from(size).unwrap().to_le_bytes());
    [
        bytes.as_slice(),
        &index,
        b"PK\x05\x06\x00\x00\x00\x00",
        &count,
        &count,
        &size,
        &at,
        &[0, 0],
    ]
    .concat()
}

fn parquet(mut frame: DataFrame) -> Vec<u8> {
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame).unwrap();
    bytes
}

const ALL: &str = "SELECT x_BillingMonth, x_ChargeDate, ServiceName, BilledCost, EffectiveCost, ListCost, BillingCurrency, ChargeCategory \
                   FROM focus ORDER BY x_ChargeDate, ServiceName, BilledCost";

#[test]
fn four_columns_make_a_focus_bill_and_the_run_says_what_stands_in_for_the_rest() {
    let run = World::new()
        .bill("b.csv", FOUR_COLUMNS)
        .run(&["run", "bills/b.csv", "--today", "2026-11-21"])
        .code(0);
    let run = run
        .stderr_has("`BilledCost` stands in")
        .stderr_has("the month of ChargePeriodStart");
    let sums = run
        .csv("cost_by_service.csv")
        .sums("BilledCost", ["Month", "ServiceName"]);
    let wanted = [
        ("2026-10", "Compute", "10.5"),
        ("2026-10", "Storage", "2.25"),
        ("2026-11", "Storage", "-0.75"),
    ];
    assert_eq!(
        sums,
        wanted
            .map(|(month, service, cost)| ([month.to_owned(), service.to_owned()], pico(cost)))
            .into()
    );
    assert_eq!(
        run.csv("cost_by_service.csv").column("ListCost"),
        ["", "", ""],
        "an unknown price is not zero"
    );
    assert_eq!(
        run.csv("cost_by_service.csv").column("EffectiveCost"),
        run.csv("cost_by_service.csv").column("BilledCost")
    );
}

#[test]
fn packing_does_not_matter() {
    let plain = charges("b.csv", FOUR_COLUMNS, ALL);
    assert_eq!(plain.rows.len(), 3);
    assert_eq!(charges("b.csv.gz", gzipped(FOUR_COLUMNS), ALL), plain);
    assert_eq!(
        charges("b.zip", zipped(&[("b.csv", FOUR_COLUMNS)]), ALL),
        plain
    );
    assert_eq!(
        charges("named-wrongly.csv", gzipped(FOUR_COLUMNS), ALL),
        plain
    );
    let (first, second) = gzip_members(FOUR_COLUMNS);
    assert_eq!(
        charges("b.csv.gz", [first, second].concat(), ALL),
        plain,
        "gzip of two members"
    );
    let windows = format!("\u{feff}{}", FOUR_COLUMNS.replace('\n', "\r\n"));
    assert_eq!(
        charges("b.csv", windows, ALL),
        plain,
        "byte order mark, carriage returns"
    );
}

fn gzip_members(text: &str) -> (Vec<u8>, Vec<u8>) {
    let (first, second) = text.split_at(text.len() / 2);
    (gzipped(first), gzipped(second))
}

#[test]
fn a_parquet_bill_holds_the_same_charges_as_its_csv() {
    let frame = df!(
        "BilledCost" => [10.50, 2.25, -0.75],
        "BillingCurrency" => ["USD"; 3],
        "ChargePeriodStart" => ["2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z", "2026-11-02T00:00:00Z"],
        "ServiceName" => ["Compute", "Storage", "Storage"],
    );
    let frame = frame.unwrap();
    let csv = charges("b.csv", FOUR_COLUMNS, ALL);
    assert_eq!(charges("b.parquet", parquet(frame.clone()), ALL), csv);
    let micros = [
        1_790_812_800_000_000i64,
        1_790_899_200_000_000,
        1_793_577_600_000_000,
    ];
    let moments = Int64Chunked::from_slice("ChargePeriodStart".into(), &micros);
    let typed = frame.lazy().with_columns([
        col("BilledCost").cast(DataType::Decimal(20, 10)),
        lit(moments
            .into_datetime(TimeUnit::Microseconds, None)
            .into_series())
        .alias("ChargePeriodStart"),
    ]);
    assert_eq!(
        charges("b.parquet", parquet(typed.collect().unwrap()), ALL),
        csv,
        "decimals and timestamps"
    );
}

#[test]
fn tags_of_a_parquet_bill_may_be_text_or_a_map() {
    let query = "SELECT ServiceName, x_Team FROM focus ORDER BY ServiceName";
    let bill = |tags: Column| {
        let columns = df!("BilledCost" => [1.0, 2.0], "BillingCurrency" => ["USD"; 2], "ChargePeriodStart" => ["2026-10-01"; 2], "ServiceName" => ["A", "B"]);
        parquet(columns.unwrap().hstack(&[tags]).unwrap())
    };
    let text = Column::new("Tags".into(), [Some(r#"{"team":"web"}"#), None]);
    let pairs = |pairs: &[(&str, &str)]| {
        let (keys, values): (Vec<&str>, Vec<&str>) = pairs.iter().copied().unzip();
        df!("key" => keys, "value" => values)
            .unwrap()
            .into_struct("item".into())
            .into_series()
    };
    let map = Column::new(
        "Tags".into(),
        [pairs(&[("env", "prod"), ("team", "web")]), pairs(&[])],
    );
    for tags in [text, map] {
        assert_eq!(
            charges("b.parquet", bill(tags), query).column("x_Team"),
            ["web", ""]
        );
    }
}

/// A legacy CUR with commitments: slash names first, then the snake names of the same columns.
const CUR: [[&str; 2]; 22] = [
    ["bill/PayerAccountId", "bill_payer_account_id"],
    [
        "bill/BillingPeriodStartDate",
        "bill_billing_period_start_date",
    ],
    ["lineItem/UsageAccountId", "line_item_usage_account_id"],
    ["lineItem/LineItemType", "line_item_line_item_type"],
    ["lineItem/UsageStartDate", "line_item_usage_start_date"],
    ["lineItem/CurrencyCode", "line_item_currency_code"],
    ["lineItem/UnblendedCost", "line_item_unblended_cost"],
    ["lineItem/UsageAmount", "line_item_usage_amount"],
    ["lineItem/ProductCode", "line_item_product_code"],
    [
        "lineItem/LineItemDescription",
        "line_item_line_item_description",
    ],
    ["product/ProductName", "product_product_name"],
    ["product/region", "product_region"],
    [
        "pricing/publicOnDemandCost",
        "pricing_public_on_demand_cost",
    ],
    [
        "reservation/ReservationARN",
        "reservation_reservation_a_r_n",
    ],
    ["reservation/EffectiveCost", "reservation_effective_cost"],
    [
        "reservation/UnusedRecurringFee",
        "reservation_unused_recurring_fee",
    ],
    [
        "savingsPlan/SavingsPlanARN",
        "savings_plan_savings_plan_a_r_n",
    ],
    [
        "savingsPlan/SavingsPlanEffectiveCost",
        "savings_plan_savings_plan_effective_cost",
    ],
    [
        "savingsPlan/TotalCommitmentToDate",
        "savings_plan_total_commitment_to_date",
    ],
    ["savingsPlan/UsedCommitment", "savings_plan_used_commitment"],
    ["resourceTags/user:team", "resource_tags_user_team"],
    [
        "resourceTags/user:CostCenter",
        "resource_tags_user_cost_center",
    ],
];

/// Type, cost, and the cells that the type needs.
type Line = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// A CUR of October 2026 with these lines; `spelling` 0 is slash names, 1 snake names.
fn cur(lines: &[Line], spelling: usize) -> String {
    let mut text = CUR.map(|names| names[spelling]).join(",") + "\n";
    for (kind, cost, more) in lines {
        let usual = [
            ("bill/PayerAccountId", "000000000042"),
            ("bill/BillingPeriodStartDate", "2026-10-01T00:00:00Z"),
            ("lineItem/UsageAccountId", "012345678901"),
            ("lineItem/LineItemType", kind),
            ("lineItem/UsageStartDate", "2026-10-03T00:00:00Z"),
            ("lineItem/CurrencyCode", "USD"),
            ("lineItem/UnblendedCost", cost),
            ("lineItem/ProductCode", "AmazonEC2"),
            ("product/ProductName", "Amazon Elastic Compute Cloud"),
        ];
        let cell = |name: &str| {
            more.iter()
                .chain(&usual)
                .find(|(own, _)| *own == name)
                .map_or("", |(_, cell)| *cell)
        };
        text += &(CUR.map(|names| cell(names[0])).join(",") + "\n");
    }
    text
}

const PLAN: (&str, &str) = (
    "savingsPlan/SavingsPlanARN",
    "arn:aws:savingsplans::42:savingsplan/1",
);
const RESERVATION: (&str, &str) = (
    "reservation/ReservationARN",
    "arn:aws:rds:us-east-1:42:ri:1",
);
const COMMITTED: &[Line] = &[
    (
        "Usage",
        "5.0E-7",
        &[
            ("lineItem/UsageAmount", "1.25E-3"),
            ("resourceTags/user:team", "web"),
            ("resourceTags/user:CostCenter", "CC-1"),
        ],
    ),
    (
        "SavingsPlanCoveredUsage",
        "10.0",
        &[
            PLAN,
            ("savingsPlan/SavingsPlanEffectiveCost", "7.2"),
            ("pricing/publicOnDemandCost", "10.0"),
        ],
    ),
    ("SavingsPlanNegation", "-10.0", &[PLAN]),
    (
        "SavingsPlanRecurringFee",
        "8.0",
        &[
            PLAN,
            ("savingsPlan/TotalCommitmentToDate", "8.0"),
            ("savingsPlan/UsedCommitment", "7.2"),
        ],
    ),
    (
        "DiscountedUsage",
        "0.0",
        &[
            RESERVATION,
            ("reservation/EffectiveCost", "3.0"),
            ("pricing/publicOnDemandCost", "6.0"),
        ],
    ),
    (
        "RIFee",
        "4.5",
        &[RESERVATION, ("reservation/UnusedRecurringFee", "1.5")],
    ),
    ("Tax", "1.9", &[]),
    ("Credit", "-2.0", &[]),
];
const CHARGES: &str = "SELECT x_LineItemType, ChargeCategory, CommitmentDiscountStatus, BilledCost, EffectiveCost, SubAccountId, BillingAccountId, ServiceName, x_Team, x_CostCenter \
                       FROM focus ORDER BY x_LineItemType, ChargeCategory";

#[test]
fn slash_names_and_snake_names_are_the_same_charges() {
    let slash = charges("cur.csv", cur(COMMITTED, 0), CHARGES);
    assert_eq!(charges("cur.csv", cur(COMMITTED, 1), CHARGES), slash);
    assert_eq!(
        charges(
            "cur.zip",
            zipped(&[("cur-1.csv", &cur(COMMITTED, 0))]),
            CHARGES
        ),
        slash
    );
    assert_eq!(
        slash
            .find(&[("x_Team", "web"), ("x_CostCenter", "CC-1")])
            .count(),
        1
    );
}

#[test]
fn leading_zeros_and_small_amounts_survive() {
    let sheet = charges("cur.csv", cur(COMMITTED, 0), CHARGES);
    let usage = sheet.find(&[("x_LineItemType", "Usage")]).next().unwrap();
    assert_eq!(
        usage.key(["BilledCost", "SubAccountId", "BillingAccountId"]),
        ["0.0000005", "012345678901", "000000000042"]
    );
    let run = World::new()
        .bill("cur.csv", cur(COMMITTED, 0))
        .run(&["run", "bills/cur.csv"])
        .code(0);
    assert_eq!(
        run.csv("cost_by_account.csv").column("SubAccountId"),
        ["012345678901"]
    );
}

#[test]
fn commitments_are_mapped_as_focus_says() {
    let sheet = charges("cur.csv", cur(COMMITTED, 0), CHARGES);
    let cells = [
        "x_LineItemType",
        "ChargeCategory",
        "CommitmentDiscountStatus",
        "BilledCost",
        "EffectiveCost",
    ];
    let mapped: Vec<[String; 5]> = sheet.rows.iter().map(|row| row.key(cells)).collect();
    let wanted = [
        ["Credit", "Credit", "", "-2.00", "-2.00"],
        ["DiscountedUsage", "Usage", "Used", "0.00", "3.00"],
        ["RIFee", "Purchase", "", "4.50", "0.00"],
        ["RIFee", "Usage", "Unused", "0.00", "1.50"],
        ["SavingsPlanCoveredUsage", "Usage", "Used", "0.00", "7.20"],
        ["SavingsPlanRecurringFee", "Purchase", "", "8.00", "0.00"],
        ["SavingsPlanRecurringFee", "Usage", "Unused", "0.00", "0.80"],
        ["Tax", "Tax", "", "1.90", "1.90"],
        ["Usage", "Usage", "", "0.0000005", "0.0000005"],
    ];
    assert_eq!(mapped, wanted.map(|row| row.map(str::to_owned)));
}

#[test]
fn the_invoice_is_what_the_export_adds_up_to() {
    let run = World::new()
        .bill("cur.csv", cur(COMMITTED, 0))
        .run(&["run", "bills/cur.csv"])
        .code(0);
    let invoice: i128 = COMMITTED.iter().map(|(_, cost, _)| pico(cost)).sum();
    assert_eq!(
        run.csv("cost_by_service.csv").sums("BilledCost", ["Month"]),
        [(["2026-10".to_owned()], invoice)].into()
    );
    assert!(!run.stderr.contains("Adjustment"), "{}", run.stderr);
}

#[test]
fn negation_that_does_not_cancel_is_kept_as_an_adjustment() {
    let lines: Vec<Line> = COMMITTED
        .iter()
        .map(|line| {
            if line.0 == "SavingsPlanNegation" {
                (line.0, "-9.7", line.2)
            } else {
                *line
            }
        })
        .collect();
    let world = World::new().bill("cur.csv", cur(&lines, 0));
    let run = world
        .run(&["run", "bills/cur.csv"])
        .code(0)
        .stderr_has("0.30");
    let invoice: i128 = lines.iter().map(|(_, cost, _)| pico(cost)).sum();
    assert_eq!(
        run.csv("cost_by_account.csv").sums("BilledCost", ["Month"]),
        [(["2026-10".to_owned()], invoice)].into()
    );
    let books = run.csv("books.csv");
    assert!(
        books
            .rows
            .iter()
            .all(|row| ["", "0.00"].contains(&row.get("Difference"))),
        "{books:#?}"
    );
    let adjusted = world.run(&[
        "sql",
        "SELECT SUM(BilledCost) AS Sum FROM charges_daily WHERE ChargeCategory = 'Adjustment'",
        "--bill",
        "bills/cur.csv",
    ]);
    assert_eq!(adjusted.code(0).stdout, "Sum\n0.30\n");
}

#[test]
fn the_charges_that_sql_shows_add_up_to_the_bill_even_where_negation_does_not_cancel() {
    let lines: Vec<Line> = COMMITTED
        .iter()
        .map(|line| {
            if line.0 == "SavingsPlanNegation" {
                (line.0, "-9.7", line.2)
            } else {
                *line
            }
        })
        .collect();
    let invoice: i128 = lines.iter().map(|(_, cost, _)| pico(cost)).sum();
    let sum = charges(
        "cur.csv",
        cur(&lines, 0),
        "SELECT SUM(BilledCost) AS Sum FROM focus",
    );
    assert_eq!(pico(sum.rows[0].get("Sum")), invoice);
}

#[test]
fn cur_2_has_its_tags_and_products_in_json_cells() {
    let text = "\
bill_payer_account_id,bill_billing_period_start_date,line_item_usage_account_id,line_item_usage_account_name,line_item_line_item_type,\
line_item_usage_start_date,line_item_currency_code,line_item_unblended_cost,line_item_product_code,product,resource_tags
42,2026-10-01T00:00:00.000Z,012345678901,shop,Usage,2026-10-03T00:00:00.000Z,USD,1.5,AmazonEC2,\
\"{\"\"product_name\"\":\"\"Amazon Elastic Compute Cloud\"\",\"\"region\"\":\"\"eu-west-1\"\"}\",\"{\"\"user_team\"\":\"\"web\"\",\"\"user_env\"\":\"\"prod\"\"}\"
";
    let sheet = charges(
        "cur2.csv",
        text,
        "SELECT ServiceName, RegionId, SubAccountName, x_Team, x_Environment, BilledCost FROM focus",
    );
    let cells = sheet.rows[0].key([
        "ServiceName",
        "RegionId",
        "SubAccountName",
        "x_Team",
        "x_Environment",
        "BilledCost",
    ]);
    assert_eq!(
        cells,
        [
            "Amazon Elastic Compute Cloud",
            "eu-west-1",
            "shop",
            "web",
            "prod",
            "1.50"
        ]
    );
    let format = World::new()
        .bill("cur2.csv", text)
        .run(&["run", "bills/cur2.csv"])
        .code(0);
    assert_eq!(format.json()["inputs"][0]["format"], "aws-cur2");
}

#[test]
fn text_that_a_spreadsheet_would_run_is_defused_and_numbers_are_not() {
    let text = "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName\n-3.00,USD,2026-10-01,\"=HYPERLINK(\"\"http://x\"\")\"\n1,USD,2026-10-01,@sum\n";
    let run = World::new()
        .bill("b.csv", text)
        .run(&["run", "bills/b.csv"])
        .code(0);
    for report in ["cost_by_service.csv", "showback.csv"] {
        let mut names = run
            .csv(report)
            .column("ServiceName")
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>();
        names.sort();
        assert_eq!(names, ["'=HYPERLINK(\"http://x\")", "'@sum"], "{report}");
    }
    assert!(
        run.csv("cost_by_service.csv")
            .column("BilledCost")
            .contains(&"-3.00")
    );
    let asked = World::new().bill("b.csv", text).run(&[
        "sql",
        "SELECT ServiceName FROM focus ORDER BY BilledCost",
        "--bill",
        "bills/b.csv",
    ]);
    asked.code(0).stdout_has("'=HYPERLINK");
}

#[test]
fn a_cell_may_hold_commas_quotes_and_line_breaks() {
    let text = "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName\n1,USD,2026-10-01,\"two\nlines, \"\"quoted\"\"\"\n2,USD,2026-10-01,Ünïcode ☁\n";
    let sheet = charges(
        "b.csv",
        text,
        "SELECT ServiceName FROM focus ORDER BY BilledCost",
    );
    assert_eq!(
        sheet.column("ServiceName"),
        ["two\nlines, \"quoted\"", "Ünïcode ☁"]
    );
}
