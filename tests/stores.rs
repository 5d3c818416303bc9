//! Bills in object stores: the real program against a store on this machine that counts what is read.

mod bucket;

use crate::world::{Run, World};
use bucket::{Bucket, Fault};
use std::fs;
use std::path::PathBuf;

const HEADER: &str = "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName\n";
const URL: &str = "s3://bucket/exports/";

fn data(month: &str) -> String {
    format!("exports/e/data/BILLING_PERIOD={month}/e-00001.csv")
}

fn manifest(month: &str) -> String {
    format!("exports/e/metadata/BILLING_PERIOD={month}/e-Manifest.json")
}

/// Delivers a month: one charge of this amount.
fn deliver(bucket: &Bucket, month: &str, amount: &str) {
    let bill = format!("{HEADER}{amount},USD,{month}-01T00:00:00Z,Compute\n");
    bucket.put(&data(month), bill);
    let key = data(month);
    // Every delivery has an id of its own, so every manifest differs.
    let text = format!(r#"{{"executionId":"{amount}","dataFiles":["s3://bucket/{key}"]}}"#);
    bucket.put(&manifest(month), text);
}

fn run(world: &World, bucket: &Bucket, bill: &str) -> Run {
    let url = bucket.url();
    let variables = [
        ("AWS_ENDPOINT_URL", url.as_str()),
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_REGION", "us-east-1"),
        ("NO_PROXY", "127.0.0.1"),
    ];
    world.run_with(&variables, &["run", bill, "--today", "2026-11-20"])
}

/// A store with two months and a world that has read them.
fn two_months() -> (Bucket, World) {
    let bucket = Bucket::new();
    deliver(&bucket, "2026-09", "9.25");
    deliver(&bucket, "2026-10", "10.5");
    bucket.put(
        "exports/e/data/BILLING_PERIOD=2026-10/e-00002.csv",
        "not listed",
    );
    (bucket, World::new())
}

fn read(requests: &[String]) -> Vec<&str> {
    let gets = requests
        .iter()
        .filter(|request| request.starts_with("GET "));
    let keys = gets.map(|request| request.split(' ').nth(1).unwrap());
    let mut keys: Vec<&str> = keys.collect();
    keys.sort_unstable();
    keys
}

fn billed(run: &Run) -> Vec<String> {
    let sheet = run.csv("cost_by_service.csv");
    let amounts = sheet.column("BilledCost");
    amounts.into_iter().map(str::to_owned).collect()
}

/// Every file of the mirror.
fn mirror(world: &World) -> Vec<PathBuf> {
    let mut folders = vec![world.path(".cloudtally/mirror")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path())
            } else if entry.file_name() != "index.json" {
                files.push(entry.path())
            }
        }
    }
    files
}

#[test]
fn a_first_run_reads_what_manifests_list_and_the_next_one_lists_and_reads_nothing() {
    let (bucket, world) = two_months();
    let first = run(&world, &bucket, URL).code(0);
    let [m9, m10] = ["2026-09", "2026-10"].map(manifest);
    let [d9, d10] = ["2026-09", "2026-10"].map(data);
    assert_eq!(read(&bucket.requests()), [&d9, &d10, &m9, &m10]);
    assert_eq!(billed(&first), ["9.25", "10.50"]);
    let paths: Vec<String> = first.json()["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|input| input["path"].as_str().unwrap().to_owned())
        .collect();
    assert!(paths.contains(&format!("s3://bucket/{d9}")), "{paths:?}");

    let second = run(&world, &bucket, URL).code(0);
    let requests = bucket.requests();
    assert!(read(&requests).is_empty(), "{requests:?}");
    assert_eq!(requests.len(), 2, "one listing of two pages: {requests:?}");
    assert_eq!(first.csvs(), second.csvs());
    assert_eq!(second.json()["files_read"], 0);
}

#[test]
fn a_month_delivered_again_is_the_only_one_read() {
    let (bucket, world) = two_months();
    run(&world, &bucket, URL).code(0);
    bucket.requests();
    deliver(&bucket, "2026-10", "11.75");
    let again = run(&world, &bucket, URL).code(0);
    assert_eq!(
        read(&bucket.requests()),
        [data("2026-10"), manifest("2026-10")]
    );
    assert_eq!(billed(&again), ["9.25", "11.75"]);
}

#[test]
fn what_is_no_longer_there_leaves_the_mirror() {
    let (bucket, world) = two_months();
    run(&world, &bucket, URL).code(0);
    assert_eq!(mirror(&world).len(), 4);
    bucket.remove(&data("2026-09"));
    bucket.remove(&manifest("2026-09"));
    run(&world, &bucket, URL).code(0);
    assert_eq!(mirror(&world).len(), 2);
}

#[test]
fn a_broken_download_goes_on_where_it_broke() {
    let bucket = Bucket::new();
    deliver(&bucket, "2026-10", "10.5");
    let world = World::new();
    bucket.fail(Fault::Cut(40));
    run(&world, &bucket, URL)
        .code(4)
        .stderr_has("s3://bucket/exports/e/data/");
    bucket.requests();
    bucket.fail(Fault::None);
    let whole = run(&world, &bucket, URL).code(0);
    let requests = bucket.requests();
    let range = requests
        .iter()
        .find(|request| request.contains(&data("2026-10")))
        .unwrap();
    assert!(range.contains("bytes=40-"), "{requests:?}");
    assert_eq!(
        read(&requests).len(),
        1,
        "the manifest is not read again: {requests:?}"
    );
    assert_eq!(billed(&whole), ["10.50"]);
}

#[test]
fn an_object_that_changed_does_not_go_on() {
    let bucket = Bucket::new();
    deliver(&bucket, "2026-10", "10.5");
    let world = World::new();
    bucket.fail(Fault::Cut(40));
    run(&world, &bucket, URL).code(4);
    bucket.fail(Fault::None);
    deliver(&bucket, "2026-10", "11.5");
    assert_eq!(billed(&run(&world, &bucket, URL).code(0)), ["11.50"]);
    assert_eq!(mirror(&world).len(), 2, "no part is left behind");
}

#[test]
fn a_size_that_is_not_the_listed_one_is_refused() {
    let (bucket, world) = two_months();
    bucket.fail(Fault::Longer(7));
    run(&world, &bucket, URL)
        .code(4)
        .stderr_has("bytes, the object has");
    assert!(!world.path("out/latest").exists());
}

#[test]
fn damaged_bytes_are_read_again_and_never_taken() {
    let bucket = Bucket::new();
    deliver(&bucket, "2026-10", "10.5");
    bucket.fail(Fault::Damaged(1));
    assert_eq!(billed(&run(&World::new(), &bucket, URL).code(0)), ["10.50"]);
    bucket.fail(Fault::Damaged(9));
    run(&World::new(), &bucket, URL)
        .code(4)
        .stderr_has("not those of its etag");
}

#[test]
fn etags_that_are_no_md5_are_found_out_once() {
    let (bucket, world) = two_months();
    bucket.fail(Fault::Opaque);
    run(&world, &bucket, URL).code(0);
    bucket.requests();
    deliver(&bucket, "2026-10", "11.5");
    run(&world, &bucket, URL).code(0);
    assert_eq!(read(&bucket.requests()).len(), 2, "each object once");
}

#[test]
fn a_listing_that_fails_says_who_has_to_act() {
    for (status, code, words) in [
        (503, 4, "does not answer"),
        (403, 2, "denies access"),
        (404, 2, "does not have it"),
    ] {
        let (bucket, world) = two_months();
        bucket.fail(Fault::Listing(status));
        let run = run(&world, &bucket, URL).code(code).stderr_has(words);
        let run = run.stderr_has("s3://bucket/exports").stderr_has("hint: ");
        assert!(!run.stderr.contains("panicked"));
    }
}

#[test]
fn a_manifest_that_points_elsewhere_is_refused() {
    for entry in [
        "s3://other/exports/e-1.csv",
        "s3://bucket/private/1.csv",
        "s3://bucket/exports/../private/1.csv",
    ] {
        let (bucket, world) = two_months();
        bucket.put("private/1.csv", "secret");
        bucket.put(
            &manifest("2026-10"),
            format!(r#"{{"dataFiles":["{entry}"]}}"#),
        );
        run(&world, &bucket, URL)
            .code(3)
            .stderr_has("outside its export")
            .stderr_has("e-Manifest.json");
        assert!(!read(&bucket.requests()).contains(&"private/1.csv"));
    }
}

#[test]
fn errors_in_a_bill_name_its_url() {
    let bucket = Bucket::new();
    bucket.put(
        "loose/bill.csv",
        format!("{HEADER}x,USD,2026-10-01,Compute\n"),
    );
    let error = run(&World::new(), &bucket, "s3://bucket/loose").code(3);
    error.stderr_has("--> s3://bucket/loose/bill.csv:2:1");
}

#[test]
fn one_object_can_be_named_and_a_prefix_with_nothing_cannot() {
    let (bucket, world) = two_months();
    let one = run(&world, &bucket, &format!("s3://bucket/{}", data("2026-09"))).code(0);
    assert_eq!(billed(&one), ["9.25"]);
    run(&World::new(), &bucket, "s3://bucket/export")
        .code(2)
        .stderr_has("nothing is there");
}

#[test]
fn without_credentials_nothing_is_asked() {
    let (bucket, world) = two_months();
    let nowhere = world.path("none");
    let url = bucket.url();
    let variables = [
        ("AWS_ENDPOINT_URL", url.as_str()),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", nowhere.to_str().unwrap()),
        ("AWS_SHARED_CREDENTIALS_FILE", nowhere.to_str().unwrap()),
        ("NO_PROXY", "127.0.0.1"),
    ];
    let refused = world.run_with(&variables, &["run", URL]).code(2);
    refused
        .stderr_has("no AWS credentials")
        .stderr_has(URL.trim_end_matches('/'))
        .stderr_has("AWS_PROFILE");
    assert!(bucket.requests().is_empty());
    let unsigned = [&variables[..], &[("AWS_SKIP_SIGNATURE", "true")]].concat();
    world
        .run_with(&unsigned, &["run", URL, "--today", "2026-11-20"])
        .code(0);
}

#[test]
fn google_and_azure_are_read_the_same_way() {
    let (bucket, world) = two_months();
    for month in ["2026-09", "2026-10"] {
        let key = data(month).replace("s3", "gs");
        bucket.put(&manifest(month), format!(r#"{{"dataFiles":["{key}"]}}"#));
    }
    let url = bucket.url();
    let variables = [
        ("GOOGLE_BASE_URL", url.as_str()),
        ("GOOGLE_SKIP_SIGNATURE", "true"),
        ("AZURE_ENDPOINT", url.as_str()),
        ("AZURE_STORAGE_ACCOUNT_NAME", "x"),
        ("AZURE_SKIP_SIGNATURE", "true"),
        ("NO_PROXY", "127.0.0.1"),
    ];
    for scheme in ["gs", "az"] {
        let place = format!("{scheme}://bucket/exports");
        let args = ["run", place.as_str(), "--today", "2026-11-20"];
        let first = world.run_with(&variables, &args).code(0);
        assert_eq!(billed(&first), ["9.25", "10.50"], "{scheme}");
        assert_eq!(read(&bucket.requests()).len(), 4, "{scheme}");
        world.run_with(&variables, &args).code(0);
        assert_eq!(read(&bucket.requests()).len(), 0, "{scheme}");
    }
}

#[test]
fn bills_on_disk_and_in_a_store_are_one_run_and_check_reads_them_too() {
    let (bucket, world) = two_months();
    let bill = format!("{HEADER}1.25,USD,2026-08-01T00:00:00Z,Compute\n");
    let config = format!("[[bills]]\npath = \"aug.csv\"\n[[bills]]\npath = \"{URL}\"\n");
    let world = world.file("aug.csv", bill).config(&config);
    let url = bucket.url();
    let variables = [
        ("AWS_ENDPOINT_URL_S3", url.as_str()),
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("NO_PROXY", "127.0.0.1"),
    ];
    world
        .run_with(&variables, &["check", "--today", "2026-11-20"])
        .code(0);
    let run = world
        .run_with(&variables, &["run", "--today", "2026-11-20"])
        .code(0);
    assert_eq!(billed(&run), ["1.25", "9.25", "10.50"]);
}
