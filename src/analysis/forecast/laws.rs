//! What holds for any series: no panic, nothing that is not a number, intervals in order, the same answer twice.

use chrono::NaiveDate;
use proptest::prelude::*;

use super::interval::Calibration;
use super::*;

fn first() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 3, 14).unwrap()
}

fn asked() -> Question {
    let windows = spans(first()).map(|(_, window)| window).to_vec();
    Question::new(Rhythm::Daily, windows)
}

fn history(values: &[f64]) -> History<'_> {
    History {
        first_day: first(),
        values,
        known: &[],
    }
}

fn sound(outlooks: &[Outlook], question: &Question) {
    let calibration = Calibration::learn(outlooks, question);
    for outlook in outlooks {
        assert_eq!(outlook.steps.len(), question.horizon);
        let of_steps = (0..question.horizon).map(|step| calibration.step(outlook, step));
        let of_windows = (0..question.windows.len()).map(|at| calibration.window(outlook, at));
        for one in of_steps.chain(of_windows) {
            let bounds = [
                one.lower95,
                one.lower80,
                one.forecast,
                one.upper80,
                one.upper95,
            ];
            assert!(bounds.iter().all(|bound| bound.is_finite()), "{one:?}");
            assert!(bounds.windows(2).all(|pair| pair[0] <= pair[1]), "{one:?}");
            assert!(
                one.error
                    .is_none_or(|error| error.is_finite() && error >= 0.0)
            );
        }
    }
}

/// A cost of a wild series: often nothing, sometimes a credit, sometimes huge, sometimes no number.
fn wild() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => 0.0..1000.0_f64,
        2 => Just(0.0),
        1 => -500.0..0.0_f64,
        1 => 1e11..1e12_f64,
        1 => Just(1e-9),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_series_breaks_it(
        series in prop::collection::vec(prop::collection::vec(wild(), 0..300), 1..4),
        season in 0_usize..40,
    ) {
        let histories: Vec<_> = series.iter().map(|values| history(values)).collect();
        sound(&outlooks(&histories, &asked()), &asked());
        let hourly = Question::new(Rhythm::Every(season), vec![Window { from: 0, to: 48 }]);
        sound(&outlooks(&histories, &hourly), &hourly);
    }

    #[test]
    fn a_scope_is_the_sum_of_its_parts(
        one in prop::collection::vec(0.0..100.0_f64, 120),
        other in prop::collection::vec(0.0..100.0_f64, 120),
    ) {
        let parts = outlooks(&[history(&one), history(&other)], &asked());
        let whole = Outlook::of_parts(&parts);
        for (window, place) in asked().windows.iter().zip(0..) {
            let sum: f64 = parts.iter().map(|part| part.sum(*window)).sum();
            prop_assert!((whole.sum(*window) - sum).abs() < 1e-6 * sum.abs().max(1.0));
            let calibration = Calibration::learn([&whole], &asked());
            prop_assert!((calibration.window(&whole, place).forecast - sum).abs() < 1e-6 * sum.abs().max(1.0));
        }
    }

    #[test]
    fn twice_the_costs_are_twice_the_forecast(values in prop::collection::vec(1.0..100.0_f64, 30..200)) {
        let doubled: Vec<f64> = values.iter().map(|cost| 2.0 * cost).collect();
        let once = outlook(&history(&values), &asked());
        let twice = outlook(&history(&doubled), &asked());
        for (one, two) in once.steps.iter().zip(&twice.steps) {
            prop_assert!((2.0 * one - two).abs() <= 1e-6 * two.abs().max(1.0));
        }
    }
}

#[test]
fn strange_series_are_sound() {
    let question = asked();
    let series: Vec<Vec<f64>> = vec![
        vec![],
        vec![5.0],
        vec![0.0; 400],
        vec![7.0; 400],
        vec![-3.0; 200],
        vec![1e12; 100],
        vec![1e300; 100],
        (0..200)
            .map(|day| if day % 31 == 0 { 1e9 } else { 0.0 })
            .collect(),
        (0..200)
            .map(|day| if day % 2 == 0 { 5.0 } else { -5.0 })
            .collect(),
        (0..22).map(f64::from).collect(),
    ];
    let histories: Vec<_> = series.iter().map(|values| history(values)).collect();
    sound(&outlooks(&histories, &question), &question);
    sound(&[outlook(&history(&series[9]), &question)], &question);
    sound(&[], &question);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let series: Vec<Vec<f64>> = (0..40_u32)
        .map(|one| {
            (0..150_u32)
                .map(|day| f64::from((day * 7 + one * 13) % 29 + 1))
                .collect()
        })
        .collect();
    let histories: Vec<_> = series.iter().map(|values| history(values)).collect();
    let in_turn: Vec<Outlook> = histories.iter().map(|one| outlook(one, &asked())).collect();
    assert_eq!(outlooks(&histories, &asked()), in_turn);
}
