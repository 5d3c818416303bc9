//! Actual against expected: one large panel, or a grid of small ones.

use super::frame::{Swatch, height_of, key, step_middle, time_axis, value_axis};
use super::ink::{BLUE, BLUSH, DARK, LABEL, MUTED, PALE, Style, TICK, VALUE, VERMILLION};
use super::lines::runs;
use super::sheet::{Align, At, Room, Sheet};
use crate::report::drawing::{Axis, Band, BandStep, Timeline, Unit};

/// Panels that still can be read on one sheet.
const MOST: usize = 12;

/// Draws the panels, and says how many there was no room for.
pub(super) fn draw(
    sheet: &mut Sheet,
    room: Room,
    (time, bands): (&Timeline, &[Band]),
    unit: &Unit,
) {
    let mut entries = vec![(Swatch::Line(BLUE), "actual")];
    let any = |is: fn(&BandStep) -> bool| bands.iter().any(|band| band.steps.iter().any(is));
    if any(|step| step.expected.is_some()) {
        entries.push((Swatch::Block(PALE), "expected, with its range"));
    }
    if any(|step| step.incident) {
        entries.push((Swatch::Block(BLUSH), "incident"));
    }
    let hidden = bands.len().saturating_sub(MOST);
    let more = format!("({hidden} more series not shown)");
    if hidden > 0 {
        entries.push((Swatch::Line(super::ink::PAPER), &more));
    }
    // Lines alone need no key.
    let room = if entries.len() > 1 {
        key(sheet, room, &entries)
    } else {
        room
    };
    let bands = &bands[..bands.len() - hidden];
    let axes = Axis::of_bands(bands, time, unit);
    for ((band, axis), panel) in bands.iter().zip(&axes).zip(panels(room, bands.len())) {
        draw_panel(sheet, panel, (time, band), axis, bands.len());
    }
}

/// Equal rooms in reading order: 1, 2 above each other, then two, three or four abreast.
fn panels(room: Room, count: usize) -> Vec<Room> {
    let abreast = match count {
        0..=2 => 1,
        3..=4 => 2,
        5..=9 => 3,
        _ => 4,
    };
    #[allow(clippy::cast_precision_loss)] // a dozen panels
    let (columns, rows) = (abreast as f32, count.div_ceil(abreast).max(1) as f32);
    let (across, down) = (44.0, 18.0);
    let width = (room.width() - across * (columns - 1.0)) / columns;
    let height = (room.height() - down * (rows - 1.0)) / rows;
    let place = |panel: usize| {
        #[allow(clippy::cast_precision_loss)]
        let (column, row) = ((panel % abreast) as f32, (panel / abreast) as f32);
        let (left, top) = (
            room.left + column * (width + across),
            room.top + row * (height + down),
        );
        Room {
            left,
            top,
            right: left + width,
            bottom: top + height,
        }
    };
    (0..count).map(place).collect()
}

/// One of `count` panels: the more there are, the smaller the letters.
fn draw_panel(
    sheet: &mut Sheet,
    room: Room,
    (time, band): (&Timeline, &Band),
    axis: &Axis,
    count: usize,
) {
    let tick = if count <= 2 { TICK } else { TICK.sized(16.0) };
    let top = heading(sheet, room, band, count) + 24.0;
    let bounds = Room {
        top,
        bottom: room.bottom - 30.0,
        ..room
    };
    let widest = sheet.widest(tick, axis.labels.iter().map(String::as_str));
    let plot = Room {
        left: bounds.left + widest + 14.0,
        ..bounds
    };
    incidents(sheet, plot, time, band);
    expected(sheet, plot, axis, (time, band));
    value_axis(sheet, bounds, axis, tick);
    actual(sheet, plot, axis, (time, band));
    let ticks = time.ticks().into_iter();
    let ticks: Vec<_> = ticks
        .map(|(step, label)| (step_middle(plot, time, step), label))
        .collect();
    time_axis(sheet, plot, &ticks, tick);
}

/// What is watched, and what was found: on one line, or below each other in narrow panels.
/// Returns the last baseline.
fn heading(sheet: &mut Sheet, room: Room, band: &Band, count: usize) -> f32 {
    let size = if count <= 2 { 22.0 } else { 18.0 };
    let (name_style, note_style): (Style, Style) = (VALUE.sized(size), LABEL.sized(size));
    let y = room.top + 18.0;
    if count > 4 && !band.note.is_empty() {
        let name = sheet.fit(name_style, &band.label, room.width());
        let note = sheet.fit(note_style, &band.note, room.width());
        sheet.text((room.left, y), Align::Left, name_style, &name);
        sheet.text(
            (room.left, y + 23.0),
            Align::Left,
            note_style.inked(MUTED),
            &note,
        );
        return y + 23.0;
    }
    let note = sheet.fit(note_style, &band.note, room.width() * 0.45);
    let note_width = sheet.width(note_style, &note);
    let name = sheet.fit(name_style, &band.label, room.width() - note_width - 20.0);
    sheet.text((room.left, y), Align::Left, name_style, &name);
    sheet.text(
        (room.right, y),
        Align::Right,
        note_style.inked(MUTED),
        &note,
    );
    y
}

/// Half the width of a step.
fn half_step(plot: Room, time: &Timeline) -> f32 {
    #[allow(clippy::cast_precision_loss)] // years of days fit
    let len = time.len.max(1) as f32;
    plot.width() / len / 2.0
}

fn incidents(sheet: &mut Sheet, plot: Room, time: &Timeline, band: &Band) {
    let half = half_step(plot, time).max(1.5);
    let steps = band.steps.iter().take(time.len).enumerate();
    for (step, _) in steps.filter(|(_, step)| step.incident) {
        let x = step_middle(plot, time, step);
        sheet.rect((x - half, plot.top), (x + half, plot.bottom), BLUSH);
    }
}

fn expected(sheet: &mut Sheet, plot: Room, axis: &Axis, (time, band): (&Timeline, &Band)) {
    let bound = |pick: fn(&crate::report::drawing::Expected) -> f64| -> Vec<Option<f64>> {
        let picked = band
            .steps
            .iter()
            .map(|step| step.expected.as_ref().map(pick));
        picked.collect()
    };
    let at = |(step, value)| (step_middle(plot, time, step), height_of(axis, plot, value));
    let (upper, lower) = (bound(|range| range.upper), bound(|range| range.lower));
    for (above, below) in runs(&upper, time).into_iter().zip(runs(&lower, time)) {
        let mut outline: Vec<At> = above.into_iter().map(at).collect();
        let mut below: Vec<At> = below.into_iter().map(at).collect();
        if let ([top], [bottom]) = (&outline[..], &below[..]) {
            let half = half_step(plot, time);
            sheet.rect((top.0 - half, top.1), (bottom.0 + half, bottom.1), PALE);
            continue;
        }
        below.reverse();
        outline.append(&mut below);
        sheet.area(outline, PALE);
    }
    for run in runs(&bound(|range| range.middle), time) {
        sheet.dashes(&run.into_iter().map(at).collect::<Vec<_>>(), 1.5, MUTED);
    }
}

fn actual(sheet: &mut Sheet, plot: Room, axis: &Axis, (time, band): (&Timeline, &Band)) {
    let values: Vec<Option<f64>> = band.steps.iter().map(|step| step.actual).collect();
    let at = |(step, value)| (step_middle(plot, time, step), height_of(axis, plot, value));
    let width = if plot.width() > 700.0 { 3.5 } else { 2.5 };
    for run in runs(&values, time) {
        sheet.line(run.into_iter().map(at).collect(), width, BLUE);
    }
    for (step, value) in super::lines::known(&values, time) {
        if band.steps.get(step).is_some_and(|step| step.incident) {
            sheet.dot(at((step, value)), width + 2.0, VERMILLION);
        }
    }
    if runs(&values, time).is_empty() {
        let middle = (
            f32::midpoint(plot.left, plot.right),
            f32::midpoint(plot.top, plot.bottom),
        );
        sheet.text(middle, Align::Centre, TICK.inked(DARK), "no data");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_fill_the_room_without_touching() {
        let room = Room {
            left: 0.0,
            top: 0.0,
            right: 1400.0,
            bottom: 600.0,
        };
        assert_eq!(panels(room, 1), [room]);
        let twelve = panels(room, 12);
        assert_eq!(twelve.len(), 12);
        assert_eq!((twelve[11].right, twelve[11].bottom), (1400.0, 600.0));
        assert!(twelve[0].right < twelve[1].left && twelve[0].bottom < twelve[4].top);
    }
}
