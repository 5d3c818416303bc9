//! Real exports of others, where they are at hand: what is billed per service is a plain sum of the export.

use crate::sheet::Sheet;
use crate::world::{Run, World};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A file of the shared data; nothing, said aloud, where it is not here.
pub(crate) fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/data")
        .join(name);
    if !path.is_file() {
        eprintln!("skipped: {} is not here", path.display());
        return None;
    }
    Some(path.canonicalize().unwrap())
}

/// A run with no config at all.
fn run(path: &Path) -> Run {
    World::new()
        .run(&["run", path.to_str().unwrap(), "--today", "2026-11-21"])
        .code(0)
}

fn by_service(run: &Run) -> BTreeMap<[String; 2], i128> {
    run.csv("cost_by_service.csv")
        .sums("BilledCost", ["ServiceName", "BillingCurrency"])
}

#[track_caller]
fn assert_closed(run: &Run) {
    let books = run.csv("books.csv");
    assert!(
        books
            .rows
            .iter()
            .all(|row| ["", "0.00"].contains(&row.get("Difference"))),
        "{books:#?}"
    );
}

#[test]
fn the_focus_sample_is_billed_to_the_last_digit() {
    let Some(path) = shared("focus/focus_1.0_sample.csv") else {
        return;
    };
    let export = Sheet::parse(&std::fs::read(&path).unwrap());
    let run = run(&path);
    assert_eq!(
        by_service(&run),
        export.sums("BilledCost", ["ServiceName", "BillingCurrency"])
    );
    let effective = run
        .csv("cost_by_service.csv")
        .sums("EffectiveCost", ["BillingCurrency"]);
    assert_eq!(effective, export.sums("EffectiveCost", ["BillingCurrency"]));
    assert_closed(&run);
}

#[test]
fn a_real_legacy_cur_is_billed_to_the_last_digit() {
    let Some(path) = shared("aws/cur_legacy_2023-11.csv") else {
        return;
    };
    let export = Sheet::parse(&std::fs::read(&path).unwrap());
    let run = run(&path);
    let billed = export.sums(
        "lineItem/UnblendedCost",
        ["product/ProductName", "lineItem/CurrencyCode"],
    );
    let unnamed = billed.keys().any(|[service, _]| service.is_empty());
    assert!(!unnamed, "every line of this export names its product");
    assert_eq!(by_service(&run), billed);
    assert_closed(&run);
}

/// This export has columns for costs and nothing in them: unknown is not zero.
#[test]
fn a_cur_whose_costs_are_blank_is_refused() {
    let Some(path) = shared("aws/cur_snake_resource_tags_sparse.csv") else {
        return;
    };
    let run = World::new().run(&["run", path.to_str().unwrap()]).code(3);
    run.stderr_has("`line_item_unblended_cost`: the cost is empty")
        .stderr_has(":2:27");
}
