//! Machine types of three providers: what they hold, what they can do and what they cost at list price.
//!
//! The tables beside this file are facts as of July 2026 (`catalogue/README.md` names columns and sources).
//! A missing price is unknown, never 0. This room knows no machine and no measurement.

use crate::money::Money;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Instruction set of a machine type; programs must be rebuilt to cross it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Arch {
    /// Intel and AMD, 64 bit.
    X86,
    /// Graviton, Cobalt, Ampere, Axion.
    Arm,
}

/// Who sells a machine type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Amazon Web Services.
    Aws,
    /// Microsoft Azure.
    Azure,
    /// Google Cloud.
    Google,
}

impl Provider {
    /// Reads FOCUS `ProviderName`; `None` where it names none of the three.
    pub fn of(name: &str) -> Option<Provider> {
        let name = name.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
        match () {
            () if says(&["aws", "amazon"]) => Some(Provider::Aws),
            () if says(&["azure", "microsoft"]) => Some(Provider::Azure),
            () if says(&["google", "gcp"]) => Some(Provider::Google),
            () => None,
        }
    }
}

/// One machine type.
#[derive(Clone, Debug)]
pub struct MachineType {
    /// Who sells it.
    pub provider: Provider,
    /// Name as the provider prints it.
    pub name: String,
    /// Types that differ in size alone.
    pub family: String,
    /// Families that may replace each other.
    pub line: String,
    /// Generation number, 0 where unknown.
    pub generation: u8,
    /// Virtual CPUs.
    pub vcpu: u32,
    /// Memory in GiB.
    pub memory_gib: f64,
    /// Instruction set.
    pub arch: Arch,
    /// CPU baseline in percent of all vCPUs for burstable types (0 unknown), `None` for steady ones.
    pub baseline: Option<f64>,
    /// The whole server, without a hypervisor.
    pub bare_metal: bool,
    /// Count and model of accelerators, empty for none.
    pub gpu: String,
    /// Has a disk that dies with the machine.
    pub local_disk: bool,
    /// Disks it can use: 0 standard, 1 premium, 2 `NVMe` or Hyperdisk.
    pub storage: u8,
    /// Has accelerated networking.
    pub fast_network: bool,
    /// Network baseline in Gbit/s.
    pub network_gbps: Option<f64>,
    /// Network burst in Gbit/s.
    pub network_peak_gbps: Option<f64>,
    /// Baseline of remote disks in operations per second.
    pub disk_iops: Option<f64>,
    /// Baseline of remote disks in MB per second.
    pub disk_mbps: Option<f64>,
    /// Linux on-demand list price of the reference region, USD per hour.
    pub hourly: Option<Money>,
    /// Size factor inside the family, on Money's scale so that ratios of factors stay exact.
    pub norm: Option<Money>,
    /// The provider's own replacement.
    pub successor: Option<String>,
}

/// A row of the table as it is written.
#[derive(Deserialize)]
struct Row {
    #[serde(rename = "type")]
    name: String,
    family: String,
    line: String,
    generation: u8,
    vcpu: u32,
    memory_gib: f64,
    arch: Arch,
    burst_pct: Option<f64>,
    bare_metal: u8,
    gpu: String,
    local_disk: u8,
    storage: u8,
    accel_net: u8,
    net_base_gbps: Option<f64>,
    net_peak_gbps: Option<f64>,
    disk_iops: Option<f64>,
    disk_mbps: Option<f64>,
    usd_hour: String,
    norm: String,
    successor: String,
}

impl Row {
    fn machine_type(self, provider: Provider) -> MachineType {
        MachineType {
            provider,
            name: self.name,
            family: self.family,
            line: self.line,
            generation: self.generation,
            vcpu: self.vcpu,
            memory_gib: self.memory_gib,
            arch: self.arch,
            baseline: self.burst_pct,
            bare_metal: self.bare_metal == 1,
            gpu: self.gpu,
            local_disk: self.local_disk == 1,
            storage: self.storage,
            fast_network: self.accel_net == 1,
            network_gbps: self.net_base_gbps,
            network_peak_gbps: self.net_peak_gbps,
            disk_iops: self.disk_iops,
            disk_mbps: self.disk_mbps,
            hourly: positive(&self.usd_hour),
            norm: positive(&self.norm),
            successor: Some(self.successor).filter(|name| !name.is_empty()),
        }
    }
}

fn positive(text: &str) -> Option<Money> {
    Money::parse(text.as_bytes())
        .ok()
        .filter(|&amount| amount > Money::ZERO)
}

/// All machine types, by name.
pub struct Catalogue {
    types: BTreeMap<String, MachineType>,
}

/// What a user allows beside the rules of the house.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// Families or types to choose from; empty means all.
    pub include: Vec<String>,
    /// Families or types never to choose.
    pub exclude: Vec<String>,
    /// Architectures to choose from; empty means all.
    pub architectures: Vec<Arch>,
    /// Oldest generation to choose.
    pub min_generation: u8,
}

impl Limits {
    /// True where a type may be chosen.
    pub(crate) fn allow(&self, target: &MachineType) -> bool {
        let names = |list: &[String]| {
            list.iter().any(|n| {
                n.eq_ignore_ascii_case(&target.family) || n.eq_ignore_ascii_case(&target.name)
            })
        };
        (self.include.is_empty() || names(&self.include))
            && !names(&self.exclude)
            && (self.architectures.is_empty() || self.architectures.contains(&target.arch))
            && target.generation >= self.min_generation
    }
}

/// The embedded catalogue, read once.
pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let tables = [
            (Provider::Aws, include_str!("catalogue/aws.csv")),
            (Provider::Azure, include_str!("catalogue/azure.csv")),
            (Provider::Google, include_str!("catalogue/gcp.csv")),
        ];
        let rows = tables.into_iter().flat_map(|(provider, table)| {
            let mut reader = csv::Reader::from_reader(table.as_bytes());
            // Every row reads: a test below counts them.
            let rows: Vec<Row> = reader.deserialize().filter_map(Result::ok).collect();
            rows.into_iter().map(move |row| row.machine_type(provider))
        });
        Catalogue {
            types: rows.map(|t| (t.name.to_lowercase(), t)).collect(),
        }
    })
}

impl Catalogue {
    /// A type by FOCUS `ProviderName` (empty where unknown) and name: any case, Azure names with or without
    /// `Standard_`, Google machine type links.
    pub fn find(&self, provider: &str, name: &str) -> Option<&MachineType> {
        let name = name.trim().to_lowercase().replace(' ', "_");
        let name = name.rsplit('/').next().unwrap_or(&name);
        let found = self
            .types
            .get(name)
            .or_else(|| self.types.get(&format!("standard_{name}")))
            .or_else(|| custom::find(self, name))?;
        Provider::of(provider)
            .is_none_or(|p| p == found.provider)
            .then_some(found)
    }

    /// Types of one architecture that could stand in for this one whatever its load: same provider, same line
    /// or family, same or newer generation, same accelerators, local disk and bare metal, no disk or network
    /// ability lost, list price known. In order of name.
    pub fn candidates(
        &self,
        current: &MachineType,
        arch: Arch,
        limits: &Limits,
    ) -> Vec<&MachineType> {
        let stands_in = |target: &&MachineType| {
            target.provider == current.provider
                && target.arch == arch
                && target.name != current.name
                && (target.family == current.family || target.line == current.line)
                && target.generation >= current.generation
                && target.gpu == current.gpu
                && target.local_disk == current.local_disk
                && target.bare_metal == current.bare_metal
                && target.storage >= current.storage
                && target.fast_network >= current.fast_network
                && target.hourly.is_some()
                && limits.allow(target)
        };
        self.types.values().filter(stands_in).collect()
    }
}

mod custom;

#[cfg(test)]
mod tests {
    use super::*;

    fn names(current: &str, arch: Arch, limits: &Limits) -> Vec<String> {
        let current = catalogue().find("", current).unwrap();
        catalogue()
            .candidates(current, arch, limits)
            .iter()
            .map(|t| t.name.clone())
            .collect()
    }

    #[test]
    fn every_row_of_the_tables_reads() {
        let tables = ["aws", "azure", "gcp"].map(|name| match name {
            "aws" => include_str!("catalogue/aws.csv"),
            "azure" => include_str!("catalogue/azure.csv"),
            _ => include_str!("catalogue/gcp.csv"),
        });
        let lines: usize = tables.iter().map(|table| table.lines().count() - 1).sum();
        assert_eq!(catalogue().types.len(), lines);
        assert!(
            catalogue()
                .types
                .values()
                .all(|t| t.vcpu > 0 && t.memory_gib > 0.0)
        );
    }

    #[test]
    fn a_type_is_found_in_every_spelling() {
        let m5 = catalogue().find("AWS", "M5.XLarge").unwrap();
        assert_eq!(
            (
                m5.vcpu,
                m5.memory_gib,
                m5.hourly.unwrap().to_string().as_str()
            ),
            (4, 16.0, "0.192")
        );
        assert_eq!(
            catalogue().find("Microsoft", "d4s v5").unwrap().name,
            "Standard_D4s_v5"
        );
        let link =
            "https://www.googleapis.com/compute/v1/projects/p/zones/z/machineTypes/n2-standard-4";
        assert_eq!(catalogue().find("Google Cloud", link).unwrap().vcpu, 4);
        assert!(catalogue().find("Google Cloud", "m5.xlarge").is_none());
        assert!(catalogue().find("AWS", "m5.tiny").is_none());
    }

    #[test]
    fn a_missing_price_is_unknown() {
        assert_eq!(catalogue().find("AWS", "mac2.metal").unwrap().hourly, None);
    }

    #[test]
    fn candidates_keep_what_the_machine_can_do() {
        let all = Limits::default();
        let for_m5 = names("m5.xlarge", Arch::X86, &all);
        for wanted in ["m5.large", "r5.large", "m6i.xlarge"] {
            assert!(for_m5.iter().any(|n| n == wanted), "{wanted}");
        }
        for wrong in [
            "m5.xlarge",
            "m4.large",
            "m5d.large",
            "m6g.large",
            "m5.metal",
            "g4dn.xlarge",
        ] {
            assert!(!for_m5.iter().any(|n| n == wrong), "{wrong}");
        }
        assert!(
            names("m6i.xlarge", Arch::X86, &all)
                .iter()
                .all(|n| n != "m5.large"),
            "no older one"
        );
        assert!(
            names("g4dn.12xlarge", Arch::X86, &all)
                .iter()
                .all(|n| n != "g4dn.xlarge")
        );
        assert!(
            names("Standard_D4s_v3", Arch::X86, &all)
                .iter()
                .all(|n| n != "Standard_D2s_v5")
        );
    }

    #[test]
    fn the_user_narrows_the_choice() {
        let only = Limits {
            include: vec!["M6i".into()],
            exclude: vec!["m6i.large".into()],
            ..Limits::default()
        };
        let allowed = names("m5.xlarge", Arch::X86, &only);
        assert!(
            allowed
                .iter()
                .all(|n| n.starts_with("m6i.") && n != "m6i.large")
        );
        assert!(allowed.iter().any(|n| n == "m6i.xlarge"));
        let newer = Limits {
            min_generation: 6,
            ..Limits::default()
        };
        let allowed = names("m5.xlarge", Arch::X86, &newer);
        assert!(
            allowed.iter().any(|n| n == "m6i.xlarge") && allowed.iter().all(|n| n != "m5.large")
        );
        let arm = Limits {
            architectures: vec![Arch::Arm],
            ..Limits::default()
        };
        assert!(names("m5.xlarge", Arch::X86, &arm).is_empty());
    }
}
