//! The tag policy of the sample company and what it says about a set of tags: the second opinion
//! that the program's own compliance report is compared with.

/// A required tag.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) key: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) allowed: Allowed,
    /// Service names it applies to; empty: all.
    pub(crate) services: &'static [&'static str],
}

/// Which values are right.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Allowed {
    Values(&'static [&'static str]),
    /// `CC-` and four digits.
    CostCentre,
}

/// What a rule says about the tags of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Valid,
    Invalid,
    Missing,
    /// A key that is almost right: other case, or one letter off. Its cost counts as missing.
    Variant,
}

pub(crate) const FORBIDDEN: &str = "password";
pub(crate) const TEAMS: &[&str] = &["platform", "devices", "web", "data", "security", "sensors"];

pub(crate) const RULES: [Rule; 3] = [
    Rule {
        key: "team",
        aliases: &["Team", "owner"],
        allowed: Allowed::Values(TEAMS),
        services: TEAM_SERVICES,
    },
    Rule {
        key: "env",
        aliases: &["environment", "Environment", "stage"],
        allowed: Allowed::Values(&["prod", "staging", "dev"]),
        services: &[],
    },
    Rule {
        key: "CostCenter",
        aliases: &["cost-center", "costcenter", "cost_center"],
        allowed: Allowed::CostCentre,
        services: &[],
    },
];

const TEAM_SERVICES: &[&str] = &[
    "Amazon Elastic Compute Cloud",
    "Amazon Relational Database Service",
    "Amazon Simple Storage Service",
    "Amazon DynamoDB",
    "AWS Lambda",
    "Virtual Machines",
];

/// What the policy lets pass in the sandbox although the tag is not there: its environment is inherited, its
/// teams are exempt.
pub(crate) fn is_spoken_for(account: &str, tag: &str, verdict: Verdict) -> bool {
    let sandbox = account == super::organisation::Account::Sandbox.id();
    let exempt = tag == "team" && verdict != Verdict::Valid;
    sandbox && (exempt || (tag == "env" && verdict == Verdict::Missing))
}

/// Tags as they stand in a bill.
pub(crate) type Tags<'a> = &'a [(&'static str, &'static str)];

impl Rule {
    pub(crate) fn applies_to(&self, service: &str) -> bool {
        self.services.is_empty() || self.services.contains(&service)
    }

    fn knows(&self, key: &str) -> bool {
        key == self.key || self.aliases.contains(&key)
    }

    /// The tag that answers this rule: the key itself or an alias.
    pub(crate) fn answer(&self, tags: Tags) -> Option<&'static str> {
        tags.iter()
            .find(|(key, _)| self.knows(key))
            .map(|(_, value)| *value)
    }

    /// The verdict, and the value or the odd key behind it.
    pub(crate) fn judge(&self, tags: Tags) -> (Verdict, &'static str) {
        if let Some(value) = self.answer(tags) {
            let verdict = if self.allows(value) {
                Verdict::Valid
            } else {
                Verdict::Invalid
            };
            return (verdict, value);
        }
        let is_odd = |key: &str| {
            is_near(key, self.key) || self.aliases.iter().any(|alias| is_near(key, alias))
        };
        match tags.iter().find(|(key, _)| is_odd(key)) {
            Some((key, _)) => (Verdict::Variant, key),
            None => (Verdict::Missing, ""),
        }
    }

    fn allows(&self, value: &str) -> bool {
        match self.allowed {
            Allowed::Values(values) => values.contains(&value),
            Allowed::CostCentre => value.strip_prefix("CC-").is_some_and(|digits| {
                digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit())
            }),
        }
    }
}

/// Equal but for case, or one letter left out of a long key.
fn is_near(key: &str, name: &str) -> bool {
    let shorter = |at: usize| format!("{}{}", &name[..at], &name[at + 1..]);
    key.eq_ignore_ascii_case(name) || name.len() > 6 && (0..name.len()).any(|at| shorter(at) == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_variants_and_wrong_values() {
        let env = &RULES[1];
        assert_eq!(env.judge(&[("stage", "dev")]).0, Verdict::Valid);
        assert_eq!(env.judge(&[("env", "production")]).0, Verdict::Invalid);
        assert_eq!(env.judge(&[("Env", "prod")]), (Verdict::Variant, "Env"));
        assert_eq!(
            env.judge(&[("enviroment", "prod")]),
            (Verdict::Variant, "enviroment")
        );
        assert_eq!(env.judge(&[("team", "web")]).0, Verdict::Missing);
    }

    #[test]
    fn a_cost_centre_has_four_digits() {
        assert!(RULES[2].allows("CC-1001"));
        assert!(!RULES[2].allows("CC-103"));
    }
}
