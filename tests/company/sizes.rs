//! Volumes, databases and containers whose size is planted: what they are, how busy they are, and what rightsizing
//! must say about them. Groups are made of machines of the fleet.

use std::fmt::Write;

use super::calendar::{Day, LAST_DAY, NOVEMBER, OCTOBER, on};
use super::chance::Dice;
use super::files::{Files, gzip, json_object};
use super::fleet::machine_id;
use super::meters::{self, QUILLFEN};
use super::organisation::{Account, Region, tags};
use super::usage;

/// First day of the metrics: 32 days of hours.
const FIRST: Day = on(OCTOBER, 20);
/// First day of the containers' metrics: half hours of two weeks.
const FIRST_HALF_HOUR: Day = on(NOVEMBER, 7);
/// Seconds of 1970-01-01 to the first day of the calendar, 2026-08-01.
const CALENDAR: i64 = 1_785_542_400;
const GIB: i128 = 1_073_741_824;
const MIB: i128 = 1_048_576;

/// A volume: thing, GiB, IOPS, MiB per second, its machine, operations and MiB per second at most, what it becomes.
type Volume = (
    &'static str,
    u32,
    u32,
    u32,
    &'static str,
    [i128; 2],
    &'static str,
);

const VOLUMES: [Volume; 2] = [
    (
        "volume:etl-scratch",
        500,
        12_000,
        125,
        "etl-1",
        [1900, 70],
        "gp3 500 GiB 3000 IOPS",
    ),
    (
        "volume:queue-log",
        200,
        8000,
        125,
        "queue-1",
        [6400, 80],
        "",
    ),
];

/// A database: thing, class, engine, GiB of memory, CPU low and high in tenths of a percent, GiB free at least and
/// most, connections at most, what it becomes.
type Base = (
    &'static str,
    &'static str,
    &'static str,
    [i128; 2],
    [i128; 2],
    i128,
    &'static str,
);

const BASES: [Base; 2] = [
    (
        "rds:db:profiles",
        "db.r6g.2xlarge",
        "postgres",
        [40, 95],
        [52, 55],
        60,
        "db.r6g.xlarge",
    ),
    (
        "rds:db:orders",
        "db.m6g.2xlarge",
        "postgres",
        [380, 640],
        [5, 8],
        240,
        "",
    ),
];

/// A container: namespace, workload, container, requested millicores and MiB, used at most, pods, what it becomes.
type Container = ([&'static str; 3], [i128; 2], [i128; 2], usize, &'static str);

const CONTAINERS: [Container; 2] = [
    (
        ["shop", "checkout", "web"],
        [1000, 4096],
        [180, 700],
        2,
        "cpu 177m memory 805Mi",
    ),
    (["shop", "search", "api"], [400, 1024], [398, 885], 2, ""),
];

/// Groups: name, what becomes of it.
const GROUPS: [(&str, &str); 3] = [
    ("quillfen-render", "3 × m6i.xlarge"),
    ("quillfen-web", ""),
    ("quillfen-nodes", ""),
];

/// Inventory and metrics.
pub(crate) fn write(files: &mut Files) -> std::io::Result<()> {
    let volumes = volumes().into_bytes();
    files.insert("inventory/ec2-describe-volumes.json".to_owned(), volumes);
    let bases = bases().into_bytes();
    files.insert("inventory/rds-describe-db-instances.json".to_owned(), bases);
    files.insert("metrics/disks-databases.csv.gz".to_owned(), gzip(&table())?);
    files.insert(
        "metrics/containers.json.gz".to_owned(),
        gzip(&containers())?,
    );
    Ok(())
}

/// Account, region and tags of a thing, from its meters.
fn owner(thing: &str) -> (Account, Region, &'static str) {
    let meter = QUILLFEN.iter().find(|meter| meter.2 == thing);
    meter.map_or(
        (Account::Prod, Region::UsEast1, meters::PLATFORM),
        |meter| (meter.0, meter.1, meter.6),
    )
}

fn id(thing: &str) -> String {
    let (account, region, _) = owner(thing);
    usage::resource_id(thing, account, region)
}

fn tag_list(labels: &'static str) -> String {
    let tag = |(key, value): (&str, &str)| format!(r#"{{"Key": "{key}", "Value": "{value}"}}"#);
    let tags: Vec<String> = tags(labels).into_iter().map(tag).collect();
    format!("[{}]", tags.join(", "))
}

fn volumes() -> String {
    let one = |&(thing, gib, iops, mbps, machine, ..): &Volume| {
        let (_, region, labels) = owner(thing);
        format!(
            "    {{\"VolumeId\": \"{}\", \"VolumeType\": \"gp3\", \"Size\": {gib}, \"Iops\": {iops}, \"Throughput\": {mbps}, \
             \"State\": \"in-use\", \"AvailabilityZone\": \"{}a\", \"CreateTime\": \"2026-03-04T09:00:00+00:00\", \
             \"Attachments\": [{{\"InstanceId\": \"{}\", \"State\": \"attached\"}}], \"Tags\": {}}}",
            id(thing),
            region.code(),
            machine_id(machine),
            tag_list(labels),
        )
    };
    let all: Vec<String> = VOLUMES.iter().map(one).collect();
    format!("{{\n  \"Volumes\": [\n{}\n  ]\n}}\n", all.join(",\n"))
}

fn bases() -> String {
    let one = |&(thing, class, engine, ..): &Base| {
        let (_, region, labels) = owner(thing);
        let name = thing.rsplit(':').next().unwrap_or_default();
        format!(
            "    {{\"DBInstanceIdentifier\": \"{name}\", \"DBInstanceArn\": \"{}\", \"DBInstanceClass\": \"{class}\", \
             \"Engine\": \"{engine}\", \"EngineVersion\": \"16.4\", \"DBInstanceStatus\": \"available\", \
             \"AllocatedStorage\": 100, \"MultiAZ\": false, \"AvailabilityZone\": \"{}a\", \
             \"LicenseModel\": \"postgresql-license\", \"InstanceCreateTime\": \"2026-03-04T09:00:00+00:00\", \"TagList\": {}}}",
            id(thing),
            region.code(),
            tag_list(labels),
        )
    };
    let all: Vec<String> = BASES.iter().map(one).collect();
    format!("{{\n  \"DBInstances\": [\n{}\n  ]\n}}\n", all.join(",\n"))
}

/// Between two figures, by the hour of the day, with a little noise; whole days alike.
fn between(name: &str, low: i128, high: i128, day: Day, part: usize) -> i128 {
    const HOURS: [i128; 24] = [
        100, 60, 40, 20, 20, 80, 200, 380, 600, 780, 900, 940, 920, 950, 1000, 980, 930, 840, 700,
        560, 430, 320, 230, 160,
    ];
    let noise = Dice::of(&format!("{name} {} {part}", day.0)).around(60);
    (low + (high - low) * (HOURS[part] + noise) / 1000).clamp(low, high)
}

fn table() -> String {
    let mut text = String::from("resource_id,timestamp,metric,value,stat,period\n");
    let mut push = |id: &str, metric: &str, stat: &str, value: &dyn Fn(Day, usize) -> i128| {
        for day in (FIRST.0..=LAST_DAY.0).map(Day) {
            for hour in 0..24 {
                let value = value(day, hour);
                let _ = writeln!(
                    text,
                    "{id},{}T{hour:02}:00:00Z,{metric},{value},{stat},3600",
                    day.iso()
                );
            }
        }
    };
    for &(thing, _, _, _, _, [iops, mbps], _) in &VOLUMES {
        let id = id(thing);
        let of = |most: i128, share: i128| {
            move |day, hour| between(thing, most / 20, most, day, hour) * 36 * share
        };
        push(&id, "VolumeReadOps", "Sum", &of(iops, 40));
        push(&id, "VolumeWriteOps", "Sum", &of(iops, 60));
        push(&id, "VolumeReadBytes", "Sum", &|day, hour| {
            of(mbps, 40)(day, hour) * MIB
        });
        push(&id, "VolumeWriteBytes", "Sum", &|day, hour| {
            of(mbps, 60)(day, hour) * MIB
        });
    }
    for &(thing, _, _, [low, high], [least, most], open, _) in &BASES {
        let name = thing.rsplit(':').next().unwrap_or_default();
        push(name, "CPUUtilization", "Maximum", &|day, hour| {
            between(thing, low, high, day, hour) / 10
        });
        let free = |day, hour| (most * GIB) - between(thing, 0, (most - least) * GIB, day, hour);
        push(name, "FreeableMemory", "Minimum", &free);
        push(name, "DatabaseConnections", "Maximum", &|day, hour| {
            between(thing, 5, open, day, hour)
        });
    }
    text
}

/// A `query_range` answer of Prometheus.
fn containers() -> String {
    let mut lines = Vec::new();
    for &([namespace, workload, container], request, used, pods, _) in &CONTAINERS {
        for at in 0..pods {
            let pod = format!("{workload}-6d5f7c9b8d-x{at}k4p");
            let mut push = |name: &str, more: &str, value: &dyn Fn(Day, usize) -> String| {
                let labels = [
                    ("__name__", name),
                    ("namespace", namespace),
                    ("pod", &pod),
                    ("container", container),
                ];
                let labels = json_object(labels);
                let labels = labels.trim_end_matches('}');
                let mut values = Vec::new();
                for day in (FIRST_HALF_HOUR.0..=LAST_DAY.0).map(Day) {
                    for half in 0..48 {
                        let time = CALENDAR + i64::from(day.0) * 86_400 + half * 1800;
                        let hour = usize::try_from(half / 2).unwrap_or(0);
                        values.push(format!("[{time},\"{}\"]", value(day, hour)));
                    }
                }
                lines.push(format!(
                    "{{\"metric\":{labels}{more}}},\"values\":[{}]}}",
                    values.join(",")
                ));
            };
            let cores =
                |millicores: i128| format!("{}.{:03}", millicores / 1000, millicores % 1000);
            let cpu = "node_namespace_pod_container:container_cpu_usage_seconds_total:sum_irate";
            push(cpu, "", &|day, hour| {
                cores(between(&pod, used[0] / 10, used[0], day, hour))
            });
            let memory =
                |day, hour| (between(&pod, used[1] / 2, used[1], day, hour) * MIB).to_string();
            push("container_memory_working_set_bytes", "", &memory);
            let asked = "kube_pod_container_resource_requests";
            push(asked, r#","resource":"cpu","unit":"core""#, &|_, _| {
                cores(request[0])
            });
            push(asked, r#","resource":"memory","unit":"byte""#, &|_, _| {
                (request[1] * MIB).to_string()
            });
        }
    }
    format!(
        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[\n{}\n]}}}}\n",
        lines.join(",\n")
    )
}

/// What must be found, and what must be left alone.
pub(crate) fn totals() -> String {
    let mut text = String::new();
    let mut put = |kind: &str, id: &str, action: &str, target: &str| {
        let finding = if target.is_empty() {
            "healthy"
        } else {
            "oversized"
        };
        let action = if target.is_empty() { "none" } else { action };
        let _ = write!(
            text,
            "\n[[size]]\nkind = \"{kind}\"\nresource_id = \"{id}\"\nfinding = \"{finding}\"\naction = \"{action}\"\nbecomes = \"{target}\"\n"
        );
    };
    for (name, target) in GROUPS {
        put("group", name, "resize", target);
    }
    for (thing, .., target) in VOLUMES {
        put("disk", &id(thing), "resize", target);
    }
    for (thing, .., target) in BASES {
        put("database", &id(thing), "resize", target);
    }
    for ([namespace, workload, container], .., target) in CONTAINERS {
        put(
            "workload",
            &format!("k8s:{namespace}/{workload}:{container}"),
            "resize",
            target,
        );
    }
    text
}
