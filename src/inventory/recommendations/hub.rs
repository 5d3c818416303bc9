//! AWS Cost Optimization Hub, `list-recommendations`. Buying commitments is no advice about a resource and is
//! counted aside.

use super::super::json::Document;
use super::super::loose::Word;
use super::{Advised, COMMITMENTS, NO_RESOURCE, amount, currency, days};
use crate::error::Result;
use crate::resource::{Pricing, Recommendation, Recommender, Step};
use serde::Deserialize;
use std::path::Path;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Entry {
    resource_arn: Word,
    resource_id: Word,
    action_type: Word,
    current_resource_summary: Word,
    recommended_resource_summary: Word,
    estimated_monthly_savings: Word,
    currency_code: Word,
    recommendation_lookback_period_in_days: Word,
}

/// Adds a document's entries.
pub(super) fn entries(path: &Path, document: Document<'_>, advised: &mut Advised) -> Result<()> {
    for entry in super::entries::<Entry>(path, document, Recommender::CostOptimizationHub)? {
        let step = step(entry.action_type.0.as_deref().unwrap_or_default());
        if step == Step::Commit {
            advised.leave(COMMITMENTS);
            continue;
        }
        let Some(resource) = entry.resource_arn.0.or(entry.resource_id.0) else {
            advised.leave(NO_RESOURCE);
            continue;
        };
        let savings = amount(
            "estimatedMonthlySavings",
            entry.estimated_monthly_savings.0.as_deref(),
        )
        .map_err(|what| document.error(path, format!("{what} ({resource})")))?;
        let target = entry
            .recommended_resource_summary
            .0
            .filter(|_| step.is_change());
        advised.entries.push(Recommendation {
            source: Recommender::CostOptimizationHub,
            resource: resource.trim_end_matches(":$LATEST").to_owned(),
            step,
            words: entry.action_type.0.unwrap_or_default(),
            current: entry.current_resource_summary.0.unwrap_or_default(),
            target: target.unwrap_or_default(),
            monthly_savings: savings,
            currency: currency(entry.currency_code.0.as_deref()),
            // Net of discounts unless the account chose otherwise, which the list does not say.
            pricing: Pricing::Unstated,
            lookback_days: days(entry.recommendation_lookback_period_in_days.0.as_deref()),
            memory: None,
        });
    }
    Ok(())
}

fn step(action: &str) -> Step {
    match action {
        "Rightsize" | "ScaleIn" => Step::Resize,
        "Stop" => Step::Stop,
        "Delete" => Step::Delete,
        "Upgrade" => Step::Modernise,
        "MigrateToGraviton" => Step::Arm,
        _ if action.starts_with("Purchase") => Step::Commit,
        _ => Step::Review,
    }
}
