//! Answers of Cost Explorer to rows of CSV. Amounts stay the text that the API sent; nothing is summed.

use crate::error::{Error, Result};
use crate::money::Money;
use crate::period::Period;
use aws_sdk_costexplorer::types::{Group, ResultByTime};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// The header of the file; `queries/focus/cost_explorer.toml` knows it.
const HEADER: [&str; 8] = [
    "ce_day",
    "ce_account",
    "ce_service",
    "ce_tags",
    "ce_unblended_cost",
    "ce_amortized_cost",
    "ce_currency",
    "ce_estimated",
];

/// What tells one row from another; also their order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    day: NaiveDate,
    /// Empty when asked by tag.
    account: String,
    service: String,
    /// A JSON object; empty when asked by account, or untagged.
    tags: String,
}

/// What a day of a service and account cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cost {
    unblended: String,
    amortized: String,
    currency: String,
    estimated: bool,
}

/// The rows of an answer, and how many groups that cost exactly nothing are not among them.
pub(super) fn charges(
    days: &[ResultByTime],
    period: Period,
    tag: Option<&str>,
) -> Result<(BTreeMap<Key, Cost>, usize)> {
    let mut rows = BTreeMap::new();
    let mut left_out = 0;
    for answer in days {
        let day = day(answer, period)?;
        for group in answer.groups() {
            let key = key(day, group, tag)?;
            let cost = cost(group, answer.estimated())?;
            if is_nothing(&cost.unblended) && is_nothing(&cost.amortized) {
                left_out += 1;
                continue;
            }
            if let Some(before) = rows.insert(key.clone(), cost) {
                return Err(strange(&format!(
                    "{day}, `{}` came twice, at {} {} the first time",
                    key.service, before.unblended, before.currency
                )));
            }
        }
    }
    Ok((rows, left_out))
}

/// The file's text.
pub(super) fn csv(rows: &BTreeMap<Key, Cost>) -> Result<Vec<u8>> {
    let failed = |e: &dyn std::fmt::Display| Error::data(format!("cannot write CSV: {e}"));
    let mut file = csv::Writer::from_writer(Vec::new());
    file.write_record(HEADER).map_err(|e| failed(&e))?;
    for (key, cost) in rows {
        let day = key.day.to_string();
        let estimated = if cost.estimated { "true" } else { "false" };
        let (key, cost) = (
            [&day, &key.account, &key.service, &key.tags],
            [&cost.unblended, &cost.amortized, &cost.currency],
        );
        let cells = key
            .into_iter()
            .chain(cost)
            .map(String::as_str)
            .chain([estimated]);
        file.write_record(cells).map_err(|e| failed(&e))?;
    }
    file.into_inner().map_err(|e| failed(&e))
}

fn day(answer: &ResultByTime, period: Period) -> Result<NaiveDate> {
    let text = answer.time_period().map_or("", |days| days.start());
    let day = text.parse().ok().filter(|&day| period.contains(day));
    day.ok_or_else(|| {
        strange(&format!(
            "`{text}` is no day of the period that was asked for"
        ))
    })
}

fn key(day: NaiveDate, group: &Group, tag: Option<&str>) -> Result<Key> {
    let [service, second] = group.keys() else {
        return Err(strange(&format!(
            "{day} has a group with {} keys instead of two",
            group.keys().len()
        )));
    };
    let (account, tags) = match tag {
        None => (second.clone(), String::new()),
        Some(name) => (String::new(), tags(name, second)?),
    };
    Ok(Key {
        day,
        account,
        service: service.clone(),
        tags,
    })
}

/// `team$data` as a JSON object; `team$` is the cost without that tag.
fn tags(name: &str, key: &str) -> Result<String> {
    let value = key
        .strip_prefix(name)
        .and_then(|rest| rest.strip_prefix('$'));
    match value {
        None => Err(strange(&format!("`{key}` is no value of the tag `{name}`"))),
        Some("") => Ok(String::new()),
        Some(value) => Ok(serde_json::json!({ name: value }).to_string()),
    }
}

fn cost(group: &Group, estimated: bool) -> Result<Cost> {
    let (unblended, unit) = amount(group, "UnblendedCost")?;
    let (amortized, other) = amount(group, "AmortizedCost")?;
    // A zero may come without a currency, as `N/A`.
    let currency = if is_nothing(unblended) { other } else { unit };
    if unit != other && !is_nothing(unblended) && !is_nothing(amortized) {
        return Err(strange(&format!(
            "one group costs {unblended} {unit} and {amortized} {other}"
        )));
    }
    Ok(Cost {
        unblended: unblended.to_owned(),
        amortized: amortized.to_owned(),
        currency: currency.to_owned(),
        estimated,
    })
}

fn amount<'a>(group: &'a Group, metric: &str) -> Result<(&'a str, &'a str)> {
    let value = group.metrics().and_then(|metrics| metrics.get(metric));
    let amount = value.and_then(|value| value.amount()).unwrap_or_default();
    let unit = value.and_then(|value| value.unit()).unwrap_or_default();
    match Money::parse(amount.as_bytes()) {
        Ok(_) => Ok((amount, unit)),
        Err(_) => Err(strange(&format!("`{metric}` is not a number: {amount:?}"))),
    }
}

/// True where an amount has no digit but zeros. Rounding is not asked: 1E-20 is not nothing.
fn is_nothing(amount: &str) -> bool {
    let digits = amount.split(['e', 'E']).next().unwrap_or_default();
    !digits.contains(|c: char| ('1'..='9').contains(&c))
}

fn strange(what: &str) -> Error {
    Error::data(format!(
        "Cost Explorer gave an answer that cannot be understood: {what}"
    ))
    .hint("nothing was written; if this stays, --endpoint may not be Cost Explorer")
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_costexplorer::types::{DateInterval, MetricValue};

    fn group(keys: [&str; 2], unblended: &str, amortized: &str) -> Group {
        let usd = |amount: &str| MetricValue::builder().amount(amount).unit("USD").build();
        let group = Group::builder().keys(keys[0]).keys(keys[1]);
        group
            .metrics("UnblendedCost", usd(unblended))
            .metrics("AmortizedCost", usd(amortized))
            .build()
    }

    fn answer(day: &str, groups: Vec<Group>) -> ResultByTime {
        let days = DateInterval::builder().start(day).end(day).build().unwrap();
        ResultByTime::builder()
            .time_period(days)
            .set_groups(Some(groups))
            .estimated(true)
            .build()
    }

    fn october(days: &[ResultByTime], tag: Option<&str>) -> Result<(BTreeMap<Key, Cost>, usize)> {
        let today = "2026-11-21".parse().unwrap();
        charges(days, Period::parse("2026-10", today).unwrap(), tag)
    }

    fn text(days: &[ResultByTime], tag: Option<&str>) -> String {
        String::from_utf8(csv(&october(days, tag).unwrap().0).unwrap()).unwrap()
    }

    #[test]
    fn amounts_keep_every_digit_and_rows_are_in_order() {
        let days = [
            answer(
                "2026-10-02",
                vec![group(
                    ["AWS Lambda", "111122223333"],
                    "0.1000000000",
                    "2.5E-8",
                )],
            ),
            answer(
                "2026-10-01",
                vec![
                    group(["AWS Lambda", "444455556666"], "12.34567890123456789", "1"),
                    group(["Tax, EU", "111122223333"], "-3.20", "-3.20"),
                ],
            ),
        ];
        assert_eq!(
            text(&days, None),
            "ce_day,ce_account,ce_service,ce_tags,ce_unblended_cost,ce_amortized_cost,ce_currency,ce_estimated\n\
             2026-10-01,111122223333,\"Tax, EU\",,-3.20,-3.20,USD,true\n\
             2026-10-01,444455556666,AWS Lambda,,12.34567890123456789,1,USD,true\n\
             2026-10-02,111122223333,AWS Lambda,,0.1000000000,2.5E-8,USD,true\n"
        );
    }

    #[test]
    fn a_tag_is_json_and_its_absence_is_empty() {
        assert_eq!(tags("team", "team$data").unwrap(), r#"{"team":"data"}"#);
        assert_eq!(tags("team", "team$a\"b$c").unwrap(), r#"{"team":"a\"b$c"}"#);
        assert_eq!(tags("team", "team$").unwrap(), "");
        assert!(tags("team", "owner$data").is_err());
    }

    #[test]
    fn only_exact_zeros_are_left_out() {
        assert!(is_nothing("0") && is_nothing("-0.000") && is_nothing("0E-9"));
        assert!(!is_nothing("1E-20") && !is_nothing("0.0000000000000001"));
        let groups = vec![group(["A", "1"], "0", "0.00"), group(["B", "1"], "0", "5")];
        let (rows, left_out) = october(&[answer("2026-10-01", groups)], None).unwrap();
        assert_eq!((rows.len(), left_out), (1, 1));
    }

    #[test]
    fn a_group_that_comes_twice_is_not_counted_twice() {
        let once = answer("2026-10-01", vec![group(["A", "1"], "5", "5")]);
        let error = october(&[once.clone(), once], None).unwrap_err();
        assert!(error.what().contains("`A` came twice"), "{error}");
    }

    #[test]
    fn a_day_outside_the_period_or_a_word_for_a_number_is_refused() {
        assert!(october(&[answer("2026-11-01", Vec::new())], None).is_err());
        let words = answer("2026-10-01", vec![group(["A", "1"], "five", "5")]);
        assert_eq!(october(&[words], None).unwrap_err().kind().exit_code(), 3);
    }
}
