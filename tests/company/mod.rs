//! Quillfen Robotics, a small company that does not exist: everything in `sample-data/` comes from
//! here, byte for byte, from fixed tables and a seeded generator.
//!
//! The known totals are summed here in whole numbers, from the charges and not from the files, and
//! by none of the program's own code: they are a second opinion. This room refuses the clock, the
//! network, floating point and every crate but the gzip one.
#![allow(clippy::format_push_string)] // a few megabytes once; plainer than ignoring Results
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod azure;
mod calendar;
mod chance;
mod charge;
mod columns;
mod commitments;
mod cur;
mod cur2;
mod events;
mod exact;
mod fees;
mod files;
mod fleet;
mod inventory;
mod judge;
mod ledger;
mod meters;
mod metrics;
mod organisation;
mod settings;
mod sizes;
mod sku;
mod totals;
mod usage;

use files::Files;

/// Every file of the sample folder: its path inside the folder and its bytes.
pub(crate) fn files() -> std::io::Result<Files> {
    let bills = [cur::bills(), cur2::bill()];
    let azure = azure::rows();
    let mut files = Files::new();
    for bill in &bills[0] {
        cur::write(bill, &mut files)?;
    }
    for bill in &bills[1] {
        cur2::write(bill, &mut files)?;
    }
    azure::write(&azure, &mut files);
    inventory::write(&mut files);
    metrics::write(&mut files)?;
    sizes::write(&mut files)?;
    settings::write(&mut files);
    totals::write(&bills, &azure, &mut files);
    Ok(files)
}
