//! Commitments as every bill writes them: what was covered, what lay unused, when it ends, how much more to buy.

use crate::sheet::Sheet;
use crate::world::{Run, World, sample_run};

const CUR: &str = "bill_payer_account_id,bill_billing_period_start_date,line_item_usage_account_id,\
line_item_line_item_type,line_item_usage_start_date,line_item_usage_end_date,line_item_currency_code,\
line_item_unblended_cost,line_item_usage_amount,line_item_product_code,product_product_name,product_region,\
product_instance_type,pricing_unit,pricing_public_on_demand_cost,pricing_purchase_option,\
pricing_lease_contract_length,reservation_reservation_a_r_n,reservation_effective_cost,\
reservation_unused_recurring_fee,reservation_end_time,savings_plan_savings_plan_a_r_n,\
savings_plan_savings_plan_effective_cost,savings_plan_total_commitment_to_date,savings_plan_used_commitment,\
savings_plan_end_time,savings_plan_purchase_term,savings_plan_payment_option\n";

const EC2: &str = "AmazonEC2,Amazon Elastic Compute Cloud,us-east-1,m5.large,Hrs";
const RDS: &str = "AmazonRDS,Amazon Relational Database Service,us-east-1,db.r6g.large,Hrs";
const PLAN: &str = "arn:aws:savingsplans::42:savingsplan/1";
const RESERVATION: &str = "arn:aws:rds:us-east-1:42:ri:1";

/// Hour `at` of October 2026, as start and end.
fn hour(at: usize) -> String {
    let moment = |at: usize| format!("2026-10-{:02}T{:02}:00:00Z", at / 24 + 1, at % 24);
    format!("{},{}", moment(at), moment(at + 1))
}

/// A line: type, hours, cost, product, list price, then reservation and savings plan cells.
fn line(kind: &str, hours: &str, cost: &str, product: &str, list: &str, rest: &str) -> String {
    format!("42,2026-10-01T00:00:00Z,7,{kind},{hours},USD,{cost},1,{product},{list},{rest}\n")
}

/// On-demand usage of an hour.
fn used(at: usize, cost: &str) -> String {
    line("Usage", &hour(at), cost, EC2, cost, ",,,,,,,,,,,,")
}

/// 10 of usage in an hour under a savings plan at 30 % off, its negation, and the plan's fee, this much of it used.
fn planned(at: usize, fee: &str, end: &str) -> String {
    let plan = |costs: &str| format!(",,,,,,{PLAN},{costs},{end},1yr,No Upfront");
    let hours = hour(at);
    line(
        "SavingsPlanCoveredUsage",
        &hours,
        "10",
        EC2,
        "10",
        &plan("7,,"),
    ) + &line(
        "SavingsPlanNegation",
        &hours,
        "-10",
        EC2,
        "-10",
        &plan(",,"),
    ) + &line(
        "SavingsPlanRecurringFee",
        &hours,
        fee,
        "ComputeSavingsPlans,Savings Plans,,,",
        "",
        &plan(&format!(",{fee},7")),
    )
}

/// The published week, hour by hour: 60 hours at 1000, 60 at 700, 48 at 600, beside a small plan.
fn week(end: &str) -> String {
    let cost = |at: usize| match at {
        0..60 => "1000",
        60..120 => "700",
        _ => "600",
    };
    let hours = (0..168).map(|at| used(at, cost(at)) + &planned(at, "7", end));
    CUR.to_owned() + &hours.collect::<String>()
}

const CONFIG: &str = "today = \"2026-11-01\"\n[[bills]]\npath = \"bills/*\"\n";

fn run(bill: &str, config: &str) -> Run {
    World::new()
        .bill("bill.csv", bill)
        .config(&format!("{CONFIG}{config}"))
        .run(&["run"])
        .code(0)
}

/// The only row that has these values.
#[track_caller]
fn cells<const N: usize>(sheet: &Sheet, key: &[(&str, &str)], columns: [&str; N]) -> [String; N] {
    let rows: Vec<[String; N]> = sheet.find(key).map(|row| row.key(columns)).collect();
    assert_eq!(rows.len(), 1, "{key:?} in {sheet:#?}");
    rows[0].clone()
}

#[test]
fn the_published_week_is_planned_to_the_cent() {
    let run = run(&week("2028-01-01T00:00:00Z"), "");
    let plan = run.csv("commitment_plan.csv");
    let figures = [
        "HourlyCommitment",
        "Discount",
        "NetMonthlySavings",
        "BreakEvenUtilization",
        "CoverageAfter",
    ];
    // 30,480 saved in 168 hours; 700 of usage an hour covered, 600 in 48 of them, and 10 by the plan there is.
    let optimum = cells(&plan, &[("Level", "optimum")], figures);
    assert_eq!(optimum, ["490.00", "30.00", "132442.86", "70.00", "86.41"]);
    let about = [
        "Scope",
        "Term",
        "Payment",
        "Basis",
        "LookbackDays",
        "Note",
        "BillingAccountId",
    ];
    assert_eq!(
        cells(&plan, &[("Level", "recommended")], about),
        [
            "AWS Compute",
            "1yr",
            "No Upfront",
            "own discount",
            "7",
            "only 7 days of bill",
            "42"
        ]
    );
    // The floor is what every hour uses: 600 an hour, at 70.
    let floor = cells(
        &plan,
        &[("Level", "floor")],
        ["HourlyCommitment", "NetMonthlySavings", "UtilizationAfter"],
    );
    assert_eq!(floor, ["420.00", "131400.00", "100.00"]);
}

#[test]
fn a_plan_s_coverage_and_rates_are_those_of_its_scope() {
    let run = run(&week("2028-01-01T00:00:00Z"), "");
    let commitments = run.csv("commitments.csv");
    let figures = [
        "Utilization",
        "Coverage",
        "UnusedCost",
        "EffectiveSavingsRate",
        "ExpiresOn",
        "Scope",
    ];
    // 1,680 of 132,480 is covered.
    assert_eq!(
        cells(&commitments, &[("CommitmentDiscountId", PLAN)], figures),
        [
            "100.00",
            "1.27",
            "0.00",
            "30.00",
            "2028-01-01",
            "AWS Compute"
        ]
    );
    let kpis = run.csv("kpis.csv");
    let value = |kpi: &str| cells(&kpis, &[("Kpi", kpi)], ["Value"])[0].clone();
    assert_eq!(value("effective savings rate (committable)"), "0.38");
    assert_eq!(value("commitment discount"), "30.00");
    assert_eq!(value("commitments expiring"), "0");
}

#[test]
fn usage_of_a_plan_that_ends_soon_can_be_committed_again() {
    let run = run(&week("2026-11-30T23:59:59Z"), "");
    let plan = run.csv("commitment_plan.csv");
    let row = cells(&plan, &[("Level", "optimum")], ["HourlyCommitment", "Note"]);
    assert_eq!(
        row,
        [
            "497.00",
            "only 7 days of bill; counts usage of 1 commitments that end within 60 days"
        ]
    );
    let expiry = run.csv("commitment_expiry.csv");
    assert_eq!(
        cells(
            &expiry,
            &[("CommitmentDiscountId", PLAN)],
            ["Month", "ExpiresOn", "DaysLeft", "Scope"]
        ),
        ["2026-11", "2026-11-30", "29", "AWS Compute"]
    );
}

#[test]
fn what_the_config_assumes_and_takes_away_is_said() {
    let alone: String = CUR.to_owned() + &(0..168).map(|at| used(at, "100")).collect::<String>();
    let unknown = run(&alone, "");
    let none = cells(
        &unknown.csv("commitment_plan.csv"),
        &[("Level", "none")],
        ["Scope", "HourlyCommitment"],
    );
    assert_eq!(none, ["AWS Compute", ""]);
    let rules = "[commitments]\ndiscounts = { \"AWS Compute\" = 0.27 }\nremove = { \"AWS Compute\" = 40, \"AWS Lambda\" = 1 }\n";
    let known = run(&alone, rules);
    let row = cells(
        &known.csv("commitment_plan.csv"),
        &[("Level", "optimum")],
        ["HourlyCommitment", "Basis", "Discount", "Note"],
    );
    assert_eq!(
        row,
        [
            "43.80",
            "assumed",
            "27.00",
            "only 7 days of bill; 40 an hour will go away and is left out"
        ]
    );
    assert!(
        known
            .stderr
            .contains("no usage is in the scope `AWS Lambda`"),
        "{}",
        known.stderr
    );
    let world = World::new().bill("bill.csv", &alone);
    let wrong = world.config(&format!(
        "{CONFIG}[commitments]\ndiscounts = {{ \"AWS Compute\" = 27 }}\n"
    ));
    wrong.run(&["run"]).code(2).stderr_has("0.27");
}

#[test]
fn a_reservation_has_its_unused_part_its_end_and_its_family() {
    let october = "2026-10-01T00:00:00Z,2026-11-01T00:00:00Z";
    let reserved = |at: usize| {
        line(
            "DiscountedUsage",
            &hour(at),
            "0",
            RDS,
            "3",
            &format!(",,{RESERVATION},2,,,,,,,,,"),
        ) + &line("Usage", &hour(at), "9", RDS, "9", ",,,,,,,,,,,,")
    };
    let fee = line(
        "RIFee",
        october,
        "300",
        RDS,
        "",
        &format!("Partial Upfront,3yr,{RESERVATION},,84,2026-12-24T00:00:00Z,,,,,,,"),
    );
    let bill = CUR.to_owned() + &(0..168).map(reserved).collect::<String>() + &fee;
    let run = run(&bill, "");
    // 168 hours at 2 used, 84 unused: 336 of 420; 504 covered, 1,512 beside it.
    let figures = [
        "Utilization",
        "Coverage",
        "UnusedCost",
        "EffectiveSavingsRate",
        "BreakEvenUtilization",
        "Status",
    ];
    assert_eq!(
        cells(
            &run.csv("commitments.csv"),
            &[("CommitmentDiscountId", RESERVATION)],
            figures
        ),
        ["80.00", "25.00", "84.00", "16.67", "66.67", "met"]
    );
    let plan = run.csv("commitment_plan.csv");
    let row = cells(
        &plan,
        &[("Level", "recommended")],
        [
            "Scope",
            "Term",
            "Payment",
            "HourlyCommitment",
            "BreakEvenMonths",
        ],
    );
    // It ends within 60 days: its 3 an hour count beside the 9, at a discount of a third.
    assert_eq!(
        row,
        [
            "AWS RDS r6g us-east-1",
            "3yr",
            "Partial Upfront",
            "8.00",
            "24.0"
        ]
    );
    // Two machines run in every hour, at 6 on demand on average.
    let units = cells(&plan, &[("Level", "recommended")], ["Units", "UnitType"]);
    assert_eq!(units, ["2", "db.r6g.large"]);
}

#[test]
fn azure_s_reservation_and_its_unused_rows_are_rated() {
    let head = "BillingAccountId,BillingPeriodStartDate,BillingPeriodEndDate,SubscriptionId,Date,MeterCategory,MeterName,\
Quantity,UnitPrice,Cost,BillingCurrency,ResourceLocation,ResourceId,AdditionalInfo,UnitOfMeasure,ChargeType,PayGPrice,PricingModel,benefitId,Term\n";
    let row = |day: usize, cost: &str, charge: &str, rest: &str| {
        format!(
            "86,10/01/2026,10/31/2026,s1,10/{day:02}/2026,Virtual Machines,D2s v5,24,0.1,{cost},EUR,EU West,/vm/1,\
             \"{{\"\"ServiceType\"\":\"\"Standard_D2s_v5\"\"}}\",1 Hour,{charge},0.1,{rest}\n"
        )
    };
    let days = (1..=10).map(|day| {
        row(day, "2.40", "Usage", "OnDemand,,")
            + &row(day, "1.20", "Usage", "Reservation,/r/1,36")
            + &row(day, "0.40", "UnusedReservation", "Reservation,/r/1,36")
    });
    let run = run(&(head.to_owned() + &days.collect::<String>()), "");
    let figures = [
        "Utilization",
        "Coverage",
        "UnusedCost",
        "EffectiveSavingsRate",
        "ExpiresOn",
        "Scope",
    ];
    assert_eq!(
        cells(
            &run.csv("commitments.csv"),
            &[("CommitmentDiscountId", "/r/1")],
            figures
        ),
        [
            "75.00",
            "50.00",
            "4.00",
            "33.33",
            "",
            "Azure Virtual Machines Ds_v5 euwest"
        ]
    );
    let plan = run.csv("commitment_plan.csv");
    let row = cells(
        &plan,
        &[("Level", "optimum")],
        ["Scope", "HourlyCommitment", "Discount", "Note"],
    );
    assert_eq!(
        row,
        [
            "Azure Virtual Machines Ds_v5 euwest",
            "0.05",
            "50.00",
            "daily data: flattens nights and overstates; only 10 days of bill"
        ]
    );
}

#[test]
fn an_azure_purchase_paid_at_once_or_the_config_tells_the_end() {
    let head = "BillingAccountId,BillingPeriodStartDate,BillingPeriodEndDate,SubscriptionId,Date,MeterCategory,MeterName,\
Quantity,UnitPrice,Cost,BillingCurrency,ResourceLocation,ResourceId,AdditionalInfo,UnitOfMeasure,ChargeType,PayGPrice,\
PricingModel,benefitId,Term,Frequency\n";
    let row = |id: &str, day: usize, cost: &str, charge: &str, frequency: &str| {
        format!(
            "86,10/01/2026,10/31/2026,s1,10/{day:02}/2026,Virtual Machines,D2s v5,24,0.1,{cost},EUR,EU West,/vm/1,\
             \"{{\"\"ServiceType\"\":\"\"Standard_D2s_v5\"\"}}\",1 Hour,{charge},0.1,Reservation,{id},36,{frequency}\n"
        )
    };
    let bill = head.to_owned()
        + &row("/r/1", 9, "900", "Purchase", "OneTime")
        + &row("/r/2", 9, "30", "Purchase", "Recurring")
        + &row("/r/1", 10, "0", "Usage", "UsageBased")
        + &row("/r/2", 10, "0", "Usage", "UsageBased");
    let ends = "[commitments]\nends = { \"/r/2\" = \"2027-03-04\", \"/r/3\" = \"2027-03-04\" }\n";
    let run = run(&bill, ends);
    let expiry = run.csv("commitment_expiry.csv");
    let end = |id: &str| cells(&expiry, &[("CommitmentDiscountId", id)], ["ExpiresOn"]);
    assert_eq!(end("/r/1"), ["2029-10-09"]);
    assert_eq!(end("/r/2"), ["2027-03-04"]);
    let said = "[commitments] ends: no bill has the commitment `/r/3`";
    assert!(run.stderr.contains(said), "{}", run.stderr);
}

#[test]
fn a_focus_export_tells_all_but_the_end() {
    let head = "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,ChargeCategory,ChargePeriodEnd,\
ChargePeriodStart,CommitmentDiscountCategory,CommitmentDiscountId,CommitmentDiscountStatus,CommitmentDiscountType,\
ConsumedQuantity,ConsumedUnit,ContractedCost,EffectiveCost,ListCost,PricingCategory,ProviderName,RegionId,\
ServiceCategory,ServiceName,SubAccountId\n";
    let row = |at: usize, billed: &str, discount: &str, costs: &str, pricing: &str| {
        let hours = hour(at);
        let (start, end) = hours.split_once(',').unwrap();
        format!(
            "{billed},42,USD,2026-11-01T00:00:00Z,2026-10-01T00:00:00Z,Usage,{end},{start},{discount},1,Hours,{costs},{pricing},AWS,\
             eu-west-1,Compute,Amazon Elastic Compute Cloud,7\n"
        )
    };
    let hours = (0..48).map(|at| {
        row(at, "5", ",,,", "5,5,6", "Standard")
            + &row(
                at,
                "0",
                "Spend,sp-1,Used,Savings Plan",
                "4,3,5",
                "Committed",
            )
            + &row(
                at,
                "0",
                "Spend,sp-1,Unused,Savings Plan",
                "0,1,0",
                "Committed",
            )
    });
    let run = run(&(head.to_owned() + &hours.collect::<String>()), "");
    let figures = [
        "Utilization",
        "Coverage",
        "EffectiveSavingsRate",
        "EffectiveSavingsRateList",
        "ExpiresOn",
        "Status",
    ];
    assert_eq!(
        cells(
            &run.csv("commitments.csv"),
            &[("CommitmentDiscountId", "sp-1")],
            figures
        ),
        ["75.00", "44.44", "0.00", "20.00", "", "underused"]
    );
    let row = cells(
        &run.csv("commitment_plan.csv"),
        &[("Level", "optimum")],
        ["Scope", "HourlyCommitment", "Note"],
    );
    assert_eq!(row, ["AWS Compute", "3.75", "only 2 days of bill"]);
    assert_eq!(run.csv("commitment_expiry.csv").rows.len(), 0);
}

#[test]
fn the_sample_company_s_commitments_end_when_its_bill_says() {
    let expiry = sample_run().csv("commitment_expiry.csv");
    let rows: Vec<[String; 5]> = expiry
        .rows
        .iter()
        .map(|row| {
            row.key([
                "Month",
                "Type",
                "ExpiresOn",
                "HourlyCommitment",
                "OnDemandEquivalent",
            ])
        })
        .collect();
    // 1.05 an hour is the plan; three reserved instances at 0.0735 and 0.0788, of which two run.
    let wanted = [
        ["2027-02", "Savings Plan", "2027-02-28", "1.05", "976.30"],
        [
            "2027-03",
            "Reserved Instance",
            "2027-03-10",
            "0.4569",
            "328.50",
        ],
    ];
    assert_eq!(rows, wanted.map(|row| row.map(str::to_owned)));
}
