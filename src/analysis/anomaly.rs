//! Scores each day of a cost series against what the days before it promised. It never looks ahead,
//! never demands a fee that the calendar merely allows, and never calls silence of a batch job a drop.

use chrono::{NaiveDate, TimeDelta};

use super::completeness::COMPLETE;
use super::walk::Walk;

/// Signed sigmas at which a day is an alert by default. Chosen on a synthetic benchmark of labelled
/// billing series, where 3.5 and 4 gave the best balance of precision and recall.
pub const ALERT_SIGMAS: f64 = 3.5;
/// Days of history before the first score.
pub const WARM_UP_DAYS: u16 = 21;
/// Costs beyond this (in currency a day) are no bill; the bound keeps every sum finite.
const LARGEST_COST: f64 = 1e15;

/// What the caller knows about a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Newest days whose charges may still arrive: they score no drops and are not mature. Two by
    /// default, since providers deliver a day's charges for up to two more days. Not asked where
    /// `completeness` knows better.
    pub provisional_days: usize,
    /// Share of the newest days that has arrived, oldest first, as
    /// [`super::completeness::completeness`] finds it; empty when unknown. A day under
    /// [`super::completeness::COMPLETE`] scores no drops and is not mature.
    pub completeness: Vec<f64>,
    /// First day on which the account has any cost: a series that begins at least
    /// [`WARM_UP_DAYS`] later is new. `None` when unknown: then nothing is called new.
    pub account_since: Option<NaiveDate>,
    /// Least noise of a day in currency: an alert needs at least about 3.5 times this.
    pub money_floor: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            provisional_days: 2,
            completeness: Vec::new(),
            account_since: None,
            money_floor: 0.1,
        }
    }
}

impl Options {
    /// The same with every day complete.
    #[must_use]
    pub fn complete(&self) -> Options {
        Options {
            provisional_days: 0,
            completeness: Vec::new(),
            ..self.clone()
        }
    }

    /// Whether the charges of a day so many days from the end (1 is the newest) have all arrived, as far as anybody
    /// knows.
    pub(super) fn is_complete(&self, back: usize) -> bool {
        let known = &self.completeness;
        if known.is_empty() {
            return back > self.provisional_days;
        }
        let newest = known.len().checked_sub(back);
        newest.is_none_or(|newest| known[newest] >= COMPLETE)
    }
}

/// Why a day's score is what it is; a small set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags(u8);

impl Flags {
    /// Past months showed a cost on the same date.
    pub const CALENDAR: Self = Self(1);
    /// Judged against active days only.
    pub const INTERMITTENT: Self = Self(2);
    /// Several small moves in a row made the score.
    pub const RUN: Self = Self(4);
    /// The series is new in its account.
    pub const NEW: Self = Self(8);
    /// The series was switched off and that is known.
    pub const OFF: Self = Self(16);
    /// Weeks held against the weeks before made the score.
    pub const SLOW: Self = Self(64);
    /// A planned event widened the range.
    pub const PLANNED: Self = Self(128);
    /// From the next day on the new level is the expected one.
    pub const REBASED: Self = Self(32);

    /// Whether all of `flags` are set.
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// The names of the flags that are set, in a fixed order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        const NAMES: [&str; 8] = [
            "calendar",
            "intermittent",
            "run",
            "new",
            "off",
            "rebased",
            "slow",
            "planned",
        ];
        NAMES
            .into_iter()
            .enumerate()
            .filter(move |(bit, _)| self.0 & (1 << bit) != 0)
            .map(|(_, name)| name)
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// One scored day; costs in the currency of the series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DayScore {
    /// The day.
    pub day: NaiveDate,
    /// What it cost.
    pub actual: f64,
    /// What the days before it promised.
    pub expected: f64,
    /// Usual range: the costs that would score minus and plus [`ALERT_SIGMAS`].
    pub lower: f64,
    /// See `lower`.
    pub upper: f64,
    /// Signed sigmas: above the expectation is positive.
    pub score: f64,
    /// False while charges of the day may still arrive.
    pub mature: bool,
    /// Why.
    pub flags: Flags,
}

/// Scores the days of one series, `values[0]` being the cost of `first_day` and gaps being zero.
/// Days before there is enough history are left out; not-a-number counts as zero.
pub fn score(first_day: NaiveDate, values: &[f64], options: &Options) -> Vec<DayScore> {
    let costs: Vec<f64> = values.iter().map(|cost| readable(*cost)).collect();
    let Some(start) = costs.iter().position(|cost| *cost != 0.0) else {
        return Vec::new();
    };
    let account_is_older = options.account_since.is_some_and(|since| {
        first_day
            .iter_days()
            .nth(start)
            .is_some_and(|begun| begun - since >= TimeDelta::days(i64::from(WARM_UP_DAYS)))
    });
    let mut walk = Walk::new(&costs, start, account_is_older, options);
    let mut scores = Vec::with_capacity(costs.len() - start);
    for (at, day) in first_day
        .iter_days()
        .enumerate()
        .take(costs.len())
        .skip(start)
    {
        scores.extend(walk.step(at, day));
    }
    scores
}

/// Says of the newest scores up to `last` whether their days are complete, and takes back the drops of those that are
/// not. What `score` judged with every day complete becomes what it judges with these options: how much of a day has
/// arrived changes nothing that the days after it learn.
pub fn ripen(scores: &mut [DayScore], last: NaiveDate, options: &Options) {
    let newest = options.provisional_days.max(options.completeness.len());
    let from = scores.len().saturating_sub(newest);
    for one in &mut scores[from..] {
        let back = usize::try_from((last - one.day).num_days()).map_or(0, |days| days + 1);
        one.mature = options.is_complete(back);
        if !one.mature {
            one.score = one.score.max(0.0);
        }
    }
}

fn readable(cost: f64) -> f64 {
    if cost.is_finite() {
        cost.clamp(-LARGEST_COST, LARGEST_COST)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analysis::incident::{Gates, incidents};

    fn first() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()
    }

    fn all_mature() -> Options {
        Options {
            provisional_days: 0,
            ..Options::default()
        }
    }

    fn scores(costs: &[f64]) -> Vec<DayScore> {
        score(first(), costs, &all_mature())
    }

    /// About 100 a day with a small wobble that no weekday explains.
    fn usual(days: usize) -> Vec<f64> {
        [100.0, 103.0, 98.0, 101.0, 97.0]
            .into_iter()
            .cycle()
            .take(days)
            .collect()
    }

    fn alerts(costs: &[f64]) -> Vec<usize> {
        let alert = |day: &DayScore| day.score.abs() >= ALERT_SIGMAS;
        let index = |day: DayScore| usize::try_from((day.day - first()).num_days()).unwrap();
        scores(costs).into_iter().filter(alert).map(index).collect()
    }

    #[test]
    fn scores_begin_after_three_weeks() {
        assert!(scores(&usual(21)).is_empty());
        assert_eq!(scores(&usual(22)).len(), 1);
    }

    #[test]
    fn a_usual_bill_raises_no_alert() {
        assert_eq!(alerts(&usual(200)), Vec::<usize>::new());
    }

    #[test]
    fn a_spike_is_one_alert_and_leaves_no_echo() {
        let mut costs = usual(120);
        costs[80] = 200.0;
        assert_eq!(alerts(&costs), [80]);
    }

    #[test]
    fn a_new_level_is_accepted_after_six_days() {
        let mut costs = usual(120);
        costs[80..].iter_mut().for_each(|cost| *cost *= 2.0);
        assert_eq!(alerts(&costs), [80, 81, 82, 83, 84, 85]);
    }

    #[test]
    fn a_series_switched_off_is_a_drop_once_and_its_return_is_none() {
        let mut costs = usual(140);
        costs[80..110].fill(0.0);
        assert_eq!(alerts(&costs), [80, 81, 82, 83, 84, 85]);
        let off = scores(&costs)
            .into_iter()
            .find(|day| day.flags.contains(Flags::OFF))
            .unwrap();
        assert_eq!(off.flags.names().collect::<Vec<_>>(), ["off"]);
    }

    #[test]
    fn the_newest_days_are_not_mature_and_never_drop() {
        let mut costs = usual(80);
        costs[78..].fill(30.0);
        let scores = score(first(), &costs, &Options::default());
        assert!(scores[scores.len() - 3].mature);
        for day in &scores[scores.len() - 2..] {
            assert!(!day.mature && day.score >= 0.0);
        }
        assert_eq!(alerts(&costs), [78, 79]);
    }

    #[test]
    fn a_monthly_fee_is_excused_up_to_its_size() {
        let mut costs = usual(120);
        for day in [0, 31, 59] {
            costs[day] += 500.0;
        }
        let with_fee = |fee: f64| {
            let mut costs = costs.clone();
            costs[90] += fee;
            alerts(&costs)
        };
        assert_eq!(with_fee(0.0), Vec::<usize>::new());
        assert_eq!(with_fee(500.0), Vec::<usize>::new());
        assert_eq!(with_fee(1500.0), [90]);
    }

    #[test]
    fn a_batch_job_may_be_silent_but_not_suddenly_dear() {
        let mut costs: Vec<f64> = (0..120)
            .map(|day| if day % 5 == 0 { 50.0 } else { 0.0 })
            .collect();
        costs[105] = 0.0;
        costs[110] = 500.0;
        assert_eq!(alerts(&costs), [110]);
    }

    #[test]
    fn a_late_series_is_new_only_in_an_older_account() {
        let mut costs = vec![0.0; 60];
        costs[50..].fill(40.0);
        let new_days = |since| {
            let options = Options {
                account_since: since,
                ..all_mature()
            };
            score(first(), &costs, &options)
                .iter()
                .filter(|day| day.flags.contains(Flags::NEW))
                .count()
        };
        assert_eq!(new_days(Some(first())), 7);
        assert_eq!(new_days(first().checked_add_days(chrono::Days::new(45))), 0);
        assert_eq!(new_days(None), 0);
    }

    #[test]
    fn flat_empty_and_broken_series_are_quiet() {
        assert!(scores(&[]).is_empty());
        assert!(scores(&[0.0; 90]).is_empty());
        assert!(scores(&[7.0]).is_empty());
        assert_eq!(alerts(&[12.5; 90]), Vec::<usize>::new());
        assert_eq!(alerts(&[-12.5; 90]), Vec::<usize>::new());
        assert!(scores(&[f64::NAN; 90]).is_empty());
    }

    fn any_cost() -> impl Strategy<Value = f64> {
        prop_oneof![
            6 => 50.0..150.0_f64,
            3 => Just(0.0),
            1 => -200.0..0.0_f64,
            1 => prop::num::f64::ANY,
            1 => Just(1e12),
        ]
    }

    #[test]
    fn a_complete_day_may_drop_though_it_is_the_newest() {
        let mut costs = usual(80);
        costs[79] = 30.0;
        let newest = |completeness: &[f64]| {
            let options = Options {
                completeness: completeness.to_vec(),
                ..Options::default()
            };
            score(first(), &costs, &options)[58]
        };
        assert!(newest(&[1.0, 1.0]).score < -ALERT_SIGMAS && newest(&[1.0, 1.0]).mature);
        assert!(newest(&[1.0, 0.6]).score >= 0.0 && !newest(&[1.0, 0.6]).mature);
    }

    proptest! {
        /// Incidents are checked here too: they are sums of these numbers.
        #[test]
        fn no_series_makes_a_number_that_is_none(
            costs in prop::collection::vec(any_cost(), 0..220),
            repeated in 1..40_usize,
            money_floor in prop_oneof![Just(0.1), Just(0.0), Just(f64::NAN)],
        ) {
            let costs: Vec<f64> = costs.iter().flat_map(|cost| vec![*cost; repeated]).take(400).collect();
            let options = Options { money_floor, account_since: Some(first()), ..Options::default() };
            let scores = score(first(), &costs, &options);
            for incident in incidents(&scores, &Gates::default()) {
                prop_assert!(incident.impact.is_finite() && incident.score.is_finite());
                prop_assert!(incident.impact_pct.is_none_or(f64::is_finite), "{incident:?}");
            }
            for day in scores {
                for number in [day.actual, day.expected, day.lower, day.upper, day.score] {
                    prop_assert!(number.is_finite(), "{day:?}");
                }
                prop_assert!(day.lower <= day.expected && day.expected <= day.upper, "{day:?}");
            }
        }

        #[test]
        fn days_may_ripen_after_they_were_scored(
            costs in prop::collection::vec(any_cost(), 20..160),
            provisional_days in 0..5_usize,
            completeness in prop::collection::vec(0.5..1.0_f64, 0..5),
        ) {
            let options = Options { provisional_days, completeness, ..Options::default() };
            let last = first() + chrono::Days::new(costs.len() as u64 - 1);
            let mut ripened = score(first(), &costs, &options.complete());
            ripen(&mut ripened, last, &options);
            prop_assert_eq!(ripened, score(first(), &costs, &options));
        }

        #[test]
        fn the_future_never_changes_a_score(
            costs in prop::collection::vec(any_cost(), 60..160),
            cut in 30..60_usize,
        ) {
            let whole = scores(&costs);
            let start = scores(&costs[..cut]);
            prop_assert_eq!(&whole[..start.len()], &start[..]);
        }
    }
}
