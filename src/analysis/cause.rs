//! Why a cost moved: more usage, another rate, another mix of rates, or a line that is new. It
//! judges lines that somebody else has chosen.

/// An expected cost under this share of the actual one is nothing: the line is new.
const NEW_SHARE: f64 = 0.02;

/// What kind of change moved the cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// More or less was used.
    Usage,
    /// The same cost more or less: a discount or commitment began or ended.
    Rate,
    /// Lines of different rates changed their shares.
    Mix,
    /// The line did not exist before.
    New,
}

impl Cause {
    /// The published name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Rate => "rate",
            Self::Mix => "mix",
            Self::New => "new",
        }
    }
}

/// One leaf over the incident's days: what it cost and what the weeks before promised.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Move {
    pub(super) actual: f64,
    pub(super) expected: f64,
    /// The same at list prices, where known.
    pub(super) list: Option<(f64, f64)>,
}

impl Move {
    pub(super) fn delta(&self) -> f64 {
        self.actual - self.expected
    }

    pub(super) fn is_new(&self) -> bool {
        self.expected.abs() <= NEW_SHARE * self.actual.abs()
    }
}

/// Splits the change of cost = list cost × rate, line by line, into usage (the total at list
/// prices), mix (its distribution over lines of different rates) and rate (the lines' own rates).
pub(super) fn cause(lines: &[Move]) -> Cause {
    let mut before = (0.0, 0.0);
    let mut after = 0.0;
    let (mut at_old_rates, mut rate) = (0.0, 0.0);
    for line in lines {
        let Some((list, list_before)) = line.list else {
            return Cause::Usage;
        };
        before = (before.0 + line.expected, before.1 + list_before);
        after += list;
        let known = list_before.abs() > f64::EPSILON;
        let at_old_rate = if known {
            list * line.expected / list_before
        } else {
            line.actual
        };
        at_old_rates += at_old_rate;
        rate += line.actual - at_old_rate;
    }
    if before.1.abs() <= f64::EPSILON {
        return Cause::Usage;
    }
    let average_rate = before.0 / before.1;
    let usage = average_rate * (after - before.1);
    let mix = at_old_rates - average_rate * after;
    if rate.abs() > usage.abs() && rate.abs() > mix.abs() {
        Cause::Rate
    } else if mix.abs() > usage.abs() {
        Cause::Mix
    } else {
        Cause::Usage
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause_of(list: &[(f64, f64)], costs: &[(f64, f64)]) -> Cause {
        let lines: Vec<_> = list
            .iter()
            .zip(costs)
            .map(|(list, cost)| Move {
                actual: cost.1,
                expected: cost.0,
                list: Some((list.1, list.0)),
            })
            .collect();
        cause(&lines)
    }

    #[test]
    fn a_lost_discount_is_rate_and_more_hours_are_usage() {
        assert_eq!(cause_of(&[(100.0, 100.0)], &[(60.0, 100.0)]), Cause::Rate);
        assert_eq!(cause_of(&[(100.0, 200.0)], &[(60.0, 120.0)]), Cause::Usage);
    }

    #[test]
    fn hours_that_moved_from_discounted_to_full_price_are_mix() {
        assert_eq!(
            cause_of(
                &[(100.0, 50.0), (100.0, 150.0)],
                &[(40.0, 20.0), (100.0, 150.0)]
            ),
            Cause::Mix
        );
    }
}
