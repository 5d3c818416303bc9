//! What all charts share: title, subtitle, footnote, keys, value axes, time axes, and the labels
//! that stand beside a line or a stack instead of a legend.

use super::ink::{BASE, GREY, GRID, Ink, LABEL, MUTED, NOTE, SUBTITLE, Style, TICK, TITLE, VALUE};
use super::sheet::{Align, Room, Sheet};
use super::{HEIGHT, WIDTH};
use crate::report::drawing::{Axis, Drawing, Timeline};

/// Blank border left and right.
const MARGIN: f32 = 64.0;

/// The words around the picture; returns the room they leave.
pub(super) fn frame(sheet: &mut Sheet, drawing: &Drawing) -> Room {
    #[allow(clippy::cast_precision_loss)] // a picture is small
    let (width, height) = (WIDTH as f32, HEIGHT as f32);
    let inner = width - 2.0 * MARGIN;
    let mut top = 78.0;
    for line in balanced(sheet, &drawing.title, inner) {
        sheet.text((MARGIN, top), Align::Left, TITLE, &line);
        top += 48.0;
    }
    for line in sheet.wrap(SUBTITLE, &drawing.subtitle, inner, 2) {
        sheet.text((MARGIN, top - 4.0), Align::Left, SUBTITLE, &line);
        top += 30.0;
    }
    let notes = sheet.wrap(NOTE, &drawing.footnote, inner, 2);
    let mut bottom = height - 34.0;
    for line in notes.iter().rev() {
        sheet.text((MARGIN, bottom), Align::Left, NOTE, line);
        bottom -= 25.0;
    }
    Room {
        left: MARGIN,
        top: top + 8.0,
        right: width - MARGIN,
        bottom: bottom - 16.0,
    }
}

/// The title in at most two lines of about equal length.
fn balanced(sheet: &Sheet, title: &str, width: f32) -> Vec<String> {
    let full = sheet.wrap(TITLE, title, width, 2);
    let tenths = (5_u8..10).map(|tenths| width * f32::from(tenths) / 10.0);
    let mut narrower = tenths.map(|width| sheet.wrap(TITLE, title, width, 2));
    let whole = |lines: &Vec<String>| {
        lines.len() == full.len() && lines.concat().len() == full.concat().len()
    };
    match full.len() {
        2 => narrower.find(whole).unwrap_or(full),
        _ => full,
    }
}

/// A frame that says there is nothing to see, so that an empty file is not taken for a fault.
pub(super) fn no_data(sheet: &mut Sheet, room: Room) {
    let Room {
        left,
        top,
        right,
        bottom,
    } = room;
    let corners = vec![
        (left, top),
        (right, top),
        (right, bottom),
        (left, bottom),
        (left, top),
    ];
    sheet.line(corners, 2.0, GRID);
    let middle = (f32::midpoint(left, right), f32::midpoint(top, bottom));
    sheet.text(
        middle,
        Align::Centre,
        SUBTITLE.sized(30.0),
        "No data for this period",
    );
}

/// What a key entry shows before its name.
#[derive(Clone, Copy)]
pub(super) enum Swatch {
    Block(Ink),
    Line(Ink),
    Tick(Ink),
}

/// A row of swatches with their names; returns the room beneath.
pub(super) fn key(sheet: &mut Sheet, room: Room, entries: &[(Swatch, &str)]) -> Room {
    let (mut x, y) = (room.left, room.top + 14.0);
    for (swatch, name) in entries {
        match swatch {
            Swatch::Block(ink) => sheet.rect((x, y - 8.0), (x + 22.0, y + 8.0), *ink),
            Swatch::Line(ink) => sheet.rect((x, y - 2.0), (x + 22.0, y + 2.0), *ink),
            Swatch::Tick(ink) => sheet.rect((x + 9.0, y - 12.0), (x + 13.0, y + 12.0), *ink),
        }
        let name = sheet.fit(TICK, name, (room.right - x - 32.0).max(0.0));
        sheet.text((x + 32.0, TICK.baseline(y)), Align::Left, TICK, &name);
        x += 32.0 + sheet.width(TICK, &name) + 36.0;
    }
    Room {
        top: room.top + 48.0,
        ..room
    }
}

/// Height of a value in a plot.
pub(super) fn height_of(axis: &Axis, plot: Room, value: f64) -> f32 {
    plot.bottom - share(axis.position(value)) * plot.height()
}

/// A share of one as pixels need it.
#[allow(clippy::cast_possible_truncation)] // pixels are coarse
pub(super) fn share(share: f64) -> f32 {
    share as f32
}

/// Grid lines with their values left of the plot; returns the plot, right of the values.
pub(super) fn value_axis(sheet: &mut Sheet, room: Room, axis: &Axis, style: Style) -> Room {
    let widest = sheet.widest(style, axis.labels.iter().map(String::as_str));
    let plot = Room {
        left: room.left + widest + 14.0,
        ..room
    };
    #[allow(clippy::cast_precision_loss)] // a handful of ticks
    let pitch = plot.height() / (axis.ticks.len().max(2) - 1) as f32;
    let every = stride(style.size * 1.5, pitch);
    // Counted from zero, so that thinning never drops the one label that must stay.
    let zero = axis.ticks.iter().position(|tick| *tick == 0.0).unwrap_or(0);
    for (at, (tick, label)) in axis.ticks.iter().zip(&axis.labels).enumerate() {
        if !at.abs_diff(zero).is_multiple_of(every) {
            continue;
        }
        let y = height_of(axis, plot, *tick);
        let (ink, half) = if *tick == 0.0 {
            (BASE, 1.0)
        } else {
            (GRID, 0.75)
        };
        sheet.rect((plot.left, y - half), (plot.right, y + half), ink);
        let at = (plot.left - 14.0, style.baseline(y));
        sheet.text(at, Align::Right, style, label);
    }
    plot
}

/// The middle of a step of the timeline.
pub(super) fn step_middle(plot: Room, time: &Timeline, step: usize) -> f32 {
    #[allow(clippy::cast_precision_loss)] // years of days fit
    let (step, len) = (step as f32, time.len.max(1) as f32);
    plot.left + plot.width() * (step + 0.5) / len
}

/// Labels under the plot; when they do not all fit, every second, third .. of them.
pub(super) fn time_axis(sheet: &mut Sheet, plot: Room, ticks: &[(f32, String)], style: Style) {
    let extents: Vec<(f32, f32)> = ticks
        .iter()
        .map(|(x, label)| (*x, sheet.width(style, label) / 2.0 + 8.0))
        .collect();
    // Thinned from the first January on, so that the label that names the year stays.
    let lead = ticks
        .iter()
        .position(|(_, label)| label.starts_with("Jan "))
        .unwrap_or(0);
    let clear = |every: usize| {
        let kept: Vec<_> = extents.iter().skip(lead % every).step_by(every).collect();
        kept.windows(2)
            .all(|pair| pair[0].0 + pair[0].1 <= pair[1].0 - pair[1].1)
    };
    let every = (1..=ticks.len()).find(|every| clear(*every)).unwrap_or(1);
    for (x, label) in ticks.iter().skip(lead % every).step_by(every) {
        sheet.rect((x - 0.75, plot.bottom), (x + 0.75, plot.bottom + 6.0), GREY);
        sheet.text(
            (*x, plot.bottom + 12.0 + style.size),
            Align::Centre,
            style,
            label,
        );
    }
}

/// How many places to go from one label to the next that still has room.
pub(super) fn stride(needed: f32, pitch: f32) -> usize {
    if needed <= pitch {
        return 1;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // bounded
    let every = (needed / pitch.max(0.01)).ceil().clamp(1.0, 1e6) as usize;
    every
}

/// A name with its value, wanted at a height beside the plot.
pub(super) struct Beside {
    pub(super) y: f32,
    pub(super) ink: Ink,
    pub(super) name: String,
    pub(super) value: String,
    /// Whether there is something at that height to connect the words with.
    pub(super) linked: bool,
}

/// Height of one label beside a plot.
const BESIDE_PITCH: f32 = 31.0;
/// From the plot to the words: a connector and a swatch.
const BESIDE_LEAD: f32 = 54.0;

/// The width that labels beside a plot ask for, at most three tenths of the room.
pub(super) fn beside_width(sheet: &Sheet, labels: &[Beside], room: Room) -> f32 {
    let widths = labels.iter().map(|label| {
        sheet.width(LABEL, &label.name) + sheet.width(VALUE, &label.value) + BESIDE_LEAD + 14.0
    });
    widths.fold(0.0, f32::max).min(room.width() * 0.3)
}

/// Labels in a column right of the plot, each as near to its height as the others allow, with a
/// thin connector. More labels than fit end in a count; `labels` come most important first.
pub(super) fn beside(sheet: &mut Sheet, plot: Room, right: f32, mut labels: Vec<Beside>) {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a few dozen
    let fit = ((plot.height() / BESIDE_PITCH) as usize).max(2);
    let hidden = if labels.len() > fit {
        labels.len() + 1 - fit
    } else {
        0
    };
    labels.truncate(labels.len() - hidden);
    labels.sort_by(|a, b| a.y.total_cmp(&b.y));
    let lowest = if hidden > 0 {
        plot.bottom - BESIDE_PITCH
    } else {
        plot.bottom
    };
    let wanted: Vec<f32> = labels.iter().map(|label| label.y).collect();
    let heights = spread(&wanted, BESIDE_PITCH, (plot.top, lowest));
    let x = plot.right + BESIDE_LEAD;
    for (label, y) in labels.iter().zip(heights) {
        if label.linked {
            sheet.line(
                vec![(plot.right + 4.0, label.y), (x - 26.0, y)],
                1.5,
                label.ink,
            );
        }
        sheet.rect((x - 24.0, y - 7.0), (x - 10.0, y + 7.0), label.ink);
        let value_width = sheet.width(VALUE, &label.value);
        let name = sheet.fit(LABEL, &label.name, right - x - value_width - 12.0);
        sheet.text_on_paper((x, LABEL.baseline(y)), LABEL, &name);
        let after = x + sheet.width(LABEL, &name) + 10.0;
        sheet.text_on_paper((after, VALUE.baseline(y)), VALUE, &label.value);
    }
    if hidden > 0 {
        let at = (x, LABEL.baseline(plot.bottom));
        sheet.text_on_paper(at, LABEL.inked(MUTED), &format!("and {hidden} more"));
    }
}

/// Moves ascending heights apart until each is `gap` from the next, with the least movement
/// (least squares, by pooling neighbours that collide), all within `low..=high`.
fn spread(wanted: &[f32], gap: f32, (low, high): (f32, f32)) -> Vec<f32> {
    #[allow(clippy::cast_precision_loss)] // a few dozen labels
    let shift = |place: usize| place as f32 * gap;
    // Without the gaps the task is: the nearest ascending sequence. Each pool is (sum, count).
    let mut pools: Vec<(f32, usize)> = Vec::new();
    for (place, height) in wanted.iter().enumerate() {
        pools.push((height - shift(place), 1));
        while let [.., (sum, count), (next_sum, next_count)] = pools[..] {
            if mean(sum, count) < mean(next_sum, next_count) {
                break;
            }
            pools.truncate(pools.len() - 2);
            pools.push((sum + next_sum, count + next_count));
        }
    }
    let highest = (high - shift(wanted.len().saturating_sub(1))).max(low);
    let pooled = pools
        .iter()
        .flat_map(|(sum, count)| std::iter::repeat_n(mean(*sum, *count), *count));
    pooled
        .enumerate()
        .map(|(place, height)| height.clamp(low, highest) + shift(place))
        .collect()
}

#[allow(clippy::cast_precision_loss)] // a few dozen labels
fn mean(sum: f32, count: usize) -> f32 {
    sum / count.max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_with_room_stay_where_they_are() {
        assert_eq!(spread(&[10.0, 50.0], 20.0, (0.0, 100.0)), [10.0, 50.0]);
    }

    #[test]
    fn colliding_labels_part_evenly() {
        assert_eq!(spread(&[50.0, 50.0], 20.0, (0.0, 100.0)), [40.0, 60.0]);
        assert_eq!(
            spread(&[10.0, 50.0, 50.0], 20.0, (0.0, 100.0)),
            [10.0, 40.0, 60.0]
        );
    }

    #[test]
    fn labels_stay_beside_the_plot() {
        assert_eq!(spread(&[0.0, 0.0], 20.0, (0.0, 100.0)), [0.0, 20.0]);
        assert_eq!(spread(&[100.0, 100.0], 20.0, (0.0, 100.0)), [80.0, 100.0]);
        assert!(spread(&[], 20.0, (0.0, 100.0)).is_empty());
    }

    #[test]
    fn labels_thin_out_by_whole_places() {
        assert_eq!(stride(10.0, 10.0), 1);
        assert_eq!(stride(25.0, 10.0), 3);
        assert_eq!(stride(10.0, f32::INFINITY), 1);
    }
}
