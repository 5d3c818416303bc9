//! The anomaly and forecast methods on any series of numbers: a sheet in, a sheet out, no lake and no config.

use super::print;
use crate::analysis::anomaly::Options;
use crate::analysis::forecast::sheet::{self, FORECAST_COLUMNS, SCORE_COLUMNS, Sheet};
use crate::cli::SeriesCommand;
use crate::error::{Error, Result};
use crate::report::csv::csv;
use crate::report::table::{Cell, Table};
use chrono::NaiveDate;
use std::path::Path;

/// Prints the scores or the forecasts of every series of a file.
pub(super) fn series(command: &SeriesCommand) -> Result<()> {
    let (columns, rows) = match command {
        SeriesCommand::Score(args) => {
            let sheet = read(&args.file, args.today)?;
            (SCORE_COLUMNS, sheet::score(&sheet, &Options::default()))
        }
        SeriesCommand::Forecast(args) => {
            let sheet = read(&args.file, args.today)?;
            let season = args.season.map(usize::from);
            (
                FORECAST_COLUMNS,
                sheet::forecast(&sheet, usize::from(args.steps), season),
            )
        }
    };
    let mut table = Table::new(&columns);
    table.rows = rows.into_iter().map(cells).collect();
    print(&csv(&table)?)
}

/// Names and days are texts, everything else is a number and never defused.
fn cells(row: Vec<String>) -> Vec<Cell> {
    let cell = |(at, text): (usize, String)| match text.parse::<f64>() {
        Ok(value) if at > 1 => Cell::Number(value, decimals(&text)),
        _ => Cell::Text(text),
    };
    row.into_iter().enumerate().map(cell).collect()
}

fn decimals(text: &str) -> usize {
    text.split_once('.').map_or(0, |(_, digits)| digits.len())
}

fn read(path: &Path, today: Option<NaiveDate>) -> Result<Sheet> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::read(path, &e))?;
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = ::csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let fault = |e: &::csv::Error| {
        let line = e.position().map_or(0, ::csv::Position::line);
        Error::data("this is no CSV").at_line(path, line, 0)
    };
    let owned = |record: &::csv::StringRecord| record.iter().map(str::to_owned).collect();
    let header: Vec<String> = owned(reader.headers().map_err(|e| fault(&e))?);
    let day = header
        .iter()
        .position(|name| name.trim().eq_ignore_ascii_case("day"));
    let (mut rows, mut lines) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.map_err(|e| fault(&e))?;
        let written =
            day.and_then(|day| record.get(day)?.trim().get(..10)?.parse::<NaiveDate>().ok());
        if let (Some(written), Some(today)) = (written, today)
            && written >= today
        {
            continue;
        }
        lines.push(record.position().map_or(0, ::csv::Position::line));
        rows.push(owned(&record));
    }
    sheet::read(&header, &rows).map_err(|wrong| {
        let row = wrong.line.checked_sub(2).and_then(|row| lines.get(row));
        let line = row.copied().unwrap_or(1);
        Error::data(wrong.what)
            .at_line(path, line, 0)
            .hint("its columns are series, day and value: \"web,2026-10-31,12.5\"")
    })
}
