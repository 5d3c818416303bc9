//! The Cost and Usage Report: both spellings, both generations, and what its commitments become.

use crate::exact::pico;
use crate::formats::{charges, zipped};
use crate::world::World;

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
            .filter(|row| row.get("Column") != "amortised identity")
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
