//! Counts what a detector found. The rules: an event is found by an alert of its sign within its grace;
//! an alert outside every event and excused day is false, and false days at most three apart are one
//! incident.

use crate::world::{Alert, Event, Shape, World};

/// Days of a month, for rates per series-month.
const MONTH: f64 = 30.4;

#[derive(Default, Clone)]
pub(crate) struct Tally {
    pub(crate) found: [usize; 7],
    pub(crate) of: [usize; 7],
    pub(crate) false_incidents: usize,
    pub(crate) money_found: f64,
    pub(crate) money: f64,
    pub(crate) named: usize,
    pub(crate) asked: usize,
    pub(crate) caused: usize,
    pub(crate) delays: usize,
    pub(crate) months: f64,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        for kind in 0..7 {
            self.found[kind] += other.found[kind];
            self.of[kind] += other.of[kind];
        }
        self.false_incidents += other.false_incidents;
        self.money_found += other.money_found;
        self.money += other.money;
        self.named += other.named;
        self.asked += other.asked;
        self.caused += other.caused;
        self.delays += other.delays;
        self.months += other.months;
    }

    fn scored(counts: &[usize; 7]) -> usize {
        let scored = |(kind, _): &(usize, &usize)| Shape::ALL[*kind].scored();
        counts
            .iter()
            .enumerate()
            .filter(scored)
            .map(|(_, count)| count)
            .sum()
    }

    /// Cells of a table, as [`HEADER`] names them; a method that names no drivers has none to be right about.
    pub(crate) fn cells(&self) -> String {
        let (found, of) = (Self::scored(&self.found), Self::scored(&self.of));
        let mut cells = vec![
            part(found, found + self.false_incidents),
            part(found, of),
            format!("{:.3}", self.money_found / self.money.max(1e-9)),
            format!(
                "{:.2}",
                self.false_incidents as f64 * 100.0 / self.months.max(1e-9)
            ),
        ];
        cells.extend((0..7).map(|kind| part(self.found[kind], self.of[kind])));
        cells.push(part(self.named, self.asked));
        cells.push(part(self.caused, self.asked));
        cells.push(format!("{:.1}", self.delays as f64 / found.max(1) as f64));
        cells.join(" | ")
    }
}

/// What the cells are.
pub(crate) const HEADER: &str = "precision | recall | recall by cost | false incidents per 100 series-months | spike | level shift | ramp | drop | masked | missing charge | new series | driver right | cause right | days late";

/// Columns with the name of the method.
pub(crate) const COLUMNS: usize = 15;

fn part(found: usize, of: usize) -> String {
    if of == 0 {
        return "–".to_owned();
    }
    format!("{:.3}", found as f64 / of.max(1) as f64)
}

/// Counts the alerts of an estate.
pub(crate) fn tally(world: &World, alerts: &[Alert], threshold: f64) -> Tally {
    let mut tally = Tally {
        months: world.series.len() as f64 * world.days as f64 / MONTH,
        ..Tally::default()
    };
    let mut by_series: Vec<Vec<&Alert>> = vec![Vec::new(); world.series.len()];
    for alert in alerts.iter().filter(|alert| alert.score.abs() >= threshold) {
        by_series[alert.series].push(alert);
    }
    for event in &world.events {
        judge(&mut tally, event, &by_series[event.series]);
    }
    for (alerts, free) in by_series.iter().zip(&world.free) {
        tally.false_incidents += false_incidents(alerts, free);
    }
    tally
}

fn judge(tally: &mut Tally, event: &Event, alerts: &[&Alert]) {
    let kind = event.shape as usize;
    tally.of[kind] += 1;
    let fits = |alert: &&&Alert| {
        let sign = match event.shape {
            Shape::Masked => alert.shape == Some(Shape::Masked) || alert.shape.is_none(),
            Shape::Missing => alert.shape == Some(Shape::Missing),
            Shape::Drop => alert.score < 0.0 && alert.shape != Some(Shape::Missing),
            _ => alert.score > 0.0,
        };
        sign && (event.start..=event.last_counted()).contains(&alert.day)
    };
    let hits: Vec<&&Alert> = alerts.iter().filter(fits).collect();
    let scored = event.shape.scored();
    if scored {
        tally.money += event.impact;
    }
    let Some(first) = hits.iter().map(|alert| alert.day).min() else {
        return;
    };
    tally.found[kind] += 1;
    if !scored {
        return;
    }
    tally.money_found += event.impact;
    tally.delays += first - event.start;
    let named = hits.iter().filter(|alert| alert.driver.is_some());
    let strongest = named.max_by(|a, b| {
        let size = a.score.abs().total_cmp(&b.score.abs());
        size.then(a.day.cmp(&b.day))
    });
    if let Some((alert, driver)) = strongest.and_then(|one| Some((one, one.driver.as_ref()?))) {
        tally.asked += 1;
        tally.named += usize::from(event.answers.contains(driver));
        tally.caused += usize::from(alert.cause == event.cause);
    }
}

fn false_incidents(alerts: &[&Alert], free: &[bool]) -> usize {
    let days = alerts.iter().map(|alert| alert.day);
    let mut bad: Vec<usize> = days.filter(|day| !free[*day]).collect();
    bad.sort_unstable();
    bad.dedup();
    let gaps = bad.windows(2).filter(|pair| pair[1] - pair[0] > 3).count();
    usize::from(!bad.is_empty()) + gaps
}
