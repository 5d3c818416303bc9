//! The inventories that can be read, what people call them and what they are known by.

/// The inventories that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `aws ec2 describe-instances`.
    DescribeInstances,
    /// `aws ec2 describe-volumes`.
    DescribeVolumes,
    /// `aws ec2 describe-snapshots`.
    DescribeSnapshots,
    /// `aws ec2 describe-addresses`.
    DescribeAddresses,
    /// `aws ec2 describe-nat-gateways`.
    DescribeNatGateways,
    /// `aws ec2 describe-images`.
    DescribeImages,
    /// `aws rds describe-db-instances`.
    DescribeDbInstances,
    /// `aws elbv2 describe-load-balancers`.
    DescribeLoadBalancers,
    /// `aws autoscaling describe-auto-scaling-groups`.
    DescribeAutoScalingGroups,
    /// `aws resourcegroupstaggingapi get-resources`.
    TaggingResources,
    /// A snapshot or history of AWS Config.
    AwsConfig,
    /// `aws resource-explorer-2 search`.
    ResourceExplorer,
    /// `az vm list`, `az resource list`, `az disk list` and every other list of ARM objects.
    AzureResources,
    /// `az graph query`.
    ResourceGraph,
    /// Cloud Asset Inventory: an export or a search.
    CloudAssets,
    /// `gcloud compute instances list` and its kin.
    GoogleCompute,
    /// Terraform state, version 4.
    TerraformState,
    /// `kubectl get nodes,pods,…`.
    Kubernetes,
    /// `OpenCost` allocations, JSON or CSV.
    OpenCost,
    /// A table with one row per resource, see the column names in `plain`.
    PlainCsv,
}

/// How a shape is known.
struct Row {
    shape: Shape,
    name: &'static str,
    /// What it is, for a list.
    about: &'static str,
    /// Sets of JSON keys, each of which is enough: of a page, or of the resource itself.
    keys: &'static [&'static [&'static str]],
}

/// From the most telling keys to the least: the first row that a document's keys fill is its shape.
const SHAPES: &[Row] = &[
    Row {
        shape: Shape::DescribeInstances,
        name: "`aws ec2 describe-instances`",
        about: "JSON: machines",
        keys: &[
            &["Reservations"],
            &["ReservationId", "Instances"],
            &["InstanceId", "InstanceType"],
        ],
    },
    Row {
        shape: Shape::DescribeVolumes,
        name: "`aws ec2 describe-volumes`",
        about: "JSON: disks",
        keys: &[&["Volumes"], &["VolumeId", "VolumeType"]],
    },
    Row {
        shape: Shape::DescribeSnapshots,
        name: "`aws ec2 describe-snapshots`",
        about: "JSON: snapshots",
        keys: &[&["Snapshots"], &["SnapshotId", "StartTime"]],
    },
    Row {
        shape: Shape::DescribeAddresses,
        name: "`aws ec2 describe-addresses`",
        about: "JSON: public addresses",
        keys: &[&["Addresses"], &["AllocationId", "PublicIp"]],
    },
    Row {
        shape: Shape::DescribeNatGateways,
        name: "`aws ec2 describe-nat-gateways`",
        about: "JSON: NAT gateways",
        keys: &[&["NatGateways"], &["NatGatewayId", "NatGatewayAddresses"]],
    },
    Row {
        shape: Shape::DescribeImages,
        name: "`aws ec2 describe-images`",
        about: "JSON: machine images",
        keys: &[&["Images"], &["ImageId", "ImageLocation"]],
    },
    Row {
        shape: Shape::DescribeDbInstances,
        name: "`aws rds describe-db-instances`",
        about: "JSON: databases",
        keys: &[&["DBInstances"], &["DBInstanceArn", "DBInstanceClass"]],
    },
    Row {
        shape: Shape::DescribeLoadBalancers,
        name: "`aws elbv2 describe-load-balancers`",
        about: "JSON: load balancers",
        keys: &[&["LoadBalancers"], &["LoadBalancerArn", "LoadBalancerName"]],
    },
    Row {
        shape: Shape::DescribeAutoScalingGroups,
        name: "`aws autoscaling describe-auto-scaling-groups`",
        about: "JSON: groups of machines",
        keys: &[&["AutoScalingGroups"], &["AutoScalingGroupARN"]],
    },
    Row {
        shape: Shape::TaggingResources,
        name: "`aws resourcegroupstaggingapi get-resources`",
        about: "JSON: everything that was ever tagged",
        keys: &[&["ResourceTagMappingList"], &["ResourceARN", "Tags"]],
    },
    Row {
        shape: Shape::AwsConfig,
        name: "AWS Config",
        about: "JSON: a configuration snapshot, or `aws configservice get-resource-config-history`",
        keys: &[
            &["configurationItems"],
            &["configurationItemStatus", "resourceType"],
        ],
    },
    Row {
        shape: Shape::ResourceExplorer,
        name: "`aws resource-explorer-2 search`",
        about: "JSON, or the console's CSV: everything, in all regions",
        keys: &[
            &["Count", "Resources"],
            &["Resources", "ViewArn"],
            &["Arn", "OwningAccountId"],
        ],
    },
    Row {
        shape: Shape::ResourceGraph,
        name: "`az graph query`",
        about: "JSON, or the portal's CSV: Azure Resource Graph",
        keys: &[
            &["count", "data"],
            &["data", "total_records"],
            &["data", "skip_token"],
        ],
    },
    Row {
        shape: Shape::CloudAssets,
        name: "`gcloud asset export` or `gcloud asset search-all-resources`",
        about: "JSON, one asset per line or a list: Google's Cloud Asset Inventory",
        keys: &[
            &["asset_type", "name"],
            &["assetType", "name"],
            &["asset", "window"],
            &["assets"],
            &["results"],
        ],
    },
    Row {
        shape: Shape::GoogleCompute,
        name: "`gcloud compute … list --format=json`",
        about: "JSON: machines, disks, addresses, snapshots, images",
        keys: &[
            &["creationTimestamp", "selfLink"],
            &["id", "machineType", "status"],
            &["id", "items"],
        ],
    },
    Row {
        shape: Shape::TerraformState,
        name: "Terraform state",
        about: "JSON, version 4: managed resources; nothing but ids, types and tags is kept of it",
        keys: &[&["terraform_version", "version"], &["lineage", "version"]],
    },
    Row {
        shape: Shape::Kubernetes,
        name: "`kubectl get nodes,pods -A -o json`",
        about: "JSON: nodes, as the machines they are, pods and other objects with their labels",
        keys: &[&["apiVersion", "items"], &["apiVersion", "metadata"]],
    },
    Row {
        shape: Shape::OpenCost,
        name: "OpenCost allocations",
        about: "JSON of /allocation, or its CSV export: namespaces and controllers",
        keys: &[&["code", "data"]],
    },
    Row {
        shape: Shape::AzureResources,
        name: "`az vm list`, `az disk list`, `az resource list`",
        about: "JSON: any list of Azure resources",
        keys: &[&["id", "location", "type"], &["value"]],
    },
    Row {
        shape: Shape::PlainCsv,
        name: "a plain inventory CSV",
        about: "one row per resource: `resource_id`, and what else is known",
        keys: &[],
    },
];

impl Shape {
    /// How people call it.
    pub fn name(self) -> &'static str {
        self.row().map_or("", |row| row.name)
    }

    /// What it holds, in a few words.
    pub fn about(self) -> &'static str {
        self.row().map_or("", |row| row.about)
    }

    /// Every shape that can be read.
    pub fn all() -> impl Iterator<Item = Shape> {
        SHAPES.iter().map(|row| row.shape)
    }

    /// The shape whose keys are among these.
    pub(super) fn of(keys: &[String]) -> Option<Shape> {
        let has = |key: &&str| keys.iter().any(|found| found == key);
        SHAPES
            .iter()
            .find(|row| row.keys.iter().any(|set| set.iter().all(has)))
            .map(|row| row.shape)
    }

    fn row(self) -> Option<&'static Row> {
        SHAPES.iter().find(|row| row.shape == self)
    }
}

/// What an error about an unknown file says of the known ones.
pub(super) fn known() -> String {
    let names: Vec<&str> = SHAPES.iter().map(|row| row.name).collect();
    format!(
        "known are {}; the CSV needs a column `resource_id` and one more of them",
        names.join(", ")
    )
}
