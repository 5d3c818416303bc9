//! Any series from a sheet with the columns `series, day, value`: read, scored by the anomaly method, forecast by the
//! forecast method, written as rows. It takes no file and writes none; what it cannot read it refuses, with the line.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use rayon::prelude::*;

use super::interval::{Calibration, Interval};
use super::{History, Outlook, Question, Rhythm, Window, outlooks};
use crate::analysis::anomaly::{self, Options};

/// Most steps between the first and the last stamp of a sheet.
const MOST_STEPS: usize = 200_000;
/// Hours of a day.
const HOURS: usize = 24;
/// Header of the scores.
pub const SCORE_COLUMNS: [&str; 9] = [
    "Series", "Day", "Actual", "Expected", "Lower", "Upper", "Score", "Mature", "Flags",
];
/// Header of the forecasts: a row a step, and one more a series for the sum of all steps (`Steps` above one; `Day` is
/// then the last).
pub const FORECAST_COLUMNS: [&str; 9] = [
    "Series",
    "Day",
    "Steps",
    "Forecast",
    "Lower80",
    "Upper80",
    "Lower95",
    "Upper95",
    "BacktestError",
];

/// Why a sheet is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotSheet {
    /// Line; the header is line 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// The series of a sheet, by name, on one common grid of days or hours.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    first_day: NaiveDate,
    hourly: bool,
    series: Vec<(String, Vec<f64>)>,
}

/// Day, hour, whether an hour was written.
type Stamp = (NaiveDate, usize, bool);

/// Reads a header and its rows. Missing days are zero, rows of the same series and day are added.
pub fn read(header: &[String], rows: &[Vec<String>]) -> Result<Sheet, NotSheet> {
    let at = |line: usize, what: String| NotSheet { line, what };
    let place = |name: &str| {
        let found = header
            .iter()
            .position(|column| column.trim().eq_ignore_ascii_case(name));
        found.ok_or_else(|| {
            at(
                1,
                format!("no column `{name}`; found: {}", header.join(", ")),
            )
        })
    };
    let (name, day, value) = (place("series")?, place("day")?, place("value")?);
    let mut costs: BTreeMap<&str, BTreeMap<(NaiveDate, usize), f64>> = BTreeMap::new();
    let mut hourly = false;
    for (line, row) in rows.iter().enumerate() {
        let cell = |place: usize| row.get(place).map_or("", |cell| cell.trim());
        let (date, hour, timed) = stamp(cell(day)).ok_or_else(|| {
            at(
                line + 2,
                format!("no day (2026-10-31 or 2026-10-31T05): {:?}", cell(day)),
            )
        })?;
        let number = cell(value)
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite());
        let number = number.ok_or_else(|| at(line + 2, format!("no number: {:?}", cell(value))))?;
        hourly |= timed;
        let series = costs.entry(cell(name)).or_default();
        *series.entry((date, hour)).or_insert(0.0) += number;
    }
    grid(&costs, hourly).map_err(|what| at(2, what))
}

fn grid(
    costs: &BTreeMap<&str, BTreeMap<(NaiveDate, usize), f64>>,
    hourly: bool,
) -> Result<Sheet, String> {
    let stamps = || costs.values().flat_map(BTreeMap::keys);
    let (Some(first), Some(last)) = (stamps().min(), stamps().max()) else {
        return Err("no rows".to_owned());
    };
    let first_day = first.0;
    let step = |stamp: &(NaiveDate, usize)| {
        let days = usize::try_from((stamp.0 - first_day).num_days()).unwrap_or(0);
        if hourly { days * HOURS + stamp.1 } else { days }
    };
    let steps = step(last) + 1;
    if steps > MOST_STEPS {
        return Err(format!(
            "{} to {} is too long a time ({steps} steps)",
            first.0, last.0
        ));
    }
    let fill = |(name, costs): (&&str, &BTreeMap<_, f64>)| {
        let mut values = vec![0.0; steps];
        for (stamp, cost) in costs {
            values[step(stamp)] += cost;
        }
        ((*name).to_owned(), values)
    };
    Ok(Sheet {
        first_day,
        hourly,
        series: costs.iter().map(fill).collect(),
    })
}

/// `2026-10-31`, or with an hour: `2026-10-31T05`, `2026-10-31 05:00:00Z`.
fn stamp(text: &str) -> Option<Stamp> {
    let date = NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok()?;
    let time = text.get(10..)?;
    if time.is_empty() {
        return Some((date, 0, false));
    }
    let time = time.strip_prefix(['T', ' '])?;
    let time = time.trim_end_matches('Z').trim_end_matches("+00:00");
    let mut parts = time.split(':');
    let hour = parts
        .next()?
        .parse::<usize>()
        .ok()
        .filter(|hour| *hour < HOURS)?;
    let rest_is_numbers = parts.all(|part| {
        part.parse::<f64>()
            .is_ok_and(|number| (0.0..60.0).contains(&number))
    });
    rest_is_numbers.then_some((date, hour, true))
}

impl Sheet {
    /// Names of the series, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.series.iter().map(|(name, _)| name.as_str())
    }

    /// Days, or hours, by their own shape: `season` steps if given, else weekdays or hours of the day.
    pub fn rhythm(&self, season: Option<usize>) -> Rhythm {
        match (season, self.hourly) {
            (None | Some(7), false) => Rhythm::Daily,
            (None, true) => Rhythm::Every(HOURS),
            (Some(steps), _) => Rhythm::Every(steps),
        }
    }

    fn label(&self, step: usize) -> String {
        let (days, hour) = if self.hourly {
            (step / HOURS, step % HOURS)
        } else {
            (step, 0)
        };
        let days = Days::new(u64::try_from(days).unwrap_or(0));
        let day = self
            .first_day
            .checked_add_days(days)
            .unwrap_or(NaiveDate::MAX);
        if self.hourly {
            format!("{day}T{hour:02}")
        } else {
            day.to_string()
        }
    }
}

/// The scores of every series and day. Hours are scored hour by hour of the day, each against the same hour of
/// the days before, so that the shape of the day is no surprise.
pub fn score(sheet: &Sheet, options: &Options) -> Vec<Vec<String>> {
    let every = if sheet.hourly { HOURS } else { 1 };
    let of_series = |(name, values): &(String, Vec<f64>)| {
        let mut scored = BTreeMap::new();
        for phase in 0..every {
            let slice: Vec<f64> = values.iter().copied().skip(phase).step_by(every).collect();
            for day in anomaly::score(sheet.first_day, &slice, options) {
                let days = usize::try_from((day.day - sheet.first_day).num_days()).unwrap_or(0);
                scored.insert(days * every + phase, day);
            }
        }
        let row = |(step, day): (usize, anomaly::DayScore)| {
            let mut row = vec![name.clone(), sheet.label(step)];
            let numbers = [day.actual, day.expected, day.lower, day.upper, day.score];
            row.extend(numbers.map(number));
            row.push(day.mature.to_string());
            row.push(day.flags.names().collect::<Vec<_>>().join(" "));
            row
        };
        scored.into_iter().map(row).collect::<Vec<_>>()
    };
    let rows: Vec<Vec<Vec<String>>> = sheet.series.par_iter().map(of_series).collect();
    rows.into_iter().flatten().collect()
}

/// The forecast of every series, step by step and in sum, from the step after the sheet's last.
pub fn forecast(sheet: &Sheet, steps: usize, season: Option<usize>) -> Vec<Vec<String>> {
    let all = Window { from: 0, to: steps };
    let question = Question::new(sheet.rhythm(season), vec![all]);
    let histories: Vec<History<'_>> = sheet
        .series
        .iter()
        .map(|(_, values)| History {
            first_day: sheet.first_day,
            values,
            known: &[],
        })
        .collect();
    let outlooks = outlooks(&histories, &question);
    let calibration = Calibration::learn(&outlooks, &question);
    let origin = histories.first().map_or(0, |history| history.values.len());
    let of_series = |((name, _), outlook): (&(String, Vec<f64>), &Outlook)| {
        let row = |steps: usize, last: usize, interval: &Interval| {
            let mut row = vec![name.clone(), sheet.label(origin + last), steps.to_string()];
            row.extend(cells(interval));
            row
        };
        let steps = calibration.steps(outlook, question.horizon);
        let mut rows: Vec<_> = (0..).zip(&steps).map(|(at, one)| row(1, at, one)).collect();
        if question.horizon > 1 {
            let last = question.horizon - 1;
            rows.push(row(question.horizon, last, &calibration.window(outlook, 0)));
        }
        rows
    };
    sheet
        .series
        .iter()
        .zip(&outlooks)
        .flat_map(of_series)
        .collect()
}

fn cells(interval: &Interval) -> Vec<String> {
    let Interval {
        forecast,
        lower80,
        upper80,
        lower95,
        upper95,
        error,
    } = *interval;
    let mut cells = [forecast, lower80, upper80, lower95, upper95]
        .map(number)
        .to_vec();
    cells.push(error.map_or(String::new(), |error| format!("{error:.4}")));
    cells
}

/// A plain decimal with at most six places.
fn number(value: f64) -> String {
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    fn sheet(days: u32, value: impl Fn(u32) -> String) -> Sheet {
        let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let rows: Vec<_> = first
            .iter_days()
            .zip(0..days)
            .map(|(day, at)| row(&["a", &day.to_string(), &value(at)]))
            .collect();
        read(&row(&["series", "day", "value"]), &rows).unwrap()
    }

    #[test]
    fn days_and_hours_are_told_apart() {
        let day = NaiveDate::from_ymd_opt(2026, 10, 31).unwrap();
        assert_eq!(stamp("2026-10-31"), Some((day, 0, false)));
        assert_eq!(stamp("2026-10-31T05"), Some((day, 5, true)));
        assert_eq!(stamp("2026-10-31 23:00:00Z"), Some((day, 23, true)));
        for wrong in [
            "2026-10-32",
            "31.10.2026",
            "2026-10-31T24",
            "2026-10-31x",
            "",
            "2026-10-3é",
        ] {
            assert_eq!(stamp(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn gaps_are_zero_and_doubles_are_added() {
        let header = row(&["value", "Series", "DAY"]);
        let rows = [
            row(&["1", "a", "2026-01-01"]),
            row(&["2", "a", "2026-01-03"]),
            row(&["3", "a", "2026-01-03"]),
        ];
        let sheet = read(&header, &rows).unwrap();
        assert_eq!(sheet.series, [("a".to_owned(), vec![1.0, 0.0, 5.0])]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let header = row(&["series", "day", "value"]);
        let wrong = |cells: &[&str]| read(&header, &[row(cells)]).unwrap_err();
        assert_eq!(wrong(&["a", "yesterday", "1"]).line, 2);
        assert_eq!(
            wrong(&["a", "2026-01-01", "1,5"]).what,
            "no number: \"1,5\""
        );
        assert_eq!(
            wrong(&["a", "2026-01-01", "NaN"]).what,
            "no number: \"NaN\""
        );
        assert_eq!(read(&row(&["series", "day"]), &[]).unwrap_err().line, 1);
        assert_eq!(read(&header, &[]).unwrap_err().what, "no rows");
    }

    #[test]
    fn a_spike_of_a_sheet_is_scored() {
        let sheet = sheet(60, |at| {
            if at == 50 {
                "900".into()
            } else {
                (100 + at % 5).to_string()
            }
        });
        let rows = score(&sheet, &Options::default());
        let spike = rows.iter().find(|row| row[1] == "2026-02-20").unwrap();
        assert!(spike[6].parse::<f64>().unwrap() > 3.5, "{spike:?}");
    }

    #[test]
    fn a_forecast_has_a_row_a_step_and_their_sum() {
        let rows = forecast(&sheet(60, |_| "10".into()), 30, None);
        assert_eq!(rows.len(), 31);
        assert_eq!(rows[0][1], "2026-03-02");
        assert_eq!(
            (
                rows[30][1].as_str(),
                rows[30][2].as_str(),
                rows[30][3].as_str()
            ),
            ("2026-03-31", "30", "300")
        );
    }

    #[test]
    fn hours_keep_the_shape_of_the_day() {
        let header = row(&["series", "day", "value"]);
        let mut rows = Vec::new();
        for day in 1..=28 {
            for hour in 0..24 {
                let value = if hour < 8 { "1" } else { "9" };
                rows.push(row(&["a", &format!("2026-01-{day:02}T{hour:02}"), value]));
            }
        }
        let sheet = read(&header, &rows).unwrap();
        let rows = forecast(&sheet, 24, Some(24));
        assert_eq!(rows[0][1], "2026-01-29T00");
        assert!(
            (rows[3][3].parse::<f64>().unwrap() - 1.0).abs() < 0.05,
            "{:?}",
            rows[3]
        );
        assert!(
            (rows[12][3].parse::<f64>().unwrap() - 9.0).abs() < 0.05,
            "{:?}",
            rows[12]
        );
    }
}
