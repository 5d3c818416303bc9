//! What a cloud's own recommender advises about a resource: the noun that its lists are read into and that is
//! compared with our findings. It judges nothing.

use crate::money::Money;
use std::fmt;

/// Hours of a month in every saving of a recommendation and of ours.
pub const MONTH_HOURS: i64 = 730;

/// Whose advice it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recommender {
    /// AWS Compute Optimizer, its export.
    ComputeOptimizer,
    /// AWS Cost Optimization Hub, `ListRecommendations`.
    CostOptimizationHub,
    /// Azure Advisor, recommendations on cost.
    Advisor,
    /// Google Cloud Recommender.
    GcpRecommender,
}

impl Recommender {
    /// What is typed for it.
    pub fn word(self) -> &'static str {
        match self {
            Recommender::ComputeOptimizer => "compute-optimizer",
            Recommender::CostOptimizationHub => "cost-optimization-hub",
            Recommender::Advisor => "advisor",
            Recommender::GcpRecommender => "gcp-recommender",
        }
    }

    /// FOCUS `ProviderName` of the resources that it knows.
    pub fn provider(self) -> &'static str {
        match self {
            Recommender::ComputeOptimizer | Recommender::CostOptimizationHub => "AWS",
            Recommender::Advisor => "Microsoft",
            Recommender::GcpRecommender => "Google Cloud",
        }
    }
}

impl fmt::Display for Recommender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Recommender::ComputeOptimizer => "Compute Optimizer",
            Recommender::CostOptimizationHub => "Cost Optimization Hub",
            Recommender::Advisor => "Azure Advisor",
            Recommender::GcpRecommender => "GCP Recommender",
        })
    }
}

/// What is to be done with a resource, in the words of our reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// It was judged, and nothing is to be done.
    Nothing,
    /// Remove it.
    Delete,
    /// Switch it off.
    Stop,
    /// Switch it off at night or at weekends.
    Schedule,
    /// Another size.
    Resize,
    /// Another generation or kind of disk.
    Modernise,
    /// ARM.
    Arm,
    /// It is too small.
    Enlarge,
    /// Buy a commitment: no advice about one resource.
    Commit,
    /// Anything else, to be looked at.
    Review,
}

impl Step {
    /// The step that a report's word means; a word that is not known is to be looked at.
    pub fn of(word: &str) -> Step {
        match word {
            "" => Step::Nothing,
            "delete" => Step::Delete,
            "stop" => Step::Stop,
            "schedule" => Step::Schedule,
            "resize" => Step::Resize,
            "modernise" => Step::Modernise,
            "arm" => Step::Arm,
            _ => Step::Review,
        }
    }

    /// True where the resource becomes another type.
    pub fn is_change(self) -> bool {
        matches!(self, Step::Resize | Step::Modernise | Step::Arm)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::Nothing => "nothing",
            Step::Delete => "delete",
            Step::Stop => "stop",
            Step::Schedule => "schedule",
            Step::Resize => "resize",
            Step::Modernise => "modernise",
            Step::Arm => "arm",
            Step::Enlarge => "enlarge",
            Step::Commit => "commit",
            Step::Review => "review",
        })
    }
}

/// What a saving of theirs is net of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pricing {
    /// Net of discounts and commitments.
    Discounted,
    /// List or contract prices by the settings of their account; the list does not say which.
    Unstated,
    /// List prices.
    List,
}

/// One entry of a recommender's list about one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Recommendation {
    /// Whose it is.
    pub source: Recommender,
    /// The resource as the list prints it.
    pub resource: String,
    /// What is to be done.
    pub step: Step,
    /// Their own word for it: `OVER_PROVISIONED`, `Rightsize`, a sentence.
    pub words: String,
    /// What it is now, empty where the list does not say.
    pub current: String,
    /// What it should become, empty where it is no change of type or not named.
    pub target: String,
    /// Saving per month of [`MONTH_HOURS`]; `None` where the list has none.
    pub monthly_savings: Option<Money>,
    /// Currency of the saving, empty where the list does not say.
    pub currency: String,
    /// What the saving is net of.
    pub pricing: Pricing,
    /// Days looked at.
    pub lookback_days: Option<u32>,
    /// Whether memory was measured; `None` where the list does not say.
    pub memory: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_words_are_steps_and_unknown_ones_are_looked_at() {
        for word in [
            "delete",
            "stop",
            "schedule",
            "resize",
            "modernise",
            "arm",
            "review",
        ] {
            assert_eq!(Step::of(word).to_string(), word);
        }
        assert_eq!(
            (Step::of(""), Step::of("retier")),
            (Step::Nothing, Step::Review)
        );
    }
}
