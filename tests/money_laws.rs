//! The laws of money over bills that nobody thought of: nothing lost, nothing invented, shares that do not
//! depend on the size of the bill, periods replaced whole.

use crate::exact::{pico, plain};
use crate::sheet::Sheet;
use crate::world::{Run, World};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A charge: month, day, service, team, account and invoice, currency, cost in units of 10⁻¹².
type Charge = (u32, u32, usize, usize, usize, usize, i128);

const SERVICES: [&str; 4] = ["Compute", "Storage", "Queues, \"cheap\"", "=Networking"];
const TEAMS: [&str; 3] = ["web", "data", ""];
const INVOICES: [&str; 2] = ["INV-1", ""];
const CURRENCIES: [&str; 2] = ["USD", "EUR"];
const COST_REPORTS: [&str; 5] = [
    "cost_by_service",
    "cost_by_account",
    "cost_by_environment",
    "cost_by_team",
    "showback",
];

fn charge() -> impl Strategy<Value = Charge> {
    let cost = prop_oneof![
        6 => 0..5_000_000_000_000_000i128,
        2 => -200_000_000_000_000..0i128,
        1 => 0..1000i128,
        1 => Just(0i128),
    ];
    (
        9..=11u32,
        1..=28u32,
        0..4usize,
        0..3usize,
        0..2usize,
        0..2usize,
        cost,
    )
}

fn bill(charges: &[Charge], factor: i128) -> String {
    let mut text =
        "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,SubAccountId,InvoiceId,Tags\n"
            .to_owned();
    for (month, day, service, team, account, currency, cost) in charges {
        let tags = match TEAMS[*team] {
            "" => String::new(),
            team => {
                format!("\"{{\"\"team\"\":\"\"{team}\"\",\"\"CostCenter\"\":\"\"CC-{team}\"\"}}\"")
            }
        };
        let service = SERVICES[*service].replace('"', "\"\"");
        let (currency, cost) = (CURRENCIES[*currency], plain(cost * factor));
        text += &format!(
            "{cost},{currency},2026-{month:02}-{day:02},\"{service}\",0{account},{},{tags}\n",
            INVOICES[*account]
        );
    }
    text
}

fn run(world: &World, reports: &[&str]) -> Run {
    let mut args = vec!["run", "--today", "2026-12-20", "--report", "books"];
    for report in reports {
        args.extend(["--report", report]);
    }
    world.run(&args).code(0)
}

const CONFIG: &str =
    "[[bills]]\nname = \"bill\"\npath = \"bills/\"\n[showback]\ncost = \"BilledCost\"\n";

fn world(text: &str) -> World {
    World::new().config(CONFIG).bill("b.csv", text)
}

type Sums = BTreeMap<[String; 2], i128>;

fn sums(sheet: &Sheet, column: &str) -> Sums {
    sheet.sums(column, ["Month", "BillingCurrency"])
}

/// The reports that a replaced period is followed into.
const REPLACED: &[&str] = &["cost_by_service"];

/// A few bills only: every one is a run of the program, or two.
fn few() -> ProptestConfig {
    ProptestConfig {
        cases: 5,
        failure_persistence: None,
        max_shrink_iters: 40,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(few())]

    #[test]
    fn nothing_is_lost_and_nothing_invented(charges in prop::collection::vec(charge(), 1..60)) {
        let mut wanted = Sums::new();
        for (month, _, _, _, _, currency, cost) in &charges {
            *wanted.entry([format!("2026-{month:02}"), CURRENCIES[*currency].to_owned()]).or_default() += cost;
        }
        let run = run(&world(&bill(&charges, 1)), &COST_REPORTS);
        for report in COST_REPORTS {
            prop_assert_eq!(&sums(&run.csv(&format!("{report}.csv")), "BilledCost"), &wanted, "{}", report);
        }
        prop_assert_eq!(&sums(&run.csv("showback.csv"), "TotalCost"), &wanted);
    }

    #[test]
    fn shares_add_up_to_the_whole_and_do_not_depend_on_the_size(charges in prop::collection::vec(charge(), 1..40)) {
        let [once, twice] = [1, 2].map(|factor| run(&world(&bill(&charges, factor)), &["cost_by_service", "cost_by_team"]));
        for report in ["cost_by_service.csv", "cost_by_team.csv"] {
            let (a, b) = (once.csv(report), twice.csv(report));
            prop_assert_eq!(a.column("Share"), b.column("Share"), "{}", report);
            let doubled = |column: &str| -> Vec<i128> { a.column(column).into_iter().map(|cost| 2 * pico(cost)).collect() };
            prop_assert_eq!(doubled("BilledCost"), b.column("BilledCost").into_iter().map(pico).collect::<Vec<_>>());
            for ((key, share), cost) in sums(&a, "Share").into_iter().zip(sums(&a, "EffectiveCost").into_values()) {
                prop_assert!(share == pico("100") || cost == 0, "{:?} of {} in {}", key, cost, report);
            }
        }
    }

    #[test]
    fn a_period_is_replaced_whole(first in prop::collection::vec(charge(), 1..20), second in prop::collection::vec(charge(), 1..20)) {
        // Every version has every month, as an export that was written again has.
        let whole = |charges: &[Charge]| {
            let months = (9..=11).map(|month| (month, 1, 0, 0, 0, 0, 1));
            bill(&charges.iter().copied().chain(months).collect::<Vec<_>>(), 1)
        };
        let (one, two) = (whole(&first), whole(&second));
        let world = world(&one);
        let original = run(&world, REPLACED);
        world.write("bills/b.csv", &two);
        let replaced = run(&world, REPLACED);
        world.write("bills/b.csv", &one);
        let again = run(&world, REPLACED);
        let fresh = run(&self::world(&two), REPLACED);
        prop_assert_eq!(replaced.csvs(), fresh.csvs());
        prop_assert_eq!(again.csvs(), original.csvs());
    }

    #[test]
    fn the_chain_of_every_invoice_is_a_plain_sum(charges in prop::collection::vec(charge(), 1..40)) {
        let mut wanted: BTreeMap<[String; 3], i128> = BTreeMap::new();
        for (month, _, _, _, account, currency, cost) in &charges {
            let [month, currency] = [format!("2026-{month:02}"), CURRENCIES[*currency].to_owned()];
            for invoice in [INVOICES[*account], ""].into_iter().collect::<std::collections::BTreeSet<_>>() {
                *wanted.entry([month.clone(), currency.clone(), invoice.to_owned()]).or_default() += cost;
            }
        }
        let [once, twice] = [1, 2].map(|factor| run(&world(&bill(&charges, factor)), &[]).csv("books.csv"));
        for (books, factor) in [(&once, 1), (&twice, 2)] {
            for stage in ["export", "accepted", "lake"] {
                let key = [("Stage", stage), ("Column", "BilledCost")];
                let own = books.find(&key);
                let sums: BTreeMap<[String; 3], i128> = own
                    .map(|row| (row.key(["BillingPeriod", "BillingCurrency", "InvoiceId"]), pico(row.get("Amount"))))
                    .collect();
                let wanted: BTreeMap<_, _> = wanted.iter().map(|(key, sum)| (key.clone(), sum * factor)).collect();
                prop_assert_eq!(sums, wanted, "{}", stage);
            }
        }
    }

    #[test]
    fn the_books_do_not_depend_on_order_or_files(charges in prop::collection::vec(charge(), 2..40), cut in 1..20usize) {
        let reports = ["invoice_reconciliation"];
        let whole = run(&world(&bill(&charges, 1)), &reports);
        let mut turned = charges.clone();
        turned.reverse();
        let turned = run(&world(&bill(&turned, 1)), &reports);
        let (first, second) = charges.split_at(cut.min(charges.len() - 1));
        // Two files of equal charges would be refused as copies.
        prop_assume!(first != second);
        let parted = World::new().config(CONFIG).bill("1.csv", bill(first, 1)).bill("2.csv", bill(second, 1));
        prop_assert_eq!(whole.csvs(), turned.csvs());
        let parted = run(&parted, &reports);
        prop_assert_eq!(whole.csvs(), parted.csvs());
    }
}
