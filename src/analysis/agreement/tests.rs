use super::*;
use crate::resource::Recommender;
use proptest::prelude::*;

fn money(text: &str) -> Option<Money> {
    Money::parse(text.as_bytes()).ok()
}

fn theirs(resource: &str, step: Step, target: &str, savings: &str) -> Recommendation {
    Recommendation {
        source: Recommender::ComputeOptimizer,
        resource: resource.to_owned(),
        step,
        words: "OVER_PROVISIONED".to_owned(),
        current: "m5.xlarge".to_owned(),
        target: target.to_owned(),
        monthly_savings: money(savings),
        currency: "USD".to_owned(),
        pricing: Pricing::List,
        lookback_days: Some(14),
        memory: Some(false),
    }
}

fn ours(resource: &str, action: &str, target: &str, high: &str) -> Ours {
    Ours {
        resource: resource.to_owned(),
        account: String::new(),
        action: action.to_owned(),
        current: "m5.xlarge".to_owned(),
        target: target.to_owned(),
        low: money(high),
        high: money(high),
        currency: "USD".to_owned(),
        memory: Some(true),
        days: Some(32),
        reason: "CPU is low".to_owned(),
        counts: true,
    }
}

fn one(theirs: Recommendation, ours: Ours) -> Compared {
    let mut rows = compare(vec![theirs], vec![ours]);
    assert_eq!(rows.len(), 1, "{rows:#?}");
    rows.remove(0)
}

const ARN: &str = "arn:aws:ec2:eu-west-1:1:instance/i-0AB";

#[test]
fn an_arn_and_a_bare_id_are_one_resource() {
    let row = one(
        theirs(ARN, Step::Resize, "m5.large", "30"),
        ours("i-0ab", "resize", "m5.large", "20"),
    );
    assert_eq!(
        (row.agreement, row.resource.as_str()),
        (Agreement::Same, "i-0ab")
    );
    assert_eq!(
        row.reason,
        "both: resize to m5.large; memory is measured by us, not by them; they look back 14 days, we 32; \
         their saving is at list price, ours net of commitments"
    );
}

#[test]
fn sizes_actions_and_silence_are_told_apart() {
    let said = |step, target, action, fit| {
        one(
            theirs(ARN, step, target, "30"),
            ours("i-0ab", action, fit, "20"),
        )
        .agreement
    };
    assert_eq!(
        said(Step::Resize, "r5.large", "resize", "m5.large"),
        Agreement::OtherSize
    );
    assert_eq!(
        said(Step::Resize, "m6i.large", "modernise", "m6i.large"),
        Agreement::Same
    );
    assert_eq!(
        said(Step::Resize, "r5.large", "modernise", "m6i.large"),
        Agreement::OtherAction
    );
    assert_eq!(
        said(Step::Resize, "r5.large", "stop", ""),
        Agreement::OtherAction
    );
    assert_eq!(said(Step::Stop, "", "stop", ""), Agreement::Same);
    assert_eq!(said(Step::Review, "", "retier", ""), Agreement::OtherAction);
    assert_eq!(
        said(Step::Enlarge, "m5.4xlarge", "", ""),
        Agreement::OnlyTheirs
    );
    assert_eq!(said(Step::Nothing, "", "stop", ""), Agreement::OnlyOurs);
    assert_eq!(said(Step::Nothing, "", "", ""), Agreement::BothNothing);
}

#[test]
fn reasons_name_architecture_skips_and_currencies() {
    let row = one(
        theirs(ARN, Step::Resize, "m6g.large", "30"),
        ours("i-0ab", "resize", "m5.large", "20"),
    );
    assert!(row.reason.starts_with("they choose m6g.large, we m5.large: CPU is low; their m6g.large is of another architecture"), "{}", row.reason);
    let row = one(
        theirs(ARN, Step::Resize, "m5.large", "30"),
        ours("i-0ab", "", "", ""),
    );
    assert!(
        row.reason.starts_with("no finding of ours: CPU is low"),
        "{}",
        row.reason
    );
    let euro = Ours {
        currency: "EUR".to_owned(),
        ..ours("i-0ab", "resize", "m5.large", "20")
    };
    let row = one(theirs(ARN, Step::Resize, "m5.large", "30"), euro);
    assert!(
        row.reason
            .ends_with("savings are in USD and EUR, and not compared"),
        "{}",
        row.reason
    );
    let rows = compare(
        vec![theirs("i-1", Step::Enlarge, "m5.4xlarge", "-5")],
        vec![],
    );
    assert!(
        rows[0]
            .reason
            .starts_with("not in the inventory or not looked at here; they find it too small"),
        "{}",
        rows[0].reason
    );
}

#[test]
fn of_several_entries_the_highest_saving_after_discounts_stands() {
    let net = Recommendation {
        pricing: Pricing::Discounted,
        ..theirs("i-0ab", Step::Resize, "m5.large", "10")
    };
    let list = theirs(ARN, Step::Stop, "", "90");
    let less = Recommendation {
        monthly_savings: money("9"),
        target: "r5.large".into(),
        ..net.clone()
    };
    let nothing = theirs(ARN, Step::Nothing, "", "");
    let rows = compare(vec![list, less, nothing, net.clone()], vec![]);
    assert_eq!((rows.len(), rows[0].duplicates), (1, 3));
    assert_eq!(rows[0].theirs.as_ref(), Some(&net));
}

#[test]
fn of_several_findings_the_nearest_is_shown_and_the_others_are_told() {
    let waste = Ours {
        counts: false,
        memory: None,
        days: None,
        ..ours("i-0ab", "stop", "", "50")
    };
    let rows = compare(
        vec![theirs(ARN, Step::Stop, "", "30")],
        vec![ours("i-0ab", "resize", "m5.large", "20"), waste],
    );
    assert_eq!(rows[0].agreement, Agreement::Same);
    assert!(
        rows[0]
            .reason
            .ends_with("another finding of ours is about it too"),
        "{}",
        rows[0].reason
    );
}

#[test]
fn a_list_of_one_cloud_says_nothing_about_another() {
    let arm = "/subscriptions/s/resourceGroups/r/providers/Microsoft.Compute/virtualMachines/web";
    let bucket = Ours {
        account: "012345678901".to_owned(),
        ..ours("logs", "retier", "", "1")
    };
    let mine = [
        ours(arm, "stop", "", "1"),
        ours("i-2", "stop", "", "1"),
        bucket,
    ];
    let rows = compare(vec![theirs("i-1", Step::Stop, "", "1")], mine.to_vec());
    let ids: Vec<&str> = rows.iter().map(|row| row.resource.as_str()).collect();
    assert_eq!(ids, ["i-1", "i-2", "logs"]);
    let advisor = Recommendation {
        source: Recommender::Advisor,
        ..theirs(arm, Step::Stop, "", "1")
    };
    assert_eq!(compare(vec![advisor], mine.to_vec()).len(), 1);
}

#[test]
fn a_google_machine_meets_by_its_name() {
    let google = |id: &str| Recommendation {
        source: Recommender::GcpRecommender,
        ..theirs(id, Step::Stop, "", "1")
    };
    let full = "//compute.googleapis.com/projects/p/zones/z/instances/web";
    let link = "https://www.googleapis.com/compute/v1/projects/p/zones/z/instances/web";
    assert_eq!(
        one(google(full), ours(link, "stop", "", "1")).agreement,
        Agreement::Same
    );
}

proptest! {
    /// Whatever order the lists come in, the rows are the same; every resource is one row.
    #[test]
    fn the_order_of_the_lists_does_not_matter(
        given in prop::collection::vec((0u8..6, 0u8..4, 0u8..3, 0u8..3), 0..20),
    ) {
        let steps = [Step::Nothing, Step::Stop, Step::Resize, Step::Enlarge];
        let actions = ["", "stop", "resize"];
        let list: Vec<_> = given.iter().map(|(id, step, _, save)| {
            theirs(&format!("i-{id}"), steps[usize::from(*step)], "m5.large", &save.to_string())
        }).collect();
        let mine: Vec<_> = given.iter().map(|(id, _, action, save)| {
            ours(&format!("i-{}", id + 2), actions[usize::from(*action)], "m5.large", &save.to_string())
        }).collect();
        let rows = compare(list.clone(), mine.clone());
        let back = compare(list.into_iter().rev().collect(), mine.into_iter().rev().collect());
        prop_assert_eq!(&rows, &back);
        let ids: BTreeSet<String> = rows.iter().map(|row| key(&row.resource)).collect();
        prop_assert_eq!(ids.len(), rows.len());
        let merged: usize = rows.iter().map(|row| row.duplicates + usize::from(row.theirs.is_some())).sum();
        prop_assert_eq!(merged, given.len());
    }
}
