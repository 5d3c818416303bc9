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
path = "metrics/*"

[tags]
policy = "tags.toml"

[showback]
rules = "showback.toml"

[budgets]
file = "budgets.csv"

[units]
file = "units.csv"

[output]
dir = "out"

[lake]
dir = ".cloudtally"
"#;

/// Two business dimensions, four pools that are split in turn, the journal's accounts.
const SHOWBACK: &str = r#"# Who owns cost at Quillfen, and how shared cost is split.
scope = "CostCenter"

[[dimension]]
name = "Company"
rule = [
  { value = "Tarnholt", when = { SubAccountId = ["222233334444", "222233330001", "222233330002"] } },
  { value = "Quillfen", when = { ProviderName = ["AWS"] } },
]

[[dimension]]
name = "Product"
rule = [
  { value = "Robots", when = { Team = ["devices", "sensors"] } },
  { value = "Store", when = { Team = ["web"], Environment = ["/^prod/"] } },
  { value = "Store preview", when = { Team = ["web"] } },
  { value = "Insights", when = { "tag:Team" = ["data*"] } },
  { value = "Insights", when = { Team = ["data"], Company = ["Quillfen"] } },
  { value = "Foundation", when = { SubAccountName = ["quillfen-shared", "quillfen-billing"] } },
]

# Support goes to everyone, a part of it by way of the shared platform.
[[pool]]
name = "support"
when = { ServiceName = ["*Support*"] }
split = "fixed"
weights = { platform = 1, CC-1001 = 2, CC-1002 = 2, CC-1003 = 1, CC-2001 = 2 }

[[pool]]
name = "commitment waste"
when = { CommitmentDiscountStatus = ["Unused"] }
split = "even"
to = ["CC-1001", "CC-1002", "platform"]

[[pool]]
name = "platform"
when = { SubAccountId = ["111122220005"] }
split = "metric"
file = "showback_requests.csv"

# Last: whatever has no cost centre, in proportion to what everyone has cost so far.
[[pool]]
name = "untagged"
when = { CostCenter = [""] }
split = "proportional"

[journal]
expense = "6800"
clearing = "2900"
accounts = { CC-1001 = "6801", CC-2001 = "6810" }
"#;

/// Config, policy, budgets, showback rules with their measure, and units.
pub(crate) fn write(files: &mut Files) {
    files.insert("cloudtally.toml".to_owned(), CONFIG.as_bytes().to_vec());
    files.insert("tags.toml".to_owned(), policy().into_bytes());
    files.insert("budgets.csv".to_owned(), budgets().into_bytes());
    files.insert("showback.toml".to_owned(), SHOWBACK.as_bytes().to_vec());
    files.insert("showback_requests.csv".to_owned(), requests().into_bytes());
    files.insert("units.csv".to_owned(), units().into_bytes());
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

/// Thousands of requests that cost centres made of the shared platform.
fn requests() -> String {
    let mut text = "Month,Receiver,Value\n".to_owned();
    for (month, at) in super::calendar::MONTHS.iter().zip(0u32..) {
        for (receiver, first, more) in [
            ("CC-1001", 41_200, 3_150),
            ("CC-1002", 18_750, 40),
            ("CC-1003", 9_333, -410),
        ] {
            text += &format!(
                "{},{receiver},{}\n",
                month.name(),
                first + more * i64::from(at)
            );
        }
    }
    text
}

/// Robots in the field over the whole bill, orders of the store, readings by cost centre; the last month of the
/// readings was not counted, which is nothing and not zero.
fn units() -> String {
    let mut text = "Month,Unit,Quantity,Product,CostCenter\n".to_owned();
    for (month, at) in super::calendar::MONTHS.iter().zip(0i64..) {
        let name = month.name();
        text += &format!("{name},robot,{},,\n", 1_840 + 35 * at);
        text += &format!(
            "{name},order,{},Store,\n",
            21_400 - 1_150 * (at % 2) + 900 * at
        );
        if at < 3 {
            text += &format!("{name},reading,{},,CC-2001\n", 48_200_000 + 2_750_000 * at);
        }
    }
    text
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
