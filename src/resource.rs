//! A cloud resource and what was measured on it: the nouns that inventories fill and analyses read.

use chrono::NaiveDate;
use std::collections::BTreeMap;

/// A resource as an inventory lists it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource {
    /// The id as the provider prints it (an ARN, `i-…`, an ARM path).
    pub id: String,
    /// `AWS`, `Microsoft`, `Google Cloud`, or empty where unknown; FOCUS `ProviderName`.
    pub provider: String,
    /// FOCUS `SubAccountId`: account, subscription or project; empty where unknown.
    pub sub_account: String,
    /// FOCUS `RegionId`; empty where unknown.
    pub region: String,
    /// Service and type: `ec2:instance`, `ec2:volume`, `rds:db`.
    pub kind: String,
    /// Machine type (`m5.xlarge`), where it has one.
    pub machine_type: Option<String>,
    /// Provider's word for its state (`running`, `stopped`).
    pub state: Option<String>,
    /// `Linux/UNIX`, `Windows`, … as the provider prints it.
    pub platform: Option<String>,
    /// Day it was created or last launched.
    pub launched: Option<NaiveDate>,
    /// True for spot and preemptible machines.
    pub spot: bool,
    /// Autoscaling group, scale set, node group it belongs to.
    pub group: Option<String>,
    /// Name for people: the `Name` tag or the provider's name.
    pub name: String,
    /// Tags, keys and values as the provider prints them.
    pub tags: BTreeMap<String, String>,
}

/// One measured series of one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Usage {
    /// Join key of the resource: see [`key`].
    pub resource: String,
    /// What was measured.
    pub metric: Metric,
    /// How each sample sums up its period.
    pub statistic: Statistic,
    /// Length of a sample's period in seconds.
    pub period: u32,
    /// Unix second of the period's start and the value, by time, one per time.
    pub samples: Vec<(i64, f32)>,
}

/// What a series measures, with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// CPU in percent of all vCPUs (0–100).
    Cpu,
    /// Memory in percent of the machine's memory (0–100).
    Memory,
    /// Network in, bytes per period.
    NetworkIn,
    /// Network out, bytes per period.
    NetworkOut,
    /// Disk operations per period, reads and writes.
    DiskOps,
    /// Disk bytes per period, reads and writes.
    DiskBytes,
    /// Open connections.
    Connections,
}

/// How a sample sums up its period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Statistic {
    /// Mean over the period.
    Average,
    /// Highest value in the period.
    Maximum,
    /// Total over the period.
    Sum,
    /// A 99th or higher percentile of the period.
    P99,
}

/// The key on which bills, inventories and metrics meet: lower case, the last segment of an ARN or a
/// self-link, the whole ARM path.
///
/// ```
/// # use cloudtally::resource::key;
/// assert_eq!(key("arn:aws:ec2:us-east-1:123456789012:instance/i-0AB"), "i-0ab");
/// assert_eq!(key("/subscriptions/S/resourceGroups/R/x"), "/subscriptions/s/resourcegroups/r/x");
/// ```
pub fn key(id: &str) -> String {
    let id = id.trim();
    let tail = if id.starts_with("arn:") && (id.contains(":ec2:") || id.contains(":rds:")) {
        id.rsplit(['/', ':']).next().unwrap_or(id)
    } else if id.contains("googleapis.com/") {
        id.rsplit('/').next().unwrap_or(id)
    } else {
        id
    };
    tail.to_lowercase()
}

/// Service and type of an AWS resource by its id (`ec2:instance`): from the ARN, or from the prefix that EC2
/// gives the ids that bills name most; `None` where the id does not say.
///
/// ```
/// # use cloudtally::resource::kind;
/// assert_eq!(kind("arn:aws:rds:eu-west-1:1:db:orders").as_deref(), Some("rds:db"));
/// assert_eq!(kind("i-0ab").as_deref(), Some("ec2:instance"));
/// assert_eq!(kind("/subscriptions/s/x"), None);
/// ```
pub fn kind(id: &str) -> Option<String> {
    let id = id.trim();
    if let Some(rest) = id.strip_prefix("arn:") {
        let mut parts = rest.splitn(5, ':');
        let service = parts.nth(1)?;
        return Some(kind_and_name(service, parts.nth(2)?).0);
    }
    let of_ec2 = [("i-", "instance"), ("vol-", "volume"), ("snap-", "snapshot"), ("nat-", "natgateway")];
    let known = of_ec2.iter().find(|(prefix, _)| id.starts_with(prefix));
    known.map(|(_, kind)| format!("ec2:{kind}"))
}

/// Splits `instance/i-0ab`, `db:orders`, `/restapis/x`; three services name their only type nowhere.
pub(crate) fn kind_and_name<'a>(service: &str, resource: &'a str) -> (String, &'a str) {
    let only_type = match service {
        "s3" => Some("bucket"),
        "sns" => Some("topic"),
        "sqs" => Some("queue"),
        _ => None,
    };
    if let Some(only_type) = only_type {
        return (format!("{service}:{only_type}"), resource);
    }
    let resource = resource.strip_prefix('/').unwrap_or(resource);
    match resource.split_once(['/', ':']) {
        Some((kind, name)) => (format!("{service}:{kind}"), name),
        None => (service.to_owned(), resource),
    }
}

/// The Azure resource group in an id, as it is written there.
///
/// ```
/// # use cloudtally::resource::resource_group;
/// let disk = "/subscriptions/S/resourcegroups/RG-Web/providers/Microsoft.Compute/disks/d";
/// assert_eq!(resource_group(disk), Some("RG-Web"));
/// ```
pub fn resource_group(id: &str) -> Option<&str> {
    let mut parts = id.trim().split('/');
    parts.find(|part| part.eq_ignore_ascii_case("resourceGroups"))?;
    parts.next().filter(|group| !group.is_empty())
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn arns_of_machines_and_bare_ids_meet() {
        assert_eq!(
            key("arn:aws:ec2:eu-west-1:012345678901:volume/vol-0Aa"),
            key(" vol-0aa ")
        );
        assert_eq!(
            key("arn:aws:rds:eu-west-1:012345678901:db:orders"),
            "orders"
        );
    }

    #[test]
    fn names_that_are_only_unique_in_full_stay_whole() {
        let lambda = "arn:aws:lambda:us-east-1:1:function:Resize";
        assert_eq!(key(lambda), lambda.to_lowercase());
    }
}
