//! `pull cost-explorer` against an endpoint on this machine that speaks its protocol over real HTTP.

#![allow(clippy::unwrap_used)] // a test that cannot set up its world fails

mod endpoint;
mod world;

use cloudtally::error::Kind;
use cloudtally::lake::Lake;
use cloudtally::source::cost_explorer::Pulled;
use cloudtally::source::{Bill, OwnerKeys, fill, find};
use endpoint::{answer, day, group, page, refusal};
use std::path::Path;
use world::{World, three_pages};

const HEADER: &str = "ce_day,ce_account,ce_service,ce_tags,ce_unblended_cost,ce_amortized_cost,ce_currency,ce_estimated\n";

#[test]
fn pages_are_followed_and_amounts_keep_every_digit() {
    let mut world = World::new(three_pages());
    let pulled = world.pull().unwrap();
    assert_eq!(
        pulled,
        Pulled {
            requests: 3,
            rows: 3,
            left_out: 1
        }
    );
    let rows = "2026-10-01,111111111111,AWS Lambda,,0.0000025193,0.0000025193,USD,true\n\
                2026-10-01,222222222222,Amazon Elastic Compute Cloud - Compute,,10.5000000000,9.75,USD,true\n\
                2026-10-03,111111111111,Tax,,-1.2E-3,-1.2E-3,USD,true\n";
    assert_eq!(world.csv(), format!("{HEADER}{rows}"));
    assert_eq!(world.files(), ["ce.csv"]);
}

#[test]
fn the_question_is_daily_half_open_and_carries_each_token_once() {
    let mut world = World::new(three_pages());
    world.pull().unwrap();
    let asked = world.endpoint.requests();
    assert_eq!(
        asked[0]["TimePeriod"],
        serde_json::json!({"Start": "2026-10-01", "End": "2026-10-04"})
    );
    assert_eq!(asked[0]["Granularity"], "DAILY");
    assert_eq!(
        asked[0]["Metrics"],
        serde_json::json!(["UnblendedCost", "AmortizedCost"])
    );
    assert_eq!(
        asked[0]["GroupBy"][0],
        serde_json::json!({"Type": "DIMENSION", "Key": "SERVICE"})
    );
    assert_eq!(
        asked[0]["GroupBy"][1],
        serde_json::json!({"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"})
    );
    let tokens: Vec<_> = asked
        .iter()
        .map(|body| body["NextPageToken"].as_str())
        .collect();
    assert_eq!(tokens, [None, Some("t1"), Some("t2")]);
}

#[test]
fn the_price_is_told_before_and_after() {
    let mut world = World::new(three_pages());
    world.pull().unwrap();
    assert!(
        world.said[0].ends_with("at least 1 request = 0.01 USD, at most 50 requests = 0.50 USD"),
        "{:?}",
        world.said
    );
    assert_eq!(world.said[1], "Cost Explorer: made 3 requests = 0.03 USD");
}

#[test]
fn by_tag_the_value_is_json_and_untagged_cost_has_none() {
    let groups = vec![
        group(["AWS Lambda", "team$data"], "2", "2"),
        group(["AWS Lambda", "team$"], "1", "1"),
    ];
    let mut world = World::new(vec![page(None, vec![day("2026-10-01", groups)])]).by_tag("team");
    world.pull().unwrap();
    let rows = "2026-10-01,,AWS Lambda,,1,1,USD,true\n\
                2026-10-01,,AWS Lambda,\"{\"\"team\"\":\"\"data\"\"}\",2,2,USD,true\n";
    assert_eq!(world.csv(), format!("{HEADER}{rows}"));
    let asked = world.endpoint.requests();
    assert_eq!(
        asked[0]["GroupBy"][1],
        serde_json::json!({"Type": "TAG", "Key": "team"})
    );
}

#[test]
fn throttled_requests_are_made_again_and_counted() {
    let mut replies = vec![
        refusal(400, "ThrottlingException", "Rate exceeded"),
        refusal(429, "TooManyRequestsException", "Slow down"),
        refusal(400, "LimitExceededException", "Rate limit exceeded"),
        answer(503, "<html>busy</html>"),
    ];
    replies.extend(three_pages());
    let mut world = World::new(replies);
    assert_eq!(world.pull().unwrap().requests, 7);
    assert_eq!(world.endpoint.requests().len(), 7);
    assert!(
        world.said[1].contains("ThrottlingException: Rate exceeded; asking again in 1ms"),
        "{:?}",
        world.said
    );
    assert!(world.said[3].ends_with("in 4ms"), "{:?}", world.said);
    assert_eq!(world.said[5], "Cost Explorer: made 7 requests = 0.07 USD");
}

#[test]
fn an_answer_cut_off_on_its_way_is_asked_for_again() {
    let mut cut = three_pages().remove(0);
    cut.missing = 10;
    let mut replies = three_pages();
    replies.insert(0, cut);
    assert_eq!(
        World::new(replies).pull().unwrap(),
        Pulled {
            requests: 4,
            rows: 3,
            left_out: 1
        }
    );
}

#[test]
fn endless_throttling_ends_after_five_attempts_and_says_try_later() {
    let busy = refusal(400, "ThrottlingException", "Rate exceeded");
    let text = World::new(vec![busy; 9]).fails(Kind::Retry, 5);
    assert!(
        text.contains("ThrottlingException: Rate exceeded"),
        "{text}"
    );
}

#[test]
fn the_cap_stops_before_the_next_request() {
    let text = World::new(three_pages()).at_most(2).fails(Kind::Usage, 2);
    assert!(
        text.contains("not complete after 2 requests") && text.contains("--max-requests"),
        "{text}"
    );
}

#[test]
fn the_cap_holds_for_retries_too() {
    let busy = refusal(429, "ThrottlingException", "Rate exceeded");
    World::new(vec![busy; 9]).at_most(2).fails(Kind::Retry, 2);
    World::new(three_pages()).at_most(0).fails(Kind::Usage, 0);
}

#[test]
fn denied_access_names_the_permission_and_is_not_asked_again() {
    let denied = refusal(
        400,
        "AccessDeniedException",
        "User: arn:aws:iam::111111111111:user/cron is not authorized",
    );
    let text = World::new(vec![denied]).fails(Kind::Usage, 1);
    assert!(
        text.contains("user/cron is not authorized") && text.contains("ce:GetCostAndUsage"),
        "{text}"
    );
}

#[test]
fn expired_keys_and_wrong_questions_are_told_apart() {
    let expired = refusal(
        400,
        "ExpiredTokenException",
        "The security token included in the request is expired",
    );
    let text = World::new(vec![expired]).fails(Kind::Usage, 1);
    assert!(text.contains("does not accept these credentials"), "{text}");
    let wrong = refusal(400, "ValidationException", "Start date is too old");
    let text = World::new(vec![wrong]).fails(Kind::Usage, 1);
    assert!(text.contains("Start date is too old"), "{text}");
}

#[test]
fn an_answer_that_breaks_off_later_leaves_the_old_file() {
    let mut replies = three_pages();
    replies[2] = refusal(
        400,
        "InvalidNextTokenException",
        "The pagination token is invalid",
    );
    let mut world = World::new(replies);
    std::fs::create_dir_all(world.request.out.parent().unwrap()).unwrap();
    std::fs::write(&world.request.out, "yesterday").unwrap();
    world.pull().unwrap_err();
    assert_eq!(world.csv(), "yesterday");
    assert_eq!(world.files(), ["ce.csv"]);
}

#[test]
fn no_one_there_is_trouble_that_may_pass() {
    let mut world = World::new(Vec::new());
    world.request.endpoint = Some(endpoint::closed_url());
    let error = world.pull().unwrap_err();
    assert_eq!(error.kind(), Kind::Retry, "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
    assert!(world.files().is_empty());
}

#[test]
fn a_page_of_something_else_is_no_bill() {
    let html = answer(200, "<html>sign in</html>");
    World::new(vec![html]).fails(Kind::Data, 1);
    World::new(vec![page(None, Vec::new())]).fails(Kind::Data, 1);
    let day_before = vec![day(
        "2026-09-30",
        vec![group(["Tax", "111111111111"], "1", "1")],
    )];
    World::new(vec![page(None, day_before)]).fails(Kind::Data, 1);
}

#[test]
fn an_unwritable_place_costs_no_request() {
    let mut world = World::new(three_pages());
    std::fs::write(world.folder.path().join("pulled"), "a file, not a folder").unwrap();
    world.pull().unwrap_err();
    assert!(world.endpoint.requests().is_empty());
}

#[test]
fn a_run_reads_the_file_as_a_bill() {
    let mut world = World::new(three_pages());
    world.pull().unwrap();
    let [billed, effective] = totals(world.folder.path(), &world.request.out);
    assert_eq!(billed, "10.4988025193");
    assert_eq!(effective, "9.7488025193");
}

/// Billed and effective cost that the lake accepts from a file.
fn totals(folder: &Path, file: &Path) -> [String; 2] {
    let lake = Lake::open(&folder.join("lake")).unwrap();
    let paths = vec![file.to_string_lossy().into_owned()];
    let bill = Bill {
        name: "cost-explorer".to_owned(),
        paths,
        named: cloudtally::source::Named::default(),
        files: std::collections::BTreeMap::new(),
        ad_hoc: true,
    };
    let files = find(&bill).unwrap();
    let source = fill(
        &lake,
        &bill,
        &files,
        &OwnerKeys::default(),
        &cloudtally::engine::Engine::Polars,
    )
    .unwrap();
    assert_eq!(source.name, "cost-explorer");
    let input = source.inputs.values().next().unwrap();
    assert!(input.set_aside.is_empty(), "{:?}", input.set_aside);
    let sums = input.accepted[0].sums.clone();
    [sums[0].clone().unwrap(), sums[1].clone().unwrap()]
}
