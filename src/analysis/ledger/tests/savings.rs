//! What an entry saves.

use super::*;

#[test]
fn savings_follow_the_use_after_a_change() {
    let mut story = Story::of(&[about(Action::Resize, &[hours("m5.4xlarge")])]);
    // Half the hours of a day, at half the rate.
    let small = run(
        &hours("m5.2xlarge"),
        ("2026-09-11", "2026-10-31"),
        ("12", "4.608"),
    );
    let charges = [large("2026-09-10"), small].concat();
    let entries = story.run("2026-11-20", &[], &bill(charges, "2026-11-19", "2026-11"));
    assert_eq!(one(&entries).2, Some("235.01".into()));
}

#[test]
fn a_dearer_machine_is_a_loss_and_verifies_nothing() {
    let mut story = Story::of(&[about(Action::Resize, &[hours("m5.4xlarge")])]);
    let larger = run(
        &hours("m5.8xlarge"),
        ("2026-09-21", "2026-10-31"),
        ("24", "36.864"),
    );
    let charges = [large("2026-09-20"), larger].concat();
    let entries = story.run("2026-11-20", &[], &bill(charges, "2026-11-19", "2026-11"));
    let lost = (
        "acted".into(),
        Some(day("2026-09-21")),
        Some("-755.71".into()),
    );
    assert_eq!(one(&entries), lost);
}

#[test]
fn a_stopped_machine_saves_its_usual_days() {
    let finding = [about(Action::Stop, &[hours("m5.4xlarge")])];
    let mut story = Story::of(&finding);
    let ended = large("2026-09-12");
    let waits = story.run(
        "2026-09-14",
        &finding,
        &bill(ended.clone(), "2026-09-13", "2026-09"),
    );
    assert_eq!(one(&waits).0, "open", "the newest days of a bill fill up");
    let entries = story.run(
        "2026-09-20",
        &[],
        &bill(ended.clone(), "2026-09-19", "2026-09"),
    );
    assert_eq!(
        one(&entries),
        ("acted".into(), Some(day("2026-09-12")), None)
    );
    let to_date: Money = entries[0].figures.values().map(Figure::realised).sum();
    assert_eq!(to_date.fixed(2), "129.02", "7 days");
    // It runs again on ten days of October: those are paid for.
    let again = run(
        &hours("m5.4xlarge"),
        ("2026-10-01", "2026-10-10"),
        ("24", "18.432"),
    );
    let charges = [ended, again].concat();
    let entries = story.run("2026-11-20", &[], &bill(charges, "2026-11-19", "2026-11"));
    let saved = (
        "verified".into(),
        Some(day("2026-09-12")),
        Some("718.85".into()),
    );
    assert_eq!(one(&entries), saved, "18 days of September, 21 of October");
}

#[test]
fn another_sort_of_volume_is_priced_unit_by_unit() {
    let (gb, iops) = (
        meter("VolumeUsage.io2", "gb-mo"),
        meter("VolumeP-IOPS.io2", "iops-mo"),
    );
    let old = |last: &str| {
        let gb = run(&gb, ("2026-07-01", last), ("10", "1.25"));
        [gb, run(&iops, ("2026-07-01", last), ("100", "6.5"))].concat()
    };
    let mut story = Story::new();
    let finding = [about(Action::Modernise, &[gb.clone(), iops.clone()])];
    story.run(
        "2026-09-10",
        &finding,
        &bill(old("2026-09-09"), "2026-09-09", "2026-09"),
    );
    let new = run(
        &meter("VolumeUsage.gp3", "gb-mo"),
        ("2026-10-01", "2026-10-31"),
        ("20", "1.6"),
    );
    let charges = [old("2026-09-30"), new].concat();
    let entries = story.run("2026-11-20", &[], &bill(charges, "2026-11-19", "2026-11"));
    // Twice the GB at the old price, the operations by the day: 31 × (2.50 + 6.50 − 1.60).
    let saved = (
        "verified".into(),
        Some(day("2026-10-01")),
        Some("229.40".into()),
    );
    assert_eq!(one(&entries), saved);
}

#[test]
fn a_schedule_is_seen_in_the_first_whole_month_with_clearly_less() {
    let finding = [about(Action::Schedule, &[hours("m5.4xlarge")])];
    let mut story = Story::of(&finding);
    let rests = run(
        &hours("m5.4xlarge"),
        ("2026-10-01", "2026-11-19"),
        ("12", "9.216"),
    );
    let charges = [large("2026-09-30"), rests].concat();
    let entries = story.run(
        "2026-11-20",
        &finding,
        &bill(charges, "2026-11-19", "2026-11"),
    );
    let saved = (
        "verified".into(),
        Some(day("2026-10-01")),
        Some("285.70".into()),
    );
    assert_eq!(one(&entries), saved);
    assert_eq!(entries[0].said(), "bill: 50 % of the usual use in 2026-10");
}

#[test]
fn a_charge_is_saved_once_whatever_actions_were_open_on_it() {
    let mut story = Story::new();
    let lines = [hours("m5.4xlarge")];
    let schedule = about(Action::Schedule, &lines);
    let stop = about(Action::Stop, &lines);
    let seen = |last: &str| bill(large(last), last, "2026-09");
    story.run("2026-09-10", &[schedule], &seen("2026-09-09"));
    let entries = story.run("2026-09-11", &[stop], &seen("2026-09-10"));
    let states: Vec<_> = shown(&entries)
        .into_iter()
        .map(|(status, ..)| status)
        .collect();
    assert_eq!(states, ["expired", "open"]);
    assert_eq!(entries[0].said(), "replaced by `stop`");
    let ended = bill(large("2026-09-12"), "2026-11-19", "2026-11");
    let entries = story.run("2026-11-20", &[], &ended);
    let acted = entries.iter().filter(|entry| entry.acted_on().is_some());
    assert_eq!(acted.count(), 1);
}

#[test]
fn a_second_resize_is_an_entry_of_its_own_and_takes_over() {
    let mut story = Story::new();
    let first = about(Action::Resize, &[hours("m5.4xlarge")]);
    story.run(
        "2026-09-10",
        &[first],
        &bill(large("2026-09-09"), "2026-09-09", "2026-09"),
    );
    let small = |last| run(&hours("m5.2xlarge"), ("2026-09-11", last), ("24", "9.216"));
    let second = about(Action::Resize, &[hours("m5.2xlarge")]);
    let charges = [large("2026-09-10"), small("2026-09-19")].concat();
    let entries = story.run(
        "2026-09-20",
        &[second],
        &bill(charges, "2026-09-19", "2026-09"),
    );
    assert_eq!(entries.len(), 2);
    let smaller = run(
        &hours("m5.xlarge"),
        ("2026-10-01", "2026-10-31"),
        ("24", "4.608"),
    );
    let charges = [large("2026-09-10"), small("2026-09-30"), smaller].concat();
    let entries = story.run("2026-11-20", &[], &bill(charges, "2026-11-19", "2026-11"));
    let realised: Vec<_> = shown(&entries)
        .into_iter()
        .map(|(.., saved)| saved.unwrap())
        .collect();
    // September: 20 days at 9.216 less; October: 31 days at 4.608 less.
    assert_eq!(realised, ["184.32", "142.85"]);
}

#[test]
fn months_tell_what_was_identified_and_what_was_realised() {
    let mut story = Story::of(&[about(Action::Stop, &[hours("m5.4xlarge")])]);
    let entries = story.run(
        "2026-11-20",
        &[],
        &bill(large("2026-09-12"), "2026-11-19", "2026-11"),
    );
    let months = months(&entries, day("2026-11-20"));
    let shown: Vec<_> = months
        .iter()
        .map(|(key, one)| {
            let verified = one.verified.fixed(0);
            (
                key.month.first_day().month(),
                one.identified.fixed(0),
                verified,
                one.realised().fixed(2),
            )
        })
        .collect();
    let row = |month, verified: &str, realised: &str| {
        (
            month,
            "280".to_owned(),
            verified.to_owned(),
            realised.to_owned(),
        )
    };
    assert_eq!(
        shown,
        [
            row(9, "0", "331.78"),
            row(10, "0", "571.39"),
            row(11, "280", "350.21")
        ]
    );
    let october = Calendar::parse("2026-10").unwrap();
    let sums = Sums::of(&months, october, "USD", false);
    let figures: Vec<_> = figures(FORMULAS, &sums.unwrap())
        .into_iter()
        .map(|kpi| (kpi.name, kpi.value))
        .collect();
    assert_eq!(
        figures[0],
        ("savings identified".to_owned(), Value::Money(money("280")))
    );
    assert_eq!(
        figures[3],
        ("savings realised".to_owned(), Value::Money(money("571.39")))
    );
    assert_eq!(
        figures[5],
        ("optimisation rate".to_owned(), Value::Percent(20_407))
    );
    let none = Sums::of(&months, Calendar::parse("2026-08").unwrap(), "USD", false);
    assert_eq!(none, None);
}

#[test]
fn less_of_what_a_disk_provides_is_a_smaller_size() {
    let (gb, iops) = (
        meter("VolumeUsage.gp3", "gb-mo"),
        meter("VolumeP-IOPS.gp3", "iops-mo"),
    );
    let size = |last: &str| run(&gb, ("2026-07-01", last), ("10", "0.8"));
    let operations = |last: &str| run(&iops, ("2026-07-01", last), ("100", "0.5"));
    let mut story = Story::new();
    let finding = [about(Action::Resize, &[gb.clone(), iops.clone()])];
    let before = [size("2026-09-09"), operations("2026-09-09")].concat();
    story.run(
        "2026-09-10",
        &finding,
        &bill(before, "2026-09-09", "2026-09"),
    );
    let charges = [size("2026-11-19"), operations("2026-09-30")].concat();
    let entries = story.run("2026-11-20", &[], &bill(charges, "2026-11-19", "2026-11"));
    let saved = (
        "verified".into(),
        Some(day("2026-10-01")),
        Some("15.50".into()),
    );
    assert_eq!(one(&entries), saved);
    assert_eq!(entries[0].said(), "bill: 0 % of the usual use in 2026-10");
}
