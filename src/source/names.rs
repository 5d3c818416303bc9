//! Names in headers: how formats spell one column in several ways, and which tag key a column stands for.

use serde::Deserialize;

/// How the header cells of a family are compared with the names of its definition.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Names {
    /// By their snake name where they are slash names, else as they are; letter case aside.
    #[default]
    Exact,
    /// By the ASCII letters and digits of the text in the last parentheses, else of all of it; letter case
    /// aside: `Abonnement-GUID (SubscriptionGuid)`, `subscriptionGuid` and `subscription_guid` are one.
    Loose,
}

impl Names {
    pub(super) fn of_header(self, header: &[String]) -> Vec<String> {
        header.iter().map(|raw| self.canonical(raw)).collect()
    }

    fn canonical(self, raw: &str) -> String {
        match self {
            Names::Exact => canonical(raw),
            Names::Loose => loose(raw),
        }
    }

    /// Where a name of the definition stands among canonical names.
    pub(super) fn position(self, names: &[String], wanted: &str) -> Option<usize> {
        let wanted = self.canonical(wanted);
        names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(&wanted))
    }
}

/// The tag key a column stands for: `resourceTags/user:Cost-Center` is `Cost-Center`; snake names have
/// lost the spelling, so `resource_tags_user_cost_center` is `cost_center`. Keys of AWS keep `aws:`.
pub(super) fn tag_key(raw: &str, name: &str, prefix: &str) -> Option<String> {
    let rest = name.strip_prefix(prefix)?;
    Some(match raw.split_once('/') {
        Some((_, key)) => key.strip_prefix("user:").unwrap_or(key).to_owned(),
        None => clean_key(rest),
    })
}

/// A key of a CUR 2.0 map as people know it: `user_owner` is `owner`, `aws_created_by` is `aws:created_by`.
pub(super) fn clean_key(key: &str) -> String {
    match (key.strip_prefix("user_"), key.strip_prefix("aws_")) {
        (Some(user), _) => user.to_owned(),
        (_, Some(aws)) => format!("aws:{aws}"),
        _ => key.to_owned(),
    }
}

/// A header cell by its snake name when it is a slash name, else as it is; byte order mark and blanks gone.
fn canonical(raw: &str) -> String {
    let raw = raw.trim_start_matches('\u{feff}').trim();
    match raw.split_once('/') {
        Some((category, name)) if !category.is_empty() => {
            format!("{}_{}", snake(category), snake(name))
        }
        _ => raw.to_owned(),
    }
}

/// The ASCII letters and digits, lower case, of the text in the last parentheses, else of the whole.
fn loose(raw: &str) -> String {
    let plain = |text: &str| -> String {
        let kept = text.chars().filter(char::is_ascii_alphanumeric);
        kept.map(|c| c.to_ascii_lowercase()).collect()
    };
    let inner = raw
        .trim()
        .strip_suffix(')')
        .and_then(|text| text.rsplit_once('('));
    match inner.map(|(_, inner)| plain(inner)) {
        Some(inner) if !inner.is_empty() => inner,
        _ => plain(raw),
    }
}

fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 8);
    for c in name.chars() {
        let separate = c.is_ascii_uppercase() || !c.is_ascii_alphanumeric();
        if separate && !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
        if c.is_ascii_alphanumeric() {
            snake.push(c.to_ascii_lowercase());
        }
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slash_names_become_snake_names() {
        assert_eq!(
            canonical("lineItem/UnblendedCost"),
            "line_item_unblended_cost"
        );
        assert_eq!(
            canonical("savingsPlan/SavingsPlanARN"),
            "savings_plan_savings_plan_a_r_n"
        );
        assert_eq!(canonical("\u{feff}BilledCost "), "BilledCost");
    }

    #[test]
    fn loose_names_are_letters_and_digits_of_the_last_parentheses() {
        for (raw, wanted) in [
            ("Abonnement-GUID (SubscriptionGuid)", "subscriptionguid"),
            ("\u{feff}Billing Account_Id", "billingaccountid"),
            ("service.id", "serviceid"),
            (
                "Zusätzliche Informationen (Additional Info) ",
                "additionalinfo",
            ),
            ("Kosten ()", "kosten"),
        ] {
            assert_eq!(loose(raw), wanted);
        }
    }

    #[test]
    fn tag_columns_keep_their_key() {
        assert_eq!(
            tag_key(
                "resourceTags/user:Cost-Center",
                "resource_tags_user_cost_center",
                "resource_tags_"
            ),
            Some("Cost-Center".into())
        );
        assert_eq!(
            tag_key(
                "resource_tags_aws_created_by",
                "resource_tags_aws_created_by",
                "resource_tags_"
            ),
            Some("aws:created_by".into())
        );
    }
}
