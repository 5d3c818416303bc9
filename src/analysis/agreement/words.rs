//! Why two advisers agree or differ, in a sentence for the people who must choose. Words only: what is compared
//! was decided elsewhere.

use super::{Agreement, Ours, basis, comparable};
use crate::analysis::catalogue::catalogue;
use crate::resource::{Recommendation, Step};

/// The sentence of a row; `others` counts further findings of ours about the resource.
pub(super) fn reason(
    agreement: Agreement,
    theirs: Option<&Recommendation>,
    ours: Option<&Ours>,
    others: usize,
) -> String {
    let mut parts = vec![verdict(agreement, theirs, ours)];
    if let (Some(theirs), Some(ours)) = (theirs, ours) {
        parts.extend(architecture(theirs));
        parts.extend(memory(theirs, ours));
        parts.extend(lookback(theirs, ours));
    } else if let Some(theirs) = theirs {
        parts.extend(architecture(theirs));
    }
    parts.extend(price(theirs, ours));
    match others {
        0 => {}
        1 => parts.push("another finding of ours is about it too".to_owned()),
        n => parts.push(format!("{n} other findings of ours are about it too")),
    }
    parts.join("; ")
}

fn verdict(agreement: Agreement, theirs: Option<&Recommendation>, ours: Option<&Ours>) -> String {
    let our_reason = ours.map_or("", |one| one.reason.as_str());
    let Some(theirs) = theirs else {
        return format!("their list does not name it; ours: {our_reason}");
    };
    let Some(ours) = ours else {
        let words = match agreement {
            Agreement::BothNothing => format!("theirs: {}; ", shown(&theirs.words)),
            _ => String::new(),
        };
        return format!(
            "{words}not in the inventory or not looked at here{}",
            too_small(theirs)
        );
    };
    let (they, we) = (
        told(theirs.step, "", &theirs.target),
        told(theirs.step, &ours.action, &ours.target),
    );
    match agreement {
        Agreement::Same => {
            let unnamed = theirs.target.is_empty() || ours.target.is_empty();
            let open = theirs.step.is_change() && unnamed;
            let tail = if open {
                ", one of them to no type by name"
            } else {
                ""
            };
            format!("both: {we}{tail}")
        }
        Agreement::OtherSize => {
            format!(
                "they choose {}, we {}: {our_reason}",
                theirs.target, ours.target
            )
        }
        Agreement::OtherAction => format!("they say {they}, we {we}: {our_reason}"),
        Agreement::OnlyTheirs => {
            format!("no finding of ours: {our_reason}{}", too_small(theirs))
        }
        Agreement::OnlyOurs => {
            format!(
                "they find nothing to do ({}); ours: {our_reason}",
                shown(&theirs.words)
            )
        }
        Agreement::BothNothing => format!("theirs: {}; ours: {our_reason}", shown(&theirs.words)),
    }
}

/// An action and its type: `resize to m5.large`.
fn told(step: Step, action: &str, target: &str) -> String {
    let action = if action.is_empty() {
        step.to_string()
    } else {
        action.to_owned()
    };
    if target.is_empty() {
        action
    } else {
        format!("{action} to {target}")
    }
}

fn too_small(theirs: &Recommendation) -> &'static str {
    if theirs.step == Step::Enlarge {
        "; they find it too small, and only savings are reported here"
    } else {
        ""
    }
}

fn shown(words: &str) -> &str {
    if words.is_empty() { "no reason" } else { words }
}

/// Programs must be rebuilt for their type.
fn architecture(theirs: &Recommendation) -> Option<String> {
    let arch = |name: &str| {
        catalogue()
            .find(theirs.source.provider(), name)
            .map(|one| one.arch)
    };
    let (now, then) = (arch(&theirs.current)?, arch(&theirs.target)?);
    (now != then).then(|| format!("their {} is of another architecture", theirs.target))
}

fn memory(theirs: &Recommendation, ours: &Ours) -> Option<String> {
    let text = match (theirs.memory?, ours.memory?) {
        (true, false) => "memory is measured by them, not by us",
        (false, true) => "memory is measured by us, not by them",
        (false, false) => "memory is measured by neither",
        (true, true) => return None,
    };
    Some(text.to_owned())
}

fn lookback(theirs: &Recommendation, ours: &Ours) -> Option<String> {
    let (they, we) = (theirs.lookback_days?, ours.days?);
    (they != we).then(|| format!("they look back {they} days, we {we}"))
}

fn price(theirs: Option<&Recommendation>, ours: Option<&Ours>) -> Option<String> {
    let theirs = theirs.filter(|one| one.monthly_savings.is_some())?;
    let Some(ours) = ours.filter(|one| one.high.is_some()) else {
        return (theirs.pricing == crate::resource::Pricing::List)
            .then(|| "their saving is at list price".to_owned());
    };
    if comparable(theirs, ours) {
        return Some(basis(theirs.pricing).to_owned());
    }
    let theirs = if theirs.currency.is_empty() {
        "a currency that their list does not name"
    } else {
        &theirs.currency
    };
    Some(format!(
        "savings are in {theirs} and {}, and not compared",
        ours.currency
    ))
}
