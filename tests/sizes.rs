//! Rightsizing beyond single machines, through the program: groups, databases, disks and workloads from hand-made
//! inventories, metrics and bills; scopes of the config; machines that were resized.

mod google;

use crate::sheet::Row;
use crate::world::{Run, World};
use std::fmt::Write;

const CUR: &str = "bill_payer_account_id,bill_billing_period_start_date,line_item_usage_account_id,\
line_item_line_item_type,line_item_usage_start_date,line_item_usage_end_date,line_item_currency_code,\
line_item_unblended_cost,line_item_usage_amount,line_item_usage_type,line_item_product_code,product_product_name,\
product_region,product_instance_type,pricing_unit,pricing_public_on_demand_rate,line_item_resource_id\n";

const EC2: &str = "AmazonEC2,Amazon Elastic Compute Cloud,us-east-1";
const RDS: &str = "AmazonRDS,Amazon Relational Database Service,us-east-1";

/// A resource on every day of October from one to another: usage type, product, type, unit, price, quantity a day, id.
fn billed(days: std::ops::RangeInclusive<u32>, what: [&str; 7]) -> String {
    let [usage, product, class, unit, rate, quantity, id] = what;
    let cost = rate.parse::<f64>().unwrap() * quantity.parse::<f64>().unwrap();
    let mut text = String::new();
    for day in days {
        let _ = writeln!(
            text,
            "42,2026-10-01T00:00:00Z,7,Usage,2026-10-{day:02}T00:00:00Z,2026-10-{day:02}T23:59:59Z,USD,{cost:.6},{quantity},{usage},{product},{class},{unit},{rate},{id}"
        );
    }
    text
}

fn machine(id: &str) -> String {
    billed(
        1..=31,
        [
            "BoxUsage:m5.xlarge",
            EC2,
            "m5.xlarge",
            "Hrs",
            "0.192",
            "24",
            id,
        ],
    )
}

/// Hourly values of 32 days before 2026-11-21.
fn measured(id: &str, metric: &str, stat: &str, value: f64) -> String {
    let mut text = String::new();
    for hour in 0..32 * 24 {
        let time = 1_795_219_200 - (hour + 1) * 3600;
        let _ = writeln!(text, "{id},{time},{metric},{value},{stat},3600");
    }
    text
}

fn busy(id: &str, cpu: f64, memory: f64) -> String {
    measured(id, "cpu", "Maximum", cpu) + &measured(id, "memory", "Maximum", memory)
}

const CONFIG: &str = "today = \"2026-11-21\"\n[[bills]]\npath = \"bills/\"\n[[inventory]]\npath = \"inventory/*\"\n[[usage]]\npath = \"metrics/*\"\n";
const METRICS: &str = "resource_id,timestamp,metric,value,stat,period\n";

fn world(bill: &str, inventory: &[(&str, &str)], metrics: &str, config: &str) -> World {
    let world = World::new()
        .bill("cur.csv", format!("{CUR}{bill}"))
        .file("metrics/m.csv", format!("{METRICS}{metrics}"))
        .config(&format!("{CONFIG}{config}"));
    for (name, text) in inventory {
        world.write(&format!("inventory/{name}"), text);
    }
    world
}

fn run(world: &World) -> Run {
    world
        .run(&[
            "run",
            "--report",
            "rightsizing",
            "--report",
            "rightsizing_skipped",
            "--report",
            "waste",
        ])
        .code(0)
}

#[track_caller]
fn found(run: &Run, id: &str) -> Row {
    let sheet = run.csv("rightsizing.csv");
    let row = sheet.find(&[("ResourceId", id)]).next().cloned();
    row.unwrap_or_else(|| panic!("no {id}; {:?}", run.csv("rightsizing_skipped.csv").rows))
}

#[track_caller]
fn reason(run: &Run, id: &str) -> String {
    let sheet = run.csv("rightsizing_skipped.csv");
    let row = sheet.find(&[("ResourceId", id)]).next().cloned();
    row.unwrap_or_else(|| panic!("no {id}; {:?}", run.csv("rightsizing.csv").rows))
        .get("Reason")
        .to_owned()
}

fn instances(ids: &[&str], tags: &str) -> String {
    let one = |id: &&str| {
        format!(
            r#"{{"InstanceId":"{id}","InstanceType":"m5.xlarge","State":{{"Name":"running"}},"PlatformDetails":"Linux/UNIX","LaunchTime":"2026-01-04T09:00:00Z","Placement":{{"AvailabilityZone":"us-east-1a"}},"Tags":[{tags}]}}"#
        )
    };
    let all: Vec<String> = ids.iter().map(one).collect();
    format!(
        r#"{{"Reservations":[{{"OwnerId":"7","Instances":[{}]}}]}}"#,
        all.join(",")
    )
}

const GROUP: &str = r#"{"AutoScalingGroups":[{"AutoScalingGroupName":"web","AutoScalingGroupARN":"arn:aws:autoscaling:us-east-1:7:autoScalingGroup:1:autoScalingGroupName/web","MinSize":3,"MaxSize":9,"Instances":[{"InstanceId":"i-01"},{"InstanceId":"i-02"},{"InstanceId":"i-03"},{"InstanceId":"i-04"}]}]}"#;

const IDS: [&str; 4] = ["i-01", "i-02", "i-03", "i-04"];

#[test]
fn a_group_is_judged_as_a_whole_and_its_members_say_so() {
    let bill: String = IDS.iter().map(|id| machine(id)).collect();
    let metrics: String = IDS.iter().map(|id| busy(id, 45.0, 55.0)).collect();
    let inventory = [
        ("i.json", instances(&IDS, "")),
        ("g.json", GROUP.to_owned()),
    ];
    let inventory: Vec<_> = inventory
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    let run = run(&world(&bill, &inventory, &metrics, ""));
    let id = "arn:aws:autoscaling:us-east-1:7:autoScalingGroup:1:autoScalingGroupName/web";
    let row = found(&run, id);
    // Together 180 % of CPU and 220 % of memory, and a fifth: three members, the group's least.
    assert_eq!(
        row.key([
            "CurrentType",
            "RecommendedType",
            "Action",
            "Kind",
            "Counted"
        ]),
        ["4 × m5.xlarge", "3 × m5.xlarge", "resize", "group", "yes"]
    );
    // Four at 0.192 for 730 hours, one of them.
    assert_eq!(
        row.key(["MonthlySavingsLow", "MonthlySavingsHigh"]),
        ["140.16", "140.16"]
    );
    assert!(
        row.get("Reason")
            .contains("4 members (i-01, i-02, i-03, i-04)"),
        "{row:?}"
    );
    assert!(
        row.get("Reason").contains("the group may have 3 to 9"),
        "{row:?}"
    );
    for id in IDS {
        assert_eq!(reason(&run, id), "judged with its group web");
    }
}

#[test]
fn the_first_scope_that_matches_sets_how_much_room_is_kept() {
    let bill = machine("i-01") + &machine("i-02");
    let metrics = busy("i-01", 38.0, 40.0) + &busy("i-02", 38.0, 40.0);
    let one = |id: &str, env: &str| {
        instances(
            &[id],
            &format!(r#"{{"Key":"env","Value":"{env}"}},{{"Key":"tier","Value":"{id}"}}"#),
        )
    };
    let (a, b) = (one("i-01", "prod"), one("i-02", "dev"));
    let inventory = [("a.json", a.as_str()), ("b.json", b.as_str())];
    let owners = "[tags]\nenvironment = [\"env\"]\n";
    let plain = run(&world(&bill, &inventory, &metrics, owners));
    assert_eq!(found(&plain, "i-01").get("RecommendedType"), "m5.large");
    let scopes = format!(
        "{owners}[[rightsizing.scope]]\nwhen = {{ Environment = [\"prod\"], \"tag:tier\" = [\"i-*\"] }}\nheadroom = 40\n\
         [[rightsizing.scope]]\nwhen = {{ Kind = [\"machine\"] }}\nexclude_families = [\"m5\"]\n"
    );
    let scoped = run(&world(&bill, &inventory, &metrics, &scopes));
    // 38 % of 4 vCPU and 40 % are more than the two of m5.large.
    assert!(!scoped.text("rightsizing.csv").contains(",m5.large,"));
    assert_ne!(found(&scoped, "i-02").get("RecommendedType"), "m5.large");
}

#[test]
fn scopes_that_nobody_can_mean_are_refused_before_anything_is_read() {
    let refused = |scope: &str, words: &str| {
        let config = format!("[[rightsizing.scope]]\n{scope}\n");
        world("", &[], "", &config)
            .run(&["run"])
            .code(2)
            .stderr_has(words);
    };
    refused(
        "when = { Enviroment = [\"prod\"] }",
        "did you mean `Environment`?",
    );
    refused(
        "when = { Team = [\"web\"] }\npreste = \"savings\"",
        "did you mean `preset`?",
    );
    refused("preset = \"savings\"", "says of which resources in `when`");
    refused(
        "when = { Team = [\"web\"] }\nheadroom = 900",
        "between 0 and 200",
    );
}

#[test]
fn nothing_is_measured_across_a_resize_that_the_bill_shows() {
    // A busy m5.large until the 26th of October, a quiet m5.xlarge since.
    let bill = billed(
        1..=26,
        [
            "BoxUsage:m5.large",
            EC2,
            "m5.large",
            "Hrs",
            "0.096",
            "24",
            "i-01",
        ],
    ) + &billed(
        26..=31,
        [
            "BoxUsage:m5.xlarge",
            EC2,
            "m5.xlarge",
            "Hrs",
            "0.192",
            "24",
            "i-01",
        ],
    );
    let mut metrics = String::new();
    for hour in 0..32 * 24 {
        let time = 1_795_219_200 - (hour + 1) * 3600;
        // The 27th of October begins 25 days before.
        let cpu = if hour < 25 * 24 { 20 } else { 95 };
        let _ = writeln!(
            metrics,
            "i-01,{time},cpu,{cpu},Maximum,3600\ni-01,{time},memory,30,Maximum,3600"
        );
    }
    let inventory = instances(&["i-01"], "");
    let run = run(&world(&bill, &[("i.json", &inventory)], &metrics, ""));
    let row = found(&run, "i-01");
    assert_eq!(
        row.key(["RecommendedType", "CpuP995"]),
        ["m5.large", "20.00"]
    );
    assert!(row.get("Reason").contains("in 25 days of"), "{row:?}");
}

#[test]
fn a_volume_and_a_database_save_on_their_own_lines() {
    let volume = |usage, unit, rate, quantity| {
        billed(1..=31, [usage, EC2, "", unit, rate, quantity, "vol-01"])
    };
    let bill = volume("EBS:VolumeUsage.piops", "GB-Mo", "0.125", "16.129")
        + &volume("EBS:VolumeP-IOPS.piops", "IOPS-Mo", "0.065", "258.06")
        + &billed(
            1..=31,
            [
                "Multi-AZUsage:db.m5.2xlarge",
                RDS,
                "db.m5.2xlarge",
                "Hrs",
                "1.424",
                "24",
                "arn:aws:rds:us-east-1:7:db:shop",
            ],
        );
    let volumes = r#"{"Volumes":[{"VolumeId":"vol-01","VolumeType":"io1","Size":500,"Iops":8000,"State":"in-use","AvailabilityZone":"us-east-1a","Attachments":[{"InstanceId":"i-01"}]}]}"#;
    let databases = r#"{"DBInstances":[{"DBInstanceIdentifier":"shop","DBInstanceArn":"arn:aws:rds:us-east-1:7:db:shop","DBInstanceClass":"db.m5.2xlarge","Engine":"postgres","DBInstanceStatus":"available","MultiAZ":true,"AllocatedStorage":200,"AvailabilityZone":"us-east-1a"}]}"#;
    let metrics = measured("vol-01", "VolumeReadOps", "Sum", 1000.0 * 3600.0)
        + &measured("vol-01", "VolumeWriteOps", "Sum", 500.0 * 3600.0)
        + &measured(
            "vol-01",
            "VolumeReadBytes",
            "Sum",
            20.0 * 1_048_576.0 * 3600.0,
        )
        + &measured(
            "vol-01",
            "VolumeWriteBytes",
            "Sum",
            20.0 * 1_048_576.0 * 3600.0,
        )
        + &measured("shop", "CPUUtilization", "Maximum", 10.0)
        + &measured("shop", "FreeableMemory", "Minimum", 28.0 * 1_073_741_824.0)
        + &measured("shop", "DatabaseConnections", "Maximum", 40.0);
    let run = run(&world(
        &bill,
        &[("v.json", volumes), ("d.json", databases)],
        &metrics,
        "",
    ));
    let disk = found(&run, "vol-01");
    assert_eq!(
        disk.key([
            "CurrentType",
            "RecommendedType",
            "Action",
            "Kind",
            "Counted"
        ]),
        [
            "io1 500 GiB 8000 IOPS",
            "gp3 500 GiB 3000 IOPS",
            "retier",
            "disk",
            "yes"
        ]
    );
    let database = found(&run, "arn:aws:rds:us-east-1:7:db:shop");
    assert_eq!(
        database.key([
            "CurrentType",
            "RecommendedType",
            "Action",
            "Kind",
            "MonthlySavingsHigh"
        ]),
        [
            "db.m5.2xlarge",
            "db.m5.xlarge",
            "resize",
            "database",
            "519.76"
        ]
    );
    assert!(
        database
            .get("Reason")
            .contains("both zones change; storage stays"),
        "{database:?}"
    );
    // The check of waste looks at the same volume; one of the two counts.
    let waste = run.csv("waste.csv");
    let same: Vec<&Row> = waste
        .find(&[("ResourceId", "vol-01"), ("Counted", "yes")])
        .collect();
    assert!(same.is_empty(), "{same:?}");
}

#[test]
fn averages_of_opencost_are_a_guess_that_no_total_counts() {
    let bill = machine("i-01") + &machine("i-02");
    let tags = r#"{"Key":"eks:cluster-name","Value":"eu"},{"Key":"aws:autoscaling:groupName","Value":"nodes"}"#;
    let nodes = instances(&["i-01", "i-02"], tags);
    let day = |day: u32| {
        format!(
            r#"{{"web":{{"properties":{{"cluster":"eu","namespace":"shop","controller":"web","controllerKind":"deployment"}},
            "window":{{"start":"2026-11-{day:02}T00:00:00Z","end":"2026-11-{:02}T00:00:00Z"}},"minutes":1440,
            "cpuCoreRequestAverage":2,"cpuCoreUsageAverage":0.3,"ramByteRequestAverage":4294967296,"ramByteUsageAverage":1e9}}}}"#,
            day + 1
        )
    };
    let days: Vec<String> = (8..20).map(day).collect();
    let text = format!(
        r#"{{"code":200,"status":"success","data":[{}]}}"#,
        days.join(",")
    );
    let metrics = busy("i-01", 80.0, 80.0) + &busy("i-02", 80.0, 80.0);
    let world = world(
        &bill,
        &[("i.json", &nodes), ("o.json", &text)],
        &metrics,
        "",
    )
    .file("metrics/o.json", &text);
    let run = run(&world);
    let row = found(&run, "k8s:eu/shop/web");
    assert_eq!(
        row.key([
            "CurrentType",
            "RecommendedType",
            "Confidence",
            "MonthlySavingsLow",
            "Counted",
            "Kind"
        ]),
        [
            "cpu 2000m memory 4096Mi",
            "cpu 300m memory 4096Mi",
            "C",
            "0.00",
            "no",
            "workload"
        ]
    );
    assert!(
        row.get("Reason").contains("averages this long hide peaks"),
        "{row:?}"
    );
    assert!(
        reason(&run, "nodes").contains("nodes of a cluster: what pods request must fit as well")
    );
}
