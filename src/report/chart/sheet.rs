//! The sheet a chart is laid out on: a list of marks in pixels of a 1600 x 900 picture. Nothing is
//! painted here, so a layout can be tested.

use super::ink::{Ink, PAPER, Style, Weight};
use super::text::Face;
use crate::report::drawing::{one_line, shorten};

/// Which end of a text its x position is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
}

/// A point in pixels from the top left.
pub(super) type At = (f32, f32);

/// A line of text in its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Words {
    pub(super) left: f32,
    pub(super) baseline: f32,
    pub(super) text: String,
    pub(super) size: f32,
    pub(super) weight: Weight,
    pub(super) ink: Ink,
}

/// Something to paint; later marks cover earlier ones, and words cover all.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Mark {
    Rect {
        from: At,
        to: At,
        ink: Ink,
    },
    Line {
        points: Vec<At>,
        width: f32,
        ink: Ink,
    },
    Area {
        points: Vec<At>,
        ink: Ink,
    },
    Dot {
        at: At,
        radius: f32,
        ink: Ink,
    },
    Words(Words),
}

/// A rectangle on the sheet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Room {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) right: f32,
    pub(super) bottom: f32,
}

impl Room {
    pub(super) fn width(&self) -> f32 {
        self.right - self.left
    }

    pub(super) fn height(&self) -> f32 {
        self.bottom - self.top
    }
}

/// Marks laid so far, and the typeface to measure words with.
pub(super) struct Sheet<'a> {
    pub(super) face: &'a Face,
    pub(super) marks: Vec<Mark>,
}

impl Sheet<'_> {
    /// A filled rectangle.
    pub(super) fn rect(&mut self, from: At, to: At, ink: Ink) {
        self.marks.push(Mark::Rect { from, to, ink });
    }

    /// A polyline; a single point becomes a dot, so that a lonely value is not lost.
    pub(super) fn line(&mut self, points: Vec<At>, width: f32, ink: Ink) {
        match points[..] {
            [] => {}
            [at] => self.dot(at, width * 1.3, ink),
            _ => self.marks.push(Mark::Line { points, width, ink }),
        }
    }

    /// A dashed polyline.
    pub(super) fn dashes(&mut self, points: &[At], width: f32, ink: Ink) {
        if let [at] = points[..] {
            self.dot(at, width * 1.3, ink);
        }
        for dash in dashed(points, 4.0 * width, 3.0 * width) {
            self.marks.push(Mark::Line {
                points: dash,
                width,
                ink,
            });
        }
    }

    /// A filled polygon.
    pub(super) fn area(&mut self, points: Vec<At>, ink: Ink) {
        self.marks.push(Mark::Area { points, ink });
    }

    /// A filled circle.
    pub(super) fn dot(&mut self, at: At, radius: f32, ink: Ink) {
        self.marks.push(Mark::Dot { at, radius, ink });
    }

    /// A line of text; `y` is its baseline.
    pub(super) fn text(&mut self, (x, y): At, align: Align, style: Style, text: &str) {
        let text = one_line(text);
        if text.is_empty() {
            return;
        }
        let width = self.face.width(&text, style.size, style.weight);
        let left = match align {
            Align::Left => x,
            Align::Centre => x - width / 2.0,
            Align::Right => x - width,
        };
        let Style { size, weight, ink } = style;
        self.marks.push(Mark::Words(Words {
            left,
            baseline: y,
            text,
            size,
            weight,
            ink,
        }));
    }

    /// A line of text on a strip of paper that covers the grid behind it; starts at `x`.
    pub(super) fn text_on_paper(&mut self, (x, y): At, style: Style, text: &str) {
        let width = self.width(style, text);
        if width > 0.0 {
            let (above, below) = (style.size * 0.82, style.size * 0.28);
            self.rect((x - 4.0, y - above), (x + width + 4.0, y + below), PAPER);
            self.text((x, y), Align::Left, style, text);
        }
    }

    /// Width of a line of text in pixels.
    pub(super) fn width(&self, style: Style, text: &str) -> f32 {
        self.face.width(&one_line(text), style.size, style.weight)
    }

    /// The widest of some texts.
    pub(super) fn widest<'t>(&self, style: Style, texts: impl Iterator<Item = &'t str>) -> f32 {
        texts
            .map(|text| self.width(style, text))
            .fold(0.0, f32::max)
    }

    /// The text, shortened in its middle until it is no wider than `width`.
    pub(super) fn fit(&self, style: Style, text: &str, width: f32) -> String {
        let text = one_line(text);
        if self.width(style, &text) <= width {
            return text;
        }
        let (mut fits, mut too_long) = (0, text.chars().count());
        while too_long - fits > 1 {
            let middle = usize::midpoint(fits, too_long);
            if self.width(style, &shorten(&text, middle)) <= width {
                fits = middle;
            } else {
                too_long = middle;
            }
        }
        shorten(&text, fits)
    }

    /// A sentence broken into at most `rows` lines; what does not fit ends in an ellipsis.
    pub(super) fn wrap(&self, style: Style, text: &str, width: f32, rows: usize) -> Vec<String> {
        let mut lines = vec![String::new()];
        for word in one_line(text).split(' ') {
            let line = lines.last().map_or("", String::as_str);
            let longer = format!("{line}{}{word}", if line.is_empty() { "" } else { " " });
            if self.width(style, &longer) <= width || line.is_empty() {
                lines.pop();
                lines.push(longer);
            } else {
                lines.push(word.to_string());
            }
        }
        if lines.len() > rows {
            lines.truncate(rows);
            if let Some(last) = lines.last_mut() {
                last.push('…');
            }
        }
        lines
            .iter()
            .map(|line| self.fit(style, line, width))
            .collect()
    }
}

/// Cuts a polyline into dashes of `on` pixels, `off` pixels apart.
fn dashed(points: &[At], on: f32, off: f32) -> Vec<Vec<At>> {
    let (mut dashes, mut dash, mut left, mut inking) = (Vec::new(), Vec::new(), on, true);
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let length = (x1 - x0).hypot(y1 - y0);
        let mut gone = 0.0;
        while gone < length && length.is_finite() {
            let point = |far: f32| (x0 + (x1 - x0) * far / length, y0 + (y1 - y0) * far / length);
            if inking && dash.is_empty() {
                dash.push(point(gone));
            }
            let far = left.min(length - gone);
            gone += far;
            left -= far;
            if inking {
                dash.push(point(gone));
            }
            if left <= 0.01 {
                inking = !inking;
                left = if inking { on } else { off };
                if !dash.is_empty() {
                    dashes.push(std::mem::take(&mut dash));
                }
            }
        }
    }
    if dash.len() > 1 {
        dashes.push(dash);
    }
    dashes
}

#[cfg(test)]
mod tests {
    use super::super::ink::{LABEL, TITLE};
    use super::*;

    #[test]
    fn names_are_cut_to_the_width_they_have() {
        let face = Face::load().unwrap();
        let sheet = Sheet {
            face: &face,
            marks: vec![],
        };
        let name = "arn:aws:lambda:eu-central-1:123456789012:function:invoice-export";
        let short = sheet.fit(LABEL, name, 200.0);
        assert!(short.contains('…') && short.ends_with("rt"), "{short}");
        assert!(sheet.width(LABEL, &short) <= 200.0);
        assert_eq!(sheet.fit(LABEL, "EC2", 200.0), "EC2");
        assert_eq!(sheet.fit(LABEL, name, 1.0), "");
    }

    #[test]
    fn titles_break_into_two_lines_at_most() {
        let face = Face::load().unwrap();
        let sheet = Sheet {
            face: &face,
            marks: vec![],
        };
        let lines = sheet.wrap(TITLE, &"cost grew a lot ".repeat(30), 800.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with('…'), "{lines:?}");
        assert_eq!(sheet.wrap(TITLE, "", 800.0, 2), [""]);
    }

    #[test]
    fn dashes_cover_the_line_with_gaps() {
        let dashes = dashed(&[(0.0, 0.0), (10.0, 0.0)], 4.0, 2.0);
        assert_eq!(
            dashes,
            [vec![(0.0, 0.0), (4.0, 0.0)], vec![(6.0, 0.0), (10.0, 0.0)]]
        );
        assert!(dashed(&[(1.0, 1.0), (1.0, 1.0)], 4.0, 2.0).is_empty());
    }
}
