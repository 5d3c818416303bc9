//! What Cloud Custodian calls a resource, by the shape of its id; silent where that does not tell.

use super::target::{Cloud, EC2, is_bucket, is_hex, is_s3};

/// What Cloud Custodian calls the type of a resource, where the id tells it.
pub fn custodian_type(provider: &str, service: &str, id: &str) -> Option<&'static str> {
    let lower = id.to_lowercase();
    match Cloud::of(provider, id)? {
        Cloud::Aws => aws_type(service, &lower),
        Cloud::Azure => AZURE_TYPES
            .iter()
            .find(|(part, _)| lower.contains(part))
            .map(|(_, kind)| *kind),
        Cloud::Gcp => GCP_TYPES
            .iter()
            .find(|(part, _)| lower.contains(part))
            .map(|(_, kind)| *kind),
    }
}

const AZURE_TYPES: [(&str, &str); 6] = [
    ("/microsoft.compute/virtualmachines/", "azure.vm"),
    ("/microsoft.compute/disks/", "azure.disk"),
    ("/microsoft.storage/storageaccounts/", "azure.storage"),
    ("/microsoft.sql/servers/", "azure.sqlserver"),
    ("/microsoft.network/publicipaddresses/", "azure.publicip"),
    ("/microsoft.network/loadbalancers/", "azure.loadbalancer"),
];
const GCP_TYPES: [(&str, &str); 3] = [
    ("/instances/", "gcp.instance"),
    ("/disks/", "gcp.disk"),
    ("storage.googleapis.com/", "gcp.bucket"),
];
/// Beginnings of what stands behind `arn:aws:`, region and account left out.
const AWS_TYPES: [(&str, &str); 14] = [
    ("ec2:instance/", "aws.ec2"),
    ("ec2:volume/", "aws.ebs"),
    ("ec2:snapshot/", "aws.ebs-snapshot"),
    ("ec2:natgateway/", "aws.nat-gateway"),
    ("ec2:elastic-ip/", "aws.elastic-ip"),
    ("rds:db:", "aws.rds"),
    ("rds:cluster:", "aws.rds-cluster"),
    ("lambda:function:", "aws.lambda"),
    ("dynamodb:table/", "aws.dynamodb-table"),
    ("logs:log-group:", "aws.log-group"),
    ("kms:key/", "aws.kms-key"),
    ("sagemaker:notebook-instance/", "aws.sagemaker-notebook"),
    ("elasticloadbalancing:loadbalancer/app/", "aws.app-elb"),
    ("elasticloadbalancing:loadbalancer/net/", "aws.app-elb"),
];

fn aws_type(service: &str, id: &str) -> Option<&'static str> {
    let parts: Vec<&str> = id.splitn(6, ':').collect();
    let text = if let ["arn", _, service, _, _, rest] = parts.as_slice() {
        format!("{service}:{rest}")
    } else {
        let known = EC2
            .iter()
            .find(|(prefix, _)| id.strip_prefix(prefix).is_some_and(is_hex));
        match known {
            Some((_, kind)) => format!("ec2:{kind}/"),
            None => return (is_s3(service) && is_bucket(id)).then_some("aws.s3"),
        }
    };
    if text.starts_with("s3:") {
        return Some("aws.s3");
    }
    AWS_TYPES
        .iter()
        .find(|(start, _)| text.starts_with(start))
        .map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_known_by_id() {
        let of = |id: &str| custodian_type("AWS", "Amazon Elastic Compute Cloud", id);
        assert_eq!(of("i-0169d533837edeaee"), Some("aws.ec2"));
        assert_eq!(of("arn:aws:rds:us-east-1:1:db:x"), Some("aws.rds"));
        assert_eq!(of("shop"), None);
    }
}
