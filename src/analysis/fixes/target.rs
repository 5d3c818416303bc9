//! From the id in a bill to what a cloud's own tool must be told, where that is certain.

use super::Address;

/// A cloud that has a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cloud {
    /// Amazon Web Services.
    Aws,
    /// Microsoft Azure.
    Azure,
    /// Google Cloud.
    Gcp,
}

/// What a command names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// An ARN and the region whose endpoint knows it.
    Arn {
        /// Region code.
        region: String,
        /// The ARN.
        arn: String,
    },
    /// An ARM path.
    Arm(String),
    /// Words of `gcloud` up to the flag with the labels, which is the second.
    Gcloud(Vec<String>, &'static str),
}

impl Cloud {
    /// Whose resource it is, by provider or by the shape of the id.
    pub fn of(provider: &str, id: &str) -> Option<Cloud> {
        let provider = provider.to_lowercase();
        let is = |words: &[&str]| words.iter().any(|word| provider.contains(word));
        if id.starts_with("arn:") || is(&["aws", "amazon"]) {
            Some(Cloud::Aws)
        } else if id.to_lowercase().starts_with("/subscriptions/") || is(&["microsoft", "azure"]) {
            Some(Cloud::Azure)
        } else if is(&["google", "gcp"]) {
            Some(Cloud::Gcp)
        } else {
            None
        }
    }

    pub(super) fn target(self, address: Address) -> Result<Target, String> {
        let [_, account, region, service, id] = address;
        match self {
            Cloud::Aws => arn(account, region, service, id),
            Cloud::Azure => arm(id),
            Cloud::Gcp => gcloud(id),
        }
    }

    /// Refuses keys and values that the cloud, or its command line, would not take as they are.
    pub(super) fn takes(self, key: &str, value: &str) -> Result<(), String> {
        let (long, longer) = (key.chars().count(), value.chars().count());
        match self {
            // Both limits: AWS documentation, "Tag naming limits and requirements".
            Cloud::Aws if key.to_lowercase().starts_with("aws:") => {
                Err("AWS keeps keys with `aws:` to itself".to_owned())
            }
            Cloud::Aws if long > 128 || longer > 256 => Err("longer than AWS allows".to_owned()),
            // Limits and signs: Azure documentation, "Use tags to organize your Azure resources".
            Cloud::Azure if long > 512 || longer > 256 => {
                Err("longer than Azure allows".to_owned())
            }
            Cloud::Azure if key.contains(['<', '>', '%', '&', '\\', '?', '/']) => {
                Err("Azure does not allow this key".to_owned())
            }
            Cloud::Azure if key.starts_with(['-', '@']) || key.contains('=') => {
                Err("`az` would misread this key".to_owned())
            }
            // Google Cloud documentation, "Requirements for labels".
            Cloud::Gcp if !is_label(key) || !key.starts_with(char::is_lowercase) => {
                Err("no label key of Google Cloud".to_owned())
            }
            Cloud::Gcp if !is_label(value) => Err("no label value of Google Cloud".to_owned()),
            _ => Ok(()),
        }
    }
}

/// Refuses text that cannot stand on one line, or that looks like other text than it is.
pub(super) fn speakable(key: &str, value: &str, id: &str) -> Result<(), String> {
    let sound = |text: &str| !text.chars().any(is_unprintable);
    if [key, value, id].into_iter().all(sound) && !key.trim().is_empty() {
        Ok(())
    } else {
        Err("it has control characters".to_owned())
    }
}

/// Control characters, line breaks of any kind, and marks that turn the direction of text.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn is_label(text: &str) -> bool {
    let fits = |c: char| c.is_lowercase() || c.is_numeric() || c == '_' || c == '-';
    text.chars().count() <= 63 && text.chars().all(fits)
}

/// Prefixes of EC2's ids and what its ARNs call them.
pub(super) const EC2: [(&str, &str); 14] = [
    ("i-", "instance"),
    ("vol-", "volume"),
    ("snap-", "snapshot"),
    ("eni-", "network-interface"),
    ("nat-", "natgateway"),
    ("eipalloc-", "elastic-ip"),
    ("ami-", "image"),
    ("sg-", "security-group"),
    ("subnet-", "subnet"),
    ("vpc-", "vpc"),
    ("vpce-", "vpc-endpoint"),
    ("igw-", "internet-gateway"),
    ("tgw-", "transit-gateway"),
    ("lt-", "launch-template"),
];

fn arn(account: &str, region: &str, service: &str, id: &str) -> Result<Target, String> {
    if id.starts_with("arn:") {
        let parts: Vec<&str> = id.splitn(6, ':').collect();
        let [_, _, _, own, _, resource] = parts.as_slice() else {
            return Err("the ARN is not whole".to_owned());
        };
        if resource.is_empty() {
            return Err("the ARN is not whole".to_owned());
        }
        let region = [own, region, "us-east-1"]
            .into_iter()
            .find(|region| !region.is_empty());
        return Ok(Target::Arn {
            region: checked_region(region.unwrap_or_default())?,
            arn: id.to_owned(),
        });
    }
    let region =
        checked_region(region).map_err(|_| "no ARN, and its region is unknown".to_owned())?;
    let partition = match region.split('-').next() {
        Some("cn") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    let known = EC2
        .iter()
        .find(|(prefix, _)| id.strip_prefix(prefix).is_some_and(is_hex));
    let arn = match known {
        Some((_, kind)) if is_account => {
            format!("arn:{partition}:ec2:{region}:{account}:{kind}/{id}")
        }
        None if is_s3(service) && is_bucket(id) => format!("arn:{partition}:s3:::{id}"),
        _ => return Err("no ARN, and none can be made of it with certainty".to_owned()),
    };
    Ok(Target::Arn { region, arn })
}

fn checked_region(region: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if region.len() > 4 && region.chars().all(fits) && region.starts_with(char::is_alphabetic) {
        Ok(region.to_owned())
    } else {
        Err("its region is no region code".to_owned())
    }
}

pub(super) fn is_hex(text: &str) -> bool {
    (8..=17).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

pub(super) fn is_s3(service: &str) -> bool {
    service.contains("Simple Storage Service") || service == "Amazon S3" || service == "AmazonS3"
}

/// Bucket names: Amazon S3 documentation, "General purpose bucket naming rules".
pub(super) fn is_bucket(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    (3..=63).contains(&name.len()) && name.chars().all(fits) && !name.starts_with(['-', '.'])
}

fn arm(id: &str) -> Result<Target, String> {
    let parts = id.split('/').filter(|part| !part.is_empty()).count();
    if id.to_lowercase().starts_with("/subscriptions/") && parts >= 4 {
        Ok(Target::Arm(id.to_owned()))
    } else {
        Err("no resource id of Azure Resource Manager".to_owned())
    }
}

fn gcloud(id: &str) -> Result<Target, String> {
    let path = id
        .split_once("googleapis.com/")
        .map_or(id, |(_, path)| path);
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let is_name = |part: &&str| {
        part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    let service = id
        .trim_start_matches('/')
        .split('.')
        .next()
        .unwrap_or_default();
    if !parts.iter().all(|part| is_name(part) || *part == "_") {
        return Err("no resource name of Google Cloud".to_owned());
    }
    labelled(service, &parts)
        .map(|(words, flag)| Target::Gcloud(words, flag))
        .ok_or_else(|| "the kind of resource is not known to this script".to_owned())
}

/// The words after `gcloud` that put labels on a resource, and the flag that takes them.
fn labelled(service: &str, parts: &[&str]) -> Option<(Vec<String>, &'static str)> {
    let (words, places, flag): ([&str; 4], Vec<String>, _) = match (service, parts) {
        (
            "compute",
            [
                "projects",
                project,
                "zones",
                zone,
                kind @ ("instances" | "disks"),
                name,
            ],
        ) => (
            ["compute", kind, "add-labels", name],
            vec![format!("--zone={zone}"), format!("--project={project}")],
            "--labels",
        ),
        (
            "compute",
            [
                "projects",
                project,
                "global",
                kind @ ("snapshots" | "images"),
                name,
            ],
        ) => (
            ["compute", kind, "add-labels", name],
            vec![format!("--project={project}")],
            "--labels",
        ),
        ("storage", [name] | ["projects", "_", "buckets", name]) => {
            let words = ["storage", "buckets", "update"].map(str::to_owned);
            let bucket = std::iter::once(format!("gs://{name}"));
            return Some((words.into_iter().chain(bucket).collect(), "--update-labels"));
        }
        ("cloudsql" | "sqladmin", ["projects", project, "instances", name]) => (
            ["sql", "instances", "patch", name],
            vec![format!("--project={project}")],
            "--update-labels",
        ),
        ("pubsub", ["projects", project, "topics", name]) => (
            ["pubsub", "topics", "update", name],
            vec![format!("--project={project}")],
            "--update-labels",
        ),
        (
            "container",
            [
                "projects",
                project,
                "locations" | "zones",
                place,
                "clusters",
                name,
            ],
        ) => (
            ["container", "clusters", "update", name],
            vec![
                format!("--location={place}"),
                format!("--project={project}"),
            ],
            "--update-labels",
        ),
        _ => return None,
    };
    let words = words.map(str::to_owned).into_iter();
    Some((words.chain(places).collect(), flag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(address: Address) -> Result<Target, String> {
        Cloud::of(address[0], address[4]).unwrap().target(address)
    }

    fn arn_of(region: &str, service: &str, id: &str) -> Option<String> {
        match target(["AWS", "111122220001", region, service, id]) {
            Ok(Target::Arn { arn, .. }) => Some(arn),
            _ => None,
        }
    }

    #[test]
    fn arns_are_made_only_where_they_are_certain() {
        let ec2 = "Amazon Elastic Compute Cloud";
        let made = arn_of("eu-west-1", ec2, "vol-0685a08d45da0104e").unwrap();
        assert_eq!(
            made,
            "arn:aws:ec2:eu-west-1:111122220001:volume/vol-0685a08d45da0104e"
        );
        let made = arn_of("cn-north-1", ec2, "i-0169d533837edeaee").unwrap();
        assert!(made.starts_with("arn:aws-cn:ec2:"), "{made}");
        let made = arn_of(
            "eu-west-1",
            "Amazon Simple Storage Service",
            "quillfen-assets",
        )
        .unwrap();
        assert_eq!(made, "arn:aws:s3:::quillfen-assets");
        for (region, service, id) in [
            ("", ec2, "i-0169d533837edeaee"),
            ("eu-west-1", ec2, "shop"),
            ("eu-west-1", ec2, "arn:aws:ec2"),
        ] {
            assert_eq!(arn_of(region, service, id), None, "{id}");
        }
    }

    #[test]
    fn what_a_tool_would_misread_is_refused() {
        assert!(Cloud::Azure.takes("--team", "x").is_err());
        assert!(Cloud::Azure.takes("team", "--x=$(rm)").is_ok());
        assert!(
            Cloud::Gcp.takes("Team", "web").is_err() && Cloud::Gcp.takes("team", "a,b=c").is_err()
        );
        assert!(Cloud::Aws.takes("aws:x", "web").is_err());
        assert!(
            speakable("team", "a\nb", "i-1").is_err()
                && speakable("team", "a\u{202e}b", "i-1").is_err()
        );
    }

    #[test]
    fn gcloud_is_told_kind_place_and_project() {
        let id = "//compute.googleapis.com/projects/shop/zones/europe-west1-b/instances/web-1";
        let Ok(Target::Gcloud(words, "--labels")) = target(["Google Cloud", "", "", "", id]) else {
            panic!()
        };
        assert_eq!(
            words.join(" "),
            "compute instances add-labels web-1 --zone=europe-west1-b --project=shop"
        );
        let hostile = "//compute.googleapis.com/projects/shop/zones/z/instances/--flags-file=x";
        assert!(target(["Google Cloud", "", "", "", hostile]).is_err());
        assert!(target(["Google Cloud", "", "", "", "web-1"]).is_err());
    }
}
