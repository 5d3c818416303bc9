//! What can be bought: usage type, operation, unit and list price in USD (us-east-1).

use super::exact::{Pico, dec};
use super::organisation::Product;

/// A priced thing. `noise` is the daily spread of its quantity in permille.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sku {
    pub(crate) product: Product,
    pub(crate) usage_type: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) family: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) rate: Pico,
    pub(crate) noise: u64,
}

type Names = (&'static str, &'static str, &'static str, &'static str);

const fn sku(product: Product, names: Names, rate: &str, noise: u64) -> Sku {
    let (usage_type, operation, family, unit) = names;
    Sku {
        product,
        usage_type,
        operation,
        family,
        unit,
        rate: dec(rate),
        noise,
    }
}

impl Sku {
    /// `db.r6g.large` of `InstanceUsage:db.r6g.large`; empty for all but database instances.
    pub(crate) fn instance_type(&self) -> &'static str {
        match self.usage_type.split_once(':') {
            Some((_, instance)) if instance.starts_with("db.") => instance,
            _ => "",
        }
    }
}

use Product::{
    Audit, Balancer, Compute, Database, Firewall, Functions, KeyValue, Keys, Learning, Monitoring,
    Storage, Streams,
};

const DISK: &str = "Storage";
const POSTGRES: &str = "CreateDBInstance:0014";
const DB: &str = "Database Instance";

pub(crate) const GP2: Sku = sku(
    Compute,
    ("EBS:VolumeUsage.gp2", "CreateVolume-Gp2", DISK, "GB-Mo"),
    "0.1",
    0,
);
pub(crate) const GP3: Sku = sku(
    Compute,
    ("EBS:VolumeUsage.gp3", "CreateVolume-Gp3", DISK, "GB-Mo"),
    "0.08",
    0,
);
pub(crate) const GP3_IOPS: Sku = sku(
    Compute,
    (
        "EBS:VolumeP-IOPS.gp3",
        "CreateVolume-Gp3",
        "System Operation",
        "IOPS-Mo",
    ),
    "0.005",
    0,
);
pub(crate) const SNAPSHOT: Sku = sku(
    Compute,
    (
        "EBS:SnapshotUsage",
        "CreateSnapshot",
        "Storage Snapshot",
        "GB-Mo",
    ),
    "0.05",
    0,
);
pub(crate) const NAT_HOURS: Sku = sku(
    Compute,
    ("NatGateway-Hours", "NatGateway", "NAT Gateway", "Hrs"),
    "0.045",
    0,
);
pub(crate) const NAT_BYTES: Sku = sku(
    Compute,
    ("NatGateway-Bytes", "NatGateway", "NAT Gateway", "GB"),
    "0.045",
    30,
);
pub(crate) const OUT_BYTES: Sku = sku(
    Compute,
    (
        "DataTransfer-Out-Bytes",
        "RunInstances",
        "Data Transfer",
        "GB",
    ),
    "0.09",
    30,
);
pub(crate) const IDLE_ADDRESS: Sku = sku(
    Compute,
    (
        "PublicIPv4:IdleAddress",
        "AssociateAddressVPC",
        "IP Address",
        "Hrs",
    ),
    "0.005",
    0,
);

pub(crate) const DB_M6G_LARGE: Sku = sku(
    Database,
    ("InstanceUsage:db.m6g.large", POSTGRES, DB, "Hrs"),
    "0.159",
    0,
);
pub(crate) const DB_M6G_2XLARGE: Sku = sku(
    Database,
    ("InstanceUsage:db.m6g.2xlarge", POSTGRES, DB, "Hrs"),
    "0.636",
    0,
);
pub(crate) const DB_R6G_LARGE: Sku = sku(
    Database,
    ("InstanceUsage:db.r6g.large", POSTGRES, DB, "Hrs"),
    "0.225",
    0,
);
pub(crate) const DB_R6G_2XLARGE: Sku = sku(
    Database,
    ("InstanceUsage:db.r6g.2xlarge", POSTGRES, DB, "Hrs"),
    "0.9",
    0,
);
pub(crate) const DB_STORAGE: Sku = sku(
    Database,
    ("RDS:GP3-Storage", POSTGRES, "Database Storage", "GB-Mo"),
    "0.115",
    4,
);
pub(crate) const DB_IO: Sku = sku(
    Database,
    ("RDS:StorageIOUsage", POSTGRES, "System Operation", "IOs"),
    "0.0000001",
    30,
);

pub(crate) const BYTES_STORED: Sku = sku(
    Storage,
    ("TimedStorage-ByteHrs", "StandardStorage", DISK, "GB-Mo"),
    "0.023",
    6,
);
pub(crate) const PUTS: Sku = sku(
    Storage,
    ("Requests-Tier1", "PutObject", "API Request", "Requests"),
    "0.000005",
    25,
);
pub(crate) const GETS: Sku = sku(
    Storage,
    ("Requests-Tier2", "GetObject", "API Request", "Requests"),
    "0.0000004",
    25,
);
/// So little that its cost is written in E notation.
pub(crate) const TRICKLE: Sku = sku(
    Storage,
    (
        "USE1-APS1-AWS-Out-Bytes",
        "ListBucket",
        "Data Transfer",
        "GB",
    ),
    "0.02",
    200,
);

pub(crate) const GB_SECONDS: Sku = sku(
    Functions,
    ("Lambda-GB-Second", "Invoke", "Serverless", "Second"),
    "0.0000166667",
    28,
);
pub(crate) const INVOCATIONS: Sku = sku(
    Functions,
    ("Request", "Invoke", "Serverless", "Requests"),
    "0.0000002",
    28,
);

pub(crate) const WRITES: Sku = sku(
    KeyValue,
    (
        "WriteRequestUnits",
        "CommittedThroughput",
        "Amazon DynamoDB PayPerRequest",
        "WriteRequestUnits",
    ),
    "0.00000125",
    25,
);
pub(crate) const READS: Sku = sku(
    KeyValue,
    (
        "ReadRequestUnits",
        "CommittedThroughput",
        "Amazon DynamoDB PayPerRequest",
        "ReadRequestUnits",
    ),
    "0.00000025",
    25,
);

pub(crate) const LOG_INGEST: Sku = sku(
    Monitoring,
    ("DataProcessing-Bytes", "PutLogEvents", "Data Payload", "GB"),
    "0.5",
    28,
);
pub(crate) const CUSTOM_METRICS: Sku = sku(
    Monitoring,
    (
        "CW:MetricMonitorUsage",
        "MetricStorage",
        "Metric",
        "Metrics",
    ),
    "0.3",
    8,
);

pub(crate) const BALANCER_HOURS: Sku = sku(
    Balancer,
    (
        "LoadBalancerUsage",
        "LoadBalancing:Application",
        "Load Balancer",
        "Hrs",
    ),
    "0.0225",
    0,
);
pub(crate) const CAPACITY_UNITS: Sku = sku(
    Balancer,
    (
        "LCUUsage",
        "LoadBalancing:Application",
        "Load Balancer",
        "LCU-Hrs",
    ),
    "0.008",
    28,
);

pub(crate) const KEY_REQUESTS: Sku = sku(
    Keys,
    (
        "us-east-1-KMS-Requests",
        "Decrypt",
        "API Request",
        "Requests",
    ),
    "0.000003",
    120,
);
pub(crate) const KEYS: Sku = sku(
    Keys,
    (
        "us-east-1-KMS-Keys",
        "CurrentKeys",
        "Encryption Key",
        "Keys",
    ),
    "1",
    0,
);

pub(crate) const NOTEBOOK: Sku = sku(
    Learning,
    (
        "Notebk:ml.g4dn.2xlarge",
        "RunInstance",
        "ML Instance",
        "Hrs",
    ),
    "0.94",
    0,
);
pub(crate) const TRAINING: Sku = sku(
    Learning,
    ("Train:ml.g5.2xlarge", "RunInstance", "ML Instance", "Hrs"),
    "1.515",
    25,
);

pub(crate) const BUSY_ADDRESS: Sku = sku(
    Compute,
    (
        "PublicIPv4:InUseAddress",
        "AssociateAddressVPC",
        "IP Address",
        "Hrs",
    ),
    "0.005",
    0,
);
pub(crate) const ENDPOINT_HOURS: Sku = sku(
    Compute,
    ("VpcEndpoint-Hours", "VpcEndpoint", "VpcEndpoint", "Hrs"),
    "0.01",
    0,
);
pub(crate) const ENDPOINT_BYTES: Sku = sku(
    Compute,
    ("VpcEndpoint-Bytes", "VpcEndpoint", "VpcEndpoint", "GB"),
    "0.01",
    30,
);
pub(crate) const IDLE_CAPACITY: Sku = sku(
    Compute,
    (
        "UnusedBox:m6a.large",
        "RunInstances",
        "Compute Instance",
        "Hrs",
    ),
    "0.0864",
    0,
);
pub(crate) const PIOPS_STORED: Sku = sku(
    Compute,
    (
        "EBS:VolumeUsage.piops",
        "CreateVolume-P-IOPS",
        "Storage",
        "GB-Mo",
    ),
    "0.125",
    0,
);
pub(crate) const PIOPS: Sku = sku(
    Compute,
    (
        "EBS:VolumeP-IOPS.piops",
        "CreateVolume-P-IOPS",
        "System Operation",
        "IOPS-Mo",
    ),
    "0.065",
    0,
);
pub(crate) const EXTENDED_SUPPORT: Sku = sku(
    Database,
    (
        "ExtendedSupport:Yr1-Yr2:PostgreSQL12",
        "CreateDBInstance:0014",
        "Database Extended Support",
        "vCPU-Hours",
    ),
    "0.1",
    0,
);
pub(crate) const TABLE_STORED: Sku = sku(
    KeyValue,
    (
        "TimedStorage-ByteHrs",
        "StandardStorage",
        "Database Storage",
        "GB-Mo",
    ),
    "0.25",
    0,
);
pub(crate) const SHARDS: Sku = sku(
    Streams,
    (
        "Storage-ShardHour",
        "shardHourStorage",
        "Kinesis Streams",
        "Hrs",
    ),
    "0.015",
    0,
);
pub(crate) const RECORDS: Sku = sku(
    Streams,
    (
        "PutRequestPayloadUnits",
        "PutRequest",
        "Kinesis Streams",
        "PutRequest",
    ),
    "0.000000014",
    20,
);
pub(crate) const WEB_ACL: Sku = sku(
    Firewall,
    ("WebACLV2", "", "Web Application Firewall", "ACL-Month"),
    "5",
    0,
);
pub(crate) const WEB_REQUESTS: Sku = sku(
    Firewall,
    ("RequestV2-Tier1", "", "Web Application Firewall", "Request"),
    "0.0000006",
    25,
);
pub(crate) const SECOND_TRAIL: Sku = sku(
    Audit,
    (
        "PaidEventsRecorded",
        "None",
        "Management Tools - AWS CloudTrail",
        "Events",
    ),
    "0.00002",
    10,
);
