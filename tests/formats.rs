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
pub(crate) fn charges(name: &str, bytes: impl AsRef<[u8]>, query: &str) -> Sheet {
    let answer =
        World::new()
            .bill(name, bytes)
            .run(&["sql", query, "--bill", &format!("bills/{name}")]);
    Sheet::parse(answer.code(0).stdout.as_bytes())
}

pub(crate) fn gzipped(text: &str) -> Vec<u8> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::default());
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap()
}

/// A zip archive of these files, stored as they are.
pub(crate) fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
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
/// Type, cost, and the cells that the type needs.

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
