//! What a cluster says went wrong, in parts that the caller can use.

use serde::Serialize;
use spark_connect::SparkError;

/// gRPC codes after which trying again may help: cancelled, deadline exceeded, aborted, unavailable.
const PASSING: [i32; 4] = [1, 4, 10, 14];
/// gRPC codes of a login that does not hold: permission denied, unauthenticated.
const LOGIN: [i32; 2] = [7, 16];

/// One error.
#[derive(Serialize)]
pub(crate) struct Fault {
    what: String,
    state: Option<String>,
    passing: bool,
    login: bool,
}

impl Fault {
    pub(crate) fn of(error: &SparkError) -> Fault {
        let is = |codes: &[i32]| error.grpc_code.is_some_and(|code| codes.contains(&code));
        let rendered = || error.message();
        Fault {
            what: Some(error.message.clone())
                .filter(|text| !text.is_empty())
                .unwrap_or_else(rendered),
            state: error.sql_state(),
            passing: is(&PASSING),
            login: is(&LOGIN),
        }
    }
}
