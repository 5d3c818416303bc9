use super::*;
use crate::money::Money;
use proptest::prelude::*;

fn cents(amount: f64) -> Money {
    Money::from_f64(amount).unwrap().rounded(2)
}

fn single(hours: &[f64], discount: f64) -> Curve {
    let hours: Vec<[Usage; 1]> = hours
        .iter()
        .map(|&on_demand| {
            [Usage {
                on_demand,
                discount,
            }]
        })
        .collect();
    Curve::new(hours.iter().map(<[Usage; 1]>::as_slice))
}

/// 60 hours at 1000, 60 at 700, 48 at 600: a published week.
fn week() -> Vec<f64> {
    let hours = [(60, 1000.0), (60, 700.0), (48, 600.0)];
    hours
        .iter()
        .flat_map(|&(hours, cost)| vec![cost; hours])
        .collect()
}

#[test]
fn the_published_week_comes_out_to_the_cent() {
    let curve = single(&week(), 0.3);
    let commitment = curve.optimum();
    assert_eq!(cents(commitment).to_string(), "490.00");
    assert_eq!(cents(commitment / 0.7).to_string(), "700.00");
    assert_eq!(cents(curve.cost(commitment)).to_string(), "100320.00");
    assert_eq!(cents(curve.on_demand()).to_string(), "130800.00");
    let rate = curve.net(commitment) / curve.on_demand() * 100.0;
    assert_eq!(cents(rate).to_string(), "23.30");
}

#[test]
fn the_smallest_of_equal_optima_is_taken() {
    // Half the hours are above 1 at a discount of half: every commitment from 0.5 to 1 costs the same.
    let curve = single(&[1.0, 2.0], 0.5);
    assert_eq!(cents(curve.optimum()), cents(0.5));
    assert_eq!(cents(curve.cost(0.5)), cents(curve.cost(1.0)));
}

#[test]
fn nothing_is_bought_without_a_discount_or_without_usage() {
    assert!(single(&[1.0, 2.0], 0.0).optimum() == 0.0);
    assert!(single(&[], 0.5).optimum() == 0.0);
    assert!(single(&[0.0, -3.0], 0.5).optimum() == 0.0);
    assert!(single(&[], 0.5).reaching(0.95) == 0.0);
}

#[test]
fn steady_usage_has_its_floor_at_the_optimum() {
    let curve = single(&[10.0; 48], 0.3);
    assert_eq!(
        (cents(curve.floor()), cents(curve.optimum())),
        (cents(7.0), cents(7.0))
    );
    assert_eq!(cents(curve.reaching(0.95)), cents(6.65));
    assert_eq!(cents(curve.used(7.0)), cents(336.0));
}

#[test]
fn the_most_discounted_usage_is_covered_first() {
    let hour = [
        Usage {
            on_demand: 10.0,
            discount: 0.2,
        },
        Usage {
            on_demand: 10.0,
            discount: 0.6,
        },
    ];
    let curve = Curve::new([&hour[..]]);
    assert_eq!(cents(curve.covered(4.0)), cents(10.0));
    assert_eq!(cents(curve.covered(6.0)), cents(12.5));
    assert_eq!(cents(curve.optimum()), cents(12.0));
}

/// What hours cost with a commitment, priced from the usage itself and not from the curve.
fn priced(hours: &[Vec<Usage>], commitment: f64) -> f64 {
    let hour = |hour: &Vec<Usage>| {
        let mut usage = hour.clone();
        usage.sort_by(|a, b| b.discount.total_cmp(&a.discount));
        let mut left = commitment;
        let mut cost = commitment;
        for one in usage {
            let price = one.on_demand * (1.0 - one.discount);
            let drawn = price.min(left);
            left -= drawn;
            cost += (price - drawn) / (1.0 - one.discount);
        }
        cost
    };
    hours.iter().map(hour).sum()
}

/// The least cost over every commitment at which any hour's cost can bend, and none.
fn brute_force(hours: &[Vec<Usage>]) -> f64 {
    let mut bends = vec![0.0];
    for hour in hours {
        let mut usage = hour.clone();
        usage.sort_by(|a, b| b.discount.total_cmp(&a.discount));
        let mut until = 0.0;
        for one in usage {
            until += one.on_demand * (1.0 - one.discount);
            bends.push(until);
        }
    }
    let costs = bends
        .into_iter()
        .map(|commitment| priced(hours, commitment));
    costs.fold(f64::INFINITY, f64::min)
}

fn curve(hours: &[Vec<Usage>]) -> Curve {
    Curve::new(hours.iter().map(Vec::as_slice))
}

fn history(discounts: &'static [f64]) -> impl Strategy<Value = Vec<Vec<Usage>>> {
    let amount = prop_oneof![Just(0.0), 0.01..500.0f64, Just(120.0)];
    let hour = prop::collection::vec(amount, discounts.len());
    prop::collection::vec(hour, 1..80).prop_map(move |hours| {
        let usage = |hour: &Vec<f64>| -> Vec<Usage> {
            let usage = hour.iter().zip(discounts);
            usage
                .map(|(&on_demand, &discount)| Usage {
                    on_demand,
                    discount,
                })
                .collect()
        };
        hours.iter().map(usage).collect()
    })
}

fn is_least(hours: &[Vec<Usage>]) -> Result<(), TestCaseError> {
    let curve = curve(hours);
    let optimum = curve.optimum();
    let least = brute_force(hours);
    // Half a cent apart at most: what differs is how floats were added up.
    prop_assert!(
        (curve.cost(optimum) - least).abs() < 0.005,
        "{} {least}",
        curve.cost(optimum)
    );
    for step in 0..100 {
        let other = optimum * f64::from(step) / 50.0;
        prop_assert!((curve.cost(other) - priced(hours, other)).abs() < 0.005);
        prop_assert!(curve.cost(other) + 0.005 >= least, "{other} is cheaper");
    }
    let enough = curve.reaching(0.95);
    prop_assert!(enough <= optimum + 1e-9);
    prop_assert!(curve.net(enough) + 1e-6 >= 0.95 * curve.net(optimum));
    if enough > 0.01 {
        prop_assert!(
            curve.net(enough - 0.01) < 0.95 * curve.net(optimum) + 1e-6,
            "a smaller one would do"
        );
    }
    Ok(())
}

proptest! {
    #[test]
    fn with_one_discount_no_other_commitment_is_cheaper(hours in history(&[0.3])) {
        is_least(&hours)?;
        // The same by the rule: the discount's quantile of usage, at the discounted price.
        let mut usage: Vec<f64> = hours.iter().map(|hour| hour[0].on_demand).collect();
        usage.sort_by(f64::total_cmp);
        let rank = (usage.len() * 3).div_ceil(10).max(1) - 1;
        prop_assert!((curve(&hours).optimum() - 0.7 * usage[rank]).abs() < 0.005);
    }

    #[test]
    fn with_four_discounts_no_other_commitment_is_cheaper(hours in history(&[0.17, 0.28, 0.41, 0.66])) {
        is_least(&hours)?;
    }

    #[test]
    fn cost_is_convex(hours in history(&[0.1, 0.5]), a in 0.0..400.0f64, b in 0.0..400.0f64) {
        let curve = curve(&hours);
        let middle = curve.cost(f64::midpoint(a, b));
        prop_assert!(middle <= f64::midpoint(curve.cost(a), curve.cost(b)) + 1e-6);
    }

    #[test]
    fn less_usage_never_saves_more(hours in history(&[0.28, 0.41]), commitment in 0.0..300.0f64) {
        let curve = curve(&hours);
        prop_assert!(curve.scaled(0.8).net(commitment) <= curve.scaled(0.9).net(commitment) + 1e-6);
        prop_assert!((curve.scaled(1.0).net(commitment) - curve.net(commitment)).abs() < 1e-6);
    }
}
