//! Google's custom machine types (`n2-custom-4-8192`: vCPU and MiB of memory): what they can do as the standard type
//! beside them, priced by core and GiB, which two predefined types of the series tell. Extended memory has a price of
//! its own and is not known.

use super::{Catalogue, MachineType};
use crate::analysis::saving::scaled;
use crate::money::Money;
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};

/// A custom type by its lower-case name. Each is made once and kept as long as the catalogue.
pub(super) fn find(catalogue: &Catalogue, name: &str) -> Option<&'static MachineType> {
    static MADE: OnceLock<Mutex<BTreeMap<String, &'static MachineType>>> = OnceLock::new();
    let (series, size) = name.split_once("custom-")?;
    let made = MADE.get_or_init(Mutex::default);
    let mut made = made
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(&known) = made.get(name) {
        return Some(known);
    }
    let machine: &'static MachineType =
        Box::leak(Box::new(made_of(catalogue, name, series, size)?));
    made.insert(name.to_owned(), machine);
    Some(machine)
}

fn made_of(catalogue: &Catalogue, name: &str, series: &str, size: &str) -> Option<MachineType> {
    // The first custom types had no series in their name.
    let series = if series.is_empty() {
        "n1"
    } else {
        series.trim_end_matches('-')
    };
    let (vcpu, mebibytes) = size.split_once('-')?;
    let (vcpu, mebibytes): (u32, u32) = (vcpu.parse().ok()?, mebibytes.parse().ok()?);
    let standard = catalogue.types.get(&format!("{series}-standard-4"))?;
    let highmem = catalogue.types.get(&format!("{series}-highmem-4"))?;
    (vcpu > 0 && mebibytes > 0).then(|| MachineType {
        name: name.to_owned(),
        family: format!("{series}-custom"),
        vcpu,
        memory_gib: f64::from(mebibytes) / 1024.0,
        network_gbps: None,
        network_peak_gbps: None,
        disk_iops: None,
        disk_mbps: None,
        hourly: price(series, standard, highmem, (vcpu, mebibytes)),
        norm: None,
        successor: None,
        ..standard.clone()
    })
}

/// By core and GiB, as two types of four cores differ in memory alone, and what custom types cost above predefined
/// ones: 5 %, nothing on E2 (<https://cloud.google.com/compute/vm-instance-pricing>).
fn price(
    series: &str,
    standard: &MachineType,
    highmem: &MachineType,
    (vcpu, mebibytes): (u32, u32),
) -> Option<Money> {
    let [less, more] = [standard, highmem].map(|one| mebibytes_of(one));
    let (low, high) = (standard.hourly?, highmem.hourly?);
    let apart = i128::from(more.checked_sub(less).filter(|apart| *apart > 0)?);
    let memory_of = |mebibytes: u32| scaled(high - low, i128::from(mebibytes), apart);
    let cores = scaled(
        low - memory_of(less)?,
        i128::from(vcpu),
        i128::from(standard.vcpu),
    )?;
    let whole = cores + memory_of(mebibytes)?;
    let percent = if series == "e2" { 100 } else { 105 };
    scaled(whole, percent, 100).filter(|price| *price > Money::ZERO)
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the memory of a machine of four cores"
)]
fn mebibytes_of(machine: &MachineType) -> u32 {
    (machine.memory_gib * 1024.0) as u32
}

#[cfg(test)]
mod tests {
    use super::super::catalogue;

    #[test]
    fn custom_types_are_priced_by_core_and_memory() {
        let find = |name: &str| catalogue().find("Google Cloud", name);
        let custom = find("n2-custom-4-8192").unwrap();
        assert_eq!(
            (custom.vcpu, custom.memory_gib, custom.line.as_str()),
            (4, 8.0, find("n2-standard-4").unwrap().line.as_str())
        );
        // 4 × 0.031611 + 8 × 0.004237, and 5 %.
        assert_eq!(custom.hourly.unwrap().rounded(4).to_string(), "0.1684");
        assert!(
            std::ptr::eq(custom, find("N2-custom-4-8192").unwrap()),
            "made once"
        );
        assert_eq!(find("custom-2-7680").unwrap().family, "n1-custom");
        assert_eq!(
            find("e2-custom-4-16384")
                .unwrap()
                .hourly
                .unwrap()
                .rounded(6),
            find("e2-standard-4").unwrap().hourly.unwrap().rounded(6)
        );
        for odd in [
            "n2-custom-4-8192-ext",
            "n2-custom-0-8192",
            "zz-custom-4-8192",
            "n2-custom-4",
        ] {
            assert!(find(odd).is_none(), "{odd}");
        }
    }
}
