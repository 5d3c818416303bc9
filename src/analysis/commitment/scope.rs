//! What a commitment can cover, by name: commitments of one scope compete for the same usage.
//!
//! A commitment to spend (savings plan, flexible discount) covers a provider's compute whatever the machine; a
//! commitment to usage (reservation) covers one family of machines of one service in one region; where the provider
//! does not let it change its size (Windows and other licensed systems on AWS, OpenSearch, Redshift), one machine type.
//! Engines and tenancy are not told apart: bills do not name them alike.

use super::super::catalogue::Provider;

/// Where usage stands in the bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place<'a> {
    /// `ProviderName`.
    pub provider: &'a str,
    /// `ServiceName`.
    pub service: &'a str,
    /// `ServiceCategory`.
    pub category: &'a str,
    /// `RegionId`.
    pub region: &'a str,
    /// Machine type, or nothing.
    pub machine: &'a str,
    /// Operating system as the bill names it, or nothing.
    pub system: &'a str,
}

/// What a commitment commits to: FOCUS `CommitmentDiscountCategory`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Commits {
    /// Money per hour.
    Spend,
    /// Machines of a kind.
    Usage,
}

impl Commits {
    /// From the column; nothing where it says neither.
    pub fn of(category: &str) -> Option<Commits> {
        match category {
            "Spend" => Some(Commits::Spend),
            "Usage" => Some(Commits::Usage),
            _ => None,
        }
    }
}

/// Services whose usage AWS Compute Savings Plans cover, as bills call them; docs.aws.amazon.com/savingsplans.
const AWS_COMPUTE: [&str; 9] = [
    "Amazon Elastic Compute Cloud",
    "AmazonEC2",
    "AWS Lambda",
    "AWSLambda",
    "Amazon Elastic Container Service",
    "AmazonECS",
    "AWS Fargate",
    "EC2",
    "Lambda",
];
/// Short names of services that have reservations.
const SHORT: [(&str, &str); 10] = [
    ("Amazon Elastic Compute Cloud", "EC2"),
    ("AmazonEC2", "EC2"),
    ("Amazon Relational Database Service", "RDS"),
    ("AmazonRDS", "RDS"),
    ("Amazon ElastiCache", "ElastiCache"),
    ("AmazonElastiCache", "ElastiCache"),
    ("Amazon OpenSearch Service", "OpenSearch"),
    ("AmazonES", "OpenSearch"),
    ("Amazon Redshift", "Redshift"),
    ("AmazonRedshift", "Redshift"),
];

/// Services whose reservations keep their size.
const FIXED: [&str; 2] = ["OpenSearch", "Redshift"];
/// Systems whose licence is in the price of an AWS machine.
const LICENSED: [(&str, &str); 4] = [
    ("windows", "Windows"),
    ("rhel", "RHEL"),
    ("red hat", "RHEL"),
    ("suse", "SUSE"),
];

impl Place<'_> {
    /// The scope of this usage for commitments of a kind; nothing where none can cover it.
    pub fn scope(&self, commits: Commits) -> Option<String> {
        match commits {
            Commits::Spend => self.spend(),
            Commits::Usage => self.usage(),
        }
    }

    fn spend(&self) -> Option<String> {
        let provider = self.provider();
        let compute = match Provider::of(self.provider) {
            Some(Provider::Aws) => AWS_COMPUTE.contains(&self.service),
            _ => self.category == "Compute",
        };
        if compute {
            return Some(format!("{provider} Compute"));
        }
        let other = [
            ("SageMaker", "SageMaker"),
            ("SQL", "Databases"),
            ("Cosmos", "Databases"),
        ];
        let known = other.iter().find(|(word, _)| self.service.contains(word));
        match known {
            Some((_, name)) => Some(format!("{provider} {name}")),
            None if self.category == "Databases" => Some(format!("{provider} Databases")),
            None => None,
        }
    }

    fn usage(&self) -> Option<String> {
        let known = SHORT.iter().find(|(name, _)| *name == self.service);
        let service = known.map_or(self.service, |(_, short)| *short);
        let licence = self.licence();
        let fixed = !licence.is_empty() || FIXED.contains(&service);
        let machine = if fixed {
            self.machine.to_owned()
        } else {
            family(self.machine)
        };
        let parts = [self.provider(), service, &machine, self.region, licence];
        let named: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        (!service.is_empty()).then(|| named.join(" "))
    }

    /// A system that AWS sells inside the price of the machine: its reservations keep their size. Azure and Google
    /// charge licences apart.
    fn licence(&self) -> &'static str {
        if Provider::of(self.provider) != Some(Provider::Aws) {
            return "";
        }
        let system = self.system.to_lowercase();
        let named = LICENSED.iter().find(|(word, _)| system.contains(word));
        named.map_or("", |(_, name)| name)
    }

    fn provider(&self) -> &str {
        match Provider::of(self.provider) {
            Some(Provider::Aws) => "AWS",
            Some(Provider::Azure) => "Azure",
            Some(Provider::Google) => "Google Cloud",
            None => self.provider,
        }
    }
}

/// The family of a machine type: `m5.large` is m5, `db.r6g.large` r6g, `Standard_D4s_v5` `Ds_v5`, `n2-standard-4` n2.
fn family(machine: &str) -> String {
    let parts: Vec<&str> = machine.split('.').collect();
    match parts[..] {
        ["db" | "cache", family, ..] | [family, _, ..] => return family.to_owned(),
        _ => {}
    }
    if let Some(size) = machine.strip_prefix("Standard_") {
        let (series, rest) = size.split_at(
            size.find(|c: char| c.is_ascii_digit())
                .unwrap_or(size.len()),
        );
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        return format!("{series}{rest}");
    }
    machine.split('-').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(
        provider: &'static str,
        service: &'static str,
        machine: &'static str,
    ) -> Place<'static> {
        let category = if service.contains("Database") {
            "Databases"
        } else {
            "Compute"
        };
        Place {
            provider,
            service,
            category,
            region: "r1",
            machine,
            system: "Linux",
        }
    }

    #[test]
    fn machines_of_all_families_share_a_plan_and_not_a_reservation() {
        let ec2 = place("AWS", "Amazon Elastic Compute Cloud", "m5.large");
        assert_eq!(ec2.scope(Commits::Spend).as_deref(), Some("AWS Compute"));
        assert_eq!(ec2.scope(Commits::Usage).as_deref(), Some("AWS EC2 m5 r1"));
        let rds = place("AWS", "Amazon Relational Database Service", "db.r6g.large");
        assert_eq!(rds.scope(Commits::Usage).as_deref(), Some("AWS RDS r6g r1"));
        assert_eq!(rds.scope(Commits::Spend).as_deref(), Some("AWS Databases"));
        let search = place("AWS", "AmazonES", "m6g.large.search");
        assert_eq!(
            search.scope(Commits::Usage).as_deref(),
            Some("AWS OpenSearch m6g.large.search r1")
        );
        let windows = Place {
            system: "Windows",
            ..ec2
        };
        assert_eq!(
            windows.scope(Commits::Usage).as_deref(),
            Some("AWS EC2 m5.large r1 Windows")
        );
        let lambda = place("AWS", "AWS Lambda", "");
        assert_eq!(lambda.scope(Commits::Spend).as_deref(), Some("AWS Compute"));
        assert_eq!(
            lambda.scope(Commits::Usage).as_deref(),
            Some("AWS AWS Lambda r1")
        );
    }

    #[test]
    fn other_clouds_have_scopes_too() {
        let azure = place("Microsoft", "Virtual Machines", "Standard_D4s_v5");
        assert_eq!(
            azure.scope(Commits::Spend).as_deref(),
            Some("Azure Compute")
        );
        assert_eq!(
            azure.scope(Commits::Usage).as_deref(),
            Some("Azure Virtual Machines Ds_v5 r1")
        );
        let google = place("Google Cloud", "Compute Engine", "n2-standard-4");
        assert_eq!(
            google.scope(Commits::Usage).as_deref(),
            Some("Google Cloud Compute Engine n2 r1")
        );
        let glue = Place {
            category: "Analytics",
            ..place("AWS", "AWS Glue", "")
        };
        assert_eq!(glue.scope(Commits::Spend), None);
    }
}
