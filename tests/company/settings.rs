//! The files a user would write by hand: config, tag policy, budgets.

use super::files::Files;
use super::judge::{Allowed, FORBIDDEN, RULES, Rule};
use super::organisation::Account;

const CONFIG: &str = r#"# Quillfen Robotics, an imaginary company: `cloudtally run --config sample-data/cloudtally.toml`.
# Paths are relative to this file.
today = "2026-11-21"

[[bills]]
path = "bills/aws/"

[[bills]]
path = "bills/cur2/"

[[bills]]
path = "bills/focus/"

[[inventory]]
path = "inventory/*"

[[usage]]
path = "metrics/*.csv.gz"

[tags]
policy = "tags.toml"

[budgets]
file = "budgets.csv"

[output]
dir = "out"

[lake]
dir = ".cloudtally"
"#;

/// Config, policy and budgets.
pub(crate) fn write(files: &mut Files) {
    files.insert("cloudtally.toml".to_owned(), CONFIG.as_bytes().to_vec());
    files.insert("tags.toml".to_owned(), policy().into_bytes());
    files.insert("budgets.csv".to_owned(), budgets().into_bytes());
}

fn policy() -> String {
    let mut text =
        "# Which tags a charge must carry, and under which other keys they are found.\n".to_owned();
    for rule in &RULES {
        text += &required(rule);
    }
    text += &format!("\n[[tag]]\nkey = \"{FORBIDDEN}\"\nforbidden = true\n");
    text + &SPOKEN_FOR.replace("SANDBOX", Account::Sandbox.id())
}

/// What stands in, what is exempt and what was, and a target of its own: see `judge::is_spoken_for`.
const SPOKEN_FOR: &str = r#"
# Everything in the sandbox is of one environment, whatever it is tagged with.
[[inherit]]
tag = "env"
from = "account"
values = { "SANDBOX" = "dev" }

[[exempt]]
tags = ["team"]
when = { SubAccountId = ["SANDBOX"] }
owner = "platform"
reason = "nobody owns experiments"
expires = "2026-12-31"

[[exempt]]
tags = ["CostCenter"]
when = { ResourceId = ["quillfen-scratch"] }
owner = "data"
reason = "was to be deleted in October"
expires = "2026-10-31"

[[target]]
scope = "account"
value = "SANDBOX"
percent = 50.0
"#;

fn required(rule: &Rule) -> String {
    let mut text = format!("\n[[tag]]\nkey = \"{}\"\n", rule.key);
    text += &format!("aliases = {}\nrequired = true\n", list(rule.aliases));
    text += &match rule.allowed {
        Allowed::Values(values) => format!("values = {}\n", list(values)),
        Allowed::CostCentre => "pattern = \"^CC-[0-9]{4}$\"\n".to_owned(),
    };
    if !rule.services.is_empty() {
        text += &format!("applies_to = {{ services = {} }}\n", list(rule.services));
    }
    text + "target = 95.0\n"
}

fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    format!("[{}]", quoted.join(", "))
}

/// Budgets of everything, by month and quarter, of two accounts and of teams, in both currencies.
fn budgets() -> String {
    let mut text = "period,SubAccountId,Team,amount,currency\n".to_owned();
    for month in super::calendar::MONTHS {
        let name = month.name();
        text += &format!("{name},,,21000,USD\n");
        for (account, amount) in [(Account::Prod, 9000), (Account::Sandbox, 500)] {
            text += &format!("{name},{},,{amount},USD\n", account.id());
        }
    }
    for (period, team, amount, currency) in [
        ("2026-11", "data", 5500, "USD"),
        ("2026-11", "web", 3200, "USD"),
        ("2026-Q4", "", 66_000, "USD"),
        ("2026-11", "", 1500, "EUR"),
    ] {
        text += &format!("{period},,{team},{amount},{currency}\n");
    }
    text
}
