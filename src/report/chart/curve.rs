//! Values over amounts: the curve, the paler one if things go worse, and the points to choose from.

use super::frame::{Beside, beside, beside_width, height_of, share, time_axis, value_axis};
use super::ink::{BLUE, DARK, Ink, ORANGE, PALE, TICK, VERMILLION};
use super::sheet::{At, Room, Sheet};
use crate::report::drawing::{Axis, Curve, CurveMark, Drawing, Unit, compact};

/// The colours of the marks, ascending by amount.
const MARKS: [Ink; 3] = [ORANGE, VERMILLION, DARK];

/// Draws the curve over its amounts, with its marks named beside it.
pub(super) fn draw(sheet: &mut Sheet, room: Room, curve: &Curve, drawing: &Drawing) {
    let Some(axis) = Axis::of(drawing) else {
        return;
    };
    let amounts = Axis::over(
        curve.points.iter().map(|point| point.0),
        &drawing.unit,
        true,
    );
    let widths = names(room, &axis, curve, &drawing.unit);
    let bounds = Room {
        top: room.top + 12.0,
        right: room.right - beside_width(sheet, &widths, room),
        bottom: room.bottom - 34.0,
        ..room
    };
    let plot = value_axis(sheet, bounds, &axis, TICK);
    let across = |amount: f64| plot.left + share(amounts.position(amount)) * plot.width();
    let place = |point: &(f64, f64)| -> At { (across(point.0), height_of(&axis, plot, point.1)) };
    sheet.line(curve.lower.iter().map(place).collect(), 3.0, PALE);
    sheet.line(curve.points.iter().map(place).collect(), 4.0, BLUE);
    for (rank, mark) in curve.marks.iter().enumerate() {
        sheet.dot(place(&mark.at), 9.0, ink(rank));
    }
    let ticks = amounts.ticks.iter().zip(&amounts.labels);
    let ticks: Vec<(f32, String)> = ticks
        .map(|(tick, label)| (across(*tick), label.clone()))
        .collect();
    time_axis(sheet, plot, &ticks, TICK);
    let named = names(plot, &axis, curve, &drawing.unit);
    beside(sheet, plot, room.right, named);
}

fn ink(rank: usize) -> Ink {
    MARKS.get(rank).copied().unwrap_or(DARK)
}

/// The marks with their amounts; those at one amount are one.
fn names(plot: Room, axis: &Axis, curve: &Curve, unit: &Unit) -> Vec<Beside> {
    let mut kept: Vec<(usize, String, &CurveMark)> = Vec::new();
    for (rank, mark) in curve.marks.iter().enumerate() {
        match kept.last_mut() {
            Some((shown, name, last)) if last.at == mark.at => {
                *shown = rank;
                *name = format!("{name}, {}", mark.name);
            }
            _ => kept.push((rank, mark.name.clone(), mark)),
        }
    }
    let label = |(rank, name, mark): (usize, String, &CurveMark)| Beside {
        y: height_of(axis, plot, mark.at.1),
        ink: ink(rank),
        name,
        value: compact(mark.at.0, unit),
        linked: false,
    };
    kept.into_iter().map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_at_one_amount_are_one() {
        let mark = |amount, name: &str| CurveMark {
            at: (amount, 5.0),
            name: name.to_owned(),
        };
        let curve = Curve {
            points: vec![(0.0, 0.0), (2.0, 5.0)],
            lower: Vec::new(),
            marks: vec![
                mark(1.0, "floor"),
                mark(2.0, "recommended"),
                mark(2.0, "optimum"),
            ],
        };
        let unit = Unit::Money("USD".to_owned());
        let axis = Axis::over([0.0, 5.0].into_iter(), &unit, true);
        let room = Room {
            left: 0.0,
            top: 0.0,
            right: 100.0,
            bottom: 100.0,
        };
        let names: Vec<String> = names(room, &axis, &curve, &unit)
            .into_iter()
            .map(|one| one.name)
            .collect();
        assert_eq!(names, ["floor", "recommended, optimum"]);
    }
}
