//! What exists: `aws ec2 describe-instances`, `aws resourcegroupstaggingapi get-resources`, and a
//! plain CSV for the rest.

use std::collections::BTreeMap;

use super::calendar::Day;
use super::chance::hex;
use super::files::{Files, json_object, record};
use super::fleet::{self, Machine, Role};
use super::meters::{QUILLFEN, REPLAY};
use super::organisation::{Account, Region, tags};
use super::{azure, usage};

type Tags = Vec<(&'static str, &'static str)>;

/// The three files.
pub(crate) fn write(files: &mut Files) {
    let mut put = |name: &str, text: String| {
        files.insert(format!("inventory/{name}"), text.into_bytes());
    };
    put("ec2-describe-instances.json", instances());
    put("tagging.json", tagging());
    put("extra.csv", extra());
}

fn instances() -> String {
    let reservations: Vec<String> = fleet::machines()
        .map(|machine| reservation(&machine))
        .collect();
    format!(
        "{{\n  \"Reservations\": [\n{}\n  ]\n}}\n",
        reservations.join(",\n")
    )
}

fn reservation(machine: &Machine) -> String {
    let stopped = machine.role == Role::Stopped;
    let (code, state) = if stopped {
        (80, "stopped")
    } else {
        (16, "running")
    };
    let reason = if stopped {
        "User initiated (2026-07-14 09:12:40 GMT)"
    } else {
        ""
    };
    let launched = launch_time(machine);
    let zone = format!("{}a", machine.region.code());
    format!(
        r#"    {{
      "ReservationId": "r-0{reservation}",
      "OwnerId": "{owner}",
      "Groups": [],
      "Instances": [
        {{
          "Architecture": "x86_64",
          "BlockDeviceMappings": [
            {{
              "DeviceName": "/dev/xvda",
              "Ebs": {{
                "AttachTime": "{launched}",
                "DeleteOnTermination": true,
                "Status": "attached",
                "VolumeId": "{volume}"
              }}
            }}
          ],
          "EbsOptimized": true,
          "EnaSupport": true,
          "Hypervisor": "xen",
          "ImageId": "ami-0{image}",
          "InstanceId": "{id}",
          "InstanceType": "{kind}",
          "LaunchTime": "{launched}",
          "Monitoring": {{"State": "disabled"}},
          "Placement": {{"AvailabilityZone": "{zone}", "GroupName": "", "Tenancy": "default"}},
          "PlatformDetails": "Linux/UNIX",
          "RootDeviceName": "/dev/xvda",
          "RootDeviceType": "ebs",
          "State": {{"Code": {code}, "Name": "{state}"}},
          "StateTransitionReason": "{reason}",
          "Tags": {tags},
          "UsageOperation": "RunInstances",
          "VirtualizationType": "hvm"
        }}
      ]
    }}"#,
        reservation = hex(&format!("reservation {}", machine.name), 16),
        owner = machine.account.id(),
        volume = machine.volume(),
        image = hex("image", 16),
        id = machine.id(),
        kind = machine.instance_type,
        tags = tag_list(&machine.tags()),
    )
}

fn launch_time(machine: &Machine) -> String {
    match machine.launched() {
        (Day(day), _) if day < 0 => "2026-03-04T09:00:00+00:00".to_owned(),
        (day, hour) => format!("{}T{hour:02}:00:00+00:00", day.iso()),
    }
}

/// `[{"Key": "team", "Value": "web"}]`.
fn tag_list(tags: &[(&'static str, &'static str)]) -> String {
    let tag = |(key, value): &(&str, &str)| format!(r#"{{"Key": "{key}", "Value": "{value}"}}"#);
    let tags: Vec<String> = tags.iter().map(tag).collect();
    format!("[{}]", tags.join(", "))
}

fn tagging() -> String {
    let mapping = |(arn, tags): (String, Tags)| {
        let tags = tag_list(&tags);
        format!("    {{\n      \"ResourceARN\": \"{arn}\",\n      \"Tags\": {tags}\n    }}")
    };
    let mappings: Vec<String> = tagged().into_iter().map(mapping).collect();
    let list = mappings.join(",\n");
    format!("{{\n  \"PaginationToken\": \"\",\n  \"ResourceTagMappingList\": [\n{list}\n  ]\n}}\n")
}

/// Every resource that still exists, by ARN; the deleted database is gone.
fn tagged() -> BTreeMap<String, Tags> {
    let mut found = BTreeMap::new();
    for machine in fleet::machines() {
        for thing in ["machine", "volume"] {
            let thing = format!("{thing}:{}", machine.name);
            let arn = usage::resource_arn(&thing, machine.account, machine.region);
            found.insert(arn, machine.tags());
        }
    }
    for &(account, region, thing, _, _, _, labels) in QUILLFEN {
        if !thing.is_empty() && thing != REPLAY && !thing.starts_with("machine:") {
            found.insert(usage::resource_arn(thing, account, region), tags(labels));
        }
    }
    found
}

/// Provider, account, region, type, size, state, name: what no other file of the inventory has.
fn extra() -> String {
    let mut text = String::new();
    let header =
        "resource_id,provider,account_id,region,resource_type,instance_type,state,name,tags";
    record(header.split(','), &mut text);
    for (thing, kind, size, state) in AWS_EXTRA {
        let found = QUILLFEN.iter().find(|meter| meter.2 == *thing);
        let Some(&(account, region, .., labels)) = found else {
            continue;
        };
        record(
            aws_row((thing, kind, size, state), (account, region), labels),
            &mut text,
        );
    }
    for (id, name, size, labels) in azure::machines() {
        let row = [
            id.as_str(),
            "Microsoft",
            azure::sub_account(),
            "westeurope",
            "Virtual machine",
        ];
        record(
            row.into_iter()
                .chain([size, "running", name, &json_object(tags(labels))]),
            &mut text,
        );
    }
    text
}

/// Thing, type, size, state.
const AWS_EXTRA: &[(&str, &str, &str, &str)] = &[
    (
        "rds:db:orders",
        "db instance",
        "db.m6g.2xlarge",
        "available",
    ),
    (
        "rds:db:stg-main",
        "db instance",
        "db.m6g.large",
        "available",
    ),
    (
        "rds:db:warehouse-a",
        "db instance",
        "db.r6g.large",
        "available",
    ),
    (
        "rds:db:warehouse-b",
        "db instance",
        "db.r6g.large",
        "available",
    ),
    ("volume:old-scratch", "volume", "gp2", "available"),
    ("volume:poc-data", "volume", "gp2", "available"),
    (
        "ec2:elastic-ip/eipalloc-poc",
        "elastic ip",
        "",
        "unassociated",
    ),
];

fn aws_row(
    (thing, kind, size, state): (&str, &str, &str, &str),
    (account, region): (Account, Region),
    labels: &'static str,
) -> Vec<String> {
    let id = usage::resource_id(thing, account, region);
    let name = thing.rsplit([':', '/']).next().unwrap_or(thing);
    let labels = json_object(tags(labels));
    let cells = [
        &id,
        "AWS",
        account.id(),
        region.code(),
        kind,
        size,
        state,
        name,
        &labels,
    ];
    cells.into_iter().map(str::to_owned).collect()
}
