//! The only home of plotters: marks onto pixels, pixels into PNG bytes.
//!
//! Shapes are painted at twice the size and averaged down, which smooths every edge alike; words
//! are set afterwards at full size. Lines are painted piece by piece with round joints, because a
//! thick polyline filled as one polygon tears at the sharp spikes that cost series have.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ColorType, ImageEncoder};
use plotters::backend::{BitMapBackend, DrawingBackend};
use plotters::style::{RGBColor, ShapeStyle};
use std::cell::RefCell;

use super::ink::{Ink, PAPER};
use super::sheet::{At, Mark};
use super::text::Face;
use super::{HEIGHT, WIDTH};

/// Painted pixels per pixel of the picture, in each direction.
const FINE: u32 = 2;

/// The picture as RGB bytes, row by row.
pub(super) fn paint(marks: &[Mark], face: &Face) -> Result<Vec<u8>, String> {
    SHEET.with_borrow_mut(|fine| paint_on(fine, marks, face))
}

thread_local! {
    /// The sheet of fine pixels of a thread: a night has many charts, and a fresh sheet costs more than most of them.
    static SHEET: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

fn paint_on(fine: &mut Vec<u8>, marks: &[Mark], face: &Face) -> Result<Vec<u8>, String> {
    let (width, height) = (WIDTH * FINE, HEIGHT * FINE);
    fine.clear();
    fine.resize(width as usize * height as usize * 3, PAPER.0[0]);
    let mut backend = BitMapBackend::with_buffer_and_format(fine, (width, height))
        .map_err(|error| error.to_string())?;
    for mark in marks {
        shape(&mut backend, mark)?;
    }
    drop(backend);
    let mut picture = halve(fine, width as usize);
    for mark in marks {
        if let Mark::Words(words) = mark {
            face.draw(words, &mut picture, WIDTH as usize);
        }
    }
    Ok(picture)
}

/// The picture as PNG bytes. Compression is light: a chart is mostly flat colour, and a night
/// has many charts.
pub(super) fn encode(picture: &[u8]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(1 << 18);
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Paeth)
        .write_image(picture, WIDTH, HEIGHT, ColorType::Rgb8)
        .map_err(|error| error.to_string())?;
    Ok(bytes)
}

fn shape(backend: &mut BitMapBackend, mark: &Mark) -> Result<(), String> {
    let done = match mark {
        Mark::Rect { from, to, ink } => {
            let ((left, top), (right, bottom)) = (pixel(*from), pixel(*to));
            if right <= left || bottom <= top {
                return Ok(());
            }
            backend.draw_rect((left, top), (right, bottom), &filled(*ink), true)
        }
        Mark::Area { points, ink } => {
            let points: Vec<_> = points.iter().map(|at| pixel(*at)).collect();
            backend.fill_polygon(points, &filled(*ink))
        }
        Mark::Dot { at, radius, ink } => {
            let radius = pixel((*radius, 0.0)).0.unsigned_abs();
            backend.draw_circle(pixel(*at), radius, &filled(*ink), true)
        }
        Mark::Line { points, width, ink } => return stroke(backend, points, *width, *ink),
        Mark::Words(_) => return Ok(()),
    };
    done.map_err(|error| error.to_string())
}

fn stroke(backend: &mut BitMapBackend, points: &[At], width: f32, ink: Ink) -> Result<(), String> {
    let style = filled(ink);
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let length = (x1 - x0).hypot(y1 - y0);
        if !length.is_normal() {
            continue;
        }
        let (across, down) = (
            (y1 - y0) / length * width / 2.0,
            (x0 - x1) / length * width / 2.0,
        );
        let corners = [
            (x0 + across, y0 + down),
            (x1 + across, y1 + down),
            (x1 - across, y1 - down),
            (x0 - across, y0 - down),
        ];
        let piece = backend.fill_polygon(corners.map(pixel), &style);
        piece.map_err(|error| error.to_string())?;
    }
    let radius = pixel((width / 2.0, 0.0)).0.unsigned_abs().saturating_sub(1);
    for joint in points
        .get(1..points.len().saturating_sub(1))
        .unwrap_or_default()
    {
        let joined = backend.draw_circle(pixel(*joint), radius, &style, true);
        joined.map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn filled(Ink([red, green, blue]): Ink) -> ShapeStyle {
    ShapeStyle::from(RGBColor(red, green, blue)).filled()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // `as` saturates
fn pixel((x, y): At) -> (i32, i32) {
    let fine = |value: f32| (value * FINE as f32).round().clamp(-1e5, 1e5) as i32;
    (fine(x), fine(y))
}

/// The mean of every two by two pixels.
fn halve(fine: &[u8], fine_width: usize) -> Vec<u8> {
    let row = fine_width * 3;
    let mut picture = vec![0; fine.len() / 4];
    let lines = picture.chunks_exact_mut(row / 2);
    for (rows, line) in fine.chunks_exact(2 * row).zip(lines) {
        let (upper, lower) = rows.split_at(row);
        let pairs = upper
            .as_chunks::<6>()
            .0
            .iter()
            .zip(lower.as_chunks::<6>().0);
        for ((above, below), pixel) in pairs.zip(line.as_chunks_mut::<3>().0) {
            for (at, mean) in pixel.iter_mut().enumerate() {
                let sum = [above[at], above[at + 3], below[at], below[at + 3]].map(u16::from);
                #[allow(clippy::cast_possible_truncation)] // a mean of bytes is a byte
                {
                    *mean = ((sum[0] + sum[1] + sum[2] + sum[3] + 2) / 4) as u8;
                }
            }
        }
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_halved_pixel_is_the_mean_of_four() {
        let fine = [0, 0, 0, 4, 8, 0, /**/ 4, 0, 0, 0, 0, 200];
        assert_eq!(halve(&fine, 2), [2, 2, 50]);
    }

    #[test]
    fn a_rectangle_covers_just_its_pixels() {
        let face = Face::load().unwrap();
        let ink = Ink([1, 2, 3]);
        let mark = Mark::Rect {
            from: (10.0, 10.0),
            to: (12.0, 11.0),
            ink,
        };
        let picture = paint(&[mark], &face).unwrap();
        let painted = picture
            .chunks(3)
            .filter(|pixel| *pixel == [1, 2, 3])
            .count();
        let paper = picture.chunks(3).filter(|pixel| *pixel == [255; 3]).count();
        assert_eq!((painted, paper), (2, 1600 * 900 - 2));
    }

    #[test]
    fn marks_off_the_sheet_do_no_harm() {
        let face = Face::load().unwrap();
        let ink = Ink([0, 0, 0]);
        let far = vec![(-500.0, f32::NAN), (9e9, 3.0), (5.0, -9e9)];
        let marks = [
            Mark::Line {
                points: far.clone(),
                width: 3.0,
                ink,
            },
            Mark::Area { points: far, ink },
            Mark::Area {
                points: vec![],
                ink,
            },
            Mark::Dot {
                at: (-9.0, 5000.0),
                radius: 4.0,
                ink,
            },
            Mark::Rect {
                from: (1500.0, 800.0),
                to: (1700.0, 1000.0),
                ink,
            },
        ];
        assert!(paint(&marks, &face).is_ok());
    }
}
