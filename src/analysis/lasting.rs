//! What an incident costs as a whole. A new level is the expected one after a week, but its money is
//! still spent: here the days are held against what the week before the incident promised, until the
//! cost comes back.

use std::ops::Range;

use super::anomaly::{DayScore, Flags};

/// Longest window, in days: a quarter later it is the budget's matter.
const LONGEST: usize = 90;
/// Share of the first move under which a day is back, and days in a row that make it so.
const BACK_SHARE: f64 = 0.25;
const BACK_DAYS: usize = 3;
/// First days whose middle one is the size of the move.
const FIRST_DAYS: usize = 6;

/// The day whose expectation an incident day is held against: the same weekday of the week before
/// the incident, which the incident cannot have bent.
pub(super) fn frozen_day(at: usize, start: usize) -> usize {
    let weeks = (at - start) / 7 + 1;
    at.checked_sub(7 * weeks).unwrap_or(start)
}

/// What the week before an incident that began at `start` promised for the day at `at`.
pub(super) fn promised(scores: &[DayScore], at: usize, start: usize) -> f64 {
    let frozen = &scores[frozen_day(at, start)];
    let odd = [Flags::CALENDAR, Flags::NEW, Flags::INTERMITTENT, Flags::OFF];
    let is_odd = |day: &DayScore| odd.iter().any(|flag| day.flags.contains(*flag));
    if is_odd(frozen) || is_odd(&scores[at]) {
        scores[at].expected
    } else {
        frozen.expected
    }
}

/// The days from `start` on which the incident lasts, and what they cost beyond the promise: until
/// three days in a row are back, or for 90 days, or up to the newest day.
pub(super) fn lasting(scores: &[DayScore], start: usize) -> (Range<usize>, f64) {
    let excess = |at: usize| scores[at].actual - promised(scores, at, start);
    let last = scores.len().min(start + LONGEST);
    let mut first = [0.0; FIRST_DAYS];
    let known = FIRST_DAYS.min(last - start);
    for (day, first) in first[..known].iter_mut().enumerate() {
        *first = excess(start + day);
    }
    let size = super::robust::median(&mut first[..known]);
    let is_back = |at: usize| excess(at) * size.signum() < BACK_SHARE * size.abs();
    let mut back = 0;
    let mut end = last;
    for at in start + 1..last {
        back = if is_back(at) { back + 1 } else { 0 };
        if back == BACK_DAYS {
            end = at + 1 - BACK_DAYS;
            break;
        }
    }
    (start..end, (start..end).map(excess).sum())
}
