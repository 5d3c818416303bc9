//! How often each thing that resources share goes with each value of a tag.

use super::Label;
use super::clues::Evidence;
use super::measure::FOLDS;
use std::collections::{HashMap, HashSet};

/// Fewest tagged resources that must share it (our own choice: two may agree by chance).
const FEWEST: u32 = 3;
/// Least share of them that must agree, in percent (our own choice).
const AGREE_PERCENT: u32 = 90;

/// What one thing that is shared predicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Predicted {
    /// Number of the value.
    pub(super) value: u32,
    /// Tagged resources that share it.
    pub(super) support: u32,
    /// Those of them that have the value.
    pub(super) agree: u32,
    /// What is shared.
    pub(super) clue: u64,
}

/// Value and, fold by fold, how many resources have it.
type Of = Vec<(u32, [u32; FOLDS])>;

/// Counts of one tag.
pub(super) struct Counts {
    by_clue: HashMap<u64, Of>,
}

impl Counts {
    /// Of all resources whose value is known. `own` are the clues that are the tag itself: no evidence for it.
    pub(super) fn new(
        clues: &[Vec<(Evidence, u64)>],
        labels: &[Label],
        folds: &[usize],
        own: &HashSet<u64>,
    ) -> Counts {
        let mut by_clue: HashMap<u64, Of> = HashMap::new();
        for ((clues, label), &fold) in clues.iter().zip(labels).zip(folds) {
            let Label::Known(value) = *label else {
                continue;
            };
            for (_, clue) in clues.iter().filter(|(_, clue)| !own.contains(clue)) {
                let of = by_clue.entry(*clue).or_default();
                if let Some((_, folds)) = of.iter_mut().find(|(known, _)| *known == value) {
                    folds[fold] += 1;
                } else {
                    let mut counts = [0; FOLDS];
                    counts[fold] = 1;
                    of.push((value, counts));
                }
            }
        }
        Counts { by_clue }
    }

    /// What a shared thing predicts where the tags of a fold are hidden.
    pub(super) fn predict(&self, clue: u64, hidden: Option<usize>) -> Option<Predicted> {
        let seen = |folds: &[u32; FOLDS]| {
            let all: u32 = folds.iter().sum();
            all - hidden.map_or(0, |fold| folds[fold])
        };
        let (mut support, mut best) = (0, (0, 0));
        for (value, folds) in self.by_clue.get(&clue)? {
            let count = seen(folds);
            support += count;
            // More than half must agree, so no tie can win.
            if count > best.1 {
                best = (*value, count);
            }
        }
        let (value, agree) = best;
        let enough = support >= FEWEST && agree * 100 >= support * AGREE_PERCENT;
        enough.then_some(Predicted {
            value,
            support,
            agree,
            clue,
        })
    }
}
