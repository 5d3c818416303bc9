//! What amortised cost is made of: bills with commitments of every kind, whole and in part.

use crate::books::{CONFIG, assert_closed};
use crate::exact::{pico, plain};
use crate::sheet::Sheet;
use crate::world::World;
use proptest::prelude::*;

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
                std::slice::from_ref(&arn),
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
