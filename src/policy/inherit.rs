//! Defaults that a resource without a tag inherits: from its account, its resource group, its Kubernetes
//! namespace, or the tags that an inventory knows. Holds tables; looks at no resource.

use super::refusal::{Refusal, refused};
use super::values::open;
use super::{Demand, TagRule, rule_of};
use crate::resource::account_key;
use crate::sheet;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use toml::Spanned;

/// One `[[inherit]]` as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    tag: Spanned<String>,
    from: Spanned<Origin>,
    #[serde(default)]
    values: BTreeMap<Spanned<String>, Spanned<String>>,
    file: Option<Spanned<String>>,
}

/// Where a value is inherited from.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// FOCUS `SubAccountId`: account, subscription, project.
    Account,
    /// The Azure resource group in the resource's id.
    ResourceGroup,
    /// The Kubernetes namespace that a cost allocation tag names.
    Namespace,
    /// The same tag in an inventory.
    Inventory,
}

/// A tag and what stands in for it.
#[derive(Clone, Debug)]
pub struct Inherit {
    /// The tag's key.
    pub tag: String,
    /// Where the value comes from.
    pub from: Origin,
    /// By name in one spelling: the name as the policy writes it, and the value.
    values: BTreeMap<String, (String, String)>,
}

impl Origin {
    /// Its name in the report and the policy.
    pub fn name(self) -> &'static str {
        match self {
            Origin::Account => "account",
            Origin::ResourceGroup => "resource-group",
            Origin::Namespace => "namespace",
            Origin::Inventory => "inventory",
        }
    }

    /// One spelling of a name.
    fn key(self, name: &str) -> String {
        match self {
            Origin::Account => account_key(name),
            _ => name.to_lowercase(),
        }
    }
}

impl Inherit {
    /// The name as the policy writes it and the value that its resources inherit; names are the same in any
    /// case, as resource groups and subscription ids are, and a subscription with or without its path.
    pub fn value_of(&self, name: &str) -> Option<(&str, &str)> {
        let (name, value) = self.values.get(&self.from.key(name))?;
        Some((name, value))
    }
}

/// All tables, in the order of the file, which is the order in which they are asked.
pub(super) fn checked(
    entries: Vec<Entry>,
    rules: &[TagRule],
    folder: &Path,
) -> Result<Vec<Inherit>, Refusal> {
    let one = |entry| one(entry, rules, folder);
    entries.into_iter().map(one).collect()
}

fn one(entry: Entry, rules: &[TagRule], folder: &Path) -> Result<Inherit, Refusal> {
    let rule = rule_of(&entry.tag, rules)?;
    if rule.demand == Demand::Forbidden {
        let what = format!("tag `{}` is forbidden, so nothing can inherit it", rule.key);
        return Err(refused(&what, "", entry.tag.span()));
    }
    let from = *entry.from.get_ref();
    let is_table = !entry.values.is_empty() || entry.file.is_some();
    if is_table == (from == Origin::Inventory) {
        let (what, hint) = if is_table {
            (
                "an inventory needs no table",
                "leave `values` and `file` out",
            )
        } else {
            (
                "nothing says who inherits what",
                "add `values = { \"NAME\" = \"value\" }` or `file = \"owners.csv\"`",
            )
        };
        return Err(refused(what, hint, entry.from.span()));
    }
    let mut values = BTreeMap::new();
    let mut table: Vec<_> = entry.values.iter().collect();
    table.sort_by_key(|(name, _)| name.span().start);
    for (name, value) in table {
        let (span, value) = (value.span(), value.get_ref().clone());
        if !is_accepted(&entry.tag, &value, rules) {
            return Err(refused(&not_allowed(&entry.tag, &value), "", span));
        }
        let lower = from.key(name.get_ref());
        if values
            .insert(lower, (name.get_ref().clone(), value))
            .is_some()
        {
            return Err(refused(&twice(name.get_ref()), "", name.span()));
        }
    }
    if let Some(file) = &entry.file {
        of_file(file, folder, (&entry, rules), &mut values)?;
    }
    Ok(Inherit {
        tag: entry.tag.into_inner(),
        from,
        values,
    })
}

/// `owners.csv`: `From` and `Value`.
fn of_file(
    file: &Spanned<String>,
    folder: &Path,
    (entry, rules): (&Entry, &[TagRule]),
    values: &mut BTreeMap<String, (String, String)>,
) -> Result<(), Refusal> {
    let (tag, from) = (&entry.tag, *entry.from.get_ref());
    let path = folder.join(file.get_ref());
    let text = open(&path, file)?;
    for row in sheet::rows(&path, &text, &["From", "Value"], &[])? {
        let (name, value) = (row.get(0), row.get(1));
        if name.is_empty() {
            return Err(row.wrong(0, "a row names nobody").into());
        }
        if !is_accepted(tag, value, rules) {
            return Err(row.wrong(1, not_allowed(tag, value)).into());
        }
        let own = (name.to_owned(), value.to_owned());
        if values.insert(from.key(name), own).is_some() {
            return Err(row.wrong(0, twice(name)).into());
        }
    }
    Ok(())
}

fn is_accepted(tag: &Spanned<String>, value: &str, rules: &[TagRule]) -> bool {
    let own = |rule: &&TagRule| rule.key == *tag.get_ref();
    rules
        .iter()
        .filter(own)
        .any(|rule| rule.accepts(value).is_some())
}

fn not_allowed(tag: &Spanned<String>, value: &str) -> String {
    format!(
        "`{value}` is not an allowed value of tag `{}`",
        tag.get_ref()
    )
}

fn twice(name: &str) -> String {
    format!("`{name}` inherits twice")
}

#[cfg(test)]
mod tests {
    use crate::policy::TagPolicy;

    fn read(more: &str, owners: &str) -> Result<TagPolicy, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("owners.csv"), owners).unwrap();
        let text = format!(
            "[[tag]]\nkey = \"team\"\nvalues = [\"data\"]\n[[tag]]\nkey = \"password\"\nforbidden = true\n{more}\n"
        );
        let here = format!("{}/", folder.path().display());
        TagPolicy::parse(&text, &folder.path().join("tags.toml"))
            .map_err(|error| error.to_string().replace(&here, ""))
    }

    #[test]
    fn a_table_and_a_file_are_one() {
        let text = "[[inherit]]\ntag = \"team\"\nfrom = \"resource-group\"\nvalues = { RG-One = \"data\" }\nfile = \"owners.csv\"";
        let policy = read(text, "From,Value\nrg-two,data\n").unwrap();
        let inherit = &policy.inherits()[0];
        assert_eq!(inherit.value_of("rg-ONE"), Some(("RG-One", "data")));
        assert_eq!(inherit.value_of("rg-two"), Some(("rg-two", "data")));
        assert_eq!(inherit.value_of("rg-three"), None);
    }

    #[test]
    fn mistakes_have_a_place() {
        let wrong = |text: &str| {
            read(
                &format!("[[inherit]]\n{text}"),
                "From,Value\n1,data\n2,web\n",
            )
            .err()
            .unwrap()
        };
        assert_eq!(
            wrong("tag = \"tem\"\nfrom = \"inventory\""),
            "the policy has no tag `tem`\n  --> tags.toml:8:7\nhint: did you mean `team`?"
        );
        assert!(
            wrong("tag = \"password\"\nfrom = \"inventory\"").contains("`password` is forbidden")
        );
        assert!(
            wrong("tag = \"team\"\nfrom = \"account\"")
                .starts_with("nothing says who inherits what\n  --> tags.toml:9:8")
        );
        assert!(
            wrong("tag = \"team\"\nfrom = \"inventory\"\nfile = \"owners.csv\"")
                .starts_with("an inventory needs no table")
        );
        assert_eq!(
            wrong("tag = \"team\"\nfrom = \"account\"\nfile = \"owners.csv\""),
            "`web` is not an allowed value of tag `team`\n  --> owners.csv:3:2"
        );
        assert_eq!(
            wrong("tag = \"team\"\nfrom = \"account\"\nvalues = { a = \"data\", A = \"data\" }"),
            "`A` inherits twice\n  --> tags.toml:10:24"
        );
        assert_eq!(
            wrong("tag = \"team\"\nfrom = \"account\"\nvalues = { a = \"web\" }"),
            "`web` is not an allowed value of tag `team`\n  --> tags.toml:10:16"
        );
    }
}
