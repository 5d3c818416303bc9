//! Commitments that findings set free, through the whole program: what is left of the savings, and of the usage that a
//! plan is made for.

use crate::world::{Run, World};

const CUR: &str = "bill_payer_account_id,bill_billing_period_start_date,line_item_usage_account_id,\
line_item_line_item_type,line_item_usage_start_date,line_item_usage_end_date,line_item_currency_code,\
line_item_unblended_cost,line_item_usage_amount,line_item_product_code,product_product_name,product_region,\
product_instance_type,product_operating_system,pricing_unit,pricing_public_on_demand_cost,line_item_resource_id,\
savings_plan_savings_plan_a_r_n,savings_plan_savings_plan_effective_cost,savings_plan_total_commitment_to_date,\
savings_plan_used_commitment,savings_plan_end_time,savings_plan_purchase_term,savings_plan_payment_option\n";

const PLAN: &str = "arn:aws:savingsplans::42:savingsplan/1";
/// An hour of 20,000 and of 13,638 a month on demand, and of the 14,000 that a plan takes for the former.
const COVERED: &str = "27.397260273973";
const BESIDE: &str = "18.682191780822";
const PAID: &str = "19.178082191781";

/// A line: type, span, cost, hours, list price, machine, plan cells.
fn line(kind: &str, span: &str, (cost, hours): (&str, u32), list: &str, rest: &str) -> String {
    let ec2 = "AmazonEC2,Amazon Elastic Compute Cloud,us-east-1,m5.xlarge,Linux,Hrs";
    format!("42,2026-10-01T00:00:00Z,7,{kind},{span},USD,{cost},{hours},{ec2},{list},{rest}\n")
}

/// Half of a fleet under a plan, the other on demand, for one hour (or, as a bill without hours has it, one day).
fn fleet(at: usize, hours: u32) -> String {
    let step = usize::try_from(hours).unwrap();
    let moment = |at: usize| format!("2026-10-{:02}T{:02}:00:00Z", at / 24 + 1, at % 24);
    let end = match at + step {
        744 => "2026-11-01T00:00:00Z".to_owned(),
        end => moment(end),
    };
    let span = format!("{},{end}", moment(at));
    let times = |price: &str| {
        let units: i128 = price.replace('.', "").parse::<i128>().unwrap() * i128::from(hours);
        format!(
            "{}.{:012}",
            units / 1_000_000_000_000,
            units % 1_000_000_000_000
        )
    };
    let (covered, beside, paid) = (times(COVERED), times(BESIDE), times(PAID));
    let ends = "2029-01-01T00:00:00Z,3yr,No Upfront";
    line(
        "SavingsPlanCoveredUsage",
        &span,
        (&covered, hours),
        &covered,
        &format!("i-covered,{PLAN},{paid},,,{ends}"),
    ) + &line(
        "SavingsPlanNegation",
        &span,
        (&format!("-{covered}"), hours),
        &format!("-{covered}"),
        &format!("i-covered,{PLAN},,,,{ends}"),
    ) + &line(
        "SavingsPlanRecurringFee",
        &span,
        (&paid, 1),
        "",
        &format!(",{PLAN},,{paid},{paid},{ends}"),
    )
    .replace(
        "AmazonEC2,Amazon Elastic Compute Cloud,us-east-1,m5.xlarge,Linux,Hrs",
        "ComputeSavingsPlans,Savings Plans for AWS Compute usage,,,,",
    ) + &line("Usage", &span, (&beside, hours), &beside, "i-beside,,,,,,,")
}

/// October, in slots of so many hours.
fn october(hours: u32) -> String {
    let slots = (0..744).step_by(usize::try_from(hours).unwrap());
    CUR.to_owned() + &slots.map(|at| fleet(at, hours)).collect::<String>()
}

fn inventory() -> String {
    let machine = |id: &str| {
        format!(
            "{{\"InstanceId\":\"{id}\",\"InstanceType\":\"m5.xlarge\",\"State\":{{\"Name\":\"running\"}},\
             \"LaunchTime\":\"2026-01-01T00:00:00Z\",\"PlatformDetails\":\"Linux/UNIX\",\
             \"Placement\":{{\"AvailabilityZone\":\"us-east-1a\"}}}}"
        )
    };
    let both = ["i-covered", "i-beside"].map(machine).join(",");
    format!("{{\"Reservations\":[{{\"OwnerId\":\"7\",\"Instances\":[{both}]}}]}}")
}

/// Thirty days in which these machines need half of what they are.
fn metrics(machines: &[&str]) -> String {
    let mut text = "resource_id,timestamp,metric,value,stat,period\n".to_owned();
    for id in machines {
        for hour in 0..720 {
            let time = format!("2026-10-{:02}T{:02}:00:00Z", hour / 24 + 2, hour % 24);
            text +=
                &format!("{id},{time},cpu,35,Maximum,3600\n{id},{time},memory,30,Maximum,3600\n");
        }
    }
    text
}

fn run(hours: u32, machines: &[&str]) -> Run {
    World::new()
        .bill("bill.csv", october(hours))
        .file("inventory.json", inventory())
        .file("metrics.csv", metrics(machines))
        .config(
            "today = \"2026-11-03\"\n[[bills]]\npath = \"bills/*\"\n[[inventory]]\npath = \"inventory.json\"\n\
             [[usage]]\npath = \"metrics.csv\"\n[rightsizing]\nmodernise = false\narm = false\ninclude_families = [\"m5\"]\n",
        )
        .run(&["run"])
        .code(0)
}

/// Machine, low and high saving.
fn savings(run: &Run) -> Vec<[String; 4]> {
    let found = run.csv("rightsizing.csv");
    let columns = [
        "ResourceId",
        "MonthlySavingsLow",
        "MonthlySavingsHigh",
        "Counted",
    ];
    let mut rows: Vec<_> = found.rows.iter().map(|row| row.key(columns)).collect();
    rows.sort_unstable();
    rows
}

#[test]
fn a_fleet_that_halves_under_a_plan_saves_what_it_ran_on_demand() {
    let run = run(1, &["i-covered", "i-beside"]);
    // At on-demand price 16,819 go away, at what is paid 13,819; 13,638 of it leave the bill.
    assert_eq!(
        savings(&run),
        [
            ["i-beside", "6819.00", "6819.00", "yes"],
            ["i-covered", "6819.00", "7000.00", "yes"],
        ]
    );
    let kpis = run.csv("kpis.csv");
    let low = [
        ("Kpi", "rightsizing opportunity, low"),
        ("Month", "2026-10"),
    ];
    let low = kpis.find(&low).next().unwrap();
    assert_eq!(low.get("Value"), "13638.00");
    // Nothing is left on demand that a new plan could cover.
    let plan = run.csv("commitment_plan.csv");
    assert_eq!(plan.find(&[("Scope", "AWS Compute")]).count(), 0);
}

#[test]
fn one_that_stays_takes_what_a_freed_plan_can_cover() {
    // The machine under the plan halves; the other runs on demand all the time, and takes the freed half.
    let run = run(1, &["i-covered"]);
    assert_eq!(savings(&run), [["i-covered", "7000.00", "7000.00", "yes"]]);
    let plan = run.csv("commitment_plan.csv");
    let row = plan
        .find(&[("Scope", "AWS Compute"), ("Level", "optimum")])
        .next()
        .unwrap();
    // Of 13,638 a month 10,000 are covered by what is set free: 4.983 an hour is left, at 30 % off.
    assert_eq!(row.get("HourlyCommitment"), "3.488");
    let note = row.get("Note");
    let said = "13.699 an hour of findings that count is left out";
    assert!(note.contains(said), "{note}");
}

#[test]
fn a_bill_that_knows_days_only_says_so() {
    let run = run(24, &["i-covered", "i-beside"]);
    assert_eq!(savings(&run)[1][1], "6819.00", "every day is alike");
    let said = "low savings of 1 finding under commitments: the bill knows days only";
    assert!(run.stderr.contains(said), "{}", run.stderr);
}
