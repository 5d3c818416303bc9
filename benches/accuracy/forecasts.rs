//! Forecasts on made-up estates, beside what people usually do: the last week again, the mean of the last thirty
//! days, the mean of the same weekdays of eight weeks. Every origin knows only the days before it.

use cloudtally::analysis::forecast::interval::Calibration;
use cloudtally::analysis::forecast::{History, Outlook, Question, Rhythm, Window, outlooks};

use crate::world::World;

/// Days forecast, and the days on which forecasts are made (the last ones are late days, never looked at).
const HORIZONS: [usize; 2] = [30, 90];
const ORIGINS: [usize; 5] = [150, 180, 210, 240, 270];
/// Rows of the table.
const METHODS: [&str; 4] = [
    "cloudtally",
    "same weekdays, 8 weeks",
    "mean of 30 days",
    "last week again",
];

/// Misses and amounts by horizon and method, coverage by horizon.
#[derive(Default)]
pub(crate) struct Marks {
    missed: [[f64; 4]; 2],
    total_missed: [[f64; 4]; 2],
    actual: [f64; 2],
    covered: [[f64; 2]; 2],
    judged: [f64; 2],
}

impl Marks {
    /// Adds the marks of one estate.
    pub(crate) fn add(&mut self, world: &World) {
        let costs: Vec<Vec<f64>> = world
            .series
            .iter()
            .map(|one| one.costs(world.days))
            .collect();
        let windows = HORIZONS.map(|to| Window { from: 0, to }).to_vec();
        let question = Question::new(Rhythm::Daily, windows);
        for origin in ORIGINS {
            let histories: Vec<History<'_>> = costs
                .iter()
                .map(|costs| History {
                    first_day: world.first,
                    values: &costs[..origin],
                    known: &[],
                })
                .collect();
            let outlooks = outlooks(&histories, &question);
            self.judge(&costs, origin, &outlooks, &question);
        }
    }

    fn judge(
        &mut self,
        costs: &[Vec<f64>],
        origin: usize,
        outlooks: &[Outlook],
        question: &Question,
    ) {
        let calibration = Calibration::learn(outlooks, question);
        for (place, horizon) in HORIZONS.into_iter().enumerate() {
            let mut totals = [0.0; 4];
            let mut total = 0.0;
            for (costs, outlook) in costs.iter().zip(outlooks) {
                let actual: f64 = costs[origin..origin + horizon].iter().sum();
                let interval = calibration.window(outlook, place);
                let past = &costs[..origin];
                let said = [
                    interval.forecast,
                    repeated(past, 56, horizon),
                    past[origin - 30..].iter().sum::<f64>() / 30.0 * horizon as f64,
                    repeated(past, 7, horizon),
                ];
                for (method, said) in said.into_iter().enumerate() {
                    self.missed[place][method] += (said - actual).abs();
                    totals[method] += said;
                }
                total += actual;
                if actual != 0.0 || interval.forecast != 0.0 {
                    let (in80, in95) = interval.covers(actual);
                    self.covered[place][0] += f64::from(u8::from(in80));
                    self.covered[place][1] += f64::from(u8::from(in95));
                    self.judged[place] += 1.0;
                }
            }
            self.actual[place] += total;
            for (missed, said) in self.total_missed[place].iter_mut().zip(totals) {
                *missed += (said - total).abs();
            }
        }
    }

    /// The table in Markdown.
    pub(crate) fn table(&self) -> String {
        let mut lines = vec![
            "| forecast | 30 days | 90 days | 30 days, whole estate | 90 days, whole estate | in 80 % | in 95 % |".to_owned(),
            "|---|---|---|---|---|---|---|".to_owned(),
        ];
        for (method, name) in METHODS.iter().enumerate() {
            let mut cells = vec![(*name).to_owned()];
            for missed in [&self.missed, &self.total_missed] {
                cells
                    .extend((0..2).map(|at| {
                        format!("{:.3}", missed[at][method] / self.actual[at].max(1e-9))
                    }));
            }
            for level in 0..2 {
                let share = |at: usize| self.covered[at][level] / self.judged[at].max(1.0);
                let both = format!("{:.3} / {:.3}", share(0), share(1));
                cells.push(if method == 0 { both } else { "–".to_owned() });
            }
            lines.push(format!("| {} |", cells.join(" | ")));
        }
        lines.join("\n") + "\n"
    }
}

/// The sum of a horizon when each day is the mean of its weekdays in the last days.
fn repeated(past: &[f64], days: usize, horizon: usize) -> f64 {
    let recent = &past[past.len() - days..];
    let weeks = (days / 7) as f64;
    let weekday = |step: usize| recent.iter().skip(step % 7).step_by(7).sum::<f64>() / weeks;
    (0..horizon).map(weekday).sum()
}
