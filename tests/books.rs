//! The books in depth: by invoice, against invoices, open on purpose.

use crate::exact::pico;
use crate::golden::golden;
use crate::sheet::Sheet;
use crate::world::{Run, World};
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

pub(crate) const CONFIG: &str =
    "today = \"2026-12-01\"\n[[bills]]\nname = \"bill\"\npath = \"bills/\"\n";

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
pub(crate) fn assert_closed(books: &Sheet) {
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
