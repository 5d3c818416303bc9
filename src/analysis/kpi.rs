//! The field's key figures, each with its formula, target and status.
//!
//! Definitions follow the FinOps Foundation's KPI collection and its effective savings rate; a figure whose
//! inputs are missing is left out, never zero.

use super::commitment::rates;
use super::ledger;
use crate::money::{Money, ratio};

/// Days within which a commitment counts as expiring.
pub const EXPIRING_DAYS: i64 = 90;

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
    /// Usage that commitments cover or could cover, and what they cost.
    pub commitments: rates::Sums,
    /// What covered usage costs on demand per month of 730 hours under commitments that end within
    /// [`EXPIRING_DAYS`], and how many they are; for the latest month.
    pub expiring: Option<(u64, Money)>,
    /// Valid, invalid, missing, untaggable and exempt cost of all required tags.
    pub tags: Option<[Money; 5]>,
    /// Incidents that began in the month, and their impact.
    pub incidents: Option<(u64, Money)>,
    /// Monthly savings that rightsizing found, low and high; for the latest month.
    pub savings: Option<(Money, Money)>,
    /// Monthly savings that waste checks found beside them, low and high; for the latest month.
    pub waste: Option<(Money, Money)>,
    /// What shared pools held, and what nobody received of it.
    pub pooled: Option<(Money, Money)>,
    /// What the savings ledger knows of the month.
    pub ledger: Option<ledger::Sums>,
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
    committed(sums.commitments, &mut share);
    counted(sums, &mut kpis);
    kpis.extend(ledger::kpis(sums.ledger.as_ref()));
    kpis
}

/// The rates of commitments, where there are any.
fn committed(
    sums: rates::Sums,
    share: &mut impl FnMut(&'static str, Money, Money, Option<(i64, bool)>, &'static str),
) {
    let all = sums.used + sums.unused;
    if all == Money::ZERO {
        return;
    }
    share(
        "commitment utilization",
        sums.used,
        all,
        Some((8_000, true)),
        "Used / (used + unused) EffectiveCost of commitments",
    );
    share(
        "commitment waste",
        sums.unused,
        all,
        Some((2_000, false)),
        "Unused / (used + unused) EffectiveCost of commitments",
    );
    let committable = sums.covered + sums.on_demand;
    share(
        "commitment coverage",
        sums.covered,
        committable,
        None,
        "ContractedCost of covered usage / ContractedCost of all usage that commitments can cover",
    );
    share(
        "commitment discount",
        sums.covered - sums.used,
        sums.covered,
        None,
        "(ContractedCost - EffectiveCost) / ContractedCost of covered usage, unused commitments left out",
    );
    share(
        "break-even utilization",
        sums.used,
        sums.covered,
        None,
        "1 - commitment discount: below this utilization commitments cost more than they save",
    );
    share(
        "effective savings rate (committable)",
        sums.savings(),
        committable,
        None,
        "(ContractedCost of covered usage - used - unused EffectiveCost) / ContractedCost of all usage that commitments can cover",
    );
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
    let shared = sums
        .pooled
        .and_then(|(held, left)| ratio(held - left, held));
    if let Some(share) = shared {
        push(
            "shared cost distributed",
            Value::Percent(share),
            "Cost of shared pools that owners received / cost of shared pools",
        );
    }
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
    if sums.commitments.used + sums.commitments.unused != Money::ZERO {
        push(
            "commitment savings",
            Value::Money(sums.commitments.savings()),
            "ContractedCost of covered usage - used - unused EffectiveCost",
        );
    }
    if let Some((count, falls_back)) = sums.expiring {
        push(
            "commitments expiring",
            Value::Count(count),
            "Commitments that end within 90 days of the run, where the bill tells",
        );
        push(
            "on-demand equivalent expiring",
            Value::Money(falls_back),
            "ContractedCost per month of 730 hours of the usage that they cover",
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
    if let Some((low, high)) = sums.waste {
        push(
            "waste, low",
            Value::Money(low),
            "Sum of MonthlySavingsLow of what counts in waste.csv",
        );
        push(
            "waste, high",
            Value::Money(high),
            "Sum of MonthlySavingsHigh of what counts in waste.csv",
        );
    }
    if sums.savings.is_some() || sums.waste.is_some() {
        let ((a, b), (c, d)) = (
            sums.savings.unwrap_or_default(),
            sums.waste.unwrap_or_default(),
        );
        push(
            "savings opportunity, low",
            Value::Money(a + c),
            "Rightsizing and waste together, each charge saved once",
        );
        push(
            "savings opportunity, high",
            Value::Money(b + d),
            "Rightsizing and waste together, each charge saved once",
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
            commitments: rates::Sums {
                covered: money(5),
                used: money(3),
                unused: money(1),
                on_demand: money(5),
            },
            ..Sums::default()
        };
        let all = kpis(&sums);
        let status = |name: &str| all.iter().find(|kpi| kpi.name == name).map(Kpi::status);
        assert_eq!(status("allocated cost"), Some("met"));
        assert_eq!(status("commitment utilization"), Some("missed"));
        let value = |name: &str| all.iter().find(|kpi| kpi.name == name).map(|kpi| kpi.value);
        assert_eq!(value("commitment coverage"), Some(Value::Percent(5_000)));
        assert_eq!(
            value("effective savings rate (committable)"),
            Some(Value::Percent(1_000))
        );
        assert_eq!(value("break-even utilization"), Some(Value::Percent(6_000)));
        assert_eq!(value("commitment savings"), Some(Value::Money(money(1))));
    }
}
