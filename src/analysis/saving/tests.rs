//! Savings on literal bills.

use super::*;

fn money(text: &str) -> Money {
    Money::parse(text.as_bytes()).unwrap()
}

fn bill(cost: &str, hours: &str, covered: &str) -> Bill {
    Bill {
        effective_cost: money(cost),
        hours: money(hours),
        covered_hours: money(covered),
        window_hours: 0,
        list_rate: Some(money("0.2")),
        currency: "EUR".into(),
    }
}

fn saving(bill: &Bill, rates: &[(&str, &str)], licence: Licence, target: &str) -> Option<Saving> {
    let rates = rates
        .iter()
        .map(|(name, rate)| ((*name).to_owned(), money(rate)))
        .collect();
    let cost = Cost::of(bill).unwrap();
    let find = |name| catalogue().find("AWS", name).unwrap();
    let own = Own::new(&cost, find("m5.xlarge"), bill.list_rate, &rates, licence);
    Saving::of(&own, find(target))
}

#[test]
fn a_month_has_730_hours() {
    assert_eq!(
        Cost::of(&bill("144", "720", "0")).unwrap().monthly,
        money("146")
    );
    assert_eq!(
        Cost::of(&bill("36.5", "365", "0")).unwrap().monthly,
        money("73")
    );
}

#[test]
fn a_machine_that_rests_is_not_projected_as_if_it_ran() {
    let rests = Bill {
        window_hours: 730,
        ..bill("36.5", "365", "0")
    };
    assert_eq!(Cost::of(&rests).unwrap().monthly, money("36.5"));
}

#[test]
fn no_cost_or_less_than_a_day_is_no_basis() {
    assert_eq!(Cost::of(&bill("0", "720", "0")), None);
    assert_eq!(Cost::of(&bill("-3", "720", "0")), None);
    assert_eq!(Cost::of(&bill("3", "20", "0")), None);
}

#[test]
fn own_rates_come_first() {
    let found = saving(
        &bill("73", "730", "0"),
        &[("m5.large", "0.15")],
        Licence::Stepped,
        "m5.large",
    )
    .unwrap();
    assert_eq!((found.high, found.basis), (money("18.25"), Basis::OwnRate));
}

#[test]
fn then_the_family_unless_the_bill_contradicts_it() {
    let bill = bill("73", "730", "0");
    let basis = |rates: &[(&str, &str)]| saving(&bill, rates, Licence::Free, "m5.large").unwrap();
    assert_eq!(
        (basis(&[]).high, basis(&[]).basis),
        (money("36.5"), Basis::OwnFamily)
    );
    assert_eq!(basis(&[("m5.2xlarge", "0.404")]).basis, Basis::OwnFamily);
    assert_eq!(
        basis(&[("m5.2xlarge", "0.45")]).basis,
        Basis::CatalogueRatio
    );
}

#[test]
fn catalogue_ratios_hold_only_without_licence_fees() {
    let bill = bill("192", "730", "0");
    let other = |licence| saving(&bill, &[], licence, "r5.large").unwrap();
    assert_eq!(
        (other(Licence::Free).high, other(Licence::Free).basis),
        (money("66"), Basis::CatalogueRatio)
    );
    assert_eq!(other(Licence::PerCore).basis, Basis::CatalogueOnly);
    assert_eq!(
        saving(&bill, &[], Licence::Stepped, "m5.large")
            .unwrap()
            .basis,
        Basis::CatalogueOnly
    );
}

#[test]
fn a_dearer_target_is_no_saving() {
    assert_eq!(
        saving(
            &bill("73", "730", "0"),
            &[("m5.large", "0.2")],
            Licence::Free,
            "m5.large"
        ),
        None
    );
    assert_eq!(
        saving(&bill("73", "730", "0"), &[], Licence::Free, "m5.2xlarge"),
        None
    );
}

#[test]
fn only_uncovered_hours_are_a_sure_saving() {
    let found = saving(&bill("73", "730", "584"), &[], Licence::Free, "m5.large").unwrap();
    assert_eq!((found.low, found.high), (money("7.3"), money("36.5")));
    let stopped = Saving::whole(&Cost::of(&bill("73", "730", "730")).unwrap());
    assert_eq!((stopped.low, stopped.high), (Money::ZERO, money("73")));
}

#[test]
fn what_the_bill_does_not_show_is_an_order_of_magnitude() {
    let guess = Cost::guessed(catalogue().find("AWS", "m5.xlarge").unwrap()).unwrap();
    assert_eq!(
        (guess.monthly, guess.currency.as_str()),
        (money("140.16"), "USD")
    );
    assert_eq!(
        Saving::whole(&guess),
        Saving {
            low: Money::ZERO,
            high: guess.monthly,
            basis: Basis::CatalogueOnly
        }
    );
}

#[test]
fn the_platform_decides_the_licence() {
    let licence = |platform: &str| {
        Licence::of(&Resource {
            provider: "AWS".into(),
            platform: Some(platform.into()),
            ..Resource::default()
        })
    };
    assert_eq!(licence("Linux/UNIX"), Licence::Free);
    assert_eq!(licence("Windows"), Licence::PerCore);
    assert_eq!(
        licence("Windows with SQL Server Standard"),
        Licence::Stepped
    );
    assert_eq!(licence(""), Licence::PerCore);
}
