//! One resource, many spellings: ARNs and bare ids, ARM paths in any case, Google's self-links and full names,
//! the provider ids of Kubernetes. Says when two mean one resource and what kind an id names; it knows no
//! list of resources and never guesses a service from a bare name.

use super::arn::Arn;

/// Ids of EC2 that stand alone, by their prefix.
const BARE: &[(&str, &str)] = &[
    ("i-", "ec2:instance"),
    ("vol-", "ec2:volume"),
    ("snap-", "ec2:snapshot"),
    ("eipalloc-", "ec2:elastic-ip"),
    ("nat-", "ec2:natgateway"),
    ("ami-", "ec2:image"),
];
/// What Google's hosts end in.
pub(super) const GOOGLE: &str = "googleapis.com/";

/// The key on which bills, inventories and metrics meet, in lower case: the last segment of an ARN of EC2, RDS
/// and S3, any other ARN whole, an ARM path whole, Google's full name without its scheme. Google's bills name
/// a machine by the number that it was given, which is its own key whatever the project is called.
///
/// ```
/// # use cloudtally::resource::key;
/// assert_eq!(key("arn:aws:ec2:us-east-1:123456789012:instance/i-0AB"), "i-0ab");
/// assert_eq!(key("aws:///us-east-1a/i-0ab"), "i-0ab");
/// assert_eq!(key("/subscriptions/S/resourceGroups/R/x"), "/subscriptions/s/resourcegroups/r/x");
/// assert_eq!(key("gce://shop/europe-west3-a/web"), key("//compute.googleapis.com/projects/shop/zones/europe-west3-a/instances/web"));
/// ```
pub fn key(id: &str) -> String {
    let id = id.trim().to_lowercase();
    if id.starts_with("arn:") {
        return arn_key(&id);
    }
    match id.split_once("://") {
        Some(("aws", place)) => return tail(place).to_owned(),
        Some(("azure", place)) => return place.trim_end_matches('/').to_owned(),
        Some(("gce", place)) => return gce_key(place),
        _ => {}
    }
    if let Some(name) = google(&id) {
        return name;
    }
    id.trim_end_matches('/').to_owned()
}

/// Service and type of what an id names, in lower case, the same for every spelling of it: `ec2:instance`,
/// `microsoft.compute/disks`, `compute.googleapis.com/instances`; `None` where the id alone does not tell.
///
/// ```
/// # use cloudtally::resource::kind;
/// assert_eq!(kind("vol-0ab").as_deref(), Some("ec2:volume"));
/// assert_eq!(kind("orders"), None);
/// ```
pub fn kind(id: &str) -> Option<String> {
    let (key, arn) = (key(id), Arn::parse(id));
    let bare = BARE.iter().find(|(prefix, _)| is_bare(&key, prefix));
    if let Some(arn) = arn {
        // AWS Config calls an address `eip` where all others call it `elastic-ip`.
        let known = bare.filter(|_| arn.kind.starts_with("ec2:"));
        return Some(known.map_or(arn.kind.to_lowercase(), |(_, kind)| (*kind).to_owned()));
    }
    if let Some((_, kind)) = bare {
        return Some((*kind).to_owned());
    }
    if key.starts_with('/') {
        return arm_kind(&key);
    }
    if key.starts_with("ocid1.") {
        return Some(key.split('.').take(2).collect::<Vec<_>>().join("."));
    }
    let (service, path) = key.split_once(".googleapis.com/")?;
    let mut segments = path.rsplit('/').skip(1);
    let collection = match segments.next() {
        Some(collection) => collection,
        None if service == "storage" => "buckets",
        None => return None,
    };
    Some(format!("{service}.googleapis.com/{collection}"))
}

/// An account as bills and inventories both spell it: lower case, an Azure subscription without its path.
pub fn account_key(account: &str) -> String {
    let account = account.trim().trim_matches('/').to_lowercase();
    account
        .strip_prefix("subscriptions/")
        .unwrap_or(&account)
        .to_owned()
}

/// FOCUS `ProviderName` as this house spells it, from what a file says or, where it says nothing, from an id.
pub fn provider_name(said: &str, id: &str) -> String {
    let plain: String = said
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let known = match plain.as_str() {
        "aws" | "amazon" | "amazonwebservices" => "AWS",
        "azure" | "microsoft" | "microsoftazure" => "Microsoft",
        "gcp" | "google" | "googlecloud" | "googlecloudplatform" => "Google Cloud",
        "" if id.starts_with("arn:aws") || id.starts_with("aws://") => "AWS",
        "" if id.starts_with("azure://") => "Microsoft",
        "" if id.to_lowercase().starts_with("/subscriptions/") => "Microsoft",
        "" if id.contains(GOOGLE) || id.starts_with("gce://") => "Google Cloud",
        _ => said,
    };
    known.to_owned()
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

/// The last segment of a path.
pub(crate) fn tail(path: &str) -> &str {
    path.trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or(path)
}

fn arn_key(arn: &str) -> String {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, resource) = (parts.next().unwrap_or(""), parts.nth(2).unwrap_or(""));
    let short = match service {
        "ec2" | "rds" => resource.rsplit(['/', ':']).next(),
        // `arn:aws:s3:::bucket/prefix`; access points have a region and types, and stay whole.
        "s3" if arn.contains(":::") => resource.split('/').next(),
        "logs" => return arn.trim_end_matches(":*").to_owned(),
        _ => None,
    };
    short
        .filter(|name| !name.is_empty())
        .unwrap_or(arn)
        .to_owned()
}

fn gce_key(place: &str) -> String {
    match place.split('/').collect::<Vec<_>>()[..] {
        [project, zone, name] => {
            format!("compute.{GOOGLE}projects/{project}/zones/{zone}/instances/{name}")
        }
        _ => format!("gce://{place}"),
    }
}

/// `//compute.googleapis.com/projects/…`, `https://www.googleapis.com/compute/v1/projects/…`,
/// `projects/…/zones/…`: one name for all of them.
fn google(id: &str) -> Option<String> {
    let (service, path) = match id.split_once(GOOGLE) {
        Some((host, path)) => service_and_path(tail(host).trim_end_matches('.'), path),
        None if id.starts_with("projects/") => ("compute", id),
        None => return None,
    };
    let path = path.trim_matches('/');
    let name = tail(path);
    if service == "storage" {
        return Some(format!("storage.{GOOGLE}{name}"));
    }
    let given = service == "compute" && name.bytes().all(|byte| byte.is_ascii_digit());
    if given && let Some(collection) = path.rsplit('/').nth(1) {
        return Some(format!("compute.{GOOGLE}{collection}/{name}"));
    }
    Some(format!("{service}.{GOOGLE}{path}"))
}

/// The service from the host, or from the path of an address of an API; versions of the API say nothing.
fn service_and_path<'a>(host: &'a str, path: &'a str) -> (&'a str, &'a str) {
    let mut parts = path.splitn(3, '/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(service), Some(version), Some(rest))
            if (host == "www" || host == service || host == "content")
                && (version.starts_with('v') || matches!(version, "alpha" | "beta")) =>
        {
            (service, rest)
        }
        _ => (host, path),
    }
}

fn is_bare(key: &str, prefix: &str) -> bool {
    key.strip_prefix(prefix).is_some_and(|rest| {
        !rest.is_empty()
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}

/// `microsoft.compute/virtualmachines` of `/subscriptions/…/providers/microsoft.compute/virtualmachines/web`.
fn arm_kind(path: &str) -> Option<String> {
    let (_, typed) = path.rsplit_once("/providers/")?;
    let mut segments = typed.split('/');
    let mut kind = segments.next()?.to_owned();
    for type_name in segments.step_by(2) {
        kind.push('/');
        kind.push_str(type_name);
    }
    Some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All of these name one resource.
    fn one(ids: &[&str]) {
        for id in ids {
            assert_eq!(key(id), key(ids[0]), "{id}");
            assert_eq!(kind(id), kind(ids[0]), "{id}");
        }
    }

    #[test]
    fn spellings_of_one_resource_meet() {
        one(&[
            "arn:aws:ec2:eu-west-1:012345678901:instance/i-0Aa",
            " i-0aa ",
            "aws:///eu-west-1b/i-0aa",
        ]);
        one(&[
            "arn:aws:ec2:eu-west-1:012345678901:volume/vol-0Aa",
            " vol-0aa ",
        ]);
        one(&[
            "arn:aws-cn:ec2:cn-north-1:1:elastic-ip/eipalloc-1",
            "eipalloc-1",
        ]);
        one(&[
            "/subscriptions/5B3F/resourceGroups/Shop/providers/Microsoft.Compute/virtualMachines/Web-1",
            "/subscriptions/5b3f/resourcegroups/shop/providers/microsoft.compute/virtualmachines/web-1/",
            "azure:///subscriptions/5b3f/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web-1",
        ]);
        one(&[
            "//compute.googleapis.com/projects/shop/zones/europe-west3-a/instances/web",
            "https://www.googleapis.com/compute/v1/projects/shop/zones/europe-west3-a/instances/web",
            "https://compute.googleapis.com/compute/beta/projects/shop/zones/europe-west3-a/instances/web",
            "compute.googleapis.com/projects/shop/zones/europe-west3-a/instances/web",
            "projects/shop/zones/europe-west3-a/instances/web",
            "gce://shop/europe-west3-a/web",
        ]);
        one(&[
            "//compute.googleapis.com/projects/118273645/zones/europe-west3-a/instances/7001",
            "https://www.googleapis.com/compute/v1/projects/shop/zones/europe-west3-a/instances/7001",
        ]);
        one(&[
            "//storage.googleapis.com/logs",
            "//storage.googleapis.com/projects/_/buckets/logs",
            "https://www.googleapis.com/storage/v1/b/logs",
        ]);
        assert_eq!(key("arn:aws:s3:::Logs/2026"), "logs");
        assert_eq!(
            key("arn:aws:rds:eu-west-1:012345678901:db:orders"),
            "orders"
        );
        assert_eq!(
            key("arn:aws:logs:us-east-1:1:log-group:/aws/x:*"),
            key("arn:aws:logs:us-east-1:1:log-group:/aws/x")
        );
    }

    #[test]
    fn names_that_are_only_unique_in_full_stay_whole() {
        let lambda = "arn:aws:lambda:us-east-1:1:function:Resize";
        assert_eq!(key(lambda), lambda.to_lowercase());
        let web = |project: &str, zone: &str, thing: &str| {
            key(&format!(
                "//compute.googleapis.com/projects/{project}/zones/{zone}/{thing}/web"
            ))
        };
        assert_ne!(web("a", "z", "instances"), web("b", "z", "instances"));
        assert_ne!(web("a", "z", "instances"), web("a", "z", "disks"));
    }

    #[test]
    fn kinds_are_told_by_ids_alone() {
        let kinds = [
            ("arn:aws:rds:eu-west-1:1:db:orders", "rds:db"),
            ("arn:aws:s3:::logs", "s3:bucket"),
            (
                "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/web/1",
                "elasticloadbalancing:loadbalancer",
            ),
            (
                "/subscriptions/s/resourceGroups/r/providers/Microsoft.Sql/servers/a/databases/b",
                "microsoft.sql/servers/databases",
            ),
            ("gce://shop/z/web", "compute.googleapis.com/instances"),
            (
                "//storage.googleapis.com/logs",
                "storage.googleapis.com/buckets",
            ),
            ("ocid1.instance.oc1.phx.abc", "ocid1.instance"),
        ];
        for (id, wanted) in kinds {
            assert_eq!(kind(id).as_deref(), Some(wanted), "{id}");
        }
        for id in ["orders", "", "i-", "/subscriptions/s", "i-1 2", "gce://x"] {
            assert_eq!(kind(id), None, "{id}");
        }
    }

    #[test]
    fn accounts_and_providers_have_one_spelling() {
        assert_eq!(account_key("/subscriptions/5B3F"), account_key("5b3f"));
        assert_eq!(provider_name("Amazon Web Services", ""), "AWS");
        assert_eq!(provider_name("", "gce://p/z/n"), "Google Cloud");
        assert_eq!(provider_name("Oracle", "ocid1.x"), "Oracle");
    }

    proptest! {
        #[test]
        fn no_text_panics_and_a_key_is_its_own_key(id in "(arn:|aws://|gce://|azure://|//|projects/|https://www.googleapis.com/)?[a-zA-Z0-9:/._é -]{0,40}") {
            let first = key(&id);
            let _ = (kind(&id), account_key(&id), provider_name(&id, &id));
            prop_assert_eq!(first.to_lowercase(), first);
        }
    }
}
