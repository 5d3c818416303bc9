//! What a cluster says went wrong, in parts that the caller can use.

use serde::Serialize;
use spark_connect::SparkError;

/// gRPC codes after which trying again may help: cancelled, deadline exceeded, aborted, unavailable.
const PASSING: [i32; 4] = [1, 4, 10, 14];
/// gRPC codes of a login that does not hold: permission denied, unauthenticated.
const LOGIN: [i32; 2] = [7, 16];

/// The gRPC code of what nobody named: with nothing of the server's in it, the connection broke off.
const UNKNOWN: i32 = 2;

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
            passing: is(&PASSING) || broke_off(error),
            login: is(&LOGIN),
        }
    }
}

/// True where the connection was lost in the middle of an answer.
pub(crate) fn broke_off(error: &SparkError) -> bool {
    error.grpc_code == Some(UNKNOWN) && error.grpc_details.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_connection_is_none_of_the_server_s_errors() {
        let mut error =
            SparkError::connect_msg("h2 protocol error: error reading a body from connection");
        assert!(!broke_off(&error));
        error.grpc_code = Some(UNKNOWN);
        assert!(broke_off(&error) && Fault::of(&error).passing);
        error.grpc_details = Some(vec![0]);
        assert!(!broke_off(&error) && !Fault::of(&error).passing);
    }
}
