//! The few colours and letter sizes a chart may have.

use crate::report::drawing::Tone;

/// A colour as red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ink(pub(super) [u8; 3]);

/// Words and values.
pub(super) const DARK: Ink = Ink([0x1F, 0x29, 0x33]);
/// Words of second rank.
pub(super) const MUTED: Ink = Ink([0x5B, 0x66, 0x70]);
/// The line at zero.
pub(super) const BASE: Ink = Ink([0x8A, 0x95, 0xA0]);
/// Grid lines.
pub(super) const GRID: Ink = Ink([0xE3, 0xE7, 0xEB]);
/// The folded rest, and tags that are missing.
pub(super) const GREY: Ink = Ink([0xB4, 0xBC, 0xC4]);
/// The paper.
pub(super) const PAPER: Ink = Ink([0xFF, 0xFF, 0xFF]);
/// One among equals (Okabe-Ito blue).
pub(super) const BLUE: Ink = Ink([0x00, 0x72, 0xB2]);
/// A pale blue: plans and expected ranges.
pub(super) const PALE: Ink = Ink([0xBF, 0xDC, 0xEE]);
/// A paler blue: the wide band of a forecast.
pub(super) const PALEST: Ink = Ink([0xE2, 0xF0, 0xF8]);
/// A warning (Okabe-Ito orange).
pub(super) const ORANGE: Ink = Ink([0xE6, 0x9F, 0x00]);
/// What the title speaks of (Okabe-Ito vermillion).
pub(super) const VERMILLION: Ink = Ink([0xD5, 0x5E, 0x00]);
/// The ground behind incident days.
pub(super) const BLUSH: Ink = Ink([0xFB, 0xE3, 0xD3]);

/// The palette of Okabe and Ito ("Color Universal Design", 2008), told apart by colour-blind
/// readers, in an order that keeps alike shades from touching. Vermillion is kept for accents.
const SERIES: [Ink; 6] = [
    BLUE,
    ORANGE,
    Ink([0x00, 0x9E, 0x73]),
    Ink([0xCC, 0x79, 0xA7]),
    Ink([0x56, 0xB4, 0xE9]),
    Ink([0xF0, 0xE4, 0x42]),
];

/// The colour of a series by its rank and part; beyond the palette, shades of grey.
pub(super) fn series_ink(rank: usize, tone: Tone) -> Ink {
    match tone {
        Tone::Accent => VERMILLION,
        Tone::Other => GREY,
        Tone::Plan => MUTED,
        Tone::Plain => match SERIES.get(rank) {
            Some(ink) => *ink,
            None if rank.is_multiple_of(2) => Ink([0x7A, 0x84, 0x8E]),
            None => Ink([0x98, 0xA2, 0xAC]),
        },
    }
}

/// Thickness of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    SemiBold,
}

/// How a line of text looks; `size` is the em in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    pub(super) size: f32,
    pub(super) weight: Weight,
    pub(super) ink: Ink,
}

/// The finding.
pub(super) const TITLE: Style = style(38.0, Weight::SemiBold, DARK);
/// Period, currency, trust.
pub(super) const SUBTITLE: Style = style(22.0, Weight::Regular, MUTED);
/// Names of rows and lines.
pub(super) const LABEL: Style = style(21.0, Weight::Regular, DARK);
/// Values of rows and lines.
pub(super) const VALUE: Style = style(21.0, Weight::SemiBold, DARK);
/// Axis labels and keys.
pub(super) const TICK: Style = style(19.0, Weight::Regular, MUTED);
/// The small print.
pub(super) const NOTE: Style = style(18.0, Weight::Regular, MUTED);

const fn style(size: f32, weight: Weight, ink: Ink) -> Style {
    Style { size, weight, ink }
}

impl Style {
    /// The same style in another size.
    pub(super) fn sized(self, size: f32) -> Self {
        Self { size, ..self }
    }

    /// The same style in another colour.
    pub(super) fn inked(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }

    /// The baseline that centres capitals and figures on `middle` (they are 0.73 em tall).
    pub(super) fn baseline(self, middle: f32) -> f32 {
        middle + self.size * 0.364
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_the_story_have_their_own_colours() {
        assert_eq!(series_ink(0, Tone::Accent), VERMILLION);
        assert_eq!(series_ink(0, Tone::Other), GREY);
        let ranks: Vec<Ink> = (0..8).map(|rank| series_ink(rank, Tone::Plain)).collect();
        for (rank, ink) in ranks.iter().enumerate() {
            assert!(!ranks[rank + 1..].contains(ink), "{rank}");
            assert!(![VERMILLION, GREY, MUTED].contains(ink), "{rank}");
        }
    }
}
