//! Inventories through the program: what they and the bill do not agree on, in what order they come, and what of
//! them may never be seen again.

use crate::world::{Run, World, sample_run};

const BILL: &str = "\
BilledCost,BillingCurrency,ChargePeriodStart,ProviderName,ServiceName,SubAccountId,RegionId,ResourceId,ChargeCategory,Tags
4,USD,2026-09-01T00:00:00Z,AWS,Amazon Elastic Compute Cloud,111122223333,us-east-1,i-0b,Usage,
10.50,USD,2026-10-01T00:00:00Z,AWS,Amazon Elastic Compute Cloud,111122223333,us-east-1,i-0a,Usage,\"{\"\"team\"\":\"\"web\"\"}\"
12.25,USD,2026-10-31T00:00:00Z,AWS,Amazon Elastic Compute Cloud,111122223333,us-east-1,i-0c,Usage,
3,USD,2026-10-31T00:00:00Z,AWS,Amazon Simple Storage Service,111122223333,us-east-1,logs,Usage,
7,USD,2026-10-31T00:00:00Z,Microsoft,Virtual Machines,/subscriptions/5b3f,westeurope,/subscriptions/5b3f/resourcegroups/r/providers/microsoft.compute/virtualmachines/web,Usage,
2,USD,2026-10-31T00:00:00Z,Google Cloud,Compute Engine,shop,europe-west3,//compute.googleapis.com/projects/118273645/zones/europe-west3-a/instances/7001,Usage,
1,USD,2026-10-31T00:00:00Z,Google Cloud,Compute Engine,shop,europe-west3,//compute.googleapis.com/projects/118273645/zones/europe-west3-a/instances/7002,Usage,
";

const CONFIG: &str =
    "today = \"2026-11-21\"\n[[bills]]\npath = \"bills/\"\n[[inventory]]\npath = \"inventory/*\"\n";

const AWS: &str = r#"{"Reservations":[{"OwnerId":"111122223333","Instances":[
  {"InstanceId":"i-0a","InstanceType":"m5.large","State":{"Name":"running"},"Placement":{"AvailabilityZone":"us-east-1a"}},
  {"InstanceId":"i-0b","InstanceType":"m5.large","State":{"Name":"stopped"},"StateTransitionReason":"User initiated (2026-09-02 09:12:40 GMT)","Placement":{"AvailabilityZone":"us-east-1a"}}]}]}"#;

const STATE: &str = r#"{"version":4,"terraform_version":"1.9.0","outputs":{"password":{"value":"TOP-SECRET"}},"resources":[{"mode":"managed","type":"aws_instance","instances":[
  {"attributes":{"id":"i-0a","arn":"arn:aws:ec2:us-east-1:111122223333:instance/i-0a","user_data":"TOP-SECRET","password_data":"TOP-SECRET","tags_all":{"team":"web"}},"private":"TOP-SECRET"}]}]}"#;

const AZURE: &str = r#"[{"id":"/subscriptions/5B3F/resourceGroups/R/providers/Microsoft.Compute/virtualMachines/Web","location":"westeurope","name":"Web","type":"Microsoft.Compute/virtualMachines","hardwareProfile":{"vmSize":"Standard_D4s_v5"}},
  {"id":"/subscriptions/5B3F/resourceGroups/R/providers/Microsoft.Compute/virtualMachines/Old","location":"westeurope","name":"Old","type":"Microsoft.Compute/virtualMachines","powerState":"VM deallocated"}]"#;

const GOOGLE: &str = r#"{"name":"//compute.googleapis.com/projects/shop/zones/europe-west3-a/instances/web","assetType":"compute.googleapis.com/Instance","resource":{"data":{"id":"7001","name":"web","status":"RUNNING"}}}"#;

fn world(state: &str) -> World {
    World::new()
        .bill("b.csv", BILL)
        .config(CONFIG)
        .file("inventory/a.json", AWS)
        .file("inventory/b.tfstate", state)
        .file("inventory/c.json", AZURE)
        .file("inventory/d.ndjson", GOOGLE)
}

fn shown(run: &Run) -> Vec<[String; 5]> {
    let gaps = run.csv("inventory_gaps.csv");
    let columns = ["ResourceId", "Gap", "ResourceType", "MonthCost", "Reason"];
    gaps.rows.iter().map(|row| row.key(columns)).collect()
}

#[test]
fn what_bill_and_inventory_do_not_agree_on_is_told_with_its_reason() {
    let run = world(STATE).run(&["run"]).code(0).stderr_has(
        "inventory: 2 billed resources (13.25 USD) not in it, 2 of its resources not billed: see inventory_gaps.csv",
    );
    let new = "first billed in 2026-10: short-lived, or newer than the inventory; the bill has no tags for it, and lists of tagged resources leave such out";
    let expected = [
        ["i-0c", "not in inventory", "ec2:instance", "12.25", new],
        [
            "//compute.googleapis.com/projects/118273645/zones/europe-west3-a/instances/7002",
            "not in inventory",
            "compute.googleapis.com/instances",
            "1.00",
            new,
        ],
        [
            "i-0b",
            "not billed",
            "ec2:instance",
            "",
            "stopped since 2026-09-02: free while stopped, its disks and addresses are not",
        ],
        [
            "/subscriptions/5B3F/resourceGroups/R/providers/Microsoft.Compute/virtualMachines/Old",
            "not billed",
            "microsoft.compute/virtualmachines",
            "",
            "deallocated: free while stopped, its disks and addresses are not",
        ],
    ];
    assert_eq!(shown(&run), expected.map(|row| row.map(str::to_owned)));
}

#[test]
fn the_order_of_the_files_does_not_matter() {
    let first = world(STATE).run(&["run"]).code(0);
    let turned = World::new()
        .bill("b.csv", BILL)
        .config(CONFIG)
        .file("inventory/4.json", AWS)
        .file("inventory/3.tfstate", STATE)
        .file("inventory/2.json", AZURE)
        .file("inventory/1.ndjson", GOOGLE)
        .run(&["run"])
        .code(0);
    assert_eq!(first.csvs(), turned.csvs());
}

#[test]
fn no_secret_of_a_state_is_written_or_said() {
    let wrong = STATE.replace("\"version\":4", "\"version\":3");
    let cut = &STATE[..STATE.len() - 20];
    let odd = STATE.replace(
        "\"resources\":[",
        "\"resources\":\"TOP-SECRET\",\"resources\":[",
    );
    for (state, code) in [(STATE, 0), (&wrong, 3), (cut, 3), (&odd, 3)] {
        let world = world(state);
        let run = world.run(&["run"]).code(code);
        assert!(
            !run.stdout.contains("SECRET") && !run.stderr.contains("SECRET"),
            "{}",
            run.stderr
        );
        for folder in ["out", ".cloudtally"] {
            let mut folders = vec![world.path(folder)];
            while let Some(folder) = folders.pop() {
                let Ok(entries) = std::fs::read_dir(&folder) else {
                    continue;
                };
                for path in entries.flatten().map(|entry| entry.path()) {
                    if path.is_dir() {
                        folders.push(path);
                        continue;
                    }
                    let bytes = std::fs::read(&path).unwrap();
                    let found = bytes.windows(10).any(|part| part == b"TOP-SECRET");
                    assert!(!found, "{} holds a secret", path.display());
                }
            }
        }
    }
}

#[test]
fn without_an_inventory_nothing_is_judged_and_a_stranger_is_told_what_is_known() {
    let run =
        World::new()
            .bill("b.csv", BILL)
            .run(&["run", "bills/b.csv", "--today", "2026-11-21"]);
    assert_eq!(run.code(0).csv("inventory_gaps.csv").rows.len(), 0);
    let run = World::new()
        .bill("b.csv", BILL)
        .config(CONFIG)
        .file("inventory/x.json", "{\"Things\":[]}");
    run.run(&["run"])
        .code(3)
        .stderr_has("`az vm list`, `az disk list`, `az resource list`, a plain inventory CSV");
}

#[test]
fn the_samples_inventory_and_bill_agree_but_for_the_stopped_machine() {
    let gaps = sample_run().csv("inventory_gaps.csv");
    let rows: Vec<_> = gaps
        .rows
        .iter()
        .map(|row| row.key(["ResourceId", "Gap"]))
        .collect();
    assert_eq!(
        rows,
        [["i-0cd42181289bb9c22", "not billed"].map(str::to_owned)]
    );
}
