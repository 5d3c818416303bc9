//! Which of many findings count: every charge can be saved once.
//!
//! Findings compete for lines of the bill. The stronger action takes them (delete, stop, schedule, resize, retier,
//! license, modernise, ARM), then the larger low saving; whoever finds a line taken is told and not counted. Since
//! no saving exceeds the cost of its lines, what counts never exceeds what the resources cost.

use crate::analysis::finding::Action;
use crate::money::Money;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// What a finding wants.
#[derive(Clone, Debug)]
pub struct Claim {
    /// What would be done.
    pub action: Action,
    /// Low and high saving; none: it never counts.
    pub saving: Option<(Money, Money)>,
    /// The lines it is saved on: bill and meter.
    pub lines: Vec<(usize, usize)>,
    /// Breaks ties.
    pub name: String,
}

/// Which claims count, in their order.
pub fn settle(claims: &[Claim]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..claims.len()).collect();
    order.sort_by_cached_key(|&at| {
        let claim = &claims[at];
        let saving = claim.saving.unwrap_or_default();
        (claim.action, Reverse(saving), claim.name.clone(), at)
    });
    let mut taken: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut counted = vec![false; claims.len()];
    for at in order {
        let claim = &claims[at];
        if claim.saving.is_none() || claim.lines.iter().any(|line| taken.contains(line)) {
            continue;
        }
        taken.extend(&claim.lines);
        counted[at] = true;
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(action: Action, saving: i128, lines: &[(usize, usize)]) -> Claim {
        Claim {
            action,
            saving: Some((Money::from_units(saving), Money::from_units(saving))),
            lines: lines.to_vec(),
            name: String::new(),
        }
    }

    #[test]
    fn the_stronger_action_takes_the_line() {
        let claims = [
            claim(Action::Resize, 90, &[(0, 1)]),
            claim(Action::Stop, 10, &[(0, 1), (0, 2)]),
            claim(Action::Modernise, 5, &[(0, 3)]),
        ];
        assert_eq!(settle(&claims), [false, true, true]);
    }

    #[test]
    fn the_larger_of_two_equal_actions_counts() {
        let claims = [
            claim(Action::Retier, 3, &[(0, 1)]),
            claim(Action::Retier, 4, &[(0, 1)]),
        ];
        assert_eq!(settle(&claims), [false, true]);
    }

    #[test]
    fn what_nobody_can_price_takes_nothing() {
        let unknown = Claim {
            saving: None,
            ..claim(Action::Delete, 0, &[(0, 1)])
        };
        assert_eq!(
            settle(&[unknown, claim(Action::Arm, 1, &[(0, 1)])]),
            [false, true]
        );
    }
}
