//! Commitments that findings set free: what of their low savings is left, and what usage there is to commit to.

use super::commitments::History;
use super::waste::Waste;
use crate::analysis::commitment::pool::{Freed, Pools};
use crate::analysis::finding::{Action, Finding, place};
use crate::analysis::waste::{Bill, Claim, Committable, Finding as Wasted};
use crate::money::{Money, SCALE, split};
use std::cmp::Reverse;

/// Usage that a finding which counts makes go away.
pub(super) struct Gone {
    /// Its place among the machines of rightsizing, then the findings of waste.
    at: usize,
    /// What its low saving is made of.
    sure: Freed,
    /// All that may go away: nobody should commit to it.
    most: Freed,
}

/// What findings that count make go away, in the order of what they can be expected to bring.
pub(super) fn gone(
    bills: &[Bill],
    (machines, waste): (&[Finding], &[Wasted]),
    (claims, counted): (&[Claim], &[bool]),
) -> Vec<Gone> {
    let counted = (0..claims.len()).filter(|&at| counted[at]);
    let mut gone: Vec<(Money, Money, Gone)> = Vec::new();
    for at in counted {
        let claim = &claims[at];
        let Some(lines) = committable(bills, &claim.lines) else {
            continue;
        };
        let high = claim.saving.unwrap_or_default().1;
        let (value, sure) = if let Some(machine) = machines.get(at) {
            (machine.choice.expected_value(), cut(&lines, high))
        } else {
            let one = &waste[at - machines.len()];
            let (low, _) = one.saving.unwrap_or_default();
            (one.expected_value(), freed(&lines, (low, one.covered)))
        };
        // Whoever rests at night is no steady usage at all.
        let most = match claim.action {
            Action::Schedule => freed(&lines, (lines.uncovered, lines.covered)),
            _ => cut(&lines, high),
        };
        gone.push((value, high, Gone { at, sure, most }));
    }
    gone.sort_by_key(|(value, high, gone)| (Reverse((*value, *high)), gone.at));
    gone.into_iter().map(|(.., gone)| gone).collect()
}

/// The first bill's lines that commitments can cover.
fn committable(bills: &[Bill], lines: &[(usize, usize)]) -> Option<Committable> {
    let of = |(at, bill): (usize, &Bill)| {
        let own = lines.iter().filter(|(of, _)| *of == at);
        let meters: Vec<usize> = own.map(|(_, meter)| *meter).collect();
        bill.committable(&meters)
    };
    bills.iter().enumerate().find_map(of)
}

fn freed(lines: &Committable, (on_demand, covered): (Money, Money)) -> Freed {
    Freed {
        scope: lines.scope.clone(),
        currency: lines.currency.clone(),
        on_demand,
        covered,
    }
}

/// A saving, covered as far as the lines are.
fn cut(lines: &Committable, saving: Money) -> Freed {
    let parts = split(saving, &[lines.uncovered, lines.covered], SCALE);
    freed(lines, (parts[0], parts[1]))
}

/// Replays the findings that count on the hours of the bill: their low savings hold together, and what usage is left
/// is returned for whoever commits to it. What is said of it follows as a sentence.
pub(super) fn settle(
    history: &History,
    machines: &mut [Finding],
    waste: &mut Waste,
) -> (Pools, Vec<String>) {
    let pools = history.pools();
    let sure: Vec<Freed> = waste.gone.iter().map(|gone| gone.sure.clone()).collect();
    let lows = pools.clone().lows(&sure);
    let replayed = waste.gone.iter().zip(&lows);
    for (gone, low) in replayed.filter_map(|(gone, low)| Some((gone, (*low)?))) {
        if let Some(machine) = machines.get_mut(gone.at) {
            machine.choice.savings_low = low.min(machine.choice.savings_high);
        } else if let Some((least, most)) = &mut waste.findings[gone.at - machines.len()].saving {
            *least = low.min(*most);
        }
    }
    reorder(machines, &mut waste.machines);
    let mut left = pools;
    let most: Vec<Freed> = waste.gone.iter().map(|gone| gone.most.clone()).collect();
    left.lows(&most);
    (left, notes(history, &sure))
}

/// Low savings changed: findings stand in a new order, and what counts of them with them.
fn reorder(machines: &mut [Finding], counted: &mut Vec<bool>) {
    let names = |one: &Finding| (one.kind, one.resource_id.clone(), one.sub_account.clone());
    let known: std::collections::BTreeMap<_, bool> = machines
        .iter()
        .map(names)
        .zip(counted.iter().copied())
        .collect();
    place(machines);
    *counted = machines
        .iter()
        .map(|one| known.get(&names(one)).copied().unwrap_or(false))
        .collect();
}

fn notes(history: &History, sure: &[Freed]) -> Vec<String> {
    let covered = sure
        .iter()
        .filter(|one| one.covered > Money::ZERO && history.is_daily(&one.currency));
    let count = covered.count();
    if count == 0 {
        return Vec::new();
    }
    let them = if count == 1 { "finding" } else { "findings" };
    vec![format!(
        "low savings of {count} {them} under commitments: the bill knows days only, so of on-demand usage that freed \
         commitments could cover only what every day has counts"
    )]
}
