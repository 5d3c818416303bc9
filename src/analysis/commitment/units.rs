//! What a reservation is bought in: whole machines of a size, or on Google vCPUs and gigabytes of memory.
//!
//! Sizes of a family are made comparable by their normalisation factors, so a quantile is one of normalised units and
//! a commitment is a whole number of machines. What the catalogue cannot compare is not offered in machines.

use crate::analysis::catalogue::catalogue;
use std::collections::BTreeMap;

/// Usage of one machine type in a scope: how many hours of it, and what they cost on demand.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Used {
    /// Machine hours; vCPU-hours or gigabyte-hours on Google.
    pub hours: f64,
    /// On-demand price of them.
    pub on_demand: f64,
}

/// The unit in which a scope's commitment is bought.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// A machine type, `vCPU` or `GB`.
    pub name: String,
    /// On-demand price of one for an hour.
    pub price: f64,
    /// On-demand price of one normalised unit for an hour: the mean of the scope.
    per_norm: f64,
    norms: BTreeMap<String, f64>,
}

impl Unit {
    /// The machine size that most of the usage is of. `None` where sizes cannot be compared or are not counted.
    pub fn of_machines(provider: &str, used: &BTreeMap<&str, Used>) -> Option<Unit> {
        let lone = used.len() == 1;
        let norm = |name: &str| match norm(provider, name) {
            Some(norm) => Some(norm),
            None => lone.then_some(1.0),
        };
        let norms: BTreeMap<String, f64> = used
            .keys()
            .map(|name| Some(((*name).to_owned(), norm(name)?)))
            .collect::<Option<_>>()?;
        let whole: f64 = used
            .iter()
            .map(|(name, one)| one.hours * norms[*name])
            .sum();
        let price: f64 = used.values().map(|one| one.on_demand).sum();
        if whole <= 0.0 || price <= 0.0 {
            return None;
        }
        let size = |(name, one): &(&&str, &Used)| one.hours * norms[**name];
        let (most, _) = used
            .iter()
            .max_by(|a, b| size(a).total_cmp(&size(b)).then_with(|| b.0.cmp(a.0)))?;
        let per_norm = price / whole;
        Some(Unit {
            name: (*most).to_owned(),
            price: per_norm * norms[*most],
            per_norm,
            norms,
        })
    }

    /// One vCPU or one gigabyte, at the mean price of the scope.
    pub fn of_resource(name: &str, used: Used) -> Option<Unit> {
        let price = used.on_demand / used.hours;
        (used.hours > 0.0 && price > 0.0).then(|| Unit {
            name: name.to_owned(),
            price,
            per_norm: price,
            norms: BTreeMap::new(),
        })
    }

    /// On-demand price of this many hours of a machine type, at the mean price of the scope's normalised units.
    pub fn worth(&self, machine: &str, hours: f64) -> f64 {
        hours * self.norms.get(machine).copied().unwrap_or(1.0) * self.per_norm
    }
}

/// The size of a machine type among those of its family; services put their own words around it.
fn norm(provider: &str, machine: &str) -> Option<f64> {
    let name = machine
        .trim_start_matches("db.")
        .trim_start_matches("cache.")
        .trim_end_matches(".search");
    let norm = catalogue().find(provider, name)?.norm?;
    Some(norm.approximate())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(hours: f64, on_demand: f64) -> Used {
        Used { hours, on_demand }
    }

    #[test]
    fn the_size_that_most_usage_is_of_is_bought() {
        // 100 hours of large (factor 4) and 20 of 8xlarge (factor 64): 400 and 1,280 normalised units.
        let all = BTreeMap::from([
            ("m5.large", used(100.0, 9.6)),
            ("m5.8xlarge", used(20.0, 30.72)),
        ]);
        let unit = Unit::of_machines("AWS", &all).unwrap();
        assert_eq!(unit.name, "m5.8xlarge");
        assert!((unit.price - 1.536).abs() < 1e-9, "{unit:?}");
        assert!((unit.worth("m5.large", 1.0) - 0.096).abs() < 1e-9);
    }

    #[test]
    fn databases_have_the_sizes_of_machines() {
        let all = BTreeMap::from([
            ("db.m5.large", used(2.0, 0.4)),
            ("db.m5.xlarge", used(1.0, 0.4)),
        ]);
        let unit = Unit::of_machines("AWS", &all).unwrap();
        assert_eq!((unit.name.as_str(), unit.price), ("db.m5.large", 0.2));
    }

    #[test]
    fn a_lone_unknown_type_counts_and_two_do_not_compare() {
        let lone = BTreeMap::from([("ra3.huge", used(2.0, 4.0))]);
        assert_eq!(Unit::of_machines("AWS", &lone).unwrap().price, 2.0);
        let two = BTreeMap::from([("ra3.huge", used(2.0, 4.0)), ("ra3.vast", used(2.0, 4.0))]);
        assert_eq!(Unit::of_machines("AWS", &two), None);
        let uncounted = BTreeMap::from([("m5.large", used(0.0, 4.0))]);
        assert_eq!(Unit::of_machines("AWS", &uncounted), None);
    }

    #[test]
    fn google_sells_cores_and_memory() {
        let unit = Unit::of_resource("vCPU", used(10.0, 0.5)).unwrap();
        assert_eq!((unit.name.as_str(), unit.price), ("vCPU", 0.05));
        assert_eq!(Unit::of_resource("GB", used(0.0, 0.5)), None);
    }
}
