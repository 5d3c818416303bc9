//! Open entries as issues: a title, a body that a person without this program understands, labels.

use super::entry::{About, Entry};
use super::status::Status;
use crate::analysis::finding::Action;

/// An issue for a tracker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// One line.
    pub title: String,
    /// Several lines, Markdown that reads as plain text too.
    pub body: String,
    /// Words of lower-case letters, digits and hyphens, which every tracker takes as labels.
    pub labels: Vec<String>,
}

/// The issue of an entry that is open and found by this run.
pub fn issue(entry: &Entry) -> Option<Issue> {
    let is_open = entry.state.status == Status::Open && entry.found;
    is_open.then(|| Issue {
        title: title(&entry.about),
        body: body(entry),
        labels: labels(&entry.about),
    })
}

/// What the issue is about, for people.
fn name(about: &About) -> String {
    if about.resource_id.is_empty() {
        format!("account {}", about.account)
    } else {
        about.resource_id.clone()
    }
}

fn title(about: &About) -> String {
    let what = match (&*about.current_type, &*about.recommended_type) {
        (_, "") => name(about),
        ("", to) => format!("{} to {to}", name(about)),
        (from, to) => format!("{} from {from} to {to}", name(about)),
    };
    let word = about.action.to_string();
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let word: String = first.into_iter().chain(letters).collect();
    format!("{word} {what}: {}", about.title)
}

fn body(entry: &Entry) -> String {
    let about = &entry.about;
    let (low, high) = about.expected;
    let (low, high) = (low.fixed(2), high.fixed(2));
    let range = if low == high {
        high
    } else {
        format!("{low} to {high}")
    };
    let cost = about.cost.map_or(String::new(), |cost| {
        format!(", of {} that it costs now", cost.fixed(2))
    });
    let risk = if about.risk.is_empty() {
        "not judged; ask the owner".to_owned()
    } else {
        about.risk.clone()
    };
    let note = match &*entry.note {
        "" => String::new(),
        note => format!("**Decided:** {note}\n"),
    };
    let owner = match &*about.team {
        "" => "unknown",
        team => team,
    };
    format!(
        "**Seen:** {}\n**Why:** {}\n**Do:** {}\n**Saves:** {range} {} a month{cost} (confidence {})\n**Risk:** {risk}\n**Effort:** {}\n**Verify:** nothing by hand. The action is seen in the inventory or the bill, and closed months are compared with the rate before it: savings_ledger.csv then says `verified` and what was realised.\n{note}\nResource {}, account {}, region {}, owner {owner}. First seen on {} by `{}`.",
        about.title,
        about.evidence,
        advice(about),
        about.currency,
        about.confidence,
        about.effort,
        name(about),
        about.account,
        about.region,
        about.first_seen,
        about.check,
    )
}

/// What to do.
fn advice(about: &About) -> String {
    let to = match (&*about.current_type, &*about.recommended_type) {
        (_, "") => String::new(),
        ("", to) => format!(" to {to}"),
        (from, to) => format!(" from {from} to {to}"),
    };
    let text = match about.action {
        Action::Delete => {
            "Delete it once its owner agrees; keep a backup where its data may be needed."
        }
        Action::Stop => "Stop it and ask its owner; delete it when nobody misses it.",
        Action::Schedule => "Switch it off at nights and weekends.",
        Action::Resize => return format!("Change its size{to} in a maintenance window."),
        Action::Retier => return format!("Move it to a cheaper class{to}."),
        Action::Modernise => return format!("Change it to the newer generation{to}."),
        Action::Arm => return format!("Build its programs for ARM, then change it{to}."),
        _ => "Do what was found, together with its owner.",
    };
    text.to_owned()
}

fn labels(about: &About) -> Vec<String> {
    let mut labels = vec!["finops".to_owned(), "savings".to_owned()];
    labels.extend([
        word(&about.action.to_string()),
        word(&about.check),
        word(&format!("effort-{}", about.effort)),
        word(&format!("confidence-{}", about.confidence)),
    ]);
    labels.dedup();
    labels
}

fn word(text: &str) -> String {
    let letter = |letter: char| {
        if letter.is_ascii_alphanumeric() {
            letter.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    text.chars().map(letter).collect()
}
