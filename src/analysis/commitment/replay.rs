//! What is left of a rightsizing saving while commitments are paid on.
//!
//! Usage that goes away leaves the commitment that covered it free. Free commitment covers other eligible usage of
//! the same hour and scope, and what finds none is paid for nothing: a saving is real only up to the usage that was
//! on demand in that hour. Prices in, prices out; who is in a scope is [`super::scope`]'s.

use crate::money::Money;

/// One hour of a scope before anything is changed, at on-demand price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hour {
    /// Usage that goes away, covered or not.
    pub freed: Money,
    /// Usage of the whole scope that no commitment covers, its own included.
    pub uncovered: Money,
}

/// What of the freed usage is saved, and what becomes unused commitment (at on-demand price).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replay {
    /// Saved on the bill.
    pub realised: Money,
    /// Paid on for nothing.
    pub stranded: Money,
}

/// Replays these hours.
pub fn replay(hours: &[Hour]) -> Replay {
    let mut all = Replay::default();
    for hour in hours {
        let freed = hour.freed.max(Money::ZERO);
        let realised = freed.min(hour.uncovered.max(Money::ZERO));
        all.realised += realised;
        all.stranded += freed - realised;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str) -> Money {
        Money::parse(text.as_bytes()).unwrap()
    }

    fn hour(freed: &str, uncovered: &str) -> Hour {
        Hour {
            freed: money(freed),
            uncovered: money(uncovered),
        }
    }

    #[test]
    fn a_fleet_that_halves_under_a_plan_saves_what_it_ran_on_demand() {
        // 33,638 of usage, 20,000 of it covered by a plan of 14,000. Half of it goes away.
        let before = money("14000") + money("13638");
        let after = money("14000");
        let all = replay(&[hour("16819", "13638")]);
        assert_eq!(all.realised, before - after);
        assert_eq!(all.realised, money("13638"));
        assert_eq!(all.stranded, money("3181"));
        assert_eq!(
            crate::money::ratio(all.realised, money("16819")),
            Some(8_109)
        );
    }

    #[test]
    fn hours_do_not_help_each_other() {
        let all = replay(&[
            hour("10", "0"),
            hour("10", "30"),
            hour("-1", "5"),
            hour("4", "-2"),
        ]);
        assert_eq!((all.realised, all.stranded), (money("10"), money("14")));
    }
}
