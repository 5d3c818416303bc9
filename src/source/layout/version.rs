//! Versions of the same days: what folders and timestamps say of when they were made, and which one counts.

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveDateTime, Utc};
use regex::Regex;
use std::sync::LazyLock;

/// One delivery of some days.
#[derive(Clone, Debug)]
pub(super) struct Version<T> {
    /// Its manifest or folder.
    pub(super) place: String,
    /// The days it covers, half-open; none: unknown.
    pub(super) days: Option<Days>,
    /// When it was made, as text that sorts; none: unknown.
    pub(super) made: Option<String>,
    /// What it consists of.
    pub(super) load: T,
}

/// First day and the day after the last.
pub(super) type Days = (NaiveDate, NaiveDate);

/// Two versions between which nothing decides.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Torn {
    pub(super) one: String,
    pub(super) other: String,
}

/// Of versions with days in common the newest, which must cover what it replaces.
pub(super) fn newest<T>(mut versions: Vec<Version<T>>) -> Result<Vec<Version<T>>, Torn> {
    versions.sort_by(|a, b| (&a.made, &a.place).cmp(&(&b.made, &b.place)));
    let mut kept: Vec<Version<T>> = Vec::new();
    for version in versions {
        let torn = kept
            .iter()
            .find(|older| overlap(older.days, version.days) && !replaces(&version, older));
        if let Some(older) = torn {
            return Err(Torn {
                one: older.place.clone(),
                other: version.place,
            });
        }
        kept.retain(|older| !overlap(older.days, version.days));
        kept.push(version);
    }
    Ok(kept)
}

/// True where some day is in both; unknown days may be any.
pub(super) fn overlap(one: Option<Days>, other: Option<Days>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.0 < other.1 && other.0 < one.1,
        _ => true,
    }
}

fn replaces<T>(newer: &Version<T>, older: &Version<T>) -> bool {
    let covers = match (newer.days, older.days) {
        (Some(newer), Some(older)) => newer.0 <= older.0 && older.1 <= newer.1,
        (newer, _) => newer.is_none(),
    };
    let later = older.made.is_some() && older.made < newer.made;
    covers && later
}

/// The days of a folder: `20261001-20261031` (the last day included, or the first of the next month, as AWS
/// writes it) or `BILLING_PERIOD=2026-10` in any case.
pub(super) fn days(folder: &str) -> Option<Days> {
    let day = |text: &str| NaiveDate::parse_from_str(text, "%Y%m%d").ok();
    if let Some((name, value)) = folder.split_once('=') {
        let first = value
            .get(..7)
            .filter(|_| name.eq_ignore_ascii_case("billing_period"))?;
        return month(format!("{first}-01").parse().ok()?);
    }
    let (first, last) = folder.split_once('-')?;
    let digits = |text: &str| text.len() == 8 && text.bytes().all(|digit| digit.is_ascii_digit());
    if !digits(first) || !digits(last) {
        return None;
    }
    let (first, last) = (day(first)?, day(last)?);
    let whole_months = first < last && first.day() == 1 && last.day() == 1;
    let end = if whole_months { last } else { last.succ_opt()? };
    (first < end).then_some((first, end))
}

/// The whole month of a day.
pub(super) fn month(day: NaiveDate) -> Option<Days> {
    let first = day.with_day(1)?;
    Some((first, first.checked_add_months(Months::new(1))?))
}

/// The moment that a folder's name begins with: `202610150600`, `20261015T060000Z-…`, `2026-10-15T06:00:00…`.
pub(super) fn moment(folder: &str) -> Option<String> {
    static MOMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"^(20\d\d)-?([01]\d)-?([0-3]\d)[T_ -]?([0-2]\d)[:-]?([0-5]\d)(?:[:-]?([0-5]\d)(?:[.,](\d{1,9}))?)?(?:\D|$)",
        )
        .ok()
    });
    let found = MOMENT.as_ref()?.captures(folder)?;
    let group = |at: usize| found.get(at).map_or("", |group| group.as_str());
    Some(format!(
        "{}{}{}{}{}{:0<2}{:0<9}",
        group(1),
        group(2),
        group(3),
        group(4),
        group(5),
        group(6),
        group(7)
    ))
}

/// A moment as a manifest writes it: ISO 8601 with or without offset, or seconds or milliseconds since 1970.
pub(super) fn written(value: &serde_json::Value) -> Option<String> {
    let utc = |at: DateTime<Utc>| at.format("%Y%m%d%H%M%S%9f").to_string();
    if let Some(number) = value.as_i64() {
        let milliseconds = if number.abs() < 100_000_000_000 {
            number.checked_mul(1000)?
        } else {
            number
        };
        return DateTime::from_timestamp_millis(milliseconds).map(utc);
    }
    let text = value.as_str()?.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(utc(at.to_utc()));
    }
    let plain = [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y%m%dT%H%M%S%.fZ",
    ];
    plain
        .iter()
        .find_map(|shape| NaiveDateTime::parse_from_str(text, shape).ok())
        .map(|at| utc(at.and_utc()))
}

/// The day that a manifest's moment begins with.
pub(super) fn written_day(value: &serde_json::Value) -> Option<NaiveDate> {
    let text = value.as_str()?;
    let day = |text: Option<&str>, shape| NaiveDate::parse_from_str(text?, shape).ok();
    day(text.get(..10), "%Y-%m-%d").or_else(|| day(text.get(..8), "%Y%m%d"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn version(place: &str, folder: &str, made: Option<&str>) -> Version<()> {
        Version {
            place: place.to_owned(),
            days: days(folder),
            made: made.map(str::to_owned),
            load: (),
        }
    }

    fn kept(versions: Vec<Version<()>>) -> Result<Vec<String>, Torn> {
        Ok(newest(versions)?.into_iter().map(|v| v.place).collect())
    }

    #[test]
    fn folders_tell_days_half_open() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let october = Some((day("2026-10-01"), day("2026-11-01")));
        for folder in [
            "20261001-20261101",
            "20261001-20261031",
            "BILLING_PERIOD=2026-10",
            "billing_period=2026-10",
        ] {
            assert_eq!(days(folder), october, "{folder}");
        }
        assert_eq!(
            days("20261001-20261015"),
            Some((day("2026-10-01"), day("2026-10-16")))
        );
        for folder in ["2026-10", "20261301-20261401", "month=10", "a-b"] {
            assert_eq!(days(folder), None, "{folder}");
        }
    }

    #[test]
    fn folders_tell_moments() {
        let six = Some("20261015060000000000000".to_owned());
        for folder in [
            "202610150600",
            "20261015T060000Z-0a1b",
            "2026-10-15T06:00:00.000Z-0a1b",
        ] {
            assert_eq!(moment(folder), six, "{folder}");
        }
        for folder in ["20261001-20261101", "20261015", "2026", "0a1b-202610150600"] {
            assert_eq!(moment(folder), None, "{folder}");
        }
    }

    #[test]
    fn manifests_tell_moments_and_offsets_count() {
        assert_eq!(
            written(&json!("2026-10-15T08:00:00+02:00")),
            written(&json!("2026-10-15T06:00:00.0Z"))
        );
        assert_eq!(
            written(&json!(1_792_044_000)),
            written(&json!(1_792_044_000_000_i64))
        );
        assert_eq!(written(&json!("soon")), None);
    }

    #[test]
    fn the_newest_of_the_same_days_counts_and_other_days_stay() {
        let versions = vec![
            version("old", "20261001-20261015", Some("1")),
            version("new", "20261001-20261031", Some("2")),
            version("sep", "20260901-20260930", Some("0")),
        ];
        assert_eq!(kept(versions).unwrap(), ["sep", "new"]);
    }

    #[test]
    fn what_cannot_be_told_is_torn() {
        let month = "20261001-20261031";
        let unknown = vec![version("a", month, None), version("b", month, Some("2"))];
        assert!(kept(unknown).is_err());
        let same = vec![
            version("a", month, Some("2")),
            version("b", month, Some("2")),
        ];
        assert!(kept(same).is_err());
        let shorter = vec![
            version("a", month, Some("1")),
            version("b", "20261001-20261015", Some("2")),
        ];
        assert!(kept(shorter).is_err(), "half a month would be lost");
    }
}
