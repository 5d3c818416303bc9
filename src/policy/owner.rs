//! What an owner is called: the policy's spelling of a written value, or what the account says where none is
//! written. A function of the account and the written value alone, so that it can be applied to sums.

use super::{Demand, Inherit, Origin, TagPolicy, TagRule};

/// How the values of one owner column are called.
#[derive(Debug)]
pub struct OwnerNames<'p> {
    rules: Vec<&'p TagRule>,
    defaults: Vec<&'p Inherit>,
}

impl TagPolicy {
    /// The names of the owner that is found under these keys, best first: the policy's tag of the first key
    /// that has one speaks. The scopes of its rules are not looked at, the first that accepts a value names it.
    pub fn owner(&self, keys: &[String]) -> OwnerNames<'_> {
        let tag = keys.iter().find_map(|key| {
            let knows = |rule: &&TagRule| rule.names().any(|name| name == key);
            self.rules.iter().find(knows).map(|rule| rule.key.as_str())
        });
        let own = |key: &str| tag == Some(key);
        let rules = self.rules.iter().filter(|rule| own(&rule.key));
        let defaults = self.inherits.iter();
        OwnerNames {
            rules: rules
                .filter(|rule| rule.demand != Demand::Forbidden)
                .collect(),
            defaults: defaults
                .filter(|inherit| inherit.from == Origin::Account && own(&inherit.tag))
                .collect(),
        }
    }
}

impl OwnerNames<'_> {
    /// True where every value stays as it is written.
    pub fn are_as_written(&self) -> bool {
        let plain = |rule: &&TagRule| rule.value_aliases.is_empty() && !rule.ignore_case;
        self.defaults.is_empty() && self.rules.iter().all(plain)
    }

    /// The owner of a charge of this account with this value; `None` where nobody is known.
    pub fn name<'v>(&'v self, account: &str, written: Option<&'v str>) -> Option<&'v str> {
        let accepted = |value: &'v str| self.rules.iter().find_map(|rule| rule.accepts(value));
        if let Some(written) = written.filter(|written| !written.trim().is_empty()) {
            return Some(accepted(written).unwrap_or(written));
        }
        let mut values = self.defaults.iter();
        values.find_map(|inherit| accepted(inherit.value_of(account)?.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"
        [[tag]]
        key = "Team"
        aliases = ["squad"]
        values = ["platform", "data"]
        value_aliases = { "plattform" = "platform" }
        applies_to = { environments = ["prod"] }
        [[tag]]
        key = "Team"
        ignore_case = true
        values = ["lab"]
        [[inherit]]
        tag = "Team"
        from = "account"
        values = { "111" = "plattform" }
        [[inherit]]
        tag = "Team"
        from = "namespace"
        values = { "222" = "data" }
        [[tag]]
        key = "env"
    "#;

    #[test]
    fn a_written_value_is_called_as_the_policy_spells_it() {
        let policy = TagPolicy::parse(POLICY, "t.toml".as_ref()).unwrap();
        let team = policy.owner(&["nobody".to_owned(), "squad".to_owned()]);
        assert!(!team.are_as_written());
        assert_eq!(team.name("9", Some("plattform")), Some("platform"));
        assert_eq!(team.name("9", Some("LAB")), Some("lab"));
        assert_eq!(
            team.name("111", Some("sales")),
            Some("sales"),
            "not allowed, and still who it is"
        );
        assert_eq!(team.name("9", None), None);
    }

    #[test]
    fn an_account_stands_in_where_nothing_is_written() {
        let policy = TagPolicy::parse(POLICY, "t.toml".as_ref()).unwrap();
        let team = policy.owner(&["Team".to_owned()]);
        assert_eq!(team.name("111", None), Some("platform"));
        assert_eq!(team.name("111", Some(" ")), Some("platform"));
        assert_eq!(team.name("222", None), None, "a namespace is no account");
        assert!(policy.owner(&["env".to_owned()]).are_as_written());
        assert!(policy.owner(&["zzz".to_owned()]).are_as_written());
    }
}
