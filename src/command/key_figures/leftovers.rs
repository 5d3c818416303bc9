//! What an inventory shows to be left over, counted.

use crate::analysis::kpi::inventory::Sums;
use crate::command::waste;
use crate::resource::Resource;

/// Disks, snapshots and addresses, and how many of them nobody uses.
pub(super) fn of(resources: &[Resource]) -> Sums {
    let [disks, snapshots, addresses] = waste::left_over(resources);
    Sums {
        disks,
        snapshots,
        addresses,
    }
}
