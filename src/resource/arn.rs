//! Amazon resource names: which service, type, region and account a resource belongs to.

use serde::Deserialize;

/// A parsed ARN. Region and account are empty where the service has none in its ARNs (S3, `CloudFront`).
#[derive(Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Arn {
    /// The whole, without the blanks that some tools print around it.
    pub(crate) text: String,
    /// `service:type`, or the service alone where its ARNs name no type.
    pub(crate) kind: String,
    /// Region code.
    pub(crate) region: String,
    /// Account id.
    pub(crate) account: String,
    /// What stands after the type: a name or an id.
    pub(crate) name: String,
}

impl Arn {
    /// `arn:partition:service:region:account:resource`; `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Arn> {
        let text = text.trim();
        let mut parts = text.splitn(6, ':');
        let (scheme, partition) = (parts.next()?, parts.next()?);
        let (service, region, account) = (parts.next()?, parts.next()?, parts.next()?);
        let resource = parts.next()?;
        if scheme != "arn"
            || !partition.starts_with("aws")
            || service.is_empty()
            || resource.is_empty()
        {
            return None;
        }
        let (kind, name) = kind_and_name(service, resource);
        let [region, account, text] = [region, account, text].map(str::to_owned);
        Some(Arn {
            text,
            kind,
            region,
            account,
            name: name.to_owned(),
        })
    }
}

impl TryFrom<String> for Arn {
    type Error = String;

    fn try_from(text: String) -> Result<Arn, String> {
        Arn::parse(&text).ok_or_else(|| format!("{text:?} is no ARN"))
    }
}

/// Splits `instance/i-0ab`, `db:orders`, `/restapis/x`; three services name their only type nowhere.
fn kind_and_name<'a>(service: &str, resource: &'a str) -> (String, &'a str) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> [String; 4] {
        let arn = Arn::parse(text).unwrap();
        [arn.kind, arn.region, arn.account, arn.name]
    }

    #[test]
    fn service_type_region_and_account_come_from_the_arn() {
        assert_eq!(
            parts("  arn:aws:ec2:eu-west-1:123456789012:instance/i-0ab"),
            ["ec2:instance", "eu-west-1", "123456789012", "i-0ab"]
        );
        assert_eq!(parts("arn:aws-cn:rds:cn-north-1:1:db:orders")[0], "rds:db");
        assert_eq!(
            parts("arn:aws:apigateway:us-east-1::/restapis/x1")[0],
            "apigateway:restapis"
        );
        assert_eq!(
            parts("arn:aws:logs:us-east-1:1:log-group:/aws/x:*")[3],
            "/aws/x:*"
        );
    }

    #[test]
    fn buckets_have_neither_region_nor_account() {
        assert_eq!(
            parts("arn:aws:s3:::orders-archive"),
            ["s3:bucket", "", "", "orders-archive"]
        );
        assert_eq!(parts("arn:aws:sns:us-east-1:1:alerts")[0], "sns:topic");
    }

    #[test]
    fn other_texts_are_no_arn() {
        for text in [
            "",
            "i-0ab",
            "arn:aws:ec2",
            "arn:aws::::x",
            "arn:aws:s3:::",
            "urn:aws:s3:::x",
        ] {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
    }
}
