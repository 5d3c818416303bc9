//! The findings of this run that count, as the ledger keeps them.

use super::bill::{BilledDays, wanted};
use crate::analysis::finding::Finding;
use crate::analysis::ledger::{About, Line, Listed};
use crate::analysis::waste::{self, Charged};
use crate::command::night::Night;
use crate::command::waste::{Waste, named};
use crate::engine;
use crate::error::Result;
use crate::report::table::Table;
use crate::resource::{Resource, key};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// What one resource is charged: the lines of a finding and the others.
struct Lines {
    account: Option<String>,
    own: BTreeSet<Line>,
    others: BTreeSet<Line>,
}

/// Everything that counts, rightsizing first.
pub(super) fn found(
    night: &Night,
    today: NaiveDate,
    (machines, waste): (&[Finding], &Waste),
    days: &BilledDays,
) -> Result<Vec<About>> {
    let resources: BTreeMap<String, &Resource> = night
        .resources
        .iter()
        .rev()
        .map(|one| (key(&one.id), one))
        .collect();
    let counted = machines.iter().zip(&waste.machines);
    let counted = counted.filter(|(_, counted)| **counted);
    let mut found: Vec<About> = counted
        .map(|(finding, _)| {
            let resource = resources.get(&key(&finding.resource_id)).copied();
            let claimed = waste.machine_lines.get(&named(finding)).map(Vec::as_slice);
            of_machine(finding, claimed.unwrap_or_default(), resource, waste)
        })
        .collect();
    let wasted = waste.findings.iter().zip(&waste.counted);
    found.extend(wasted.filter(|(_, counted)| **counted).map(|(finding, _)| {
        let resource = resources.get(&key(&finding.resource_id)).copied();
        of_waste(finding, resource, waste)
    }));
    let teams = teams(night, &found)?;
    for about in &mut found {
        about.first_seen = today;
        let months = days.accounts.get(&about.account);
        let end = months.and_then(|months| months.last());
        about.billed_until = end.map_or(today, |seen| seen.until);
        if about.team.is_empty() {
            let ids = about.lines.iter().map(|line| line.resource.clone());
            let mut known = ids.filter_map(|id| teams.get(&(about.account.clone(), id)));
            about.team = known.next().cloned().unwrap_or_default();
        }
    }
    Ok(found)
}

fn of_machine(
    finding: &Finding,
    claimed: &[(usize, usize)],
    resource: Option<&Resource>,
    waste: &Waste,
) -> About {
    let choice = &finding.choice;
    let lines = lines(
        waste,
        claimed,
        (&finding.resource_id, resource),
        &finding.current_type,
    );
    About {
        resource_id: finding.resource_id.clone(),
        key: key(&finding.resource_id),
        account: lines.account.unwrap_or(finding.sub_account.clone()),
        region: finding.region.clone(),
        team: finding.team.clone(),
        currency: finding.currency.clone(),
        action: choice.action,
        check: "rightsizing".to_owned(),
        title: if choice.recommended_type.is_empty() {
            format!("an idle {}", finding.kind)
        } else {
            format!("a {} larger or older than its load needs", finding.kind)
        },
        current_type: finding.current_type.clone(),
        recommended_type: choice.recommended_type.clone(),
        expected: (choice.savings_low, choice.savings_high),
        cost: Some(finding.monthly_cost.rounded(2)),
        risk: format!("{} of 4", choice.risk),
        effort: choice.effort.to_string(),
        confidence: choice.confidence.to_string(),
        evidence: finding.reason.clone(),
        lines: lines.own,
        others: lines.others,
        listed: resource.map(listed),
        first_seen: NaiveDate::MIN,
        billed_until: NaiveDate::MIN,
    }
}

fn of_waste(finding: &waste::Finding, resource: Option<&Resource>, waste: &Waste) -> About {
    let (low, high) = finding.saving.unwrap_or_default();
    let lines = lines(waste, &finding.lines, (&finding.resource_id, resource), "");
    let listed = resource.map(listed);
    About {
        resource_id: finding.resource_id.clone(),
        key: key(&finding.resource_id),
        account: lines.account.unwrap_or(finding.sub_account.clone()),
        region: finding.region.clone(),
        team: String::new(),
        currency: finding.currency.clone(),
        action: finding.check.action,
        check: finding.check.id.clone(),
        title: finding.check.title.clone(),
        current_type: String::new(),
        recommended_type: String::new(),
        expected: (low, high),
        cost: finding.cost.map(|cost| cost.rounded(2)),
        risk: String::new(),
        effort: finding.check.effort.to_string(),
        confidence: finding.confidence.to_string(),
        evidence: finding.evidence.clone(),
        lines: lines.own,
        others: lines.others,
        listed,
        first_seen: NaiveDate::MIN,
        billed_until: NaiveDate::MIN,
    }
}

/// What an inventory says of a resource.
pub(super) fn listed(resource: &Resource) -> Listed {
    Listed {
        kind: resource.kind.clone(),
        state: resource.state.clone().unwrap_or_default(),
        machine_type: resource.machine_type.clone().unwrap_or_default(),
        stopped_on: resource.traits.stopped_on,
    }
}

/// The lines that a finding claims and that are still charged, of its type where it names one; and whatever else
/// the resource is charged. A bill may call a machine by another id than the inventory: its hours are looked for.
fn lines(
    waste: &Waste,
    claimed: &[(usize, usize)],
    (id, resource): (&str, Option<&Resource>),
    own_type: &str,
) -> Lines {
    let keys: BTreeSet<String> = match resource {
        Some(resource) => resource.keys().collect(),
        None if id.is_empty() => BTreeSet::new(),
        None => BTreeSet::from([key(id)]),
    };
    let all = waste.bills.iter().flat_map(|bill| {
        let charged = keys.iter().flat_map(|key| bill.charged_on(key));
        charged.collect::<Vec<_>>()
    });
    let all: Vec<Charged> = all.filter(|one| one.alive).collect();
    let claimed = claimed.iter();
    let mut claimed: Vec<Charged> = claimed
        .map(|(bill, meter)| waste.bills[*bill].charged(*meter))
        .collect();
    if claimed.is_empty() && !own_type.is_empty() {
        let hours = all.iter().filter(|one| !one.instance.is_empty());
        claimed = hours.cloned().collect();
    }
    narrow(&mut claimed, |one| one.alive);
    narrow(&mut claimed, |one| {
        one.instance.eq_ignore_ascii_case(own_type)
    });
    let account = claimed.iter().map(|one| one.account.clone()).min();
    let own: BTreeSet<Line> = claimed.into_iter().map(line).collect();
    let others = all.into_iter().map(line).filter(|line| !own.contains(line));
    Lines {
        account,
        others: others.collect(),
        own,
    }
}

/// Keeps what a test holds for, unless it holds for nothing.
fn narrow(lines: &mut Vec<Charged>, test: impl Fn(&Charged) -> bool) {
    if lines.iter().any(&test) {
        lines.retain(test);
    }
}

fn line(charged: Charged) -> Line {
    Line {
        resource: charged.resource,
        meter: charged.meter,
        instance: charged.instance,
        unit: charged.unit,
    }
}

/// The latest team of the resources whose finding names none, by account and id.
fn teams(night: &Night, found: &[About]) -> Result<BTreeMap<(String, String), String>> {
    let nameless = found.iter().filter(|about| about.team.is_empty());
    let resources: BTreeSet<(String, String)> = nameless
        .flat_map(|about| {
            let ids = about.lines.iter().map(|line| line.resource.clone());
            ids.map(|id| (about.account.clone(), id))
        })
        .filter(|(_, id)| !id.is_empty())
        .collect();
    if resources.is_empty() {
        return Ok(BTreeMap::new());
    }
    let tables = [
        ("resources_monthly", night.table("resources_monthly")?),
        ("wanted", wanted(&resources)?),
    ];
    let query = include_str!("../../../queries/analysis/ledger_teams.sql");
    let rows = Table::of_frame(&engine::query(
        "queries/analysis/ledger_teams.sql",
        query,
        &tables,
    )?)?;
    let [accounts, ids, teams] = ["Account", "Resource", "Team"].map(|name| rows.texts(name));
    Ok(accounts.into_iter().zip(ids).zip(teams).collect())
}
