//! `--engine spark://...` without a cluster: what is refused, what is said, and that nothing is left behind. Runs on
//! clusters are `make cluster-test` and `make sail-test`.

use crate::world::{Run, World};
use std::net::TcpListener;

const BILL: &str =
    "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName\n1.5,USD,2026-10-01,EC2\n";

/// A run of one FOCUS file on a cluster that is a port where nobody answers, with this companion.
fn run(world: &World, companion: &str) -> Run {
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("spark://{}", port.local_addr().unwrap());
    let companion = companion.replace("<here>", world.path("").to_str().unwrap());
    let args = ["run", "bills/", "--today", "2026-11-21", "--engine", &url];
    world.run_with(&[("CLOUDTALLY_SPARK", &companion)], &args)
}

/// A companion that answers the first question with a fault.
#[cfg(unix)]
fn answering(fault: &str) -> World {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new().bill("october.csv", BILL);
    let script = format!(
        "#!/bin/sh\nread question\nprintf '%s\\n' '{{\"id\":1,\"bytes\":0,\"rows\":0,\"columns\":[]{fault}}}'\ncat > /dev/null\n"
    );
    world.write("companion", script);
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(world.path("companion"), executable).unwrap();
    world
}

#[test]
fn a_cluster_needs_its_companion() {
    let world = World::new().bill("october.csv", BILL);
    let run = run(&world, "<here>/nothing");
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(
        run.stderr.contains("needs the program") && run.stderr.contains("make spark"),
        "{}",
        run.stderr
    );
    assert!(run.reports.is_empty());
}

#[test]
fn a_url_that_is_none_is_refused_before_anything_is_read() {
    let world = World::new().bill("october.csv", BILL);
    for url in ["spark://", "spark://head:port", "sc://head:1/path"] {
        let run = world.run(&["run", "bills/", "--engine", url]);
        assert_eq!(run.code, 2, "{url}: {}", run.stderr);
        assert!(run.stderr.contains("spark://host:port"), "{}", run.stderr);
    }
}

#[test]
fn a_cluster_that_cannot_be_reached_is_worth_another_try() {
    let world = World::new().bill("october.csv", BILL);
    let url = "sc://127.0.0.1:9/;token=secret";
    let run = world.run(&["run", "bills/", "--today", "2026-11-21", "--engine", url]);
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(
        run.stderr.contains("127.0.0.1:9 cannot be reached"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("secret"), "{}", run.stderr);
}

#[test]
fn formats_that_no_cluster_reads_are_refused() {
    let google = include_str!("../sample-data/formats/gcp-dotted.csv");
    let world = World::new().bill("google.csv", google);
    let refused = run(&world, "<here>/nothing");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("not read on a cluster yet"),
        "{}",
        refused.stderr
    );
    let world = World::new().bill("october.ndjson", "{\"BilledCost\":\"1\",\"BillingCurrency\":\"USD\",\"ChargePeriodStart\":\"2026-10-01\",\"ServiceName\":\"A\"}\n");
    let refused = run(&world, "<here>/nothing");
    assert!(refused.stderr.contains("JSON"), "{}", refused.stderr);
}

#[cfg(unix)]
#[test]
fn a_login_that_does_not_hold_is_not_worth_another_try() {
    let world =
        answering(r#","fault":{"what":"no such token","state":null,"passing":false,"login":true}"#);
    let run = run(&world, "<here>/companion");
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("refuses the login"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn a_companion_that_ends_is_worth_another_try() {
    let world = answering("");
    world.write("companion", "#!/bin/sh\nexit 1\n");
    let run = run(&world, "<here>/companion");
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(
        run.stderr.contains("has gone") && run.reports.is_empty(),
        "{}",
        run.stderr
    );
}

#[test]
fn a_night_in_which_nothing_changed_asks_no_cluster() {
    let world = World::new().bill("october.csv", BILL);
    let first = world.run(&["run", "bills/", "--today", "2026-11-21"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    let lake = world.path(".cloudtally/inputs");
    let inputs = std::fs::read_dir(lake).unwrap().flatten();
    // The lake of a cluster's run: its input says how the cluster reads it.
    for input in inputs {
        let text = std::fs::read_to_string(input.path()).unwrap();
        let text = text.replacen("\"cluster\": null", "\"cluster\": \"{}\"", 1);
        std::fs::write(
            input.path(),
            text.replacen("\"elsewhere\": false", "\"elsewhere\": true", 1),
        )
        .unwrap();
    }
    let again = run(&world, "<here>/nothing");
    assert_eq!(again.code, 0, "{}", again.stderr);
    for (name, bytes) in first
        .reports
        .iter()
        .filter(|(name, _)| name.ends_with(".csv"))
    {
        assert_eq!(Some(bytes), again.reports.get(name), "{name}");
    }
    let asked = world.run(&["sql", "SELECT COUNT(*) AS n FROM focus", "--bill", "bills/"]);
    assert_eq!(
        (asked.code, asked.stdout.as_str()),
        (0, "n\n1\n"),
        "{}",
        asked.stderr
    );
}
