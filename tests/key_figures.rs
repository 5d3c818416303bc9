//! Key figures on a fortnight whose every number is known.

use crate::sheet::Sheet;
use crate::world::{Run, World};

const CUR: &str = "bill_payer_account_id,bill_billing_period_start_date,line_item_usage_account_id,\
line_item_line_item_type,line_item_usage_start_date,line_item_usage_end_date,line_item_currency_code,\
line_item_unblended_cost,line_item_usage_amount,line_item_product_code,product_product_name,product_region,\
line_item_usage_type,product_instance_type,product_operating_system,pricing_unit,pricing_public_on_demand_cost,\
line_item_resource_id,resource_tags_user_environment\n";

/// A line of an hour: cost, list price, amount; usage type, machine, unit; resource, environment.
fn line(at: usize, money: &str, amount: &str, what: [&str; 3], whose: [&str; 2]) -> String {
    let moment = |at: usize| format!("2026-10-{:02}T{:02}:00:00Z", at / 24 + 5, at % 24);
    let (start, end) = (moment(at), moment(at + 1));
    let ([usage, machine, unit], [id, environment]) = (what, whose);
    format!(
        "42,2026-10-01T00:00:00Z,7,Usage,{start},{end},USD,{money},{amount},AmazonEC2,\
         Amazon Elastic Compute Cloud,us-east-1,{usage},{machine},Linux,{unit},{money},{id},{environment}\n"
    )
}

/// Monday the 5th to Sunday the 18th: a development machine that rests at weekends, a production one on ARM, one on
/// spot, and a disk of 100 GB.
fn fortnight() -> String {
    let hour = |at: usize| {
        let weekday = at / 24 % 7;
        let dev = ["BoxUsage:m4.large", "m4.large", "Hrs"];
        let arm = ["BoxUsage:m6g.xlarge", "m6g.xlarge", "Hrs"];
        let spot = ["SpotUsage:m5.large", "m5.large", "Hrs"];
        let disk = ["EBS:VolumeUsage.gp3", "", "GB-Mo"];
        let rested = if weekday < 5 {
            line(at, "0.10", "1", dev, ["i-dev", "dev"])
        } else {
            String::new()
        };
        rested
            + &line(at, "0.16", "1", arm, ["i-prod", "prod"])
            + &line(at, "0.04", "1", spot, ["i-spot", "prod"])
            + &line(at, "0.01", "0.125", disk, ["vol-1", "prod"])
    };
    CUR.to_owned() + &(0..336).map(hour).collect::<String>()
}

const INVENTORY: &str = "{\"Volumes\":[\
{\"VolumeId\":\"vol-1\",\"State\":\"in-use\",\"Size\":100,\"Attachments\":[{\"InstanceId\":\"i-prod\"}]},\
{\"VolumeId\":\"vol-2\",\"State\":\"available\",\"Size\":100,\"Attachments\":[]}]}";

fn run() -> Run {
    World::new()
        .bill("bill.csv", fortnight())
        .file("volumes.json", INVENTORY)
        .file(
            "budgets.csv",
            "period,amount,currency\n2026-10,100,USD\n2026-Q4,1000,USD\n",
        )
        .config(
            "today = \"2026-10-21\"\n[[bills]]\npath = \"bills/*\"\n[[inventory]]\npath = \"volumes.json\"\n\
             [budgets]\nfile = \"budgets.csv\"\n",
        )
        .run(&["run", "--report", "kpis"])
        .code(0)
}

/// Value, unit and status.
#[track_caller]
fn figure(kpis: &Sheet, name: &str) -> [String; 3] {
    let key = [("Kpi", name)];
    let row = kpis.find(&key).next();
    let row = row.unwrap_or_else(|| panic!("no `{name}` in {kpis:#?}"));
    row.key(["Value", "Unit", "Status"])
}

#[test]
fn every_figure_that_the_inputs_allow() {
    let kpis = run().csv("kpis.csv");
    // 240 hours at 0.10, 336 each at 0.16, 0.04 and 0.01.
    assert_eq!(figure(&kpis, "cost of the month"), ["94.56", "USD", ""]);
    assert_eq!(figure(&kpis, "savings, total"), ["0.00", "USD", ""]);
    // 240 x 2 + 336 x 4 + 336 x 2 vCPU-hours for 91.20.
    assert_eq!(
        figure(&kpis, "cost per vCPU-hour"),
        ["0.036538", "USD per vCPU-hour", ""]
    );
    assert_eq!(
        figure(&kpis, "cost per vCPU-hour, spot"),
        ["0.02", "USD per vCPU-hour", ""]
    );
    assert_eq!(figure(&kpis, "compute on spot"), ["14.74", "percent", ""]);
    assert_eq!(figure(&kpis, "compute on ARM"), ["58.95", "percent", ""]);
    // m4 and m5 have successors, m6g has none.
    assert_eq!(
        figure(&kpis, "compute on current generations"),
        ["58.95", "percent", ""]
    );
    // Ten weekdays around the clock, twelve hours of each at work.
    assert_eq!(
        figure(&kpis, "non-production out of hours"),
        ["50.00", "percent", ""]
    );
    assert_eq!(
        figure(&kpis, "cost per GB-month, block storage"),
        ["0.08", "USD per GB-month", ""]
    );
    // 0.21 an hour against 0.31.
    assert_eq!(
        figure(&kpis, "weekend to weekday cost"),
        ["67.74", "percent", ""]
    );
    assert_eq!(figure(&kpis, "orphaned volumes"), ["50.00", "percent", ""]);
    assert_eq!(figure(&kpis, "data latency"), ["3.00", "days", ""]);
    assert_eq!(figure(&kpis, "anomalies"), ["0", "count", ""]);
    // 94.56 of 100 after 20 of 31 days.
    assert_eq!(
        figure(&kpis, "budget burn rate, month"),
        ["1.47", "ratio", "missed"]
    );
    assert_eq!(figure(&kpis, "budget variance, month")[2], "missed");
    assert_eq!(figure(&kpis, "budget variance, quarter")[2], "met");
}

#[test]
fn what_the_inputs_do_not_give_is_left_out() {
    let kpis = run().csv("kpis.csv");
    for name in [
        "commitment utilization",
        "commitments expiring",
        "orphaned snapshots",
        "unattached addresses",
        "reconciliation drift",
        "cost per GB-month, object storage",
        "cost per vCPU-hour, committed",
        "days to detect",
        "unit cost, order",
    ] {
        let rows = kpis.rows.iter();
        let found = rows.filter(|row| row.get("Kpi").starts_with(name)).count();
        assert_eq!(found, 0, "{name}");
    }
    assert!(
        kpis.column("Definition")
            .iter()
            .all(|text| !text.is_empty())
    );
}
