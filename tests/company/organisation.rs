//! Who pays whom: accounts, regions, products. Owners are teams; no person appears anywhere.

/// An AWS account. The first six belong to Quillfen Robotics, the rest to Tarnholt Sensors, a
/// subsidiary it acquired that still has its own payer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Account {
    Payer,
    Prod,
    Staging,
    Data,
    Sandbox,
    Shared,
    TarnholtPayer,
    TarnholtApp,
    TarnholtLab,
}

impl Account {
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Payer => "999900001111",
            Self::Prod => "111122220001",
            Self::Staging => "111122220002",
            // The leading zero must survive every reader.
            Self::Data => "012345678901",
            Self::Sandbox => "111122220004",
            Self::Shared => "111122220005",
            Self::TarnholtPayer => "222233334444",
            Self::TarnholtApp => "222233330001",
            Self::TarnholtLab => "222233330002",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Payer => "quillfen-billing",
            Self::Prod => "quillfen-prod",
            Self::Staging => "quillfen-staging",
            Self::Data => "quillfen-data",
            Self::Sandbox => "quillfen-sandbox",
            Self::Shared => "quillfen-shared-services",
            Self::TarnholtPayer => "tarnholt-billing",
            Self::TarnholtApp => "tarnholt-app",
            Self::TarnholtLab => "tarnholt-lab",
        }
    }

    pub(crate) fn payer(self) -> Self {
        match self {
            Self::TarnholtPayer | Self::TarnholtApp | Self::TarnholtLab => Self::TarnholtPayer,
            _ => Self::Payer,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Region {
    UsEast1,
    EuWest1,
}

impl Region {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::UsEast1 => "us-east-1",
            Self::EuWest1 => "eu-west-1",
        }
    }

    pub(crate) fn place(self) -> &'static str {
        match self {
            Self::UsEast1 => "US East (N. Virginia)",
            Self::EuWest1 => "EU (Ireland)",
        }
    }

    /// What AWS puts before a usage type of this region.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::UsEast1 => "",
            Self::EuWest1 => "EU-",
        }
    }
}

/// An AWS product: code and name as in a cost and usage report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Product {
    Compute,
    Database,
    Storage,
    Functions,
    KeyValue,
    Monitoring,
    Balancer,
    Keys,
    Learning,
    Streams,
    Firewall,
    Audit,
    SavingsPlans,
    Support,
}

impl Product {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Compute => "AmazonEC2",
            Self::Database => "AmazonRDS",
            Self::Storage => "AmazonS3",
            Self::Functions => "AWSLambda",
            Self::KeyValue => "AmazonDynamoDB",
            Self::Monitoring => "AmazonCloudWatch",
            Self::Balancer => "AWSELB",
            Self::Keys => "awskms",
            Self::Learning => "AmazonSageMaker",
            Self::Streams => "AmazonKinesis",
            Self::Firewall => "awswaf",
            Self::Audit => "AWSCloudTrail",
            Self::SavingsPlans => "ComputeSavingsPlans",
            Self::Support => "AWSSupportBusiness",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Compute => "Amazon Elastic Compute Cloud",
            Self::Database => "Amazon Relational Database Service",
            Self::Storage => "Amazon Simple Storage Service",
            Self::Functions => "AWS Lambda",
            Self::KeyValue => "Amazon DynamoDB",
            Self::Monitoring => "AmazonCloudWatch",
            Self::Balancer => "Elastic Load Balancing",
            Self::Keys => "AWS Key Management Service",
            Self::Learning => "Amazon SageMaker",
            Self::Streams => "Amazon Kinesis",
            Self::Firewall => "AWS WAF",
            Self::Audit => "AWS CloudTrail",
            Self::SavingsPlans => "Savings Plans for AWS Compute usage",
            Self::Support => "AWS Support (Business)",
        }
    }
}

/// The currency of every AWS bill here.
pub(crate) const DOLLAR: &str = "USD";

/// Tags are written in the tables as `key=value key=value`.
pub(crate) fn tags(text: &'static str) -> Vec<(&'static str, &'static str)> {
    text.split_whitespace()
        .filter_map(|pair| pair.split_once('='))
        .collect()
}
