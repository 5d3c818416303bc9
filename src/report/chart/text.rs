//! The only home of the font: how wide words are, and how they get onto the pixels.
//!
//! The font is Inter 4.0 (SIL Open Font License, beside it), cut down to Latin, Greek, Cyrillic
//! and the signs charts need. It is embedded, so a cron box without any system font draws the
//! same picture. Words are set here and not by plotters, whose text drops each letter's side
//! bearing and rounds its position to whole pixels, which reads as uneven spacing.

use ab_glyph::{Font, FontRef, Glyph, PxScale, ScaleFont, point};

use super::ink::{Ink, Weight};
use super::sheet::Words;

const REGULAR: &[u8] = include_bytes!("../font/Inter-Regular.otf");
const SEMIBOLD: &[u8] = include_bytes!("../font/Inter-SemiBold.otf");

/// The two weights of the one typeface.
pub(super) struct Face {
    regular: FontRef<'static>,
    semibold: FontRef<'static>,
}

impl Face {
    /// Reads the embedded font.
    pub(super) fn load() -> Result<Self, String> {
        let read = |bytes| FontRef::try_from_slice(bytes).map_err(|error| error.to_string());
        Ok(Self {
            regular: read(REGULAR)?,
            semibold: read(SEMIBOLD)?,
        })
    }

    /// Width of a line of text in pixels; `size` is the em in pixels.
    pub(super) fn width(&self, text: &str, size: f32, weight: Weight) -> f32 {
        let font = self.font(weight).as_scaled(self.scale(size, weight));
        text.chars()
            .map(|letter| font.h_advance(font.glyph_id(letter)))
            .sum()
    }

    /// Blends the words into an RGB picture of this width in pixels.
    pub(super) fn draw(&self, words: &Words, picture: &mut [u8], picture_width: usize) {
        let scale = self.scale(words.size, words.weight);
        let font = self.font(words.weight);
        let scaled = font.as_scaled(scale);
        let (mut x, y) = (words.left, words.baseline.round());
        for letter in words.text.chars() {
            let id = font.glyph_id(letter);
            let glyph: Glyph = id.with_scale_and_position(scale, point(x, y));
            if let Some(outline) = font.outline_glyph(glyph) {
                let corner = outline.px_bounds().min;
                outline.draw(|right, down, cover| {
                    let at = (offset(corner.x, right), offset(corner.y, down));
                    blend(picture, picture_width, at, words.ink, cover);
                });
            }
            x += scaled.h_advance(id);
        }
    }

    fn font(&self, weight: Weight) -> &FontRef<'static> {
        match weight {
            Weight::Regular => &self.regular,
            Weight::SemiBold => &self.semibold,
        }
    }

    /// The library measures fonts by their line height; people measure them by the em.
    fn scale(&self, em: f32, weight: Weight) -> PxScale {
        let font = self.font(weight);
        let units = font.units_per_em().unwrap_or(1000.0);
        PxScale::from(em * font.height_unscaled() / units)
    }
}

/// A pixel of a letter on the picture; `None` left of or above it.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // pixel positions, checked
fn offset(corner: f32, inside: u32) -> Option<usize> {
    (corner.abs() < 1e6)
        .then(|| corner as i64 + i64::from(inside))
        .and_then(|at| usize::try_from(at).ok())
}

fn blend(
    picture: &mut [u8],
    width: usize,
    (x, y): (Option<usize>, Option<usize>),
    Ink(ink): Ink,
    cover: f32,
) {
    let (Some(x), Some(y)) = (x, y) else { return };
    if x >= width {
        return;
    }
    let Some(pixel) = picture.get_mut((y * width + x) * 3..(y * width + x) * 3 + 3) else {
        return;
    };
    for (below, above) in pixel.iter_mut().zip(ink) {
        let mixed = f32::from(*below) + (f32::from(above) - f32::from(*below)) * cover.min(1.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between two bytes
        {
            *below = mixed.round() as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_a_width_that_grows_with_size_and_weight() {
        let face = Face::load().unwrap();
        let regular = face.width("Amazon EC2", 20.0, Weight::Regular);
        assert!((90.0..130.0).contains(&regular), "{regular}");
        assert!(face.width("Amazon EC2", 20.0, Weight::SemiBold) > regular);
        assert!((face.width("Amazon EC2", 40.0, Weight::Regular) - 2.0 * regular).abs() < 0.1);
    }

    #[test]
    fn the_font_knows_the_signs_charts_need() {
        let face = Face::load().unwrap();
        for letter in "−…·€£¥₹ČęğñøßŁżΩЖ–—×≥≤".chars() {
            assert_ne!(face.regular.glyph_id(letter).0, 0, "{letter}");
            assert_ne!(face.semibold.glyph_id(letter).0, 0, "{letter}");
        }
    }

    #[test]
    fn words_off_the_picture_are_cut_and_not_a_panic() {
        let face = Face::load().unwrap();
        let mut picture = vec![255; 10 * 10 * 3];
        for (left, baseline) in [
            (-5.0, 5.0),
            (8.0, 5.0),
            (0.0, -3.0),
            (0.0, 40.0),
            (f32::NAN, 5.0),
        ] {
            let words = Words {
                left,
                baseline,
                text: "Wide".into(),
                size: 12.0,
                weight: Weight::Regular,
                ink: Ink([0, 0, 0]),
            };
            face.draw(&words, &mut picture, 10);
        }
        assert!(picture.iter().any(|byte| *byte < 128));
    }
}
