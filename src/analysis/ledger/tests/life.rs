//! What becomes of an entry.

use super::*;

#[test]
fn a_resize_is_acted_on_then_verified_by_closed_months() {
    let mut story = Story::new();
    let finding = [about(Action::Resize, &[hours("m5.4xlarge")])];
    let first = story.begin(&finding);
    assert_eq!(one(&first), ("open".into(), None, None));

    let after = |last: &str| {
        let small = run(&hours("m5.2xlarge"), ("2026-09-11", last), ("24", "9.216"));
        [large("2026-09-11"), small].concat()
    };
    let seen = story.run(
        "2026-09-20",
        &[],
        &bill(after("2026-09-19"), "2026-09-19", "2026-09"),
    );
    assert_eq!(one(&seen), ("acted".into(), Some(day("2026-09-11")), None));
    assert_eq!(
        seen[0].said(),
        "bill: m5.2xlarge instead of m5.4xlarge since 2026-09-11"
    );

    let closed = bill(after("2026-11-19"), "2026-11-19", "2026-11");
    let verified = story.run("2026-11-20", &[], &closed);
    // 20 days of September and October's 31, at 9.216 a day less.
    let saved = (
        "verified".into(),
        Some(day("2026-09-11")),
        Some("470.02".into()),
    );
    assert_eq!(one(&verified), saved);
    assert_eq!(verified[0].state.verified_on, Some(day("2026-11-20")));
    let again = story.run("2026-11-20", &[], &closed);
    assert_eq!(again, verified, "a second run of the day");
    let back = story.run(
        "2026-09-20",
        &[],
        &bill(after("2026-09-19"), "2026-09-19", "2026-09"),
    );
    assert_eq!(back, seen, "an earlier day never learns from later ones");
}

#[test]
fn a_machine_to_be_resized_that_is_gone_claims_nothing_unless_a_person_says_so() {
    let finding = [about(Action::Resize, &[hours("m5.4xlarge")])];
    let before = bill(large("2026-09-09"), "2026-09-09", "2026-09");
    let after = bill(large("2026-09-12"), "2026-11-19", "2026-11");
    let mut story = Story::new();
    story.run("2026-09-10", &finding, &before);
    let entries = story.run("2026-11-20", &[], &after);
    assert_eq!(one(&entries), ("expired".into(), None, None));
    assert!(entries[0].said().contains("no saving is claimed"));

    let mut story = Story::new();
    story.decided.push(decision(Verdict::Accepted, None));
    story.run("2026-09-10", &finding, &before);
    let entries = story.run("2026-11-20", &[], &after);
    assert_eq!(one(&entries).0, "verified");
}

fn decision(verdict: Verdict, until: Option<NaiveDate>) -> Decided {
    Decided {
        key: "i-1".to_owned(),
        account: String::new(),
        action: Some(Action::Resize),
        verdict,
        until,
        note: "batch host".to_owned(),
    }
}

#[test]
fn a_dismissed_finding_is_open_again_when_the_decision_ends() {
    let mut story = Story::new();
    story
        .decided
        .push(decision(Verdict::Dismissed, Some(day("2026-09-15"))));
    let finding = [about(Action::Resize, &[hours("m5.4xlarge")])];
    let entries = story.begin(&finding);
    assert_eq!(one(&entries).0, "dismissed");
    assert_eq!(entries[0].note, "dismissed: batch host");
    assert!(issue(&entries[0]).is_none());
    let entries = story.run(
        "2026-09-16",
        &finding,
        &bill(large("2026-09-15"), "2026-09-15", "2026-09"),
    );
    assert_eq!(one(&entries).0, "open");
    assert!(issue(&entries[0]).is_some());
    assert_eq!(entries[0].about.first_seen, day("2026-09-10"));
}

#[test]
fn what_is_no_longer_found_expires_after_a_while_or_with_its_reason() {
    let finding = [about(Action::Resize, &[hours("m5.4xlarge")])];
    let seen = |last: &str| bill(large(last), last, "2026-09");
    let mut story = Story::new();
    story.run("2026-09-10", &finding, &seen("2026-09-09"));
    assert_eq!(
        one(&story.run("2026-09-20", &[], &seen("2026-09-19"))).0,
        "open"
    );
    let entries = story.run("2026-10-20", &[], &seen("2026-10-19"));
    assert_eq!(one(&entries).0, "expired");
    assert_eq!(
        entries[0].said(),
        "not found since 2026-09-20, and no action seen"
    );
    let back = story.run("2026-10-21", &finding, &seen("2026-10-20"));
    assert_eq!(one(&back).0, "open");
    assert_eq!(back[0].about.first_seen, day("2026-09-10"));

    let mut story = Story::new();
    story.run("2026-09-10", &finding, &seen("2026-09-09"));
    let rose = "CPU P99.5 71 % of 16 vCPU; needs 13.6 vCPU; no cheaper type fits";
    story.skipped.insert("i-1".to_owned(), rose.to_owned());
    let entries = story.run("2026-09-20", &[], &seen("2026-09-19"));
    assert_eq!(one(&entries).0, "expired");
    assert!(
        entries[0]
            .said()
            .starts_with("no longer found: CPU P99.5 71 %")
    );
}

#[test]
fn the_inventory_tells_first_and_the_bill_proves_or_contradicts() {
    let finding = [About {
        listed: Some(listed("running", "m5.4xlarge")),
        ..about(Action::Resize, &[hours("m5.4xlarge")])
    }];
    let mut story = Story::of(&finding);
    story
        .listed
        .insert("i-1".to_owned(), listed("running", "m5.2xlarge"));
    let entries = story.run(
        "2026-09-12",
        &[],
        &bill(large("2026-09-11"), "2026-09-11", "2026-09"),
    );
    assert_eq!(
        one(&entries),
        ("acted".into(), Some(day("2026-09-12")), None)
    );
    assert_eq!(
        entries[0].said(),
        "inventory: m5.2xlarge instead of m5.4xlarge"
    );
    let mut proven = Story {
        memory: story.memory.clone(),
        ..Story::new()
    };
    let small = run(
        &hours("m5.2xlarge"),
        ("2026-09-12", "2026-09-19"),
        ("24", "9.216"),
    );
    let charges = [large("2026-09-12"), small].concat();
    let entries = proven.run("2026-09-20", &[], &bill(charges, "2026-09-19", "2026-09"));
    assert!(entries[0].said().starts_with("bill: m5.2xlarge"));
    // The inventory takes it back, and the bill never knew of it.
    story
        .listed
        .insert("i-1".to_owned(), listed("running", "m5.4xlarge"));
    let entries = story.run(
        "2026-09-20",
        &finding,
        &bill(large("2026-09-19"), "2026-09-19", "2026-09"),
    );
    assert_eq!(one(&entries), ("open".into(), None, None));
}

fn listed(state: &str, machine_type: &str) -> Listed {
    Listed {
        kind: "ec2:instance".to_owned(),
        state: state.to_owned(),
        machine_type: machine_type.to_owned(),
        stopped_on: None,
    }
}

#[test]
fn a_machine_charged_again_after_its_end_is_found_anew() {
    let stop = [about(Action::Stop, &[hours("m5.4xlarge")])];
    let mut story = Story::of(&stop);
    let ended = large("2026-09-12");
    story.run(
        "2026-09-20",
        &[],
        &bill(ended.clone(), "2026-09-19", "2026-09"),
    );
    let again = run(
        &hours("m5.4xlarge"),
        ("2026-10-05", "2026-10-31"),
        ("24", "18.432"),
    );
    let charges = [ended, again].concat();
    let entries = story.run("2026-11-01", &stop, &bill(charges, "2026-10-31", "2026-11"));
    let states: Vec<_> = shown(&entries)
        .into_iter()
        .map(|(status, ..)| status)
        .collect();
    assert_eq!(states, ["verified", "open"]);
    assert_eq!(entries[1].about.first_seen, day("2026-11-01"));
}

#[test]
fn entries_of_accounts_that_no_bill_has_are_left_alone() {
    let finding = [about(Action::Resize, &[hours("m5.4xlarge")])];
    let story = Story::of(&finding);
    let memory = story.memory.clone();
    let before = recalled(&memory, day("2026-12-01"));
    let evidence = Evidence {
        today: day("2026-12-01"),
        rules: RULES,
        histories: &BTreeMap::new(),
        listed: &BTreeMap::new(),
        covered: &BTreeSet::new(),
        skipped: &BTreeMap::new(),
        decided: &[],
    };
    let entries = advance(before, finding.to_vec(), &evidence);
    assert!(entries.is_empty());
    assert_eq!(kept(&memory, &entries, day("2026-12-01")), memory);
}

#[test]
fn an_issue_says_what_to_do_in_words_and_labels() {
    let mut story = Story::new();
    let finding = [about(Action::Resize, &[hours("m5.4xlarge")])];
    let entries = story.begin(&finding);
    let issue = issue(&entries[0]).unwrap();
    assert_eq!(
        issue.title,
        "Resize i-1 from m5.4xlarge to m5.2xlarge: a machine larger than its load"
    );
    assert!(
        issue
            .body
            .contains("**Saves:** 100.00 to 280.00 USD a month, of 560.00 that it costs now")
    );
    assert!(issue.body.contains("\n**Risk:** 0 of 4\n"));
    assert_eq!(
        issue.labels,
        [
            "finops",
            "savings",
            "resize",
            "rightsizing",
            "effort-very-low",
            "confidence-a"
        ]
    );
}

#[test]
fn a_status_goes_where_it_may() {
    let acted = Signs {
        acted: true,
        ..Signs::default()
    };
    assert_eq!(step(Status::Expired, acted), Status::Expired);
    assert_eq!(step(Status::Dismissed, acted), Status::Acted);
    let verified = Signs {
        verified: true,
        ..acted
    };
    assert_eq!(step(Status::Open, verified), Status::Acted);
    assert_eq!(step(Status::Acted, verified), Status::Verified);
    let undone = Signs {
        undone: true,
        ..Signs::default()
    };
    assert_eq!(step(Status::Verified, undone), Status::Verified);
}

#[test]
fn a_fee_that_comes_once_a_month_has_not_ended_between_two_of_them() {
    let fee = meter("WebACL", "acl-mo");
    let charged = |months: &[&str]| -> Vec<Charge> {
        let days = months.iter().map(|month| format!("2026-{month}-01"));
        let charges = days.flat_map(|day| run(&fee, (&day, &day), ("1", "5")));
        charges.collect()
    };
    let seen = |months: &[&str], end: &str, open: &str| {
        let mut history = bill(charged(months), end, open);
        history.spread();
        history
    };
    let mut story = Story::new();
    let finding = [about(Action::Delete, std::slice::from_ref(&fee))];
    story.run(
        "2026-09-10",
        &finding,
        &seen(&["07", "08", "09"], "2026-09-09", "2026-09"),
    );
    let waits = seen(&["07", "08", "09"], "2026-09-29", "2026-09");
    assert_eq!(one(&story.run("2026-09-30", &[], &waits)).0, "open");
    let ended = seen(&["07", "08", "09"], "2026-11-19", "2026-11");
    let entries = story.run("2026-11-20", &[], &ended);
    // 30 days of October at 5 for 31.
    let saved = Some("4.84".to_owned());
    assert_eq!(
        one(&entries),
        ("verified".into(), Some(day("2026-10-01")), saved)
    );
}
