//! Real Azure exports, where they are at hand.

use crate::exact::pico;
use crate::shared_data::shared;
use crate::world::World;

/// The sum of a cost column of an export, exact, by no code of the program.
fn plain_sum(path: &std::path::Path, column: &str) -> i128 {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_path(path)
        .unwrap();
    let at = reader
        .headers()
        .unwrap()
        .iter()
        .position(|name| name.contains(column))
        .unwrap();
    reader
        .records()
        .map(|record| pico(record.unwrap().get(at).unwrap()))
        .sum()
}

/// Every real file at hand is recognised, and its cost column arrives in full: in the billed cost of actual
/// exports, in the effective cost of amortised ones.
#[test]
fn real_exports_of_every_header_are_read_to_the_last_digit() {
    let header = |name: &str| format!("azure/header-variants/headersets/{name}.csv");
    let value = |name: &str| format!("azure/header-variants/values/{name}.csv");
    let files = [
        (
            "azure/EA_ActualCost_Small.csv".to_owned(),
            "Cost",
            "BilledCost",
            "azure-actual",
        ),
        (
            "azure/EA_AmortizedCost_Small.csv".to_owned(),
            "Cost",
            "EffectiveCost",
            "azure-amortized",
        ),
        (
            "azure/ea_amortized_2023-09.csv".to_owned(),
            "CostInBillingCurrency",
            "EffectiveCost",
            "azure",
        ),
        (
            header("Enterprise"),
            "CostInBillingCurrency",
            "BilledCost",
            "azure",
        ),
        (
            header("EnterpriseCamel"),
            "costInBillingCurrency",
            "BilledCost",
            "azure",
        ),
        (header("German"), "PreTaxCost", "BilledCost", "azure"),
        (header("PayAsYouGo"), "PreTaxCost", "BilledCost", "azure"),
        (header("YA"), "costInBillingCurrency", "BilledCost", "azure"),
        (
            value("MissingBrackets"),
            "costinbillingcurrency",
            "BilledCost",
            "azure",
        ),
        (
            value("Template"),
            "costinbillingcurrency",
            "BilledCost",
            "azure",
        ),
        (
            value("VirtualMachine"),
            "costinbillingcurrency",
            "BilledCost",
            "azure",
        ),
    ];
    for (name, column, cost, format) in files {
        let Some(path) = shared(&name) else { return };
        let args = [
            "run",
            path.to_str().unwrap(),
            "--today",
            "2023-11-20",
            "--currency",
            "USD",
        ];
        let run = World::new().run(&args).code(0);
        let found: i128 = run
            .csv("cost_by_service.csv")
            .sums(cost, [])
            .into_values()
            .sum();
        assert_eq!(found, plain_sum(&path, column), "{name}");
        assert_eq!(run.json()["inputs"][0]["format"], format, "{name}");
    }
    let Some(path) = shared(&header("BOM")) else {
        return;
    };
    let run = World::new().run(&["run", path.to_str().unwrap()]).code(3);
    run.stderr_has("`PreTaxCost`: the cost is empty");
}

/// The real pair: what the two files have in common is counted once.
#[test]
fn the_real_pair_counts_common_charges_once() {
    let files = [
        "azure/EA_ActualCost_Small.csv",
        "azure/EA_AmortizedCost_Small.csv",
    ];
    let [Some(actual), Some(amortized)] = files.map(shared) else {
        return;
    };
    let args = [
        "run",
        actual.to_str().unwrap(),
        amortized.to_str().unwrap(),
        "--today",
        "2023-11-20",
    ];
    let run = World::new().run(&args).code(0);
    let services = run.csv("cost_by_service.csv");
    let sum = |cost: &str| services.sums(cost, []).into_values().sum::<i128>();
    assert_eq!(sum("EffectiveCost"), plain_sum(&amortized, "Cost"));
    // What commitments cover, 0.493152 and 0.006000000468, is billed with their purchase, 3.25.
    let covered = pico("0.493152") + pico("0.006000000468");
    assert_eq!(
        sum("BilledCost"),
        plain_sum(&amortized, "Cost") - covered + pico("3.25")
    );
}
