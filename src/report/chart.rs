//! A drawing as a PNG: 1600 x 900, made in memory, with no need of system fonts.
//!
//! It places and paints what the drawing says and computes nothing a reader could quote. The
//! layout (`frame`, `bars`, `columns`, `lines`, `bands`, `fan`) fills a sheet with marks; only `paint`
//! knows plotters and only `text` knows the font.

mod bands;
mod bars;
mod columns;
mod compliance;
mod curve;
mod fan;
mod frame;
mod ink;
mod lines;
mod paint;
#[cfg(test)]
mod samples;
mod sheet;
mod text;

use crate::report::drawing::{Drawing, Shape};
use sheet::{Mark, Sheet};
use text::Face;

/// Width of every chart in pixels.
pub const WIDTH: u32 = 1600;
/// Height of every chart in pixels.
pub const HEIGHT: u32 = 900;

/// The drawing as the bytes of a PNG of [`WIDTH`] x [`HEIGHT`] pixels. A drawing without data
/// becomes a frame that says so. The error says what the font or the picture library refused.
pub fn png(drawing: &Drawing) -> Result<Vec<u8>, String> {
    let face = Face::load()?;
    let marks = lay_out(drawing, &face);
    let picture = paint::paint(&marks, &face)?;
    paint::encode(&picture)
}

/// Every mark of the chart in its place.
fn lay_out(drawing: &Drawing, face: &Face) -> Vec<Mark> {
    let marks = Vec::new();
    let mut sheet = Sheet { face, marks };
    let room = frame::frame(&mut sheet, drawing);
    let unit = &drawing.unit;
    match &drawing.shape {
        _ if drawing.is_empty() => frame::no_data(&mut sheet, room),
        Shape::Bars { bars, marker } => bars::draw(&mut sheet, room, (bars, marker), drawing),
        Shape::StackedColumns { .. } => columns::draw(&mut sheet, room, drawing),
        Shape::Lines { time, series } => lines::draw(&mut sheet, room, (time, series), drawing),
        Shape::Bands { time, bands } => bands::draw(&mut sheet, room, (time, bands), unit),
        Shape::Fan { time, fan } => fan::draw(&mut sheet, room, (time, fan), unit),
        Shape::Curve(shown) => curve::draw(&mut sheet, room, shown, drawing),
        Shape::Compliance { target, bars } => {
            compliance::draw(&mut sheet, room, (*target, bars), unit);
        }
    }
    sheet.marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use sheet::Words;

    #[test]
    fn every_sample_is_a_full_size_picture() {
        for (name, drawing) in samples::all() {
            let bytes = png(&drawing).unwrap();
            let picture = image::load_from_memory(&bytes).unwrap().to_rgb8();
            assert_eq!(picture.dimensions(), (WIDTH, HEIGHT), "{name}");
            let inked = picture.pixels().filter(|pixel| pixel.0 != [255; 3]).count();
            assert!(inked > 4_000, "{name} is blank: {inked} pixels");
        }
    }

    #[test]
    fn the_same_drawing_gives_the_same_bytes() {
        let (_, drawing) = samples::all().swap_remove(0);
        assert_eq!(png(&drawing).unwrap(), png(&drawing).unwrap());
    }

    #[test]
    fn no_words_overlap_or_leave_the_sheet() {
        let face = Face::load().unwrap();
        for (name, drawing) in samples::all() {
            let marks = lay_out(&drawing, &face);
            let boxes: Vec<_> = marks
                .iter()
                .filter_map(|mark| word_box(mark, &face))
                .collect();
            assert!(!boxes.is_empty(), "{name}");
            for (at, (words, (left, top, right, bottom))) in boxes.iter().enumerate() {
                let inside = *left >= 8.0 && *top >= 8.0 && *right <= 1592.0 && *bottom <= 892.0;
                assert!(inside, "{name}: {words:?} leaves the sheet");
                for (other, (l, t, r, b)) in &boxes[at + 1..] {
                    let clear = r <= left || right <= l || b <= top || bottom <= t;
                    assert!(clear, "{name}: {words:?} overlaps {other:?}");
                }
            }
        }
    }

    /// The text and the box of its capitals: left, top, right, bottom.
    fn word_box<'m>(mark: &'m Mark, face: &Face) -> Option<(&'m str, (f32, f32, f32, f32))> {
        let Mark::Words(Words {
            left,
            baseline,
            text,
            size,
            weight,
            ..
        }) = mark
        else {
            return None;
        };
        let right = left + face.width(text, *size, *weight);
        Some((
            text,
            (*left, baseline - size * 0.75, right, baseline + size * 0.2),
        ))
    }
}
