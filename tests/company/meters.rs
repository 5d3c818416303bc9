//! Everything but virtual machines that is metered daily, one row each: a flat table.

use super::organisation::Account::{self, Data, Prod, Sandbox, Shared, Staging};
use super::organisation::Account::{TarnholtApp, TarnholtLab};
use super::organisation::Region::{self, EuWest1, UsEast1};
use super::sku::{self, Sku};

/// How a week looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Week {
    Steady,
    /// Saturday 62 %, Sunday 56 % of a working day.
    Office,
}

/// Account, region, thing, what is metered, quantity per day, week, tags.
pub(crate) type Meter = (
    Account,
    Region,
    &'static str,
    &'static Sku,
    &'static str,
    Week,
    &'static str,
);

use Week::{Office, Steady};

/// Owners: a team, an environment and a cost centre, under the keys that team happens to use.
pub(crate) const PLATFORM: &str = "team=platform env=prod CostCenter=CC-1001";
pub(crate) const DEVICES: &str =
    "team=devices env=prod CostCenter=CC-1002 aws:cloudformation:stack-name=fleet";
pub(crate) const WEB: &str = "team=web env=prod cost-center=CC-1003";
pub(crate) const DATA: &str =
    "team=data env=prod CostCenter=CC-2001 aws:cloudformation:stack-name=data-platform";
pub(crate) const SECURITY: &str = "owner=security environment=prod CostCenter=CC-3001";
pub(crate) const STAGE: &str = "team=web env=staging CostCenter=CC-1003";
pub(crate) const LAB: &str = "team=platform env=dev CostCenter=CC-1001";
const UNTAGGED: &str = "";
/// Left behind by a stack that tags what it knows.
const LEFT_BEHIND: &str = "aws:cloudformation:stack-name=data-platform";

/// What is wrong with the tags of the planted violations.
const PASSWORD: &str = "team=web env=staging CostCenter=CC-1003 password=not-a-secret";
const WRONG_CASE_KEY: &str = "team=data Env=prod CostCenter=CC-2001";
const MISSPELT_KEY: &str =
    "team=devices enviroment=prod CostCenter=CC-1002 aws:cloudformation:stack-name=fleet";
const WRONG_VALUE: &str = "team=web env=production CostCenter=CC-1003";
const WRONG_CENTRE: &str = "team=platform env=dev CostCenter=4711";
const NO_CENTRE: &str = "team=data env=prod aws:cloudformation:stack-name=data-platform";

/// Names that more than one row needs.
const DEVICE_TABLE: &str = "dynamodb:table/devices";
const ORDERS: &str = "rds:db:orders";
pub(crate) const REPLAY: &str = "rds:db:orders-replay";
pub(crate) const RESIZE: &str = "lambda:function:image-resize";
pub(crate) const INGEST: &str = "lambda:function:telemetry-ingest";
pub(crate) const API_LOGS: &str = "logs:log-group:/quillfen/api";
pub(crate) const LAKE: &str = "bucket:quillfen-lake";
pub(crate) const TELEMETRY: &str = "bucket:quillfen-telemetry";
pub(crate) const SHARED_NAT: &str = "ec2:natgateway/nat-shared-eu";
pub(crate) const VISION: &str = "sagemaker:notebook-instance/vision-lab";

/// The meters of Quillfen Robotics.
#[rustfmt::skip] // one row, one line
pub(crate) const QUILLFEN: &[Meter] = &[
    (Prod, UsEast1, TELEMETRY, &sku::BYTES_STORED, "1970", Steady, DEVICES),
    (Prod, UsEast1, TELEMETRY, &sku::PUTS, "900000", Steady, DEVICES),
    (Prod, UsEast1, TELEMETRY, &sku::TRICKLE, "0.0000031", Steady, DEVICES),
    (Prod, UsEast1, "bucket:quillfen-firmware", &sku::BYTES_STORED, "260", Steady, DEVICES),
    (Prod, UsEast1, "bucket:quillfen-firmware", &sku::GETS, "4100000", Office, DEVICES),
    (Prod, UsEast1, "bucket:quillfen-assets", &sku::BYTES_STORED, "120", Steady, WRONG_VALUE),
    (Prod, UsEast1, INGEST, &sku::GB_SECONDS, "910000", Office, DEVICES),
    (Prod, UsEast1, INGEST, &sku::INVOCATIONS, "12500000", Office, DEVICES),
    (Prod, UsEast1, DEVICE_TABLE, &sku::WRITES, "20000000", Office, DEVICES),
    (Prod, UsEast1, DEVICE_TABLE, &sku::READS, "61000000", Office, DEVICES),
    (Prod, EuWest1, "dynamodb:table/pairing", &sku::WRITES, "3400000", Office, MISSPELT_KEY),
    (Prod, UsEast1, API_LOGS, &sku::LOG_INGEST, "82", Steady, PLATFORM),
    (Prod, UsEast1, "", &sku::CUSTOM_METRICS, "16", Steady, UNTAGGED),
    (Prod, UsEast1, ORDERS, &sku::DB_M6G_2XLARGE, "24", Steady, PLATFORM),
    (Prod, UsEast1, ORDERS, &sku::DB_STORAGE, "16.5", Steady, PLATFORM),
    (Prod, UsEast1, ORDERS, &sku::DB_IO, "24000000", Office, PLATFORM),
    (Prod, UsEast1, "ec2:natgateway/nat-prod", &sku::NAT_HOURS, "24", Steady, UNTAGGED),
    (Prod, UsEast1, "ec2:natgateway/nat-prod", &sku::NAT_BYTES, "310", Steady, UNTAGGED),
    (Prod, UsEast1, "machine:web-1", &sku::OUT_BYTES, "240", Steady, WEB),
    (Prod, EuWest1, "machine:web-3", &sku::OUT_BYTES, "130", Steady, WEB),
    (Prod, UsEast1, "balancer:web", &sku::BALANCER_HOURS, "24", Steady, WEB),
    (Prod, UsEast1, "balancer:web", &sku::CAPACITY_UNITS, "310", Office, WEB),
    (Prod, UsEast1, "kms:key/fleet", &sku::KEYS, "0.0333333333", Steady, SECURITY),
    (Prod, UsEast1, "kms:key/fleet", &sku::KEY_REQUESTS, "96", Steady, SECURITY),
    (Staging, UsEast1, "rds:db:stg-main", &sku::DB_M6G_LARGE, "24", Steady, PASSWORD),
    (Staging, UsEast1, "rds:db:stg-main", &sku::DB_STORAGE, "3.3", Steady, PASSWORD),
    (Staging, UsEast1, REPLAY, &sku::DB_R6G_2XLARGE, "24", Steady, STAGE),
    (Staging, UsEast1, REPLAY, &sku::DB_STORAGE, "9.8", Steady, STAGE),
    (Staging, UsEast1, "logs:log-group:/quillfen/stg", &sku::LOG_INGEST, "9", Steady, STAGE),
    (Staging, UsEast1, "balancer:stg", &sku::BALANCER_HOURS, "24", Steady, STAGE),
    (Data, UsEast1, LAKE, &sku::BYTES_STORED, "1880", Steady, DATA),
    (Data, UsEast1, LAKE, &sku::GETS, "3900000", Office, DATA),
    (Data, UsEast1, "bucket:quillfen-scratch", &sku::BYTES_STORED, "210", Steady, NO_CENTRE),
    (Data, UsEast1, "rds:db:warehouse-a", &sku::DB_R6G_LARGE, "24", Steady, DATA),
    (Data, UsEast1, "rds:db:warehouse-b", &sku::DB_R6G_LARGE, "24", Steady, WRONG_CASE_KEY),
    (Data, UsEast1, "rds:db:warehouse-a", &sku::DB_STORAGE, "32", Steady, DATA),
    (Data, UsEast1, "lambda:function:compaction", &sku::GB_SECONDS, "260000", Steady, DATA),
    (Data, UsEast1, "logs:log-group:/quillfen/etl", &sku::LOG_INGEST, "14", Steady, DATA),
    (Data, UsEast1, "volume:old-scratch", &sku::GP2, "16.4", Steady, LEFT_BEHIND),
    (Data, UsEast1, "snapshot:old-scratch", &sku::SNAPSHOT, "27", Steady, LEFT_BEHIND),
    (Sandbox, UsEast1, RESIZE, &sku::GB_SECONDS, "150000", Steady, WRONG_CENTRE),
    (Sandbox, UsEast1, RESIZE, &sku::INVOCATIONS, "2100000", Steady, WRONG_CENTRE),
    (Sandbox, UsEast1, "volume:poc-data", &sku::GP2, "8.2", Steady, UNTAGGED),
    (Sandbox, UsEast1, "ec2:elastic-ip/eipalloc-poc", &sku::IDLE_ADDRESS, "24", Steady, UNTAGGED),
    (Sandbox, UsEast1, "bucket:quillfen-playground", &sku::BYTES_STORED, "85", Steady, LAB),
    (Sandbox, UsEast1, VISION, &sku::NOTEBOOK, "24", Steady, UNTAGGED),
    (Sandbox, UsEast1, VISION, &sku::TRAINING, "41", Steady, UNTAGGED),
    (Shared, EuWest1, SHARED_NAT, &sku::NAT_HOURS, "24", Steady, PLATFORM),
    (Shared, EuWest1, SHARED_NAT, &sku::NAT_BYTES, "180", Steady, PLATFORM),
    (Shared, UsEast1, "bucket:quillfen-artifacts", &sku::BYTES_STORED, "140", Steady, PLATFORM),
    (Shared, UsEast1, "logs:log-group:/quillfen/audit", &sku::LOG_INGEST, "11", Steady, SECURITY),
    (Shared, UsEast1, "kms:key/artifacts", &sku::KEYS, "0.0333333333", Steady, SECURITY),
    (Shared, UsEast1, "kms:key/artifacts", &sku::KEY_REQUESTS, "41", Steady, SECURITY),
    // Waste and, beside it, what looks like it and is in use.
    (Staging, UsEast1, "ec2:natgateway/nat-stg", &sku::NAT_HOURS, "24", Steady, STAGE),
    (Sandbox, UsEast1, "ec2:vpc-endpoint/vpce-poc", &sku::ENDPOINT_HOURS, "24", Steady, LAB),
    (Prod, UsEast1, "ec2:vpc-endpoint/vpce-prod", &sku::ENDPOINT_HOURS, "24", Steady, PLATFORM),
    (Prod, UsEast1, "ec2:vpc-endpoint/vpce-prod", &sku::ENDPOINT_BYTES, "55", Steady, PLATFORM),
    (Prod, UsEast1, "ec2:elastic-ip/eipalloc-web", &sku::BUSY_ADDRESS, "24", Steady, WEB),
    (Data, UsEast1, "ec2:capacity-reservation/cr-import", &sku::IDLE_CAPACITY, "24", Steady, DATA),
    (Data, UsEast1, "volume:import-log", &sku::PIOPS_STORED, "16.4", Steady, DATA),
    (Data, UsEast1, "volume:import-log", &sku::PIOPS, "131", Steady, DATA),
    (Staging, UsEast1, "rds:db:stg-main", &sku::EXTENDED_SUPPORT, "48", Steady, PASSWORD),
    (Data, UsEast1, "dynamodb:table/archive", &sku::TABLE_STORED, "13", Steady, DATA),
    (Data, UsEast1, "dynamodb:table/archive", &sku::READS, "400000", Office, DATA),
    (Data, UsEast1, "kinesis:stream/old-feed", &sku::SHARDS, "48", Steady, DATA),
    (Data, UsEast1, "kinesis:stream/feed", &sku::SHARDS, "48", Steady, DATA),
    (Data, UsEast1, "kinesis:stream/feed", &sku::RECORDS, "9000000", Office, DATA),
    (Sandbox, UsEast1, "wafv2:regional/webacl/trial/0a", &sku::WEB_ACL, "0.0329", Steady, LAB),
    (Prod, UsEast1, "wafv2:regional/webacl/shop/0b", &sku::WEB_ACL, "0.0329", Steady, SECURITY),
    (Prod, UsEast1, "wafv2:regional/webacl/shop/0b", &sku::WEB_REQUESTS, "6200000", Office, SECURITY),
    (Shared, UsEast1, "", &sku::SECOND_TRAIL, "140000", Steady, UNTAGGED),
    // Sizes: too large, and beside it one that is needed.
    (Data, UsEast1, "volume:etl-scratch", &sku::GP3, "16.44", Steady, DATA),
    (Data, UsEast1, "volume:etl-scratch", &sku::GP3_IOPS, "295.9", Steady, DATA),
    (Prod, UsEast1, "volume:queue-log", &sku::GP3, "6.58", Steady, PLATFORM),
    (Prod, UsEast1, "volume:queue-log", &sku::GP3_IOPS, "164.4", Steady, PLATFORM),
    (Prod, UsEast1, "rds:db:profiles", &sku::DB_R6G_2XLARGE, "24", Steady, DEVICES),
    (Prod, UsEast1, "rds:db:profiles", &sku::DB_STORAGE, "3.3", Steady, DEVICES),
    (Prod, UsEast1, "bucket:quillfen-assets", &sku::GETS, "700000", Office, WRONG_VALUE),
    (Shared, UsEast1, "bucket:quillfen-artifacts", &sku::GETS, "260000", Office, PLATFORM),
    (Sandbox, UsEast1, "bucket:quillfen-playground", &sku::GETS, "9000", Office, LAB),
];

/// Tarnholt's tags: CUR 2.0 writes every key in lower case with underscores.
const SENSORS: &str = "team=sensors env=prod cost_center=CC-4001";
const SENSORS_LAB: &str = "team=sensors env=test cost_center=CC-4002";
const SENSORS_TYPO: &str = "team=sensors enviroment=prod cost_center=CC-4001";
const SENSORS_BARE: &str = "owner=sensors env=prod";
const CALIBRATION: &str = "rds:db:calibration";

/// The meters of Tarnholt Sensors, its virtual machines included.
#[rustfmt::skip] // one row, one line
pub(crate) const TARNHOLT: &[Meter] = &[
    (TarnholtApp, EuWest1, "instance:gauge-1", &BOX_M6A_LARGE, "24", Steady, SENSORS),
    (TarnholtApp, EuWest1, "instance:gauge-2", &BOX_M6A_LARGE, "24", Steady, SENSORS_TYPO),
    (TarnholtApp, EuWest1, "volume:gauge-1", &sku::GP3, "1.64", Steady, SENSORS),
    (TarnholtApp, EuWest1, "volume:gauge-2", &sku::GP3, "1.64", Steady, SENSORS_TYPO),
    (TarnholtApp, EuWest1, CALIBRATION, &sku::DB_M6G_LARGE, "24", Steady, SENSORS),
    (TarnholtApp, EuWest1, CALIBRATION, &sku::DB_STORAGE, "3.3", Steady, SENSORS),
    (TarnholtApp, EuWest1, "bucket:tarnholt-readings", &sku::BYTES_STORED, "310", Steady, SENSORS_BARE),
    (TarnholtApp, EuWest1, "lambda:function:decode", &sku::GB_SECONDS, "190000", Office, SENSORS),
    (TarnholtApp, EuWest1, "", &sku::CUSTOM_METRICS, "3", Steady, UNTAGGED),
    (TarnholtLab, EuWest1, "instance:bench-1", &BOX_M6A_LARGE, "24", Steady, SENSORS_LAB),
    (TarnholtLab, EuWest1, "bucket:tarnholt-bench", &sku::BYTES_STORED, "44", Steady, UNTAGGED),
];

/// Tarnholt's machines have no inventory, so they are plain meters.
const BOX_M6A_LARGE: Sku = Sku {
    product: super::organisation::Product::Compute,
    usage_type: "BoxUsage:m6a.large",
    operation: "RunInstances",
    family: "Compute Instance",
    unit: "Hrs",
    rate: super::exact::dec("0.0963"),
    noise: 0,
};
