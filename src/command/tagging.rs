//! From charges and their tags to compliance, violations, and what was inherited, exempt or worth a fix.

use super::columns;
use super::night::Night;
use super::plan::Plan;
use crate::analysis::compliance::{Basis, Compliance, Known, TaggedCharge, compliance};
use crate::analysis::variants::Tags;
use crate::engine;
use crate::error::Result;
use crate::money::Money;
use crate::report::table::{Cell, Table};
use crate::tags::parse_tags;
use polars::prelude::DataFrame;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The charges of the night with their tags as they count, and as written.
pub(super) struct Tagged {
    pub(super) charges: Vec<TaggedCharge>,
    /// In the order of the charges.
    pub(super) written: Vec<Tags>,
}

/// Reads every charge with its tags; merges and accepted owners are applied here, after the facts.
pub(super) fn read(night: &Night, plan: &Plan) -> Result<Tagged> {
    let sql = include_str!("../../queries/analysis/tagged_charges.sql");
    let rows = engine::query(
        "queries/analysis/tagged_charges.sql",
        sql,
        &[("resources_monthly", night.table("resources_monthly")?)],
    )?;
    let mut charges = charges(&rows)?;
    let written: Vec<Tags> = charges
        .iter()
        .map(|charge| Arc::clone(&charge.tags))
        .collect();
    let mut known: HashMap<*const BTreeMap<String, String>, Tags> = HashMap::new();
    let policy = &plan.policy;
    for charge in &mut charges {
        if !night.merges.is_empty() {
            let counted = known.entry(Arc::as_ptr(&charge.tags)).or_insert_with(|| {
                let merged = night.merges.apply(&charge.tags, policy);
                merged.map_or_else(
                    || Arc::clone(&charge.tags),
                    |(counted, _)| Arc::new(counted),
                )
            });
            charge.tags = Arc::clone(counted);
        }
        let accepted = policy.merging().accepted(&charge.resource_id);
        if !accepted.is_empty() {
            let tags = Arc::make_mut(&mut charge.tags);
            tags.extend(
                accepted
                    .iter()
                    .map(|one| (one.tag.clone(), one.value.clone())),
            );
        }
    }
    Ok(Tagged { charges, written })
}

/// Judges every charge by the policy.
pub(super) fn judge(tagged: &Tagged, night: &Night, plan: &Plan) -> Compliance {
    let known = Known {
        today: plan.today,
        resources: &night.resources,
    };
    compliance(&tagged.charges, &plan.policy, &known)
}

/// One charge per row; a bill has many, so that texts are taken from the columns once.
fn charges(rows: &DataFrame) -> Result<Vec<TaggedCharge>> {
    let [month, provider, account, service, region, resource] = [
        "Month",
        "ProviderName",
        "SubAccountId",
        "ServiceName",
        "RegionId",
        "ResourceId",
    ]
    .map(|name| columns::texts(rows, name));
    let [kind, category, tags, currency] =
        ["ResourceType", "ChargeCategory", "Tags", "BillingCurrency"]
            .map(|name| columns::texts(rows, name));
    let [team, environment, payer, family] =
        ["Team", "Environment", "BillingAccountId", "ServiceCategory"]
            .map(|name| columns::texts(rows, name));
    let (mut month, mut provider, mut account) = (month?, provider?, account?);
    let (mut service, mut region, mut resource) = (service?, region?, resource?);
    let (mut kind, mut category, mut tags, mut currency) = (kind?, category?, tags?, currency?);
    let (mut team, mut environment, mut payer, mut family) = (team?, environment?, payer?, family?);
    let costs = columns::amounts(rows, "EffectiveCost")?;
    let mut known: HashMap<&str, Tags> = HashMap::new();
    let charge = |cost: Option<Money>| {
        let written = tags.next();
        let set = known
            .entry(written)
            .or_insert_with(|| Arc::new(parse_tags(written).unwrap_or_default()));
        TaggedCharge {
            month: month.next().to_owned(),
            provider: provider.next().to_owned(),
            billing_account: payer.next().to_owned(),
            sub_account: account.next().to_owned(),
            service_category: family.next().to_owned(),
            service: service.next().to_owned(),
            region: region.next().to_owned(),
            resource_id: resource.next().to_owned(),
            resource_type: kind.next().to_owned(),
            charge_category: category.next().to_owned(),
            tags: Arc::clone(set),
            currency: currency.next().to_owned(),
            cost: cost.unwrap_or_default(),
            team: team.next().to_owned(),
            environment: environment.next().to_owned(),
        }
    };
    Ok(costs.map(charge).collect())
}

/// `tag_compliance.csv`.
pub(super) fn compliance_table(compliance: &Compliance) -> Table {
    let mut table = Table::new(&[
        "Month",
        "Scope",
        "ScopeValue",
        "Tag",
        "Resources",
        "CompliantResources",
        "TaggableCost",
        "ValidCost",
        "InvalidCost",
        "MissingCost",
        "UntaggableCost",
        "CompliancePct",
        "CostCompliancePct",
        "TargetPct",
        "BillingCurrency",
        "InheritedCost",
        "ExemptCost",
        "ChangeFromPrevious",
    ]);
    let percent = |value: Option<i64>| value.map_or(Cell::Empty, Cell::Percent);
    for row in &compliance.rows {
        table.rows.push(vec![
            Cell::text(&row.month),
            Cell::text(row.scope.name()),
            Cell::text(&row.scope_value),
            Cell::text(&row.tag),
            count(row.resources),
            count(row.compliant_resources),
            Cell::Money(row.taggable_cost()),
            Cell::Money(row.valid_cost),
            Cell::Money(row.invalid_cost),
            Cell::Money(row.missing_cost),
            Cell::Money(row.untaggable_cost),
            percent(row.compliance_pct()),
            percent(row.cost_compliance_pct()),
            percent(row.target),
            Cell::text(&row.currency),
            Cell::Money(row.inherited_cost),
            Cell::Money(row.exempt_cost),
            percent(row.change),
        ]);
    }
    table
}

fn count(count: u64) -> Cell {
    Cell::Count(i64::try_from(count).unwrap_or(i64::MAX))
}

/// `tag_violations.csv`.
pub(super) fn violations_table(compliance: &Compliance) -> Table {
    let mut table = Table::new(&[
        "ResourceId",
        "SubAccountId",
        "ServiceName",
        "RegionId",
        "Tag",
        "Kind",
        "Value",
        "Suggestion",
        "SuggestionBasis",
        "MonthCost",
        "BillingCurrency",
        "Note",
    ]);
    for one in &compliance.violations {
        let texts = [
            &one.resource_id,
            &one.sub_account,
            &one.service,
            &one.region,
            &one.tag,
        ]
        .map(Cell::text);
        let mut row: Vec<Cell> = texts.into();
        row.push(Cell::text(one.kind.name()));
        row.extend([
            Cell::text(&one.value),
            Cell::text(&one.suggestion),
            Cell::text(one.basis.map_or("", Basis::name)),
        ]);
        row.extend([Cell::Money(one.cost), Cell::text(&one.currency)]);
        row.push(Cell::text(&one.note));
        table.rows.push(row);
    }
    table
}

/// `tag_inheritance.csv`.
pub(super) fn inheritance_table(compliance: &Compliance) -> Table {
    let mut table = Table::new(&[
        "Month",
        "Tag",
        "From",
        "FromValue",
        "Value",
        "Resources",
        "Cost",
        "BillingCurrency",
    ]);
    for one in &compliance.inherited {
        table.rows.push(vec![
            Cell::text(&one.month),
            Cell::text(&one.tag),
            Cell::text(one.from.name()),
            Cell::text(&one.from_value),
            Cell::text(&one.value),
            count(one.resources),
            Cell::Money(one.cost),
            Cell::text(&one.currency),
        ]);
    }
    table
}

/// `tag_exemptions.csv`.
pub(super) fn exemptions_table(compliance: &Compliance) -> Table {
    let mut table = Table::new(&[
        "Tag",
        "Owner",
        "Reason",
        "Expires",
        "Status",
        "Resources",
        "Cost",
        "BillingCurrency",
    ]);
    for one in &compliance.exempted {
        let (cost, currency) = one.cost.clone().unzip();
        table.rows.push(vec![
            Cell::text(&one.tag),
            Cell::text(&one.owner),
            Cell::text(&one.reason),
            Cell::Day(one.expires),
            Cell::text(one.status.name()),
            count(one.resources),
            Cell::from(cost),
            Cell::text(currency.unwrap_or_default()),
        ]);
    }
    table
}

/// `tag_lift.csv`.
pub(super) fn lift_table(compliance: &Compliance) -> Table {
    let mut table = Table::new(&[
        "Rank",
        "Scope",
        "ScopeValue",
        "Tag",
        "FailingCost",
        "MissingCost",
        "InvalidCost",
        "Resources",
        "LiftPoints",
        "LiftPerResource",
        "BillingCurrency",
        "Month",
    ]);
    for one in &compliance.lifts {
        table.rows.push(vec![
            count(one.rank),
            Cell::text(one.scope.name()),
            Cell::text(&one.scope_value),
            Cell::text(&one.tag),
            Cell::Money(one.failing_cost()),
            Cell::Money(one.missing_cost),
            Cell::Money(one.invalid_cost),
            count(one.resources),
            points(one.points),
            points(one.points_per_resource()),
            Cell::text(&one.currency),
            Cell::text(&one.month),
        ]);
    }
    table
}

/// Ten-thousandths of a percentage point, exactly.
fn points(points: Option<i64>) -> Cell {
    points.map_or(Cell::Empty, |points| {
        let sign = if points < 0 { "-" } else { "" };
        let (whole, rest) = (points.abs() / 10_000, points.abs() % 10_000);
        Cell::Text(format!("{sign}{whole}.{rest:04}"))
    })
}
