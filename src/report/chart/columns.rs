//! Stacked columns by month, the series named beside the last column.

use super::frame::{Beside, beside, beside_width, height_of, step_middle, time_axis, value_axis};
use super::ink::{PAPER, TICK, VALUE, series_ink};
use super::sheet::{Align, Room, Sheet};
use crate::report::drawing::{Axis, Drawing, Series, Shape, Timeline, compact};

/// Widest column in pixels: a single month should not look like a wall.
const MAX_COLUMN: f32 = 150.0;

/// Draws the columns with their totals, the months, and the names of the series.
pub(super) fn draw(sheet: &mut Sheet, room: Room, drawing: &Drawing) {
    let (Shape::StackedColumns { time, series, open }, Some(axis)) =
        (&drawing.shape, Axis::of(drawing))
    else {
        return;
    };
    let last = time.len.saturating_sub(1);
    let widths = names(room, (&axis, series), (time, drawing));
    let bounds = Room {
        top: room.top + 30.0,
        right: room.right - beside_width(sheet, &widths, room),
        bottom: room.bottom - 34.0,
        ..room
    };
    let plot = value_axis(sheet, bounds, &axis, TICK);
    for step in 0..time.len {
        column(sheet, plot, (&axis, series), (time, step));
    }
    totals(sheet, plot, (&axis, series), (time, drawing));
    time_axis(sheet, plot, &months(plot, time, *open), TICK);
    // Names stand right of the last column, not of the plot: their connectors end at the stack.
    let right = step_middle(plot, time, last) + half_width(plot, time);
    let gap = (plot.right - right).max(0.0);
    let labels = names(plot, (&axis, series), (time, drawing));
    beside(sheet, Room { right, ..plot }, room.right - gap, labels);
}

/// The series with their values in the last month. One that ended earlier is named at the height
/// it last had.
fn names(
    plot: Room,
    (axis, series): (&Axis, &[Series]),
    (time, drawing): (&Timeline, &Drawing),
) -> Vec<Beside> {
    let last = time.len.saturating_sub(1);
    let named = series.iter().enumerate().map(|(rank, one)| {
        let seen = (0..time.len).rfind(|step| one.at_or_zero(*step) != 0.0);
        let (from, to) = pieces(series, seen.unwrap_or(last))[rank];
        Beside {
            y: height_of(axis, plot, f64::midpoint(from, to)),
            ink: series_ink(rank, one.tone),
            name: one.name.clone(),
            value: compact(one.at_or_zero(last), &drawing.unit),
            linked: seen == Some(last),
        }
    });
    named.collect()
}

fn months(plot: Room, time: &Timeline, open: bool) -> Vec<(f32, String)> {
    let last = time.len.saturating_sub(1);
    let labels = time.ticks().into_iter().map(|(step, label)| {
        let so_far = if open && step == last { " so far" } else { "" };
        (step_middle(plot, time, step), format!("{label}{so_far}"))
    });
    labels.collect()
}

/// Where each series' piece of a column begins and ends: positive values stack up from zero,
/// negative ones down.
fn pieces(series: &[Series], step: usize) -> Vec<(f64, f64)> {
    let (mut above, mut below) = (0.0, 0.0);
    let piece = |one: &Series| {
        let value = one.at_or_zero(step);
        let base = if value < 0.0 { &mut below } else { &mut above };
        let from = *base;
        *base += value;
        (from, *base)
    };
    series.iter().map(piece).collect()
}

fn half_width(plot: Room, time: &Timeline) -> f32 {
    #[allow(clippy::cast_precision_loss)] // months are few
    let pitch = plot.width() / time.len.max(1) as f32;
    (pitch * 0.36).min(MAX_COLUMN / 2.0)
}

fn column(
    sheet: &mut Sheet,
    plot: Room,
    (axis, series): (&Axis, &[Series]),
    (time, step): (&Timeline, usize),
) {
    let (x, half) = (step_middle(plot, time, step), half_width(plot, time));
    for (rank, ((from, to), one)) in pieces(series, step).into_iter().zip(series).enumerate() {
        let (from, to) = (height_of(axis, plot, from), height_of(axis, plot, to));
        let (top, bottom) = (from.min(to), from.max(to));
        sheet.rect(
            (x - half, top),
            (x + half, bottom),
            series_ink(rank, one.tone),
        );
        if bottom - top > 4.0 {
            sheet.rect((x - half, top), (x + half, top + 1.0), PAPER);
        }
    }
}

/// The total over each column where all fit, else over the last one only.
fn totals(
    sheet: &mut Sheet,
    plot: Room,
    (axis, series): (&Axis, &[Series]),
    (time, drawing): (&Timeline, &Drawing),
) {
    let all = (0..time.len).map(|step| {
        let pieces = pieces(series, step);
        let top = pieces.iter().fold(0.0_f64, |top, (_, to)| top.max(*to));
        let net: f64 = pieces.iter().map(|(from, to)| to - from).sum();
        (step, top, compact(net, &drawing.unit))
    });
    let all: Vec<_> = all.collect();
    let widest = sheet.widest(VALUE, all.iter().map(|(.., label)| label.as_str()));
    #[allow(clippy::cast_precision_loss)] // months are few
    let crowded = widest + 8.0 > plot.width() / time.len.max(1) as f32;
    for (step, top, label) in all {
        if !crowded || step + 1 == time.len {
            let at = (
                step_middle(plot, time, step),
                height_of(axis, plot, top) - 9.0,
            );
            sheet.text(at, Align::Centre, VALUE, &label);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credits_stack_below_zero() {
        let series = [
            Series::new("a", vec![Some(5.0)]),
            Series::new("credit", vec![Some(-2.0)]),
            Series::new("b", vec![Some(3.0)]),
            Series::new("gap", vec![None]),
        ];
        assert_eq!(
            pieces(&series, 0),
            [(0.0, 5.0), (0.0, -2.0), (5.0, 8.0), (8.0, 8.0)]
        );
    }
}
