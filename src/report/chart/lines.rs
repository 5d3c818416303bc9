//! Lines over days or months, each named at its end.

use super::frame::{Beside, beside, beside_width, height_of, step_middle, time_axis, value_axis};
use super::ink::{TICK, series_ink};
use super::sheet::{At, Room, Sheet};
use crate::report::drawing::{Axis, Drawing, Series, Timeline, Tone, compact};

/// Draws the lines, the last value and the name of each, and the days or months.
pub(super) fn draw(
    sheet: &mut Sheet,
    room: Room,
    (time, series): (&Timeline, &[Series]),
    drawing: &Drawing,
) {
    let Some(axis) = Axis::of(drawing) else {
        return;
    };
    let widths = names(room, (&axis, series), (time, drawing));
    let bounds = Room {
        top: room.top + 12.0,
        right: room.right - beside_width(sheet, &widths, room),
        bottom: room.bottom - 34.0,
        ..room
    };
    let plot = value_axis(sheet, bounds, &axis, TICK);
    // The first are the most important: they are painted last, over the others.
    for (rank, one) in series.iter().enumerate().rev() {
        line(sheet, plot, (&axis, time), (rank, one));
    }
    let ticks = time.ticks().into_iter();
    let ticks = ticks.map(|(step, label)| (step_middle(plot, time, step), label));
    time_axis(sheet, plot, &ticks.collect::<Vec<_>>(), TICK);
    beside(
        sheet,
        plot,
        room.right,
        names(plot, (&axis, series), (time, drawing)),
    );
}

/// The lines with their last known values.
fn names(
    plot: Room,
    (axis, series): (&Axis, &[Series]),
    (time, drawing): (&Timeline, &Drawing),
) -> Vec<Beside> {
    let named = series.iter().enumerate().filter_map(|(rank, one)| {
        let last = known(&one.values, time).last()?.1;
        Some(Beside {
            y: height_of(axis, plot, last),
            ink: series_ink(rank, one.tone),
            name: one.name.clone(),
            value: compact(last, &drawing.unit),
            linked: true,
        })
    });
    named.collect()
}

fn line(
    sheet: &mut Sheet,
    plot: Room,
    (axis, time): (&Axis, &Timeline),
    (rank, one): (usize, &Series),
) {
    let ink = series_ink(rank, one.tone);
    let at = |(step, value)| (step_middle(plot, time, step), height_of(axis, plot, value));
    for run in runs(&one.values, time) {
        let points: Vec<At> = run.into_iter().map(at).collect();
        match one.tone {
            Tone::Plan => sheet.dashes(&points, 3.0, ink),
            Tone::Accent => sheet.line(points, 5.0, ink),
            Tone::Plain => sheet.line(points, 4.0, ink),
            Tone::Other => sheet.line(points, 3.0, ink),
        }
    }
    // A dot where the line ends, for lines that end before the plot does.
    if let Some(last) = known(&one.values, time)
        .last()
        .filter(|_| one.tone != Tone::Plan)
    {
        sheet.dot(at(last), 5.5, ink);
    }
}

/// The steps with a finite value.
pub(super) fn known<'v>(
    values: &'v [Option<f64>],
    time: &Timeline,
) -> impl Iterator<Item = (usize, f64)> + 'v {
    let values = values.iter().take(time.len).enumerate();
    values.filter_map(|(step, value)| Some((step, value.filter(|value| value.is_finite())?)))
}

/// The known values in stretches without a gap.
pub(super) fn runs(values: &[Option<f64>], time: &Timeline) -> Vec<Vec<(usize, f64)>> {
    let mut runs: Vec<Vec<(usize, f64)>> = Vec::new();
    for (step, value) in known(values, time) {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|(last, _)| last + 1 == step) => {
                run.push((step, value));
            }
            _ => runs.push(vec![(step, value)]),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_breaks_the_line() {
        let time = Timeline::days("2026-10-01".parse().unwrap(), 4);
        let values = [Some(1.0), None, Some(2.0), Some(3.0), Some(9.0)];
        assert_eq!(
            runs(&values, &time),
            [vec![(0, 1.0)], vec![(2, 2.0), (3, 3.0)]]
        );
        assert!(runs(&[Some(f64::NAN)], &time).is_empty());
    }
}
