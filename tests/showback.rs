//! Showback by rules: totals never move, cents add up, and what was booked stays booked.

use crate::exact::pico;
use crate::world::{Run, World};
use proptest::prelude::*;
use std::collections::BTreeMap;

const HEADER: &str =
    "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,BillingAccountId,SubAccountId,Tags\n";

const RULES: &str = r#"
scope = "Product"
[[dimension]]
name = "Product"
rule = [
  { value = "Checkout", when = { "tag:app" = ["checkout*"] } },
  { value_of = "tag:product" },
]
[[pool]]
name = "support"
when = { ServiceName = ["Support"] }
split = "proportional"
except = ["(no Product)"]
[[pool]]
name = "network"
when = { ServiceName = ["Transfer"] }
split = "even"
to = ["Checkout", "Search", "platform"]
[[pool]]
name = "platform"
when = { SubAccountId = ["7"] }
split = "fixed"
weights = { Checkout = 2, Search = 1 }
[journal]
expense = "6800"
clearing = "2900"
accounts = { Checkout = "6801" }
"#;

fn bill(search: &str) -> String {
    let tags = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let row = |cost: &str, service: &str, account: &str, text: &str| {
        format!(
            "{cost},USD,2026-10-03,{service},1,{account},{}\n",
            tags(text)
        )
    };
    [
        HEADER.to_owned(),
        row("20.00", "Compute", "5", r#"{"app":"checkout-web"}"#),
        row(search, "Compute", "5", r#"{"product":"Search"}"#),
        row("5.005", "Compute", "6", ""),
        row("10.01", "Support", "5", ""),
        row("3.00", "Transfer", "5", ""),
        row("7.00", "Compute", "7", ""),
    ]
    .concat()
}

fn world(search: &str) -> World {
    World::new()
        .bill("bill.csv", bill(search))
        .file("showback.toml", RULES)
        .config("[[bills]]\nname = \"focus\"\npath = \"bills/\"\n[showback]\nrules = \"showback.toml\"\n")
}

/// `TotalCost` by cost centre.
fn totals(run: &Run) -> BTreeMap<String, i128> {
    let sums = run.csv("showback.csv").sums("TotalCost", ["CostCenter"]);
    sums.into_iter()
        .map(|([center], sum)| (center, sum))
        .collect()
}

#[test]
fn pools_go_where_the_rules_say_and_the_total_stays() {
    let run = world("10.00")
        .run(&["run", "--today", "2026-11-20"])
        .code(0);
    let wanted = [
        // 20 + 2/3 of 10.01 + 1 + 2/3 of (7 + 1)
        ("Checkout", "33.00"),
        // 10 + 1/3 of 10.01 + 1 + 1/3 of (7 + 1)
        ("Search", "17.01"),
        ("(no Product)", "5.005"),
        ("(pool) support", "0"),
        ("(pool) network", "0"),
        ("(pool) platform", "0"),
    ];
    let wanted: BTreeMap<String, i128> = wanted
        .map(|(name, sum)| (name.to_owned(), pico(sum)))
        .into();
    let totals = totals(&run);
    assert_eq!(totals.values().sum::<i128>(), pico("55.015"));
    assert_eq!(totals, wanted);
    let shared: i128 = run
        .csv("showback.csv")
        .column("SharedCost")
        .into_iter()
        .map(pico)
        .sum();
    assert_eq!(shared, 0);
}

#[test]
fn every_rule_says_what_it_caught_and_what_fell_through() {
    let run = world("10.00")
        .run(&["run", "--today", "2026-11-20"])
        .code(0);
    let caught = run
        .csv("dimensions.csv")
        .sums("BilledCost", ["Value", "Rule"]);
    let of = |value: &str, rule: &str| caught[&[value.to_owned(), rule.to_owned()]];
    assert_eq!(of("Checkout", "1"), pico("20"));
    assert_eq!(of("Search", "2"), pico("10"));
    assert_eq!(of("(no Product)", "0"), pico("25.015"));
}

#[test]
fn a_restated_month_is_adjusted_and_never_rewritten() {
    let world = world("10.00");
    let booked = |run: &Run| {
        let journal = run.csv("showback_journal.csv");
        let signed = journal
            .rows
            .iter()
            .map(|row| match row.get("CreditAccount") {
                "2900" => pico(row.get("Amount")),
                _ => -pico(row.get("Amount")),
            });
        (signed.sum::<i128>(), journal)
    };
    let (sum, first) = booked(&world.run(&["run", "--today", "2026-11-20"]).code(0));
    // 55.015 is rounded half to even, once, and the parts add up to it.
    assert_eq!(sum, pico("55.02"));
    let again = world.run(&["run", "--today", "2026-11-21"]).code(0);
    assert_eq!(booked(&again).1, first);
    world.write("bills/bill.csv", bill("13.00"));
    let (sum, later) = booked(&world.run(&["run", "--today", "2026-11-22"]).code(0));
    assert_eq!(sum, pico("58.02"));
    assert!(first.rows.iter().all(|row| later.rows.contains(row)));
    let added: Vec<_> = later
        .rows
        .iter()
        .filter(|row| !first.rows.contains(row))
        .collect();
    assert!(
        !added.is_empty()
            && added
                .iter()
                .all(|row| row.get("Memo").starts_with("Adjustment"))
    );
}

/// Finance books what it was given: a run that wrote no journal booked nothing.
#[test]
fn a_run_without_the_journal_books_nothing() {
    let world = world("10.00");
    world
        .run(&["run", "--today", "2026-11-20", "--report", "showback"])
        .code(0);
    world.write("bills/bill.csv", bill("13.00"));
    let run = world.run(&["run", "--today", "2026-11-21"]).code(0);
    let journal = run.csv("showback_journal.csv");
    assert!(!journal.rows.is_empty());
    let is_first = |memo: &&str| memo.starts_with("Cloud cost");
    assert!(journal.column("Memo").iter().all(is_first));
}

#[test]
fn an_open_month_is_not_booked() {
    let run = world("10.00")
        .run(&["run", "--today", "2026-10-20"])
        .code(0);
    assert_eq!(run.csv("showback_journal.csv").rows.len(), 0);
}

#[test]
fn a_circle_of_pools_is_refused_before_anything_is_read() {
    let rules = RULES.replace(
        "split = \"fixed\"\nweights = { Checkout = 2, Search = 1 }",
        "split = \"even\"\nto = [\"network\"]",
    );
    world("1")
        .file("showback.toml", rules)
        .run(&["run"])
        .code(2)
        .stderr_has("pool `platform` gives to `network`")
        .stderr_has("showback.toml");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn whatever_the_bill_the_total_never_moves(costs in prop::collection::vec((-1_000_000i64..1_000_000, 0usize..6), 1..20)) {
        let kinds = [
            ("Compute", "5", r#"{""app"":""checkout-web""}"#), ("Compute", "5", r#"{""product"":""Search""}"#),
            ("Compute", "6", ""), ("Support", "5", ""), ("Transfer", "5", ""), ("Compute", "7", ""),
        ];
        let rows: String = costs.iter().map(|(cost, kind)| {
            let (service, account, tags) = kinds[*kind];
            format!("{cost}e-4,USD,2026-10-03,{service},1,{account},\"{tags}\"\n")
        }).collect();
        let run = world("1").bill("bill.csv", format!("{HEADER}{rows}")).run(&["run", "--today", "2026-11-20"]).code(0);
        let whole: i128 = costs.iter().map(|(cost, _)| i128::from(*cost) * 100_000_000).sum();
        prop_assert_eq!(totals(&run).values().sum::<i128>(), whole);
    }
}
