//! Currencies: never mixed, spelt in one way, and a second one beside the bill's on demand.

use crate::exact::pico;
use crate::golden::golden;
use crate::world::{Run, World};

const BILL: &str = "\
BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,Tags
10.50,USD,2026-09-01,Compute,\"{\"\"CostCenter\"\":\"\"CC-1\"\"}\"
20,USD,2026-10-01,Compute,
0.000000000001,USD,2026-10-01,Storage,
7,EUR,2026-10-02,Storage,
3,GBP,2026-10-02,Storage,
1,USD,2026-11-02,Compute,
";

const CONFIG: &str = "today = \"2026-11-10\"\n[[bills]]\nname = \"bill\"\npath = \"bills/\"\n\
    [currency]\nrates = \"fx.csv\"\nreporting = \"eur\"\n";

const RATES: &str = "\
date,from,to,rate
2026-09-30,USD,EUR,0.9
2026-10-31,USD,EUR,0.95
2026-11-09,USD,EUR,0.96
2026-11-11,USD,EUR,0.97
2026-10-01,EUR,GBP,0.85
";

fn world(rates: &str) -> World {
    World::new()
        .config(CONFIG)
        .bill("b.csv", BILL)
        .file("fx.csv", rates)
}

const SHOWN: [&str; 5] = [
    "BilledCost",
    "FxRate",
    "FxDate",
    "BilledCostReporting",
    "EffectiveCostReporting",
];

fn service(run: &Run, month: &str, currency: &str, service: &str) -> [String; 5] {
    let sheet = run.csv("cost_by_service.csv");
    let key = [
        ("Month", month),
        ("BillingCurrency", currency),
        ("ServiceName", service),
    ];
    let mut rows = sheet.find(&key);
    rows.next().unwrap().key(SHOWN)
}

#[test]
fn costs_are_repeated_in_the_reporting_currency() {
    let run = world(RATES).run(&["run"]).code(0);
    let cells = |month, currency, name| service(&run, month, currency, name);
    assert_eq!(
        cells("2026-09", "USD", "Compute"),
        ["10.50", "0.90", "2026-09-30", "9.45", "9.45"]
    );
    assert_eq!(
        cells("2026-10", "USD", "Compute"),
        ["20.00", "0.95", "2026-10-31", "19.00", "19.00"]
    );
    let sheet = run.csv("cost_by_service.csv");
    assert!(
        sheet
            .column("ReportingCurrency")
            .iter()
            .all(|c| *c == "EUR")
    );
}

#[test]
fn a_running_month_takes_the_rate_of_today() {
    let run = world(RATES).run(&["run"]).code(0);
    assert_eq!(
        service(&run, "2026-11", "USD", "Compute"),
        ["1.00", "0.96", "2026-11-09", "0.96", "0.96"]
    );
}

#[test]
fn a_currency_is_itself_and_a_missing_rate_is_told() {
    let run = world(RATES)
        .run(&["run"])
        .code(0)
        .stderr_has("no rate from GBP to EUR for 2026-10");
    assert_eq!(
        service(&run, "2026-10", "EUR", "Storage"),
        ["7.00", "1.00", "", "7.00", "7.00"]
    );
    assert_eq!(
        service(&run, "2026-10", "GBP", "Storage"),
        ["3.00", "", "", "", ""]
    );
    assert!(
        run.text("summary.md")
            .contains("no rate from GBP to EUR for 2026-10")
    );
    assert!(!run.stderr.contains("no rate from USD"), "{}", run.stderr);
}

#[test]
fn amounts_are_rounded_half_to_even_at_the_last_stored_digit() {
    let rates = "date,from,to,rate\n2026-01-01,USD,EUR,1.5\n";
    let run = world(rates).run(&["run"]).code(0);
    // 1.5 units of 10⁻¹² are 2: the even neighbour.
    assert_eq!(
        service(&run, "2026-10", "USD", "Storage")[3],
        "0.000000000002"
    );
}

#[test]
fn the_bill_s_currency_is_never_touched() {
    let with = world(RATES).run(&["run"]).code(0);
    let without = world(RATES)
        .config(CONFIG.split("[currency]").next().unwrap())
        .run(&["run"])
        .code(0);
    for report in [
        "cost_by_service.csv",
        "cost_by_account.csv",
        "cost_by_environment.csv",
        "cost_by_team.csv",
        "showback.csv",
    ] {
        let (with, without) = (with.csv(report), without.csv(report));
        assert!(!without.columns.contains(&"FxRate".to_owned()));
        for column in &without.columns {
            assert_eq!(with.column(column), without.column(column), "{report}");
        }
        assert_eq!(
            with.columns[without.columns.len()..][..3],
            ["ReportingCurrency", "FxRate", "FxDate"]
        );
    }
    let showback = with.csv("showback.csv");
    let sums = showback.sums("TotalCostReporting", ["Month"]);
    assert_eq!(sums[&["2026-09".to_owned()]], pico("9.45"));
    assert_eq!(with.text("books.csv"), without.text("books.csv"));
}

#[test]
fn rates_that_cannot_be_read_stop_the_run_before_it_begins() {
    let refused = |name: &str, rates: &str| {
        let run = world(rates).run(&["run"]).code(2);
        assert!(run.reports.is_empty());
        golden(&format!("errors/{name}.txt"), &run.stderr);
    };
    refused("fx_header", "date,from,to,rates\n2026-09-30,USD,EUR,0.9\n");
    refused(
        "fx_negative",
        "date,from,to,rate\n2026-09-30,USD,EUR,-0.9\n",
    );
    refused(
        "fx_twice",
        "date,from,to,rate\n2026-09-30,USD,EUR,0.9\n2026-09-30,USD,EUR,0.91\n",
    );
    refused("fx_date", "date,from,to,rate\n30.09.2026,USD,EUR,0.9\n");
    let half = CONFIG.replace("rates = \"fx.csv\"\n", "");
    let run = world(RATES).config(&half).run(&["run"]).code(2);
    golden("errors/fx_half.txt", &run.stderr);
    world(RATES)
        .config(&CONFIG.replace("eur", "euros"))
        .run(&["run"])
        .code(2)
        .stderr_has("`euros` is no currency");
}

#[test]
fn a_currency_has_one_spelling() {
    let mixed = "\
BilledCost,BillingCurrency,ChargePeriodStart,ServiceName
10.50,USD,2026-10-01,Compute
2.25,usd,2026-10-02,Compute
1.25, Usd ,2026-10-03,Compute
";
    let run = World::new()
        .bill("b.csv", mixed)
        .run(&["run", "bills/b.csv", "--today", "2026-11-21"])
        .code(0);
    let sums = run
        .csv("cost_by_service.csv")
        .sums("BilledCost", ["BillingCurrency"]);
    assert_eq!(sums, [(["USD".to_owned()], pico("14"))].into());
    let currencies = run.csv("books.csv");
    assert!(
        currencies
            .column("BillingCurrency")
            .iter()
            .all(|c| *c == "USD")
    );
    let blank = mixed.replace(" Usd ", "   ");
    let run = World::new()
        .bill("b.csv", blank)
        .run(&["run", "bills/b.csv"])
        .code(3);
    run.stderr_has("the currency is empty");
}
