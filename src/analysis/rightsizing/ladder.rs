//! What disks of a size can do, where operations come with the size: Azure's tiers and Google's persistent disks.

/// Operations and MiB per second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ladder {
    pub(super) iops: u64,
    pub(super) mbps: u64,
}

/// A tier of Azure's managed disks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rung {
    pub(super) name: &'static str,
    /// List price per month in US cents (East US, LRS): used as a ratio only.
    pub(super) cents: u32,
    pub(super) ladder: Ladder,
}

const fn rung(name: &'static str, cents: u32, iops: u64, mbps: u64) -> Rung {
    let ladder = Ladder { iops, mbps };
    Rung {
        name,
        cents,
        ladder,
    }
}

/// Largest size in GiB, and the premium and the standard tier of it.
/// <https://learn.microsoft.com/azure/virtual-machines/disks-types>, <https://azure.microsoft.com/pricing/details/managed-disks/>
#[rustfmt::skip] // one size, one line
const TIERS: [(u64, Rung, Rung); 11] = [
    (32, rung("P4", 528, 120, 25), rung("E4", 240, 500, 100)),
    (64, rung("P6", 1021, 240, 50), rung("E6", 480, 500, 100)),
    (128, rung("P10", 1971, 500, 100), rung("E10", 960, 500, 100)),
    (256, rung("P15", 3802, 1100, 125), rung("E15", 1920, 500, 100)),
    (512, rung("P20", 7322, 2300, 150), rung("E20", 3840, 500, 100)),
    (1024, rung("P30", 13_517, 5000, 200), rung("E30", 7680, 500, 100)),
    (2048, rung("P40", 25_905, 7500, 250), rung("E40", 15_360, 500, 100)),
    (4096, rung("P50", 49_557, 7500, 250), rung("E50", 30_720, 500, 100)),
    (8192, rung("P60", 94_608, 16_000, 500), rung("E60", 61_440, 2000, 400)),
    (16_384, rung("P70", 180_206, 18_000, 750), rung("E70", 122_880, 4000, 600)),
    (32_767, rung("P80", 360_411, 20_000, 900), rung("E80", 245_760, 6000, 750)),
];

/// The premium and the standard tier of a size.
pub(super) fn rungs(gib: u64) -> Option<(Rung, Rung)> {
    let found = TIERS.iter().find(|(most, ..)| gib <= *most);
    found.map(|(_, premium, standard)| (*premium, *standard))
}

/// A balanced persistent disk of Google: a base and more with every GiB, up to what one machine can use.
/// <https://cloud.google.com/compute/docs/disks/performance>
pub(super) fn balanced(gib: u64) -> Ladder {
    Ladder {
        iops: (3000 + 6 * gib).min(80_000),
        mbps: (140 + gib * 28 / 100).min(1200),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_belongs_to_the_next_larger_tier() {
        let names = |gib| rungs(gib).map(|(premium, standard)| (premium.name, standard.name));
        assert_eq!(names(128), Some(("P10", "E10")));
        assert_eq!(names(129), Some(("P15", "E15")));
        assert_eq!(names(40_000), None);
    }

    #[test]
    fn standard_tiers_are_cheaper_and_tiers_rise() {
        for (_, premium, standard) in TIERS {
            assert!(standard.cents < premium.cents, "{}", premium.name);
        }
        for pair in TIERS.windows(2) {
            assert!(
                pair[0].0 < pair[1].0
                    && pair[0].1.cents < pair[1].1.cents
                    && pair[0].2.cents < pair[1].2.cents
            );
        }
        assert_eq!(
            balanced(500),
            Ladder {
                iops: 6000,
                mbps: 280
            }
        );
    }
}
