//! The field's key figures, each with its formula, target and status.
//!
//! Definitions follow the FinOps Foundation's KPI collection and its effective savings rate; a figure whose
//! inputs are missing is left out, never zero.

use crate::money::{Money, ratio};

/// Sums of one month and currency that the figures are made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sums {
    /// Billing month.
    pub month: String,
    /// Currency.
    pub currency: String,
    /// `EffectiveCost` of everything.
    pub effective: Money,
    /// `EffectiveCost` with a cost centre.
    pub allocated: Money,
    /// `EffectiveCost`, `ListCost` and `ContractedCost` of usage that has each.
    pub usage: [Money; 3],
    /// `ListCost` of usage under a commitment.
    pub covered_list: Money,
    /// `ListCost` of compute-like usage at on-demand price in the services that commitments cover.
    pub eligible_list: Money,
    /// `EffectiveCost` of used commitments.
    pub used: Money,
    /// `EffectiveCost` of unused commitments.
    pub unused: Money,
    /// Valid, invalid, missing, untaggable and exempt cost of all required tags.
    pub tags: Option<[Money; 5]>,
    /// Incidents that began in the month, and their impact.
    pub incidents: Option<(u64, Money)>,
    /// Monthly savings that rightsizing found, low and high; for the latest month.
    pub savings: Option<(Money, Money)>,
}

/// One key figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Kpi {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: Value,
    /// Target and whether more is better.
    pub target: Option<(i64, bool)>,
    /// Its formula.
    pub definition: &'static str,
}

/// A figure with its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// Hundredths of a percent.
    Percent(i64),
    /// Money of the sums' currency.
    Money(Money),
    /// Whole things.
    Count(u64),
}

impl Kpi {
    /// `met`, `missed`, or nothing without a target.
    pub fn status(&self) -> &'static str {
        match (self.value, self.target) {
            (Value::Percent(value), Some((target, true))) if value >= target => "met",
            (Value::Percent(value), Some((target, false))) if value <= target => "met",
            (Value::Percent(_), Some(_)) => "missed",
            _ => "",
        }
    }
}

/// The figures that the sums allow.
pub fn kpis(sums: &Sums) -> Vec<Kpi> {
    let mut kpis = Vec::new();
    let mut share = |name, part: Money, whole: Money, target, definition| {
        if let Some(value) = ratio(part, whole) {
            kpis.push(Kpi {
                name,
                value: Value::Percent(value),
                target,
                definition,
            });
        }
    };
    let [effective, list, contracted] = sums.usage;
    share(
        "allocated cost",
        sums.allocated,
        sums.effective,
        Some((9_000, true)),
        "EffectiveCost with a cost centre / EffectiveCost",
    );
    share(
        "unallocated cost",
        sums.effective - sums.allocated,
        sums.effective,
        Some((1_000, false)),
        "EffectiveCost without a cost centre / EffectiveCost",
    );
    // Of negative parts there are no shares between nothing and all, so none is given.
    let sound = |parts: &[Money; 5]| parts[..3].iter().all(|part| *part >= Money::ZERO);
    if let Some([valid, invalid, missing, untaggable, exempt]) = sums.tags.filter(sound) {
        let taggable = valid + invalid + missing;
        share(
            "tag-compliant cost",
            valid,
            taggable,
            Some((9_500, true)),
            "Taggable cost with every required tag valid / taggable cost",
        );
        share(
            "wrongly tagged cost",
            invalid,
            taggable,
            None,
            "Taggable cost with a value or key the policy does not allow / taggable cost",
        );
        share(
            "untagged cost",
            missing,
            taggable,
            None,
            "Taggable cost lacking a required tag / taggable cost",
        );
        share(
            "untaggable cost",
            untaggable,
            taggable + untaggable + exempt,
            None,
            "Cost that cannot carry tags / all cost",
        );
    }
    share(
        "effective savings rate (list)",
        list - effective,
        list,
        None,
        "(ListCost - EffectiveCost) / ListCost, usage including unused commitments",
    );
    share(
        "effective savings rate (contract)",
        contracted - effective,
        contracted,
        None,
        "(ContractedCost - EffectiveCost) / ContractedCost, usage including unused commitments",
    );
    if sums.used + sums.unused != Money::ZERO {
        share(
            "commitment utilization",
            sums.used,
            sums.used + sums.unused,
            Some((8_000, true)),
            "Used / (used + unused) EffectiveCost of commitments",
        );
        share(
            "commitment waste",
            sums.unused,
            sums.used + sums.unused,
            Some((2_000, false)),
            "Unused / (used + unused) EffectiveCost of commitments",
        );
        share(
            "commitment coverage",
            sums.covered_list,
            sums.eligible_list,
            None,
            "ListCost of covered usage / ListCost of all usage in the services that commitments cover",
        );
    }
    counted(sums, &mut kpis);
    kpis
}

fn counted(sums: &Sums, kpis: &mut Vec<Kpi>) {
    let mut push = |name, value, definition| {
        kpis.push(Kpi {
            name,
            value,
            target: None,
            definition,
        })
    };
    push(
        "cost of the month",
        Value::Money(sums.effective),
        "EffectiveCost of every charge",
    );
    if let Some((count, impact)) = sums.incidents {
        push(
            "anomalies",
            Value::Count(count),
            "Incidents that began in the month",
        );
        push(
            "anomaly impact",
            Value::Money(impact),
            "Sum of |actual - expected| over those incidents",
        );
    }
    if let Some((low, high)) = sums.savings {
        push(
            "rightsizing opportunity, low",
            Value::Money(low),
            "Sum of MonthlySavingsLow, confidence D left out",
        );
        push(
            "rightsizing opportunity, high",
            Value::Money(high),
            "Sum of MonthlySavingsHigh, confidence D left out",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_without_inputs_are_left_out() {
        let names: Vec<&str> = kpis(&Sums::default()).iter().map(|kpi| kpi.name).collect();
        assert_eq!(names, ["cost of the month"]);
    }

    #[test]
    fn a_target_is_met_or_missed() {
        let money = |units| Money::from_units(units);
        let sums = Sums {
            effective: money(100),
            allocated: money(91),
            used: money(3),
            unused: money(1),
            ..Sums::default()
        };
        let all = kpis(&sums);
        let status = |name: &str| all.iter().find(|kpi| kpi.name == name).map(Kpi::status);
        assert_eq!(status("allocated cost"), Some("met"));
        assert_eq!(status("commitment utilization"), Some("missed"));
    }
}
