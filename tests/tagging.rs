//! The tag policy through the program: owners that every report names alike, exemptions, inheritance, the
//! schema and the import, and a real export counted by hand.

use crate::exact::pico;
use crate::shared_data::shared;
use crate::sheet::Sheet;
use crate::world::{Run, World, sample_run};
use std::collections::{BTreeMap, BTreeSet};

const HEAD: &str = "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingAccountId,BillingCurrency,BillingPeriodStart,\
BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,ProviderName,PublisherName,\
InvoiceIssuerName,ResourceId,SubAccountId,Tags\n";

/// A FOCUS export of resources: account, id, tags, cost.
fn bill(charges: &[(&str, &str, &str, &str)]) -> String {
    let mut text = HEAD.to_owned();
    for (account, id, tags, cost) in charges {
        let tags = tags.replace('"', "\"\"");
        text += &format!(
            "{cost},{cost},{cost},{cost},9,USD,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,2026-10-02T00:00:00Z,\
             2026-10-03T00:00:00Z,Usage,Amazon EC2,AWS,AWS,AWS,{id},{account},\"{tags}\"\n"
        );
    }
    text
}

const CHARGES: [(&str, &str, &str, &str); 4] = [
    ("1", "i-1", "{\"team\":\"data\",\"env\":\"prod\"}", "8.00"),
    ("1", "i-2", "{\"team\":\"DWH\",\"env\":\"prod\"}", "4.00"),
    ("2", "i-3", "{\"env\":\"dev\"}", "2.00"),
    ("3", "i-4", "{}", "1.00"),
];

const POLICY: &str = "[[tag]]\nkey = \"team\"\nvalues_file = \"teams.txt\"\nvalue_aliases = { DWH = \"data\" }\n\
[[tag]]\nkey = \"env\"\n\
[[inherit]]\ntag = \"team\"\nfrom = \"account\"\nfile = \"owners.csv\"\n\
[[exempt]]\ntags = [\"env\"]\nwhen = { SubAccountId = [\"3\"] }\nowner = \"ann\"\nreason = \"moves\"\nexpires = \"2026-11-25\"\n";

fn world() -> World {
    World::new()
        .bill("b.csv", bill(&CHARGES))
        .config("[[bills]]\npath = \"bills/\"\n[tags]\npolicy = \"tags.toml\"\n")
        .file("tags.toml", POLICY)
        .file("teams.txt", "# teams\ndata\nweb\n")
        .file("owners.csv", "From,Value\n2,web\n")
}

/// Cost by the value of a column, as a report has it.
fn by(run: &Run, report: &str, column: &str) -> BTreeMap<String, i128> {
    let sums = run.csv(report).sums("EffectiveCost", [column]).into_iter();
    sums.map(|([name], sum)| (name, sum)).collect()
}

fn named(pairs: &[(&str, &str)]) -> BTreeMap<String, i128> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, cost)| ((*name).to_owned(), pico(cost)))
        .collect()
}

#[test]
fn every_report_names_the_same_owner_and_no_total_moves() {
    let world = world();
    let plain = "[[tag]]\nkey = \"team\"\n";
    world.write("tags.toml", plain);
    let before = world.run(&["run", "--today", "2026-11-21"]).code(0);
    let written = [("data", "8"), ("DWH", "4"), ("(untagged)", "3")];
    assert_eq!(by(&before, "cost_by_team.csv", "Team"), named(&written));

    world.write("tags.toml", POLICY);
    let after = world
        .run(&["run", "--today", "2026-11-21"])
        .code(0)
        .stderr_has("no line item was read");
    assert!(
        !after.stderr.contains("computed"),
        "the facts on disk stay valid:\n{}",
        after.stderr
    );
    let owners = [("data", "12"), ("web", "2"), ("(untagged)", "1")];
    assert_eq!(by(&after, "cost_by_team.csv", "Team"), named(&owners));
    assert_eq!(
        after.bytes("cost_by_account.csv"),
        before.bytes("cost_by_account.csv")
    );
    let scopes: BTreeSet<String> = after
        .csv("tag_compliance.csv")
        .find(&[("Scope", "team")])
        .map(|row| row.get("ScopeValue").to_owned())
        .collect();
    assert_eq!(scopes.len(), 3);
    assert!(
        scopes.contains("web") && !scopes.contains("DWH"),
        "{scopes:?}"
    );
    let asked = world.run(&[
        "sql",
        "SELECT DISTINCT x_Team AS Team FROM charges_daily_owners ORDER BY Team",
    ]);
    assert!(
        asked.stdout.contains("web\n") && !asked.stdout.contains("DWH"),
        "{}",
        asked.stdout
    );
}

#[test]
fn what_is_inherited_is_shown_and_what_is_exempt_stands_beside() {
    let world = world();
    let run = world.run(&["run", "--today", "2026-11-21"]).code(0);
    let compliance = run.csv("tag_compliance.csv");
    let row = |tag: &str| {
        let key = [("Scope", "overall"), ("Tag", tag)];
        let row = compliance.find(&key).next().unwrap();
        row.key([
            "ValidCost",
            "InheritedCost",
            "MissingCost",
            "ExemptCost",
            "CostCompliancePct",
        ])
    };
    assert_eq!(row("team"), ["14.00", "2.00", "1.00", "0.00", "93.33"]);
    assert_eq!(row("env"), ["14.00", "0.00", "0.00", "1.00", "100.00"]);
    assert_eq!(
        run.text("tag_inheritance.csv"),
        "Month,Tag,From,FromValue,Value,Resources,Cost,BillingCurrency\n2026-10,team,account,2,web,1,2.00,USD\n"
    );
    assert_eq!(
        run.text("tag_exemptions.csv"),
        "Tag,Owner,Reason,Expires,Status,Resources,Cost,BillingCurrency\n\
         env,ann,moves,2026-11-25,expires within 30 days,1,1.00,USD\n"
    );
    let later = world.run(&["run", "--today", "2026-11-26"]).code(0);
    let note = [
        ("Tag", "env"),
        ("Note", "exemption of ann expired on 2026-11-25"),
    ];
    assert_eq!(later.csv("tag_violations.csv").find(&note).count(), 1);
    assert!(
        later
            .text("tag_exemptions.csv")
            .contains(",expired,1,1.00,USD\n")
    );
}

#[test]
fn lifting_all_teams_of_the_sample_lifts_to_the_whole() {
    let run = sample_run();
    let lifts = run.csv("tag_lift.csv");
    for currency in ["USD", "EUR"] {
        let key = [
            ("Scope", "team"),
            ("Tag", "(all)"),
            ("BillingCurrency", currency),
        ];
        let rows: Vec<_> = lifts.find(&key).collect();
        let failing: i128 = rows.iter().map(|row| pico(row.get("FailingCost"))).sum();
        let month = rows[0].get("Month");
        let key = [
            ("Month", month),
            ("Scope", "overall"),
            ("Tag", "(all)"),
            ("BillingCurrency", currency),
        ];
        let compliance = run.csv("tag_compliance.csv");
        let overall = compliance.find(&key).next().unwrap();
        let [taggable, valid] = ["TaggableCost", "ValidCost"].map(|name| pico(overall.get(name)));
        assert_eq!(failing, taggable - valid, "{currency}");
    }
}

#[test]
fn the_schema_is_printed_and_a_foreign_policy_becomes_ours() {
    let world = World::new().bill("b.csv", bill(&CHARGES));
    world.run(&["init"]).code(0);
    let schema = world.run(&["policy", "schema"]).code(0).stdout;
    assert_eq!(
        schema,
        std::fs::read_to_string(world.path("tags.schema.json")).unwrap()
    );
    let json = r#"{"tags": {"env": {"tag_value": {"@@assign": ["prod", "dev*"]}, "enforced_for": {"@@assign": ["ec2:ALL_SUPPORTED"]}}}}"#;
    world.write("aws.json", json);
    let ours = world.run(&["policy", "import", "aws.json"]).code(0).stdout;
    world.write("tags.toml", &ours);
    let run = world.run(&["run", "--today", "2026-11-21"]).code(0);
    let compliance = run.csv("tag_compliance.csv");
    let row = compliance
        .find(&[("Scope", "overall"), ("Tag", "env")])
        .next()
        .unwrap();
    assert_eq!(
        row.key(["Resources", "ValidCost", "MissingCost"]),
        ["4", "14.00", "1.00"]
    );
    world.write("aws.json", "{\"tags\": 7}");
    world
        .run(&["policy", "import", "aws.json"])
        .code(2)
        .stderr_has("the policy has no `tags`\n  --> aws.json:1:2");
}

const FOCUS_POLICY: &str = "[[tag]]\nkey = \"org\"\nvalues = [\"trey\"]\ntarget = 90\n\
[[tag]]\nkey = \"environment\"\naliases = [\"env\"]\nvalues = [\"dev\", \"prod\"]\ncase = \"lower\"\n";

/// How a charge of the sample stands to a tag, told from the raw cell.
fn standing(tags: &BTreeMap<String, String>, names: &[&str], values: &[&str]) -> &'static str {
    let written = names.iter().filter_map(|name| tags.get(*name));
    if let Some(value) = written.into_iter().find(|value| !value.trim().is_empty()) {
        return if values.contains(&value.as_str()) {
            "ValidCost"
        } else {
            "InvalidCost"
        };
    }
    let odd = |key: &String| {
        names
            .iter()
            .any(|name| key.trim().eq_ignore_ascii_case(name))
    };
    if tags.keys().any(odd) {
        "InvalidCost"
    } else {
        "MissingCost"
    }
}

/// In the public FOCUS sample 23 charges have the key ` org`, 21 of them beside the right one.
#[test]
fn the_focus_sample_is_judged_as_its_raw_cells_say() {
    let Some(path) = shared("focus/focus_1.0_sample.csv") else {
        return;
    };
    let config = format!("[[bills]]\npath = {path:?}\n[tags]\npolicy = \"tags.toml\"\n");
    let world = World::new().config(&config).file("tags.toml", FOCUS_POLICY);
    let run = world.run(&["run", "--today", "2026-11-21"]).code(0);
    let compliance = run.csv("tag_compliance.csv");
    let export = Sheet::parse(&std::fs::read(&path).unwrap());
    for (tag, names, values) in [
        ("org", &["org"][..], &["trey"][..]),
        ("environment", &["environment", "env"], &["dev", "prod"]),
    ] {
        let mut sums: BTreeMap<&str, i128> = BTreeMap::new();
        let mut resources: BTreeMap<[String; 3], BTreeSet<&str>> = BTreeMap::new();
        let september =
            |row: &&crate::sheet::Row| row.get("BillingPeriodStart").starts_with("2024-09");
        for row in export.rows.iter().filter(september) {
            let tags = serde_json::from_str(row.get("Tags")).unwrap_or_default();
            let taggable = row.get("ChargeCategory") == "Usage" && row.get("ResourceId") != "NULL";
            let stands = if taggable {
                standing(&tags, names, values)
            } else {
                "UntaggableCost"
            };
            *sums.entry(stands).or_default() += pico(row.get("EffectiveCost"));
            if taggable {
                let id = row.key(["ProviderName", "SubAccountId", "ResourceId"]);
                resources
                    .entry(id.map(|part| part.to_lowercase()))
                    .or_default()
                    .insert(stands);
            }
        }
        let key = [("Month", "2024-09"), ("Scope", "overall"), ("Tag", tag)];
        let line = compliance.find(&key).next().unwrap();
        for column in ["ValidCost", "InvalidCost", "MissingCost", "UntaggableCost"] {
            let counted = sums.get(column).copied().unwrap_or_default();
            assert_eq!(pico(line.get(column)), counted, "{tag} {column}");
        }
        let compliant = resources
            .values()
            .filter(|all| all.iter().eq(["ValidCost"].iter()));
        let counted = [resources.len(), compliant.count()].map(|count| count.to_string());
        assert_eq!(
            line.key(["Resources", "CompliantResources"]),
            counted,
            "{tag}"
        );
    }
    let share = |tag: &str| {
        let key = [("Month", "2024-09"), ("Scope", "overall"), ("Tag", tag)];
        compliance
            .find(&key)
            .next()
            .unwrap()
            .get("CostCompliancePct")
            .to_owned()
    };
    assert_eq!(share("org"), "11.84");
    assert_eq!(
        share("environment"),
        "",
        "what lacks it adds up below nothing"
    );
    let violations = run.csv("tag_violations.csv");
    let blank = [
        ("Tag", "org"),
        ("SuggestionBasis", "blank"),
        ("Suggestion", "org=trey"),
    ];
    assert_eq!(
        violations.find(&blank).count(),
        19,
        "resources with the key ` org`"
    );
}
