//! The books in depth: by invoice, open on purpose, and what amortised cost is made of.

use crate::exact::{pico, plain};
use crate::golden::golden;
use crate::sheet::Sheet;
use crate::world::{Run, World};
use proptest::prelude::*;
use std::fs;

const HEADER: &str =
    "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,ChargeCategory,InvoiceId,ListCost\n";

const BILL: &str = "\
100.004,USD,2026-10-01,Compute,Usage,INV-1,120
19.00,USD,2026-10-31,Compute,Tax,INV-1,
-5,USD,2026-10-31,Compute,Credit,INV-1,
7.25,USD,2026-10-02,Storage,Usage,INV-2,
3.50,USD,2026-11-02,Storage,Usage,,
2.00,EUR,2026-10-02,Storage,Usage,INV-3,
";

const CONFIG: &str = "today = \"2026-12-01\"\n[[bills]]\nname = \"bill\"\npath = \"bills/\"\n";

fn world(rows: &str) -> World {
    World::new()
        .config(CONFIG)
        .bill("b.csv", format!("{HEADER}{rows}"))
}

fn with_invoices(list: &str) -> World {
    world(BILL)
        .config(&format!("{CONFIG}[books]\ninvoices = \"invoices.csv\"\n"))
        .file("invoices.csv", list)
}

#[track_caller]
fn assert_closed(books: &Sheet) {
    let open: Vec<_> = books
        .rows
        .iter()
        .filter(|row| !["", "0.00"].contains(&row.get("Difference")))
        .collect();
    assert!(open.is_empty(), "{open:#?}");
}

#[test]
fn every_invoice_has_a_chain_of_its_own() {
    let books = world(BILL).run(&["run"]).code(0).csv("books.csv");
    assert_closed(&books);
    let chain = |invoice: &str, column: &str| -> Vec<[String; 4]> {
        let key = [("InvoiceId", invoice), ("Column", column)];
        books
            .find(&key)
            .map(|row| row.key(["Stage", "Rows", "Amount", "Difference"]))
            .collect()
    };
    let line = |cells: [&str; 4]| cells.map(str::to_owned);
    assert_eq!(
        chain("INV-1", "BilledCost"),
        [
            line(["export", "3", "114.004", ""]),
            line(["accepted", "3", "114.004", "0.00"]),
            line(["lake", "3", "114.004", "0.00"]),
        ]
    );
    assert_eq!(chain("INV-1", "ListCost")[2][2], "120.00");
    assert_eq!(chain("INV-3", "BilledCost").len(), 3);
    let whole = [
        ("BillingPeriod", "2026-10"),
        ("BillingCurrency", "USD"),
        ("Column", "BilledCost"),
        ("Stage", "lake"),
        ("InvoiceId", ""),
    ];
    let amounts: Vec<&str> = books.find(&whole).map(|row| row.get("Amount")).collect();
    assert_eq!(amounts, ["121.254"]);
}

#[test]
fn a_row_set_aside_is_missing_from_its_invoice_alone() {
    let rows = format!("{}x,USD,2026-10-02,Storage,Usage,INV-2,\n", BILL.repeat(20));
    let world = world(&rows).config(&format!("{CONFIG}[quarantine]\nmax_percent = 1.0\n"));
    let books = world.run(&["run"]).code(0).csv("books.csv");
    assert_closed(&books);
    let stages = |invoice: &str| -> Vec<[String; 2]> {
        let key = [("InvoiceId", invoice), ("Column", "BilledCost")];
        books
            .find(&key)
            .map(|row| row.key(["Stage", "Rows"]))
            .collect()
    };
    let line = |stage: &str, rows: &str| [stage.to_owned(), rows.to_owned()];
    assert_eq!(
        stages("INV-2"),
        [
            line("export", "21"),
            line("accepted", "20"),
            line("quarantined", "1"),
            line("lake", "20")
        ]
    );
    assert_eq!(stages("INV-1").len(), 3);
}

#[test]
fn more_invoices_than_anyone_reads_are_kept_as_one() {
    let row = |at: usize| format!("1,USD,2026-10-01,Compute,Usage,INV-{at},\n");
    let rows: String = (0..=200).map(row).collect();
    let run = world(&rows)
        .run(&["run"])
        .code(0)
        .stderr_has("more than 200 invoices");
    let books = run.csv("books.csv");
    assert_closed(&books);
    assert!(books.column("InvoiceId").iter().all(|id| id.is_empty()));
    assert_eq!(run.csv("invoice_reconciliation.csv").rows.len(), 201);
}

#[test]
fn without_a_list_nothing_is_compared() {
    let run = world(BILL).run(&["run"]).code(0);
    let report = run.csv("invoice_reconciliation.csv");
    assert_eq!(report.column("Status"), ["not compared"; 4]);
    let sums = report.sums("BilledCost", ["BillingCurrency"]);
    assert_eq!(sums[&["USD".to_owned()]], pico("124.754"));
}

const LIST: &str = "\
InvoiceId,Amount,BillingCurrency
INV-1,95.00,usd
INV-2,7.25,
INV-9,12.00,USD
";

#[test]
fn invoices_are_reconciled_to_the_cent() {
    let run = with_invoices(LIST).run(&["run"]).code(0);
    golden(
        "reports/invoice_reconciliation.csv",
        run.text("invoice_reconciliation.csv"),
    );
}

#[test]
fn a_drift_can_be_a_gate() {
    let world = with_invoices(LIST);
    let drift = |gate: &'static str| world.run(&["run", "--fail-on", gate]);
    drift("invoice-drift>0.01")
        .code(1)
        .stderr_has("invoice-drift>0.01 is 19.00");
    drift("invoice-drift>20").code(0);
    let equal = with_invoices("InvoiceId,Amount\nINV-1,114.00\nINV-2,7.25\n");
    equal
        .run(&["run", "--fail-on", "invoice-drift>0.01"])
        .code(0);
}

#[test]
fn a_month_alone_misses_no_invoice_of_another() {
    let run = with_invoices("InvoiceId,Amount\nINV-1,114\nINV-2,7.25\n")
        .run(&["run", "--period", "2026-11"])
        .code(0);
    let report = run.csv("invoice_reconciliation.csv");
    assert_eq!(report.column("Status"), ["not invoiced"]);
}

#[test]
fn a_list_that_cannot_be_read_stops_the_run_before_it_begins() {
    let refused = |name: &str, list: &str, args: &[&str]| {
        let run = with_invoices(list).run(args).code(2);
        assert!(run.reports.is_empty());
        golden(&format!("errors/{name}.txt"), &run.stderr);
    };
    refused(
        "invoices_amount",
        "InvoiceId,Amount\n1,\"1,204.50\"\n",
        &["run"],
    );
    refused(
        "invoices_twice",
        "InvoiceId,Amount\n1,5\n2,5\n1,6\n",
        &["run"],
    );
    refused("invoices_header", "Invoice,Amount\n1,5\n", &["run"]);
    let gate = ["run", "--fail-on", "invoice-drift>0.01"];
    let run = world(BILL).run(&gate).code(2);
    golden("errors/gate_invoices.txt", &run.stderr);
}

/// A lake whose memory of an export was changed by a cent since it was read.
fn tampered() -> World {
    let world = world(BILL);
    world.run(&["run"]).code(0);
    fs::remove_dir_all(world.path("out")).unwrap();
    let [input] = fs::read_dir(world.path(".cloudtally/inputs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    let text = fs::read_to_string(&input).unwrap();
    let at = text.find("\"export\"").unwrap();
    let (before, export) = text.split_at(at);
    assert!(export.contains("\"7.25\""));
    fs::write(
        input,
        format!("{before}{}", export.replacen("\"7.25\"", "\"7.26\"", 1)),
    )
    .unwrap();
    world
}

#[test]
fn a_broken_chain_publishes_nothing_and_says_where() {
    let run = tampered().run(&["run"]).code(3);
    assert!(run.reports.is_empty());
    golden("errors/books_tampered.txt", &run.stderr);
    tampered()
        .run(&["check"])
        .code(3)
        .stderr_has("the books do not close");
}

#[track_caller]
fn assert_marked(run: &Run) {
    for (name, text) in run.csvs() {
        let sheet = Sheet::parse(text.as_bytes());
        assert_eq!(sheet.columns.last().unwrap(), "BooksState", "{name}");
        assert!(
            sheet
                .column("BooksState")
                .iter()
                .all(|cell| *cell == "open"),
            "{name}"
        );
    }
    for page in ["summary.md", "index.html"] {
        assert!(run.text(page).contains("books open"), "{page}");
    }
    let books = &run.json()["books"];
    assert_eq!(books["state"], "open");
    let breaks = books["breaks"].as_array().unwrap();
    assert!(
        breaks.iter().any(|text| text
            .as_str()
            .unwrap()
            .contains("invoice INV-2 differs by -0.01 at accepted")),
        "{breaks:?}"
    );
    let gauge = format!("cloudtally_books_open {}\n", breaks.len());
    assert!(run.text("metrics.prom").contains(&gauge));
}

#[test]
fn open_books_are_published_on_demand_and_every_report_says_so() {
    assert_marked(&tampered().run(&["run", "--allow-open-books"]).code(0));
    let world = tampered().config(&format!("{CONFIG}[books]\nallow_open = true\n"));
    assert_marked(&world.run(&["run"]).code(0));
    world.run(&["check"]).code(0);
}

#[test]
fn closed_books_are_not_marked_whatever_is_allowed() {
    let run = world(BILL).run(&["run", "--allow-open-books"]).code(0);
    assert!(!run.text("cost_by_service.csv").contains("BooksState"));
    assert_eq!(run.json()["books"]["state"], "closed");
    assert!(
        run.text("metrics.prom")
            .contains("cloudtally_books_open 0\n")
    );
}

const CUR: [&str; 20] = [
    "bill_payer_account_id",
    "bill_billing_period_start_date",
    "bill_invoice_id",
    "line_item_usage_account_id",
    "line_item_line_item_type",
    "line_item_usage_start_date",
    "line_item_currency_code",
    "line_item_unblended_cost",
    "line_item_product_code",
    "reservation_reservation_a_r_n",
    "reservation_effective_cost",
    "reservation_amortized_upfront_fee_for_billing_period",
    "reservation_unused_amortized_upfront_fee_for_billing_period",
    "reservation_unused_recurring_fee",
    "savings_plan_savings_plan_a_r_n",
    "savings_plan_savings_plan_effective_cost",
    "savings_plan_amortized_upfront_commitment_for_billing_period",
    "savings_plan_total_commitment_to_date",
    "savings_plan_used_commitment",
    "tags",
];

/// A line of a Cost and Usage Report: payer, invoice, type, cost, and what else it has.
fn line(payer: &str, invoice: &str, kind: &str, cost: i128, more: &[(&str, String)]) -> String {
    let cost = plain(cost);
    let cell = |name: &&str| match *name {
        "bill_payer_account_id" => payer,
        "bill_billing_period_start_date" => "2026-10-01",
        "bill_invoice_id" => invoice,
        "line_item_usage_account_id" => "222222222222",
        "line_item_line_item_type" => kind,
        "line_item_usage_start_date" => "2026-10-03",
        "line_item_currency_code" => "USD",
        "line_item_unblended_cost" => &cost,
        "line_item_product_code" => "AmazonEC2",
        name => more
            .iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, cell)| cell),
    };
    CUR.iter().map(cell).collect::<Vec<_>>().join(",") + "\n"
}

fn cur(lines: &[String]) -> World {
    let text = CUR.join(",") + "\n" + &lines.concat();
    World::new().config(CONFIG).bill("cur.csv", text)
}

/// A commitment in one month: kind and payment, payer, upfront, its part of the month, the recurring fee, and
/// which percent of it was used.
type Commitment = (bool, usize, usize, i128, i128, i128, i128);

fn commitment() -> impl Strategy<Value = Commitment> {
    let amount = || 1..3_000_000_000_000_000i128;
    (
        any::<bool>(),
        0..4usize,
        0..2usize,
        amount(),
        amount(),
        amount(),
        0..=100i128,
    )
}

const PAYERS: [&str; 2] = ["000000000001", "000000000002"];

/// The lines of a commitment; its amortised cost.
fn lines_of(at: usize, one: &Commitment) -> (Vec<String>, i128) {
    let (is_plan, payment, payer, upfront, spread, fee, percent) = *one;
    // No upfront; partial; all upfront; all upfront in an earlier month.
    let (bought, spread, fee) = match payment {
        0 => (0, 0, fee),
        1 => (upfront, spread, fee),
        2 => (upfront, spread, 0),
        _ => (0, spread, 0),
    };
    let used_spread = spread * percent / 100;
    let used_fee = fee * percent / 100;
    let (used, payer) = (used_spread + used_fee, PAYERS[payer]);
    // Two rows of covered usage share what was used.
    let parts = [used / 3, used - used / 3];
    let mut lines = Vec::new();
    if is_plan {
        let arn = ("savings_plan_savings_plan_a_r_n", format!("arn:sp:{at}"));
        for part in parts {
            let effective = ("savings_plan_savings_plan_effective_cost", plain(part));
            let more = [arn.clone(), effective];
            lines.push(line(payer, "1", "SavingsPlanCoveredUsage", part * 2, &more));
            let negated = -part * 2;
            lines.push(line(
                payer,
                "1",
                "SavingsPlanNegation",
                negated,
                &[arn.clone()],
            ));
        }
        let total = plain(spread + fee);
        let more = [
            arn.clone(),
            (
                "savings_plan_amortized_upfront_commitment_for_billing_period",
                plain(spread),
            ),
            ("savings_plan_total_commitment_to_date", total),
            ("savings_plan_used_commitment", plain(used)),
        ];
        lines.push(line(payer, "1", "SavingsPlanRecurringFee", fee, &more));
        if bought > 0 {
            lines.push(line(payer, "2", "SavingsPlanUpfrontFee", bought, &[arn]));
        }
    } else {
        let arn = ("reservation_reservation_a_r_n", format!("arn:ri:{at}"));
        for part in parts {
            let more = [arn.clone(), ("reservation_effective_cost", plain(part))];
            lines.push(line(payer, "1", "DiscountedUsage", 0, &more));
        }
        let unused = plain(spread - used_spread);
        let more = [
            arn.clone(),
            (
                "reservation_amortized_upfront_fee_for_billing_period",
                plain(spread),
            ),
            (
                "reservation_unused_amortized_upfront_fee_for_billing_period",
                unused,
            ),
            ("reservation_unused_recurring_fee", plain(fee - used_fee)),
        ];
        lines.push(line(payer, "1", "RIFee", fee, &more));
        if bought > 0 {
            lines.push(line(payer, "2", "Fee", bought, &[arn]));
        }
    }
    (lines, spread + fee)
}

fn identity(books: &Sheet, payer: &str, stage: &str) -> [String; 2] {
    let key = [
        ("Column", "amortised identity"),
        ("BillingAccountId", payer),
        ("Stage", stage),
    ];
    let line = books.find(&key).next();
    line.unwrap_or_else(|| panic!("no line {key:?}"))
        .key(["Amount", "Difference"])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5, failure_persistence: None, max_shrink_iters: 20, ..ProptestConfig::default() })]

    #[test]
    fn amortised_is_unblended_less_upfront_and_true_up(commitments in prop::collection::vec(commitment(), 1..8)) {
        let usage = pico("12.34");
        let mut lines: Vec<String> = PAYERS.iter().map(|payer| line(payer, "1", "Usage", usage, &[])).collect();
        let mut amortised = [usage; 2];
        for (at, one) in commitments.iter().enumerate() {
            let (own, cost) = lines_of(at, one);
            lines.extend(own);
            amortised[one.2] += cost;
        }
        let books = cur(&lines).run(&["run"]).code(0).csv("books.csv");
        assert_closed(&books);
        for (payer, amortised) in PAYERS.iter().zip(amortised) {
            let [amount, difference] = identity(&books, payer, "amortised");
            prop_assert_eq!((pico(&amount), difference.as_str()), (amortised, "0.00"));
        }
    }
}

#[test]
fn a_fee_that_is_missing_is_told_and_fails_nothing() {
    let one: Commitment = (true, 1, 0, pico("600"), pico("50"), pico("40"), 75);
    let (lines, _) = lines_of(0, &one);
    let partial: Vec<String> = lines
        .into_iter()
        .filter(|line| !line.contains("RecurringFee"))
        .collect();
    let run = cur(&partial)
        .run(&["run"])
        .code(0)
        .stderr_has("67.50 USD away");
    let books = run.csv("books.csv");
    let stages = ["unblended", "upfront", "trueup", "amortised"];
    let amounts = stages.map(|stage| identity(&books, PAYERS[0], stage)[0].clone());
    assert_eq!(amounts, ["600.00", "600.00", "0.00", "67.50"]);
    assert_eq!(identity(&books, PAYERS[0], "amortised")[1], "67.50");
    assert!(run.text("summary.md").contains("67.50 USD away"));
    assert_eq!(run.json()["books"]["state"], "closed");
    let running = cur(&partial).run(&["run", "--today", "2026-10-20"]).code(0);
    assert!(!running.stderr.contains("away from"), "{}", running.stderr);
}

#[test]
fn negation_on_another_invoice_closes_both() {
    let arn = [("savings_plan_savings_plan_a_r_n", "arn:sp".to_owned())];
    let lines = [
        line(PAYERS[0], "A", "SavingsPlanCoveredUsage", pico("10"), &arn),
        line(PAYERS[0], "B", "SavingsPlanNegation", pico("-10"), &arn),
        line(PAYERS[0], "B", "Usage", pico("30"), &[]),
    ];
    let run = cur(&lines).run(&["run"]).code(0);
    let books = run.csv("books.csv");
    let open: Vec<_> = books
        .rows
        .iter()
        .filter(|row| row.get("Column") == "BilledCost")
        .filter(|row| !["", "0.00"].contains(&row.get("Difference")))
        .collect();
    assert!(open.is_empty(), "{open:#?}");
    let billed = run
        .csv("invoice_reconciliation.csv")
        .sums("BilledCost", ["InvoiceId"]);
    assert_eq!(
        billed,
        [
            (["A".to_owned()], pico("10")),
            (["B".to_owned()], pico("20"))
        ]
        .into()
    );
}
