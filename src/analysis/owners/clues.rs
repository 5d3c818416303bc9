//! What a resource shares with others: its stack, its group, words of its name, tags, its account.
//!
//! Looks at one resource at a time and knows no tag's value but what it reads there.

use super::Unit;
use crate::policy::{Demand, TagPolicy};

/// A kind of evidence, the better one first where two were measured to be as good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// The inventory knows a tag that the bill does not.
    Inventory,
    /// Made by one `CloudFormation` stack.
    Stack,
    /// In one Kubernetes or ECS cluster, or one namespace.
    Cluster,
    /// In one autoscaling group, scale set or node group.
    ScalingGroup,
    /// In one Azure resource group.
    ResourceGroup,
    /// Another owner tag: the team tells the cost centre.
    OwnerTag,
    /// Any other tag: `app=checkout`.
    OtherTag,
    /// A word of its name.
    Name,
    /// Came and went in the same months, in one account and region.
    Neighbours,
    /// The same service in one account.
    AccountService,
    /// One account.
    Account,
}

impl Evidence {
    /// Every kind, in order.
    pub const ALL: [Evidence; 11] = [
        Evidence::Inventory,
        Evidence::Stack,
        Evidence::Cluster,
        Evidence::ScalingGroup,
        Evidence::ResourceGroup,
        Evidence::OwnerTag,
        Evidence::OtherTag,
        Evidence::Name,
        Evidence::Neighbours,
        Evidence::AccountService,
        Evidence::Account,
    ];

    /// Its name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Evidence::Inventory => "inventory",
            Evidence::Stack => "stack",
            Evidence::Cluster => "cluster",
            Evidence::ScalingGroup => "scaling group",
            Evidence::ResourceGroup => "resource group",
            Evidence::OwnerTag => "owner tag",
            Evidence::OtherTag => "other tag",
            Evidence::Name => "name",
            Evidence::Neighbours => "neighbours",
            Evidence::AccountService => "account and service",
            Evidence::Account => "account",
        }
    }
}

/// Something that a resource shares with others.
pub(super) struct Clue {
    kind: Evidence,
    /// What is shared: `checkout-prod`.
    text: String,
}

impl Clue {
    /// Where what is known about it is kept. The hash is our own (FNV-1a, 64 bits), so that it never changes.
    pub(super) fn address(&self) -> (Evidence, u64) {
        (self.kind, fnv([self.kind.name(), &self.text]))
    }

    /// What all of them share, as part of a sentence.
    pub(super) fn told(&self) -> String {
        let text = &self.text;
        match self.kind {
            Evidence::Inventory => String::new(),
            Evidence::Stack => format!("of stack {text}"),
            Evidence::ScalingGroup => format!("of scaling group {text}"),
            Evidence::ResourceGroup => format!("of resource group {text}"),
            Evidence::OwnerTag | Evidence::OtherTag => format!("with {text}"),
            Evidence::Name => format!("with `{text}` in their names"),
            Evidence::Neighbours => format!("billed {text}"),
            Evidence::Cluster | Evidence::AccountService => format!("of {text}"),
            Evidence::Account => format!("of account {text}"),
        }
    }
}

/// FNV-1a over texts, each ended.
pub(super) fn fnv<const N: usize>(texts: [&str; N]) -> u64 {
    let bytes = texts.iter().flat_map(|text| text.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Most words of one name that are looked at.
const MOST_WORDS: usize = 12;

/// Keys of tags that clouds and tools write, in lower case with `_` for every sign, and what they name.
const WRITTEN_BY_TOOLS: [(&str, Evidence, &str); 12] = [
    ("aws_cloudformation_stack_name", Evidence::Stack, ""),
    ("aws_autoscaling_groupname", Evidence::ScalingGroup, ""),
    ("eks_cluster_name", Evidence::Cluster, "cluster "),
    ("aws_eks_cluster_name", Evidence::Cluster, "cluster "),
    (
        "alpha_eksctl_io_cluster_name",
        Evidence::Cluster,
        "cluster ",
    ),
    ("aws_ecs_clustername", Evidence::Cluster, "cluster "),
    ("goog_k8s_cluster_name", Evidence::Cluster, "cluster "),
    ("k8s_namespace", Evidence::Cluster, "namespace "),
    ("kubernetes_namespace", Evidence::Cluster, "namespace "),
    (
        "kubernetes_io_created_for_pvc_namespace",
        Evidence::Cluster,
        "namespace ",
    ),
    ("eks_nodegroup_name", Evidence::ScalingGroup, ""),
    ("eks_nodegroup", Evidence::ScalingGroup, ""),
];

/// Everything that a resource shares.
pub(super) fn of(unit: &Unit, policy: &TagPolicy) -> Vec<Clue> {
    let charge = unit.charge;
    let mut clues = Vec::new();
    let mut add = |kind: Evidence, text: String| clues.push(Clue { kind, text });
    let account = &charge.sub_account;
    add(Evidence::Account, account.clone());
    add(
        Evidence::AccountService,
        format!("{} in account {account}", charge.service),
    );
    let span = format!("{} to {}", unit.first_month, unit.last_month);
    let place = format!("in account {account}, {}", charge.region);
    add(Evidence::Neighbours, format!("{span} {place}"));
    if let Some(group) = resource_group(&charge.resource_id) {
        add(Evidence::ResourceGroup, group);
    }
    let group = unit.listed.and_then(|listed| listed.group.as_ref());
    if let Some(group) = group {
        add(Evidence::ScalingGroup, group.clone());
    }
    for (key, value) in charge
        .tags
        .iter()
        .filter(|(_, value)| !value.trim().is_empty())
    {
        if let Some((kind, text)) = tagged(key, value, policy) {
            add(kind, text);
        }
    }
    let listed = unit.listed.map_or("", |listed| &listed.name);
    let name = charge.tags.get("Name").map_or(listed, String::as_str);
    for word in words(own_name(&charge.resource_id), name) {
        add(Evidence::Name, word);
    }
    clues
}

/// What one tag says.
fn tagged(key: &str, value: &str, policy: &TagPolicy) -> Option<(Evidence, String)> {
    let plain: String = key
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '_' })
        .collect();
    if let Some((_, kind, what)) = WRITTEN_BY_TOOLS.iter().find(|(known, ..)| *known == plain) {
        return Some((*kind, format!("{what}{value}")));
    }
    match policy.rule_of(key) {
        Some(rule) if rule.demand == Demand::Forbidden => None,
        Some(rule) => Some((Evidence::OwnerTag, pair(&rule.key, rule.accepts(value)?))),
        None if plain == "name" || plain.starts_with("aws_") => None,
        None => Some((Evidence::OtherTag, format!("{key}={value}"))),
    }
}

fn pair(tag: &str, value: &str) -> String {
    format!("{tag}={value}")
}

/// Where the tag itself is kept: it is no evidence for a tag that is lacking or hidden.
pub(super) fn itself(tag: &str, value: &str) -> u64 {
    fnv([Evidence::OwnerTag.name(), &pair(tag, value)])
}

/// Subscription and resource group of an ARM path.
fn resource_group(id: &str) -> Option<String> {
    let lower = id.to_lowercase();
    let (subscription, rest) = lower.split_once("/resourcegroups/")?;
    let group = rest.split('/').next().filter(|group| !group.is_empty())?;
    let subscription = subscription.rsplit('/').next().unwrap_or_default();
    Some(format!("{group} in {subscription}"))
}

/// The part of an id that people chose.
fn own_name(id: &str) -> &str {
    if let Some(rest) = id.strip_prefix("arn:") {
        return rest.splitn(5, ':').last().unwrap_or(rest);
    }
    if id.starts_with('/') {
        id.rsplit('/').next().unwrap_or(id)
    } else {
        id
    }
}

/// The words of names, in lower case without numbers at their ends; nothing that looks like a hash.
fn words(id: &str, name: &str) -> Vec<String> {
    let both = format!("{id} {name}").to_lowercase();
    let mut words: Vec<String> = both
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !is_hash(word))
        .map(|word| word.trim_end_matches(char::is_numeric).to_owned())
        .filter(|word| word.chars().count() >= 3)
        .collect();
    words.sort();
    words.dedup();
    words.truncate(MOST_WORDS);
    words
}

fn is_hash(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    word.len() >= 8 && digits >= 2 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_people_chose() {
        assert_eq!(
            words("i-0a1b2c3d4e5f6a7b8", "checkout-api-12"),
            ["api", "checkout"]
        );
        let arn = "arn:aws:rds:eu-west-1:111122220001:db:orders2";
        assert_eq!(own_name(arn), "db:orders2");
        assert_eq!(words(own_name(arn), ""), ["orders"]);
        assert_eq!(
            own_name("/subscriptions/x/resourceGroups/shop/providers/a/b/shop-1"),
            "shop-1"
        );
    }

    #[test]
    fn a_resource_group_is_known_with_its_subscription() {
        let id = "/subscriptions/S/resourceGroups/Shop/providers/x/y/z";
        assert_eq!(resource_group(id).as_deref(), Some("shop in s"));
        assert_eq!(resource_group("i-1"), None);
    }

    #[test]
    fn the_hash_is_the_published_one() {
        // FNV-1a of `a` and a zero byte, worked out by hand from the published constants.
        let step = |hash: u64, byte: u64| (hash ^ byte).wrapping_mul(1_099_511_628_211);
        assert_eq!(fnv(["a"]), step(step(14_695_981_039_346_656_037, 97), 0));
    }
}
