//! AWS Compute Optimizer's export as advice: its first option is what it recommends. The saving after discounts
//! goes before the one at list price.

use super::super::compute_optimizer::{self, Advice, Offer};
use super::{Advised, currency, days};
use crate::error::Result;
use crate::resource::{Pricing, Recommendation, Recommender, Step};
use std::path::Path;

/// Adds the rows of an export.
pub(super) fn rows(path: &Path, text: &[u8], advised: &mut Advised) -> Result<()> {
    let advice = compute_optimizer::advice(path, text)?;
    advised.entries.extend(advice.into_iter().map(entry));
    Ok(())
}

fn entry(advice: Advice) -> Recommendation {
    let offer = advice.options.first();
    let step = if advice.error.is_some() {
        Step::Nothing
    } else {
        step(&advice, offer)
    };
    let offer = offer.filter(|_| step.is_change() || step == Step::Enlarge);
    let (savings, pricing) = match offer {
        Some(Offer {
            savings_after_discounts: Some(net),
            ..
        }) => (Some(*net), Pricing::Discounted),
        Some(offer) => (offer.monthly_savings, Pricing::List),
        None => (None, Pricing::List),
    };
    let measured = |metric: &str| advice.measured.iter().any(|one| one.metric == metric);
    // A column that was not chosen for the export says nothing.
    let memory = match (measured("MEMORY"), measured("CPU")) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    };
    Recommendation {
        source: Recommender::ComputeOptimizer,
        resource: advice.resource.trim_end_matches(":$LATEST").to_owned(),
        step,
        target: offer.map(|offer| offer.target.clone()).unwrap_or_default(),
        monthly_savings: savings,
        currency: currency(offer.map(|offer| offer.currency.as_str())),
        pricing,
        lookback_days: days(advice.lookback_days.map(|days| days.to_string()).as_deref()),
        memory,
        words: advice
            .error
            .map_or(advice.finding, |error| format!("no judgement: {error}")),
        current: advice.current,
    }
}

fn step(advice: &Advice, offer: Option<&Offer>) -> Step {
    let letters = advice
        .finding
        .chars()
        .filter(|letter| letter.is_alphabetic());
    let finding: String = letters.flat_map(char::to_lowercase).collect();
    let volume = advice.resource.contains(":volume/");
    match finding.as_str() {
        "optimized" => Step::Nothing,
        "overprovisioned" => Step::Resize,
        "underprovisioned" => Step::Enlarge,
        "idle" | "unattached" | "unused" if volume => Step::Delete,
        "idle" => Step::Stop,
        "unattached" | "unused" => Step::Delete,
        "notoptimized" => offer.map_or(Step::Review, |offer| {
            other_shape(&advice.current, &offer.target)
        }),
        _ => Step::Review,
    }
}

/// `gp2 80 GB` to `gp3 80 GB` is another kind of disk; `512 MB` to `848 MB` is a function that is too small.
fn other_shape(current: &str, target: &str) -> Step {
    let head = |shape: &str| shape.split(' ').next().unwrap_or_default().to_owned();
    let (current, target) = (head(current), head(target));
    match (current.parse::<u64>(), target.parse::<u64>()) {
        (Ok(current), Ok(target)) if target > current => Step::Enlarge,
        (Ok(_), Ok(_)) => Step::Resize,
        _ if current == target => Step::Resize,
        _ => Step::Modernise,
    }
}
