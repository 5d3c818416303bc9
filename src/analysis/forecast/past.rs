//! Past forecasts against what came: every forecast that was published is kept, and judged once its last day is known.
//! It never judges a window that is not complete, and never forgets a bad one.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::interval::Interval;

/// Days after which a judged forecast may be forgotten.
pub const KEPT_DAYS: u64 = 400;

/// What a forecast was about. Its order is the order of the table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// First day that was not known.
    pub origin: NaiveDate,
    /// Kind of scope (`total`, `service`, `account`, `team`, `environment`) and its value.
    pub scope: (String, String),
    /// Name of the span (`month_end`, `next_month`, `days_90`).
    pub horizon: String,
    /// First and last day of the span that were forecast.
    pub days: (NaiveDate, NaiveDate),
    /// Currency of the amounts.
    pub currency: String,
}

/// A published forecast: the sum over the forecast days alone, without what was spent before the origin.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// About what.
    pub subject: Subject,
    /// What was said.
    pub interval: Interval,
}

/// A forecast and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// About what.
    pub subject: Subject,
    /// The sum that was forecast, and the one that came.
    pub forecast: f64,
    /// See `forecast`.
    pub actual: f64,
    /// Miss over actual, 0 and up; none where nothing came.
    pub error: Option<f64>,
    /// Whether the actual lay in the 80 % interval.
    pub covered80: bool,
    /// Whether the actual lay in the 95 % interval.
    pub covered95: bool,
}

/// The record of one horizon (and kind of scope).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Accuracy {
    /// Forecasts judged.
    pub forecasts: usize,
    /// Sum of misses over sum of actuals; none where nothing came.
    pub wmape: Option<f64>,
    /// Shares of actuals in the 80 and 95 % intervals, 0 to 1.
    pub coverage80: f64,
    /// See `coverage80`.
    pub coverage95: f64,
}

/// The forecasts to keep after a run: earlier ones and today's; one made again for the same subject replaces the
/// earlier (a second run on the same day). Those whose last day lies long before `today` are forgotten.
pub fn keep(earlier: Vec<Kept>, todays: Vec<Kept>, today: NaiveDate) -> Vec<Kept> {
    let oldest = today
        .checked_sub_days(Days::new(KEPT_DAYS))
        .unwrap_or(NaiveDate::MIN);
    let all = earlier.into_iter().chain(todays);
    let kept: BTreeMap<Subject, Interval> = all
        .filter(|kept| kept.subject.days.1 >= oldest)
        .map(|kept| (kept.subject, kept.interval))
        .collect();
    let made = |(subject, interval)| Kept { subject, interval };
    kept.into_iter().map(made).collect()
}

/// Judges the forecasts whose days are all known: those before `known_until`. `actual` gives the cost of a subject's
/// days (summed exactly by the caller), none where the scope is unknown today; such a scope cost nothing.
pub fn judge(
    kept: &[Kept],
    known_until: NaiveDate,
    actual: impl Fn(&Subject) -> Option<f64>,
) -> Vec<Judged> {
    let complete = kept.iter().filter(|kept| kept.subject.days.1 < known_until);
    let mut judged: Vec<Judged> = complete
        .map(|kept| {
            let came = actual(&kept.subject)
                .filter(|a| a.is_finite())
                .unwrap_or(0.0);
            let missed = (kept.interval.forecast - came).abs();
            let (covered80, covered95) = kept.interval.covers(came);
            Judged {
                subject: kept.subject.clone(),
                forecast: kept.interval.forecast,
                actual: came,
                error: (came != 0.0).then(|| missed / came.abs()),
                covered80,
                covered95,
            }
        })
        .collect();
    judged.sort_by(|a, b| a.subject.cmp(&b.subject));
    judged
}

/// The record by kind of scope, horizon and currency.
pub fn records(judged: &[Judged]) -> BTreeMap<(String, String, String), Accuracy> {
    let mut groups: BTreeMap<_, Vec<&Judged>> = BTreeMap::new();
    for one in judged {
        let Subject {
            scope,
            horizon,
            currency,
            ..
        } = &one.subject;
        let key = (scope.0.clone(), horizon.clone(), currency.clone());
        groups.entry(key).or_default().push(one);
    }
    let record = |(key, group): (_, Vec<&Judged>)| (key, accuracy(&group));
    groups.into_iter().map(record).collect()
}

fn accuracy(group: &[&Judged]) -> Accuracy {
    let sum = |of: fn(&Judged) -> f64| group.iter().map(|one| of(one)).sum::<f64>();
    let count = sum(|_| 1.0).max(1.0);
    let actual = sum(|one| one.actual.abs());
    let missed = sum(|one| (one.forecast - one.actual).abs());
    Accuracy {
        forecasts: group.len(),
        wmape: (actual > 0.0).then(|| missed / actual),
        coverage80: sum(|one| f64::from(u8::from(one.covered80))) / count,
        coverage95: sum(|one| f64::from(u8::from(one.covered95))) / count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 10, day).unwrap()
    }

    fn kept(origin: u32, last: u32, forecast: f64) -> Kept {
        Kept {
            subject: Subject {
                origin: day(origin),
                scope: ("total".to_owned(), String::new()),
                horizon: "month_end".to_owned(),
                days: (day(origin), day(last)),
                currency: "USD".to_owned(),
            },
            interval: Interval {
                forecast,
                lower80: forecast - 10.0,
                upper80: forecast + 10.0,
                lower95: forecast - 20.0,
                upper95: forecast + 20.0,
                error: None,
            },
        }
    }

    #[test]
    fn only_complete_windows_are_judged() {
        let all = [kept(1, 10, 100.0), kept(2, 20, 100.0)];
        let judged = judge(&all, day(20), |_| Some(115.0));
        assert_eq!(judged.len(), 1);
        assert!((judged[0].error.unwrap() - 15.0 / 115.0).abs() < 1e-12);
        assert!(!judged[0].covered80 && judged[0].covered95);
    }

    #[test]
    fn a_second_run_of_the_day_replaces_the_first() {
        let now = keep(
            vec![kept(1, 10, 100.0)],
            vec![kept(1, 10, 90.0), kept(2, 10, 80.0)],
            day(2),
        );
        let said: Vec<f64> = now.iter().map(|kept| kept.interval.forecast).collect();
        assert_eq!(said, [90.0, 80.0]);
    }

    #[test]
    fn what_is_long_past_is_forgotten() {
        let later = NaiveDate::from_ymd_opt(2027, 12, 31).unwrap();
        assert!(keep(vec![kept(1, 10, 100.0)], Vec::new(), later).is_empty());
    }

    #[test]
    fn the_record_weighs_by_money() {
        let all = [kept(1, 10, 100.0), kept(2, 10, 300.0)];
        let judged = judge(&all, day(20), |subject| {
            Some(if subject.origin == day(1) {
                100.0
            } else {
                400.0
            })
        });
        let records = records(&judged);
        let record = records.values().next().unwrap();
        assert_eq!(record.wmape, Some(0.2));
        assert!((record.coverage80 - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_scope_that_vanished_cost_nothing() {
        let judged = judge(&[kept(1, 10, 100.0)], day(20), |_| None);
        assert_eq!((judged[0].actual, judged[0].error), (0.0, None));
    }
}
