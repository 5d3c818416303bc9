//! `totals.toml`: what a correct program must find in the sample company, amounts as decimal text.

use std::fmt::Write;

use super::calendar::{Day, LAST_DAY};
use super::cur::Bill;
use super::events::{EVENTS, Event};
use super::exact::{Pico, plain};
use super::files::Files;
use super::fleet::{self, Machine, Role};
use super::ledger::{self, Book, Both, Violations};
use super::meters::{INGEST, Meter, QUILLFEN, RESIZE, VISION};
use super::metrics::{Metric, samples};
use super::organisation::{Account, Region};
use super::{azure, sizes, usage};

const HEAD: &str = r#"# Known totals and planted findings of the sample company, summed in whole numbers by its
# generator (`make sample-data`), never by the program. Amounts are exact decimals as text.
# billed and effective are FOCUS BilledCost and EffectiveCost; rows are records of the export.
# cost_center: a variant key counts as missing; untaggable is everything but usage of a resource.
# What is inherited or exempt by the policy is no violation; an expired exemption covers nothing.
# by_cost_center: by tag value, right or wrong, under the key or an alias.

today = "2026-11-21"
# These days are still filling up: an apparent drop there is no finding.
incomplete_days = ["2026-11-19", "2026-11-20"]
"#;

/// Writes the file.
pub(crate) fn write(reports: &[Vec<Bill>; 2], rows: &[azure::Row], files: &mut Files) {
    let mut violations = Violations::new();
    let mut text = HEAD.to_owned();
    let mut books: Vec<Book> = Vec::new();
    for bill in reports.iter().flatten() {
        books.push(ledger::of_report(bill, &mut violations));
    }
    books.push(ledger::of_azure(rows, &mut violations));
    text.extend(books.iter().map(bill_text));
    text.extend(EVENTS.iter().map(anomaly_text));
    text += QUIET;
    text.extend(fleet::machines().map(|machine| machine_text(&machine)));
    text += &sizes::totals();
    text += &waste();
    text += &violations_text(&violations);
    files.insert("totals.toml".to_owned(), text.into_bytes());
}

fn bill_text(book: &Book) -> String {
    let mut text = format!(
        "\n[[bill]]\nsource = \"{}\"\nmonth = \"{}\"\ncurrency = \"{}\"\nrows = {}\n",
        book.source, book.month, book.currency, book.rows
    );
    let mut amount = |name: &str, value: Pico| {
        let _ = writeln!(text, "{name} = \"{}\"", plain(value));
    };
    if let Some(unblended) = book.unblended {
        amount("unblended", unblended);
    }
    amount("billed", book.total.billed);
    amount("effective", book.total.effective);
    amount("unused_savings_plan", book.unused[0]);
    amount("unused_reservation", book.unused[1]);
    amount("untagged_billed", book.untagged.billed);
    amount("untagged_effective", book.untagged.effective);
    let groups = [
        ("by_service", &book.services),
        ("by_account", &book.accounts),
        ("by_cost_center", &book.centres),
        ("cost_center", &book.tagging),
    ];
    for (name, sums) in groups {
        text += &format!("[bill.{name}]\n");
        for (key, Both { billed, effective }) in sums {
            let (billed, effective) = (plain(*billed), plain(*effective));
            text +=
                &format!("\"{key}\" = {{ billed = \"{billed}\", effective = \"{effective}\" }}\n");
        }
    }
    text
}

/// The meters an event touches; the first one names account, service and resource.
fn anomaly_text(event: &Event) -> String {
    let meters: Vec<&Meter> = QUILLFEN
        .iter()
        .filter(|meter| event.touches(meter.2, meter.3.usage_type))
        .collect();
    let Some(&&(account, region, thing, sku, ..)) = meters.first() else {
        return String::new();
    };
    let impact = |last: i32| -> String {
        let days = (event.first.0..=last.min(event.last.0)).map(Day);
        let sum = days
            .flat_map(|day| meters.iter().map(move |meter| usage::excess(meter, day)))
            .sum();
        plain(sum)
    };
    format!(
        "\n[[anomaly]]\naccount = \"{}\"\nservice = \"{}\"\nkind = \"{}\"\nfirst_day = \"{}\"\n\
         last_day = \"{}\"\nimpact_first_week = \"{}\"\nimpact_to_date = \"{}\"\ncurrency = \"USD\"\n\
         region = \"{}\"\nresource_id = \"{}\"\nusage_type = \"{}\"\ncause = \"usage\"\nstory = \"{}\"\n",
        account.id(),
        sku.product.name(),
        event.kind,
        event.first.iso(),
        event.last.iso(),
        impact(event.first.0 + 6),
        impact(LAST_DAY.0),
        region.code(),
        usage::resource_id(thing, account, region),
        format_args!("{}{}", region.prefix(), sku.usage_type),
        event.story,
    )
}

/// Series that look alarming and are not.
const QUIET: &str = r#"
[[quiet]]
account = "999900001111"
service = "AWS Support (Business)"
why = "a fee on the first of every month"

[[quiet]]
account = "111122220002"
service = "Amazon Elastic Compute Cloud"
why = "machines that rest at weekends"

[[quiet]]
account = "111122220001"
service = "Amazon DynamoDB"
why = "weekends are at about 60 % of a working day"

[[quiet]]
account = "111122220001"
service = "AWS Lambda"
why = "weekends are at about 60 % of a working day"

[[quiet]]
account = "999900001111"
service = "Savings Plans for AWS Compute usage"
why = "a steady commitment"
"#;

/// Finding, expected action, the type of the same family that fits, and why.
fn verdict(role: Role) -> [&'static str; 4] {
    match role {
        Role::Healthy => ["healthy", "none", "", "busy enough for its type"],
        Role::Oversized(target) => [
            "oversized",
            "resize",
            target,
            "little CPU and little memory",
        ],
        Role::Idle => [
            "idle",
            "stop",
            "",
            "CPU below 5 % and network below 5 MB a day",
        ],
        Role::Grouped => ["grouped", "none", "", "its group as a whole is too large"],
        Role::MemoryBound => [
            "memory_bound",
            "none",
            "",
            "little CPU, but the memory is full",
        ],
        Role::NoMemoryData => [
            "memory_unknown",
            "none",
            "",
            "no smaller memory without a measure",
        ],
        Role::TooLittleData => [
            "insufficient_data",
            "none",
            "",
            "less than 30 hours of metrics",
        ],
        Role::Stopped => [
            "stopped",
            "none",
            "",
            "stopped since July, its disk is still billed",
        ],
    }
}

fn machine_text(machine: &Machine) -> String {
    let [finding, action, target, why] = verdict(machine.role);
    let mut text = format!(
        "\n[[machine]]\nresource_id = \"{}\"\nname = \"{}\"\naccount = \"{}\"\nregion = \"{}\"\n\
         type = \"{}\"\nvcpu = {}\nmemory_gib = {}\nhourly_usd = \"{}\"\n",
        machine.id(),
        machine.name,
        machine.account.id(),
        machine.region.code(),
        machine.instance_type,
        machine.vcpu(),
        machine.memory(),
        plain(machine.rate()),
    );
    text += &format!("finding = \"{finding}\"\naction = \"{action}\"\nwhy = \"{why}\"\n");
    if !target.is_empty() {
        text += &format!("same_family_type = \"{target}\"\n");
    }
    text += &format!("samples = {}\n", samples(machine, Metric::Cpu).len());
    for (name, metric) in [("cpu_max", Metric::Cpu), ("memory_max", Metric::Memory)] {
        let highest = samples(machine, metric)
            .into_iter()
            .map(|(.., value)| value)
            .max();
        if let Some(tenths) = highest {
            text += &format!("{name} = {}.{}\n", tenths / 10, tenths % 10);
        }
    }
    text
}

/// Planted waste: the check that must find it, its account and thing; no thing where the account is meant.
#[rustfmt::skip] // one row, one line
const WASTE: &[(&str, Account, &str)] = &[
    ("dynamodb-table-class", Account::Data, "dynamodb:table/archive"),
    ("duplicate-trail", Account::Shared, ""),
    ("ebs-gp2", Account::Data, "volume:old-scratch"),
    ("ebs-gp2", Account::Sandbox, "volume:poc-data"),
    ("ebs-old-snapshot", Account::Data, "snapshot:old-scratch"),
    ("ebs-provisioned-iops", Account::Data, "volume:import-log"),
    ("idle-alb", Account::Staging, "balancer:stg"),
    ("idle-kinesis-stream", Account::Data, "kinesis:stream/old-feed"),
    ("idle-nat-gateway", Account::Staging, "ec2:natgateway/nat-stg"),
    ("idle-public-ipv4", Account::Sandbox, "ec2:elastic-ip/eipalloc-poc"),
    ("idle-vpc-endpoint", Account::Sandbox, "ec2:vpc-endpoint/vpce-poc"),
    ("idle-web-acl", Account::Sandbox, "wafv2:regional/webacl/trial/0a"),
    ("lambda-graviton", Account::Prod, INGEST),
    ("lambda-graviton", Account::Data, "lambda:function:compaction"),
    ("lambda-graviton", Account::Sandbox, RESIZE),
    ("lambda-graviton", Account::TarnholtApp, "lambda:function:decode"),
    ("nat-processing", Account::Shared, ""),
    ("new-service", Account::Sandbox, ""),
    ("nonproduction-schedule", Account::Staging, "machine:stg-app-1"),
    ("nonproduction-schedule", Account::Sandbox, "machine:demo-1"),
    ("nonproduction-schedule", Account::TarnholtLab, "instance:bench-1"),
    ("nonproduction-schedule", Account::Staging, "rds:db:stg-main"),
    ("rds-extended-support", Account::Staging, "rds:db:stg-main"),
    ("s3-unread", Account::Data, "bucket:quillfen-scratch"),
    ("sagemaker-notebook", Account::Sandbox, VISION),
    ("unassociated-address", Account::Sandbox, "ec2:elastic-ip/eipalloc-poc"),
    ("unattached-disk", Account::Data, "volume:old-scratch"),
    ("unattached-disk", Account::Sandbox, "volume:poc-data"),
    ("unused-capacity-reservation", Account::Data, "ec2:capacity-reservation/cr-import"),
];

/// The rows of the table, and the gp2 disks of the older machines.
fn waste() -> String {
    let mut text = String::new();
    let mut put = |check: &str, account: Account, id: &str| {
        text += &format!(
            "\n[[waste]]\ncheck = \"{check}\"\naccount = \"{}\"\nresource_id = \"{id}\"\n",
            account.id()
        );
    };
    for &(check, account, thing) in WASTE {
        let region = match account {
            Account::TarnholtApp | Account::TarnholtLab => Region::EuWest1,
            _ => Region::UsEast1,
        };
        put(check, account, &usage::resource_id(thing, account, region));
    }
    for machine in fleet::machines().filter(Machine::has_old_disk) {
        put("ebs-gp2", machine.account, &machine.volume());
    }
    text
}

fn violations_text(violations: &Violations) -> String {
    let mut text = String::new();
    for (violation, (first, last)) in violations {
        text += &format!(
            "\n[[violation]]\nresource_id = \"{}\"\naccount = \"{}\"\nservice = \"{}\"\n\
             tag = \"{}\"\nkind = \"{}\"\nvalue = \"{}\"\nfirst_month = \"{first}\"\nlast_month = \"{last}\"\n",
            violation.resource,
            violation.account,
            violation.service,
            violation.tag,
            violation.kind,
            violation.value,
        );
    }
    text
}
