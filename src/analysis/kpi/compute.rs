//! Machines: what a vCPU costs, and how much of the money is on spot, current and ARM machines.

use super::{Formula, Value};
use crate::money::{Money, per, ratio};

/// Machine hours of a month whose type the catalogue knows, by how they were paid for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// Paid for on demand.
    pub on_demand: Paid,
    /// Covered by a commitment.
    pub committed: Paid,
    /// Spot and preemptible.
    pub spot: Paid,
    /// `EffectiveCost` of types that their provider names no replacement for.
    pub current: Money,
    /// `EffectiveCost` of ARM types.
    pub arm: Money,
    /// `EffectiveCost` of machines that are not production, outside working hours and at any hour; `None` where no
    /// bill has hours or no environment is known.
    pub nonproduction: Option<(Money, Money)>,
}

/// Machine hours and what they cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Paid {
    /// `EffectiveCost`.
    pub cost: Money,
    /// vCPU-hours, on the scale of money.
    pub vcpu_hours: Money,
}

impl std::ops::Add for Paid {
    type Output = Paid;

    fn add(self, other: Paid) -> Paid {
        Paid {
            cost: self.cost + other.cost,
            vcpu_hours: self.vcpu_hours + other.vcpu_hours,
        }
    }
}

impl Paid {
    fn price(self) -> Option<Value> {
        let known = self.vcpu_hours > Money::ZERO;
        let price = per(self.cost, self.vcpu_hours, 6).filter(|_| known)?;
        Some(Value::Price(price, "vCPU-hour"))
    }
}

impl Sums {
    fn all(&self) -> Paid {
        self.on_demand + self.committed + self.spot
    }

    fn share(&self, part: Money) -> Option<Value> {
        let all = self.all().cost;
        ratio(part, all)
            .filter(|_| all > Money::ZERO)
            .map(Value::Percent)
    }
}

/// The table.
pub const FORMULAS: &[Formula<Sums>] = &[
    Formula {
        name: "cost per vCPU-hour",
        target: None,
        definition: "EffectiveCost of machine hours / (hours x vCPU of the type), types the catalogue knows",
        value: |sums| sums.all().price(),
    },
    Formula {
        name: "cost per vCPU-hour, on demand",
        target: None,
        definition: "The same of hours that no commitment covers, spot left out",
        value: |sums| sums.on_demand.price(),
    },
    Formula {
        name: "cost per vCPU-hour, committed",
        target: None,
        definition: "The same of hours that a commitment covers, unused commitments left out",
        value: |sums| sums.committed.price(),
    },
    Formula {
        name: "cost per vCPU-hour, spot",
        target: None,
        definition: "The same of spot and preemptible hours",
        value: |sums| sums.spot.price(),
    },
    Formula {
        name: "compute on spot",
        target: None,
        definition: "EffectiveCost of spot and preemptible machine hours / EffectiveCost of machine hours",
        value: |sums| sums.share(sums.spot.cost),
    },
    Formula {
        name: "compute on current generations",
        target: None,
        definition: "EffectiveCost of types that their provider names no replacement for / EffectiveCost of machine hours",
        value: |sums| sums.share(sums.current),
    },
    Formula {
        name: "compute on ARM",
        target: None,
        definition: "EffectiveCost of ARM types / EffectiveCost of machine hours",
        value: |sums| sums.share(sums.arm),
    },
    Formula {
        name: "non-production out of hours",
        target: None,
        definition: "Machine cost of environments that are not production from 20 to 8 o'clock UTC and on Saturdays and \
                     Sundays / their machine cost; bills with hours alone",
        value: |sums| {
            let (idle, all) = sums.nonproduction?;
            ratio(idle, all).map(Value::Percent)
        },
    },
];

#[cfg(test)]
mod tests {
    use super::super::{money, told};
    use super::*;

    #[test]
    fn prices_and_shares_of_machines() {
        let paid = |cost: &str, hours: &str| Paid {
            cost: money(cost),
            vcpu_hours: money(hours),
        };
        let sums = Sums {
            on_demand: paid("60", "1200"),
            committed: paid("30", "1000"),
            spot: paid("10", "800"),
            current: money("75"),
            arm: money("20"),
            nonproduction: Some((money("30"), money("40"))),
        };
        assert_eq!(
            told(FORMULAS, &sums),
            [
                "cost per vCPU-hour: 0.033333 per vCPU-hour",
                "cost per vCPU-hour, on demand: 0.05 per vCPU-hour",
                "cost per vCPU-hour, committed: 0.03 per vCPU-hour",
                "cost per vCPU-hour, spot: 0.0125 per vCPU-hour",
                "compute on spot: 10.00%",
                "compute on current generations: 75.00%",
                "compute on ARM: 20.00%",
                "non-production out of hours: 75.00%",
            ]
        );
    }

    #[test]
    fn no_machines_no_figures() {
        assert_eq!(told(FORMULAS, &Sums::default()), Vec::<String>::new());
    }
}
