//! Rankings: one horizontal bar per row, its name before it and its value after it.

use super::frame::{Swatch, key, share, stride};
use super::ink::{
    BASE, BLUE, DARK, GREY, GRID, Ink, LABEL, MUTED, PALE, Style, TICK, VALUE, VERMILLION,
};
use super::sheet::{Align, At, Room, Sheet};
use crate::report::drawing::{Axis, Bar, Drawing, Tone, compact};

/// Smallest height of a row whose text can still be read.
const MIN_PITCH: f32 = 19.0;
/// Largest height of a row: three bars should not look like a flag.
const MAX_PITCH: f32 = 96.0;

/// Where the rows are and how large their text is.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    pub(super) pitch: f32,
    pub(super) shown: usize,
    pub(super) hidden: usize,
}

impl Rows {
    /// As many rows as fit, the last line given up to a count when not all do.
    pub(super) fn of(count: usize, height: f32) -> Self {
        #[allow(clippy::cast_precision_loss)] // rows are few
        let pitch = (height / count.max(1) as f32).clamp(MIN_PITCH, MAX_PITCH);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let fit = (height / pitch + 0.01) as usize;
        let shown = if count > fit {
            fit.saturating_sub(1)
        } else {
            count
        };
        Self {
            pitch,
            shown,
            hidden: count - shown,
        }
    }

    /// The middle of a row.
    pub(super) fn middle(&self, room: Room, row: usize) -> f32 {
        #[allow(clippy::cast_precision_loss)]
        let row = row as f32;
        room.top + self.pitch * (row + 0.5)
    }

    /// Lower edge of the last row, be it a bar or the count of those not shown.
    pub(super) fn bottom(&self, room: Room) -> f32 {
        let count_row = usize::from(self.hidden > 0);
        self.middle(room, self.shown + count_row) - self.pitch / 2.0
    }

    /// A style in the size these rows can hold.
    pub(super) fn styled(&self, style: Style) -> Style {
        style.sized((self.pitch * 0.76).clamp(14.0, 23.0))
    }

    /// The width of the names before the bars, at most three eighths of the room.
    pub(super) fn names_width<'n>(
        &self,
        sheet: &Sheet,
        room: Room,
        names: impl Iterator<Item = &'n str>,
    ) -> f32 {
        let widest = sheet.widest(self.styled(LABEL), names);
        (widest + 1.0).min(room.width() * 0.375)
    }

    /// Writes the name of a row, cut to the width that names have.
    pub(super) fn name(&self, sheet: &mut Sheet, (left, middle): At, name: &str, width: f32) {
        let style = self.styled(LABEL);
        let name = sheet.fit(style, name, width);
        sheet.text((left, style.baseline(middle)), Align::Left, style, &name);
    }

    /// Half the thickness of a bar.
    pub(super) fn half(&self) -> f32 {
        (self.pitch * 0.34).min(27.0)
    }

    /// Says how many rows are not shown.
    pub(super) fn count_hidden(&self, sheet: &mut Sheet, room: Room) {
        if self.hidden > 0 {
            let style = self.styled(LABEL).inked(MUTED);
            let y = style.baseline(self.middle(room, self.shown));
            let text = format!("and {} more, not shown", self.hidden);
            sheet.text_on_paper((room.left, y), style, &text);
        }
    }
}

/// Draws the bars with names, values, remarks and second values.
pub(super) fn draw(
    sheet: &mut Sheet,
    room: Room,
    (bars, marker): (&[Bar], &str),
    drawing: &Drawing,
) {
    let Some(axis) = Axis::of(drawing) else {
        return;
    };
    let room = marker_key(sheet, room, marker);
    let rows = Rows::of(bars.len(), room.height() - 40.0);
    let bars = &bars[..rows.shown];
    let values = bars.iter().map(|bar| compact(bar.value, &drawing.unit));
    let values: Vec<String> = values.collect();
    let names = rows.names_width(sheet, room, bars.iter().map(|bar| bar.label.as_str()));
    let (before, after) = overhang(sheet, bars, &values, rows);
    let plot = Room {
        left: room.left + names + 18.0 + before,
        right: room.right - after,
        bottom: rows.bottom(room),
        ..room
    };
    let x_of = |value: f64| plot.left + share(axis.position(value)) * plot.width();
    value_axis_below(sheet, plot, &axis);
    for (row, (bar, value)) in bars.iter().zip(&values).enumerate() {
        let y = rows.middle(room, row);
        rows.name(sheet, (room.left, y), &bar.label, names);
        one_bar(sheet, bar, (&x_of, y), rows.half());
        value_and_note(sheet, (bar, value), (&x_of, y), rows);
    }
    rows.count_hidden(sheet, room);
}

fn marker_key(sheet: &mut Sheet, room: Room, marker: &str) -> Room {
    if marker.is_empty() {
        return room;
    }
    let entries = [(Swatch::Tick(DARK), marker)];
    key(sheet, room, &entries)
}

/// The value beyond the end of the bar, and the remark right of all.
fn value_and_note(
    sheet: &mut Sheet,
    (bar, value): (&Bar, &str),
    (x_of, y): (&impl Fn(f64) -> f32, f32),
    rows: Rows,
) {
    let style = rows.styled(VALUE);
    let width = sheet.width(style, value);
    let end = bar.marker.map_or(bar.value, |marker| marker.max(bar.value));
    let (left, after) = if bar.value < 0.0 {
        let end = x_of(bar.value.min(bar.marker.unwrap_or(0.0)));
        (end - 10.0 - width, x_of(end_or_zero(bar.marker)) + 10.0)
    } else {
        let left = x_of(end_or_zero(Some(end))) + 10.0;
        (left, left + width + 12.0)
    };
    sheet.text_on_paper((left, style.baseline(y)), style, value);
    // A remark is a sentence: it may lose its end, where a name would lose its middle.
    let style = rows.styled(LABEL).inked(MUTED);
    let note = sheet.wrap(style, &bar.note, NOTE_WIDTH, 1).concat();
    sheet.text_on_paper((after, style.baseline(y)), style, &note);
}

/// How far right a bar or its second value reaches; zero at least.
fn end_or_zero(end: Option<f64>) -> f64 {
    end.filter(|end| end.is_finite())
        .map_or(0.0, |end| end.max(0.0))
}

/// The space values and remarks need left and right of the longest bars.
fn overhang(sheet: &Sheet, bars: &[Bar], values: &[String], rows: Rows) -> (f32, f32) {
    let style = rows.styled(VALUE);
    let (mut before, mut after) = (0.0_f32, 24.0_f32);
    for (bar, value) in bars.iter().zip(values) {
        let width = sheet.width(style, value) + 14.0;
        let note = match sheet.width(rows.styled(LABEL), &bar.note) {
            0.0 => 0.0,
            width => width.min(NOTE_WIDTH) + 14.0,
        };
        if bar.value < 0.0 {
            before = before.max(width);
            after = after.max(note);
        } else {
            after = after.max(width + note);
        }
    }
    (before, after)
}

/// Room a remark may take.
const NOTE_WIDTH: f32 = 300.0;

fn one_bar(sheet: &mut Sheet, bar: &Bar, (x_of, y): (&impl Fn(f64) -> f32, f32), half: f32) {
    let value = if bar.value.is_finite() {
        bar.value
    } else {
        0.0
    };
    let (zero, end) = (x_of(0.0), x_of(value));
    // A value that is not zero is never invisible.
    let visible = if value == 0.0 { 0.0 } else { 1.5 };
    let (left, right) = if end < zero || value < 0.0 {
        (end.min(zero - visible), zero)
    } else {
        (zero, end.max(zero + visible))
    };
    sheet.rect((left, y - half), (right, y + half), bar_ink(bar.tone));
    if let Some(marker) = bar.marker.filter(|marker| marker.is_finite()) {
        let (x, half) = (x_of(marker), half + 4.0);
        sheet.rect((x - 2.0, y - half), (x + 2.0, y + half), DARK);
    }
}

fn bar_ink(tone: Tone) -> Ink {
    match tone {
        Tone::Plain => BLUE,
        Tone::Accent => VERMILLION,
        Tone::Other => GREY,
        Tone::Plan => PALE,
    }
}

/// Vertical grid lines with their values under the plot.
pub(super) fn value_axis_below(sheet: &mut Sheet, plot: Room, axis: &Axis) {
    let widest = sheet.widest(TICK, axis.labels.iter().map(String::as_str));
    #[allow(clippy::cast_precision_loss)] // a handful of ticks
    let pitch = plot.width() / (axis.ticks.len().max(2) - 1) as f32;
    let every = stride(widest + 16.0, pitch);
    let zero = axis.ticks.iter().position(|tick| *tick == 0.0).unwrap_or(0);
    for (at, (tick, label)) in axis.ticks.iter().zip(&axis.labels).enumerate() {
        if !at.abs_diff(zero).is_multiple_of(every) {
            continue;
        }
        let x = plot.left + share(axis.position(*tick)) * plot.width();
        let (ink, half) = if *tick == 0.0 {
            (BASE, 1.0)
        } else {
            (GRID, 0.75)
        };
        sheet.rect((x - half, plot.top), (x + half, plot.bottom + 4.0), ink);
        sheet.text((x, plot.bottom + 28.0), Align::Centre, TICK, label);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_share_the_height_within_reason() {
        assert!(Rows::of(1, 600.0).pitch <= MAX_PITCH);
        let thirty = Rows::of(30, 600.0);
        assert_eq!((thirty.shown, thirty.hidden, thirty.pitch), (30, 0, 20.0));
        let many = Rows::of(100, 190.0);
        assert_eq!((many.shown, many.hidden), (9, 91));
    }
}
