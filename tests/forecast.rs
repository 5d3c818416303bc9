//! Forecasts as published: parts that add up, budgets judged, a record that is kept, and the series tools.

use crate::exact::pico;
use crate::golden::golden;
use crate::sheet::Sheet;
use crate::world::{Run, World, sample_run};
use chrono::{Days, NaiveDate};
use std::fmt::Write;
use std::fs;

const CONFIG: &str = "[[bills]]\npath = \"bills/\"\n[budgets]\nfile = \"budgets.csv\"\n";
const HEADER: &str = "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,SubAccountId,Tags\n";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A bill from one day to another, both included: what each day costs by service, account and team.
fn bill(first: &str, last: &str, cost: impl Fn(usize, NaiveDate) -> f64) -> String {
    let mut text = HEADER.to_owned();
    let days = day(first).iter_days().take_while(|one| *one <= day(last));
    for (at, one) in days.enumerate() {
        for (service, account, team, share) in [
            ("Compute", "7", "web", 0.7),
            ("Storage", "7", "data", 0.2),
            ("Storage", "8", "data", 0.1),
        ] {
            let amount = cost(at, one) * share;
            writeln!(
                text,
                "{amount:.6},USD,{one}T00:00:00Z,{service},{account},\"{{\"\"team\"\":\"\"{team}\"\"}}\""
            )
            .unwrap();
        }
    }
    text
}

/// Ten a day, a little less at weekends.
fn calm(at: usize, _: NaiveDate) -> f64 {
    if at % 7 < 2 { 8.0 } else { 10.0 }
}

fn world(bill: &str, budgets: &str) -> World {
    World::new()
        .bill("b.csv", bill)
        .config(CONFIG)
        .file("budgets.csv", budgets)
}

const NONE: &str = "period,amount,currency\n";

/// Every kind of scope adds up to the total, in this column, for every value of these.
#[track_caller]
fn adds_up<const N: usize>(sheet: &Sheet, amount: &str, by: [&str; N]) {
    for kind in ["service", "account", "team", "environment", "cost center"] {
        let of = |scope: &str| {
            let rows = sheet.find(&[("Scope", scope)]).cloned().collect();
            let part = Sheet {
                columns: sheet.columns.clone(),
                rows,
            };
            part.sums(amount, by)
        };
        assert_eq!(of("total"), of(kind), "{amount} of every {kind}");
    }
}

#[test]
fn parts_add_up_to_the_whole_to_the_last_digit() {
    let months = sample_run().csv("forecast.csv");
    assert!(months.rows.len() > 30);
    for amount in ["Forecast", "ActualToDate"] {
        adds_up(&months, amount, ["BillingCurrency", "Span"]);
    }
    let daily = sample_run().csv("forecast_daily.csv");
    adds_up(&daily, "Forecast", ["BillingCurrency", "Day"]);
    let by = ["BillingCurrency", "Scope", "ScopeValue"];
    let spans = Sheet {
        columns: months.columns.clone(),
        rows: months.find(&[("Span", "days_90")]).cloned().collect(),
    };
    assert_eq!(
        daily.sums("Forecast", by),
        spans.sums("Forecast", by),
        "days add up to the span"
    );
}

#[test]
fn bounds_hold_the_forecast() {
    for file in ["forecast.csv", "forecast_daily.csv"] {
        let sheet = sample_run().csv(file);
        for row in &sheet.rows {
            let names = ["Lower95", "Lower80", "Forecast", "Upper80", "Upper95"];
            let values: Vec<i128> = names.iter().map(|name| pico(row.get(name))).collect();
            // Bounds are rounded for themselves: to a ten-thousandth.
            let step = 10i128.pow(8);
            assert!(
                values.windows(2).all(|pair| pair[0] <= pair[1] + step),
                "{file}: {row:?}"
            );
        }
    }
}

#[test]
fn a_month_s_end_is_what_was_spent_and_what_will_be() {
    let run = world(&bill("2026-08-01", "2026-11-20", calm), NONE)
        .run(&["run", "--today", "2026-11-21"])
        .code(0);
    let sheet = run.csv("forecast.csv");
    let row = sheet
        .find(&[("Scope", "total"), ("Span", "month_end")])
        .next()
        .unwrap();
    // Eighteen complete days of November: the newest two still fill up.
    let days = day("2026-08-01").iter_days().zip(0..);
    let november = days.filter(|(one, _)| (day("2026-11-01")..day("2026-11-19")).contains(one));
    let spent: f64 = november.take(18).map(|(one, at)| calm(at, one)).sum();
    assert_eq!(pico(row.get("ActualToDate")), pico(&spent.to_string()));
    assert_eq!(
        row.key(["Month", "FirstDay", "LastDay"]),
        ["2026-11", "2026-11-01", "2026-11-30"]
    );
    let forecast: f64 = row.get("Forecast").parse().unwrap();
    assert!((forecast - 283.0).abs() < 6.0, "{forecast}");
}

#[test]
fn budgets_are_judged_by_the_interval() {
    let budgets = "period,SubAccountId,Team,amount,currency\n\
        2026-11,,,100,USD\n\
        2026-11,,,1000,usd\n";
    let refused = world(&bill("2026-08-01", "2026-11-20", calm), budgets);
    refused
        .run(&["run", "--today", "2026-11-21"])
        .code(2)
        .stderr_has("budgets.csv:3:1");
    let budgets = "period,SubAccountId,Team,ServiceName,amount,currency\n\
        2026-11,,,,100,USD\n\
        2026-11,7,,,1000,usd\n\
        2026-11,,web,,150,USD\n\
        2026-Q4,,,,5000,USD\n\
        2026-10,,,,10,USD\n\
        2026-09,,,,1000,USD\n\
        2026-11,9,,,10,USD\n\
        2026-11,8,,Storage,400,USD\n\
        2031,,,,10,USD\n\
        2026-11,,,,100,EUR\n";
    let world = world(&bill("2026-08-01", "2026-11-20", calm), budgets);
    let run = world
        .run(&[
            "run",
            "--today",
            "2026-11-21",
            "--fail-on",
            "budget-overrun>1",
        ])
        .code(1)
        .stderr_has("budget-overrun>1 is 2.00");
    let status = run.csv("budget_status.csv");
    assert_eq!(
        status.column("Status"),
        [
            "will exceed",
            "within",
            "will exceed",
            "within",
            "exceeded",
            "kept",
            "no charges",
            "within",
            "too early",
            "no charges"
        ]
    );
    assert_eq!(status.rows[0].get("CrossedOn"), "2026-11-11");
    assert_eq!(status.rows[0].get("ElapsedPct"), "60.00");
    assert_eq!(
        status.rows[4].get("Forecast"),
        status.rows[4].get("ActualToDate")
    );
    assert_eq!(
        status.rows[7].key(["Scope", "ScopeValue"]),
        ["SubAccountId + ServiceName", "8 + Storage"]
    );
    let total = run.csv("forecast.csv");
    let mut total = total.find(&[("Scope", "total"), ("Span", "month_end")]);
    assert_eq!(
        total.next().unwrap().get("Forecast"),
        status.rows[0].get("Forecast"),
        "a budget and the forecast of the same charges agree"
    );
    let summary = run.text("summary.md");
    assert!(
        summary.contains("November 2026 will end at about"),
        "{summary}"
    );
    assert!(summary.contains("budget of everything in 2026-11: 100.00 USD, will exceed"));
    assert!(run.reports.contains_key("forecast.png"));
}

#[test]
fn a_gate_on_budgets_needs_budgets() {
    World::new()
        .bill("b.csv", bill("2026-10-01", "2026-10-31", calm))
        .run(&["run", "bills/b.csv", "--fail-on", "budget-overrun>0"])
        .code(2)
        .stderr_has("[budgets]");
}

#[test]
fn mistakes_in_budgets_are_told_before_anything_is_read() {
    for (name, budgets, place) in [
        (
            "budgets_period",
            "period,amount,currency\n2026-13,5,USD\n",
            "2:1",
        ),
        (
            "budgets_column",
            "period,amount,curency\n2026-11,5,USD\n",
            "1:3",
        ),
        (
            "budgets_amount",
            "period,amount,currency\n2026-11,5k,USD\n",
            "2:2",
        ),
    ] {
        let run = world("no bill", budgets)
            .run(&["run"])
            .code(2)
            .stderr_has(&format!("budgets.csv:{place}"));
        golden(&format!("errors/{name}.txt"), &run.stderr);
        assert!(run.reports.is_empty());
    }
}

/// The company on a day on which its bill reaches to the day before.
fn night(world: &World, last: &str, cost: impl Fn(usize, NaiveDate) -> f64) -> Run {
    world.write("bills/b.csv", bill("2026-06-01", last, cost));
    let today = day(last) + Days::new(1);
    world.run(&["run", "--today", &today.to_string()]).code(0)
}

#[test]
fn earlier_forecasts_are_kept_and_judged_when_their_days_are_over() {
    let world = world("", NONE);
    assert!(
        night(&world, "2026-09-20", calm)
            .csv("forecast_accuracy.csv")
            .rows
            .is_empty()
    );
    assert!(
        night(&world, "2026-09-22", calm)
            .csv("forecast_accuracy.csv")
            .rows
            .is_empty()
    );
    let run = night(&world, "2026-10-05", calm);
    let sheet = run.csv("forecast_accuracy.csv");
    let totals: Vec<_> = sheet.find(&[("Scope", "total")]).collect();
    let origins: Vec<&str> = totals.iter().map(|row| row.get("Origin")).collect();
    assert_eq!(origins, ["2026-09-19", "2026-09-21"], "every run's total");
    for row in &totals {
        assert_eq!(row.key(["Span", "LastDay"]), ["month_end", "2026-09-30"]);
        assert!(row.get("WMAPE").parse::<f64>().unwrap() < 0.1, "{row:?}");
    }
    let parts = sheet.find(&[("Scope", "service")]);
    let origins: Vec<&str> = parts.map(|row| row.get("Origin")).collect();
    assert_eq!(origins, ["2026-09-19"; 2], "the parts once in seven days");
    // What was said stays, whatever is found out later.
    let changed = night(&world, "2026-10-05", |at, one| calm(at, one) * 2.0);
    let changed = changed.csv("forecast_accuracy.csv");
    assert_eq!(changed.column("Forecast"), sheet.column("Forecast"));
    assert_ne!(changed.column("Actual"), sheet.column("Actual"));
}

#[test]
fn a_second_run_on_the_same_day_and_a_look_back_change_nothing() {
    let world = world("", NONE);
    night(&world, "2026-09-20", calm);
    let first = night(&world, "2026-10-05", calm);
    let kept = world.path(".cloudtally/kept/forecasts.json");
    let before = fs::read(&kept).unwrap();
    let again = night(&world, "2026-10-05", calm);
    assert_eq!(first.csvs(), again.csvs());
    assert_eq!(before, fs::read(&kept).unwrap());
    night(&world, "2026-11-15", calm);
    let later = fs::read(&kept).unwrap();
    assert_ne!(before, later);
    world.run(&["run", "--as-of", "2026-10-06"]).code(0);
    assert_eq!(later, fs::read(&kept).unwrap());
    let as_of = fs::read_to_string(world.path("out/as-of-2026-10-06/forecast_accuracy.csv"));
    assert_eq!(as_of.unwrap(), first.text("forecast_accuracy.csv"));
}

#[test]
fn a_memory_that_cannot_be_read_is_never_started_over() {
    let world = world("", NONE);
    night(&world, "2026-09-20", calm);
    world.write(".cloudtally/kept/forecasts.json", "{");
    let run = world.run(&["run", "--today", "2026-09-22"]).code(5);
    run.stderr_has("forecasts.json");
    let kept = fs::read_to_string(world.path(".cloudtally/kept/forecasts.json")).unwrap();
    assert_eq!(kept, "{");
}

#[test]
fn no_history_breaks_the_forecast() {
    type Cost = fn(usize, NaiveDate) -> f64;
    let cases: [(&str, &str, Cost); 6] = [
        ("constant", "2026-06-01", |_, _| 5.0),
        ("zero", "2026-06-01", |_, _| 0.0),
        ("one day", "2026-11-18", |_, _| 5.0),
        ("yesterday alone", "2026-11-20", |_, _| 5.0),
        ("credits", "2026-06-01", |at, _| {
            if at % 3 == 0 { -7.0 } else { -1.0 }
        }),
        ("huge", "2026-09-01", |_, _| 9e11),
    ];
    for (name, first, cost) in cases {
        let world = world(
            &bill(first, "2026-11-20", cost),
            "period,amount,currency\n2026,5,USD\n",
        );
        let run = world.run(&["run", "--today", "2026-11-21"]).code(0);
        for file in ["forecast.csv", "forecast_daily.csv", "budget_status.csv"] {
            let text = run.text(file);
            assert!(
                !text.contains("NaN") && !text.contains("inf"),
                "{name}: {file}\n{text}"
            );
        }
        adds_up(&run.csv("forecast.csv"), "Forecast", ["Span"]);
    }
}

fn sheet(rows: usize, stamp: impl Fn(usize) -> String) -> String {
    let mut text = "series,day,value,remark\n".to_owned();
    for at in 0..rows {
        let value = if at % 7 < 2 { 40 } else { 100 };
        writeln!(text, "web,{},{value},x", stamp(at)).unwrap();
        writeln!(text, "=cmd,{},-{value},", stamp(at)).unwrap();
    }
    text
}

fn dated(at: usize) -> String {
    (day("2026-08-01") + Days::new(at as u64)).to_string()
}

#[test]
fn any_series_is_forecast_and_scored() {
    let world = World::new().file("s.csv", sheet(100, dated));
    let said = world
        .run(&["series", "forecast", "s.csv", "--steps", "14"])
        .code(0);
    let forecast = Sheet::parse(said.stdout.as_bytes());
    assert_eq!(forecast.rows.len(), 2 * 15);
    assert_eq!(
        forecast.columns.join(","),
        "Series,Day,Steps,Forecast,Lower80,Upper80,Lower95,Upper95,BacktestError"
    );
    let all = forecast
        .find(&[("Series", "web"), ("Steps", "14")])
        .next()
        .unwrap();
    let sum: f64 = all.get("Forecast").parse().unwrap();
    assert!((sum - 1160.0).abs() < 20.0, "{sum}");
    assert!(said.stdout.contains("'=cmd,") && said.stdout.contains(",-"));
    let cut = world.run(&[
        "series",
        "forecast",
        "s.csv",
        "--today",
        "2026-08-31",
        "--steps",
        "2",
    ]);
    let cut = Sheet::parse(cut.code(0).stdout.as_bytes());
    assert_eq!(cut.rows[0].get("Day"), "2026-08-31");
    let scores = world.run(&["series", "score", "s.csv"]).code(0);
    let scores = Sheet::parse(scores.stdout.as_bytes());
    assert_eq!(
        scores.columns.join(","),
        "Series,Day,Actual,Expected,Lower,Upper,Score,Mature,Flags"
    );
    assert!(scores.rows.len() > 100);
    let hours = sheet(24 * 40, |at| format!("{}T{:02}", dated(at / 24), at % 24));
    let world = world.file("h.csv", hours);
    let said = world.run(&[
        "series", "forecast", "h.csv", "--season", "24", "--steps", "5",
    ]);
    said.code(0).stdout_has("web,2026-09-10T04,1,");
}

#[test]
fn what_is_no_series_is_refused_with_its_line() {
    let refused = |text: &str, words: &str| {
        let world = World::new().file("s.csv", text);
        let run = world
            .run(&["series", "forecast", "s.csv"])
            .code(3)
            .stderr_has(words);
        assert!(run.stdout.is_empty());
    };
    refused("series,day\na,2026-10-01\n", "s.csv:1");
    refused(
        "series,day,value\na,2026-10-01,1\na,2026-10-32,1\n",
        "s.csv:3",
    );
    refused("series,day,value\na,2026-10-01,one\n", "s.csv:2");
    refused("series,day,value\n", "no rows");
    World::new().run(&["series", "score", "none.csv"]).code(2);
    World::new()
        .file("s.csv", sheet(3, dated))
        .run(&["series", "forecast", "s.csv", "--steps", "0"])
        .code(2);
}
