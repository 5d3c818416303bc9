//! A pull into a folder of its own, from an endpoint with given replies.

use super::endpoint::{Endpoint, Reply, day, group, page};
use cloudtally::error::{Error, Kind};
use cloudtally::period::Period;
use cloudtally::source::cost_explorer::{Credentials, Pull, Pulled, pull};
use std::time::Duration;
use tempfile::TempDir;

/// A pull of 1 to 3 October 2026 into a folder of its own, from an endpoint with these replies.
pub(crate) struct World {
    pub(crate) endpoint: Endpoint,
    pub(crate) folder: TempDir,
    pub(crate) request: Pull,
    pub(crate) said: Vec<String>,
}

impl World {
    pub(crate) fn new(replies: Vec<Reply>) -> World {
        let endpoint = Endpoint::new(replies);
        let folder = tempfile::tempdir().unwrap();
        let request = Pull {
            period: Period {
                start: "2026-10-01".parse().unwrap(),
                end: "2026-10-04".parse().unwrap(),
            },
            tag: None,
            out: folder.path().join("pulled/ce.csv"),
            max_requests: 50,
            endpoint: Some(endpoint.url()),
            credentials: Credentials::Static {
                access_key_id: "AKIDEXAMPLE".to_owned(),
                secret_access_key: "not a secret".to_owned(),
                session_token: None,
            },
            pause: Duration::from_millis(1),
        };
        World {
            endpoint,
            folder,
            request,
            said: Vec::new(),
        }
    }

    pub(crate) fn by_tag(mut self, key: &str) -> World {
        self.request.tag = Some(key.to_owned());
        self
    }

    pub(crate) fn at_most(mut self, requests: u32) -> World {
        self.request.max_requests = requests;
        self
    }

    pub(crate) fn pull(&mut self) -> Result<Pulled, Error> {
        let said = &mut self.said;
        pull(&self.request, &mut |line| said.push(line.to_owned()))
    }

    pub(crate) fn csv(&self) -> String {
        std::fs::read_to_string(&self.request.out).unwrap()
    }

    /// Names of the files that are there.
    pub(crate) fn files(&self) -> Vec<String> {
        let folder = self.request.out.parent().unwrap();
        let names = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    /// Fails as expected after so many requests, tells their price, and leaves no file.
    pub(crate) fn fails(&mut self, kind: Kind, requests: usize) -> String {
        let error = self.pull().unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(self.endpoint.requests().len(), requests, "{error}");
        let count = format!("made {requests} request");
        assert!(
            self.said.iter().any(|line| line.contains(&count)),
            "{:?}",
            self.said
        );
        assert!(self.files().is_empty(), "{:?}", self.files());
        error.to_string()
    }
}

/// Three pages: four groups, one of them free.
pub(crate) fn three_pages() -> Vec<Reply> {
    let ec2 = "Amazon Elastic Compute Cloud - Compute";
    vec![
        page(
            Some("t1"),
            vec![day(
                "2026-10-01",
                vec![group([ec2, "222222222222"], "10.5000000000", "9.75")],
            )],
        ),
        page(
            Some("t2"),
            vec![
                day(
                    "2026-10-01",
                    vec![group(
                        ["AWS Lambda", "111111111111"],
                        "0.0000025193",
                        "0.0000025193",
                    )],
                ),
                day("2026-10-02", vec![group([ec2, "222222222222"], "0", "0")]),
            ],
        ),
        page(
            None,
            vec![day(
                "2026-10-03",
                vec![group(["Tax", "111111111111"], "-1.2E-3", "-1.2E-3")],
            )],
        ),
    ]
}
