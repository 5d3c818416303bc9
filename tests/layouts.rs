//! Export folders as the clouds lay them out: which files make up the bill, and what is refused.

use crate::world::{Run, World};

const HEADER: &str = "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName\n";

/// A part of a bill: one charge of this amount on the first of a month.
fn part(month: &str, amount: &str) -> String {
    format!("{HEADER}{amount},USD,{month}-01T00:00:00Z,Compute\n")
}

fn run(world: &World) -> Run {
    world.run(&["run", "bills", "--today", "2026-11-20"])
}

/// What the bill adds up to, by month.
#[track_caller]
fn adds_up_to(world: &World, amounts: &[&str]) {
    let run = run(world).code(0);
    assert_eq!(run.csv("cost_by_service.csv").column("BilledCost"), amounts);
}

#[test]
fn the_legacy_report_with_a_folder_per_assembly() {
    let range = "cur/20261001-20261101";
    let text = |id: &str| {
        format!(
            r#"{{"assemblyId":"{id}","account":"1","bucket":"b","billingPeriod":{{"start":"20261001T000000.000Z","end":"20261101T000000.000Z"}},"reportKeys":["/pre/{range}/{id}/cur-1.csv","/pre/{range}/{id}/cur-2.csv"]}}"#
        )
    };
    let world = World::new()
        .bill(&format!("{range}/cur-Manifest.json"), text("new"))
        .bill(&format!("{range}/new/cur-Manifest.json"), text("new"))
        .bill(&format!("{range}/new/cur-1.csv"), part("2026-10", "1.5"))
        .bill(&format!("{range}/new/cur-2.csv"), part("2026-10", "2"))
        .bill(&format!("{range}/old/cur-Manifest.json"), text("old"))
        .bill(&format!("{range}/old/cur-1.csv"), part("2026-10", "100"));
    adds_up_to(&world, &["3.50"]);
}

#[test]
fn the_legacy_report_that_overwrites() {
    let text = |month: &str, range: &str| {
        format!(
            r#"{{"bucket":"b","billingPeriod":{{"start":"{month}01T000000.000Z"}},"reportKeys":["pre/cur/{range}/cur-1.csv"]}}"#
        )
    };
    let world = World::new()
        .bill(
            "cur/20260901-20261001/cur-Manifest.json",
            text("202609", "20260901-20261001"),
        )
        .bill("cur/20260901-20261001/cur-1.csv", part("2026-09", "9"))
        .bill(
            "cur/20261001-20261101/cur-Manifest.json",
            text("202610", "20261001-20261101"),
        )
        .bill("cur/20261001-20261101/cur-1.csv", part("2026-10", "10"))
        .bill("cur/20261001-20261101/cur-2.csv", part("2026-10", "100"));
    adds_up_to(&world, &["9.00", "10.00"]);
}

#[test]
fn the_athena_layout_with_its_status_table_and_statements() {
    let text = r#"{"billingPeriod":{"start":"20260901T000000.000Z"},"reportKeys":["pre/cur/cur/year=2026/month=9/cur-00001.snappy.parquet"]}"#;
    let world = World::new()
        .bill("cur/20260901-20261001/cur-Manifest.json", text)
        .bill(
            "cur/20260901-20261001/cur-create-table.sql",
            "CREATE TABLE cur",
        )
        .bill(
            "cur/cur/year=2026/month=9/cur-00001.snappy.parquet",
            part("2026-09", "9"),
        )
        .bill(
            "cur/cur/cost_and_usage_data_status/status.parquet",
            "status",
        );
    adds_up_to(&world, &["9.00"]);
    std::fs::remove_dir_all(world.path("bills/cur/20260901-20261001")).unwrap();
    adds_up_to(&world, &["9.00"]);
}

#[test]
fn data_exports_that_overwrite_in_any_case() {
    for folder in ["BILLING_PERIOD", "billing_period"] {
        let text = format!(r#"{{"dataFiles":["s3://b/x/e/data/{folder}=2026-10/e-00001.csv"]}}"#);
        let world = World::new()
            .bill(
                &format!("e/metadata/{folder}=2026-10/e-Manifest.json"),
                text,
            )
            .bill(
                &format!("e/metadata/{folder}=2026-10/e-Metadata.json"),
                "{}",
            )
            .bill(
                &format!("e/data/{folder}=2026-10/e-00001.csv"),
                part("2026-10", "10"),
            )
            .bill(
                &format!("e/data/{folder}=2026-10/e-00002.csv"),
                part("2026-10", "100"),
            );
        adds_up_to(&world, &["10.00"]);
    }
}

/// Two executions of a Data Export, each with what its manifest says beside its files.
fn executions(folders: [&str; 2], said: [&str; 2]) -> World {
    let mut world = World::new();
    for ((folder, said), amount) in folders.into_iter().zip(said).zip(["1", "2"]) {
        let partition = format!("BILLING_PERIOD=2026-10/{folder}");
        let text = format!(r#"{{{said}"dataFiles":["s3://b/e/data/{partition}/e-00001.csv"]}}"#);
        world = world
            .bill(&format!("e/metadata/{partition}/e-Manifest.json"), text)
            .bill(
                &format!("e/data/{partition}/e-00001.csv"),
                part("2026-10", amount),
            );
    }
    world
}

#[test]
fn data_exports_with_a_folder_per_execution() {
    let folders = ["2026-10-09T06:00:00Z-aa", "2026-10-19T06:00:00Z-bb"];
    adds_up_to(&executions(folders, ["", ""]), &["2.00"]);
    let said = [
        r#""createdAt":"2026-11-02T00:00:00Z","#,
        r#""createdAt":"2026-11-01T00:00:00Z","#,
    ];
    adds_up_to(&executions(["bb", "aa"], said), &["1.00"]);
    let torn = run(&executions(["bb", "aa"], ["", ""])).code(3);
    torn.stderr_has("aa/e-Manifest.json")
        .stderr_has("bb/e-Manifest.json")
        .stderr_has("which is newer");
}

/// A run of an Azure export below `bills/`.
fn azure(world: World, name: &str, dataset: &str, run: &str, amount: &str) -> World {
    let folder = format!("dir/{name}/20261001-20261031/{run}/0a1b2c3d-0000-4000-8000-00000000000a");
    let text = format!(
        r#"{{"blobCount":1,"exportConfig":{{"exportName":"{name}","type":"{dataset}","resourceId":"/subscriptions/s/providers/Microsoft.CostManagement/exports/{name}"}},
        "runInfo":{{"startDate":"2026-10-01T00:00:00"}},"blobs":[{{"blobName":"{folder}/part_0_0001.csv"}}]}}"#
    );
    world
        .bill(&format!("{folder}/manifest.json"), text)
        .bill(
            &format!("{folder}/part_0_0001.csv"),
            part("2026-10", amount),
        )
        .bill(&format!("{folder}/part_9_0001.csv"), part("2026-10", "100"))
}

#[test]
fn azure_exports_with_manifests() {
    let world = azure(World::new(), "daily", "FocusCost", "202610150600", "1");
    let world = azure(world, "daily", "FocusCost", "202610160600", "2");
    let world = azure(world, "prices", "PriceSheet", "202610160600", "100");
    let run = run(&world)
        .code(0)
        .stderr_has("`PriceSheet` holds no charges");
    assert_eq!(
        run.csv("cost_by_service.csv").column("BilledCost"),
        ["2.00"]
    );
}

#[test]
fn a_daily_and_a_one_off_azure_export_of_one_dataset_are_refused() {
    let world = azure(World::new(), "daily", "FocusCost", "202610150600", "1");
    let world = azure(world, "once", "FocusCost", "202610160600", "2");
    run(&world)
        .code(3)
        .stderr_has("dir/daily/")
        .stderr_has("dir/once/")
        .stderr_has("same dataset");
}

#[test]
fn azure_folders_without_manifests() {
    let guid = [
        "0a1b2c3d-0000-4000-8000-00000000000a",
        "0a1b2c3d-0000-4000-8000-00000000000b",
    ];
    let world = World::new()
        .bill(
            &format!(
                "x/20261001-20261031/202610150600/{}/part_0_0001.csv",
                guid[0]
            ),
            part("2026-10", "100"),
        )
        .bill(
            &format!(
                "x/20261001-20261031/202611010600/{}/part_0_0001.csv",
                guid[1]
            ),
            part("2026-10", "1"),
        )
        .bill(
            &format!(
                "x/20261001-20261031/202611010600/{}/part_1_0001.csv",
                guid[1]
            ),
            part("2026-10", "2"),
        )
        .bill(
            &format!(
                "x/20260901-20260930/202610010600/{}/part_0_0001.csv",
                guid[0]
            ),
            part("2026-09", "9"),
        );
    adds_up_to(&world, &["9.00", "3.00"]);
    let torn = World::new()
        .bill(
            &format!("x/20261001-20261031/x_{}.csv", guid[0]),
            part("2026-10", "1"),
        )
        .bill(
            &format!("x/20261001-20261031/x_{}.csv", guid[1]),
            part("2026-10", "2"),
        );
    run(&torn).code(3).stderr_has(guid[0]).stderr_has(guid[1]);
}

#[test]
fn table_extracts_and_daily_increments_are_read_whole() {
    let shards = World::new()
        .bill("export-000000000000.csv", part("2026-10", "1"))
        .bill("export-000000000001.csv", part("2026-10", "2"));
    adds_up_to(&shards, &["3.00"]);
    let avro = shards.bill("export-000000000002.avro", "Obj");
    run(&avro)
        .code(3)
        .stderr_has("Avro files are not read")
        .stderr_has("Parquet");
    let increments = World::new()
        .bill("FOCUS Reports/2026/10/14/0001.csv", part("2026-10", "1"))
        .bill("FOCUS Reports/2026/10/15/0001.csv", part("2026-10", "2"))
        .bill("FOCUS Reports/2026/10/15/0002.csv", part("2026-10", "4"))
        .bill("reports_usage-csv_0001.csv", "lineItem/referenceNo\n1\n");
    adds_up_to(&increments, &["7.00"]);
}

/// A folder with exports of several kinds: a manifest speaks for its own export only.
#[test]
fn a_manifest_does_not_hide_the_neighbours() {
    let text = r#"{"dataFiles":["s3://b/e/data/BILLING_PERIOD=2026-10/e-00001.csv"]}"#;
    let world = World::new()
        .bill("e/metadata/BILLING_PERIOD=2026-10/e-Manifest.json", text)
        .bill(
            "e/data/BILLING_PERIOD=2026-10/e-00001.csv",
            part("2026-10", "1"),
        )
        .bill(
            "e/data/BILLING_PERIOD=2026-10/e-00002.csv",
            part("2026-10", "100"),
        )
        .bill("gcp/export-000000000000.csv", part("2026-10", "2"));
    adds_up_to(&world, &["3.00"]);
}

#[test]
fn avro_named_directly_is_refused_too() {
    let world = World::new().bill("export-000000000000.avro", "Obj\u{1}");
    let run = world
        .run(&["run", "bills/export-000000000000.avro"])
        .code(3);
    run.stderr_has("Avro").stderr_has("hint: ");
}
