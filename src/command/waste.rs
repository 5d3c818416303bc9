//! From the night's facts and inventory to what waste checks judge, and the table of what they find.

use super::columns;
use super::freed::{self, Gone};
use super::night::Night;
use super::plan::Plan;
use crate::analysis::catalogue::Provider;
use crate::analysis::finding::{self, Kind};
use crate::analysis::waste::{
    Bill, Claim, Finding, Item, Line, Policy, Seen, Sort, Unused, checks, find, leftovers, settle,
};
use crate::config::Config;
use crate::engine;
use crate::engine::facts::{self, PeriodFacts};
use crate::error::{Error, Result, nearest};
use crate::money::Money;
use crate::period::Month;
use crate::report::table::{Cell, Table};
use crate::resource::{Resource, key};
use chrono::NaiveDate;
use polars::prelude::DataFrame;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What the checks found, and which of it and of rightsizing counts.
pub(super) struct Waste {
    pub(super) findings: Vec<Finding>,
    pub(super) counted: Vec<bool>,
    /// Of each machine of rightsizing, in its order.
    pub(super) machines: Vec<bool>,
    /// The lines that each finding of rightsizing claims: bill and meter.
    pub(super) machine_lines: BTreeMap<Named, Vec<(usize, usize)>>,
    /// The bill of each source.
    pub(super) bills: Vec<Bill>,
    /// Usage that findings which count make go away, best first.
    pub(super) gone: Vec<Gone>,
}

/// What tells findings of rightsizing apart, whatever their order: kind, id and account.
pub(super) type Named = (Kind, String, String);

/// The name of a finding.
pub(super) fn named(finding: &finding::Finding) -> Named {
    let (id, account) = (&finding.resource_id, &finding.sub_account);
    (finding.kind, id.clone(), account.clone())
}

/// How the config wants waste to be looked for; a check that does not exist is refused.
pub(super) fn policy(config: &Config) -> Result<Policy> {
    let rules = &config.waste;
    for id in &rules.skip {
        if checks().iter().all(|check| check.id != *id) {
            let hint = match nearest(id, checks().iter().map(|check| check.id.as_str())) {
                Some(near) => format!("did you mean `{near}`? `cloudtally list checks` shows all"),
                None => "`cloudtally list checks` shows all".to_owned(),
            };
            let wrong = format!("no check is called `{id}`: `waste.skip`");
            return Err(Error::usage(wrong).hint(hint));
        }
    }
    let least = Money::from_f64(rules.min_savings).ok();
    let least = least.filter(|least| *least >= Money::ZERO);
    let least =
        least.ok_or_else(|| Error::usage("`waste.min_savings` must be an amount from 0 up"))?;
    if !(1..=90).contains(&rules.idle_days) {
        return Err(Error::usage("`waste.idle_days` must lie between 1 and 90"));
    }
    Ok(Policy {
        idle_days: rules.idle_days,
        least,
        skip: rules.skip.clone(),
    })
}

/// Looks for waste on every source's bill, and settles it with what rightsizing found.
pub(super) fn waste(night: &Night, plan: &Plan, machines: &[finding::Finding]) -> Result<Waste> {
    let bills = bills(night, plan.today)?;
    let items: Vec<Item> = night.resources.iter().map(item).collect();
    let unused = unused(night, plan.today)?;
    let seen = Seen {
        bills: &bills,
        items: &items,
        usage: &night.usage,
        unused: &unused,
    };
    let findings = find(&seen, &policy(&plan.config)?);
    let own = machines.iter().map(|machine| Claim {
        action: machine.choice.action,
        // What a workload gives up is saved with the nodes, which have findings of their own.
        saving: (machine.choice.in_headline() && machine.kind != Kind::Workload)
            .then_some((machine.choice.savings_low, machine.choice.savings_high)),
        lines: lines_of(&bills, machine),
        name: machine.resource_id.clone(),
    });
    let claims: Vec<Claim> = own.chain(findings.iter().map(Finding::claim)).collect();
    let mut counted = settle(&claims);
    let gone = freed::gone(&bills, (machines, &findings), (&claims, &counted));
    let waste = counted.split_off(machines.len());
    let names = machines.iter().map(named);
    let machine_lines = names.zip(claims.into_iter().map(|claim| claim.lines));
    Ok(Waste {
        machine_lines: machine_lines.collect(),
        findings,
        counted: waste,
        machines: counted,
        bills,
        gone,
    })
}

/// The charges that a finding of rightsizing saves on, in every bill: of disks all, of everything else its hours.
fn lines_of(bills: &[Bill], finding: &finding::Finding) -> Vec<(usize, usize)> {
    let mut lines = Vec::new();
    for (at, bill) in bills.iter().enumerate() {
        for key in &finding.keys {
            let meters = match finding.kind {
                Kind::Disk => bill.charges(key),
                Kind::Database => [bill.instance_hours(key), bill.core_hours(key)].concat(),
                _ => bill.instance_hours(key),
            };
            lines.extend(meters.into_iter().map(|meter| (at, meter)));
        }
    }
    lines
}

/// The bill of each source.
fn bills(night: &Night, today: NaiveDate) -> Result<Vec<Bill>> {
    let sources: BTreeSet<&String> = night.facts.iter().map(|(source, _)| source).collect();
    let of_source = |source: &String| {
        let own = night.facts.iter().filter(|(name, _)| name == source);
        let periods: Vec<PeriodFacts> = own.map(|(_, facts)| facts.clone()).collect();
        Ok(Bill::new(lines(&periods)?, today))
    };
    sources.into_iter().map(of_source).collect()
}

/// One of our queries over these periods.
fn ask(periods: &[PeriodFacts], query: (&str, &str), tables: &[&'static str]) -> Result<DataFrame> {
    let tables = tables
        .iter()
        .map(|name| Ok((*name, facts::table(periods, name)?)))
        .collect::<Result<Vec<_>>>()?;
    engine::query(query.0, query.1, &tables)
}

/// One line per row; a bill has many, so that texts are taken from the columns once.
fn lines(periods: &[PeriodFacts]) -> Result<Vec<Line>> {
    let query = (
        "queries/analysis/waste_meters.sql",
        include_str!("../../queries/analysis/waste_meters.sql"),
    );
    let rows = ask(periods, query, &["meters_monthly", "compute_monthly"])?;
    let known = ask(periods, ENVIRONMENTS, &["resources_monthly"])?;
    let environments = environments(&known)?;
    let text = |name: &str| columns::texts(&rows, name);
    let (mut month, mut provider) = (text("Month")?, text("ProviderName")?);
    let (mut account, mut service) = (text("SubAccountId")?, text("ServiceName")?);
    let (mut region, mut resource) = (text("RegionId")?, text("ResourceId")?);
    let (mut meter, mut description) = (text("SkuMeter")?, text("ChargeDescription")?);
    let (mut instance, mut system) = (text("InstanceType")?, text("OperatingSystem")?);
    let (mut unit, mut status) = (text("ConsumedUnit")?, text("Status")?);
    let mut currency = text("BillingCurrency")?;
    let mut quantity = columns::amounts(&rows, "ConsumedQuantity")?;
    let mut last = columns::counts(&rows, "MaxDay")?;
    let mut left = columns::counts(&rows, "MaxDaysLeft")?;
    let line = |cost: Option<Money>| {
        let owner = (account.next(), resource.next());
        Line {
            month: month.next().to_owned(),
            provider: provider.next().to_owned(),
            region: region.next().to_owned(),
            service: service.next().to_owned(),
            environment: environments
                .get(&owner)
                .copied()
                .unwrap_or_default()
                .to_owned(),
            account: owner.0.to_owned(),
            resource: owner.1.to_owned(),
            meter: meter.next().to_owned(),
            description: description.next().to_owned(),
            instance: instance.next().to_owned(),
            system: system.next().to_owned(),
            unit: unit.next().to_owned(),
            currency: currency.next().to_owned(),
            covered: status.next() == "Used",
            cost: cost.unwrap_or_default(),
            quantity: quantity.next().flatten(),
            days: days(last.next().flatten(), left.next().flatten()),
        }
    };
    let costs = columns::amounts(&rows, "EffectiveCost")?;
    Ok(costs.map(line).collect())
}

/// First and last day of a month: the fact keeps the largest day and the largest 32 − day.
fn days(last: Option<i64>, left: Option<i64>) -> Option<(u32, u32)> {
    let (last, left) = last.zip(left)?;
    Some((u32::try_from(32 - left).ok()?, u32::try_from(last).ok()?))
}

const ENVIRONMENTS: (&str, &str) = (
    "queries/analysis/waste_environments.sql",
    include_str!("../../queries/analysis/waste_environments.sql"),
);

/// The latest environment of every resource that names one.
fn environments(rows: &DataFrame) -> Result<HashMap<(&str, &str), &str>> {
    let (mut accounts, mut resources) = (
        columns::texts(rows, "SubAccountId")?,
        columns::texts(rows, "ResourceId")?,
    );
    let mut environments = columns::texts(rows, "Environment")?;
    let environment = |_| {
        let owner = (accounts.next(), resources.next());
        (owner, environments.next())
    };
    Ok((0..rows.height()).map(environment).collect())
}

/// What commitments left unused in the latest month that is over.
fn unused(night: &Night, today: NaiveDate) -> Result<Vec<Unused>> {
    let periods: Vec<PeriodFacts> = night.facts.iter().map(|(_, facts)| facts.clone()).collect();
    let query = (
        "queries/analysis/waste_commitments.sql",
        include_str!("../../queries/analysis/waste_commitments.sql"),
    );
    let rows = Table::of_frame(&ask(&periods, query, &["commitments_monthly"])?)?;
    let [months, accounts, ids, currencies] = [
        "Month",
        "BillingAccountId",
        "CommitmentDiscountId",
        "BillingCurrency",
    ]
    .map(|name| rows.texts(name));
    let costs = rows.amounts("Unused");
    let over = night
        .months()
        .into_iter()
        .rev()
        .find(|month| month.next().first_day() <= today);
    let latest = over.map(|month: Month| month.to_string());
    let of_latest = (0..ids.len()).filter(|&row| Some(&months[row]) == latest.as_ref());
    let one = |row: usize| Unused {
        id: ids[row].clone(),
        account: accounts[row].clone(),
        currency: currencies[row].clone(),
        month: months[row].clone(),
        cost: costs[row].unwrap_or_default(),
    };
    Ok(of_latest.map(one).collect())
}

/// Disks, snapshots and addresses that nobody uses, each with all of which the inventory tells.
pub(super) fn left_over(resources: &[Resource]) -> [(u64, u64); 3] {
    let items: Vec<Item> = resources.iter().map(item).collect();
    leftovers(&items)
}

/// What waste checks ask of a resource.
fn item(resource: &Resource) -> Item<'_> {
    let traits = &resource.traits;
    let keys = |ids: &Vec<String>| ids.iter().map(|id| key(id)).collect();
    Item {
        id: &resource.id,
        keys: resource.keys().collect(),
        account: &resource.sub_account,
        region: &resource.region,
        sort: sort(&resource.kind),
        provider: Provider::of(&resource.provider),
        state: resource.state.as_deref().unwrap_or_default().to_lowercase(),
        attached_to: traits.attached_to.as_ref().map(keys),
        source: traits.source.as_deref().map(key),
        stopped_on: traits.stopped_on,
    }
}

/// What a resource is, by the word of its inventory.
pub(super) fn sort(kind: &str) -> Sort {
    let kind = kind.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| kind.contains(word));
    match () {
        () if says(&["snapshot"]) => Sort::Snapshot,
        () if says(&["volume", "disk"]) => Sort::Disk,
        () if says(&[
            "elastic ip",
            "elastic-ip",
            "address",
            "publicip",
            "public ip",
        ]) =>
        {
            Sort::Address
        }
        () if says(&["rds", "db", "database", "cache"]) => Sort::Database,
        () if says(&["virtualmachine", "virtual machine"])
            || kind.ends_with("instance")
            || kind.ends_with("instances") =>
        {
            Sort::Machine
        }
        () => Sort::Other,
    }
}

/// `waste.csv`.
pub(super) fn table(waste: &Waste) -> Table {
    let mut table = Table::new(&[
        "Check",
        "ResourceId",
        "SubAccountId",
        "RegionId",
        "MonthlySavingsLow",
        "MonthlySavingsHigh",
        "Confidence",
        "BillingCurrency",
        "Evidence",
        "Title",
        "Action",
        "Effort",
        "MonthlyCost",
        "Counted",
    ]);
    let amount = |amount: Option<Money>| Cell::from(amount.map(|amount| amount.rounded(2)));
    for (finding, counted) in waste.findings.iter().zip(&waste.counted) {
        table.rows.push(vec![
            Cell::text(&finding.check.id),
            Cell::text(&finding.resource_id),
            Cell::text(&finding.sub_account),
            Cell::text(&finding.region),
            amount(finding.saving.map(|(low, _)| low)),
            amount(finding.saving.map(|(_, high)| high)),
            Cell::text(finding.confidence.to_string()),
            Cell::text(&finding.currency),
            Cell::text(&finding.evidence),
            Cell::text(&finding.check.title),
            Cell::text(finding.check.action.to_string()),
            Cell::text(finding.check.effort.to_string()),
            amount(finding.cost),
            counted_cell(*counted),
        ]);
    }
    table
}

/// `yes` where a saving is part of the totals.
pub(super) fn counted_cell(counted: bool) -> Cell {
    Cell::text(if counted { "yes" } else { "no" })
}
