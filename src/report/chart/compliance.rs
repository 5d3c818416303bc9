//! Tag compliance: each row is all that could be tagged, split into valid, invalid and missing.

use super::bars::Rows;
use super::frame::{Swatch, key, share};
use super::ink::{BLUE, DARK, GREY, LABEL, MUTED, ORANGE, PAPER, Style, TICK, VALUE, VERMILLION};
use super::sheet::{Align, At, Room, Sheet};
use crate::report::drawing::{ComplianceBar, Unit, compact};

/// Draws the rows, the share that is valid after each, and the target across all.
pub(super) fn draw(
    sheet: &mut Sheet,
    room: Room,
    (target, bars): (Option<f64>, &[ComplianceBar]),
    unit: &Unit,
) {
    let room = parts_key(sheet, room, target.is_some());
    let rows = Rows::of(bars.len(), room.height());
    let bars = &bars[..rows.shown];
    let names = rows.names_width(sheet, room, bars.iter().map(|bar| bar.label.as_str()));
    let ends: Vec<_> = bars.iter().map(|bar| row_end(bar, target, unit)).collect();
    let percents = widest(sheet, rows.styled(VALUE), &ends, |end| &end.percent);
    let wholes = widest(sheet, rows.styled(LABEL), &ends, |end| &end.whole);
    let plot = Room {
        left: room.left + names + 18.0,
        right: room.right - percents - wholes - 32.0,
        bottom: rows.bottom(room),
        ..room
    };
    for (row, (bar, end)) in bars.iter().zip(&ends).enumerate() {
        let y = rows.middle(room, row);
        rows.name(sheet, (room.left, y), &bar.label, names);
        segments(sheet, bar, plot, (y - rows.half(), y + rows.half()));
        words(sheet, end, (plot.right + 16.0, y), (rows, percents));
    }
    if let Some(target) = target.filter(|target| (0.0..=100.0).contains(target)) {
        target_line(sheet, plot, target);
    }
    rows.count_hidden(sheet, room);
}

/// Names the three parts, and leaves room for the word above the target line.
fn parts_key(sheet: &mut Sheet, room: Room, target: bool) -> Room {
    let parts = [
        (Swatch::Block(BLUE), "valid value"),
        (Swatch::Block(ORANGE), "value not allowed"),
        (Swatch::Block(GREY), "not tagged"),
    ];
    let room = key(sheet, room, &parts);
    let top = room.top + if target { 26.0 } else { 0.0 };
    Room { top, ..room }
}

fn widest(sheet: &Sheet, style: Style, ends: &[RowEnd], word: fn(&RowEnd) -> &str) -> f32 {
    sheet.widest(style, ends.iter().map(word))
}

/// The share and what it is of, in two columns.
fn words(sheet: &mut Sheet, end: &RowEnd, (x, y): At, (rows, percents): (Rows, f32)) {
    let style = rows.styled(VALUE);
    let style = if end.short_of_target {
        style.inked(VERMILLION)
    } else {
        style
    };
    sheet.text((x, style.baseline(y)), Align::Left, style, &end.percent);
    let style = rows.styled(LABEL).inked(MUTED);
    sheet.text(
        (x + percents + 12.0, style.baseline(y)),
        Align::Left,
        style,
        &end.whole,
    );
}

/// The words after a row.
struct RowEnd {
    percent: String,
    whole: String,
    short_of_target: bool,
}

fn row_end(bar: &ComplianceBar, target: Option<f64>, unit: &Unit) -> RowEnd {
    match bar.shares() {
        Some([valid, ..]) => RowEnd {
            percent: compact(valid, &Unit::Percent),
            whole: format!(
                "of {}",
                compact(bar.valid + bar.invalid + bar.missing, unit)
            ),
            short_of_target: bar.target.or(target).is_some_and(|target| valid < target),
        },
        None => RowEnd {
            percent: "n/a".into(),
            whole: "nothing taggable".into(),
            short_of_target: false,
        },
    }
}

fn segments(sheet: &mut Sheet, bar: &ComplianceBar, plot: Room, (top, bottom): (f32, f32)) {
    let mut left = plot.left;
    for (part, ink) in bar.shares().into_iter().flatten().zip([BLUE, ORANGE, GREY]) {
        let right = left + share(part / 100.0) * plot.width();
        sheet.rect((left, top), (right, bottom), ink);
        if left > plot.left && right > left {
            sheet.rect((left - 0.75, top), (left + 0.75, bottom), PAPER);
        }
        left = right;
    }
}

fn target_line(sheet: &mut Sheet, plot: Room, target: f64) {
    let x = plot.left + share(target / 100.0) * plot.width();
    sheet.rect((x - 2.5, plot.top - 6.0), (x + 2.5, plot.bottom), PAPER);
    sheet.dashes(&[(x, plot.top - 6.0), (x, plot.bottom)], 2.5, DARK);
    let text = format!("target {}", compact(target, &Unit::Percent));
    let half = sheet.width(TICK, &text) / 2.0;
    let x = x.clamp(plot.left + half, (plot.right - half).max(plot.left + half));
    sheet.text((x, plot.top - 14.0), Align::Centre, TICK.inked(DARK), &text);
}
