//! Bad manifests, configs, policies, flags and folders: refused before anything is read or written.

use crate::bad_input::{GOOD, after_a_good_run, is_refused, refused};
use crate::world::World;

#[track_caller]
fn manifest_refused(name: &str, manifest: &str) {
    let files: [(&str, &[u8]); 2] = [
        ("bills/r-Manifest.json", manifest.as_bytes()),
        ("bills/x.csv", GOOD.as_bytes()),
    ];
    refused(name, 3, &files, &["bills/"]);
}

#[test]
fn a_manifest_whose_files_are_not_here() {
    manifest_refused(
        "manifest_missing_file",
        r#"{"reportKeys": ["r/20261001-20261101/r-1.csv.gz"]}"#,
    );
    manifest_refused(
        "manifest_outside",
        r#"{"reportKeys": ["../../secrets.csv"]}"#,
    );
}

#[test]
fn a_manifest_without_a_list() {
    manifest_refused("manifest_no_list", r#"{"report": "daily"}"#);
}

#[test]
fn a_manifest_that_is_no_json() {
    manifest_refused("manifest_no_json", r#"{"reportKeys": ["r/1.csv""#);
}

#[test]
fn a_manifest_that_lists_nothing() {
    let (world, good) = after_a_good_run();
    world.write("bills/r-Manifest.json", r#"{"reportKeys": []}"#);
    is_refused("manifest_empty", 3, &world, &good, &["bills/"]);
    let said = world.run(&["run", "bills/"]).stderr;
    assert!(
        said.contains("r-Manifest.json"),
        "the error names the manifest, not the period:\n{said}"
    );
}

#[test]
fn a_policy_with_an_unknown_key() {
    let files: [(&str, &[u8]); 2] = [
        (
            "cloudtally.toml",
            b"[[bills]]\npath = \"good.csv\"\n[tags]\npolicy = \"tags.toml\"\n",
        ),
        ("tags.toml", b"[[tag]]\nkey = \"team\"\nrequird = true\n"),
    ];
    refused("policy_key", 2, &files, &[]);
}

#[track_caller]
fn config_refused(name: &str, text: &str) {
    let text = format!("[[bills]]\npath = \"good.csv\"\n{text}");
    refused(name, 2, &[("cloudtally.toml", text.as_bytes())], &[]);
}

#[test]
fn a_config_with_an_unknown_key() {
    config_refused("config_key", "[output]\ndri = \"out\"\n");
    config_refused("config_section", "[outputs]\ndir = \"out\"\n");
}

#[test]
fn a_config_with_a_value_of_another_kind() {
    config_refused("config_type", "[quarantine]\nmax_percent = \"all\"\n");
}

#[test]
fn a_config_that_skips_a_check_that_does_not_exist() {
    config_refused("config_check", "[waste]\nskip = [\"idle-nat\"]\n");
}

#[test]
fn a_config_that_is_no_toml() {
    config_refused("config_no_toml", "[output\ndir = \"out\"\n");
}

/// A folder below a regular file can be made by nobody, not even by root.
#[test]
fn an_output_folder_that_cannot_be_written() {
    refused(
        "unwritable_out",
        4,
        &[],
        &["good.csv", "--out", "good.csv/out"],
    );
    refused(
        "unwritable_lake",
        4,
        &[],
        &["good.csv", "--lake", "good.csv/lake"],
    );
}

#[test]
fn flags_that_mean_nothing() {
    refused(
        "flag_report",
        2,
        &[],
        &["good.csv", "--report", "cost_by_servce"],
    );
    refused("flag_period", 2, &[], &["good.csv", "--period", "October"]);
    refused(
        "flag_gate",
        2,
        &[],
        &["good.csv", "--fail-on", "tag-complience<95"],
    );
    refused("flag_format", 2, &[], &["good.csv", "--format", "focuss"]);
    refused("flag_engine", 2, &[], &["good.csv", "--engine", "duckdb"]);
    refused("no_bill_named", 2, &[], &[]);
    refused("other_period", 2, &[], &["good.csv", "--period", "2020-01"]);
    refused("store_glob", 2, &[], &["s3://bucket/bills/*.csv"]);
    refused("store_bucket", 2, &[], &["gs:///bills/"]);
}

#[test]
fn the_same_charges_from_two_schemas() {
    let account = "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,BillingAccountId\n1,USD,2026-10-01,A,42\n";
    let other = "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,BillingAccountId\n1,USD,2026-10-02,A,42\n";
    let config = "[[bills]]\nname = \"one\"\npath = \"1.csv\"\n[[bills]]\nname = \"two\"\npath = \"2.csv\"\n";
    let files: [(&str, &[u8]); 3] = [
        ("1.csv", account.as_bytes()),
        ("2.csv", other.as_bytes()),
        ("cloudtally.toml", config.as_bytes()),
    ];
    refused("double_count", 3, &files, &[]);
}

/// A bill's name is a folder of the lake; it must not lead out of it.
#[test]
fn a_bill_s_name_that_is_a_path() {
    for name in ["../../elsewhere", "a/b", ".."] {
        let config = format!("[[bills]]\nname = \"{name}\"\npath = \"good.csv\"\n");
        let world = World::new().file("good.csv", GOOD).config(&config);
        world.run(&["run"]).code(2).stderr_has(name);
        assert!(!world.path("elsewhere").exists());
    }
}
