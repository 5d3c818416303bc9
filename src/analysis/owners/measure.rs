//! How good the evidence is: the tags of a fifth of the tagged resources are hidden, five times, and guessed.
//!
//! Which fifth a resource is in depends on its id alone, so a measurement is the same tomorrow. Amounts are of the
//! estate's main currency only.

use super::clues::{Evidence, fnv};
use super::counts::{Counts, Predicted};
use super::{Label, Unit};
use crate::analysis::compliance::TaggedCharge;
use crate::money::{Money, ratio};

/// Parts that take turns in being hidden: 20 % each.
pub(super) const FOLDS: usize = 5;
/// Fewest guesses from which a precision is worth something (our own choice).
const FEWEST_GUESSES: u32 = 5;

/// How good one kind of evidence is for one tag, or all of them together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accuracy {
    /// The key as the policy has it.
    pub tag: String,
    /// Kind of the evidence; `(all)` and `(all, no owner tag known)` are rows of their own.
    pub evidence: &'static str,
    /// Resources whose tag was hidden.
    pub hidden: u64,
    /// Those for which a value was suggested.
    pub suggested: u64,
    /// Those for which it was the hidden one.
    pub right: u64,
    /// The same as cost of the latest month, in `currency`.
    pub costs: [Money; 3],
    /// The currency of most charges.
    pub currency: String,
    /// True where the evidence is good enough to be used.
    pub used: bool,
}

/// The name of the row about the best evidence of each resource.
pub(super) const ALL_EVIDENCE: &str = "(all)";
/// The name of the row about resources of which every owner tag is hidden, as of those without any tag.
pub(super) const WITHOUT_OWNER_TAGS: &str = "(all, no owner tag known)";

impl Accuracy {
    /// True of the row about resources of which every owner tag is hidden.
    pub fn is_untagged(&self) -> bool {
        self.evidence == WITHOUT_OWNER_TAGS
    }

    /// Right ones among the suggested, in hundredths of a percent.
    pub fn precision(&self) -> Option<i64> {
        share(self.right, self.suggested)
    }

    /// Right ones among the hidden, in hundredths of a percent.
    pub fn recall(&self) -> Option<i64> {
        share(self.right, self.hidden)
    }

    /// Right cost among the suggested, in hundredths of a percent.
    pub fn cost_precision(&self) -> Option<i64> {
        ratio(self.costs[2], self.costs[1])
    }

    /// Right cost among the hidden, in hundredths of a percent.
    pub fn cost_recall(&self) -> Option<i64> {
        ratio(self.costs[2], self.costs[0])
    }
}

fn share(part: u64, whole: u64) -> Option<i64> {
    let count = |count: u64| Money::from_units(i128::from(count));
    ratio(count(part), count(whole))
}

/// Which part a resource is hidden with.
pub(super) fn fold(charge: &TaggedCharge) -> usize {
    let hash = fnv([&charge.provider, &charge.sub_account, &charge.resource_id]);
    // The low bits of a product depend on few bits of its factors: the high ones are mixed better.
    usize::try_from((hash >> 32) % FOLDS as u64).unwrap_or(0)
}

/// Everything known about one tag.
pub(super) struct Sample<'s, 'a> {
    pub(super) units: &'s [Unit<'a>],
    pub(super) clues: &'s [Vec<(Evidence, u64)>],
    pub(super) labels: &'s [Label],
    pub(super) folds: &'s [usize],
    /// The values that the inventory lists.
    pub(super) listed: &'s [Option<u32>],
    pub(super) main: &'s str,
}

impl Sample<'_, '_> {
    /// What one kind of evidence says about a resource: of several things that it shares, the one that most agree on.
    pub(super) fn predict(
        &self,
        counts: &Counts,
        at: usize,
        kind: Evidence,
        hidden: Option<usize>,
    ) -> Option<Predicted> {
        if kind == Evidence::Inventory {
            return self.listed[at].map(|value| Predicted {
                value,
                support: 1,
                agree: 1,
                clue: 0,
            });
        }
        let own = self.clues[at].iter().filter(|(known, _)| *known == kind);
        let all = own.filter_map(|(_, clue)| counts.predict(*clue, hidden));
        all.max_by_key(|p| {
            (
                u64::from(p.agree) * 1_000 / u64::from(p.support),
                p.support,
                p.clue,
            )
        })
    }
}

/// Guesses of one kind, fold by fold.
#[derive(Clone, Copy, Default)]
struct Tally {
    suggested: [u32; FOLDS],
    right: [u32; FOLDS],
    costs: [Money; 2],
}

impl Tally {
    fn add(&mut self, fold: usize, is_right: bool, cost: Money) {
        self.suggested[fold] += 1;
        self.right[fold] += u32::from(is_right);
        self.costs[0] += cost;
        if is_right {
            self.costs[1] += cost;
        }
    }

    /// Guesses and right ones, one fold left out.
    fn sums(&self, without: Option<usize>) -> (u32, u32) {
        let sum = |folds: &[u32; FOLDS]| {
            let all: u32 = folds.iter().sum();
            all - without.map_or(0, |fold| folds[fold])
        };
        (sum(&self.suggested), sum(&self.right))
    }

    /// Precision in hundredths of a percent, where it is worth something and good enough.
    fn trusted(&self, without: Option<usize>, least: i64) -> Option<i64> {
        let (suggested, right) = self.sums(without);
        let precision = share(u64::from(right), u64::from(suggested))?;
        (suggested >= FEWEST_GUESSES && precision >= least).then_some(precision)
    }
}

/// Everything that was measured for one tag.
pub(super) struct Measured {
    kinds: Vec<(Evidence, Tally)>,
    all: [(&'static str, Tally); 2],
    hidden: u64,
    hidden_cost: Money,
    currency: String,
    least: i64,
}

/// Hides and guesses every tagged resource once.
pub(super) fn measure(sample: &Sample, counts: &Counts, least: i64) -> Measured {
    let kinds = Evidence::ALL.map(|kind| (kind, Tally::default()));
    let mut measured = Measured {
        kinds: kinds.to_vec(),
        all: [ALL_EVIDENCE, WITHOUT_OWNER_TAGS].map(|name| (name, Tally::default())),
        hidden: 0,
        hidden_cost: Money::ZERO,
        currency: sample.main.to_owned(),
        least,
    };
    let mut guesses: Vec<(usize, u32, Vec<(usize, u32)>)> = Vec::new();
    for (at, label) in sample.labels.iter().enumerate() {
        let Label::Known(value) = *label else {
            continue;
        };
        let (fold, cost) = (sample.folds[at], cost(sample, at));
        measured.hidden += 1;
        measured.hidden_cost += cost;
        let mut own = Vec::new();
        for (place, (kind, tally)) in measured.kinds.iter_mut().enumerate() {
            if let Some(guess) = sample.predict(counts, at, *kind, Some(fold)) {
                tally.add(fold, guess.value == value, cost);
                own.push((place, guess.value));
            }
        }
        guesses.push((at, value, own));
    }
    for (at, value, own) in guesses {
        measured.combine(&own, (value, sample.folds[at]), cost(sample, at));
    }
    measured
}

fn cost(sample: &Sample, at: usize) -> Money {
    sample.units[at]
        .costs
        .get(sample.main)
        .copied()
        .unwrap_or_default()
}

impl Measured {
    /// Takes the guess of the kind that was best on the other folds, with and without the owner tags.
    fn combine(&mut self, own: &[(usize, u32)], (value, fold): (u32, usize), cost: Money) {
        for (row, with_owner_tags) in [(0, true), (1, false)] {
            let kinds = own.iter().filter_map(|&(place, guess)| {
                let (kind, tally) = &self.kinds[place];
                let precision = tally.trusted(Some(fold), self.least)?;
                // A tag that is hidden is hidden in the inventory too.
                let usable = match kind {
                    Evidence::Inventory => false,
                    Evidence::OwnerTag => with_owner_tags,
                    _ => true,
                };
                usable.then_some((precision, std::cmp::Reverse(place), guess))
            });
            if let Some((.., guess)) = kinds.max() {
                self.all[row].1.add(fold, guess == value, cost);
            }
        }
    }

    /// The kinds of evidence that are good enough, best first, with their precision in hundredths of a percent.
    pub(super) fn trusted(&self) -> Vec<(Evidence, i64)> {
        let trusted = self.kinds.iter().filter_map(|(kind, tally)| {
            let precision = tally.trusted(None, self.least)?;
            Some((*kind, precision))
        });
        let mut trusted: Vec<(Evidence, i64)> = trusted.collect();
        trusted.sort_by_key(|&(kind, precision)| (std::cmp::Reverse(precision), kind));
        trusted
    }

    /// A row per kind that guessed at all, then what all of them come to.
    pub(super) fn accuracy(&self, tag: &str) -> Vec<Accuracy> {
        let row = |evidence: &'static str, tally: &Tally, used: bool| {
            let (suggested, right) = tally.sums(None);
            Accuracy {
                tag: tag.to_owned(),
                evidence,
                hidden: self.hidden,
                suggested: u64::from(suggested),
                right: u64::from(right),
                costs: [self.hidden_cost, tally.costs[0], tally.costs[1]],
                currency: self.currency.clone(),
                used,
            }
        };
        let guessed = self
            .kinds
            .iter()
            .filter(|(_, tally)| tally.sums(None).0 > 0);
        let kinds = guessed.map(|(kind, tally)| {
            row(
                kind.name(),
                tally,
                tally.trusted(None, self.least).is_some(),
            )
        });
        let all = self.all.iter().map(|(name, tally)| row(name, tally, true));
        kinds.chain(all).collect()
    }
}
