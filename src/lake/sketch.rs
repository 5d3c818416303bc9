//! What an export's charges are, in short: a sample of them small enough to keep and to compare.
//!
//! Two versions of one export share most of their charges, whatever their names, their order and their
//! packing; two files of one version share next to none. A charge is in the sample by its own hash, so
//! that two samples of the same charges are the same charges.

use crate::error::{Error, Result};
use crate::focus::FocusFrame;
use foldhash::fast::FixedState;
use polars::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher};

/// What tells one charge from another. No invoice number, no tags: they come later than the charge.
pub const MARKS: [&str; 8] = [
    "SubAccountId",
    "ServiceName",
    "RegionId",
    "SkuId",
    "SkuMeter",
    "ResourceId",
    "ChargeDescription",
    "x_LineItemType",
];

/// A sample of charges: those whose hash ends in `level` zero bits.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
pub struct Sketch {
    level: u32,
    hashes: BTreeSet<u64>,
}

/// Hashes kept of one billing period of one input.
const KEPT: usize = Sketch::KEPT;

impl Sketch {
    /// Hashes kept of one billing period of one input.
    pub const KEPT: usize = 256;

    /// A sample that was taken elsewhere, of hashes that all end in `level` zero bits.
    #[must_use]
    pub fn of(level: u32, hashes: Vec<u64>) -> Sketch {
        let hashes = hashes.into_iter().collect();
        Sketch { level, hashes }
    }

    fn insert(&mut self, hash: u64) {
        if hash.trailing_zeros() < self.level {
            return;
        }
        self.hashes.insert(hash);
        while self.hashes.len() > KEPT {
            self.level += 1;
            let level = self.level;
            self.hashes.retain(|hash| hash.trailing_zeros() >= level);
        }
    }

    /// Adds charges.
    pub fn add(&mut self, charges: &FocusFrame) -> Result<()> {
        let engine = |e: PolarsError| Error::data(e.to_string());
        let frame = charges.frame();
        let texts = MARKS.map(|name| frame.column(name).and_then(Column::str));
        let texts: Vec<&StringChunked> = texts
            .into_iter()
            .collect::<PolarsResult<_>>()
            .map_err(engine)?;
        let column = |name: &str| frame.column(name).map_err(engine);
        let starts = column("ChargePeriodStart")?.datetime().map_err(engine)?;
        let costs = column("BilledCost")?.decimal().map_err(engine)?;
        let quantities = column("PricingQuantity")?.decimal().map_err(engine)?;
        let mut texts: Vec<_> = texts.iter().map(|texts| texts.iter()).collect();
        let numbers = starts.physical().iter().zip(costs.physical().iter());
        for ((start, cost), quantity) in numbers.zip(quantities.physical().iter()) {
            let mut hash = FixedState::with_seed(1).build_hasher();
            hash.write_i64(start.unwrap_or_default());
            hash.write_i128(cost.unwrap_or_default());
            hash.write_i128(quantity.unwrap_or_default());
            for text in &mut texts {
                hash.write(text.next().flatten().unwrap_or_default().as_bytes());
                hash.write_u8(0);
            }
            self.insert(hash.finish());
        }
        Ok(())
    }

    /// How many charges of the smaller sample the larger one has too, and how many that is of.
    pub fn shared(&self, other: &Sketch) -> (usize, usize) {
        let level = self.level.max(other.level);
        let own = |sketch: &Sketch| {
            let hashes = sketch.hashes.iter().copied();
            hashes
                .filter(|hash| hash.trailing_zeros() >= level)
                .collect::<BTreeSet<u64>>()
        };
        let (one, two) = (own(self), own(other));
        (one.intersection(&two).count(), one.len().min(two.len()))
    }

    /// The charges in the sample.
    pub fn hashes(&self) -> impl Iterator<Item = u64> {
        self.hashes.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(charges: std::ops::Range<u64>) -> Sketch {
        let mut sketch = Sketch::default();
        charges.for_each(|n| sketch.insert(FixedState::with_seed(1).hash_one(n)));
        sketch
    }

    #[test]
    fn a_month_to_date_is_found_within_the_whole_month() {
        let (shared, of) = sketch(0..3_000).shared(&sketch(0..90_000));
        assert!(of >= 3 && shared == of, "{shared} of {of}");
    }

    #[test]
    fn two_files_of_one_version_share_nothing() {
        assert_eq!(sketch(0..50_000).shared(&sketch(50_000..100_000)).0, 0);
    }

    #[test]
    fn a_sample_stays_small() {
        let sketch = sketch(0..1_000_000);
        assert!((KEPT / 4..=KEPT).contains(&sketch.hashes.len()));
    }
}
