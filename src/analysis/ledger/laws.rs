//! Laws of the ledger, over random bills and signs.

use super::status::{Signs, step};
use super::tests::*;
use super::*;
use crate::analysis::finding::Action;
use crate::money::Money;
use chrono::{Days, NaiveDate};
use proptest::prelude::*;

/// A machine that changes its type on a day after its finding: rates per hour in hundredths of a cent, hours a day.
#[derive(Clone, Copy, Debug)]
struct Changed {
    rates: (u32, u32),
    hours: (u32, u32),
    after: u64,
}

fn any_change() -> impl Strategy<Value = Changed> {
    let rate = 100u32..50_000;
    (rate.clone(), rate, 1u32..25, 1u32..25, 1u64..40).prop_map(
        |(old, new, before, after, days)| Changed {
            rates: (old, new),
            hours: (before, after),
            after: days,
        },
    )
}

fn cost(rate: u32, hours: u32) -> String {
    let units = i128::from(rate) * i128::from(hours) * 100_000_000;
    Money::from_units(units).to_string()
}

/// The entry after three months, and its bill.
fn entry(change: Changed, factor: u32) -> (Entry, History) {
    let on = day("2026-09-10")
        .checked_add_days(Days::new(change.after))
        .unwrap();
    let eve = on.pred_opt().unwrap();
    let text = |day: NaiveDate| day.to_string();
    let old = |last: &str| {
        let amounts = (
            change.hours.0.to_string(),
            cost(change.rates.0 * factor, change.hours.0),
        );
        run(
            &hours("m5.4xlarge"),
            ("2026-07-01", last),
            (&amounts.0, &amounts.1),
        )
    };
    let amounts = (
        change.hours.1.to_string(),
        cost(change.rates.1 * factor, change.hours.1),
    );
    let new = run(
        &hours("m5.2xlarge"),
        (&text(on), "2026-11-30"),
        (&amounts.0, &amounts.1),
    );
    let mut story = Story::new();
    let finding = [about(Action::Resize, &[hours("m5.4xlarge")])];
    let before = bill(old("2026-09-09"), "2026-09-09", "2026-09");
    story.run("2026-09-10", &finding, &before);
    let history = bill([old(&text(eve)), new].concat(), "2026-11-30", "2026-12");
    let entry = story.run("2026-12-20", &[], &history).remove(0);
    (entry, history)
}

/// Edges that a status may go along.
const EDGES: [(Status, Status); 8] = [
    (Status::Open, Status::Acted),
    (Status::Open, Status::Dismissed),
    (Status::Open, Status::Expired),
    (Status::Acted, Status::Verified),
    (Status::Acted, Status::Open),
    (Status::Dismissed, Status::Acted),
    (Status::Dismissed, Status::Open),
    (Status::Expired, Status::Open),
];

proptest! {
    #[test]
    fn the_same_rate_before_and_after_saves_nothing(change in any_change()) {
        let same = Changed { rates: (change.rates.0, change.rates.0), ..change };
        let (entry, _) = entry(same, 1);
        prop_assert!(!entry.figures.is_empty());
        for figure in entry.figures.values() {
            prop_assert_eq!(figure.realised(), Money::ZERO);
        }
        prop_assert_eq!(entry.state.status, Status::Acted);
    }

    #[test]
    fn savings_are_the_hours_after_at_the_difference_of_the_rates(change in any_change()) {
        let (entry, history) = entry(change, 1);
        let from = entry.acted_on().unwrap();
        for (month, figure) in &entry.figures {
            let until = history.months.iter().find(|seen| seen.month == *month).unwrap().until;
            let days = (until - from.max(month.first_day())).num_days() + 1;
            let difference = i128::from(change.rates.0) - i128::from(change.rates.1);
            let exact = difference * i128::from(change.hours.1) * i128::from(days) * 100_000_000;
            let off = figure.realised() - Money::from_units(exact);
            prop_assert!(off.abs() <= Money::parse(b"0.01").unwrap(), "{month}: {off}");
        }
    }

    #[test]
    fn twice_the_prices_are_twice_the_savings(change in any_change()) {
        let (one, two) = (entry(change, 1).0, entry(change, 2).0);
        for (month, figure) in &one.figures {
            let off = two.figures[month].realised() - figure.realised() - figure.realised();
            prop_assert!(off.abs() <= Money::parse(b"0.03").unwrap(), "{month}: {off}");
        }
    }

    #[test]
    fn a_status_moves_along_allowed_edges_alone(
        first in 0usize..5,
        bits in prop::collection::vec(0u8..64, 1..12),
    ) {
        let all = [Status::Open, Status::Acted, Status::Verified, Status::Dismissed, Status::Expired];
        let mut status = all[first];
        for bits in bits {
            let bit = |at: u8| bits >> at & 1 == 1;
            let signs = Signs {
                found: bit(0),
                acted: bit(1),
                undone: bit(2),
                verified: bit(3),
                dismissed: bit(4),
                lapsed: bit(5),
            };
            let next = step(status, signs);
            prop_assert!(next == status || EDGES.contains(&(status, next)), "{status} to {next}");
            status = next;
        }
    }

    #[test]
    fn a_second_run_of_the_day_knows_and_keeps_the_same(
        change in any_change(),
        lost in 0u64..60,
        found in any::<bool>(),
    ) {
        let old = run(&hours("m5.4xlarge"), ("2026-07-01", "2026-11-30"), ("24", "18.432"));
        let finding = [about(Action::Stop, &[hours("m5.4xlarge")])];
        let mut story = Story::new();
        let first = day("2026-09-10").checked_add_days(Days::new(change.after)).unwrap();
        let later = first.checked_add_days(Days::new(lost)).unwrap().to_string();
        let eve = |day: &str| day.parse::<NaiveDate>().unwrap().pred_opt().unwrap().to_string();
        let first = first.to_string();
        story.run(&first, &finding, &bill(old.clone(), &eve(&first), "2026-09"));
        let seen = bill(old, &eve(&later), "2026-09");
        let found: &[About] = if found { &finding } else { &[] };
        let one = story.run(&later, found, &seen);
        let memory = story.memory.clone();
        prop_assert_eq!(&story.run(&later, found, &seen), &one);
        prop_assert_eq!(&story.memory, &memory);
        let text = serde_json::to_string(&memory).unwrap();
        prop_assert_eq!(serde_json::from_str::<Memory>(&text).unwrap(), memory);
    }
}
