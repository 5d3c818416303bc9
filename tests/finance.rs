//! What finance books and product owners watch: unit costs, the workbook, pools of every usual kind.

use crate::exact::pico;
use crate::world::{Run, World, sample_run};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};

const HEADER: &str = "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,ServiceCategory,SkuMeter,ChargeCategory,CommitmentDiscountStatus,CommitmentDiscountId,BillingAccountId,SubAccountId,Tags\n";

/// A pool of every usual kind, untagged cost last.
const RULES: &str = r#"
scope = "Product"
[[dimension]]
name = "Product"
rule = [{ value_of = "tag:product" }]
[[pool]]
name = "support"
when = { ServiceName = ["*Support*"] }
split = "proportional"
[[pool]]
name = "tax"
when = { ChargeCategory = ["Tax"] }
split = "proportional"
[[pool]]
name = "credits"
when = { ChargeCategory = ["Credit"] }
split = "proportional"
[[pool]]
name = "waste"
when = { CommitmentDiscountStatus = ["Unused"] }
split = "even"
[[pool]]
name = "transfer"
when = { DataTransfer = ["yes"] }
split = "metric"
file = "traffic.csv"
[[pool]]
name = "network"
when = { ServiceCategory = ["Networking"] }
split = "fixed"
weights = { A = 3, B = 1 }
[[pool]]
name = "untagged"
when = { Product = [""] }
split = "proportional"
[journal]
expense = "6800"
clearing = "2900"
"#;

const UNITS: &str = "Month,Unit,Quantity,Product\n2026-09,order,100,A\n2026-10,order,0,A\n2026-10,tenant,3,\n2026-10,order,8,B\n2026-10,order,5,C\n";

fn bill() -> String {
    let row = |cost: &str,
               service: &str,
               [category, meter, kind, status]: [&str; 4],
               product: &str| {
        let tags = match product {
            "" => String::new(),
            product => format!("\"{{\"\"product\"\":\"\"{product}\"\"}}\""),
        };
        let id = if status.is_empty() { "" } else { "sp-1" };
        format!(
            "{cost},USD,2026-10-03,{service},{category},{meter},{kind},{status},{id},1,5,{tags}\n"
        )
    };
    let usage = ["Compute", "Box", "Usage", ""];
    [
        HEADER.to_owned(),
        row("60.00", "EC2", usage, "A"),
        row("20.00", "EC2", usage, "B"),
        row("8.00", "AWS Support", usage, ""),
        row("4.00", "EC2", ["Compute", "", "Tax", ""], ""),
        row("-2.00", "EC2", ["Compute", "", "Credit", ""], ""),
        row("6.00", "EC2", ["Compute", "Box", "Usage", "Unused"], ""),
        row(
            "10.00",
            "EC2",
            ["Compute", "USE1-DataTransfer-Out-Bytes", "Usage", ""],
            "A",
        ),
        row(
            "12.00",
            "VPC",
            ["Networking", "Gateway-Hours", "Usage", ""],
            "",
        ),
        row("5.00", "S3", usage, ""),
    ]
    .concat()
}

fn world() -> World {
    World::new()
        .bill("bill.csv", bill())
        .file("showback.toml", RULES)
        .file("traffic.csv", "Month,Receiver,Value\n2026-10,A,1\n2026-10,B,4\n")
        .file("units.csv", UNITS)
        .config("[[bills]]\nname = \"focus\"\npath = \"bills/\"\n[showback]\nrules = \"showback.toml\"\n[units]\nfile = \"units.csv\"\n")
}

fn run() -> Run {
    world().run(&["run", "--today", "2026-11-20"]).code(0)
}

fn moves(run: &Run) -> BTreeMap<(String, String), i128> {
    let sums = run
        .csv("showback_moves.csv")
        .sums("Amount", ["Pool", "Receiver"]);
    sums.into_iter()
        .map(|([pool, to], sum)| ((pool, to), sum))
        .collect()
}

#[test]
fn every_usual_pool_catches_its_own() {
    let moves = moves(&run());
    let wanted = [
        ("support", "A", "6.00"),
        ("support", "B", "2.00"),
        ("tax", "A", "3.00"),
        ("tax", "B", "1.00"),
        ("credits", "A", "-1.50"),
        ("credits", "B", "-0.50"),
        ("waste", "A", "3.00"),
        ("waste", "B", "3.00"),
        ("transfer", "A", "2.00"),
        ("transfer", "B", "8.00"),
        ("network", "A", "9.00"),
        ("network", "B", "3.00"),
        // Of 5.00 by what both have cost so far: 81.50 and 36.50.
        ("untagged", "A", "3.45"),
        ("untagged", "B", "1.55"),
    ];
    let wanted: BTreeMap<(String, String), i128> = wanted
        .map(|(pool, to, amount)| ((pool.to_owned(), to.to_owned()), pico(amount)))
        .into();
    assert_eq!(moves, wanted);
}

#[test]
fn a_unit_cost_is_direct_and_shared_cost_over_its_quantity() {
    let sheet = run().csv("unit_cost.csv");
    let row = |month: &str, unit: &str, value: &str| {
        let key = [("Month", month), ("Unit", unit), ("ScopeValue", value)];
        sheet.find(&key).next().unwrap().clone()
    };
    let b = row("2026-10", "order", "B");
    assert_eq!(
        (b.get("DirectCost"), b.get("SharedCost")),
        ("20.00", "18.05")
    );
    // 38.05 / 8
    assert_eq!(b.get("UnitCost"), "4.75625");
    let all = row("2026-10", "tenant", "");
    assert_eq!(
        (all.get("Scope"), all.get("TotalCost")),
        ("total", "123.00")
    );
    assert_eq!(all.get("UnitCost"), "41.00");
    // Nothing has no price, and a month or scope without charges no cost.
    let none = row("2026-10", "order", "A");
    assert_eq!((none.get("TotalCost"), none.get("UnitCost")), ("84.95", ""));
    for lost in [row("2026-09", "order", "A"), row("2026-10", "order", "C")] {
        assert_eq!(
            (lost.get("TotalCost"), lost.get("BillingCurrency")),
            ("", "")
        );
    }
    run().stderr_has("unit `order` of C in 2026-10: no charge is there");
}

/// Unit cost × quantity = total cost, within half a millionth per unit, on every row of the sample.
#[test]
fn unit_cost_times_quantity_is_the_total() {
    let mut seen = 0;
    let sheet = sample_run().csv("unit_cost.csv");
    for row in sheet
        .rows
        .iter()
        .filter(|row| !row.get("UnitCost").is_empty())
    {
        let millionth = 1_000_000;
        let one = pico(row.get("UnitCost"));
        assert_eq!(one % millionth, 0);
        let quantity = pico(row.get("Quantity")) / 1_000_000_000_000;
        let total = pico(row.get("DirectCost")) + pico(row.get("SharedCost"));
        assert_eq!(total, pico(row.get("TotalCost")));
        assert!(
            (one * quantity - total).abs() * 2 <= quantity * millionth,
            "{row:?}"
        );
        seen += 1;
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn units_without_rules_are_counted_by_owner() {
    let config = "[[bills]]\nname = \"focus\"\npath = \"bills/\"\n[units]\nfile = \"units.csv\"\n";
    let run = world()
        .config(config)
        .file(
            "units.csv",
            "Month,Unit,Quantity,ServiceName\n2026-10,call,4,EC2\n",
        )
        .run(&["run", "--today", "2026-11-20"])
        .code(0);
    let row = run.csv("unit_cost.csv").rows[0].clone();
    assert_eq!(
        (row.get("DirectCost"), row.get("UnitCost")),
        ("98.00", "24.50")
    );
}

#[test]
fn a_mistake_in_the_units_is_refused_with_its_place() {
    world()
        .file(
            "units.csv",
            "Month,Unit,Quantity,Produkt\n2026-10,order,5,A\n",
        )
        .run(&["run"])
        .code(2)
        .stderr_has("units.csv:1:4")
        .stderr_has("did you mean `Product`?");
}

#[test]
fn a_rule_that_caught_nothing_is_a_line_and_so_is_what_fell_through() {
    let rules = RULES.replace(
        "rule = [{ value_of",
        "rule = [{ value = \"Never\", when = { Team = [\"nobody\"] } }, { value_of",
    );
    let run = world()
        .file("showback.toml", rules)
        .run(&["run", "--today", "2026-11-20"])
        .code(0);
    let sheet = run.csv("dimensions.csv");
    let of = |rule: &str| {
        let key = [("Rule", rule)];
        let rows = sheet.find(&key);
        rows.map(|row| (row.get("Value").to_owned(), row.get("Share").to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(of("0"), [("(no Product)".to_owned(), "26.83".to_owned())]);
    assert_eq!(of("1"), [("Never".to_owned(), "0.00".to_owned())]);
    assert_eq!(of("2").len(), 2);
}

/// The parts of a workbook, by name.
fn parts(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let count = archive.len();
    let part = |at: usize| {
        let mut part = archive.by_index(at).unwrap();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        (part.name().unwrap().into_owned(), text)
    };
    (0..count).map(part).collect()
}

#[test]
fn the_workbook_has_numbers_frozen_headers_filters_and_totals() {
    let run = run();
    let parts = parts(run.bytes("showback.xlsx"));
    let names: Vec<&str> = ["Showback", "Journal", "Moves", "Books", "About"].into();
    for name in names {
        assert!(
            parts["xl/workbook.xml"].contains(&format!("name=\"{name}\"")),
            "{name}"
        );
    }
    let sheet = &parts["xl/worksheets/sheet1.xml"];
    assert!(sheet.contains("<autoFilter ref=\"A1:K"), "{sheet}");
    assert!(sheet.contains("state=\"frozen\""));
    assert!(
        sheet.contains("<v>123</v>") && sheet.contains("SUMIF($G$2:$G$"),
        "{sheet}"
    );
    assert!(parts["docProps/core.xml"].contains("2026-11-20T00:00:00Z"));
    assert!(parts["xl/sharedStrings.xml"].contains("<t>2026-10</t>"));
    let reports = run.json()["reports"].as_array().unwrap().clone();
    let showback = reports
        .iter()
        .find(|report| report["name"] == "showback")
        .unwrap();
    assert_eq!(showback["workbook"], "showback.xlsx");
    assert!(run.text("index.html").contains("href=\"showback.xlsx\""));
    assert!(
        run.text("summary.md")
            .contains("[showback.xlsx](showback.xlsx)")
    );
}

#[test]
fn a_workbook_is_written_with_showback_alone_and_not_without_it() {
    let alone = world()
        .run(&["run", "--today", "2026-11-20", "--report", "showback"])
        .code(0);
    let sheets = parts(alone.bytes("showback.xlsx"));
    assert!(!sheets["xl/workbook.xml"].contains("Journal"));
    let without = world()
        .run(&["run", "--today", "2026-11-20", "--report", "kpis"])
        .code(0);
    assert!(!without.reports.contains_key("showback.xlsx"));
}

/// Same input, same bytes: the workbook too.
#[test]
fn the_workbook_is_the_same_on_every_run() {
    assert_eq!(run().bytes("showback.xlsx"), run().bytes("showback.xlsx"));
}

/// A text that a spreadsheet would run stays a text, and what no double holds is one.
#[test]
fn hostile_and_huge_cells_are_texts() {
    let text = "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,BillingAccountId,SubAccountId\n\
        90071992547409.93,USD,2026-10-03,\"=HYPERLINK(\"\"http://x\"\")\",1,5\n0.123456789012,USD,2026-10-03,=1+1,1,5\n\
        1.50,EUR,2026-10-03,Compute,1,5\n";
    let run = World::new()
        .bill("bill.csv", text)
        .config("[[bills]]\nname = \"focus\"\npath = \"bills/\"\n")
        .run(&["run", "--today", "2026-11-20"])
        .code(0);
    let parts = parts(run.bytes("showback.xlsx"));
    let (sheet, texts) = (
        &parts["xl/worksheets/sheet1.xml"],
        &parts["xl/sharedStrings.xml"],
    );
    assert!(texts.contains("<t>=HYPERLINK(\"http://x\")</t>") && texts.contains("<t>=1+1</t>"));
    assert!(texts.contains("<t>90071992547409.93</t>"));
    // The column's total in dollars is exact text, that in euros a formula with its result.
    assert!(
        texts.contains("<t>90071992547410.053456789012</t>"),
        "{texts}"
    );
    assert!(texts.contains("amounts have more digits than a spreadsheet"));
    assert!(sheet.contains("<v>0.123456789012</v>"));
    let formulas: Vec<&str> = sheet.matches("<f>").collect();
    assert_eq!(formulas.len(), 1 + 5, "{sheet}");
}

/// Half the month's budget and more is gone after thirteen of thirty days.
#[test]
fn a_budget_of_a_cost_centre_burns() {
    let mut bill =
        "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,SubAccountId,Tags\n".to_owned();
    let first: chrono::NaiveDate = "2026-09-01".parse().unwrap();
    for day in first.iter_days().take(75) {
        for center in ["A", "B"] {
            bill +=
                &format!("10,USD,{day},Compute,7,\"{{\"\"CostCenter\"\":\"\"{center}\"\"}}\"\n");
        }
    }
    let run = World::new()
        .bill("b.csv", bill)
        .config("[[bills]]\npath = \"bills/\"\n[budgets]\nfile = \"budgets.csv\"\n")
        .file(
            "budgets.csv",
            "period,CostCenter,amount,currency\n2026-11,A,150,USD\n2026-Q4,B,2000,USD\n2026,,1000,USD\n2027,A,5,USD\n",
        )
        .run(&["run", "--today", "2026-11-16"])
        .code(0);
    let sheet = run.csv("budget_status.csv");
    let row = |at: usize| {
        let row = &sheet.rows[at];
        [
            "ActualToDate",
            "SpentPct",
            "ElapsedPct",
            "BurnRate",
            "ProjectedOverrun",
            "Status",
        ]
        .map(|column| row.get(column).to_owned())
    };
    assert_eq!(
        row(0),
        ["130.00", "86.67", "43.33", "2.00", "150.00", "will exceed"]
    );
    assert_eq!(
        row(1),
        ["440.00", "22.00", "47.83", "0.46", "0.00", "within"]
    );
    assert_eq!(row(2)[3..5], ["1.70".to_owned(), "1440.00".to_owned()]);
    assert_eq!(row(3)[2..4], ["0.00".to_owned(), String::new()]);
    assert!(run.reports.contains_key("budget_status.png"));
}
