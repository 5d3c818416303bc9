//! `tag_fixes/`: what a hostile bill can make of the scripts, run under bash with tools that only write down how
//! they were called.

use crate::world::{World, sample_run};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

const HEADER: &str = "BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,ChargeCategory,ChargeClass,ChargeDescription,ChargePeriodEnd,ChargePeriodStart,ContractedCost,EffectiveCost,InvoiceIssuerName,ListCost,PricingQuantity,PricingUnit,ProviderName,PublisherName,RegionId,ResourceId,ResourceType,ServiceCategory,ServiceName,SubAccountId,Tags";

/// Values that people and programs have put into tags.
const HOSTILE: [&str; 9] = [
    "$(touch hacked)",
    "`touch hacked`",
    "it's; touch hacked #",
    "\"$HOME\" && touch hacked",
    "--cli-input-json",
    "-rf",
    "file:///etc/passwd",
    "naïve 値 \\ %s",
    "' '\\'' '",
];

fn line(provider: &str, id: &str, tags: &serde_json::Value) -> String {
    let tags = tags.to_string().replace('"', "\"\"");
    format!(
        "1,1,a,USD,2026-11-01T00:00:00Z,2026-10-01T00:00:00Z,Usage,,x,2026-10-02T00:00:00Z,2026-10-01T00:00:00Z,1,1,{provider},1,1,Hours,{provider},{provider},eu-west-1,{id},,Compute,Amazon Elastic Compute Cloud,111122220001,\"{tags}\"\n"
    )
}

/// A resource per cloud and hostile value, each merged into a value that is as hostile.
fn world() -> World {
    let (mut bill, mut policy) = (
        format!("{HEADER}\n"),
        "[[tag]]\nkey = \"team\"\n".to_owned(),
    );
    let mut merges = String::new();
    for (at, value) in HOSTILE
        .iter()
        .chain(&["two\nlines", "\u{202e}turned"])
        .enumerate()
    {
        let tags = serde_json::json!({ "team": format!("written-{at}") });
        bill += &line("AWS", &format!("i-0aaaaaaa{at:02}"), &tags);
        let arm = format!("/subscriptions/s/resourceGroups/g/providers/x/y/vm{at:02}");
        bill += &line("Microsoft", &arm, &tags);
        let gcp = format!("//compute.googleapis.com/projects/p/zones/z/instances/vm{at:02}");
        bill += &line("Google Cloud", &gcp, &tags);
        merges += &format!("written-{at} = {}\n", serde_json::json!(value));
    }
    policy += &format!("[[merge]]\nkey = \"team\"\n[merge.values]\n{merges}written-99 = \"web\"\n");
    let last = line(
        "Google Cloud",
        "//compute.googleapis.com/projects/p/zones/z/instances/vm99",
        &serde_json::json!({ "team": "written-99" }),
    );
    World::new()
        .bill("focus.csv", bill + &last)
        .file("tags.toml", policy)
        .config("today = \"2026-11-21\"\n[[bills]]\npath = \"bills/\"\n[tags]\npolicy = \"tags.toml\"\n")
}

/// Tools that write down their words, each ended by a zero byte, each call by another.
fn tools(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for tool in ["aws", "az", "gcloud"] {
        let path = folder.join(tool);
        let text = format!(
            "#!/bin/sh\nprintf '%s\\0' {tool} \"$@\" >> \"$CALLS\"\nprintf '\\0' >> \"$CALLS\"\n"
        );
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// The calls that a script made, word by word, and what it said.
fn calls(world: &World, script: &str, args: &[&str]) -> (Vec<Vec<String>>, String) {
    let (tools_folder, record) = (world.path("tools"), world.path("calls"));
    tools(&tools_folder);
    let _ = fs::remove_file(&record);
    let path = format!(
        "{}:{}",
        tools_folder.display(),
        std::env::var("PATH").unwrap()
    );
    let output = Command::new("bash")
        .arg(world.path("out/latest/tag_fixes").join(script))
        .args(args)
        .env("PATH", path)
        .env("CALLS", &record)
        .current_dir(world.path(""))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        !world.path("hacked").exists(),
        "{script} ran what a tag said"
    );
    let record = String::from_utf8(fs::read(&record).unwrap_or_default()).unwrap();
    let calls = record.split_terminator("\0\0");
    let words = |call: &str| call.split('\0').map(str::to_owned).collect();
    (
        calls.map(words).collect(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

#[test]
fn hostile_values_reach_the_tools_as_they_are_and_nothing_else_runs() {
    let world = world();
    world.run(&["run"]).code(0);
    let (aws, _) = calls(&world, "aws_tag_fixes.sh", &["--apply"]);
    assert_eq!(aws.len(), HOSTILE.len());
    for (at, value) in HOSTILE.iter().enumerate() {
        let arn = format!("arn:aws:ec2:eu-west-1:111122220001:instance/i-0aaaaaaa{at:02}");
        let tags = serde_json::json!({ "team": value }).to_string();
        let words = [
            "aws",
            "resourcegroupstaggingapi",
            "tag-resources",
            "--region",
            "eu-west-1",
            "--resource-arn-list",
            &arn,
            "--tags",
            &tags,
        ];
        assert!(
            aws.contains(&words.map(str::to_owned).to_vec()),
            "{words:?} not in {aws:?}"
        );
    }
    let (azure, _) = calls(&world, "azure_tag_fixes.sh", &["--apply"]);
    assert_eq!(azure.len(), HOSTILE.len());
    for (at, value) in HOSTILE.iter().enumerate() {
        let id = format!("/subscriptions/s/resourceGroups/g/providers/x/y/vm{at:02}");
        let tag = format!("team={value}");
        let words = [
            "az",
            "tag",
            "update",
            "--resource-id",
            &id,
            "--operation",
            "merge",
            "--tags",
            &tag,
        ];
        assert!(
            azure.contains(&words.map(str::to_owned).to_vec()),
            "{words:?} not in {azure:?}"
        );
    }
    let (gcp, _) = calls(&world, "gcp_tag_fixes.sh", &["--apply"]);
    let only = [
        "gcloud",
        "compute",
        "instances",
        "add-labels",
        "vm99",
        "--zone=z",
        "--project=p",
        "--labels=team=web",
    ];
    // `-rf` is a label of Google Cloud in all its letters.
    let odd = only.map(|word| word.replace("vm99", "vm05").replace("team=web", "team=-rf"));
    let cli = only.map(|word| {
        word.replace("vm99", "vm04")
            .replace("team=web", "team=--cli-input-json")
    });
    assert_eq!(
        gcp,
        [cli.to_vec(), odd.to_vec(), only.map(str::to_owned).to_vec()]
    );
}

#[test]
fn scripts_are_dry_and_refuse_other_words() {
    let world = world();
    world.run(&["run"]).code(0);
    for script in ["aws_tag_fixes.sh", "azure_tag_fixes.sh", "gcp_tag_fixes.sh"] {
        let (made, said) = calls(&world, script, &[]);
        assert_eq!(made, Vec::<Vec<String>>::new(), "{script}");
        assert!(
            said.lines().all(|line| line.starts_with("would run: ")) && !said.is_empty(),
            "{said}"
        );
        let path = world.path("out/latest/tag_fixes").join(script);
        let text = fs::read_to_string(&path).unwrap();
        let commented: Vec<&str> = text
            .lines()
            .filter(|line| line.contains("control characters"))
            .collect();
        assert_eq!(commented.len(), 2, "{text}");
        assert!(
            commented
                .iter()
                .all(|line| line.starts_with("# not written")),
            "{text}"
        );
        let wrong = Command::new("bash")
            .arg(&path)
            .arg("--aply")
            .output()
            .unwrap();
        assert_eq!(wrong.status.code(), Some(2));
    }
}

#[test]
fn the_sample_s_sure_fixes_are_commands_and_its_guesses_comments() {
    let run = sample_run();
    let fixes = run.csv("tag_fixes.csv");
    let sure: Vec<[String; 4]> = fixes
        .find(&[("State", "command")])
        .map(|row| row.key(["ResourceId", "Tag", "Value", "Basis"]))
        .collect();
    let fix =
        |id: &str, tag: &str, value: &str, basis: &str| [id, tag, value, basis].map(str::to_owned);
    assert!(
        sure.contains(&fix("i-046d01e292f1a1991", "team", "platform", "case")),
        "{sure:?}"
    );
    assert!(sure.contains(&fix(
        "arn:aws:rds:us-east-1:012345678901:db:warehouse-b",
        "env",
        "prod",
        "case"
    )));
    for row in fixes.find(&[("State", "command")]) {
        assert!(
            !["evidence", "account", "spelling"].contains(&row.get("Basis")),
            "{row:?}"
        );
    }
    assert!(fixes.find(&[("State", "guess")]).count() > 10);
    assert!(fixes.rows.iter().all(|row| row.get("Tag") != "password"));
}

#[test]
fn custodian_and_terraform_read_their_files() {
    let hostile = "te\\\"am: ${x}\\n- é";
    let policy = format!("[[tag]]\nkey = \"{hostile}\"\n");
    let mut bill = format!("{HEADER}\n");
    let key: String = toml::from_str::<toml::Table>(&policy).unwrap()["tag"][0]["key"]
        .as_str()
        .unwrap()
        .to_owned();
    for at in 0..6 {
        let mut tags = serde_json::Map::new();
        tags.insert(key.clone(), "%{if}\"web\\".into());
        bill += &line("AWS", &format!("i-0aaaaaaa{at:02}"), &tags.into());
    }
    bill += &line("AWS", "vol-0aaaaaaa99", &serde_json::json!({}));
    let world = World::new().bill("focus.csv", bill).file("tags.toml", policy).config(
        "today = \"2026-11-21\"\n[[bills]]\npath = \"bills/\"\n[tags]\npolicy = \"tags.toml\"\n",
    );
    world.run(&["run"]).code(0);
    let folder = world.path("out/latest/tag_fixes");
    let terraform = fs::read_to_string(folder.join("default_tags.tf")).unwrap();
    let line = r#"      "te\"am: $${x}\U0000000A- \U000000E9" = "%%{if}\"web\\" # 6 resources"#;
    assert!(terraform.lines().any(|own| own == line), "{terraform}");
    let ask = "import sys, json, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
    let parsed = Command::new("python3")
        .args(["-c", ask])
        .arg(folder.join("custodian.yml"))
        .output();
    let Some(parsed) = parsed.ok().filter(|output| output.status.success()) else {
        eprintln!("skipped: no python3 with yaml here");
        return;
    };
    let parsed: serde_json::Value = serde_json::from_slice(&parsed.stdout).unwrap();
    let filter = &parsed["policies"][0]["filters"][0]["or"][0]["and"][0];
    assert_eq!(parsed["policies"][0]["resource"], "aws.ebs");
    assert_eq!(filter[&format!("tag:{key}")], "absent", "{filter}");
}
