//! What was and what will be: known days as a line, the forecast as a dashed one in its bands, the budget across.

use super::frame::{Swatch, height_of, key, step_middle, time_axis, value_axis};
use super::ink::{BLUE, DARK, PALE, PALEST, TICK, VERMILLION};
use super::lines::runs;
use super::sheet::{At, Room, Sheet};
use crate::report::drawing::{Axis, Fan, FanStep, Timeline, Unit};

/// Draws the fan.
pub(super) fn draw(sheet: &mut Sheet, room: Room, (time, fan): (&Timeline, &Fan), unit: &Unit) {
    let mut entries = vec![
        (Swatch::Line(BLUE), "actual"),
        (Swatch::Line(DARK), "forecast"),
        (Swatch::Block(PALE), "80% of days"),
        (Swatch::Block(PALEST), "95% of days"),
    ];
    if fan.steps.iter().any(|step| step.budget.is_some()) {
        entries.push((Swatch::Line(VERMILLION), "budget per day"));
    }
    let room = key(sheet, room, &entries);
    let axis = Axis::over(fan.values(), unit, true);
    let bounds = Room {
        top: room.top + 12.0,
        bottom: room.bottom - 34.0,
        ..room
    };
    // The bands are painted first and the grid over them, so that values can be read inside.
    let widest = sheet.widest(TICK, axis.labels.iter().map(String::as_str));
    let plot = Room {
        left: bounds.left + widest + 14.0,
        ..bounds
    };
    band(sheet, plot, (&axis, time, fan), PALEST, |f| f.outer);
    band(sheet, plot, (&axis, time, fan), PALE, |f| f.inner);
    value_axis(sheet, bounds, &axis, TICK);
    let line = |of: fn(&FanStep) -> Option<f64>| -> Vec<Vec<At>> {
        let values: Vec<Option<f64>> = fan.steps.iter().map(of).collect();
        let at = |(step, value)| (step_middle(plot, time, step), height_of(&axis, plot, value));
        let runs = runs(&values, time).into_iter();
        runs.map(|run| run.into_iter().map(at).collect()).collect()
    };
    for run in line(|step| step.budget) {
        sheet.line(run, 2.5, VERMILLION);
    }
    for run in line(|step| step.forecast.map(|forecast| forecast.middle)) {
        sheet.dashes(&run, 2.5, DARK);
    }
    for run in line(|step| step.actual) {
        sheet.line(run, 3.5, BLUE);
    }
    let ticks = time.ticks().into_iter();
    let ticks = ticks.map(|(step, label)| (step_middle(plot, time, step), label));
    time_axis(sheet, plot, &ticks.collect::<Vec<_>>(), TICK);
}

fn band(
    sheet: &mut Sheet,
    plot: Room,
    (axis, time, fan): (&Axis, &Timeline, &Fan),
    ink: super::ink::Ink,
    bounds: fn(&crate::report::drawing::Forecast) -> (f64, f64),
) {
    let of = |upper: bool| -> Vec<Option<f64>> {
        let bound = |step: &FanStep| {
            let (low, high) = bounds(step.forecast.as_ref()?);
            Some(if upper { high } else { low })
        };
        fan.steps.iter().map(bound).collect()
    };
    let at = |(step, value)| (step_middle(plot, time, step), height_of(axis, plot, value));
    for (above, below) in runs(&of(true), time)
        .into_iter()
        .zip(runs(&of(false), time))
    {
        let above: Vec<At> = above.into_iter().map(at).collect();
        let mut below: Vec<At> = below.into_iter().map(at).collect();
        if let ([top], [bottom]) = (&above[..], &below[..]) {
            sheet.rect((top.0 - 4.0, top.1), (bottom.0 + 4.0, bottom.1), ink);
            continue;
        }
        below.reverse();
        sheet.area(above.into_iter().chain(below).collect(), ink);
    }
}
