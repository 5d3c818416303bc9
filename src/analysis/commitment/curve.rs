//! What an hourly commitment costs against hourly usage, and where that is least.
//!
//! A commitment of `c` an hour is paid in every hour; usage draws on it at its discounted price, the most
//! discounted first (as AWS applies savings plans), and what it does not cover is paid on demand. Cost over `c`
//! is convex and piecewise linear, so its minimum lies on a breakpoint and one sweep over the breakpoints finds
//! it exactly. With a single discount `d` the minimum is the `d`-quantile of hourly usage, times `1 - d`.

/// Usage of one hour at one discount.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// What it costs on demand, per hour.
    pub on_demand: f64,
    /// What a commitment takes off it, 0 to 1.
    pub discount: f64,
}

/// A discount at or beyond this is a mistake in the bill: nothing is all but free.
const MOST: f64 = 0.99;
/// Slack for sums of floats that should be equal.
const SLACK: f64 = 1e-9;

/// A part of an hour's usage: how far the commitment reaches once it is covered, and what a unit of it covers.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    /// Discounted cost of this part and of all before it.
    until: f64,
    /// On-demand cost covered per unit of commitment: `1 / (1 - discount)`.
    worth: f64,
}

/// Hours of usage, ready to be priced at any commitment.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    hours: Vec<Vec<Piece>>,
    on_demand: f64,
}

impl Curve {
    /// From the usage of each hour; hours without usage count too. What is not positive (a correction) is left out.
    pub fn new<'a>(hours: impl IntoIterator<Item = &'a [Usage]>) -> Curve {
        let hours: Vec<Vec<Piece>> = hours.into_iter().map(pieces).collect();
        let on_demand = hours.iter().map(|hour| covered(hour, f64::INFINITY)).sum();
        Curve { hours, on_demand }
    }

    /// How many hours.
    #[allow(clippy::cast_precision_loss, reason = "hours of at most two months")]
    pub fn hours(&self) -> f64 {
        self.hours.len() as f64
    }

    /// What all hours cost without a commitment.
    pub fn on_demand(&self) -> f64 {
        self.on_demand
    }

    /// What all hours cost with this commitment, the commitment included.
    pub fn cost(&self, commitment: f64) -> f64 {
        commitment * self.hours() + self.on_demand - self.covered(commitment)
    }

    /// What this commitment saves over all hours; negative where it costs more than it covers.
    pub fn net(&self, commitment: f64) -> f64 {
        self.covered(commitment) - commitment * self.hours()
    }

    /// On-demand cost that this commitment replaces, over all hours.
    pub fn covered(&self, commitment: f64) -> f64 {
        self.hours
            .iter()
            .map(|hour| covered(hour, commitment))
            .sum()
    }

    /// How much of the commitment is used, over all hours.
    pub fn used(&self, commitment: f64) -> f64 {
        let used = |hour: &Vec<Piece>| need(hour).min(commitment);
        self.hours.iter().map(used).sum()
    }

    /// The commitment of least cost; of several, the smallest.
    pub fn optimum(&self) -> f64 {
        let sweep = self.sweep();
        let best = sweep
            .iter()
            .take_while(|bend| bend.slope > SLACK * self.hours());
        best.last().map_or(0.0, |bend| bend.until)
    }

    /// The smallest commitment that saves this share (0 to 1) of what the optimum saves.
    pub fn reaching(&self, share: f64) -> f64 {
        let wanted = share * self.net(self.optimum());
        if wanted <= 0.0 {
            return 0.0;
        }
        let (mut at, mut net) = (0.0, 0.0);
        for bend in self.sweep() {
            let gain = bend.slope * (bend.until - at);
            if bend.slope > 0.0 && net + gain >= wanted {
                return at + (wanted - net) / bend.slope;
            }
            (at, net) = (bend.until, net + gain);
        }
        at
    }

    /// The commitment that at least 95 of 100 hours use in full: their 5th percentile (inverted distribution).
    pub fn floor(&self) -> f64 {
        let mut needs: Vec<f64> = self.hours.iter().map(|hour| need(hour)).collect();
        needs.sort_by(f64::total_cmp);
        let rank = needs.len().div_ceil(20).max(1) - 1;
        needs.get(rank).copied().unwrap_or(0.0)
    }

    /// The same hours with this share (0 to 1) of their usage.
    #[must_use]
    pub fn scaled(&self, share: f64) -> Curve {
        let piece = |piece: &Piece| Piece {
            until: piece.until * share,
            ..*piece
        };
        let hour = |hour: &Vec<Piece>| hour.iter().map(piece).collect();
        Curve {
            hours: self.hours.iter().map(hour).collect(),
            on_demand: self.on_demand * share,
        }
    }

    /// The breakpoints, ascending, each with what one more unit saves up to it.
    fn sweep(&self) -> Vec<Bend> {
        let mut drops: Vec<(f64, f64)> = Vec::new();
        for hour in &self.hours {
            for (at, piece) in hour.iter().enumerate() {
                let next = hour.get(at + 1).map_or(0.0, |next| next.worth);
                drops.push((piece.until, piece.worth - next));
            }
        }
        drops.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.total_cmp(&b.1)));
        let first: f64 = self
            .hours
            .iter()
            .filter_map(|hour| hour.first())
            .map(|piece| piece.worth)
            .sum();
        let mut slope = first - self.hours();
        let bend = |(until, drop): (f64, f64)| {
            let bend = Bend { until, slope };
            slope -= drop;
            bend
        };
        drops.into_iter().map(bend).collect()
    }
}

/// Up to a breakpoint, one more unit of commitment an hour saves `slope` over all hours.
struct Bend {
    until: f64,
    slope: f64,
}

fn pieces(usage: &[Usage]) -> Vec<Piece> {
    let mut usage: Vec<Usage> = usage
        .iter()
        .copied()
        .filter(|one| one.on_demand > 0.0)
        .collect();
    let discount = |one: &Usage| one.discount.clamp(0.0, MOST);
    usage.sort_by(|a, b| {
        discount(b)
            .total_cmp(&discount(a))
            .then_with(|| a.on_demand.total_cmp(&b.on_demand))
    });
    let mut until = 0.0;
    let piece = |one: &Usage| {
        let price = 1.0 - discount(one);
        until += one.on_demand * price;
        Piece {
            until,
            worth: 1.0 / price,
        }
    };
    usage.iter().map(piece).collect()
}

fn need(hour: &[Piece]) -> f64 {
    hour.last().map_or(0.0, |piece| piece.until)
}

fn covered(hour: &[Piece], commitment: f64) -> f64 {
    let (mut from, mut covered) = (0.0, 0.0);
    for piece in hour {
        let reach = piece.until.min(commitment);
        if reach <= from {
            break;
        }
        covered += (reach - from) * piece.worth;
        from = reach;
    }
    covered
}

#[cfg(test)]
mod tests;
