//! Google's machines through the program: bills count their cores and their memory apart.

use super::{CONFIG, METRICS, busy, found, run};
use crate::world::World;

/// A Google machine on every day of October: cores and memory have lines of their own.
fn google(id: &str, spec: &str, cores: u32, memory: u32) -> String {
    let line = |day: u32, sku: &str, cost: f64, amount: f64, unit: &str| {
        format!(
            r#"{{"billing_account_id":"01-02","service":{{"id":"6F81","description":"Compute Engine"}},"sku":{{"id":"{sku}","description":"{sku}"}},"usage_start_time":"2026-10-{day:02} 00:00:00 UTC","usage_end_time":"2026-10-{day:02} 23:00:00 UTC","project":{{"id":"shop","number":"1","name":"Shop","labels":[]}},"labels":[],"system_labels":[{{"key":"compute.googleapis.com/machine_spec","value":"{spec}"}}],"location":{{"location":"us-central1","region":"us-central1","zone":"us-central1-a"}},"resource":{{"name":"{id}","global_name":"//compute.googleapis.com/projects/shop/zones/us-central1-a/instances/{id}"}},"cost":"{cost:.6}","currency":"USD","currency_conversion_rate":"1","usage":{{"amount":"{amount}","unit":"{unit}","amount_in_pricing_units":"1","pricing_unit":"hour"}},"credits":[],"invoice":{{"month":"202610"}},"cost_type":"regular"}}
"#
        )
    };
    let mut text = String::new();
    for day in 1..=31 {
        let (seconds, gigabytes) = (f64::from(cores) * 86_400.0, f64::from(memory));
        let core = "N2 Instance Core running in Americas";
        let ram = "N2 Instance Ram running in Americas";
        text += &line(
            day,
            core,
            f64::from(cores) * 24.0 * 0.031,
            seconds,
            "seconds",
        );
        text += &line(
            day,
            ram,
            gigabytes * 24.0 * 0.004,
            gigabytes * 24.0,
            "gibibyte hour",
        );
    }
    text
}

#[test]
fn machines_of_google_are_priced_by_their_cores_and_memory() {
    let bill = google("web", "n2-standard-8", 8, 32) + &google("odd", "n2-custom-8-24576", 8, 24);
    let machine = |id: &str, spec: &str| {
        format!(
            r#"{{"name":"//compute.googleapis.com/projects/shop/zones/us-central1-a/instances/{id}","assetType":"compute.googleapis.com/Instance","resource":{{"data":{{"name":"{id}","status":"RUNNING","machineType":"zones/us-central1-a/machineTypes/{spec}","zone":"us-central1-a"}}}}}}"#
        )
    };
    let inventory = format!(
        "{}\n{}\n",
        machine("web", "n2-standard-8"),
        machine("odd", "n2-custom-8-24576")
    );
    let metrics = busy("web", 30.0, 30.0) + &busy("odd", 30.0, 30.0);
    let world = World::new()
        .bill("gcp.ndjson", bill)
        .file("inventory/cai.ndjson", inventory)
        .file("metrics/m.csv", format!("{METRICS}{metrics}"))
        .config(CONFIG);
    let run = run(&world);
    let of = |id: &str| {
        found(
            &run,
            &format!("//compute.googleapis.com/projects/shop/zones/us-central1-a/instances/{id}"),
        )
    };
    // 8 cores and 32 GB are 0.376 an hour, and half of it 137.24 a month.
    let web = of("web");
    assert_eq!(
        web.key([
            "CurrentType",
            "RecommendedType",
            "MonthlySavingsHigh",
            "Confidence"
        ]),
        ["n2-standard-8", "n2-standard-4", "137.24", "B"]
    );
    assert_eq!(of("odd").get("CurrentType"), "n2-custom-8-24576");
    assert_ne!(of("odd").get("Confidence"), "D");
}
